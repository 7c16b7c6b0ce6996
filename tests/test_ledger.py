"""Nothing is lost: every character of a dump has a fate, every word of it is in the book, in order.

The check is not the program's own (see support.ledger), and the book is read by support.epub_text, which
shares no code with the builder.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.epub_text import Book, read_book
from support.ledger import (
    Reading,
    book_text,
    check_ledger,
    check_markers,
    check_repairs,
    check_words,
    dump_text,
    letters,
    markers,
    same_words,
)
from support.made import anthology
from support.strategies import dumps

from fic2epub.builder.anthology import gather
from fic2epub.builder.work_book import bind
from fic2epub.model import DropReason, Fate, LedgerEntry, Span
from fic2epub.parser.ledger import uncovered

# Without shrinking, which may take minutes: the deep run does that.
DRAWN = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
FEW = settings(DRAWN, max_examples=20)
DEEP = settings(max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.too_slow])

CHECKS = (check_ledger, check_repairs, check_markers, check_words)


@pytest.mark.parametrize("check", CHECKS)
def test_the_samples_lose_nothing(samples: tuple[Path, ...], check: Callable[[Reading], None]) -> None:
    for path in samples:
        check(Reading.of(path.read_bytes()))


@pytest.mark.needs("seeds")
@pytest.mark.parametrize("check", CHECKS)
def test_the_real_dumps_lose_nothing(seeds_dir: Path, check: Callable[[Reading], None]) -> None:
    for path in sorted(seeds_dir.glob("*.txt")):
        check(Reading.of(path.read_bytes()))


@DRAWN
@given(dumps())
def test_drawn_dumps_have_a_whole_ledger(data: bytes) -> None:
    reading = Reading.of(data)
    check_ledger(reading)
    check_markers(reading)
    check_repairs(reading)


@DRAWN
@given(dumps())
def test_drawn_dumps_lose_no_word(data: bytes) -> None:
    check_words(Reading.of(data))


@pytest.mark.slow
@DEEP
@given(dumps())
def test_many_drawn_dumps_lose_nothing(data: bytes) -> None:
    reading = Reading.of(data)
    for check in CHECKS:
        check(reading)


HEADINGS = {
    "a heading with nothing below it": "Fog came.\n\nChapter 1",
    "a lone quotation mark below a heading": 'Chapter 1\n\n"\n\nFog came.',
    "two headings, one below the other": "Chapter 1\n\nChapter 2\n\nFog went.",
    "a part below the heading of its chapter": "Fog came.\n\nChapter 1\n\nPart One\n\nFog went.",
    "speech that speaks of a chapter": 'Fog came.\n\n"Chapter five," he read, "is the last."',
    "a heading and the end": "Chapter 1\n\nFog came.\n\nEpilogue\n\nThe End",
    "a heading in a work of one chapter": "Title: Fog\nAuthor: A\nChapters: 1/1\n\nOne.\n\nChapter 2\n\nTwo.",
    "a titled heading in a work of one chapter": (
        "Title: Fog\nAuthor: A\nChapters: 1/1\n\nOne.\n\nChapter 2\n\nThe Oil\n\n"
        "The harbour lamp went out at nine, and nobody in the town admitted to it."
    ),
    "a heading twice, and nothing else": "Title: Fog\nAuthor: A\nChapters: 1/1\n\nChapter 7\n\nChapter 7",
    "a prologue above a part": "Prologue\n\nPart One\n\nFog came.",
}


@pytest.mark.parametrize("case", HEADINGS)
def test_odd_headings_lose_nothing(case: str) -> None:
    reading = Reading.of(HEADINGS[case].encode())
    for check in CHECKS:
        check(reading)


def test_not_even_a_comma_of_the_samples_is_lost(samples: tuple[Path, ...]) -> None:
    for path in samples:
        reading = Reading.of(path.read_bytes())
        shown = book_text(reading.book, markers(reading.recovery.work))
        assert letters(shown) == letters(dump_text(reading))


# Anthologies


def check_anthology(readings: list[Reading], path: Path, *, group_by: str) -> None:
    """The words of the works follow each other in the anthology's order, each work's in the dump's."""
    works = [reading.recovery.work for reading in readings]
    book = read_book(anthology(path, works, group_by=group_by))
    by_work = {id(reading.recovery.work.metadata): reading for reading in readings}
    order = gather(bind(works), title="All of Them", group_by=group_by).books
    ordered = [by_work[id(one.metadata)] for one in order]
    marks = (marker for reading in ordered for marker in markers(reading.recovery.work))
    same_words(book_text(book, marks), "\n".join(map(dump_text, ordered)))


@pytest.mark.parametrize("group_by", ["none", "author", "relationship", "rating", "status"])
def test_an_anthology_of_the_samples_loses_nothing(
    samples: tuple[Path, ...], tmp_path: Path, group_by: str
) -> None:
    readings = [Reading.of(path.read_bytes()) for path in samples]
    check_anthology(readings, tmp_path / "all.epub", group_by=group_by)


@pytest.mark.needs("seeds")
def test_an_anthology_of_the_real_dumps_loses_nothing(seeds_dir: Path, tmp_path: Path) -> None:
    readings = [Reading.of(path.read_bytes()) for path in sorted(seeds_dir.glob("*.txt"))]
    check_anthology(readings, tmp_path / "all.epub", group_by="relationship")


@FEW
@given(st.lists(dumps(), min_size=2, max_size=4))
def test_an_anthology_of_drawn_dumps_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, several: list[bytes]
) -> None:
    readings = [Reading.of(data) for data in several]
    check_anthology(readings, tmp_path_factory.mktemp("drawn") / "all.epub", group_by="author")


# The checks themselves: each must see a book or ledger that is wrong

TORN = """Title: Slack Water
Author: Ada Quill
Chapters: 1/1

The tide was late, and don\u00e2\u20ac\u2122t ask why.

***

Nobody minded but Pell.
"""


@pytest.fixture
def torn() -> Reading:
    """A dump with a repair and a scene break."""
    reading = Reading.of(TORN.encode())
    for check in CHECKS:
        check(reading)
    return reading


def with_ledger(reading: Reading, *ledger: LedgerEntry) -> Reading:
    return Reading(reading.draft, replace(reading.recovery, ledger=ledger))


def test_a_character_without_a_fate_is_seen(torn: Reading) -> None:
    broken = with_ledger(torn, *torn.recovery.ledger[:-1])
    assert list(uncovered(torn.recovery.source, broken.recovery.ledger))
    with pytest.raises(AssertionError, match="no fate"):
        check_ledger(broken)


def test_a_character_with_two_fates_is_seen(torn: Reading) -> None:
    last = torn.recovery.ledger[-1]
    twice = LedgerEntry(Span(last.span.end - 1, last.span.end), Fate.MARKER)
    with pytest.raises(AssertionError, match="two fates"):
        check_ledger(with_ledger(torn, *torn.recovery.ledger, twice))


@pytest.mark.parametrize("detail", ["advertisement", DropReason.JUMP_LINE.value])
def test_a_long_line_or_a_new_reason_is_no_reason_to_drop(detail: str) -> None:
    reading = Reading.of(TORN.replace("Nobody minded", "Nobody minded " * 12).encode())
    last = reading.recovery.ledger[-1]
    dropped = LedgerEntry(last.span, Fate.DROPPED, detail)
    with pytest.raises(AssertionError):
        check_ledger(with_ledger(reading, *reading.recovery.ledger[:-1], dropped))


def test_words_that_are_missing_or_in_another_order_are_seen(torn: Reading) -> None:
    chapter = Book.words(torn.book)
    assert chapter[-4:] == ["Nobody", "minded", "but", "Pell."]
    for text in (TORN.replace("but Pell", "Pell but"), TORN.replace("minded ", ""), TORN + "More.\n"):
        other = Reading.of(text.encode())
        mixed = Reading(other.draft, other.recovery)
        mixed.__dict__["book"] = torn.book
        with pytest.raises(AssertionError):
            check_words(mixed)


def test_repairs_stand_in_the_book_and_markers_at_the_rules(torn: Reading) -> None:
    text = dump_text(torn)
    assert "don\u2019t ask" in text
    assert "***" in text
    assert "Slack Water" not in text
    shown = book_text(torn.book, iter(["***"]))
    assert letters(shown) == letters(text)
