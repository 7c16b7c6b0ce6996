"""How a book looks: themes, the reader's own sheet and templates, ornaments, and KEPUBs made at once."""

import io
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from support import epub_text, epubcheck, needs
from support.handmade import chapter, odd_titles, one_shot, rule, six_chapters, with_parts, work

from fic2epub.builder.anthology import gather
from fic2epub.builder.check import check
from fic2epub.builder.options import THEMES, NotePlace, NotePlaces, PublishOptions
from fic2epub.builder.ornament import ORNAMENTS, ornament
from fic2epub.builder.publication import publish
from fic2epub.builder.theme import read_css, read_templates, replaceable
from fic2epub.builder.work_book import bind
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.errors import UsageError
from fic2epub.library.book import BookFormat, packed
from fic2epub.model import Work
from fic2epub.record import is_unedited, read_record

PROJECT = Path(__file__).parent.parent
TEMPLATES = PROJECT / "templates"
XHTML = "{http://www.w3.org/1999/xhtml}"
SAMPLE = PROJECT / "seeds" / "107_the_third_time.txt"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def book(what: Work, format: BookFormat = "epub", **options: object) -> bytes:
    return packed(publish(what, options=PublishOptions(**options)), format)  # type: ignore[arg-type]


def pages(content: bytes) -> dict[str, etree._Element]:
    return {name: etree.fromstring(data) for name, data in read_entries(content).items() if "xhtml" in name}


def breaks(content: bytes) -> list[etree._Element]:
    page = pages(content)["text/chapter1.xhtml"]
    return [one for one in page.iter("*") if "scene-break" in (one.get("class") or "")]


def broken() -> Work:
    """A work whose first chapter has a scene break."""
    return work(chapter("One lamp.", rule("***"), "Two lamps.", number=1), chapter("Three.", number=2))


class TestThemes:
    @pytest.mark.parametrize("theme", THEMES)
    def test_a_theme_changes_the_sheet_and_no_page(self, theme: str) -> None:
        default, themed = (read_entries(book(six_chapters(), theme=one)) for one in ("book", theme))
        changed = {name for name in default if default[name] != themed[name]}
        assert changed <= {"style.css", "META-INF/fic2epub.json"}
        assert (theme == "book") == (default["style.css"] == themed["style.css"])

    @pytest.mark.parametrize("theme", THEMES)
    @pytest.mark.parametrize(
        "forced", ["font-family", "font-size", "color", "background", "!important", "justify"]
    )
    def test_nothing_is_forced_on_the_readers_settings(self, theme: str, forced: str) -> None:
        sheet = read_entries(book(one_shot(), theme=theme))["style.css"].decode()
        assert forced not in epub_text_free(sheet)

    def test_the_default_is_indented_and_ao3_is_spaced(self) -> None:
        sheets = {
            theme: read_entries(book(one_shot(), theme=theme))["style.css"].decode() for theme in THEMES
        }
        assert "text-indent: 1.2em" in sheets["book"]
        assert "text-indent: 1.2em" not in sheets["ao3"] + sheets["plain"]
        assert "p { margin: 1em 0; text-indent: 0; }" in sheets["ao3"]

    def test_the_record_knows_a_theme(self) -> None:
        records = [read_record(read_entries(book(one_shot(), theme=theme))) for theme in THEMES]
        assert len({one.options_sha256 for one in records if one}) == len(THEMES)


def epub_text_free(sheet: str) -> str:
    """A sheet without its comments, which may name what it does not do."""
    parts = sheet.split("/*")
    return parts[0] + "".join(part.partition("*/")[2] for part in parts[1:])


class TestOwnSheet:
    def test_it_stands_behind_the_themes_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "mine.css").write_text("\ufeffp { margin: 0.2em; }\n", encoding="utf-8")
        done = run("convert", SAMPLE, "--css", tmp_path / "mine.css", "-o", tmp_path / "x.epub")
        assert done.exit_code == 0, done.stderr
        entries = read_entries(tmp_path / "x.epub")
        assert entries["own.css"] == b"p { margin: 0.2em; }\n"
        for name, page in pages((tmp_path / "x.epub").read_bytes()).items():
            hrefs = [link.get("href") for link in page.iter(f"{XHTML}link")]
            up = "../" * name.count("/")
            assert hrefs == [f"{up}style.css", f"{up}own.css"], name
        assert not [one for one in check(entries) if one.level == "error"]

    @pytest.mark.parametrize(
        ("sheet", "words"),
        [
            ('@import "https://example.org/a.css";', "line 1: loads https://example.org/a.css"),
            ("p {}\nhr { background: url(//example.org/x.png); }", "line 2: loads //example.org/x.png"),
            ("p { background: url(paper.png); }", "loads paper.png, which is not in the book"),
            ("p { margin: 0;", "a brace too many or too few"),
            ("/* never closed", "a comment without an end"),
            ("p { direction: rtl; }", "sets the direction"),
            (b"p { content: '\xff'; }", "is not UTF-8"),
        ],
    )
    def test_what_no_book_may_hold_is_refused_with_its_line(
        self, tmp_path: Path, sheet: str | bytes, words: str
    ) -> None:
        path = tmp_path / "mine.css"
        path.write_bytes(sheet if isinstance(sheet, bytes) else sheet.encode())
        with pytest.raises(UsageError) as raised:
            read_css(path)
        assert str(raised.value).startswith(str(path))
        assert words in str(raised.value)

    @pytest.mark.parametrize("value", ["calc(1em + 2px)", "var(--x)", "2rem", "10vh"])
    def test_what_only_some_readers_choke_on_is_said_and_done(self, tmp_path: Path, value: str) -> None:
        path = tmp_path / "mine.css"
        path.write_text(f"p {{ margin: {value}; }}\n", encoding="utf-8")
        findings = publish(one_shot(), options=PublishOptions(css=read_css(path))).findings
        assert [one.rule for one in findings if one.rule == "css.own"] == ["css.own"]
        assert "--css, line 1" in findings[-1].message

    def test_a_good_sheet_is_not_talked_about(self) -> None:
        findings = publish(one_shot(), options=PublishOptions(css=b"p { margin: 0; }")).findings
        assert not [one for one in findings if one.rule == "css.own"]

    def test_an_empty_sheet_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "mine.css").write_bytes(b"")
        assert book(one_shot(), css=read_css(tmp_path / "mine.css"))

    def test_the_record_knows_its_bytes_and_not_its_path(self, tmp_path: Path) -> None:
        hashes = []
        for name in ("a.css", "b.css"):
            (tmp_path / name).write_text("p { margin: 0; }", encoding="utf-8")
            run("convert", SAMPLE, "--css", tmp_path / name, "-o", tmp_path / f"{name}.epub")
            record = read_record(read_entries(tmp_path / f"{name}.epub"))
            assert record
            hashes.append(record.options_sha256)
        assert hashes[0] == hashes[1]


class TestOwnTemplates:
    def test_each_page_can_be_replaced(self, tmp_path: Path) -> None:
        for name in replaceable():
            if name.endswith(".xhtml"):
                text = (TEMPLATES / name).read_text(encoding="utf-8")
                (tmp_path / name).write_text(text.replace("<body>", '<body class="mine">'), encoding="utf-8")
        options = PublishOptions(
            templates=read_templates(tmp_path), notes=NotePlaces(before=NotePlace.APPENDIX)
        )
        works = [one_shot(), six_chapters(), with_parts()]
        shown = [publish(six_chapters(), options=options)]
        shown.append(publish(gather(bind(works, options), title="All"), options=options))
        for publication in shown:
            documents = (*publication.reading_order, *publication.resources)
            for one in documents:
                if one.href.endswith(".xhtml"):
                    assert b'class="mine"' in one.content, one.href

    def test_a_sheet_can_be_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "theme-book.css").write_text("p { margin: 9em; }", encoding="utf-8")
        sheet = read_entries(book(one_shot(), templates=read_templates(tmp_path)))["style.css"]
        assert b"9em" in sheet
        assert b"1.2em" not in sheet.partition(b"9em")[2]

    def test_a_slot_of_the_programs_words_may_go(self, tmp_path: Path) -> None:
        text = (TEMPLATES / "preface.xhtml").read_text(encoding="utf-8")
        text = text.replace('<p class="message added" id="slot-message"/>\n', "")
        text = text.replace('<dl class="tags added" id="slot-tags"/>\n', "")
        (tmp_path / "preface.xhtml").write_text(text, encoding="utf-8")
        content = book(six_chapters(), templates=read_templates(tmp_path))
        assert b"Posted originally" not in read_entries(content)["preface.xhtml"]
        assert [one for one in check(read_entries(content)) if one.level == "error"] == []

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("prefice.xhtml", "<html/>", "no template has this name. Is it preface.xhtml?"),
            ("labels.toml", "", "no template has this name"),
            ("chapter.xhtml", "<html>\n<p></html>", "chapter.xhtml, line 2: is no well-formed XML"),
            ("chapter.xhtml", "", "chapter.xhtml, line 1: is no well-formed XML"),
            ("chapter.xhtml", "<html/>", 'Begin with <html xmlns="http://www.w3.org/1999/xhtml">'),
            ("style.css", "p {", "a brace too many or too few"),
        ],
    )
    def test_a_bad_file_is_named(self, tmp_path: Path, name: str, content: str, words: str) -> None:
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(UsageError) as raised:
            read_templates(tmp_path)
        assert str(raised.value).startswith(str(tmp_path / name))
        assert words in str(raised.value)

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            (' id="slot-section"', "", 'lacks an element with id="slot-section"'),
            (
                'id="slot-section"',
                'id="slot-sektion"',
                "line 7: slot-sektion is no slot of this page. Is it slot-s",
            ),
            ("<body>", '<body><p id="slot-section"/>', "slot-section stands there twice"),
            ("<html", '<!DOCTYPE html [<!ENTITY x "y">]>\n<html', "declares entities"),
            ("<body>", "<body>&nbsp;", "is no well-formed XML"),
        ],
    )
    def test_a_template_without_a_place_for_the_story_is_refused(
        self, tmp_path: Path, old: str, new: str, words: str
    ) -> None:
        text = (TEMPLATES / "chapter.xhtml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "chapter.xhtml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(UsageError, match=words):
            read_templates(tmp_path)

    def test_hidden_files_are_passed_over_and_an_empty_folder_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / ".DS_Store").write_bytes(b"\0")
        with pytest.raises(UsageError, match="holds no template"):
            read_templates(tmp_path)

    def test_the_command_line_says_it_in_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "chapter.xhtml").write_text("<html", encoding="utf-8")
        done = run("convert", SAMPLE, "--templates", tmp_path, "-o", tmp_path / "x.epub")
        assert done.exit_code == 2
        assert "chapter.xhtml, line 1: is no well-formed XML" in done.stderr
        assert "Traceback" not in done.stderr


class TestOrnaments:
    def test_a_rule_is_the_default(self) -> None:
        assert {one.tag for one in breaks(book(broken()))} == {f"{XHTML}hr"}

    def test_none_is_a_rule_without_a_line(self) -> None:
        assert {one.get("class") for one in breaks(book(broken(), ornament="none"))} == {"scene-break space"}

    @pytest.mark.parametrize("wish", ["stars", "asterism", "dots", "fleuron", "oOo", "~ <&> ~"])
    def test_signs_are_a_separator_with_a_name(self, wish: str) -> None:
        rules, signs = breaks(book(broken())), breaks(book(broken(), ornament=wish))
        assert len(rules) == len(signs)
        for one in signs:
            assert one.tag == f"{XHTML}p"
            assert one.text == ORNAMENTS.get(wish, wish)
            assert one.get("role") == "separator"
            assert one.get("aria-label") == "scene break"
            assert "added" in one.get("class", "").split()

    def test_the_rule_beside_a_note_stays(self) -> None:
        page = pages(book(six_chapters(), ornament="stars"))
        assert [rule.get("class") for one in page.values() for rule in one.iter(f"{XHTML}hr")] == [
            rule.get("class")
            for one in pages(book(six_chapters())).values()
            for rule in one.iter(f"{XHTML}hr")
            if rule.get("class") == "separator"
        ]

    def test_the_storys_words_stay_the_same(self) -> None:
        plain, signs = (
            list(epub_text.read_book(io.BytesIO(book(broken(), ornament=one))).words())  # type: ignore[arg-type]
            for one in ("rule", "oOo")
        )
        assert plain == signs

    @pytest.mark.parametrize("wish", ["", "  ", "\u200b", "*" * 21, "\x07"])
    def test_what_cannot_be_seen_or_does_not_fit_is_refused(self, wish: str) -> None:
        with pytest.raises(UsageError, match="--ornament"):
            ornament(wish)

    def test_white_space_at_its_ends_goes(self) -> None:
        assert ornament(" *  * ") == "* *"


class TestDirection:
    @pytest.mark.parametrize("language", ["he", "ar", "fa"])
    def test_a_book_from_right_to_left_says_so(self, language: str) -> None:
        from dataclasses import replace

        hebrew = odd_titles()[1]
        what = replace(hebrew, metadata=replace(hebrew.metadata, language=language))
        content = book(what)
        opf = read_entries(content)["content.opf"].decode()
        assert 'page-progression-direction="rtl"' in opf
        assert {page.get("dir") for page in pages(content).values()} == {"rtl"}

    def test_a_book_from_left_to_right_says_nothing(self) -> None:
        content = book(one_shot())
        assert b"page-progression-direction" not in read_entries(content)["content.opf"]
        assert {page.get("dir") for page in pages(content).values()} == {None}


class TestKepub:
    def test_convert_makes_one_under_its_name(self, tmp_path: Path) -> None:
        first = run("convert", SAMPLE, "--format", "kepub", "-o", f"{tmp_path}/")
        assert first.exit_code == 0, first.stderr
        (made,) = tmp_path.iterdir()
        assert made.name.endswith(".kepub.epub")
        entries = read_entries(made)
        assert b"koboSpan" in entries["text/chapter1.xhtml"]
        assert is_unedited(entries)
        before = made.read_bytes()
        again = run("convert", SAMPLE, "--format", "kepub", "-o", f"{tmp_path}/")
        assert "unchanged" in again.stderr
        assert made.read_bytes() == before

    def test_it_is_what_kepub_makes_of_the_epub(self, tmp_path: Path) -> None:
        run("convert", SAMPLE, "-o", tmp_path / "a.epub")
        run("kepub", tmp_path / "a.epub")
        run("convert", SAMPLE, "--format", "kepub", "-o", tmp_path / "b.kepub.epub")
        assert (tmp_path / "a.kepub.epub").read_bytes() == (tmp_path / "b.kepub.epub").read_bytes()

    def test_a_touched_dump_keeps_its_book(self, tmp_path: Path) -> None:
        import os

        dump = tmp_path / "a.txt"
        dump.write_bytes(SAMPLE.read_bytes())
        goal = tmp_path / "a.kepub.epub"
        run("convert", dump, "--format", "kepub", "-o", goal)
        before = goal.read_bytes()
        os.utime(dump, (1_500_000_000, 1_500_000_000))
        assert "unchanged" in run("convert", dump, "--format", "kepub", "-o", goal).stderr
        assert goal.read_bytes() == before

    @pytest.mark.parametrize(
        ("format", "name"), [("kepub", "x.epub"), ("epub", "x.kepub.epub"), ("kepub", "X.EPUB")]
    )
    def test_a_name_of_the_other_format_is_refused(self, tmp_path: Path, format: str, name: str) -> None:
        done = run("convert", SAMPLE, "--format", format, "-o", tmp_path / name)
        assert done.exit_code == 2
        assert "a Kobo tells the format by the name" in done.stderr
        assert not list(tmp_path.iterdir())

    def test_batch_and_anthology_make_them_too(self, tmp_path: Path) -> None:
        dumps = tmp_path / "dumps"
        dumps.mkdir()
        for name in ("107_the_third_time.txt", "109_three_taps.txt"):
            (dumps / name).write_bytes((PROJECT / "seeds" / name).read_bytes())
        assert run("batch", dumps, "--format", "kepub", "-o", tmp_path / "books").exit_code == 0
        done = run("anthology", dumps, "--format", "kepub", "--title", "Two", "-o", f"{tmp_path}/books/")
        assert done.exit_code == 0, done.stderr
        made = [one for one in (tmp_path / "books").iterdir() if one.is_file()]
        assert len([one for one in made if one.name.endswith(".kepub.epub")]) == 3
        assert not [one for one in made if one.suffix == ".epub" and not one.name.endswith(".kepub.epub")]

    def test_a_folder_of_epubs_is_converted_whole(self, tmp_path: Path) -> None:
        inner = tmp_path / "books" / "inner"
        inner.mkdir(parents=True)
        (tmp_path / "books" / ".trash").mkdir()
        for path in (
            tmp_path / "books" / "a.epub",
            inner / "b.epub",
            tmp_path / "books" / ".trash" / "c.epub",
        ):
            path.write_bytes(book(one_shot()))
        done = run("kepub", tmp_path / "books", "-o", f"{tmp_path}/out/")
        assert done.exit_code == 0, done.stderr
        assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.kepub.epub", "b.kepub.epub"]
        beside = run("kepub", tmp_path / "books")
        assert beside.exit_code == 0, beside.stderr
        assert (inner / "b.kepub.epub").is_file()
        again = run("kepub", tmp_path / "books")
        assert again.stderr.count("unchanged") == 2, "KEPUBs are not converted again"

    def test_a_folder_without_an_epub_is_told_of(self, tmp_path: Path) -> None:
        done = run("kepub", tmp_path)
        assert done.exit_code == 2
        assert "no EPUB lies in this folder" in done.stderr


def matrix() -> Iterator[tuple[str, bytes]]:
    """A book of each theme, notes placement and format, with an ornament that differs by theme."""
    signs = dict(zip(THEMES, ("rule", "stars", "none"), strict=True))
    for theme, place, format in product(THEMES, NotePlace, ("epub", "kepub")):
        notes = NotePlaces(summary=place, before=place, within=place, after=place)
        for name, what in (("short", broken()), ("long", six_chapters()), ("parts", with_parts())):
            content = book(
                what, format, theme=theme, notes=notes, ornament=signs[theme], css=b"p { margin: 0; }"
            )  # type: ignore[arg-type]
            yield f"{theme}-{place.value}-{name}-{format}", content


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say_of_any(tmp_path: Path) -> None:
    paths = []
    for name, content in matrix():
        paths.append(tmp_path / f"{name}.epub")
        paths[-1].write_bytes(content)
    for format, theme in product(("epub", "kepub"), THEMES):
        options = PublishOptions(theme=theme, discreet=True, smart_quotes=True, ornament="fleuron")
        works = bind([one_shot(), six_chapters(), with_parts(), *odd_titles()], options)
        paths.append(tmp_path / f"anthology-{theme}-{format}.epub")
        anthology = publish(gather(works, title="All", group_by="rating"), options=options)
        paths[-1].write_bytes(packed(anthology, format))  # type: ignore[arg-type]
    epubcheck.clean(*paths)


@pytest.mark.needs("kobofix")
def test_kobofix_finds_nothing_that_breaks_adobes_engine(tmp_path: Path) -> None:
    for theme in THEMES:
        path = tmp_path / f"{theme}.epub"
        path.write_bytes(book(six_chapters(), theme=theme, ornament="stars"))
        done = subprocess.run(
            [str(needs.kobofix()), "--check", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_and_the_checkout_hold_every_sheet() -> None:
    assert {f"theme-{theme}.css" for theme in THEMES} <= replaceable()
    with ZipFile(io.BytesIO(book(one_shot()))) as archive:
        assert "style.css" in archive.namelist()
