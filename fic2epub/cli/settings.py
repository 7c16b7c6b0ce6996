"""``fic2epub.toml``: where it lies, what it may hold, and which value wins.

Each layer outranks those before it; what is typed outranks them all:

1. ``fic2epub.toml`` in the folder of the dumps. It may come from anyone, together with the dumps: it can
   only set what changes a book. [certain]
2. The reader's own, in the system's folder for settings; FIC2EPUB_CONFIG names another file instead, or,
   if it is empty, none.
3. ``[profile.NAME]`` of these files, with ``--profile NAME``.
4. ``--set KEY=VALUE``.

``[mail.NAME]`` and ``[device.NAME]`` are tables of the reader's own file alone.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from fic2epub.errors import UsageError
from fic2epub.values import dataclass

__all__ = ["FILE_NAME", "SET", "Layer", "Settings", "Value", "mail", "meant", "read_settings", "user_file"]

FILE_NAME = "fic2epub.toml"
VARIABLE = "FIC2EPUB_CONFIG"
LARGEST = 1 << 20
SET = "--set"
"""The origin of what was typed as an assignment."""
TABLES = ("mail", "device")
"""Tables of tables that are no options: how books are sent, and where to."""


@dataclass(frozen=True, slots=True)
class Value:
    """A setting, and where it comes from."""

    value: Any
    origin: str
    """For people: a file and its table, or ``--set``."""
    base: Path | None = None
    """The folder that a relative path in it starts from; None for the current one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one source sets, as it stands there."""

    origin: str
    values: Mapping[str, Any]
    """Options and tables of commands; keys with hyphens."""
    base: Path | None = None
    trusted: bool = True
    """False for a file that lies among dumps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that was read."""

    layers: tuple[Layer, ...] = ()
    """Those that hold, the weakest first."""
    idle: tuple[Layer, ...] = ()
    """Profiles that were not asked for."""
    mail: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    device: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    """Those that were read."""

    def of_command(self, path: Sequence[str]) -> dict[str, Value]:
        """What is set for a command, such as ``("library", "list")``; its own table over what is for all."""
        found: dict[str, Value] = {}
        for layer in self.layers:
            values: Any = layer.values
            for name in (*path, None):
                found |= {
                    key: Value(value, layer.origin, layer.base)
                    for key, value in values.items()
                    if not isinstance(value, dict)
                }
                values = values.get(name, {}) if name else {}
                if not isinstance(values, dict):
                    break
        return found


def user_file(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path | None:
    """Where the reader's own file lies or would lie; None if FIC2EPUB_CONFIG is empty or there is no home."""
    environ = os.environ if environ is None else environ
    if VARIABLE in environ:
        return Path(environ[VARIABLE]).expanduser() if environ[VARIABLE] else None
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME")
    if platform == "win32":
        base = environ.get("APPDATA") or (home and f"{home}/AppData/Roaming")
    elif named := environ.get("XDG_CONFIG_HOME"):
        base = named
    else:
        base = home and f"{home}/{'Library/Application Support' if platform == 'darwin' else '.config'}"
    return Path(base) / "fic2epub" / FILE_NAME if base else None


def mail(name: str | None = None) -> dict[str, Any]:
    """The table ``[mail.NAME]`` of the reader's own file; without a name, the only one.

    Raises UsageError if there is none of this name, or several without one.
    """
    tables = read_settings().mail
    where = user_file() or FILE_NAME
    if not tables:
        raise UsageError(
            f"There is no [mail.{name or 'NAME'}] in {where}. docs/commands.md shows how to write one."
        )
    if not name and len(tables) > 1:
        raise UsageError(f"{where} has several [mail.…]: say which of {', '.join(tables)}.")
    chosen = name or next(iter(tables))
    if chosen not in tables:
        raise UsageError(f"There is no [mail.{chosen}] in {where}.{meant(chosen, tables)}")
    return dict(tables[chosen])


def read_settings(
    folder: Path | None = None,
    *,
    profile: str | None = None,
    assignments: Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the layers for dumps in a folder. What is not there costs nothing.

    Raises UsageError for a file that cannot be read, a profile that is nowhere, an assignment without a key.
    The names of options are the caller's to check (`fic2epub.cli.defaults`).
    """
    read = list(_files(folder, os.environ if environ is None else environ))
    plain: list[Layer] = []
    profiles: list[Layer] = []
    idle: list[Layer] = []
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    names: dict[str, None] = {}
    for layer in read:
        values = dict(layer.values)
        if layer.trusted:
            tables = {kind: _tables(layer, kind, values) for kind in TABLES}
        named = _tables(layer, "profile", values)
        names |= dict.fromkeys(named)
        plain.append(replace(layer, values=values))
        for name, inner in named.items():
            origin = f"{layer.origin} [profile.{_printable(name)}]"
            one = replace(layer, origin=origin, values=_hyphens(inner))
            (profiles if name == profile else idle).append(one)
    if profile is not None and profile not in names:
        where = ", ".join(layer.origin for layer in read) or str(user_file(environ) or FILE_NAME)
        raise UsageError(
            f"--profile {profile}: there is no [profile.{profile}] in {where}.{meant(profile, names)}"
        )
    typed = tuple(_assigned(one) for one in assignments)
    files = tuple(Path(layer.origin) for layer in read)
    return Settings(layers=(*plain, *profiles, *typed), idle=tuple(idle), files=files, **tables)


def _files(folder: Path | None, environ: Mapping[str, str]) -> Iterable[Layer]:
    """The files that are there, the weakest first; one that is both is the reader's own."""
    own = user_file(environ)
    theirs = folder / FILE_NAME if folder else None
    if theirs and theirs.is_file() and not (own and own.is_file() and theirs.samefile(own)):
        yield _load(theirs, trusted=False)
    if own and own.is_file():
        yield _load(own, trusted=True)
    elif own and environ.get(VARIABLE):
        raise UsageError(f"{VARIABLE}: there is no file {own}. Name a file, or set it to nothing.")


def _load(path: Path, *, trusted: bool) -> Layer:
    """Read one file. Raises UsageError, with the line, for what is no TOML."""
    import tomllib

    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"{path}: is over {LARGEST >> 20} MB, so it is no file of settings.")
        values = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not in UTF-8. Save it so.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "too deeply nested"
        raise UsageError(f"{path}: is no TOML: {reason}.") from error
    return Layer(origin=str(path), values=_hyphens(values), base=path.absolute().parent, trusted=trusted)


def _hyphens(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keys as options are written: ``min_confidence`` is ``min-confidence``. Names of tables stay."""
    return {
        key if isinstance(value, dict) else key.replace("_", "-"): (
            _hyphens(value) if isinstance(value, dict) and key not in ("profile", *TABLES) else value
        )
        for key, value in values.items()
    }


def _tables(layer: Layer, kind: str, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Take ``[kind.NAME]`` out of some values. Raises UsageError for a plain ``[kind]`` with values in it.

    A text of that name is left where it is: it may be an option's.
    """
    if not isinstance(values.get(kind, {}), dict):
        return {}
    tables: dict[str, dict[str, Any]] = values.pop(kind, {})
    if not all(isinstance(one, dict) for one in tables.values()):
        raise UsageError(f"{layer.origin}: [{kind}] needs a name: [{kind}.NAME].")
    return tables


def _assigned(assignment: str) -> Layer:
    """``--set batch.jobs=2``: a value of TOML, or else the words as they stand."""
    import tomllib

    key, sign, written = assignment.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not sign or not all(names):
        raise UsageError(f"--set {assignment}: write KEY=VALUE, e.g. theme=ao3 or batch.jobs=2.")
    try:
        value = tomllib.loads(f"v = {written}")["v"] if "\n" not in written else written
    except (tomllib.TOMLDecodeError, RecursionError):
        value = written
    if isinstance(value, dict):
        raise UsageError(f"--set {assignment}: a value is a text, a number, true, false or a list.")
    names[-1] = names[-1].replace("_", "-")
    values: dict[str, Any] = {names.pop(): value}
    for name in reversed(names):
        values = {name: values}
    return Layer(origin=SET, values=values)


def meant(name: str, known: Iterable[str]) -> str:
    """`` Did you mean X?`` for the nearest known name; else what there is, if there is little."""
    import difflib

    names = [_printable(name) for name in dict.fromkeys(known)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean {near[0]}?"
    return f" There is: {', '.join(names)}." if 0 < len(names) <= 5 else ""


def _printable(name: str) -> str:
    """A name from a file that anyone may have written, without what would steer the terminal."""
    return name if name.isprintable() else ascii(name)
