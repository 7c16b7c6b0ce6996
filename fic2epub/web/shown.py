"""A book as pages and feeds show it, and the addresses of what there is of it."""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from fic2epub.builder.cover import byline, length
from fic2epub.builder.discreet import discreet_metadata
from fic2epub.builder.fields import STATUS
from fic2epub.library.catalogue import Entry
from fic2epub.library.names import anthology_name, book_name
from fic2epub.model import Metadata, Series
from fic2epub.parser.languages import language_name
from fic2epub.values import dataclass
from fic2epub.web.holdings import book_number

__all__ = ["EPUB_TYPE", "KEPUB_TYPE", "Shown", "clean", "label", "show"]

EPUB_TYPE = "application/epub+zip"
KEPUB_TYPE = "application/kepub+zip"

_UNSHOWN_RE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, production 2)."""
_UNNAMED_RE = re.compile(r"[^A-Za-z0-9.,'()-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One book, by its first work."""

    entry: Entry
    metadata: Metadata
    """What may be shown of the work's."""
    number: str
    """What stands for it in addresses."""
    title: str
    authors: tuple[str, ...]
    """Empty if nobody is named."""
    summary: str | None
    words: int
    facts: tuple[str, ...]
    """How long, how far: ``34k words``, ``6/?``, ``Complete``."""
    name: str
    """Of its file, without ending: ASCII, since the Kobo's browser reads no other (read 2026-08)."""

    @property
    def subjects(self) -> dict[str, tuple[str, ...]]:
        """What it is about, by kind."""
        metadata = self.metadata
        kinds = {
            "fandom": metadata.fandoms,
            "relationship": metadata.relationships,
            "character": metadata.characters,
            "rating": (metadata.rating,) if metadata.rating else (),
            "warning": metadata.warnings,
            "category": metadata.categories,
            "tag": metadata.tags,
        }
        return {kind: tuple(map(clean, values)) for kind, values in kinds.items() if values}

    @property
    def told(self) -> str:
        """What a list says of it in a line or two: facts, series, and whom it is about."""
        metadata = self.metadata
        lines = [" · ".join(self.facts)]
        lines += [_placed(series) for series in metadata.series]
        lines += [", ".join(metadata.fandoms), ", ".join(metadata.relationships), metadata.rating or ""]
        return "\n".join(clean(line) for line in lines if line)

    @property
    def about(self) -> str:
        """Whom and what it is about, in one line."""
        metadata = self.metadata
        parts = (*metadata.fandoms[:2], *metadata.relationships[:2], metadata.rating or "")
        return clean(" · ".join(filter(None, parts)))

    @property
    def language(self) -> str:
        """Of its words, as HTML wants it."""
        return clean(self.metadata.language)

    @property
    def source(self) -> str | None:
        """Where it comes from, if that is an address of the web."""
        url = self.metadata.source_url
        return clean(url) if url and url.lower().startswith(("http://", "https://")) else None

    @property
    def links(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """What this book has that others can be looked up by: kind, and values as shown and as asked for."""
        metadata = self.metadata
        kinds = {
            "rating": (metadata.rating,) if metadata.rating else (),
            "fandom": metadata.fandoms,
            "relationship": metadata.relationships,
            "character": metadata.characters,
            "tag": (*metadata.warnings, *metadata.categories, *metadata.tags),
            "status": (metadata.status,) if metadata.status else (),
            "language": (metadata.language,) if metadata.language != "und" else (),
        }
        return {
            kind: tuple((label(kind, value), value) for value in values)
            for kind, values in kinds.items()
            if values
        }

    @property
    def byline(self) -> str:
        """Its authors in one line."""
        return byline(self.authors) if self.authors else "Unknown"

    def file(self, root: str, ending: str) -> str:
        """Where its file is: ``.epub`` or ``.kepub.epub``, which the Kobo's browser wants to see at the end.

        The revision in it changes with the book, so that KOReader's sync sees a book that grew.
        """
        return f"{root}/get/{self.number}/{self.entry.revision}/{quote(self.name)}{ending}"

    def cover(self, root: str) -> str:
        """Where its cover is."""
        return f"{root}/cover/{self.number}/{self.entry.revision}.jpg"

    def thumbnail(self, root: str) -> str:
        """Where its small cover is."""
        return f"{root}/thumb/{self.number}/{self.entry.revision}.jpg"


def _placed(series: Series) -> str:
    return f"Part {series.position} of {series.title}" if series.position else series.title


def clean(text: str) -> str:
    """Text without what no page or feed can hold; anyone may have written the record it comes from."""
    return _UNSHOWN_RE.sub("\N{REPLACEMENT CHARACTER}", text)


def label(kind: str, value: str) -> str:
    """A value that books are looked up by, as people say it.

    AO3's ``Completed`` and ``Updated`` are words for dates; a language has a name beside its tag.
    """
    if kind == "status":
        value = STATUS.get(" ".join(value.casefold().split()), value)
    elif kind == "language":
        value = language_name(value) or value
    return clean(value)


def show(entry: Entry, *, discreet: bool, works: Sequence[Entry] = ()) -> Shown:
    """What is shown of a book, or of one work in it; ``works`` are an anthology's, if that is meant."""
    several = tuple(one.metadata for one in works)
    metadata = _together(entry.title, several) if several else entry.metadata
    if discreet:
        metadata = discreet_metadata(metadata)
    words = sum(one.words for one in works) or entry.words
    status = metadata.status and label("status", metadata.status)
    facts = (
        f"{len(works)} works" if several else None,
        length(words) if words else None,
        metadata.chapters_written,
        status,
    )
    name = anthology_name(metadata.title) if several else book_name(metadata)
    return Shown(
        entry=entry,
        metadata=metadata,
        number=book_number(entry.path),
        title=clean(metadata.title),
        authors=tuple(map(clean, metadata.creators)),
        summary=None if several else entry.summary and clean(entry.summary),
        words=words,
        facts=tuple(clean(fact) for fact in facts if fact),
        name=_ascii(name, entry.revision),
    )


def _together(title: str, works: Sequence[Metadata]) -> Metadata:
    """What is said of an anthology: what its works have, each once."""

    def each(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for one in works for value in getattr(one, name)))

    languages = {one.language for one in works}
    return Metadata(
        title=title,
        language=languages.pop() if len(languages) == 1 else "und",
        creators=each("creators"),
        warnings=each("warnings"),
        categories=each("categories"),
        fandoms=each("fandoms"),
        relationships=each("relationships"),
        characters=each("characters"),
        tags=each("tags"),
    )


def _ascii(name: str, revision: str) -> str:
    """A file's name in ASCII, without its ending; of a script that has no such letters, its revision.

    >>> _ascii("Zoë Öhman - Où?.epub", "a1")
    'Zoe_Ohman_-_Ou'
    >>> _ascii("作者 - 题.epub", "a1")
    'book_a1'
    """
    stem = re.sub(r"(?:\.kepub)?\.epub$", "", name, flags=re.IGNORECASE)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = _UNNAMED_RE.sub("_", plain).strip("_.-'(),")
    return plain if any(map(str.isalnum, plain)) else f"book_{revision}"
