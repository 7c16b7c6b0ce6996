"""A new correction file that holds every doubt of the program, ready to be edited by hand."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fic2epub.errors import OutputExistsError
from fic2epub.library.book import SURE, MakeOptions, memory_of
from fic2epub.library.correction_text import entry_text, new_text
from fic2epub.library.corrections import default_path, index_at, notes_of, save
from fic2epub.library.nearby import Standing
from fic2epub.model import Draft, Evidence, Recovery
from fic2epub.parser.correction_file import seek
from fic2epub.parser.corrections import unit_board
from fic2epub.parser.pins import Board
from fic2epub.parser.work import read_pinned

__all__ = ["write_corrections"]


def write_corrections(
    draft: Draft, recovery: Recovery, options: MakeOptions, standing: Standing | None = None
) -> Path:
    """Write a commented correction file with every doubtful chapter and note in it, as comments.

    ``standing`` is the book that the recovery keeps to.

    Raises OutputExistsError if there is one already, OutputError if it cannot be written, UsageError for
    standard input without a folder.
    """
    sought = seek(draft, options.corrections)
    if sought.path is not None:
        raise OutputExistsError(
            f"{sought.path}: is this dump's correction file already; it is left as it is. "
            "Edit it, or use fic2epub fix."
        )
    path = default_path(draft, sought)
    memory = memory_of(draft, standing.record) if standing else None
    board = unit_board(read_pinned(draft, options=options.parse, memory=memory).units)
    save(path, "".join([new_text(draft.metadata, draft.origin.name), *_doubts(recovery, board)]), None)
    return path


def _doubts(recovery: Recovery, board: Board) -> Iterator[str]:
    """Every doubtful chapter and note, as comments that become corrections without their #."""
    yield "\n# What the program is not sure of. Where it is wrong, take away the # of the lines below.\n"
    entries = []
    for position, chapter in enumerate(recovery.work.chapters, 1):
        if position > 1 and chapter.boundary.score < SURE:
            said = "a chapter begins here" + ", inferred" * chapter.boundary.inferred
            entries.append((chapter.span, said, chapter.boundary, "chapter", {"action": "remove"}))
        for note in notes_of(chapter):
            if note.evidence.score < SURE:
                said = f"a note ({note.kind.value})"
                entries.append((note.span, said, note.evidence, "note", {"kind": "prose"}))
    for span, said, evidence, section, values in entries:
        first = index_at(board, span.start)
        last = index_at(board, span.end - 1) if section == "note" else first
        until = board.pin(last) if last != first else None
        told = f"{said}, {evidence.score:.2f} sure{_why(evidence)}"
        yield _comment(board, first, told, section, {"until": until, **values})
    faint = [one.span for one in recovery.findings if one.rule == "chapters.faint" and one.span is not None]
    for span in faint:
        yield _comment(board, index_at(board, span.start), "perhaps a chapter begins here", "chapter", {})
    if not entries and not faint:
        yield "# Nothing.\n"


def _comment(board: Board, at: int, told: str, section: str, values: Mapping[str, Any]) -> str:
    """An entry as a comment, with what it is about above it."""
    text = entry_text(section, {"at": board.pin(at), **values})
    lines = [f"Line {board.places[at].line + 1}: {told}", *text.splitlines()]
    return "".join(["\n", *(f"# {one}\n" for one in lines)])


def _why(evidence: Evidence) -> str:
    parts = [
        f"{firing.rule} “{' '.join(firing.words.split())}”" if firing.words else firing.rule
        for firing in evidence.firings[:3]
    ]
    return f": {'; '.join(parts)}" if parts else ""
