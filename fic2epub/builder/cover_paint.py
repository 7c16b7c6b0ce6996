"""A layout made a picture: ground, ornament, plates, rules, and text drawn at its final size."""

import io
import math
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, _imaging

from fic2epub.builder.cover import CoverFace
from fic2epub.builder.cover_design import Colour, Dice
from fic2epub.builder.cover_font_files import letters, read_font
from fic2epub.builder.cover_layout import HEIGHT, WIDTH, Layout, lay_out
from fic2epub.builder.cover_scenes import ORNAMENTS
from fic2epub.builder.cover_text import PlacedLine
from fic2epub.model import Finding

__all__ = ["draw", "encode", "paint"]

_BORDER = (176, 172, 164)
_BORDER_WIDTH = 4
_QUALITIES = (85, 75, 60)
_MOST_BYTES = 500_000

_imaging.set_blocks_max(3)
# So many blocks of 16 MB Pillow keeps for its next pictures: to have a page from the system and give it back
# each time takes 2 ms of a cover.


def paint(face: CoverFace, *, font_file: Path | None) -> tuple[bytes, tuple[Finding, ...]]:
    """The cover as a JPEG, and what could not be drawn. Raises UsageError for an unreadable font."""
    layout = lay_out(face, reader=read_font(font_file) if font_file is not None else None)
    return encode(draw(layout, face.seed)), layout.findings


class _JpegFile(io.BytesIO):
    """Tells Pillow the format by its name: where the format is named, Pillow imports five writers, 10 ms."""

    name = "cover.jpg"


def encode(picture: Image.Image) -> bytes:
    """A baseline JPEG without metadata, of quality 85 unless that makes it too large for old devices."""
    for quality in _QUALITIES:
        target = _JpegFile()
        picture.save(target, quality=quality, subsampling="4:2:0", progressive=False, optimize=False)
        if target.tell() <= _MOST_BYTES:
            break
    return target.getvalue()


def draw(layout: Layout, seed: str) -> Image.Image:
    """The picture of a layout, RGB, 1600 × 2400."""
    palette = layout.design.palette
    picture = _ornamented(layout, seed)
    pen = ImageDraw.Draw(picture)
    for plate in layout.plates:
        _fill(pen, plate, palette.ground)
    for frame, thickness in layout.frames:
        pen.rectangle((*frame[:2], frame[2] - 1, frame[3] - 1), outline=palette.accent, width=thickness)
    for rule in layout.rules:
        _fill(pen, rule, palette.accent)
    for _, lines in groupby(layout.lines, key=lambda line: line.role):
        _write(picture, tuple(lines), palette.ground)
    if layout.bordered:
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=_BORDER, width=_BORDER_WIDTH)
    return picture


def _ornamented(layout: Layout, seed: str) -> Image.Image:
    """The page with nothing on it but its ornament."""
    palette = layout.design.palette
    left, top, right, bottom = layout.ornament
    size = (right - left, bottom - top)
    tones = ORNAMENTS[layout.design.ornament](size, Dice(f"ornament {seed}"))
    colours = (palette.field, palette.figure)
    field, figure = reversed(colours) if layout.design.inverted else colours
    panel = _tinted(tones, field, figure)
    if size == (WIDTH, HEIGHT):
        return panel
    picture = Image.new("RGB", (WIDTH, HEIGHT), palette.ground)
    if not layout.round:
        picture.paste(panel, (left, top))
        return picture
    disc = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(disc).ellipse((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), fill=255)
    picture.paste(panel, (left, top), disc.reduce(2))
    return picture


def _tinted(tones: Image.Image, field: Colour, figure: Colour) -> Image.Image:
    """A gray picture in two colours: 0 is the field, 255 the figure.

    By a table of the 256 tones, which are mixed once: to mix each point takes eight times as long.
    """
    table = Image.new("RGB", (256, 1), field)
    table.paste(figure, (0, 0), Image.frombytes("L", (256, 1), bytes(range(256))))
    tones.putpalette(table.tobytes())
    return tones.convert("RGB")


def _fill(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> None:
    left, top, right, bottom = box
    pen.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _write(picture: Image.Image, lines: tuple[PlacedLine, ...], ground: Colour) -> None:
    """Write the lines of one role, which nothing else stands between, on the ground.

    In gray, and then tinted at once: to mix the three colours of each point takes four times as long.
    """
    lefts, tops, rights, bottoms = zip(*(line.box for line in lines), strict=True)
    left, top = min(lefts), min(tops)
    tones = Image.new("L", (max(rights) - left, max(bottoms) - top))
    pen = ImageDraw.Draw(tones).draw
    for line in lines:
        x: float = line.x - left
        for run, face in line.setting.runs(line.text):
            start, whole = math.modf(x)
            mask, (right, below) = letters(face, line.size, run, line.setting.direction, start)
            pen.draw_bitmap((int(whole) + right, line.y - top + below), mask, 255)
            x += line.setting.length(face, line.size, run)
    picture.paste(_tinted(tones, ground, lines[0].ink), (left, top))
