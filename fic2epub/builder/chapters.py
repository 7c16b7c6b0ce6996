"""The chapters of a work: which file holds what, and the files.

1. A boundary that is sure enough begins a file; a weak one continues the file before it and leaves an
   anchor, so that the text reads on as it may well have been written.
2. What stands in it, and where it is cut in two, is decided in ``pieces``.
3. Each file is made on its own and its tree let go, so that a dump of 50 MB stays in bounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import Element, append, make
from fic2epub.builder.notes import NoteWriter, is_doubtful
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.builder.titles import chapter_label, heading_label, is_weak, label_language
from fic2epub.builder.xhtml import flow, heading, indents_next, is_blank, scene_break
from fic2epub.model import (
    Block,
    Chapter,
    Heading,
    NavPoint,
    Note,
    NoteKind,
    Paragraph,
    Resource,
    SceneBreak,
    Text,
    Work,
    plain_text,
)

__all__ = ["ChapterFiles", "chapter_files"]


@dataclass(frozen=True, slots=True)
class ChapterFiles:
    """The files of a work's chapters, in reading order, and what leads to them."""

    resources: tuple[Resource, ...]
    navigation: tuple[NavPoint, ...]
    places: dict[int, str]
    """Each chapter's href by position from 1, with a fragment where the boundary is weak."""
    appendix: tuple[AppendixNote, ...] = ()
    """The notes that are to stand behind the story."""


def chapter_files(work: Work, options: PublishOptions, layout: Layout) -> ChapterFiles:
    """Make the files of all chapters, with their entries in the table of contents."""
    resources: list[Resource] = []
    places: dict[int, str] = {}
    moved: list[AppendixNote] = []
    for run in _runs(work, options):
        opening = run[0]
        pieces = tuple(
            piece
            for position in run
            for piece in chapter_pieces(work.chapters[position - 1], position, opening, options)
        )
        places[opening] = layout.chapter(opening)
        chunks = tuple(cut(pieces))
        jump = _jump(work, opening, chunks, layout, options)
        for part, chunk in enumerate(chunks, 1):
            href = layout.chapter(opening, part)
            places.update(_anchors(chunk, run, href))
            moved += _moved(chunk, href)
            page = _page(work, opening, chunk, part=part, layout=layout, options=options, jump=jump)
            resources.append(
                Resource(
                    id=layout.id(layout.stem(opening, part)),
                    href=href,
                    media_type="application/xhtml+xml",
                    content=page.bytes(),
                )
            )
        for position in run:  # a chapter without a visible word has no block to point at
            places.setdefault(position, places[opening])
    return ChapterFiles(tuple(resources), _navigation(work, options, places), places, tuple(moved))


def _moved(chunk: Sequence[Piece], href: str) -> Iterator[AppendixNote]:
    """The notes of a file that go to the appendix."""
    for piece in chunk:
        if piece.moved_to is NotePlace.APPENDIX and isinstance(piece.block, Note):
            position = int(piece.note_id.removeprefix("note").partition("-")[0])
            came_from = f"{href}#{piece.anchor or f'ref-{piece.note_id}'}"
            yield AppendixNote(position, piece.block, piece.note_id, came_from)


def _runs(work: Work, options: PublishOptions) -> list[list[int]]:
    """Positions of the chapters that share a file: a strong one and the weak ones behind it."""
    runs: list[list[int]] = []
    for position in range(1, len(work.chapters) + 1):
        if is_weak(work, position, options):
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs


def _jump(
    work: Work,
    opening: int,
    chunks: Sequence[Sequence[Piece]],
    layout: Layout,
    options: PublishOptions,
) -> Element | None:
    """AO3's line that leads to the notes at the end, or None if this chapter has none there.

    It takes the place of the dump's jump line, which leads nowhere. Wording: otwarchive
    ``_download_chapter.html.erb``, at f4508f15, autumn 2026.
    """
    chapter = work.chapters[opening - 1]
    last = next((note for note in _sure_notes(chapter, NoteKind.AFTER) if note in chapter.back), None)
    if last is None:
        return None
    whole = "work" if work.single else "chapter"
    say = labels(work.metadata.language)
    for part, chunk in enumerate(chunks, 1):
        for piece in chunk:
            if piece.block is last and piece.moved_to is None:
                file = "" if part == 1 else f"{layout.stem(opening, part)}.xhtml"
                before = _sure_notes(chapter, NoteKind.BEFORE)
                inline = options.notes.before is NotePlace.INLINE
                more = "more notes" if before and inline else "notes"
                line = make("p", cls="endnote-link added")
                return say.sentence(
                    line, f"See the end of the {whole} for [{more}].", f"{file}#{piece.note_id}"
                )
    return None


def _sure_notes(chapter: Chapter, kind: NoteKind) -> tuple[Note, ...]:
    """The notes of a kind that are shown as notes."""
    return tuple(note for note in chapter.notes(kind) if not is_doubtful(note) and not is_blank(note))


def _anchors(chunk: Sequence[Piece], run: list[int], href: str) -> dict[int, str]:
    found = {piece.anchor for piece in chunk if piece.anchor}
    return {position: f"{href}#chapter{position}" for position in run if f"chapter{position}" in found}


def _page(
    work: Work,
    opening: int,
    chunk: Sequence[Piece],
    *,
    part: int,
    layout: Layout,
    options: PublishOptions,
    jump: Element | None,
) -> Page:
    chapter = work.chapters[opening - 1]
    say = labels(work.metadata.language)
    label = chapter_label(work, opening, options)
    if part > 1:
        label = say("{label} (part {number})", label=label, number=part)
    title = label if work.single else f"{label} - {work.metadata.title}"
    page = Page("chapter.xhtml", title=title, language=work.metadata.language, depth=layout.chapter_depth)
    section = page.slot("section")
    stem = layout.stem(opening, part)
    section.set("id", stem)
    level = 3 if chapter.part is not None else 2
    if part == 1:
        section.set("aria-labelledby", f"{stem}-heading")
        _open(section, chapter, label, identifier=stem, level=level, say=None if work.single else say)
    else:
        section.set("aria-label", label)
    notes = NoteWriter(level=level + 1, single=work.single, say=say)
    links = _Links(layout, {piece.note_id: layout.stem(opening, at) for at, chunk in enumerate(chunks, 1) for piece in chunk if piece.moved}, {})
    _write(section, chunk, notes, level=level + 1, jump=jump if part == 1 else None, say=say)
    return page


def _open(
    section: Element, chapter: Chapter, label: str, *, identifier: str, level: int, say: Labels | None
) -> None:
    """The headings of a file: the part's if one begins here, and the chapter's, written or added.

    ``say`` is None if the label is no label but the work's own title.
    """
    if chapter.part is not None:
        append(section, heading(2, chapter.part.content, cls="part"))
    title = f"{identifier}-heading"
    if chapter.heading is not None:
        append(section, heading(level, chapter.heading.content, cls="heading", identifier=title))
    else:
        words = heading(level, (Text(label),), cls="heading added", identifier=title)
        append(section, words if say is None else say.mark(words))


def _write(
    section: Element,
    chunk: Sequence[Piece],
    notes: NoteWriter,
    *,
    level: int,
    jump: Element | None,
    say: Labels,
) -> None:
    """The blocks: notes as sections, separators between them, the story in ``div.userstuff`` as on AO3.

    ``jump`` goes before the story's first block.
    """
    story: Element | None = None
    first = True
    for piece in chunk:
        block = piece.block
        if isinstance(block, Note):
            story, first = None, True
            append(section, _note(piece, block, notes))
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
            href = href if "#" in href else f"{href}#chapter{position}-heading"
        point = NavPoint(
            chapter_label(work, position, options), href, language=label_language(work, position)
        )
        if part is None:
            entries.append(point)
        else:
            part = NavPoint(part.label, part.href, (*part.children, point), language)
            entries[-1] = part
    return tuple(entries)
