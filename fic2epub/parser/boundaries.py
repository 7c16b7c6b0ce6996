"""Step 4e of the route: where chapters begin, the one choice for the whole work.

In order:

[certain] a declared count of 1 is never split: a heading inside is a section
[certain] headings and jump lines open chapters; numbers that headings skip are looked for between them
[likely]  the declared count: exactly so many, or the best number below it when the dump breaks off
[guess]   without a count: headings and jump lines, and notes only if they are strong or several

The reader's ``--no-infer`` keeps only what something visible bears out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from fic2epub.model import Evidence, Firing
from fic2epub.parser.choice import Candidate, choose
from fic2epub.parser.gaps import JOIN_SIGNALS, Gap, find_gaps
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import Habits, Lexicon, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights

__all__ = ["Join", "Outcome", "find_boundaries"]

CERTAIN = 14.0
"""Added to the score of a gap with a heading or jump line: no set without it can win."""
FEWEST_WORDS = 350
"""Without a count no chapter is shorter, about 2 kB: the advice of docs/recovery.md."""


@dataclass(frozen=True, slots=True)
class Join:
    """A place where a chapter begins."""

    gap: Gap
    evidence: Evidence
    heading: HeadingLine | None
    jump: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was chosen."""

    joins: tuple[Join, ...]
    reached: bool
    """Whether the number of chapters is the declared one."""
    settled: int | None
    """The number of chapters that was looked for; None without a declared count."""


def find_boundaries(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    scores: Sequence[float],
    words_of: Lexicon,
    marks: Marks,
    weights: Weights,
    *,
    declared: int | None,
    infer: bool,
) -> Outcome:
    """Choose the joins of a work.

    Args:
        units: of the work.
        readings: of the units.
        habits: of the work.
        scores: log-odds that a unit is a note, its neighbours considered.
        words_of: the language's lexicon.
        marks: of the work.
        weights: learned.
        declared: the count to reach, or None.
        infer: False keeps only joins with a heading, jump line or note.
    """
    if declared == 1 or len(units) < 2:
        return Outcome((), True, declared)
    kinds = {i: kind for i in range(len(units)) if (kind := marks.kind(i)) is not None}
    gaps = find_gaps(units, readings, habits, scores, words_of, marks=kinds)
    logits = [sum(a * b for a, b in zip(weights.join, gap.signals, strict=True)) for gap in gaps]
    table = _Table(units, readings, marks, gaps, logits, weights)
    if declared is None:
        picked = table.without_count()
    else:
        picked = table.with_count(declared)
    joins = [table.join(number, probability) for number, probability in picked]
    if not infer:
        joins = [join for join in joins if not join.evidence.inferred]
    count = len(joins) + 1
    return Outcome(tuple(joins), declared is None or count == declared, declared)


@dataclass(slots=True)
class _Table:
    """Gaps with their scores, and the choices over them."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    marks: Marks
    gaps: Sequence[Gap]
    logits: Sequence[float]
    weights: Weights

    def _certain(self, gap: Gap) -> bool:
        return any(self.marks.kind(i) in ("heading", "jump") for i in range(gap.left + 1, gap.right))

    def _words(self) -> list[int]:
        """Words before each unit, and of the whole work at the end."""
        total, words = 0, [0]
        for i, reading in enumerate(self.readings):
            if reading is not None and i not in self.marks.jumps:
                total += reading.count
            words.append(total)
        return words

    def with_count(self, declared: int) -> list[tuple[int, float]]:
        """The best set of ``declared - 1`` gaps, with the probability of each."""
        words = self._words()
        best: list[tuple[int, float]] = []
        for low, high, joins in self._stretches(declared, words):
            numbers = [n for n, gap in enumerate(self.gaps) if low <= words[gap.left + 1] and words[gap.right] <= high]
            best += self._pick(numbers, joins, words, low, high)
        return sorted(best)

    def _stretches(self, declared: int, words: list[int]) -> list[tuple[int, int, int]]:
        """The work, or its stretches between numbered headings that say how many are missing there."""
        return [(0, words[-1], declared - 1)]

    def _pick(self, numbers: Sequence[int], joins: int, words: list[int], low: int, high: int) -> list[tuple[int, float]]:
        """Choose so many gaps among some, in a stretch of the work."""
        if joins < 1 or not numbers:
            return []
        figure = self.weights.numbers
        scores = {n: self.logits[n] + CERTAIN * self._certain(self.gaps[n]) for n in numbers}
        kept = sorted(numbers, key=lambda n: -scores[n])[: 40 + 8 * joins]
        kept.sort(key=lambda n: (words[self.gaps[n].left + 1], words[self.gaps[n].right]))
        candidates = [
            Candidate(words[self.gaps[n].left + 1] - low, words[self.gaps[n].right] - low, scores[n]) for n in kept
        ]
        for count in range(joins, 0, -1):
            chosen = choose(
                candidates,
                count,
                words=high - low,
                length_weight=figure["length_weight"],
                length_spread=figure["length_spread"],
            )
            if chosen.picked:
                return [(kept[i], p) for i, p in zip(chosen.picked, chosen.probabilities, strict=True)]
        return []

    def without_count(self) -> list[tuple[int, float]]:
        """Gaps that stand by themselves: certain ones, and notes that are strong."""
        words = self._words()
        threshold = self.weights.numbers["uncounted"]
        ranked = sorted(range(len(self.gaps)), key=lambda n: -(self.logits[n] + CERTAIN * self._certain(self.gaps[n])))
        taken: list[int] = []
        for n in ranked:
            gap = self.gaps[n]
            if not self._certain(gap) and self.logits[n] < threshold:
                continue
            if any(not (gap.right <= self.gaps[m].left or gap.left >= self.gaps[m].right) for m in taken):
                continue
            if not self._certain(gap) and not self._roomy(gap, [self.gaps[m] for m in taken], words):
                continue
            taken.append(n)
        if not any(self._certain(self.gaps[n]) for n in taken) and len(taken) == 1 and self.logits[taken[0]] < 2 + threshold:
            return []
        return sorted((n, 1 / (1 + exp(-self.logits[n])) if not self._certain(self.gaps[n]) else 1.0) for n in taken)

    def _roomy(self, gap: Gap, others: Sequence[Gap], words: list[int]) -> bool:
        """Whether a gap leaves chapters of a sensible length on both sides."""
        starts = sorted([0, *[words[other.right] for other in others], words[-1]])
        here = words[gap.right]
        return all(abs(here - at) >= FEWEST_WORDS for at in starts)

    def join(self, number: int, probability: float) -> Join:
        """A chosen gap with its evidence."""
        gap = self.gaps[number]
        heading = next(
            (self.marks.headings[i] for i in range(gap.right - 1, gap.left, -1) if i in self.marks.headings and self.marks.headings[i].level == 1),
            None,
        )
        jump = any(i in self.marks.jumps for i in range(gap.left + 1, gap.right))
        firings = self._firings(gap)
        if heading is not None:
            firings = [Firing(heading.rule, self.units[heading.index].text), *firings]
        if jump:
            at = next(i for i in range(gap.left + 1, gap.right) if i in self.marks.jumps)
            firings = [Firing("mark.jump", " ".join(self.units[at].text.split())), *firings]
        visible = heading is not None or jump or bool(gap.notes)
        score = self._confidence(gap, number, probability, heading, jump)
        return Join(gap, Evidence(score, tuple(firings[:6]), inferred=not visible), heading, jump)

    def _confidence(self, gap: Gap, number: int, probability: float, heading: HeadingLine | None, jump: bool) -> float:
        """A calibrated probability that a chapter begins here."""
        if jump or (heading is not None and heading.rule != "heading.title"):
            return 0.99 if heading is None or heading.rule == "heading.numbered" else 0.97
        figure = self.weights.numbers
        p = min(0.9995, max(0.0005, probability))
        value = figure["confidence_bias"] + figure["confidence_logit"] * log(p / (1 - p)) + figure["confidence_score"] * self.logits[number]
        if gap.notes:
            value += figure["confidence_notes"]
        return round(min(0.98, max(0.02, 1 / (1 + exp(-value)))), 3)

    def _firings(self, gap: Gap) -> list[Firing]:
        """The signals that spoke for this gap, the strongest first, with the words that made them."""
        parts = sorted(
            ((a * b, name) for a, b, name in zip(self.weights.join, gap.signals, JOIN_SIGNALS, strict=True) if a * b > 0.25 and name not in ("bias", "plain")),
            reverse=True,
        )
        firings = []
        if gap.notes:
            best = max(gap.notes, key=lambda i: self._note_weight(i))
            reading = self.readings[best]
            words = ", ".join(sorted(reading.found, key=lambda word: (-len(word), word))[:4]) if reading else ""
            firings.append(Firing("boundary.notes", words or self.units[best].text[:60], round(self._note_weight(best), 2)))
        for value, name in parts:
            if name.startswith("run-"):
                continue
            words = self.units[gap.left].text[-60:] if name.startswith("close-") else self.units[gap.right].text[:60]
            firings.append(Firing(f"boundary.{name}", None if name in ("blanks", "spacers", "indent") else words, round(value, 2)))
        return firings

    def _note_weight(self, index: int) -> float:
        reading = self.readings[index]
        return sum(a * b for a, b in zip(self.weights.note, reading.note, strict=True)) if reading is not None else 0.0

