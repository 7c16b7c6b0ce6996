"""Step 4f of the route: the reader's own corrections, as values, and what they come to in one dump.

They are read from ``NAME.fic.toml`` (``correction_file``), looked up by their pins (``pins``) and then
have the last word: over the header and the repairs before anything is recovered, over scene breaks before
anything is read from them, and over chapters and notes once they are recovered (``corrected``).

What fits no paragraph any more is told as a finding (``corrections.unmatched``), never dropped in silence.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from enum import Enum
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.model import Draft, Finding, Level, NoteKind, Repair, SourceText, Span
from fic2epub.parser.breaks import LONGEST
from fic2epub.parser.decode import repaired
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.pins import Board, How, Pin, Place
from fic2epub.parser.units import Body, Unit
from fic2epub.values import dataclass

__all__ = [
    "Action",
    "BreakCorrection",
    "ChapterCorrection",
    "Corrections",
    "NoteCorrection",
    "RepairCorrection",
    "Settled",
    "SettledChapter",
    "SettledNote",
    "can_undo",
    "correct_header",
    "line_board",
    "settle",
    "undo_repairs",
    "unit_at",
    "unit_board",
    "with_breaks",
]

UNFIT = frozenset({"Cc", "Cs", "Cn"})
"""Categories of characters that no book is given: controls, surrogates, noncharacters."""


class Action(Enum):
    """What a correction does to a chapter's beginning."""

    ADD = "add"
    """A chapter begins here; where one does already, that is sure now."""
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterCorrection:
    """A chapter begins at a paragraph, or none does. A move is one of each."""

    at: Pin
    action: Action
    title: str | None = None
    heading: bool = False
    """Whether the paragraph itself is the chapter's heading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCorrection:
    """A paragraph, or a run of them, is a note of some kind, or prose."""

    at: Pin
    until: Pin | None = None
    """The last paragraph; None for one."""
    kind: NoteKind | None
    """None for prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakCorrection:
    """A line is a scene break, or is prose."""

    at: Pin
    is_break: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairCorrection:
    """A line's repairs are undone: all, or those of one spelling."""

    at: Pin
    """Of a line of the dump, as it is with its repairs."""
    before: str | None = None
    """As the dump has it; None for all of the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """All that a reader said about one work. A later correction of the same paragraph replaces an earlier."""

    file: str | None = None
    """The file's name, for messages."""
    title: str | None = None
    """The work's, for people."""
    work_id: str | None = None
    header: tuple[tuple[str, Any], ...] = ()
    """Names of fields of Metadata, and their values."""
    chapters: tuple[ChapterCorrection, ...] = ()
    notes: tuple[NoteCorrection, ...] = ()
    breaks: tuple[BreakCorrection, ...] = ()
    repairs: tuple[RepairCorrection, ...] = ()
    findings: tuple[Finding, ...] = ()
    """About the file itself."""


@dataclass(frozen=True, slots=True)
class SettledChapter:
    """A correction of a chapter's beginning, with its paragraph found."""

    offset: int
    action: Action
    title: str | None
    heading: bool
    words: str


@dataclass(frozen=True, slots=True)
class SettledNote:
    """A correction of a note, with its paragraphs found."""

    start: int
    """Offset of the first paragraph's first character."""
    end: int
    """The same of the last paragraph."""
    kind: NoteKind | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Corrections by offsets in the dump's text, which no repair and no scene break changes."""

    chapters: tuple[SettledChapter, ...] = ()
    notes: tuple[SettledNote, ...] = ()
    breaks: tuple[tuple[int, bool], ...] = ()
    only: bool = False
    """True if chapters begin at the added places and nowhere else."""
    findings: tuple[Finding, ...] = ()


def unit_board(units: Sequence[Unit]) -> Board:
    """The paragraphs and scene breaks of a work, to be pinned."""
    return Board([Place(unit.text, unit.span.start, unit.line, unit.end_line) for unit in units])


def settle(corrections: Corrections | None, body: Body, draft: Draft, options: ParseOptions) -> Settled:
    """Find the paragraphs of all corrections but the repairs', and of the lines that options name.

    Raises UsageError if a line of ``options.chapters_at`` lies outside the story.
    """
    corrections = corrections or Corrections()
    book = _Book(unit_board(body.units), corrections, list(corrections.findings))
    chapters = {one.offset: one for one in book.chapters()}
    by_hand = options.chapters_at
    if by_hand is not None:
        titles = {offset: one.title for offset, one in chapters.items()}
        chapters = {
            offset: SettledChapter(offset, Action.ADD, titles.get(offset), False, f"line {line + 1}")
            for line in by_hand
            for offset in [_offset_of(book.board, line, draft, body)]
        }
    return Settled(
        chapters=tuple(chapters[offset] for offset in sorted(chapters)),
        notes=tuple(book.notes()),
        breaks=tuple(book.breaks()),
        only=by_hand is not None,
        findings=tuple(book.findings),
    )


def _offset_of(board: Board, line: int, draft: Draft, body: Body) -> int:
    first, last = draft.source.line_of(draft.body.start), body.units[-1].end_line
    index = board.at_line(line) if line >= first else None
    if index is None:
        raise UsageError(
            f"{draft.origin.name}, line {line + 1}: no chapter can begin there; "
            f"the story stands in lines {body.units[0].line + 1} to {last}."
        )
    return board.places[index].start


@dataclass(slots=True)
class _Book:
    """The look-ups of one correction file in one dump."""

    board: Board
    corrections: Corrections
    findings: list[Finding] = field(default_factory=list)

    def chapters(self) -> Iterator[SettledChapter]:
        for one in self.corrections.chapters:
            index = self.look_up(one.at, "chapter")
            if index is not None:
                yield SettledChapter(
                    self.board.places[index].start, one.action, one.title, one.heading, one.at.words
                )

    def notes(self) -> Iterator[SettledNote]:
        for one in self.corrections.notes:
            first = self.look_up(one.at, "note")
            last = first if one.until is None else self.look_up(one.until, "note")
            if first is None or last is None:
                continue
            first, last = min(first, last), max(first, last)
            places = self.board.places
            yield SettledNote(places[first].start, places[last].start, one.kind, one.at.words)

    def breaks(self) -> Iterator[tuple[int, bool]]:
        for one in self.corrections.breaks:
            index = self.look_up(one.at, "break")
            if index is None:
                continue
            place = self.board.places[index]
            if one.is_break and len(place.text) > LONGEST:
                said = f"[[break]] “{one.at.words}” does nothing: the words of so long a line would be lost."
                self.tell("corrections.refused", said, place)
                continue
            yield place.start, one.is_break

    def look_up(self, pin: Pin, section: str) -> int | None:
        """The place of a pin; what is odd about it becomes a finding."""
        found = self.board.find(pin)
        what = f"[[{section}]] “{pin.words}”"
        match found.how:
            case How.EDITED if found.index is not None:
                place = self.board.places[found.index]
                said = f"{what} was edited in the dump since; it is taken for line {place.line + 1}."
                self.tell("corrections.edited", said, place, Level.INFO)
            case How.SEVERAL:
                lines = ", ".join(str(self.board.places[i].line + 1) for i in found.rivals[:6])
                said = f"{what} fits several paragraphs (lines {lines}), so it does nothing. "
                said += "Say which with fic2epub fix, by its line."
                self.tell("corrections.unmatched", said)
            case How.NONE:
                said = (
                    f"{what} fits no paragraph of this dump any more, so it does nothing. "
                    "Pin it again with fic2epub fix, or delete it."
                )
                self.tell("corrections.unmatched", said)
            case _:
                pass
        return found.index

    def tell(self, rule: str, said: str, place: Place | None = None, level: Level = Level.WARNING) -> None:
        span = Span(place.start, place.start + 1) if place is not None else None
        name = f"{self.corrections.file}: " if self.corrections.file else ""
        self.findings.append(Finding(rule, level, f"{name}{said}", span))


def can_undo(repair: Repair) -> bool:
    """Whether a book could hold what the dump has there: XML has no controls and no lone surrogates."""
    unfit = any(unicodedata.category(letter) in UNFIT or letter == "\ufeff" for letter in repair.before)
    return bool(repair.after) and not unfit


def undo_repairs(corrections: Corrections, draft: Draft) -> tuple[Draft, tuple[Finding, ...]]:
    """The draft without the repairs that the reader wants undone; metadata is not read again."""
    if not corrections.repairs or not draft.source.repairs:
        missing = _Book(Board(()), corrections)
        for one in corrections.repairs:
            missing.look_up(one.at, "repair")
        return draft, tuple(missing.findings)
    source = draft.source
    board = line_board(draft)
    book = _Book(board, corrections)
    undone: set[int] = set()
    for one in corrections.repairs:
        index = book.look_up(one.at, "repair")
        if index is None:
            continue
        place = board.places[index]
        found = [
            (number, repair)
            for number, repair in enumerate(source.repairs)
            if source.line_of(repair.span.start) == place.line and one.before in (None, repair.before)
        ]
        undone |= {number for number, repair in found if can_undo(repair)}
        if not any(can_undo(repair) for _, repair in found):
            why = "it has none" if not found else "no book can hold what stands there"
            book.tell("corrections.refused", f"[[repair]] “{one.at.words}” undoes no repair: {why}.", place)
    kept = tuple(repair for number, repair in enumerate(source.repairs) if number not in undone)
    return replace(draft, source=replace(source, repairs=kept)), tuple(book.findings)


def line_board(draft: Draft) -> Board:
    """The lines of a dump that show something, repaired: what repairs are pinned to."""
    return Board(list(_lines(draft.source)))


def _lines(source: SourceText) -> Iterator[Place]:
    starts = (*source.line_starts, len(source.text) + 1)
    for number in range(len(starts) - 1):
        text = repaired(source, Span(starts[number], max(starts[number], starts[number + 1] - 1))).strip()
        if text:
            yield Place(text, starts[number], number, number + 1)


def with_breaks(body: Body, settled: Settled, draft: Draft) -> Body:
    """The body with its scene breaks corrected."""
    units = list(body.units)
    for offset, is_break in settled.breaks:
        index = unit_at(units, offset)
        unit = units[index]
        if is_break and unit.rule is None:
            units[index] = replace(unit, rule="corrections.break")
        elif not is_break and unit.rule == "break.glued":
            _mend(units, index, draft)
        elif not is_break:
            units[index] = replace(unit, rule=None)
    return replace(body, units=tuple(units))


def unit_at(units: Sequence[Unit], offset: int) -> int:
    """The index of the unit at an offset, or of the next below it; the last one's below all."""
    index = max(0, bisect_right(units, offset, key=lambda unit: unit.span.start) - 1)
    past = offset >= units[index].span.end and index + 1 < len(units)
    return index + past


def _mend(units: list[Unit], index: int, draft: Draft) -> None:
    """Join a line again that was split at what is no scene break."""
    low, high = index, index + 1
    if low and units[low - 1].line == units[index].line and units[low - 1].rule is None:
        low -= 1
    if high < len(units) and units[high].line == units[index].line and units[high].rule is None:
        high += 1
    first, last = units[low], units[high - 1]
    span = Span(first.span.start, last.span.end)
    whole = replace(first, text=repaired(draft.source, span), span=span, rule=None, trail=last.trail)
    units[low:high] = [whole]


OVERRIDDEN = {
    "title": ("header.no-title",),
    "creators": ("header.no-author",),
    "language": ("header.language-unknown",),
    "chapters_written": ("header.chapters-unread", "header.chapters-damaged", "header.chapters-zero"),
}
"""Findings that no longer hold once a field is corrected."""


def correct_header(draft: Draft, corrections: Corrections, options: ParseOptions) -> Draft:
    """The draft with the reader's header; what the dump wrote stays in ``Metadata.header``.

    An option of this run goes before the file.
    """
    values: dict[str, Any] = dict(corrections.header)
    given = {"title": options.title, "creators": options.author, "language": options.language}
    for name, option in given.items():
        if option:
            values.pop(name, None)
    if options.language:
        values.pop("language_name", None)
    moot = {rule for name in values for rule in OVERRIDDEN.get(name, ())}
    metadata = replace(draft.metadata, **values)
    findings = tuple(finding for finding in draft.findings if finding.rule not in moot)
    return replace(draft, metadata=metadata, findings=findings)
