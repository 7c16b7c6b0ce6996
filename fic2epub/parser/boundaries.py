"""Step 4e of the route: where chapters begin, the one choice for the whole work.

In order:

[certain] a declared count of 1 is never split: a heading inside is a section
[certain] headings and jump lines open chapters; numbers that headings skip are looked for between them
[certain] a chapter with a jump line at its head has an end note at its foot
[likely]  the declared count: never more; fewer where no further place has anything for it, or if the dump
          breaks off in the middle of a sentence or is far too short for them
[guess]   a note that says that it is no chapter is one, where the count has room (``notices``)
[guess]   without a count: headings and jump lines, and notes only if they are strong or several

The reader's ``--no-infer`` keeps only what something visible bears out.
"""

from collections.abc import Callable, Sequence

from fic2epub.model import Evidence
from fic2epub.parser.customs import customs
from fic2epub.parser.evidence import boundary_evidence
from fic2epub.parser.gaps import Gap, find_gaps
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.marks import Marks
from fic2epub.parser.notices import Notice, Reader
from fic2epub.parser.selection import EXACT, SHORTEST, Table, words_before
from fic2epub.parser.signals import Habits, Lexicon, Reading
from fic2epub.parser.tails import tail_of
from fic2epub.parser.units import Unit
from fic2epub.parser.variants import best_variant, note_habit, rivals, surest
from fic2epub.parser.weights import Weights
from fic2epub.values import dataclass

__all__ = ["Held", "Join", "Kept", "Outcome", "find_boundaries"]

FAINTEST = 0.3
"""A place of which less is said is not proposed, whatever the declared count: four in five would be
wrong, and a wrong chapter is worse than a missed one. On authors left out this costs 5 % of the joins that
are found, and half of those that are not there."""
NOTE_LIKE = -3.0
"""Log-odds of a note above which a last line without a full stop is no sign: notes often lack one."""


@dataclass(frozen=True, slots=True)
class Join:
    """A place where a chapter begins."""

    gap: Gap
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Held:
    """An unchanged chapter: units, half-open, among which no other begins."""

    start: int
    end: int
    closed: bool
    """Whether it is known that the next chapter begins where this one ends."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier book says of this work's chapters (``kept``)."""

    joins: tuple[Join, ...]
    """Those that stand, in order."""
    held: tuple[Held, ...]
    wanted: int | None
    """How many more joins are looked for; None if nothing says it."""

    def leaves(self, gap: Gap) -> bool:
        """Whether a new chapter may begin at a gap."""
        inside = any(gap.left < one.end - 1 and gap.right > one.start for one in self.held)
        taken = any(gap.left < join.gap.right and gap.right > join.gap.left for join in self.joins)
        return not (inside or taken)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was chosen."""

    joins: tuple[Join, ...]
    faint: tuple[Join, ...] = ()
    """Places that were passed over for want of evidence, though the declared count had room for them."""
    notices: tuple[Notice, ...] = ()
    """Chapters beside them that are nothing but a note."""
    breaks_off: bool = False
    """Whether the text stops in the middle of a sentence."""
    reached: bool = True
    """Whether the number of chapters is the declared one; known when every unit has its place."""


def find_boundaries(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    habits: Habits,
    scores: Sequence[float],
    words_of: Lexicon,
    marks: Marks,
    headings: Sequence[HeadingLine],
    weights: Weights,
    *,
    declared: int | None,
    infer: bool,
    keep: Callable[[Sequence[Gap]], Kept] | None = None,
) -> Outcome:
    """Choose the joins of a work.

    Args:
        units: of the work.
        readings: of the units.
        habits: of the work.
        scores: log-odds that a unit is a note, its neighbours considered.
        words_of: the language's lexicon.
        marks: of the work.
        headings: of the work, of every level.
        weights: learned.
        declared: the count to reach, or None.
        infer: False keeps only joins with a heading, jump line or note.
        keep: says which joins stand, of all gaps; None if nothing is known of the work.
    """
    if (keep is None and declared == 1) or len(units) < 2:
        return Outcome(())
    kinds = marks.kinds()
    gaps = find_gaps(units, readings, habits, scores, words_of, marks=kinds, weights=weights.join)
    kept = keep(gaps) if keep is not None else None
    if kept is not None:
        gaps = [gap for gap in gaps if kept.leaves(gap)]
    logits = [gap.logit for gap in gaps]
    words = words_before(units, readings, scores, marks)
    table = Table(units, readings, marks, scores, gaps, logits, weights, words)
    short = breaks_off(units, scores, marks)
    if kept is not None and kept.wanted is not None:
        picked = table.beside(kept, headings, loose=short)
    elif declared is None:
        picked = table.without_count()
    else:
        loose = short or table.words[-1] < SHORTEST * declared
        picked = table.with_count(declared, headings, loose=loose)
        learned = customs([(gaps[n], p) for n, p in picked], gaps, units, readings, habits, marks)
        if learned:
            table.logits = [a + b for a, b in zip(logits, learned, strict=True)]
            picked = table.with_count(declared, headings, loose=loose)
    joins = _joined(picked, table)
    notices: tuple[Notice, ...] = ()
    if declared is not None and kept is None and not any(line.level == 1 for line in headings):
        reader = Reader(units, readings, habits, marks, words_of)
        loose = short or table.words[-1] < SHORTEST * declared
        joins, notices = _with_notices(joins, table, reader, declared, loose=loose)
    faint = tuple(join for join in joins if join.evidence.score < FAINTEST)
    joins = [join for join in joins if join.evidence.score >= FAINTEST]
    if not infer:
        joins = [join for join in joins if not join.evidence.inferred]
    places = {len(units), *(join.gap.right for join in joins)}
    notices = tuple(notice for notice in notices if notice.right in places)
    if kept is not None:
        joins = sorted([*kept.joins, *joins], key=lambda join: join.gap.right)
    return Outcome(tuple(joins), faint, notices, breaks_off=short)


def _joined(picked: list[tuple[int, float]], table: Table) -> list[Join]:
    """The joins at some chosen places, each in its likeliest reading, with its evidence."""
    picked = table.reread(picked)
    return [
        Join(gap, boundary_evidence(gap, share, table.units, table.readings, table.marks, table.weights))
        for gap, (_, share) in zip(_settled(picked, table), picked, strict=True)
    ]


def _with_notices(
    joins: list[Join], table: Table, reader: Reader, declared: int, *, loose: bool
) -> tuple[list[Join], tuple[Notice, ...]]:
    """The joins with as many places less as there are chapters that are only a note, and those.

    They are no more than there are places of which less is said than of them: a count that is filled holds
    none.
    """

    def found(joins: Sequence[Join]) -> list[Notice]:
        gaps = [join.gap for join in joins]
        last = gaps[-1] if gaps else Gap(-1, 0)
        tail = tail_of(table.units, table.marks, table.scores, above=last.left, least=last.right)
        return reader.find(gaps, tail)

    taken: list[Notice] = []
    for notice in found(joins):
        score = notice.evidence.score
        sure = [join for join in joins if join.gap.notes == notice.run or join.evidence.score >= score]
        if declared - 1 - len(sure) > len(taken):
            taken.append(notice)
    if not taken:
        return joins, ()
    fewer = _joined(table.with_count(declared - len(taken), (), loose=loose), table)
    again = found(fewer)
    return (fewer, tuple(again[: len(taken)])) if len(again) >= len(taken) else (joins, ())


def _settled(picked: Sequence[tuple[int, float]], table: Table) -> list[Gap]:
    """Each chosen place in its likeliest reading.

    Where an exact mark stands, or a jump line above promises an end note, what was read there is kept
    (``Table.reread``).
    """
    gaps, scores, marks = table.gaps, table.scores, table.marks
    found = [gaps[number] for number, _ in picked]
    promises = marks.jumps.keys() - marks.pointers
    owed = bool(found) and any(i in promises for i in range(found[0].left))
    tops = [surest(gap, scores) for gap in found]
    settled: list[Gap] = []
    for at, gap in enumerate(found):
        marked = [i for i in range(gap.left + 1, gap.right) if marks.kind(i) in EXACT]
        if not (marked or owed):
            habit = note_habit([*tops[:at], *tops[at + 1 :]])
            low = settled[-1].right if settled else 0
            high = found[at + 1].left if at + 1 < len(found) else len(scores)
            room = [other for other in rivals(gap, gaps) if low <= other.left and other.right <= high]
            gap = best_variant(gap, room, scores, habit, table.weights.variant)
        settled.append(gap)
        owed = any(i in promises for i in marked)
    return settled


def breaks_off(units: Sequence[Unit], scores: Sequence[float], marks: Marks) -> bool:
    """Whether the text stops in the middle of a sentence: the dump was cut.

    A closing line, a note and a last line without a full stop that is short are no sign.
    """
    last = len(units) - 1
    if units[last].rule is not None or marks.kind(last) is not None or scores[last] > NOTE_LIKE:
        return False
    text = units[last].text
    return len(text.split()) > 8 and (text[-1].isalnum() or text[-1] in ",;-–")
