"""Words as they are compared: case, accents, quotes and spacing make no difference."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "natural"]

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"})
_ARTICLE_RE = re.compile(r"\A(?:the|an?)\s+(?=\S)")
_SIGNS_RE = re.compile(r"\A[\W_]+")
_DIGITS_RE = re.compile(r"([0-9]{1,18})")


@lru_cache(maxsize=4096)  # ratings, tags and names come again with every work of a library
def fold(text: str) -> str:
    """The text without what nobody types: accents, case, curly quotes, doubled spaces.

    >>> fold("Les Misérables –  Éponine’s") == fold("les miserables - EPONINE'S")
    True
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    # Folded case may be decomposed again (İ), and a second time round changes nothing more.
    folded = unicodedata.normalize("NFKD", "".join(bare).translate(_QUOTES).casefold())
    return " ".join("".join(one for one in folded if not unicodedata.combining(one)).split())


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key for sorting: ``Part 2`` before ``Part 10``, without leading signs and articles.

    >>> sorted(["Part 10", "The Part 2", "“Amber”"], key=natural)
    ['“Amber”', 'The Part 2', 'Part 10']
    """
    folded = fold(text)
    bare = _SIGNS_RE.sub("", _ARTICLE_RE.sub("", _SIGNS_RE.sub("", folded), count=1)) or folded
    parts = _DIGITS_RE.split(bare)
    return tuple((int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts))
