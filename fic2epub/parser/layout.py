"""Step 4e of the route, its end: which unit belongs to which chapter, and as what.

``lay_out`` turns the chosen joins into one role for every unit: story, note (with its side), heading,
jump line, separator, closing line. No unit is moved: chapters are stretches of the dump.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fic2epub.model import Evidence, NoteKind
from fic2epub.parser.boundaries import Join
from fic2epub.parser.marks import Marks
from fic2epub.parser.sides import split_run
from fic2epub.parser.signals import Reading
from fic2epub.parser.units import Unit

__all__ = ["Layout", "Stretch", "lay_out"]

HEAD_NOTE = 0.0
"""Log-odds, neighbours considered, from which a paragraph at the head of the work is a note."""
TAIL_NOTE = 0.0
WITHIN_NOTE = 3.0
"""Within a chapter a note must be labelled and this sure: letters and notices in a story look alike."""
HEAD_REACH = 8
"""Paragraphs above the first heading that may be front matter."""
HEAD_WORDS = 300


@dataclass(frozen=True, slots=True)
class Stretch:
    """One chapter's units: from ``start``, with its story from ``body`` to before ``back``, to before ``end``."""

    start: int
    body: int
    back: int
    end: int
    join: Join | None
    """None for the first chapter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Every unit's place."""

    stretches: tuple[Stretch, ...]
    kinds: dict[int, NoteKind]
    """Notes, those within chapters too."""
    front: int
    """Units before this one are the work's front matter, above the first heading."""
    evidence: dict[int, Evidence] = field(default_factory=dict)


def lay_out(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    joins: Sequence[Join],
    notes: Sequence[float],
    sides: Sequence[float],
    summaries: Sequence[float],
) -> Layout:
    """Give every unit its place.

    Args:
        units: of the work.
        readings: of the units.
        marks: of the work.
        joins: chosen, in order.
        notes: log-odds that a unit is a note, neighbours considered.
        sides: log-odds that a note stands after a chapter rather than before.
        summaries: log-odds that a note is a chapter summary.
    """
    n = len(units)
    kinds: dict[int, NoteKind] = {}
    front, first_body = _head(units, marks, joins, notes)
    head_run = [i for i in range(front, first_body) if marks.kind(i) in (None, "dateline") and units[i].rule is None]
    kinds |= split_run(
        head_run, units, readings, marks, left=front - 1, right=first_body, scores=sides, summaries=summaries, owed=None, habit=0.0, first=True
    )
    for i in range(front):
        if units[i].rule is None and marks.kind(i) in (None, "dateline") and notes[i] > HEAD_NOTE:
            kinds[i] = NoteKind.BEFORE
    tail = _tail(units, marks, notes, joins[-1].gap.right if joins else first_body)
    stretches: list[Stretch] = []
    owes = any(i in marks.jumps for i in range(first_body))
    jumping = bool(marks.jumps)
    start, body, join = front, first_body, None
    habit = _habit(joins, sides)
    for following in [*joins, None]:
        if following is None:
            back, end = tail, n
            run = [i for i in range(back, n) if units[i].rule is None and i not in marks.closings]
            kinds |= {i: NoteKind.AFTER for i in run}
        else:
            gap = following.gap
            back = gap.left + 1
            found = split_run(
                gap.notes,
                units,
                readings,
                marks,
                left=gap.left,
                right=gap.right,
                scores=sides,
                summaries=summaries,
                owed=owes if jumping else None,
                habit=habit,
            )
            kinds |= found
            end = _start_below(gap.left, gap.right, found, marks)
            owes = any(i in marks.jumps for i in range(end, gap.right))
        stretches.append(Stretch(start, body, max(body, back), end, join))
        if following is not None:
            start, body, join = end, following.gap.right, following
    _within(units, readings, marks, stretches, notes, kinds)
    return Layout(tuple(stretches), kinds, front)


def _habit(joins: Sequence[Join], sides: Sequence[float]) -> float:
    """Where the work's notes stand as a rule: the mean of what they say, drawn towards nothing."""
    said = [max(-3.0, min(3.0, sides[i])) for join in joins for i in join.gap.notes]
    return 0.6 * sum(said) / (len(said) + 4) if said else 0.0


def _start_below(left: int, right: int, kinds: dict[int, NoteKind], marks: Marks) -> int:
    """The first unit of the chapter below a join."""
    for i in range(left + 1, right):
        if i in marks.headings or i in marks.jumps or kinds.get(i) in (NoteKind.BEFORE, NoteKind.SUMMARY):
            return i
    return right


def _head(units: Sequence[Unit], marks: Marks, joins: Sequence[Join], notes: Sequence[float]) -> tuple[int, int]:
    """Where front matter ends and where the first chapter's story begins."""
    limit = min(joins[0].gap.left if joins else len(units) - 1, len(units) - 1)
    front, words = 0, 0
    for i in range(min(HEAD_REACH, limit + 1)):
        if i in marks.headings and marks.headings[i].level <= 1:
            front = i
            break
        words += len(units[i].text.split())
        if words > HEAD_WORDS:
            break
    body = front
    while body < limit:
        kind = marks.kind(body)
        if body in marks.titles or kind in ("jump", "heading") or (kind == "title" and body < 2):
            body += 1
        elif units[body].rule is not None:
            following = body + 1
            if following < limit and (body == front or body - 1 not in marks.headings):
                body += 1
            else:
                break
        elif units[body].rule is None and notes[body] > HEAD_NOTE and kind != "closing":
            body += 1
        else:
            break
    return front, body


def _tail(units: Sequence[Unit], marks: Marks, notes: Sequence[float], least: int) -> int:
    """Where the last chapter's story ends: below stand notes, closing lines and the rules around them."""
    at = len(units)
    while at - 1 > least and (
        units[at - 1].rule is not None or at - 1 in marks.closings or (notes[at - 1] > TAIL_NOTE and marks.kind(at - 1) is None)
    ):
        at -= 1
    return at


def _within(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    stretches: Sequence[Stretch],
    notes: Sequence[float],
    kinds: dict[int, NoteKind],
) -> None:
    """Find labelled notes inside chapters."""
    for stretch in stretches:
        for i in range(stretch.body, stretch.back):
            reading = readings[i]
            if reading is not None and reading.label and notes[i] > WITHIN_NOTE and marks.kind(i) is None and i not in kinds:
                kinds[i] = NoteKind.WITHIN
