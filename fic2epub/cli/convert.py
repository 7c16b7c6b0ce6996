"""``fic2epub convert``: dumps to books."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fic2epub.cli.inputs import collect
from fic2epub.cli.options import dump_arguments, make_options, output_option
from fic2epub.cli.run import run
from fic2epub.cli.talk import Talk, put_book, talk_options, tally_line, tell_findings
from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.model import Draft

__all__ = ["command"]


@click.command("convert", short_help="Turn dumps into books, one each.")
@dump_arguments
@output_option("The book's file, or a folder to put books in; - is standard output.")
@make_options(one_work=True)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    dumps: tuple[Path, ...],
    paths_from: BinaryIO | None,
    take_all: bool,
    output: str | None,
    options: "MakeOptions",
) -> None:
    """Turn dumps into books, one each, named "Author - Title.epub", in the current folder.

    DUMP is a file, or a folder that holds dumps, or - for a dump's text on standard input. The paths of
    the books are printed on standard output, all else on standard error.

    \b
    Example:
      fic2epub convert winter.txt
      fic2epub convert winter.txt -o ~/books/
      fic2epub convert winter.txt --title "A Long Winter" -o winter.epub
      fic2epub convert winter.txt --format kepub -o /media/kobo/
      find . -name "*.txt" | fic2epub convert --paths-from - -o ~/books/
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.library.names import output_path, suits_format

    talk = ctx.ensure_object(Talk)
    found = collect(talk, dumps, options.parse, paths_from=paths_from, take_all=take_all)
    several = len(found) > 1
    if several and (options.parse.title or options.parse.chapters or options.parse.chapters_at):
        raise UsageError(
            "--title, --chapters and --chapters-at are about one work; convert the dumps one by one."
        )
    if output == "-":
        if several:
            raise UsageError("-o - writes one book to standard output. Name a folder, or one dump.")
        _to_stdout(talk, found[0], options)
        return
    folder, name = output_path(output, several=several)
    suits_format(name or "", options.format)
    ctx.exit(run(talk, found, folder, name=name, options=options, jobs=None, summary=several))


def _to_stdout(talk: Talk, dump: "Path | Draft", options: "MakeOptions") -> None:
    """Write one book to standard output."""
    from fic2epub.library.book import make
    from fic2epub.parser.sources import read_file

    book = make(read_file(dump, options=options.parse) if isinstance(dump, Path) else dump, options)
    put_book(book.content)
    talk.say(f"✓ {book.publication.title}  {tally_line(book.tally)}", colour="green")
    tell_findings(talk, book.findings)
