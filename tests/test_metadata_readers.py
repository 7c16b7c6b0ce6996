"""What other programs read of a book: calibre, EbookLib, foliate-js, epub.js."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ebooklib import epub
from support import browser, made, needs
from support import handmade as works
from support.epub_text import DC, OPF

from fic2epub.builder.columns import columns
from fic2epub.builder.sort_names import name_sort, title_sort
from fic2epub.container import read_entries
from fic2epub.model import Metadata, Work

COLUMNS = {
    "ship": ("text", True),
    "fandom": ("text", True),
    "rating": ("text", False),
    "status": ("text", False),
    "workid": ("text", False),
    "words": ("int", False),
    "chapters": ("int", False),
}
SHIPS = ("Ines Vale/Tom Arrow", "Ines Vale & the Sea")


def full() -> Work:
    """A work with something in every field that other programs read."""
    plain = works.six_chapters()
    metadata = replace(
        plain.metadata,
        title="The Slack Water",
        creators=("_tarn_ (oskfield)", "Ria of the Pier"),
        relationships=SHIPS,
        tags=("Lighthouses", "Fog"),
        summary="A keeper waits for a boat that is late.",
        chapters_posted=4,
        chapters_written="4/?",
        header=(),
    )
    return replace(plain, metadata=metadata)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    return made.book(tmp_path_factory.mktemp("book") / "book.epub", full())


SUBJECTS = ["Fanworks", "Harbour Tales", *SHIPS, "Lighthouses", "Fog", "Teen And Up Audiences"]


def calibre(*command: str, folder: Path) -> str:
    """Run one of calibre's commands with settings of its own."""
    environ = os.environ | {
        "CALIBRE_CONFIG_DIRECTORY": str(folder / "calibre"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


# calibre


@pytest.mark.needs("calibre")
def test_ebook_meta_reads_everything_back(book, tmp_path):
    opf, cover = tmp_path / "metadata.opf", tmp_path / "cover.jpg"
    calibre("ebook-meta", str(book), f"--to-opf={opf}", f"--get-cover={cover}", folder=tmp_path)
    root = ElementTree.parse(opf).getroot()
    metas = {meta.get("name"): meta.get("content") for meta in root.iter(f"{OPF}meta")}
    assert root.findtext(f".//{DC}title") == "The Slack Water"
    assert metas["calibre:title_sort"] == "Slack Water, The"
    creators = list(root.iter(f"{DC}creator"))
    assert [one.text for one in creators] == ["_tarn_ (oskfield)", "Ria of the Pier"]
    assert creators[0].get(f"{OPF}file-as") == "tarn_ & Ria of the Pier"
    assert [one.text for one in root.iter(f"{DC}subject")] == SUBJECTS
    assert root.findtext(f".//{DC}description") == "A keeper waits for a boat that is late."
    assert metas["calibre:series"] == "Harbour Tales"
    assert float(metas["calibre:series_index"]) == 2
    assert root.findtext(f".//{DC}date").startswith("2015-01-10")
    assert cover.read_bytes() == read_entries(book)["cover.jpg"]


def library(folder: Path) -> Path:
    """A library of calibre's with the columns that docs/commands.md tells to make."""
    place = folder / "library"
    place.mkdir()
    for label, (kind, several) in COLUMNS.items():
        more = ["--is-multiple"] if several else []
        calibre(
            "calibredb",
            f"--with-library={place}",
            "add_custom_column",
            *more,
            label,
            label.capitalize(),
            kind,
            folder=folder,
        )
    return place


def listed(place: Path, folder: Path) -> dict[str, Any]:
    (only,) = json.loads(
        calibre(
            "calibredb", f"--with-library={place}", "list", "--fields=all", "--for-machine", folder=folder
        )
    )
    return only


@pytest.mark.needs("calibre")
def test_calibredb_add_fills_in_the_columns(book, tmp_path):
    place = library(tmp_path)
    calibre("calibredb", f"--with-library={place}", "add", str(book), folder=tmp_path)
    found = listed(place, tmp_path)
    assert found["title"] == "The Slack Water"
    assert found["authors"] == "_tarn_ (oskfield) & Ria of the Pier"
    assert found["author_sort"] == "tarn_ & Ria of the Pier"
    assert sorted(found["tags"]) == sorted(SUBJECTS)
    assert (found["series"], found["series_index"]) == ("Harbour Tales", 2.0)
    assert Path(found["cover"]).is_file()
    assert sorted(found["*ship"]) == sorted(SHIPS)
    assert found["*fandom"] == ["Harbour Tales"]
    assert (found["*rating"], found["*status"]) == ("Teen And Up Audiences", "Updated")
    assert found["*workid"] == "7654321"
    assert (found["*words"], found["*chapters"]) == (48, 4)


@pytest.mark.needs("calibre")
def test_calibredb_add_takes_the_book_into_a_library_without_columns(book, tmp_path):
    place = tmp_path / "library"
    place.mkdir()
    calibre("calibredb", f"--with-library={place}", "add", str(book), folder=tmp_path)
    found = listed(place, tmp_path)
    assert found["title"] == "The Slack Water"
    assert not [name for name in found if name.startswith("*")]


def test_only_what_the_dump_says_gets_a_column():
    found = dict(columns(Metadata(title="A"), words=0, chapters=1))
    assert sorted(found) == ["calibre:user_metadata:#chapters", "calibre:user_metadata:#words"]
    assert json.loads(found["calibre:user_metadata:#words"])["#value#"] == 0


def test_the_chapters_of_the_column_are_those_that_the_dump_declares():
    (said,) = (
        v for n, v in columns(Metadata(title="A", chapters_posted=6), words=1, chapters=4) if "chap" in n
    )
    assert json.loads(said)["#value#"] == 6


@pytest.mark.parametrize(("label", "kind", "several"), [(k, *v) for k, v in COLUMNS.items()])
def test_the_documents_say_how_to_make_each_column(label, kind, several):
    text = (Path(__file__).parent.parent / "docs" / "commands.md").read_text(encoding="utf-8")
    more = "--is-multiple " if several else ""
    assert f"calibredb add_custom_column {more}{label} {label.capitalize()} {kind}\n" in text


# EbookLib


def test_ebooklib_reads_everything_back(book):
    read = epub.read_epub(str(book), options={"ignore_ncx": True})
    assert read.get_metadata("DC", "title")[0][0] == "The Slack Water"
    assert [value for value, _ in read.get_metadata("DC", "creator")] == [
        "_tarn_ (oskfield)",
        "Ria of the Pier",
    ]
    assert [value for value, _ in read.get_metadata("DC", "subject")] == SUBJECTS
    assert read.get_metadata("DC", "source")[0][0] == "https://archiveofourown.org/works/7654321"
    metas = {more.get("name"): more.get("content") for _, more in read.get_metadata("OPF", "meta") if more}
    named = {**metas, **{name: more.get("content") for name, more in _named(read)}}
    assert named["calibre:series"] == "Harbour Tales"
    assert json.loads(named["calibre:user_metadata:#ship"])["#value#"] == list(SHIPS)
    assert read.get_item_with_id("cover-image").get_content() == read_entries(book)["cover.jpg"]


def _named(read: epub.EpubBook) -> list[tuple[str, dict[str, str]]]:
    """EPUB 2's metas, which EbookLib lists under their names."""
    return [
        (name, more)
        for names in read.metadata.values()
        for name, values in names.items()
        for _, more in values
        if more and "content" in more
    ]


# Reading systems


@pytest.fixture(scope="module")
def reading_systems() -> None:
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch the reading systems:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch the reading systems; is this machine offline?")


@pytest.mark.needs("chromium", "node")
def test_foliate_reads_everything_back(book, reading_systems):
    found = browser.facts(book, "foliate")
    assert found["title"] == "The Slack Water"
    assert found["creators"] == ["_tarn_ (oskfield)", "Ria of the Pier"]
    assert found["sorted"] == ["tarn_", "Ria of the Pier"]
    assert found["subjects"] == SUBJECTS
    assert found["description"] == "A keeper waits for a boat that is late."
    assert found["series"] == [["Harbour Tales", 2]]  # the first, as calibre has it
    assert found["cover"] == len(read_entries(book)["cover.jpg"])


@pytest.mark.needs("chromium", "node")
def test_epub_js_reads_what_it_can(book, reading_systems):
    found = browser.facts(book, "epubjs")
    assert found["title"] == "The Slack Water"
    assert found["creators"] == ["_tarn_ (oskfield)"]
    assert found["description"] == "A keeper waits for a boat that is late."
    assert found["cover"] == len(read_entries(book)["cover.jpg"])


# What names and titles are filed under


@pytest.mark.parametrize(
    ("name", "filed"),
    [
        ("Osk Tarn", "Osk Tarn"),
        ("Willow of the Marsh", "Willow of the Marsh"),
        ("xX_tarn_Xx", "xX_tarn_Xx"),
        ("_tarn_ (oskfield)", "tarn_"),
        ("~*Ria*~", "Ria*~"),
        ("orphan_account", "orphan_account"),
        ("Ria (she/her) Bly", "Ria (she/her) Bly"),
        ("(parenthesis)", "parenthesis)"),
        ("~~~", "~~~"),
        ("火村", "火村"),
    ],
)
def test_a_name_is_filed_as_it_is(name, filed):
    assert name_sort(name) == filed


@pytest.mark.parametrize(
    ("title", "language", "filed"),
    [
        ("The Lamp Room", "en", "Lamp Room, The"),
        ("the lamp room", "en-GB", "lamp room, the"),
        ("An Hour", "en", "Hour, An"),
        ("A", "en", "A"),
        ("The", "en", "The"),
        ("Theatre", "en", "Theatre"),
        ("Die Hard", "en", "Die Hard"),
        ("Die Lampe", "de", "Lampe, Die"),
        ("L’Hiver", "fr", "Hiver, L’"),
        ("“The” Lamp", "en", "The” Lamp"),
        ("...and then", "en", "and then"),
        ("???", "en", "???"),
        ("המנורה", "he", "המנורה"),
    ],
)
def test_a_title_is_filed_behind_its_article(title, language, filed):
    assert title_sort(title, language) == filed
