"""Step 4i of the route: marks of emphasis become emphasis, where the work uses them so.

A dump has lost its italics. What stands for them was typed by the author or put there by the program that
made the text (FanFicFare and Project Gutenberg write ``_italic_``; html2text also ``**bold**``).

[certain] emphasis.marks   ``_words_``, ``*words*``, ``/words/``, and doubled ``__words__``, ``**words**`` for
                           strong ones, where the work has five clean pairs of a mark or more, and four
                           times as many as marks that look like half a pair

A pair is clean if its first mark stands before a word and behind none, its second behind a word and before
none, both in one line of one paragraph, with no such mark between them. So nothing is taken of web
addresses, ``snake_case``, ``and/or``, ``s/he``, ``A/B``, ``2 * 3 * 4``, ``f**k``, ``^_^``, bullets, or the
star of a footnote: what is no clean pair stays as it is written, in any work. Headings and summaries stay
too: titles are compared and listed as they are.

It comes last. Everything before it, fingerprints and the reader's corrections too, sees the text with its
marks, so nothing that was recovered depends on it. Each mark has its line in the ledger, and its spelling
is kept in the ``Emphasis``.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from fic2epub.model import (
    Block,
    Chapter,
    Emphasis,
    Fate,
    Finding,
    Inline,
    LedgerEntry,
    Level,
    Note,
    Paragraph,
    SourceText,
    Span,
    Strong,
    Text,
    Work,
)
from fic2epub.parser.emphasis_marks import SIGN_RE, Pair, find_pairs
from fic2epub.values import dataclass

__all__ = ["Emphasised", "emphasise"]

B = TypeVar("B", bound=Block)

CLEAN = 5
"""Pairs of a mark that make it the work's way to emphasise."""
DOUBT = 4
"""Clean pairs for each mark that looks like half a pair; with fewer the mark is used otherwise too."""


@dataclass(frozen=True, slots=True)
class Emphasised:
    """A work with its emphasis, and the account of it."""

    work: Work
    pieces: tuple[LedgerEntry, ...]
    signs: tuple[str | None, ...] = ()
    """For each chapter the signs that emphasise in it; None where nobody looked for any."""
    findings: tuple[Finding, ...] = ()


def emphasise(
    work: Work, pieces: Sequence[LedgerEntry], source: SourceText, *, before: Sequence[str | None] = ()
) -> Emphasised:
    """Turn the marks that a work uses consistently into emphasis.

    ``pieces`` is the fate of each stretch of the dump, repairs not yet cut out. A work without such
    marks comes back as it was. ``before`` has for each chapter of an earlier book the signs that
    emphasise in it, which holds whatever the rest of the work does; None for one that has changed.
    """
    usage = _Usage()
    if sum(source.text.count(sign) for sign in "*_/") >= 2 * CLEAN:  # most dumps have hardly any
        for block in _paragraphs(work):
            for inline in block.content:
                if isinstance(inline, Text):
                    usage.note(inline.text)
    now = usage.consistent()
    known = (*before, *(None for _ in work.chapters))[: len(work.chapters)]
    signs = tuple(now if one is None else frozenset(one) for one in known)
    told = tuple("".join(sorted(one)) for one in signs)
    if not any((now, *signs)):
        return Emphasised(work, tuple(pieces), told)
    maker = _Maker(source, now, usage.found)
    work = replace(
        work,
        front=maker.blocks(work.front),
        chapters=tuple(map(maker.chapter, work.chapters, signs)),
        back=maker.blocks(work.back),
    )
    if not maker.marks:
        return Emphasised(work, tuple(pieces), told)
    written = " and ".join(f"{sign}…{sign}" for sign in sorted(now.union(*signs)))
    count = len(maker.marks) // 2
    said = f"{count} passages between {written} are emphasised; --emphasis keep leaves the marks."
    finding = Finding("emphasis.marks", Level.INFO, said)
    return Emphasised(work, tuple(_with_marks(pieces, maker.marks)), told, (finding,))


class _Usage:
    """How often a work has clean pairs and halves of each sign."""

    def __init__(self) -> None:
        self.pairs: Counter[str] = Counter()
        self.halves: Counter[str] = Counter()
        self.phrases: set[str] = set()
        """Signs that enclose several words somewhere."""
        self.found: dict[str, tuple[Pair, ...]] = {}
        """The pairs of each line that has any."""

    def note(self, text: str) -> None:
        """Count those of one line."""
        if SIGN_RE.search(text) is None:
            return
        pairs, halves = find_pairs(text)
        if pairs:
            self.found[text] = pairs
        self.pairs.update(pair.mark[0] for pair in pairs)
        self.halves.update(halves)
        self.phrases.update(pair.mark[0] for pair in pairs if " " in text[pair.start : pair.end])

    def consistent(self) -> frozenset[str]:
        """The signs with which the work emphasises. Slants round single words only may be ``/tmp/``."""
        return frozenset(
            sign
            for sign, count in self.pairs.items()
            if count >= CLEAN and count >= DOUBT * self.halves[sign] and (sign != "/" or sign in self.phrases)
        )


def _paragraphs(work: Work) -> Iterator[Paragraph]:
    """The paragraphs that may hold emphasis, in order."""
    blocks: list[Block] = [*work.front]
    for chapter in work.chapters:
        blocks += [*chapter.front, *chapter.body, *chapter.back]
    for block in (*blocks, *work.back):
        inner = block.blocks if isinstance(block, Note) else (block,)
        yield from (one for one in inner if isinstance(one, Paragraph))


class _Maker:
    """Makes the emphasis, and remembers where its marks stood in the dump."""

    def __init__(
        self, source: SourceText, signs: frozenset[str], found: Mapping[str, tuple[Pair, ...]]
    ) -> None:
        self._source, self._signs, self._found = source, signs, found
        self.marks: list[LedgerEntry] = []

    def chapter(self, chapter: Chapter, signs: frozenset[str]) -> Chapter:
        """A chapter with its emphasis, by signs of its own."""
        usual, self._signs = self._signs, signs
        made = replace(
            chapter,
            front=self.blocks(chapter.front),
            body=self.blocks(chapter.body),
            back=self.blocks(chapter.back),
        )
        self._signs = usual
        return made

    def blocks(self, blocks: tuple[B, ...]) -> tuple[B, ...]:
        """Blocks with their emphasis."""
        return tuple(map(self._block, blocks))

    def _block(self, block: B) -> B:
        if isinstance(block, Note):
            return replace(block, blocks=self.blocks(block.blocks))
        if isinstance(block, Paragraph):
            return replace(block, content=self._content(block))
        return block

    def _content(self, block: Paragraph) -> tuple[Inline, ...]:
        found = [self._pairs(one.text) if isinstance(one, Text) else () for one in block.content]
        if not any(found):
            return block.content
        marks = self._marks(block, found)
        if marks is None:
            return block.content
        self.marks += marks
        content: list[Inline] = []
        for inline, pairs in zip(block.content, found, strict=True):
            content += _inlines(inline.text, pairs) if pairs and isinstance(inline, Text) else [inline]
        return tuple(content)

    def _pairs(self, text: str) -> tuple[Pair, ...]:
        return tuple(pair for pair in self._found.get(text, ()) if pair.mark[0] in self._signs)

    def _marks(self, block: Paragraph, found: Sequence[tuple[Pair, ...]]) -> list[LedgerEntry] | None:
        """Each mark with its place in the dump, or None if that cannot be told.

        A line that was joined or repaired has other offsets than the dump, but the same signs in the same
        order; where a repair made or took one, nothing is emphasised.
        """
        source, span = self._source, block.span
        first = bisect_left(source.repairs, span.start, key=lambda repair: repair.span.end)
        for repair in islice(source.repairs, first, None):
            if repair.span.start >= span.end:
                break
            if SIGN_RE.search(repair.before + repair.after):
                return None
        there = [match.start() for match in SIGN_RE.finditer(source.text, span.start, span.end)]
        marks: list[LedgerEntry] = []
        passed = 0
        for inline, pairs in zip(block.content, found, strict=True):
            signs = [m.start() for m in SIGN_RE.finditer(inline.text)] if isinstance(inline, Text) else []
            order = {offset: passed + number for number, offset in enumerate(signs)}
            passed += len(signs)
            for pair in pairs:
                for offset in (pair.start, pair.end - len(pair.mark)):
                    at = there[order[offset]] if order[offset] < len(there) else 0
                    if source.text[at : at + len(pair.mark)] != pair.mark:
                        return None
                    marks.append(LedgerEntry(Span(at, at + len(pair.mark)), Fate.MARKER, pair.mark))
        return marks if passed == len(there) else None


def _inlines(text: str, pairs: Sequence[Pair], start: int = 0, end: int | None = None) -> list[Inline]:
    """A stretch of a line as inlines; ``pairs`` are those in it, by their start, properly nested."""
    end = len(text) if end is None else end
    made: list[Inline] = []
    at, n = start, 0
    while n < len(pairs):
        pair = pairs[n]
        last = bisect_left(pairs, pair.end, n + 1, key=lambda one: one.start)
        inner = pairs[n + 1 : last]
        if pair.start > at:
            made.append(Text(text[at : pair.start]))
        width = len(pair.mark)
        content = tuple(_inlines(text, inner, pair.start + width, pair.end - width))
        made.append((Strong if width == 2 else Emphasis)(content, pair.mark))
        at, n = pair.end, last
    if at < end:
        made.append(Text(text[at:end]))
    return made


def _with_marks(pieces: Sequence[LedgerEntry], marks: Sequence[LedgerEntry]) -> Iterator[LedgerEntry]:
    """The pieces with the marks cut out of them, and the marks."""
    marks = sorted(marks, key=lambda mark: mark.span.start)
    starts = [mark.span.start for mark in marks]
    for piece in pieces:
        at = piece.span.start
        for mark in marks[bisect_left(starts, at) : bisect_left(starts, piece.span.end)]:
            if mark.span.start > at:
                yield replace(piece, span=Span(at, mark.span.start))
            yield mark
            at = mark.span.end
        if at < piece.span.end:
            yield replace(piece, span=Span(at, piece.span.end))
