"""A document in the making: a template of ``templates/``, well-formed XHTML, and its slots.

Slots (``id="slot-…"``) are found by id and filled; one left over is removed before the document is
written. Every other word of a template is the program's own: it is put in the book's language. A template
of the reader's own may lack the slots that ``theme`` calls optional; what would fill them is left out.
"""

import copy
from functools import lru_cache

from lxml import etree

from fic2epub.builder.labels import labels
from fic2epub.builder.languages import direction
from fic2epub.builder.markup import DECLARATION, DOCTYPE, XML_LANG, Element, make, template
from fic2epub.builder.options import DEFAULTS, PublishOptions
from fic2epub.builder.ornament import put_ornaments

__all__ = ["OWN_SHEET", "Page"]

OWN_SHEET = "own.css"
"""A file of its own: Adobe's engine drops a whole sheet at one thing that it does not know."""


class Page:
    """A template, with its slots and the labels of its language.

    ``depth`` is the number of folders that the file lies in, for its link to the style sheet.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        language: str,
        depth: int = 0,
        options: PublishOptions = DEFAULTS,
    ) -> None:
        self.root = copy.deepcopy(_translated(name, dict(options.templates).get(name), language))
        self._options = options
        self._slots = _slots(self.root)
        self.say = labels(language)
        self.slot("page-title").text = title
        self._link_sheets("../" * depth)

    def _link_sheets(self, up: str) -> None:
        """Lead the template's link to the style sheet, and put one to the reader's own behind it."""
        style = self.slot("style")
        style.set("href", up + style.get("href", ""))
        if self._options.css is not None and style.getparent() is not None:
            own = make("link", rel="stylesheet", type="text/css", href=f"{up}{OWN_SHEET}")
            own.tail = "\n"
            style.addnext(own)

    def slot(self, name: str) -> Element:
        """Take a slot to fill it; its id goes."""
        element = self._slots.pop(f"slot-{name}", None)
        if element is None:
            return make("div")  # of no tree: the reader's template has no place for it
        del element.attrib["id"]
        return element

    def bytes(self) -> bytes:
        """The finished file. Slots that nobody took are removed with all they hold."""
        for element in self._slots.values():
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        put_ornaments(self.root, self._options.ornament)
        return DECLARATION + DOCTYPE + etree.tostring(self.root, encoding="utf-8") + b"\n"


def _slots(root: Element) -> dict[str, Element]:
    return {key: element for element in root.iter() if (key := element.get("id", "")).startswith("slot-")}


@lru_cache(maxsize=64)
def _translated(name: str, own: bytes | None, language: str) -> Element:
    """A template in the book's language: its own words are those outside its slots."""
    root, say = template(name, own=own), labels(language)
    slots = frozenset(_slots(root).values())
    for element in root.iter():
        label = element.get("aria-label")
        if label is not None:
            element.set("aria-label", say(label))
        if element.text and element.text.strip() and element not in slots:
            element.text = say(element.text)
            say.mark(element)
    root.set("lang", language)
    root.set(XML_LANG, language)
    if direction(language) == "rtl":
        root.set("dir", "rtl")
    return root
