"""``fic2epub inspect``: what was recovered, how sure, and why."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fic2epub.cli.inputs import collect, nearby, tell_stranger
from fic2epub.cli.options import dump_arguments, make_options
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import ExitCode, Fic2EpubError, OutputError, ParseError, SourceError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.nearby import Nearby, Standing
    from fic2epub.model import Draft, Recovery

__all__ = ["command"]


@click.command("inspect", short_help="Show what is recovered, how sure, and why.")
@dump_arguments
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object a dump; lines count from 0.")
@click.option("--ledger", is_flag=True, help="Show the fate of every character that is not plain text.")
@click.option(
    "--write-corrections", is_flag=True, help="Write NAME.fic.toml with every doubt in it, to be edited."
)
@make_options(one_work=True, book=False)
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    dumps: tuple[Path, ...],
    paths_from: BinaryIO | None,
    take_all: bool,
    as_json: bool,
    ledger: bool,
    write_corrections: bool,
    book: str | None,
    options: "MakeOptions",
) -> None:
    """Show what is recovered from dumps: chapters, notes, scene breaks, repairs, with their lines.

    Every chapter and note comes with how sure it is and with the rules that spoke for it. What a book of
    the work keeps is shown as it keeps it, as convert and batch would. Nothing is written, but with
    --write-corrections a file beside the dump, to correct what is wrong.

    \b
    Example:
      fic2epub inspect winter.txt
      fic2epub inspect winter.txt --ledger
      fic2epub inspect winter.txt --book ~/books/
      fic2epub inspect winter.txt --write-corrections
      fic2epub inspect ~/dumps --json > dumps.jsonl
    """  # noqa: D301 - the backspace is how click is told not to wrap
    talk = ctx.ensure_object(Talk)
    found = collect(talk, dumps, options.parse, paths_from=paths_from, take_all=take_all)
    near = nearby(ctx, book)
    code = ExitCode.OK
    for dump in found:
        try:
            recovery, standing = _recover(dump, options, near, talk if write_corrections else None)
        except (SourceError, ParseError, OutputError) as error:
            code = code or error.exit_code
            if as_json:
                _put_json(_failure(dump, error))
            talk.say(f"✗ {error}", level=-1, colour="red")
            continue
        tell_stranger(talk, near, standing, dump)
        _show(recovery, standing, as_json=as_json, ledger=ledger)
    ctx.exit(ExitCode.SOME_FAILED if code and len(found) > 1 else code)


def _recover(
    dump: "Path | Draft", options: "MakeOptions", near: "Nearby", writes: Talk | None
) -> "tuple[Recovery, Standing | None]":
    """One dump's recovery and its book; with ``writes`` its doubts go into a correction file too."""
    from fic2epub.library.nearby import look
    from fic2epub.parser.sources import read_file

    draft = read_file(dump, options=options.parse) if isinstance(dump, Path) else dump
    recovery, standing = look(draft, options, near)
    if writes is not None:
        from fic2epub.library.correction_doubts import write_corrections

        writes.say(f"{write_corrections(draft, recovery, options, standing)}: written")
    return recovery, standing


def _show(recovery: "Recovery", standing: "Standing | None", *, as_json: bool, ledger: bool) -> None:
    """Print one dump's outline."""
    from fic2epub.parser.outline import inspection, outline

    if as_json:
        book = {"path": str(standing.path), "modified": standing.record.modified} if standing else None
        _put_json({**inspection(recovery), **({"book": book} if book else {})})
        return
    for line in outline(recovery, ledger=ledger):
        click.echo(line)


def _failure(dump: "Path | Draft", error: Fic2EpubError) -> dict[str, Any]:
    """What stands in the place of a dump that could not be read."""
    path = dump if isinstance(dump, Path) else dump.origin.path
    return {
        "schema": 1,
        "line_base": 0,
        "file": path.name if path else "<stdin>",
        "path": str(path) if path else None,
        "error": str(error),
    }


def _put_json(value: dict[str, Any]) -> None:
    """Print one line of JSON in UTF-8, whatever the terminal's encoding; a lone surrogate is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    click.echo(text.encode("utf-8", "backslashreplace"))
