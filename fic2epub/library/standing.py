"""The book that a dump's book will replace, looked up before the dump is read closely.

What it remembers is kept (``parser/kept.py``), so it must be known first. Where the book goes is known only
at the end, so this is a guess from the header: the file of that name, or of that name with the Work ID, if
it holds the same work. A wrong guess does no harm, since only what stands in the dump unchanged is kept; a
book that was edited has a record too.
"""

from itertools import islice
from pathlib import Path

from fic2epub.errors import PackageError
from fic2epub.library.book import MakeOptions, corrections_of
from fic2epub.library.names import SUFFIXES, book_name, candidates, work_tag
from fic2epub.model import Draft, Metadata
from fic2epub.record import Record

__all__ = ["LOOKED_AT", "header_of", "record_at", "record_of_work", "standing_record"]

LOOKED_AT = 2
"""Names: the plain one and the one with the Work ID."""


def standing_record(draft: Draft, folder: Path, name: str | None, options: MakeOptions) -> Record | None:
    """The record of the book that stands where a dump's book will go; None if there is none.

    ``name`` is the file's, if the reader gave one. Raises CorrectionsError for a correction file that
    cannot be read.
    """
    if options.recover_again or not folder.is_dir():
        return None
    metadata = header_of(draft, options)
    if name is not None:
        return record_of_work(folder / name, metadata)
    wanted = book_name(_shown(metadata, options), suffix=SUFFIXES[options.format])
    names = islice(candidates(wanted, work_tag(metadata)), LOOKED_AT)
    found = (record_of_work(folder / one, metadata) for one in names)
    return next((record for record in found if record is not None), None)


def header_of(draft: Draft, options: MakeOptions) -> Metadata:
    """The header as the reader corrected it. Raises CorrectionsError."""
    corrections = corrections_of(draft, options)
    if corrections is None:
        return draft.metadata
    from fic2epub.parser.corrections import correct_header

    return correct_header(draft, corrections, options.parse).metadata


def _shown(metadata: Metadata, options: MakeOptions) -> Metadata:
    from fic2epub.builder.discreet import shown_metadata

    return shown_metadata(metadata, options.publish)


def record_of_work(path: Path, metadata: Metadata) -> Record | None:
    """The record of a book of this work alone; None for any other file, or none."""
    record = record_at(path)
    if record is None or len(record.works) != 1 or record.works[0].identifier != record.identifier:
        return None
    return record if record.works[0].work_id == metadata.work_id else None


def record_at(path: Path) -> Record | None:
    """The record of the book at a path; None if there is no book of this program."""
    if not path.is_file():
        return None
    from fic2epub.container import read_entries
    from fic2epub.record import RECORD_NAME, read_record

    try:
        return read_record(read_entries(path, only={RECORD_NAME}))
    except (OSError, PackageError):
        return None
