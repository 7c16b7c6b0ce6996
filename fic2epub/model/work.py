"""A work as recovered from a dump, and the account of how."""

from enum import Enum
from pathlib import Path

from fic2epub.model.blocks import Block, Evidence, Heading, Note, NoteKind, Paragraph, SceneBreak, plain_text
from fic2epub.model.memory import Memory
from fic2epub.model.metadata import Metadata
from fic2epub.model.source import SourceText, Span
from fic2epub.values import dataclass

__all__ = [
    "Chapter",
    "Draft",
    "DropReason",
    "Fate",
    "Finding",
    "LedgerEntry",
    "Level",
    "Origin",
    "Provenance",
    "Recovery",
    "Work",
    "summary_text",
]


class Level(Enum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the reader should know about a dump."""

    rule: str
    """Stable id, e.g. ``header.missing`` or ``chapters.count-unreached``."""
    level: Level
    message: str
    """A sentence."""
    span: Span | None = None


class Fate(Enum):
    """What became of a character of the dump; every one that is not white space has exactly one."""

    TEXT = "text"
    """It stands in the book, among the work's words."""
    FIELD = "field"
    """Header or section label, shown in the preface."""
    MARKER = "marker"
    """A scene break or separator, shown as a rule; a mark of emphasis, shown as italics or bold."""
    REPAIRED = "repaired"
    """Part of a repair whose result stands in the book."""
    DROPPED = "dropped"


class DropReason(Enum):
    """The only reasons for which anything is left out of the book."""

    JUMP_LINE = "jump line"
    TITLE_REPEATED = "title repeated"
    CONTROL_CHARACTER = "control character"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The fate of one stretch of the dump."""

    span: Span
    fate: Fate
    detail: str | None = None
    """The header key, the marker, the repair's result, or the ``DropReason``'s value."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a draft came from."""

    path: Path | None
    """None for standard input."""
    name: str
    """The file's base name, or ``<stdin>``; what messages call it."""
    modified: float | None = None
    """Seconds since 1970, the file's; None for standard input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A dump whose header has been read and whose body has not."""

    origin: Origin
    source: SourceText
    metadata: Metadata
    summary: tuple[Span, ...] = ()
    """The lines of a ``Summary:`` section that are not blank, a span a line."""
    body: Span
    """From the first line after header and labels to the end of the text."""
    fields: tuple[LedgerEntry, ...] = ()
    """The fate of what lies before the body: header lines and section labels."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter. In the dump's order: ``part``, ``heading``, ``front``, ``body``, ``back``."""

    number: int | None
    """Its number if that is known: the heading says so, or the declared count is reached."""
    part: Heading | None = None
    """The part heading that stands above this chapter, if it is the part's first."""
    heading: Heading | None = None
    front: tuple[Block, ...] = ()
    """Summary, notes before and separators."""
    body: tuple[Block, ...]
    """The story: paragraphs, scene breaks, second-level headings, notes within. Empty only if the
    chapter is nothing but a note."""
    back: tuple[Block, ...] = ()
    """Notes after, separators and closing lines."""
    title: str | None = None
    """A title that the reader gave it; no words of the dump."""
    boundary: Evidence
    """How sure it is that a chapter begins here; the first chapter's score is 1."""
    span: Span
    """From its first character that is not white space to the last."""

    def notes(self, kind: NoteKind) -> tuple[Note, ...]:
        """Its notes of one kind, in order, wherever they stand."""
        blocks = (*self.front, *self.body, *self.back)
        return tuple(block for block in blocks if isinstance(block, Note) and block.kind is kind)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a book remembers of the dump that it was made from."""

    source_sha256: str | None = None
    """Of the dump's text: ``SourceText.sha256``."""
    modified: float | None = None
    """The dump file's own time, in seconds since 1970; None for standard input."""
    memory: Memory | None = None
    """How the dump was read; None for a work that no parser read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the author wrote, with its structure."""

    metadata: Metadata
    provenance: Provenance = Provenance()
    summary: tuple[Paragraph, ...] = ()
    """The work's summary, from a ``Summary:`` section; related-work lines are paragraphs of it."""
    front: tuple[Paragraph | SceneBreak | Note, ...] = ()
    """What stands before the first chapter's heading: a disclaimer, a dedication."""
    chapters: tuple[Chapter, ...]
    """At least one."""
    back: tuple[Paragraph | SceneBreak | Note, ...] = ()
    """What stands after the last chapter and belongs to the work: a glossary, credits."""

    @property
    def single(self) -> bool:
        """True for a work of one chapter that shows no chapter heading (AO3's one-shot form)."""
        return len(self.chapters) == 1 and self.chapters[0].heading is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A work and the whole account of how it was read."""

    origin: Origin
    source: SourceText
    work: Work
    ledger: tuple[LedgerEntry, ...]
    """In the order of the text, without overlap; covers every character that is not white space."""
    findings: tuple[Finding, ...] = ()


def summary_text(work: Work) -> str | None:
    """The summary of the header and of the section, a paragraph a line; None if there is neither."""
    parts = [work.metadata.summary or "", *(plain_text(block.content) for block in work.summary)]
    return "\n".join(part.strip() for part in parts if part.strip()) or None
