"""What the reader may say about how a book is made."""

from dataclasses import dataclass

__all__ = ["PublishOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOptions:
    """Options of the builder; the defaults are what a reader expects without any."""

    min_confidence: float = 0.5
    """A chapter boundary below this makes no file and no heading, only an entry ``≈ Chapter 4``."""
