"""Step 4d of the route, its looks around: what the text above and below a place have in common.

A window is the words and names of four paragraphs, or of a page. Words are bits of one number, so that
windows are joined, compared and counted by the processor's own instructions, and no set is built
twice. The bits are dealt out anew for every stretch of the work: a long work's words are many, those of a
few pages are not. A word that stands in one paragraph of a stretch can be in no two windows; it is
only counted.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from math import log

from fic2epub.parser.signals import Reading

__all__ = ["PAIR_SIGNALS", "REACH", "Windows"]

PAIR_SIGNALS = (
    "speech-both", "speech-right", "shared-words", "shared-names", "name-change", "edge", "cast-change",
    "shared-far", "fresh",
)  # fmt: skip
NEAR = 4
FAR = 12
"""Paragraphs of the wide window, about a page."""
REACH = 19
"""So many paragraphs may the right side stand below the left one."""
STRETCH = 512


class Windows:
    """The windows of a work's prose; asked in the order of the text.

    Places are positions among the units that are prose: 0 for the first of them.
    """

    __slots__ = (
        "_base",
        "_far",
        "_far_names",
        "_far_sizes",
        "_masks",
        "_near",
        "_near_names",
        "_near_sizes",
        "_prose",
        "_stop",
    )

    def __init__(self, prose: Sequence[Reading]) -> None:
        self._prose = prose
        self._stop = 0

    def _move(self, start: int) -> None:
        """Make the tables for a stretch that begins at a place."""
        low = max(0, start - FAR)
        self._base, self._stop = low, start + STRETCH
        part = self._prose[low : self._stop + REACH + FAR]
        times = Counter(chain.from_iterable([reading.longer for reading in part]))
        often = [word for word, units in times.items() if units > 1]
        bits = dict(zip(often, map((1).__lshift__, range(len(often))), strict=True))
        self._masks = [sum(filter(None, map(bits.get, reading.longer))) for reading in part]
        counts = [
            len(reading.longer) - mask.bit_count() for reading, mask in zip(part, self._masks, strict=True)
        ]
        known: dict[str, int] = {}
        names = [sum([known.setdefault(name, 1 << len(known)) for name in reading.names]) for reading in part]
        self._near, self._far = _joined(self._masks)
        self._near_names, self._far_names = _joined(names)
        self._near_sizes = _sizes(self._near, counts, NEAR)
        self._far_sizes = _sizes(self._far, counts, FAR)

    def pair(self, left: int, right: int, *, edge: bool) -> tuple[float, ...]:
        """One number for each of ``PAIR_SIGNALS``.

        Args:
            left: the place of the last prose above.
            right: the place of the first prose below, at most ``REACH`` further.
            edge: whether this is close to the head or the end of the work.
        """
        if left >= self._stop:
            self._move(left)
        above = left - self._base
        below = right - self._base
        # A window is kept under its last place; the one that begins at ``right`` ends so many places below.
        near, far = below + NEAR - 1, below + FAR - 1
        shared = (self._near[above] & self._near[near]).bit_count()
        shared_far = (self._far[above] & self._far[far]).bit_count()
        names, following = self._near_names[above], self._near_names[near]
        same = (names & following).bit_count()
        both = (names | following).bit_count()
        far_names, far_following = self._far_names[above], self._far_names[far]
        cast = (far_names | far_following).bit_count()
        a, b = self._prose[left], self._prose[right]
        long = len(b.longer)
        fresh = long - (self._masks[below] & self._far[above]).bit_count()
        return (
            1.0 if a.quoted and b.quoted else 0.0,
            1.0 if b.quoted and not a.quoted else 0.0,
            min(0.5, shared / (1 + min(self._near_sizes[above], self._near_sizes[near]))) * 4,
            same / both if both else 0.4,
            1.0 if following and not same else 0.0,
            1.0 if edge else 0.0,
            1 - (far_names & far_following).bit_count() / cast if cast else 0.6,
            min(0.5, shared_far / (1 + min(self._far_sizes[above], self._far_sizes[far]))) * 4,
            min(3.0, log((1 + fresh) / (1 + 0.5 * long))),
        )


def _joined(masks: Sequence[int]) -> tuple[list[int], list[int]]:
    """The near and the wide window that end at each place, and at those up to ``FAR`` below the last."""
    padded = [0] * FAR + list(masks) + [0] * FAR
    two = [a | b for a, b in pairwise(padded)]
    near = [a | b for a, b in zip(two, two[2:], strict=False)]
    far = [a | b | c for a, b, c in zip(near, near[4:], near[8:], strict=False)]
    return near[FAR - NEAR + 1 :], far[1:]


def _sizes(windows: Sequence[int], counts: Sequence[int], width: int) -> list[int]:
    """How many words each window has: its bits, and the words that stand in one paragraph alone."""
    padded = [0] * width + list(counts) + [0] * FAR
    sums = list(accumulate(padded))
    return [
        mask.bit_count() + high - low for mask, high, low in zip(windows, sums[width:], sums, strict=False)
    ]
