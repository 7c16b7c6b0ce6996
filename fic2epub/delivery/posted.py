"""Books by mail, and the list of what was sent: of mail it is the only witness.

Send-to-Kindle makes a new document of every mail, and no place in the old one is carried over; so another
edition of a book that was mailed goes out only if the reader asks for it. A mail of which nobody knows
whether it arrived counts as sent: the same book goes out once more only if the reader says so in a word.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.edition import Edition, read_edition
from fic2epub.delivery.mail import MailAccount
from fic2epub.delivery.sent import Act, Journal, Sent, now_as_text
from fic2epub.errors import DeliveryError, Fic2EpubError

__all__ = ["Postbag"]


class Postbag:
    """The books that one run may mail, and what the list says of them."""

    def __init__(self, account: MailAccount, journal: Journal, *, now: datetime) -> None:
        address = hashlib.sha256(account.recipient.casefold().encode()).hexdigest()[:8]
        self.key = f"mail:{account.name}:{address}"
        """Of the recipient, without the address in clear."""
        self._journal = journal
        self._now = now
        self._books: dict[Path, Edition] = {}

    def hold(self, books: Iterable[Path]) -> tuple[list[Path], list[Delivered]]:
        """The books that may go out since the reader named them, and those of which nobody knows if they did.

        A book that was surely mailed goes out again, and so does one whose mail surely failed; another
        edition is another book. The others bear the error that says what is known.
        """
        known = {sent.path: sent for sent in self._journal.there(self.key)}
        left: list[Path] = []
        held: list[Delivered] = []
        for path in books:
            book = self._read(path)
            last = known.get(_name(book)) if book is not None else None
            if book is None or last is None or not _is_in_doubt(last, book):
                left.append(path)
                continue
            error = DeliveryError(
                f"{path.name}: {_doubt(last)} Look for it first: it is not mailed again without --again."
            )
            held.append(Delivered(book=path, title=book.title, outcome=Outcome.UNKNOWN, error=error))
        return left, held

    def sort(
        self, books: Iterable[Path], *, replace_old: bool, again: bool = False
    ) -> tuple[list[Path], list[Delivered]]:
        """The books that were not mailed yet, and what is to be said of the others.

        With ``again`` those of which nobody knows whether they arrived are among the first. So is a book that
        cannot be read: mailing it says why.
        """
        known = {sent.path: sent for sent in self._journal.there(self.key)}
        left: list[Path] = []
        told: list[Delivered] = []
        for path in books:
            book = self._read(path)
            last = known.get(_name(book)) if book is not None else None
            if book is None or last is None or (last.edition != book.edition and replace_old):
                left.append(path)
                continue
            if again and _is_in_doubt(last, book):
                left.append(path)
                continue
            there = last.edition == book.edition
            message = None
            if last.act == "unknown":
                message = f"It {_doubt(last)}" + (" --again mails it once more." if there else "")
            elif not there:
                message = (
                    "Another edition was mailed. This one would be a new document beside it, at its first "
                    "page. --replace sends it all the same."
                )
            outcome = Outcome.THERE if there else Outcome.OUTDATED
            told.append(Delivered(book=path, title=book.title, outcome=outcome, message=message))
        return left, told

    def sent(self, path: Path, account: MailAccount) -> None:
        """Note a book that the server took."""
        self._note(path, "mailed")

    def unknown(self, path: Path, account: MailAccount) -> None:
        """Note a book of which nobody knows whether the server took it."""
        self._note(path, "unknown")

    def _note(self, path: Path, act: Act) -> None:
        book = self._read(path)
        if book is None:
            return
        self._journal.add(
            Sent(
                at=now_as_text(self._now),
                act=act,
                to=self.key,
                path=_name(book),
                identifier=book.identifier,
                edition=book.edition,
                source_sha256=book.sha256,
                format="epub",
                size=path.stat().st_size,
                sha256=book.sha256,
            )
        )

    def _read(self, path: Path) -> Edition | None:
        """What is to be known of a book, without its bytes; None if it cannot be read."""
        if path not in self._books:
            try:
                self._books[path] = replace(read_edition(path, self._journal.edition), content=b"")
            except Fic2EpubError:
                return None
        return self._books[path]


def _is_in_doubt(last: Sent, book: Edition) -> bool:
    """Whether nobody knows if this very edition of a book has arrived."""
    return last.act == "unknown" and last.edition == book.edition


def _doubt(last: Sent) -> str:
    """What is known of a mail without an answer, and since when."""
    when = f"{last.at[:10]} at {last.at[11:16]} UTC"
    return f"was mailed on {when} and got no answer from the server: nobody knows whether it arrived."


def _name(book: Edition) -> str:
    """What stands for a book in the list, since a mail has no path: the work, or the bytes of another's."""
    return book.identifier or f"sha256:{book.sha256}"
