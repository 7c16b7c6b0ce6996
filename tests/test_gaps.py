"""Gaps are weighed by sums that are made once for many of them; each is what its signals say."""

from operator import mul
from typing import Any

import pytest
from support.truth import recover

from fic2epub.parser import boundaries
from fic2epub.parser.edges import CLOSING_SIGNALS, OPENING_SIGNALS
from fic2epub.parser.gaps import JOIN_SIGNALS, MIDDLE_SIGNALS, Gap, find_gaps
from fic2epub.parser.weights import load_weights
from fic2epub.parser.windows import PAIR_SIGNALS

PLACES = """The rain came down on the harbour all night, and nobody went out.

“You are late,” said Mara, who had been waiting. “Where were you?”

A/N: Sorry for the wait! Thank you all for the reviews, the next chapter is nearly done.

* * *

Tom did not answer at once; he looked at the boats, at the rain, at his hands.

Thanks for reading, please leave a comment :)



Monday, 6 p.m.

The next morning the sea lay flat and grey, and Mara was gone.

“Well,” said Tom.
""".replace("\n\n\n\n", "\n \n\n\n")


@pytest.fixture
def gaps(monkeypatch: pytest.MonkeyPatch) -> list[Gap]:
    """All gaps of a small work that is not left alone."""
    found: list[Gap] = []

    def kept(*arguments: Any, **options: Any) -> list[Gap]:
        found.extend(find_gaps(*arguments, **options))
        return found

    monkeypatch.setattr(boundaries, "find_gaps", kept)
    dump = "Title: T\nAuthor: A\nLanguage: English\nChapters: 3/3\n\n" + PLACES * 6
    recover(dump.encode())
    return found


def test_the_log_odds_are_the_weighed_sum_of_the_signals(gaps: list[Gap]) -> None:
    weights = load_weights().join
    assert any(gap.notes for gap in gaps)
    assert any(gap.right > gap.left + 1 and not gap.notes for gap in gaps)
    for gap in gaps:
        assert len(gap.signals) == len(JOIN_SIGNALS)
        assert gap.logit == pytest.approx(sum(map(mul, weights, gap.signals)), abs=1e-9)


def test_the_groups_of_signals_stand_in_their_order(gaps: list[Gap]) -> None:
    assert (*MIDDLE_SIGNALS, *OPENING_SIGNALS, *CLOSING_SIGNALS, *PAIR_SIGNALS, "edge") == JOIN_SIGNALS
    for gap in gaps:
        assert gap.signals[: len(MIDDLE_SIGNALS)] == gap.middle
        assert gap.signals[JOIN_SIGNALS.index("indent")] == gap.indent


def test_signals_asked_for_out_of_order_are_the_same(gaps: list[Gap]) -> None:
    forwards = [gap.signals for gap in gaps]
    assert [gap.signals for gap in reversed(gaps)] == forwards[::-1]


def test_a_gap_that_nobody_weighed_has_no_signals() -> None:
    assert set(Gap(3, 4).signals) == set(Gap(3, 4).middle) == {0.0}
    assert Gap(3, 4).indent == 0.0
