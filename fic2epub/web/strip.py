"""A work at a glance: an SVG strip with its chapters as blocks, its notes and breaks as marks.

What is less sure is paler, and what is in doubt has a mark of its own, so that colour is never all that
tells. The colours hold on light and on dark ground; a page may set others by the classes.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lxml import etree

from fic2epub.model import Chapter, Note, Recovery, SceneBreak
from fic2epub.web.rows import Row, doubts, read_rows

__all__ = ["draw_strip", "strip"]

LENGTH = 1000
THICKNESS = 48
THINNEST = 2.0
"""The least length of a mark, so that one short paragraph of a long work is seen."""
GAP = 2.0
"""Between chapters; no more than half of a short one."""
PALEST = 0.2
LANES = {"doubt": (0, 8), "chapter": (10, 34), "break": (17, 27), "note": (36, 48)}
"""Across the strip: from, to."""
COLOURS = {
    "chapter": "#4f7cac",
    "break": "#b7c9dd",
    "summary": "#8a63b8",
    "before": "#c9771f",
    "within": "#8c8c3a",
    "after": "#2f9c74",
    "doubt": "#d1383d",
    "label": "#7a7f87",
}


def strip(recovery: Recovery) -> str:
    """The strip of one work, lying, with the chapters' numbers, for a document: SVG on its own."""
    return draw_strip(recovery, read_rows(recovery))


def draw_strip(recovery: Recovery, rows: Sequence[Row], *, upright: bool = False) -> str:
    """The strip of one work whose rows are known.

    Lengthwise a unit is a thousandth of the text from the first row to its end. ``upright`` is the form
    for a page: top to bottom, without letters, stretched to whatever height it is given.
    """
    return _Strip(recovery, rows, upright).draw()


class _Strip:
    """One strip in the making."""

    def __init__(self, recovery: Recovery, rows: Sequence[Row], upright: bool) -> None:
        self.recovery, self.rows, self.upright = recovery, rows, upright
        self.first = rows[0].id
        self.whole = max(1, recovery.work.chapters[-1].span.end - self.first)

    def draw(self) -> str:
        height = THICKNESS if self.upright else THICKNESS + 14
        size = (THICKNESS, LENGTH) if self.upright else (LENGTH, height)
        svg = etree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {size[0]} {size[1]}")
        if self.upright:
            svg.set("preserveAspectRatio", "none")
            svg.set("aria-hidden", "true")
        else:
            svg.set("role", "img")
            etree.SubElement(svg, "title").text = self._title()
        svg.extend([*self._chapters(), *self._marks()])
        return etree.tostring(svg, encoding="unicode")

    def _title(self) -> str:
        chapters = self.recovery.work.chapters
        doubtful = doubts(self.rows)
        return f"{len(chapters)} chapters along the text, paler where less sure; {doubtful} places in doubt"

    def _chapters(self) -> Iterator[etree._Element]:
        chapters = self.recovery.work.chapters
        starts = [chapter.span.start for chapter in chapters]
        for position, (start, end) in enumerate(pairwise([*starts, self.first + self.whole])):
            chapter = chapters[position]
            yield self._bar("chapter", start, end, chapter.boundary.score, gap=GAP)
            if not self.upright:
                yield from self._number(chapter, start, end)

    def _number(self, chapter: Chapter, start: int, end: int) -> Iterator[etree._Element]:
        low, high = self._at(start), self._at(end)
        if chapter.number is not None and high - low >= 12:
            place = {"x": _figure((low + high) / 2), "y": str(THICKNESS + 12)}
            style = {"font-size": "11", "font-family": "sans-serif", "text-anchor": "middle"}
            text = etree.Element("text", place | style | {"fill": COLOURS["label"]})
            text.text = str(chapter.number)
            yield text

    def _marks(self) -> Iterator[etree._Element]:
        work = self.recovery.work
        for chapter in work.chapters:
            for block in (*chapter.front, *chapter.body, *chapter.back):
                match block:
                    case Note(kind, _, span, evidence):
                        yield self._bar(kind.value, span.start, span.end, evidence.score)
                    case SceneBreak(_, span, separator) if not separator:
                        yield self._bar("break", span.start, span.end, 1.0)
                    case _:
                        pass
        for row in self.rows:
            if row.doubt:
                yield self._bar("doubt", row.id, row.id, 1.0)

    def _at(self, offset: int) -> float:
        return max(0, offset - self.first) * LENGTH / self.whole

    def _bar(self, kind: str, start: int, end: int, score: float, *, gap: float = 0.0) -> etree._Element:
        """A bar from an offset to another, the paler the less sure."""
        low = self._at(start)
        long = max(THINNEST, self._at(end) - low)
        long -= min(gap, long / 2)
        across = LANES[kind] if kind in LANES else LANES["note"]
        bar = etree.Element("rect", {"class": kind, "fill": COLOURS[kind]})
        names = ("y", "height", "x", "width") if self.upright else ("x", "width", "y", "height")
        for name, value in zip(names, (low, long, across[0], across[1] - across[0]), strict=True):
            bar.set(name, _figure(value))
        if score < 1:
            bar.set("fill-opacity", _figure(PALEST + (1 - PALEST) * score))
        return bar


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
