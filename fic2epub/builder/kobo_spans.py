"""One content document, as Kobo's reader wants it: wrappers, a span around each sentence, clean-up.

Kobo keeps the reader's position, highlights and bookmarks by the ids of these spans, so they must be the
ones that other converters give. The rules are those of kepubify 4.0.4 (kepub/transform.go, read
2026-08), in its order:

1. declared charsets say UTF-8;
2. a style sheet of one line in the head;
3. the body's content in ``div#book-columns > div#book-inner``;
4. the spans, unless there are any;
5. Adobe's ``meta`` elements, empty ``o:p`` and ``st1:*`` and U+FFFD go.

Doing it twice changes nothing: kepubify would add the style sheet again, this does not.
"""

import re
from collections.abc import Iterator

from lxml import etree

from fic2epub.builder.kobo_document import local_name
from fic2epub.builder.problem import XHTML
from fic2epub.values import dataclass

__all__ = ["kobo_page", "sentences"]

STYLE = "div#book-inner { margin-top: 0; margin-bottom: 0;}"
STYLE_CLASS = "kobostylehacks"
COLUMNS, INNER = "book-columns", "book-inner"
SPAN_CLASS = "koboSpan"
SPAN, IMG, P = f"{XHTML}span", f"{XHTML}img", f"{XHTML}p"

OPENING_NAMES = "p ol ul table h1 h2 h3 h4 h5 h6"
OPENS_PARAGRAPH = frozenset(XHTML + name for name in OPENING_NAMES.split())
"""``div``, ``li``, ``blockquote``, ``section`` and ``td`` do not."""
KEPT = frozenset(XHTML + name for name in ["script", "style", "pre", "audio", "video"])
"""Their text stays as it is; so does that of svg and math."""

SENTENCE_RE = re.compile(
    r"""
    [.!?]++                           # full stops and the like
    ['"”’“…]?+                        # one closing sign; more full stops begin the next match
    (?P<break> [\t\n\f\r ]++ )?       # white space: the break is behind it; a no-break space is none
    """,
    re.VERBOSE,
)
"""Possessive, and matching where no break comes, so that a hundred thousand dots take one pass."""

CHARSET_RE = re.compile(r"charset\s*=\s*[^;\s]+", re.IGNORECASE)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ADEPT = frozenset({"Adept.resource", "Adept.expected.resource"})


def kobo_page(html: etree._Element) -> None:
    """Turn an XHTML document, given by its ``html`` element, into a KEPUB's, in place.

    No word changes and none is added; what stands behind ``</body>`` moves into it. A head or body that
    is missing is made.
    """
    head, body = _head(html), _body(html)
    _say_utf8(head)
    _add_style(head)
    _add_wrappers(body)
    if not any(SPAN_CLASS in (element.get("class") or "").split() for element in body.iterdescendants("*")):
        _add_spans(body)
    _clean(html)


def sentences(text: str) -> list[str]:
    """The pieces that get a span each; together they are the text.

    A break comes behind white space that follows ``.``, ``!`` or ``?`` and at most one closing sign. An
    ellipsis or colon ends nothing, and neither does a full stop before two closing signs.

    >>> sentences("It rained. “Again?” Mr. Oake wrote 3.14…")
    ['It rained. ', '“Again?” ', 'Mr. ', 'Oake wrote 3.14…']
    """
    pieces, start = [], 0
    for match in SENTENCE_RE.finditer(text):
        if match.lastgroup:
            pieces.append(text[start : match.end()])
            start = match.end()
    if start < len(text) or not pieces:
        pieces.append(text[start:])
    return pieces


def _head(html: etree._Element) -> etree._Element:
    head = html.find(f"{XHTML}head")
    if head is None:
        head = html.makeelement(f"{XHTML}head")
        html.insert(0, head)
    return head


def _body(html: etree._Element) -> etree._Element:
    """The body, with what stands behind it in ``html`` taken in, as an HTML parser does."""
    body = html.find(f"{XHTML}body")
    if body is None:
        body = etree.SubElement(html, f"{XHTML}body")
    behind, body.tail = body.tail, None
    _append_text(body, behind)
    for node in list(body.itersiblings()):
        if isinstance(node.tag, str):
            body.append(node)  # its tail comes along
        else:
            behind, node.tail = node.tail, None
            _append_text(body, behind)
    return body


def _append_text(parent: etree._Element, text: str | None) -> None:
    """Add text at an element's end."""
    if text and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    elif text:
        parent.text = (parent.text or "") + text


def _say_utf8(head: etree._Element) -> None:
    for meta in head.iter(f"{XHTML}meta"):
        if (meta.get("charset") or "utf-8").lower() != "utf-8":
            meta.set("charset", "UTF-8")
        content = meta.get("content")
        if content and (meta.get("http-equiv") or "").lower() == "content-type":
            meta.set("content", CHARSET_RE.sub(_utf8, content))


def _utf8(match: re.Match[str]) -> str:
    return match[0] if match[0].lower().endswith("utf-8") else "charset=utf-8"


def _add_style(head: etree._Element) -> None:
    if any(style.get("class") == STYLE_CLASS for style in head.iter(f"{XHTML}style")):
        return
    style = etree.SubElement(head, f"{XHTML}style", {"type": "text/css", "class": STYLE_CLASS})
    style.text = STYLE


def _add_wrappers(body: etree._Element) -> None:
    for child in body.iterchildren("*"):
        if child.get("id") == COLUMNS and any(inner.get("id") == INNER for inner in child.iterchildren("*")):
            return
    columns = body.makeelement(f"{XHTML}div", {"id": COLUMNS})
    inner = etree.SubElement(columns, f"{XHTML}div", {"id": INNER})
    inner.text, body.text = body.text, None
    for child in list(body):
        inner.append(child)
    body.append(columns)


@dataclass(slots=True)
class _Count:
    """The number of the next span: ``kobo.{paragraph}.{segment}``."""

    paragraph: int = 0
    segment: int = 0
    opened: bool = False
    """A block was entered, and no span has come since. Leaving it changes nothing."""

    def next(self) -> dict[str, str]:
        """The attributes of the next span."""
        if self.opened:
            self.paragraph, self.segment, self.opened = self.paragraph + 1, 0, False
        self.segment += 1
        return {"class": SPAN_CLASS, "id": f"kobo.{self.paragraph}.{self.segment}"}


def _add_spans(body: etree._Element) -> None:
    """Wrap each sentence and image, depth first. Text before any block gets the paragraph number 0."""
    count = _Count()
    pending = [(body, False)]
    while pending:
        element, behind = pending.pop()
        tag = element.tag
        if behind:
            _wrap_tail(element, count)
        elif tag == IMG:
            count.opened = True
            _wrap_image(element, count)
        elif isinstance(tag, str) and tag not in KEPT and local_name(element) not in ("svg", "math"):
            count.opened |= tag in OPENS_PARAGRAPH
            for child in element.iterchildren(reversed=True):
                if child.tail:
                    pending.append((child, True))
                pending.append((child, False))
            _wrap_text(element, count)


def _wrap_text(element: etree._Element, count: _Count) -> None:
    """Wrap the text before an element's first child."""
    text = element.text
    if not text:
        return
    element.text = None
    last: etree._Element | None = None
    for piece in sentences(text):
        if piece.isspace() and element.tag != P:
            element.text = piece  # such a piece is always the whole text
            continue
        span = etree.SubElement(element, SPAN, count.next())
        span.text = piece
        if last is not None:
            last.addnext(span)
        elif len(element) > 1:
            element.insert(0, span)
        last = span


def _wrap_tail(element: etree._Element, count: _Count) -> None:
    """Wrap the text behind an element (or comment)."""
    last = element.getparent() if element.tag == IMG else element
    parent = None if last is None else last.getparent()
    if last is None or parent is None or not last.tail:
        return
    text, last.tail = last.tail, None
    for piece in sentences(text):
        if piece.isspace() and parent.tag != P:
            last.tail = piece
            continue
        span = etree.SubElement(parent, SPAN, count.next())
        span.text = piece
        last.addnext(span)
        last = span


def _wrap_image(image: etree._Element, count: _Count) -> None:
    """An image is a paragraph of its own."""
    span = image.makeelement(SPAN, count.next())
    span.tail, image.tail = image.tail, None
    image.addprevious(span)
    span.append(image)


def _clean(html: etree._Element) -> None:
    """Remove what old converters and word processors left."""
    for meta in list(html.iter(f"{XHTML}meta")):
        if meta.get("name") in ADEPT:
            _remove(meta)
    # From the last to the first: one that only held another is empty once that is gone.
    for element in reversed(list(html.iter("*"))):
        if _is_word_mark(element) and not _is_filled(element):
            _remove(element)
    for node in html.iter():
        if node.text and REPLACEMENT in node.text and isinstance(node.tag, str):
            node.text = node.text.replace(REPLACEMENT, "")
        if node.tail and REPLACEMENT in node.tail:
            node.tail = node.tail.replace(REPLACEMENT, "")


def _is_word_mark(element: etree._Element) -> bool:
    prefix = element.prefix
    return prefix == "st1" or (prefix == "o" and local_name(element) == "p")


def _is_filled(element: etree._Element) -> bool:
    """Whether there is more in it than comments and white space."""
    return any(not child.isspace() for child in _own_text(element)) or any(
        isinstance(child.tag, str) for child in element
    )


def _own_text(element: etree._Element) -> Iterator[str]:
    yield from filter(None, (element.text, *(child.tail for child in element)))


def _remove(element: etree._Element) -> None:
    """Take an element out and leave the text behind it where it was."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)
