"""The package document: metadata, manifest, spine."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from fic2epub.builder.problem import DC, OPF, Problem, leads_outside, parse_xml, resolve

__all__ = ["Item", "Package", "read_package"]

XHTML_TYPE = "application/xhtml+xml"
TYPES = {
    ".xhtml": XHTML_TYPE,
    ".css": "text/css",
    ".ncx": "application/x-dtbncx+xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}

TAG_RE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
MODIFIED_RE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DATE_RE = re.compile(
    r"""
    \d{4}                                   # a year
    (-(0[1-9]|1[0-2])                       # and a month
      (-(0[1-9]|[12]\d|3[01])               # and a day
        (T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?  # and a time
      )?
    )?
    """,
    re.VERBOSE,
)
UUID_RE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file of the manifest that is there."""

    id: str
    path: str
    """From the root of the archive."""
    media_type: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What the checks of the content need to know of the package."""

    path: str
    identifier: str | None
    items: tuple[Item, ...]
    spine: tuple[str, ...]
    """Paths, in reading order."""


def read_package(entries: Mapping[str, bytes], path: str) -> tuple[Package | None, list[Problem]]:
    """Read and check the package document; None if it cannot be parsed."""
    root, problems = parse_xml(path, entries[path])
    if root is None:
        return None, problems
    say = _Reporter(path, problems)
    _check_ids(root, say)
    identifier = _check_metadata(root, say)
    items = _read_manifest(root, path, entries, say)
    _check_undeclared(entries, path, items, say)
    spine = _read_spine(root, items, say)
    return Package(path=path, identifier=identifier, items=tuple(items.values()), spine=spine), problems


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Notes problems of one document, at an element's line."""

    path: str
    problems: list[Problem]

    def error(self, id: str, at: etree._Element | None, message: str) -> None:
        where = self.path if at is None else f"{self.path}:{at.sourceline}"
        self.problems.append(Problem(id, "error", where, message))

    def warning(self, id: str, at: etree._Element | None, message: str) -> None:
        where = self.path if at is None else f"{self.path}:{at.sourceline}"
        self.problems.append(Problem(id, "warning", where, message))


def _check_ids(root: etree._Element, say: _Reporter) -> None:
    """Ids are unique and refinements refine something (EPUBCheck: RSC-005)."""
    ids = Counter(element.get("id", "") for element in root.iter(etree.Element) if element.get("id"))
    for id, count in ids.items():
        if count > 1:
            say.error(
                "opf.duplicate-id", None, f"has {count} elements with the id {id!r}: rename all but one."
            )
    for meta in root.iter(f"{OPF}meta"):
        refined = meta.get("refines", "")
        if refined.startswith("#") and refined[1:] not in ids:
            say.error("opf.refines", meta, f"refines {refined!r}, an id that no element has.")


def _check_metadata(root: etree._Element, say: _Reporter) -> str | None:
    """Check title, language, dates and identifier, and return the identifier.

    EPUBCheck: RSC-005 (missing or empty), OPF-092 (language tag), OPF-085 (uuid), OPF-053 (date),
    OPF-030 (unique-identifier). ``English`` passes EPUBCheck and is refused by Kindle, so tags must be
    registered ones.
    """
    values = {name: root.findall(f".//{DC}{name}") for name in ("title", "language", "identifier", "date")}
    for element in root.iter(f"{DC}*"):
        if not (element.text or "").strip():
            name = etree.QName(element).localname
            say.error("opf.empty-value", element, f"has an empty dc:{name}: fill it or leave it out.")
    if not values["title"]:
        say.error("opf.missing-title", None, "has no dc:title: give the book a title.")
    _check_language(values["language"], say)
    modified = [m.text or "" for m in root.iter(f"{OPF}meta") if m.get("property") == "dcterms:modified"]
    if len(modified) != 1 or not MODIFIED_RE.fullmatch(modified[0]):
        say.error("opf.modified", None, "needs one dcterms:modified, in the form 2026-01-31T12:00:00Z.")
    for date in values["date"]:
        if not DATE_RE.fullmatch((date.text or "").strip()):
            say.warning("opf.bad-date", date, f"has the date {date.text!r}: write YYYY-MM-DD.")
    return _check_identifier(root, values["identifier"], say)


def _check_language(languages: list[etree._Element], say: _Reporter) -> None:
    import langcodes  # late: it is slow to import and only this rule needs it

    if not languages:
        say.error("opf.no-language", None, "has no dc:language: Kindle refuses the book; und is allowed.")
    for language in languages:
        tag = (language.text or "").strip()
        if tag and not (TAG_RE.fullmatch(tag) and langcodes.tag_is_valid(tag)):
            message = f"has the language {tag!r}, which is no BCP 47 tag: write en, de, zh-Hant or the like."
            say.error("opf.bad-language-tag", language, message)


def _check_identifier(root: etree._Element, identifiers: list[etree._Element], say: _Reporter) -> str | None:
    for element in identifiers:
        text = (element.text or "").strip()
        if text.startswith("urn:uuid:") and not UUID_RE.fullmatch(text):
            say.warning("opf.bad-uuid", element, f"has the identifier {text!r}, which is no UUID.")
    wanted = root.get("unique-identifier")
    unique = next((e for e in identifiers if e.get("id") is not None and e.get("id") == wanted), None)
    if unique is None:
        say.error(
            "opf.unique-identifier", None, f"has no dc:identifier with the id {wanted!r}: it names one."
        )
        return None
    return (unique.text or "").strip()


def _read_manifest(
    root: etree._Element, opf: str, entries: Mapping[str, bytes], say: _Reporter
) -> dict[str, Item]:
    """The files that are there, by id.

    EPUBCheck: RSC-001 (missing), RSC-006 (remote), OPF-074 (twice), RSC-032 and others (type).
    """
    items: dict[str, Item] = {}
    paths: set[str] = set()
    for element in root.iterfind(f"{OPF}manifest/{OPF}item"):
        id, href = element.get("id", ""), element.get("href", "")
        if leads_outside(href):
            say.error(
                "manifest.remote-file", element, f"names {href}, which lies outside: put it in the book."
            )
            continue
        target = resolve(opf, href, entries)
        if target is None:
            say.error("manifest.missing-file", element, f"names {href}, which is not in the book.")
            continue
        if target.path in paths:
            say.error("manifest.duplicate-file", element, f"names {href} twice: keep one of the two.")
        paths.add(target.path)
        media_type = element.get("media-type", "")
        expected = next(
            (t for suffix, t in TYPES.items() if target.path.lower().endswith(suffix)), media_type
        )
        if not media_type or media_type != expected:
            say.error(
                "manifest.media-type", element, f"gives {href} the type {media_type!r}: it is {expected}."
            )
        properties = tuple(element.get("properties", "").split())
        items[id] = Item(id=id, path=target.path, media_type=media_type, properties=properties)
    return items


def _check_undeclared(
    entries: Mapping[str, bytes], opf: str, items: Mapping[str, Item], say: _Reporter
) -> None:
    """Files that the manifest forgot (EPUBCheck: OPF-003, a usage message; readers drop such files)."""
    declared = {item.path for item in items.values()} | {"mimetype", opf}
    for name in entries:
        if name not in declared and not name.startswith("META-INF/"):
            say.problems.append(
                Problem(
                    "manifest.undeclared-file", "warning", name, f"is not in the manifest of {opf}: add it."
                )
            )


def _read_spine(root: etree._Element, items: Mapping[str, Item], say: _Reporter) -> tuple[str, ...]:
    """The reading order.

    EPUBCheck: OPF-049 (unknown), OPF-034 (twice), OPF-043 (not XHTML), RSC-005 (empty); OPF-096 says
    that an item with linear="no" cannot be reached, and calibre warns of every one.
    """
    spine: list[str] = []
    declared = {element.get("id") for element in root.iterfind(f"{OPF}manifest/{OPF}item")}
    for reference in root.iterfind(f"{OPF}spine/{OPF}itemref"):
        idref = reference.get("idref", "")
        if idref not in declared:
            say.error("spine.unknown-idref", reference, f"names the id {idref!r}, which the manifest lacks.")
        if reference.get("linear") == "no":
            say.warning(
                "spine.non-linear", reference, f"takes {idref!r} out of the reading order: leave linear."
            )
        if idref not in items:
            continue
        if items[idref].path in spine:
            say.error("spine.duplicate-idref", reference, f"names the id {idref!r} twice: keep one.")
        if items[idref].media_type != XHTML_TYPE:
            say.error("spine.no-document", reference, f"names {idref!r}, which is no {XHTML_TYPE}.")
        spine.append(items[idref].path)
    if not spine:
        say.error("spine.empty", None, "has no reading order: name the documents in <spine>.")
    return tuple(spine)
