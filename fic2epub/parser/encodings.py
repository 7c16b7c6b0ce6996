"""Stage 2 of the route, first half: which encoding the bytes of a dump are in.

[certain] mark         a byte order mark of UTF-8, UTF-16 or UTF-32
[certain] NUL pattern  every second byte NUL is UTF-16, three of four are UTF-32
[certain] UTF-8        valid from the first byte to the last
[likely]  damage       at least 95 % of the bytes beyond ASCII form valid sequences, and at least one does
[likely]  cp1252       what else Western text is in; never plain Latin-1, whose 80 to 9F would lose quotes
[guess]   other script if cp1252 gives more than 30 % characters that are no letters, or mostly accented
                       ones: GB18030, Big5, Shift-JIS, EUC-KR or windows-1251, by their commonest letters
"""

import codecs
import re

__all__ = ["detect_encoding", "read_cp1252"]

ENCODED_SURROGATE_RE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")

_STRAY_RE = re.compile("[\udc80-\udcff]")

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(128))
_VALID_SHARE = 0.95
_SAMPLE = 200_000
"""Bytes that are enough to tell a script."""
_FEW = 24
"""Below so many bytes beyond ASCII no script can be told, and cp1252 is taken."""
_LIKENESS = 0.65
"""The score from which a reading is taken; Greek or Hebrew read as windows-1251 reach about 0.55."""

# Per encoding: letters that its texts are full of, and the share that they usually have of all
# characters beyond ASCII (own count over common words; only the order of size matters).
_COMMON = {
    "gb18030": (
        frozenset("的一是不了在人有我他这个们中来上大为和国地到以说时要就出会也你她那道得里看"),
        0.25,
    ),
    "big5": (frozenset("的一是不了在人有我他這個們中來上大為和國地到以說時要就出會也你她那道得裡看"), 0.25),
    "cp932": (frozenset(map(chr, range(0x3041, 0x3094))), 0.50),
    "cp949": (frozenset("이다는을가에고의를하지은그나도로한어서기사니아리라있없였었"), 0.45),
    "cp1251": (frozenset("оеаинтсрвл"), 0.62),
}
_TYPOGRAPHIC = frozenset("‘’“”„‚–—…«»‹›•·¡¿©®™°§\xa0\xad´¨€£½¼¾²³")


def detect_encoding(data: bytes) -> str | None:
    """Name the encoding of a text as Python does; None if no reading looks like prose.

    ``utf-8`` also stands for UTF-8 with damage. The bytes are neither empty nor a binary file.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if wide := _wide_without_mark(data[:4096]):
        return wide
    valid = _valid_share(data)
    if valid >= _VALID_SHARE:
        return "utf-8"
    # Half UTF-8, half something else was cp1252 pasted into it: the UTF-8 part is mojibake now, and repaired.
    return "cp1252" if valid > 0.5 else _single_byte_or_asian(data)


def _wide_without_mark(head: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 by where their NULs stand; texts in Latin letters only."""
    length = len(head) - len(head) % 4
    if length < 4 or b"\0" not in head:
        return None
    filled = [sum(map(bool, head[at:length:4])) / (length // 4) for at in range(4)]
    shapes: dict[tuple[bool, ...], str] = {
        (True, False, False, False): "utf-32-le",
        (False, False, False, True): "utf-32-be",
        (True, False, True, False): "utf-16-le",
        (False, True, False, True): "utf-16-be",
    }
    return shapes.get(tuple(share > 0.5 for share in filled)) if min(filled) < 0.1 else None


def _valid_share(data: bytes) -> float:
    """Say how many of the bytes beyond ASCII form valid UTF-8, encoded surrogates included: 0.0 to 1.0."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return 1.0
    beyond_ascii = len(data.translate(None, _ASCII))
    escaped = len(_STRAY_RE.findall(data.decode("utf-8", "surrogateescape")))
    stray = escaped - 3 * len(ENCODED_SURROGATE_RE.findall(data))
    return 1 - stray / beyond_ascii


def _single_byte_or_asian(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    if len(sample.translate(None, _ASCII)) < _FEW or _is_plausible(read_cp1252(sample)):
        return "cp1252"
    scores = {encoding: _score(sample, encoding) for encoding in _COMMON}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _LIKENESS else None


def _is_plausible(text: str) -> bool:
    """Tell whether a text read as cp1252 looks like Western prose.

    Quotes, dashes and other typography count for nothing: in English they are all that is not ASCII.
    A few signs beside them (a lone ``¶`` or ``©``) say nothing either.
    """
    letters = sum(map(str.isalpha, text))
    beyond = [letter for letter in text if letter > "\x7f" and letter not in _TYPOGRAPHIC]
    accented = sum(map(str.isalpha, beyond))
    return (accented >= 0.7 * len(beyond) or len(beyond) < _FEW) and accented <= 0.4 * letters


def _score(sample: bytes, encoding: str) -> float:
    """Say how much a reading looks like its language: about 1 if it does, 0 if it cannot be decoded."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return 0.0
    beyond = [letter for letter in text if letter > "\x7f"]
    common, usual = _COMMON[encoding]
    return sum(letter in common for letter in beyond) / len(beyond) / usual if beyond else 0.0


def read_cp1252(data: bytes) -> str:
    """Read bytes as cp1252; each of its five undefined ones becomes the C1 control of that number."""
    return data.decode("cp1252", _C1_FOR_UNDEFINED)


def _c1_for_undefined(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(map(chr, error.object[error.start : error.end])), error.end


_C1_FOR_UNDEFINED = "fic2epub.c1"
codecs.register_error(_C1_FOR_UNDEFINED, _c1_for_undefined)
