"""The markup of one document: elements, attributes, ids, nesting, pictures, scripts."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from lxml import etree

from fic2epub.builder.check_links import Document
from fic2epub.builder.check_metadata import PREFIXES, is_language_tag
from fic2epub.builder.check_words import ATTRIBUTES, BLOCKS, ELEMENTS, PHRASING_ONLY, ROLES
from fic2epub.builder.problem import OPS, SVG, XHTML, Problem

__all__ = ["check_markup"]

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TITLE, LINK = f"{XHTML}title", f"{XHTML}link"
LINKS = frozenset(XHTML + name for name in ("a", "ins", "del"))
LISTS = frozenset({f"{XHTML}ol", f"{XHTML}ul"})
LIST_ITEMS = frozenset({f"{XHTML}li", f"{XHTML}script", f"{XHTML}template"})
LIST_PARENTS = LISTS | {f"{XHTML}menu"}
SEEN_WHOLE = LISTS | {f"{XHTML}a"}
"""Elements that are looked at each by itself: lists for what is in them, links since no two are alike."""
MOST_SHAPES, LONG_SHAPE = 5000, 500
"""How many are kept, and how many characters are too many for one: some pages bear their pictures in them."""
Shape = tuple[object, ...]
"""An element's name, its parent's, and its attributes."""
SHOWN_EMPTY = (
    *(XHTML + name for name in ("img", "hr", "audio", "video", "object", "iframe", "canvas")),
    f"{SVG}svg",
    "{http://www.w3.org/1998/Math/MathML}math",
)
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "for")
MOST_ATTRIBUTES = 100
"""Of one element that are looked at: each look takes as long as there are many."""
FOREIGN = ("{http://www.w3.org/XML/", "idpf.org")
"""XML's own namespace, and any of idpf.org (EPUBCheck: HTM_054)."""
NAMESPACED = {f"{OPS}{name}" for name in ("type", "prefix", "trigger")} | {
    f"{XML_LANG[:-4]}{name}" for name in ("lang", "base", "space", "id")
}
VALUES = {
    "dir": re.compile("ltr|rtl|auto", re.IGNORECASE),
    "role": re.compile(r"\s*\S.*", re.DOTALL),
    f"{OPS}type": re.compile(r"\s*\S.*", re.DOTALL),
    "type": re.compile(r"\S.*", re.DOTALL),
}
PREFIX_RE = re.compile(r"([^\s:]+):\s+\S+")


def check_markup(document: Document, version: int) -> Iterator[Problem]:
    """Find what is wrong with one XHTML page; what EPUB 3 alone demands is only asked of EPUB 3."""
    root = document.root
    body = next(root.iterchildren(f"{XHTML}body"), None)
    if root.tag != f"{XHTML}html" or body is None:
        yield document.error("xhtml.no-body", root, "is no XHTML page", "it needs <html xmlns> and a <body>")
        return
    yield from _check_head(document, root)
    if not any(text.strip() for text in body.itertext()) and next(body.iter(*SHOWN_EMPTY), None) is None:
        yield document.warning(
            "xhtml.empty-body", body, "shows nothing", "find what was lost, or leave it out"
        )
    yield from _check_ids(document)
    prefixes = PREFIXES.union(PREFIX_RE.findall(root.get(f"{OPS}prefix") or ""))
    right = _right(prefixes, version)
    for tag, element in document.elements:
        if not tag.startswith(XHTML):
            continue
        shape = _shape(tag, element)
        if shape is not None and shape in right:
            continue
        problems = tuple(_check_element(document, element, prefixes, version))
        if problems:
            yield from problems
        elif shape is not None and len(right) < MOST_SHAPES and len(str(shape)) < LONG_SHAPE:
            right.add(shape)


@lru_cache(maxsize=2)
def _right(prefixes: frozenset[str], version: int) -> set[Shape]:
    """Shapes of elements in which nothing was found: pages are much alike, and so are the books of a run."""
    return set()


def _shape(tag: str, element: etree._Element) -> Shape | None:
    """All that `_check_element` looks at; None if it looks further: at words, at children, up a link.

    None too for one of many attributes, since lxml finds the value of each by a look at all.
    """
    parent = element.getparent()
    if tag in SEEN_WHOLE or (parent is not None and parent.tag in LINKS) or len(element.attrib) > 8:
        return None
    return tag, None if parent is None else parent.tag, *element.items()


def _check_element(
    document: Document, element: etree._Element, prefixes: frozenset[str], version: int
) -> Iterator[Problem]:
    """Find what is wrong with one element of a page."""
    yield from _check_nesting(document, element)
    if element.tag == f"{XHTML}img":
        yield from _check_picture(document, element)
    if element.tag not in ELEMENTS and version == 3:
        name = etree.QName(element).localname
        advice = "use one that HTML has, with a class"
        yield document.error("xhtml.unknown-element", element, f"has an element <{name}>", advice)
    yield from _check_attributes(document, element, prefixes, version)


def _check_head(document: Document, root: etree._Element) -> Iterator[Problem]:
    """EPUBCheck: RSC-005 for an empty title, RSC-017 (a warning) for none, RSC-005 for two languages."""
    head = [one for head in root.iterchildren(f"{XHTML}head") for one in head]
    title = next((one for one in head if one.tag == TITLE), None)
    if title is None:
        yield document.warning("xhtml.no-title", root, "has no <title>", "name the page there")
    elif not "".join(title.itertext()).strip():
        yield document.error("xhtml.empty-title", title, "has an empty <title>", "name the page there")
    both = document.attributes.issuperset(("lang", XML_LANG))
    for _, element in document.elements if both else ():
        html, xml = element.get("lang"), element.get(XML_LANG)
        if html is not None and xml is not None and html.lower() != xml.lower():
            what = f"has lang {html!r} and xml:lang {xml!r}"
            yield document.error("xhtml.two-languages", element, what, "write the same in both")
    if not root.get("lang") and not root.get(XML_LANG):
        what = "does not say in which language it is"
        yield document.warning("xhtml.no-language", root, what, "write lang and xml:lang on <html>")
    for link in (one for one in head if one.tag == LINK):
        if link.get("rel") is None or link.get("href") == "":
            what = "has a <link> without rel or with an empty href"
            yield document.error("xhtml.missing-attribute", link, what, "fill it, or take the link out")


def _check_ids(document: Document) -> Iterator[Problem]:
    """Unique, and free of white space (EPUBCheck: RSC-005); what names an id must find it."""
    ids = Counter(document.ids)
    for id, count in ids.items():
        at = document.by_id[id]
        if count > 1:
            what = f"has the id {id!r} {count} times"
            yield document.error("xhtml.duplicate-id", at, what, "rename all but one")
        if not id or any(map(str.isspace, id)):
            what = f"has the id {id!r}"
            yield document.error("xhtml.bad-id", at, what, "ids are not empty and have no spaces")
    naming = [name for name in REFERENCES if name in document.attributes]
    for name, (_, at) in product(naming, document.elements):
        for id in at.get(name, "").split():
            if id not in ids:
                what = f"has {name}={id!r}, an id that no element here has"
                yield document.error("xhtml.dead-reference", at, what, "mend the id")


def _check_nesting(document: Document, element: etree._Element) -> Iterator[Problem]:
    """A block inside words, words outside an item of a list (EPUBCheck: RSC-005).

    A block inside a link or an ins is allowed wherever the link itself may hold it.
    """
    tag = element.tag
    if tag in BLOCKS:
        parent = element.getparent()
        while parent is not None and parent.tag in LINKS:
            parent = parent.getparent()
        if parent is not None and parent.tag in PHRASING_ONLY:
            name, inside = etree.QName(element).localname, etree.QName(parent).localname
            what = f"has <{name}> inside <{inside}>"
            yield document.error("xhtml.bad-nesting", element, what, f"close <{inside}> first")
    if tag in LISTS:
        stray = any(child.tag not in LIST_ITEMS for child in element.iterchildren(etree.Element))
        words = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
        if stray or words:
            name = etree.QName(element).localname
            what = f"has a <{name}> of something other than <li>"
            yield document.error("xhtml.bad-nesting", element, what, "put it into an <li>")
    elif tag == f"{XHTML}li":
        parent = element.getparent()
        if parent is None or parent.tag not in LIST_PARENTS:
            what = "has an <li> outside <ol> and <ul>"
            yield document.error("xhtml.bad-nesting", element, what, "put it into one")


def _check_picture(document: Document, element: etree._Element) -> Iterator[Problem]:
    if not element.get("src"):
        yield document.error("image.no-source", element, "has an <img> without src", "name the picture there")
    alt = element.get("alt")
    if alt is None:
        what = "has an <img> without alt"
        yield document.warning("image.no-alt", element, what, "say in words what it shows")
    elif not alt.strip():
        what = 'has an <img> with an empty alt=""'
        advice = "say what it shows; Send-to-Kindle is said to refuse some of these (E21018)"
        yield document.warning("kindle.empty-alt", element, what, advice)


def _check_attributes(
    document: Document, element: etree._Element, prefixes: frozenset[str], version: int
) -> Iterator[Problem]:
    """EPUBCheck: RSC-005 (attributes, roles), OPF-092 (language tags), OPF-028 (prefixes of epub:type)."""
    scripted = element.tag == f"{XHTML}script"
    for name in element.keys()[:MOST_ATTRIBUTES]:
        value = element.get(name, "")
        if name in {"lang", XML_LANG}:
            if value and not is_language_tag(value):
                what, advice = (
                    f"is in the language {value!r}, which is no tag",
                    "write en, de, zh-Hant or the like",
                )
                yield document.error("xhtml.bad-language-tag", element, what, advice)
        elif name == f"{OPS}type":
            for kind in value.split():
                prefix, colon, _ = kind.partition(":")
                if colon and prefix not in prefixes:
                    what, advice = f"uses epub:type {kind!r}", f"declare {prefix!r} in epub:prefix on <html>"
                    yield document.error("xhtml.prefix", element, what, advice)
        elif name.startswith("on") or (name == "href" and value.lower().startswith("javascript:")):
            scripted = True
        elif name == "role":
            for role in value.split():
                if role not in ROLES:
                    what = f"has the role {role!r}, which is none"
                    yield document.error("xhtml.role", element, what, "mend its name or leave it out")
        elif version == 3 and name not in ATTRIBUTES and not name.startswith(("{", "data-")):
            what = f"has the attribute {name!r}"
            yield document.error("xhtml.unknown-attribute", element, what, "take it out; CSS can say it")
        elif name.startswith("{") and name not in NAMESPACED and any(part in name for part in FOREIGN):
            what = f"has the attribute {etree.QName(name).localname!r} of a namespace that has none"
            yield document.error("xhtml.unknown-attribute", element, what, "mend its name or take it out")
        if name in VALUES and not VALUES[name].fullmatch(value):
            local = etree.QName(name).localname
            what = f"has {local}={value!r}"
            yield document.error("xhtml.bad-value", element, what, "mend it or leave it out")
    if scripted:
        what = "holds a script"
        yield document.error("kindle.script", element, what, "take it out; Kindle refuses such a book")
