"""Options that several commands share. Each decorator hands one object to the function."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fic2epub.cli.book_options import BOOK_OPTIONS, publish_options

if TYPE_CHECKING:
    from fic2epub.select import Condition

__all__ = [
    "corrections_option",
    "dump_arguments",
    "encoding_option",
    "look_options",
    "make_options",
    "output_option",
    "where_option",
]

F = TypeVar("F", bound=Callable[..., Any])

encoding_option = click.option(
    "--encoding",
    metavar="NAME",
    callback=lambda ctx, param, value: _known_encoding(value),
    help="The dump's encoding, instead of what was detected: utf-8, cp1252, utf-16 …",
)
corrections_option = click.option(
    "--corrections",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the correction files, instead of beside each dump.",
)
where_option = click.option(
    "--where",
    metavar="CONDITION",
    callback=lambda ctx, param, value: None if value is None else _condition(value),
    help='Only works that meet it: "rating <= teen and words > 5k and not tag ~ angst".',
)

_OF_ONE_WORK = (
    click.option("--title", metavar="TEXT", help="The work's title, instead of the dump's."),
    click.option("--author", metavar="NAME", help='The author; several are parted by ", " or " & ".'),
    click.option(
        "--chapters",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many chapters the dump holds, instead of what it declares.",
    ),
    click.option(
        "--chapters-at",
        metavar="LINE,…",
        callback=lambda ctx, param, value: None if value is None else _lines(value),
        help="The lines where chapters begin, counted from 1; they begin nowhere else. For this run only.",
    ),
)
_OF_ANY = (
    click.option("--language", metavar="TAG", help="The language: a tag (fr) or its name (Français)."),
    encoding_option,
    corrections_option,
    click.option("--no-infer", is_flag=True, help="Keep only chapters that something visible bears out."),
    click.option(
        "--emphasis",
        type=click.Choice(("auto", "keep")),
        default="auto",
        show_default=True,
        help="What _these_, *these* and /these/ become: italics where the work uses them so, or nothing.",
    ),
)
_RECOVER_AGAIN = click.option(
    "--recover-again",
    is_flag=True,
    help="Recover chapters and notes afresh, even where an earlier book of the work has them.",
)
_OF_A_LOOK = (
    click.option(
        "--book",
        metavar="PATH",
        type=click.Path(exists=True),
        help="The work's book as it stands, or the folder of the books, if convert or batch put it elsewhere "
        "than here or in ./books.",
    ),
    _RECOVER_AGAIN,
)


def make_options(*, one_work: bool, book: bool = True) -> Callable[[F], F]:
    """Hand the function ``options``, a MakeOptions, read from the command line and SOURCE_DATE_EPOCH.

    ``one_work`` adds the options that only make sense for one work; ``book`` those that only matter
    when a book is made. Without it those of `look_options` are added, and ``book`` is handed over too.
    """
    more = (_RECOVER_AGAIN, *BOOK_OPTIONS) if book else _OF_A_LOOK
    chosen = [*(_OF_ONE_WORK if one_work else ()), *_OF_ANY, *more]

    def decorate(function: F) -> F:
        @wraps(function)
        def handed(*args: Any, **values: Any) -> Any:
            from fic2epub.builder.dates import source_date_epoch
            from fic2epub.library.book import MakeOptions
            from fic2epub.parser.options import ParseOptions

            parse = ParseOptions(
                title=values.pop("title", None) if one_work else None,
                author=values.pop("author", None),
                language=values.pop("language"),
                encoding=values.pop("encoding"),
                chapters=values.pop("chapters", None),
                chapters_at=values.pop("chapters_at", None),
                infer=not values.pop("no_infer"),
                emphasis=values.pop("emphasis"),
            )
            options = MakeOptions(
                parse=parse,
                corrections=values.pop("corrections"),
                publish=publish_options(values),
                epoch=source_date_epoch(os.environ),
                recover_again=values.pop("recover_again", False),
                force=values.pop("force", False),
                format=values.pop("format", "epub"),
            )
            return function(*args, options=options, **values)

        for option in reversed(chosen):
            option(handed)
        return handed  # type: ignore[return-value]

    return decorate


def look_options(function: F) -> F:
    """Add ``--book`` and ``--recover-again``; `fic2epub.cli.inputs.nearby` makes a place of ``book``."""
    for option in reversed(_OF_A_LOOK):
        function = option(function)
    return function


def dump_arguments(function: F) -> F:
    """Add ``DUMP…``, ``--paths-from`` and ``--all``; `fic2epub.cli.inputs.collect` reads them."""
    function = click.option(
        "--all", "take_all", is_flag=True, help="Take every text file of a folder, dump or not."
    )(function)
    function = click.option(
        "--paths-from",
        metavar="FILE",
        type=click.File("rb"),
        help="Read paths of dumps from a file, one a line; - is standard input.",
    )(function)
    return click.argument(
        "dumps", nargs=-1, metavar="DUMP...", type=click.Path(path_type=Path, allow_dash=True)
    )(function)


def output_option(text: str, *, default: str | None = None) -> Callable[[F], F]:
    """Add ``-o``: a string, since a slash at its end has a meaning."""
    return click.option("-o", "--output", metavar="PATH", default=default, help=text)


def _condition(text: str) -> "Condition":
    """Read ``--where``; raises UsageError, which shows the place of a slip."""
    from fic2epub.select import parse_where

    return parse_where(text)


def _known_encoding(name: str | None) -> str | None:
    """The encoding's name, if Python knows it as one for text.

    A codec that undoes a program's escapes is none: it would change what a dump says.
    """
    if name is not None:
        refusal = f"{name!r} is no encoding that Python knows. Try utf-8, cp1252, utf-16 or latin-1."
        try:
            said = b"a\\x62".decode(name, "replace")  # for the name's sake: it also refuses hex and idna
        except (LookupError, ValueError) as error:
            raise click.BadParameter(refusal) from error
        if said == "ab":
            raise click.BadParameter(refusal)
    return name


def _lines(value: str) -> tuple[int, ...]:
    """Lines that people count from 1, as programs count them."""
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise click.BadParameter(f"{value!r} is no list of lines. Give them so: 12,240,518")
    return tuple(sorted({int(part) - 1 for part in parts}))
