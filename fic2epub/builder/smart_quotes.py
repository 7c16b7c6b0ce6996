r"""``--smart-quotes``: straight quotes, ``--`` and ``...`` as in print, where there is no doubt.

Off by default: the author's text comes first. What is done is a list of repairs that can be undone, and
the afterword says how many. The rules, by how sure they are:

    [certain] smart.apostrophe   between two letters (don't), before a decade ('90s), rock 'n' roll,
                                 and before the words of a list ('tis, 'em)
    [certain] smart.ellipsis     three dots that touch no fourth
    [likely]  smart.dash         two hyphens between words, or where a sentence breaks off
    [likely]  smart.double       double quotes of a paragraph that open and close in turn
    [likely]  smart.single       single quotes that open and close in turn

One doubt leaves all quotes of its kind in a paragraph as they are: half of a pair looks worse than none.
Not touched: quotes that are typographic already, feet and inches (6'2"), what looks like code or an
address, ``--option``, ``---``, ``....``, a line that is nothing but marks. Metadata stays as it is too, since
other programs know a work by it. Languages are those of ``_STYLES``; in any other nothing is changed, since
a straight quote there may be a letter (Hebrew) or stand for a guillemet (Russian).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from fic2epub.model import Repair, Span
from fic2epub.values import dataclass

__all__ = ["speaks", "typographic"]

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """How a language is set in print; None for what is left as it is."""

    double: tuple[str, str] | None = None
    single: tuple[str, str] | None = None
    dash: str | None = None
    """Between words without spaces, or at the end of speech."""
    spaced_dash: str | None = None
    """Between spaces."""
    clipped: tuple[str, ...] = ("s", "x", "z")
    """How words end that may have an apostrophe behind them: ``Hans'``."""


_ENGLISH = _Style(
    double=("“", "”"),
    single=("‘", "’"),
    dash="—",
    spaced_dash="—",
    clipped=("s", "in", "an", "th", "wi", "ol"),
)
_STYLES = {
    "en": _ENGLISH,
    "nl": replace(_ENGLISH, dash=None, spaced_dash="–"),
    "pt": replace(_ENGLISH, single=None),
    "es": replace(_ENGLISH, single=None, spaced_dash=None),
    "it": replace(_ENGLISH, single=None, spaced_dash="–"),
    "de": _Style(double=("„", "“"), single=("‚", "‘"), spaced_dash="–"),
    # Guillemets with their spaces would change the text; French dialogue has dashes of its own.
    "fr": _Style(),
}
"""By primary language (Duden D 85 to D 89, read 2026-08; English by the Chicago manual's habits)."""

_RUN_RE = re.compile("[\"'“”‘’*_]+")
"""Quotes and marks of emphasis in a row: looked through when it is asked what stands beside a quote."""
_OPENERS = frozenset("([{—–-")
_CLOSERS = frozenset(".,;:!?)]}—–-…")
_FOREIGN_QUOTES_RE = re.compile("[„‟‚‛]")

_PROTECTED_RE = re.compile(
    r"""
    (?: https?:// | www\. | mailto: ) \S+        # addresses
    | (?<!\S) [^\s@]+ @ [^\s@]+
    | `[^`\n]*`                                  # code
    | <[^<>\n]*>                                 # markup that stayed in the text
    | (?<!\S) [^\s=\\{}]* [=\\{}] \S*           # a="b", C:\x
    | (?<![0-9]) [0-9]+ ['’] [ ]? [0-9]+ (?: ["”] | '' )?   # 6'2", 6' 2"
    """,
    re.VERBOSE,
)
_ELLIPSIS_RE = re.compile(r"(?<![./\\])\.\.\.(?![./\\])")
_DASH_RE = re.compile(r"(?<![-<!])--(?![->])")
_APOSTROPHE_RE = re.compile(
    r"""
    (?<=[^\W\d_]) ' (?=[^\W\d_])                 # don't
    | (?<=[0-9]) ' (?=s\b)                       # the 1920's
    | (?<![\w'’]) ' (?=[0-9]0s\b)                # '90s
    | (?<=\s) ' (?=n['’]\s) | (?<=\s['’]n) ' (?=\s)   # rock 'n' roll
    | (?<![\w'’]) ' (?=(?:em|til|tis|twas|twere|twould|tisn|twasn|neath|gainst|cept|nuff|fraid|scuse)\b)
    | (?<![\w'’]) ' (?=(?:Til|Tis|Twas|Twere|Twould|Tisn|Twasn|Neath|Gainst|Cept|Nuff|Scuse)\b)
    """,
    re.VERBOSE,
)
"""The list holds English words that are none without their apostrophe; ``'Em`` may be a name."""
_MAYBE_RE = re.compile(
    r"(?:bout|cause|cos|coz|cuz|round|fore|tween|less|cross|nother|kay|sup|ere|ome|im|er)\b", re.IGNORECASE
)
"""Words that a single quote may open, or an apostrophe shorten: a doubt."""


def speaks(language: str) -> bool:
    """Whether the rules know a language (BCP 47)."""
    return _primary(language) in _STYLES


def typographic(text: str, language: str) -> tuple[Repair, ...]:
    r"""What would be changed in a paragraph, in order; spans count from its beginning.

    >>> [one.after for one in typographic('"Don\'t," she said...', "en")]
    ['“', '’', '”', '…']
    """
    style = _STYLES.get(_primary(language))
    return () if style is None else tuple(_repairs(text, style))


def _primary(language: str) -> str:
    return language.casefold().partition("-")[0]


def _repairs(text: str, style: _Style) -> list[Repair]:
    """All changes of a paragraph, in order."""
    protected = [found.span() for found in _PROTECTED_RE.finditer(text)]
    found = [*_dots_and_dashes(text, style)]
    if style.double is not None and not _FOREIGN_QUOTES_RE.search(text):
        found += _pairs(text, '"', "“”", style.double, "smart.double", protected)
    apostrophes = [one.start() for one in _APOSTROPHE_RE.finditer(text)]
    found += [_repair(text, at, at + 1, APOSTROPHE, "smart.apostrophe") for at in apostrophes]
    found += _singles(text, style, protected, frozenset(apostrophes))
    inside = _inside(protected)
    return sorted((one for one in found if one.span.start not in inside), key=lambda one: one.span.start)


def _inside(spans: list[tuple[int, int]]) -> frozenset[int]:
    return frozenset(at for start, end in spans for at in range(start, end))


def _repair(text: str, start: int, end: int, after: str, rule: str) -> Repair:
    return Repair(span=Span(start, end), before=text[start:end], after=after, rule=rule)


def _dots_and_dashes(text: str, style: _Style) -> Iterator[Repair]:
    if not any(map(str.isalnum, text)):
        return  # a line of marks parts scenes, or stands for silence
    for found in _ELLIPSIS_RE.finditer(text):
        yield _repair(text, *found.span(), ELLIPSIS, "smart.ellipsis")
    for found in _DASH_RE.finditer(text):
        dash = _dash(text, *found.span(), style)
        if dash is not None:
            yield _repair(text, *found.span(), dash, "smart.dash")


def _dash(text: str, start: int, end: int, style: _Style) -> str | None:
    """The dash for two hyphens; None where they may be something else, as in ``--option``."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == " " == after:
        return style.spaced_dash
    if not before or before.isspace():
        return None
    breaks_off = not after or after.isspace() or after in "\"'”’).,?!"
    goes_on = after.isalnum() or after in "\"'“‘*_"
    told = before.isalnum() or before in "\"'“”‘’.,?!)*_…"
    return style.dash if told and (breaks_off or goes_on) else None


@dataclass(frozen=True, slots=True)
class _Mark:
    """A quote in a paragraph: which side it can be of, by what stands beside it."""

    at: int
    opens: bool
    closes: bool
    straight: bool
    before: str
    """The character before it, other quotes looked through; empty at the paragraph's beginning."""

    @property
    def doubtful(self) -> bool:
        return self.opens == self.closes


def _marks(text: str, straight: str, curly: str, skip: frozenset[int]) -> list[_Mark]:
    found = []
    for run in _RUN_RE.finditer(text):
        # The next characters that are no quote, nor a mark of plain-text emphasis; empty at an end.
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        for at in range(*run.span()):
            if text[at] in curly:
                mark = _Mark(at, text[at] == curly[0], text[at] in curly[1:], False, text[at - 1 : at])
                found.append(mark)
            elif text[at] == straight and at not in skip:
                found.append(_Mark(at, *_sides(before, after, text[at + 1 : at + 4]), True, before))
    return found


def _sides(before: str, after: str, behind: str) -> tuple[bool, bool]:
    """Whether a quote between two characters can open, and whether it can close."""
    word_follows = bool(after) and not after.isspace()
    dots = after == "…" or (after == "." and ".." in behind)
    opens = (not before or before.isspace() or before in _OPENERS) and word_follows
    opens = opens and (after not in _CLOSERS or after in "—–-" or dots)
    closes = bool(before) and not before.isspace() and before not in "([{"
    closes = closes and (not word_follows or after in _CLOSERS)
    return opens, closes


def _pairs(
    text: str, straight: str, curly: str, style: tuple[str, str], rule: str, protected: list[tuple[int, int]]
) -> list[Repair]:
    """Quotes that open and close in turn; nothing if any of them is in doubt.

    The last may stay open: speech that goes on in the next paragraph has no closing quote. A quote
    behind a number is an inch mark if nothing is open, or if another closes what is.
    """
    marks = _marks(text, straight, curly, _inside(protected))
    found = []
    is_open = False
    for place, mark in enumerate(marks):
        if mark.doubtful:
            return []
        follower = marks[place + 1] if place + 1 < len(marks) else None
        inches = mark.closes and mark.straight and mark.before.isdigit()
        if inches and (not is_open or (follower is not None and follower.closes)):
            continue
        if mark.opens == is_open:
            return []
        is_open = mark.opens
        if mark.straight:
            found.append(_repair(text, mark.at, mark.at + 1, style[0 if mark.opens else 1], rule))
    return found


def _singles(
    text: str, style: _Style, protected: list[tuple[int, int]], apostrophes: frozenset[int]
) -> list[Repair]:
    """Single quotes at the edges of words: quotation marks in pairs, and apostrophes (the dogs' bone, goin').

    A closing quote behind a letter may be either. So a pair is sure only if it has one such place, and an
    apostrophe only if nothing is open. Where both look alike, as in English, less has to be known.
    """
    marks = _marks(text, "'", "‘", apostrophes | _inside(protected))
    last = max((mark.at for mark in marks if mark.closes), default=-1)
    found: list[Repair] = []
    opening: _Mark | None = None
    for mark in marks:
        if mark.doubtful or (mark.closes and mark.before.isdigit()):
            return []
        if mark.opens:
            if opening is not None or (mark.straight and _MAYBE_RE.match(text, mark.at + 1)):
                return []
            opening = mark
        elif opening is not None and style.single is not None:
            if mark.before.isalpha() and (mark.at < last or _shortened(text, mark.at, style)):
                return []
            found += [
                _repair(text, one.at, one.at + 1, style.single[side], "smart.single")
                for side, one in enumerate((opening, mark))
                if one.straight
            ]
            opening = None
        elif opening is None and mark.before.isalpha():
            found.append(_repair(text, mark.at, mark.at + 1, APOSTROPHE, "smart.apostrophe"))
        else:
            return []
    return [] if opening is not None else found


def _shortened(text: str, at: int, style: _Style) -> bool:
    """Whether the word before an apostrophe may need it: ``dogs'``, ``goin'``, ``th'``."""
    return text[max(0, at - 2) : at].lower().endswith(style.clipped)
