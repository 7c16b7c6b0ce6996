"""What the reader may say about how a book is made."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Literal

from fic2epub.errors import UsageError
from fic2epub.model import NoteKind
from fic2epub.values import dataclass

__all__ = [
    "CHAPTER_TITLES",
    "DEFAULTS",
    "THEMES",
    "NotePlace",
    "NotePlaces",
    "PublishOptions",
    "Theme",
    "chapter_title",
    "note_places",
]

CHAPTER_TITLES = ("ao3", "number", "title", "none")

Theme = Literal["book", "ao3", "plain"]
THEMES: tuple[Theme, ...] = ("book", "ao3", "plain")


class NotePlace(Enum):
    """Where an author's note stands in the book."""

    INLINE = "inline"
    """Where the author put it."""
    CHAPTER_END = "chapter-end"
    APPENDIX = "appendix"
    """On a page behind the last chapter."""
    DROP = "drop"
    """Nowhere: for listening, or for reading again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePlaces:
    """The place of each kind of note of a chapter."""

    summary: NotePlace = NotePlace.INLINE
    before: NotePlace = NotePlace.INLINE
    within: NotePlace = NotePlace.INLINE
    after: NotePlace = NotePlace.INLINE

    def of(self, kind: NoteKind) -> NotePlace:
        """The place of one kind; a note after the chapter is at its end in any case."""
        place: NotePlace = getattr(self, kind.value)
        at_end = kind is NoteKind.AFTER and place is NotePlace.CHAPTER_END
        return NotePlace.INLINE if at_end else place


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOptions:
    """Options of the builder; the defaults are what a reader expects without any."""

    min_confidence: float = 0.5
    """A chapter boundary below this makes no file and no heading, only an entry ``≈ Chapter 4``."""
    cover: Literal["drawn", "none"] | bytes = "drawn"
    """Drawn from the metadata, none, or the content of a picture file of the reader's own."""
    cover_font: Path | None = None
    """A font file for a drawn cover, used wherever it has the letters."""
    chapter_title: str = "ao3"
    """One of CHAPTER_TITLES, or a pattern with ``{n}`` and ``{title}``."""
    notes: NotePlaces = NotePlaces()
    theme: Theme = "book"
    """The style sheet: as in print, as on AO3, or next to none."""
    css: bytes | None = None
    """A sheet of the reader's own, behind the theme's (see ``theme.read_css``)."""
    templates: tuple[tuple[str, bytes], ...] = ()
    """Names and content of the reader's own templates (see ``theme.read_templates``)."""
    ornament: str = "rule"
    """What a scene break shows: a name of ``ornament.ORNAMENTS`` or characters of the reader's choice."""
    smart_quotes: bool = False
    """Typographic quotes, dashes and ellipses where the straight ones leave no doubt."""
    discreet: bool = False
    """Nothing on cover, file name and first page that others should not read over a shoulder."""


DEFAULTS = PublishOptions()


def chapter_title(value: str) -> str:
    """Check a wish for chapter titles; gives it back. Raises UsageError for one that says nothing."""
    if value not in CHAPTER_TITLES and "{n}" not in value and "{title}" not in value:
        raise UsageError(
            f"--chapter-title {value!r}: choose one of {', '.join(CHAPTER_TITLES)}, "
            'or write a pattern with {n} and {title}, e.g. "{n}. {title}".'
        )
    return value


def note_places(wishes: Iterable[str]) -> NotePlaces:
    """Read ``appendix`` or ``before=appendix``, the later over the earlier.

    A place alone is for every note, but not for a chapter's summary: that is no note (AO3 parts them so).
    Raises UsageError for an unknown kind or place.
    """
    places = NotePlaces()
    for wish in wishes:
        kind, sign, name = wish.rpartition("=")
        kinds = (kind,) if sign else ("before", "within", "after")
        try:
            place = NotePlace(name)
            known = {NoteKind(one).value: place for one in kinds}
        except ValueError as error:
            raise UsageError(
                f"--notes {wish}: write a place ({', '.join(one.value for one in NotePlace)}), or a kind and "
                f"a place, e.g. before=appendix; kinds are {', '.join(one.value for one in NoteKind)}."
            ) from error
        places = replace(places, **known)
    return places
