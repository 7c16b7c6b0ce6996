"""Names of languages -> BCP 47 tags, for ``Language:`` and ``--language``.

[certain] name  a name of AO3's list in the language's own spelling, or its English name
[certain] tag   a valid BCP 47 tag, brought into its standard form

The table is data: ``words/languages.toml``. A name that is in neither is not guessed at.
"""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from fic2epub.patterns import late

__all__ = ["language_name", "language_tag"]

TAG_RE = late(r"[a-z]{2,3} (?: [-_] [a-z0-9]{1,8} )*", re.VERBOSE | re.IGNORECASE)


def language_tag(name: str | None) -> str | None:
    """Give the BCP 47 tag of a language; None if the name is missing or unknown.

    Case, accents' encoding and white space around do not matter.

    >>> language_tag("Português brasileiro"), language_tag("PT_br"), language_tag("Elvish")
    ('pt-BR', 'pt-BR', None)
    """
    wanted = _fold(name or "")
    if not wanted:
        return None
    return _names().get(wanted) or _standard_tag(wanted)


def language_name(tag: str) -> str | None:
    """Give a language's own name for itself by its BCP 47 tag; None for a tag that the table does not hold.

    >>> language_name("es"), language_name("x-elvish")
    ('Español', None)
    """
    names = _table().get(tag)
    return names[0] if names else None


def _fold(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@cache
def _names() -> dict[str, str]:
    return {_fold(name): tag for tag, names in _table().items() for name in names}


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads((Path(__file__).parent / "words" / "languages.toml").read_text("utf-8"))


def _standard_tag(tag: str) -> str | None:
    if not TAG_RE.fullmatch(tag):
        return None
    import langcodes  # only for tags that the table does not hold

    return langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
