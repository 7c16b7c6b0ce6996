"""Pens and shapes for the ornaments: canvases drawn oversized, discs, stars, tiles hung as wallpaper."""

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

__all__ = ["SCENE_SCALE", "Pen", "Size", "canvas", "disc", "dot", "scene", "star_points", "tiled"]

Pen = ImageDraw.ImageDraw
Size = tuple[int, int]

SCENE_SCALE = 2
_TILE_SCALE = 4


def canvas(width: float, height: float, tone: int = 0) -> tuple[Image.Image, Pen]:
    """A gray picture and its pen."""
    picture = Image.new("L", (round(width), round(height)), tone)
    return picture, ImageDraw.Draw(picture)


def scene(size: Size) -> tuple[Image.Image, Pen]:
    """A canvas for the whole area at ``SCENE_SCALE``; reduce it by that when it is drawn."""
    return canvas(size[0] * SCENE_SCALE, size[1] * SCENE_SCALE)


def disc(
    pen: Pen, x: float, y: float, radius: float, fill: int | None, *, line: int = 0, tone: int = 255
) -> None:
    """A disc, filled or only outlined."""
    box = (x - radius, y - radius, x + radius, y + radius)
    pen.ellipse(box, fill=fill, outline=tone if line else None, width=line)


@lru_cache(maxsize=128)
def dot(radius: int) -> Image.Image:
    """A disc as it is on the page, to be stamped there; ``radius`` is at ``SCENE_SCALE``."""
    half = -(-radius // SCENE_SCALE)
    picture, pen = scene((2 * half, 2 * half))
    disc(pen, SCENE_SCALE * half - 0.5, SCENE_SCALE * half - 0.5, radius - 0.5, 255)
    return picture.reduce(SCENE_SCALE)


def star_points(x: float, y: float, radius: float, points: int, waist: float) -> list[tuple[float, float]]:
    """The corners of a star, one point up; ``waist`` is the inner radius as a share of the outer."""
    return [
        (
            x + radius * (waist if step % 2 else 1) * math.sin(math.pi * step / points),
            y - radius * (waist if step % 2 else 1) * math.cos(math.pi * step / points),
        )
        for step in range(2 * points)
    ]


def tiled(width: int, height: int, draw: Callable[[Pen, int, int], None], size: Size) -> Image.Image:
    """A wallpaper of one tile: ``draw`` gets its pen and oversized width and height."""
    tile, pen = canvas(width * _TILE_SCALE, height * _TILE_SCALE)
    draw(pen, *tile.size)
    return _repeat(tile, size)


def _repeat(tile: Image.Image, size: Size) -> Image.Image:
    """The tile side by side, one tile centred, as wallpaper hangs."""
    tile = tile.reduce(_TILE_SCALE)
    picture = Image.new("L", size)
    left = (size[0] - tile.width) // 2 % tile.width - tile.width
    top = (size[1] - tile.height) // 2 % tile.height - tile.height
    for y in range(top, size[1], tile.height):
        for x in range(left, size[0], tile.width):
            picture.paste(tile, (x, y))
    return picture
