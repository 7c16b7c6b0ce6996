"""What became of one book, by whichever road it went."""

from enum import StrEnum
from pathlib import Path

from fic2epub.errors import Fic2EpubError
from fic2epub.values import dataclass

__all__ = ["Delivered", "Outcome"]


class Outcome(StrEnum):
    """What became of a book."""

    SENT = "sent"
    REPLACED = "replaced"
    """It took the place of another edition of itself."""
    THERE = "there"
    """The same edition is there already: nothing was done."""
    OUTDATED = "outdated"
    """Another edition is there, and stays: its device would forget where the reader is in it."""
    REMOVED = "removed"
    ABSENT = "absent"
    """It was to be taken off and is not there."""
    FAILED = "failed"
    LATER = "later"
    """Refused for now, by a mail server: nothing was delivered, and the same command may be run again."""
    UNKNOWN = "unknown"
    """A mail server hung up before its answer, now or in an earlier run: it may have arrived. Not to be sent
    again unless the reader says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of one book. On a dry run: what would."""

    book: Path | None
    """In the library; None for one that is known from the device alone."""
    title: str
    outcome: Outcome
    place: str | None = None
    """Where it is now, or was: a path from the device's top with ``/``, or a mail address."""
    format: str | None = None
    size: int | None = None
    """In bytes, of the file as it was sent."""
    message: str | None = None
    """A sentence for the reader, where there is more to say."""
    error: Fic2EpubError | None = None
    """Why it failed, or what is to be done about an outcome of mail that is none."""
    warnings: tuple[str, ...] = ()
    """What the receiver may stumble over, a sentence each; nothing that it refuses."""
