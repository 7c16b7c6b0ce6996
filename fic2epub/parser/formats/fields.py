"""Stage 3 of the route, its vocabulary: header keys and values -> Metadata.

[certain] key       any case, singular or plural, ``_`` or space: AO3's names (otwarchive
                    ``_download_preface.html.erb``, read 2026-08) and those of the programs that make dumps
[certain] tags      split at ", ": AO3 allows no comma in a tag (otwarchive ``app/models/tag.rb``,
                    read 2026-08)
[certain] chapters  ``6/?`` is posted and planned
[certain] work id   one to twelve digits; anything else never becomes a path or an address
[likely]  damage    ``1-Jan`` is ``1/1`` after a spreadsheet: day and month, the smaller one is posted
[guess]   title     without one, the file's name

What no field of Metadata holds is kept as an unknown key, whatever it says: nothing of a header is lost.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.model import Finding, Level, Metadata, Origin, Series, Span
from fic2epub.parser.languages import language_tag
from fic2epub.parser.options import ParseOptions
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Field", "field_of", "read_metadata", "split", "title_from_name"]


@dataclass(frozen=True, slots=True)
class Field:
    """One ``Key: value`` of a header."""

    key: str
    """As written, repaired, without the colon."""
    value: str
    """Without white space around it; may be empty."""
    span: Span


# Metadata's field <- the keys for it. A key in brackets has no field of its own but marks a header as one.
_KEYS = {
    "title": "title",
    "work_id": "work id, workid, work",
    "creators": "author, creator, writer, by",
    "rating": "rating",
    "warnings": "archive warning, warning",
    "categories": "category, categorie",
    "fandoms": "fandom",
    "relationships": "relationship, pairing",
    "characters": "character",
    "tags": "additional tag, tag, freeform, freeform tag",
    "language_name": "language",
    "series": "series, serie",
    "status": "status",
    "chapters_written": "chapter",
    "summary": "summary",
    "source_url": "url, source, link, story url, work url, source url",
    "published": "published, posted, publication date, date published",
    "updated": "updated, completed, status date, date updated, last updated",
    "words_written": "word, word count",
    "(known)": "collection, kudo, comment, hit, bookmark, gift, stat, packaged, publisher, author url",
}
_FIELD_OF = {key: name for name, keys in _KEYS.items() for key in keys.split(", ")}
_MANY = ("creators", "warnings", "categories", "fandoms", "relationships", "characters", "tags")
_AS_WRITTEN = ("title", "rating", "status", "summary", "words_written")

_AO3_WORK = "https://archiveofourown.org/works/{}"
WORK_ID_RE = re.compile(r"[0-9]{1,12}")
AO3_URL_RE = late(
    r"https?://(?:www\.)?(?:archiveofourown\.(?:org|com|net)|ao3\.org)/\S*?works/([0-9]{1,12})\b"
)
URL_RE = re.compile(r"https?://\S+")
CHAPTERS_RE = re.compile(r"([0-9][0-9,]{0,6}) (?: \s*/\s* ([0-9][0-9,]{0,6} | \?) )?", re.VERBOSE)
DAMAGED_CHAPTERS_RE = late(
    r"(?=.*?(?P<number>[0-9]{1,2}))(?:[0-9]{1,2}-)?(?P<month>[A-Z][a-z]{2})(?:-[0-9]{1,2})?"
)
SEPARATOR_RE = re.compile(r",(?:\s+|$)")
SERIES_RE = late(r"Part \s+ ([0-9]{1,4}) \s+ of \s+ (.+)", re.VERBOSE | re.IGNORECASE)
NEXT_SERIES_RE = late(r",\s+(?=Part\s+[0-9]+\s+of\s)", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")


def field_of(key: str) -> str | None:
    """Name the field of Metadata that a key is for; ``(known)`` if it has none, None if it is unknown.

    >>> field_of("ARCHIVE_WARNING(S)"), field_of("Kudos"), field_of("Beta")
    ('warnings', '(known)', None)
    """
    folded = " ".join(key.casefold().replace("(s)", "").replace("_", " ").replace("-", " ").split())
    return _FIELD_OF.get(folded) or _FIELD_OF.get(folded.removesuffix("s"))


def read_metadata(
    fields: Sequence[Field], *, origin: Origin, options: ParseOptions
) -> tuple[Metadata, tuple[Finding, ...]]:
    """Read a header's fields, in the dump's order; without any, the title comes from the file's name.

    The reader's options override the header. Raises UsageError if the language that the reader named
    is unknown.
    """
    values: dict[str, Any] = {}
    unknown: list[tuple[str, str]] = []
    findings: list[Finding] = []
    for field in fields:
        name = field_of(field.key)
        if name is not None and not field.value:
            continue
        read = _READERS.get(name or "", _read_nothing)(field.value)
        if name in _MANY:
            values[name] = values.get(name, ()) + read[name]
        elif read and not read.keys() & values.keys():
            values |= read
            findings += _doubts(field, read)
        else:
            unknown.append((field.key, field.value))
            findings += _refusals(field, name)
    values |= _identity(values) | _overrides(options)
    findings += _lacks(values, header=bool(fields), origin=origin)
    values.setdefault("title", title_from_name(origin.name))
    header = tuple((field.key, field.value) for field in fields)
    return Metadata(**values, header=header, unknown=tuple(unknown)), tuple(findings)


def _identity(values: Mapping[str, Any]) -> dict[str, str]:
    """Give the work id that a URL holds, and the URL that a work id makes; neither replaces the other."""
    work_id, url = values.get("work_id"), values.get("source_url")
    if url is None:
        return {"source_url": _AO3_WORK.format(work_id)} if work_id else {}
    found = AO3_URL_RE.match(url)
    return {"work_id": found[1]} if found and not work_id else {}


def _overrides(options: ParseOptions) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if options.title and options.title.strip():
        values["title"] = options.title.strip()
    if options.author and options.author.strip():
        values["creators"] = split(options.author.replace(" & ", ", "))
    if options.language:
        tag = language_tag(options.language)
        if tag is None:
            raise UsageError(
                f"{options.language}: no language is known by this name. Give its tag, e.g. --language pt-BR."
            )
        is_name = tag.casefold() != options.language.strip().casefold()
        values |= {"language": tag, "language_name": options.language.strip() if is_name else None}
    return values


def title_from_name(name: str) -> str:
    """Make a title of a file's name; never empty.

    >>> title_from_name("the_long_way.txt"), title_from_name("<stdin>")
    ('the long way', 'Untitled')
    """
    stem = "" if name == "<stdin>" else PurePath(name).stem
    words = "".join(letter if letter.isprintable() else " " for letter in stem.replace("_", " "))
    return " ".join(words.split()) or "Untitled"


def split(value: str) -> tuple[str, ...]:
    """Split a list at its commas.

    >>> split("Fluff, Hurt/Comfort,  10,000 Words, ")
    ('Fluff', 'Hurt/Comfort', '10,000 Words')
    """
    return tuple(part for part in SEPARATOR_RE.split(value.strip()) if part)


def _read_work_id(value: str) -> dict[str, Any]:
    digits = value.removeprefix("#")
    if url := AO3_URL_RE.fullmatch(value):
        digits = url[1]
    return {"work_id": digits} if WORK_ID_RE.fullmatch(digits) else {}


def _read_url(value: str) -> dict[str, Any]:
    if url := AO3_URL_RE.match(value):
        return {"source_url": _AO3_WORK.format(url[1])}
    return {"source_url": value} if URL_RE.fullmatch(value) else {}


def _read_chapters(value: str) -> dict[str, Any]:
    """Read ``6/?``, ``6/8``, ``6`` and what a spreadsheet makes of them; else only keep it as written."""
    posted: int | None = None
    planned: int | None = None
    if counts := CHAPTERS_RE.fullmatch(value):
        posted = _number(counts[1])
        planned = _number(counts[2]) if counts[2] not in (None, "?") else None
    elif (damaged := DAMAGED_CHAPTERS_RE.fullmatch(value)) and damaged["month"] in _MONTHS:
        posted, planned = sorted((int(damaged["number"]), _MONTHS.index(damaged["month"]) + 1))
    return {"chapters_written": value, "chapters_posted": posted, "chapters_planned": planned}


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


def _read_language(value: str) -> dict[str, Any]:
    return {"language_name": value, "language": language_tag(value) or "und"}


def _read_series(value: str) -> dict[str, Any]:
    parts = NEXT_SERIES_RE.split(value)
    matches = [(part, SERIES_RE.fullmatch(part)) for part in parts]
    return {"series": tuple(Series(m[2], int(m[1])) if m else Series(part) for part, m in matches)}


def _read_date(name: str, value: str) -> dict[str, Any]:
    for form in _DATE_FORMATS:
        with suppress(ValueError):
            return {name: datetime.datetime.strptime(value, form).date()}
    return {}


def _read_as_written(name: str, value: str) -> dict[str, Any]:
    return {name: value}


def _read_list(name: str, value: str) -> dict[str, Any]:
    return {name: split(value)}


def _read_nothing(value: str) -> dict[str, Any]:
    """Hold nothing: the key is unknown and its value is kept as it is."""
    return {}


_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    **{name: partial(_read_as_written, name) for name in _AS_WRITTEN},
    **{name: partial(_read_list, name) for name in _MANY},
    "work_id": _read_work_id,
    "source_url": _read_url,
    "chapters_written": _read_chapters,
    "language_name": _read_language,
    "series": _read_series,
    "published": partial(_read_date, "published"),
    "updated": partial(_read_date, "updated"),
}


def _doubts(field: Field, read: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what is odd about a value that was taken."""
    if read.get("chapters_written") and read["chapters_posted"] is None:
        yield _warn("header.chapters-unread", f"“{field.value}” is no count of chapters, such as 6/?.", field)
    elif "-" in read.get("chapters_written", ""):
        count = f"{read['chapters_posted']}/{read['chapters_planned']}"
        said = f"“{field.value}” looks like {count} after a spreadsheet took it for a date; it was read so."
        yield _warn("header.chapters-damaged", said, field)
    elif read.get("chapters_posted") == 0:
        yield _warn("header.chapters-zero", f"The header declares no chapter (“{field.value}”).", field)
    if read.get("language") == "und":
        yield _warn("header.language-unknown", f"“{field.value}” is not in the table of languages.", field)


def _refusals(field: Field, name: str | None) -> Iterator[Finding]:
    """Say why a value of a known key was not taken."""
    if name == "work_id":
        said = f"“{field.value}” is no work id: those are digits only. It is kept as it is written."
        yield _warn("header.bad-work-id", said, field)
    elif name in ("published", "updated"):
        yield _warn("header.date-unread", f"“{field.value}” was not read as a date.", field)


def _lacks(values: Mapping[str, Any], *, header: bool, origin: Origin) -> Iterator[Finding]:
    """Say what the header does not hold and no option supplied."""
    if not header:
        yield _warn(
            "header.missing",
            "There is no header, such as “Title: …” and “Author: …”: all of the text is taken for the story.",
        )
    if "title" not in values:
        said = f"No title; “{title_from_name(origin.name)}” is made from the file's name. --title sets it."
        yield _warn("header.no-title", said)
    if not values.get("creators"):
        yield _warn("header.no-author", "No author is named. --author sets one.")


def _warn(rule: str, message: str, field: Field | None = None) -> Finding:
    return Finding(rule, Level.WARNING, message, field.span if field else None)
