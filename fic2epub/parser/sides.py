"""Step 4c of the route, its second half: to which chapter the notes at a join belong, and which is a summary.

The order at a join is end notes, heading, summary, beginning notes (AO3's template). In order:

[certain] side.heading    above the heading: end note; below it: summary or beginning note
[certain] side.jump       under a jump line without "more" stands no note, and above it no beginning note
[certain] side.owed       a chapter with a jump line at its head has an end note at its foot
[likely]  side.separator  a rule between the prose and a note: an end note; a rule below it: a beginning note
[certain] side.label      "Chapter End Notes" and "Notes at the beginning" say it, up to the next label
[guess]   side.words      thanks, requests and news of the next chapter close one; greetings, apologies and
                          warnings open one
[guess]   side.habit      where the work's other notes stand

A run is cut in two at one place at most: a note is never cut by a weaker sign than a new label.
"""

from collections.abc import Sequence
from operator import mul

from fic2epub.model import NoteKind
from fic2epub.parser.cuts import SUMMARY_ALONE, Known, cut_signals

__all__ = ["bounds", "split_run"]

SUMMARY_WITH = -1.2
"""Log-odds from which the first note below a join is a summary, if another note follows it."""


def split_run(
    run: Sequence[int],
    known: Known,
    *,
    left: int,
    right: int,
    owed: bool | None,
    habit: float,
    first: bool = False,
) -> dict[int, NoteKind]:
    """Give each note of a join its kind.

    Args:
        run: indices of the notes, in order.
        known: of the work.
        left: the last prose unit above the join.
        right: the first prose unit below.
        owed: whether the chapter above must have an end note (True), must have none (False), or is
            free (None: the work has no jump lines).
        habit: log-odds that a note of this work stands after its chapter.
        first: whether this is the head of the work: all stand before.
    """
    if not run:
        return {}
    cut = 0 if first else _cut(run, known, range(left + 1, right), owed=owed, habit=habit)
    kinds = dict.fromkeys(run[:cut], NoteKind.AFTER)
    rest = list(run[cut:])
    for place, index in enumerate(rest):
        kinds[index] = NoteKind.BEFORE
        if place == 0 and known.summary(index) > (SUMMARY_WITH if len(rest) > 1 else SUMMARY_ALONE):
            kinds[index] = NoteKind.SUMMARY
    return kinds


def _cut(run: Sequence[int], known: Known, between: range, *, owed: bool | None, habit: float) -> int:
    """How many of the run's notes belong to the chapter above."""
    heads = [i for i in between if i in known.marks.headings]
    if heads:
        return sum(index < heads[0] for index in run)
    low, high = bounds(run, known, between, owed)
    weights = known.weights.cut
    return max(
        range(low, high + 1),
        key=lambda cut: (sum(map(mul, weights, cut_signals(cut, run, known, between, habit))), -cut),
    )


def bounds(run: Sequence[int], known: Known, between: range, owed: bool | None) -> tuple[int, int]:
    """The fewest and the most notes that the exact marks allow above the cut."""
    low, high = 0, len(run)
    jumps = [i for i in between if i in known.marks.jumps]
    if jumps and known.marks.jumps[jumps[-1]]:
        high -= 1
    elif jumps:
        # Without "more" the note above the jump line is no start note; it may be a summary.
        low = sum(index < jumps[-1] for index in run)
        low -= bool(low) and known.summary(run[low - 1]) > SUMMARY_ALONE
    for place, index in enumerate(run):
        side = known.label_side(index)
        if side == "after":
            low = max(low, place + 1)
        elif side == "before" and high > place >= low:
            high = place
    if owed is True:
        low = max(low, 1)
    elif owed is False:
        high = 0
    return min(low, high), high
