"""``--split-at``: one anthology as several books, none of which cuts a work in two.

A volume is filled with works in order until the next one would be too much; a work that is too much by
itself is a volume by itself. Each has the pages and indexes of its own works, and an identifier that
stays, however many volumes there are.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from fic2epub.builder.anthology import Anthology, Group
from fic2epub.builder.identity import volume_identifier
from fic2epub.builder.work_book import WorkBook
from fic2epub.errors import UsageError
from fic2epub.values import dataclass

__all__ = ["Limit", "divide", "parse_split_at"]

_LIMIT_RE = re.compile(
    r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,3})?) \s* (?P<scale>[km]?) [-\s]* (?P<unit>words?|works?|mb)",
    re.X | re.I,
)
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
_SMALLEST_FILE = 2_000_000
_FRAME = 500_000
"""What a volume has beside its works: the cover above all."""
_LISTS = 0.05
"""The share of contents, indexes and navigation; measured: 2 to 4 %."""
_ENTRY = 160
"""What a ZIP says of each file, at both its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much goes into one volume."""

    text: str
    """As written."""
    size: Callable[[WorkBook], int]
    """What a work takes up."""
    most: int


def parse_split_at(text: str) -> Limit:
    """Read ``2000000-words``, ``50-works`` or ``20-MB``; k and M stand for thousands and millions.

    A megabyte has a million bytes, as those have that mail and Send to Kindle count. Raises UsageError
    for anything else, and for a file in which no cover has room.
    """
    match = _LIMIT_RE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--split-at {text}: write 2000000-words, 50-works or 20-MB.")
    amount = float(match["number"]) * _SCALES[match["scale"].lower()]
    unit = match["unit"].lower()
    if unit == "mb":
        most = int(amount * 1_000_000)
        if most < _SMALLEST_FILE:
            raise UsageError(f"--split-at {text}: a volume needs at least {_SMALLEST_FILE // 1_000_000}-MB.")
        return Limit(text=text, size=_packed_size, most=int(most * (1 - _LISTS)) - _FRAME)
    if amount < 1 or amount != int(amount):
        raise UsageError(f"--split-at {text}: write a whole number of works or words, from 1.")
    if unit.startswith("word"):
        return Limit(text=text, size=lambda book: book.words, most=int(amount))
    return Limit(text=text, size=lambda book: 1, most=int(amount))


def _packed_size(book: WorkBook) -> int:
    return sum(len(zlib.compress(one.content, 6)) + _ENTRY for one in book.files)


def divide(anthology: Anthology, limit: Limit | None) -> tuple[Anthology, ...]:
    """The volumes of an anthology; itself if there is no limit or one volume is enough."""
    if limit is None:
        return (anthology,)
    filled = _filled(anthology.books, limit)
    if len(filled) == 1:
        return (anthology,)
    return tuple(
        _volume(anthology, frozenset(str(book.layout.folder) for book in books), number, len(filled))
        for number, books in enumerate(filled, 1)
    )


def _filled(books: Sequence[WorkBook], limit: Limit) -> list[list[WorkBook]]:
    volumes: list[list[WorkBook]] = [[]]
    taken = 0
    for book in books:
        size = limit.size(book)
        if volumes[-1] and taken + size > limit.most:
            volumes.append([])
            taken = 0
        volumes[-1].append(book)
        taken += size
    return volumes


def _volume(anthology: Anthology, folders: frozenset[str], number: int, count: int) -> Anthology:
    groups = (_part(group, folders) for group in anthology.groups)
    return replace(
        anthology,
        identifier=volume_identifier(anthology.identifier, number),
        works=_among(anthology.works, folders),
        groups=tuple(group for group in groups if group is not None),
        volume=(number, count),
    )


def _part(group: Group, folders: frozenset[str]) -> Group | None:
    """What a volume has of a group; None if nothing. It refers to no work of another volume."""
    inner = (_part(one, folders) for one in group.groups)
    kept = replace(
        group,
        works=_among(group.works, folders),
        groups=tuple(one for one in inner if one is not None),
        elsewhere=_among(group.elsewhere, folders),
    )
    return kept if kept.filled or kept.elsewhere else None


def _among(books: Sequence[WorkBook], folders: frozenset[str]) -> tuple[WorkBook, ...]:
    return tuple(book for book in books if book.layout.folder in folders)
