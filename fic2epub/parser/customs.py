"""Step 4e of the route: what a work does at its joins, learned from those that are surest.

Authors are consistent within a work: one leaves two blank lines between chapters, another begins each
with a date. A first choice finds the joins that are marked well; what they have
in common, measured against how often it stands elsewhere in the work, then weighs the places that are
marked badly. Where few joins are sure nothing is learned.
"""

from collections.abc import Sequence
from math import log

from fic2epub.parser.edges import lacks_indent
from fic2epub.parser.gaps import Gap
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import Habits, Reading
from fic2epub.parser.units import Unit

__all__ = ["customs"]

PRIOR = 2.0
"""So many joins' worth of belief that a sign stands at joins as often as anywhere."""
FARTHEST = 3.0
"""Log-odds that one custom may add or take."""
LIKELY = 0.5
"""Joins below this probability teach nothing."""
FEWEST = 2.0
"""So many joins, weighed by their probability squared, must be there to learn from."""

TWICE = 2
"""Joins that must show a sign: what stands at one of them may be an accident."""


def customs(
    picked: Sequence[tuple[Gap, float]],
    gaps: Sequence[Gap],
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    marks: Marks,
) -> list[float]:
    """What the work's own customs add to the log-odds of each gap; empty where nothing can be learned.

    Only how chapters are set off is learned: blank lines, spacers, a missing indent, a date line. That
    joins have notes is not: half of an author's chapters may have none, and a place without any
    would always lose to one in the story that looks like a note (tried: ten bare joins lost, four found).

    Args:
        picked: the gaps of a first choice, each with its probability.
        gaps: of the work.
        units: of the work.
        readings: of the units.
        habits: of the work.
        marks: of the work.
    """
    sure = [(gap, share * share) for gap, share in picked if share > LIKELY]
    total = sum([weight for _, weight in sure])
    if total < FEWEST:
        return []
    added: list[float] = []
    for shown, anywhere in _signs(units, readings, habits, marks):
        if not any(shown):
            continue

        def has(gap: Gap, shown: Sequence[bool] = shown, anywhere: bool = anywhere) -> bool:
            return any(shown[gap.left + 1 : gap.right + 1]) if anywhere else shown[gap.right]

        if sum([has(gap) for gap, _ in sure]) < TWICE:
            continue
        base = min(0.9, max(sum(shown), 0.5) / len(units))
        share = (sum([weight for gap, weight in sure if has(gap)]) + PRIOR * base) / (total + PRIOR)
        more = max(-FARTHEST, min(FARTHEST, log(share / base)))
        less = max(-FARTHEST, min(FARTHEST, log((1 - share) / (1 - base))))
        if more or less:
            added = added or [0.0] * len(gaps)
            added = [so_far + (more if has(gap) else less) for so_far, gap in zip(added, gaps, strict=True)]
    return added


def _signs(
    units: Sequence[Unit], readings: Sequence[Reading | None], habits: Habits, marks: Marks
) -> list[tuple[list[bool], bool]]:
    """For each sign, which units show it, and whether it counts anywhere between two chapters.

    If not, it counts at the first paragraph of the lower one alone: notes have no indent anyway.
    """
    kinds = marks.kinds()
    bare = [
        reading is not None and lacks_indent(unit, reading, habits)
        for unit, reading in zip(units, readings, strict=True)
    ]
    return [
        ([unit.blanks > habits.blanks for unit in units], True),
        ([unit.spacers > 0 for unit in units], True),
        (bare, False),
        ([kinds.get(i) == "dateline" for i in range(len(units))], False),
    ]
