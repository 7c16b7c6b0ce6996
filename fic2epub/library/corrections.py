"""The reader's correction files, edited by the program.

Whatever is pinned is looked up in the dump at once, so that a slip of the pen is told while the reader is
still there. The file is written whole or not at all.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.library.book import MakeOptions, memory_of
from fic2epub.library.correction_text import (
    add_entry,
    clear,
    new_text,
    remove_entry,
    set_entry,
    set_header,
)
from fic2epub.library.disk import Signature, put, signature, told
from fic2epub.library.nearby import Standing, as_kept
from fic2epub.model import Block, Chapter, Draft, Memory, Note, NoteKind, Paragraph, Recovery, Span
from fic2epub.parser.correction_file import Sought, content_of, seek
from fic2epub.parser.correction_keys import read_corrections, read_header
from fic2epub.parser.corrections import Corrections, can_undo, line_board, unit_board
from fic2epub.parser.pins import Board, Pin, first_words
from fic2epub.parser.work import parse, read_pinned
from fic2epub.values import dataclass

__all__ = ["Editor", "Listed", "default_path", "index_at", "notes_of", "save"]

SHOWN = 5
"""Candidates that a message names."""
RUN_RE = re.compile(r"\s*([0-9]+)\s*[-–]\s*([0-9]+)\s*")


@dataclass(frozen=True, slots=True)
class Listed:
    """One correction of a file."""

    line: int | None
    """0-based, of the dump; None if it fits no paragraph."""
    what: str
    """In words: ``chapter``, ``no chapter``, ``note after`` …"""
    words: str
    field: bool = False
    """True for a field of the header, which has no line."""


def default_path(draft: Draft, sought: Sought) -> Path:
    """Where a new file goes. Raises UsageError for standard input without a folder."""
    if sought.default is None:
        raise UsageError(
            f"{draft.origin.name}: there is no file that corrections could lie beside. "
            "Save the dump, or give --corrections DIR."
        )
    return sought.default


def save(path: Path, text: str, expected: Signature | None) -> None:
    """Write a file whole or not at all; ``expected`` is what may be replaced. Raises OutputError."""
    with told(path):
        put(text.encode(), path, expected)


def notes_of(chapter: Chapter) -> Iterator[Note]:
    """A chapter's notes, in order."""
    blocks: tuple[Block, ...] = (*chapter.front, *chapter.body, *chapter.back)
    yield from (block for block in blocks if isinstance(block, Note))


def index_at(board: Board, offset: int) -> int:
    """The place at an offset of the dump's text."""
    found = [i for i, place in enumerate(board.places) if place.start <= offset]
    return found[-1] if found else 0


@dataclass(slots=True)
class Editor:
    """A dump's correction file while it is edited; nothing is written before ``save``."""

    draft: Draft
    options: MakeOptions
    standing: Standing | None = None
    """The work's book: what it keeps is what the reader corrects."""
    path: Path = field(init=False)
    text: str = field(init=False)
    board: Board = field(init=False)
    _lines: Board | None = field(init=False, default=None)
    _expected: Signature | None = field(init=False, default=None)
    _fresh: Recovery | None = field(init=False, default=None)
    """As it would be recovered without the book, for the reasons that are shown; made once."""

    def __post_init__(self) -> None:
        sought = seek(self.draft, self.options.corrections)
        if sought.path is None:
            self.path = default_path(self.draft, sought)
            self.text = new_text(self.draft.metadata, self.draft.origin.name)
        else:
            self.path = sought.path
            self._expected = signature(self.path.stat())
            content = content_of(self.path)
            read_corrections(content, name=str(self.path))  # told before anything is decoded
            self.text = content.decode("utf-8-sig")
        memory, parse_options = self._memory(), self.options.parse
        units = read_pinned(self.draft, self.corrections(), options=parse_options, memory=memory).units
        self.board = unit_board(units)
        self._complete()

    def corrections(self) -> Corrections:
        """What the file says now. Raises CorrectionsError."""
        return read_corrections(self.text.encode(), name=str(self.path))

    def recovery(self) -> Recovery:
        """What is recovered under the file as it is now. Raises ParseError."""
        corrections, options = self.corrections(), self.options.parse
        if self.standing is None:
            return parse(self.draft, corrections, options=options)
        recovery = parse(self.draft, corrections, options=options, memory=self._memory())
        self._fresh = self._fresh or parse(self.draft, corrections, options=options)
        return as_kept(recovery, self._fresh, self.standing)

    def _memory(self) -> Memory | None:
        return memory_of(self.draft, self.standing.record) if self.standing is not None else None

    def save(self) -> None:
        """Write the file. Raises OutputError, and OutputExistsError if it was changed meanwhile."""
        save(self.path, self.text, self._expected)
        self._expected = signature(self.path.stat())

    # What can be said

    def chapter_at(self, where: str, title: str | None = None) -> None:
        """A chapter begins at a paragraph."""
        index = self.find(where)
        values = {"title": title} if title is not None else {}
        for n, entry, place in self._entries("chapter"):
            if place == index and entry.get("action") != "move":
                self.text = set_entry(self.text, "chapter", n, {"action": "add", **values})
                return
        self.text = add_entry(
            self.text, "chapter", {"at": self.board.pin(index), "action": "add", "title": title}
        )

    def not_chapter(self, where: str) -> None:
        """The chapter that begins at a paragraph is a part of the one above it."""
        index = self.find(where)
        head = self._head_of(index)
        for n, entry, place in reversed(self._entries("chapter")):
            if place is None or place not in head:
                continue
            if entry.get("action") == "move":
                back = {"at": _pin_of(entry["from"]), "action": "remove"}
                taken: dict[str, object] = dict.fromkeys(("from", "to", "title", "heading"))
                self.text = set_entry(self.text, "chapter", n, {**taken, **back})
            else:
                self.text = remove_entry(self.text, "chapter", n)
        if any(index in head for head in self._heads()[1:]):
            self.text = add_entry(self.text, "chapter", {"at": self.board.pin(index), "action": "remove"})

    def chapter_title(self, where: str, title: str) -> None:
        """A chapter has a title; some paragraph of its head names it."""
        index = self.find(where)
        if not any(index in head for head in self._heads()):
            raise UsageError(f"{self._shown(index)}: no chapter begins there. --chapter-at makes one begin.")
        self.chapter_at(where, title)

    def note(self, where: str, kind: NoteKind | None, *, auto: bool = False) -> None:
        """A paragraph, a run of lines (``12-15``) or the note that begins there is a note, or prose.

        ``auto`` takes the kind from where it stands: at a chapter's end after, at its head before.
        """
        first, last = self._run(where)
        if auto:
            kind = self._kind(first, last)
        values = {
            "until": self.board.pin(last) if last != first else None,
            "kind": kind.value if kind is not None else "prose",
        }
        self._put("note", first, values)

    def scene_break(self, where: str, *, is_break: bool) -> None:
        """A line is a scene break, or is none."""
        index = self.find(where)
        self._put("break", index, {"kind": "break" if is_break else "prose"})

    def undo_repair(self, line: int) -> None:
        """What was mended in a line, counted from 1, stays as the dump has it."""
        source = self.draft.source
        here = [one for one in source.repairs if source.line_of(one.span.start) == line - 1]
        if not any(map(can_undo, here)):
            why = "no book can hold what stands there" if here else "nothing was mended there"
            raise UsageError(f"{self.draft.origin.name}, line {line}: no repair can be undone; {why}.")
        if self._lines is None:
            self._lines = line_board(self.draft)
        index = self._lines.at_line(line - 1)
        if index is not None:
            self._put("repair", index, {"undo": True}, board=self._lines)

    def header(self, key: str, value: str) -> None:
        """A field of the header has a value; an empty one takes the correction away."""
        if value.strip():
            try:
                read_header(key, value)
            except ValueError as error:
                raise UsageError(f"--{key}: {error}.") from error
        self.text = set_header(self.text, key, value.strip() or None)

    def clear(self) -> None:
        """Take all corrections away; comments stay."""
        self.text = clear(self.text)

    def listed(self) -> Iterator[Listed]:
        """All corrections, in the order of the file."""
        for key, value in tomllib.loads(self.text).get("header", {}).items():
            yield Listed(None, f"{key} =", ", ".join(value) if isinstance(value, list) else str(value), True)
        for section in ("chapter", "note", "break", "repair"):
            for _, entry, place in self._entries(section):
                board = self._lines if section == "repair" and self._lines else self.board
                line = board.places[place].line if place is not None else None
                pin = _pin_of(entry.get("at") or entry["to"])
                yield Listed(line, _said(section, entry), pin.words)

    # Look-ups

    def find(self, where: str) -> int:
        """The paragraph that a reader means: by its line, from 1, or by its first words.

        Raises UsageError, with the candidates, unless it is just one.
        """
        name = self.draft.origin.name
        if where.strip().isdecimal():
            index = self.board.at_line(int(where) - 1)
            if index is None or int(where) <= self.draft.source.line_of(self.draft.body.start):
                raise UsageError(f"{name}, line {where.strip()}: is no line of the story.")
            return index
        found = self.board.beginning_with(where)
        if len(found) == 1:
            return found[0]
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            raise UsageError(
                f"{name}: {len(found)} paragraphs begin “{where}”: {self._candidates(found)}{more}. "
                "Give more words, or the line's number."
            )
        near = self.board.holding(where)
        hint = f" These hold the words: {self._candidates(near)}." if near else ""
        raise UsageError(f"{name}: no paragraph begins “{where}”.{hint} Give its first words, or its line.")

    def _candidates(self, indices: Sequence[int]) -> str:
        return ", ".join(map(self._shown, indices[:SHOWN]))

    def _shown(self, index: int) -> str:
        place = self.board.places[index]
        return f"line {place.line + 1} “{first_words(place.text)}”"

    def _run(self, where: str) -> tuple[int, int]:
        """The first and last paragraph that a reader means by a note."""
        if lines := RUN_RE.fullmatch(where):
            first, last = self.find(lines[1]), self.find(lines[2])
            return min(first, last), max(first, last)
        first = self.find(where)
        offset = self.board.places[first].start
        for chapter in self.recovery().work.chapters:
            for note in notes_of(chapter):
                if note.span.start == offset:
                    return first, index_at(self.board, note.span.end - 1)
        return first, first

    def _kind(self, first: int, last: int) -> NoteKind:
        """The kind of a note, by where it stands."""
        start, end = self.board.places[first].start, self.board.places[last].start
        for chapter in self.recovery().work.chapters:
            if not chapter.span.start <= start < chapter.span.end:
                continue
            for note in notes_of(chapter):
                if note.span.start <= start < note.span.end:
                    return note.kind
            story = [block for block in chapter.body if isinstance(block, Paragraph)]
            if story and end >= story[-1].span.start:
                return NoteKind.AFTER
            return NoteKind.BEFORE if story and start <= story[0].span.start else NoteKind.WITHIN
        return NoteKind.BEFORE

    def _heads(self) -> list[range]:
        """For each chapter the paragraphs from its beginning to the first of its story."""
        heads = []
        for chapter in self.recovery().work.chapters:
            story = chapter.body[0].span if chapter.body else Span(chapter.span.end - 1, chapter.span.end)
            heads.append(
                range(index_at(self.board, chapter.span.start), index_at(self.board, story.start) + 1)
            )
        return heads

    def _head_of(self, index: int) -> range:
        heads = self._heads()
        head = next((head for head in heads[1:] if index in head), None)
        if head is None:
            begin = ", ".join(str(self.board.places[head.start].line + 1) for head in heads[1:9])
            where = f"chapters begin at lines {begin}" if begin else "there is only one chapter"
            raise UsageError(f"{self._shown(index)}: no chapter begins there that could be removed; {where}.")
        return head

    # The file

    def _put(
        self, section: str, index: int, values: Mapping[str, object], board: Board | None = None
    ) -> None:
        """Set the correction of a paragraph, or add one."""
        for n, _, place in self._entries(section):
            if place == index:
                self.text = set_entry(self.text, section, n, values)
                return
        pin = (board or self.board).pin(index)
        self.text = add_entry(self.text, section, {"at": pin, **values})

    def _entries(self, section: str) -> list[tuple[int, dict[str, Any], int | None]]:
        """The entries of a table, with their place in the file and in the dump."""
        entries = tomllib.loads(self.text).get(section, [])
        if section == "repair" and entries and self._lines is None:
            self._lines = line_board(self.draft)
        board = self._lines if section == "repair" and self._lines is not None else self.board
        return [
            (n, entry, board.find(_pin_of(entry.get("at") or entry["to"])).index)
            for n, entry in enumerate(entries)
        ]

    def _complete(self) -> None:
        """Give pins that were written by hand their fingerprints, where they name one paragraph."""
        for section in ("chapter", "note", "break", "repair"):
            for n, entry, _ in self._entries(section):
                board = self._lines if section == "repair" and self._lines is not None else self.board
                for key in ("at", "until", "from", "to"):
                    if key not in entry or _pin_of(entry[key]).print is not None:
                        continue
                    index = board.find(_pin_of(entry[key])).index
                    if index is not None:
                        self.text = set_entry(self.text, section, n, {key: board.pin(index)})


def _pin_of(value: str | dict[str, Any]) -> Pin:
    return Pin(words=value) if isinstance(value, str) else Pin(**value)


def _said(section: str, entry: Mapping[str, Any]) -> str:
    """A correction in words."""
    match section:
        case "chapter":
            title = f" “{entry['title']}”" if entry.get("title") else ""
            names = {"add": "chapter", "remove": "no chapter", "move": "chapter moved here"}
            return names[entry.get("action", "add")] + title
        case "note":
            return "no note" if entry["kind"] == "prose" else f"note {entry['kind']}"
        case "break":
            return "scene break" if entry["kind"] == "break" else "no scene break"
        case _:
            return "repair undone"
