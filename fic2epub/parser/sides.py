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
from functools import cache
from operator import mul
from typing import overload

from fic2epub.model import NoteKind
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import NOTE_SIGNALS, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights

__all__ = ["SIDE_SIGNALS", "note_kind_scores", "side_signals", "split_run"]

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


def split_run(
    run: Sequence[int],
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    *,
    left: int,
    right: int,
    scores: Sequence[float],
    summaries: Sequence[float],
    owed: bool | None,
    habit: float,
    first: bool = False,
    last: bool = False,
) -> dict[int, NoteKind]:
    """Give each note of a join its kind.

    Args:
        run: indices of the notes, in order.
        units: of the work.
        readings: of the units.
        marks: of the work.
        left: the last prose unit above the join.
        right: the first prose unit below.
        scores: for each unit, log-odds that it stands after a chapter rather than before one.
        summaries: for each unit, log-odds that it is a chapter summary.
        owed: whether the chapter above must have an end note (True), must have none (False), or is
            free (None: the work has no jump lines).
        habit: log-odds that a note of this work stands after its chapter.
        first: whether this is the head of the work: all stand before.
        last: whether this is its end: all stand after.
    """
    if not run:
        return {}
    n = len(run)
    if last:
        cut = n
    elif first:
        cut = 0
    else:
        cut = _cut(
            run,
            units,
            readings,
            marks,
            left=left,
            right=right,
            scores=scores,
            summaries=summaries,
            owed=owed,
            habit=habit,
        )
    kinds = dict.fromkeys(run[:cut], NoteKind.AFTER)
    rest = list(run[cut:])
    for place, index in enumerate(rest):
        kinds[index] = NoteKind.BEFORE
        if place == 0 and summaries[index] > (SUMMARY_WITH if len(rest) > 1 else SUMMARY_ALONE):
            kinds[index] = NoteKind.SUMMARY
    return kinds


def _cut(
    run: Sequence[int],
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    *,
    left: int,
    right: int,
    scores: Sequence[float],
    summaries: Sequence[float],
    owed: bool | None,
    habit: float,
) -> int:
    """How many of the run's notes belong to the chapter above."""
    n = len(run)
    low, high = 0, n
    between = range(left + 1, right)
    heads = [i for i in between if i in marks.headings]
    if heads:
        cut = sum(index < heads[0] for index in run)
        return cut
    jumps = [i for i in between if i in marks.jumps]
    if jumps:
        if not marks.jumps[jumps[-1]]:
            # Without "more" the note above the jump line is no start note; it may be a summary.
            above = sum(index < jumps[-1] for index in run)
            low = max(0, above - 1) if above and summaries[run[above - 1]] > SUMMARY_ALONE else above
        else:
            high = n - 1
    if owed is True:
        low = max(low, 1)
    elif owed is False:
        high = 0
    low = min(low, high)
    closings = [i for i in between if i in marks.closings]
    rules = [i for i in between if units[i].rule is not None]
    best, chosen = -1e9, low
    for cut in range(low, high + 1):
        total = sum(scores[index] + habit for index in run[:cut]) - sum(
            scores[index] + habit for index in run[cut:]
        )
        total = max(-6.0, min(6.0, total / (1 + 0.35 * (n - 1)))) + 1.2 * total / (n + 3)
        if 0 < cut < n:
            total -= 1.6
            at = run[cut]
            reading = readings[at]
            if summaries[at] > SUMMARY_ALONE:
                total += 2.0
            if reading is not None and reading.label:
                total += 1.2
            if any(run[cut - 1] < i < at for i in rules):
                total += 2.5
        elif rules:
            above, below = any(i < run[0] for i in rules), any(i > run[-1] for i in rules)
            if above != below:
                total += 4.0 if (cut == n) == above else -4.0
        if summaries[run[0]] > SUMMARY_ALONE and cut > 0:
            total -= 2.0
        if any(i < run[0] for i in closings) and cut < n:
            total -= 3.0
        if total > best:
            best, chosen = total, cut
    return chosen
