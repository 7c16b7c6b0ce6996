"""How many books there are of each author, rating and so on, among any of them.

The catalogue's values are held in memory for one state of the library. To count among a few thousand books is
then a matter of a millisecond, where SQL needs twenty.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

__all__ = ["Counts", "Tally"]


class Counts:
    """The values of one kind among some books, with how many of the books have each."""

    def __init__(self, values: Sequence[str], counted: Counter[int]) -> None:
        self._values, self._counted = values, counted

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._counted)

    def commonest(self, most: int) -> list[tuple[str, int]]:
        """The commonest values, by name."""
        return self._named(self._counted.most_common(most))

    def all(self) -> list[tuple[str, int]]:
        """All values, by name."""
        return self._named(self._counted.items())

    def _named(self, counted: Iterable[tuple[int, int]]) -> list[tuple[str, int]]:
        found = [(self._values[number], count) for number, count in counted]
        return sorted(found, key=lambda one: (one[0].casefold(), one[0]))


class _Kind:
    """The values of one kind, by number, and which of them each book has."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.of: dict[int, list[int]] = {}

    def add(self, book: int, value: str) -> None:
        self.of.setdefault(book, []).append(self.numbers.setdefault(value, len(self.numbers)))


class Tally:
    """The values of all books; ``rows`` are a book's number, the kind and the value."""

    def __init__(self, rows: Iterable[tuple[int, str, str]]) -> None:
        self._kinds: dict[str, _Kind] = {}
        for book, kind, value in rows:
            self._kinds.setdefault(kind, _Kind()).add(book, value)
        self._values = {kind: tuple(found.numbers) for kind, found in self._kinds.items()}

    def count(self, kind: str, books: Iterable[int]) -> Counts:
        """Count the values of a kind among some books, by their numbers."""
        if kind not in self._kinds:
            return Counts((), Counter())
        of = self._kinds[kind].of
        return Counts(self._values[kind], Counter(chain.from_iterable(map(of.get, books, repeat(())))))
