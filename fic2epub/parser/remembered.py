"""Step 4g of the route: how the dump was read, for the book to remember, and where it comes again.

A chapter's stretch of the dump is told by a hash of its text. It comes again if a paragraph begins and one
ends where it would, and between them stands the same text; a white space more or less between chapters
is none of it. What was edited is found by the paragraph that its story began with, in the order of the
text: of several alike the one nearest to where it stood.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from fic2epub.model import Chapter, Leaf, Mark, Memory, NoteKind, SourceText, Trace
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.layout import Layout, Stretch
from fic2epub.parser.marks import Marks
from fic2epub.parser.units import Body, Unit
from fic2epub.record import fingerprint
from fic2epub.values import dataclass

__all__ = ["HABIT", "Place", "find_places", "leaf_hash", "remember", "stretch_hash"]

WORD_RE = re.compile(r"\w+")
SHORT = 4
"""Words; a paragraph of fewer is not told by its own words alone."""
HABIT = "break.habit"
"""The one scene break that the whole work decides; every other one says it by its own characters."""


def stretch_hash(text: str) -> str:
    """Sixteen hex digits that tell a stretch of a dump again, character by character."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def leaf_hash(chapter: Chapter, source: SourceText) -> str:
    """What tells a chapter of the book again: the hash of its stretch."""
    return stretch_hash(source.text[chapter.span.start : chapter.span.end])


def remember(
    source: SourceText,
    body: Body,
    marks: Marks,
    headings: Sequence[HeadingLine],
    layout: Layout,
    scores: Sequence[float],
    chapters: Sequence[Chapter],
    signs: Sequence[str | None],
    *,
    language: str,
    declared: int | None,
    infer: bool,
    news: int | None = None,
) -> Memory | None:
    """What a book is to remember; None if a chapter has no text at all.

    Args:
        source: the dump's text.
        body: its paragraphs.
        marks: of the work, before the reader's corrections, as are headings and layout.
        headings: of the work, of every level.
        layout: every paragraph's place.
        scores: log-odds that a paragraph is a note.
        chapters: as the book has them, the reader's corrections done.
        signs: for each chapter those that emphasise in it; none at all if nobody looked for any.
        language: of the work.
        declared: how many chapters it was to hold.
        infer: whether chapters that nothing bears out were looked for.
        news: position of the first chapter that the work has grown by.
    """
    units = body.units
    traces = []
    hashes: dict[tuple[int, int], str] = {}
    for number, stretch in enumerate(layout.stretches):
        start = stretch.start if number else 0
        if start >= stretch.end:
            return None
        found = _marks(range(start, stretch.end), units, marks, headings, layout, scores)
        trace = _trace(source, units, stretch, start, tuple(found))
        low = units[start].span.start
        hashes[low, low + trace.length] = trace.text
        traces.append(trace)
    setting = body.setting
    return Memory(
        form=(setting.name, setting.width, setting.slack, setting.spacing),
        language=language,
        declared=declared,
        infer=infer,
        chapters=tuple(traces),
        leaves=tuple(
            Leaf(
                # Nearly every chapter is a stretch of the dump whose hash is known.
                text=hashes.get((chapter.span.start, chapter.span.end)) or leaf_hash(chapter, source),
                number=chapter.number,
                emphasis=emphasis,
            )
            for chapter, emphasis in zip(chapters, signs or (None,) * len(chapters), strict=True)
        ),
        news=news,
    )


def _trace(
    source: SourceText, units: Sequence[Unit], stretch: Stretch, start: int, marks: tuple[Mark, ...]
) -> Trace:
    low, high = units[start].span.start, units[stretch.end - 1].span.end
    evidence = stretch.join.evidence if stretch.join is not None else None
    rules = tuple(firing.rule for firing in evidence.firings) if evidence is not None else ()
    story = stretch.body if stretch.body < stretch.end else stretch.end - 1

    def offset(index: int) -> int:
        return units[index].span.start - low if index < stretch.end else high - low

    return Trace(
        text=stretch_hash(source.text[low:high]),
        length=high - low,
        first=fingerprint(units[start].text),
        story=fingerprint(units[story].text),
        head=offset(stretch.start),
        body=offset(stretch.body),
        back=offset(stretch.back),
        # Rounded: the last bits of a float may differ between machines.
        score=round(evidence.score, 4) if evidence is not None else 1.0,
        rules=tuple(rule for rule in rules if not rule.startswith("kept.")),
        inferred=evidence is not None and evidence.inferred,
        marks=marks,
    )


def _marks(
    inside: range,
    units: Sequence[Unit],
    marks: Marks,
    headings: Sequence[HeadingLine],
    layout: Layout,
    scores: Sequence[float],
) -> Iterator[Mark]:
    """What one chapter's paragraphs are, in order, where their own words do not say it."""
    low = units[inside.start].span.start
    lines = {line.index: line for line in headings if line.index in inside}
    for i in inside:
        at = units[i].span.start - low
        if (line := lines.get(i)) is not None:
            last = units[line.last].span.start - low if line.last is not None else None
            yield Mark(
                at=at,
                role="heading",
                rule=line.rule,
                label=line.label,
                title=line.title,
                number=line.number,
                level=line.level,
                last=last,
            )
        if i in marks.titles:
            yield Mark(at=at, role="title")
        if i in marks.closings:
            yield Mark(at=at, role="closing")
        if i in marks.datelines:
            yield Mark(at=at, role="dateline")
        if units[i].rule == HABIT:
            yield Mark(at=at, role="break")
        if (kind := layout.kinds.get(i)) is not None:
            yield Mark(at=at, role=kind.value, score=scores[i], fingerprint=fingerprint(units[i].text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a remembered chapter stands in a dump, in units."""

    trace: Trace
    start: int
    """Its first unit; of an edited one the paragraph that it was found by."""
    end: int
    """Half-open; of an edited one the unit behind that paragraph."""
    exact: bool
    """Whether its whole stretch stands there, unchanged."""
    starts: dict[int, int]
    """Offset in the dump to unit, of all units."""
    offset: int
    """Of its first character in the dump."""
    by_story: bool = True
    """False for an edited one that was found by its first paragraph of all, a note or a heading."""

    def unit(self, at: int) -> int | None:
        """The unit at an offset within the stretch; None if none begins there any more.

        The reader's corrections of scene breaks make other units of the same text.
        """
        i = self.starts.get(self.offset + at)
        return i if i is not None and self.start <= i < self.end else None

    def marks(self, *roles: str) -> Iterator[tuple[int, Mark]]:
        """What was decided of the units of an unchanged chapter, as far as they are the same."""
        for mark in self.trace.marks:
            if mark.role in roles and (i := self.unit(mark.at)) is not None:
                yield i, mark

    def notes(self) -> Iterator[tuple[int, NoteKind, float]]:
        """The notes of an unchanged chapter: unit, kind, log-odds."""
        for i, mark in self.marks(*(kind.value for kind in NoteKind)):
            yield i, NoteKind(mark.role), mark.score or 0.0

    @property
    def head(self) -> int:
        """Where the work's front matter ends."""
        return self._edge(self.trace.head)

    @property
    def body(self) -> int:
        """Where its story begins."""
        return self._edge(self.trace.body)

    @property
    def back(self) -> int:
        """Where its story ends."""
        return max(self.body, self._edge(self.trace.back))

    def _edge(self, at: int) -> int:
        i = self.unit(at)
        return self.end if i is None else i


class _Search:
    """The units of a dump, to find remembered chapters among them."""

    def __init__(self, units: Sequence[Unit], text: str) -> None:
        self.units, self.text = units, text
        self.starts = {unit.span.start: i for i, unit in enumerate(units)}
        self.ends = {unit.span.end: i + 1 for i, unit in enumerate(units)}
        self._prints: list[str] = []

    @property
    def prints(self) -> list[str]:
        """The fingerprint of every unit; made when something was edited."""
        if not self._prints:
            self._prints = [fingerprint(unit.text) for unit in self.units]
        return self._prints

    def whole(self, i: int, trace: Trace) -> Place | None:
        """The chapter if its stretch begins at a unit and stands there unchanged."""
        if i >= len(self.units):
            return None
        low = self.units[i].span.start
        end = self.ends.get(low + trace.length)
        if end is None or stretch_hash(self.text[low : low + trace.length]) != trace.text:
            return None
        return Place(trace=trace, start=i, end=end, exact=True, starts=self.starts, offset=low)

    def moved(self, low: int, trace: Trace) -> Place | None:
        """The same, anywhere below a unit."""
        begun = (i for i in range(low, len(self.units)) if self.prints[i] == trace.first)
        return next((place for i in begun if (place := self.whole(i, trace)) is not None), None)

    def edited(self, low: int, high: int, trace: Trace) -> Place | None:
        """The chapter by the paragraph that its story began with, else by its first, between two units."""
        if low >= high:
            return None
        base = self.units[low].span.start
        for told, at, by_story in ((trace.story, trace.body, True), (trace.first, 0, False)):
            found = [i for i in range(low, high) if self.prints[i] == told and self._tells(i)]
            if found:
                i = min(found, key=lambda i: abs(self.units[i].span.start - base - at))
                return Place(
                    trace=trace,
                    start=i,
                    end=i + 1,
                    exact=False,
                    starts=self.starts,
                    offset=self.units[i].span.start,
                    by_story=by_story,
                )
        return None

    def _tells(self, i: int) -> bool:
        """Whether a paragraph has words enough to be told by them alone: ``Yes.`` stands anywhere."""
        return len(WORD_RE.findall(self.units[i].text)) >= SHORT


def find_places(memory: Memory, units: Sequence[Unit], text: str) -> tuple[Place | None, ...]:
    """Where each remembered chapter stands, in order; None for one that is gone."""
    search = _Search(units, text)
    places: list[Place | None] = []
    at = 0
    for trace in memory.chapters:
        place = search.whole(at, trace) or search.moved(at, trace)
        places.append(place)
        at = place.end if place is not None else at
    known = [(n, place.start) for n, place in enumerate(places) if place is not None]
    low = 0
    for n, trace in enumerate(memory.chapters):
        place = places[n]
        if place is None:
            following = bisect_left(known, (n, 0))
            high = known[following][1] if following < len(known) else len(units)
            place = places[n] = search.edited(low, high, trace)
        low = place.end if place is not None else low
    return tuple(places)
