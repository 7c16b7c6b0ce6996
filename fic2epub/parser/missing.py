"""Step 4b of the route, its last part: the chapters between headings that have none of their own.

The search for missing numbers (Pethe, Kim and Skiena, EMNLP 2020): ``Chapter 2`` and ``Chapter 5`` say that
two chapters begin between them. In order:

[certain] as many headings as chapters are declared: none is missing anywhere
[certain] two numbers that follow each other, no other heading between them: none is missing there
[likely]  two numbers with a step: so many are missing there; before the first number, one less than it
[likely]  what the declared count leaves over belongs to the one stretch that says nothing

A prologue or an interlude has no number, so a count that takes it in shifts all numbers below it by one,
and a count that begins again (a new part) says nothing of the end of the part before. Where the numbers
and the declared count contradict each other, only steps of one are believed.
"""

from collections.abc import Sequence
from itertools import pairwise

from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.vocabulary import normalise
from fic2epub.values import dataclass

__all__ = ["Missing", "missing_between"]

ENDS = ("epilog", "épilog", "epílog", "эпилог", "尾声", "尾聲", "エピローグ", "終章", "终章")
"""What the label of a work's last chapter begins with, in the nine languages with a vocabulary."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch of a work between two chapter headings that follow each other."""

    after: int | None
    """Index of the unit of the heading above; None for the work's beginning."""
    before: int | None
    """Index of the unit of the heading below; None for the work's end."""
    count: int | None
    """How many chapters begin in the stretch without a heading; None if it cannot be told. At the work's
    beginning the first chapter is one of them, which needs no join; at the end they may not be in the
    dump at all."""


def missing_between(headings: Sequence[HeadingLine], declared: int | None) -> tuple[Missing, ...]:
    """Say for each stretch between chapter headings how many chapters are missing in it.

    Args:
        headings: as ``find_headings`` gives them; those of parts and sections are passed over.
        declared: how many chapters the work has, or None.

    Returns:
        One more stretch than there are headings of level 1, in order; empty if there is none.
    """
    lines = [line for line in headings if line.level == 1]
    if not lines:
        return ()
    counts = [_before_first(lines[0]), *(_step(a, b) for a, b in pairwise(lines))]
    counts.append(0 if normalise(lines[-1].label or "").startswith(ENDS) else None)
    counts = _beside_unnumbered(counts, lines)
    if declared is not None:
        counts = _reconciled(counts, declared - len(lines))
    places = [None, *(line.index for line in lines), None]
    return tuple(
        Missing(above, below, count) for (above, below), count in zip(pairwise(places), counts, strict=True)
    )


def _before_first(line: HeadingLine) -> int | None:
    """Chapters above the first heading: none if nothing stands there, whatever its number."""
    if line.index == 0:
        return 0
    return max(0, line.number - 1) if line.number is not None else None


def _step(above: HeadingLine, below: HeadingLine) -> int | None:
    """Chapters between two headings by their numbers; None if one has none, or the count begins again."""
    if above.number is None or below.number is None or below.number <= above.number:
        return None
    return below.number - above.number - 1


def _reconciled(counts: list[int | None], missing: int) -> list[int | None]:
    """The counts under the number of all chapters that have no heading."""
    if missing <= 0:
        return [0] * len(counts)
    said = sum(count for count in counts if count is not None)
    if said > missing:
        counts = [0 if count == 0 else None for count in counts]
        said = 0
    open_ends = [i for i, count in enumerate(counts) if count is None]
    if said == missing:
        return [count or 0 for count in counts]
    if len(open_ends) == 1:
        counts[open_ends[0]] = missing - said
    return counts


def _beside_unnumbered(counts: list[int | None], lines: Sequence[HeadingLine]) -> list[int | None]:
    """The counts, with none missing beside an interlude between two numbers that follow each other."""
    counts = list(counts)
    numbered = [i for i, line in enumerate(lines) if line.number is not None]
    for i, j in pairwise(numbered):
        if j > i + 1 and (lines[j].number or 0) - (lines[i].number or 0) == 1:
            counts[i + 1 : j + 1] = [0] * (j - i)
    if numbered and lines[numbered[0]].number == 1:
        # "Prologue", "Chapter 1": nothing is missing above a chapter that says it is the first.
        counts[: numbered[0] + 1] = [0] * (numbered[0] + 1)
    return counts
