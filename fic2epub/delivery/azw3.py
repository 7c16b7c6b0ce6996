"""An AZW3 for a Kindle that is mounted: made by calibre's ebook-convert, and known again by its header.

A Kindle does not show an EPUB that is copied to it. Two things are told to ebook-convert (calibre 6.13, run
2026-11): the book's UUID, which becomes the ASIN that a Kindle keeps a reading position under, and otherwise
would be a new one each time; and, as the book's producer, the mark by which `read_mark` knows our books.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = ["Mark", "ebook_convert", "make_azw3", "read_mark"]

PROGRAM = "ebook-convert"
ELSEWHERE = {
    "darwin": ("/Applications/calibre.app/Contents/MacOS/ebook-convert",),
    "win32": (
        r"C:\Program Files\Calibre2\ebook-convert.exe",
        r"C:\Program Files (x86)\Calibre2\ebook-convert.exe",
    ),
}
"""Where calibre's installers put it without telling the shell."""
PATIENCE = 600
"""Seconds for one book: an anthology of millions of words takes a minute."""

DC = "http://purl.org/dc/elements/1.1/"
OPF = "http://www.idpf.org/2007/opf"

_MARK_RE = re.compile(r"fic2epub ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ([0-9a-f-]{1,80})")
_EXTH = struct.Struct(">4sLL")
_AUTHOR, _PRODUCER, _TITLE = 100, 108, 503
_LARGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """What one of our AZW3s says in its header."""

    uuid: str
    edition: str
    title: str
    authors: tuple[str, ...]


def ebook_convert() -> str | None:
    """Where calibre's ebook-convert is; None if it is not installed."""
    places = ELSEWHERE.get(sys.platform, ())
    return shutil.which(PROGRAM) or next((place for place in places if os.access(place, os.X_OK)), None)


def make_azw3(epub: bytes, *, uuid: str | None, edition: str) -> bytes:
    """The AZW3 of an EPUB. ``uuid`` is None for a book that the program did not make.

    Raises DeliveryError if calibre is not installed, with the other ways, or cannot convert the book.
    """
    program = ebook_convert()
    if program is None:
        raise DeliveryError(
            "A Kindle reads no EPUB from its disk, and calibre's ebook-convert, which makes AZW3 of it, is "
            "not installed. Install calibre, mail the book (--to mail:NAME), or use amazon.com/sendtokindle."
        )
    try:
        with tempfile.TemporaryDirectory(prefix="fic2epub-") as folder:
            return _convert(program, Path(folder), epub, uuid=uuid, edition=edition)
    except OSError as error:
        raise DeliveryError(f"{program}: did not make an AZW3 ({error}). Mail the EPUB instead.") from error


def _convert(program: str, place: Path, epub: bytes, *, uuid: str | None, edition: str) -> bytes:
    """Run ebook-convert in a folder of its own. Raises DeliveryError, and OSError for a disk that is full."""
    command = [program, os.fspath(place / "book.epub"), os.fspath(place / "book.azw3")]
    (place / "book.epub").write_bytes(epub)
    if uuid is not None:
        _write_identity(place / "identity.opf", uuid)
        command += ["--read-metadata-from-opf", os.fspath(place / "identity.opf")]
        command += ["--book-producer", f"fic2epub {uuid} {edition}"]
    try:
        done = subprocess.run(
            command,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeliveryError(
            f"{program}: has not made an AZW3 after {PATIENCE // 60} minutes. Mail the EPUB instead."
        ) from None
    made = place / "book.azw3"
    if done.returncode or not made.is_file():
        said = done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2] or "it says nothing"
        raise DeliveryError(f"{program}: did not make an AZW3 ({said}). Mail the EPUB instead.")
    return made.read_bytes()


def _write_identity(path: Path, uuid: str) -> None:
    """An OPF with the book's UUID and nothing else, the only form in which calibre takes one."""
    from lxml import etree

    package = etree.Element(f"{{{OPF}}}package", {"version": "2.0", "unique-identifier": "uuid"}, {None: OPF})
    metadata = etree.SubElement(package, f"{{{OPF}}}metadata", nsmap={"dc": DC, "opf": OPF})
    identifier = etree.SubElement(metadata, f"{{{DC}}}identifier", {"id": "uuid", f"{{{OPF}}}scheme": "uuid"})
    identifier.text = uuid
    path.write_bytes(etree.tostring(package, xml_declaration=True, encoding="utf-8"))


def read_mark(path: Path) -> Mark | None:
    """What the header of a Kindle book says, if it is one of ours; None for any other file.

    The header is the first record of a Palm database (MobileRead wiki, MOBI and EXTH, read 2026-11).
    """
    try:
        with path.open("rb") as file:
            if file.read(78)[60:68] != b"BOOKMOBI":
                return None
            (start,) = struct.unpack(">L", file.read(4))
            file.seek(start)
            fields = _fields(file.read(_LARGEST_HEADER))
    except (OSError, struct.error):
        return None
    told = dict(fields)
    match = _MARK_RE.fullmatch(told.get(_PRODUCER, ""))
    if match is None:
        return None
    authors = tuple(text for kind, text in fields if kind == _AUTHOR)
    return Mark(match[1], match[2], told.get(_TITLE, ""), authors)


def _fields(record: bytes) -> list[tuple[int, str]]:
    """The EXTH fields of a MOBI header, type and text; struct.error if it is cut or is none."""
    (length,) = struct.unpack_from(">L", record, 20)
    at = 16 + length
    signature, _, count = _EXTH.unpack_from(record, at)
    if record[16:20] != b"MOBI" or signature != b"EXTH":
        raise struct.error("no EXTH")
    at += _EXTH.size
    found = []
    for _ in range(min(count, 10_000)):
        kind, size = struct.unpack_from(">LL", record, at)
        found.append((kind, record[at + 8 : at + size].decode("utf-8", "replace")))
        at += max(size, 8)
    return found
