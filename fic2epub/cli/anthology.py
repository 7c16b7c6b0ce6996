"""``fic2epub anthology``: many dumps in one book, or in a few volumes, that can be made again."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fic2epub.cli.anthology_run import Plan, run_anthology
from fic2epub.cli.inputs import collect
from fic2epub.cli.options import dump_arguments, make_options, output_option
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from fic2epub.builder.work_book import WorkBook
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.definition import Definition
    from fic2epub.model import Draft

__all__ = ["command"]


@click.command("anthology", short_help="Put many works into one book.")
@dump_arguments
@output_option("The book's file, or a folder to put it in; - is standard output.")
@click.option("-t", "--title", metavar="TEXT", help="The book's title, instead of the folder's name.")
@click.option(
    "--group-by",
    metavar="KIND,…",
    default="author",
    show_default=True,
    help="Divide the works, the outer group first: author, relationship, fandom, character, rating, status, "
    "series, language; or none.",
)
@click.option(
    "--sort-by",
    metavar="FIELD,…",
    default="title",
    show_default=True,
    help='Order them by any field: title, author, words, updated, id … A "-" before one turns it round. '
    "input keeps the order of the dumps.",
)
@click.option(
    "--where", metavar="CONDITION", help="Take only works like these: 'rating <= teen and words > 5k'."
)
@click.option(
    "--split-at",
    metavar="LIMIT",
    help="Make volumes, none of which divides a work: 2000000-words, 50-works or 20-MB.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time.")
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
    where: str | None,
    split_at: str | None,
    jobs: int | None,
    skip_bad: bool,
    options: "MakeOptions",
) -> None:
    """Put many works into one book, each with its own preface and contents.

    DUMP is a file or a folder that holds dumps. Works can be selected, grouped and sorted; the book has a
    list of contents with summaries, indexes at its back, and credits for every author. A dump that cannot
    be read stops the run before anything is written, unless --skip-bad.

    Beside the book lies NAME.anthology.toml, which says what it is made of. Given that file instead of
    dumps, the command makes the book again, and marks works and chapters that are new.

    \b
    Example:
      fic2epub anthology ~/dumps/winter
      fic2epub anthology *.txt --title "Winter Tales" --group-by relationship,author --sort-by updated
      fic2epub anthology ~/dumps --where "rating <= teen" --split-at 2000000-words
      fic2epub anthology "Winter Tales.anthology.toml"
    """  # noqa: D301 - the backspace is how click is told not to wrap
    talk = ctx.ensure_object(Talk)
    given: dict[str, Any] = {
        "title": title,
        "take_all": take_all,
        "group_by": group_by,
        "sort_by": sort_by,
        "where": where or None,  # an empty one typed takes away what a definition says
        "split_at": split_at or None,
    }
    plan = replace(_plan(ctx, talk, dumps, paths_from, output, given, options), jobs=jobs, skip_bad=skip_bad)
    run_anthology(talk, plan, _chooser(plan.definition), options)


def _plan(
    ctx: click.Context,
    talk: Talk,
    dumps: tuple[Path, ...],
    paths_from: BinaryIO | None,
    output: str | None,
    given: dict[str, Any],
    options: "MakeOptions",
) -> Plan:
    """Read the definition if one was named, else make one of what was said; find the dumps."""
    from fic2epub.cli.anthology_look import typed, wanted_look
    from fic2epub.library.definition import SUFFIX, Definition, definition_path, dropped
    from fic2epub.library.definition_file import read_definition
    from fic2epub.library.names import SUFFIXES, anthology_name, output_path, suits_format

    named = [dump for dump in dumps if dump.name.endswith(SUFFIX) and not dump.is_dir()]
    if named and (len(dumps) > 1 or paths_from is not None):
        raise UsageError(
            f"{named[0]}: the definition of an anthology stands alone; it names the sources itself."
        )
    file: Path | None = None
    last: Definition | None = None
    folder, name = (None, None) if output == "-" else output_path(output)
    suits_format(name or "", options.format)
    if named:
        last = read_definition(named[0])
        said = {key: value for key, value in given.items() if typed(ctx, key)}
        definition = replace(last, look=wanted_look(ctx, talk), **said)
        found = collect(talk, definition.sources, options.parse, take_all=definition.take_all)
        if output is None:
            folder, name = named[0].parent, named[0].name.removesuffix(SUFFIX) + SUFFIXES[options.format]
        file = named[0]
    else:
        found = collect(talk, dumps, options.parse, paths_from=paths_from, take_all=given["take_all"])
        sources = dumps or tuple(one for one in found if isinstance(one, Path))
        given["title"] = given["title"] or _folder_name(dumps, found)
        definition = Definition(sources=sources, look=wanted_look(ctx, talk), **given)
    target = None
    if folder is not None:
        target = folder / (name or anthology_name(definition.title, suffix=SUFFIXES[options.format]))
        if not named and Path("-") not in dumps:
            file = definition_path(target)
            last = read_definition(file) if file.exists() else None
            if last is not None:
                _tell_dropped(ctx, talk, file, dropped(last, definition))
    return Plan(definition=definition, last=last, file=file, target=target, found=found)


def _tell_dropped(ctx: click.Context, talk: Talk, file: Path, keys: Sequence[str]) -> None:
    """Say what a definition will say no more, since the dumps were named in its place; not what was typed."""
    from fic2epub.cli.anthology_look import typed

    silent = [key for key in keys if not typed(ctx, "take_all" if key == "all" else key.replace("-", "_"))]
    if silent:
        talk.say(
            f"{file}: what it said is replaced ({', '.join(silent)}), since the dumps were named. "
            "Name the definition instead to keep it."
        )


def _chooser(definition: "Definition") -> "Callable[[WorkBook], bool]":
    """Read every rule before any dump is; gives what tells the works that are wanted."""
    from fic2epub.builder.anthology import parse_sort_by
    from fic2epub.builder.grouping import parse_group_by
    from fic2epub.builder.volumes import parse_split_at
    from fic2epub.select import parse_where

    if not definition.title.strip():
        raise UsageError("--title is empty: the book needs one.")
    parse_group_by(definition.group_by)
    parse_sort_by(definition.sort_by)
    if definition.split_at is not None:
        parse_split_at(definition.split_at)
    return (lambda book: True) if definition.where is None else parse_where(definition.where).matches


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
