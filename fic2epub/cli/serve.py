"""``fic2epub serve``: a library over the air, for e-readers, reading programs and browsers."""

import sys
from importlib.util import find_spec
from pathlib import Path

import click

from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import UsageError

__all__ = ["command"]

PORT = 8469


@click.command("serve", short_help="A catalogue of a library, over the air.")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="The port to listen at; 0 takes a free one.",
)
@click.option("--lan", is_flag=True, help="Open it to other devices in your network, with a password.")
@click.option("--new-password", is_flag=True, help="With --lan: make a new password; the old one ends.")
@click.option("--discreet", is_flag=True, help="Show no tags and ratings, and no title or cover that tells.")
@click.option(
    "--page-size",
    type=click.IntRange(0, 1_000),
    default=50,
    show_default=True,
    metavar="N",
    help="Books on a page of a feed; 0 puts all on one.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the library in the browser.")
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    port: int,
    lan: bool,
    new_password: bool,
    discreet: bool,
    page_size: int,
    open_browser: bool,
) -> None:
    """Serve the library in DIR: OPDS for reading programs, pages for every browser, on one port.

    Only this computer can open it. With --lan other devices can, by an address with a password in it, which
    is printed on standard error, with a code to scan. Nothing outside the library is ever given away, and
    nothing is changed. Books that are made while it runs appear. Ctrl-C ends it.

    \b
    Example:
      fic2epub serve ~/books --open
      fic2epub serve ~/books --lan
    """  # noqa: D301 - the backspace is how click is told not to wrap
    if find_spec("flask") is None or find_spec("waitress") is None:
        raise UsageError('The catalogue needs Flask and waitress: pip install "fic2epub[web]"')
    if new_password and not lan:
        raise UsageError("--new-password is for --lan: without it only this computer gets in.")
    from fic2epub.library.catalogue_schema import HOUSE
    from fic2epub.web.app import lan_address, serve
    from fic2epub.web.door import PREFIX, USER, keep_secret
    from fic2epub.web.holdings import Holdings
    from fic2epub.web.serve import LIMITS, library_app

    talk = ctx.ensure_object(Talk)
    Holdings(folder).close()  # before a password is put into what may be no library
    secret = keep_secret(folder / HOUSE, new=new_password) if lan else None
    app = library_app(folder, lan=lan, secret=secret, discreet=discreet, page_size=page_size)

    def ready(taken: int) -> None:
        host = f"http://{lan_address() if lan else '127.0.0.1'}:{taken}"
        address = f"{host}{PREFIX}{secret}/" if secret else f"{host}/"
        talk.say(f"Library at {address}", level=-2)
        talk.say(f"For reading programs (OPDS): {address}opds")
        if secret:
            talk.say(f"Or {host}/opds with the name {USER} and the password {secret}")
            talk.say("Whoever has this address can read the library. Other devices of your network see it.")
            _show_code(talk, address)
        talk.say("Ctrl-C ends it.")
        if open_browser:
            click.launch(address)

    serve(app, host="0.0.0.0" if lan else "127.0.0.1", port=port, ready=ready, limits=LIMITS)


def _show_code(talk: Talk, address: str) -> None:
    """The address as a QR code, where someone can see it."""
    if talk.verbosity < 0 or not sys.stderr.isatty() or find_spec("segno") is None:
        return
    import segno

    segno.make(address, error="l", micro=False).terminal(out=sys.stderr, compact=True, border=2)
