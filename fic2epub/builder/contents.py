"""The list that an anthology opens with: every work in its group, with what one wants to know before reading.

The navigation document is for the reader's own menu; this one is to be read. Behind it stands what is new
since the edition before.
"""

from collections.abc import Iterator, Mapping

from fic2epub.builder.anthology import Anthology, Group
from fic2epub.builder.collection import group_href, group_label, homes, seen_in
from fic2epub.builder.labels import labels
from fic2epub.builder.listing import Listing, Row, lay_out
from fic2epub.builder.markup import append, make
from fic2epub.builder.member import facts, gist, mark_news, title_link
from fic2epub.builder.navigation import in_its_language
from fic2epub.builder.work_book import WorkBook
from fic2epub.model import NavPoint

__all__ = ["CONTENTS", "contents", "news"]

CONTENTS = "contents.xhtml"
"""The first page of the list: works lead back there."""
_DEEPEST = 6


def contents(anthology: Anthology, language: str) -> Listing:
    """The list of contents: groups with their works, and works that belong to a group but live elsewhere."""
    return lay_out("contents", labels(language)("Contents"), _rows(anthology, language))


def _rows(anthology: Anthology, language: str) -> Iterator[Row]:
    home = homes(anthology)
    for book in anthology.works:
        yield _entry(anthology, book, language, ())
    for group in anthology.groups:
        yield from _group_rows(anthology, (group,), home, language)


def _group_rows(
    anthology: Anthology, path: tuple[Group, ...], home: Mapping[str, tuple[Group, ...]], language: str
) -> Iterator[Row]:
    say = labels(language)
    group = path[-1]
    heading = make(f"h{min(2 + len(path), _DEEPEST)}", cls="group")
    name = group_label(group, say)
    if group.filled:
        heading.append(make("a", name, href=group_href(group)))
    else:
        heading.text = name
    yield Row(say.mark(heading) if group.own else heading)
    for book in group.works:
        yield _entry(anthology, book, language, tuple(one.label for one in path))
    for book in group.elsewhere:
        item = make("li", cls="see")
        append(item, title_link(book, language))
        append(item, seen_in(home[str(book.layout.folder)][len(path) - 1], say))
        yield Row(item)
    for inner in group.groups:
        yield from _group_rows(anthology, (*path, inner), home, language)


def _entry(anthology: Anthology, book: WorkBook, language: str, known: tuple[str, ...]) -> Row:
    say = labels(language)
    item = make("li", cls="work", id=f"work-{book.layout.folder}")
    append(item, title_link(book, language))
    append(item, say.mark(make("div", facts(book, say, known=known), cls="facts")))
    mark_news(item, anthology, book, say)
    if line := gist(book.summary):
        append(item, in_its_language(make("div", line, cls="gist"), book.metadata.language, language))
    return Row(item)


def news(anthology: Anthology, language: str) -> Listing | None:
    """What the edition before did not have: new works, then new chapters; None if there is nothing."""
    say = labels(language)
    fresh, grown = [], []
    for book in anthology.books:
        first = anthology.first_new(book)
        if first == 1:
            fresh.append(_entry(anthology, book, language, ()))
        elif first is not None:
            grown.append(_grown(book, first, language))
    rows = []
    for name, found in (("New works", fresh), ("New chapters", grown)):
        if found:
            rows += [Row(say.mark(make("h3", say(name), cls="group"))), *found]
    return lay_out("new", say("New in this edition"), rows) if rows else None


def _grown(book: WorkBook, first: int, language: str) -> Row:
    """A work with the chapters that are new, each a link."""
    item = make("li", cls="work")
    append(item, title_link(book, language))
    named = {point.href: point for point in _flat(book.navigation)}
    listed = append(item, make("ul"))
    for place in book.places[first - 1 :]:
        point = named[place]
        link = make("a", point.label, href=place)
        append(listed, make("li")).append(
            in_its_language(link, point.language or book.metadata.language, language)
        )
    return Row(item)


def _flat(points: tuple[NavPoint, ...]) -> Iterator[NavPoint]:
    for point in points:
        yield point
        yield from _flat(point.children)
