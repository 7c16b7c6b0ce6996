"""fic2epub library: what it lists, and that nothing is removed that should stay."""

import csv
import io
import json
import os
import shutil
import sys

import pytest
from click.testing import CliRunner
from support.dumps import PROSE, dump, put
from support.works import listing

from fic2epub.cli import library
from fic2epub.cli import listing as shown_as
from fic2epub.cli.app import app
from fic2epub.container import read_entries, zip_entries
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.removal import book_path
from fic2epub.library.shelf import convert

HEADER = "Title: {title}\nAuthor: {author}\nLanguage: English\nRating: {rating}\n{more}\n\n"


def story(title, *, author="Ada Quill", rating="General Audiences", more="Chapters: 1/1", times=1):
    return HEADER.format(title=title, author=author, rating=rating, more=more) + PROSE * times


DUMPS = {
    "lamp": story("The Lamp Room", more="Work ID: 11\nAdditional Tags: Slow Burn\nChapters: 1/1"),
    "oil": story(
        "Oil and Salt", author="Björn", rating="Explicit", more="Work ID: 22\nChapters: 1/?", times=4
    ),
    "evil": story(
        "=1+1", author="@ada", more="Work ID: 33\nAdditional Tags: +cmd, -x\nChapters: 1/1", times=2
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three dumps in ``dumps``, and a library of their books in ``books``."""
    place = tmp_path_factory.mktemp("made")
    for path in put(place / "dumps", **DUMPS):
        convert(path, place / "books" / f"{path.stem}.epub")
    result = run("library", "rebuild", place / "books")
    assert result.exit_code == 0, result.output
    assert "3 books, 3 works" in result.stderr
    return place


@pytest.fixture
def books(made, tmp_path, monkeypatch):
    """A copy of that library, in a current folder of its own."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "books"


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin, prog_name="fic2epub")


def titles(*arguments):
    """The titles that a command lists, in its order."""
    result = run("library", *arguments)
    assert result.exit_code == 0, result.output
    return [line.split("\t")[2] for line in result.stdout.splitlines()]


# list, search, info


@pytest.mark.parametrize(
    ("wishes", "found"),
    [
        ([], ["=1+1", "Oil and Salt", "The Lamp Room"]),
        (["--sort-by", "words"], ["The Lamp Room", "=1+1", "Oil and Salt"]),
        (["--sort-by", "-words"], ["Oil and Salt", "=1+1", "The Lamp Room"]),
        (["--sort-by=-rating,title"], ["Oil and Salt", "=1+1", "The Lamp Room"]),
        (["-n", "1"], ["=1+1"]),
        (["--where", "rating <= teen"], ["=1+1", "The Lamp Room"]),
        (["--where", "author ~ bjorn or tag = 'slow burn'"], ["Oil and Salt", "The Lamp Room"]),
        (["--where", "not complete"], ["Oil and Salt"]),
        (["--where", "words > 1m"], []),
        (
            ["--where", "confidence = 1 and notes = 0 and unsure = 0", "--sort-by", "id", "--limit", "2"],
            ["The Lamp Room", "Oil and Salt"],
        ),
    ],
)
def test_works_are_listed_as_asked(books, wishes, found):
    assert titles("list", books, *wishes) == found


def test_works_are_searched_for_by_their_words(books):
    assert titles("search", books, "lamp") == ["The Lamp Room"]
    assert titles("search", books, '"slow burn"') == ["The Lamp Room"]
    assert titles("search", books, "lam*", "quill") == ["The Lamp Room"]
    assert titles("search", books, "lamp", "--where", "words > 1m") == []
    assert titles("search", books, '"; DROP TABLE book; --') == []


def test_finding_nothing_is_said_but_not_among_the_results(books, tmp_path):
    result = run("library", "search", books, "walrus")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No work is like that.\n")
    assert run("library", "search", books, "walrus", "-q").stderr == ""
    (tmp_path / "none").mkdir()
    run("library", "rebuild", tmp_path / "none")
    result = run("library", "list", tmp_path / "none", "--csv")
    assert result.stdout.startswith("path,")
    assert result.stderr == "The library is empty.\n"


def test_a_line_has_eight_cells_that_no_title_can_add_to(books, tmp_path):
    put(tmp_path / "dumps", tabs=story("A\tB\x1b[31m", more="Work ID: 44\nChapters: 1/1"))
    convert(tmp_path / "dumps" / "tabs.txt", books / "tabs.epub")
    run("library", "rebuild", books)
    lines = run("library", "list", books).stdout.splitlines()
    assert [line.count("\t") for line in lines] == [len(shown_as.COLUMNS) - 1] * 4
    assert all(line.replace("\t", "").isprintable() for line in lines)


def test_the_list_as_json_has_everything(books):
    lines = [json.loads(line) for line in run("library", "list", books, "--json").stdout.splitlines()]
    lamp = next(line for line in lines if line["work_id"] == "11")
    assert lamp["path"] == "lamp.epub"
    assert lamp["tags"] == ["Slow Burn"]
    assert lamp["creators"] == ["Ada Quill"]
    assert lamp["chapters"] == 1
    assert lamp["confidence"] == 1.0
    assert lamp["schema"] == 1


def test_the_list_as_csv_holds_no_formula(books):
    text = run("library", "list", books, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["work_id"] for row in rows if row["title"] == "'=1+1"] == ["33"]
    evil = next(row for row in rows if row["work_id"] == "33")
    assert (evil["creators"], evil["tags"]) == ("'@ada", "'+cmd; -x")
    assert int(evil["words"]) > 0
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row.values())


def test_json_and_csv_exclude_each_other(books):
    assert run("library", "list", books, "--json", "--csv").exit_code == 2


def test_a_slip_in_a_condition_is_shown_with_a_caret(books):
    result = run("library", "list", books, "--where", "ratting <= teen")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-2:] == ["  ratting <= teen", "  ^"]


@pytest.mark.parametrize(("width", "cut"), [(200, False), (62, False), (57, True)])
def test_the_table_fits_the_terminal_and_cuts_names_only(books, monkeypatch, width, cut):
    monkeypatch.setenv("COLUMNS", str(width))
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with Catalogue.open(books) as catalogue:
        shown_as.put_table(catalogue.entries())
        words = [f"{entry.words:,}" for entry in catalogue.entries()]
    head, *lines = stream.getvalue().splitlines()
    assert head.split() == ["author", "title", "rating", "words", "chapters", "status"]
    assert all(len(line) <= width for line in (head, *lines))
    assert [number in line.split() for number, line in zip(words, lines, strict=True)] == [True] * 3
    assert ("…" in stream.getvalue()) is cut


def test_info_counts(books):
    told = json.loads(run("library", "info", books, "--json").stdout)
    assert (told["books"], told["works"], told["authors"]) == (3, 3, 3)
    assert told["ratings"] == {"General Audiences": 2, "Explicit": 1}
    assert told["bytes"] == sum(path.stat().st_size for path in books.glob("*.epub"))
    text = run("library", "info", books).stdout
    assert "books         3\n" in text
    assert "General Audiences 2, Explicit 1" in text


@pytest.mark.parametrize("command", [("list",), ("search", "x"), ("info",), ("remove", "x.epub")])
def test_a_folder_without_a_catalogue_is_refused_with_advice(tmp_path, command):
    result = run("library", command[0], tmp_path, *command[1:])
    assert result.exit_code == 5
    assert "fic2epub library rebuild" in result.stderr
    assert listing(tmp_path) == []


def test_a_damaged_catalogue_is_made_again(books):
    (books / ".fic2epub" / "catalogue.sqlite").write_bytes(b"no database" * 1_000)
    assert run("library", "list", books).exit_code == 5
    assert run("library", "rebuild", books).exit_code == 0
    assert len(titles("list", books)) == 3


def test_rebuild_changes_no_book_and_tells_of_others(books):
    before = {path.name: path.read_bytes() for path in books.glob("*.epub")}
    (books / "other.epub").write_bytes(zip_entries([("mimetype", b"application/epub+zip"), ("a.txt", b"a")]))
    result = run("library", "rebuild", books)
    assert "3 books, 3 works; 1 other EPUB that fic2epub did not write" in result.stderr
    after = {path.name: path.read_bytes() for path in books.glob("*.epub")}
    assert {name: after[name] for name in before} == before


# remove


def test_a_book_is_removed_with_its_entry(books):
    result = run("library", "remove", books, "lamp.epub", "--yes")
    assert result.exit_code == 0, result.output
    assert not (books / "lamp.epub").exists()
    assert "The Lamp Room" not in titles("list", books)
    assert len(titles("list", books)) == 2


@pytest.mark.parametrize("named", ["books/lamp.epub", "./books/../books/lamp.epub"])
def test_a_book_may_be_named_from_here(books, named):
    assert run("library", "remove", "books", named, "-y").exit_code == 0
    assert not (books / "lamp.epub").exists()


def test_where_removes_what_meets_it(books):
    result = run("library", "remove", books, "--where", "rating = explicit", "--yes")
    assert result.exit_code == 0
    assert "1 book: 1 removed, 0 left alone" in result.stderr
    assert sorted(path.name for path in books.glob("*.epub")) == ["evil.epub", "lamp.epub"]
    nothing = run("library", "remove", books, "--where", "rating = explicit", "--yes")
    assert nothing.exit_code == 0
    assert "Nothing is removed" in nothing.stderr


@pytest.mark.parametrize("more", [(), ("lamp.epub", "--where", "words > 0")])
def test_it_must_be_clear_what_goes(books, more):
    assert run("library", "remove", books, *more, "--yes").exit_code == 2
    assert len(list(books.glob("*.epub"))) == 3


def test_without_yes_nothing_goes_where_nobody_can_answer(books):
    result = run("library", "remove", books, "lamp.epub", stdin="y\n")
    assert result.exit_code == 2
    assert "add --yes" in result.stderr
    assert (books / "lamp.epub").exists()


@pytest.mark.parametrize(("answer", "stays"), [("y\n", False), ("n\n", True), ("\n", True), ("", True)])
def test_a_person_is_asked(books, monkeypatch, answer, stays):
    monkeypatch.setattr(library, "_can_answer", lambda: True)
    result = run("library", "remove", books, "lamp.epub", stdin=answer)
    assert "lamp.epub" in result.stderr
    assert "Remove 1 book for good?" in result.stderr
    assert (books / "lamp.epub").exists() is stays


def test_a_book_that_was_edited_stays_without_force(books):
    entries = dict(read_entries(books / "lamp.epub"))
    entries["note.txt"] = b"mine"
    (books / "lamp.epub").write_bytes(zip_entries(list(entries.items())))
    result = run("library", "remove", books, "lamp.epub", "oil.epub", "--yes")
    assert result.exit_code == 8
    assert "was edited after fic2epub wrote it" in result.stderr
    assert (books / "lamp.epub").exists()
    assert not (books / "oil.epub").exists(), "it goes on after one that stays"
    assert run("library", "remove", books, "lamp.epub", "--yes", "--force").exit_code == 0
    assert not (books / "lamp.epub").exists()


def test_a_file_of_another_program_in_a_books_place_stays(books):
    (books / "lamp.epub").write_bytes(b"somebody's")
    result = run("library", "remove", books, "lamp.epub", "--yes")
    assert result.exit_code == 5
    assert "did not write it" in result.stderr
    assert (books / "lamp.epub").read_bytes() == b"somebody's"
    assert len(titles("list", books)) == 3


def test_a_book_that_has_gone_already_is_forgotten(books):
    (books / "lamp.epub").unlink()
    assert run("library", "remove", books, "lamp.epub", "--yes").exit_code == 0
    assert len(titles("list", books)) == 2


@pytest.mark.parametrize("named", ["../outside.epub", "nothing.epub", "", ".", "lamp.epub/x", "\0"])
def test_only_books_of_the_library_can_be_named(books, tmp_path, named):
    (tmp_path / "outside.epub").write_bytes((books / "lamp.epub").read_bytes())
    result = run("library", "remove", books, named, "--yes")
    assert result.exit_code == 5, result.output
    assert "is no book of this library" in result.stderr
    assert (tmp_path / "outside.epub").exists()
    assert len(list(books.glob("*.epub"))) == 3


@pytest.mark.parametrize("path", ["../outside.epub", "sub/../../outside.epub"])
def test_a_catalogue_that_names_another_folder_is_not_obeyed(books, tmp_path, path):
    (tmp_path / "outside.epub").write_bytes((books / "lamp.epub").read_bytes())
    with Catalogue.open_to_write(books) as catalogue, catalogue.writing() as connection:
        connection.execute("UPDATE book SET path = ? WHERE path = 'lamp.epub'", (path,))
    result = run("library", "remove", books, "--where", "id = 11", "--yes")
    assert result.exit_code == 5
    assert "outside the library" in result.stderr
    assert (tmp_path / "outside.epub").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_folder_that_is_a_link_to_elsewhere_is_left_alone(books, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    convert(tmp_path / "dumps" / "lamp.txt", tmp_path / "elsewhere" / "lamp.epub")
    (books / "sub").symlink_to(tmp_path / "elsewhere")
    with Catalogue.open_to_write(books) as catalogue, catalogue.writing() as connection:
        connection.execute("UPDATE book SET path = 'sub/lamp.epub' WHERE path = 'lamp.epub'")
    assert run("library", "remove", books, "--where", "id = 11", "--yes").exit_code == 5
    assert (tmp_path / "elsewhere" / "lamp.epub").exists()


def test_an_anthology_goes_only_with_all_its_works(books, tmp_path):
    put(tmp_path / "more", a=dump("One", work_id="51"), b=dump("Two", work_id="52"))
    assert run("anthology", "more", "-o", books / "both.epub", "--title", "Both").exit_code == 0
    run("library", "rebuild", books)
    part = run("library", "remove", books, "--where", "id = 51", "--yes")
    assert part.exit_code == 0
    assert "both.epub: stays, since only some of its works" in part.stderr
    assert (books / "both.epub").exists()
    assert run("library", "remove", books, "--where", "id in (51, 52)", "--yes").exit_code == 0
    assert not (books / "both.epub").exists()


def test_a_library_that_another_writes_to_is_not_touched(books):
    with Catalogue.open_to_write(books):
        result = run("library", "remove", books, "lamp.epub", "--yes")
    assert result.exit_code == 5
    assert "is writing to this library" in result.stderr
    assert (books / "lamp.epub").exists()


def test_a_book_is_known_by_its_path_in_the_library_first(books, tmp_path, monkeypatch):
    monkeypatch.chdir(books)
    with Catalogue.open(books) as catalogue:
        assert book_path(catalogue, "lamp.epub") == "lamp.epub"
        assert book_path(catalogue, str(books / "oil.epub")) == "oil.epub"
