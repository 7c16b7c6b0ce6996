"""A correction file as text that people and the program write together.

The program changes only the table that it means, byte for byte the rest stays: comments, order, blank
lines. A table is edited by tomlkit, which keeps the comments inside it. (tomlkit 0.15 brings tables of
one name together when others stand between them, so it is given one at a time; tried 2026-11.)
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import tomlkit
from tomlkit.items import InlineTable

from fic2epub.errors import CorrectionsError
from fic2epub.model import Metadata
from fic2epub.parser.correction_keys import SCHEMA, entry_name
from fic2epub.parser.pins import Pin

__all__ = ["add_entry", "clear", "entry_text", "new_text", "remove_entry", "set_entry", "set_header"]

ENTRIES = ("chapter", "note", "break", "repair")

HEAD = """\
# Corrections to {title}, for the dump {dump}.
#
# Every command of fic2epub that reads the dump reads this file too; what stands here has the last word.
# It is found by the dump's name or by the work id below, and is pinned to the text, not to line numbers,
# so it outlives a newer dump. Lines that begin with # are comments; "fic2epub fix" keeps yours.
#
#   [[chapter]]  a chapter begins at a paragraph (action = "add"), or none does ("remove"), or it begins
#                elsewhere ("move", with from and to instead of at); title = "…" names it, and
#                heading = true says that the paragraph is its heading
#   [[note]]     a paragraph, or all of them up to "until", is a note: kind = "before", "after", "within"
#                or "summary"; kind = "prose" says that it is none
#   [[break]]    a line is a scene break: kind = "break"; or it is none: kind = "prose"
#   [[repair]]   what was mended in a line stays as the dump has it: undo = true
#   [header]     title, author, language, chapters, rating, tags … instead of the dump's
#
# To pin a paragraph by hand its first words are enough: at = "The lamp went out at nine". The next
# "fic2epub fix" adds the fingerprints by which it is found again when it was edited.

schema = {schema}

[work]
title = {quoted}  # for people
"""


def new_text(metadata: Metadata, dump: str) -> str:
    """A correction file without corrections, which explains itself."""
    title = _line(" ".join(metadata.title.split()))
    head = HEAD.format(title=f"“{title}”", dump=_line(dump), schema=SCHEMA, quoted=_value(metadata.title))
    return head + (f"work_id = {_value(metadata.work_id)}\n" if metadata.work_id else "")


def entry_text(section: str, values: Mapping[str, Any]) -> str:
    """One ``[[section]]`` with its keys; None leaves a key out."""
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
    return "\n".join([f"[[{section}]]", *lines]) + "\n"


def add_entry(text: str, section: str, values: Mapping[str, Any]) -> str:
    """The text with one more entry, at its end."""
    return f"{_ended(text)}\n{entry_text(section, values)}"


def set_entry(text: str, section: str, number: int, values: Mapping[str, Any]) -> str:
    """The text with keys of an entry set, counted from 0 among those of its name; None takes one away."""
    blocks = _blocks(text)
    at = _find(blocks, section, number)
    blocks[at] = _edited(blocks[at], values)
    return "".join(blocks)


def remove_entry(text: str, section: str, number: int) -> str:
    """The text without an entry; comments below its last key stay, they may be the next one's."""
    blocks = _blocks(text)
    at = _find(blocks, section, number)
    blocks[at] = _tail(blocks[at])
    return "".join(blocks)


def set_header(text: str, key: str, value: str | None) -> str:
    """The text with a key of ``[header]`` set; None takes it away."""
    blocks = _blocks(text)
    at = next((i for i, block in enumerate(blocks) if _name(block) == "header"), None)
    if at is None:
        return text if value is None else f"{_ended(text)}\n[header]\n{key} = {_value(value)}\n"
    blocks[at] = _edited(blocks[at], {key: value})
    return "".join(blocks)


def clear(text: str) -> str:
    """The text without any correction; the work's name and the comments stay."""
    blocks = _blocks(text)
    kept = [_tail(block) if _name(block) in (*ENTRIES, "header") else block for block in blocks]
    return "".join(kept)


def _edited(block: str, values: Mapping[str, Any]) -> str:
    """A table with some keys set; a new one goes below its last, above the comments that follow."""
    own, rest = _parted(block)
    document = tomlkit.parse(_ended(own))
    found: Any = document[_name(block) or ""]
    table = found[0] if isinstance(found, list) else found
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = _item(value)
    return tomlkit.dumps(document) + rest


def _blocks(text: str) -> list[str]:
    """The text cut before each table; the first block is what stands above all of them."""
    blocks = [""]
    for line in text.splitlines(keepends=True):
        if entry_name(line.rstrip("\r\n")) is not None:
            blocks.append("")
        blocks[-1] += line
    return blocks


def _name(block: str) -> str | None:
    return entry_name(block.splitlines()[0]) if block else None


def _find(blocks: list[str], section: str, number: int) -> int:
    found = [i for i, block in enumerate(blocks) if _name(block) == section]
    if number >= len(found):
        raise CorrectionsError(f"Write every correction as a table of its own, under a line [[{section}]].")
    return found[number]


def _parted(block: str) -> tuple[str, str]:
    """A table up to its last key, and the comments and blank lines below."""
    lines = block.splitlines(keepends=True)
    at = len(lines)
    while at > 1 and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return "".join(lines[:at]), "".join(lines[at:])


def _tail(block: str) -> str:
    """What stays of a table that goes: the comments below it, without the blank line above them."""
    return _parted(block)[1].lstrip("\r\n")


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _item(value: Any) -> Any:
    return _table(value) if isinstance(value, Pin) else value


def _table(pin: Pin) -> InlineTable:
    table = tomlkit.inline_table()
    table.update({key: value for key, value in asdict(pin).items() if value is not None})
    return table


def _value(value: Any) -> str:
    return str(tomlkit.item(_item(value)).as_string())


def _line(name: str) -> str:
    """A name that fits into a comment."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)
