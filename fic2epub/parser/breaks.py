"""Step 4a of the route, its first half: which lines are scene breaks.

By rule and not by list: 25,084 AO3 works held 1,945 distinct break lines (measured on one fandom,
2020), so no closed list works. In order:

[certain] break.glyphs    a line of ornaments only: ``***``, ``~*~``, ``---``, ``»»-►``
[certain] break.letters   made of o, O, x, X, 0 and °: ``oOo``, ``-x-``, ``o.o.O.o.o``
[certain] break.words     says so: ``[line break]``, ``-scene break-``
[likely]  break.pattern   one to four letters over and over: ``HPHPHPHP``, ``H/D H/D H/D``, ``-v-v-v-v-``
[likely]  break.glued     an ornament between two sentences of one line, its paragraph tags lost
[likely]  break.habit     a doubtful line (``-.-``, ``xoxo``, ``~LB~``) that parts long paragraphs three times

They must not touch a lone ``...``, a clock time (``4:37``), a bare number (225 of those works use
them as section numbers), an emoticon, kisses (``xoxo``), a swear word in symbols (``@#$%!``), a sound
(``BEEP BEEP BEEP``), nor anything in quotation marks.
"""

import re
from functools import lru_cache

from fic2epub.patterns import late

__all__ = ["LONGEST", "find_glued_breaks", "is_doubtful_break", "is_scene_break"]

LONGEST = 90
"""Characters that a break line has at most, unless it is one of few characters over and over."""
LONGEST_RULE = 400
"""FF.net authors fill the editor's whole line, and it wraps; longer ones were not seen."""
FEW = 6
"""Distinct characters of such a rule, blanks included: ``-=-o0o-=-``."""

LONGEST_WORDS = 48
"""Characters of a line that says "line break", its ornaments included."""
PROSE_RE = re.compile("[a-np-wyz]{2}")
"""Two small letters that are no o and no x: a word, for which no rule but break.words is meant."""

SPEECH_MARKS = frozenset(".…?!,;:'\"“”‘’«»‹›„()[]{}")
"""Punctuation that also stands alone as speech or silence; it makes no break by itself."""
QUOTES = "\"“”„‘’'«»‹›「」『』"
LETTERS = frozenset("oOxX0°")

EMOTICON_RE = re.compile(
    r"""
      [>]?[:;=][-'^,]?[)(DPpOo03/\\|\]\[>*xX]{1,4}             # :) ;-) =D :o
    | [8xX]-?[)(DP]{1,4}                                      # XD 8)
    | [)(\]\[][-']?[:;=8]                                     # (: [:
    | \(?(?P<eye>[-T;uUQq^@$+*=¬°'n])[._]+(?P=eye)\)?         # ^_^ T_T -.- *_* (^_^)
    | \(?\^[-ow03v]\^\)? | [T;uU]-[T;uU]                      # ^-^ ^o^ T-T
    | [<>][._-][<>] | [<>][oOxX][<>](?<!<[oOxX]>)             # >_< >.> >o<
    | \(?[oO0][._]+[oO0]\)? | \(?[xX][._]+[xX]\)?             # o_O x.x (o_o)
    | [<>]?[oO0]_[<>]?[oO0]
    | \^{2} | \^;+ | -_-[;']+
    | (?:</?3){1,3} | \\[oO0]?/ | /[oO0]\\ | \\m/ | [dbq][-_.][dbq]
    | \._+\. | ¯.*¯ | \(.{1,5}[ಠω◕].{0,5}\) | ಠ_ಠ
    """,
    re.VERBOSE,
)
FACES_RE = re.compile(
    "[\U0001f440-\U0001f450\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a\ufe0f\u200d]+"
)
"""Faces and hands of the emoji block, alone: a message in a chat."""
GRAWLIX_RE = re.compile(r"(?=(?:.*[@#$%&!?*]){3})[@#$%&*^+]+[!?]*")
"""A swear word in symbols; ``_is_grawlix`` asks for three different ones."""
KISSES_RE = re.compile(r"(?:xo){1,3}x?|(?:XO){1,3}X?|[oO]{1,2}|[xX]{1,2}|[oO][xX]|[xX][oO]")
EXCLAIMED_RE = re.compile(r"O[o0]+[.!…~]*|[oO]+h?[!?…]+")
HEARTS_RE = re.compile(r"(?:</?3){4,}")
ZEROS_RE = late(r"[^\w\s]+0(?:[^\w\s]*0)*[^\w\s]+|0(?:[-~=*+]0){2,}")
ONE_LETTER_RE = late(r"[^\w\s]*([A-Za-z])(?:([^\w\s])\1)(?:\2\1){2,}[^\w\s]*")
CASED_RE = late(r"([a-z])(?!\1)(?:(?i:\1)(?:(?<=[a-z])(?![a-z])|(?<=[A-Z])(?![A-Z]))){2,}")
PERIOD_RE = late(r"([A-Z]{2,4})\1{2,}[A-Z]{0,3}")
_SOUNDS = """
HA AH HE EH HI HO OH LA NA NO JA YA KE WA BA DA DU DO BO BE BI WO MA PA LO YO ME MU UH MM HM SH GO BU MO
"""
SOUNDS = frozenset(_SOUNDS.split())
"""Two letters that are laughter, singing or a word when they come again and again."""
DECORATION = " \t\N{NO-BREAK SPACE}*~-–—_=#+.:;|/\\<>[](){}•·°"
CONTENT_WORDS = frozenset(
    {
        *("line", "break", "dream", "meanwhile", "transition", "flashback", "flash back"),
        *("cut to", "fade to black"),
    }
)
"""Break words that are also a line of the story: they part scenes only in a decoration."""
INITIALS_RE = re.compile(r"([^\w\s\"“”'‘’(\[{]{1,6})\s?(?:[A-Z]{1,2}|[a-z])\s?([^\w\s\"“”'‘’)\]}]{1,6})")

GLUED_RE = re.compile(
    r"""
    (?<=[.!?…"”’'»)\]])              # a sentence has ended
    \ *
    (?P<marker>
        \*+(?:\ ?\*+){0,6}           # * or *** or * * *
      | ~+\*?~* | [#+=°•◆◇★☆✶✦❖]{1,9} | -{4,} | _{3,} | -\*- | =\*=
      | [-~*=+°<]+[oOxX0](?:[-~*=+°.][oOxX0])*[-~*=+°>]+     # -x- ~o~ -o-o-
      | [oO0]+(?:[-.~]?[oO0]+)+(?<=[oO0]{3}|.[-.~][oO0])     # oOo, o.O.o
      | x?X+x*(?<=[xX]{3})(?:[oO][xX]+)*                     # xXx, XXX, xXxoX
    )
    \ +(?=["“‘'«¿¡—*_]?[A-ZÀ-ÖØ-ÞА-ЯЁ])   # and another begins
    """,
    re.VERBOSE,
)
GLUE_RE = re.compile(r"[.!?…\"”’'»)\]] *[*~#+=°•◆◇★☆✶✦❖\-_<oOxX0]")
"""Where ``GLUED_RE`` may match, or ``TAIL_RE``: a sign at once behind a sentence's end, or behind a blank."""
TAIL_RE = late(
    r"""
    (?<=[.!?…"”’'»)\]])              # the paragraph has ended
    \ *(?P<marker>
        \*(?:\ \*){2,6} | \*{3,} | ~\*~ | ~{3,} | \#{3,} | -{5,} | [-~]x[-~]
      | (?<=\ )(?:oOo|xXx|o0o|XxX|OoO|o\.O\.o|oO0Oo)
    )
    """,
    re.VERBOSE,
)
OPENING_STAR_RE = re.compile(r"(?:^|[\s(\"“‘—-])\*+(?=[^\s*])")
NUMBER_SIGN_RE = re.compile(r"[0O]+")


@lru_cache(maxsize=4096)
def is_scene_break(line: str, words: frozenset[str] = frozenset()) -> str | None:
    """The id of the rule that makes this line a scene break, or None.

    Args:
        line: one line, without its outer white space.
        words: lower-case phrases that name a break in words (``line break``), from the vocabulary.

    >>> is_scene_break("oOo"), is_scene_break("* * *"), is_scene_break("...")
    ('break.letters', 'break.glyphs', None)
    """
    if not line or (len(line) > LONGEST and not _is_long_rule(line)):
        return None
    if words and len(line) <= LONGEST_WORDS and _names_a_break(line, words):
        return "break.words"
    if PROSE_RE.search(line):
        return None
    bare = "".join(line.split())
    if EMOTICON_RE.fullmatch(bare) or FACES_RE.fullmatch(bare):
        return None
    if HEARTS_RE.fullmatch(bare):
        return "break.glyphs"
    letters = [character for character in bare if character.isalnum() or character == "°"]
    if not any(character.isalnum() for character in letters):
        return "break.glyphs" if _is_ornament(bare) else None
    if LETTERS.issuperset(letters):
        return "break.letters" if _is_letter_break(bare, letters) else None
    return "break.pattern" if _is_pattern(line) else None


def _is_long_rule(line: str) -> bool:
    """Whether a line that is longer than any ornament is a rule across the page."""
    return len(line) <= LONGEST_RULE and len(set(line)) <= FEW


def _names_a_break(line: str, words: frozenset[str]) -> bool:
    """Whether a line says "line break": framed by ornaments, or by words that can mean nothing else."""
    if line[0] in QUOTES and line[-1] in QUOTES:
        return False
    core = line.strip(DECORATION)
    phrase = core.lower()
    return phrase in words and (phrase not in CONTENT_WORDS or (core[0] != line[0] and core[-1] != line[-1]))


def _is_ornament(bare: str) -> bool:
    """Whether symbols alone make a break: something that is no speech, or a long row of dots."""
    if bare[0] in QUOTES and (len(bare) < 3 or bare[-1] in QUOTES) and "<" not in bare:
        return len(bare) >= 3 and set(bare) <= set("«»‹›")
    if bare in (">", ">>", "<", "\\", "/"):
        return False  # an empty quoted line of a mail; a slip of the finger
    if _is_grawlix(bare):
        return False
    if any(character not in SPEECH_MARKS for character in bare):
        return bare[-1] not in "?!" or bare[0] == bare[-1]
    if set(bare) <= {".", ":"} and ":" in bare:
        return len(bare) >= 3
    if set(bare) <= set("()[]{}"):
        return len(bare) >= 4
    return (bare.strip(".") == "" and len(bare) >= 6) or bare in ("[...]", "(...)", "[…]", "(…)")


def _is_grawlix(bare: str) -> bool:
    """Whether symbols stand for a swear word: three kinds of them or more, and no mirror image."""
    return bool(GRAWLIX_RE.fullmatch(bare)) and len(set(bare) - set("!?")) >= 3 and bare != bare[::-1]


def _is_letter_break(bare: str, letters: list[str]) -> bool:
    """Whether o, x and 0 make a break; the short forms must be framed, or they are a word or a kiss."""
    if KISSES_RE.fullmatch(bare) or EXCLAIMED_RE.fullmatch(bare):
        return False
    if any(character in "\"“”'‘’?!,;" for character in bare):
        return False
    if not any(character in "oOxX" for character in letters):
        # Zeros between the signs of numbers, times and dates are such ("/0/" too).
        return "0" not in letters or (
            not set("0.,:/") >= set(bare) and ":" not in bare and bool(ZEROS_RE.fullmatch(bare))
        )
    if len(letters) == 1:
        return len(bare) >= 3 and not bare[0].isalnum() and not bare[-1].isalnum()
    return len(letters) >= 3 or (not set("._:") & set(bare) and bare[0] != "0")


def _is_pattern(line: str) -> bool:
    """Whether a few letters come over and over: two names' initials, or one letter between signs.

    Words with blanks between them are none (``BEEP BEEP BEEP``), nor is laughter or a scream.
    """
    bare = "".join(line.split())
    if ONE_LETTER_RE.fullmatch(bare) and bare[-1] not in ".…!?":
        return True
    if len(bare) >= 3 and CASED_RE.fullmatch(bare):
        return True
    signs = "-~*=/.+"
    joined = bare.translate({ord(sign): None for sign in signs})
    if " " in line.strip() and joined == bare:
        return False
    match = PERIOD_RE.fullmatch(joined)
    if not match or len(set(match.group(1))) < 2 or bare[-1] in "!?":
        return False
    period = match.group(1)
    return period not in SOUNDS if len(period) == 2 else not set(period) & set("AEIOUY")


def is_doubtful_break(line: str) -> bool:
    """Whether a line is a scene break only by habit: an emoticon, a kiss, ``~LB~``.

    Three such lines that are alike, each between long paragraphs, are breaks (``units.read_body``); one is
    a message, a sign-off or a sound. Numbers, dots and anything in quotation marks never are.
    """
    if len(line) > 16 or line[0] in QUOTES or line.strip(".…?! ") == "":
        return False
    bare = "".join(line.split())
    if FACES_RE.fullmatch(bare) or NUMBER_SIGN_RE.fullmatch(bare):
        return False
    if EMOTICON_RE.fullmatch(bare):
        return True
    if KISSES_RE.fullmatch(bare) or EXCLAIMED_RE.fullmatch(bare):
        return len(bare) >= 3 and bare[-1].isalnum()
    match = INITIALS_RE.fullmatch(line)
    return match is not None and match.group(1) == match.group(2)[::-1]


def find_glued_breaks(text: str) -> tuple[tuple[int, int], ...]:
    """Where a scene break is glued between two sentences of a line, as half-open ranges of ``text``.

    AO3's own dumps lose the ``<br>`` around a break typed as plain text. A star that closes an
    emphasis (``*I cannot go on.* She turned``) is no break: it has an opening star before it. At the
    end of a line only a form that can be nothing else counts (``drops. ***``).

    >>> find_glued_breaks("He read the last word. oOo The next day it rained.")
    ((23, 26),)
    """
    if GLUE_RE.search(text) is None:
        return ()
    found = []
    for match in GLUED_RE.finditer(text):
        marker = match.group("marker")
        if marker.startswith("*") and _closes_emphasis(text[: match.start("marker")], marker):
            continue
        found.append(match.span("marker"))
    tail = _glued_at_the_end(text)
    return (*found, tail) if tail and (not found or found[-1][1] <= tail[0]) else tuple(found)


def _closes_emphasis(before: str, marker: str) -> bool:
    """Whether stars close an emphasis that a star before them opens."""
    if before.endswith("*"):
        return True
    opened = len(OPENING_STAR_RE.findall(before))
    return opened > 0 and len(marker) <= 3 and " " not in marker


def _glued_at_the_end(text: str) -> tuple[int, int] | None:
    """A break behind the last sentence of a line."""
    if len(text) < 20 or text[-1] not in "*~#-oxXO":
        return None
    for match in TAIL_RE.finditer(text, max(0, len(text) - 24)):
        if match.end() == len(text):
            marker = match.group("marker")
            if marker.startswith("*") and _closes_emphasis(text[: match.start("marker")], marker):
                return None
            return match.span("marker")
    return None
