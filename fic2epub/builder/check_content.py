"""Documents, style sheets, links and navigation.

Every document is parsed once; links are followed after all of them have been read, since a link may
point forwards.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from fic2epub.builder.check_css import check_css
from fic2epub.builder.check_links import Document, check_links
from fic2epub.builder.check_package import XHTML_TYPE, Package
from fic2epub.builder.problem import NCX, OPS, XHTML, Problem, parse_xml, resolve

__all__ = ["check_content"]

NCX_TYPE = "application/x-dtbncx+xml"

PHRASING_ONLY = frozenset(
    XHTML + name
    for name in (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "em", "strong", "i", "b", "cite", "q"),
        *("small", "sub", "sup", "code", "abbr", "dfn", "kbd", "mark", "s", "samp", "u", "var", "dt", "pre"),
    )
)
"""Elements that hold words and no blocks."""
BLOCKS = frozenset(
    XHTML + name
    for name in (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "section", "article", "aside", "nav", "header"),
        *("footer", "main", "figure", "blockquote", "ul", "ol", "dl", "hr", "pre", "table", "address"),
    )
)
LISTS = frozenset({f"{XHTML}ol", f"{XHTML}ul"})
LIST_ITEMS = frozenset({f"{XHTML}li", f"{XHTML}script", f"{XHTML}template"})
SHOWN_EMPTY = frozenset({f"{XHTML}img", f"{XHTML}hr", "{http://www.w3.org/2000/svg}svg"})


def check_content(entries: Mapping[str, bytes], package: Package) -> Iterator[Problem]:
    """Find what is wrong with everything that the manifest holds."""
    documents: dict[str, Document] = {}
    for item in package.items:
        if item.media_type in {XHTML_TYPE, NCX_TYPE}:
            root, problems = parse_xml(item.path, entries[item.path])
            yield from problems
            if root is not None:
                documents[item.path] = Document.read(item.path, root)
        elif item.media_type == "text/css":
            yield from check_css(item.path, entries)
    for item in package.items:
        document = documents.get(item.path)
        if document is not None and item.media_type == XHTML_TYPE:
            yield from _check_document(document)
        elif document is not None:
            yield from _check_ncx(document, package)
    yield from check_links(documents, entries, package)
    yield from _check_nav(documents, entries, package)


def _check_document(document: Document) -> Iterator[Problem]:
    root, body = document.root, document.root.find(f"{XHTML}body")
    if root.tag != f"{XHTML}html" or body is None:
        yield document.error("xhtml.no-body", root, "is no XHTML page: it needs <html xmlns> and a <body>.")
        return
    title = root.find(f"{XHTML}head/{XHTML}title")
    if title is None or not (title.text or "").strip():
        yield document.error("xhtml.no-title", root, "has no <title>: name the page there (RSC-005).")
    languages = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"))
    if not languages[0] or languages[0] != languages[1]:
        yield document.error("xhtml.language", root, "needs lang and xml:lang on <html>, and both the same.")
    if not "".join(body.itertext()).strip() and not any(e.tag in SHOWN_EMPTY for e in body.iter()):
        yield document.error("xhtml.empty-body", body, "shows nothing: find what was lost, or leave it out.")
    yield from _check_ids(document)
    for element in root.iter(etree.Element):
        yield from _check_nesting(document, element)
        yield from _check_behaviour(document, element)


def _check_ids(document: Document) -> Iterator[Problem]:
    """Unique, and free of white space (EPUBCheck: RSC-005)."""
    ids = Counter(id for e in document.root.iter(etree.Element) if (id := e.get("id")) is not None)
    for id, count in ids.items():
        at = document.by_id[id]
        if count > 1:
            yield document.error(
                "xhtml.duplicate-id", at, f"has the id {id!r} {count} times: rename all but one."
            )
        if not id or any(map(str.isspace, id)):
            yield document.error(
                "xhtml.bad-id", at, f"has the id {id!r}: ids are not empty and have no spaces."
            )


def _check_nesting(document: Document, element: etree._Element) -> Iterator[Problem]:
    """A block inside words, words outside an item of a list (EPUBCheck: RSC-005).

    A block inside a link or an ins is allowed wherever the link itself may hold it.
    """
    parent = element.getparent()
    while parent is not None and parent.tag in {f"{XHTML}a", f"{XHTML}ins", f"{XHTML}del"}:
        parent = parent.getparent()
    name = etree.QName(element).localname
    if parent is not None and element.tag in BLOCKS and parent.tag in PHRASING_ONLY:
        inside = etree.QName(parent).localname
        yield document.error(
            "xhtml.bad-nesting", element, f"has <{name}> inside <{inside}>: close that first."
        )
    if element.tag in LISTS:
        stray = any(child.tag not in LIST_ITEMS for child in element.iterchildren(etree.Element))
        words = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
        if stray or words or not len(element):
            yield document.error(
                "xhtml.bad-nesting", element, f"has a <{name}> of something other than <li>."
            )
    if element.tag == f"{XHTML}li" and (parent is None or parent.tag not in LISTS):
        yield document.error("xhtml.bad-nesting", element, "has an <li> outside <ol> and <ul>.")


def _check_behaviour(document: Document, element: etree._Element) -> Iterator[Problem]:
    """Scripts, which Kindle refuses, and pictures that a reader cannot see (EPUBCheck: OPF-014, RSC-005)."""
    scripted = element.tag == f"{XHTML}script" or any(str(name).startswith("on") for name in element.attrib)
    if scripted or (element.get("href") or "").lower().startswith("javascript:"):
        yield document.error(
            "xhtml.script", element, "holds a script: Kindle refuses such a book, take it out."
        )
    if element.tag == f"{XHTML}img" and not element.get("src"):
        yield document.error("image.no-source", element, "has an <img> without src.")
    if element.tag == f"{XHTML}img" and element.get("alt") is None:
        yield document.warning("image.no-alt", element, "has an <img> without alt: say what it shows.")


def _check_ncx(ncx: Document, package: Package) -> Iterator[Problem]:
    """The old contents (EPUBCheck: NCX-001 for the uid, RSC-005 for an order with gaps or doubles)."""
    uid = next((m.get("content") for m in ncx.root.iter(f"{NCX}meta") if m.get("name") == "dtb:uid"), None)
    if uid != package.identifier:
        yield ncx.error(
            "ncx.uid", ncx.root, f"has the uid {uid!r}, the package {package.identifier!r}: one book."
        )
    numbers: dict[str | None, str] = {}  # entries that lead to one place share its number
    for point in ncx.root.iter(f"{NCX}navPoint"):
        content = point.find(f"{NCX}content")
        wanted = numbers.setdefault(None if content is None else content.get("src"), str(len(numbers) + 1))
        if point.get("playOrder") != wanted:
            given = point.get("playOrder")
            yield ncx.error("ncx.order", point, f"has the playOrder {given}: its target is number {wanted}.")


def _check_nav(
    documents: Mapping[str, Document], entries: Mapping[str, bytes], package: Package
) -> Iterator[Problem]:
    """One navigation document with one contents list (EPUBCheck: RSC-005, OPF-…, NAV-011)."""
    navs = [item for item in package.items if "nav" in item.properties]
    if len(navs) != 1:
        message = f"has {len(navs)} items with the property nav: a book has one contents page."
        yield Problem("nav.missing", "error", package.path, message)
        return
    document = documents.get(navs[0].path)
    if document is None:
        return
    lists = {
        kind: [
            nav for nav in document.root.iter(f"{XHTML}nav") if kind in (nav.get(f"{OPS}type") or "").split()
        ]
        for kind in ("toc", "landmarks")
    }
    if len(lists["toc"]) != 1:
        yield document.error("nav.no-toc", document.root, 'needs one <nav epub:type="toc">.')
        return
    yield from _check_toc(document, lists["toc"][0], documents, entries, package)
    for landmarks in lists["landmarks"]:
        yield from _check_landmarks(document, landmarks)


def _check_toc(
    document: Document,
    toc: etree._Element,
    documents: Mapping[str, Document],
    entries: Mapping[str, bytes],
    package: Package,
) -> Iterator[Problem]:
    """Labels that can be read, in the order of the book (EPUBCheck: RSC-005, NAV-011 warning)."""
    position = {path: number for number, path in enumerate(package.spine)}
    last = (-1, -1)
    for link in toc.iter(f"{XHTML}a"):
        if not "".join(link.itertext()).strip():
            yield document.error("nav.empty-label", link, "has an entry without a label.")
        target = resolve(document.path, link.get("href") or "", entries)
        if target is None or target.path not in position:
            continue  # said by check_links
        there = documents.get(target.path)
        within = there.order.get(target.fragment, 0) if there is not None and target.fragment else 0
        here = (position[target.path], within)
        if here < last:
            yield document.warning(
                "nav.order", link, f"lists {target.path} after what follows it: keep the order."
            )
        last = max(last, here)


def _check_landmarks(document: Document, landmarks: etree._Element) -> Iterator[Problem]:
    """EPUBCheck: RSC-005."""
    kinds = Counter((a.get(f"{OPS}type"), a.get("href")) for a in landmarks.iter(f"{XHTML}a"))
    for (kind, href), count in kinds.items():
        if kind is None or count > 1:
            message = f"has the landmark {kind} of {href} {count} times: one place each, each with epub:type."
            yield document.error("nav.landmarks", landmarks, message)
