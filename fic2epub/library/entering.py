"""Books that another command than ``batch`` puts into a library: entered at once, under the library's lock.

1. A library is the nearest folder above a book that has a catalogue, if no hidden folder lies between.
2. The lock is taken before any work is done: nobody waits for a book that then has no place. A book that has
   its place whoever writes to the library (`convert`) is made all the same.
3. A book is entered after it stands in its place: killed in between, the next run finds it there.
4. A catalogue that cannot be written costs no book: the next run enters what it finds.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fic2epub.errors import LibraryBusyError, LibraryError
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import told
from fic2epub.library.catalogue_write import put_card, read_card, remove_card
from fic2epub.library.house import library_of

__all__ = ["Desk", "entering", "library_of"]


class Desk:
    """Where books are entered; made by `entering`."""

    def __init__(self, catalogue: Catalogue | None, problem: LibraryError | None = None) -> None:
        self._catalogue = catalogue
        self.problem = problem
        """Why the library's catalogue cannot be written, if there is a library."""
        self.missed = False
        """Whether there was a book that could not be entered."""

    @property
    def library(self) -> Path | None:
        """The library's folder, if books are entered."""
        return None if self._catalogue is None else self._catalogue.folder

    def enter(self, book: Path) -> None:
        """Enter a book that stands in its place now; if that cannot be, ``problem`` says why."""
        try:
            self._enter(book)
        except LibraryError as error:
            self.problem = error
        self.missed = self.missed or self.problem is not None

    def _enter(self, book: Path) -> None:
        if self._catalogue is None or self.problem is not None:
            return
        path = _path_in(self._catalogue.folder, book)
        try:
            path.encode()
        except UnicodeEncodeError:
            return  # a name that is no text: `rebuild` leaves it out too
        story = self._catalogue.has_stories()
        try:
            card = read_card(self._catalogue.folder, path, book.stat().st_mtime_ns, story=story)
        except OSError:
            return  # it went again: the next run sees what stands there then
        if card is not None:
            with self._catalogue.writing() as connection:
                connection.execute("DELETE FROM stranger WHERE path = ?", (path,))
                put_card(connection, card)

    def forget_gone(self, folder: Path) -> None:
        """Take out the anthologies' books of a folder that are not there any more."""
        try:
            self._forget_gone(folder)
        except LibraryError as error:
            self.problem = error

    def _forget_gone(self, folder: Path) -> None:
        if self._catalogue is None or self.problem is not None:
            return
        with told(self._catalogue.folder):
            known = self._catalogue.connection.execute("SELECT path FROM book WHERE anthology").fetchall()
        library = self._catalogue.folder
        here = os.path.realpath(folder)
        gone = [
            path
            for (path,) in known
            if os.path.dirname(library / path) == here and not os.path.lexists(library / path)  # noqa: PTH120
        ]
        if gone:
            with self._catalogue.writing() as connection:
                for path in gone:
                    remove_card(connection, path)


@contextmanager
def entering(target: Path | None, *, though_busy: bool = False) -> Iterator[Desk]:
    """Hold the library of a book, if it lies in one, until all is done.

    Raises LibraryBusyError if another process writes to it, but not ``though_busy``: then that is the desk's
    ``problem``, as it is if the catalogue cannot be used for another reason.
    """
    library = None if target is None else library_of(target)
    if library is None:
        yield Desk(None)
        return
    try:
        catalogue = Catalogue.open_to_write(library)
    except LibraryError as error:
        if isinstance(error, LibraryBusyError) and not though_busy:
            raise
        yield Desk(None, error)
        return
    with catalogue:
        yield Desk(catalogue)


def _path_in(library: Path, book: Path) -> str:
    """The path of a book as its library knows it: the folder's links are followed, the book's own is not."""
    return (Path(os.path.realpath(book.parent)) / book.name).relative_to(library).as_posix()
