"""The library as pages: what is new, what there is, one book with all that can be done with it.

They work without a script. On an e-reader's browser they are plain and black on white, with links that a
finger hits; a phone and a desktop get the same pages in more room.
"""

import io
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from fic2epub.errors import Fic2EpubError
from fic2epub.values import dataclass
from fic2epub.web.app import is_ours, lan_address
from fic2epub.web.door import PREFIX, USER
from fic2epub.web.feeds import wants_feed
from fic2epub.web.look import bookmarks, read_look
from fic2epub.web.notes import FoundNote, find_notes
from fic2epub.web.opened import Line
from fic2epub.web.query import KINDS, Query
from fic2epub.web.reader import Desk
from fic2epub.web.shown import Shown
from fic2epub.web.stock import Stock

__all__ = ["Access", "page_routes"]

NEW_SHOWN = 12
GOING_ON_SHOWN = 4
BOOKS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Inside:
    """What a book's file has to say beside its record."""

    lines: tuple[Line, ...] = ()
    notes: tuple[FoundNote, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How other devices get here."""

    lan: bool
    secret: str | None


def page_routes(
    stock: Stock, desk: Desk, access: Access, start_feed: Callable[[], ResponseReturnValue]
) -> Blueprint:
    """The pages of a library; ``start_feed`` answers a reading program that asks for ``/``."""
    routes = _Routes(stock, desk, access)

    def index() -> ResponseReturnValue:
        return start_feed() if wants_feed() else routes.index()

    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "index", index)
    pages.add_url_rule("/books", "books", routes.books)
    pages.add_url_rule("/by/<kind>", "values", routes.values)
    pages.add_url_rule("/book/<number>", "book", routes.book)
    pages.add_url_rule("/device", "device", routes.device)
    pages.add_url_rule("/device.png", "code", routes.code)
    return pages


class _Routes:
    def __init__(self, stock: Stock, desk: Desk, access: Access) -> None:
        self._stock, self._desk, self._access = stock, desk, access

    def index(self) -> Response:
        """What is new, what was begun, and the ways into the rest."""
        new = self._stock.listing(Query(), size=NEW_SHOWN)
        return _page("web/index.html", self._stock, new=new, going=self._going_on())

    def books(self) -> Response:
        """A page of books, and what they could be narrowed by."""
        query = Query.read(request.args, kinds=self._stock.kinds)
        listing = self._stock.listing(query, size=BOOKS_A_PAGE)
        return _page("web/books.html", self._stock, listing=listing)

    def values(self, kind: str) -> Response:
        """The authors, or what else it is by."""
        query = Query.read(request.args, kinds=self._stock.kinds)
        return _page("web/values.html", self._stock, values=self._stock.values(kind, query))

    def book(self, number: str) -> Response:
        """One book."""
        book, works = self._stock.book(number), self._stock.works(number)
        begun = any(mark.number == number for mark in bookmarks())
        return _page(
            "web/book.html",
            self._stock,
            book=book,
            works=works,
            inside=self._inside(book),
            begun=begun,
            browser=_browser(),
        )

    def device(self) -> Response:
        """How an e-reader gets here."""
        address = self._address()
        return _page(
            "web/device.html",
            self._stock,
            address=address,
            plain=address.partition(PREFIX)[0],
            access=self._access,
            coded=find_spec("segno") is not None,
            user=USER,
        )

    def code(self) -> Response:
        """The address as a QR code."""
        try:
            import segno
        except ImportError:
            abort(404, "The code needs segno.")
        buffer = io.BytesIO()
        segno.make(self._address(), error="m", micro=False).save(buffer, kind="png", scale=8, border=4)
        return Response(buffer.getvalue(), content_type="image/png", headers={"Cache-Control": "no-store"})

    def _address(self) -> str:
        """The address that another device opens."""
        host = request.host
        if self._access.lan and is_ours(host, lan=False):  # this machine's own name for itself
            host = f"{lan_address()}:{request.environ.get('SERVER_PORT', '')}"
        secret = f"{PREFIX}{self._access.secret}" if self._access.secret else ""
        return f"http://{host}{secret}/"

    def _going_on(self) -> tuple[Shown, ...]:
        found = []
        for mark in bookmarks():
            works = self._stock.holdings.works(mark.number)
            if works:
                found.append(self._stock.shown(works[0]))
            if len(found) == GOING_ON_SHOWN:
                break
        return tuple(found)

    def _inside(self, book: Shown) -> Inside:
        """The chapters and notes; a book that cannot be read can be looked at all the same."""
        try:
            opened = self._desk.open(book)
            return Inside(opened.contents, find_notes(opened))
        except Fic2EpubError as error:
            return Inside(fault=str(error))


def _page(name: str, stock: Stock, **values: Any) -> Response:
    page = render_template(name, look=read_look(), stock=stock, kinds=KINDS, **values)
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept, Cookie, User-Agent"
    return answer


def _browser() -> str | None:
    """The e-reader whose browser this is, if it wants another file than the rest."""
    agent = request.headers.get("User-Agent", "")
    return next((name for name in ("Kobo", "Kindle") if name in agent), None)
