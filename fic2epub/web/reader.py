"""A book's own chapters as pages: what stands in it, its contents, and a place that is kept.

Works without a script, on the browser of an e-reader too. The choices of ``web/look.py`` and the place are in
cookies of this address; nothing of what is read is kept on the server.
"""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from fic2epub.errors import PackageError
from fic2epub.values import dataclass
from fic2epub.web.answers import LASTING
from fic2epub.web.cache import Cache
from fic2epub.web.look import CHOICES, Bookmark, bookmarks, keep_bookmark, keep_look, read_look
from fic2epub.web.opened import OpenBook
from fic2epub.web.pieces import Pieces
from fic2epub.web.safe import ID_PREFIX
from fic2epub.web.shown import Shown
from fic2epub.web.stock import Stock

__all__ = ["Desk", "reader_routes"]

BOOKS_KEPT = 64 << 20
PIECES_KEPT = 32 << 20
LAST = 10**12
"""A place behind the end of every document: its last page."""


@dataclass(frozen=True, slots=True)
class Way:
    """A page before or behind another."""

    document: int
    place: int

    @property
    def address(self) -> str:
        """From another page of the same book."""
        return f"{self.document}?at={self.place}" if self.place else str(self.document)


class Desk:
    """The books that are open."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._open: Cache[OpenBook] = Cache(BOOKS_KEPT, lambda book: book.size)
        self._pieces: Cache[Pieces] = Cache(PIECES_KEPT, lambda pieces: pieces.length * 8)

    def open(self, book: Shown) -> OpenBook:
        """A book that can be read. Raises LibraryError, PackageError."""
        with self._stock.holdings.open(book.entry) as file:
            key = book.number, file.revision
            return self._open.get(key, lambda: OpenBook(file.stream.read()))

    def pieces(self, book: Shown, opened: OpenBook, document: int, length: int) -> Pieces:
        """A document of it, in pages. Raises PackageError if it cannot be read."""
        key = book.number, book.entry.revision, document, length
        return self._pieces.get(key, lambda: Pieces(opened.body(document), length))


def reader_routes(stock: Stock, desk: Desk) -> Blueprint:
    """The pages for reading."""
    routes = _Routes(stock, desk)
    reader = Blueprint("reader", __name__)
    reader.add_url_rule("/read/<number>", "resume", routes.resume)
    reader.add_url_rule("/read/<number>/<int:document>", "page", routes.page)
    reader.add_url_rule("/read/<number>/contents", "contents", routes.contents)
    reader.add_url_rule("/read/<number>/picture/<int:picture>", "picture", routes.picture)
    reader.add_url_rule("/look", "look", routes.look, methods=["GET", "POST"])
    return reader


class _Routes:
    def __init__(self, stock: Stock, desk: Desk) -> None:
        self._stock, self._desk = stock, desk

    def resume(self, number: str) -> ResponseReturnValue:
        """Where the reader was, or the beginning."""
        book = self._stock.book(number)
        opened = self._desk.open(book)
        mark = next((one for one in bookmarks() if one.number == number), None)
        way = Way(opened.first(), 0)
        if mark is not None and 0 < mark.document <= len(opened.documents):
            way = Way(mark.document, mark.place)
        return redirect(f"{request.script_root}/read/{number}/{way.address}", 303)

    def page(self, number: str, document: int) -> ResponseReturnValue:
        """A page of a document: the one with the place ``at``, or with the id ``to``."""
        book = self._stock.book(number)
        opened = self._desk.open(book)
        if not 0 < document <= len(opened.documents):
            abort(404, "The book has no such page.")
        look = read_look()
        try:
            pieces = self._desk.pieces(book, opened, document, look.length)
        except PackageError as error:
            abort(422, f"This page of the book cannot be read: {error}")
        piece = pieces.at(_place(pieces))
        start = pieces.starts[piece]
        end = pieces.starts[piece + 1] if piece + 1 < len(pieces.starts) else pieces.length
        page = render_template(
            "web/read.html",
            look=look,
            stock=self._stock,
            book=book,
            label=opened.label(document),
            html=pieces.html(piece),
            before=_before(pieces, document, piece),
            after=_after(pieces, document, piece, len(opened.documents)),
            percent=round(100 * opened.fraction(document, end / max(1, pieces.length))),
            piece=piece + 1,
            pieces=len(pieces.starts),
            back=request.full_path.rstrip("?"),
        )
        answer = _private(make_response(page))
        keep_bookmark(answer, Bookmark(number, document, start))
        return answer

    def contents(self, number: str) -> ResponseReturnValue:
        """The book's own contents."""
        book = self._stock.book(number)
        opened = self._desk.open(book)
        mark = next((one for one in bookmarks() if one.number == number), None)
        here = max(
            (
                line.place.document
                for line in opened.contents
                if mark is not None and line.place.document <= mark.document
            ),
            default=None,
        )
        return _private(
            make_response(
                render_template(
                    "web/contents.html",
                    look=read_look(),
                    stock=self._stock,
                    book=book,
                    lines=opened.contents,
                    here=here,
                )
            )
        )

    def picture(self, number: str, picture: int) -> Response:
        """A picture of the book."""
        found = self._desk.open(self._stock.book(number)).picture(picture)
        if found is None:
            abort(404, "The book has no such picture.")
        answer = Response(found[0], content_type=found[1])
        answer.headers["Cache-Control"] = LASTING.replace(", immutable", "")
        return answer

    def look(self) -> ResponseReturnValue:
        """How pages look: shown, and changed by the form that stands there."""
        look = read_look()
        back = request.values.get("back", "/")
        if not back.startswith("/") or back.startswith(("//", "/\\")) or not back.isprintable():
            back = "/"  # never to another server
        if request.method == "GET":
            return _private(
                make_response(
                    render_template("web/look.html", look=look, stock=self._stock, choices=CHOICES, back=back)
                )
            )
        origin = request.headers.get("Origin", "null")
        if origin not in ("null", f"http://{request.headers['Host']}"):  # old browsers send none
            abort(403, "This request comes from another page.")
        for name in CHOICES:
            look = look.chosen(name, request.form.get(name))
        answer = make_response(redirect(f"{request.script_root}{back}", 303))
        keep_look(answer, look)
        return answer


def _place(pieces: Pieces) -> int:
    """The place that an address asks for; the beginning if it names none that is there."""
    if target := request.args.get("to"):
        return pieces.of(ID_PREFIX + target)
    at = request.args.get("at", "0")
    return min(int(at), LAST) if at.isascii() and at.isdecimal() and len(at) < 20 else 0


def _before(pieces: Pieces, document: int, piece: int) -> Way | None:
    if piece > 0:
        return Way(document, pieces.starts[piece - 1])
    return Way(document - 1, LAST) if document > 1 else None


def _after(pieces: Pieces, document: int, piece: int, documents: int) -> Way | None:
    if piece + 1 < len(pieces.starts):
        return Way(document, pieces.starts[piece + 1])
    return Way(document + 1, 0) if document < documents else None


def _private(answer: Response) -> Response:
    """A page that depends on the reader's cookies, and is asked for again each time."""
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Cookie"
    return answer
