"""Volumes of an earlier division that the newest does not have: they are named, and never deleted."""

import shlex
from pathlib import Path

import pytest
from support import many
from test_anthology_library import entries, good, run

from fic2epub.library.surplus import surplus
from fic2epub.record import read_record


@pytest.fixture(params=["", "books/"], ids=["plain", "library"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Four dumps, and a folder for the anthology: an ordinary one, or a library."""
    monkeypatch.chdir(tmp_path)
    many.write(tmp_path / "dumps", 4)
    if request.param:
        good("batch", "dumps", "-o", "books", "-j", "1", "--no-cover", "-q")
    return str(request.param)


def make(folder: str, *wishes: str) -> str:
    return good("anthology", "dumps", "--title", "All", "-o", folder or "./", "--no-cover", *wishes).stderr


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder or ".").glob("All*.epub"))


def test_volumes_that_are_no_more_are_named_and_stay(folder: str) -> None:
    assert "earlier edition" not in make(folder, "--split-at", "1-works")
    before = Path(folder, "All 4.epub").read_bytes()
    said = make(folder, "--split-at", "2-works")
    assert "2 books of an earlier edition" in said
    told = [line.strip() for line in said.splitlines() if line.startswith("    ") and line.endswith(".epub")]
    assert [line for line in told if "want" not in line] == [f"{folder}All 3.epub", f"{folder}All 4.epub"]
    assert "only it has" not in said, "its works are in the other volumes"
    assert names(folder) == [f"All {number}.epub" for number in range(1, 5)]
    assert Path(folder, "All 4.epub").read_bytes() == before
    again = good("anthology", f"{folder}All.anthology.toml", "--no-cover").stderr
    assert "2 books of an earlier edition" in again, "they are named as long as they stand there"


def test_the_way_to_remove_them_is_the_library_s(folder: str) -> None:
    make(folder, "--split-at", "1-works")
    said = make(folder, "--split-at", "2-works")
    if not folder:
        assert "Delete what you do not want" in said
        return
    (line,) = (line for line in said.splitlines() if "library remove" in line)
    command = shlex.split(line.partition("want: ")[2])
    assert run(*command[1:]).exit_code == 2, "nobody can be asked here"
    good(*command[1:], "--yes")
    assert names(folder) == ["All 1.epub", "All 2.epub"]
    assert not any(entry.path in ("All 3.epub", "All 4.epub") for entry in entries())


def test_one_book_becomes_volumes_and_volumes_one_book(folder: str) -> None:
    make(folder)
    assert "1 book of an earlier edition still stands here" in make(folder, "--split-at", "2-works")
    Path(folder, "All.epub").unlink()
    said = make(folder)
    assert "2 books of an earlier edition" in said
    assert "All 1.epub" in said


def test_a_work_that_only_an_old_volume_has_is_named(folder: str) -> None:
    make(folder, "--split-at", "1-works", "--sort-by", "input", "--group-by", "none")
    record = read_record(read(Path(folder, "All 4.epub")))
    assert record is not None
    Path("dumps/0003.txt").unlink()
    said = make(folder, "--split-at", "1-works", "--sort-by", "input", "--group-by", "none")
    assert f"All 4.epub; only it has {record.works[0].metadata.title}" in said


def read(path: Path) -> dict[str, bytes]:
    from fic2epub.container import read_entries

    return dict(read_entries(path))


def test_no_other_book_is_ever_named(folder: str) -> None:
    make(folder, "--split-at", "2-works")
    place = Path(folder or ".")
    (place / "All 7.epub").write_bytes(b"somebody else's")
    (place / "All 8.epub").write_bytes((place / "All 1.epub").read_bytes())
    (place / "All 2.bak.epub").write_bytes((place / "All 2.epub").read_bytes())
    (place / "Allegro 3.epub").write_bytes((place / "All 2.epub").read_bytes())
    good("anthology", "dumps/0001.txt", "--title", "All", "-o", str(place / "All 9.epub"), "--no-cover")
    assert "earlier edition" not in make(folder, "--split-at", "2-works")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert surplus(tmp_path / "no" / "All.epub", "urn:uuid:x", written=(), works=()) == ()


def test_what_a_killed_run_left_is_swept_and_nothing_else(folder: str) -> None:
    place = Path(folder or ".")
    ours = [place / f".All {one}.00a1b2c3.part" for one in ("1.epub", "2.epub")]
    ours.append(place / ".All.anthology.toml.00a1b2c3.part")
    others = [place / ".All 9.epub.0a1b2c3d.part", place / "All 1.epub.part", place / ".All 1.epub.xyz.part"]
    for path in (*ours, *others):
        path.write_bytes(b"half")
    make(folder, "--split-at", "2-works")
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in others)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (many.text(2, chapters=4), many.text(2, chapters=3), "holds 4 chapters, the new dump only 3"),
        (many.text(2, chapters=4), many.text(2, chapters=4).replace("oil", ""), None),
        (many.text(2, chapters=4), many.text(2, chapters=4)[:-160], "words, the new dump only"),
    ],
)
def test_a_work_that_lost_much_leaves_the_book_whatever_the_others_gained(
    folder: str, before: str, after: str, said: str | None
) -> None:
    dump = Path("dumps/0002.txt")
    dump.write_text(before, encoding="utf-8")
    make(folder)
    Path("dumps/0001.txt").write_text(many.text(1, chapters=9), encoding="utf-8")
    dump.write_text(after, encoding="utf-8")
    book = Path(folder, "All.epub")
    old = book.read_bytes()
    result = run("anthology", "dumps", "--title", "All", "-o", folder or "./", "--no-cover")
    assert (said is None) == (result.exit_code == 0), result.stderr
    assert said is None or said in result.stderr
    assert (book.read_bytes() == old) == (said is not None)
