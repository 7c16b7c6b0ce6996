"""Settings become the defaults of a command's options, before click reads what was typed.

So an option has one meaning wherever it is set: click converts and checks it, and ``--help`` shows it.
Only names are checked here, and what a file among dumps may say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import click

from fic2epub.cli.settings import FILE_NAME, TABLES, Layer, Settings, Value, meant, read_settings, user_file
from fic2epub.cli.talk import Talk
from fic2epub.errors import UsageError
from fic2epub.values import dataclass

__all__ = [
    "OF_A_BOOK",
    "ORIGINS",
    "blamed",
    "check",
    "defaults",
    "effective",
    "known",
    "path_set",
    "setter",
    "take_settings",
]

OF_A_BOOK = frozenset(
    "language encoding no-infer emphasis min-confidence chapter-title notes no-cover format theme ornament "
    "smart-quotes discreet group-by sort-by".split()
)
"""What a file among dumps may set: what changes a book. No path, since one could bring any file of the
reader's into a book; no commands, no mail, no names of files, nothing that replaces or leaves out."""

TYPED = frozenset(
    "help version quiet verbose debug profile set title author chapters chapters-at paths-from yes "
    "write-corrections dry-run new-password".split()
)
"""Options that are for one run, and so are only ever typed."""
ONLY = {
    "fix": frozenset({"book", "corrections", "encoding", "recover-again"}),
    "library remove": frozenset(),
    "config show": frozenset(),
    "send": frozenset({"to", "library", "look-in", "discreet"}),
}
"""Commands that take no other settings: a default must not correct, remove, replace or hide anything."""

EITHER = (("cover", "no-cover"),)
"""Options that exclude each other: one that is set takes the place of the other in a weaker layer."""

DUMPS = ("dumps", "dump", "folder")
"""Arguments that name dumps, in these commands:"""
READERS = frozenset({"convert", "batch", "anthology", "inspect", "review", "fix"})

ORIGINS = "fic2epub.origins"
"""Where click's context keeps the Value of each option that was set, by parameter."""
SETTINGS = "fic2epub.settings"
"""Where it keeps all that is set, for what one command must know of another."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, read ahead of click."""

    path: tuple[str, ...]
    command: click.Command
    options: Mapping[str, Any]
    """By parameter, as typed."""


def take_settings(ctx: click.Context, name: str, command: click.Command, arguments: Sequence[str]) -> None:
    """Give a command its defaults. ``ctx`` is the program's, and ``arguments`` stand behind the name.

    Does nothing for ``--help``, for `config`, which must work with a broken file, or if something is typed
    that click will refuse. Raises UsageError for a setting that cannot be.
    """
    asked = _read_ahead(ctx, (name,), command, list(arguments))
    if asked is None or name == "config":
        return
    talk = ctx.ensure_object(Talk)
    folders = _folders(asked)
    settings = read_settings(
        folders[0] if len(folders) == 1 else None,
        profile=asked.options.get("profile") or talk.profile,
        assignments=(*talk.assignments, *asked.options.get("assignments", ())),
    )
    passed_over = [
        folder / FILE_NAME for folder in folders if len(folders) > 1 and (folder / FILE_NAME).is_file()
    ]
    for path in passed_over:
        talk.say(f"{path}: is not read, since the dumps lie in several folders.")
    if asked.path == ("anthology",):
        from fic2epub.cli.anthology_look import with_definition

        settings = with_definition(settings, asked.options.get("dumps") or ())
    if not settings.layers and not settings.idle:
        return
    check(settings)
    values = effective(settings, asked.path, asked.command, typed=asked.options)
    ctx.meta[ORIGINS], ctx.meta[SETTINGS] = values, settings
    chosen: dict[str, Any] = defaults(asked.command, values)
    for one in reversed(asked.path):
        chosen = {one: chosen}
    ctx.default_map = chosen


def _read_ahead(
    ctx: click.Context, path: tuple[str, ...], command: click.Command, arguments: list[str]
) -> _Asked | None:
    """Which command is called with which options; None for ``--help``, or if click will not like it."""
    inner = command.context_class(command, info_name=path[-1], parent=ctx, **command.context_settings)
    try:
        options, rest, given = command.make_parser(inner).parse_args(list(arguments))
    except click.UsageError:
        return None
    if any("--help" in parameter.opts for parameter in given):
        return None
    if not isinstance(command, click.Group):
        return _Asked(path, command, options)
    below = command.get_command(inner, rest[0]) if rest else None
    if below is None:
        return None
    asked = _read_ahead(inner, (*path, rest[0]), below, rest[1:])
    if asked is None:
        return None
    both = (*options.get("assignments", ()), *asked.options.get("assignments", ()))
    return _Asked(asked.path, asked.command, {**options, **asked.options, "assignments": both})


def _folders(asked: _Asked) -> list[Path]:
    """The folders that the dumps lie in, as they were named."""
    if asked.path[0] not in READERS:
        return []
    named: list[str] = []
    for name in DUMPS:
        match asked.options.get(name):
            case str(value):
                named.append(value)
            case tuple(values):
                named += [value for value in values if isinstance(value, str)]
    paths = [Path(one) for one in named if one != "-"]
    return list(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))


@cache
def known() -> dict[str, frozenset[str]]:
    """The options of every command that settings may give, by its path (``library list``)."""
    from fic2epub.cli.app import app

    return {" ".join(path): frozenset(_keys(command, path)) for path, command in _commands(app, ())}


def _commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        elif command is not None and name != "config":
            yield (*path, name), command


def _keys(command: click.Command, path: Sequence[str]) -> dict[str, click.Option]:
    """The options of a command that settings may give, by the name they have there."""
    only = ONLY.get(" ".join(path))
    keys: dict[str, click.Option] = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = [name.removeprefix("--") for name in parameter.opts if name.startswith("--")]
            keys |= {
                name: parameter for name in names if name not in TYPED and (only is None or name in only)
            }
    return keys


def check(settings: Settings) -> None:
    """Check the names in all layers. Raises UsageError, with the file and the nearest known name."""
    for layer in (*settings.layers, *settings.idle):
        _check(layer, layer.values, ())
    for kind in TABLES:
        for name, table in getattr(settings, kind).items():
            if any(isinstance(value, dict) for value in table.values()):
                raise UsageError(
                    f"{settings.files[-1]}: [{kind}.{name}] holds another table. Its keys are plain."
                )


def _check(layer: Layer, values: Mapping[str, Any], path: tuple[str, ...]) -> None:
    commands = {name: keys for name, keys in known().items() if tuple(name.split(" "))[: len(path)] == path}
    keys = frozenset().union(*commands.values())
    tables = {name.split(" ")[len(path)] for name in commands if len(name.split(" ")) > len(path)}
    where = f"{layer.origin}: " + (f"[{'.'.join(path)}] " if path else "")
    for key, value in values.items():
        if not layer.trusted and key in TABLES and not path:
            raise _forbidden(where, key)
        if isinstance(value, dict):
            if key not in tables:
                others = (*tables, *(() if path else (*TABLES, "profile")))
                raise UsageError(f"{where}there is no command {key!r}.{meant(key, others)}")
            _check(layer, value, (*path, key))
        elif key not in keys:
            if not layer.trusted and (kind := key.partition(".")[0]) in TABLES:
                raise _forbidden(where, kind)
            if key in TABLES and not path:
                raise UsageError(f"{where}[{key}] needs a name: [{key}.NAME].")
            if key in TYPED:
                raise UsageError(f"{where}{key} is for one run. It can only be typed: --{key}.")
            raise UsageError(f"{where}there is no setting {key!r}.{meant(key, (*keys, *tables))}")
        elif not layer.trusted and (key not in OF_A_BOOK or _leaves_out(key, value)):
            raise _forbidden(where, key)


def _leaves_out(key: str, value: object) -> bool:
    """Whether a setting would take the author's words out of a book, which only its reader may wish."""
    return key == "notes" and "drop" in str(value)


def _forbidden(where: str, key: str) -> UsageError:
    own = user_file()
    place = f"Put it into your own file: {own}." if own else "Type it instead."
    return UsageError(
        f"{where}{key} is not for a file among dumps, which anyone may have written: there only what changes "
        f"a book can be set, and nothing that leaves words out. {place}"
    )


def effective(
    settings: Settings, path: Sequence[str], command: click.Command, *, typed: Mapping[str, Any] | None = None
) -> dict[str, Value]:
    """What is set for a command's options, by the names that they have in settings, without what is typed."""
    keys = _keys(command, path)
    values: dict[str, Value] = {}
    for layer in settings.layers:
        found = Settings(layers=(layer,)).of_command(path)
        values |= {key: value for key, value in found.items() if key in keys}
        _drop_others(values, {key for key, value in found.items() if value.value is not False})
    _drop_others(values, {key for key, option in keys.items() if option.name in (typed or {})})
    return values


def _drop_others(values: dict[str, Value], stronger: Iterable[str]) -> None:
    """Take out what a stronger layer has excluded."""
    for pair in EITHER:
        for one, other in (pair, pair[::-1]):
            if one in stronger and other not in stronger:
                values.pop(other, None)


def defaults(command: click.Command, values: Mapping[str, Value]) -> dict[str, Any]:
    """What click takes as defaults, by parameter. Raises UsageError for a value of the wrong kind."""
    options = {name.removeprefix("--"): option for option in command.params for name in option.opts}
    return {str(options[key].name): _fitted(key, options[key], value) for key, value in values.items()}


def _fitted(key: str, option: click.Parameter, value: Value) -> Any:
    """A value in the form that a typed one has: click does the rest."""
    raw = value.value
    if getattr(option, "is_flag", False):
        if not isinstance(raw, bool):
            raise UsageError(f"{value.origin}: {key} is true or false, not {raw!r}.")
        return raw
    if option.multiple:
        many = raw if isinstance(raw, list) else [raw]
        return tuple(_plain(key, one, value) for one in many)
    text = _plain(key, raw, value)
    return _from(value.base, text) if _is_path(option) else text


def _plain(key: str, raw: Any, value: Value) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise UsageError(f"{value.origin}: {key} cannot be {raw!r}. Write a text or a number.")
    return str(raw)


def _is_path(option: click.Parameter) -> bool:
    return isinstance(option.type, click.Path | click.File) or option.metavar in ("PATH", "FILE", "DIR")


def _from(base: Path | None, text: str) -> str:
    """A path in a file starts from that file's folder, wherever the program is called; ``~`` is the home."""
    if text in ("", "-"):
        return text
    path = Path(text).expanduser()
    slash = "/" if text.endswith(("/", "\\")) else ""  # at the end of -o it has a meaning
    return f"{base / path if base else path}{slash}"


def path_set(ctx: click.Context, command: str, key: str) -> str | None:
    """A path that is set for another command than the one that runs; None if there is none."""
    settings = ctx.meta.get(SETTINGS)
    value = settings.of_command((command,)).get(key) if settings is not None else None
    return _from(value.base, value.value) if value is not None and isinstance(value.value, str) else None


def setter(ctx: click.Context, message: str) -> str:
    """Where the setting was set that an error's message speaks of, as a sentence; empty if it is none."""
    for key, value in ctx.meta.get(ORIGINS, {}).items():
        if f"--{key}" in message or (isinstance(value.value, str) and value.value and value.value in message):
            return f" {key} is set in {value.origin}."
    return ""


def blamed(error: click.BadParameter) -> UsageError | None:
    """The error with the file to blame, if a setting was refused and nothing that was typed."""
    ctx, option = error.ctx, error.param
    if ctx is None or option is None or option.name is None:
        return None
    if ctx.get_parameter_source(option.name) is not click.core.ParameterSource.DEFAULT_MAP:
        return None
    for name in option.opts:
        value = ctx.meta.get(ORIGINS, {}).get(name.removeprefix("--"))
        if value is not None:
            return UsageError(f"{value.origin}: {name.removeprefix('--')}: {error.message}")
    return None
