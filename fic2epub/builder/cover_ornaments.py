"""The ornaments: patterns and scenes as vector shapes, drawn oversized and reduced.

Each draws one gray picture: 0 is the palette's field, 255 its figure, tones between are tints of both.
A pattern is a tile, drawn at four times its size and repeated; a scene fills its area, drawn at twice.
Scale, phase and places come from the dice, so two books with the same ornament still differ.
"""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from fic2epub.builder.cover_design import Dice

__all__ = ["ORNAMENTS", "draw_ornament"]

Pen = ImageDraw.ImageDraw
Size = tuple[int, int]
Painter = Callable[[Size, Dice], Image.Image]

_TILE_SCALE = 4
_SCENE_SCALE = 2


def draw_ornament(index: int, size: Size, dice: Dice) -> Image.Image:
    """The ornament of that number as a gray picture of exactly this size."""
    return ORNAMENTS[index](size, dice)


def _canvas(width: float, height: float, tone: int = 0) -> tuple[Image.Image, Pen]:
    picture = Image.new("L", (round(width), round(height)), tone)
    return picture, ImageDraw.Draw(picture)


def _disc(pen: Pen, x: float, y: float, radius: float, fill: int | None, *, line: int = 0, tone: int = 255) -> None:
    box = (x - radius, y - radius, x + radius, y + radius)
    pen.ellipse(box, fill=fill, outline=tone if line else None, width=line)


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


def _tiled(width: int, height: int, draw: Callable[[Pen, int, int], None], size: Size) -> Image.Image:
    tile, pen = _canvas(width * _TILE_SCALE, height * _TILE_SCALE)
    draw(pen, *tile.size)
    return _repeat(tile, size)


def _scales(size: Size, dice: Dice) -> Image.Image:
    """Overlapping ringed discs in rows: waves."""
    unit = 160 + 40 * dice.below(3)

    def draw(pen: Pen, width: int, height: int) -> None:
        for row in range(-1, 5):
            for column in range(-1, 3):
                x, y = (column + (row % 2) / 2) * width, row * height / 2
                for ring in range(4):
                    radius = width / 2 * (1 - ring * 0.26)
                    _disc(pen, x, y + height / 2, radius, 0 if ring % 2 else 255)
                    _disc(pen, x, y + height / 2, radius - width * 0.055, 0)

    return _tiled(unit, unit // 2, draw, size)


def _lozenges(size: Size, dice: Dice) -> Image.Image:
    """A lattice of diamonds, a dot at each crossing."""
    unit = 150 + 30 * dice.below(3)

    def draw(pen: Pen, width: int, height: int) -> None:
        x, y = width / 2, height / 2
        for share, tone in ((0.86, 255), (0.66, 0), (0.42, 130)):
            pen.polygon(
                [(x, y - y * share), (x + x * share, y), (x, y + y * share), (x - x * share, y)], fill=tone
            )
        for corner in ((0, 0), (width, 0), (0, height), (width, height)):
            _disc(pen, *corner, width * 0.07, 255)

    return _tiled(unit, unit * 3 // 2, draw, size)


def _petals(size: Size, dice: Dice) -> Image.Image:
    """Circles that overlap by half: four-petalled flowers."""
    unit = 180 + 40 * dice.below(3)

    def draw(pen: Pen, width: int, _height: int) -> None:
        radius, line = width / math.sqrt(2), round(width * 0.035)
        for x, y in ((0, 0), (width, 0), (0, width), (width, width), (width / 2, width / 2)):
            _disc(pen, x, y, radius * 0.7072, None, line=line)
        _disc(pen, width / 2, 0, width * 0.07, 255)
        _disc(pen, width / 2, width, width * 0.07, 255)
        _disc(pen, 0, width / 2, width * 0.07, 255)
        _disc(pen, width, width / 2, width * 0.07, 255)

    return _tiled(unit, unit, draw, size)


def _zigzag(size: Size, dice: Dice) -> Image.Image:
    """Chevrons, a broad one and a fine one."""
    unit = 180 + 60 * dice.below(3)

    def draw(pen: Pen, width: int, height: int) -> None:
        for shift, share, tone in ((0.0, 0.34, 255), (0.5, 0.12, 150)):
            for row in range(-2, 3):
                y, thick = (row + shift) * height, share * height
                top = [(0, y + height / 2), (width / 2, y), (width, y + height / 2)]
                pen.polygon([*top, *((x, low + thick) for x, low in reversed(top))], fill=tone)

    return _tiled(unit, unit * 2 // 3, draw, size)


def _stars(size: Size, dice: Dice) -> Image.Image:
    """Eight-pointed stars with small ones between."""
    unit = 200 + 40 * dice.below(3)

    def draw(pen: Pen, width: int, _height: int) -> None:
        middle = width / 2
        for x, y, radius in ((middle, middle, 0.44), (0, 0, 0.16), (width, 0, 0.16), (0, width, 0.16)):
            pen.polygon(_star(x, y, radius * width, 8, 0.58), fill=255)
        pen.polygon(_star(width, width, 0.16 * width, 8, 0.58), fill=255)
        _disc(pen, middle, middle, width * 0.15, 0)
        _disc(pen, middle, middle, width * 0.07, 150)

    return _tiled(unit, unit, draw, size)


def _star(x: float, y: float, radius: float, points: int, waist: float) -> list[tuple[float, float]]:
    return [
        (
            x + radius * (waist if step % 2 else 1) * math.sin(math.pi * step / points),
            y - radius * (waist if step % 2 else 1) * math.cos(math.pi * step / points),
        )
        for step in range(2 * points)
    ]


def _hexagons(size: Size, dice: Dice) -> Image.Image:
    """Cubes: hexagons of three tones."""
    unit = 150 + 45 * dice.below(3)
    tones = ((40, 150, 255), (255, 40, 150), (0, 255, 110))[dice.below(3)]

    def draw(pen: Pen, width: int, height: int) -> None:
        side = height / 3
        for x, y in ((width / 2, side), *((x, side + 1.5 * side * row) for x in (0, width) for row in (-1, 1))):
            corner = [(x + width / 2 * dx, y + side * dy) for dx, dy in _HEXAGON]
            for tone, (one, two, three) in zip(tones, ((5, 0, 1), (1, 2, 3), (3, 4, 5)), strict=True):
                pen.polygon([(x, y), corner[one], corner[two], corner[three]], fill=tone)

    return _tiled(unit, round(unit * math.sqrt(3)), draw, size)


_HEXAGON = ((0, -1), (1, -0.5), (1, 0.5), (0, 1), (-1, 0.5), (-1, -0.5))


def _triangles(size: Size, dice: Dice) -> Image.Image:
    """Squares cut in two, each turned as the dice fall."""
    cell = (120 + 40 * dice.below(3)) * _SCENE_SCALE
    picture, pen = _scene(size)
    for x in range(0, picture.width, cell):
        for y in range(0, picture.height, cell):
            corners = [(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)]
            turn, tone = dice.below(4), (255, 255, 170, 90)[dice.below(4)]
            pen.polygon([corners[turn - index] for index in range(3)], fill=tone)
    return picture.reduce(_SCENE_SCALE)


def _winding(size: Size, dice: Dice) -> Image.Image:
    """Quarter circles that join into winding paths (Truchet's tiles)."""
    cell = (130 + 30 * dice.below(3)) * _SCENE_SCALE
    line, half = round(cell * 0.3), cell / 2
    tiles = []
    for ends in (((0, 0), (cell, cell)), ((cell, 0), (0, cell))):
        tile, pen = _canvas(cell, cell)
        for x, y in ends:
            _disc(pen, x, y, half + line / 2, 255)
            _disc(pen, x, y, half - line / 2, 0)
            _disc(pen, x, y, line / 4, 140)
        tiles.append(tile)
    picture, _ = _scene(size)
    for x in range(0, picture.width, cell):
        for y in range(0, picture.height, cell):
            picture.paste(tiles[dice.below(2)], (x, y))
    return picture.reduce(_SCENE_SCALE)


def _scene(size: Size, tone: int = 0) -> tuple[Image.Image, Pen]:
    return _canvas(size[0] * _SCENE_SCALE, size[1] * _SCENE_SCALE, tone)


def _rays(size: Size, dice: Dice) -> Image.Image:
    """A sun low in the picture, and its rays."""
    picture, pen = _scene(size)
    width, height = picture.size
    x, y = width * dice.between(0.3, 0.7), height * dice.between(0.55, 0.8)
    rays, reach = 14 + 2 * dice.below(6), 2 * max(width, height)
    for ray in range(rays):
        spread = math.pi / rays / 2
        middle = 2 * math.pi * ray / rays
        ends = [
            (x + reach * math.cos(angle), y + reach * math.sin(angle))
            for angle in (middle - spread, middle + spread)
        ]
        pen.polygon([(x, y), *ends], fill=125)
    radius = min(width, height) * 0.27
    _disc(pen, x, y, radius * 1.28, 0)
    _disc(pen, x, y, radius, 255)
    return picture.reduce(_SCENE_SCALE)


def _hills(size: Size, dice: Dice) -> Image.Image:
    """Ranges of hills, the nearest strongest, and a moon or sun."""
    picture, pen = _scene(size)
    width, height = picture.size
    _disc(pen, width * dice.between(0.2, 0.8), height * 0.24, min(width, height) * 0.13, 255)
    ranges = 5
    for index in range(ranges):
        base = height * (0.36 + 0.56 * index / (ranges - 1))
        waves = [(dice.between(0.5, 2.2), dice.between(0, 2 * math.pi), dice.between(0.03, 0.08)) for _ in range(3)]
        ridge = [
            (x, base + height * sum(high * math.sin(often * math.tau * x / width + at) for often, at, high in waves))
            for x in range(0, width + 33, 32)
        ]
        pen.polygon([*ridge, (width + 32, height), (0, height)], fill=60 + 195 * index // (ranges - 1))
    return picture.reduce(_SCENE_SCALE)


def _moons(size: Size, dice: Dice) -> Image.Image:
    """The moon through its phases, row by row."""
    columns = 5 if size[0] > size[1] / 2 else 3
    cell = size[0] * _SCENE_SCALE / columns
    picture, pen = _scene(size)
    rows = max(1, int(picture.height / cell))
    top = (picture.height - rows * cell) / 2
    radius, phase = cell * 0.34, dice.below(8)
    for row in range(rows):
        for column in range(columns):
            x, y = (column + 0.5) * cell, top + (row + 0.5) * cell
            lit = math.cos(math.pi * (phase + row * columns + column) / 4)
            _disc(pen, x, y, radius, 255)
            side = 1 if (phase + row * columns + column) % 8 < 4 else -1
            _disc(pen, x + side * radius * (1 - lit) * 1.02, y, radius, 60)
            _disc(pen, x, y, radius, None, line=round(radius * 0.05))
            _outside(pen, x, y, radius, cell)
    return picture.reduce(_SCENE_SCALE)


def _outside(pen: Pen, x: float, y: float, radius: float, cell: float) -> None:
    """Wipe what lies in the cell but outside the disc."""
    _disc(pen, x, y, cell * 0.72, None, line=round(cell * 0.72 - radius), tone=0)


def _night(size: Size, dice: Dice) -> Image.Image:
    """Stars, strewn but not heaped, and a crescent."""
    picture, pen = _scene(size)
    width, height = picture.size
    step = 190
    for x in range(0, width, step):
        for y in range(0, height, step):
            at = (x + dice.between(0.15, 0.85) * step, y + dice.between(0.15, 0.85) * step)
            bright = dice.below(5)
            if bright == 0:
                pen.polygon(_star(*at, dice.between(34, 62), 4, 0.28), fill=255)
            elif bright < 4:
                _disc(pen, *at, dice.between(5, 14), (255, 190, 130)[bright - 1])
    x, y, radius = width * dice.between(0.3, 0.7), height * dice.between(0.35, 0.6), min(width, height) * 0.24
    _disc(pen, x, y, radius * 1.25, 0)
    _disc(pen, x, y, radius, 255)
    _disc(pen, x + radius * 0.42, y - radius * 0.16, radius * 0.86, 0)
    return picture.reduce(_SCENE_SCALE)


def _rings(size: Size, dice: Dice) -> Image.Image:
    """Rings about a point near a corner, like a pool after a stone."""
    picture, pen = _scene(size)
    width, height = picture.size
    x, y = width * dice.between(0.05, 0.95), height * (0.1, 0.9)[dice.below(2)]
    step = 84 + 28 * dice.below(3)
    for ring in range(int(math.hypot(width, height) / step) + 1, 0, -1):
        _disc(pen, x, y, ring * step, (255, 0, 130, 0)[ring % 4])
    return picture.reduce(_SCENE_SCALE)


def _rain(size: Size, dice: Dice) -> Image.Image:
    """Upright strokes of many lengths."""
    picture, pen = _scene(size)
    step, line = 76, 30
    for x in range(step // 2, picture.width, step):
        y = -dice.between(0, 500)
        while y < picture.height:
            end = y + dice.between(120, 760)
            pen.rounded_rectangle((x - line / 2, y, x + line / 2, end), line / 2, fill=(255, 255, 150, 80)[dice.below(4)])
            y = end + 58
    return picture.reduce(_SCENE_SCALE)


def _halftone(size: Size, dice: Dice) -> Image.Image:
    """Dots that grow towards one side."""
    picture, pen = _scene(size)
    step, turn = 104, dice.between(0, math.tau)
    across, down = math.cos(turn), math.sin(turn)
    reach = abs(across) * picture.width + abs(down) * picture.height
    for row, y in enumerate(range(0, picture.height + step, step * 7 // 8)):
        for x in range(-(row % 2) * step // 2, picture.width + step, step):
            along = (across * (x - picture.width / 2) + down * (y - picture.height / 2)) / reach + 0.5
            _disc(pen, x, y, step * (0.08 + 0.46 * min(1, max(0, along))), 255)
    return picture.reduce(_SCENE_SCALE)


def _leaves(size: Size, dice: Dice) -> Image.Image:
    """Stems with paired leaves."""
    unit = 200 + 40 * dice.below(3)

    def draw(pen: Pen, width: int, height: int) -> None:
        for x, shift in ((width * 0.25, 0.0), (width * 0.75, 0.5)):
            pen.line((x, 0, x, height), fill=255, width=round(width * 0.018))
            for row in range(-1, 3):
                y = (row + shift) * height
                for side in (-1, 1):
                    pen.polygon(_leaf(x, y, side * width * 0.21, height * 0.62), fill=255)

    return _tiled(unit, unit * 3 // 4, draw, size)


def _leaf(x: float, y: float, across: float, rise: float) -> list[tuple[float, float]]:
    """A leaf from its foot at (x, y), leaning outwards and up."""
    steps = [step / 12 for step in range(13)]
    belly = [math.sin(math.pi * step) * 0.34 for step in steps]
    out = [(x + across * (step + wide * 0.55), y - rise * (step - wide)) for step, wide in zip(steps, belly, strict=True)]
    back = [(x + across * (step - wide * 0.35), y - rise * (step + wide * 0.55)) for step, wide in zip(steps, belly, strict=True)]
    return [*out, *reversed(back)]


ORNAMENTS: tuple[Painter, ...] = (
    _scales,
    _lozenges,
    _petals,
    _zigzag,
    _stars,
    _hexagons,
    _triangles,
    _winding,
    _rays,
    _hills,
    _moons,
    _night,
    _rings,
    _rain,
    _halftone,
    _leaves,
)
"""In an order that must not change: a book's identifier picks by number."""
