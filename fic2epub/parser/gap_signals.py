"""Step 4d of the route: what a place where a chapter may begin looks like, as numbers and as log-odds.

There are more gaps than paragraphs. What a paragraph says as an edge of a chapter is weighed once, what two
neighbours say is worked out a stretch at a time, and the signals of one gap are made when somebody asks.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import accumulate
from math import log
from operator import mul

from fic2epub.parser.edges import CLOSING_SIGNALS, OPENING_SIGNALS, Edge, find_edges
from fic2epub.parser.signals import Habits, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.windows import PAIR_SIGNALS, Windows
from fic2epub.values import dataclass

__all__ = ["JOIN_SIGNALS", "MIDDLE_SIGNALS", "Gap", "Maker", "gap_maker"]

MIDDLE_SIGNALS = (
    "bias", "plain", "run-sum", "run-mean", "run-min", "run-max", "run-ends", "run-length", "left-note",
    "right-note", "run-label", "run-before", "run-after", "title", "closing", "break", "break-beside-run",
    "dateline", "blanks", "spacers",
)  # fmt: skip
JOIN_SIGNALS = (*MIDDLE_SIGNALS, *OPENING_SIGNALS, *CLOSING_SIGNALS, *PAIR_SIGNALS, "edge")
PLAIN = (1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""``bias`` to ``left-note`` of a gap without notes."""
EDGE = 4
"""Units from the head or the end of the work that are close to it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One reading of one place where a chapter may begin."""

    left: int
    """Index of the last prose unit above; -1 for the head of the work."""
    right: int
    """Index of the first prose unit below."""
    notes: tuple[int, ...] = ()
    """Indices of the units between that are read as notes."""
    logit: float = 0.0
    """Log-odds that a chapter begins here, by the weights given to ``find_gaps``; 0 without weights."""
    maker: "Maker | None" = field(default=None, compare=False, repr=False)
    """What weighed it; None for a gap that nobody weighed."""

    @property
    def signals(self) -> tuple[float, ...]:
        """One number for each of ``JOIN_SIGNALS``; worked out anew, since few are ever looked at.

        Zeros for a gap that nobody weighed.
        """
        return self.maker.signals(self) if self.maker is not None else (0.0,) * len(JOIN_SIGNALS)

    @property
    def middle(self) -> tuple[float, ...]:
        """One number for each of ``MIDDLE_SIGNALS``, the first of ``signals``."""
        if self.maker is None:
            return (0.0,) * len(MIDDLE_SIGNALS)
        return self.maker.middle(self.left, self.right, self.notes)

    @property
    def indent(self) -> float:
        """That one of ``signals``."""
        edge = self.maker.edges[self.right] if self.maker is not None else None
        return edge.opening[0][1] if edge is not None and edge.opening[0][0] == 0 else 0.0


def _rarity(units: Sequence[Unit]) -> tuple[dict[int, float], dict[int, float]]:
    """How unusual so many blank lines, or spacers, are above a unit: minus the logarithm of the share."""
    n = max(1, len(units))
    tables = []
    for counts in (Counter([unit.blanks for unit in units]), Counter([unit.spacers for unit in units])):
        table, above = {}, 0
        for value in sorted(counts, reverse=True):
            above += counts[value]
            table[value] = min(5.0, -log(above / n)) if value else 0.0
        tables.append(table)
    return tables[0], tables[1]


def gap_maker(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    scores: Sequence[float],
    marks: dict[int, str],
    prose: Sequence[bool],
    weights: Sequence[float] | None,
) -> "Maker":
    """What is the same for all gaps of a work.

    The arguments are those of ``gaps.find_gaps``; ``prose`` says which units a chapter may begin or end with.
    """
    weights = weights if weights is not None else (0.0,) * len(JOIN_SIGNALS)
    middle, opening = len(MIDDLE_SIGNALS), len(OPENING_SIGNALS)
    closing = middle + opening + len(CLOSING_SIGNALS)
    edges = find_edges(units, readings, habits)
    open_weights, close_weights = weights[middle : middle + opening], weights[middle + opening : closing]
    more_blanks, more_spacers = _rarity(units)
    blanks = [more_blanks[unit.blanks] / 3 for unit in units]
    spacers = [more_spacers[unit.spacers] / 3 for unit in units]
    shown = [reading for i, reading in enumerate(readings) if prose[i] and reading is not None]
    return Maker(
        readings=readings,
        scores=scores,
        marks=marks,
        edges=edges,
        windows=Windows(shown),
        places=list(accumulate(prose, initial=-1))[1:],
        blanks=blanks,
        spacers=spacers,
        neighbours=_neighbours(scores, marks, blanks, spacers, weights),
        openings=[sum([open_weights[at] * by for at, by in edge.opening]) if edge else 0.0 for edge in edges],
        closings=[
            sum([close_weights[at] * by for at, by in edge.closing]) if edge else 0.0 for edge in edges
        ],
        middle_weights=weights[:middle],
        pair_weights=weights[closing:-1],
        edge_weight=weights[-1],
    )


def _neighbours(
    scores: Sequence[float],
    marks: dict[int, str],
    blanks: Sequence[float],
    spacers: Sequence[float],
    weights: Sequence[float],
) -> list[float]:
    """For each unit what ``MIDDLE_SIGNALS`` say of a plain gap between it and the unit right above it.

    Most gaps are such, and most of their signals are 0.
    """
    dateline, note, blank, spacer = (
        weights[MIDDLE_SIGNALS.index(name)] for name in ("dateline", "right-note", "blanks", "spacers")
    )
    plain = weights[0] + weights[1]
    said = [
        plain + note * max(-6.0, min(6.0, score)) / 3 + blank * more + spacer * wide
        for score, more, wide in zip(scores, blanks, spacers, strict=True)
    ]
    for i, kind in marks.items():
        if kind == "dateline":
            said[i] += dateline
    return said


@dataclass(slots=True)
class Maker:
    """Makes gaps."""

    readings: Sequence[Reading | None]
    scores: Sequence[float]
    marks: dict[int, str]
    edges: Sequence[Edge | None]
    windows: Windows
    places: Sequence[int]
    """For each unit that is prose, which one of them it is."""
    blanks: Sequence[float]
    """For each unit, how rare so many blank lines are."""
    spacers: Sequence[float]
    neighbours: Sequence[float]
    openings: Sequence[float]
    """For each unit, what it adds to the log-odds of a gap above it."""
    closings: Sequence[float]
    """For each unit, what it adds to the log-odds of a gap below it."""
    middle_weights: Sequence[float]
    pair_weights: Sequence[float]
    edge_weight: float

    def gap(self, left: int, right: int, notes: tuple[int, ...] = ()) -> Gap:
        """The gap between two units, with some of those between them as notes."""
        logit = (
            (
                self.neighbours[right]
                if right == left + 1
                else sum(map(mul, self.middle_weights, self.middle(left, right, notes)))
            )
            + sum(map(mul, self.pair_weights, self.windows.pair(self.places[left], self.places[right])))
            + self.openings[right]
            + self.closings[left]
        )
        if self._at_edge(left, right):
            logit += self.edge_weight
        return Gap(left, right, notes, logit, self)

    def signals(self, gap: Gap) -> tuple[float, ...]:
        """One number for each of ``JOIN_SIGNALS``."""
        before, after = self.edges[gap.left], self.edges[gap.right]
        assert before is not None
        assert after is not None
        return (
            *self.middle(gap.left, gap.right, gap.notes),
            *_spread(after.opening, len(OPENING_SIGNALS)),
            *_spread(before.closing, len(CLOSING_SIGNALS)),
            *self.windows.pair(self.places[gap.left], self.places[gap.right]),
            1.0 if self._at_edge(gap.left, gap.right) else 0.0,
        )

    def _at_edge(self, left: int, right: int) -> bool:
        return left < EDGE or len(self.readings) - right < EDGE

    def middle(self, left: int, right: int, notes: tuple[int, ...]) -> tuple[float, ...]:
        """One number for each of ``MIDDLE_SIGNALS``."""
        scores = self.scores
        if not notes:
            after = max(-6.0, min(6.0, scores[right])) / 3
            return (*PLAIN, after, 0.0, 0.0, 0.0, *self._signs(left, right, notes=False))
        run = [max(-6.0, min(6.0, scores[i])) for i in notes]
        readings = [reading for i in notes if (reading := self.readings[i]) is not None]
        length = len(run)
        return (
            1.0,
            0.0,
            max(-3.0, min(15.0, sum(run) / 4)),
            sum(run) / length / 3,
            min(run) / 3,
            max(run) / 3,
            (min(0.0, run[0]) + min(0.0, run[-1])) / 3,
            log(length),
            max(-6.0, min(6.0, scores[left])) / 3,
            max(-6.0, min(6.0, scores[right])) / 3,
            1.0 if readings[0].label else 0.0,
            min(2, sum([reading.before for reading in readings])) / 2,
            min(2, sum([reading.after for reading in readings])) / 2,
            *self._signs(left, right, notes=True),
        )

    def _signs(self, left: int, right: int, *, notes: bool) -> tuple[float, ...]:
        """``title`` to ``spacers`` of ``MIDDLE_SIGNALS``."""
        dateline = 1.0 if self.marks.get(right) == "dateline" else 0.0
        if right == left + 1:
            return (0.0, 0.0, 0.0, 0.0, dateline, self.blanks[right], self.spacers[right])
        middle = range(left + 1, right)
        kinds = {self.marks.get(i) for i in middle}
        shown = [i for i in middle if self.readings[i] is not None]
        breaks = len(shown) < len(middle)
        return (
            1.0 if "title" in kinds else 0.0,
            1.0 if "closing" in kinds else 0.0,
            1.0 if breaks and not notes else 0.0,
            1.0 if breaks and notes else 0.0,
            dateline,
            max([self.blanks[i] for i in (*shown, right)]),
            max([self.spacers[i] for i in (*shown, right)]),
        )


def _spread(found: Iterable[tuple[int, float]], number: int) -> list[float]:
    """Numbers by their places, with nothing between them."""
    spread = [0.0] * number
    for place, value in found:
        spread[place] = value
    return spread
