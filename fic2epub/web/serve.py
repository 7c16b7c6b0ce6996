"""The server of a library: feeds for reading programs, pages for people, files for both, on one port.

``/opds`` (``web/feeds.py``), ``/get``, ``/cover``, ``/thumb`` (``web/files.py``), ``/read``
(``web/reader.py``), all else ``web/pages.py``. Whatever is asked, it only reads; the catalogue is looked at
anew once a second, so that a book that comes while it runs is there.

[certain] policy  a page may load pictures and a style sheet of this server and send forms to it, nothing
                  else: no script runs, a book's no more than our own, since there is none
"""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from fic2epub.errors import ExitCode, Fic2EpubError, LibraryError
from fic2epub.web.answers import Answers
from fic2epub.web.app import Limits, base_app
from fic2epub.web.door import Door
from fic2epub.web.feeds import feed_routes
from fic2epub.web.files import file_routes
from fic2epub.web.holdings import Holdings
from fic2epub.web.look import read_look
from fic2epub.web.pages import Access, page_routes
from fic2epub.web.reader import Desk, reader_routes
from fic2epub.web.stock import Stock

__all__ = ["LIMITS", "library_app"]

LIMITS = Limits(threads=16, connections=1_000, idle_seconds=60, header_bytes=32 << 10)
"""A slow client costs a connection and no thread; one that says nothing for a minute loses it."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # the secret may stand in the address
    "X-Content-Type-Options": "nosniff",
}
PAGE_SIZE = 50


def library_app(
    folder: Path,
    *,
    lan: bool = False,
    secret: str | None = None,
    discreet: bool = False,
    page_size: int = PAGE_SIZE,
) -> Flask:
    """The server of the library in a folder.

    ``lan`` admits the machine's addresses in its network; with a ``secret`` nobody gets in without it.
    ``page_size`` is how many books a feed has at a time, 0 for all. Raises LibraryError if the folder has no
    catalogue that can be read.
    """
    holdings = Holdings(folder)
    title = folder.resolve().name or "Library"
    stock = Stock(holdings, title=title, discreet=discreet, page_size=page_size)
    door = Door(secret=secret, lan=lan, title=title)
    app = base_app(door.let_in, HEADERS)
    app.url_map.merge_slashes = False  # an address that is not one of ours leads nowhere
    setattr(app, "wsgi_app", door.around(app.wsgi_app))  # noqa: B010 - Flask's own way, which mypy forbids
    app.extensions["fic2epub.holdings"] = holdings
    answers, desk = Answers(stock), Desk(stock)
    feeds = feed_routes(stock, answers)
    app.register_blueprint(feeds)
    app.register_blueprint(file_routes(stock))
    app.register_blueprint(reader_routes(stock, desk))
    start_feed = cast(Callable[[], ResponseReturnValue], app.view_functions["feeds.start"])
    app.register_blueprint(page_routes(stock, desk, Access(lan, secret), start_feed))
    app.register_error_handler(Fic2EpubError, _told)
    app.register_error_handler(HTTPException, _refused)
    return app


def _told(error: Fic2EpubError) -> Response:
    """An error of the program's own tree. What is missing or not ours to give is not there."""
    status = 500 if error.exit_code is ExitCode.UNEXPECTED else 422
    return _answer(str(error), 404 if isinstance(error, LibraryError) else status)


def _refused(error: HTTPException) -> Response:
    answer = _answer(error.description or error.name, error.code or 500)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _answer(message: str, status: int) -> Response:
    """A sentence, as a page for a browser and as plain text for a program."""
    message = message.encode("utf-8", "replace").decode()
    if "text/html" in request.headers.get("Accept", ""):
        page = render_template("web/error.html", message=message, look=read_look())
        return make_response(page, status)
    return Response(f"{message}\n", status, content_type="text/plain; charset=utf-8")
