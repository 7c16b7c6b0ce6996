"""The report of a run: in the order of need, whole, safe to open, and readable."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from support import needs
from support.dumps import dump, put
from support.works import listing

from fic2epub.cli import summary
from fic2epub.cli.app import app
from fic2epub.cli.talk import Talk
from fic2epub.errors import ExitCode, OutputError, OutputExistsError, UsageError
from fic2epub.library.book import Tally
from fic2epub.library.outcome import Outcome, Status
from fic2epub.library.report import Need, Row, check_target, in_order, row_of, write_report
from fic2epub.library.sheets import csv_row
from fic2epub.model import Finding, Level


def tally(sure=1, likely=0, unsure=0, notes=0, words=1_000):
    return Tally(sure=sure, likely=likely, unsure=unsure, notes=notes, words=words)


def outcome(status=Status.MADE, *, dump="a.txt", book="a.epub", **values):
    return Outcome(
        dump=dump, status=status, book=book and Path(book), title=values.pop("title", "A"), **values
    )


def warning(message="Nothing follows the header."):
    return Finding("header.no-body", Level.WARNING, message)


ROWS = [
    row_of(one)
    for one in (
        outcome(dump="sure.txt", tally=tally()),
        outcome(dump="likely.txt", tally=tally(sure=1, likely=3)),
        outcome(dump="unsure-2.txt", tally=tally(unsure=2)),
        outcome(dump="unsure-5.txt", tally=tally(unsure=5)),
        outcome(dump="warned.txt", tally=tally(), findings=(warning(),)),
        outcome(Status.SHRANK, dump="shrank.txt", message="holds 3 chapters, the new dump only 2"),
        outcome(
            Status.FAILED,
            dump="bad.txt",
            book=None,
            title=None,
            message="bad.txt: is empty.",
            exit_code=ExitCode.SOURCE,
        ),
    )
]


def test_the_neediest_come_first():
    assert [row.dump for row in in_order(ROWS)] == [
        "bad.txt",
        "shrank.txt",
        "unsure-5.txt",
        "unsure-2.txt",
        "warned.txt",
        "likely.txt",
        "sure.txt",
    ]


@pytest.mark.parametrize(
    ("one", "need"),
    [
        (outcome(tally=tally()), Need.SURE),
        (outcome(tally=tally(), findings=(Finding("a.b", Level.INFO, "c"),)), Need.SURE),
        (outcome(tally=tally(), findings=(warning(),)), Need.DOUBTFUL),
        (outcome(tally=tally(unsure=1)), Need.DOUBTFUL),
        (outcome(tally=tally(likely=1)), Need.LIKELY),
        (outcome(Status.UNCHANGED), Need.SURE),
        (outcome(Status.EDITED, message="was edited"), Need.KEPT),
        (outcome(Status.SHRANK, tally=tally(unsure=1)), Need.KEPT),
        (outcome(Status.VANISHED), Need.KEPT),
        (outcome(Status.DUPLICATE, tally=tally(unsure=1)), Need.SURE),
        (outcome(Status.PASSED, book=None), Need.SURE),
        (outcome(Status.FAILED, book=None, exit_code=ExitCode.SOURCE), Need.FAILED),
    ],
)
def test_what_a_work_needs(one, need):
    assert row_of(one).need is need


@pytest.mark.parametrize("status", Status)
def test_every_status_of_a_run_has_its_place(status):
    row = row_of(outcome(status, book=None if status is Status.FAILED else "a.epub"))
    assert row.status == status.value
    assert (row.need is Need.FAILED) is (status is Status.FAILED)


def written(tmp_path, suffix, rows=ROWS):
    path = tmp_path / f"report{suffix}"
    write_report(rows, path)
    assert listing(tmp_path) == [path.name], "nothing stays beside it"
    return path


def test_the_json_has_every_work_and_the_counts(tmp_path):
    told = json.loads(written(tmp_path, ".json").read_text(encoding="utf-8"))
    assert [work["dump"] for work in told["works"]] == [row.dump for row in in_order(ROWS)]
    assert told["needs"] == {"failed": 1, "kept": 1, "doubtful": 3, "likely": 1, "sure": 1}
    assert told["statuses"] == {"failed": 1, "shrank": 1, "made": 5}
    worst = told["works"][0]
    assert (worst["book"], worst["reasons"], worst["need"]) == (None, ["bad.txt: is empty."], "failed")
    assert told["works"][2]["unsure"] == 5


def test_the_csv_is_for_a_spreadsheet(tmp_path):
    content = written(tmp_path, ".csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfneed,status,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["dump"] for row in rows] == [row.dump for row in in_order(ROWS)]
    assert rows[2]["unsure"] == "5"


def page(path):
    return html.fromstring(path.read_bytes().decode())


def test_the_page_needs_no_other_file_and_no_script(tmp_path):
    path = written(tmp_path, ".html")
    content = path.read_text(encoding="utf-8")
    assert content.startswith("<!DOCTYPE html>")
    tree = page(path)
    assert not tree.xpath("//script | //link | //img | //iframe | //@src | //@onclick")
    assert [link for link in tree.xpath("//@href") if not link.startswith("#")] == []
    assert "url(" not in content
    assert "@import" not in content
    assert {link[1:] for link in tree.xpath("//@href")} == set(tree.xpath("//section/@id"))
    assert tree.xpath("string(//title)") == "7 works, 5 to look at"
    assert tree.xpath("//meta/@charset") == ["utf-8"]
    assert "width=device-width" in tree.xpath("//meta[@name='viewport']/@content")[0]


def test_the_page_shows_every_work_in_its_part(tmp_path):
    tree = page(written(tmp_path, ".html"))
    assert tree.xpath("//section/@id") == ["failed", "kept", "doubtful", "likely", "sure"]
    assert tree.xpath("//section[@id='doubtful']//ul[@class='works']/li/p[@class='path'][1]//text()") == [
        "unsure-5.txt",
        "unsure-2.txt",
        "warned.txt",
    ]
    assert tree.xpath("//section[@id='failed']//h3//text()") == ["bad.txt"]
    assert len(tree.xpath("//section[@id='sure']/details//li")) == 1
    assert tree.xpath("count(//ul[@class='works']/li)") == 7


def test_a_part_without_works_is_left_out(tmp_path):
    tree = page(written(tmp_path, ".html", ROWS[:1]))
    assert tree.xpath("//section/@id") == ["sure"]
    assert tree.xpath("string(//h1)") == "1 work, nothing to look at"
    assert page(written(tmp_path, ".html", [])).xpath("string(//h1)") == "0 works, nothing to look at"


EVIL = "</title><script>alert(1)</script>&<b>\x1b[31m\x00\ud800\u202e=cmd()"


@pytest.mark.parametrize("suffix", [".html", ".json", ".csv"])
def test_no_title_can_break_out(tmp_path, suffix):
    row = Row(need=Need.DOUBTFUL, status="made", dump=EVIL, book=EVIL, title=EVIL, reasons=(EVIL, "=1+1"))
    path = written(tmp_path, suffix, [row])
    text = path.read_text(encoding="utf-8-sig")
    if suffix == ".html":
        assert not page(path).xpath("//script | //main//b")
        assert "\x1b" not in text
        assert "\u202e" not in text
    elif suffix == ".json":
        assert json.loads(text)["works"][0]["status"] == "made"
    else:
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == 2


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "=", "\0=1"]
)
def test_a_formula_becomes_text(cell):
    row = next(csv.reader(io.StringIO(csv_row((cell, "b")), newline="")))
    assert row[0].startswith("'")


@pytest.mark.parametrize("cell", ["a=1", "The + and the -", "", "'tis", "1-2", "(=1)"])
def test_words_stay_as_they_are(cell):
    assert next(csv.reader(io.StringIO(csv_row((cell, "b")), newline="")))[0] == cell


def test_numbers_stay_numbers():
    assert csv_row((-5, 0.25, None, True)) == "-5,0.25,,True\r\n"


@given(st.lists(st.text(), min_size=2, max_size=5))
def test_any_cells_are_one_line_that_no_spreadsheet_runs(cells):
    rows = list(csv.reader(io.StringIO(csv_row(cells), newline="")))
    assert len(rows) == 1
    for cell, was in zip(rows[0], cells, strict=True):
        assert (
            cell.removeprefix("'").replace("\0", "") == was.replace("\0", "").removeprefix("'") or cell == was
        )
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


# Where it goes


@pytest.mark.parametrize("name", ["report", "report.txt", "report.epub", ".html.gz"])
def test_its_name_says_its_kind(tmp_path, name):
    with pytest.raises(UsageError, match=r"\.html, \.json or \.csv"):
        check_target(tmp_path / name)


@pytest.mark.parametrize("suffix", [".html", ".json", ".csv", ".HTML"])
def test_an_older_report_is_replaced_and_nothing_else(tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    write_report(ROWS, path)
    first = path.read_bytes()
    write_report(ROWS, path)
    assert path.read_bytes() == first, "the same rows give the same bytes"
    path.write_text("my own notes")
    with pytest.raises(OutputExistsError, match="is no report"):
        write_report(ROWS, path)
    assert path.read_text() == "my own notes"


def test_a_folder_that_is_not_there_is_told_before_the_run(tmp_path):
    put(tmp_path / "dumps", a=dump())
    target = tmp_path / "nowhere" / "report.html"
    with pytest.raises(OutputError, match="Name a file in a folder that exists"):
        check_target(target)
    arguments = ["batch", str(tmp_path / "dumps"), "-o", str(tmp_path / "books"), "--report", str(target)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 5
    assert not (tmp_path / "books").exists()


@pytest.mark.skipif(
    os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root may write"
)
def test_a_disk_that_refuses_is_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            write_report(ROWS, tmp_path / "report.html")
    finally:
        tmp_path.chmod(0o700)


# Of a real run


def test_batch_reports_every_dump_the_second_time_too(tmp_path, samples):
    for sample in samples[:4]:
        (tmp_path / "dumps").mkdir(exist_ok=True)
        (tmp_path / "dumps" / sample.name).write_bytes(sample.read_bytes())
    (tmp_path / "dumps" / "bad.txt").write_text("Title: Nothing\nAuthor: Nobody\nWork ID: 1\n\n")
    put(tmp_path / "dumps", warned=dump().replace("1/1", "4/4"))
    reports = []
    for name in ("first.json", "second.json"):
        arguments = ["batch", str(tmp_path / "dumps"), "-o", str(tmp_path / "books"), "-j", "1"]
        CliRunner().invoke(app, [*arguments, "--report", str(tmp_path / name)])
        reports.append(json.loads((tmp_path / name).read_text(encoding="utf-8")))
    for report in reports:
        works = {Path(work["dump"]).name: work for work in report["works"]}
        assert set(works) == {*(sample.name for sample in samples[:4]), "bad.txt", "warned.txt"}
        pencil = works["101_in_pencil.txt"]
        assert pencil["need"] == "doubtful"
        assert pencil["chapters"] + pencil["unsure"] == 6
        assert 0 < pencil["confidence"] <= 1
        assert pencil["words"] > 2_000
    first, second = ({work["dump"]: work for work in report["works"]} for report in reports)
    assert first[str(tmp_path / "dumps" / "warned.txt")]["reasons"]
    for name, work in first.items():
        status = "unchanged" if work["status"] == "made" else work["status"]
        assert second[name] == {**work, "status": status}, "it does not matter whether it was read again"


def test_what_was_told_once_is_told_again_only_to_who_asks(tmp_path):
    put(tmp_path / "dumps", a=dump().replace("1/1", "4/4"))

    def said(*wish):
        arguments = ["batch", str(tmp_path / "dumps"), "-o", str(tmp_path / "books"), "--no-cover", *wish]
        return CliRunner().invoke(app, arguments).stderr

    warned = next(line for line in said().splitlines() if line.startswith("    "))
    assert warned not in said()
    assert warned in said("-v")


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_the_page_fits_a_phone(tmp_path, width):
    long = Row(
        need=Need.DOUBTFUL,
        status="made",
        dump="dumps/" + "a_long_name_without_a_space_" * 12 + ".txt",
        book="books/x.epub",
        title="Averylongtitlewithoutanyspaceinit" * 6,
        chapters=12,
        sure=2,
        likely=7,
        unsure=3,
        inferred=4,
        confidence=0.31,
        notes=12,
        words=1_234_567,
        reasons=("https://example.org/" + "x" * 300,),
    )
    path = written(tmp_path, ".html", [*ROWS, long])
    probe = (
        "<script>document.title = [innerWidth, document.documentElement.scrollWidth].join()</script></body>"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    frame = f'<iframe src="{path.as_uri()}" width="{width}" height="700"></iframe>'
    holder = tmp_path / "holder.html"
    holder.write_text(
        f"{frame}<script>onload = () => document.title = frames[0].document.title</script>", encoding="utf-8"
    )
    done = subprocess.run(
        [
            str(needs.chromium()),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            holder.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    inner, needed = html.fromstring(done.stdout).xpath("string(//title)").split(",")
    assert int(inner) == width
    assert int(needed) <= width, "nothing is pushed off the side"


# What is said at the end


def test_every_status_is_counted_and_explained():
    assert set(summary.STATUSES) == {one.value for one in Status}


def test_the_last_line_is_for_programs_and_the_table_for_people(monkeypatch, capsys):
    counts = {"failed": 1, "made": 1_200, "vanished": 3}
    summary.tell_counts(Talk(), counts)
    assert capsys.readouterr().err == "1,201 works: 1,200 made, 3 vanished, 1 failed\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    summary.tell_counts(Talk(), counts)
    lines = [line.split() for line in capsys.readouterr().err.splitlines()]
    assert [line[:2] for line in lines] == [
        ["1,201", "works"],
        ["1,200", "made"],
        ["3", "vanished"],
        ["1", "failed"],
    ]
    summary.tell_counts(Talk(verbosity=-1), counts)
    assert capsys.readouterr().err == ""
