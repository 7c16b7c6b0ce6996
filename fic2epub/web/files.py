"""Books and covers to take away.

What a Kobo's browser needs (as its users found, read 2026-08): the address ends in the file's name, and
``Content-Disposition`` has that name in ASCII, without ``filename*``. What download managers need: a strong
ETag, ``Last-Modified``, ``Content-Length``, ``HEAD``, ranges, and never a coding on top. Several ranges at
once are answered with the whole book, as RFC 9110, 14.2, allows: no reading program asks for them.
"""

import hashlib
import io
import re
from datetime import UTC, datetime
from typing import BinaryIO

from flask import Blueprint, Response, abort, request
from werkzeug.wsgi import wrap_file

from fic2epub.builder.kepub import kepub_file
from fic2epub.errors import PackageError
from fic2epub.values import dataclass
from fic2epub.web.answers import FRESH, LASTING
from fic2epub.web.cache import Cache
from fic2epub.web.pictures import Picture, Pictures
from fic2epub.web.shown import EPUB_TYPE, KEPUB_TYPE, Shown
from fic2epub.web.stock import Stock

__all__ = ["file_routes"]

KEPUBS_KEPT = 96 << 20
"""Bytes of KEPUBs; each is made when it is first asked for."""
ONE_RANGE_RE = re.compile(r"bytes\s*=\s*(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})")
"""All else is answered with the whole book (RFC 9110, 14.2)."""
THUMBNAILS_KNOWN = 2_000
KEPUB_ENDING = ".kepub.epub"


@dataclass(frozen=True, slots=True)
class _Kepub:
    content: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class _Picture:
    picture: Picture
    tag: str
    caching: str


def file_routes(stock: Stock) -> Blueprint:
    """The files of a library."""
    routes = _Routes(stock)
    files = Blueprint("files", __name__)
    files.add_url_rule("/get/<number>/<revision>/<name>", "book", routes.book)
    files.add_url_rule("/cover/<number>/<revision>.jpg", "cover", routes.cover)
    files.add_url_rule("/thumb/<number>/<revision>.jpg", "thumbnail", routes.thumbnail)
    return files


class _Routes:
    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._pictures = Pictures(stock.holdings, discreet=stock.discreet)
        self._thumbnails: Cache[_Picture] = Cache(THUMBNAILS_KNOWN, lambda found: 1)
        self._kepubs: Cache[_Kepub] = Cache(KEPUBS_KEPT, lambda kepub: len(kepub.content))

    def book(self, number: str, revision: str, name: str) -> Response:
        """A book's file. An old revision's address gives the book as it is now, with its own ETag."""
        book = self._stock.book(number)
        if name.endswith(KEPUB_ENDING):
            return self._kepub(book)
        if name.endswith(".epub"):
            return self._epub(book)
        abort(404, "Books end in .epub or .kepub.epub here.")

    def _epub(self, book: Shown) -> Response:
        file = self._stock.holdings.open(book.entry)
        name = f"{book.name}.epub"
        return _attached(file.stream, EPUB_TYPE, name, file.size, tag=file.revision, modified=file.modified)

    def _kepub(self, book: Shown) -> Response:
        with self._stock.holdings.open(book.entry) as file:
            key, modified = (book.number, file.revision), file.modified
            kepub = self._kepubs.get(key, lambda: _made(file.stream.read(), book.title))
        name, size = f"{book.name}{KEPUB_ENDING}", len(kepub.content)
        stream = io.BytesIO(kepub.content)
        return _attached(stream, KEPUB_TYPE, name, size, tag=kepub.tag, modified=modified)

    def cover(self, number: str, revision: str) -> Response:
        book = self._stock.book(number)
        return _shown(_tagged(self._pictures.cover(book), book, revision))

    def thumbnail(self, number: str, revision: str) -> Response:
        def make() -> _Picture:
            book = self._stock.book(number)
            return _tagged(self._pictures.small(book), book, revision)

        # A page has dozens of them: one that is known costs no look into the catalogue.
        key = self._stock.holdings.state().token, number, revision
        return _shown(self._thumbnails.get(key, make))


def _made(content: bytes, title: str) -> _Kepub:
    try:
        made = kepub_file(content)
    except PackageError as error:
        raise PackageError(f"{title}: cannot be made a KEPUB ({error}). Take the EPUB.") from error
    return _Kepub(made, hashlib.sha256(made).hexdigest()[:32])


def _tagged(picture: Picture, book: Shown, revision: str) -> _Picture:
    tag = hashlib.sha256(picture.content).hexdigest()[:32]
    return _Picture(picture, tag, LASTING if revision == book.entry.revision else FRESH)


def _shown(found: _Picture) -> Response:
    answer = Response(found.picture.content, content_type=found.picture.kind)
    answer.set_etag(found.tag)
    answer.headers["Cache-Control"] = found.caching
    answer.make_conditional(request)
    return answer


def _attached(stream: BinaryIO, kind: str, name: str, size: int, *, tag: str, modified: float) -> Response:
    """A file to be saved, whole or the one range that is asked for; the stream is closed when it is sent."""
    environ = request.environ
    if not ONE_RANGE_RE.fullmatch(environ.get("HTTP_RANGE", "").strip()):
        environ.pop("HTTP_RANGE", None)
    answer = Response(wrap_file(environ, stream), content_type=kind, direct_passthrough=True)
    answer.content_length = size
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = FRESH
    answer.set_etag(tag)
    answer.last_modified = datetime.fromtimestamp(int(modified), UTC)
    try:
        answer.make_conditional(environ, accept_ranges=True, complete_length=size)
    except BaseException:
        stream.close()
        raise
    return answer
