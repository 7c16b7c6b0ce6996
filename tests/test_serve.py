"""The served library without a browser: files as devices want them, and books that come and go."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from support.served import asked, lamp, picture, put, running, small, told
from support.signals import hear_ctrl_c
from support.works import work

from fic2epub.builder.options import PublishOptions
from fic2epub.cli.app import app as program
from fic2epub.container import read_entries
from fic2epub.errors import LibraryError
from fic2epub.library.rebuild import rebuild
from fic2epub.web.holdings import LOOKED_AT_EVERY, book_number
from fic2epub.web.serve import library_app

HOST = {"Host": "127.0.0.1:8469"}
LAMP = "Ada Quill - The Lamp Room.epub"
GET_RE = re.compile(r'"(/get/[^"]+)"')


class Reader:
    """A browser or reading program on this machine."""

    def __init__(self, folder, **options):
        self.app = library_app(folder, **options)
        self.client = self.app.test_client()

    def ask(self, path, method="GET", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.client.open(path, method=method, headers=HOST | headers) as answer:
            answer.get_data()
            return answer

    def get(self, path, **headers):
        answer = self.ask(path, **headers)
        assert answer.status_code == 200, (path, answer.text[:500])
        return answer

    def files(self, path=LAMP):
        """The addresses of a book's EPUB and KEPUB."""
        page = self.get(f"/book/{book_number(path)}").text
        return [unquote(found) for found in GET_RE.findall(page)]


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    return small(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def reader(library) -> Reader:
    return Reader(library)


# A book's file


def test_a_book_comes_byte_for_byte(reader, library):
    epub, _ = reader.files()
    answer = reader.get(epub)
    assert answer.data == (library / LAMP).read_bytes()
    assert answer.content_type == "application/epub+zip"
    assert answer.content_length == len(answer.data)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in answer.headers


def test_what_a_kobos_browser_needs_to_save_a_file(reader):
    epub, kepub = reader.files()
    assert epub.endswith("/Ada_Quill_Bo_Marsh_-_The_Lamp_Room.epub") or epub.endswith(".epub")
    assert kepub.endswith(".kepub.epub")
    for path in (epub, kepub):
        name = path.rpartition("/")[2]
        assert name.isascii()
        assert reader.get(path).headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_title_without_latin_letters_has_an_ascii_file_name_too(reader):
    epub, kepub = reader.files("深/灯塔.epub")
    assert re.fullmatch(r"/get/[0-9a-f]{16}/[0-9a-f]{12}/book_[0-9a-f]{12}\.epub", epub)
    assert kepub.endswith(".kepub.epub")
    reader.get(epub)


def test_a_kepub_is_made_of_the_book_and_the_same_each_time(reader, library):
    _, kepub = reader.files()
    first, second = reader.get(kepub), reader.get(kepub)
    assert first.data == second.data
    assert first.content_type == "application/kepub+zip"
    entries = read_entries(first.data)
    assert b"koboSpan" in entries["text/chapter1.xhtml"]
    assert b"koboSpan" not in read_entries((library / LAMP).read_bytes())["text/chapter1.xhtml"]
    assert first.headers["ETag"] != reader.get(reader.files()[0]).headers["ETag"]


def test_a_kepub_of_the_library_is_given_as_it_is(reader, library):
    epub, kepub = reader.files("kobo.kepub.epub")
    content = (library / "kobo.kepub.epub").read_bytes()
    assert reader.get(epub).data == content
    assert read_entries(reader.get(kepub).data) == read_entries(content)


@pytest.mark.parametrize("form", [0, 1], ids=["epub", "kepub"])
def test_head_says_what_get_says_and_sends_nothing(reader, form):
    path = reader.files()[form]
    head, get = reader.ask(path, "HEAD"), reader.get(path)
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Content-Disposition"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("form", [0, 1], ids=["epub", "kepub"])
def test_what_is_known_is_not_sent_again(reader, form):
    path = reader.files()[form]
    headers = reader.get(path).headers
    assert not headers["ETag"].startswith("W/")
    assert reader.ask(path, If_None_Match=headers["ETag"]).status_code == 304
    assert reader.ask(path, If_None_Match='"another"').status_code == 200
    assert reader.ask(path, If_Modified_Since=headers["Last-Modified"]).status_code == 304
    assert reader.ask(path, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status_code == 200
    # An ETag counts before a date (RFC 9110, 13.2.2).
    both = {"If_None_Match": '"another"', "If_Modified_Since": headers["Last-Modified"]}
    assert reader.ask(path, **both).status_code == 200


@pytest.mark.parametrize("form", [0, 1], ids=["epub", "kepub"])
@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-7", slice(-7, None))],
)
def test_a_range_gives_that_part(reader, form, asked, part):
    path = reader.files()[form]
    whole = reader.get(path).data
    answer = reader.ask(path, Range=asked)
    assert answer.status_code == 206
    assert answer.data == whole[part]
    start = range(len(whole))[part].start
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(answer.data) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=abc", "lines=1-2", "bytes=", "bytes=5-2"])
def test_a_range_that_is_none_or_several_gets_the_whole_book_or_a_refusal(reader, asked):
    path = reader.files()[0]
    answer = reader.ask(path, Range=asked)
    assert answer.status_code in ((200,) if asked != "bytes=5-2" else (200, 416))
    if answer.status_code == 200:
        assert answer.data == reader.get(path).data


def test_a_range_behind_the_end_is_refused_with_the_length(reader):
    path = reader.files()[0]
    answer = reader.ask(path, Range="bytes=99999999-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{reader.get(path).content_length}"


def test_a_range_of_an_older_book_gets_the_new_one_whole(reader):
    path = reader.files()[0]
    assert reader.ask(path, Range="bytes=0-9", If_Range='"older"').status_code == 200
    tag = reader.get(path).headers["ETag"]
    assert reader.ask(path, Range="bytes=0-9", If_Range=tag).status_code == 206


def test_nothing_is_packed_on_the_way_even_if_the_client_would_take_it(reader):
    for path in (reader.files()[0], "/opds", "/"):
        assert "Content-Encoding" not in reader.ask(path, Accept_Encoding="gzip, br").headers
    assert reader.ask("/opds", Accept_Encoding="identity").status_code == 200


# Covers


def test_a_cover_comes_as_it_is_and_small(reader, library):
    entry = book_number(LAMP)
    page = reader.get(f"/book/{entry}").text
    large = re.search(r'"(/cover/[^"]+)"', page)[1]
    answer = reader.get(large)
    assert answer.content_type == "image/jpeg"
    assert answer.data == read_entries((library / LAMP).read_bytes())["cover.jpg"]
    small = reader.get(large.replace("/cover/", "/thumb/"))
    assert len(small.data) < len(answer.data)
    assert "immutable" in small.headers["Cache-Control"]
    assert reader.ask(large, If_None_Match=answer.headers["ETag"]).status_code == 304


def test_a_book_without_a_picture_has_a_drawn_cover(reader):
    page = reader.get(f"/book/{book_number('المنارة.epub')}").text
    answer = reader.get(re.search(r'"(/cover/[^"]+)"', page)[1])
    assert answer.content_type == "image/jpeg"
    assert answer.data[:2] == b"\xff\xd8"


# A library that changes


def wait_for_look():
    time.sleep(LOOKED_AT_EVERY + 0.1)


def test_a_book_that_comes_while_it_runs_appears(tmp_path):
    reader = Reader(small(tmp_path))
    before = reader.get("/opds/books")
    again = reader.get("/opds/books")
    assert again.headers["Last-Modified"] == before.headers["Last-Modified"]
    put(tmp_path, "late.epub", lamp(words=50))
    rebuild(tmp_path)
    wait_for_look()
    after = reader.get("/opds/books")
    assert after.text.count("<entry>") == before.text.count("<entry>") + 1
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.last_modified > before.last_modified
    assert reader.ask("/opds/books", If_Modified_Since=before.headers["Last-Modified"]).status_code == 200
    reader.get(reader.files("late.epub")[0])


def test_a_book_that_grew_has_another_address_and_the_old_one_still_leads_to_it(tmp_path):
    reader = Reader(small(tmp_path))
    old, _ = reader.files()
    put(tmp_path, LAMP, lamp(words=900), PublishOptions(cover=picture()))
    # Before the catalogue knows: the bytes and their ETag are the file's own all the same.
    early = reader.get(old)
    assert early.data == (tmp_path / LAMP).read_bytes()
    assert early.headers["ETag"].strip('"') == hashlib.sha256(early.data).hexdigest()[:12]
    rebuild(tmp_path)
    wait_for_look()
    new, _ = reader.files()
    assert new != old
    assert reader.get(new).data == reader.get(old).data == (tmp_path / LAMP).read_bytes()
    assert reader.get(new).headers["ETag"] == early.headers["ETag"]


def test_a_book_that_is_gone_is_not_there(tmp_path):
    reader = Reader(small(tmp_path))
    epub, _ = reader.files()
    (tmp_path / LAMP).unlink()
    assert reader.ask(epub).status_code == 404
    rebuild(tmp_path)
    wait_for_look()
    assert reader.ask(f"/book/{book_number(LAMP)}").status_code == 404


def test_a_catalogue_that_is_made_again_is_read_again(tmp_path):
    reader = Reader(small(tmp_path))
    count = reader.get("/opds/books").text.count("<entry>")
    for path in (tmp_path / ".fic2epub").glob("catalogue*"):
        path.unlink()
    put(tmp_path, "late.epub", lamp(words=50))
    rebuild(tmp_path)
    wait_for_look()
    assert reader.get("/opds/books").text.count("<entry>") == count + 1


def test_a_folder_without_a_catalogue_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(LibraryError, match="fic2epub library rebuild"):
        library_app(tmp_path)


# Discretion


def test_discreet_shows_no_tags_ratings_and_telling_titles(tmp_path):
    naked = told(
        work("Naked by Noon", work_id="55"), tags=("Smut",), rating="Explicit", relationships=("A/B",)
    )
    put(tmp_path, "x.epub", naked)
    rebuild(tmp_path)
    reader = Reader(tmp_path, discreet=True)
    feed = reader.get("/opds/books").text
    epub = unquote(re.search(r'"(/get/[^"]+)"', feed)[1])
    shown = [feed, epub, *(reader.get(path).text for path in ("/", "/books", "/opds/v2/books", "/opds"))]
    shown.append(reader.get(f"/book/{book_number('x.epub')}").text)
    for text in shown:
        for word in ("Naked", "Smut", "Explicit", "A/B"):
            assert word not in text
    assert "Work 55" in feed
    assert reader.ask("/by/rating").status_code == 404
    assert "Naked" not in reader.get(epub).headers["Content-Disposition"]
    open_reader = Reader(tmp_path)
    assert "Naked by Noon" in open_reader.get("/opds/books").text


# The command


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
def test_the_command_serves_until_ctrl_c(tmp_path):
    small(tmp_path)
    command = [sys.executable, "-W", "error", "-m", "fic2epub", "serve", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c) as process:
        first = process.stderr.readline()
        port = int(re.fullmatch(r"Library at http://127\.0\.0\.1:(\d+)/\n", first)[1])
        with asked(port, "GET", "/opds") as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
    assert "Traceback" not in rest
    assert "ResourceWarning" not in rest


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
def test_to_the_network_it_is_opened_by_a_password_that_stays(tmp_path):
    small(tmp_path)
    command = [sys.executable, "-m", "fic2epub", "serve", str(tmp_path), "--port", "0", "--lan"]
    seen = []
    for more in ([], [], ["--new-password"]):
        with subprocess.Popen(
            [*command, *more], stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
        ) as process:
            first, feed, basic = (process.stderr.readline() for _ in range(3))
            port, secret = re.search(r":(\d+)/k/([a-z0-9-]+)/\n", first).groups()
            with asked(int(port), "GET", f"/k/{secret}/opds") as answer:
                assert answer.status == 200
            with asked(int(port), "GET", "/opds") as answer:
                assert answer.status == 401
            assert feed.endswith(f"/k/{secret}/opds\n")
            assert basic.endswith(f"/opds with the name fic2epub and the password {secret}\n")
            seen.append(secret)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
    assert seen[0] == seen[1] != seen[2]


def test_what_the_command_refuses(tmp_path):
    def run(*arguments):
        return CliRunner().invoke(program, ["serve", *map(str, arguments)])

    assert run(tmp_path).exit_code == 5
    assert "fic2epub library rebuild" in run(tmp_path).output
    assert run(tmp_path, "--new-password").exit_code == 2
    assert run(tmp_path / "none").exit_code == 2
    assert run(tmp_path, "--lan").exit_code == 5
    assert not (tmp_path / ".fic2epub").exists()
    small(tmp_path)
    with running(tmp_path) as port:
        refused = run(tmp_path, "--port", port)
    assert refused.exit_code == 2
    assert "--port" in refused.output


def test_over_sockets_a_book_is_the_same(tmp_path):
    small(tmp_path)
    with running(tmp_path) as port:
        with asked(port, "GET", "/opds/books") as answer:
            feed = answer.read().decode()
        path = re.search(r'"(/get/[^"]+The_Lamp_Room\.epub)"', feed)[1]
        with asked(port, "GET", path) as answer:
            assert answer.read() == (tmp_path / LAMP).read_bytes()
        with asked(port, "GET", path, {"Range": "bytes=10-19"}) as answer:
            assert answer.read() == (tmp_path / LAMP).read_bytes()[10:20]
        with asked(port, "HEAD", path) as answer:
            assert answer.read() == b""
            assert int(answer.headers["Content-Length"]) == (tmp_path / LAMP).stat().st_size
