"""Numbers as chapter headings write them: digits, words, Roman and Chinese figures. A helper of stage 4b."""

import re

from fic2epub.parser.vocabulary import Vocabulary, normalise, number_in_words
from fic2epub.patterns import late

__all__ = ["read_number"]

DIGITS_RE = re.compile(r"[0-9０-９]{1,4}")
ROMAN_RE = late(r"(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
LONGEST = 80
"""Characters of a number; one in words has some 30."""
CJK_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}


def read_number(text: str, vocabulary: Vocabulary) -> int | None:
    """The value of a number in digits, words, Roman or Chinese figures; None if it is none.

    Roman figures are all capitals or all small: ``Mix`` and ``Di`` are words.
    """
    if len(text) > LONGEST:
        return None
    if DIGITS_RE.fullmatch(text):
        return int(text)
    if (text.isupper() or text.islower()) and ROMAN_RE.fullmatch(text.upper()):
        return _roman(text.upper())
    words = normalise(text).replace("\N{NON-BREAKING HYPHEN}", "-")
    return number_in_words(words, vocabulary) or _with_hundred(words, vocabulary) or _chinese(text)


def _roman(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = best = 0
    for character in reversed(text):
        value = values[character]
        total += value if value >= best else -value
        best = max(best, value)
    return total


def _with_hundred(words: str, vocabulary: Vocabulary) -> int | None:
    """``one hundred and three``: English chapters of the longest works."""
    match = re.fullmatch(r"(?:one |a )?hundred(?:[ -](?:and )?(?P<rest>.+))?", words)
    if not match:
        return None
    if match.group("rest") is None:
        return 100
    rest = number_in_words(match.group("rest"), vocabulary)
    return 100 + rest if rest is not None and rest < 100 else None


def _chinese(text: str) -> int | None:
    """Figures like 二十三, in a text of any language: a heading may be the only Chinese in it."""
    if not text or not all(character in CJK_DIGITS or character in "十百" for character in text):
        return None
    total = figure = 0
    for character in text:
        if character == "百":
            total, figure = total + (figure or 1) * 100, 0
        elif character == "十":
            total, figure = total + (figure or 1) * 10, 0
        else:
            figure = CJK_DIGITS[character]
    return total + figure
