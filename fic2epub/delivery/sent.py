"""``.fic2epub/sent.jsonl`` of a library: what was sent where, a line each, only ever added to.

It is a help and not the truth: what is on a device, the device says (`aboard`), and `reconcile` writes
down what was found. Of mail it is the only witness. A line that a crash has torn is passed over; so is
one of a later version. No path of this machine and no serial number stands in it.
"""

import errno
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal

from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = ["SENT_NAME", "Act", "Journal", "Sent", "now_as_text"]

SENT_NAME = "sent.jsonl"
HOUSE = ".fic2epub"
SCHEMA = 1

Act = Literal["sent", "replaced", "removed", "seen", "gone", "mailed", "unknown"]
"""``seen`` and ``gone`` were found by looking; ``unknown`` is a mail of which nobody knows if it arrived."""
THERE = frozenset({"sent", "replaced", "seen", "mailed", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One line of the list."""

    at: str
    """ISO 8601, UTC."""
    act: Act
    to: str
    """The device's key, or ``mail:NAME``."""
    path: str
    """On the device, from its top, with ``/``; of a mail, the book's name."""
    identifier: str | None
    edition: str
    source_sha256: str | None
    """Of the book in the library; None if it was found by looking."""
    format: str
    size: int
    sha256: str | None
    """Of the file as it was sent; None if it was found by looking."""


_TYPES: Mapping[str, tuple[type, ...]] = {
    "size": (int,),
    **dict.fromkeys(("identifier", "source_sha256", "sha256"), (str, type(None))),
}


class Journal:
    """The list of one library. Without a library, a list that is kept for this run only."""

    def __init__(self, library: Path | None) -> None:
        """Read what is there. Raises DeliveryError if it is there and cannot be read."""
        self.path = None if library is None else library / HOUSE / SENT_NAME
        self._latest: dict[tuple[str, str], Sent] = {}
        self._editions: dict[str, str] = {}
        for line in self._lines():
            if (sent := _read(line)) is not None:
                self._keep(sent)

    def _keep(self, sent: Sent) -> None:
        self._latest.pop((sent.to, sent.path), None)
        self._latest[sent.to, sent.path] = sent
        if sent.source_sha256 is not None:
            self._editions[sent.source_sha256] = sent.edition

    def edition(self, source_sha256: str) -> str | None:
        """The edition of a book in the library, by its bytes, if it was ever sent."""
        return self._editions.get(source_sha256)

    def latest(self, to: str, path: str) -> Sent | None:
        """The last line about a place; None if there is none, or if the book was taken away since."""
        sent = self._latest.get((to, path))
        return sent if sent is not None and sent.act in THERE else None

    def there(self, to: str) -> tuple[Sent, ...]:
        """What is there, as far as the list knows, in the order in which it came."""
        return tuple(sent for (key, _), sent in self._latest.items() if key == to and sent.act in THERE)

    def check(self) -> None:
        """Raise DeliveryError if no line could be added: asked before a mail, which cannot be taken back."""
        try:
            self._append(b"")
        except OSError as error:
            raise DeliveryError(
                f"{self.path}: cannot be written: {error.strerror}. Nothing is sent that could not be noted."
            ) from error

    def add(self, sent: Sent) -> None:
        """Write a line, to the disk. Raises DeliveryError if it cannot be written."""
        self._keep(sent)
        line = json.dumps({"schema": SCHEMA, **asdict(sent)}, ensure_ascii=False).encode("utf-8", "replace")
        try:
            self._append(line + b"\n")
        except OSError as error:
            raise DeliveryError(
                f"{self.path}: cannot be written: {error.strerror}. What was done is not in the list."
            ) from error

    def _append(self, line: bytes) -> None:
        """Put a line behind the others. Raises OSError."""
        if self.path is None:
            return
        self.path.parent.mkdir(exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.path, flags, 0o666)
        try:
            # In one piece, so that two programs' lines do not run into each other.
            whole = b"\n" + line if line and _is_torn(descriptor) else line
            if os.write(descriptor, whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _lines(self) -> Iterable[bytes]:
        if self.path is None:
            return ()
        try:
            return self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise DeliveryError(f"{self.path}: cannot be read: {error.strerror}.") from error


def now_as_text(now: datetime) -> str:
    """A time as the list writes it."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_torn(descriptor: int) -> bool:
    """Whether the file ends within a line."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if not size:
        return False
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) != b"\n"


def _read(line: bytes) -> Sent | None:
    """A line, or None for one that is torn or that this version does not understand."""
    try:
        data: dict[str, Any] = json.loads(line)
        if data["schema"] != SCHEMA:
            return None
        values = {one.name: data[one.name] for one in fields(Sent)}
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    known = all(isinstance(value, _TYPES.get(name, (str,))) for name, value in values.items())
    return Sent(**values) if known and _stays_inside(values["path"]) else None


def _stays_inside(path: str) -> bool:
    """Whether a path stays on its device: a list may come from anyone, together with its library."""
    return not (PurePosixPath(path).is_absolute() or PureWindowsPath(path).anchor or ".." in path.split("/"))
