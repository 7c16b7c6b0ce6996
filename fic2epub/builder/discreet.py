"""``--discreet``: what others could read over a shoulder, kept off cover, file name and first page.

What goes: rating, warnings, categories, fandoms, relationships, characters, tags, every header key that the
program does not know, a series with an explicit name, and an explicit title, which gives way to ``Work
1234567`` or to its initials. They go from the package's metadata too, since e-readers show title and
subjects wherever they list a book. A title counts as explicit by its words alone: a rating says nothing of
the title, and a shelf of numbers helps nobody. ``--title`` names a book whose title is missed here.

What stays: author, language, dates, status, length, the summary and the notes, which are the author's
words, and all of the story. Nothing is lost: the afterword, at the far end of the book, lists what the
preface leaves out, and the record keeps it for the library, where only its owner looks.
"""

import re
from dataclasses import replace
from functools import cache

from fic2epub.builder.options import PublishOptions
from fic2epub.model import Metadata
from fic2epub.patterns import late

__all__ = ["discreet_metadata", "discreet_title", "is_explicit", "shown_metadata"]

UNTITLED = "Untitled"
MOST_INITIALS = 8

_EXPLICIT = {
    "en": """
        *fuck* cock cocks cunt cunts dicks dickpic* dildo* cumming cumshot* creampie* blowjob*
        handjob* rimjob* deepthroat* porn* smut* sex sexy sexual* sexting slut sluts slutty whore*
        whoring orgasm* orgy orgies threesome* foursome* gangbang* bdsm bondage kink* fetish* spank*
        masturbat* horny nude nudes naked nipple* tits titties boob boobs pussy pussies ass asses
        asshole* arse arses arsehole* anal erotic* nsfw pwp r18 xxx rape* rapist* noncon dubcon
        incest* knotting omegaverse dominatrix stripper* striptease hentai lube condom* viagra
        gloryhole* voyeur* squirting a/b/o non-con dub-con r-18
        """,
    "de": "*fick* schwanz schwänze fotze* muschi titten geil* porno* hure* nackt* *sex* orgasm*",
    "es": "polla pollas coño follar* follando puta* tetas porno* sexo sexual* desnud* orgasmo*",
    "fr": "bite bites chatte baise baisé* baiser pute* putain* porno* sexe* sexuel* nu nue nus nues orgasme*",
    "it": "cazzo figa scopare scopami troia porno* sesso sessual* nudo nuda nudi nude orgasmo*",
    "pt": "foder* fodendo caralho buceta puta* porno* pornô* sexo sexual* nua nuas orgasmo*",
    "ru": "секс* порно* хуй* пизд* еба* трах* голый голая голые оргазм*",
}
"""Whole words, ``*`` for any letters. English ones count in a title of any language, the others in their
own: a bite is no swear word in English, and Troia is Troy."""
_EXPLICIT_ANYWHERE = ("肉文", "高H", "色情", "做爱", "性爱", "淫", "エロ", "セックス", "18禁", "R18", "18+")
"""Of scripts without spaces, and the signs that Japanese and Chinese authors rate with."""

_WORD_RE = re.compile(r"[^\W_]+")
_TOKEN_RE = late(r"[^\W_]+(?:[/-][^\W_]+)*")


def is_explicit(title: str, language: str = "en") -> bool:
    """Whether a title has a word that one would not have read over one's shoulder.

    >>> is_explicit("Porn Without Plot"), is_explicit("The Cocktail Hour"), is_explicit("Dick in Essex")
    (True, False, False)
    """
    if any(sign in title for sign in _EXPLICIT_ANYWHERE):
        return True
    tokens = [token.casefold() for token in _TOKEN_RE.findall(title)]
    words = [*tokens, *(part for token in tokens for part in re.split("[/-]", token))]
    patterns = (_words("en"), _words(language.casefold().partition("-")[0]))
    return any(pattern.fullmatch(word) for pattern in patterns if pattern for word in words)


@cache
def _words(language: str) -> re.Pattern[str] | None:
    if language not in _EXPLICIT:
        return None
    parts = (re.escape(word).replace(r"\*", r"\w*") for word in _EXPLICIT[language].split())
    return re.compile("|".join(parts))


def discreet_title(metadata: Metadata) -> str:
    """The title if it may be seen, else ``Work 1234567``, its initials without a work id, or ``Untitled``.

    >>> discreet_title(Metadata(title="All the Fucking Lamps"))
    'A. T. F. L.'
    >>> discreet_title(Metadata(title="All the Fucking Lamps", work_id="42"))
    'Work 42'
    """
    if not is_explicit(metadata.title, metadata.language):
        return metadata.title
    number = metadata.work_id
    if number and number.isascii() and number.isdigit():
        return f"Work {number}"
    initials = [word[0].upper() for word in _WORD_RE.findall(metadata.title)][:MOST_INITIALS]
    return " ".join(f"{letter}." for letter in initials) if len(initials) > 1 else UNTITLED


def shown_metadata(metadata: Metadata, options: PublishOptions) -> Metadata:
    """The metadata as the reader's options let cover, first page and package show it."""
    return discreet_metadata(metadata) if options.discreet else metadata


def discreet_metadata(metadata: Metadata) -> Metadata:
    """The metadata as cover, file name, first page and package may show it; the same work otherwise."""
    return replace(
        metadata,
        title=discreet_title(metadata),
        rating=None,
        warnings=(),
        categories=(),
        fandoms=(),
        relationships=(),
        characters=(),
        tags=(),
        series=tuple(one for one in metadata.series if not is_explicit(one.title, metadata.language)),
        header=(),
        unknown=(),
    )
