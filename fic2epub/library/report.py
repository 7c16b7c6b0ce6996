"""The report of a run: every work, what was recovered, how sure, and what needs a look, the neediest first.

As a page for people (``report_page``), as JSON for programs, as CSV for a spreadsheet. It names the dumps as
they were named to the run, and holds nothing of the stories.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fic2epub.errors import OutputError, OutputExistsError, UsageError
from fic2epub.library.sheets import csv_row
from fic2epub.model import Level
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.library.catalogue import Entry
    from fic2epub.library.outcome import Outcome

__all__ = ["SUFFIXES", "Need", "Row", "check_target", "in_order", "row_of", "write_report"]

SUFFIXES = (".html", ".json", ".csv")
MARK = "fic2epub report"
"""Near the head of every report: so an older one can be told from a file that must not be replaced."""
_HEAD = 1_000  # bytes that are looked at for it

LOW = 0.9
"""As for the line that people read: a chapter from here on is called sure."""


class Need(Enum):
    """How much a work needs a look; in this order."""

    FAILED = "failed"
    """There is no book."""
    KEPT = "kept"
    """There is a book, and it was left as it is: someone has to decide."""
    DOUBTFUL = "doubtful"
    """Chapters that could not be told, or only from nothing visible; or a warning."""
    LIKELY = "likely"
    """Chapters that are only likely."""
    SURE = "sure"


_KEPT = ("edited", "shrank", "vanished")
"""Statuses of a run that leave the deciding to people, and those that ask for nothing:"""
_IDLE = ("duplicate", "passed over")

_RANK = {need: rank for rank, need in enumerate(Need)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One dump and what came of it. What is not known is None."""

    need: Need
    status: str
    """Of the run: made, unchanged, failed …"""
    dump: str
    book: str | None
    title: str | None
    chapters: int | None = None
    sure: int | None = None
    likely: int | None = None
    unsure: int | None = None
    inferred: int | None = None
    confidence: float | None = None
    """The lowest of its chapters."""
    notes: int | None = None
    words: int | None = None
    reasons: tuple[str, ...] = ()
    """Why it needs a look, in sentences: what failed, then the warnings."""

    @property
    def weight(self) -> tuple[object, ...]:
        """What the rows are sorted by."""
        doubts = (self.unsure or 0) + (self.inferred or 0)
        confidence = 1.0 if self.confidence is None else self.confidence
        return _RANK[self.need], -doubts, confidence, -len(self.reasons), -(self.likely or 0), self.dump


def row_of(outcome: "Outcome", entry: "Entry | None" = None) -> Row:
    """The row of one dump; ``entry`` is its book's in the catalogue.

    It says how sure the book is, and all of a dump that was not read again; of a dump whose book was left
    as it is, the run alone speaks.
    """
    if outcome.status.value in _KEPT and outcome.tally:
        entry = None
    tally = outcome.tally
    warnings = tuple(finding.message for finding in outcome.findings if finding.level is Level.WARNING)
    unsure = tally.unsure if tally else entry.unsure if entry else None
    inferred = entry.inferred if entry else None
    confidence = entry.confidence if entry else None
    row = Row(
        need=Need.SURE,
        status=outcome.status.value,
        dump=outcome.dump,
        book=None if outcome.book is None else str(outcome.book),
        title=outcome.title or (entry.metadata.title if entry else None),
        chapters=tally.chapters if tally else entry.chapters if entry else None,
        sure=tally.sure if tally else None,
        likely=tally.likely if tally else None,
        unsure=unsure,
        inferred=inferred,
        confidence=confidence,
        notes=tally.notes if tally else entry.notes if entry else None,
        words=tally.words if tally else entry.words if entry else None,
        reasons=(*((outcome.message,) if outcome.message else ()), *warnings),
    )
    return _needing(row, outcome, warnings)


def _needing(row: Row, outcome: "Outcome", warnings: Sequence[str]) -> Row:
    values = {field.name: getattr(row, field.name) for field in fields(Row)}
    if outcome.status.value == "failed":
        need = Need.FAILED
    elif outcome.status.value in _KEPT:
        need = Need.KEPT
    elif outcome.status.value in _IDLE:
        need = Need.SURE
    elif row.unsure or row.inferred or warnings:
        need = Need.DOUBTFUL
    elif row.likely or (row.confidence is not None and row.confidence < LOW):
        need = Need.LIKELY
    else:
        need = Need.SURE
    return Row(**{**values, "need": need})


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows, the neediest first; among equals by the dump's path."""
    return sorted(rows, key=lambda row: row.weight)


def check_target(path: Path) -> None:
    """Say before a long run what would make its report impossible.

    Raises UsageError for another kind of file, OutputExistsError for a file that is no report,
    OutputError for a folder that is not there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"--report {path}: its name must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OutputError(f"--report {path}: cannot be written there. Name a file in a folder that exists.")
    if path.exists() and not _is_report(path):
        raise OutputExistsError(
            f"--report {path}: exists, and is no report. It is left alone; name another file."
        )


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise OutputError(f"--report {path}: cannot be read ({error.strerror or error}).") from error
    return not head.strip() or MARK.encode() in head


def write_report(rows: Iterable[Row], path: Path) -> None:
    """Write a report of the kind that the file's name says, whole or not at all.

    Errors as for `check_target`, and OutputError if the disk refuses.
    """
    check_target(path)
    ordered = in_order(rows)
    part = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as stream:
            _write(ordered, path.suffix.lower(), stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise OutputError(f"--report {path}: cannot be written ({error.strerror or error}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write(rows: Sequence[Row], suffix: str, stream: BinaryIO) -> None:
    if suffix == ".html":
        from fic2epub.library.report_page import write_page

        write_page(rows, counts(rows), stream, mark=MARK)
        return
    lines = _json(rows) if suffix == ".json" else _csv(rows)
    stream.writelines(line.encode("utf-8", "backslashreplace") for line in lines)


def counts(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """How many works there are of each need and of each status."""
    needs: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for row in rows:
        needs[row.need.value] += 1
        statuses[row.status] += 1
    return {"needs": {need.value: needs[need.value] for need in Need}, "statuses": dict(statuses)}


def _json(rows: Sequence[Row]) -> Iterator[str]:
    """One object; a line a work, so that it can be read in parts."""
    head = {"schema": 1, "made_by": MARK, **counts(rows)}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "works": ['
    for number, row in enumerate(rows):
        value = {**asdict(row), "need": row.need.value}
        yield f"{',' if number else ''}\n{json.dumps(value, ensure_ascii=False)}"
    yield "\n]}\n"


def _csv(rows: Sequence[Row]) -> Iterator[str]:
    """With a byte order mark, by which Excel knows UTF-8; the mark of a report is the last column's name."""
    names = [field.name for field in fields(Row)]
    yield "\ufeff" + csv_row([*names, MARK])
    for row in rows:
        cells = [getattr(row, name) for name in names]
        yield csv_row([row.need.value, *cells[1:], None])
