"""The words that recovery goes by, per language, and the language of a text. First of stage 4.

The tables are ``words/<language>.toml``; this module reads them, adds the English terms that
authors of every language mix in. It weighs nothing: what a word is worth is
for the roles of paragraphs to say.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fic2epub.parser.matching import normalise, phrases_re, tokens
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = [
    "NOTE_CATEGORIES",
    "SIDES",
    "Closings",
    "Cues",
    "Grammar",
    "Headings",
    "Labels",
    "SceneLines",
    "TimeWords",
    "Vocabulary",
    "language_of",
    "normalise",
    "number_in_words",
    "phrases_re",
    "tokens",
    "vocabulary",
]

NOTE_CATEGORIES: Final = (
    *("fandom", "writing", "writing_weak", "thanks", "apology", "life", "life_weak", "hope", "asking"),
    *("ownership", "greeting", "farewell", "announcing", "place", "translation", "warning"),
    *("before", "after", "hello", "goodbye", "lead", "notice", "hold"),
)
"""The categories of cues for an author's note. The ``*_weak`` ones hold what stories use as well;
``SIDES`` speak for where a note stands rather than for a note."""
SIDES: Final = ("before", "after", "hello", "goodbye", "lead", "notice", "hold")
"""``hello`` where it opens a paragraph, ``goodbye`` and ``lead`` (to the story) where they close it;
``notice`` says that the note is no chapter, and so is one, and ``hold`` is what such notes speak of."""

_INTERNATIONAL: Final = ("fandom", "announcing")
_ALIASES: Final = {"cmn": "zh", "yue": "zh"}


@dataclass(frozen=True, slots=True)
class Headings:
    """What opens a chapter or a part."""

    chapter: frozenset[str]
    """Words before a number (``chapter``, ``kapitel``); for zh and ja the sign after it (``章``)."""
    part: frozenset[str]
    named: tuple[str, ...]
    """Phrases that are a heading when they stand alone on a line: ``epilogue``."""
    cardinals: Mapping[str, int]
    """Number words to numbers: one to twenty, the tens, hundred, and what a language writes as one."""
    ordinals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Labels:
    """Phrases that open a note; all but ``note`` only before a colon or dash, or alone on the line."""

    note: tuple[str, ...]
    """Say author's note wherever they open a paragraph: ``a/n``, ``author's note``."""
    note_marked: tuple[str, ...]
    """Open prose as well: ``an``, ``note``, ``important``."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    summary: tuple[str, ...]
    disclaimer: tuple[str, ...]
    warning: tuple[str, ...]
    translation: tuple[str, ...]
    reply: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closings:
    """Lines of their own that end a work, or a chapter that another follows."""

    the_end: tuple[str, ...]
    continued: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """The words and phrases of one category that speak for an author's note; both may be empty."""

    words: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """Everyday words by which narration and an author's own voice differ; all empty without a table."""

    first: frozenset[str]
    second: frozenset[str]
    third: frozenset[str]
    present: frozenset[str]
    """For ja the endings of the polite style, in which notes are written and most narration is not."""
    past: frozenset[str]
    body: frozenset[str]
    """Body parts and the things of a room: they stand in stories, not in notes."""
    function: frozenset[str]


@dataclass(frozen=True, slots=True)
class TimeWords:
    """What opens a chapter or scene more often than a paragraph inside it."""

    opening_words: frozenset[str]
    opening_phrases: tuple[str, ...]
    months: frozenset[str]
    weekdays: frozenset[str]


@dataclass(frozen=True, slots=True)
class SceneLines:
    """Lines of words that part scenes, and the terms of a point-of-view line."""

    break_words: tuple[str, ...]
    pov: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The tables of one language, English terms of common use included; compared by identity."""

    language: str
    """BCP 47 base tag, ``und`` for the table that holds forms only."""
    spaced: bool
    """False for zh and ja: every word and phrase is matched inside the line, not as whole words."""
    headings: Headings
    labels: Labels
    closings: Closings
    note: Mapping[str, Cues]
    """Every one of ``NOTE_CATEGORIES``."""
    grammar: Grammar
    time: TimeWords
    scene: SceneLines


def number_in_words(words: str, vocabulary: Vocabulary) -> int | None:
    """The number that normalised words spell, 1 to 999, cardinal or ordinal; None if they spell none.

    Reads ``twelve``, ``twenty-first``, ``vingt et un``, ``treinta y uno`` and ``二十三``. Digits and
    Roman numerals are not words and give None.
    """
    headings = vocabulary.headings
    known = _number_words(vocabulary)
    if words in known:
        return known[words]
    if not vocabulary.spaced and (number := _cjk_number(words.removeprefix("第"), headings.cardinals)):
        return number
    parts = [part for part in re.split(r"[\s-]+", words) if part not in {"and", "et", "y", "e", "und"}]
    values = [known.get(part, 0) for part in parts]
    match values:
        case [tens, unit] if (
            20 <= tens <= 90 and tens % 10 == 0 and (0 < unit < 10 or _vigesimal(tens, unit))
        ):
            return tens + unit
        case [100, rest] if 0 < rest < 100:
            return 100 + rest
    return None


@cache
def _number_words(vocabulary: Vocabulary) -> dict[str, int]:
    """Cardinals and ordinals together."""
    return {**vocabulary.headings.cardinals, **vocabulary.headings.ordinals}


def _vigesimal(tens: int, unit: int) -> bool:
    """Is this French ``soixante et onze`` or ``quatre-vingt-douze``? No other tens take a teen."""
    return tens in (60, 80) and 10 < unit < 20


def _cjk_number(signs: str, digits: Mapping[str, int]) -> int | None:
    """``二十三`` → 23, ``一百零五`` → 105, ``一二`` → None; positional writing is left to digits."""
    total, digit = 0, None
    for sign in signs:
        value = digits.get(sign)
        if sign in "零〇" and total:
            continue
        if value is None or (value < 10 and digit is not None):
            return None
        if value < 10:
            digit = value
        else:
            total, digit = total + value * (digit or 1), None
    return total + (digit or 0) or None


@cache
def vocabulary(language: str | None) -> Vocabulary:
    """The tables for a BCP 47 tag, by its base language; cached.

    To a table that is not English are added the English headings, labels, closings and scene lines
    and the international fandom terms: authors mix them. A language without a table, and None, get
    the English headings, labels, closings and scene lines and nothing else.
    """
    base = re.split("[-_]", language or "und")[0].lower()
    base = _ALIASES.get(base, base)
    tables = _tables(base) if base.isascii() and base.isalpha() and len(base) <= 3 else None
    english = _tables("en")
    assert english is not None, "words/en.toml belongs to the package"
    if base == "en":
        return _build(english, english["note"], english=None)
    if tables is None:
        empty = {"language": "und", "spaced": True}
        return _build(empty, {}, english=english)
    note = dict(tables["note"])
    for category in _INTERNATIONAL:
        for kind in ("words", "phrases"):
            key = f"{category}_{kind}"
            shared = english["note"].get(f"{category}_international_{kind}", "")
            note[key] = note.get(key, "") + "\n" + shared
    return _build(tables, note, english=english)


@cache
def _tables(base: str) -> dict[str, Any] | None:
    """A language's file as tomllib reads it, or None if there is none."""
    try:
        data = (Path(__file__).parent / "words" / f"{base}.toml").read_text("utf-8")
    except FileNotFoundError:
        return None
    return tomllib.loads(data)


def _build(
    tables: Mapping[str, Any], note: Mapping[str, str], *, english: Mapping[str, Any] | None
) -> Vocabulary:
    """A vocabulary of one file, English forms added behind its own."""

    def joined(section: str, key: str) -> str:
        own = tables.get(section, {}).get(key, "")
        return f"{own}\n{english[section][key]}" if english else str(own)

    def words(section: str, *keys: str) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(tables.get(section, {}).get(key, "").split()) for key in keys)

    headings = tables.get("headings", {})
    opening, months, weekdays = words("time", "opening_words", "months", "weekdays")
    return Vocabulary(
        language=tables["language"],
        spaced=tables["spaced"],
        headings=Headings(
            chapter=frozenset(joined("headings", "chapter").split()),
            part=frozenset(joined("headings", "part").split()),
            named=_lines(joined("headings", "named")),
            cardinals=_numbers(
                english["headings"]["cardinals"] if english else "", headings.get("cardinals", "")
            ),
            ordinals=_numbers(
                english["headings"]["ordinals"] if english else "", headings.get("ordinals", "")
            ),
        ),
        labels=Labels(*(_lines(joined("labels", key)) for key in Labels.__dataclass_fields__)),
        closings=Closings(_lines(joined("closings", "the_end")), _lines(joined("closings", "continued"))),
        note={category: _cues(note, category) for category in NOTE_CATEGORIES},
        grammar=Grammar(*words("grammar", *Grammar.__dataclass_fields__)),
        time=TimeWords(
            opening_words=opening,
            opening_phrases=_lines(tables.get("time", {}).get("opening_phrases", "")),
            months=months,
            weekdays=weekdays,
        ),
        scene=SceneLines(_lines(joined("scene", "break_words")), _lines(joined("scene", "pov"))),
    )


def _cues(note: Mapping[str, str], category: str) -> Cues:
    """One category; the international lists of the English file are part of it there."""
    words, phrases = (
        note.get(f"{category}_{kind}", "") + "\n" + note.get(f"{category}_international_{kind}", "")
        for kind in ("words", "phrases")
    )
    return Cues(frozenset(words.split()), _lines(phrases))


def _lines(text: str) -> tuple[str, ...]:
    """The phrases of a list, one a line, each once, in order."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _numbers(*lists: str) -> dict[str, int]:
    """Number words to numbers from lines such as ``21 veintiuno veintiún``; a later list wins."""
    rows = [line.split() for text in lists for line in text.splitlines() if line.strip()]
    return {word: int(number) for number, *spellings in rows for word in spellings}


_SAMPLE: Final = 20_000
"""Characters looked at for the language: more changes no answer and costs time."""
_SCRIPT_RES: Final = {
    "ko": late("[\uac00-\ud7a3]"),
    "el": late("[\u0370-\u03ff]"),
    "he": late("[\u05d0-\u05ea]"),
    "ar": late("[\u0620-\u064a]"),
    "th": late("[\u0e01-\u0e5b]"),
    "hy": late("[\u0531-\u0586]"),
    "ka": late("[\u10d0-\u10ff]"),
    "kana": late("[\u3041-\u30ff]"),
    "han": late("[\u4e00-\u9fff]"),
    "cyrillic": late("[\u0430-\u045f\u0491]"),
    "latin": late("[a-z\u00df-\u024f\u1ea0-\u1ef9]"),
}
_SPACED_LANGUAGES: Final = ("en", "es", "fr", "de", "pt", "it", "ru")


def language_of(text: str) -> str | None:
    """The BCP 47 base tag of a text's language, from its script and function words; None if unsure.

    Looks at no more than 20,000 characters from the start. Tells the nine languages that have a
    vocabulary, those of ``words/function_words.toml``, and ko, el, he, ar, th, hy, ka and fa by
    script. A text with fewer than eight function words gives None, and so do close relatives that
    the lists do not part.
    """
    sample = normalise(text[:_SAMPLE])
    letters = Counter({script: len(found.findall(sample)) for script, found in _SCRIPT_RES.items()})
    script, most = letters.most_common(1)[0]
    if most < 8:
        return None
    if script in ("kana", "han"):
        # A Japanese text has kana throughout; a Chinese one may quote a word or two.
        return "ja" if letters["kana"] > 0.1 * letters["han"] else "zh"
    if script == "ar":
        return "fa" if len(re.findall("[پچژگ]", sample)) > most / 50 else "ar"
    if script in ("latin", "cyrillic"):
        return _language_by_words(tokens(sample))
    return script


def _language_by_words(words: list[str]) -> str | None:
    """The language whose function words fill the text best; a word of several lists counts for a share."""
    counts = Counter(words)
    scores: dict[str, float] = defaultdict(float)
    hits: Counter[str] = Counter()
    for word, languages in _function_words().items():
        for language in languages:
            scores[language] += counts[word] / len(languages)
            hits[language] += counts[word]
    (score, best), (next_score, _) = sorted(((score, name) for name, score in scores.items()), reverse=True)[
        :2
    ]
    # Running text of a listed language is a third to a half function words.
    if hits[best] < max(8, 0.15 * len(words)) or score < 1.2 * next_score:
        return None
    return best


@cache
def _function_words() -> dict[str, tuple[str, ...]]:
    """Every function word and the languages that have it."""
    lists = dict(_tables("function_words") or {})
    for language in _SPACED_LANGUAGES:
        lists[language] = (_tables(language) or {})["grammar"]["function"]
    found: dict[str, tuple[str, ...]] = {}
    for language, text in lists.items():
        for word in sorted(set(text.split())):
            found[word] = (*found.get(word, ()), language)
    return found
