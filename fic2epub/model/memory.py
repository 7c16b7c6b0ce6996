"""What a book remembers of how its dump was read, so that a newer dump is read the same way.

It holds what was recovered, before the reader's corrections, as offsets within each chapter's stretch of
the dump: a stretch that comes again, wherever in the dump, is read as it was. What a paragraph's own
words say (a jump line, a scene break of asterisks) is not repeated here; what was decided by looking at
the whole work is, since the whole work changes when it grows.
"""

from fic2epub.values import dataclass

__all__ = ["Leaf", "Mark", "Memory", "Trace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was decided of one paragraph that is no plain prose."""

    at: int
    """Offset of its first character from that of the chapter's stretch."""
    role: str
    """``heading``, ``title``, ``closing``, ``dateline``, ``break``, or a ``NoteKind``'s value."""
    score: float | None = None
    """Of a note: its log-odds, neighbours considered."""
    fingerprint: str | None = None
    """Of a note, to find it in a chapter that was edited."""
    rule: str | None = None
    """Of a heading, as the following are."""
    label: str | None = None
    title: str | None = None
    number: int | None = None
    level: int | None = None
    last: int | None = None
    """Offset of the paragraph that is the heading's second line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One chapter as it was recovered: a stretch of the dump without a gap to the next."""

    text: str
    """Sixteen hex digits of the SHA-256 of the stretch, as the dump has it."""
    length: int
    """Characters, from the first that shows to the last."""
    first: str
    """Fingerprint of its first paragraph, a heading too."""
    story: str
    """Fingerprint of the paragraph that its story begins with, to find it in a chapter that was edited."""
    head: int
    """Offset behind the work's front matter; 0 in every chapter but the first."""
    body: int
    """Offset of its story; equal to ``length`` if it has none."""
    back: int
    """Offset behind its story; equal to ``length`` if nothing stands there."""
    score: float
    rules: tuple[str, ...]
    inferred: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One chapter of the book, the reader's corrections done."""

    text: str
    """Sixteen hex digits of the SHA-256 of its stretch of the dump."""
    number: int | None
    emphasis: str | None
    """The signs that emphasise in it; None if they were to be left as they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How a whole dump was read."""

    form: tuple[str, int, int, int]
    """How it sets its paragraphs: name, margin, slack, spacing."""
    language: str
    declared: int | None
    """How many chapters it was to hold, by its header, an option or a correction."""
    infer: bool
    """Whether chapters that nothing bears out were looked for."""
    chapters: tuple[Trace, ...]
    """Before the reader's corrections."""
    leaves: tuple[Leaf, ...]
    """The chapters of the book."""
    news: int | None = None
    """Position of the first chapter that the work grew by when it last did; None if it never has."""
