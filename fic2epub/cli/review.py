"""``fic2epub review``: a page in the browser to look at what was recovered, and to correct it."""

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from fic2epub.cli.inputs import collect, nearby
from fic2epub.cli.options import dump_arguments, make_options
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions

__all__ = ["command"]

TOKEN_BYTES = 18


@click.command("review", short_help="Look at what is recovered, and correct it, in the browser.")
@dump_arguments
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="The port to listen at; without it a free one.",
)
@click.option("--lan", is_flag=True, help="Open it to other machines in your network, e.g. a phone.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@make_options(one_work=False, book=False)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    dumps: tuple[Path, ...],
    paths_from: BinaryIO | None,
    take_all: bool,
    port: int,
    lan: bool,
    open_browser: bool,
    book: str | None,
    options: "MakeOptions",
) -> None:
    """Look at dumps in the browser: the whole text, with chapters, notes and breaks marked.

    What is doubtful is found with a key, and corrected with a key or a click. Corrections are kept in
    NAME.fic.toml beside the dump; nothing else is written, and nothing leaves your machine. The address
    is printed on standard error, with a token without which nobody gets in. Ctrl-C ends it.

    \b
    Example:
      fic2epub review winter.txt --open
      fic2epub review ~/dumps --lan
    """  # noqa: D301 - the backspace is how click is told not to wrap
    if find_spec("flask") is None or find_spec("waitress") is None:
        raise UsageError('The review needs Flask and waitress: pip install "fic2epub[web]"')
    from fic2epub.web.app import lan_address, serve
    from fic2epub.web.review import review_app

    talk = ctx.ensure_object(Talk)
    found = collect(talk, dumps, options.parse, paths_from=paths_from, take_all=take_all)
    paths = [dump for dump in found if isinstance(dump, Path)]
    if len(paths) < len(found):
        raise UsageError("A dump on standard input has no place for corrections. Save it, and name the file.")
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def ready(taken: int) -> None:
        address = f"http://{lan_address() if lan else '127.0.0.1'}:{taken}/?token={token}"
        talk.say(f"Review at {address}", level=-2)
        talk.say("Ctrl-C ends it.")
        if open_browser:
            click.launch(address)

    app = review_app(paths, options, token=token, lan=lan, near=nearby(ctx, book))
    serve(app, host="0.0.0.0" if lan else "127.0.0.1", port=port, ready=ready)
