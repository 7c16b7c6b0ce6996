"""Style sheets: what breaks Adobe's engine, on Kobo (plain EPUB), Nook, Sony and old PocketBooks.

It drops the *whole* sheet at ``var()``, ``calc()`` and their like (kobofix's rules and forum threads,
seen 2026-08), and one brace too few loses the rest of any sheet.
"""

import re
from collections.abc import Iterator, Mapping

from fic2epub.builder.check_package import Package
from fic2epub.builder.problem import Problem, error, leads_outside, resolve, warning

__all__ = ["check_css"]

MOST_BYTES = 2_000_000
"""Of one sheet; what has more is not looked into."""
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
UNIT_RE = re.compile(r"(?<![\w#-])\d*\.?\d++(?:rem|vh|vw|vmin|vmax)\b", re.IGNORECASE)
DIRECTION_RE = re.compile(r"(?<![\w-])(?:direction|unicode-bidi)\s*+:", re.IGNORECASE)
EMPTY_MEDIA_RE = re.compile(r"@media[^{};@]*+\{\s*+\}", re.IGNORECASE)
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


def check_css(path: str, entries: Mapping[str, bytes], package: Package) -> Iterator[Problem]:
    """Find what is wrong with one style sheet; words in comments and strings do not count."""
    if len(entries[path]) > MOST_BYTES:
        what = f"has {len(entries[path]):,} bytes, and is not looked into"
        yield warning("file.not-read", path, what, "take out what the book does not use")
        return
    try:
        whole = entries[path].decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        yield error("css.encoding", path, f"is not UTF-8 at byte {fault.start}", "write it as UTF-8")
        return
    css = WORDS_RE.sub(_blank_comment, whole)
    bare = WORDS_RE.sub(_blank, whole)
    yield from _check_comments(path, whole)
    for id, pattern, what, advice in PATTERNS:
        for found in pattern.finditer(bare):
            yield error(id, path, what, advice, _line(css, found.start()))
    for found in UNIT_RE.finditer(bare):
        what = f"uses {found[0]}, which Adobe's engine reads wrongly"
        yield warning("css.unit", path, what, "use em or %", _line(css, found.start()))
    if bare.count("{") != bare.count("}"):
        what = "has a brace too many or too few (CSS-008)"
        yield error("css.braces", path, what, "count them; the rest of the sheet is lost")
    yield from _check_loaded(path, css, entries)
    if FONT_RE.search(bare) and not package.fonts_shown and DISPLAY_OPTIONS not in entries:
        what = "brings fonts that Apple Books does not show"
        advice = "set ibooks:specified-fonts to true in the package, or leave the fonts out"
        yield warning("apple.fonts", path, what, advice)


def _check_comments(path: str, css: str) -> Iterator[Problem]:
    """Send-to-Kindle is said to stumble over ``--`` in a comment (E999 threads, seen 2026-08)."""
    for found in WORDS_RE.finditer(css):
        if found["comment"] and "--" in found["comment"]:
            what = 'has "--" in a comment'
            yield warning(
                "kindle.comment", path, what, "write one hyphen, or another sign", _line(css, found.start())
            )


def _check_loaded(path: str, css: str, entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """EPUBCheck: RSC-006 (from outside), RSC-007 (not there)."""
    for found in URL_RE.finditer(css):
        href = next((group for group in found.groups() if group is not None), "")
        line = _line(css, found.start())
        if href.lower().startswith("data:") or href.startswith("#"):
            continue
        if leads_outside(href):
            what = f"loads {href[:80]}"
            yield error("css.remote", path, what, "put it in the book or leave it out", line)
        elif resolve(path, href, entries) is None:
            what = f"loads {href}, which is not in the book"
            yield error("css.dead", path, what, "add the file, or leave it out", line)


def _blank(found: re.Match[str]) -> str:
    """The same lines, without the words, so that places stay right."""
    return re.sub(r"[^\n]", " ", found[0])


def _blank_comment(found: re.Match[str]) -> str:
    return _blank(found) if found["comment"] else found[0]


def _line(css: str, offset: int) -> int:
    return css.count("\n", 0, offset) + 1
