"""Which e-reader a folder is the top of, told by the folders on it alone.

No USB ids: they need a driver, and say nothing of a card or a copy. A marker is looked up whatever the case
of its letters, as FAT does. The rules, first come first served (USB habits: calibre's drivers, read 2026-08):

1. Kobo: ``.kobo`` with its version or database. A model number from 600 up is a tolino made by Kobo, which
   reads no KEPUB (FBInk's list of device codes, read 2026-11). [certain]
2. Kindle: ``documents`` and ``system`` with its version, or with what only a Kindle has. [likely]
3. PocketBook: ``system/config`` and ``system/explorer-3``. [likely]
4. Nook: ``NOOK``, or ``My Files`` and Adobe's folder. [likely]
5. Sony: ``Sony_Reader``, or ``database`` with its cache or media. A bare ``database`` is none. [likely]
6. tolino: ``.tolino``, or ``Books`` and Adobe's folder. [likely]
7. KOReader alone, on whatever it is. [certain]
"""

import re
from pathlib import Path
from typing import Literal

from fic2epub.values import dataclass

__all__ = ["KINDS", "Format", "Kind", "Sighting", "child", "is_file", "is_folder", "recognise"]

Kind = Literal["kobo", "kindle", "pocketbook", "tolino", "nook", "sony", "koreader", "folder"]
Format = Literal["epub", "kepub", "azw3"]

KINDS: dict[Kind, str] = {
    "kobo": "Kobo",
    "kindle": "Kindle",
    "pocketbook": "PocketBook",
    "tolino": "tolino",
    "nook": "Nook",
    "sony": "Sony Reader",
    "koreader": "KOReader",
    "folder": "folder",
}
"""Each kind with what people call it; ``folder`` is one that its owner marked or named."""

KOBO_MODELS = {
    310: "Touch", 320: "Touch", 330: "Glo", 340: "Mini", 350: "Aura HD", 360: "Aura", 370: "Aura H2O",
    371: "Glo HD", 372: "Touch 2.0", 373: "Aura ONE", 374: "Aura H2O Edition 2", 375: "Aura Edition 2",
    376: "Clara HD", 377: "Forma", 378: "Aura H2O Edition 2", 379: "Aura Edition 2", 380: "Forma",
    381: "Aura ONE", 382: "Nia", 383: "Sage", 384: "Libra H2O", 386: "Clara 2E", 387: "Elipsa",
    388: "Libra 2", 389: "Elipsa 2E", 390: "Libra Colour", 391: "Clara BW", 393: "Clara Colour",
    395: "Clara BW", 690: "vision color", 691: "shine 5", 693: "shine color",
}  # fmt: skip
"""The last three digits of a Kobo's model number (koboutils, FBInk, read 2026-11)."""
FIRST_TOLINO = 600

_MODEL_RE = re.compile(r"(\d{3})\s*$")
_READ = 4_096
"""Bytes of a marker that are read: the files that say a version hold a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a folder turned out to be the top of."""

    kind: Kind
    name: str
    """With the model if it is known: ``Kobo Libra Colour``."""
    folder: str
    """Where its books go, from the top, with ``/``; empty for the top itself."""
    format: Format
    koreader: bool
    serial: str | None = None
    """What tells it from another of its kind; nothing but its hash is ever kept."""


def recognise(top: Path) -> Sighting | None:
    """Which e-reader this is; None if no marker says so, or the folder cannot be read."""
    koreader = _has_koreader(top)
    for look in (_kobo, _kindle, _pocketbook, _nook, _sony, _tolino):
        if (seen := look(top, koreader)) is not None:
            return seen
    if koreader:
        return _sighting("koreader", top, ("Books", "books", "fic2epub"), True)
    return None


def child(top: Path, path: str) -> Path | None:
    """What lies at a path below a folder, whatever the case of its letters; None if nothing does."""
    found = top
    for name in path.split("/"):
        try:
            names = {one.name for one in found.iterdir()}
        except OSError:
            return None
        match = name if name in names else next((one for one in names if one.lower() == name.lower()), None)
        if match is None:
            return None
        found /= match
    return found


def is_folder(path: Path) -> bool:
    """Whether a folder is there and may be asked; a disk that is failing or not ours to read says no."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """The same for an ordinary file."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_folder(top: Path, path: str) -> bool:
    found = child(top, path)
    return found is not None and is_folder(found)


def _is_file(top: Path, path: str) -> bool:
    found = child(top, path)
    return found is not None and is_file(found)


def _text(top: Path, path: str) -> str:
    """The beginning of a file that says a version; empty if there is none to read."""
    found = child(top, path)
    try:
        if found is None or not is_file(found):
            return ""
        with found.open("rb") as file:
            return file.read(_READ).decode("utf-8", "replace")
    except OSError:
        return ""


def _sighting(
    kind: Kind,
    top: Path,
    folders: tuple[str, ...],
    koreader: bool,
    *,
    format: Format = "epub",
    name: str | None = None,
    serial: str | None = None,
) -> Sighting:
    """A sighting whose books go into the first of some folders that is there, else into the last."""
    there = next((folder for folder in folders if folder and _is_folder(top, folder)), folders[-1])
    return Sighting(
        kind=kind,
        name=name or KINDS[kind],
        folder=there,
        format=format,
        koreader=koreader,
        serial=serial,
    )


def _has_koreader(top: Path) -> bool:
    """Whether KOReader is installed: beside the books, hidden on a Kobo, an application on a PocketBook."""
    return any(_is_folder(top, path) for path in (".adds/koreader", "applications/koreader", "koreader"))


def _kobo(top: Path, koreader: bool) -> Sighting | None:
    if not (_is_file(top, ".kobo/version") or _is_file(top, ".kobo/KoboReader.sqlite")):
        return None
    fields = _text(top, ".kobo/version").strip().split(",")
    number = _MODEL_RE.search(fields[-1]) if len(fields) > 2 else None
    model = int(number[1]) if number else 0
    serial = fields[0] or None
    if model >= FIRST_TOLINO:
        name = f"tolino {KOBO_MODELS.get(model, '')}".rstrip()
        return _sighting("tolino", top, ("Books", ""), koreader, name=name, serial=serial)
    name = f"Kobo {KOBO_MODELS.get(model, '')}".rstrip()
    return _sighting("kobo", top, ("fic2epub",), koreader, format="kepub", name=name, serial=serial)


def _kindle(top: Path, koreader: bool) -> Sighting | None:
    if not (_is_folder(top, "documents") and _is_folder(top, "system")):
        return None
    version = _is_file(top, "system/version.txt")
    if not (version or any(_is_folder(top, path) for path in (".assets", "system/thumbnails", "fonts"))):
        return None
    return _sighting("kindle", top, ("documents",), koreader, format="azw3")


def _pocketbook(top: Path, koreader: bool) -> Sighting | None:
    if not (_is_folder(top, "system/config") and _is_folder(top, "system/explorer-3")):
        return None
    return _sighting("pocketbook", top, ("Books", ""), koreader)


def _nook(top: Path, koreader: bool) -> Sighting | None:
    if _is_folder(top, "NOOK"):
        return _sighting("nook", top, ("NOOK/Books", "NOOK/My Files", "NOOK/Books"), koreader)
    if _is_folder(top, "My Files") and _is_folder(top, ".adobe-digital-editions"):
        return _sighting("nook", top, ("My Files",), koreader)
    return None


def _sony(top: Path, koreader: bool) -> Sighting | None:
    if _is_folder(top, "Sony_Reader"):
        return _sighting("sony", top, ("Sony_Reader/media/books",), koreader)
    if _is_file(top, "database/cache/media.xml") or _is_folder(top, "database/media/books"):
        return _sighting("sony", top, ("database/media/books",), koreader)
    return None


def _tolino(top: Path, koreader: bool) -> Sighting | None:
    adobe = _is_folder(top, "Books") and _is_folder(top, ".adobe-digital-editions")
    if not (adobe or _is_folder(top, ".tolino")):
        return None
    return _sighting("tolino", top, ("Books",), koreader)
