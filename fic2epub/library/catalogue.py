"""The catalogue of a library: what its books' records say, in a form that can be searched.

An index and nothing more: ``rebuild`` makes it again from the books alone. Readers never wait and never
write; there is one writer at a time (``lock``). What is put in is made by ``catalogue_write``.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fic2epub.errors import LibraryError, UsageError
from fic2epub.library.catalogue_schema import (
    CATALOGUE_NAME,
    HOUSE,
    check,
    connect,
    create,
    is_damage,
    is_whole,
    remove,
    told,
)
from fic2epub.library.lock import WriterLock
from fic2epub.library.search_text import match_text
from fic2epub.model import Metadata
from fic2epub.record import read_metadata

if TYPE_CHECKING:
    from fic2epub.library.catalogue_write import Card

__all__ = ["FACETS", "ORDERS", "Catalogue", "Entry"]

FACETS = ("author", "relationship", "fandom", "character", "tag", "rating", "status", "series", "language")
"""What books can be looked up by; see `Catalogue.page`."""

ORDERS = {
    "title": "work.title_key, book.path, work.position",
    "author": "work.author_key, work.title_key, book.path, work.position",
    "new": "book.mtime_ns DESC, book.path, work.position",
    "words": "work.words DESC, work.title_key, book.path, work.position",
}

_COLUMNS = """
book.path, book.identifier, book.anthology, work.position, work.work, book.title, work.metadata, work.summary,
work.words, work.chapters, work.unsure, work.inferred, work.confidence, work.notes, book.modified, book.size,
book.mtime_ns, book.revision
"""
_AT_A_TIME = 256
"""Rows read in one go: so no lock is held while the caller thinks, and memory stays flat."""


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


class Catalogue:
    """An open catalogue; a context manager. Made by `open` or `open_to_write`."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        *,
        lock: WriterLock | None = None,
        fresh: bool = False,
        damaged: bool = False,
    ) -> None:
        self.folder = folder
        self.connection = connection
        self.fresh = fresh
        """True if it was made just now, and knows no book yet."""
        self.damaged = damaged
        """True if it took the place of a damaged one."""
        self._lock = lock

    @classmethod
    def in_memory(cls, folder: Path) -> Self:
        """An empty catalogue that leaves no trace, for a look at a library that has none."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        create(connection)
        return cls(folder, connection, fresh=True)

    @classmethod
    def open(cls, folder: Path, *, still: bool = False) -> Self:
        """Open for reading; ``still`` makes no file even for a moment.

        Raises LibraryError if there is none, or it is damaged or of another version.
        """
        path = folder / HOUSE / CATALOGUE_NAME
        if not path.is_file():
            raise LibraryError(
                f"{folder}: has no catalogue. If it is a folder of books that fic2epub made, "
                f"make one: fic2epub library rebuild {folder}"
            )
        with told(folder):
            connection = connect(path, write=False, still=still)
            try:
                whole = is_whole(connection)
            except BaseException:
                connection.close()
                raise
        if not whole:
            connection.close()
            raise LibraryError(
                f"{folder}: its catalogue was made by another version. "
                f"Make it again: fic2epub library rebuild {folder}"
            )
        return cls(folder, connection)

    @classmethod
    def open_to_write(cls, folder: Path, *, repair: bool = False, anew: bool = False) -> Self:
        """Open for writing, alone; the folder and the catalogue are made if they are not there.

        With ``repair`` a damaged one, or one of another version, gives way to an empty one, with ``anew``
        any; see ``fresh``. Raises LibraryBusyError if another process writes to it; LibraryError if it is
        damaged and not to be repaired, or the disk refuses it.
        """
        house = folder / HOUSE
        try:
            house.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"{house}: cannot be made ({error.strerror or error}).") from error
        lock = WriterLock(house)
        path = house / CATALOGUE_NAME
        try:
            with told(folder):
                if anew:
                    remove(path)
                there = path.exists()
                try:
                    connection = _prepared(path, checked=repair and there)
                except sqlite3.Error as error:
                    if not (repair and is_damage(error)):
                        raise
                    remove(path)
                    connection = _prepared(path, checked=False)
                    return cls(folder, connection, lock=lock, fresh=True, damaged=True)
        except OSError as error:
            lock.release()
            raise LibraryError(f"{path}: cannot be replaced ({error.strerror or error}).") from error
        except BaseException:
            lock.release()
            raise
        return cls(folder, connection, lock=lock, fresh=not there)

    def close(self) -> None:
        """Close the file and give the lock back."""
        self.connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, whole or not at all; what SQLite refuses becomes a LibraryError."""
        with told(self.folder):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'changes'")
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def put_card(self, card: "Card") -> None:
        """Enter a book (``catalogue_write.card_of``) in the place of what was known at its path."""
        from fic2epub.library.catalogue_write import put_card

        with self.writing() as connection:
            put_card(connection, card)

    def remove_book(self, path: str) -> bool:
        """Forget a book and leave its dump out of later runs until it changes; False if it is not there.

        The file is the caller's affair, and goes first: a book that is still there is found again.
        """
        from fic2epub.library.catalogue_write import remove_card

        with self.writing() as connection:
            connection.execute("UPDATE dump SET status = 'removed', book_mark = NULL WHERE book = ?", (path,))
            return remove_card(connection, path)

    def entries(self, *, search: str | None = None, order: str = "title") -> Iterator[Entry]:
        """Every work, in an order of ORDERS; with ``search`` those that hold all its words and "phrases".

        Raises UsageError for another order, LibraryError for a damaged catalogue.
        """
        chosen, values = _matching({}, search)
        sql = f"SELECT work.id FROM work JOIN book ON book.id = work.book {chosen} ORDER BY {_order(order)}"
        with told(self.folder):
            works = [row[0] for row in self.connection.execute(sql, values)]
        for start in range(0, len(works), _AT_A_TIME):
            yield from self._of_works(works[start : start + _AT_A_TIME])

    def entry(self, path: str) -> tuple[Entry, ...]:
        """The works of one book, in its order; empty if there is no such book."""
        sql = f"""SELECT {_COLUMNS} FROM work JOIN book ON book.id = work.book
                  WHERE book.path = ? ORDER BY work.position"""
        with told(self.folder):
            return tuple(map(_entry, self.connection.execute(sql, (path,)).fetchall()))

    def count(self, *, search: str | None = None) -> int:
        """How many works there are, or match a search."""
        chosen, values = _matching({}, search)
        return self._number(f"SELECT count(*) FROM work JOIN book ON book.id = work.book {chosen}", values)

    def page(
        self,
        *,
        where: Mapping[str, str] | None = None,
        search: str | None = None,
        order: str = "title",
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[tuple[Entry, ...], int]:
        """A page of books, each by its first work, and how many there are in all.

        ``where`` gives exact values for some of FACETS; of an anthology it is enough that one of its works
        matches. Raises UsageError for another key or order.
        """
        chosen, values = _matching(where or {}, search, whole_books=True)
        source = f"FROM work JOIN book ON book.id = work.book {chosen}"
        total = self._number(f"SELECT count(*) {source}", values)
        sql = f"SELECT {_COLUMNS} {source} ORDER BY {_order(order)} LIMIT ? OFFSET ?"
        with told(self.folder):
            rows = self.connection.execute(sql, (*values, max(0, limit), max(0, offset))).fetchall()
        return tuple(map(_entry, rows)), total

    def facets(
        self,
        kind: str,
        *,
        where: Mapping[str, str] | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> tuple[tuple[str, int], ...]:
        """The values of one of FACETS with their number of books, by name; with ``limit`` the commonest."""
        _check_facet(kind)
        chosen, values = _matching(where or {}, search, whole_books=True)
        sql = f"""SELECT value, count(*) AS books FROM facet WHERE kind = ?
                  AND book IN (SELECT book.id FROM work JOIN book ON book.id = work.book {chosen})
                  GROUP BY value ORDER BY books DESC, value LIMIT ?"""
        with told(self.folder):
            rows = self.connection.execute(sql, (kind, *values, -1 if limit is None else limit)).fetchall()
        return tuple(sorted(rows, key=lambda row: (row[0].casefold(), row[0])))

    def paths(self) -> tuple[str, ...]:
        """The paths of all books, in no order; far cheaper than their entries."""
        with told(self.folder):
            return tuple(row[0] for row in self.connection.execute("SELECT path FROM book"))

    def changed(self) -> str:
        """A token that changes with every write, and with a catalogue that is made again."""
        sql = "SELECT value FROM meta WHERE key IN ('name', 'changes') ORDER BY key DESC"
        with told(self.folder):
            return "-".join(row[0] for row in self.connection.execute(sql))

    def _of_works(self, works: Sequence[int]) -> list[Entry]:
        """The entries of some works by their number; those that have gone meanwhile are left out."""
        marks = ",".join("?" * len(works))
        sql = f"""SELECT work.id, {_COLUMNS} FROM work JOIN book ON book.id = work.book
                  WHERE work.id IN ({marks})"""
        with told(self.folder):
            found = {row[0]: row[1:] for row in self.connection.execute(sql, works)}
            return [_entry(found[work]) for work in works if work in found]

    def _number(self, sql: str, values: Sequence[object]) -> int:
        with told(self.folder):
            return int(self.connection.execute(sql, values).fetchone()[0])


def _prepared(path: Path, *, checked: bool) -> sqlite3.Connection:
    """An open catalogue with its tables. Raises sqlite3.Error."""
    connection = connect(path, write=True)
    try:
        if checked:
            check(connection)
        create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _order(name: str) -> str:
    if name not in ORDERS:
        raise UsageError(f"--order {name}: choose one of {', '.join(ORDERS)}.")
    return ORDERS[name]


def _check_facet(kind: str) -> None:
    if kind not in FACETS:
        raise UsageError(f"{kind}: books cannot be looked up by it; choose one of {', '.join(FACETS)}.")


def _matching(
    where: Mapping[str, str], search: str | None, *, whole_books: bool = False
) -> tuple[str, list[object]]:
    """A WHERE clause and its values; nothing that a reader typed becomes part of the clause."""
    clauses: list[str] = ["work.position = 1"] if whole_books else []
    values: list[object] = []
    for kind, value in where.items():
        _check_facet(kind)
        clauses.append("book.id IN (SELECT book FROM facet WHERE kind = ? AND value = ?)")
        values += [kind, value.encode("utf-8", "replace").decode()]
    if search is not None and search.strip():
        match = match_text(search)
        if match is None:
            clauses.append("0")  # signs without a letter: nothing is indexed under them
        else:
            found = "SELECT rowid FROM search WHERE search MATCH ?"
            clauses.append(
                f"book.id IN (SELECT book FROM work WHERE id IN ({found}))"
                if whole_books
                else f"work.id IN ({found})"
            )
            values.append(match)
    return f"WHERE {' AND '.join(clauses)}" if clauses else "", values


def _entry(row: Sequence[Any]) -> Entry:
    """An Entry of a row of ``_COLUMNS``."""
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
