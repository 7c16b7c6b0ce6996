"""Step 4c of the route, its second half: to which chapter the notes at a join belong, and which is a summary.

The order at a join is end notes, heading, summary, beginning notes (AO3's template). In order:

[certain] side.heading    above the heading: end note; below it: summary or beginning note
[certain] side.jump       under a jump line without "more" stands no note, and above it no beginning note
[certain] side.owed       a chapter with a jump line at its head has an end note at its foot
[likely]  side.separator  a rule between the prose and a note: an end note; a rule below it: a beginning note
[likely]  side.label      "Chapter End Notes", "Summary:", "Disclaimer:" say it
[guess]   side.words      thanks, requests and news of the next chapter close one; greetings, apologies and
                          warnings open one
[guess]   side.habit      where the work's other notes stand

A run is cut in two at one place at most: a note is never cut by a weaker sign than a new label.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from typing import overload

from fic2epub.model import NoteKind
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import NOTE_SIGNALS, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights

__all__ = ["SIDE_SIGNALS", "Known", "note_kind_scores", "side_signals", "split_run"]

FROM_NOTE = (
    "thanks", "apology", "greeting", "farewell", "asking", "announcing", "hope", "warning", "ownership",
    "translation", "place", "life", "writing", "list", "long", "short", "past", "present", "second",
    "first", "third", "cast", "action", "does", "no-end-stop", "question", "quote", "digit", "label",
    "statistic", "chat", "exclamation", "opens-bracket",
)  # fmt: skip
"""Note signals that also tell the side."""

SIDE_SIGNALS = ("bias", "before", "after", "label-before", "label-after", "summary-label", *FROM_NOTE)
"""What a note paragraph says for standing after a chapter (positive) or before one, as summaries do."""

SUMMARY_RE = re.compile(r"\W{0,3}(?:chapter\s+)?summary\b|in which\b", re.IGNORECASE)
END_LABEL_RE = re.compile(
    r"\W{0,3}(?:chapter\s+)?end\s+notes?\b|\W{0,3}notes?\s+at\s+the\s+end\b", re.IGNORECASE
)
HEAD_LABEL_RE = re.compile(
    r"\W{0,3}(?:chapter\s+|beginning\s+)notes?\s*:?\s*$|\W{0,3}rated?\b.{0,20}$", re.IGNORECASE
)


def side_signals(unit: Unit, reading: Reading, names: dict[str, int]) -> tuple[float, ...]:
    """One number for each of ``SIDE_SIGNALS``; ``names`` gives the place of each note signal."""
    label = reading.label or ""
    after = label in AFTER_LABELS or "end" in label.split() or bool(END_LABEL_RE.match(unit.text))
    return (
        1.0,
        min(2, reading.before) / 2,
        min(2, reading.after) / 2,
        float(not after and (label in BEFORE_LABELS or bool(HEAD_LABEL_RE.match(unit.text)))),
        float(after),
        float(bool(SUMMARY_RE.match(unit.text))),
        *[reading.note[names[name]] for name in FROM_NOTE],
    )


@cache
def _places() -> dict[str, int]:
    return {name: i for i, name in enumerate(NOTE_SIGNALS)}


class _Scores(Sequence[float]):
    """One number for each unit, worked out when it is asked for: most units are no note, and nobody asks."""

    def __init__(self, count: int, find: Callable[[int], float]) -> None:
        self._count = count
        self._find = cache(find)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        if isinstance(index, slice):
            return [self._find(i) for i in range(self._count)[index]]
        return self._find(range(self._count)[index])


def note_kind_scores(
    units: Sequence[Unit], readings: Sequence[Reading | None], weights: Weights
) -> tuple[Sequence[float], Sequence[float]]:
    """For each unit, were it a note: log-odds that it stands after a chapter, and that it is a summary."""
    names = _places()

    def side(i: int) -> float:
        reading = readings[i]
        return 0.0 if reading is None else sum(map(mul, weights.side, side_signals(units[i], reading, names)))

    def summary(i: int) -> float:
        reading = readings[i]
        if reading is None:
            return -9.0
        score: float = sum(map(mul, weights.summary, reading.note))
        return score + 5.0 * bool(SUMMARY_RE.match(units[i].text))

    return _Scores(len(units), side), _Scores(len(units), summary)


SUMMARY_WITH = -1.0
"""Log-odds from which the first note below a join is a summary, if another note follows it."""
SUMMARY_ALONE = -0.5
BEFORE_LABELS = frozenset(
    {"disclaimer", "warning", "warnings", "tw", "cw", "rating", "foreword", "vorwort", "前書き", "まえがき"}
)
AFTER_LABELS = frozenset(
    {"p.s.", "ps", "translations", "glossary", "afterword", "nachwort", "あとがき", "後書き"}
)


CUT = 1.6
"""Against cutting a run in two; less than a label (1.2) and a summary (2.0) below the cut say together."""
LABEL, SUMMARY, RULE = 1.2, 2.0, 2.5
"""What a label, a summary and a rule at the cut say for it, in log-odds; tried on works left out."""
RULED_OFF = 4.0
"""What a rule on one side of the whole run says for the other: story and notes are parted by it."""
CLOSED = 3.0
"""What ``TBC`` above a run says for its being the closed chapter's."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a work's notes before they have a side."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    marks: Marks
    sides: Sequence[float]
    """For each unit, log-odds that it stands after a chapter rather than before one."""
    summaries: Sequence[float]
    """For each unit, log-odds that it is a chapter summary."""


def split_run(
    run: Sequence[int],
    known: Known,
    *,
    left: int,
    right: int,
    owed: bool | None,
    habit: float,
    first: bool = False,
) -> dict[int, NoteKind]:
    """Give each note of a join its kind.

    Args:
        run: indices of the notes, in order.
        known: of the work.
        left: the last prose unit above the join.
        right: the first prose unit below.
        owed: whether the chapter above must have an end note (True), must have none (False), or is
            free (None: the work has no jump lines).
        habit: log-odds that a note of this work stands after its chapter.
        first: whether this is the head of the work: all stand before.
    """
    if not run:
        return {}
    cut = 0 if first else _cut(run, known, range(left + 1, right), owed=owed, habit=habit)
    kinds = dict.fromkeys(run[:cut], NoteKind.AFTER)
    rest = list(run[cut:])
    for place, index in enumerate(rest):
        kinds[index] = NoteKind.BEFORE
        if place == 0 and known.summaries[index] > (SUMMARY_WITH if len(rest) > 1 else SUMMARY_ALONE):
            kinds[index] = NoteKind.SUMMARY
    return kinds


def _cut(run: Sequence[int], known: Known, between: range, *, owed: bool | None, habit: float) -> int:
    """How many of the run's notes belong to the chapter above."""
    heads = [i for i in between if i in known.marks.headings]
    if heads:
        return sum(index < heads[0] for index in run)
    low, high = _bounds(run, known, between, owed)
    return max(range(low, high + 1), key=lambda cut: (_fits(cut, run, known, between, habit), -cut))


def _bounds(run: Sequence[int], known: Known, between: range, owed: bool | None) -> tuple[int, int]:
    """The fewest and the most notes that the exact marks allow above the cut."""
    low, high = 0, len(run)
    jumps = [i for i in between if i in known.marks.jumps]
    if jumps and known.marks.jumps[jumps[-1]]:
        high -= 1
    elif jumps:
        # Without "more" the note above the jump line is no start note; it may be a summary.
        low = sum(index < jumps[-1] for index in run)
        low -= bool(low) and known.summaries[run[low - 1]] > SUMMARY_ALONE
    if owed is True:
        low = max(low, 1)
    elif owed is False:
        high = 0
    return min(low, high), high


def _fits(cut: int, run: Sequence[int], known: Known, between: range, habit: float) -> float:
    """How well a run is read with so many notes above the cut."""
    n = len(run)
    said = sum(known.sides[index] + habit for index in run[:cut])
    said -= sum(known.sides[index] + habit for index in run[cut:])
    # Paragraphs of one note say the same thing over and over: the sum is damped by their number.
    total = max(-6.0, min(6.0, said / (1 + 0.35 * (n - 1)))) + 1.2 * said / (n + 3)
    rules = [i for i in between if known.units[i].rule is not None]
    if 0 < cut < n:
        at = run[cut]
        reading = known.readings[at]
        total -= CUT
        total += SUMMARY * (known.summaries[at] > SUMMARY_ALONE)
        total += LABEL * (reading is not None and bool(reading.label))
        total += RULE * any(run[cut - 1] < i < at for i in rules)
    elif any(i < run[0] for i in rules) != any(i > run[-1] for i in rules):
        above = any(i < run[0] for i in rules)
        total += RULED_OFF if (cut == n) == above else -RULED_OFF
    if cut > 0 and known.summaries[run[0]] > SUMMARY_ALONE:
        total -= SUMMARY
    if cut < n and any(i < run[0] for i in between if i in known.marks.closings):
        total -= CLOSED
    return total
