"""Books of an anthology that its newest edition did not write: volumes of an earlier division above all.

They are found by name and told by the identifier in their record, so no other book is ever named. Nothing is
deleted here: a volume may hold a work whose dump is gone, and then it is the only place that has it.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path

from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.library.definition import split_name
from fic2epub.record import RECORD_NAME, read_record
from fic2epub.values import dataclass

__all__ = ["Surplus", "surplus"]


@dataclass(frozen=True, slots=True)
class Surplus:
    """A book of an earlier edition that stands beside the newest."""

    path: Path
    only_here: tuple[str, ...]
    """The titles of its works that the newest edition does not hold."""


def surplus(
    target: Path, identifier: str, *, written: Collection[Path], works: Collection[str]
) -> tuple[Surplus, ...]:
    """The books of an anthology beside ``target`` that are not among those ``written``, in their order.

    ``works`` are the identifiers of all works of the newest edition. A folder or a file that cannot be read
    has none.
    """
    stem, suffix = split_name(target.name)
    name_re = re.compile(rf"{re.escape(stem)}(?: (?P<number>[1-9][0-9]{{0,5}}))?{re.escape(suffix)}")
    names = {path.name for path in written}
    try:
        found = [match for name in os.listdir(target.parent) if (match := name_re.fullmatch(name))]  # noqa: PTH208
    except OSError:
        return ()
    left = []
    for match in sorted(found, key=lambda match: int(match["number"] or 0)):
        if match.string not in names:
            one = _surplus(target.with_name(match.string), identifier, match["number"], works)
            left += [one] if one else []
    return tuple(left)


def _surplus(path: Path, identifier: str, number: str | None, works: Collection[str]) -> Surplus | None:
    """What a book has that the newest edition has not; None if it is no book of this anthology."""
    from fic2epub.builder.identity import volume_identifier

    try:
        record = read_record(read_entries(path, only={RECORD_NAME}))
    except PackageError:
        return None
    wanted = identifier if number is None else volume_identifier(identifier, int(number))
    if record is None or record.identifier != wanted:
        return None
    return Surplus(path, tuple(work.metadata.title for work in record.works if work.identifier not in works))
