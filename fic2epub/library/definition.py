"""``NAME.anthology.toml``: what an anthology is made of, kept beside the book so that it can be made again.

It names the sources, how they are chosen, grouped and divided, how the book looks, its identifier, and the
works of the last edition with their chapters. What a newer edition has on top of it is marked there as new.
``definition_file`` reads and writes it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from fic2epub.values import dataclass

__all__ = [
    "LOOK",
    "SUFFIX",
    "Definition",
    "Held",
    "Look",
    "before",
    "definition_path",
    "dropped",
    "held_now",
    "split_name",
]

SUFFIX = ".anthology.toml"

LOOK = (
    *("format", "cover", "no-cover", "cover-font", "theme", "css", "templates", "ornament", "smart-quotes"),
    *(
        "discreet",
        "min-confidence",
        "chapter-title",
        "notes",
        "language",
        "encoding",
        "corrections",
        "no-infer",
    ),
    "emphasis",
)
"""How the book looks and how its dumps are read: keys that say what the options of their names say."""

_BOOK_SUFFIX_RE = re.compile(r"(?:\.kepub)?\.epub\Z", re.IGNORECASE)


Look = str | bool | int | float | Path | tuple[str, ...]
"""A value of `LOOK`. A path as it was read is a text, seen from the definition's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A work as the last edition holds it."""

    title: str
    """For people."""
    chapters: int
    before: int
    """How many of them the edition before that had; 0 for a work that it did not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What an anthology is made of."""

    title: str
    identifier: str | None = None
    sources: tuple[Path, ...]
    """As the program can open them."""
    take_all: bool = False
    where: str | None = None
    group_by: str = "author"
    sort_by: str = "title"
    split_at: str | None = None
    look: Mapping[str, Look] = field(default_factory=dict)
    """By names of LOOK; what is not there is as it is without the option."""
    works: Mapping[str, Held] = field(default_factory=dict)
    """By identifier; empty before the first edition."""


def definition_path(book: Path) -> Path:
    """Where the definition of a book lies: beside it, under its name."""
    return book.with_name(split_name(book.name)[0] + SUFFIX)


def split_name(book: str) -> tuple[str, str]:
    """A book's name without its suffix, and the suffix: ``.epub`` or ``.kepub.epub``."""
    stem = _BOOK_SUFFIX_RE.sub("", book)
    return stem, book.removeprefix(stem)


def dropped(last: Definition, now: Definition) -> tuple[str, ...]:
    """The keys of a definition that a newer one does not say, or says otherwise; sources and works aside."""
    plain = {
        "all": (last.take_all, now.take_all),
        "where": (last.where, now.where),
        "group-by": (last.group_by, now.group_by),
        "sort-by": (last.sort_by, now.sort_by),
        "split-at": (last.split_at, now.split_at),
    }
    changed = [key for key, (old, new) in plain.items() if old != new and old]
    return (*changed, *(key for key in last.look if key not in now.look))


def before(last: Definition | None, now: Mapping[str, int]) -> Mapping[str, int] | None:
    """The chapters that each work had in the edition before this one; None if this is the first.

    ``now`` are the works' chapters by their identifiers. An edition is a new one if it has a work or a
    chapter that the last did not have. One that only repeats the last has the marks of the last, so the
    same dumps give the same book.
    """
    if last is None or not last.works:
        return None
    if any(name not in last.works or count > last.works[name].chapters for name, count in now.items()):
        return {name: held.chapters for name, held in last.works.items()}
    return {name: held.before for name, held in last.works.items()}


def held_now(works: Iterable[tuple[str, str, int]], had: Mapping[str, int] | None) -> dict[str, Held]:
    """What the next edition will be compared with: identifier, title and chapters of each work.

    ``had`` is what `before` gave for this edition.
    """
    return {
        name: Held(
            title=title,
            chapters=chapters,
            before=chapters if had is None else min(had.get(name, 0), chapters),
        )
        for name, title, chapters in works
    }
