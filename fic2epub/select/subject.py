"""What can be selected: anything that knows a work's metadata and a few numbers about it."""

from typing import Protocol

from fic2epub.model import Metadata
from fic2epub.values import dataclass

__all__ = ["Facts", "Subject"]


class Subject(Protocol):
    """A work, as far as conditions look at it; None is "not known" and passes no comparison."""

    @property
    def metadata(self) -> Metadata:
        """The work's."""

    @property
    def summary(self) -> str | None:
        """Of the header and of the section."""

    @property
    def words(self) -> int | None:
        """As the book counts them."""

    @property
    def chapters(self) -> int | None:
        """Of the book."""

    @property
    def unsure(self) -> int | None:
        """Boundaries that became only an entry of the contents."""

    @property
    def inferred(self) -> int | None:
        """Boundaries with nothing visible behind them."""

    @property
    def confidence(self) -> float | None:
        """The lowest score of its boundaries."""

    @property
    def notes(self) -> int | None:
        """How many author's notes there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A subject by itself, for a dump or a work that is in no library."""

    metadata: Metadata
    summary: str | None = None
    words: int | None = None
    chapters: int | None = None
    unsure: int | None = None
    inferred: int | None = None
    confidence: float | None = None
    notes: int | None = None
