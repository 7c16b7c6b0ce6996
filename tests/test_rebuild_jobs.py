"""A catalogue that is made again over the cores is the one that a single process makes."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import many

from fic2epub.cli.app import app
from fic2epub.container import zip_entries
from fic2epub.library import rebuild as module
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.rebuild import Change, rebuild
from fic2epub.library.update import LibraryRun, RunOptions

TABLES = ("book", "work", "facet", "search", "stranger")


def good(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen works, an anthology of them in a folder, a stranger, a backup and an unfinished file."""
    folder = tmp_path_factory.mktemp("library")
    many.write(folder / "dumps", 14)
    library = folder / "books"
    good("batch", str(folder / "dumps"), "-o", str(library), "--no-cover", "--index-text", "-q", "-j", "1")
    (library / "all").mkdir()
    good("anthology", str(folder / "dumps"), "-o", f"{library}/all/", "-t", "All", "--no-cover", "-j", "1")
    (library / "a stranger.epub").write_bytes(zip_entries([("mimetype", b"application/epub+zip")]))
    (library / "old.bak.epub").write_bytes(b"old")
    return library


def rows(books: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(books / HOUSE / CATALOGUE_NAME)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


@pytest.mark.parametrize("at_a_time", [1, 4, 100])
def test_the_number_of_jobs_changes_nothing(
    books: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    assert rebuild(books, jobs=1) == Change(read=15, strangers=1)
    expected = rows(books)
    assert len(expected["work"]) == 28
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    monkeypatch.setattr(module, "_AT_A_TIME", at_a_time)
    assert rebuild(books, jobs=3) == Change(read=15, strangers=1)
    assert rows(books) == expected


def test_a_few_books_start_no_process(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 60.0)

    def never(*arguments: object, **values: object) -> None:
        raise AssertionError("a process was started for a few books")

    monkeypatch.setattr("fic2epub.library.pool.in_order", never)
    assert rebuild(books).read == 15


def test_a_dry_run_over_a_folder_without_a_catalogue_keeps_to_its_jobs(
    books: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in books.glob("*.epub"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(module, "_PATIENCE", 0.0)

    def never(*arguments: object, **values: object) -> None:
        raise AssertionError("a process was started beside the one that was asked for")

    monkeypatch.setattr("fic2epub.library.pool.in_order", never)
    with LibraryRun(tmp_path, RunOptions(jobs=1, dry_run=True)) as run:
        assert run.catalogue.count() == 14


def test_a_book_that_cannot_be_read_or_that_ends_its_process_costs_no_other(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    monkeypatch.setattr(module, "_read", die_over_the_second)
    change = rebuild(books, jobs=2)
    assert change.read == 14
    assert len(change.unreadable) == 1
    monkeypatch.undo()
    assert rebuild(books, jobs=1).read == 15


READ = module._read


def die_over_the_second(one: module._Changed, *, folder: Path, story: bool) -> module._Read:
    """Reads a book; the process that reads the anthology is ended, as the system does for want of memory."""
    if one.path == "all/All.epub":
        os._exit(9)
    return READ(one, folder=folder, story=story)


def test_the_command_takes_the_number_of_jobs(books: Path) -> None:
    result = CliRunner().invoke(app, ["library", "rebuild", str(books), "-j", "2"])
    assert result.exit_code == 0
    assert "15 books, 28 works" in result.stdout + result.stderr
