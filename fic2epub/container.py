"""The ZIP of an EPUB: read within limits, written with fixed dates.

The only place that opens or closes an EPUB file. Reading trusts nothing: an EPUB may come from
anywhere. Writing gives the same bytes for the same entries (EPUB 3.3, OCF ZIP container: ``mimetype``
first, stored, without extra fields).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Container, Sequence
from pathlib import Path

from fic2epub.errors import PackageError

__all__ = ["MIMETYPE", "is_bare", "read_entries", "zip_entries"]

MIMETYPE = "application/epub+zip"
MAX_ENTRIES = 65_534
"""More need ZIP64, which the oldest e-readers do not know; an anthology of 5,000 works has 30,000."""
MAX_TOTAL_BYTES = 1 << 30
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a ZIP can hold."""

LEVEL = 6
"""Of deflate. 9 makes a book 1 % smaller and takes twice as long."""

_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
PACKED = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".woff", ".woff2")
"""Names of files that are packed already: to deflate a cover takes 5 ms and saves a hundredth of it."""
_ENCRYPTED = 0x1
_END = struct.Struct("<4s4H2LH")
"""The end record of a ZIP (APPNOTE 6.3.10, 4.3.16); the last field is the length of a comment behind it."""


def read_entries(
    source: Path | bytes,
    *,
    only: Container[str] | None = None,
    max_entries: int = MAX_ENTRIES,
    max_total_bytes: int = MAX_TOTAL_BYTES,
) -> dict[str, bytes]:
    """The files of an EPUB, name to bytes, in the archive's order; folders are left out.

    ``only`` names those that are wanted: the others are not unpacked, nor read from a slow disk.

    Limits: the number of entries and the unpacked bytes of all together, both checked before anything
    is unpacked, so that a ZIP bomb costs nothing. Raises PackageError for what is no ZIP, is damaged,
    encrypted or too large, or has a name that is absolute, climbs with ``..`` or stands there twice.
    """
    name = source.name if isinstance(source, Path) else "the book"
    try:
        with zipfile.ZipFile(source if isinstance(source, Path) else io.BytesIO(source)) as archive:
            infos = archive.infolist()
            _check_size(infos, name, max_entries, max_total_bytes)
            files = [info for info in infos if not info.is_dir()]
            _check_names(files, name)
            wanted = files if only is None else [info for info in files if info.filename in only]
            return {info.filename: _read(archive, info, name) for info in wanted}
    except OSError as error:
        raise PackageError(f"{name}: cannot be read ({error.strerror or error}).") from error
    except _DAMAGE as error:
        raise PackageError(f"{name}: not an EPUB, or a damaged one ({error}). Make it again.") from error


def _check_size(infos: list[zipfile.ZipInfo], name: str, max_entries: int, max_total_bytes: int) -> None:
    if len(infos) > max_entries:
        raise PackageError(f"{name}: holds {len(infos):,} entries; at most {max_entries:,} are read.")
    total = sum(info.file_size for info in infos)
    if total > max_total_bytes:
        raise PackageError(f"{name}: unpacks to {total:,} bytes; at most {max_total_bytes:,} are read.")


def _check_names(files: list[zipfile.ZipInfo], name: str) -> None:
    seen: set[str] = set()
    for info in files:
        # orig_filename: zipfile cuts a name at a NUL and turns backslashes round on Windows.
        entry = info.orig_filename
        parts = entry.split("/")
        if "\\" in entry or "\0" in entry or ":" in parts[0] or not all(parts) or {".", ".."} & set(parts):
            raise PackageError(f"{name}: an entry is called {entry!r}, which no EPUB may use. Not read.")
        if entry in seen:
            raise PackageError(f"{name}: {entry} stands in it twice. Not read.")
        seen.add(entry)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise PackageError(f"{name}: {info.filename} is encrypted (DRM?). Such books cannot be read.")
    if info.compress_type not in _METHODS:
        raise PackageError(f"{name}: {info.filename} is packed in a way that EPUB does not allow.")
    return archive.read(info)


def is_bare(path: Path) -> bool:
    """True if a ZIP is its entries and nothing else: no comment, no byte before or behind.

    ``zip_entries`` writes no others, and what is not in an entry no hash of the entries sees. Raises
    OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _END.size))
        tail = file.read()
    if len(tail) != _END.size:
        return False
    signature, *_, directory, start, _ = _END.unpack(tail)
    return signature == b"PK\5\6" and bool(start + directory + _END.size == size)


def zip_entries(
    entries: Sequence[tuple[str, bytes]], when: tuple[int, int, int, int, int, int] = EARLIEST
) -> bytes:
    """An EPUB's bytes from ``(name, bytes)`` pairs, in their order, the same for the same pairs.

    The first must be ``mimetype``: it is stored, as OCF wants it, and all others are deflated. Every
    entry bears the date ``when``. Raises PackageError if the first is another, if there are more than
    MAX_ENTRIES, or if a name comes twice (names that differ by case only are the same on many devices:
    EPUBCheck OPF-060).
    """
    if not entries or entries[0][0] != "mimetype":
        raise PackageError("An EPUB begins with its mimetype; the builder gave it no such entry first.")
    if len(entries) > MAX_ENTRIES:
        raise PackageError(
            f"The book would have {len(entries):,} files, and not every e-reader opens more than "
            f"{MAX_ENTRIES:,}. Make volumes of it: --split-at."
        )
    seen: set[str] = set()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, data in entries:
            if name.casefold() in seen:
                raise PackageError(f"Two files of the book are called {name}.")
            seen.add(name.casefold())
            info = zipfile.ZipInfo(name, when)
            info.create_system = 3  # Unix, wherever it is built: the field is part of the bytes
            info.external_attr = 0o644 << 16
            stored = name == "mimetype" or name.endswith(PACKED)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=LEVEL)
    return buffer.getvalue()
