"""The dumps of a run and what is to be done with each, kept on the disk: a run may have any number of them.

A list of 100,000 in memory takes as much as all else that the run needs. SQLite keeps it in a file of its
own in the system's folder for temporary files, of which a megabyte is in memory; the file goes in any case.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from fic2epub.errors import LibraryError
from fic2epub.values import dataclass

__all__ = ["Task", "TaskList"]

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000;
CREATE TABLE seen (number INTEGER PRIMARY KEY, key BLOB, path BLOB, why TEXT, work TEXT, fresh_time INTEGER);
CREATE TABLE task (number INTEGER PRIMARY KEY, key BLOB, path BLOB, why TEXT, work TEXT, fresh_time INTEGER);
"""
_ARRANGE = """
CREATE INDEX seen_work ON seen (work) WHERE why IS NOT NULL;
INSERT INTO task (key, path, why, work, fresh_time)
  SELECT key, path, why, work, fresh_time FROM seen
  ORDER BY CASE WHEN why IS NULL OR work IS NULL THEN number
    ELSE (SELECT min(other.number) FROM seen AS other WHERE other.work = seen.work AND other.why IS NOT NULL)
    END, number;
DROP TABLE seen;
CREATE INDEX task_key ON task (key);
"""
_COLUMNS = "path, why, work, fresh_time"
_AT_A_TIME = 256


@dataclass(frozen=True, slots=True)
class Task:
    """A dump and what is to be done with it."""

    path: str
    why: str | None
    """Why it is made again; None if it is not."""
    work: str | None = None
    """The work id or the address that its header names, to find others of the same work (``work_hint``)."""
    fresh_time: int | None = None
    """The new time of a dump whose bytes are as they were."""


class TaskList:
    """Tasks in their order, but those to be made of one work stand at the place of the first of them.

    Each comes with the key by which the catalogue knows its dump. Raises LibraryError, here and in all
    methods, if there is no room for temporary files.
    """

    def __init__(self, tasks: Iterable[tuple[bytes, Task]]) -> None:
        with _told():
            self._connection = sqlite3.connect("", isolation_level=None)
            self._connection.executescript(_TABLES)
        rows = ((key, os.fsencode(one.path), one.why, one.work, one.fresh_time) for key, one in tasks)
        while some := list(islice(rows, _AT_A_TIME)):
            with _told():
                self._keep(some)
        with _told():
            self._connection.executescript(_ARRANGE)
            self._number, self._to_make = self._connection.execute(
                "SELECT count(*), count(why) FROM task"
            ).fetchone()

    def _keep(self, rows: Sequence[tuple[object, ...]]) -> None:
        sql = "INSERT INTO seen (key, path, why, work, fresh_time) VALUES (?,?,?,?,?)"
        self._connection.execute("BEGIN")
        self._connection.executemany(sql, rows)
        self._connection.execute("COMMIT")

    @property
    def to_make(self) -> int:
        """How many are to be made."""
        return int(self._to_make)

    def __len__(self) -> int:
        return int(self._number)

    def __iter__(self) -> Iterator[Task]:
        """All tasks; several may be on their way through the list at a time."""
        last = 0
        while True:
            sql = f"SELECT number, {_COLUMNS} FROM task WHERE number > ? ORDER BY number LIMIT ?"
            with _told():
                rows = self._connection.execute(sql, (last, _AT_A_TIME)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (_task(row[1:]) for row in rows)

    def find(self, key: bytes) -> tuple[int, Task] | None:
        """The task of a dump and its place in the order, from 0; None if the run has no such dump."""
        sql = f"SELECT number, {_COLUMNS} FROM task WHERE key = ? ORDER BY number DESC LIMIT 1"
        with _told():
            row = self._connection.execute(sql, (key,)).fetchone()
        return None if row is None else (row[0] - 1, _task(row[1:]))


def _task(row: tuple[bytes, str | None, str | None, int | None]) -> Task:
    return Task(os.fsdecode(row[0]), *row[1:])


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LibraryError(
            f"The list of dumps cannot be kept ({error}). Make room in the folder for temporary files, or "
            "name another one in TMPDIR."
        ) from error
