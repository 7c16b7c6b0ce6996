"""OPDS 2.0: the same library as JSON (drafts.opds.io/opds-2.0, read 2026-08); KOReader 2026.07 prefers it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fic2epub.web.opds import ACQUIRE, NEWEST
from fic2epub.web.query import KINDS
from fic2epub.web.shown import EPUB_TYPE, KEPUB_TYPE, Shown, clean
from fic2epub.web.stock import Choice, Facet, Listing, Stock, Values

__all__ = ["FEED", "PUBLICATION", "Feeds2"]

FEED = "application/opds+json"
PUBLICATION = "application/opds-publication+json"
HOME = "/opds/v2"

Json = dict[str, Any]


class Feeds2:
    """The feeds of a library, with addresses under ``root``; ``seconds`` is when it last changed."""

    def __init__(self, stock: Stock, *, root: str, seconds: int) -> None:
        self._stock, self._root = stock, root
        self._when = _date(datetime.fromtimestamp(seconds, UTC))

    def start(self) -> bytes:
        """The ways into the library."""
        books = f"{self._root}{HOME}/books"
        ways: list[Json] = [
            {"title": "New books", "href": books, "type": FEED, "rel": NEWEST},
            {"title": "All books", "href": f"{books}?order=title", "type": FEED, "rel": "subsection"},
        ]
        for kind in self._stock.kinds:
            href = f"{self._root}{HOME}/by/{kind}"
            ways.append({"title": KINDS[kind][1], "href": href, "type": FEED, "rel": "subsection"})
        return _bytes(self._feed("", self._stock.title) | {"navigation": ways})

    def values(self, values: Values) -> bytes:
        """The authors, or what else it is by."""
        path = f"/by/{values.kind}"
        query = values.query
        feed = self._feed(query.address(path), values.title, total=values.total)
        feed["links"] += self._pages(lambda page: query.at(page).address(path), query.page, values.pages)
        feed["navigation"] = [self._choice(choice) | {"rel": "subsection"} for choice in values.choices]
        return _bytes(feed)

    def listing(self, listing: Listing) -> bytes:
        """A page of books."""
        path, query = "/books", listing.query
        feed = self._feed(query.address(path), listing.title, total=listing.total)
        feed["metadata"] |= {
            "itemsPerPage": self._stock.page_size or max(1, listing.total),
            "currentPage": query.page,
        }
        feed["links"] += self._pages(lambda page: query.at(page).address(path), query.page, listing.pages)
        feed["publications"] = [self._publication(book) for book in listing.books]
        if listing.facets:
            feed["facets"] = [self._facet(facet) for facet in listing.facets]
        return _bytes(feed)

    def publication(self, book: Shown) -> bytes:
        """One book, as a document of its own."""
        return _bytes(self._publication(book))

    def _feed(self, path: str, title: str, *, total: int | None = None) -> Json:
        metadata: Json = {"title": title, "modified": self._when}
        if total is not None:
            metadata["numberOfItems"] = total
        home = f"{self._root}{HOME}"
        links: list[Json] = [
            {"rel": "self", "href": home + path, "type": FEED},
            {"rel": "start", "href": home, "type": FEED},
            {"rel": "search", "href": f"{home}/books{{?query}}", "type": FEED, "templated": True},
        ]
        return {"metadata": metadata, "links": links}

    def _pages(self, address: Callable[[int], str], page: int, pages: int) -> list[Json]:
        if pages < 2:
            return []
        ways = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
        return [
            {"rel": rel, "href": f"{self._root}{HOME}{address(other)}", "type": FEED}
            for rel, other in ways.items()
            if 1 <= other <= pages
        ]

    def _facet(self, facet: Facet) -> Json:
        links = [self._choice(choice) for choice in facet.choices]
        for link, choice in zip(links, facet.choices, strict=True):
            if choice.active:
                link["rel"] = "self"
        return {"metadata": {"title": facet.label}, "links": links}

    def _choice(self, choice: Choice) -> Json:
        href = choice.query.address(f"{self._root}{HOME}/books")
        link: Json = {"title": choice.label, "href": href, "type": FEED}
        if choice.count is not None:
            link["properties"] = {"numberOfItems": choice.count}
        return link

    def _publication(self, book: Shown) -> Json:
        entry, root = book.entry, self._root
        metadata: Json = {
            "@type": "http://schema.org/Book",
            "title": book.title,
            "author": [{"name": name} for name in book.authors or ("Unknown",)],
            "identifier": clean(entry.identifier),
            "modified": _date(entry.modified),
        }
        if book.metadata.language != "und":
            metadata["language"] = clean(book.metadata.language)
        if book.metadata.published:
            metadata["published"] = book.metadata.published.isoformat()
        # What is said of the book comes before its summary: the standard has no field for its length.
        metadata["description"] = "\n".join(filter(None, (book.told, book.summary)))
        if book.subjects:
            metadata["subject"] = [
                {"name": value, "scheme": f"urn:fic2epub:{scheme}"}
                for scheme, values in book.subjects.items()
                for value in values
            ]
        if book.metadata.series:
            metadata["belongsTo"] = {
                "series": [_series(one.title, one.position) for one in book.metadata.series]
            }
        return {
            "metadata": metadata,
            "links": [
                {"rel": "self", "href": f"{root}{HOME}/book/{book.number}", "type": PUBLICATION},
                {"rel": ACQUIRE, "href": book.file(root, ".epub"), "type": EPUB_TYPE, "title": "EPUB"},
                {
                    "rel": ACQUIRE,
                    "href": book.file(root, ".kepub.epub"),
                    "type": KEPUB_TYPE,
                    "title": "KEPUB (Kobo)",
                },
                {"rel": "alternate", "href": f"{root}/book/{book.number}", "type": "text/html"},
            ],
            "images": [
                {"href": book.cover(root), "type": "image/jpeg"},
                {"href": book.thumbnail(root), "type": "image/jpeg", "rel": "thumbnail"},
            ],
        }


def _series(title: str, position: int | None) -> Json:
    series: Json = {"name": clean(title)}
    return series if position is None else series | {"position": position}


def _date(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
