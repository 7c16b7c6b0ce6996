"""Where the lines of a title break: large, whole, and of like length.

1. The largest size at which the text fits its box in the lines allowed, no word broken.
2. At that size as few lines as it takes, and among these the breaks that make lines alike; a line
   rather does not end in a short word (*of*, *the*), and rather ends after a colon or dash.
3. If even the floor is too large for a word, the word breaks between letters.
4. Smaller sizes down to the lowest; then, and only then, the text is cut, with an ellipsis.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from fic2epub.builder.cover_fonts import clusters
from fic2epub.values import dataclass

__all__ = ["Fitted", "Room", "fit"]

_REFERENCE = 200
"""Widths are measured once at this size and scaled."""
_SLACK = 0.985
"""Hinting makes widths scale only nearly."""
_SIZE_RANGE = 0.8
_SIZE_COST = 0.3
"""How much smaller a title may be for better lines, and what that costs; found by looking at covers."""
_SHORT_ENDING = 0.12
_GOOD_ENDING = -0.06
"""Added to or taken from a line's cost, which is the square of the share of it that stays empty."""

# Not at the start of a line, not at its end (JIS X 4051 in short).
_NO_START = frozenset(
    "、。，．・：；？！ー」』）］｝〉》】〕ゝゞ々…‥)]},.!?:;’”ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NO_END = frozenset("「『（［｛〈《【〔([{‘“")
_BREAK_AFTER = frozenset("/–—-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The box and the sizes that a text may have, in pixels."""

    width: int
    height: int
    largest: int
    floor: int
    """The smallest size at which words are kept whole."""
    lowest: int
    """The smallest size of all."""
    lines: int
    leading: float
    """From baseline to baseline, in sizes."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in lines, at a size."""

    lines: tuple[str, ...]
    size: int
    cut: bool = False
    """True if the end of the text is missing."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What no line break may part, at the reference size."""

    text: str
    width: float
    space: float
    """Of the space before it; 0 if it joins on."""

    @property
    def joined(self) -> str:
        return f" {self.text}" if self.space else self.text


Measure = Callable[[str, int], float]


def fit(text: str, room: Room, measure: Measure) -> Fitted:
    """Set a text, not empty, into its room; ``measure`` gives the width of a text at a size."""
    whole = _pieces(text, measure)
    found = _largest(whole, room, range(room.largest, room.floor - 1, -4), measure)
    if found is not None:
        return found
    broken = _broken(whole, room, measure)
    found = _largest(broken, room, range(room.floor, room.lowest - 1, -4), measure)
    return found if found is not None else _cut(broken, room, measure)


def _largest(pieces: list[_Piece], room: Room, sizes: Iterable[int], measure: Measure) -> Fitted | None:
    """The best of the largest sizes that fit: a little smaller is better if the lines are more alike."""
    best: tuple[float, Fitted] | None = None
    largest = 0
    for size in sizes:
        if size < largest * _SIZE_RANGE:
            break
        width = room.width * _SLACK * _REFERENCE / size
        starts = _greedy(pieces, width)
        if starts is None or len(starts) > _most_lines(room, size):
            continue
        cost, starts = _balanced(pieces, width, len(starts))
        lines = _lines(pieces, starts)
        score = cost / len(lines) + _SIZE_COST * (1 - size / (largest or size))
        # To measure takes longest, so it comes last; the first size that fits is the largest.
        if best is not None and score >= best[0]:
            continue
        if any(measure(line, size) > room.width for line in lines):
            continue
        largest = largest or size
        best = score, Fitted(lines, size)
    return best[1] if best else None


def _most_lines(room: Room, size: int) -> int:
    return (
        min(room.lines, 1 + int((room.height - size) / (size * room.leading))) if room.height >= size else 0
    )


def _cut(pieces: list[_Piece], room: Room, measure: Measure) -> Fitted:
    """As much as the room holds at the lowest size, and an ellipsis."""
    size = room.lowest
    width = room.width * _SLACK * _REFERENCE / size
    most = max(1, _most_lines(room, size))
    starts = _greedy(pieces, width) or [0]
    end = starts[most] if len(starts) > most else len(pieces)
    while True:
        lines = _lines(pieces[:end], [start for start in starts[:most] if start < end])
        last = lines[-1].rstrip(" ,;:–—-/") + "…"
        if measure(last, size) <= room.width or end <= starts[:most][-1] + 1:
            return Fitted((*lines[:-1], last), size, cut=True)
        end -= 1


def _pieces(text: str, measure: Measure) -> list[_Piece]:
    space = measure("n n", _REFERENCE) - measure("nn", _REFERENCE)
    pieces: list[_Piece] = []
    for word in text.split(" "):
        for index, part in enumerate(_parts(word)):
            pieces.append(_Piece(part, measure(part, _REFERENCE), 0 if index else space))
    return [replace(pieces[0], space=0.0), *pieces[1:]]


def _parts(word: str) -> list[str]:
    """A word cut where a line may end inside it: after a slash or dash, and between ideographs."""
    if word.isascii() and _BREAK_AFTER.isdisjoint(word):
        return [word] if word else []
    parts: list[str] = []
    for cluster in clusters(word):
        before = parts[-1][-1] if parts else ""
        may_break = (before in _BREAK_AFTER and cluster.isalnum()) or _is_wide(before) or _is_wide(cluster)
        if parts and (not may_break or cluster[0] in _NO_START or before in _NO_END):
            parts[-1] += cluster
        else:
            parts.append(cluster)
    return parts


def _is_wide(char: str) -> bool:
    """Ideographs and kana; Korean is wide too but breaks at its spaces."""
    wide = bool(char) and unicodedata.east_asian_width(char[0]) in "WF"
    return wide and not unicodedata.name(char[0], "").startswith("HANGUL")


def _broken(pieces: list[_Piece], room: Room, measure: Measure) -> list[_Piece]:
    """The pieces, those cut between letters that are wider than a line at the floor."""
    limit = room.width * _SLACK * _REFERENCE / room.floor
    found: list[_Piece] = []
    for piece in pieces:
        if piece.width <= limit:
            found.append(piece)
            continue
        for index, letter in enumerate(clusters(piece.text)):
            found.append(_Piece(letter, measure(letter, _REFERENCE), 0 if index else piece.space))
    return found


def _greedy(pieces: list[_Piece], width: float) -> list[int] | None:
    """Where lines start if each takes what it can; None if a piece is wider than a line."""
    starts, filled = [0], 0.0
    for index, piece in enumerate(pieces):
        if piece.width > width:
            return None
        filled += piece.space + piece.width
        if index and filled > width:
            starts.append(index)
            filled = piece.width
    return starts


def _balanced(pieces: list[_Piece], width: float, count: int) -> tuple[float, list[int]]:
    """The cost of the best ``count`` lines, and where they start: most alike, by least squares."""
    total = len(pieces)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    ideal = min(width, 1.02 * sum(piece.space + piece.width for piece in pieces) / count)
    for _ in range(count):
        row: dict[int, tuple[float, int]] = {}
        for start, (cost, _previous) in best[-1].items():
            filled = -pieces[start].space if start < total else 0.0
            for end in range(start + 1, total + 1):
                filled += pieces[end - 1].space + pieces[end - 1].width
                if filled > width:
                    break
                here = (
                    cost + ((ideal - filled) / width) ** 2 + (_ending(pieces[end - 1]) if end < total else 0)
                )
                if end not in row or here < row[end][0]:
                    row[end] = (here, start)
        best.append(row)
    starts, end = [], total
    for row in reversed(best[1:]):
        end = row[end][1]
        starts.append(end)
    return best[-1][total][0], starts[::-1]


def _ending(piece: _Piece) -> float:
    """What it costs to end a line with this piece."""
    if piece.text[-1] in ":;,.!?–—…":
        return _GOOD_ENDING
    return _SHORT_ENDING if len(piece.text) <= 3 and piece.text.islower() else 0.0


def _lines(pieces: list[_Piece], starts: list[int]) -> tuple[str, ...]:
    ends = [*starts[1:], len(pieces)]
    return tuple(
        "".join(piece.joined for piece in pieces[start:end]).strip()
        for start, end in zip(starts, ends, strict=True)
    )
