"""A layout made a picture: ground, ornament, plates, rules, and text drawn at its final size.

It is drawn in numbers of colours, a byte a point, and coloured at the end (``cover_jpeg``), and only where
something is drawn. The numbers stand in such an order that what lies between two colours, at the edge of a
letter, has a number between theirs.
"""

import math
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, _imaging

from fic2epub.builder.cover import CoverFace
from fic2epub.builder.cover_design import Colour, Design, Dice
from fic2epub.builder.cover_font_files import letters, read_font
from fic2epub.builder.cover_jpeg import Cell, Page, cells
from fic2epub.builder.cover_layout import HEIGHT, WIDTH, Layout, lay_out
from fic2epub.builder.cover_scenes import ORNAMENTS
from fic2epub.builder.cover_text import Box, PlacedLine
from fic2epub.model import Finding

__all__ = ["draw", "paint"]

_BORDER_COLOUR = (176, 172, 164)
_BORDER_WIDTH = 4

_FIGURE, _ACCENT, _GROUND, _INK, _BORDER = 126, 127, 190, 254, 255
"""Numbers of colours. From 0, the ornament's field, up to its figure are the tones between the two; so it is
from the accent over the ground to the ink."""
_TONES = [round(tone * _FIGURE / 255) for tone in range(256)]

_imaging.set_blocks_max(3)
# So many blocks of 16 MB Pillow keeps for its next pictures: to have a page from the system and give it back
# each time takes 2 ms of a cover.


def paint(face: CoverFace, *, font_file: Path | None) -> tuple[bytes, tuple[Finding, ...]]:
    """The cover as a JPEG, and what could not be drawn. Raises UsageError for an unreadable font."""
    layout = lay_out(face, reader=read_font(font_file) if font_file is not None else None)
    return draw(layout, face.seed).jpeg(), layout.findings


def draw(layout: Layout, seed: str) -> Page:
    """The page of a layout, 1600 × 2400."""
    colours = _colours(layout.design)
    picture = Image.new("L", (WIDTH, HEIGHT), _GROUND)
    left, top, right, bottom = layout.ornament
    tones = ORNAMENTS[layout.design.ornament]((right - left, bottom - top), Dice(f"ornament {seed}"))
    ornament = tones.point(_TONES)
    if not layout.round:
        picture.paste(ornament, (left, top))
    pen = ImageDraw.Draw(picture)
    for plate in layout.plates:
        _fill(pen, plate, _GROUND)
    for frame, thickness in layout.frames:
        pen.rectangle((*frame[:2], frame[2] - 1, frame[3] - 1), outline=_ACCENT, width=thickness)
    for rule in layout.rules:
        _fill(pen, rule, _ACCENT)
    for line in layout.lines:
        _write(pen, line, _ACCENT if line.ink == layout.design.palette.accent else _INK)
    if layout.bordered:
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=_BORDER, width=_BORDER_WIDTH)
    page = Page(picture, colours, _drawn(layout))
    return _with_disc(page, layout, ornament, colours) if layout.round else page


def _with_disc(page: Page, layout: Layout, ornament: Image.Image, colours: bytes) -> Page:
    """The page with its ornament cut to a disc, whose edge has more colours than there are numbers for."""
    disc = Image.new("L", (ornament.width * 2, ornament.height * 2))
    ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
    ornament.putpalette(colours)
    picture = page.whole
    picture.paste(ornament.convert("RGB"), layout.ornament[:2], disc.reduce(2))
    return Page(picture, None, _drawn(layout))


def _drawn(layout: Layout) -> set[Cell]:
    """The parts of the page that are more than ground."""
    drawn = set(cells(layout.ornament))
    for plate in layout.plates:
        drawn.difference_update(cells(plate, inside=True))
    for frame, thickness in (*layout.frames, *([((0, 0, WIDTH, HEIGHT), _BORDER_WIDTH)] * layout.bordered)):
        for edge in _edges(frame, thickness):
            drawn.update(cells(edge))
    for rule in layout.rules:
        drawn.update(cells(rule))
    for left, top, right, bottom in (line.box for line in layout.lines):
        # A letter that begins between two points may ink one more than was measured.
        drawn.update(cells((left - 2, top - 2, right + 2, bottom + 2)))
    return drawn


def _edges(frame: Box, thickness: int) -> tuple[Box, ...]:
    left, top, right, bottom = frame
    return (
        (left, top, right, top + thickness),
        (left, bottom - thickness, right, bottom),
        (left, top, left + thickness, bottom),
        (right - thickness, top, right, bottom),
    )


@lru_cache(maxsize=64)
def _colours(design: Design) -> bytes:
    """The colour of each number, three bytes each."""
    palette = design.palette
    tones = (palette.field, palette.figure)
    field, figure = reversed(tones) if design.inverted else tones
    return bytes(
        part
        for colour in (
            *_between(field, figure, _FIGURE),
            figure,
            *_between(palette.accent, palette.ground, _GROUND - _ACCENT),
            *_between(palette.ground, palette.ink, _INK - _GROUND),
            palette.ink,
            _BORDER_COLOUR,
        )
        for part in colour
    )


def _between(one: Colour, other: Colour, steps: int) -> list[Colour]:
    """The colours from one on the way to another, in so many steps; the other is not among them."""
    (a, b, c), (x, y, z) = one, other
    return [
        (
            round(a + (x - a) * step / steps),
            round(b + (y - b) * step / steps),
            round(c + (z - c) * step / steps),
        )
        for step in range(steps)
    ]


def _fill(pen: ImageDraw.ImageDraw, box: Box, colour: int) -> None:
    left, top, right, bottom = box
    pen.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _write(pen: ImageDraw.ImageDraw, line: PlacedLine, ink: int) -> None:
    """Write a line on the ground; the edges of its letters become the tones between both."""
    x: float = line.x
    for run, face in line.setting.runs(line.text):
        start, whole = math.modf(x)
        mask, (right, below) = letters(face, line.size, run, line.setting.direction, start)
        pen.draw.draw_bitmap((int(whole) + right, line.y + below), mask, ink)
        x += line.setting.length(face, line.size, run)
