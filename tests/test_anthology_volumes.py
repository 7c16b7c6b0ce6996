"""``--split-at``: volumes that divide no work."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import epubcheck
from support.handmade import chapter, one_shot, six_chapters, with_parts, work

from fic2epub.builder.anthology import Anthology, gather
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.volumes import divide, parse_split_at
from fic2epub.builder.work_book import bind
from fic2epub.container import MAX_ENTRIES, zip_entries
from fic2epub.errors import PackageError, UsageError
from fic2epub.model import Publication

BARE = PublishOptions(cover="none")


def of_words(*counts: int, **wishes: object) -> Anthology:
    """An anthology of works of so many words, in this order."""
    works = [
        work(chapter(" ".join(["word"] * count)), title=f"{number}", work_id=str(number + 1))
        for number, count in enumerate(counts)
    ]
    chosen = {"title": "All", "group_by": "none", "sort_by": "input"} | wishes
    return gather(bind(works, BARE), **chosen)  # type: ignore[arg-type]


def split(anthology: Anthology, limit: str) -> list[list[int]]:
    return [[book.words for book in one.books] for one in divide(anthology, parse_split_at(limit))]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("10-words", [[4, 5], [6], [20], [1, 2]]),
        ("9-words", [[4, 5], [6], [20], [1, 2]]),
        ("8-words", [[4], [5], [6], [20], [1, 2]]),
        ("2-works", [[4, 5], [6, 20], [1, 2]]),
        ("1-work", [[4], [5], [6], [20], [1], [2]]),
        ("1k-words", [[4, 5, 6, 20, 1, 2]]),
        ("2-MB", [[4, 5, 6, 20, 1, 2]]),
    ],
)
def test_volumes_are_filled_in_order_and_no_work_is_cut(limit: str, expected: list[list[int]]) -> None:
    assert split(of_words(4, 5, 6, 20, 1, 2), limit) == expected


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 40))
def test_every_work_is_in_one_volume_and_a_volume_over_the_limit_is_one_work(
    counts: list[int], most: int
) -> None:
    volumes = split(of_words(*counts), f"{most}-words")
    assert [one for volume in volumes for one in volume] == counts
    assert all(sum(volume) <= most or len(volume) == 1 for volume in volumes)
    assert all(sum(a) + b[0] > most for a, b in pairwise(volumes))


@pytest.mark.parametrize(
    "wrong", ["", "words", "0-words", "1.5-works", "-3-words", "20-GB", "1-MB", "20 pages"]
)
def test_a_limit_that_says_nothing_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="--split-at"):
        parse_split_at(wrong)


@pytest.mark.parametrize("written", ["2M-words", "2000k-words", "2000000 words", "2m-Words", "2000000-word"])
def test_a_limit_can_be_written_in_several_ways(written: str) -> None:
    assert parse_split_at(written).most == 2_000_000


def published(anthology: Anthology, limit: str) -> list[Publication]:
    return [publish(one, options=BARE) for one in divide(anthology, parse_split_at(limit))]


def test_volumes_have_titles_identifiers_and_a_place_in_a_series_of_their_own() -> None:
    books = published(of_words(1, 1, 1), "1-works")
    assert [one.title for one in books] == ["All 1 of 3", "All 2 of 3", "All 3 of 3"]
    assert [one.series for one in books] == [(("All", number),) for number in (1, 2, 3)]
    assert len({one.identifier for one in books}) == 3


def test_a_volume_keeps_its_identifier_when_more_come() -> None:
    identifier = "urn:uuid:00000000-0000-5000-8000-000000000000"
    few, many = (
        published(of_words(*counts, identifier=identifier), "1-works") for counts in ((1, 1), (1, 1, 1))
    )
    assert [one.identifier for one in few] == [one.identifier for one in many[:2]]


def test_one_volume_is_the_anthology_itself() -> None:
    anthology = of_words(1, 2)
    assert divide(anthology, parse_split_at("2-works")) == (anthology,)
    assert divide(anthology, None) == (anthology,)


def test_a_volume_has_the_groups_and_references_of_its_own_works() -> None:
    works = [
        work(chapter("a"), title="one", relationships=("A/B",)),
        work(chapter("a"), title="two", relationships=("A/B", "C/D")),
        work(chapter("a"), title="three", relationships=("C/D", "A/B")),
    ]
    anthology = gather(bind(works), title="All", group_by="relationship")
    shapes = [
        [
            (
                group.label,
                *(tuple(book.metadata.title for book in some) for some in (group.works, group.elsewhere)),
            )
            for group in volume.groups
        ]
        for volume in divide(anthology, parse_split_at("2-works"))
    ]
    assert shapes == [
        [("A/B", ("one", "two"), ()), ("C/D", (), ("two",))],
        [("A/B", (), ("three",)), ("C/D", ("three",), ())],
    ]


def test_a_book_of_more_files_than_every_reader_opens_is_refused_with_advice() -> None:
    entries = [("mimetype", b"a"), *((f"{number}", b"") for number in range(MAX_ENTRIES))]
    with pytest.raises(PackageError, match="--split-at"):
        zip_entries(entries)


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    works = bind([one_shot(), six_chapters(), with_parts()])
    anthology = gather(works, title="All", group_by="relationship,author")
    paths = []
    for number, volume in enumerate(divide(anthology, parse_split_at("1-works"))):
        paths.append(tmp_path / f"{number}.epub")
        paths[-1].write_bytes(pack(publish(volume)))
    epubcheck.clean(*paths)
