"""One writer at a time in a library: ``.fic2epub/lock``, with the writer's host and process.

1. The file is held with the system's own lock, which ends with the process however that ends. So a lock
   left by a process that was killed is taken over without a question. [certain]
2. Where the disk knows no locks (some network disks), the process number decides: one that is gone on
   this host is taken over. [likely]
3. What another host left is never taken over: whether its process lives cannot be told from here. [certain]

The file stays when the lock is given back, empty: removing it would race with the next writer.
"""

import json
import os
import socket
from contextlib import suppress
from pathlib import Path

from fic2epub.errors import LibraryBusyError, LibraryError

__all__ = ["LOCK_NAME", "WriterLock"]

LOCK_NAME = "lock"
_FAR = 1 << 20
"""Where Windows locks a byte, behind the text: a locked byte cannot be read there."""


class WriterLock:
    """The right to write to a library; ``release`` gives it back."""

    def __init__(self, folder: Path) -> None:
        """Take it. ``folder`` is the library's ``.fic2epub``, which exists.

        Raises LibraryBusyError, with host and process, if another writer has it; LibraryError if the disk
        refuses the file.
        """
        self.path = folder / LOCK_NAME
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise LibraryError(
                f"{self.path}: cannot be written ({error.strerror or error}). The library is only readable."
            ) from error
        try:
            self._take(folder.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _take(self, library: Path) -> None:
        held = _hold(self._descriptor)
        owner = self._owner()
        host, process = owner or ("", 0)
        here = socket.gethostname()
        if held is False or (owner and host == here and held is None and _alive(process)):
            name = f"process {process} on {host}" if owner else "another process"
            raise LibraryBusyError(f"{library}: {name} is writing to this library. Wait until it has ended.")
        if owner and host != here:
            raise LibraryBusyError(
                f"{library}: process {process} on the computer {host} is writing to this library, "
                f"or was ended there. If nothing runs on {host} any more, delete {self.path} and run again."
            )
        self._write(json.dumps({"host": here, "process": os.getpid()}).encode())

    def _owner(self) -> tuple[str, int] | None:
        """Host and process that the file names; None if it is empty or holds something else."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        try:
            data = json.loads(os.read(self._descriptor, 4096))
            return str(data["host"]), int(data["process"])
        except (ValueError, KeyError, TypeError, OSError):
            return None

    def _write(self, content: bytes) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, content)

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        if self._descriptor >= 0:
            with suppress(OSError):  # a disk that has gone has no lock either
                self._write(b"")
            os.close(self._descriptor)
            self._descriptor = -1


def _hold(descriptor: int) -> bool | None:
    """Take the system's lock: False if another has it, None if this disk has no locks."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _alive(process: int) -> bool:
    """Whether a process of this host lives, as far as can be told."""
    if process <= 0 or process == os.getpid():
        return False
    if os.name == "nt":  # os.kill ends a process there; without a lock of the disk's, believe the file
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
