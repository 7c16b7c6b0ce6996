"""The ZIP of an EPUB: what is read, what is refused, and the same bytes every time."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from fic2epub.container import is_bare, read_entries, zip_entries
from fic2epub.errors import PackageError

MIME = ("mimetype", b"application/epub+zip")


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with any names at all."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in entries:
            made.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def test_what_was_written_is_read_in_its_order() -> None:
    entries = [MIME, ("b.txt", b"two"), ("a/ü.txt", b"one")]
    assert list(read_entries(zip_entries(entries)).items()) == entries


def test_mimetype_is_first_stored_and_without_extra_field() -> None:
    data = zip_entries([MIME, ("content.opf", b"<package/>")])
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    assert struct.unpack("<H", data[8:10]) == (0,)  # method: stored
    assert struct.unpack("<H", data[28:30]) == (0,)  # length of the extra field
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert [info.extra for info in made.infolist()] == [b"", b""]
        assert {info.date_time for info in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.create_system for info in made.infolist()} == {3}


def test_the_same_entries_give_the_same_bytes_and_the_date_is_a_part_of_them() -> None:
    entries = [MIME, ("a.txt", b"word " * 1000)]
    assert zip_entries(entries) == zip_entries(entries)
    assert zip_entries(entries) != zip_entries(entries, (2001, 2, 3, 4, 5, 6))


def test_an_epub_must_begin_with_its_mimetype() -> None:
    with pytest.raises(PackageError, match="mimetype"):
        zip_entries([("a.txt", b"x"), MIME])


def test_names_that_differ_by_case_only_are_not_written() -> None:
    with pytest.raises(PackageError, match=r"A\.txt"):
        zip_entries([MIME, ("a.txt", b"x"), ("A.txt", b"y")])


def test_folders_are_left_out() -> None:
    assert list(read_entries(archive(("text/", b""), ("text/a.txt", b"x")))) == ["text/a.txt"]


@pytest.mark.parametrize(
    "name",
    ["../evil", "text/../../evil", "/etc/passwd", "C:/evil", "a\\b", "a//b", "./a", "a/..", "C:evil"],
)
def test_a_name_that_leaves_the_archive_is_refused(name: str) -> None:
    with pytest.raises(PackageError, match="no EPUB may use"):
        read_entries(archive((name, b"x")))


@pytest.mark.parametrize("name", ["a..b/c", "...", "text/a.b.c", "..a", "x/c:d"])
def test_a_name_that_only_looks_so_is_read(name: str) -> None:
    assert list(read_entries(archive((name, b"x")))) == [name]


def test_a_name_that_stands_there_twice_is_refused() -> None:
    data = archive(("one.txt", b"x"), ("two.txt", b"y")).replace(b"two.txt", b"one.txt")
    with pytest.raises(PackageError, match="twice"):
        read_entries(data)


def test_too_many_entries_are_refused() -> None:
    data = archive(*((f"{n}.txt", b"x") for n in range(11)))
    assert len(read_entries(data, max_entries=11)) == 11
    with pytest.raises(PackageError, match="at most 10"):
        read_entries(data, max_entries=10)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = archive(("bomb", b"\0" * 2_000_000))
    assert len(data) < 5_000
    with pytest.raises(PackageError, match="unpacks to 2,000,000 bytes"):
        read_entries(data, max_total_bytes=1_999_999)


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    data = archive(("bomb", b"\0" * 2_000_000)).replace(struct.pack("<L", 2_000_000), struct.pack("<L", 10))
    with pytest.raises(PackageError):
        read_entries(data, max_total_bytes=1_000)


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(archive(("a.txt", b"secret"), method=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(PackageError, match="encrypted"):
        read_entries(bytes(data))


def test_another_packing_is_refused() -> None:
    with pytest.raises(PackageError, match="does not allow"):
        read_entries(archive(("a.txt", b"words"), method=zipfile.ZIP_BZIP2))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"%PDF-1.7", b"PK\x05\x06\0\0"])
def test_what_is_no_zip_is_a_package_error(data: bytes) -> None:
    with pytest.raises(PackageError, match="not an EPUB"):
        read_entries(data)


def test_a_damaged_entry_is_a_package_error() -> None:
    data = bytearray(zip_entries([MIME, ("a.txt", b"word " * 1000)]))
    at = data.index(b"a.txt") + 8
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(PackageError):
        read_entries(bytes(data))


def test_every_cut_of_a_book_is_a_package_error() -> None:
    data = zip_entries([MIME, ("a.txt", b"words")])
    for end in range(len(data)):
        with pytest.raises(PackageError):
            read_entries(data[:end])


def test_what_stands_outside_the_entries_is_seen(tmp_path: Path) -> None:
    data = zip_entries([MIME, ("a.txt", b"words")])
    path = tmp_path / "book.epub"

    def bare(content: bytes) -> bool:
        path.write_bytes(content)
        return is_bare(path)

    assert bare(data)
    assert bare(archive(MIME, ("b.txt", b"x")))
    assert not bare(data + b"\n")
    assert not bare(data + b"x" * 100)
    assert not bare(b"x" + data)
    assert not bare(data[:-2] + b"\5\0hello")  # a comment
    assert not bare(b"")


def test_a_file_that_is_not_there_is_a_package_error_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"^none\.epub: cannot be read"):
        read_entries(tmp_path / "none.epub")
