"""Style sheets: what breaks Adobe's engine, on Kobo (plain EPUB), Nook, Sony and old PocketBooks.

It drops the *whole* sheet at ``var()``, ``calc()`` and their like (kobofix's rules and forum threads,
seen 2026-08), and one brace too few loses the rest of any sheet.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache

from fic2epub.builder.check_package import Package
from fic2epub.builder.problem import Problem, error, leads_outside, resolve, warning
from fic2epub.values import dataclass

__all__ = ["check_css"]

MOST_BYTES = 2_000_000
"""Of one sheet; what has more is not looked into."""
MOST_KEPT = 50_000
"""Characters of a sheet whose problems are kept for the next book that has it."""
DISPLAY_OPTIONS = "META-INF/com.apple.ibooks.display-options.xml"

# What is left open runs to the end, as in CSS itself; so no text makes these look twice at one place.
WORDS_RE = re.compile(
    r"""
    (?P<comment> /\*(?:[^*]|\*(?!/))*+(?:\*/)? )
    | "(?:[^"\n\\]|\\.)*+"?
    | '(?:[^'\n\\]|\\.)*+'?
    """,
    re.VERBOSE | re.DOTALL,
)
URL_RE = re.compile(
    r"""
    url\( \s*+ (?: "([^"\n]*+)" | '([^'\n]*+)' | ([^"'()\s]*+) ) \s*+ \)
    | @import \s++ (?: "([^"\n]*+)" | '([^'\n]*+)' )
    """,
    re.VERBOSE | re.IGNORECASE,
)
VARIABLE_RE = re.compile(r"\bvar\s*+\(|(?<![\w-])--[\w-]++\s*+:", re.IGNORECASE)
FUNCTION_RE = re.compile(r"(?<![\w-])(?:calc|min|max|clamp|env)\s*+\(", re.IGNORECASE)
UNIT_RE = re.compile(r"(?<![\w#.-])(?:\d++(?:\.\d++)?|\.\d++)(?:rem|vh|vw|vmin|vmax)\b", re.IGNORECASE)
DIRECTION_RE = re.compile(r"(?<![\w-])(?:direction|unicode-bidi)\s*+:", re.IGNORECASE)
EMPTY_MEDIA_RE = re.compile(r"@media[^{};@]*+\{\s*+\}", re.IGNORECASE)
PART_RE = re.compile(r"([^{};]*+)([{};]|\Z)")
BAD_SELECTOR_RE = re.compile(
    r"""
    [.\#] (?! [-\w\\] )                      # a class or id without a name
    | [>+~,] \s*+ (?: [>+~,] | \Z )          # nothing beside a combinator
    | \A \s*+ ,
    | [^\w\s.\#:\[\]()="'*>+~,^$|\\%-]       # % for the steps of @keyframes
    """,
    re.VERBOSE,
)
DECLARATION_RE = re.compile(r"[*_]?[a-z-][\w-]*+\s*+:", re.IGNORECASE)
FONT_RE = re.compile(r"@font-face\b", re.IGNORECASE)

PATTERNS = (
    (
        "css.var",
        VARIABLE_RE,
        "uses custom properties, for which Kindle refuses a book and Adobe's engine drops the sheet",
        "write the value itself",
    ),
    (
        "css.function",
        FUNCTION_RE,
        "computes a value, for which Adobe's engine drops the whole sheet",
        "write the value itself",
    ),
    ("css.direction", DIRECTION_RE, "sets the direction (CSS-001)", "EPUB wants that as dir in the XHTML"),
    (
        "css.empty-media",
        EMPTY_MEDIA_RE,
        "has an empty @media, which can crash Adobe's engine",
        "take it out",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """One style sheet, twice: places are the same in both."""

    path: str
    whole: str
    bare: str
    """Without comments and strings."""
    ends: tuple[int, ...]
    """Where its lines end."""
    loaded: tuple[tuple[int, str], ...]
    """Where it loads something, and what."""
    fonts: bool
    """Whether it brings fonts of its own."""

    def line(self, offset: int) -> int:
        """The line of an offset, counted from 1."""
        return bisect_left(self.ends, offset) + 1


def check_css(path: str, entries: Mapping[str, bytes], package: Package | None) -> Iterator[Problem]:
    """Find what is wrong with one style sheet; words in comments and strings do not count.

    ``package`` is that of its book; None for a sheet that is in no book yet.
    """
    if len(entries[path]) > MOST_BYTES:
        what = f"has {len(entries[path]):,} bytes, and is not looked into"
        yield warning("file.not-read", path, what, "take out what the book does not use")
        return
    try:
        whole = entries[path].decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        yield error("css.encoding", path, f"is not UTF-8 at byte {fault.start}", "write it as UTF-8")
        return
    sheet = _read(path, whole)
    yield from _known(sheet) if len(whole) <= MOST_KEPT else _check_sheet(sheet)
    yield from _check_loaded(sheet, entries)
    shown = package is None or package.fonts_shown
    if sheet.fonts and not shown and DISPLAY_OPTIONS not in entries:
        what = "brings fonts that Apple Books does not show"
        advice = "set ibooks:specified-fonts to true in the package, or leave the fonts out"
        yield warning("apple.fonts", path, what, advice)


@lru_cache(maxsize=2)  # all books of a run have the same sheet
def _read(path: str, whole: str) -> _Sheet:
    css, bare = WORDS_RE.sub(_blank_comment, whole), WORDS_RE.sub(_blank, whole)
    return _Sheet(
        path=path,
        whole=whole,
        bare=bare,
        ends=tuple(found.start() for found in re.finditer("\n", whole)),
        loaded=tuple(
            (found.start(), next((group for group in found.groups() if group is not None), ""))
            for found in URL_RE.finditer(css)
        ),
        fonts=FONT_RE.search(bare) is not None,
    )


@lru_cache(maxsize=2)
def _known(sheet: _Sheet) -> tuple[Problem, ...]:
    return tuple(_check_sheet(sheet))


def _check_sheet(sheet: _Sheet) -> Iterator[Problem]:
    """What is wrong with a sheet whatever book it is in."""
    yield from _check_comments(sheet)
    for id, pattern, what, advice in PATTERNS:
        for found in pattern.finditer(sheet.bare):
            yield error(id, sheet.path, what, advice, sheet.line(found.start()))
    for found in UNIT_RE.finditer(sheet.bare):
        what = f"uses {found[0][:20]}, which Adobe's engine reads wrongly"
        yield warning("css.unit", sheet.path, what, "use em or %", sheet.line(found.start()))
    if sheet.bare.count("{") != sheet.bare.count("}"):
        what = "has a brace too many or too few (CSS-008)"
        yield error("css.braces", sheet.path, what, "count them; the rest of the sheet is lost")
    else:
        yield from _check_parts(sheet)


def _check_comments(sheet: _Sheet) -> Iterator[Problem]:
    """Send-to-Kindle is said to stumble over ``--`` in a comment (E999 threads, seen 2026-08)."""
    for found in WORDS_RE.finditer(sheet.whole):
        comment, line = found["comment"], sheet.line(found.start())
        if comment and not (comment.endswith("*/") and len(comment) > 3):
            what = "has a comment without an end (CSS-008)"
            yield error("css.open-comment", sheet.path, what, "close it", line)
        if comment and "--" in comment:
            what, advice = 'has "--" in a comment', "write one hyphen, or another sign"
            yield warning("kindle.comment", sheet.path, what, advice, line)


def _check_parts(sheet: _Sheet) -> Iterator[Problem]:
    """What stands before a brace selects, what stands before a semicolon sets (EPUBCheck: CSS-008)."""
    for found in PART_RE.finditer(URL_RE.sub(_blank, sheet.bare)):
        part, end = found[1].strip(), found[2]
        if not part or part.startswith("@"):
            continue
        line = sheet.line(found.start() + len(found[1]) - len(found[1].lstrip()))
        shown = " ".join(part.split())[:60]
        if end == "{" and BAD_SELECTOR_RE.search(part):
            yield error("css.selector", sheet.path, f"has {shown!r}, which selects nothing", "mend it", line)
        elif end != "{" and not DECLARATION_RE.match(part):
            what, advice = f"has {shown!r}, which sets nothing", "write property: value;"
            yield error("css.declaration", sheet.path, what, advice, line)


def _check_loaded(sheet: _Sheet, entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """EPUBCheck: RSC-006 (from outside), RSC-007 (not there)."""
    for at, href in sheet.loaded:
        line = sheet.line(at)
        if href.lower().startswith("data:") or href.startswith("#"):
            continue
        if leads_outside(href):
            what = f"loads {href[:80]}"
            yield error("css.remote", sheet.path, what, "put it in the book or leave it out", line)
        elif resolve(sheet.path, href, entries) is None:
            what = f"loads {href[:80]}, which is not in the book"
            yield error("css.dead", sheet.path, what, "add the file, or leave it out", line)


def _blank(found: re.Match[str]) -> str:
    """The same lines, without the words, so that places stay right."""
    return re.sub(r"[^\n]", " ", found[0])


def _blank_comment(found: re.Match[str]) -> str:
    return _blank(found) if found["comment"] else found[0]
