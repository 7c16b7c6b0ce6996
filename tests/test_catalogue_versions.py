"""What a catalogue keeps of the dumps, and that none of it is lost when the catalogue is another's."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dumps import dump, put
from test_batch_library import PLAIN, keep, statuses, tree

from fic2epub.errors import LibraryError
from fic2epub.library.account import read_account, written_account
from fic2epub.library.book import Tally
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.name_template import NameTemplate
from fic2epub.library.nearby import Nearby
from fic2epub.library.rebuild import rebuild
from fic2epub.library.removal import remove
from fic2epub.library.update import LibraryRun, RunOptions
from fic2epub.model import Finding, Level
from fic2epub.parser.sources import read_file

NUMBERS = st.integers(0, 1 << 40)


@pytest.fixture
def dumps(tmp_path):
    """Two works; the header of one declares four chapters, of which there is one: that is a warning."""
    put(tmp_path / "dumps", a=dump(work_id="11"), b=dump("Oil", work_id="22").replace("1/1", "4/4"))
    return tmp_path / "dumps"


@pytest.fixture
def books(tmp_path):
    return tmp_path / "books"


def open_file(books):
    return closing(sqlite3.connect(books / HOUSE / CATALOGUE_NAME, isolation_level=None))


def make_old(books):
    """The catalogue as version 1 left it: without what was said of the dumps."""
    with open_file(books) as connection:
        connection.executescript("ALTER TABLE dump DROP COLUMN account; PRAGMA user_version = 1;")


def take_out(books, path):
    with Catalogue.open_to_write(books) as catalogue:
        assert [one.problem for one in remove(catalogue, [path])] == [None]


@given(*[NUMBERS] * 5, st.lists(st.tuples(st.text(), st.sampled_from(Level), st.text())))
def test_an_account_is_read_as_it_was_written(sure, likely, unsure, notes, words, findings):
    tally = Tally(sure=sure, likely=likely, unsure=unsure, notes=notes, words=words)
    told = tuple(Finding(*finding) for finding in findings)
    assert read_account(written_account(tally, told)) == (tally, told)


@pytest.mark.parametrize("text", [None, "", "{}", "[1,2]", '[1,1,1,1,1,[["a","b","c"]]]', '["x",1,1,1,1,[]]'])
def test_an_account_that_nobody_understands_is_none(text):
    assert read_account(text) is None


def test_a_dump_that_is_not_read_again_has_its_tally_and_its_warnings(dumps, books):
    first, second = keep(dumps, books), keep(dumps, books)
    assert [one.read for one in first] == [True, True]
    assert [one.read for one in second] == [False, False]
    assert [one.tally for one in first] == [one.tally for one in second]
    told = [(finding.rule, finding.level, finding.message) for one in first for finding in one.findings]
    assert Level.WARNING in {level for _, level, _ in told}
    assert told == [(one.rule, one.level, one.message) for outcome in second for one in outcome.findings]


def test_a_duplicate_has_no_warnings_of_a_book(dumps, books):
    put(dumps, c=(dumps / "b.txt").read_text(encoding="utf-8"))
    assert statuses(keep(dumps, books))["c"] == "duplicate"
    again = {one.status.value: one for one in keep(dumps, books)}
    assert not again["duplicate"].findings
    assert again["duplicate"].tally is not None


def test_an_older_catalogue_is_brought_up_to_date_and_asks_for_what_it_lacks(dumps, books):
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        expected = list(catalogue.entries())
    take_out(books, "Ada Quill - Oil.epub")
    make_old(books)
    with LibraryRun(books, RunOptions(make=PLAIN, jobs=1)) as run:
        assert run.notices == [], "nothing was made again"
        plan = run.find([dumps])
        why = {task.path[-5:]: task.why for task in plan.tasks}
        assert why == {"a.txt": "what there is to say of it is not known yet", "b.txt": None}
        assert [one.status.value for one in run.outcomes()] == ["unchanged", "passed over"]
    assert {one.read for one in keep(dumps, books)} == {False}
    with Catalogue.open(books) as catalogue:
        assert list(catalogue.entries()) == [one for one in expected if one.title == "The Lamp Room"]


def test_readers_and_a_dry_run_leave_an_older_catalogue_as_it_is(dumps, books):
    keep(dumps, books)
    make_old(books)
    before = tree(books)
    assert statuses(keep(dumps, books, dry_run=True)) == {"a": "to make", "b": "to make"}
    assert tree(books) == before
    with Catalogue.open(books) as catalogue:
        assert catalogue.count() == 2
    with open_file(books) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_the_book_of_a_dump_is_found_in_an_older_catalogue(dumps, books):
    keep(dumps, books, name=NameTemplate("{year} {title} x"))
    draft = read_file(dumps / "a.txt")
    near = Nearby(places=(str(books),))
    found = near.of(draft, PLAIN)
    assert found is not None
    make_old(books)
    assert near.of(draft, PLAIN) == found


@pytest.mark.parametrize("how", ["rebuild", "torn", "newer"])
def test_what_its_owner_decided_outlives_a_catalogue_that_is_made_again(dumps, books, how):
    keep(dumps, books, index_text=True)
    take_out(books, "Ada Quill - Oil.epub")
    path = books / HOUSE / CATALOGUE_NAME
    match how:
        case "rebuild":
            rebuild(books)
        case "torn":
            with open_file(books) as connection:
                (page,) = connection.execute(
                    "SELECT rootpage FROM sqlite_master WHERE name = 'book'"
                ).fetchone()
            content = bytearray(path.read_bytes())
            content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
            path.write_bytes(content)
        case "newer":
            with open_file(books) as connection:
                connection.execute("PRAGMA user_version = 99")
    assert statuses(keep(dumps, books)) == {"a": "unchanged", "b": "passed over"}
    with Catalogue.open(books) as catalogue:
        assert catalogue.count(search="ninety") == 1, "the stories are still searched"
    assert not path.with_name(path.name + ".new").exists()


def test_a_catalogue_of_a_newer_version_is_not_called_damaged(dumps, books):
    keep(dumps, books)
    with open_file(books) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="made by another version"):
        Catalogue.open_to_write(books)


def test_a_catalogue_that_was_being_made_again_when_the_power_went_is_no_matter(dumps, books):
    keep(dumps, books)
    (books / HOUSE / f"{CATALOGUE_NAME}.new").write_bytes(b"half")
    assert rebuild(books).read == 2
    assert not (books / HOUSE / f"{CATALOGUE_NAME}.new").exists()
