"""``fic2epub batch``: a folder of dumps to a folder of books."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fic2epub.cli.inputs import collect
from fic2epub.cli.options import make_options, output_option
from fic2epub.cli.run import run
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import OutputError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions

__all__ = ["command"]


@click.command("batch", short_help="Turn a folder of dumps into a folder of books.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@output_option("The folder of the books; it is made if need be.  [default: ./books]")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time.")
@click.option("--all", "take_all", is_flag=True, help="Take every text file, dump or not.")
@make_options(one_work=False)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    output: str | None,
    jobs: int | None,
    take_all: bool,
    options: "MakeOptions",
) -> None:
    """Turn all dumps of a folder, and of the folders in it, into books.

    A dump that cannot be read is told of and passed over; the exit code is then 8. Books that would
    come out the same are not written again, so the command can be run after every new dump.

    \b
    Example:
      fic2epub batch ~/dumps
      fic2epub batch ~/dumps -o /media/reader/books
    """  # noqa: D301 - the backspace is how click is told not to wrap
    talk = ctx.ensure_object(Talk)
    target = Path(output or "books")
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: is a file. Name a folder with -o; batch puts one book per dump there.")
    dumps = collect(talk, [folder], options.parse, take_all=take_all, exclude=_outside(folder, target))
    ctx.exit(run(talk, dumps, target, options=options, jobs=jobs))


def _outside(folder: Path, target: Path) -> tuple[Path, ...]:
    """The folder of the books, to be left out of the search; not if the dumps themselves lie there."""
    same = os.path.realpath(folder) == os.path.realpath(target)
    inside = Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(target))
    return () if same or inside else (target,)
