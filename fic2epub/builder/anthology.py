"""Many works in one book: grouped, sorted, each in one place and named wherever else it belongs.

1. Groups may be divided again (``--group-by relationship,author``). A work lives in the first group that
   it belongs to at each level (``grouping``); the others of that level refer to it.
2. Works are sorted by any field that conditions know (``select``); equals by title, then as they came.
3. Works of one series stand together, in the series' order, where the first of them would stand. Only
   the order of the input is left as it is: the reader made it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fic2epub.builder.grouping import GROUP_BY, Value, parse_group_by, series_key
from fic2epub.builder.identity import anthology_identifier
from fic2epub.builder.work_book import WorkBook
from fic2epub.errors import UsageError
from fic2epub.model import Metadata
from fic2epub.select import sort_key
from fic2epub.values import dataclass

__all__ = ["INPUT", "Anthology", "Group", "gather", "parse_sort_by"]

INPUT = "input"
"""The order in which the works came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Works that share a page and an entry of the contents."""

    label: str
    own: bool = False
    """True if the label is one of the program's words, and not the dump's."""
    key: tuple[str, ...] = ()
    """What tells it from all other groups: its own key behind those of the groups that it is in."""
    groups: tuple["Group", ...] = ()
    """What it is divided into, if it is."""
    works: tuple[WorkBook, ...] = ()
    """Those that live in it and in no group of its own."""
    elsewhere: tuple[WorkBook, ...] = ()
    """Works that belong here too, but live in another group."""

    @property
    def books(self) -> Iterator[WorkBook]:
        """All works that live in it, in reading order."""
        yield from self.works
        for group in self.groups:
            yield from group.books

    @property
    def filled(self) -> bool:
        """Whether any work lives in it; a group that only refers to others stands in the contents alone."""
        return bool(self.works or self.groups)

    @property
    def paged(self) -> bool:
        """Whether a page announces it: not an inner group of one work, or there would be two in a row."""
        return self.filled and (len(self.key) == 1 or len(self.works) != 1 or bool(self.elsewhere))


@dataclass(frozen=True, slots=True, kw_only=True)
class Anthology:
    """A book of several works, in order; at least one."""

    title: str
    """The name that the reader gave."""
    identifier: str
    groups: tuple[Group, ...] = ()
    works: tuple[WorkBook, ...] = ()
    """All of them, if they are not grouped."""
    before: Mapping[str, int] | None = None
    """The chapters that each work had in the edition before, by its identifier; None in the first one."""
    volume: tuple[int, int] | None = None
    """Which volume this is, and of how many."""

    @property
    def books(self) -> tuple[WorkBook, ...]:
        """All works in reading order."""
        return (*self.works, *(book for group in self.groups for book in group.books))

    def first_new(self, book: WorkBook) -> int | None:
        """The first chapter of a work that the edition before did not have: 1 for a new work, else None.

        Chapters are taken by their number: what was recovered otherwise than before is not new.
        """
        if self.before is None:
            return None
        had = self.before.get(book.record.identifier, 0)
        return had + 1 if book.chapters > had else None


SortKey = Callable[[WorkBook], Any]


def parse_sort_by(text: str) -> SortKey | None:
    """Read ``author,-words``; None for the order of the input. Raises UsageError for an unknown field."""
    if text.strip().casefold() == INPUT:
        return None
    chosen, title = sort_key(text), sort_key("title")
    return lambda book: (chosen(book), title(book))


def gather(
    books: Iterable[WorkBook],
    *,
    title: str,
    group_by: str = "author",
    sort_by: str = "title",
    identifier: str | None = None,
    before: Mapping[str, int] | None = None,
) -> Anthology:
    """Group and sort works, which are files already (``work_book.bind``).

    ``identifier`` is the anthology's if it has one; else one is made (see ``identity``). Raises
    UsageError for an unknown rule, an empty title or no work at all.
    """
    kinds = parse_group_by(group_by)
    key = parse_sort_by(sort_by)
    chosen = list(books)
    if not chosen or not title.strip():
        raise UsageError("An anthology needs a title and at least one work.")
    identifier = identifier or anthology_identifier(title, (book.record.identifier for book in chosen))
    if key is not None:
        chosen.sort(key=key)
    anthology = Anthology(title=title, identifier=identifier, before=before)
    if not kinds:
        return replace(anthology, works=_arranged(chosen, key))
    return replace(anthology, groups=_groups(chosen, kinds, (), key))


def _groups(
    books: Sequence[WorkBook], kinds: Sequence[str], path: tuple[str, ...], key: SortKey | None
) -> tuple[Group, ...]:
    """Divide works by the first kind, and what comes of it by the others."""
    values: dict[str, Value] = {}
    members: dict[str, list[WorkBook]] = {}
    guests: dict[str, list[WorkBook]] = {}
    for book in books:
        home, *others = GROUP_BY[kinds[0]](book.metadata)
        members.setdefault(home.key, []).append(book)
        for value in others:
            guests.setdefault(value.key, []).append(book)
        for value in (home, *others):
            values.setdefault(value.key, value)
    groups = []
    for name in sorted(values, key=lambda name: values[name].order):
        own = members.get(name, ())
        inner = _groups(own, kinds[1:], (*path, name), key) if len(kinds) > 1 and own else ()
        groups.append(
            Group(
                label=values[name].label,
                own=values[name].own,
                key=(*path, name),
                groups=inner,
                works=() if inner else _arranged(own, key),
                elsewhere=tuple(guests.get(name, ())),
            )
        )
    return tuple(groups)


def _arranged(books: Sequence[WorkBook], key: SortKey | None) -> tuple[WorkBook, ...]:
    """Sorted works with those of each series drawn together."""
    if key is None:
        return tuple(books)
    series: dict[str, list[WorkBook]] = {}
    for book in books:
        if name := series_key(book.metadata):
            series.setdefault(name, []).append(book)
    arranged: list[WorkBook] = []
    for book in books:
        name = series_key(book.metadata)
        if name is None:
            arranged.append(book)
        elif name in series:
            arranged += sorted(series.pop(name), key=lambda one: _part(one.metadata))
    return tuple(arranged)


def _part(metadata: Metadata) -> tuple[int, int]:
    """A work's place in its first series; one without a number comes last."""
    number = metadata.series[0].position
    return (1, 0) if number is None else (0, number)
