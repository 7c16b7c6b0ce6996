"""The blocks of a chapter on their way into files: in which order, where cut, and what of the notes.

1. Blocks stand in the dump's order. A doubtful note is the paragraphs that it is made of.
2. A note that the reader wants elsewhere leaves a reference in its place; one that is dropped, nothing.
   The rule that parted either from the story goes with it.
3. A file over 250 kB is continued in another, cut at a scene break or between paragraphs, counted from
   the chapter's start, so that a chapter that grows keeps its first files.
"""

from collections.abc import Iterator, Sequence

from fic2epub.builder.notes import is_doubtful
from fic2epub.builder.options import NotePlace, PublishOptions
from fic2epub.builder.xhtml import is_blank
from fic2epub.model import Block, Chapter, Heading, Note, Paragraph, SceneBreak, plain_text
from fic2epub.values import dataclass

__all__ = ["Piece", "chapter_pieces", "cut"]

MAX_FILE_BYTES = 250_000
"""Adobe's engine was made for 300 kB a file; AO3's own downloads are cut at 260 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block on its way into a file."""

    block: Block
    note_id: str = ""
    """For a note; empty for other blocks."""
    anchor: str | None = None
    """The id that a weak boundary leaves on its first block."""
    moved_to: NotePlace | None = None
    """For a note that stands elsewhere: only a reference to it is written here."""
    moved: bool = False
    """For a note that stands here, at the chapter's end, and left a reference."""


def chapter_pieces(
    chapter: Chapter, position: int, opening: int, options: PublishOptions
) -> tuple[Piece, ...]:
    """A chapter's blocks; the headings too if it does not open its file."""
    headings = () if position == opening else (chapter.part, chapter.heading)
    blocks = (*(block for block in headings if block), *chapter.front, *chapter.body, *chapter.back)
    shown = [block for block in blocks if not is_blank(block)]
    gone = [
        isinstance(block, Note) and _place(block, options) not in (None, NotePlace.INLINE) for block in shown
    ]
    some_gone = any(gone)
    pieces: list[Piece] = []
    at_end: list[Piece] = []
    notes = 0
    for index, block in enumerate(shown):
        if not isinstance(block, Note):
            if not (some_gone and _parts_from_gone(block, index, gone)):
                pieces.append(Piece(block=block))
            continue
        notes += 1
        place, name = _place(block, options), f"note{position}-{notes}"
        if place is None:
            pieces += [Piece(block=inner) for inner in block.blocks if not is_blank(inner)]
        elif place is NotePlace.INLINE:
            pieces.append(Piece(block=block, note_id=name))
        elif place is not NotePlace.DROP:
            pieces.append(Piece(block=block, note_id=name, moved_to=place))
            if place is NotePlace.CHAPTER_END:
                at_end.append(Piece(block=block, note_id=name, moved=True))
    pieces += at_end
    if pieces and position != opening:
        first = pieces[0]
        pieces[0] = Piece(
            block=first.block, note_id=first.note_id, anchor=f"chapter{position}", moved_to=first.moved_to
        )
    return tuple(pieces)


def _place(note: Note, options: PublishOptions) -> NotePlace | None:
    """Where a note is to stand; None for what is shown as prose."""
    return None if is_doubtful(note) else options.notes.of(note.kind)


def _parts_from_gone(block: Block, index: int, gone: Sequence[bool]) -> bool:
    """True for a separator beside a note that does not stand there any more."""
    beside = (*gone[max(0, index - 1) : index], *gone[index + 1 : index + 2])
    return isinstance(block, SceneBreak) and block.separator and any(beside)


def cut(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """The pieces of each file, one file at least.

    A file ends behind the last scene break of its second half, else before the block that would make it
    too long; a single block is never cut.
    """
    if 5 * sum(_characters(piece.block) for piece in pieces) + 300 * len(pieces) <= MAX_FILE_BYTES:
        yield pieces  # as nearly all are
        return
    start = size = 0
    last_break, size_at_break = 0, 0
    for index, piece in enumerate(pieces):
        cost = _REFERENCE_COST if piece.moved_to else _cost(piece.block)
        while size + cost > MAX_FILE_BYTES and index > start:
            at = last_break if size_at_break > MAX_FILE_BYTES // 2 else index
            yield pieces[start:at]
            size -= size_at_break if at == last_break else size
            start, last_break, size_at_break = at, 0, 0
        size += cost
        if isinstance(piece.block, SceneBreak):
            last_break, size_at_break = index + 1, size
    yield pieces[start:]


_REFERENCE_COST = 160


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


def _characters(block: Block) -> int:
    """How many characters a block has; none of them takes more than five bytes by `_cost`."""
    match block:
        case Paragraph(content) | Heading(content=content):
            return len(plain_text(content))
        case Note():
            return sum(60 + _characters(inner) for inner in block.blocks)
        case SceneBreak():
            return 0
