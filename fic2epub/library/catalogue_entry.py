"""One work in one book, as the catalogue knows it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fic2epub.model import Metadata
from fic2epub.record import read_metadata
from fic2epub.values import dataclass

__all__ = ["COLUMNS", "Entry", "read_entry"]

COLUMNS = """
book.path, book.identifier, book.anthology, work.position, work.work, book.title, work.metadata, work.summary,
work.words, work.chapters, work.unsure, work.inferred, work.confidence, work.notes, book.modified, book.size,
book.mtime_ns, book.revision
"""
"""What `read_entry` takes, in its order, of ``work JOIN book``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One work in one book."""

    path: str
    """Of the book, from the library's folder, with ``/``."""
    identifier: str
    """The book's: ``urn:uuid:…``."""
    anthology: bool
    position: int
    """Of the work in its book, from 1."""
    work: str
    """The work's identifier; the book's own for a plain book."""
    title: str
    """The book's; of an anthology, the anthology's."""
    metadata: Metadata
    """The work's."""
    summary: str | None
    words: int
    chapters: int
    """Chapters of the book: boundaries that were sure enough."""
    unsure: int
    """Boundaries that became only an entry of the contents."""
    inferred: int
    """Boundaries with nothing visible behind them."""
    confidence: float
    """The lowest score of the work's chapters; 1.0 for one chapter."""
    notes: int
    """Those shown as notes."""
    modified: datetime
    """The book's ``dcterms:modified``, UTC."""
    size: int
    """Of the file, in bytes."""
    mtime_ns: int
    """Of the file."""
    revision: str
    """Twelve hex digits of the SHA-256 of the file: changes when the book does."""


def read_entry(row: Sequence[Any]) -> Entry:
    """An Entry of a row of COLUMNS."""
    return Entry(
        path=row[0],
        identifier=row[1],
        anthology=bool(row[2]),
        position=row[3],
        work=row[4],
        title=row[5],
        metadata=read_metadata(json.loads(row[6])),
        summary=row[7],
        words=row[8],
        chapters=row[9],
        unsure=row[10],
        inferred=row[11],
        confidence=row[12],
        notes=row[13],
        modified=datetime.fromisoformat(row[14]),
        size=row[15],
        mtime_ns=row[16],
        revision=row[17],
    )
