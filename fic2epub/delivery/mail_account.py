"""Who sends a book by mail, through which server, to whom: a ``[mail.NAME]`` of the settings.

There is no way to send without TLS, and no key for a password: it comes from a command, a keyring or
the environment (``mail_password.py``), and is fetched when the server is about to ask for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn

from fic2epub.delivery.mail_password import from_command, from_environment, from_keyring
from fic2epub.errors import UsageError
from fic2epub.values import dataclass

__all__ = ["MailAccount", "account"]

Security = Literal["starttls", "tls"]
Kind = Literal["kindle", "plain"]

PORTS: dict[Security, int] = {"starttls": 587, "tls": 465}
"""Of submission (RFC 6409) and of submission over TLS from the first byte (RFC 8314)."""

KINDLE_BOOKS_PER_MAIL = 25
"""Attachments that Send-to-Kindle takes from one mail (Amazon's help pages, seen 2026-08)."""

KINDLE_RE = re.compile(r"[@.]kindle\.(?:com|cn)\Z", re.IGNORECASE)
PASSWORDS = ("password-command", "password-env", "keyring")
KEYS = (
    "server",
    "port",
    "security",
    "user",
    "sender",
    "recipient",
    "kind",
    "books-per-mail",
    "certificate",
    *PASSWORDS,
)

ADDRESS_RE = re.compile(r"[!-~]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
ADDRESS_SPOILERS = frozenset('"(),:;<>[\\]')
"""What only a quoted or commented address may hold. Nobody has one, and each is a way to add a header."""
HOST_RE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """One way to send by mail. It knows how to get the password, and does not hold it."""

    name: str
    """What the settings call it: the NAME of ``--to mail:NAME``."""
    server: str
    port: int
    security: Security
    user: str | None
    """None for a server that asks for no login."""
    sender: str
    recipient: str
    kind: Kind
    """``kindle`` applies the limits and checks of Send-to-Kindle; ``plain`` only the server's."""
    books_per_mail: int
    certificate: Path | None = None
    """A PEM file to trust beside the system's: for a server of one's own, such as a local bridge."""
    password: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    """Fetches it; raises DeliveryError if it cannot be had."""


def account(settings: Mapping[str, Any], environ: Mapping[str, str], *, name: str = "") -> MailAccount:
    """The account that a table of the settings describes.

    ``recipient`` and ``server`` must be there, and ``sender`` if ``user`` is no address. ``security`` is
    ``starttls`` unless the port is 465; ``kind`` is told from the recipient's domain. Raises UsageError
    for a key that is missing, unknown or has a value that cannot be meant, naming the key.
    """
    table = _Table(settings, f"mail.{name}" if name else "mail")
    table.check_keys()
    port, security = _way_in(table)
    user, recipient = table.text("user"), table.address("recipient")
    sender = table.address("sender", default=user if user and ADDRESS_RE.fullmatch(user) else None)
    default = "kindle" if KINDLE_RE.search(recipient) else "plain"
    kind: Kind = "kindle" if table.choice("kind", ("kindle", "plain"), default) == "kindle" else "plain"
    most = KINDLE_BOOKS_PER_MAIL if kind == "kindle" else 1
    password = _password(table, user or sender, environ)
    certificate = table.text("certificate")
    if user and password is None:
        table.fail(f"has a user, but no password. Say how to get it: {_either(PASSWORDS)}")
    return MailAccount(
        name=name,
        server=_server(table),
        port=port,
        security=security,
        user=(user or sender) if password else None,
        sender=sender,
        recipient=recipient,
        kind=kind,
        books_per_mail=table.number("books-per-mail", 1, KINDLE_BOOKS_PER_MAIL, most),
        certificate=Path(certificate).expanduser() if certificate else None,
        password=password,
    )


def _way_in(table: "_Table") -> tuple[int, Security]:
    port = table.number("port", 1, 65_535, 0)
    default = "tls" if port == PORTS["tls"] else "starttls"
    chosen = table.choice("security", tuple(PORTS), default)
    security: Security = "tls" if chosen == "tls" else "starttls"
    return port or PORTS[security], security


def _server(table: "_Table") -> str:
    server = table.text("server")
    if server is None:
        table.fail('has no server. Write e.g. server = "smtp.example.org"')
    if not HOST_RE.fullmatch(server):
        table.fail(
            f"has {server!r} as its server. Write the host's name alone; the port has a key of its own"
        )
    return server.strip("[]")


def _password(table: "_Table", user: str, environ: Mapping[str, str]) -> Callable[[], str] | None:
    given = [key for key in PASSWORDS if key in table.values]
    if len(given) > 1:
        table.fail(f"has {' and '.join(given)}. Keep one of them")
    match given:
        case ["password-command"]:
            return partial(from_command, table.command("password-command"))
        case ["password-env"]:
            variable = table.text("password-env") or ""
            return partial(from_environment, variable, environ)
        case ["keyring"]:
            service = "fic2epub" if table.values["keyring"] is True else table.text("keyring")
            return partial(from_keyring, service or "fic2epub", user)
    return None


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


@dataclass(frozen=True, slots=True)
class _Table:
    """The values of one account, read key by key."""

    values: Mapping[str, Any]
    name: str

    def fail(self, what: str) -> NoReturn:
        raise UsageError(f"{self.name}: {what}.")

    def check_keys(self) -> None:
        if "password" in self.values:
            self.fail(
                "has a password in the settings, where every program can read it. Take it out, and say how "
                f"to get it: {_either(PASSWORDS)}"
            )
        for key in self.values:
            if key not in KEYS:
                self.fail(f"has {key!r}, which is no key of an account. The keys are {', '.join(KEYS)}")

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.fail(f"{key} is {value!r}; it must be text in quotes")
        return value.strip()

    def address(self, key: str, *, default: str | None = None) -> str:
        value = self.text(key) or default
        if value is None:
            self.fail(f'has no {key}. Write e.g. {key} = "name@example.org"')
        if not ADDRESS_RE.fullmatch(value) or ADDRESS_SPOILERS & set(value):
            self.fail(f'{key} is {value!r}, which is no address. Write it like "name@example.org"')
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(key) or default
        if value not in choices:
            said = " or ".join(f'"{choice}"' for choice in choices)
            self.fail(f"{key} is {value!r}; it can be {said}")
        return value

    def number(self, key: str, least: int, most: int, default: int) -> int:
        value = self.values.get(key, default)
        if key in self.values and (type(value) is not int or not least <= value <= most):
            self.fail(f"{key} is {value!r}; it must be a number from {least} to {most}")
        return int(value)

    def command(self, key: str) -> str | tuple[str, ...]:
        value = self.values[key]
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return tuple(value)
        return self.text(key) or ""
