"""What a library does with its dumps from one run to the next."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from support import readers
from support.dumps import PROSE, dump, put
from support.works import listing

from fic2epub.builder.options import PublishOptions
from fic2epub.container import read_entries, zip_entries
from fic2epub.errors import ExitCode, LibraryBusyError, UsageError
from fic2epub.library import update, update_plan
from fic2epub.library.book import MakeOptions
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.name_template import NameTemplate
from fic2epub.library.rebuild import rebuild
from fic2epub.library.removal import remove
from fic2epub.library.update import LibraryRun, RunOptions
from fic2epub.model import Metadata
from fic2epub.select import parse_where

PLAIN = MakeOptions(publish=PublishOptions(cover="none"))
OLD = 1_700_000_000


def chapters(number, words=60):
    prose = " ".join((PROSE.replace("\n", " ") * 20).split()[:words])
    return "\n\n".join(f"Chapter {at}\n\n{prose}" for at in range(1, number + 1))


def long_dump(number, *, title="The Lamp Room", work_id="1234567", words=60):
    text = dump(title, work_id=work_id, prose=chapters(number, words))
    return text.replace("Chapters: 1/1", f"Chapters: {number}/?")


@pytest.fixture
def dumps(tmp_path):
    """Three works in a folder; the files are old enough to be trusted by their time."""
    paths = put(
        tmp_path / "dumps",
        a=dump(work_id="11"),
        b=dump("Oil and Salt", work_id="22"),
        c=dump("Wick", work_id=None),
    )
    for path in paths:
        os.utime(path, (OLD, OLD))
    return tmp_path / "dumps"


@pytest.fixture
def books(tmp_path):
    return tmp_path / "books"


def keep(dumps, books, *, force=False, options=PLAIN, **values):
    """One run; gives each dump's name and what became of it."""
    from dataclasses import replace

    make = replace(options, force=force)
    with LibraryRun(books, RunOptions(make=make, jobs=values.pop("jobs", 1), **values)) as run:
        run.find([dumps])
        return list(run.outcomes())


def statuses(outcomes):
    return {Path(one.dump).stem: one.status.value for one in outcomes}


def said(outcomes, stem):
    return next(one.message for one in outcomes if Path(one.dump).stem == stem)


def write(path, text, when=OLD):
    path.write_text(text, encoding="utf-8", newline="\n")
    os.utime(path, (when, when))
    return path


def edit(path):
    entries = read_entries(path)
    entries["style.css"] += b"p { color: red }"
    path.write_bytes(zip_entries(list(entries.items())))
    return path.read_bytes()


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.epub")
        if path.is_file()
    }


def tree(folder):
    """Every file of a folder, with its bytes and time."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }


def forbid(monkeypatch):
    """Let nothing be made again."""

    def never(*args, **values):
        raise AssertionError("nothing has changed, and yet a dump was read")

    monkeypatch.setattr(update, "make_item", never)


def test_a_second_run_reads_no_dump(dumps, books, monkeypatch):
    assert statuses(keep(dumps, books)) == {"a": "made", "b": "made", "c": "made"}
    before = contents(books)
    forbid(monkeypatch)
    again = keep(dumps, books)
    assert statuses(again) == {"a": "unchanged", "b": "unchanged", "c": "unchanged"}
    assert next(one.book.name for one in again) == "Ada Quill - The Lamp Room.epub"
    assert contents(books) == before


def test_the_catalogue_knows_every_book(dumps, books):
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        entries = list(catalogue.entries())
    assert [entry.path for entry in entries] == [
        "Ada Quill - Oil and Salt.epub",
        "Ada Quill - The Lamp Room.epub",
        "Ada Quill - Wick.epub",
    ]
    assert [(books / entry.path).stat().st_mtime_ns for entry in entries] == [
        entry.mtime_ns for entry in entries
    ]
    assert all(entry.size == (books / entry.path).stat().st_size for entry in entries)


def test_a_dump_that_was_only_touched_is_compared_by_its_bytes(dumps, books, monkeypatch):
    keep(dumps, books)
    os.utime(dumps / "a.txt", (OLD + 99, OLD + 99))
    forbid(monkeypatch)
    assert statuses(keep(dumps, books))["a"] == "unchanged"


def test_a_dump_changed_within_its_time_is_seen(dumps, books):
    path = dumps / "a.txt"
    path.write_text(dump(work_id="11"), encoding="utf-8")  # now: its time may be shared by another change
    state = path.stat()
    keep(dumps, books)
    path.write_text(dump(work_id="11", prose=PROSE.replace("nine", "five")), encoding="utf-8")
    os.utime(path, ns=(state.st_mtime_ns, state.st_mtime_ns))
    assert statuses(keep(dumps, books))["a"] == "made"


def test_a_work_that_grew_keeps_its_name_though_its_title_changed(dumps, books):
    write(dumps / "a.txt", long_dump(2, work_id="11"))
    keep(dumps, books)
    write(dumps / "a.txt", long_dump(3, title="Another Name", work_id="11"), OLD + 5)
    outcomes = keep(dumps, books, name=NameTemplate.read("{title}"))
    assert statuses(outcomes) == {"a": "made", "b": "unchanged", "c": "unchanged"}
    assert outcomes[0].book == books / "Ada Quill - The Lamp Room.epub"
    assert len(contents(books)) == 3


def test_a_work_without_an_id_that_grew_keeps_its_name(dumps, books):
    keep(dumps, books)
    write(dumps / "c.txt", dump("Wick", work_id=None, prose=PROSE * 2), OLD + 5)
    outcomes = keep(dumps, books)
    assert statuses(outcomes)["c"] == "made"
    assert outcomes[2].book.name == "Ada Quill - Wick.epub"
    assert len(contents(books)) == 3
    write(dumps / "c.txt", dump("Another", work_id=None, prose=PROSE * 3), OLD + 9)
    assert keep(dumps, books)[2].book.name == "Ada Quill - Another.epub"
    assert len(contents(books)) == 4, "another title is another work"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.fic.toml", '[header]\ntitle = "Corrected"\n'),
        ("other.fic.toml", '[work]\nwork_id = "11"\n[header]\ntitle = "Corrected"\n'),
    ],
)
def test_corrections_make_a_book_again(dumps, books, name, text):
    keep(dumps, books)
    (dumps / name).write_text(text)
    first = keep(dumps, books)
    assert statuses(first)["b"] == "unchanged"
    assert first[0].title == "Corrected"
    assert first[0].book.name == "Ada Quill - The Lamp Room.epub"
    (dumps / name).unlink()
    assert keep(dumps, books)[0].title == "The Lamp Room"


def test_another_option_makes_all_again(dumps, books):
    keep(dumps, books)
    other = MakeOptions(publish=PublishOptions(cover="none", chapter_title="number"))
    assert {one.read for one in keep(dumps, books, options=other)} == {True}
    assert {one.read for one in keep(dumps, books, options=other)} == {False}


def test_another_version_makes_all_again(dumps, books, monkeypatch):
    keep(dumps, books)
    monkeypatch.setattr("fic2epub.__version__", "9.9", raising=False)
    outcomes = keep(dumps, books, dry_run=True)
    assert {one.status.value for one in outcomes} == {"to make"}
    assert "made by version" in outcomes[0].message


def test_a_book_that_is_gone_is_made_again(dumps, books):
    keep(dumps, books)
    before = contents(books)
    (books / "Ada Quill - Wick.epub").unlink()
    assert statuses(keep(dumps, books)) == {"a": "unchanged", "b": "unchanged", "c": "made"}
    assert contents(books) == before


def test_a_book_that_was_moved_is_found_where_it_is(dumps, books):
    keep(dumps, books)
    (books / "mine").mkdir()
    (books / "Ada Quill - Wick.epub").rename(books / "mine" / "w.epub")
    outcomes = keep(dumps, books)
    assert statuses(outcomes)["c"] == "unchanged"
    assert outcomes[2].book == books / "mine" / "w.epub"
    assert len(contents(books)) == 3


def test_a_dump_that_vanished_leaves_its_book_and_is_told_once(dumps, books):
    keep(dumps, books)
    before = contents(books)
    (dumps / "b.txt").unlink()
    outcomes = keep(dumps, books)
    assert statuses(outcomes) == {"a": "unchanged", "c": "unchanged", "b": "vanished"}
    assert outcomes[-1].book == books / "Ada Quill - Oil and Salt.epub"
    assert outcomes[-1].exit_code is ExitCode.OK
    assert contents(books) == before
    assert "b" not in statuses(keep(dumps, books))


def test_the_dumps_of_another_folder_have_not_vanished(dumps, books, tmp_path):
    keep(dumps, books)
    put(tmp_path / "dumps2", z=dump("Zed", work_id="99"))
    assert statuses(keep(tmp_path / "dumps2", books)) == {"z": "made"}


def test_a_dump_that_shrank_leaves_its_book(dumps, books):
    write(dumps / "a.txt", long_dump(4, work_id="11"))
    keep(dumps, books)
    before = contents(books)
    write(dumps / "a.txt", long_dump(2, work_id="11"), OLD + 5)
    for _ in range(2):
        outcomes = keep(dumps, books)
        assert statuses(outcomes)["a"] == "shrank"
        assert "4 chapters, the new dump only 2" in said(outcomes, "a")
        assert outcomes[0].exit_code is ExitCode.OK
        assert contents(books) == before
    assert not outcomes[0].read, "the second time it was not read"
    forced = keep(dumps, books, force=True)
    assert statuses(forced)["a"] == "made"
    assert forced[0].backup.name == "Ada Quill - The Lamp Room.bak.epub"
    assert statuses(keep(dumps, books))["a"] == "unchanged"


def test_an_edited_book_is_left_alone(dumps, books):
    keep(dumps, books)
    target = books / "Ada Quill - Oil and Salt.epub"
    edited = edit(target)
    write(dumps / "b.txt", dump("Oil and Salt", work_id="22", prose=PROSE * 2), OLD + 5)
    for _ in range(2):
        assert statuses(keep(dumps, books)) == {"a": "unchanged", "b": "edited", "c": "unchanged"}
        assert target.read_bytes() == edited
    forced = keep(dumps, books, force=True)
    assert forced[1].backup.read_bytes() == edited
    assert target.read_bytes() != edited
    with Catalogue.open(books) as catalogue:
        assert len(catalogue.paths()) == 3, "a backup is no book of the library"


def test_of_two_dumps_of_a_work_the_one_with_more_chapters_wins(dumps, books):
    write(dumps / "a.txt", long_dump(2, work_id="11"), OLD + 50)
    write(dumps / "z.txt", long_dump(3, work_id="11"))
    outcomes = keep(dumps, books)
    assert statuses(outcomes) == {"a": "duplicate", "z": "made", "b": "made", "c": "made"}
    assert said(outcomes, "a") == f"{dumps / 'z.txt'} is its work's book: 3 chapters against 2"
    assert said(outcomes, "z") == "chosen among 2 dumps of the work: 3 chapters against 2"
    assert len(contents(books)) == 3
    again = keep(dumps, books)
    assert statuses(again) == {"a": "duplicate", "z": "unchanged", "b": "unchanged", "c": "unchanged"}


@pytest.mark.parametrize(
    ("first", "second", "winner", "why"),
    [
        (dump(work_id="11", prose=PROSE * 2), dump(work_id="11"), "a", "words against"),
        (dump(work_id="11"), dump(work_id="11", prose=PROSE.replace("nine", "five")), "z", "newer file"),
        (dump(work_id="11"), dump(work_id="11"), "a", "the same text"),
    ],
)
def test_then_more_words_then_the_newer_file_wins(dumps, books, first, second, winner, why):
    write(dumps / "a.txt", first)
    write(dumps / "z.txt", second, OLD + 50)
    outcomes = keep(dumps, books)
    loser = "z" if winner == "a" else "a"
    assert (statuses(outcomes)[winner], statuses(outcomes)[loser]) == ("made", "duplicate")
    assert why in said(outcomes, loser)


def test_a_loser_that_grows_wins(dumps, books):
    write(dumps / "a.txt", long_dump(2, work_id="11"))
    write(dumps / "z.txt", long_dump(3, work_id="11"))
    keep(dumps, books)
    write(dumps / "a.txt", long_dump(5, work_id="11"), OLD + 5)
    outcomes = keep(dumps, books)
    assert (statuses(outcomes)["a"], statuses(outcomes)["z"]) == ("made", "duplicate")
    assert "5 chapters against 3" in said(outcomes, "z")
    assert len(contents(books)) == 3


def without_hints(monkeypatch):
    """Let no dump's header be seen before it is read."""
    monkeypatch.setattr(update_plan, "named_work", lambda path, head: None)


def test_two_that_do_not_say_their_work_at_once_are_one_work_too(dumps, books, monkeypatch):
    """Without the hint of the header, the second is compared with what the first has made."""
    without_hints(monkeypatch)
    for name, number in (("a", 2), ("z", 3)):
        write(dumps / f"{name}.txt", long_dump(number, work_id="11"))
    outcomes = keep(dumps, books)
    assert len(contents(books)) == 3
    told = [(Path(one.dump).stem, one.status.value, one.was and one.was.value) for one in outcomes]
    assert [one for one in told if one[0] in "az"] == [
        *(("a", "made", None), ("z", "made", None), ("a", "duplicate", "made"))
    ]
    assert outcomes[-1].message == f"{dumps / 'z.txt'} is its work's book: 3 chapters against 2"
    assert outcomes[-1].dump == str(dumps / "a.txt")
    again = keep(dumps, books)
    assert (statuses(again)["a"], statuses(again)["z"]) == ("duplicate", "unchanged")
    assert not any(one.was for one in again)


def test_a_dump_that_is_overtaken_counts_once(dumps, books, monkeypatch, tmp_path):
    from click.testing import CliRunner

    from fic2epub.cli.app import app

    without_hints(monkeypatch)
    for name, number in (("a", 2), ("z", 3)):
        write(dumps / f"{name}.txt", long_dump(number, work_id="11"))
    report = tmp_path / "report.json"
    arguments = ["batch", str(dumps), "-o", str(books), "--no-cover", "-j", "1", "--report", str(report)]
    result = CliRunner().invoke(app, arguments)
    assert result.stderr.splitlines()[-1] == "4 works: 3 made, 1 duplicate"
    works = {Path(work["dump"]).stem: work["status"] for work in json.loads(report.read_text())["works"]}
    assert works == {"a": "duplicate", "b": "made", "c": "made", "z": "made"}


def test_a_dump_that_was_passed_over_is_not_overtaken(dumps, books, monkeypatch):
    """It lost the book of an earlier run, but in this one it had none: nothing told of it changes."""
    without_hints(monkeypatch)
    write(dumps / "a.txt", long_dump(2, work_id="11"))
    keep(dumps, books)
    write(dumps / "a.txt", long_dump(2, work_id="11", words=61), OLD + 5)
    write(dumps / "z.txt", long_dump(3, work_id="11"))
    outcomes = keep(dumps, books, wanted=parse_where("chapters > 2").matches)
    told = [(Path(one.dump).stem, one.status.value) for one in outcomes if Path(one.dump).stem in "az"]
    assert told == [("a", "passed over"), ("z", "made")]


def test_a_dump_whose_book_may_not_be_written_takes_no_other_s(dumps, books, monkeypatch):
    """More chapters and clearly fewer words: by the rule it wins, but the book there holds more."""
    without_hints(monkeypatch)
    write(dumps / "a.txt", long_dump(2, work_id="11", words=200))
    write(dumps / "z.txt", long_dump(3, work_id="11", words=60))
    for _ in range(2):
        outcomes = keep(dumps, books)
        assert statuses(outcomes)["z"] == "shrank"
        assert said(outcomes, "z").endswith(f"It is still that of {dumps / 'a.txt'}.")
    assert statuses(outcomes)["a"] == "unchanged", "the book is its own"
    write(dumps / "a.txt", long_dump(2, work_id="11", words=220), OLD + 9)
    assert statuses(keep(dumps, books))["a"] == "made", "it grows as if the other were not there"


def test_the_next_best_keeps_its_book_when_the_best_may_not_be_written(dumps, books):
    """Both are made again in one run, as by a new version: the best shrank, so it has no book to take."""
    write(dumps / "a.txt", long_dump(2, work_id="11", words=200))
    keep(dumps, books)
    write(dumps / "z.txt", long_dump(3, work_id="11", words=60))
    assert statuses(keep(dumps, books))["z"] == "shrank"
    other = MakeOptions(publish=PublishOptions(cover="none", chapter_title="number"))
    for expected in ("made", "unchanged"):
        outcomes = keep(dumps, books, options=other)
        assert (statuses(outcomes)["a"], statuses(outcomes)["z"]) == (expected, "shrank")


def test_a_dump_that_shrank_is_no_winner_when_the_winner_is_gone(dumps, books):
    write(dumps / "a.txt", long_dump(2, work_id="11", words=200))
    keep(dumps, books)
    write(dumps / "y.txt", long_dump(2, work_id="11", words=190))
    assert statuses(keep(dumps, books))["y"] == "duplicate"
    write(dumps / "z.txt", long_dump(3, work_id="11", words=60))
    assert statuses(keep(dumps, books))["z"] == "shrank"
    (dumps / "a.txt").unlink()
    assert statuses(keep(dumps, books))["y"] == "made"


def test_two_of_one_work_are_told_once_though_another_work_names_it_too(dumps, books):
    """Another's header names their work: each is placed by itself, and the lesser is a duplicate at once."""
    named = "Series: Part 2 of https://archiveofourown.org/works/11\nChapters:"
    write(dumps / "x.txt", long_dump(5, title="Else", work_id=None).replace("Chapters:", named))
    for name, number in (("a", 2), ("z", 3)):
        write(dumps / f"{name}.txt", long_dump(number, work_id="11"))
    told = statuses(keep(dumps, books))
    assert (told["a"], told["z"], told["x"]) == ("duplicate", "made", "made")


def test_works_without_an_id_are_never_merged(dumps, books):
    long = PROSE * 20
    write(dumps / "c.txt", dump("Wick", work_id=None, prose=long))
    write(dumps / "d.txt", dump("Wick", work_id=None, prose=long + PROSE * 3))
    for expected in ("made", "unchanged"):
        outcomes = keep(dumps, books)
        assert (statuses(outcomes)["c"], statuses(outcomes)["d"]) == (expected, expected)
        assert sorted(contents(books))[2:] == ["Ada Quill - Wick (2).epub", "Ada Quill - Wick.epub"]


def test_the_same_text_twice_is_one_book_even_without_an_id(dumps, books):
    shutil.copy(dumps / "c.txt", dumps / "d.txt")
    outcomes = keep(dumps, books)
    assert statuses(outcomes)["d"] == "duplicate"
    assert "the same text" in said(outcomes, "d")
    assert len(contents(books)) == 3


def test_names_that_differ_by_case_only_get_the_work_id(dumps, books):
    write(dumps / "b.txt", dump("THE LAMP ROOM", work_id="22"))
    outcomes = keep(dumps, books)
    assert [one.book.name for one in outcomes][:2] == [
        "Ada Quill - The Lamp Room.epub",
        "Ada Quill - THE LAMP ROOM [22].epub",
    ]


def test_folders_by_a_pattern(dumps, books):
    write(dumps / "b.txt", dump("Salt/Oil", work_id="22").replace("Author", "Fandom: Sea: Tales\nAuthor"))
    outcomes = keep(dumps, books, name=NameTemplate.read("{fandom}/{author}/{title}"))
    assert [one.book.relative_to(books).as_posix() for one in outcomes] == [
        "Unsorted/Ada Quill/The Lamp Room.epub",
        "Sea - Tales/Ada Quill/Salt-Oil.epub",
        "Unsorted/Ada Quill/Wick.epub",
    ]
    assert {one.status.value for one in keep(dumps, books)} == {"unchanged"}


@pytest.mark.parametrize(
    "pattern", ["{titel}", "{title", "../{title}", "/{title}", "a//{title}", "", "{author}/"]
)
def test_a_wrong_pattern_is_told(pattern):
    with pytest.raises(UsageError, match="--name"):
        NameTemplate.read(pattern)


def test_a_title_of_any_length_has_its_name_at_once():
    pattern = NameTemplate.read("{title} ({series})")
    name = pattern.path(Metadata(title=f"Wick{'-' * 200_000}{'( ' * 100_000}x"))
    assert name.startswith("Wick")
    assert len(name) <= 100


def test_somebody_elses_file_is_left_and_fails_one_dump(dumps, books):
    books.mkdir()
    (books / "Ada Quill - Wick.epub").write_bytes(b"mine")
    outcomes = keep(dumps, books)
    assert statuses(outcomes) == {"a": "made", "b": "made", "c": "failed"}
    assert outcomes[2].exit_code is ExitCode.OUTPUT
    assert (books / "Ada Quill - Wick.epub").read_bytes() == b"mine"


def test_a_dry_run_says_what_and_why_and_writes_nothing(dumps, books, tmp_path):
    before = tree(tmp_path)
    assert {one.message for one in keep(dumps, books, dry_run=True)} == {"new"}
    assert tree(tmp_path) == before
    keep(dumps, books)
    write(dumps / "a.txt", dump(work_id="11", prose=PROSE * 2), OLD + 5)
    os.utime(dumps / "c.txt", (OLD + 7, OLD + 7))
    (books / "Ada Quill - Oil and Salt.epub").unlink()
    before = tree(tmp_path)
    outcomes = keep(dumps, books, dry_run=True)
    assert [(one.status.value, one.message) for one in outcomes] == [
        ("to make", "the dump has changed"),
        ("to make", "its book is gone"),
        ("unchanged", None),
    ]
    assert tree(tmp_path) == before
    shutil.rmtree(books / HOUSE)
    before = tree(tmp_path)
    assert {one.status.value for one in keep(dumps, books, dry_run=True)} == {"to make"}
    assert tree(tmp_path) == before


def test_only_the_wanted_dumps_are_made(dumps, books):
    outcomes = keep(dumps, books, wanted=parse_where('title ~ "oil"').matches)
    assert statuses(outcomes) == {"a": "passed over", "b": "made", "c": "passed over"}
    assert len(contents(books)) == 1


def test_a_dry_run_with_a_condition_writes_nothing_either(dumps, books, tmp_path):
    before = tree(tmp_path)
    outcomes = keep(dumps, books, wanted=parse_where('title ~ "oil"').matches, dry_run=True)
    assert statuses(outcomes) == {"a": "passed over", "b": "to make", "c": "passed over"}
    assert tree(tmp_path) == before


def test_a_dump_that_fails_is_tried_again(dumps, books):
    write(dumps / "b.txt", "")
    put(dumps, x="Title: X\nAuthor: Y\nWork ID: 5\n\n")
    outcomes = keep(dumps, books)
    assert statuses(outcomes)["x"] == "failed"
    assert statuses(keep(dumps, books))["x"] == "failed"


@pytest.mark.parametrize("damage", ["lost", "torn", "other", "half"])
def test_a_lost_or_damaged_catalogue_costs_only_time(dumps, books, damage):
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        expected = list(catalogue.entries())
    before = contents(books)
    path = books / HOUSE / CATALOGUE_NAME
    match damage:
        case "lost":
            shutil.rmtree(books / HOUSE)
        case "torn":
            content = path.read_bytes()
            path.write_bytes(content[:5000] + b"\xff" * 9000 + content[14000:])
        case "other":
            path.write_bytes(b"something else" * 300)
        case "half":
            path.write_bytes(path.read_bytes()[:4096])
    with LibraryRun(books, RunOptions(make=PLAIN, jobs=1)) as run:
        assert "3 books" in run.notices[0]
        run.find([dumps])
        assert {one.status.value for one in run.outcomes()} == {"unchanged"}
    assert contents(books) == before
    with Catalogue.open(books) as catalogue:
        assert list(catalogue.entries()) == expected


def test_a_rebuild_leaves_out_what_is_not_ours(dumps, books):
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        expected = list(catalogue.entries())
    (books / "calibre.epub").write_bytes(zip_entries([("mimetype", b"application/epub+zip")]))
    (books / "notes.txt").write_text("mine")
    change = rebuild(books)
    assert (change.read, change.strangers, change.gone) == (3, 1, 0)
    with Catalogue.open(books) as catalogue:
        assert list(catalogue.entries()) == expected
    assert rebuild(books).strangers == 1


def test_what_a_killed_run_left_is_swept_and_nothing_else(dumps, books):
    books.mkdir()
    ours = books / ".Ada Quill - Wick.epub.0a1b2c3d.part"
    others = [books / "film.part", books / ".x.part", books / ".Ada.epub.12345.part"]
    for path in (ours, *others):
        path.write_bytes(b"half")
    keep(dumps, books)
    assert not ours.exists()
    assert all(path.exists() for path in others)


def test_the_story_is_indexed_once_it_was_asked_for(dumps, books):
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        assert catalogue.count(search="ninety") == 0
    keep(dumps, books, index_text=True)
    with Catalogue.open(books) as catalogue:
        assert catalogue.count(search="ninety") == 3
    write(dumps / "d.txt", dump("Dew", work_id="44"))
    keep(dumps, books)
    with Catalogue.open(books) as catalogue:
        assert catalogue.count(search="ninety") == 4


def test_two_runs_at_once(dumps, books):
    with LibraryRun(books), pytest.raises(LibraryBusyError, match=f"process {os.getpid()} on"):
        LibraryRun(books)
    assert {one.status.value for one in keep(dumps, books)} == {"made"}


def test_a_book_taken_out_of_the_library_stays_out(dumps, books):
    keep(dumps, books)
    with Catalogue.open_to_write(books) as catalogue:
        (books / "Ada Quill - Wick.epub").unlink()
        catalogue.remove_book("Ada Quill - Wick.epub")
    assert statuses(keep(dumps, books))["c"] == "passed over"
    assert statuses(keep(dumps, books, force=True))["c"] == "made"


def test_what_was_taken_out_stays_out_whatever_the_options_and_the_version(dumps, books, monkeypatch):
    keep(dumps, books)
    with Catalogue.open_to_write(books) as catalogue:
        list(remove(catalogue, ["Ada Quill - Wick.epub"]))
    plain = MakeOptions(publish=PublishOptions(cover="none", theme="plain"))
    assert statuses(keep(dumps, books, options=plain))["c"] == "passed over"
    again = MakeOptions(publish=PLAIN.publish, recover_again=True)
    assert statuses(keep(dumps, books, options=again)) == {"a": "made", "b": "made", "c": "passed over"}
    monkeypatch.setattr("fic2epub.__version__", "99.0")
    assert statuses(keep(dumps, books))["c"] == "passed over"
    write(dumps / "c.txt", (dumps / "c.txt").read_text(encoding="utf-8") + "\n\nOne more line of it.\n")
    assert statuses(keep(dumps, books))["c"] == "made"


def test_a_folder_that_may_not_be_looked_into_costs_its_own_books_only(dumps, books, monkeypatch):
    by_title = {"name": NameTemplate.read("{title}/{author}")}
    keep(dumps, books, **by_title)
    refused = os.fspath(books / "Wick")

    def guarded(call):
        def look(path=".", *args, **values):
            if str(path).startswith(refused):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return call(path, *args, **values)

        return look

    with monkeypatch.context() as patch:
        for name in ("stat", "scandir"):
            patch.setattr(os, name, guarded(getattr(os, name)))
        outcomes = keep(dumps, books, **by_title)
    assert statuses(outcomes) == {"a": "unchanged", "b": "unchanged", "c": "failed"}
    assert "you may not write there" in said(outcomes, "c")
    with Catalogue.open(books) as catalogue:
        assert "Wick/Ada Quill.epub" in catalogue.paths()
    assert set(statuses(keep(dumps, books, **by_title)).values()) == {"unchanged"}


@pytest.mark.needs("exfat")
def test_a_book_whose_name_changed_in_case_only_is_one_book(dumps, tmp_path):
    with readers.exfat_disk(tmp_path / "disk"):
        books = tmp_path / "disk" / "books"
        keep(dumps, books)
        old = books / "Ada Quill - Wick.epub"
        old.rename(books / "ada quill - WICK.epub")
        assert set(statuses(keep(dumps, books)).values()) == {"unchanged"}
        with Catalogue.open(books) as catalogue:
            assert sorted(catalogue.paths()) == sorted(contents(books))


def test_the_number_of_jobs_changes_nothing(dumps, tmp_path):
    for at in range(8):
        write(dumps / f"m{at}.txt", long_dump(at % 4 + 1, title="Same", work_id=str(500 + at // 2)))
    keep(dumps, tmp_path / "one", jobs=1)
    keep(dumps, tmp_path / "two", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert listing(tmp_path / "one") == listing(tmp_path / "two")


def test_another_format_takes_the_name_of_its_kind(dumps, books):
    keep(dumps, books)
    kepub = MakeOptions(publish=PLAIN.publish, format="kepub")
    edit(books / "Ada Quill - Wick.epub")
    outcomes = keep(dumps, books, options=kepub)
    assert statuses(outcomes) == {"a": "made", "b": "made", "c": "edited"}
    assert sorted(contents(books)) == [
        "Ada Quill - Oil and Salt.kepub.epub",
        "Ada Quill - The Lamp Room.kepub.epub",
        "Ada Quill - Wick.epub",
    ]
    with Catalogue.open(books) as catalogue:
        assert list(catalogue.paths()) == sorted(contents(books))
    assert statuses(keep(dumps, books, options=kepub))["a"] == "unchanged"


def test_a_run_killed_while_a_book_changed_its_format_leaves_one_book_in_the_end(dumps, books, tmp_path):
    kepub = MakeOptions(publish=PLAIN.publish, format="kepub")
    keep(dumps, books)
    keep(dumps, tmp_path / "other", options=kepub)
    new = "Ada Quill - Wick.kepub.epub"
    shutil.copy2(tmp_path / "other" / new, books / new)  # written, and the old one not yet gone
    keep(dumps, books, options=kepub)
    assert all(name.endswith(".kepub.epub") for name in contents(books))
    assert (books / new).read_bytes() == (tmp_path / "other" / new).read_bytes()
    with Catalogue.open(books) as catalogue:
        assert sorted(catalogue.paths()) == sorted(contents(books))


def test_a_kepub_never_stands_under_the_name_of_an_epub(dumps, books, tmp_path):
    kepub = MakeOptions(publish=PLAIN.publish, format="kepub")
    keep(dumps, books)
    put(tmp_path / "more", other=dump("The Lamp Room", work_id="99"))
    keep(tmp_path / "more", tmp_path / "other", options=kepub)
    taken = "Ada Quill - The Lamp Room.kepub.epub"
    shutil.copy2(tmp_path / "other" / taken, books / taken)
    keep(dumps, books, options=kepub)
    assert "Ada Quill - The Lamp Room [11].kepub.epub" in contents(books)
    assert "Ada Quill - The Lamp Room.epub" not in contents(books)
    assert (books / taken).read_bytes() == (tmp_path / "other" / taken).read_bytes()
