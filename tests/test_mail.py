"""Books by mail, to a real SMTP server: each outcome right, and nothing sent twice."""

import io
import socket
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import small_book
from support.made import book
from support.mail import PASSWORD, USER, Certificates, Manners, mail_server

from fic2epub.delivery import mail_server as server_module
from fic2epub.delivery.delivered import Delivered, Outcome
from fic2epub.delivery.mail import MailAccount, account, deliver
from fic2epub.delivery.mail_checks import KINDLE_MAIL
from fic2epub.delivery.mail_message import Parcel, mail_size, pack_mails
from fic2epub.delivery.mail_server import OWN_NAME
from fic2epub.errors import DeliveryError, SourceError, UsageError
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse

SETTINGS = {
    "server": "localhost",
    "user": USER,
    "sender": USER,
    "recipient": "ada@kindle.com",
    "password-env": "MAIL_PASSWORD",
}
ENVIRON = {"MAIL_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def books(tmp_path) -> tuple[Path, ...]:
    """Three good books that differ."""
    made = []
    for name in ("lamp", "oil", "salt"):
        entries = small_book.entries()
        entries["text/chapter1.xhtml"] = entries["text/chapter1.xhtml"].replace(b"nobody", name.encode())
        made.append(small_book.write(tmp_path / f"{name}.epub", entries))
    return tuple(made)


def to(port: int, certificates: Certificates, **more: object) -> MailAccount:
    settings = {**SETTINGS, "port": port, "certificate": str(certificates.trusted), **more}
    return account(settings, ENVIRON, name="kindle")


class Run:
    """One run of ``deliver``, with what it reported on the way."""

    def __init__(self, books, account, **options) -> None:
        self.sent: list[str] = []
        self.unknown: list[str] = []
        self.results: list[Delivered] = []
        self.error: DeliveryError | None = None
        options.setdefault("dry_run", False)
        results = deliver(
            books,
            account,
            on_sent=lambda book, account: self.sent.append(book.stem),
            on_unknown=lambda book, account: self.unknown.append(book.stem),
            **options,
        )
        try:
            self.results.extend(results)
        except DeliveryError as error:
            self.error = error

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(result.book.stem, result.outcome.value) for result in self.results]


# What is sent, and how.


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_books_arrive_byte_for_byte_in_one_mail_under_tls(books, certificates, security):
    with mail_server(certificates, security=security) as (port, inbox):
        run = Run(books, to(port, certificates, security=security))
    assert run.error is None
    assert run.outcomes == [("lamp", "sent"), ("oil", "sent"), ("salt", "sent")]
    assert run.sent == ["lamp", "oil", "salt"]
    assert inbox.books() == [book.read_bytes() for book in books]
    assert inbox.names() == ["lamp.epub", "oil.epub", "salt.epub"]
    assert (inbox.connections, len(inbox.delivered), inbox.under_tls) == (1, 1, True)
    assert inbox.logins == [USER]


def test_the_mail_says_what_a_receiver_needs_and_nothing_of_the_computer(books, certificates):
    with mail_server(certificates) as (port, inbox):
        run = Run(books[:1], to(port, certificates))
    (mail,) = inbox.delivered
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content_type() == "application/epub+zip"
    assert (mail["From"], mail["To"], mail["Subject"]) == (USER, "ada@kindle.com", "lamp")
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Date"].datetime.utcoffset().total_seconds() == 0
    assert inbox.greetings == {OWN_NAME}
    assert run.results[0].message == "localhost says: 2.0.0 OK: queued as 4711"
    assert (run.results[0].place, run.results[0].size) == ("ada@kindle.com", books[0].stat().st_size)


def test_a_discreet_mail_does_not_tell_a_title_that_tells_too_much(tmp_path, certificates):
    story = b"The fog came up the river, and the lamp was out."
    dump = b"Title: The Naked Keeper\nAuthor: Ada Quill\nWork ID: 42\n\n" + story
    ours = book(tmp_path / "ours.epub", parse(read_stdin(io.BytesIO(dump))).work)
    other = small_book.write(tmp_path / "Naked Lamps.epub", small_book.entries())
    plain = small_book.write(tmp_path / "Lamps.epub", small_book.entries())
    with mail_server(certificates) as (port, inbox):
        for one in (ours, other, plain):
            Run([one], to(port, certificates), discreet=True)
        open_run = Run([ours], to(port, certificates))
    subjects = [mail["Subject"] for mail in inbox.delivered]
    assert subjects == ["Work 42", "N. L.", "Lamps", "The Naked Keeper"]
    assert inbox.names() == ["Work 42.epub", "N. L.epub", "Lamps.epub", "The Naked Keeper.epub"]
    assert open_run.results[0].title == "The Naked Keeper"


def test_a_title_in_another_script_gives_a_name_in_ascii_and_a_subject_as_it_is(tmp_path, certificates):
    one = small_book.write(tmp_path / "Señor Łuk – “Ende”.epub", small_book.entries())
    two = small_book.write(tmp_path / "雪の夜.epub", small_book.entries())
    three = small_book.write(tmp_path / "月の夜.epub", small_book.entries())
    with mail_server(certificates) as (port, inbox):
        Run([one, two, three], to(port, certificates))
        Run([two], to(port, certificates))
    assert inbox.names() == ["Senor Luk - 'Ende'.epub", "Document.epub", "Document (2).epub", "Document.epub"]
    assert [mail["Subject"] for mail in inbox.delivered] == ["3 books", "雪の夜"]


def test_a_title_cannot_add_a_header(tmp_path, certificates):
    name = "Lamp\nBcc: eve@example.net.epub"
    book = small_book.write(tmp_path / name, small_book.entries())
    with mail_server(certificates) as (port, inbox):
        run = Run([book], to(port, certificates))
    assert run.outcomes == [(name.removesuffix(".epub"), "sent")]
    assert inbox.delivered[0]["Bcc"] is None
    assert inbox.delivered[0]["Subject"] == "Lamp Bcc: eve@example.net"


def test_a_book_that_is_named_twice_is_sent_once(books, certificates):
    same = books[0].parent / "." / books[0].name
    with mail_server(certificates) as (port, inbox):
        run = Run([books[0], same, books[1], books[0]], to(port, certificates))
    assert run.sent == ["lamp", "oil"]
    assert len(inbox.books()) == 2


def test_two_files_of_one_work_are_one_book(tmp_path, certificates):
    text = "Title: Lamp\nAuthor: Ada Quill\nWork ID: 42\n\nThe fog came up the river."
    made = book(tmp_path / "lamp.epub", parse(read_stdin(io.BytesIO(text.encode()))).work)
    copy = tmp_path / "copy.epub"
    copy.write_bytes(made.read_bytes())
    grown = parse(read_stdin(io.BytesIO(f"{text} It went again.".encode()))).work
    newer = book(tmp_path / "newer.epub", grown)
    with mail_server(certificates) as (port, inbox):
        run = Run([made, copy, newer], to(port, certificates))
    assert run.outcomes == [("copy", "there"), ("newer", "failed"), ("lamp", "sent")]
    assert "another edition of the work in" in str(run.results[1].error)
    assert len(inbox.books()) == 1


def test_a_dry_run_asks_no_server_and_no_password(books):
    settings = {**SETTINGS, "server": "nowhere.invalid", "password-env": "UNSET", "books-per-mail": 2}
    run = Run(books, account(settings, {}), dry_run=True)
    assert run.error is None
    assert run.outcomes == [("lamp", "sent"), ("oil", "sent"), ("salt", "sent")]
    assert run.sent == []
    assert [result.message.partition(",")[0] for result in run.results] == [
        "In mail 1 of 2",
        "In mail 1 of 2",
        "In mail 2 of 2",
    ]


def test_without_a_user_there_is_no_login(books, certificates):
    settings = {**SETTINGS, "certificate": str(certificates.trusted)}
    del settings["user"], settings["password-env"]
    with mail_server(certificates) as (port, inbox):
        run = Run(books[:1], account({**settings, "port": port}, {}))
    assert inbox.logins == []
    assert "530" in str(run.error)  # this server wants one, and says so


# The checks before.


def test_what_send_to_kindle_would_refuse_stays_here_with_its_reason(tmp_path, books, certificates):
    entries = small_book.entries()
    entries["content.opf"] = entries["content.opf"].replace(b"<dc:language>en<", b"<dc:language>English<")
    bad = small_book.write(tmp_path / "bad.epub", entries)
    with mail_server(certificates) as (port, inbox):
        run = Run([bad, books[0]], to(port, certificates))
        plain = Run([bad], to(port, certificates, recipient="ada@example.net"))
    assert run.outcomes == [("bad", "failed"), ("lamp", "sent")]
    assert str(run.results[0].error).startswith(
        "bad.epub: Send-to-Kindle would refuse it, since content.opf:"
    )
    assert plain.outcomes == [("bad", "sent")]
    assert len(inbox.books()) == 2


def test_what_is_no_book_is_not_sent_to_anybody(tmp_path, certificates):
    text = tmp_path / "story.epub"
    text.write_text("Once upon a time.")
    kepub = small_book.write(tmp_path / "lamp.kepub.epub", small_book.entries())
    locked = small_book.entries()
    locked["META-INF/encryption.xml"] = (
        b'<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        b'<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"/></encryption>'
    )
    drm = small_book.write(tmp_path / "drm.epub", locked)
    with mail_server(certificates) as (port, inbox):
        run = Run([text, tmp_path / "missing.epub", kepub, drm], to(port, certificates))
        plain = Run([text, drm], to(port, certificates, kind="plain"))
    assert {outcome for _, outcome in run.outcomes + plain.outcomes} == {"failed"}
    assert isinstance(run.results[0].error, SourceError)
    assert "made for a Kobo" in str(run.results[2].error)
    assert "DRM" in str(plain.results[1].error)
    assert inbox.connections == 0


def test_a_warning_of_the_kindle_checks_comes_with_the_book(tmp_path, certificates):
    entries = small_book.entries()
    entries["style.css"] = b""
    book = small_book.write(tmp_path / "lamp.epub", entries)
    with mail_server(certificates) as (port, _):
        run = Run([book], to(port, certificates))
    assert run.outcomes == [("lamp", "sent")]
    assert run.results[0].warnings[0].startswith("lamp.epub: style.css is empty")


# Number and size.


def test_a_mail_holds_no_more_books_than_it_may(books, certificates):
    with mail_server(certificates) as (port, inbox):
        Run(books, to(port, certificates, **{"books-per-mail": 2}))
        Run(books, to(port, certificates, recipient="ada@example.net"))
    assert [len(list(mail.iter_attachments())) for mail in inbox.delivered] == [2, 1, 1, 1, 1]
    assert inbox.connections == 2


def padded(path: Path, size: int) -> Path:
    """A good book of about so many bytes that do not compress."""
    entries = small_book.entries()
    entries["META-INF/padding"] = bytes((i * i * 31 + i // 7 * 17 + i // 251) & 255 for i in range(size))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_mails_keep_within_the_size_that_the_server_announces(tmp_path, certificates):
    made = [padded(tmp_path / f"{number}.epub", 30_000) for number in range(3)]
    with mail_server(certificates, size=120_000) as (port, inbox):
        run = Run(made, to(port, certificates))
    assert run.sent == ["0", "1", "2"]
    assert len(inbox.delivered) == 2
    assert all(size <= 120_000 for size in inbox.sizes)
    assert inbox.asked == {"mail": 2, "rcpt": 2, "data": 2}


def test_a_book_too_large_for_the_server_is_refused_here_in_figures(tmp_path, books, certificates):
    large = padded(tmp_path / "large.epub", 400_000)
    with mail_server(certificates, size=300_000) as (port, inbox):
        run = Run([large, books[0]], to(port, certificates, kind="plain"))
    assert run.outcomes == [("large", "failed"), ("lamp", "sent")]
    assert "has 0.4 MB, which makes a mail of 0.6 MB, and localhost takes 0.3 MB at most" in str(
        run.results[0].error
    )
    assert len(inbox.sizes) == 1


def test_mails_that_are_refused_as_too_large_are_divided_and_nothing_comes_twice(books, certificates):
    def refuse(count: int) -> str:
        return "552 5.3.4 too big" if count in (0, 2) else "250 OK"

    with mail_server(certificates, manners=Manners(data=refuse)) as (port, inbox):
        run = Run(books, to(port, certificates))
    assert run.outcomes == [("lamp", "sent"), ("oil", "sent"), ("salt", "sent")]
    assert inbox.asked["data"] == 5  # of three, of one, of two, of one, of one
    assert sorted(inbox.books()) == sorted(book.read_bytes() for book in books)


def test_one_book_refused_as_too_large_is_not_tried_again(books, certificates):
    with mail_server(certificates, manners=Manners(mail="552 5.3.4 too big")) as (port, inbox):
        run = Run(books[:1], to(port, certificates))
    assert run.outcomes == [("lamp", "failed")]
    assert "localhost refuses it (552 5.3.4 too big). Use amazon.com/sendtokindle" in str(
        run.results[0].error
    )
    assert inbox.asked == {"mail": 1}


@given(st.lists(st.integers(1, KINDLE_MAIL // 2), max_size=60), st.integers(1, 25))
def test_every_book_is_in_one_mail_in_order_and_no_mail_is_too_large(sizes, number):
    parcels = [Parcel(book=Path(f"{i}.epub"), size=size, title="", label="") for i, size in enumerate(sizes)]
    mails = list(pack_mails(parcels, books=number, size=KINDLE_MAIL))
    assert [one for mail in mails for one in mail] == parcels
    assert all(len(mail) <= number and (mail_size(mail) <= KINDLE_MAIL or len(mail) == 1) for mail in mails)


def test_no_mail_is_larger_than_was_reckoned(tmp_path, certificates):
    made = [padded(tmp_path / f"{'ü“Ж' * 12}{number}.epub", 5_000 + 19 * number) for number in range(6)]
    with mail_server(certificates) as (port, inbox):
        for count in (1, 2, 6):
            Run(made[:count], to(port, certificates))
    for size, count in zip(inbox.sizes, (1, 2, 6), strict=True):
        parcels = [Parcel(book=b, size=b.stat().st_size, title="", label="") for b in made[:count]]
        assert mail_size(parcels) * 0.6 < size <= mail_size(parcels)


# Refusals that concern every book.


@pytest.mark.parametrize(
    ("manners", "said"),
    [
        (
            Manners(mail="550 5.7.1 not yours"),
            "sends no mail as ada@example.org (550 5.7.1 not yours). Set",
        ),
        (
            Manners(rcpt="550 5.1.1 who?"),
            "takes no mail for ada@kindle.com (550 5.1.1 who?). Check",
        ),
        (Manners(rcpt="552 5.2.2 full"), "takes no mail for ada@kindle.com (552 5.2.2 full)."),
        (Manners(rcpt="450 4.7.1 greylisted"), "takes no mail at the moment (450 4.7.1 greylisted). Run the"),
        (Manners(mail="421 4.3.2 going down"), "hung up before it had the mail (421 4.3.2 going down)."),
    ],
    ids=["sender", "recipient", "full mailbox", "greylisting", "shutting down"],
)
def test_a_refusal_of_the_envelope_is_one_sentence_and_nothing_is_tried_again(
    books, certificates, manners, said
):
    with mail_server(certificates, manners=manners) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert said in str(run.error)
    assert str(run.error).endswith("3 books were not sent.")
    assert (run.results, run.sent, inbox.delivered) == ([], [], [])
    assert inbox.asked["mail"] == 1


def test_a_wrong_password_is_told_without_showing_it(books, certificates):
    wrong = account(
        {**SETTINGS, "certificate": str(certificates.trusted), "port": 1}, {"MAIL_PASSWORD": "hunter2"}
    )
    with mail_server(certificates) as (port, inbox):
        run = Run(books[:1], replace(wrong, port=port))
    assert "refuses the password of ada@example.org (535" in str(run.error)
    assert str(run.error).endswith("1 book was not sent.")
    assert "hunter2" not in str(run.error) + repr(wrong)
    assert inbox.delivered == []


def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_password(books, certificates):
    for security in ("starttls", "tls"):
        with mail_server(certificates, security=security) as (port, inbox):
            settings = {**SETTINGS, "port": port, "security": security}
            run = Run(books[:1], account(settings, ENVIRON))
        assert "shows a certificate that cannot be trusted" in str(run.error)
        assert (inbox.logins, inbox.delivered) == ([], [])


def test_a_certificate_for_another_name_is_refused(books, tmp_path):
    other = Certificates(tmp_path, "mail.example.net")
    with mail_server(other) as (port, inbox):
        run = Run(books[:1], to(port, other))
    assert "Hostname mismatch" in str(run.error)
    assert inbox.logins == []


def test_the_wrong_kind_of_tls_is_told_with_the_other(books, certificates):
    with mail_server(certificates, security="starttls") as (port, _):
        run = Run(books[:1], to(port, certificates, security="tls"))
    assert "did not agree on TLS" in str(run.error)
    assert 'Try security = "starttls"' in str(run.error)


def test_nothing_is_sent_to_a_server_without_tls(books, certificates):
    with bare_server([b"220 hello\r\n", b"250 localhost\r\n", b"221 bye\r\n"]) as (port, heard):
        run = Run(books[:1], to(port, certificates))
    assert "offers no TLS, and nothing is sent without it" in str(run.error)
    assert not any(b"AUTH" in line or b"MAIL" in line for line in heard)


def test_a_server_that_nobody_finds_or_that_does_not_answer(books, certificates):
    missing = Run(books[:1], to(25, certificates, server="mail.invalid"))
    assert "mail.invalid:25: no server of this name is found" in str(missing.error)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    closed = Run(books[:1], to(port, certificates, server="127.0.0.1"))
    assert "nobody answers there" in str(closed.error)
    long = Run(books[:1], to(25, certificates, server="a" * 70 + ".example"))
    assert "cannot be reached" in str(long.error) or "no server of this name" in str(long.error)


def test_a_server_that_says_nothing_is_given_up(books, certificates, monkeypatch):
    monkeypatch.setattr(server_module, "PATIENCE", 0.2)
    with bare_server([]) as (port, _):
        run = Run(books[:1], to(port, certificates))
    assert "hung up before TLS began" in str(run.error) or "gave no answer" in str(run.error)


# Refusals of one mail, and connections that break.


def test_a_mail_that_is_refused_does_not_stop_the_next(books, certificates):
    manners = Manners(data=lambda count: "554 5.7.1 looks like\x1b[2J spam" if count == 0 else "250 OK")
    with mail_server(certificates, manners=manners) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert run.outcomes == [("lamp", "failed"), ("oil", "sent"), ("salt", "sent")]
    assert "refuses the mail (554 5.7.1 looks like?[2J spam)" in str(run.results[0].error)
    assert len(inbox.delivered) == 2


def test_a_mail_that_is_put_off_is_for_later_and_not_called_sent(books, certificates):
    manners = Manners(data=lambda count: "451 4.7.1 try later" if count == 1 else "250 OK")
    with mail_server(certificates, manners=manners) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert run.outcomes == [("lamp", "sent"), ("oil", "later"), ("salt", "sent")]
    assert run.sent == ["lamp", "salt"]
    assert "takes it later (451 4.7.1 try later)" in str(run.results[1].error)
    assert len(inbox.delivered) == 2


@pytest.mark.parametrize("swallowed", [True, False])
def test_a_connection_dropped_after_data_is_unknown_and_never_sent_again(books, certificates, swallowed):
    manners = Manners(hang_up=lambda count: count == 0, swallow=swallowed)
    with mail_server(certificates, manners=manners) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert run.outcomes == [("lamp", "unknown"), ("oil", "sent"), ("salt", "sent")]
    assert (run.sent, run.unknown) == (["oil", "salt"], ["lamp"])
    assert "nobody knows whether the book arrives" in str(run.results[0].error)
    assert len(inbox.sizes) == 3  # each came in once
    assert len(inbox.delivered) == 2 + swallowed
    assert inbox.connections == 2


def test_a_server_that_drops_twice_is_left_alone(books, certificates):
    with mail_server(certificates, manners=Manners(hang_up=lambda count: True)) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert run.outcomes == [("lamp", "unknown"), ("oil", "unknown")]
    assert str(run.error) == "localhost: hung up twice without an answer. 1 book was not sent."
    assert len(inbox.sizes) == 2


def test_a_server_that_closes_between_two_mails_is_asked_again(books, certificates):
    manners = Manners(mail=lambda count: "421 4.7.0 enough for one connection" if count % 2 else "250 OK")
    with mail_server(certificates, manners=manners) as (port, inbox):
        run = Run(books, to(port, certificates, **{"books-per-mail": 1}))
    assert run.sent == ["lamp", "oil", "salt"]
    assert inbox.books() == [book.read_bytes() for book in books]
    assert inbox.connections == 3


def test_the_reader_who_interrupts_the_wait_has_an_unknown_book(books, certificates, monkeypatch):
    def interrupted(self):
        if self.interrupt:
            raise KeyboardInterrupt
        return getreply(self)

    getreply = server_module.smtplib.SMTP.getreply
    send = server_module.smtplib.SMTP.send

    def sent(self, data):
        send(self, data)
        self.interrupt = data == b".\r\n"

    monkeypatch.setattr(server_module.smtplib.SMTP, "interrupt", False, raising=False)
    monkeypatch.setattr(server_module.smtplib.SMTP, "getreply", interrupted)
    monkeypatch.setattr(server_module.smtplib.SMTP, "send", sent)
    unknown, sent_books = [], []
    with mail_server(certificates) as (port, _), pytest.raises(KeyboardInterrupt):
        list(
            deliver(
                books,
                to(port, certificates),
                dry_run=False,
                on_sent=lambda book, account: sent_books.append(book),
                on_unknown=lambda book, account: unknown.append(book),
            )
        )
    assert (sent_books, unknown) == ([], list(books))


def test_a_book_is_recorded_before_the_caller_sees_it(books, certificates):
    """So a caller that stops at the first result has still recorded the whole mail."""
    recorded = []
    with mail_server(certificates) as (port, inbox):
        results = deliver(
            books, to(port, certificates), dry_run=False, on_sent=lambda book, _: recorded.append(book)
        )
        first = next(results)
        results.close()
    assert first.outcome is Outcome.SENT
    assert recorded == list(books)
    assert len(inbox.delivered) == 1


# The account.


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"server": None}, "mail.kindle: has no server"),
        ({"server": "smtp://mail.example.org"}, "Write the host's name alone"),
        ({"server": "mail.example.org:465"}, "the port has a key of its own"),
        ({"recipient": None}, "has no recipient"),
        ({"recipient": "ada@kindle.com\nBcc: eve@example.net"}, "recipient is"),
        ({"recipient": "<ada@kindle.com>"}, "which is no address"),
        ({"sender": None, "user": "ada"}, "has no sender"),
        ({"security": "none"}, 'it can be "starttls" or "tls"'),
        ({"port": "465"}, "port is '465'; it must be a number from 1 to 65535"),
        ({"port": True}, "port is True"),
        ({"books-per-mail": 26}, "a number from 1 to 25"),
        ({"kind": "kobo"}, 'it can be "kindle" or "plain"'),
        ({"password": "hunter2"}, "has a password in the settings"),
        ({"pasword-env": "X"}, "'pasword-env', which is no key"),
        ({"keyring": True}, "has password-env and keyring. Keep one"),
        ({"password-env": None}, "has a user, but no password"),
        ({"user": 7}, "user is 7; it must be text"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_a_slip_in_the_settings_is_named(change, said):
    settings = {key: value for key, value in {**SETTINGS, **change}.items() if value is not None}
    with pytest.raises(UsageError) as caught:
        account(settings, ENVIRON, name="kindle")
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_rest_of_an_account_goes_without_saying():
    one = account(SETTINGS, ENVIRON)
    assert (one.port, one.security, one.kind, one.books_per_mail) == (587, "starttls", "kindle", 25)
    two = account({**SETTINGS, "port": 465, "recipient": "ada@pbsync.com"}, ENVIRON)
    assert (two.security, two.kind, two.books_per_mail) == ("tls", "plain", 1)
    bridge = account({**SETTINGS, "server": "[::1]", "port": 1025}, ENVIRON)
    assert (bridge.server, bridge.security) == ("::1", "starttls")
    unsaid = account({key: SETTINGS[key] for key in SETTINGS if key != "sender"}, ENVIRON)
    assert unsaid.sender == USER
    spoof = account({**SETTINGS, "recipient": "ada@notkindle.com"}, ENVIRON)
    assert spoof.kind == "plain"


def test_a_certificate_that_is_no_file_is_told(books, certificates, tmp_path):
    text = tmp_path / "no.pem"
    text.write_text("no certificate")
    for path, reason in ((text, "no PEM file"), (tmp_path / "gone.pem", "No such file")):
        run = Run(books[:1], to(1, certificates, certificate=str(path)))
        assert f"certificate: {path} cannot be read ({reason}" in str(run.error)


# The password.


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def with_command(command: object) -> MailAccount:
    settings = {key: value for key, value in SETTINGS.items() if key != "password-env"}
    return account({**settings, "password-command": command}, {})


def test_a_command_gives_its_first_line():
    one = with_command(script("print('correct-horse'); print('user: ada')"))
    assert one.password() == PASSWORD


def test_a_command_may_be_a_line_with_quotes():
    assert with_command("printf 'correct-horse\\r\\n'").password() == PASSWORD


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["no-such-program-here"], "no-such-program-here cannot be run"),
        (script("print('secret'); raise SystemExit(3)"), "ended with 3"),
        (script("pass"), "printed nothing where the password should be"),
        (script("print('pässwörd')"), "characters that cannot be sent"),
        ("'unclosed", "password-command cannot be read"),
    ],
    ids=["missing", "failing", "empty", "letters", "quotes"],
)
def test_a_command_that_gives_no_password_is_told_without_its_answer(command, said):
    with pytest.raises(DeliveryError) as caught:
        with_command(command).password()
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_command_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("fic2epub.delivery.mail_password.PATIENCE", 0.3)
    with pytest.raises(DeliveryError, match="gave no answer"):
        with_command(script("import time; time.sleep(30)")).password()


def test_a_variable_that_is_not_set_is_told():
    with pytest.raises(DeliveryError, match="MAIL_PASSWORD is not set"):
        account(SETTINGS, {}).password()
    with pytest.raises(DeliveryError, match="holds nothing"):
        account(SETTINGS, {"MAIL_PASSWORD": ""}).password()


def in_keyring(name: object) -> MailAccount:
    settings = {key: value for key, value in SETTINGS.items() if key != "password-env"}
    return account({**settings, "keyring": name}, {})


def test_a_keyring_is_asked_for_the_user(monkeypatch):
    keyring = pytest.importorskip("keyring")
    kept = {("fic2epub", USER): PASSWORD, ("mail", USER): "other"}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)))
    assert in_keyring(True).password() == PASSWORD
    assert in_keyring("mail").password() == "other"
    with pytest.raises(DeliveryError, match=r"Run: keyring set nothing ada@example\.org"):
        in_keyring("nothing").password()


def test_a_keyring_that_is_locked_or_missing_is_told(monkeypatch):
    keyring = pytest.importorskip("keyring")

    def locked(service: str, user: str) -> str:
        raise keyring.errors.NoKeyringError("no backend")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(DeliveryError, match="cannot be asked"):
        in_keyring(True).password()
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(DeliveryError, match=r'pip install "fic2epub\[keyring\]"'):
        in_keyring(True).password()


def test_the_password_is_fetched_once_and_only_when_it_is_needed(books, certificates, tmp_path):
    asked = tmp_path / "asked"
    command = script(f"open({str(asked)!r}, 'a').write('x'); print({PASSWORD!r})")
    settings = {key: value for key, value in SETTINGS.items() if key != "password-env"}
    settings |= {"password-command": command, "certificate": str(certificates.trusted), "books-per-mail": 1}
    manners = Manners(hang_up=lambda count: count == 0)
    with mail_server(certificates, manners=manners) as (port, inbox):
        Run(books, account({**settings, "port": port}, {}), dry_run=True)
        assert not asked.exists()
        Run(books, account({**settings, "port": port}, {}))
    assert inbox.connections == 2
    assert asked.read_text() == "x"


@contextmanager
def bare_server(lines: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says its lines, one for each it hears, and no more."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as peer:
            if not lines:
                stop.wait(5)
                return
            peer.sendall(lines[0])
            for line in lines[1:]:
                heard.append(peer.recv(1000))
                peer.sendall(line)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        stop.set()
        thread.join(10)
        listener.close()
