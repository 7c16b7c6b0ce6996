"""Step 4e of the route: where a chapter begins is chosen; which paragraphs around it are notes?

A place has many readings: plain, with one paragraph as a note, with three. Which place is one question,
weighed against all others of the work; which reading is another, and here only the readings of one place
are weighed against each other. The first cannot answer the second: that a note makes a place
likelier says nothing of its last paragraph. A work whose other joins have no notes that one can be
sure of has fewer doubtful ones, too.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import log
from operator import mul

from fic2epub.parser.gaps import LONGEST_RUN, MIDDLE_SIGNALS, Gap

__all__ = ["VARIANT_SIGNALS", "best_variant", "note_habit", "rivals", "surest", "variant_signals"]

SEEN = (*MIDDLE_SIGNALS[1:], "indent")
"""Signals of a gap that tell its readings apart. How a paragraph reads as an opening or a closing does not:
with such signals, chapters lost their first paragraphs to notes where the second opens more like one."""
VARIANT_SIGNALS = (
    *SEEN,
    "usual", "for", "against", "unlike", "doubtful", "likely", "left-over", "right-over",
)  # fmt: skip
SURE = 2.0
"""Log-odds of a run's surest paragraph from which a join has a note."""
UNLIKE = -2.0
"""Log-odds below which a paragraph does not look like a note at all."""
LIMIT = 6.0
"""No paragraph of a run says more than this, for or against."""
TAKEN = 2.0
"""Log-odds from which a paragraph may become a note that the choice of places did not need."""
HABIT_LIMIT = 3.0
"""Nor do the work's other joins together."""


def surest(gap: Gap, scores: Sequence[float]) -> float:
    """Log-odds of the paragraph in a gap's run that is most surely a note; -9 for a plain one."""
    return max([scores[i] for i in gap.notes], default=-9.0)


def note_habit(others: Sequence[float]) -> float:
    """Log-odds that a join of this work has notes, by the surest paragraph at each of its other joins."""
    found = sum([value > SURE for value in others]) + 0.5
    missing = sum([value < 0 for value in others]) + 0.5
    return max(-HABIT_LIMIT, min(HABIT_LIMIT, log(found / missing)))


def variant_signals(gap: Gap, scores: Sequence[float], habit: float) -> tuple[float, ...]:
    """One number for each of ``VARIANT_SIGNALS``.

    Args:
        gap: one reading.
        scores: log-odds that a unit is a note.
        habit: of the work's other joins (``note_habit``).
    """
    run = [max(-LIMIT, min(LIMIT, scores[i])) for i in gap.notes]
    return (
        *gap.middle[1:],
        gap.indent,
        habit if run else 0.0,
        sum([score for score in run if score > 0]) / 4,
        sum([score for score in run if score < 0]) / 4,
        sum([score < UNLIKE for score in run]),
        sum([UNLIKE <= score < 0 for score in run]),
        sum([score >= 0 for score in run]) ** 0.5,
        max(0.0, min(3.0, scores[gap.left])),
        max(0.0, min(3.0, scores[gap.right])),
    )


def rivals(gap: Gap, gaps: Sequence[Gap]) -> list[Gap]:
    """The readings of the same place: all gaps that overlap one, itself too."""
    first = bisect_left(gaps, gap.left - LONGEST_RUN, key=lambda other: other.left)
    last = bisect_left(gaps, gap.right, key=lambda other: other.left)
    return [other for other in gaps[first:last] if other.right > gap.left]


def best_variant(
    gap: Gap, others: Sequence[Gap], scores: Sequence[float], habit: float, weights: Sequence[float]
) -> Gap:
    """The likeliest reading of a chosen place.

    A paragraph that the place was chosen without becomes a note only if it looks much like one by itself: a
    paragraph of the story that is set as a note is worse than a note set as the story.
    """
    own = set(gap.notes)
    allowed = [other for other in others if all(i in own or scores[i] > TAKEN for i in other.notes)]
    return max(
        [gap, *allowed],
        key=lambda other: sum(map(mul, weights, variant_signals(other, scores, habit))),
    )
