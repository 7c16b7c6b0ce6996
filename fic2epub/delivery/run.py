"""One run over a device: what it is to do, what it finds there, and the list that it keeps up."""

from collections.abc import Iterable
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from fic2epub.delivery.aboard import Aboard, aboard
from fic2epub.delivery.copying import Volume
from fic2epub.delivery.devices import Device
from fic2epub.delivery.markers import is_file
from fic2epub.delivery.sent import Act, Journal, Sent, now_as_text
from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = ["Job", "Run", "line_of", "note", "reconcile", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run is to do, and where it keeps count."""

    device: Device
    journal: Journal
    now: datetime
    replace: bool = False
    """Replace other editions, whatever the device forgets."""
    dry_run: bool = False
    discreet: bool = False
    """Name the files on the device so that they tell nothing."""


@dataclass(slots=True)
class Run:
    """A run under way: the disk, what is on it, and what came to it since."""

    job: Job
    volume: Volume
    copies: dict[str, list[Aboard]]
    """Our books on the device, by identifier."""
    named: dict[str, tuple[Path, str]] = field(default_factory=dict)
    """Each work of the run by its identifier: the book's path, and its edition."""
    planned: int = 0
    """Bytes that a dry run would have written."""
    ready: bool = False
    """Whether the folder for books is there."""


def start(job: Job) -> Run:
    """Look at the device. Raises DeviceGoneError, or DeliveryError if nothing can be written to it."""
    device = job.device
    volume = Volume.of(device.top, device.name)
    if device.read_only:
        raise DeliveryError(
            f"{device.name}: is mounted read-only. Is its write protection on, or does it need a repair?"
        )
    books = aboard(device)
    if not job.dry_run:
        reconcile(job.journal, device, books, now=job.now)
    copies: dict[str, list[Aboard]] = {}
    for book in books:
        copies.setdefault(book.identifier, []).append(book)
    return Run(job, volume, copies)


def reconcile(journal: Journal, device: Device, books: Iterable[Aboard], *, now: datetime) -> None:
    """Bring the list of what was sent up to what was found on a device; so it is rebuilt if it was lost.

    Raises DeliveryError if the list cannot be written.
    """
    found = {book.path: book for book in books}
    for book in found.values():
        last = journal.latest(device.key, book.path)
        if last is None or (last.identifier, last.edition) != (book.identifier, book.edition):
            journal.add(line_of(book, device, "seen", now))
    for last in journal.there(device.key):
        if last.path not in found and not is_file(device.top / last.path):
            journal.add(replace(last, at=now_as_text(now), act="gone"))


def line_of(book: Aboard, device: Device, act: Act, now: datetime) -> Sent:
    """A line about a book that was found on a device."""
    return Sent(
        at=now_as_text(now),
        act=act,
        to=device.key,
        path=book.path,
        identifier=book.identifier,
        edition=book.edition,
        source_sha256=None,
        format=book.format,
        size=book.size,
        sha256=None,
    )


def note(line: Sent, journal: Journal) -> str | None:
    """Add a line; a sentence if that failed, since the device is as it should be all the same."""
    try:
        journal.add(line)
    except DeliveryError as error:
        return str(error)
    return None
