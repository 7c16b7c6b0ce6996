"""Which work a dump says it is, told from its first bytes: so that dumps of one work are made together.

Only a hint. What a dump's work is decides the parser, and a wrong hint costs no more than a second reading.
"""

import re
from pathlib import Path

__all__ = ["named_work"]

_LONG_HEADER = 1 << 16
"""Bytes that are looked at of a header that fills the first ones: hundreds of tags may stand above the id."""

_WORK_ID_RE = re.compile(
    rb"^[ \t]*work[ \t_-]*id[ \t]*:[ \t]*([0-9]{1,12})\b | archiveofourown\.org/works/([0-9]{1,12})",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_ADDRESS_RE = re.compile(
    rb"^[ \t]* (?:(?:story|work|source)[ \t]+)? (?:url|source|link) [ \t]*:[ \t]* (https?://[^\s\#]{4,500})",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def named_work(path: str, head: bytes | None) -> str | None:
    """The work id, else the address, that stands in a dump's header in plain letters; None if none is seen.

    ``head`` are the file's first bytes; None for a file that was not opened. UTF-16 is read as well.
    """
    if head is None:
        return None
    text = _plain(head)
    found = _named(text)
    if found is not None or b"\n\n" in text.lstrip():
        return found
    try:
        with Path(path).open("rb") as stream:
            more = stream.read(_LONG_HEADER)
    except OSError:
        return None  # reading it says why
    return _named(_plain(more).lstrip().partition(b"\n\n")[0])


def _plain(content: bytes) -> bytes:
    """Bytes with ASCII as ASCII, whatever the encoding, and lines that end alike."""
    return content.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _named(text: bytes) -> str | None:
    found = _WORK_ID_RE.search(text)
    if found is not None:
        return (found[1] or found[2]).decode()
    address = _ADDRESS_RE.search(text)
    return None if address is None else address[1].decode("ascii", "replace")
