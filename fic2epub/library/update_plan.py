"""Which dumps of a library have to be made again, and why: without reading those that have not changed.

1. A dump is unchanged if its size and time, its corrections, the options and the program are what they were,
   and its book is as it was then. [certain]
2. One of another time is compared by its bytes: a copied dump is no new one. [certain]
3. Dumps whose headers name the same work are made one after the other, so that the better one can be
   chosen before anything is written. [likely]
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from fic2epub.library.book import MakeOptions
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.correction_marks import CorrectionMarks
from fic2epub.library.dump_folder import Seen, see_dumps
from fic2epub.library.dump_rows import DumpRow, dumps_of_work, key_of, remembered
from fic2epub.library.maker import source_hash
from fic2epub.library.task_list import Task, TaskList
from fic2epub.library.work_hint import named_work
from fic2epub.record import options_hash
from fic2epub.values import dataclass

__all__ = ["Plan", "book_mark", "options_mark", "plan_dumps"]

FORCE = "--force"
"""Why everything is made again, also what was taken out of the library."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """All dumps of a run in their order; those of one work that are to be made stand together."""

    tasks: TaskList
    passed_over: list[str]
    options: str
    """The mark of the run's options."""
    program: str
    corrections: CorrectionMarks


def options_mark(options: MakeOptions) -> str:
    """A hash that changes with every option that changes a book; files that they name count by content."""
    fonts = []
    font = options.publish.cover_font
    if font is not None:
        try:
            fonts.append(hashlib.sha256(font.read_bytes()).hexdigest())
        except OSError:
            fonts.append("unreadable")
    said = [options_hash(options.parse, options.publish), options.format, str(options.epoch), *fonts]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def book_mark(path: Path) -> str | None:
    """The state of a book's file; None if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return f"{state.st_size} {state.st_mtime_ns}"


def plan_dumps(
    catalogue: Catalogue,
    folders: Sequence[Path],
    *,
    options: MakeOptions,
    program: str,
    take_all: bool = False,
    exclude: Sequence[Path] = (),
) -> Plan:
    """Find the dumps of some folders and say which are to be made. Raises SourceError."""
    judge = _Judge(catalogue, options, program)
    passed_over: list[str] = []
    seen = (
        one
        for folder in folders
        for one in see_dumps(
            folder, known=judge.known, take_all=take_all, exclude=exclude, passed_over=passed_over
        )
    )
    return Plan(
        tasks=TaskList((judge.key(one.path), judge.task(one)) for one in seen),
        passed_over=passed_over,
        options=judge.options,
        program=program,
        corrections=judge.corrections,
    )


class _Judge:
    """Compares dumps with what the catalogue remembers of them."""

    def __init__(self, catalogue: Catalogue, options: MakeOptions, program: str) -> None:
        self._catalogue = catalogue
        self._library = os.path.abspath(catalogue.folder)  # noqa: PTH100 - no link is to be followed
        self.options = options_mark(options)
        self._program = program
        self._forced = FORCE if options.force else "--recover-again" if options.recover_again else None
        self.corrections = CorrectionMarks(options.corrections)
        self._last: tuple[str, DumpRow | None] = "", None

    def known(self, path: str, size: int, mtime_ns: int) -> bool:
        """Whether a file was a dump when it had this size and time."""
        row = self._row(path)
        return row is not None and row.size == size and row.mtime_ns == mtime_ns

    def _row(self, path: str) -> DumpRow | None:
        if self._last[0] != path:
            self._last = path, remembered(self._catalogue.connection, self.key(path))
        return self._last[1]

    def key(self, path: str) -> bytes:
        """How the catalogue knows a dump."""
        return key_of(path, self._library)

    def task(self, seen: Seen) -> Task:
        """What is to be done with a dump."""
        row = self._row(seen.path)
        if row is None:
            return Task(seen.path, "new", named_work(seen.path, seen.head))
        fresh_time = None
        why = self._why(seen, row)
        if why is None and row.mtime_ns != seen.mtime_ns:
            _, fresh_time, content = source_hash(Path(seen.path))
            why = None if content == row.source else "the dump has changed"
        return Task(seen.path, why, row.work_id or named_work(seen.path, seen.head), fresh_time)

    def _why(self, seen: Seen, row: DumpRow) -> str | None:
        """Why a dump is made again, as far as can be told without reading it."""
        if self._forced and (row.status != "removed" or self._forced == FORCE):
            return self._forced
        if seen.size != row.size:
            return "the dump has changed"
        if row.status == "removed":
            return None  # the owner has decided about the work, whatever the options and the program
        if self.corrections.mark(seen.path, row.work_id) != row.corrections:
            return "its corrections have changed"
        if row.options != self.options:
            return "the options have changed"
        if row.program != self._program:
            return f"its book was made by version {row.program}"
        if row.status == "duplicate" and not self._has_winner(row):
            return "the other dump of its work is gone"
        if row.status != "duplicate" and row.book_mark != book_mark(self._catalogue.folder / row.book):
            there = os.path.exists(self._catalogue.folder / row.book)  # noqa: PTH110 - Path's own raises
            return "its book has changed" if there else "its book is gone"
        return "what there is to say of it is not known yet" if row.account is None else None

    def _has_winner(self, row: DumpRow) -> bool:
        return any(
            other.status not in ("duplicate", "shrank")  # what shrank is nobody's book
            and os.path.lexists(os.path.join(self._library, os.fsdecode(other.path)))  # noqa: PTH118
            for other in dumps_of_work(self._catalogue.connection, row.work)
        )
