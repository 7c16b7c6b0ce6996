"""Answers that are made once and asked for often: kept, told apart by their bytes, not sent twice."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, request

from fic2epub.values import dataclass
from fic2epub.web.cache import Cache
from fic2epub.web.stock import Stock

__all__ = ["FRESH", "LASTING", "Answers"]

KEPT_BYTES = 32 << 20
FRESH = "private, no-cache"
"""May be kept, and must be asked about each time: a 304 costs next to nothing."""
LASTING = "private, max-age=31536000, immutable"
"""For addresses with a revision in them: another book has another address."""


@dataclass(frozen=True, slots=True)
class _Made:
    body: bytes
    tag: str


class Answers:
    """The pages and feeds of a library, kept as long as it does not change."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._kept: Cache[_Made] = Cache(KEPT_BYTES, lambda made: len(made.body) + 200)

    def answer(
        self, make: Callable[[int], bytes], *, kind: str, key: object, dated: bool, vary: str | None = None
    ) -> Response:
        """The answer whose bytes ``make`` gives for the second in which the library last changed.

        ``key`` is what they depend on beside the library and the address that the request came by. With
        ``dated`` it has a Last-Modified, by which KOReader keeps its feeds (it looks at no ETag).
        """
        state = self._stock.holdings.state()
        full = state.token, request.script_root, kind, key
        made = self._kept.get(full, lambda: _made(make(state.seconds)))
        answer = Response(made.body, content_type=kind)
        answer.set_etag(made.tag)
        answer.headers["Cache-Control"] = FRESH
        if dated:
            answer.last_modified = datetime.fromtimestamp(state.seconds, UTC)
        if vary is not None:
            answer.headers["Vary"] = vary
        answer.make_conditional(request)
        return answer


def _made(body: bytes) -> _Made:
    return _Made(body, hashlib.sha256(body).hexdigest()[:32])
