"""How the lists of an anthology show a work: its title as a link, a line of facts, a line of summary."""

import re

from fic2epub.builder.anthology import Anthology
from fic2epub.builder.fields import STATUS, byline
from fic2epub.builder.grouping import rating_label
from fic2epub.builder.labels import Labels
from fic2epub.builder.markup import Element, append, make
from fic2epub.builder.navigation import in_its_language
from fic2epub.builder.work_book import WorkBook

__all__ = ["facts", "gist", "mark_news", "title_link", "words_said"]

_GIST = 160  # characters: two lines of a phone, one of a desk
_SENTENCE_RE = re.compile(r".{60,}[.!?…。！？](?=[\s”’\"]|$)|.{60,}[。！？]", re.DOTALL)


def title_link(book: WorkBook, language: str, *, up: str = "") -> Element:
    """A link to the work's preface, from a page in the language given; ``up`` leads to the book's root."""
    link = make("a", book.metadata.title, href=up + book.preface.href)
    return in_its_language(link, book.metadata.language, language)


def facts(book: WorkBook, say: Labels, *, known: tuple[str, ...] = ()) -> str:
    """Author, rating, words, chapters and status, as far as they are known.

    ``known`` is what the headings above say already: it is not said again for every work.
    """
    metadata = book.metadata
    found = []
    if byline(metadata) not in known:
        found.append(say("by {authors}", authors=", ".join(metadata.creators) or say("Unknown")))
    if metadata.rating and rating_label(metadata) not in known:
        found.append(metadata.rating)
    found.append(words_said(book.words, say))
    if metadata.chapters_written:
        found.append(say("chapters {written}", written=metadata.chapters_written))
    status = (metadata.status or "").strip()
    status = STATUS.get(" ".join(status.casefold().split()), status)
    if status and status not in known:
        found.append(say(status))
    return " · ".join(found)


def words_said(words: int, say: Labels) -> str:
    """A number of words, in words."""
    return say("1 word") if words == 1 else say("{count} words", count=say.number(words))


def gist(summary: str | None) -> str | None:
    r"""The summary in one line: whole sentences if one ends in time, else as many words as fit.

    >>> gist("Ada finds a lamp.\nIt is lit.")
    'Ada finds a lamp. It is lit.'
    """
    text = " ".join((summary or "").split())
    if len(text) <= _GIST:
        return text or None
    head = text[:_GIST]
    if whole := _SENTENCE_RE.match(head):
        return whole.group()
    words = head.rpartition(" ")[0]
    return f"{(words if len(words) > _GIST // 2 else head).rstrip(' ,;:–—-')}…"


def mark_news(parent: Element, anthology: Anthology, book: WorkBook, say: Labels, *, up: str = "") -> None:
    """Say behind a work's entry that it is new, or how many of its chapters are, with a link to the first."""
    first = anthology.first_new(book)
    if first is None:
        return
    mark = say.mark(append(parent, make("div", cls="new")))
    if first == 1:
        mark.text = say("New")
        return
    count = book.chapters - first + 1
    mark.append(make("a", say("New chapters: {count}", count=count), href=up + book.places[first - 1]))
