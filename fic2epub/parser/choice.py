"""Step 4e of the route, its engine: the best set of gaps under a number of joins.

A set is scored by its gaps' log-odds and by how even its chapters' lengths are (log-normal, weak: in
real works neighbours do not resemble each other and a strong prior hurts). All sets of each size are
summed as well, which gives every gap a probability and every count a weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

__all__ = ["Candidate", "Chosen", "choose"]


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
    """Indices of the candidates of the best set, in order; empty if no set has that many."""
    probabilities: tuple[float, ...]
    """Of each picked one: the weight of the sets that hold it among all sets of that size."""
    total: float
    """Logarithm of the weight of all sets of that size."""


@dataclass(slots=True)
class _Chain:
    """Candidates with the steps that may lead to each: earlier ones that do not overlap it."""

    weights: list[float]
    first: list[float]
    last: list[float]
    steps: list[list[tuple[int, float]]]


def choose(
    candidates: Sequence[Candidate], joins: int, *, words: int, length_weight: float, length_spread: float
) -> Chosen:
    """Pick exactly ``joins`` candidates that do not overlap.

    Args:
        candidates: in the order of their ends.
        joins: how many to pick; at least 1.
        words: of the whole work.
        length_weight: how much the evenness of chapters counts; 0 switches it off.
        length_spread: standard deviation of the logarithm of a chapter's length within a work.
    """
    mean = max(1.0, words / (joins + 1))
    chain = _chain(candidates, mean, words, length_weight / (2 * length_spread**2), joins)
    n = len(candidates)
    best, parents = [_ln(a) + _ln(b) for a, b in zip(chain.first, chain.weights, strict=True)], []
    forward = [a * b for a, b in zip(chain.first, chain.weights, strict=True)]
    scale = 0.0
    layers, scales = [forward], [0.0]
    for _ in range(joins - 1):
        layer, tops, parent = [0.0] * n, [-1e300] * n, [-1] * n
        for j, steps in enumerate(chain.steps):
            if not steps:
                continue
            layer[j] = sum([forward[i] * step for i, step in steps]) * chain.weights[j]
            top, at = max([(best[i] + _ln(step), i) for i, step in steps])
            if top > -1e299:
                tops[j], parent[j] = top + _ln(chain.weights[j]), at
        peak = max(layer, default=0.0)
        if peak <= 0.0:
            return Chosen((), (), -1e300)
        forward = [value / peak for value in layer]
        scale += log(peak)
        layers.append(forward)
        scales.append(scale)
        best = tops
        parents.append(parent)
    weight = sum(a * b for a, b in zip(forward, chain.last, strict=True))
    if weight <= 0.0 or n == 0:
        return Chosen((), (), -1e300)
    at = max(range(n), key=lambda j: best[j] + _ln(chain.last[j]))
    picked = [at]
    for parent in reversed(parents):
        at = parent[at]
        picked.append(at)
    picked.reverse()
    return Chosen(tuple(picked), _probabilities(chain, layers, picked), log(weight) + scale)


def _ln(value: float) -> float:
    return log(value) if value > 0.0 else -1e300


def _chain(candidates: Sequence[Candidate], mean: float, words: int, strength: float, joins: int) -> _Chain:
    """Turn scores to weights and list the steps between candidates."""
    longest = mean * (5.5 if joins > 6 else 1e9)

    def even(length: int) -> float:
        return exp(-strength * log(max(length, 1) / mean) ** 2)

    top = max((candidate.score for candidate in candidates), default=0.0)
    floor = top - 60.0
    steps: list[list[tuple[int, float]]] = []
    for j, candidate in enumerate(candidates):
        found = []
        for i in range(j - 1, -1, -1):
            length = candidate.end - candidates[i].start
            if length > longest:
                if candidate.end - candidates[i].end > 2 * longest:
                    break
                continue
            if length > 0:
                found.append((i, even(length)))
        steps.append(found)
    return _Chain(
        weights=[exp(max(floor, candidate.score) - max(0.0, top - 300)) for candidate in candidates],
        first=[even(candidate.end) if 0 < candidate.end <= longest else 0.0 for candidate in candidates],
        last=[
            even(words - candidate.start) if 0 < words - candidate.start <= longest else 0.0
            for candidate in candidates
        ],
        steps=steps,
    )


def _probabilities(chain: _Chain, layers: list[list[float]], picked: list[int]) -> tuple[float, ...]:
    """For each picked candidate, the share of weight that passes through it at any place in the order."""
    n, joins = len(chain.weights), len(picked)
    backward = list(chain.last)
    shares = {j: 0.0 for j in picked}
    for k in range(joins - 1, -1, -1):
        layer = layers[k]
        total = sum(a * b for a, b in zip(layer, backward, strict=True))
        if total > 0.0:
            for j in picked:
                shares[j] += layer[j] * backward[j] / total
        if k:
            following = [0.0] * n
            for j, steps in enumerate(chain.steps):
                weight = chain.weights[j] * backward[j]
                if weight > 0.0:
                    for i, step in steps:
                        following[i] += step * weight
            peak = max(following)
            backward = [value / peak for value in following] if peak > 0.0 else following
    return tuple(min(1.0, shares[j]) for j in picked)
