"""Step 4g of the route: what was recovered once is kept, over what would be recovered now.

In order; the reader's corrections go before all of it:

[certain] unchanged   a chapter whose stretch of the dump stands there unchanged is read as it was: its
                      edges, headings, notes and number stay, whatever the rest of the work says now
[certain] edited      one that was edited begins where its story's first paragraph stands; notes whose
                      paragraphs stand are notes
[certain] grown       where more chapters are declared than before, and the dump goes on behind the last
                      unchanged chapter, a new one begins: a dump is made when a chapter is posted;
                      [likely] without a count, if a chapter's worth of text is new
[likely]  new         what is left of the count is looked for in what is new or edited, and only there
[certain] gone        a chapter whose paragraph is gone is looked for again, with a finding

Nothing is kept for a reader who asks for another reading of the same text: with another count, language or
``--no-infer``, all of it is recovered afresh.
"""

from collections.abc import Sequence
from dataclasses import field, replace

from fic2epub.model import Chapter, Evidence, Finding, Firing, Level, Memory, SourceText
from fic2epub.parser.boundaries import Held, Join, Kept
from fic2epub.parser.evidence import CONFIDENT, heading_in
from fic2epub.parser.forms import Form
from fic2epub.parser.gaps import Gap
from fic2epub.parser.headings import HeadingLine
from fic2epub.parser.kept_layout import KEPT, keep_layout, kept_evidence
from fic2epub.parser.layout import Layout
from fic2epub.parser.marks import Marks
from fic2epub.parser.remembered import HABIT, Place, find_places, leaf_hash
from fic2epub.parser.selection import FEWEST_WORDS
from fic2epub.parser.units import Body, Unit
from fic2epub.values import dataclass

__all__ = ["Keeper", "keep", "setting_of", "with_habits"]

GROWN = 0.97
"""As sure as a named heading: only a dump that was taken in the middle of a chapter contradicts it."""
GROWN_UNCOUNTED = 0.8
"""Without a count, if a chapter's worth of text is new: it may also be a chapter that goes on."""


def setting_of(memory: Memory) -> Form:
    """How the earlier dump set its paragraphs."""
    return Form(*memory.form)


def with_habits(body: Body, memory: Memory, text: str) -> Body:
    """The body with the doubtful scene breaks of its unchanged chapters as they were."""
    units = list(body.units)
    for place in find_places(memory, units, text):
        if place is None or not place.exact:
            continue
        breaks = {i for i, _ in place.marks("break")}
        for i in range(place.start, place.end):
            if units[i].rule in (None, HABIT) and (units[i].rule == HABIT) != (i in breaks):
                units[i] = replace(units[i], rule=HABIT if i in breaks else None)
    return replace(body, units=tuple(units))


def keep(
    memory: Memory, units: Sequence[Unit], text: str, *, language: str, declared: int | None, infer: bool
) -> "Keeper | None":
    """What can be kept of an earlier reading; None if nothing can, or another reading is wanted.

    Args:
        memory: what the earlier book remembers.
        units: of this dump.
        text: the dump's.
        language: of the work, as it is read now.
        declared: how many chapters this dump is to hold.
        infer: whether chapters that nothing bears out are wanted.
    """
    if (memory.language, memory.infer) != (language, infer):
        return None
    places = find_places(memory, units, text)
    same = all(place is not None and place.exact for place in places) and _covered(places, units)
    if (same and declared != memory.declared) or not any(places):
        return None
    return Keeper(memory, units, places, declared)


def _covered(places: Sequence[Place | None], units: Sequence[Unit]) -> bool:
    last = places[-1] if places else None
    return last is not None and last.end == len(units)


@dataclass(slots=True)
class Keeper:
    """An earlier reading of a work, found again in its dump."""

    memory: Memory
    units: Sequence[Unit]
    places: tuple[Place | None, ...]
    declared: int | None
    _whole: list[Place] = field(init=False)
    """The unchanged chapters, in order."""
    _within: frozenset[int] = field(init=False)
    """Their units."""

    def __post_init__(self) -> None:
        self._whole = [place for place in self.places if place is not None and place.exact]
        self._within = frozenset(i for place in self._whole for i in range(place.start, place.end))

    # Headings, marks and scores

    def headings(self, found: Sequence[HeadingLine]) -> tuple[HeadingLine, ...]:
        """The headings, those of unchanged chapters as they were."""
        lines = [line for line in found if line.index not in self._within]
        for place in self._whole:
            for i, mark in place.marks("heading"):
                lines.append(
                    HeadingLine(
                        index=i,
                        rule=mark.rule or "heading.title",
                        label=mark.label,
                        title=mark.title,
                        number=mark.number,
                        level=1 if mark.level is None else mark.level,
                        last=place.unit(mark.last) if mark.last is not None else None,
                    )
                )
        return tuple(sorted(lines, key=lambda line: line.index))

    def marks(self, found: Marks) -> Marks:
        """The marks, those of unchanged chapters as they were; jump lines say themselves what they are."""
        roles: dict[str, set[int]] = {"title": set(), "closing": set(), "dateline": set()}
        for place in self._whole:
            for i, mark in place.marks(*roles):
                roles[mark.role].add(i)
        now = (found.titles, found.closings, found.datelines)
        titles, closings, datelines = (
            frozenset(was | {i for i in those if i not in self._within})
            for was, those in zip(roles.values(), now, strict=True)
        )
        return replace(found, titles=titles, closings=closings, datelines=datelines)

    def scores(self, found: Sequence[float]) -> list[float]:
        """The log-odds of the notes, those of unchanged chapters as they were."""
        scores = list(found)
        for place in self._whole:
            for i, _, score in place.notes():
                scores[i] = score
        return scores

    # Boundaries

    def kept(self, gaps: Sequence[Gap], marks: Marks) -> Kept:
        """The joins that stand, where others may be looked for, and how many of them."""
        joins: list[Join] = []
        for number, place in enumerate(self.places):
            if place is not None and number and (gap := self._gap(place, gaps)) is not None:
                joins.append(Join(gap, kept_evidence(place)))
        wanted = self._wanted()
        grown = self._grown_join(gaps, marks) if wanted is None or wanted > 0 else None
        if grown is not None:
            joins.append(grown)
            wanted = wanted - 1 if wanted is not None else None
        joins.sort(key=lambda join: join.gap.right)
        return Kept(
            joins=tuple(joins),
            held=tuple(self._held(place, joins) for place in self._whole),
            wanted=wanted,
        )

    def _held(self, place: Place, joins: Sequence[Join]) -> Held:
        """An unchanged chapter; without one behind it only to its story's end, so that a gap has room."""
        adjacent = any(one.start == place.end for one in self._whole)
        end = place.end if adjacent else max(place.back, place.start + 1)
        closed = any(join.gap.left < place.end <= join.gap.right for join in joins)
        return Held(place.start, end, adjacent or closed)

    def _wanted(self) -> int | None:
        """How many new joins the declared count asks for; None without a count."""
        if self.declared is None:
            return None
        before = self.memory.declared if self.memory.declared is not None else len(self.places)
        return max(0, self.declared - before + sum(place is None for place in self.places))

    def _gap(self, place: Place, gaps: Sequence[Gap]) -> Gap | None:
        """The gap at which a kept chapter begins; None for one without a story, which has no gap."""
        if place.exact and place.body == place.end:
            return None
        above = next((p for p in self._whole if p.end == place.start), None)
        if place.exact and above is not None:
            left = max(above.back, above.start + 1) - 1
            notes = (i for one in (above, place) for i, _, _ in one.notes())
            return Gap(left, place.body, tuple(i for i in notes if left < i < place.body))
        story = place.body if place.exact else place.start
        if place.exact or place.by_story:
            near = [gap for gap in gaps if gap.right == story and gap.left < place.start]
        else:
            near = [gap for gap in gaps if gap.left < place.start <= gap.right]
        own = range(place.start, place.end) if place.exact else range(0)
        clear = [
            gap
            for gap in near
            if not any(i in self._within and i not in own for i in range(gap.left + 1, gap.right))
        ]
        if not clear:
            return Gap(place.start - 1, story)
        return max(clear, key=lambda gap: gap.logit)

    def _grown_join(self, gaps: Sequence[Gap], marks: Marks) -> Join | None:
        """Where the dump goes on behind the last chapter of the earlier one, if more are declared now."""
        last = self.places[-1]
        if last is None or not last.exact:
            return None
        sure = self._sure_of_more(last.end, marks)
        if sure is None:
            return None
        across = [gap for gap in gaps if last.back - 1 <= gap.left < last.end <= gap.right]
        if across:
            best = max(across, key=lambda gap: gap.logit)
            right, notes = best.right, tuple(i for i in best.notes if i >= last.end)
        else:
            right, notes = self._first_story(last.end, marks), ()
        gap = Gap(last.end - 1, right, notes)
        heading = heading_in(gap, marks)
        if heading is None:
            return Join(gap, Evidence(sure, (Firing("boundary.grown"),)))
        firings = (Firing(heading.rule, self.units[heading.index].text), Firing("boundary.grown"))
        return Join(gap, Evidence(max(sure, CONFIDENT.get(heading.rule, 0.0)), firings))

    def _first_story(self, at: int, marks: Marks) -> int:
        """The first paragraph below a unit that is no mark; the last unit if there is none."""
        below = range(at, len(self.units) - 1)
        plain = (i for i in below if self.units[i].rule is None and marks.kind(i) in (None, "dateline"))
        return next(plain, len(self.units) - 1)

    def _sure_of_more(self, at: int, marks: Marks) -> float | None:
        """How sure it is that a chapter begins where the earlier dump ended; None if none does."""
        below = [i for i in range(at, len(self.units)) if self.units[i].rule is None]
        if all(i in marks.closings for i in below):
            return None
        if self.declared is not None and self.memory.declared is not None:
            return GROWN if self.declared > self.memory.declared else None
        words = sum(len(self.units[i].text.split()) for i in below)
        return GROWN_UNCOUNTED if self.declared == self.memory.declared and words >= FEWEST_WORDS else None

    def layout(self, found: Layout) -> Layout:
        """Every unit's place, in unchanged chapters as it was."""
        return keep_layout(found, self.units, self.places, self.memory.chapters)

    # Numbers and findings

    def numbered(self, chapters: Sequence[Chapter], source: SourceText) -> tuple[Chapter, ...]:
        """The chapters of the book, unchanged ones with the number that they had."""
        leaves = self.memory.leaves
        same = [
            replace(chapter, number=leaf.number) if leaf_hash(chapter, source) == leaf.text else chapter
            for chapter, leaf in zip(chapters, leaves, strict=False)
        ]
        return (*same, *chapters[len(same) :])

    def emphasis(self, chapters: Sequence[Chapter], source: SourceText) -> tuple[str | None, ...]:
        """The signs that emphasise in each chapter that is unchanged; None for any other."""
        return tuple(
            leaf.emphasis if leaf_hash(chapter, source) == leaf.text else None
            for chapter, leaf in zip(chapters, self.memory.leaves, strict=False)
        )

    def news(self, chapters: Sequence[Chapter], source: SourceText) -> int | None:
        """Position of the first chapter that the work has grown by, now or when it last did."""
        leaves = self.memory.leaves
        if len(chapters) <= len(leaves):
            news = self.memory.news
            return news if news is not None and news <= len(chapters) else None
        known = {leaf.text for leaf in leaves}
        for position, chapter in enumerate(chapters[1:], 2):
            kept = any(firing.rule == KEPT for firing in chapter.boundary.firings)
            if not kept and leaf_hash(chapter, source) not in known:
                return position
        return None

    def findings(self) -> tuple[Finding, ...]:
        """What the reader should know: which chapters of the earlier book are gone."""
        return tuple(
            Finding(
                "kept.gone",
                Level.WARNING,
                f"Chapter {number} of the earlier book began with a paragraph that is no longer in the dump; "
                "where it begins was recovered again.",
            )
            for number, place in enumerate(self.places, 1)
            if place is None and number > 1
        )
