"""The catalogue of a library: what its books' records say, in a form that can be searched.

An index and nothing more: ``rebuild`` makes it again from the books alone. Readers never wait and never
write; there is one writer at a time (``lock``). What is put in is made by ``catalogue_write``.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fic2epub.errors import LibraryError
from fic2epub.library.catalogue_entry import COLUMNS, Entry, read_entry
from fic2epub.library.catalogue_query import FACETS, ORDERS, check_facet, matching, order_by
from fic2epub.library.catalogue_schema import (
    CATALOGUE_NAME,
    HOUSE,
    check,
    connect,
    create,
    is_damage,
    is_readable,
    is_whole,
    told,
)
from fic2epub.library.lock import WriterLock

if TYPE_CHECKING:
    from fic2epub.library.catalogue_write import Card

__all__ = ["FACETS", "ORDERS", "Catalogue", "Entry"]

_AT_A_TIME = 256
"""Rows read in one go: so no lock is held while the caller thinks, and memory stays flat."""


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

    def newest(self) -> "Catalogue":
        """This one, or if it is of an older version, a copy of it in memory that is of the newest.

        For who may not write, and yet asks for more than books. The older one is closed.
        """
        if is_whole(self.connection):
            return self
        copy = sqlite3.connect(":memory:", isolation_level=None)
        with self, told(self.folder):
            self.connection.backup(copy)
            create(copy)
        return Catalogue(self.folder, copy)

    @classmethod
    def open(cls, folder: Path, *, still: bool = False) -> Self:
        """Open for reading; ``still`` makes no file even for a moment.

        Raises LibraryError if there is none, or it is damaged or of a version that this one cannot read.
        """
        path = folder / HOUSE / CATALOGUE_NAME
        if not path.is_file():
            raise LibraryError(
                f"{folder}: there is no catalogue in it. If it is a folder of books that fic2epub made, "
                f"make one: fic2epub library rebuild {folder}"
            )
        with told(folder):
            connection = connect(path, write=False, still=still)
            try:
                readable = is_readable(connection)
            except BaseException:
                connection.close()
                raise
        if not readable:
            connection.close()
            raise LibraryError(
                f"{folder}: its catalogue was made by another version. "
                f"Make it again: fic2epub library rebuild {folder}"
            )
        return cls(folder, connection)

    @classmethod
    def open_to_write(cls, folder: Path, *, repair: bool = False, anew: bool = False) -> Self:
        """Open for writing, alone; the folder and the catalogue are made if they are not there.

        One of an older version is brought up to date. With ``repair`` a damaged one gives way to an empty
        one, with ``anew`` any; see ``fresh``, and ``catalogue_salvage`` for what stays. Raises
        LibraryBusyError if another process writes to it; LibraryError if it is damaged and not to be
        repaired, or the disk refuses it.
        """
        from fic2epub.library.catalogue_salvage import make_again

        house = folder / HOUSE
        try:
            house.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"{house}: cannot be made ({error.strerror or error}).") from error
        lock = WriterLock(house)
        path = house / CATALOGUE_NAME
        try:
            with told(folder):
                there = path.exists() and not anew
                if anew:
                    make_again(path)
                try:
                    connection = _prepared(path, checked=repair and there)
                except sqlite3.Error as error:
                    if not (repair and is_damage(error)):
                        raise
                    make_again(path)
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
        chosen, values = matching({}, search)
        sql = f"SELECT work.id FROM work JOIN book ON book.id = work.book {chosen} ORDER BY {order_by(order)}"
        with told(self.folder):
            works = [row[0] for row in self.connection.execute(sql, values)]
        for start in range(0, len(works), _AT_A_TIME):
            yield from self._of_works(works[start : start + _AT_A_TIME])

    def entry(self, path: str) -> tuple[Entry, ...]:
        """The works of one book, in its order; empty if there is no such book."""
        sql = f"""SELECT {COLUMNS} FROM work JOIN book ON book.id = work.book
                  WHERE book.path = ? ORDER BY work.position"""
        with told(self.folder):
            return tuple(map(read_entry, self.connection.execute(sql, (path,)).fetchall()))

    def count(self, *, search: str | None = None) -> int:
        """How many works there are, or match a search."""
        chosen, values = matching({}, search)
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
        books = self.numbers(where=where, search=search, order=order)
        start = max(0, offset)
        return tuple(self.books(books[start : start + max(0, limit)])), len(books)

    def numbers(
        self, *, where: Mapping[str, str] | None = None, search: str | None = None, order: str = "title"
    ) -> tuple[int, ...]:
        """The catalogue's own numbers of all books that `page` would show, in order.

        For who wants many pages of one list: it is sorted once, and `books` gives any part of it. A book
        gets another number when it is made again.
        """
        chosen, values = matching(where or {}, search, whole_books=True)
        sql = f"SELECT book.id FROM work JOIN book ON book.id = work.book {chosen} ORDER BY {order_by(order)}"
        with told(self.folder):
            return tuple(row[0] for row in self.connection.execute(sql, values))

    def books(self, numbers: Sequence[int]) -> list[Entry]:
        """Some books by their numbers, each by its first work, without those that have gone meanwhile."""
        found: dict[int, Entry] = {}
        for start in range(0, len(numbers), _AT_A_TIME):
            some = numbers[start : start + _AT_A_TIME]
            sql = f"""SELECT book.id, {COLUMNS} FROM work JOIN book ON book.id = work.book
                      WHERE work.position = 1 AND book.id IN ({",".join("?" * len(some))})"""
            with told(self.folder):
                rows = self.connection.execute(sql, some).fetchall()
            found |= {row[0]: read_entry(row[1:]) for row in rows}
        return [found[number] for number in numbers if number in found]

    def values(self) -> list[tuple[int, str, str]]:
        """What each book can be looked up by: its number, the kind and the value."""
        with told(self.folder):
            return self.connection.execute("SELECT book, kind, value FROM facet").fetchall()

    def facets(
        self,
        kind: str,
        *,
        where: Mapping[str, str] | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> tuple[tuple[str, int], ...]:
        """The values of one of FACETS with their number of books, by name; with ``limit`` the commonest."""
        check_facet(kind)
        chosen, values = matching(where or {}, search, whole_books=True)
        sql = f"""SELECT value, count(*) AS books FROM facet WHERE kind = ?
                  AND book IN (SELECT book.id FROM work JOIN book ON book.id = work.book {chosen})
                  GROUP BY value ORDER BY books DESC, value LIMIT ?"""
        with told(self.folder):
            rows = self.connection.execute(sql, (kind, *values, -1 if limit is None else limit)).fetchall()
        return tuple(sorted(rows, key=lambda row: (row[0].casefold(), row[0])))

    def has_stories(self) -> bool:
        """Whether the stories are searched here too: once asked for, always."""
        with told(self.folder):
            asked = self.connection.execute("SELECT 1 FROM meta WHERE key = 'stories'").fetchone()
        return asked is not None

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
        sql = f"""SELECT work.id, {COLUMNS} FROM work JOIN book ON book.id = work.book
                  WHERE work.id IN ({marks})"""
        with told(self.folder):
            found = {row[0]: row[1:] for row in self.connection.execute(sql, works)}
            return [read_entry(found[work]) for work in works if work in found]

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
