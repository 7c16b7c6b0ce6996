"""Step 4d of the route, its looks around: what the text above and below a place have in common.

A window is the words and names of four paragraphs, or of a page. Words are bits of one number, so that
windows are joined, compared and counted by the processor's own instructions, and no set is built
twice. The bits are dealt out anew for every stretch of the work: a long work's words are many, those of a
few pages are not. A word that stands in one paragraph of a stretch can be in no two windows; it is
only counted. Most places lie between two neighbours, so these are compared a whole stretch at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from math import log
from operator import and_, or_

from fic2epub.parser.signals import Reading

__all__ = ["PAIR_SIGNALS", "REACH", "Windows"]

PAIR_SIGNALS = (
    "speech-both", "speech-right", "shared-words", "shared-names", "name-change", "cast-change", "shared-far",
    "fresh",
)  # fmt: skip
NEAR = 4
FAR = 12
"""Paragraphs of the wide window, about a page."""
REACH = 19
"""So many paragraphs may the right side stand below the left one."""
STRETCH = 512


class Windows:
    """The windows of a work's prose.

    Places are positions among the units that are prose: 0 for the first of them. It is fast where it is asked
    in the order of the text.
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
        "_neighbours",
        "_prose",
        "_start",
        "_stop",
    )

    def __init__(self, prose: Sequence[Reading]) -> None:
        self._prose = prose
        self._start = self._stop = 0

    def _move(self, start: int) -> None:
        """Make the tables for a stretch that begins at a place."""
        low = max(0, start - FAR)
        self._base, self._start, self._stop = low, start, start + STRETCH
        part = self._prose[low : self._stop + REACH + FAR]
        times = Counter(chain.from_iterable([reading.shared for reading in part]))
        often = {word for word, units in times.items() if units > 1}
        bits = dict(zip(often, map((1).__lshift__, range(len(often))), strict=True))
        self._masks = [sum(map(bits.__getitem__, often & reading.shared)) for reading in part]
        counts = [reading.long - mask.bit_count() for reading, mask in zip(part, self._masks, strict=True)]
        known: dict[str, int] = {}
        names = [sum([known.setdefault(name, 1 << len(known)) for name in reading.names]) for reading in part]
        self._near, self._far = _joined(self._masks)
        self._near_names, self._far_names = _joined(names)
        self._near_sizes = _sizes(self._near, counts, NEAR)
        self._far_sizes = _sizes(self._far, counts, FAR)
        self._neighbours = self._compared(part)

    def _compared(self, part: Sequence[Reading]) -> list[tuple[float, ...]]:
        """``pair`` for each place of the stretch and the next one."""
        near, far, names, cast = self._near, self._far, self._near_names, self._far_names
        return [
            _signals(*numbers)
            for numbers in zip(
                part,
                part[1:],
                _counted(and_, near, near[NEAR:]),
                map(min, self._near_sizes, self._near_sizes[NEAR:]),
                names[NEAR:],
                _counted(and_, names, names[NEAR:]),
                _counted(or_, names, names[NEAR:]),
                _counted(and_, cast, cast[FAR:]),
                _counted(or_, cast, cast[FAR:]),
                _counted(and_, far, far[FAR:]),
                map(min, self._far_sizes, self._far_sizes[FAR:]),
                _counted(and_, self._masks[1:], far),
                strict=False,
            )
        ]

    def pair(self, left: int, right: int) -> tuple[float, ...]:
        """One number for each of ``PAIR_SIGNALS``.

        Args:
            left: the place of the last prose above.
            right: the place of the first prose below, at most ``REACH`` further.
        """
        if not self._start <= left < self._stop:
            self._move(left)
        above = left - self._base
        if right == left + 1:
            return self._neighbours[above]
        below = right - self._base
        # A window is kept under its last place; the one that begins at ``right`` ends so many places below.
        near, far = below + NEAR - 1, below + FAR - 1
        names, following = self._near_names[above], self._near_names[near]
        cast, far_following = self._far_names[above], self._far_names[far]
        return _signals(
            self._prose[left],
            self._prose[right],
            (self._near[above] & self._near[near]).bit_count(),
            min(self._near_sizes[above], self._near_sizes[near]),
            following,
            (names & following).bit_count(),
            (names | following).bit_count(),
            (cast & far_following).bit_count(),
            (cast | far_following).bit_count(),
            (self._far[above] & self._far[far]).bit_count(),
            min(self._far_sizes[above], self._far_sizes[far]),
            (self._masks[below] & self._far[above]).bit_count(),
        )


def _signals(
    a: Reading,
    b: Reading,
    shared: int,
    size: int,
    following: int,
    same: int,
    both: int,
    same_cast: int,
    cast: int,
    shared_far: int,
    far_size: int,
    known: int,
) -> tuple[float, ...]:
    """``PAIR_SIGNALS`` from what was counted: names and words of the near windows, then of the wide ones.

    ``following`` are the names below, ``known`` how many words of the paragraph below stood above.
    """
    near, far = shared / (1 + size), shared_far / (1 + far_size)
    fresh = log((1 + b.long - known) / (1 + 0.5 * b.long))
    return (
        1.0 if a.quoted and b.quoted else 0.0,
        1.0 if b.quoted and not a.quoted else 0.0,
        4 * near if near < 0.5 else 2.0,
        same / both if both else 0.4,
        1.0 if following and not same else 0.0,
        1 - same_cast / cast if cast else 0.6,
        4 * far if far < 0.5 else 2.0,
        fresh if fresh < 3.0 else 3.0,
    )


def _counted(compare: Callable[[int, int], int], above: Iterable[int], below: Iterable[int]) -> Iterator[int]:
    """How many bits two windows have together, for each pair of them."""
    return map(int.bit_count, map(compare, above, below))


def _joined(masks: Sequence[int]) -> tuple[list[int], list[int]]:
    """The near and the wide window that end at each place, and at those up to ``FAR`` below the last."""
    padded = [0] * FAR + list(masks) + [0] * FAR
    two = list(map(or_, padded, padded[1:]))
    near = list(map(or_, two, two[2:]))
    far = list(map(or_, map(or_, near, near[4:]), near[8:]))
    return near[FAR - NEAR + 1 :], far[1:]


def _sizes(windows: Sequence[int], counts: Sequence[int], width: int) -> list[int]:
    """How many words each window has: its bits, and the words that stand in one paragraph alone."""
    padded = [0] * width + list(counts) + [0] * FAR
    sums = list(accumulate(padded))
    return [
        mask.bit_count() + high - low for mask, high, low in zip(windows, sums[width:], sums, strict=False)
    ]
