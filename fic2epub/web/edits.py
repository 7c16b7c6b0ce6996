"""What a reader says on the page, and how it gets into the correction file.

A paragraph is named by the id of its row, which is its offset in the dump's text.
"""

from collections.abc import Mapping
from typing import Literal

from fic2epub.errors import UsageError
from fic2epub.library.correction_text import add_entry, remove_entry, set_entry
from fic2epub.library.corrections import Editor, index_at
from fic2epub.model import NoteKind, Recovery
from fic2epub.parser.pins import Board
from fic2epub.values import dataclass

__all__ = ["Edit", "OffsetEditor", "read_edits"]

MOST_EDITS = 100
"""In one request: a reader's fingers are slower."""
LONGEST_TITLE = 300
NOT_UNDERSTOOD = "An edit of the page was not understood. Load the page again."

Act = Literal["chapter", "heading", "no-chapter", "title", "note", "prose", "break", "no-break", "undo"]
ACTS: tuple[Act, ...] = (
    "chapter",
    "heading",
    "no-chapter",
    "title",
    "note",
    "prose",
    "break",
    "no-break",
    "undo",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One thing that the reader said."""

    act: Act
    at: int = -1
    """The id of a row."""
    until: int = -1
    """The id of the last row of a note."""
    kind: NoteKind | None = None
    title: str = ""


def read_edits(values: object) -> tuple[Edit, ...]:
    """Edits as the page sends them. Raises UsageError for anything else."""
    if not isinstance(values, list) or not 0 < len(values) <= MOST_EDITS:
        raise UsageError(NOT_UNDERSTOOD)
    return tuple(map(_edit, values))


def _edit(value: object) -> Edit:
    if not isinstance(value, Mapping):
        raise UsageError(NOT_UNDERSTOOD)
    act = next((act for act in ACTS if act == value.get("do")), None)
    if act == "undo":
        return Edit(act=act)
    at, until, title = value.get("at"), value.get("until", value.get("at")), value.get("title", "")
    kind = next((kind for kind in NoteKind if kind.value == value.get("kind")), None)
    if act is None or (act == "note" and kind is None) or not isinstance(title, str):
        raise UsageError(NOT_UNDERSTOOD)
    if type(at) is not int or type(until) is not int or not 0 <= at <= until:
        raise UsageError(NOT_UNDERSTOOD)
    return Edit(act=act, at=at, until=until, kind=kind, title=" ".join(title.split())[:LONGEST_TITLE])


class OffsetEditor(Editor):
    """An editor whose every *where* is an offset, or a run of two; it parses only what has changed."""

    known: tuple[str, Recovery] | None = None

    def find(self, where: str) -> int:
        """The paragraph at an offset."""
        return index_at(self.board, int(where))

    def recovery(self) -> Recovery:
        """As above, but the last one is kept."""
        if self.known is None or self.known[0] != self.text:
            self.known = self.text, super().recovery()
        return self.known[1]

    def make(self, edit: Edit) -> None:
        """Make one edit. Raises UsageError if it says nothing."""
        at = str(edit.at)
        run = f"{edit.at}-{edit.until}"
        match edit.act:
            case "chapter":
                self.chapter_at(at)
            case "heading":
                self.chapter_at(at)
                self._set_heading(self.find(at))
            case "no-chapter":
                self.not_chapter(at)
            case "title":
                self.chapter_title(at, edit.title)
            case "note":
                self.note(run, edit.kind)
            case "prose":
                self.note(run, None)
            case "break":
                self.scene_break(at, is_break=True)
            case "no-break":
                self.scene_break(at, is_break=False)
            case "undo":
                raise AssertionError("the desk's own affair")

    def _set_heading(self, index: int) -> None:
        for n, _, place in self._entries("chapter"):
            if place == index:
                self.text = set_entry(self.text, "chapter", n, {"heading": True})

    def _put(
        self, section: str, index: int, values: Mapping[str, object], board: Board | None = None
    ) -> None:
        """As above, but at the end: what was said last must outrank what was said of a run around it."""
        entries = self._entries(section)
        same = [n for n, _, place in entries if place == index]
        if not same or same == [len(entries) - 1]:
            Editor._put(self, section, index, values, board)
            return
        for n in reversed(same):
            self.text = remove_entry(self.text, section, n)
        self.text = add_entry(self.text, section, {"at": (board or self.board).pin(index), **values})
