"""A cover's page to a JPEG, of which only the parts are encoded that something is drawn on.

Half of a cover is its ground. A JPEG may be cut by restart markers into stretches that do not know of each
other (ITU-T T.81, E.1.4), and what is alike in the picture is then alike in the file: the stretches that are
drawn on are encoded as a smaller picture, the ground once, and the file is put together of them. Every
decoder shows what it would show if the page had been encoded whole; a test compares them.
"""

import io
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import cycle, groupby

from PIL import Image

__all__ = ["Page", "cells"]

Box = tuple[int, int, int, int]
Cell = tuple[int, int]
"""Column and row of a stretch."""

_BLOCK = 16
"""Pixels of a side of what is encoded together: colours are told once for four points."""
CELL_WIDTH, CELL_HEIGHT = 20 * _BLOCK, _BLOCK
"""Pixels of a stretch: shorter ones leave out more ground, and each costs some bytes."""

_QUALITIES = (85, 75, 60)
_MOST_BYTES = 500_000
_RESTART_RE = re.compile(rb"\xff[\xd0-\xd7]")
"""In the picture's own bytes a FF is followed by 00, so nothing else looks like this."""
_RESTARTS = tuple(bytes((0xFF, 0xD0 + number)) for number in range(8))
_FRAME, _SCAN, _END = 0xC0, 0xDA, b"\xff\xd9"


def cells(box: Box, *, inside: bool = False) -> Iterator[Cell]:
    """The stretches that a box touches, or those that lie whole ``inside`` of it."""
    left, top, right, bottom = box
    if inside:
        columns = range(-(-left // CELL_WIDTH), right // CELL_WIDTH)
        rows = range(-(-top // CELL_HEIGHT), bottom // CELL_HEIGHT)
    else:
        columns = range(max(0, left) // CELL_WIDTH, -(-right // CELL_WIDTH))
        rows = range(max(0, top) // CELL_HEIGHT, -(-bottom // CELL_HEIGHT))
    return ((column, row) for column in columns for row in rows)


class Page:
    """A page that is drawn: its picture, and which of its stretches are more than ground.

    The picture is RGB, or has numbers of ``colours``, 256 times three bytes. Its sides are multiples of a
    stretch's.
    """

    def __init__(self, picture: Image.Image, colours: bytes | None, drawn: Iterable[Cell]) -> None:
        self._picture = picture
        self._colours = colours
        width, height = picture.size
        self._columns, self._rows = width // CELL_WIDTH, height // CELL_HEIGHT
        self._drawn = sorted(
            (column, row) for column, row in set(drawn) if column < self._columns and row < self._rows
        )

    @cached_property
    def whole(self) -> Image.Image:
        """The picture in RGB."""
        return self._coloured(self._picture)

    def jpeg(self) -> bytes:
        """A baseline JPEG without metadata, of quality 85 unless that makes it too large for old devices."""
        order, packed = self._packed()
        for quality in _QUALITIES:
            jpeg = encode(packed, quality=quality, restart_marker_blocks=CELL_WIDTH // _BLOCK)
            made = self._joined(order, jpeg)
            if len(made) <= _MOST_BYTES:
                break
        return made

    def _packed(self) -> tuple[list[Cell | None], Image.Image]:
        """The stretches to be encoded side by side, and which they are; None is what fills up the last.

        They fill the columns of a picture as wide as the page, one column after the other.
        """
        runs = [*_runs(self._drawn), *_runs([self._ground] if self._ground else [])]
        number = sum(end - first for _, first, end in runs)
        height = -(-number // self._columns)
        packed = Image.new(self._picture.mode, (self._picture.width, CELL_HEIGHT * height))
        places: dict[Cell, Cell | None] = {}
        at = 0
        for column, first, end in runs:
            while first < end:
                to, row = divmod(at, height)
                count = min(end - first, height - row)
                left, top = column * CELL_WIDTH, first * CELL_HEIGHT
                part = self._picture.crop((left, top, left + CELL_WIDTH, top + count * CELL_HEIGHT))
                packed.paste(part, (to * CELL_WIDTH, row * CELL_HEIGHT))
                for more in range(count):
                    places[to, row + more] = column, first + more
                first, at = first + count, at + count
        order = [places.get((column, row)) for row in range(height) for column in range(self._columns)]
        return order, self._coloured(packed)

    @cached_property
    def _ground(self) -> Cell | None:
        """A stretch on which nothing is drawn; it stands for all of them."""
        drawn = set(self._drawn)
        return next((cell for cell in self._every() if cell not in drawn), None)

    def _every(self) -> Iterator[Cell]:
        return ((column, row) for row in range(self._rows) for column in range(self._columns))

    def _coloured(self, picture: Image.Image) -> Image.Image:
        if self._colours is None:
            return picture
        picture = picture.copy() if picture is self._picture else picture
        picture.putpalette(self._colours)
        return picture.convert("RGB")

    def _joined(self, order: list[Cell | None], jpeg: bytes) -> bytes:
        """The page's file of the packed one: its head with other sides, and the stretches in order."""
        head, data = _taken_apart(jpeg, self._picture.size)
        stretches = dict(zip(order, _RESTART_RE.split(data), strict=True))
        ground = stretches.get(self._ground, b"")
        parts = [head]
        for cell, restart in zip(self._every(), cycle(_RESTARTS), strict=False):
            parts += (stretches.get(cell, ground), restart)
        parts[-1] = _END
        return b"".join(parts)


def encode(picture: Image.Image, *, quality: int, restart_marker_blocks: int = 0) -> bytes:
    """A baseline JPEG of a picture as it is."""
    target = _JpegFile()
    picture.save(
        target,
        quality=quality,
        subsampling="4:2:0",
        progressive=False,
        optimize=False,
        restart_marker_blocks=restart_marker_blocks,
    )
    return target.getvalue()


class _JpegFile(io.BytesIO):
    """Tells Pillow the format by its name: where the format is named, Pillow imports five writers, 10 ms."""

    name = "cover.jpg"


def _runs(drawn: list[Cell]) -> Iterator[tuple[int, int, int]]:
    """Stretches that stand under each other: their column, the first row, and the one behind the last."""
    numbered = ((column, row, row - at) for at, (column, row) in enumerate(drawn))
    for (column, _), run in groupby(numbered, key=lambda one: (one[0], one[2])):
        rows = [row for _, row, _ in run]
        yield column, rows[0], rows[-1] + 1


def _taken_apart(jpeg: bytes, size: tuple[int, int]) -> tuple[bytes, bytes]:
    """The head of a JPEG, with other sides in it, and the bytes of its picture."""
    head, at = bytearray(jpeg), 2
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == _FRAME:
            width, height = size
            head[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
        at += 2 + length
        if marker == _SCAN:
            return bytes(head[:at]), jpeg[at : -len(_END)]
