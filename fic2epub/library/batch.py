"""Some dumps to books, for ``convert``: over the cores, on after a failure, the same whatever the jobs.

1. Workers read, parse, publish and pack; nothing touches the disk there but the reading.
2. This process takes the finished books in the order of the dumps, gives each its name and writes
   it. So names never depend on which worker was faster, and an interrupted run leaves whole books
   only.
3. Only a few books per worker are on their way at a time, so memory does not grow with the run.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import field
from functools import partial
from pathlib import Path

from fic2epub.errors import Fic2EpubError
from fic2epub.library.attempt import attempt, died
from fic2epub.library.book import Book, MakeOptions, make
from fic2epub.library.names import folded
from fic2epub.library.outcome import Failure, Outcome, Status
from fic2epub.library.shelf import place_book, settle, source_hashes
from fic2epub.model import Draft
from fic2epub.values import dataclass

__all__ = ["Outcome", "Status", "make_books", "workers_for"]

WORTH_A_WORKER = 2_000_000  # bytes of dump: below it, starting a process takes longer than the work


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
    with closing(_make_all(dumps, folder, name, shelf.options, workers_for(dumps, jobs))) as books:
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

    def take(self, dump: str, made: Book | Failure) -> Outcome:
        """Name and write one book."""
        if isinstance(made, Failure):
            return made.outcome(dump)
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
            return Failure(message=str(error), exit_code=error.exit_code).outcome(dump)
        self.seen[key] = placed.path
        status = Status.MADE if placed.written else Status.UNCHANGED
        return told(status=status, book=placed.path, backup=placed.backup)


def _label(dump: Path | Draft) -> str:
    return str(dump) if isinstance(dump, Path) else dump.origin.name


def workers_for(dumps: Sequence[Path | Draft], jobs: int | None) -> int:
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
    dumps: Sequence[Path | Draft], folder: Path, name: str | None, options: MakeOptions, workers: int
) -> Generator[Book | Failure, None, None]:
    """The books in the dumps' order, made here or by workers."""
    make_one = partial(_make_one, folder=folder, name=name, options=options)
    if workers == 1:
        return (make_one(dump) for dump in dumps)
    from fic2epub.library.pool import in_order

    return in_order(make_one, dumps, workers=workers, died=_died)


def _died(dump: Path | Draft) -> Book | Failure:
    return died(_label(dump))


def _make_one(dump: Path | Draft, folder: Path, name: str | None, options: MakeOptions) -> Book | Failure:
    """The whole route for one dump; errors come back as values."""
    return attempt(lambda: _make(dump, folder, name, options), _label(dump))


def _make(dump: Path | Draft, folder: Path, name: str | None, options: MakeOptions) -> Book:
    from fic2epub.library.standing import standing_record

    draft = _read(dump, options)
    return make(draft, options, standing=standing_record(draft, folder, name, options))


def _read(dump: Path | Draft, options: MakeOptions) -> Draft:
    from fic2epub.parser.sources import read_file

    return read_file(dump, options=options.parse) if isinstance(dump, Path) else dump
