"""Stage 3 of the route: SourceText -> Drafts. One file per dump format, sniffed in order.

A format is a module with ``sniff(source) -> bool`` and ``read(source, *, origin, options)``, which yields
the drafts of the works in it, in the dump's order.
"""

from collections.abc import Iterator

from fic2epub.model import Draft, Origin, SourceText
from fic2epub.parser.formats import header, plain
from fic2epub.parser.options import ParseOptions

__all__ = ["drafts", "formats"]

formats = (header, plain)
"""The first whose ``sniff`` says yes reads the dump; the last takes anything."""


def drafts(source: SourceText, origin: Origin, options: ParseOptions) -> Iterator[Draft]:
    """Read the works of a dump, at least one. Raises UsageError for a language that nobody knows."""
    chosen = next(form for form in formats if form.sniff(source))
    yield from chosen.read(source, origin=origin, options=options)
