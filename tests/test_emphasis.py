"""Marks of emphasis: found in time, accounted for, and of no weight for anything else."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledger import Reading, check_ledger, check_markers, check_words

from fic2epub.builder.identity import work_identifier
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.container import read_entries
from fic2epub.model import Emphasis, Strong, Work, plain_text, written_text
from fic2epub.parser.emphasis_marks import find_pairs
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse
from fic2epub.record import read_record

STORY = """Title: The Lamp Room
Author: Ada Quill

It was _late_, and _nobody_ came to the _lamp_ room. She waited, and the clock did too.

“_Really?_” said Bert. “_Now?_” He had a rope over his arm, and his hat was wet.

Nobody answered. The fog stood in the door like somebody who has come to ask for money.

_She thought of the boats._ There were seven of them, and the pilot's was the eighth.
"""

TEXT = st.text(alphabet=st.sampled_from("ab *_/.,:“”—-\n中，"), max_size=80)


def read(text: str, emphasis: str = "auto") -> Work:
    (draft,) = [read_stdin(io.BytesIO(text.encode()))]
    return parse(draft, options=ParseOptions(emphasis=emphasis)).work  # type: ignore[arg-type]


def test_keep_leaves_the_marks_as_they_are_written():
    kept = read(STORY, "keep").chapters[0].body
    shown = read(STORY).chapters[0].body
    assert not any(isinstance(one, Emphasis) for block in kept for one in block.content)
    assert [plain_text(block.content) for block in kept] == [written_text(block.content) for block in shown]
    assert sum(isinstance(one, Emphasis) for block in shown for one in block.content) == 6


def test_the_book_shows_italics_in_place_of_the_marks():
    reading = Reading.of(STORY.encode())
    book = pack(publish(reading.recovery.work))
    page = read_entries(book)["text/chapter1.xhtml"].decode()
    assert "It was <em>late</em>, and <em>nobody</em> came to the <em>lamp</em> room." in page
    assert "“<em>Really?</em>” said Bert" in page
    assert "_" not in page.partition("<body")[2]


def test_nothing_else_of_a_book_depends_on_it():
    """Identity and fingerprints are made of the text as it is written."""
    works = [read(STORY), read(STORY, "keep")]
    assert work_identifier(works[0]) == work_identifier(works[1])
    records = [read_record(read_entries(pack(publish(work)))) for work in works]
    assert records[0].works[0].chapters == records[1].works[0].chapters


def test_the_finding_says_how_many_and_how_to_leave_them():
    found = {finding.rule: finding.message for finding in Reading.of(STORY.encode()).recovery.findings}
    assert (
        found["emphasis.marks"] == "6 passages between _…_ are emphasised; --emphasis keep leaves the marks."
    )


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        STORY.replace("_", "*"),
        STORY.replace("_", "**"),
        STORY.replace("\n\n", "\r\n\r\n"),
        STORY.replace("“", "â€œ").replace("”", "â€\x9d"),  # repairs beside the marks
        STORY.replace(" ", " \xa0"),
        STORY + "\n\n***\n\n*One*, *two*, *three*, *four*, *five*.\n\n*\n\nAnd *six.*\n",
    ],
    ids=["plain", "stars", "strong", "crlf", "mojibake", "spaces", "beside breaks"],
)
def test_every_mark_is_in_the_ledger_and_no_word_is_lost(text):
    reading = Reading.of(text.encode())
    check_ledger(reading)
    check_markers(reading)
    check_words(reading)
    marks = [entry for entry in reading.recovery.ledger if entry.detail in ("_", "*", "**")]
    assert len(marks) >= 12


@given(TEXT)
def test_pairs_are_nested_or_apart_and_enclose_a_word(text):
    pairs, halves = find_pairs(text)
    for n, one in enumerate(pairs):
        assert text.startswith(one.mark, one.start)
        assert text.endswith(one.mark, one.start, one.end)
        inner = text[one.start + len(one.mark) : one.end - len(one.mark)]
        assert inner.strip() == inner != ""
        assert any(map(str.isalnum, inner))
        assert one.mark[0] not in inner
        for other in pairs[n + 1 :]:
            assert other.start >= one.end or (one.start < other.start and other.end < one.end)
    assert sum(halves.values()) <= sum(map(text.count, "*_/"))


@given(st.lists(TEXT, max_size=8))
def test_no_word_is_lost_whatever_the_marks(lines):
    """Seven clean pairs of each sign go before, so that any further pair counts."""
    habit = "\n\n".join(" ".join(f"{m}so long {n}{m}" for n in range(40)) for m in ("*", "_", "/", "**"))
    text = "\n\n".join([habit, *(line.replace("\n", " ") for line in lines)])
    reading = Reading.of(text.encode())
    check_ledger(reading)
    check_markers(reading)
    work = reading.recovery.work
    whole = "".join(
        written_text(block.content) for block in work.chapters[0].body if hasattr(block, "content")
    )
    kept = read(text, "keep")
    assert whole == "".join(
        plain_text(block.content) for block in kept.chapters[0].body if hasattr(block, "content")
    )


@pytest.mark.parametrize(
    "line",
    [
        "*a* " * 60_000,
        "*a " * 80_000,
        "a* " * 80_000,
        "*" * 250_000,
        "_*" * 120_000,
        "_a *b /c " * 28_000,
        "http://a.b/_c_ " * 17_000,
        "a.b" * 80_000 + "/_c_",
        "x" * 250_000 + " *a*",
    ],
    ids=["pairs", "first", "second", "row", "mixed", "nested", "addresses", "dots", "word"],
)
def test_a_hostile_line_costs_no_more_than_its_length(line):
    start = time.perf_counter()
    find_pairs(line)
    assert time.perf_counter() - start < 6


def test_a_long_work_full_of_emphasis_takes_no_time_to_speak_of():
    paragraph = "It was _late_, and *nobody* came to the **lamp** room, /or so/ she _thought it was_ then."
    work = read("\n\n".join(f"{paragraph} {n}" for n in range(400)))
    assert sum(isinstance(one, Emphasis | Strong) for b in work.chapters[0].body for one in b.content) == 2000
