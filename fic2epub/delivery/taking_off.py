"""Books off a device again: those that the program put there, and that nobody has changed since."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from fic2epub.delivery import copying
from fic2epub.delivery.aboard import is_as_made
from fic2epub.delivery.azw3 import read_mark
from fic2epub.delivery.copying import Stamp, stamp
from fic2epub.delivery.decision import sha256
from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.edition import Edition, read_edition
from fic2epub.delivery.run import Job, Run, line_of, note, start
from fic2epub.delivery.sent import Sent, now_as_text
from fic2epub.errors import DeviceGoneError, Fic2EpubError, NameTakenError

__all__ = ["take_off"]


def take_off(books: Iterable[Path], job: Job) -> Iterator[Delivered]:
    """Take books off a device again, every copy of each; what became of each is yielded as it is known.

    A book is named by its file in the library or by the one on the device. A copy that someone has changed
    since is left alone. Raises DeviceGoneError if the device was pulled out, DeliveryError if it is
    read-only.
    """
    run = start(job)
    for path in books:
        try:
            results = _take_off(path, run)
        except DeviceGoneError:
            raise
        except Fic2EpubError as error:
            results = [Delivered(book=path, title=path.stem, outcome=Outcome.FAILED, error=error)]
        yield from results


def _take_off(path: Path, run: Run) -> list[Delivered]:
    """Every copy of one book, off the device."""
    device = run.job.device
    if (mark := read_mark(path)) is not None:
        identifier, title = f"urn:uuid:{mark.uuid}", mark.title
    else:
        book = read_edition(path, run.job.journal.edition)
        if book.identifier is None:
            return _take_off_by_list(book, run)
        identifier, title = book.identifier, book.title
    results = []
    for one in run.copies.pop(identifier, []):
        goal = device.top / one.path
        if is_as_made(one, device):
            line = line_of(one, device, "removed", run.job.now)
            results.append(_remove(path, title, goal, one.stamp, line, run))
            continue
        error = NameTakenError(f"{goal}: was changed after fic2epub made it. It is left alone.")
        results.append(Delivered(book=path, title=title, outcome=Outcome.FAILED, place=one.path, error=error))
    return results or [Delivered(book=path, title=title, outcome=Outcome.ABSENT)]


def _take_off_by_list(book: Edition, run: Run) -> list[Delivered]:
    """A book that others made: ours to take off if the list says so, and the file is still the same."""
    device = run.job.device
    results = []
    for line in run.job.journal.there(device.key):
        goal = device.top / line.path
        if line.source_sha256 != book.sha256 or line.sha256 is None or not goal.is_file():
            continue
        with run.volume.told(goal):
            state, same = stamp(goal.stat()), sha256(goal.read_bytes()) == line.sha256
        if same:
            gone = replace(line, at=now_as_text(run.job.now), act="removed")
            results.append(_remove(book.path, book.title, goal, state, gone, run))
    return results or [Delivered(book=book.path, title=book.title, outcome=Outcome.ABSENT)]


def _remove(path: Path, title: str, goal: Path, state: Stamp, line: Sent, run: Run) -> Delivered:
    message = None
    if not run.job.dry_run:
        copying.remove(goal, run.volume, expected=state)
        message = note(line, run.job.journal)
    return Delivered(
        book=path,
        title=title,
        outcome=Outcome.REMOVED,
        place=line.path,
        format=line.format,
        size=line.size,
        message=message,
    )
