"""A book's bytes onto a device: whole and compared, or not at all, and on no other disk than that one.

1. The disk is known by its number before anything is written, and asked for it again at every step: a
   folder where a device was mounted is a folder of the computer once the device is pulled out.
2. The bytes go into a hidden file of our own beside the goal, to the disk, and are read again from there.
   (The system may answer from memory, although it is asked not to: a check of the way, no proof of the
   flash.)
3. That file is renamed to a name that is free, or over the very file that was looked at.
4. Whatever fails, our own file is taken away and nothing else is touched.

Attributes of files are never copied: macOS would put them into ``._NAME`` on FAT, which a Kobo lists as a
book.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fic2epub.errors import DeliveryError, DeviceFullError, DeviceGoneError, NameTakenError
from fic2epub.library.renaming import flush_folder, rename_to_free
from fic2epub.values import dataclass

__all__ = ["Stamp", "Volume", "check_room", "make_folder", "put", "remove", "remove_leftovers", "stamp"]

Stamp = tuple[int, int]
"""Size in bytes and time in nanoseconds: whether a file is still the one that was looked at.

Not its node: on FAT and behind FUSE a file may have another one each time it is asked for.
"""

RESERVE = 4 << 20
"""Bytes that stay free on a device: its own database grows with every book."""

GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN})
GONE_ON_WINDOWS = frozenset({21, 55, 433, 1167})
"""ERROR_NOT_READY, DEV_NOT_EXIST, NO_SUCH_DEVICE, DEVICE_NOT_CONNECTED."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LEFTOVER_AGE = 24 * 3600
"""Seconds. FAT keeps local time, so a younger file may be one that is being written."""

_PART_RE = re.compile(r"\.fic2epub-[0-9a-f]{8}\.part")
_FULL_REASON = "there is no room left. Take books off it (send --remove), or send fewer."
_REASONS = {
    errno.EROFS: "the disk is read-only. Is its write protection on, or does it need a repair?",
    errno.EACCES: "you may not write there.",
    errno.EPERM: "you may not write there.",
    errno.ENAMETOOLONG: "the name is too long for its disk.",
    errno.EFBIG: "the book is larger than its disk allows a file to be.",
    errno.ENOTDIR: "a part of the path is a file, not a folder.",
    errno.EEXIST: "a part of the path is a file, not a folder.",
}


@dataclass(frozen=True, slots=True)
class Volume:
    """A disk that is being written to."""

    top: Path
    name: str
    """The device's, for sentences."""
    number: int
    """What the system counts the disk by, as it was when the work began."""

    @classmethod
    def of(cls, top: Path, name: str) -> "Volume":
        """The disk that a folder lies on now. Raises DeviceGoneError if the folder is not there."""
        try:
            return cls(top, name, top.stat().st_dev)
        except OSError as error:
            raise _gone(name) from error

    def is_there(self) -> bool:
        """Whether the same disk is still mounted there."""
        try:
            return self.top.stat().st_dev == self.number
        except OSError:
            return False

    def check(self, path: Path | None = None) -> None:
        """Raise DeviceGoneError unless the disk is there, and a path of it lies on it and nowhere else."""
        if not self.is_there():
            raise _gone(self.name)
        if path is not None:
            with self.told(path):
                if path.stat().st_dev != self.number:
                    raise _gone(self.name)

    @contextmanager
    def told(self, path: Path) -> Iterator[None]:
        """Turn what the disk refuses into a sentence, and tell a disk that is gone from one that is full."""
        try:
            yield
        except OSError as error:
            raise self._error(error, path) from error

    def _error(self, error: OSError, path: Path) -> DeliveryError:
        if error.errno in GONE or getattr(error, "winerror", None) in GONE_ON_WINDOWS or not self.is_there():
            return _gone(self.name)
        if error.errno in FULL:
            return DeviceFullError(f"{self.name}: {_FULL_REASON}")
        reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}.")
        return DeliveryError(f"{path}: cannot be written: {reason}")


def _gone(name: str) -> DeviceGoneError:
    return DeviceGoneError(
        f"{name}: is gone. Was it unplugged? No book on it was replaced by half of one. Connect it again."
    )


def stamp(state: os.stat_result) -> Stamp:
    """What tells one state of a file from another."""
    return state.st_size, state.st_mtime_ns


def check_room(volume: Volume, size: int) -> None:
    """Raise DeviceFullError unless a file of this size fits, with a reserve for the device itself.

    The reserve is 4 MB, or a 64th of a disk that is smaller than 256 MB. A disk that does not say
    how large it is (some behind FUSE) is taken to have room, and will refuse by itself.
    """
    with volume.told(volume.top):
        usage = shutil.disk_usage(volume.top)
    if usage.total and usage.free < size + min(RESERVE, usage.total // 64):
        free, needed = (f"{number / 1e6:,.1f} MB" for number in (usage.free, size))
        raise DeviceFullError(f"{volume.name}: {free} are free, and the book needs {needed}: {_FULL_REASON}")


def make_folder(volume: Volume, folder: Path) -> None:
    """Make a folder on the disk, with those above it. Raises DeliveryError if it leads elsewhere."""
    volume.check()
    missing = []
    at = folder
    while at != volume.top and not os.path.lexists(at):
        missing.append(at)
        at = at.parent
    _check_inside(at, volume)
    for path in reversed(missing):
        with volume.told(path):
            path.mkdir(exist_ok=True)
        try:
            volume.check(path)
        except DeviceGoneError:
            with suppress(OSError):
                path.rmdir()  # made on the computer's own disk, where the device was mounted
            raise
    volume.check(folder)


def _check_inside(folder: Path, volume: Volume) -> None:
    """Raise DeliveryError for a folder that is reached from the disk and does not lie below its top."""
    if not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(volume.top)):
        raise DeliveryError(f"{folder}: is a link that leads away from {volume.top}. Nothing is done there.")


def put(content: bytes, goal: Path, volume: Volume, *, replaces: Stamp | None = None) -> None:
    """Write a file by the rules above; ``replaces`` is the stamp of the one it may take the place of.

    Raises DeviceGoneError, DeviceFullError, NameTakenError if something stands there that was not looked at,
    and DeliveryError for everything else that the disk refuses.
    """
    part = goal.with_name(f".fic2epub-{secrets.token_hex(4)}.part")
    try:
        with volume.told(goal):
            _write(content, part, volume)
            _compare(content, part, volume)
            volume.check(part)
            if replaces is None:
                _rename_to_free(part, goal)
            elif stamp(goal.stat()) == replaces:
                part.replace(goal)
            else:
                raise _taken(goal)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    flush_folder(goal.parent)
    volume.check(goal)


def remove(goal: Path, volume: Volume, *, expected: Stamp) -> None:
    """Take a file off the disk, if it is still the one that was looked at. Errors as for `put`."""
    volume.check(goal.parent)
    _check_inside(goal.parent, volume)
    with volume.told(goal):
        if stamp(goal.stat()) != expected:
            raise _taken(goal)
        goal.unlink()
    flush_folder(goal.parent)
    volume.check()


def remove_leftovers(folder: Path, volume: Volume, *, now: float | None = None) -> None:
    """Take away our own unfinished files of an earlier day, left when a device was pulled out."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _PART_RE.fullmatch(path.name):
                state = path.lstat()
                if state.st_dev == volume.number and (now or time.time()) - state.st_mtime > LEFTOVER_AGE:
                    path.unlink()


def _write(content: bytes, part: Path, volume: Volume) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(part, flags, 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        if os.fstat(descriptor).st_dev != volume.number:
            raise _gone(volume.name)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
        if hasattr(os, "posix_fadvise"):
            with suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, getattr(os, "POSIX_FADV_DONTNEED", 4))


def _compare(content: bytes, part: Path, volume: Volume) -> None:
    """Read the file again, opened anew. Raises DeliveryError if it holds anything else."""
    digest = hashlib.sha256()
    with part.open("rb", buffering=0) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    if digest.digest() != hashlib.sha256(content).digest():
        volume.check()
        raise DeliveryError(
            f"{volume.name}: what was read back is not what was written. Its disk may be failing: repair it, "
            "or try another cable. The book was taken off again."
        )


def _rename_to_free(part: Path, goal: Path) -> None:
    try:
        rename_to_free(part, goal)
    except FileExistsError:
        raise _taken(goal) from None


def _taken(goal: Path) -> NameTakenError:
    return NameTakenError(f"{goal}: another file came there meanwhile. It is left alone; run again.")
