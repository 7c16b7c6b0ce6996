"""Grouping and sorting, and the book that comes of it."""

import re
from pathlib import Path

import pytest
from lxml import etree
from support import epub_text, epubcheck
from support.handmade import chapter, odd_titles, one_shot, six_chapters, with_parts, work

from fic2epub.builder.anthology import GROUP_BY, SORT_BY, Anthology, gather
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.errors import UsageError
from fic2epub.model import Work
from fic2epub.record import read_record


def named(title: str, words: int = 3, **facts: object) -> Work:
    return work(chapter(" ".join(["word"] * words)), title=title, **facts)


def shape(anthology: Anthology) -> list[tuple[str | None, list[str]]]:
    return [(group.label, [one.metadata.title for one in group.works]) for group in anthology.groups]


def order(works: list[Work], sort_by: str) -> list[str]:
    gathered = gather(works, title="All", group_by="none", sort_by=sort_by)
    return [one.metadata.title for one in gathered.works]


def test_titles_sort_naturally_without_their_article_and_in_any_case() -> None:
    titles = ["Part 10", "the Zebra", "A Bell", "part 2", "An Apple", "Theology", "Another", "A"]
    assert order([named(title) for title in titles], "title") == [
        "A",
        "Another",
        "An Apple",
        "A Bell",
        "part 2",
        "Part 10",
        "Theology",
        "the Zebra",
    ]


def test_titles_sort_without_the_signs_before_them() -> None:
    titles = ["“Zeal”", "(Un)said", '"An Apple"', "…and then", "The 'Bell'", "¿Por qué?", "!!!", "Quince"]
    assert order([named(title) for title in titles], "title") == [
        "!!!",
        "…and then",
        '"An Apple"',
        "The 'Bell'",
        "¿Por qué?",
        "Quince",
        "(Un)said",
        "“Zeal”",
    ]


def facts(group_by: str) -> list[str]:
    """What the dividers say of each work."""
    works = [
        named("A", rating="Teen", chapters_written="1/1", creators=("Ada",)),
        named("B", words=1_200, rating="Teen And Up Audiences", creators=("Ada", "Zed")),
        named("C", words=1, creators=("Zed",)),
    ]
    pages = publish(gather(works, title="All", group_by=group_by)).reading_order
    roots = [etree.fromstring(one.content) for one in pages if "/group-" in one.href]
    return [one.text for root in roots for one in root.iter("{*}div") if one.get("class") == "facts"]


def test_a_divider_does_not_repeat_its_own_name() -> None:
    assert facts("rating") == [
        "by Ada · 3 words · chapters 1/1",
        "by Ada, Zed · 1,200 words",
        "by Zed · 1 word",
    ]
    assert facts("author") == [
        "Teen · 3 words · chapters 1/1",
        "by Ada, Zed · Teen And Up Audiences · 1,200 words",
        "1 word",
    ]


def test_sorting_by_author_words_work_id_and_input() -> None:
    works = [
        named("c", 5, creators=("Bo",), work_id="20"),
        named("a", 9, creators=(), work_id=None),
        named("b", 1, creators=("ada",), work_id="3"),
    ]
    assert order(works, "author") == ["b", "c", "a"]
    assert order(works, "words") == ["b", "c", "a"]
    assert order(works, "work-id") == ["b", "c", "a"]
    assert order(works, "input") == ["c", "a", "b"]


def test_a_work_goes_to_its_first_relationship_and_one_without_to_the_last_group() -> None:
    works = [
        named("none"),
        named("two", relationships=("B/C", "A/B")),
        named("one", relationships=("A/B",)),
        named("case", relationships=("b/c",)),
    ]
    assert shape(gather(works, title="All", group_by="relationship")) == [
        ("A/B", ["one"]),
        ("b/c", ["case", "two"]),
        ("No relationship", ["none"]),
    ]


def test_ratings_go_from_general_to_explicit_then_not_rated() -> None:
    ratings = [
        "Not Rated",
        "Explicit",
        None,
        "Mature",
        "Teen",
        "General Audiences",
        "Spicy",
        "Teen And Up Audiences",
    ]
    works = [named(str(rating), rating=rating) for rating in ratings]
    assert shape(gather(works, title="All", group_by="rating")) == [
        ("General Audiences", ["General Audiences"]),
        ("Teen And Up Audiences", ["Teen", "Teen And Up Audiences"]),
        ("Mature", ["Mature"]),
        ("Explicit", ["Explicit"]),
        ("Spicy", ["Spicy"]),
        ("Not Rated", ["None", "Not Rated"]),
    ]


def test_groups_by_author_and_status() -> None:
    works = [
        named("a", creators=("Zed", "Ada"), status="Updated"),
        named("b", creators=(), status="completed"),
        named("c", creators=("Ada",)),
    ]
    assert shape(gather(works, title="All")) == [("Ada", ["c"]), ("Zed", ["a"]), ("Unknown", ["b"])]
    assert shape(gather(works, title="All", group_by="status")) == [
        ("Completed", ["b"]),
        ("In progress", ["a"]),
        ("Status unknown", ["c"]),
    ]


@pytest.mark.parametrize(
    "wrong", [{"group_by": "colour"}, {"sort_by": "colour"}, {"title": " "}, {"works": []}]
)
def test_a_wrong_wish_is_a_usage_error(wrong: dict[str, object]) -> None:
    wishes: dict[str, object] = {"works": [named("a")], "title": "All", **wrong}
    with pytest.raises(UsageError):
        gather(wishes.pop("works"), **wishes)  # type: ignore[arg-type]


def read(anthology: Anthology, folder: Path) -> epub_text.Book:
    path = folder / "all.epub"
    path.write_bytes(pack(publish(anthology)))
    return epub_text.read_book(path)


def test_contents_nest_group_work_chapter_and_a_one_shot_is_one_entry(tmp_path: Path) -> None:
    book = read(gather([one_shot(), six_chapters()], title="All", group_by="rating"), tmp_path)
    assert [(entry.depth, entry.label) for entry in book.nav] == [
        (0, "Preface"),
        (0, "General Audiences"),
        (1, "The Lamp Room"),
        (0, "Teen And Up Audiences"),
        (1, "Slack Water"),
        (2, "Chapter 1"),
        (2, "Chapter 2"),
        (2, "Chapter 3"),
        (2, "≈ Chapter 4"),
        (2, "≈ Chapter 5"),
        (2, "Chapter 6"),
    ]
    one = next(entry.href for entry in book.nav if entry.label == "The Lamp Room")
    assert one == "text/1234567/preface.xhtml"


def test_without_groups_there_is_no_divider(tmp_path: Path) -> None:
    book = read(gather([one_shot(), six_chapters()], title="All", group_by="none"), tmp_path)
    assert not [one.href for one in book.spine if "group-" in one.href]
    assert [(entry.depth, entry.label) for entry in book.nav[1:3]] == [
        (0, "The Lamp Room"),
        (0, "Slack Water"),
    ]


def test_every_work_keeps_its_own_preface_and_afterword_in_its_own_folder(tmp_path: Path) -> None:
    book = read(gather([one_shot(), six_chapters()], title="All", group_by="none"), tmp_path)
    hrefs = [one.href for one in book.spine]
    assert hrefs == [
        *("cover.xhtml", "preface.xhtml", "nav.xhtml"),
        "text/1234567/preface.xhtml",
        "text/1234567/chapter1.xhtml",
        "text/1234567/afterword.xhtml",
        "text/7654321/preface.xhtml",
        "text/7654321/chapter1.xhtml",
        "text/7654321/chapter2.xhtml",
        "text/7654321/chapter3.xhtml",
        "text/7654321/chapter6.xhtml",
        "text/7654321/afterword.xhtml",
    ]


def test_a_work_s_files_are_the_same_words_in_an_anthology_and_alone(tmp_path: Path) -> None:
    alone = tmp_path / "alone.epub"
    alone.write_bytes(pack(publish(six_chapters())))
    book = read(gather([six_chapters()], title="All"), tmp_path)
    assert book.words() == epub_text.read_book(alone).words()


def test_two_works_of_one_id_have_two_folders_and_odd_ids_none() -> None:
    works = [one_shot(), one_shot(), named("a", work_id="../../evil"), named("b", work_id="١٢")]
    hrefs = {
        one.href.rpartition("/")[0]
        for one in publish(gather(works, title="All", sort_by="input")).reading_order
    }
    folders = sorted(href.removeprefix("text/") for href in hrefs if href.startswith("text/"))
    assert folders[:2] == ["1234567", "1234567-2"]
    assert len(folders) == 4
    assert all(re.fullmatch("w[0-9a-f]{8}", folder) for folder in folders[2:])


def test_identity_is_the_title_s_and_not_the_members() -> None:
    one = publish(gather([one_shot()], title="All"))
    assert one.identifier == publish(gather([six_chapters()], title="All", group_by="none")).identifier
    assert one.identifier != publish(gather([one_shot()], title="Some")).identifier


def test_a_new_work_moves_no_file_of_another() -> None:
    before = publish(gather([one_shot(), with_parts()], title="All"))
    after = publish(gather([one_shot(), six_chapters(), with_parts()], title="All"))
    kept = {one.href: one.content for one in after.reading_order}
    for one in before.reading_order:
        if re.search(r"/(chapter\d+|afterword|preface)\.xhtml$", one.href):
            assert kept[one.href] == one.content


def test_an_anthology_has_no_source_and_the_record_lists_its_works(tmp_path: Path) -> None:
    book = read(gather([one_shot(), six_chapters()], title="All", sort_by="work-id"), tmp_path)
    assert book.values("source") == []
    assert book.values("creator") == ["Osk Tarn"]
    record = read_record(book.entries)
    assert record is not None
    assert [one.work_id for one in record.works] == ["1234567", "7654321"]
    assert record.works[0].chapters[0].file == "text/1234567/chapter1.xhtml"


def test_the_latest_date_counts() -> None:
    assert publish(gather([one_shot(), six_chapters()], title="All")).modified.year == 2017


def test_the_contents_for_old_readers_are_as_deep(tmp_path: Path) -> None:
    book = read(gather([with_parts(), one_shot()], title="All"), tmp_path)
    ncx = etree.fromstring(book.entries["toc.ncx"])
    assert ncx.find("{*}head/{*}meta[@name='dtb:depth']").get("content") == "4"
    assert [point.findtext("{*}navLabel/{*}text") for point in ncx.iter("{*}navPoint")] == [
        entry.label for entry in book.nav
    ]
    orders = [int(point.get("playOrder")) for point in ncx.iter("{*}navPoint")]
    assert orders == list(range(1, len(orders) + 1))


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    works = [one_shot(), one_shot(), six_chapters(), with_parts(), *odd_titles()]
    paths = []
    for rule in GROUP_BY:
        paths.append(tmp_path / f"{rule}.epub")
        paths[-1].write_bytes(pack(publish(gather(works, title="Harbour <tales> & “more”", group_by=rule))))
    epubcheck.clean(*paths)


def test_the_rules_are_those_of_the_command_line() -> None:
    assert list(GROUP_BY) == ["author", "relationship", "rating", "status", "none"]
    assert list(SORT_BY) == ["title", "author", "words", "work-id", "input"]
