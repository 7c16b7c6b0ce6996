"""Step 4f of the route: what a correction file may say, and what it comes to.

Nothing in a file is passed over: an unknown table or key, and a value of the wrong kind, is an error that
names the line, for a correction that silently does nothing is worse than none. A pin may be a table, as
the program writes it, or just the first words of the paragraph.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any, NoReturn

from fic2epub.errors import CorrectionsError
from fic2epub.model import NoteKind, Origin, Span
from fic2epub.parser.corrections import (
    Action,
    BreakCorrection,
    ChapterCorrection,
    Corrections,
    NoteCorrection,
    RepairCorrection,
)
from fic2epub.parser.formats.fields import Field, read_metadata
from fic2epub.parser.languages import language_tag
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.pins import Pin
from fic2epub.values import dataclass

__all__ = ["HEADER", "SCHEMA", "entry_name", "read_corrections", "read_header"]

SCHEMA = 1
HEADER = {
    "title": ("title",),
    "author": ("creators",),
    "language": ("language", "language_name"),
    "chapters": ("chapters_written", "chapters_posted", "chapters_planned"),
    "rating": ("rating",),
    "warnings": ("warnings",),
    "categories": ("categories",),
    "fandoms": ("fandoms",),
    "relationships": ("relationships",),
    "characters": ("characters",),
    "tags": ("tags",),
    "series": ("series",),
    "status": ("status",),
    "published": ("published",),
    "updated": ("updated",),
    "url": ("source_url",),
    "work_id": ("work_id", "source_url"),
}
"""The keys of ``[header]``, and what each sets in Metadata. The summary is among the work's words."""
LISTS = frozenset({"author", "warnings", "categories", "fandoms", "relationships", "characters", "tags"})

ENTRIES = ("chapter", "note", "break", "repair")
PIN_KEYS = {"words": str, "print": str, "above": str, "below": str, "nth": int}
KEYS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "": {"schema": (int,), "work": (dict,), "header": (dict,)} | dict.fromkeys(ENTRIES, (list,)),
    "work": {"title": (str,), "work_id": (str, int)},
    "header": dict.fromkeys(HEADER, (str, int, list)),
    "chapter": {
        "at": (str, dict),
        "action": (str,),
        "from": (str, dict),
        "to": (str, dict),
        "title": (str,),
        "heading": (bool,),
    },
    "note": {"at": (str, dict), "until": (str, dict), "kind": (str,)},
    "break": {"at": (str, dict), "kind": (str,)},
    "repair": {"at": (str, dict), "before": (str,), "undo": (bool,)},
}
KINDS = {kind.value: kind for kind in NoteKind}
WORDS = {str: "a string", int: "a number", bool: "true or false", list: "a list", dict: "a table"}
ENTRY_RE = re.compile(r"[ \t]*\[\[?[ \t]*(?P<name>[A-Za-z0-9_-]+)[ \t]*\]\]?[ \t]*(?:\#.*)?")


def read_corrections(content: bytes, *, name: str) -> Corrections:
    """Read a correction file's content; ``name`` is what messages call it.

    Raises CorrectionsError, with the line, for what is no TOML and for every table, key or value that is
    not known.
    """
    try:
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except ValueError as error:  # tomllib's own and a wrong encoding
        raise CorrectionsError(f"{name}: is no TOML: {error}.") from error
    return _Reader(name, text).read(data)


def read_header(key: str, value: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of Metadata that a key of ``[header]`` sets; ValueError if the value makes no sense."""
    if isinstance(value, list):
        if key not in LISTS or not all(isinstance(one, str) for one in value):
            raise ValueError(f"“{key}” must be {'a list of strings' if key in LISTS else 'a string'}")
        return ((HEADER[key][0], tuple(value)),)
    value = str(value).strip()
    if key == "author":
        value = value.replace(" & ", ", ")
    if key == "language" and language_tag(value) is None:
        raise ValueError(f"“{value}” is no language; give its tag, e.g. pt-BR")
    field = Field(key, value, Span(0, 0))
    metadata, _ = read_metadata((field,), origin=Origin(None, "<stdin>"), options=ParseOptions())
    if metadata.unknown or not value or (key == "chapters" and not metadata.chapters_posted):
        raise ValueError(f"“{value}” is no value for “{key}”")
    return tuple((name, getattr(metadata, name)) for name in HEADER[key])


def entry_name(line: str) -> str | None:
    """The table that a line opens: ``note`` for ``[[note]]``; None for any other line."""
    match = ENTRY_RE.fullmatch(line)
    return match["name"] if match else None


@dataclass(frozen=True, slots=True)
class _Reader:
    """One file."""

    name: str
    text: str

    def read(self, data: Mapping[str, Any]) -> Corrections:
        self._check("", 0, data)
        if data.get("schema", SCHEMA) != SCHEMA:
            self._fail("", 0, "schema", f"schema {data['schema']} is of another version of fic2epub")
        work = data.get("work", {})
        self._check("work", 0, work)
        header = data.get("header", {})
        self._check("header", 0, header)
        entries = {name: self._entries(name, data.get(name, ())) for name in ENTRIES}
        return Corrections(
            file=PurePath(self.name).name,
            title=work.get("title"),
            work_id=str(work["work_id"]) if work.get("work_id") else None,
            header=tuple(item for key, value in header.items() for item in self._header(key, value)),
            chapters=tuple(one for n, entry in entries["chapter"] for one in self._chapter(n, entry)),
            notes=tuple(self._note(n, entry) for n, entry in entries["note"]),
            breaks=tuple(self._break(n, entry) for n, entry in entries["break"]),
            repairs=tuple(
                RepairCorrection(at=self._pin("repair", n, entry, "at"), before=entry.get("before"))
                for n, entry in entries["repair"]
                if entry.get("undo", True)
            ),
        )

    def _entries(self, section: str, entries: Any) -> list[tuple[int, Mapping[str, Any]]]:
        for n, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                self._fail("", 0, section, f"write [[{section}]] on a line of its own for each entry")
            self._check(section, n, entry)
        return list(enumerate(entries))

    def _check(self, section: str, n: int, table: Mapping[str, Any]) -> None:
        """Every key must be known, and its value of the right kind."""
        known = KEYS[section]
        for key, value in table.items():
            if key not in known:
                near = get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
                where = f"in [[{section}]] " if section else ""
                self._fail(section, n, key, f"{where}nobody knows “{key}”; {hint}")
            right = isinstance(value, known[key]) and (bool in known[key] or not isinstance(value, bool))
            if not right:
                wanted = " or ".join(WORDS[one] for one in known[key])
                self._fail(section, n, key, f"“{key}” must be {wanted}")

    def _header(self, key: str, value: Any) -> Iterator[tuple[str, Any]]:
        """What a key of ``[header]`` sets in Metadata."""
        try:
            yield from read_header(key, value)
        except ValueError as error:
            self._fail("header", 0, key, str(error))

    def _chapter(self, n: int, entry: Mapping[str, Any]) -> Iterator[ChapterCorrection]:
        action = self._choice("chapter", n, entry, "action", ("add", "remove", "move"))
        title, heading = entry.get("title") or None, entry.get("heading", False)
        if action == "move":
            yield ChapterCorrection(at=self._pin("chapter", n, entry, "from"), action=Action.REMOVE)
            at = self._pin("chapter", n, entry, "to")
            yield ChapterCorrection(at=at, action=Action.ADD, title=title, heading=heading)
            return
        for key in ("from", "to"):
            if key in entry:
                self._fail("chapter", n, key, f'“{key}” goes with action = "move"')
        at = self._pin("chapter", n, entry, "at")
        yield ChapterCorrection(at=at, action=Action(action), title=title, heading=heading)

    def _note(self, n: int, entry: Mapping[str, Any]) -> NoteCorrection:
        kind = self._choice("note", n, entry, "kind", (*KINDS, "prose"), default=None)
        until = self._pin("note", n, entry, "until") if "until" in entry else None
        return NoteCorrection(at=self._pin("note", n, entry, "at"), until=until, kind=KINDS.get(kind))

    def _break(self, n: int, entry: Mapping[str, Any]) -> BreakCorrection:
        kind = self._choice("break", n, entry, "kind", ("break", "prose"), default=None)
        return BreakCorrection(at=self._pin("break", n, entry, "at"), is_break=kind == "break")

    def _choice(
        self,
        section: str,
        n: int,
        entry: Mapping[str, Any],
        key: str,
        choices: tuple[str, ...],
        *,
        default: str | None = "add",
    ) -> str:
        value = entry.get(key, default)
        if value not in choices:
            what = f"“{value}” is no {key}" if value is not None else f"“{key}” is missing"
            self._fail(section, n, key, f"{what}; it is {', '.join(choices[:-1])} or {choices[-1]}")
        return str(value)

    def _pin(self, section: str, n: int, entry: Mapping[str, Any], key: str) -> Pin:
        if key not in entry:
            self._fail(section, n, key, f"“{key}” is missing: the first words of the paragraph")
        value = {"words": entry[key]} if isinstance(entry[key], str) else entry[key]
        for name, one in value.items():
            if name not in PIN_KEYS:
                near = get_close_matches(name, PIN_KEYS, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(PIN_KEYS)}."
                self._fail(section, n, key, f"in “{key}” nobody knows “{name}”; {hint}")
            if not isinstance(one, PIN_KEYS[name]) or isinstance(one, bool):
                self._fail(section, n, key, f"“{name}” must be {WORDS[PIN_KEYS[name]]}")
        if not value.get("words", "").strip() or value.get("nth", 1) < 1:
            self._fail(section, n, key, f"“{key}” needs the first words of the paragraph")
        return Pin(**value)

    def _fail(self, section: str, n: int, key: str, what: str) -> NoReturn:
        raise CorrectionsError(
            f"{self.name}, line {self._line(section, n, key)}: {what.rstrip('.?')}{_end(what)}"
        )

    def _line(self, section: str, n: int, key: str) -> int:
        """The line, from 1, of a key in the n-th table of a name; the table's own if it has no such key."""
        at, count, found = "", -1, 1
        key_re = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
        for number, line in enumerate(self.text.splitlines(), 1):
            name = entry_name(line)
            if name is not None:
                at, count = name, count + (name == section)
                if (at == section and count == n) or (not section and name == key):
                    found = number
            elif at == section and (not section or count == n) and key_re.match(line):
                return number
        return found


def _end(what: str) -> str:
    return "?" if what.endswith("?") else "."
