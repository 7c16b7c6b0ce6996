"""Where the password of a mail account comes from: a command, the environment, or a keyring.

Never from an option, which every user of the machine could read in the list of processes, and never
from a file of the program's own. No message shows what a source answered.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping

from fic2epub.errors import DeliveryError

__all__ = ["from_command", "from_environment", "from_keyring"]

PATIENCE = 120
"""Seconds for a command: the reader may have to type the passphrase of a password store."""


def from_command(command: str | tuple[str, ...]) -> str:
    """The first line that a command prints, as ``pass show mail`` has it.

    No shell is used: text is split as a shell would split it, a list is taken as it is. Standard input
    and error stay the terminal's, so that a password store can ask for its passphrase. Raises
    DeliveryError if it cannot be run, fails, or prints nothing.
    """
    try:
        words = list(command) if isinstance(command, tuple) else shlex.split(command, posix=os.name != "nt")
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
    except ValueError as error:
        raise DeliveryError(f"password-command cannot be read ({error}). Write it as a list.") from error
    except OSError as error:
        reason = error.strerror or error
        raise DeliveryError(f"password-command: {words[0]} cannot be run ({reason}).") from error
    except subprocess.TimeoutExpired:
        # Not "from": the exception holds what the command printed.
        raise DeliveryError(f"password-command: {words[0]} gave no answer in {PATIENCE} seconds.") from None
    if done.returncode:
        raise DeliveryError(
            f"password-command: {words[0]} ended with {done.returncode}. Run it by itself to see why."
        )
    return _clean(done.stdout.partition(b"\n")[0], f"password-command: {words[0]} printed")


def from_environment(variable: str, environ: Mapping[str, str]) -> str:
    """What a variable holds. Raises DeliveryError if it is not set."""
    if variable not in environ:
        raise DeliveryError(f"password-env: {variable} is not set. Set it, and run again.")
    return _clean(environ[variable].encode("utf-8", "surrogateescape"), f"password-env: {variable} holds")


def from_keyring(service: str, user: str) -> str:
    """What the system's keyring keeps for a service and user.

    Raises DeliveryError if the extra ``keyring`` is missing, there is no keyring, or nothing is in it.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise DeliveryError('keyring: is not installed. Run: pip install "fic2epub[keyring]"') from error
    try:
        password = keyring.get_password(service, user)
    except KeyringError as error:
        raise DeliveryError(
            f"keyring: cannot be asked ({error}). Unlock it, or use password-command."
        ) from error
    if password is None:
        raise DeliveryError(f"keyring: has nothing for {user}. Run: keyring set {service} {user}")
    return _clean(password.encode("utf-8", "surrogateescape"), f"keyring: {service} {user} holds")


def _clean(password: bytes, source: str) -> str:
    """The password as text; smtplib speaks ASCII only, and so do the app passwords of mail providers."""
    line = password.rstrip(b"\r\n")
    if not line:
        raise DeliveryError(f"{source} nothing where the password should be.")
    if not line.isascii() or b"\0" in line or b"\n" in line:
        raise DeliveryError(
            f"{source} a password with characters that cannot be sent. "
            "Use an app password of your mail provider, or one of plain letters, digits and signs."
        )
    return line.decode("ascii")
