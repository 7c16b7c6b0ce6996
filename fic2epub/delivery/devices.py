"""The e-readers that are there: found, described, and the one that is meant chosen.

A folder is a device if its owner marked it (``target_file``) or if it bears the markers of one
(``markers``); what its owner wrote counts for more. Nothing is written to look.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from fic2epub.delivery.markers import Format, Kind, Sighting, is_file, is_folder, recognise
from fic2epub.delivery.mounts import Mount
from fic2epub.delivery.target_file import TARGET_NAME, TargetFile, read_target_file
from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = [
    "Device",
    "Found",
    "as_koreader",
    "described_as",
    "device_at",
    "find_devices",
    "forgets",
    "plain_folder",
]

FORGETS: dict[Kind, str] = {
    "kobo": "A Kobo takes a changed file for a new book: reading position, bookmarks, collections are lost.",
    "kindle": "A Kindle may lose the reading position, bookmarks and highlights of a changed file.",
}
"""What becomes of a book whose file is replaced under its name (calibre's Kobo driver, read 2026-08)."""
FORGETS_PERHAPS = "The device may lose the reading position and bookmarks of a changed file."


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A place that books can be sent to."""

    kind: Kind
    name: str
    """What people call it: ``Kobo Libra Colour``, or what its owner wrote."""
    label: str
    """The name of its volume or folder; tells two of one kind apart."""
    top: Path
    folder: str
    """Where its books go, from the top, with ``/``; empty for the top itself."""
    format: Format
    koreader: bool = False
    """Whether KOReader is on it."""
    keeps_places: bool = False
    """Whether a changed book of the same name keeps the reader's place."""
    read_only: bool = False
    free: int = 0
    """In bytes."""
    total: int = 0
    whole: bool = True
    """Whether all of it is the device, so that books may lie in any of its folders."""
    key: str
    """Names it in the list of what was sent: no serial number in clear, no path of this machine."""

    @property
    def goal(self) -> Path:
        """The folder of its books; it may not exist yet."""
        return self.top / self.folder if self.folder else self.top


@dataclass(frozen=True, slots=True)
class Found:
    """What a look around found."""

    devices: tuple[Device, ...]
    problems: tuple[str, ...] = ()
    """A sentence for each marked folder whose file is wrong."""


def find_devices(mounts: Iterable[Mount], *, beside: Sequence[Path] = (), home: Path | None = None) -> Found:
    """The e-readers among some mounts, in their order, and the marked folders.

    Each folder of ``beside`` and the folders in it are looked at too, for disks that are mounted elsewhere
    and for marked folders. Of ``home`` only the marked folders in it are taken: whatever else is there may
    look like anything.
    """
    devices: dict[tuple[int, int] | Path, Device] = {}
    problems: dict[str, None] = {}

    def look(mount: Mount) -> bool:
        try:
            device = device_at(mount.path, label=mount.label, read_only=mount.read_only)
        except DeliveryError as error:
            problems[str(error)] = None
            return True
        if device is not None:
            devices.setdefault(_node(mount.path), device)
        return device is not None

    for mount in mounts:
        look(mount)
    for folder in beside:
        inner = [look(Mount(path, path.name)) for path in _folders(folder)]
        if not any(inner):  # a folder in which a disk called NOOK is mounted is no Nook
            look(Mount(folder, folder.resolve().name))
    for path in _folders(home) if home else ():
        if is_file(path / TARGET_NAME):
            look(Mount(path, path.name))
    return Found(tuple(devices.values()), tuple(problems))


def device_at(top: Path, *, label: str | None = None, read_only: bool = False) -> Device | None:
    """The device of which a folder is the top; None if it is none.

    Raises DeliveryError for a marked folder whose file is wrong.
    """
    said, seen = read_target_file(top), recognise(top)
    if said is None and seen is None:
        return None
    label = label or top.resolve().name
    seen = seen or Sighting(kind="folder", name=label, folder="", format="epub", koreader=False)
    device = _described(seen, top, label, read_only)
    return device if said is None else described_as(device, said)


def described_as(device: Device, said: TargetFile) -> Device:
    """The device, as its owner describes it."""
    return replace(
        device,
        name=said.name or device.name,
        format=said.format or device.format,
        folder=device.folder if said.folder is None else said.folder,
        keeps_places=device.keeps_places if said.keeps_places is None else said.keeps_places,
    )


def as_koreader(device: Device) -> Device:
    """The same device, for KOReader on it: it wants plain EPUB and finds its place by the file's name.

    KOReader keeps a sidecar beside the book, named like it, and reads Kobo's spans as noise (KOReader,
    docsettings.lua, read 2026-08).
    """
    return replace(device, format="epub", keeps_places=True)


def forgets(device: Device) -> str | None:
    """What the device forgets of a book that is replaced, in a sentence; None if nothing."""
    return None if device.keeps_places else FORGETS.get(device.kind, FORGETS_PERHAPS)


def plain_folder(folder: Path) -> Device:
    """A folder that is no device and that its owner named: it gets EPUB, as it is."""
    seen = Sighting(kind="folder", name=folder.name, folder="", format="epub", koreader=False)
    return replace(_described(seen, folder, folder.name, False), whole=False)


def _is_read_only(path: Path) -> bool:
    """Whether the disk is mounted for reading only, as far as the system tells."""
    try:
        return (
            bool(os.statvfs(path).f_flag & getattr(os, "ST_RDONLY", 1)) if hasattr(os, "statvfs") else False
        )
    except OSError:
        return False


def _node(path: Path) -> tuple[int, int] | Path:
    """What is the same for a folder that is reached by two paths, or mounted twice."""
    try:
        state = path.stat()
    except OSError:
        return path
    return state.st_dev, state.st_ino


def _described(seen: Sighting, top: Path, label: str, read_only: bool) -> Device:
    try:
        usage = shutil.disk_usage(top)
        free, total = usage.free, usage.total
    except OSError:
        free = total = 0  # pulled out just now: whoever writes to it will be told
    return Device(
        kind=seen.kind,
        name=seen.name if seen.kind != "folder" else label,
        label=label,
        top=top,
        folder=seen.folder,
        format=seen.format,
        koreader=seen.koreader,
        keeps_places=seen.kind == "koreader",
        read_only=read_only or _is_read_only(top),
        free=free,
        total=total,
        key=f"{seen.kind}:{_hashed(seen.serial) if seen.serial else label}",
    )


def _hashed(serial: str) -> str:
    return hashlib.sha256(f"fic2epub {serial}".encode()).hexdigest()[:16]


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; hidden ones are no devices."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and is_folder(path))
    except OSError:
        return []
