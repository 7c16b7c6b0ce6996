"""The words of one cover with their fonts, and blocks of lines made of them.

Everything that could not be set, or not whole, becomes a finding here; the layouts only place blocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from fic2epub.builder.cover import CoverFace, byline, facts, members_shown
from fic2epub.builder.cover_design import Colour
from fic2epub.builder.cover_font_files import ITALIC, REGULAR, SEMIBOLD, Typeface, covers, has_raqm, letters
from fic2epub.builder.cover_fonts import Setting, set_text
from fic2epub.builder.cover_lines import Fitted, Room, fit
from fic2epub.model import Finding, Level
from fic2epub.values import dataclass

__all__ = ["Block", "Box", "PlacedLine", "Texts", "block", "read_texts"]

Box = tuple[int, int, int, int]
"""Left, top, right, bottom; pixels, the last two not included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """One line of text where it stands."""

    role: str
    """``title``, ``author``, ``pairing``, ``fandom``, ``member`` or ``facts``."""
    text: str
    setting: Setting
    size: int
    x: int
    y: int
    """The baseline."""
    box: Box
    """What is inked."""
    ink: Colour

    def moved(self, x: int, y: int) -> "PlacedLine":
        """The same line elsewhere."""
        left, top, right, bottom = self.box
        return replace(self, x=self.x + x, y=self.y + y, box=(left + x, top + y, right + x, bottom + y))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together, placed from (0, 0)."""

    lines: tuple[PlacedLine, ...]
    height: int
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What could be set of a face; None for what is absent or has no font."""

    title: Setting | None
    author: Setting | None
    pairing: Setting | None
    fandom: Setting | None
    members: tuple[Setting, ...]
    strip: tuple[Setting, ...]
    """All that the strip says; then its first fact and the rest, if there is more than one."""
    findings: tuple[Finding, ...]


def read_texts(face: CoverFace, reader: Typeface | None) -> Texts:
    """Find fonts for every text of a face, and say what has none."""
    findings: list[Finding] = []

    def find(what: str, text: str | None, cut: str) -> Setting | None:
        if not text or not text.strip():
            return None
        setting = set_text(text, cut, language=face.language, reader=reader)
        findings.extend(_notices(what, text, setting, reader))
        return setting

    tags = not face.discreet and not face.members
    shown = members_shown(face) if not face.discreet else ()
    members = (find("line for a work", member, REGULAR) for member in shown)
    texts = {
        "title": find("title", face.title, SEMIBOLD),
        "author": find("author's name", byline(face.authors), REGULAR),
        "pairing": find("pairing", face.pairing if tags else None, ITALIC),
        "fandom": find("fandom", _english(face.fandom) if tags else None, REGULAR),
    }
    return Texts(
        **texts,
        members=tuple(member for member in members if member),
        strip=_strip(face, find),
        findings=tuple(dict.fromkeys(findings)),
    )


def _english(fandom: str | None) -> str | None:
    """The last of AO3's names for one fandom: original | transliterated | English."""
    return fandom.rsplit(" | ", 1)[-1] if fandom else None


def _strip(face: CoverFace, find: Callable[[str, str, str], Setting | None]) -> tuple[Setting, ...]:
    """The strip's texts, of the facts that have a font."""
    drawn = [fact for fact in facts(face) if find("line at the foot", fact, REGULAR)]
    texts = [" · ".join(drawn), drawn[0], " · ".join(drawn[1:])] if len(drawn) > 1 else drawn
    return tuple(made for made in (find("line at the foot", text, REGULAR) for text in texts) if made)


def _notices(what: str, text: str, setting: Setting | None, reader: Typeface | None) -> Iterator[Finding]:
    advice = "Name a font that has them with --cover-font."
    if setting is None:
        why = "no font at hand has all its letters"
        if not has_raqm():
            why += ", or its script needs Pillow with raqm and the system library FriBiDi"
        yield _warning("cover.text-undrawn", f"The cover shows no {what} ({text}): {why}. {advice}")
        return
    if setting.left_out:
        message = f"The cover leaves {setting.left_out} out of the {what}: no font at hand has it. {advice}"
        yield _warning("cover.symbol-left-out", message)
    if reader is not None and not covers(reader, setting.text):
        yield _warning(
            "cover.font-lacks", f"{reader.path} lacks letters of the {what}; another font has them."
        )
    for face in setting.faces:
        if face.system:
            message = (
                f"The cover's {what} uses {face.path}, a font of this system: it looks different elsewhere."
            )
            yield Finding("cover.system-font", Level.INFO, message)


def _warning(rule: str, message: str) -> Finding:
    return Finding(rule, Level.WARNING, message)


def block(role: str, setting: Setting, room: Room, ink: Colour, align: str) -> Block:
    """A text set into a room. ``align`` is ``left``, ``right`` or ``centre``.

    A letter that reaches far up or down (stacked accents) pushes its line away from the one above, and
    one may reach out sideways; if that makes the block too large for the room, it is set smaller.
    """
    inner = room
    for _ in range(6):
        fitted = fit(setting.text, inner, setting.width)
        made = _stacked(role, setting, fitted, room, ink, align)
        high = made.height - room.height
        wide = max(line.box[2] - line.box[0] for line in made.lines) - room.width
        if (high <= 0 and wide <= 0) or fitted.size <= room.lowest:
            break
        inner = replace(
            inner,
            height=inner.height - (max(8, high) if high > 0 else 0),
            width=inner.width - (max(8, wide) if wide > 0 else 0),
        )
    return made


def _stacked(role: str, setting: Setting, fitted: Fitted, room: Room, ink: Colour, align: str) -> Block:
    size, lines, below = fitted.size, [], 0
    baseline = 0
    for index, text in enumerate(fitted.lines):
        left, top, right, bottom = _ink(setting, text, size)
        if index == 0:
            baseline = -min(top, round(-0.66 * size))
        else:
            baseline += max(round(size * room.leading), below - top + round(0.08 * size))
        free = room.width - (right - left)
        x = {"left": 0, "centre": free // 2, "right": free}[align] - left
        box = (x + left, baseline + top, x + right, baseline + bottom)
        lines.append(
            PlacedLine(role=role, text=text, setting=setting, size=size, x=x, y=baseline, box=box, ink=ink)
        )
        below = bottom
    return Block(tuple(lines), baseline + max(below, round(0.2 * size)), fitted.cut)


def _ink(setting: Setting, line: str, size: int) -> Box:
    """What a line inks, from its origin on the baseline."""
    x, boxes = 0.0, []
    for run, face in setting.runs(line):
        mask, (left, top) = letters(face, size, run, setting.direction, 0.0)
        boxes.append((x + left, top, x + left + mask.size[0], top + mask.size[1]))
        x += setting.length(face, size, run)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return int(min(lefts)), int(min(tops)), int(max(rights)) + 1, int(max(bottoms)) + 1
