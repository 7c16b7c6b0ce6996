"""Works to books: what stands where, under which name, with which words."""

import dataclasses
import datetime
import io
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support import epub_text
from support.handmade import (
    chapter,
    evidence,
    head,
    note,
    odd_titles,
    one_shot,
    para,
    paras,
    rule,
    six_chapters,
    with_parts,
    work,
)

from fic2epub.builder import dates
from fic2epub.builder.fields import count_words
from fic2epub.builder.identity import work_identifier, work_url
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.errors import PackageError, UsageError
from fic2epub.model import (
    Chapter,
    NavPoint,
    NoteKind,
    Provenance,
    SceneBreak,
    Series,
    Work,
    plain_text,
)

XHTML = "{http://www.w3.org/1999/xhtml}"


def read(what: Work, options: PublishOptions | None = None) -> epub_text.Book:
    published = publish(what, options=options) if options else publish(what)
    return epub_text.read_book(io.BytesIO(pack(published)))  # type: ignore[arg-type]


def hrefs(what: Work) -> list[str]:
    return [one.href for one in publish(what).reading_order]


def labels(what: Work, options: PublishOptions | None = None) -> list[str]:
    return [entry.label for entry in read(what, options).nav]


def preface(what: Work) -> str:
    """All that the preface shows, a block a line."""
    return "\n".join(line.partition(" ")[2] for line in shown(what, "preface.xhtml"))


BLOCK_TAGS = frozenset(
    XHTML + tag for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "dt", "dd", "li", "div", "hr")
)


def shown(what: Work, href: str) -> list[str]:
    """The innermost blocks of a file as tag and text, the program's words included; ``/`` is a line break."""
    found = []
    for element in document(what, href).iter(*BLOCK_TAGS):
        if any(inner.tag in BLOCK_TAGS for inner in element.iterdescendants()):
            continue
        for line_break in element.iter(f"{XHTML}br"):
            line_break.text = " / "
        found.append(f"{element.tag.removeprefix(XHTML)} {''.join(element.itertext()).strip()}".strip())
    return found


def document(what: Work, href: str) -> etree._Element:
    return etree.fromstring(next(one.content for one in publish(what).reading_order if one.href == href))


class TestLayout:
    def test_the_spine_begins_alike_in_every_book(self) -> None:
        for what in (one_shot(), six_chapters(), with_parts(), *odd_titles()):
            assert hrefs(what)[:4] == ["cover.xhtml", "preface.xhtml", "nav.xhtml", "text/chapter1.xhtml"]
            assert hrefs(what)[-1] == "afterword.xhtml"

    def test_a_weak_boundary_has_no_file_and_moves_no_other_name(self) -> None:
        names = [href for href in hrefs(six_chapters()) if href.startswith("text/")]
        assert names == [f"text/chapter{number}.xhtml" for number in (1, 2, 3, 6)]

    def test_a_lower_confidence_gives_it_one(self) -> None:
        options = PublishOptions(min_confidence=0.25)
        assert labels(six_chapters(), options)[4:6] == ["≈ Chapter 4", "≈ Chapter 5"]
        book = read(six_chapters(), options)
        assert [entry.href for entry in book.nav[4:6]] == [
            "text/chapter4.xhtml",
            "text/chapter4.xhtml#chapter5",
        ]

    def test_a_boundary_at_the_confidence_is_a_chapter(self) -> None:
        what = work(chapter("a"), chapter("b", boundary=evidence(0.5)))
        assert "text/chapter2.xhtml" in hrefs(what)

    def test_a_weak_chapter_without_a_word_has_no_entry(self) -> None:
        what = work(chapter("a", number=1), chapter(boundary=evidence(0.1)), chapter("c", number=3))
        assert labels(what) == ["Preface", "Chapter 1", "Chapter 3", "Afterword"]

    def test_the_first_chapter_is_never_weak(self) -> None:
        what = work(chapter("a", boundary=evidence(0.1)), chapter("b", number=2))
        assert hrefs(what)[3:5] == ["text/chapter1.xhtml", "text/chapter2.xhtml"]

    def test_a_weak_chapter_is_anchored_at_its_first_block_and_has_no_heading(self) -> None:
        assert shown(six_chapters(), "text/chapter3.xhtml") == [
            "h2 Chapter 3",
            "p Rain, then.",
            "p More of it.",
            "h3 Chapter Notes",
            "p Two chapters in a week, who am I?",
            "p The fourth day had no weather at all.",
            "p Pell found the key.",
            "hr",
            "p It fitted nothing.",
        ]
        anchored = document(six_chapters(), "text/chapter3.xhtml").find(".//*[@id='chapter4']")
        assert "Two chapters in a week, who am I?" in "".join(anchored.itertext())

    def test_a_work_that_grew_only_appends(self) -> None:
        grown = work(
            *(chapter(f"Day {number}.", "It rained.", number=number) for number in range(1, 9)), title="Rain"
        )
        shorter = dataclasses.replace(grown, chapters=grown.chapters[:5])
        before, after = ({one.href: one for one in publish(what).reading_order} for what in (shorter, grown))
        assert list(after)[: len(before) - 1] == list(before)[:-1]
        for href, one in before.items():
            if href.startswith("text/"):
                assert after[href] == one


class TestLongChapters:
    def long(self, *, breaks: bool) -> Work:
        line = "The rope ran out before the well did. " * 100
        blocks = [
            rule() if breaks and number % 45 == 44 else para(f"{number} {line}") for number in range(200)
        ]
        return work(chapter(*blocks, "end", number=1), chapter("next", number=2))

    def test_a_long_chapter_continues_in_files_of_its_own_with_one_entry(self) -> None:
        what = self.long(breaks=False)
        names = hrefs(what)
        assert names[3:8] == [
            "text/chapter1.xhtml",
            "text/chapter1-2.xhtml",
            "text/chapter1-3.xhtml",
            "text/chapter1-4.xhtml",
            "text/chapter2.xhtml",
        ]
        assert labels(what) == ["Preface", "Chapter 1", "Chapter 2", "Afterword"]
        for one in publish(what).reading_order:
            assert len(one.content) < 260_000

    def test_it_is_cut_behind_a_scene_break_where_there_is_one(self) -> None:
        items = read(self.long(breaks=True)).document("text/chapter1.xhtml").items()
        assert isinstance(items[-1], epub_text.Rule)
        items = read(self.long(breaks=False)).document("text/chapter1.xhtml").items()
        assert isinstance(items[-1], epub_text.Words)

    @pytest.mark.parametrize("breaks", [False, True])
    def test_a_chapter_that_grows_keeps_its_first_files(self, breaks: bool) -> None:
        what = self.long(breaks=breaks)
        one = what.chapters[0]
        grown = dataclasses.replace(what, chapters=(dataclasses.replace(one, body=(*one.body, *one.body)),))
        before = {one.href: one.content for one in publish(what).reading_order}
        after = {one.href: one.content for one in publish(grown).reading_order}
        for name in ("text/chapter1.xhtml", "text/chapter1-2.xhtml", "text/chapter1-3.xhtml"):
            # The heading is another: a single chapter shows the work's title.
            assert before[name].split(b"userstuff")[1:] == after[name].split(b"userstuff")[1:]

    def test_one_paragraph_is_never_cut(self) -> None:
        what = work(chapter("short", "word " * 100_000, "short again"))
        assert [len(items) for items in self.texts(what)] == [1, 1, 1]

    def texts(self, what: Work) -> list[list[object]]:
        return [list(one.items()) for one in read(what).spine if one.chapter]

    def test_the_line_to_the_notes_finds_them_in_another_file(self) -> None:
        what = work(
            chapter("word " * 30_000, "tail " * 30_000, back=(note(NoteKind.AFTER, "Thanks!"),), number=1),
            chapter("b", number=2),
        )
        page = next(one for one in publish(what).reading_order if one.href == "text/chapter1.xhtml")
        assert b'<a href="chapter1-2.xhtml#note1-1">notes</a>' in page.content


class TestHeadings:
    def test_a_one_shot_shows_its_title_and_no_chapter(self) -> None:
        assert labels(one_shot()) == ["Preface", "The Lamp Room", "Afterword"]
        assert shown(one_shot(), "text/chapter1.xhtml")[0] == "h2 The Lamp Room"

    def test_a_heading_of_the_dump_is_shown_as_written(self) -> None:
        assert [(entry.depth, entry.label) for entry in read(with_parts()).nav[1:7]] == [
            (0, "Prologue"),
            (0, "Part One: Fog"),
            (1, "Chapter 1: A Bell"),
            (1, "Chapter 2"),
            (0, "Part Two"),
            (1, "Chapter 3"),
        ]
        assert shown(with_parts(), "text/chapter2.xhtml")[:2] == ["h2 Part One: Fog", "h3 Chapter 1 / A Bell"]
        assert shown(with_parts(), "text/chapter4.xhtml") == [
            "h2 Part Two",
            "h3 Chapter 3",
            "p Nobody rang it now.",
            "h4 i.",
            "p Except once.",
        ]

    def test_a_number_is_claimed_only_if_it_is_known(self) -> None:
        what = work(chapter("a", number=1), chapter("b"), chapter("c", number=7))
        assert labels(what)[1:4] == ["Chapter 1", "≈ Chapter 2", "Chapter 7"]
        assert shown(what, "text/chapter2.xhtml")[0] == "h2 ≈ Chapter 2"

    def test_a_chapter_with_a_name_needs_no_number(self) -> None:
        what = work(
            chapter("a", heading=head("Prologue", label="Prologue")),
            chapter("b", heading=head("Interlude"), boundary=evidence(0.6)),
            chapter("c", heading=head("The Bridge"), boundary=evidence(0.2)),
        )
        assert labels(what)[1:4] == ["Prologue", "Interlude", "≈ The Bridge"]

    @pytest.mark.parametrize(
        ("label", "title", "entry"),
        [
            ("Chapter 3", "Rain", "Chapter 3: Rain"),
            ("III.", "Rain", "III. Rain"),
            ("Chapter 3:", "Rain", "Chapter 3: Rain"),
            ("Chapter 3 -", "Rain", "Chapter 3 - Rain"),
        ],
    )
    def test_a_heading_of_two_lines_is_one_entry(self, label: str, title: str, entry: str) -> None:
        what = work(chapter("a", heading=head(f"{label}\n{title}", label=label, title=title)))
        assert labels(what)[1] == entry

    def test_no_heading_level_is_skipped(self) -> None:
        for what in (one_shot(), six_chapters(), with_parts()):
            for document in read(what).spine:
                levels = [int(one.tag[-1]) for one in document.root.iter() if re.search(r"\}h\d$", one.tag)]
                assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_a_weak_boundary_that_stands_under_a_heading_loses_no_word(self) -> None:
        what = work(
            chapter("a", number=1),
            chapter("b", heading=head("The Second"), part=head("Part Two", level=0), boundary=evidence(0.2)),
        )
        assert shown(what, "text/chapter1.xhtml")[1:] == ["p a", "h3 Part Two", "h3 The Second", "p b"]


class TestNotes:
    def test_notes_are_sections_with_ao3_s_labels(self) -> None:
        assert shown(six_chapters(), "text/chapter2.xhtml") == [
            "h2 Chapter 2",
            "h3 Chapter Summary",
            "p In which there is a ladder.",
            "h3 Chapter Notes",
            "p Sorry this is late, the ferry was too.",
            "hr",
            "p See the end of the chapter for more notes.",
            "p Pell carried the ladder up the hill.",
            "p Author’s note",
            "p I know ladders do not work like that!",
            "p It was a short hill.",
            "p Author’s note (2)",
            "p Nor do hills.",
            "hr",
            "h3 Chapter End Notes",
            "p Thank you for reading, see you soon.",
        ]

    def test_a_one_shot_has_no_chapter_notes(self) -> None:
        what = work(chapter("a", front=(note(NoteKind.BEFORE, "b"),), back=(note(NoteKind.AFTER, "c"),)))
        assert shown(what, "text/chapter1.xhtml")[1:] == [
            "h3 Notes",
            "p b",
            "p See the end of the work for more notes.",
            "p a",
            "h3 End Notes",
            "p c",
        ]

    def test_roles_are_those_that_checkers_accept_and_labels_are_unique(self) -> None:
        page = next(one for one in publish(six_chapters()).reading_order if one.id == "chapter2")
        root = etree.fromstring(page.content)
        roles = [(one.tag.removeprefix(XHTML), one.get("role")) for one in root.iter() if one.get("role")]
        assert roles == [
            ("section", "doc-chapter"),
            ("section", "doc-abstract"),
            ("section", "doc-foreword"),
            ("aside", "note"),
            ("aside", "note"),
            ("section", "doc-afterword"),
        ]
        labels = [one.get("aria-label") for one in root.iter(f"{XHTML}aside")]
        assert labels == ["Author’s note", "Author’s note (2)"]

    def test_no_note_no_section(self) -> None:
        assert (
            b"note"
            not in next(one for one in publish(one_shot()).reading_order if one.id == "chapter1").content
        )

    def test_the_work_s_own_notes_stand_in_preface_and_afterword(self) -> None:
        text = preface(six_chapters())
        assert "Notes\nNone of this is mine but the weather.\nSee the end of the work for more notes." in text
        assert shown(six_chapters(), "afterword.xhtml")[:4] == [
            "h2 Afterword",
            "h3 End Notes",
            "p With thanks to the harbour master.",
            "p Find me on the pier.",
        ]

    def test_a_doubtful_note_stays_prose(self) -> None:
        what = work(
            chapter(
                "a",
                note(NoteKind.WITHIN, "b", score=0.5),
                front=(note(NoteKind.BEFORE, "c", "d", score=0.49),),
                back=(note(NoteKind.AFTER, "e", score=0.1),),
                number=1,
            ),
            chapter("f", number=2),
            front=(note(NoteKind.BEFORE, "g", score=0.2),),
        )
        assert shown(what, "text/chapter1.xhtml") == [
            "h2 Chapter 1",
            *("p c", "p d", "p a"),
            *("p Author’s note", "p b"),
            "p e",
        ]
        assert (
            b"recovered"
            not in next(one for one in publish(what).reading_order if one.id == "preface").content
        )

    def test_a_weak_chapter_that_begins_with_a_doubtful_note_has_its_anchor_once(self) -> None:
        weak = chapter("c", front=(note(NoteKind.BEFORE, "a", "b", score=0.2),), boundary=evidence(0.1))
        page = document(work(chapter("x"), weak), "text/chapter1.xhtml")
        assert [one.text for one in page.iter() if one.get("id") == "chapter2"] == ["a"]

    def test_what_shows_nothing_makes_no_section(self) -> None:
        blank = note(NoteKind.AFTER, " \u00a0")
        what = work(chapter("a", front=(blank,), back=(blank,)), front=(blank,), back=paras(""))
        assert shown(what, "text/chapter1.xhtml") == ["h2 The Lamp Room", "p a"]
        assert "otes" not in preface(what)
        assert not [line for line in shown(what, "afterword.xhtml") if "otes" in line]


class TestAfterword:
    def test_it_lists_what_is_a_guess_and_how_good_a_one(self) -> None:
        assert shown(six_chapters(), "afterword.xhtml")[6:9] == [
            "li Chapter 3: inferred (72 % sure)",
            "li ≈ Chapter 4: kept with the chapter before it, since it is too unsure (31 %)",
            "li ≈ Chapter 5: kept with the chapter before it, since it is too unsure (20 %)",
        ]

    def test_without_guesses_or_address_neither_is_mentioned(self) -> None:
        lines = shown(with_parts(), "afterword.xhtml")
        assert not [line for line in lines if "divided" in line or "Archive" in line]


class TestPreface:
    def test_it_has_ao3_s_rows_in_ao3_s_order(self) -> None:
        what = work(
            chapter("One two three."),
            work_id="42",
            rating="Mature",
            warnings=("Creator Chose Not To Use Archive Warnings",),
            categories=("Gen", "F/M"),
            fandoms=("Harbour Tales",),
            relationships=("A/B", "C & D"),
            characters=("A",),
            tags=("Boats",),
            language_name="English",
            series=(Series("Ladders", 2),),
            status="Completed",
            chapters_written="1/1",
            published=datetime.date(2015, 1, 10),
            updated=datetime.date(2016, 2, 3),
        )
        assert preface(what).split("\n") == [
            "Preface",
            "The Lamp Room / Posted originally on the Archive of Our Own at https://archiveofourown.org/works/42.",
            *("Rating:", "Mature"),
            *("Archive Warning:", "Creator Chose Not To Use Archive Warnings"),
            *("Categories:", "Gen, F/M"),
            *("Fandom:", "Harbour Tales"),
            *("Relationships:", "A/B, C & D"),
            *("Character:", "A"),
            *("Additional Tags:", "Boats"),
            *("Language:", "English"),
            *("Series:", "Part 2 of Ladders"),
            "Stats:",
            "Published: 2015-01-10 Updated: 2016-02-03 Status: Completed Words: 3 Chapters: 1/1",
            "The Lamp Room",
            "by Osk Tarn",
        ]

    def test_every_value_of_the_header_is_shown_as_written(self) -> None:
        text = preface(one_shot())
        for _, value in one_shot().metadata.header:
            assert value in text

    def test_an_unknown_key_comes_last_under_its_own_name(self) -> None:
        assert "Beta:\nM. <mostly> & others\nThe Lamp Room\nby Osk Tarn\nSummary" in preface(one_shot())

    def test_keys_are_known_in_any_spelling_and_twice(self) -> None:
        header = (
            ("ARCHIVE_WARNING(S)", "None of these"),
            ("pairings", "A/B"),
            ("Relationship", "C/D"),
            ("COMPLETED", "3 Feb 2016"),
            ("Kudos", "17"),
        )
        lines = preface(work(chapter("a"), header=header, relationships=("A/B", "C/D"))).split("\n")
        assert lines[2:10] == [
            *("Archive Warning:", "None of these"),
            *("Relationships:", "A/B, C/D"),
            *("Language:", "en"),
            "Stats:",
            "COMPLETED: 3 Feb 2016 Words: 1",
        ]
        assert lines[10:12] == ["Kudos:", "17"]

    def test_what_the_options_replaced_is_still_shown(self) -> None:
        header = (
            ("Title", "Old Name"),
            ("Author", "A & B"),
            ("Work ID", "12b"),
            ("Words", "9,999"),
            ("Summary", ""),
        )
        what = work(chapter("One."), title="New Name", creators=("A", "B"), header=header)
        text = preface(what)
        assert "Title (as in the dump):\nOld Name\nAuthor (as in the dump):\nA & B\n" in text
        assert "Work ID:\n12b\nWords (as stated):\n9,999" in text
        assert "Posted originally" not in text
        assert "Words: 1\n" in text
        assert "Summary" not in text

    def test_a_name_that_holds_the_dump_s_own_does_not_hide_it(self) -> None:
        header = (("Title", "Old Name"), ("Author", "Osk Tarn"))
        text = preface(work(chapter("a"), title="Old Name, Revised", header=header))
        assert "Title (as in the dump):\nOld Name\n" in text
        assert "Author (as in the dump)" not in text

    def test_a_header_s_one_line_summary_and_the_section_are_both_shown(self) -> None:
        what = work(chapter("a"), summary="One line.", summary_blocks=paras("A section.", "Of two."))
        assert preface(what).endswith("Summary\nOne line.\nA section.\nOf two.")
        header = (("Summary", "One line."),)
        what = dataclasses.replace(what, metadata=dataclasses.replace(what.metadata, header=header))
        assert preface(what).count("One line.") == 1

    def test_nobody_is_unknown_and_an_address_elsewhere_is_named(self) -> None:
        what = work(chapter("a"), creators=(), source_url="https://example.org/1")
        text = preface(what)
        assert "by Unknown" in text
        assert "Posted originally at https://example.org/1." in text
        assert publish(what).creators[0].name == "Unknown"

    def test_updaters_find_the_work(self) -> None:
        # ao3downloader: the first dd of class calibre5, the first slash in its own text (features 6.1)
        page = next(one for one in publish(six_chapters()).reading_order if one.id == "preface")
        root = etree.fromstring(page.content)
        stats = next(one for one in root.iter(f"{XHTML}dd") if "calibre5" in one.get("class", ""))
        before, _, after = (stats.text or "").partition("/")
        assert (before[-1], after[0]) == ("6", "?")
        links = [one.get("href") for one in root.iter(f"{XHTML}a") if "/works/" in one.get("href", "")]
        assert links[0] == "https://archiveofourown.org/works/7654321"

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("don’t stop", 2),
            ("well-known – fact", 2),
            ("… * 3.14 …", 1),
            ("灯台に", 3),
            ("", 0),
            ("a\u00a0b", 2),
            ("A.B.C. and 'tis -- rock-'n'-roll", 6),
        ],
    )
    def test_words_are_counted(self, text: str, count: int) -> None:
        assert count_words(work(chapter(text, head("not this"), note(NoteKind.WITHIN, "nor this")))) == count

    @given(st.text(st.sampled_from("aB1_'’.- \n–é²ªˆ€“Ž\xad")))
    def test_words_are_counted_the_same_by_bytes_as_by_patterns(self, text: str) -> None:
        # A Chinese character makes it a text that only patterns can count, and is one word.
        assert count_words(work(chapter(f"{text} 灯"))) == count_words(work(chapter(text))) + 1


class TestMetadata:
    def test_subjects_go_from_fandom_to_rating_behind_fanworks(self) -> None:
        what = work(
            chapter("a"),
            rating="Mature",
            fandoms=("F",),
            relationships=("A/B",),
            characters=("A",),
            tags=("t", "F"),
            warnings=("w",),
            categories=("Gen",),
        )
        assert publish(what).subjects == ("Fanworks", "F", "A/B", "A", "t", "Mature", "w", "Gen")

    def test_description_source_and_dates(self) -> None:
        book = read(one_shot())
        assert book.values("description") == ["A keeper waits for a boat that is late."]
        assert book.values("source") == ["https://archiveofourown.org/works/1234567"]
        assert book.values("date") == []
        assert book.values("dcterms:modified") == ["2017-07-14T02:40:00Z"]
        assert book.values("language") == ["en"]

    def test_what_can_be_proved_of_access_is_said(self) -> None:
        book = read(one_shot())
        assert book.values("schema:accessMode") == ["textual", "visual"]
        assert book.values("schema:accessModeSufficient") == ["textual"]
        assert "alternativeText" in book.values("schema:accessibilityFeature")
        assert book.values("schema:accessibilityHazard") == ["none"]
        assert "dcterms:conformsTo" not in [name for name, _ in book.metadata]

    def test_without_a_picture_no_picture_is_claimed(self) -> None:
        book = read(one_shot(), PublishOptions(cover="none"))
        assert book.values("schema:accessMode") == ["textual"]
        assert "alternativeText" not in book.values("schema:accessibilityFeature")

    @pytest.mark.parametrize(
        ("declared", "score", "named"), [(2, 0.9, True), (None, 0.9, True), (3, 0.9, False), (2, 0.4, False)]
    )
    def test_updaters_are_given_the_address_only_if_the_chapters_are_those_declared(
        self, declared: int | None, score: float, named: bool
    ) -> None:
        what = work(
            chapter("a", number=1),
            chapter("b", number=2, boundary=evidence(score)),
            work_id="42",
            chapters_posted=declared,
        )
        assert bool(read(what).values("source")) is named

    def test_a_character_that_xml_forbids_is_a_package_error(self) -> None:
        for bad in ("\0", "\x0b", "\ufffe", "\ud800"):
            with pytest.raises(PackageError, match="no XML may hold"):
                publish(work(chapter(f"a{bad}b")))
            with pytest.raises(PackageError):
                pack(publish(work(chapter("a"), title=f"a{bad}b")))


class TestIdentity:
    @pytest.mark.parametrize(
        ("facts", "url"),
        [
            ({"work_id": "42"}, "https://archiveofourown.org/works/42"),
            (
                {"source_url": "http://www.archiveofourown.org/works/42/chapters/7#x"},
                "https://archiveofourown.org/works/42",
            ),
            (
                {"source_url": "https://archiveofourown.org/collections/c/works/42?a=b"},
                "https://archiveofourown.org/works/42",
            ),
            ({"source_url": "https://example.org/a?b=1#c"}, "https://example.org/a?b=1"),
            ({"source_url": "example.org/a"}, None),
            ({"source_url": "javascript:alert(1)"}, None),
            ({"work_id": "../42"}, None),
            ({}, None),
        ],
    )
    def test_the_address_is_canonical(self, facts: dict[str, str], url: str | None) -> None:
        assert work_url(work(chapter("a"), **facts)) == url

    def test_two_dumps_of_one_address_are_the_same_work(self) -> None:
        one = work(chapter("a"), work_id="42", title="Old")
        other = work(chapter("b"), source_url="https://archiveofourown.org/works/42")
        assert (
            work_identifier(one) == work_identifier(other) == "urn:uuid:4b9f143f-8174-53c9-bd81-4c439de59746"
        )

    def test_without_address_author_title_and_opening_count_and_the_reading_does_not(self) -> None:
        one = work(chapter("a b", "c"), chapter("d"))
        assert work_identifier(one) == work_identifier(work(chapter("a", note(NoteKind.WITHIN, "b"), "c d")))
        assert work_identifier(one) != work_identifier(work(chapter("a b", "c"), chapter("e")))
        assert work_identifier(one) != work_identifier(work(chapter("a b", "c"), chapter("d"), title="Other"))

    def test_only_the_first_words_count(self) -> None:
        opening = "word " * 300
        assert work_identifier(work(chapter(opening, "a"))) == work_identifier(work(chapter(opening, "b")))


class TestDates:
    DUMP = datetime.date(2015, 1, 10)
    WHEN = datetime.datetime(2018, 1, 1, tzinfo=datetime.UTC)

    def test_the_order_of_the_sources(self) -> None:
        file = Provenance(None, 1_500_000_000.9)
        full = work(chapter("a"), updated=self.DUMP, published=datetime.date(2010, 1, 1), provenance=file)
        bare = work(chapter("a"), provenance=file)
        assert dates.iso(dates.modified(full, epoch=0, recorded=self.WHEN)) == "1970-01-01T00:00:00Z"
        assert dates.iso(dates.modified(full, recorded=self.WHEN)) == "2015-01-10T00:00:00Z"
        assert dates.iso(dates.modified(bare, recorded=self.WHEN)) == "2018-01-01T00:00:00Z"
        assert dates.iso(dates.modified(bare)) == "2017-07-14T02:40:00Z"
        assert dates.iso(dates.modified(work(chapter("a")))) == "2000-01-01T00:00:00Z"

    @pytest.mark.parametrize("seconds", [1e30, -1e30, float("nan"), float("inf"), -9e11, 9e11])
    def test_a_broken_file_date_is_passed_over(self, seconds: float) -> None:
        assert dates.modified(work(chapter("a"), provenance=Provenance(None, seconds))) == dates.UNKNOWN

    def test_the_environment_is_read_once_and_checked(self) -> None:
        assert dates.source_date_epoch({}) is None
        assert dates.source_date_epoch({"SOURCE_DATE_EPOCH": ""}) is None
        assert dates.source_date_epoch({"SOURCE_DATE_EPOCH": "12"}) == 12
        for wrong in ("now", "1.5", "9" * 40):
            with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
                dates.source_date_epoch({"SOURCE_DATE_EPOCH": wrong})


WORDS = st.text(st.sampled_from("ab<&é\u00a0\u200b’—𝄞 \n"), min_size=1, max_size=20).filter(
    lambda text: text.strip()
)
BLOCKS = st.lists(
    st.builds(para, WORDS)
    | st.builds(rule, st.just("***"), separator=st.booleans())
    | st.builds(note, st.sampled_from(NoteKind), WORDS),
    max_size=5,
)
CHAPTERS = st.builds(
    lambda front, body, back, score, number, heading, part: chapter(
        *body,
        front=tuple(front),
        back=tuple(back),
        boundary=evidence(score),
        number=number,
        heading=heading,
        part=part,
    ),
    BLOCKS,
    BLOCKS,
    BLOCKS,
    st.floats(0, 1),
    st.none() | st.integers(1, 99),
    st.none() | st.builds(head, WORDS),
    st.none() | st.builds(head, WORDS, level=st.just(0)),
)


def expected(what: Work) -> list[str]:
    """The words of a work in order, a rule as ``<hr>``."""

    def words(blocks: tuple[object, ...]) -> list[str]:
        found: list[str] = []
        for block in blocks:
            if isinstance(block, SceneBreak):
                found.append("<hr>")
            elif hasattr(block, "content"):
                found += plain_text(block.content).split()
            elif block is not None:
                found += words(block.blocks)  # type: ignore[attr-defined]
        return found

    inside = [
        word
        for one in what.chapters
        for word in words((one.part, one.heading, *one.front, *one.body, *one.back))
    ]
    return [*words(what.summary), *words(what.front), *inside, *words(what.back)]


@settings(max_examples=60, deadline=None)
@given(st.lists(CHAPTERS, min_size=1, max_size=4), BLOCKS, BLOCKS, st.lists(WORDS, max_size=2))
def test_no_word_is_lost_added_or_moved(
    chapters: list[Chapter], front: list[object], back: list[object], summary: list[str]
) -> None:
    what = work(*chapters, front=tuple(front), back=tuple(back), summary_blocks=paras(*summary))
    book = read(what)
    found: list[str] = []
    for item in book.items():
        found += ["<hr>"] if isinstance(item, epub_text.Rule) else item.text.split()
    assert found == expected(what)
    for document in book.spine:
        ids = [one.get("id") for one in document.root.iter() if one.get("id")]
        assert len(ids) == len(set(ids))
    for entry in book.nav:
        assert entry.href is not None
        href, _, fragment = entry.href.partition("#")
        document = book.document(href)
        assert not fragment or fragment in [one.get("id") for one in document.root.iter()]
        assert entry.label


def test_a_work_of_many_chapters_is_made_in_linear_time() -> None:
    many = tuple(chapter("The tide came in.", number=number) for number in range(1, 1_001))
    assert len(publish(work(*many)).navigation) == 1_002


def test_navigation_is_a_value_of_the_publication() -> None:
    assert publish(one_shot()).navigation == (
        NavPoint("Preface", "preface.xhtml", language="en"),
        NavPoint("The Lamp Room", "text/chapter1.xhtml", language="en"),
        NavPoint("Afterword", "afterword.xhtml", language="en"),
    )
