"""The work of a batch on a Dask cluster: dumps and books lie on a disk that all its computers share.

``dask.distributed`` (extra ``cluster``) behind the same call as the processes of this computer (``pool``).
Workers read dumps and give finished books back as values; they write nothing. An item whose worker was
ended is given to another by Dask itself; one that ends several is a failed dump.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cluster_in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items per thread of the cluster that are on their way at a time, as in ``pool``."""
PATIENCE = 30
"""Seconds to wait for the scheduler to answer."""


def cluster_in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    address: str,
    died: Callable[[Item], Result],
) -> Generator[Result, None, None]:
    """`pool.in_order` on the cluster whose scheduler is at an address, ``tcp://host:8786``.

    Raises UsageError if the extra is not installed or nobody answers there.
    """
    with _client(address) as client:
        from distributed import KilledWorker

        waiting: deque[tuple[Item, Any]] = deque()
        coming = iter(items)
        more = True
        while more or waiting:
            while more and len(waiting) < AHEAD * max(1, _threads(client)):
                try:
                    item = next(coming)
                except StopIteration:
                    more = False
                    break
                # pure=False: the same dump may be asked for again, when its book has changed.
                waiting.append((item, client.submit(function, item, pure=False)))
            if waiting:
                item, future = waiting.popleft()
                try:
                    result = future.result()
                except KilledWorker:
                    result = died(item)
                future.release()
                yield result


def _threads(client: Any) -> int:
    """How many items the cluster works on at a time, now: workers come and go."""
    return sum(client.nthreads().values())


@contextmanager
def _client(address: str) -> "Iterator[Any]":
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--scheduler needs the package dask.distributed: pip install 'fic2epub[cluster]'"
        ) from error
    try:
        connect: Any = Client  # it has no types
        client = connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"--scheduler {address}: no Dask scheduler answers there ({error}). Start one: dask scheduler"
        ) from error
    try:
        yield client
    finally:
        client.close()
