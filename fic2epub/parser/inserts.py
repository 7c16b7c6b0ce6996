"""Step 4c of the route: letters, messages and verse in a story, typed and worded like notes.

[likely] insert.letter    from "Dear Wren," or a mail's head ("From: Wren") to the signature, and a PS below
                          it; a label inside ("Note:", "PS:") opens no author's note
[likely] insert.messages  lines that begin with a name and a colon, where one of the cast speaks again, or two
                          who need not be known do
[guess]  insert.verse     three short lines and more that break off without a stop, in small letters

Sorry, thank you and write soon stand in letters as in notes; small letters without a stop in messages and
in verse. It must not touch a note that opens like a letter ("Dear readers,"), replies to readers (each name
comes once, and is nobody's in the story), a note in which the author talks with the cast ("Me: …"), nor
short lines that hold a word of the vocabulary of notes.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from fic2epub.parser.cues import CUE_SIGNALS
from fic2epub.parser.labels import label_of
from fic2epub.parser.lexicon import Lexicon
from fic2epub.parser.units import Unit
from fic2epub.patterns import late
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.parser.looks import Look

__all__ = ["Letters", "find_letters", "find_messages", "find_verse"]

DEAR_RE = re.compile(
    r"(?:my |mon |ma |mein[e]? )?(?:dear|dearest|cher|chère|liebe[rs]?|querid[oa]|estimad[oa]|car[oa])\b"
    r".*[,:—–!-]$",
    re.I,
)
HEAD_RE = re.compile(r"(?:from|to|subject|date|re|fwd?|von|an|de|para|betreff|objet|asunto)\s?: ?\S", re.I)
READERS_RE = late(
    r"\b(?:readers?|all|everyone|everybody|guests?|reviewers?|folks|guys|author|people|fans|followers"
    r"|leser|lecteurs|lectrices|lectores)\b",
    re.I,
)
SIGNATURE_RE = late(
    r"(?:yours?|love|sincerely|regards|best|affectionately|signed"
    r"|your (?:friend|son|sister|brother|loving|sincere)"
    r"|kind(?:est)? regards|(?:ever|always|faithfully|truly|believe me|i am|i remain)(?=[^.!?]{0,30}$)"
    r"|ton|votre|dein|ihr|tuy[oa]|atentamente)\b|[—–-]\s?[A-Z]\w*\.?$",
    re.I,
)
SIGNED_RE = re.compile(r"(?:[A-ZÀ-ÖØ-ÞА-Я][\w’'-]*\.?\s){0,2}[A-ZÀ-ÖØ-ÞА-Я](?:[\w’'-]*|\.)$")
"""A name and nothing else, which ends a letter."""
POSTSCRIPT_RE = re.compile(r"\W{0,3}(?:p\.?\s?)+s\b", re.I)
LETTER_LONGEST = 14
"""Paragraphs: how long a letter goes on without a signature."""
BELOW = 2
"""Paragraphs below "Yours," among which a postscript stands: the writer's name is one."""
LONGEST_NAME = 30
"""Characters of that name."""
SHORT = 60
"""Characters of the first and the last line of a letter, and of a line of verse."""
LINE_RE = re.compile(
    r"[\[(<*]{0,2}(?P<name>[^\W\d_][\w’'.\-]{1,23})(?: [^\W\d_][\w’'.\-]{0,20})?[\])>*]{0,2}\s?[:：]\s?\S"
)
EVENT_RE = re.compile(r"\[?(?P<name>[^\W\d_][\w’'.\-]{1,23}) (?:has )?(?:joined|left)\b[^.!?]{0,30}$")
_OUTSIDE = """
me myself author authoress writer narrator guest anon anonymous reviewer
moi auteur autrice ich autor autorin yo autora eu io autore автор
"""
OUTSIDE = frozenset(_OUTSIDE.split())
"""Who speaks in a note: the author, and readers without a name."""
ABOUT = tuple(CUE_SIGNALS.index(name) for name in ("fandom", "asking", "announcing"))
"""What an author speaks of who talks with the cast in a note."""
VERSE_LINES = 3


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a story."""

    inside: tuple[float, ...]
    """For each unit 1.0 in a letter, else 0.0."""
    unlabelled: frozenset[int]
    """Units of letters whose label opens no author's note."""


def find_letters(units: Sequence[Unit], words_of: Lexicon) -> Letters:
    """Which units stand in a letter or message of the story, from its head to its signature.

    "Dear readers" opens a note and no letter, and a label that means an author's note wherever it stands
    ends one. Labels that also mean something else say nothing above the signature, and a postscript
    nothing anywhere in a letter, nor right below it.
    """
    inside: list[float] = []
    quiet: set[int] = set()
    start = left = signed = 0
    for i, unit in enumerate(units):
        text = unit.text
        short = len(text) < SHORT
        opens = short and (DEAR_RE.match(text) or HEAD_RE.match(text)) and not READERS_RE.search(text)
        if opens and signed < BELOW:  # "Ever yours," and below it "dear Anne, most truly," is one ending
            start, left, signed = (start if left else i), LETTER_LONGEST, 0
        postscript = (left or signed) and POSTSCRIPT_RE.match(text)
        if left and not postscript and _is_labelled(text, words_of):
            left = 0
        inside.append(1.0 if left or postscript else 0.0)
        if postscript:
            quiet.add(i)
        signed = BELOW if postscript else signed - 1 if signed and len(text) <= LONGEST_NAME else 0
        if left and short and (SIGNATURE_RE.match(text) or SIGNED_RE.match(text)):
            quiet.update(range(start, i + 1))
            left, signed = 0, BELOW
        left = max(0, left - 1)
    return Letters(tuple(inside), frozenset(quiet))


def _is_labelled(text: str, words_of: Lexicon) -> bool:
    """Whether a label opens a paragraph that means an author's note wherever it stands."""
    label = label_of(text, words_of.labels)
    return label is not None and (label, True) in words_of.labels.labels[label[0]]


def find_messages(
    units: Sequence[Unit], looks: "Mapping[int, Look]", cast: Collection[str], words_of: Lexicon
) -> frozenset[int]:
    """Units that are a talk of the story's figures, set as messages or as in a play.

    Args:
        units: of the work.
        looks: at its paragraphs; their words tell a talk about the fic from one in it.
        cast: names that come often, in lower case.
        words_of: the language's lexicon; its labels ("Rating:") are no names.
    """
    found: set[int] = set()
    run: list[tuple[int, str, bool]] = []
    for i, unit in enumerate([*units, None]):
        said = _speaker(unit.text, words_of) if unit is not None and unit.rule is None else None
        if said is not None:
            run.append((i, *said))
            continue
        if len(run) > 1 and _is_talk(run, cast):
            about = sum(_is_about_fics(looks.get(at)) for at, _, _ in run)
            found.update(at for at, _, _ in run if 2 * about < len(run))
        run = []
    return frozenset(found)


def _is_about_fics(look: "Look | None") -> bool:
    """Whether a paragraph speaks of reviews, chapters or updates."""
    return look is not None and look.cues is not None and any(look.cues.signals[at] for at in ABOUT)


def _speaker(text: str, words_of: Lexicon) -> tuple[str, bool] | None:
    """The name before a colon, in lower case, and whether it speaks; False for "Wren has joined"."""
    if ":" not in text[:50] and "：" not in text[:50]:
        short = len(text) < SHORT and (" joined" in text or " left" in text)
        event = EVENT_RE.match(text) if short else None
        return (event.group("name").lower(), False) if event else None
    match = LINE_RE.match(text)
    if match is None or label_of(text, words_of.labels) is not None:
        return None
    return match.group("name").lower(), True


def _is_talk(run: Sequence[tuple[int, str, bool]], cast: Collection[str]) -> bool:
    """Whether lines one below the other are a talk: who speaks is of the story, or two answer each other."""
    times = Counter(name for _, name, speaks in run if speaks)
    if not times or not OUTSIDE.isdisjoint(times):
        return False
    again = sum(count > 1 for count in times.values())
    known = all(name in cast for name in times)
    met = any(not speaks for _, _, speaks in run)
    return again > 1 or (known and (again == 1 or met))


def find_verse(units: Sequence[Unit], looks: "Mapping[int, Look]") -> frozenset[int]:
    """Units that are verse: short lines in small letters that break off, without a word of notes among them.

    Args:
        units: of the work.
        looks: at its paragraphs; one that nobody looked at closely is no verse.
    """
    found: set[int] = set()
    run: list[int] = []
    for i, unit in enumerate([*units, None]):
        look = looks.get(i)
        if unit is not None and look is not None and _breaks_off(unit, look):
            run.append(i)
            continue
        small = sum(units[at].text[0].islower() for at in run)
        above = units[run[0] - 1].text[-1] if run and run[0] else ""
        if len(run) >= VERSE_LINES and small >= len(run) - 1 and above not in (":", "："):
            found.update(run)
        run = []
    return frozenset(found)


def _breaks_off(unit: Unit, look: "Look") -> bool:
    """Whether a line is short, ends without a stop, and holds no word, sign or figure of a note."""
    text, cues = unit.text, look.cues
    return (
        len(text) <= SHORT
        and text[0].isalpha()
        and (text[-1].isalpha() or text[-1] in ",-–—")
        and cues is not None
        and not (cues.found or cues.chat)
        and not (look.signs.colon or look.signs.digit or look.signs.symbol or look.signs.exclamations)
    )
