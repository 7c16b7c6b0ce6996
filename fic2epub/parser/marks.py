"""Step 4c of the route: the exact marks, which decide by themselves.

[certain] mark.jump      AO3's jump line, ``(See the end of the chapter for  more notes.)``: its template puts
                         a bare ``<p>`` at the head of every chapter that has end notes (otwarchive
                         app/views/chapters/_chapter.html.erb, read 2026-08; the same on 7 real pages)
[certain] mark.title     the work's title repeated as the first line of the text
[certain] mark.closing   ``The End``, ``Fin``, ``TBC`` alone on a line
[likely]  mark.dateline  a date, place or viewpoint line: short, no end stop, at the head of a scene

A jump line is dropped from the book, with that reason in the ledger; "more" says that a start note
stands just above it. A closing line stays in the text. ``The End, it said, in gold letters`` is a
sentence and no closing line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary, normalise

__all__ = ["Marks", "find_marks"]

JUMP_RE = re.compile(r"\(?See the end of the (?:chapter|work) for\s+(?P<more>(?:more|other)\s+)?notes\s*\.?\)?", re.IGNORECASE)
EDGE = " \t\N{NO-BREAK SPACE}.!~*-–—=_#…\"“”'‘’()[]{}<>•·"
TITLE_REACH = 3
"""The title stands among the first lines or it is no repetition: a later one is a heading or a line."""
DATE_WORDS_RE = re.compile(
    r"""
      \d{1,2}[:.h]\d\d | \b\d{4}\b | \b\d{1,2}(?:st|nd|rd|th)\b | \bday\ \w+ | \b(?:later|earlier|ago|before|after)\b
    | \b(?:morning|evening|night|afternoon|midnight|noon|dawn)\b | \bp\.?o\.?v\b | \bmeanwhile\b | \bflashback\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What certain units are; every other one is prose or note, which the weights tell."""

    jumps: dict[int, bool]
    """Index of a jump line, and whether it says "more"."""
    titles: frozenset[int]
    """Units that repeat the work's title."""
    closings: frozenset[int]
    datelines: frozenset[int]
    headings: dict[int, HeadingLine]
    """Index of every unit of a chapter or part heading (both, of a heading in two lines)."""

    def kind(self, index: int) -> str | None:
        """``jump``, ``heading``, ``title``, ``closing``, ``dateline`` or None."""
        if index in self.jumps:
            return "jump"
        if index in self.headings:
            return "title" if self.headings[index].rule == "heading.title" else "heading"
        if index in self.titles or index in self.closings:
            return "closing"
        return "dateline" if index in self.datelines else None


def find_marks(
    units: Sequence[Unit], headings: Sequence[HeadingLine], vocabulary: Vocabulary, *, title: str
) -> Marks:
    """Find the exact marks of a work.

    Args:
        units: in order.
        headings: of the work; those of level 2 open no chapter and are no marks.
        vocabulary: of its language.
        title: the work's, to know it when it is repeated.
    """
    jumps = {}
    closings = set()
    datelines = set()
    ends = {*vocabulary.closings.the_end, *vocabulary.closings.continued}
    for i, unit in enumerate(units):
        if unit.rule is not None:
            continue
        if len(unit.text) <= 80:
            match = JUMP_RE.fullmatch(" ".join(unit.text.split()))
            if match:
                jumps[i] = match.group("more") is not None
                continue
            if normalise(unit.text.strip(EDGE)) in ends and unit.text[:1] not in "\"“‘":
                closings.add(i)
            elif is_dateline(unit.text, vocabulary):
                datelines.add(i)
    marked: dict[int, HeadingLine] = {}
    for line in headings:
        if line.level < 2:
            for i in range(line.index, (line.last if line.last is not None else line.index) + 1):
                marked[i] = line
    titles = _repeated_titles(units, title, marked)
    return Marks(jumps, titles, frozenset(closings), frozenset(datelines - titles - marked.keys()), marked)


def _repeated_titles(units: Sequence[Unit], title: str, headings: dict[int, HeadingLine]) -> frozenset[int]:
    """Units among the first that hold the title and nothing else."""
    wanted = _bare(title)
    if not wanted or len(title.split()) > 12:
        return frozenset()
    return frozenset(
        i
        for i, unit in enumerate(units[:TITLE_REACH])
        if unit.rule is None and i not in headings and _bare(unit.text) == wanted and len(units) > i + 1
    )


def _bare(text: str) -> str:
    return " ".join(text.strip(EDGE).casefold().replace("’", "'").split())


def is_dateline(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a short line without end stop names a date, an hour, a place in time or a viewpoint."""
    if len(text) > 60 or len(text.split()) > 8 or text[-1] in ".,;!?\"”’…" or text[0] in "\"“‘'«—-":
        return False
    lower = text.lower()
    if any(word in lower for word in vocabulary.scene.pov):
        return True
    if not any(character.isupper() or character.isdigit() for character in text):
        return False
    return bool(DATE_WORDS_RE.search(text)) or any(word in vocabulary.time.months or word in vocabulary.time.weekdays for word in lower.replace(",", " ").split())
