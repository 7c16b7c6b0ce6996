"""One dump, as far as a finished book in memory: what `shelf` places and `batch` makes many of."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fic2epub.builder.options import PublishOptions
from fic2epub.library.names import book_name, work_tag
from fic2epub.model import Block, Draft, Finding, Note, Publication, Recovery, Work
from fic2epub.parser.options import ParseOptions

__all__ = ["Book", "MakeOptions", "Tally", "make", "recover", "tally"]

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
    force: bool = False
    """Replace what would otherwise be left alone; the old file is kept as a backup."""


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
    """The EPUB file."""
    name: str
    """The file name that it would like."""
    tag: str | None
    """The work id, for when that name is taken."""
    dated: bool
    """Whether its date comes from the dump's text or the reader, and not from the file's own time."""
    tally: Tally
    findings: tuple[Finding, ...] = ()


def recover(draft: Draft, options: MakeOptions) -> Recovery:
    """Parse one dump with the reader's corrections of it; raises ParseError or CorrectionsError."""
    from fic2epub.parser.correction_file import find_corrections
    from fic2epub.parser.work import parse

    return parse(draft, find_corrections(draft, options.corrections), options=options.parse)


def make(draft: Draft, options: MakeOptions) -> Book:
    """Recover, publish and pack one dump; raises ParseError, CorrectionsError or PackageError."""
    from fic2epub.builder.dates import modified
    from fic2epub.builder.package import pack
    from fic2epub.builder.publication import publish

    recovery = recover(draft, options)
    publication = publish(recovery.work, options=options.publish, epoch=options.epoch)
    metadata = recovery.work.metadata
    return Book(
        publication=publication,
        content=pack(publication),
        name=book_name(metadata),
        tag=work_tag(metadata),
        dated=modified(recovery.work, epoch=options.epoch, recorded=_NEVER) != _NEVER,
        tally=tally(recovery.work, min_confidence=options.publish.min_confidence),
        findings=(*recovery.findings, *publication.findings),
    )


def tally(work: Work, *, min_confidence: float) -> Tally:
    """Count a work's chapters by how sure they are, its notes, and its words as the preface does."""
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
        words=count_words(work),
    )
