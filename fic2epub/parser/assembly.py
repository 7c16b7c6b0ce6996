"""The last step of the parser: units with their places become chapters, and each a line of the ledger."""

from collections.abc import Sequence
from dataclasses import field, replace
from math import exp

from fic2epub.model import (
    Block,
    Chapter,
    Draft,
    DropReason,
    Evidence,
    Fate,
    Firing,
    Heading,
    LedgerEntry,
    LineBreak,
    Note,
    NoteKind,
    Paragraph,
    ParagraphKind,
    Provenance,
    SceneBreak,
    Span,
    Text,
    Work,
)
from fic2epub.parser.boundaries import Outcome
from fic2epub.parser.decode import repaired
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.layout import Layout, Stretch
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import NOTE_SIGNALS, Reading
from fic2epub.parser.units import SPACE, Body, Unit
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

__all__ = ["Story", "assemble"]

VERSE_WIDTH = 60
"""Characters; shorter lines that follow each other without a blank one are verse or a letter's head."""


@dataclass(frozen=True, slots=True)
class Story:
    """A work and where each of its pieces stood."""

    work: Work
    pieces: tuple[LedgerEntry, ...]


def assemble(
    draft: Draft,
    body: Body,
    headings: Sequence[HeadingLine],
    marks: Marks,
    layout: Layout,
    readings: Sequence[Reading | None],
    scores: Sequence[float],
    outcome: Outcome,
    weights: Weights,
) -> Story:
    """Make the work; every unit of the body stands in it once, or in the ledger as dropped."""
    maker = _Maker(
        units=body.units,
        marks=marks,
        layout=layout,
        readings=readings,
        scores=scores,
        weights=weights,
        sections={line.index: line for line in headings if line.level == 2},
        verse=body.form == "form.block",
    )
    summary = tuple(
        Paragraph((Text(repaired(draft.source, span).strip(SPACE)),), span) for span in draft.summary
    )
    numbers = _numbers(layout.stretches, marks, outcome)
    work = Work(
        metadata=draft.metadata,
        provenance=Provenance(draft.source.sha256 or None, draft.origin.modified),
        summary=summary,
        front=tuple(block for block in maker.blocks(0, layout.front) if not isinstance(block, Heading)),
        chapters=tuple(
            maker.chapter(stretch, number) for stretch, number in zip(layout.stretches, numbers, strict=True)
        ),
    )
    pieces = (
        *(LedgerEntry(span, Fate.TEXT) for span in draft.summary),
        *map(maker.piece, range(len(body.units))),
    )
    return Story(work, pieces)


def _numbers(stretches: Sequence[Stretch], marks: Marks, outcome: Outcome) -> list[int | None]:
    """Each chapter's number, where it may be claimed.

    Numbered headings say it, and count on through a chapter that lost its own. Without any, all are
    numbered if the declared count is reached; else those up to the first that nothing bears out.
    """
    headings = [
        next(
            (
                marks.headings[i]
                for i in range(s.start, s.body)
                if i in marks.headings and marks.headings[i].level == 1
            ),
            None,
        )
        for s in stretches
    ]
    numbered = any(heading is not None and heading.number is not None for heading in headings)
    numbers: list[int | None] = []
    sure = True
    for position, (stretch, heading) in enumerate(zip(stretches, headings, strict=True), 1):
        if stretch.join is not None and stretch.join.evidence.inferred:
            sure = False
        if heading is not None:
            numbers.append(heading.number)
        elif numbered:
            above = numbers[-1] if numbers else 0
            following = next(
                (h.number for h in headings[position:] if h is not None and h.number is not None), None
            )
            fits = above is not None and (following is None or above + 1 < following)
            numbers.append(above + 1 if above is not None and fits else None)
        else:
            numbers.append(position if outcome.reached or sure else None)
    return numbers


@dataclass(slots=True)
class _Maker:
    """Makes blocks of units."""

    units: Sequence[Unit]
    marks: Marks
    layout: Layout
    readings: Sequence[Reading | None]
    scores: Sequence[float]
    weights: Weights
    sections: dict[int, HeadingLine]
    verse: bool
    own: set[int] = field(default_factory=set)
    """Units of the part and chapter heading of the chapter at hand."""

    def chapter(self, stretch: Stretch, number: int | None) -> Chapter:
        """One chapter."""
        parts, heading = self._own_headings(stretch)
        own = [*parts, *([heading] if heading is not None else [])]
        self.own = {i for i, line in self.marks.headings.items() if any(line is mine for mine in own)}
        shown = [self.units[i] for i in range(stretch.start, stretch.end) if i not in self.marks.titles]
        evidence = stretch.join.evidence if stretch.join is not None else Evidence(1.0)
        return Chapter(
            number=number,
            part=self.heading(*parts) if parts else None,
            heading=self.heading(heading) if heading is not None else None,
            front=self.blocks(stretch.start, stretch.body, story=False),
            body=self.blocks(stretch.body, stretch.back),
            back=self.blocks(stretch.back, stretch.end, story=False),
            title=stretch.title,
            boundary=evidence,
            span=Span(shown[0].span.start, shown[-1].span.end) if shown else self.units[stretch.start].span,
        )

    def _own_headings(self, stretch: Stretch) -> tuple[list[HeadingLine], HeadingLine | None]:
        """The part headings and the heading that a chapter opens with, nothing else between or above them.

        Any other heading keeps its place among the paragraphs: no word is moved for the sake of form.
        """
        parts: list[HeadingLine] = []
        for i in range(stretch.start, stretch.body):
            line = self.marks.headings.get(i)
            if line is None:
                if self._dropped(i):
                    continue
                break
            if line.level == 1:
                return parts, line
            if line not in parts:
                parts.append(line)
        return parts, None

    def _dropped(self, i: int) -> bool:
        return i in self.marks.jumps or i in self.marks.titles

    def piece(self, i: int) -> LedgerEntry:
        """A unit's line in the ledger."""
        unit = self.units[i]
        if i in self.marks.jumps:
            return LedgerEntry(unit.span, Fate.DROPPED, DropReason.JUMP_LINE.value)
        if i in self.marks.titles:
            return LedgerEntry(unit.span, Fate.DROPPED, DropReason.TITLE_REPEATED.value)
        if unit.rule is not None:
            return LedgerEntry(unit.span, Fate.MARKER, unit.text)
        return LedgerEntry(unit.span, Fate.TEXT)

    def heading(self, *lines: HeadingLine, level: int | None = None) -> Heading:
        """A heading block; of a title under its label, or of parts that follow each other, every line."""
        units = [self.units[i] for line in lines for i in (line.index, line.last) if i is not None]
        content: list[Text | LineBreak] = []
        for unit in units:
            content += [*([LineBreak()] if content else []), Text(unit.text)]
        first = lines[0]
        return Heading(
            content=tuple(content),
            span=Span(units[0].span.start, units[-1].span.end),
            label=first.label,
            title=first.title,
            number=first.number,
            level=first.level if level is None else level,
        )

    def blocks(self, start: int, end: int, *, story: bool = True) -> tuple[Block, ...]:
        """The blocks of some units, in their order; headings of chapters and parts are the chapter's own.

        Outside the story (``story`` False) a scene break is a separator.
        """
        made: list[Block] = []
        i = start
        while i < end:
            if self._dropped(i) or i in self.own:
                i += 1
                continue
            if i in self.marks.headings:
                # A heading at which no chapter was made, whatever the reason: its words stay where they are.
                line = _within(self.marks.headings[i], i, end)
                made.append(self.heading(line, level=2))
                i = (line.last if line.last is not None else line.index) + 1
                continue
            kind = self.layout.kinds.get(i)
            if kind is not None:
                stop = self._note_end(i, end, kind)
                made.append(self._note(i, stop, kind))
                i = stop
                continue
            unit = self.units[i]
            if unit.rule is not None:
                made.append(SceneBreak(unit.text, unit.span, separator=not story))
            elif i in self.sections:
                line = _within(self.sections[i], i, end)
                made.append(self.heading(line))
                i = (line.last if line.last is not None else line.index) + 1
                continue
            else:
                stop = self._verse_end(i, end)
                made.append(self._paragraph(i, stop))
                i = stop
                continue
            i += 1
        return tuple(made)

    def _note_end(self, start: int, end: int, kind: NoteKind) -> int:
        """The end of a run of units of one kind; rules between its paragraphs belong to it."""
        stop = last = start + 1
        while stop < end:
            if self.layout.kinds.get(stop) is kind:
                last = stop + 1
            elif self.units[stop].rule is None or self._dropped(stop):
                break
            stop += 1
        return last

    def _note(self, start: int, end: int, kind: NoteKind) -> Note:
        """A note with its evidence."""
        units = self.units[start:end]
        blocks = tuple(
            SceneBreak(unit.text, unit.span, separator=True)
            if unit.rule is not None
            else Paragraph((Text(unit.text),), unit.span)
            for unit in units
        )
        named = [self.layout.evidence[i] for i in range(start, end) if i in self.layout.evidence]
        evidence = (
            named[0]
            if named
            else self._note_evidence([i for i in range(start, end) if self.units[i].rule is None])
        )
        return Note(kind, blocks, Span(units[0].span.start, units[-1].span.end), evidence)

    def _note_evidence(self, indices: Sequence[int]) -> Evidence:
        """How sure it is that some units are a note: the mean of their log-odds, with the strongest signs."""
        mean = sum(max(-5.0, min(5.0, self.scores[i])) for i in indices) / len(indices)
        # At a join a note is expected: what stands in a chosen run is likelier one than its words say.
        value = self.weights.numbers["note_bias"] + self.weights.numbers["note_slope"] * mean
        firings: list[Firing] = []
        for i in indices:
            reading = self.readings[i]
            if reading is None:
                continue
            parts = sorted(
                (
                    (a * b, name)
                    for a, b, name in zip(self.weights.note, reading.note, NOTE_SIGNALS, strict=True)
                    if name != "bias"
                ),
                reverse=True,
            )
            words = ", ".join(reading.found[:4]) or None
            firings += [
                Firing(f"note.{name}", words, round(part, 2)) for part, name in parts[:3] if part > 0.3
            ]
        best: dict[str, Firing] = {}
        for firing in sorted(firings, key=lambda firing: -firing.weight):
            best.setdefault(firing.rule, firing)
        return Evidence(round(1 / (1 + exp(-value)), 3), tuple(best.values())[:5])

    def _paragraph(self, start: int, end: int) -> Paragraph:
        """A paragraph of one unit, or of several short lines with their breaks kept."""
        units = self.units[start:end]
        if len(units) > 1:
            content: list[Text | LineBreak] = []
            for unit in units:
                content += [*([LineBreak()] if content else []), Text(unit.text)]
            return Paragraph(tuple(content), Span(units[0].span.start, units[-1].span.end))
        kind = ParagraphKind.PROSE
        if start in self.marks.closings:
            kind = ParagraphKind.CLOSING
        elif start in self.marks.datelines:
            kind = ParagraphKind.DATELINE
        return Paragraph((Text(units[0].text),), units[0].span, kind)

    def _verse_end(self, start: int, end: int) -> int:
        """The end of the short lines that stand together with this one; ``start + 1`` if it stands alone."""
        if not self.verse or not self._short(start) or start in self.marks.closings:
            return start + 1
        stop = start + 1
        while (
            stop < end
            and self._short(stop)
            and self.units[stop].blanks == 0
            and not self.units[stop].glued
            and stop not in self.layout.kinds
        ):
            stop += 1
        return stop

    def _short(self, i: int) -> bool:
        unit = self.units[i]
        return (
            unit.rule is None
            and len(unit.text) <= VERSE_WIDTH
            and i not in self.sections
            and i not in self.marks.headings
            and not self._dropped(i)
        )


def _within(line: HeadingLine, start: int, end: int) -> HeadingLine:
    """A heading with those of its lines alone that stand between two units: no line twice."""
    if line.last is None or (line.index >= start and line.last < end):
        return line
    return replace(line, index=max(line.index, start), last=None)
