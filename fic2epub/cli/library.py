"""``fic2epub library``: the books of a folder, listed, searched, counted, removed, entered again."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fic2epub.cli.options import where_option
from fic2epub.cli.talk import Talk, count, talk_options
from fic2epub.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from fic2epub.library.catalogue import Catalogue, Entry
    from fic2epub.select import Condition

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("json", "csv")
DOUBTS = {"with_inferred": "inferred", "with_unsure": "unsure"}  # what info calls them on a line
SHOWN = 20  # books that are named before they go; all of them with -v

folder_argument = click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)


def listing_options(function: F) -> F:
    """Add what ``list`` and ``search`` share."""
    for option in (
        click.option(
            "--csv", "as_csv", is_flag=True, help="CSV, one row a work, safe to open in a spreadsheet."
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object a work."),
        click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="At most so many works."),
        click.option("--sort-by", metavar="FIELD,…", help="Any field; -words is the longest first."),
        where_option,
    ):
        function = option(function)
    return function


@click.group("library", short_help="List, search and tend a folder of books.")
@talk_options
def command() -> None:
    """List, search and tend a folder of books that batch has made.

    \b
    Example:
      fic2epub library list ~/books --where "rating <= teen and words > 5k"
      fic2epub library search ~/books "lighthouse keeper"
    """  # noqa: D301 - the backspace is how click is told not to wrap


@command.command("list", short_help="List its works.")
@folder_argument
@listing_options
@talk_options
@click.pass_context
def list_(ctx: click.Context, /, folder: Path, **wishes: Any) -> None:
    """List the works of a library, by title unless --sort-by says otherwise.

    \b
    Example:
      fic2epub library list ~/books --where "not complete" --sort-by -updated
      fic2epub library list ~/books --csv > books.csv
    """  # noqa: D301
    _list(ctx.ensure_object(Talk), folder, None, **wishes)


@command.command("search", short_help="List the works in which all words are found.")
@folder_argument
@click.argument("text", nargs=-1, required=True)
@listing_options
@talk_options
@click.pass_context
def search(ctx: click.Context, /, folder: Path, text: tuple[str, ...], **wishes: Any) -> None:
    """List the works in which all words are found: in title, author, tags, summary and notes.

    Several words as one argument in double quotes are a phrase; word* stands for all that begins so. The
    stories are searched too if batch was called with --index-text.

    \b
    Example:
      fic2epub library search ~/books lamp keep* '"a long winter"'
    """  # noqa: D301
    _list(ctx.ensure_object(Talk), folder, " ".join(text), **wishes)


def _list(
    talk: Talk,
    folder: Path,
    text: str | None,
    *,
    where: "Condition | None",
    sort_by: str | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    from fic2epub.cli.listing import put_csv, put_json, put_lines, put_table
    from fic2epub.library.catalogue import Catalogue

    if as_json and as_csv:
        raise UsageError("--json and --csv: choose one.")
    put = put_json if as_json else put_csv if as_csv else put_table if sys.stdout.isatty() else put_lines
    with Catalogue.open(folder) as catalogue:
        entries = islice(_chosen(catalogue.entries(search=text), where, sort_by), limit)
        first = tuple(islice(entries, 1))
        if not first:
            talk.say("No work is like that." if catalogue.count() else "The library is empty.")
        if first or as_csv:
            put(chain(first, entries))


def _chosen(entries: "Iterable[Entry]", where: "Condition | None", sort_by: str | None) -> "Iterable[Entry]":
    from fic2epub.select import sort_key

    key = None if sort_by is None else sort_key(sort_by)
    chosen = (entry for entry in entries if where is None or where.matches(entry))
    return chosen if key is None else iter(sorted(chosen, key=key))


@command.command("info", short_help="Say what it holds, and what needs a look.")
@folder_argument
@click.option("--json", "as_json", is_flag=True, help="JSON, one object.")
@talk_options
def info(folder: Path, as_json: bool) -> None:
    """Say what a library holds: how many books, works and words, of which ratings, and what needs a look.

    \b
    Example:
      fic2epub library info ~/books
    """  # noqa: D301
    from fic2epub.library.catalogue import Catalogue

    with Catalogue.open(folder) as catalogue:
        told = _counted(catalogue.entries())
    if as_json:
        click.echo(json.dumps({"schema": 1, **told}, ensure_ascii=False).encode("utf-8", "backslashreplace"))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            value = ", ".join(f"{label} {number:,}" for label, number in value.items()) or "none"
        if name in DOUBTS:
            name, value = DOUBTS[name], f"chapters in {count(value, 'work')}"
        click.echo(f"{name:14}{value if isinstance(value, str) else f'{value:,}'}")


def _counted(entries: "Iterable[Entry]") -> dict[str, Any]:
    """Numbers of a library; what is counted by name comes with the commonest first."""
    books: set[str] = set()
    totals: Counter[str] = Counter()
    ratings: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    authors: set[str] = set()
    for entry in entries:
        if entry.path not in books:
            totals["bytes"] += entry.size
        books.add(entry.path)
        authors.update(entry.metadata.creators)
        totals.update(works=1, words=entry.words, notes=entry.notes, unsure=bool(entry.unsure))
        totals.update(inferred=bool(entry.inferred))
        ratings[entry.metadata.rating or "Not Rated"] += 1
        statuses[entry.metadata.status or "not said"] += 1
        languages[entry.metadata.language] += 1
    return {
        "books": len(books),
        "works": totals["works"],
        "authors": len(authors),
        "words": totals["words"],
        "bytes": totals["bytes"],
        "ratings": dict(ratings.most_common()),
        "status": dict(statuses.most_common()),
        "languages": dict(languages.most_common()),
        "with_inferred": totals["inferred"],
        "with_unsure": totals["unsure"],
    }


@command.command("remove", short_help="Remove books, after asking.")
@folder_argument
@click.argument("books", nargs=-1, metavar="[BOOK]...")
@where_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-f", "--force", is_flag=True, help="Remove a book even if it was edited or is another's.")
@talk_options
@click.pass_context
def remove(
    ctx: click.Context,
    folder: Path,
    books: tuple[str, ...],
    where: "Condition | None",
    yes: bool,
    force: bool,
) -> None:
    """Remove books, after asking: the file is deleted, and the catalogue forgets it.

    BOOK is a path, from the library's folder or from here. With --where go the books of which every work
    meets the condition. The dump of a removed book stays, and makes no new book until it changes
    or batch is called with --force.

    \b
    Example:
      fic2epub library remove ~/books "Ada Quill - Wick.epub"
      fic2epub library remove ~/books --where "words < 500" --yes
    """  # noqa: D301
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.library.removal import book_path

    talk = ctx.ensure_object(Talk)
    if bool(books) == (where is not None):
        raise UsageError("Name the books to remove, or say which with --where; not both.")
    with Catalogue.open(folder) as catalogue:
        paths = (
            _where(talk, catalogue, where)
            if where
            else list(dict.fromkeys(book_path(catalogue, one) for one in books))
        )
    if not paths:
        talk.say("No book meets the condition. Nothing is removed.")
        return
    if not yes:
        _ask(talk, paths)
    ctx.exit(_remove(talk, folder, paths, force=force))


def _where(talk: Talk, catalogue: "Catalogue", where: "Condition") -> list[str]:
    """The books to go; an anthology of which some works are to stay is told of, and stays."""
    from fic2epub.library.removal import whole_books

    chosen = (entry for entry in catalogue.entries() if where.matches(entry))
    whole, part = whole_books(catalogue.entries(), chosen)
    for path in part:
        talk.say(f"{path}: stays, since only some of its works meet the condition.")
    return list(whole)


def _ask(talk: Talk, paths: list[str]) -> None:
    """Name what goes, and ask. Raises UsageError where nobody can answer, Abort for a no."""
    shown = paths if talk.verbosity > 0 else paths[:SHOWN]
    for path in shown:
        talk.say(f"  {path}", level=-2)
    if len(paths) > len(shown):
        talk.say(f"  … and {len(paths) - len(shown):,} more; -v shows all", level=-2)
    if not _can_answer():
        raise UsageError(
            f"{count(len(paths), 'book')} would be removed. Nobody can be asked here: add --yes."
        )
    if not click.confirm(f"Remove {count(len(paths), 'book')} for good?", err=True):
        talk.say("Nothing is removed.", level=-2)
        raise click.exceptions.Exit(ExitCode.OK)


def _can_answer() -> bool:
    return sys.stdin.isatty()


def _remove(talk: Talk, folder: Path, paths: list[str], *, force: bool) -> ExitCode:
    """Remove them, telling of each; 0, or the code of the only one that had to stay, or 8."""
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.library.removal import remove

    code = ExitCode.OK
    gone = 0
    with Catalogue.open_to_write(folder) as catalogue:
        for removed in remove(catalogue, paths, force=force):
            if removed.problem is None:
                gone += 1
                talk.say(f"removed: {removed.path}")
            else:
                code = removed.problem.exit_code
                talk.say(f"✗ {removed.problem}", level=-1, colour="red")
    talk.say(f"{count(len(paths), 'book')}: {gone:,} removed, {len(paths) - gone:,} left alone")
    return ExitCode.SOME_FAILED if code and len(paths) > 1 else code


@command.command("rebuild", short_help="Make its catalogue again, from the books.")
@folder_argument
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time.")
@talk_options
@click.pass_context
def rebuild(ctx: click.Context, folder: Path, jobs: int | None) -> None:
    """Make a library's catalogue again, from the records in its books alone.

    Good for a catalogue that is lost, damaged or of another version, and for books that were copied into
    the folder. No book is changed.

    \b
    Example:
      fic2epub library rebuild ~/books
    """  # noqa: D301
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.library.rebuild import rebuild as make_again

    talk = ctx.ensure_object(Talk)
    change = make_again(folder, jobs=jobs)
    for path in change.unreadable:
        talk.say(f"{path}: cannot be read, and is left out.", level=-1)
    with Catalogue.open(folder) as catalogue:
        told = f"{count(len(catalogue.paths()), 'book')}, {count(catalogue.count(), 'work')}"
    if change.strangers:
        told += f"; {count(change.strangers, 'other EPUB')} that fic2epub did not write"
    talk.say(f"{folder}: {told}")
