"""How sure the program is that a chapter begins somewhere, and why: the evidence that ``inspect`` shows.

A heading, a jump line and a number bear a boundary out by themselves; everything else has the
probability that the choice gave it, calibrated on authors that the weights had not seen.
"""

from collections.abc import Sequence
from math import exp, log

from fic2epub.model import Evidence, Firing
from fic2epub.parser.gaps import JOIN_SIGNALS, Gap
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

__all__ = ["boundary_evidence", "heading_in"]

CONFIDENT = {
    "heading.numbered": 0.99,
    "heading.named": 0.97,
    "heading.number": 0.97,
    "heading.marked": 0.97,
    "heading.title": 0.93,
}
JUMP = 0.99
FEWEST = 0.25
"""A signal under this is not worth a reader's time."""
SHOWN = 6
USUAL = frozenset({"bias", "plain", "left-note", "right-note"})
"""What holds of nearly every place: that its neighbours are story says nothing to a reader."""
SPACING = ("boundary.blanks", "boundary.spacers")
CLEAR = 1.5
"""Log-odds from which unusual blank lines are a mark that a reader of the dump sees."""
FORMAL = frozenset({"blanks", "spacers", "indent", "plain", "edge"})
"""Signals of form: there are no words to show."""


def heading_in(gap: Gap, marks: Marks) -> HeadingLine | None:
    """The chapter heading that stands in a gap, the lowest if there are several."""
    for i in range(gap.right - 1, gap.left, -1):
        line = marks.headings.get(i)
        if line is not None and line.level == 1:
            return line
    return None


def boundary_evidence(
    gap: Gap,
    probability: float,
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    weights: Weights,
) -> Evidence:
    """The evidence for one chosen gap.

    Args:
        gap: the gap.
        probability: what the choice gave it among all sets of its size.
        units: of the work.
        readings: of the units.
        marks: of the work.
        weights: learned.
    """
    heading = heading_in(gap, marks)
    jump = next((i for i in range(gap.left + 1, gap.right) if i in marks.jumps), None)
    firings = _firings(gap, units, readings, weights)
    score = _calibrated(gap, probability, weights)
    if jump is not None:
        firings.insert(0, Firing("mark.jump", " ".join(units[jump].text.split())))
        score = JUMP
    if heading is not None:
        firings.insert(0, Firing(heading.rule, units[heading.index].text))
        score = max(score, CONFIDENT.get(heading.rule, 0.9))
    spaced = any(firing.rule in SPACING and firing.weight > CLEAR for firing in firings)
    noted = any(_shows(readings[i], weights) for i in gap.notes)
    visible = heading is not None or jump is not None or noted or spaced
    return Evidence(score, tuple(firings[:SHOWN]), inferred=not visible)


def _calibrated(gap: Gap, probability: float, weights: Weights) -> float:
    """A probability that holds on works that nobody has seen."""
    figure = weights.numbers
    p = min(0.9995, max(0.0005, probability))
    value = figure["confidence_bias"] + figure["confidence_logit"] * log(p / (1 - p))
    value += figure["confidence_notes"] * bool(gap.notes)
    return round(min(0.98, max(0.02, 1 / (1 + exp(-value)))), 3)


@dataclass(frozen=True, slots=True)
class _Part:
    value: float
    name: str


def _firings(
    gap: Gap, units: Sequence[Unit], readings: Sequence[Reading | None], weights: Weights
) -> list[Firing]:
    """The signals that spoke for a gap, the strongest first, with the words that made them."""
    firings = []
    if gap.notes:
        best = max(gap.notes, key=lambda i: _note_weight(readings[i], weights))
        reading = readings[best]
        words = ", ".join(sorted(reading.found, key=lambda word: (-len(word), word))[:4]) if reading else ""
        weight = round(_note_weight(reading, weights), 2)
        firings.append(Firing("boundary.notes", words or units[best].text[:60], weight))
    parts = [
        _Part(a * b, name)
        for a, b, name in zip(weights.join, gap.signals, JOIN_SIGNALS, strict=True)
        if a * b > FEWEST
    ]
    for part in sorted(parts, key=lambda part: (-part.value, part.name)):
        if part.name in USUAL or part.name.startswith("run-"):
            continue
        words = units[gap.left].text[-60:] if part.name.startswith("close-") else units[gap.right].text[:60]
        firings.append(
            Firing(f"boundary.{part.name}", None if part.name in FORMAL else words, round(part.value, 2))
        )
    return firings


def _shows(reading: Reading | None, weights: Weights) -> bool:
    """Whether a reader of the dump sees a note in a paragraph: it has a label, or looks more like one."""
    return reading is not None and (reading.label is not None or _note_weight(reading, weights) > 0)


def _note_weight(reading: Reading | None, weights: Weights) -> float:
    if reading is None:
        return 0.0
    return sum([a * b for a, b in zip(weights.note, reading.note, strict=True)])
