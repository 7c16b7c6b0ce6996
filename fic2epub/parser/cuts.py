"""Step 4e of the route: where a run of notes between two chapters may be cut in two, as numbers.

What stands above the cut is the upper chapter's end note, what stands below it the lower chapter's
summary and beginning note. Every cut of a run is weighed: what its paragraphs say for their side, what the
one below the cut says for opening a note and the one above it for closing one, and what parts the two.
"""

import re
from collections.abc import Sequence
from dataclasses import field
from math import log
from operator import mul

from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import NOTE_SIGNALS, Lexicon, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

__all__ = ["CUT_SIGNALS", "Known", "cut_signals"]

FROM_NOTE = (
    "thanks", "apology", "greeting", "farewell", "asking", "announcing", "hope", "warning", "ownership",
    "translation", "place", "life", "writing", "list", "long", "short", "past", "present", "second",
    "first", "third", "cast", "action", "does", "no-end-stop", "question", "quote", "digit", "label",
    "statistic", "chat", "exclamation", "opens-bracket",
)  # fmt: skip
"""Note signals that also tell the side."""
SIDE_SIGNALS = ("bias", "before", "after", "label-before", "label-after", *FROM_NOTE)
"""What a note paragraph says for standing after a chapter (positive) or before one, as summaries do."""
OPENERS = (
    "greeting", "apology", "warning", "label", "ownership", "list", "colon", "lower-start", "short",
    "opens-bracket", "statistic", "digit", "in-which",
)  # fmt: skip
"""What the first paragraph of a beginning note may show."""
CLOSERS = ("farewell", "asking", "thanks", "announcing", "hope", "exclamation", "emoticon", "short", "colon")
"""What the last paragraph of an end note may show."""
TYPING = (
    "lower-start", "no-end-stop", "straight-apostrophe", "exclamation", "emoji", "emoticon", "chat",
    "lower-i", "action", "ellipsis", "capitals", "doubled-marks",
)  # fmt: skip
"""Habits of typing that may change from one note to the next."""
CUT_SIGNALS = (
    "none-above", "none-below",
    *(f"side-{name}" for name in SIDE_SIGNALS),
    *(f"opens-{name}" for name in OPENERS),
    *(f"closes-{name}" for name in CLOSERS),
    "many-above", "many-below", "rule-at", "blanks-at", "typing-at", "summary-at", "summary-low",
    "summary-head-above", "ruled-above-all-above", "ruled-above-all-below", "ruled-below-all-above",
    "ruled-below-all-below", "closed-all-below", "habit",
)  # fmt: skip

SUMMARY_RE = re.compile(r"\W{0,3}(?:chapter\s+)?summary\b|in which\b", re.IGNORECASE)
SUMMARY_SAID = 5.0
"""Log-odds that such words, or a label, say for a summary."""
SUMMARY_ALONE = -0.5
"""Log-odds from which a note is a summary."""
PLACES = {name: i for i, name in enumerate(NOTE_SIGNALS)}
SIDE_PLACES = tuple(PLACES[name] for name in FROM_NOTE)
OPEN_PLACES = tuple(PLACES[name] for name in OPENERS)
CLOSE_PLACES = tuple(PLACES[name] for name in CLOSERS)
TYPING_PLACES = tuple(PLACES[name] for name in TYPING)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a work's notes before they have a side; worked out when it is asked for."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    marks: Marks
    words_of: Lexicon
    weights: Weights
    _sides: dict[int, tuple[float, ...]] = field(default_factory=dict)
    _summaries: dict[int, float] = field(default_factory=dict)

    def label_side(self, index: int) -> str | None:
        """``before``, ``after`` or ``summary`` if a unit's label says it."""
        reading = self.readings[index]
        return self.words_of.label_sides.get(reading.label) if reading and reading.label else None

    def side(self, index: int) -> tuple[float, ...]:
        """One number for each of ``SIDE_SIGNALS``."""
        if index not in self._sides:
            reading, label = self.readings[index], self.label_side(index)
            self._sides[index] = (
                (0.0,) * len(SIDE_SIGNALS)
                if reading is None
                else (
                    1.0,
                    min(2, reading.before) / 2,
                    min(2, reading.after) / 2,
                    float(label in ("before", "summary")),
                    float(label == "after"),
                    *[reading.note[place] for place in SIDE_PLACES],
                )
            )
        return self._sides[index]

    def summary(self, index: int) -> float:
        """Log-odds that a note is a chapter summary."""
        if index not in self._summaries:
            reading = self.readings[index]
            said = self.label_side(index) == "summary" or SUMMARY_RE.match(self.units[index].text)
            self._summaries[index] = (
                -9.0
                if reading is None
                else sum(map(mul, self.weights.summary, reading.note)) + SUMMARY_SAID * bool(said)
            )
        return self._summaries[index]


def cut_signals(
    cut: int, run: Sequence[int], known: Known, between: range, habit: float
) -> tuple[float, ...]:
    """One number for each of ``CUT_SIGNALS``.

    Args:
        cut: how many of the run's notes stand above it.
        run: indices of the notes at a join.
        known: of the work.
        between: the indices between the prose above and below.
        habit: how much the work's other notes stand after their chapters.
    """
    n = len(run)
    inside = 0 < cut < n
    # Paragraphs of one note say the same thing over and over: the sum is damped by their number.
    damp = 1 / (1 + 0.35 * (n - 1)) + 1.2 / (n + 3)
    columns = zip(
        *[known.side(i) if at < cut else tuple(-x for x in known.side(i)) for at, i in enumerate(run)],
        strict=True,
    )
    sums = [damp * max(-6.0, min(6.0, sum(column))) for column in columns]
    below = known.readings[run[cut]] if cut < n else None
    above = known.readings[run[cut - 1]] if cut else None
    rules = [i for i in between if known.units[i].rule is not None]
    over, under = any(i < run[0] for i in rules), any(i > run[-1] for i in rules)
    closed = any(i < run[0] for i in between if i in known.marks.closings)
    return (
        float(cut == 0),
        float(cut == n),
        *sums,
        *([below.note[place] for place in OPEN_PLACES] if below else (0.0,) * len(OPENERS)),
        *([above.note[place] for place in CLOSE_PLACES] if above else (0.0,) * len(CLOSERS)),
        log(1 + cut),
        log(1 + n - cut),
        float(inside and any(run[cut - 1] < i < run[cut] for i in rules)),
        float(inside and known.units[run[cut]].blanks > min(known.units[i].blanks for i in run[1:])),
        _change(above, below) if inside else 0.0,
        float(cut < n and known.summary(run[cut]) > SUMMARY_ALONE),
        float(any(known.summary(i) > SUMMARY_ALONE for i in run[cut + 1 :])),
        float(cut > 0 and known.summary(run[0]) > SUMMARY_ALONE),
        float(over and not under and cut == n),
        float(over and not under and cut == 0),
        float(under and not over and cut == n),
        float(under and not over and cut == 0),
        float(closed and cut == 0),
        habit * (2 * cut - n) / n,
    )


def _change(above: Reading | None, below: Reading | None) -> float:
    """How many habits of typing change from one paragraph to the next, as a share."""
    if above is None or below is None:
        return 0.0
    return sum([abs(above.note[place] - below.note[place]) for place in TYPING_PLACES]) / 4
