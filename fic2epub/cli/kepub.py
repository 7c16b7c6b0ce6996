"""``fic2epub kepub``: EPUBs to KEPUBs, for Kobo's own reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fic2epub.cli.options import output_option
from fic2epub.cli.talk import Talk, put_book, put_path, talk_options
from fic2epub.errors import ExitCode, Fic2EpubError, UsageError

if TYPE_CHECKING:
    from fic2epub.library.shelf import Placed

__all__ = ["command"]


@click.command("kepub", short_help="Turn any EPUBs into KEPUBs, for a Kobo.")
@click.argument("books", nargs=-1, required=True, metavar="BOOK...", type=click.Path(path_type=Path))
@output_option("The KEPUB's file, or a folder for several; - is standard output.  [default: beside the EPUB]")
@click.option(
    "-f",
    "--force",
    is_flag=True,
    help="Replace a file even if it was edited or is another's; it is kept as NAME.bak.kepub.epub.",
)
@talk_options
@click.pass_context
def command(ctx: click.Context, books: tuple[Path, ...], output: str | None, force: bool) -> None:
    """Turn EPUBs, of whatever origin, into KEPUBs named "NAME.kepub.epub".

    BOOK is an EPUB, or a folder: then all EPUBs in it and in its folders, but for those that are KEPUBs.
    A Kobo reads KEPUBs with its better engine, and keeps bookmarks and highlights where they were made.
    The EPUB stays as it is. The paths of the KEPUBs are printed on standard output, all else on
    standard error.

    \b
    Example:
      fic2epub kepub winter.epub
      fic2epub kepub ~/books -o /media/kobo/
    """  # noqa: D301 - the backspace is how click is told not to wrap
    talk = ctx.ensure_object(Talk)
    found = list(_books(books))
    if output == "-":
        if len(found) > 1:
            raise UsageError("-o - writes one book to standard output. Name a folder, or one EPUB.")
        from fic2epub.builder.kepub import kepub_file

        put_book(kepub_file(found[0]))
        return
    code = ExitCode.OK
    for book, target in _targets(found, output):
        try:
            placed = _convert(book, target, force=force)
        except Fic2EpubError as error:
            code = code or error.exit_code
            talk.say(f"✗ {error}", level=-1, colour="red")
            continue
        _tell(talk, placed)
    ctx.exit(ExitCode.SOME_FAILED if code and len(found) > 1 else code)


def _books(named: tuple[Path, ...]) -> Iterator[Path]:
    """The books that were named, those of a folder by name; hidden folders hold none of the reader's.

    Raises UsageError for a folder without an EPUB: nothing done is seldom what was meant.
    """
    for path in named:
        if not path.is_dir():
            yield path
            continue
        inside = [one for one in sorted(path.rglob("*")) if _is_plain_epub(one.relative_to(path))]
        found = [one for one in inside if one.is_file()]
        if not found:
            raise UsageError(f"{path}: no EPUB lies in this folder that is not a KEPUB already.")
        yield from found


def _is_plain_epub(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.lower() == ".epub" and not path.stem.lower().endswith(".kepub")


def _targets(books: list[Path], output: str | None) -> list[tuple[Path, Path]]:
    """Each book with the path of its KEPUB: no two alike, however the folders are called."""
    from fic2epub.builder.kepub import kepub_name
    from fic2epub.library.names import folded, free_name, output_path

    folder, name = output_path(output, several=len(books) > 1)
    pairs: list[tuple[Path, Path]] = []
    for book in books:
        place = book.parent if output is None else folder
        taken = {folded(target.name) for _, target in pairs if target.parent == place}
        pairs.append((book, place / free_name(name or kepub_name(book.name), taken)))
    return pairs


def _convert(book: Path, target: Path, *, force: bool) -> "Placed":
    """Make one KEPUB and put it where it belongs, by the rules for all books of the program."""
    from fic2epub.builder.kepub import kepub_file
    from fic2epub.library.shelf import place_bytes

    content = kepub_file(book)
    if target.exists() and target.samefile(book) and book.read_bytes() != content:
        raise UsageError(f"{target}: is the book itself, which stays as it is. Name another file with -o.")
    return place_bytes(content, target, force=force)


def _tell(talk: Talk, placed: "Placed") -> None:
    """Say what became of a book."""
    unchanged = "" if placed.written else "  unchanged"
    talk.say(
        f"{'✓' if placed.written else '='} {placed.path.name}{unchanged}",
        colour="green" if placed.written else None,
    )
    if placed.backup:
        talk.say(f"    the old file is kept as {placed.backup.name}")
    put_path(placed.path)
