"""How names and titles are sorted: what a library files a book under.

Fan authors go by pseudonyms, and a pseudonym is one name: ``Willow of the Marsh`` is no Marsh. Without a
word from the book, calibre makes ``Marsh, Willow of the`` of it (calibre 6.13, ``author_to_author_sort``).
So a name is filed as it is, but for signs before its first letter and the account that AO3 names behind a
pseud: ``_wren_ (wrenfield)``. AO3 files it so too (otwarchive, ``Work#authors_to_sort_on``, at f4508f15,
autumn 2026). A title's article goes behind it, as AO3 and calibre do.
"""

import re

__all__ = ["name_sort", "title_sort"]

_ARTICLES = {
    "de": "der die das ein eine",
    "en": "the a an",
    "es": "el la los las un una unos unas",
    "fr": "le la les un une",
    "it": "il lo la i gli le un uno una",
    "nl": "de het een",
    "pt": "o a os as um uma",
}
_ELIDED = {"fr": ("l’", "l'"), "it": ("l’", "l'", "un’", "un'")}
_ACCOUNT_RE = re.compile(r"(?P<pseud>.*\S)\s+\([^()\s]+\)")
_SIGNS_RE = re.compile(r"[\W_]+")


def name_sort(name: str) -> str:
    """What an author is filed under.

    >>> name_sort("_wren_ (wrenfield)"), name_sort("Willow of the Marsh"), name_sort("~*~")
    ('wren_', 'Willow of the Marsh', '~*~')
    """
    match = _ACCOUNT_RE.fullmatch(name)
    pseud = match["pseud"] if match else name
    return _bare(pseud) or name


def title_sort(title: str, language: str) -> str:
    """What a title is filed under; an article that is not of the work's language is none.

    >>> title_sort("The Lamp Room", "en"), title_sort("A", "en"), title_sort("L’Hiver", "fr")
    ('Lamp Room, The', 'A', 'Hiver, L’')
    """
    primary = language.casefold().split("-")[0]
    bare = _bare(title) or title
    for elided in _ELIDED.get(primary, ()):
        if bare.casefold().startswith(elided) and len(bare) > len(elided):
            return f"{bare[len(elided) :]}, {bare[: len(elided)]}"
    article, _, rest = bare.partition(" ")
    if rest.strip() and article.casefold() in _ARTICLES.get(primary, "").split():
        return f"{rest.strip()}, {article}"
    return bare


def _bare(text: str) -> str:
    """A text without the signs before its first letter or digit."""
    match = _SIGNS_RE.match(text)
    return text[match.end() :].strip() if match else text.strip()
