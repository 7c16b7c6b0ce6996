"""``NAME.anthology.toml``: what an anthology is made of, kept beside the book so that it can be made again.

It names the sources, how they are chosen, grouped and divided, the book's identifier, and the works of the
last edition with their chapters. What a newer edition has on top of it is marked there as new. People edit
this file: the program changes the values that it must, and every comment stays.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.library.disk import put, signature, told
from fic2epub.values import dataclass

__all__ = [
    "SUFFIX",
    "Definition",
    "Held",
    "before",
    "definition_path",
    "held_now",
    "read_definition",
    "split_name",
    "write_definition",
]

SUFFIX = ".anthology.toml"
SCHEMA = 1
_KEYS = (
    "schema",
    "title",
    "identifier",
    "sources",
    "all",
    "where",
    "group-by",
    "sort-by",
    "split-at",
    "works",
)
_IDENTIFIER_RE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BOOK_SUFFIX_RE = re.compile(r"(?:\.kepub)?\.epub\Z", re.IGNORECASE)
_LARGEST = 16 << 20

HEAD = """\
# An anthology, and what it is made of. To make it again, with what is new marked as new:
#
#   fic2epub anthology "{name}"
#
# Change what you like; your comments stay. Sources are files and folders, seen from where this file lies.
# where, group-by, sort-by and split-at say what the options of these names say.

schema = {schema}
"""
WORKS = """
# The works of this edition by their identifiers. "before" is how many chapters the edition before had of a
# work, where that was less.
[works]
"""


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
    works: Mapping[str, Held] = field(default_factory=dict)
    """By identifier; empty before the first edition."""


def definition_path(book: Path) -> Path:
    """Where the definition of a book lies: beside it, under its name."""
    return book.with_name(split_name(book.name)[0] + SUFFIX)


def split_name(book: str) -> tuple[str, str]:
    """A book's name without its suffix, and the suffix: ``.epub`` or ``.kepub.epub``."""
    stem = _BOOK_SUFFIX_RE.sub("", book)
    return stem, book.removeprefix(stem)


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


def read_definition(path: Path) -> Definition:
    """Read a definition. Raises UsageError, which names the file, for one that nobody understands."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UsageError(f"{path}: is over {_LARGEST >> 20} MB. That is no definition of an anthology.")
        data = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
        raise UsageError(f"{path}: is no TOML file ({error}).") from error
    _check_keys(path, data)
    identifier = _text(path, data, "identifier")
    if identifier is not None and not _IDENTIFIER_RE.fullmatch(identifier):
        raise UsageError(f"{path}: identifier is none. Take the line out, and a new one is made.")
    title = _text(path, data, "title")
    if title is None:
        raise UsageError(f'{path}: has no title. Write title = "…".')
    return Definition(
        title=title,
        identifier=identifier,
        sources=tuple(path.parent / one for one in _sources(path, data)),
        take_all=_flag(path, data, "all"),
        where=_text(path, data, "where"),
        group_by=_text(path, data, "group-by") or "author",
        sort_by=_text(path, data, "sort-by") or "title",
        split_at=_text(path, data, "split-at"),
        works=_works(path, data),
    )


def _check_keys(path: Path, data: Mapping[str, Any]) -> None:
    if data.get("schema") != SCHEMA:
        raise UsageError(
            f"{path}: this version of fic2epub understands schema = {SCHEMA}, and it has another."
        )
    for key in data:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            meant = f" Is {near[0]} meant?" if near else f" Known are {', '.join(_KEYS)}."
            raise UsageError(f"{path}: {key} says nothing here.{meant}")


def _text(path: Path, data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError(f"{path}: {key} is a text: write it in quotes.")
    return value.strip() or None


def _flag(path: Path, data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise UsageError(f"{path}: {key} is true or false.")
    return value


def _sources(path: Path, data: Mapping[str, Any]) -> list[str]:
    value = data.get("sources")
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise UsageError(f'{path}: sources is a list of files and folders. Write sources = ["dumps"].')
    return value


def _works(path: Path, data: Mapping[str, Any]) -> dict[str, Held]:
    table = data.get("works", {})
    try:
        found = {}
        for name, one in table.items():
            chapters = one["chapters"]
            had = one.get("before", chapters)
            if not isinstance(chapters, int) or not isinstance(had, int):
                raise TypeError
            found[name] = Held(title=str(one.get("title", "")), chapters=chapters, before=had)
        return found
    except (AttributeError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path}: [works] has an entry that is none. Take it out; its work is then marked as new."
        ) from error


def write_definition(path: Path, definition: Definition) -> bool:
    """Write a definition, keeping what a reader wrote into it; False if it says all of it already.

    Raises OutputError if the disk refuses, UsageError if what stands there is no definition.
    """
    import tomlkit

    with told(path):
        old = path.read_text(encoding="utf-8-sig") if path.exists() else None
        expected = signature(path.stat()) if path.exists() else None
        try:
            document = tomlkit.parse(HEAD.format(name=path.name, schema=SCHEMA) if old is None else old)
        except tomlkit.exceptions.TOMLKitError as error:
            raise UsageError(f"{path}: is no TOML file ({error}).") from error
        _set_values(document, definition, path.parent)
        if old is None:
            document = tomlkit.parse(tomlkit.dumps(document) + WORKS)
        _set_works(document, definition.works)
        text = tomlkit.dumps(document)
        if text == old:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        put(text.encode("utf-8"), path, expected)
        return True


def _set_values(document: Any, definition: Definition, folder: Path) -> None:
    values = {
        "title": definition.title,
        "identifier": definition.identifier,
        "sources": [_relative(one, folder) for one in definition.sources],
        "all": definition.take_all or None,
        "where": definition.where,
        "group-by": definition.group_by,
        "sort-by": definition.sort_by,
        "split-at": definition.split_at,
    }
    for key, value in values.items():
        if value is None:
            if key in document:
                document.remove(key)
        elif document.get(key) != value:
            document[key] = value


def _relative(source: Path, folder: Path) -> str:
    """A source as seen from the definition's folder, with ``/``; whole if nothing leads there."""
    try:
        return PurePath(os.path.relpath(source.absolute(), folder.absolute())).as_posix()
    except ValueError:  # another drive
        return source.absolute().as_posix()


def _set_works(document: Any, works: Mapping[str, Held]) -> None:
    """The table of works, line by line; the comment of a work that is gone stays as a line of its own."""
    import tomlkit

    table = document.get("works")
    if table is None:
        table = document["works"] = tomlkit.table()
    for name in [name for name in table if name not in works]:
        comment = table[name].trivia.comment
        table.remove(name)
        if comment:
            table.add(tomlkit.comment(comment.lstrip("# ")))
    for name, held in works.items():
        values = {"title": held.title, "chapters": held.chapters}
        if held.before != held.chapters:
            values["before"] = held.before
        if name not in table:
            line = tomlkit.inline_table()
            line.update(values)
            table[name] = line
        elif dict(table[name].unwrap()) != values:
            line = table[name]
            for key in [key for key in line if key not in values]:
                line.remove(key)
            for key, value in values.items():
                if line.get(key) != value:
                    line[key] = value
