"""Every sample and every real dump, held against its truth file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.truth import Truth, load, note_labels, recover, recovered_notes

from fic2epub.model import Block, Fate, LineBreak, Note, Paragraph, ParagraphKind, Recovery, Text
from fic2epub.parser.outline import inspection

SAMPLES = ("101", "102", "103", "104", "105", "106", "107", "108", "109")
REAL = ("000", "001", "002", "003", "004")

OPEN: dict[str, dict[str, str]] = {
    "starts": {
        "106": "the note before the second chapter is taken for the first one's end note",
    },
    "notes": {
        "104": "end notes that read like prose are taken for the story",
        "105": "last paragraphs of chapters are taken for notes",
        "106": "the note before the second chapter is taken for the first one's end note",
    },
    "prose": {
        "104": "end notes that read like prose are taken for the story",
        "105": "last paragraphs of chapters are taken for notes",
    },
}
"""What is not yet right: test, number of the dump, why."""


def every_dump(test: str) -> pytest.MarkDecorator:
    """Run a test once for each dump, as its argument ``case``; strictly expected to fail where OPEN says."""
    unright = OPEN.get(test, {})
    params = []
    for number in (*SAMPLES, *REAL):
        marks = [pytest.mark.needs("seeds")] if number in REAL else []
        if number in unright:
            marks.append(pytest.mark.xfail(strict=True, reason=unright[number]))
        params.append(pytest.param(number, marks=marks, id=number))
    return pytest.mark.parametrize("case", params, indirect=True)


@dataclass(frozen=True, slots=True)
class Case:
    truth: Truth
    recovery: Recovery
    found: dict[str, Any]
    """``inspect --json``."""

    @property
    def pairs(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Each chapter as it is and as it was found; fails if there are more of one."""
        assert len(self.found["chapters"]) == len(self.truth.chapters)
        return zip(self.truth.chapters, self.found["chapters"], strict=True)

    def extent(self, lines: list[int]) -> tuple[int, int] | None:
        """A range of lines without the blank ones at its ends; None if it is all blank."""
        shown = [at for at in range(*lines) if self.truth.texts[at].strip()]
        return (shown[0], shown[-1] + 1) if shown else None

    def blocks(self) -> Iterator[Block]:
        for chapter in self.recovery.work.chapters:
            yield from (*chapter.front, *chapter.body, *chapter.back)


@pytest.fixture
def case(request: pytest.FixtureRequest, samples: tuple[Path, ...]) -> Case:
    number = request.param
    files = request.getfixturevalue("seeds_dir").glob("*.txt") if number in REAL else samples
    return read_case(next(path for path in files if path.name.startswith(f"{number}_")))


@cache
def read_case(path: Path) -> Case:
    recovery = recover(path.read_bytes())
    return Case(load(path), recovery, inspection(recovery))


@every_dump("file")
def test_the_truth_is_of_this_file(case: Case) -> None:
    truth = case.truth
    assert (truth.facts["file"], truth.facts["sha256"]) == (
        truth.path.name,
        hashlib.sha256(truth.path.read_bytes()).hexdigest(),
    )


@every_dump("header")
def test_the_header_is_read(case: Case) -> None:
    for key in ("title", "work_id", "author", "declared", "total"):
        assert case.found[key] == case.truth.facts[key], key
    keys = case.found["header"].keys()
    assert keys >= set(case.truth.facts.get("unknown_header_keys", ()))
    assert not keys & set(case.truth.facts.get("missing_header_keys", ()))


@every_dump("work summary")
def test_the_works_summary_is_found(case: Case) -> None:
    assert case.found["work_summary"] == case.truth.facts.get("work_summary")


@every_dump("starts")
def test_each_chapter_begins_where_it_begins(case: Case) -> None:
    for chapter, found in case.pairs:
        right = {chapter["start_line"]}
        if chapter.get("side") == "either":
            right.add((chapter["heading"] or chapter["prose"])[0])
        assert found["start_line"] in right


@every_dump("headings")
def test_headings_are_found_as_written(case: Case) -> None:
    for (chapter, found), made in zip(case.pairs, case.recovery.work.chapters, strict=True):
        assert found["heading"] == chapter["heading"]
        assert found["title"] == chapter["title"]
        if made.heading is not None:
            assert made.heading.label == chapter.get("label")


@every_dump("notes")
def test_notes_have_their_kind_and_side(case: Case) -> None:
    """Line by line, so that a note may be found in one piece or in several."""
    expected = note_labels(case.truth.labelled())
    found = {
        at: (number, kind)
        for number, kind, lines in recovered_notes(case.found)
        for at in lines
        if case.truth.texts[at].strip()
    }
    wrong = [at for at in sorted(expected.keys() | found) if found.get(at) not in expected.get(at, ())]
    assert not wrong, [(at, found.get(at), sorted(expected.get(at, ()))) for at in wrong]


@every_dump("prose")
def test_the_story_is_the_story(case: Case) -> None:
    for chapter, found in case.pairs:
        assert case.extent(found["prose"]) == case.extent(chapter["prose"])


@every_dump("traps")
def test_what_looks_like_something_else_is_story(case: Case) -> None:
    """Section numbers, clock times and speech that begins with “Chapter five,”."""
    notes = {at for _, _, lines in recovered_notes(case.found) for at in lines}
    breaks = {one["line"] for one in case.found["scene_breaks"]}
    headings = {at for _, found in case.pairs for at in range(*(found["heading"] or (0, 0)))}
    starts = {found["start_line"] for _, found in case.pairs} - {
        chapter["start_line"] for chapter in case.truth.chapters
    }
    for at in case.truth.facts.get("traps", ()):
        assert at not in notes | breaks | headings | starts
        assert any(at in range(*found["prose"]) for _, found in case.pairs)


@every_dump("scene breaks")
def test_scene_breaks_are_found(case: Case) -> None:
    found = [(one["line"], one["column"]) for one in case.found["scene_breaks"]]
    assert [line for line, _ in found] == list(case.truth.breaks)
    for line, column in found:
        text, glued = case.truth.texts[line], case.truth.breaks[line]
        assert column == (len(text) - len(text.lstrip()) if glued is None else glued)


@every_dump("repairs")
def test_repairs_are_those_of_the_truth_and_no_others(case: Case) -> None:
    found = [(one["line"], one["before"], one["after"]) for one in case.found["repairs"]]
    if "mojibake_line" in case.truth.facts:
        assert [line for line, _, _ in found] == [case.truth.facts["mojibake_line"]]
    else:
        expected = case.truth.facts.get("repairs", [])
        assert found == [(one["line"], one["before"], one["after"]) for one in expected]


@every_dump("dropped")
def test_jump_lines_and_the_repeated_title_alone_are_dropped(case: Case) -> None:
    expected = [(line, "jump line") for line in case.truth.jump_lines]
    expected += [(line, "title repeated") for line in case.truth.title_lines]
    assert sorted((one["line"], one["reason"]) for one in case.found["dropped"]) == sorted(expected)


@every_dump("closings")
def test_closing_lines_close_and_are_no_story(case: Case) -> None:
    source = case.recovery.source
    closings = [
        source.line_of(block.span.start)
        for block in case.blocks()
        if isinstance(block, Paragraph) and block.kind is ParagraphKind.CLOSING
    ]
    assert closings == case.truth.closings
    for chapter in case.found["chapters"]:
        assert not set(range(*chapter["prose"])) & {*case.truth.closings, *case.truth.title_lines}


@every_dump("spacers")
def test_spacer_lines_are_nothing(case: Case) -> None:
    """A line of a no-break space alone is no paragraph and parts none in two."""
    spacers = set(case.truth.facts.get("nbsp_spacer_lines", ()))
    source = case.recovery.source
    for entry in case.recovery.ledger:
        if entry.fate is not Fate.FIELD:
            assert not spacers & set(range(*source.lines_of(entry.span)))


@every_dump("paragraphs")
def test_paragraphs_are_the_dumps(case: Case) -> None:
    """A line that shows something is a paragraph of its own or a line of one; wrapped lines are joined,
    but for verse.
    """
    facts, source = case.truth.facts, case.recovery.source
    verse = [tuple(lines) for lines in facts.get("verse", ())]
    forms = [finding.rule for finding in case.recovery.findings if finding.rule.startswith("form.")]
    if facts.get("paragraphs") == "hard-wrapped":
        assert forms == ["form.wrapped"]
        paragraphs = [block for block in case.blocks() if isinstance(block, Paragraph)]
        kept = {one.text for block in paragraphs for one in block.content if isinstance(one, Text)}
        for start, end in verse:
            assert {text.strip() for text in case.truth.texts[start:end] if text.strip()} <= kept
    else:
        assert forms == (["form.single"] if facts.get("single_newline_paragraphs") else [])
        for block in case.blocks():
            for one in block.blocks if isinstance(block, Note) else (block,):
                lines = source.lines_of(one.span)
                kept = isinstance(one, Paragraph) and LineBreak() in one.content
                assert lines[1] - lines[0] == 1 or kept
