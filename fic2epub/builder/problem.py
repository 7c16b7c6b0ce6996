"""What a check of a finished book has to say, and the careful reading of its XML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from lxml import etree

__all__ = [
    "CONTAINER",
    "DC",
    "NCX",
    "OPF",
    "OPS",
    "XHTML",
    "Problem",
    "Target",
    "leads_outside",
    "parse_xml",
    "resolve",
]

CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
OPS = "{http://www.idpf.org/2007/ops}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
XHTML = "{http://www.w3.org/1999/xhtml}"

DECLARATION_RE = re.compile(rb"""<\?xml\s+version=["']1\.[01]["']\s+encoding=["']utf-8["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a device, a shop's converter or EPUBCheck would refuse."""

    id: str
    """Stable, e.g. ``link.dead-fragment``."""
    level: Literal["error", "warning"]
    """As EPUBCheck has it, where EPUBCheck has it."""
    where: str
    """The entry, with a line if there is one: ``text/chapter3.xhtml:12``."""
    message: str
    """What is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link inside a book leads."""

    path: str
    """From the root of the archive."""
    fragment: str | None


def parse_xml(name: str, data: bytes) -> tuple[etree._Element | None, list[Problem]]:
    """The root of an XML entry, or None with the reason.

    ``xml.entity``: a document that declares entities is not parsed at all, so that ten lines of them
    cannot grow into gigabytes. Words of a story that look like a declaration are escaped and pass.
    ``xml.encoding``: Kindle's converter reads XHTML without an encoding in its declaration as Latin-1
    (E999 threads, seen 2026-08). ``xml.malformed`` is EPUBCheck's RSC-016, control characters
    included; two XML declarations count too.
    """
    problems = []
    if not DECLARATION_RE.match(data):
        problems.append(
            Problem(
                "xml.encoding",
                "error",
                name,
                'does not begin with <?xml version="1.0" encoding="utf-8"?>: write that first, since '
                "Kindle reads the rest as Latin-1 without it.",
            )
        )
    if b"<!ENTITY" in data:
        problems.append(
            Problem("xml.entity", "error", name, "declares entities: write the characters themselves.")
        )
        return None, problems
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser), problems
    except etree.XMLSyntaxError as error:
        where = f"{name}:{error.lineno}"
        problems.append(Problem("xml.malformed", "error", where, f"is no XML: {error.msg}. Mend it there."))
        return None, problems


def leads_outside(href: str) -> bool:
    """True for an address with a scheme or host: what lies outside the book."""
    return ":" in href.partition("/")[0] or href.startswith("//")


def resolve(base: str, href: str, entries: Mapping[str, bytes]) -> Target | None:
    """Where a relative link in entry ``base`` leads, or None if no entry of the book lies there."""
    parts = urlsplit(href)
    segments = base.split("/")[:-1] if parts.path else base.split("/")
    for segment in unquote(parts.path).split("/") if parts.path else ():
        if segment == "..":
            if not segments:
                return None
            segments.pop()
        elif segment not in {"", "."}:
            segments.append(segment)
    path = "/".join(segments)
    fragment = unquote(parts.fragment) if "#" in href else None
    return Target(path, fragment) if path in entries else None
