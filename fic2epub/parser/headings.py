"""Step 4b of the route: which lines open a chapter.

[certain] heading.numbered  ``Chapter 3``, ``CHAPTER THREE: Home``, ``3. Kapitel``, ``第三章``: a chapter
                            word and a number
[certain] heading.named     ``Prologue``, ``Epilogue: Home``, alone on its line
[certain] heading.part      ``Part Two`` above chapters
[likely]  heading.number    a bare ``3.``, ``III`` or ``Three``, in a run that counts up
[likely]  heading.title     a bare title, in a run as long as the declared count

A line is first read by itself (``read_heading``), then the lines of a work are looked at together
(``find_headings``): numbers must count up, and a number that is missing says how many joins to look
for between its neighbours (the search for missing numbers of Pethe, Kim and Skiena, EMNLP 2020).

It must not touch a sentence that merely begins with "Chapter" (it ends in a full stop or runs on in
lower case), anything in quotation marks, section numbers inside a one-shot, nor a title that comes
twice (a date or viewpoint line).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import Vocabulary, normalise, number_in_words

__all__ = ["HeadingLine", "find_headings", "read_heading"]

LONGEST = 90
"""Characters; the longest chapter titles on AO3 that are shown as headings stay below."""
DECORATION = " \t\N{NO-BREAK SPACE}*~_=#-–—•·[](){}<>|\"“”«»「」『』【】"
ROMAN_RE = re.compile(r"(?=[IVXLC])(?:C{0,1})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
DIGITS_RE = re.compile(r"[0-9０-９]{1,3}")
CJK_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CJK_RE = re.compile(r"第\s*([0-9０-９]{1,4}|[〇零一二两三四五六七八九十百]{1,6})\s*([章回节節話话幕集卷部折])[\s:：、.．・-]*(.{0,40})")
SMALL_WORDS = frozenset(
    "a an the and or but nor of in on at to for from by with as is it into upon over my his her your our their its "
    "de la le les el los las un une der die das du des et y e i o von zu il lo gli da do dos das".split()
)
SENTENCE_END_RE = re.compile(r"[^.]\.[\"”’]?$|[,;:]$")
SEPARATOR_RE = re.compile(r"\s*[:：.．\-–—|~,)/]+\s*|\s+(?=[\"“‘«(])")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingLine:
    """A unit that may open a chapter, read by itself."""

    index: int
    """Of the unit."""
    rule: str
    label: str | None
    """``Chapter 3``, ``III.``, as written."""
    title: str | None
    number: int | None
    level: int = 1
    """0 for a part, 1 for a chapter, 2 for a section inside a chapter."""
    last: int | None = None
    """Index of the unit that holds the title, if that is the next one."""


def _alternation(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) or r"(?!)"


@lru_cache(maxsize=64)
def _patterns(vocabulary: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """``Chapter NUMBER rest``, ``NUMBER Chapter rest`` and ``Named rest``, for one vocabulary."""
    words = _alternation(vocabulary.headings.chapter | vocabulary.headings.part)
    known = {**vocabulary.headings.cardinals, **vocabulary.headings.ordinals}
    tens = _alternation([word for word, value in known.items() if value in (20, 30, 40, 50, 60, 70, 80, 90)])
    number = rf"(?:[0-9]{{1,3}}|[IVXLCivxlc]{{1,7}}|(?:(?:{tens})[-\s](?:y\s|et\s)?)?(?:{_alternation(known)}))"
    forward = re.compile(rf"(?P<word>{words})\.?\s*[#№:.\-–—]?\s*(?P<number>{number})(?P<rest>(?![\w’']).*)?", re.I)
    backward = re.compile(
        rf"(?:the\s+|das\s+|la\s+|le\s+|il\s+)?(?P<number>{number})(?:st|nd|rd|th|º|ª|\.|er|re|e|ème|-?я|-?й)?\s+(?P<word>{words})(?P<rest>(?![\w’']).*)?",
        re.I,
    )
    named = re.compile(rf"(?:the\s+)?(?P<word>{_alternation(vocabulary.headings.named)})(?P<rest>(?![\w’']).*)?", re.I)
    return forward, backward, named


def read_number(text: str, vocabulary: Vocabulary) -> int | None:
    """The value of a number in digits, words, Roman or Chinese figures; None if it is none."""
    if DIGITS_RE.fullmatch(text):
        return int(text)
    if text.upper() == text or text.lower() == text:
        roman = text.upper()
        if ROMAN_RE.fullmatch(roman):
            return _roman(roman)
    return number_in_words(normalise(text).replace("\N{NON-BREAKING HYPHEN}", "-"), vocabulary) or _chinese(text)


def _roman(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = best = 0
    for character in reversed(text):
        value = values[character]
        total += value if value >= best else -value
        best = max(best, value)
    return total


def _chinese(text: str) -> int | None:
    """Figures like 二十三, in a text of any language: a heading may be the only Chinese in it."""
    if not text or not all(character in CJK_DIGITS or character in "十百" for character in text):
        return None
    total = figure = 0
    for character in text:
        if character == "百":
            total, figure = total + (figure or 1) * 100, 0
        elif character == "十":
            total, figure = total + (figure or 1) * 10, 0
        else:
            figure = CJK_DIGITS[character]
    return total + figure


def read_heading(text: str, vocabulary: Vocabulary, *, index: int = 0) -> HeadingLine | None:
    """Read one line as a heading by itself; None if no exact form fits (a bare title never does)."""
    if len(text) > LONGEST or "\n" in text:
        return None
    bare = text.strip(DECORATION)
    if not bare:
        return None
    match = CJK_RE.fullmatch(bare)
    if match:
        number = read_number(match.group(1), vocabulary)
        if not match.group(3).endswith(("。", "，", "」")):
            level = 0 if match.group(2) in "卷部" else 1
            label = bare[: match.start(3)].strip(" :：、.．・-\u3000") if match.group(3) else bare
            return HeadingLine(
                index=index,
                rule="heading.numbered" if level else "heading.part",
                label=label,
                title=match.group(3).strip() or None,
                number=number,
                level=level,
            )
    if text[0] in "\"“‘'«—" and text[-1] not in "\"”’'»—":
        return None
    for pattern in _patterns(vocabulary)[:2]:
        match = pattern.fullmatch(bare)
        if match and (found := _keyword(match, bare, vocabulary, index)):
            return found
    match = _patterns(vocabulary)[2].fullmatch(bare)
    if match and (match.group("rest") is None or _title_after(match.group("rest"), spaced=False) is not False):
        title = _title_after(match.group("rest") or "", spaced=False)
        return HeadingLine(
            index=index,
            rule="heading.named",
            label=bare[: match.end("word")],
            title=title or None,
            number=None,
        )
    return _number_line(bare, vocabulary, index)


def _keyword(match: re.Match[str], bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """A heading of a chapter word and a number, if what follows may be a title."""
    number = read_number(match.group("number"), vocabulary)
    if number is None:
        return None
    rest = match.group("rest") or ""
    title = _title_after(rest, spaced=True)
    if title is False:
        return None
    part = match.group("word").lower() in vocabulary.headings.part
    return HeadingLine(
        index=index,
        rule="heading.part" if part else "heading.numbered",
        label=bare[: len(bare) - len(rest)].strip(" .:") if rest else bare,
        title=title or None,
        number=number,
        level=0 if part else 1,
    )


def _title_after(rest: str, *, spaced: bool) -> str | bool:
    """The title behind a label, ``""`` for none, or False if a sentence goes on there."""
    stripped = rest.strip()
    if not stripped.strip(".:：-–—)~*_ "):
        return ""
    separator = SEPARATOR_RE.match(rest)
    if separator:
        title = rest[separator.end() :].strip(" *_~")
        # "Chapter 3: he goes home." may be a title with a full stop; two sentences are none.
        return title if len(title.split()) <= 14 and not re.search(r"[.!?]\s+\w.*[.]$", title) else False
    title = stripped
    if not spaced or SENTENCE_END_RE.search(title) or len(title.split()) > 10:
        return False
    return title if looks_like_title(title) else False


def _number_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """A number alone, or before a title: ``3.``, ``III``, ``3 - Home``."""
    head, _, tail = bare.partition(" ")
    if not tail:
        number = read_number(bare.rstrip(".):"), vocabulary)
        if number is None or (len(bare) == 1 and bare.islower()):
            return None
        return HeadingLine(index=index, rule="heading.number", label=bare, title=None, number=number)
    figure = head.rstrip(".):：-–—")
    number = read_number(figure, vocabulary) if figure.isdigit() or figure.isupper() else None
    if number is None or (figure == head and tail[:1] not in "-–—:.|~") or len(bare.split()) > 12:
        return None
    title = tail.strip(" -–—:.|~*_")
    if not title or SENTENCE_END_RE.search(title) or not looks_like_title(title):
        return None
    return HeadingLine(index=index, rule="heading.number", label=head, title=title, number=number)


def looks_like_title(text: str) -> bool:
    """Whether a line is cased like a title: every word that carries weight begins with a capital."""
    words = [word.strip("\"“”‘’'()*_,!?…-–—.:") for word in text.split()]
    words = [word for word in words if word and word[0].isalpha()]
    if not words:
        return False
    if not any(word[0].isupper() or word[0].islower() for word in words):
        return True
    heavy = [word for word in words if word.lower() not in SMALL_WORDS] or words
    return sum(word[0].isupper() for word in heavy) >= 0.8 * len(heavy) and words[0][0].isupper()


def find_headings(
    units: Sequence[Unit], vocabulary: Vocabulary, *, declared: int | None = None
) -> tuple[HeadingLine, ...]:
    """The headings of a work, in order.

    Args:
        units: the work's units, in order.
        vocabulary: of the work's language.
        declared: how many chapters the dump says it holds. With 1, a heading is a section (level 2)
            inside the one chapter.
    """
    read = [read_heading(unit.text, vocabulary, index=i) if unit.rule is None and len(unit.text) <= LONGEST else None for i, unit in enumerate(units)]
    lines = [line for line in read if line is not None]
    keyword = _counting_run([line for line in lines if line.rule == "heading.numbered"])
    parts = [line for line in lines if line.rule == "heading.part"]
    labels = {*vocabulary.labels.note, *vocabulary.labels.note_marked, *vocabulary.labels.summary}
    named = [line for line in lines if line.rule == "heading.named" and normalise(line.label or "") not in labels]
    numbers = _counting_run([line for line in lines if line.rule == "heading.number"])
    chosen: list[HeadingLine]
    if keyword:
        # Inside chapters that have headings a bare number is a section.
        chosen = [*keyword, *named, *[replace(line, level=2) for line in numbers if len(numbers) > 1]]
        if declared is not None and len(keyword) < declared <= len(keyword) + len(numbers) and len(numbers) > 1:
            chosen = _merge_runs(keyword, numbers, named)
        chosen += parts
    elif len(parts) >= 2 and (declared is None or len(parts) <= declared + 1) and not _good_numbers(numbers, declared):
        # Wattpad and mailing lists say "Part 3" for a chapter.
        chosen = [replace(line, level=1, rule="heading.numbered") for line in _counting_run(parts)] + named
    elif _good_numbers(numbers, declared):
        chosen = [*numbers, *named, *parts]
    else:
        titles = _bare_titles(units, read, vocabulary, declared)
        chosen = [*titles, *named]
    chosen.sort(key=lambda line: line.index)
    chosen = [_with_title_below(line, units, vocabulary) for line in chosen]
    if declared == 1:
        chosen = [replace(line, level=2) for line in chosen]
    return tuple(chosen)


def _good_numbers(numbers: Sequence[HeadingLine], declared: int | None) -> bool:
    """Whether bare numbers are chapters and not the sections of a chapter: they agree with the count."""
    if len(numbers) < 2 or declared == 1:
        return False
    highest = max(line.number or 0 for line in numbers)
    if declared is None:
        return len(numbers) >= 3
    return highest <= declared + 1 and len(numbers) >= 0.5 * (declared - 1)


def _merge_runs(
    keyword: Sequence[HeadingLine], numbers: Sequence[HeadingLine], named: Sequence[HeadingLine]
) -> list[HeadingLine]:
    """Headings with and without the chapter word, where together they count up."""
    together = _counting_run(sorted([*keyword, *numbers], key=lambda line: line.index))
    kept = {line.index for line in together}
    return [*together, *named, *[line for line in keyword if line.index not in kept]]


def _counting_run(lines: Sequence[HeadingLine]) -> list[HeadingLine]:
    """The longest run of lines whose numbers count up; a fresh 1 may begin again (a new part).

    Steps over a missing number are allowed; of two runs of one length the one with fewer gaps wins.
    """
    if not lines:
        return []
    best: list[tuple[float, int | None]] = []
    for i, line in enumerate(lines):
        number = line.number or 0
        value, parent = 1.0 - 0.01 * max(0, number - 1), None
        for j in range(max(0, i - 60), i):
            step = number - (lines[j].number or 0)
            if step >= 1:
                score = best[j][0] + 1.0 - 0.02 * (step - 1)
            elif number == 1 and (lines[j].number or 0) >= 3:
                score = best[j][0] + 0.9
            else:
                continue
            if score > value:
                value, parent = score, j
        best.append((value, parent))
    at: int | None = max(range(len(lines)), key=lambda i: best[i][0])
    run = []
    while at is not None:
        run.append(lines[at])
        at = best[at][1]
    return run[::-1]


def _with_title_below(line: HeadingLine, units: Sequence[Unit], vocabulary: Vocabulary) -> HeadingLine:
    """``Chapter 3`` over its title: the next unit belongs to the heading if it is cased like a title."""
    following = line.index + 1
    if line.title or line.rule == "heading.title" or line.level == 2 or following >= len(units) - 1:
        return line
    unit = units[following]
    if (
        unit.rule is None
        and len(unit.text.split()) <= 9
        and unit.text[-1] not in ".,;:\"”’…—-"
        and unit.text[0] not in "\"“‘'«—(["
        and read_heading(unit.text, vocabulary) is None
        and looks_like_title(unit.text)
        and len(units[following + 1].text.split()) > 9
        and not any(character.isdigit() for character in unit.text)
    ):
        return replace(line, last=following, title=unit.text)
    return line


def _bare_titles(
    units: Sequence[Unit], read: Sequence[HeadingLine | None], vocabulary: Vocabulary, declared: int | None
) -> list[HeadingLine]:
    """Bare titles that come as often as chapters are declared; without a count there are none.

    A title stands between two longer paragraphs or scene breaks, has no end stop, is cased like one,
    and comes once only: a line that comes again is a date, a place or a viewpoint.
    """
    if declared is None or declared < 3:
        return []
    times = Counter(unit.text.casefold() for unit in units)
    end_lines = {*vocabulary.closings.the_end, *vocabulary.closings.continued}
    found = []
    for i, unit in enumerate(units[:-1]):
        text = unit.text
        if unit.rule is not None or read[i] is not None or len(text) > 60 or times[text.casefold()] > 1:
            continue
        if not 1 <= len(text.split()) <= 9 or text[-1] in ".,;:!\"”’'…—-)" or text[0] in "\"“‘'«—([*-–":
            continue
        if any(character.isdigit() for character in text) or not looks_like_title(text):
            continue
        if text.strip(DECORATION).casefold() in end_lines or any(word in text.lower() for word in vocabulary.scene.pov):
            continue
        if len(units[i + 1].text) < 40 and units[i + 1].rule is None:
            continue
        found.append(HeadingLine(index=i, rule="heading.title", label=None, title=text, number=None))
    if not 0.7 * declared <= len(found) <= 1.15 * declared + 1:
        return []
    return found
