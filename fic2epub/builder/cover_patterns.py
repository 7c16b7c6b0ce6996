"""The ornaments that repeat: wallpapers, each a tile or a grid of cells.

An ornament draws one gray picture: 0 is the palette's field, 255 its figure, tones between are tints of
both. Scale, phase and turns come from the dice, so two books with the same pattern still differ.
"""

import math
from functools import lru_cache

from PIL import Image

from fic2epub.builder.cover_design import Dice
from fic2epub.builder.cover_shapes import SCENE_SCALE, Pen, Size, canvas, disc, dot, scene, star_points, tiled

__all__ = ["PATTERNS"]


def _scales(size: Size, dice: Dice) -> Image.Image:
    """Overlapping ringed discs in rows: waves."""
    unit = 320 + 12 * dice.below(11)

    def draw(pen: Pen, width: int, height: int) -> None:
        for row in range(-1, 5):
            for column in range(-1, 3):
                x, y = (column + (row % 2) / 2) * width, row * height / 2
                for ring in range(4):
                    radius = width / 2 * (1 - ring * 0.26)
                    disc(pen, x, y + height / 2, radius, 0 if ring % 2 else 255)
                    disc(pen, x, y + height / 2, radius - width * 0.055, 0)

    return tiled(unit, unit // 2, draw, size)


def _lozenges(size: Size, dice: Dice) -> Image.Image:
    """A lattice of diamonds, a dot at each crossing."""
    unit = 210 + 6 * dice.below(11)

    def draw(pen: Pen, width: int, height: int) -> None:
        x, y = width / 2, height / 2
        for share, tone in ((0.86, 255), (0.66, 0), (0.42, 130)):
            pen.polygon(
                [(x, y - y * share), (x + x * share, y), (x, y + y * share), (x - x * share, y)], fill=tone
            )
        for corner in ((0, 0), (width, 0), (0, height), (width, height)):
            disc(pen, *corner, width * 0.07, 255)

    return tiled(unit, unit * 3 // 2, draw, size)


def _petals(size: Size, dice: Dice) -> Image.Image:
    """Circles that overlap by half: four-petalled flowers."""
    unit = 270 + 10 * dice.below(11)

    def draw(pen: Pen, width: int, _height: int) -> None:
        radius, line = width / math.sqrt(2), round(width * 0.035)
        for x, y in ((0, 0), (width, 0), (0, width), (width, width), (width / 2, width / 2)):
            disc(pen, x, y, radius * 0.7072, None, line=line)
        disc(pen, width / 2, 0, width * 0.07, 255)
        disc(pen, width / 2, width, width * 0.07, 255)
        disc(pen, 0, width / 2, width * 0.07, 255)
        disc(pen, width, width / 2, width * 0.07, 255)

    return tiled(unit, unit, draw, size)


def _zigzag(size: Size, dice: Dice) -> Image.Image:
    """Chevrons, a broad one and a fine one."""
    unit = 250 + 12 * dice.below(11)

    def draw(pen: Pen, width: int, height: int) -> None:
        for shift, share, tone in ((0.0, 0.34, 255), (0.5, 0.12, 150)):
            for row in range(-2, 3):
                y, thick = (row + shift) * height, share * height
                top = [(0, y + height / 2), (width / 2, y), (width, y + height / 2)]
                pen.polygon([*top, *((x, low + thick) for x, low in reversed(top))], fill=tone)

    return tiled(unit, unit * 2 // 3, draw, size)


def _stars(size: Size, dice: Dice) -> Image.Image:
    """Eight-pointed stars with small ones between."""
    unit = 270 + 10 * dice.below(11)

    def draw(pen: Pen, width: int, _height: int) -> None:
        middle = width / 2
        for x, y, radius in ((middle, middle, 0.44), (0, 0, 0.16), (width, 0, 0.16), (0, width, 0.16)):
            pen.polygon(star_points(x, y, radius * width, 8, 0.58), fill=255)
        pen.polygon(star_points(width, width, 0.16 * width, 8, 0.58), fill=255)
        disc(pen, middle, middle, width * 0.15, 0)
        disc(pen, middle, middle, width * 0.07, 150)

    return tiled(unit, unit, draw, size)


_HEXAGON = ((0, -1), (1, -0.5), (1, 0.5), (0, 1), (-1, 0.5), (-1, -0.5))


def _hexagons(size: Size, dice: Dice) -> Image.Image:
    """Cubes: hexagons of three tones."""
    unit = 150 + 9 * dice.below(11)
    tones = ((40, 150, 255), (255, 40, 150), (0, 255, 110))[dice.below(3)]

    def draw(pen: Pen, width: int, height: int) -> None:
        side = height / 3
        for x, y in (
            (width / 2, side),
            *((x, side + 1.5 * side * row) for x in (0, width) for row in (-1, 1)),
        ):
            corner = [(x + width / 2 * dx, y + side * dy) for dx, dy in _HEXAGON]
            for tone, (one, two, three) in zip(tones, ((5, 0, 1), (1, 2, 3), (3, 4, 5)), strict=True):
                pen.polygon([(x, y), corner[one], corner[two], corner[three]], fill=tone)

    return tiled(unit, round(unit * math.sqrt(3)), draw, size)


def _leaves(size: Size, dice: Dice) -> Image.Image:
    """Stems with paired leaves."""
    unit = 260 + 8 * dice.below(11)

    def draw(pen: Pen, width: int, height: int) -> None:
        for x, shift in ((width * 0.25, 0.0), (width * 0.75, 0.5)):
            pen.line((x, 0, x, height), fill=255, width=round(width * 0.018))
            for row in range(-1, 3):
                y = (row + shift) * height
                for side in (-1, 1):
                    pen.polygon(_leaf(x, y, side * width * 0.21, height * 0.62), fill=255)

    return tiled(unit, unit * 3 // 4, draw, size)


def _leaf(x: float, y: float, across: float, rise: float) -> list[tuple[float, float]]:
    """A leaf from its foot at (x, y), leaning outwards and up."""
    steps = [step / 12 for step in range(13)]
    belly = [math.sin(math.pi * step) * 0.34 for step in steps]
    out = [
        (x + across * (step + wide * 0.55), y - rise * (step - wide))
        for step, wide in zip(steps, belly, strict=True)
    ]
    back = [
        (x + across * (step - wide * 0.35), y - rise * (step + wide * 0.55))
        for step, wide in zip(steps, belly, strict=True)
    ]
    return [*out, *reversed(back)]


def _triangles(size: Size, dice: Dice) -> Image.Image:
    """Squares cut in two, each turned as the dice fall."""
    cell = 120 + 10 * dice.below(9)
    picture, _ = canvas(*size)
    for x in range(0, picture.width, cell):
        for y in range(0, picture.height, cell):
            turn, tone = dice.below(4), (255, 255, 170, 90)[dice.below(4)]
            picture.paste(_triangle(cell, turn, tone), (x, y))
    return picture


@lru_cache(maxsize=108)  # nine sizes, four turns, three tones
def _triangle(cell: int, turn: int, tone: int) -> Image.Image:
    tile, pen = scene((cell, cell))
    corners = [(0, 0), (tile.width, 0), tile.size, (0, tile.height)]
    pen.polygon([corners[turn - index] for index in range(3)], fill=tone)
    return tile.reduce(SCENE_SCALE)


def _winding(size: Size, dice: Dice) -> Image.Image:
    """Quarter circles that join into winding paths (Truchet's tiles)."""
    cell = (140 + 10 * dice.below(8)) * SCENE_SCALE
    line, half = round(cell * 0.3), cell / 2
    tiles = []
    for ends in (((0, 0), (cell, cell)), ((cell, 0), (0, cell))):
        tile, pen = canvas(cell, cell)
        for x, y in ends:
            disc(pen, x, y, half + line / 2, 255)
            disc(pen, x, y, half - line / 2, 0)
            disc(pen, x, y, line / 4, 140)
        tiles.append(tile.reduce(SCENE_SCALE))
    picture, _ = canvas(*size)
    for x in range(0, picture.width, tiles[0].width):
        for y in range(0, picture.height, tiles[0].height):
            picture.paste(tiles[dice.below(2)], (x, y))
    return picture


def _rain(size: Size, dice: Dice) -> Image.Image:
    """Upright strokes of many lengths."""
    picture, pen = canvas(*size)
    step, half, gap = 56, 12, 29
    for x in range(step // 2, picture.width, step):
        y = -round(dice.between(0, 250))
        while y < picture.height:
            end = y + round(dice.between(60, 380))
            tone = (255, 255, 150, 80)[dice.below(4)]
            pen.rectangle((x - half, y + half, x + half - 1, end - half - 1), fill=tone)
            for top in (y, end - 2 * half):
                pen.draw.draw_bitmap((x - half, top), dot(half * SCENE_SCALE).im, tone)
            y = end + gap
    return picture


def _halftone(size: Size, dice: Dice) -> Image.Image:
    """Dots that grow towards one side."""
    picture, pen = canvas(*size)
    step, turn = 84, dice.between(0, math.tau)
    across, down = math.cos(turn), math.sin(turn)
    reach = abs(across) * picture.width + abs(down) * picture.height
    for row, y in enumerate(range(0, picture.height + step, step * 7 // 8)):
        for x in range(-(row % 2) * step // 2, picture.width + step, step):
            along = (across * (x - picture.width / 2) + down * (y - picture.height / 2)) / reach + 0.5
            stamp = dot(round(SCENE_SCALE * step * (0.08 + 0.46 * min(1, max(0, along)))))
            pen.draw.draw_bitmap((x - stamp.width // 2, y - stamp.height // 2), stamp.im, 255)
    return picture


PATTERNS = (
    _scales,
    _lozenges,
    _petals,
    _zigzag,
    _stars,
    _hexagons,
    _leaves,
    _triangles,
    _winding,
    _rain,
    _halftone,
)
