"""The record: what a book remembers of how it was made, in ``META-INF/fic2epub.json``.

A second run reads it to keep what was recovered, the library to know its own books, ``batch`` to see
what is unchanged. It holds no path, no user's name and no clock, so the same dump gives the same bytes.
EPUBCheck 5.3 accepts such a file without a message (OCF leaves META-INF open to further files).
"""

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from itertools import islice
from typing import Any

from fic2epub.memory import as_json, memory_json, read_memory
from fic2epub.model import (
    Chapter,
    ChapterRecord,
    Evidence,
    Metadata,
    Note,
    NoteRecord,
    Paragraph,
    Record,
    Series,
    Work,
    WorkRecord,
    summary_text,
    written_text,
)

__all__ = [
    "RECORD_NAME",
    "SCHEMA",
    "ChapterRecord",
    "NoteRecord",
    "Record",
    "WorkRecord",
    "encode_record",
    "fingerprint",
    "is_unedited",
    "make_record",
    "options_hash",
    "read_metadata",
    "read_record",
    "record_of",
    "work_record",
]

RECORD_NAME = "META-INF/fic2epub.json"
SCHEMA = 1

_WORD_RE = re.compile(r"\w+")
_FINGERPRINT_WORDS = 24
_FINGERPRINT_REACH = 4_096
"""Characters looked at: 24 words end long before, and a paragraph may be a whole dump."""


def fingerprint(text: str) -> str:
    """Sixteen hex digits that tell a paragraph again, whatever its quotes, dashes and spacing.

    Made of its first 24 words, in NFC and folded case. A paragraph without words (``…``) is told by its
    characters.

    >>> fingerprint("“Wait,” she said.") == fingerprint('"Wait", she  said')
    True
    """
    folded = unicodedata.normalize("NFC", text[:_FINGERPRINT_REACH]).casefold()
    words = [match.group() for match in islice(_WORD_RE.finditer(folded), _FINGERPRINT_WORDS)]
    return hashlib.sha256(" ".join(words or folded.split()).encode("utf-8", "replace")).hexdigest()[:16]


def options_hash(*options: object) -> str:
    """The sha256 of some options objects (dataclasses), as canonical JSON: field names, sorted.

    The builder gives its own; the library may give the parser's too, since both change the book.
    """
    named = {
        type(one).__name__: asdict(one) for one in options if is_dataclass(one) and not isinstance(one, type)
    }
    said = json.dumps(named, sort_keys=True, ensure_ascii=False, indent=1, default=str)
    return hashlib.sha256(f"{said}\n".encode()).hexdigest()


def work_record(work: Work, *, identifier: str, places: Mapping[int, str], words: int) -> WorkRecord:
    """Record a work's metadata, boundaries and notes.

    ``places`` gives each chapter's href by position from 1; ``words`` is the count that the book shows.
    """
    chapters = tuple(
        _chapter_record(chapter, places[position]) for position, chapter in enumerate(work.chapters, 1)
    )
    notes = [_note_record(block, None) for block in work.front if isinstance(block, Note)]
    for position, chapter in enumerate(work.chapters, 1):
        blocks = (*chapter.front, *chapter.body, *chapter.back)
        notes += [_note_record(block, position) for block in blocks if isinstance(block, Note)]
    notes += [_note_record(block, None) for block in work.back if isinstance(block, Note)]
    return WorkRecord(
        identifier=identifier,
        work_id=work.metadata.work_id,
        source_sha256=work.provenance.source_sha256,
        words=words,
        metadata=replace(work.metadata, header=()),
        summary=summary_text(work),
        chapters=chapters,
        notes=tuple(notes),
        memory=work.provenance.memory,
    )


def _chapter_record(chapter: Chapter, file: str) -> ChapterRecord:
    first = next(_paragraphs((*chapter.front, *chapter.body, *chapter.back)), None)
    return ChapterRecord(
        file=file,
        number=chapter.number,
        score=_score(chapter.boundary),
        rules=_rules(chapter.boundary),
        inferred=chapter.boundary.inferred,
        fingerprint=first and fingerprint(first),
    )


def _note_record(note: Note, chapter: int | None) -> NoteRecord:
    first = next(_paragraphs(note.blocks), None)
    return NoteRecord(
        kind=note.kind.value,
        chapter=chapter,
        score=_score(note.evidence),
        rules=_rules(note.evidence),
        fingerprint=first and fingerprint(first),
    )


def _paragraphs(blocks: tuple[object, ...]) -> Iterator[str]:
    """The text of the paragraphs among some blocks and their notes, in order."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield written_text(block.content)
        elif isinstance(block, Note):
            yield from _paragraphs(block.blocks)


def _score(evidence: Evidence) -> float:
    # Rounded: the last bits of a float may differ between machines.
    return round(evidence.score, 4)


def _rules(evidence: Evidence) -> tuple[str, ...]:
    # Without what says that it was kept: the same dump must give the same record again.
    return tuple(firing.rule for firing in evidence.firings if not firing.rule.startswith("kept."))


def make_record(
    *,
    program: str,
    identifier: str,
    title: str,
    modified: str,
    options_sha256: str,
    works: tuple[WorkRecord, ...],
) -> dict[str, Any]:
    """The record as JSON will hold it, but for the hash of the other entries (see ``encode_record``)."""
    return {
        "schema": SCHEMA,
        "program": program,
        "identifier": identifier,
        "title": title,
        "modified": modified,
        "options_sha256": options_sha256,
        "works": [_work_json(work) for work in works],
    }


def _work_json(work: WorkRecord) -> dict[str, Any]:
    """A work's record as JSON will hold it."""
    return {**as_json(replace(work, memory=None)), "memory": memory_json(work.memory)}


def encode_record(record: dict[str, Any], entries: Mapping[str, bytes]) -> bytes:
    """The bytes of the record's file, once the hash of the book's other entries is known."""
    whole = {**record, "content_sha256": _content_hash(entries)}
    works = ",\n".join(_object(_lines(work)) for work in whole.pop("works"))
    return (_object([*_lines(whole), f'"works": [\n{works}\n]']) + "\n").encode()


_to_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str).encode
"""On one line: what indents is written in Python, and takes ten times as long."""


def _lines(value: Mapping[str, Any]) -> list[str]:
    return [f"{_to_json(key)}: {_to_json(value[key])}" for key in sorted(value)]


def _object(lines: list[str]) -> str:
    """A JSON object with a line for each of its keys, so that people can read it."""
    return "{\n" + ",\n".join(lines) + "\n}"


def read_record(entries: Mapping[str, bytes]) -> Record | None:
    """The record of a book, or None if it has none that this version understands."""
    try:
        return record_of(json.loads(entries[RECORD_NAME]))
    except (KeyError, ValueError, RecursionError):
        return None  # anyone may have written it: a file that is not ours is no error


def record_of(data: dict[str, Any], *, memory: bool = True) -> Record | None:
    """A record of its JSON, or None if that is none that this version understands.

    Also of one that was only just made (`make_record`), without a detour by its bytes. ``memory`` says
    whether what the book remembers is wanted too: it is most of a record.
    """
    try:
        if data["schema"] != SCHEMA:
            return None
        return Record(
            program=_string(data["program"]),
            identifier=_string(data["identifier"]),
            title=_string(data["title"]),
            modified=_string(data["modified"]),
            options_sha256=_string(data["options_sha256"]),
            works=tuple(_read_work(work, memory=memory) for work in data["works"]),
            content_sha256=_string(data["content_sha256"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def _read_work(data: dict[str, Any], *, memory: bool) -> WorkRecord:
    chapters = [{**chapter, "rules": tuple(chapter["rules"])} for chapter in data["chapters"]]
    notes = [{**note, "rules": tuple(note["rules"])} for note in data["notes"]]
    return WorkRecord(
        identifier=_string(data["identifier"]),
        work_id=data["work_id"],
        source_sha256=data["source_sha256"],
        words=int(data["words"]),
        metadata=read_metadata(data["metadata"]),
        summary=data["summary"],
        chapters=tuple(ChapterRecord(**chapter) for chapter in chapters),
        notes=tuple(NoteRecord(**note) for note in notes),
        memory=read_memory(data.get("memory")) if memory else None,
    )


def read_metadata(data: dict[str, Any]) -> Metadata:
    """A Metadata from JSON: lists become tuples again, and ISO dates dates.

    Raises KeyError, TypeError or ValueError for what is none: anyone may have written it.
    """
    values: dict[str, Any] = {"title": _string(data["title"])}
    for one in fields(Metadata)[1:]:
        value: Any = data.get(one.name, one.default)
        if one.name == "series":
            value = tuple(Series(**series) for series in value)
        elif one.name in ("published", "updated"):
            whole = value is None or isinstance(value, datetime.date)  # of one that was only just made
            value = value if whole else datetime.date.fromisoformat(value)
        elif one.name in ("header", "unknown"):
            value = tuple((key, text) for key, text in value)
        elif isinstance(value, list):
            value = tuple(map(_string, value))
        values[one.name] = value
    return Metadata(**values)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def is_unedited(entries: Mapping[str, bytes], record: Record | None = None) -> bool:
    """True if the program wrote this book and nobody has changed an entry since.

    An entry added, removed, renamed or rewritten is a change; another order or compression is none.
    ``record`` is the book's own, if it has been read already.
    """
    record = record or read_record(entries)
    return record is not None and record.content_sha256 == _content_hash(entries)


def _content_hash(entries: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(entries):
        if name not in ("mimetype", RECORD_NAME):
            data = entries[name]
            # With their lengths, so that no two sets of entries run together into one.
            digest.update(f"{len(name.encode())} {len(data)} {name}\n".encode())
            digest.update(data)
    return digest.hexdigest()
