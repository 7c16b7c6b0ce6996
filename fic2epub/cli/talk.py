"""How much the program says, and the lines that it says about works and dumps."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fic2epub.errors import OutputError, UsageError
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.library.book import Tally
    from fic2epub.library.outcome import Outcome
    from fic2epub.model import Finding

__all__ = [
    "Talk",
    "count",
    "passed_over_line",
    "put_book",
    "put_path",
    "talk_options",
    "tally_line",
    "tell_outcome",
]

F = TypeVar("F", bound=Callable[..., Any])

NAMES_SHOWN = 5  # of the files that are no dumps


@dataclass(slots=True)
class Talk:
    """What was said about talking; it can stand before the command or behind it."""

    verbosity: int = 0
    """1 and up: every finding; 0: a line a work, and warnings; -1: errors only; -2: not even those."""
    debug: bool = False
    profile: str | None = None
    assignments: list[str] = field(default_factory=list)
    """What ``--set`` says."""

    def say(self, line: str, *, level: int = 0, colour: str | None = None) -> None:
        """Print a line on standard error, unless it is above the level asked for."""
        if level <= self.verbosity:
            click.secho(line, fg=colour, err=True)


def talk_options(function: F) -> F:
    """Add the options that every command has; what they say lands in the context's Talk."""

    def louder(ctx: click.Context, param: click.Parameter, value: int) -> None:
        ctx.ensure_object(Talk).verbosity += value

    def quieter(ctx: click.Context, param: click.Parameter, value: int) -> None:
        ctx.ensure_object(Talk).verbosity -= value

    def debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.ensure_object(Talk).debug |= value

    def profile(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        talk = ctx.ensure_object(Talk)
        talk.profile = value or talk.profile

    def assign(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
        ctx.ensure_object(Talk).assignments.extend(value)

    hidden: dict[str, Any] = {"expose_value": False, "is_eager": True}
    function = click.option(
        "--set",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        callback=assign,
        help="Set what fic2epub.toml could set, for this run. May be given again.",
        **hidden,
    )(function)
    function = click.option(
        "--profile", metavar="NAME", callback=profile, help="Take [profile.NAME] of fic2epub.toml.", **hidden
    )(function)
    function = click.option("--debug", is_flag=True, callback=debug, help="Show tracebacks.", **hidden)(
        function
    )
    function = click.option(
        "-q", "--quiet", count=True, callback=quieter, help="Say less; results and errors only.", **hidden
    )(function)
    return click.option(
        "-v", "--verbose", count=True, callback=louder, help="Say more: every finding.", **hidden
    )(function)


def count(number: int, noun: str) -> str:
    """A number and its noun: ``1 note``, ``5 notes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def tally_line(tally: "Tally") -> str:
    """``6 chapters (2 sure, 4 likely)  5 notes  6.5k words``; the bracket only if not all are sure."""
    doubts = [(tally.sure, "sure"), (tally.likely, "likely"), (tally.unsure, "unsure")]
    chapters = count(tally.chapters, "chapter")
    if tally.likely or tally.unsure:
        chapters += f" ({', '.join(f'{number} {word}' for number, word in doubts if number)})"
    parts = [chapters]
    if tally.notes:
        parts.append(count(tally.notes, "note"))
    parts.append(_words(tally.words))
    return "  ".join(parts)


def _words(words: int) -> str:
    if words < 1_000:
        return count(words, "word")
    return f"{words / 1_000:.1f}k words" if words < 99_950 else f"{words / 1_000:,.0f}k words"


def tell_outcome(talk: Talk, outcome: "Outcome", say: Callable[..., None] | None = None) -> None:
    """Say on standard error what became of a dump. ``say`` stands in for ``talk.say`` beside a bar."""
    say = say or talk.say
    status = outcome.status.value
    if status == "failed":
        if talk.debug and outcome.trace:
            say(outcome.trace, level=-1)
        say(f"✗ {outcome.message}", level=-1, colour="red")
        return
    mark, colour = _MARKS.get(status, ("=", None))
    told = f"  {tally_line(outcome.tally)}" if outcome.tally else ""
    # A dump that was not even read is no news: of thousands, only the others are told.
    level = 1 if status == "unchanged" and not outcome.read else 0
    said = "" if status == "made" else f"  {status}"
    say(f"{mark} {outcome.title or outcome.dump}{told}{said}", level=level, colour=colour)
    if outcome.message:
        say(f"    {outcome.message}", level=level)
    if outcome.backup:
        say(f"    the old file is kept as {outcome.backup.name}")
    tell_findings(talk, outcome.findings, say, warnings=0 if outcome.read else 1)


_MARKS = {
    "made": ("✓", "green"),
    "to make": ("+", "green"),
    "edited": ("!", "yellow"),
    "shrank": ("!", "yellow"),
    "vanished": ("?", "yellow"),
    "passed over": ("-", None),
}


def tell_findings(
    talk: Talk,
    findings: "Sequence[Finding]",
    say: Callable[..., None] | None = None,
    *,
    warnings: int = 0,
) -> None:
    """Say the warnings among some findings, and with ``-v`` the others too.

    ``warnings`` is the level of a warning: 1 for what an earlier run has told already.
    """
    for finding in findings:
        (say or talk.say)(f"    {finding.message}", level=warnings if finding.level.value == "warning" else 1)


def put_path(path: Path) -> None:
    """Print a path on standard output, byte for byte: another program may read it there."""
    click.echo(os.fsencode(path))


def put_book(content: bytes) -> None:
    """Write a book to standard output. Raises UsageError if that is a terminal."""
    stream = sys.stdout.buffer
    if stream.isatty():
        raise UsageError("A book is no text for a terminal. Send it to a file: -o - > book.epub")
    try:
        stream.write(content)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: cannot be written: {error.strerror}.") from error


def passed_over_line(paths: Sequence[Path]) -> str:
    """One line about the text files of a folder that are no dumps."""
    names = ", ".join(path.name for path in paths[:NAMES_SHOWN])
    more = f" and {len(paths) - NAMES_SHOWN:,} more" if len(paths) > NAMES_SHOWN else ""
    return f"not dumps: {names}{more} (--all takes them)"
