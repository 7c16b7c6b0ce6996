"""What a book remembers of its dump (``model.Memory``), as JSON and back."""

from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_origin

from fic2epub.model import Leaf, Mark, Memory, Trace

__all__ = ["as_json", "memory_json", "read_memory"]

T = TypeVar("T")

_PLAIN = frozenset({str, int, float, bool, type(None)})


def as_json(value: Any) -> Any:
    """Values of the model as JSON will hold them: ``asdict`` gives the same, but copies every word."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    names = _names(kind)
    return {name: as_json(getattr(value, name)) for name in names} if names else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a class of the model; none of another."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def memory_json(memory: Memory | None) -> dict[str, Any] | None:
    """A memory as JSON will hold it: of each mark only what says something."""
    if memory is None:
        return None
    data: dict[str, Any] = as_json(memory)
    for trace in data["chapters"]:
        trace["marks"] = [
            {name: value for name, value in mark.items() if value is not None} for mark in trace["marks"]
        ]
    return data


def read_memory(data: dict[str, Any] | None) -> Memory | None:
    """What a book remembers of its dump; None if it remembers nothing.

    Raises KeyError, TypeError or ValueError for what is none: anyone may have written it.
    """
    if data is None:
        return None
    traces = [
        {**trace, "rules": tuple(trace["rules"]), "marks": tuple(map(_read_mark, trace["marks"]))}
        for trace in data["chapters"]
    ]
    form = name, width, slack, spacing = data["form"]
    if not isinstance(name, str) or not all(isinstance(number, int) for number in form[1:]):
        raise TypeError("not how a dump sets its paragraphs")
    return _typed(
        Memory(
            form=(name, width, slack, spacing),
            language=data["language"],
            declared=data["declared"],
            infer=data["infer"],
            chapters=tuple(_typed(Trace(**trace)) for trace in traces),
            leaves=tuple(_typed(Leaf(**leaf)) for leaf in data["leaves"]),
            news=data["news"],
        )
    )


def _read_mark(data: dict[str, Any]) -> Mark:
    return _typed(Mark(**data))


def _typed(made: T) -> T:
    """A value of the model, if its plain fields hold what they say; raises TypeError if not.

    What is remembered is trusted further on, and anyone may have written it.
    """
    for one in fields(made):  # type: ignore[arg-type]
        value = getattr(made, one.name)
        plain = isinstance(one.type, type | UnionType) and get_origin(one.type) is not tuple
        if plain and not isinstance(value, one.type):  # type: ignore[arg-type]
            raise TypeError(f"{one.name} is no {one.type}")
    return made
