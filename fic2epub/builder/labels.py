"""What the program adds to a book, in the book's language if it speaks it, else in English and marked so.

The wordings lie in ``templates/labels.toml``, under their English form. A screen reader must know which
language it reads out (WCAG 2.2, 3.1.2): an English label in a book of another language bears ``lang``.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from fic2epub.builder.languages import direction
from fic2epub.builder.markup import XML_LANG, Element, make, raw_template

__all__ = ["Labels", "labels"]

_LINK_RE = re.compile(r"\[([^\]]*)\]")
_THOUSANDS = {"de": ".", "es": ".", "fr": "\N{NARROW NO-BREAK SPACE}", "it": ".", "pt": "."}
_THOUSANDS["ru"] = "\N{NO-BREAK SPACE}"


class Labels:
    """The labels of one language; called with the English wording, it gives the book's."""

    def __init__(self, language: str, table: Mapping[str, str] | None) -> None:
        self._table = table or {}
        english = language.casefold().split("-")[0] == "en"
        self.language = language if table or english else "en"
        """The language that the labels are in."""
        self._foreign = self.language != language
        self._left_to_right = self._foreign and direction(language) == "rtl"
        self._comma = _THOUSANDS.get(language.split("-")[0].casefold(), ",") if table else ","

    def __call__(self, english: str, **values: str | int) -> str:
        """The label for an English wording, with its names filled in."""
        return self._table.get(english, english).format(**values) if values else self.plain(english)

    def plain(self, english: str) -> str:
        """A label that has nothing to fill in; words without a label come back as they are."""
        return self._table.get(english, english)

    def number(self, value: int) -> str:
        """A count with its thousands set apart."""
        return f"{value:,}".replace(",", self._comma)

    def mark(self, element: Element) -> Element:
        """Say that an element's words are English, if the book's are not; gives the element back."""
        if self._foreign:
            element.set("lang", self.language)
            element.set(XML_LANG, self.language)
            if self._left_to_right:
                element.set("dir", "ltr")
        return element

    def sentence(self, element: Element, english: str, *hrefs: str, **values: str) -> Element:
        """Fill an element with a label whose ``[words]`` become links, in order; gives it back.

        Values are filled in behind the split, so that brackets in them are only brackets.
        """
        parts = _LINK_RE.split(self.plain(english))
        element.text = parts[0]
        for href, words, tail in zip(hrefs, parts[1::2], parts[2::2], strict=True):
            link = make("a", words.format(**values), href=href)
            link.tail = tail
            element.append(link)
        return self.mark(element)


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads(raw_template("labels.toml").decode("utf-8"))


@cache
def labels(language: str) -> Labels:
    """The labels for a book in a language (BCP 47).

    Chinese in another script than the table's has English ones: half of its characters would be wrong.
    """
    primary, *rest = language.casefold().split("-")
    traditional = primary == "zh" and {"hant", "tw", "hk", "mo"} & set(rest)
    if primary == "en" or traditional:
        return Labels(language, None)
    return Labels(language, _tables().get(primary))
