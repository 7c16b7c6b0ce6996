"""``fic2epub send``: books to an e-reader, onto its disk or by mail."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fic2epub.cli.devices import device_name, look_around, look_in_option
from fic2epub.cli.send_books import Chosen, chosen_books
from fic2epub.cli.send_report import WRITTEN, report
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import DeviceNotFoundError, ExitCode, UsageError

if TYPE_CHECKING:
    from fic2epub.delivery.delivered import Delivered
    from fic2epub.delivery.devices import Device
    from fic2epub.delivery.markers import Kind
    from fic2epub.delivery.sent import Journal

__all__ = ["command"]

KINDS = ("kobo", "kindle", "pocketbook", "tolino", "nook", "sony", "koreader")
"""As in delivery/markers.py, which is not imported for ``--help``; a test compares them."""


@click.command("send", short_help="Bring books onto an e-reader, by cable or by mail.")
@click.argument("books", nargs=-1, metavar="BOOK...", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--to",
    metavar="WHERE",
    help="A kind (kobo, kindle, pocketbook, tolino, nook, sony, koreader), a name that fic2epub devices "
    "shows, a folder with a slash in it, or mail:NAME.  [default: the one e-reader that is there]",
)
@click.option("--where", metavar="CONDITION", help="Send the books of the library that this fits.")
@click.option("--new", "only_new", is_flag=True, help="Send what the device lacks, of all that was chosen.")
@click.option(
    "--library",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The library for --where and --new.  [default: books]",
)
@click.option("--device", type=click.Choice(KINDS), help="Treat the folder of --to as this kind of device.")
@look_in_option
@click.option(
    "--replace", "replace_old", is_flag=True, help="Replace another edition, whatever the device forgets."
)
@click.option(
    "--again", is_flag=True, help="By mail: send once more a book of which nobody knows whether it arrived."
)
@click.option("--remove", is_flag=True, help="Take the books off the device instead.")
@click.option("--discreet", is_flag=True, help="Leave out of file names and subjects what may not be seen.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object a book.")
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    books: tuple[Path, ...],
    to: str | None,
    where: str | None,
    only_new: bool,
    library: Path | None,
    device: "Kind | None",
    look_in: tuple[Path, ...],
    replace_old: bool,
    again: bool,
    remove: bool,
    discreet: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring books onto an e-reader: each gets the format that it reads best, in the folder where it looks.

    A book that is there already is left as it is. Another edition of it is replaced where that keeps your
    place (KOReader), and else only with --replace. Files that fic2epub did not put there are never touched.
    BOOK is an EPUB, a folder of them, or - for paths on standard input. The paths on the device are printed
    on standard output, all else on standard error.

    \b
    Example:
      fic2epub send winter.epub --to kobo
      fic2epub send --new --to kobo
      fic2epub send --where "rating = General Audiences" --to mail:kindle
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.delivery.sent import Journal
    from fic2epub.delivery.targets import mail_account

    talk = ctx.ensure_object(Talk)
    if remove and (only_new or replace_old):
        raise UsageError("--remove takes books off: it does not go with --new or --replace.")
    chosen = chosen_books(books, where=where, everything=only_new, library=library)
    journal = Journal(chosen.library)
    account = mail_account(to) if to else None
    how = {"dry_run": dry_run, "as_json": as_json, "only_new": only_new}
    if account is not None:
        if remove:
            raise UsageError("What was mailed cannot be taken back: --remove is for a mounted device.")
        allowed = {"replace_old": replace_old, "again": again}
        ctx.exit(_mail(talk, account, chosen, journal, allowed=allowed, discreet=discreet, how=how))
    if again:
        raise UsageError("--again is for books by mail: what is on a mounted device can be seen there.")
    goal = _device(talk, to, device, look_in)
    code = _copy(
        talk, goal, chosen, journal, remove=remove, replace_old=replace_old, discreet=discreet, how=how
    )
    ctx.exit(code)


def _copy(
    talk: Talk,
    device: "Device",
    chosen: Chosen,
    journal: "Journal",
    *,
    remove: bool,
    replace_old: bool,
    discreet: bool,
    how: dict[str, bool],
) -> ExitCode:
    """Send to a mounted device, or take off it."""
    from fic2epub.delivery.run import Job
    from fic2epub.delivery.taking_off import take_off
    from fic2epub.delivery.volumes import send

    job = Job(
        device=device,
        journal=journal,
        now=datetime.now(UTC),
        replace=replace_old,
        dry_run=how["dry_run"],
        discreet=discreet,
    )
    results = (take_off if remove else send)(chosen.books, job)
    code, counts = report(talk, results, top=device.top, **how)
    if device.kind != "folder" and not how["dry_run"] and any(counts[name] for name in WRITTEN):
        talk.say(f"Eject {device_name(device)} before you unplug it.")
    return code


def _mail(
    talk: Talk,
    name: str,
    chosen: Chosen,
    journal: "Journal",
    *,
    allowed: dict[str, bool],
    discreet: bool,
    how: dict[str, bool],
) -> ExitCode:
    """Send by mail. With ``--new`` without those that were mailed already, and none in doubt unasked."""
    from fic2epub.cli.settings import mail
    from fic2epub.delivery.mail import account, deliver
    from fic2epub.delivery.posted import Postbag

    sender = account(mail(name), os.environ, name=name)
    bag = Postbag(sender, journal, now=datetime.now(UTC))
    told: list[Delivered] = []
    books: Sequence[Path] = chosen.books
    if not how["dry_run"]:
        journal.check()
    if how["only_new"]:
        books, told = bag.sort(books, **allowed)
    elif not allowed["again"]:
        books, told = bag.hold(books)
    sent = deliver(
        books, sender, dry_run=how["dry_run"], on_sent=bag.sent, on_unknown=bag.unknown, discreet=discreet
    )
    code, _ = report(talk, (one for part in (told, sent) for one in part), top=None, **how)
    return code


def _device(talk: Talk, to: str | None, kind: "Kind | None", look_in: Sequence[Path]) -> "Device":
    """Find the device. Raises DeviceNotFoundError if none fits, or several without a reader to ask."""
    from fic2epub.cli.settings import read_settings
    from fic2epub.delivery.devices import described_as
    from fic2epub.delivery.target_file import target_from
    from fic2epub.delivery.targets import choose, device_for, is_path, not_found

    said = None
    table = read_settings().device.get(to or "")
    if table is not None:
        where = f"[device.{to}] of fic2epub.toml"
        said = target_from({key: value for key, value in table.items() if key != "to"}, where)
        if not isinstance(table.get("to"), str):
            raise UsageError(
                f'{where}: does not say where it is. Write e.g. to = "kobo", or to = "/media/me/X".'
            )
        to = str(table["to"])
    if to is not None and is_path(to):
        found = device_for(Path(to), kind=kind)
    elif kind is not None:
        raise UsageError("--device is for a folder: --to PATH --device KIND.")
    else:
        fitting = choose(look_around(talk, look_in), to)
        if not fitting:
            raise not_found(to)
        found = fitting[0] if len(fitting) == 1 else _ask(fitting)
    return found if said is None else described_as(found, said)


def _ask(devices: "Sequence[Device]") -> "Device":
    """Which of several is meant; asked only if somebody is there to answer."""
    lines = [f"{device_name(device)}, {device.top}" for device in devices]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        example = devices[0].label
        raise DeviceNotFoundError(
            f"{len(devices)} e-readers fit: {'; '.join(lines)}. Say which by its name "
            f'(--to "{example}") or by its folder.'
        )
    for number, line in enumerate(lines, 1):
        click.echo(f"{number}  {line}", err=True)
    answer = click.prompt("Which one", type=click.IntRange(1, len(devices)), err=True)
    return devices[int(answer) - 1]
