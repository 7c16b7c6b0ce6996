"""How a book looks: the theme's style sheet, and what the reader puts beside it or in its place.

1. ``style.css`` holds what every theme needs, and one of ``theme-*.css`` is set behind it.
2. ``--css`` adds a sheet of the reader's own, as a file of its own: Adobe's engine drops a whole sheet at
   one thing that it does not know (kobofix's rules and forum threads, seen 2026-08), and then the theme
   still holds.
3. ``--templates`` puts files of the reader's in the place of the program's, name by name.

Both are read once, as bytes, so that a book's record knows them by their content and never by a path.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from fic2epub.builder.markup import XHTML, Element, parse_template, raw_template, template_names
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import OWN_SHEET
from fic2epub.builder.problem import Problem, is_refused
from fic2epub.errors import UsageError
from fic2epub.model import Finding, Level, Resource

__all__ = ["read_css", "read_templates", "replaceable", "sheet_findings", "style_sheets"]

MOST_BYTES = 1_000_000
"""Of one file of the reader's; a sheet of fiction has a few thousand."""

_REQUIRED = frozenset(
    ["page-title", "section", "meta", "title", "entries", "landmarks", "works", "endnotes", "picture", "rows"]
)
"""Slots that a template must keep: the author's words go there, or what a reading system asks for."""


def style_sheets(options: PublishOptions) -> tuple[Resource, ...]:
    """The book's style sheets: the theme's, and the reader's own behind it."""
    own = dict(options.templates)
    parts = (own.get(name) or raw_template(name) for name in ("style.css", f"theme-{options.theme}.css"))
    sheets = [("style", "style.css", b"\n".join(parts))]
    if options.css is not None:
        sheets.append(("own-style", OWN_SHEET, options.css))
    return tuple(
        Resource(id=name, href=href, media_type="text/css", content=content) for name, href, content in sheets
    )


def sheet_findings(options: PublishOptions) -> tuple[Finding, ...]:
    """What some e-readers would not take in the reader's own sheets; the book is made all the same.

    A sheet may be meant for one reader only, so what another stumbles over is said and not refused.
    """
    sheets = [("--css", options.css)] if options.css is not None else []
    sheets += [(name, content) for name, content in options.templates if name.endswith(".css")]
    return tuple(
        Finding("css.own", Level.WARNING, f"{name}{_at(problem)}: it {problem.message}")
        for name, content in sheets
        for problem in _problems(content)
    )


def read_css(path: Path) -> bytes:
    """The reader's own sheet, without a byte order mark.

    Raises UsageError, naming the line, for what no book may hold: text that is not UTF-8, anything that is
    loaded from elsewhere, a brace or comment left open.
    """
    content = _read(path).removeprefix(b"\xef\xbb\xbf")
    for problem in _problems(content):
        if is_refused(problem):
            raise UsageError(f"{path}{_at(problem)}: {problem.message}")
    return content or b"\n"


def _problems(content: bytes) -> Iterator[Problem]:
    from fic2epub.builder.check_css import check_css

    return check_css(OWN_SHEET, {OWN_SHEET: content}, None)


def _at(problem: Problem) -> str:
    return f", line {problem.line}" if problem.line else ""


def read_templates(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """The reader's own templates, by name in order; hidden files are passed over.

    Each is tried: it must be well-formed XHTML with the slots that hold the author's words. Raises
    UsageError with file and line for one that is not, and for a name that no template has.
    """
    known = replaceable()
    found = []
    for path in sorted(one for one in folder.iterdir() if not one.name.startswith(".")):
        if path.name not in known:
            raise UsageError(f"{path}: {_unknown(path.name, known)}")
        content = _read(path)
        if path.suffix == ".css":
            content = read_css(path)
        else:
            _check_template(path, content)
        found.append((path.name, content))
    if not found:
        raise UsageError(f"{folder}: holds no template. Put {', '.join(sorted(known)[:3])} … there.")
    return tuple(found)


@cache
def replaceable() -> frozenset[str]:
    """The names of the templates that are pages or sheets of a book."""
    return frozenset(name for name in template_names() if name.endswith((".xhtml", ".css")))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if len(content) > MOST_BYTES:
        raise UsageError(f"{path}: is over {MOST_BYTES:,} bytes. A book's pages need far less.")
    return content


def _unknown(name: str, known: frozenset[str]) -> str:
    near = _nearest(name, known)
    names = ", ".join(sorted(known))
    return f"no template has this name.{near} Templates are {names}."


def _nearest(name: str, known: frozenset[str]) -> str:
    """A question after the known name that is most like one; empty if none is like it."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f" Is it {near[0]}?" if near else ""


def _check_template(path: Path, content: bytes) -> None:
    """Raise UsageError for a template that no page can be made of."""
    if b"<!ENTITY" in content:
        raise UsageError(f"{path}: declares entities. Write the characters themselves.")
    try:
        root = parse_template(content)
    except etree.XMLSyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno or 1}: is no well-formed XML ({error.msg}).") from error
    if root.tag != f"{XHTML}html":
        raise UsageError(
            f"{path}, line {root.sourceline}: begins with <{etree.QName(root).localname}>. Begin with "
            '<html xmlns="http://www.w3.org/1999/xhtml">.'
        )
    for fault in _faults(path.name, root):
        raise UsageError(f"{path}{fault}")


def _faults(name: str, root: Element) -> Iterator[str]:
    for node in root.iter(etree.Entity):
        yield f", line {node.sourceline}: {node.text} is no entity of XML. Write the character itself."
    slots: dict[str, Element] = {}
    for element in root.iter("*"):
        identifier = element.get("id", "")
        if identifier.startswith("slot-"):
            if identifier in slots:
                yield f", line {element.sourceline}: {identifier} stands there twice."
            slots[identifier] = element
    ids = {one.get("id", "") for one in parse_template(raw_template(name)).iter("*")}
    expected = frozenset(one for one in ids if one.startswith("slot-"))
    for identifier, element in slots.items():
        if identifier not in expected:
            near = _nearest(identifier, expected)
            yield (
                f", line {element.sourceline}: {identifier} is no slot of this page.{near} "
                f"It has {', '.join(sorted(expected))}."
            )
    for identifier in sorted(expected - slots.keys()):
        if identifier.removeprefix("slot-") in _REQUIRED:
            yield f': lacks an element with id="{identifier}", where the book\'s own words go.'
