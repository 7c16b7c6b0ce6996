r"""Stage 2 of the route: bytes -> SourceText.

The rules, in their order; each change to the text is a ``Repair`` that can be undone:

[certain] line ends             CRLF and CR become LF; nothing else ends a line (not U+000B, U+0085, U+2028)
[certain] repair.surrogates     a character that was encoded as two surrogates (CESU-8) is put together
[certain] repair.control        control characters, noncharacters, lone surrogates, U+FEFF inside the text:
                                no XML may hold them and nobody sees them, so they are removed
[likely]  repair.stray-byte     a byte that is not UTF-8 in a UTF-8 dump is read as cp1252
[likely]  repair.mojibake       see ``mojibake``

U+2028 and U+2029, zero-width characters, direction marks and soft hyphens are the author's and stay.
Which encoding it is, is told in ``encodings``; what is no text at all, in ``binary``.
"""

import codecs
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator

from fic2epub.errors import BinarySourceError, EmptySourceError, UndecodableSourceError, UsageError
from fic2epub.model import Repair, SourceText, Span
from fic2epub.parser.binary import binary_kind, count_controls
from fic2epub.parser.encodings import detect_encoding, read_cp1252
from fic2epub.parser.mojibake import C1_READ_AS_CP1252, find_mojibake
from fic2epub.patterns import late

__all__ = ["decode", "repaired"]

# U+FDD0 to U+FDEF and the last two of every plane are noncharacters (Unicode 16, section 23.7).
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef\ufffe\uffff"
_FAR_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)

# The scan over the whole text is a plain set of characters, which is fast (50 MB in 0.3 s); what is found
# is then told apart. A set beyond U+FFFF is ten times slower, so it is used where such characters are.
SUSPECT_RE = re.compile(f"[{_CONTROLS}\ud800-\udfff]+")
FAR_RE = re.compile("[\U00010000-\U0010ffff]")
FAR_SUSPECT_RE = late(f"[{_CONTROLS}\ud800-\udfff{_FAR_NONCHARACTERS}]+")
DAMAGE_RE = late(
    r"""
      (?P<pair> \udced[\udca0-\udcaf][\udc80-\udcbf] \udced[\udcb0-\udcbf][\udc80-\udcbf] )
    | (?P<lone> \udced[\udca0-\udcbf][\udc80-\udcbf] )   # ED A0..BF xx: half of a pair
    | (?P<stray> [\udc80-\udcff] )                       # any other byte that is not UTF-8
    | (?P<control> . )
    """,
    re.VERBOSE | re.DOTALL,
)

VISIBLE_RE = re.compile(rf"[^\s{_CONTROLS}\xad\u200b-\u200f\u2060-\u2064\ud800-\udc7f\udd00-\udfff]")


def decode(data: bytes, *, name: str, encoding: str | None = None) -> SourceText:
    """Read the bytes of a dump as text and list what has to be mended in it.

    ``name`` is what messages call the dump; ``encoding`` overrides the detection. Raises
    EmptySourceError if nothing visible is in it, BinarySourceError if it is no text,
    UndecodableSourceError if no encoding fits, UsageError if Python knows no such encoding.
    """
    if kind := binary_kind(data):
        raise BinarySourceError(f"{name}: this is {kind}, not a text. {_ADVICE.get(kind, _SAVE_AS_TEXT)}")
    chosen = detect_encoding(data) if encoding is None else named_encoding(encoding, data)
    wide = chosen is not None and chosen.startswith(("utf-16", "utf-32"))
    controls, too_many = (1, False) if wide else count_controls(data)
    text = read_as(data, chosen, name=name) if chosen else None
    if text is not None and not VISIBLE_RE.search(text):
        raise EmptySourceError(f"{name}: there is nothing to read in it: it is empty or blank.")
    if too_many:
        raise BinarySourceError(
            f"{name}: this is no text: it holds {controls:,} control characters. {_SAVE_AS_TEXT}"
        )
    if chosen is None or text is None:
        raise UndecodableSourceError(
            f"{name}: not UTF-8, and no other reading looks like prose. "
            "Name the encoding with --encoding, e.g. --encoding koi8-r."
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return SourceText(
        text=text,
        encoding=chosen,
        repairs=find_repairs(text, wide=wide) if controls or "\f" in text or not text.isascii() else (),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


_SAVE_AS_TEXT = "Save it as plain text (.txt) and try again."
_ADVICE = {
    "an EPUB": "It is a finished book already; give the dump that it was made from.",
    "a ZIP archive": "Unpack it and give the text files inside.",
    "a gzip archive": "Unpack it and give the text files inside.",
}


def named_encoding(encoding: str, data: bytes) -> str:
    """Give Python's own name of an encoding that the reader named; UsageError if there is none for text."""
    try:
        b"a".decode(encoding)
        chosen = codecs.lookup(encoding).name
    except UnicodeError:  # a wide encoding: one byte is too few
        chosen = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"{encoding}: there is no text encoding of this name. Try utf-8, cp1252, gb18030 or shift_jis."
        ) from error
    return "utf-8-sig" if chosen == "utf-8" and data.startswith(codecs.BOM_UTF8) else chosen


def read_as(data: bytes, encoding: str, *, name: str) -> str:
    """Read bytes in one encoding, without its mark and before any repair.

    Bytes that are no UTF-8 stand as Python's surrogateescape. Raises UndecodableSourceError, with the
    byte's number, if another encoding does not fit.
    """
    if encoding in ("utf-8", "utf-8-sig"):
        return data.decode(encoding, "surrogateescape")
    if encoding == "cp1252":
        return read_cp1252(data)
    try:
        if encoding.startswith(("utf-16-", "utf-32-")):
            return _read_wide(data, encoding)
        return data.decode(encoding)
    except UnicodeError as error:
        where = f", byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise UndecodableSourceError(
            f"{name}{where}: this is not {encoding}. Leave out --encoding to have it detected."
        ) from error


def _read_wide(data: bytes, encoding: str) -> str:
    """Read UTF-16 or UTF-32; bytes of a character that was cut off at the end stay, one by one."""
    mark = "\ufeff".encode(encoding)
    body = data.removeprefix(mark)
    whole = len(body) - len(body) % len(mark)
    tail = body[whole:].decode("ascii", "surrogateescape")
    return body[:whole].decode(encoding, "surrogatepass") + tail


def find_repairs(text: str, *, wide: bool = False) -> tuple[Repair, ...]:
    """Find everything that has to be mended, in the order of the text and without overlap.

    Mojibake goes first: the control character inside of it is one of its bytes.
    """
    repairs: list[Repair] = []
    mojibake = iter(() if text.isascii() else find_mojibake(text))
    pending = next(mojibake, None)
    for damage in _find_damage(text, wide=wide):
        while pending is not None and pending.span.end <= damage.span.start:
            repairs.append(pending)
            pending = next(mojibake, None)
        if pending is None or damage.span.end <= pending.span.start:
            repairs.append(damage)
    if pending is not None:
        repairs += (pending, *mojibake)
    return tuple(repairs)


def _find_damage(text: str, *, wide: bool) -> Iterator[Repair]:
    """Find controls and bytes that are no UTF-8; in UTF-16 and UTF-32 a surrogate is never such a byte."""
    if _is_printable(text):
        return
    suspects = FAR_SUSPECT_RE if FAR_RE.search(text) else SUSPECT_RE
    for suspect in suspects.finditer(text):
        for match in DAMAGE_RE.finditer(text, *suspect.span()):
            before = match.group()
            after, rule = ("", "repair.control") if wide else _mend(before, match.lastgroup)
            yield Repair(span=Span(*match.span()), before=before, after=after, rule=rule)


def _is_printable(text: str) -> bool:
    """Whether every character shows, but for line ends, tabs and no-break spaces; none is damage then.

    Three times as fast as the search for what is damage.
    """
    for space in "\n\t\xa0":
        text = text.replace(space, " ")
    return text.isprintable()


def _mend(before: str, kind: str | None) -> tuple[str, str]:
    """Give what a damaged stretch becomes, and by which rule."""
    match kind:
        case "pair":
            halves = before.encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")
            return halves.encode("utf-16", "surrogatepass").decode("utf-16"), "repair.surrogates"
        case "stray":
            after = read_cp1252(before.encode("utf-8", "surrogateescape"))
            return ("", "repair.control") if after < "\xa0" else (after, "repair.stray-byte")
        case "control" if before in C1_READ_AS_CP1252:
            return C1_READ_AS_CP1252[before], "repair.mojibake"
        case _:
            return "", "repair.control"


def repaired(source: SourceText, span: Span) -> str:
    """The text of a span with its repairs applied.

    A repair belongs to the span that its first character is in, so adjoining spans give their text once.
    """
    text, repairs = source.text, source.repairs
    if not repairs:
        return text[span.start : span.end]
    at = bisect_left(repairs, span.start, key=lambda repair: repair.span.start)
    position = max(span.start, min(span.end, repairs[at - 1].span.end)) if at else span.start
    parts: list[str] = []
    while at < len(repairs) and repairs[at].span.start < span.end:
        repair = repairs[at]
        parts += (text[position : repair.span.start], repair.after)
        position, at = repair.span.end, at + 1
    parts.append(text[position : span.end])
    return "".join(parts)
