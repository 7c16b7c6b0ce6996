"""Step 4e of the route: where a run of notes between two chapters may be cut in two, as numbers.

What stands above the cut is the upper chapter's end note, what stands below it the lower chapter's
summary and beginning note. Every cut of a run is weighed: what its paragraphs say for their side, what the
one below the cut says for opening a note and the one above it for closing one, and what parts the two.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from math import log
from operator import mul

from fic2epub.parser.marks import Marks
from fic2epub.parser.note_shapes import LEAD_WORDS, SHAPE_SIGNALS, Shape, goes_on, shape_of
from fic2epub.parser.side_words import told
from fic2epub.parser.signals import NOTE_SIGNALS, Lexicon, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

__all__ = ["CUT_SIGNALS", "Known", "cut_signals"]

FROM_NOTE = (
    "thanks", "greeting", "asking", "announcing", "warning", "ownership", "translation", "place", "writing",
    "past", "present", "first", "third", "question", "label", "chat",
)  # fmt: skip
"""Note signals that also tell the side. More of them (lists, brackets, digits, exclamation marks, the second
person) fit the writers at hand and said less about others."""
SIDE_SIGNALS = ("bias", "before", "after", "told", *SHAPE_SIGNALS, *FROM_NOTE)
"""What a note paragraph says for standing after a chapter (positive) or before one, as summaries do."""
OPENERS = ("greeting", "apology", "warning", "ownership", "in-which")
"""What the first paragraph of a beginning note may show."""
CLOSERS = ("asking", "thanks", "short")
"""What the last paragraph of an end note may show."""
CUT_SIGNALS = (
    "none-above", "none-below",
    *(f"side-{name}" for name in SIDE_SIGNALS),
    *(f"opens-{name}" for name in OPENERS),
    *(f"closes-{name}" for name in CLOSERS),
    "opens-hello", "closes-goodbye", "parts-list", "parts-colon", "parts-lead", "leads-above", "label-again",
    "long-below",
    "many-above", "many-below", "rule-at", "blanks-at", "summary-at", "summary-low",
    "summary-head-above", "ruled-above-all-above", "ruled-above-all-below", "ruled-below-all-above",
    "ruled-below-all-below", "closed-all-below",
)  # fmt: skip

SUMMARY_RE = re.compile(r"\W{0,3}(?:chapter\s+)?summary\b|in which\b", re.IGNORECASE)
SUMMARY_SAID = 5.0
"""Log-odds that such words, or a label, say for a summary."""
NO_SUMMARY = 3.0
"""Log-odds against one that a greeting, a goodbye, a lead to the story or a signature says."""
NEVER_SUMMARY = frozenset({"signed", "reply", "item", "gloss", "field"})
"""Kinds of paragraphs that say the same: a line of a list, a reply, the writer's name."""
SUMMARY_ALONE = -0.5
"""Log-odds from which a note is a summary."""
LISTED = 0.3
"""What a further line of a list says, against the first."""
LEAD = SHAPE_SIGNALS.index("lead")
HELLO, GOODBYE = SHAPE_SIGNALS.index("hello"), SHAPE_SIGNALS.index("goodbye")
PLACES = {name: i for i, name in enumerate(NOTE_SIGNALS)}
SIDE_PLACES = tuple(PLACES[name] for name in FROM_NOTE)
OPEN_PLACES = tuple(PLACES[name] for name in OPENERS)
CLOSE_PLACES = tuple(PLACES[name] for name in CLOSERS)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a work's notes before they have a side; worked out when it is asked for."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    marks: Marks
    words_of: Lexicon
    weights: Weights
    told_of: Mapping[str, float]
    """Of the work's language, as in ``Weights.sides``."""
    _shapes: dict[int, Shape] = field(default_factory=dict)
    _sides: dict[int, tuple[float, ...]] = field(default_factory=dict)
    _summaries: dict[int, float] = field(default_factory=dict)
    _scores: dict[tuple[int, ...], list[float]] = field(default_factory=dict)

    def label_side(self, index: int) -> str | None:
        """``before``, ``after`` or ``summary`` if a unit's label says it."""
        reading = self.readings[index]
        return self.words_of.label_sides.get(reading.label) if reading and reading.label else None

    def labelled(self, index: int) -> bool:
        """Whether a label opens a unit."""
        reading = self.readings[index]
        return reading is not None and reading.label is not None

    def shape(self, index: int) -> Shape:
        """The form of a paragraph."""
        if index not in self._shapes:
            reading = self.readings[index]
            label = reading.label if reading is not None else None
            self._shapes[index] = shape_of(self.units[index].text, label, self.words_of)
        return self._shapes[index]

    def side(self, index: int) -> tuple[float, ...]:
        """One number for each of ``SIDE_SIGNALS``."""
        if index not in self._sides:
            reading = self.readings[index]
            self._sides[index] = (
                (0.0,) * len(SIDE_SIGNALS)
                if reading is None
                else (
                    1.0,
                    min(2, reading.before) / 2,
                    min(2, reading.after) / 2,
                    told(self.units[index].text, self.told_of),
                    *self.shape(index).signals,
                    *[reading.note[place] for place in SIDE_PLACES],
                )
            )
        return self._sides[index]

    def scores(self, run: Sequence[int], between: range) -> list[float]:
        """What speaks for each cut of a run, from none of its notes above to all."""
        key = (between.start, between.stop, *run)
        if key not in self._scores:
            self._scores[key] = [
                sum(map(mul, self.weights.cut, cut_signals(cut, run, self, between)))
                for cut in range(len(run) + 1)
            ]
        return self._scores[key]

    def summary(self, index: int) -> float:
        """Log-odds that a note is a chapter summary."""
        if index not in self._summaries:
            reading = self.readings[index]
            said = self.label_side(index) == "summary" or SUMMARY_RE.match(self.units[index].text)
            self._summaries[index] = (
                -9.0
                if reading is None or (reading.alone and not said)
                else sum(map(mul, self.weights.summary, reading.note))
                + SUMMARY_SAID * bool(said)
                - NO_SUMMARY
                * (self.shape(index).kind in NEVER_SUMMARY or any(self.shape(index).signals[: LEAD + 1]))
            )
        return self._summaries[index]


def cut_signals(cut: int, run: Sequence[int], known: Known, between: range) -> tuple[float, ...]:
    """One number for each of ``CUT_SIGNALS``.

    Args:
        cut: how many of the run's notes stand above it.
        run: indices of the notes at a join.
        known: of the work.
        between: the indices between the prose above and below.
    """
    n = len(run)
    inside = 0 < cut < n
    # Paragraphs of one note say the same thing over and over: the sum is damped by their number.
    damp = 1 / (1 + 0.35 * (n - 1)) + 1.2 / (n + 3)
    said = [known.side(i) for i in run]
    for at in range(1, n):
        if goes_on(known.shape(run[at - 1]), known.shape(run[at])):
            said[at] = tuple(LISTED * number for number in said[at])
    columns = zip(
        *[numbers if at < cut else tuple(-x for x in numbers) for at, numbers in enumerate(said)],
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
        known.shape(run[cut]).signals[HELLO] if cut < n else 0.0,
        known.shape(run[cut - 1]).signals[GOODBYE] if cut else 0.0,
        float(inside and goes_on(known.shape(run[cut - 1]), known.shape(run[cut]))),
        float(inside and known.shape(run[cut - 1]).holds),
        float(inside and cut == n - 1 and _leads(run[-1], known)),
        float(cut == n and _leads(run[-1], known)),
        float(inside and _noted(run[0], known) and _noted(run[cut], known)),
        max(0, n - cut - 3) / 3,
        log(1 + cut),
        log(1 + n - cut),
        float(inside and any(run[cut - 1] < i < run[cut] for i in rules)),
        float(inside and known.units[run[cut]].blanks > min(known.units[i].blanks for i in run[1:])),
        float(cut < n and known.summary(run[cut]) > SUMMARY_ALONE),
        float(any(known.summary(i) > SUMMARY_ALONE for i in run[cut + 1 :])),
        float(cut > 0 and known.summary(run[0]) > SUMMARY_ALONE),
        float(over and not under and cut == n),
        float(over and not under and cut == 0),
        float(under and not over and cut == n),
        float(under and not over and cut == 0),
        float(closed and cut == 0),
    )


def _leads(index: int, known: Known) -> bool:
    """Whether a short paragraph says that the story follows."""
    reading = known.readings[index]
    return reading is not None and reading.count <= LEAD_WORDS and known.shape(index).signals[LEAD] > 0


def _noted(index: int, known: Known) -> bool:
    """Whether the label of an author's note opens a paragraph."""
    reading = known.readings[index]
    return (
        reading is not None
        and reading.label is not None
        and known.words_of.label_forms.get(reading.label) == "note"
    )
