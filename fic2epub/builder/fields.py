"""What the preface shows of the header: AO3's rows, in AO3's order, with the dump's own values.

Order and labels: otwarchive ``_download_preface.html.erb`` and ``en.yml``, at f4508f15, autumn 2026. A
value stands as the dump wrote it; what no row holds comes last under its own name, so that nothing of
the header is lost. Words are counted from the chapters; a date is shown only if the dump has it.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from unicodedata import category

from fic2epub.builder.labels import Labels
from fic2epub.model import Metadata, Paragraph, Work, plain_text
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["STATUS", "UNKNOWN_AUTHOR", "Row", "byline", "count_words", "extra_rows", "stats", "tag_rows"]

UNKNOWN_AUTHOR = "Unknown"
STATUS = {
    "completed": "Completed",
    "complete": "Completed",
    "updated": "In progress",
    "in progress": "In progress",
    "in-progress": "In progress",
    "wip": "In progress",
}
"""What the words of a status mean, by their folded form."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the preface's list."""

    label: str
    value: str
    own: bool = False
    """True if the label is the dump's own key, and not one of the program's words."""


@dataclass(frozen=True, slots=True)
class _Field:
    one: str
    many: str
    keys: frozenset[str]


def _field(one: str, many: str, *keys: str) -> _Field:
    return _Field(one, many, frozenset(map(_key, (one, many, *keys))))


@lru_cache(maxsize=1024)  # each field looks through the whole header, and headers are alike
def _key(key: str) -> str:
    """A header key for comparing: ``Archive_Warning(s)`` is ``archive warning``, as are its plurals."""
    folded = key.casefold().replace("(s)", "").replace("_", " ").replace("-", " ")
    return " ".join(folded.split()).removesuffix("s")


_TAGS = {
    "rating": _field("Rating", "Rating"),
    "warnings": _field("Archive Warning", "Archive Warnings", "warning"),
    "categories": _field("Category", "Categories"),
    "fandoms": _field("Fandom", "Fandoms"),
    "relationships": _field("Relationship", "Relationships", "pairing"),
    "characters": _field("Character", "Characters"),
    "tags": _field("Additional Tags", "Additional Tags", "tag", "freeform", "freeform tag"),
    "language": _field("Language", "Language"),
    "series": _field("Series", "Series"),
}
"""AO3's order. ``Additional Tags`` has no singular there."""

_STATS = {
    "published": _field("Published", "Published", "posted", "publication date", "date published"),
    "updated": _field("Updated", "Completed", "status date", "date updated", "last updated"),
    "status": _field("Status", "Status"),
    "words": _field("Words", "Words", "word count"),
    "chapters": _field("Chapters", "Chapters"),
}

_NAMED = frozenset(map(_key, ("title", "author", "creator", "writer", "by")))
"""Keys whose value heads the page; an option may have put another in its place."""

# Han, kana and Thai, which are written without spaces; by ranges, since `re` knows no scripts.
_BY_CHARACTER = (
    "\u0e01-\u0e3a\u0e40-\u0e5b"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
_WORD_RE = late(
    rf"""
    [{_BY_CHARACTER}]                               # one by one
    | [^\W{_BY_CHARACTER}]+                         # a run of letters and digits
      (?: ['’.-] [^\W{_BY_CHARACTER}]+ )*           # don’t, e.g. 3.14
    """,
    re.VERBOSE,
)
_PERHAPS_MARK_RE = late(r"[^\w\s\x00-\x7f\u0e00-\u0e7f\u2010-\u205f\u3000-\u303f]")

_WESTERN = "cp1252"
"""Most texts can be written in it; then bytes are counted, in a fifth of the time."""


@cache
def _classes() -> bytes:
    """For each byte of `_WESTERN`: ``a`` if words have it, ``-`` if it joins their parts, else a space."""
    letters = (bytes((code,)).decode(_WESTERN, "replace") for code in range(256))
    return b"".join(
        b"-" if one in "'’.-" else b"a" if one.isalnum() or one == "_" else b" " for one in letters
    )


def count_words(work: Work) -> int:
    """The words of the story: paragraphs of the chapters' bodies, no notes, no headings."""
    return sum(
        _words_of_several([plain_text(one.content) for one in chapter.body if isinstance(one, Paragraph)])
        for chapter in work.chapters
    )


def _words_of_several(paragraphs: list[str]) -> int:
    """The words of some paragraphs: white space parts words, whether it is in a paragraph or between two."""
    try:
        return _western_words("\n".join(paragraphs))
    except UnicodeEncodeError:
        return sum(map(_words, paragraphs))


def _words(text: str) -> int:
    """The words of a text as AO3 counts them, but that ``3.14`` is one.

    A word is a run of letters, digits and marks; every Han, kana or Thai character is one by itself
    (otwarchive, ``word_counter.rb`` and ``CHARACTER_COUNT_SCRIPTS``, read 2026-08). A mark belongs to its
    letter (Hindi's vowels, Arabic's), though Python's regular expressions do not think so.
    """
    try:
        return _western_words(text)
    except UnicodeEncodeError:
        return _words_of_the_world(text)


def _western_words(text: str) -> int:
    """`_words` for a text that can be written in `_WESTERN`; raises UnicodeEncodeError for any other."""
    marks = b"  " + text.encode(_WESTERN).translate(_classes())
    # A word begins at a letter behind a space, or behind what joins it to no letter.
    return marks.count(b" a") + marks.count(b" -a") + marks.count(b"--a")


def _words_of_the_world(text: str) -> int:
    """`_words` for any text."""
    text = _PERHAPS_MARK_RE.sub(lambda found: "" if category(found[0])[0] == "M" else found[0], text)
    return sum(1 for _ in _WORD_RE.finditer(text))


def byline(metadata: Metadata) -> str:
    """The authors as AO3 joins them, or ``Unknown``."""
    return ", ".join(metadata.creators) or UNKNOWN_AUTHOR


def tag_rows(metadata: Metadata, say: Labels) -> Iterator[Row]:
    """Rating to Series: the values as the dump wrote them, else the metadata's; empty ones left out."""
    for name, field in _TAGS.items():
        values = _values(metadata, name, say)
        written = _written(metadata, field)
        text = ", ".join(written) or ", ".join(values)
        if text:
            yield Row(say(field.many if len(values) > 1 else field.one), text)


def _values(metadata: Metadata, name: str, say: Labels) -> tuple[str, ...]:
    match name:
        case "rating":
            return (metadata.rating,) if metadata.rating else ()
        case "language":
            code = None if metadata.language == "und" else metadata.language
            shown = metadata.language_name or code
            return (shown,) if shown else ()
        case "series":
            return tuple(
                one.title
                if one.position is None
                else say("Part {number} of {series}", number=one.position, series=one.title)
                for one in metadata.series
            )
        case _:
            found: tuple[str, ...] = getattr(metadata, name)
            return found


def stats(metadata: Metadata, words: int, say: Labels) -> tuple[Row, ...]:
    """AO3's Stats. A status without a date reads ``Status: Updated``, as the dump has it."""
    rows = []
    published = _written(metadata, _STATS["published"])
    if not published and metadata.published:
        published = (metadata.published.isoformat(),)
    rows += [Row(say("Published"), value) for value in published]
    updated = [(key, value) for key, value in metadata.header if _key(key) in _STATS["updated"].keys]
    rows += [Row(key, value.strip()) for key, value in updated if value.strip()]
    if not updated and metadata.updated:
        rows.append(Row(say("Updated"), metadata.updated.isoformat()))
    status = _written(metadata, _STATS["status"]) or ((metadata.status,) if metadata.status else ())
    rows += [Row(say("Status"), value) for value in status]
    rows.append(Row(say("Words"), say.number(words)))
    chapters = _written(metadata, _STATS["chapters"])
    if not chapters and metadata.chapters_written:
        chapters = (metadata.chapters_written,)
    rows += [Row(say("Chapters"), value) for value in chapters]
    return tuple(rows)


def extra_rows(metadata: Metadata, shown: str, words: int, say: Labels) -> Iterator[Row]:
    """What no other row holds, under its own name.

    Unknown keys; title and author as the dump has them where the book's are others; and Work ID, summary
    or word count where ``shown`` (the page's address and summary) does not hold the value as written.
    """
    rows = {key for field in (*_TAGS.values(), *_STATS.values()) for key in field.keys}
    listed = set()
    for key, value in metadata.header:
        name, text = _key(key), value.strip()
        listed.add((key, value))
        if not text:
            continue
        if name in _STATS["words"].keys:
            if text not in (f"{words:,}", str(words)):
                yield Row(say("{key} (as stated)", key=key), text)
        elif name in _NAMED:
            if text != (metadata.title if name == "title" else byline(metadata)):
                yield Row(say("{key} (as in the dump)", key=key), text)
        elif name not in rows and (text not in shown or (key, value) in metadata.unknown):
            yield Row(key, text, own=True)
    for key, value in metadata.unknown:
        if (key, value) not in listed and value.strip():
            yield Row(key, value.strip(), own=True)


def _written(metadata: Metadata, field: _Field) -> tuple[str, ...]:
    """The values that the header gives for a field, in its order, without their outer white space."""
    found = (value.strip() for key, value in metadata.header if _key(key) in field.keys)
    return tuple(value for value in found if value)
