"""Books that go: the file first, then what the catalogue knows of it.

1. A file that the program did not write, or that someone has edited since, stays without ``force``.
2. The file goes before the entry: killed in between, the next run finds a book that has gone, and no
   book that nobody knows.
3. Nothing outside the library's folder is touched, whatever the catalogue or the reader says.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from fic2epub.errors import LibraryError, OutputEditedError, OutputError, OutputExistsError
from fic2epub.library.catalogue import Catalogue, Entry
from fic2epub.library.shelf import look
from fic2epub.values import dataclass

__all__ = ["Removed", "book_path", "remove", "whole_books"]


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a book that was to go."""

    path: str
    """From the library's folder."""
    problem: OutputError | None = None
    """Why it stays; None if it has gone."""


def book_path(catalogue: Catalogue, named: str) -> str:
    """The path of a book in the catalogue, of how a reader named it: from the library or from here.

    Raises LibraryError for what the catalogue does not know.
    """
    known = set(catalogue.paths())
    folder = Path(os.path.realpath(catalogue.folder))
    for path in (folder / named, Path(named)):
        # The folder's links are followed, the book's are not: a link is removed, never what it points to.
        whole = Path(os.path.realpath(path.parent)) / path.name
        if whole.is_relative_to(folder) and whole.relative_to(folder).as_posix() in known:
            return whole.relative_to(folder).as_posix()
    raise LibraryError(
        f"{named}: is no book of this library. fic2epub library list {catalogue.folder} shows them; "
        f"if the file is there, fic2epub library rebuild {catalogue.folder} enters it."
    )


def whole_books(entries: Iterable[Entry], chosen: Iterable[Entry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The books all of whose works are among the chosen, and those of which only some are; by path."""
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.path] = sizes.get(entry.path, 0) + 1
    taken: dict[str, int] = {}
    for entry in chosen:
        taken[entry.path] = taken.get(entry.path, 0) + 1
    whole = tuple(path for path, number in taken.items() if number == sizes[path])
    return whole, tuple(path for path in taken if path not in whole)


def remove(catalogue: Catalogue, paths: Iterable[str], *, force: bool = False) -> Iterator[Removed]:
    """Take books out of a library that is open for writing; goes on after one that has to stay.

    With ``force`` a file goes whoever wrote it. Raises LibraryError if the catalogue cannot be written.
    """
    for path in paths:
        target = catalogue.folder.joinpath(*PurePosixPath(path).parts)
        try:
            _delete(catalogue.folder, target, force=force)
        except OutputError as error:
            yield Removed(path, error)
            continue
        catalogue.remove_book(path)
        yield Removed(path)


def _delete(folder: Path, target: Path, *, force: bool) -> None:
    """Delete a book's file, if it is there and may go."""
    inside = Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(folder))
    if not inside or ".." in target.relative_to(folder).parts:
        raise OutputExistsError(f"{target}: lies outside the library. It is left alone.")
    try:
        standing = None if target.is_symlink() else look(target)
        if standing is not None and not force:
            if standing.record is None:
                raise OutputExistsError(
                    f"{target}: fic2epub did not write it. It is left alone without --force."
                )
            if standing.edited:
                raise OutputEditedError(
                    f"{target}: was edited after fic2epub wrote it. It is left alone without --force."
                )
        target.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{target}: cannot be removed ({error.strerror or error}).") from error
