"""An EPUB's entries to a KEPUB's: what Kobo's own reader needs to keep positions and highlights.

Works on anybody's EPUB and knows nothing of how it was made. The rules are those of kepubify 4.0.4
(kepub/transform.go and convert.go, read 2026-08):

1. what calibre, iTunes and operating systems leave in a book is dropped;
2. every content document of the manifest, contents and cover page included, gets wrappers and spans
   (``kobo_spans``);
3. the package document names the cover, and loses calibre's traces;
4. a blank first page comes in where the first one does not look like a title page, since Kobo shows the
   first without margins.

It departs from kepubify where that would make a valid book invalid: only a picture becomes the cover
image, and the blank page has a title. And a second run changes nothing.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from fic2epub.builder.kobo_document import Document, local_name, read_page, read_xml, write_document
from fic2epub.builder.kobo_spans import kobo_page
from fic2epub.builder.problem import CONTAINER, XHTML
from fic2epub.container import MIMETYPE, read_entries, zip_entries
from fic2epub.errors import PackageError
from fic2epub.record import RECORD_NAME, encode_record, is_unedited

__all__ = ["kepub", "kepub_file", "kepub_name"]

CONTAINER_PATH = "META-INF/container.xml"
ENCRYPTION_PATH = "META-INF/encryption.xml"
PACKAGE_TYPE = "application/oebps-package+xml"
PAGE_TYPES = frozenset({"application/xhtml+xml", "text/html"})
PAGE_SUFFIXES = frozenset({".htm", ".html", ".xhtml"})

DROPPED = frozenset(
    [
        "calibre_bookmarks.txt",
        "iTunesMetadata.plist",
        "iTunesArtwork.plist",
        ".DS_STORE",
        "thumbs.db",
        "Thumbs.db",
    ]
)
DROPPED_FOLDER = "__MACOSX"

UNREAD = frozenset(["script", "style", "pre", "audio", "video", "math"])
"""Elements in which a title page's words are not counted."""

BLANK_ID = "kepubify-titlepage-dummy"
"""kepubify's name, so that programs which undo its work know the page."""
BLANK_PAGE = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en"><head><title>Blank page</title></head>\
<body><p style="text-align: center; margin: 4em 0; font-size: .7em; font-style: italic;">\
This page is left blank on purpose.</p></body></html>
"""


def kepub(entries: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """The KEPUB's entries: ``mimetype``, then the book's in their order, then a blank page if it needs one.

    A document that is no XML is read as HTML. The record of a book of ours is made to fit, so that it is
    not taken for an edited one; that of an edited book stays as it is. Raises PackageError for what is no
    EPUB, has DRM, or holds a document that cannot be read whole.
    """
    path = _package_path(entries)
    package = read_xml(path, entries[path])
    pages = dict.fromkeys(_pages(package.root, path, entries))
    _check_readable(entries, {path, *pages})
    changed = {name: _page(name, entries[name]) for name in pages}
    blank = _add_blank_page(package.root, path, entries)
    _name_cover(package.root)
    _drop_calibre(package.root)
    etree.indent(package.tree, "    ")
    changed[path] = write_document(package, polyglot=False)
    new = {name: changed.get(name, data) for name, data in entries.items() if not _is_dropped(name)}
    if blank is not None:
        new[blank] = _page(blank, BLANK_PAGE)
    new.pop("mimetype", None)
    _renew_record(entries, new)
    return [("mimetype", MIMETYPE.encode()), *new.items()]


def kepub_file(source: Path | bytes) -> bytes:
    """The bytes of the ``.kepub.epub`` made of an EPUB file, the same for the same file.

    Raises PackageError, naming the file, as `kepub` and `read_entries` do.
    """
    entries = read_entries(source)
    try:
        return zip_entries(kepub(entries))
    except PackageError as error:
        raise PackageError(f"{source.name if isinstance(source, Path) else 'the book'}: {error}") from error


def kepub_name(name: str) -> str:
    """The file name that Kobo wants, which picks its reader by it.

    >>> kepub_name("Osk Tarn - The Lamp Room.epub")
    'Osk Tarn - The Lamp Room.kepub.epub'
    """
    stem = name
    for suffix in (".epub", ".kepub"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
    return f"{stem}.kepub.epub"


def _package_path(entries: Mapping[str, bytes]) -> str:
    """Where the package document lies; of several the first, as reading systems do."""
    if CONTAINER_PATH not in entries:
        raise PackageError(f"{CONTAINER_PATH} is missing: this is no EPUB.")
    container = read_xml(CONTAINER_PATH, entries[CONTAINER_PATH]).root
    for rootfile in container.iter(f"{CONTAINER}rootfile"):
        path = rootfile.get("full-path") or ""
        if rootfile.get("media-type") == PACKAGE_TYPE and path in entries:
            return path
    raise PackageError(f"{CONTAINER_PATH} names no package document that is there: this is no EPUB.")


def _pages(package: etree._Element, path: str, entries: Mapping[str, bytes]) -> Iterator[str]:
    """The content documents of the manifest that are there, by type or by suffix."""
    folded = {name.lower(): name for name in entries}
    for item in _all(package, "item"):
        href = item.get("href") or ""
        if item.get("media-type") in PAGE_TYPES or posixpath.splitext(href)[1].lower() in PAGE_SUFFIXES:
            name = _located(path, href, entries, folded)
            if name is not None and not _is_dropped(name):
                yield name


def _located(path: str, href: str, entries: Mapping[str, bytes], folded: Mapping[str, str]) -> str | None:
    """The entry that an address leads to; None if there is none. A slip in the case is forgiven."""
    for written in (unquote(href), href):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
        if name in entries:
            return name
        if name.lower() in folded:
            return folded[name.lower()]
    return None


def _check_readable(entries: Mapping[str, bytes], names: set[str]) -> None:
    """Raise PackageError for DRM. Fonts that are only obfuscated do no harm."""
    if ENCRYPTION_PATH not in entries:
        return
    for reference in read_xml(ENCRYPTION_PATH, entries[ENCRYPTION_PATH]).root.iter("*"):
        uri = unquote(reference.get("URI") or "")
        if local_name(reference) == "CipherReference" and uri in names:
            raise PackageError(f"{uri}: is encrypted (DRM). Such books cannot be changed.")


def _page(name: str, data: bytes) -> bytes:
    document = read_page(name, data)
    if document is None:
        return data
    kobo_page(document.root)
    return write_document(document)


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """Elements by their local name: kepubify asks for no namespace, and old packages use odd ones."""
    return (element for element in root.iter("*") if local_name(element) == name)


def _name_cover(package: etree._Element) -> None:
    """Give the cover picture the property that Kobo looks for; older books have a ``meta`` instead."""
    named = next((meta for meta in _all(package, "meta") if meta.get("name") == "cover"), None)
    cover = "cover" if named is None else named.get("content", "cover")
    for item in _all(package, "item"):
        if item.get("id") == cover and (item.get("media-type") or "").startswith("image/"):
            item.set("properties", "cover-image")
            return


def _drop_calibre(package: etree._Element) -> None:
    """Remove calibre's time stamp, and who packed the book, where EPUB 2 says so in an attribute."""
    stamps = [meta for meta in _all(package, "meta") if meta.get("name") == "calibre:timestamp"]
    packers = [
        one
        for one in _all(package, "contributor")
        if any(etree.QName(key).localname == "role" and value == "bkp" for key, value in one.attrib.items())
    ]
    for element in (*stamps, *packers):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _add_blank_page(package: etree._Element, path: str, entries: Mapping[str, bytes]) -> str | None:
    """Put a blank page first in manifest and spine if it is needed; its name, or None."""
    manifest, spine = (next(_all(package, name), None) for name in ("manifest", "spine"))
    name = posixpath.join(posixpath.dirname(path), f"{BLANK_ID}.xhtml")
    if manifest is None or spine is None or name in entries or not _needs_blank(package, path, entries):
        return None
    space = str(manifest.tag).removesuffix("manifest")
    item = {"id": BLANK_ID, "href": f"{BLANK_ID}.xhtml", "media-type": "application/xhtml+xml"}
    etree.SubElement(manifest, f"{space}item", item)
    spine.insert(0, spine.makeelement(f"{space}itemref", {"idref": BLANK_ID}))
    return name


def _needs_blank(package: etree._Element, path: str, entries: Mapping[str, bytes]) -> bool:
    """Whether the first linear page is something else than a title page."""
    linear = (itemref for itemref in _all(package, "itemref") if itemref.get("linear") != "no")
    first = next(linear, None)
    idref = None if first is None else first.get("idref")
    item = next((item for item in _all(package, "item") if idref and item.get("id") == idref), None)
    href = "" if item is None else item.get("href") or ""
    base = posixpath.basename(href).lower()
    if posixpath.splitext(base)[1] not in PAGE_SUFFIXES or "cover" in base or "title" in base:
        return False
    name = _located(path, href, entries, {})
    document = None if name is None else read_page(name, entries[name])
    return document is not None and not _is_title_page(document)


def _is_title_page(document: Document) -> bool:
    """Few words and paragraphs, few pictures, and something of either.

    Words count from four bytes on. What stands in a ``p`` is not looked at: so it is in kepubify, and a
    page that is one paragraph is therefore no title page.
    """
    body = document.root.find(f"{XHTML}body")
    paragraphs = words = pictures = 0
    pending = [] if body is None else [body]
    while pending:
        element = pending.pop()
        if element.tag == f"{XHTML}p":
            paragraphs += 1
        elif local_name(element) in ("img", "svg"):
            pictures += 1
        elif isinstance(element.tag, str) and local_name(element) not in UNREAD:
            texts = (element.text, *(child.tail for child in element))
            words += sum(len(word.encode()) > 3 for text in texts for word in (text or "").split())
            pending += element
    return paragraphs <= 4 and words <= 20 and pictures <= 4 and (pictures > 0 or words >= 5)


def _is_dropped(name: str) -> bool:
    folder, base = posixpath.split(name)
    return base in DROPPED or folder == DROPPED_FOLDER or not base


def _renew_record(old: Mapping[str, bytes], new: dict[str, bytes]) -> None:
    """Make our own record's hash fit the new entries, unless someone had edited the book."""
    if RECORD_NAME in old and is_unedited(old):
        new[RECORD_NAME] = encode_record(json.loads(old[RECORD_NAME]), new)
