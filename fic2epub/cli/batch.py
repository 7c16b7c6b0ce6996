"""``fic2epub batch``: a folder of dumps to a library of books."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fic2epub.cli.options import make_options, output_option, where_option
from fic2epub.cli.run import run_library
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import OutputError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.name_template import NameTemplate
    from fic2epub.select import Condition

__all__ = ["command"]


@click.command("batch", short_help="Turn a folder of dumps into a library of books.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@output_option("The folder of the books; it is made if need be.  [default: ./books]")
@click.option(
    "--name",
    metavar="PATTERN",
    callback=lambda ctx, param, value: None if value is None else _template(value),
    help='How books are named: "{author} - {title}"; slashes make folders: "{fandom}/{author}/{title}". '
    "A book keeps the name that it was given first.",
)
@where_option
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let a Dask cluster do the work: tcp://host:8786. Its computers must see the same disk.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done, and why; write nothing.")
@click.option("--index-text", is_flag=True, help="Make the stories searchable too; it stays on.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what was recovered, how sure, and what needs a look: .html, .json or .csv.",
)
@click.option("--all", "take_all", is_flag=True, help="Take every text file, dump or not.")
@make_options(one_work=False)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    output: str | None,
    where: "Condition | None",
    report: Path | None,
    take_all: bool,
    options: "MakeOptions",
    **values: Any,
) -> None:
    """Turn all dumps of a folder, and of the folders in it, into books, and keep them up to date.

    Only what is new or has changed is made, so the command can be run after every new dump, and after a
    run that was broken off. A dump that cannot be read is told of and passed over; the exit code is then 8.
    A book that someone edited, or that holds clearly more than its dump, is left alone without --force.

    \b
    Example:
      fic2epub batch ~/dumps
      fic2epub batch ~/dumps -o ~/books --name "{fandom}/{author} - {title}"
      fic2epub batch ~/dumps -o ~/books --dry-run
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.library.update import RunOptions

    if report is not None:
        from fic2epub.library.report import check_target

        check_target(report)
    target = Path(output or "books")
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: is a file. Name a folder with -o; batch puts one book per dump there.")
    chosen = RunOptions(make=options, wanted=where.matches if where else None, **values)
    ctx.exit(
        run_library(
            ctx.ensure_object(Talk),
            folder,
            target,
            options=chosen,
            take_all=take_all,
            exclude=_outside(folder, target),
            report=report,
        )
    )


def _template(text: str) -> "NameTemplate":
    """Read ``--name``; raises UsageError for a field that is none."""
    from fic2epub.library.name_template import NameTemplate

    return NameTemplate.read(text)


def _outside(folder: Path, target: Path) -> tuple[Path, ...]:
    """The folder of the books, to be left out of the search; not if the dumps themselves lie there."""
    same = os.path.realpath(folder) == os.path.realpath(target)
    inside = Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(target))
    return () if same or inside else (target,)
