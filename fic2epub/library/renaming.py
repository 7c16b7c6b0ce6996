"""A finished file gets its name if that is free: whatever came there meanwhile is never replaced.

1. A second link, and the first is taken away: in one step wherever a disk knows links. [certain]
2. The system's own call for it: FAT, the disk of most e-readers, knows no links. [certain]
3. Where there is neither, the name is looked at just before. [likely]
"""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["flush_folder", "rename_to_free"]

UNKNOWN = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.ENOTSUP})
"""What is said where the disk or the system knows no such thing."""

_AT_FDCWD = -2 if sys.platform == "darwin" else -100
_RENAME_NOREPLACE = 4 if sys.platform == "darwin" else 1


def rename_to_free(part: Path, goal: Path) -> None:
    """Rename a file within its folder. Raises FileExistsError if the name is taken, OSError for the rest."""
    try:
        os.link(part, goal)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in UNKNOWN:
            raise
    else:
        part.unlink()
        return
    if _renamed_by_the_system(part, goal):
        return
    if os.path.lexists(goal):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(goal))
    part.rename(goal)  # Windows refuses a name that is taken by itself


def _renamed_by_the_system(part: Path, goal: Path) -> bool:
    """Rename without replacing, where the system has a call for it; False if it or the disk has none.

    ``renameat2`` of Linux (FAT knows it since 3.17, exFAT since 5.7), ``renameatx_np`` of macOS.
    """
    if sys.platform == "win32":
        return False
    import ctypes  # late: most disks know links

    library = ctypes.CDLL(None, use_errno=True)
    rename = getattr(library, "renameatx_np" if sys.platform == "darwin" else "renameat2", None)
    if rename is None:
        return False
    paths = (_AT_FDCWD, os.fsencode(part), _AT_FDCWD, os.fsencode(goal))
    if rename(*paths, ctypes.c_uint(_RENAME_NOREPLACE)) == 0:
        return True
    number = ctypes.get_errno()
    if number in UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), os.fspath(goal))


def flush_folder(folder: Path) -> None:
    """Bring a rename to the disk; only POSIX systems can, and not every disk does."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
