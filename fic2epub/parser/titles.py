"""Step 4b of the route, one of its rules: chapters that have a bare title and no number.

[likely] heading.title  a short line cased like a title, without end stop, that comes once: as many as
                        chapters are declared, or at the places where the work's spacing marks its joins;
                        or the work's own title again and again, at the head of each chapter; a title in
                        ``**bold**`` or ``_italics_`` is one if all of them are, from the first chapter's on

It must not touch a line that comes twice (a date or viewpoint line), a signature below "Yours,", a line with
a digit (a date), nor the few short lines of a work in which nothing says that they are more.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from fic2epub.parser.heading_lines import HeadingLine, looks_like_title, undecorated
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary, normalise

__all__ = ["CHAPTER_LENGTH", "find_titles", "repeated_titles", "repeats_title"]

CHAPTER_LENGTH = 5000
"""Characters: without a declared count, bare numbers in the median closer than this part sections. A
chapter has 2,000 words in the median, a numbered section some hundreds."""
TITLE_REACH = 60
"""Characters of a bare title."""
SET_RE = re.compile(r"(?P<sign>\*{1,3}|_{1,3}|/)(?P<title>[^\s*_/](?:[^*_/]*[^\s*_/])?)(?P=sign)")
FIRST_REACH = 8
"""Units among which the first of the titles that are set with a sign stands; notes may stand above it."""
PROSE = 60
"""Characters; a paragraph of narration beside a title has more, a line of verse or a list has not."""


def find_titles(
    units: Sequence[Unit],
    read: Sequence[HeadingLine | None],
    vocabulary: Vocabulary,
    *,
    declared: int | None,
    title: str | None,
) -> list[HeadingLine]:
    """Bare titles, if they are as many as chapters are declared or stand at the work's own joins.

    Without a count they are only those of a work that opens with one, as far apart as chapters are.
    Where only some chapters have a title, the work's spacing must bear them out: each stands below more
    blank lines than is usual, and there are no more such places than chapters, or the spacing parts
    scenes. The work's own title above the text is none of them.
    """
    if declared is not None and declared < 3:
        return []
    plain, *others = _by_sign(units, read, vocabulary, title)
    if declared is None:
        return next((found for found in (plain, *others) if _far_apart(found, units)), [])
    for found in (plain, *(found for found in others if found[0].index < FIRST_REACH)):
        if 0.7 * declared <= len(found) <= 1.15 * declared + 1:
            return found
    spaced = _spaced(units)
    at_joins = [line for line in plain if line.index in spaced and len((line.title or "").split()) > 1]
    if len(spaced) <= 1.3 * (declared - 1) + 1 and len(at_joins) >= 2 and len(at_joins) <= declared:
        return at_joins
    return []


def _by_sign(
    units: Sequence[Unit], read: Sequence[HeadingLine | None], vocabulary: Vocabulary, title: str | None
) -> list[list[HeadingLine]]:
    """What may be a title, by the sign that it is set with: first those without any."""
    by_sign: dict[str, list[HeadingLine]] = {"": []}
    times = Counter(unit.text.casefold() for unit in units if len(unit.text) <= TITLE_REACH)
    for i, unit in enumerate(units[:-1]):
        if read[i] is not None or times[unit.text.casefold()] != 1:
            continue
        whole = SET_RE.fullmatch(unit.text)
        sign, core = (whole.group("sign"), whole.group("title")) if whole else ("", unit.text)
        if _may_be_title(i, core, units, vocabulary) and not repeats_title(unit, title):
            line = HeadingLine(index=i, rule="heading.title", label=None, title=core, number=None)
            by_sign.setdefault(sign, []).append(line)
    return list(by_sign.values())


def _far_apart(found: Sequence[HeadingLine], units: Sequence[Unit]) -> bool:
    """Whether three titles or more, the first above the text, part it into pieces as long as chapters."""
    if (
        len(found) < 3
        or found[0].index >= 3
        or sum(len((line.title or "").split()) > 1 for line in found) < 3
    ):
        return False
    offsets = [0, *accumulate(len(unit.text) for unit in units)]
    starts = [*(offsets[line.index] for line in found), offsets[-1]]
    lengths = sorted(b - a for a, b in pairwise(starts))
    return lengths[0] >= CHAPTER_LENGTH / 4 and lengths[len(lengths) // 2] >= CHAPTER_LENGTH


def repeats_title(unit: Unit, title: str | None) -> bool:
    """Whether a unit holds the work's title and nothing else, whatever ornaments stand around it."""
    if unit.rule is not None or not title or abs(len(unit.text) - len(title)) > 20:
        return False
    return normalise(undecorated(unit.text)) == normalise(undecorated(title))


def repeated_titles(units: Sequence[Unit], title: str | None, declared: int | None) -> list[HeadingLine]:
    """The work's title where it heads chapter after chapter: at least half of them, and no others."""
    found = [
        HeadingLine(index=i, rule="heading.title", label=None, title=unit.text, number=None)
        for i, unit in enumerate(units[:-1])
        if repeats_title(unit, title)
        and (i == 0 or units[i - 1].rule is not None or len(units[i - 1].text) >= 40)
    ]
    return (
        found
        if declared and declared > 1 and 0.5 * declared <= len(found) <= declared and len(found) > 1
        else []
    )


def _may_be_title(i: int, text: str, units: Sequence[Unit], vocabulary: Vocabulary) -> bool:
    """Whether a unit's text looks like a title: short, cased so, no end stop, and prose below it."""
    following = units[i + 1]
    if units[i].rule is not None or len(text) > TITLE_REACH or not 1 <= len(text.split()) <= 9:
        return False
    if text[-1] in ".,;:!\"”’'…—-)" or text[0] in "\"“‘'«—([*-–":
        return False
    if any(character.isdigit() for character in text) or not looks_like_title(text):
        return False
    bare = normalise(text.strip(" *_~-–—"))
    if bare in (*vocabulary.closings.the_end, *vocabulary.closings.continued):
        return False
    if any(word in bare for word in vocabulary.scene.pov):
        return False
    if i and units[i - 1].rule is None and units[i - 1].text[-1] in ",:;" and len(units[i - 1].text) < PROSE:
        return False  # a signature below "Yours,"
    return following.rule is not None or len(following.text) >= 40 or following.text[-1] in '.!?…"”'


def _spaced(units: Sequence[Unit]) -> frozenset[int]:
    """Units below more blank lines, or another kind of them, than is usual in the work."""
    usual = Counter((unit.blanks, unit.spacers) for unit in units[1:]).most_common(1)
    blanks, spacers = usual[0][0] if usual else (0, 0)
    return frozenset(
        i for i, unit in enumerate(units) if i and (unit.blanks > blanks or unit.spacers > spacers)
    )
