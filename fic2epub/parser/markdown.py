"""Step 4b of the route, one of its rules: titles that Markdown sets as headings.

[likely] heading.marked  ``# The Lamp``, ``## The Lamp ##``: one to six number signs and a blank. The lines
                         of one level are chapters if they are as many as are declared, if numbered
                         chapters stand at the same level, or, without a count, if they stand as far
                         apart as chapters do; those of other levels are sections

It must not touch ``#lamp`` (a tag has no blank), a line that comes twice (``# general``, a channel in a
story told in messages), the work's own title, or a number sign that stands alone in its work. The form is
CommonMark's "ATX heading"; numbered ones (``# Chapter 3``) are read like any other line of their kind.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from fic2epub.parser.heading_lines import LONGEST, HeadingLine
from fic2epub.parser.titles import CHAPTER_LENGTH, repeats_title
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["Marked", "find_marked"]

MARKED_RE = re.compile(r"(?P<signs>#{1,6})[^\S\n]+(?P<title>[^\s#].*?)[\s#]*")
SHORT = 40
"""Characters of the line below, which closes like a sentence if it is shorter: no list of tags."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The titles of a work that stand behind number signs and are no heading otherwise, in order."""

    every: tuple[HeadingLine, ...] = ()
    chapters: tuple[HeadingLine, ...] = ()
    """Those of them that may open a chapter."""


def find_marked(
    units: Sequence[Unit], read: Sequence[HeadingLine | None], *, declared: int | None, title: str | None
) -> Marked:
    """Find the lines behind number signs and the level of those that open chapters.

    Args:
        units: of the work.
        read: what each unit's line says by itself; numbered lines show the level of the chapters.
        declared: how many chapters the dump says it holds.
        title: the work's.
    """
    found = _marked_lines(units, title)
    if len(found) < 2:
        return Marked()
    level = _chapter_level(
        {i: len(match.group("signs")) for i, match in found.items()}, units, read, declared
    )
    every = {
        i: HeadingLine(index=i, rule="heading.marked", label=None, title=match.group("title"), number=None)
        for i, match in found.items()
        if read[i] is None
    }
    chapters = [line for i, line in every.items() if len(found[i].group("signs")) == level]
    return Marked(tuple(every.values()), tuple(chapters))


def _chapter_level(
    signs: dict[int, int],
    units: Sequence[Unit],
    read: Sequence[HeadingLine | None],
    declared: int | None,
) -> int | None:
    """How many signs stand before the chapters of a work; None if none are behind signs."""
    numbered = [i for i, line in enumerate(read) if line is not None and line.rule == "heading.numbered"]
    if numbered:
        return min((signs[i] for i in numbered if i in signs), default=None)
    for level in sorted(set(signs.values())):
        if _fits([i for i in signs if signs[i] == level], units, declared):
            return level
    return None


def _marked_lines(units: Sequence[Unit], title: str | None) -> dict[int, re.Match[str]]:
    """The units behind number signs that come once and have text below them."""
    found = {
        i: match
        for i, unit in enumerate(units[:-1])
        if unit.text[0] == "#"
        and unit.rule is None
        and len(unit.text) <= LONGEST
        and (match := MARKED_RE.fullmatch(unit.text))
        and not repeats_title(unit, title)
        and _has_text_below(units[i + 1])
    }
    times = Counter(match.group().casefold() for match in found.values())
    return {i: match for i, match in found.items() if times[match.group().casefold()] == 1}


def _has_text_below(unit: Unit) -> bool:
    """Whether a line may stand below a heading: a rule, another heading, a sentence."""
    return (
        unit.rule is not None
        or len(unit.text) >= SHORT
        or unit.text[-1] in '.!?…"”’*_:'
        or unit.text[0] == "#"
    )


def _fits(lines: Sequence[int], units: Sequence[Unit], declared: int | None) -> bool:
    """Whether the lines of one level are chapters, by their number or by how far apart they stand."""
    if len(lines) < 2:
        return False
    if declared is not None:
        return 0.7 * declared <= len(lines) <= 1.15 * declared + 1
    offsets = [0, *accumulate(len(unit.text) for unit in units)]
    lengths = sorted(b - a for a, b in pairwise([*(offsets[i] for i in lines), offsets[-1]]))
    return lengths[len(lengths) // 2] >= CHAPTER_LENGTH
