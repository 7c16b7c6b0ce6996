"""A file from anywhere: is it an EPUB, can it be opened, and what does only the archive itself show?

Nothing in it is trusted. A file that would unpack to more than a book can be, that has too many
entries, or names that climb out of their folder, is reported and not read; an archive inside the
archive is never opened; nothing is written.
"""

import mmap
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from fic2epub.builder.check import check, concerning
from fic2epub.builder.problem import Problem, error, warning
from fic2epub.container import MAX_ENTRIES, MAX_TOTAL_BYTES, MIMETYPE, read_entries
from fic2epub.errors import PackageError, SourceError

__all__ = ["check_file"]

ZIP = b"PK\3\4"
ENTRY = b"PK\1\2"
CONTAINER_PATH = "META-INF/container.xml"
LARGEST_RATIO = 30
"""Unpacked bytes to packed ones. Text packs to a fifth, a page of one word repeated to a hundredth."""
SMALL_BOOK = 100_000_000
"""Unpacked bytes that any book may have, whatever their ratio."""

MAIL_WARNING = 18_000_000
MAIL_LIMIT = 36_000_000
"""Base64 makes a mail 1.37 times as large: Gmail sends 25 MB, Send-to-Kindle takes 50 (seen 2026-08)."""
UPLOAD_LIMIT = 200_000_000
"""Of amazon.com/sendtokindle (seen 2026-08)."""


def check_file(path: Path, device: str = "all") -> tuple[Problem, ...]:
    """Find what is wrong with an EPUB file, for all devices or for one of them; empty if nothing is.

    A damaged or hostile EPUB gives ``container.unreadable`` and nothing more. Raises SourceError for a
    file that is not there, cannot be read, or is no EPUB at all.
    """
    head, size = _head(path)
    if not head.startswith(ZIP):
        raise SourceError(f"{path}: is no EPUB (an EPUB is a ZIP, and this is none). Name an EPUB.")
    try:
        _count(path, size)
        limit = min(MAX_TOTAL_BYTES, max(SMALL_BOOK, LARGEST_RATIO * size))
        entries = read_entries(path, max_total_bytes=limit)
    except PackageError as fault:
        if head[30:38] != b"mimetype" or MIMETYPE.encode() not in head:
            raise SourceError(f"{path}: is no EPUB, or a damaged one. {fault}") from fault
        what = f"cannot be opened ({str(fault).partition(': ')[2].rstrip('.')})"
        unreadable = error("container.unreadable", None, what, "get it again from where it came from")
        return (unreadable,)
    if entries.get("mimetype", b"").strip() != MIMETYPE.encode() and CONTAINER_PATH not in entries:
        raise SourceError(f"{path}: is a ZIP, but no EPUB: {CONTAINER_PATH} is not in it. Name an EPUB.")
    around = [*_check_mimetype(head), *_check_size(size), *_check_kepub(path, entries)]
    return (*concerning(around, device), *check(entries, device))


def _head(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and its size; a pipe, on which one could wait forever, is not opened."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            kind = "a folder" if stat.S_ISDIR(state.st_mode) else "no ordinary file"
            raise SourceError(f"{path}: is {kind}. Name an EPUB.")
        with path.open("rb") as file:
            return file.read(100), state.st_size
    except OSError as fault:
        raise SourceError(f"{path}: cannot be read ({fault.strerror or fault}).") from fault


def _count(path: Path, size: int) -> None:
    """Refuse a million entries before a list of them is made, which alone would take seconds."""
    if size < MAX_ENTRIES * 46:  # the shortest line of a ZIP's list has 46 bytes
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = -1
        for _ in range(MAX_ENTRIES + 1):
            at = data.find(ENTRY, at + 1)
            if at < 0:
                return
    raise PackageError(f"{path.name}: holds more than {MAX_ENTRIES:,} entries.")


def _check_mimetype(head: bytes) -> Iterator[Problem]:
    """The first entry can be read without unpacking anything (EPUBCheck: PKG-005, for the field only)."""
    if head[30:38] == b"mimetype" and (head[8:10] != b"\0\0" or head[28:30] != b"\0\0"):
        what = "is packed, or has an extra field, so that no program can tell from it what the file is"
        yield error("container.mimetype-packed", "mimetype", what, "store it as it is (zip -X0)")


def _check_size(size: int) -> Iterator[Problem]:
    """Kindles are reached by mail or through Amazon's page, and both have a limit."""
    what = f"has {size / 1_000_000:.0f} MB"
    if size > UPLOAD_LIMIT:
        advice = "make its pictures smaller; Send-to-Kindle takes 200 MB at most"
        yield error("kindle.too-large", None, what, advice)
    elif size > MAIL_LIMIT:
        advice = "use amazon.com/sendtokindle; Send-to-Kindle takes no mail of this size"
        yield warning("kindle.mail-size", None, what, advice)
    elif size > MAIL_WARNING:
        advice = "use amazon.com/sendtokindle if your mail does not take it; many stop at 25 MB with coding"
        yield warning("kindle.mail-size", None, what, advice)


def _check_kepub(path: Path, entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """A Kobo opens such a book, and then loses every bookmark in it (calibre's and web reports, 2026-08)."""
    if path.name.lower().endswith(".kepub.epub") and not any(
        b"koboSpan" in data for data in entries.values()
    ):
        what = "is called .kepub.epub, and has no Kobo spans, so that bookmarks are lost"
        yield warning("kobo.no-spans", None, what, "make it with fic2epub kepub, or call it .epub")
