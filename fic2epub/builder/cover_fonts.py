"""Which fonts draw a text, and how wide it runs. Never a box in place of a letter.

In order of preference: the reader's own file, Source Serif Pro, Noto CJK, a font of the system. A text
may mix fonts, one for each script. Where letters join, reorder or run from right to left, one font draws the
whole text, with Pillow's raqm layout. Pillow's wheels contain raqm and HarfBuzz but load FriBiDi from the
system (Pillow 13.0, seen 2026-11); without it such a text is not drawn, since it would come out backwards.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from itertools import chain

from fic2epub.builder.cover_font_files import Typeface, covers, has_raqm, load, packaged, system
from fic2epub.values import dataclass

__all__ = ["Setting", "clusters", "set_text"]

_LINE_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
"""Marks of embedded direction: a line break would part the pairs, and raqm finds the order without."""
_SELECTORS = ("\N{VARIATION SELECTOR-15}", "\N{VARIATION SELECTOR-16}", "\N{ZERO WIDTH JOINER}")
_JOINING = ((0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x18AF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC))
"""Hebrew to Arabic, the scripts of India and South-East Asia, Khmer, Mongolian, presentation forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A text with the fonts that will draw it."""

    text: str
    main: Typeface
    letters: Mapping[str, Typeface] = field(default_factory=dict)
    """The font of each letter that ``main`` does not draw."""
    right_to_left: bool = False
    joined: bool = False
    """True if its letters join or reorder: one font draws it all."""
    left_out: str = ""
    """Symbols that no font has, left out of ``text``."""

    @property
    def faces(self) -> tuple[Typeface, ...]:
        """Every font in use, ``main`` first."""
        return tuple(dict.fromkeys((self.main, *self.letters.values())))

    @property
    def direction(self) -> str | None:
        """What Pillow's text functions want; None without raqm, which alone understands it."""
        if not has_raqm():
            return None
        return "rtl" if self.right_to_left else "ltr"

    def runs(self, line: str) -> Iterator[tuple[str, Typeface]]:
        """The line, or a part of it, cut where the font changes; a space goes with what precedes it."""
        run, current = "", self.main
        for cluster in clusters(line) if self.letters else (line,):
            wanted = current if cluster.isspace() else self.letters.get(cluster, self.main)
            if wanted != current and run:
                yield run, current
                run = ""
            run, current = run + cluster, wanted
        yield run, current

    def width(self, line: str, size: int) -> float:
        """How far the line runs, in pixels."""
        return sum(self.length(face, size, run) for run, face in self.runs(line))

    def length(self, face: Typeface, size: int, run: str) -> float:
        """How far a run goes in a font at a size."""
        return _length(face, size, run, self.direction)


@lru_cache(maxsize=4096)  # lines share their words, and covers their facts
def _length(face: Typeface, size: int, run: str, direction: str | None) -> float:
    return load(face, size).getlength(run, direction=direction)


def set_text(text: str, cut: str, *, language: str, reader: Typeface | None) -> Setting | None:
    """Find fonts for the whole of a text; None if there are none, or if the text is empty.

    ``cut`` is one of Source Serif's. If only symbols are missing (an emoji beside words), they alone are
    left out; a text of nothing else gives None.
    """
    text = _clean(text)
    own = (*([reader] if reader else ()), *packaged(cut, language))
    if text.isascii() or not any(map(_joins, text)):
        return _mixed(_visible(text), own)
    face = _first(text, own) if has_raqm() else None
    return Setting(text=text, main=face, right_to_left=_right_to_left(text), joined=True) if face else None


def _mixed(text: str, own: tuple[Typeface, ...]) -> Setting | None:
    """A font for each script of the text, so that no word mixes two; else one for each letter.

    Symbols go by themselves: Source Serif has no heart, but the words beside it stay in Source Serif. The
    first font of all is each script's first too, so one that has everything needs no look at scripts.
    """
    if text and own and covers(own[0], text):
        return Setting(text=text, main=own[0])
    groups: dict[str, list[str]] = {}
    for cluster in dict.fromkeys(clusters(text)):
        if not cluster.isspace():
            groups.setdefault(_script(cluster), []).append(cluster)
    chosen: dict[str, Typeface] = {}
    for group in groups.values():
        whole = _first("".join(group), own)
        chosen.update(dict.fromkeys(group, whole) if whole else _one_by_one(group, own))
    left = [cluster for group in groups.values() for cluster in group if cluster not in chosen]
    kept = _clean("".join(cluster for cluster in clusters(text) if cluster not in left))
    if not chosen or (left and not (all(map(_is_symbol, left)) and any(map(str.isalnum, kept)))):
        return None
    main = next(iter(chosen.values()))
    letters = {cluster: face for cluster, face in chosen.items() if face != main}
    return Setting(text=kept, main=main, letters=letters, left_out="".join(left))


def _first(text: str, own: tuple[Typeface, ...]) -> Typeface | None:
    """The first font with all of these letters; the system is asked last."""
    return next((face for face in chain(own, _ask_system(text)) if covers(face, text)), None)


def _ask_system(text: str) -> Iterator[Typeface]:
    yield from system(text)


def _one_by_one(group: list[str], own: tuple[Typeface, ...]) -> dict[str, Typeface]:
    found = {}
    for cluster in group:
        face = _first(cluster, own)
        if face is not None:
            found[cluster] = face
    return found


def _script(cluster: str) -> str:
    """The script of a letter, as its Unicode name begins; kana and ideographs count as one.

    >>> _script("é"), _script("Ж"), _script("の") == _script("字")
    ('LATIN', 'CYRILLIC', True)
    """
    if _is_symbol(cluster) and not cluster.isascii():
        return cluster
    if unicodedata.east_asian_width(cluster[0]) == "W" and not cluster.isalpha():
        return "CJK"
    if not cluster[0].isalpha():
        return ""
    script = unicodedata.name(cluster[0], "UNNAMED").split()[0]
    return "CJK" if script in {"HIRAGANA", "KATAKANA", "BOPOMOFO"} else script


def clusters(text: str) -> list[str]:
    """Letters with their accents, as a reader counts them; joined they are the text again."""
    found: list[str] = []
    for char in text:
        if found and (unicodedata.category(char) in {"Mn", "Me"} or char in _SELECTORS):
            found[-1] += char
        else:
            found.append(char)
    return found


def _clean(text: str) -> str:
    """One line, composed letters, no controls; what Pillow is to draw."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text.translate(_LINE_CONTROLS))
    visible = "".join(char if char.isprintable() or char in _SELECTORS else _blank(char) for char in text)
    return " ".join(visible.split())


def _visible(text: str) -> str:
    """The text without marks that only steer joining, which Pillow's basic layout draws as boxes."""
    if text.isascii():
        return text
    return _clean("".join(char for char in text if not _is_format(char)))


def _is_format(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or char in _SELECTORS


def _blank(char: str) -> str:
    """A space for white space, nothing for a control; format characters that join letters stay."""
    if char.isspace():
        return " "
    return char if unicodedata.category(char) in {"Cf", "Co", "Cn"} else ""


def _joins(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _JOINING) or _is_rtl(char)


def _is_rtl(char: str) -> bool:
    return unicodedata.bidirectional(char) in {"R", "AL"}


def _right_to_left(text: str) -> bool:
    """The direction of the first letter that has one (Unicode TR9, P2 and P3)."""
    strong = (char for char in text if unicodedata.bidirectional(char) in {"L", "R", "AL"})
    return _is_rtl(next(strong, "a"))


def _is_symbol(cluster: str) -> bool:
    return unicodedata.category(cluster[0]) in {"So", "Sk", "Sm"}
