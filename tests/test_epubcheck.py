"""EPUBCheck 5.3 and kobofix find nothing in the books that the project makes; our own check agrees."""

import random
import subprocess
from pathlib import Path

import pytest
from support import epubcheck, made, needs, small_book
from support import handmade as works

import fic2epub
from fic2epub.builder.anthology import GROUP_BY
from fic2epub.builder.check import check
from fic2epub.container import read_entries
from fic2epub.model import Chapter, NoteKind, ParagraphKind, Work

NAMED = {
    "a one-shot": works.one_shot(),
    "a work in progress": works.six_chapters(),
    "a work in parts": works.with_parts(),
    **{f"odd title {number}": work for number, work in enumerate(works.odd_titles(), 1)},
}

DRAWN = 40
SEED = 20260801
WORDS = (
    *("salt", "lamp", "the", "and", "ninety", "Pell’s", "“Well,”", "rope…", "café", "tide-table", "&", "<b>"),
    *("]]>", "--", "&amp;", "{%s}", "../x", "www.example.org", "https://example.org/a b", "javascript:go()"),
    *(
        "\N{NO-BREAK SPACE}",
        "\N{ZERO WIDTH JOINER}",
        "\N{SOFT HYPHEN}",
        "שלום",
        "灯台",
        "😀",
        "e\u0301",
        "\u2028",
    ),
)
LANGUAGES = ("en", "de", "he", "ja", "zh-Hant", "pt-BR", "und", "mul")


def drawn_work(chance: random.Random) -> Work:
    """A work of any shape the model allows, in words that are hard on XML and on links."""

    def text(most: int = 14) -> str:
        return "Now " + " ".join(chance.choices(WORDS, k=chance.randint(1, most)))

    def chapter(number: int) -> Chapter:
        body = [chance.choice([text(), works.rule(chance.choice(["***", "oOo", "<hr/>"])), text()])]
        body += [text(60) + chance.choice(["", "\n" + text()]) for _ in range(chance.randint(1, 12))]
        if chance.random() < 0.3:
            body.append(works.note(NoteKind.WITHIN, text(), text()))
        if chance.random() < 0.3:
            body.append(works.head(text(3), level=2))
        front = [works.note(NoteKind.SUMMARY, text())] * (chance.random() < 0.3)
        front += [works.note(NoteKind.BEFORE, text()), works.rule(separator=True)] * (chance.random() < 0.4)
        back = [works.rule(separator=True), works.note(NoteKind.AFTER, text())] * (chance.random() < 0.4)
        back += [works.para(text(2), ParagraphKind.CLOSING)] * (chance.random() < 0.3)
        return works.chapter(
            *body,
            front=tuple(front),
            back=tuple(back),
            heading=works.head(text(4), label="Chapter") if chance.random() < 0.4 else None,
            part=works.head(text(3), level=0) if chance.random() < 0.2 else None,
            number=number if chance.random() < 0.7 else None,
            boundary=works.evidence(chance.random(), inferred=chance.random() < 0.3),
        )

    return works.work(
        *(chapter(number) for number in range(1, chance.randint(2, 9))),
        title=text(6),
        creators=tuple(text(2) for _ in range(chance.randint(0, 3))),
        language=chance.choice(LANGUAGES),
        relationships=tuple(text(3) for _ in range(chance.randint(0, 2))),
        tags=tuple(text(3) for _ in range(chance.randint(0, 5))),
        summary=chance.choice([None, text()]),
        work_id=chance.choice([None, str(chance.randrange(10**8))]),
        unknown=((text(1), text(4)),) * chance.randint(0, 1),
        front=works.paras(*(text() for _ in range(chance.randint(0, 2)))),
        back=works.paras(*(text() for _ in range(chance.randint(0, 2)))),
    )


def drawn_works() -> list[Work]:
    chance = random.Random(SEED)
    return [drawn_work(chance) for _ in range(DRAWN)]


def ours(path: Path) -> None:
    """Our own check finds nothing, unless a dump names a series and not the place in it."""
    assert {problem.id for problem in check(read_entries(path))} <= {"opf.series-index"}


def kobofix(path: Path) -> None:
    done = subprocess.run(
        [needs.kobofix(), "--check", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("java")
@pytest.mark.parametrize("name", NAMED)
def test_a_book_of_one_work_is_clean(name, tmp_path):
    path = made.book(tmp_path / "book.epub", NAMED[name])
    ours(path)
    epubcheck.clean(path)


@pytest.mark.needs("java")
@pytest.mark.parametrize("group_by", GROUP_BY)
def test_an_anthology_is_clean(group_by, tmp_path):
    path = made.anthology(tmp_path / "book.epub", NAMED.values(), group_by=group_by)
    ours(path)
    epubcheck.clean(path)


@pytest.mark.needs("java")
def test_forty_drawn_books_are_clean(tmp_path):
    paths = [made.book(tmp_path / f"{number}.epub", work) for number, work in enumerate(drawn_works())]
    assert len(paths) == DRAWN
    for path in paths:
        ours(path)
    epubcheck.clean(*paths)


@pytest.mark.needs("java")
def test_a_hundred_chapters_are_clean(tmp_path):
    lines = [
        "Title: A Long Winter",
        "Author: Ada Quill",
        "Work ID: 100",
        "Chapters: 100/100",
        "",
        "Work text:",
        "",
    ]
    for number in range(1, 101):
        lines += [
            f"Chapter {number}",
            "",
            f"On the {number}. day the ice held.",
            "",
            "***",
            "",
            "So they went on.",
        ]
        lines += ["", f"A/N: {number} done, thank you all for reading!", ""]
    dump = tmp_path / "winter.txt"
    dump.write_text("\n".join(lines), encoding="utf-8")
    path = fic2epub.convert(dump, tmp_path / "winter.epub")
    assert "text/chapter100.xhtml" in read_entries(path)
    ours(path)
    epubcheck.clean(path)


@pytest.mark.needs("java")
def test_every_sample_is_clean(samples, tmp_path):
    epubcheck.clean(*(fic2epub.convert(path, tmp_path / f"{path.stem}.epub") for path in samples))


@pytest.mark.needs("java")
def test_every_real_dump_is_clean(seeds_dir, tmp_path):
    paths = sorted(seeds_dir.glob("*.txt"))
    assert paths
    epubcheck.clean(*(fic2epub.convert(path, tmp_path / f"{path.stem}.epub") for path in paths))


@pytest.mark.needs("kobofix")
@pytest.mark.parametrize("name", ["a one-shot", "a work in progress", "an anthology"])
def test_kobofix_finds_nothing(name, tmp_path):
    path = tmp_path / "book.epub"
    if name in NAMED:
        made.book(path, NAMED[name])
    else:
        made.anthology(path, NAMED.values())
    kobofix(path)


@pytest.mark.needs("kobofix")
def test_kobofix_would_find_something(tmp_path):
    css = small_book.CSS.replace("1.2em", "calc(1em + 2px)").encode()
    path = small_book.write(tmp_path / "book.epub", small_book.entries() | {"style.css": css})
    with pytest.raises(AssertionError, match="KOBO"):
        kobofix(path)


@pytest.mark.needs("java")
def test_epubcheck_would_find_something(tmp_path):
    entries = small_book.entries()
    entries["text/chapter1.xhtml"] = entries["text/chapter1.xhtml"].replace(b'id="later"', b'id="early"')
    path = small_book.write(tmp_path / "book.epub", entries)
    with pytest.raises(AssertionError, match="RSC-012"):
        epubcheck.clean(path)


@pytest.mark.needs("java")
def test_epubcheck_answers_after_a_file_that_is_no_book(tmp_path):
    no_book = tmp_path / "no.epub"
    no_book.write_bytes(b"not a ZIP at all")
    good = small_book.write(tmp_path / "good.epub", small_book.entries())
    found = epubcheck.messages(no_book, good)
    assert any(message.severity in {"FATAL", "ERROR"} for message in found[no_book])
    assert not found[good]
