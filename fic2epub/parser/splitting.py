"""The words of many texts at once, in lower case: what ``lexicon.WORD_RE`` finds, several times as fast.

A pattern looks at every character by itself. Here all signs that are in no word become spaces in one
pass over the bytes, and the text is split at white space. That needs an alphabet of 256 signs: typographic
quotation marks and dashes are set aside first, and texts with letters beyond Latin-1 take the pattern.
"""

from collections.abc import Sequence
from itertools import pairwise, product

from fic2epub.parser.lexicon import WORD_RE

__all__ = ["split_words"]

JOINERS = "'-/"
"""Signs that are part of a word between two of its letters or digits, and only there."""
MARKS = "“”—–…„"
"""The signs beyond Latin-1 that prose is full of; none is in a word."""
KEPT = bytes(c if chr(c).isalnum() or chr(c) in JOINERS + "\n" else 32 for c in range(256))
LOOSE = tuple(
    (
        *((a + b).encode() for a, b in product(joiners, repeat=2)),
        *(pair.encode() for joiner in joiners for pair in (f" {joiner}", f"{joiner} ")),
    )
    for joiners in (JOINERS[:2], JOINERS)
)
"""Joiners that join nothing; two together first, then what stands at a space. The slash is rare."""


def split_words(texts: Sequence[str], *, spaced: bool = True) -> list[list[str]]:
    """The words of each text, in order, apostrophes made straight.

    For a language without spaces (``spaced`` False): every two letters that follow each other, or the
    characters of a text that has no such two.

    >>> split_words(["“Don’t re-read -- it's 3/4 mine'!”", "--"])
    [["don't", 're-read', "it's", '3/4', 'mine'], []]
    """
    if not spaced:
        return [_pairs(_lowered(text)) for text in texts]
    found = _fast(texts)
    if found is not None:
        return found
    if len(texts) == 1:
        return [WORD_RE.findall(_lowered(texts[0]))]
    return [split_words([text])[0] for text in texts]


def _lowered(text: str) -> str:
    return text.lower().replace("’", "'").replace("‘", "'")


def _fast(texts: Sequence[str]) -> list[list[str]] | None:
    """The words of all texts, or None if one of them has a sign that the short way does not know."""
    text = " \n ".join(["", *texts, ""])
    if not text.isascii():
        # Before it is made lower: without these signs most texts have the alphabet in which that is quick.
        text = text.replace("’", "'").replace("‘", "'")
        for mark in MARKS:
            text = text.replace(mark, " ")
    try:
        data = text.lower().encode("latin-1").translate(KEPT)
    except UnicodeEncodeError:
        return None
    for pair in LOOSE[1] if b"/" in data else LOOSE[0]:
        data = data.replace(pair, b"  ")
    found = [line.split() for line in data.decode("latin-1").split("\n")[1:-1]]
    return found if len(found) == len(texts) else None


def _pairs(lowered: str) -> list[str]:
    return [a + b for a, b in pairwise(lowered) if a.isalnum() and b.isalnum()] or list(lowered)
