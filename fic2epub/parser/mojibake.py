r"""Stage 2 of the route, second half: UTF-8 that some program once read as cp1252, put right per occurrence.

[certain] no-break space   ``Â`` before a no-break space, whatever stands around it
[certain] round trip       a run of characters that, written as cp1252, is valid UTF-8 (``â€™``, ``Ã©``),
                           and that ftfy calls bad; a run that was damaged twice is repaired twice
[certain] C1 character     U+0080 to U+009F where cp1252 has a character: ftfy's ``fix_c1_controls``
[likely]  lone ``Â``       after the end of a sentence, or alone on a line: the no-break space that
                           followed it became a space or was stripped

What must not be touched: a letter in quotes (``“Â”``), words in capitals before punctuation (``MANHÃ—``,
``“CORAÇÃO”``), an accented letter between closing and opening quotes (``café”“``), and every pair that
ftfy does not call bad.
Only ftfy's encoding repairs are used, on the run alone: quotes, widths and ligatures stay as written.
Seen in 14 of 25,084 AO3 works (one fandom, 2020), so it is looked for one by one, never by file.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from fic2epub.model import Repair, Span
from fic2epub.patterns import late

__all__ = ["C1_READ_AS_CP1252", "find_mojibake"]

RULE = "repair.mojibake"

C1_READ_AS_CP1252 = {
    chr(byte): bytes([byte]).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # the five that cp1252 leaves undefined
}

# What the bytes 80 to BF look like: cp1252 where it has a character, and the C1 control itself.
_TRAIL = "\x80-\xbf" + "".join(C1_READ_AS_CP1252.values())

_PAIR, _TRIPLE, _QUADRUPLE = rf"[Â-ß][{_TRAIL}]", rf"[à-ï][{_TRAIL}]{{2}}", rf"[ð-ô][{_TRAIL}]{{3}}"

START_RE = re.compile("[Â-ô]")
"""What all of it begins with: few English texts have one of these letters."""

# It begins with a plain set of characters so that the scan over 50 MB of text is fast.
MOJIBAKE_RE = late(
    rf"""
    [Â-ô]
    (?: (?P<run>
          (?: (?<=[Â-ß]) [{_TRAIL}]             # two bytes: C2 to DF, then one of 80 to BF
            | (?<=[à-ï]) [{_TRAIL}]{{2}}        # three
            | (?<=[ð-ô]) [{_TRAIL}]{{3}} )      # four
          (?: {_PAIR} | {_TRIPLE} | {_QUADRUPLE} )* )
      | (?: (?<= [.!?…,;:a-z’”"'»)\]\xa0] Â )   # a lone A-circumflex after a word or sentence …
          | (?<= [.!?…’”"'»)\]] [ ] Â ) )       # … or after a sentence and a space
        [ ] (?: Â[ ] )*                         #   with the space that was no-break once
      | (?<= \n Â ) [ \t]* (?: Â[ \t]* )* $     # a line of nothing else: a spacer that was stripped
      | (?<= [.!?…’”"'»)\]] Â ) $               # or the last thing on a line
    )
    """,
    re.VERBOSE | re.MULTILINE,
)

# Punctuation that may follow a word in capitals, so that `MANHÃ—` and `IRMÃ”` are words …
_MAY_FOLLOW_A_WORD = frozenset("…–—’”“‘»\xa0™®°›")
# … even with another word in capitals right behind it.
_MAY_JOIN_WORDS = frozenset("…–—’\xa0")
_OPENING = frozenset("“‘«‹„‚\"'(")
_CLOSING = frozenset("”»™®›’")


def find_mojibake(text: str) -> Iterator[Repair]:
    r"""Find mojibake in a text, in its order; the repairs do not overlap.

    >>> [(r.before, r.after) for r in find_mojibake("Itâ€™s a cafÃ©. NÃO! MANHÃ— Itâ€™s")]
    [('â€™', '’'), ('Ã©', 'é'), ('â€™', '’')]
    """
    for match in MOJIBAKE_RE.finditer(text) if START_RE.search(text) else ():
        before = match.group()
        if match["run"] is None:
            after = "".join("\xa0" if letter == "Â" else "" for letter in before)
        elif _is_legitimate(text, match):
            continue
        else:
            after = _reread(before)
        if after != before:
            yield Repair(span=Span(*match.span()), before=before, after=after, rule=RULE)


def _is_legitimate(text: str, match: re.Match[str]) -> bool:
    """Tell whether a run may be an accented letter and the punctuation after it."""
    run, start, end = match.group(), match.start(), match.end()
    before = text[start - 1 : start]
    if len(run) == 2 and before in _OPENING and run[1] in _CLOSING:
        return True  # a letter that is spoken of: “Â”
    if run == "Â\xa0" or not before.isalpha():
        return False
    if len(run) == 2 and run[1] in _MAY_FOLLOW_A_WORD and before.isupper():
        return run[1] in _MAY_JOIN_WORDS or not text[end : end + 1].isalpha()
    return len(run) == 3 and run[1] in _CLOSING


@lru_cache(maxsize=4096)
def _reread(run: str) -> str:
    """Read a run again as UTF-8; the run itself if ftfy sees nothing bad or the result is no text."""
    import ftfy  # slow to import, and most dumps never need it

    result = ftfy.fix_encoding(run)
    categories = {unicodedata.category(letter) for letter in result}
    return run if categories & {"Cc", "Cn", "Co", "Cs"} else result
