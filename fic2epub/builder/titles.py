"""What a chapter is called, in its heading and in the table of contents."""

from fic2epub.builder.labels import labels
from fic2epub.builder.options import PublishOptions
from fic2epub.model import Heading, LineBreak, Work, plain_text

__all__ = ["chapter_label", "heading_label", "is_weak", "label_language"]

APPROXIMATELY = "≈"


def is_weak(work: Work, position: int, options: PublishOptions) -> bool:
    """True if the chapter at this position (from 1) has no file of its own; the first always has one."""
    return position > 1 and work.chapters[position - 1].boundary.score < options.min_confidence


def chapter_label(work: Work, position: int, options: PublishOptions) -> str:
    """What the table of contents calls a chapter: its heading as written, else its number.

    ``≈ Chapter 4`` says that the place is a guess, or the number of a chapter without a heading is;
    ``Prologue`` has no number and needs none. A one-shot has the work's title.
    """
    chapter = work.chapters[position - 1]
    weak = is_weak(work, position, options)
    name = heading_label(chapter.heading) if chapter.heading is not None else None
    if name is None and work.single:
        return work.metadata.title
    if name is None:
        weak = weak or chapter.number is None
        name = labels(work.metadata.language)("Chapter {number}", number=chapter.number or position)
    return f"{APPROXIMATELY} {name}" if weak else name


def label_language(work: Work, position: int) -> str:
    """The language of a chapter's label: the work's, or that of the program's own words."""
    language = work.metadata.language
    heading = work.chapters[position - 1].heading
    own = work.single or (heading is not None and heading_label(heading) is not None)
    return language if own else labels(language).language


def heading_label(block: Heading) -> str | None:
    r"""One line from a heading; AO3 writes ``Chapter 3: The Long Way Home`` for a heading of two.

    None for a heading without a visible character.
    """
    if LineBreak() in block.content and block.label and block.title:
        label = block.label.strip()
        return f"{label}{'' if label[-1] in '.:-–—' else ':'} {block.title.strip()}"
    return " ".join(plain_text(block.content).split()) or None
