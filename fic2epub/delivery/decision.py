"""What is to become of one book on one device, decided before anything is written.

1. It is there in this edition: nothing is done. [certain]
2. It is there in another edition, and nobody has changed that one: it is replaced under its name where that
   keeps the reader's place, and else only if the reader asks for it. [certain]
3. A file that the program did not put there keeps its name, whatever is asked. [certain]
4. Otherwise the book goes into the folder for books, under its own name. [certain]

Names are compared as FAT does: without regard to case.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from fic2epub.delivery.aboard import Aboard, is_as_made
from fic2epub.delivery.azw3 import make_azw3
from fic2epub.delivery.copying import Stamp, stamp
from fic2epub.delivery.delivered import Outcome
from fic2epub.delivery.devices import Device, forgets
from fic2epub.delivery.edition import Edition
from fic2epub.delivery.sent import Journal
from fic2epub.errors import NameTakenError, PackageError
from fic2epub.library.names import folded
from fic2epub.values import dataclass

__all__ = ["Decision", "content_for", "decide", "sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done with a book."""

    outcome: Outcome
    """SENT, REPLACED, THERE or OUTDATED."""
    goal: Path
    replaces: Stamp | None = None
    """Of the file whose place it takes."""
    message: str | None = None
    content: bytes | None = None
    """The file, if it had to be made to decide."""


def decide(
    book: Edition,
    device: Device,
    copies: Sequence[Aboard],
    journal: Journal,
    *,
    name: str,
    replace: bool,
) -> Decision:
    """Decide; ``copies`` are the same work on the device, ``name`` is what the book would be called there.

    Raises NameTakenError for a place that may not be taken, and what `content_for` raises.
    """
    alike = [one for one in copies if one.format == device.format]
    same = next((one for one in alike if one.edition == book.edition), None)
    if same is not None:
        return Decision(outcome=Outcome.THERE, goal=device.top / same.path)
    if alike:
        return _over(alike[0], device, replace=replace)
    goal = device.goal / name
    standing = _standing(device.goal, name)
    if standing is not None:
        return _at_a_taken_name(book, standing, device, journal, replace=replace)
    also = f"It is there as {copies[0].path} too." if copies else None
    return Decision(outcome=Outcome.SENT, goal=goal, message=also)


def content_for(device: Device, book: Edition) -> bytes:
    """The file that a device gets of a book. Raises PackageError or DeliveryError if it cannot be made."""
    match device.format:
        case "epub":
            return book.content
        case "azw3":
            return make_azw3(book.content, uuid=book.uuid, edition=book.edition)
        case "kepub":
            from fic2epub.builder.kepub import kepub_file

            try:
                return kepub_file(book.content)
            except PackageError as error:
                raise PackageError(f"{book.path}: {error}") from error


def sha256(content: bytes) -> str:
    """Of a file as it was sent."""
    return hashlib.sha256(content).hexdigest()


def _over(old: Aboard, device: Device, *, replace: bool) -> Decision:
    """Another edition of ours is there."""
    goal = device.top / old.path
    if not (replace or device.keeps_places):
        return Decision(outcome=Outcome.OUTDATED, goal=goal, message=_stays(device))
    if not is_as_made(old, device):
        raise NameTakenError(
            f"{goal}: was changed after fic2epub made it. It is left alone. Take it off by hand first."
        )
    return Decision(outcome=Outcome.REPLACED, goal=goal, replaces=old.stamp, message=forgets(device))


def _at_a_taken_name(
    book: Edition, standing: Path, device: Device, journal: Journal, *, replace: bool
) -> Decision:
    """A file without our record has the name: a book that others made, sent before or not."""
    there = sha256(standing.read_bytes())
    last = journal.latest(device.key, standing.relative_to(device.top).as_posix())
    put = last is not None and last.sha256 == there
    if put and last is not None and last.source_sha256 == book.sha256:
        return Decision(outcome=Outcome.THERE, goal=standing)
    content = content_for(device, book)
    if sha256(content) == there:
        return Decision(outcome=Outcome.THERE, goal=standing)
    if not put and last is not None:
        raise NameTakenError(
            f"{standing}: was changed or damaged since fic2epub put it there. It is left alone. "
            "Take it off by hand first."
        )
    if not put:
        raise NameTakenError(
            f"{standing}: another file has this name, and fic2epub did not put it there. It is left alone. "
            "Rename it or take it off by hand."
        )
    if not (replace or device.keeps_places):
        return Decision(outcome=Outcome.OUTDATED, goal=standing, message=_stays(device))
    return Decision(
        outcome=Outcome.REPLACED,
        goal=standing,
        replaces=stamp(standing.stat()),
        message=forgets(device),
        content=content,
    )


def _stays(device: Device) -> str:
    return f"Another edition is there and stays. {forgets(device)} --replace replaces it all the same."


def _standing(folder: Path, name: str) -> Path | None:
    """What has a name in a folder, whatever the case of its letters; None if nothing has."""
    try:
        return next((path for path in folder.iterdir() if folded(path.name) == folded(name)), None)
    except (FileNotFoundError, NotADirectoryError):
        return None
