"""Our books on a device, known by what they say of themselves and not by their names.

An EPUB or KEPUB bears its record, an AZW3 a mark in its header. So the books are known after the list of
what was sent is lost, after a title has changed, and after the reader has moved them to another folder.
Whatever else is on the device is not looked into.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from fic2epub.container import is_bare, read_entries
from fic2epub.delivery.azw3 import read_mark
from fic2epub.delivery.copying import Stamp, stamp
from fic2epub.delivery.devices import Device
from fic2epub.delivery.edition import SUFFIX, edition_of
from fic2epub.delivery.markers import Format, is_folder
from fic2epub.errors import DeviceGoneError, PackageError
from fic2epub.record import RECORD_NAME, is_unedited, read_record
from fic2epub.values import dataclass

__all__ = ["Aboard", "aboard", "is_as_made"]

OWN_FOLDERS = frozenset({"system", "koreader", "applications", "lost.dir", "system volume information"})
"""Of devices and computers, in lower case; no books lie in them, and they hold thousands of files."""
DEPTH = 6
"""Folders below the top that are looked into."""

_BY_SUFFIX = sorted(SUFFIX.items(), key=lambda item: -len(item[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aboard:
    """One of our books on a device."""

    path: str
    """From the device's top, with ``/``."""
    format: Format
    identifier: str
    """``urn:uuid:…``"""
    edition: str
    title: str
    authors: tuple[str, ...]
    stamp: Stamp

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stamp[0]


def aboard(device: Device) -> tuple[Aboard, ...]:
    """Our books on a device, by path. Of a plain folder: those in the folder for books, and no deeper.

    Raises DeviceGoneError if the device was pulled out.
    """
    if not is_folder(device.top):
        raise DeviceGoneError(f"{device.name}: is gone. Was it unplugged?")
    if device.whole:
        files = _files(device.top, DEPTH)
    elif Path(os.path.realpath(device.goal)).is_relative_to(os.path.realpath(device.top)):
        files = _files(device.goal, 1)
    else:
        files = iter(())  # a link that leads elsewhere: nothing is written there either
    found = (_known(path, device.top) for path in files)
    return tuple(sorted(filter(None, found), key=lambda book: book.path))


def is_as_made(book: Aboard, device: Device) -> bool:
    """Whether nobody has changed a book since the program made it.

    An AZW3 cannot tell. A Kindle keeps what its reader adds beside the book, so one is taken for unchanged.
    """
    if book.format == "azw3":
        return True
    path = device.top / book.path
    try:
        return is_unedited(read_entries(path)) and is_bare(path)
    except (PackageError, OSError):
        return False


def _files(folder: Path, deep: int) -> Iterator[Path]:
    """The files below a folder that may be books; hidden folders and links are passed over."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return  # a damaged folder of FAT: the rest can still be read
    for entry in entries:
        name = entry.name.lower()
        if name.startswith("."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if deep > 1 and name not in OWN_FOLDERS and not name.endswith(".sdr"):
                    yield from _files(Path(entry.path), deep - 1)
            elif entry.is_file(follow_symlinks=False) and name.endswith((".epub", ".azw3")):
                yield Path(entry.path)
        except OSError:
            continue


def _known(path: Path, top: Path) -> Aboard | None:
    """What a file is, if it is one of our books."""
    name = path.name.lower()
    form: Format = next(form for form, suffix in _BY_SUFFIX if name.endswith(suffix))
    authors: tuple[str, ...] = ()
    try:
        state = stamp(path.stat())
        if form == "azw3":
            mark = read_mark(path)
            if mark is None:
                return None
            identifier, edition = f"urn:uuid:{mark.uuid}", mark.edition
            title, authors = mark.title, mark.authors
        else:
            record = read_record(read_entries(path, only={RECORD_NAME}))
            if record is None:
                return None
            identifier, edition, title = record.identifier, edition_of(record), record.title
            names = (name for work in record.works for name in work.metadata.creators)
            authors = tuple(dict.fromkeys(names))
    except (OSError, PackageError):
        return None
    return Aboard(
        path=path.relative_to(top).as_posix(),
        format=form,
        identifier=identifier,
        edition=edition,
        title=title,
        authors=authors,
        stamp=state,
    )
