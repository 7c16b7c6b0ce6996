"""What was made once and may be asked for again: kept in memory, within a limit of bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Cache"]

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key, the last used kept longest; safe to ask from several threads.

    ``limit`` is in whatever unit ``size`` counts. What is larger than the limit is made each time.
    """

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self._limit, self._size = limit, size
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._held = 0
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of a key, made if it is not there; two that ask at once do not make it twice.

        What ``make`` raises is passed on, and nothing is kept.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            turn = self._making.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                value = make()
                self._keep(key, value)
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _keep(self, key: Hashable, value: V) -> None:
        size = self._size(value)
        if size > self._limit:
            return
        with self._lock:
            self._kept[key] = value
            self._held += size
            while self._held > self._limit:
                _, gone = self._kept.popitem(last=False)
                self._held -= self._size(gone)
