"""Step 4c of the route, its vocabulary: which words and phrases of notes stand in a paragraph."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from fic2epub.parser.lexicon import CHAT, PARTS, Lexicon, Sided
from fic2epub.values import dataclass

__all__ = ["CUE_SIGNALS", "HEAD", "Cues", "find_cues"]

CUE_SIGNALS = (
    "lexical", "categories", "phrases", "fandom", "writing", "weak", "thanks", "apology", "life", "hope",
    "asking", "ownership", "greeting", "farewell", "announcing", "place", "translation", "warning",
    "statistic", "statistic-sum",
)  # fmt: skip


@dataclass(slots=True)
class Cues:
    """What was found."""

    signals: tuple[float, ...]
    """One number for each of ``CUE_SIGNALS``."""
    found: tuple[str, ...]
    before: int
    """Words and phrases that speak for a note at a chapter's head."""
    after: int
    chat: int
    """Different words of ``lexicon.CHAT``."""
    time_phrase: bool
    """Whether a phrase of time stands among the first ``HEAD`` words."""


HEAD = 18
"""Words in which a time is looked for."""
NO_CUES = (0.0,) * (len(CUE_SIGNALS) - 2)
"""``lexical`` to ``warning`` of a text with no word or phrase of the vocabulary."""


def find_cues(text: str, tokens: Sequence[str], known: frozenset[str], words_of: Lexicon) -> Cues:
    """Look a paragraph's words up in the vocabulary and in the public counts.

    ``known`` are those of them that are in ``Lexicon.known``.
    """
    pairs = words_of.known_pairs.intersection(pairwise(tokens))
    statistic = _statistic(known, pairs, words_of, len(tokens))
    timed = not pairs.isdisjoint(words_of.known_times) and _has_time(tokens[:HEAD], words_of)
    if not words_of.spaced:
        return _unspaced(text, known, pairs, words_of, len(tokens), timed=timed)
    single, telling = known & words_of.cues, pairs & words_of.cue_pairs
    if not (single or telling):
        return Cues(NO_CUES + statistic, (), 0, 0, 0, timed)
    joined = f" {' '.join(tokens)} " if telling else ""
    found, categories, phrases = _spaced(single, telling, joined, words_of)
    return Cues(
        (_lexical(categories, phrases, len(words_of.categories)) if found else NO_CUES) + statistic,
        tuple(dict.fromkeys(found)),
        _sided(single, telling, joined, words_of.before),
        _sided(single, telling, joined, words_of.after),
        0 if CHAT.isdisjoint(single) else len(CHAT & single),
        timed,
    )


def _statistic(
    known: frozenset[str], pairs: frozenset[tuple[str, str]], words_of: Lexicon, n: int
) -> tuple[float, float]:
    """``statistic`` and ``statistic-sum`` of ``CUE_SIGNALS``, from the public counts."""
    total = sum(map(words_of.statistics.__getitem__, known))
    if pairs:
        total += sum(map(words_of.pair_statistics.__getitem__, pairs))
    share, whole = 3 * total / PARTS / (n + 6), total / PARTS / 6
    return (
        share if -2.0 < share < 2.0 else 2.0 if share > 0 else -2.0,
        whole if -2.0 < whole < 3.0 else 3.0 if whole > 0 else -2.0,
    )


def _unspaced(
    text: str,
    known: frozenset[str],
    pairs: frozenset[tuple[str, str]],
    words_of: Lexicon,
    n: int,
    *,
    timed: bool,
) -> Cues:
    """The cues of a text without spaces, which are looked for inside the line."""
    assert words_of.substrings is not None
    found = sorted(set(words_of.substrings.findall(text.lower())))
    categories = [words_of.substring_category[match] for match in found]
    hits = [1.5 * categories.count(number) for number in range(len(words_of.categories))]
    # A phrase with a space or a comma in it is a cue, but no word that was counted.
    counted = known.union(words_of.known.intersection(found))
    before, after = (
        sum([phrase in text for phrase in side.every]) for side in (words_of.before, words_of.after)
    )
    return Cues(
        (_lexical_of(hits, len(found)) if found else NO_CUES) + _statistic(counted, pairs, words_of, n),
        tuple(found),
        before,
        after,
        len(CHAT & known),
        timed,
    )


def _has_time(tokens: Sequence[str], words_of: Lexicon) -> bool:
    """Whether a phrase of time stands among some words."""
    joined = f" {' '.join(tokens)} "
    pairs = words_of.known_times.intersection(pairwise(tokens))
    return any(f" {phrase} " in joined for pair in pairs for phrase in words_of.time_pairs[pair])


def _sided(words: frozenset[str], pairs: frozenset[tuple[str, str]], joined: str, side: Sided) -> int:
    """How many words and phrases of a side stand in a text."""
    found = 0
    if not words.isdisjoint(side.words):
        found += sum([side.words[word] for word in words if word in side.words])
    for pair in pairs:
        if pair in side.pairs:
            found += sum([f" {phrase} " in joined for phrase in side.pairs[pair]])
    return found


def _spaced(
    words: frozenset[str], pairs: frozenset[tuple[str, str]], joined: str, words_of: Lexicon
) -> tuple[list[str], tuple[int, ...], int]:
    """The cues among words and pairs, the category of each, and how many are phrases.

    In the order of the words, then of the phrases: a set's order depends on the hash seed.
    """
    of = words_of.words
    found = sorted([word for word in words if word in of])
    categories = [of[word] for word in found]
    if not pairs:
        return found, tuple(categories), 0
    phrases = sorted(
        [
            phrase
            for pair in pairs
            for phrase in words_of.phrases.get(pair, ())
            if not phrase.longer or f" {phrase.text} " in joined
        ]
    )
    categories += [phrase.category for phrase in phrases]
    return found + [phrase.text for phrase in phrases], tuple(categories), len(phrases)


@lru_cache(maxsize=4096)
def _lexical(categories: tuple[int, ...], phrases: int, number: int) -> tuple[float, ...]:
    """``lexical`` to ``warning`` of ``CUE_SIGNALS``, from the categories of words and, last, phrases."""
    hits = [0.0] * number
    for place, category in enumerate(categories, phrases - len(categories)):
        hits[category] += 1.0 if place < 0 else 2.0
    return _lexical_of(hits, phrases)


def _lexical_of(hits: list[float], phrases: int) -> tuple[float, ...]:
    """``lexical`` to ``warning`` of ``CUE_SIGNALS``; ``hits`` as in ``NOTE_CATEGORIES``."""
    fandom, writing, writing_weak, thanks, apology, life, life_weak, *others = hits
    strong = sum(hits) - writing_weak - life_weak
    kinds = sum([hit > 0 for hit in hits]) - (writing_weak > 0) - (life_weak > 0)
    return (
        min(4.0, strong) / 2,
        min(4, kinds) / 2,
        min(3, phrases) / 2,
        min(3.0, fandom) / 2,
        min(3.0, writing) / 2,
        min(3.0, writing_weak + life_weak) / 2,
        min(2.0, thanks) / 2,
        min(2.0, apology) / 2,
        min(2.0, life) / 2,
        *[min(2.0, hit) / 2 for hit in others],
    )
