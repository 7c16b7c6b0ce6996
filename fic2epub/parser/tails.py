"""Step 4e of the route: where the last chapter's story ends, and the notes below it begin.

[likely]  tail.run      notes at the foot of the work, up to the story
[guess]   tail.carried  one or two paragraphs like prose below some of them are carried along
[certain] tail.owed     a chapter with a jump line at its head has an end note at its foot, the last one too

It must not touch the story's last lines below one paragraph that looks like a note: a letter in the story.
"""

from collections.abc import Sequence

from fic2epub.parser.marks import Marks
from fic2epub.parser.units import Unit

__all__ = ["tail_of"]

TAIL_NOTE = 0.5
"""Log-odds, neighbours considered, from which a paragraph at the foot of a work is a note: it needs no
heading below it to be told from the story."""
CARRIED = 8.0
"""What the notes of a run say together, less what speaks against the paragraphs below them, from which it
carries those along."""
CARRIED_OWED = 4.0
"""The same where an end note is promised."""
FEWEST = 2
"""Notes of such a run: a letter or a message stands alone."""
LIMIT = 6.0
"""No paragraph says more than this."""


def tail_of(units: Sequence[Unit], marks: Marks, notes: Sequence[float], *, above: int, least: int) -> int:
    """The first unit below the story of the last chapter: notes, closing lines and the rules around them.

    Args:
        units: of the work.
        marks: of the work.
        notes: log-odds that a unit is a note, neighbours considered.
        above: the last unit above the head of the last chapter; -1 if it is the only one.
        least: the first unit of its story.
    """
    owed = any(i in marks.jumps and i not in marks.pointers for i in range(above + 1, least))
    at = _run(units, marks, notes, len(units), least)
    while (higher := _carried(units, marks, notes, at, least, owed=owed)) < at:
        at = higher
    nothing = not any(units[i].rule is None and i not in marks.closings for i in range(at, len(units)))
    return at - 1 if owed and nothing and at - 1 > least and marks.kind(at - 1) is None else at


def _run(units: Sequence[Unit], marks: Marks, notes: Sequence[float], end: int, least: int) -> int:
    """Where a run of notes, closing lines and rules begins that ends above a unit."""
    at = end
    while at - 1 > least and (
        units[at - 1].rule is not None
        or at - 1 in marks.closings
        or (notes[at - 1] > TAIL_NOTE and marks.kind(at - 1) is None)
    ):
        at -= 1
    return at


def _carried(
    units: Sequence[Unit], marks: Marks, notes: Sequence[float], end: int, least: int, *, owed: bool
) -> int:
    """Where a run begins that carries the paragraph above a unit along, or two of them; else the unit."""
    for low in (end - 1, end - 2):
        if low <= least or units[low].rule is not None or marks.kind(low) is not None:
            break
        at = _run(units, marks, notes, low, least)
        run = [min(LIMIT, notes[i]) for i in range(at, low) if units[i].rule is None]
        against = sum(notes[i] for i in range(low, end))
        if len(run) >= FEWEST and sum(run) + against >= (CARRIED_OWED if owed else CARRIED):
            return at
    return end
