"""Many dumps to books: over the cores, on after a failure, the same result whatever the number of jobs.

1. Workers read, parse, publish and pack; nothing touches the disk there but the reading.
2. This process takes the finished books in the order of the dumps, gives each its name and writes
   it. So names never depend on which worker was faster, and an interrupted run leaves whole books
   only.
3. Only a few books per worker are on their way at a time, so memory does not grow with the run.
"""

import os
import traceback
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path

from fic2epub.errors import ExitCode, Fic2EpubError, SourceError, UsageError
from fic2epub.library.book import Book, MakeOptions, Tally, make
from fic2epub.library.names import folded
from fic2epub.library.shelf import place_book, settle, source_hashes
from fic2epub.model import Draft, Finding

__all__ = ["Outcome", "Status", "make_books"]

WORTH_A_WORKER = 2_000_000  # bytes of dump: below it, starting a process takes longer than the work


class Status(Enum):
    """What became of a dump."""

    MADE = "made"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One dump and its book."""

    dump: str
    """The path as it was given, or ``<stdin>``."""
    status: Status
    book: Path | None = None
    """None if it failed."""
    backup: Path | None = None
    title: str | None = None
    tally: Tally | None = None
    findings: tuple[Finding, ...] = ()
    message: str | None = None
    """Why it failed, in a sentence; or what else there is to say."""
    exit_code: ExitCode = ExitCode.OK
    trace: str | None = None
    """The traceback of an error that is the program's own fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """An error that can travel between processes."""

    message: str
    exit_code: ExitCode
    trace: str | None = None


def make_books(
    dumps: Sequence[Path | Draft],
    folder: Path,
    *,
    name: str | None = None,
    options: MakeOptions | None = None,
    jobs: int | None = None,
) -> Generator[Outcome, None, None]:
    """Make a book of every dump, in a folder; yields one Outcome per dump, in the dumps' order.

    ``name`` is the file's name if there is one dump only. ``jobs`` is the number of processes; 1
    works in this one, None decides by cores and by how much there is to do. No dump's error ends
    the run; KeyboardInterrupt does, and the workers are ended with it. Raises UsageError for an option
    that no dump can meet.
    """
    shelf = _Shelf(folder, name, options or MakeOptions())
    with closing(_make_all(dumps, shelf.options, _workers(dumps, jobs))) as books:
        for dump, made in zip(dumps, books, strict=True):
            yield shelf.take(_label(dump), made)


@dataclass(slots=True)
class _Shelf:
    """The folder that a run fills, and the names that it has given."""

    folder: Path
    name: str | None
    options: MakeOptions
    claimed: set[str] = field(default_factory=set)
    seen: dict[tuple[str, tuple[str, ...]], Path] = field(default_factory=dict)
    """Identifier and hash of the text of each book made: the same dump twice is one book."""

    def take(self, dump: str, made: Book | _Failure) -> Outcome:
        """Name and write one book."""
        if isinstance(made, _Failure):
            return _failed(dump, made)
        publication = made.publication
        told = partial(Outcome, dump=dump, title=publication.title, tally=made.tally, findings=made.findings)
        key = publication.identifier, source_hashes(publication.record)
        if key[1] and (twin := self.seen.get(key)):
            message = f"the same text as another dump: {twin.name} is its book"
            return told(status=Status.UNCHANGED, book=twin, message=message)
        try:
            goal = self.folder / self.name if self.name else settle(made, self.folder, claimed=self.claimed)
            self.claimed.add(folded(goal.name))
            placed = place_book(made, goal, force=self.options.force)
        except Fic2EpubError as error:
            return _failed(dump, _Failure(message=str(error), exit_code=error.exit_code))
        self.seen[key] = placed.path
        status = Status.MADE if placed.written else Status.UNCHANGED
        return told(status=status, book=placed.path, backup=placed.backup)


def _failed(dump: str, failure: _Failure) -> Outcome:
    return Outcome(
        dump=dump,
        status=Status.FAILED,
        message=failure.message,
        exit_code=failure.exit_code,
        trace=failure.trace,
    )


def _label(dump: Path | Draft) -> str:
    return str(dump) if isinstance(dump, Path) else dump.origin.name


def _workers(dumps: Sequence[Path | Draft], jobs: int | None) -> int:
    """How many processes are worth starting; 1 is this one."""
    if jobs is not None:
        return max(1, min(jobs, len(dumps)))
    size = 0
    for dump in dumps:
        if isinstance(dump, Path):
            try:
                size += dump.stat().st_size
            except OSError:
                continue
    return max(1, min(os.cpu_count() or 1, len(dumps), size // WORTH_A_WORKER + 1))


def _make_all(
    dumps: Sequence[Path | Draft], options: MakeOptions, workers: int
) -> Generator[Book | _Failure, None, None]:
    """The books in the dumps' order, made here or by workers."""
    make_one = partial(_make_one, options=options)
    if workers == 1:
        return (make_one(dump) for dump in dumps)
    from fic2epub.library.pool import in_order

    return in_order(make_one, dumps, workers=workers, died=_died)


def _died(dump: Path | Draft) -> Book | _Failure:
    message = (
        f"{_label(dump)}: the process that worked on it was ended by the system, most likely for want of "
        "memory. Close other programs, or split the dump."
    )
    return _Failure(message=message, exit_code=ExitCode.UNEXPECTED)


def _make_one(dump: Path | Draft, options: MakeOptions) -> Book | _Failure:
    """The whole route for one dump; errors come back as values.

    An error that nobody foresaw is caught here too: the other dumps have nothing to do with it. Its
    traceback goes with it. Only UsageError is raised: no dump can help a wrong option.
    """
    from fic2epub.parser.sources import read_file

    try:
        draft = read_file(dump, options=options.parse) if isinstance(dump, Path) else dump
        return make(draft, options)
    except UsageError:
        raise
    except Fic2EpubError as error:
        return _Failure(message=str(error), exit_code=error.exit_code)
    except MemoryError:
        message = f"{_label(dump)}: there is not enough memory for a dump of this size. Split it."
        return _Failure(message=message, exit_code=SourceError.exit_code)
    except Exception as error:
        message = f"{_label(dump)}: an error of the program's own ({type(error).__name__}: {error})."
        return _Failure(message=message, exit_code=ExitCode.UNEXPECTED, trace=traceback.format_exc())
