"""Step 4e of the route, its sums: all sets of places of one size, by their scores and how even they are.

A set is a chain of steps, one for each chapter; a step weighs what its chapter's length does. All steps to a
candidate come from a stretch of the list of them all, so that a sum over steps is a sum over two lists, and
nothing is asked for each pair of candidates but its weight.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import exp, inf, log
from operator import mul

from fic2epub.values import dataclass

__all__ = ["Candidate", "Chain", "Steps", "make_chain", "shares_of", "steps_back"]

FARTHEST = 5.5
"""A chapter of this many mean lengths is not looked for in a work of many chapters: 1 % have over 2.3."""
MANY = 6
LIGHTEST = -60.0
"""Log-odds below the best candidate's under which they count no further."""
BLOCK = 128
"""Candidates whose steps are turned round together."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gap as the choice sees it."""

    end: int
    """Words of the work up to the end of the chapter above."""
    start: int
    """Words up to the start of the chapter below; not less than ``end``."""
    score: float
    """Log-odds that a chapter begins here."""


Steps = tuple[slice, list[float]]
"""The steps between one candidate and a stretch of others: which those are, and the weight of each step.

One in the stretch that overlaps the candidate, or is too far, has the weight 0."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Candidates with the steps between them, for one number of joins."""

    weights: list[float]
    """Of each candidate by itself."""
    top: float
    """The logarithm that every weight was divided by."""
    first: list[float]
    """Of the step from the work's head to each candidate."""
    last: list[float]
    """Of the step from each candidate to the work's end."""
    to: list[Steps]
    """The steps to each candidate from earlier ones."""

    def forward(self, joins: int) -> tuple[list[list[float]], float]:
        """For each number of joins up to ``joins``, the weight of all sets that end with each candidate.

        Each list is divided by its greatest number. Also gives the logarithm of the weight of all sets of
        ``joins``; none and minus infinity if there is no such set.
        """
        layers: list[list[float]] = []
        layer = list(map(mul, self.first, self.weights))
        scale = joins * self.top
        for number in range(joins):
            if number:
                layer = [
                    weight * sum(map(mul, layer[stretch], steps))
                    for weight, (stretch, steps) in zip(self.weights, self.to, strict=True)
                ]
            peak = max(layer, default=0.0)
            if peak <= 0.0:
                return [], -inf
            layer = [value / peak for value in layer]
            scale += log(peak)
            layers.append(layer)
        weight = sum(map(mul, layer, self.last))
        return (layers, scale + log(weight)) if weight > 0.0 else ([], -inf)


def make_chain(candidates: Sequence[Candidate], joins: int, words: int, evenness: float) -> Chain:
    """Turn scores and lengths to weights.

    Args:
        candidates: in the order of their ends.
        joins: how many of them are looked for; at least 1.
        words: of the whole work.
        evenness: as ``choose`` takes it.
    """
    mean = max(1.0, words / (joins + 1))
    longest = mean * FARTHEST if joins > MANY else inf
    top = max([candidate.score for candidate in candidates], default=0.0)
    starts = [float(candidate.start) for candidate in candidates]
    ends = [float(candidate.end) for candidate in candidates]
    even = _Evenness(mean, longest, evenness)
    return Chain(
        weights=[exp(max(LIGHTEST, candidate.score - top)) for candidate in candidates],
        top=top,
        first=even.of(ends),
        last=even.of([words - start for start in starts]),
        to=[
            (stretch, even.of([end - start for start in starts[stretch]]))
            for end, stretch in zip(ends, _stretches(starts, ends, longest), strict=True)
        ],
    )


class _Evenness:
    """How even chapters are: 1 for one of the mean length, 0 for one that is not looked for."""

    def __init__(self, mean: float, longest: float, strength: float) -> None:
        self._mean, self._longest, self._strength = log(mean), longest, -strength

    def of(self, lengths: list[float]) -> list[float]:
        """The same for each of some lengths in words."""
        if not lengths:
            return []
        mean, longest, strength = self._mean, self._longest, self._strength
        if min(lengths) > 0.0 and max(lengths) <= longest:
            return [exp(strength * (far := log(length) - mean) * far) for length in lengths]
        return [
            exp(strength * (log(length) - mean) ** 2) if 0.0 < length <= longest else 0.0
            for length in lengths
        ]


def _stretches(starts: list[float], ends: list[float], longest: float) -> list[slice]:
    """For each candidate the earlier ones from which a step may lead to it; neither end ever goes back."""
    stretches, low, high = [], 0, 0
    for j, end in enumerate(ends):
        high = next((i + 1 for i in range(j - 1, high - 1, -1) if starts[i] < end), high)
        while low < high and end - starts[low] > longest:
            low += 1
        stretches.append(slice(low, high))
    return stretches


def steps_back(to: list[Steps]) -> list[Steps]:
    """The same steps as they lead from each candidate to later ones."""
    n = len(to)
    lows, highs = [stretch.start for stretch, _ in to], [stretch.stop for stretch, _ in to]
    back: list[Steps] = []
    for begin in range(0, n, BLOCK):
        stop = min(n, begin + BLOCK)
        low, end = bisect_right(highs, begin), bisect_left(lows, stop)
        rows = []
        for left, (_, steps) in zip(lows[low:end], to[low:end], strict=True):
            row = steps[max(0, begin - left) : max(0, stop - left)]
            before = max(0, left - begin)
            rows.append([0.0] * before + row + [0.0] * (stop - begin - before - len(row)))
        columns = list(zip(*rows, strict=True)) or [()] * (stop - begin)
        for i, column in enumerate(columns, begin):
            first, last = bisect_right(highs, i), bisect_right(lows, i)
            back.append((slice(first, last), list(column[first - low : last - low])))
    return back


def shares_of(chain: Chain, layers: Sequence[list[float]]) -> list[float]:
    """For each candidate the share of weight that passes through it, at any place in the order."""
    back = steps_back(chain.to) if len(layers) > 1 else []
    backward = chain.last
    shares = [0.0] * len(chain.weights)
    for k in range(len(layers) - 1, -1, -1):
        here = list(map(mul, layers[k], backward))
        total = sum(here)
        if total > 0.0:
            shares = [share + part / total for share, part in zip(shares, here, strict=True)]
        if k:
            onward = list(map(mul, backward, chain.weights))
            backward = [sum(map(mul, onward[stretch], steps)) for stretch, steps in back]
            peak = max(backward)
            if peak > 0.0:
                backward = [value / peak for value in backward]
    return shares
