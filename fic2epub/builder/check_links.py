"""Links: does every one of them lead somewhere?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from fic2epub.builder.check_package import Package
from fic2epub.builder.problem import (
    NCX,
    SVG,
    XHTML,
    Problem,
    Target,
    error,
    leads_outside,
    resolve,
    warning,
)

__all__ = ["Document", "check_links"]

LINK_RE = re.compile(
    r"https?://[^\s/?#@:\[\]<>\"{}|\\^`]+(:\d{1,5})?([/?#][^\s<>\"{}|\\^`]*)?", re.IGNORECASE
)
"""A web address that every reader takes: a host, then no character that must be escaped."""
SCHEME_RE = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
REFUSED_SCHEMES = ("file:", "data:")
"""As the target of a link: EPUBCheck's RSC-030 and RSC-029."""
XLINK = "{http://www.w3.org/1999/xlink}href"
LINKING = {
    **{
        f"{XHTML}{name}": ("href", "src") for name in ("a", "area", "link", "img", "iframe", "embed", "input")
    },
    **{f"{XHTML}{name}": ("src", "poster") for name in ("audio", "video", "source", "track", "script")},
    f"{XHTML}object": ("data",),
    f"{NCX}content": ("src",),
    f"{SVG}image": ("href", XLINK),
    f"{SVG}a": ("href", XLINK),
}
HYPERLINKS = frozenset({f"{XHTML}a", f"{XHTML}area", f"{SVG}a", f"{NCX}content"})
STREAMED = frozenset(XHTML + name for name in ("audio", "video", "source", "track"))
"""What EPUB lets a page load from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed XHTML page or NCX, with its ids."""

    path: str
    root: etree._Element
    by_id: Mapping[str, etree._Element]
    order: Mapping[str, int]
    """Each id's place among the page's elements."""
    scripted: bool
    """Whether an attribute holds a script (``onclick``)."""

    @classmethod
    def read(cls, path: str, root: etree._Element) -> "Document":
        """Gather the ids; of one that stands twice, the first."""
        by_id: dict[str, etree._Element] = {}
        order: dict[str, int] = {}
        for number, element in enumerate(root.xpath("//*[@id]")):
            id = element.get("id", "")
            if id not in by_id:
                by_id[id], order[id] = element, number + 1
        scripted = bool(root.xpath("boolean(//@*[starts-with(name(), 'on')])"))
        return cls(path=path, root=root, by_id=by_id, order=order, scripted=scripted)

    def error(self, id: str, at: etree._Element, what: str, advice: str) -> Problem:
        """An error at an element's line."""
        return error(id, self.path, what, advice, at.sourceline)

    def warning(self, id: str, at: etree._Element, what: str, advice: str) -> Problem:
        """A warning at an element's line."""
        return warning(id, self.path, what, advice, at.sourceline)


def check_links(
    documents: Mapping[str, Document], entries: Mapping[str, bytes], package: Package
) -> Iterator[Problem]:
    """Follow every link, picture and entry of the contents."""
    for document in documents.values():
        for element in document.root.iter(*LINKING):
            for attribute in LINKING[str(element.tag)]:
                value = element.get(attribute)
                if value is not None and not value.lower().startswith("javascript:"):
                    yield from _check_link(document, element, value.strip(), documents, entries, package)


def _check_link(
    document: Document,
    element: etree._Element,
    href: str,
    documents: Mapping[str, Document],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    """EPUBCheck: RSC-007, RSC-026 (out of the book), RSC-011 (outside the spine)."""
    if leads_outside(href):
        yield from _check_outside(document, element, href)
        return
    target = resolve(document.path, href, entries)
    if target is None:
        if href.lower().startswith("www."):
            what = f"links to {href}, which is no whole address"
            yield document.error("link.bad-url", element, what, "write https:// before it")
        else:
            what = f"links to {href}, which is not in the book"
            yield document.error("link.dead", element, what, "mend the link or add the file")
        return
    if element.tag in HYPERLINKS and target.path not in package.spine:
        what = f"links to {target.path}, which the reading order leaves out"
        yield document.error("link.outside-spine", element, what, "name it in the spine")
    there = documents.get(target.path)
    if target.fragment and there is not None:
        yield from _check_fragment(document, element, target, there)


def _check_fragment(
    document: Document, element: etree._Element, target: Target, there: Document
) -> Iterator[Problem]:
    """The place inside the file (EPUBCheck: RSC-012; the rest is E999 folk knowledge, seen 2026-08)."""
    fragment = target.fragment or ""
    goal = there.by_id.get(fragment)
    if goal is None:
        if not fragment.startswith(("epubcfi(", "xpointer(", "svgView(", "t=", "xywh=")):
            what = f"links to {target.path}#{fragment}, an id that no element there has"
            yield document.error("link.dead-fragment", element, what, "mend the id, or link to the file")
        return
    if goal.tag == f"{XHTML}body":
        what = "links to the id of a <body>, which Kindle refuses"
        yield document.error("kindle.body-id-link", element, what, f"link to {target.path} itself")
    if any(_hidden(ancestor) for ancestor in (goal, *goal.iterancestors())):
        what = f"links to {target.path}#{fragment}, which is not shown; Kindle refuses that (E24010)"
        yield document.error("kindle.hidden-target", element, what, "link to something that is shown")


def _hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()


def _check_outside(document: Document, element: etree._Element, href: str) -> Iterator[Problem]:
    """Links into the world (EPUBCheck: RSC-020, RSC-029, RSC-030; RSC-006 for what a page loads)."""
    if element.tag not in HYPERLINKS:
        if element.tag not in STREAMED and not href.lower().startswith("data:"):
            shown = href[:80]
            yield document.error("link.remote-resource", element, f"loads {shown}", "put it in the book")
        return
    web = href.lower().startswith(("http:", "https:", "//"))
    good = LINK_RE.fullmatch(href) if web else SCHEME_RE.fullmatch(href)
    if not good or href.lower().startswith(REFUSED_SCHEMES):
        what = f"links to {href[:80]!r}, which no reader can follow"
        yield document.error("link.bad-url", element, what, "give a whole http(s) address")
