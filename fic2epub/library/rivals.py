"""Two dumps of one work: which is its book, and how that is said.

More chapters, then more words, then the newer file. The same text is no contest: the first has it.
"""

from collections.abc import Sequence

from fic2epub.library.maker import Made
from fic2epub.values import dataclass

__all__ = ["Rival", "against", "beats", "instead"]


@dataclass(frozen=True, slots=True)
class Rival:
    """A dump of the same work: another of this run, or one that has not changed."""

    label: str
    rank: tuple[int, int, int]
    text: str | None
    book: str | None = None
    """Where its book stands, for a dump that has not changed."""


def beats(made: Made, other: Made | Rival) -> bool:
    """Whether a dump is better than another of its work; with the same text it never is."""
    return made.text != other.text and made.rank > other.rank


def against(rank: tuple[int, int, int], text: str | None, winner: Rival) -> str:
    """Why a dump is not its work's book."""
    if text == winner.text:
        return f"the same text as {winner.label}"
    return f"{winner.label} is its work's book: {_difference(winner.rank, rank)}"


def instead(made: Made, others: Sequence[tuple[int, int, int]]) -> str:
    """What the dump that won says."""
    return f"chosen among {len(others) + 1} dumps of the work: {_difference(made.rank, max(others))}"


def _difference(more: tuple[int, int, int], less: tuple[int, int, int]) -> str:
    if more[0] != less[0]:
        return f"{more[0]:,} chapters against {less[0]:,}"
    if more[1] != less[1]:
        return f"{more[1]:,} words against {less[1]:,}"
    return "it is the newer file"
