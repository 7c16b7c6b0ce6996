"""Step 4d of the route: every place where a chapter may begin, in all its readings, as numbers.

A *variant* of a gap is a pair of prose units, the last of one chapter and the first of the next, and
what stands between them read as paratext: notes, a heading, a jump line, scene breaks, closing lines.
A run of up to fifteen note paragraphs is one segment, so that a paragraph like prose inside a long
note is carried along by its neighbours (a semi-Markov reading).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from fic2epub.parser.signals import Habits, Lexicon, Reading
from fic2epub.parser.units import Unit

__all__ = ["JOIN_SIGNALS", "Gap", "find_gaps"]

ENTER = -5.0
"""No run begins with a paragraph that looks more like the story, its neighbours considered."""
LEAVE = -5.0
"""Nor ends with one."""
OWED_REACH = 9
"""How far above a jump line an end note is looked for that has no sign of one."""
FAR = 12
"""Paragraphs of the wide window, about a page."""
LONGEST_RUN = 18
"""Note paragraphs at one join: the longest author of 34 writes 15 (p95 13); three more for replies."""

JOIN_SIGNALS = (
    "bias", "plain", "run-sum", "run-mean", "run-min", "run-max", "run-ends", "run-length", "left-note", "right-note",
    "run-label", "run-before", "run-after", "title", "closing", "break", "break-beside-run", "dateline", "blanks", "spacers", "indent",
    "open-speech", "open-length", "open-time", "open-time-phrase", "open-i", "open-pronoun", "open-article", "open-name", "open-new-name",
    "open-had", "open-one-sentence", "open-and", "open-digit", "next-speech", "open-lower", "open-short-line",
    "close-speech", "close-short", "close-short-line", "close-question", "close-dots", "close-length", "close-colon", "close-exclamation",
    "speech-both", "speech-right", "shared-words", "shared-names", "name-change", "edge", "cast-change", "shared-far", "fresh",
)  # fmt: skip

AND_RE = re.compile(r"(?:and|but|so|then|or|for|yet|y|pero|et|mais|und|aber|и|но)\b", re.I)
PRONOUN_RE = re.compile(
    r"(?:he|she|they|it|him|her|his|them|él|ella|ellos|il|elle|ils|er|sie|es|он|она|они)\b", re.I
)
ARTICLE_RE = re.compile(
    r"(?:the|a|an|el|la|los|las|un|una|le|les|une|der|die|das|ein|eine|o|os|as|um|uma|lo|gli)\b", re.I
)
I_RE = re.compile(r"(?:i|i'm|i’m|my|we|our|yo|je|ich|eu|io|я|мы)\b", re.I)
HAD_RE = re.compile(r"\b(?:had|been|había|avait|hatte|tinha|aveva)\b", re.I)
SENTENCE_RE = re.compile(r"[.!?…][\"”’']?\s")


@dataclass(frozen=True, slots=True)
class Gap:
    """One reading of one place where a chapter may begin."""

    left: int
    """Index of the last prose unit above; -1 for the head of the work."""
    right: int
    """Index of the first prose unit below."""
    signals: tuple[float, ...]
    """One number for each of ``JOIN_SIGNALS``."""
    notes: tuple[int, ...]
    """Indices of the units between that are read as notes."""


@dataclass(slots=True)
class _Side:
    """What one unit says as an opening, as a closing, and of the gap above it."""

    opening: tuple[float, ...]
    closing: tuple[float, ...]
    above: tuple[float, ...]


def find_gaps(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    scores: Sequence[float],
    words_of: Lexicon,
    *,
    marks: dict[int, str],
) -> list[Gap]:
    """Every gap, plain and with runs of notes, in the order of the text.

    Args:
        units: of the work.
        readings: of the units; None for scene breaks.
        habits: of the work.
        scores: log-odds that a unit is a note; for breaks and marked units anything.
        words_of: the language's lexicon.
        marks: index to ``jump``, ``heading``, ``title``, ``closing`` or ``dateline`` for the units that have
            one; jump lines, headings and titles are neither prose nor note.
    """
    sides = _sides(units, readings, habits, words_of)
    prose = [
        readings[i] is not None and marks.get(i) not in ("jump", "heading", "title", "closing")
        for i in range(len(units))
    ]
    context = _Context(units, readings, habits, scores, marks, sides, prose, _rarity(units), {})
    gaps = []
    for left in range(len(units)):
        if not prose[left]:
            continue
        right = left + 1
        while right < len(units) and not prose[right]:
            right += 1
        if right < len(units):
            gaps.append(context.gap(left, right, ()))
        for notes, stop in _runs(left, prose, scores, marks):
            if stop < len(units):
                gaps.append(context.gap(left, stop, notes))
    return gaps


def _runs(
    left: int, prose: Sequence[bool], scores: Sequence[float], marks: dict[int, str]
) -> list[tuple[tuple[int, ...], int]]:
    """The runs of notes that may stand below a unit: their units, and the first prose unit after them.

    Above a jump line every short run is possible, whatever its words: end notes read like prose.
    """
    found = []
    near = any(marks.get(i) == "jump" for i in range(left + 2, min(left + OWED_REACH, len(prose))))
    notes: list[int] = []
    total, best = 0.0, -9.0
    at = left + 1
    n = len(prose)
    while at < n and len(notes) < LONGEST_RUN:
        if not prose[at]:
            if marks.get(at) == "jump":
                # AO3 puts its jump line below the notes of a chapter's head: under it stands the story.
                break
            at += 1
            continue
        score = scores[at]
        if not notes and score < ENTER and not near:
            break
        notes.append(at)
        total += max(-3.0, min(4.0, score))
        best = max(best, score)
        if total < -8.0 and not near:
            break
        stop = at + 1
        while stop < n and not prose[stop]:
            stop += 1
        likely = score > LEAVE and best > -4.0 and total > -5.0
        if likely or (near and any(marks.get(i) == "jump" for i in range(at + 1, stop))):
            found.append((tuple(notes), stop))
        at += 1
    return found


def _rarity(units: Sequence[Unit]) -> tuple[dict[int, float], dict[int, float]]:
    """How unusual so many blank lines, or spacers, are above a unit: minus the logarithm of the share."""
    n = max(1, len(units))
    tables = []
    for key in ("blanks", "spacers"):
        counts = Counter(getattr(unit, key) for unit in units)
        table, above = {}, 0
        for value in sorted(counts, reverse=True):
            above += counts[value]
            table[value] = min(5.0, -log(above / n)) if value else 0.0
        tables.append(table)
    return tables[0], tables[1]


@dataclass(slots=True)
class _Context:
    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    habits: Habits
    scores: Sequence[float]
    marks: dict[int, str]
    sides: Sequence[_Side | None]
    prose: Sequence[bool]
    rarity: tuple[dict[int, float], dict[int, float]]
    windows: dict[tuple[int, int], "_Window"]

    def gap(self, left: int, right: int, notes: tuple[int, ...]) -> Gap:
        """One variant, with its signals."""
        units, scores = self.units, self.scores
        before, after = self.sides[left], self.sides[right]
        assert before is not None
        assert after is not None
        if notes:
            run = [max(-6.0, min(6.0, scores[i])) for i in notes]
            readings = [reading for i in notes if (reading := self.readings[i]) is not None]
            length = len(run)
            run_signals = (
                1.0,
                0.0,
                max(-3.0, min(5.0, sum(run) / 4)),
                sum(run) / length / 3,
                min(run) / 3,
                max(run) / 3,
                (min(0.0, run[0]) + min(0.0, run[-1])) / 3,
                log(length),
                max(-6.0, min(6.0, scores[left])) / 3,
                max(-6.0, min(6.0, scores[right])) / 3,
                float(any(reading.label for reading in readings[:1])),
                min(2, sum(reading.before for reading in readings)) / 2,
                min(2, sum(reading.after for reading in readings)) / 2,
            )
        else:
            run_signals = (
                1.0,
                1.0,
                0.0,
                0.0,
                0.0,
                0.0,
                0.0,
                0.0,
                0.0,
                max(-6.0, min(6.0, scores[right])) / 3,
                0.0,
                0.0,
                0.0,
            )
        middle = range(left + 1, right)
        breaks = [i for i in middle if self.readings[i] is None]
        inside = [i for i in range(left + 1, right + 1) if i == right or i not in breaks]
        blanks = max(self.rarity[0].get(units[i].blanks, 0.0) for i in inside)
        spacers = max(self.rarity[1].get(units[i].spacers, 0.0) for i in inside)
        titles = any(self.marks.get(i) == "title" for i in middle)
        closing = any(self.marks.get(i) == "closing" for i in middle)
        marks = (
            float(titles),
            float(closing),
            float(bool(breaks) and not notes),
            float(bool(breaks) and bool(notes)),
            float(self.marks.get(right) == "dateline"),
            blanks / 3,
            spacers / 3,
        )
        signals = (
            *run_signals,
            *marks,
            *after.above,
            *after.opening,
            *before.closing,
            *self._pair(left, right),
        )
        return Gap(left, right, signals, notes)

    def _pair(self, left: int, right: int) -> tuple[float, ...]:
        """How much the text on both sides has in common, near by and over a page."""
        a, b = self.readings[left], self.readings[right]
        assert a is not None
        assert b is not None
        above, below = self._window(left, -1), self._window(right, 1)
        far_above, far_below = self._window(left, -FAR), self._window(right, FAR)
        shared = len(above.words & below.words) / (1 + min(len(above.words), len(below.words)))
        both = above.names | below.names
        far = far_above.names | far_below.names
        return (
            float(a.quoted and b.quoted),
            float(not a.quoted and b.quoted),
            min(0.5, shared) * 4,
            len(above.names & below.names) / len(both) if both else 0.4,
            float(bool(below.names) and not above.names & below.names),
            float(min(left, len(self.units) - right) < 4),
            1 - len(far_above.names & far_below.names) / len(far) if far else 0.6,
            min(
                0.5,
                len(far_above.words & far_below.words)
                / (1 + min(len(far_above.words), len(far_below.words))),
            )
            * 4,
            min(
                3.0,
                log((1 + sum(word not in far_above.words for word in b.longer)) / (1 + 0.5 * len(b.longer))),
            ),
        )

    def _window(self, at: int, step: int) -> "_Window":
        """The words and names of the prose units from one on: four of them, or ``FAR`` for a wide window."""
        key = (at, step)
        window = self.windows.get(key)
        if window is None:
            found: list[Reading] = []
            wanted, way = (4, step) if abs(step) == 1 else (FAR, step // FAR)
            while 0 <= at < len(self.units) and len(found) < wanted:
                reading = self.readings[at]
                if reading is not None and self.prose[at]:
                    found.append(reading)
                at += way
            window = self.windows[key] = _Window(
                frozenset().union(*[r.longer for r in found]), frozenset().union(*[r.names for r in found])
            )
        return window


@dataclass(frozen=True, slots=True)
class _Window:
    words: frozenset[str]
    names: frozenset[str]


def _sides(
    units: Sequence[Unit], readings: Sequence[Reading | None], habits: Habits, words_of: Lexicon
) -> list[_Side | None]:
    """What each unit says as an opening and as a closing."""
    recent: dict[str, int] = {}
    sides: list[_Side | None] = []
    for i, (unit, reading) in enumerate(zip(units, readings, strict=True)):
        if reading is None:
            sides.append(None)
            continue
        text, n = unit.text, reading.count
        head = " ".join(text[:160].split()[:25])
        first = text[:60]
        match = SENTENCE_RE.search(text)
        one = match is None or match.end() > len(text) - 2
        names = [name for name in reading.names]
        new = any(i - recent.get(name, -999) > 40 for name in names)
        for name in names:
            recent[name] = i
        following = next((r for r in readings[i + 1 : i + 3] if r is not None), None)
        tokens = reading.tokens[:18]
        time = any([words_of.pronouns.get(token, 0) & 64 for token in tokens])
        early = time and any([words_of.pronouns.get(token, 0) & 64 for token in tokens[:4]])
        pairs = {
            " ".join(pair) for pair in zip(tokens, tokens[1:], strict=False)
        } & words_of.time_pairs.keys()
        joined = f" {' '.join(tokens)} "
        phrase = any(f" {p} " in joined for pair in pairs for p in words_of.time_pairs[pair])
        length = log(1 + n) - log(1 + habits.words)
        opening = (
            float(reading.quoted),
            max(-1.5, min(1.5, length)),
            float(time) * 0.5 + float(early) * 0.5,
            float(phrase),
            float(bool(I_RE.match(first))),
            float(bool(PRONOUN_RE.match(first))),
            float(bool(ARTICLE_RE.match(first))),
            float(text[:1].isupper() and text.split(None, 1)[0].strip("’'s,.").lower() in habits.cast),
            float(new),
            float(bool(HAD_RE.search(head))),
            float(one),
            float(bool(AND_RE.match(first))),
            float(any(c.isdigit() for c in first)),
            float(following is not None and following.quoted),
            float(text[0].islower()) * (1 - habits.lower),
            float(n < 9 and text[-1] not in ".!?…\"”’'»—,:;"),
        )
        closing = (
            float(text[-1] in '"”»' or reading.quoted),
            float(n < 8),
            float(n < 15),
            float(text.rstrip("\"”’'»")[-1:] == "?"),
            float(
                text.rstrip("\"”’'»")[-1:] in ("…", "—", "–", "-") or text.rstrip("\"”’'»").endswith("...")
            ),
            max(-1.5, min(1.5, length)),
            float(text[-1] in ":,;"),
            float(text.rstrip("\"”’'»")[-1:] == "!"),
        )
        narrating = not reading.quoted and n > 8
        indent = float(habits.indented > 0.6 and not unit.indent and narrating) * habits.indented
        sides.append(_Side(opening, closing, (indent,)))
    return sides
