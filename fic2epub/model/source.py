"""Where text stands in a dump, and what was repaired in it."""

import re
from bisect import bisect_right
from dataclasses import field

from fic2epub.values import dataclass

__all__ = ["Repair", "SourceText", "Span"]

_LINE_END_RE = re.compile("\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points in ``SourceText.text``: line ends normalised, nothing repaired."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One change to the text that the dump holds, in a form that can be replayed and undone."""

    span: Span
    """What was replaced, in the text before any repair."""
    before: str
    """``text[span.start:span.end]``, as it was."""
    after: str
    """What stands in the book; empty if the characters were removed."""
    rule: str
    """Why: ``repair.mojibake``, ``repair.stray-byte``, ``repair.surrogates`` or ``repair.control``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    r"""A dump as text, and everything that was mended to get there.

    ``text`` has ``\n`` as its only line end and is otherwise what the bytes say; a byte that the
    encoding cannot read stands as a lone surrogate (Python's ``surrogateescape``) and has a repair.
    """

    text: str
    encoding: str
    """``utf-8``, ``utf-8-sig``, ``cp1252``, ``utf-16-le`` …, as Python names it."""
    repairs: tuple[Repair, ...] = ()
    """In the order of the text; spans do not overlap."""
    sha256: str = ""
    """Of the text (not of the bytes), so that a changed line end is no change."""
    line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(found.end() for found in _LINE_END_RE.finditer(self.text)))
        object.__setattr__(self, "line_starts", starts)

    def line_of(self, offset: int) -> int:
        r"""The 0-based number of the line that holds this offset; the line's own ``\n`` belongs to it."""
        return bisect_right(self.line_starts, offset) - 1

    def lines_of(self, span: Span) -> tuple[int, int]:
        """The half-open, 0-based range of lines that a span touches; an empty span touches one line."""
        last = max(span.start, span.end - 1)
        return self.line_of(span.start), self.line_of(last) + 1
