"""What is speech, and so says nothing of who tells the story, in every way that books mark it."""

from time import process_time

import pytest

from fic2epub.model import Span
from fic2epub.parser.lexicon import lexicon
from fic2epub.parser.looks import first_look
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import vocabulary

FIRST, SECOND = 1, 2


def looked_at(text: str, language: str = "en"):
    """The first look at one paragraph."""
    units = (
        Unit(
            text=text,
            span=Span(0, len(text)),
            line=0,
            end_line=1,
            blanks=0,
            spacers=0,
            indent="",
            trail=False,
        ),
    )
    return dict(first_look(units, [0], lexicon(vocabulary(language)), [0]))[0]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "“I saw you at the ferry,” said Ada."),
        ("en", '"I saw you at the ferry," said Ada.'),
        ("en", "‘I saw you at the ferry,’ said Ada."),
        ("en", "'I didn't see you at the ferry,' said Ada."),
        ("en", "—I saw you at the ferry."),
        ("de", "»Ich habe dich an der Fähre gesehen«, sagte Ada."),
        ("de", "„Ich habe dich an der Fähre gesehen“, sagte Ada."),
        ("fr", "« Je t’ai vue au bac », dit Ada."),
        ("sv", "”I saw you at the ferry”, said Ada."),
    ],
)
def test_a_paragraph_opens_with_speech(language, text):
    look = looked_at(text, language)
    assert look.quoted
    assert not look.grammar & FIRST


@pytest.mark.parametrize(
    "text",
    [
        "'Twas the night of the ferry, and I had no coat.",
        "‘Twas the night of the ferry, and I had no coat.",
        "I saw you at the ferry.",
        "The girls' coats were mine, and I wanted them back.",
    ],
)
def test_an_apostrophe_opens_no_speech(text):
    look = looked_at(text)
    assert not look.quoted
    assert look.grammar & FIRST


@pytest.mark.parametrize(
    "text",
    [
        "Ada looked up. ‘I saw you,’ she said, and went back to the oars.",
        "Ada looked up. 'I can't have seen you,' she said, and went back to the oars.",
        "Ada blickte auf. »Ich habe dich gesehen«, sagte sie.",
    ],
)
def test_speech_inside_a_paragraph_is_not_the_teller_s(text):
    assert not looked_at(text, "de" if "»" in text else "en").grammar & FIRST


def test_what_is_told_between_two_speeches_is_the_teller_s():
    assert looked_at("‘No,’ I said. ‘It's yours.’").grammar & FIRST
    assert not looked_at("‘No,’ she said. ‘It's yours.’").grammar & SECOND


def test_a_paragraph_of_quotation_marks_is_looked_at_at_once():
    start = process_time()
    looked_at("A.' " + " 'a" * 16_000 + " ‘")
    assert process_time() - start < 4
