"""What the catalogue keeps of a book: made of its bytes alone, and put in or taken out whole."""

import hashlib
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from fic2epub.container import is_bare, read_entries
from fic2epub.errors import PackageError
from fic2epub.library.catalogue import Entry
from fic2epub.library.names import folded
from fic2epub.library.search_text import index_text
from fic2epub.memory import as_json
from fic2epub.model import Metadata, Publication
from fic2epub.record import Record, is_unedited, read_record, record_of
from fic2epub.values import dataclass

__all__ = ["Card", "card_of", "made_card", "put_card", "read_card", "remove_card"]

SHOWN_NOTE = 0.5
"""A note below this stands in the book as prose (the builder's rule; the record keeps the score)."""

_NUMBER_RE = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A book as the catalogue will know it."""

    entries: tuple[Entry, ...]
    """Its works in the book's order; never empty."""
    origins: tuple[tuple[str | None, str | None], ...]
    """Of each work its id and the hash of its dump's text, where there are such."""
    texts: tuple[tuple[str, str], ...]
    """Notes and story of each work."""
    edited: bool
    """Whether someone has changed the book since it was made."""
    options: str
    """The builder's hash of its options, from the record."""
    program: str
    story: bool
    """Whether the story is among the texts."""


def read_card(folder: Path, path: str, mtime_ns: int, *, story: bool = False) -> Card | None:
    """`card_of` for a file at a path from the library's folder. Raises OSError if it cannot be read."""
    file = folder / path
    return card_of(path, file.read_bytes(), mtime_ns=mtime_ns, bare=is_bare(file), story=story)


def card_of(
    path: str, content: bytes, *, mtime_ns: int, bare: bool = True, story: bool = False
) -> Card | None:
    """Describe a book; None if the program did not write it, or its record cannot be read.

    ``path`` is from the library's folder; ``bare`` says that the file holds nothing but its entries.
    """
    try:
        entries = read_entries(content)
    except PackageError:
        return None
    record = read_record(entries)
    if record is None:
        return None
    edited = not (bare and is_unedited(entries, record))
    return _card(record, entries, content, path=path, mtime_ns=mtime_ns, edited=edited, story=story)


def made_card(publication: Publication, content: bytes, *, story: bool = False) -> Card | None:
    """`card_of` for an EPUB that was made of a publication just now, and has no place yet.

    The same card, without unpacking and reading again what is at hand.
    """
    record = record_of({**publication.record, "content_sha256": ""}, memory=False)
    if record is None:
        return None
    files = sorted(
        (*publication.reading_order, *publication.resources),
        key=lambda one: one.id != publication.manifest_first,
    )
    entries = {one.href: one.content for one in files}
    return _card(record, entries, content, path="", mtime_ns=0, edited=False, story=story)


def _card(
    record: Record,
    entries: Mapping[str, bytes],
    content: bytes,
    *,
    path: str,
    mtime_ns: int,
    edited: bool,
    story: bool,
) -> Card | None:
    modified = _when(record.modified)
    if modified is None or not record.works:
        return None
    from fic2epub.library.book_text import pages_of, work_texts

    revision = hashlib.sha256(content).hexdigest()[:12]
    pages = pages_of(entries)
    works = tuple(
        _entry(record, position, path=path, modified=modified, state=(len(content), mtime_ns, revision))
        for position in range(1, len(record.works) + 1)
    )
    return Card(
        entries=works,
        origins=tuple((work.work_id, work.source_sha256) for work in record.works),
        texts=tuple(work_texts(entries, pages, work, story=story) for work in record.works),
        edited=edited,
        options=record.options_sha256,
        program=record.program,
        story=story,
    )


def _when(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _entry(
    record: Record, position: int, *, path: str, modified: datetime, state: tuple[int, int, str]
) -> Entry:
    work = record.works[position - 1]
    scores = [chapter.score for chapter in work.chapters if "#" not in chapter.file]
    return Entry(
        path=path,
        identifier=record.identifier,
        anthology=record.identifier != record.works[0].identifier,
        position=position,
        work=work.identifier,
        title=record.title,
        metadata=work.metadata,
        summary=work.summary,
        words=work.words,
        chapters=len(scores),
        unsure=len(work.chapters) - len(scores),
        inferred=sum(chapter.inferred for chapter in work.chapters),
        confidence=min(scores) if len(scores) > 1 else 1.0,
        notes=sum(note.score >= SHOWN_NOTE for note in work.notes),
        modified=modified,
        size=state[0],
        mtime_ns=state[1],
        revision=state[2],
    )


def put_card(connection: sqlite3.Connection, card: Card) -> None:
    """Enter a book, in the place of what was known at its path; part of a change that is under way."""
    first = card.entries[0]
    remove_card(connection, first.path)
    cursor = connection.execute(
        "INSERT INTO book (path, folded, identifier, title, anthology, modified, size, mtime_ns, revision,"
        " edited, options, program, story) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            first.path,
            folded(first.path),
            _plain(first.identifier),
            _plain(first.title),
            first.anthology,
            first.modified.isoformat(),
            first.size,
            first.mtime_ns,
            first.revision,
            card.edited,
            card.options,
            card.program,
            card.story,
        ),
    )
    book = cursor.lastrowid
    assert book is not None
    for entry, origin, texts in zip(card.entries, card.origins, card.texts, strict=True):
        _put_work(connection, book, entry, origin, texts)
        values = {(kind, value) for kind, value in _facets(entry.metadata) if value}
        connection.executemany(
            "INSERT OR IGNORE INTO facet (kind, value, book) VALUES (?,?,?)",
            [(kind, _plain(value), book) for kind, value in sorted(values)],
        )


def _put_work(
    connection: sqlite3.Connection,
    book: int,
    entry: Entry,
    origin: tuple[str | None, str | None],
    texts: tuple[str, str],
) -> None:
    metadata = entry.metadata
    cursor = connection.execute(
        "INSERT INTO work (book, position, work, work_id, source, metadata, summary, words, chapters, unsure,"
        " inferred, confidence, notes, title_key, author_key) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            book,
            entry.position,
            _plain(entry.work),
            *origin,
            json.dumps(as_json(metadata), default=str),
            None if entry.summary is None else _plain(entry.summary),
            entry.words,
            entry.chapters,
            entry.unsure,
            entry.inferred,
            entry.confidence,
            entry.notes,
            _key(entry.title),
            _key(metadata.creators[0] if metadata.creators else ""),
        ),
    )
    title = entry.title if entry.title == metadata.title else f"{entry.title}\n{metadata.title}"
    tags = "\n".join(value for kind, value in _facets(metadata) if kind != "author")
    fields = (title, "\n".join(metadata.creators), tags, entry.summary or "", *texts)
    connection.execute(
        "INSERT INTO search (rowid, title, author, tags, summary, notes, story) VALUES (?,?,?,?,?,?,?)",
        (cursor.lastrowid, *(_plain(index_text(text)) for text in fields)),
    )


def remove_card(connection: sqlite3.Connection, path: str) -> bool:
    """Take a book out, part of a change that is under way; False if it was not there."""
    row = connection.execute("SELECT id FROM book WHERE path = ?", (path,)).fetchone()
    if row is None:
        return False
    connection.execute("DELETE FROM search WHERE rowid IN (SELECT id FROM work WHERE book = ?)", row)
    connection.execute("DELETE FROM book WHERE id = ?", row)
    return True


def _facets(metadata: Metadata) -> Iterator[tuple[str, str]]:
    """What a book can be looked up by, kind and value."""
    several: Mapping[str, tuple[str, ...]] = {
        "author": metadata.creators,
        "relationship": metadata.relationships,
        "fandom": metadata.fandoms,
        "character": metadata.characters,
        "tag": (*metadata.tags, *metadata.warnings, *metadata.categories),
        "series": tuple(series.title for series in metadata.series),
    }
    for kind, values in several.items():
        for value in values:
            yield kind, value
    for kind, single in (("rating", metadata.rating), ("status", metadata.status)):
        if single:
            yield kind, single
    yield "language", metadata.language


def _key(text: str) -> str:
    """What titles and names are ordered by: case and accents aside, numbers by their value."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter)).strip(" \"'“”‘’«»…-–—.")
    return _plain(_NUMBER_RE.sub(lambda match: match.group().zfill(10), kept))


def _plain(text: str) -> str:
    """Text that SQLite takes: a lone surrogate, which only a foreign record can hold, is replaced."""
    return text.encode("utf-8", "replace").decode()
