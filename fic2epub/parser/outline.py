"""What ``inspect`` shows of a recovery: an outline for people, an object for programs.

People count lines from 1, programs from 0. The object has the shape of a truth file: every line number is
the dump file's own, ranges are half-open.
"""

from collections.abc import Iterator
from typing import Any

from fic2epub.model import (
    Chapter,
    Evidence,
    Fate,
    Finding,
    Heading,
    Note,
    NoteKind,
    Recovery,
    SceneBreak,
    Span,
)

__all__ = ["inspection", "outline"]

KINDS = {
    NoteKind.SUMMARY: "summary",
    NoteKind.BEFORE: "note before",
    NoteKind.WITHIN: "note within",
    NoteKind.AFTER: "note after",
}


def inspection(recovery: Recovery) -> dict[str, Any]:
    """The recovery as plain data: ``schema`` 1, ``line_base`` 0."""
    source, work = recovery.source, recovery.work
    metadata = work.metadata

    def lines(span: Span) -> list[int]:
        return list(source.lines_of(span))

    return {
        "schema": 1,
        "line_base": 0,
        "file": recovery.origin.name,
        "path": str(recovery.origin.path) if recovery.origin.path is not None else None,
        "header": dict(metadata.header),
        "title": metadata.title,
        "work_id": metadata.work_id,
        "author": ", ".join(metadata.creators) or None,
        "language": metadata.language,
        "declared": metadata.chapters_posted,
        "total": "?" if metadata.chapters_planned is None else str(metadata.chapters_planned),
        "work_summary": lines(Span(work.summary[0].span.start, work.summary[-1].span.end))
        if work.summary
        else None,
        "chapters": [_chapter(recovery, chapter) for chapter in work.chapters],
        "scene_breaks": [_break(recovery, block) for block in _breaks(recovery)],
        "repairs": [
            {
                "line": source.line_of(repair.span.start),
                "column": repair.span.start - source.line_starts[source.line_of(repair.span.start)],
                "before": _visible(repair.before),
                "after": repair.after,
                "rule": repair.rule,
            }
            for repair in source.repairs
        ],
        "dropped": [
            {"line": source.line_of(entry.span.start), "reason": entry.detail}
            for entry in recovery.ledger
            if entry.fate is Fate.DROPPED
        ],
        "findings": [_finding(recovery, finding) for finding in recovery.findings],
    }


def _visible(text: str) -> str:
    """Bytes that are no text, as escapes: a lone surrogate cannot be written as JSON in UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _chapter(recovery: Recovery, chapter: Chapter) -> dict[str, Any]:
    source = recovery.source

    def ranges(kind: NoteKind) -> list[list[int]]:
        return [list(source.lines_of(note.span)) for note in chapter.notes(kind)]

    if chapter.body:
        prose = [source.line_of(chapter.body[0].span.start), source.lines_of(chapter.body[-1].span)[1]]
    else:
        prose = [source.lines_of(chapter.span)[1]] * 2
    return {
        "start_line": source.line_of(chapter.span.start),
        "number": chapter.number,
        "title": chapter.title or (chapter.heading.title if chapter.heading else None),
        "heading": list(source.lines_of(chapter.heading.span)) if chapter.heading else None,
        "summary": ranges(NoteKind.SUMMARY),
        "notes_before": ranges(NoteKind.BEFORE),
        "notes_within": ranges(NoteKind.WITHIN),
        "notes_after": ranges(NoteKind.AFTER),
        "prose": prose,
        "confidence": chapter.boundary.score,
        "inferred": chapter.boundary.inferred,
        "evidence": _evidence(chapter.boundary),
        "notes_confidence": [
            {
                "lines": list(source.lines_of(note.span)),
                "score": note.evidence.score,
                "evidence": _evidence(note.evidence),
            }
            for note in _notes(chapter)
        ],
    }


def _evidence(evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {"rule": firing.rule, "words": firing.words, "weight": firing.weight} for firing in evidence.firings
    ]


def _notes(chapter: Chapter) -> list[Note]:
    return [block for block in (*chapter.front, *chapter.body, *chapter.back) if isinstance(block, Note)]


def _breaks(recovery: Recovery) -> Iterator[SceneBreak]:
    """The scene breaks of the story, in order; separators beside notes are none."""
    for chapter in recovery.work.chapters:
        for block in chapter.body:
            if isinstance(block, SceneBreak):
                yield block


def _break(recovery: Recovery, block: SceneBreak) -> dict[str, Any]:
    line = recovery.source.line_of(block.span.start)
    return {
        "line": line,
        "column": block.span.start - recovery.source.line_starts[line],
        "marker": block.marker,
    }


def _finding(recovery: Recovery, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        "line": recovery.source.line_of(finding.span.start) if finding.span else None,
    }


def outline(recovery: Recovery, *, ledger: bool = False) -> Iterator[str]:
    """The recovery as lines for people: each thing found with its line, rule and score.

    With ``ledger`` the fate of every character that is not plain text follows.
    """
    metadata, source = recovery.work.metadata, recovery.source
    by = ", ".join(metadata.creators) or "Unknown"
    yield f"{recovery.origin.name}: {metadata.title} by {by}"
    count = len(recovery.work.chapters)
    declared = f" of {metadata.chapters_written} declared" if metadata.chapters_written else ""
    yield f"  {count} chapter{'s' * (count != 1)}{declared}, {metadata.language}, {source.encoding}"
    for position, chapter in enumerate(recovery.work.chapters, 1):
        yield from _chapter_lines(recovery, chapter, position)
    for repair in source.repairs:
        at = source.line_of(repair.span.start) + 1
        after = f"“{repair.after}”" if repair.after else "removed"
        yield f"{at:6}  REPAIR   “{_visible(repair.before)}” → {after}  {repair.rule}"
    for finding in recovery.findings:
        line = f"{source.line_of(finding.span.start) + 1:6}" if finding.span else "      "
        yield f"{line}  {finding.level.value.upper()}  {finding.message}  {finding.rule}"
    if ledger:
        yield from _ledger_lines(recovery)


def _chapter_lines(recovery: Recovery, chapter: Chapter, position: int) -> Iterator[str]:
    source = recovery.source
    start = source.line_of(chapter.span.start) + 1
    number = str(chapter.number) if chapter.number is not None else "" if chapter.heading else f"≈{position}"
    if chapter.part is not None:
        yield f"{source.line_of(chapter.part.span.start) + 1:6}  PART     {_heading(chapter.part)}"
    title = f"  {_heading(chapter.heading)}" if chapter.heading else ""
    title += f"  “{chapter.title}”" if chapter.title else ""
    mark = "  inferred" if chapter.boundary.inferred else ""
    why = "" if position == 1 else f"  {chapter.boundary.score:.2f}{mark}  {_why(chapter.boundary)}"
    yield f"{start:6}  CHAPTER{' ' * bool(number)}{number}{title}{why}"
    for block in (*chapter.front, *chapter.body, *chapter.back):
        match block:
            case Note(kind, _, span, evidence):
                first, last = source.lines_of(span)
                lines = f"line {last}" if last == first + 1 else f"lines {first + 1}–{last}"
                yield f"{first + 1:6}    {KINDS[kind]}, {lines}  {evidence.score:.2f}  {_why(evidence)}"
            case SceneBreak(marker, span, separator):
                name = "separator" if separator else "scene break"
                yield f"{source.line_of(span.start) + 1:6}    {name}  {marker}"
            case Heading():
                yield f"{source.line_of(block.span.start) + 1:6}    section  {_heading(block)}"
            case _:
                pass


def _heading(heading: Heading) -> str:
    return " · ".join(part for part in (heading.label, heading.title) if part)


def _why(evidence: Evidence) -> str:
    """The two strongest rules, with the words that made them fire."""
    parts = []
    for firing in evidence.firings[:2]:
        words = f" “{firing.words.strip()}”" if firing.words else ""
        parts.append(f"{firing.rule}{words}")
    return "; ".join(parts)


def _ledger_lines(recovery: Recovery) -> Iterator[str]:
    for entry in recovery.ledger:
        if entry.fate is Fate.TEXT:
            continue
        source = recovery.source
        line = source.line_of(entry.span.start)
        column = entry.span.start - source.line_starts[line] + 1
        text = _visible(source.text[entry.span.start : entry.span.end]).replace("\n", "⏎")
        shown = text if len(text) <= 60 else text[:57] + "…"
        detail = f"  ({entry.detail})" if entry.detail and entry.fate is not Fate.MARKER else ""
        yield f"{line + 1:6}:{column:<5} {entry.fate.value:9} {shown}{detail}"
