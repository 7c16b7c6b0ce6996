"""``--smart-quotes``: what is set as in print, and above all what is not."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.handmade import chapter, head, note, para, work

from fic2epub.builder.fields import count_words
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.smart_quotes import typographic
from fic2epub.builder.smart_text import flat_text, smarten
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.model import Emphasis, Heading, LineBreak, NoteKind, Paragraph, Span, Text, Work
from fic2epub.record import read_record


def in_print(text: str, language: str = "en") -> str:
    parts, at = [], 0
    for one in typographic(text, language):
        assert text[one.span.start : one.span.end] == one.before
        parts += [text[at : one.span.start], one.after]
        at = one.span.end
    return "".join((*parts, text[at:]))


ENGLISH = {
    "speech": ('"Go on," she said. "I dare you."', "“Go on,” she said. “I dare you.”"),
    "speech that goes on in the next paragraph": ('"And so it went on.', "“And so it went on."),
    "speech in emphasis": ('*"No,"* he said. _"Yes."_', "*“No,”* he said. _“Yes.”_"),
    "speech in brackets": ('(He said "yes".)', "(He said “yes”.)"),
    "speech that begins with dots": ('"...and then," he said', "“…and then,” he said"),
    "speech that breaks off": ('"Wait--" he said', "“Wait—” he said"),
    "quotes in quotes": ("\"I said 'go'.\"", "“I said ‘go’.”"),
    "quotes at both ends at once": ("\"'Go,' he said,\" she said.", "“‘Go,’ he said,” she said."),
    "British speech": ("'Hello,' he said. 'I don't know.'", "‘Hello,’ he said. ‘I don’t know.’"),
    "a curly opening and a straight end": ('“Hello," she said.', "“Hello,” she said."),
    "a name that looks like a word of the list": ("'Em is here,' he said", "‘Em is here,’ he said"),
    "apostrophes within words": ("don't O'Brien y'all'd've", "don’t O’Brien y’all’d’ve"),
    "apostrophes before words of the list": ("'tis 'em 'Twas 'til", "’tis ’em ’Twas ’til"),
    "apostrophes behind words": ("the dogs' bone, goin' home", "the dogs’ bone, goin’ home"),
    "rock 'n' roll": ("rock 'n' roll", "rock ’n’ roll"),
    "decades": ("the '90s and the 1920's", "the ’90s and the 1920’s"),
    "a dash between words": ("one--two", "one—two"),
    "a dash between spaces": ("one -- two", "one — two"),
    "three dots": ("Well... yes", "Well… yes"),
    "a year at the end of speech": ('"I was born in 1986" he said', "“I was born in 1986” he said"),
    "inches beside speech": ('A 6" nail, "a big one" he said', 'A 6" nail, “a big one” he said'),
    "feet and inches within speech": ('"I\'m 6\'2" tall," he said.', "“I’m 6'2\" tall,” he said."),
}

UNTOUCHED = {
    "feet and inches": "He is 6'2\" tall, or 5'.",
    "inches alone": 'A 6" nail and a 7" nail.',
    "quotes that do not close in turn": '"A "nested" word"',
    "a quote between two letters": 'word"word',
    "a leading apostrophe that may be a quote": "'Cause I said so,' he said",
    "a leading word of no list": "'bout time,' he said",
    "a name that looks like a word of the list": "'Em is here",
    "two single quotes as one double": "''odd''",
    "markup that stayed in the text": '<a href="x">',
    "an attribute": "class=\"x\" id='y'",
    "code": '`it\'s "so"`',
    "an address": "http://example.org/it's--so...",
    "a mail address": "o'brien@example.org",
    "a path": "C:\\it's and ../it",
    "an option": "--force",
    "an arrow": "-->",
    "a comment": "<!-- so -->",
    "three hyphens": "one---two",
    "four dots": "Well....",
    "a line of marks": "-- ... --",
    "a face": ":'( and ^'^",
    "typographic already": "“Don’t,” she said — “please…”",
    "low quotes beside straight ones": '„Ja," sagte er',
}


@pytest.mark.parametrize("name", ENGLISH)
def test_english_is_set_as_in_print(name: str) -> None:
    plain, printed = ENGLISH[name]
    assert in_print(plain) == printed


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_is_not_sure_stays(name: str) -> None:
    assert in_print(UNTOUCHED[name]) == UNTOUCHED[name]


@pytest.mark.parametrize("name", ENGLISH)
def test_what_is_set_stays_as_it_is(name: str) -> None:
    printed = ENGLISH[name][1]
    assert in_print(printed) == printed


@pytest.mark.parametrize(
    ("language", "plain", "printed"),
    [
        ("de", '"Geht\'s?", fragte er.', "„Geht’s?“, fragte er."),
        ("de", "Er ging -- leise.", "Er ging – leise."),
        ("de", "Er ging--leise.", "Er ging--leise."),
        ("de", "\"Er sagte 'nein'.\"", "„Er sagte ‚nein‘.“"),
        ("de-CH", '"Ja"', "„Ja“"),
        ("fr", "L'amour, c'est \"ça\"...", 'L’amour, c’est "ça"…'),
        ("fr", "« L'eau » -- oui", "« L’eau » -- oui"),
        ("es", '"¿Qué?", dijo.', "“¿Qué?”, dijo."),
        ("he", 'צה"ל... "כן"', 'צה"ל... "כן"'),
        ("zh", '"好"...', '"好"...'),
        ("ru", '"Да" -- сказал', '"Да" -- сказал'),
        ("und", '"Don\'t"', '"Don\'t"'),
    ],
)
def test_each_language_has_its_own_way(language: str, plain: str, printed: str) -> None:
    assert in_print(plain, language) == printed


PIECES = st.sampled_from(
    [
        *"\"'.- \n*_“”‘’",
        "--",
        "...",
        "don't",
        "'tis",
        "dogs'",
        "word",
        "6'2\"",
        "“no”",
        'a="b"',
        "\\",
        "1986",
        "é",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(["en", "de", "fr", "nl", "es"]))
def test_taking_the_changes_back_gives_the_text_again(text: str, language: str) -> None:
    changes = typographic(text, language)
    printed, back, at = in_print(text, language), [], 0
    shift = 0
    for one in changes:
        start = one.span.start + shift
        assert printed[start : start + len(one.after)] == one.after
        back += [printed[at:start], one.before]
        at = start + len(one.after)
        shift += len(one.after) - len(one.before)
    assert "".join((*back, printed[at:])) == text
    assert all(first.span.end <= then.span.start for first, then in pairwise(changes))


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_only_quotes_hyphens_and_dots_change_and_no_word_does(text: str) -> None:
    for one in typographic(text, "en"):
        assert one.before in ("'", '"', "--", "...")
    assert re.findall(r"\w+", in_print(text)) == re.findall(r"\w+", text)


def test_a_long_paragraph_takes_no_longer_than_its_length() -> None:
    text = "\"It's 6'2\" -- so... \" 'go' " * 20_000 + "x" * 200_000 + "=" * 50_000
    assert isinstance(typographic(text, "en"), tuple)


@pytest.mark.parametrize("unit", ['"', "'", '*"', "'_"])
def test_a_row_of_quotes_takes_no_longer_than_its_length(unit: str) -> None:
    assert isinstance(typographic("So: " + unit * 100_000, "en"), tuple)


class TestWork:
    def spoken(self) -> Work:
        content = (Text('"It'), Emphasis((Text("'s"),)), LineBreak(), Text(' so--"'), Text(" she said."))
        return work(
            chapter(
                Paragraph(content, Span(0, 0)),
                note(NoteKind.WITHIN, '"A note..."'),
                number=1,
                heading=replace(head("Chapter 1: It's Late"), title="It's Late", label="Chapter 1", number=1),
            ),
            chapter("Two.", number=2),
            title='It\'s "Here"',
            work_id="42",
        )

    def test_inlines_keep_their_shape(self) -> None:
        done = smarten(self.spoken())
        block = done.work.chapters[0].body[0]
        assert isinstance(block, Paragraph)
        assert flat_text(block.content) == "“It’s\n so—” she said."
        assert block.content[1] == Emphasis((Text("’s"),))
        assert done.changed == 4 + 3 + 1

    def test_a_heading_and_its_title_change_alike(self) -> None:
        heading = smarten(self.spoken()).work.chapters[0].heading
        assert isinstance(heading, Heading)
        assert (flat_text(heading.content), heading.title) == ("Chapter 1: It’s Late", "It’s Late")

    def test_what_begins_in_one_inline_and_ends_in_another_stays(self) -> None:
        content = (Text("one-"), Emphasis((Text("-two"),)))
        done = smarten(work(chapter(Paragraph(content, Span(0, 0)))))
        assert (done.work.chapters[0].body[0], done.changed) == (Paragraph(content, Span(0, 0)), 0)

    def test_metadata_identity_words_and_record_stay(self) -> None:
        plain, smart = (
            publish(self.spoken(), options=PublishOptions(smart_quotes=wish)) for wish in (False, True)
        )
        assert (plain.identifier, plain.title) == (smart.identifier, smart.title)
        records = [read_record(read_entries(pack(one))) for one in (plain, smart)]
        assert records[0] is not None
        assert records[1] is not None
        assert records[0].works == records[1].works
        assert records[0].options_sha256 != records[1].options_sha256
        assert count_words(self.spoken()) == count_words(smarten(self.spoken()).work)

    def test_the_afterword_and_a_finding_say_how_many(self) -> None:
        book = publish(self.spoken(), options=PublishOptions(smart_quotes=True))
        afterword = next(one for one in book.reading_order if one.id == "afterword").content.decode()
        assert "8 quotation marks, dashes and ellipses were set as in print." in afterword
        assert [one.rule for one in book.findings if one.rule.startswith("smart")] == ["smart.set"]

    def test_without_the_option_nothing_is_said_or_changed(self) -> None:
        book = publish(self.spoken())
        text = b"".join(one.content for one in book.reading_order)
        assert b"set as in print" not in text
        assert "“".encode() not in text

    def test_an_unknown_language_is_told_of(self) -> None:
        hebrew = work(chapter(para('"כן"')), language="he")
        done = smarten(hebrew)
        assert (done.work, done.changed) == (hebrew, 0)
        assert [one.rule for one in done.findings] == ["smart.language"]

    def test_the_command_line_has_it(self, tmp_path) -> None:
        (tmp_path / "a.txt").write_text(
            'Title: A\nAuthor: B\nLanguage: English\n\n"It\'s late," she said.\n\nHe went...\n',
            encoding="utf-8",
        )
        done = CliRunner().invoke(
            app, ["convert", str(tmp_path / "a.txt"), "--smart-quotes", "-o", str(tmp_path / "a.epub")]
        )
        assert done.exit_code == 0, done.stderr
        chapter1 = read_entries(tmp_path / "a.epub")["text/chapter1.xhtml"].decode()
        assert "“It’s late,” she said." in chapter1
        assert "He went…" in chapter1
