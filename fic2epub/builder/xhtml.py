"""Blocks to XHTML, as trees: the serialiser escapes, nothing is joined from strings.

The documents begin as templates: well-formed XHTML in ``templates/``, whose slots (``id="slot-…"``) are
found by id and filled; a slot left over is removed before the document is written.
"""

import copy
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from lxml import etree

from fic2epub.builder.languages import direction
from fic2epub.errors import PackageError
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

__all__ = [
    "Element",
    "Page",
    "append",
    "fill",
    "flow",
    "heading",
    "is_blank",
    "make",
    "paragraph",
    "raw_template",
    "scene_break",
    "template",
]

Element = etree._Element

XHTML = "{http://www.w3.org/1999/xhtml}"
OPS_TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Double quotes: Send-to-Kindle is said to read a page without this line as Latin-1 (seen autumn 2026).
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
DOCTYPE = b"<!DOCTYPE html>\n"

# Only addresses that EPUBCheck lets pass (RSC-020); anything else is shown as plain words.
_SAFE_HREF_RE = re.compile(
    r"""
    (?: https?://[a-z0-9.-]+ (?: :[0-9]+ )? (?=[/?\#]|$)
      | mailto: (?=[^@]+@[^@]+$)
    )
    (?: [a-z0-9._~!$&'()*+,;=:@/?-] | %[0-9a-f]{2} )*
    (?: \# (?: [a-z0-9._~!$&'()*+,;=:@/?-] | %[0-9a-f]{2} )* )?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _folder() -> Traversable:
    """Where the templates are: inside the installed package, or at the top of a checkout."""
    shipped = resources.files("fic2epub") / "templates"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "templates"


def raw_template(name: str) -> bytes:
    """A file of ``templates/`` as it is. Raises PackageError if the installation lacks it."""
    try:
        return (_folder() / name).read_bytes()
    except OSError as error:
        raise PackageError(f"The template {name} is missing: install fic2epub again.") from error


@cache
def _parsed(name: str) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return etree.fromstring(raw_template(name), parser)


def template(name: str) -> Element:
    """A fresh copy of a template's tree; each is parsed once a process."""
    return copy.deepcopy(_parsed(name))


class Page:
    """A document in the making: a template with its slots.

    ``depth`` is the number of folders that the file lies in, for its link to the style sheet.
    """

    def __init__(self, name: str, *, title: str, language: str, depth: int = 0) -> None:
        self.root = template(name)
        self._slots = {
            key: element for element in self.root.iter() if (key := element.get("id", "")).startswith("slot-")
        }
        self.root.set("lang", language)
        self.root.set(XML_LANG, language)
        if direction(language) == "rtl":
            self.root.set("dir", "rtl")
        self.slot("page-title").text = title
        style = self.slot("style")
        style.set("href", "../" * depth + style.get("href", ""))

    def slot(self, name: str) -> Element:
        """Take a slot to fill it; its id goes."""
        element = self._slots.pop(f"slot-{name}")
        del element.attrib["id"]
        return element

    def bytes(self) -> bytes:
        """The finished file. Slots that nobody took are removed with all they hold."""
        for element in self._slots.values():
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        return DECLARATION + DOCTYPE + etree.tostring(self.root, encoding="utf-8") + b"\n"


def make(tag: str, text: str | None = None, **attributes: str | None) -> Element:
    """An XHTML element. ``cls`` is class, ``type_`` epub:type, ``_`` stands for ``-``; None is left out."""
    element = etree.Element(XHTML + tag)
    element.text = text
    for name, value in attributes.items():
        if value is not None:
            key = {"cls": "class", "type_": OPS_TYPE}.get(name) or name.replace("_", "-")
            element.set(key, value)
    return element


def append(parent: Element, child: Element) -> Element:
    """Append a block on a line of its own, so that the file can be read; gives the child back."""
    if len(parent) == 0 and parent.text is None:
        parent.text = "\n"
    child.tail = "\n"
    parent.append(child)
    return child


def fill(parent: Element, content: tuple[Inline, ...]) -> Element:
    """Put inlines into an element after what it holds, their characters exactly as given."""
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
    ParagraphKind.PROSE: (),
    ParagraphKind.DATELINE: ("dateline",),
    ParagraphKind.CLOSING: ("closing",),
}


def paragraph(block: Paragraph, *, first: bool = False, identifier: str | None = None) -> Element:
    """A ``p``. ``first``: it follows a heading or break and is not indented.

    A paragraph with line breaks (verse, the head of a letter) has the class ``lines``.
    """
    classes = [*_CLASSES[block.kind]]
    if first:
        classes.append("first")
    if LineBreak() in block.content:
        classes.append("lines")
    return fill(make("p", cls=" ".join(classes) or None, id=identifier), block.content)


def scene_break(block: SceneBreak, *, identifier: str | None = None) -> Element:
    """An ``hr``, said aloud as a scene break (DAISY knowledge base, issue 183); a separator is silent."""
    if block.separator:
        return make("hr", cls="separator", id=identifier)
    return make("hr", cls="scene-break", aria_label="scene break", id=identifier)


def heading(
    level: int, content: tuple[Inline, ...], *, cls: str | None = None, identifier: str | None = None
) -> Element:
    """``h1`` to ``h6`` with the words as written."""
    return fill(make(f"h{min(max(level, 1), 6)}", cls=cls, id=identifier), content)


def flow(
    blocks: tuple[Paragraph | SceneBreak | Heading, ...], *, level: int, first: bool = True
) -> Iterator[Element]:
    """The elements of some blocks, in order; the one after a break or heading is marked ``first``.

    A paragraph of white space alone makes no element: an empty ``p`` is a layout trick that readers
    speak or skip (EPUB 3.3 accessibility techniques), and white space has no fate in the ledger.
    """
    for block in blocks:
        match block:
            case Paragraph():
                if is_blank(block):
                    continue
                yield paragraph(block, first=first)
                first = False
            case SceneBreak():
                yield scene_break(block)
                first = True
            case Heading():
                yield heading(level, block.content)
                first = True


def is_blank(block: Block) -> bool:
    """True for what shows nothing: a paragraph of white space and line breaks, a note of such."""
    match block:
        case Note():
            return all(is_blank(inner) for inner in block.blocks)
        case Paragraph():
            return not plain_text(block.content).strip()
        case _:
            return False
