"""The best places for a number of joins: by exact sums, and in the mean for a thousand chapters."""

from itertools import combinations
from math import exp, inf, log
from random import Random
from time import process_time

import pytest

from fic2epub.parser import choice
from fic2epub.parser.chains import make_chain, shares_of, steps_back
from fic2epub.parser.choice import Candidate, choose, weigh
from fic2epub.parser.crowds import mean_shares

EVENNESS = 2.4


def scattered(number: int, *, apart: int = 100, seed: int = 1) -> list[Candidate]:
    """So many candidates, every third an overlapping reading of the one before."""
    chance = Random(seed)
    found = []
    for n in range(number):
        at = apart * (n + 1 - (n % 3 == 2)) + 10 * (n % 3 == 2)
        found.append(Candidate(at, at + chance.randrange(1, apart // 2), chance.gauss(-2, 3)))
    return sorted(found, key=lambda one: (one.end, one.start))


def by_hand(candidates: list[Candidate], joins: int, words: int) -> tuple[list[float], float]:
    """Shares and the logarithm of the weight of all sets, from every set by itself."""
    mean = words / (joins + 1)
    shares, whole = [0.0] * len(candidates), 0.0
    for chosen in combinations(range(len(candidates)), joins):
        starts = [0, *[candidates[i].start for i in chosen]]
        lengths = [
            end - start
            for start, end in zip(starts, [*[candidates[i].end for i in chosen], words], strict=True)
        ]
        if min(lengths) <= 0 or (joins > 6 and max(lengths) > 5.5 * mean):
            continue
        weight = exp(
            sum(candidates[i].score for i in chosen) - EVENNESS * sum(log(n / mean) ** 2 for n in lengths)
        )
        whole += weight
        for i in chosen:
            shares[i] += weight
    return [share / whole for share in shares], log(whole)


@pytest.mark.parametrize(("number", "joins"), [(9, 1), (12, 3), (12, 5), (14, 8)])
def test_the_sums_are_those_of_every_set_by_itself(number: int, joins: int) -> None:
    candidates, words = scattered(number), 100 * (number + 1)
    shares, total = by_hand(candidates, joins, words)
    chain = make_chain(candidates, joins, words, EVENNESS)
    layers, found = chain.forward(joins)
    assert found == pytest.approx(total)
    assert shares_of(chain, layers) == pytest.approx(shares)
    assert weigh(candidates, joins, words=words, evenness=EVENNESS) == pytest.approx(total)


@pytest.mark.parametrize("number", [1, 2, 127, 128, 129, 400])
def test_steps_back_are_the_same_steps(number: int) -> None:
    chain = make_chain(scattered(number), 20, 100 * (number + 1), EVENNESS)
    forth = {
        (i, j): weight
        for j, (stretch, weights) in enumerate(chain.to)
        for i, weight in zip(range(stretch.start, stretch.stop), weights, strict=True)
    }
    back = {
        (i, j): weight
        for i, (stretch, weights) in enumerate(steps_back(chain.to))
        for j, weight in zip(range(stretch.start, stretch.stop), weights, strict=True)
    }
    assert {pair for pair, weight in forth.items() if weight} == {
        pair for pair, weight in back.items() if weight
    }
    assert all(forth[pair] == weight for pair, weight in back.items() if weight)


def test_so_many_joins_as_have_no_room_are_not_chosen() -> None:
    crowded = [Candidate(100, 200, 1.0), Candidate(150, 250, 2.0)]
    chosen = choose(crowded, 2, words=400, evenness=EVENNESS)
    assert chosen.picked == ()
    assert chosen.total == weigh(crowded, 2, words=400, evenness=EVENNESS) == -inf


@pytest.mark.parametrize("joins", [40, 90])
def test_sums_in_the_mean_are_close_to_the_exact_ones(joins: int) -> None:
    candidates, words = scattered(40 + 8 * joins), 100 * (41 + 8 * joins)
    chain = make_chain(candidates, joins, words, EVENNESS)
    layers, total = chain.forward(joins)
    exact = shares_of(chain, layers)
    shares, about = mean_shares(chain, joins)
    assert sum(shares) == pytest.approx(joins, abs=0.2)
    assert shares == pytest.approx(exact, abs=0.03)
    assert about == pytest.approx(total, abs=1.0)


def test_no_room_is_seen_in_the_mean_too() -> None:
    candidates = [Candidate(100 * n + 1, 100 * n + 99, 0.0) for n in range(30)] * 2
    candidates.sort(key=lambda one: (one.end, one.start))
    assert mean_shares(make_chain(candidates, 45, 3000, EVENNESS), 45) == ([], -inf)


def test_a_thousand_joins_take_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates, words = scattered(8040), 100 * 8041
    start = process_time()
    chosen = choose(candidates, 1000, words=words, evenness=EVENNESS)
    assert process_time() - start < 20
    assert len(chosen.picked) == 1000
    assert chosen.picked == tuple(sorted(chosen.picked))
    small = scattered(400, seed=2)
    exact = choose(small, 45, words=40_100, evenness=EVENNESS)
    monkeypatch.setattr(choice, "CROWD", 0)
    mean = choose(small, 45, words=40_100, evenness=EVENNESS)
    assert len(set(exact.picked) & set(mean.picked)) > 40
