"""The indexes behind an anthology's works: by author, relationship, tag and length, and what is unfinished.

An e-reader without a keyboard cannot search; it can follow links. Each name of an author leads on to the
credits, and they lead back. An index with nothing in it is left out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fic2epub.builder.anthology import Anthology
from fic2epub.builder.fields import byline
from fic2epub.builder.grouping import GROUP_BY, Kind, Value, named
from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.listing import Listing, Row, lay_out
from fic2epub.builder.markup import Element, make
from fic2epub.builder.member import title_link, words_said
from fic2epub.builder.work_book import WorkBook
from fic2epub.model import Metadata
from fic2epub.select import sort_key
from fic2epub.select.fields import FIELDS
from fic2epub.select.text import natural

__all__ = ["AUTHORS", "indexes", "letter", "term_id", "terms"]

AUTHORS = "index-authors"
_BOUNDS = (1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
"""Of the lengths, in words: from a drabble's neighbour to a long novel."""


def indexes(anthology: Anthology, language: str) -> tuple[Listing, ...]:
    """The indexes of a book, in order."""
    say = labels(language)
    books = sorted(anthology.books, key=sort_key("title"))
    made = (
        lay_out(AUTHORS, say("Index of authors"), _terms(books, GROUP_BY["author"], "author", language)),
        lay_out(
            "index-relationships",
            say("Index of relationships"),
            _terms(books, lambda one: named(one.relationships), "relationship", language),
        ),
        lay_out(
            "index-tags",
            say("Index of tags"),
            _terms(books, lambda one: named(one.tags), "tag", language),
        ),
        lay_out("index-lengths", say("Works by length"), _lengths(books, language)),
        lay_out("index-unfinished", say("Unfinished works"), _unfinished(books, language)),
    )
    return tuple(listing for listing in made if listing.pages[0])


def term_id(kind: str, key: str) -> str:
    """The id of an entry: from what it is about, so that it stays the same when others come."""
    return f"{kind}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:12]}"


def letter(label: str) -> str:
    """The letter that leads to an entry: its first that counts for the order, ``#`` for any other sign."""
    first = natural(label)[0][1][:1].upper()
    return first if first.isalpha() else "#"


def terms(books: Iterable[WorkBook], kind: Kind) -> Iterator[tuple[str, str, bool, list[WorkBook]]]:
    """Key, label, whether it is the program's word, and the works of every value, in the values' order."""
    found: dict[str, list[WorkBook]] = {}
    values: dict[str, Value] = {}
    for book in books:
        for value in kind(book.metadata):
            values.setdefault(value.key, value)
            found.setdefault(value.key, []).append(book)
    for key in sorted(values, key=lambda key: values[key].order):
        yield key, values[key].label, values[key].own, found[key]


def _terms(books: Sequence[WorkBook], kind: Kind, name: str, language: str) -> Iterator[Row]:
    """A heading for each value, and below it the works; a single work stands beside it."""
    say = labels(language)
    for key, label, own, found in terms(books, kind):
        heading = make("p", cls="term", id=term_id(name, key))
        word = make("b", say(label) if own else label)
        heading.append(say.mark(word) if own else word)
        if len(found) == 1:
            word.tail = ": "
            heading.append(title_link(found[0], language))
            _add_author(heading, found[0], name, say)
            yield Row(heading, letter(label))
            continue
        word.tail = f" ({say.number(len(found))})"
        yield Row(heading, letter(label))
        for book in found:
            item = make("li")
            item.append(title_link(book, language))
            _add_author(item, book, name, say)
            yield Row(item)


def _add_author(item: Element, book: WorkBook, index: str, say: Labels) -> None:
    """Who wrote it, behind the title; the index of authors says so already."""
    if index != "author":
        item[-1].tail = f", {_byline(book.metadata, say)}"


def _byline(metadata: Metadata, say: Labels) -> str:
    return byline(metadata) if metadata.creators else say("Unknown")


def _lengths(books: Sequence[WorkBook], language: str) -> Iterator[Row]:
    """The shortest first, in steps; a step without a work is left out."""
    say = labels(language)
    ordered = sorted(books, key=lambda book: book.words)
    for low, high in zip((0, *_BOUNDS), (*_BOUNDS, None), strict=True):
        found = [book for book in ordered if low <= book.words and (high is None or book.words < high)]
        if not found:
            continue
        heading = say.mark(make("h3", _step(low, high, say), cls="group", id=f"length-{low}"))
        yield Row(heading)
        for book in found:
            item = make("li")
            item.append(title_link(book, language))
            item[-1].tail = f", {_byline(book.metadata, say)} \N{MIDDLE DOT} {words_said(book.words, say)}"
            yield Row(item)


def _step(low: int, high: int | None, say: Labels) -> str:
    if high is None:
        return say("{low} words and more", low=say.number(low))
    if low == 0:
        return say("under {high} words", high=say.number(high))
    return say("{low} to {high} words", low=say.number(low), high=say.number(high))


def _unfinished(books: Sequence[WorkBook], language: str) -> Iterator[Row]:
    """The works in progress, with how far they are and when that was."""
    say = labels(language)
    for book in books:
        if FIELDS["complete"].values(book) != (False,):
            continue
        item = make("li")
        item.append(title_link(book, language))
        known = [_byline(book.metadata, say)]
        if book.metadata.chapters_written:
            known.append(say("chapters {written}", written=book.metadata.chapters_written))
        if book.metadata.updated is not None:
            known.append(book.metadata.updated.isoformat())
        item[-1].tail = ", " + " \N{MIDDLE DOT} ".join(known)
        yield Row(item)
