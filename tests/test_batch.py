import os
from pathlib import Path

import pytest
from support.dumps import PROSE, dump, put
from support.works import listing

from fic2epub.errors import ExitCode, UsageError
from fic2epub.library import batch, pool
from fic2epub.library.batch import Status, make_books
from fic2epub.library.book import MakeOptions
from fic2epub.model import Origin
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.sources import read_file


def made(dumps, folder, **values):
    return list(make_books(dumps, folder, **values))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def dumps(tmp_path):
    """Two works of one title, one that is bad, one without a work id, one more."""
    paths = put(
        tmp_path / "dumps",
        a=dump(work_id="11"),
        b=dump(work_id="22"),
        c="",
        d=dump("Oil and Salt", work_id=None),
        e=dump("Ninety Steps", work_id="33", prose=PROSE * 40),
    )
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return paths


def test_each_dump_has_its_outcome_in_order(dumps, tmp_path):
    outcomes = made(dumps, tmp_path / "books", jobs=1)
    assert [one.dump for one in outcomes] == [str(path) for path in dumps]
    assert [one.status.value for one in outcomes] == ["made", "made", "failed", "made", "made"]
    assert [one.book and one.book.name for one in outcomes] == [
        "Ada Quill - The Lamp Room.epub",
        "Ada Quill - The Lamp Room [22].epub",
        None,
        "Ada Quill - Oil and Salt.epub",
        "Ada Quill - Ninety Steps.epub",
    ]
    assert outcomes[2].exit_code is ExitCode.SOURCE
    assert "c.txt" in outcomes[2].message
    assert outcomes[0].tally.chapters == 1
    assert outcomes[0].tally.words > 40


def test_the_number_of_jobs_changes_nothing(dumps, tmp_path):
    alone = made(dumps, tmp_path / "one", jobs=1)
    together = made(dumps, tmp_path / "two", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert [(one.status, one.message, one.tally) for one in alone] == [
        (one.status, one.message, one.tally) for one in together
    ]


def test_a_second_run_writes_nothing(dumps, tmp_path):
    made(dumps, tmp_path / "books", jobs=1)
    before = contents(tmp_path / "books")
    again = made(dumps, tmp_path / "books", jobs=1)
    assert [one.status.value for one in again] == [
        "unchanged",
        "unchanged",
        "failed",
        "unchanged",
        "unchanged",
    ]
    assert contents(tmp_path / "books") == before


def test_a_touched_dump_is_unchanged_and_a_grown_one_is_made(dumps, tmp_path):
    made(dumps, tmp_path / "books", jobs=1)
    os.utime(dumps[0], (1_800_000_000, 1_800_000_000))
    dumps[1].write_text(dump(work_id="22", prose=PROSE * 2), encoding="utf-8")
    again = made(dumps[:2], tmp_path / "books", jobs=1)
    assert [one.status for one in again] == [Status.UNCHANGED, Status.MADE]
    assert len(listing(tmp_path / "books")) == 4


def test_names_stay_when_a_dump_goes(dumps, tmp_path):
    made(dumps, tmp_path / "books", jobs=1)
    (only,) = made(dumps[1:2], tmp_path / "books", jobs=1)
    assert (only.status, only.book.name) == (Status.UNCHANGED, "Ada Quill - The Lamp Room [22].epub")


def test_a_dump_that_lies_there_twice_is_one_book(tmp_path):
    twice = put(tmp_path / "dumps", a=dump(), copy=dump())
    os.utime(twice[1], (1_600_000_000, 1_600_000_000))
    first, second = made(twice, tmp_path / "books", jobs=1)
    assert (first.status, second.status) == (Status.MADE, Status.UNCHANGED)
    assert second.book == first.book
    assert "same text" in second.message
    assert len(listing(tmp_path / "books")) == 1


def test_two_states_of_one_work_are_two_books(tmp_path):
    two = put(tmp_path / "dumps", new=dump(prose=PROSE * 3), old=dump(prose=PROSE))
    for _ in range(2):
        outcomes = made(two, tmp_path / "books", jobs=1)
        assert [one.book.name for one in outcomes] == [
            "Ada Quill - The Lamp Room.epub",
            "Ada Quill - The Lamp Room [1234567].epub",
        ]
    assert {one.status for one in outcomes} == {Status.UNCHANGED}


def test_a_target_that_cannot_be_written_fails_its_dump_alone(dumps, tmp_path):
    books = tmp_path / "books"
    books.mkdir()
    (books / "Ada Quill - Oil and Salt.epub").write_bytes(b"mine")
    outcomes = made(dumps, books, jobs=1)
    assert [one.status.value for one in outcomes] == ["made", "made", "failed", "failed", "made"]
    assert outcomes[3].exit_code is ExitCode.OUTPUT
    assert (books / "Ada Quill - Oil and Salt.epub").read_bytes() == b"mine"


def test_an_error_of_the_programs_own_fails_its_dump_alone(dumps, tmp_path, monkeypatch):
    make = batch.make

    def breaks(draft, options, *, standing):
        if draft.origin.name == "b.txt":
            raise ZeroDivisionError("seven")
        return make(draft, options, standing=standing)

    monkeypatch.setattr(batch, "make", breaks)
    outcomes = made(dumps, tmp_path / "books", jobs=1)
    assert [one.status.value for one in outcomes] == ["made", "failed", "failed", "made", "made"]
    assert outcomes[1].exit_code is ExitCode.UNEXPECTED
    assert "ZeroDivisionError: seven" in outcomes[1].message
    assert "test_batch.py" in outcomes[1].trace


def test_a_wrong_option_ends_the_run(dumps, tmp_path):
    options = MakeOptions(parse=ParseOptions(encoding="no such encoding"))
    with pytest.raises(UsageError):
        made(dumps, tmp_path / "books", jobs=1, options=options)
    with pytest.raises(UsageError):
        made(dumps, tmp_path / "books", jobs=2, options=options)


def end_process():
    os._exit(9)


class Deadly:
    """A dump that ends whatever process receives it, as the system does when memory runs out."""

    origin = Origin(None, "deadly.txt")

    def __reduce__(self):
        return end_process, ()


def test_a_worker_that_dies_is_one_failed_dump(dumps, tmp_path):
    given = [dumps[0], Deadly(), dumps[1], dumps[3], Deadly(), dumps[4]]
    outcomes = made(given, tmp_path / "books", jobs=2)
    assert [one.status.value for one in outcomes] == ["made", "failed", "made", "made", "failed", "made"]
    assert "deadly.txt" in outcomes[1].message
    assert len(listing(tmp_path / "books")) == 4


def test_a_run_that_is_given_up_leaves_whole_books_only(dumps, tmp_path):
    run = make_books(dumps, tmp_path / "books", jobs=2)
    next(run)
    run.close()
    assert listing(tmp_path / "books") == ["Ada Quill - The Lamp Room.epub"]


def test_a_draft_is_as_good_as_a_path(dumps, tmp_path):
    (one,) = made([read_file(dumps[0])], tmp_path / "books", name="own name.epub")
    assert one.book == tmp_path / "books" / "own name.epub"
    assert one.dump == "a.txt"


def test_relative_paths_reach_the_workers(dumps, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = [Path("dumps") / path.name for path in dumps]
    outcomes = made(given, Path("books"), jobs=2)
    assert [one.status.value for one in outcomes] == ["made", "made", "failed", "made", "made"]
    assert outcomes[2].message.startswith(str(given[2]))
    assert len(listing(tmp_path / "books")) == 4


def test_few_small_dumps_start_no_workers(dumps):
    assert batch.workers_for(dumps, None) == 1
    assert batch.workers_for(dumps, 3) == 3
    assert batch.workers_for(dumps[:1], 3) == 1


def test_many_bytes_start_workers(dumps, monkeypatch):
    monkeypatch.setattr(batch, "WORTH_A_WORKER", 1000)
    monkeypatch.setattr(batch.os, "cpu_count", lambda: 4)
    assert batch.workers_for(dumps, None) == 4


def test_there_are_never_many_books_in_memory(tmp_path, monkeypatch):
    held = []

    class Watched(pool._Worker):
        def give(self, at, item):
            held.append(item)
            super().give(at, item)

    monkeypatch.setattr(pool, "_Worker", Watched)
    paths = put(tmp_path / "dumps", **{f"d{at}": dump(f"Part {at}", work_id=str(at)) for at in range(1, 21)})
    ahead = []
    for done, _ in enumerate(make_books(paths, tmp_path / "books", jobs=2), 1):
        ahead.append(len(held) - done)
    assert max(ahead) <= 2 * pool.IN_FLIGHT
    assert len(held) == 20
