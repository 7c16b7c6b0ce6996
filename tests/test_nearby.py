"""What is shown of a dump is what its book keeps: ``inspect``, ``fix`` and ``review`` look at the book."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.corrected import dump, paragraph

from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.library.book import MakeOptions, recover
from fic2epub.library.nearby import Nearby, Standing
from fic2epub.parser.outline import inspection
from fic2epub.parser.sources import read_file
from fic2epub.record import RECORD_NAME
from fic2epub.web.desk import Desk
from fic2epub.web.review import review_app

WEAK = "A/N: I do not own them."
STRONG = "A/N: Sorry for the late update, my laptop died. Next chapter on Friday, please review!"
DATE = "2024-03-05"

HOST = {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}

FIRST = [*map(paragraph, range(12)), WEAK, *map(paragraph, range(12, 24))]
MORE = [STRONG, *map(paragraph, range(30, 42)), f"{STRONG} It is a long one.", *map(paragraph, range(42, 54))]
EARLY = dump(FIRST, chapters="2/?")
GROWN = dump([*FIRST, *MORE], chapters="3/?")
"""Afresh it is divided at both of its stronger notes, and no more at the weak one."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def shown(*arguments: str) -> dict:
    """What ``inspect --json`` says of the dump."""
    done = run("inspect", "dumps/walk.txt", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def starts(*arguments: str) -> list[int]:
    return [chapter["start_line"] for chapter in shown(*arguments)["chapters"]]


def text(value: str) -> None:
    Path("dumps/walk.txt").write_text(value, encoding="utf-8")


def made(book: Path) -> list[str]:
    """The rules of each boundary of a book, and the fingerprints of its chapters."""
    (work,) = json.loads(read_entries(book)[RECORD_NAME])["works"]
    return [chapter["fingerprint"] for chapter in work["chapters"]]


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with a dump in ``dumps``, which is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1709640000")
    (tmp_path / "dumps").mkdir()
    text(EARLY)
    return tmp_path


def test_the_texts_of_these_tests_are_read_otherwise_when_afresh(place):
    before = starts()
    text(GROWN)
    assert starts()[: len(before)] != before


@pytest.mark.parametrize(
    "makes",
    [
        ("convert", "dumps/walk.txt"),
        ("convert", "dumps/walk.txt", "--format", "kepub"),
        ("convert", "dumps/walk.txt", "--discreet"),
        ("batch", "dumps"),
        ("batch", "dumps", "--name", "{author}/{year} {title}"),
    ],
)
def test_inspect_shows_what_the_book_keeps(place, makes):
    early, grown = (one.replace("The Lamp Room", "Smut and Lamps") for one in (EARLY, GROWN))
    text(early)
    before = starts()
    assert run(*makes, "--no-cover").exit_code == 0
    text(grown)
    assert starts()[: len(before)] == before
    assert starts("--recover-again")[: len(before)] != before


@pytest.mark.parametrize(
    ("makes", "where"), [("convert", "shelf/walk.epub"), ("convert", "shelf/"), ("batch", "shelf/")]
)
def test_a_book_elsewhere_is_named(place, makes, where):
    before = starts()
    Path("shelf").mkdir()
    assert (
        run(makes, "dumps/walk.txt" if makes == "convert" else "dumps", "-o", where, "--no-cover").exit_code
        == 0
    )
    text(GROWN)
    assert starts()[: len(before)] != before
    assert starts("--book", where)[: len(before)] == before


def test_what_inspect_shows_is_what_convert_then_makes(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    (book,) = place.glob("*.epub")
    text(GROWN)
    count = len(starts())
    run("convert", "dumps/walk.txt", "--no-cover")
    assert len(made(book)) == count
    # And again, now that the book is that of the very dump.
    assert len(starts()) == count


def test_kept_boundaries_say_so_and_since_when(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    text(GROWN)
    value = shown()
    kept, grown = (chapter["evidence"][0] for chapter in value["chapters"][1:])
    assert (kept["rule"], kept["words"]) == ("kept.boundary", f"as in the book of {DATE}")
    assert grown["rule"] == "boundary.grown"
    (book,) = place.glob("*.epub")
    assert value["book"] == {"path": book.name, "modified": f"{DATE}T12:00:00Z"}
    outline = run("inspect", "dumps/walk.txt").stdout
    assert outline.count(f"kept.boundary “as in the book of {DATE}”") == 1
    assert f"1 of 3 chapters begins as in the book of {DATE} ({book.name})" in outline
    assert "1 of them would not be found afresh" in outline


HEADED = [paragraph(0), paragraph(1), "Chapter 2: The Quay", paragraph(2), paragraph(3)]


def test_the_words_that_bear_a_kept_boundary_out_are_shown_too(place):
    text(dump(HEADED, chapters="2/?"))
    run("convert", "dumps/walk.txt", "--no-cover")
    text(dump([*HEADED, "Chapter 3: The Boat", *map(paragraph, range(4, 9))], chapters="3/?"))
    outline = run("inspect", "dumps/walk.txt").stdout
    assert f"kept.boundary “as in the book of {DATE}”; heading.numbered “Chapter 2: The Quay”" in outline
    assert "afresh" not in outline.partition("--recover-again")[0]


def test_of_the_very_text_of_the_book_the_reasons_are_those_of_today(place):
    text(dump(HEADED, chapters="2/?"))
    before = run("inspect", "dumps/walk.txt").stdout
    run("convert", "dumps/walk.txt", "--no-cover")
    outline = run("inspect", "dumps/walk.txt").stdout
    assert outline.startswith(before)
    (more,) = outline.removeprefix(before).splitlines()
    assert f"All chapters begin as in the book of {DATE}" in more


def test_what_only_the_book_says_is_marked_in_the_book_s_own_text_too(place):
    # The book has grown once: its text is today's dump's, but its boundaries are not what is found afresh.
    run("convert", "dumps/walk.txt", "--no-cover")
    text(GROWN)
    run("convert", "dumps/walk.txt", "--no-cover")
    value = shown()
    assert [chapter["evidence"][0]["rule"] for chapter in value["chapters"][1:]] == ["kept.boundary"] * 2


def test_the_doubts_of_a_correction_file_are_those_of_the_book(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    text(GROWN)
    kept = starts()
    assert run("inspect", "dumps/walk.txt", "--write-corrections").exit_code == 0
    written = Path("dumps/walk.fic.toml").read_text(encoding="utf-8")
    assert "kept.boundary" in written or all(
        f"Line {line + 1}: a chapter" not in written for line in kept[1:3]
    )


def test_without_a_book_near_nothing_is_different(place):
    fresh = inspection(recover(read_file(Path("dumps/walk.txt")), MakeOptions()))
    expected = json.dumps(fresh, ensure_ascii=False) + "\n"
    assert run("inspect", "dumps/walk.txt", "--json").stdout == expected
    # Other books do not matter, nor another work of the same name.
    text(EARLY.replace("Work ID: 1234567", "Work ID: 7654321"))
    run("convert", "dumps/walk.txt", "--no-cover")
    text(EARLY)
    assert run("inspect", "dumps/walk.txt", "--json").stdout == expected


def test_without_a_book_near_no_correction_file_is_looked_for_twice(place, monkeypatch):
    monkeypatch.setattr("fic2epub.library.nearby.header_of", lambda *_: pytest.fail("looked for"))
    assert Nearby(places=(None, "books")).of(read_file(Path("dumps/walk.txt")), MakeOptions()) is None


def test_inspect_writes_nothing_into_a_library(place):
    run("batch", "dumps", "--no-cover")
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    times = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    assert "book" in shown()
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == times


def test_a_damaged_catalogue_is_passed_over_and_the_name_tells(place):
    run("batch", "dumps", "--no-cover")
    Path("books/.fic2epub/catalogue.sqlite").write_bytes(b"no catalogue at all" * 99)
    assert shown()["book"]["path"].startswith(f"books{os.sep}")


def test_a_named_file_that_is_no_book_of_the_work_is_told(place):
    text(EARLY.replace("Work ID: 1234567", "Work ID: 7654321"))
    run("convert", "dumps/walk.txt", "-o", "other.epub", "--no-cover")
    text(EARLY)
    done = run("inspect", "dumps/walk.txt", "--json", "--book", "other.epub")
    assert "other.epub: is no book of the work in" in done.stderr
    assert "book" not in json.loads(done.stdout)


def test_a_place_that_is_not_there_is_an_error(place):
    done = run("inspect", "dumps/walk.txt", "--book", "nowhere.epub")
    assert done.exit_code == 2
    assert "nowhere.epub" in done.stderr


def test_an_anthology_may_be_named(place):
    Path("dumps/second.txt").write_text(
        dump([paragraph(70)], chapters="1/1").replace("1234567", "99"), encoding="utf-8"
    )
    before = starts()
    assert run("anthology", "dumps", "--title", "Both", "--no-cover").exit_code == 0
    text(GROWN)
    assert starts("--book", "Both.epub")[: len(before)] == before


def test_where_the_settings_send_books_they_are_looked_for(place, monkeypatch):
    settings = place / "own.toml"
    settings.write_text('[convert]\noutput = "shelf/"\n', encoding="utf-8")
    monkeypatch.setenv("FIC2EPUB_CONFIG", str(settings))
    before = starts()
    assert run("convert", "dumps/walk.txt", "--no-cover").exit_code == 0
    assert list(Path("shelf").glob("*.epub"))
    text(GROWN)
    assert starts()[: len(before)] == before


def test_a_book_with_a_date_that_is_none_is_still_a_book():
    class Odd:
        modified = "yesterday"

    assert Standing(Path("x.epub"), Odd()).date == "an unknown date"  # type: ignore[arg-type]


# Corrections have the last word


def test_fix_takes_away_a_boundary_that_only_the_book_has(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    before = starts()
    text(GROWN)
    afresh = starts("--recover-again")
    line = next(line for line in before if line not in afresh) + 1
    refused = run("fix", "dumps/walk.txt", "--not-chapter", str(line), "--recover-again")
    assert refused.exit_code == 2
    assert run("fix", "dumps/walk.txt", "--not-chapter", str(line)).exit_code == 0
    assert line - 1 not in starts()
    run("convert", "dumps/walk.txt", "--no-cover")
    assert len(made(next(place.glob("*.epub")))) == 2


def test_a_chapter_that_the_reader_added_is_not_as_in_the_book(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    assert "All chapters begin as in the book" in run("inspect", "dumps/walk.txt", "-v").stdout
    line = next(at for at, one in enumerate(EARLY.split("\n"), 1) if at not in starts() and one and at > 12)
    assert run("fix", "dumps/walk.txt", "--chapter-at", str(line)).exit_code == 0
    told = run("inspect", "dumps/walk.txt", "-v").stdout
    assert "corrections.chapter" in told
    assert "All chapters" not in told
    assert f"of {len(starts())} chapters begin" in told


@pytest.fixture
def page(place):
    """The review of a dump that has grown since its book was made."""
    run("convert", "dumps/walk.txt", "--no-cover")
    text(GROWN)
    near = Nearby(places=(None, "books"))
    client = review_app([Path("dumps/walk.txt")], MakeOptions(), token="t", near=near).test_client()
    client.get("/?token=t", headers=HOST)
    return client


def test_review_shows_what_is_kept_as_such(page):
    shown_page = page.get("/1/", headers=HOST).text
    cut = next(part for part in shown_page.split('<h2 class="cut"') if WEAK in part)
    assert re.search(r"\d\d % sure, as in the book", cut)
    assert f"kept.boundary “as in the book of {DATE}”" in cut
    assert shown_page.count(", as in the book</span>") == 1
    assert f"1 of 3 chapters begins as in the book of {DATE}" in shown_page


def test_a_reader_overrules_on_the_page_what_is_kept(page, place):
    shown_page = page.get("/1/", headers=HOST).text
    version = int(re.search(r'data-version="(\d+)"', shown_page)[1])
    edit = {"do": "no-chapter", "at": GROWN.index(WEAK)}
    answer = page.post("/1/edit.json", json={"version": version, "edits": [edit]}, headers=HOST)
    assert answer.status_code == 200, answer.text
    assert ", as in the book</span>" not in page.get("/1/", headers=HOST).text
    run("convert", "dumps/walk.txt", "--no-cover")
    assert len(made(next(place.glob("*.epub")))) == 2


def test_review_as_it_would_be_afresh_can_be_had(place):
    run("convert", "dumps/walk.txt", "--no-cover")
    text(GROWN)
    near = Nearby(places=(None,))
    kept, afresh = (
        Desk(Path("dumps/walk.txt"), MakeOptions(recover_again=again), near).state()
        for again in (False, True)
    )
    assert [row.id for row in kept.rows if row.cut] != [row.id for row in afresh.rows if row.cut]
