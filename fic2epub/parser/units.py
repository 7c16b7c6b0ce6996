r"""Step 4a of the route: the body of a dump as units, the lines that a reader sees as one.

A unit is a paragraph as the dump shows it, a scene break, or a scene break glued inside a line.
Which lines make a paragraph, the form of the dump says (``forms``). Which are scene breaks, the lines
say (``breaks``) or the work's habit:

[likely]  break.habit   a doubtful line (``-.-``, ``~LB~``) that parts long paragraphs three times or more

White space is what ``str.isspace`` says and U+200B, U+2060, U+FEFF and U+180E, which show nothing.
No word is changed here: a unit's text is its lines, repaired, without outer white space.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fic2epub.model import Repair, SourceText, Span
from fic2epub.parser.breaks import (
    LONGEST,
    LONGEST_RULE,
    find_glued_breaks,
    is_doubtful_break,
    is_scene_break,
)
from fic2epub.parser.forms import Form, Line, find_form, joined, paragraphs
from fic2epub.values import dataclass

__all__ = ["Body", "Unit", "blank", "read_body"]

INVISIBLE = "\u200b\u2060\ufeff\u180e"
SPACE = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
SPACE += "\u2028\u2029\u202f\u205f\u3000" + INVISIBLE

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
    setting: Form
    """How it sets its paragraphs."""

    @property
    def form(self) -> str:
        """``form.block``, ``form.single`` or ``form.wrapped``."""
        return self.setting.name


def blank(text: str) -> bool:
    """Whether nothing of a text shows."""
    return not text.strip(SPACE)


def read_body(
    source: SourceText, body: Span, *, break_words: frozenset[str] = frozenset(), setting: Form | None = None
) -> Body:
    """Read the units of ``body``, in order; none if it is blank.

    ``setting`` is how it sets its paragraphs, if that is known; else it is found out.
    """
    lines = tuple(_lines(source, body))
    form = setting or find_form(lines)
    units: list[Unit] = []
    for group in paragraphs(lines, form):
        units.extend(_units(group, break_words))
    return Body(tuple(_with_habits(units)), form)


def _lines(source: SourceText, body: Span) -> Iterator[Line]:
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
        shown = text.strip()  # much faster than with a list of what to strip
        if shown and (shown[0] in INVISIBLE or shown[-1] in INVISIBLE):
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
        yield Line(
            number - 1,
            first,
            stop,
            shown,
            "" if text[0] == shown[0] else text[: text.index(shown[0])],
            text[-1] != shown[-1],
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


def _rule(text: str, break_words: frozenset[str]) -> str | None:
    """The rule that makes a paragraph a scene break; long ones are looked at only if they can be one."""
    if len(text) > LONGEST and (len(text) > LONGEST_RULE or len(set(text[:40])) > 6):
        return None
    return is_scene_break(text, break_words)


def _with_habits(units: list[Unit]) -> list[Unit]:
    """Doubtful lines become scene breaks by habit: three alike, between long paragraphs."""
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


def _units(group: list[Line], break_words: frozenset[str]) -> Iterator[Unit]:
    """One paragraph's units: more than one only where a scene break is glued inside it."""
    first, last = group[0], group[-1]
    text = first.text if len(group) == 1 else joined(group)
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
