"""Elements and templates: XHTML as trees; the serialiser escapes, nothing is joined from strings."""

import copy
from functools import cache
from pathlib import Path

from lxml import etree

from fic2epub.errors import PackageError

__all__ = [
    "DECLARATION",
    "DOCTYPE",
    "OPS_TYPE",
    "XHTML",
    "XML_LANG",
    "Element",
    "append",
    "make",
    "parse_template",
    "raw_template",
    "template",
    "template_names",
]

Element = etree._Element

XHTML = "{http://www.w3.org/1999/xhtml}"
OPS_TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Double quotes: Send-to-Kindle is said to read a page without this line as Latin-1 (seen autumn 2026).
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
DOCTYPE = b"<!DOCTYPE html>\n"


@cache
def _folder() -> Path:
    """Where the templates are: inside the installed package, or at the top of a checkout."""
    shipped = Path(__file__).parents[1] / "templates"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "templates"


def template_names() -> frozenset[str]:
    """The names of all files of ``templates/``."""
    return frozenset(one.name for one in _folder().iterdir())


@cache
def raw_template(name: str) -> bytes:
    """A file of ``templates/`` as it is. Raises PackageError if the installation lacks it."""
    try:
        return (_folder() / name).read_bytes()
    except OSError as error:
        raise PackageError(f"The template {name} is missing: install fic2epub again.") from error


@cache
def _parsed(name: str, own: bytes | None) -> Element:
    return parse_template(raw_template(name) if own is None else own)


def parse_template(content: bytes) -> Element:
    """A template's tree, without comments and instructions. Raises lxml's XMLSyntaxError.

    No entity is resolved and nothing is fetched, since a template may be the reader's own.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(content, parser)


def template(name: str, *, own: bytes | None = None) -> Element:
    """A fresh copy of a template's tree, or of the reader's own instead; each is parsed once a process."""
    return copy.deepcopy(_parsed(name, own))


def make(tag: str, text: str | None = None, **attributes: str | None) -> Element:
    """An XHTML element. ``cls`` is class, ``type_`` epub:type, ``_`` stands for ``-``; None is left out."""
    element = etree.Element(XHTML + tag)
    element.text = text
    for name, value in attributes.items():
        if value is not None:
            key = {"cls": "class", "type_": OPS_TYPE}.get(name) or name.replace("_", "-")
            element.set(key, value)
    return element


def append(parent: Element, child: Element) -> Element:
    """Append a block on a line of its own, so that the file can be read; gives the child back."""
    # The text first: lxml counts the children one by one, and a long chapter has thousands.
    if parent.text is None and len(parent) == 0:
        parent.text = "\n"
    child.tail = "\n"
    parent.append(child)
    return child
