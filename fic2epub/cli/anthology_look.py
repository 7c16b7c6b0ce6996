"""What an anthology's definition says of its looks, as the defaults of the command's options, and back again.

Weaker than what is typed, ``--set`` included, and stronger than any file of settings.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from fic2epub.cli.book_options import COVER
from fic2epub.cli.defaults import ORIGINS
from fic2epub.cli.settings import SET, Layer, Settings
from fic2epub.cli.talk import Talk
from fic2epub.library.definition import LOOK, SUFFIX, Look

__all__ = ["typed", "wanted_look", "with_definition"]


def with_definition(settings: Settings, dumps: Sequence[object]) -> Settings:
    """The settings with what the definition says that was named in the place of dumps, if one was.

    Raises UsageError, with the line, for a definition that nobody understands.
    """
    files = [layer for layer in settings.layers if layer.origin != SET]
    layers = (*files, *_definition_layers(dumps), *settings.layers[len(files) :])
    return replace(settings, layers=layers)


def _definition_layers(dumps: Sequence[object]) -> tuple[Layer, ...]:
    """A layer for each line, so that a mistake is told with its own."""
    from fic2epub.library.definition_file import read_lines

    path = Path(str(dumps[0])) if len(dumps) == 1 else None
    if path is None or not path.name.endswith(SUFFIX) or not path.is_file():
        return ()
    base = path.absolute().parent
    return tuple(
        Layer(
            origin=str(path) if line is None else f"{path}, line {line}",
            values={key: list(value) if isinstance(value, tuple) else value},
            base=base,
        )
        for key, value, line in read_lines(path)
    )


def typed(ctx: click.Context, name: str) -> bool:
    """Whether an option was typed, or set by ``--set``: any other setting is weaker than a definition."""
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.DEFAULT_MAP:
        value = ctx.meta.get(ORIGINS, {}).get(name.replace("_", "-"))
        return value is not None and value.origin == SET
    return source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


def wanted_look(ctx: click.Context, talk: Talk) -> dict[str, Look]:
    """What the definition is to keep: all options of LOOK that were typed or set anywhere."""
    look: dict[str, Look] = {}
    for key in LOOK:
        name = key.replace("-", "_")
        if ctx.get_parameter_source(name) in (None, ParameterSource.DEFAULT):
            continue
        value = ctx.params[name]
        if key == "cover" and value is not None:
            value = ctx.meta[COVER]
        if value == Path("-"):
            talk.say("The cover came from standard input; the definition cannot keep it.")
        elif value is not None and value != ():
            look[key] = value
    return look
