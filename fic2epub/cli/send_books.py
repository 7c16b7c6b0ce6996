"""Which books are to be sent, and in which library they are: what was named, or chosen from a catalogue."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from fic2epub.errors import SourceError, UsageError
from fic2epub.values import dataclass

__all__ = ["Chosen", "chosen_books"]

LIBRARY = Path("books")
"""Where ``batch`` puts books in the examples; taken if it is there and nothing else was said."""
HOUSE = ".fic2epub"
STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Books that are to be sent."""

    books: tuple[Path, ...]
    library: Path | None
    """Whose list of what was sent is kept; None if the books are in no library."""


def chosen_books(
    named: Sequence[Path], *, where: str | None, everything: bool, library: Path | None
) -> Chosen:
    """The books that were named (of a folder those in it, of ``-`` those on standard input) or chosen.

    ``everything`` takes the whole library if neither was said. Each book comes once. Raises UsageError if
    nothing was said or both, SourceError for what is not there, LibraryError for a library without catalogue.
    """
    if named and where is not None:
        raise UsageError("Name books, or choose them with --where: not both.")
    if named:
        books = dict.fromkeys(path for one in _read_stdin(named) for path in _books_of(one))
        return Chosen(tuple(books), library or _home_of(books))
    if where is None and not everything:
        raise UsageError("Name a book, or choose books: --where, or --new for all that the device lacks.")
    if library is None:
        if not LIBRARY.is_dir():
            raise UsageError("Which library? There is no folder books here: --library DIR.")
        library = LIBRARY
    return Chosen(tuple(_books_in(library, where)), library)


def _books_in(library: Path, where: str | None) -> Iterable[Path]:
    """The books of a library, by title; of an anthology it is enough that one of its works fits."""
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.select import parse_where

    condition = parse_where(where) if where is not None else None
    with Catalogue.open(library) as catalogue:
        fitting = (entry for entry in catalogue.entries() if condition is None or condition.matches(entry))
        paths = dict.fromkeys(entry.path for entry in fitting)
    # A catalogue may come from anyone; what lies outside the library is none of its books.
    return [
        library / path
        for path in paths
        if not PurePosixPath(path).is_absolute() and ".." not in path.split("/")
    ]


def _read_stdin(named: Sequence[Path]) -> Iterable[Path]:
    for path in named:
        if path == STDIN:
            lines = sys.stdin.buffer.read().splitlines()
            yield from (Path(os.fsdecode(line)) for line in lines if line.strip())
        else:
            yield path


def _books_of(path: Path) -> Iterable[Path]:
    """A book, or those of a folder and the folders in it, without hidden ones and backups."""
    if not path.is_dir():
        if not os.path.lexists(path):
            raise SourceError(f"{path}: there is no such file. Check the spelling.")
        return (path,)
    found = sorted(one for one in path.rglob("*.epub") if not _is_aside(one.relative_to(path)))
    if not found:
        raise SourceError(f"{path}: there are no books in it.")
    return found


def _is_aside(path: Path) -> bool:
    """Whether a path below a folder is hidden, or a book that was replaced by force."""
    stem = path.name.lower().removesuffix(".epub").removesuffix(".kepub")
    return any(part.startswith(".") for part in path.parts) or stem.rstrip("0123456789").endswith(".bak")


def _home_of(books: Iterable[Path]) -> Path | None:
    """The library that the first book lies in; None if it lies in none."""
    for book in books:
        for folder in book.absolute().parents:
            if (folder / HOUSE).is_dir():
                return folder
        return None
    return None
