"""What a catalogue's feed must be, by the standards, said in our own words.

Atom: RFC 4287, section 4. OPDS 1.2: specs.opds.io/opds-1.2. OPDS 2.0: drafts.opds.io/opds-2.0 and Readium's
Web Publication Manifest. All read 2026-08. Each rule that is broken becomes a sentence.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/terms/}"
OPDS = "{http://opds-spec.org/2010/catalog}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
NAVIGATION = "application/atom+xml;profile=opds-catalog;kind=navigation"
ACQUISITION = "application/atom+xml;profile=opds-catalog;kind=acquisition"
ACQUIRE = "http://opds-spec.org/acquisition"
PICTURES = {"image/jpeg", "image/png", "image/gif"}
CHILDREN = frozenset(
    "author category content contributor entry icon id link logo published rights source subtitle summary "
    "title updated".split()
)
DATE_RE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def faults(content: bytes, kind: str) -> list[str]:
    """What is wrong with a feed of OPDS 1.2 that is served as ``kind``."""
    root = etree.fromstring(content)
    if root.tag != f"{ATOM}feed":
        return [f"the outermost element is {root.tag}"]
    found = list(_of_feed(root, kind))
    for entry in root.iter(f"{ATOM}entry"):
        found += _of_entry(entry, kind)
    return found


def entry_faults(content: bytes) -> list[str]:
    """What is wrong with a document of one entry."""
    root = etree.fromstring(content)
    return [f"outermost is {root.tag}"] if root.tag != f"{ATOM}entry" else list(_of_entry(root, ACQUISITION))


def _of_feed(feed: etree._Element, kind: str) -> Iterator[str]:
    yield from _of_both(feed)
    rels = [link.get("rel") for link in feed.iterchildren(f"{ATOM}link")]
    if rels.count("self") != 1:
        yield "not one self link"
    if "start" not in rels:
        yield "no start link"
    own = next(link for link in feed.iterchildren(f"{ATOM}link") if link.get("rel") == "self")
    if own.get("type") != kind:
        yield f"is {kind} and calls itself {own.get('type')}"
    if feed.find(f"{ATOM}author") is None and any(
        entry.find(f"{ATOM}author") is None for entry in feed.iter(f"{ATOM}entry")
    ):
        yield "neither the feed nor each entry has an author"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    if len(set(ids)) != len(ids):
        yield "two entries have one id"
    children = list(feed)
    entries = [index for index, child in enumerate(children) if child.tag == f"{ATOM}entry"]
    if entries and entries != list(range(entries[0], len(children))):
        yield "something stands behind the first entry"
    active: dict[str, int] = {}
    for link in feed.iterchildren(f"{ATOM}link"):
        if link.get("rel") == "http://opds-spec.org/facet":
            if not link.get("title"):
                yield "a facet without a title"
            group = link.get(f"{OPDS}facetGroup", "")
            active[group] = active.get(group, 0) + (link.get(f"{OPDS}activeFacet") == "true")
    if any(count > 1 for count in active.values()):
        yield "two facets of a group are active"


def _of_entry(entry: etree._Element, kind: str) -> Iterator[str]:
    title = entry.findtext(f"{ATOM}title")
    for fault in _of_both(entry):
        yield f"{title}: {fault}"
    links = list(entry.iterchildren(f"{ATOM}link"))
    acquire = [link for link in links if (link.get("rel") or "").startswith(ACQUIRE)]
    if kind == ACQUISITION and not acquire:
        yield f"{title}: an acquisition feed has an entry that nothing can be had of"
    if kind == NAVIGATION and acquire:
        yield f"{title}: a navigation feed has a book"
    if kind == NAVIGATION and not links:
        yield f"{title}: leads nowhere"
    for link in links:
        if (link.get("rel") or "").startswith("http://opds-spec.org/image") and link.get(
            "type"
        ) not in PICTURES:
            yield f"{title}: a picture that is {link.get('type')}"
    for name in ("title", "creator", "subject"):
        if entry.find(f"{DC}{name}") is not None:
            yield f"{title}: Dublin Core's {name}, for which Atom has its own"
    summary = entry.find(f"{ATOM}summary")
    if summary is not None and summary.get("type", "text") != "text":
        yield f"{title}: a summary that is no plain text"


def _of_both(element: etree._Element) -> Iterator[str]:
    for name in ("id", "title", "updated"):
        if len(element.findall(f"{ATOM}{name}")) != 1:
            yield f"not one {name}"
    identifier = element.findtext(f"{ATOM}id") or ""
    if not urlsplit(identifier).scheme:
        yield f"an id that is no absolute address: {identifier!r}"
    updated = element.findtext(f"{ATOM}updated") or ""
    if not DATE_RE.fullmatch(updated):
        yield f"updated {updated!r} is no date of RFC 3339"
    else:
        datetime.fromisoformat(updated)
    for child in element:
        name = etree.QName(child)
        if name.namespace == ATOM[1:-1] and name.localname not in CHILDREN | {
            "entry",
            "icon",
            "logo",
            "subtitle",
        }:
            yield f"Atom has no {name.localname} here"
    for person in element.iterchildren(f"{ATOM}author"):
        if not (person.findtext(f"{ATOM}name") or "").strip():
            yield "an author without a name"
    for category in element.iterchildren(f"{ATOM}category"):
        if not category.get("term"):
            yield "a category without a term"
    for link in element.iterchildren(f"{ATOM}link"):
        if not link.get("href") or not link.get("type"):
            yield f"a link without an address or a type: {dict(link.attrib)}"


LINK = {
    "type": "object",
    "required": ["href", "type"],
    "properties": {
        "href": {"type": "string", "minLength": 1},
        "type": {"type": "string", "pattern": r"^[\w.+-]+/[\w.+-]+(;.*)?$"},
        "title": {"type": "string", "minLength": 1},
        "rel": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
        "templated": {"type": "boolean"},
        "properties": {"type": "object", "properties": {"numberOfItems": {"type": "integer", "minimum": 0}}},
    },
    "if": {"properties": {"href": {"pattern": "[{}]"}}},
    "then": {"required": ["templated"]},
}
TITLED = {"allOf": [LINK, {"required": ["title"]}]}
PERSON = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}
MOMENT = {"type": "string", "pattern": DATE_RE.pattern}
PUBLICATION = {
    "type": "object",
    "required": ["metadata", "links", "images"],
    "additionalProperties": False,
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["title", "@type", "identifier"],
            "properties": {
                "@type": {"type": "string", "format": "uri"},
                "title": {"type": "string", "minLength": 1},
                "identifier": {"type": "string", "pattern": "^[a-z]+:"},
                "author": {"type": "array", "items": PERSON},
                "language": {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
                "modified": MOMENT,
                "published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"},
                "description": {"type": "string"},
                "subject": {"type": "array", "items": PERSON},
                "belongsTo": {
                    "type": "object",
                    "properties": {
                        "series": {
                            "type": "array",
                            "items": {**PERSON, "properties": {"position": {"type": "number"}}},
                        }
                    },
                },
            },
        },
        "links": {
            "type": "array",
            "items": LINK,
            "contains": {
                "properties": {"rel": {"pattern": "^http://opds-spec.org/acquisition"}},
                "required": ["rel"],
            },
        },
        "images": {
            "type": "array",
            "minItems": 1,
            "items": LINK,
            "contains": {
                "properties": {"type": {"enum": ["image/jpeg", "image/png", "image/gif", "image/avif"]}}
            },
        },
    },
}
FEED = {
    "type": "object",
    "required": ["metadata", "links"],
    "additionalProperties": False,
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": {"type": "string", "minLength": 1},
                "modified": MOMENT,
                "numberOfItems": {"type": "integer", "minimum": 0},
                "itemsPerPage": {"type": "integer", "minimum": 1},
                "currentPage": {"type": "integer", "minimum": 1},
            },
        },
        "links": {
            "type": "array",
            "items": LINK,
            "contains": {"properties": {"rel": {"const": "self"}}, "required": ["rel"]},
        },
        "navigation": {"type": "array", "items": TITLED},
        "publications": {"type": "array", "items": PUBLICATION},
        "facets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["metadata", "links"],
                "properties": {
                    "metadata": {"type": "object", "required": ["title"]},
                    "links": {"type": "array", "minItems": 1, "items": TITLED},
                },
            },
        },
    },
    "oneOf": [{"required": ["navigation"]}, {"required": ["publications"]}],
}
"""OPDS 2.0 as a JSON schema of our own: a feed of ours has navigation or publications."""
