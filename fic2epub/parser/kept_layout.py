"""Step 4g of the route, its end: which unit belongs to which chapter, where chapters are kept.

An unchanged chapter has the edges and notes that it had. What stands between two of them is laid out as it
was found, cut at their edges; where nothing was found there, it belongs to the chapter above. No unit is
left out, and none stands in two chapters.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from fic2epub.model import Evidence, Firing, NoteKind, Trace
from fic2epub.parser.boundaries import Join
from fic2epub.parser.gaps import Gap
from fic2epub.parser.layout import Layout, Stretch
from fic2epub.parser.remembered import Place
from fic2epub.parser.units import Unit
from fic2epub.record import fingerprint
from fic2epub.values import dataclass

__all__ = ["KEPT", "keep_layout", "kept_evidence"]

KEPT = "kept.boundary"
OPENING = frozenset({NoteKind.BEFORE, NoteKind.SUMMARY})


def kept_evidence(place: Place) -> Evidence:
    """The evidence of a kept join: its score as it was, and the rules that fired then."""
    trace = place.trace
    firings = (Firing(KEPT), *(Firing(rule) for rule in trace.rules))
    return Evidence(trace.score, firings, trace.inferred)


def keep_layout(
    found: Layout, units: Sequence[Unit], places: Sequence[Place | None], traces: Sequence[Trace]
) -> Layout:
    """Every unit's place, in unchanged chapters as it was.

    Args:
        found: the layout as it would be recovered now.
        units: of the work.
        places: where each chapter of the earlier book stands, in order; None for one that is gone.
        traces: those chapters.
    """
    whole = [place for place in places if place is not None and place.exact]
    held = frozenset(i for place in whole for i in range(place.start, place.end))
    kinds = {i: kind for i, kind in found.kinds.items() if i not in held}
    for place in whole:
        kinds |= {i: kind for i, kind, _ in place.notes()}
    _match(kinds, units, held, _edited(places, traces))
    maker = _Maker(found, len(units), whole, places[0])
    stretches = maker.stretches()
    for stretch in stretches:
        if stretch.start not in maker.shut:
            _put_in_order(stretch, kinds)
    return Layout(tuple(stretches), kinds, stretches[0].start, found.evidence)


def _edited(places: Sequence[Place | None], traces: Sequence[Trace]) -> list[Trace]:
    """The chapters that do not stand unchanged."""
    both = zip(places, traces, strict=True)
    return [trace for place, trace in both if place is None or not place.exact]


def _match(
    kinds: dict[int, NoteKind], units: Sequence[Unit], held: frozenset[int], edited: Sequence[Trace]
) -> None:
    """Let the notes of edited chapters be notes where their paragraphs stand."""
    known = {kind.value: kind for kind in NoteKind}
    marks = (mark for trace in edited for mark in trace.marks if mark.role in known)
    wanted = {mark.fingerprint: known[mark.role] for mark in marks if mark.fingerprint is not None}
    if not wanted:
        return
    for i, unit in enumerate(units):
        if unit.rule is None and i not in held and i not in kinds:
            kind = wanted.get(fingerprint(unit.text))
            if kind is not None:
                kinds[i] = kind


@dataclass(slots=True)
class _Maker:
    """Puts the chapters edge to edge."""

    found: Layout
    count: int
    """Of all units."""
    whole: Sequence[Place]
    """The unchanged chapters."""
    first: Place | None
    """The earlier book's first chapter."""

    @property
    def shut(self) -> frozenset[int]:
        """Where the chapters begin that are as they were from edge to edge."""
        return frozenset(self._stretch(place).start for place in self._closed())

    def stretches(self) -> list[Stretch]:
        """All chapters, in order."""
        closed = self._closed()
        made: list[Stretch] = []
        at = self.first.head if self.first is not None and self.first in closed else self.found.front
        for place in closed:
            made = [*self._tiled(made, at, place.start), self._stretch(place)]
            at = place.end
        made = [self._reopened(stretch) for stretch in self._tiled(made, at, self.count)]
        # The chapter above may be gone from the dump: the first begins by itself.
        return [replace(made[0], join=None), *made[1:]]

    def _closed(self) -> list[Place]:
        """The unchanged chapters with nothing between them and the next."""
        begins = {place.start for place in self.whole} | {self.count}
        gaps = [stretch.join.gap for stretch in self.found.stretches if stretch.join is not None]
        return [
            place
            for place in self.whole
            if (place is not self.first or place.start == 0)
            and (place.end in begins or any(gap.left < place.end <= gap.right for gap in gaps))
        ]

    def _stretch(self, place: Place) -> Stretch:
        """An unchanged chapter as it was."""
        if place is self.first:
            return Stretch(place.head, max(place.head, place.body), place.back, place.end, None)
        gap = Gap(place.start - 1, place.body)
        return Stretch(place.start, place.body, place.back, place.end, Join(gap, kept_evidence(place)))

    def _reopened(self, stretch: Stretch) -> Stretch:
        """A chapter that goes on where it ended before: its story begins where it did."""
        for place in self.whole:
            if place.start == stretch.start and stretch.start < place.body < stretch.end != place.end:
                return replace(stretch, body=place.body, back=max(stretch.back, place.body))
        return stretch

    def _tiled(self, above: list[Stretch], low: int, high: int) -> list[Stretch]:
        """The chapters, with those that were found between two units behind them."""
        if low >= high:
            return above
        inside = [
            stretch
            for stretch in self.found.stretches
            if low <= (stretch.join.gap.right if stretch.join is not None else stretch.start) < high
        ]
        if not inside:
            if not above:
                return [Stretch(low, low, high, high, None)]
            return [*above[:-1], replace(above[-1], back=high, end=high)]
        starts = [low, *(max(low, stretch.start) for stretch in inside[1:]), high]
        return [
            *above,
            *(
                _within(stretch, start, end)
                for stretch, (start, end) in zip(inside, pairwise(starts), strict=True)
            ),
        ]


def _within(stretch: Stretch, start: int, end: int) -> Stretch:
    """A stretch with other edges."""
    body = min(max(stretch.body, start), end)
    return replace(stretch, start=start, body=body, back=min(max(stretch.back, body), end), end=end)


def _put_in_order(stretch: Stretch, kinds: dict[int, NoteKind]) -> None:
    """Let the notes of a chapter stand on the sides where its edges put them."""
    for i in range(stretch.start, stretch.end):
        kind = kinds.get(i)
        if kind is None:
            continue
        if i < stretch.body:
            kinds[i] = kind if kind in OPENING else NoteKind.BEFORE
        else:
            kinds[i] = NoteKind.AFTER if i >= stretch.back else NoteKind.WITHIN
