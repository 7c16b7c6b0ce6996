"""The talk with a mail server: connect under TLS, log in, hand over one mail, say what became of it.

Three places where a mail may fail are told apart, since they differ in what may be done next. Before the
last line of the mail is out, nothing was delivered (RFC 5321, 4.1.1.4), and it may be tried again. After
the server's 250 it is delivered. Between the two nobody knows, and nothing is sent again by itself.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from enum import Enum

from fic2epub.delivery.mail_account import MailAccount
from fic2epub.errors import DeliveryError
from fic2epub.values import dataclass

__all__ = ["End", "Reply", "Server"]

PATIENCE = 60.0
"""Seconds for a connection and for each answer but the last."""
LAST_PATIENCE = 600.0
"""Seconds for the answer to a whole mail, which the server may scan first (RFC 5321, 4.5.3.2.6)."""
OWN_NAME = "[127.0.0.1]"
"""What we call ourselves. The computer's name is nobody's business, and finding it can take seconds."""

LONGEST_ANSWER = 200
YES = range(200, 300)
NOT_NOW = range(400, 500)
NO = range(400, 600)
TOO_LARGE = 552
"""Of the mail, or of what the mailbox holds already: a finer code tells, if there is one."""
STUFFED_RE = re.compile(rb"^\.", re.MULTILINE)
FINER_RE = re.compile(r"\d{3} (?P<code>[245]\.\d{1,3}\.\d{1,3})\b")
TOO_LARGE_FINER = frozenset({"5.2.3", "5.3.4"})
"""Enhanced codes for a mail that is too large for the mailbox or the system (RFC 3463)."""


class End(Enum):
    """How the handing over of one mail ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    TOO_LARGE = "too large"
    LATER = "later"
    """Refused for now: greylisting, a quota, a busy server."""
    BROKEN = "broken"
    """The connection broke before the mail was complete: it was not delivered."""
    UNKNOWN = "unknown"
    """The connection broke after the mail was complete and before the answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How it ended, and what the server said, fit to be shown."""

    end: End
    said: str = ""


class Server:
    """One account's server. The password is fetched once, and kept for a second connection."""

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._password: str | None = None
        self._smtp: smtplib.SMTP | None = None
        self._where = f"{account.server}:{account.port}"
        self.used = False
        """Whether this connection has delivered a mail."""
        self.awaiting = False
        """Whether a whole mail is out and its answer is not in."""

    @property
    def size_limit(self) -> int | None:
        """Bytes of a mail that the server takes, by its own word (RFC 1870); None if it says nothing."""
        said = self._smtp.esmtp_features.get("size", "") if self._smtp else ""
        return int(said) if said.isascii() and said.isdigit() and int(said) else None

    @property
    def connected(self) -> bool:
        """Whether a mail can be handed over."""
        return self._smtp is not None

    def connect(self) -> None:
        """Connect under TLS and log in.

        Raises DeliveryError, with one sentence on what to do: the password cannot be had, the name is
        not found, nobody answers, TLS fails, the login is refused.
        """
        if self._account.password is not None and self._password is None:
            self._password = self._account.password()
        self.used = False
        smtp = self._open()
        try:
            self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        self._smtp = smtp

    def close(self) -> None:
        """Say goodbye; what was delivered stays so, whatever the server answers."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def hand_over(self, mail: bytes) -> Reply:
        """Hand over one finished mail, with CR LF as its line ends, and say how that ended.

        Raises DeliveryError if the server takes no mail from this sender or for this recipient: no
        other book would fare better. An interruption while the last answer is out is raised as it is;
        ``awaiting`` then says that nobody knows.
        """
        assert self._smtp is not None, "connect first"
        smtp = self._smtp
        self.awaiting = False
        try:
            refused = self._envelope(smtp, len(mail))
            if refused is not None:
                return refused
            code, said = smtp.docmd("DATA")
            if code != 354:
                return self._refusal(smtp, code, said)
            smtp.send(STUFFED_RE.sub(b"..", mail))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()
            return Reply(End.BROKEN, _shown(str(error)))
        return self._finish(smtp)

    def _finish(self, smtp: smtplib.SMTP) -> Reply:
        """Send the mail's last line and wait for the one answer that counts."""
        self.awaiting = True
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(LAST_PATIENCE)
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(PATIENCE)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Reply(End.UNKNOWN, _shown(str(error)))
        self.awaiting = False
        if code in YES:
            self.used = True
            return Reply(End.ACCEPTED, _shown(said))
        if code in NO:
            return self._refusal(smtp, code, said)
        self._drop()
        return Reply(End.UNKNOWN, _shown(f"{code} {_text(said)}"))

    def _envelope(self, smtp: smtplib.SMTP, size: int) -> Reply | None:
        """MAIL and RCPT. None if the server agrees; a Reply if only this mail is refused."""
        account = self._account
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        code, said = smtp.mail(account.sender, options)
        if code in YES:
            code, said = smtp.rcpt(account.recipient)
            if code in YES:
                return None
            reply, whom = self._refusal(smtp, code, said), "recipient"
        else:
            reply, whom = self._refusal(smtp, code, said), "sender"
        if reply.end in (End.TOO_LARGE, End.BROKEN):
            return reply
        if reply.end is End.LATER:
            raise DeliveryError(
                f"{self._where}: takes no mail at the moment ({reply.said}). "
                "Run the same command again in half an hour."
            )
        if whom == "recipient":
            raise DeliveryError(
                f"{self._where}: takes no mail for {account.recipient} ({reply.said}). "
                "Check the recipient in the settings."
            )
        raise DeliveryError(
            f"{self._where}: sends no mail as {account.sender} ({reply.said}). "
            "Set the sender to the address of the account that you log in to."
        )

    def _refusal(self, smtp: smtplib.SMTP, code: int, said: bytes) -> Reply:
        text = _shown(f"{code} {_text(said)}")
        if code == 421:  # "closing": smtplib hangs up by itself on some of these
            self._drop()
            return Reply(End.BROKEN, text)
        with suppress(OSError, smtplib.SMTPException):
            smtp.rset()
        if smtp.sock is None:
            self._drop()
        if code in NOT_NOW:
            return Reply(End.LATER, text)
        finer = FINER_RE.match(text)
        too_large = finer["code"] in TOO_LARGE_FINER if finer else code == TOO_LARGE
        return Reply(End.TOO_LARGE if too_large else End.REFUSED, text)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _open(self) -> smtplib.SMTP:
        account = self._account
        context = self._context()
        smtp: smtplib.SMTP | None = None
        try:
            if account.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    account.server, account.port, OWN_NAME, timeout=PATIENCE, context=context
                )
                smtp.ehlo_or_helo_if_needed()
            else:
                smtp = smtplib.SMTP(account.server, account.port, OWN_NAME, timeout=PATIENCE)
                smtp.starttls(context=context)
                smtp.ehlo()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:  # UnicodeError: a name too long
            if smtp is not None:
                smtp.close()
            raise DeliveryError(f"{self._where}: {_unreached(error, account)}") from error
        return smtp

    def _context(self) -> ssl.SSLContext:
        """Certificates and names are checked, as browsers do."""
        context = ssl.create_default_context()
        certificate = self._account.certificate
        if certificate is not None:
            try:
                context.load_verify_locations(certificate)
            except OSError as error:
                reason = "no PEM file" if isinstance(error, ssl.SSLError) else error.strerror
                raise DeliveryError(f"certificate: {certificate} cannot be read ({reason}).") from error
        return context

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        user, password = self._account.user, self._password
        if user is None or password is None:
            return
        try:
            smtp.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            said = _shown(f"{error.smtp_code} {_text(error.smtp_error)}")
            if error.smtp_code in NOT_NOW:
                what = f"lets nobody in at the moment ({said}). Run the same command again in half an hour."
            else:
                what = (
                    f"refuses the password of {user} ({said}). Many providers want an app password, made on "
                    "their page for this purpose."
                )
            raise DeliveryError(f"{self._where}: {what}") from None
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(
                f"{self._where}: offers no login. Check the port, or take user and password out."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            said = _shown(str(error))
            raise DeliveryError(f"{self._where}: hung up during the login ({said}). Try again.") from None


def _unreached(error: Exception, account: MailAccount) -> str:
    """Why there is no connection under TLS, and what to do."""
    other = "starttls" if account.security == "tls" else "tls"
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"shows a certificate that cannot be trusted ({error.verify_message.rstrip('.')}). Check the "
                "server's name; for a server of your own, name its certificate in the settings."
            )
        case ssl.SSLError():
            return (
                f"did not agree on TLS ({_shown(error.reason or str(error))}). "
                f'Try security = "{other}", or another port.'
            )
        case smtplib.SMTPNotSupportedError():
            return (
                f'offers no TLS, and nothing is sent without it. Try security = "{other}", or another port.'
            )
        case socket.gaierror():
            return "no server of this name is found. Check its spelling, and whether you are online."
        case ConnectionRefusedError():
            return "nobody answers there. Check server and port (587 for starttls, 465 for tls)."
        case TimeoutError():
            return "gave no answer. Check server and port; some networks let no mail programs out."
        case smtplib.SMTPResponseException():
            return f"lets nobody in ({_shown(f'{error.smtp_code} {_text(error.smtp_error)}')}). Try later."
        case smtplib.SMTPServerDisconnected():
            return f'hung up before TLS began. Try security = "{other}", or another port.'
    return f"cannot be reached ({getattr(error, 'strerror', None) or error})."


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _shown(said: bytes | str) -> str:
    """A server's words as one line that steers no terminal."""
    words = " ".join(_text(said).split())
    line = "".join(letter if letter.isprintable() else "?" for letter in words)
    return line if len(line) <= LONGEST_ANSWER else f"{line[: LONGEST_ANSWER - 1]}…"
