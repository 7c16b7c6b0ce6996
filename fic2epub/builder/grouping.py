"""What ``--group-by`` can say: to which groups a work belongs, what they are called and how they sort.

1. A work lives in the group of its first author, relationship, fandom …: the author's first is the one
   that counts. It is named in the groups of the others.
2. Groups are in the order of their names, ratings in AO3's; works that say nothing go to a last group.
3. A series is known by its title and its first author: half of all authors have a series "Drabbles".
"""

from collections.abc import Callable, Iterable
from typing import Any

from fic2epub.builder.fields import STATUS, UNKNOWN_AUTHOR
from fic2epub.errors import UsageError
from fic2epub.model import Metadata
from fic2epub.select.text import fold, natural
from fic2epub.values import dataclass

__all__ = ["GROUP_BY", "Kind", "Value", "named", "parse_group_by", "rating_label", "series_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A group that a work belongs to."""

    key: str
    """What tells it from other groups of its kind."""
    label: str
    order: tuple[Any, ...]
    own: bool = False
    """True if the label is one of the program's words, and not the dump's."""


Kind = Callable[[Metadata], tuple[Value, ...]]
"""Gives the groups of a work, the one that it lives in first; never none."""

_RATINGS = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit")
_NOT_RATED = "Not Rated"


def parse_group_by(text: str) -> tuple[str, ...]:
    """Read ``relationship,author``: the outer group first. ``none`` alone is no group at all.

    Raises UsageError for a name that is none of GROUP_BY, or that comes twice.
    """
    names = tuple(name.strip().casefold() for name in text.split(","))
    if names == ("none",):
        return ()
    wrong = next((name for name in names if name not in GROUP_BY), None)
    if wrong is not None:
        raise UsageError(
            f"--group-by {text}: {wrong or 'nothing'} is no group. Choose none, or some of "
            f"{', '.join(GROUP_BY)}, the outer one first, with commas between them."
        )
    if len(set(names)) < len(names):
        raise UsageError(
            f"--group-by {text}: a group cannot be divided by what it is made of. Name each once."
        )
    return names


def rating_label(metadata: Metadata) -> str:
    """A work's rating as AO3 writes it, the dump's own word for another, ``Not Rated`` for none."""
    return _ratings(metadata)[0].label


def series_key(metadata: Metadata) -> str | None:
    """What tells the first series of a work from others; None if it is in none."""
    return _series_key(metadata, metadata.series[0].title) if metadata.series else None


def _series_key(metadata: Metadata, title: str) -> str:
    return f"{fold(title)}\n{fold(next(iter(metadata.creators), ''))}"


def named(names: Iterable[str]) -> tuple[Value, ...]:
    """A group for each name, once, in their order."""
    found: dict[str, str] = {}
    for name in names:
        if key := fold(name):
            found.setdefault(key, name.strip())
    return tuple(Value(key=key, label=name, order=(0, natural(name), key)) for key, name in found.items())


def _named(names: Iterable[str], otherwise: str) -> tuple[Value, ...]:
    """A group for each name; one of the program's own, the last of all, if there is none."""
    return named(names) or (Value(key="", label=otherwise, order=(1,), own=True),)


def _authors(metadata: Metadata) -> tuple[Value, ...]:
    return _named(metadata.creators, UNKNOWN_AUTHOR)


def _relationships(metadata: Metadata) -> tuple[Value, ...]:
    return _named(metadata.relationships, "No relationship")


def _fandoms(metadata: Metadata) -> tuple[Value, ...]:
    return _named(metadata.fandoms, "No fandom")


def _characters(metadata: Metadata) -> tuple[Value, ...]:
    return _named(metadata.characters, "No characters")


def _languages(metadata: Metadata) -> tuple[Value, ...]:
    """By the tag, since dumps write a language's name in many ways; its name if the tag is not known."""
    code = None if metadata.language == "und" else metadata.language
    name = metadata.language_name or code
    if name is None:
        return _named((), "Language unknown")
    return (Value(key=fold(code or name), label=name, order=(0, natural(name), fold(name))),)


def _series(metadata: Metadata) -> tuple[Value, ...]:
    if not metadata.series:
        return _named((), "No series")
    found: dict[str, Value] = {}
    for one in metadata.series:
        key = _series_key(metadata, one.title)
        found.setdefault(key, Value(key=key, label=one.title, order=(0, natural(one.title), key)))
    return tuple(found.values())


def _ratings(metadata: Metadata) -> tuple[Value, ...]:
    rating = (metadata.rating or "").strip()
    folded = fold(rating)
    for index, label in enumerate(_RATINGS):
        # By the first word: "Teen" and "General" are written short as often as not.
        if folded.partition(" ")[0] == label.partition(" ")[0].casefold():
            return (Value(key=label, label=label, order=(index,)),)
    if not rating or folded == fold(_NOT_RATED):
        return (Value(key=_NOT_RATED, label=_NOT_RATED, order=(len(_RATINGS) + 1,)),)
    return (Value(key=folded, label=rating, order=(len(_RATINGS), folded)),)


def _statuses(metadata: Metadata) -> tuple[Value, ...]:
    status = (metadata.status or "").strip()
    label = STATUS.get(fold(status))
    if label is None:
        return _named((status,), "Status unknown")
    return (Value(key=fold(label), label=label, order=(0, natural(label), fold(label)), own=True),)


GROUP_BY: dict[str, Kind] = {
    "author": _authors,
    "relationship": _relationships,
    "fandom": _fandoms,
    "rating": _ratings,
    "status": _statuses,
    "series": _series,
    "language": _languages,
    "character": _characters,
}
"""The names of ``--group-by``."""
