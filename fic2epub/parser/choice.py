"""Step 4e of the route, its engine: the best places for a number of joins.

A set of candidates is weighed by their log-odds and by how even its chapters' lengths are (log-normal, weak:
in real works neighbours do not resemble each other). All sets of one size are summed, forward and
backward, which gives every candidate a probability. Readings of one place (with a note or without, with
two paragraphs of it or three) share that probability between them, so it is pooled over the readings
that overlap before the places are ranked: the best single set would pass over a place that has many
good readings for one that has a single fair one. Pooling found 75.6 % instead of 73.9 % of the
joins of authors left out.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import repeat
from math import exp, log
from operator import add, mul

from fic2epub.values import dataclass

__all__ = ["Candidate", "Chosen", "choose"]

FARTHEST = 5.5
"""A chapter of this many mean lengths is not looked for in a work of many chapters: 1 % have over 2.3."""
MANY = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gap as the choice sees it."""

    end: int
    """Words of the work up to the end of the chapter above."""
    start: int
    """Words up to the start of the chapter below; not less than ``end``."""
    score: float
    """Log-odds that a chapter begins here."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the choice says for one number of joins."""

    picked: tuple[int, ...]
    """Indices of the candidates picked, in order; fewer than asked for if no more have room."""
    probabilities: tuple[float, ...]
    """Of each picked one's place: the share of weight of the sets that have a join there."""
    total: float
    """Logarithm of the weight of all sets of that size."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps to one candidate: from earlier ones that do not overlap it, the nearest first.

    They are a stretch of the list of all candidates turned round; one in it that no step leads from has the
    weight 0. So a sum over them is a sum over two lists.
    """

    start: int
    stop: int
    weights: list[float]
    weighted: list[float]
    """The same, times the weight of the candidate that they lead to."""


@dataclass(slots=True)
class _Chain:
    """Candidates with the steps that may lead to each: earlier ones that do not overlap it."""

    weights: list[float]
    top: float
    """The logarithm that every weight was divided by."""
    first: list[float]
    last: list[float]
    steps: list[_Steps]


def choose(
    candidates: Sequence[Candidate], joins: int, *, words: int, length_weight: float, length_spread: float
) -> Chosen:
    """Pick ``joins`` candidates that do not overlap.

    Args:
        candidates: in the order of their ends.
        joins: how many to pick; at least 1.
        words: of the whole work.
        length_weight: how much the evenness of chapters counts; 0 switches it off.
        length_spread: standard deviation of the logarithm of a chapter's length within a work.
    """
    mean = max(1.0, words / (joins + 1))
    chain = _chain(candidates, mean, words, length_weight / (2 * length_spread**2), joins)
    layer = [a * b for a, b in zip(chain.first, chain.weights, strict=True)]
    layers, scale = [], joins * chain.top
    for number in range(joins):
        if number:
            back = layer[::-1]
            layer = [
                weight * sum(map(mul, back[steps.start : steps.stop], steps.weights))
                for weight, steps in zip(chain.weights, chain.steps, strict=True)
            ]
        peak = max(layer, default=0.0)
        if peak <= 0.0:
            return Chosen((), (), -1e300)
        layer = [value / peak for value in layer]
        scale += log(peak)
        layers.append(layer)
    weight = sum([a * b for a, b in zip(layer, chain.last, strict=True)])
    if weight <= 0.0:
        return Chosen((), (), -1e300)
    picked, shares = _best_places(candidates, _shares(chain, layers), joins)
    return Chosen(picked, shares, log(weight) + scale)


def _chain(candidates: Sequence[Candidate], mean: float, words: int, strength: float, joins: int) -> _Chain:
    """Turn scores to weights and list the steps between candidates."""
    longest = mean * (FARTHEST if joins > MANY else 1e9)

    def even(length: int) -> float:
        return exp(-strength * log(length / mean) ** 2) if 0 < length <= longest else 0.0

    top = max((candidate.score for candidate in candidates), default=0.0)
    weights = [exp(max(-60.0, candidate.score - top)) for candidate in candidates]
    return _Chain(
        weights=weights,
        top=top,
        first=[even(candidate.end) for candidate in candidates],
        last=[even(words - candidate.start) for candidate in candidates],
        steps=[_steps(candidates, j, weight, longest, even) for j, weight in enumerate(weights)],
    )


def _steps(
    candidates: Sequence[Candidate], j: int, weight: float, longest: float, even: Callable[[int], float]
) -> _Steps:
    """The steps to one candidate."""
    end = candidates[j].end
    nearest = j
    while nearest > 0 and candidates[nearest - 1].start >= end:
        nearest -= 1
    weights: list[float] = []
    zeros: list[float] = []
    for candidate in reversed(candidates[:nearest]):
        length = end - candidate.start
        if length <= longest:
            weights += zeros
            weights.append(even(length))
            zeros.clear()
        elif end - candidate.end > 2 * longest:
            break
        else:
            zeros.append(0.0)
    start = len(candidates) - nearest
    return _Steps(start, start + len(weights), weights, [step * weight for step in weights])


def _shares(chain: _Chain, layers: list[list[float]]) -> list[float]:
    """For each candidate the share of weight that passes through it, at any place in the order."""
    n = len(chain.weights)
    backward = chain.last
    shares = [0.0] * n
    for k in range(len(layers) - 1, -1, -1):
        here = list(map(mul, layers[k], backward))
        total = sum(here)
        if total > 0.0:
            shares = [share + part / total for share, part in zip(shares, here, strict=True)]
        if k:
            following = [0.0] * n
            for weight, behind, steps in zip(chain.weights, backward, chain.steps, strict=True):
                if weight * behind > 0.0:
                    through = map(mul, steps.weighted, repeat(behind))
                    stretch = slice(steps.start, steps.stop)
                    following[stretch] = map(add, following[stretch], through)
            following.reverse()
            peak = max(following)
            backward = [value / peak for value in following] if peak > 0.0 else following
    return shares


def _overlaps(candidates: Sequence[Candidate]) -> list[list[int]]:
    """For each candidate those that cannot be joins beside it, itself too, in order.

    No word of a story stands between two that overlap.
    """
    ends = [candidate.end for candidate in candidates]
    found: list[list[int]] = [[] for _ in candidates]
    for i, candidate in enumerate(candidates):
        for j in range(i, bisect_right(ends, candidate.start)):
            found[i].append(j)
            if j > i:
                found[j].append(i)
    return found


def _best_places(
    candidates: Sequence[Candidate], shares: Sequence[float], joins: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The places with the most weight, each in its best reading, and their shares."""
    n = len(candidates)
    overlaps = _overlaps(candidates)
    pooled = [min(1.0, sum([shares[i] for i in others])) for others in overlaps]
    picked: list[int] = []
    taken = [False] * n
    for j in sorted(range(n), key=lambda j: (-pooled[j], j)):
        if len(picked) == joins:
            break
        if taken[j]:
            continue
        best = max([i for i in overlaps[j] if not taken[i]], key=lambda i: (shares[i], -i))
        picked.append(best)
        for i in overlaps[best]:
            taken[i] = True
    picked.sort(key=lambda j: candidates[j].end)
    return tuple(picked), tuple(pooled[j] for j in picked)
