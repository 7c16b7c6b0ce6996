"""The same dumps give the same bytes, whatever the process: hash seed, time zone, locale, number of jobs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WORLDS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "JOBS": "1"},
    {
        "PYTHONHASHSEED": "4242",
        "TZ": "America/St_Johns",
        "LANG": "de_DE.UTF-8",
        "LC_ALL": "C.UTF-8",
        "JOBS": "3",
    },
)
"""As different as two machines; JOBS is the number of processes."""


def program(world: dict[str, str], *arguments: object, **more: str) -> None:
    """Run fic2epub in a process of its own, in one of the worlds."""
    command = [sys.executable, "-m", "fic2epub", *map(str, arguments)]
    environment = {**os.environ, **world, **more}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def dumps(samples: tuple[Path, ...], tmp_path: Path) -> Path:
    """A folder with the samples alone, their own times kept."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    for path in samples:
        shutil.copy2(path, folder)
    return folder


def test_a_batch_gives_the_same_books(dumps: Path, tmp_path: Path) -> None:
    for number, world in enumerate(WORLDS):
        program(world, "batch", dumps, "-o", tmp_path / f"books{number}", "--jobs", world["JOBS"])
    one, other = (contents(tmp_path / f"books{number}") for number in (0, 1))
    assert len(one) == len(list(dumps.iterdir()))
    assert one == other


@pytest.mark.needs("seeds")
def test_a_batch_of_the_real_dumps_gives_the_same_books(seeds_dir: Path, tmp_path: Path) -> None:
    for number, world in enumerate(WORLDS):
        program(world, "batch", seeds_dir, "-o", tmp_path / f"books{number}", "--jobs", world["JOBS"])
    one, other = (contents(tmp_path / f"books{number}") for number in (0, 1))
    assert len(one) == len(list(seeds_dir.glob("*.txt")))
    assert one == other


@pytest.mark.parametrize("group_by", ["author", "relationship", "rating", "status", "none"])
def test_an_anthology_is_the_same_book(dumps: Path, tmp_path: Path, group_by: str) -> None:
    for number, world in enumerate(WORLDS):
        target = tmp_path / f"all{number}.epub"
        program(world, "anthology", dumps, "-o", target, "--title", "All", "--group-by", group_by)
    assert (tmp_path / "all0.epub").read_bytes() == (tmp_path / "all1.epub").read_bytes()


def test_with_source_date_epoch_the_files_own_times_do_not_matter(dumps: Path, tmp_path: Path) -> None:
    """A fresh clone has other file times; SOURCE_DATE_EPOCH makes the same books of it."""
    for number, world in enumerate(WORLDS):
        for path in dumps.iterdir():
            os.utime(path, (1_000_000_000 * number, 1_500_000_000 + number))
        program(world, "batch", dumps, "-o", tmp_path / f"books{number}", SOURCE_DATE_EPOCH="1700000000")
    one, other = (contents(tmp_path / f"books{number}") for number in (0, 1))
    assert one == other


def test_the_order_in_which_dumps_are_named_does_not_change_a_book(
    samples: tuple[Path, ...], tmp_path: Path
) -> None:
    program(WORLDS[0], "convert", *samples, "-o", tmp_path / "there")
    program(WORLDS[1], "convert", *reversed(samples), "-o", tmp_path / "back")
    assert contents(tmp_path / "there") == contents(tmp_path / "back")


def test_one_book_is_the_same_from_convert_and_batch(dumps: Path, tmp_path: Path) -> None:
    program(WORLDS[0], "batch", dumps, "-o", tmp_path / "batch")
    program(WORLDS[1], "convert", *sorted(dumps.iterdir()), "-o", tmp_path / "convert")
    assert contents(tmp_path / "batch") == contents(tmp_path / "convert")


def test_inspection_is_the_same_text(samples: tuple[Path, ...]) -> None:
    command = [sys.executable, "-m", "fic2epub", "inspect", "--json", *map(str, samples)]
    told = [
        subprocess.run(command, env={**os.environ, **world}, capture_output=True, check=True).stdout
        for world in WORLDS
    ]
    assert told[0] == told[1]
