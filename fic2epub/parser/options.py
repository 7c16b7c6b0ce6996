"""What the reader may say about how a dump is read."""

from typing import Literal

from fic2epub.values import dataclass

__all__ = ["ParseOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseOptions:
    """Options of the parser; the defaults are what a reader expects without any."""

    title: str | None = None
    """Overrides the header's."""
    author: str | None = None
    """Overrides the header's; several names are joined by ``, `` or `` & ``."""
    language: str | None = None
    """Overrides the header's: a BCP 47 tag or a language's name."""
    encoding: str | None = None
    """Overrides the detection: any name that Python knows."""
    chapters: int | None = None
    """Overrides the declared count of ``Chapters: 6/?``."""
    chapters_at: tuple[int, ...] | None = None
    """0-based lines of the dump at which chapters begin, and nowhere else; outranks correction files."""
    emphasis: Literal["auto", "keep"] = "auto"
    """``auto`` makes emphasis of the marks that a work uses for it; ``keep`` leaves them as written."""
    infer: bool = True
    """False keeps only boundaries that something visible bears out."""
