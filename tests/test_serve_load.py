"""Many clients at once: no wrong byte, and nobody left without an answer."""

import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from support.served import asked, many, running

from fic2epub.library.rebuild import rebuild
from fic2epub.web.cache import Cache
from fic2epub.web.tally import Tally

CLIENTS = 200
BOOKS = 12
GET_RE = re.compile(r'href="(/get/[^"]+)"')


def fetched(port: int, path: str) -> str:
    with asked(port, "GET", path) as answer:
        assert answer.status == 200
        content = answer.read()
        assert len(content) == int(answer.headers["Content-Length"])
    return hashlib.sha256(content).hexdigest()


def test_two_hundred_downloads_at_once_have_not_one_wrong_byte(tmp_path):
    many(tmp_path, BOOKS)
    with running(tmp_path) as port:
        with asked(port, "GET", "/opds/books") as answer:
            paths = [unquote(path) for path in GET_RE.findall(answer.read().decode())]
        alone = {path: fetched(port, path) for path in paths}
        assert len(alone) == 2 * BOOKS
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked_for = [paths[number % len(paths)] for number in range(CLIENTS)]
            found = list(pool.map(lambda path: fetched(port, path), asked_for))
    assert found == [alone[path] for path in asked_for]
    own = {hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.epub")}
    assert {alone[path] for path in paths if not path.endswith(".kepub.epub")} == own


def test_feeds_are_whole_while_the_library_changes(tmp_path):
    many(tmp_path, BOOKS)
    with running(tmp_path) as port:

        def read(_: int) -> tuple[int, int]:
            with asked(port, "GET", "/opds/books?order=title") as answer:
                text = answer.read().decode()
            assert text.endswith("</feed>")
            total = int(re.search(r"totalResults>(\d+)<", text)[1])
            return total, text.count("<entry>")

        with ThreadPoolExecutor(20) as pool:
            before = pool.map(read, range(60))
            (tmp_path / "000.epub").unlink()
            rebuild(tmp_path)
            after = pool.map(read, range(60))
            for total, shown in (*before, *after):
                assert total in (BOOKS, BOOKS - 1)
                assert shown in (BOOKS, BOOKS - 1)


def test_what_is_kept_is_made_once_and_stays_within_its_limit():
    made = []

    def make(size: int) -> bytes:
        made.append(size)
        time.sleep(0.01)
        return b"x" * size

    kept: Cache[bytes] = Cache(100, len)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: kept.get("a", lambda: make(40)), range(40)))
    assert made == [40]
    kept.get("b", lambda: make(50))
    kept.get("a", lambda: make(1))
    kept.get("c", lambda: make(30))  # "b" was used longest ago
    kept.get("a", lambda: make(2))
    kept.get("large", lambda: make(101))
    kept.get("large", lambda: make(101))
    assert made == [40, 50, 30, 101, 101]
    kept.get("b", lambda: make(51))
    assert made[-1] == 51


def test_what_could_not_be_made_is_tried_again():
    kept: Cache[bytes] = Cache(100, len)

    def fail() -> bytes:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            kept.get("a", fail)
    assert kept.get("a", lambda: b"x") == b"x"


def test_values_are_counted_among_some_books():
    rows = [(1, "tag", "b"), (1, "tag", "A"), (2, "tag", "b"), (3, "tag", "c"), (1, "rating", "M")]
    tally = Tally(rows)
    assert tally.count("tag", [1, 2]).all() == [("A", 1), ("b", 2)]
    assert tally.count("tag", [1, 2, 3]).commonest(1) == [("b", 2)]
    assert tally.count("rating", [2, 9]).all() == []
    assert tally.count("series", [1]).all() == []
