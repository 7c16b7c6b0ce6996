"""What can be asked about a work: each field's names, its kind, and where its values come from.

The names are AO3's, with what its readers say for them (``ship``, ``wip``). A field has no, one or many
values; a work that does not say has none.
"""

import difflib
from collections.abc import Callable
from enum import Enum
from typing import Any

from fic2epub.model import Metadata
from fic2epub.select.subject import Subject
from fic2epub.select.text import fold
from fic2epub.values import dataclass

__all__ = ["FIELDS", "RATINGS", "Field", "Kind", "find", "nearest", "rating_rank", "status_word"]

Values = tuple[Any, ...]


class Kind(Enum):
    """What sort of values a field has, and so how they are written and compared."""

    TEXT = "a text"
    STATUS = "a status"
    RATING = "a rating"
    NUMBER = "a number"
    DATE = "a date"
    FLAG = "yes or no"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be asked about a work."""

    name: str
    kind: Kind
    values: Callable[[Subject], Values]
    also: tuple[str, ...] = ()
    """Other names for it, as `_key` gives them; plurals are understood by themselves."""


RATINGS = ("General", "Teen", "Mature", "Explicit")
"""AO3's, from the mildest. ``Not Rated`` has no place among them."""
_RANKS = {name.casefold(): rank for rank, name in enumerate(RATINGS)}
_RANKS |= {name[0].casefold(): rank for rank, name in enumerate(RATINGS)} | {"gen": 0}
_NOT_RATED = ("not rated", "not-rated", "notrated", "unrated", "nr", "none")

_STATUS = dict.fromkeys(("complete", "completed", "finished", "done"), "complete")
_STATUS |= dict.fromkeys(
    (
        "updated",
        "in progress",
        "in-progress",
        "work in progress",
        "wip",
        "ongoing",
        "incomplete",
        "unfinished",
    ),
    "in progress",
)


def rating_rank(text: str) -> int | None:
    """0 to 3 for AO3's ratings, -1 for Not Rated, None for any other word.

    The first word decides, since ``Teen`` stands for ``Teen And Up Audiences`` as often as not.

    >>> [rating_rank(one) for one in ("Teen And Up Audiences", "explicit", "Not Rated", "PG-13")]
    [1, 3, -1, None]
    """
    folded = fold(text)
    return -1 if folded in _NOT_RATED else _RANKS.get(folded.partition(" ")[0])


def status_word(text: str) -> str:
    """``complete``, ``in progress``, or the dump's own word, folded."""
    folded = fold(text)
    return _STATUS.get(folded, folded)


def _ratings(subject: Subject) -> Values:
    return (subject.metadata.rating,) if subject.metadata.rating else ()


def _status(subject: Subject) -> Values:
    """What the status says; where nothing does, what the chapters do: ``6/6`` is complete, ``6/?`` is not."""
    metadata = subject.metadata
    if metadata.status and metadata.status.strip():
        return (status_word(metadata.status),)
    complete = _by_chapters(metadata)
    return () if complete is None else ("complete" if complete else "in progress",)


def _by_chapters(metadata: Metadata) -> bool | None:
    if metadata.chapters_posted is None or not metadata.chapters_written:
        return None
    if metadata.chapters_planned is not None:
        return metadata.chapters_posted >= metadata.chapters_planned
    return False if "?" in metadata.chapters_written else None


def _complete(subject: Subject) -> Values:
    known = {"complete": True, "in progress": False}
    return tuple(known[word] for word in _status(subject) if word in known)


def _languages(subject: Subject) -> Values:
    """The tag, its language alone (``en`` of ``en-GB``), and the name as the dump has it."""
    metadata = subject.metadata
    if metadata.language == "und":
        return (metadata.language_name,) if metadata.language_name else ()
    named = (metadata.language, metadata.language.partition("-")[0], metadata.language_name)
    return tuple(name for name in named if name)


def _known(value: Any) -> Values:
    return () if value is None else (value,)


def _of(name: str) -> Callable[[Subject], Values]:
    """Reads a field of the metadata, of one value or many."""

    def values(subject: Subject) -> Values:
        value = getattr(subject.metadata, name)
        return value if isinstance(value, tuple) else _known(value)

    return values


def _text(name: str, *also: str, of: str | None = None) -> Field:
    return Field(name, Kind.TEXT, _of(of or name), also)


def _counted(name: str, *also: str) -> Field:
    return Field(name, Kind.NUMBER, lambda subject: _known(getattr(subject, name)), also)


_ALL = (
    _text("title"),
    _text("author", "creator", "writer", of="creators"),
    _text("fandom", of="fandoms"),
    _text("relationship", "ship", "pairing", of="relationships"),
    _text("character", "char", of="characters"),
    _text("tag", "freeform", "additionaltag", of="tags"),
    _text("warning", "archivewarning", of="warnings"),
    _text("category", "categorie", of="categories"),
    Field("summary", Kind.TEXT, lambda subject: _known(subject.summary or subject.metadata.summary)),
    Field("language", Kind.TEXT, _languages, ("lang",)),
    Field(
        "series", Kind.TEXT, lambda subject: tuple(one.title for one in subject.metadata.series), ("serie",)
    ),
    Field(
        "part",
        Kind.NUMBER,
        lambda subject: tuple(one.position for one in subject.metadata.series if one.position is not None),
    ),
    Field("rating", Kind.RATING, _ratings, ("rated",)),
    Field("status", Kind.STATUS, _status),
    Field("complete", Kind.FLAG, _complete, ("completed", "finished")),
    _counted("words", "word", "wordcount", "length"),
    _counted("chapters", "chapter", "chaptercount"),
    Field("posted", Kind.NUMBER, _of("chapters_posted")),
    Field("planned", Kind.NUMBER, _of("chapters_planned")),
    Field(
        "id",
        Kind.NUMBER,
        lambda subject: _known(int(subject.metadata.work_id) if subject.metadata.work_id else None),
        ("workid", "work"),
    ),
    Field("published", Kind.DATE, _of("published")),
    Field("updated", Kind.DATE, _of("updated")),
    _counted("confidence"),
    _counted("unsure"),
    _counted("inferred"),
    _counted("notes", "note"),
)
FIELDS = {field.name: field for field in _ALL}
_NAMES = {name: field for field in _ALL for name in (field.name, *field.also)}


def _key(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def find(name: str) -> Field | None:
    """The field of this name, or of one that means the same, in any case and number."""
    if not name[:1].isalpha():
        return None  # "-words" is an order, no name
    key = _key(name)
    return _NAMES.get(key) or _NAMES.get(key.removesuffix("s"))


def nearest(name: str) -> str | None:
    """The name of a field that may be meant."""
    found = difflib.get_close_matches(_key(name[:40]), _NAMES, n=1, cutoff=0.6)
    return found[0] if found else None
