"""The end of a run over many dumps: how many became what, and what that asks of the reader."""

import sys
from collections.abc import Mapping

from fic2epub.cli.talk import Talk, count

__all__ = ["STATUSES", "tell_counts"]

STATUSES = {
    "made": "written",
    "to make": "would be written",
    "unchanged": "nothing to do",
    "edited": "changed by someone since; left alone without --force",
    "shrank": "the dump holds clearly less; left alone without --force",
    "duplicate": "another dump of the same work holds more",
    "passed over": "not asked for, or removed from the library",
    "vanished": "the dump is gone; the book stays",
    "failed": "no book",
}
"""What can become of a dump, in the order of telling, and what it means."""
_COLOURS = {"made": "green", "to make": "green", "edited": "yellow", "shrank": "yellow", "failed": "red"}


def tell_counts(talk: Talk, counts: Mapping[str, int]) -> None:
    """Say how many dumps became what: a table on a terminal, else a line that programs can find.

    What has vanished is no dump any more, and does not count as one.
    """
    told = {status: counts[status] for status in STATUSES if counts.get(status)}
    number = count(sum(told.values()) - told.get("vanished", 0), "work")
    if talk.verbosity >= 0 and len(told) > 1 and sys.stderr.isatty():
        _put_table(number, told)
    else:
        talk.say(f"{number}: {', '.join(f'{amount:,} {status}' for status, amount in told.items())}")


def _put_table(title: str, told: Mapping[str, int]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_row("", title, "", style="bold")
    for status, amount in told.items():
        table.add_row(f"{amount:,}", status, STATUSES[status], style=_COLOURS.get(status))
    Console(stderr=True, highlight=False).print(table)
