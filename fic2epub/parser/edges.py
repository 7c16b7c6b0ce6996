"""Step 4d of the route: what a paragraph says as the first or the last one of a chapter.

Openings and closings of real chapters differ from other paragraphs a little in many ways: time words, length,
speech, pronouns. Each is one number; the weights are learned.
"""

import re
from collections.abc import Sequence
from math import log

from fic2epub.parser.signals import Habits, Reading
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["CLOSING_SIGNALS", "OPENING_SIGNALS", "Edge", "find_edges", "lacks_indent"]

OPENING_SIGNALS = (
    "indent", "open-speech", "open-length", "open-time", "open-time-phrase", "open-i", "open-pronoun",
    "open-article", "open-name", "open-new-name", "open-had", "open-one-sentence", "open-and",
    "open-digit", "next-speech", "open-lower", "open-short-line",
)  # fmt: skip
CLOSING_SIGNALS = (
    "close-speech", "close-short", "close-short-line", "close-question", "close-dots", "close-length",
    "close-colon", "close-exclamation",
)  # fmt: skip
MOSTLY = 0.6
"""Share of narrating paragraphs with an indent from which a missing one is seen."""
RECENT = 40
"""Paragraphs for which a name stays known."""
FIRST = frozenset("i my we our yo je ich eu io я мы".split())
PRONOUNS = frozenset("he she they it him her his them él ella ellos il elle ils er sie es он она они".split())
ARTICLES = frozenset(
    "the a an el la los las un una le les une der die das ein eine o os as um uma lo gli".split()
)
AND = frozenset("and but so then or for yet y pero et mais und aber и но".split())
FIRST_RE = re.compile(r"\w+")
HAD_RE = re.compile(r"\b(?:had|been|había|avait|hatte|tinha|aveva)\b", re.IGNORECASE)
HAD = ("had", "been", "había", "avait", "hatte", "tinha", "aveva")
SENTENCE_RE = re.compile(r"[.!?…][\"”’']?\s")
DIGIT_RE = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Edge:
    """One paragraph as an opening and as a closing."""

    opening: tuple[float, ...]
    """One number for each of ``OPENING_SIGNALS``."""
    closing: tuple[float, ...]
    """One number for each of ``CLOSING_SIGNALS``."""


def find_edges(
    units: Sequence[Unit], readings: Sequence[Reading | None], habits: Habits
) -> list[Edge | None]:
    """Every unit as an opening and as a closing; None for scene breaks."""
    recent: dict[str, int] = {}
    rare = _rarity(units, readings, habits)
    edges: list[Edge | None] = []
    usual = log(1 + habits.words)
    readings = [*readings, None, None]  # two that may follow the last
    for i, (unit, reading) in enumerate(zip(units, readings, strict=False)):
        if reading is None:
            edges.append(None)
            continue
        new = False
        for name in reading.names:
            new = new or i - recent.get(name, -999) > RECENT
            recent[name] = i
        following = readings[i + 1] or readings[i + 2]
        answered = following is not None and following.quoted
        length = max(-1.5, min(1.5, log(1 + reading.count) - usual))
        edges.append(
            Edge(
                _opening(unit, reading, habits, length, rare, new=new, answered=answered),
                _closing(unit.text, reading, length),
            )
        )
    return edges


def _opening(
    unit: Unit,
    reading: Reading,
    habits: Habits,
    length: float,
    rare: float,
    *,
    new: bool,
    answered: bool,
) -> tuple[float, ...]:
    text, n = unit.text, reading.count
    found = FIRST_RE.match(text, 0, 60)
    first = found.group().lower() if found else ""
    sentence = SENTENCE_RE.search(text)
    return (
        rare if lacks_indent(unit, reading, habits) else 0.0,
        1.0 if reading.quoted else 0.0,
        length,
        reading.time,
        1.0 if reading.time_phrase else 0.0,
        1.0 if first in FIRST else 0.0,
        1.0 if first in PRONOUNS else 0.0,
        1.0 if first in ARTICLES else 0.0,
        1.0 if text[0].isupper() and _first_word(text) in habits.cast else 0.0,
        1.0 if new else 0.0,
        1.0 if _had(text) else 0.0,
        1.0 if sentence is None or sentence.end() > len(text) - 2 else 0.0,
        1.0 if first in AND else 0.0,
        1.0 if _has_digit(text[:60]) else 0.0,
        1.0 if answered else 0.0,
        1 - habits.lower if text[0].islower() else 0.0,
        1.0 if n < 9 and text[-1] not in ".!?…\"”’'»—,:;" else 0.0,
    )


def _rarity(units: Sequence[Unit], readings: Sequence[Reading | None], habits: Habits) -> float:
    """How unusual a missing indent is: minus the logarithm of its share, as for blank lines (``gaps``)."""
    lacking = sum(
        reading is not None and lacks_indent(unit, reading, habits)
        for unit, reading in zip(units, readings, strict=True)
    )
    return min(5.0, -log(lacking / len(units))) / 3 if lacking else 0.0


def lacks_indent(unit: Unit, reading: Reading, habits: Habits) -> bool:
    """Whether a narrating paragraph stands without the indent that most of the work's have."""
    return habits.indented > MOSTLY and not unit.indent and not reading.quoted and reading.count > 8


def _first_word(text: str) -> str:
    return text.split(None, 1)[0].strip("’'s,.").lower()


def _had(text: str) -> bool:
    """Whether the first 25 words look back: a chapter often opens with what has happened since."""
    head = text[:160]
    lower = head.lower()
    if not any([word in lower for word in HAD]):
        return False
    return HAD_RE.search(" ".join(head.split()[:25])) is not None


def _has_digit(text: str) -> bool:
    if DIGIT_RE.search(text) is not None:
        return True
    for mark in "’“”—":  # all that is not ASCII in most texts
        if text.isascii():
            return False
        text = text.replace(mark, "")
    return any(map(str.isdigit, text))


def _closing(text: str, reading: Reading, length: float) -> tuple[float, ...]:
    n, bare = reading.count, text.rstrip("\"”’'»")
    last = bare[-1:]
    return (
        1.0 if reading.quoted or text[-1] in '"”»' else 0.0,
        1.0 if n < 8 else 0.0,
        1.0 if n < 15 else 0.0,
        1.0 if last == "?" else 0.0,
        1.0 if last in ("…", "—", "–", "-") or bare.endswith("...") else 0.0,
        length,
        1.0 if text[-1] in ":,;" else 0.0,
        1.0 if last == "!" else 0.0,
    )
