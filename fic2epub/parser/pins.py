"""Pins: how a correction finds its paragraph again, in this dump or in a newer one.

A pin holds a paragraph's first words, for people, its fingerprint (``record.fingerprint``) and the shorter
ones of the nearest paragraphs with words above and below. It is looked up in this order:

[certain] pin.print     one paragraph has the fingerprint; one of a few words (``***``, ``Yes.``) must have
                        a neighbour that fits too, since another just like it may stand anywhere
[likely]  pin.alike     of several with the fingerprint the one whose neighbours fit best, and of those that
                        fit equally well the one that was meant when the pin was made (``nth``)
[likely]  pin.edited    none has it: one that begins with the words and has a neighbour that fits
[likely]  pin.between   none does: the one paragraph that stands between both neighbours

Anything else is no match: a correction is better reported than applied to another paragraph. A pin
without a fingerprint, written by hand, is looked up by its words alone, which must name one paragraph.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum

from fic2epub.record import fingerprint
from fic2epub.values import dataclass

__all__ = ["Board", "Found", "How", "Pin", "Place", "first_words"]

WORD_RE = re.compile(r"\w+")
SHORT = 4
"""Words; a paragraph of fewer is not told by its own words alone."""
NEIGHBOUR_DIGITS = 8
SHOWN_WORDS = 8
SHOWN_LENGTH = 60
REACH = 400
"""Characters of a paragraph that are compared with a pin's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What tells one paragraph."""

    words: str
    """Its first words; an ellipsis at their end is no part of them."""
    print: str | None = None
    """Its fingerprint; None in a pin that was written by hand."""
    above: str | None = None
    """First digits of the fingerprint of the nearest paragraph with words above; None at the head."""
    below: str | None = None
    nth: int | None = None
    """Of several that are alike, neighbours too, the one that is meant, from 1."""


class How(Enum):
    """How a pin was found, or why it was not."""

    EXACT = "exact"
    EDITED = "edited"
    """The paragraph was edited since; its neighbours say that it is the one."""
    SEVERAL = "several"
    """Several fit equally well."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a look-up."""

    how: How
    index: int | None = None
    """The paragraph's place in the board; None if it was not found."""
    rivals: tuple[int, ...] = ()
    """The places that fit, if they are several."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be pinned."""

    text: str
    start: int
    """The offset of its first character in the dump's text."""
    line: int
    """0-based, of the dump."""
    end_line: int
    """Half-open."""


class Board:
    """The paragraphs of a dump, to be pinned and to be found by their pins."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self._prints = [fingerprint(place.text) for place in places]
        self._above, self._below = self._neighbours(1), self._neighbours(-1)

    def _neighbours(self, step: int) -> list[str | None]:
        """For each place the short fingerprint of the nearest one with words, above for a step of 1."""
        found: list[str | None] = []
        last = None
        for place, its in zip(self.places[::step], self._prints[::step], strict=True):
            found.append(last)
            if WORD_RE.search(place.text):
                last = its[:NEIGHBOUR_DIGITS]
        return found[::step]

    def pin(self, index: int) -> Pin:
        """The pin of a place."""
        its = self._prints[index], self._above[index], self._below[index]
        alike = [i for i, one in enumerate(self._prints) if (one, self._above[i], self._below[i]) == its]
        return Pin(
            words=first_words(self.places[index].text),
            print=its[0],
            above=its[1],
            below=its[2],
            nth=alike.index(index) + 1 if len(alike) > 1 else None,
        )

    def find(self, pin: Pin) -> Found:
        """Look a pin up, by the rules above."""
        if pin.print is None:
            return _only(self.beginning_with(pin.words))
        same = [i for i, its in enumerate(self._prints) if its == pin.print]
        if len(same) == 1 and (self._fits(same[0], pin) or self._tells(same[0], pin)):
            return Found(How.EXACT, same[0])
        if len(same) > 1:
            return self._best(same, pin)
        begun = [i for i in self.beginning_with(pin.words) if self._fits(i, pin)]
        if not begun:
            begun = [i for i in range(len(self.places)) if self._fits(i, pin) == 2]
        found = _only(begun)
        return found if found.index is None else Found(How.EDITED, found.index)

    def _tells(self, index: int, pin: Pin) -> bool:
        """Whether a paragraph's own words are enough to tell it."""
        alone = pin.above is None and pin.below is None
        return alone or len(WORD_RE.findall(self.places[index].text)) >= SHORT

    def _fits(self, index: int, pin: Pin) -> int:
        """How many neighbours are those of the pin."""
        above = pin.above is not None and self._above[index] == pin.above
        return above + (pin.below is not None and self._below[index] == pin.below)

    def _best(self, indices: Sequence[int], pin: Pin) -> Found:
        """Of several paragraphs with one fingerprint the one that is meant."""
        whole = (pin.above is not None) + (pin.below is not None)
        most = max(self._fits(i, pin) for i in indices)
        best = [i for i in indices if self._fits(i, pin) == most]
        # A paragraph at the head or end of the text has a neighbour less, and so may the one that is meant.
        best = [i for i in best if (self._above[i], self._below[i]) == (pin.above, pin.below)] or best
        if len(best) > 1 and most == whole and pin.nth is not None and pin.nth <= len(best):
            return Found(How.EXACT, best[pin.nth - 1])
        return _only(best) if most or not whole else Found(How.SEVERAL, rivals=tuple(best))

    def beginning_with(self, words: str) -> tuple[int, ...]:
        """The places that begin with some words, whatever quotes, dashes and case; the best reading only.

        Those that hold nothing else go first, then those in which the last word is whole.
        """
        wanted = _folded(words.strip().removesuffix("…").removesuffix("..."))
        if not wanted:
            wanted = " ".join(words.split())
        begun = [(i, text) for i, p in enumerate(self.places) if (text := _folded(p.text)).startswith(wanted)]
        for fits in (
            [i for i, text in begun if text == wanted],
            [i for i, text in begun if text.startswith(f"{wanted} ")],
        ):
            if fits and wanted:
                return tuple(fits)
        return tuple(i for i, _ in begun) if wanted else ()

    def holding(self, words: str) -> tuple[int, ...]:
        """The places that hold some words anywhere near their beginning."""
        wanted = _folded(words)
        return tuple(i for i, p in enumerate(self.places) if wanted and wanted in _folded(p.text))

    def at_line(self, line: int) -> int | None:
        """The place at a 0-based line of the dump, or the next below it; None below the last."""
        return next((i for i, place in enumerate(self.places) if place.end_line > line), None)


def _only(indices: Sequence[int]) -> Found:
    """A match if there is just one."""
    if len(indices) == 1:
        return Found(How.EXACT, indices[0])
    return Found(How.SEVERAL, rivals=tuple(indices)) if indices else Found(How.NONE)


def _folded(text: str) -> str:
    """The first words of a text, folded as a fingerprint folds them."""
    folded = unicodedata.normalize("NFC", text[:REACH]).casefold()
    return " ".join(WORD_RE.findall(folded) or folded.split())


def first_words(text: str) -> str:
    """The first words of a paragraph, as they stand; cut with an ellipsis.

    >>> first_words("The lamp went out at nine, and nobody admitted to having seen it.")
    'The lamp went out at nine, and nobody…'
    >>> first_words("***")
    '***'
    """
    words = text.split()
    cut = " ".join(words[:SHOWN_WORDS])
    if len(cut) > SHOWN_LENGTH:
        cut = cut[:SHOWN_LENGTH].rsplit(" ", 1)[0]
    return f"{cut}…" if len(cut) < len(" ".join(words)) else cut
