"""A vocabulary turned round: from a word or a pair of words to what it speaks for.

Made once for each language. What the signals of a paragraph need is prepared here, so that a paragraph
is looked up with a few set operations and not word by word.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from fic2epub.parser.vocabulary import SIDES, Labels, Vocabulary, normalise
from fic2epub.values import dataclass

__all__ = ["CHAT", "WORD_RE", "Lexicon", "label_of", "lexicon"]

WORD_RE = re.compile(r"[^\W_]+(?:['/\-][^\W_]+)*")
CHAT = frozenset(
    "lol omg idk tbh btw imo ngl pls plz ur u thx ty ily gonna wanna kinda ok okay yall y'all haha hahaha "
    "hehe anyway anyways basically literally honestly actually hopefully whoops oops yay ugh meh stuff guys "
    "fyi etc asap rip aka ps eta fave faves super vibes hi hey".split()
)
"""Words that people type and narrators hardly say; an English list, harmless elsewhere."""
PLAIN_LABELS = ("an", "note", "notes")
"""Labels of a note that also stand for other things, and so count only before a colon."""
PRESENT, PAST = 8, 16
"""Bits of ``Lexicon.grammar``."""
LABEL_REACH = 80
"""Characters of a paragraph in which a label stands."""
NO_LABEL = frozenset('"“„«「『—–…')
"""Paragraphs begin so, labels never."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A vocabulary turned round."""

    categories: tuple[str, ...]
    words: dict[str, int]
    """Word to the number of its category."""
    pairs: dict[str, tuple[tuple[str, int], ...]]
    """The first two words of a phrase to the phrases that begin so, each with its category."""
    grammar: dict[str, int]
    """Word to a bit for each of its groups: 1 first person, 2 second, 4 third, 8 present, 16 past, 32 body,
    64 time."""
    statistics: dict[str, float]
    """Word or pair to its log-odds for a note against prose, counted on public works."""
    spaced: bool
    before: dict[str, tuple[str, ...]]
    after: dict[str, tuple[str, ...]]
    known: frozenset[str]
    """Every single word of ``words``, ``statistics``, ``before``, ``after`` and ``CHAT``."""
    cues: frozenset[str]
    """Of those, the words of ``words``, ``before`` and ``after``."""
    known_pairs: frozenset[tuple[str, str]]
    """Every pair of ``pairs``, ``statistics``, ``before`` and ``after``, as two words."""
    cue_pairs: frozenset[tuple[str, str]]
    """Of those, the pairs of ``pairs``, ``before`` and ``after``."""
    pair_statistics: dict[tuple[str, str], float]
    time_words: frozenset[str]
    time_pairs: dict[str, tuple[str, ...]]
    known_times: frozenset[tuple[str, str]]
    """The keys of ``time_pairs``."""
    label_re: re.Pattern[str]
    label_heads: frozenset[str]
    """The first two characters of the labels."""
    label_forms: dict[str, str]
    """Label to ``note``, ``reply`` or ``gloss``, for those that open one."""
    label_sides: dict[str, str]
    """Label to ``before``, ``after`` or ``summary``, for those that say it."""
    hello_re: re.Pattern[str]
    """A greeting, at the place where it is looked for."""
    goodbye_re: re.Pattern[str]
    lead_re: re.Pattern[str]
    substrings: re.Pattern[str] | None
    """For languages without spaces: everything at once."""
    substring_category: dict[str, int]


def _index(phrases: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Phrases by their first two words; one-word phrases by that word."""
    found: dict[str, list[str]] = {}
    for phrase in phrases:
        tokens = WORD_RE.findall(phrase)
        if tokens:
            found.setdefault(" ".join(tokens[:2]), []).append(" ".join(tokens))
    return {key: tuple(values) for key, values in found.items()}


@lru_cache(maxsize=16)
def lexicon(vocabulary: Vocabulary, statistics: tuple[tuple[str, float], ...] = ()) -> Lexicon:
    """Turn a vocabulary round; once for each language."""
    categories = tuple(name for name in vocabulary.note if name not in SIDES)
    words: dict[str, int] = {}
    pairs: dict[str, list[tuple[str, int]]] = {}
    for number, name in enumerate(categories):
        for word in vocabulary.note[name].words:
            words.setdefault(word, number)
        for phrase in vocabulary.note[name].phrases:
            tokens = WORD_RE.findall(phrase)
            if len(tokens) == 1:
                words.setdefault(tokens[0], number)
            elif tokens:
                pairs.setdefault(" ".join(tokens[:2]), []).append((" ".join(tokens), number))
    before = _index((*vocabulary.note["before"].words, *vocabulary.note["before"].phrases))
    after = _index((*vocabulary.note["after"].words, *vocabulary.note["after"].phrases))
    keys = {*words, *pairs, *before, *after, *dict(statistics)}
    time_pairs = _index(vocabulary.time.opening_phrases)
    label_re, label_heads = _labels(vocabulary)
    substrings, substring_category = _substrings(vocabulary, categories)
    return Lexicon(
        categories=categories,
        words=words,
        pairs={key: tuple(values) for key, values in pairs.items()},
        grammar=_grammar(vocabulary),
        statistics=dict(statistics),
        spaced=vocabulary.spaced,
        before=before,
        after=after,
        known=frozenset({key for key in keys if " " not in key} | CHAT),
        cues=frozenset({*words, *before, *after}),
        known_pairs=_parted(keys),
        cue_pairs=_parted((*pairs, *before, *after)),
        pair_statistics={
            (first, second): value
            for key, value in statistics
            for first, space, second in [key.partition(" ")]
            if space
        },
        time_words=vocabulary.time.opening_words,
        time_pairs=time_pairs,
        known_times=_parted(time_pairs),
        label_re=label_re,
        label_heads=label_heads,
        label_forms=dict.fromkeys((*vocabulary.labels.note, *PLAIN_LABELS), "note")
        | dict.fromkeys(vocabulary.labels.translation, "gloss")
        | dict.fromkeys(vocabulary.labels.reply, "reply"),
        label_sides=_label_sides(vocabulary.labels),
        hello_re=_whole(vocabulary, "hello"),
        goodbye_re=_whole(vocabulary, "goodbye"),
        lead_re=_whole(vocabulary, "lead"),
        substrings=substrings,
        substring_category=substring_category,
    )


def _grammar(vocabulary: Vocabulary) -> dict[str, int]:
    """Every word of the groups, with a bit for each of its groups."""
    found: dict[str, int] = {}
    of = vocabulary.grammar
    groups = (of.first, of.second, of.third, of.present, of.past, of.body, vocabulary.time.opening_words)
    for place, group in enumerate(groups):
        for word in group:
            found[word] = found.get(word, 0) | 1 << place
    return found


def _parted(keys: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Those keys that are two words, as two."""
    return frozenset(
        (first, second) for key in keys for first, space, second in [key.partition(" ")] if space
    )


def _labels(vocabulary: Vocabulary) -> tuple[re.Pattern[str], frozenset[str]]:
    """The pattern of a label at the head of a paragraph, and the first two characters of all labels."""
    labels = vocabulary.labels
    others = (
        *(labels.note_marked, labels.before, labels.after, labels.summary),
        *(labels.disclaimer, labels.warning, labels.translation, labels.reply),
    )
    marked = {label for group in others for label in group} - {*labels.note}
    pattern = re.compile(
        rf"[*_~\[(#>\s]*(?:(?P<note>{_either(labels.note)})(?![\w'])|(?P<marked>{_either(marked)})\s*[*_]*\s*(?:[:：;~]|[-–—]\s|[*\])]*$))"
    )
    return pattern, frozenset(label[:2] for label in (*labels.note, *marked))


def _label_sides(labels: Labels) -> dict[str, str]:
    """The side of each label that says it; what most often stands there (replies) is only a form."""
    before = dict.fromkeys((*labels.disclaimer, *labels.warning, *labels.before), "before")
    after = dict.fromkeys(labels.after, "after")
    return {**before, **after, **dict.fromkeys(labels.summary, "summary")}


def label_of(text: str, words_of: Lexicon) -> str | None:
    """The label that opens a paragraph, as the vocabulary spells it: ``a/n``; None without one."""
    head = text[:2]
    if head[0] in NO_LABEL or (
        head.isascii() and head[0].isalnum() and head.lower() not in words_of.label_heads
    ):
        return None
    match = words_of.label_re.match(normalise(text[:LABEL_REACH]))
    return (match.group("note") or match.group("marked")) if match else None


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
    """The phrases of one category as whole words, or anywhere where words are not parted."""
    cues = vocabulary.note[name]
    found = _either({*cues.words, *cues.phrases})
    return re.compile(rf"(?<!\w)(?:{found})(?!\w)" if vocabulary.spaced else found)


def _either(phrases: Iterable[str]) -> str:
    """The phrases as one alternation, the longest first."""
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda p: (-len(p), p))) or r"(?!)"
