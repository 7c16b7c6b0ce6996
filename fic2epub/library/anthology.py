"""An anthology's books in a folder: where each volume goes, and what those that stand there remember."""

from dataclasses import replace
from itertools import count
from pathlib import Path

from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.library.definition import Definition, split_name
from fic2epub.record import RECORD_NAME, Record, read_record

__all__ = ["anthology_identity", "standing_record", "volume_path"]


def volume_path(target: Path, volume: tuple[int, int] | None) -> Path:
    """Where a volume goes: ``Winter Tales 2.epub``, however many there are; without volumes the target."""
    if volume is None:
        return target
    stem, suffix = split_name(target.name)
    return target.with_name(f"{stem} {volume[0]}{suffix}")


def standing_record(target: Path) -> Record | None:
    """What an anthology's book remembers, or its volumes together; None if none stands there.

    What cannot be read is not there: that is for `place` to say.
    """
    found = _record(target)
    works = list(found.works) if found is not None else []
    for number in count(1):
        record = _record(volume_path(target, (number, number)))
        if record is None:
            break
        found = found or record
        works += record.works
    return None if found is None else replace(found, works=tuple(works))


def _record(path: Path) -> Record | None:
    try:
        return read_record(read_entries(path, only={RECORD_NAME}))
    except PackageError:
        return None


def anthology_identity(target: Path | None, title: str, definition: Definition | None) -> str | None:
    """The identifier that an anthology has already: in its definition, else in its book.

    None if it has none, and then one is made. A book of one work, or of another title, is not it.
    """
    if definition is not None and definition.identifier is not None:
        return definition.identifier
    record = None if target is None else _record(target)
    if record is None or record.title != title:
        return None
    plain = len(record.works) == 1 and record.works[0].identifier == record.identifier
    return None if plain else record.identifier
