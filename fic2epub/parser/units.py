r"""Step 4a of the route: the body of a dump as units, the lines that a reader sees as one.

A unit is a paragraph as the dump shows it, a scene break, or a scene break glued inside a line.
How the dump sets its paragraphs is decided once, from its own lines:

[certain] form.wrapped  lines end where the next word would pass the margin: joined to paragraphs; blank
                        lines, an indent or a line that stops short part them
[likely]  form.single   hardly a blank line anywhere: a line is a paragraph
[likely]  form.block    blank lines between paragraphs: a line is a paragraph here too, because the
                        tool that makes such dumps ends a line only at ``<p>`` and ``<br>``

A poem, a list or a letter's head inside wrapped text keeps its lines, because they stop short of the
margin. Lines of a script without spaces are no wrapped text unless they are all of one length.

White space is what ``str.isspace`` says and U+200B, U+2060, U+FEFF and U+180E, which show nothing.
No word is changed here: a unit's text is its lines, repaired, without outer white space.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fic2epub.model import Repair, SourceText, Span
from fic2epub.parser.breaks import (
    LONGEST,
    LONGEST_RULE,
    find_glued_breaks,
    is_doubtful_break,
    is_scene_break,
)

__all__ = ["Body", "Unit", "blank", "read_body"]

INVISIBLE = "\u200b\u2060\ufeff\u180e"
SPACE = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
SPACE += "\u2028\u2029\u202f\u205f\u3000" + INVISIBLE
OUTER_RE = re.compile(f"[{re.escape(SPACE)}]*")

WRAP_SHARE = 0.9
"""Of the lines that go on in the next one, how many must end at the margin. Text that was typed and
not wrapped stays under .5 in every dump and sample at hand; text wrapped by a program is at 1."""
WRAP_LONGEST = 100
"""No mail or news client, and no converter, wraps wider (72 to 80 is usual)."""
OVERLONG = 0.02
"""Lines that may pass the margin: addresses of the web, which no program breaks, and pasted notes."""
RAGGED = 10
"""Characters that a line set by hand may stop short of the margin (Usenet, 1990 to 1995)."""
HABIT = 3
"""So many lines alike make a doubtful one a scene break: two may be one character's messages."""
HABIT_NEIGHBOUR = 40
"""Characters; a paragraph of narration has more, a message or a reply to one mostly fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One paragraph or scene break of the dump."""

    text: str
    """Repaired, without outer white space; wrapped lines are joined by a space."""
    span: Span
    """From its first character that shows to the last."""
    line: int
    """0-based, of the dump file."""
    end_line: int
    """Half-open."""
    blanks: int
    """Blank lines above it, spacers too."""
    spacers: int
    """Of those, the ones that hold a no-break space or its mojibake."""
    indent: str
    """The white space that its first line begins with."""
    trail: bool
    """Whether white space stands behind its last character."""
    rule: str | None = None
    """The rule that makes it a scene break (``break.glyphs`` …); None for a paragraph."""
    glued: bool = False
    """A scene break glued inside a line, or what follows it there."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a dump."""

    units: tuple[Unit, ...]
    form: str
    """``form.block``, ``form.single`` or ``form.wrapped``."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that shows something: number, extent of what shows, its repaired text."""

    number: int
    start: int
    end: int
    text: str
    indent: str
    trail: bool
    blanks: int
    spacers: int


def blank(text: str) -> bool:
    """Whether nothing of a text shows."""
    return not text.strip(SPACE)


def read_body(source: SourceText, body: Span, *, break_words: frozenset[str] = frozenset()) -> Body:
    """Read the units of ``body``, in order; none if it is blank."""
    lines = tuple(_lines(source, body))
    form = _form(lines)
    units: list[Unit] = []
    for group in _paragraphs(lines, form):
        units.extend(_units(group, break_words))
    return Body(tuple(_with_habits(units)), form.name)


def _lines(source: SourceText, body: Span) -> Iterator[_Line]:
    """The lines of the body that show something."""
    repairs = [r for r in source.repairs if body.start <= r.span.start < body.end]
    at, number, offset = 0, source.line_of(body.start), body.start
    blanks = spacers = 0
    for raw in source.text[body.start : body.end].split("\n"):
        start, end = offset, offset + len(raw)
        offset, number = end + 1, number + 1
        while at < len(repairs) and repairs[at].span.end <= start:
            at += 1
        last = at
        while last < len(repairs) and repairs[last].span.start < end:
            last += 1
        text = _mend(raw, start, repairs[at:last]) if last > at else raw
        shown = text.strip(SPACE)
        if not shown:
            blanks += 1
            spacers += "\xa0" in text or "\u3000" in text
            continue
        if last > at:
            first = _first_shown(raw, start, repairs[at:last])
            stop = _last_shown(raw, start, repairs[at:last])
        else:
            first = start + raw.index(shown[0])
            stop = first + len(shown)
        yield _Line(
            number - 1,
            first,
            stop,
            shown,
            text[: len(text) - len(text.lstrip(SPACE))],
            text[-1] in SPACE,
            blanks,
            spacers,
        )
        blanks = spacers = 0


def _mend(raw: str, start: int, repairs: Sequence[Repair]) -> str:
    """A line with its repairs applied."""
    parts, at = [], 0
    for repair in repairs:
        parts += [raw[at : repair.span.start - start], repair.after]
        at = repair.span.end - start
    return "".join([*parts, raw[at:]])


def _first_shown(raw: str, start: int, repairs: Sequence[Repair]) -> int:
    """The offset of the first character that shows, or of the repair that makes it."""
    by_start = {repair.span.start: repair for repair in repairs}
    at = start
    while at < start + len(raw):
        repair = by_start.get(at)
        if repair is not None:
            if not blank(repair.after):
                return at
            at = repair.span.end
        elif raw[at - start] in SPACE:
            at += 1
        else:
            return at
    return at


def _last_shown(raw: str, start: int, repairs: Sequence[Repair]) -> int:
    """The offset behind the last character that shows, or behind the repair that makes it."""
    by_end = {repair.span.end: repair for repair in repairs}
    at = start + len(raw)
    while at > start:
        repair = by_end.get(at)
        if repair is not None:
            if not blank(repair.after):
                return at
            at = repair.span.start
        elif raw[at - 1 - start] in SPACE:
            at -= 1
        else:
            return at
    return at


@dataclass(frozen=True, slots=True)
class _Form:
    """How the dump sets its paragraphs, and for wrapped text its margin."""

    name: str
    width: int = 0
    slack: int = 0
    """Characters that a full line may stop short of the margin."""
    spacing: int = 0
    """Blank lines between the lines of one paragraph: 1 in a double-spaced text."""


def _form(lines: Sequence[_Line]) -> _Form:
    """How the dump sets its paragraphs."""
    going_on = sum(not line.blanks for line in lines[1:])
    if len(lines) > 4:
        lengths = sorted(len(line.indent) + len(line.text) for line in lines)
        width = lengths[-1 - int(OVERLONG * len(lengths))]
        if width <= WRAP_LONGEST:
            # Double spacing is looked for only where hardly a line stands close below another.
            spacing = 1 if going_on < 0.1 * len(lines) else 0
            for slack in (0, RAGGED):
                form = _Form("form.wrapped", width, slack, spacing)
                if _is_wrapped(lines, form):
                    return form
    return _Form("form.single" if going_on > 0.7 * max(1, len(lines) - 1) else "form.block")


def _is_wrapped(lines: Sequence[_Line], form: _Form) -> bool:
    """Whether lines that go on end at the margin, as often as a program that wraps would have it."""
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if b.blanks <= form.spacing]
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


def _reaches_margin(line: _Line, following: _Line, form: _Form) -> bool:
    """Whether the next line's first word had no room at the end of this one."""
    word = following.text.split(None, 1)[0]
    # A script without spaces breaks between any two characters.
    room = 1 if _is_wide(word[0]) else 1 + len(word)
    return len(line.indent) + len(line.text) + room + form.slack > form.width


def _is_wide(character: str) -> bool:
    """Whether a character belongs to a script that is written without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef"


def _ends(line: _Line) -> bool:
    """Whether a line may end its paragraph: it closes a sentence."""
    return line.text[-1] in ".!?…\"”’'»)*~。！？」』"


def _paragraphs(lines: Sequence[_Line], form: _Form) -> Iterator[list[_Line]]:
    """Group lines to paragraphs: one each, but for wrapped text."""
    if form.name != "form.wrapped":
        for line in lines:
            yield [line]
        return
    indented = sum(bool(line.indent) for line in lines)
    by_indent = 0.05 * len(lines) <= indented <= 0.75 * len(lines)
    group: list[_Line] = []
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


def _joined(group: Sequence[_Line]) -> str:
    """The text of a paragraph: its lines with a space between, none in a script without spaces."""
    parts = [group[0].text]
    for above, below in zip(group, group[1:], strict=False):
        parts += ["" if _is_wide(above.text[-1]) and _is_wide(below.text[0]) else " ", below.text]
    return "".join(parts)


def _rule(text: str, break_words: frozenset[str]) -> str | None:
    """The rule that makes a paragraph a scene break; long ones are looked at only if they can be one."""
    if len(text) > LONGEST and (len(text) > LONGEST_RULE or len(set(text[:40])) > 6):
        return None
    return is_scene_break(text, break_words)


def _with_habits(units: list[Unit]) -> list[Unit]:
    """Doubtful lines become scene breaks where the work has the habit: three alike between long paragraphs."""
    doubtful = [i for i, unit in enumerate(units) if unit.rule is None and is_doubtful_break(unit.text)]
    times = Counter(units[i].text for i in doubtful)
    parting = Counter(
        units[i].text
        for i in doubtful
        if 0 < i < len(units) - 1
        and len(units[i - 1].text) > HABIT_NEIGHBOUR
        and len(units[i + 1].text) > HABIT_NEIGHBOUR
    )
    for i in doubtful:
        text = units[i].text
        if times[text] >= HABIT and parting[text] >= 0.7 * times[text]:
            units[i] = replace(units[i], rule="break.habit")
    return units


def _units(group: list[_Line], break_words: frozenset[str]) -> Iterator[Unit]:
    """One paragraph's units: more than one only where a scene break is glued inside it."""
    first, last = group[0], group[-1]
    text = first.text if len(group) == 1 else _joined(group)
    whole = Unit(
        text=text,
        span=Span(first.start, last.end),
        line=first.number,
        end_line=last.number + 1,
        blanks=first.blanks,
        spacers=first.spacers,
        indent=first.indent,
        trail=last.trail,
        rule=_rule(text, break_words),
    )
    glued = find_glued_breaks(text) if whole.rule is None else ()
    # A glued break is looked for where offsets in the text are offsets in the dump.
    if not glued or len(group) > 1 or len(text) != last.end - first.start:
        yield whole
        return
    at, blanks = 0, first.blanks
    for start, end in (*glued, (len(text), len(text))):
        for low, high, rule in ((at, start, None), (start, end, "break.glued")):
            piece = text[low:high].strip(SPACE)
            if not piece:
                continue
            begin = first.start + low + text[low:high].index(piece[0])
            yield Unit(
                text=piece,
                span=Span(begin, begin + len(piece)),
                line=first.number,
                end_line=first.number + 1,
                blanks=blanks,
                spacers=first.spacers if low == 0 else 0,
                indent=first.indent if low == 0 else "",
                trail=last.trail if high == len(text) else False,
                rule=rule,
                glued=bool(low) or rule is not None,
            )
            blanks = 0
        at = end
