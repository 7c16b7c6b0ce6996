"""A book that is open for reading in the browser: its documents in order, its contents, its pictures."""

import posixpath
from collections.abc import Collection, Iterator
from threading import Lock
from urllib.parse import quote, unquote

from lxml import etree

from fic2epub.builder.kobo_document import local_name, read_page, read_xml
from fic2epub.builder.problem import OPS, XHTML
from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.values import dataclass
from fic2epub.web.pictures import CONTAINER, LARGEST_BOOK
from fic2epub.web.safe import ID_PREFIX, Leads, copy_body

__all__ = ["Line", "OpenBook", "Place"]

PAGE_TYPES = frozenset(["application/xhtml+xml", "text/html", "image/svg+xml"])
PICTURE_TYPES = frozenset(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"])
"""Not SVG: it is a document of its own, with scripts."""
NCX_TYPE = "application/x-dtbncx+xml"
DEEPEST = 6
LONGEST_LABEL = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads: a document by its position, from 1, and an id in it."""

    document: int
    fragment: str | None = None

    @property
    def address(self) -> str:
        """From another page of the same book."""
        if self.fragment is None:
            return str(self.document)
        return f"{self.document}?to={quote(self.fragment)}#{ID_PREFIX}{quote(self.fragment)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contents."""

    label: str
    place: Place
    depth: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    kind: str
    properties: frozenset[str]


class OpenBook:
    """A book's entries, read once; its documents are brought into form when they are looked at."""

    def __init__(self, content: bytes) -> None:
        """Open a book. Raises PackageError for what is no EPUB, is too large, or has no page."""
        self._entries = read_entries(content, max_total_bytes=LARGEST_BOOK)
        self._bodies: dict[int, etree._Element] = {}
        self._lock = Lock()
        path, package = self._package()
        items = dict(self._items(path, package))
        spine = next((one for one in package.iter("*") if local_name(one) == "spine"), None)
        order = (
            [] if spine is None else [items.get(ref.get("idref") or "") for ref in spine.iterchildren("*")]
        )
        pages = [item for item in order if item is not None and item.kind in PAGE_TYPES]
        story = [item.name for item in pages if "nav" not in item.properties]
        self.documents = tuple(dict.fromkeys(story or [item.name for item in pages]))
        """Names of its documents, in reading order; the contents have a page of their own here."""
        if not self.documents:
            raise PackageError("The book has no page that could be read.")
        self._positions = {name: position for position, name in enumerate(self.documents, 1)}
        self.pictures = {item.name: item.kind for item in items.values() if item.kind in PICTURE_TYPES}
        """Media types of its pictures, by name."""
        toc = None if spine is None else items.get(spine.get("toc") or "")
        self.contents = tuple(self._contents(items.values(), toc))
        """Its own contents; a line for each page if it has none."""

    @property
    def size(self) -> int:
        """Bytes, about."""
        return sum(map(len, self._entries.values())) * 2

    def body(self, document: int) -> etree._Element:
        """What a document says, as ``safe.copy_body`` gives it. Raises PackageError if it cannot be read."""
        with self._lock:
            if document not in self._bodies:
                self._bodies[document] = self._read(self.documents[document - 1])
            return self._bodies[document]

    def label(self, document: int) -> str | None:
        """What the contents call a document, or the last before it that they name."""
        named = [line for line in self.contents if line.place.document <= document]
        return max(named, key=lambda line: line.place.document).label if named else None

    def fraction(self, document: int, part: float) -> float:
        """How far into the book a place is, ``part`` of a document being behind the reader."""
        sizes = [len(self._entries[name]) for name in self.documents]
        return (sum(sizes[: document - 1]) + part * sizes[document - 1]) / max(1, sum(sizes))

    def picture(self, number: int) -> tuple[bytes, str] | None:
        """A picture and its media type, by its position from 1."""
        if not 0 < number <= len(self.pictures):
            return None
        name, kind = list(self.pictures.items())[number - 1]
        return self._entries[name], kind

    def first(self) -> int:
        """The document that reading begins with: the first that the contents name."""
        return self.contents[0].place.document

    def _package(self) -> tuple[str, etree._Element]:
        if CONTAINER in self._entries:
            for rootfile in read_xml(CONTAINER, self._entries[CONTAINER]).root.iter("*"):
                path = rootfile.get("full-path") or ""
                if local_name(rootfile) == "rootfile" and path in self._entries:
                    return path, read_xml(path, self._entries[path]).root
        raise PackageError(f"{CONTAINER} names no package document that is there: this is no EPUB.")

    def _items(self, path: str, package: etree._Element) -> Iterator[tuple[str, _Item]]:
        """The manifest, by id; only what is there."""
        for item in package.iter("*"):
            if local_name(item) == "item" and (name := self._located(path, item.get("href") or "")):
                kind = (item.get("media-type") or "").strip().lower()
                properties = frozenset((item.get("properties") or "").split())
                yield item.get("id") or "", _Item(name, kind, properties)

    def _located(self, base: str, href: str) -> str | None:
        plain = href.partition("#")[0].partition("?")[0]
        if not plain:
            return base
        name = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(plain)))
        return name if name in self._entries else None

    def _place(self, base: str, href: str) -> Place | None:
        name = self._located(base, href)
        if name not in self._positions:
            return None
        return Place(self._positions[name], unquote(href.partition("#")[2]) or None)

    def _read(self, name: str) -> etree._Element:
        pictures = {picture: number for number, picture in enumerate(self.pictures, 1)}

        def link(href: str) -> str | None:
            place = self._place(name, href)
            return None if place is None else place.address

        def picture(source: str) -> str | None:
            number = pictures.get(self._located(name, source) or "")
            return None if number is None else f"picture/{number}"

        document = read_page(name, self._entries[name])
        root = document.root if document is not None else read_xml(name, self._entries[name]).root
        return copy_body(root, Leads(link, picture))

    def _contents(self, items: Collection[_Item], toc: _Item | None) -> Iterator[Line]:
        """EPUB 3's ``nav``, else EPUB 2's NCX, else the pages by their numbers."""
        lines: list[Line] = []
        try:
            for item in items:
                if "nav" in item.properties and not lines:
                    lines = list(self._of_nav(item.name))
            for ncx in (toc, *(one for one in items if one.kind == NCX_TYPE)):
                if ncx is not None and not lines:
                    lines = list(self._of_ncx(ncx.name))
        except PackageError:
            lines = []  # a book whose contents are broken can be read all the same
        numbered = (Line(f"Page {number}", Place(number), 0) for number in self._positions.values())
        yield from lines or numbered

    def _of_nav(self, name: str) -> Iterator[Line]:
        document = read_page(name, self._entries[name])
        navs = [] if document is None else list(document.root.iter(f"{XHTML}nav"))
        for nav in navs:
            if "toc" in (nav.get(f"{OPS}type") or "").split():
                for lists in nav.iterchildren(f"{XHTML}ol"):
                    yield from self._of_list(name, lists, 0)
                return

    def _of_list(self, name: str, entries: etree._Element, depth: int) -> Iterator[Line]:
        for entry in entries.iterchildren(f"{XHTML}li"):
            for child in entry:
                if child.tag == f"{XHTML}a":
                    yield from self._line(name, child.get("href"), "".join(child.itertext()), depth)
                elif child.tag == f"{XHTML}ol" and depth < DEEPEST:
                    yield from self._of_list(name, child, depth + 1)

    def _of_ncx(self, name: str) -> Iterator[Line]:
        root = read_xml(name, self._entries[name]).root
        for point in root.iter("*"):
            if local_name(point) == "navPoint":
                parts = {local_name(child): child for child in point}
                label = "".join(parts["navLabel"].itertext()) if "navLabel" in parts else ""
                source = parts["content"].get("src") if "content" in parts else None
                depth = sum(local_name(one) == "navPoint" for one in point.iterancestors())
                yield from self._line(name, source, label, min(depth, DEEPEST))

    def _line(self, name: str, href: str | None, label: str, depth: int) -> Iterator[Line]:
        place = self._place(name, href) if href else None
        words = " ".join(label.split())[:LONGEST_LABEL]
        if place is not None and words:
            yield Line(words, place, depth)
