"""One book, as far as sending must know it: which work it is, in which state, and what it is called there.

The record tells two editions apart: it names the text, the options, the date and the program. It is the
same in an EPUB and in the KEPUB made of it, but for the hash of the other entries. A book that was edited
since, or that the program did not make, is told by its bytes.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from fic2epub.container import is_bare, read_entries
from fic2epub.delivery.devices import Device
from fic2epub.delivery.markers import Format
from fic2epub.errors import SourceError
from fic2epub.library.names import anthology_name, book_name, candidates
from fic2epub.model import Metadata
from fic2epub.record import RECORD_NAME, Record, is_unedited, read_record
from fic2epub.values import dataclass

__all__ = ["SUFFIX", "Edition", "edition_of", "name_on", "read_edition"]

SUFFIX: dict[Format, str] = {"epub": ".epub", "kepub": ".kepub.epub", "azw3": ".azw3"}
SHORT = 8
"""Hex digits of a book's UUID in its file name: the name stays its own when two titles are alike."""

_EPUB_RE = re.compile(r"(?:\.kepub)?\.epub$", re.IGNORECASE)
_UUID_RE = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A book that is to be sent."""

    path: Path
    content: bytes
    """The EPUB as it was read."""
    sha256: str
    identifier: str | None
    """None for a book that the program did not make."""
    edition: str
    """Changes when the book does."""
    title: str
    record: Record | None

    @property
    def uuid(self) -> str | None:
        """The identifier's own digits."""
        match = _UUID_RE.fullmatch(self.identifier or "")
        return match[1].lower() if match else None


def read_edition(path: Path, known: Callable[[str], str | None] | None = None) -> Edition:
    """Read a book. Raises SourceError if it cannot be read, PackageError if it is no EPUB.

    ``known`` may give the edition of a file by its SHA-256, where it was told before: to tell whether a book
    was edited, all of it has to be unpacked.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}.") from error
    sha256 = hashlib.sha256(content).hexdigest()
    edition = known(sha256) if known is not None else None
    entries = read_entries(path, only=None if edition is None else {RECORD_NAME})
    record = read_record(entries)
    if edition is None:
        unedited = record is not None and is_unedited(entries) and is_bare(path)
        edition = edition_of(record) if record is not None and unedited else sha256[:16]
    return Edition(
        path=path,
        content=content,
        sha256=sha256,
        identifier=record.identifier if record else None,
        edition=edition,
        title=record.title if record else _EPUB_RE.sub("", path.name),
        record=record,
    )


def edition_of(record: Record) -> str:
    """Sixteen hex digits that are the same for an EPUB and the KEPUB made of it, and for no other edition."""
    known = asdict(record)
    del known["content_sha256"]
    text = json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def name_on(device: Device, book: Edition, *, discreet: bool = False) -> str:
    """The name that a book gets on a device: ``Author - Title [1a2b3c4d].kepub.epub``.

    A book that the program did not make keeps its own. Either is legal on every disk (``library/names.py``).
    ``discreet`` leaves out a title that tells too much (``builder/discreet.py``).
    """
    suffix = SUFFIX[device.format]
    if book.record is None:
        name = anthology_name(_EPUB_RE.sub("", book.path.name), suffix=suffix)
    else:
        name = _name(book.record, suffix, discreet=discreet)
        if book.uuid is not None:
            name = next(itertools.islice(candidates(name, book.uuid[:SHORT]), 1, None))
    # A Nook stumbles over these two (calibre's Nook driver, read 2026-08).
    return re.sub("[#%]", "_", name) if device.kind == "nook" else name


def _name(record: Record, suffix: str, *, discreet: bool) -> str:
    """The name of a book of ours, before what makes it its own; an anthology goes by its title alone."""
    from fic2epub.builder.discreet import discreet_metadata

    work = record.works[0] if record.works else None
    if work is not None and work.identifier == record.identifier:
        return book_name(discreet_metadata(work.metadata) if discreet else work.metadata, suffix=suffix)
    title = Metadata(title=record.title)
    return anthology_name((discreet_metadata(title) if discreet else title).title, suffix=suffix)
