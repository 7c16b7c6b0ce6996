"""Books onto a mounted device: the route of a run.

What is on the device is looked at first (`run`). Then each book is decided about (`decision`), made into
what the device reads, and copied (`copying`). Nothing else on the device is written: no database, no
thumbnail, no collection.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from fic2epub.delivery import copying
from fic2epub.delivery.aboard import Aboard
from fic2epub.delivery.copying import stamp
from fic2epub.delivery.decision import Decision, content_for, decide, sha256
from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.edition import Edition, name_on, read_edition
from fic2epub.delivery.run import Job, Run, note, start
from fic2epub.delivery.sent import Act, Sent, now_as_text
from fic2epub.errors import DeliveryError, DeviceGoneError, Fic2EpubError

__all__ = ["send"]

ACTS: dict[Outcome, Act] = {Outcome.SENT: "sent", Outcome.REPLACED: "replaced"}


def send(books: Iterable[Path], job: Job) -> Iterator[Delivered]:
    """Send books to a device, in their order; what became of each is yielded as soon as it is known.

    A book that cannot be sent does not stop the others. Raises DeviceGoneError, with the number of those
    that were not sent, if the device was pulled out, and DeliveryError if it is read-only.
    """
    paths = list(books)
    run = start(job)
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


def _send(path: Path, run: Run) -> Delivered:
    """One book, from looking at it to the line in the list."""
    job, device = run.job, run.job.device
    book = read_edition(path, job.journal.edition)
    _check_alone(book, run)
    copies = run.copies.get(book.identifier or "", [])
    with run.volume.told(device.goal):
        name = name_on(device, book, discreet=job.discreet)
        decision = decide(book, device, copies, job.journal, name=name, replace=job.replace)
    size = trouble = None
    if job.dry_run:
        _plan(book, decision, run)
    elif decision.outcome in ACTS:
        content = _copy(book, decision, run)
        size, trouble = len(content), _note(book, decision, content, run)
    elif decision.outcome is Outcome.THERE:
        trouble = _note_there(book, decision, run)
    return Delivered(
        book=path,
        title=book.title,
        outcome=decision.outcome,
        place=_place(decision, run),
        format=device.format,
        size=size,
        message=" ".join(filter(None, (decision.message, trouble))) or None,
    )


def _check_alone(book: Edition, run: Run) -> None:
    """Raise DeliveryError for a second edition of a work in one run: which of them is meant?"""
    if book.identifier is None:
        return
    path, edition = run.named.setdefault(book.identifier, (book.path, book.edition))
    if edition != book.edition:
        raise DeliveryError(f"{book.path}: is another edition of the work in {path}. Name one of the two.")


def _plan(book: Edition, decision: Decision, run: Run) -> None:
    """Raise DeviceFullError if a dry run's books would not fit; a KEPUB is about as large as its EPUB."""
    if decision.outcome in ACTS:
        copying.check_room(run.volume, run.planned + len(book.content))
        run.planned += len(book.content)


def _copy(book: Edition, decision: Decision, run: Run) -> bytes:
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


def _note(book: Edition, decision: Decision, content: bytes, run: Run) -> str | None:
    """Keep count of a book that was sent; a sentence if that failed."""
    place = _place(decision, run)
    if book.identifier is not None:
        with run.volume.told(decision.goal):
            state = stamp(decision.goal.stat())
        others = [one for one in run.copies.get(book.identifier, []) if one.path != place]
        aboard = Aboard(
            path=place,
            format=run.job.device.format,
            identifier=book.identifier,
            edition=book.edition,
            title=book.title,
            authors=(),
            stamp=state,
        )
        run.copies[book.identifier] = [*others, aboard]
    line = Sent(
        at=now_as_text(run.job.now),
        act=ACTS[decision.outcome],
        to=run.job.device.key,
        path=place,
        identifier=book.identifier,
        edition=book.edition,
        source_sha256=book.sha256,
        format=run.job.device.format,
        size=len(content),
        sha256=sha256(content),
    )
    return note(line, run.job.journal)


def _note_there(book: Edition, decision: Decision, run: Run) -> str | None:
    """Note which file of the library it is that is there, if the list does not know yet.

    Next time its bytes tell its edition. Another's book that lies there by itself is none of ours.
    """
    last = run.job.journal.latest(run.job.device.key, _place(decision, run))
    if last is None or book.identifier is None or last.source_sha256 == book.sha256:
        return None
    known = replace(last, at=now_as_text(run.job.now), act="seen", source_sha256=book.sha256)
    return note(known, run.job.journal)


def _place(decision: Decision, run: Run) -> str:
    """Where a book is or will be, from the device's top."""
    return decision.goal.relative_to(run.job.device.top).as_posix()
