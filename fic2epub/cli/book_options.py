"""The options that say what a book is like, and the PublishOptions that they make."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import click

from fic2epub.errors import UsageError

if TYPE_CHECKING:
    from fic2epub.builder.options import PublishOptions

__all__ = ["BOOK_OPTIONS", "COVER", "publish_options"]

COVER = "fic2epub.cover"
"""Where click's context keeps the path of the cover's picture; ``-`` for standard input."""
_LARGEST_PICTURE = 50 << 20

BOOK_OPTIONS = (
    click.option(
        "--format",
        type=click.Choice(("epub", "kepub")),
        default="epub",
        show_default=True,
        help="kepub is for Kobo's own reader; the name then ends in .kepub.epub.",
    ),
    click.option(
        "--cover",
        metavar="FILE",
        type=click.File("rb"),
        callback=lambda ctx, param, value: None if value is None else _content(ctx, value),
        help="A picture of your own as the cover, instead of one drawn from title, author and tags.",
    ),
    click.option("--no-cover", is_flag=True, help="No picture: a page of title and author."),
    click.option(
        "--cover-font",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A font for the drawn cover, for letters that the usual ones lack.",
    ),
    click.option(
        "--theme",
        type=click.Choice(("book", "ao3", "plain")),
        default="book",
        show_default=True,
        help="How it looks: as in print, as on AO3, or next to no style at all.",
    ),
    click.option(
        "--css",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A style sheet of your own, behind the theme's.",
    ),
    click.option(
        "--templates",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of templates of your own, each in the place of the one of its name.",
    ),
    click.option(
        "--ornament",
        metavar="SIGNS",
        default="rule",
        show_default=True,
        help='What a scene break shows: rule, none, stars, asterism, dots, tilde, fleuron, or signs: "~ ~".',
    ),
    click.option(
        "--smart-quotes",
        is_flag=True,
        help="Set straight quotes, -- and ... as in print, where there is no doubt.",
    ),
    click.option(
        "--discreet",
        is_flag=True,
        help="Keep rating, tags and an explicit title off the cover, the file's name and the first page.",
    ),
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        callback=lambda ctx, param, value: _number(value),
        default=0.5,
        show_default=True,
        metavar="P",
        help="How sure a chapter must be to become one, from 0 to 1.",
    ),
    click.option(
        "--chapter-title",
        metavar="HOW",
        default="ao3",
        show_default=True,
        help='ao3 (as the dump has it), number, title, none, or a pattern: "{n}. {title}".',
    ),
    click.option(
        "--notes",
        metavar="[KIND=]PLACE",
        multiple=True,
        help="Where author's notes stand: inline, chapter-end, appendix or drop. KIND is before, within, "
        "after or summary; without it all notes are meant. May be given again.",
    ),
    click.option(
        "-f",
        "--force",
        is_flag=True,
        help="Replace a file even if it was edited or is another's; it is kept as NAME.bak.epub.",
    ),
)


def publish_options(values: dict[str, Any]) -> "PublishOptions":
    """Take what BOOK_OPTIONS gave out of ``values``, but for ``format`` and ``force``.

    Values that a command does not have keep their defaults. Raises UsageError for what cannot be.
    """
    from fic2epub.builder.options import PublishOptions, chapter_title, note_places
    from fic2epub.builder.ornament import ornament

    css, templates = values.pop("css", None), values.pop("templates", None)
    if css is not None or templates is not None:
        from fic2epub.builder.theme import read_css, read_templates

        css = None if css is None else read_css(css)
        templates = () if templates is None else read_templates(templates)
    return PublishOptions(
        min_confidence=values.pop("min_confidence", 0.5),
        cover=_cover(values.pop("cover", None), none=values.pop("no_cover", False)),
        cover_font=values.pop("cover_font", None),
        chapter_title=chapter_title(values.pop("chapter_title", "ao3")),
        notes=note_places(values.pop("notes", ())),
        theme=values.pop("theme", "book"),
        css=css,
        templates=templates or (),
        ornament=ornament(values.pop("ornament", "rule")),
        smart_quotes=values.pop("smart_quotes", False),
        discreet=values.pop("discreet", False),
    )


def _number(value: float) -> float:
    """The value, unless it is NaN, which lies in any range: no chapter would be as sure as that."""
    if value != value:
        raise click.BadParameter("write a number from 0 to 1.")
    return value


def _content(ctx: click.Context, file: BinaryIO) -> bytes:
    """All that a picture's file holds; its path is kept. Raises BadParameter if it is too big."""
    name = getattr(file, "name", None)
    ctx.meta[COVER] = Path(name if isinstance(name, str) and name != "<stdin>" else "-")
    content = file.read(_LARGEST_PICTURE + 1)
    if len(content) > _LARGEST_PICTURE:
        raise click.BadParameter(f"{file.name}: is over {_LARGEST_PICTURE >> 20} MB. Make it smaller.")
    return content


def _cover(content: bytes | None, *, none: bool) -> Literal["drawn", "none"] | bytes:
    """Which cover the reader asked for. Raises UsageError if both a picture and none."""
    if content is not None and none:
        raise UsageError("--cover and --no-cover: choose one.")
    return "none" if none else content if content is not None else "drawn"
