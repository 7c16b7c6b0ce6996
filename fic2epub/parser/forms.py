"""Step 4a of the route, one of its rules: how a dump sets its paragraphs.

It is decided once, from the dump's own lines:

[certain] form.wrapped  lines end where the next word would pass the margin: joined to paragraphs; blank
                        lines, an indent or a line that stops short part them
[likely]  form.single   hardly a blank line anywhere: a line is a paragraph
[likely]  form.block    blank lines between paragraphs: a line is a paragraph here too, because the
                        tool that makes such dumps ends a line only at ``<p>`` and ``<br>``

A poem, a list or a letter's head inside wrapped text keeps its lines, because they stop short of the
margin. The rows of a table or a log are no wrapped text, though they may be of one length: they begin alike.
Lines of a script without spaces are none either unless they are all of one length.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from fic2epub.parser.breaks import is_scene_break
from fic2epub.values import dataclass

__all__ = ["Form", "Line", "find_form", "joined", "paragraphs"]

FIGURE_RE = re.compile(r"\d+")
WRAP_SHARE = 0.9
"""Of the lines that go on in the next one, how many must end at the margin. Text that was typed and
not wrapped stays under .5 in every dump and sample at hand; text wrapped by a program is at 1."""
WRAP_LONGEST = 100
"""No mail or news client, and no converter, wraps wider (72 to 80 is usual)."""
OVERLONG = 0.02
"""Lines that may pass the margin: addresses of the web, which no program breaks, and pasted notes."""
ALIKE = 0.5
"""Of all lines, how many begin with the same word, figures aside, where it is no accident of wrapping."""
RAGGED = 10
"""Characters that a line set by hand may stop short of the margin (Usenet, 1990 to 1995)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that shows something: number, extent of what shows, its repaired text."""

    number: int
    start: int
    end: int
    text: str
    indent: str
    trail: bool
    blanks: int
    spacers: int


@dataclass(frozen=True, slots=True)
class Form:
    """How the dump sets its paragraphs, and for wrapped text its margin."""

    name: str
    width: int = 0
    slack: int = 0
    """Characters that a full line may stop short of the margin."""
    spacing: int = 0
    """Blank lines between the lines of one paragraph: 1 in a double-spaced text."""


def find_form(lines: Sequence[Line]) -> Form:
    """How the dump sets its paragraphs."""
    going_on = sum(not line.blanks for line in lines[1:])
    if len(lines) > 4:
        lengths = sorted(len(line.indent) + len(line.text) for line in lines)
        width = lengths[-1 - max(int(OVERLONG * len(lengths)), len(lengths) >= 20)]
        if width <= WRAP_LONGEST:
            # Double spacing is looked for only where hardly a line stands close below another.
            spacing = 1 if going_on < 0.1 * len(lines) else 0
            for slack in (0, RAGGED):
                form = Form("form.wrapped", width, slack, spacing)
                if _is_wrapped(lines, form) and not _begin_alike(lines):
                    return form
    return Form("form.single" if going_on > 0.7 * max(1, len(lines) - 1) else "form.block")


def _is_wrapped(lines: Sequence[Line], form: Form) -> bool:
    """Whether lines that go on end at the margin, as often as a program that wraps would have it."""
    pairs = [(a, b) for a, b in pairwise(lines) if b.blanks <= form.spacing]
    if len(pairs) < 4:
        return False
    full = [_reaches_margin(a, b, form) for a, b in pairs]
    if form.slack or form.spacing:
        # By hand, or double-spaced: most lines are long, or any list of short lines would do.
        long = sum(len(a.indent) + len(a.text) >= 0.75 * form.width for a, _ in pairs)
        if long < 0.7 * len(pairs) or form.width < 50:
            return False
    either = sum(reaches or _ends(a) for reaches, (a, _) in zip(full, pairs, strict=True))
    return either >= WRAP_SHARE * len(pairs) and sum(full) >= 0.5 * len(pairs)


def _begin_alike(lines: Sequence[Line]) -> bool:
    """Whether lines are rows: a date, a number or the same word stands at the head of most."""
    first = Counter(FIGURE_RE.sub("0", line.text.split(None, 1)[0]) for line in lines)
    return first.most_common(1)[0][1] > ALIKE * len(lines)


def _reaches_margin(line: Line, following: Line, form: Form) -> bool:
    """Whether the next line's first word had no room at the end of this one."""
    word = following.text.split(None, 1)[0]
    # A script without spaces breaks between any two characters.
    room = 1 if _is_wide(word[0]) else 1 + len(word)
    return len(line.indent) + len(line.text) + room + form.slack > form.width


def _is_wide(character: str) -> bool:
    """Whether a character belongs to a script that is written without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef"


def _ends(line: Line) -> bool:
    """Whether a line may end its paragraph: it closes a sentence."""
    return line.text[-1] in ".!?…\"”’'»)*~。！？」』"


def paragraphs(lines: Sequence[Line], form: Form) -> Iterator[list[Line]]:
    """Group lines to paragraphs: one each, but for wrapped text."""
    if form.name != "form.wrapped":
        for line in lines:
            yield [line]
        return
    indented = sum(bool(line.indent) for line in lines)
    by_indent = 0.05 * len(lines) <= indented <= 0.75 * len(lines)
    group: list[Line] = []
    for line in lines:
        if group and (
            line.blanks > form.spacing
            or (by_indent and line.indent)
            or is_scene_break(line.text)
            or is_scene_break(group[-1].text)
            or not _reaches_margin(group[-1], line, form)
        ):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def joined(group: Sequence[Line]) -> str:
    """The text of a paragraph: its lines with a space between, none in a script without spaces."""
    parts = [group[0].text]
    for above, below in pairwise(group):
        parts += ["" if _is_wide(above.text[-1]) and _is_wide(below.text[0]) else " ", below.text]
    return "".join(parts)
