"""The addresses of the feeds, and which of the two standards an answer speaks.

``/opds`` speaks 1.2, or 2.0 to who names it in ``Accept`` and Atom not before it (KOReader from 2026.07).
``/opds/v2`` speaks 2.0 to everybody.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request

from fic2epub.web.answers import Answers
from fic2epub.web.opds import ACQUISITION, ENTRY, NAVIGATION, SEARCH, Feeds
from fic2epub.web.opds2 import FEED, PUBLICATION, Feeds2
from fic2epub.web.query import Query
from fic2epub.web.stock import Stock

__all__ = ["feed_routes", "wants_feed"]

ATOM_TYPE = "application/atom+xml"


def wants_feed() -> bool:
    """Whether the client asks for a catalogue and not for a page."""
    wanted = [kind for kind, quality in request.accept_mimetypes if quality > 0]
    return "text/html" not in wanted and any(kind.startswith((FEED, ATOM_TYPE)) for kind in wanted)


def feed_routes(stock: Stock, answers: Answers) -> Blueprint:
    """The feeds of a library."""
    routes = _Routes(stock, answers)
    feeds = Blueprint("feeds", __name__)
    for home, second in (("/opds", False), ("/opds/v2", True)):
        version = "2" if second else ""
        for path, view in (
            ("", routes.start),
            ("/books", routes.books),
            ("/by/<kind>", routes.values),
            ("/book/<number>", routes.book),
        ):
            name = f"{view.__name__}{version}"
            feeds.add_url_rule(home + path, name, partial(view, second=second), strict_slashes=False)
    feeds.add_url_rule("/opds/search.xml", "search", routes.search)
    return feeds


class _Routes:
    def __init__(self, stock: Stock, answers: Answers) -> None:
        self._stock, self._answers = stock, answers

    def start(self, *, second: bool = False) -> Response:
        if second or _prefers_second():
            return self._second(FEED, "start", lambda feeds: feeds.start())
        return self._first(NAVIGATION, "start", lambda feeds: feeds.start())

    def books(self, *, second: bool = False) -> Response:
        query = self._query()
        if second or _prefers_second():
            return self._second(FEED, query, lambda feeds: feeds.listing(self._stock.listing(query)))
        return self._first(ACQUISITION, query, lambda feeds: feeds.listing(self._stock.listing(query)))

    def values(self, kind: str, *, second: bool = False) -> Response:
        query, key = self._query(), (kind, self._query())
        if second or _prefers_second():
            return self._second(FEED, key, lambda feeds: feeds.values(self._stock.values(kind, query)))
        return self._first(NAVIGATION, key, lambda feeds: feeds.values(self._stock.values(kind, query)))

    def book(self, number: str, *, second: bool = False) -> Response:
        if second or _prefers_second():
            return self._second(
                PUBLICATION, number, lambda feeds: feeds.publication(self._stock.book(number))
            )
        return self._first(ENTRY, number, lambda feeds: feeds.entry(self._stock.book(number)))

    def search(self) -> Response:
        return self._first(SEARCH, "search", lambda feeds: feeds.search())

    def _query(self) -> Query:
        return Query.read(request.args, kinds=self._stock.kinds)

    def _first(self, kind: str, key: object, make: Callable[[Feeds], bytes]) -> Response:
        root = request.script_root
        return self._answers.answer(
            lambda seconds: make(Feeds(self._stock, root=root, seconds=seconds)),
            kind=kind,
            key=key,
            dated=True,
            vary="Accept",
        )

    def _second(self, kind: str, key: object, make: Callable[[Feeds2], bytes]) -> Response:
        root = request.script_root
        return self._answers.answer(
            lambda seconds: make(Feeds2(self._stock, root=root, seconds=seconds)),
            kind=kind,
            key=key,
            dated=True,
            vary="Accept",
        )


def _prefers_second() -> bool:
    """Whether the client names 2.0, and Atom not before it."""
    named = {FEED: 0.0, ATOM_TYPE: 0.0}
    for kind, quality in request.accept_mimetypes:
        plain = kind.partition(";")[0].strip().lower()
        if plain in named:
            named[plain] = max(named[plain], quality)
    return named[FEED] > 0 and named[FEED] >= named[ATOM_TYPE]
