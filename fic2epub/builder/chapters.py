"""The chapters of a work: which file holds what, and the files.

1. A boundary that is sure enough begins a file; a weak one continues the file before it and leaves an
   anchor, so that the text reads on as it may well have been written.
2. What stands in a file, and where a long chapter is cut in two, is decided in ``pieces``.
3. Each file is made on its own and its tree let go, so that a dump of 50 MB stays in bounds.
"""

from collections.abc import Iterator, Sequence

from fic2epub.builder.appendix import AppendixNote
from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import Element, append, make
from fic2epub.builder.notes import NoteWriter, is_doubtful
from fic2epub.builder.options import NotePlace, PublishOptions
from fic2epub.builder.page import Page
from fic2epub.builder.pieces import Piece, chapter_pieces, cut
from fic2epub.builder.titles import (
    chapter_label,
    heading_label,
    is_weak,
    label_language,
    shown_heading,
)
from fic2epub.builder.xhtml import add_line, bare_words, flow, heading, indents_next, is_blank, scene_break
from fic2epub.model import Chapter, NavPoint, Note, NoteKind, Resource, SceneBreak, Work
from fic2epub.values import dataclass

__all__ = ["ChapterFiles", "chapter_files"]


@dataclass(frozen=True, slots=True)
class ChapterFiles:
    """The files of a work's chapters, in reading order, and what leads to them."""

    resources: tuple[Resource, ...]
    navigation: tuple[NavPoint, ...]
    places: dict[int, str]
    """Each chapter's href by position from 1, with a fragment where the boundary is weak."""
    appendix: tuple[AppendixNote, ...] = ()
    """The notes that are to stand behind the story, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A chapter that begins a file, with the weak ones behind it."""

    work: Work
    opening: int
    """The position of its first chapter, from 1."""
    chunks: tuple[Sequence[Piece], ...]
    """What each of its files holds."""
    layout: Layout
    options: PublishOptions

    @property
    def chapter(self) -> Chapter:
        return self.work.chapters[self.opening - 1]

    @property
    def say(self) -> Labels:
        return labels(self.work.metadata.language)

    def places(self) -> Iterator[tuple[str, Piece]]:
        """Every piece that something leads to, notes and anchors, with the name of its file."""
        for part, chunk in enumerate(self.chunks, 1):
            file = f"{self.layout.stem(self.opening, part)}.xhtml"
            for piece in chunk:
                if piece.note_id or piece.anchor:
                    yield file, piece


def chapter_files(work: Work, options: PublishOptions, layout: Layout) -> ChapterFiles:
    """Make the files of all chapters, with their entries in the table of contents."""
    resources: list[Resource] = []
    places: dict[int, str] = {}
    appendix: list[AppendixNote] = []
    for positions in _runs(work, options):
        opening = positions[0]
        pieces = [
            piece
            for position in positions
            for piece in chapter_pieces(work.chapters[position - 1], position, opening, options)
        ]
        run = _Run(work=work, opening=opening, chunks=tuple(cut(pieces)), layout=layout, options=options)
        places[opening] = layout.chapter(opening)
        places.update(_anchors(run))
        for position in positions:  # a chapter without a visible word has no block to point at
            places.setdefault(position, places[opening])
        resources += _files(run)
        appendix += _appendix_notes(run)
    return ChapterFiles(tuple(resources), _navigation(work, options, places), places, tuple(appendix))


def _runs(work: Work, options: PublishOptions) -> list[list[int]]:
    """Positions of the chapters that share a file: a strong one and the weak ones behind it."""
    runs: list[list[int]] = []
    for position in range(1, len(work.chapters) + 1):
        if is_weak(work, position, options):
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs


def _anchors(run: _Run) -> dict[int, str]:
    """Where each weak chapter begins."""
    folder = run.layout.chapter(run.opening).rpartition("/")[0]
    found = (
        (piece.anchor, f"{folder}/{file}#{piece.anchor}") for file, piece in run.places() if piece.anchor
    )
    return {int(anchor.removeprefix("chapter")): href for anchor, href in found}


def _appendix_notes(run: _Run) -> Iterator[AppendixNote]:
    folder = run.layout.chapter(run.opening).rpartition("/")[0]
    for file, piece in run.places():
        if piece.moved_to is NotePlace.APPENDIX and isinstance(piece.block, Note):
            position = int(piece.note_id.removeprefix("note").partition("-")[0])
            yield AppendixNote(
                position, piece.block, piece.note_id, f"{folder}/{file}#{_reference_id(piece)}"
            )


def _reference_id(piece: Piece) -> str:
    return piece.anchor or f"ref-{piece.note_id}"


def _files(run: _Run) -> Iterator[Resource]:
    jump, links = _jump(run), _links(run)
    for part, chunk in enumerate(run.chunks, 1):
        stem = run.layout.stem(run.opening, part)
        page, section, level = _page(run, part)
        notes = NoteWriter(level=level + 1, single=run.work.single, say=run.say)
        _write(
            section, chunk, notes, level=level + 1, jump=jump if part == 1 else None, links=links, say=run.say
        )
        yield Resource(
            id=run.layout.id(stem),
            href=run.layout.chapter(run.opening, part),
            media_type="application/xhtml+xml",
            content=page.bytes(),
        )


def _links(run: _Run) -> dict[str, tuple[str, str]]:
    """For each note that left its place: the way from its reference to it, and back."""
    notes, references = {}, {}
    for file, piece in run.places():
        if piece.moved:
            notes[piece.note_id] = f"{file}#{piece.note_id}"
        elif piece.moved_to is not None:
            references[piece.note_id] = f"{file}#{_reference_id(piece)}"
            notes.setdefault(piece.note_id, f"{run.layout.from_chapter('notes')}#{piece.note_id}")
    return {name: (notes[name], back) for name, back in references.items()}


def _jump(run: _Run) -> Element | None:
    """AO3's line that leads to the notes at the end, or None if this chapter has none there.

    It takes the place of the dump's jump line, which leads nowhere. Wording: otwarchive
    ``_download_chapter.html.erb``, at f4508f15, autumn 2026.
    """
    chapter = run.chapter
    last = next((note for note in _sure_notes(chapter, NoteKind.AFTER) if note in chapter.back), None)
    for file, piece in run.places():
        if last is not None and piece.block is last and piece.moved_to is None:
            href = f"{'' if file == f'{run.layout.stem(run.opening)}.xhtml' else file}#{piece.note_id}"
            before = run.options.notes.before is NotePlace.INLINE and _sure_notes(chapter, NoteKind.BEFORE)
            whole, more = "work" if run.work.single else "chapter", "more notes" if before else "notes"
            line = make("p", cls="endnote-link added")
            return run.say.sentence(line, f"See the end of the {whole} for [{more}].", href)
    return None


def _sure_notes(chapter: Chapter, kind: NoteKind) -> tuple[Note, ...]:
    """The notes of a kind that are shown as notes."""
    return tuple(note for note in chapter.notes(kind) if not is_doubtful(note) and not is_blank(note))


def _page(run: _Run, part: int) -> tuple[Page, Element, int]:
    """A file with its headings: the page, its section, and the level of the chapter's heading."""
    work, layout, language = run.work, run.layout, run.work.metadata.language
    label = chapter_label(work, run.opening, run.options)
    if part > 1:
        label = run.say("{label} (part {number})", label=label, number=part)
    title = label if work.single else f"{label} - {work.metadata.title}"
    page = Page(
        "chapter.xhtml", title=title, language=language, depth=layout.chapter_depth, options=run.options
    )
    section = page.slot("section")
    stem = layout.stem(run.opening, part)
    section.set("id", stem)
    level = 3 if run.chapter.part is not None else 2
    if part == 1 and run.chapter.part is not None:
        append(section, heading(2, run.chapter.part.content, cls="part"))
    shown = shown_heading(work, run.opening, run.options) if part == 1 else None
    if shown is None:
        section.set("aria-label", label)
        # Without a heading on this page those below it move up: no level is skipped.
        return page, section, level if part > 1 else level - 1
    section.set("aria-labelledby", f"{stem}-heading")
    cls = "heading" if shown.own else "heading added"
    words = append(section, heading(level, shown.content, cls=cls, identifier=f"{stem}-heading"))
    if label_language(work, run.opening, run.options) != language:
        run.say.mark(words)
    return page, section, level


def _write(
    section: Element,
    chunk: Sequence[Piece],
    notes: NoteWriter,
    *,
    level: int,
    jump: Element | None,
    links: dict[str, tuple[str, str]],
    say: Labels,
) -> None:
    """The blocks: notes as sections, separators between them, the story in ``div.userstuff`` as on AO3.

    ``jump`` goes before the story's first block; ``links`` are those of notes that left their place.
    """
    story: Element | None = None
    first = True
    for piece in chunk:
        block = piece.block
        words = None if first or story is None or piece.anchor else bare_words(block)
        if words is not None and story is not None:
            add_line(story, words)
        elif isinstance(block, Note):
            story, first = None, True
            append(section, _note(piece, block, notes, links.get(piece.note_id)))
        elif isinstance(block, SceneBreak) and block.separator:
            story, first = None, True
            append(section, scene_break(block, say=say, identifier=piece.anchor))
        else:
            for element in flow((block,), level=level, say=say, first=first):
                if jump is not None:
                    append(section, jump)
                    jump = None
                if story is None:
                    story = append(section, make("div", cls="userstuff"))
                if piece.anchor:
                    element.set("id", piece.anchor)
                append(story, element)
                first = not indents_next(block)


def _note(piece: Piece, note: Note, notes: NoteWriter, links: tuple[str, str] | None) -> Element:
    """A note, or the reference that it left."""
    if links is not None and not piece.moved:
        return notes.reference(note, identifier=_reference_id(piece), href=links[0])
    back = links[1] if links is not None else None
    return notes.element(note, identifier=piece.note_id, anchor=piece.anchor, back=back)


def _navigation(work: Work, options: PublishOptions, places: dict[int, str]) -> tuple[NavPoint, ...]:
    """One entry a chapter; those of a part under the part's.

    A part's entry leads to the file that it opens, and its first chapter's to the heading there: the
    entries must follow the reading order (EPUBCheck NAV-011).
    """
    language = work.metadata.language
    entries: list[NavPoint] = []
    part: NavPoint | None = None
    for position, chapter in enumerate(work.chapters, 1):
        href = places[position]
        if is_weak(work, position, options) and "#" not in href:
            continue  # it has no word that an entry could lead to
        if chapter.part is not None:
            part = NavPoint(heading_label(chapter.part) or labels(language)("Part"), href, (), language)
            entries.append(part)
            if "#" not in href and shown_heading(work, position, options) is not None:
                href = f"{href}#chapter{position}-heading"
        point = NavPoint(
            chapter_label(work, position, options), href, language=label_language(work, position, options)
        )
        if part is None:
            entries.append(point)
        else:
            part = NavPoint(part.label, part.href, (*part.children, point), language)
            entries[-1] = part
    return tuple(entries)
