"""A document cut into pieces that a small screen takes, between its paragraphs.

A place in it is a number of characters from its start: it holds whatever the length of the pieces. What
stands around a paragraph, such as a section, stands around each piece of it.
"""

import copy
import re
from bisect import bisect_right
from functools import cached_property

from lxml import etree

from fic2epub.values import dataclass

__all__ = ["Pieces"]

BOXES = frozenset(["div", "section", "aside", "ul", "ol", "dl", "table", "tbody"])
UNDIVIDED = frozenset(["aside", "ul", "ol", "dl", "table"])
"""Boxes that are only cut if they are longer than a piece."""
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
SPACES_RE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Block:
    """What is never cut."""

    element: etree._Element
    around: tuple[etree._Element, ...]
    """The boxes that it stands in, the outermost first."""
    start: int
    """Characters before it."""


class Pieces:
    """A document, as ``safe.copy_body`` gives it, in pieces of about so many characters."""

    def __init__(self, body: etree._Element, longest: int) -> None:
        self._body, self._longest = _boxed(body), longest
        self._blocks: list[_Block] = []
        self._places: dict[str, int] = {}
        self._length = 0
        self._read(self._body, ())
        self.starts = self._cut()
        """The place at which each piece begins; one at least."""

    @property
    def length(self) -> int:
        """Characters in all."""
        return self._length

    def at(self, place: int) -> int:
        """The piece that holds a place, from 0."""
        return max(0, bisect_right(self.starts, place) - 1)

    def of(self, identifier: str) -> int:
        """The place of an id; the beginning if there is none."""
        return self._places.get(identifier, 0)

    def html(self, piece: int) -> str:
        """A piece as HTML."""
        start = self.starts[piece]
        end = self.starts[piece + 1] if piece + 1 < len(self.starts) else None
        made = _shell(self._body, keep_id=True)
        stack: list[tuple[etree._Element, etree._Element]] = [(self._body, made)]
        for block in self._blocks:
            if block.start < start or (end is not None and block.start >= end):
                continue
            chain = (self._body, *block.around)
            while len(stack) > len(chain) or stack[-1][0] is not chain[len(stack) - 1]:
                stack.pop()
            for box in chain[len(stack) :]:
                shell = _shell(box, keep_id=self._is_first(box, block))
                stack[-1][1].append(shell)
                stack.append((box, shell))
            stack[-1][1].append(_copied(block.element))
        return etree.tostring(made, encoding="unicode", method="html")

    @cached_property
    def _first_blocks(self) -> dict[etree._Element, _Block]:
        first: dict[etree._Element, _Block] = {}
        for block in self._blocks:
            for box in block.around:
                first.setdefault(box, block)
        return first

    def _is_first(self, box: etree._Element, block: _Block) -> bool:
        return self._first_blocks.get(box) is block

    def _read(self, box: etree._Element, around: tuple[etree._Element, ...]) -> None:
        """Find the blocks of a box, in order."""
        if own := box.get("id"):
            self._places.setdefault(own, self._length)
        for child in box:
            if self._is_box(child):
                self._read(child, (*around, child))
                continue
            for element in child.iter():
                if own := element.get("id"):
                    self._places.setdefault(own, self._length)
            self._blocks.append(_Block(child, around, self._length))
            self._length += _characters(child)

    def _is_box(self, element: etree._Element) -> bool:
        """Whether an element may be cut: it holds blocks, and no text beside them."""
        if element.tag not in BOXES or len(element) == 0:
            return False
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            return False
        return element.tag not in UNDIVIDED or _characters(element) > self._longest

    def _cut(self) -> tuple[int, ...]:
        starts = [0]
        for position, block in enumerate(self._blocks):
            after = self._blocks[position + 1].start if position + 1 < len(self._blocks) else self._length
            if after - starts[-1] <= self._longest or block.start == starts[-1]:
                continue
            while position > 0 and self._blocks[position - 1].element.tag in HEADINGS:
                position -= 1  # a heading stays with what it is over
            if self._blocks[position].start > starts[-1]:
                starts.append(self._blocks[position].start)
        return tuple(starts)


def _boxed(body: etree._Element) -> etree._Element:
    """A body in which no text stands beside its blocks."""
    if not (body.text or "").strip() and not any((child.tail or "").strip() for child in body):
        return body
    outer = _shell(body, keep_id=True)
    inner = etree.SubElement(outer, "div")
    inner.text = body.text
    inner.extend(list(body))
    return outer


def _characters(element: etree._Element) -> int:
    text = "".join(element.itertext())
    return max(1, len(SPACES_RE.sub(" ", text)))  # a picture counts too, so that no two places are one


def _shell(element: etree._Element, *, keep_id: bool) -> etree._Element:
    shell = etree.Element(str(element.tag), dict(element.attrib))
    if not keep_id:
        shell.attrib.pop("id", None)
    return shell


def _copied(element: etree._Element) -> etree._Element:
    copied = copy.deepcopy(element)
    copied.tail = "\n"
    return copied
