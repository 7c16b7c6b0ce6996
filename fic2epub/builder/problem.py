"""What a check of a finished book has to say, and the careful reading of its XML."""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

from lxml import etree

from fic2epub.values import dataclass

__all__ = [
    "CONTAINER",
    "DC",
    "DEVICES",
    "NCX",
    "OPF",
    "OPS",
    "SVG",
    "XHTML",
    "Problem",
    "Target",
    "concerns",
    "error",
    "is_refused",
    "leads_outside",
    "parse_xml",
    "resolve",
    "warning",
]

CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
OPS = "{http://www.idpf.org/2007/ops}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"

DEVICES = ("kindle", "kobo", "apple")
_CONCERNS = {
    "css.var": ("kindle", "kobo"),
    "css.function": ("kindle", "kobo"),
    "css.unit": ("kobo",),
    "css.empty-media": ("kobo",),
    "names.non-ascii": ("kobo",),
    "file.large": ("kobo",),
}
"""Problems of some devices only, beside those whose id begins with a device's name."""

ENCODING_RE = re.compile(rb"""<\?xml\s+version=["']1\.[01]["']\s+encoding=["']([A-Za-z0-9._-]+)["']""")
VERSION_RE = re.compile(rb"""<\?xml\s+version=["'](?!1\.[01]["'])""")
ASCII_BASED_RE = re.compile(rb"us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)
"""Encodings in which markup is written in ASCII, so that what is looked for in it can be found."""
USUAL = (b'<?xml version="1.0" encoding="utf-8"?>', b"<?xml version='1.0' encoding='utf-8'?>")
"""How nearly all entries begin; there is nothing wrong with that."""
WIDE_RE = re.compile(rb"\xff\xfe|\xfe\xff|\0|.\0", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that a device, a shop's converter or EPUBCheck would refuse."""

    id: str
    """Stable, e.g. ``link.dead-fragment``."""
    level: Literal["error", "warning"]
    """As EPUBCheck has it, where EPUBCheck has it."""
    entry: str | None
    """The file inside the book; None for the book as a whole."""
    line: int | None = None
    """In that file, counted from 1."""
    what: str
    """What is wrong; a phrase that goes on from the place: ``has no title``."""
    advice: str
    """What to do."""

    @property
    def where(self) -> str:
        """For people: ``text/chapter3.xhtml:12``."""
        return (self.entry or "the book") + ("" if self.line is None else f":{self.line}")

    @property
    def message(self) -> str:
        """What is wrong and what to do, as one sentence."""
        return f"{self.what}: {self.advice}."


def error(id: str, entry: str | None, what: str, advice: str, line: int | None = None) -> Problem:
    """A problem for which a device or EPUBCheck refuses the book."""
    return Problem(id=id, level="error", entry=entry, line=line, what=what, advice=advice)


def warning(id: str, entry: str | None, what: str, advice: str, line: int | None = None) -> Problem:
    """A problem with which the book still opens."""
    return Problem(id=id, level="warning", entry=entry, line=line, what=what, advice=advice)


def concerns(id: str, device: str) -> bool:
    """Whether a problem matters on a device, one of `DEVICES`; ``all`` stands for every one.

    >>> concerns("kindle.language", "kobo"), concerns("link.dead", "kobo"), concerns("css.unit", "all")
    (False, True, True)
    """
    prefix = id.partition(".")[0]
    only = _CONCERNS.get(id) or ((prefix,) if prefix in DEVICES else DEVICES)
    return device == "all" or device in only


def is_refused(problem: Problem) -> bool:
    """Whether no book of ours may have this problem: an error, and on every device."""
    return problem.level == "error" and all(concerns(problem.id, device) for device in DEVICES)


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
    ``xml.encoding`` is EPUBCheck's RSC-027 and RSC-028; an encoding in which a declaration of entities
    would look different is not parsed either. ``xml.malformed`` is RSC-016, control characters
    included; two XML declarations count too.
    """
    problems: list[Problem] = []
    encoding = b"utf-8"
    if not data.startswith(USUAL):
        encoding, readable = _encoding(name, data, problems)
        if not readable:
            return None, problems
    if encoding.lower() == b"utf-8":
        try:
            data.removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as fault:
            what, line = f"is not UTF-8 at byte {fault.start}", data.count(b"\n", 0, fault.start) + 1
            advice = "save it as UTF-8; readers show something else there, or nothing at all"
            problems.append(error("xml.bad-bytes", name, what, advice, line))
            return None, problems
    if b"<!ENTITY" in data:
        problems.append(
            error("xml.entity", name, "declares entities", "write the characters themselves; it is not read")
        )
        return None, problems
    try:
        return etree.fromstring(data, _parser()), problems
    except etree.XMLSyntaxError as fault:
        what = f"is no XML ({(fault.msg or 'nothing in it').partition(', line ')[0]})"
        problems.append(error("xml.malformed", name, what, "mend it there", fault.lineno or None))
        return None, problems


def _encoding(name: str, data: bytes, problems: list[Problem]) -> tuple[bytes, bool]:
    """The encoding of an entry, and whether it can be read; what is wrong with its first line is added."""
    declared = ENCODING_RE.match(data.removeprefix(BOM_UTF8))
    encoding = declared[1] if declared else b"utf-8"
    wide = WIDE_RE.match(data)
    if wide or encoding.lower() != b"utf-8":
        what = "is in UTF-16 or UTF-32" if wide else f"is in the encoding {encoding.decode()}"
        problems.append(error("xml.encoding", name, what, "write it as UTF-8, which every reader knows"))
        if wide or not ASCII_BASED_RE.fullmatch(encoding):
            return encoding, False
    if VERSION_RE.match(data):
        what = "declares a version of XML that is neither 1.0 nor 1.1"
        problems.append(error("xml.malformed", name, what, "write 1.0", 1))
    return encoding, True


@cache
def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def leads_outside(href: str) -> bool:
    """True for an address with a scheme or host: what lies outside the book."""
    return ":" in href.partition("/")[0].partition("#")[0] or href.startswith("//")


def resolve(base: str, href: str, entries: Mapping[str, bytes]) -> Target | None:
    """Where a relative link in entry ``base`` leads, or None if no entry of the book lies there."""
    target = _target(base, href)
    return target if target is not None and target.path in entries else None


@lru_cache(maxsize=1024)  # the books of a run link alike, and a link is asked for several times
def _target(base: str, href: str) -> Target | None:
    """Where a link leads; None if it is none, or climbs out of the book."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
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
    return Target(path, fragment)
