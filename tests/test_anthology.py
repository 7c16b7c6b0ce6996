"""Grouping and sorting, and the book that comes of it."""

import re
from pathlib import Path

import pytest
from lxml import etree
from support import epub_text, epubcheck
from support.handmade import chapter, odd_titles, one_shot, six_chapters, with_parts, work

from fic2epub.builder.anthology import Anthology, Group, gather
from fic2epub.builder.grouping import GROUP_BY
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.errors import UsageError
from fic2epub.model import Series, Work
from fic2epub.record import read_record


def named(title: str, words: int = 3, **facts: object) -> Work:
    return work(chapter(" ".join(["word"] * words)), title=title, **facts)


def shape(anthology: Anthology) -> list[tuple[str, list[str]]]:
    """The groups that works live in, with these."""
    return [
        (group.label, [one.metadata.title for one in group.books])
        for group in anthology.groups
        if group.filled
    ]


def tree(group: Group) -> tuple[object, ...]:
    """A group as its name, its works, those that live elsewhere, and its groups."""
    works, elsewhere = (tuple(one.metadata.title for one in some) for some in (group.works, group.elsewhere))
    return (group.label, works, elsewhere, *map(tree, group.groups))


def order(works: list[Work], sort_by: str) -> list[str]:
    gathered = gather(bind(works), title="All", group_by="none", sort_by=sort_by)
    return [one.metadata.title for one in gathered.books]


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
    pages = publish(gather(bind(works), title="All", group_by=group_by)).reading_order
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
    assert shape(gather(bind(works), title="All", group_by="relationship")) == [
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
    assert shape(gather(bind(works), title="All", group_by="rating")) == [
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
    assert shape(gather(bind(works), title="All")) == [("Ada", ["c"]), ("Zed", ["a"]), ("Unknown", ["b"])]
    assert shape(gather(bind(works), title="All", group_by="status")) == [
        ("Completed", ["b"]),
        ("In progress", ["a"]),
        ("Status unknown", ["c"]),
    ]


@pytest.mark.parametrize(
    "wrong", [{"group_by": "colour"}, {"sort_by": "colour"}, {"title": " "}, {"works": []}]
)
def test_a_wrong_wish_is_a_usage_error(wrong: dict[str, object]) -> None:
    wishes: dict[str, object] = {"works": [named("a")], "title": "All", **wrong}
    books = bind(wishes.pop("works"))  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        gather(books, **wishes)  # type: ignore[arg-type]


def read(anthology: Anthology, folder: Path) -> epub_text.Book:
    path = folder / "all.epub"
    path.write_bytes(pack(publish(anthology)))
    return epub_text.read_book(path)


def test_contents_nest_group_work_chapter_and_a_one_shot_is_one_entry(tmp_path: Path) -> None:
    book = read(gather(bind([one_shot(), six_chapters()]), title="All", group_by="rating"), tmp_path)
    assert [(entry.depth, entry.label) for entry in book.nav] == [
        (0, "Preface"),
        (0, "Contents"),
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
        (0, "Indexes"),
        (1, "Index of authors"),
        (1, "Index of relationships"),
        (1, "Index of tags"),
        (1, "Works by length"),
        (1, "Unfinished works"),
        (0, "Credits"),
    ]
    one = next(entry.href for entry in book.nav if entry.label == "The Lamp Room")
    assert one == "text/1234567/preface.xhtml"


def test_without_groups_there_is_no_divider(tmp_path: Path) -> None:
    book = read(gather(bind([one_shot(), six_chapters()]), title="All", group_by="none"), tmp_path)
    assert not [one.href for one in book.spine if "group-" in one.href]
    assert [(entry.depth, entry.label) for entry in book.nav[2:4]] == [
        (0, "The Lamp Room"),
        (0, "Slack Water"),
    ]


def test_every_work_keeps_its_own_preface_and_afterword_in_its_own_folder(tmp_path: Path) -> None:
    book = read(gather(bind([one_shot(), six_chapters()]), title="All", group_by="none"), tmp_path)
    hrefs = [one.href for one in book.spine]
    assert hrefs == [
        *("cover.xhtml", "preface.xhtml", "contents.xhtml"),
        "text/1234567/preface.xhtml",
        "text/1234567/chapter1.xhtml",
        "text/1234567/afterword.xhtml",
        "text/7654321/preface.xhtml",
        "text/7654321/chapter1.xhtml",
        "text/7654321/chapter2.xhtml",
        "text/7654321/chapter3.xhtml",
        "text/7654321/chapter6.xhtml",
        "text/7654321/afterword.xhtml",
        *("index-authors.xhtml", "index-relationships.xhtml", "index-tags.xhtml", "index-lengths.xhtml"),
        *("index-unfinished.xhtml", "credits.xhtml"),
    ]


def test_a_work_s_files_are_the_same_words_in_an_anthology_and_alone(tmp_path: Path) -> None:
    alone = tmp_path / "alone.epub"
    alone.write_bytes(pack(publish(six_chapters())))
    book = read(gather(bind([six_chapters()]), title="All"), tmp_path)
    assert book.words() == epub_text.read_book(alone).words()


def folders(*works: Work) -> list[str]:
    return [str(one.layout.folder) for one in bind(works)]


def test_a_folder_is_called_after_the_work_id_and_an_odd_one_gives_no_name() -> None:
    assert folders(one_shot()) == ["1234567"]
    found = folders(named("a", work_id="../../evil"), named("b", work_id="١٢"))
    assert len(set(found)) == 2
    assert all(re.fullmatch("w[0-9a-f]{8}", folder) for folder in found)


def test_of_two_copies_the_fuller_stays_in_the_work_s_folder() -> None:
    told = []
    copies = [named("Early", 5, work_id="9"), named("Late", 8, work_id="9"), named("Cut", 2, work_id="9")]
    found = bind(copies, on_copy=lambda best, other: told.append((best.metadata.title, other.metadata.title)))
    assert [(one.metadata.title, one.layout.folder) for one in found] == [("Late", "9")]
    assert told == [("Late", "Early"), ("Late", "Cut")]


def test_more_chapters_count_before_more_words() -> None:
    long = named("Long", 50, work_id="9")
    two = work(chapter("a", number=1), chapter("b", number=2), title="Two", work_id="9")
    assert [one.metadata.title for one in bind([two, long])] == ["Two"]


def test_works_without_an_address_are_never_taken_for_one_another() -> None:
    assert len(set(folders(named("a"), named("a")))) == 2


def test_two_anthologies_of_one_title_are_two_books_and_a_kept_identifier_stays() -> None:
    first, other = (gather(bind([one]), title="All") for one in (one_shot(), six_chapters()))
    assert first.identifier != other.identifier
    assert first.identifier == gather(bind([one_shot()]), title="All", group_by="none").identifier
    grown = gather(bind([one_shot(), six_chapters()]), title="Some", identifier=first.identifier)
    assert publish(grown).identifier == first.identifier


def test_a_new_work_moves_no_file_of_another() -> None:
    before = publish(gather(bind([one_shot(), with_parts()]), title="All"))
    after = publish(gather(bind([one_shot(), six_chapters(), with_parts()]), title="All"))
    kept = {one.href: one.content for one in after.reading_order}
    for one in before.reading_order:
        if re.search(r"/(chapter\d+|afterword|preface)\.xhtml$", one.href):
            assert kept[one.href] == one.content


def test_an_anthology_has_no_source_and_the_record_lists_its_works(tmp_path: Path) -> None:
    book = read(gather(bind([one_shot(), six_chapters()]), title="All", sort_by="work-id"), tmp_path)
    assert book.values("source") == []
    assert book.values("creator") == ["Osk Tarn"]
    record = read_record(book.entries)
    assert record is not None
    assert [one.work_id for one in record.works] == ["1234567", "7654321"]
    assert record.works[0].chapters[0].file == "text/1234567/chapter1.xhtml"


def test_the_latest_date_counts() -> None:
    assert publish(gather(bind([one_shot(), six_chapters()]), title="All")).modified.year == 2017


def test_the_contents_for_old_readers_are_as_deep(tmp_path: Path) -> None:
    book = read(gather(bind([with_parts(), one_shot()]), title="All"), tmp_path)
    ncx = etree.fromstring(book.entries["toc.ncx"])
    assert ncx.find("{*}head/{*}meta[@name='dtb:depth']").get("content") == "4"
    assert [point.findtext("{*}navLabel/{*}text") for point in ncx.iter("{*}navPoint")] == [
        entry.label for entry in book.nav
    ]
    orders = [int(point.get("playOrder")) for point in ncx.iter("{*}navPoint")]
    targets = [point.find("{*}content").get("src") for point in ncx.iter("{*}navPoint")]
    assert [targets.index(target) for target in targets] == [orders.index(order) for order in orders]
    assert sorted(set(orders)) == list(range(1, len(set(targets)) + 1))


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    works = [one_shot(), named("twin"), named("twin"), six_chapters(), with_parts(), *odd_titles()]
    paths = []
    for rule in (*GROUP_BY, "none", "relationship,author", "fandom,series,character"):
        paths.append(tmp_path / f"{rule}.epub")
        paths[-1].write_bytes(
            pack(publish(gather(bind(works), title="Harbour <tales> & “more”", group_by=rule)))
        )
    epubcheck.clean(*paths)


def test_groups_in_groups_and_a_work_of_several_groups_lives_in_its_first() -> None:
    works = [
        named("one", relationships=("A/B",), creators=("Ada", "Bo")),
        named("two", relationships=("A/B", "C/D"), creators=("Bo",)),
        named("three", relationships=("C/D", "E/F"), creators=("Ada",)),
    ]
    gathered = gather(bind(works), title="All", group_by="relationship,author")
    assert [tree(group) for group in gathered.groups] == [
        ("A/B", (), (), ("Ada", ("one",), ()), ("Bo", ("two",), ("one",))),
        ("C/D", (), ("two",), ("Ada", ("three",), ())),
        ("E/F", (), ("three",)),
    ]
    assert [one.metadata.title for one in gathered.books] == ["one", "two", "three"]


@pytest.mark.parametrize("wrong", ["", "author,", "author,none", "author,author", "colour", "none,none"])
def test_groups_that_say_nothing_are_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="--group-by"):
        gather(bind([named("a")]), title="All", group_by=wrong)


def in_series(title: str, number: int | None, words: int = 3, series: str = "Tides", **facts: object) -> Work:
    return named(title, words, series=(Series(series, number),), **facts)


def test_a_series_stands_together_in_its_order_where_its_first_would_stand() -> None:
    works = [
        in_series("B", 2, 9),
        named("C", 5),
        in_series("D", 1, 7),
        in_series("A", None, 1),
        named("Z", 2),
    ]
    assert order(works, "title") == ["D", "B", "A", "C", "Z"]
    assert order(works, "words") == ["D", "B", "A", "Z", "C"]
    assert order(works, "-words") == ["D", "B", "A", "C", "Z"]


def test_the_order_of_the_input_is_left_as_it_is() -> None:
    works = [in_series("B", 2), named("C"), in_series("D", 1)]
    assert order(works, "input") == ["B", "C", "D"]


def test_series_of_one_name_by_two_authors_are_two() -> None:
    works = [
        in_series(title, number, series="Drabbles", creators=(author,))
        for title, number, author in (("a", 2, "Ada"), ("b", 1, "Bo"), ("c", 1, "Ada"))
    ]
    assert order(works, "title") == ["c", "a", "b"]
    assert shape(gather(bind(works), title="All", group_by="series")) == [
        ("Drabbles", ["c", "a"]),
        ("Drabbles", ["b"]),
    ]


def test_groups_of_one_label_have_pages_of_their_own() -> None:
    works = [in_series(author, 1, series="Drabbles", creators=(author,)) for author in ("Ada", "Bo")]
    hrefs = [one.href for one in publish(gather(bind(works), title="All", group_by="series")).reading_order]
    assert len({href for href in hrefs if "group-" in href}) == 2


def test_an_inner_group_of_one_work_has_no_page_but_its_entry() -> None:
    works = [
        named(title, fandoms=("Harbour",), creators=(who,)) for title, who in zip("abc", "XXY", strict=True)
    ]
    book = publish(gather(bind(works), title="All", group_by="fandom,author"))
    assert len([one.href for one in book.reading_order if "group-" in one.href]) == 2
    harbour = next(point for point in book.navigation if point.label == "Harbour")
    assert [(one.label, len(one.children)) for one in harbour.children] == [("X", 2), ("Y", 1)]
    assert harbour.children[1].href == harbour.children[1].children[0].href


def test_of_very_many_authors_and_tags_the_package_names_few() -> None:
    works = [
        named(
            str(number), creators=(f"Author {number}",), tags=("Common", *(f"{number}.{n}" for n in range(9)))
        )
        for number in range(21)
    ]
    book = publish(gather(bind(works), title="All"))
    assert [one.name for one in book.creators] == ["Various authors"]
    assert len(book.subjects) == 100
    assert "Common" in book.subjects
