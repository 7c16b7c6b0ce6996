"""Which work a book holds: the same identifier at every build, so that devices know the book again."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

from fic2epub.model import Heading, Note, Paragraph, Work, written_text

__all__ = ["anthology_identifier", "volume_identifier", "work_folder", "work_identifier", "work_url"]

ARCHIVE = "https://archiveofourown.org"
_FIRST_WORDS = 300

_WORK_ID_RE = re.compile(r"[0-9]{1,20}")
_ARCHIVE_URL_RE = re.compile(
    r"""
    https?:// (?:www\.)? (?:archiveofourown\.org|archiveofourown\.com|ao3\.org)
    (?:/collections/[^/]+)? /works/ (?P<id>[0-9]{1,20}) (?![0-9])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_URL_RE = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w\-.~!$&'()*+,;=:@%/?]*)?", re.ASCII)


def work_url(work: Work) -> str | None:
    """The canonical address of a work: AO3's if the dump gives a Work ID or an AO3 address.

    Else the dump's own address if it is a whole one; None if there is neither. Nothing follows the Work
    ID: FanFicFare and ao3downloader know a book by exactly this form (FanFicFare 4.62, autumn 2026).
    """
    metadata = work.metadata
    if metadata.work_id is not None and _WORK_ID_RE.fullmatch(metadata.work_id):
        return f"{ARCHIVE}/works/{metadata.work_id}"
    url = (metadata.source_url or "").strip().partition("#")[0]
    if found := _ARCHIVE_URL_RE.match(url):
        return f"{ARCHIVE}/works/{found['id']}"
    return url if _URL_RE.fullmatch(url) else None


def work_identifier(work: Work) -> str:
    """``urn:uuid:…`` of the work's address; without one, of its author, title and first 300 words.

    The words are taken in the dump's order whatever part they play, so that a better reading of the
    same dump keeps the identity.
    """
    name = work_url(work)
    if name is None:
        words = " ".join(islice(_words(work), _FIRST_WORDS))
        name = "\n".join(("fic2epub:work", ", ".join(work.metadata.creators), work.metadata.title, words))
    return uuid5(NAMESPACE_URL, unicodedata.normalize("NFC", name)).urn


def work_folder(work: Work) -> str:
    """The folder of a work in an anthology: its Work ID, else eight digits of its identifier.

    Only a Work ID of digits becomes a name.
    """
    number = work.metadata.work_id
    if number is not None and _WORK_ID_RE.fullmatch(number):
        return number
    return f"w{work_identifier(work).rpartition(':')[2][:8]}"


def anthology_identifier(title: str, members: Iterable[str]) -> str:
    """``urn:uuid:…`` of the name that the reader gave and of the works in the first edition.

    Two anthologies of one name are two books on a device, which would mix up their reading positions
    else. Works come and go: so an anthology's identifier is made once and then kept, in its definition
    and in the book's record. ``members`` are identifiers of works, in any order.
    """
    name = "\n".join(("fic2epub:anthology", title, *sorted(set(members))))
    return uuid5(NAMESPACE_URL, unicodedata.normalize("NFC", name)).urn


def volume_identifier(anthology: str, number: int) -> str:
    """``urn:uuid:…`` of one volume: it stays the same however many there are."""
    return uuid5(NAMESPACE_URL, f"fic2epub:volume\n{anthology}\n{number}").urn


def _words(work: Work) -> Iterator[str]:
    yield from _texts(work.front)
    for chapter in work.chapters:
        opening = tuple(block for block in (chapter.part, chapter.heading) if block is not None)
        yield from _texts((*opening, *chapter.front, *chapter.body, *chapter.back))
    yield from _texts(work.back)


def _texts(blocks: tuple[object, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            yield from written_text(block.content).split()
        elif isinstance(block, Note):
            yield from _texts(block.blocks)
