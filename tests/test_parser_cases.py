"""Stage 4 of the route by named cases: breaks, units, headings, marks, then whole works.

Each file of ``tests/parser`` says in its head how its outlines read. A case whose title ends in
``[fails]`` is a known failure: it must fail, so that a cure by accident is noticed.
"""

import re
from itertools import cycle, islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.cases import FOLDER, Case, load

from fic2epub.model import (
    Draft,
    Emphasis,
    Fate,
    Heading,
    Inline,
    Note,
    NoteKind,
    Origin,
    Paragraph,
    Recovery,
    SceneBreak,
    Span,
    Strong,
    Text,
)
from fic2epub.parser.breaks import find_glued_breaks, is_scene_break
from fic2epub.parser.decode import decode
from fic2epub.parser.formats import drafts
from fic2epub.parser.headings import HeadingLine, find_headings
from fic2epub.parser.marks import find_marks
from fic2epub.parser.missing import missing_between
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.outline import outline
from fic2epub.parser.units import Body, read_body
from fic2epub.parser.vocabulary import Vocabulary, vocabulary
from fic2epub.parser.work import parse

KNOWN_FAILURE = " [fails]"
PROSE = tuple((FOLDER / "prose.txt").read_text("utf-8").splitlines())
STORY = re.compile(r"\(prose(?:\s(\d+))?\)")


def cases(name: str) -> pytest.MarkDecorator:
    """The cases of a file as arguments; known failures as strict xfail."""
    found = load(name)
    titles = [case.title for case in found]
    assert len(set(titles)) == len(titles), f"{name}: two cases have one title"
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(
                case,
                id=case.title.removesuffix(KNOWN_FAILURE),
                marks=[pytest.mark.xfail(strict=True)] if case.title.endswith(KNOWN_FAILURE) else [],
            )
            for case in found
        ],
    )


def told(text: str) -> str:
    """The input with a paragraph of the story for each ``(prose)``, or several for ``(prose 5)``."""
    story = cycle(PROSE)
    return STORY.sub(lambda match: "\n\n".join(islice(story, int(match[1] or 1))), text)


def draft_of(case: Case) -> Draft:
    source = decode(told(case.input).encode(), name="story.txt")
    (draft,) = drafts(source, Origin(None, "story.txt"), ParseOptions())
    return draft


def body_of(draft: Draft) -> tuple[Body, Vocabulary]:
    words = vocabulary(draft.metadata.language)
    return read_body(draft.source, draft.body, break_words=frozenset(words.scene.break_words)), words


def collapsed(lines: list[str]) -> str:
    """One ``P`` for paragraphs of prose in a row."""
    return "\n".join(line for i, line in enumerate(lines) if line != "P" or lines[i - 1 : i] != ["P"])


def shown(text: str) -> str:
    return "P" if text in PROSE else f"P {text}"


@cases("breaks.md")
def test_breaks(case: Case) -> None:
    words = frozenset(vocabulary("en").scene.break_words)
    lines = []
    for line in case.input.split("\n"):
        rule = is_scene_break(line, words)
        text = line
        for start, end in reversed(find_glued_breaks(line) if rule is None else ()):
            text = f"{text[:start].rstrip()} | {text[start:end]} | {text[end:].lstrip()}".rstrip()
        lines.append(f"{rule.removeprefix('break.') if rule else '-'}  {text}")
    assert "\n".join(lines) == case.expected


@cases("units.md")
def test_units(case: Case) -> None:
    body, _ = body_of(draft_of(case))
    lines = [
        f"B {unit.rule.removeprefix('break.')} {unit.text}" if unit.rule else shown(unit.text)
        for unit in body.units
    ]
    assert "\n".join([body.form, *lines]) == case.expected


def headings_of(case: Case) -> tuple[Body, tuple[HeadingLine, ...], Draft, Vocabulary]:
    draft = draft_of(case)
    body, words = body_of(draft)
    declared = draft.metadata.chapters_posted
    return body, find_headings(body.units, words, declared=declared, title=draft.metadata.title), draft, words


@cases("headings.md")
def test_headings(case: Case) -> None:
    body, headings, draft, _ = headings_of(case)
    by_index = {line.index: line for line in headings}
    covered = {line.last for line in headings}
    lines = []
    for i, unit in enumerate(body.units):
        line = by_index.get(i)
        if line is not None:
            parts = [str(line.number) if line.number is not None else line.label or "-", line.title or ""]
            kind = line.rule.removeprefix("heading.")
            lines.append(" ".join(f"{'PHS'[line.level]} {kind} {' '.join(parts)}".split()))
        elif i not in covered:
            lines.append(f"B {unit.text}" if unit.rule else shown(unit.text))
    missing = [
        "?" if stretch.count is None else str(stretch.count)
        for stretch in missing_between(headings, draft.metadata.chapters_posted)
    ]
    if missing:
        lines.append(f"missing {' '.join(missing)}")
    assert collapsed(lines) == case.expected


@cases("marks.md")
def test_marks(case: Case) -> None:
    body, headings, draft, words = headings_of(case)
    marks = find_marks(body.units, headings, words, title=draft.metadata.title)
    lines = []
    for i, unit in enumerate(body.units):
        kind = marks.kind(i)
        if kind == "jump":
            lines.append("J other" if i in marks.pointers else "J more" if marks.jumps[i] else "J")
        elif kind in ("heading", "title"):
            lines.append(f"H {unit.text}")
        elif kind is not None:
            lines.append(f"{'T' if i in marks.titles else kind[0].upper()} {unit.text}")
        else:
            lines.append(f"B {unit.text}" if unit.rule else shown(unit.text))
    assert collapsed(lines) == case.expected


NOTES = {
    NoteKind.SUMMARY: "S",
    NoteKind.BEFORE: "N before",
    NoteKind.WITHIN: "N within",
    NoteKind.AFTER: "N after",
}


def recovered(case: Case) -> Recovery:
    return parse(draft_of(case))


def work_outline(recovery: Recovery) -> str:
    """Chapters with their blocks; a paragraph of prose is ``P``, of a note its first words."""
    lines = []
    for chapter in recovery.work.chapters:
        heading = chapter.heading.title or chapter.heading.label if chapter.heading else ""
        part = f" in {chapter.part.label}" if chapter.part else ""
        lines.append(f"CHAPTER {chapter.number or '?'} {heading or ''}".rstrip() + part)
        for block in (*chapter.front, *chapter.body, *chapter.back):
            match block:
                case Note(kind, blocks):
                    paragraphs = [text_of(block) for block in blocks if isinstance(block, Paragraph)]
                    more = f" (+{len(paragraphs) - 1})" if len(paragraphs) > 1 else ""
                    lines.append(f"{NOTES[kind]} {paragraphs[0]}{more}")
                case SceneBreak(marker):
                    lines.append(f"B {marker}")
                case Heading():
                    lines.append(f"S {block.title or block.label}")
                case Paragraph():
                    lines.append(shown(text_of(block)))
                case _:
                    lines.append(type(block).__name__)
    for entry in recovery.ledger:
        if entry.fate is Fate.DROPPED:
            words = recovery.source.text[entry.span.start : entry.span.end].split()
            lines.append(f"dropped {' '.join(words)}")
    return collapsed(lines)


def text_of(paragraph: Paragraph) -> str:
    return " ".join(getattr(part, "text", "/") for part in paragraph.content)


@cases("notes.md")
def test_notes(case: Case) -> None:
    assert work_outline(recovered(case)) == case.expected


@cases("boundaries.md")
def test_boundaries(case: Case) -> None:
    assert work_outline(recovered(case)) == case.expected


def marked(content: tuple[Inline, ...]) -> str:
    """A paragraph with its emphasis in angles, doubled ones for strong."""
    parts = []
    for inline in content:
        match inline:
            case Emphasis(inner):
                parts.append(f"<{marked(inner)}>")
            case Strong(inner):
                parts.append(f"<<{marked(inner)}>>")
            case Text(text):
                parts.append(text)
            case _:
                parts.append("\n")
    return "".join(parts)


@cases("emphasis.md")
def test_emphasis(case: Case) -> None:
    recovery = recovered(case)
    lines = []
    for chapter in recovery.work.chapters:
        for block in (*chapter.front, *chapter.body, *chapter.back):
            for one in block.blocks if isinstance(block, Note) else (block,):
                if isinstance(one, SceneBreak):
                    lines.append(f"B {one.marker}")
                elif isinstance(one, Paragraph) and (text := marked(one.content)) not in PROSE:
                    lines.append(text)
    found = [entry.detail or "" for entry in recovery.ledger if entry.fate is Fate.MARKER]
    if found:
        lines.append(f"markers {' '.join(found)}")
    assert "\n".join(lines) == case.expected


@cases("outline.md")
def test_outline(case: Case) -> None:
    # Scores and the weighed signs move with every training; the certain marks do not.
    lines = [re.sub(r"  [01]\.\d\d(?:  |$)", "  ", line) for line in outline(recovered(case))]
    lines = [re.sub(r"(?:; )?(?:note|boundary)\.[\w-]+(?: “[^”]*”)?", "", line) for line in lines]
    assert "\n".join(line.rstrip(" ;") for line in lines) == case.expected


LINE = st.text(alphabet=st.sampled_from("oOxX0°*~-=_.#+ :;!?\"'()[]<>aHP…—\u3000"), max_size=30)


@given(LINE)
def test_a_glued_break_stands_inside_its_line_and_takes_no_white_space(line: str) -> None:
    bare = line.strip()
    for start, end in find_glued_breaks(bare):
        assert 0 < start < end <= len(bare)
        assert bare[start:end] == bare[start:end].strip()


@given(st.text(alphabet="0123456789.:,/ ", max_size=12))
@example("/0/")
def test_numbers_and_times_are_never_breaks(line: str) -> None:
    if any(character.isdigit() for character in line):
        assert is_scene_break(line.strip()) is None


BODY_LINE = st.sampled_from(
    [
        *(PROSE[0], PROSE[1][:70], PROSE[2][:40], "  " + PROSE[3], "Chapter 2"),
        *("***", "He left. oOo Then he came.", "-.-", "", "", "\xa0"),
    ]
)


@given(st.lists(BODY_LINE, max_size=30))
def test_units_hold_every_character_that_shows_once_and_in_order(lines: list[str]) -> None:
    source = decode("\n".join(["Fog.", *lines]).encode(), name="story.txt")
    body = read_body(source, Span(0, len(source.text)))
    assert "".join("".join(unit.text.split()) for unit in body.units) == "".join(source.text.split())
    ends = [0, *(edge for unit in body.units for edge in (unit.span.start, unit.span.end))]
    assert ends == sorted(ends)


NUMBERS = st.lists(st.one_of(st.integers(1, 12), st.none()), min_size=1, max_size=12)


@given(NUMBERS, st.one_of(st.none(), st.integers(1, 20)))
def test_missing_chapters_never_exceed_what_is_declared(
    numbers: list[int | None], declared: int | None
) -> None:
    lines = [
        HeadingLine(index=3 * i, rule="heading.numbered", label="Chapter", title=None, number=number)
        for i, number in enumerate(numbers)
    ]
    stretches = missing_between(lines, declared)
    assert [s.before for s in stretches] == [*(line.index for line in lines), None]
    assert [s.after for s in stretches] == [None, *(line.index for line in lines)]
    assert all(s.count is None or s.count >= 0 for s in stretches)
    if declared is not None:
        assert sum(s.count or 0 for s in stretches) <= max(0, declared - len(lines))
