"""What pages and feeds list: a query's books, how many there are, and what could be asked for next."""

from collections.abc import Sequence

from flask import abort

from fic2epub.builder.discreet import is_explicit
from fic2epub.library.catalogue import Entry
from fic2epub.values import dataclass
from fic2epub.web.cache import Cache
from fic2epub.web.holdings import Holdings
from fic2epub.web.query import DISCREET, KINDS, ORDERS, Query
from fic2epub.web.shown import Shown, clean, label, show
from fic2epub.web.tally import Counts, Tally

__all__ = ["Choice", "Facet", "Listing", "Stock", "Values"]

Counted = list[tuple[str, int]]

NARROWED_BY = ("rating", "status", "fandom", "relationship", "series", "tag", "language")
"""What a listing offers to narrow it by, unless each book has a value of its own."""
OFFERED = 10
"""Values of each, the commonest."""
COUNTS_KEPT = 400_000
"""Values over all counts that are kept."""
NUMBERS_KEPT = 4_000_000
"""Books over all lists that are kept, each some 40 bytes at most."""
VALUES_A_PAGE = 100
SHOWN_KEPT = 6_000
"""Books, each some 3 kB."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on from a listing."""

    label: str
    query: Query
    count: int | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """Ways that exclude each other."""

    label: str
    choices: tuple[Choice, ...]
    kind: str | None = None
    """Of KINDS; None for the order."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of books."""

    title: str
    query: Query
    books: tuple[Shown, ...]
    total: int
    pages: int
    first: int
    """The number of the page's first book among all, from 1."""
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """A page of the values of one kind: authors, fandoms, and so on."""

    kind: str
    title: str
    query: Query
    choices: tuple[Choice, ...]
    total: int
    pages: int


class Stock:
    """The library's lists, with what was counted once for each state of it."""

    def __init__(self, holdings: Holdings, *, title: str, discreet: bool, page_size: int) -> None:
        self.holdings, self.title, self.discreet = holdings, title, discreet
        self.page_size = page_size
        self.kinds: tuple[str, ...] = DISCREET if discreet else tuple(KINDS)
        self._numbers: Cache[tuple[int, ...]] = Cache(NUMBERS_KEPT, lambda numbers: len(numbers) + 20)
        self._counts: Cache[Counts] = Cache(COUNTS_KEPT, lambda counts: len(counts) + 20)
        self._remembered: tuple[str, dict[int, Shown]] = "", {}
        self._tallies: Cache[Tally] = Cache(1, lambda tally: 1)

    def book(self, number: str) -> Shown:
        """A book by its number; 404 if there is none."""
        works = self._works(number)
        return show(works[0], discreet=self.discreet, works=works if works[0].anthology else ())

    def works(self, number: str) -> tuple[Shown, ...]:
        """A book's works by its number, one at least; 404 if there is no such book."""
        return tuple(show(entry, discreet=self.discreet) for entry in self._works(number))

    def shown(self, entry: Entry) -> Shown:
        """What is shown of a book, by its first work."""
        works: tuple[Entry, ...] = ()
        if entry.anthology:
            with self.holdings.catalogue() as catalogue:
                works = catalogue.entry(entry.path)
        return show(entry, discreet=self.discreet, works=works)

    def listing(self, query: Query, *, size: int | None = None) -> Listing:
        """The books of a query, one page; 404 for a page behind the last."""
        size = self.page_size if size is None else size
        limit = size or 1 << 31
        numbers = self._found(query)
        total = len(numbers)
        pages = max(1, -(-total // limit))
        _check_page(query, pages)
        start = (query.page - 1) * limit
        return Listing(
            title=self._titled(query),
            query=query,
            books=self._shown(numbers[start : start + limit]),
            total=total,
            pages=pages,
            first=start + 1,
            facets=self._facets(query) if total > 1 or query.where else (),
        )

    def values(self, kind: str, query: Query) -> Values:
        """The values of a kind among a query's books, one page of them; 404 for a page behind the last."""
        if kind not in self.kinds:
            abort(404, "Books are not listed by this here.")
        counted = self._told(self._counted(kind, query).all())
        pages = max(1, -(-len(counted) // VALUES_A_PAGE))
        _check_page(query, pages)
        start = (query.page - 1) * VALUES_A_PAGE
        return Values(
            kind=kind,
            title=KINDS[kind][1],
            query=query,
            choices=self._choices(kind, query, counted[start : start + VALUES_A_PAGE]),
            total=len(counted),
            pages=pages,
        )

    def _shown(self, numbers: Sequence[int]) -> tuple[Shown, ...]:
        """What is shown of some books, by the catalogue's numbers; those shown before are remembered."""
        token = self.holdings.state().token
        if self._remembered[0] != token or len(self._remembered[1]) > SHOWN_KEPT:
            self._remembered = token, {}
        known = self._remembered[1]
        if missing := [number for number in numbers if number not in known]:
            with self.holdings.catalogue() as catalogue:
                entries = catalogue.books(missing)
            if len(entries) == len(missing):  # or some have gone meanwhile
                known.update(zip(missing, map(self.shown, entries), strict=True))
        return tuple(known[number] for number in numbers if number in known)

    def _works(self, number: str) -> tuple[Entry, ...]:
        works = self.holdings.works(number)
        if not works:
            abort(404, "There is no such book in this library; it may have been renamed or taken away.")
        return works

    def _titled(self, query: Query) -> str:
        parts = [label(kind, value) for kind, value in query.where]
        if query.search:
            parts.append(f"“{clean(query.search)}”")
        return " · ".join(parts) or {"new": "New books", "title": "All books"}.get(query.order, "Books")

    def _facets(self, query: Query) -> tuple[Facet, ...]:
        orders = [
            Choice(label, query.ordered(order), active=order == query.order)
            for order, label in ORDERS.items()
        ]
        found = [Facet("Order", tuple(orders))]
        for kind in NARROWED_BY:
            if kind in self.kinds and (choices := self._narrowing(kind, query)):
                found.append(Facet(KINDS[kind][0], choices, kind))
        return tuple(found)

    def _narrowing(self, kind: str, query: Query) -> tuple[Choice, ...]:
        """The commonest values of a kind; of one that is asked for, that and the way back to all."""
        if (value := query.value(kind)) is not None:
            chosen = Choice(label(kind, value), query.at(1), active=True)
            return chosen, Choice("All", query.narrowed(kind, None))
        counted = self._told(self._counted(kind, query).commonest(OFFERED))
        return self._choices(kind, query, counted) if len(counted) > 1 else ()

    def _choices(self, kind: str, query: Query, counted: Counted) -> tuple[Choice, ...]:
        return tuple(
            Choice(label(kind, value), query.narrowed(kind, value), count) for value, count in counted
        )

    def _told(self, counted: Counted) -> Counted:
        return [one for one in counted if not (self.discreet and is_explicit(one[0]))]

    def _found(self, query: Query) -> tuple[int, ...]:
        """The catalogue's numbers of all books of a query, in its order."""

        def find() -> tuple[int, ...]:
            with self.holdings.catalogue() as catalogue:
                return catalogue.numbers(where=dict(query.where), search=query.search, order=query.order)

        key = self.holdings.state().token, query.where, query.search, query.order
        return self._numbers.get(key, find)

    def _counted(self, kind: str, query: Query) -> Counts:
        """What the books of a query have of a kind, counted once for all orders and pages."""
        token = self.holdings.state().token

        def tally() -> Tally:
            with self.holdings.catalogue() as catalogue:
                return Tally(catalogue.values())

        def count() -> Counts:
            return self._tallies.get(token, tally).count(kind, self._found(query))

        return self._counts.get((token, kind, query.where, query.search), count)


def _check_page(query: Query, pages: int) -> None:
    if query.page > pages:
        abort(404, f"There are {pages} pages." if pages > 1 else "There is one page only.")
