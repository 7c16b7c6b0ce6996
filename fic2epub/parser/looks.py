"""Step 4c of the route, its first look: a paragraph's words and what may be in it at all.

Paragraphs are looked at some dozens at a time, because words are parted most quickly in a long text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from fic2epub.parser.cues import HEAD, Cues, find_cues
from fic2epub.parser.lexicon import PAST, PRESENT, Lexicon
from fic2epub.parser.splitting import encoded, split_encoded, split_words
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["TOGETHER", "Look", "first_look", "seen"]

TOGETHER = 32
"""Paragraphs looked at together: more save no time, and one letter of another alphabet slows all of them."""
CLOSELY = 50_000
"""Characters at both ends of a paragraph that are looked at; the longest real ones have some 20,000."""
QUOTES = '"“«„「'
QUOTED_RE = re.compile(
    r"""
    ["“«„]                                    # one set for all: a pattern skips to it
    (?: (?<=[“«„]) [^“”«»„]* [”»“]
      | (?<=")     [^"]* (?: " | $ )
      | (?<=[“«])  [^“”«»]* $                 # speech that goes on in the next paragraph
    )
    """,
    re.VERBOSE,
)
NAME_RE = re.compile(r" (?<=[a-z,;’'] )([A-Z][a-zà-ÿ]{2,})")
"""A word with a capital inside a sentence; the space first, because a pattern skips to it at once."""
THREE_RE = re.compile(r"[A-Z]{3}")
RARE_RE = re.compile(r"[\d=&/<>+#%]")
SHAPES = bytes(
    c if c == 10 else 65 if 65 <= c <= 90 else 35 if chr(c) in "0123456789=&/<>+#%" else 32
    for c in range(256)
)
"""From a byte of Latin-1 to "A" for a capital, "#" for a figure or a rare sign, a line's end, or a blank."""
LOWER_I = frozenset({"i", "im", "ive", "i'm", "i've", "i'll", "i'd"})
LONG = 5
"""Letters of a word that says what a text is about."""


@dataclass(slots=True)
class Look:
    """A paragraph's words, before the work's habits are known."""

    count: int
    """Words."""
    head: list[str]
    """The first of them."""
    repeated: int
    """How many are another's repetition."""
    quoted: bool
    has_quote: bool
    grammar: int
    """Or of a bit for each group of ``Lexicon.grammar`` that stands outside quotation marks."""
    tense: tuple[int, int]
    """Words of present and past tense outside quotation marks."""
    names: frozenset[str]
    longer: frozenset[str]
    maybe_i: bool
    """Whether a word of it is ``i`` in lower case: in fact or because all words are."""
    capitals: bool
    """Whether three capitals follow each other."""
    rare: bool
    """Whether there is a figure or one of ``=&/<>+#%``."""
    plain: bool
    """Whether all its signs are Latin-1 or usual marks: no emoji."""
    cues: Cues | None
    """None for a paragraph that is not looked at closely."""


def seen(text: str) -> str:
    """What is looked at of a paragraph: all but the middle of one that is as long as a book."""
    return text if len(text) <= 2 * CLOSELY else f"{text[:CLOSELY]} {text[-CLOSELY:]}"


def first_look(
    units: Sequence[Unit], numbers: Iterable[int], words_of: Lexicon, closely: Collection[int]
) -> Iterator[tuple[int, Look]]:
    """Look at some units that are no scene breaks; yields each one's number and look, in their order.

    All that asks for the words themselves is done here, while they are at hand; they are not kept.
    """
    rest = iter(numbers)
    known: set[str] = set()
    long: set[str] = set()
    while part := list(islice(rest, TOGETHER)):
        texts = [seen(units[i].text) for i in part]
        quoted = [_is_quoted(text, words_of) for text in texts]
        has_quote = [
            q or any([mark in text for mark in QUOTES]) for q, text in zip(quoted, texts, strict=True)
        ]
        bare = [_bare(text) for text, has in zip(texts, has_quote, strict=True) if has]
        outside = iter(split_words(bare, spaced=words_of.spaced) if bare else ())
        data = encoded(texts)
        if data is not None and words_of.spaced:
            tokens = split_encoded(data)
        else:
            tokens = split_words(texts, spaced=words_of.spaced)
        shapes = data.translate(SHAPES).split(b"\n") if data is not None else [_shape(t) for t in texts]
        for at, i in enumerate(part):
            own = tokens[at]
            words = frozenset(own)
            if new := words - known:
                known |= new
                long.update([word for word in new if len(word) >= LONG])
            grammar, tense = _grammar(next(outside) if has_quote[at] else own, words_of)
            yield (
                i,
                Look(
                    len(own),
                    own[:HEAD],
                    len(own) - len(words),
                    quoted[at],
                    has_quote[at],
                    grammar,
                    tense,
                    frozenset([name.lower() for name in NAME_RE.findall(texts[at])]),
                    words & long,
                    not LOWER_I.isdisjoint(words),
                    b"AAA" in shapes[at],
                    b"#" in shapes[at],
                    data is not None,
                    find_cues(texts[at], own, words, words_of) if i in closely else None,
                ),
            )


def _shape(text: str) -> bytes:
    """The same as ``SHAPES`` makes, as far as anybody asks, of a text in any alphabet."""
    return (b"AAA" if THREE_RE.search(text) else b"") + (b"#" if RARE_RE.search(text) else b"")


def _is_quoted(text: str, words_of: Lexicon) -> bool:
    first = text[0]
    return first in '"“«„「『' or (first in "—–" and len(text) > 3 and words_of.spaced)


def _bare(text: str) -> str:
    """A text without its speech; what begins with a dash is all speech."""
    return "" if text[0] in "—–" and len(text) > 3 else QUOTED_RE.sub(" ", text)


def _grammar(outside: Sequence[str], words_of: Lexicon) -> tuple[int, tuple[int, int]]:
    """The groups of words outside quotation marks, and how many of present and past tense."""
    found = list(filter(None, map(words_of.grammar.get, outside)))
    groups = present = past = 0
    for group in set(found):
        groups |= group
        if group & (PRESENT | PAST):
            times = found.count(group)
            present += times if group & PRESENT else 0
            past += times if group & PAST else 0
    return groups, (present, past)
