"""What a book's cover says, and the cover itself: a JPEG drawn from the metadata alone.

The route: this module (what is said) -> ``cover_font_files``, ``cover_fonts`` (which font has the letters) ->
``cover_lines`` (where lines break) -> ``cover_text``, ``cover_layout`` (where they stand) ->
``cover_patterns``, ``cover_scenes`` (the ornament) -> ``cover_paint`` (the picture). ``cover_design`` picks
palette, ornament and layout. Only this module is imported with the builder: Pillow is loaded when a cover
is drawn.

Size and encoding: 1600 × 2400, RGB, baseline JPEG of quality 85, as Kindle and Kobo want it (Amazon and
Kobo publishing guidelines, read 2026-08). The strip of pairing, ``34k words`` and status is what readers
of FanFicFare's covers asked for (fff-covers, read 2026-08).
"""

import unicodedata
from pathlib import Path

from fic2epub.model import Finding
from fic2epub.values import dataclass

__all__ = ["Cover", "CoverFace", "alt_text", "byline", "draw_cover", "facts", "length", "members_shown"]

_MEMBERS_SHOWN = 7
_NOT_XML = "\ufffe\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFace:
    """What a cover is drawn from. The same face, fonts and Pillow give the same bytes."""

    title: str
    """Empty for a cover without a title, as ``--discreet`` may ask for."""
    authors: tuple[str, ...] = ()
    pairing: str | None = None
    """The author's first relationship."""
    fandom: str | None = None
    words: int = 0
    """Counted, not declared; 0 is not shown."""
    status: str | None = None
    """As it is to stand there: ``Completed``, ``In progress``."""
    chapters: str | None = None
    """``6/?``."""
    language: str = "und"
    """BCP 47; chooses between the Chinese, Japanese and Korean forms of one character."""
    seed: str
    """The book's identifier: it picks palette, ornament and layout, so they stay when a work grows."""
    members: tuple[str, ...] = ()
    """An anthology's works, one line each, in order; empty for a single work."""
    discreet: bool = False
    """Leave out pairing, fandom and members, which are tags or may say as much."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A finished cover."""

    image: bytes
    """A JPEG."""
    alt: str
    """What it says, for ``<img alt>``: ``Cover: …``; whole, even where a font lacked the letters."""
    findings: tuple[Finding, ...] = ()
    """``cover.system-font``, ``cover.font-lacks``, ``cover.symbol-left-out``, ``cover.text-undrawn``,
    ``cover.text-cut``."""


def draw_cover(face: CoverFace, *, font_file: Path | None = None) -> Cover:
    """Draw the cover; ``font_file`` is the reader's own font, used wherever it has the letters.

    Raises UsageError if ``font_file`` cannot be read as a font.
    """
    from fic2epub.builder.cover_paint import paint

    image, findings = paint(face, font_file=font_file)
    return Cover(image, alt_text(face), findings)


def alt_text(face: CoverFace) -> str:
    """The words of a cover in one line, in reading order.

    >>> alt_text(CoverFace(title="North", authors=("Ada", "Bo"), pairing="A/B", words=34_100, seed=""))
    'Cover: North, by Ada and Bo. A/B. 34k words.'
    """
    name = _clean(face.title) or "untitled"
    if face.authors:
        name += f", by {byline(face.authors)}"
    parts = [name]
    if not face.discreet:
        parts += [_clean(text) for text in (face.pairing, face.fandom) if text]
        parts += [_clean(member) for member in members_shown(face)]
    parts += facts(face)
    return f"Cover: {'. '.join(parts)}."


def byline(authors: tuple[str, ...]) -> str:
    """Names as a book shows them; from five on, the first three and a count.

    >>> byline(("Ada",)), byline(("Ada", "Bo")), byline(("Ada", "Bo", "Cy"))
    ('Ada', 'Ada and Bo', 'Ada, Bo and Cy')
    >>> byline(("Ada", "Bo", "Cy", "Di", "Ed"))
    'Ada, Bo, Cy and 2 others'
    """
    names = [_clean(author) for author in authors]
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def facts(face: CoverFace) -> tuple[str, ...]:
    """What the strip at the foot says: how long and how far; empty if nothing is known.

    >>> facts(CoverFace(title="x", words=34_100, chapters="6/?", status="In progress", seed=""))
    ('34k words', '6/?', 'In progress')
    >>> facts(CoverFace(title="x", words=34_100, members=("A", "B"), seed=""))
    ('2 works', '34k words')
    """
    works = f"{len(face.members)} work{'s' if len(face.members) > 1 else ''}" if face.members else None
    words = length(face.words) if face.words > 0 else None
    return tuple(_clean(fact) for fact in (works, words, face.chapters, face.status) if fact)


def members_shown(face: CoverFace) -> tuple[str, ...]:
    """All works of a small anthology, else the first ones and how many more.

    >>> members_shown(CoverFace(title="x", members=tuple("abcdefghi"), seed=""))
    ('a', 'b', 'c', 'd', 'e', 'f', 'and 3 more')
    """
    if len(face.members) <= _MEMBERS_SHOWN:
        return face.members
    kept = face.members[: _MEMBERS_SHOWN - 1]
    return (*kept, f"and {len(face.members) - len(kept)} more")


def length(words: int) -> str:
    """A count of words as people say it; never more than a few characters.

    >>> [length(n) for n in (1, 870, 4_249, 9_960, 34_100, 999_600, 1_234_567)]
    ['1 word', '870 words', '4.2k words', '10k words', '34k words', '1M words', '1.2M words']
    """
    if words < 1000:
        return f"{words} word{'' if words == 1 else 's'}"
    unit, letter = (1_000_000, "M") if words >= 999_500 else (1000, "k")
    count = f"{words / unit:.1f}" if words < 9.95 * unit else f"{words / unit:.0f}"
    return f"{count.removesuffix('.0')}{letter} words"


def _clean(text: str) -> str:
    """One line of characters that may stand in XML."""
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        char for char in line if unicodedata.category(char) not in {"Cc", "Cs"} and char not in _NOT_XML
    )
