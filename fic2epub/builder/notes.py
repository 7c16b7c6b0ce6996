"""The author's notes and summaries as XHTML: AO3's labels, and roles that EPUBCheck and Ace accept.

A note at the start or end of a chapter is a ``section`` with a heading; one within the text is an
``aside`` with ``role="note"`` (``doc-foreword`` is not allowed on ``aside``: EPUBCheck 5.3, RSC-005).
Labels are unique in a file, since Ace asks that of landmarks. Wording: otwarchive
``_download_chapter.html.erb``, at f4508f15, autumn 2026.
"""

from collections import Counter

from fic2epub.builder.xhtml import Element, append, flow, heading, make
from fic2epub.model import Note, NoteKind, Text

__all__ = ["NoteWriter"]

_LABELS = {
    NoteKind.SUMMARY: ("Chapter Summary", "Summary"),
    NoteKind.BEFORE: ("Chapter Notes", "Notes"),
    NoteKind.AFTER: ("Chapter End Notes", "End Notes"),
    NoteKind.WITHIN: ("Author’s note", "Author’s note"),
}
"""In a chapter, and in a one-shot, where AO3 has no chapter block."""

_SECTIONS = {NoteKind.SUMMARY: "abstract", NoteKind.BEFORE: "foreword", NoteKind.AFTER: "afterword"}


class NoteWriter:
    """Writes the notes of one file and keeps their labels apart: ``Chapter Notes``, ``Chapter Notes (2)``."""

    def __init__(self, *, level: int, single: bool) -> None:
        self._level = level
        self._single = single
        self._used: Counter[str] = Counter()

    def element(self, note: Note, *, identifier: str, anchor: str | None = None) -> Element:
        """The note as a block. ``anchor`` takes the place of its id where a weak boundary begins with it."""
        label = self._label(_LABELS[note.kind][self._single])
        if note.kind is NoteKind.WITHIN:
            box = make("aside", cls="note within", role="note", aria_label=label, id=anchor or identifier)
            append(box, make("p", label, cls="note-title added"))
        else:
            box = self._section(note.kind, label, identifier, anchor)
        inner = append(box, make("blockquote", cls="userstuff recovered"))
        for element in flow(note.blocks, level=self._level + 1):
            append(inner, element)
        return box

    def _section(self, kind: NoteKind, label: str, identifier: str, anchor: str | None) -> Element:
        name = _SECTIONS[kind]
        title = f"{identifier}-heading"
        cls = "summary" if kind is NoteKind.SUMMARY else "note"
        box = make(
            "section",
            cls=cls,
            type_=name,
            role=f"doc-{name}",
            aria_labelledby=title,
            id=anchor or identifier,
        )
        append(box, heading(self._level, (Text(label),), cls="note-title added", identifier=title))
        return box

    def _label(self, label: str) -> str:
        self._used[label] += 1
        count = self._used[label]
        return label if count == 1 else f"{label} ({count})"
