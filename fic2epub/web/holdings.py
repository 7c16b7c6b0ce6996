"""A library as its server sees it: the catalogue, asked from several threads, and the books' files.

A book has a number in addresses that is made of its path, and only a path that is in the catalogue has one:
no path ever comes from a request.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic, time
from typing import BinaryIO, Self

from fic2epub.errors import LibraryError
from fic2epub.library.catalogue import Catalogue, Entry
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.values import dataclass

__all__ = ["Holdings", "OpenFile", "State", "book_number"]

NUMBER_DIGITS = 16
LOOKED_AT_EVERY = 1.0
"""Seconds between two looks at the catalogue's token. No shorter: ``Last-Modified`` counts in seconds, so
of two states within one the second would look like the first."""
CHUNK = 1 << 20


def book_number(path: str) -> str:
    """What stands for a book in addresses: the same as long as its path is.

    >>> book_number("Ada Quill - The Lamp Room.epub")
    'd804bd3302a59aa8'
    """
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:NUMBER_DIGITS]


@dataclass(frozen=True, slots=True)
class State:
    """What the library is at a moment."""

    token: str
    """Changes with every write."""
    seconds: int
    """Since 1970: when this state was first seen. No two states share one, and it never goes back."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A book's file, to be closed by who asked for it; a context manager."""

    stream: BinaryIO
    size: int
    modified: float
    """Seconds since 1970."""
    revision: str
    """Of these very bytes, also if the catalogue is behind."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()


class Holdings:
    """The library in a folder; safe to ask from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises LibraryError if the folder has no catalogue that can be read."""
        self.folder = folder
        self.name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()
        """Tells this library from others, and nothing of where it lies."""
        self._root = Path(os.path.realpath(folder))
        self._file = folder / HOUSE / CATALOGUE_NAME
        self._idle: SimpleQueue[tuple[object, Catalogue]] = SimpleQueue()
        self._lock = Lock()
        self._made = self._mark()
        self._looked = 0.0
        self._numbers: tuple[str, dict[str, str]] = "", {}
        with self.catalogue() as catalogue:
            self._state = State(catalogue.changed(), int(time()))

    @contextmanager
    def catalogue(self) -> Iterator[Catalogue]:
        """A catalogue for the while; as many are open as are asked at once."""
        while True:
            try:
                made, catalogue = self._idle.get_nowait()
            except Empty:
                made, catalogue = self._made, Catalogue.open(self.folder)
            if made == self._made:
                break
            catalogue.close()  # of a file that was replaced by another
        try:
            yield catalogue
        except BaseException:
            catalogue.close()
            raise
        self._idle.put((made, catalogue))

    def close(self) -> None:
        """Close the catalogues that nobody uses."""
        while not self._idle.empty():
            self._idle.get_nowait()[1].close()

    def state(self) -> State:
        """The state of the library, looked at once a second at most."""
        with self._lock:
            if monotonic() - self._looked < LOOKED_AT_EVERY:
                return self._state
            self._looked = monotonic()
            self._made = self._mark()
            with self.catalogue() as catalogue:
                token = catalogue.changed()
            if token != self._state.token:
                self._state = State(token, max(int(time()), self._state.seconds + 1))
            return self._state

    def works(self, number: str) -> tuple[Entry, ...]:
        """The works of a book by its number; empty if there is no such book."""
        path = self._paths().get(number)
        if path is None:
            return ()
        with self.catalogue() as catalogue:
            return catalogue.entry(path)

    def open(self, entry: Entry) -> OpenFile:
        """Open a book's file. Raises LibraryError if it is gone, no plain file, or lies outside the library.

        A link that leads out of the library is refused, whatever it leads to.
        """
        path = Path(os.path.realpath(self._root / entry.path))
        if not path.is_relative_to(self._root) or HOUSE in path.relative_to(self._root).parts:
            raise LibraryError(f"{entry.path}: lies outside the library. It is not served.")
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        # Not a link that came there meanwhile; and no pipe, which would wait for its writer.
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            stream = os.fdopen(os.open(path, flags), "rb")
        except OSError as error:
            raise LibraryError(f"{entry.path}: cannot be read ({error.strerror or error}).") from error
        try:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise LibraryError(f"{entry.path}: is no file. It is not served.")
            same = (found.st_size, found.st_mtime_ns) == (entry.size, entry.mtime_ns)
            revision = entry.revision if same else _revision(stream)
            return OpenFile(stream, found.st_size, found.st_mtime_ns / 1e9, revision)
        except BaseException:
            stream.close()
            raise

    def _paths(self) -> dict[str, str]:
        """The paths of all books, by number."""
        state = self.state()
        with self._lock:
            token, paths = self._numbers
            if token != state.token:
                with self.catalogue() as catalogue:
                    found = catalogue.paths()
                paths = {book_number(path): path for path in found}
                self._numbers = state.token, paths
            return paths

    def _mark(self) -> object:
        """What tells the catalogue's file from another of the same name."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _revision(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()[:12]
