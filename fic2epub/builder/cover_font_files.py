"""The font files at hand, and which letters each has.

Source Serif Pro comes with the package ``font-source-serif-pro`` (Latin, Greek, Cyrillic), Noto CJK with the
extra ``cjk``; fontconfig names those of the system. Whether a font has a letter is seen in the picture: its
glyph differs from that of a code point that no font has. So no reader of font tables is needed, and what
is tested is what will be drawn.
"""

import sys
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont, features

from fic2epub.errors import UsageError
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from PIL._imaging import ImagingCore

__all__ = [
    "ITALIC",
    "REGULAR",
    "SEMIBOLD",
    "Typeface",
    "covers",
    "has_raqm",
    "letters",
    "load",
    "packaged",
    "read_font",
    "system",
]

REGULAR, ITALIC, SEMIBOLD = "Regular", "It", "Semibold"
"""The cuts of Source Serif Pro that covers use, as its files name them."""

_MISSING = "\U0010fffe"
"""A noncharacter: every font answers with its .notdef glyph."""
_PROBE_SIZE = 32
_SYSTEM_TRIES = 12
"""fc-match sorts by how many of the letters a font has, so the first few decide."""
_NOTO_CJK = (
    ("noto_cjk_serif_otc", "NotoSerifCJK-Regular.ttc"),
    ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"),
)
_CJK_FACES = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-hk": 4, "yue": 4}
"""A language's face in Noto's collections (noto-cjk-sans-otc 0.0.1, seen 2026-11)."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file and the face in it."""

    path: str
    index: int = 0
    system: bool = False
    """True if fontconfig found it."""


@lru_cache(maxsize=1)
def has_raqm() -> bool:
    """True if Pillow can set joined and right-to-left scripts: raqm is built in and FriBiDi is found."""
    return bool(features.check("raqm") and features.check("fribidi"))


@lru_cache(maxsize=128)
def load(face: Typeface, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels. Raises OSError if the file is none, or has no outlines."""
    engine = ImageFont.Layout.RAQM if has_raqm() else ImageFont.Layout.BASIC
    return ImageFont.truetype(face.path, size, index=face.index, layout_engine=engine)


@lru_cache(maxsize=24)
def letters(
    face: Typeface, size: int, text: str, direction: str | None, start: float
) -> tuple["ImagingCore", tuple[int, int]]:
    """A text's picture in gray, and where it begins, from the pen's place on the baseline.

    ``start`` is the pen's fraction of a pixel. The last ones are kept: a line that was placed by what it inks
    is drawn soon after.
    """
    return load(face, size).getmask2(text, "L", direction=direction, anchor="ls", start=(start, 0.0))


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


def covers(face: Typeface, text: str) -> bool:
    """True if the font has a glyph for every visible character."""
    return all(_has_glyph(face, char) for char in set(text))


@lru_cache(maxsize=4096)
def _has_glyph(face: Typeface, char: str) -> bool:
    if char.isspace() or unicodedata.category(char) == "Cf":
        return True
    picture = _picture(face, char)
    return picture is not None and picture != _picture(face, _MISSING)


@lru_cache(maxsize=1024)
def _picture(face: Typeface, char: str) -> tuple[bytes, float] | None:
    """The glyph's pixels and advance; None if there are none, or the font cannot be drawn with."""
    font = _probe(face)
    if font is None:
        return None
    mask = bytes(font.getmask(char))
    return (mask, font.getlength(char)) if any(mask) else None


@lru_cache(maxsize=64)
def _probe(face: Typeface) -> ImageFont.FreeTypeFont | None:
    """The font at a size for looking at single glyphs; read once, which takes longer than a glyph."""
    try:
        return ImageFont.truetype(
            face.path, _PROBE_SIZE, index=face.index, layout_engine=ImageFont.Layout.BASIC
        )
    except OSError:  # a font of bitmaps (colour emoji) has no such size
        return None


def packaged(cut: str, language: str) -> list[Typeface]:
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
    folder = _package_folder(package)
    path = Path(folder) / name if folder else None
    return str(path) if path is not None and path.is_file() else None


@lru_cache(maxsize=4)
def _package_folder(package: str) -> str | None:
    spec = find_spec(package)  # importlib.resources would do, and takes 20 ms to import
    folders = spec.submodule_search_locations if spec is not None else None
    return folders[0] if folders else None


def _cjk_face(language: str) -> int:
    """A character's form follows the book's language; Simplified Chinese where it does not say."""
    tag = language.casefold()
    return _CJK_FACES.get(tag, _CJK_FACES.get("-".join(tag.split("-")[:2]), _CJK_FACES.get(tag[:2], 2)))


@lru_cache(maxsize=64)
def system(text: str) -> tuple[Typeface, ...]:
    """Fonts of the system that may have these letters, the likeliest first; () without fontconfig."""
    import shutil
    import subprocess

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
