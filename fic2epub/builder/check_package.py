"""The package document: manifest and spine; the metadata is in ``check_metadata``."""

from collections import Counter
from collections.abc import Mapping

from lxml import etree

from fic2epub.builder.check_form import check_form
from fic2epub.builder.check_metadata import Reporter, check_metadata
from fic2epub.builder.problem import OPF, Problem, leads_outside, parse_xml, resolve, warning
from fic2epub.values import dataclass

__all__ = ["NCX_TYPE", "XHTML_TYPE", "Item", "Package", "expected_type", "read_package"]

XHTML_TYPE = "application/xhtml+xml"
NCX_TYPE = "application/x-dtbncx+xml"
TYPES = {
    ".xhtml": XHTML_TYPE,
    ".css": "text/css",
    ".ncx": NCX_TYPE,
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
SPINE_TYPES = frozenset({XHTML_TYPE, "image/svg+xml", "text/html", "application/x-dtbook+xml"})
"""The last two are for old books (EPUB 2); EPUBCheck warns of text/html there (OPF-035)."""
REMOTE_TYPES = ("audio/", "video/", "font/", "application/font", "application/vnd.ms-opentype")
"""What EPUB 3.3 lets a book load from outside."""

PROPERTIES = frozenset(
    ("cover-image", "data-nav", "dictionary", "glossary", "index", "mathml", "nav", "remote-resources")
) | {"scripted", "search-key-map", "svg", "switch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file of the manifest that is there."""

    id: str
    path: str
    """From the root of the archive."""
    media_type: str
    properties: tuple[str, ...]
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What the checks of the content need to know of the package."""

    path: str
    version: int
    """2 or 3."""
    identifier: str | None
    items: tuple[Item, ...]
    spine: Mapping[str, int]
    """The reading order: each path with its place."""
    cover: Item | None
    """The cover's picture."""
    fonts_shown: bool
    """Whether the book asks Apple Books to show its own fonts."""


def read_package(entries: Mapping[str, bytes], path: str) -> tuple[Package | None, list[Problem]]:
    """Read and check the package document; None if it cannot be parsed."""
    root, problems = parse_xml(path, entries[path])
    if root is None:
        return None, problems
    say = Reporter(path, problems)
    version = 2 if (root.get("version") or "").startswith(("1.", "2.")) else 3
    _check_form(root, version, say)
    identifier = check_metadata(root, version, say)
    items = _read_manifest(root, path, entries, say)
    _check_undeclared(entries, path, items, say)
    spine = _read_spine(root, version, items, say)
    package = Package(
        path=path,
        version=version,
        identifier=identifier,
        items=tuple(items.values()),
        spine=spine,
        cover=_cover(root, items),
        fonts_shown=any("specified-fonts" in (m.get("property") or "") for m in root.iter(f"{OPF}meta")),
    )
    return package, problems


def _check_form(root: etree._Element, version: int, say: Reporter) -> None:
    """Elements, attributes, ids, refinements (EPUBCheck: RSC-005; OPF-001 for the version)."""
    if root.get("version") not in {"2.0", "3.0"}:
        say.error("opf.version", root, f"is of version {root.get('version')!r}", "write 3.0 there, or 2.0")
    ids = Counter(element.get("id", "") for element in root.iter(etree.Element) if element.get("id"))
    for id, count in ids.items():
        if count > 1:
            say.error(
                "opf.duplicate-id", None, f"has {count} elements with the id {id!r}", "rename all but one"
            )
    for meta in root.iter(f"{OPF}meta"):
        refined = meta.get("refines", "")
        if refined.startswith("#") and refined[1:] not in ids:
            say.error("opf.refines", meta, f"refines {refined!r}, an id that no element has", "mend the id")
    if version == 3:  # EPUB 2 has attributes of its own (opf:role …)
        say.problems.extend(check_form(say.path, root))


def _read_manifest(
    root: etree._Element, opf: str, entries: Mapping[str, bytes], say: Reporter
) -> dict[str, Item]:
    """The files that are there, by id.

    EPUBCheck: RSC-001 (missing), RSC-006 (remote), OPF-074 (twice), OPF-027 (properties), RSC-005 (id).
    """
    items: dict[str, Item] = {}
    paths: set[str] = set()
    for element in root.iterfind(f"{OPF}manifest/{OPF}item"):
        id, href = element.get("id", ""), element.get("href", "")
        media_type = element.get("media-type", "")
        if not id:
            say.error("manifest.no-id", element, f"lists {href or 'a file'} without an id", "give it one")
        if leads_outside(href):
            if not media_type.startswith(REMOTE_TYPES):
                what = f"names {href}, which lies outside"
                say.error("manifest.remote-file", element, what, "put it in the book")
            continue
        target = resolve(opf, href, entries)
        if not href or target is None:
            what = f"names {href!r}, which is not in the book"
            say.error("manifest.missing-file", element, what, "add the file, or take the line out")
            continue
        if target.path in paths:
            say.error("manifest.duplicate-file", element, f"names {href} twice", "keep one of the two")
        paths.add(target.path)
        _check_type(element, href, media_type, say)
        properties = tuple(element.get("properties", "").split())
        for unknown in sorted(set(properties) - PROPERTIES):
            if ":" not in unknown:
                what = f"gives {href} the property {unknown}, which EPUB does not know"
                say.error("manifest.property", element, what, "take it out")
        line = element.sourceline
        items[id] = Item(id=id, path=target.path, media_type=media_type, properties=properties, line=line)
    return items


def expected_type(path: str, otherwise: str) -> str:
    """What a file's suffix says about its media type; ``otherwise`` for a suffix that says nothing."""
    return TYPES.get(path[path.rfind(".") :].lower(), otherwise)


def _check_type(element: etree._Element, href: str, media_type: str, say: Reporter) -> None:
    """EPUBCheck: OPF-029, RSC-005."""
    expected = expected_type(href, media_type)
    if not media_type or media_type != expected:
        what = f"gives {href} the type {media_type!r}"
        say.error("manifest.media-type", element, what, f"write {expected or 'the type that it has'}")


def _check_undeclared(
    entries: Mapping[str, bytes], opf: str, items: Mapping[str, Item], say: Reporter
) -> None:
    """Files that the manifest forgot (EPUBCheck: OPF-003, a usage message; readers drop such files)."""
    declared = {item.path for item in items.values()} | {"mimetype", opf}
    for name in entries:
        if name not in declared and not name.startswith("META-INF/"):
            what = f"is not in the manifest of {opf}"
            say.problems.append(
                warning("manifest.undeclared-file", name, what, "add it there, or leave it out")
            )


def _read_spine(
    root: etree._Element, version: int, items: Mapping[str, Item], say: Reporter
) -> dict[str, int]:
    """The reading order.

    EPUBCheck: OPF-049 (unknown), OPF-034 (twice), OPF-043 (not XHTML), RSC-005 (empty, no toc), OPF-050
    (toc); OPF-096 says that an item with linear="no" cannot be reached, and calibre warns of every one.
    """
    spine: dict[str, int] = {}
    declared = {element.get("id") for element in root.iterfind(f"{OPF}manifest/{OPF}item")}
    for reference in root.iterfind(f"{OPF}spine/{OPF}itemref"):
        idref = reference.get("idref", "")
        if idref not in declared:
            what = f"names the id {idref!r}, which the manifest lacks"
            say.error("spine.unknown-idref", reference, what, "mend the id, or take it out")
        if reference.get("linear") == "no":
            what = f"takes {idref!r} out of the reading order"
            say.warning("spine.non-linear", reference, what, "leave linear out; few readers find such pages")
        if idref not in items:
            continue
        if items[idref].path in spine:
            say.error("spine.duplicate-idref", reference, f"names the id {idref!r} twice", "keep one")
        if items[idref].media_type not in SPINE_TYPES:
            what = f"has {items[idref].path} in the reading order, which is no document"
            say.error("spine.no-document", reference, what, f"put only {XHTML_TYPE} there")
        spine.setdefault(items[idref].path, len(spine))
    if not spine:
        say.error("spine.empty", None, "has no reading order", "name the documents in <spine>")
    _check_ncx_reference(root, version, items, say)
    return spine


def _check_ncx_reference(
    root: etree._Element, version: int, items: Mapping[str, Item], say: Reporter
) -> None:
    spine = root.find(f"{OPF}spine")
    toc = None if spine is None else spine.get("toc")
    is_there = any(item.media_type == NCX_TYPE for item in items.values())
    named = items.get(toc) if toc is not None else None
    if (toc is not None or is_there or version == 2) and (named is None or named.media_type != NCX_TYPE):
        what = "does not name the NCX, the contents of old readers"
        say.error("spine.no-ncx", spine, what, 'give <spine> a toc="" with the id of its item')


def _cover(root: etree._Element, items: Mapping[str, Item]) -> Item | None:
    """The picture with the property (EPUB 3), else the one that calibre's and Amazon's meta names."""
    for item in items.values():
        if "cover-image" in item.properties:
            return item
    names = [meta.get("content", "") for meta in root.iter(f"{OPF}meta") if meta.get("name") == "cover"]
    return next((items[name] for name in names if name in items), None)
