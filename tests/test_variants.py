"""Joins and notes in dumps that were changed at test time, the truth going along (see support.variants)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.truth import Labelled, Score, load, note_labels, score, start_limits
from support.variants import (
    reordered,
    straightened,
    unindented,
    variants,
    with_count,
    with_notes_of,
    without_each_note,
    wrapped,
)

FINAL_FLOOR = 0.90
"""What is to be reached, joins and notes alike."""
FLOORS = {"samples": (0.82, 0.66), "real": (0.96, 0.92)}
"""What was reached: joins, notes. Only ever raised."""
UNREACHED = {("samples", "joins"), ("samples", "notes")}
"""Where the final floor is still to be reached; strict, so that this is told when it is."""
LESS_SURE = 0.20
"""How much less confidence wrong boundaries must carry than right ones, in the mean."""
KINDS = ("samples", "real")


def kinds_but_unreached(what: str) -> list[Any]:
    """The two kinds of dumps, expected to fail where the final floor is still to be reached."""
    mark = pytest.mark.xfail(strict=True, reason=f"{FINAL_FLOOR:.0%} of the {what} is still to be reached")
    return [pytest.param(kind, marks=mark) if (kind, what) in UNREACHED else kind for kind in KINDS]


@pytest.fixture(scope="module")
def sample_dumps(samples: tuple[Path, ...]) -> tuple[Labelled, ...]:
    return tuple(load(path).labelled() for path in samples)


@pytest.fixture(scope="module")
def scores(request: pytest.FixtureRequest, sample_dumps: tuple[Labelled, ...]) -> tuple[Score, ...]:
    """The scores of all variants of the samples, or of the real dumps."""
    dumps = sample_dumps
    if request.param == "real":
        folder = request.getfixturevalue("seeds_dir")
        dumps = tuple(load(path).labelled() for path in sorted(folder.glob("*.txt")))
    return tuple(map(score, variants(dumps, lenders=sample_dumps)))


@pytest.fixture(scope="module")
def one_dump(sample_dumps: tuple[Labelled, ...]) -> Labelled:
    """A work in progress with notes of three kinds."""
    return next(dump for dump in sample_dumps if dump.name == "101_in_pencil")


def shares(scores: Sequence[Score]) -> tuple[float, float]:
    """The share of the joins and of the notes that are right."""
    joins = sum(one.joins_right for one in scores) / sum(one.joins for one in scores)
    notes = sum(one.notes_right for one in scores) / sum(one.notes for one in scores)
    return joins, notes


def confidences(scores: Sequence[Score]) -> tuple[float, float]:
    """The mean confidence of right boundaries and of wrong ones."""
    right = [value for one in scores for value in one.right]
    wrong = [value for one in scores for value in one.wrong]
    return sum(right) / len(right), sum(wrong) / max(1, len(wrong))


def told(scores: Sequence[Score]) -> str:
    """What was missed, a variant a line."""
    lines = [
        f"{one.name}: {one.joins_right} of {one.joins} joins, {one.notes_right} of {one.notes} notes"
        for one in scores
        if one.joins_right < one.joins or one.notes_right < one.notes
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(("scores", "kind"), [(kind, kind) for kind in KINDS], indirect=["scores"])
def test_no_figure_falls(scores: tuple[Score, ...], kind: str) -> None:
    (joins, notes), (right, wrong) = shares(scores), confidences(scores)
    print(
        f"\n{kind}, {len(scores)} variants: joins {joins:.1%}, notes {notes:.1%} right; "
        f"mean confidence of right boundaries {right:.2f}, of wrong ones {wrong:.2f}"
    )
    assert joins >= FLOORS[kind][0], told(scores)
    assert notes >= FLOORS[kind][1], told(scores)


@pytest.mark.parametrize("scores", kinds_but_unreached("joins"), indirect=True)
def test_nine_joins_in_ten_are_right(scores: tuple[Score, ...]) -> None:
    assert shares(scores)[0] >= FINAL_FLOOR, told(scores)


@pytest.mark.parametrize("scores", kinds_but_unreached("notes"), indirect=True)
def test_nine_notes_in_ten_are_right(scores: tuple[Score, ...]) -> None:
    assert shares(scores)[1] >= FINAL_FLOOR, told(scores)


@pytest.mark.parametrize("scores", KINDS, indirect=True)
def test_wrong_boundaries_are_less_sure(scores: tuple[Score, ...]) -> None:
    right, wrong = confidences(scores)
    assert wrong <= right - LESS_SURE


# The variants themselves


def words(dump: Labelled) -> list[str]:
    return dump.data.decode().split()


def test_a_dump_and_its_labels_are_the_file(samples: tuple[Path, ...]) -> None:
    for path in samples:
        assert load(path).labelled().data == path.read_bytes()


def test_without_each_note_has_one_note_less_and_the_same_story(one_dump: Labelled) -> None:
    made = list(without_each_note(one_dump))
    assert len(made) == len(one_dump.notes())
    for variant in made:
        assert len(variant.notes()) == len(one_dump.notes()) - 1
        assert [line for line in variant.lines if line.role == "story"] == [
            line for line in one_dump.lines if line.role == "story"
        ]


def test_a_jump_line_goes_with_its_end_note(sample_dumps: tuple[Labelled, ...]) -> None:
    dump = next(one for one in sample_dumps if any(line.role == "jump" for line in one.lines))
    jumps = [sum(line.role == "jump" for line in one.lines) for one in without_each_note(dump)]
    assert sorted(jumps) == [3, 3, 3, 3, 4, 4]


def test_a_chapter_that_is_only_a_note_keeps_it(sample_dumps: tuple[Labelled, ...]) -> None:
    dump = next(one for one in sample_dumps if one.name == "106_eleven_hats")
    assert {variant.chapters for variant in without_each_note(dump)} == {4}
    assert len(list(without_each_note(dump))) == len(dump.notes()) - 1


def test_others_notes_have_the_same_places_and_other_words(
    one_dump: Labelled, sample_dumps: tuple[Labelled, ...]
) -> None:
    own = {one_dump.lines[lines[0]].text for lines in one_dump.notes().values()}
    for variant in with_notes_of(one_dump, sample_dumps):
        assert len(variant.notes()) == len(one_dump.notes())
        assert variant.chapters == one_dump.chapters
        kept = own & {variant.lines[lines[0]].text for lines in variant.notes().values()}
        assert len(kept) == 1  # no other sample has a chapter summary


def test_reordered_chapters_have_the_same_words(one_dump: Labelled) -> None:
    made = list(reordered(one_dump))
    assert made
    for variant in made:
        assert sorted(words(variant)) == sorted(words(one_dump))
        assert words(variant) != words(one_dump)
        assert variant.chapters == one_dump.chapters


def test_the_count_is_set(one_dump: Labelled) -> None:
    assert (with_count(one_dump, "7/?").declared, with_count(one_dump, "?").declared) == (7, None)


def test_form_variants_change_form_alone(one_dump: Labelled) -> None:
    assert words(wrapped(one_dump)) == words(unindented(one_dump)) == words(one_dump)
    assert max(len(line.text) for line in wrapped(one_dump).lines if line.chapter is not None) <= 72
    assert not any(line.text.startswith(" ") for line in unindented(one_dump).lines)
    assert not set("‘’“”") & set(straightened(one_dump).data.decode())
    for variant in (wrapped(one_dump), unindented(one_dump), straightened(one_dump)):
        assert len(start_limits(variant)) == len(start_limits(one_dump))
        assert len(variant.notes()) == len(one_dump.notes())


def test_a_note_that_may_stand_on_either_side_is_right_on_both(sample_dumps: tuple[Labelled, ...]) -> None:
    dump = next(one for one in sample_dumps if one.name == "105_mrs_silver")
    assert note_labels(dump)[76] == {(2, "before"), (1, "after")}
    assert 76 in start_limits(dump)[1]
    assert 78 in start_limits(dump)[1]
    assert 74 not in start_limits(dump)[1]
