"""Books as a mail: attachments with names that every receiver understands, within number and size.

A name that is not ASCII is sent as ``filename*=utf-8''…``, which not every receiver reads, so names are
spelled in ASCII. Base64 makes a book 1.37 times as large; what counts is the size of the mail.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from fic2epub.builder.discreet import discreet_title
from fic2epub.container import MIMETYPE
from fic2epub.delivery.edition import read_edition
from fic2epub.delivery.mail_account import MailAccount
from fic2epub.library.names import folded, free_name
from fic2epub.model import Metadata
from fic2epub.values import dataclass

__all__ = ["Parcel", "compose", "mail_size", "megabytes", "pack_mails", "parcel"]

ENVELOPE = 2_000
"""Bytes for a mail's own head and text; ours has about 600."""
PER_BOOK = 600
"""Bytes for an attachment's head: its name stands in it twice, and is cut at `LONGEST_NAME`."""
LONGEST_NAME = 80
LONGEST_SUBJECT = 150
"""Characters."""
LINE = 57
"""Bytes that base64 puts on a line of 76 characters, with two for its end."""

NEUTRAL = "Document"
SPELLED = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "Th", "ı": "i",
    "‘": "'", "’": "'", "“": "'", "”": "'", "–": "-", "—": "-", "…": "...",
}  # fmt: skip
"""Letters and signs that no decomposition spells in ASCII."""
KEPT = frozenset("-_.'() ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A book on its way."""

    book: Path
    size: int
    """In bytes, of the file."""
    title: str
    label: str
    """What the mail calls it: its title, or what stands for it if nobody shall read it on the way."""
    warnings: tuple[str, ...] = ()
    identifier: str | None = None
    """Of the work; None for a book that the program did not make."""
    edition: str = ""


def parcel(book: Path, *, discreet: bool, warnings: tuple[str, ...] = ()) -> Parcel:
    """Look at a book's size and title; a book of others goes by its file's name.

    A mail passes through many hands: with ``discreet`` it does not tell a title that others should not
    read (``builder/discreet.py``). Raises PackageError for what is no EPUB, and SourceError or OSError for
    what cannot be read.
    """
    read = read_edition(book)
    record, title = read.record, read.title
    label = title
    if discreet:
        works = record.works if record else ()
        alone = works[0].metadata if record and works and works[0].identifier == record.identifier else None
        label = discreet_title(alone or Metadata(title=title))
    return Parcel(
        book=book,
        size=len(read.content),
        title=title,
        label=label,
        warnings=warnings,
        identifier=read.identifier,
        edition=read.edition,
    )


def megabytes(size: int) -> str:
    """A size for people, as mail providers give theirs.

    >>> megabytes(36_500_000)
    '36.5 MB'
    """
    return f"{size / 1_000_000:.1f} MB"


def mail_size(parcels: Sequence[Parcel]) -> int:
    """At most how many bytes a mail with these books has.

    >>> mail_size([Parcel(book=Path("a.epub"), size=1_000_000, title="A", label="A")])
    1371032
    """
    return ENVELOPE + sum(PER_BOOK + -(-one.size // LINE) * 78 for one in parcels)


def pack_mails(parcels: Sequence[Parcel], *, books: int, size: int | None) -> Iterator[tuple[Parcel, ...]]:
    """Divide books into mails, in their order, each with at most so many books and bytes.

    A book that is too large for any mail has one of its own: who packs does not refuse.
    """
    mail: list[Parcel] = []
    for one in parcels:
        if mail and (len(mail) >= books or (size is not None and mail_size([*mail, one]) > size)):
            yield tuple(mail)
            mail = []
        mail.append(one)
    if mail:
        yield tuple(mail)


def compose(parcels: Sequence[Parcel], account: MailAccount, *, date: datetime, id: str) -> bytes:
    """The finished mail, with CR LF as its line ends. Raises OSError if a book cannot be read.

    Its subject is the book's title, or says how many books there are. ``id`` makes the Message-ID: the
    same mail sent twice on purpose must not have the same, or the receiver may drop it.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = account.sender
    message["To"] = account.recipient
    message["Subject"] = _subject(parcels)
    message["Date"] = date
    message["Message-ID"] = f"<{id}@{account.sender.rpartition('@')[2]}>"
    message.set_content("Sent by fic2epub.\n")
    main, sub = MIMETYPE.split("/")
    taken: set[str] = set()
    for one in parcels:
        name = free_name(_ascii_name(one.label), taken)
        taken.add(folded(name))
        message.add_attachment(one.book.read_bytes(), maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def _subject(parcels: Sequence[Parcel]) -> str:
    if len(parcels) > 1:
        return f"{len(parcels)} books"
    title = " ".join("".join(one if one.isprintable() else " " for one in parcels[0].label).split())
    return title if len(title) <= LONGEST_SUBJECT else f"{title[: LONGEST_SUBJECT - 1]}…"


def _ascii_name(title: str) -> str:
    """A file name that no receiver can misread; ``Document.epub`` for a title in another script.

    >>> _ascii_name("Señor Łuk: “Über/Unter”")
    "Senor Luk- 'Uber-Unter'.epub"
    >>> _ascii_name("雪の夜")
    'Document.epub'
    """
    spelled = "".join(SPELLED.get(letter, letter) for letter in title)
    plain = unicodedata.normalize("NFKD", spelled).replace(":", "-").replace("/", "-")
    kept = "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter in KEPT))
    stem = " ".join(kept.split())[:LONGEST_NAME].strip(" .-")
    return f"{stem if any(map(str.isalnum, stem)) else NEUTRAL}.epub"
