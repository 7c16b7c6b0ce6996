"""The ornaments that make a picture, and the list of all of them.

Same tones as the patterns: 0 is the palette's field, 255 its figure.
"""

import math
from collections.abc import Callable

from PIL import Image

from fic2epub.builder.cover_design import Dice
from fic2epub.builder.cover_patterns import PATTERNS
from fic2epub.builder.cover_shapes import SCENE_SCALE, Size, disc, scene, star_points

__all__ = ["ORNAMENTS", "SCENES"]

Painter = Callable[[Size, Dice], Image.Image]


def _rays(size: Size, dice: Dice) -> Image.Image:
    """A sun below the middle, and its rays."""
    picture, pen = scene(size)
    width, height = picture.size
    x, y = width * dice.between(0.4, 0.6), height * dice.between(0.5, 0.62)
    rays, reach = 14 + 2 * dice.below(6), 2 * max(width, height)
    for ray in range(rays):
        spread = math.pi / rays / 2
        middle = 2 * math.pi * ray / rays
        ends = [
            (x + reach * math.cos(angle), y + reach * math.sin(angle))
            for angle in (middle - spread, middle + spread)
        ]
        pen.polygon([(x, y), *ends], fill=125)
    radius = min(width, height) * 0.23
    disc(pen, x, y, radius * 1.28, 0)
    disc(pen, x, y, radius, 255)
    return picture.reduce(SCENE_SCALE)


def _hills(size: Size, dice: Dice) -> Image.Image:
    """Ranges of hills, the nearest strongest, and a moon or sun."""
    picture, pen = scene(size)
    width, height = picture.size
    disc(pen, width * dice.between(0.2, 0.8), height * 0.22, min(width, height) * 0.14, 255)
    ranges = 5
    for index in range(ranges):
        base = height * (0.42 + 0.5 * index / (ranges - 1))
        waves = [
            (dice.between(0.5, 2.2), dice.between(0, 2 * math.pi), dice.between(0.02, 0.06)) for _ in range(3)
        ]
        ridge = [
            (
                x,
                base
                + height
                * sum(high * math.sin(often * math.tau * x / width + at) for often, at, high in waves),
            )
            for x in range(0, width + 33, 32)
        ]
        pen.polygon([*ridge, (width + 32, height), (0, height)], fill=60 + 195 * index // (ranges - 1))
    return picture.reduce(SCENE_SCALE)


def _moons(size: Size, dice: Dice) -> Image.Image:
    """The moon through its eight phases, row by row."""
    columns = 5 if size[0] > size[1] / 2 else 3
    cell = size[0] * SCENE_SCALE / columns
    picture, pen = scene(size)
    rows = max(1, int(picture.height / cell))
    top = (picture.height - rows * cell) / 2
    first = dice.below(8)
    for place in range(rows * columns):
        x, y = (place % columns + 0.5) * cell, top + (place // columns + 0.5) * cell
        disc(pen, x, y, cell * 0.36, 60)
        pen.polygon(_lit(x, y, cell * 0.36, (first + place) % 8), fill=255)
    return picture.reduce(SCENE_SCALE)


def _lit(x: float, y: float, radius: float, phase: int) -> list[tuple[float, float]]:
    """The bright part of the moon: half its rim, and the half ellipse where the shadow begins."""
    rise = [math.pi * step / 36 - math.pi / 2 for step in range(37)]
    side = 1 if phase < 4 else -1
    shadow = math.cos(math.pi * (phase % 4 + 0.5) / 4)
    rim = [(x + side * radius * math.cos(angle), y + radius * math.sin(angle)) for angle in rise]
    edge = [(x + side * shadow * radius * math.cos(angle), y + radius * math.sin(angle)) for angle in rise]
    return [*rim, *reversed(edge)]


def _night(size: Size, dice: Dice) -> Image.Image:
    """Stars, strewn but not heaped, and a crescent."""
    picture, pen = scene(size)
    width, height = picture.size
    step = 190
    for x in range(0, width, step):
        for y in range(0, height, step):
            at = (x + dice.between(0.15, 0.85) * step, y + dice.between(0.15, 0.85) * step)
            bright = dice.below(5)
            if bright == 0:
                pen.polygon(star_points(*at, dice.between(34, 62), 4, 0.28), fill=255)
            elif bright < 4:
                disc(pen, *at, dice.between(5, 14), (255, 190, 130)[bright - 1])
    middle, high = width * dice.between(0.3, 0.7), height * dice.between(0.35, 0.6)
    radius = min(width, height) * 0.24
    disc(pen, middle, high, radius * 1.25, 0)
    disc(pen, middle, high, radius, 255)
    disc(pen, middle + radius * 0.42, high - radius * 0.16, radius * 0.86, 0)
    return picture.reduce(SCENE_SCALE)


def _rings(size: Size, dice: Dice) -> Image.Image:
    """Rings about a point near a corner, like a pool after a stone."""
    picture, pen = scene(size)
    width, height = picture.size
    x, y = width * dice.between(0.05, 0.95), height * (0.1, 0.9)[dice.below(2)]
    step = 84 + 8 * dice.below(9)
    for ring in range(2, int(math.hypot(width, height) / step) + 2, 2):
        disc(pen, x, y, ring * step, None, line=step, tone=(255, 130)[ring % 4 // 2])
    return picture.reduce(SCENE_SCALE)


SCENES: tuple[Painter, ...] = (_rays, _hills, _moons, _night, _rings)
ORNAMENTS: tuple[Painter, ...] = (*PATTERNS, *SCENES)
"""Patterns, then scenes, in an order that must not change: a book's identifier picks by number."""
