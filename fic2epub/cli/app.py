"""The program's commands, each imported when it is called, and the one place that tells errors."""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from fic2epub.cli.defaults import blamed, setter, take_settings
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import ExitCode, Fic2EpubError

__all__ = ["app"]

COMMANDS = (
    "convert",
    "batch",
    "anthology",
    "library",
    "inspect",
    "review",
    "fix",
    "check",
    "kepub",
    "devices",
    "send",
    "serve",
    "config",
)


class App(click.Group):
    """A group that imports its commands late and turns what they raise into words and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a reader meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name: the object ``command`` of the module of the same name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"fic2epub.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was called; its options have what the settings say as their defaults."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and not ctx.resilient_parsing:
            take_settings(ctx, name, command, rest)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. Click's own errors (usage, exit) and a closed pipe are left to click."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            if (blame := blamed(error)) is None:
                raise
            _tell(ctx, str(blame), blame.exit_code)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted. Nothing is half written.", err=True)
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except Fic2EpubError as error:
            _tell(ctx, f"{error}{setter(ctx, str(error))}", error.exit_code)
        except Exception as error:
            _tell(ctx, _unexpected(error), ExitCode.UNEXPECTED)


def _tell(ctx: click.Context, message: str, code: ExitCode) -> NoReturn:
    """Say what went wrong, with the traceback if that was asked for, and end."""
    if ctx.ensure_object(Talk).debug:
        import traceback

        traceback.print_exc()
    click.secho(f"Error: {message}", fg="red", err=True)
    raise click.exceptions.Exit(code) from None


def _unexpected(error: Exception) -> str:
    """A sentence for an error that nobody foresaw."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}."
    if isinstance(error, MemoryError):
        return "There is not enough memory. Close other programs, or take fewer or smaller dumps."
    what = f"{type(error).__name__}: {error}".rstrip(".")
    return f"An error of the program's own ({what}). Please report it, with what --debug shows."


@click.command(cls=App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="fic2epub", prog_name="fic2epub")
@talk_options
@click.pass_context
def app(ctx: click.Context) -> None:
    """Turn plain-text fan-fiction dumps into books that any e-reader opens.

    Chapters, author's notes and scene breaks are recovered; fic2epub inspect shows how, and how sure
    that is.

    \b
    Example:
      fic2epub convert "a long winter.txt"
      fic2epub batch ~/dumps -o ~/books
    """  # noqa: D301 - the backspace is how click is told not to wrap
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a title may not fit a terminal's code page
