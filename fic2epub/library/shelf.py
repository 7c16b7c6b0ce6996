"""Books in a folder: what may be replaced, and how a file gets there whole or not at all.

1. What stands at the target is read. The same bytes are not written again. [certain]
2. A file that the program did not write, or wrote for another work, or that someone has edited
   since, or whose dump held clearly more, is replaced only with ``force``. [certain]
3. The new file gets there whole or not at all (``disk``). [certain]

What is replaced by force is kept as ``NAME.bak.epub``.
"""

import dataclasses
import datetime
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fic2epub.container import is_bare, read_entries
from fic2epub.errors import (
    OutputEditedError,
    OutputError,
    OutputExistsError,
    OutputShrankError,
    PackageError,
)
from fic2epub.library.book import Book, BookFormat, MakeOptions, make, packed
from fic2epub.library.disk import Signature, put, set_aside, signature, told
from fic2epub.library.losses import lost
from fic2epub.library.names import candidates, folded, output_path, suits_format
from fic2epub.model import Publication
from fic2epub.record import Record, is_unedited, read_record
from fic2epub.values import dataclass

__all__ = [
    "Placed",
    "Standing",
    "convert",
    "look",
    "place",
    "place_book",
    "place_bytes",
    "place_content",
    "settle",
    "source_hashes",
    "succeed",
    "write",
]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a book stands now."""

    path: Path
    written: bool
    """False if the same bytes were there already."""
    backup: Path | None = None
    """Where the file that was replaced by force is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A file that stands where a book wants to go."""

    path: Path
    record: Record | None
    """None for a file that the program did not write."""
    edited: bool
    """Whether anyone has changed it since the program wrote it."""
    read_only: bool
    signature: Signature


def convert(
    path: str | Path, target: str | Path | None = None, *, options: MakeOptions | None = None
) -> Path:
    """Read one dump, parse it, publish it, write it; returns the book's path.

    Without a target the book goes into the current folder as ``Author - Title.epub``; a folder as
    target takes it under that name. Raises SourceError, ParseError, PackageError or OutputError.
    """
    from fic2epub.library.standing import standing_record
    from fic2epub.parser.sources import read_file

    options = options or MakeOptions()
    folder, name = output_path(None if target is None else os.fspath(target))
    suits_format(name or "", options.format)
    draft = read_file(Path(path), options=options.parse)
    book = make(draft, options, standing=standing_record(draft, folder, name, options))
    goal = folder / name if name else settle(book, folder)
    return place_book(book, goal, force=options.force).path


def write(publication: Publication, target: str | Path, *, force: bool = False) -> Path:
    """Write a book as an EPUB file, atomically; returns its path.

    The folder is made if it does not exist. Raises OutputExistsError if another file stands there,
    OutputEditedError if someone has edited the book since, OutputError for everything that the disk
    refuses; the target is then as it was. With ``force`` what stands there is kept as
    ``NAME.bak.epub`` and replaced.
    """
    return place(publication, Path(target), force=force).path


def settle(book: Book, folder: Path, *, claimed: frozenset[str] | set[str] = frozenset()) -> Path:
    """Where in a folder a book goes: the first of its names that is free or holds the same work.

    ``claimed`` are names given to others in the same run, as `names.folded` gives them. A name that
    holds a book of another work is passed over, so two works of one title are two books, whichever
    came first; a name that holds somebody else's file is not, so that `place` can say so. Behind a
    free name one more is looked at: the book may stand there since a time when the first was taken.
    """
    free: Path | None = None
    for name in candidates(book.name, book.tag):
        if folded(name) in claimed:
            continue
        path = folder / name
        with told(path):
            standing = look(path)
        if standing is not None:
            if standing.record is None or standing.record.identifier == book.publication.identifier:
                return path if standing.record or free is None else free
        elif free is not None:
            return free
        else:
            free = path
    raise AssertionError("the candidates have no end")


def place_book(book: Book, target: Path, *, force: bool = False) -> Placed:
    """`place` for a finished book: not packed again, and dated by what its dump says."""
    return place(
        book.publication,
        target,
        content=book.content,
        redate=not book.dated,
        force=force,
        format=book.format,
    )


def look(target: Path) -> Standing | None:
    """What stands at a path; None if nothing does. Raises OutputError for a folder or a device."""
    try:
        state = target.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISDIR(state.st_mode):
        raise OutputError(f"{target}: is a folder. Name a file in it, or end the name with a slash.")
    if not stat.S_ISREG(state.st_mode):
        raise OutputError(f"{target}: is no ordinary file. Use -o - to write to standard output.")
    try:
        entries = read_entries(target)
    except PackageError:
        entries = {}
    record = read_record(entries)
    edited = record is not None and not (is_unedited(entries, record) and is_bare(target))
    writable = state.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) and os.access(target, os.W_OK)
    return Standing(
        path=target, record=record, edited=edited, read_only=not writable, signature=signature(state)
    )


def place(
    publication: Publication,
    target: Path,
    *,
    content: bytes | None = None,
    redate: bool = True,
    force: bool = False,
    format: BookFormat = "epub",
) -> Placed:
    """Put a book at a path by the rules above; ``content`` is the packed book if it is at hand.

    With ``redate`` it takes the date of the book that it replaces, if the text is the same. Errors as
    for `write`.
    """
    with told(target):
        goal = Path(os.path.realpath(target)) if target.is_symlink() else target
        standing = look(goal)
        dated = _dated_as(publication, standing) if standing and redate else publication
        if content is None or dated is not publication:
            content = packed(dated, format)
        return _put(content, goal, standing, target, identifier=publication.identifier, force=force)


def place_bytes(content: bytes, target: Path, *, force: bool = False) -> Placed:
    """`place` for a packed book of anybody's: which work it is of says its own record, if it has one.

    A book without a record is no book of ours, so it never takes the place of one without ``force``.
    """
    record = read_record(read_entries(content))
    return place_content(content, target, identifier=record.identifier if record else "", force=force)


def place_content(content: bytes, target: Path, *, identifier: str, force: bool = False) -> Placed:
    """`place` for a packed book of which the identifier is known, as it is. Errors as for `write`."""
    with told(target):
        goal = Path(os.path.realpath(target)) if target.is_symlink() else target
        return _put(content, goal, look(goal), target, identifier=identifier, force=force)


def succeed(content: bytes, target: Path, old: Path, *, identifier: str, force: bool = False) -> Placed:
    """Put a book in the place of one of another name, which goes.

    So a work whose format has changed: a Kobo tells formats by the name. The old book goes last, and only if
    it could have been replaced at its own place; with ``force`` one that could not is kept as a backup. At
    the new name may stand what a run left that was killed in between. Errors as for `write`.
    """
    with told(target):
        standing = look(old)
        complaint = standing and _complaint(standing, content, identifier, old)
        if complaint and not force:
            raise complaint
        placed = _put(content, target, look(target), target, identifier=identifier, force=force)
        if complaint:
            return Placed(target, written=True, backup=set_aside(old))
        old.unlink(missing_ok=True)
        return placed


def _put(
    content: bytes, goal: Path, standing: Standing | None, target: Path, *, identifier: str, force: bool
) -> Placed:
    """Write what is allowed to be written; ``goal`` is the file that ``target`` leads to."""
    if standing is None:
        goal.parent.mkdir(parents=True, exist_ok=True)
        put(content, goal, None)
        return Placed(target, written=True)
    if standing.signature[1] == len(content) and goal.read_bytes() == content:
        return Placed(target, written=False)
    if standing.read_only:
        raise OutputError(f"{target}: is read-only. Make it writable, or name another file with -o.")
    complaint = _complaint(standing, content, identifier, target)
    if complaint and not force:
        raise complaint
    backup = put(content, goal, standing.signature, keep=complaint is not None)
    return Placed(target, written=True, backup=backup)


def _dated_as(publication: Publication, standing: Standing) -> Publication:
    """The book with the date of the one that it replaces, if both are of the same text.

    So a dump that was only copied or touched gives the same bytes again.
    """
    record = standing.record
    if (
        record is None
        or record.identifier != publication.identifier
        or record.modified == publication.record.get("modified")
        or not source_hashes(publication.record)
        or source_hashes(publication.record) != tuple(work.source_sha256 for work in record.works)
    ):
        return publication
    try:
        when = datetime.datetime.fromisoformat(record.modified)
    except ValueError:
        return publication
    return dataclasses.replace(
        publication, modified=when, record={**publication.record, "modified": record.modified}
    )


def source_hashes(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The hash of each work's text, in the book's order; empty if any is not known."""
    hashes = tuple(work.get("source_sha256") for work in record.get("works", ()))
    return hashes if all(hashes) else ()


def _complaint(standing: Standing, content: bytes, identifier: str, target: Path) -> OutputError | None:
    """Why a file must not be replaced without force; None if it is an earlier state of the same book."""
    record = standing.record
    if record is None:
        return OutputExistsError(
            f"{target}: exists, and fic2epub did not write it. It is left alone. Name another file with -o."
        )
    if record.identifier != identifier:
        return OutputExistsError(
            f"{target}: holds the book of another work. It is left alone. Name another file with -o."
        )
    if standing.edited:
        return OutputEditedError(
            f"{target}: was edited after fic2epub wrote it. It is left alone. "
            "--force replaces it and keeps the old one as .bak.epub."
        )
    if said := lost(standing.path, record, content):
        return OutputShrankError(
            f"{target}: {said}. Was the dump cut off? The book is left alone. "
            "--force replaces it and keeps the old one as .bak.epub."
        )
    return None
