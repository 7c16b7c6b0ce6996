"""Which font has the letters of a text, and how wide it runs. Never a box in place of a letter.

In order of preference: the reader's own file; Source Serif Pro (package ``font-source-serif-pro``: Latin,
Greek, Cyrillic); Noto CJK (extra ``cjk``); a font of the system, found by fontconfig. A text mixes fonts
letter by letter, except in scripts whose letters join, reorder or run from right to left: those need one
font for the whole text, and Pillow's raqm layout. Pillow's wheels contain raqm and HarfBuzz but load
FriBiDi from the system; without it such a text is not drawn, because it would come out backwards.

Whether a font has a letter is seen in the picture: its glyph differs from that of a code point that no
font has. So no reader of font tables is needed, and what is tested is what will be drawn.
"""

import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

from PIL import ImageFont, features

from fic2epub.errors import UsageError

__all__ = [
    "BOLD",
    "ITALIC",
    "REGULAR",
    "SEMIBOLD",
    "Setting",
    "Typeface",
    "clusters",
    "covers",
    "has_raqm",
    "load",
    "read_font",
    "set_text",
]

REGULAR, ITALIC, SEMIBOLD, BOLD = "Regular", "It", "Semibold", "Bold"

_MISSING = "\U0010fffe"
"""A noncharacter: every font answers with its .notdef glyph."""
_PROBE_SIZE = 32
_LINE_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
"""Marks of embedded direction: a line break would part the pairs, and raqm finds the order without."""
_SELECTORS = ("\N{VARIATION SELECTOR-15}", "\N{VARIATION SELECTOR-16}", "\N{ZERO WIDTH JOINER}")
_NOTO_CJK = (
    ("noto_cjk_serif_otc", "NotoSerifCJK-Regular.ttc"),
    ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"),
)
_CJK_FACES = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-hk": 4, "yue": 4}
"""A language's face in Noto's collections (noto-cjk-sans-otc 0.0.1, seen 2026-11)."""
_JOINING = ((0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x18AF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC))
"""Hebrew to Arabic, the scripts of India and South-East Asia, Khmer, Mongolian, presentation forms."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file and the face in it."""

    path: str
    index: int = 0
    system: bool = False
    """True if fontconfig found it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A text with the fonts that will draw it."""

    text: str
    faces: tuple[Typeface, ...] = ()
    """In order of preference; together they have every letter."""
    right_to_left: bool = False
    joined: bool = False
    """True if the whole text needs one font and raqm."""
    left_out: str = ""
    """Symbols that no font has, left out of ``text``."""

    def runs(self, line: str) -> Iterator[tuple[str, Typeface]]:
        """The line, or a part of it, cut where the font changes."""
        if len(self.faces) == 1:
            yield line, self.faces[0]
            return
        run, current = "", self.faces[0]
        for cluster in clusters(line):
            wanted = current
            if not cluster.isspace():
                wanted = next(face for face in self.faces if covers(face, cluster))
            if wanted != current and run:
                yield run, current
                run = ""
            run, current = run + cluster, wanted
        yield run, current

    def width(self, line: str, size: int) -> float:
        """How far the line runs, in pixels."""
        return sum(load(face, size).getlength(run, direction=self.direction) for run, face in self.runs(line))

    @property
    def direction(self) -> str | None:
        """What Pillow's text functions want; None without raqm, which alone understands it."""
        if not has_raqm():
            return None
        return "rtl" if self.right_to_left else "ltr"


def set_text(text: str, cut: str, *, language: str, reader: Typeface | None) -> Setting | None:
    """Find fonts for the whole of a text; None if there are none, or if the text is empty.

    ``cut`` is one of Source Serif's. If only symbols are missing (an emoji beside words), they alone are
    left out; a text of nothing else gives None.
    """
    text = _clean(text)
    setting = Setting(text, right_to_left=_right_to_left(text), joined=any(map(_joins, text)))
    own = (*([reader] if reader else ()), *_packaged(cut, language))
    if not text or (setting.joined and not has_raqm()):
        return None
    if setting.joined:
        first = next((face for face in _then_system(own, text) if covers(face, text)), None)
        return replace(setting, faces=(first,)) if first else None
    return _mixed(setting, own)


def _mixed(setting: Setting, own: tuple[Typeface, ...]) -> Setting | None:
    """A font for each letter by itself: the first that has it."""
    left = [cluster for cluster in dict.fromkeys(clusters(setting.text)) if not cluster.isspace()]
    used: list[Typeface] = []
    for faces in (own, None):
        for face in _system("".join(left)) if faces is None and left else faces or ():
            had = {cluster for cluster in left if covers(face, cluster)}
            left = [cluster for cluster in left if cluster not in had]
            used += [face] if had else []
    kept = _clean("".join(cluster for cluster in clusters(setting.text) if cluster not in left))
    if not left:
        return replace(setting, faces=tuple(used))
    if all(map(_is_symbol, left)) and any(map(str.isalnum, kept)):
        return replace(setting, text=kept, faces=tuple(used), left_out="".join(left))
    return None


def _then_system(own: Iterable[Typeface], text: str) -> Iterator[Typeface]:
    yield from own
    yield from _system(text)


@lru_cache(maxsize=1)
def has_raqm() -> bool:
    """True if Pillow can set joined and right-to-left scripts: raqm is built in and FriBiDi is found."""
    return bool(features.check("raqm") and features.check("fribidi"))


@lru_cache(maxsize=128)
def load(face: Typeface, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels. Raises OSError if the file is none, or has no outlines."""
    engine = ImageFont.Layout.RAQM if has_raqm() else ImageFont.Layout.BASIC
    return ImageFont.truetype(face.path, size, index=face.index, layout_engine=engine)


def read_font(path: Path) -> Typeface:
    """The reader's own font file. Raises UsageError if it cannot be read as a font."""
    face = Typeface(str(path))
    try:
        load(face, _PROBE_SIZE)
    except OSError as error:
        raise UsageError(
            f"{path}: no font that can be drawn with ({error}). "
            "Name a TrueType or OpenType file (.ttf, .otf, .ttc) with --cover-font."
        ) from error
    return face


def clusters(text: str) -> list[str]:
    """Letters with their accents, as a reader counts them; joined they are the text again.

    >>> clusters("a\u0301b")
    ['á', 'b']
    """
    found: list[str] = []
    for char in text:
        if found and (unicodedata.category(char) in {"Mn", "Me"} or char in _SELECTORS):
            found[-1] += char
        else:
            found.append(char)
    return found


def covers(face: Typeface, text: str) -> bool:
    """True if the font has a glyph for every visible character."""
    return all(_has_glyph(face, char) for char in text)


@lru_cache(maxsize=4096)
def _has_glyph(face: Typeface, char: str) -> bool:
    if char.isspace() or unicodedata.category(char) == "Cf" or char in _SELECTORS:
        return True
    picture = _picture(face, char)
    return picture is not None and picture != _picture(face, _MISSING)


@lru_cache(maxsize=1024)
def _picture(face: Typeface, char: str) -> tuple[bytes, float] | None:
    """The glyph's pixels and advance; None if there are none, or the font cannot be drawn with."""
    try:
        font = ImageFont.truetype(
            face.path, _PROBE_SIZE, index=face.index, layout_engine=ImageFont.Layout.BASIC
        )
    except OSError:  # a font of bitmaps (colour emoji) has no such size
        return None
    mask = bytes(font.getmask(char))
    return (mask, font.getlength(char)) if any(mask) else None


def _packaged(cut: str, language: str) -> list[Typeface]:
    """The fonts that came with the program: Source Serif in a cut, then upright, then Noto CJK."""
    wanted = [
        ("font_source_serif_pro", f"files/SourceSerifPro-{cut}.ttf", 0),
        # The italics lack Greek, Cyrillic and Vietnamese (font-source-serif-pro 0.0.1).
        ("font_source_serif_pro", f"files/SourceSerifPro-{REGULAR}.ttf", 0),
        *((package, name, _cjk_face(language)) for package, name in _NOTO_CJK),
    ]
    files = ((_package_file(package, name), index) for package, name, index in dict.fromkeys(wanted))
    return [Typeface(path, index) for path, index in files if path is not None]


@lru_cache(maxsize=16)
def _package_file(package: str, name: str) -> str | None:
    try:
        path = Path(str(resources.files(package))) / name
    except ModuleNotFoundError:
        return None
    return str(path) if path.is_file() else None


def _cjk_face(language: str) -> int:
    """A character's form follows the book's language; Simplified Chinese where it does not say."""
    tag = language.casefold()
    return _CJK_FACES.get(tag, _CJK_FACES.get("-".join(tag.split("-")[:2]), _CJK_FACES.get(tag[:2], 2)))


@lru_cache(maxsize=64)
def _system(text: str) -> tuple[Typeface, ...]:
    """Fonts of the system that may have these letters, the likeliest first; () without fontconfig."""
    program = shutil.which("fc-match")
    if program is None:
        return ()
    charset = " ".join(sorted({f"{ord(char):x}" for char in text if not char.isspace()}))
    pattern = f"serif:bold:scalable=true:color=false:charset={charset}"
    command = [program, "-s", "--format=%{index}|%{file}\n", pattern]
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = done.stdout.decode(sys.getfilesystemencoding(), "surrogateescape").splitlines()
    found = (line.partition("|") for line in lines[:_SYSTEM_TRIES])
    return tuple(Typeface(path, int(index) & 0xFFFF, True) for index, _, path in found if index.isdigit())


_SYSTEM_TRIES = 12
"""fc-match sorts by how many of the letters a font has, so the first few decide."""


def _clean(text: str) -> str:
    """One line, composed letters, no controls; what Pillow is to draw."""
    text = unicodedata.normalize("NFC", text.translate(_LINE_CONTROLS))
    visible = "".join(char if char.isprintable() or char in _SELECTORS else _blank(char) for char in text)
    return " ".join(visible.split())


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
