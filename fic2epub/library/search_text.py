"""Text for the full-text index, and what a reader searches for: the same rules for both.

SQLite's ``unicode61`` parts words at white space, so a Chinese or Japanese sentence would be one word, and
its ``trigram`` finds nothing shorter than three letters, which most Chinese words are. So every letter of
a script that is written without spaces is a word of its own, and a search for several of them is a search
for the phrase.
"""

import re
import unicodedata

__all__ = ["TOKENIZER", "index_text", "match_text"]

TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
"""Marks belong to their words: a Hindi or Thai vowel sign is one."""

_UNSPACED_RE = re.compile(
    r"""
    (?: [฀-໿]                  # Thai, Lao
      | [က-႟ក-៿]      # Burmese, Khmer
      | [぀-ヿㇰ-ㇿ]      # Hiragana, Katakana
      | [㐀-䶿一-鿿豈-﫿]             # Chinese characters
      | [가-힯]                  # Hangul: its particles hang on the word
      | [\U00020000-\U0003ffff]
    )
    """,
    re.VERBOSE,
)
_PART_RE = re.compile(
    r"""
      " (?P<phrase> [^"]* ) (?: " | $ )   # a phrase that is not closed reaches to the end
    | (?P<word> [^\s"]+ )
    """,
    re.VERBOSE,
)


def index_text(text: str) -> str:
    """A text as the index takes it: compatibility forms united, unspaced scripts parted.

    >>> index_text("魔法 spell")
    ' 魔  法  spell'
    """
    plain = unicodedata.normalize("NFKC", text).replace("\0", " ")
    return _UNSPACED_RE.sub(_apart, plain)


def _apart(match: re.Match[str]) -> str:
    letter = match.group()
    return letter if unicodedata.category(letter).startswith("M") else f" {letter} "


def match_text(search: str) -> str | None:
    """What a reader typed as an FTS5 expression, safe whatever it is; None if it asks for nothing.

    Words and "phrases" must all be found; ``lamp*`` stands for every word that begins so. Nothing else
    has a meaning: AND, NOT, brackets and colons are searched for as words, or passed over if they hold no
    letter.

    >>> match_text('lamp "the keeper" NOT: har*')
    '"lamp" "the keeper" "NOT:" "har"*'
    >>> match_text(' "" ')
    """
    parts = []
    for match in _PART_RE.finditer(search):
        phrase = match["phrase"]
        raw = phrase if phrase is not None else match["word"]
        text = " ".join(index_text(raw).split())
        if any(map(_counts, text)):
            begins = phrase is None and raw.endswith("*")
            parts.append(f'"{text.rstrip("*") if begins else text}"' + "*" * begins)
    return " ".join(parts) or None


def _counts(character: str) -> bool:
    """Whether the tokenizer sees a character at all."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"
