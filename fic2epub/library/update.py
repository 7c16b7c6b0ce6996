"""A library, brought up to date with its dumps: what ``batch`` does.

1. Catalogue and folder are brought to agreement (``rebuild``), so a run that was killed is gone on with.
2. What has not changed is told by size and time alone (``update_plan``).
3. Workers make the books of the rest (``maker``), on this computer or on a cluster; they write nothing.
4. This process takes the books in the dumps' order, chooses among dumps of one work (``rivals``), gives each
   its name and writes it (``placing``); then, and only then, it enters it in the catalogue.

So names never depend on which worker was faster, and at every moment the folder holds whole books only.
"""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from fic2epub.errors import LibraryError
from fic2epub.library.attempt import died
from fic2epub.library.batch import WORTH_A_WORKER
from fic2epub.library.book import MakeOptions
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE
from fic2epub.library.dump_rows import dumps_below, forget, key_of, remembered
from fic2epub.library.maker import Item, Made, PassedOver, make_item
from fic2epub.library.name_template import NameTemplate
from fic2epub.library.outcome import Failure, Outcome, Status
from fic2epub.library.placing import Placer
from fic2epub.library.rebuild import open_repaired, reconcile
from fic2epub.library.task_list import Task, TaskList
from fic2epub.library.update_plan import Plan, plan_dumps
from fic2epub.select import Facts
from fic2epub.values import dataclass

__all__ = ["LibraryRun", "RunOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the reader said about a run, beyond what makes a book."""

    make: MakeOptions = field(default_factory=MakeOptions)
    name: NameTemplate | None = None
    """None for ``Author - Title``."""
    jobs: int | None = None
    """Processes; None decides by cores and by how much there is to do."""
    scheduler: str | None = None
    """The address of a Dask scheduler, in the place of processes."""
    wanted: Callable[[Facts], bool] | None = None
    """Asked of each dump that is to be made, before its book is; it travels to the workers."""
    dry_run: bool = False
    """Say what would happen, and write nothing at all."""
    index_text: bool = False
    """Index the stories too, from now on."""


class LibraryRun:
    """One run over a library; a context manager that holds the library's lock.

    ``find`` looks at the dumps, ``outcomes`` does the work. Raises LibraryBusyError if another process
    writes to the library, LibraryError if the disk refuses it.
    """

    def __init__(self, folder: Path, options: RunOptions | None = None) -> None:
        self.folder = folder
        self.options = options or RunOptions()
        self.notices: list[str] = []
        """What there is to say of the library itself, in sentences."""
        if self.options.dry_run:
            self.catalogue = _looked_at(folder, self.options.jobs)
        else:
            self.catalogue, notice = open_repaired(
                folder, index_text=self.options.index_text, jobs=self.options.jobs
            )
            self.notices += [notice] if notice else []
        self._folders: tuple[Path, ...] = ()
        self._plan: Plan | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.catalogue.close()

    def find(self, folders: Sequence[Path], *, take_all: bool = False, exclude: Sequence[Path] = ()) -> Plan:
        """Find the dumps of some folders and say which are to be made, and why; reads no known dump.

        ``take_all`` takes text files that do not look like dumps, ``exclude`` names folders to be left out.
        Raises SourceError for a folder that cannot be read.
        """
        from fic2epub import __version__

        self._folders = tuple(folders)
        self._plan = plan_dumps(
            self.catalogue,
            folders,
            options=self.options.make,
            program=__version__,
            take_all=take_all,
            exclude=exclude,
        )
        return self._plan

    def has_dumps(self) -> bool:
        """Whether any dump is remembered from an earlier run: then a folder without any is no mistake."""
        row = self.catalogue.connection.execute("SELECT 1 FROM dump LIMIT 1").fetchone()
        return row is not None

    def outcomes(self) -> Generator[Outcome, None, None]:
        """Do it; yields what became of each dump, those of one work together, and then what has vanished.

        No dump's error ends the run; a full disk does (OutputError, LibraryError), and KeyboardInterrupt:
        a later run finishes the job. Raises UsageError for an option that no dump can meet.
        """
        plan = self._plan
        assert plan is not None, "find comes first"
        placer = Placer(self.catalogue, self.options, plan)
        if self.options.dry_run:
            yield from (self._planned(task, placer) for task in plan.tasks)
        else:
            with closing(self._make(plan.tasks, placer)) as results:
                yield from self._take(plan.tasks, results, placer)
        yield from self._vanished(plan.tasks)

    def _take(
        self, tasks: TaskList, results: Iterator[Made | PassedOver | Failure], placer: Placer
    ) -> Iterator[Outcome]:
        """Put each result in its place; those of one work are waited for and then judged together."""
        for several in _by_work(tasks):
            if several[0].why is None:
                yield placer.unchanged(several[0])
            else:
                yield from placer.place(several, results)

    def _make(self, tasks: TaskList, placer: Placer) -> Generator[Made | PassedOver | Failure, None, None]:
        """The results for the tasks that are to be made, in their order."""
        items = (placer.item(task) for task in tasks if task.why is not None)
        function = partial(make_item, plan=placer.make_plan)
        workers = self._workers(tasks)
        if self.options.scheduler is not None:
            from fic2epub.library.cluster import cluster_in_order

            return cluster_in_order(function, items, address=self.options.scheduler, died=_died)
        if workers == 1:
            return (function(item) for item in items)
        from fic2epub.library.pool import in_order

        return in_order(function, items, workers=workers, died=_died)

    def _workers(self, tasks: TaskList) -> int:
        """How many processes are worth starting; 1 is this one."""
        if self.options.jobs is not None:
            return max(1, min(self.options.jobs, tasks.to_make))
        cores, size = os.cpu_count() or 1, 0
        for task in tasks:
            if size >= WORTH_A_WORKER * cores:
                break
            if task.why is not None:
                with suppress(OSError):
                    size += os.stat(task.path).st_size  # noqa: PTH116 - no Path for every dump
        return max(1, min(cores, tasks.to_make, size // WORTH_A_WORKER + 1))

    def _planned(self, task: Task, placer: Placer) -> Outcome:
        """What a dry run says of a dump; with a condition it is read, since only then that can be told."""
        if task.why is None:
            return placer.unchanged(task)
        if self.options.wanted is not None:
            result = make_item(placer.item(task), placer.make_plan)
            if not isinstance(result, Made):
                return result.outcome(task.path)
        return Outcome(dump=task.path, status=Status.PLANNED, message=task.why)

    def _vanished(self, tasks: TaskList) -> Iterator[Outcome]:
        """Dumps that were here in an earlier run and are not any more; said once."""
        library = os.path.abspath(self.folder)  # noqa: PTH100 - as `key_of` was given it
        for folder in self._folders:
            prefix = key_of(os.path.join(folder, ""), library)  # noqa: PTH118 - its slash is wanted
            for key in dumps_below(self.catalogue.connection, prefix):
                if tasks.find(key) or os.path.lexists(os.path.join(library, os.fsdecode(key))):  # noqa: PTH118
                    continue
                row = remembered(self.catalogue.connection, key)
                if not self.options.dry_run:
                    with self.catalogue.writing() as connection:
                        forget(connection, key)
                if row is not None and row.status not in ("duplicate", "removed"):
                    yield Outcome(
                        dump=os.path.join(library, os.fsdecode(key)),  # noqa: PTH118
                        status=Status.VANISHED,
                        book=self.folder / row.book,
                        title=row.title,
                        message="its dump is gone; the book stays",
                    )


def _by_work(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """The tasks, those to be made of one work together: they stand beside each other."""
    several: list[Task] = []
    for task in tasks:
        together = task.why is not None and task.work is not None
        if several and not (together and several[0].why is not None and several[0].work == task.work):
            yield several
            several = []
        several.append(task)
    if several:
        yield several


def _died(item: Item) -> Failure:
    return died(item.path)


def _looked_at(folder: Path, jobs: int | None) -> Catalogue:
    """The catalogue as it is, or one in memory of what stands in the folder; nothing is written."""
    if (folder / HOUSE / CATALOGUE_NAME).is_file():
        try:
            return Catalogue.open(folder, still=True).newest()
        except LibraryError:
            pass  # damaged: the run itself would make it again
    catalogue = Catalogue.in_memory(folder)
    if folder.is_dir():
        reconcile(catalogue, look_only=True, jobs=jobs)
    return catalogue
