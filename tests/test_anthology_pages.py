"""The pages of an anthology: title page, contents, what is new, groups, indexes, credits; link by link."""

import posixpath
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from support import browser, epubcheck, many, needs
from support.handmade import chapter, one_shot, six_chapters, work

from fic2epub.builder.anthology import Anthology, gather
from fic2epub.builder.collection import reading_time
from fic2epub.builder.indexes import letter
from fic2epub.builder.labels import labels
from fic2epub.builder.member import gist
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.model import Work

XHTML = "{http://www.w3.org/1999/xhtml}"
LISTS_RE = re.compile(r"(?:preface|contents|new|index-[a-z]+|credits)(?:-\d+)?\.xhtml|text/group-\w+\.xhtml")
"""The pages that only an anthology has."""
GROUPS_OF_ONE = ("Unknown", "No relationship")
"""The program's names of groups. One of one work has no page: it leads to the work, in whose language this
may read otherwise."""


def named(title: str, words: int = 3, **facts: object) -> Work:
    return work(chapter(" ".join(["word"] * words)), title=title, **facts)


def pages(anthology: Anthology, **options: object) -> dict[str, etree._Element]:
    book = publish(anthology, options=PublishOptions(cover="none", **options))  # type: ignore[arg-type]
    return {one.href: etree.fromstring(one.content) for one in book.reading_order}


def gathered(*works: Work, **wishes: object) -> Anthology:
    return gather(bind(works), title="All", **wishes)  # type: ignore[arg-type]


def lines(element: etree._Element, *classes: str) -> list[str]:
    """The text of the elements with these classes, white space made single."""
    return [
        " ".join("".join(one.itertext()).split()) for one in element.iter() if one.get("class") in classes
    ]


def test_the_title_page_has_totals_and_reading_time() -> None:
    page = pages(gathered(named("a", 1_000), named("b", 1_600, creators=("Bo",))))["preface.xhtml"]
    rows = ["".join(one.itertext()) for one in page.iter(f"{XHTML}dt", f"{XHTML}dd")]
    assert rows == [
        *("Works:", "2", "Words:", "2,600", "Reading time:", "10 min", "Authors:", "2"),
        *("Groups:", "Bo, Osk Tarn"),
    ]


def test_a_discreet_title_page_names_no_groups() -> None:
    page = pages(gathered(named("a", rating="Explicit"), group_by="rating"), discreet=True)["preface.xhtml"]
    assert "Explicit" not in "".join(page.itertext())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (1, "1 min"),
        (14_800, "59 min"),
        (15_000, "1 h 0 min"),
        (17_268, "1 h 10 min"),
        (149_000, "9 h 55 min"),
        (150_000, "10 h"),
        (30_000_000, "2,000 h"),
    ],
)
def test_reading_time(words: int, said: str) -> None:
    assert reading_time(words, labels("en")) == said


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (None, None),
        (" \n ", None),
        ("One.\nTwo.", "One. Two."),
        ("A sentence that is long enough to stand for the whole of it, and ends. " + "More " * 30, None),
        ("word " * 60, "word " * 31 + "word…"),
        ("字" * 200, "字" * 160 + "…"),
        ("好" * 70 + "。" + "坏" * 200, "好" * 70 + "。"),
        ("x" * 161, "x" * 160 + "…"),
    ],
)
def test_a_summary_in_one_line(summary: str | None, said: str | None) -> None:
    if said is None and summary and summary.strip():
        said = summary.partition(" More")[0]
    assert gist(summary) == said


def test_the_contents_say_what_one_wants_to_know_before_reading() -> None:
    page = pages(gathered(one_shot(), six_chapters(), group_by="rating"))["contents.xhtml"]
    assert lines(page, "group") == ["General Audiences", "Teen And Up Audiences"]
    assert lines(page, "work") == [
        "The Lamp Room by Osk Tarn · 23 words · chapters 1/1 · Completed "
        "A keeper waits for a boat that is late.",
        "Slack Water by Osk Tarn · 48 words · chapters 6/? · In progress",
    ]


def test_a_work_stands_once_and_is_referred_to_from_its_other_groups() -> None:
    works = (named("one", relationships=("A/B", "C/D")), named("two", relationships=("C/D", "E/F")))
    found = pages(gathered(*works, group_by="relationship"))
    contents = found["contents.xhtml"]
    assert lines(contents, "group") == ["A/B", "C/D", "E/F"]
    assert [line.partition(" by")[0] for line in lines(contents, "work")] == ["one", "two"]
    assert lines(contents, "see") == ["one in A/B", "two in C/D"]
    also = [line for href, page in found.items() if "group-" in href for line in lines(page, "also")]
    assert also == ["See also one in A/B"]


def news(page: etree._Element) -> list[str]:
    return lines(page, "work")


def test_new_works_and_chapters_are_marked_and_listed_with_links() -> None:
    books = bind([one_shot(), six_chapters(), named("Old")])
    ids = {book.metadata.title: book.record.identifier for book in books}
    before = {ids["Old"]: 1, ids["Slack Water"]: 3}
    anthology = gather(books, title="All", group_by="none", before=before)
    found = pages(anthology)
    assert lines(found["contents.xhtml"], "new") == ["New", "New chapters: 1"]
    assert [line.split(" by")[0] for line in news(found["new.xhtml"])] == [
        "The Lamp Room",
        "Slack Water Chapter 6",
    ]
    link = found["new.xhtml"].find(f".//{XHTML}li/{XHTML}ul/{XHTML}li/{XHTML}a")
    assert link.get("href") == "text/7654321/chapter6.xhtml"


@pytest.mark.parametrize("before", [None, {}, "same"])
def test_without_news_there_is_no_page_of_them(before: object) -> None:
    anthology = gathered(named("a"), named("b"))
    if before == "same":
        before = {book.record.identifier: 1 for book in anthology.books}
    found = pages(replace(anthology, before=before))  # type: ignore[arg-type]
    assert ("new.xhtml" in found) == (before == {})


def test_fewer_chapters_than_before_are_nothing_new() -> None:
    anthology = gathered(six_chapters())
    ids = [book.record.identifier for book in anthology.books]
    assert "new.xhtml" not in pages(replace(anthology, before={ids[0]: 40}))


def test_the_indexes_name_every_author_relationship_and_tag() -> None:
    works = (
        named("One", creators=("Ada", "bo"), tags=("Tea", "Storms"), relationships=("A/B",)),
        named("Two", creators=("Bo",), tags=("tea",)),
        named("Three", creators=()),
    )
    found = pages(gathered(*works))
    assert lines(found["index-authors.xhtml"], "term") == ["Ada: One", "bo (2)", "Unknown: Three"]
    assert lines(found["index-authors.xhtml"], "refs") == ["One Two"]
    assert lines(found["index-relationships.xhtml"], "term") == ["A/B: One, Ada, bo"]
    assert lines(found["index-tags.xhtml"], "term") == ["Storms: One, Ada, bo", "Tea (2)"]


def test_an_index_of_nothing_is_left_out() -> None:
    assert [href for href in pages(gathered(named("a"))) if href.startswith("index")] == [
        "index-authors.xhtml",
        "index-lengths.xhtml",
    ]


def test_works_by_length_and_unfinished_ones() -> None:
    works = (
        named("Long", 5_000, status="Updated", chapters_written="3/?", chapters_posted=3),
        named("Short", 2, status="Completed"),
        named("Open", 3, chapters_posted=1, chapters_planned=4, chapters_written="1/4"),
        named("Says nothing", 4_999),
    )
    found = pages(gathered(*works))
    page = found["index-lengths.xhtml"]
    assert lines(page, "group") == ["under 1,000 words", "1,000 to 5,000 words", "5,000 to 10,000 words"]
    items = [" ".join("".join(one.itertext()).split()) for one in page.iter(f"{XHTML}li")]
    assert [item.partition(",")[0] for item in items] == ["Short", "Open", "Says nothing", "Long"]
    unfinished = [one.findtext(f"{XHTML}a") for one in found["index-unfinished.xhtml"].iter(f"{XHTML}li")]
    assert unfinished == ["Long", "Open"]


def test_every_author_is_credited_with_links_to_the_originals() -> None:
    page = pages(gathered(one_shot(), named("Joint", creators=("Ada", "Osk Tarn"))))["credits.xhtml"]
    assert lines(page, "term") == ["Ada", "Osk Tarn"]
    links = [one.get("href") for one in page.find(f".//{XHTML}div[@class='rows']").iter(f"{XHTML}a")]
    assert links.count("https://archiveofourown.org/works/1234567") == 1
    assert sum(href.startswith("index-authors.xhtml#author-") for href in links) == 2


@pytest.mark.parametrize(
    ("label", "expected"),
    [("The Éclair", "E"), ("“quoted”", "Q"), ("10 Things", "#"), ("雪", "雪"), ("!!!", "#"), ("ä", "A")],
)
def test_the_letter_of_an_entry(label: str, expected: str) -> None:
    assert letter(label) == expected


def test_letters_lead_into_a_long_index_and_a_short_one_has_none() -> None:
    tags = tuple(f"{first}{second}" for first in "BACZ" for second in "abcdefg")
    found = pages(gathered(named("One", tags=tags)))
    bar = found["index-tags.xhtml"].find(f".//{XHTML}p[@class='bar']")
    assert [one.text for one in bar] == ["Contents", "A", "B", "C", "Z"]
    assert len(found["index-authors.xhtml"].find(f".//{XHTML}p[@class='bar']")) == 1


def test_a_long_list_is_cut_into_files_that_every_reader_takes() -> None:
    tags = tuple(f"A tag of some length that nobody else has, number {number}" for number in range(1_500))
    book = publish(gathered(*(named(f"Work {number}", tags=tags) for number in range(3))))
    parts = [one for one in book.reading_order if one.href.startswith("index-tags")]
    assert [one.href for one in parts[:2]] == ["index-tags.xhtml", "index-tags-2.xhtml"]
    assert all(len(one.content) < 260_000 for one in parts)
    for one in parts:
        rows = etree.fromstring(one.content).find(f".//{XHTML}div[@class='rows']")
        assert rows[0].get("class") in ("term", None)
        assert rows[-1].tag == f"{XHTML}ul"


def test_each_work_leads_back_to_the_contents() -> None:
    page = pages(gathered(one_shot()))["text/1234567/afterword.xhtml"]
    back = page.find(f".//{XHTML}p[@class='back added']/{XHTML}a")
    assert back.get("href") == "../../contents.xhtml"


def test_the_program_s_words_are_in_the_language_of_most_works() -> None:
    found = pages(gathered(named("a", language="de"), named("b", language="de", creators=()), named("c")))
    contents = found["contents.xhtml"]
    assert lines(contents, "group")[-1] == "Unbekannt"
    assert contents.findtext(f".//{XHTML}h2") == "Inhalt"
    assert found["credits.xhtml"].findtext(f".//{XHTML}h2") == "Quellen"
    title = next(one for one in contents.iter(f"{XHTML}a") if one.text == "c")
    assert title.get("lang") == "en"


# Link by link, in a browser


def made(folder: Path, sources: Path, *options: str) -> Path:
    book = folder / "all.epub"
    done = CliRunner().invoke(
        app, ["anthology", str(sources), "-o", str(book), "--title", "All of Them", *options]
    )
    assert done.exit_code == 0, done.stderr
    return book


def expected_links(book: Path) -> dict[str, list[tuple[str, str]]]:
    """Label and goal of every link of the pages that only an anthology has, by page; read by lxml."""
    entries = read_entries(book)
    return {
        name: [
            (
                "".join(link.itertext()),
                posixpath.normpath(posixpath.join(posixpath.dirname(name), link.get("href"))),
            )
            for link in etree.fromstring(data).iter(f"{XHTML}a")
            if "://" not in link.get("href")
        ]
        for name, data in entries.items()
        if LISTS_RE.fullmatch(name)
    }


def check_links(book: Path) -> int:
    """Every link is followed in foliate-js and leads to what its words say; gives their number."""
    expected = expected_links(book)
    found = browser.links(book, list(expected))
    for page, wanted in expected.items():
        inner = [(link.label, link.href) for link in found if link.page == page and link.href is not None]
        assert inner == wanted, page
    for link in found:
        if link.href is None:
            assert link.outside is not None
            assert link.outside.startswith("https://")
            continue
        assert link.all, link
        if link.label in GROUPS_OF_ONE and "/preface.xhtml" in link.href:
            continue
        if re.fullmatch(r"text/\w+/preface\.xhtml", link.href) or "group-" in link.href:
            assert "".join(link.label.split()) in "".join(link.all), link
        elif "#author-" in link.href or "#credit-" in link.href:
            assert "".join(link.all).startswith("".join(link.label.split())), link
    return len(found)


@pytest.fixture(scope="module")
def foliate() -> None:
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch the reading systems:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch the reading systems; is this machine offline?")


def check_navigation(book: Path) -> int:
    reading = browser.follow(book, "foliate")
    assert all(entry.all for entry in reading.entries)
    assert (reading.errors, reading.outside) == ((), ())
    return len(reading.entries)


@pytest.mark.needs("chromium", "node", "java")
@pytest.mark.usefixtures("foliate")
def test_the_samples_link_by_link(samples: tuple[Path, ...], tmp_path: Path) -> None:
    book = made(tmp_path, samples[0].parent, "--group-by", "relationship,author")
    epubcheck.clean(book)
    assert check_navigation(book) > 60
    assert check_links(book) > 150


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.needs("chromium", "node", "java")
@pytest.mark.usefixtures("foliate")
def test_two_hundred_works_link_by_link(tmp_path: Path) -> None:
    book = made(tmp_path, many.write(tmp_path / "dumps", 200), "--group-by", "relationship,author")
    epubcheck.clean(book)
    assert check_navigation(book) > 500
    assert check_links(book) > 1_500


@pytest.mark.needs("java")
@pytest.mark.parametrize("group_by", ["fandom,rating", "character", "series", "language,status", "none"])
def test_epubcheck_has_nothing_to_say_of_two_hundred_works(group_by: str, tmp_path: Path) -> None:
    epubcheck.clean(made(tmp_path, many.write(tmp_path / "dumps", 200), "--group-by", group_by))


@pytest.mark.needs("seeds", "chromium", "node", "java")
@pytest.mark.usefixtures("foliate")
def test_the_real_dumps_link_by_link(seeds_dir: Path, tmp_path: Path) -> None:
    book = made(tmp_path, seeds_dir, "--group-by", "relationship,author")
    epubcheck.clean(book)
    assert check_navigation(book)
    assert check_links(book)
