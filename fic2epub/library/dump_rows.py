"""What the catalogue remembers of the dumps: which made which book, and from what.

It may be lost without harm: the next run reads every dump once more and finds every book as it is.
"""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, fields
from functools import lru_cache

from fic2epub.values import dataclass

__all__ = [
    "DumpRow",
    "book_of_dump",
    "books_of_work",
    "dumps_below",
    "dumps_of_book",
    "dumps_of_work",
    "forget",
    "identifier_of",
    "keep",
    "key_of",
    "remembered",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpRow:
    """One dump, as it was when its book was made."""

    path: bytes
    """From the library's folder, so that both can move together; as the file system spells it."""
    size: int
    mtime_ns: int | None
    """None if the file had only just been written: another change could have borne the same time."""
    source: str
    """SHA-256 of its bytes."""
    text: str | None
    """SHA-256 of its text, as the book's record has it."""
    corrections: str
    options: str
    program: str
    work: str
    """The identifier of its work."""
    work_id: str | None
    chapters: int
    words: int
    book: str
    """The path of the book, from the library's folder; another dump's for a duplicate."""
    book_mark: str | None
    """The state of the book's file when this was written; None if it does not matter."""
    status: str
    title: str
    message: str | None = None
    account: str | None = None
    """What there was to say of it (``account``); None if a version made its book that did not keep that."""

    @property
    def rank(self) -> tuple[int, int, int]:
        """Which dump of a work is the better one: chapters, then words, then the newer file."""
        return self.chapters, self.words, self.mtime_ns or 0


_NAMES = tuple(one.name for one in fields(DumpRow))
_COLUMNS = ", ".join(f"dump.{name}" for name in _NAMES)


def _row(values: tuple[object, ...]) -> DumpRow:
    return DumpRow(**dict(zip(_NAMES, values, strict=True)))  # type: ignore[arg-type]


def remembered(connection: sqlite3.Connection, path: bytes) -> DumpRow | None:
    """What is known of one dump."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM dump WHERE path = ?", (path,)).fetchone()
    return None if found is None else _row(found)


def dumps_of_work(connection: sqlite3.Connection, work: str) -> list[DumpRow]:
    """All dumps of one work."""
    sql = f"SELECT {_COLUMNS} FROM dump WHERE work = ? ORDER BY path"
    return [_row(values) for values in connection.execute(sql, (work,))]


def dumps_of_book(connection: sqlite3.Connection, book: str) -> list[DumpRow]:
    """All dumps whose book this is."""
    sql = f"SELECT {_COLUMNS} FROM dump WHERE book = ? ORDER BY path"
    return [_row(values) for values in connection.execute(sql, (book,))]


def books_of_work(connection: sqlite3.Connection, identifier: str) -> list[str]:
    """The paths of all books of one work alone, in order."""
    sql = "SELECT path FROM book WHERE identifier = ? AND NOT anthology ORDER BY path"
    return [str(path) for (path,) in connection.execute(sql, (identifier,))]


def book_of_dump(connection: sqlite3.Connection, key: bytes, named: str | None) -> str | None:
    """Where the book stands that a dump's would replace, as far as the catalogue can tell.

    The one that it made when it was last read, else the first of the work with this id or address.
    """
    # Readers ask too, of a catalogue of any version: so no column that only the newest has.
    row = connection.execute("SELECT status, book FROM dump WHERE path = ?", (key,)).fetchone()
    if row is not None and row[0] != "duplicate":
        return str(row[1])
    found = books_of_work(connection, identifier_of(named)) if named is not None else []
    return found[0] if found else None


def identifier_of(named: str) -> str:
    """The identifier of a work that is known by its work id or its address (``builder/identity``)."""
    from uuid import NAMESPACE_URL, uuid5

    from fic2epub.builder.identity import ARCHIVE

    return uuid5(NAMESPACE_URL, f"{ARCHIVE}/works/{named}" if named.isdecimal() else named).urn


def dumps_below(connection: sqlite3.Connection, prefix: bytes) -> Iterator[bytes]:
    """The paths of all dumps that begin so, in order, a few hundred at a time."""
    last = prefix
    while True:
        sql = "SELECT path FROM dump WHERE path > ? AND substr(path, 1, ?) = ? ORDER BY path LIMIT 500"
        found = [row[0] for row in connection.execute(sql, (last, len(prefix), prefix))]
        yield from found
        if not found:
            return
        last = found[-1]


def keep(connection: sqlite3.Connection, row: DumpRow) -> None:
    """Remember a dump; part of a change that is under way."""
    marks = ",".join("?" * len(_NAMES))
    sql = f"INSERT OR REPLACE INTO dump ({', '.join(_NAMES)}) VALUES ({marks})"
    connection.execute(sql, astuple(row))


def forget(connection: sqlite3.Connection, path: bytes) -> None:
    """Forget a dump that is gone; its book stays."""
    connection.execute("DELETE FROM dump WHERE path = ?", (path,))


def key_of(path: str, library: str) -> bytes:
    """How a dump is remembered: its path from the library's folder, if there is a way from there."""
    folder, _, name = path.rpartition(os.sep)
    return os.fsencode(os.path.join(_way(folder, library), name))  # noqa: PTH118 - Path takes as long as all else


@lru_cache(maxsize=1_000)
def _way(folder: str, library: str) -> str:
    """The way from a library to a folder of dumps, worked out once for all of them."""
    try:
        return os.path.relpath(folder or os.curdir, library)
    except ValueError:  # another drive of Windows
        return os.path.abspath(folder)  # noqa: PTH100 - no link is to be followed
