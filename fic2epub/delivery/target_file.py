"""``.fic2epub-target``: a folder that its owner marked as a place for books.

A folder that a phone, Syncthing or Dropbox shares has no marker of its own. The file may be empty; it is
TOML:

    name = "phone"          # what --to calls it; without it, the folder's name
    format = "epub"         # or "kepub", "azw3"
    folder = "Books"        # within the marked folder; without it, the folder itself
    keeps-places = true     # a changed book of the same name keeps the reader's place, as KOReader does

It lies on a disk that may come from anyone, so it can say nothing else, and its folder cannot lead out.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from fic2epub.delivery.markers import Format, is_file
from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = ["TARGET_NAME", "TargetFile", "read_target_file", "target_from"]

TARGET_NAME = ".fic2epub-target"
LARGEST = 16 << 10
KEYS = frozenset({"name", "format", "folder", "keeps-places"})

_PLAIN_RE = re.compile(r"[^\x00-\x1f/\\:]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFile:
    """What a marked folder says of itself; None for what it leaves open."""

    name: str | None = None
    format: Format | None = None
    folder: str | None = None
    keeps_places: bool | None = None


def read_target_file(top: Path) -> TargetFile | None:
    """What the file in a folder says; None if there is none.

    Raises DeliveryError, naming the file and the key, for what is no TOML or says what nobody understands.
    """
    path = top / TARGET_NAME
    try:
        if not is_file(path):
            return None
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST:
        raise DeliveryError(f"{path}: is over {LARGEST >> 10} kB. An empty file is enough to mark a folder.")
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DeliveryError(
            f"{path}: is no TOML ({error}). An empty file is enough to mark a folder."
        ) from error
    return target_from(values, path)


def target_from(values: Mapping[str, Any], path: object) -> TargetFile:
    """What some keys say; ``path`` is where they stand. Raises DeliveryError, naming the key."""
    if unknown := sorted(values.keys() - KEYS):
        raise DeliveryError(f"{path}: {unknown[0]} is no key of it. Its keys are {', '.join(sorted(KEYS))}.")
    name, form, folder = values.get("name"), values.get("format"), values.get("folder")
    keeps = values.get("keeps-places")
    if name is not None and not (isinstance(name, str) and _PLAIN_RE.fullmatch(name) and name.strip()):
        raise DeliveryError(f'{path}: name is {name!r}. Write a short text without slashes: name = "phone".')
    if form is not None and form not in get_args(Format):
        raise DeliveryError(f"{path}: format is {form!r}. Write one of {', '.join(get_args(Format))}.")
    if folder is not None and not (isinstance(folder, str) and _stays_inside(folder)):
        raise DeliveryError(
            f"{path}: folder is {folder!r}. It lies within the device or marked folder, and is not hidden."
        )
    if keeps is not None and not isinstance(keeps, bool):
        raise DeliveryError(f"{path}: keeps-places is {keeps!r}. Write true or false.")
    return TargetFile(name=name, format=form, folder=folder, keeps_places=keeps)


def _stays_inside(folder: str) -> bool:
    """Whether a path climbs nowhere and names nothing hidden, such as a device's own database."""
    return not folder or all(
        _PLAIN_RE.fullmatch(part) and not part.startswith(".") for part in folder.split("/")
    )
