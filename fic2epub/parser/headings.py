"""Step 4b of the route: which lines of a work open a chapter.

The lines that are headings by themselves (``heading_lines``) are looked at together, in order:

[certain] heading.list      entries of a contents list, one below the other, are no headings
[certain] heading.numbered  those whose numbers count up, steps over missing numbers allowed; a new part may
                            begin again at 1; the same heading twice is one
[certain] heading.part      a part above its first chapter; without chapter words a part is a chapter
[likely]  heading.named     a prologue, an epilogue, an interlude, as many as the count leaves room for
[likely]  heading.number    bare numbers, if they are as many as chapters and stand as far apart; else they
                            are sections of a chapter (225 of 25,084 AO3 works number their sections)
[likely]  heading.marked    titles behind Markdown's number signs (``markdown``)
[likely]  heading.title     bare titles (``titles``), if they are as many as chapters, or stand where the
                            work's own spacing marks its joins

Headings inside a work of one chapter are sections (level 2). It must not touch a numbered list, a line
of verse, nor a title that comes twice (a date or viewpoint line).
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from fic2epub.parser.heading_lines import LONGEST, HeadingLine, looks_like_title, read_heading
from fic2epub.parser.markdown import find_marked
from fic2epub.parser.titles import CHAPTER_LENGTH, find_titles, repeated_titles, repeats_title
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary, normalise
from fic2epub.values import dataclass

__all__ = ["HeadingLine", "find_headings", "read_heading"]

_MINOR = """
dedication acknowledgements acknowledgments glossary appendix foreword preface introduction intro preamble
playlist extra extras bonus outtake outtakes overture coda finale
"""
MINOR = frozenset(_MINOR.split()) | {
    *("table of contents", "cast of characters", "character list"),
    *("bonus scene", "deleted scene", "deleted scenes"),
}
"""Named headings that are a chapter only where the declared count asks for one more."""
LIST_RUN = 3
"""So many numbered lines without a paragraph between them are a contents list."""
WINDOW = 80
"""How many lines back the count is looked up; no work has more false ones between two headings."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the lines of a work say by themselves, by kind, each in order."""

    keyword: list[HeadingLine]
    parts: list[HeadingLine]
    named: list[HeadingLine]
    minor: list[HeadingLine]
    numbers: list[HeadingLine]


def find_headings(
    units: Sequence[Unit], vocabulary: Vocabulary, *, declared: int | None = None, title: str | None = None
) -> tuple[HeadingLine, ...]:
    """The headings of a work, in order.

    Args:
        units: the work's units, in order.
        vocabulary: of the work's language.
        declared: how many chapters the dump says it holds. With 1, a heading is a section (level 2)
            inside the one chapter.
        title: the work's, which sites put before the chapter's (``Fog - Chapter 3``).
    """
    read = [_read(unit, i, vocabulary, title) for i, unit in enumerate(units)]
    found = _sorted([line for line in read if line is not None], vocabulary)
    numbers = _chapter_numbers(found, units, declared)
    marked = find_marked(units, read, declared=declared, title=title)
    if found.keyword:
        chosen = _by_keyword(found, declared)
        chosen += _fitting(marked.chapters, chosen, declared)
    elif numbers:
        chosen = [*numbers, *found.parts, *_fitting(found.named, numbers, declared)]
    elif marked.chapters:
        chosen = [*marked.chapters, *_fitting(found.named, marked.chapters, declared)]
        chosen += _standing(found.parts, chosen, declared)
    elif run := _chapter_parts(found.parts, units, declared):
        chosen = [replace(line, level=1, rule="heading.numbered") for line in run]
        chosen += _fitting(found.named, run, declared)
    else:
        titles = find_titles(units, read, vocabulary, declared=declared, title=title)
        titles = titles or repeated_titles(units, title, declared)
        chosen = [*titles, *_fitting(found.named, titles, declared)]
        if declared is None and not titles:
            # A lone "Epilogue" without a number or a count anywhere does not take a one-shot apart.
            chosen = [replace(line, level=2) for line in chosen]
    taken = {line.index for line in chosen}
    chosen += [replace(line, level=2) for line in marked.every if line.index not in taken]
    taken = {line.index for line in chosen}
    if not numbers and len(found.numbers) > 1:
        chosen += [replace(line, level=2) for line in found.numbers if line.index not in taken]
    if len(found.parts) > 1:
        chosen += [replace(line, level=2) for line in found.parts if line.index not in taken]
    chosen = _with_minor(chosen, found.minor, declared)
    chosen = [_with_title_below(line, units, vocabulary) for line in _in_order(chosen)]
    chosen = [_with_title_above(line, units, title) for line in chosen]
    if declared == 1:
        chosen = [replace(line, level=2) for line in chosen]
    return tuple(chosen)


def _read(unit: Unit, index: int, vocabulary: Vocabulary, title: str | None) -> HeadingLine | None:
    """A unit as a heading by itself, with or without the work's title before it."""
    text = unit.text
    if unit.rule is not None or len(text) > LONGEST + len(title or ""):
        return None
    line = read_heading(text, vocabulary, index=index)
    if line is None and title and len(text) > len(title) + 3 and text.casefold().startswith(title.casefold()):
        rest = re.match(r"\s*[-–—:,.|~(]\s*|\s+", text[len(title) :])
        if rest:
            line = read_heading(text[len(title) + rest.end() :], vocabulary, index=index)
            return line if line is not None and line.rule == "heading.numbered" else None
    return line


def _sorted(lines: Sequence[HeadingLine], vocabulary: Vocabulary) -> _Found:
    """The lines by kind, without contents lists and labels of notes.

    An afterword is a chapter, and two of them in one work are the labels of two notes.
    """
    labels = {*vocabulary.labels.note, *vocabulary.labels.note_marked, *vocabulary.labels.summary}
    times = Counter(normalise(line.label or "") for line in lines if line.rule == "heading.named")
    sided = {*vocabulary.labels.before, *vocabulary.labels.after}
    labels |= {label for label in sided if times[label] > 1}
    kinds: dict[str, list[HeadingLine]] = {
        kind: [] for kind in ("numbered", "part", "named", "minor", "number")
    }
    for line in _without_lists(lines):
        kind = line.rule.removeprefix("heading.")
        if kind == "named":
            label = normalise(line.label or "")
            if label in labels:
                continue
            kind = "minor" if label in MINOR else "named"
        kinds[kind].append(line)
    return _Found(kinds["numbered"], kinds["part"], kinds["named"], kinds["minor"], kinds["number"])


def _without_lists(lines: Sequence[HeadingLine]) -> list[HeadingLine]:
    """The lines without contents lists and numbered lists; a heading that comes twice in a row is one.

    Two bare numbers in neighbouring paragraphs are a list already: no section is empty.
    """
    kept: list[HeadingLine] = []
    run: list[HeadingLine] = []
    for line in [*lines, None]:
        if run and line is not None and line.index == run[-1].index + 1 and line.rule == run[-1].rule:
            run.append(line)
            continue
        if len(run) == 2 and run[0].number == run[1].number and run[0].number is not None:
            kept.append(replace(run[0], last=run[1].index, title=run[1].title or run[0].title))
        elif len(run) < (2 if run and run[0].rule == "heading.number" else LIST_RUN):
            kept += run
        run = [line] if line is not None else []
    return kept


def _by_keyword(found: _Found, declared: int | None) -> list[HeadingLine]:
    """Chapters with the chapter word, and what else has room beside them."""
    parts = [line.index for line in found.parts]
    run = _counting_run([line for line in found.keyword if line.number is not None], parts)
    if declared is not None and len(run) < declared <= len(run) + len(found.numbers):
        together = _counting_run(_in_order([*run, *found.numbers]), parts)
        if len(together) > len(run):
            run = together
    indices = {line.index for line in run}
    # A number that does not fit (a chapter miscounted, "Chapter 3.5") still says "chapter".
    strays = [replace(line, number=None) for line in found.keyword if line.index not in indices]
    chosen = [*run, *_fitting(strays, run, declared)]
    chosen += _fitting(found.named, chosen, declared)
    return [*chosen, *_standing(found.parts, chosen, declared)]


def _standing(
    parts: Sequence[HeadingLine], chapters: Sequence[HeadingLine], declared: int | None
) -> list[HeadingLine]:
    """Parts above a chapter heading keep their level; others divide a chapter, if none is missing."""
    heads = {line.index for line in chapters if line.level == 1}
    complete = declared is not None and len(heads) >= declared
    return [
        replace(line, level=2)
        if complete and not any(line.index + step in heads for step in (1, 2, 3))
        else line
        for line in parts
    ]


def _fitting(
    extra: Sequence[HeadingLine], chapters: Sequence[HeadingLine], declared: int | None
) -> list[HeadingLine]:
    """Headings beside a run of chapters, as many as are declared; what is more is a section.

    The one above the first chapter and the one below the last go first: a prologue and an epilogue are
    chapters more often than an interlude is.
    """
    if declared is None or len(chapters) + len(extra) <= declared:
        return list(extra)
    levels = [line.index for line in chapters if line.level == 1]
    low, high = (min(levels), max(levels)) if levels else (0, 0)
    ranked = sorted(extra, key=lambda line: low < line.index < high)
    room = max(0, declared - len(levels))
    return [line if position < room else replace(line, level=2) for position, line in enumerate(ranked)]


def _with_minor(
    chosen: Sequence[HeadingLine], minor: Sequence[HeadingLine], declared: int | None
) -> list[HeadingLine]:
    """A dedication or an extra is a chapter if all of them together fill the count, else it is left alone."""
    heads = sum(line.level == 1 for line in chosen)
    if declared is None or not minor or not heads or heads + len(minor) > declared:
        return list(chosen)
    return [*chosen, *minor]


def _in_order(lines: Sequence[HeadingLine]) -> list[HeadingLine]:
    return sorted(lines, key=lambda line: line.index)


def _chapter_parts(
    parts: Sequence[HeadingLine], units: Sequence[Unit], declared: int | None
) -> list[HeadingLine]:
    """Parts that are the chapters of a work without a chapter word: Wattpad and mailing lists say "Part 3".

    No more than are declared; without a count they stand as far apart as chapters do, or they are sections.
    """
    run = _counting_run(parts)
    if len(run) < 2 or (declared is not None and len(parts) > declared + 1 and declared > 1):
        return []
    return run if declared is not None or _median_length(run, units) >= CHAPTER_LENGTH else []


def _median_length(lines: Sequence[HeadingLine], units: Sequence[Unit]) -> int:
    """The median of the characters from a heading to the next, or to the end."""
    offsets = [0, *accumulate(len(unit.text) for unit in units)]
    starts = [*(offsets[line.index] for line in lines), offsets[-1]]
    lengths = sorted(b - a for a, b in pairwise(starts))
    return lengths[len(lengths) // 2]


def _chapter_numbers(found: _Found, units: Sequence[Unit], declared: int | None) -> list[HeadingLine]:
    """Bare numbers that part chapters; none if they part sections.

    They are chapters if none comes twice (outside parts), they begin at the beginning, and they are as
    many as is declared and spread as widely; without a count, if they stand as far apart as chapters do.
    """
    lines = found.numbers
    if len(lines) < 2 or declared == 1 or found.keyword:
        return []
    parts = [line.index for line in found.parts]
    run = _counting_run(lines, parts)
    if len(run) < 2 or (run[0].number or 0) > 2 or (len(lines) - len(run) > len(run) // 3):
        return []
    if sum(line.number == 1 for line in lines) > max(1, len(parts)):
        return []  # sections that begin again with each chapter
    if declared is None:
        return run if len(run) >= 3 and _median_length(run, units) >= CHAPTER_LENGTH else []
    highest = max(line.number or 0 for line in run)
    if highest > declared + 1 or len(run) < 0.5 * (declared - 1):
        return []
    offsets = [0, *accumulate(len(unit.text) for unit in units)]
    spread = (offsets[run[-1].index] - offsets[run[0].index]) / max(1, offsets[-1])
    return run if spread >= 0.4 * (highest - (run[0].number or 0)) / declared else []


def _counting_run(lines: Sequence[HeadingLine], parts: Sequence[int] = ()) -> list[HeadingLine]:
    """The longest run of lines whose numbers count up; a fresh 1 may begin again (a new part).

    Steps over a missing number are allowed; of two runs of one length the one with fewer gaps wins.
    ``parts`` are the indices of part headings, below which a count may begin again.
    """
    if not lines:
        return []
    best: list[tuple[float, int | None]] = []
    for i, line in enumerate(lines):
        number = line.number or 0
        value, parent = 1.0 - 0.01 * max(0, number - 1), None
        for j in range(max(0, i - WINDOW), i):
            before = lines[j]
            step = number - (before.number or 0)
            if step >= 1:
                score = best[j][0] + 1.0 - 0.02 * min(step - 1, 30)
            elif number <= 1 and (_parted(before.index, line.index, parts) or (before.number or 0) >= 3):
                score = best[j][0] + 0.9
            else:
                continue
            if score > value:
                value, parent = score, j
        best.append((value, parent))
    at: int | None = max(range(len(lines)), key=lambda i: best[i][0])
    run = []
    while at is not None:
        run.append(lines[at])
        at = best[at][1]
    return run[::-1]


def _parted(left: int, right: int, parts: Sequence[int]) -> bool:
    """Whether a part heading stands between two units."""
    at = bisect_right(parts, left)
    return at < len(parts) and parts[at] < right


def _with_title_above(line: HeadingLine, units: Sequence[Unit], title: str | None) -> HeadingLine:
    """``Fog`` over ``Chapter 3``: FF.net's copies repeat the work's title at the head of each chapter.

    The first of them is left to the marks: there it is no part of a heading.
    """
    above = line.index - 1
    if above < 1 or line.last is not None or line.level != 1 or not repeats_title(units[above], title):
        return line
    return replace(line, index=above, last=line.index)


def _with_title_below(line: HeadingLine, units: Sequence[Unit], vocabulary: Vocabulary) -> HeadingLine:
    """``Chapter 3`` over its title: the next unit belongs to the heading if it is cased like a title."""
    following = line.index + 1
    # A heading is one unit or two: a third would have no place.
    if (
        line.title
        or line.last
        or line.rule == "heading.title"
        or line.level == 2
        or following >= len(units) - 1
    ):
        return line
    text = units[following].text
    quoted = text[0] in '"“«' and text[-1] in '"”»' and text[-2:-1] not in ".,!?…-—"  # no lone mark
    if (
        units[following].rule is None
        and (quoted or (text[0] not in "\"“‘'«—([#" and text[-1] not in '.,;:"”’…—-'))
        and len(text.split()) <= 9
        and read_heading(text, vocabulary) is None
        and looks_like_title(text)
        and len(units[following + 1].text.split()) > 9
        and not any(character.isdigit() for character in text)
        and not any(word in text.lower() for word in vocabulary.scene.pov)
    ):
        return replace(line, last=following, title=text)
    return line
