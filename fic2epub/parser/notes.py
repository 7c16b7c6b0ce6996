"""Step 4c of the route: how much each paragraph looks like an author's note.

[certain] note.label   "A/N:", "Author's note", "Summary:", "Disclaimer:" open the paragraph, or stand alone
                       above it
[certain] note.more    AO3's "(See the end of the chapter for more notes.)" stands below it
[likely] note.words    the vocabulary of notes: thanks, apologies, news of the next chapter, reviews
[likely] note.typing   a straight apostrophe under curly prose, lower case, emoji, links
[likely] note.grammar  present tense, "this", I and my where the story is told in third person
[guess]  note.strange  words that stand nowhere else in the work

Each is weighed with a learned weight (``weights.py``); then a chain of two states, story and note, lets
neighbours speak: notes come in runs, and a paragraph like prose inside a long note is carried along.
A single line that looks like a note in the middle of a story stays story: letters, notices and
messages are written in the same words.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from operator import mul

from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import Reading
from fic2epub.parser.weights import Weights

__all__ = ["among_neighbours", "note_scores"]

ENTER = 0.015
"""Chance that the paragraph after one of the story is a note: 3 % are, in runs of two or three."""
STAY = 0.62
"""Chance that a note goes on: notes have a median of 2 paragraphs and a mean near 3."""
FIRST = log(0.15 / 0.85)
"""Log-odds of a note at the head of a work."""
PRIOR = -3.45
"""Log-odds of a note before anything is seen, 3 %; taken out of a paragraph's score before the chain."""
LABELLED = 3.0
"""What a label says at the least: "A/N:" is a note, however the rest of it reads."""
DATED = -6.0
"""What a line of date, place or point of view says at the most: it is the story's own."""
INSERTED = -6.0
"""The same for messages and verse, before the neighbours speak: their lines come in runs as notes do."""
NOTED = 2.0
"""Log-odds of a note, its neighbours considered, whose last line may stand below it."""
ENDED = 2.5
"""What such a line says at the least."""
MIDDLE = -5.0
"""Log-odds of a work's middle paragraph above which its scores are moved down; English works told in the
third person have -6 to -8."""
FEWEST = 30
"""Paragraphs of a work from which its middle one is sure to be of the story."""
MOST = 0.4
"""Share of a short work's words from which its notes are doubted: of real works that were cut to 2 to 6
paragraphs of story, half of those above it had lost most of that to notes."""
ALL = 0.9
"""Share from which they are none unless a clear gap says so: a poem, a list, messages, a letter."""
APART = 4.0
"""Log-odds of a clear gap between the story and the notes of a short work: in real ones that were cut and in
hand-made ones 7 to 9, while paragraphs of a letter, a poem or a list lie 1 to 3 apart."""
SCARCE = 0.05
"""Share of a short work's words that must stand below the gap to be its story."""
RULES_ABOVE = 4
"""Units above a jump line among which its note stands; rules may part them."""
LIMIT = 7.0
"""No paragraph by itself says more than this, for or against."""


def note_scores(readings: Sequence[Reading | None], marks: Marks, weights: Weights) -> list[float]:
    """Log-odds that each unit is a note, its neighbours considered.

    Scene breaks, jump lines, headings and closing lines say nothing; theirs is what the neighbours say.
    """
    alone = [0.0 if reading is None else sum(map(mul, weights.note, reading.note)) for reading in readings]
    scores = among_neighbours(alone, readings, marks)
    for i in marks.datelines:
        if marks.kind(i) == "dateline":
            scores[i] = min(scores[i], DATED)
    return scores


def among_neighbours(alone: Sequence[float], readings: Sequence[Reading | None], marks: Marks) -> list[float]:
    """Scores of single paragraphs, with what is certain and what the neighbours say."""
    silent = [reading is None for reading in readings]
    for i, kind in marks.kinds().items():
        silent[i] = silent[i] or kind in ("jump", "heading", "closing")
    counts = [0 if reading is None else reading.count for reading in readings]
    told = _told(readings, marks, silent)
    scores = [max(score, LABELLED) if i in told else score for i, score in enumerate(alone)]
    scores = centred(scores, silent, counts)
    inserted = [reading is not None and reading.insert for reading in readings]
    scores = [min(score, INSERTED) if own else score for score, own in zip(scores, inserted, strict=True)]
    # What is certain stays so, however high the work's other paragraphs are.
    labelled = [reading is not None and reading.label is not None for reading in readings]
    scores = [max(score, LABELLED) if sure else score for score, sure in zip(scores, labelled, strict=True)]
    return _with_ends(smooth(scores, silent), readings)


def _with_ends(scores: list[float], readings: Sequence[Reading | None]) -> list[float]:
    """Scores with the writer's name and a line that leads to the story drawn to the note above them."""
    for i, (above, reading) in enumerate(pairwise(readings), 1):
        if above is not None and reading is not None and reading.ends and scores[i - 1] > NOTED:
            scores[i] = max(scores[i], ENDED)
    return scores


def _told(readings: Sequence[Reading | None], marks: Marks, silent: Sequence[bool]) -> set[int]:
    """Units that something written says are notes.

    A label; what stands below a label that has a line to itself; what stands above AO3's "(See the end of
    the chapter for more notes.)", whose "more" is said only of chapters with beginning notes.
    """
    told = set()
    for i, reading in enumerate(readings):
        if reading is not None and reading.label:
            told.add(i)
            if reading.alone and i + 1 < len(readings) and not silent[i + 1]:
                told.add(i + 1)
    for i, more in marks.jumps.items():
        near = range(i - 1, max(-1, i - 1 - RULES_ABOVE), -1)
        above = next((j for j in near if readings[j] is not None), None)
        if more and above is not None and not silent[above]:
            told.add(above)
    return told


def centred(scores: Sequence[float], silent: Sequence[bool], counts: Sequence[int]) -> list[float]:
    """Scores of single paragraphs, moved down where those of the whole work are high.

    Most paragraphs of a work are its story, so the middle one's score is that of a paragraph of the story. A
    work in first person, in lower case or in a language with few known words of stories looks like one long
    note else. A short work may be half notes; there it is asked what tells them from the story. Never moved
    up.

    Args:
        scores: of each unit by itself.
        silent: which units say nothing.
        counts: words of each unit.
    """
    spoken = sorted(
        (score, count) for score, count, quiet in zip(scores, counts, silent, strict=True) if not quiet
    )
    if len(spoken) >= FEWEST:
        usual = spoken[len(spoken) // 2][0]
    else:
        smoothed = smooth(scores, silent)
        noted = sum(count for score, count in zip(smoothed, counts, strict=True) if score > 0)
        usual = _usual_of_few(spoken, noted)
    over = usual - MIDDLE
    return [score - over for score in scores] if over > 0 else list(scores)


def _usual_of_few(spoken: Sequence[tuple[float, int]], noted: int) -> float:
    """The score of a usual paragraph of a short work's story; MIDDLE if nothing says what is usual there.

    Few paragraphs say little: in a poem, a diary or a shopping list each looks a little like a note, and
    neighbours make all of it one. So where many words would be notes, either they stand clearly apart from
    the story, or one of them looks more like a note than a label makes it, and something is left as the
    story. Else all of it is the story: a work without one is none.

    Args:
        spoken: score and words of each paragraph, the lowest score first.
        noted: words of the paragraphs that would be notes.
    """
    words = sum(count for _, count in spoken)
    if noted <= MOST * words:
        return MIDDLE
    pairs = enumerate(pairwise(spoken), 1)
    steps = [(high[0] - low[0], i) for i, (low, high) in pairs if high[0] >= LABELLED]
    gap, at = max(steps, default=(0.0, 0))
    if gap >= APART and sum(count for _, count in spoken[:at]) >= SCARCE * words:
        return _middle_word(spoken[:at])
    if noted > ALL * words or spoken[-1][0] <= LABELLED:
        return _middle_word(spoken)
    return MIDDLE


def _middle_word(spoken: Sequence[tuple[float, int]]) -> float:
    """The score of the paragraph that holds the middle word: the items of a list are short, and many."""
    half = sum(count for _, count in spoken) / 2
    for score, count in spoken:
        half -= count
        if half <= 0:
            return score
    return spoken[-1][0]


def smooth(scores: Sequence[float], silent: Sequence[bool]) -> list[float]:
    """Scores with the neighbours considered: forward and backward over the two-state chain.

    ``silent`` units say nothing and let the chain pass.
    """
    said = [
        0.0 if quiet else max(-LIMIT, min(LIMIT, score - PRIOR))
        for score, quiet in zip(scores, silent, strict=True)
    ]
    # Log-odds of the two states: all that the one direction has to hand to the other.
    odds = FIRST
    forward = []
    for i, value in enumerate(said):
        if i and not silent[i]:
            weight = exp(odds)
            odds = log((STAY * weight + ENTER) / ((1 - STAY) * weight + 1 - ENTER))
        odds += value
        forward.append(odds)
    smoothed = [0.0] * len(said)
    odds = 0.0
    for i in range(len(said) - 1, -1, -1):
        smoothed[i] = forward[i] + odds
        if not silent[i]:
            weight = exp(said[i] + odds)
            odds = log((STAY * weight + 1 - STAY) / (ENTER * weight + 1 - ENTER))
    return smoothed
