"""A vocabulary turned round: from a word or a pair of words to what it speaks for.

Made once for each language. What the signals of a paragraph need is prepared here, so that a paragraph
is looked up with a few set operations and not word by word.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from fic2epub.parser.labels import PLAIN_LABELS, LabelTable, label_sides, label_table
from fic2epub.parser.vocabulary import SIDES, Vocabulary
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["CHAT", "LOWER_I", "PARTS", "WORD_RE", "Lexicon", "Sided", "lexicon"]

WORD_RE = re.compile(r"[^\W_]+(?:['/\-][^\W_]+)*")
CHAT = frozenset(
    "lol omg idk tbh btw imo ngl pls plz ur u thx ty ily gonna wanna kinda ok okay yall y'all haha hahaha "
    "hehe anyway anyways basically literally honestly actually hopefully whoops oops yay ugh meh stuff guys "
    "fyi etc asap rip aka ps eta fave faves super vibes hi hey".split()
)
"""Words that people type and narrators hardly say; an English list, harmless elsewhere."""
LOWER_I = frozenset({"i", "im", "ive", "i'm", "i've", "i'll", "i'd"})
"""I in lower case; every I, in words that are all made so."""
PARTS = 10**6
"""Parts of a unit in which log-odds are whole numbers: a sum of floats depends on their order, and a set's
order on the hash seed."""
PRESENT, PAST = 8, 16
"""Bits of ``Lexicon.grammar``."""


class Phrase(NamedTuple):
    """A phrase of the vocabulary: of two words or more."""

    place: int
    """Its place among all phrases in the order of their first two words, in which they are named."""
    text: str
    """Its words with a space between."""
    category: int
    longer: bool
    """Whether it has more words than the two that it is known by."""


@dataclass(frozen=True, slots=True)
class Sided:
    """The words and phrases that speak for one side."""

    words: dict[str, int]
    """Single words, and how often each stands in the lists."""
    pairs: dict[tuple[str, str], tuple[str, ...]]
    """Two words to the phrases that are known by them."""
    every: tuple[str, ...]
    """All of both, for texts without spaces."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A vocabulary turned round."""

    categories: tuple[str, ...]
    words: dict[str, int]
    """Word to the number of its category."""
    phrases: dict[tuple[str, str], tuple[Phrase, ...]]
    """Two words to the phrases with a category that are known by them (``_telling_pair``)."""
    grammar: dict[str, int]
    """Word to a bit for each of its groups: 1 first person, 2 second, 4 third, 8 present, 16 past, 32 body,
    64 time."""
    statistics: dict[str, int]
    """Each of ``known`` to its log-odds for a note against prose in ``PARTS``, by public counts; 0 if not
    counted."""
    pair_statistics: dict[tuple[str, str], int]
    """The same for ``known_pairs``."""
    spaced: bool
    before: Sided
    after: Sided
    known: frozenset[str]
    """Every single word that says something of a note, and ``LOWER_I``."""
    cues: frozenset[str]
    """Of those, the ones that are not only counted: in ``words``, ``before``, ``after`` or ``CHAT``."""
    known_pairs: frozenset[tuple[str, str]]
    """Every pair of words that says something, or by which a phrase is known."""
    cue_pairs: frozenset[tuple[str, str]]
    """Of those, the pairs of ``phrases``, ``before`` and ``after``."""
    time_words: frozenset[str]
    time_pairs: dict[tuple[str, str], tuple[str, ...]]
    """Two words to the phrases of time that are known by them."""
    known_times: frozenset[tuple[str, str]]
    """The keys of ``time_pairs``."""
    labels: LabelTable
    label_forms: dict[str, str]
    """Label to ``note``, ``reply`` or ``gloss``, for those that open one."""
    label_sides: dict[str, str]
    """Label to ``before``, ``after`` or ``summary``, for those that say it."""
    hello_re: re.Pattern[str]
    """A greeting, at the place where it is looked for."""
    goodbye_re: re.Pattern[str]
    lead_re: re.Pattern[str]
    notice_re: re.Pattern[str]
    """Says that a note is no chapter; looked for anywhere, as is ``hold_re``."""
    hold_re: re.Pattern[str]
    substrings: re.Pattern[str] | None
    """For languages without spaces: everything at once."""
    substring_category: dict[str, int]


def lexicon(vocabulary: Vocabulary, statistics: tuple[tuple[str, float], ...] = ()) -> Lexicon:
    """Turn a vocabulary round; once for each language."""
    return _lexicon(vocabulary, _Same(statistics))


class _Same:
    """Some statistics as a key: the same list and no other, because a thousand words take long to compare."""

    __slots__ = ("statistics",)

    def __init__(self, statistics: tuple[tuple[str, float], ...]) -> None:
        self.statistics = statistics

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.statistics is other.statistics

    def __hash__(self) -> int:
        return id(self.statistics)


@lru_cache(maxsize=16)
def _lexicon(vocabulary: Vocabulary, same: _Same) -> Lexicon:
    """The same, and the last sixteen kept."""
    statistics = same.statistics or _borrowed(vocabulary)
    categories = tuple(name for name in vocabulary.note if name not in SIDES)
    words, phrases = _cues(vocabulary, categories)
    before, after = _sided(vocabulary, "before"), _sided(vocabulary, "after")
    counted = {key: round(PARTS * value) for key, value in statistics if " " not in key}
    counted_pairs = {
        (first, second): round(PARTS * value)
        for key, value in statistics
        for first, space, second in [key.partition(" ")]
        if space
    }
    time_pairs = _by_pair(vocabulary, vocabulary.time.opening_phrases)
    cues = frozenset({*words, *before.words, *after.words} | CHAT)
    cue_pairs = frozenset({*phrases, *before.pairs, *after.pairs})
    known, known_pairs = cues.union(counted, LOWER_I), cue_pairs.union(counted_pairs, time_pairs)
    substrings, substring_category = _substrings(vocabulary, categories)
    return Lexicon(
        categories=categories,
        words=words,
        phrases=phrases,
        grammar=_grammar(vocabulary),
        statistics=dict.fromkeys(known, 0) | counted,
        pair_statistics=dict.fromkeys(known_pairs, 0) | counted_pairs,
        spaced=vocabulary.spaced,
        before=before,
        after=after,
        known=known,
        cues=cues,
        known_pairs=known_pairs,
        cue_pairs=cue_pairs,
        time_words=vocabulary.time.opening_words,
        time_pairs=time_pairs,
        known_times=frozenset(time_pairs),
        labels=label_table(vocabulary.labels),
        label_forms=dict.fromkeys((*vocabulary.labels.note, *PLAIN_LABELS), "note")
        | dict.fromkeys(vocabulary.labels.translation, "gloss")
        | dict.fromkeys(vocabulary.labels.reply, "reply"),
        label_sides=label_sides(vocabulary.labels),
        hello_re=_whole(vocabulary, "hello"),
        goodbye_re=_whole(vocabulary, "goodbye"),
        lead_re=_whole(vocabulary, "lead"),
        notice_re=_whole(vocabulary, "notice"),
        hold_re=_whole(vocabulary, "hold"),
        substrings=substrings,
        substring_category=substring_category,
    )


def _cues(
    vocabulary: Vocabulary, categories: Sequence[str]
) -> tuple[dict[str, int], dict[tuple[str, str], tuple[Phrase, ...]]]:
    """Single words with their category, and the phrases by their telling pairs."""
    words: dict[str, int] = {}
    longer: list[tuple[list[str], int]] = []
    for number, name in enumerate(categories):
        for word in vocabulary.note[name].words:
            words.setdefault(word, number)
        for phrase in vocabulary.note[name].phrases:
            tokens = WORD_RE.findall(phrase)
            if len(tokens) == 1:
                words.setdefault(tokens[0], number)
            elif tokens:
                longer.append((tokens, number))
    phrases: dict[tuple[str, str], tuple[Phrase, ...]] = {}
    longer.sort(key=lambda phrase: " ".join(phrase[0][:2]))
    for place, (tokens, number) in enumerate(longer):
        pair = _telling_pair(vocabulary, tokens)
        entry = Phrase(place, " ".join(tokens), number, len(tokens) > 2)
        phrases[pair] = (*phrases.get(pair, ()), entry)
    return words, phrases


def _telling_pair(vocabulary: Vocabulary, tokens: Sequence[str]) -> tuple[str, str]:
    """The two neighbours among a phrase's words by which it is known: those that texts have least.

    "in the next chapter" is looked for where there is "next chapter", and not wherever there is "in the".
    """
    function = vocabulary.grammar.function
    return min(pairwise(tokens), key=lambda pair: (pair[0] in function) + (pair[1] in function))


def _by_pair(vocabulary: Vocabulary, phrases: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Phrases of two words and more by their telling pairs."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for phrase in phrases:
        tokens = WORD_RE.findall(phrase)
        if len(tokens) > 1:
            pair = _telling_pair(vocabulary, tokens)
            found[pair] = (*found.get(pair, ()), " ".join(tokens))
    return found


def _sided(vocabulary: Vocabulary, side: str) -> Sided:
    """The words and phrases of ``before`` or ``after``."""
    phrases = (*vocabulary.note[side].words, *vocabulary.note[side].phrases)
    tokens = [words for phrase in phrases if (words := WORD_RE.findall(phrase))]
    single = Counter([words[0] for words in tokens if len(words) == 1])
    return Sided(dict(single), _by_pair(vocabulary, phrases), tuple(map(" ".join, tokens)))


def _borrowed(vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    """Log-odds for the words of a language that nothing was counted in.

    A word of a group says about as much in one language as the group's words say in another: these are the
    means of the public counts over the English vocabulary, drawn to nothing, since what was not counted
    often enough there says less.
    """
    of = vocabulary.grammar
    table: dict[str, float] = {}
    for words, value in (
        (of.present, 0.5), (of.first, 0.5), (of.third, -1.0), (of.past, -1.5), (of.body, -1.5),
    ):  # fmt: skip
        table |= dict.fromkeys(words, value)
    for name, group in vocabulary.note.items():
        if name not in SIDES:
            table |= dict.fromkeys(group.words, 1.0 if name.endswith("_weak") else 2.0)
            pairs = (" ".join(WORD_RE.findall(phrase)[:2]) for phrase in group.phrases)
            table |= {pair: 1.5 for pair in pairs if pair}
    return tuple(sorted(table.items()))


def _grammar(vocabulary: Vocabulary) -> dict[str, int]:
    """Every word of the groups, with a bit for each of its groups."""
    found: dict[str, int] = {}
    of = vocabulary.grammar
    groups = (of.first, of.second, of.third, of.present, of.past, of.body, vocabulary.time.opening_words)
    for place, group in enumerate(groups):
        for word in group:
            found[word] = found.get(word, 0) | 1 << place
    return found


def _substrings(
    vocabulary: Vocabulary, categories: Sequence[str]
) -> tuple[re.Pattern[str] | None, dict[str, int]]:
    """For a language without spaces, one pattern for all its cues, and the category of each."""
    category: dict[str, int] = {}
    if vocabulary.spaced:
        return None, category
    for number, name in enumerate(categories):
        for word in (*vocabulary.note[name].words, *vocabulary.note[name].phrases):
            category.setdefault(word, number)
    return re.compile(_either(category)), category


def _whole(vocabulary: Vocabulary, name: str) -> re.Pattern[str]:
    """The phrases of one category as whole words, or anywhere where words are not parted; compiled late."""
    cues = vocabulary.note[name]
    found = _either({*cues.words, *cues.phrases})
    return late(rf"(?<!\w)(?:{found})(?!\w)" if vocabulary.spaced else found)


def _either(phrases: Iterable[str]) -> str:
    """The phrases as one alternation, the longest first."""
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda p: (-len(p), p))) or r"(?!)"
