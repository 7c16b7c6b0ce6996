"""The file ``NAME.anthology.toml``, read and written. People edit it: every comment stays.

A slip in it is told with its line and the nearest known key. Only what must change is changed.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any

from fic2epub.errors import OutputError, UsageError
from fic2epub.library.definition import LOOK, Definition, Held, Look
from fic2epub.library.disk import put, signature, sweep_beside, told
from fic2epub.values import dataclass

__all__ = ["line_of", "read_definition", "read_lines", "write_definition"]

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
    *LOOK,
    "works",
)
_IDENTIFIER_RE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST = 16 << 20

HEAD = """\
# An anthology, and what it is made of. To make it again, with what is new marked as new:
#
#   fic2epub anthology "{name}"
#
# Change what you like; your comments stay. Sources are files and folders, seen from where this file lies.
# where, group-by, sort-by and split-at say what the options of these names say, and so do those of the book's
# looks: theme, css, notes, cover …

schema = {schema}
"""
WORKS = """
# The works of this edition by their identifiers. "before" is how many chapters the edition before had of a
# work, where that was less.
[works]
"""


def read_definition(path: Path) -> Definition:
    """Read a definition. Raises UsageError, with file and line, for one that nobody understands."""
    return _File.read(path).definition()


def read_lines(path: Path) -> Iterator[tuple[str, Look, int | None]]:
    """What a definition says of the book's looks: keys, values and lines. Raises UsageError for a slip."""
    file = _File.read(path)
    for key, value in file.definition().look.items():
        yield key, value, line_of(file.text, key)


def line_of(text: str, key: str) -> int | None:
    """The line, from 1, on which a key stands in a text of TOML; None if it is written in a rare way."""
    name = re.escape(key)
    found = re.search(rf"""^[ \t]*\[*[ \t]*(?:{name}|"{name}"|'{name}')[ \t]*[=.\]]""", text, re.MULTILINE)
    return None if found is None else text.count("\n", 0, found.start()) + 1


@dataclass(frozen=True, slots=True)
class _File:
    """A definition as it was written."""

    path: Path
    text: str
    data: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "_File":
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise UsageError(
                    f"{path}: is over {_LARGEST >> 20} MB. That is no definition of an anthology."
                )
            text = content.decode("utf-8-sig").replace("\r\n", "\n")
            return cls(path, text, tomllib.loads(text))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror or error}).") from error
        except (ValueError, RecursionError) as error:  # TOMLDecodeError, UnicodeDecodeError
            raise UsageError(f"{path}: is no TOML file ({error}).") from error

    def definition(self) -> Definition:
        self._check_keys()
        identifier = self._text("identifier")
        if identifier is not None and not _IDENTIFIER_RE.fullmatch(identifier):
            raise self._slip("identifier", "is none. Take the line out, and a new one is made.")
        title = self._text("title")
        if title is None:
            raise UsageError(f'{self.path}: has no title. Write title = "…".')
        return Definition(
            title=title,
            identifier=identifier,
            sources=tuple(self.path.parent / one for one in self._sources()),
            take_all=self._flag("all"),
            where=self._text("where"),
            group_by=self._text("group-by") or "author",
            sort_by=self._text("sort-by") or "title",
            split_at=self._text("split-at"),
            look={key: self._look(key) for key in LOOK if key in self.data},
            works=self._works(),
        )

    def _slip(self, key: str, what: str) -> UsageError:
        """What is wrong with a key, and where it stands."""
        line = line_of(self.text, key)
        where = str(self.path) if line is None else f"{self.path}, line {line}"
        return UsageError(f"{where}: {key} {what}")

    def _check_keys(self) -> None:
        if self.data.get("schema") != SCHEMA:
            raise UsageError(
                f"{self.path}: this version of fic2epub understands schema = {SCHEMA}, and it has another."
            )
        for key in self.data:
            if key not in _KEYS:
                near = get_close_matches(key, _KEYS, n=1)
                meant = f" Is {near[0]} meant?" if near else f" Known are {', '.join(_KEYS)}."
                raise self._slip(key, f"says nothing here.{meant}")

    def _text(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._slip(key, "is a text: write it in quotes.")
        return value.strip() or None

    def _flag(self, key: str) -> bool:
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self._slip(key, "is true or false.")
        return value

    def _sources(self) -> list[str]:
        value = self.data.get("sources")
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            raise self._slip("sources", 'is a list of files and folders. Write sources = ["dumps"].')
        return value

    def _look(self, key: str) -> Look:
        """A value that an option can have; which it may have is for the option to say."""
        value = self.data[key]
        if key == "no-cover" and value is True and "cover" in self.data:
            raise self._slip(key, "and cover: choose one.")
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        if not isinstance(value, str | bool | int | float):
            raise self._slip(key, "is a text, a number, true, false or a list of texts.")
        return value

    def _works(self) -> dict[str, Held]:
        table = self.data.get("works", {})
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
                f"{self.path}: [works] has an entry that is none. Take it out; its work is then new."
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
        try:
            content = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise OutputError(
                f"{str(path)!a}: is not written, since a name in it is no text. Rename the book or its "
                "sources."
            ) from error
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep_beside(path)
        put(content, path, expected)
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
        **{key: _written(definition.look.get(key), document.get(key), folder) for key in LOOK},
    }
    for key, value in values.items():
        if value is None:
            if key in document:
                document.remove(key)
        elif key not in document:
            _add(document, key, value)
        elif document.get(key) != value or isinstance(document.get(key), bool) != isinstance(value, bool):
            document[key] = value


def _add(document: Any, key: str, value: object) -> None:
    """Add a key behind the last one: tomlkit would put it right above the first table, under its comment."""
    import tomlkit

    last = None
    for known, item in document.body:
        if isinstance(item, tomlkit.items.Table | tomlkit.items.AoT):
            break
        last = known or last
    if last is None:
        document[key] = value
    else:
        document._insert_after(last, key, tomlkit.item(value))


def _written(value: Look | None, old: object, folder: Path) -> str | bool | float | list[str] | None:
    """A value as TOML has it; a path as seen from the definition's folder, unless ``old`` says it already."""
    if isinstance(value, Path):
        said = os.path.abspath(folder / Path(old).expanduser()) if isinstance(old, str) else None  # noqa: PTH100
        return str(old) if said == os.path.abspath(value) else _relative(value, folder)  # noqa: PTH100
    if isinstance(value, tuple):
        return list(value)
    return value


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
