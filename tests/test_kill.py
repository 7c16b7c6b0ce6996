"""A run that is killed at any moment: the next one finishes the job, and nothing shows that it was needed.

The moments are not waited for but counted: the run is told to kill itself at its n-th write, rename or entry,
so that every one of them is hit and none by chance.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from itertools import count

import pytest
from support.dumps import PROSE, put

from fic2epub.builder.check_file import check_file
from fic2epub.library.catalogue import Catalogue

KILLED = """
import os, signal, sys
from pathlib import Path
from fic2epub.builder.options import PublishOptions
from fic2epub.library import disk, placing
from fic2epub.library.book import MakeOptions
from fic2epub.library.update import LibraryRun, RunOptions

dumps, books, moment, number, jobs = sys.argv[1:]
left = int(number)


def strike(at):
    global left
    if at == moment:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def written(descriptor, sync=os.fsync):
    name = os.readlink(f"/proc/self/fd/{descriptor}") if os.path.exists("/proc/self/fd") else ""
    if moment == "write" and (name.endswith(".part") or not name):
        if left == 1:  # as if only half had reached the disk
            os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
        strike("write")
    sync(descriptor)


def renamed(self, target, replace=Path.replace):
    strike("rename")
    done = replace(self, target)
    strike("renamed")
    return done


def named(part, goal, rename=disk.rename_to_free):
    strike("rename")
    rename(part, goal)
    strike("renamed")


def entered(connection, card, put=placing.put_card):
    strike("enter")
    put(connection, card)
    strike("entered")


def kept(connection, row, keep=placing.keep):
    keep(connection, row)
    strike("keep")


disk.os.fsync = written
Path.replace = renamed
disk.rename_to_free = named
placing.put_card = entered
placing.keep = kept
options = RunOptions(make=MakeOptions(publish=PublishOptions(cover="none")), jobs=int(jobs))
with LibraryRun(Path(books), options) as run:
    run.find([Path(dumps)])
    for outcome in run.outcomes():
        print(outcome.status.value, flush=True)
"""
HOLDING = """
import sys
from pathlib import Path
from fic2epub.library.update import LibraryRun

with LibraryRun(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
MOMENTS = ("write", "rename", "renamed", "enter", "entered", "keep")


def make_dumps(folder, number):
    """Small works, some of one title, some in two dumps, some without an id."""
    texts = {}
    for at in range(number):
        title = f"Lamp {at // 3}" if at % 3 else "The Lamp Room"
        work = "" if at % 7 == 6 else f"Work ID: {1000 + (at - 1 if at % 10 == 9 else at)}\n"
        header = f"Title: {title}\n{work}Author: Ada Quill\nLanguage: English\nChapters: 1/1\n\n"
        texts[f"d{at:04}"] = f"{header}{at} lamps.\n\n{PROSE}"
    for path in put(folder, **texts):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def run(dumps, books, moment="never", number=1, jobs=1):
    """One run in a process of its own; gives its exit code and what became of each dump."""
    command = [sys.executable, "-c", KILLED, str(dumps), str(books), moment, str(number), str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, done.stdout.split()


def contents(folder):
    """Every file but the program's own folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".fic2epub" not in path.parts
    }


def entries(books):
    with Catalogue.open(books) as catalogue:
        return [
            {**{name: getattr(entry, name) for name in entry.__slots__}, "mtime_ns": 0}
            for entry in catalogue.entries()
        ]


def whole(books):
    """Catalogue and folder agree, to the byte's time."""
    with Catalogue.open(books) as catalogue:
        known = {entry.path: (entry.size, entry.mtime_ns) for entry in catalogue.entries()}
    there = {
        path.relative_to(books).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in books.rglob("*.epub")
    }
    return known == there


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Thirty dumps and what an undisturbed run makes of them."""
    folder = tmp_path_factory.mktemp("kill")
    dumps = make_dumps(folder / "dumps", 30)
    run(dumps, folder / "books")
    return dumps, contents(folder / "books"), entries(folder / "books")


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_is_finished_by_the_next(undisturbed, tmp_path, moment):
    """Killed again and again on the way, a library comes out as if nothing had been."""
    dumps, expected, known = undisturbed
    books = tmp_path / "books"
    kills = 0
    for number in (1, 2, 3, 5, 4, 7, 2, 1, 3, 6, 9, 5):
        code, _ = run(dumps, books, moment, number)
        if code == 0:
            break
        kills += 1
        for name, content in contents(books).items():
            assert name.endswith(".part") or content == expected[name], "a torn book"
    assert kills >= 4
    code, told = run(dumps, books)
    assert code == 0
    assert "failed" not in told
    assert contents(books) == expected
    assert whole(books)
    assert entries(books) == known


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_over_a_large_run(tmp_path, capsys):
    """300 dumps, two workers; a fresh library for each kill, and each is finished by one run."""
    dumps = make_dumps(tmp_path / "dumps", 300)
    run(dumps, tmp_path / "undisturbed", jobs=2)
    expected, known = contents(tmp_path / "undisturbed"), entries(tmp_path / "undisturbed")
    for name in expected:
        problems = check_file(tmp_path / "undisturbed" / name)
        assert [problem for problem in problems if problem.level == "error"] == []
    log: Counter[str] = Counter()
    books = tmp_path / "books"
    for kill in count():
        if sum(log[moment] for moment in MOMENTS) >= 100:
            break
        moment = MOMENTS[kill % len(MOMENTS)]
        code, _ = run(dumps, books, moment, 1 + kill // len(MOMENTS) * 13 % 97, jobs=1 + kill % 2)
        log[moment if code else "to the end"] += 1
        if kill % 6 == 5 or code == 0:  # five kills on top of each other, then to the end
            code, told = run(dumps, books, jobs=2)
            assert (code, "failed" in told) == (0, False)
            assert contents(books) == expected
            assert whole(books)
            assert entries(books) == known
            subprocess.run(["rm", "-r", str(books)], check=True)
    assert run(dumps, books, jobs=2)[0] == 0
    assert contents(books) == expected
    with capsys.disabled():
        print(json.dumps(log))
    assert all(log[moment] >= 10 for moment in MOMENTS)


def test_a_run_broken_off_in_a_worker_is_finished_too(undisturbed, tmp_path):
    dumps, expected, _ = undisturbed
    books = tmp_path / "books"
    code, _ = run(dumps, books, "entered", 7, jobs=2)
    assert code == -signal.SIGKILL
    assert run(dumps, books, jobs=2)[0] == 0
    assert contents(books) == expected


@pytest.mark.needs("mount")
def test_a_full_disk_ends_the_run_and_room_finishes_it(undisturbed, tmp_path):
    dumps, expected, known = undisturbed
    books = tmp_path / "books"
    books.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(books)], check=True)
    try:
        command = [sys.executable, "-c", KILLED, str(dumps), str(books), "never", "1", "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "disk" in done.stderr.splitlines()[-1]
        for name, content in contents(books).items():
            assert content == expected[name], "a torn book, or a temporary file"
        subprocess.run(["mount", "-o", "remount,size=8m", str(books)], check=True)
        assert run(dumps, books)[0] == 0
        assert contents(books) == expected
        assert entries(books) == known
        assert whole(books)
    finally:
        subprocess.run(["umount", str(books)], check=True)


def test_the_second_of_two_runs_refuses_in_a_sentence(undisturbed, tmp_path):
    dumps, expected, _ = undisturbed
    books = tmp_path / "books"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(books)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        first.stdout.readline()
        command = [sys.executable, "-m", "fic2epub", "batch", str(dumps), "-o", str(books), "--no-cover"]
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == 5
        assert f"process {first.pid} on" in second.stderr
        assert "Wait until it has ended." in second.stderr
        first.stdin.close()
        first.wait()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert contents(books).keys() == expected.keys()
