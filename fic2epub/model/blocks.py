"""The text of a work: inlines, blocks, notes.

Every block knows the span of the dump that it was read from. A new kind of block is added to
``Block``; mypy then names every ``match`` that must learn of it.
"""

from enum import Enum

from fic2epub.model.source import Span
from fic2epub.values import dataclass

__all__ = [
    "Block",
    "Emphasis",
    "Evidence",
    "Firing",
    "Heading",
    "Inline",
    "LineBreak",
    "Link",
    "Note",
    "NoteKind",
    "Paragraph",
    "ParagraphKind",
    "SceneBreak",
    "Strong",
    "Text",
    "plain_text",
    "written_text",
]


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand in the dump, repaired, without line ends."""

    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line end of the dump that is kept: in verse, a letter's head, a two-line heading."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Emphasised words, shown in italics."""

    content: tuple["Inline", ...]
    mark: str | None = None
    """As written on both sides: ``_``; None if the dump has no marks for it."""


@dataclass(frozen=True, slots=True)
class Strong:
    """Strongly emphasised words, shown in bold."""

    content: tuple["Inline", ...]
    mark: str | None = None
    """As written on both sides: ``**``; None if the dump has no marks for it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A web address in a note or summary, with the words that stand for it."""

    href: str
    content: tuple["Inline", ...]


Inline = Text | LineBreak | Emphasis | Strong | Link


def plain_text(content: tuple[Inline, ...]) -> str:
    """The words of some inlines; a line break becomes a space.

    >>> plain_text((Text("one"), LineBreak(), Emphasis((Text("two"),))))
    'one two'
    """
    if len(content) == 1 and isinstance(content[0], Text):
        return content[0].text  # as most paragraphs are
    parts = []
    for inline in content:
        match inline:
            case Text(text):
                parts.append(text)
            case LineBreak():
                parts.append(" ")
            case Emphasis(inner) | Strong(inner) | Link(_, inner):
                parts.append(plain_text(inner))
    return "".join(parts)


def written_text(content: tuple[Inline, ...]) -> str:
    """The words of some inlines with the marks of their emphasis, as the dump has them.

    What tells a paragraph or a work again is made of this: it is the same with emphasis or without.

    >>> written_text((Text("not "), Emphasis((Text("now"),), "_")))
    'not _now_'
    """
    if len(content) == 1 and isinstance(content[0], Text):
        return content[0].text
    parts = []
    for inline in content:
        match inline:
            case Text(text):
                parts.append(text)
            case LineBreak():
                parts.append(" ")
            case Emphasis(inner, mark) | Strong(inner, mark):
                parts += [mark or "", written_text(inner), mark or ""]
            case Link(_, inner):
                parts.append(written_text(inner))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule that spoke for a guess."""

    rule: str
    """Its stable id, e.g. ``note.apology``."""
    words: str | None = None
    """The words of the dump that made it fire, or None for a rule about form."""
    weight: float = 0.0
    """What it added to the score, in log-odds; 0 for a rule that decides by itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure the program is of something it found, and why."""

    score: float
    """A probability, 0.0 to 1.0."""
    firings: tuple[Firing, ...] = ()
    """The strongest first."""
    inferred: bool = False
    """True if nothing that a reader can see bears it out: no heading, jump line, note or spacing."""


class ParagraphKind(Enum):
    """What a paragraph of the story is, where it is not plain prose."""

    PROSE = "prose"
    DATELINE = "dateline"
    """A date, place or point-of-view line that opens a chapter or scene."""
    CLOSING = "closing"
    """``The End``, ``Fin``, ``TBC``."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; its line breaks, if any, are ``LineBreak`` inlines."""

    content: tuple[Inline, ...]
    span: Span
    kind: ParagraphKind = ParagraphKind.PROSE


@dataclass(frozen=True, slots=True)
class SceneBreak:
    """A break between scenes, or the rule that parts a story from a note."""

    marker: str
    """As written: ``***``, ``oOo``; shown as a rule, its spelling kept in the ledger."""
    span: Span
    separator: bool = False
    """True beside a note, where it parts the story from the author's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading that stands in the dump, in one paragraph or two (``Chapter 3`` over its title)."""

    content: tuple[Inline, ...]
    """As written; a ``LineBreak`` between the two parts if they stood apart."""
    span: Span
    label: str | None = None
    """``Chapter 3``, ``III.``, ``Epilogue``, as written."""
    title: str | None = None
    """The rest: ``The Long Way Home``, as written."""
    number: int | None = None
    level: int = 1
    """1 for a chapter, 0 for a part that holds chapters, 2 for a section inside a chapter."""


class NoteKind(Enum):
    """Where an author's note belongs; the names are AO3's."""

    SUMMARY = "summary"
    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Note:
    """Words of the author's that are not the story: a chapter summary or an author's note."""

    kind: NoteKind
    blocks: tuple["Paragraph | SceneBreak", ...]
    span: Span
    evidence: Evidence


Block = Paragraph | SceneBreak | Heading | Note
