"""A book that ``convert`` makes in a library is in its catalogue at once; elsewhere none is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import many

from fic2epub.cli.app import app
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.house import library_of
from fic2epub.library.rebuild import rebuild


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of two dumps, and two more dumps elsewhere."""
    monkeypatch.chdir(tmp_path)
    many.write(tmp_path / "dumps", 4)
    more = tmp_path / "more"
    more.mkdir()
    for dump in sorted((tmp_path / "dumps").iterdir())[2:]:
        dump.rename(more / dump.name)
    assert run("batch", "dumps", "-o", "books", "-j", "1", "--no-cover", "-q").exit_code == 0
    return tmp_path


def entries() -> list[tuple[str, str, int]]:
    with Catalogue.open(Path("books")) as catalogue:
        return sorted((entry.path, entry.title, entry.words) for entry in catalogue.entries())


def as_rebuilt() -> bool:
    before = entries()
    rebuild(Path("books"))
    return entries() == before


def test_what_convert_makes_in_a_library_is_entered_at_once(here: Path) -> None:
    assert len(entries()) == 2
    assert run("convert", "more", "-o", "books/", "--no-cover").exit_code == 0
    assert len(entries()) == 4
    assert as_rebuilt()


def test_so_it_is_in_a_folder_of_it_under_a_name_of_its_own(here: Path) -> None:
    dump = str(next((here / "more").iterdir()))
    assert run("convert", dump, "-o", "books/new/mine.epub", "--no-cover").exit_code == 0
    assert [path for path, *_ in entries()][-1] == "new/mine.epub"
    assert as_rebuilt()


def test_while_another_writes_to_the_library_the_book_is_made_and_that_is_said(here: Path) -> None:
    dump = str(next((here / "more").iterdir()))
    with Catalogue.open_to_write(Path("books")):
        result = run("convert", dump, "-o", "books/mine.epub", "--no-cover")
    assert result.exit_code == 0
    assert "is writing to this library" in result.stderr
    assert "entered by the next batch" in result.stderr
    assert (here / "books/mine.epub").is_file()
    assert len(entries()) == 2
    assert run("batch", "dumps", "-o", "books", "-j", "1", "--no-cover", "-q").exit_code == 0
    assert len(entries()) == 3


def test_a_damaged_catalogue_costs_no_book(here: Path) -> None:
    (here / "books" / HOUSE / CATALOGUE_NAME).write_bytes(b"torn" * 1000)
    dump = str(next((here / "more").iterdir()))
    result = run("convert", dump, "-o", "books/mine.epub", "--no-cover")
    assert result.exit_code == 0
    assert "catalogue" in result.stderr
    assert (here / "books/mine.epub").is_file()


def test_a_book_that_is_as_it_was_leaves_the_catalogue_alone(here: Path) -> None:
    dump = str(next((here / "more").iterdir()))
    for _ in range(2):
        assert run("convert", dump, "-o", "books/mine.epub", "--no-cover").exit_code == 0
        with Catalogue.open(Path("books")) as catalogue:
            changed = catalogue.changed()
    assert run("convert", dump, "-o", "books/mine.epub", "--no-cover").exit_code == 0
    with Catalogue.open(Path("books")) as catalogue:
        assert catalogue.changed() == changed


def test_elsewhere_no_catalogue_is_made_or_even_imported(here: Path) -> None:
    script = (
        "import sys; from click.testing import CliRunner; from fic2epub.cli.app import app;"
        "made = CliRunner().invoke(app, sys.argv[1:]);"
        "sys.exit(made.exit_code or 'fic2epub.library.catalogue' in sys.modules)"
    )
    command = [sys.executable, "-c", script, "convert", "more", "-o", "elsewhere/", "--no-cover"]
    assert subprocess.run(command, check=False).returncode == 0
    assert len([*(here / "elsewhere").glob("*.epub")]) == 2
    assert not (here / "elsewhere" / HOUSE).exists()


def test_who_made_nothing_is_not_told_that_nothing_can_be_entered(here: Path) -> None:
    dump = str(next((here / "more").iterdir()))
    assert run("convert", dump, "-o", "books/", "--no-cover").exit_code == 0
    with Catalogue.open_to_write(Path("books")):
        again = run("convert", dump, "-o", "books/", "--no-cover")
    assert (again.exit_code, "is writing to this library" in again.stderr) == (0, False)


def test_a_library_that_may_not_be_looked_into_is_one_and_costs_no_book(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _close(monkeypatch, here)
    assert library_of(here / "books" / "new.epub") == here / "books"
    assert (
        library_of(here / "more" / "new.epub") is None
    )  # nobody may look there either, but there is no house
    done = run("convert", "more", "-o", "books/", "--no-cover")
    assert done.exit_code == 0
    assert len(list((here / "books").glob("*.epub"))) == 4


def _close(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """Let no catalogue below a folder be looked at: the superuser, whom no mode stops, runs tests too."""
    look = os.stat

    def stat(path: int | str | bytes | os.PathLike[str], **how: object) -> os.stat_result:
        if not isinstance(path, int) and os.fspath(path).endswith(CATALOGUE_NAME):  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return look(path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", stat)
