"""``fic2epub check``: what a device, a shop or EPUBCheck would refuse in an EPUB."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fic2epub.cli.talk import Talk, count, talk_options
from fic2epub.errors import ExitCode, SourceError
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.builder.problem import Problem

__all__ = ["command"]

DEVICES = ("kindle", "kobo", "apple", "all")  # as in builder/problem.py; a test compares them
COLOURS = {"error": "red", "warning": "yellow"}
SHOWN_ALIKE = 5  # problems of one kind that people are shown; -v and --json show more
UNREAD = {"container.unreadable", "container.protected", "xml.entity", "file.not-read"}
"""Books with these are not given to EPUBCheck, which would read them all the same."""


@dataclass(frozen=True, slots=True)
class _Found:
    problems: "tuple[Problem, ...]"
    version: str | None
    """Of the EPUBCheck that looked too; None if none did."""


@click.command("check", short_help="Find what a device or EPUBCheck would refuse in any EPUB.")
@click.argument("books", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "device",
    type=click.Choice(DEVICES),
    default="all",
    show_default=True,
    help="Leave out what only other devices stumble over.",
)
@click.option("--strict", is_flag=True, help="A book with warnings fails too.")
@click.option("--no-epubcheck", is_flag=True, help="Own checks only: no Java, and no wait of seconds a book.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object a book; lines count from 0.")
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    books: tuple[Path, ...],
    device: str,
    strict: bool,
    no_epubcheck: bool,
    as_json: bool,
) -> None:
    """Find what is wrong with EPUBs, of whatever origin; nothing is written or changed.

    Every finding says what is wrong, where, and what to do. The exit code is 6 if a book has an error
    (with --strict, a warning), else 3 if a file is no EPUB, else 0. EPUBCheck looks too if it is
    installed: pip install "fic2epub[check]".

    \b
    Example:
      fic2epub check winter.epub
      fic2epub check ~/books/*.epub --for kindle --strict
    """  # noqa: D301 - the backspace is how click is told not to wrap
    talk = ctx.ensure_object(Talk)
    with_java = _with_java(talk, no_epubcheck)
    codes = set()
    for book in books:
        try:
            found = _check(book, device, with_java)
        except SourceError as error:
            codes.add(ExitCode.SOURCE)
            if as_json:
                _put_json({**_head(book), "error": str(error)})
            talk.say(f"✗ {error}", level=-1, colour="red")
            continue
        fails = any(strict or problem.level == "error" for problem in found.problems)
        codes.add(ExitCode.PACKAGE if fails else ExitCode.OK)
        if as_json:
            _put_json(_as_json(book, found, device, passed=not fails))
        else:
            _show(book, found.problems, all_of_them=talk.verbosity > 0)
    ctx.exit(max(codes))  # 6, 3 or 0: a book that fails weighs more than a file that is none


def _with_java(talk: Talk, no_epubcheck: bool) -> bool:
    """Whether EPUBCheck looks too; if not, that is said."""
    from fic2epub.builder.epubcheck import missing

    reason = "EPUBCheck is left out." if no_epubcheck else missing()
    if reason:
        talk.say(f"{reason} Own checks only.")
    return reason is None


def _check(book: Path, device: str, with_java: bool) -> _Found:
    from fic2epub.builder import epubcheck
    from fic2epub.builder.check_file import check_file

    own = check_file(book, device)
    if not with_java or UNREAD & {problem.id for problem in own}:
        return _Found(own, None)
    version, theirs = epubcheck.run(book)
    return _Found((*own, *epubcheck.without_echoes(own, theirs)), version)


def _show(book: Path, problems: "Sequence[Problem]", *, all_of_them: bool) -> None:
    """Print a line for the book and a line a problem, the errors first."""
    errors = sum(problem.level == "error" for problem in problems)
    warnings = len(problems) - errors
    parts = [count(errors, "error")] * bool(errors) + [count(warnings, "warning")] * bool(warnings)
    click.secho(f"{book}: {', '.join(parts) or 'no problems'}", fg=None if problems else "green")
    seen: dict[str, int] = {}
    for problem in sorted(problems, key=lambda one: one.level):
        seen[problem.id] = seen.get(problem.id, 0) + 1
        if all_of_them or seen[problem.id] <= SHOWN_ALIKE:
            level = click.style(f"{problem.level:7}", fg=COLOURS[problem.level])
            click.echo(f"  {level}  {_printable(f'{problem.where} {problem.message}')}  [{problem.id}]")
    for id, number in seen.items():
        if number > SHOWN_ALIKE and not all_of_them:
            click.echo(f"  …        {number - SHOWN_ALIKE:,} more; -v shows them  [{id}]")


def _printable(text: str) -> str:
    """A name in somebody's EPUB may hold anything, also what would steer the terminal."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _head(book: Path) -> dict[str, Any]:
    return {"schema": 1, "line_base": 0, "file": book.name, "path": str(book)}


def _as_json(book: Path, found: _Found, device: str, *, passed: bool) -> dict[str, Any]:
    problems = [
        {
            "id": problem.id,
            "level": problem.level,
            "entry": problem.entry,
            "line": None if problem.line is None else problem.line - 1,
            "what": problem.what,
            "advice": problem.advice,
        }
        for problem in found.problems
    ]
    told = {"for": device, "passed": passed, "epubcheck": found.version, "problems": problems}
    return {**_head(book), **told}


def _put_json(value: dict[str, Any]) -> None:
    """Print one line of JSON in UTF-8, whatever the terminal's encoding; a lone surrogate is escaped."""
    click.echo(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))
