"""What the reader named: files, folders, ``-``, lists of paths; and where the books of dumps may stand."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fic2epub.cli.defaults import path_set
from fic2epub.cli.talk import Talk, passed_over_line
from fic2epub.errors import SourceError, UsageError

if TYPE_CHECKING:
    from fic2epub.library.nearby import Nearby, Standing
    from fic2epub.model import Draft
    from fic2epub.parser.options import ParseOptions

__all__ = ["collect", "nearby", "tell_stranger"]

STDIN = Path("-")


def collect(
    talk: Talk,
    dumps: Sequence[Path],
    options: "ParseOptions",
    *,
    paths_from: BinaryIO | None = None,
    take_all: bool = False,
    exclude: Sequence[Path] = (),
) -> "list[Path | Draft]":
    """The dumps that were named, in order; those of a folder in natural order. Never empty.

    ``-`` is one dump's text on standard input. Says in one line which text files of a folder were
    passed over. Raises UsageError if nothing was named, SourceError if nothing was found.
    """
    from fic2epub.parser.sources import find_dumps, read_stdin

    named = [*dumps, *_paths(paths_from)]
    if STDIN in named:
        if len(named) > 1:
            raise UsageError(
                "- is one dump's text on standard input and stands alone; lists go to --paths-from."
            )
        return [read_stdin(sys.stdin.buffer, options=options)]
    if not named:
        raise UsageError("Name a dump or a folder of dumps, or - for a dump on standard input.")
    missing = [path for path in named if not os.path.lexists(path)]
    present = [path for path in named if path not in missing]
    found = find_dumps(present, take_all=take_all, exclude=tuple(exclude))
    if found.passed_over:
        talk.say(passed_over_line(found.passed_over))
    taken = [*found.dumps, *dict.fromkeys(missing)]  # these fail later, each for itself
    if not taken:
        names = ", ".join(map(str, named))
        raise SourceError(f"{names}: no dumps found. --all takes every text file of a folder.")
    return list(taken)


def _paths(stream: BinaryIO | None) -> list[Path]:
    """Paths, one a line, as bytes of the file system; empty lines are passed over."""
    if stream is None:
        return []
    lines = stream.read().splitlines()
    return [Path(os.fsdecode(line)) for line in lines if line.strip()]


def nearby(ctx: click.Context, book: str | None) -> "Nearby":
    """Where the books of dumps stand: where the reader says, or where convert and batch would put them."""
    from fic2epub.library.nearby import Nearby

    if book is not None:
        return Nearby(places=(book,), by_name=True)
    places = (path_set(ctx, "convert", "output"), path_set(ctx, "batch", "output") or "books")
    return Nearby(places=tuple(place for place in places if place != "-"))


def tell_stranger(talk: Talk, near: "Nearby", standing: "Standing | None", dump: "Path | Draft") -> None:
    """Say that a file that the reader named is no book of a dump's work, and so nothing is kept of it."""
    path = near.stranger()
    if path is not None and standing is None:
        name = dump if isinstance(dump, Path) else dump.origin.name
        talk.say(f"{path}: is no book of the work in {name}; nothing is kept of it.", colour="yellow")
