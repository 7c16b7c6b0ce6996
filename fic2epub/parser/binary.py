"""Stage 2 of the route, its gate: files that are no text at all.

[certain] magic    the first bytes of a known format
[likely]  controls more than 8 % control characters, and more than a few: no text has that many
"""

__all__ = ["binary_kind", "count_controls"]

_HEAD_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"{\\rtf", "a rich text document (RTF)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word or Office document"),
    (b"ITOLITLS", "a Microsoft Reader book (LIT)"),
    (b"\xeaDRMION\xee", "a Kindle book (KFX)"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_NOT_CONTROLS = bytes(sorted({*range(256)} - {*range(32), 127} | {9, 10, 12, 13}))
_A_FEW = 16
_CONTROL_SHARE = 0.08
"""Random bytes hold 11 %; a text with a NUL in each line holds about 1 %."""


def binary_kind(data: bytes) -> str | None:
    """Name what a file is if its first bytes are those of a known binary format, else None.

    The name has an article: ``a PDF``, ``an EPUB``.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data[:4096])
    if data[60:68] in (b"BOOKMOBI", b"TEXtREAd"):
        return "a Kindle or Mobipocket book (MOBI)"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a picture or recording"
    if data.startswith(b"MZ") and b"\0\0" in data[:64]:
        return "a program"
    return next((kind for magic, kind in _HEAD_MAGIC if data.startswith(magic)), None)


def _zip_kind(head: bytes) -> str:
    if b"application/epub+zip" in head:
        return "an EPUB"
    if b"word/" in head:
        return "a Word document (DOCX)"
    if b"application/vnd.oasis.opendocument" in head:
        return "an OpenDocument text (ODT)"
    return "a ZIP archive"


def count_controls(data: bytes) -> tuple[int, bool]:
    """Count the control characters of a text in an ASCII-based encoding.

    The second value is True if there are too many for a text. Line ends, tabs and form feeds do not count.
    """
    controls = len(data.translate(None, _NOT_CONTROLS))
    return controls, controls > max(_A_FEW, _CONTROL_SHARE * len(data))
