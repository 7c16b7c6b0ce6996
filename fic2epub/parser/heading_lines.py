"""Step 4b of the route, its first half: one line read as a heading by itself.

[certain] heading.numbered  ``Chapter 3``, ``CHAPTER THREE: Home``, ``3. Kapitel``, ``第三章``: a chapter
                            word and a number, whatever ornaments stand around them
[certain] heading.named     ``Prologue``, ``Epilogue: Home``, ``Interlude II``, alone on its line
[certain] heading.part      ``Part Two``, ``Book I: Fog``
[likely]  heading.number    ``3.``, ``III``, ``Three``, ``3 - Home``: a heading only in a run

What stands behind a label must be a title: behind a colon, a dash or a bracket a line of up to fourteen
words, behind a blank or a comma one that is cased like a title. So a sentence that merely begins with
"Chapter" is no heading (``Chapter 3 was the worst of them.``), nor is anything in quotation marks.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from fic2epub.parser.numerals import read_number
from fic2epub.parser.vocabulary import Vocabulary, normalise
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["LONGEST", "SMALL_WORDS", "HeadingLine", "looks_like_title", "read_heading", "undecorated"]

LONGEST = 90
"""Characters; the longest chapter titles on AO3 that are shown as headings stay below."""
TITLE_WORDS = 14
"""Words of a title behind a colon or a dash."""
BARE_TITLE_WORDS = 10
"""Words of a title that nothing but a blank parts from its label."""
OPENING_QUOTES = "\"“„‘'«‹「『"
_INTERNATIONAL = """
chapter kapitel capítulo capitulo capítol chapitre capitolo capitolul capitol глава розділ раздзел
поглавље hoofdstuk rozdział rozdzial kapitola kapittel kapitlet luku fejezet bölüm bolum poglavlje
poglavje peatükk nodaļa skyrius bab kabanata chương κεφάλαιο
"""
INTERNATIONAL = frozenset(_INTERNATIONAL.split())
"""Chapter words that count in a text of any language: the header may name none, or the wrong one."""

CJK_RE = re.compile(
    r"""
      (?:第\s*(?P<figure>[0-9０-９]{1,4}|[〇零一二三四五六七八九十百两兩]{1,6})\s*(?P<sign>[章回节節话話幕集卷巻部折篇編更])
       |제\s*(?P<korean>[0-9]{1,4})\s*(?:장|화|부))
      (?P<rest>.{0,42})
    """,
    re.VERBOSE,
)
CJK_PARTS = "卷巻部集"
_SMALL_WORDS = """
a an the and or but nor of in on at to for from by with as is it into upon over my his her your our their
its de la le les el los las un une der die das du des et y e i o von zu il lo gli da do dos das и в на с о не
"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())
"""Words that a title may have in small letters."""
STOPPED_RE = re.compile(r"[^.]\.[\"”’')]?$|[,;:]$")
TWO_SENTENCES_RE = late(r"[.!?…][\"”’]?\s+\S.*[.!?…][\"”’]?$")
TOTAL_RE = late(
    r"\s*[(\[]?\s*(?:/|of\b|out of\b|von\b|de\b|sur\b|di\b|из\b)\s*[0-9]{1,4}\s*[)\]]?", re.IGNORECASE
)
"""``/5``, ``of 5``, ``(von 5)`` behind a chapter's number: part of the label."""
IN_WHICH_RE = late(r"(?:in|on|by) which\b|wherein\b|where\b|containing\b|of\b", re.IGNORECASE)
ARTICLE_RE = re.compile(r"(?:the|das|der|die|la|le|el|il|o|a)\s+", re.IGNORECASE)
ORDINAL_RE = re.compile(
    r"""
    (?P<figure>[0-9]{1,3}|[IVXL]{1,6})
    (?:st|nd|rd|th|[.º°ª]|er|re|ère|ème|e|o|a|-?[яйае]|-?ая|-?ый)\.?      # 3rd, 3., 3er, 3ème, 3-я
    \s+
    """,
    re.VERBOSE | re.IGNORECASE,
)
GAP_RE = late(r"(?P<wide>[.:]?\s*[-–—:#№]\s*|\.?\s+|\.)|")
NUMBER_WORD_RE = late(r"(?:no|nr|n[°º]|number|numero|número|num)\.?\s*(?=[0-9])", re.IGNORECASE)
COUNTED_RE = late(r"\s+(?:[0-9]{1,2}|[IVX]{1,4}|[Oo]ne|[Tt]wo|[Tt]hree)(?!\w)")
NUMBERED_TITLE_RE = re.compile(
    r"(?P<figure>[0-9０-９]{1,3}|[IVXLC]+|[^\W\d_]+)(?P<sign>\s*[.):：\-–—|~]+\s*)(?P<title>\S.*)"
)
LETTERS_AROUND_RE = re.compile(r"([oOxX0]{2,7}|-[ox]-)\s+(?P<core>.+?)\s+\1")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingLine:
    """A unit that may open a chapter."""

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
def _patterns(vocabulary: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The word at the head of ``Chapter …`` and of ``Prologue …``, for one vocabulary."""
    words = _alternation(vocabulary.headings.chapter | vocabulary.headings.part | INTERNATIONAL)
    keyword = re.compile(rf"(?P<word>{words})(?![^\W\d_])", re.IGNORECASE)
    names = _alternation(vocabulary.headings.named)
    named = re.compile(rf"(?:the\s+)?(?P<word>{names})(?![\w’'])", re.IGNORECASE)
    return keyword, named


def undecorated(text: str) -> str:
    """A line without the ornaments around it; quotation marks, end stops and closed brackets stay.

    >>> undecorated("~*~ Chapter 3 ~*~"), undecorated("## [Chapter 3: Home (again)]")
    ('Chapter 3', 'Chapter 3: Home (again)')
    """
    around = LETTERS_AROUND_RE.fullmatch(text)
    if around:
        text = around.group("core")
    start, end = 0, len(text)
    while start < end and not text[start].isalnum() and text[start] not in OPENING_QUOTES:
        start += 1
    while end > start and not text[end - 1].isalnum() and text[end - 1] not in "\"”’'».:!?…)]）%$€£":
        end -= 1
    core = text[start:end]
    for opening, closing in ("()", "[]", "（）"):
        if core.endswith(closing) and core.count(closing) > core.count(opening) and opening in text[:start]:
            core = core[:-1].rstrip()
    return core


def read_heading(text: str, vocabulary: Vocabulary, *, index: int = 0) -> HeadingLine | None:
    """Read one line as a heading by itself; None if no exact form fits (a bare title never does)."""
    if len(text) > LONGEST or text[:1] in OPENING_QUOTES or "\n" in text:
        return None
    if text[0] in "—–" and text[-1] not in "—–":
        return None  # speech in Spanish, French and Russian
    bare = undecorated(text)
    if not bare or bare[0] in OPENING_QUOTES:
        return None
    return (
        _cjk_line(bare, vocabulary, index)
        or _keyword_line(bare, vocabulary, index)
        or _ordinal_line(bare, vocabulary, index)
        or _named_line(bare, vocabulary, index)
        or _number_line(bare, vocabulary, index)
    )


def _cjk_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """``第三章 Title``; ``第一回见面时，`` is a sentence: no blank or sign parts it, and it has a comma."""
    match = CJK_RE.fullmatch(bare)
    if not match:
        return None
    rest = match.group("rest")
    title = rest.strip(" :：、.．・-–—\u3000")
    goes_on = rest[:1].isalnum() and (len(title) > 12 or re.search("[，。、,]", title))
    if goes_on or title.endswith(("。", "，", "」", "”")):
        return None
    part = match.group("sign") is not None and match.group("sign") in CJK_PARTS
    return HeadingLine(
        index=index,
        rule="heading.part" if part else "heading.numbered",
        label=bare[: match.start("rest")].strip(),
        title=title or None,
        number=read_number(match.group("figure") or match.group("korean"), vocabulary),
        level=0 if part else 1,
    )


def _numbers_at(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """The numbers that a text may begin with, the longest first: value and where it ends."""
    digits = re.match(r"[0-9０-９]{1,4}", text)
    if digits:
        yield int(digits.group()), digits.end()
        return
    ends = [match.end() for match in re.finditer(r"[^\W\d_]+", text[:48])][:5]
    for end in reversed(ends):
        value = read_number(text[:end], vocabulary)
        if value is not None:
            yield value, end


def _keyword_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """``Chapter NUMBER title``: letters need a gap before the number, digits none (``Chapter3``)."""
    match = _patterns(vocabulary)[0].match(bare)
    if not match:
        return None
    at = match.end()
    gap = GAP_RE.match(bare, at)
    at = gap.end() if gap else at
    counted = NUMBER_WORD_RE.match(bare, at)
    at = counted.end() if counted else at
    the = re.match(r"the\s+", bare[at:], re.IGNORECASE)
    at += the.end() if the else 0
    if gap and not gap.group() and not bare[at : at + 1].isdigit():
        return None
    for number, length in _numbers_at(bare[at:], vocabulary):
        found = _labelled(bare, at + length, number, match.group("word"), vocabulary, index)
        if found:
            return found
    return None


def _ordinal_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """``3rd Chapter``, ``3. Kapitel``, ``The Second Part: Fog``: an ordinal before the word."""
    article = ARTICLE_RE.match(bare)
    start = article.end() if article else 0
    match = ORDINAL_RE.match(bare, start)
    number: int | None = None
    if match:
        number, at = read_number(match.group("figure"), vocabulary), match.end()
    else:
        first = re.match(r"([^\W\d_]+(?:-[^\W\d_]+)?)\s+", bare[start:])
        if first and vocabulary.headings.ordinals.get(normalise(first.group(1)).split("-")[-1]) is not None:
            number, at = read_number(first.group(1), vocabulary), start + first.end()
    if number is None:
        return None
    word = _patterns(vocabulary)[0].match(bare, at)
    return _labelled(bare, word.end(), number, word.group("word"), vocabulary, index) if word else None


def _labelled(
    bare: str, end: int, number: int, word: str, vocabulary: Vocabulary, index: int
) -> HeadingLine | None:
    """A heading whose label ends at ``end``, if what follows may be a title.

    ``Chapter 3.5`` and ``Chapter 3b`` have no number of their own.
    """
    between = re.match(r"[.,][0-9]{1,2}(?![0-9])|[a-e](?!\w)|\s?\([a-e]\)", bare[end:])
    end += between.end() if between else 0
    total = TOTAL_RE.match(bare, end)
    end = total.end() if total else end
    rest = bare[end:]
    if rest[:1].isalnum() or rest[:1] in ("’", "'"):
        return None
    title = _title_after(rest)
    if title is None:
        return None
    part = normalise(word) in vocabulary.headings.part
    return HeadingLine(
        index=index,
        rule="heading.part" if part else "heading.numbered",
        label=bare[:end].strip(" .:"),
        title=title or None,
        number=None if between else number,
        level=0 if part else 1,
    )


def _title_after(rest: str, *, spaced: bool = True) -> str | None:
    """The title behind a label, ``""`` for none, None if a sentence goes on there.

    With ``spaced`` False a blank alone parts no title from its label (``Introduction to Magic``).
    """
    title = rest.strip(" .:：-–—)~*_|/•·>=…!\t\N{NO-BREAK SPACE}")
    if not title:
        return ""
    sign = rest.strip()[0]
    if len(title.split()) > TITLE_WORDS or TWO_SENTENCES_RE.search(rest):
        return None
    stopped = bool(STOPPED_RE.search(rest.rstrip(" *_~")))
    cased = looks_like_title(title)
    last = rest.rstrip()[-1]
    if sign in ":：|~/•·>=*_":
        return title
    if sign in "([（":
        return title.strip("()[]（） ") if last in ")]）" else None
    if sign in OPENING_QUOTES:
        return title if last in "\"”’'»›」』" and rest.rstrip()[-2] not in ",?" else None
    if sign in "-–—":
        fits = cased or not stopped
    elif sign in ".)":
        fits = cased or (not stopped and title[0].isupper())
    elif sign == ",":
        title = title.strip(", ")
        fits = bool(IN_WHICH_RE.match(title)) or (cased and not stopped)
    else:
        fits = spaced and sign.isalnum() and not stopped and len(title.split()) <= BARE_TITLE_WORDS and cased
    return title if fits else None


def _named_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """``Prologue``, ``Epilogue: Home``, ``Interlude 2 - Fog``; the number counts interludes, not chapters."""
    match = _patterns(vocabulary)[1].match(bare)
    if not match:
        return None
    end = match.end()
    counted = COUNTED_RE.match(bare, end)
    end = counted.end() if counted else end
    title = _title_after(bare[end:], spaced=False)
    if title is None:
        return None
    return HeadingLine(index=index, rule="heading.named", label=bare[:end], title=title or None, number=None)


def _number_line(bare: str, vocabulary: Vocabulary, index: int) -> HeadingLine | None:
    """A number alone or before a title: ``3.``, ``III``, ``3 - Home``; not ``4:37`` or ``100 %``."""
    figure = bare.rstrip(".):")
    number = read_number(figure, vocabulary)
    if number is not None:
        lone = len(figure) == 1 and figure.islower()
        return None if lone or not 0 < number < 400 else _bare_number(index, bare, None, number)
    match = NUMBERED_TITLE_RE.match(bare)
    if not match or len(bare.split()) > 12:
        return None
    number = read_number(match.group("figure"), vocabulary)
    title = match.group("title").strip(" -–—:.|~*_") if not STOPPED_RE.search(match.group("title")) else ""
    if not number or not title or not match.group("sign").strip() or not title[0].isalpha():
        return None
    if match.group("sign").strip() in "-–—" and not match.group("sign").startswith(
        (" ", "\N{NO-BREAK SPACE}")
    ):
        return None  # One-Eyed Jack
    return _bare_number(index, match.group("figure"), title, number) if looks_like_title(title) else None


def _bare_number(index: int, label: str, title: str | None, number: int) -> HeadingLine:
    return HeadingLine(index=index, rule="heading.number", label=label, title=title, number=number)


def looks_like_title(text: str) -> bool:
    """Whether a line is cased like a title: every word that carries weight begins with a capital."""
    words = [word.strip("\"“”‘’'()*_,!?…-–—.:;[]") for word in text.split()]
    words = [word for word in words if word and word[0].isalpha()]
    if not words:
        return False
    if not any(word[0].isupper() or word[0].islower() for word in words):
        return True
    heavy = [word for word in words if word.lower() not in SMALL_WORDS] or words
    return sum(word[0].isupper() for word in heavy) >= 0.8 * len(heavy) and words[0][0].isupper()
