"""Which files of a folder are dumps, when most of them are known already.

The walk is the parser's (``parser/sources``): natural order, hidden and silent names passed over, a folder
that links back entered once. A file that the catalogue knows, of the same size and time, is not opened.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from heapq import merge
from pathlib import Path

from fic2epub.errors import SourceError
from fic2epub.values import dataclass

__all__ = ["Seen", "see_dumps"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A dump, and what was seen of it on the way."""

    path: str
    size: int
    mtime_ns: int
    head: bytes | None
    """Its first bytes; None if the file is known and was not opened."""


def see_dumps(
    folder: Path,
    *,
    known: Callable[[str, int, int], bool],
    take_all: bool = False,
    exclude: Sequence[Path] = (),
    passed_over: list[str] | None = None,
) -> Iterator[Seen]:
    """The dumps of a folder and all below it, in natural order; text files that are none are listed.

    ``known`` says of a path, size and time whether that is a dump as it was. ``exclude`` names folders that
    are left out. Raises SourceError if the folder cannot be read.
    """
    excluded = frozenset(map(os.path.realpath, exclude))
    linked: set[str] = set()
    for path, state, is_link in _files(os.fspath(folder), excluded):
        if is_link:
            real = os.path.realpath(path)
            if real in linked or _inside(real, folder):
                continue  # the file itself is there too
            linked.add(real)
        size, mtime_ns = state.st_size, state.st_mtime_ns
        if known(path, size, mtime_ns):
            yield Seen(path, size, mtime_ns, None)
            continue
        from fic2epub.parser.sources import kind_of

        kind, head = kind_of(Path(path))
        if kind == "dump" or (kind == "text" and take_all):
            yield Seen(path, size, mtime_ns, head)
        elif kind == "text" and passed_over is not None:
            passed_over.append(path)


def _inside(real: str, folder: Path) -> bool:
    return Path(real).is_relative_to(os.path.realpath(folder))


def _files(folder: str, excluded: frozenset[str]) -> Iterator[tuple[str, os.stat_result, bool]]:
    """All files below a folder that may be dumps, in order, with their state, and whether they are links."""
    from fic2epub.parser.sources import SILENT_NAME_RE

    seen = {os.path.realpath(folder)}
    pending = [_entries(folder, named=True)]
    while pending:
        found = next(pending[-1], None)
        if found is None:
            pending.pop()
            continue
        path, kind = found
        if SILENT_NAME_RE.fullmatch(path.rpartition(os.sep)[2]):
            continue
        try:
            if kind == _FOLDER:
                real = os.path.realpath(path)
                if real not in seen and real not in excluded:
                    seen.add(real)
                    pending.append(_entries(path))
            else:
                yield path, os.stat(path), kind == _LINK  # noqa: PTH116 - no Path for every file
        except OSError:
            continue  # it went while we looked


_FOLDER, _FILE, _LINK = "d", "f", "l"
_SORTED_AT_A_TIME = 4_000


def _entries(folder: str, *, named: bool = False) -> Iterator[tuple[str, str]]:
    """The folders and files of a folder in natural order, and what each is.

    Only names are kept of them, and sorted some thousands at a time: what they are sorted by takes ten times
    as much memory as they do, and a folder may have any number.
    """
    names = _names(folder, named=named)
    parts = [
        sorted(names[at : at + _SORTED_AT_A_TIME], key=_order)
        for at in range(0, len(names), _SORTED_AT_A_TIME)
    ]
    del names
    return ((os.path.join(folder, name[1:]), name[0]) for name in merge(*parts, key=_order))  # noqa: PTH118


def _order(name: str) -> tuple[list[str | int], str]:
    from fic2epub.parser.sources import natural

    return natural(name[1:])


def _names(folder: str, *, named: bool) -> list[str]:
    """The names in a folder, each behind the letter of what it is: a folder, a file, or a link to one."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir():
                        found.append(_FOLDER + entry.name)
                    elif entry.is_file():
                        found.append((_LINK if entry.is_symlink() else _FILE) + entry.name)
    except OSError as error:
        if named:
            raise SourceError(
                f"{folder}: this folder cannot be read ({error.strerror or error}). Check its name."
            ) from error
        return []
    return found
