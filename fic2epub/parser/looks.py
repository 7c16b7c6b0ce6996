"""Step 4c of the route, its first look: a paragraph's words and what may be in it at all.

Paragraphs are looked at some dozens at a time, because words are parted most quickly in a long text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from fic2epub.parser.cues import HEAD, Cues, find_cues
from fic2epub.parser.lexicon import LOWER_I, PAST, PRESENT, Lexicon
from fic2epub.parser.splitting import encoded, split_encoded, split_words
from fic2epub.parser.units import Unit
from fic2epub.values import dataclass

__all__ = ["OFTEN", "STOP_RE", "TOGETHER", "Look", "Signs", "first_look", "seen"]

TOGETHER = 32
"""Paragraphs looked at together: more save no time, and one letter of another alphabet slows all of them."""
CLOSELY = 50_000
"""Characters at both ends of a paragraph that are looked at; the longest real ones have some 20,000."""
OPENING = frozenset('"“«„»”「『')
"""Signs that speech opens with, each somewhere: German books write »so«, Swedish ones ”so”."""
QUOTED_RE = re.compile(
    r"""
    ["“«„»”]                                  # one set for all: a pattern skips to it
    (?: (?<=[“«„]) [^“”«»„]* [”»“]
      | (?<=")     [^"]* (?: " | $ )
      | (?<=»)     [^«»]* [«»]
      | (?<=^”)    [^“”]* ”
      | (?<=\s”)   [^“”]* ”
      | (?<=[“«])  [^“”«»]* $                 # speech that goes on in the next paragraph
    )
    """,
    re.VERBOSE,
)
SINGLE_RE = re.compile(r"(?<![^\s(—–-])[‘'](?=[\w¿¡…—–])(?:[^‘]{0,2000}?[^\s\w][’'](?!\w)|[^‘]{0,2000}$)")
"""Speech in single quotation marks: it closes behind a stop, where no apostrophe stands. It is looked for so
far and no farther: without an end to it, a paragraph of quotation marks would take minutes."""
TERM_RE = re.compile(
    r"""["“«„»”‘'『「]\s?[^"“«„»”‘』」\n]{1,40}?[^\s.,!?…;:–—-]\s?["”»“«’'』」]\s?
    (?: [=:：]
      | [-–—]\s
      | (?:is|was|are|means?|comes?|refers?|translates?|ist|sind|heißt|bedeutet|kommt|es|son|significa|quiere
          |est|veut|signifie|è|sono|vuol|é|são|quer|это|значит|означает)\s )""",
    re.VERBOSE,
)
"""A word that a note explains, no speech: that has its stop or comma inside the marks, or a comma behind."""
CLOSED_RE = re.compile(r"[.,!?…–—][’'](?!\w)")
NAME_RE = re.compile(r" ([A-Z](?<=[a-z,;’'] .)[a-zà-ÿ]{2,})")
"""A word with a capital inside a sentence; the space first, because a pattern skips to it at once."""
DIGIT_RE = re.compile(r"\d")
THREE_RE = re.compile(r"[A-Z]{3}")
STOP_RE = re.compile(r"\.(?:\w|(?<=[wW]{3}\.))")
"""A stop in a word, or behind "www": without one there is no address but behind a colon or an at sign."""
CAPITALS = bytes(c if c == 10 else 65 if 65 <= c <= 90 else 32 for c in range(256))
"""From a byte of Latin-1 to "A" for a capital, a line's end, or a blank."""
NO_SIGN = bytes(c for c in range(256) if chr(c) not in "\n0123456789!?()[]:;<>=&/#+%*^_@")
"""Bytes of Latin-1 that are no figure, and no sign that prose has little of."""
LONG = 5
"""Letters of a word that says what a text is about."""


OFTEN = 4
"""A word that stands more times than this in one paragraph is no rare one."""


class Signs(NamedTuple):
    """What may be in a paragraph, going by its figures and rare signs alone."""

    exclamations: int
    doubled: bool
    """Exclamation and question marks, two at the least."""
    face: bool
    link: bool
    star: bool
    bracket: bool
    colon: bool
    digit: bool
    symbol: bool


@dataclass(slots=True)
class Look:
    """A paragraph's words, before the work's habits are known."""

    text: str
    """What is looked at of it."""
    count: int
    """Words."""
    head: list[str]
    """The first of them."""
    quoted: bool
    has_quote: bool
    grammar: int
    """Or of a bit for each group of ``Lexicon.grammar`` that stands outside quotation marks."""
    tense: tuple[int, int]
    """Words of present and past tense outside quotation marks."""
    names: frozenset[str]
    long: int
    """Different words of five letters and more."""
    longer: frozenset[str]
    """These words."""
    repeated: Sequence[str]
    """Those of ``longer`` with all their repetitions, where one may stand five times; else none."""
    maybe_i: bool
    """Whether a word of it is ``i`` in lower case: in fact or because all words are."""
    capitals: bool
    """Whether three capitals follow each other."""
    stop: bool
    """Whether there may be a stop inside a word: in this or in a paragraph looked at together with it."""
    signs: Signs
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
    while part := list(islice(rest, TOGETHER)):
        texts = [seen(units[i].text) for i in part]
        has_quote = [
            '"' in text
            or "“" in text
            or "«" in text
            or "„" in text
            or "」" in text
            or "»" in text
            or "”" in text
            or _is_quoted(text, words_of)
            or _has_single(text)
            for text in texts
        ]
        bare = [_bare(text) for text, has in zip(texts, has_quote, strict=True) if has]
        outside = iter(split_words(bare, spaced=words_of.spaced) if bare else ())
        data = encoded(texts)
        if data is not None and words_of.spaced:
            tokens = split_encoded(data)
        else:
            tokens = split_words(texts, spaced=words_of.spaced)
        stop = STOP_RE.search("\n".join(texts)) is not None
        capitals, signs = _shapes(texts, data)
        for at, i in enumerate(part):
            text, own, has = texts[at], tokens[at], has_quote[at]
            known = words_of.known.intersection(own)
            long = [word for word in own if len(word) >= LONG]
            longer = frozenset(long)
            grammar, tense = _grammar(next(outside) if has else own, words_of)
            yield (
                i,
                Look(
                    text,
                    len(own),
                    own[:HEAD],
                    has and _is_quoted(text, words_of),
                    has,
                    grammar,
                    tense,
                    frozenset([name.lower() for name in NAME_RE.findall(text)]),
                    len(longer),
                    longer,
                    long if len(long) - len(longer) >= OFTEN else (),
                    not LOWER_I.isdisjoint(known),
                    capitals[at],
                    stop,
                    signs_in(signs[at]),
                    data is not None,
                    find_cues(text, own, known, words_of) if i in closely else None,
                ),
            )


def _shapes(texts: Sequence[str], data: bytes | None) -> tuple[list[bool], list[bytes]]:
    """For each text, whether three capitals follow each other, and its figures and rare signs.

    A figure of another alphabet stands as "0".
    """
    if data is not None:
        shapes = data.translate(CAPITALS)
        capitals = (
            [b"AAA" in shape for shape in shapes.split(b"\n")] if b"AAA" in shapes else [False] * len(texts)
        )
        return capitals, data.translate(None, NO_SIGN).split(b"\n")
    signs = [text.encode("latin-1", "ignore").translate(None, NO_SIGN + b"\n") for text in texts]
    return (
        [THREE_RE.search(text) is not None for text in texts],
        [own + b"0" if DIGIT_RE.search(text) else own for own, text in zip(signs, texts, strict=True)],
    )


@lru_cache(maxsize=4096)
def signs_in(signs: bytes) -> Signs:
    """What figures and rare signs may mean, in whatever order."""
    found = frozenset(signs.decode("latin-1"))
    exclamations = signs.count(b"!")
    return Signs(
        exclamations,
        doubled=exclamations + signs.count(b"?") > 1,
        face=not found.isdisjoint(":;=8<^_"),
        link=not found.isdisjoint(":@"),
        star="*" in found,
        bracket=not found.isdisjoint("(["),
        colon=":" in found,
        digit=not found.isdisjoint("0123456789"),
        symbol=not found.isdisjoint("=&/<>+#%"),
    )


def _is_quoted(text: str, words_of: Lexicon) -> bool:
    first = text[0]
    if (first in OPENING or first in "‘'") and TERM_RE.match(text):
        return False
    if first in "‘'":
        return CLOSED_RE.search(text) is not None
    return first in OPENING or (first in "—–" and len(text) > 3 and words_of.spaced)


def _has_single(text: str) -> bool:
    """Whether speech in single quotation marks may stand in a text; its apostrophes are none."""
    return (text[0] in "‘'" or " ‘" in text or " '" in text) and CLOSED_RE.search(text) is not None


def _bare(text: str) -> str:
    """A text without its speech; what begins with a dash is all speech."""
    if text[0] in "—–" and len(text) > 3:
        return ""
    text = QUOTED_RE.sub(" ", text)
    return SINGLE_RE.sub(" ", text) if _has_single(text) else text


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
