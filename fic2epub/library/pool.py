"""Work over the cores: results in the order of the items, and a worker that dies costs its item only."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["IN_FLIGHT", "in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")

IN_FLIGHT = 4  # items per worker: enough that one long item does not hold up the others


def in_order(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    died: Callable[[Item], Result],
) -> Generator[Result, None, None]:
    """Call a function on every item in other processes; yields the results in the items' order.

    Only ``IN_FLIGHT`` items per worker are on their way at a time, so memory does not grow with their
    number. ``died`` gives the result of an item whose process was ended by the system. What the function
    raises is raised. When the iterator is closed, the workers are ended without waiting.
    """
    pool = _Pool(function, workers)
    try:
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        ahead = iter(items)
        while True:
            for item in islice(ahead, workers * IN_FLIGHT - len(waiting)):
                waiting.append((item, pool.submit(item)))
            if not waiting:
                return
            item, future = waiting.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                result = pool.call_alone(item, died)
                waiting = deque((other, pool.again(other, future)) for other, future in waiting)
            yield result
    finally:
        _end(pool.executor)


class _Pool(Generic[Item, Result]):
    """Worker processes that can be replaced when one dies."""

    def __init__(self, function: Callable[[Item], Result], workers: int) -> None:
        self.function = function
        self.workers = workers
        self.executor = _start(workers)

    def submit(self, item: Item) -> Future[Result]:
        """Hand an item to a worker; of a new pool if the old one has broken unnoticed."""
        try:
            return self.executor.submit(self.function, item)
        except BrokenProcessPool:
            self.executor = _start(self.workers)
            return self.executor.submit(self.function, item)

    def again(self, item: Item, future: Future[Result]) -> Future[Result]:
        """The future as it is if it has a result; else the item handed out anew."""
        if future.done() and not future.cancelled() and future.exception() is None:
            return future
        return self.submit(item)

    def call_alone(self, item: Item, died: Callable[[Item], Result]) -> Result:
        """Try an item in a process of its own, after a worker died with several on their way.

        The one that dies again is the one to blame.
        """
        alone = _start(1)
        try:
            return alone.submit(self.function, item).result()
        except BrokenProcessPool:
            return died(item)
        finally:
            _end(alone)


def _start(workers: int) -> ProcessPoolExecutor:
    """A pool of fresh processes: a forked one would inherit threads, open files and locks."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(Path.cwd(),))


def _start_worker(folder: Path) -> None:
    """Stand where the parent stands, which spawned processes do not, and leave Ctrl-C to it.

    The parent ends its workers; their own answer to Ctrl-C would be a screen of tracebacks.
    """
    with suppress(OSError):
        os.chdir(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(executor: ProcessPoolExecutor) -> None:
    """End the workers whatever they are at: the parent alone writes, so nothing is left half done."""
    processes = list((executor._processes or {}).values())  # Python 3.14 has terminate_workers()
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
