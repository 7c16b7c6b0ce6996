"""Blocks to XHTML, as trees."""

import re
from collections.abc import Iterator

from lxml import etree

from fic2epub.builder.labels import Labels
from fic2epub.builder.markup import XHTML, Element, make
from fic2epub.model import (
    Block,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    Note,
    Paragraph,
    ParagraphKind,
    SceneBreak,
    Strong,
    Text,
    plain_text,
)
from fic2epub.patterns import late

__all__ = [
    "add_line",
    "bare_words",
    "fill",
    "flow",
    "heading",
    "indents_next",
    "is_blank",
    "paragraph",
    "scene_break",
]

_P = f"{XHTML}p"

# Only addresses that EPUBCheck lets pass (RSC-020); anything else is shown as plain words.
_SAFE_HREF_RE = late(
    r"""
    (?: https?://[a-z0-9.-]+ (?: :[0-9]+ )? (?=[/?\#]|$)
      | mailto: (?=[^@]+@[^@]+$)
    )
    (?: [a-z0-9._~!$&'()*+,;=:@/?-] | %[0-9a-f]{2} )*
    (?: \# (?: [a-z0-9._~!$&'()*+,;=:@/?-] | %[0-9a-f]{2} )* )?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def fill(parent: Element, content: tuple[Inline, ...]) -> Element:
    """Put inlines into an element after what it holds, their characters exactly as given."""
    if len(content) == 1 and isinstance(content[0], Text) and len(parent) == 0:
        parent.text = (parent.text or "") + content[0].text  # as most paragraphs are
        return parent
    texts: list[str] = []
    last: Element | None = None if len(parent) == 0 else parent[-1]

    def flush() -> None:
        if texts and last is None:
            parent.text = (parent.text or "") + "".join(texts)
        elif texts and last is not None:
            last.tail = (last.tail or "") + "".join(texts)
        texts.clear()

    for inline in content:
        if isinstance(inline, Text):
            texts.append(inline.text)
            continue
        flush()
        last = _inline(inline)
        parent.append(last)
    flush()
    return parent


def _inline(inline: Emphasis | Strong | Link | LineBreak) -> Element:
    match inline:
        case LineBreak():
            return make("br")
        case Emphasis(content):
            return fill(make("em"), content)
        case Strong(content):
            return fill(make("strong"), content)
        case Link(href, content):
            safe = _SAFE_HREF_RE.fullmatch(href)
            return fill(make("a", href=href) if safe else make("span"), content)


_CLASSES = {
    ParagraphKind.DATELINE: ("dateline",),
    ParagraphKind.CLOSING: ("closing",),
}


def paragraph(block: Paragraph, *, first: bool = False, identifier: str | None = None) -> Element:
    """A ``p``. ``first``: it follows a heading or break and is not indented.

    A paragraph with line breaks (verse, the head of a letter) has the class ``lines``.
    """
    classes = [] if block.kind is ParagraphKind.PROSE else [*_CLASSES[block.kind]]
    if first:
        classes.append("first")
    if any(isinstance(one, LineBreak) for one in block.content):
        classes.append("lines")
    return fill(make("p", cls=" ".join(classes) or None, id=identifier), block.content)


def bare_words(block: Block) -> str | None:
    """The words of a paragraph that is nothing but words, as most are; None for any other block."""
    if isinstance(block, Paragraph) and block.kind is ParagraphKind.PROSE and len(block.content) == 1:
        only = block.content[0]
        return only.text if isinstance(only, Text) else None
    return None


def add_line(parent: Element, words: str) -> None:
    """Add a ``p`` behind others: what `paragraph` makes of such words, in a quarter of its time."""
    line = etree.SubElement(parent, _P)
    line.text = words
    line.tail = "\n"


def scene_break(block: SceneBreak, *, say: Labels, identifier: str | None = None) -> Element:
    """An ``hr``, said aloud as a scene break (DAISY knowledge base, issue 183); a separator is silent."""
    if block.separator:
        return make("hr", cls="separator", id=identifier)
    return say.mark(make("hr", cls="scene-break", aria_label=say("scene break"), id=identifier))


def heading(
    level: int, content: tuple[Inline, ...], *, cls: str | None = None, identifier: str | None = None
) -> Element:
    """``h1`` to ``h6`` with the words as written."""
    return fill(make(f"h{min(max(level, 1), 6)}", cls=cls, id=identifier), content)


def flow(
    blocks: tuple[Paragraph | SceneBreak | Heading, ...], *, level: int, say: Labels, first: bool = True
) -> Iterator[Element]:
    """The elements of some blocks, in order; a paragraph that opens something is marked ``first``.

    A paragraph of white space alone makes no element: an empty ``p`` is a layout trick that readers
    speak or skip (EPUB 3.3 accessibility techniques), and white space has no fate in the ledger.
    """
    for block in blocks:
        match block:
            case Paragraph():
                if is_blank(block):
                    continue
                yield paragraph(block, first=first)
            case SceneBreak():
                yield scene_break(block, say=say)
            case Heading():
                yield heading(level, block.content)
        first = not indents_next(block)


def indents_next(block: Block) -> bool:
    """True if the paragraph behind this block is one of a run, and so indented.

    The first behind a heading, a break or a date line is not: something begins there.
    """
    return isinstance(block, Paragraph) and block.kind is not ParagraphKind.DATELINE


def is_blank(block: Block) -> bool:
    """True for what shows nothing: a paragraph of white space and line breaks, a note of such."""
    if isinstance(block, Paragraph):
        text = plain_text(block.content)
        return not text or text.isspace()
    return isinstance(block, Note) and all(is_blank(inner) for inner in block.blocks)
