"""File names of books: readable, legal on every disk that a book may be copied to, never the same twice.

The strictest of FAT, NTFS, APFS and ext4 decides, since a book often ends on a mounted e-reader
(Microsoft, "Naming Files, Paths, and Namespaces", read 2026-08). Letters of every script are kept.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from fic2epub.errors import UsageError
from fic2epub.model import Metadata

__all__ = [
    "SUFFIXES",
    "anthology_name",
    "author_name",
    "backup_names",
    "book_name",
    "candidates",
    "folded",
    "free_name",
    "is_backup",
    "output_path",
    "path_name",
    "spelled_as",
    "suits_format",
]

SUFFIXES = {"epub": ".epub", "kepub": ".kepub.epub"}
"""What a book's name ends with, by its format. A Kobo picks its reader by it."""

MAX_CHARACTERS = 100  # of the whole name: longer ones are cut in the lists of e-readers anyway
MAX_BYTES = 200  # in UTF-8; a disk allows 255, and the temporary file and a backup need some of it
MAX_AUTHOR = 40  # characters, so that a list of authors leaves room for the title
MAX_FOLDER = 60  # characters: three of them and a name stay within Windows' 260 for a whole path
MAX_WORD = 20  # characters; a cut goes back to a word edge this near, so scripts without spaces lose little
MAX_WORK_ID = 20  # AO3's have 8; anything much longer is no work id

UNKNOWN = "Unknown"
UNTITLED = "Untitled"
UNSORTED = "Unsorted"

_REPLACED = str.maketrans({"/": "-", "\\": "-", "|": "-", '"': "'", "*": "_", "<": "_", ">": "_", "?": None})
_COLON_RE = re.compile(r":(?=\s|$)")
_SPACES_RE = re.compile(r"\s+")
_RESERVED_RE = re.compile(
    r"""
    (?: con | prn | aux | nul | conin\$ | conout\$ | (?:com|lpt)[0-9¹²³] )  # DOS devices
    [ ]* (?= \. | $ )                                                       # alone, or before any suffix
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUFFIX_RE = re.compile(r"(?:\.kepub)?\.epub$", re.IGNORECASE)
_BACKUP_RE = re.compile(r"\.bak[0-9]*(?:\.kepub)?\.epub$", re.IGNORECASE)
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")


def book_name(metadata: Metadata, *, suffix: str = ".epub") -> str:
    """``Author - Title.epub``, in NFC, at most 100 characters and 200 bytes of UTF-8.

    A title without a letter or digit (only emoji, only dots) gives way to ``Work 1234567``, or to
    ``Untitled`` without a work id. Nothing of a path is left of a title that looks like one.

    >>> book_name(Metadata(title='../"Home"?', creators=("A/B", "C")))
    "A-B, C - ..-'Home'.epub"
    """
    title = _clean(metadata.title)
    if not _tells(title):
        title = f"Work {tag}" if (tag := work_tag(metadata)) else UNTITLED
    return _assemble(f"{_author(metadata.creators)} - {title}", suffix)


def path_name(parts: Sequence[str], *, suffix: str = ".epub") -> str:
    """Folders and a name, joined by ``/``, each legal by itself; what is left without a letter is renamed.

    >>> path_name(["A/B: c?", "...", "con", "Title."])
    'A-B - c/Unsorted/con_/Title.epub'
    """
    *folders, name = map(_clean, parts)
    kept = [_assemble(folder if _tells(folder) else UNSORTED, "", limit=MAX_FOLDER) for folder in folders]
    return "/".join([*kept, _assemble(name if _tells(name) else UNTITLED, suffix)])


def author_name(creators: Sequence[str]) -> str:
    """All names if they fit, else the first and ``et al.``; ``Unknown`` without any."""
    return _author(creators)


def anthology_name(title: str, *, suffix: str = ".epub") -> str:
    """``Title.epub`` under the same rules; ``Anthology.epub`` if the title has no letter or digit."""
    clean = _clean(title)
    return _assemble(clean if _tells(clean) else "Anthology", suffix)


def work_tag(metadata: Metadata) -> str | None:
    """The work id where it is one: ASCII digits only, since anything else came from who knows where."""
    tag = metadata.work_id
    return tag if tag and tag.isascii() and tag.isdigit() and len(tag) <= MAX_WORK_ID else None


def suits_format(name: str, format: str) -> None:
    """Raise UsageError if a name that the reader gave says another format than the book's.

    A Kobo opens ``x.epub`` with one engine and ``x.kepub.epub`` with another, whatever is in the file; the
    wrong one loses bookmarks without a word. A name that ends in neither says nothing.
    """
    told = _SUFFIX_RE.search(name)
    if told is None or told.group().lower() == SUFFIXES[format]:
        return
    stem = name.removesuffix(told.group())
    raise UsageError(
        f"{name}: a Kobo tells the format by the name, and this is not the name of {_A[format]}. "
        f"Write -o {stem}{SUFFIXES[format]}, or --format {'kepub' if format == 'epub' else 'epub'}."
    )


_A = {"epub": "an EPUB", "kepub": "a KEPUB"}


def folded(name: str) -> str:
    """What a disk that ignores case compares (FAT, exFAT, NTFS, APFS)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def candidates(name: str, tag: str | None = None) -> Iterator[str]:
    """The names that a book may take, the best first, without end.

    ``Name.epub``, then with the tag in brackets if there is one, then ``(2)``, ``(3)`` …; each keeps
    within the limits, the stem being cut for what is put behind it.
    """
    yield name
    match = _SUFFIX_RE.search(name)
    suffix = match.group() if match else Path(name).suffix
    stem = name.removesuffix(suffix)
    if tag:
        yield _assemble(stem, f" [{tag}]{suffix}")
        suffix = f" [{tag}]{{}}{suffix}"
    else:
        suffix = f"{{}}{suffix}"
    count = 2
    while True:
        yield _assemble(stem, suffix.format(f" ({count})"))
        count += 1


def free_name(name: str, taken: Collection[str], tag: str | None = None) -> str:
    """The first of a name's candidates that is not taken; ``taken`` holds names as `folded` gives them."""
    return next(candidate for candidate in candidates(name, tag) if folded(candidate) not in taken)


def backup_names(name: str) -> Iterator[str]:
    """``NAME.bak.epub``, then ``NAME.bak2.epub`` …: an older backup is never overwritten."""
    match = _SUFFIX_RE.search(name)
    suffix = match.group() if match else Path(name).suffix
    stem = name.removesuffix(suffix)
    yield f"{stem}.bak{suffix}"
    count = 2
    while True:
        yield f"{stem}.bak{count}{suffix}"
        count += 1


def spelled_as(path: str, format: str) -> str:
    """A book's name as that of another format: the same but for what it ends with.

    >>> spelled_as("A/B.epub", "kepub"), spelled_as("A/B.kepub.epub", "epub")
    ('A/B.kepub.epub', 'A/B.epub')
    """
    return _SUFFIX_RE.sub("", path) + SUFFIXES[format]


def is_backup(name: str) -> bool:
    """Whether this is one of `backup_names`.

    >>> is_backup("A - B.bak2.epub"), is_backup("A - B.epub")
    (True, False)
    """
    return _BACKUP_RE.search(name) is not None


def output_path(target: str | None, *, several: bool = False) -> tuple[Path, str | None]:
    """What ``-o`` means: the folder, and the file's name or None if the book's own name is to be used.

    A folder that exists or a name that ends in a slash is a folder; anything else is a file, and so is
    a folder called ``x.epub`` (Apple Books unpacks books into such), which then cannot be written.
    Without a target it is the current folder. Several books cannot go into one file: with ``several`` a
    name without ``.epub`` is taken for a folder to be made, and one with it raises UsageError.
    """
    if target is None:
        return Path(), None
    path = Path(target)
    epub = path.suffix.lower() == ".epub"
    if target.endswith(("/", "\\")) or path.name in ("", "..") or (path.is_dir() and not epub):
        return path, None
    if not several:
        return path.parent, path.name
    if epub or path.exists():
        raise UsageError(
            f"{target}: several books cannot go into one file. Name a folder, e.g. -o {path.stem}/, "
            "or make one book of them with fic2epub anthology."
        )
    return path, None


def _author(creators: Sequence[str]) -> str:
    """All names if they fit, else the first and ``et al.``."""
    names = [name for name in map(_clean, creators) if _tells(name)]
    if not names:
        return UNKNOWN
    together = ", ".join(names)
    if _cut(together, MAX_AUTHOR, MAX_BYTES // 2) == together:
        return together
    first = _cut(names[0], MAX_AUTHOR, MAX_BYTES // 2)
    return first if len(names) == 1 else f"{first} et al."


def _clean(text: str) -> str:
    """Without what a disk refuses, what steers a terminal, and white space at the ends."""
    text = unicodedata.normalize("NFC", text)
    text = _COLON_RE.sub(" -", text).replace(":", "-").translate(_REPLACED)
    text = "".join(map(_legal, text))
    text = unicodedata.normalize("NFC", text)  # again: a letter and its accent may only now be neighbours
    return _SPACES_RE.sub(" ", text).strip()


def _legal(character: str) -> str:
    """The character, a space for one that only parts words, or nothing for one that has no shape.

    Joiners stay: Persian words and emoji sequences are spelled with them. Direction marks go, since
    they can make ``gpj.exe`` look like ``exe.jpg``.
    """
    match unicodedata.category(character):
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cc":
            return " " if character.isspace() else ""
        case "Cf":
            return character if character in _JOINERS else ""
        case "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character


def _tells(text: str) -> bool:
    """Whether a name holds a letter or digit, so that a person can read it out."""
    return any(map(str.isalnum, text))


def _assemble(stem: str, suffix: str, *, limit: int = MAX_CHARACTERS) -> str:
    """Stem and suffix as a name within the limits, not hidden, no option, no device."""
    stem = stem.lstrip(" .-~")
    stem = _cut(stem, limit - len(suffix), MAX_BYTES - len(suffix.encode()))
    if device := _RESERVED_RE.match(stem):
        stem = f"{stem[: device.end()].rstrip()}_{stem[device.end() :]}"
        stem = _cut(stem, limit - len(suffix), MAX_BYTES - len(suffix.encode()))
    if is_backup(stem + suffix):  # a title that ends so would be passed over wherever backups are
        head, _, number = stem.rpartition(".")
        stem = f"{head}_{number}"
    return f"{stem or UNTITLED}{suffix}"


def _cut(text: str, characters: int, size: int) -> str:
    """The text's beginning within both limits: at a word edge, else between two visible characters."""
    end = min(len(text), characters)
    while len(text[:end].encode()) > size:
        end -= 1
    if end < len(text):
        while end > 0 and _inside(text, end):
            end -= 1
        edge = end if text[end] == " " else text.rfind(" ", 0, end)
        if edge > end - MAX_WORD:
            end = edge
        return text[:end].rstrip(" .-")
    return text.rstrip(" .")


def _inside(text: str, at: int) -> bool:
    """Whether a cut here would part what is seen as one character.

    The parts of Unicode's rule for grapheme clusters (UAX 29) that matter after NFC: marks, joiners,
    skin tones and flags. Joiners hold on both sides.
    """
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M") or after in _JOINERS or before in _JOINERS:
        return True
    if "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= after <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}":
        return True
    flags = 0
    while flags < at and _is_flag(text[at - 1 - flags]):
        flags += 1
    return _is_flag(after) and flags % 2 == 1


def _is_flag(character: str) -> bool:
    """Whether this is one of the letters that flags are spelled with, two by two."""
    first = "\N{REGIONAL INDICATOR SYMBOL LETTER A}"
    return first <= character <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"
