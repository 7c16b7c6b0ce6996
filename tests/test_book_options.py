"""What the reader may say about a book: notes elsewhere, chapter titles, the cover on the command line."""

import io
import itertools
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image
from support import epub_text, epubcheck
from support.handmade import (
    chapter,
    evidence,
    head,
    note,
    one_shot,
    paras,
    rule,
    six_chapters,
    with_parts,
    work,
)

from fic2epub.builder.anthology import gather
from fic2epub.builder.fields import count_words
from fic2epub.builder.options import NotePlace, NotePlaces, PublishOptions, chapter_title, note_places
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.cli.app import app
from fic2epub.errors import UsageError
from fic2epub.model import Note, NoteKind, Work, plain_text

XHTML = "{http://www.w3.org/1999/xhtml}"
INLINE, END, APPENDIX, DROP = NotePlace
EVERY = [NotePlaces(summary=place, before=place, within=place, after=place) for place in NotePlace]
TITLES = ("ao3", "number", "title", "none", "{n}. {title}", "{n}")

DUMP = """Title: The Lamp Room
Author: Osk Tarn
Language: English

The lamp had been lit since four, and nobody had come.

Ines counted the boats twice.
"""


def noted() -> Work:
    """A work of two chapters with a note of every kind."""
    return work(
        chapter(
            "Start one.",
            note(NoteKind.WITHIN, "Within one."),
            "Go on one.",
            front=(
                note(NoteKind.SUMMARY, "Summary one."),
                note(NoteKind.BEFORE, "Before one."),
                rule("-----", separator=True),
            ),
            back=(rule("-----", separator=True), note(NoteKind.AFTER, "After one.")),
            number=1,
        ),
        chapter(
            "Start two.",
            front=(note(NoteKind.BEFORE, "Before two."), note(NoteKind.BEFORE, "Doubtful two.", score=0.3)),
            number=2,
        ),
        front=(note(NoteKind.BEFORE, "Of the work."),),
        work_id="42",
    )


def files(what: Work, options: PublishOptions) -> dict[str, etree._Element]:
    return {one.href: etree.fromstring(one.content) for one in publish(what, options=options).reading_order}


def lines(root: etree._Element) -> list[str]:
    """The words of each heading, paragraph and rule."""
    tags = [XHTML + tag for tag in ("h2", "h3", "h4", "p", "hr")]
    return ["".join(one.itertext()).strip() or "---" for one in root.iter(*tags)]


def ways(href: str, root: etree._Element) -> list[tuple[str, str]]:
    """The links of a file that stay in the book: from its own ids' files, resolved."""
    base = Path(href).parent
    found = []
    for link in root.iter(f"{XHTML}a"):
        target, _, fragment = link.get("href", "").partition("#")
        if "://" not in target:
            path = str(Path(*(part for part in [*resolved(base / target).parts]))) if target else href
            found.append((path, fragment))
    return found


def resolved(path: Path) -> Path:
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return Path(*parts)


def words_of(what: Work, options: PublishOptions) -> Counter[str]:
    book = epub_text.read_book(io.BytesIO(pack(publish(what, options=options))))  # type: ignore[arg-type]
    return Counter(book.words())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("你好，世界。", 4),
        ("漢字 and kanji", 4),
        ("東京タワーへ", 6),
        ("ラーメン・うどん", 7),
        ("ｶﾅ", 2),
        ("𠮷野家", 3),
        ("สวัสดี", 6),
        ("한국어 단어", 2),
        ("हिन्दी में", 2),
        ("مُحَمَّد", 1),
        ("e\u0301tat de l’art", 3),
    ],
)
def test_each_script_is_counted_as_ao3_counts_it(text: str, count: int) -> None:
    assert count_words(work(chapter(text))) == count


class TestNotes:
    def test_in_the_appendix_they_stand_by_chapter_with_ways_there_and_back(self) -> None:
        places = NotePlaces(before=APPENDIX, within=APPENDIX, after=APPENDIX)
        book = files(noted(), PublishOptions(notes=places))
        assert list(book)[-2:] == ["notes.xhtml", "afterword.xhtml"]
        assert lines(book["text/chapter1.xhtml"]) == [
            "Chapter 1",
            *("Chapter Summary", "Summary one."),
            "Chapter Notes",
            "Start one.",
            "Author’s note",
            "Go on one.",
            "Chapter End Notes",
        ]
        assert lines(book["notes.xhtml"]) == [
            "Notes",
            "Chapter 1",
            *("Chapter Notes", "Before one.", "Back to the text"),
            *("Author’s note", "Within one.", "Back to the text"),
            *("Chapter End Notes", "After one.", "Back to the text"),
            "Chapter 2",
            *("Chapter Notes", "Before two.", "Back to the text"),
        ]
        assert ways("text/chapter1.xhtml", book["text/chapter1.xhtml"]) == [
            ("notes.xhtml", f"note1-{number}") for number in (2, 3, 4)
        ]
        assert ways("notes.xhtml", book["notes.xhtml"])[:4] == [
            ("text/chapter1.xhtml", ""),
            *(("text/chapter1.xhtml", f"ref-note1-{number}") for number in (2, 3, 4)),
        ]
        navigation = publish(noted(), options=PublishOptions(notes=places)).navigation
        assert [entry.label for entry in navigation] == [
            "Preface",
            "Chapter 1",
            "Chapter 2",
            "Notes",
            "Afterword",
        ]

    def test_at_the_chapter_s_end_they_leave_a_line_and_those_after_stand_as_ever(self) -> None:
        places = NotePlaces(before=END, within=END, after=END)
        book = files(noted(), PublishOptions(notes=places))
        assert "notes.xhtml" not in book
        assert lines(book["text/chapter1.xhtml"]) == [
            "Chapter 1",
            *("Chapter Summary", "Summary one."),
            "Chapter Notes",
            "See the end of the chapter for notes.",
            *("Start one.", "Author’s note", "Go on one."),
            *("---", "Chapter End Notes", "After one."),
            *("Chapter Notes", "Before one.", "Back to the text"),
            *("Author’s note", "Within one.", "Back to the text"),
        ]

    def test_dropped_they_are_nowhere_and_the_rule_beside_them_neither(self) -> None:
        places = NotePlaces(before=DROP, within=DROP, after=DROP)
        book = files(noted(), PublishOptions(notes=places))
        assert lines(book["text/chapter1.xhtml"]) == [
            "Chapter 1",
            *("Chapter Summary", "Summary one."),
            *("Start one.", "Go on one."),
        ]
        assert "Of the work." in lines(book["preface.xhtml"])

    def test_a_doubtful_note_is_prose_and_stays(self) -> None:
        for places in EVERY:
            assert "Doubtful two." in lines(
                files(noted(), PublishOptions(notes=places))["text/chapter2.xhtml"]
            )

    def test_a_separator_beside_a_note_that_stays_stays(self) -> None:
        book = files(noted(), PublishOptions(notes=NotePlaces(within=DROP, summary=DROP)))
        assert lines(book["text/chapter1.xhtml"]).count("---") == 2

    def test_a_weak_chapter_keeps_its_anchor_when_its_first_note_goes(self) -> None:
        for places in EVERY:
            book = files(six_chapters(), PublishOptions(notes=places))
            assert len(book["text/chapter3.xhtml"].findall(".//*[@id='chapter4']")) == 1

    def test_in_an_anthology_each_work_has_its_own_appendix(self) -> None:
        options = PublishOptions(notes=NotePlaces(before=APPENDIX))
        both = gather(bind([noted(), six_chapters(), one_shot()], options), title="All", group_by="none")
        names = [one.href for one in publish(both, options=options).reading_order]
        assert [name for name in names if "notes" in name] == [
            "text/42/notes.xhtml",
            "text/7654321/notes.xhtml",
        ]

    @pytest.mark.parametrize("places", [INLINE, END, APPENDIX])
    def test_no_place_but_none_loses_a_word(self, places: NotePlace) -> None:
        options = PublishOptions(notes=NotePlaces(summary=places, before=places, within=places, after=places))
        for what in (noted(), six_chapters(), with_parts(), one_shot()):
            assert words_of(what, options) == words_of(what, PublishOptions())

    def test_a_chapter_of_two_files_links_across_them(self) -> None:
        long = chapter(
            note(NoteKind.WITHIN, "first"),
            *(f"{number} " + "rope " * 5_000 for number in range(12)),
            note(NoteKind.WITHIN, "last"),
            number=1,
        )
        for place in (END, APPENDIX):
            check_ways(work(long, chapter("b", number=2)), PublishOptions(notes=NotePlaces(within=place)))


def check_ways(what: Work, options: PublishOptions) -> None:
    """Every link leads to an id that is there once; every moved note has a way there and back."""
    book = files(what, options)
    ids = {
        href: Counter(one.get("id") for one in root.iter() if one.get("id")) for href, root in book.items()
    }
    for href, root in book.items():
        assert max(ids[href].values(), default=1) == 1
        for target, fragment in ways(href, root):
            assert target in book
            assert not fragment or ids[target][fragment] == 1, (href, target, fragment)
    forth = sum(len(root.findall(f".//{XHTML}p[@class='note-link added']")) for root in book.values())
    back = sum(len(root.findall(f".//{XHTML}p[@class='note-back added']")) for root in book.values())
    assert forth == back


NOTES = st.builds(note, st.sampled_from(NoteKind), st.just("n"), score=st.sampled_from([0.2, 0.9]))
BLOCKS = st.lists(NOTES | st.just(paras("p")[0]) | st.just(rule(separator=True)), max_size=4)
CHAPTERS = st.builds(
    lambda front, body, back, score: chapter(
        *body, front=tuple(front), back=tuple(back), boundary=evidence(score), number=None
    ),
    BLOCKS,
    BLOCKS,
    BLOCKS,
    st.sampled_from([0.2, 0.9]),
)
PLACES = st.builds(NotePlaces, **{kind.value: st.sampled_from(NotePlace) for kind in NoteKind})


@settings(max_examples=60, deadline=None)
@given(st.lists(CHAPTERS, min_size=1, max_size=3), PLACES)
def test_wherever_notes_go_every_link_leads_somewhere_and_prose_stays(
    chapters: list, places: NotePlaces
) -> None:
    what = work(*chapters)
    options = PublishOptions(notes=places, cover="none")
    check_ways(what, options)
    kept = Counter[str]()
    for block in (block for one in chapters for block in (*one.front, *one.body, *one.back)):
        if isinstance(block, Note):
            sure = block.evidence.score >= 0.5
            if not sure or places.of(block.kind) is not DROP:
                kept.update(word for inner in block.blocks for word in plain_text(inner.content).split())
        elif hasattr(block, "content"):
            kept.update(plain_text(block.content).split())
    assert words_of(what, options) == kept


@pytest.mark.parametrize(
    ("wishes", "places"),
    [
        ((), NotePlaces()),
        (("drop",), NotePlaces(before=DROP, within=DROP, after=DROP)),
        (("appendix", "before=inline"), NotePlaces(within=APPENDIX, after=APPENDIX)),
        (("summary=drop",), NotePlaces(summary=DROP)),
    ],
)
def test_wishes_for_notes_are_read_in_order(wishes: tuple[str, ...], places: NotePlaces) -> None:
    assert note_places(wishes) == places


@pytest.mark.parametrize("wish", ["", "end", "before", "before=", "=drop", "during=drop", "before=end"])
def test_a_wish_for_notes_that_means_nothing_is_refused(wish: str) -> None:
    with pytest.raises(UsageError, match="--notes"):
        note_places([wish])


class TestChapterTitles:
    def named(self) -> Work:
        return work(
            chapter("a", heading=head("Prologue", label="Prologue")),
            chapter(
                "b", heading=head("Chapter 1\nRain", label="Chapter 1", title="Rain", number=1), number=1
            ),
            chapter("c", heading=head("Chapter 2", label="Chapter 2", number=2), number=2),
            chapter("d", number=3),
            chapter("e"),
        )

    @pytest.mark.parametrize(
        ("how", "labels"),
        [
            ("ao3", ["Prologue", "Chapter 1: Rain", "Chapter 2", "Chapter 3", "≈ Chapter 5"]),
            ("number", ["Prologue", "Chapter 1", "Chapter 2", "Chapter 3", "≈ Chapter 5"]),
            ("title", ["Prologue", "Rain", "Chapter 2", "Chapter 3", "≈ Chapter 5"]),
            ("{n}. {title}", ["Prologue", "1. Rain", "Chapter 2", "Chapter 3", "≈ Chapter 5"]),
            ("§ {n}", ["Prologue", "§ 1", "§ 2", "§ 3", "≈ Chapter 5"]),
        ],
    )
    def test_contents_and_page_say_it_alike(self, how: str, labels: list[str]) -> None:
        options = PublishOptions(chapter_title=how)
        book = publish(self.named(), options=options)
        assert [entry.label for entry in book.navigation[1:-1]] == labels
        pages = files(self.named(), options)
        shown = [lines(root)[0] for href, root in pages.items() if href.startswith("text/")]
        assert shown == [label.replace(": ", "") if how == "ao3" else label for label in labels]

    def test_none_leaves_the_page_without_heading_and_the_contents_as_they_are(self) -> None:
        options = PublishOptions(chapter_title="none")
        pages = files(self.named(), options)
        assert lines(pages["text/chapter2.xhtml"]) == ["b"]
        section = pages["text/chapter2.xhtml"].find(f".//{XHTML}section")
        assert (section.get("aria-label"), section.get("aria-labelledby")) == ("Chapter 1: Rain", None)
        assert publish(self.named(), options=options).navigation[2].label == "Chapter 1: Rain"

    def test_a_one_shot_keeps_its_title(self) -> None:
        for how in TITLES:
            assert (
                publish(one_shot(), options=PublishOptions(chapter_title=how)).navigation[1].label
                == "The Lamp Room"
            )

    def test_braces_of_a_title_are_only_braces(self) -> None:
        what = work(chapter("a", heading=head("1\n{n}{x}", label="1", title="{n}{x}", number=1), number=1))
        book = publish(what, options=PublishOptions(chapter_title="{title} {"))
        assert book.navigation[1].label == "{n}{x} {"

    def test_a_pattern_that_names_nothing_is_refused(self) -> None:
        assert chapter_title("{n}") == "{n}"
        for wrong in ("", "AO3", "Chapter", "{number}"):
            with pytest.raises(UsageError, match="--chapter-title"):
                chapter_title(wrong)


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    works = (noted(), six_chapters(), with_parts(), one_shot())
    paths = []
    for places, how in itertools.chain(zip(EVERY, TITLES, strict=False), [(EVERY[2], "none")]):
        options = PublishOptions(notes=places, chapter_title=how)
        for number, what in enumerate((*works, gather(bind(works, options), title="All", group_by="none"))):
            paths.append(tmp_path / f"{len(paths)}-{number}.epub")
            paths[-1].write_bytes(pack(publish(what, options=options)))
    epubcheck.clean(*paths)


class TestCommandLine:
    def run(self, folder: Path, *arguments: str) -> tuple[int, str, dict[str, bytes]]:
        dump, target = folder / "dump.txt", folder / "book.epub"
        dump.write_text(DUMP, encoding="utf-8")
        done = CliRunner().invoke(app, ["convert", str(dump), "-o", str(target), *arguments])
        entries = epub_text.read_book(target).entries if target.exists() else {}
        return done.exit_code, done.stderr, entries

    def test_a_book_has_a_cover_without_a_word(self, tmp_path: Path) -> None:
        code, _, entries = self.run(tmp_path)
        assert code == 0
        assert Image.open(io.BytesIO(entries["cover.jpg"])).size == (1600, 2400)

    def test_a_picture_of_the_reader_s_own(self, tmp_path: Path) -> None:
        Image.new("RGB", (30, 40), "red").save(tmp_path / "own.png")
        code, _, entries = self.run(tmp_path, "--cover", str(tmp_path / "own.png"))
        assert code == 0
        assert Image.open(io.BytesIO(entries["cover.jpg"])).size == (30, 40)

    def test_none(self, tmp_path: Path) -> None:
        assert "cover.jpg" not in self.run(tmp_path, "--no-cover")[2]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--cover", "DUMP"], "not a picture"),
            (["--cover-font", "DUMP"], "font"),
            (["--cover", "DUMP", "--no-cover"], "choose one"),
            (["--cover", "missing.png"], "missing.png"),
            (["--notes", "nowhere"], "--notes nowhere"),
            (["--chapter-title", "big"], "--chapter-title"),
        ],
    )
    def test_what_cannot_be_met_is_said_and_nothing_written(
        self, tmp_path: Path, arguments: list[str], said: str
    ) -> None:
        dump = str(tmp_path / "dump.txt")
        code, err, entries = self.run(tmp_path, *(dump if one == "DUMP" else one for one in arguments))
        assert code == 2
        assert said in err
        assert entries == {}

    def test_what_the_cover_lacks_is_told(self, tmp_path: Path) -> None:
        _, err, _ = self.run(tmp_path, "--title", "\U00012000\U00012001", "-v")
        assert "cover" in err.casefold() or "font" in err.casefold()


def test_pillow_is_loaded_for_a_picture_only(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_text(DUMP, encoding="utf-8")
    for arguments, loaded in ((["--help"], False), (["--no-cover"], False), ([], True)):
        argv = ["fic2epub", "convert", "dump.txt", *arguments]
        code = (
            f"import sys; from fic2epub.cli import main; sys.argv = {argv}\n"
            "try: main()\nexcept SystemExit: pass\n"
            "print('PIL' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.stdout.splitlines()[-1] == str(loaded), done.stderr
