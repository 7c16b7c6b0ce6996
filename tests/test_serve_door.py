"""Attempts to get in: each is refused or escaped. Paths go out over real sockets: no client tidies them."""

import os
import re
import socket
import stat
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree
from support.served import FORMULA, IMAGE, SCRIPT, asked, lamp, put, running, small
from support.works import work

from fic2epub.library.catalogue import Catalogue
from fic2epub.library.rebuild import rebuild
from fic2epub.web.door import WRONG_A_MINUTE, keep_secret
from fic2epub.web.holdings import book_number
from fic2epub.web.serve import LIMITS, library_app

HOST = {"Host": "127.0.0.1:8469"}
SECRET = "abcd-efgh-jkmn"
LAMP = "Ada Quill - The Lamp Room.epub"
OUTSIDE = "words that nobody may read"


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("base")
    (base / "outside.txt").write_text(OUTSIDE, encoding="utf-8")
    (base / "library").mkdir()
    return small(base / "library")


@pytest.fixture(scope="module")
def port(library):
    with running(library) as taken:
        yield taken


@pytest.fixture(scope="module")
def number() -> str:
    return book_number(LAMP)


def answer(port, path, headers=None, method="GET"):
    with asked(port, method, path, headers) as found:
        return found.status, found.read().decode("utf-8", "replace")


# Paths


CLIMBS = [
    "../outside.txt",
    "..%2foutside.txt",
    "%2e%2e/outside.txt",
    "%2e%2e%2foutside.txt",
    "..%252foutside.txt",
    "%252e%252e%252foutside.txt",
    "..\\outside.txt",
    "..%5coutside.txt",
    "..%c0%afoutside.txt",
    "%c0%ae%c0%ae%c0%afoutside.txt",
    "..%ef%bc%8foutside.txt",
    "..%u2215outside.txt",
    "....//outside.txt",
    ".%00./outside.txt",
    "..;/outside.txt",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:%5cWindows%5cwin.ini",
    "outside.txt%00.epub",
    ".fic2epub/catalogue.sqlite",
    ".fic2epub%2fcatalogue.sqlite",
]


@pytest.mark.parametrize("climb", CLIMBS)
def test_a_path_that_climbs_leads_nowhere(port, number, climb):
    for before in (
        "/",
        "/static/",
        "/get/",
        f"/get/{number}/000000000000/",
        "/cover/",
        "/book/",
        "/read/",
        f"/read/{number}/picture/",
        "/opds/book/",
        "/by/",
    ):
        status, text = answer(port, before + climb)
        if not climb.endswith(".epub"):  # under a book's own address any such name is that book
            assert status in (400, 404), (before + climb, status)
        assert OUTSIDE not in text
        assert "root:" not in text
        assert "SQLite" not in text


@pytest.mark.parametrize("given", ["0" * 16, "..", "%00", "a" * 5000, quote(LAMP), "-1", "1 or 1=1", "*"])
def test_a_book_that_is_not_in_the_catalogue_is_not_there(port, given):
    status, _ = answer(port, f"/get/{given.replace(' ', '%20')}/000000000000/x.epub")
    assert status in (404, 431)


def test_only_books_are_given_whatever_their_address_is_called(port, number):
    for name in ("x.txt", "passwd", "catalogue.sqlite", ".epub.sqlite", "%2e%2e"):
        assert answer(port, f"/get/{number}/000000000000/{name}")[0] == 404


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_out_of_the_library_is_not_followed(tmp_path):
    outside = put(tmp_path / "elsewhere", "private.epub", work("Private", work_id="3"))
    folder = small(tmp_path / "library")
    (folder / LAMP).unlink()
    (folder / LAMP).symlink_to(outside)
    client = library_app(folder).test_client()
    number = book_number(LAMP)
    for path in (f"/get/{number}/0/x.epub", f"/get/{number}/0/x.kepub.epub", f"/read/{number}/1"):
        with client.get(path, headers=HOST) as found:
            assert found.status_code == 404, path
            assert b"Private" not in found.data
    assert client.get(f"/cover/{number}/0.jpg", headers=HOST).status_code == 404


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_folder_that_is_a_link_out_of_the_library_is_not_followed(tmp_path):
    folder = small(tmp_path / "library")
    (folder / "深").rename(tmp_path / "away")
    (folder / "深").symlink_to(tmp_path / "away")
    client = library_app(folder).test_client()
    assert client.get(f"/get/{book_number('深/灯塔.epub')}/0/x.epub", headers=HOST).status_code == 404


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_the_place_of_a_book_holds_nobody_up(tmp_path):
    folder = small(tmp_path / "library")
    (folder / LAMP).unlink()
    os.mkfifo(folder / LAMP)
    client = library_app(folder).test_client()
    assert client.get(f"/get/{book_number(LAMP)}/0/x.epub", headers=HOST).status_code == 404


def test_a_catalogue_that_names_a_file_outside_gives_nothing_of_it(tmp_path):
    folder = small(tmp_path / "library")
    put(tmp_path, "private.epub", work("Private", work_id="3"))
    with Catalogue.open_to_write(folder) as catalogue, catalogue.writing() as connection:
        connection.execute("UPDATE book SET path = '../private.epub' WHERE path = ?", (LAMP,))
    client = library_app(folder).test_client()
    assert client.get(f"/get/{book_number('../private.epub')}/0/x.epub", headers=HOST).status_code == 404


# Sizes


def test_huge_headers_are_refused(port):
    status, _ = answer(port, "/", {"X-Large": "x" * (LIMITS.header_bytes + 100)})
    assert status in (400, 431)
    assert answer(port, "/")[0] == 200


def test_huge_addresses_and_queries_are_refused(port):
    assert answer(port, f"/books?query={'x' * 5_000}")[0] == 414
    assert answer(port, f"/books?author={'%00' * 200}x&page={'9' * 300}")[0] in (400, 414)
    assert answer(port, f"/{'x' * 40_000}")[0] in (400, 404, 414, 431)
    assert answer(port, "/books?" + "&".join(f"a{n}=1" for n in range(3_000)))[0] in (200, 400, 431)


def test_a_huge_body_is_refused(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plug:
        head = f"POST /look HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 99999999999\r\n\r\n"
        plug.sendall(head.encode())
        assert plug.recv(200).split()[1] in (b"413", b"400")


@pytest.mark.parametrize(
    "query", ['"', "*", "NEAR(", "a AND", "'; DROP TABLE book;--", "\0", "(" * 300, "%", "é*"]
)
def test_a_search_for_anything_is_only_a_search(port, query):
    status, _ = answer(port, f"/opds/books?query={quote(query)}")
    assert status == 200
    assert "The Lamp Room" in answer(port, "/opds/books")[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"])
def test_nothing_can_be_changed(port, number, method, library):
    before = (library / LAMP).read_bytes()
    for path in ("/", f"/book/{number}", f"/get/{number}/0/x.epub", "/opds"):
        assert answer(port, path, method=method)[0] in (400, 405, 501)
    assert (library / LAMP).read_bytes() == before


# Hosts and secrets


@pytest.mark.parametrize(
    ("host", "lan", "status"),
    [
        ("127.0.0.1:8469", False, 200),
        ("localhost", False, 200),
        ("[::1]:8469", False, 200),
        ("evil.example", False, 403),
        ("127.0.0.1.evil.example:8469", False, 403),
        ("localhost.evil.example", False, 403),
        ("192.168.1.7:8469", False, 403),
        ("192.168.1.7:8469", True, 200),
        ("evil.example", True, 403),
        ("", False, 403),
    ],
)
def test_a_foreign_name_for_this_machine_is_refused(library, host, lan, status):
    client = library_app(library, lan=lan, secret=SECRET if lan else None).test_client()
    path = f"/k/{SECRET}/" if lan else "/"
    assert client.get(path, headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/opds", "/books", "/static/library.css", "/k/", "/k/wrong/", "/k/%00/", f"/k//{SECRET}/"),
        *(f"/k/{SECRET[:-1]}/opds", f"/k/{SECRET.upper()}/", f"/k/{SECRET}x/", f"/x/../k/{SECRET}"),
    ],
)
def test_nobody_gets_in_without_the_secret(library, path):
    client = library_app(library, lan=True, secret=SECRET).test_client()
    found = client.get(path, headers=HOST)
    assert found.status_code == 401
    assert "Lamp" not in found.text


@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic x",
        "Basic Og==",
        "Bearer abcd-efgh-jkmn",
        "Digest username=x",
        "Basic " + "A" * 4000,
        "Basic ÿ",
    ],
)
def test_a_broken_authorization_is_no_authorization(library, value):
    client = library_app(library, lan=True, secret=SECRET).test_client()
    assert client.get("/opds", headers={**HOST, "Authorization": value}).status_code == 401


def test_who_guesses_is_not_listened_to_for_a_while(library):
    client = library_app(library, lan=True, secret=SECRET).test_client()
    for guess in range(WRONG_A_MINUTE):
        assert client.get(f"/k/{guess:04}-aaaa-aaaa/", headers=HOST).status_code == 401
    # Nor is the right secret: an answer to it would tell.
    assert client.get(f"/k/{SECRET}/", headers=HOST).status_code == 429
    other = {"REMOTE_ADDR": "192.168.1.9"}
    assert client.get(f"/k/{SECRET}/", headers=HOST, environ_base=other).status_code == 200


def test_asking_without_any_secret_is_no_guess(library):
    client = library_app(library, lan=True, secret=SECRET).test_client()
    for _ in range(WRONG_A_MINUTE + 5):
        assert client.get("/opds", headers=HOST).status_code == 401
    assert client.get(f"/k/{SECRET}/", headers=HOST).status_code == 200


def test_the_secret_is_kept_for_its_owner_alone(tmp_path):
    first = keep_secret(tmp_path)
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){2}[a-z2-9]{4}", first)
    assert keep_secret(tmp_path) == first
    assert keep_secret(tmp_path, new=True) != first
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_secret_that_is_too_short_is_not_taken_over(tmp_path):
    (tmp_path / "secret").write_text("a\n", encoding="utf-8")
    assert len(keep_secret(tmp_path)) == 14


def test_the_secret_leaves_with_no_link(library, number):
    client = library_app(library, lan=True, secret=SECRET).test_client()
    page = client.get(f"/k/{SECRET}/book/{number}", headers=HOST)
    assert page.headers["Referrer-Policy"] == "same-origin"
    for link in etree.HTML(page.text).iter("a"):
        if link.get("href").startswith("http"):
            assert SECRET not in link.get("href")
            assert "noreferrer" in link.get("rel")


# What a book says


PAGES = ("/", "/books", "/by/tag", "/by/author", "/by/series", "/by/fandom", "/device", "/look")


def test_script_in_titles_tags_and_notes_is_only_text(library):
    client = library_app(library).test_client()
    number = book_number("hostile.epub")
    paths = [*PAGES, f"/book/{number}", f"/read/{number}/1", f"/read/{number}/2", f"/read/{number}/contents"]
    paths += [f"/books?query={quote(SCRIPT)}", f"/books?tag={quote(SCRIPT)}", f"/books?author={quote(IMAGE)}"]
    seen = ""
    for path in paths:
        found = client.get(path, headers={**HOST, "Accept": "text/html"})
        assert found.status_code == 200, path
        tree = etree.HTML(found.text)
        assert list(tree.iter("script")) == [], path
        for element in tree.iter("*"):
            assert not any(str(name).startswith("on") for name in element.attrib), path
            assert not str(element.get("href", "")).startswith("javascript:"), path
            assert element.get("src") != "x"
        assert "{{ 7*7 }}" in found.text or "49" not in etree.tostring(
            tree, method="text", encoding="unicode"
        )
        seen += "".join(tree.itertext())
    assert SCRIPT in seen
    assert FORMULA in seen


def test_the_policy_lets_no_script_run_anywhere(library, number):
    client = library_app(library).test_client()
    for path in (
        *PAGES,
        f"/book/{number}",
        f"/read/{number}/1",
        "/opds",
        "/nothing",
        f"/get/{number}/0/x.epub",
    ):
        with client.get(path, headers=HOST) as found:
            policy = found.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert found.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "back", ["//evil.example/", "http://evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nX: y"]
)
def test_a_choice_of_letters_leads_to_no_other_server(library, back):
    client = library_app(library).test_client()
    found = client.post("/look", data={"size": "l", "back": back}, headers=HOST)
    assert found.status_code == 303
    assert found.headers["Location"] == "/"


def test_another_page_cannot_change_how_books_look(library):
    client = library_app(library).test_client()
    found = client.post("/look", data={"size": "l"}, headers={**HOST, "Origin": "http://evil.example"})
    assert found.status_code == 403


@pytest.mark.parametrize(
    "cookie",
    [
        *("fic2epub-look=<script>", "fic2epub-look=" + "x" * 3_000, "fic2epub-look=\xff\xfe"),
        *("fic2epub-places=../..1.1", "fic2epub-places=a.999999999999999999999.1", "fic2epub-places=_._._"),
    ],
)
def test_a_cookie_that_someone_made_up_does_no_harm(library, cookie):
    client = library_app(library).test_client()
    assert client.get("/", headers={**HOST, "Cookie": cookie}).status_code == 200


# Slow and half-open clients


def test_clients_that_say_nothing_or_half_a_request_do_not_stop_the_others(library):
    with running(library) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        try:
            for plug in silent[:30]:
                plug.sendall(b"GET /opds HTTP/1.1\r\nHost: 127.0")
            start = time.monotonic()
            for _ in range(5):
                assert answer(port, "/opds/books")[0] == 200
            assert time.monotonic() - start < 10
        finally:
            for plug in silent:
                plug.close()


def test_clients_that_do_not_read_do_not_stop_the_others(tmp_path):
    put(tmp_path, "large.epub", lamp(words=400_000))
    rebuild(tmp_path)
    number = book_number("large.epub")
    with running(tmp_path) as port:
        ask = f"GET /get/{number}/0/x.epub HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(LIMITS.threads + 4)]
        try:
            for plug in idle:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                plug.sendall(ask)
            for _ in range(5):
                assert answer(port, "/opds/books")[0] == 200
        finally:
            for plug in idle:
                plug.close()
