"""Work over the cores: results in the order of the items, and a worker that dies costs its item only.

Every worker has a pipe of its own. ``concurrent.futures`` has one for all: there a worker that is ended
while it writes leaves half a message, on which the parent waits for ever (seen with Python 3.11), and
when one dies, all items on their way are lost with it. Here its pipe ends, and its item is known.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["IN_FLIGHT", "Scheduler", "in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")

IN_FLIGHT = 4  # items per worker begun before the first of them is handed on: one long item holds up few


_SWEEPS = (50_000, 20, 100)
"""When a worker looks for values that hold each other: Python's own 700 costs a tenth of the time, since a
parsed dump is some ten thousand values, and hardly any hold each other."""


class Scheduler(Protocol):
    """Who calls a function on many items: `in_order` with its processes, or a cluster."""

    def __call__(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        died: Callable[[Item], Result],
    ) -> Generator[Result, None, None]:
        """Yield the results in the items' order; items are taken only a few ahead of their results."""


def in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    died: Callable[[Item], Result],
) -> Generator[Result, None, None]:
    """Call a function on every item in other processes; yields the results in the items' order.

    At most ``IN_FLIGHT`` items per worker are taken ahead of the results that were handed on, so memory
    does not grow with their number. ``died`` gives the result of an item whose process was ended by the
    system. What the function raises is raised. When the iterator is closed, the workers are ended without
    waiting.
    """
    crew: list[_Worker[Item, Result]] = []
    results: dict[int, Result] = {}
    coming = enumerate(items)
    handed_on, more = 0, True
    try:
        while True:
            while more and _ahead(crew, results) < workers * IN_FLIGHT:
                worker = _free(crew, workers, function)
                if worker is None:
                    break
                given = next(coming, None)
                if given is None:
                    more = False
                else:
                    worker.give(*given)
            for worker in _finished(crew):
                lost = worker.take(results)
                if lost is not None:
                    results[lost[0]] = died(lost[1])
            while handed_on in results:
                yield results.pop(handed_on)
                handed_on += 1
            if not more and not _ahead(crew, results):
                return
    finally:
        for worker in crew:
            worker.end()


def _ahead(crew: "Sequence[_Worker[Any, Any]]", results: dict[int, Any]) -> int:
    """How many items are at work or wait for one before them."""
    return len(results) + sum(worker.item is not None for worker in crew)


def _free(
    crew: "list[_Worker[Item, Result]]", workers: int, function: Callable[[Item], Result]
) -> "_Worker[Item, Result] | None":
    """A worker with nothing to do, a new one if need be; None if all are at work."""
    for worker in crew:
        if worker.item is None:
            return worker
    if len(crew) == workers:
        return None
    crew.append(_Worker(function))
    return crew[-1]


def _finished(crew: Sequence["_Worker[Any, Any]"]) -> "list[_Worker[Any, Any]]":
    """Wait for those that have a result or have died; none if none is at work."""
    busy = [worker for worker in crew if worker.item is not None]
    ready = wait([worker.pipe for worker in busy]) if busy else []
    return [worker for worker in busy if worker.pipe in ready]


class _Worker(Generic[Item, Result]):
    """One process, its pipe, and the item that it is at with its number."""

    def __init__(self, function: Callable[[Item], Result]) -> None:
        self.function = function
        self.item: tuple[int, Item] | None = None
        self._start()

    def _start(self) -> None:
        """A fresh process: a forked one would inherit threads, open files and locks."""
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=_work, args=(self.function, theirs, Path.cwd()), daemon=True, name="fic2epub worker"
        )
        with _no_interrupt():
            self.process.start()
        theirs.close()  # so that the pipe ends when the process does

    def give(self, at: int, item: Item) -> None:
        """Hand over an item; to a new process if this one has died at leisure."""
        try:
            self.pipe.send(item)
        except OSError:
            self.end()
            self._start()
            self.pipe.send(item)
        self.item = at, item

    def take(self, results: dict[int, Result]) -> tuple[int, Item] | None:
        """Put the result among the others; gives the item back if the process died over it."""
        given, self.item = self.item, None
        assert given is not None
        try:
            good, value = self.pipe.recv()
        except (EOFError, OSError):
            self.end()
            self._start()
            return given
        if not good:
            raise value
        results[given[0]] = value
        return None

    def end(self) -> None:
        """End the process whatever it is at: the parent alone writes, so nothing is left half done."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(function: Callable[[Any], Any], pipe: Connection, folder: Path) -> None:
    """What a worker does: items in, results out, until the pipe ends.

    It stands where the parent stands, which a spawned process does not, so that relative paths lead
    to the same files. A result too large for the memory ends it, as the system would.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    gc.set_threshold(*_SWEEPS)
    with suppress(OSError):
        os.chdir(folder)
    with suppress(EOFError, OSError):
        while True:
            item = pipe.recv()
            try:
                pipe.send((True, function(item)))
            except MemoryError:
                os._exit(1)
            except Exception as error:
                pipe.send((False, error))


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Let a process start with Ctrl-C held off, or it would answer with a traceback while it loads.

    For this process the signal is only put off until the start is over.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
