"""The book of a work as it stands, for those who only look: ``inspect``, ``review`` and ``fix``.

``convert`` and ``batch`` keep what was recovered once (``parser/kept.py``). What is shown of a dump must be
what its book has, or will have; so the book is looked for where they would find it:

1. The book or folder that the reader names; else where ``convert`` would write, then the library of
   ``batch``. The first that has a book of the work counts.
2. In a library the catalogue knows the book of a dump, under any name. [certain]
3. In any folder a book of the name that ``convert`` would give, in either format, ``--discreet`` or not, if
   it holds the same work. [likely]

Nothing is written, not even for a moment.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

from fic2epub.errors import LibraryError
from fic2epub.library.book import MakeOptions, memory_of, recover
from fic2epub.library.names import SUFFIXES, book_name, candidates, output_path, work_tag
from fic2epub.library.standing import LOOKED_AT, header_of, record_at, record_of_work
from fic2epub.model import Chapter, Draft, Evidence, Finding, Firing, Level, Metadata, Recovery
from fic2epub.parser.kept_layout import KEPT
from fic2epub.record import Record
from fic2epub.values import dataclass

__all__ = ["Nearby", "Standing", "as_kept", "look"]

HOUSE = ".fic2epub"
"""As ``catalogue_schema`` has it, which brings SQLite: most folders are no library."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The book of a work as it stands."""

    path: Path
    record: Record

    @property
    def date(self) -> str:
        """The day that the book says it is of."""
        try:
            return datetime.fromisoformat(self.record.modified).date().isoformat()
        except ValueError:
            return "an unknown date"  # anyone may have written it


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """Where the books of some dumps may stand."""

    places: tuple[str | None, ...]
    """As ``-o`` names them; None for the current folder."""
    by_name: bool = False
    """Whether the reader named the place: then a file that is no book of the work is told of."""

    def of(self, draft: Draft, options: MakeOptions) -> Standing | None:
        """The book of a dump; None if there is none, or the reader wants it recovered again.

        Raises CorrectionsError for a correction file that cannot be read.
        """
        if options.recover_again:
            return None
        for place in self.places:
            folder, name = output_path(place)
            there = (folder / name).is_file() if name is not None else _has_books(folder)
            if not there:
                continue
            metadata = header_of(draft, options)
            found = _named(folder / name, draft, metadata) if name else _in_folder(folder, draft, metadata)
            if found is not None:
                return found
        return None

    def stranger(self) -> Path | None:
        """The file that the reader named, if it is one and no folder."""
        folder, name = output_path(self.places[0])
        return folder / name if self.by_name and name is not None else None


def _named(path: Path, draft: Draft, metadata: Metadata) -> Standing | None:
    """A book that is named by its file; it may be an anthology that has the work."""
    record = record_of_work(path, metadata)
    if record is None and (other := record_at(path)) is not None and len(other.works) > 1:
        record = other if memory_of(draft, other) is not None else None
    return Standing(path, record) if record is not None else None


def _in_folder(folder: Path, draft: Draft, metadata: Metadata) -> Standing | None:
    """The book of a dump in a folder of books: by the catalogue if there is one, else by its name."""
    path = _catalogued(folder, draft.origin.path, metadata.work_id)
    record = record_at(path) if path is not None else None
    if path is not None and record is not None:
        return Standing(path, record)
    for name in _names(metadata):
        record = record_of_work(folder / name, metadata)
        if record is not None:
            return Standing(folder / name, record)
    return None


def _catalogued(folder: Path, dump: Path | None, work_id: str | None) -> Path | None:
    """Where the catalogue of a library says that a dump's book stands."""
    if dump is None or not (folder / HOUSE).is_dir():
        return None
    from fic2epub.library.catalogue import Catalogue  # late: it brings SQLite
    from fic2epub.library.catalogue_schema import told
    from fic2epub.library.dump_rows import book_of_dump, key_of

    key = key_of(os.fspath(dump), os.path.abspath(folder))  # noqa: PTH100 - no link is to be followed
    try:
        with Catalogue.open(folder, still=True) as catalogue, told(folder):
            book = book_of_dump(catalogue.connection, key, work_id)
    except LibraryError:
        return None  # batch would make it again
    return folder / book if book is not None else None


def _names(metadata: Metadata) -> Iterator[str]:
    """The names that the work's book may have, the likeliest first."""
    from fic2epub.builder.discreet import discreet_metadata

    shown = {one.title: one for one in (metadata, discreet_metadata(metadata))}
    for one in shown.values():
        for suffix in SUFFIXES.values():
            yield from islice(candidates(book_name(one, suffix=suffix), work_tag(metadata)), LOOKED_AT)


def _has_books(folder: Path) -> bool:
    """Whether a folder has any EPUB, or is a library: of most folders of dumps nothing more is asked."""
    try:
        return _holds(os.fspath(folder), folder.stat().st_mtime_ns)
    except OSError:
        return False


@lru_cache(maxsize=16)
def _holds(folder: str, mtime_ns: int) -> bool:
    """The same, for a folder as it was at a time."""
    return any(name == HOUSE or name.endswith(".epub") for name in os.listdir(folder))  # noqa: PTH208 - no Path for every file


# What is shown


def look(draft: Draft, options: MakeOptions, near: Nearby) -> tuple[Recovery, Standing | None]:
    """One dump as its next book will have it, and the book that stands.

    Raises ParseError, CorrectionsError. Where a book stands the dump is recovered twice: as the book keeps
    it, and afresh for the words that bear each boundary out, which no book remembers.
    """
    standing = near.of(draft, options)
    if standing is None:
        return recover(draft, options), None
    recovery = recover(draft, options, standing=standing.record)
    return as_kept(recovery, recover(draft, options), standing), standing


def as_kept(recovery: Recovery, fresh: Recovery, standing: Standing) -> Recovery:
    """A recovery in which every boundary that is kept says so, and since when.

    If the book is of this very text, and every kept boundary is found afresh too, nothing is kept against
    anything: then the evidence is that of today.

    Args:
        recovery: with what the book remembers.
        fresh: without it.
        standing: the book.
    """
    found = {chapter.span.start: chapter.boundary for chapter in fresh.work.chapters}
    kept = [chapter for chapter in recovery.work.chapters if _is_kept(chapter)]
    if not kept:
        return recovery
    works = {work.source_sha256 for work in standing.record.works}
    same = recovery.source.sha256 in works and all(chapter.span.start in found for chapter in kept)
    said = "" if same else f"as in the book of {standing.date}"
    chapters = tuple(
        _shown(chapter, found.get(chapter.span.start), said) if _is_kept(chapter) else chapter
        for chapter in recovery.work.chapters
    )
    finding = Finding("kept.book", Level.INFO, _told(kept, chapters, found, standing, same=same))
    work = replace(recovery.work, chapters=chapters)
    return replace(recovery, work=work, findings=(*recovery.findings, finding))


def _is_kept(chapter: Chapter) -> bool:
    return any(firing.rule == KEPT for firing in chapter.boundary.firings)


def _shown(chapter: Chapter, found: Evidence | None, said: str) -> Chapter:
    """A kept chapter with the reasons that it has today, if it has any."""
    kept = chapter.boundary
    reasons = found.firings if found is not None else [one for one in kept.firings if one.rule != KEPT]
    firings = (*([Firing(KEPT, said)] if said else []), *reasons)
    return replace(chapter, boundary=replace(kept, firings=firings))


def _told(
    kept: Sequence[Chapter],
    chapters: Sequence[Chapter],
    found: Mapping[int, Evidence],
    standing: Standing,
    *,
    same: bool,
) -> str:
    """The sentence about the book."""
    book = f"the book of {standing.date} ({standing.path})"
    number = f"{len(kept)} of {len(chapters)} chapters begin{'s' * (len(kept) == 1)}"
    if same:
        first = chapters[0].span.start  # it begins where the text does, whatever the book has
        whole = {first, *(one.span.start for one in kept)} >= {one.span.start for one in chapters}
        return f"{'All chapters begin' if whole else number} as in {book}, which is of the same text."
    only = sum(chapter.span.start not in found for chapter in kept)
    afresh = f"; {only} of them would not be found afresh" if only else ""
    return f"{number} as in {book}: what was recovered once is kept{afresh}. --recover-again shows how."
