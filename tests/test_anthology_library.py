"""An anthology that is made into a library is in its catalogue at once, as if the library were rebuilt."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import many

from fic2epub.cli.app import app
from fic2epub.errors import ExitCode
from fic2epub.library.catalogue import Catalogue, Entry
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.entering import library_of
from fic2epub.library.rebuild import rebuild


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def good(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four dumps, and a library of them."""
    monkeypatch.chdir(tmp_path)
    many.write(tmp_path / "dumps", 4)
    good("batch", "dumps", "-o", "books", "-j", "1", "--no-cover", "-q")
    return tmp_path


def anthology(*wishes: str) -> Result:
    return good("anthology", *wishes, "--no-cover")


def entries(folder: str = "books") -> list[Entry]:
    with Catalogue.open(Path(folder)) as catalogue:
        return sorted(catalogue.entries(), key=lambda entry: (entry.path, entry.position))


def anthologies() -> dict[str, int]:
    """The anthologies of the library, with their number of works."""
    found: dict[str, int] = {}
    for entry in entries():
        if entry.anthology:
            found[entry.path] = found.get(entry.path, 0) + 1
    return found


def as_rebuilt() -> bool:
    """Whether the catalogue says what it says when it is made again of the books."""
    before = entries()
    rebuild(Path("books"))
    return entries() == before


def test_it_is_entered_at_once_and_batch_has_nothing_to_do(here: Path) -> None:
    anthology("dumps", "--title", "All", "-o", "books/")
    assert anthologies() == {"All.epub": 4}
    listed = good("library", "list", "books", "--csv").stdout
    assert listed.count("All.epub") == 4
    assert "4 unchanged" in good("batch", "dumps", "-o", "books", "-j", "1", "--no-cover").stderr
    assert as_rebuilt()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_a_name_that_is_no_text_is_told_and_not_entered(here: Path) -> None:
    result = run("anthology", "dumps", "-t", "All", "--no-cover", "-o", os.fsdecode(b"books/caf\xe9.epub"))
    assert result.exit_code == ExitCode.OUTPUT
    assert "a name in it is no text" in result.stderr
    assert anthologies() == {}
    assert as_rebuilt()


def test_the_next_run_of_the_definition_replaces_the_entry(here: Path) -> None:
    anthology("dumps", "--title", "All", "-o", "books/")
    (here / "dumps/0009.txt").write_text(many.text(9), encoding="utf-8")
    (here / "dumps/0000.txt").unlink()
    anthology("books/All.anthology.toml", "--where", "words > 0")
    assert anthologies() == {"All.epub": 4}
    assert [one.metadata.work_id for one in entries() if one.anthology].count("40000009") == 1
    assert not any(one.metadata.work_id == "40000000" for one in entries() if one.anthology)
    assert as_rebuilt()


def test_volumes_are_entered_each_and_forgotten_when_they_are_gone(here: Path) -> None:
    anthology("dumps", "--title", "All", "-o", "books/", "--split-at", "1-works")
    assert anthologies() == {f"All {number}.epub": 1 for number in range(1, 5)}
    Path("books/All 4.epub").unlink()
    anthology("books/All.anthology.toml", "--split-at", "2-works")
    assert not any(entry.path == "All 4.epub" for entry in entries())
    assert as_rebuilt()


def test_the_stories_are_searched_if_those_of_the_library_are(here: Path) -> None:
    good("batch", "dumps", "-o", "books", "-j", "1", "--no-cover", "--index-text")
    anthology("dumps", "--title", "All", "-o", "books/")
    with Catalogue.open(Path("books")) as catalogue:
        assert catalogue.count(search="ninety") == 8


def test_a_stranger_of_its_name_that_was_replaced_is_none_any_more(here: Path) -> None:
    Path("books/All.epub").write_bytes(b"somebody else's")
    rebuild(Path("books"))
    anthology("dumps", "--title", "All", "-o", "books/", "--force")
    assert anthologies() == {"All.epub": 4}
    with Catalogue.open(Path("books")) as catalogue:
        assert catalogue.connection.execute("SELECT count(*) FROM stranger").fetchone() == (0,)


def test_while_another_writes_to_the_library_nothing_is_made(here: Path) -> None:
    with Catalogue.open_to_write(Path("books")):
        result = run("anthology", "dumps", "--title", "All", "-o", "books/")
    assert result.exit_code == ExitCode.OUTPUT
    assert "is writing to this library" in result.stderr
    assert not list(Path("books").glob("All*"))


def test_a_damaged_catalogue_costs_no_book(here: Path) -> None:
    path = Path("books") / HOUSE / CATALOGUE_NAME
    path.write_bytes(b"no database" * 1_000)
    result = anthology("dumps", "--title", "All", "-o", "books/")
    assert "library rebuild" in result.stderr
    assert "not entered" in result.stderr
    assert Path("books/All.epub").exists()
    assert Path("books/All.anthology.toml").exists()


@pytest.mark.parametrize("output", ["else/", "-"])
def test_elsewhere_no_library_is_made_or_held(here: Path, output: str) -> None:
    with Catalogue.open_to_write(Path("books")):
        anthology("dumps", "--title", "All", "-o", output)
    assert not list(here.glob(f"else/{HOUSE}"))
    assert anthologies() == {}


@pytest.mark.parametrize(
    ("book", "found"),
    [
        ("books/x.epub", "books"),
        ("books/a/b/x.epub", "books"),
        ("books/../books/x.epub", "books"),
        ("link/x.epub", "books"),
        ("link/a/x.epub", "books"),
        ("books/a/.hidden/x.epub", None),
        ("books/out/x.epub", None),
        ("books/inner/x.epub", "books/inner"),
        ("x.epub", None),
    ],
)
def test_which_library_a_book_lies_in(here: Path, book: str, found: str | None) -> None:
    Path("books/inner", HOUSE).mkdir(parents=True)
    Path("books/inner", HOUSE, CATALOGUE_NAME).touch()
    Path("elsewhere").mkdir()
    Path("books/out").symlink_to("../elsewhere")
    Path("link").symlink_to("books")
    assert library_of(Path(book)) == (None if found is None else (here / found).resolve())
