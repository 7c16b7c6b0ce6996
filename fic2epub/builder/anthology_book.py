"""An anthology's recipe: title page, contents, what is new, the works in their groups, indexes, credits.

A work's own files lie in a folder of its own (``work_book.bind``), so that a device finds the place again
where its reader stopped, whatever comes before it now. The navigation document is not in the reading order:
with hundreds of works nobody leafs through it, and the list of contents says more.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from fic2epub.builder.anthology import Anthology, Group
from fic2epub.builder.collection import (
    collection_byline,
    collection_page,
    divider,
    group_href,
    group_label,
    homes,
)
from fic2epub.builder.contents import contents, news
from fic2epub.builder.cover_page import anthology_face, cover_files
from fic2epub.builder.credits import THANKS, author_credits
from fic2epub.builder.discreet import discreet_metadata
from fic2epub.builder.facts import creators, subjects
from fic2epub.builder.frame import assemble
from fic2epub.builder.indexes import AUTHORS, indexes
from fic2epub.builder.labels import labels
from fic2epub.builder.listing import Listing
from fic2epub.builder.markup import Element, make
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.work_book import WorkBook
from fic2epub.model import Contributor, NavPoint, Publication, Resource

__all__ = ["publish_anthology", "volume_title"]

_MOST_CREATORS = 20
_MOST_SUBJECTS = 100
"""More of them no shelf of a device or of calibre can show; the credits and the index of tags have all."""


def publish_anthology(anthology: Anthology, options: PublishOptions, when: datetime) -> Publication:
    """Make the book. Raises UsageError for a cover that cannot be made.

    In a discreet one the indexes, at the far end, still know the tags and the titles as they are.
    """
    whole = anthology
    if options.discreet:
        anthology = _discreetly(anthology)
    books = anthology.books
    facts = [book.metadata for book in books]
    language = Counter(one.language for one in facts).most_common(1)[0][0]
    title = volume_title(anthology, language)
    front = collection_page(anthology, language, options)
    listed = contents(anthology, language)
    fresh = news(anthology, language)
    back = indexes(whole, language)
    thanks = author_credits(whole, language)
    _join_authors(back, thanks)
    story = tuple(_story(anthology, language, options))
    pages = _Pages(language, options, back, thanks)
    face = anthology_face(
        title,
        facts,
        identifier=anthology.identifier,
        language=language,
        words=sum(book.words for book in books),
    )
    face = replace(face, discreet=options.discreet)
    return assemble(
        identifier=anthology.identifier,
        title=title,
        cover=cover_files(face, collection_byline(anthology, language), options),
        language=language,
        creators=_creators(anthology, language),
        subjects=_subjects(books),
        preface=front,
        body=(*pages.contents(listed), *pages.news(fresh), *story, *pages.indexes(), *pages.credits()),
        start=story[0].href,
        entries=tuple(_entries(anthology, language, front, listed, fresh, back, thanks)),
        when=when,
        options=options,
        records=tuple(book.record for book in books),
        findings=tuple(finding for book in books for finding in book.findings),
        contents=listed.href(),
        series=() if anthology.volume is None else ((anthology.title, anthology.volume[0]),),
    )


def _discreetly(anthology: Anthology) -> Anthology:
    """The anthology with what its works' lists may show; the groups are those that the reader wished for."""

    def shown(books: tuple[WorkBook, ...]) -> tuple[WorkBook, ...]:
        return tuple(replace(book, metadata=discreet_metadata(book.metadata)) for book in books)

    def grouped(group: Group) -> Group:
        return replace(
            group,
            groups=tuple(map(grouped, group.groups)),
            works=shown(group.works),
            elsewhere=shown(group.elsewhere),
        )

    return replace(anthology, groups=tuple(map(grouped, anthology.groups)), works=shown(anthology.works))


def volume_title(anthology: Anthology, language: str) -> str:
    """The title, of a volume with its number."""
    if anthology.volume is None:
        return anthology.title
    number, count = anthology.volume
    return labels(language)("{title} {number} of {count}", title=anthology.title, number=number, count=count)


def _creators(anthology: Anthology, language: str) -> tuple[Contributor, ...]:
    found = creators(book.metadata for book in anthology.books)
    return (
        found if len(found) <= _MOST_CREATORS else (Contributor(labels(language)("Various authors"), "aut"),)
    )


def _subjects(books: Sequence[WorkBook]) -> tuple[str, ...]:
    """Those of all works, in order; of very many the ones that most works have."""
    found = Counter(one for book in books for one in dict.fromkeys(subjects(book.metadata)))
    chosen = {one for one, _ in found.most_common(_MOST_SUBJECTS)}
    return tuple(one for one in found if one in chosen)


def _story(anthology: Anthology, language: str, options: PublishOptions) -> Iterator[Resource]:
    """The works, each group behind its page."""
    home = homes(anthology)

    def walk(path: tuple[Group, ...]) -> Iterator[Resource]:
        if path[-1].paged:
            yield divider(anthology, path, home, language, options)
        for book in path[-1].works:
            yield from book.files
        for inner in path[-1].groups:
            yield from walk((*path, inner))

    for book in anthology.works:
        yield from book.files
    for group in anthology.groups:
        yield from walk((group,))


def _join_authors(back: Sequence[Listing], thanks: Listing) -> None:
    """Make the names in the index of authors lead to the credits, and those back to it."""
    index = next(listing for listing in back if listing.stem == AUTHORS)
    for there, here in ((index, thanks), (thanks, index)):
        places = {identifier.partition("-")[2]: place for identifier, place in there.places().items()}
        for row in (row for page in here.pages for row in page):
            identifier = row.element.get("id")
            if identifier is not None:
                _link_name(row.element[0], places[identifier.partition("-")[2]])


def _link_name(name: Element, href: str) -> None:
    name.append(make("a", name.text, href=href))
    name.text = None


class _Pages:
    """The lists as files, each with links to the others at its head."""

    def __init__(
        self, language: str, options: PublishOptions, back: Sequence[Listing], thanks: Listing
    ) -> None:
        self._language = language
        self._options = options
        self._back = back
        self._thanks = thanks
        self._ends = [(listing.title, listing.href()) for listing in (*back, thanks)]
        self._up = [(labels(language)("Contents"), "contents.xhtml")]

    def contents(self, listed: Listing) -> tuple[Resource, ...]:
        return listed.documents(self._language, self._options, links=self._ends)

    def news(self, fresh: Listing | None) -> tuple[Resource, ...]:
        return () if fresh is None else fresh.documents(self._language, self._options, links=self._up)

    def indexes(self) -> Iterator[Resource]:
        for listing in self._back:
            kind = ("index", "doc-index")
            yield from listing.documents(self._language, self._options, links=self._up, kind=kind)

    def credits(self) -> tuple[Resource, ...]:
        return self._thanks.documents(
            self._language,
            self._options,
            links=self._up,
            message=labels(self._language)(THANKS),
            kind=(None, "doc-credits"),
        )


def _entries(
    anthology: Anthology,
    language: str,
    front: Resource,
    listed: Listing,
    fresh: Listing | None,
    back: Sequence[Listing],
    thanks: Listing,
) -> Iterator[NavPoint]:
    """The navigation: groups in groups, then works, then chapters."""
    say = labels(language)
    yield NavPoint(say("Preface"), front.href, language=say.language)
    for listing in (listed, *((fresh,) if fresh else ())):
        yield NavPoint(listing.title, listing.href(), language=say.language)
    for book in anthology.works:
        yield _work_entry(book)
    for group in anthology.groups:
        yield from _group_entries(group, say.language, language)
    indexed = tuple(NavPoint(listing.title, listing.href(), language=say.language) for listing in back)
    yield NavPoint(say("Indexes"), back[0].href(), indexed, say.language)
    yield NavPoint(thanks.title, thanks.href(), language=say.language)


def _group_entries(group: Group, own: str, language: str) -> Iterator[NavPoint]:
    if not group.filled:
        return
    inner = tuple(point for one in group.groups for point in _group_entries(one, own, language))
    works = tuple(_work_entry(book) for book in group.works)
    label = group_label(group, labels(language))
    yield NavPoint(label, group_href(group), (*works, *inner), own if group.own else None)


def _work_entry(book: WorkBook) -> NavPoint:
    """A work: its preface, and below it the chapters if it has several."""
    several = len(book.record.chapters) > 1
    chapters = book.navigation if several else book.navigation[1:]
    return NavPoint(book.metadata.title, book.preface.href, chapters, book.metadata.language)
