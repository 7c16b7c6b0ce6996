"""The author's notes of a book, found in its pages: our own books mark them (``builder/notes.py``)."""

from collections.abc import Iterator

from lxml import etree

from fic2epub.errors import PackageError
from fic2epub.values import dataclass
from fic2epub.web.opened import OpenBook, Place
from fic2epub.web.safe import ID_PREFIX

__all__ = ["FoundNote", "find_notes"]

MOST = 60
LONGEST = 240
"""Characters that are shown of one."""


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note's beginning, and where it stands."""

    title: str
    words: str
    place: Place


def find_notes(book: OpenBook) -> tuple[FoundNote, ...]:
    """The notes of a book, in order; of a book by another program usually none."""
    found: list[FoundNote] = []
    for document in range(1, len(book.documents) + 1):
        try:
            found += _of_document(book.body(document), document)
        except PackageError:
            continue  # that page cannot be read, and says so when it is opened
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _of_document(body: etree._Element, document: int) -> Iterator[FoundNote]:
    for note in body.iter("div", "aside", "section"):
        if "note" not in (note.get("class") or "").split():
            continue
        title = next((one for one in note.iter() if "note-title" in (one.get("class") or "").split()), None)
        said = next((one for one in note.iter("blockquote")), note)
        own = (note.get("id") or "").removeprefix(ID_PREFIX)
        words = " ".join("".join(said.itertext()).split())
        if words:
            name = "" if title is None else " ".join("".join(title.itertext()).split())
            yield FoundNote(name.rstrip(":") or "Note", _cut(words), Place(document, own or None))


def _cut(words: str) -> str:
    if len(words) <= LONGEST:
        return words
    return f"{words[:LONGEST].rpartition(' ')[0]} …"
