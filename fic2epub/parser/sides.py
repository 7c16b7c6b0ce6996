"""Step 4c of the route, its second half: to which chapter the notes at a join belong, and which is a summary.

The order at a join is end notes, heading, summary, beginning notes (AO3's template). In order:

[certain] side.heading    above the heading: end note; below it: summary or beginning note
[certain] side.jump       under a jump line without "more" stands no note, and above it no beginning note
[certain] side.owed       a chapter with a jump line at its head has an end note at its foot
[likely]  side.separator  a rule between the prose and a note: an end note; a rule below it: a beginning note
[certain] side.label      "Chapter End Notes" and "Notes at the beginning" say it, up to the next label
[guess]   side.words      thanks, requests and news of the next chapter close one; greetings, apologies and
                          warnings open one
[guess]   side.form       what goes on in the next paragraph is not parted; replies, glossaries and goodbyes
                          close a chapter (``note_shapes``)
[guess]   side.habit      where the work's other notes stand (``leanings``)

A run is cut in two at one place at most.
"""

from collections.abc import Sequence
from math import exp

from fic2epub.model import NoteKind
from fic2epub.parser.cuts import SUMMARY_ALONE, Known
from fic2epub.parser.leanings import Leaning, Shares

__all__ = ["bounds", "split_run"]

NO_LEANING = Leaning()
NOTHING = Shares(0.0, 0.0, 0.0)
SUMMARY_WITH = -1.2
"""Log-odds from which the first note below a join is a summary, if another note follows it."""


def split_run(
    run: Sequence[int],
    known: Known,
    *,
    left: int,
    right: int,
    owed: bool | None,
    leaning: Leaning = NO_LEANING,
    first: bool = False,
) -> tuple[dict[int, NoteKind], Shares]:
    """Give each note of a join its kind; also how likely each kind stands there at all.

    Args:
        run: indices of the notes, in order.
        known: of the work.
        left: the last prose unit above the join.
        right: the first prose unit below.
        owed: whether the chapter above must have an end note (True), must have none (False), or is
            free (None: the work has no jump lines).
        leaning: where the work's other notes stand.
        first: whether this is the head of the work: all stand before.
    """
    if not run:
        return {}, NOTHING
    cuts = {0: 0.0} if first else _cuts(run, known, range(left + 1, right), owed=owed)
    wholes = {cut: _kinds(cut, run, known, right) for cut in cuts}
    there = {cut: set(kinds.values()) for cut, kinds in wholes.items()}
    weights = {
        cut: score
        + leaning.after * (NoteKind.AFTER in there[cut])
        + leaning.before * (NoteKind.BEFORE in there[cut])
        + leaning.summary * (NoteKind.SUMMARY in there[cut])
        for cut, score in cuts.items()
    }
    best = max(weights, key=lambda cut: (weights[cut], -cut))
    likely = {cut: exp(weight - weights[best]) for cut, weight in weights.items()}
    total = sum(likely.values())
    after, before, summary = (
        sum(share for cut, share in likely.items() if kind in there[cut]) / total
        for kind in (NoteKind.AFTER, NoteKind.BEFORE, NoteKind.SUMMARY)
    )
    return wholes[best], Shares(after, before, summary)


def _kinds(cut: int, run: Sequence[int], known: Known, right: int) -> dict[int, NoteKind]:
    """The kind of each note under one cut."""
    kinds = dict.fromkeys(run[:cut], NoteKind.AFTER) | dict.fromkeys(run[cut:], NoteKind.BEFORE)
    alone = len(run) - cut == 1
    likely = cut < len(run) and known.summary(run[cut]) > (SUMMARY_ALONE if alone else SUMMARY_WITH)
    if likely and not _above_more(run[cut], known, right):
        kinds[run[cut]] = NoteKind.SUMMARY
    return kinds


def _above_more(index: int, known: Known, right: int) -> bool:
    """Whether AO3's "(See the end of the chapter for more notes.)" is next: it follows a beginning note."""
    below = next((i for i in range(index + 1, right) if known.units[i].rule is None), None)
    return below is not None and known.marks.jumps.get(below, False)


def _cuts(run: Sequence[int], known: Known, between: range, *, owed: bool | None) -> dict[int, float]:
    """How many of the run's notes may belong to the chapter above, each with what speaks for it."""
    heads = [i for i in between if i in known.marks.headings]
    if heads:
        return {sum(index < heads[0] for index in run): 0.0}
    low, high = bounds(run, known, between, owed)
    scores = known.scores(run, between)
    return {cut: scores[cut] for cut in range(low, high + 1)}


def bounds(run: Sequence[int], known: Known, between: range, owed: bool | None) -> tuple[int, int]:
    """The fewest and the most notes that the exact marks allow above the cut."""
    low, high = 0, len(run)
    jumps = [i for i in between if i in known.marks.jumps]
    if jumps and known.marks.jumps[jumps[-1]]:
        high -= 1
    elif jumps:
        # Without "more" the note above the jump line is no start note; it may be a summary.
        low = sum(index < jumps[-1] for index in run)
        low -= bool(low) and known.summary(run[low - 1]) > SUMMARY_ALONE
    closed = False
    for place, index in enumerate(run):
        side = known.label_side(index)
        alone = known.labelled(index) and known.shape(index).holds
        if side == "after":
            low = max(low, min(place + 1 + alone, len(run)))
            closed = True
        elif (side == "before" or (closed and alone)) and high > place >= low:
            high = place
    if owed is True:
        low = max(low, 1)
    elif owed is False:
        high = 0
    return min(low, high), high
