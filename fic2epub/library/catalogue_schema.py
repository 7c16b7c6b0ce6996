"""The catalogue's file: its tables, how it is opened, and what SQLite says of it in words.

``book`` and ``work`` are made of the books' records and can be made again. ``dump`` remembers which dump
made which book, so that nothing unchanged is read again; without it the next run reads all dumps once.
``stranger`` holds the EPUBs that are not ours, so that they are looked into once.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fic2epub.errors import LibraryBusyError, LibraryError
from fic2epub.library.house import CATALOGUE_NAME, HOUSE
from fic2epub.library.search_text import TOKENIZER

__all__ = [
    "CATALOGUE_NAME",
    "HOUSE",
    "check",
    "connect",
    "create",
    "is_damage",
    "is_local",
    "is_readable",
    "is_whole",
    "remove",
    "told",
]

APPLICATION = 0x66326570
"""``f2ep``, in the file's head: ``file`` and SQLite's own tools show it."""
VERSION = 2
"""Raised with every change below, for which `_STEPS` then has a step."""

_WAIT = 10.0
"""Seconds to wait for a lock that is held for the moment of a write."""

TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE book (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  folded TEXT NOT NULL,
  identifier TEXT NOT NULL,
  title TEXT NOT NULL,
  anthology INTEGER NOT NULL,
  modified TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  revision TEXT NOT NULL,
  edited INTEGER NOT NULL,
  options TEXT NOT NULL,
  program TEXT NOT NULL,
  story INTEGER NOT NULL
);
CREATE INDEX book_folded ON book (folded);
CREATE INDEX book_identifier ON book (identifier);
CREATE TABLE work (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  book INTEGER NOT NULL REFERENCES book (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  work TEXT NOT NULL,
  work_id TEXT,
  source TEXT,
  metadata TEXT NOT NULL,
  summary TEXT,
  words INTEGER NOT NULL,
  chapters INTEGER NOT NULL,
  unsure INTEGER NOT NULL,
  inferred INTEGER NOT NULL,
  confidence REAL NOT NULL,
  notes INTEGER NOT NULL,
  title_key TEXT NOT NULL,
  author_key TEXT NOT NULL
);
CREATE INDEX work_book ON work (book, position);
CREATE INDEX work_work ON work (work);
CREATE INDEX work_title ON work (title_key);
CREATE TABLE facet (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  book INTEGER NOT NULL REFERENCES book (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, value, book)
) WITHOUT ROWID;
CREATE INDEX facet_book ON facet (book);
CREATE VIRTUAL TABLE search USING fts5 (
  title, author, tags, summary, notes, story, tokenize = "{TOKENIZER}"
);
CREATE TABLE dump (
  path BLOB PRIMARY KEY,
  size INTEGER NOT NULL,
  mtime_ns INTEGER,
  source TEXT NOT NULL,
  text TEXT,
  corrections TEXT NOT NULL,
  options TEXT NOT NULL,
  program TEXT NOT NULL,
  work TEXT NOT NULL,
  work_id TEXT,
  chapters INTEGER NOT NULL,
  words INTEGER NOT NULL,
  book TEXT NOT NULL,
  book_mark TEXT,
  status TEXT NOT NULL,
  title TEXT NOT NULL,
  message TEXT,
  account TEXT
) WITHOUT ROWID;
CREATE INDEX dump_work ON dump (work);
CREATE INDEX dump_book ON dump (book);
CREATE TABLE stranger (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
"""

_STEPS = {1: "ALTER TABLE dump ADD COLUMN account TEXT;"}
"""What makes the next version of each older one. Nothing is lost: what was not kept then is unknown now."""

_SHARED_DISKS = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs afs afpfs 9p ncpfs ceph glusterfs lustre beegfs gpfs ocfs2 gfs2 "
    "davfs fuse fuse.sshfs fuse.rclone fuse.s3fs fuse.glusterfs fuse.davfs2 vboxsf prl_fs virtiofs".split()
)


class OtherVersionError(sqlite3.DatabaseError):
    """A catalogue of a version that this one cannot read: not damaged, but it is to be made again too."""


def connect(path: Path, *, write: bool, still: bool = False) -> sqlite3.Connection:
    """Open a catalogue's file. A reader never makes or changes one; it may lie on a disk that is read-only.

    A reader that keeps ``still`` leaves no trace either, not even for a moment. Raises sqlite3.Error.
    """
    uri = f"file:{_quoted(path)}"
    if write:
        connection = sqlite3.connect(f"{uri}?mode=rwc", uri=True, timeout=_WAIT, isolation_level=None)
    else:
        connection = _reader(uri, path, still=still)
    try:
        if write:
            local = is_local(path.parent)
            connection.execute(f"PRAGMA journal_mode = {'WAL' if local else 'DELETE'}").fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -8000")
    except BaseException:
        connection.close()
        raise
    return connection


def _reader(uri: str, path: Path, *, still: bool) -> sqlite3.Connection:
    """A connection that only reads; as of a file that nobody changes if nothing may be written beside it."""
    quiet = still or not os.access(path.parent, os.W_OK)
    in_use = any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
    mode = "mode=ro&immutable=1" if quiet and not in_use else "mode=rw"
    # A server hands its readers from thread to thread, one at a time.
    connection = sqlite3.connect(
        f"{uri}?{mode}", uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: Path) -> str:
    """A path as SQLite's file URIs want it."""
    from urllib.parse import quote

    return quote(os.fsencode(path.absolute().as_posix()))


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or bring those of an older version up to date, in one step.

    Leaves a file of this version as it is. Raises sqlite3.Error.
    """
    if is_whole(connection):
        return
    if is_readable(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        steps = "".join(_STEPS[number] for number in range(version, VERSION))
        connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;")
        return
    if _head(connection)[0] == APPLICATION:
        raise OtherVersionError("made by another version")
    connection.executescript(
        f"BEGIN; {TABLES} INSERT INTO meta VALUES ('name', lower(hex(randomblob(4)))), ('changes', '0');"
        f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    )


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether this is a catalogue of this version. Raises sqlite3.Error for what is no database."""
    return _head(connection) == (APPLICATION, VERSION)


def is_readable(connection: sqlite3.Connection) -> bool:
    """Whether this is a catalogue whose books can be read: of this version, or of one that leads to it.

    Only writers need the newest. Raises sqlite3.Error for what is no database.
    """
    application, version = _head(connection)
    return application == APPLICATION and (version == VERSION or version in _STEPS)


def _head(connection: sqlite3.Connection) -> tuple[int, int]:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    return application, version


def check(connection: sqlite3.Connection) -> None:
    """Read the whole file once. Raises sqlite3.DatabaseError if a page is torn."""
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise sqlite3.DatabaseError(said)


def remove(path: Path, *, whole: bool = True) -> None:
    """Remove a catalogue's file and what belongs to it, or only that; the caller has the lock."""
    for end in ("-wal", "-shm", "-journal", *([""] if whole else [])):
        path.with_name(path.name + end).unlink(missing_ok=True)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is torn, or of another make: it is to be made again.

    A full disk, a lock or a refusal is none of it: the file may be whole.
    """
    if isinstance(error, sqlite3.OperationalError):
        said = str(error)
        return said.startswith(("no such table", "no such column", "vtable")) or said.endswith("exists")
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.ProgrammingError)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if isinstance(error, OtherVersionError):
            raise LibraryError(
                f"{folder}: its catalogue was {said}. Make it again: fic2epub library rebuild {folder}"
            ) from error
        if "locked" in said or "busy" in said:
            raise LibraryBusyError(f"{folder}: the catalogue is being written. Try again.") from error
        if is_damage(error):
            raise LibraryError(
                f"{folder}: its catalogue is damaged ({said}). "
                f"Make it again: fic2epub library rebuild {folder}"
            ) from error
        advice = "Make room on the disk." if "full" in said else "May you write there?"
        raise LibraryError(f"{folder}: the catalogue cannot be used ({said}). {advice}") from error


def is_local(folder: Path) -> bool:
    """Whether a folder lies on a disk of this computer, as far as the system says.

    SQLite's write-ahead log needs memory that all its users share, so it must not be used over a network
    (sqlite.org/wal.html, read 2026-08). When in doubt the answer is no: the other journal is only slower.
    """
    path = os.path.realpath(folder)
    if os.name == "nt":
        import ctypes

        drive = os.path.splitdrive(path)[0] + "\\"
        remote = 4
        return not path.startswith("\\\\") and bool(
            ctypes.windll.kernel32.GetDriveTypeW(drive) != remote  # type: ignore[attr-defined,unused-ignore]
        )
    with suppress(OSError):
        return _disk_kind(path, Path("/proc/self/mountinfo").read_text(errors="replace")) not in _SHARED_DISKS
    return not path.startswith("/Volumes/")


def _disk_kind(path: str, mounts: str) -> str:
    """The type of the file system that holds a path, from Linux's table of mounts (proc(5))."""
    best, kind = "", ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ", 1)[0]
    return kind
