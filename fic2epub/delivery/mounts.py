"""Where e-readers may be mounted: Linux, macOS, Windows.

What each system says is read by a pure function, so that all three can be tried on any machine; `mounts`
asks the one that runs. Nothing is looked at but the list itself: what is mounted there, ``markers`` tells.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fic2epub.values import dataclass

__all__ = ["Mount", "linux_mounts", "mac_mounts", "mounts", "windows_mounts"]

MOUNTINFO = Path("/proc/self/mountinfo")
VOLUMES = Path("/Volumes")
PLACES = ("/media/", "/run/media/", "/mnt/")
"""Where Linux puts what a person plugs in (Filesystem Hierarchy Standard 3.0; udisks2)."""

UNASKED = frozenset(
    "afs autofs ceph cifs davfs fuse.gvfsd-fuse fuse.jmtpfs fuse.portal fuse.rclone fuse.s3fs fuse.sshfs "
    "fuse.simple-mtpfs lustre ncpfs nfs nfs4 overlay smb3 smbfs squashfs".split()
)
"""Kinds of disk on which no e-reader is, or whose answer may never come.

MTP through FUSE can neither rename nor be trusted to say when a file is written.
"""

_OCTAL_RE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A place where a disk is mounted."""

    path: Path
    label: str
    """What its owner calls it: udisks and macOS name the folder by the disk's label."""
    read_only: bool = False


def mounts() -> tuple[Mount, ...]:
    """Where e-readers may be mounted on this machine, in the order of their paths."""
    if sys.platform == "win32":
        return windows_mounts(_drives(), os.environ.get("SYSTEMDRIVE", "C:"), _label)
    elif sys.platform == "darwin":
        return mac_mounts(path for path in _listed(VOLUMES) if not path.is_symlink())
    else:
        try:
            # Python's own decoding of file names, since a mount may be called in any bytes.
            return linux_mounts(os.fsdecode(MOUNTINFO.read_bytes()))
        except OSError:
            return ()


def linux_mounts(mountinfo: str) -> tuple[Mount, ...]:
    r"""Those of ``/proc/self/mountinfo`` (Linux, proc(5)) that lie where a person's disks do.

    Of several disks mounted on one place the last is seen, so the last counts.

    >>> line = "42 27 8:17 / /media/ada/KOBO\\040eReader rw - vfat /dev/sdb1 rw"
    >>> [mount.path.as_posix() for mount in linux_mounts(line)]
    ['/media/ada/KOBO eReader']
    """
    found: dict[str, Mount] = {}
    for line in mountinfo.split("\n"):
        fields, parted, rest = line.partition(" - ")
        words, kind = fields.split(" "), rest.partition(" ")[0]
        if not parted or len(words) < 6:
            continue
        path = _OCTAL_RE.sub(lambda match: os.fsdecode(bytes([int(match[1], 8)])), words[4])
        found.pop(path, None)
        if f"{path}/".startswith(PLACES) and kind not in UNASKED and "/gvfs" not in path:
            options = {*words[5].split(","), *rest.rpartition(" ")[2].split(",")}
            found[path] = Mount(Path(path), Path(path).name, "ro" in options)
    return tuple(sorted(found.values(), key=lambda mount: mount.path))


def mac_mounts(volumes: Iterable[Path]) -> tuple[Mount, ...]:
    """The folders of ``/Volumes``, without hidden ones (``.timemachine``) and disk images of updates.

    The system's own disk is a link there and is not to be among them.
    """
    seen = (path for path in volumes if not path.name.startswith((".", "com.apple.")))
    return tuple(Mount(path, path.name) for path in sorted(seen))


def windows_mounts(
    drives: Sequence[str], system: str, label: Callable[[str], str | None] | None = None
) -> tuple[Mount, ...]:
    r"""Drives such as ``E:\`` but for the system's own; ``label`` gives a drive's name.

    >>> [mount.label for mount in windows_mounts(["C:\\", "E:\\"], "C:", lambda drive: "KOBOeReader")]
    ['KOBOeReader']
    """
    own = system.rstrip("\\").casefold()
    others = [drive for drive in drives if drive.rstrip("\\").casefold() != own]
    named = ((drive, label(drive) if label else None) for drive in sorted(others))
    return tuple(Mount(Path(drive), name or drive.rstrip("\\")) for drive, name in named)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


if sys.platform == "win32":
    import ctypes

    _REMOVABLE_OR_FIXED = frozenset({2, 3})  # GetDriveTypeW: e-readers are either; no network, no CD

    def _drives() -> list[str]:
        r"""The drives that are disks, as ``E:\``; the system is told to ask for no medium."""
        kernel = ctypes.windll.kernel32
        kernel.SetErrorMode(1)  # SEM_FAILCRITICALERRORS: an empty card reader opens no window
        bits = kernel.GetLogicalDrives()
        letters = (f"{chr(ord('A') + place)}:\\" for place in range(26) if bits >> place & 1)
        return [drive for drive in letters if kernel.GetDriveTypeW(drive) in _REMOVABLE_OR_FIXED]

    def _label(drive: str) -> str | None:
        """A drive's name; None if it has none or does not answer."""
        name = ctypes.create_unicode_buffer(261)
        known = ctypes.windll.kernel32.GetVolumeInformationW(drive, name, 261, None, None, None, None, 0)
        return name.value or None if known else None
