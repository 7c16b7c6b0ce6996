"""A real mail server on this machine: TLS with a certificate made now, a login, and bad manners on demand."""

import email
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "ada@example.org", "correct-horse"


class Certificates:
    """An authority of its own, the server's certificate from it, and the file that makes it trusted."""

    def __init__(self, folder: Path, name: str = "localhost") -> None:
        authority = trustme.CA()
        self.trusted = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.trusted))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(self.context)


@dataclass
class Manners:
    """What the server answers; each may be a text, or a function of how often it was asked before."""

    mail: str | Callable[[int], str] = "250 OK"
    rcpt: str | Callable[[int], str] = "250 OK"
    data: str | Callable[[int], str] = "250 2.0.0 OK: queued as 4711"
    hang_up: Callable[[int], bool] = lambda count: False
    """Whether to close the connection in the place of the answer to the n-th mail."""
    swallow: bool = False
    """Whether a mail without an answer was delivered all the same."""


@dataclass
class Inbox:
    """What the server has seen."""

    delivered: list[EmailMessage] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """Bytes of each mail that came in whole, delivered or not."""
    asked: dict[str, int] = field(default_factory=dict)
    connections: int = 0
    under_tls: bool = True
    logins: list[str] = field(default_factory=list)
    greetings: set[str] = field(default_factory=set)
    """What the client called itself."""

    def books(self) -> list[bytes]:
        """The attachments of all delivered mails."""
        return [part.get_payload(decode=True) for mail in self.delivered for part in mail.iter_attachments()]

    def names(self) -> list[str]:
        return [part.get_filename() for mail in self.delivered for part in mail.iter_attachments()]


class _Handler:
    def __init__(self, manners: Manners, inbox: Inbox) -> None:
        self.manners, self.inbox = manners, inbox

    def answer(self, step: str) -> tuple[int, str]:
        count = self.inbox.asked.get(step, 0)
        self.inbox.asked[step] = count + 1
        said = getattr(self.manners, step)
        return count, said(count) if callable(said) else said

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.inbox.greetings.add(hostname)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.inbox.under_tls &= server.transport.get_extra_info("ssl_object") is not None
        _, said = self.answer("mail")
        if said.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said

    async def handle_RCPT(self, server, session, envelope, address, options):
        _, said = self.answer("rcpt")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server, session, envelope):
        count, said = self.answer("data")
        self.inbox.sizes.append(len(envelope.original_content))
        gone = self.manners.hang_up(count)
        if said.startswith("2") and (not gone or self.manners.swallow):
            mail = email.message_from_bytes(envelope.original_content, policy=SMTP_POLICY)
            self.inbox.delivered.append(mail)
        if gone:
            server.transport.abort()
        return said


class _Controller(Controller):
    def __init__(self, handler: _Handler, *, security: str, context: ssl.SSLContext, size: int) -> None:
        self._inbox = handler.inbox
        self._options = {
            "data_size_limit": size,
            "authenticator": self._let_in,
            "auth_required": True,
            "auth_require_tls": security == "starttls",
            "hostname": "localhost",
        }
        if security == "starttls":
            self._options |= {"tls_context": context, "require_starttls": True}
        super().__init__(
            handler, hostname="127.0.0.1", port=0, ssl_context=context if security == "tls" else None
        )

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # the system's choice, since 0 was asked for
        super()._trigger_server()

    def factory(self) -> SMTP:
        self._inbox.connections += 1
        with warnings.catch_warnings():
            # It knows of TLS by STARTTLS only, and warns of a login in the clear under TLS from the start.
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
            return SMTP(self.handler, **self._options)

    def _let_in(self, server, session, envelope, mechanism, data) -> AuthResult:
        user, password = data.login.decode(), data.password.decode()
        self._inbox.logins.append(user)
        return AuthResult(success=(user, password) == (USER, PASSWORD), handled=False)


@contextmanager
def mail_server(
    certificates: Certificates,
    *,
    security: str = "starttls",
    manners: Manners | None = None,
    size: int = 0,
) -> Iterator[tuple[int, Inbox]]:
    """A running server: its port, and what it has seen. ``size`` 0 takes and announces no limit."""
    inbox = Inbox()
    handler = _Handler(manners or Manners(), inbox)
    controller = _Controller(handler, security=security, context=certificates.context, size=size)
    controller.start()
    inbox.connections = 0  # the controller's own, to see whether it runs
    try:
        yield controller.port, inbox
    finally:
        controller.stop()
