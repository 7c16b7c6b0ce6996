"""The table of contents twice: nav.xhtml for EPUB 3, toc.ncx for old readers, with the same labels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from lxml import etree

from fic2epub.builder.labels import labels
from fic2epub.builder.languages import direction
from fic2epub.builder.markup import DECLARATION, OPS_TYPE, XML_LANG, Element, append, make, template
from fic2epub.builder.options import DEFAULTS, PublishOptions
from fic2epub.builder.page import Page
from fic2epub.model import Landmark, NavPoint, Resource

__all__ = ["in_its_language", "nav_document", "ncx_document"]

NCX = "{http://www.daisy.org/z3986/2005/ncx/}"


def nav_document(
    entries: Sequence[NavPoint],
    landmarks: Sequence[Landmark],
    *,
    language: str,
    options: PublishOptions = DEFAULTS,
) -> Resource:
    """nav.xhtml. The landmarks are hidden but have human labels: Kobo may show them as entries."""
    say = labels(language)
    page = Page("nav.xhtml", title=say("Contents"), language=language, options=options)
    _list(page.slot("entries"), entries, language)
    marks = page.slot("landmarks")
    for landmark in landmarks:
        link = make("a", landmark.label, href=landmark.href)
        link.set(OPS_TYPE, landmark.type)
        append(marks, make("li")).append(say.mark(link))
    return Resource(
        id="nav",
        href="nav.xhtml",
        media_type="application/xhtml+xml",
        content=page.bytes(),
        properties=("nav",),
    )


def _list(parent: Element, entries: Sequence[NavPoint], language: str) -> None:
    for entry in entries:
        item = append(parent, make("li"))
        item.append(in_its_language(make("a", entry.label, href=entry.href), entry.language, language))
        if entry.children:
            _list(append(item, make("ol")), entry.children, language)


def in_its_language(link: Element, own: str | None, page: str) -> Element:
    """Name a label's language and direction where they are not the page's."""
    if own is not None and own != page:
        link.set("lang", own)
        link.set(XML_LANG, own)
        if direction(own) != direction(page):
            link.set("dir", direction(own))
    return link


def with_news(entries: Sequence[NavPoint], place: str, label: str, language: str) -> tuple[NavPoint, ...]:
    """The entries with one more, which leads to what is new, before the first of that place.

    It stands there and not at the head, since the entries must follow the reading order (EPUBCheck NAV-011).
    """
    for at, entry in enumerate(entries):
        if entry.href == place:
            return (*entries[:at], NavPoint(label, place, language=language), *entries[at:])
        children = with_news(entry.children, place, label, language)
        if len(children) > len(entry.children):
            return (*entries[:at], replace(entry, children=children), *entries[at + 1 :])
    return tuple(entries)


def ncx_document(entries: Sequence[NavPoint], *, identifier: str, title: str, language: str) -> Resource:
    """toc.ncx. Its id must be ``ncx``: the spine of EbookLib 0.20 points there.

    ``dtb:uid`` equals the identifier (EPUBCheck NCX-001). playOrder counts from 1 without a gap; two
    entries that lead to the same place share it (RSC-005).
    """
    root = template("toc.ncx")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    slots = {element.get("id"): element for element in root.iter() if element.get("id")}
    for slot in slots.values():
        del slot.attrib["id"]
    slots["slot-uid"].set("content", identifier)
    slots["slot-depth"].set("content", str(_depth(entries)))
    slots["slot-title"].text = title
    _points(slots["slot-map"], entries, count(1), {})
    return Resource(
        id="ncx",
        href="toc.ncx",
        media_type="application/x-dtbncx+xml",
        content=DECLARATION + etree.tostring(root, encoding="utf-8") + b"\n",
    )


def _depth(entries: Sequence[NavPoint]) -> int:
    return max((1 + _depth(entry.children) for entry in entries), default=0)


def _points(
    parent: Element, entries: Sequence[NavPoint], numbers: Iterator[int], orders: dict[str, str]
) -> None:
    for entry in entries:
        order = orders.setdefault(entry.href, str(len(orders) + 1))
        point = etree.SubElement(parent, f"{NCX}navPoint", id=f"point{next(numbers)}", playOrder=order)
        label = etree.SubElement(point, f"{NCX}navLabel")
        etree.SubElement(label, f"{NCX}text").text = entry.label
        etree.SubElement(point, f"{NCX}content", src=entry.href)
        point.tail = "\n"
        _points(point, entry.children, numbers, orders)
