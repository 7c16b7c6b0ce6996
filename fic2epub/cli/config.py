"""``fic2epub config``: what is set, and where it was set."""

import json
import os
from pathlib import Path
from typing import Any

import click

from fic2epub.cli.defaults import check, defaults, effective, known
from fic2epub.cli.settings import TABLES, Settings, meant, read_settings, user_file
from fic2epub.cli.talk import Talk, put_path, talk_options
from fic2epub.errors import UsageError

__all__ = ["command"]


@click.group("config", short_help="Show what is set, and where.")
@talk_options
def command() -> None:
    """Show what is set in fic2epub.toml, and where.

    \b
    Example:
      fic2epub config path
      fic2epub config show --for batch ~/dumps
    """  # noqa: D301 - the backspace is how click is told not to wrap


@command.command("path", short_help="Print the path of your own fic2epub.toml.")
@talk_options
def path() -> None:
    """Print the path of your own fic2epub.toml, whether it is there or not.

    \b
    Example:
      fic2epub config path
    """  # noqa: D301
    own = user_file()
    if own is None:
        raise UsageError("FIC2EPUB_CONFIG is empty, so no file of yours is read.")
    put_path(own)


@command.command("show")
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--for", "name", metavar="COMMAND", help="Only what a command takes of it: batch, library list …"
)
@click.option("--json", "as_json", is_flag=True, help="JSON, one object.")
@talk_options
@click.pass_context
def show(ctx: click.Context, folder: Path | None, name: str | None, as_json: bool) -> None:
    """Show every value that is set, and where it comes from.

    DIR is a folder of dumps, whose own fic2epub.toml is read then too. A value that a stronger one hides
    is left out.

    \b
    Example:
      fic2epub config show
      fic2epub config show --for batch ~/dumps --profile kobo
    """  # noqa: D301
    talk = ctx.ensure_object(Talk)
    settings = read_settings(folder, profile=talk.profile, assignments=talk.assignments)
    check(settings)
    _check_mail(settings)
    rows = _of_command(settings, name) if name else _all(settings)
    if as_json:
        told = [{"key": key, "value": value, "from": origin} for key, value, origin in rows]
        files = [str(file) for file in settings.files]
        value = {"schema": 1, "profile": talk.profile, "files": files, "settings": told}
        click.echo(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace"))
        return
    width = max((len(f"{key} = {_toml(value)}") for key, value, _ in rows), default=0)
    for key, value, origin in rows:
        click.echo(f"{f'{key} = {_toml(value)}':{min(width, 48)}}  {origin}")
    if not rows:
        talk.say(f"Nothing is set. Your own file would be {user_file() or 'named by FIC2EPUB_CONFIG'}.")


def _check_mail(settings: Settings) -> None:
    """Refuse an unknown key of an account now, and not when books are to be sent."""
    if not settings.mail:
        return
    from fic2epub.delivery.mail_account import KEYS

    for name, table in settings.mail.items():
        for key in table:
            if key not in KEYS:
                raise UsageError(
                    f"{settings.files[-1]}: [mail.{name}] there is no key {key!r}.{meant(key, KEYS)}"
                )


def _all(settings: Settings) -> list[tuple[str, Any, str]]:
    """Every value of every layer, but for those that the same key in a stronger layer hides."""
    found: dict[str, tuple[Any, str]] = {}
    for layer in settings.layers:
        for key, value in _flat(layer.values):
            found.pop(key, None)
            found[key] = value, layer.origin
    for kind in TABLES:
        for name, table in getattr(settings, kind).items():
            found |= {
                f"{kind}.{name}.{key}": (value, str(settings.files[-1])) for key, value in table.items()
            }
    return [(key, value, origin) for key, (value, origin) in found.items()]


def _flat(values: Any, head: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in values.items():
        flat += _flat(value, f"{head}{key}.") if isinstance(value, dict) else [(f"{head}{key}", value)]
    return flat


def _of_command(settings: Settings, name: str) -> list[tuple[str, Any, str]]:
    """Every option of a command that can be set: its value, and where that comes from."""
    from fic2epub.cli.app import app

    if name not in known():
        raise UsageError(f"--for {name}: there is no such command.{meant(name, known())}")
    found: click.Command = app
    for part in name.split(" "):
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), part) or found
    values = effective(settings, name.split(" "), found)
    defaults(found, values)  # refuses what is of the wrong kind
    options = {one.removeprefix("--"): option for option in found.params for one in option.opts}
    rows: list[tuple[str, Any, str]] = []
    for key in sorted(known()[name]):
        if key in values:
            rows.append((key, values[key].value, values[key].origin))
        else:
            default = options[key].to_info_dict()["default"]
            rows.append((key, os.fspath(default) if isinstance(default, Path) else default, "default"))
    return rows


def _toml(value: Any) -> str:
    """A value as a person would write it into the file."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
