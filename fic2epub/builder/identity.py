"""Which work a book holds: the same identifier at every build, so that devices know the book again."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

from fic2epub.model import Heading, Note, Paragraph, Work, plain_text

__all__ = ["anthology_identifier", "work_identifier", "work_url"]

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


def anthology_identifier(title: str) -> str:
    """``urn:uuid:…`` of the name that the reader gave, not of the members: they come and go."""
    return uuid5(NAMESPACE_URL, unicodedata.normalize("NFC", f"fic2epub:anthology\n{title}")).urn


def _words(work: Work) -> Iterator[str]:
    yield from _texts(work.front)
    for chapter in work.chapters:
        opening = tuple(block for block in (chapter.part, chapter.heading) if block is not None)
        yield from _texts((*opening, *chapter.front, *chapter.body, *chapter.back))
    yield from _texts(work.back)


def _texts(blocks: tuple[object, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            yield from plain_text(block.content).split()
        elif isinstance(block, Note):
            yield from _texts(block.blocks)
