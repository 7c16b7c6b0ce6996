"""Step 4c of the route, its first half: what can be seen of each paragraph, as numbers.

A signal is what a rule of ``roles.py`` and ``gaps.py`` weighs: words of a vocabulary, typing habits,
grammar, and how all of it compares with the rest of the same work. Nothing is decided here.

Facts behind the choice (107 real works by 75 authors, and 169 AO3 pages by 159 authors, 2026): a
straight apostrophe under curly prose marks 87 % of note paragraphs that hold one and 2.6 % of prose;
notes hardly ever open with a quotation mark (0 to 1 %, prose 35 %); plain grammar (present tense, I and
my where the story is told in third person) helps as much as fan vocabulary.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, islice

from fic2epub.parser.cues import CUE_SIGNALS, Cues
from fic2epub.parser.inserts import find_letters, find_messages, find_verse
from fic2epub.parser.labels import label_of, stands_alone
from fic2epub.parser.lexicon import Lexicon, lexicon
from fic2epub.parser.looks import OFTEN, TOGETHER, Look, first_look, seen
from fic2epub.parser.note_shapes import ends_note
from fic2epub.parser.splitting import split_words
from fic2epub.parser.turns import turns_of
from fic2epub.parser.typed import TYPING_SIGNALS, typing_signals
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary
from fic2epub.values import dataclass

__all__ = ["NOTE_SIGNALS", "Habits", "Lexicon", "Reading", "lexicon", "read_signals"]

SCRIPT_RE = re.compile(r"\[?([A-Z][\w’'-]+)(?: has (?:joined|left)\b|\s?: )")
MOSTLY_LOWER = 0.5
"""Share of paragraphs beginning in lower case from which no capitals tell the names of a work."""
SAMPLE = 400
"""Paragraphs from which a work's habits are well known: shares of a tenth are then right within .03."""
PRESENT_RE = re.compile(
    r"(?:The |A |An |In which )?[A-Z][\w’']+(?: [a-zA-Z\-]+){0,3} "
    r"(?:is|has|does|goes|[a-z]{2,}[a-rt-z]s)\b(?! (?:was|were|had)\b)"
)

NOTE_SIGNALS = (
    "bias", *CUE_SIGNALS, *TYPING_SIGNALS, "chat", "question", "first", "first-here",
    "second", "second-here", "third", "present", "present-here", "past", "body", "no-past",
    "unseen-words", "unseen-share", "cast", "no-cast", "unindented", "in-which", "does", "after-colon",
    "letter", "script",
)  # fmt: skip
"""Names of the numbers in ``Reading.note``, in order; the keys of the learned weights."""
LABEL = NOTE_SIGNALS.index("label")
TYPED = tuple(
    NOTE_SIGNALS.index(name)
    for name in (
        *("no-end-stop", "doubled-marks", "emoji", "emoticon", "url", "action", "capitals", "opens-bracket"),
        *("bracket", "digit", "list", "colon", "symbols"),
    )
)
"""Where the typing habits stand that tell a note only where the story has them not: a chat is all colons, a
script all brackets."""
SCRIPT = NOTE_SIGNALS.index("script")
USUAL = 0.08
"""Share of paragraphs up to which a typing habit is none: twice what the notes of a work make up."""
SETTLED = 20.0
"""Paragraphs that nothing is yet known of, added to those of a work: a few do not make a habit."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a work does as a rule; signals are measured against it."""

    curly: float
    """Share of apostrophes that are curly."""
    first: float
    """Share of paragraphs with a first person outside quotation marks."""
    second: float
    present: float
    """Share of present tense among the tensed words outside quotation marks."""
    indented: float
    """Share of narrating paragraphs that begin with white space."""
    quoted: float
    unseen: float
    """Mean share of a paragraph's words that stand nowhere else in the work."""
    cast: frozenset[str]
    """Names that come often, in lower case."""
    lower: float
    """Share of the paragraphs beginning with a letter, no quotation mark, that begin in lower case."""
    blanks: int
    """The usual number of blank lines between paragraphs."""
    words: float
    """Mean words of a paragraph."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One unit, read."""

    count: int
    """Words."""
    note: list[float]
    """One number for each of ``NOTE_SIGNALS``."""
    quoted: bool
    """Opens with a quotation mark or a dialogue dash."""
    names: frozenset[str]
    before: int
    """Phrases that speak for a note at a chapter's head."""
    after: int
    found: tuple[str, ...]
    """Words of the vocabulary that stand in it, for the evidence."""
    grammar: int
    """A bit for each group of ``Lexicon.grammar`` that stands outside quotation marks."""
    long: int
    """Different words of five letters and more."""
    shared: frozenset[str]
    """Those of them that may also stand elsewhere in the work."""
    label: str | None
    alone: bool
    """Whether its label is all that it holds."""
    ends: bool
    """Whether it is a line that a note ends with, if one stands above it."""
    insert: bool
    """Whether it is messages or verse of the story (``inserts``)."""
    time: float
    """A word of time among its first: 1.0 among the first four, 0.5 among the first eighteen."""
    time_phrase: bool


def read_signals(
    units: Sequence[Unit],
    vocabulary: Vocabulary,
    statistics: tuple[tuple[str, float], ...] = (),
    *,
    wanted: Collection[int] | None = None,
    tagged: frozenset[str] = frozenset(),
) -> tuple[list[Reading | None], Habits]:
    """Read every unit that is no scene break; None stands for those that are.

    Args:
        units: of one work, in order.
        vocabulary: of its language.
        statistics: words and pairs with their log-odds, for that language; may be empty.
        wanted: read only these, and none of the others; the work's habits are then taken from them and
            from ``SAMPLE`` more, spread over the work.
        tagged: names in the header's relationships, in lower case: the cast of a work without capitals.
    """
    words_of = lexicon(vocabulary, statistics)
    every = chosen = [i for i, unit in enumerate(units) if unit.rule is None]
    if wanted is not None:
        sample = {*wanted, *range(0, len(units), max(1, len(units) // SAMPLE))}
        chosen = [i for i in every if i in sample]
    closely = range(len(units)) if wanted is None else wanted
    looks = dict(first_look(units, chosen, words_of, closely))
    unseen = _unseen_all(looks) if len(chosen) == len(every) else _unseen_among(looks, units, words_of)
    habits = _habits(units, looks, unseen)
    if habits.lower > MOSTLY_LOWER:
        habits = replace(habits, cast=habits.cast | tagged)
    letters, turns = find_letters(units, words_of), turns_of(units, looks, words_of)
    spoken = find_messages(units, looks, habits.cast, words_of) | find_verse(units, looks)
    readings: list[Reading | None] = [None] * len(units)
    for i, look in looks.items():
        if look.cues is not None:
            above = 1.0 if i and units[i - 1].text[-1] in ":：" else 0.0
            context = (above, letters.inside[i])
            reading = _reading(units[i], look, look.cues, words_of, habits, unseen[i], context)
            reading = _as_insert(reading, i in letters.unlabelled, i in spoken)
            readings[i] = reading
            if i in turns:
                reading.note[SCRIPT] = 1.0
    _against_the_work([each.note for each in readings if each is not None])
    return readings, habits


def _against_the_work(notes: Sequence[list[float]]) -> None:
    """Make each number of ``TYPED`` the smaller the more paragraphs of the work have it; in place."""
    for at in TYPED:
        share = sum([note[at] for note in notes]) / (len(notes) + SETTLED)
        if share > USUAL:
            for note in notes:
                note[at] *= (1 - share) ** 2


def _as_insert(reading: Reading, unlabelled: bool, spoken: bool) -> Reading:
    """A paragraph of a letter without the label that opens it, and one of a talk or verse as the story's."""
    if unlabelled and reading.label is not None:
        note = list(reading.note)
        note[LABEL] = 0.0
        reading = replace(reading, note=note, label=None, alone=False)
    return replace(reading, insert=True) if spoken else reading


def _unseen_all(looks: dict[int, Look]) -> dict[int, int]:
    """For each unit, how many of its longer words stand nowhere else, four times at the most.

    From then on a look's ``longer`` are those that stand elsewhere too.
    """
    times = Counter(chain.from_iterable([look.longer for look in looks.values()]))
    single = {word for word, units in times.items() if units == 1}
    found = {}
    for i, look in looks.items():
        shared = look.longer - single
        found[i] = look.long - len(shared)
        if found[i] and look.repeated:
            found[i] -= sum([look.repeated.count(word) > OFTEN for word in look.longer & single])
        look.longer = shared
    return found


def _unseen_among(looks: dict[int, Look], units: Sequence[Unit], words_of: Lexicon) -> dict[int, int]:
    """The same where only some units were looked at; the words of all are counted."""
    times: Counter[str] = Counter()
    texts = (seen(unit.text) for unit in units if unit.rule is None)
    while part := list(islice(texts, TOGETHER)):
        times.update(chain.from_iterable(split_words(part, spaced=words_of.spaced)))
    found = {}
    for i, look in looks.items():
        tokens: list[str] | None = None
        found[i] = 0
        for word in look.longer:
            if times[word] > 1 and times[word] <= 4:
                if tokens is None:
                    tokens = split_words([look.text], spaced=words_of.spaced)[0]
                found[i] += tokens.count(word) == times[word]
            else:
                found[i] += times[word] == 1
    return found


def _habits(units: Sequence[Unit], looks: dict[int, Look], unseen: dict[int, int]) -> Habits:
    texts = [units[i].text for i in looks]
    n = max(1, len(looks))
    curly = sum([text.count("’") for text in texts])
    straight = sum([text.count("'") for text in texts])
    openings = [text[0] for text in texts if text[0].isalpha()]  # whoever writes so does it in speech too
    narrating = [(units[i], look) for i, look in looks.items() if not look.quoted and look.count > 8]
    present = sum([look.tense[0] for _, look in narrating])
    past = sum([look.tense[1] for _, look in narrating])
    names = Counter(chain.from_iterable([look.names for look in looks.values()]))
    gaps = Counter([units[i].blanks for i in islice(looks, 1, None)])
    longer = [(unseen[i], look.long) for i, look in looks.items() if look.long >= 4]
    return Habits(
        curly=(curly + 0.5) / (curly + straight + 1),
        first=sum([look.grammar & 1 for _, look in narrating]) / max(1, len(narrating)),
        second=sum([look.grammar >> 1 & 1 for _, look in narrating]) / max(1, len(narrating)),
        present=(present + 1) / (present + past + 2),
        indented=sum([bool(unit.indent) for unit, _ in narrating]) / max(1, len(narrating)),
        quoted=sum([look.quoted for look in looks.values()]) / n,
        unseen=(sum([u for u, _ in longer]) + 1) / (sum([t for _, t in longer]) + 8),
        cast=frozenset([name for name, times in names.items() if times >= max(3, 0.01 * n)]),
        lower=sum(map(str.islower, openings)) / max(1, len(openings)),
        blanks=gaps.most_common(1)[0][0] if gaps else 1,
        words=sum([look.count for look in looks.values()]) / n,
    )


def _reading(
    unit: Unit,
    look: Look,
    cues: Cues,
    words_of: Lexicon,
    habits: Habits,
    unseen: int,
    context: tuple[float, float],
) -> Reading:
    text, n = look.text, look.count
    label = label_of(text, words_of.labels)
    script = SCRIPT_RE.match(text) if look.signs.colon or " has " in text else None
    return Reading(
        count=n * len(unit.text) // len(text) if words_of.spaced else len(unit.text),
        note=[
            1.0,
            *cues.signals,
            *typing_signals(look, labelled=label is not None, lower=habits.lower, curly=habits.curly),
            min(2, cues.chat) / 2,
            1.0 if text[-1] in "?？" else 0.0,
            *_telling(text, unit, look, habits, unseen, n),
            *context,
            1.0 if script and script.group(1).lower() in habits.cast else 0.0,
        ],
        quoted=look.quoted,
        names=look.names,
        before=cues.before,
        after=cues.after,
        found=cues.found,
        grammar=look.grammar,
        long=look.long,
        shared=look.longer,
        label=label,
        alone=label is not None and stands_alone(text, label),
        ends=not look.quoted and not context[1] and ends_note(text, words_of),
        insert=False,
        time=_time(look.head, words_of),
        time_phrase=cues.time_phrase,
    )


def _time(tokens: list[str], words_of: Lexicon) -> float:
    """How early a paragraph speaks of time."""
    times = words_of.time_words
    return 0.0 if times.isdisjoint(tokens) else 0.5 if times.isdisjoint(tokens[:4]) else 1.0


def _telling(text: str, unit: Unit, look: Look, habits: Habits, unseen: int, n: int) -> tuple[float, ...]:
    """Who speaks, in which tense and of whom: ``first`` to ``does`` of ``NOTE_SIGNALS``."""
    grammar, tokens = look.grammar, look.head
    first, second = grammar & 1 and not look.quoted, grammar & 2 and not look.quoted
    present, past = look.tense
    cast = not habits.cast.isdisjoint(look.names) or (n > 0 and tokens[0] in habits.cast)
    if habits.lower > MOSTLY_LOWER and habits.cast:
        cast = not habits.cast.isdisjoint([token.partition("'")[0] for token in tokens])
    narrating = not look.quoted and n > 8
    longer = look.long
    now = min(3, present) / 3 * (1 - habits.present) * (1 if past == 0 else 0.5)
    return (
        1.0 if first else 0.0,
        (1 - habits.first) ** 2 if first else 0.0,
        1.0 if second else 0.0,
        (1 - habits.second) ** 2 if second else 0.0,
        1.0 if grammar & 4 else 0.0,
        min(4, present) / (3 + 0.05 * n),
        0.0 if look.quoted else now,
        min(6, past) / (3 + 0.1 * n),
        1.0 if grammar & 32 else 0.0,
        1.0 if narrating and past == 0 else 0.0,
        min(6, unseen) / 3,
        (unseen / longer - habits.unseen) * min(1.0, longer / 6) * 3 if longer else 0.0,
        1.0 if cast else 0.0,
        1.0 if n > 25 and not look.names and not cast else 0.0,
        1.0 if habits.indented > 0.6 and not unit.indent and narrating and not look.has_quote else 0.0,
        1.0 if n > 1 and tokens[0] == "in" and tokens[1] == "which" else 0.0,
        1 - habits.present if past == 0 and n < 60 and PRESENT_RE.match(text) else 0.0,
    )
