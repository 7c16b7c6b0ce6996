"""Which work a dump's first bytes name, before anything is read."""

from pathlib import Path

import pytest
from support.dumps import dump
from test_batch_library import keep, long_dump, said, statuses

from fic2epub.library.work_hint import named_work

TAGS = "Tags: " + ", ".join(f"Drawn tag number {number}" for number in range(400)) + "\n"


def with_many_tags(text: str) -> str:
    """The same dump, its Work ID below eight thousand characters of tags."""
    return text.replace("Work ID:", f"{TAGS}Work ID:")


def hint(tmp_path: Path, content: bytes) -> str | None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    return named_work(str(path), content[:4096])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("far", [False, True])
def test_the_id_is_seen_wherever_it_stands_in_the_header(
    tmp_path: Path, encoding: str, newline: str, far: bool
) -> None:
    text = with_many_tags(dump()) if far else dump()
    assert hint(tmp_path, text.replace("\n", newline).encode(encoding)) == "1234567"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Work ID: 12", "12"),
        ("work_id : 12", "12"),
        ("URL: https://archiveofourown.org/works/12/chapters/3", "12"),
        ("URL: https://example.org/s/12/1", "https://example.org/s/12/1"),
        ("Story URL: http://example.org/s/12#top", "http://example.org/s/12"),
        ("Source: https://example.org/s/12", "https://example.org/s/12"),
        ("URL: https://example.org/s/12\nWork ID: 34", "34"),
        ("Tags: Work ID", None),
        ("Workshop ID: 12", None),
        ("Curl: https://example.org/", None),
        ("", None),
    ],
)
def test_what_names_a_work(tmp_path: Path, line: str, expected: str | None) -> None:
    assert hint(tmp_path, f"Title: X\n{line}\n\nThe lamp went out.\n".encode()) == expected


def test_no_line_of_a_story_names_it(tmp_path: Path) -> None:
    text = dump(work_id=None) + "word " * 1_000 + "\nWork ID: 77\n"
    assert hint(tmp_path, text.encode()) is None
    assert hint(tmp_path, f"Title: X\n{TAGS}\n\nWork ID: 77\n".encode()) is None


def test_a_file_that_was_not_opened_or_is_gone_has_none(tmp_path: Path) -> None:
    assert named_work(str(tmp_path / "a.txt"), None) is None
    assert named_work(str(tmp_path / "gone.txt"), with_many_tags(dump()).encode()[:4096]) is None


@pytest.mark.parametrize("change", ["far", "utf-16", "address"])
def test_a_duplicate_is_told_in_the_first_run(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    for name, chapters in (("a", 2), ("z", 3)):
        text = long_dump(chapters, work_id="11")
        match change:
            case "far":
                text = with_many_tags(text)
            case "address":
                text = text.replace("Work ID: 11", "URL: https://example.org/s/11")
        encoding = "utf-16" if change == "utf-16" else "utf-8"
        (folder / f"{name}.txt").write_text(text, encoding=encoding)
    outcomes = keep(folder, tmp_path / "books")
    assert statuses(outcomes) == {"a": "duplicate", "z": "made"}
    assert said(outcomes, "a") == f"{folder / 'z.txt'} is its work's book: 3 chapters against 2"
    assert len(outcomes) == 2
