"""One line's marks of emphasis: which are clean pairs, and which look like half a pair (``emphasis``).

A pair is clean if its first mark stands before a word and behind none, its second behind a word and before
none, with no such mark between them. Web addresses are passed over whole. One pass over the line: a hostile
one costs no more than its length.
"""

import re
from collections import Counter

from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["SIGN_RE", "Pair", "find_pairs"]

LONGEST = 400
"""Characters between two marks, unless they enclose a whole paragraph: what is further apart is no pair."""

MARK_RE = re.compile(r"([*_])\1*|/+")
TOKEN_RE = re.compile(r"\S+")
ADDRESS_RE = late(
    r"""
    \W{0,3}
    (?: [a-z][a-z0-9+.-]{1,15} ://
      | www\.
      | (?: [\w-]{1,63}\. ){1,6} [a-z]{2,24} /
      | [\w.+-]{1,64} @ [\w-]{1,63} \.
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
MAYBE_ADDRESS_RE = late(r"[/@]|www\.", re.IGNORECASE)
SIGN_RE = re.compile(r"[*_/]")
MARKS = frozenset({"*", "**", "_", "__", "/"})

WIDE = "\u3000-\u303f\uff01-\uff09\uff0c-\uff0e\uff1a-\uff20\uff3b-\uff3d"
"""The punctuation of Chinese and Japanese."""
BEFORE_RE = late(rf"[\s(\[{{\"'“”‘’„«‹»›¿¡—–…*_/{WIDE}-]")
"""What may stand before a first mark."""
BEHIND_RE = late(rf"[\s)\]}}\"'“”‘’«‹»›.,;:!?—–…*_/{WIDE}-]")
"""What may stand behind a second mark."""
OPENING_RE = late(rf"[*_/]{{0,2}}[\"'“‘„«‹(\[¿¡.…—–{WIDE}]{{0,4}}[^\W_]")
"""What a first mark stands before: a word, with the signs that may open it."""
CLOSED_RE = late(rf"(?s:.)?[\w.,!?…\"'”’»›)\]—–*/{WIDE}]\Z|\w[:;~-]\Z")
"""What a second mark stands behind; behind ``:`` alone it would be a face (``:*``, ``:/``)."""
REACH = 12
"""Characters looked at behind a first mark."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two marks and the words between them: offsets in a line."""

    mark: str
    start: int
    """Of the first mark."""
    end: int
    """Behind the second."""


def find_pairs(text: str) -> tuple[tuple[Pair, ...], Counter[str]]:
    """The clean pairs of one line, nested or apart, and how many halves of each sign have no partner."""
    pairs: list[Pair] = []
    halves: Counter[str] = Counter()
    pending: list[tuple[str, int]] = []  # the first marks without a second yet, the innermost last
    addresses: list[tuple[int, int]] = []  # the last first
    if MAYBE_ADDRESS_RE.search(text):
        addresses = [token.span() for token in TOKEN_RE.finditer(text) if ADDRESS_RE.match(token.group())]
        addresses.reverse()
    for match in MARK_RE.finditer(text):
        mark = match.group()
        while addresses and addresses[-1][1] <= match.start():
            addresses.pop()
        if mark not in MARKS or (addresses and addresses[-1][0] <= match.start()):
            continue
        start, end = match.span()
        opens, closes = _opens(text, start, end), _closes(text, start, end)
        at = next((i for i in reversed(range(len(pending))) if pending[i][0] == mark), None)
        if closes and at is not None:
            first = pending[at][1]
            halves.update(other[0] for other, _ in pending[at + 1 :])
            del pending[at:]
            if _is_clean(text, mark, first, end):
                pairs.append(Pair(mark, first, end))
            else:
                halves[mark[0]] += 2
        elif opens:
            if at is not None:
                halves[mark[0]] += 1
                del pending[at]
            pending.append((mark, start))
        elif closes:
            halves[mark[0]] += 1
    halves.update(mark[0] for mark, _ in pending)
    return tuple(sorted(pairs, key=lambda pair: pair.start)), halves


def _opens(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start]
    return (not before or BEFORE_RE.match(before) is not None) and OPENING_RE.match(
        text, end, end + REACH
    ) is not None


def _closes(text: str, start: int, end: int) -> bool:
    behind = text[end : end + 1]
    return (not behind or BEHIND_RE.match(behind) is not None) and CLOSED_RE.match(
        text, max(0, start - 2), start
    ) is not None


def _is_clean(text: str, mark: str, start: int, end: int) -> bool:
    inner = text[start + len(mark) : end - len(mark)]
    whole = start == 0 and end == len(text)
    return mark[0] not in inner and (whole or len(inner) <= LONGEST)
