"""Long lists on pages of the book: headings with lists below them, cut into files that every reader takes.

Contents, indexes and credits of an anthology are made here. A page ends between two entries, never
behind a heading. The letters at the top of the first page lead to the headings.
"""

from collections.abc import Iterable, Sequence

from lxml import etree

from fic2epub.builder.labels import labels
from fic2epub.builder.markup import OPS_TYPE, Element, append, make
from fic2epub.builder.matter import document
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.model import Resource
from fic2epub.values import dataclass

__all__ = ["Listing", "Row", "lay_out"]

_PAGE_BYTES = 200_000
"""Adobe's engine refuses more than 300 kB; the frame of a page comes on top."""
_MIN_HEADINGS = 24
"""With fewer there are no letters: the list is seen at a glance."""
_MAX_LETTERS = 40
"""With more of them (Chinese) they are no help."""
_ITEM = "{http://www.w3.org/1999/xhtml}li"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list."""

    element: Element
    """An ``li``, or a heading: a list begins behind it."""
    letter: str | None = None
    """The letter that leads to this heading, which then has an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list on its way to become pages.

    The files are named before they are made, so that two lists can refer to each other.
    """

    stem: str
    title: str
    pages: tuple[tuple[Row, ...], ...]

    def href(self, number: int = 1) -> str:
        """The file of a page."""
        return f"{self._stem(number)}.xhtml"

    def places(self) -> dict[str, str]:
        """Where each id of a row is, by the id."""
        return {
            identifier: f"{self.href(number)}#{identifier}"
            for number, rows in enumerate(self.pages, 1)
            for row in rows
            if (identifier := row.element.get("id")) is not None
        }

    def _stem(self, number: int) -> str:
        return self.stem if number == 1 else f"{self.stem}-{number}"

    def documents(
        self,
        language: str,
        options: PublishOptions,
        *,
        links: Sequence[tuple[str, str]] = (),
        message: str | None = None,
        kind: tuple[str | None, str] | None = None,
    ) -> tuple[Resource, ...]:
        """The files. ``links`` (labels and hrefs) stand above the list; ``kind`` is epub:type and role."""
        made = []
        for number, rows in enumerate(self.pages, 1):
            say = labels(language)
            name = self.title
            if number > 1:
                name = say("{label} (part {number})", label=name, number=number)
            page = Page("listing.xhtml", title=name, language=language, options=options)
            section, heading = page.slot("listing"), page.slot("heading")
            section.set("id", "listing")
            heading.set("id", "listing-heading")
            if kind is not None:
                section.set("role", kind[1])
                if kind[0]:
                    section.set(OPS_TYPE, kind[0])
            say.mark(heading).text = name
            if number == 1:
                bar = [*links, *self._letters()]
                if bar:
                    _fill_bar(page.slot("bar"), bar)
                if message:
                    say.mark(page.slot("message")).text = message
            _fill_rows(page.slot("rows"), rows)
            made.append(document(self._stem(number), self.href(number), page))
        return tuple(made)

    def _letters(self) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        headings = 0
        for number, rows in enumerate(self.pages, 1):
            for row in rows:
                if row.letter is not None:
                    headings += 1
                    found.setdefault(row.letter, f"{self.href(number)}#{row.element.get('id')}")
        return list(found.items()) if headings >= _MIN_HEADINGS and len(found) <= _MAX_LETTERS else []


def _fill_bar(bar: Element, links: Sequence[tuple[str, str]]) -> None:
    for label, href in links:
        link = make("a", label, href=href)
        link.tail = " \N{MIDDLE DOT} "
        bar.append(link)
    bar[-1].tail = None


def _fill_rows(parent: Element, rows: Iterable[Row]) -> None:
    listed, below = None, None
    for row in rows:
        if row.element.tag != _ITEM:
            append(parent, row.element)
            listed, below = None, "refs" if row.element.get("class") == "term" else None
            continue
        if listed is None:
            listed = append(parent, make("ul", cls=below))
        append(listed, row.element)


def lay_out(stem: str, title: str, rows: Iterable[Row]) -> Listing:
    """Cut a list into pages; at least one, even if there is no row."""
    pages: list[list[Row]] = [[]]
    size = 0
    for row in rows:
        length = len(etree.tostring(row.element, encoding="utf-8"))
        if size + length > _PAGE_BYTES and pages[-1]:
            carried: list[Row] = []  # headings at the foot go with what follows them
            while len(pages[-1]) > 1 and pages[-1][-1].element.tag != _ITEM:
                carried.insert(0, pages[-1].pop())
            pages.append(carried)
            size = 0
        pages[-1].append(row)
        size += length
    return Listing(stem=stem, title=title, pages=tuple(map(tuple, pages)))
