"""OPDS 1.2: the library as Atom feeds (specs.opds.io/opds-1.2, read 2026-08).

A feed is of navigation or of acquisition, never of both. The XML is plain: old KOReader takes comments and
CDATA out with patterns, and wants a ``type`` on every link. The first acquisition link of an entry is the
EPUB, since KOReader's sync takes the first and no other.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from fic2epub.web.query import KINDS
from fic2epub.web.shown import EPUB_TYPE, KEPUB_TYPE, Shown, clean
from fic2epub.web.stock import Listing, Stock, Values

__all__ = ["ACQUISITION", "ENTRY", "NAVIGATION", "SEARCH", "Feeds"]

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/terms/"
OPDS = "http://opds-spec.org/2010/catalog"
OPEN_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
THREAD = "http://purl.org/syndication/thread/1.0"
NAMES = {None: ATOM, "dc": DC, "opds": OPDS, "opensearch": OPEN_SEARCH, "thr": THREAD}

ACQUIRE = "http://opds-spec.org/acquisition/open-access"
IMAGE = "http://opds-spec.org/image"
THUMBNAIL = "http://opds-spec.org/image/thumbnail"
NEWEST = "http://opds-spec.org/sort/new"
FACET = "http://opds-spec.org/facet"

PROFILE = "application/atom+xml;profile=opds-catalog"
NAVIGATION = f"{PROFILE};kind=navigation"
ACQUISITION = f"{PROFILE};kind=acquisition"
ENTRY = "application/atom+xml;type=entry;profile=opds-catalog"
SEARCH = "application/opensearchdescription+xml"

Element = etree._Element


class Feeds:
    """The feeds of a library, with addresses under ``root``; ``seconds`` is when it last changed."""

    def __init__(self, stock: Stock, *, root: str, seconds: int) -> None:
        self._stock, self._root = stock, root
        self._when = _date(datetime.fromtimestamp(seconds, UTC))

    def start(self) -> bytes:
        """The ways into the library."""
        feed = self._feed("/opds", self._stock.title, NAVIGATION)
        books = f"{self._root}/opds/books"
        self._way(feed, "New books", books, ACQUISITION, "The newest first", rel=NEWEST)
        self._way(feed, "All books", f"{books}?order=title", ACQUISITION, "By title")
        for kind in self._stock.kinds:
            href = f"{self._root}/opds/by/{kind}"
            self._way(feed, KINDS[kind][1], href, NAVIGATION, f"Books by {KINDS[kind][0].lower()}")
        return _bytes(feed)

    def values(self, values: Values) -> bytes:
        """The authors, or what else it is by."""
        path = f"/opds/by/{values.kind}"
        feed = self._feed(values.query.address(path), values.title, NAVIGATION)
        self._pages(feed, lambda page: values.query.at(page).address(path), values.query.page, values.pages)
        for choice in values.choices:
            href = choice.query.address(f"{self._root}/opds/books")
            told = "1 book" if choice.count == 1 else f"{choice.count:,} books"
            self._way(feed, choice.label, href, ACQUISITION, told, count=choice.count)
        return _bytes(feed)

    def listing(self, listing: Listing) -> bytes:
        """A page of books."""
        path, query = "/opds/books", listing.query
        feed = self._feed(query.address(path), listing.title, ACQUISITION)
        self._pages(feed, lambda page: query.at(page).address(path), query.page, listing.pages)
        _add(feed, "totalResults", str(listing.total), OPEN_SEARCH)
        _add(feed, "itemsPerPage", str(self._stock.page_size or max(1, listing.total)), OPEN_SEARCH)
        _add(feed, "startIndex", str(listing.first), OPEN_SEARCH)
        for facet in listing.facets:
            for choice in facet.choices:
                href = choice.query.address(self._root + path)
                link = _link(feed, FACET, href, ACQUISITION, choice.label)
                link.set(f"{{{OPDS}}}facetGroup", facet.label)
                if choice.active:
                    link.set(f"{{{OPDS}}}activeFacet", "true")
                if choice.count is not None:
                    link.set(f"{{{THREAD}}}count", str(choice.count))
        named: set[str] = set()
        for book in listing.books:
            self._book(etree.SubElement(feed, f"{{{ATOM}}}entry"), book, named)
        return _bytes(feed)

    def entry(self, book: Shown) -> bytes:
        """One book, as a document of its own."""
        entry = etree.Element(f"{{{ATOM}}}entry", nsmap=NAMES)
        self._book(entry, book, set())
        return _bytes(entry)

    def search(self) -> bytes:
        """How to search (OpenSearch 1.1)."""
        root = etree.Element(f"{{{OPEN_SEARCH}}}OpenSearchDescription", nsmap={None: OPEN_SEARCH})
        _add(root, "ShortName", "fic2epub", OPEN_SEARCH)
        words = "Words and “phrases” in titles, authors, tags, summaries and notes"
        _add(root, "Description", words, OPEN_SEARCH)
        _add(root, "InputEncoding", "UTF-8", OPEN_SEARCH)
        _add(root, "OutputEncoding", "UTF-8", OPEN_SEARCH)
        for path, kind in (("/opds/books", ACQUISITION), ("/books", "text/html")):
            template = f"{self._root}{path}?query={{searchTerms}}"
            etree.SubElement(root, f"{{{OPEN_SEARCH}}}Url", {"type": kind, "template": template})
        return _bytes(root)

    def _feed(self, path: str, title: str, kind: str) -> Element:
        feed = etree.Element(f"{{{ATOM}}}feed", nsmap=NAMES)
        _add(feed, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self._stock.holdings.name}{path}')}")
        _add(feed, "title", title)
        _add(feed, "updated", self._when)
        _add(etree.SubElement(feed, f"{{{ATOM}}}author"), "name", "fic2epub")
        _link(feed, "self", self._root + path, kind)
        _link(feed, "start", f"{self._root}/opds", NAVIGATION)
        if path != "/opds":
            _link(feed, "up", f"{self._root}/opds", NAVIGATION)
        _link(feed, "search", f"{self._root}/opds/search.xml", SEARCH, "Search")
        # Moon+ and Librera read no OpenSearch description: they want the template itself.
        template = f"{self._root}/opds/books?query={{searchTerms}}"
        _link(feed, "search", template, "application/atom+xml", "Search")
        return feed

    def _pages(self, feed: Element, address: Callable[[int], str], page: int, pages: int) -> None:
        kind = next(link.get("type") for link in feed.iter(f"{{{ATOM}}}link")) or PROFILE
        if pages > 1:
            ways = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
            for rel, other in ways.items():
                if 1 <= other <= pages:
                    _link(feed, rel, self._root + address(other), kind)

    def _way(
        self,
        feed: Element,
        title: str,
        href: str,
        kind: str,
        told: str,
        *,
        rel: str = "subsection",
        count: int | None = None,
    ) -> None:
        """An entry that leads on."""
        entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, self._stock.holdings.name + href)}")
        _add(entry, "title", title)
        _add(entry, "updated", self._when)
        _add(entry, "content", told).set("type", "text")
        link = _link(entry, rel, href, kind)
        if count is not None:
            link.set(f"{{{THREAD}}}count", str(count))

    def _book(self, entry: Element, book: Shown, named: set[str]) -> None:
        """Fill in an entry; ``named`` has the ids above it, since a copy of a book has the same."""
        metadata, root = book.metadata, self._root
        identifier = clean(book.entry.identifier)
        own = identifier
        if not own.startswith("urn:") or own in named:
            own = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{identifier} {book.number}')}"
        named.add(own)
        _add(entry, "id", own)
        _add(entry, "title", book.title)
        _add(entry, "updated", _date(book.entry.modified))
        for name in book.authors or ("Unknown",):
            _add(etree.SubElement(entry, f"{{{ATOM}}}author"), "name", name)
        _add(entry, "identifier", identifier, DC)
        if metadata.language != "und":
            _add(entry, "language", clean(metadata.language), DC)
        if metadata.published:
            _add(entry, "issued", metadata.published.isoformat(), DC)
        if book.words:
            _add(entry, "extent", f"{book.words:,} words", DC)
        for scheme, values in book.subjects.items():
            for value in values:
                attributes = {"term": value, "label": value, "scheme": f"urn:fic2epub:{scheme}"}
                etree.SubElement(entry, f"{{{ATOM}}}category", attributes)
        if book.summary:
            _add(entry, "summary", book.summary).set("type", "text")
        _add(entry, "content", book.told).set("type", "text")
        _link(entry, ACQUIRE, book.file(root, ".epub"), EPUB_TYPE, "EPUB")
        _link(entry, ACQUIRE, book.file(root, ".kepub.epub"), KEPUB_TYPE, "KEPUB (Kobo)")
        _link(entry, IMAGE, book.cover(root), "image/jpeg")
        _link(entry, THUMBNAIL, book.thumbnail(root), "image/jpeg")
        _link(entry, "alternate", f"{root}/opds/book/{book.number}", ENTRY)
        _link(entry, "alternate", f"{root}/book/{book.number}", "text/html")


def _add(parent: Element, name: str, text: str, space: str = ATOM) -> Element:
    element: Element = etree.SubElement(parent, f"{{{space}}}{name}")
    element.text = text
    return element


def _link(parent: Element, rel: str, href: str, kind: str, title: str | None = None) -> Element:
    link: Element = etree.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})
    if title is not None:
        link.set("title", title)
    return link


def _date(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
