"""The progress bar of a run over many dumps, and what prints above it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from fic2epub.cli.talk import Talk

__all__ = ["Say", "bar"]


class Say(Protocol):
    """What prints a line, as ``Talk.say`` does."""

    def __call__(self, line: str, *, level: int = 0, colour: str | None = None) -> None:
        """Print it, unless it is above the level asked for."""


def _no_step() -> None:
    """Without a bar there is nothing to move."""


@contextmanager
def bar(talk: Talk, total: int) -> Iterator[tuple[Say, Callable[[], None]]]:
    """A progress bar if standard error is a terminal, with what prints above it; else the plain voice."""
    if total < 2 or talk.verbosity < 0 or not sys.stderr.isatty():
        yield talk.say, _no_step
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    speed = TextColumn("{task.fields[speed]}")
    columns = (BarColumn(), MofNCompleteColumn(), speed, TimeRemainingColumn())
    # Standard output may be a pipe: what goes there must not be caught and printed beside the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("", total=total, speed="")

        def say(line: str, *, level: int = 0, colour: str | None = None) -> None:
            if level <= talk.verbosity:
                console.print(line, style=colour, markup=False, highlight=False, soft_wrap=True)

        def step() -> None:
            progress.advance(task)
            rate = progress.tasks[0].speed
            progress.update(task, speed=f"{rate:.1f} works/s" if rate else "")

        yield say, step
