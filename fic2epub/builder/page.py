"""A document in the making: a template of ``templates/``, well-formed XHTML, and its slots.

Slots (``id="slot-…"``) are found by id and filled; one left over is removed before the document is
written. Every other word of a template is the program's own: it is put in the book's language.
"""

from lxml import etree

from fic2epub.builder.labels import labels
from fic2epub.builder.languages import direction
from fic2epub.builder.markup import DECLARATION, DOCTYPE, XML_LANG, Element, template

__all__ = ["Page"]


class Page:
    """A template, with its slots and the labels of its language.

    ``depth`` is the number of folders that the file lies in, for its link to the style sheet.
    """

    def __init__(self, name: str, *, title: str, language: str, depth: int = 0) -> None:
        self.root = template(name)
        self._slots = {
            key: element for element in self.root.iter() if (key := element.get("id", "")).startswith("slot-")
        }
        self.say = labels(language)
        self._translate()
        self.root.set("lang", language)
        self.root.set(XML_LANG, language)
        if direction(language) == "rtl":
            self.root.set("dir", "rtl")
        self.slot("page-title").text = title
        style = self.slot("style")
        style.set("href", "../" * depth + style.get("href", ""))

    def _translate(self) -> None:
        """Put the template's own words, which are those outside its slots, in the book's language."""
        slots = frozenset(self._slots.values())
        for element in self.root.iter():
            label = element.get("aria-label")
            if label is not None:
                element.set("aria-label", self.say(label))
            if element.text and element.text.strip() and element not in slots:
                element.text = self.say(element.text)
                self.say.mark(element)

    def slot(self, name: str) -> Element:
        """Take a slot to fill it; its id goes."""
        element = self._slots.pop(f"slot-{name}")
        del element.attrib["id"]
        return element

    def bytes(self) -> bytes:
        """The finished file. Slots that nobody took are removed with all they hold."""
        for element in self._slots.values():
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        return DECLARATION + DOCTYPE + etree.tostring(self.root, encoding="utf-8") + b"\n"
