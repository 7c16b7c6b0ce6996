"""Step 4e of the route, its end: which unit belongs to which chapter, and as what.

``lay_out`` turns the chosen joins into one role for every unit: story, note (with its side), heading,
jump line, separator, closing line. No unit is moved: chapters are stretches of the dump.
"""

from collections.abc import Sequence
from dataclasses import field, replace

from fic2epub.model import Evidence, Firing, NoteKind
from fic2epub.parser.boundaries import Join
from fic2epub.parser.cuts import Known
from fic2epub.parser.gaps import Gap
from fic2epub.parser.leanings import Leaning, Shares, lean
from fic2epub.parser.marks import Marks
from fic2epub.parser.notices import Notice
from fic2epub.parser.sides import split_run
from fic2epub.parser.signals import Reading
from fic2epub.parser.tails import tail_of
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["Layout", "Stretch", "lay_out"]

HEAD_NOTE = 1.5
"""Log-odds, neighbours considered, from which a paragraph at the head of the work is a note."""
WITHIN_NOTE = 3.0
"""Within a chapter a note must be labelled and this sure: notices in a story look alike."""
WEAK = 0.5
"""A boundary below makes no chapter in the book by default (``--min-confidence``)."""
ROUNDS = 4
"""How often the joins are cut; after that nothing changes in most works."""
HEAD_REACH = 8
"""Paragraphs above the first heading that may be front matter."""
HEAD_WORDS = 300
"""And how many words they may have together."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One chapter's units, from ``start`` to before ``end``; its story from ``body`` to before ``back``."""

    start: int
    body: int
    back: int
    end: int
    join: Join | None
    """None for the first chapter."""
    title: str | None = None
    """The reader's own, if a correction gave one."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Every unit's place."""

    stretches: tuple[Stretch, ...]
    kinds: dict[int, NoteKind]
    """Notes, those within chapters too."""
    front: int
    """Units before this one are the work's front matter, above the first heading."""
    evidence: dict[int, Evidence] = field(default_factory=dict)
    """Of notes that the reader named: it goes before what their words say."""


def lay_out(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    joins: Sequence[Join],
    notes: Sequence[float],
    known: Known,
    *,
    notices: Sequence[Notice] = (),
) -> Layout:
    """Give every unit its place.

    Args:
        units: of the work.
        readings: of the units.
        marks: of the work.
        joins: chosen, in order.
        notes: log-odds that a unit is a note, neighbours considered.
        known: of the work's notes.
        notices: chapters that are nothing but a note, among the notes at the joins or below the last chapter.
    """
    n = len(units)
    kinds: dict[int, NoteKind] = {}
    front, first_body = _head(units, marks, joins, notes)
    head_run = [
        i for i in range(front, first_body) if marks.kind(i) in (None, "dateline") and units[i].rule is None
    ]
    above, at_head = split_run(head_run, known, left=front - 1, right=first_body, owed=None, first=True)
    kinds |= above
    for i in range(front):
        if units[i].rule is None and marks.kind(i) in (None, "dateline") and notes[i] > HEAD_NOTE:
            kinds[i] = NoteKind.BEFORE
    last = joins[-1].gap if joins else Gap(-1, first_body)
    tail = tail_of(units, marks, notes, above=last.left, least=last.right)
    placed = _place_all(known, joins, head=first_body, at_head=at_head, at_foot=tail < n)
    stretches: list[Stretch] = []
    start, body, join = front, first_body, None
    for following, found in zip([*joins, None], [*placed, {}], strict=True):
        kinds |= found
        if following is None:
            back, end = tail, n
            kinds |= {
                i: NoteKind.AFTER for i in range(back, n) if units[i].rule is None and i not in marks.closings
            }
        else:
            back = following.gap.left + 1
            if not following.gap.notes and following.evidence.score < WEAK:
                # What is no chapter in the book must not take a scene break out of the story.
                while back < following.gap.right and units[back].rule is not None:
                    back += 1
            end = _start_below(following.gap.left, following.gap.right, found, marks)
        stretches.append(Stretch(start, body, max(body, back), end, join))
        if following is not None:
            start, body, join = end, following.gap.right, following
    stretches[-1] = _only_a_note(stretches[-1], units, marks, notes, kinds)
    for notice in notices:
        stretches = _with_notice(stretches, notice, kinds)
    stretches = [part for stretch in stretches for part in _by_heading(stretch, units, marks, kinds)]
    _within(units, readings, marks, stretches, notes, kinds)
    return Layout(tuple(stretches), kinds, front)


def _only_a_note(
    stretch: Stretch, units: Sequence[Unit], marks: Marks, notes: Sequence[float], kinds: dict[int, NoteKind]
) -> Stretch:
    """The last chapter, without a story if all that it has is a note.

    Its heading says that it is a chapter, or that the dump ended above it before.
    """
    headed = any(i in marks.headings for i in range(stretch.start, stretch.body))
    firings = stretch.join.evidence.firings if stretch.join is not None else ()
    headed = headed or any(firing.rule == "boundary.grown" for firing in firings)
    words = [i for i in range(stretch.body, stretch.end) if units[i].rule is None and i not in marks.closings]
    if not headed or stretch.join is None or not all(notes[i] > HEAD_NOTE for i in words):
        return stretch
    kinds |= dict.fromkeys(words, NoteKind.BEFORE)
    return replace(stretch, body=stretch.end, back=stretch.end)


def _with_notice(stretches: Sequence[Stretch], notice: Notice, kinds: dict[int, NoteKind]) -> list[Stretch]:
    """The chapters with one that is only a note, cut out of the notes between two or below the last.

    What stands above it is the upper chapter's end note, what stands below it opens the lower chapter.
    """
    end = next((i for i in notice.run if i >= notice.end), notice.right)
    for i in notice.run:
        if i < notice.start:
            kinds[i] = NoteKind.AFTER
        elif i < end or kinds.get(i) is NoteKind.AFTER:
            kinds[i] = NoteKind.BEFORE
    below = next((at for at, one in enumerate(stretches) if one.body == notice.right), len(stretches))
    upper, lower = stretches[below - 1], stretches[below:]
    join = Join(Gap(notice.start - 1, notice.start), notice.evidence)
    return [
        *stretches[: below - 1],
        replace(upper, back=min(upper.back, notice.start), end=notice.start),
        Stretch(notice.start, end, end, end, join),
        *(replace(one, start=end) if one is lower[0] else one for one in lower),
    ]


def _by_heading(
    stretch: Stretch, units: Sequence[Unit], marks: Marks, kinds: dict[int, NoteKind]
) -> list[Stretch]:
    """A stretch, cut at every chapter heading above its story: a chapter may be nothing but a note.

    What stands between two headings is the upper chapter's: notes before, as nothing follows them.
    """
    lines = {
        id(line): line
        for i in range(stretch.start, stretch.body)
        if (line := marks.headings.get(i)) is not None and line.level == 1
    }
    starts = [line.index for line in lines.values()]
    if len(starts) < 2:
        return [stretch]
    parts = []
    for at, (line, above) in enumerate(zip(lines.values(), [stretch.start, *starts[1:]], strict=True)):
        last = at == len(starts) - 1
        join = stretch.join
        if at:
            gap = Gap(above - 1, stretch.body)
            join = Join(gap, Evidence(0.97, (Firing(line.rule, units[line.index].text),)))
        end = stretch.end if last else starts[at + 1]
        parts.append(
            replace(stretch, start=above, end=end, join=join)
            if last
            else Stretch(above, end, end, end, join, stretch.title)
        )
        if not last:
            kinds |= {
                i: NoteKind.BEFORE
                for i in range(above, end)
                if units[i].rule is None and marks.kind(i) in (None, "dateline")
            }
    return parts


def _place_all(
    known: Known, joins: Sequence[Join], *, head: int, at_head: Shares, at_foot: bool
) -> list[dict[int, NoteKind]]:
    """The kinds of the notes at every join, each cut by what it says and by where the others stand."""
    leaning = Leaning()
    for _ in range(ROUNDS):
        placed, shares = _place(known, joins, leaning=leaning, head=head)
        noted = [one for one, join in zip(shares, joins, strict=True) if join.gap.notes]
        leaning = lean(noted, head=at_head, foot=at_foot)
    return placed


def _place(
    known: Known, joins: Sequence[Join], *, leaning: Leaning, head: int
) -> tuple[list[dict[int, NoteKind]], list[Shares]]:
    """The kinds of the notes at every join, under one habit of the work."""
    placed, seen = [], []
    marks = known.marks
    promises = marks.jumps.keys() - marks.pointers
    owes = any(i in promises for i in range(head))
    for join in joins:
        gap = join.gap
        found, shares = split_run(
            gap.notes,
            known,
            left=gap.left,
            right=gap.right,
            owed=owes if promises else None,
            leaning=leaning,
        )
        placed.append(found)
        seen.append(shares)
        # A promise that this join does not keep is kept by a later one: not every join is one.
        kept = any(kind is NoteKind.AFTER for kind in found.values())
        start = _start_below(gap.left, gap.right, found, marks)
        owes = (owes and not kept) or any(i in promises for i in range(start, gap.right))
    return placed, seen


def _start_below(left: int, right: int, kinds: dict[int, NoteKind], marks: Marks) -> int:
    """The first unit of the chapter below a join."""
    for i in range(left + 1, right):
        if i in marks.headings or i in marks.jumps or kinds.get(i) in (NoteKind.BEFORE, NoteKind.SUMMARY):
            return i
    return right


def _head(
    units: Sequence[Unit], marks: Marks, joins: Sequence[Join], notes: Sequence[float]
) -> tuple[int, int]:
    """Where front matter ends and where the first chapter's story begins."""
    limit = min(joins[0].gap.left if joins else len(units) - 1, len(units) - 1)
    front, words = 0, 0
    for i in range(min(HEAD_REACH, limit + 1)):
        if i in marks.headings and marks.headings[i].level <= 1:
            front = i
            break
        words += len(units[i].text.split())
        if words > HEAD_WORDS:
            break
    body = _under_jump(units, marks, front, limit)
    while body < limit:
        kind = marks.kind(body)
        if body in marks.titles or kind in ("jump", "heading") or (kind == "title" and body < 2):
            body += 1
        elif units[body].rule is not None:
            following = body + 1
            if following < limit and (body == front or body - 1 not in marks.headings):
                body += 1
            else:
                break
        elif units[body].rule is None and notes[body] > HEAD_NOTE and kind != "closing":
            body += 1
        else:
            break
    return front, body


def _under_jump(units: Sequence[Unit], marks: Marks, front: int, limit: int) -> int:
    """The unit below a jump line that stands among the first, else ``front``.

    AO3's template puts nothing above it but the chapter's heading, summary and beginning notes.
    """
    words = 0
    for i in range(front, min(front + HEAD_REACH, limit)):
        if i in marks.jumps and i not in marks.pointers:
            return i + 1
        words += len(units[i].text.split())
        if words > HEAD_WORDS:
            break
    return front


def _within(
    units: Sequence[Unit],
    readings: Sequence[Reading | None],
    marks: Marks,
    stretches: Sequence[Stretch],
    notes: Sequence[float],
    kinds: dict[int, NoteKind],
) -> None:
    """Find labelled notes inside chapters, with the paragraph below a label that stands alone."""
    for stretch in stretches:
        opened = False
        for i in range(stretch.body, stretch.back):
            reading = readings[i]
            labelled = reading is not None and reading.label is not None and notes[i] > WITHIN_NOTE
            told = labelled or (opened and reading is not None and notes[i] > HEAD_NOTE)
            opened = False
            if told and marks.kind(i) is None and i not in kinds:
                kinds[i] = NoteKind.WITHIN
                opened = reading is not None and reading.alone
