"""The contents: the navigation document, the NCX of old readers, and whether both say the same."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from fic2epub.builder.check_form import check_form
from fic2epub.builder.check_links import Document, Outline
from fic2epub.builder.check_package import NCX_TYPE, XHTML_TYPE, Package
from fic2epub.builder.problem import NCX, OPS, XHTML, Problem, Target, error, resolve

__all__ = ["check_navigation"]

Entry = tuple[str, Target | None]
"""A label, its white space made single, and where it leads."""
HEADINGS = frozenset(XHTML + name for name in ("h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "p"))
SPACE_RE = re.compile(r"\s+")


def check_navigation(
    documents: Mapping[str, Document],
    outlines: Mapping[str, Outline],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    """Find what is wrong with the contents; EPUB 2 has no navigation document.

    ``documents`` are those that hold contents, ``outlines`` what is known of all.
    """
    ncx = next((documents.get(item.path) for item in package.items if item.media_type == NCX_TYPE), None)
    if ncx is not None:
        yield from _check_ncx(ncx, package)
    if package.version == 2:
        return
    navs = [item for item in package.items if "nav" in item.properties]
    if len(navs) != 1 or navs[0].media_type != XHTML_TYPE:
        what = f"has {len(navs)} pages with the property nav"
        yield error("nav.missing", package.path, what, "a book has one contents page: mark that one")
        return
    nav = documents.get(navs[0].path)
    if nav is None:
        return
    lists = {kind: _lists(nav, kind) for kind in ("toc", "landmarks")}
    if len(lists["toc"]) != 1:
        what = f'has {len(lists["toc"])} <nav epub:type="toc">'
        yield nav.error("nav.no-toc", nav.root, what, "a book has one list of contents: mark that one")
        return
    for element in nav.root.iter(f"{XHTML}nav"):
        if element.get(f"{OPS}type"):
            yield from _check_structure(nav, element)
    yield from _check_toc(nav, lists["toc"][0], outlines, entries, package)
    for landmarks in lists["landmarks"]:
        yield from _check_landmarks(nav, landmarks)
    if ncx is not None:
        yield from _check_agreement(nav, lists["toc"][0], ncx, entries)


def _lists(nav: Document, kind: str) -> list[etree._Element]:
    return [e for e in nav.root.iter(f"{XHTML}nav") if kind in (e.get(f"{OPS}type") or "").split()]


def _check_ncx(ncx: Document, package: Package) -> Iterator[Problem]:
    """The old contents (EPUBCheck: NCX-001 for the uid, RSC-005 for an order with gaps or doubles)."""
    uid = next((m.get("content") for m in ncx.root.iter(f"{NCX}meta") if m.get("name") == "dtb:uid"), None)
    if uid is None:
        what, advice = "has no dtb:uid", f"write {package.identifier!r} there; Kindle compares the two"
        yield ncx.warning("ncx.no-uid", ncx.root, what, advice)
    elif uid.strip() != package.identifier:
        what = f"has the uid {uid!r}, the package {package.identifier!r}"
        yield ncx.error("ncx.uid", ncx.root, what, "write the package's in both")
    if package.version == 3:
        yield from check_form(ncx.path, ncx.root)
        if ncx.root.get("version") not in {None, "2005-1"}:
            what = f"is of version {ncx.root.get('version')!r}"
            yield ncx.error("ncx.version", ncx.root, what, "write 2005-1, the only one")
    counted = any(point.get("playOrder") is not None for point in ncx.root.iter(f"{NCX}navPoint"))
    numbers: dict[str | None, str] = {}  # entries that lead to one place share its number
    for point in ncx.root.iter(f"{NCX}navPoint"):
        content = point.find(f"{NCX}content")
        wanted = numbers.setdefault(None if content is None else content.get("src"), str(len(numbers) + 1))
        given = point.get("playOrder")
        if counted and given != wanted:
            what = f"has the playOrder {given}, and its target is number {wanted}"
            yield ncx.error("ncx.order", point, what, "count them through")


def _check_structure(nav: Document, element: etree._Element) -> Iterator[Problem]:
    """A heading at most, then one list whose items are links or labels (EPUBCheck: RSC-005)."""
    children = [child for child in element.iterchildren(etree.Element) if child.tag not in HEADINGS]
    if len(children) != 1 or children[0].tag != f"{XHTML}ol":
        yield nav.error("nav.structure", element, "is no list", "give the nav one <ol>, after its heading")
        return
    for item in element.iter(f"{XHTML}li"):
        tags = [child.tag for child in item.iterchildren(etree.Element)]
        if tags not in ([f"{XHTML}a"], [f"{XHTML}a", f"{XHTML}ol"], [f"{XHTML}span", f"{XHTML}ol"]):
            what = "has an entry that is neither a link nor a label with a list"
            yield nav.error("nav.structure", item, what, "write <li><a href>…</a></li>")


def _check_toc(
    document: Document,
    toc: etree._Element,
    outlines: Mapping[str, Outline],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    """Labels that can be read, in the order of the book (EPUBCheck: RSC-005, NAV-011 warning)."""
    last = (-1, -1)
    for link in toc.iter(f"{XHTML}a"):
        if not _label(link):
            yield document.error("nav.empty-label", link, "has an entry without a label", "name it")
        target = resolve(document.path, link.get("href", "."), entries)
        if target is None or target.path not in package.spine:
            continue  # said by check_links
        there = outlines.get(target.path)
        goal = there.anchors.get(target.fragment) if there is not None and target.fragment else None
        within = 0 if goal is None else goal.order
        here = (package.spine[target.path], within)
        if here < last:
            what = f"lists {target.path} after what follows it"
            yield document.warning("nav.order", link, what, "keep to the order of the book")
        last = max(last, here)


def _check_landmarks(document: Document, landmarks: etree._Element) -> Iterator[Problem]:
    """EPUBCheck: RSC-005."""
    kinds = Counter((a.get(f"{OPS}type"), a.get("href")) for a in landmarks.iter(f"{XHTML}a"))
    for (kind, href), count in kinds.items():
        if kind is None:
            what = f"has a landmark {href} that does not say what it is"
            yield document.error("nav.landmarks", landmarks, what, "give it an epub:type")
        elif count > 1:
            what = f"has the landmark {kind} of {href} {count} times"
            yield document.error("nav.landmarks", landmarks, what, "keep one")


def _check_agreement(
    nav: Document, toc: etree._Element, ncx: Document, entries: Mapping[str, bytes]
) -> Iterator[Problem]:
    """Old and new readers should show the same contents: labels and targets, in order."""
    new = [
        (_label(link), resolve(nav.path, link.get("href") or "", entries)) for link in toc.iter(f"{XHTML}a")
    ]
    old = []
    for point in ncx.root.iter(f"{NCX}navPoint"):
        text, content = point.find(f"{NCX}navLabel/{NCX}text"), point.find(f"{NCX}content")
        href = "" if content is None else content.get("src", "")
        label = "" if text is None else _label(text)
        old.append((label, resolve(ncx.path, href, entries)))
    if new == old:
        return
    place = next(
        (n for n, (a, b) in enumerate(zip(new, old, strict=False)) if a != b), min(len(new), len(old))
    )
    what = f"differs from the navigation at entry {place + 1}: {_said(old, place)}, there {_said(new, place)}"
    yield ncx.warning("ncx.differs", ncx.root, what, "write the same labels and targets in both")


def _said(entries: list[Entry], place: int) -> str:
    if place >= len(entries):
        return "none"
    label, target = entries[place]
    where = "nowhere" if target is None else target.path + (f"#{target.fragment}" if target.fragment else "")
    return f"{label!r} to {where}"


def _label(element: etree._Element) -> str:
    return SPACE_RE.sub(" ", "".join(element.itertext())).strip()
