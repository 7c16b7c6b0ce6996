"""Stage 1 of the route: paths -> which files are dumps, and the drafts in them.

[certain] named     a file that is named is taken, whatever it is called and whatever is in it
[likely]  sniffed   in a folder, a file whose first 4 KB begin with a header is a dump, whatever its suffix
[certain] silent    passed over without a word: hidden files and folders, README, LICENSE and CHANGELOG, the
                    program's own files, the output folder, data and program files, what is no text
[certain] listed    passed over and listed: every other text file, and what may not be read

Folders are read with all below them, in natural order: ``2.txt`` before ``10.txt``. A folder that links
back to one above it is entered once.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from fic2epub.errors import SourceError
from fic2epub.model import Draft, Origin
from fic2epub.parser.binary import binary_kind, count_controls
from fic2epub.parser.decode import decode
from fic2epub.parser.encodings import detect_encoding
from fic2epub.parser.formats import drafts
from fic2epub.parser.formats.header import is_header
from fic2epub.parser.options import ParseOptions
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Found", "find_dumps", "is_dump", "kind_of", "natural", "read", "read_file", "read_stdin"]

STANDARD_INPUT = Path("-")

_HEAD = 4096
"""Bytes of a file that are looked at to tell a dump."""
_LIMIT = 256 * 2**20
"""Bytes; five times the largest dump that is promised to work."""

SILENT_NAME_RE = late(
    r"""
      \. .*                                                   # hidden, .fic2epub
    | (?: readme | licen[cs]e | copying | changelog ) (?: [._-] .* )?
    | fic2epub\.toml | .* \.fic\.toml                         # the program's own
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SILENT_SUFFIXES = frozenset(
    {
        ".json",
        ".jsonl",
        ".toml",
        ".yaml",
        ".yml",
        ".ini",
        ".cfg",
        ".xml",
        ".opf",
        ".ncx",
        ".css",
        ".js",
        ".py",
    }
    | {".sh", ".log", ".lock", ".db", ".part"}
)
NUMBER_RE = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a list of paths comes to."""

    dumps: tuple[Path, ...]
    """As they were named, folders in natural order; ``-`` is standard input. Each file once."""
    passed_over: tuple[Path, ...] = ()
    """Text files in the folders that are not dumps, in the same order."""


def find_dumps(paths: Sequence[Path], *, take_all: bool = False, exclude: Sequence[Path] = ()) -> Found:
    """Find the dumps among files and, with all below them, folders.

    ``take_all`` takes the text files of a folder that do not look like dumps; ``exclude`` names files and
    folders that are passed over inside a folder, such as the one that books are written to. Raises
    SourceError for a path that does not exist or a named folder that cannot be read.
    """
    dumps: list[Path] = []
    passed_over: list[Path] = []
    excluded = frozenset(map(_real, exclude))
    for path in paths:
        if path == STANDARD_INPUT:
            dumps.append(path)
        elif path.is_dir():
            for file in _files_below(path, excluded):
                match kind_of(file)[0]:
                    case "dump":
                        dumps.append(file)
                    case "text" if take_all:
                        dumps.append(file)
                    case "text":
                        passed_over.append(file)
        elif os.path.lexists(path):
            dumps.append(path)
        else:
            raise SourceError(f"{_shown(path)}: there is no such file or folder. Check the spelling.")
    once = tuple(_each_once(dumps))
    taken = frozenset(map(_real, once))
    return Found(once, tuple(path for path in _each_once(passed_over) if _real(path) not in taken))


def is_dump(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a dump with a header."""
    if not _is_text(head):
        return False
    encoding = detect_encoding(_whole_characters(head)) or "cp1252"
    text = head.decode(encoding, "replace").removeprefix("\ufeff").replace("\0", "")
    return is_header(re.split(r"\r\n|\r|\n", text))


def read(*paths: Path | str, options: ParseOptions | None = None, take_all: bool = False) -> Iterator[Draft]:
    """Read the works in some files and folders, one at a time; ``-`` is standard input.

    Raises SourceError or one of its children for the first path that cannot be read; UsageError if an
    option names a language or encoding that nobody knows.
    """
    for path in find_dumps([Path(path) for path in paths], take_all=take_all).dumps:
        if path == STANDARD_INPUT:
            yield read_stdin(sys.stdin.buffer, options=options)
        else:
            yield read_file(path, options=options)


def read_file(path: Path, options: ParseOptions | None = None) -> Draft:
    """Read the work in one file, whatever its name. Raises as ``read`` does."""
    try:
        with path.open("rb") as stream:
            modified = os.fstat(stream.fileno()).st_mtime
            data = stream.read(_LIMIT + 1)
    except OSError as error:
        raise SourceError(_why_unreadable(path, error)) from error
    origin = Origin(path=path, name=_shown(path.name), modified=modified)
    return _draft(data, origin, shown=_shown(path), options=options)


def read_stdin(stream: BinaryIO, options: ParseOptions | None = None) -> Draft:
    """Read the work in a stream of bytes, which has neither a path nor a time. Raises as ``read`` does."""
    origin = Origin(path=None, name="<stdin>")
    return _draft(stream.read(_LIMIT + 1), origin, shown=origin.name, options=options)


def _draft(data: bytes, origin: Origin, *, shown: str, options: ParseOptions | None) -> Draft:
    if len(data) > _LIMIT:
        raise SourceError(
            f"{shown}: this is larger than {_LIMIT // 2**20} MB, the most that is read. Split it into works."
        )
    options = options or ParseOptions()
    source = decode(data, name=shown, encoding=options.encoding)
    return next(drafts(source, origin, options))


def _why_unreadable(path: Path, error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return f"{_shown(path)}: there is no such file. Check the spelling."
        case IsADirectoryError():
            return f"{_shown(path)}: this is a folder, not a file. Name the files, or use batch."
        case PermissionError():
            return f"{_shown(path)}: you may not read this file. Change its permissions, or copy it."
        case _:
            return f"{_shown(path)}: it cannot be read ({error.strerror or error})."


def _files_below(folder: Path, excluded: frozenset[str]) -> Iterator[Path]:
    """Walk a folder in natural order, without hidden, silent and excluded files and folders."""
    seen = {_real(folder)}
    pending = [*reversed(_entries(folder, named=True))]
    while pending:
        path = pending.pop()
        real = _real(path)
        if SILENT_NAME_RE.fullmatch(path.name) or real in excluded:
            continue
        if path.is_dir():
            if real not in seen:
                seen.add(real)
                pending += reversed(_entries(path))
        elif path.is_file():
            yield path


def _entries(folder: Path, *, named: bool = False) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: natural(path.name))
    except OSError as error:
        if named:
            raise SourceError(
                f"{_shown(folder)}: this folder cannot be read ({error.strerror or error})."
            ) from error
        return []


def natural(name: str) -> tuple[list[str | int], str]:
    """Order names as people do: numbers by their value, case aside."""
    parts = NUMBER_RE.split(name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], name


def kind_of(path: Path) -> tuple[str | None, bytes]:
    """Tell what a file in a folder is: ``dump``, ``text``, or None for a file that is no text.

    Gives its first bytes too, by which that was told.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return "text", b""  # listed, so that the reader sees it
    if is_dump(head):
        return "dump", head
    return "text" if _is_text(head) and path.suffix.casefold() not in _SILENT_SUFFIXES else None, head


def _is_text(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes may be a text."""
    if binary_kind(head):
        return False
    encoding = detect_encoding(_whole_characters(head)) or ""
    return encoding.startswith(("utf-16", "utf-32")) or not count_controls(head)[1]


def _whole_characters(head: bytes) -> bytes:
    """Leave off the last line, which the limit may have cut inside a character."""
    return head[: head.rfind(b"\n") + 1] or head


def _each_once(paths: Iterable[Path]) -> Iterator[Path]:
    seen = set()
    for path in paths:
        real = _real(path)
        if real not in seen:
            seen.add(real)
            yield path


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _shown(path: Path | str) -> str:
    """Give a path in a form that can be printed, even if its name is not valid UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
