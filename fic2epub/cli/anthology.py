"""``fic2epub anthology``: many dumps in one book."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fic2epub.cli.inputs import collect
from fic2epub.cli.options import dump_arguments, make_options, output_option
from fic2epub.cli.talk import Talk, count, put_book, put_path, talk_options, tally_line, tell_findings
from fic2epub.errors import Fic2EpubError, ParseError, SourceError, UsageError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.model import Draft, Work

__all__ = ["command"]

GROUPS = ("author", "relationship", "rating", "status", "none")
ORDERS = ("title", "author", "words", "work-id", "input")


@click.command("anthology", short_help="Put many works into one book.")
@dump_arguments
@output_option("The book's file, or a folder to put it in; - is standard output.")
@click.option("-t", "--title", metavar="TEXT", help="The book's title, instead of the folder's name.")
@click.option(
    "--group-by", type=click.Choice(GROUPS), default="author", show_default=True, help="Divide the works."
)
@click.option("--sort-by", type=click.Choice(ORDERS), default="title", show_default=True, help="Order them.")
@click.option("--skip-bad", is_flag=True, help="Leave out dumps that cannot be read, instead of giving up.")
@make_options(one_work=False)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    dumps: tuple[Path, ...],
    paths_from: BinaryIO | None,
    take_all: bool,
    output: str | None,
    title: str | None,
    group_by: str,
    sort_by: str,
    skip_bad: bool,
    options: "MakeOptions",
) -> None:
    """Put many works into one book, each with its own preface and contents.

    DUMP is a file or a folder that holds dumps. Works can be grouped and sorted; every group has a page
    of its own. A dump that cannot be read stops the run before anything is written, unless --skip-bad.

    \b
    Example:
      fic2epub anthology ~/dumps/winter
      fic2epub anthology *.txt --title "Winter Tales" --group-by rating --sort-by words
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.builder.anthology import gather
    from fic2epub.builder.package import pack
    from fic2epub.builder.publication import publish
    from fic2epub.library.names import anthology_name, output_path
    from fic2epub.library.shelf import place

    talk = ctx.ensure_object(Talk)
    found = collect(talk, dumps, options.parse, paths_from=paths_from, take_all=take_all)
    works = _recover_all(talk, found, options, skip_bad=skip_bad)
    title = title or _folder_name(dumps, found)
    anthology = gather(works, title=title, group_by=group_by, sort_by=sort_by)
    book = publish(anthology, options=options.publish, epoch=options.epoch)
    tell_findings(talk, book.findings)
    if output == "-":
        put_book(pack(book))
        return
    folder, name = output_path(output)
    target = folder / (name or anthology_name(title))
    placed = place(book, target, redate=options.epoch is None, force=options.force)
    talk.say(
        f"✓ {title}  {count(len(works), 'work')}{'' if placed.written else '  unchanged'}", colour="green"
    )
    put_path(placed.path)


def _recover_all(
    talk: Talk, found: "Sequence[Path | Draft]", options: "MakeOptions", *, skip_bad: bool
) -> "list[Work]":
    """The works, in the dumps' order; every bad dump is told of before the first one's error is raised."""
    from fic2epub.library.book import recover, tally
    from fic2epub.parser.sources import read_file

    works = []
    errors: list[Fic2EpubError] = []
    for dump in found:
        try:
            draft = read_file(dump, options=options.parse) if isinstance(dump, Path) else dump
            recovery = recover(draft, options)
        except (SourceError, ParseError) as error:
            errors.append(error)
            talk.say(f"✗ {error}", level=-1, colour="red")
            continue
        works.append(recovery.work)
        counted = tally(recovery.work, min_confidence=options.publish.min_confidence)
        talk.say(f"  {recovery.work.metadata.title}  {tally_line(counted)}")
        tell_findings(talk, recovery.findings)
    if errors and not skip_bad:
        raise type(errors[0])(
            f"{count(len(errors), 'dump')} cannot be read. --skip-bad makes the book without them."
        )
    if not works:
        raise type(errors[0])("None of the dumps can be read, so there is no book.")
    if errors:
        talk.say(f"{count(len(errors), 'dump')} left out", level=-1)
    return works


def _folder_name(dumps: Sequence[Path], found: "Sequence[Path | Draft]") -> str:
    """The name of the folder that was named, or that the dumps lie in together."""
    folders = [path for path in dumps if path.is_dir()]
    if len(folders) == 1:
        base = folders[0]
    else:
        parents = [dump.absolute().parent for dump in found if isinstance(dump, Path)]
        try:
            base = Path(os.path.commonpath(parents))
        except ValueError as error:  # nothing in common: standard input, or two drives
            raise UsageError("Name the book with --title: the dumps have no folder in common.") from error
    return Path(os.path.realpath(base)).name or "Anthology"
