"""The author's notes and summaries as XHTML: AO3's labels, and roles that EPUBCheck and Ace accept.

A note at the start or end of a chapter is a ``section`` with a heading; one within the text is an
``aside`` with ``role="note"`` (``doc-foreword`` is not allowed on ``aside``: EPUBCheck 5.3, RSC-005).
Labels are unique in a file, since Ace asks that of landmarks. Wording: otwarchive
``_download_chapter.html.erb``, at f4508f15, autumn 2026.
"""

from collections import Counter

from fic2epub.builder.labels import Labels
from fic2epub.builder.markup import Element, append, make
from fic2epub.builder.xhtml import flow, heading
from fic2epub.model import Note, NoteKind, Text

__all__ = ["NoteWriter", "is_doubtful"]

SURE_ENOUGH = 0.5
"""Below this a note stays prose: better the author’s words among the story than the story in a box."""

_LABELS = {
    NoteKind.SUMMARY: ("Chapter Summary", "Summary"),
    NoteKind.BEFORE: ("Chapter Notes", "Notes"),
    NoteKind.AFTER: ("Chapter End Notes", "End Notes"),
    NoteKind.WITHIN: ("Author’s note", "Author’s note"),
}
"""In a chapter, and in a one-shot, where AO3 has no chapter block."""

_SECTIONS = {NoteKind.SUMMARY: "abstract", NoteKind.BEFORE: "foreword", NoteKind.AFTER: "afterword"}


def is_doubtful(note: Note) -> bool:
    """True for a note that is more likely story than note: it is shown as plain paragraphs."""
    return note.evidence.score < SURE_ENOUGH


class NoteWriter:
    """Writes the notes of one file and keeps their labels apart: ``Chapter Notes``, ``Chapter Notes (2)``.

    ``under`` is the id and the words of a heading above them that their names begin with, as in an
    appendix, where every chapter has such notes.
    """

    def __init__(
        self, *, level: int, single: bool, say: Labels, under: tuple[str, str] | None = None
    ) -> None:
        self._say = say
        self._level = level
        self._single = single
        self._under = under
        self._used: Counter[str] = Counter()

    def reference(self, note: Note, *, identifier: str, href: str) -> Element:
        """What a note leaves where it stood: a line that leads to it and has an id to come back to."""
        line = make("p", cls="note-link added", id=identifier)
        line.append(make("a", self._say(_LABELS[note.kind][self._single]), href=href))
        return self._say.mark(line)

    def element(
        self, note: Note, *, identifier: str, anchor: str | None = None, back: str | None = None
    ) -> Element:
        """The note as a block. ``anchor`` takes the place of its id where a weak boundary begins with it.

        ``back`` is where its reference stands, if it left one.
        """
        label = self._label(_LABELS[note.kind][self._single])
        if note.kind is NoteKind.WITHIN:
            name = f"{self._under[1]}: {label}" if self._under else label
            box = make("aside", cls="note within", role="note", aria_label=name, id=anchor or identifier)
            append(box, self._say.mark(make("p", label, cls="note-title added")))
        else:
            box = self._section(note.kind, label, identifier, anchor)
        inner = append(box, make("blockquote", cls="userstuff recovered"))
        for element in flow(note.blocks, level=self._level + 1, say=self._say):
            append(inner, element)
        if back is not None:
            line = append(box, make("p", cls="note-back added"))
            line.append(make("a", self._say("Back to the text"), href=back))
            self._say.mark(line)
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
            aria_labelledby=f"{self._under[0]} {title}" if self._under else title,
            id=anchor or identifier,
        )
        words = heading(self._level, (Text(label),), cls="note-title added", identifier=title)
        append(box, self._say.mark(words))
        return box

    def _label(self, english: str) -> str:
        label = self._say(english)
        self._used[label] += 1
        count = self._used[label]
        return label if count == 1 else f"{label} ({count})"
