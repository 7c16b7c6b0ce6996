"""The appendix: the notes that the reader wants behind the story, chapter by chapter, with ways back."""

from collections.abc import Sequence

from fic2epub.builder.labels import labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import append, make
from fic2epub.builder.matter import document, page_title
from fic2epub.builder.notes import NoteWriter
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.builder.titles import chapter_label, label_language
from fic2epub.model import Note, Resource, Work
from fic2epub.values import dataclass

__all__ = ["AppendixNote", "appendix"]


@dataclass(frozen=True, slots=True)
class AppendixNote:
    """A note that left its place."""

    position: int
    """Its chapter, from 1."""
    note: Note
    identifier: str
    came_from: str
    """The href of the reference in its place, from the book's root."""


def appendix(
    work: Work, notes: Sequence[AppendixNote], places: dict[int, str], options: PublishOptions, layout: Layout
) -> Resource | None:
    """``notes.xhtml``, in the order of the story; None if there are no notes to hold."""
    if not notes:
        return None
    language = work.metadata.language
    say = labels(language)
    page = Page(
        "notes.xhtml",
        title=page_title(say("Notes"), work, layout),
        language=language,
        depth=layout.matter_depth,
        options=options,
    )
    parent = page.slot("section")
    for position in dict.fromkeys(one.position for one in notes):
        name = f"notes{position}"
        title = append(parent, make("h3", id=name))
        label = chapter_label(work, position, options)
        link = make("a", label, href=layout.from_matter(places[position]), cls="added")
        title.append(link if label_language(work, position, options) == language else say.mark(link))
        writer = NoteWriter(level=4, single=work.single, say=say, under=(name, label))
        for one in notes:
            if one.position == position:
                back = layout.from_matter(one.came_from)
                append(parent, writer.element(one.note, identifier=one.identifier, back=back))
    return document(layout.id("notes"), layout.matter("notes"), page)
