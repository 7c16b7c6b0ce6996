"""Which paragraphs around a chosen place are notes: the rules that hold whatever was learned."""

import pytest

from fic2epub.parser.gaps import Gap
from fic2epub.parser.variants import (
    VARIANT_SIGNALS,
    best_variant,
    note_habit,
    rivals,
    surest,
    variant_signals,
)


def gap(left: int, right: int) -> Gap:
    """The reading in which all between two paragraphs are notes."""
    return Gap(left, right, tuple(range(left + 1, right)))


GAPS = [gap(0, 1), gap(0, 2), gap(0, 3), gap(1, 2), gap(1, 3), gap(2, 3), gap(3, 4)]


def weights(**values: float) -> list[float]:
    """One number for each of ``VARIANT_SIGNALS``."""
    assert values.keys() <= set(VARIANT_SIGNALS)
    return [values.get(name.replace("-", "_"), 0.0) for name in VARIANT_SIGNALS]


def test_the_readings_of_a_place_are_those_that_overlap_it():
    assert rivals(gap(1, 2), GAPS) == [gap(0, 2), gap(0, 3), gap(1, 2), gap(1, 3)]


def test_a_paragraph_joins_a_note_only_if_it_looks_much_like_one():
    more = weights(likely=1.0)
    assert best_variant(gap(0, 2), rivals(gap(0, 2), GAPS), [-5, 3, 1.5, -5, -5], 0.0, more) == gap(0, 2)
    assert best_variant(gap(0, 2), rivals(gap(0, 2), GAPS), [-5, 3, 2.5, -5, -5], 0.0, more) == gap(0, 3)


def test_a_paragraph_leaves_a_note_freely():
    fewer = weights(likely=0.5, doubtful=-1.0)
    assert best_variant(gap(0, 3), rivals(gap(0, 3), GAPS), [-5, 3, -1, -5, -5], 0.0, fewer) == gap(0, 2)


def test_a_work_without_sure_notes_has_few_doubtful_ones():
    assert note_habit([-9.0] * 5) < 0 < note_habit([4.0] * 5)
    assert note_habit([]) == 0.0
    signals = dict(
        zip(VARIANT_SIGNALS, variant_signals(gap(0, 2), [-5, 1, -5], note_habit([-9.0] * 5)), strict=True)
    )
    assert signals["usual"] < 0


@pytest.mark.parametrize(("left", "right", "expected"), [(0, 1, -9.0), (0, 3, 2.0)])
def test_the_surest_paragraph_of_a_run(left, right, expected):
    assert surest(gap(left, right), [0, 2.0, 1.0, 5.0]) == expected
