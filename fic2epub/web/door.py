"""Who may look into a served library.

[certain] host      as in ``web/app.py``: a name that someone else could point here is refused
[certain] secret    with ``--lan`` nobody gets in without it: in the path (``/k/SECRET/…``), for whatever
                    drops a password on the way to a cover or a download (Moon+, the Kobo's browser), or as
                    the password of Basic auth, which is all that KOReader speaks (its source, read 2026-08)
[certain] refusal   401 with ``WWW-Authenticate: Basic`` and an OPDS Authentication Document (1.0, 2024), from
                    which Thorium and others make their dialogue
[likely]  guessing  who was wrong too often in a minute is not listened to for the rest of it

The secret has sixty bits, so guessing is hopeless anyway. It is kept in the library's own folder, so that a
device need be told only once.
"""

import os
import re
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Response, abort, json, request
from flask.typing import ResponseReturnValue

from fic2epub.web.app import is_ours, same_secret

__all__ = ["PREFIX", "USER", "Door", "keep_secret"]

PREFIX = "/k/"
USER = "fic2epub"
"""What is shown as the user's name; any name is taken."""
SECRET_NAME = "secret"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on an e-reader's keyboard."""
SECRET_RE = re.compile(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){2,}")
AUTH_TYPE = "application/opds-authentication+json"
MINUTE = 60.0
WRONG_A_MINUTE = 20
ADDRESSES_KEPT = 1_000

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def keep_secret(house: Path, *, new: bool = False) -> str:
    """The library's secret, from its own folder (``.fic2epub``); made, and kept there, if there is none.

    Only the owner may read the file. Where nothing can be written the secret holds for this run.
    """
    path = house / SECRET_NAME
    try:
        kept = path.read_text("ascii").strip()
    except (OSError, ValueError):
        kept = ""
    if not new and SECRET_RE.fullmatch(kept):
        return kept
    secret = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    part = path.with_name(f".{SECRET_NAME}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secret}\n")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
    return secret


def _password(header: str) -> str | None:
    """The password of Basic auth (RFC 7617); None for anything else, which anyone may have sent."""
    scheme, _, code = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(code.strip().encode("ascii"), validate=True).decode().partition(":")[2].strip()
    except ValueError:
        return None


class Door:
    """Looks at every request first. ``secret`` is None for a server that only this machine can reach."""

    def __init__(self, *, secret: str | None, lan: bool, title: str) -> None:
        self._secret, self._lan, self._title = secret, lan, title
        self._wrong: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def around(self, wsgi: Wsgi) -> Wsgi:
        """The server behind the door: a right secret is taken off the path, so that no page sees it there.

        All addresses of a page are made with what was taken off, so they lead through the door again.
        """

        def behind(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            if self._secret is not None and path.startswith(PREFIX):
                given, slash, _ = path.removeprefix(PREFIX).partition("/")
                right = not self._is_shut(environ) and same_secret(given, self._secret)
                environ["fic2epub.secret"] = right
                if right:
                    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX + given
                    environ["PATH_INFO"] = path[len(PREFIX) + len(given) :] if slash else "/"
            return wsgi(environ, start)

        return behind

    def let_in(self) -> ResponseReturnValue | None:
        """Refuse what is not for this server, or not for who asks."""
        if not is_ours(request.headers.get("Host", ""), lan=self._lan):
            abort(403, "This address is not one of this server's. Use the address that the program printed.")
        if self._secret is None:
            return None
        if self._is_shut(request.environ):
            abort(429, "Too many wrong passwords from this address. Wait a minute.")
        given = request.environ.get("fic2epub.secret")
        if given:
            return None
        password = _password(request.headers.get("Authorization", ""))
        if password is not None:
            if same_secret(password, self._secret):
                return None
            given = False
        if given is False:
            self._count_wrong(request.environ)
        return self._refuse()

    def _refuse(self) -> Response:
        root = request.script_root
        document = {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{request.host_url}opds')}",
            "title": self._title,
            "description": "The password is in the address that fic2epub serve printed, behind /k/. "
            "Any user name will do.",
            "authentication": [
                {
                    "type": "http://opds-spec.org/auth/basic",
                    "labels": {"login": "Name (any)", "password": "Password"},
                }
            ],
            "links": [{"rel": "start", "href": f"{root}/opds", "type": "application/opds+json"}],
        }
        answer = Response(json.dumps(document), 401, content_type=AUTH_TYPE)
        answer.headers["WWW-Authenticate"] = 'Basic realm="fic2epub", charset="UTF-8"'
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _is_shut(self, environ: dict[str, Any]) -> bool:
        with self._lock:
            since, wrong = self._wrong.get(environ.get("REMOTE_ADDR", ""), (0.0, 0))
        return wrong >= WRONG_A_MINUTE and monotonic() - since < MINUTE

    def _count_wrong(self, environ: dict[str, Any]) -> None:
        address, now = environ.get("REMOTE_ADDR", ""), monotonic()
        with self._lock:
            since, wrong = self._wrong.pop(address, (now, 0))
            if now - since >= MINUTE:
                since, wrong = now, 0
            while len(self._wrong) >= ADDRESSES_KEPT:
                self._wrong.pop(next(iter(self._wrong)))
            self._wrong[address] = since, wrong + 1
