"""The words of many texts at once, in lower case: what ``lexicon.WORD_RE`` finds, several times as fast.

A pattern looks at every character by itself. Here all signs that are in no word become spaces in one
pass over the bytes, and the text is split at white space. That needs an alphabet of 256 signs: typographic
quotation marks and dashes are set aside first, and texts with letters beyond Latin-1 take the pattern.
"""

from collections.abc import Sequence
from itertools import pairwise, product

from fic2epub.parser.lexicon import WORD_RE

__all__ = ["encoded", "lowered", "split_encoded", "split_words"]

JOINERS = "'-/"
"""Signs that are part of a word between two of its letters or digits, and only there."""
MARKS = "“”—–…„"
"""The signs beyond Latin-1 that prose is full of; none is in a word."""
KEPT = bytes(ord(chr(c).lower()) if chr(c).isalnum() or chr(c) in JOINERS + "\n" else 32 for c in range(256))
"""From a byte of Latin-1 to its lower case, if it may be in a word; to a blank else."""
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
        return [_pairs(lowered(text)) for text in texts]
    data = encoded(texts)
    if data is not None:
        return split_encoded(data)
    if len(texts) == 1:
        return [WORD_RE.findall(lowered(texts[0]))]
    return [split_words([text])[0] for text in texts]


def lowered(text: str) -> str:
    """A text in the spelling of its words: lower case, apostrophes straight."""
    return text.lower().replace("’", "'").replace("‘", "'")


def encoded(texts: Sequence[str]) -> bytes | None:
    """The texts in Latin-1, a line for each, typographic marks as blanks; None if a sign has no place."""
    text = " \n ".join(texts)
    if not text.isascii():
        text = text.replace("’", "'").replace("‘", "'")
        for mark in MARKS:
            text = text.replace(mark, " ")
    try:
        data = f" {text} ".encode("latin-1")
    except UnicodeEncodeError:
        return None
    return data if data.count(b"\n") == len(texts) - 1 else None


def split_encoded(data: bytes) -> list[list[str]]:
    """The words of every line of ``encoded``."""
    data = data.translate(KEPT)
    for pair in LOOSE[1] if b"/" in data else LOOSE[0]:
        data = data.replace(pair, b"  ")
    return [line.split() for line in data.decode("latin-1").split("\n")]


def _pairs(lowered: str) -> list[str]:
    return [a + b for a, b in pairwise(lowered) if a.isalnum() and b.isalnum()] or list(lowered)
