"""Bytes to a tree and back, for documents that anybody may have written.

1. Decode: byte order mark, declared encoding, UTF-8, else Windows-1252. Never a character lost. [certain]
2. Read as XML. HTML's named entities (``&nbsp;``) are understood, declared ones refused. [certain]
3. What is no XML is read as HTML and brought into XHTML's namespace: Kobo's reader is as lenient
   (kepubify 4.0.4, transform.go, read 2026-08). [likely]
4. Written as XHTML that HTML readers understand too: void elements close themselves and no others,
   no-break spaces are ``&#160;``, an XML declaration stays if there was one. [certain]
"""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5

from lxml import etree

from fic2epub.builder.problem import OPS, XHTML
from fic2epub.errors import PackageError
from fic2epub.values import dataclass

__all__ = ["MATHML", "SVG", "Document", "local_name", "read_page", "read_xml", "write_document"]

SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XLINK = "{http://www.w3.org/1999/xlink}"
XML = "{http://www.w3.org/XML/1998/namespace}"

VOID_NAMES = "area base br col embed frame hr img input link meta param source track wbr"
VOID = frozenset(XHTML + name for name in VOID_NAMES.split())

PREFIXES = {
    "epub": OPS[1:-1],
    "o": "urn:schemas-microsoft-com:office:office",
    "st1": "urn:schemas-microsoft-com:office:smarttags",
    "xlink": XLINK[1:-1],
    "xml": XML[1:-1],
}
"""Prefixes that broken documents use without declaring them."""
FOREIGN = {"svg": SVG, "math": MATHML}
CAMEL_NAMES = "viewBox preserveAspectRatio clipPath foreignObject linearGradient radialGradient"
CAMEL = {name.lower(): name for name in CAMEL_NAMES.split()}
"""Names that SVG spells with capitals; an HTML parser folds them."""

DECLARATION_RE = re.compile(r"\s*(<\?xml\s[^>]*\?>)\s*")
ENCODING_RE = re.compile(r"""encoding\s*=\s*["']([^"']*)["']""")
CHARSET_RE = re.compile(rb"""<(?:\?xml|meta)\s[^>]*?(?:encoding|charset)\s*=\s*["']?\s*([\w.-]+)""")
CHARSETS_RE = re.compile(
    r"utf-?(?:8|16)|us-ascii|latin|iso-?8859|windows-|cp\d|koi8|shift_jis|euc|iso-2022|big5|gb", re.IGNORECASE
)
"""Encodings of documents; Python knows others (idna, unicode_escape) that no document may ask for."""
REFERENCE_RE = re.compile(
    r"""
      <!-- (?: .*? --> | .* )                   # a comment, the unclosed one to the end: left alone
    | <!\[CDATA\[ (?: .*? \]\]> | .* )          # plain characters: left alone
    | & (?P<name> [A-Za-z][A-Za-z0-9]* ; )      # a named character
    """,
    re.VERBOSE | re.DOTALL,
)
XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
FORBIDDEN_RE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, production 2 (Char), turned round."""
ENDS_RE = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
NAME_RE = re.compile(r"[A-Za-z_][\w.-]*")
URI_RE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\w./:#-]+", re.ASCII)
NBSP_RE = re.compile(rb"<!--.*?-->|\xc2\xa0", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the book. Its tree may be changed in place."""

    tree: etree._ElementTree
    declaration: str
    """``<?xml … ?>`` as it was written, or empty; it never names another encoding than UTF-8."""
    doctype: str | None = None
    """Instead of the tree's own."""

    @property
    def root(self) -> etree._Element:
        """The outermost element."""
        return self.tree.getroot()


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for a comment or processing instruction.

    >>> local_name(etree.fromstring('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    'svg'
    """
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def read_xml(name: str, data: bytes) -> Document:
    """An XML entry; raises PackageError, naming the entry, if it is none or declares entities."""
    declaration, text = _text(data)
    if "<!ENTITY" in text:
        raise PackageError(f"{name}: declares entities, which could grow without end. Not read.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        tree = etree.ElementTree(etree.fromstring(_characters(text).encode(), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PackageError(f"{name}: is no XML ({error}). Mend the book, then try again.") from error
    return Document(tree, declaration)


def read_page(name: str, data: bytes) -> Document | None:
    """A content document, with XHTML's ``html`` outermost; None if it is empty or something else (SVG).

    Raises PackageError, naming the entry, for what is nested or grown beyond reason, and for declared
    entities.
    """
    try:
        document = read_xml(name, data)
    except PackageError as error:
        if not isinstance(error.__cause__, etree.XMLSyntaxError):
            raise
        return _recover(name, data)
    root = document.root
    whole = root.find("{*}body") is not None and not any(root.iter(etree.Entity))
    if whole and root.tag == f"{XHTML}html":
        return document
    if whole and root.tag == "html":
        return _as_xhtml(root, document.declaration, bool(document.tree.docinfo.doctype))
    return _recover(name, data) if etree.QName(root).namespace in (None, XHTML[1:-1]) else None


def write_document(document: Document, *, polyglot: bool = True) -> bytes:
    """The document's bytes in UTF-8. ``polyglot`` closes elements as HTML needs it; the tree changes."""
    if polyglot:
        for element in document.root.iter("*"):
            if element.text is None and not len(element) and element.tag not in VOID:
                element.text = ""  # lxml then writes <p></p>
    data = etree.tostring(document.tree, encoding="utf-8", doctype=document.doctype)
    if b"\xc2\xa0" in data:
        data = NBSP_RE.sub(lambda match: b"&#160;" if len(match[0]) == 2 else match[0], data)
    return f"{document.declaration}\n".encode() + data if document.declaration else data


def _text(data: bytes) -> tuple[str, str]:
    """The XML declaration, made to say UTF-8, and the text behind it."""
    text = _decode(data)
    match = DECLARATION_RE.match(text)
    if match is None:
        return "", text
    encoding = ENCODING_RE.search(match[1])
    if encoding is None or encoding[1].lower() == "utf-8":
        return match[1], text[match.end() :]
    return '<?xml version="1.0" encoding="utf-8"?>', text[match.end() :]


def _decode(data: bytes) -> str:
    """All characters, whatever the encoding: Latin-1 has one for each byte."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = CHARSET_RE.search(data, 0, 1024)
    names = [declared[1].decode("ascii", "replace")] if declared else []
    for encoding in (*filter(CHARSETS_RE.match, names), "utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return data.decode("latin-1")


def _characters(text: str) -> str:
    """The text with HTML's named entities as numbers, which XML understands without a DTD."""

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None or name in XML_NAMES or name not in html5:
            return match[0]
        return "".join(f"&#{ord(character)};" for character in html5[name])

    return REFERENCE_RE.sub(number, text) if "&" in text else text


def _recover(name: str, data: bytes) -> Document | None:
    """What an HTML parser makes of a document that is no XML; None if there is nothing in it."""
    declaration, text = _text(data)
    # Behind </body> libxml2 stops listening; a document that ends twice would lose its second half.
    source = FORBIDDEN_RE.sub("", ENDS_RE.sub("", text))
    if not source.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root: etree._Element | None = etree.fromstring(source.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PackageError(f"{name}: is neither XHTML nor HTML ({error}).") from error
    fatal = [entry.message for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL]
    if fatal:
        raise PackageError(f"{name}: is neither XHTML nor HTML that can be read whole ({fatal[0].strip()}).")
    if root is None:
        return None
    return _as_xhtml(root, declaration, "<!doctype" in source[:1024].lower())


def _as_xhtml(root: etree._Element, declaration: str, doctype: bool) -> Document:
    """A copy of a tree without namespaces, in XHTML's, with those of SVG, MathML and known prefixes."""
    spaces = _prefixes(root)
    nsmap = {**root.nsmap, None: XHTML[1:-1]}
    nsmap.update((prefix, uri) for prefix, uri in spaces.items() if prefix != "xml")
    copy = etree.Element(f"{XHTML}html", nsmap=nsmap)
    pending = [(root, copy, XHTML)]
    while pending:
        old, new, space = pending.pop()
        _copy_attributes(old, new, spaces)
        _add_text(new, None, old.text)
        last = None
        for child in old:
            last = _copy_child(child, new, last, space, spaces, pending)
            _add_text(new, last, child.tail)
    return Document(etree.ElementTree(copy), declaration, "<!DOCTYPE html>" if doctype else None)


def _copy_child(
    child: etree._Element,
    new: etree._Element,
    last: etree._Element | None,
    space: str,
    spaces: dict[str, str],
    pending: list[tuple[etree._Element, etree._Element, str]],
) -> etree._Element | None:
    """Append one child's copy, children to follow; the element that text comes behind."""
    if isinstance(child, etree._Comment):
        text = re.sub("-+", "-", FORBIDDEN_RE.sub("", child.text or "")).strip("-")
        comment = etree.Comment(text)
        new.append(comment)
        return comment
    if not isinstance(child.tag, str):
        return last
    inside = FOREIGN.get(child.tag, space)
    tag = _qualified(child.tag, inside, spaces) or f"{XHTML}span"
    made: etree._Element = etree.SubElement(new, tag, nsmap={None: inside[1:-1]} if inside != space else None)
    pending.append((child, made, XHTML if child.tag == "foreignobject" else inside))
    return made


def _copy_attributes(old: etree._Element, new: etree._Element, spaces: dict[str, str]) -> None:
    """Attributes with a name that XML allows; declarations of namespaces are the tree's affair."""
    for key, value in old.attrib.items():
        name = _qualified(str(key), "", spaces)
        if name and not str(key).startswith("xmlns"):
            new.set(name, FORBIDDEN_RE.sub("", str(value)))


def _qualified(name: str, space: str, spaces: dict[str, str]) -> str | None:
    """The name with its namespace; None if XML allows no such name."""
    if name.startswith("{"):
        return name
    prefix, colon, local = name.rpartition(":")
    if not NAME_RE.fullmatch(local) or (colon and prefix not in spaces):
        return None
    if colon:
        return f"{{{spaces[prefix]}}}{local}"
    return space + (CAMEL.get(local, local) if space in (SVG, "") else local)


def _prefixes(root: etree._Element) -> dict[str, str]:
    """The namespace of each prefix in use: as declared, else as known, else one made up for it."""
    declared: dict[str, str] = {}
    used: set[str] = set()
    for name, value in _names(root):
        prefix, colon, local = name.rpartition(":")
        if prefix == "xmlns" and URI_RE.fullmatch(value) and value != PREFIXES["xml"]:
            declared.setdefault(local, value)
        elif colon and NAME_RE.fullmatch(prefix) and not name.startswith("{") and prefix != "xmlns":
            used.add(prefix)
    return {
        prefix: PREFIXES.get(prefix) or declared.get(prefix) or f"urn:undeclared:{prefix}"
        for prefix in sorted(used)
    }


def _names(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Each tag, with an empty value, and each attribute with its own."""
    for element in root.iter("*"):
        yield str(element.tag), ""
        for key, value in element.attrib.items():
            yield str(key), str(value)


def _add_text(parent: etree._Element, last: etree._Element | None, text: str | None) -> None:
    """Add text behind a child, or at the parent's beginning."""
    text = FORBIDDEN_RE.sub("", text or "")
    if text and last is None:
        parent.text = (parent.text or "") + text
    elif text and last is not None:
        last.tail = (last.tail or "") + text
