"""The cover of a book, as it is and small: JPEG, PNG or GIF, since OPDS knows no others.

A book without a picture, or with one that cannot be read, gets a plain one drawn of its title; so does every
book with ``--discreet``, whose pictures may say what the rest does not.
"""

import io
import posixpath
from collections.abc import Mapping
from urllib.parse import unquote

from lxml import etree

from fic2epub.builder.cover import CoverFace, draw_cover
from fic2epub.builder.kobo_document import local_name, read_xml
from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.values import dataclass
from fic2epub.web.cache import Cache
from fic2epub.web.holdings import Holdings
from fic2epub.web.shown import Shown

__all__ = ["Picture", "Pictures", "cover_of"]

CONTAINER = "META-INF/container.xml"
OWN_NAMES = (CONTAINER, "content.opf", "cover.jpg")
"""What our own books call what is looked for: found in one go."""
TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF"}
LARGEST_BOOK = 256 << 20
"""Bytes of all that is in a book, unpacked."""
MOST_PIXELS = 50_000_000
SMALL = (200, 300)
"""An eighth of our own covers, which a JPEG can be read at without reading it whole."""
QUALITY = 80
KEPT_BYTES = 48 << 20
"""Of small covers some 4,000."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and their type."""

    content: bytes
    kind: str


class Pictures:
    """The covers of a library; the small ones are kept."""

    def __init__(self, holdings: Holdings, *, discreet: bool) -> None:
        self._holdings, self._discreet = holdings, discreet
        self._small: Cache[Picture] = Cache(KEPT_BYTES, lambda picture: len(picture.content) + 200)
        self._drawn: Cache[Picture] = Cache(KEPT_BYTES, lambda picture: len(picture.content) + 200)

    def cover(self, book: Shown) -> Picture:
        """The cover as it is in the book. Raises LibraryError if the book's file cannot be read."""
        if not self._discreet:
            with self._holdings.open(book.entry) as file:
                try:
                    found = cover_of(file.stream.read())
                except PackageError:
                    found = None
            if found is not None:
                return found
        return self._drawn.get((book.number, book.entry.revision), lambda: _draw(book, self._discreet))

    def small(self, book: Shown) -> Picture:
        """The cover, small."""
        return self._small.get((book.number, book.entry.revision), lambda: self._shrink(book))

    def _shrink(self, book: Shown) -> Picture:
        from PIL import Image

        picture = self.cover(book)
        try:
            return _small(picture)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return _small(_draw(book, self._discreet))


def cover_of(content: bytes) -> Picture | None:
    """The picture that a book names as its cover; None if it names none that every reader can show.

    Raises PackageError for what is no EPUB.
    """
    known = read_entries(content, only=OWN_NAMES, max_total_bytes=LARGEST_BOOK)
    path, package = _package(content, known)
    found = _cover_item(package)
    if found is None or found.get("media-type") not in TYPES:
        return None
    name = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(found.get("href") or "")))
    picture = _entry(content, name, known)
    return Picture(picture, found.get("media-type") or "") if picture else None


def _entry(content: bytes, name: str, known: Mapping[str, bytes]) -> bytes | None:
    if name in known:
        return known[name]
    return read_entries(content, only=(name,), max_total_bytes=LARGEST_BOOK).get(name)


def _package(content: bytes, known: Mapping[str, bytes]) -> tuple[str, etree._Element]:
    """Where the package document lies, and what it says."""
    if CONTAINER in known:
        for rootfile in read_xml(CONTAINER, known[CONTAINER]).root.iter("*"):
            path = rootfile.get("full-path") or ""
            if local_name(rootfile) == "rootfile" and (package := _entry(content, path, known)) is not None:
                return path, read_xml(path, package).root
    raise PackageError(f"{CONTAINER} names no package document that is there: this is no EPUB.")


def _cover_item(package: etree._Element) -> etree._Element | None:
    """EPUB 3 marks the picture itself, EPUB 2 names its id in a ``meta``."""
    items = [item for item in package.iter("*") if local_name(item) == "item"]
    for item in items:
        if "cover-image" in (item.get("properties") or "").split():
            return item
    metas = (meta for meta in package.iter("*") if local_name(meta) == "meta" and meta.get("name") == "cover")
    named = next((meta.get("content") for meta in metas), None)
    return next((item for item in items if named is not None and item.get("id") == named), None)


def _small(picture: Picture) -> Picture:
    from PIL import Image

    with Image.open(io.BytesIO(picture.content), formats=list(TYPES.values())) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", SMALL)  # a JPEG is read at a fraction of its size
        flat = image if image.mode == "RGB" else image.convert("RGB")
        ratio = min(SMALL[0] / flat.width, SMALL[1] / flat.height, 1.0)
        size = max(1, round(flat.width * ratio)), max(1, round(flat.height * ratio))
        small = flat if size == flat.size else flat.resize(size, Image.Resampling.HAMMING)
        small.load()
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY)
    return Picture(buffer.getvalue(), "image/jpeg")


def _draw(book: Shown, discreet: bool) -> Picture:
    face = CoverFace(
        title=book.title,
        authors=book.authors or ("Unknown",),
        words=book.words,
        language=book.metadata.language,
        seed=book.entry.identifier,
        discreet=discreet,
    )
    return Picture(draw_cover(face).image, "image/jpeg")
