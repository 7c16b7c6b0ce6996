"""Books onto a mounted device, and off it again.

What is on the device is looked at first, and the list of what was sent is brought up to it (`reconcile`).
Then each book is decided about (`decision`), made into what the device reads, and copied (`copying`).
Nothing else on the device is written: no database, no thumbnail, no collection.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fic2epub.delivery import copying
from fic2epub.delivery.aboard import Aboard, aboard, is_as_made
from fic2epub.delivery.azw3 import read_mark
from fic2epub.delivery.copying import Volume
from fic2epub.delivery.decision import Decision, content_for, decide, sha256
from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.devices import Device
from fic2epub.delivery.edition import Edition, name_on, read_edition
from fic2epub.delivery.sent import Act, Journal, Sent, now_as_text
from fic2epub.errors import DeliveryError, DeviceGoneError, Fic2EpubError, NameTakenError
from fic2epub.library.disk import Signature, signature

__all__ = ["Job", "reconcile", "send", "take_off"]

ACTS: dict[Outcome, Act] = {Outcome.SENT: "sent", Outcome.REPLACED: "replaced"}


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
class _Run:
    """A run under way: the disk, what is on it, and what came to it since."""

    job: Job
    volume: Volume
    books: list[Aboard]
    sent: dict[str, Edition] = field(default_factory=dict)
    """By identifier."""
    planned: int = 0
    """Bytes that a dry run would have written."""
    ready: bool = False
    """Whether the folder for books is there."""


def send(books: Iterable[Path], job: Job) -> Iterator[Delivered]:
    """Send books to a device, in their order; what became of each is yielded as soon as it is known.

    A book that cannot be sent does not stop the others. Raises DeviceGoneError, with the number of those
    that were not sent, if the device was pulled out, and DeliveryError if it is read-only.
    """
    paths = list(books)
    run = _start(job)
    for place, path in enumerate(paths):
        try:
            delivered = _send(path, run)
        except DeviceGoneError as error:
            left = len(paths) - place
            books_were = "1 book was" if left == 1 else f"{left} books were"
            raise DeviceGoneError(f"{error} {books_were} not sent.") from error
        except Fic2EpubError as error:
            delivered = Delivered(book=path, title=path.stem, outcome=Outcome.FAILED, error=error)
        yield delivered


def take_off(books: Iterable[Path], job: Job) -> Iterator[Delivered]:
    """Take books off a device again, every copy of each, if the program put it there.

    A copy that someone has changed since is left alone. Raises as `send` does.
    """
    run = _start(job)
    for path in books:
        try:
            results = _take_off(path, run)
        except DeviceGoneError:
            raise
        except Fic2EpubError as error:
            results = [Delivered(book=path, title=path.stem, outcome=Outcome.FAILED, error=error)]
        yield from results


def reconcile(journal: Journal, device: Device, books: Iterable[Aboard], *, now: datetime) -> None:
    """Bring the list of what was sent up to what was found on a device; so it is rebuilt if it was lost.

    Raises DeliveryError if the list cannot be written.
    """
    found = {book.path: book for book in books}
    for book in found.values():
        last = journal.latest(device.key, book.path)
        if last is None or (last.identifier, last.edition) != (book.identifier, book.edition):
            journal.add(_seen(book, device, now))
    for last in journal.there(device.key):
        there = last.path in found if last.identifier else (device.top / last.path).is_file()
        if not there:
            journal.add(replace(last, at=now_as_text(now), act="gone"))


def _seen(book: Aboard, device: Device, now: datetime, act: Act = "seen") -> Sent:
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


def _start(job: Job) -> _Run:
    """Look at the device. Raises DeviceGoneError, or DeliveryError if nothing can be written to it."""
    device = job.device
    volume = Volume.of(device.top, device.name)
    if device.read_only:
        raise DeliveryError(
            f"{device.name}: is mounted read-only. Is its write protection on, or does it need a repair?"
        )
    books = list(aboard(device))
    if not job.dry_run:
        reconcile(job.journal, device, books, now=job.now)
    return _Run(job, volume, books)


def _send(path: Path, run: _Run) -> Delivered:
    """One book, from looking at it to the line in the list."""
    job, device = run.job, run.job.device
    book = read_edition(path)
    _check_alone(book, run)
    with run.volume.told(device.goal):
        name = name_on(device, book, discreet=job.discreet)
        decision = decide(book, device, run.books, job.journal, name=name, replace=job.replace)
    place = decision.goal.relative_to(device.top).as_posix()
    size, message = None, decision.message
    if decision.outcome in ACTS:
        if job.dry_run:
            copying.check_room(run.volume, run.planned + len(book.content))
            run.planned += len(book.content)
        else:
            content = _copy(book, decision, run)
            size = len(content)
            trouble = _note(book, decision, content, place, run)
            message = " ".join(filter(None, (message, trouble))) or None
    return Delivered(
        book=path,
        title=book.title,
        outcome=decision.outcome,
        place=place,
        format=device.format,
        size=size,
        message=message,
    )


def _check_alone(book: Edition, run: _Run) -> None:
    """Raise DeliveryError for a second edition of a work in one run: which of them is meant?"""
    if book.identifier is None:
        return
    first = run.sent.setdefault(book.identifier, book)
    if first.edition != book.edition:
        raise DeliveryError(
            f"{book.path}: is another edition of the work in {first.path}. Name one of the two."
        )


def _copy(book: Edition, decision: Decision, run: _Run) -> bytes:
    """Make the file and bring it to its place; returns it."""
    device, volume = run.job.device, run.volume
    if not run.ready:
        copying.make_folder(volume, device.goal)
        copying.remove_leftovers(device.goal, volume)
        run.ready = True
    content = decision.content or content_for(device, book)
    copying.check_room(volume, len(content))
    copying.put(content, decision.goal, volume, replaces=decision.replaces)
    return content


def _note(book: Edition, decision: Decision, content: bytes, place: str, run: _Run) -> str | None:
    """Keep count of a book that was sent; a sentence if that failed, since the book itself is there."""
    device = run.job.device
    run.books = [one for one in run.books if one.path != place]
    if book.identifier is not None:
        with run.volume.told(decision.goal):
            state = signature(decision.goal.stat())
        run.books.append(_aboard(book, place, state, device))
    try:
        run.job.journal.add(
            Sent(
                at=now_as_text(run.job.now),
                act=ACTS[decision.outcome],
                to=device.key,
                path=place,
                identifier=book.identifier,
                edition=book.edition,
                source_sha256=book.sha256,
                format=device.format,
                size=len(content),
                sha256=sha256(content),
            )
        )
    except DeliveryError as error:
        return str(error)
    return None


def _aboard(book: Edition, place: str, state: Signature, device: Device) -> Aboard:
    return Aboard(
        path=place,
        format=device.format,
        identifier=book.identifier or "",
        edition=book.edition,
        title=book.title,
        authors=(),
        signature=state,
    )


def _take_off(path: Path, run: _Run) -> list[Delivered]:
    """Every copy of one book, off the device."""
    device = run.job.device
    if (mark := read_mark(path)) is not None:
        identifier, title = f"urn:uuid:{mark.uuid}", mark.title
    else:
        book = read_edition(path)
        if book.identifier is None:
            return _take_off_by_list(book, run)
        identifier, title = book.identifier, book.title
    copies = [one for one in run.books if one.identifier == identifier]
    if not copies:
        return [Delivered(book=path, title=title, outcome=Outcome.ABSENT)]
    results = []
    for one in copies:
        goal = device.top / one.path
        if not is_as_made(one, device):
            error = NameTakenError(f"{goal}: was changed after fic2epub made it. It is left alone.")
            results.append(
                Delivered(book=path, title=title, outcome=Outcome.FAILED, place=one.path, error=error)
            )
            continue
        line = _seen(one, device, run.job.now, "removed")
        results.append(_remove(path, title, goal, one.signature, line, run))
        run.books.remove(one)
    return results


def _take_off_by_list(book: Edition, run: _Run) -> list[Delivered]:
    """A book that others made: ours to take off if the list says so, and the file is still the same."""
    device = run.job.device
    results = []
    for line in run.job.journal.there(device.key):
        goal = device.top / line.path
        if line.source_sha256 != book.sha256 or line.sha256 is None or not goal.is_file():
            continue
        with run.volume.told(goal):
            state, same = signature(goal.stat()), sha256(goal.read_bytes()) == line.sha256
        if same:
            gone = replace(line, at=now_as_text(run.job.now), act="removed")
            results.append(_remove(book.path, book.title, goal, state, gone, run))
    return results or [Delivered(book=book.path, title=book.title, outcome=Outcome.ABSENT)]


def _remove(path: Path, title: str, goal: Path, state: Signature, line: Sent, run: _Run) -> Delivered:
    message = None
    if not run.job.dry_run:
        copying.remove(goal, run.volume, expected=state)
        try:
            run.job.journal.add(line)
        except DeliveryError as error:
            message = str(error)
    return Delivered(
        book=path,
        title=title,
        outcome=Outcome.REMOVED,
        place=line.path,
        format=line.format,
        size=line.size,
        message=message,
    )
