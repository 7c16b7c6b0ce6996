"""An anthology's works, from dumps to files: over the cores, in the dumps' order, the same whatever the jobs.

Workers read, recover and make the files of one work after the other; they write nothing. Only a few works are
on their way at a time, and what a standing book remembers travels packed, so memory grows with the finished
files alone.
"""

import pickle
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fic2epub.errors import Fic2EpubError, ParseError
from fic2epub.library.attempt import died
from fic2epub.library.book import MakeOptions, Tally, named_by, recover, tally
from fic2epub.model import Draft, Finding, Metadata, Recovery
from fic2epub.record import Record
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.builder.layout import Layout
    from fic2epub.builder.work_book import WorkBook

__all__ = ["Filed", "Memories", "file_again", "file_works"]


@dataclass(frozen=True, slots=True)
class Filed:
    """A work as files, and what there is to say of it."""

    book: "WorkBook"
    tally: Tally
    findings: tuple[Finding, ...]


class Memories:
    """What the works of a standing book remember, each packed until its dump is read."""

    def __init__(self, standing: Record | None) -> None:
        self._book: Record | None = None
        self._works: dict[object, bytes] = {}
        self._plain = False
        """Whether the book is of one work alone: then it is that of any dump."""
        if standing is None:
            return
        self._book = replace(standing, works=())
        self._plain = len(standing.works) == 1 and standing.works[0].identifier == standing.identifier
        for work in standing.works:
            key = None if self._plain else named_by(work.metadata)
            self._works.setdefault(key, pickle.dumps(work, pickle.HIGHEST_PROTOCOL))

    def of(self, metadata: Metadata) -> Record | None:
        """The record that a dump with this header is to be read by, of its work alone; None for a new one."""
        packed = self._works.get(None if self._plain else named_by(metadata))
        if self._book is None or packed is None:
            return None
        return replace(self._book, works=(pickle.loads(packed),))


def file_works(
    dumps: Sequence[Path | Draft], options: MakeOptions, memories: Memories, *, workers: int
) -> Generator[Filed | Fic2EpubError, None, None]:
    """Make the files of each dump's work, in the dumps' order; a dump's error is its result.

    A work's folder is called after it (``work_book.bind``). Raises what is no fault of a dump.
    """
    file_one = partial(_file_one, options=options, memories=memories)
    if workers == 1:
        return (file_one(dump) for dump in dumps)
    from fic2epub.library.pool import in_order

    return in_order(file_one, dumps, workers=workers, died=_died)


def file_again(dump: Path | Draft, layout: "Layout", options: MakeOptions, memories: Memories) -> "WorkBook":
    """Make the files of a work in another folder: a rare case, so it is read once more."""
    from fic2epub.builder.work_book import work_book

    return work_book(_recovered(dump, options, memories).work, options.publish, layout)


def _file_one(dump: Path | Draft, options: MakeOptions, memories: Memories) -> Filed | Fic2EpubError:
    from fic2epub.builder.work_book import own_layout, work_book

    try:
        recovery = _recovered(dump, options, memories)
        book = work_book(recovery.work, options.publish, own_layout(recovery.work))
    except Fic2EpubError as error:
        return error
    counted = tally(recovery.work, min_confidence=options.publish.min_confidence, words=book.words)
    return Filed(book, counted, recovery.findings)


def _recovered(dump: Path | Draft, options: MakeOptions, memories: Memories) -> Recovery:
    from fic2epub.parser.sources import read_file

    draft = read_file(dump, options=options.parse) if isinstance(dump, Path) else dump
    return recover(draft, options, standing=memories.of(draft.metadata))


def _died(dump: Path | Draft) -> ParseError:
    return ParseError(died(str(dump) if isinstance(dump, Path) else dump.origin.name).message)
