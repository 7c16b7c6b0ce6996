"""Step 4c of the route, its vocabulary: which words and phrases of notes stand in a paragraph."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum

from fic2epub.parser.lexicon import CHAT, Lexicon, Sided
from fic2epub.values import dataclass

__all__ = ["CUE_SIGNALS", "HEAD", "Cues", "find_cues"]

CUE_SIGNALS = (
    "lexical", "categories", "phrases", "fandom", "writing", "weak", "thanks", "apology", "life", "hope",
    "asking", "ownership", "greeting", "farewell", "announcing", "place", "translation", "warning",
    "statistic", "statistic-sum",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
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


def _statistic(
    known: frozenset[str], pairs: frozenset[tuple[str, str]], words_of: Lexicon, n: int
) -> tuple[float, float]:
    """``statistic`` and ``statistic-sum`` of ``CUE_SIGNALS``, from the public counts."""
    # The exact sum: that of floats depends on their order, and a set's order on the hash seed.
    total = fsum(
        [
            *map(words_of.statistics.__getitem__, known),
            *map(words_of.pair_statistics.__getitem__, pairs),
        ]
    )
    return max(-2.0, min(2.0, 3 * total / (n + 6))), max(-2.0, min(3.0, total / 6))


def find_cues(text: str, tokens: Sequence[str], known: frozenset[str], words_of: Lexicon) -> Cues:
    """Look a paragraph's words up in the vocabulary and in the public counts.

    ``known`` are those of them that are in ``Lexicon.known``.
    """
    pairs = words_of.known_pairs.intersection(pairwise(tokens))
    statistic = _statistic(known, pairs, words_of, len(tokens))
    timed = not pairs.isdisjoint(words_of.known_times) and _has_time(tokens[:HEAD], words_of)
    if words_of.spaced and known.isdisjoint(words_of.cues) and pairs.isdisjoint(words_of.cue_pairs):
        return Cues(NO_CUES + statistic, (), 0, 0, 0, timed)
    hits = [0.0] * len(words_of.categories)
    if words_of.spaced:
        single, telling = known & words_of.cues, pairs & words_of.cue_pairs
        joined = f" {' '.join(tokens)} " if telling else ""
        found, times = _spaced(single, telling, joined, words_of, hits)
        before = _sided(single, telling, joined, words_of.before)
        after = _sided(single, telling, joined, words_of.after)
    else:
        found, times = _unspaced(text, words_of, hits)
        # A phrase with a space or a comma in it is a cue, but no word that was counted.
        counted = known.union(words_of.known.intersection(found))
        statistic = _statistic(counted, pairs, words_of, len(tokens))
        before, after = (
            sum([phrase in text for phrase in side.every]) for side in (words_of.before, words_of.after)
        )
    signals = (_lexical(hits, times) if found else NO_CUES) + statistic
    chat = 0 if CHAT.isdisjoint(known) else len(CHAT & known)
    return Cues(signals, tuple(dict.fromkeys(found)), before, after, chat, timed)


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
    words: frozenset[str],
    pairs: frozenset[tuple[str, str]],
    joined: str,
    words_of: Lexicon,
    hits: list[float],
) -> tuple[list[str], int]:
    """The cues among words and pairs, and how many are phrases; counted in ``hits`` by category.

    In the order of the words, then of the phrases: a set's order depends on the hash seed.
    """
    of = words_of.words
    single = sorted([word for word in words if word in of])
    for word in single:
        hits[of[word]] += 1
    phrases = sorted(
        [
            phrase
            for pair in pairs
            for phrase in words_of.phrases.get(pair, ())
            if not phrase.longer or f" {phrase.text} " in joined
        ]
    )
    for phrase in phrases:
        hits[phrase.category] += 2
    return single + [phrase.text for phrase in phrases], len(phrases)


def _unspaced(text: str, words_of: Lexicon, hits: list[float]) -> tuple[list[str], int]:
    """The same for a language without spaces, where a cue is looked for inside the line."""
    assert words_of.substrings is not None
    found = sorted(set(words_of.substrings.findall(text.lower())))
    for match in found:
        hits[words_of.substring_category[match]] += 1.5
    return found, len(found)


def _lexical(hits: list[float], phrases: int) -> tuple[float, ...]:
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
