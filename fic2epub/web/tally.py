"""How many books there are of each author, rating and so on, among any of them.

The catalogue's values are held in memory for one state of the library. To count among a few thousand books is
then a matter of milliseconds, where SQL needs as many for each kind.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import chain, repeat

__all__ = ["Counts", "Tally"]


class Counts:
    """The values of some books, with how many of the books have each."""

    def __init__(self, values: Sequence[tuple[str, str]], counted: Counter[int]) -> None:
        self._kinds: dict[str, dict[str, int]] = {}
        for number, count in counted.items():
            kind, value = values[number]
            self._kinds.setdefault(kind, {})[value] = count

    def __len__(self) -> int:
        """How many values there are, of all kinds."""
        return sum(map(len, self._kinds.values()))

    def commonest(self, kind: str, most: int) -> list[tuple[str, int]]:
        """The commonest values of a kind, by name."""
        found = self._kinds.get(kind, {}).items()
        return sorted(nsmallest(most, found, key=lambda one: (-one[1], one[0])), key=_by_name)

    def all(self, kind: str) -> list[tuple[str, int]]:
        """All values of a kind, by name."""
        return sorted(self._kinds.get(kind, {}).items(), key=_by_name)


class Tally:
    """The values of all books; ``rows`` are a book's number, the kind and the value."""

    def __init__(self, rows: Iterable[tuple[int, str, str]]) -> None:
        numbers: dict[tuple[str, str], int] = {}
        self._of: dict[int, list[int]] = {}
        for book, kind, value in rows:
            number = numbers.setdefault((kind, value), len(numbers))
            self._of.setdefault(book, []).append(number)
        self._values = tuple(numbers)

    def count(self, books: Iterable[int]) -> Counts:
        """Count among some books, by their numbers."""
        return Counts(self._values, Counter(chain.from_iterable(map(self._of.get, books, repeat(())))))


def _by_name(one: tuple[str, int]) -> tuple[str, str]:
    return one[0].casefold(), one[0]
