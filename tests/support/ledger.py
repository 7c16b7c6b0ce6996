"""The ledger held against the dump and the book, by other means than the program's own."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.model import (
    Draft,
    Emphasis,
    Fate,
    Inline,
    Note,
    Paragraph,
    Recovery,
    SceneBreak,
    Strong,
    Work,
)
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse
from support.epub_text import Book, Rule, Words, read_book

WORD_RE = re.compile(r"\w+")
BARE = PublishOptions(cover="none")
"""A picture takes most of the time and holds no word."""
UNSEEN = frozenset("\u180e\u200b\u2060\ufeff")
"""They show nothing and have no width, though Unicode does not call them white space."""
REASONS = frozenset({"jump line", "title repeated", "control character"})
MOST_WORDS = 12
"""Of a line that may be dropped."""


@dataclass(frozen=True)
class Reading:
    """A dump, read."""

    draft: Draft
    recovery: Recovery

    @classmethod
    def of(cls, data: bytes) -> "Reading":
        draft = read_stdin(io.BytesIO(data))
        return cls(draft, parse(draft))

    @cached_property
    def text(self) -> str:
        return self.recovery.source.text

    @cached_property
    def book(self) -> Book:
        return read_book(io.BytesIO(pack(publish(self.recovery.work, options=BARE))))  # type: ignore[arg-type]


def shows(letter: str) -> bool:
    return not letter.isspace() and letter not in UNSEEN


def check_ledger(reading: Reading) -> None:
    """Every character that shows has exactly one fate, and little is dropped for few reasons."""
    text, at = reading.text, 0
    for entry in reading.recovery.ledger:
        assert entry.span.start >= at, f"two fates from {entry.span.start} on"
        forgotten = [letter for letter in text[at : entry.span.start] if shows(letter)]
        assert not forgotten, f"no fate for {forgotten} before {entry.span.start}"
        at = entry.span.end
        if entry.fate is Fate.DROPPED:
            assert entry.detail in REASONS
            assert len(WORD_RE.findall(text[entry.span.start : entry.span.end])) <= MOST_WORDS
    assert not [letter for letter in text[at:] if shows(letter)], "no fate for the end of the dump"


def check_repairs(reading: Reading) -> None:
    """The repairs lead from the dump's text to the mended one and back."""
    source = reading.recovery.source
    mended, places, at = "", [], 0
    for repair in source.repairs:
        assert repair.span.start >= at
        assert source.text[repair.span.start : repair.span.end] == repair.before
        mended += source.text[at : repair.span.start]
        places.append(len(mended))
        mended += repair.after
        at = repair.span.end
    mended += source.text[at:]
    for place, repair in reversed([*zip(places, source.repairs, strict=True)]):
        assert mended[place : place + len(repair.after)] == repair.after
        mended = mended[:place] + repair.before + mended[place + len(repair.after) :]
    assert mended == source.text


def dump_text(reading: Reading) -> str:
    """What the ledger says stands in the book, scene breaks as they are written: in the dump's order.

    Marks of emphasis are left out: the book shows none. A header's own summary comes first: the preface
    shows it among the work's words.
    """
    parts = [reading.draft.metadata.summary or "", "\n"]
    text, at, breaks = reading.text, 0, _offsets_of_breaks(reading.recovery.work)
    for entry in reading.recovery.ledger:
        start, end = entry.span.start, entry.span.end
        parts.append(text[at:start])
        if entry.fate is Fate.TEXT or (entry.fate is Fate.MARKER and start in breaks):
            parts.append(text[start:end])
        elif entry.fate is Fate.REPAIRED and _in_story(reading.draft, start):
            parts.append(entry.detail or "")
        at = end
    return "".join(parts)


def _in_story(draft: Draft, offset: int) -> bool:
    return offset >= draft.body.start or any(span.start <= offset < span.end for span in draft.summary)


def book_text(book: Book, markers: Iterator[str]) -> str:
    """The dump's own words as the book has them, a scene break's marker at each rule."""
    lines = [item.text if isinstance(item, Words) else next(markers) for item in book.items()]
    return "\n".join(lines)


def blocks(work: Work) -> Iterator[object]:
    """The blocks of a work in order, those of its notes in the notes' place."""
    found = [*work.front]
    for chapter in work.chapters:
        found += [*chapter.front, *chapter.body, *chapter.back]
    for block in (*found, *work.back):
        yield from block.blocks if isinstance(block, Note) else (block,)


def markers(work: Work) -> Iterator[str]:
    """The markers of a work's scene breaks and separators, in order."""
    return (one.marker for one in blocks(work) if isinstance(one, SceneBreak))


def _offsets_of_breaks(work: Work) -> set[int]:
    spans = [one.span for one in blocks(work) if isinstance(one, SceneBreak)]
    return {offset for span in spans for offset in range(span.start, span.end)}


def marks(content: tuple[Inline, ...]) -> Iterator[str]:
    """The marks of emphasis in some inlines, first and second, in order."""
    for one in content:
        if isinstance(one, Emphasis | Strong):
            assert one.mark is not None
            yield one.mark
            yield from marks(one.content)
            yield one.mark


def check_markers(reading: Reading) -> None:
    """The ledger's markers are the work's scene breaks and the marks of its emphasis, as they are written."""
    work, text = reading.recovery.work, reading.text
    breaks = _offsets_of_breaks(work)
    entries = [entry for entry in reading.recovery.ledger if entry.fate is Fate.MARKER]
    details = [entry.detail for entry in entries if entry.span.start in breaks]
    assert {*details} <= {*markers(work)}
    beside = [entry for entry in entries if entry.span.start not in breaks]
    assert all(entry.detail == text[entry.span.start : entry.span.end] for entry in beside)
    paragraphs = [one for one in blocks(work) if isinstance(one, Paragraph)]
    assert [entry.detail for entry in beside] == [mark for one in paragraphs for mark in marks(one.content)]


def check_words(reading: Reading) -> None:
    """The book has the dump's words, each once and in the dump's order."""
    rules = sum(isinstance(item, Rule) for item in reading.book.items())
    found = [*markers(reading.recovery.work)]
    assert rules == len(found)
    same_words(book_text(reading.book, iter(found)), dump_text(reading))


def same_words(book: str, dump: str) -> None:
    """Assert that two texts have the same words in the same order; says where they part."""
    ours, theirs = WORD_RE.findall(book), WORD_RE.findall(dump)
    if ours == theirs:
        return
    pairs = zip_longest(ours, theirs)
    at = next(number for number, (one, other) in enumerate(pairs) if one != other)
    told = f"at word {at} the book has {ours[at : at + 8]} and the dump {theirs[at : at + 8]}"
    raise AssertionError(told)


def letters(text: str) -> str:
    """All characters that show, without the white space between them."""
    return "".join(filter(shows, text))
