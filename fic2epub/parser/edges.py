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
FIRST_WORDS = ((5, FIRST), (6, PRONOUNS), (7, ARTICLES), (12, AND))
"""Words that open a paragraph, and their places in ``OPENING_SIGNALS``."""
BEGINNERS = FIRST | PRONOUNS | ARTICLES | AND
FIRST_RE = re.compile(r"\w+")
HAD_RE = re.compile(r"\b(?:had|been|había|avait|hatte|tinha|aveva)\b", re.IGNORECASE)
HAD = (b"haba", b"avait", b"hatte", b"tinha", b"aveva")
"""The words of other languages in it, as far as they are ASCII: bytes are quickly made lower."""
SENTENCE_RE = re.compile(r"[.!?…][\"”’']?\s")
DIGIT_RE = re.compile(r"[0-9]")
ODD_RE = re.compile(r"[^\x00-/:-\x7f’‘“”—–…]")
"""A figure, or a letter or sign that most texts lack."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One paragraph as an opening and as a closing."""

    opening: list[tuple[int, float]]
    """The numbers of ``OPENING_SIGNALS`` that are not 0, each with its place among them."""
    closing: list[tuple[int, float]]
    """The same of ``CLOSING_SIGNALS``."""


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
) -> list[tuple[int, float]]:
    text, n = unit.text, reading.count
    word = FIRST_RE.match(text, 0, 60)
    first = word.group().lower() if word else ""
    found: list[tuple[int, float]] = []
    add = found.append
    if rare and lacks_indent(unit, reading, habits):
        add((0, rare))
    if reading.quoted:
        add((1, 1.0))
    add((2, length))
    if reading.time:
        add((3, reading.time))
    if reading.time_phrase:
        add((4, 1.0))
    if first in BEGINNERS:
        found += [(place, 1.0) for place, words in FIRST_WORDS if first in words]
    if text[0].isupper():
        if _first_word(text) in habits.cast:
            add((8, 1.0))
    elif text[0].islower():
        add((15, 1 - habits.lower))
    if new:
        add((9, 1.0))
    if _had(text):
        add((10, 1.0))
    sentence = SENTENCE_RE.search(text)
    if sentence is None or sentence.end() > len(text) - 2:
        add((11, 1.0))
    if _has_digit(text[:60]):
        add((13, 1.0))
    if answered:
        add((14, 1.0))
    if n < 9 and text[-1] not in ".!?…\"”’'»—,:;":
        add((16, 1.0))
    return found


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
    lower = head.encode("ascii", "ignore").lower()
    if not (b"had" in lower or b"been" in lower or any([word in lower for word in HAD])):
        return False
    words = head.split()[:25]
    return "had" in words or "been" in words or HAD_RE.search(" ".join(words)) is not None


def _has_digit(text: str) -> bool:
    if ODD_RE.search(text) is None:
        return False
    return DIGIT_RE.search(text) is not None or any(map(str.isdigit, text))


def _closing(text: str, reading: Reading, length: float) -> list[tuple[int, float]]:
    n, last = reading.count, text[-1]
    bare = text.rstrip("\"”’'»") if last in "\"”’'»" else text
    final = bare[-1:]
    found: list[tuple[int, float]] = [(5, length)]
    add = found.append
    if reading.quoted or last in '"”»':
        add((0, 1.0))
    if n < 15:
        add((2, 1.0))
        if n < 8:
            add((1, 1.0))
    if final == "?":
        add((3, 1.0))
    elif final == "!":
        add((7, 1.0))
    elif final in ("…", "—", "–", "-") or bare.endswith("..."):
        add((4, 1.0))
    if last in ":,;":
        add((6, 1.0))
    return found
