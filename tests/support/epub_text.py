"""Read a book back, without a line of the builder's code: ``zipfile`` and ElementTree alone.

What the tests hold against the dump comes from here, so nothing of it may be shared with the program.

In a chapter every word counts that stands outside the class ``added``, which marks what the program
says itself: labels, ``Chapter 3``. In every other document (preface, cover, contents, dividers,
afterword) only the dump's own words count, which carry the class ``userstuff``.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
OPS_TYPE = "{http://www.idpf.org/2007/ops}type"
CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"

CHAPTER_RE = re.compile(r"(^|/)text/(.+/)?chapter\d+(-\d+)?\.xhtml$")
"""The story; an anthology keeps each work's preface and afterword beside its chapters."""
ADDED = "added"
OWN = "userstuff"

INLINE_NAMES = "a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup u var"
INLINE = frozenset(XHTML + name for name in INLINE_NAMES.split())


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one block element, its white space as in the file, a ``br`` as a line feed."""

    text: str
    tag: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An ``hr``: tests put the ledger's marker back here."""

    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ManifestItem:
    id: str
    href: str
    """From the root of the archive."""
    media_type: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NavEntry:
    label: str
    href: str | None
    """From the root of the archive, with its fragment; None for an entry without a link."""
    depth: int
    """0 for the first level."""


@dataclass(frozen=True, slots=True)
class Document:
    href: str
    title: str
    root: ElementTree.Element
    chapter: bool
    """True for the story itself."""

    def items(self) -> list[Words | Rule]:
        """The dump's own words and rules, in order."""
        return list(_items(self._body(), own=self.chapter))

    def from_fragment(self, fragment: str | None, *, added: bool = False) -> list[Words | Rule]:
        """What a reader sees from the element with this id on, or from the top.

        Without what the program added, unless ``added``. KeyError if no element has the id.
        """
        body = self._body()
        order = list(body.iter())
        at = next((n for n, element in enumerate(order) if fragment in {None, element.get("id")}), None)
        if at is None:
            raise KeyError(f"{self.href} has no id {fragment!r}")
        earlier = frozenset(map(id, order[:at]))
        return list(_items(body, own=True, added=added, earlier=earlier))

    def _body(self) -> ElementTree.Element:
        body = self.root.find(f"{XHTML}body")
        assert body is not None, f"{self.href} has no body"
        return body


@dataclass(frozen=True, slots=True)
class Book:
    metadata: tuple[tuple[str, str], ...]
    """``(name, value)`` in order: ``dc:`` elements by local name, ``meta`` by property or name."""
    manifest: tuple[ManifestItem, ...]
    spine: tuple[Document, ...]
    nav: tuple[NavEntry, ...]
    entries: dict[str, bytes]
    """The whole archive, in its order."""

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.metadata if key == name]

    def document(self, href: str) -> Document:
        return next(document for document in self.spine if document.href == href)

    def items(self) -> list[Words | Rule]:
        """The dump's own words and rules, in spine order."""
        return [item for document in self.spine for item in document.items()]

    def words(self) -> list[str]:
        """The dump's own words, split at white space, in spine order."""
        return [word for item in self.items() if isinstance(item, Words) for word in item.text.split()]


def read_book(path: Path) -> Book:
    """Open a book, by way of container.xml, the package document and the spine."""
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    container = ElementTree.fromstring(entries["META-INF/container.xml"])
    opf_path = container.find(f".//{CONTAINER}rootfile").attrib["full-path"]
    package = ElementTree.fromstring(entries[opf_path])
    manifest = tuple(
        ManifestItem(
            item.attrib["id"],
            _resolve(opf_path, item.attrib["href"]),
            item.attrib["media-type"],
            tuple(item.get("properties", "").split()),
        )
        for item in package.iter(f"{OPF}item")
    )
    by_id = {item.id: item for item in manifest}
    spine = tuple(
        _document(by_id[ref.attrib["idref"]].href, entries) for ref in package.iter(f"{OPF}itemref")
    )
    nav_href = next(item.href for item in manifest if "nav" in item.properties)
    return Book(tuple(_metadata(package)), manifest, spine, tuple(_navigation(nav_href, entries)), entries)


def _resolve(base: str, href: str) -> str:
    path, mark, fragment = href.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(path))) if path else base
    return target + mark + fragment


def _document(href: str, entries: dict[str, bytes]) -> Document:
    root = ElementTree.fromstring(entries[href])
    title = root.findtext(f"{XHTML}head/{XHTML}title") or ""
    return Document(href, title, root, chapter=bool(CHAPTER_RE.search(href)))


def _metadata(package: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for element in package.find(f"{OPF}metadata"):
        value = (element.text or "").strip()
        if element.tag.startswith(DC):
            yield element.tag.removeprefix(DC), value
        elif element.tag == f"{OPF}meta":
            yield element.get("property") or element.get("name", ""), value or element.get("content", "")


def _navigation(href: str, entries: dict[str, bytes]) -> Iterator[NavEntry]:
    root = ElementTree.fromstring(entries[href])
    toc = next(nav for nav in root.iter(f"{XHTML}nav") if "toc" in nav.get(OPS_TYPE, "").split())
    yield from _entries(toc.find(f"{XHTML}ol"), href, 0)


def _entries(ol: ElementTree.Element, href: str, depth: int) -> Iterator[NavEntry]:
    for li in ol.findall(f"{XHTML}li"):
        head = li.find(f"{XHTML}a") if li.find(f"{XHTML}a") is not None else li.find(f"{XHTML}span")
        target = head.get("href")
        label = " ".join("".join(head.itertext()).split())
        yield NavEntry(label, None if target is None else _resolve(href, target), depth)
        if (inner := li.find(f"{XHTML}ol")) is not None:
            yield from _entries(inner, href, depth + 1)


@dataclass(slots=True)
class _Block:
    """A block being read: what text of it has come so far."""

    element: ElementTree.Element
    parts: list[str]

    def take(self) -> Iterator[Words]:
        text = "".join(self.parts)
        self.parts.clear()
        if text.strip():
            yield Words(
                text, self.element.tag.removeprefix(XHTML), tuple(self.element.get("class", "").split())
            )


def _items(
    body: ElementTree.Element, *, own: bool, added: bool = False, earlier: frozenset[int] = frozenset()
) -> Iterator[Words | Rule]:
    """Walk a body. ``own`` says whether its words count before any class has said so; ``earlier`` are
    the elements that come before the place to begin at: their own text does not count.
    """

    def walk(element: ElementTree.Element, block: _Block, counts: bool) -> Iterator[Words | Rule]:
        classes = tuple(element.get("class", "").split())
        counts = (counts or OWN in classes) and (added or ADDED not in classes)
        heard = counts and id(element) not in earlier
        if element.tag == f"{XHTML}hr":
            yield from block.take()
            if heard:
                yield Rule(classes)
            return
        if element.tag == f"{XHTML}br" and heard:
            block.parts.append("\n")
        inner = block if element.tag in INLINE or element.tag == f"{XHTML}br" else _Block(element, [])
        if inner is not block:
            yield from block.take()
        if heard and element.text:
            inner.parts.append(element.text)
        for child in element:
            yield from walk(child, inner, counts)
            if counts and id(child) not in earlier and child.tail:
                inner.parts.append(child.tail)
        if inner is not block:
            yield from inner.take()

    root = _Block(body, [])
    yield from walk(body, root, own)
    yield from root.take()
