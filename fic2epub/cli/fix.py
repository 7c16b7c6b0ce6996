"""``fic2epub fix``: the reader's corrections of one dump, written into its correction file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fic2epub.cli.inputs import nearby, tell_stranger
from fic2epub.cli.options import corrections_option, encoding_option, look_options
from fic2epub.cli.talk import Talk, talk_options
from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from fic2epub.library.corrections import Editor

__all__ = ["command"]

KINDS = ("before", "after", "within", "summary")
F = TypeVar("F", bound=Callable[..., Any])


def _where(name: str, text: str, *, metavar: str = "WHERE") -> Callable[[F], F]:
    """An option that names a paragraph, and may be given again."""
    return click.option(name, multiple=True, metavar=metavar, help=text)


@click.command("fix", short_help="Correct what was recovered, once for good.")
@click.argument("dump", metavar="DUMP", type=click.Path(path_type=Path))
@_where("--chapter-at", "A chapter begins at this paragraph.")
@_where("--not-chapter", "No chapter begins at this paragraph.")
@_where("--chapter-title", "The title of the chapter that begins there.", metavar="WHERE=TITLE")
@_where(
    "--note", "This paragraph is an author's note, or the run of lines 12-15, or the note that begins there."
)
@click.option("--kind", type=click.Choice(KINDS), help="Of --note; without it, by where the note stands.")
@_where("--not-note", "This paragraph, or the note that begins there, belongs to the story.")
@_where("--break", "This line is a scene break.")
@_where("--not-break", "This line is no scene break.")
@click.option(
    "--undo-repair",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="LINE",
    help="What was mended in this line stays as the dump has it.",
)
@click.option("--title", metavar="TEXT", help='The title, instead of the dump\'s; "" takes it back.')
@click.option("--author", metavar="NAME", help='The author; several are parted by ", " or " & ".')
@click.option("--language", metavar="TAG", help="The language: a tag (fr) or its name (Français).")
@click.option("--chapters", metavar="N", help="How many chapters there are: 6, 6/8 or 6/?.")
@click.option(
    "--list", "as_list", is_flag=True, help="List the corrections, with their lines; change nothing."
)
@click.option("--clear", is_flag=True, help="Take all corrections away first; comments in the file stay.")
@corrections_option
@encoding_option
@look_options
@talk_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    dump: Path,
    as_list: bool,
    corrections: Path | None,
    encoding: str | None,
    book: str | None,
    recover_again: bool,
    **edits: Any,
) -> None:
    """Correct what was recovered from a dump, and keep it in NAME.fic.toml beside it.

    WHERE is a paragraph's first words, or the number of its line, counted from 1. Every command honours
    the file, for a newer dump of the same work too. The outline that comes of it is printed.

    \b
    Example:
      fic2epub fix winter.txt --chapter-at "The morning came grey" --not-chapter 214
      fic2epub fix winter.txt --note "Thanks for reading" --kind after --title "A Long Winter"
      fic2epub fix winter.txt --list
    """  # noqa: D301 - the backspace is how click is told not to wrap
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.corrections import Editor
    from fic2epub.parser.options import ParseOptions
    from fic2epub.parser.outline import outline
    from fic2epub.parser.sources import read_file

    talk = ctx.ensure_object(Talk)
    parse = ParseOptions(encoding=encoding)
    options = MakeOptions(parse=parse, corrections=corrections, recover_again=recover_again)
    draft, near = read_file(dump, options=options.parse), nearby(ctx, book)
    standing = near.of(draft, options)
    tell_stranger(talk, near, standing, dump)
    editor = Editor(draft, options, standing)
    if as_list:
        _list(editor)
        return
    if not any(value for name, value in edits.items() if name != "kind") and not _header(edits):
        raise UsageError(
            "Name a correction, e.g. --chapter-at 214 (-h shows them all), or --list what there is."
        )
    _apply(editor, edits)
    recovery = editor.recovery()
    editor.save()
    talk.say(f"{editor.path}: written")
    for line in outline(recovery):
        click.echo(line)


def _header(edits: Mapping[str, Any]) -> dict[str, str]:
    """The header's fields that were named; an empty value takes a correction back."""
    return {key: edits[key] for key in ("title", "author", "language", "chapters") if edits[key] is not None}


def _apply(editor: "Editor", edits: Mapping[str, Any]) -> None:
    """Make the edits: what clears and removes first, so that what is added can stand in its place."""
    from fic2epub.model import NoteKind

    if edits["clear"]:
        editor.clear()
    for key, value in _header(edits).items():
        editor.header(key, value)
    for line in edits["undo_repair"]:
        editor.undo_repair(line)
    for where in edits["not_chapter"]:
        editor.not_chapter(where)
    for where in edits["chapter_at"]:
        editor.chapter_at(where)
    for both in edits["chapter_title"]:
        where, equals, title = both.partition("=")
        if not equals or not title.strip():
            raise UsageError(f'--chapter-title {both}: write WHERE=TITLE, e.g. "214=The Long Way".')
        editor.chapter_title(where, title.strip())
    for where in edits["not_note"]:
        editor.note(where, None)
    for where in edits["note"]:
        editor.note(where, NoteKind(edits["kind"]) if edits["kind"] else None, auto=not edits["kind"])
    for where in edits["break"]:
        editor.scene_break(where, is_break=True)
    for where in edits["not_break"]:
        editor.scene_break(where, is_break=False)


def _list(editor: "Editor") -> None:
    """Print the corrections, one a line; what fits no paragraph any more has a question mark for a line."""
    for one in editor.listed():
        line = "" if one.field else "?" if one.line is None else str(one.line + 1)
        click.echo(f"{line:>6}  {one.what}  {one.words}")
