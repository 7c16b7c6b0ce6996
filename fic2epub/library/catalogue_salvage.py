"""A catalogue made again, empty but for what no book can tell: what its owner decided.

1. Which dumps' books the owner took out of the library: else the next run would bring them back.
2. That the stories are to be searched too.

A damaged file gives what can still be read of it.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from fic2epub.library.catalogue_schema import create, remove

__all__ = ["make_again"]


def make_again(path: Path) -> None:
    """Put a new catalogue in the place of one; the caller has the lock.

    Killed in between, the old one stands, or the new one. Raises sqlite3.Error, or OSError if the disk
    refuses.
    """
    new = path.with_name(f"{path.name}.new")
    remove(new)
    stories, removed = _decided(path)
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        create(connection)
        known = {row[1] for row in connection.execute("PRAGMA table_info(dump)")}
        for row in removed:
            names = [name for name in row if name in known]
            sql = f"INSERT OR IGNORE INTO dump ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            connection.execute(sql, [row[name] for name in names])
        if stories:
            connection.execute("INSERT INTO meta VALUES ('stories', 'yes')")
    remove(path, whole=False)
    new.replace(path)


def _decided(path: Path) -> tuple[bool, list[dict[str, Any]]]:
    """Whether stories are indexed, and the rows of the dumps that are to stay out."""
    stories = False
    removed: list[dict[str, Any]] = []
    if not path.exists():
        return stories, removed
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        with suppress(sqlite3.Error):
            stories = bool(connection.execute("SELECT 1 FROM meta WHERE key = 'stories'").fetchone())
        for row in connection.execute("SELECT * FROM dump WHERE status = 'removed'"):
            removed.append(dict(row))
    return stories, removed
