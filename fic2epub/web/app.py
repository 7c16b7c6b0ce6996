"""What every server of the program shares: who may ask, what a browser may do, how errors are told.

The server is for one reader on one machine, and a browser has other pages open. So:

[certain] host    the ``Host`` must be this machine's: ``localhost`` or a loopback address, with ``--lan`` any
                  address in figures. A foreign page that points its own *name* at 127.0.0.1 is refused
                  (DNS rebinding); the port is left open, so that a tunnel works.

And for the review, which writes (the library of ``serve`` has a door of its own, ``web/door.py``):

[certain] token   the address that is printed holds a token; it becomes a cookie, and all else is refused
[certain] origin  what changes something is a POST of JSON, with an ``Origin`` that is the server's own
[certain] policy  no page may load, send or embed anything but what the server itself serves, nor run a
                  script that stands in the page
"""

import hmac
import ipaddress
import logging
import os
import select
import socket
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, abort, json, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import FunctionLoader
from waitress.server import create_server
from werkzeug.exceptions import HTTPException

from fic2epub.builder.markup import raw_template
from fic2epub.errors import ExitCode, Fic2EpubError, OutputError, UsageError
from fic2epub.values import dataclass

__all__ = [
    "Limits",
    "Server",
    "base_app",
    "is_ours",
    "lan_address",
    "make_app",
    "same_secret",
    "serve",
]

LARGEST_BODY = 64 << 10
"""Bytes of a request; a correction takes some 100."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a server takes on at a time; the defaults are for one browser on this machine."""

    threads: int = 4
    connections: int = 100
    idle_seconds: int = 120
    """How long a connection may say nothing, half a request or half an answer through."""
    header_bytes: int = 64 << 10


def make_app(*, token: str, lan: bool = False) -> Flask:
    """A server without pages that lets nobody in but who has the token.

    ``lan`` admits the machine's addresses in its network.
    """
    return base_app(lambda: _let_in(token, lan), HEADERS)


def base_app(let_in: Callable[[], ResponseReturnValue | None], headers: Mapping[str, str]) -> Flask:
    """A server without pages; ``let_in`` looks at every request first, ``headers`` go with every answer.

    Templates are those of ``templates/``.
    """
    app = Flask("fic2epub.web")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_loader = FunctionLoader(_template)
    app.before_request(let_in)

    def with_headers(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        return answer

    app.after_request(with_headers)
    app.register_error_handler(Fic2EpubError, _told)
    app.register_error_handler(HTTPException, _refused)
    return app


class Server:
    """A port that is listened at. ``run`` answers until Ctrl-C, or until another thread calls ``stop``."""

    def __init__(self, app: Flask, *, host: str, port: int, limits: Limits) -> None:
        """Take the port; 0 is a free one. Raises UsageError if it cannot be had."""
        logging.getLogger("waitress").setLevel(logging.ERROR)  # a full house is no news
        self._open: dict[int, Any] = {}
        self._left: list[Any] = []
        # Taken here: of a port that it cannot have, waitress leaves half a server behind.
        plug = _taken(host, port)
        self.port = int(plug.getsockname()[1])
        self._server: Any = create_server(
            app,
            map=self._open,
            sockets=[plug],
            threads=limits.threads,
            connection_limit=limits.connections,
            channel_timeout=limits.idle_seconds,
            cleanup_interval=min(30, limits.idle_seconds),
            max_request_header_size=limits.header_bytes,
            max_request_body_size=LARGEST_BODY,
            asyncore_use_poll=hasattr(select, "poll"),  # select() knows no socket above number 1023
            log_socket_errors=False,  # a client that hangs up is no news
            ident=None,
        )

    def run(self) -> None:
        """Answer requests, then let go of the port."""
        try:
            self._server.run()
        finally:
            self.close()

    def stop(self) -> None:
        """End `run`, from another thread, whatever is under way."""
        self._server.trigger.pull_trigger(self._leave)  # runs in the loop's own thread

    def close(self) -> None:
        """Let go of the port, if nothing runs; a second time does nothing."""
        self._server.task_dispatcher.shutdown()  # first: its threads use what is closed here
        self._leave()
        for one in self._left:
            one.close()
        self._left.clear()

    def _leave(self) -> None:
        """Take everything out of the loop, which then ends."""
        self._left += self._open.values()
        self._open.clear()


def _taken(host: str, port: int) -> socket.socket:
    """A socket at a port. Raises UsageError if it cannot be had."""
    plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would share the port with a stranger
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plug.bind((host, port))
    except (OSError, OverflowError) as error:
        plug.close()
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"Port {port} cannot be had ({reason}). Name another with --port.") from error
    return plug


def serve(
    app: Flask,
    *,
    host: str,
    port: int,
    ready: Callable[[int], None],
    limits: Limits | None = None,
) -> None:
    """Serve until Ctrl-C; ``ready`` is called with the port once requests are taken.

    ``port`` 0 takes a free one. Raises UsageError if the port cannot be had.
    """
    server = Server(app, host=host, port=port, limits=limits or Limits())
    try:
        ready(server.port)
        server.run()
    finally:
        server.close()


def lan_address() -> str:
    """This machine's address in its network, as other machines there see it; nothing is sent to learn it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: the route is looked up, no packet leaves
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _template(name: str) -> str:
    return raw_template(name).decode()


def _let_in(token: str, lan: bool) -> Response | None:
    """Refuse a request that is not the reader's; the token's own address leads on to the same without it."""
    if not is_ours(request.headers.get("Host", ""), lan=lan):
        abort(403, "This address is not one of this server's. Use the address that the program printed.")
    # Cookies know no ports: two servers of one machine would share one of the same name.
    cookie = f"fic2epub-{request.environ.get('SERVER_PORT', '')}"
    given = request.args.get("token")
    if given is not None and request.method == "GET" and same_secret(given, token):
        answer = Response(status=303, headers={"Location": request.path})
        answer.set_cookie(cookie, token, httponly=True, samesite="Lax")
        return answer
    if not same_secret(request.cookies.get(cookie, ""), token):
        abort(403, "The token is missing or old. Open the whole address that the program printed.")
    if request.method not in ("GET", "HEAD"):
        if request.headers.get("Origin") != f"http://{request.headers['Host']}":
            abort(403, "This request comes from another page.")
        if not request.is_json:
            abort(415, "This server takes JSON only.")
    return None


def is_ours(host: str, *, lan: bool) -> bool:
    """Whether a ``Host`` names this machine by what nobody else can point at it."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name.casefold() in LOOPBACK:
        return True
    if not lan:
        return False
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def same_secret(given: str, token: str) -> bool:
    """Whether two secrets are the same; the time it takes tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _told(error: Fic2EpubError) -> tuple[Response, int]:
    """An error of the program's own tree, as a page or as JSON."""
    status = 500 if isinstance(error, OutputError) or error.exit_code is ExitCode.UNEXPECTED else 422
    return _answer(str(error)), status


def _refused(error: HTTPException) -> tuple[Response, int]:
    return _answer(error.description or error.name), error.code or 500


def _answer(message: str) -> Response:
    message = message.encode("utf-8", "replace").decode()  # a path may hold what is no text
    if request.method == "GET" and not request.path.endswith(".json"):
        return Response(render_template("web_error.html", message=message), mimetype="text/html")
    return Response(json.dumps({"error": message}), mimetype="application/json")
