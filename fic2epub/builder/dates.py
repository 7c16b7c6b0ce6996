"""The one date of a book, ``dcterms:modified``. Never the clock, so that the bytes can be had again.

In order: SOURCE_DATE_EPOCH (reproducible-builds.org), a date in the dump, the recorded date of the book
that is replaced (the caller knows whether its text is unchanged), the dump file's own time, 2000-01-01.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Protocol

from fic2epub.errors import UsageError
from fic2epub.model import Metadata, Provenance

__all__ = ["Dated", "iso", "modified", "source_date_epoch"]

UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)
"""For a dump from standard input that names no date."""


class Dated(Protocol):
    """What has a date: a work, or the files made of one."""

    @property
    def metadata(self) -> Metadata:
        """Its dates, if the dump has any."""

    @property
    def provenance(self) -> Provenance:
        """The dump file's own time."""


def source_date_epoch(environ: Mapping[str, str]) -> int | None:
    """Read SOURCE_DATE_EPOCH, in seconds since 1970; None if it is not set or empty.

    Only the command line calls this. Raises UsageError if it is no whole number that a date can hold.
    """
    text = environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        epoch = int(text)
        datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {text!r}: give whole seconds since 1970, or unset it."
        ) from error
    return epoch


def modified(work: Dated, *, epoch: int | None = None, recorded: datetime | None = None) -> datetime:
    """When this work was last changed: UTC, whole seconds; the order is the module's."""
    if epoch is not None:
        return datetime.fromtimestamp(epoch, UTC)
    metadata = work.metadata
    dated = metadata.updated or metadata.published
    if dated is not None and _plausible(dated):
        return datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
    if recorded is not None:
        return recorded
    if work.provenance.modified is not None:
        try:
            at = datetime.fromtimestamp(int(work.provenance.modified), UTC)
        except (ValueError, OverflowError, OSError):
            return UNKNOWN  # a broken file system's idea of a date
        return at if _plausible(at) else UNKNOWN
    return UNKNOWN


def _plausible(when: date) -> bool:
    # EPUBCheck wants four digits for the year, and readers sort books by it.
    return 1900 <= when.year <= 9998


def iso(when: datetime) -> str:
    """``2015-01-10T00:00:00Z``, as the package document and the record write it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
