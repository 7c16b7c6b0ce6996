"""What is seen of a paragraph, number by number; the weights that it gets are another matter."""

from types import SimpleNamespace

import pytest

from fic2epub.model import Span
from fic2epub.parser.customs import FARTHEST, customs
from fic2epub.parser.looks import TERM_RE
from fic2epub.parser.signals import NOTE_SIGNALS, read_signals
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import vocabulary

STORY = (
    "The fog came up the river and lay down in the yard.",
    "Nobody had lit the lamp, and the boat was gone from its ring.",
    "She stood on the step with her hand against the door.",
)


def unit(at, text, *, blanks=1):
    return Unit(
        text=text,
        span=Span(at, at + 1),
        line=at,
        end_line=at + 1,
        blanks=blanks,
        spacers=0,
        indent="",
        trail=False,
    )


def units_of(texts):
    return [unit(at, text) for at, text in enumerate(texts)]


def signal(name, texts, *, tagged=frozenset()):
    """The number of that name for each paragraph."""
    readings, _ = read_signals(units_of(texts), vocabulary("en"), tagged=tagged)
    return [reading.note[NOTE_SIGNALS.index(name)] for reading in readings]


@pytest.mark.parametrize(
    "text",
    [
        '"Crossed" = written over at right angles.',
        "“Trug”: a flat basket.",
        '"Prize" means a captured ship.',
        "«Hacienda» es la oficina de los impuestos.",
        "„Gugelhupf“ ist ein Kuchen.",
    ],
)
def test_a_word_that_is_explained_is_no_speech(text):
    assert TERM_RE.match(text)


@pytest.mark.parametrize(
    "text",
    [
        '"I know," is what she said.',
        "“Run!” was all he heard.",
        "»Ja«, sagte der Heizer.",
        "'Tis the wind and nothing more.",
        '"It was me." He looked away.',
    ],
)
def test_speech_is_no_word_that_is_explained(text):
    assert not TERM_RE.match(text)


def test_speech_opens_with_a_quotation_mark_and_an_explained_word_does_not():
    assert signal("opens-quote", ['"Come in," she said.', '"Crossed" = written over.', *STORY])[:2] == [1, 0]


def test_a_name_alone_ends_a_letter():
    letter = [
        "My dear Frederick,",
        "You complain that I never write.",
        "S. Croft",
        "Thanks for reading!",
    ]
    assert signal("letter", [*letter, *STORY]) == [1, 1, 1, 0, 0, 0, 0]


def test_the_second_line_of_an_ending_opens_no_letter():
    letter = ["Dear Sophia,", "We are well.", "Ever yours,", "dear Sophia, most truly,", "Enjoy the chapter!"]
    assert signal("letter", [*letter, *STORY])[3:5] == [0, 0]


def test_the_speakers_of_a_script_are_known_by_coming_often():
    script = [f"{who}: I was here first, and {n} days ago." for n in range(6) for who in ("ROS", "GIL")]
    assert signal("script", [*script, "Guest: thank you!", *STORY]) == [1.0] * 12 + [0.0] * 4


def test_the_speakers_of_a_chat_are_known_behind_stars():
    chat = [f"**kit_kat:** who has been using my bench number {n}" for n in range(5)]
    assert signal("script", [*chat, *STORY])[:5] == [1.0] * 5


def test_replies_to_reviewers_make_no_script():
    replies = [f"Guest: thank you so much, {n} times!" for n in range(4)]
    assert signal("script", [*STORY * 10, *replies])[-4:] == [0.0] * 4


def test_a_label_is_no_speaker():
    notes = [f"A/N: sorry for the wait, {n} weeks!" for n in range(5)]
    assert signal("script", [*notes, *STORY])[:5] == [0.0] * 5


def test_what_the_whole_work_does_says_little_of_a_paragraph():
    once = signal("bracket", ["She came in (it was late) and sat.", *STORY * 10])[0]
    always = signal("bracket", ["She came in (it was late) and sat."] * 30)[0]
    assert once == 1.0
    assert always < 0.3


def test_lower_case_is_a_habit_whatever_speech_begins_with():
    lower = ["the fog came up the river.", '"come in," says wren.', "she sat down.", '"no."'] * 4
    assert signal("lower-start", lower)[0] == 0.0
    assert signal("lower-start", ["the fog came up the river.", *STORY * 6])[0] > 0.8


def test_without_capitals_the_cast_is_that_of_the_header():
    lower = ["the fog came up the river.", "and then wren's coat was gone.", "there was nobody."] * 4
    assert signal("cast", lower, tagged=frozenset({"wren"}))[:3] == [0.0, 1.0, 0.0]
    assert signal("cast", lower)[:3] == [0.0, 0.0, 0.0]


def test_a_line_of_verse_is_no_symbol_and_a_pairing_is():
    verse = "call me up when the towers are down / i'll be the one still singing"
    assert signal("symbols", [verse, "Wren/Teddy and a boiler", *STORY])[:2] == [0.0, 1.0]


def test_a_comma_is_no_missing_stop():
    assert signal("no-end-stop", ["When the boats went out,", "see you next week", *STORY])[:2] == [0.0, 1.0]


def gap(right):
    return SimpleNamespace(left=right - 1, right=right)


@pytest.mark.parametrize(("spaced", "learned"), [((2,), False), ((2, 5), True)])
def test_what_stands_at_one_join_is_no_custom(spaced, learned):
    units = [unit(i, text, blanks=3 if i in spaced else 1) for i, text in enumerate(STORY * 4)]
    readings, habits = read_signals(units, vocabulary("en"))
    gaps = [gap(right) for right in range(1, 12)]
    picked = [(gap(2), 0.9), (gap(5), 0.9), (gap(8), 0.9)]
    marks = SimpleNamespace(kinds=dict)
    added = customs(picked, gaps, units, readings, habits, marks)
    assert bool(added) == learned
    assert all(abs(each) <= FARTHEST for each in added)
