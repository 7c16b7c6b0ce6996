"""The works of a library as a table for people, as lines for other programs, as JSON and as CSV."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Literal

import click

from fic2epub.library.catalogue import Entry
from fic2epub.library.sheets import csv_row
from fic2epub.model import Metadata
from fic2epub.select.fields import status_word

__all__ = ["COLUMNS", "as_json", "put_csv", "put_json", "put_lines", "put_table"]

COLUMNS = ("book", "author", "title", "rating", "words", "chapters", "status", "updated")
"""Of the lines when nobody looks, where tabs part them."""
_SHORT_COLUMNS = ("author", "title", "rating", "words", "chapters", "status")
"""Of the table; the first two are names, which are cut if need be."""
_NARROWEST = 8
_GAP = 2  # signs between two columns
_METADATA = tuple(field.name for field in fields(Metadata) if field.name not in ("header", "unknown"))
_ENTRY = (
    "position",
    "anthology",
    "words",
    "chapters",
    "unsure",
    "inferred",
    "confidence",
    "notes",
    "summary",
)


def put_table(entries: Iterable[Entry]) -> None:
    """A table as wide as the terminal; names that do not fit are cut, never numbers.

    The path is left out: it says no more than author and title do, and would take most of the width.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [_short_row(entry) for entry in entries]
    console = Console(file=sys.stdout, highlight=False, markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, width in zip(_SHORT_COLUMNS, _widths(rows, console.width), strict=True):
        side: Literal["right", "left"] = "right" if name in ("words", "chapters") else "left"
        table.add_column(name, justify=side, no_wrap=True, overflow="ellipsis", width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _widths(rows: Sequence[tuple[str, ...]], room: int) -> list[int]:
    """The width of each column: as wide as what is in it, but for the names, which share what is left."""
    from rich.cells import cell_len

    widths = [
        max([len(name), *(cell_len(row[at]) for row in rows)]) for at, name in enumerate(_SHORT_COLUMNS)
    ]
    names = max(room - sum(widths[2:]) - _GAP * (len(widths) - 1), 2 * _NARROWEST)
    if widths[0] + widths[1] > names:
        widths[0] = min(widths[0], max(names - widths[1], names * 2 // 5))
        widths[1] = names - widths[0]
    return widths


def _short_row(entry: Entry) -> tuple[str, ...]:
    metadata = entry.metadata
    cells = (
        ", ".join(metadata.creators) or "Unknown",
        metadata.title,
        (metadata.rating or "").partition(" And ")[0].partition(" Audiences")[0],
        f"{entry.words:,}",
        metadata.chapters_written or str(entry.chapters),
        status_word(metadata.status or ""),
    )
    return tuple(map(_printable, cells))


def put_lines(entries: Iterable[Entry]) -> None:
    """A line a work, its cells parted by tabs: for cut, sort and grep."""
    for entry in entries:
        line = "\t".join(_printable(str(cell)) for cell in _row(entry))
        click.echo(line.encode("utf-8", "backslashreplace"))


def put_json(entries: Iterable[Entry]) -> None:
    """JSON Lines, an object a work."""
    for entry in entries:
        line = json.dumps(as_json(entry), ensure_ascii=False, default=str)
        click.echo(line.encode("utf-8", "backslashreplace"))


def put_csv(entries: Iterable[Entry]) -> None:
    """CSV with a head; every column of the JSON but for what is nested."""
    names = ("path", "book", *_METADATA, *(name for name in _ENTRY if name not in _METADATA), "modified")
    _put_row(names)
    for entry in entries:
        told = as_json(entry)
        told["series"] = [
            f"Part {one['position']} of {one['title']}" if one["position"] else one["title"]
            for one in told["series"]
        ]
        cells = (told[name] for name in names)
        _put_row([tuple(cell) if isinstance(cell, list) else cell for cell in cells])


def _put_row(cells: Iterable[object]) -> None:
    click.echo(csv_row(tuple(cells)).encode("utf-8", "backslashreplace"), nl=False)


def as_json(entry: Entry) -> dict[str, Any]:
    """One work, with the names that the metadata has; dates as ISO 8601."""
    told: dict[str, Any] = {"schema": 1, "path": entry.path, "book": entry.title}
    for name in _METADATA:
        value = getattr(entry.metadata, name)
        told[name] = list(value) if isinstance(value, tuple) else value
    told["series"] = [{"title": one.title, "position": one.position} for one in entry.metadata.series]
    told |= {name: getattr(entry, name) for name in _ENTRY}
    for name in ("published", "updated"):
        told[name] = told[name] and told[name].isoformat()
    return told | {"modified": entry.modified.isoformat(), "size": entry.size, "revision": entry.revision}


def _row(entry: Entry) -> tuple[object, ...]:
    metadata = entry.metadata
    status = metadata.status or ""
    if metadata.chapters_written and metadata.chapters_written != "1/1":
        status = f"{status} {metadata.chapters_written}".strip()
    return (
        entry.path,
        ", ".join(metadata.creators) or "Unknown",
        metadata.title,
        metadata.rating or "",
        entry.words,
        entry.chapters,
        status,
        metadata.updated or metadata.published or "",
    )


def _printable(text: str) -> str:
    """A title may hold anything, also what would steer the terminal or part the columns."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
