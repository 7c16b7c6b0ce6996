"""An anthology's works recovered in several processes: the same book, the same words, the same errors."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import many
from support.dumps import dump

from fic2epub.builder.layout import Layout
from fic2epub.cli.app import app
from fic2epub.errors import ExitCode, ParseError, SourceError
from fic2epub.library.anthology import standing_record
from fic2epub.library.anthology_works import Filed, Memories, file_again, file_works
from fic2epub.library.book import MakeOptions
from fic2epub.parser.sources import read_file


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve works of every kind, a copy of one, and two of one text without an address."""
    monkeypatch.chdir(tmp_path)
    folder = many.write(tmp_path / "dumps", 12)
    (folder / "0004b.txt").write_text(many.text(4, chapters=7), encoding="utf-8")
    for name in ("alike", "alike-too"):
        (folder / f"{name}.txt").write_text(dump("Alike", work_id=None), encoding="utf-8")
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return tmp_path


def run(jobs: int, *wishes: str) -> Result:
    title = () if wishes and wishes[0].endswith(".toml") else ("--title", "All")
    return CliRunner().invoke(
        app, ["anthology", *(wishes or ("dumps",)), *title, "--no-cover", "-j", str(jobs)]
    )


def test_the_number_of_jobs_changes_nothing(here: Path) -> None:
    made = []
    for jobs in (1, 3):
        first = run(jobs)
        book = Path("All.epub").read_bytes()
        Path("dumps/0001.txt").write_text(many.text(1, chapters=4), encoding="utf-8")
        os.utime("dumps/0001.txt", (1_700_000_000, 1_700_000_000))
        again = run(jobs, "All.anthology.toml")
        assert (first.exit_code, again.exit_code) == (0, 0), first.stderr + again.stderr
        made.append((first.stderr, book, again.stderr, Path("All.epub").read_bytes()))
        for path in (Path("All.epub"), Path("All.anthology.toml")):
            path.unlink()
        Path("dumps/0001.txt").write_text(many.text(1), encoding="utf-8")
        os.utime("dumps/0001.txt", (1_700_000_000, 1_700_000_000))
    assert made[0] == made[1]
    assert "came twice: 7 chapters" in made[0][0]
    assert made[0][1] != made[0][3]


def test_every_bad_dump_is_told_in_the_dumps_order_whatever_the_jobs(here: Path) -> None:
    for name in ("0000a.txt", "0005a.txt"):
        Path("dumps", name).write_text("Title: X\nAuthor: Y\nWork ID: 5\n\n", encoding="utf-8")
    told = []
    for jobs in (1, 3):
        result = run(jobs)
        assert result.exit_code == ExitCode.PARSE
        told.append(result.stderr)
        assert not Path("All.epub").exists()
    assert told[0] == told[1]
    assert told[0].index("0000a.txt") < told[0].index("0005a.txt")
    assert "2 dumps left out" in run(3, "dumps", "--skip-bad").stderr


def test_a_correction_that_nobody_understands_ends_the_run(here: Path) -> None:
    Path("dumps/0003.fic.toml").write_text("schema = 1\nnonsense = 3\n", encoding="utf-8")
    told = [run(jobs).stderr.splitlines()[-1] for jobs in (1, 3)]
    assert told[0] == told[1]


def test_a_dump_s_error_is_its_result(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    good = tmp_path / "good.txt"
    good.write_text(dump(), encoding="utf-8")
    results = list(file_works([tmp_path / "empty.txt", good], MakeOptions(), Memories(None), workers=1))
    assert isinstance(results[0], SourceError)
    assert isinstance(results[1], Filed)
    assert results[1].tally.words == results[1].book.words


def test_a_process_that_dies_costs_its_dump(tmp_path: Path) -> None:
    from fic2epub.library import anthology_works

    said = anthology_works._died(tmp_path / "a.txt")
    assert isinstance(said, ParseError)
    assert str(said).startswith(f"{tmp_path / 'a.txt'}: the process that worked on it was ended")


def test_a_work_s_files_can_be_made_again_in_another_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(dump(), encoding="utf-8")
    (filed,) = file_works([path], MakeOptions(), Memories(None), workers=1)
    assert isinstance(filed, Filed)
    again = file_again(path, Layout("elsewhere"), MakeOptions(), Memories(None))
    assert again.preface.href == "text/elsewhere/preface.xhtml"
    assert (again.record.identifier, again.words) == (filed.book.record.identifier, filed.book.words)


def test_a_memory_is_that_of_the_work_that_the_header_names(here: Path) -> None:
    assert run(1).exit_code == 0
    standing = standing_record(Path("All.epub"))
    memories = Memories(standing)
    assert standing is not None
    for name in ("0000.txt", "0005.txt", "alike.txt"):
        metadata = read_file(Path("dumps", name)).metadata
        found = memories.of(metadata)
        assert found is not None
        assert [work.metadata.title for work in found.works] == [metadata.title]
        assert found.works[0] in standing.works
    assert memories.of(read_file(write("new.txt", dump("New", work_id="99"))).metadata) is None
    assert Memories(None).of(metadata) is None


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_book_s_memory_is_any_dump_s(here: Path) -> None:
    assert (
        CliRunner().invoke(app, ["convert", "dumps/0000.txt", "-o", "All.epub", "--no-cover"]).exit_code == 0
    )
    memories = Memories(standing_record(Path("All.epub")))
    assert memories.of(read_file(Path("dumps/0001.txt")).metadata) is not None
