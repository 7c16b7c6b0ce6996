"""What a book says of itself and of how it was made (``fic2epub.record`` writes and reads it)."""

from fic2epub.model.memory import Memory
from fic2epub.model.metadata import Metadata
from fic2epub.values import dataclass

__all__ = ["ChapterRecord", "NoteRecord", "Record", "WorkRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterRecord:
    """One boundary, as it was decided."""

    file: str
    """From the book's root; with a fragment if the boundary was too weak for a file of its own."""
    number: int | None
    score: float
    rules: tuple[str, ...]
    inferred: bool
    fingerprint: str | None
    """Of the chapter's first paragraph, notes included; None if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecord:
    """One note, as it was decided."""

    kind: str
    """A ``NoteKind``'s value."""
    chapter: int | None
    """Its chapter, by position from 1; None for a note of the work."""
    score: float
    rules: tuple[str, ...]
    fingerprint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One work in the book; a plain book has one, an anthology several."""

    identifier: str
    work_id: str | None
    source_sha256: str | None
    words: int
    """As the preface counts them."""
    metadata: Metadata
    """As the book shows it; without ``header``, which only repeats the rest as it was spelled."""
    summary: str | None
    """The summary, of the header and of the section, a paragraph a line."""
    chapters: tuple[ChapterRecord, ...]
    notes: tuple[NoteRecord, ...]
    memory: Memory | None = None
    """How the dump was read, so that a newer one is read the same way; None if no parser did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that a book says about itself."""

    program: str
    """The version of fic2epub that wrote it."""
    identifier: str
    title: str
    modified: str
    """ISO 8601, UTC: the book's ``dcterms:modified``."""
    options_sha256: str
    works: tuple[WorkRecord, ...]
    content_sha256: str
    """Over every entry but ``mimetype`` and the record itself."""
