"""Step 4e of the route, its sums for works of very many chapters: the number of joins is kept in the mean.

The exact sums (``chains``) take a pass over all candidates for each join: a minute and more for a thousand
joins. Here sets of every size are summed in one pass, each join weighed by the same factor, and the factor is
sought that gives the wanted number in the mean. What that says of a single place differs from the exact
answer by about one part in as many as there are joins.
"""

from collections.abc import Sequence
from math import exp, inf, log, pi
from operator import mul

from fic2epub.parser.chains import Chain, Steps, steps_back

__all__ = ["mean_shares"]

LOWEST, HIGHEST = -40.0, 120.0
"""Logarithms of the factor between which it is sought."""
TRIES = 16
CLOSE = 0.2
"""Joins by which the mean may miss the wanted number."""
HUGE = 1e100
"""Numbers beyond this are divided by it, and those below its inverse multiplied."""


def mean_shares(chain: Chain, joins: int) -> tuple[list[float], float]:
    """For each candidate the share of weight that passes through it, and the weight of all sets of that size.

    The latter as its logarithm; minus infinity, without shares, if so many joins have no room.
    """
    n = len(chain.weights)
    mirrored = [
        (slice(n - stretch.stop, n - stretch.start), steps[::-1])
        for stretch, steps in steps_back(chain.to)[::-1]
    ]
    low, high, tilt = LOWEST, HIGHEST, 0.0
    shares, whole = _tilted(chain, mirrored, tilt)
    mean = sum(shares)
    slope = max(1.0, _spread(shares))
    for _ in range(TRIES):
        if abs(mean - joins) < CLOSE:
            break
        low, high = (tilt, high) if mean < joins else (low, tilt)
        guess = tilt + (joins - mean) / slope
        before, tilt = (tilt, mean), guess if low < guess < high else (low + high) / 2
        shares, whole = _tilted(chain, mirrored, tilt)
        mean = sum(shares)
        slope = max(0.1, (mean - before[1]) / (tilt - before[0]))
    if mean < joins - 0.5:
        return [], -inf
    return shares, whole + joins * (chain.top - tilt) - 0.5 * log(2 * pi * max(0.2, _spread(shares)))


def _spread(shares: Sequence[float]) -> float:
    """About by how much the number of joins varies, squared."""
    return sum([share * (1 - share) for share in shares])


def _tilted(chain: Chain, mirrored: list[Steps], tilt: float) -> tuple[list[float], float]:
    """The shares with one factor for each join, and the logarithm of the weight of all sets."""
    factor = exp(tilt)
    weights = [factor * weight for weight in chain.weights]
    above, above_logs = _sums(chain.first, weights, chain.to)
    below, below_logs = _sums(chain.last[::-1], weights[::-1], mirrored)
    below.reverse()
    below_logs.reverse()
    ends = [(shift, a * b) for shift, a, b in zip(above_logs, above, chain.last, strict=True) if a * b > 0.0]
    if not ends:
        return [0.0] * len(weights), -inf
    top = max(ends)[0]
    whole = top + log(sum([exp(shift - top) * value for shift, value in ends]))
    return [
        min(1.0, exp(min(0.0, log(a) + log(b) - log(weight) + up + down - whole))) if a > 0.0 < b else 0.0
        for a, b, weight, up, down in zip(above, below, weights, above_logs, below_logs, strict=True)
    ], whole


def _sums(
    first: Sequence[float], weights: Sequence[float], steps: Sequence[Steps]
) -> tuple[list[float], list[float]]:
    """For each candidate the weight of all sets that end with it, and the logarithm that it lacks."""
    sums = [0.0] * len(weights)
    logs = [0.0] * len(weights)
    shift = 0.0
    for j, (stretch, row) in enumerate(steps):
        begun = first[j] * exp(min(700.0, -shift)) if first[j] else 0.0
        sums[j] = weights[j] * (begun + sum(map(mul, sums[stretch], row)))
        logs[j] = shift
        if 1 / HUGE < sums[j] < HUGE:
            continue
        near = slice(stretch.start, j + 1)
        peak = max(sums[near])
        if peak > HUGE or 0.0 < peak < 1 / HUGE:
            shift += log(peak)
            sums[near] = [value / peak for value in sums[near]]
            logs[near] = [shift] * (j + 1 - stretch.start)
    return sums, logs
