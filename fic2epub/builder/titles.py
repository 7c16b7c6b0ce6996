"""What a chapter is called, in its heading and in the table of contents.

``--chapter-title`` says how: ``ao3`` as the dump has it (else ``Chapter 3``), ``number`` and ``title`` the
one part of it, ``none`` without a heading on the page, or a pattern. A chapter that lacks what is wished,
a prologue its number, keeps the name that it has.
"""

from fic2epub.builder.labels import labels
from fic2epub.builder.options import PublishOptions
from fic2epub.model import Chapter, Heading, Inline, LineBreak, Text, Work, plain_text
from fic2epub.values import dataclass

__all__ = [
    "ShownHeading",
    "chapter_label",
    "first_new",
    "heading_label",
    "is_weak",
    "label_language",
    "shown_heading",
]

APPROXIMATELY = "≈"


@dataclass(frozen=True, slots=True)
class ShownHeading:
    """The heading on the page."""

    content: tuple[Inline, ...]
    own: bool
    """True for words of the dump, False for the program's."""


@dataclass(frozen=True, slots=True)
class _Name:
    words: str
    own: bool
    guessed: bool = False
    """True if the number in it is."""


def is_weak(work: Work, position: int, options: PublishOptions) -> bool:
    """True if the chapter at this position (from 1) has no file of its own; the first always has one."""
    return position > 1 and work.chapters[position - 1].boundary.score < options.min_confidence


def first_new(work: Work) -> int | None:
    """Position of the first chapter that the work has grown by since an earlier book; None if it has not."""
    memory = work.provenance.memory
    news = memory.news if memory is not None else None
    return news if news is not None and 1 < news <= len(work.chapters) else None


def chapter_label(work: Work, position: int, options: PublishOptions) -> str:
    """What the table of contents calls a chapter.

    ``≈ Chapter 4`` says that the place is a guess, or the number of a chapter without a heading is;
    ``Prologue`` has no number and needs none. A one-shot has the work's title.
    """
    if work.single:
        return work.metadata.title
    name = _name(work, position, options)
    weak = name.guessed or is_weak(work, position, options)
    return f"{APPROXIMATELY} {name.words}" if weak else name.words


def label_language(work: Work, position: int, options: PublishOptions) -> str:
    """The language of a chapter's label: the work's, or that of the program's own words."""
    language = work.metadata.language
    own = work.single or _name(work, position, options).own
    return language if own else labels(language).language


def shown_heading(work: Work, position: int, options: PublishOptions) -> ShownHeading | None:
    """The heading on a chapter's page: as it stands in the dump if there is no other wish."""
    if options.chapter_title == "none":
        return None
    written = work.chapters[position - 1].heading
    if written is not None and (options.chapter_title == "ao3" or heading_label(written) is None):
        return ShownHeading(written.content, own=True)
    chapter = work.chapters[position - 1]
    own = not work.single and chapter.title is None and _name(work, position, options).own
    return ShownHeading((Text(chapter_label(work, position, options)),), own=own)


def _name(work: Work, position: int, options: PublishOptions) -> _Name:
    chapter = work.chapters[position - 1]
    number = labels(work.metadata.language)("Chapter {number}", number=chapter.number or position)
    numbered = _Name(number, own=False, guessed=chapter.number is None)
    written = heading_label(chapter.heading) if chapter.heading is not None else None
    title = chapter.title or _title(chapter)
    if chapter.title is not None:
        label = chapter.heading.label if chapter.heading is not None else None
        written = _joined(label, chapter.title) if label else chapter.title
    as_written = _Name(written, own=True) if written is not None else numbered
    match options.chapter_title:
        case "ao3" | "none":
            return as_written
        case "number":
            return numbered if chapter.number is not None else as_written
        case "title":
            return _Name(title, own=True) if title else as_written
        case pattern:
            return _filled(pattern, chapter, title) or as_written


def _filled(pattern: str, chapter: Chapter, title: str | None) -> _Name | None:
    """A pattern with number and title; None if the chapter lacks one that the pattern asks for."""
    if ("{n}" in pattern and chapter.number is None) or ("{title}" in pattern and not title):
        return None
    words = pattern.replace("{n}", str(chapter.number))
    return _Name(words.replace("{title}", title or ""), own="{title}" in pattern)


def _title(chapter: Chapter) -> str | None:
    """A chapter's title without its number: the rest of its heading, or the whole of one without label."""
    if chapter.heading is None:
        return None
    title = chapter.heading.title
    if title is None and chapter.heading.label is None and chapter.heading.number is None:
        title = plain_text(chapter.heading.content)
    return " ".join((title or "").split()) or None


def heading_label(block: Heading) -> str | None:
    r"""One line from a heading; AO3 writes ``Chapter 3: The Long Way Home`` for a heading of two.

    None for a heading without a visible character.
    """
    if LineBreak() in block.content and block.label and block.title:
        return _joined(block.label, block.title)
    return " ".join(plain_text(block.content).split()) or None


def _joined(label: str, title: str) -> str:
    label = label.strip()
    return f"{label}{'' if label[-1] in '.:-–—' else ':'} {title.strip()}"
