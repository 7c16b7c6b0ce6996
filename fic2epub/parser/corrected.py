"""Step 4f of the route, its end: the reader's word on chapters and notes, over what was recovered.

In order:

[certain] corrections.note     a paragraph is what the reader says: a note of a kind, or prose; at a join the
                               boundary moves so that a note stands on its side of it
[certain] corrections.chapter  a chapter begins where the reader says; one that begins there already is sure
[certain] removed              two chapters become one: a heading between them is a paragraph again, notes
                               there stand within the chapter
[certain] --chapters-at        all other chapters are removed

No unit is moved, and every one stays in one place: only the cuts between the chapters and what the units
are called change. A heading is never passed: what stands below it belongs to its chapter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from itertools import pairwise

from fic2epub.model import Evidence, Finding, Firing, Level, NoteKind
from fic2epub.parser.boundaries import Join, Outcome
from fic2epub.parser.corrections import Action, Settled, SettledChapter, unit_at
from fic2epub.parser.gaps import Gap
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.layout import HEAD_WORDS, Layout, Stretch
from fic2epub.parser.marks import Marks
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["Corrected", "correct"]

OPENING = frozenset({NoteKind.BEFORE, NoteKind.SUMMARY})


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was recovered, as the reader wants it."""

    marks: Marks
    headings: tuple[HeadingLine, ...]
    layout: Layout
    outcome: Outcome
    findings: tuple[Finding, ...]


def correct(
    units: Sequence[Unit],
    marks: Marks,
    headings: Sequence[HeadingLine],
    layout: Layout,
    outcome: Outcome,
    settled: Settled,
) -> Corrected:
    """Put the reader's corrections over what was recovered.

    Args:
        units: of the work, their scene breaks corrected.
        marks: of the work.
        headings: of the work, of every level.
        layout: every unit's place.
        outcome: the chosen joins.
        settled: the corrections, by offset.
    """
    desk = _Desk(
        units=units,
        heads=dict(marks.headings),
        jumps=dict(marks.jumps),
        titles=set(marks.titles),
        closings=marks.closings,
        headings=list(headings),
        kinds=dict(layout.kinds),
        front=layout.front,
        parts=[_Part(s.start, s.body, s.back, s.end, s.join) for s in layout.stretches],
    )
    desk.take_notes(settled)
    desk.take_chapters(settled)
    desk.settle_edges()
    stretches = tuple(Stretch(p.start, p.body, p.back, p.end, p.join, p.title) for p in desk.parts)
    joins = tuple(part.join for part in desk.parts if part.join is not None)
    return Corrected(
        marks=replace(marks, headings=desk.heads, jumps=desk.jumps, titles=frozenset(desk.titles)),
        headings=tuple(desk.headings),
        layout=Layout(stretches, desk.kinds, desk.front, {**layout.evidence, **desk.evidence}),
        outcome=replace(outcome, joins=joins),
        findings=tuple(desk.findings),
    )


@dataclass(slots=True)
class _Part:
    """A stretch that can be changed."""

    start: int
    body: int
    back: int
    end: int
    join: Join | None
    title: str | None = None
    touched: bool = False


@dataclass(slots=True, kw_only=True)
class _Desk:
    """The work while it is corrected."""

    units: Sequence[Unit]
    heads: dict[int, HeadingLine]
    jumps: dict[int, bool]
    titles: set[int]
    closings: frozenset[int]
    headings: list[HeadingLine]
    kinds: dict[int, NoteKind]
    front: int
    parts: list[_Part]
    said: set[int] = field(default_factory=set)
    """Units that the reader has called note or prose."""
    evidence: dict[int, Evidence] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def story(self, i: int) -> bool:
        """Whether a unit belongs to the story, notes within it too."""
        marked = i in self.heads or i in self.jumps or i in self.titles
        return self.units[i].rule is None and not marked and self.kinds.get(i) in (None, NoteKind.WITHIN)

    # Notes

    def take_notes(self, settled: Settled) -> None:
        """Call paragraphs what the reader calls them."""
        for note in settled.notes:
            first, last = unit_at(self.units, note.start), unit_at(self.units, note.end)
            for i in range(first, last + 1):
                if self.units[i].rule is not None:
                    continue
                self.said.add(i)
                self._unmark(i)
                self.kinds.pop(i, None)
                self.evidence.pop(i, None)
                if note.kind is not None:
                    self.kinds[i] = note.kind
                    self.evidence[i] = Evidence(1.0, (Firing("corrections.note", note.words),))

    def _unmark(self, i: int) -> None:
        """A paragraph that the reader has named is no heading, jump line or repeated title."""
        self.jumps.pop(i, None)
        self.titles.discard(i)
        for line in [line for line in self.headings if i in (line.index, line.last)]:
            self._unhead(line)

    def _unhead(self, line: HeadingLine) -> None:
        self.headings.remove(line)
        for i in (line.index, line.last):
            if i is not None and self.heads.get(i) is line:
                del self.heads[i]

    # Chapters

    def take_chapters(self, settled: Settled) -> None:
        """Remove and add chapters."""
        added = [one for one in settled.chapters if one.action is Action.ADD]
        places = [unit_at(self.units, one.offset) for one in added]
        if settled.only:
            for above, part in [*pairwise(self.parts)][::-1]:
                if not any(_opens(i, above, part) for i in places):
                    self._remove(part)
        for one in settled.chapters:
            if one.action is Action.REMOVE:
                self._take_away(one)
        for one, i in zip(added, places, strict=True):
            self._begin(one, i)

    def _opened_at(self, i: int) -> _Part | None:
        """The chapter that begins where a unit stands: between the story above and its own."""
        return next((part for above, part in pairwise(self.parts) if _opens(i, above, part)), None)

    def _take_away(self, one: SettledChapter) -> None:
        i = unit_at(self.units, one.offset)
        part = self._opened_at(i)
        if part is not None:
            self._remove(part)
            return
        first = i <= self.parts[0].body
        why = "the first chapter always begins" if first else "no chapter begins there"
        said = f"[[chapter]] “{one.words}” removes nothing: {why}."
        self.findings.append(Finding("corrections.idle", Level.INFO, said, self.units[i].span))

    def _remove(self, part: _Part) -> None:
        """Join a chapter to the one above it."""
        at = self.parts.index(part)
        above = self.parts[at - 1]
        for i in range(above.back, part.body):
            if i in self.kinds and i not in self.said:
                self.kinds[i] = NoteKind.WITHIN
        inside = range(part.start, part.body)
        for line in [line for line in self.headings if line.level < 2 and line.index in inside]:
            self._unhead(line)
        above.back, above.end = part.back, part.end
        del self.parts[at]

    def _begin(self, one: SettledChapter, i: int) -> None:
        """Let a chapter begin at a unit."""
        evidence = Evidence(1.0, (Firing("corrections.chapter", one.words),))
        part = self._opened_at(i)
        if part is not None and part.touched and i != part.start:
            part = self._divide(part, i, evidence)
        elif part is not None:
            self._shift(part, i)
        elif i <= self.parts[0].body and not self._begins_late(i):
            part = self.parts[0]
            if i != part.body and not self._headed(part.start, i):
                self.front = part.start = i
        else:
            part = self._split(i, evidence)
        if part.join is not None and part.join.evidence.firings[:1] != evidence.firings:
            firings = (*evidence.firings, *part.join.evidence.firings)
            part.join = replace(part.join, evidence=Evidence(1.0, firings))
        part.title = one.title or part.title
        section = any(line.index == i and line.level == 2 for line in self.headings)
        if section or (one.heading and self.units[i].rule is None):
            self._head(i)
        part.touched = True

    def _begins_late(self, i: int) -> bool:
        """Whether more stands above a place than front matter and notes are likely to have: a chapter."""
        above = range(self.parts[0].start, i)
        return sum(len(self.units[n].text.split()) for n in above) > HEAD_WORDS

    def _headed(self, start: int, end: int) -> bool:
        """Whether a heading or jump line stands among some units."""
        return any(i in self.heads or i in self.jumps for i in range(start, end))

    def _shift(self, part: _Part, i: int) -> None:
        """Let a chapter begin at another paragraph of its join; at its story, notes stay where they are."""
        if i == part.body or self._headed(min(i, part.start), i):
            return
        above = self.parts[self.parts.index(part) - 1]
        above.end = part.start = i
        for n in range(above.back, i):
            if n in self.kinds and n not in self.said:
                self.kinds[n] = NoteKind.AFTER
        for n in range(i, part.body):
            if self.kinds.get(n) is NoteKind.AFTER and n not in self.said:
                self.kinds[n] = NoteKind.BEFORE

    def _divide(self, part: _Part, i: int, evidence: Evidence) -> _Part:
        """Let a second chapter begin at a join where the reader has begun one: the upper is notes alone."""
        first, second = sorted((part.start, i))
        above = self.parts[self.parts.index(part) - 1]
        join = Join(Gap(i - 1, i), evidence)
        new = _Part(i, i, i, i, join, touched=True)
        upper, lower = (part, new) if i > part.start else (new, part)
        lower.start, lower.body, lower.back, lower.end = second, max(second, part.body), part.back, part.end
        upper.start, upper.body, upper.back, upper.end = first, second, second, second
        above.end, above.back = first, min(above.back, first)
        for n in range(first, second):
            if self.units[n].rule is None and n not in self.said and n not in self.heads:
                self.kinds[n] = NoteKind.BEFORE
        self.parts.insert(self.parts.index(part) + (upper is part), new)
        return new

    def _split(self, i: int, evidence: Evidence) -> _Part:
        """Cut a chapter in two; notes within it that stand at the cut are the new join's."""
        above = next(part for part in self.parts if part.start <= i < part.end)
        join = Join(Gap(i - 1, i), evidence)
        part = _Part(i, i, max(i, above.back), above.end, join, touched=True)
        for side in (range(above.start, i), range(i, part.end)):
            if not any(map(self.story, side)):  # a chapter has a story: what was taken for notes is one
                for n in self.kinds.keys() & set(side) - self.said:
                    del self.kinds[n]
                above.touched = True
        for n in self._notes_on(range(i - 1, above.body, -1)):
            self.kinds[n] = NoteKind.AFTER
        for n in self._notes_on(range(i, part.end)):
            self.kinds[n] = NoteKind.BEFORE
        above.back, above.end = min(above.back, i), i
        self.parts.insert(self.parts.index(above) + 1, part)
        return part

    def _notes_on(self, way: range) -> Iterator[int]:
        """The notes that are met on a way before any prose, but for those that the reader has named."""
        for n in way:
            if self.units[n].rule is None:
                if n not in self.kinds or n in self.said:
                    return
                yield n

    def _head(self, i: int) -> None:
        """Make a paragraph the heading of a chapter."""
        old = next((line for line in self.headings if line.index == i), None)
        if old is not None and old.level == 1:
            return
        text = self.units[i].text
        line = HeadingLine(index=i, rule="corrections.heading", label=None, title=text, number=None)
        if old is not None:
            self._unhead(old)
            line = replace(old, level=1)
        self.headings.append(line)
        self.kinds.pop(i, None)
        self.evidence.pop(i, None)
        for n in (line.index, line.last):
            if n is not None:
                self.heads[n] = line
                self.jumps.pop(n, None)
                self.titles.discard(n)

    # The edges of the chapters

    def settle_edges(self) -> None:
        """Find again where stories begin and end, at every join that the reader has touched."""
        for above, part in pairwise(self.parts):
            if part.touched or self._said_near(above, part):
                self._cut(above, part)
        first, last = self.parts[0], self.parts[-1]
        below = self._down(first.start, first.end)
        if first.touched or any(i in self.said for i in range(first.start, max(first.body, below) + 1)):
            first.body = below if below < first.end else first.body
        above_it = self._up(last.end, last.start, closings=True)
        if last.touched or any(i in self.said for i in range(min(last.back, above_it), last.end)):
            last.back = above_it
        for part in self.parts:
            part.body = min(max(part.body, part.start), part.end)
            part.back = min(max(part.back, part.body), part.end)
        self._unhead_strays()

    def _unhead_strays(self) -> None:
        """A heading that heads no chapter any more is a paragraph; a head shows one of a kind."""
        kept: set[int] = set()
        for part in self.parts:
            lines = [self.heads[i] for i in range(part.start, part.body) if i in self.heads]
            for level in (0, 1):
                kept |= {id(line) for line in [line for line in lines if line.level == level][:1]}
        for line in [line for line in self.headings if line.level < 2 and id(line) not in kept]:
            self._unhead(line)

    def _said_near(self, above: _Part, part: _Part) -> bool:
        low = min(above.back, self._up(part.start, above.start))
        high = max(part.body, self._down(part.start, part.end))
        return any(i in self.said for i in range(max(0, low - 1), min(high + 1, len(self.units))))

    def _up(self, i: int, least: int, *, closings: bool = False) -> int:
        """The end of the story above a place."""
        while i > least and (not self.story(i - 1) or (closings and i - 1 in self.closings)):
            i -= 1
        return i

    def _down(self, i: int, most: int) -> int:
        """The beginning of the story below a place."""
        while i < most and not self.story(i):
            i += 1
        return i

    def _cut(self, above: _Part, part: _Part) -> None:
        """Cut between two chapters so that the reader's notes stand on their sides; no heading is passed."""
        cut = part.start
        head = next((i for i in range(cut, max(part.body, cut)) if i in self.heads or i in self.jumps), None)
        if head is not None:
            cut = max([cut, *(i + 1 for i in range(cut, head) if self.story(i))])
        low, high = self._up(cut, above.start), self._down(cut, part.end)
        if low == above.start or high == part.end:
            low, high = (
                max(low, above.back),
                min(high, part.body),
            )  # a chapter without a story keeps its notes
        opening = [i for i in range(low, cut) if i in self.said and self.kinds.get(i) in OPENING]
        closing = [i for i in range(cut, high) if i in self.said and self.kinds.get(i) is NoteKind.AFTER]
        if opening:
            cut = opening[0]
        elif closing and not self._headed(cut, closing[-1]):
            cut = closing[-1] + 1
        for i in range(low, cut):
            if self.kinds.get(i) in OPENING and i not in self.said:
                self.kinds[i] = NoteKind.AFTER
        for i in range(cut, high):
            if self.kinds.get(i) is NoteKind.AFTER and i not in self.said:
                self.kinds[i] = NoteKind.BEFORE
        above.end = part.start = cut
        above.back, part.body = min(low, cut), max(high, cut)


def _opens(i: int, above: _Part, part: _Part) -> bool:
    """Whether a unit stands between the story of the chapter above and that of this one."""
    return above.back <= i <= part.body and i < part.end
