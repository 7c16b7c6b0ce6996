"""Publication to the bytes of an .epub. The only module that imports EbookLib.

EbookLib writes the package document; everything else it gets finished, as plain items whose bytes it
leaves alone. Its traps, and how each is avoided (seen with EbookLib 0.20):

1. ``EpubHtml`` and ``EpubNcx`` rewrite content: only ``EpubItem`` is used, nav and NCX are our own.
2. An empty item, a name or id that comes twice, a spine id without an item are written without a word:
   checked here first, and so is every value for characters that XML does not allow.
3. ``add_author`` gives every author one id: each gets its own.
4. ``<package>`` has no ``xml:lang``: a subclass of the writer sets it.
5. The zip bears the clock and lies in ``EPUB/``: none is made, only the package document is taken from it.
   The files go to ``container`` as they are, so that a big anthology is in memory once.
6. A ``generator`` meta holds its version, which would change the bytes at an upgrade: removed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from fic2epub.builder.check import check
from fic2epub.builder.languages import direction
from fic2epub.builder.problem import is_refused
from fic2epub.container import MIMETYPE, zip_entries
from fic2epub.errors import PackageError
from fic2epub.model import Publication, Resource
from fic2epub.record import RECORD_NAME, encode_record

if TYPE_CHECKING:
    from ebooklib import epub

__all__ = ["pack"]

_CONTAINER_NAME = "META-INF/container.xml"
_CONTAINER = b"""<?xml version="1.0" encoding="utf-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
  <rootfiles>
    <rootfile media-type="application/oebps-package+xml" full-path="content.opf"/>
  </rootfiles>
</container>
"""
"""Everything lies at the root, where ao3downloader looks for it."""
_NAME_RE = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")
_ID_RE = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_FORBIDDEN_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0, production 2 (Char), does not name; to list what it names takes 4 ms longer to compile."""


def pack(publication: Publication) -> bytes:
    """The .epub, with its record: the same bytes for the same publication.

    Raises PackageError, naming what is wrong, for a publication that no reader would open: an empty file,
    a file name or id that is taken or not allowed, metadata with a character that XML does not allow,
    anything that our own check calls an error on every reader.
    """
    files = _manifest(publication)
    _check_files(files)
    _check_values(publication)
    content = {
        _CONTAINER_NAME: _CONTAINER,
        "content.opf": _package_document(publication, files),
        **{one.href: one.content for one in files},
    }
    record = encode_record(publication.record, content)
    container = content.pop(_CONTAINER_NAME)
    book = {"mimetype": MIMETYPE.encode(), _CONTAINER_NAME: container, RECORD_NAME: record, **content}
    _check_book(book)
    return zip_entries(list(book.items()))


def _check_book(entries: dict[str, bytes]) -> None:
    """What fails our own check is never written.

    What only one device stumbles over does not count: a style sheet of the reader's own may be made for
    another. It is for ``fic2epub check`` and the tests.
    """
    for problem in check(entries):
        if is_refused(problem):
            where = f"{problem.where} {problem.message}"
            raise PackageError(f"The book is not written, since it fails the program's own check: {where}")


def _manifest(publication: Publication) -> tuple[Resource, ...]:
    """All files, the one that updaters look for first of all."""
    files = (*publication.reading_order, *publication.resources)
    first = [one for one in files if one.id == publication.manifest_first]
    if not first:
        raise PackageError(f"The book has no file {publication.manifest_first!r} to list first.")
    return (*first, *(one for one in files if one.id != publication.manifest_first))


def _check_files(files: tuple[Resource, ...]) -> None:
    for one in files:
        if not one.content:
            raise PackageError(f"{one.href}: the file is empty.")
        if not _NAME_RE.fullmatch(one.href) or len(one.href) > 255:
            raise PackageError(f"{one.href}: no name for a file of a book (a-z, 0-9, dot, hyphen).")
        if not _ID_RE.fullmatch(one.id):
            raise PackageError(f"{one.href}: {one.id!r} is no id.")
    for what, names in (("file", (one.href for one in files)), ("id", (one.id for one in files))):
        # Case-folded: many devices cannot tell such names apart (EPUBCheck OPF-060).
        twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
        if twice:
            raise PackageError(f"Two files of the book have the same {what}: {twice[0]}.")


def _check_values(publication: Publication) -> None:
    for field, value in _values(publication):
        bad = _FORBIDDEN_RE.search(value)
        if bad:
            raise PackageError(f"{field}: U+{ord(bad.group()):04X} in it is not allowed in a book.")
        if not value.strip():
            raise PackageError(f"{field}: empty.")


def _values(publication: Publication) -> Iterator[tuple[str, str]]:
    yield "title", publication.title
    if publication.title_sort is not None:
        yield "title", publication.title_sort
    yield "language", publication.language
    yield "identifier", publication.identifier
    for person in (*publication.creators, *publication.contributors):
        yield "author", person.name
        if person.file_as is not None:
            yield "author", person.file_as
    for subject in publication.subjects:
        yield "tag", subject
    for source in publication.sources:
        yield "source", source
    for name, _ in publication.series:
        yield "series", name
    for name, value in publication.named_metas:
        yield name, value
    if publication.description is not None:
        yield "summary", publication.description


def _package_document(publication: Publication, files: tuple[Resource, ...]) -> bytes:
    """EbookLib's ``content.opf``."""
    from ebooklib import epub

    options = {"raise_exceptions": True, "mtime": publication.modified}
    writer = _writer()(None, _book(publication, files), options)
    writer.language = publication.language
    try:
        writer.process()
        writer._write_opf()
    except (epub.EpubException, OSError, ValueError, TypeError) as error:
        raise PackageError(f"The book could not be packed: {error}.") from error
    document: bytes = writer.document
    return document


@cache
def _writer() -> Any:
    """EbookLib's writer, which keeps the package document instead of writing a file."""
    from ebooklib import epub
    from lxml import etree

    class Writer(epub.EpubWriter):  # type: ignore[misc]  # EbookLib has no types
        def _write_opf_file(self, root: Any) -> None:
            root.set("{http://www.w3.org/XML/1998/namespace}lang", self.language)
            root.set("dir", direction(self.language))
            self.document = etree.tostring(root, pretty_print=True, encoding="utf-8", xml_declaration=True)

    return Writer


def _book(publication: Publication, files: tuple[Resource, ...]) -> "epub.EpubBook":
    from ebooklib import epub

    book = epub.EpubBook()
    book.metadata[epub.NAMESPACES["OPF"]].pop("generator")
    book.IDENTIFIER_ID = "identifier"
    book.set_identifier(publication.identifier)
    _add_title(book, publication)
    book.set_language(publication.language)
    if direction(publication.language) == "rtl":
        book.set_direction("rtl")
    _add_people(book, publication)
    _add_facts(book, publication)
    _add_series(book, publication)
    for name, value in publication.metas:
        _meta(book, value, property=name)
    for name, value in publication.named_metas:
        _meta(book, "", name=name, content=value)
    for one in files:
        if "cover-image" in one.properties:
            # EPUB 2's form: Kindle and older programs look for nothing else.
            _meta(book, "", name="cover", content=one.id)
    items = {}
    for one in files:
        item = epub.EpubItem(one.id, one.href, one.media_type)
        item.properties = list(one.properties)
        items[one.id] = book.add_item(item)
    book.spine = [items[one.id] for one in publication.reading_order]
    return book


def _meta(book: "epub.EpubBook", value: str, /, **attributes: str) -> None:
    book.add_metadata(None, "meta", value, attributes)


def _add_title(book: "epub.EpubBook", publication: Publication) -> None:
    """The title, and what it is filed under: in EPUB 3's form, which calibre reads too."""
    book.title = publication.title
    if publication.title_sort is None:
        book.add_metadata("DC", "title", publication.title)
        return
    book.add_metadata("DC", "title", publication.title, {"id": "main-title"})
    _meta(book, publication.title_sort, refines="#main-title", property="file-as")


def _add_people(book: "epub.EpubBook", publication: Publication) -> None:
    for number, person in enumerate(publication.creators, 1):
        uid = f"creator-{number}"
        book.add_author(person.name, role=person.role, uid=uid)
        if person.file_as:
            # Not by add_author's own argument, which marks it as a MARC role.
            _meta(book, person.file_as, refines=f"#{uid}", property="file-as")
        _meta(book, str(number), refines=f"#{uid}", property="display-seq")
    for number, person in enumerate(publication.contributors, 1):
        uid = f"contributor-{number}"
        book.add_metadata("DC", "contributor", person.name, {"id": uid})
        _meta(book, person.role, refines=f"#{uid}", property="role", scheme="marc:relators")


def _add_facts(book: "epub.EpubBook", publication: Publication) -> None:
    if publication.description is not None:
        book.add_metadata("DC", "description", publication.description)
    for subject in publication.subjects:
        book.add_metadata("DC", "subject", subject)
    for source in publication.sources:
        book.add_metadata("DC", "source", source)
    if publication.published is not None:
        book.add_metadata("DC", "date", publication.published.isoformat())


def _add_series(book: "epub.EpubBook", publication: Publication) -> None:
    """Both forms: EPUB 3's for Kobo and Thorium, calibre's (one series only) for calibre and Kavita."""
    for number, (name, position) in enumerate(publication.series, 1):
        uid = f"series-{number}"
        _meta(book, name, property="belongs-to-collection", id=uid)
        _meta(book, "series", refines=f"#{uid}", property="collection-type")
        if position is not None:
            _meta(book, str(position), refines=f"#{uid}", property="group-position")
    if publication.series:
        name, position = publication.series[0]
        _meta(book, "", name="calibre:series", content=name)
        if position is not None:
            _meta(book, "", name="calibre:series_index", content=str(position))
