"""What ``--to`` means: a kind, a name, a folder, or an account for mail.

A kind or a name must fit one device that is there. A folder that is the top of a device is that device; any
other is taken as it is, for EPUB, unless the reader says what kind of device it stands for.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fic2epub.delivery.devices import Device, as_koreader, device_at, plain_folder
from fic2epub.delivery.markers import KINDS, Format, Kind, is_folder
from fic2epub.errors import DeviceNotFoundError, UsageError

__all__ = ["choose", "device_for", "is_path", "mail_account", "not_found"]

MAIL = "mail:"

SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
SYSTEM_OF_MAC = ("/Applications", "/Library", "/System", "/bin", "/dev", "/etc", "/sbin", "/usr")
SYSTEM_OF_WINDOWS = ("Windows", "Program Files", "Program Files (x86)", "ProgramData")
PLUGGED_IN = ("/run/media",)
"""Where udisks mounts what is plugged in: below a folder of the system, and yet not of it."""

_FORMATS: dict[Kind, Format] = {"kobo": "kepub", "kindle": "azw3"}
"""What a kind reads best; every other one reads EPUB."""

_ROADS: dict[Kind, str] = {
    "kobo": "Connect it by USB and tap Connect on its screen. Or let it fetch the book: fic2epub serve DIR.",
    "kindle": "A Kindle since 2024 does not appear as a disk at all: mail the book (--to mail:NAME), use "
    "amazon.com/sendtokindle, or Amazon's own program for USB. An older one: connect it by USB.",
    "pocketbook": "Connect it by USB and choose the PC link on its screen. Or mail the book: --to mail:NAME.",
    "tolino": "Connect it by USB.",
    "nook": "Connect it by USB. Models of 2016 and 2023 do not appear as a disk: use the maker's program.",
    "sony": "Connect it by USB and choose data transfer on its screen.",
    "koreader": "Connect the device by USB. Or let KOReader fetch the book: fic2epub serve DIR.",
    "folder": "Mark a folder with an empty file called .fic2epub-target, or name it by its path.",
}
"""What to do if none of a kind is there."""
_ANY_ROAD = (
    "Connect one by USB, or name a folder (--to PATH). A Kindle since 2024 does not appear as a disk: mail "
    "the book (--to mail:NAME), or use Amazon's own program for USB. A Kobo, a phone or KOReader can fetch "
    "it: fic2epub serve DIR."
)


def mail_account(to: str) -> str | None:
    """The account that ``mail:NAME`` names; None for any other target. Raises UsageError without a name."""
    if not to.lower().startswith(MAIL):
        return None
    if not (name := to[len(MAIL) :].strip()):
        raise UsageError("--to mail: names no account. Write e.g. --to mail:kindle.")
    return name


def is_path(to: str) -> bool:
    """Whether a target is written as a path: with a slash, a drive, or a dot or tilde in front.

    >>> [is_path(to) for to in ("kobo", "./kobo", "E:", "~/phone", "My Reader")]
    [False, True, True, True, False]
    """
    drive = len(to) > 1 and to[1] == ":" and to[0].isalpha()
    return "/" in to or os.sep in to or drive or to in (".", "..", "~") or to.startswith("~")


def choose(devices: Sequence[Device], to: str | None) -> tuple[Device, ...]:
    """The devices that a kind or a name fits, ready for what was asked; empty if none does.

    A name is the device's or its volume's, whatever the case. Without one, all that are there.
    ``koreader`` fits every device that KOReader is on, and then means KOReader and not the maker's reader.
    """
    if to is None:
        return tuple(devices)
    word = to.strip().casefold()
    if word == "koreader":
        return tuple(as_koreader(device) for device in devices if device.koreader)
    if word in KINDS:
        return tuple(device for device in devices if device.kind == word)
    exact = [one for one in devices if word in (one.label.casefold(), one.name.casefold())]
    return tuple(exact or [one for one in devices if one.name.casefold().startswith(word)])


def not_found(to: str | None) -> DeviceNotFoundError:
    """The sentence for a target that nothing fits, with the other roads to the device."""
    word = (to or "").strip().casefold()
    for kind, name in KINDS.items():
        if kind == word:
            what = "No marked folder is there." if kind == "folder" else f"No {name} is mounted."
            return DeviceNotFoundError(f"{what} {_ROADS[kind]}")
    if to is None:
        return DeviceNotFoundError(f"No e-reader is mounted. {_ANY_ROAD}")
    kinds = ", ".join(KINDS)
    return DeviceNotFoundError(
        f"{to}: no e-reader of this name is mounted. --to takes a kind ({kinds}), a name that fic2epub "
        f"devices shows, a folder with a slash in it, or mail:NAME. {_ANY_ROAD}"
    )


def device_for(path: Path, *, kind: Kind | None = None) -> Device:
    """The device that a folder is, or stands for.

    The folder itself takes the books, unless it is the top of a device, which has its own for them. A folder
    below the top of a device gets what that device gets. Raises UsageError for a folder of the system, the
    home folder and the root; DeviceNotFoundError for one that is not there.
    """
    folder = Path(os.path.realpath(path.expanduser()))
    _check_harmless(folder, path)
    if not is_folder(folder):
        raise DeviceNotFoundError(f"{path}: is no folder that is there. Is the device mounted?")
    if (device := device_at(folder)) is not None:
        return _of_kind(device, kind)
    home = Path(os.path.realpath(Path.home()))
    for top in folder.parents:
        if home.is_relative_to(top):
            continue  # it holds folders of any name: somebody's koreader/ is no e-reader
        if (device := device_at(top)) is not None:
            inner = folder.relative_to(top).as_posix()
            _check_for_books(device, inner, path)
            return _of_kind(replace(device, folder=inner), kind)
    return _of_kind(plain_folder(folder), kind)


def _of_kind(device: Device, kind: Kind | None) -> Device:
    """The device, treated as one of another kind if the reader says so."""
    if kind is None or kind == device.kind:
        return device
    if kind == "koreader":
        return as_koreader(device)
    return replace(device, kind=kind, format=_FORMATS.get(kind, "epub"), keeps_places=False)


def _check_for_books(device: Device, inner: str, written: Path) -> None:
    """Raise UsageError for a folder of a device that is its own: hidden, or where its system lies."""
    parts = inner.split("/")
    if any(part.startswith(".") for part in parts) or parts[0].lower() in ("system", "koreader"):
        raise UsageError(
            f"{written}: belongs to the {device.name} itself. Name its top folder, {device.top}: then the "
            "books go where it looks for them."
        )


def _check_harmless(folder: Path, written: Path) -> None:
    """Raise UsageError for a folder that no book belongs into, however it was reached."""
    if "gvfs" in folder.parts:
        raise UsageError(
            f"{written}: is reached by MTP, over which no file can be written safely. Mail the book "
            "(--to mail:NAME), or let the device fetch it: fic2epub serve DIR."
        )
    own = folder == Path(folder.anchor) or folder == Path(os.path.realpath(Path.home()))
    if sys.platform == "win32":
        own = own and folder.drive.casefold() == Path.home().drive.casefold()
        system = any(folder.is_relative_to(Path(folder.anchor) / name) for name in SYSTEM_OF_WINDOWS)
    else:
        places = SYSTEM_OF_MAC if sys.platform == "darwin" else SYSTEM
        system = any(folder.is_relative_to(place) for place in places)
        system = system and not any(folder.is_relative_to(place) for place in PLUGGED_IN)
    if own or system:
        raise UsageError(f"{written}: is a folder of the system or your home. Name a folder for books in it.")
