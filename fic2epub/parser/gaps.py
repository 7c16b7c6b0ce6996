"""Step 4d of the route: every place where a chapter may begin, in all its readings, as numbers.

A *variant* of a gap is a pair of prose units, the last of one chapter and the first of the next, and
what stands between them read as paratext: notes, a heading, a jump line, scene breaks, closing lines.
A run of up to fifteen note paragraphs is one segment, so that a paragraph like prose inside a long
note is carried along by its neighbours (a semi-Markov reading).
"""

from collections.abc import Sequence

from fic2epub.parser.gap_signals import JOIN_SIGNALS, MIDDLE_SIGNALS, Gap, gap_maker
from fic2epub.parser.signals import Habits, Lexicon, Reading
from fic2epub.parser.units import Unit

__all__ = ["JOIN_SIGNALS", "LONGEST_RUN", "MIDDLE_SIGNALS", "Gap", "find_gaps"]

ENTER = -5.0
"""No run begins with a paragraph that looks more like the story, its neighbours considered."""
LEAVE = -5.0
"""Nor ends with one."""
OWED_REACH = 9
"""How far above a jump line an end note is looked for that has no sign of one."""
LONGEST_RUN = 18
"""Note paragraphs at one join: the longest author of 34 writes 15 (p95 13); three more for replies."""


def find_gaps(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    scores: Sequence[float],
    words_of: Lexicon,
    *,
    marks: dict[int, str],
    weights: Sequence[float] | None = None,
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
        weights: one for each of ``JOIN_SIGNALS``, for ``Gap.logit``.
    """
    n = len(units)
    prose = [
        reading is not None and marks.get(i) not in ("jump", "heading", "title", "closing")
        for i, reading in enumerate(readings)
    ]
    below = _prose_below(units, readings, prose)
    maker = gap_maker(units, readings, habits, scores, marks, prose, weights)
    jumps = [i for i, kind in marks.items() if kind == "jump"]
    near = {left for i in jumps for left in range(i - OWED_REACH + 1, i - 1)}
    gaps = []
    for left in range(n):
        right = below[left]
        if not prose[left] or right == n:
            continue
        gaps.append(maker.gap(left, right))
        if left in near or scores[right] >= ENTER:
            for notes, stop in _runs(left, below, scores, marks, near=left in near):
                gaps.append(maker.gap(left, stop, notes))
    return gaps


def _prose_below(
    units: Sequence[Unit], readings: Sequence[Reading | None], prose: Sequence[bool]
) -> list[int]:
    """For each unit the next below it that is prose; the number of units if there is none.

    There is none either where a paragraph comes first that nobody has read: no gap is seen across it.
    """
    below = [0] * len(units)
    at = len(units)
    for i in range(len(units) - 1, -1, -1):
        below[i] = at
        if prose[i]:
            at = i
        elif readings[i] is None and units[i].rule is None:
            at = len(units)
    return below


def _runs(
    left: int,
    below: Sequence[int],
    scores: Sequence[float],
    marks: dict[int, str],
    *,
    near: bool,
) -> list[tuple[tuple[int, ...], int]]:
    """The runs of notes that may stand below a unit: their units, and the first prose unit after them.

    Above a jump line (``near``) every short run is possible, whatever its words: end notes read like prose.
    """
    found = []
    notes: list[int] = []
    total, best = 0.0, -9.0
    above, at = left, below[left]
    n = len(below)
    while at < n and len(notes) < LONGEST_RUN:
        if any(marks.get(i) == "jump" for i in range(above + 1, at)):
            # AO3 puts its jump line below the notes of a chapter's head: under it stands the story.
            break
        score = scores[at]
        if not notes and score < ENTER and not near:
            break
        notes.append(at)
        total += max(-3.0, min(4.0, score))
        best = max(best, score)
        if total < -8.0 and not near:
            break
        stop = below[at]
        likely = score > LEAVE and best > -4.0 and total > -5.0
        if stop < n and (likely or (near and any(marks.get(i) == "jump" for i in range(at + 1, stop)))):
            found.append((tuple(notes), stop))
        above, at = at, stop
    return found
