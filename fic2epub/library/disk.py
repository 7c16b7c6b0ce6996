"""Bytes to a path: the whole file or nothing, and what the disk refuses in a sentence.

The new file is written beside the target under a name of its own, flushed to the disk, and then renamed
(``renaming``). While it is written it is locked, so that what a killed run left can be told from what another
run is writing.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fic2epub.errors import OutputError, OutputExistsError
from fic2epub.library.names import backup_names
from fic2epub.library.renaming import flush_folder, rename_to_free

__all__ = ["Signature", "is_part", "put", "set_aside", "signature", "sweep", "sweep_beside", "told"]

_POSIX = os.name == "posix"
_PART_RE = re.compile(r"\..{1,60}\.[0-9a-f]{8}\.part", re.DOTALL)
"""The temporary names that `put` gives."""

Signature = tuple[int, int, int]
"""Node, size in bytes and time in nanoseconds: whether a file is still the one that was looked at."""


def put(content: bytes, goal: Path, expected: Signature | None, *, keep: bool = False) -> Path | None:
    """Write the file whole or not at all; returns the backup's path if the old one was to be kept.

    ``expected`` is the signature of what may be replaced, None for nothing. It is checked again just
    before the rename: something may have come there since.
    """
    part = goal.with_name(f"{_part_of(goal)}{os.urandom(4).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(part, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _lock(descriptor)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            if _POSIX:  # still locked; Windows renames no open file
                backup = _rename(part, goal, expected, keep=keep)
        if not _POSIX:
            backup = _rename(part, goal, expected, keep=keep)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    flush_folder(goal.parent)
    return backup


def _rename(part: Path, goal: Path, expected: Signature | None, *, keep: bool) -> Path | None:
    """Give the finished file its name, unless something came there meanwhile."""
    if (signature(goal.stat()) if os.path.lexists(goal) else None) != expected:
        raise _changed(goal)
    if expected is None:
        try:
            rename_to_free(part, goal)
        except FileExistsError:
            raise _changed(goal) from None
        return None
    backup = set_aside(goal) if keep else None
    try:
        part.replace(goal)
    except OSError:
        if backup:
            backup.replace(goal)
        raise
    return backup


def _changed(goal: Path) -> OutputExistsError:
    return OutputExistsError(f"{goal}: was changed while the book was made. It is left alone; run again.")


def is_part(name: str) -> bool:
    """Whether a file's name is one of those that `put` gives to a file that is not whole yet."""
    return _PART_RE.fullmatch(name) is not None


def _part_of(goal: Path) -> str:
    """How the temporary names of a file begin."""
    return f".{goal.name[:60]}."


def sweep_beside(goal: Path) -> int:
    """Remove what killed runs left of one file, and of no other; gives their number."""
    try:
        names = os.listdir(goal.parent)  # noqa: PTH208 - no Path for every file
    except OSError:
        return 0
    left = [name for name in names if name.startswith(_part_of(goal)) and is_part(name)]
    return sum(sweep(goal.with_name(name)) for name in left)


def sweep(part: Path) -> bool:
    """Remove what a killed run left; False if another run is writing it, or the disk refuses."""
    try:
        descriptor = os.open(part, os.O_RDONLY)
    except OSError:
        return False
    try:
        if not _lock(descriptor):
            return False
    finally:
        os.close(descriptor)
    with suppress(OSError):
        part.unlink()
        return True
    return False


def _lock(descriptor: int) -> bool:
    """Lock an open file for as long as it is open; False if another has locked it.

    Windows refuses by itself to remove an open file, and some disks know no locks: both count as free.
    """
    if not _POSIX:
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def set_aside(goal: Path) -> Path:
    """Rename a file to its first backup name that is free."""
    backup = next(path for path in map(goal.with_name, backup_names(goal.name)) if not os.path.lexists(path))
    goal.rename(backup)
    return backup


def signature(state: os.stat_result) -> Signature:
    """What tells one state of a file from another."""
    return state.st_ino, state.st_size, state.st_mtime_ns


_ADVICE = {
    errno.ENOSPC: "the disk is full. Make room, or name another folder with -o.",
    errno.EDQUOT: "your quota on this disk is used up. Make room, or name another folder with -o.",
    errno.EROFS: "the disk is read-only. Name another folder with -o.",
    errno.EACCES: "you may not write there. Name another folder with -o.",
    errno.EPERM: "you may not write there. Name another folder with -o.",
    errno.ENAMETOOLONG: "the name is too long for this disk. Name a shorter file with -o.",
    errno.ENOTDIR: "a part of the path is a file, not a folder. Name another folder with -o.",
    errno.EEXIST: "a part of the path is a file, not a folder. Name another folder with -o.",
    errno.EIO: "the disk reports an error. Was the e-reader unplugged?",
    errno.ENODEV: "the disk is gone. Was the e-reader unplugged?",
    errno.ELOOP: "the path is a link that leads back to itself. Name another file with -o.",
}


@contextmanager
def told(target: Path) -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        reason = _ADVICE.get(error.errno or 0, f"{error.strerror or error}.")
        raise OutputError(f"{target}: cannot be written: {reason}") from error
