"""What ``send`` says of the books that it sent: a line each, paths on standard output, and the count."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fic2epub.cli.devices import megabytes, printable
from fic2epub.cli.talk import Talk, count, put_path
from fic2epub.errors import ExitCode

if TYPE_CHECKING:
    from fic2epub.delivery.delivered import Delivered

__all__ = ["report"]

MARKS = {"there": "=", "outdated": "!", "absent": "=", "failed": "✗", "later": "✗", "unknown": "?"}
COLOURS = {
    "sent": "green",
    "replaced": "green",
    "removed": "green",
    "outdated": "yellow",
    "unknown": "yellow",
}
COLOURS |= {"failed": "red", "later": "red"}
WORDS = {
    "there": "already there",
    "outdated": "outdated",
    "removed": "taken off",
    "absent": "not on it",
    "unknown": "nobody knows whether it was sent",
}
PLANNED = {"sent": "to send", "replaced": "to replace", "removed": "to take off"}
"""What a dry run says instead."""
WRITTEN = frozenset({"sent", "replaced", "removed"})
STAND = frozenset({"sent", "replaced", "there"})
"""Outcomes after which the book is on the device."""


def report(
    talk: Talk,
    results: "Iterable[Delivered]",
    *,
    top: Path | None,
    dry_run: bool,
    as_json: bool,
    only_new: bool,
) -> tuple[ExitCode, Counter[str]]:
    """Say what became of each book, as it comes; the exit code, and how many came to what.

    ``top`` is the device's, for the paths that are printed; None for mail, where a book's own path is. With
    ``only_new`` a book that is there already is no news.
    """
    counts: Counter[str] = Counter()
    code = ExitCode.OK
    for one in results:
        counts[one.outcome.value] += 1
        if one.error is not None:
            code = code or one.error.exit_code
        if as_json:
            _put_json(one, dry_run)
        _say(talk, one, dry_run=dry_run, level=1 if only_new and one.outcome.value == "there" else 0)
        if (
            not as_json
            and not dry_run
            and one.outcome.value in STAND
            and not (only_new and one.outcome.value == "there")
        ):
            put_path(top / one.place if top and one.place else one.book or Path(one.title))
    total = counts.total()
    if total > 1 or (only_new and not total):
        words = {**WORDS, **(PLANNED if dry_run else {}), "unknown": "uncertain"}
        parts = [f"{number:,} {words.get(name, name)}" for name, number in counts.items()]
        talk.say(f"{count(total, 'book')}: {', '.join(parts)}" if parts else "There is nothing to send.")
    return (ExitCode.SOME_FAILED if code and total > 1 else code), counts


def _say(talk: Talk, one: "Delivered", *, dry_run: bool, level: int) -> None:
    """A line about a book on standard error, and what there is to say of it."""
    outcome = one.outcome.value
    if one.error is not None and outcome == "failed":
        talk.say(f"✗ {one.error}", level=-1, colour="red")
        return
    words = PLANNED.get(outcome) if dry_run else None
    words = words or WORDS.get(outcome) or (f"{one.place}" if one.place else outcome)
    if outcome in WRITTEN and dry_run and one.place:
        words += f": {one.place}"
    size = f"  {megabytes(one.size)}" if one.size and outcome in ("sent", "replaced") else ""
    line = printable(f"{MARKS.get(outcome, '✓')} {one.title}  {words}{size}")
    talk.say(line, level=level, colour=COLOURS.get(outcome))
    for sentence in (one.message, str(one.error) if one.error else None, *one.warnings):
        if sentence:
            talk.say(f"    {sentence}", level=level)


def _put_json(one: "Delivered", dry_run: bool) -> None:
    """One line of JSON in UTF-8, whatever the terminal's encoding."""
    value = {
        "schema": 1,
        "book": None if one.book is None else str(one.book),
        "title": one.title,
        "outcome": one.outcome.value,
        "dry_run": dry_run,
        "place": one.place,
        "format": one.format,
        "size": one.size,
        "message": one.message,
        "warnings": list(one.warnings),
        "error": str(one.error) if one.error else None,
    }
    click.echo(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))
