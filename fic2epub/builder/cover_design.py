"""What makes one cover look unlike the next: palette, ornament and layout, picked by the identifier.

Every text stands on the palette's ground, so two contrasts decide whether a cover can be read: ink and
accent against ground, each at least 4.5 : 1 (WCAG 2.2, 1.4.3), in colour and in the grays of an e-ink
screen. The grounds span dark to light, so that covers differ in gray too.
"""

import hashlib
from itertools import count

from fic2epub.values import dataclass

__all__ = [
    "LAYOUTS",
    "PALETTES",
    "Colour",
    "Design",
    "Dice",
    "Palette",
    "contrast",
    "is_nearly_white",
    "pick",
]

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours: three for text, two for the ornament."""

    name: str
    ground: Colour
    """Behind every text."""
    ink: Colour
    """Title, pairing."""
    accent: Colour
    """Author, rules."""
    field: Colour
    """Behind the ornament's figures."""
    figure: Colour


def _palette(name: str, colours: str) -> Palette:
    ground, ink, accent, field, figure = (
        (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for code in colours.split()
    )
    return Palette(name, ground, ink, accent, field, figure)


PALETTES = (
    _palette("midnight", "14233c f6f0e1 e0b355 1d3354 d9a441"),
    _palette("parchment", "f4eddd 1f1b18 96281f 96281f efd9b4"),
    _palette("forest", "16352b f3eddc d6c46a 0e241d 7fa37a"),
    _palette("oxblood", "4a1420 f8ecdf ecb79c 6d2230 e8b08f"),
    _palette("snow", "fbfaf6 15181d 23527c 23527c dfe9ef"),
    _palette("slate", "2b3238 f0f1ee a3c4cd 47545d a3c4cd"),
    _palette("plum", "33193f f5ebf3 d8afdc 4d2a5d d097c9"),
    _palette("mustard", "e6b83f 201a0c 5e2a0b 33290f f3d57d"),
    _palette("ice", "d5e3ea 0f222f 174f6c 174f6c b9d3de"),
    _palette("brick", "a63c26 fff8ee ffeed2 7d2715 f0b98d"),
    _palette("sage", "c5d0b5 1a2b1b 33502a 3d5b33 dfe7d0"),
    _palette("rose", "edcdc6 3a1420 822840 822840 f3ded8"),
    _palette("soot", "131313 f4f1ea d9cfbb 2b2a28 d9cfbb"),
    _palette("teal", "0d474d f0f7f3 f3bd88 12606a f0b67f"),
    _palette("sand", "d9c6a0 231a10 5b3413 231a10 b98d4f"),
    _palette("cobalt", "1f3fa0 f7f5ee ffdf8f 152c75 f7f5ee"),
)

LAYOUTS = ("band", "foot", "column", "plate", "medal", "inset")
_PATTERNED = frozenset({"column", "plate"})
"""Layouts whose ornament is narrow or half covered, where a scene would lose its sun."""


@dataclass(frozen=True, slots=True)
class Design:
    """One work's choice."""

    palette: Palette
    ornament: int
    """Which of the ornaments, from 0."""
    layout: str
    inverted: bool = False
    """True if the ornament's two colours change places."""


class Dice:
    """Numbers that a seed decides, the same on every machine and Python (unlike ``random``'s ranges)."""

    def __init__(self, seed: str) -> None:
        self._blocks = (hashlib.sha256(f"{seed}\0{block}".encode()).digest() for block in count())
        self._numbers = (
            int.from_bytes(block[at : at + 4], "big") for block in self._blocks for at in range(0, 32, 4)
        )

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return next(self._numbers) % limit

    def between(self, low: float, high: float) -> float:
        """A number in a range."""
        return low + (high - low) * (next(self._numbers) / 0x1_0000_0000)


def pick(seed: str, *, patterns: int, scenes: int) -> Design:
    """The design for a book's identifier: a palette, a layout, and an ornament that suits it.

    Ornaments are numbered patterns first, then scenes: ``patterns`` and ``scenes`` say how many there are.
    Nothing that changes when a work grows (words, chapters, status) has a say.
    """
    dice = Dice(seed)
    palette = PALETTES[dice.below(len(PALETTES))]
    layout = LAYOUTS[dice.below(len(LAYOUTS))]
    ornament = dice.below(patterns if layout in _PATTERNED else patterns + scenes)
    # A scene is never inverted: its sun is the lighter or stronger colour of the two.
    return Design(palette, ornament, layout, dice.below(2) == 1 and ornament < patterns)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    >>> round(contrast((0, 0, 0), (255, 255, 255)))
    21
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_nearly_white(colour: Colour) -> bool:
    """True for a ground that would run into a white page and needs a border."""
    return luminance(colour) > 0.82
