"""Books to an e-reader by mail: checked, divided into mails, handed over, and never sent twice.

The route: what Send-to-Kindle would refuse is refused here, before anything leaves the computer
(`mail_checks`); the rest is divided by number and size (`mail_message`); each mail is handed over
(`mail_server`), and what the server took is reported at once (``on_sent``), so that a run that ends
early leaves nothing to guess. `mail_account` says who sends, through which server, to whom.
"""

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.mail_account import MailAccount, account
from fic2epub.delivery.mail_checks import KINDLE_MAIL, examine, too_large
from fic2epub.delivery.mail_message import Parcel, compose, mail_size, megabytes, pack_mails
from fic2epub.delivery.mail_server import End, Reply, Server
from fic2epub.errors import DeliveryError, Fic2EpubError

__all__ = ["MailAccount", "account", "deliver"]

Told = Callable[[Path, MailAccount], None]
Mail = tuple[Parcel, ...]


def deliver(
    books: Sequence[Path],
    account: MailAccount,
    *,
    dry_run: bool,
    on_sent: Told,
    on_unknown: Told | None = None,
    discreet: bool = False,
) -> Iterator[Delivered]:
    """Send books by mail; what became of each is yielded as soon as it is known, each book once.

    ``on_sent`` is called for each book as soon as the server has taken its mail, before anything else is
    done; ``on_unknown`` where nobody can know, also if the reader interrupts the wait for an answer.
    What happens to such a book is for the reader to decide: nothing here sends it again. A book that
    failed, is to be tried later, or whose fate is unknown, bears the error that says so. With
    ``dry_run`` books are checked and divided, and no server or password is asked.

    Raises DeliveryError for what concerns every book (the password, the server's name, TLS, login,
    sender, recipient), and says how many were not sent.
    """
    ready: dict[str, Parcel] = {}
    for book in _once(books):
        try:
            one = examine(book, account, discreet=discreet)
            first = ready.setdefault(one.identifier or os.fspath(book), one)
            if first is not one:
                yield _twin(one, first, account)
        except Fic2EpubError as error:
            yield Delivered(book=book, title=book.stem, outcome=Outcome.FAILED, error=error)
    parcels = tuple(ready.values())
    if dry_run:
        yield from _plan(parcels, account)
    elif parcels:
        yield from _send(parcels, account, on_sent, on_unknown or _forget)


def _once(books: Sequence[Path]) -> Iterator[Path]:
    """The books in their order; one that is named twice is one book."""
    seen: set[str] = set()
    for book in books:
        real = os.path.realpath(book)
        if real not in seen:
            seen.add(real)
            yield book


def _twin(one: Parcel, first: Parcel, account: MailAccount) -> Delivered:
    """What is said of a second file of one work. Raises DeliveryError for another edition: which is meant?"""
    if one.edition != first.edition:
        raise DeliveryError(
            f"{one.book}: is another edition of the work in {first.book}. Name one of the two."
        )
    return _delivered(one, account, Outcome.THERE, f"It is the same book as {first.book}.")


def _forget(book: Path, account: MailAccount) -> None:
    """For a caller that keeps no list."""


def _plan(ready: Sequence[Parcel], account: MailAccount) -> Iterator[Delivered]:
    """What would be sent, as far as it can be known without asking the server."""
    limit = KINDLE_MAIL if account.kind == "kindle" else None
    mails = list(pack_mails(ready, books=account.books_per_mail, size=limit))
    for number, mail in enumerate(mails, 1):
        message = f"In mail {number} of {len(mails)}, of {megabytes(mail_size(mail))}."
        yield from (_delivered(one, account, Outcome.SENT, message) for one in mail)


def _send(
    ready: Sequence[Parcel], account: MailAccount, on_sent: Told, on_unknown: Told
) -> Iterator[Delivered]:
    """Hand over mail after mail, over as few connections as possible."""
    with closing(Server(account)) as server:
        with _counted(len(ready)):
            server.connect()
        limits = [server.size_limit, KINDLE_MAIL if account.kind == "kindle" else None]
        size = min(filter(None, limits), default=None)
        queue = deque(pack_mails(ready, books=account.books_per_mail, size=size))
        lost = 0
        while queue:
            mail = queue.popleft()
            if size is not None and mail_size(mail) > size:
                error = DeliveryError(
                    f"{mail[0].book.name}: {too_large(mail[0], account.server, size, account)}"
                )
                yield _delivered(mail[0], account, Outcome.FAILED, error=error)
                continue
            with _counted(sum(map(len, queue)) + len(mail)):
                reply = _hand_over(server, mail, account, on_sent, on_unknown)
            again = _again(mail, reply)
            queue.extendleft(reversed(again))
            if again:
                continue
            yield from _results(mail, reply, account)
            lost = lost + 1 if reply.end is End.UNKNOWN else 0
            if lost > 1 and queue:
                with _counted(sum(map(len, queue))):
                    raise DeliveryError(f"{account.server}: hung up twice without an answer.")


@contextmanager
def _counted(left: int) -> Iterator[None]:
    """Say, with an error that concerns every book, how many were not sent."""
    try:
        yield
    except DeliveryError as error:
        books = "1 book was" if left == 1 else f"{left} books were"
        raise DeliveryError(f"{error} {books} not sent.") from error


def _hand_over(server: Server, mail: Mail, account: MailAccount, on_sent: Told, on_unknown: Told) -> Reply:
    """Hand over one mail, and report at once what must not be forgotten."""
    try:
        content = compose(mail, account, date=datetime.now(UTC), id=secrets.token_hex(16))
    except OSError as error:
        reason = f"{error.filename}: cannot be read any more ({error.strerror or error})."
        raise DeliveryError(reason) from error
    if not server.connected:
        server.connect()
    try:
        reply = server.hand_over(content)
    except BaseException:
        if server.awaiting:
            _tell(on_unknown, mail, account)
        raise
    if reply.end is End.BROKEN and not server.used:
        raise DeliveryError(f"{account.server}: hung up before it had the mail ({reply.said}). Try again.")
    if reply.end is End.ACCEPTED:
        _tell(on_sent, mail, account)
    elif reply.end is End.UNKNOWN:
        _tell(on_unknown, mail, account)
    return reply


def _tell(told: Told, mail: Mail, account: MailAccount) -> None:
    for one in mail:
        told(one.book, account)


def _again(mail: Mail, reply: Reply) -> tuple[Mail, ...]:
    """The mails to try in this one's place; only for one of which surely nothing was delivered.

    A connection that has served may be closed by its server at any time, so the mail gets another. A
    mail that is too large for a server that did not say so beforehand is divided.
    """
    if reply.end is End.BROKEN:
        return (mail,)
    if reply.end is End.TOO_LARGE and len(mail) > 1:
        return mail[: len(mail) // 2], mail[len(mail) // 2 :]
    return ()


def _results(mail: Mail, reply: Reply, account: MailAccount) -> Iterator[Delivered]:
    for one in mail:
        if reply.end is End.ACCEPTED:
            yield _delivered(one, account, Outcome.SENT, f"{account.server} says: {reply.said}")
            continue
        outcome, sentence = _unsent(one, reply, account)
        error = DeliveryError(f"{one.book.name}: {sentence}")
        yield _delivered(one, account, outcome, error=error)


def _unsent(one: Parcel, reply: Reply, account: MailAccount) -> tuple[Outcome, str]:
    server = account.server
    match reply.end:
        case End.UNKNOWN:
            return Outcome.UNKNOWN, (
                f"{server} hung up before its answer, so that nobody knows whether the book arrives. "
                "Look for it in a while; it is sent again only with --again."
            )
        case End.LATER:
            return Outcome.LATER, (
                f"{server} takes it later ({reply.said}). Run the same command again in half an hour."
            )
        case End.TOO_LARGE:
            return Outcome.FAILED, too_large(one, server, reply.said, account)
    return Outcome.FAILED, f"{server} refuses the mail ({reply.said})."


def _delivered(
    one: Parcel,
    account: MailAccount,
    outcome: Outcome,
    message: str | None = None,
    error: DeliveryError | None = None,
) -> Delivered:
    return Delivered(
        book=one.book,
        title=one.title,
        outcome=outcome,
        place=account.recipient,
        format="epub",
        size=one.size,
        message=message,
        error=error,
        warnings=one.warnings,
    )
