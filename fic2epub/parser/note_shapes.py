"""Step 4e of the route: what the form of a note's paragraph says, beside its words.

[likely] shape.list     items of a list, lines of a header ("RATING: PG"), of a glossary ("word = meaning")
                        and of replies ("@reader", "To Guest:", "Q:") belong to one note
[likely] shape.opens    a colon at the end and a label alone on its line belong to what follows
[likely] shape.ends     the writer's name and a line that leads to the story belong to the note above them
[guess]  shape.header   header lines stand before a chapter, glossaries, replies and footnotes after it
[guess]  shape.hello    a greeting opens a note before, a goodbye closes a note after

A dash between two names in a sentence is no glossary, and the first item of a list opens a list anew.
"""

import re

from fic2epub.parser.labels import stands_alone
from fic2epub.parser.lexicon import Lexicon
from fic2epub.parser.vocabulary import normalise
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["LEAD_WORDS", "SHAPE_SIGNALS", "Shape", "ends_note", "goes_on", "shape_of"]

SHAPE_SIGNALS = ("hello", "goodbye", "lead", "field", "gloss", "reply", "footnote")

ITEM_RE = late(
    r"[-–—•*>+~]\s|\(?(?P<number>\d{1,2})(?:[.):]|\s[-–—])\s?\D|(?:first|second|third)(?:ly)?[,:]\s"
)
FIELD_RE = late(r"[*_]*[A-Z][A-Z /&'’]{2,24}[*_]*\s?:")
EQUALS_RE = late(r"[^\s=][^.!?=]{0,40}\s=\s\S")
REPLY_RE = late(
    r"@\w|(?:to|re)\s[^:,.!?]{1,30}:\s|q\s?[:.]\s|(?:an )?(?:anon|guest)\b[^.!?]{0,12}[:➜→,-]", re.I
)
NAMED_RE = late(r"@?[\w’'.\-]{2,24}(?:(?:\s[\w’'.\-]+){0,2}\s?:|\s[-–—])\s\S")
SIGNED_RE = late(
    r"[~–—-]{1,2}\s?[^\W\d_][\w.’'-]*(?:\s[\w.’'-]+){0,2}[.!]?$|(?:love|xoxo|yours),\s\w+[.!]?$", re.I
)
NAME_RE = late(
    r"[~-]{1,2}\s?[^\W\d_][\w.’'-]*(?:\s[\w.’'-]+){0,2}$|(?:love|hugs|cheers|xoxo|yours),\s[\w.’'-]+[.!]?$",
    re.I,
)
"""The writer's name where nothing else says that it is one: no dash of speech, no stop."""
LONGEST_END = 50
"""Characters of the last line of a note."""
LEAD_WORDS = 8
"""Of a paragraph that does nothing but lead to the story."""
FOOTNOTE_RE = late(r"\[\d{1,2}\]|\(\d{1,2}\)\s|\*{1,3}[A-Z\"“]|[¹²³†‡]")
STRETCHED_RE = re.compile(r"(\w)\1{2,}")
"""``heyyyy``: a letter three times and more counts as one."""
FAREWELL_REACH = 60
"""Characters from the end of a paragraph in which a goodbye stands."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one paragraph looks like."""

    kind: str | None
    """``item``, ``field``, ``gloss``, ``reply`` or ``named`` (anything before a colon): what a list of such
    paragraphs is made of; ``signed`` for the writer's name at the foot of a note."""
    starts: bool
    """Whether it is the first item of a list that counts."""
    holds: bool
    """Whether it belongs to the paragraph below: a colon at its end, or a label alone on its line."""
    signals: tuple[float, ...]
    """One number for each of ``SHAPE_SIGNALS``."""


def shape_of(text: str, label: str | None, words_of: Lexicon) -> Shape:
    """Read the form of a paragraph.

    Args:
        text: of the paragraph.
        label: that opens it, as the vocabulary spells it.
        words_of: its language's lexicon.
    """
    core = normalise(text).strip(" *_~")
    if label is not None:
        at = core.find(label)
        core = core[at + len(label) :]
    core = core.lstrip(" *_~:;.,!-–—([>#")
    form = words_of.label_forms.get(label) if label is not None else None
    item = ITEM_RE.match(text)
    equals = bool(EQUALS_RE.match(text))
    field, reply = form != "note" and bool(FIELD_RE.match(text)), bool(REPLY_RE.match(text))
    kinds = {
        "field": field,
        "reply": reply,
        "gloss": equals,
        "signed": bool(SIGNED_RE.match(text)),
        "item": item is not None,
        "named": label is None and bool(NAMED_RE.match(text)),
    }
    kind = next((name for name, shown in kinds.items() if shown), None)
    plain = STRETCHED_RE.sub(r"\1", core)
    return Shape(
        kind,
        item is not None and item.group("number") == "1",
        text.rstrip(" *_")[-1:] in (":", "：") or (label is not None and stands_alone(text, label)),
        (
            float(bool(words_of.hello_re.match(plain))),
            float(bool(words_of.goodbye_re.search(plain[-FAREWELL_REACH:]))),
            float(bool(words_of.lead_re.search(plain[-FAREWELL_REACH:]))),
            float(field),
            float(equals or form == "gloss"),
            float(reply or form == "reply"),
            float(bool(FOOTNOTE_RE.match(text))),
        ),
    )


def ends_note(text: str, words_of: Lexicon) -> bool:
    """Whether a line is what a note ends with and nothing else: the writer's name, "On with the show!"."""
    if len(text) > LONGEST_END:
        return False
    if NAME_RE.match(text):
        return True
    plain = normalise(text)
    return len(plain.split()) <= LEAD_WORDS and words_of.lead_re.search(plain) is not None


def goes_on(above: Shape, below: Shape) -> bool:
    """Whether two paragraphs, one below the other, are parts of one list, or a note and its writer's name."""
    if below.kind == "signed":
        return True
    same = above.kind == below.kind or {above.kind, below.kind} == {"reply", "named"}
    return above.kind is not None and same and not below.starts
