"""Pictures and the cover: kinds, damage, sizes, read from the files' own headers."""

import struct
from collections.abc import Iterator, Mapping

from fic2epub.builder.check_package import Item, Package, expected_type
from fic2epub.builder.problem import Problem, error, warning
from fic2epub.values import dataclass

__all__ = ["Picture", "check_images", "read_picture"]

CORE = frozenset({"image/jpeg", "image/png", "image/gif", "image/svg+xml", "image/webp"})
"""EPUB 3.3, 3.2: the pictures that every reader shows."""
KINDLE = CORE - {"image/webp"}
SMALLEST_COVER = (625, 1000)
"""Amazon's minimum (KDP's cover guidelines, seen 2026-08); its ideal is 1600 × 2560."""
COVER_SHAPE = (1.2, 1.9)
"""Height by width. 2:3 and Amazon's 1.6:1 are in it, Kobo's 3:4 too; a square or a banner is not."""
APPLE_PIXELS = 5_600_000
"""Apple Books Asset Guide, "Images within the EPUB cannot exceed 5.6 million pixels" (read 2026-11)."""
SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame, in which its size stands."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file's header says."""

    media_type: str
    width: int
    height: int
    colours: int | None = None
    """Channels of a JPEG: 1 grey, 3 colour, 4 for print."""


def read_picture(data: bytes) -> Picture | None:
    """Kind and size of a JPEG, PNG or GIF; None for anything else, or if the header is damaged.

    >>> read_picture(b"GIF89a" + bytes([32, 0, 48, 0]) + bytes(8))
    Picture(media_type='image/gif', width=32, height=48, colours=None)
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) > 24:
        return _sized("image/png", *struct.unpack(">II", data[16:24]))
    if data[:6] in {b"GIF87a", b"GIF89a"} and len(data) > 10:
        return _sized("image/gif", *struct.unpack("<HH", data[6:10]))
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 10 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in SIZES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return _sized("image/jpeg", width, height, data[at + 9])
        at += 1 if marker == 0xFF else 2 + max(length, 2)
    return None


def _sized(media_type: str, width: int, height: int, colours: int | None = None) -> Picture | None:
    return Picture(media_type, width, height, colours) if width and height else None


def check_images(entries: Mapping[str, bytes], package: Package) -> Iterator[Problem]:
    """Find what is wrong with the pictures of a book and with its cover."""
    pictures: dict[str, Picture] = {}
    for item in package.items:
        if not item.media_type.startswith("image/"):
            continue
        picture = read_picture(entries[item.path])
        if picture is not None:
            pictures[item.path] = picture
        yield from _check_kind(item, picture)
        if picture is not None and picture.width * picture.height > APPLE_PIXELS:
            what = f"has {picture.width} × {picture.height} pixels"
            advice = f"make it smaller; Apple Books takes {APPLE_PIXELS:,} pixels"
            yield warning("apple.image-pixels", item.path, what, advice)
    yield from _check_cover(package, pictures)


def _check_kind(item: Item, picture: Picture | None) -> Iterator[Problem]:
    """EPUBCheck: RSC-032 (foreign), OPF-029 (another kind), PKG-021 (damaged)."""
    if item.media_type not in CORE:
        what = f"is a picture of the kind {item.media_type}"
        yield error("image.foreign", item.path, what, "make it a JPEG or PNG, which every reader shows")
    elif item.media_type not in KINDLE:
        what = f"is a picture of the kind {item.media_type}, which Kindle refuses"
        yield error("kindle.image-type", item.path, what, "make it a JPEG or PNG")
    elif item.media_type != "image/svg+xml" and picture is None:
        what = f"is no {item.media_type}, or a damaged one"
        yield error("image.damaged", item.path, what, "put the picture there again")
    elif picture is not None and picture.media_type != item.media_type == expected_type(
        item.path, item.media_type
    ):
        what = f"is called {item.media_type}, and is {picture.media_type}"
        yield error("image.other-kind", item.path, what, "mend its type in the manifest")


def _check_cover(package: Package, pictures: Mapping[str, Picture]) -> Iterator[Problem]:
    """What shops and shelves make of the cover; not EPUBCheck's business."""
    cover = package.cover
    if cover is None:
        what = "names no cover"
        advice = "give a JPEG the property cover-image, or shelves show a grey page"
        yield warning("cover.missing", package.path, what, advice)
        return
    picture = pictures.get(cover.path)
    if picture is None:
        return
    size = f"is a cover of {picture.width} × {picture.height} pixels"
    if picture.width < SMALLEST_COVER[0] or picture.height < SMALLEST_COVER[1]:
        advice = "make it 1600 × 2400; Kindle wants {} × {} at least".format(*SMALLEST_COVER)
        yield warning("cover.small", cover.path, size, advice)
    if not COVER_SHAPE[0] <= picture.height / picture.width <= COVER_SHAPE[1]:
        advice = "make it 2 wide to 3 high, or shelves cut it or leave bars beside it"
        yield warning("cover.shape", cover.path, size, advice)
    if picture.media_type == "image/gif":
        yield warning("cover.kind", cover.path, "is a GIF", "make it a JPEG, which every shelf shows")
    if picture.colours == 4:
        what = "has the colours of print (CMYK)"
        yield warning(
            "cover.print-colours", cover.path, what, "save it as RGB; readers show these wrong or not"
        )
