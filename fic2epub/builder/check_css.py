"""Style sheets: what breaks Adobe's engine, on Kobo (plain EPUB), Nook, Sony and old PocketBooks.

It drops the *whole* sheet at ``var()``, ``calc()`` and their like (kobofix's rules and forum threads,
seen 2026-08), and one brace too few loses the rest of any sheet.
"""

import re
from collections.abc import Iterator, Mapping

from fic2epub.builder.problem import Problem, leads_outside, resolve

__all__ = ["check_css"]

COMMENT_RE = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING_RE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
URL_RE = re.compile(r"url\(\s*[\"']?([^\"')]*)[\"']?\s*\)|@import\s+[\"']([^\"']*)[\"']", re.IGNORECASE)
VARIABLE_RE = re.compile(r"\bvar\s*\(|(?<![\w-])--[\w-]+\s*:", re.IGNORECASE)
FUNCTION_RE = re.compile(r"(?<![\w-])(calc|min|max|clamp|env)\s*\(", re.IGNORECASE)
DIRECTION_RE = re.compile(r"(?<![\w-])(direction|unicode-bidi)\s*:", re.IGNORECASE)
EMPTY_MEDIA_RE = re.compile(r"@media[^{]*\{\s*\}", re.IGNORECASE)

RULES = (
    (
        "css.var",
        VARIABLE_RE,
        "uses custom properties: Adobe's engine and Kindle drop the sheet. Write the value.",
    ),
    ("css.function", FUNCTION_RE, "computes a value: Adobe's engine drops the whole sheet. Write the value."),
    ("css.direction", DIRECTION_RE, "sets the direction: EPUB wants that as dir in the XHTML (CSS-001)."),
    ("css.empty-media", EMPTY_MEDIA_RE, "has an empty @media, which can crash Adobe's engine: take it out."),
)


def check_css(path: str, entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """Find what is wrong with one style sheet; words in comments and strings do not count."""
    try:
        css = entries[path].decode("utf-8")
    except UnicodeDecodeError as error:
        yield Problem(
            "css.encoding", "error", path, f"is not UTF-8 at byte {error.start}: write it as UTF-8."
        )
        return
    css = COMMENT_RE.sub(_blank, css)
    bare = STRING_RE.sub(_blank, css)
    for id, pattern, message in RULES:
        for found in pattern.finditer(bare):
            yield Problem(id, "error", _where(path, css, found.start()), message)
    if bare.count("{") != bare.count("}"):
        yield Problem("css.braces", "error", path, "has a brace too many or too few (CSS-008): count them.")
    for found in URL_RE.finditer(css):
        href = found[1] or found[2] or ""
        where = _where(path, css, found.start())
        if leads_outside(href):
            yield Problem("css.remote", "error", where, f"loads {href}: put it in the book or leave it out.")
        elif resolve(path, href, entries) is None:
            yield Problem("css.dead", "error", where, f"loads {href}, which is not in the book.")


def _blank(found: re.Match[str]) -> str:
    """The same lines, without the words, so that places stay right."""
    return re.sub(r"[^\n]", " ", found[0])


def _where(path: str, css: str, offset: int) -> str:
    return f"{path}:{css.count(chr(10), 0, offset) + 1}"
