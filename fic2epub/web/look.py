"""How a reader wants pages to look, and where in each book they are: kept in cookies, on their own device."""

from dataclasses import replace
from typing import Self

from flask import Response, request

from fic2epub.values import dataclass

__all__ = ["CHOICES", "Bookmark", "Look", "bookmarks", "keep_bookmark", "keep_look", "read_look"]

LOOK_COOKIE = "fic2epub-look"
PLACES_COOKIE = "fic2epub-places"
YEAR = 365 * 24 * 3600
PLACES_KEPT = 40
"""Some 1,200 bytes; a browser takes 4,096."""

CHOICES = {
    "size": ("Letters", {"xs": "Very small", "s": "Small", "m": "Medium", "l": "Large", "xl": "Very large"}),
    "theme": (
        "Colours",
        {"auto": "As the device", "light": "Light", "sepia": "Sepia", "dark": "Dark", "black": "Black"},
    ),
    "font": ("Font", {"serif": "Serif", "sans": "Sans serif", "own": "The device’s"}),
    "width": ("Lines", {"narrow": "Short", "normal": "Normal", "wide": "Full width"}),
    "space": ("Distance of lines", {"tight": "Small", "normal": "Normal", "loose": "Large"}),
    "pages": ("A page is", {"short": "A few screens", "long": "Up to a chapter", "whole": "A whole chapter"}),
}
"""What can be chosen: its name, and the values with theirs."""
LENGTHS = {"short": 5_000, "long": 30_000, "whole": 1 << 40}
"""Characters of a page."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was chosen."""

    size: str = "m"
    theme: str = "auto"
    font: str = "serif"
    width: str = "normal"
    space: str = "normal"
    pages: str = "long"

    def chosen(self, name: str, value: str | None) -> Self:
        """The look with another choice; with the same if there is no such."""
        return replace(self, **{name: value}) if value in CHOICES[name][1] else self

    @property
    def classes(self) -> str:
        """As classes of the page."""
        return " ".join(f"{name}-{getattr(self, name)}" for name in CHOICES if name != "pages")

    @property
    def length(self) -> int:
        """Characters of a page."""
        return LENGTHS[self.pages]


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a reader is in a book."""

    number: str
    """The book's."""
    document: int
    """By position, from 1."""
    place: int
    """Characters from the document's start."""


def read_look() -> Look:
    """What the reader of this page has chosen."""
    look = Look()
    for name, value in zip(CHOICES, request.cookies.get(LOOK_COOKIE, "").split("."), strict=False):
        look = look.chosen(name, value)
    return look


def keep_look(answer: Response, look: Look) -> None:
    """Let the reader's device remember a choice."""
    _keep(answer, LOOK_COOKIE, ".".join(getattr(look, name) for name in CHOICES))


def bookmarks() -> tuple[Bookmark, ...]:
    """Where the reader is in the books that were read last, the last first."""
    found = []
    for mark in request.cookies.get(PLACES_COOKIE, "").split("_")[:PLACES_KEPT]:
        number, _, rest = mark.partition(".")
        document, _, place = rest.partition(".")
        plain = all(part.isascii() and part.isalnum() for part in (number, document, place))
        if plain and document.isdecimal() and place.isdecimal() and len(document) + len(place) < 20:
            found.append(Bookmark(number, int(document), int(place)))
    return tuple(found)


def keep_bookmark(answer: Response, bookmark: Bookmark) -> None:
    """Let the reader's device remember a place."""
    others = [one for one in bookmarks() if one.number != bookmark.number]
    kept = [bookmark, *others][:PLACES_KEPT]
    _keep(answer, PLACES_COOKIE, "_".join(f"{one.number}.{one.document}.{one.place}" for one in kept))


def _keep(answer: Response, name: str, value: str) -> None:
    path = f"{request.script_root}/"
    answer.set_cookie(name, value, max_age=YEAR, path=path, httponly=True, samesite="Lax")
