"""Everything that the manifest holds: documents, style sheets, pictures, links, contents.

Every document is parsed once, and its tree let go before the next: an anthology has tens of thousands.
Links are followed after all of them have been read, since a link may point forwards.
"""

from collections.abc import Iterator, Mapping

from fic2epub.builder.check_css import check_css
from fic2epub.builder.check_images import check_images
from fic2epub.builder.check_links import Document, Outline, check_links
from fic2epub.builder.check_markup import check_markup
from fic2epub.builder.check_nav import check_navigation
from fic2epub.builder.check_package import NCX_TYPE, XHTML_TYPE, Item, Package
from fic2epub.builder.problem import SVG, XHTML, Problem, error, parse_xml, warning

__all__ = ["check_content"]

MOST_MARKUP = 2_000_000
"""Opening and closing tags of a whole book. A million words with a span a sentence have 300,000; what has
more is made to keep a program busy, and is not looked into."""
MOST_BYTES = 10_000_000
"""Of one document; the parser's own limit for one text."""

MATHML = "{http://www.w3.org/1998/Math/MathML}"
NEEDS = {
    f"{SVG}svg": "svg",
    f"{MATHML}math": "mathml",
    f"{XHTML}script": "scripted",
    f"{XHTML}form": "scripted",
}
"""What a document may only hold if the manifest says so."""


def check_content(entries: Mapping[str, bytes], package: Package) -> Iterator[Problem]:
    """Find what is wrong with everything that the manifest holds."""
    outlines: dict[str, Outline] = {}
    contents: dict[str, Document] = {}
    left = MOST_MARKUP
    for item in package.items:
        if item.media_type == "text/css":
            yield from check_css(item.path, entries, package)
        if item.media_type not in {XHTML_TYPE, NCX_TYPE}:
            continue
        data = entries[item.path]
        left -= data.count(b"<")
        if left < 0 or len(data) > MOST_BYTES:
            what = "is not looked into, so much markup is in the book"
            yield warning("file.not-read", item.path, what, "cut the book in two, and check each")
            continue
        root, problems = parse_xml(item.path, data)
        yield from problems
        if root is None:
            continue
        yield from _check_declaration(item, data)
        document = Document.read(item.path, root)
        if item.media_type == XHTML_TYPE:
            yield from check_markup(document, package.version)
            if package.version == 3:
                yield from _check_properties(document, item, package)
        outlines[item.path] = Outline.of(document)
        if item.media_type == NCX_TYPE or "nav" in item.properties:
            contents[item.path] = document
    yield from check_images(entries, package)
    yield from check_links(outlines, entries, package)
    yield from check_navigation(contents, outlines, entries, package)


def _check_declaration(item: Item, data: bytes) -> Iterator[Problem]:
    """Kindle's converter reads a page without an encoding as Latin-1 (E999 threads, seen 2026-08)."""
    if item.media_type == XHTML_TYPE and b"encoding=" not in data[:100] and not data.isascii():
        what = 'does not begin with <?xml version="1.0" encoding="utf-8"?>'
        advice = "write that first; without it Kindle makes â€™ of every ’"
        yield error("kindle.encoding", item.path, what, advice, 1)


def _check_properties(document: Document, item: Item, package: Package) -> Iterator[Problem]:
    """EPUBCheck: OPF-014 (not declared), OPF-015 (declared, and not there)."""
    found = {NEEDS[tag] for tag, _ in document.elements if tag in NEEDS}
    if document.scripted:
        found.add("scripted")
    told = found & set(NEEDS.values())
    for property in sorted(told - set(item.properties)):
        what = f"does not say that {item.path} is {property!r}"
        yield error("manifest.property-missing", package.path, what, "give the item that property", item.line)
    for property in sorted(set(item.properties) & {"svg", "mathml", "scripted"} - told):
        what = f"says that {item.path} is {property!r}, which it is not"
        yield error("manifest.property-unused", package.path, what, "take the property out", item.line)
