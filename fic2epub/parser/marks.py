"""Step 4c of the route: the exact marks, which decide by themselves.

[certain] mark.jump      AO3's jump line, ``(See the end of the chapter for  more notes.)``: its template puts
                         a bare ``<p>`` at the head of every chapter that has end notes (otwarchive
                         app/views/chapters/_chapter.html.erb, read 2026-11; the same on 7 real pages)
[certain] mark.title     the work's title repeated as the first line of the text
[certain] mark.closing   ``The End``, ``Fin``, ``TBC``, ``End of Chapter 3`` alone on a line
[likely]  mark.dateline  a date, place or viewpoint line: short, no end stop, made of names and time words

A jump line is dropped from the book, with that reason in the ledger; "more" says that a start note
stands just above it. ``(See the end of the work for other works inspired by this one.)`` is AO3's too
(works/_work_header_notes.html.erb, read 2026-11): dropped, but it promises no note. A closing line stays
in the text. ``The End, it said, in gold letters`` is a sentence and no closing line, and so is ``Fine``
in the middle of a story; ``Sunday went on smoothly`` is no date line: it has a word that is no name and
says no time.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache

from fic2epub.parser.heading_lines import (
    SMALL_WORDS,
    HeadingLine,
    looks_like_title,
    read_heading,
    undecorated,
)
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary, normalise
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Marks", "find_marks", "is_dateline"]

JUMP_RE = re.compile(
    r"""
    [(\[]? \s* see\ the\ end\ of\ the\ (?P<whole>chapter|work)\ for
    \s+ (?: \[?(?P<more>more\ )?(?P<notes>notes)\]? (?:\([^()\s]*\))? (?:\ and\ )? )?   # Markdown: a link
    (?: \[?other\ works\ inspired\ by\ this\ one\]? (?:\([^()\s]*\))? )?
    \s* \.? \s* [)\]]? \.?
    """,
    re.VERBOSE | re.IGNORECASE,
)
LONGEST_JUMP = 160
"""Characters, with the address of a link in it."""
EDGE = " \t\N{NO-BREAK SPACE}.!~*-–—=_#…\"“”'‘’()[]{}<>•·"
LONGEST_ORNAMENT = 200
"""Characters of ornament around a title that is repeated."""
TITLE_REACH = 3
"""The title stands among the first lines or it is no repetition: a later one is a heading or a line."""
PLAIN_CLOSINGS = frozenset({"fine", "finite", "end", "fini", "finis", "finito"})
"""Closing words that are also a line of speech or a spell: they close only where a text may end."""
CLOSING_REACH = 12
"""Units from the end of the work in which such a word closes it: below may stand a note."""
END_OF_RE = re.compile(
    r"(?:the )?end of |fin (?:du |de la |de |del )|ende (?:von |des )?|fine (?:del |della )?|конец "
)
LONGEST_DATELINE = 60
DATE_RE = late(
    r"""
      \b\d{1,2}(?:[:.h]\d\d|\s?(?:[ap]\.?m\b|o'clock|hrs|hours|uhr))     # 4:37, 6 p.m., 0600 hours
    | \b(?:1[0-9]|2[01])\d\d\b | \b\d{1,2}(?:st|nd|rd|th)\b | \b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b
    | \b(?:day|night|week|month|year|hour|tag|woche|jour|semaine|día|dia|giorno|день|неделя)\s(?:\d+|[a-z]+)$
    | \d{1,4}年 | \d{1,2}月 | 第.{1,4}[天日夜周年]
    """,
    re.VERBOSE,
)
_TIME_WORDS = """
hour hours minute minutes second seconds moment moments day days night nights week weeks month months year
years decade decades century later earlier ago before after since until early late mid same next following
previous last morning evening afternoon midnight noon dawn dusk sunset sunrise winter summer spring autumn
fall today tonight tomorrow yesterday meanwhile elsewhere present past future now then flashback o'clock am pm
a.m p.m hrs weekend eve time days' years' weeks' months' hours'
"""
TIME_WORDS = frozenset(_TIME_WORDS.split())
"""English words that a date line may have in small letters, in every language: authors mix them."""
_UNSURE = "last same time second before after since until then now past fall"
SAYS_TIME = TIME_WORDS - frozenset(_UNSURE.split())
"""Those of them that make a line a date line."""
_COUNT_WORDS = """
one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty several some few many
couple half about almost nearly around just another that this
"""
COUNT_WORDS = frozenset(_COUNT_WORDS.split())
STOPS = '.,;:!?"”’…—。，！？、：；'
NO_TIME = frozenset({"it was", "it had been", "es war", "il était", "era", "он был"})
SIDE_WORDS = ("'s side", "narra", "narrator", "narrador", "sicht", "s sicht", "perspektive")
"""Viewpoint terms that also stand in a sentence (``by the river's side``)."""


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
    pointers: frozenset[int] = field(default=frozenset())
    """The jump lines that point to no note of a chapter: to other works, or to the end of the work."""

    def kind(self, index: int) -> str | None:
        """``jump``, ``heading``, ``title``, ``closing``, ``dateline`` or None."""
        if index in self.jumps:
            return "jump"
        if index in self.headings:
            return "title" if self.headings[index].rule == "heading.title" else "heading"
        if index in self.titles or index in self.closings:
            return "closing"
        return "dateline" if index in self.datelines else None

    def kinds(self) -> dict[int, str]:
        """The same for all units that are something: few are."""
        marked = {*self.jumps, *self.headings, *self.titles, *self.closings, *self.datelines}
        return {i: kind for i in sorted(marked) if (kind := self.kind(i)) is not None}


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
    marked: dict[int, HeadingLine] = {}
    for line in headings:
        if line.level < 2:
            for i in range(line.index, (line.last if line.last is not None else line.index) + 1):
                marked[i] = line
    jumps: dict[int, bool] = {}
    pointers = set()
    closings = set()
    datelines = set()
    for i, unit in enumerate(units):
        if unit.rule is not None or i in marked or len(unit.text) > LONGEST_JUMP:
            continue
        jump = _read_jump(unit.text)
        if jump is not None:
            jumps[i] = jump.group("more") is not None
            if jump.group("notes") is None or jump.group("whole").lower() == "work":
                pointers.add(i)
        elif _is_closing(i, units, marked, vocabulary):
            closings.add(i)
        elif is_dateline(unit.text, vocabulary):
            datelines.add(i)
    datelines |= _scene_heads(units, marked)
    titles = _repeated_titles(units, title, marked)
    plain = datelines - titles - closings - jumps.keys()
    return Marks(jumps, titles, frozenset(closings), frozenset(plain), marked, frozenset(pointers))


def _read_jump(text: str) -> re.Match[str] | None:
    """A jump line in any of its spellings; it must promise notes or works."""
    if "the end of the" not in text.lower():
        return None
    match = JUMP_RE.fullmatch(" ".join(text.strip("_* ").split()))
    return match if match and ("notes" in text.lower() or "inspired" in text.lower()) else None


def _is_closing(
    index: int, units: Sequence[Unit], headings: dict[int, HeadingLine], vocabulary: Vocabulary
) -> bool:
    """Whether a line says that the work or a chapter ends, or that it will be continued."""
    text = units[index].text
    if len(text) > 80 or text[:1] in '"“‘«「':
        return False
    bare = normalise(text.strip(EDGE))
    if bare in PLAIN_CLOSINGS:
        below = index + 1
        ends = below >= len(units) - CLOSING_REACH or units[below].rule is not None or below in headings
        return ends or text[0] in EDGE
    if bare in vocabulary.closings.the_end or bare in vocabulary.closings.continued:
        return True
    ended = END_OF_RE.match(bare)
    if not ended:
        return False
    line = read_heading(bare[ended.end() :], vocabulary)
    return line is not None and line.rule in ("heading.numbered", "heading.part") and line.title is None


def _repeated_titles(units: Sequence[Unit], title: str, headings: dict[int, HeadingLine]) -> frozenset[int]:
    """Units among the first that hold the title and nothing else."""
    wanted = _bare(title)
    if not wanted or len(title.split()) > 12:
        return frozenset()
    return frozenset(
        i
        for i, unit in enumerate(units[:TITLE_REACH])
        if unit.rule is None
        and i not in headings
        and len(unit.text) < 2 * len(title) + LONGEST_ORNAMENT
        and _bare(unit.text) == wanted
        and len(units) > i + 1
    )


def _bare(text: str) -> str:
    return " ".join(text.strip(EDGE).casefold().replace("’", "'").split())


def is_dateline(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a short line without end stop names a date, an hour, a place in time or a viewpoint.

    Every word of it is a name (a capital), a number or a word of time: a sentence has others.
    """
    if len(text) > LONGEST_DATELINE or len(text.split()) > 8 or text[0] in '"“‘«':
        return False
    core = undecorated(text).strip()
    if not core or text.lstrip(" *_~([-")[:1] in ("“", '"'):
        return False
    if _is_viewpoint(core, vocabulary):
        return True
    lower = normalise(core)
    if (core[-1] in STOPS or text[-1] in STOPS) and not lower.endswith(".m."):
        return False
    if re.search(r"(?<!\d)(?<!\b(?:st|mt|no|dr))(?<!\.m)\. ", lower):
        return False
    if lower in vocabulary.time.opening_phrases and lower not in NO_TIME:
        return True
    if not vocabulary.spaced:
        return len(core) <= 16 and (
            bool(DATE_RE.search(lower)) or lower.startswith(_time_phrases(vocabulary))
        )
    words = [word.strip("()[],.–—-/&|@~:") for word in core.split()]
    words = [word for word in words if word]
    known = _time_words(vocabulary) | SMALL_WORDS | COUNT_WORDS
    if any(word[0].islower() and normalise(word) not in known for word in words):
        return False
    if normalise(words[0]) not in known and words[0][0].isalpha() and len(words) > 1:
        # "Good morning", "Wait until dawn", "Yes, later": a name is followed by a name, a figure or a comma.
        parted = core[len(words[0]) : len(words[0]) + 2].strip(" ")[:1] in tuple(",-–—:;|/(")
        if words[1][0].islower() and not (parted and len(words) > 2):
            return False
    says = SAYS_TIME | vocabulary.time.opening_words | vocabulary.time.weekdays | vocabulary.time.months
    return bool(DATE_RE.search(lower)) or any(normalise(word) in says for word in words)


@lru_cache(maxsize=32)
def _time_phrases(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The opening phrases that name a time."""
    time = vocabulary.time
    words = time.opening_words | time.months | time.weekdays | SAYS_TIME
    if not vocabulary.spaced:
        return (
            *(phrase for phrase in time.opening_phrases if len(phrase) > 1),
            *sorted(time.months | time.weekdays),
        )
    return tuple(phrase for phrase in time.opening_phrases if not words.isdisjoint(phrase.split()))


@lru_cache(maxsize=32)
def _time_words(vocabulary: Vocabulary) -> frozenset[str]:
    """The words that a date line may have in small letters."""
    time = vocabulary.time
    inside = {word for phrase in _time_phrases(vocabulary) for word in phrase.split()}
    return TIME_WORDS | time.opening_words | time.months | time.weekdays | inside


def _is_viewpoint(core: str, vocabulary: Vocabulary) -> bool:
    """``Ada's POV``, ``POV: Ada``, ``Third Person``; not ``by the river's side``."""
    if len(core.split()) > 6:
        return False
    line = normalise(core).rstrip(".:")
    for term in vocabulary.scene.pov:
        if term not in line:
            continue
        if term in SIDE_WORDS:
            if line == term or (line.endswith(term) and looks_like_title(core) and len(core.split()) <= 3):
                return True
        elif not vocabulary.spaced or line.endswith(term) or re.match(rf"{re.escape(term)}\W", line + " "):
            return True
    return False


def _scene_heads(units: Sequence[Unit], headings: dict[int, HeadingLine]) -> set[int]:
    """Viewpoint and place lines by where they stand: below a break or a heading, above prose.

    A name is one if it comes there twice or more (``Ada``, ``Wren``, ``Ada``); a place if it names the
    place it lies in (``The Round Tower, Saltmouth``).
    """
    found = [
        i
        for i in range(len(units) - 1)
        if units[i].rule is None
        and i not in headings
        and len(units[i].text) <= 40
        and (i == 0 or units[i - 1].rule is not None or i - 1 in headings)
        and units[i + 1].rule is None
        and len(units[i + 1].text) > LONGEST_DATELINE
        and units[i].text[-1] not in '.,;:!?"”’…—-'
        and units[i].text[0] not in "\"“‘'«—"
        and looks_like_title(units[i].text)
    ]
    times = Counter(units[i].text for i in found)
    return {
        i
        for i in found
        if (times[units[i].text] >= 2 and len(units[i].text.split()) <= 4)
        or re.fullmatch(r"(?:[\w’'.-]+\s){0,3}[\w’'.-]+,(?:\s[\w’'.-]+){1,3}", units[i].text)
    }
