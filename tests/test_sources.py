"""Stage 1: which files are dumps, in which order, and what cannot be read."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fic2epub.errors import BinarySourceError, EmptySourceError, SourceError
from fic2epub.parser import sources
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.sources import find_dumps, is_dump, read, read_file, read_stdin

DUMP = "Title: Fog\nAuthor: a\n\nThe fog came up the river.\n"
PROSE = "The fog came up the river.\n"

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Make files below a folder: path -> content."""

    def make(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "in"

    return make


def names(folder: Path, paths: tuple[Path, ...]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def test_a_folder_gives_its_dumps_in_natural_order(tree: Tree) -> None:
    folder = tree(
        **{"10.txt": DUMP, "2.txt": DUMP, "B/1": DUMP, "a10/1.dump": DUMP, "a9/x.md": DUMP, "c.TXT": DUMP}
    )
    found = find_dumps([folder])
    assert names(folder, found.dumps) == ["2.txt", "10.txt", "a9/x.md", "a10/1.dump", "B/1", "c.TXT"]
    assert found.passed_over == ()


def test_other_texts_are_listed_and_the_rest_is_passed_over_in_silence(tree: Tree) -> None:
    folder = tree(
        **{
            "story.txt": DUMP,
            "notes.txt": PROSE,
            "empty.txt": "",
            "koi8.txt": "Он вошёл в комнату и сел у окна, и никто не сказал ни слова.".encode("koi8-r"),
            "README.md": DUMP,
            "readme": PROSE,
            "LICENSE": PROSE,
            "CHANGELOG.txt": PROSE,
            ".hidden.txt": DUMP,
            ".git/config.txt": DUMP,
            ".fic2epub/state.txt": DUMP,
            "fic2epub.toml": PROSE,
            "story.fic.toml": DUMP,
            "truth/story.json": "{}",
            "book.epub": b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip",
            "cover.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
            "noise.bin": bytes(range(256)) * 4,
        }
    )
    found = find_dumps([folder])
    assert names(folder, found.dumps) == ["story.txt"]
    assert names(folder, found.passed_over) == ["empty.txt", "koi8.txt", "notes.txt"]


def test_all_takes_the_other_texts_too(tree: Tree) -> None:
    folder = tree(**{"story.txt": DUMP, "notes.txt": PROSE, "README": PROSE, "a.png": b"\x89PNG\r\n\x1a\n"})
    found = find_dumps([folder], take_all=True)
    assert (names(folder, found.dumps), found.passed_over) == (["notes.txt", "story.txt"], ())


def test_a_file_that_is_named_is_always_taken(tree: Tree) -> None:
    folder = tree(**{"README.md": PROSE, "x.png": b"\x89PNG\r\n\x1a\n"})
    named = [folder / "README.md", folder / "x.png", Path("-")]
    assert find_dumps(named).dumps == tuple(named)


def test_each_file_is_found_once_where_it_was_named_first(tree: Tree) -> None:
    folder = tree(**{"a.txt": DUMP, "b.txt": PROSE})
    found = find_dumps([folder / "b.txt", folder, folder / "a.txt", folder])
    assert (names(folder, found.dumps), found.passed_over) == (["b.txt", "a.txt"], ())


def test_the_output_folder_is_passed_over_but_not_if_it_is_the_folder_itself(tree: Tree) -> None:
    folder = tree(**{"a.txt": DUMP, "books/b.txt": DUMP})
    assert names(folder, find_dumps([folder], exclude=[folder / "books"]).dumps) == ["a.txt"]
    assert names(folder, find_dumps([folder], exclude=[folder]).dumps) == ["a.txt", "books/b.txt"]


def test_folders_that_link_in_a_circle_are_entered_once(tree: Tree) -> None:
    folder = tree(**{"a/1.txt": DUMP})
    (folder / "a" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "b").symlink_to(folder / "a", target_is_directory=True)
    (folder / "gone").symlink_to(folder / "nowhere")
    assert names(folder, find_dumps([folder]).dumps) == ["a/1.txt"]


def test_a_pipe_in_a_folder_is_not_opened(tree: Tree) -> None:
    folder = tree(**{"a.txt": DUMP})
    os.mkfifo(folder / "pipe")
    assert names(folder, find_dumps([folder]).dumps) == ["a.txt"]


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere.txt: there is no such file"):
        find_dumps([tmp_path / "nowhere.txt"])
    with pytest.raises(SourceError, match=r"nowhere.txt: there is no such file"):
        read_file(tmp_path / "nowhere.txt")
    with pytest.raises(SourceError, match="this is a folder"):
        read_file(tmp_path)


@pytest.mark.parametrize(
    "head",
    [
        DUMP.encode(),
        b"\n\n" + DUMP.encode(),
        DUMP.replace("\n", "\r").encode(),
        DUMP.encode("utf-16"),
        DUMP.encode("utf-16-le"),
        b"\xef\xbb\xbf" + DUMP.encode(),
        b"title : F\xf6g\r\nWORK ID : 12\r\n",
        b"Rating: x\nLanguage: y\nStatus: z\n\nstory",
        ("Title: F\nAuthor: a\nAdditional Tags: " + "é" * 4000).encode()[:4096],
    ],
)
def test_what_is_a_dump(head: bytes) -> None:
    assert is_dump(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        PROSE.encode(),
        b"Title: Fog\n\nAuthor: a\n",
        b"Note: fog\nWarning: fog\n",
        b"A letter.\nTitle: F\nAuthor: a\n",
        b"PK\x03\x04Title: F\nAuthor: a\n",
        b"<html><title>Title: x</title>",
    ],
)
def test_what_is_no_dump(head: bytes) -> None:
    assert not is_dump(head)


def test_read_gives_one_draft_after_another(tree: Tree) -> None:
    folder = tree(
        **{"1.txt": DUMP, "2.txt": DUMP.replace("Fog", "Mist"), "3.txt": b"Title: x\nAuthor: a\n\n\0"}
    )
    drafts = read(folder, str(folder / "1.txt"), options=ParseOptions(author="b"))
    first, second = next(drafts), next(drafts)
    assert (first.metadata.title, second.metadata.title) == ("Fog", "Mist")
    assert first.metadata.creators == ("b",)
    assert (first.origin.name, first.origin.path) == ("1.txt", folder / "1.txt")
    assert first.origin.modified == (folder / "1.txt").stat().st_mtime


def test_standard_input_has_neither_path_nor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = read_stdin(io.BytesIO(PROSE.encode()))
    assert (draft.origin.path, draft.origin.name, draft.origin.modified) == (None, "<stdin>", None)
    assert draft.metadata.title == "Untitled"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DUMP.encode())))
    assert [draft.metadata.title for draft in read("-")] == ["Fog"]


def test_bad_files_say_which_they_are(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tree(**{"empty.txt": " \n", "x.txt": b"%PDF-1.7", "big.txt": DUMP})
    with pytest.raises(EmptySourceError, match=r"empty.txt: there is nothing"):
        read_file(folder / "empty.txt")
    with pytest.raises(BinarySourceError, match=r"x.txt: this is a PDF"):
        read_file(folder / "x.txt")
    monkeypatch.setattr(sources, "_LIMIT", 20)
    with pytest.raises(SourceError, match=r"big.txt: this is larger than"):
        read_file(folder / "big.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tree: Tree) -> None:
    folder = tree(**{"a.txt": DUMP})
    (folder / "a.txt").chmod(0)
    with pytest.raises(SourceError, match="you may not read this file"):
        read_file(folder / "a.txt")
    assert names(folder, find_dumps([folder]).passed_over) == ["a.txt"]


def test_a_name_that_is_not_utf8_can_be_printed(tree: Tree) -> None:
    folder = tree(**{"a.txt": DUMP})
    path = folder / os.fsdecode(b"caf\xe9.txt")
    try:
        path.write_text(PROSE)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    draft = read_file(path)
    assert draft.origin.name == "caf\ufffd.txt"
    draft.metadata.title.encode()


def test_the_real_dumps_are_found_and_read(seeds_dir: Path) -> None:
    found = find_dumps([seeds_dir])
    assert (len(found.dumps), found.passed_over) == (5, ())
    for draft in read(seeds_dir):
        assert draft.findings == ()
        assert draft.metadata.work_id
        assert draft.metadata.language == "en"
        assert draft.metadata.unknown == ()
