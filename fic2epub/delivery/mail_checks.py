"""Whether a book may go by mail: what Send-to-Kindle would refuse is refused before it leaves.

Amazon answers a bad book hours later, with a mail that gives a number (E999) and no reason; so the
checks of `builder/check_file.py` for a Kindle come first.
"""

from pathlib import Path

from fic2epub.builder.check_file import check_file
from fic2epub.builder.problem import Problem
from fic2epub.delivery.mail_account import MailAccount
from fic2epub.delivery.mail_message import Parcel, mail_size, megabytes, parcel
from fic2epub.errors import DeliveryError

__all__ = ["KINDLE_MAIL", "examine", "too_large"]

KINDLE_MAIL = 50_000_000
"""Bytes of one mail to Send-to-Kindle (Amazon's help pages, seen 2026-08)."""

UNREADABLE = frozenset({"container.unreadable", "container.protected"})
"""Problems for which no receiver can open a book."""
OWN_LIMIT = frozenset({"kindle.mail-size"})
"""Warnings that the real limits, the server's and Amazon's, stand in for."""


def examine(book: Path, account: MailAccount, *, discreet: bool) -> Parcel:
    """The book as it will be sent, with what the receiver may stumble over.

    Raises SourceError or PackageError for what is no EPUB, and DeliveryError for what the receiver would
    refuse: for a Kindle every error of its checks, a KEPUB and a mail of more than 50 MB; for others
    only what nobody can open.
    """
    kindle = account.kind == "kindle"
    if kindle and book.name.lower().endswith(".kepub.epub"):
        raise DeliveryError(f"{book.name}: is a KEPUB, made for a Kobo. Send the EPUB that it was made from.")
    problems = check_file(book, "kindle" if kindle else "all")
    fatal = [one for one in problems if one.id in UNREADABLE or (kindle and one.level == "error")]
    if fatal:
        raise DeliveryError(f"{book.name}: {_reason(fatal, kindle=kindle)}")
    doubts = [one for one in problems if one.id not in OWN_LIMIT] if kindle else []
    warnings = tuple(f"{book.name}: {one.where} {one.message}" for one in doubts)
    try:
        one = parcel(book, discreet=discreet, warnings=warnings)
    except OSError as error:
        raise DeliveryError(f"{book.name}: cannot be read ({error.strerror or error}).") from error
    if kindle and mail_size([one]) > KINDLE_MAIL:
        raise DeliveryError(f"{book.name}: {too_large(one, 'Send-to-Kindle', KINDLE_MAIL, account)}")
    return one


def _reason(fatal: list[Problem], *, kindle: bool) -> str:
    what = f"{fatal[0].where} {fatal[0].message}"
    if not kindle:
        return what
    more = f" {len(fatal) - 1} more: fic2epub check --for kindle." if len(fatal) > 1 else ""
    return f"Send-to-Kindle would refuse it, since {what}{more}"


def too_large(one: Parcel, who: str, limit: int | str, account: MailAccount) -> str:
    """Why a book is too large for a mail; in the mail's bytes, since base64 makes it a third larger.

    ``limit`` is in bytes, or what a server said that gave none.
    """
    takes = f"refuses it ({limit})" if isinstance(limit, str) else f"takes {megabytes(limit)} at most"
    advice = "Use amazon.com/sendtokindle" if account.kind == "kindle" else "Copy it over by USB"
    return (
        f"has {megabytes(one.size)}, which makes a mail of {megabytes(mail_size([one]))}, and {who} {takes}. "
        f"{advice}, or make the book again with a smaller cover."
    )
