"""A recovery as the rows of a page: every paragraph, note, heading and break of the dump, in its order.

A row is known by the offset of its first character in the dump's text, which no correction changes. What
is in doubt is what a reader should look at first: a chapter's beginning under .9 or a note under .8 that
the reader has not spoken about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fic2epub.library.book import SURE
from fic2epub.model import (
    Block,
    Chapter,
    DropReason,
    Evidence,
    Fate,
    Heading,
    Inline,
    LineBreak,
    Note,
    Paragraph,
    ParagraphKind,
    Recovery,
    SceneBreak,
    written_text,
)
from fic2epub.parser.decode import repaired
from fic2epub.parser.kept_layout import KEPT
from fic2epub.values import dataclass

__all__ = ["Cut", "Row", "doubts", "read_rows"]

SURE_NOTE = 0.8
"""A note from here on is not asked about; their scores lie lower than those of chapters."""
SAID = "corrections."
"""What the ids of rules begin with that are the reader's own word."""
SHOWN_FIRINGS = 4
SHOWN_WORDS = 55

LABELS = {
    "work-summary": "Summary of the work",
    "summary": "Chapter summary",
    "before": "Note before",
    "within": "Note within",
    "after": "Note after",
    "part": "Part",
    "heading": "Heading",
    "section": "Section",
    "break": "Scene break",
    "separator": "Separator",
    "dateline": "Date or place",
    "closing": "Closing line",
    "dropped": "Left out",
}
DROPPED = frozenset({DropReason.JUMP_LINE.value, DropReason.TITLE_REPEATED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A chapter's beginning, shown above its first row."""

    name: str
    """``Chapter 3``, or ``≈ Chapter 3`` if its number is a guess."""
    title: str | None
    given: str | None
    """The title that the reader gave it."""
    score: float
    inferred: bool
    said: bool
    """Whether the reader said so."""
    kept: bool
    """Whether it is as in the work's book."""
    first: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One paragraph, or what the dump shows as one."""

    id: int
    """The offset of its first character."""
    line: int
    """Of the dump, from 1."""
    kind: str
    """``prose``, or a key of LABELS."""
    text: tuple[str, ...]
    """Its lines."""
    opens: bool = False
    """Whether it stands at its chapter's beginning: above or in the first paragraph of the story."""
    note: tuple[int, int] | None = None
    """The ids of the first and last row of its note."""
    score: float = 1.0
    said: bool = False
    why: tuple[str, ...] = ()
    cut: Cut | None = None

    @property
    def label(self) -> str | None:
        """What it is, for people; a note says it once, at its first row."""
        return LABELS.get(self.kind) if self.note is None or self.note[0] == self.id else None

    @property
    def doubt(self) -> str:
        """What a reader should look at: ``cut``, ``note``, ``cut note`` or nothing."""
        cut = self.cut
        doubtful = []
        if cut is not None and not cut.first and not cut.said and cut.score < SURE:
            doubtful.append("cut")
        if self.note is not None and self.note[0] == self.id and not self.said and self.score < SURE_NOTE:
            doubtful.append("note")
        return " ".join(doubtful)


def doubts(rows: Sequence[Row]) -> int:
    """How many rows a reader should look at."""
    return sum(bool(row.doubt) for row in rows)


def read_rows(recovery: Recovery) -> tuple[Row, ...]:
    """The rows of a work, in the dump's order; ids are unique and rise. The header has none."""
    reader = _Reader(recovery)
    rows = [*reader.dropped()]
    rows += [reader.row(block, "work-summary") for block in recovery.work.summary]
    for block in (*recovery.work.front, *recovery.work.back):
        rows += reader.block(block)
    rows.sort(key=lambda row: row.id)
    chapters = [list(reader.chapter(chapter)) for chapter in recovery.work.chapters]
    for position, (chapter, found) in enumerate(zip(recovery.work.chapters, chapters, strict=True), 1):
        rows += _with_cut(found, chapter, position)
    rows.sort(key=lambda row: row.id)
    return tuple(_with_openings(rows))


def _with_cut(rows: list[Row], chapter: Chapter, position: int) -> list[Row]:
    """The rows of a chapter, its beginning at the first of them."""
    rows.sort(key=lambda row: row.id)
    if rows:
        rows[0] = replace(rows[0], cut=_cut(chapter, position))
    return rows


def _cut(chapter: Chapter, position: int) -> Cut:
    evidence = chapter.boundary
    name = f"Chapter {chapter.number}" if chapter.number is not None else f"≈ Chapter {position}"
    return Cut(
        name=name,
        title=chapter.title or _written(chapter, name),
        given=chapter.title,
        score=evidence.score,
        inferred=evidence.inferred and position > 1,
        said=_said(evidence),
        kept=any(firing.rule == KEPT for firing in evidence.firings),
        first=position == 1,
        why=() if position == 1 else _why(evidence),
    )


def _written(chapter: Chapter, name: str) -> str | None:
    """A heading as the dump has it, without what the name says already."""
    heading = chapter.heading
    if heading is None:
        return None
    label = heading.label if heading.label and heading.label.casefold() != name.casefold() else None
    return " · ".join(part for part in (label, heading.title) if part) or None


def _with_openings(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows, each with whether it opens a chapter."""
    opening = False
    for row in rows:
        opening = opening or row.cut is not None
        yield replace(row, opens=True) if opening else row
        if row.kind == "prose":
            opening = False


def _said(evidence: Evidence) -> bool:
    return any(firing.rule.startswith(SAID) for firing in evidence.firings[:1])


def _why(evidence: Evidence) -> tuple[str, ...]:
    """The strongest rules, those that the same words made fire together: ``break.a, break.b “the words”``."""
    by_words: dict[str, list[str]] = {}
    for firing in evidence.firings[:SHOWN_FIRINGS]:
        by_words.setdefault(" ".join((firing.words or "").split()), []).append(firing.rule)
    return tuple(_firing(rules, words) for words, rules in by_words.items())


def _firing(rules: Sequence[str], words: str) -> str:
    shown = words if len(words) < SHOWN_WORDS else f"{words[:SHOWN_WORDS].rstrip()}…"
    return f"{', '.join(rules)} “{shown}”" if shown else ", ".join(rules)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes the rows of one recovery."""

    recovery: Recovery

    def dropped(self) -> Iterator[Row]:
        """Jump lines and repeated titles, which stand in no chapter."""
        source = self.recovery.source
        for entry in self.recovery.ledger:
            if entry.fate is Fate.DROPPED and entry.detail in DROPPED:
                yield Row(
                    id=entry.span.start,
                    line=source.line_of(entry.span.start) + 1,
                    kind="dropped",
                    text=(repaired(source, entry.span).strip(),),
                    why=(entry.detail,),
                )

    def chapter(self, chapter: Chapter) -> Iterator[Row]:
        """The rows of one chapter."""
        if chapter.part is not None:
            yield self.row(chapter.part, "part")
        if chapter.heading is not None:
            yield self.row(chapter.heading, "heading")
        for block in (*chapter.front, *chapter.body, *chapter.back):
            yield from self.block(block)

    def block(self, block: Block) -> Iterator[Row]:
        """The rows of a block: one, but for a note one a paragraph."""
        match block:
            case Note(kind, blocks, _, evidence):
                note = blocks[0].span.start, blocks[-1].span.start
                for part in blocks:
                    row = self.row(part, kind.value)
                    yield replace(
                        row, note=note, score=evidence.score, said=_said(evidence), why=_why(evidence)
                    )
            case SceneBreak(_, _, separator):
                yield self.row(block, "separator" if separator else "break")
            case Heading(level=level):
                yield self.row(block, {0: "part", 1: "heading"}.get(level, "section"))
            case Paragraph(kind=kind):
                yield self.row(block, kind.value if kind is not ParagraphKind.PROSE else "prose")

    def row(self, block: Paragraph | SceneBreak | Heading, kind: str) -> Row:
        """One row."""
        text = (block.marker,) if isinstance(block, SceneBreak) else tuple(_lines(block.content))
        line = self.recovery.source.line_of(block.span.start) + 1
        return Row(id=block.span.start, line=line, kind=kind, text=text)


def _lines(content: tuple[Inline, ...]) -> Iterator[str]:
    """The lines of a paragraph."""
    line: list[Inline] = []
    for inline in content:
        if isinstance(inline, LineBreak):
            yield written_text(tuple(line))
            line = []
        else:
            line.append(inline)
    yield written_text(tuple(line))
