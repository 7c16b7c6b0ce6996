"""``--sort-by author,-words``: any field, the later ones where the earlier ones are equal."""

from collections.abc import Callable
from functools import total_ordering
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.select.fields import FIELDS, Field, Kind, find, nearest, rating_rank
from fic2epub.select.subject import Subject
from fic2epub.select.text import natural

__all__ = ["sort_key"]


@total_ordering
class _Down:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    def __lt__(self, other: "_Down") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]  # equal by value, and never a key


def sort_key(text: str) -> Callable[[Subject], tuple[Any, ...]]:
    """A key for ``sorted``; with equal keys the order stays as it was.

    ``-`` before a field turns it round. Texts sort naturally and by their first value, works that do not
    say come last either way. Raises UsageError for an unknown field, or for none.
    """
    rules = [_rule(part.strip()) for part in text.split(",")]

    def key(subject: Subject) -> tuple[Any, ...]:
        return tuple(_place(subject, field, down) for field, down in rules)

    return key


def _rule(written: str) -> tuple[Field, bool]:
    name = written.removeprefix("-").strip()
    field = find(name)
    if field is None:
        hint = nearest(name)
        meant = f"Did you mean {hint}?" if hint else f"Choose among {', '.join(FIELDS)}."
        raise UsageError(f"--sort-by {written!r}: there is no such field. {meant}")
    return field, written.startswith("-")


def _place(subject: Subject, field: Field, down: bool) -> tuple[Any, ...]:
    values = field.values(subject)
    value = _sortable(field.kind, values[0]) if values else None
    if value is None:
        return (1,)
    return 0, _Down(value) if down else value


def _sortable(kind: Kind, value: Any) -> Any:
    if kind is Kind.RATING:
        rank = rating_rank(value)
        return None if rank is None or rank < 0 else rank
    return natural(value) if kind in (Kind.TEXT, Kind.STATUS) else value
