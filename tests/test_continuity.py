"""A work that grows keeps its chapters, byte for byte, and what was recovered once is kept."""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from support import epubcheck, handmade
from support.corrected import dump, paragraph
from support.growth import BARE, Shelf, dumps

import fic2epub
from fic2epub.builder.anthology import gather
from fic2epub.builder.options import PublishOptions, note_places
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.library.book import MakeOptions, recover
from fic2epub.model import Draft, Heading, Note, NoteKind, Paragraph, Work, plain_text
from fic2epub.parser.corrections import Action, ChapterCorrection, Corrections
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.pins import Pin
from fic2epub.parser.sources import read_stdin
from fic2epub.record import fingerprint, read_record

NOTE = "A/N: Thank you all for the lovely comments and kudos on the last chapter, you make my week!! xx"
SORRY = "A/N: Sorry for the late update, my laptop died. Next chapter on Friday, please review!"
XHTML = "{http://www.w3.org/1999/xhtml}"


def grow(shelf: Shelf, texts: list[str]) -> None:
    """Make the book of each dump in turn; no chapter's file may change once it is there."""
    for step, text in enumerate(texts, 1):
        before = shelf.chapters
        shelf.make(text)
        if step == 2 and len(before) == 1:
            # A one-shot that goes on gains its heading, and nothing else.
            before = {name: with_heading(data, shelf.chapters[name]) for name, data in before.items()}
        changed = [name for name, data in before.items() if shelf.chapters.get(name) != data]
        assert changed == [], f"step {step}"
        again = dict(shelf.entries)
        assert shelf.make(text) == again, f"step {step}, made again"


def with_heading(one_shot: bytes, chapter: bytes) -> bytes:
    """A chapter with heading, if a one-shot without it is the same but for heading, titles and levels."""
    was, now = etree.fromstring(one_shot), etree.fromstring(chapter)
    for tree in (was, now):
        section = next(tree.iter(f"{XHTML}section"))
        for name in ("aria-label", "aria-labelledby"):
            section.attrib.pop(name, None)
        if (heading := section.find(f"{XHTML}h2[@class='heading added']")) is not None:
            section.remove(heading)
        next(tree.iter(f"{XHTML}title")).text = None
        for element in tree.iter(f"{XHTML}h2", f"{XHTML}h3", f"{XHTML}h4", f"{XHTML}p"):
            element.tag = element.tag.replace("h2", "h3").replace("h4", "h3")
            # AO3 calls a one-shot's notes "Notes" and "End Notes", a chapter's "Chapter Notes".
            if "added" in element.get("class", ""):
                element.clear(keep_tail=True)
    same = "".join(was.itertext()).split() == "".join(now.itertext()).split()
    assert same, "a one-shot's words changed when it became a chapter"
    assert ids(was) <= ids(now)
    return chapter


def ids(tree: etree._Element) -> set[str]:
    return {element.get("id") for element in tree.iter() if element.get("id")}


def pairs(folder: Path, text: Path) -> list[tuple[Path, Path]]:
    """Dumps of several chapters with their truth, the small ones first."""
    found = [
        (one, folder / f"{one.stem}.json")
        for one in sorted(text.glob("*.txt"), key=lambda p: (p.stat().st_size, p.name))
    ]
    return [
        (one, truth)
        for one, truth in found
        if truth.is_file() and len(json.loads(truth.read_text(encoding="utf-8"))["chapters"]) > 3
    ]


# Whole works, cut after each chapter and grown step by step


def test_no_earlier_chapter_of_a_sample_changes(samples):
    several = [
        (one, truth)
        for one in samples
        if len(json.loads((truth := one.parent / "truth" / f"{one.stem}.json").read_text())["chapters"]) > 1
    ]
    assert len(several) >= 4
    for one, truth in several:
        shelf = Shelf()
        grow(shelf, list(dumps(one, truth)))


@pytest.mark.needs("seeds")
def test_no_earlier_chapter_of_a_real_dump_changes(seeds_dir):
    found = pairs(seeds_dir / "truth", seeds_dir)
    assert found
    for one, truth in found:
        grow(Shelf(), list(dumps(one, truth)))


def ten(bench: Path) -> list[tuple[Path, Path]]:
    """Ten works of the benchmark, of ten families, the smallest of each."""
    families: dict[str, tuple[Path, Path]] = {}
    for one, truth in pairs(bench / "dev" / "truth", bench / "dev" / "text"):
        families.setdefault(json.loads(truth.read_text(encoding="utf-8"))["family"], (one, truth))
    return list(families.values())[:10]


@pytest.mark.needs("bench")
@pytest.mark.parametrize("which", range(10))
def test_no_earlier_chapter_of_a_benchmark_s_work_changes(which, bench_dir):
    one, truth = ten(bench_dir)[which]
    grow(Shelf(), list(dumps(one, truth)))


@pytest.mark.slow
@pytest.mark.needs("bench")
@pytest.mark.timeout(3600)
def test_no_earlier_chapter_of_any_work_of_the_benchmark_changes(bench_dir):
    for one, truth in pairs(bench_dir / "dev" / "truth", bench_dir / "dev" / "text"):
        try:
            grow(Shelf(), list(dumps(one, truth)))
        except AssertionError as error:
            raise AssertionError(f"{one.name}: {error}") from error


# What is kept, case by case


def chapters(*lengths: int, at: int = 0) -> list[str]:
    """Paragraphs of some chapters; each but the first begins with a note, since nothing else marks it."""
    found = []
    for number, length in enumerate(lengths, 1):
        if number > 1:
            found.append(f"{SORRY} This is part {number} of the long walk.")
        found += [paragraph(at + n) for n in range(length)]
        at += length
    return found


def boundaries(shelf: Shelf) -> list[str | None]:
    return [chapter.fingerprint for chapter in shelf.record.works[0].chapters]


THREE = chapters(14, 15, 13)


def test_the_record_s_boundaries_stand_though_the_dump_would_be_divided_otherwise_now():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    before = boundaries(shelf)
    # A fourth chapter full of notes, which look more like joins than those that were found.
    more = [line for n in range(50, 62) for line in (paragraph(n), NOTE)]
    shelf.make(dump([*THREE, *more], chapters="4/?"))
    assert boundaries(shelf)[:3] == before
    assert boundaries(shelf)[3] == fingerprint(more[0])
    assert len(boundaries(shelf)) == 4


def test_a_kept_boundary_keeps_its_score_and_says_that_it_is_kept():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    before = [chapter.score for chapter in shelf.record.works[0].chapters]
    shelf.make(dump([*THREE, *chapters(12, at=60)], chapters="4/?"))
    assert [chapter.score for chapter in shelf.record.works[0].chapters][:3] == before
    found = shelf.recovery.work.chapters
    assert [chapter.boundary.firings[0].rule for chapter in found[1:]] == [
        "kept.boundary",
        "kept.boundary",
        "boundary.grown",
    ]
    rules = {rule for chapter in shelf.record.works[0].chapters for rule in chapter.rules}
    assert "kept.boundary" not in rules, "the same dump would give another record"


def test_a_new_chapter_begins_where_the_earlier_dump_ended():
    # Nothing marks the join, and the choice alone would take the note in the middle of what is new.
    new = [*(paragraph(n) for n in range(60, 75)), NOTE, *(paragraph(n) for n in range(75, 90))]
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    shelf.make(dump([*THREE, *new], chapters="4/?"))
    assert boundaries(shelf)[3] == fingerprint(new[0])


NOTICE = [
    "Hi everyone. This is not an update, I am sorry. The story is on hiatus until my exams are over.",
    "I will delete this note when the next chapter is up. Love you all!",
]


def only_notes(shelf):
    """Which chapters hold nothing but notes."""
    assert shelf.recovery is not None
    return [
        not any(isinstance(block, Paragraph) for block in one.body) for one in shelf.recovery.work.chapters
    ]


@pytest.mark.parametrize("grown", [True, False], ids=["posted", "in the first dump"])
def test_a_chapter_that_is_only_a_note_stays_one_when_the_work_grows(grown):
    shelf = Shelf()
    if grown:
        shelf.make(dump(THREE, chapters="3/?"))
    shelf.make(dump([*THREE, *NOTICE], chapters="4/?"))
    assert only_notes(shelf) == [False, False, False, True]
    before = shelf.chapters
    shelf.make(dump([*THREE, *NOTICE, *(paragraph(n) for n in range(60, 75))], chapters="5/?"))
    assert {name: shelf.chapters[name] for name in before} == before
    assert only_notes(shelf) == [False, False, False, True, False]


def test_two_new_chapters_are_found_in_what_is_new():
    new = chapters(14, 14, at=60)
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    before = shelf.chapters
    shelf.make(dump([*THREE, *new], chapters="5/?"))
    assert {name: shelf.chapters[name] for name in before} == before
    assert boundaries(shelf)[3:] == [fingerprint(new[0]), fingerprint(new[14])]


def test_text_that_grows_within_the_last_chapter_makes_no_new_one():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    first, second, _ = shelf.chapters.values()
    shelf.make(dump([*THREE, *(paragraph(n) for n in range(60, 66))], chapters="3/?"))
    assert list(shelf.chapters.values())[:2] == [first, second]
    assert len(boundaries(shelf)) == 3


def test_without_a_count_a_chapter_s_worth_of_new_text_is_a_chapter_and_a_line_is_none():
    text = dump(THREE).replace("Chapters: 1/1\n", "")
    shelf = Shelf()
    shelf.make(text)
    count, memory = len(boundaries(shelf)), shelf.memory
    shelf.make(text + "\n" + "\n\n".join(paragraph(n) for n in range(60, 90)) + "\n")
    assert len(boundaries(shelf)) == count + 1
    shelf.memory = memory
    shelf.make(text + "\n" + paragraph(60) + "\n")
    assert len(boundaries(shelf)) == count


def test_an_edited_chapter_keeps_its_beginning_and_its_neighbours_their_bytes():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    first, second, third = shelf.chapters.values()
    before = boundaries(shelf)
    edited = [*THREE]
    edited[20] = "She had meant to say so the whole morning, and now the morning was over and she had not."
    edited.insert(21, "The clock agreed with her.")
    shelf.make(dump([*edited, *chapters(12, at=60)], chapters="4/?"))
    now = list(shelf.chapters.values())
    assert now[0] == first
    assert now[1] != second
    assert now[2] == third
    assert boundaries(shelf)[:3] == before


def test_a_note_of_an_edited_chapter_is_a_note_where_its_paragraph_stands():
    # Read on its own, the line is story; the reader's earlier book had it as a note.
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    before = [note.fingerprint for note in shelf.record.works[0].notes]
    edited = [*THREE]
    edited[18] = "She had meant to say so the whole morning, and now the morning was over and she had not."
    shelf.make(dump(edited, chapters="3/?"))
    assert [note.fingerprint for note in shelf.record.works[0].notes] == before


def test_a_boundary_whose_paragraphs_are_gone_is_told_and_looked_for_again():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    assert "kept.gone" not in shelf.rules
    edited = [*THREE]
    # Its note and the paragraph that its story began with are others now.
    edited[14] = "A/N: rewrote this one from scratch, sorry for the confusion! Please review, next part soon."
    edited[15] = "It was the kind of evening on which the harbour master liked to be asked for advice."
    shelf.make(dump(edited, chapters="3/?"))
    assert shelf.rules.count("kept.gone") == 1
    assert len(boundaries(shelf)) == 3
    assert boundaries(shelf)[1] in (fingerprint(edited[14]), fingerprint(edited[15]))


def test_of_two_chapters_that_begin_alike_each_is_found_in_its_order():
    alike = "The bell rang twice across the dark water, and nobody in the harbour went to look."
    text = [*chapters(12), SORRY, alike, *(paragraph(n) for n in range(20, 33))]
    text += [SORRY, alike, *(paragraph(n) for n in range(40, 53))]
    shelf = Shelf()
    shelf.make(dump(text, chapters="3/?"))
    before = boundaries(shelf)
    first, _, third = shelf.chapters.values()
    # The second is edited, so that only its first paragraph tells it, which the third has too.
    edited = [*text]
    edited[20] = "She had meant to say so the whole morning, and now the morning was over and she had not."
    shelf.make(dump([*edited, *chapters(12, at=60)], chapters="4/?"))
    assert boundaries(shelf)[:3] == before
    now = list(shelf.chapters.values())
    assert (now[0], now[2]) == (first, third)


def test_a_chapter_that_was_put_in_between_shifts_the_others_and_divides_none():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    before = boundaries(shelf)
    new = [f"{SORRY} An interlude, since you asked.", *(paragraph(n) for n in range(60, 74))]
    shelf.make(dump([*THREE[:14], *new, *THREE[14:]], chapters="4/?"))
    assert boundaries(shelf) == [before[0], fingerprint(new[0]), *before[1:]]


def test_another_count_for_the_same_text_is_another_reading():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    assert len(boundaries(shelf)) == 3
    shelf.make(dump(THREE, chapters="2/?"))
    assert len(boundaries(shelf)) == 2


def test_no_infer_is_another_reading_in_both_directions():
    plain = [paragraph(n) for n in range(14)]
    plain[7] = "The next morning, three days after the storm, Marta Venn came to the harbour office."
    shelf = Shelf()
    shelf.make(dump(plain, chapters="2/?"))
    assert len(boundaries(shelf)) == 2
    shelf.make(dump(plain, chapters="2/?"), parse_options=ParseOptions(infer=False))
    assert len(boundaries(shelf)) == 1
    shelf.make(dump(plain, chapters="2/?"))
    assert len(boundaries(shelf)) == 2


def test_lines_that_the_reader_names_go_before_what_is_kept_and_are_not_remembered():
    text = dump(THREE, chapters="3/?")
    shelf = Shelf()
    fresh = dict(shelf.make(text))
    line = text.split("\n").index(THREE[5])
    shelf.make(text, parse_options=ParseOptions(chapters_at=(line,)))
    assert boundaries(shelf)[1:] == [fingerprint(THREE[5])]
    assert shelf.make(text) == fresh


def test_corrections_go_before_what_is_kept_and_stay_when_the_work_grows():
    at = Pin(words=THREE[7])
    added = Corrections(chapters=(ChapterCorrection(at=at, action=Action.ADD),))
    shelf = Shelf()
    fresh = dict(shelf.make(dump(THREE, chapters="3/?")))
    shelf.make(dump(THREE, chapters="3/?"), added)
    assert boundaries(shelf)[1] == fingerprint(THREE[7])
    before = shelf.chapters
    shelf.make(dump([*THREE, *chapters(12, at=60)], chapters="4/?"), added)
    assert {name: shelf.chapters[name] for name in before} == before
    assert len(boundaries(shelf)) == 5
    # A correction that is taken back leaves nothing behind.
    shelf.memory = None
    shelf.make(dump(THREE, chapters="3/?"), added)
    assert shelf.make(dump(THREE, chapters="3/?")) == fresh


def test_a_removed_chapter_stays_removed_when_the_work_grows():
    gone = ChapterCorrection(at=Pin(words=THREE[15]), action=Action.REMOVE)
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"), Corrections(chapters=(gone,)))
    before = shelf.chapters
    assert len(before) == 2
    shelf.make(dump([*THREE, *chapters(12, at=60)], chapters="4/?"), Corrections(chapters=(gone,)))
    assert {name: shelf.chapters[name] for name in before} == before
    assert len(shelf.chapters) == 3


def test_notes_stand_as_they_were_whatever_comes_behind_them():
    text = [*chapters(14, 14), NOTE]
    shelf = Shelf()
    shelf.make(dump(text, chapters="2/?"))
    (last,) = [note for note in shelf.record.works[0].notes if note.fingerprint == fingerprint(NOTE)]
    assert (last.kind, last.chapter) == (NoteKind.AFTER.value, 2)
    shelf.make(dump([*text, *chapters(14, at=60)], chapters="3/?"))
    (same,) = [note for note in shelf.record.works[0].notes if note.fingerprint == fingerprint(NOTE)]
    # The rules that are named for it are weighed against the work's habits, and those have changed.
    assert replace(same, rules=last.rules) == last


def test_the_end_of_a_work_that_went_on_stays_in_its_chapter():
    text = [*chapters(14, 14), "The End"]
    shelf = Shelf()
    shelf.make(dump(text, chapters="2/2"))
    before = shelf.chapters
    shelf.make(dump([*text, *chapters(14, at=60)], chapters="3/3"))
    assert {name: shelf.chapters[name] for name in before} == before


# What is new


def hrefs(entries: dict[str, bytes], name: str) -> list[tuple[str, str]]:
    tree = etree.fromstring(entries[name])
    return [("".join(link.itertext()), link.get("href")) for link in tree.iter(f"{XHTML}a")]


def test_contents_and_preface_lead_to_the_first_new_chapter():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    assert b"new begins" not in shelf.entries["preface.xhtml"]
    order = [name for name in shelf.entries if name.endswith(".xhtml")]
    shelf.make(dump([*THREE, *chapters(12, 12, at=60)], chapters="5/?"))
    listed = hrefs(shelf.entries, "nav.xhtml")
    at = listed.index(("What’s new", "text/chapter4.xhtml"))
    assert listed[at + 1][1] == "text/chapter4.xhtml"
    assert listed[at - 1][1] == "text/chapter3.xhtml"
    assert ("Chapter 4", "text/chapter4.xhtml") in hrefs(shelf.entries, "preface.xhtml")
    grown = [name for name in shelf.entries if name.endswith(".xhtml")]
    assert set(grown) - set(order) == {"text/chapter4.xhtml", "text/chapter5.xhtml"}


def test_what_is_new_stays_new_until_the_work_grows_again():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    four = [*THREE, *chapters(12, at=60)]
    grown = dict(shelf.make(dump(four, chapters="4/?")))
    assert shelf.make(dump(four, chapters="4/?")) == grown
    shelf.make(dump([*four, *chapters(12, at=80)], chapters="5/?"))
    assert shelf.memory.news == 5


def test_the_entry_stands_within_a_part_where_the_new_chapter_does():
    parts = ["Part One", "Chapter 1", *(paragraph(n) for n in range(14)), "Chapter 2"]
    parts += [paragraph(n) for n in range(14, 28)]
    shelf = Shelf()
    shelf.make(dump(parts, chapters="2/?"))
    shelf.make(dump([*parts, "Chapter 3", *(paragraph(n) for n in range(30, 44))], chapters="3/?"))
    listed = hrefs(shelf.entries, "nav.xhtml")
    assert ("What’s new", "text/chapter3.xhtml") in listed


def test_a_work_read_afresh_has_no_news():
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    four = dump([*THREE, *chapters(12, at=60)], chapters="4/?")
    shelf.memory = None
    shelf.make(four)
    assert shelf.memory.news is None
    assert "What’s new".encode() not in shelf.entries["nav.xhtml"]


@pytest.mark.parametrize("notes", ["inline", "chapter-end", "appendix", "drop"])
def test_a_work_grows_with_its_notes_in_any_place(notes):
    shelf = Shelf(options=PublishOptions(cover="none", notes=note_places([notes])))
    text = [*chapters(14, 14), NOTE]
    shelf.make(dump(text, chapters="2/?"))
    before = shelf.chapters
    shelf.make(dump([*text, *chapters(14, at=60)], chapters="3/?"))
    assert {name: shelf.chapters[name] for name in before} == before


# From the command line


def converted(folder: Path, *more: str) -> dict[str, bytes]:
    done = CliRunner().invoke(app, ["convert", "dump.txt", "-o", f"{folder}/", "--no-cover", *more])
    assert done.exit_code == 0, done.output
    (book,) = folder.glob("*.epub")
    return dict(read_entries(book))


def test_a_book_that_is_made_again_keeps_what_it_remembers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump.txt").write_text(dump(THREE, chapters="3/?"), encoding="utf-8")
    before = {name: data for name, data in converted(tmp_path / "out").items() if "text/" in name}
    new = [*(paragraph(n) for n in range(60, 75)), NOTE, *(paragraph(n) for n in range(75, 90))]
    (tmp_path / "dump.txt").write_text(dump([*THREE, *new], chapters="4/?"), encoding="utf-8")
    grown = converted(tmp_path / "out")
    assert {name: grown[name] for name in before} == before
    assert "What’s new".encode() in grown["nav.xhtml"]
    # Nothing has changed: nothing is written.
    state = next((tmp_path / "out").glob("*.epub")).stat()
    assert converted(tmp_path / "out") == grown
    assert next((tmp_path / "out").glob("*.epub")).stat().st_mtime_ns == state.st_mtime_ns
    afresh = converted(tmp_path / "out", "--recover-again")
    assert "What’s new".encode() not in afresh["nav.xhtml"]


def test_the_python_api_keeps_it_too(tmp_path):
    (tmp_path / "dump.txt").write_text(dump(THREE, chapters="3/?"), encoding="utf-8")
    options = MakeOptions(publish=BARE)
    book = fic2epub.convert(tmp_path / "dump.txt", tmp_path / "book.epub", options=options)
    before = {name: data for name, data in read_entries(book).items() if "text/" in name}
    more = dump([*THREE, *chapters(14, at=60)], chapters="4/?")
    (tmp_path / "dump.txt").write_text(more, encoding="utf-8")
    fic2epub.convert(tmp_path / "dump.txt", tmp_path / "book.epub", options=options)
    grown = read_entries(book)
    assert {name: grown[name] for name in before} == before
    assert "What’s new".encode() in grown["nav.xhtml"]


@pytest.mark.needs("java")
def test_epubcheck_finds_nothing_in_a_work_that_has_grown(tmp_path):
    plain, parted = Shelf(), Shelf()
    plain.make(dump(THREE, chapters="3/?"))
    plain.make(dump([*THREE, *chapters(12, 12, at=60)], chapters="5/?"))
    parts = ["Part One", "Chapter 1", *(paragraph(n) for n in range(14)), "Part Two", "Chapter 2"]
    parts += [paragraph(n) for n in range(14, 28)]
    parted.make(dump(parts[:16], chapters="1/?"))
    parted.make(dump(parts, chapters="2/?"))
    books = []
    for name, shelf in (("plain", plain), ("parted", parted)):
        assert shelf.memory.news is not None
        books.append(tmp_path / f"{name}.epub")
        books[-1].write_bytes(pack(publish(shelf.recovery.work, options=BARE)))
    epubcheck.clean(*books)


# Whatever happens to the text


def flat(blocks: Iterable[object]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Note):
            yield from flat(block.blocks)
        elif isinstance(block, Paragraph | Heading):
            yield plain_text(block.content)


def words(work: Work) -> list[str]:
    """All words of a work, in the order of its pages."""
    found = [*flat(work.front)]
    for chapter in work.chapters:
        opening = [block for block in (chapter.part, chapter.heading) if block]
        found += flat((*opening, *chapter.front, *chapter.body, *chapter.back))
    return " ".join([*found, *flat(work.back)]).split()


@st.composite
def changed(draw: st.DrawFn, lines: list[str]) -> list[str]:
    """A text with paragraphs taken out, put in, written anew, moved, or more of it at the end."""
    lines = list(lines)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["out", "in", "anew", "move", "note", "cut"])):
            case "out" if len(lines) > 2:
                del lines[at]
            case "in":
                lines.insert(at, paragraph(100 + draw(st.integers(0, 50))))
            case "anew":
                lines[at] = paragraph(200 + draw(st.integers(0, 50)))
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "note":
                lines.insert(at, draw(st.sampled_from([NOTE, SORRY, "Chapter 2", "***", "The End"])))
            case _:
                lines = lines[: max(at, 2)]
    return [*lines, *chapters(*draw(st.sampled_from([(), (9,), (8, 8)])), at=60)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed(THREE), st.sampled_from(["1/1", "2/?", "3/?", "4/?", "5/?", None]))
def test_whatever_happens_to_the_text_no_word_is_lost_and_the_book_can_be_had_again(lines, count):
    shelf = Shelf()
    shelf.make(dump(THREE, chapters="3/?"))
    text = dump(lines, chapters=count or "3/?")
    text = text if count else text.replace("Chapters: 3/?\n", "")
    made = dict(shelf.make(text))
    shown = [line for line in lines if line != "***"]
    assert words(shelf.recovery.work) == " ".join(shown).split()
    assert shelf.make(text) == made


@pytest.mark.parametrize("work_id", ["1234567", None])
def test_a_work_of_an_anthology_keeps_what_the_anthology_remembers_of_it(work_id):
    def draft(lines: list[str], count: str) -> Draft:
        return read_stdin(io.BytesIO(dump(lines, chapters=count, work_id=work_id).encode()))

    options = MakeOptions(publish=BARE)
    first = recover(draft(THREE, "3/?"), options).work
    book = publish(gather(bind([handmade.one_shot(), first], BARE), title="Both"), options=BARE)
    standing = read_record(read_entries(pack(book)))
    grown = recover(draft([*THREE, *chapters(14, at=60)], "4/?"), options, standing=standing).work
    assert grown.provenance.memory.news == 4
    assert grown.chapters[1].boundary.firings[0].rule == "kept.boundary"
