"""Step 4c of the route: how much each paragraph looks like an author's note.

[certain] note.label   "A/N:", "Author's note", "Summary:", "Disclaimer:" open the paragraph
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
from math import exp, log
from operator import mul

from fic2epub.parser.marks import Marks
from fic2epub.parser.signals import Reading
from fic2epub.parser.weights import Weights

__all__ = ["note_scores", "smooth"]

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
MIDDLE = -5.0
"""Log-odds of a work's middle paragraph above which its scores are moved down; English works told in the
third person have -6 to -8."""
FEWEST = 30
"""Paragraphs of a work from which its middle one is sure to be of the story."""
LIMIT = 7.0
"""No paragraph by itself says more than this, for or against."""


def note_scores(readings: Sequence[Reading | None], marks: Marks, weights: Weights) -> list[float]:
    """Log-odds that each unit is a note, its neighbours considered.

    Scene breaks, jump lines, headings and closing lines say nothing; theirs is what the neighbours say.
    """
    alone = [0.0 if reading is None else sum(map(mul, weights.note, reading.note)) for reading in readings]
    alone = [
        max(score, LABELLED) if reading is not None and reading.label else score
        for score, reading in zip(alone, readings, strict=True)
    ]
    silent = [
        reading is None or marks.kind(i) in ("jump", "heading", "closing")
        for i, reading in enumerate(readings)
    ]
    scores = smooth(centred(alone, silent), silent)
    return [min(score, DATED) if marks.kind(i) == "dateline" else score for i, score in enumerate(scores)]


def centred(scores: Sequence[float], silent: Sequence[bool]) -> list[float]:
    """Scores of single paragraphs, moved down where those of the whole work are high.

    Most paragraphs of a work are its story, so the middle one's score is that of a paragraph of the story. A
    work in first person, in lower case or in a language with few known words of stories looks like one long
    note else. Never moved up: a work may be short and half notes.
    """
    spoken = sorted(score for score, quiet in zip(scores, silent, strict=True) if not quiet)
    if len(spoken) < FEWEST:
        return list(scores)
    over = spoken[len(spoken) // 2] - MIDDLE
    return [score - over for score in scores] if over > 0 else list(scores)


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
