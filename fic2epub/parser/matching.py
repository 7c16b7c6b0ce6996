"""How words and phrases of the vocabularies are found in text: one spelling, one pattern per list.

Text is normalised once and then searched; nothing here knows a language but for whether it parts
its words by spaces.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, TypeAlias

from fic2epub.patterns import late

__all__ = ["normalise", "phrases_re", "tokens"]

_Tree: TypeAlias = dict[str, "_Tree"]

_WORD_RE: Final = late(r"[^\W_]+ (?: ['-] [^\W_]+ )*", re.VERBOSE)
_FOLDED: Final = str.maketrans(
    {
        **dict.fromkeys("\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}", "'"),
        **dict.fromkeys("\N{MODIFIER LETTER APOSTROPHE}\N{FULLWIDTH APOSTROPHE}\N{PRIME}", "'"),
        **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}", " "),
        # Lower case of this one letter is two characters long, and offsets must stay true.
        "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i",
        **{chr(code + 0xFEE0): chr(code) for code in (*range(0x2F, 0x3B), *range(0x41, 0x5B))},
        **{chr(code + 0xFEE0): chr(code) for code in range(0x61, 0x7B)},
    }
)


def normalise(text: str) -> str:
    """Text as the tables spell it: lower case, straight apostrophes, plain spaces, no full-width letters.

    The result is as long as the text, so offsets into one hold in the other.

    >>> normalise("Author’s NOTE：")
    "author's note:"
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED).lower()


def tokens(text: str) -> list[str]:
    """The words of a normalised text, in order; apostrophes and hyphens inside a word belong to it.

    >>> tokens("don't - re-read 3 times!")
    ["don't", 're-read', '3', 'times']
    """
    return _WORD_RE.findall(text)


@cache
def phrases_re(phrases: Iterable[str], *, spaced: bool = True) -> re.Pattern[str]:
    """One pattern that finds any of the phrases in normalised text, the longest first.

    With ``spaced`` a phrase matches as whole words, its spaces as any white space; without, inside
    the line, but Latin letters still as whole words (``oc`` is not in ``ooc``). Without phrases the
    pattern never matches. The argument must be hashable: a tuple or a frozenset.

    >>> phrases_re(("let me know",)).findall("do let me know; outlet me knows")
    ['let me know']
    """
    letter = r"\w" if spaced else "[a-z0-9]"
    # A tree and not a plain alternation: with hundreds of phrases that is a hundred times as fast.
    bounded: _Tree = {}
    free: _Tree = {}
    for phrase in phrases:
        node = bounded if re.match(letter, phrase) else free
        for character in " ".join(phrase.split()):
            node = node.setdefault(r"\s+" if character == " " else re.escape(character), {})
        node[f"(?!{letter})" if re.match(letter, phrase[-1]) else ""] = {}
    patterns = [
        f"(?<!{letter}){_tree_pattern(bounded)}" if bounded else "",
        _tree_pattern(free) if free else "",
    ]
    return re.compile("|".join(filter(None, patterns)) or r"(?!)")


def _tree_pattern(tree: _Tree) -> str:
    """The pattern of a tree of characters; where a phrase ends and others go on, those are tried first."""
    ends = [key for key in tree if key.startswith("(?!") or not key]
    branches = [
        key + (_tree_pattern(below) if below else "")
        for key, below in sorted(tree.items())
        if key not in ends
    ]
    return f"(?:{'|'.join([*branches, *ends])})"
