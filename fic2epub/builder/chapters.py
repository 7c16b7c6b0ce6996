"""The chapters of a work: which file holds what, and the files.

1. A boundary that is sure enough begins a file; a weak one continues the file before it and leaves an
   anchor, so that the text reads on as it may well have been written.
2. A file over 250 kB is continued in another, cut at a scene break or between paragraphs, counted from
   the chapter's start, so that a chapter that grows keeps its first files.
3. Each file is made on its own and its tree let go, so that a dump of 50 MB stays in bounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fic2epub.builder.layout import Layout
from fic2epub.builder.notes import NoteWriter
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.xhtml import Element, Page, append, flow, heading, is_blank, make, scene_break
from fic2epub.model import (
    Block,
    Chapter,
    Heading,
    LineBreak,
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

__all__ = ["ChapterFiles", "chapter_files", "chapter_label", "is_weak"]

MAX_FILE_BYTES = 250_000
"""Adobe's engine was made for 300 kB a file; AO3's own downloads are cut at 260 kB."""

APPROXIMATELY = "≈"


@dataclass(frozen=True, slots=True)
class ChapterFiles:
    """The files of a work's chapters, in reading order, and what leads to them."""

    resources: tuple[Resource, ...]
    navigation: tuple[NavPoint, ...]
    places: dict[int, str]
    """Each chapter's href by position from 1, with a fragment where the boundary is weak."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block on its way into a file."""

    block: Block
    note_id: str
    """For a note; empty for other blocks."""
    anchor: str | None = None
    """The id that a weak boundary leaves on its first block."""


def is_weak(work: Work, position: int, options: PublishOptions) -> bool:
    """True if the chapter at this position (from 1) has no file of its own; the first always has one."""
    return position > 1 and work.chapters[position - 1].boundary.score < options.min_confidence


def chapter_label(work: Work, position: int, options: PublishOptions) -> str:
    """What the table of contents calls a chapter: its heading as written, else its number.

    ``≈ Chapter 4`` says that the place or the number is a guess; a one-shot has the work's title.
    """
    chapter = work.chapters[position - 1]
    if chapter.heading is not None:
        return _heading_label(chapter.heading) or f"{APPROXIMATELY} Chapter {position}"
    if work.single:
        return work.metadata.title
    if chapter.number is None or is_weak(work, position, options):
        return f"{APPROXIMATELY} Chapter {chapter.number or position}"
    return f"Chapter {chapter.number}"


def _heading_label(block: Heading) -> str:
    r"""One line from a heading; AO3 writes ``Chapter 3: The Long Way Home`` for a heading of two."""
    if LineBreak() in block.content and block.label and block.title:
        label = block.label.strip()
        return f"{label}{'' if label[-1] in '.:-–—' else ':'} {block.title.strip()}"
    return " ".join(plain_text(block.content).split())


def chapter_files(work: Work, options: PublishOptions, layout: Layout) -> ChapterFiles:
    """Make the files of all chapters, with their entries in the table of contents."""
    resources: list[Resource] = []
    places: dict[int, str] = {}
    for run in _runs(work, options):
        opening = run[0]
        pieces = tuple(
            piece for position in run for piece in _pieces(work.chapters[position - 1], position, opening)
        )
        places[opening] = layout.chapter(opening)
        chunks = tuple(_cut(pieces))
        jump = _jump(work, opening, chunks, layout)
        for part, chunk in enumerate(chunks, 1):
            href = layout.chapter(opening, part)
            places.update(_anchors(chunk, run, href))
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
    return ChapterFiles(tuple(resources), _navigation(work, options, places), places)


def _runs(work: Work, options: PublishOptions) -> list[list[int]]:
    """Positions of the chapters that share a file: a strong one and the weak ones behind it."""
    runs: list[list[int]] = []
    for position in range(1, len(work.chapters) + 1):
        if is_weak(work, position, options):
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs


def _pieces(chapter: Chapter, position: int, opening: int) -> Iterator[_Piece]:
    """A chapter's blocks in the dump's order; the headings too if it does not open its file."""
    headings = () if position == opening else (chapter.part, chapter.heading)
    blocks = (*(block for block in headings if block), *chapter.front, *chapter.body, *chapter.back)
    anchor = None if position == opening else f"chapter{position}"
    notes = 0
    for block in blocks:
        if is_blank(block):
            continue
        notes += isinstance(block, Note)
        yield _Piece(block, f"note{position}-{notes}" if isinstance(block, Note) else "", anchor)
        anchor = None


def _jump(work: Work, opening: int, chunks: Sequence[Sequence[_Piece]], layout: Layout) -> Element | None:
    """AO3's line that leads to the notes at the end, or None if this chapter has none there.

    It takes the place of the dump's jump line, which leads nowhere. Wording: otwarchive
    ``_download_chapter.html.erb``, at f4508f15, autumn 2026.
    """
    chapter = work.chapters[opening - 1]
    notes = (block for block in chapter.back if isinstance(block, Note) and not is_blank(block))
    last = next((note for note in notes if note.kind is NoteKind.AFTER), None)
    if last is None:
        return None
    whole = "work" if work.single else "chapter"
    for part, chunk in enumerate(chunks, 1):
        for piece in chunk:
            if piece.block is last:
                file = "" if part == 1 else f"{layout.stem(opening, part)}.xhtml"
                more = "more notes" if chapter.notes(NoteKind.BEFORE) else "notes"
                line = make("p", f"See the end of the {whole} for ", cls="endnote-link added")
                line.append(make("a", more, href=f"{file}#{piece.note_id}"))
                line[0].tail = "."
                return line
    return None


def _anchors(chunk: Sequence[_Piece], run: list[int], href: str) -> dict[int, str]:
    found = {piece.anchor for piece in chunk if piece.anchor}
    return {position: f"{href}#chapter{position}" for position in run if f"chapter{position}" in found}


def _cut(pieces: tuple[_Piece, ...]) -> Iterator[Sequence[_Piece]]:
    """The pieces of each file, one file at least.

    A file ends behind the last scene break of its second half, else before the block that would make it
    too long; a single block is never cut.
    """
    start = size = 0
    last_break, size_at_break = 0, 0
    for index, piece in enumerate(pieces):
        cost = _cost(piece.block)
        while size + cost > MAX_FILE_BYTES and index > start:
            at = last_break if size_at_break > MAX_FILE_BYTES // 2 else index
            yield pieces[start:at]
            size -= size_at_break if at == last_break else size
            start, last_break, size_at_break = at, 0, 0
        size += cost
        if isinstance(piece.block, SceneBreak):
            last_break, size_at_break = index + 1, size
    yield pieces[start:]


def _cost(block: Block) -> int:
    """About how many bytes a block takes in its file."""
    match block:
        case Paragraph(content) | Heading(content=content):
            text = plain_text(content)
            return len(text.encode("utf-8", "replace")) + 4 * (text.count("&") + text.count("<")) + 12
        case SceneBreak():
            return 60
        case Note():
            return 300 + sum(_cost(inner) for inner in block.blocks)


def _page(
    work: Work,
    opening: int,
    chunk: Sequence[_Piece],
    *,
    part: int,
    layout: Layout,
    options: PublishOptions,
    jump: Element | None,
) -> Page:
    chapter = work.chapters[opening - 1]
    label = chapter_label(work, opening, options)
    title = label if work.single else f"{label} - {work.metadata.title}"
    if part > 1:
        label, title = f"{label} (part {part})", f"{title} (part {part})"
    page = Page("chapter.xhtml", title=title, language=work.metadata.language, depth=layout.chapter_depth)
    section = page.slot("section")
    stem = layout.stem(opening, part)
    section.set("id", stem)
    level = 3 if chapter.part is not None else 2
    if part == 1:
        section.set("aria-labelledby", f"{stem}-heading")
        _open(section, work, chapter, label, identifier=stem, level=level)
    else:
        section.set("aria-label", label)
    notes = NoteWriter(level=level + 1, single=work.single)
    _write(section, chunk, notes, level=level + 1, jump=jump if part == 1 else None)
    return page


def _open(section: Element, work: Work, chapter: Chapter, label: str, *, identifier: str, level: int) -> None:
    """The headings of a file: the part's if one begins here, and the chapter's, written or added."""
    if chapter.part is not None:
        append(section, heading(2, chapter.part.content, cls="part"))
    title = f"{identifier}-heading"
    if chapter.heading is not None:
        append(section, heading(level, chapter.heading.content, cls="heading", identifier=title))
    else:
        append(section, heading(level, (Text(label),), cls="heading added", identifier=title))


def _write(
    section: Element, chunk: Sequence[_Piece], notes: NoteWriter, *, level: int, jump: Element | None
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
            append(section, notes.element(block, identifier=piece.note_id, anchor=piece.anchor))
        elif isinstance(block, SceneBreak) and block.separator:
            story, first = None, True
            append(section, scene_break(block, identifier=piece.anchor))
        else:
            for element in flow((block,), level=level, first=first):
                if jump is not None:
                    append(section, jump)
                    jump = None
                if story is None:
                    story = append(section, make("div", cls="userstuff"))
                if piece.anchor:
                    element.set("id", piece.anchor)
                append(story, element)
                first = not isinstance(block, Paragraph)


def _navigation(work: Work, options: PublishOptions, places: dict[int, str]) -> tuple[NavPoint, ...]:
    """One entry a chapter; those of a part under the part's.

    A part's entry leads to the file that it opens, and its first chapter's to the heading there: the
    entries must follow the reading order (EPUBCheck NAV-011).
    """
    entries: list[NavPoint] = []
    part: NavPoint | None = None
    for position, chapter in enumerate(work.chapters, 1):
        href = places[position]
        if is_weak(work, position, options) and "#" not in href:
            continue  # it has no word that an entry could lead to
        if chapter.part is not None:
            part = NavPoint(_heading_label(chapter.part) or "Part", href)
            entries.append(part)
            href = href if "#" in href else f"{href}#chapter{position}-heading"
        point = NavPoint(chapter_label(work, position, options), href)
        if part is None:
            entries.append(point)
        else:
            part = NavPoint(part.label, part.href, (*part.children, point))
            entries[-1] = part
    return tuple(entries)
