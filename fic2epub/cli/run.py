"""The run that ``convert`` and ``batch`` share: books made, told and counted."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fic2epub.cli.talk import Talk, count, put_path, tell_outcome
from fic2epub.errors import ExitCode

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.model import Draft

__all__ = ["run"]


class _Say(Protocol):
    def __call__(self, line: str, *, level: int = 0, colour: str | None = None) -> None: ...


def run(
    talk: Talk,
    dumps: "Sequence[Path | Draft]",
    folder: Path,
    *,
    name: str | None = None,
    options: "MakeOptions",
    jobs: int | None = None,
    summary: bool = True,
) -> ExitCode:
    """Make the books; paths go to standard output, all else to standard error.

    With ``summary`` the last line counts. The exit code is 0, or that of the only dump's failure, or 8
    if any of several failed.
    """
    from fic2epub.library.batch import make_books

    counts: Counter[str] = Counter()
    code = ExitCode.OK
    outcomes = make_books(dumps, folder, name=name, options=options, jobs=jobs)
    with closing(outcomes), _bar(talk, len(dumps)) as (say, step):
        for outcome in outcomes:
            counts[outcome.status.value] += 1
            code = code or outcome.exit_code
            tell_outcome(talk, outcome, say)
            if outcome.book is not None:
                put_path(outcome.book)
            step()
    if summary:
        parts = [
            f"{counts[status]:,} {status}" for status in ("made", "unchanged", "failed") if counts[status]
        ]
        talk.say(f"{count(len(dumps), 'work')}: {', '.join(parts)}")
    return ExitCode.SOME_FAILED if code and len(dumps) > 1 else code


def _no_step() -> None:
    """Without a bar there is nothing to move."""


@contextmanager
def _bar(talk: Talk, total: int) -> Iterator[tuple[_Say, Callable[[], None]]]:
    """A progress bar if standard error is a terminal, with what prints above it; else the plain voice."""
    if total < 2 or talk.verbosity < 0 or not sys.stderr.isatty():
        yield talk.say, _no_step
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Standard output may be a pipe: what goes there must not be caught and printed beside the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("", total=total)

        def say(line: str, *, level: int = 0, colour: str | None = None) -> None:
            if level <= talk.verbosity:
                console.print(line, style=colour, markup=False, highlight=False, soft_wrap=True)

        yield say, lambda: progress.advance(task)
