"""Links: does every one of them lead somewhere?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from fic2epub.builder.check_package import Package
from fic2epub.builder.problem import NCX, XHTML, Problem, Target, leads_outside, resolve

__all__ = ["Document", "check_links"]

LINK_RE = re.compile(
    r"https?://[^\s/?#@:\[\]<>\"{}|\\^`]+(:\d{1,5})?([/?#][^\s<>\"{}|\\^`]*)?", re.IGNORECASE
)
"""A web address that every reader takes: a host, then no character that must be escaped."""
SCHEMES = frozenset({"http", "https", "mailto"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed XHTML page or NCX, with its ids."""

    path: str
    root: etree._Element
    by_id: Mapping[str, etree._Element]
    order: Mapping[str, int]
    """Each id's place among the page's elements."""

    @classmethod
    def read(cls, path: str, root: etree._Element) -> "Document":
        """Gather the ids; of one that stands twice, the first."""
        by_id: dict[str, etree._Element] = {}
        order: dict[str, int] = {}
        for number, element in enumerate(root.iter(etree.Element)):
            id = element.get("id")
            if id is not None and id not in by_id:
                by_id[id], order[id] = element, number
        return cls(path=path, root=root, by_id=by_id, order=order)

    def error(self, id: str, at: etree._Element, message: str) -> Problem:
        """An error at an element's line."""
        return Problem(id, "error", f"{self.path}:{at.sourceline}", message)

    def warning(self, id: str, at: etree._Element, message: str) -> Problem:
        """A warning at an element's line."""
        return Problem(id, "warning", f"{self.path}:{at.sourceline}", message)


def check_links(
    documents: Mapping[str, Document], entries: Mapping[str, bytes], package: Package
) -> Iterator[Problem]:
    """Follow every link, picture and entry of the contents."""
    for document in documents.values():
        for element in document.root.iter(f"{XHTML}*", f"{NCX}content"):
            for attribute in ("href", "src"):
                value = element.get(attribute)
                if value is not None and not value.lower().startswith("javascript:"):
                    yield from _check_link(document, element, value, documents, entries, package)


def _check_link(
    document: Document,
    element: etree._Element,
    href: str,
    documents: Mapping[str, Document],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    if leads_outside(href):
        yield from _check_outside(document, element, href)
        return
    target = resolve(document.path, href, entries)
    if target is None:
        bare = href.lower().startswith("www.")
        advice = "write https:// before it" if bare else "mend the link or add the file"
        id = "link.bad-url" if bare else "link.dead"
        yield document.error(id, element, f"links to {href}, which is not in the book: {advice}.")
        return
    hyperlink = element.tag in {f"{XHTML}a", f"{NCX}content"}
    if hyperlink and target.path not in package.spine:
        message = f"links to {target.path}, which the reading order leaves out: name it in the spine."
        yield document.error("link.outside-spine", element, message)
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
        message = f"links to {target.path}#{fragment}, an id that no element there has."
        yield document.error("link.dead-fragment", element, message)
        return
    if goal.tag == f"{XHTML}body":
        message = f"links to the id of a <body>, which Kindle refuses: link to {target.path} itself."
        yield document.error("kindle.body-id-link", element, message)
    if any(_hidden(ancestor) for ancestor in (goal, *goal.iterancestors())):
        message = f"links to {target.path}#{fragment}, which is not shown; Kindle refuses that (E24010)."
        yield document.error("kindle.hidden-target", element, message)


def _hidden(element: etree._Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _check_outside(document: Document, element: etree._Element, href: str) -> Iterator[Problem]:
    """Links into the world (EPUBCheck: RSC-020; RSC-006 for what a page loads from there)."""
    if element.tag != f"{XHTML}a":
        yield document.error("link.remote-resource", element, f"loads {href}: put it in the book.")
        return
    try:
        scheme = urlsplit(href).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme not in SCHEMES or (scheme != "mailto" and not LINK_RE.fullmatch(href)):
        yield document.error("link.bad-url", element, f"links to {href!r}: give a whole http(s) address.")
