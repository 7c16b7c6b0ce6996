"""Links: does every one of them lead somewhere?"""

import re
from collections.abc import Iterator, Mapping

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
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Document", "Outline", "check_links"]

LINK_RE = late(r"https?://[^\s/?#@:\[\]<>\"{}|\\^`]+(:\d{1,5})?([/?#][^\s<>\"{}|\\^`]*)?", re.IGNORECASE)
"""A web address that every reader takes: a host, then no character that must be escaped."""
SCHEME_RE = late(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
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
_P, _DIV = f"{XHTML}p", f"{XHTML}div"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed XHTML page or NCX with what the checks look at: its tree is gone through once for all."""

    path: str
    root: etree._Element
    elements: tuple[tuple[str, etree._Element], ...]
    """By their names, all but what a story is made of: paragraphs without attributes in a division."""
    attributes: frozenset[str]
    """The names of all attributes that the page has."""
    ids: tuple[str, ...]
    """In their order; one that stands twice is here twice."""
    by_id: Mapping[str, etree._Element]
    order: Mapping[str, int]
    """Each id's place among the page's elements with one."""

    @classmethod
    def read(cls, path: str, root: etree._Element) -> "Document":
        """Gather elements and ids; of an id that stands twice, the first element."""
        elements: list[tuple[str, etree._Element]] = []
        attributes: set[str] = set()
        ids: list[str] = []
        by_id: dict[str, etree._Element] = {}
        order: dict[str, int] = {}
        for element in root.iter(etree.Element):
            tag = str(element.tag)
            names = element.keys()  # not items(): lxml finds the value of each by a look at all
            if names:
                attributes.update(names)
                if "id" in names:
                    id = element.get("id", "")
                    ids.append(id)
                    if id not in by_id:
                        by_id[id], order[id] = element, len(ids)
            elif tag == _P and (parent := element.getparent()) is not None and parent.tag == _DIV:
                continue
            elements.append((tag, element))
        return cls(
            path=path,
            root=root,
            elements=tuple(elements),
            attributes=frozenset(attributes),
            ids=tuple(ids),
            by_id=by_id,
            order=order,
        )

    @property
    def scripted(self) -> bool:
        """Whether an attribute holds a script (``onclick``)."""
        return any(name.startswith("on") for name in self.attributes)

    def error(self, id: str, at: etree._Element, what: str, advice: str) -> Problem:
        """An error at an element's line."""
        return error(id, self.path, what, advice, at.sourceline)

    def warning(self, id: str, at: etree._Element, what: str, advice: str) -> Problem:
        """A warning at an element's line."""
        return warning(id, self.path, what, advice, at.sourceline)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """An element with an id."""

    order: int
    """Its place among the page's elements with one."""
    body: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class _Link:
    line: int | None
    tag: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What links need to know of a document, once its tree is let go: an anthology has thousands."""

    path: str
    anchors: Mapping[str, _Anchor]
    links: tuple[_Link, ...]

    @classmethod
    def of(cls, document: Document) -> "Outline":
        """Gather ids and links."""
        hiding = not document.attributes.isdisjoint(("hidden", "style"))
        anchors = {
            id: _Anchor(
                document.order[id],
                element.tag == f"{XHTML}body",
                hiding and any(_hidden(one) for one in (element, *element.iterancestors())),
            )
            for id, element in document.by_id.items()
        }
        links = tuple(
            _Link(element.sourceline, tag, value.strip())
            for tag, element in document.elements
            if tag in LINKING
            for attribute in LINKING[tag]
            if (value := element.get(attribute)) is not None and not value.lower().startswith("javascript:")
        )
        return cls(path=document.path, anchors=anchors, links=links)

    def error(self, id: str, at: _Link, what: str, advice: str) -> Problem:
        """An error at a link's line."""
        return error(id, self.path, what, advice, at.line)


def check_links(
    outlines: Mapping[str, Outline], entries: Mapping[str, bytes], package: Package
) -> Iterator[Problem]:
    """Follow every link, picture and entry of the contents."""
    for outline in outlines.values():
        for link in outline.links:
            yield from _check_link(outline, link, outlines, entries, package)


def _check_link(
    outline: Outline,
    link: _Link,
    outlines: Mapping[str, Outline],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    """EPUBCheck: RSC-007, RSC-026 (out of the book), RSC-011 (outside the spine)."""
    if leads_outside(link.href):
        yield from _check_outside(outline, link)
        return
    target = resolve(outline.path, link.href, entries)
    if target is None:
        if link.href.lower().startswith("www."):
            what = f"links to {link.href}, which is no whole address"
            yield outline.error("link.bad-url", link, what, "write https:// before it")
        else:
            what = f"links to {link.href}, which is not in the book"
            yield outline.error("link.dead", link, what, "mend the link or add the file")
        return
    if link.tag in HYPERLINKS and target.path not in package.spine:
        what = f"links to {target.path}, which the reading order leaves out"
        yield outline.error("link.outside-spine", link, what, "name it in the spine")
    there = outlines.get(target.path)
    if target.fragment and there is not None:
        yield from _check_fragment(outline, link, target, there)


def _check_fragment(outline: Outline, link: _Link, target: Target, there: Outline) -> Iterator[Problem]:
    """The place inside the file (EPUBCheck: RSC-012; the rest is E999 folk knowledge, seen 2026-08)."""
    fragment = target.fragment or ""
    goal = there.anchors.get(fragment)
    if goal is None:
        if not fragment.startswith(("epubcfi(", "xpointer(", "svgView(", "t=", "xywh=")):
            what = f"links to {target.path}#{fragment}, an id that no element there has"
            yield outline.error("link.dead-fragment", link, what, "mend the id, or link to the file")
        return
    if goal.body:
        what = "links to the id of a <body>, which Kindle refuses"
        yield outline.error("kindle.body-id-link", link, what, f"link to {target.path} itself")
    if goal.hidden:
        what = f"links to {target.path}#{fragment}, which is not shown; Kindle refuses that (E24010)"
        yield outline.error("kindle.hidden-target", link, what, "link to something that is shown")


def _hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()


def _check_outside(outline: Outline, link: _Link) -> Iterator[Problem]:
    """Links into the world (EPUBCheck: RSC-020, RSC-029, RSC-030; RSC-006 for what a page loads)."""
    href = link.href
    if link.tag not in HYPERLINKS:
        if link.tag not in STREAMED and not href.lower().startswith("data:"):
            shown = href[:80]
            yield outline.error("link.remote-resource", link, f"loads {shown}", "put it in the book")
        return
    web = href.lower().startswith(("http:", "https:", "//"))
    good = LINK_RE.fullmatch(href) if web else SCHEME_RE.fullmatch(href)
    if not good or href.lower().startswith(REFUSED_SCHEMES):
        what = f"links to {href[:80]!r}, which no reader can follow"
        yield outline.error("link.bad-url", link, what, "give a whole http(s) address")
