"""What the package document says of a book: who wrote it, what it is about, who can read it."""

from collections.abc import Iterable, Iterator

from fic2epub.builder.fields import byline
from fic2epub.builder.sort_names import name_sort
from fic2epub.model import Contributor, Metadata

__all__ = ["accessibility", "creators", "subjects"]

FEATURES = (
    "structuralNavigation",
    "tableOfContents",
    "readingOrder",
    "displayTransformability",
    "unlocked",
)


def creators(works: Iterable[Metadata]) -> tuple[Contributor, ...]:
    """Every author once, in order, and what each is filed under; ``Unknown`` for a work without."""
    names = dict.fromkeys(name for work in works for name in work.creators or (byline(work),))
    return tuple(Contributor(name, "aut", name_sort(name)) for name in names)


def subjects(metadata: Metadata) -> Iterator[str]:
    """AO3 gives every tag as a subject, ``Fanworks`` first, since Apple Books shows the first as genre.

    Behind it the order in which readers look for a work: fandom, relationship, character, tag, rating.
    """
    yield "Fanworks"
    yield from (*metadata.fandoms, *metadata.relationships, *metadata.characters, *metadata.tags)
    yield from (*((metadata.rating,) if metadata.rating else ()), *metadata.warnings, *metadata.categories)


def accessibility(*, pictured: bool) -> Iterator[tuple[str, str]]:
    """What can be proved of every book (EPUB Accessibility 1.1, section 2).

    The cover is the only picture; its words stand in its ``alt``, so the text alone is enough.
    """
    yield "schema:accessMode", "textual"
    if pictured:
        yield "schema:accessMode", "visual"
    yield "schema:accessModeSufficient", "textual"
    for feature in (*FEATURES, "alternativeText") if pictured else FEATURES:
        yield "schema:accessibilityFeature", feature
    yield "schema:accessibilityHazard", "none"
    pictures = "no picture but the cover, which is described" if pictured else "no pictures"
    yield (
        "schema:accessibilitySummary",
        f"Text with a table of contents, headings and marked notes; {pictures}; no fixed layout.",
    )
