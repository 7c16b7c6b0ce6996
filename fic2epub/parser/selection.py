"""Step 4e of the route: which gaps are taken under a count, beside headings, or without any count.

What is certain comes first: gaps with chapter headings and jump lines. Then the best set of as many as are
left (``choice``), between headings those that their numbers skip (``missing``). Where an exact mark decides
that a chapter begins, the notes around it are read again by what they look like alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp
from typing import TYPE_CHECKING

from fic2epub.parser.choice import Candidate, choose, weigh
from fic2epub.parser.gaps import Gap
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.marks import Marks
from fic2epub.parser.missing import missing_between
from fic2epub.parser.signals import NOTE_SIGNALS, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.parser.boundaries import Kept

__all__ = ["EXACT", "FEWEST_WORDS", "SHORTEST", "Table", "words_before"]

EXACT = ("heading", "title", "jump")
"""Kinds of marks that open a chapter by themselves."""
CERTAIN = 14.0
"""Added to the score of a gap with a heading or jump line: no set without it can win."""
UNLABELLED = 3.0
"""Log-odds against paragraphs above the first labelled note of a run: they are the story's last words."""
MOST = 1500
"""Joins that are looked for at the most; the longest works on AO3 have some 1,000 chapters."""
MANY = 120
"""Joins of which fewer numbers are tried."""
NOTED = 2.0
"""Log-odds from which a paragraph is no part of a chapter's length."""
FEWEST_WORDS = 350
"""Without a count no chapter is shorter, about 2 kB: an advice that comes of real works."""
TEASER = 5.0
"""Log-odds for a line in the present tense right above a jump line: a chapter summary."""
TEASER_WORDS = 40
PRESENT = 0.5
"""Signal of the present tense, weighed against the work's own, from which a line is told in it."""
DOES = NOTE_SIGNALS.index("does")
SHORTEST = 120
"""Mean words of a chapter below which the declared count cannot be meant for this text: of 1,000
chapters of real works 5 % have under 611 words, and no work has a mean under 300."""
LETTERS = 6
"""Of a word and the space behind it, for paragraphs that nobody has read (``scope``)."""


def words_before(
    units: Sequence[Unit], readings: Sequence[Reading | None], scores: Sequence[float], marks: Marks
) -> list[int]:
    """Words of the story before each unit, and of the whole work at the end.

    What reads as a note is none: two joins around a note's last paragraph leave an empty chapter. But a
    chapter that is nothing but notes, below an exact mark, has theirs: without any it could not be chosen.
    """
    alone = _notes_alone(units, readings, scores, marks)
    total, words = 0, [0]
    for i, reading in enumerate(readings):
        if reading is not None and i not in marks.jumps:
            total += reading.count if scores[i] < NOTED or i in alone else 0
        elif reading is None and units[i].rule is None:
            total += len(units[i].text) // LETTERS
        words.append(total)
    return words


def _notes_alone(
    units: Sequence[Unit], readings: Sequence[Reading | None], scores: Sequence[float], marks: Marks
) -> frozenset[int]:
    """The paragraphs between two exact marks, or below the last one, where all of them read as notes.

    Not those above all of the story: they are the first chapter's, whose own mark stands below them.
    """
    story = (i for i, r in enumerate(readings) if r is not None and not marks.kind(i) and scores[i] < NOTED)
    exact = [i for i in range(next(story, 0), len(units)) if marks.kind(i) in EXACT]
    alone: set[int] = set()
    for low, high in pairwise([*exact, len(units)]):
        inside = [i for i in range(low + 1, high) if units[i].rule is None]
        if all(readings[i] is not None and scores[i] >= NOTED for i in inside):
            alone.update(inside)
    return frozenset(alone)


def _fewer(joins: int) -> list[int]:
    """Smaller numbers of joins to try, the largest first: all of them, or some twenty if there are many.

    Of very many ten, and none under a third: each takes long, and so much is hardly ever missing.
    """
    if joins > MANY:
        return list(range(joins - 1, joins // 3, -(joins // 15)))
    step = max(1, joins // 20)
    return list(range(joins - 1, 0, -step))


@dataclass(slots=True)
class Table:
    """Gaps with their scores, and the choices over them."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    marks: Marks
    scores: Sequence[float]
    gaps: Sequence[Gap]
    logits: Sequence[float]
    weights: Weights
    words: Sequence[int]

    def _certain(self, gap: Gap) -> bool:
        middle = range(gap.left + 1, gap.right)
        return bool(middle) and any([self.marks.kind(i) in EXACT for i in middle])

    def with_count(
        self, declared: int, headings: Sequence[HeadingLine], *, loose: bool
    ) -> list[tuple[int, float]]:
        """The best set of gaps under the declared count, in order, with the probability of each."""
        stretches = missing_between(headings, declared)
        if not stretches:
            return sorted(self._pick(range(len(self.gaps)), declared - 1, loose=loose))
        picked = self._at_headings(headings)
        left = declared - 1 - len(picked)
        open_ended: list[int] = []
        for stretch in stretches:
            inside = self._inside(stretch.after, stretch.before)
            inside = [n for n in inside if not self._overlaps(n, [m for m, _ in picked])]
            first = stretch.after is None and stretch.before is not None and stretch.before > 0
            if stretch.count is None:
                open_ended += inside
            elif (count := stretch.count - first) > 0:
                found = self._pick(inside, min(count, left), loose=False)
                picked += found
                left -= len(found)
        if left > 0 and open_ended:
            picked += self._pick(open_ended, left, loose=loose)
        return sorted(picked)

    def beside(
        self, kept: "Kept", headings: Sequence[HeadingLine], *, loose: bool
    ) -> list[tuple[int, float]]:
        """The best gaps where nothing is kept: at headings, and as many more as the count leaves room for."""
        for one in kept.held:
            if one.closed:  # else what follows may belong to it
                self._leave_out(one.start, one.end)
        picked = self._at_headings(headings)
        numbers = [n for n in range(len(self.gaps)) if not self._overlaps(n, [m for m, _ in picked])]
        return sorted([*picked, *self._pick(numbers, (kept.wanted or 0) - len(picked), loose=loose)])

    def _leave_out(self, start: int, end: int) -> None:
        """Count no words between two units: what stands there is no part of a chapter that is looked for."""
        gone = self.words[end] - self.words[start]
        inside = [self.words[start]] * (end - start)
        self.words = [*self.words[:start], *inside, *(count - gone for count in self.words[end:])]

    def _at_headings(self, headings: Sequence[HeadingLine]) -> list[tuple[int, float]]:
        """For each gap with chapter headings the reading that keeps closest to them."""
        best: dict[tuple[int, ...], int] = {}
        wanted = {line.index for line in headings if line.level == 1}
        for n, gap in enumerate(self.gaps):
            key = tuple(i for i in range(gap.left + 1, gap.right) if i in wanted)
            if key and (key not in best or self._closer(n, best[key])):
                best[key] = n
        taken: list[int] = []
        for n in sorted(best.values(), key=lambda n: (self._width(n), -self.logits[n])):
            if not self._overlaps(n, taken):
                taken.append(n)
        return [(n, 1.0) for n in taken]

    def _width(self, number: int) -> int:
        return self.gaps[number].right - self.gaps[number].left

    def _closer(self, number: int, other: int) -> bool:
        """Whether a gap keeps closer to its headings than another; ``reread`` widens it where notes stand."""
        return (self._width(number), -self.logits[number]) < (self._width(other), -self.logits[other])

    def _overlaps(self, number: int, others: Iterable[int]) -> bool:
        gap = self.gaps[number]
        return any(not (gap.right <= self.gaps[m].left or gap.left >= self.gaps[m].right) for m in others)

    def _inside(self, after: int | None, before: int | None) -> list[int]:
        """The gaps between two headings, clear of both."""
        low = -1 if after is None else after
        high = len(self.units) if before is None else before
        return [n for n, gap in enumerate(self.gaps) if low < gap.left and gap.right < high]

    def _pick(self, numbers: Iterable[int], joins: int, *, loose: bool) -> list[tuple[int, float]]:
        """Choose so many gaps among some; with ``loose`` the best number up to so many."""
        numbers = list(numbers)
        # A header may declare any number; no text has more chapters than it has places for them.
        joins = min(joins, len(numbers), MOST)
        if loose:
            certain = sum([self._certain(self.gaps[n]) for n in numbers])
            joins = min(joins, max(1, certain, self.words[-1] // SHORTEST))
        if joins < 1:
            return []
        figure = self.weights.numbers
        scores = {n: self.logits[n] + CERTAIN * self._certain(self.gaps[n]) for n in numbers}
        kept = sorted(numbers, key=lambda n: (-scores[n], n))[: 40 + 8 * joins]
        kept.sort(key=lambda n: (self.words[self.gaps[n].left + 1], self.words[self.gaps[n].right]))
        low, high = 0, self.words[-1]
        if len(numbers) < len(self.gaps):
            low = min(self.words[self.gaps[n].left] for n in numbers)
            high = max(self.words[min(self.gaps[n].right + 1, len(self.units))] for n in numbers)
        candidates = [
            Candidate(
                self.words[self.gaps[n].left + 1] - low, self.words[self.gaps[n].right] - low, scores[n]
            )
            for n in kept
        ]

        words, evenness = high - low, figure["length_weight"] / (2 * figure["length_spread"] ** 2)
        if loose:
            counts = (joins, *_fewer(joins))
            joins = max(counts, key=lambda n: weigh(candidates, n, words=words, evenness=evenness))
        best = choose(candidates, joins, words=words, evenness=evenness)
        for count in () if loose else _fewer(joins):
            if best.picked:
                break
            best = choose(candidates, count, words=words, evenness=evenness)
        if loose and best.total < 0.0:
            # No set of any size weighs more than the one without a join.
            return []
        return [(kept[i], p) for i, p in zip(best.picked, best.probabilities, strict=True)]

    def without_count(self) -> list[tuple[int, float]]:
        """Gaps that stand by themselves: certain ones, and notes that are strong."""
        threshold = self.weights.numbers["uncounted"]
        ranked = sorted(
            range(len(self.gaps)), key=lambda n: (-self.logits[n] - CERTAIN * self._certain(self.gaps[n]), n)
        )
        taken: list[int] = []
        for n in ranked:
            gap = self.gaps[n]
            certain = self._certain(gap)
            if not certain and (self.logits[n] < threshold or not gap.notes):
                continue
            if self._overlaps(n, taken) or not (certain or self._roomy(gap, taken)):
                continue
            taken.append(n)
        lonely = len(taken) == 1 and not self._certain(self.gaps[taken[0]])
        if lonely and self.logits[taken[0]] < threshold + 2:
            return []
        return sorted(
            (n, 1.0 if self._certain(self.gaps[n]) else 1 / (1 + exp(-self.logits[n]))) for n in taken
        )

    def _roomy(self, gap: Gap, others: Sequence[int]) -> bool:
        """Whether a gap leaves chapters of a sensible length on both sides."""
        starts = [0, *[self.words[self.gaps[m].right] for m in others], self.words[-1]]
        return all(abs(self.words[gap.right] - at) >= FEWEST_WORDS for at in starts)

    def reread(self, picked: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Read the notes around exact marks again, by what they look like alone.

        Where a heading or jump line decides that a chapter begins, the reading of the gap need not prove
        it. A jump line at the head of the chapter above promises an end note: one is found, however
        little it looks like one.
        """
        read: list[tuple[int, float]] = []
        promises = self.marks.jumps.keys() - self.marks.pointers
        owed = bool(picked) and any(i in promises for i in range(self.gaps[picked[0][0]].left))
        for at, (n, probability) in enumerate(picked):
            gap = self.gaps[n]
            marked = [i for i in range(gap.left + 1, gap.right) if self.marks.kind(i) in EXACT]
            if marked or owed:
                low = self.gaps[read[-1][0]].right if read else 0
                high = self.gaps[picked[at + 1][0]].left if at + 1 < len(picked) else len(self.units)
                n = self._best_reading(n, marked, low, high, owed=owed)
            read.append((n, probability))
            owed = any(i in promises for i in marked)
        return read

    def _best_reading(self, number: int, marked: Sequence[int], low: int, high: int, *, owed: bool) -> int:
        """The reading of a gap whose notes look most like notes, between two units and around its marks."""
        gap = self.gaps[number]
        first = bisect_right(self.gaps, low, key=lambda gap: gap.left)
        last = bisect_left(self.gaps, high, key=lambda gap: gap.left)
        rivals = [
            n
            for n, other in enumerate(self.gaps[first:last], first)
            if other.right <= high
            and (other.left < marked[0] and marked[-1] < other.right if marked else other.right == gap.right)
        ]
        end = marked[-1] if marked else gap.right
        promised = owed + any(self.marks.jumps.get(i, False) for i in marked)
        while promised:
            enough = [n for n in rivals if sum(i < end for i in self.gaps[n].notes) >= promised]
            rivals, promised = (enough, 0) if enough else (rivals, promised - 1)
        return max([*rivals, number], key=lambda n: (self._looks(n), n == number, -n))

    def _looks(self, number: int) -> float:
        """How much the notes of a gap look like notes and its neighbours like the story."""
        gap = self.gaps[number]
        inside = sum(max(-4.0, min(4.0, self.scores[i])) for i in gap.notes)
        labels = [at for at, i in enumerate(gap.notes) if (r := self.readings[i]) is not None and r.label]
        if labels and labels[0] > 0:
            # A label opens a note: what stands above it in the run must be a note of its own.
            inside -= UNLABELLED
        if gap.notes and self._teases(gap.notes[-1]):
            inside += TEASER
        return inside - 0.5 * (max(0.0, self.scores[gap.left]) + max(0.0, self.scores[gap.right]))

    def _teases(self, index: int) -> bool:
        """Whether a paragraph above a jump line without "more" tells in the present what will happen.

        AO3's template leaves room for nothing but a summary between the story above and such a line.
        """
        reading = self.readings[index]
        return (
            self.marks.jumps.get(index + 1) is False
            and reading is not None
            and not reading.quoted
            and reading.count <= TEASER_WORDS
            and reading.note[DOES] > PRESENT
        )
