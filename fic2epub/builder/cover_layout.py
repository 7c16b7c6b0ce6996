"""Where everything stands on a cover, as data that tests can read.

One page of 1600 × 2400 with margins of 144; six layouts share it, and each gives what the text leaves over
to the ornament, so a short title makes a large picture and a long one a small picture. All text stands
on the palette's ground. The order down the page: title, author, pairing, fandom (or an anthology's
works), the strip. Without a title the author's name is set in its place.
"""

from collections.abc import Callable
from dataclasses import replace

from fic2epub.builder.cover import CoverFace
from fic2epub.builder.cover_design import Colour, Design, is_nearly_white, pick
from fic2epub.builder.cover_font_files import Typeface
from fic2epub.builder.cover_fonts import Setting
from fic2epub.builder.cover_lines import Room
from fic2epub.builder.cover_patterns import PATTERNS
from fic2epub.builder.cover_scenes import SCENES
from fic2epub.builder.cover_text import Block, Box, PlacedLine, Texts, block, read_texts
from fic2epub.model import Finding, Level
from fic2epub.values import dataclass

__all__ = ["HEIGHT", "MARGIN", "WIDTH", "Layout", "lay_out"]

WIDTH, HEIGHT, MARGIN = 1600, 2400, 144
RIGHT = WIDTH - MARGIN
STRIP_RULE, STRIP_TOP, STRIP_HEIGHT = 2124, 2166, 90
TEXT_END = 2040
"""Where the text or ornament above the strip ends."""

_GAPS = {"title": 0, "author": 150, "pairing": 62, "fandom": 34, "member": 26}
"""Above each block; the author's leaves place for a short rule, an anthology's first work too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A cover before it is painted. What comes first lies lowest."""

    design: Design
    ornament: Box
    round: bool = False
    """True if the ornament is cut to a disc."""
    plates: tuple[Box, ...] = ()
    """Panels of the ground's colour on the ornament."""
    frames: tuple[tuple[Box, int], ...] = ()
    """Outlines in the accent's colour, with their thickness."""
    rules: tuple[Box, ...] = ()
    """Filled with the accent's colour."""
    lines: tuple[PlacedLine, ...]
    findings: tuple[Finding, ...] = ()
    bordered: bool = False
    """True if the page needs a thin gray border: its ground is nearly white."""


@dataclass(frozen=True, slots=True)
class _Stack:
    """Blocks under each other, placed from (0, 0)."""

    lines: tuple[PlacedLine, ...] = ()
    rules: tuple[Box, ...] = ()
    height: int = 0
    cut: tuple[str, ...] = ()

    def moved(self, x: int, y: int) -> "_Stack":
        rules = tuple((left + x, top + y, right + x, low + y) for left, top, right, low in self.rules)
        return replace(self, lines=tuple(line.moved(x, y) for line in self.lines), rules=rules)


@dataclass(frozen=True, slots=True)
class _Page:
    """What the layouts work with."""

    texts: Texts
    design: Design

    @property
    def side(self) -> str:
        """Where lines begin: at the right if the title is read from there."""
        lead = self.texts.title or self.texts.author
        return "right" if lead is not None and lead.right_to_left else "left"

    def stack(self, width: int, height: int, *, align: str, largest: int = 270) -> _Stack:
        """All text but the strip; the title gets the height that the rest leaves."""
        rest = self.under_title(width, align=align)
        title = self.title(width, height - rest.height, align=align, largest=largest)
        return _join(title, rest)

    def title(self, width: int, height: int, *, align: str, largest: int = 270) -> _Stack:
        """The title, or the author's name where there is none."""
        setting = self.texts.title or self.texts.author
        if setting is None:
            return _Stack()
        most = 340 if len(setting.text) < 8 else largest
        room = Room(width=width, height=height, largest=most, floor=72, lowest=40, lines=24, leading=1.1)
        role = "title" if self.texts.title else "author"
        made = block(role, setting, _airy(room, setting), self.design.palette.ink, align)
        return _Stack(made.lines, (), made.height, (role,) if made.cut else ())

    def under_title(self, width: int, *, align: str) -> _Stack:
        """Author, pairing, fandom or an anthology's works; empty if there are none."""
        stack, palette = _Stack(), self.design.palette
        author = self.texts.author if self.texts.title else None
        for role, setting, largest, lines, ink in (
            ("author", author, 116, 2, palette.accent),
            ("pairing", self.texts.pairing, 84, 3, palette.ink),
            ("fandom", self.texts.fandom, 60, 2, palette.ink),
            *(("member", member, 58, 1, palette.ink) for member in self.texts.members),
        ):
            if setting is not None:
                stack = _under(stack, self.small(role, setting, width, largest, lines, ink, align), role)
        return _ruled(stack, width, align)

    def small(
        self, role: str, setting: Setting, width: int, largest: int, lines: int, ink: Colour, align: str
    ) -> Block:
        """A block of the smaller texts; one that has a single line keeps its size beside its like."""
        leading = 1.22
        room = Room(
            width=width,
            height=round(largest * leading * lines + largest),
            largest=largest,
            floor=largest if lines == 1 else 48,
            lowest=largest if lines == 1 else 44,
            lines=lines,
            leading=leading,
        )
        return block(role, setting, _airy(room, setting), ink, align)

    def strip(self, left: int, right: int, top: int, *, centred: bool = False) -> _Stack:
        """Length and state: one at each end of the line, or all in the middle of it."""
        if not self.texts.strip:
            return _Stack()
        whole, *ends = self.texts.strip
        groups = [(whole, "centre")] if centred else [(whole, "left")]
        if len(ends) == 2 and not centred:
            groups = [(ends[0], "left"), (ends[1], "right")]
        gap = 56
        room = (right - left - gap * (len(groups) - 1)) / sum(text.width(text.text, 72) for text, _ in groups)
        size = max(44, min(72, int(72 * room * 0.98)))
        lines: list[PlacedLine] = []
        cut: tuple[str, ...] = ()
        for setting, align in groups:
            start = max((line.box[2] + gap for line in lines), default=left)
            made = self.small("facts", setting, right - start, size, 1, self.design.palette.ink, align)
            lines += [line.moved(start, top - made.lines[0].y + 60) for line in made.lines]
            cut += ("line at the foot",) if made.cut else ()
        return _Stack(tuple(lines), (), STRIP_HEIGHT, cut)


def lay_out(face: CoverFace, *, reader: Typeface | None = None) -> Layout:
    """Place a face's words and its ornament; ``reader`` is the reader's own font."""
    design = pick(face.seed, patterns=len(PATTERNS), scenes=len(SCENES))
    texts = read_texts(face, reader)
    layout = _LAYOUTS[design.layout](_Page(texts, design))
    return replace(
        layout,
        findings=(*texts.findings, *layout.findings),
        bordered=is_nearly_white(design.palette.ground),
    )


def _band(page: _Page) -> Layout:
    """The ornament above, text below it from the left."""
    stack = page.stack(RIGHT - MARGIN, TEXT_END - 560, align=page.side)
    top = max(560, min(TEXT_END - stack.height, 1300))
    return _built(page, (0, 0, WIDTH, top - 130), stack.moved(MARGIN, top))


def _foot(page: _Page) -> Layout:
    """Text above from the left, the ornament below it."""
    stack = page.stack(RIGHT - MARGIN, TEXT_END - 190 - 520, align=page.side).moved(MARGIN, 190)
    return _built(page, (0, max(190 + stack.height + 110, 900), WIDTH, TEXT_END + 10), stack, rule=False)


def _column(page: _Page) -> Layout:
    """The ornament down the left, like a spine's cloth."""
    left, top = 530, 190
    rest = page.under_title(RIGHT - left, align=page.side)
    title = page.title(RIGHT - left, TEXT_END - top - rest.height, align=page.side, largest=250)
    rest = rest.moved(0, TEXT_END - top - rest.height - title.height)
    return _built(page, (0, 0, left - 110, HEIGHT), _join(title, rest).moved(left, top), left=left)


def _plate(page: _Page) -> Layout:
    """Patterned paper all over, a label pasted on it."""
    left, right, pad = 170, WIDTH - 170, 92
    stack = page.stack(right - left - 2 * pad, 1500, align="centre", largest=230)
    height = max(stack.height + 2 * pad + 60, 700)
    top = max(150, 1020 - height // 2)
    label = (left, top, right, top + height)
    stack = stack.moved(left + pad, top + (height - stack.height) // 2)
    strip = (left, 2050, right, 2230)
    layout = _built(page, (0, 0, WIDTH, HEIGHT), stack, left=left + pad, centred=True, strip_top=2106)
    plates = (label, strip) if page.texts.strip else (label,)
    frames = tuple((_inset(plate, 26), 5) for plate in plates)
    return replace(layout, plates=plates, frames=frames, rules=stack.rules)


def _medal(page: _Page) -> Layout:
    """The ornament in a disc, text centred under it, a double frame round the page."""
    room = 2010 - 190 - 440 - 110
    stack = page.stack(RIGHT - MARGIN - 60, room, align="centre", largest=230)
    across = max(440, min(2010 - 190 - 110 - stack.height, 900))
    left, top = (WIDTH - across) // 2, 190
    free = 2010 - top - across - 110 - stack.height
    top += max(0, free // 3)
    disc = (left, top, left + across, top + across)
    stack = stack.moved(MARGIN + 30, top + across + 110 + max(0, free // 4))
    layout = _built(page, disc, stack, left=MARGIN + 30, centred=True)
    page_frame = (0, 0, WIDTH, HEIGHT)
    return replace(layout, round=True, frames=((_inset(page_frame, 56), 10), (_inset(page_frame, 80), 3)))


def _inset_panel(page: _Page) -> Layout:
    """Title, a framed panel of ornament, then the author: as on a title page with a cut."""
    width = RIGHT - MARGIN
    rest = page.under_title(width, align="centre")
    rest = replace(rest, rules=())
    title = page.title(width, TEXT_END - 190 - 400 - rest.height - 200, align="centre").moved(MARGIN, 190)
    under = rest.moved(MARGIN, TEXT_END - rest.height)
    gap = 40 if rest.lines else 0
    panel = (MARGIN, 190 + title.height + 110, RIGHT, TEXT_END - rest.height + gap)
    stack = _Stack((*title.lines, *under.lines), (), 0, (*title.cut, *rest.cut))
    layout = _built(page, panel, stack, centred=True)
    return replace(layout, frames=((_inset(panel, -22), 4),))


_LAYOUTS: dict[str, Callable[[_Page], Layout]] = {
    "band": _band,
    "foot": _foot,
    "column": _column,
    "plate": _plate,
    "medal": _medal,
    "inset": _inset_panel,
}


def _built(
    page: _Page,
    ornament: Box,
    stack: _Stack,
    *,
    left: int = MARGIN,
    centred: bool = False,
    strip_top: int = STRIP_TOP,
    rule: bool = True,
) -> Layout:
    """A layout with its strip, from ``left`` to the same distance from the right, or to the margin."""
    right = WIDTH - left if centred else RIGHT
    strip = page.strip(left, right, strip_top, centred=centred)
    line = ((left, STRIP_RULE, right, STRIP_RULE + 4),) if rule and strip.lines else ()
    cut = (*stack.cut, *strip.cut)
    findings = tuple(
        Finding(
            "cover.text-cut",
            Level.WARNING,
            f"The cover shows only the beginning of the {what}: it is too long.",
        )
        for what in cut
    )
    return Layout(
        design=page.design,
        ornament=ornament,
        rules=(*stack.rules, *line),
        lines=(*stack.lines, *strip.lines),
        findings=findings,
    )


def _under(stack: _Stack, added: Block, role: str) -> _Stack:
    """The stack with one more block below it."""
    top = stack.height + (_GAPS[role] if stack.lines else _GAPS["author"])
    lines = tuple(line.moved(0, top) for line in added.lines)
    cut = (role,) if added.cut and role != "member" else ()
    return _Stack((*stack.lines, *lines), stack.rules, top + added.height, (*stack.cut, *cut))


def _ruled(stack: _Stack, width: int, align: str) -> _Stack:
    """The stack with a short rule above its first block."""
    if not stack.lines:
        return stack
    left = {"left": 0, "centre": (width - 120) // 2, "right": width - 120}[align]
    return replace(stack, rules=((left, 68, left + 120, 78),))


def _join(title: _Stack, rest: _Stack) -> _Stack:
    below = rest.moved(0, title.height)
    return _Stack(
        (*title.lines, *below.lines), below.rules, title.height + rest.height, (*title.cut, *rest.cut)
    )


def _airy(room: Room, setting: Setting) -> Room:
    """More room between lines for scripts whose letters reach higher and lower than Latin's."""
    tall = setting.joined or any(ord(char) > 0x2E80 for char in setting.text)
    return replace(room, leading=1.34) if tall else room


def _inset(box: Box, by: int) -> Box:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by
