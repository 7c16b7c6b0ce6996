"""Bad input, row by row: what comes of it, in which words, and what is left untouched.

What a target or a name may do to the program is in test_cli and test_shelf; here it is the dump.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.dumps import PROSE, dump, put
from support.epub_text import Book, read_book
from support.works import book as made_book
from support.works import listing

from fic2epub.cli.app import app

STORY = "The harbour lamp went out at nine. “You might have knocked,” said the keeper."
HEADER = "Title: The Lamp Room\nAuthor: Ada Quill\nLanguage: English\nChapters: 1/1\n\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], prog_name="fic2epub")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True, slots=True)
class Made:
    """A dump, converted."""

    result: Result
    path: Path
    inspected: dict

    @property
    def book(self) -> Book:
        return read_book(self.path)

    @property
    def findings(self) -> list[str]:
        return [finding["rule"] for finding in self.inspected["findings"]]

    @property
    def ledger(self) -> str:
        return run("inspect", "--ledger", "dump.txt").stdout


@pytest.fixture
def convert(here: Path) -> Callable[[bytes | str], Made]:
    """Convert a dump that must become a book: no traceback, code 0, one file."""

    def made(data: bytes | str, *options: str) -> Made:
        (here / "dump.txt").write_bytes(data.encode() if isinstance(data, str) else data)
        result = run("convert", "dump.txt", *options)
        assert result.exit_code == 0, result.stderr
        assert "Traceback" not in result.stderr
        [name] = result.stdout.splitlines()
        assert listing(here) == sorted(["dump.txt", name])
        return Made(result, here / name, json.loads(run("inspect", "--json", "dump.txt").stdout))

    return made


# Empty or blank, binary, ZIP, EPUB, PDF, MOBI: code 3, a sentence, nothing written


def an_epub() -> bytes:
    return made_book().content


NO_TEXT = {
    "empty": (b"", "empty"),
    "a line feed": (b"\n", "blank"),
    "white space of every kind": ("\ufeff \t\r\n\u00a0\u2003\u3000\u200b\n".encode(), "blank"),
    "blank in UTF-16": (" \n \n".encode("utf-16"), "blank"),
    "NULs alone": (bytes(500), ""),
    "controls alone": (b"\x01\x02\x03" * 40, ""),
    "binary": (bytes(range(256)) * 40, ""),
    "binary with a dump's header": (HEADER.encode() + bytes(range(256)) * 40, ""),
    "a ZIP": (b"PK\x03\x04\x14" + bytes(200), "ZIP"),
    "an empty ZIP": (b"PK\x05\x06" + bytes(18), "ZIP"),
    "an EPUB": (an_epub(), "EPUB"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    "a MOBI": (b"The_Lamp_Room".ljust(60, b"\0") + b"BOOKMOBI" + bytes(200), "MOBI"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
    "gzip": (b"\x1f\x8b\x08" + bytes(200), "gzip"),
}


@pytest.mark.parametrize("name", NO_TEXT)
@pytest.mark.parametrize("command", ["convert", "anthology", "inspect"])
def test_what_is_no_text_ends_with_3_and_a_sentence(here: Path, command: str, name: str) -> None:
    data, told = NO_TEXT[name]
    (here / "dump.txt").write_bytes(data)
    result = run(command, "dump.txt")
    assert result.exit_code == 3
    assert "dump.txt" in result.stderr
    assert told in result.stderr
    assert result.stderr.rstrip().endswith((".", "?"))
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert listing(here) == ["dump.txt"]


def test_what_is_no_text_is_no_dump_in_a_folder(here: Path) -> None:
    put(here / "dumps", good=dump())
    for number, (data, _) in enumerate(NO_TEXT.values()):
        (here / "dumps" / f"bad{number}.bin").write_bytes(data)
    result = run("batch", "dumps")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "books/Ada Quill - The Lamp Room.epub\n"


def test_a_target_is_untouched_by_a_dump_that_fails(here: Path) -> None:
    put(here, good=dump())
    assert run("convert", "good.txt", "-o", "x.epub").exit_code == 0
    before = (here / "x.epub").read_bytes()
    for data, _ in NO_TEXT.values():
        (here / "bad.txt").write_bytes(data)
        assert run("convert", "bad.txt", "-o", "x.epub", "--force").exit_code == 3
        assert (here / "x.epub").read_bytes() == before
    assert listing(here) == ["bad.txt", "good.txt", "x.epub"]


def test_a_header_without_a_story_is_said(here: Path) -> None:
    (here / "dump.txt").write_text(HEADER)
    result = run("convert", "dump.txt")
    assert result.exit_code == 4
    assert "no story" in result.stderr
    assert listing(here) == ["dump.txt"]


# No header; header without title or author; header cut off: a book and a finding


def test_without_a_header_the_title_is_the_files_name(convert: Callable[..., Made]) -> None:
    made = convert(f"{STORY}\n\nNobody minded.\n")
    assert made.path.name == "Unknown - dump.epub"
    assert (made.inspected["title"], made.inspected["author"]) == ("dump", None)
    assert {"header.missing", "header.no-title", "header.no-author"} <= {*made.findings}
    assert made.book.words()[:4] == ["The", "harbour", "lamp", "went"]
    assert "Unknown" in "".join(made.book.document("preface.xhtml").root.itertext())


@pytest.mark.parametrize(
    ("header", "name", "finding"),
    [
        ("Author: Ada Quill\nLanguage: English\nChapters: 1/1\n", "Ada Quill - dump.epub", "header.no-title"),
        (
            "Title:\nAuthor: Ada Quill\nChapters: 1/1\nStatus: Completed\n",
            "Ada Quill - dump.epub",
            "header.no-title",
        ),
        ("Title: The Lamp Room\nLanguage: English\n", "Unknown - The Lamp Room.epub", "header.no-author"),
        ("Title: The Lamp Room\nAuthor:\n", "Unknown - The Lamp Room.epub", "header.no-author"),
    ],
)
def test_a_header_without_title_or_author(
    convert: Callable[..., Made], header: str, name: str, finding: str
) -> None:
    made = convert(f"{header}\n{STORY}\n")
    assert made.path.name == name
    assert finding in made.findings
    assert made.book.words() == STORY.split()


def test_options_supply_what_a_header_lacks(convert: Callable[..., Made]) -> None:
    made = convert(f"{STORY}\n", "--title", "Fog", "--author", "Ben Cy", "--language", "fr")
    assert made.path.name == "Ben Cy - Fog.epub"
    assert made.book.values("language") == ["fr"]


def test_a_header_that_no_blank_line_ends(convert: Callable[..., Made]) -> None:
    made = convert(f"Title: The Lamp Room\nAuthor: Ada Quill\nChapters: 1/1\n{STORY}\n\nNobody minded.\n")
    assert "header.cut-off" in made.findings
    assert made.book.words() == [*STORY.split(), "Nobody", "minded."]


def test_a_summary_that_no_work_text_ends(convert: Callable[..., Made]) -> None:
    made = convert(f"{HEADER}Summary:\nA keeper waits.\n\n{STORY}\n")
    assert "header.open-summary" in made.findings
    assert made.book.words() == ["A", "keeper", "waits.", *STORY.split()]


# Declared 0, or more than the text can hold: a book and a finding


@pytest.mark.parametrize(
    ("count", "finding"),
    [
        ("0/1", "header.chapters-zero"),
        ("0/?", "header.chapters-zero"),
        ("40/40", "chapters.count-unreached"),
        ("9999/?", "chapters.count-unreached"),
        ("lots", "header.chapters-unread"),
        ("-3/?", "header.chapters-unread"),
        ("1e9", "header.chapters-unread"),
        ("1-Jan", "header.chapters-damaged"),
    ],
)
def test_a_count_that_lies(convert: Callable[..., Made], count: str, finding: str) -> None:
    made = convert(f"Title: The Lamp Room\nAuthor: Ada Quill\nChapters: {count}\n\n{PROSE}")
    assert finding in made.findings
    assert made.book.words() == PROSE.split()


# NUL, control characters, U+FFFE, encoded surrogates: a book; removed, and in the ledger

CONTROLS = {
    "NUL": b"\0",
    "SOH": b"\x01",
    "form feed": b"\x0c",
    "vertical tab": b"\x0b",
    "escape": b"\x1b",
    "substitute": b"\x1a",
    "DEL": b"\x7f",
    "C1": b"\xc2\x81",
    "U+FFFE": b"\xef\xbf\xbe",
    "U+FFFF": b"\xef\xbf\xbf",
    "U+FDD0": b"\xef\xb7\x90",
    "U+1FFFE": b"\xf0\x9f\xbf\xbe",
    "a lone surrogate": b"\xed\xa0\x80",
    "U+FEFF": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("quotes", ["curly", "straight"])
def test_a_control_character_is_removed_and_in_the_ledger(
    convert: Callable[..., Made], name: str, quotes: str
) -> None:
    """In every place: title, key, value, inside a word, alone on its line, at the end."""
    bad = CONTROLS[name]
    story = STORY if quotes == "curly" else STORY.replace("“", '"').replace("”", '"')
    header = (
        HEADER.encode().replace(b"Lamp Room", b"La" + bad + b"mp Room").replace(b"Lang", b"La" + bad + b"ng")
    )
    body = story.encode().replace(b"harbour", b"har" + bad + b"bour") + b"\n\n" + bad + b"\n\nEnd" + bad
    made = convert(header + body)
    assert made.path.name == "Ada Quill - The Lamp Room.epub"
    assert made.book.words() == [*story.split(), "End"]
    dropped = [one for one in made.inspected["dropped"] if one["reason"] == "control character"]
    assert sorted({one["line"] for one in dropped}) == [0, 2, 5, 7, 9]
    assert made.ledger.count("(control character)") == len(dropped)


def test_encoded_surrogates_are_put_together(convert: Callable[..., Made]) -> None:
    made = convert(HEADER.encode() + b"She waved \xed\xa0\xbd\xed\xb8\x80 and " + STORY.encode())
    assert "\U0001f600" in made.book.words()
    assert [repair["rule"] for repair in made.inspected["repairs"]] == ["repair.surrogates"]


# A few bytes that are not UTF-8 in a UTF-8 dump: a book, repaired, recorded


def test_stray_bytes_are_repaired_and_recorded(convert: Callable[..., Made]) -> None:
    body = "\n\n".join([STORY] * 30).encode() + b"\n\nDon\x92t ask. Caf\xe9.\n"
    made = convert(HEADER.encode() + body)
    assert made.book.words()[-3:] == ["Don’t", "ask.", "Café."]
    assert [(one["before"], one["after"]) for one in made.inspected["repairs"]] == [
        ("\\x92", "’"),
        ("\\xe9", "é"),
    ]
    assert {one["rule"] for one in made.inspected["repairs"]} == {"repair.stray-byte"}


# Markup and entities in header or text: a book that shows them as written

MARKUP = "<b>bold</b> &amp; &lt;i&gt; &#169; ]]> <!-- --> <script>alert(1)</script> <?php ?> {{ x }} ${x}"


def test_markup_is_shown_as_written_everywhere(convert: Callable[..., Made]) -> None:
    header = (
        f"Title: A {MARKUP}\nAuthor: B {MARKUP}\nRating: C {MARKUP}\nAdditional Tags: D {MARKUP}\n"
        f"<i>Odd</i> & Key: E {MARKUP}\nFandom: F {MARKUP}\nLanguage: English\nChapters: 1/1\n\n"
    )
    made = convert(f"{header}Summary:\nG {MARKUP}\n\nWork text:\nH {MARKUP}\n\n{STORY}\n")
    assert " ".join(made.book.words()) == f"G {MARKUP} H {MARKUP} {STORY}"
    preface = " ".join("".join(made.book.document("preface.xhtml").root.itertext()).split())
    for letter in "ABCDFG":
        assert f"{letter} {MARKUP}" in preface
    assert made.book.values("title") == [f"A {MARKUP}"]
    assert made.book.values("creator") == [f"B {MARKUP}"]
    chapter = made.book.document("text/chapter1.xhtml")
    assert not [element for element in chapter.root.iter() if element.tag.endswith(("}script", "}b"))]


def test_an_entity_bomb_is_text(convert: Callable[..., Made]) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]> <x>&b;</x> &xxe;'
    made = convert(f"{HEADER}{bomb}\n\n{STORY}\n")
    assert " ".join(made.book.words()) == f"{bomb} {STORY}"


# A 50 MB dump: a book within 60 s and 1 GB

BIG = 50 * 10**6
SECONDS, MEMORY = 60, 10**9
SENTENCES = (
    STORY,
    "Marit carried the oil up all ninety steps, and then down again.",
    "Well.",
    "Nobody minded.",
)
NOTE = "A/N: Thank you for your reviews!! More on Friday.\n\n"


def chapters_with_notes() -> str:
    """A hundred and twenty chapters, each but the first with a note above it."""
    dice, parts, size = random.Random(1), [], 0
    for _ in range(120):
        while size < BIG // 120:
            parts.append(" ".join(dice.choices(SENTENCES, k=dice.randint(1, 8))) + "\n\n")
            size += len(parts[-1].encode())
        parts.append(NOTE)
        size = 0
    return HEADER.replace("1/1", "120/?") + "".join(parts[:-1])


def short_paragraphs() -> str:
    """A work of one chapter, a short line a paragraph, without blank lines."""
    dice = random.Random(1)
    return HEADER + "\n".join(dice.choices(SENTENCES, k=BIG // 40))


def one_line() -> str:
    return HEADER + " ".join([STORY] * (BIG // len(STORY.encode())))


def one_chapter_of_different_paragraphs() -> str:
    """No word of it is a word, and no paragraph comes twice."""
    dice, parts, size = random.Random(1), [], 0
    while size < BIG:
        parts.append(" ".join(f"w{dice.randrange(60_000):x}" for _ in range(40)) + ".\n\n")
        size += len(parts[-1])
    return HEADER + "".join(parts)


TOO_MUCH = pytest.mark.xfail(strict=True, reason="takes more memory than promised: a million paragraphs")


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape",
    [
        chapters_with_notes,
        pytest.param(short_paragraphs, marks=TOO_MUCH),
        one_line,
        one_chapter_of_different_paragraphs,
    ],
)
def test_fifty_megabytes_in_a_minute_and_a_gigabyte(here: Path, shape: Callable[[], str]) -> None:
    """Measured in a process of its own, as the processor's time and the largest memory."""
    (here / "dump.txt").write_bytes(shape().encode())
    code = (
        "import resource, sys, time; from fic2epub.cli import main\n"
        "sys.argv = ['fic2epub', 'convert', 'dump.txt', '-o', 'x.epub']; code = 0\n"
        "try: main()\nexcept SystemExit as end: code = end.code\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(code or 0, time.process_time(), usage.ru_maxrss * 1024)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    exit_code, seconds, memory = done.stdout.splitlines()[-1].split()
    print(f"\n{shape.__name__}: {float(seconds):.0f} s, {int(memory) / 10**6:,.0f} MB")
    assert exit_code == "0", done.stderr
    assert float(seconds) <= SECONDS
    assert int(memory) <= MEMORY


def seconds_of(command: Callable[[], object]) -> float:
    """How much of the processor's time something takes."""
    start = time.process_time()
    command()
    return time.process_time() - start


def test_many_chapters_of_one_kind_take_no_longer_than_others(convert: Callable[..., Made]) -> None:
    """Every join is as good as every other: the choice among them must not cost the whole time."""
    text = HEADER.replace("1/1", "30/?") + f"{STORY} {STORY}\n\n" * 2000
    assert seconds_of(lambda: convert(text)) < 15


def test_a_count_beyond_all_bounds_costs_no_time(convert: Callable[..., Made]) -> None:
    text = f"{HEADER.replace('1/1', '999999/?')}{PROSE}{PROSE}"
    assert seconds_of(lambda: convert(text)) < 15


def test_a_word_without_an_end_is_a_book(convert: Callable[..., Made]) -> None:
    made = convert(HEADER + "ha" * 200_000 + f"\n\n{STORY}\n")
    assert made.book.words() == ["ha" * 200_000, *STORY.split()]


# A title or work id that is a path, CON, 300 characters, only emoji: a book under a safe name

ODD_TITLES = {
    "a path": "../../etc/passwd",
    "a Windows path": "C:\\Windows\\system32",
    "a reserved name": "CON",
    "a reserved name with a suffix": "NUL.txt",
    "300 characters": "w" * 300,
    "300 wide characters": "灯" * 300,
    "only emoji": "🎉👩‍👩‍👧",
    "dots": "...",
    "quotes and stars": '"*?<>|:*"',
    "a hidden name": ".bashrc",
    "an option": "-rf",
    "a percent sign": "%s%n{0}",
    "marks of direction": "\u202egpj.exe",
}
SAFE_RE = re.compile(r'[^<>:"/\\|?*\x00-\x1f]{1,200}\.epub')


@pytest.mark.parametrize("name", ODD_TITLES)
def test_an_odd_title_gives_a_safe_name(convert: Callable[..., Made], name: str) -> None:
    title = ODD_TITLES[name]
    made = convert(f"Title: {title}\nAuthor: {title}\nWork ID: 55\nChapters: 1/1\n\n{STORY}\n")
    assert SAFE_RE.fullmatch(made.path.name)
    assert len(made.path.name.encode()) <= 255
    assert not made.path.name.startswith((".", "-"))
    assert made.book.values("title") == [title]


@pytest.mark.parametrize(
    "work_id", ["../../x", "/etc", "C:\\x", "CON", "..", "12/34", "9" * 300, "١٢٣", "1 2"]
)
def test_a_work_id_that_is_no_number_never_becomes_a_folder(here: Path, work_id: str) -> None:
    put(here / "dumps", one=dump(work_id=work_id), two=dump("Oil and Salt", work_id="22"))
    result = run("anthology", "dumps", "-o", "all.epub")
    assert result.exit_code == 0, result.stderr
    assert listing(here) == ["all.anthology.toml", "all.epub", "dumps"]
    with zipfile.ZipFile(here / "all.epub") as archive:
        names = archive.namelist()
    folders = {name.split("/")[1] for name in names if name.count("/") == 2}
    assert len(folders) == 2
    assert "22" in folders
    assert all(re.fullmatch(r"[a-z0-9-]+", folder) for folder in folders)
    assert work_id not in folders


# Two works of one title: two books


@pytest.mark.parametrize("work_ids", [("11", "22"), (None, "22"), ("x", "y")])
def test_two_works_of_one_title_are_two_books_in_a_batch(
    here: Path, work_ids: tuple[str | None, ...]
) -> None:
    one, two = work_ids
    put(here / "dumps", one=dump(work_id=one), two=dump(work_id=two, prose=f"Nobody came. {STORY}\n"))
    result = run("batch", "dumps")
    assert result.exit_code == 0, result.stderr
    books = [here / line for line in result.stdout.splitlines()]
    assert len({*books}) == 2
    assert [read_book(path).words()[0] for path in books] == ["The", "Nobody"]
    assert run("batch", "dumps").stderr.endswith("2 works: 2 unchanged\n")


def test_two_works_of_one_title_are_both_in_an_anthology(here: Path) -> None:
    put(here / "dumps", one=dump(work_id="11"), two=dump(work_id="22", prose=f"Nobody came. {STORY}\n"))
    assert run("anthology", "dumps", "-o", "all.epub").exit_code == 0
    words = read_book(here / "all.epub").words()
    assert words == [*PROSE.split(), "Nobody", "came.", *STORY.split()]


# A target that cannot be written: code 5, untouched


@pytest.mark.parametrize("command", ["convert", "anthology", "batch"])
def test_a_folder_to_write_to_that_is_a_file(here: Path, command: str) -> None:
    put(here / "dumps", one=dump())
    (here / "books").write_bytes(b"mine")
    target = "books" if command == "batch" else "books/x.epub"
    result = run(command, "dumps" if command != "convert" else "dumps/one.txt", "-o", target)
    assert result.exit_code == 5
    assert "books" in result.stderr
    assert "Traceback" not in result.stderr
    assert (here / "books").read_bytes() == b"mine"


@pytest.mark.parametrize("command", ["convert", "anthology"])
def test_the_dump_itself_is_never_the_target(here: Path, command: str) -> None:
    put(here, one=dump())
    before = (here / "one.txt").read_bytes()
    result = run(command, "one.txt", "-o", "one.txt")
    assert result.exit_code != 0
    assert (here / "one.txt").read_bytes() == before
    assert listing(here) == ["one.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_is_read_only(here: Path) -> None:
    put(here / "dumps", one=dump())
    (here / "books").mkdir(mode=0o555)
    result = run("convert", "dumps/one.txt", "-o", "books/x.epub")
    assert result.exit_code == 5
    assert listing(here / "books") == []


def test_an_anthology_leaves_a_strangers_file_alone(here: Path) -> None:
    put(here / "dumps", one=dump(), two=dump("Oil and Salt", work_id="22"))
    (here / "all.epub").write_bytes(b"mine")
    result = run("anthology", "dumps", "-o", "all.epub")
    assert result.exit_code == 5
    assert (here / "all.epub").read_bytes() == b"mine"
    assert run("anthology", "dumps", "-o", "all.epub", "--force").exit_code == 0
    assert (here / "all.bak.epub").read_bytes() == b"mine"


# Several dumps, some bad: the others are made, code 8


def test_a_batch_of_all_kinds_of_bad_dumps_makes_the_others(here: Path) -> None:
    put(here / "dumps", good=dump(), zero=dump("Zero", work_id="2").replace("1/1", "0/1"))
    (here / "dumps" / "nobody.txt").write_text(HEADER)
    (here / "dumps" / "binary.txt").write_bytes(HEADER.encode() + bytes(range(256)) * 200)
    (here / "dumps" / "empty.txt").write_bytes(b"")
    result = run("batch", "dumps", "--all", "--jobs", "2")
    assert result.exit_code == 8
    assert len(result.stdout.splitlines()) == len(list((here / "books").glob("*.epub"))) == 2
    assert "Traceback" not in result.stderr
    assert "2 made" in result.stderr.splitlines()[-1]
    for line in result.stderr.splitlines():
        if line.startswith("✗"):
            assert line.endswith((".", "?"))


def test_all_dumps_bad_is_8_too(here: Path) -> None:
    for name in ("one", "two"):
        (here / f"{name}.txt").write_bytes(b"")
    result = run("convert", "one.txt", "two.txt")
    assert result.exit_code == 8
    assert "2 failed" in result.stderr
    assert listing(here) == ["one.txt", "two.txt"]


def test_a_dump_that_vanishes_is_one_failure(here: Path) -> None:
    put(here, one=dump())
    (here / "gone.txt").symlink_to(here / "nowhere.txt")
    result = run("convert", "one.txt", "gone.txt")
    assert result.exit_code == 8
    assert "gone.txt" in result.stderr
    assert len(listing(here)) == 3


def test_a_bad_dump_between_samples_spoils_none(samples: tuple[Path, ...], here: Path) -> None:
    (here / "dumps").mkdir()
    for path in samples:
        shutil.copy(path, here / "dumps")
    (here / "dumps" / "105_bad.txt").write_bytes(HEADER.encode())
    result = run("batch", "dumps")
    assert result.exit_code == 8
    assert len(result.stdout.splitlines()) == len(samples)
