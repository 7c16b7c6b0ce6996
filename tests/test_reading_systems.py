"""The books open in real reading systems: foliate-js and epub.js in headless Chromium, and calibre."""

import os
import subprocess
from itertools import takewhile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support import browser, made, needs, small_book
from support import handmade as works
from support.epub_text import DC, OPF, Book, Words, read_book

from fic2epub.model import LineBreak, Note, Work, plain_text

BOOKS = ("by hand", "one work", "anthology")
LETTERS = 40
"""How much of a chapter's beginning is compared, without white space, which reading systems set anew."""


def every_work() -> list[Work]:
    return [works.one_shot(), works.six_chapters(), works.with_parts(), *works.odd_titles()]


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    return {
        "by hand": small_book.write(folder / "hand.epub", small_book.entries()),
        "one work": made.book(folder / "work.epub", works.six_chapters()),
        "anthology": made.anthology(folder / "anthology.epub", every_work()),
    }


@pytest.fixture(scope="module")
def reading_systems() -> None:
    """The packages that package-lock.json pins, fetched when a test first asks."""
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch the reading systems:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch the reading systems; is this machine offline?")


def close(words: list[str] | tuple[str, ...]) -> str:
    """The letters of some words, as many as are compared."""
    return "".join("".join(words).split())[:LETTERS]


def expected(book: Book, href: str) -> tuple[str, str]:
    """The first letters under a place of the book: the author's, and all; read by our own reader."""
    path, _, fragment = href.partition("#")
    document = book.document(path)
    found = []
    for added in (False, True):
        items = document.from_fragment(fragment or None, added=added)
        found.append(close([item.text for item in items if isinstance(item, Words)]))
    return found[0], found[1]


@pytest.mark.needs("chromium", "node")
@pytest.mark.parametrize("reader", browser.READERS)
@pytest.mark.parametrize("name", BOOKS)
def test_every_entry_of_the_contents_leads_to_its_words(name, reader, books, reading_systems):
    book = read_book(books[name])
    reading = browser.follow(books[name], reader)
    assert [(e.label, e.href, e.depth) for e in reading.entries] == [
        (e.label, e.href, e.depth) for e in book.nav
    ]
    for entry in reading.entries:
        own, everything = expected(book, entry.href)
        assert own.startswith(close(entry.own)), entry
        assert everything.startswith(close(entry.all)), entry
        assert entry.all, f"nothing stands under {entry.label}"
        if entry.seen is not None:
            assert close(entry.all[:4]) in "".join(entry.seen), (
                f"{entry.label} opens a page without its words"
            )
    assert (reading.title, reading.language) == (book.values("title")[0], book.values("language")[0])
    assert (reading.errors, reading.outside) == ((), ())


def first_words(work: Work) -> list[str]:
    """What each chapter of a work begins with, from the model: its heading, note or first paragraph."""
    found = []
    for chapter in work.chapters:
        blocks = [chapter.heading] if chapter.heading else [*chapter.front, *chapter.body]
        first = blocks[0].blocks[0] if isinstance(blocks[0], Note) else blocks[0]
        line = takewhile(lambda inline: not isinstance(inline, LineBreak), first.content)
        found.append(close(plain_text(tuple(line)).split()))
    return found


@pytest.mark.needs("chromium", "node")
@pytest.mark.parametrize("name", ["one work", "anthology"])
def test_under_each_chapter_stand_its_first_words(name, books, reading_systems):
    wanted = first_words(works.six_chapters())
    entries = [
        entry
        for entry in browser.follow(books[name], "foliate").entries
        if "chapter" in entry.href and ("7654321" in entry.href or name == "one work")
    ]
    assert len(entries) == len(wanted)
    for entry, words in zip(entries, wanted, strict=True):
        assert close(entry.own).startswith(words[: len(close(entry.own))]), entry
        assert words


@pytest.mark.needs("chromium", "node")
def test_a_picture_of_a_page_can_be_taken(books, reading_systems, tmp_path):
    png = tmp_path / "page.png"
    browser.screenshots(books["one work"], {"text/chapter2.xhtml": png}, size=(300, 400))
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (300, 400)


def read_by_calibre(book: Path, folder: Path) -> ElementTree.Element:
    """The metadata as calibre understands it, as the package document that it would write."""
    opf = folder / "metadata.opf"
    subprocess.run(
        ["ebook-meta", str(book), f"--to-opf={opf}"],
        env=os.environ | {"CALIBRE_CONFIG_DIRECTORY": str(folder / "calibre")},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return ElementTree.parse(opf).getroot()


@pytest.mark.needs("calibre")
def test_calibre_reads_the_metadata_of_a_work(tmp_path):
    root = read_by_calibre(made.book(tmp_path / "book.epub", works.one_shot()), tmp_path)
    assert [e.text for e in root.iter(f"{DC}title")] == ["The Lamp Room"]
    assert [e.text for e in root.iter(f"{DC}creator")] == ["Osk Tarn"]
    assert [e.text for e in root.iter(f"{DC}language")] == ["eng"]  # its own name for en
    assert {"Lighthouses"} <= {e.text for e in root.iter(f"{DC}subject")}


@pytest.mark.needs("calibre")
def test_calibre_reads_the_series_and_the_date(tmp_path):
    root = read_by_calibre(made.book(tmp_path / "book.epub", works.six_chapters()), tmp_path)
    metas = {meta.get("name"): meta.get("content") for meta in root.iter(f"{OPF}meta")}
    assert metas["calibre:series"] == "Harbour Tales"
    assert float(metas["calibre:series_index"]) == 2
    assert root.findtext(f".//{DC}date").startswith("2015-01-10")


@pytest.mark.needs("calibre")
def test_calibre_reads_the_metadata_of_an_anthology(tmp_path):
    root = read_by_calibre(made.anthology(tmp_path / "book.epub", every_work()), tmp_path)
    assert [e.text for e in root.iter(f"{DC}title")] == ["All of Them"]
    assert {"Osk Tarn", "Ria Bly", "תמר"} <= {e.text for e in root.iter(f"{DC}creator")}
