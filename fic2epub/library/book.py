"""One dump, as far as a finished book in memory: what `shelf` places and `batch` makes many of."""

import os
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fic2epub.builder.options import PublishOptions
from fic2epub.library.names import SUFFIXES, book_name, work_tag
from fic2epub.model import Block, Draft, Finding, Memory, Metadata, Note, Publication, Recovery, Work
from fic2epub.parser.options import ParseOptions
from fic2epub.record import Record
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.parser.corrections import Corrections

__all__ = [
    "Book",
    "BookFormat",
    "MakeOptions",
    "Tally",
    "build",
    "corrections_of",
    "make",
    "memory_of",
    "named_by",
    "packed",
    "recover",
    "tally",
]

BookFormat = Literal["epub", "kepub"]

_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # a recorded date that no book has: asks if one would be used
SURE = 0.9  # a boundary from here on is called sure; below it, down to --min-confidence, likely


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOptions:
    """The options of the whole route."""

    parse: ParseOptions = field(default_factory=ParseOptions)
    publish: PublishOptions = field(default_factory=PublishOptions)
    corrections: Path | None = None
    """The folder of the correction files; None for beside each dump."""
    epoch: int | None = None
    """SOURCE_DATE_EPOCH: the date of every book, in seconds since 1970."""
    recover_again: bool = False
    """Recover afresh, whatever the book that stands there remembers."""
    force: bool = False
    """Replace what would otherwise be left alone; the old file is kept as a backup."""
    format: BookFormat = "epub"
    """``kepub`` for Kobo's own reader; the book's name then ends in ``.kepub.epub``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was recovered, counted for the line that people read."""

    sure: int
    """Chapters whose beginning is as good as certain; the first always is."""
    likely: int
    unsure: int
    """Boundaries under ``--min-confidence``: an entry of the contents, not a chapter."""
    notes: int
    """Those shown as notes; a doubtful one stays prose."""
    words: int

    @property
    def chapters(self) -> int:
        """Chapters of the book."""
        return self.sure + self.likely


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A finished book that has no place yet."""

    publication: Publication
    content: bytes
    """The EPUB or KEPUB file."""
    name: str
    """The file name that it would like."""
    tag: str | None
    """The work id, for when that name is taken."""
    dated: bool
    """Whether its date comes from the dump's text or the reader, and not from the file's own time."""
    tally: Tally
    findings: tuple[Finding, ...] = ()
    format: BookFormat = "epub"


def recover(
    draft: Draft, options: MakeOptions, *, corrected: bool = True, standing: Record | None = None
) -> Recovery:
    """Parse one dump with the reader's corrections of it; raises ParseError or CorrectionsError.

    ``corrected`` is False if the caller knows that there are none: then no folder is searched for them.
    What the ``standing`` book remembers of the work is kept, unless the options want it recovered again.
    """
    from fic2epub.parser.work import parse

    corrections = corrections_of(draft, options) if corrected else None
    memory = None if options.recover_again else memory_of(draft, standing)
    return parse(draft, corrections, options=options.parse, memory=memory)


def corrections_of(draft: Draft, options: MakeOptions) -> "Corrections | None":
    """The reader's corrections of a dump; None if there are none. Raises CorrectionsError."""
    folder = options.corrections or (draft.origin.path.parent if draft.origin.path else None)
    if folder is None or not _has_corrections(folder):
        return None
    from fic2epub.parser.correction_file import find_corrections  # late: most folders have none

    return find_corrections(draft, options.corrections)


def _has_corrections(folder: Path) -> bool:
    """Whether any file of a folder may be a correction file."""
    try:
        return any(name.endswith(".fic.toml") for name in os.listdir(folder))  # noqa: PTH208 - no Path for every file
    except OSError:
        return False


def memory_of(draft: Draft, standing: Record | None) -> Memory | None:
    """What a standing book remembers of a work; of an anthology's works the one that the header names.

    To take another's does no harm: only what stands in the dump unchanged is kept.
    """
    if standing is None:
        return None
    if len(standing.works) == 1 and standing.works[0].identifier == standing.identifier:
        return standing.works[0].memory
    named = named_by(draft.metadata)
    return next((work.memory for work in standing.works if named_by(work.metadata) == named), None)


def named_by(metadata: Metadata) -> tuple[object, ...]:
    """What a header tells a work by."""
    return (metadata.work_id,) if metadata.work_id else (metadata.title, metadata.creators)


def make(draft: Draft, options: MakeOptions, *, standing: Record | None = None) -> Book:
    """Recover, publish and pack one dump; raises ParseError, CorrectionsError or PackageError.

    ``standing`` is the record of the work's book as it stands now, if there is one.
    """
    return build(recover(draft, options, standing=standing), options, standing=standing)


def build(recovery: Recovery, options: MakeOptions, *, standing: Record | None = None) -> Book:
    """Publish and pack what was recovered of one dump; raises PackageError.

    If the text is that of the ``standing`` book, its date is kept: a dump that was only copied or touched
    gives the same bytes again.
    """
    from fic2epub.builder.dates import modified
    from fic2epub.builder.discreet import shown_metadata
    from fic2epub.builder.publication import publish

    recorded = _recorded_date(recovery.work, standing)
    publication = publish(recovery.work, options=options.publish, epoch=options.epoch, recorded=recorded)
    metadata = recovery.work.metadata
    return Book(
        publication=publication,
        content=packed(publication, options.format),
        name=book_name(shown_metadata(metadata, options.publish), suffix=SUFFIXES[options.format]),
        tag=work_tag(metadata),
        dated=modified(recovery.work, epoch=options.epoch, recorded=_NEVER) != _NEVER,
        tally=tally(
            recovery.work,
            min_confidence=options.publish.min_confidence,
            words=publication.record["works"][0]["words"],
        ),
        findings=(*recovery.findings, *publication.findings),
        format=options.format,
    )


def _recorded_date(work: Work, standing: Record | None) -> datetime | None:
    """The date of the standing book if it is of the same text."""
    source = work.provenance.source_sha256
    if standing is None or len(standing.works) != 1 or standing.works[0].source_sha256 != source:
        return None
    try:
        return datetime.fromisoformat(standing.modified)
    except ValueError:
        return None  # anyone may have written it


def packed(publication: Publication, format: BookFormat) -> bytes:
    """The book's file in the format that the reader wants; raises PackageError as `pack` does.

    A KEPUB is made of the finished EPUB, as of anybody's; its record is that of its own entries.
    """
    from fic2epub.builder.package import pack

    content = pack(publication)
    if format == "epub":
        return content
    from fic2epub.builder.kepub import kepub_file

    return kepub_file(content)


def tally(work: Work, *, min_confidence: float, words: int | None = None) -> Tally:
    """Count a work's chapters by how sure they are, its notes, and its words as the preface does.

    ``words`` is that count if it is known: a work of a million words is not counted twice.
    """
    from fic2epub.builder.fields import count_words
    from fic2epub.builder.notes import is_doubtful

    scores = [chapter.boundary.score for chapter in work.chapters]
    sure = sum(score >= max(SURE, min_confidence) for score in scores)
    unsure = sum(score < min_confidence for score in scores)
    blocks: list[Block] = [*work.front, *work.back]
    for chapter in work.chapters:
        blocks += [*chapter.front, *chapter.body, *chapter.back]
    return Tally(
        sure=sure,
        likely=len(scores) - sure - unsure,
        unsure=unsure,
        notes=sum(isinstance(block, Note) and not is_doubtful(block) for block in blocks),
        words=count_words(work) if words is None else words,
    )
