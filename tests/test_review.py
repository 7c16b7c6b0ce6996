"""The review's server: who gets in, what it shows, what it writes; without a browser."""

import re
import signal
import subprocess
import sys
from contextlib import closing
from html import unescape
from http.client import HTTPConnection
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from support.reviewed import HOSTILE, LAMP
from support.signals import hear_ctrl_c

from fic2epub.cli.app import app as program
from fic2epub.library.book import MakeOptions, recover
from fic2epub.model import Fate, NoteKind
from fic2epub.parser.sources import read_file
from fic2epub.web.review import review_app
from fic2epub.web.rows import doubts, read_rows
from fic2epub.web.strip import strip

TOKEN = "a-token-of-the-tests"
HOST = "127.0.0.1:8000"
ORIGIN = {"Origin": f"http://{HOST}"}


class Reader:
    """A browser that has opened the printed address, if ``token`` is left as it is."""

    def __init__(self, *dumps, token=TOKEN, options=None, lan=False, host=HOST):
        self.client = review_app(dumps, options or MakeOptions(), token=TOKEN, lan=lan).test_client()
        self.host = host
        self.get(f"/?token={token}")

    def get(self, path, **headers):
        return self.client.get(path, headers={"Host": self.host, **headers})

    def page(self, number=1):
        answer = self.get(f"/{number}/")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path, value, headers=None):
        headers = ORIGIN if headers is None else headers
        return self.client.post(path, json=value, headers={"Host": self.host, **headers})

    def say(self, *edits, number=1):
        """Send edits from a page that is fresh."""
        version = int(re.search(r'data-version="(\d+)"', self.page(number))[1])
        return self.post(f"/{number}/edit.json", {"version": version, "edits": edits})


@pytest.fixture
def lamp(tmp_path) -> Path:
    path = tmp_path / "lamp.txt"
    path.write_text(LAMP, encoding="utf-8")
    return path


def at(words: str) -> int:
    """The id of the row that begins with some words."""
    return LAMP.index(words)


def corrected(dump: Path):
    """The work as every other command reads it."""
    return recover(read_file(dump), MakeOptions()).work


def corrections(dump: Path) -> str:
    return dump.with_suffix(".fic.toml").read_text(encoding="utf-8")


def rows_of(page: str) -> dict[int, str]:
    """The rows of a page, by id."""
    found = re.split(r'(?=<div class="row )', page.partition("</main>")[0])[1:]
    return {int(re.search(r'id="r(\d+)"', row)[1]): row.strip() for row in found}


# Who gets in


@pytest.mark.parametrize(
    ("host", "lan", "status"),
    [
        ("127.0.0.1:8000", False, 200),
        ("localhost:8000", False, 200),
        ("LOCALHOST", False, 200),
        ("[::1]:8000", False, 200),
        ("evil.example:8000", False, 403),
        ("127.0.0.1.evil.example", False, 403),
        ("localhost.evil.example:8000", False, 403),
        ("192.168.1.7:8000", False, 403),
        ("192.168.1.7:8000", True, 200),
        ("[fe80::1]:8000", True, 200),
        ("evil.example:8000", True, 403),
        ("", False, 403),
    ],
)
def test_only_this_machines_own_addresses_are_answered(lamp, host, lan, status):
    reader = Reader(lamp, lan=lan, host=host)
    assert reader.get("/1/").status_code == status


def test_the_token_becomes_a_cookie_that_no_script_can_read(lamp):
    client = review_app([lamp], MakeOptions(), token=TOKEN).test_client()
    answer = client.get(f"/?token={TOKEN}", headers={"Host": HOST})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in client.get("/1/", headers={"Host": HOST}).text


@pytest.mark.parametrize("token", ["", "wrong", "a-token-of-the-test", "ü"])
@pytest.mark.parametrize("path", ["/", "/1/", "/1/counts.json", "/static/review.js", "/nowhere"])
def test_without_the_token_nothing_is_shown(lamp, token, path):
    answer = Reader(lamp, token=token).get(path)
    assert answer.status_code == 403
    assert "Marit" not in answer.text
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (ORIGIN, 200),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": f"https://{HOST}"}, 403),
    ],
)
def test_an_edit_from_another_page_is_refused(lamp, headers, status):
    reader = Reader(lamp)
    reader.page()
    edit = {"do": "chapter", "at": at("She counted")}
    answer = reader.post("/1/edit.json", {"version": 1, "edits": [edit]}, headers)
    assert answer.status_code == status
    assert lamp.with_suffix(".fic.toml").exists() is (status == 200)


def test_an_edit_without_the_cookie_is_refused(lamp):
    answer = Reader(lamp, token="wrong").post("/1/edit.json", {"version": 1, "edits": [{"do": "undo"}]})
    assert answer.status_code == 403


def test_an_edit_that_is_no_json_or_too_large_is_refused(lamp):
    reader = Reader(lamp)
    headers = {"Host": HOST, **ORIGIN}
    form = reader.client.post("/1/edit.json", data={"version": "1"}, headers=headers)
    assert form.status_code == 415
    large = reader.post("/1/edit.json", {"version": 1, "edits": ["x" * 100_000]})
    assert large.status_code == 413
    assert reader.get("/1/edit.json").status_code == 405


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"version": "1", "edits": [{"do": "undo"}]},
        {"version": True, "edits": [{"do": "undo"}]},
        {"version": 1},
        {"version": 1, "edits": []},
        {"version": 1, "edits": ["undo"]},
        {"version": 1, "edits": [{"do": "delete", "at": 5}]},
        {"version": 1, "edits": [{"do": "chapter"}]},
        {"version": 1, "edits": [{"do": "chapter", "at": "../../etc/passwd"}]},
        {"version": 1, "edits": [{"do": "chapter", "at": -1}]},
        {"version": 1, "edits": [{"do": "chapter", "at": True}]},
        {"version": 1, "edits": [{"do": "note", "at": 200, "until": 100, "kind": "after"}]},
        {"version": 1, "edits": [{"do": "note", "at": 200, "kind": "footnote"}]},
        {"version": 1, "edits": [{"do": "title", "at": 200, "title": ["x"]}]},
        {"version": 1, "edits": [{"do": "undo"}] * 101},
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_in_words(lamp, value):
    reader = Reader(lamp)
    reader.page()
    answer = reader.post("/1/edit.json", value)
    assert answer.status_code in (400, 422)
    assert answer.json["error"]
    assert not lamp.with_suffix(".fic.toml").exists()


def test_every_answer_forbids_what_a_page_does_not_need(lamp):
    reader = Reader(lamp)
    for path in ("/1/", "/static/review.js", "/9/", "/1/counts.json"):
        answer = reader.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")
        answer.close()


def test_no_page_has_a_script_or_a_style_in_it_or_names_another_server(lamp, tmp_path):
    reader = Reader(lamp, lamp)
    for page in (reader.page(), reader.get("/").text):
        assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}


# What is shown


def test_what_a_dump_holds_is_text_and_never_markup(tmp_path):
    dump = tmp_path / "<b>bold.txt"
    dump.write_text(HOSTILE, encoding="utf-8")
    page = Reader(dump).page()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>bold" not in page
    assert "{{ 7 * 7 }} {% raw %}" in page
    assert unescape(page).count('<script>alert("text")</script>') == 1


def test_a_page_shows_every_word_of_the_text_once_and_in_order(samples):
    for sample in samples:
        recovery = recover(read_file(sample), MakeOptions())
        rows = read_rows(recovery)
        ids = [row.id for row in rows]
        assert ids == sorted(set(ids))
        assert sum(row.cut is not None for row in rows) == len(recovery.work.chapters)
        source = recovery.source
        if source.repairs:
            continue
        fields = [entry.span for entry in recovery.ledger if entry.fate is Fate.FIELD]
        text = list(source.text)
        for span in fields:  # the header, and the labels of sections
            text[span.start : span.end] = " " * (span.end - span.start)
        wanted = "".join(text).split()
        shown = "".join(line for row in rows for line in row.text)
        assert "".join(shown.split()) == "".join(wanted)


def test_chapters_notes_and_breaks_are_marked_with_how_sure_they_are(lamp):
    rows = rows_of(Reader(lamp).page())
    assert "Chapter 2" in rows[at("Chapter 2")]
    assert "% sure" in rows[at("Chapter 2")]
    assert 'data-kind="after"' in rows[at("A/N: Thanks")]
    assert "% sure" in rows[at("A/N: Thanks")]
    assert 'data-kind="break"' in rows[at("***")]
    assert 'data-kind="prose"' in rows[at("The harbour")]
    assert 'data-cut="first"' in rows[at("The harbour")]


def test_the_list_leads_to_each_dump_and_counts_its_doubts(lamp, samples):
    reader = Reader(lamp, samples[0])
    page = reader.get("/").text
    assert [lamp.name, samples[0].name] == re.findall(r"<bdi>(.*?)</bdi>", page)
    recovery = recover(read_file(samples[0]), MakeOptions())
    counts = reader.get("/2/counts.json").json
    assert counts["doubts"] == doubts(read_rows(recovery))
    assert f"{len(recovery.work.chapters)} chapters" in counts["said"]
    assert reader.get("/3/").status_code == reader.get("/0/").status_code == 404


def test_the_only_dump_needs_no_list(lamp):
    answer = Reader(lamp).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/1/")


def test_many_dumps_are_all_shown_though_few_are_kept_in_memory(lamp):
    copies = []
    for number in range(7):
        copies.append(lamp.with_name(f"{number}.txt"))
        copies[-1].write_text(LAMP.replace("The Lamp Room", f"Lamp {number}"), encoding="utf-8")
    reader = Reader(*copies)
    for _ in range(2):
        for number in range(7):
            assert f"<bdi>Lamp {number}</bdi>" in reader.page(number + 1)


# What is said


def test_a_chapter_starts_where_the_reader_says(lamp):
    answer = Reader(lamp).say({"do": "chapter", "at": at("She counted")})
    assert answer.status_code == 200
    assert [chapter.span.start for chapter in corrected(lamp).chapters] == [
        at("The harbour"),
        at("Chapter 2"),
        at("She counted"),
        at("Chapter 3"),
    ]
    assert "She counted the cans" in corrections(lamp)


def test_a_chapter_starts_with_a_heading_and_has_the_title_that_the_reader_gives(lamp):
    reader = Reader(lamp)
    reader.say({"do": "heading", "at": at("Oil stood")})
    reader.say({"do": "title", "at": at("Oil stood"), "title": "  Twice \n <b>counted</b> "})
    chapter = corrected(lamp).chapters[2]
    assert chapter.heading.span.start == at("Oil stood")
    assert chapter.title == "Twice <b>counted</b>"
    assert "Twice &lt;b&gt;counted" in reader.page()
    reader.say({"do": "title", "at": at("Oil stood"), "title": ""})
    assert corrected(lamp).chapters[2].title is None


def test_no_chapter_starts_where_the_reader_says_so(lamp):
    reader = Reader(lamp)
    assert reader.say({"do": "no-chapter", "at": at("Chapter 3")}).status_code == 200
    assert len(corrected(lamp).chapters) == 2
    refused = reader.say({"do": "no-chapter", "at": at("She counted")})
    assert refused.status_code == 422
    assert "no chapter begins there" in refused.json["error"]


@pytest.mark.parametrize("kind", [kind.value for kind in NoteKind])
def test_a_paragraph_is_a_note_of_the_kind_that_the_reader_says(lamp, kind):
    start, end = at("Oil stood"), at("She counted")
    Reader(lamp).say({"do": "note", "at": start, "until": end, "kind": kind})
    (note,) = [n for chapter in corrected(lamp).chapters[1:] for n in chapter.notes(NoteKind(kind))]
    assert (note.span.start, len(note.blocks)) == (start, 2)


def test_a_note_is_the_story_if_the_reader_says_so_and_a_note_again_later(lamp):
    reader = Reader(lamp)
    note = at("A/N: Thanks")
    reader.say({"do": "prose", "at": note})
    assert corrected(lamp).chapters[0].notes(NoteKind.AFTER) == ()
    reader.say({"do": "note", "at": note, "kind": "after"})
    assert len(corrected(lamp).chapters[0].notes(NoteKind.AFTER)) == 1
    assert corrections(lamp).count("\n[[note]]\n") == 1


def test_what_is_said_last_of_a_paragraph_outranks_what_is_said_of_a_run_around_it(lamp):
    reader = Reader(lamp)
    inner, outer = at("Oil stood"), at("She went up")
    reader.say({"do": "prose", "at": inner})
    reader.say({"do": "note", "at": outer, "until": at("She counted"), "kind": "within"})
    reader.say({"do": "prose", "at": inner})
    assert 'data-kind="prose"' in rows_of(reader.page())[inner]
    assert 'data-kind="within"' in rows_of(reader.page())[outer]


def test_a_break_is_none_and_a_line_is_a_break(lamp):
    reader = Reader(lamp)
    reader.say({"do": "no-break", "at": at("***")})
    assert 'data-kind="prose"' in rows_of(reader.page())[at("***")]
    reader.say({"do": "break", "at": at("***")})
    assert 'data-kind="break"' in rows_of(reader.page())[at("***")]


def test_what_would_do_nothing_is_refused_and_not_written(tmp_path):
    dump = tmp_path / "long.txt"
    line = "The keeper counted the ships, and the ships counted him. " * 12
    dump.write_text(LAMP.replace("By Friday the door was open.", line), encoding="utf-8")
    reader = Reader(dump)
    answer = reader.say({"do": "break", "at": at("By Friday")})
    assert answer.status_code == 422
    assert "words" in answer.json["error"]
    assert not dump.with_suffix(".fic.toml").exists()


def test_undo_takes_back_one_thing_after_the_other(lamp):
    reader = Reader(lamp)
    before = rows_of(reader.page())
    reader.say({"do": "chapter", "at": at("She counted")})
    middle = rows_of(reader.page())
    reader.say({"do": "prose", "at": at("A/N: Thanks")}, {"do": "no-break", "at": at("***")})
    reader.say({"do": "undo"}, {"do": "undo"})
    assert rows_of(reader.page()) == middle
    assert reader.say({"do": "undo"}).json["undo"] == 0
    assert rows_of(reader.page()) == before
    assert len(corrected(lamp).chapters) == 3
    refused = reader.say({"do": "undo"})
    assert (refused.status_code, refused.json["error"]) == (422, "There is nothing to undo.")


def test_the_answer_to_an_edit_makes_the_old_page_the_new_one(lamp):
    reader = Reader(lamp)
    for edit in (
        {"do": "chapter", "at": at("She counted")},
        {"do": "no-break", "at": at("***")},
        {"do": "note", "at": at("Oil stood"), "kind": "before"},
        {"do": "no-chapter", "at": at("Chapter 3")},
        {"do": "undo"},
    ):
        rows = rows_of(reader.page())
        told = reader.say(edit).json
        assert 0 < len(told["rows"]) < len(rows)
        for id in told["gone"]:
            del rows[id]
        rows |= {row["id"]: row["html"].strip() for row in told["rows"]}
        page = reader.page()
        assert dict(sorted(rows.items())) == rows_of(page)
        assert told["strip"] in page
        assert told["facts"] in page


def test_one_bad_edit_of_several_leaves_all_undone(lamp):
    answer = Reader(lamp).say(
        {"do": "chapter", "at": at("She counted")}, {"do": "no-chapter", "at": at("The harbour")}
    )
    assert answer.status_code == 422
    assert not lamp.with_suffix(".fic.toml").exists()


# Files


def test_nothing_is_written_but_the_correction_file(lamp, tmp_path):
    other = tmp_path / "other.fic.toml"
    other.write_text("# mine\n", encoding="utf-8")
    reader = Reader(lamp)
    reader.page()
    assert {path.name for path in tmp_path.iterdir()} == {"lamp.txt", "other.fic.toml"}
    reader.say({"do": "chapter", "at": at("She counted")})
    assert {path.name for path in tmp_path.iterdir()} == {"lamp.txt", "other.fic.toml", "lamp.fic.toml"}
    assert lamp.read_text(encoding="utf-8") == LAMP
    assert other.read_text(encoding="utf-8") == "# mine\n"


def test_corrections_go_to_the_folder_that_was_named(lamp, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    reader = Reader(lamp, options=MakeOptions(corrections=folder))
    reader.say({"do": "chapter", "at": at("She counted")})
    assert [path.name for path in folder.iterdir()] == ["lamp.fic.toml"]
    assert not lamp.with_suffix(".fic.toml").exists()


def test_a_comment_in_the_file_survives(lamp):
    file = lamp.with_suffix(".fic.toml")
    file.write_text('# my own words\n[work]\nwork_id = "1234567"  # as on the site\n', encoding="utf-8")
    Reader(lamp).say({"do": "chapter", "at": at("She counted")})
    assert "# my own words\n" in corrections(lamp)
    assert "# as on the site" in corrections(lamp)


@pytest.mark.parametrize("which", ["lamp.txt", "lamp.fic.toml"])
def test_a_page_that_is_older_than_the_files_is_told_to_load_again(lamp, which):
    reader = Reader(lamp)
    reader.say({"do": "chapter", "at": at("She counted")})
    version = int(re.search(r'data-version="(\d+)"', reader.page())[1])
    file = lamp.with_name(which)
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    kept = file.read_bytes()
    answer = reader.post("/1/edit.json", {"version": version, "edits": [{"do": "undo"}]})
    assert (answer.status_code, answer.json["reload"]) == (409, True)
    assert file.read_bytes() == kept
    assert 'data-undo="0"' in reader.page()
    assert reader.say({"do": "prose", "at": at("A/N: Thanks")}).status_code == 200


def test_a_correction_file_that_cannot_be_read_is_told_with_its_line(lamp):
    reader = Reader(lamp)
    lamp.with_suffix(".fic.toml").write_text("schema = 1\n[[chapter]]\nwhere = 3\n", encoding="utf-8")
    answer = reader.get("/1/")
    assert answer.status_code == 422
    assert "lamp.fic.toml, line 3" in answer.text
    assert "line 3" in reader.get("/1/counts.json").json["error"]


def test_a_correction_that_fits_nothing_any_more_is_shown_above_the_text(lamp):
    lamp.with_suffix(".fic.toml").write_text(
        '[[chapter]]\nat = "The ship that never came"\n', encoding="utf-8"
    )
    page = Reader(lamp).page()
    assert "<details open>" in page
    assert "The ship that never came" in page


def test_a_dump_that_is_gone_is_told(lamp):
    reader = Reader(lamp)
    lamp.unlink()
    answer = reader.get("/1/")
    assert answer.status_code == 422
    assert "there is no such file" in answer.text


# The strip


def test_a_strip_stands_on_its_own_and_shows_every_chapter_note_and_break(samples):
    for sample in samples:
        recovery = recover(read_file(sample), MakeOptions())
        root = etree.fromstring(strip(recovery))
        bars = [bar.get("class") for bar in root.iter("{*}rect")]
        chapters = recovery.work.chapters
        assert bars.count("chapter") == len(chapters)
        for kind in NoteKind:
            assert bars.count(kind.value) == sum(len(chapter.notes(kind)) for chapter in chapters)
        assert bars.count("doubt") == doubts(read_rows(recovery))
        assert root.get("role") == "img"
        assert root.findtext("{*}title")
        for bar in root.iter("{*}rect"):
            assert 0 <= float(bar.get("x")) <= 1000
            assert float(bar.get("width")) > 0


def test_a_strip_is_paler_where_a_chapter_is_less_sure(samples):
    for sample in samples:
        recovery = recover(read_file(sample), MakeOptions())
        root = etree.fromstring(strip(recovery))
        shades = [
            float(bar.get("fill-opacity", 1)) for bar in root.iter("{*}rect") if bar.get("class") == "chapter"
        ]
        scores = [chapter.boundary.score for chapter in recovery.work.chapters]
        for (score, shade), (other, beside) in combinations(zip(scores, shades, strict=True), 2):
            assert (shade - beside) * (score - other) >= 0
            assert shade == beside or score != other
        assert len(set(shades)) > 1 or max(scores) - min(scores) < 0.1


# The command


def test_standard_input_cannot_be_reviewed():
    result = CliRunner().invoke(program, ["review", "-"], input=LAMP)
    assert result.exit_code == 2
    assert "Save it" in result.stderr


def test_without_flask_the_command_says_what_to_install(lamp, monkeypatch):
    monkeypatch.setattr("fic2epub.cli.review.find_spec", lambda name: None)
    result = CliRunner().invoke(program, ["review", str(lamp)])
    assert result.exit_code == 2
    assert 'pip install "fic2epub[web]"' in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("options", [[], ["--lan"]])
def test_the_address_is_printed_and_lets_the_reader_in_until_ctrl_c(lamp, options):
    command = [sys.executable, "-m", "fic2epub", "review", str(lamp), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, preexec_fn=hear_ctrl_c) as server:
        line = server.stderr.readline()
        match = re.fullmatch(r"Review at http://([\d.]+):(\d+)(/\?token=\S{20,})\n", line)
        assert match, line
        host, port, path = match.groups()
        assert options or host == "127.0.0.1"
        assert [ask(port, one).status for one in ("/", "/?token=wrong", path)] == [403, 403, 303]
        second = [*command, "--port", port]
        taken = subprocess.run(second, capture_output=True, text=True, check=False, timeout=60)
        assert (taken.returncode, "Name another with --port" in taken.stderr) == (2, True), taken.stderr
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    assert (server.returncode, out) == (0, "")
    assert "Traceback" not in err


def ask(port, path):
    """A real request; its answer without the body."""
    with closing(HTTPConnection("127.0.0.1", int(port), timeout=20)) as connection:
        connection.request("GET", path)
        return connection.getresponse()
