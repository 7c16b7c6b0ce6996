"""``fic2epub devices``: the e-readers that are there, and what is on them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fic2epub.cli.talk import Talk, talk_options

if TYPE_CHECKING:
    from fic2epub.delivery.aboard import Aboard
    from fic2epub.delivery.devices import Device

__all__ = ["command", "device_name", "look_around", "look_in_option", "megabytes", "printable"]

F = TypeVar("F", bound=Callable[..., Any])

ALL = "*"
"""What ``--books`` means without a name."""

FORMATS = {"epub": "EPUB", "kepub": "KEPUB", "azw3": "AZW3"}


def look_in_option(function: F) -> F:
    """Add ``--look-in``, for disks that are mounted elsewhere and for marked folders."""
    return click.option(
        "--look-in",
        metavar="DIR",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Look for devices and marked folders here too, and in the folders here. May be given again.",
    )(function)


@click.command("devices", short_help="List the e-readers that are there, and what is on them.")
@click.option(
    "--books",
    metavar="[NAME]",
    is_flag=False,
    flag_value=ALL,
    help="List the books on a device instead: a kind, a name or a folder, as for send --to. Alone: on all.",
)
@look_in_option
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object a device or book.")
@talk_options
@click.pass_context
def command(ctx: click.Context, books: str | None, look_in: tuple[Path, ...], as_json: bool) -> None:
    """List the e-readers that are mounted: Kobo, Kindle, PocketBook, tolino, Nook, Sony, KOReader.

    A folder counts as one if it holds a file called .fic2epub-target, which may be empty. With --books the
    books that fic2epub put on a device are listed. Nothing is written.

    \b
    Example:
      fic2epub devices
      fic2epub devices --books kobo
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.delivery.aboard import aboard
    from fic2epub.delivery.targets import choose, device_for, is_path, not_found

    talk = ctx.ensure_object(Talk)
    if books is not None and is_path(books):
        devices: Sequence[Device] = [device_for(Path(books))]
    else:
        devices = look_around(talk, look_in)
        if books not in (None, ALL):
            devices = choose(devices, books)
    if not devices:
        if books not in (None, ALL):
            raise not_found(books)
        talk.say(str(not_found(None)))
    for device in devices:
        if books is None:
            _put_json(_described(device)) if as_json else _show(talk, device)
            continue
        for book in aboard(device):
            if as_json:
                _put_json({"schema": 1, "device": device.name, "label": device.label, **_told(book)})
            else:
                click.echo(_line(book, device if len(devices) > 1 else None))


def look_around(talk: Talk, look_in: Sequence[Path] = ()) -> "tuple[Device, ...]":
    """The devices that are there, and the marked folders among those of the home folder."""
    from fic2epub.delivery.devices import find_devices
    from fic2epub.delivery.mounts import mounts

    found = find_devices(mounts(), beside=look_in, home=Path.home())
    for problem in found.problems:
        talk.say(problem, colour="yellow")
    return found.devices


def device_name(device: "Device") -> str:
    """What people call a device, with its volume's name where that says more."""
    if device.label.casefold() == device.name.casefold():
        return device.name
    return f"{device.name} ({device.label})"


def megabytes(size: int) -> str:
    """A size as people say it: ``312 kB``, ``4.1 MB``, ``12.6 GB``."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e3:,.0f} kB"


def _show(talk: Talk, device: "Device") -> None:
    """A line about a device, and what there is to know."""
    from fic2epub.delivery.azw3 import ebook_convert

    folder = f"{device.folder}/" if device.folder else "its top folder"
    room = f"{megabytes(device.free)} free of {megabytes(device.total)}" if device.total else "room unknown"
    state = "read-only" if device.read_only else f"{FORMATS[device.format]} into {folder}"
    click.echo(printable(f"{device_name(device)}  {device.top}  {room}  {state}"))
    if device.koreader and device.kind != "koreader":
        talk.say("    KOReader is on it: send --to koreader sends it plain EPUB.")
    if device.format == "azw3" and ebook_convert() is None:
        talk.say("    AZW3 needs calibre, which is not installed; mail needs nothing (send --to mail:NAME).")


def _line(book: "Aboard", device: "Device | None") -> str:
    by = f" by {', '.join(book.authors)}" if book.authors else ""
    on = f"{device_name(device)}  " if device else ""
    return printable(f"{on}{book.title}{by}  {book.path}  {megabytes(book.size)}")


def printable(text: str) -> str:
    """Text that steers no terminal: a book on a device, or a disk's name, may come from anyone."""
    return "".join(character if character.isprintable() else " " for character in text)


def _described(device: "Device") -> dict[str, Any]:
    return {
        "schema": 1,
        "kind": device.kind,
        "name": device.name,
        "label": device.label,
        "path": str(device.top),
        "folder": device.folder,
        "format": device.format,
        "koreader": device.koreader,
        "keeps_places": device.keeps_places,
        "read_only": device.read_only,
        "free": device.free,
        "total": device.total,
    }


def _told(book: "Aboard") -> dict[str, Any]:
    return {
        "path": book.path,
        "format": book.format,
        "identifier": book.identifier,
        "edition": book.edition,
        "title": book.title,
        "authors": list(book.authors),
        "size": book.size,
    }


def _put_json(value: dict[str, Any]) -> None:
    """Print one line of JSON in UTF-8, whatever the terminal's encoding."""
    click.echo(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))
