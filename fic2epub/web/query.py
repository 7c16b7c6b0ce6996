"""What a page or feed lists, as its address says it: which books, in which order, which page of them.

One language for all of them: ``?author=…&rating=…&query=…&order=new&page=2``. Each value is exact, each key
comes once; a key that nobody knows is passed over, since programs add their own.
"""

from dataclasses import replace
from typing import Self
from urllib.parse import urlencode

from flask import abort
from werkzeug.datastructures import MultiDict

from fic2epub.library.catalogue import FACETS
from fic2epub.values import dataclass

__all__ = ["DISCREET", "KINDS", "ORDERS", "Query"]

KINDS = {
    "author": ("Author", "Authors"),
    "fandom": ("Fandom", "Fandoms"),
    "relationship": ("Relationship", "Relationships"),
    "rating": ("Rating", "Ratings"),
    "series": ("Series", "Series"),
    "status": ("Status", "Statuses"),
    "character": ("Character", "Characters"),
    "tag": ("Tag", "Tags"),
    "language": ("Language", "Languages"),
}
"""What books can be looked up by, one and many of it, in the order in which a reader is offered them."""
assert set(KINDS) == set(FACETS)

DISCREET = ("author", "series", "status", "language")
"""Those that tell nothing of what is in a book."""

ORDERS = {"new": "Newest", "title": "Title", "author": "Author", "words": "Longest"}

LONGEST = 400
"""Characters of a value or a search; AO3's longest tags have 150."""
LAST_PAGE = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Some of the books."""

    where: tuple[tuple[str, str], ...] = ()
    """Kind and value, in the order of KINDS."""
    search: str | None = None
    order: str = "new"
    page: int = 1
    """From 1."""

    @classmethod
    def read(cls, arguments: MultiDict[str, str], *, kinds: tuple[str, ...]) -> Self:
        """What an address asks for; it is refused if it asks for what cannot be."""
        given = {key: arguments[key] for key in (*kinds, "query", "order", "page") if arguments.get(key)}
        if any(len(value) > LONGEST for value in given.values()):
            abort(414, f"A value of this address is longer than {LONGEST} characters.")
        order = given.get("order", "new")
        if order not in ORDERS:
            abort(400, f"Books are ordered by {', '.join(ORDERS)} only.")
        page = given.get("page", "1")
        if not (page.isascii() and page.isdecimal() and 0 < int(page) <= LAST_PAGE):
            abort(400, "A page is a number, counted from 1.")
        return cls(
            where=tuple((kind, given[kind]) for kind in kinds if kind in given),
            search=" ".join(given["query"].replace("\0", " ").split()) or None if "query" in given else None,
            order=order,
            page=int(page),
        )

    def value(self, kind: str) -> str | None:
        """What is asked for of a kind."""
        return dict(self.where).get(kind)

    def narrowed(self, kind: str, value: str | None) -> Self:
        """The first page of these books with another value of a kind; None for any."""
        chosen = {**dict(self.where), kind: value}
        where = tuple((one, found) for one in KINDS if (found := chosen.get(one)))
        return replace(self, where=where, page=1)

    def ordered(self, order: str) -> Self:
        """The first page of these books in another order."""
        return replace(self, order=order, page=1)

    def found(self, search: str | None) -> Self:
        """The first page of what another search finds; None for no search."""
        return replace(self, search=search, page=1)

    def at(self, page: int) -> Self:
        """Another page of them."""
        return replace(self, page=page)

    def address(self, path: str) -> str:
        """The address under a path; what is as usual is left out."""
        pairs = [*self.where]
        if self.search:
            pairs.append(("query", self.search))
        if self.order != "new":
            pairs.append(("order", self.order))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return f"{path}?{urlencode(pairs, errors='replace')}" if pairs else path
