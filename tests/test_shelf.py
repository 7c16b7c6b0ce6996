import errno
import os
import subprocess
from pathlib import Path

import pytest
from support.works import book, listing, publication

from fic2epub.container import read_entries, zip_entries
from fic2epub.errors import ExitCode, OutputEditedError, OutputError, OutputExistsError
from fic2epub.library.disk import put, signature
from fic2epub.library.shelf import place, settle, write
from fic2epub.record import read_record


def edit(path):
    """Change a book as a reader would with an editor."""
    entries = read_entries(path)
    entries["style.css"] += b"p { color: red }"
    path.write_bytes(zip_entries(list(entries.items())))
    return path.read_bytes()


def test_a_book_is_written_and_knows_that_it_is_ours(tmp_path):
    target = tmp_path / "new" / "folder" / "book.epub"
    assert write(publication(), target) == target
    assert read_record(read_entries(target)).identifier == publication().identifier
    assert listing(target.parent) == ["book.epub"]


def test_the_same_bytes_are_not_written_again(tmp_path):
    target = tmp_path / "book.epub"
    assert place(publication(), target).written
    before = target.stat()
    assert not place(publication(), target).written
    assert signature(target.stat()) == signature(before)


def test_a_newer_dump_replaces_its_book_without_a_question(tmp_path):
    target = write(publication(chapters=2), tmp_path / "book.epub")
    assert place(publication(chapters=3, sha="b" * 64), target).backup is None
    assert len(read_record(read_entries(target)).works[0].chapters) == 3
    assert listing(tmp_path) == ["book.epub"]


def test_a_dump_that_was_only_touched_gives_the_same_bytes(tmp_path):
    target = write(publication(modified=1_700_000_000.0), tmp_path / "book.epub")
    before = target.read_bytes()
    assert not place(publication(modified=1_800_000_000.0), target).written
    assert target.read_bytes() == before


def test_a_book_of_another_text_takes_its_own_date(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    place(publication(words=60, sha="b" * 64, modified=1_800_000_000.0), target)
    assert read_record(read_entries(target)).modified.startswith("2027")


def test_a_date_that_the_reader_set_is_kept(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    assert place(publication(modified=1_800_000_000.0), target, redate=False).written


@pytest.mark.parametrize("tail", [b"\n", b"\0" * 200])
def test_a_byte_behind_the_book_is_an_edit(tmp_path, tail):
    target = write(publication(), tmp_path / "book.epub")
    target.write_bytes(target.read_bytes() + tail)
    with pytest.raises(OutputEditedError):
        write(publication(chapters=3, sha="b" * 64), target)


@pytest.mark.parametrize("content", [b"", b"my shopping list", b"PK\x03\x04 torn", b"\x00" * 5000])
def test_a_file_of_someone_else_is_left_alone(tmp_path, content):
    target = tmp_path / "book.epub"
    target.write_bytes(content)
    with pytest.raises(OutputExistsError, match="did not write it") as caught:
        write(publication(), target)
    assert caught.value.exit_code is ExitCode.OUTPUT
    assert target.read_bytes() == content
    assert listing(tmp_path) == ["book.epub"]


def test_an_epub_of_someone_else_is_left_alone(tmp_path):
    target = tmp_path / "book.epub"
    target.write_bytes(
        zip_entries([("mimetype", b"application/epub+zip"), ("META-INF/fic2epub.json", b"[]")])
    )
    with pytest.raises(OutputExistsError, match="did not write it"):
        write(publication(), target)


def test_the_book_of_another_work_is_left_alone(tmp_path):
    target = write(publication(work_id="1"), tmp_path / "book.epub")
    before = target.read_bytes()
    with pytest.raises(OutputExistsError, match="another work"):
        write(publication(work_id="2"), target)
    assert target.read_bytes() == before


def test_a_book_that_was_edited_is_left_alone(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    edited = edit(target)
    with pytest.raises(OutputEditedError, match="--force"):
        write(publication(), target)
    assert target.read_bytes() == edited
    assert listing(tmp_path) == ["book.epub"]


def test_force_keeps_every_old_file(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    first = edit(target)
    placed = place(publication(), target, force=True)
    assert placed.backup == tmp_path / "book.bak.epub"
    second = edit(target) + b""
    place(publication(), target, force=True)
    assert listing(tmp_path) == ["book.bak.epub", "book.bak2.epub", "book.epub"]
    assert placed.backup.read_bytes() == first
    assert (tmp_path / "book.bak2.epub").read_bytes() == second


def test_force_without_need_makes_no_backup(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    place(publication(words=60, sha="b" * 64), target, force=True)
    place(publication(words=60, sha="b" * 64), target, force=True)
    assert listing(tmp_path) == ["book.epub"]


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ({"chapters": 3}, {"chapters": 2, "words": 90}, True),
        ({"words": 1000}, {"words": 900}, True),
        ({"words": 1000}, {"words": 970}, False),
        ({"chapters": 2, "words": 500}, {"chapters": 3, "words": 500}, False),
    ],
)
def test_a_dump_that_lost_text_does_not_replace_its_book(tmp_path, old, new, kept):
    target = write(publication(**old), tmp_path / "book.epub")
    before = target.read_bytes()
    if not kept:
        assert place(publication(**new, sha="b" * 64), target).written
        return
    with pytest.raises(OutputExistsError, match="the new dump only"):
        write(publication(**new, sha="b" * 64), target)
    assert target.read_bytes() == before
    assert place(publication(**new, sha="b" * 64), target, force=True).backup is not None


def test_a_better_reading_of_the_same_dump_may_find_fewer_chapters(tmp_path):
    target = write(publication(chapters=3), tmp_path / "book.epub")
    assert place(publication(chapters=2), target).written


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "book.epub").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write(publication(), tmp_path / "book.epub")
    assert listing(tmp_path) == ["book.epub"]


def test_a_read_only_file_is_left_alone_even_by_force(tmp_path):
    target = write(publication(), tmp_path / "book.epub")
    target.chmod(0o444)
    before = target.read_bytes()
    with pytest.raises(OutputError, match="read-only"):
        write(publication(words=60, sha="b" * 64), target, force=True)
    assert target.read_bytes() == before


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "book.epub")
    with pytest.raises(OutputError, match="no ordinary file"):
        write(publication(), tmp_path / "book.epub")


def test_a_link_leads_to_what_is_replaced(tmp_path):
    real = write(publication(), tmp_path / "real.epub")
    link = tmp_path / "link.epub"
    link.symlink_to(real)
    assert write(publication(words=60, sha="b" * 64), link) == link
    assert link.is_symlink()
    assert read_record(read_entries(real)).works[0].source_sha256 == "b" * 64


def test_a_name_that_the_disk_refuses_is_told(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        write(publication(), tmp_path / ("x" * 300 + ".epub"))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a file, not a folder"):
        write(publication(), tmp_path / "file" / "book.epub")
    assert listing(tmp_path) == ["file"]


FAULTS = [
    (errno.ENOSPC, "full"),
    (errno.EROFS, "read-only"),
    (errno.EACCES, "may not"),
    (errno.EIO, "unplugged"),
    (errno.EMFILE, "Too many open files"),
]


@pytest.mark.parametrize(("number", "told"), FAULTS)
@pytest.mark.parametrize("call", ["open", "fsync"])
def test_a_disk_that_fails_leaves_the_old_book(tmp_path, monkeypatch, number, told, call):
    target = write(publication(), tmp_path / "book.epub")
    before = target.read_bytes()

    def fails(*_args, **_kw):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"fic2epub.library.disk.os.{call}", fails)
        with pytest.raises(OutputError, match=told):
            write(publication(words=60, sha="b" * 64), target)
    assert target.read_bytes() == before
    assert listing(tmp_path) == ["book.epub"]


def test_a_rename_that_fails_brings_the_old_book_back(tmp_path, monkeypatch):
    target = write(publication(), tmp_path / "book.epub")
    edited = edit(target)
    replace = Path.replace

    def fails(self, goal):
        if self.name.endswith(".part"):
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, goal)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fails)
        with pytest.raises(OutputError):
            write(publication(), target, force=True)
    assert target.read_bytes() == edited
    assert listing(tmp_path) == ["book.epub"]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("fic2epub.library.disk.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(publication(), tmp_path / "book.epub")
    assert listing(tmp_path) == []


def test_a_file_that_came_meanwhile_is_left_alone(tmp_path):
    target = tmp_path / "book.epub"
    target.write_bytes(b"just arrived")
    with pytest.raises(OutputExistsError, match="run again"):
        put(b"new", target, None)
    assert target.read_bytes() == b"just arrived"
    assert listing(tmp_path) == ["book.epub"]


def test_a_file_that_comes_at_the_last_moment_is_left_alone_too(tmp_path, monkeypatch):
    """Between the look and the rename: another run has made the book of another work."""
    target = tmp_path / "book.epub"
    look = os.path.lexists

    def late(path):
        found = look(path)
        if Path(path) == target:
            target.write_bytes(b"just arrived")
        return found

    monkeypatch.setattr(os.path, "lexists", late)
    with pytest.raises(OutputExistsError, match="run again"):
        put(b"new", target, None)
    assert target.read_bytes() == b"just arrived"
    assert listing(tmp_path) == ["book.epub"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, too small for a book."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs the superuser")
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts no disks")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_left_as_it_was(small_disk):
    (small_disk / "other.txt").write_bytes(b"x" * 8000)
    with pytest.raises(OutputError, match="full"):
        write(publication(chapters=40), small_disk / "book.epub")
    assert listing(small_disk) == ["other.txt"]


def test_a_read_only_disk_is_told(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OutputError, match="read-only"):
        write(publication(), small_disk / "book.epub")


def test_two_works_of_one_title_have_two_names(tmp_path):
    first, second = book(work_id="11"), book(work_id="22")
    goal = settle(first, tmp_path)
    assert goal.name == "Ada Quill - The Lamp Room.epub"
    write(first.publication, goal)
    other = settle(second, tmp_path)
    assert other.name == "Ada Quill - The Lamp Room [22].epub"
    write(second.publication, other)
    assert settle(first, tmp_path) == goal
    assert settle(second, tmp_path) == other
    assert settle(book(work_id="33"), tmp_path).name.endswith("[33].epub")
    goal.unlink()
    assert settle(second, tmp_path) == other
    assert settle(first, tmp_path, claimed={"ada quill - the lamp room [11].epub"}) == goal


def test_a_strangers_file_is_not_walked_around(tmp_path):
    (tmp_path / "Ada Quill - The Lamp Room.epub").write_bytes(b"mine")
    goal = settle(book(), tmp_path)
    with pytest.raises(OutputExistsError):
        write(book().publication, goal)
