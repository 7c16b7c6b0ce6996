"""Step 3 of the route, its limits: which paragraphs are looked at closely.

All of them, but for two kinds of works:

[certain] a one-shot is never split: only its ends, and labelled paragraphs, can be notes
[certain] a work of more than two million words is not judged paragraph by paragraph: the longest on AO3
          have some five million, and take minutes. Exact marks and labelled notes still open chapters,
          the rest of the declared count is not looked for, and the finding ``work.too-long`` says so
"""

from collections.abc import Sequence

from fic2epub.model import Finding, Level
from fic2epub.parser.labels import label_of
from fic2epub.parser.lexicon import Lexicon
from fic2epub.parser.marks import Marks
from fic2epub.parser.units import Unit

__all__ = ["TOO_LONG", "is_too_long", "units_wanted"]

ENDS = 40
"""Paragraphs at both ends of a work that are looked at as notes: the longest note has 18."""
BESIDE_MARK = 20
"""Paragraphs on both sides of an exact mark in which its notes stand: the longest note, and two more."""
BESIDE_LABEL = 3
CLOSELY = 40_000
"""Paragraphs beside marks that are looked at in all: a dump of headings alone has no notes."""
LONGEST = 12_000_000
"""Characters, about two million words."""
TOO_LONG = Finding(
    "work.too-long",
    Level.WARNING,
    "The work has more than two million words: "
    "its chapters were told by headings, jump lines and labelled notes only.",
)


def is_too_long(units: Sequence[Unit]) -> bool:
    """Whether a work is too long to be judged paragraph by paragraph."""
    return sum([len(unit.text) for unit in units]) > LONGEST


def units_wanted(
    units: Sequence[Unit], marks: Marks, words_of: Lexicon, *, declared: int | None
) -> frozenset[int] | None:
    """The units that are looked at closely; None for all.

    Args:
        units: of the work.
        marks: of the work.
        words_of: of its language.
        declared: how many chapters it has; 1 for a one-shot.
    """
    too_long = is_too_long(units)
    if declared != 1 and not too_long:
        return None
    n = len(units)
    labelled = [i for i, unit in enumerate(units) if label_of(unit.text, words_of.labels)]
    wanted = {*range(min(ENDS, n)), *range(max(0, n - ENDS), n), *labelled}
    if declared != 1:
        exact = sorted({*marks.jumps, *marks.headings})
        for places, most in ((exact, BESIDE_MARK), (labelled, BESIDE_LABEL)):
            beside = min(most, CLOSELY // max(1, len(places)))
            wanted.update(i for at in places for i in range(max(0, at - beside), min(n, at + beside + 1)))
    return frozenset(wanted)
