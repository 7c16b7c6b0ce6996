"""The values that conditions are written with, and how they are compared with a work's."""

import calendar
import datetime
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fic2epub.select.fields import RATINGS, Kind, rating_rank, status_word
from fic2epub.select.text import fold

__all__ = ["OPERATORS", "BadValueError", "Period", "holds", "misfit", "read"]

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "!~")

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER_RE = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?)(?P<unit>[kKmM%]?)")
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "%": 0.01}
_DATE_RE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_UNORDERED = (Kind.TEXT, Kind.STATUS, Kind.FLAG)
_WORDLESS = (Kind.NUMBER, Kind.DATE, Kind.FLAG)


class BadValueError(ValueError):
    """A value that means nothing for a kind of field; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class Period:
    """A date as written: a day, a month or a year."""

    first: datetime.date
    last: datetime.date


def misfit(kind: Kind, sign: str) -> str | None:
    """Why a sign says nothing of a kind of field, as a sentence; None if it does."""
    if sign in ("~", "!~") and kind in _WORDLESS:
        return f"{sign} looks into words, and this field is {kind.value}. Use = instead."
    if sign in ("<", "<=", ">", ">=") and kind in _UNORDERED:
        return f"{sign} compares ratings, numbers and dates, and this field is {kind.value}."
    return None


def read(kind: Kind, sign: str, written: str) -> Any:
    """What a written value means behind a sign (one of OPERATORS) that fits the kind of field.

    Raises BadValueError if it means nothing there.
    """
    wanted = fold(written) if sign in ("~", "!~") else _READERS[kind](written)
    if wanted == "":
        raise BadValueError("there is nothing in these quotes. To ask if a field says anything, write has.")
    return wanted


def holds(kind: Kind, sign: str, value: Any, wanted: Any) -> bool:
    """Whether one value of a work meets ``sign wanted``; the signs that deny are the caller's."""
    if sign == "~":
        return wanted in fold(value)
    if kind is Kind.RATING:
        rank = rating_rank(value)
        # Not Rated has no place in the order: it is neither below nor above anything.
        return rank is not None and (sign == "=" or min(rank, wanted) >= 0) and _ORDER[sign](rank, wanted)
    if kind is Kind.DATE:
        return _in_period(sign, value, wanted)
    return _ORDER[sign](fold(value) if kind is Kind.TEXT else value, wanted)


def _in_period(sign: str, value: datetime.date, wanted: Period) -> bool:
    """``= 2024`` is within the year, ``> 2024`` behind it, ``<= 2024`` not behind it."""
    if sign == "=":
        return wanted.first <= value <= wanted.last
    return _ORDER[sign](value, wanted.first if sign in ("<", ">=") else wanted.last)


def _number(written: str) -> float:
    match = _NUMBER_RE.fullmatch(written)
    if match is None:
        raise BadValueError(f"{written!r} is no number. Write it so: 5000, 5k, 1.5m, 80%.")
    number = float(match["number"]) * _UNITS[match["unit"].lower()]
    return round(number, 6)


def _period(written: str) -> Period:
    match = _DATE_RE.fullmatch(written)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        last = day or calendar.monthrange(year, month or 12)[1]
        return Period(datetime.date(year, month or 1, day or 1), datetime.date(year, month or 12, last))
    except ValueError as error:
        raise BadValueError(f"{written!r} is no date. Write it so: 2024-05-31, 2024-05, 2024.") from error


def _rating(written: str) -> int:
    rank = rating_rank(written)
    if rank is None:
        known = ", ".join(RATINGS)
        raise BadValueError(
            f'{written!r} is no rating: {known} or "Not Rated". For a word of a dump\'s own use ~.'
        )
    return rank


def _flag(written: str) -> bool:
    try:
        return _FLAGS[written.casefold()]
    except KeyError as error:
        raise BadValueError(f"{written!r} is neither yes nor no.") from error


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: fold,
    Kind.STATUS: status_word,
    Kind.RATING: _rating,
    Kind.NUMBER: _number,
    Kind.DATE: _period,
    Kind.FLAG: _flag,
}
