"""Step 4c of the route, its third part: on which side of the chapters a work's notes stand.

In half of the works on two archives all notes stand on one side, and many authors write both at every
chapter. So the joins of a work are cut together: what each says for its own cut gives the shares of
chapters with an end note, a beginning note and a summary, and these weigh the cuts in turn, until nothing
changes. Notes above the first chapter and below the last one have a certain side, and are counted as such.
"""

from collections.abc import Sequence
from math import log

from fic2epub.values import dataclass

__all__ = ["Leaning", "Shares", "lean"]

BELIEF = 2.0
"""So many chapters' worth of belief that a note of any kind is as likely as not."""
WEIGHT = 0.8
"""How much the work's other joins say at one; chosen on authors left out."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How likely a join has an end note, a beginning note and a summary; or the share of joins that have."""

    after: float
    before: float
    summary: float


USUAL = Shares(after=0.55, before=0.55, summary=0.2)
"""Of joins with notes; what a join says for itself has it in it."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the work's habit says for and against each kind at a join with notes, as log-odds."""

    after: float = 0.0
    before: float = 0.0
    summary: float = 0.0


def lean(joins: Sequence[Shares], *, head: Shares, foot: bool) -> Leaning:
    """The habit that a work shows.

    Args:
        joins: those with notes.
        head: the notes above the first chapter.
        foot: whether notes stand below the last one.
    """
    if not joins:
        return Leaning()

    def odds(times: float, more: float, usual: float) -> float:
        share = (times + more + BELIEF * usual) / (len(joins) + more + BELIEF)
        return WEIGHT * (log(share / (1 - share)) - log(usual / (1 - usual)))

    return Leaning(
        odds(sum(one.after for one in joins), foot, USUAL.after),
        odds(sum(one.before for one in joins), head.before, USUAL.before),
        odds(sum(one.summary for one in joins), head.summary, USUAL.summary),
    )
