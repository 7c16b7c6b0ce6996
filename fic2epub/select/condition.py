"""A condition, read: a tree of values that can be asked about any work, and sent to another process.

A field that a work does not state passes no comparison. ``!=`` and ``!~`` deny ``=`` and ``~``, and so does
``not``: they are true of a work that does not say, and of many values only if none fits.
"""

from typing import Any

from fic2epub.select.fields import FIELDS, Kind
from fic2epub.select.subject import Subject
from fic2epub.select.values import holds
from fic2epub.values import dataclass

__all__ = ["All", "Condition", "Has", "Node", "Not", "Some", "Test"]


@dataclass(frozen=True, slots=True)
class All:
    """True if every part is."""

    parts: "tuple[Node, ...]"

    def matches(self, subject: Subject) -> bool:
        """Ask it about a work."""
        return all(part.matches(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """True if any part is."""

    parts: "tuple[Node, ...]"

    def matches(self, subject: Subject) -> bool:
        """Ask it about a work."""
        return any(part.matches(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """True if its part is not."""

    part: "Node"

    def matches(self, subject: Subject) -> bool:
        """Ask it about a work."""
        return not self.part.matches(subject)


@dataclass(frozen=True, slots=True)
class Has:
    """True if the work says anything about a field."""

    field: str

    def matches(self, subject: Subject) -> bool:
        """Ask it about a work."""
        return bool(FIELDS[self.field].values(subject))


@dataclass(frozen=True, slots=True)
class Test:
    """True if any value of a field meets ``sign`` with any of the wanted ones."""

    field: str
    sign: str
    """One of ``=``, ``<``, ``<=``, ``>``, ``>=``, ``~``."""
    wanted: tuple[Any, ...]

    def matches(self, subject: Subject) -> bool:
        """Ask it about a work."""
        field = FIELDS[self.field]
        values = field.values(subject)
        if field.kind is Kind.RATING and self.sign == "=" and not values:
            return -1 in self.wanted  # no rating at all is as good as Not Rated
        return any(holds(field.kind, self.sign, value, one) for value in values for one in self.wanted)


Node = All | Some | Not | Has | Test


@dataclass(frozen=True, slots=True)
class Condition:
    """What ``--where`` says."""

    text: str
    """As written."""
    root: Node

    def matches(self, subject: Subject) -> bool:
        """Whether a work meets it."""
        return self.root.matches(subject)
