"""Where a dump's book goes in a library: the name that it has, or the one that it is given."""

import os

from fic2epub.library.catalogue import Catalogue
from fic2epub.library.dump_rows import DumpRow, dumps_of_book, key_of, remembered
from fic2epub.library.maker import Made
from fic2epub.library.names import candidates, folded, spelled_as
from fic2epub.library.task_list import Task

__all__ = ["BookPlaces"]


class BookPlaces:
    """The places of a library's books, by its catalogue."""

    def __init__(self, catalogue: Catalogue, library: str) -> None:
        self._catalogue = catalogue
        self._library = library

    def book_of(self, identifier: str, *, besides: Task | None = None) -> str | None:
        """The first book of a work; with ``besides``, only one that no other dump that is there has made."""
        sql = "SELECT path FROM book WHERE identifier = ? AND NOT anthology ORDER BY path"
        for (path,) in self._catalogue.connection.execute(sql, (identifier,)).fetchall():
            if besides is None or not self.is_taken(path, besides):
                return str(path)
        return None

    def is_taken(self, book: str, task: Task) -> bool:
        """Whether another dump that is there has made a book."""
        own = key_of(task.path, self._library)
        rows = dumps_of_book(self._catalogue.connection, book)
        return any(row.path != own and self.is_there(row) for row in rows)

    def is_there(self, row: DumpRow) -> bool:
        """Whether a dump that is remembered is still there."""
        return os.path.lexists(self.label(row))

    def label(self, row: DumpRow) -> str:
        """The path of a dump that is remembered."""
        return os.path.join(self._library, os.fsdecode(row.path))  # noqa: PTH118 - the path as it was given

    def goal(self, task: Task, made: Made) -> tuple[str, str]:
        """The path of a dump's book, which it has or is given now, and the identifier that stands there.

        A short work without an id has another identifier once it has grown, since that is made of its first
        words; the same file under the same title is still the same work.
        """
        row = remembered(self._catalogue.connection, key_of(task.path, self._library))
        if row is not None and row.status != "duplicate":
            grown = not made.keyed and row.title == made.title and made.rank[:2] >= (row.chapters, row.words)
            same = row.work == made.identifier or (grown and not self.is_taken(row.book, task))
            mine = self._catalogue.connection.execute(
                "SELECT 1 FROM book WHERE path = ? AND identifier = ?", (row.book, row.work)
            ).fetchone()
            if same and mine is not None:
                return row.book, row.work
        standing = self.book_of(made.identifier, besides=None if made.keyed else task)
        if standing is not None:
            return standing, made.identifier
        folder, _, name = made.name.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        for candidate in candidates(name, made.tag):
            path = prefix + candidate
            if not self._is_name_taken(path):
                return path, made.identifier
        raise AssertionError("the candidates have no end")

    def spelled(self, book: str, made: Made, format: str) -> str:
        """The name of a book in the format that is wanted: a Kobo tells a KEPUB by its name.

        It may bear that name already, beside the old one: a run was killed between the two.
        """
        name = spelled_as(book, format)
        if name == book:
            return book
        free = (one for one in candidates(name, made.tag) if self._may_take(one, made.identifier))
        return next(free)

    def _may_take(self, path: str, identifier: str) -> bool:
        """Whether no other work's book has a name."""
        sql = "SELECT identifier FROM book WHERE folded = ?"
        found = self._catalogue.connection.execute(sql, (folded(path),)).fetchall()
        return all(one == identifier for (one,) in found)

    def _is_name_taken(self, path: str) -> bool:
        sql = "SELECT 1 FROM book WHERE folded = ?"
        return self._catalogue.connection.execute(sql, (folded(path),)).fetchone() is not None
