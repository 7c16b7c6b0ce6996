"""A document of a book as a part of our own page: what it says, and nothing that acts.

Anyone may have written the book. So nothing is filtered out of it: what is known is copied into a new tree,
and all else is left behind.

[certain] elements    those of text, tables and pictures; of others what stands in them; of scripts, styles,
                      forms and frames nothing
[certain] attributes  language, direction, headings of tables, and the classes that our own books have
[certain] addresses   a link within the book leads to its page here, one to the web opens without a referrer;
                      a picture must be one of the book's
[certain] ids         get a prefix, so that none is one of the page's own

The page's policy forbids scripts besides (``web/serve.py``).
"""

from collections.abc import Callable

from lxml import etree

from fic2epub.builder.kobo_document import SVG, local_name
from fic2epub.builder.problem import XHTML
from fic2epub.values import dataclass

__all__ = ["ID_PREFIX", "Leads", "copy_body"]

ID_PREFIX = "b-"

KEPT = frozenset(
    "a abbr aside b bdi bdo blockquote br caption cite code col colgroup dd del dfn div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp section small span strong "
    "sub sup table tbody td tfoot th thead tr u ul var wbr".split()
)
AS_DIV = frozenset("article main header footer nav address center details summary body".split())
"""Parts of a page that are no parts of ours."""
AS_OTHERS = {"tt": "code", "big": "span", "strike": "s", "font": "span", "acronym": "abbr"}
LEFT_BEHIND = frozenset(
    "script style link meta base title head template noscript iframe frame frameset object embed applet "
    "param form input button select option optgroup textarea datalist output fieldset legend label meter "
    "progress audio video source track canvas map area dialog slot portal math".split()
)
ATTRIBUTES = frozenset("dir title colspan rowspan scope headers start reversed value datetime cite".split())
NUMBERS = frozenset(["colspan", "rowspan", "start", "value"])
DIRECTIONS = frozenset(["ltr", "rtl", "auto"])
NAMED = frozenset(["section", "hr", "figure", "table"])
"""Elements that may bear an ``aria-label``."""
CLASSES = frozenset(
    "added appendix byline chapter closing colophon cover dateline divider dropcap endnote-link facts first "
    "lines making message meta note note-back note-link note-title part picture preface recovered "
    "scene-break separator stats summary tags title toc-heading userstuff works".split()
)
WEB = ("http://", "https://", "mailto:")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a document's addresses lead; each gives None for one that leads nowhere."""

    link: Callable[[str], str | None]
    """To a page of the book, from an ``href`` as it is written."""
    picture: Callable[[str], str | None]


def copy_body(root: etree._Element, leads: Leads) -> etree._Element:
    """A ``div`` with what a document's body says; ``root`` is XHTML's ``html`` or an SVG."""
    body = next((child for child in root if child.tag == f"{XHTML}body"), root)
    made = etree.Element("div")
    language = _language(body) or _language(root)
    if language:
        made.set("lang", language)
    direction = (body.get("dir") or root.get("dir") or "").lower()
    if direction in DIRECTIONS:
        made.set("dir", direction)
    if body is root:
        _copy(made, body, leads)
    else:
        _copy_content(made, body, leads)
    return made


def _copy(parent: etree._Element, element: etree._Element, leads: Leads) -> None:
    """Copy an element, or what is in it, or nothing; what follows it is the caller's."""
    if element.tag == f"{SVG}svg":
        return _copy_drawing(parent, element, leads)
    name = local_name(element).lower()
    if not name or name in LEFT_BEHIND or "hidden" in element.attrib or not _is_xhtml(element):
        return None
    if name == "img":
        return _copy_picture(parent, element.get("src"), element.get("alt"), leads)
    name = "div" if name in AS_DIV else AS_OTHERS.get(name, name)
    if name not in KEPT:
        return _copy_content(parent, element, leads)
    made = etree.SubElement(parent, name)
    _copy_attributes(made, element)
    if name == "a":
        _copy_link(made, element.get("href"), leads)
    return _copy_content(made, element, leads)


def _copy_content(made: etree._Element, element: etree._Element, leads: Leads) -> None:
    _append_text(made, element.text)
    for child in element:
        _copy(made, child, leads)
        _append_text(made, child.tail)


def _append_text(parent: etree._Element, text: str | None) -> None:
    if text:
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text


def _copy_attributes(made: etree._Element, element: etree._Element) -> None:
    for name, value in element.attrib.items():
        key = str(name)
        if key not in ATTRIBUTES:
            continue
        if key in NUMBERS and not value.strip().lstrip("-").isdecimal():
            continue
        if key != "dir" or value.lower() in DIRECTIONS:
            made.set(key, value)
    if language := _language(element):
        made.set("lang", language)
    if classes := [one for one in (element.get("class") or "").split() if one in CLASSES]:
        made.set("class", " ".join(classes))
    if own := element.get("id"):
        made.set("id", ID_PREFIX + "".join(own.split()))
    if made.tag in NAMED and (label := element.get("aria-label")):
        made.set("aria-label", label)


def _copy_link(made: etree._Element, href: str | None, leads: Leads) -> None:
    href = (href or "").strip()
    if href.lower().startswith(WEB):
        made.set("href", href)
        made.set("rel", "noreferrer noopener nofollow external")
    elif href and (place := leads.link(href)):
        made.set("href", place)


def _copy_picture(parent: etree._Element, source: str | None, alt: str | None, leads: Leads) -> None:
    place = leads.picture(source or "")
    if place is None:
        _append_text(parent, alt)
        return
    made = etree.SubElement(parent, "img", {"src": place, "alt": alt or "", "loading": "lazy"})
    made.set("class", "picture")


def _copy_drawing(parent: etree._Element, drawing: etree._Element, leads: Leads) -> None:
    """Of a drawing its pictures, as cover pages have them, and else its words."""
    title = next((one.text for one in drawing.iter(f"{SVG}title")), None)
    pictures = list(drawing.iter(f"{SVG}image"))
    for one in pictures:
        _copy_picture(parent, one.get(XLINK_HREF) or one.get("href"), title, leads)
    if not pictures:
        _append_text(parent, title)


def _is_xhtml(element: etree._Element) -> bool:
    return str(element.tag).startswith(XHTML)


def _language(element: etree._Element) -> str | None:
    value = element.get(XML_LANG) or element.get("lang") or ""
    return value if value and all(part.isalnum() and part.isascii() for part in value.split("-")) else None
