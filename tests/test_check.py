"""Each check fires on a good book with one thing broken, and keeps quiet on what merely looks like it.

EPUBCheck says the same of both, wherever it knows the fault: a check of ours that it contradicts fails.
"""

import dataclasses
import random
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from support import epubcheck, small_book

from fic2epub.builder import check as check_module
from fic2epub.builder import check_content
from fic2epub.builder.check import check
from fic2epub.builder.epubcheck import MIRRORED
from fic2epub.builder.problem import DEVICES, Problem, concerns

Entries = dict[str, bytes]
Change = Callable[[Entries], Entries]

OPF, NAV, ONE, TWO, COVER, NCX, CSS = (
    *("content.opf", "nav.xhtml", "text/chapter1.xhtml", "text/chapter2.xhtml"),
    *("cover.xhtml", "toc.ncx", "style.css"),
)
CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"


def swap(name: str, old: str, new: str) -> Change:
    """Replace the one place in an entry where ``old`` stands."""

    def change(entries: Entries) -> Entries:
        assert entries[name].count(old.encode()) == 1, (
            f"{name} holds {old!r} {entries[name].count(old.encode())} times"
        )
        return entries | {name: entries[name].replace(old.encode(), new.encode())}

    return change


def add(name: str, content: bytes) -> Change:
    return lambda entries: entries | {name: content}


def drop(name: str) -> Change:
    return lambda entries: {key: value for key, value in entries.items() if key != name}


def last(name: str) -> Change:
    return lambda entries: {k: v for k, v in entries.items() if k != name} | {name: entries[name]}


def declared(
    href: str, content: bytes, media_type: str = "application/xhtml+xml", spine: bool = True
) -> Change:
    """Add a file with its line in the manifest and, if it is a document, in the spine."""

    def change(entries: Entries) -> Entries:
        opf = entries[OPF].decode()
        opf = opf.replace(
            "</manifest>", f'<item id="extra" href="{href}" media-type="{media_type}"/>\n</manifest>'
        )
        if spine:
            opf = opf.replace("</spine>", '<itemref idref="extra"/>\n</spine>')
        return entries | {href: content, OPF: opf.encode()}

    return change


def both(*changes: Change) -> Change:
    def change(entries: Entries) -> Entries:
        for one in changes:
            entries = one(entries)
        return entries

    return change


def long_page(size: int, up: str = "") -> bytes:
    """A page of about this many bytes."""
    return small_book.page("Long", "<p>" + "salt " * (size // 5) + "</p>", up)


@dataclasses.dataclass(frozen=True)
class Case:
    id: str
    broken: Change
    near: Change
    epubcheck: str | None = None
    """What EPUBCheck calls the fault, or None if it lets it pass."""
    also: frozenset[str] = frozenset()
    """What else is then wrong."""


TEXT = "Marit carried the oil up all ninety steps"
PNG_LINE = '<item id="cover-image" href="cover.png" media-type="image/png" properties="cover-image"/>'
LANG = 'lang="en" xml:lang="en"'
LOG = "https://example.org/log?day=1"
LATER_LINK = "chapter1.xhtml#later"
HR = '<hr class="scene-break"/>'
COVER_REF = '<itemref idref="cover"/>\n'
PREFACE_REF = '<itemref idref="preface"/>'
NCX_LINE = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>\n'
AFTERWORD_ENTRY = '<li><a href="afterword.xhtml">Afterword</a></li>'
BODYMATTER = 'epub:type="bodymatter" href="text/chapter1.xhtml"'
TOC_MARK = 'epub:type="toc" href="nav.xhtml"'
FAR_LINE = '<item id="far" href="https://example.org/far.png" media-type="image/png"/>'
GONE_LINE = '<item id="gone" href="gone.png" media-type="image/png"/>'
AGAIN_LINE = '<item id="again" href="cover.png" media-type="image/png"/>'
SECOND = '<content src="text/chapter2.xhtml#chapter2"/>'
TOP = '<content src="text/chapter1.xhtml"/>'
NO_NCX = both(drop(NCX), swap(OPF, NCX_LINE, ""), swap(OPF, ' toc="ncx"', ""))
EXTRA = long_page(50)
BOMB = '<!DOCTYPE html [<!ENTITY a "ten ten ten"><!ENTITY b "&a;&a;&a;&a;&a;">]>'

PNG = "cover.png"
MODIFIED = '<meta property="dcterms:modified">2024-05-02T00:00:00Z</meta>'
CHAPTER1_LINE = '<item id="chapter1" href="text/chapter1.xhtml"'
OPF_NAMESPACE = "http://www.idpf.org/2007/opf"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
FONT_FACE = "@font-face { font-family: lamp; src: local(lamp); }\nhr {"
WEBP = b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8 " + bytes(14)


def jpeg(width: int, height: int, colours: int) -> bytes:
    """A JPEG's header: enough to tell its kind and size."""
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    frame = b"\xff\xc0" + (8 + 3 * colours).to_bytes(2, "big") + b"\x08" + size + bytes([colours])
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + frame + bytes(3 * colours) + b"\xff\xd9"


def gif(width: int, height: int) -> bytes:
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    palette = b"\xff\xff\xff\0\0\0"
    return b"GIF89a" + size + b"\x80\0\0" + palette + b"," + bytes(4) + size + b"\0\x02\x02D\x01\0;"


def collection(kind: str) -> str:
    return (
        '<meta property="belongs-to-collection" id="c">Lamps</meta>'
        f'<meta refines="#c" property="collection-type">{kind}</meta>'
    )


def encryption(method: str, uri: str) -> bytes:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">'
        f'<EncryptionMethod Algorithm="{method}"/>'
        f'<CipherData><CipherReference URI="{uri}"/></CipherData>'
        "</EncryptedData></encryption>"
    ).encode()


def rename(old: str, new: str, content: bytes) -> Change:
    """Put another file in the place of one, wherever that is named."""

    def change(entries: Entries) -> Entries:
        kept = {
            name: data.replace(old.encode(), new.encode()) for name, data in entries.items() if name != old
        }
        return kept | {new: content}

    return change


def unnumbered(entries: Entries) -> Entries:
    return entries | {NCX: re.sub(rb' playOrder="\d"', b"", entries[NCX])}


CASES = (
    Case("container.mimetype", last("mimetype"), last(CONTAINER), "PKG-006"),
    Case(
        "container.mimetype",
        add("mimetype", b"application/epub+zip\n"),
        add("mimetype", b"application/epub+zip"),
        "PKG-007",
    ),
    Case("container.missing", drop(CONTAINER), add("META-INF/extra.json", b"{}"), "RSC-002"),
    Case(
        "container.version",
        swap(CONTAINER, 'container" version="1.0"', 'container" version="2.0"'),
        swap(CONTAINER, 'container" version="1.0"', 'container" version = "1.0"'),
        "RSC-005",
    ),
    Case(
        "opf.missing-attribute",
        swap(OPF, 'scheme="marc:relators"', 'scheme=""'),
        swap(OPF, ' scheme="marc:relators"', ""),
        "RSC-005",
    ),
    Case(
        "container.rootfile",
        swap(CONTAINER, 'full-path="content.opf"', 'full-path="package.opf"'),
        swap(CONTAINER, 'full-path="content.opf"', 'full-path = "content.opf"'),
        "OPF-002",
    ),
    Case("names.space", declared("a b.xhtml", EXTRA), declared("a-b_1.xhtml", EXTRA), "PKG-010"),
    Case("names.non-ascii", declared("caf\u00e9.xhtml", EXTRA), declared("cafe.xhtml", EXTRA), "PKG-012"),
    Case("names.forbidden", declared("a*b.xhtml", EXTRA), declared("a+b.xhtml", EXTRA), "PKG-009"),
    Case(
        "names.case-collision",
        both(declared("Style.css", b"p { margin: 0; }", "text/css", spine=False)),
        both(declared("style2.css", b"p { margin: 0; }", "text/css", spine=False)),
        "OPF-060",
    ),
    Case(
        "file.empty",
        declared("extra.css", b"", "text/css", spine=False),
        declared("extra.css", b"\n", "text/css", spine=False),
    ),
    Case(
        "file.large",
        declared("long.xhtml", long_page(267_000)),
        declared("long.xhtml", long_page(265_000)),
    ),
    Case(
        "file.huge",
        declared("long.xhtml", long_page(1_001_000)),
        add("META-INF/long.xml", long_page(1_001_000)),
    ),
    Case(
        "kindle.encoding",
        both(swap(ONE, '<?xml version="1.0" encoding="utf-8"?>\n', ""), swap(ONE, "grey", "gr\u00e4y")),
        swap(ONE, '<?xml version="1.0" encoding="utf-8"?>\n', ""),
    ),
    Case(
        "xml.encoding",
        swap(ONE, 'encoding="utf-8"', 'encoding="iso-8859-1"'),
        swap(ONE, 'encoding="utf-8"', "encoding='UTF-8'"),
        "RSC-028",
    ),
    Case(
        "xml.encoding",
        lambda entries: entries | {ONE: entries[ONE].decode().replace("utf-8", "utf-16").encode("utf-16")},
        lambda entries: entries | {ONE: b"\xef\xbb\xbf" + entries[ONE]},
        "HTM_058",
    ),
    Case(
        "xml.entity",
        swap(ONE, "<!DOCTYPE html>", BOMB),
        swap(TWO, TEXT, "She wrote &lt;!ENTITY on the wall"),
        None,
    ),
    Case(
        "xml.malformed", swap(ONE, "<em>late</em>", "<em>late"), swap(ONE, "<em>late</em>", "late"), "RSC-016"
    ),
    Case("xml.malformed", swap(ONE, "grey", "gr\x07ey"), swap(ONE, "grey", "gr\tey"), "RSC-016"),
    Case("xml.malformed", swap(ONE, "grey", "gr&nbsp;ey"), swap(ONE, "grey", "gr&#160;ey"), "RSC-016"),
    Case(
        "opf.missing-title",
        swap(OPF, "<dc:title>The Lamp Room</dc:title>", ""),
        swap(OPF, "The Lamp Room", "?"),
        "RSC-005",
    ),
    Case("opf.empty-value", swap(OPF, ">Lighthouses<", "> <"), swap(OPF, ">Lighthouses<", ">0<"), "RSC-005"),
    Case(
        "opf.no-language",
        swap(OPF, "<dc:language>en</dc:language>", ""),
        swap(OPF, ">en<", ">und<"),
        "RSC-005",
    ),
    Case("opf.bad-language-tag", swap(OPF, ">en<", ">en_GB<"), swap(OPF, ">en<", ">en-GB<"), "OPF-092"),
    Case("kindle.language", swap(OPF, ">en<", ">English<"), swap(OPF, ">en<", ">zh-Hant<")),
    Case(
        "opf.modified",
        swap(OPF, "2024-05-02T00:00:00Z", "2024-05-02"),
        swap(OPF, "02T00:00:00Z", "02T23:59:59Z"),
        "RSC-005",
    ),
    Case(
        "opf.bad-date",
        swap(OPF, ">2024-05-01<", ">May 2024<"),
        swap(OPF, ">2024-05-01<", ">2024-05<"),
        "OPF-053",
    ),
    Case(
        "opf.bad-uuid",
        both(swap(OPF, "9f1c7d52-", "lamproom-"), swap(NCX, "9f1c7d52-", "lamproom-")),
        both(swap(OPF, "urn:uuid:9f", "urn:x:9f"), swap(NCX, "urn:uuid:9f", "urn:x:9f")),
        "OPF-085",
    ),
    Case(
        "opf.unique-identifier",
        both(swap(OPF, 'unique-identifier="id"', 'unique-identifier="uid"'), NO_NCX),
        both(
            swap(OPF, 'unique-identifier="id"', 'unique-identifier="uid"'),
            swap(OPF, 'identifier id="id"', 'identifier id="uid"'),
        ),
        "OPF-030",
    ),
    Case(
        "opf.duplicate-id",
        swap(OPF, '<item id="css"', '<item id="creator"'),
        swap(OPF, '<item id="css"', '<item id="Creator"'),
        "RSC-005",
    ),
    Case(
        "opf.refines",
        swap(OPF, 'refines="#creator"', 'refines="#author"'),
        both(swap(OPF, 'id="creator"', 'id="author"'), swap(OPF, 'refines="#creator"', 'refines="#author"')),
        "RSC-005",
    ),
    Case(
        "manifest.missing-file",
        swap(OPF, PNG_LINE, PNG_LINE + GONE_LINE),
        swap(OPF, 'href="cover.png"', 'href="./cover.png"'),
        "RSC-001",
    ),
    Case(
        "manifest.undeclared-file", add("note.xhtml", EXTRA), add("META-INF/note.xml", b"<note/>"), "OPF-003"
    ),
    Case(
        "manifest.remote-file",
        swap(OPF, PNG_LINE, PNG_LINE + FAR_LINE),
        declared("far.png", small_book.PNG, "image/png", spine=False),
        "RSC-006",
    ),
    Case(
        "manifest.duplicate-file",
        swap(OPF, PNG_LINE, PNG_LINE + AGAIN_LINE),
        declared("again.png", small_book.PNG, "image/png", spine=False),
        "OPF-074",
    ),
    Case(
        "manifest.media-type",
        swap(OPF, '"image/png"', '"image/jpeg"'),
        declared("again.dat", b"{}", "application/json", spine=False),
        "OPF-029",
    ),
    Case(
        "spine.unknown-idref",
        swap(OPF, 'idref="cover"', 'idref="covers"'),
        swap(OPF, 'idref="cover"', 'idref = "cover"'),
        "OPF-049",
    ),
    Case(
        "spine.duplicate-idref",
        swap(OPF, PREFACE_REF, PREFACE_REF * 2),
        swap(OPF, PREFACE_REF, '<itemref id="r1" idref="preface"/>'),
        "RSC-005",
    ),
    Case(
        "spine.no-document",
        swap(OPF, "</spine>", '<itemref idref="cover-image"/></spine>'),
        declared("more.xhtml", EXTRA),
        "OPF-043",
    ),
    Case(
        "spine.empty",
        lambda entries: entries | {OPF: re.sub(rb"<itemref [^>]*>", b"", entries[OPF])},
        swap(OPF, COVER_REF, ""),
        "RSC-005",
        also=frozenset({"link.outside-spine"}),
    ),
    Case(
        "spine.non-linear",
        swap(OPF, 'idref="cover"', 'idref="cover" linear="no"'),
        swap(OPF, 'idref="cover"', 'idref="cover" linear="yes"'),
        "OPF-096",
    ),
    Case(
        "xhtml.no-title",
        swap(ONE, "<title>Chapter 1</title>", ""),
        swap(ONE, "<title>Chapter 1</title>", "<title>1</title>"),
        "RSC-017",
    ),
    Case(
        "xhtml.empty-title",
        swap(ONE, "<title>Chapter 1</title>", "<title> </title>"),
        swap(ONE, "<title>Chapter 1</title>", "<title>1</title>"),
        "RSC-005",
    ),
    Case(
        "xhtml.two-languages",
        swap(ONE, LANG, 'lang="en" xml:lang="de"'),
        swap(ONE, LANG, 'lang="en" xml:lang="EN"'),
        "RSC-005",
    ),
    Case("xhtml.no-language", swap(ONE, LANG, ""), swap(ONE, LANG, 'xml:lang="en"')),
    Case(
        "xhtml.bad-language-tag",
        swap(ONE, "<em>", '<em lang="old_English">'),
        swap(ONE, "<em>", '<em lang="ang">'),
        "RSC-005",
    ),
    Case(
        "xhtml.unknown-element",
        swap(ONE, "<em>late</em>", "<font>late</font>"),
        swap(ONE, "<em>late</em>", "<mark>late</mark>"),
        "RSC-005",
    ),
    Case(
        "xhtml.unknown-attribute",
        swap(ONE, '<p id="later">', '<p id="later" align="center">'),
        swap(ONE, '<p id="later">', '<p id="later" data-align="center">'),
        "RSC-005",
    ),
    Case(
        "xhtml.role",
        swap(ONE, 'role="doc-chapter"', 'role="chapter"'),
        swap(ONE, 'role="doc-chapter"', 'role="doc-part"'),
        "RSC-005",
    ),
    Case(
        "xhtml.prefix",
        swap(ONE, 'epub:type="chapter"', 'epub:type="z3998:fiction chapter"'),
        both(
            swap(ONE, 'epub:type="chapter"', 'epub:type="z3998:fiction chapter"'),
            swap(ONE, LANG, LANG + ' epub:prefix="z3998: http://www.daisy.org/z3998/2012/vocab/structure/#"'),
        ),
        "OPF-028",
    ),
    Case(
        "xhtml.dead-reference",
        swap(ONE, 'aria-labelledby="chapter1"', 'aria-labelledby="chapter"'),
        swap(ONE, 'aria-labelledby="chapter1"', 'aria-labelledby="chapter1 later"'),
        "RSC-005",
    ),
    Case(
        "xhtml.no-body",
        swap(ONE, 'xmlns="http://www.w3.org/1999/xhtml" ', ""),
        swap(ONE, "<body>", '<body class="chapter">'),
        "RSC-005",
    ),
    Case(
        "xhtml.empty-body",
        swap("afterword.xhtml", small_book.AFTERWORD, "<p> </p>"),
        swap("afterword.xhtml", small_book.AFTERWORD, "<hr/>"),
    ),
    Case(
        "xhtml.duplicate-id", swap(ONE, HR, '<hr id="later"/>'), swap(ONE, HR, '<hr id="Later"/>'), "RSC-005"
    ),
    Case("xhtml.bad-id", swap(ONE, HR, '<hr id="a b"/>'), swap(ONE, HR, '<hr id="a-b"/>'), "RSC-005"),
    Case(
        "xhtml.bad-nesting",
        swap(TWO, TEXT, f"<div>{TEXT}</div>"),
        swap(TWO, f"<p>{TEXT}", f"<div><p>Up.</p></div><p>{TEXT}"),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-nesting",
        swap(TWO, TEXT, "<a href='chapter1.xhtml'><p>Up.</p></a>"),
        swap(TWO, f"<p>{TEXT}", f"<a href='chapter1.xhtml'><p>Up.</p></a><p>{TEXT}"),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-nesting",
        swap(TWO, "<li>One wick.</li>", "<p>One wick.</p>"),
        swap(TWO, "<li>One wick.</li>", "<li><p>One wick.</p></li>"),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-nesting",
        swap(TWO, "<li>One wick.</li>", "One wick."),
        swap(TWO, "<li>One wick.</li>", "\n<li>One wick.</li>\n"),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-nesting",
        swap(TWO, f"<p>{TEXT}", f"<li>{TEXT}</li><p>{TEXT}"),
        swap(TWO, f"<p>{TEXT}", f"<ol><li>{TEXT}</li></ol><p>{TEXT}"),
        "RSC-005",
    ),
    Case(
        "kindle.script",
        swap(TWO, f"<p>{TEXT}", f'<p onclick="go()">{TEXT}'),
        swap(TWO, f"<p>{TEXT}", f'<p class="onclick">{TEXT}'),
        "OPF-014",
        also=frozenset({"manifest.property-missing"}),
    ),
    Case(
        "kindle.script",
        swap(TWO, LATER_LINK, "javascript:go()"),
        swap(TWO, TEXT, "javascript:go() stood there"),
    ),
    Case("manifest.property-missing", swap(ONE, HR, SVG), swap(ONE, HR, "&lt;svg/&gt;"), "OPF-014"),
    Case(
        "manifest.property-unused",
        swap(OPF, CHAPTER1_LINE, CHAPTER1_LINE + ' properties="svg"'),
        both(swap(OPF, CHAPTER1_LINE, CHAPTER1_LINE + ' properties="svg"'), swap(ONE, HR, SVG)),
        "OPF-015",
    ),
    Case(
        "manifest.property",
        swap(OPF, CHAPTER1_LINE, CHAPTER1_LINE + ' properties="chapter"'),
        swap(OPF, 'properties="nav"', 'properties=" nav "'),
        "OPF-027",
    ),
    Case("manifest.no-id", swap(OPF, 'id="css" ', ""), swap(OPF, 'id="css"', 'id="c"'), "RSC-005"),
    Case(
        "opf.version",
        swap(OPF, 'version="3.0"', 'version="4.0"'),
        swap(OPF, 'version="3.0"', 'version = "3.0"'),
        "OPF-001",
    ),
    Case(
        "opf.unknown-element",
        swap(OPF, "<dc:subject>Lighthouses</dc:subject>", "<dc:tag>Lighthouses</dc:tag>"),
        swap(OPF, "dc:subject>Lighthouses</dc:subject", "dc:type>Lighthouses</dc:type"),
        "RSC-005",
    ),
    Case(
        "opf.unknown-element",
        swap(OPF, "</manifest>", "</manifest><tours/>"),
        swap(OPF, "</manifest>", "</manifest><!-- tours -->"),
        "RSC-005",
    ),
    Case(
        "opf.unknown-attribute",
        swap(OPF, 'href="style.css"', 'href="style.css" size="9"'),
        swap(OPF, 'href="style.css"', 'fallback="nav" href="style.css"'),
        "RSC-005",
    ),
    Case(
        "opf.unknown-attribute",
        swap(
            OPF,
            '<dc:creator id="creator"',
            f'<dc:creator xmlns:opf="{OPF_NAMESPACE}" opf:role="aut" id="creator"',
        ),
        swap(OPF, '<dc:creator id="creator"', '<dc:creator xml:lang="en" id="creator"'),
        "RSC-005",
    ),
    Case(
        "opf.missing-attribute",
        swap(OPF, MODIFIED, MODIFIED + '<meta name="generator"/>'),
        swap(OPF, MODIFIED, MODIFIED + '<meta name="generator" content=""/>'),
        "RSC-005",
    ),
    Case(
        "opf.bad-language-tag",
        swap(OPF, 'unique-identifier="id" xml:lang="en"', 'unique-identifier="id" xml:lang="e"'),
        swap(OPF, 'unique-identifier="id" xml:lang="en"', 'unique-identifier="id" xml:lang="x-e"'),
        "OPF-092",
    ),
    Case(
        "ncx.unknown-element",
        swap(NCX, "</head>", "</head><note/>"),
        swap(NCX, "</head>", "</head><!-- note -->"),
        "RSC-005",
    ),
    Case(
        "ncx.unknown-attribute",
        swap(NCX, 'id="n1"', 'id="n1" name="n"'),
        swap(NCX, 'id="n1"', 'id="n1" class="n"'),
        "RSC-005",
    ),
    Case("ncx.missing-attribute", swap(NCX, 'id="n1" ', ""), swap(NCX, 'id="n1"', 'id="n"'), "RSC-005"),
    Case(
        "ncx.bad-language-tag",
        swap(NCX, 'xml:lang="en"', 'xml:lang="en_GB"'),
        swap(NCX, 'xml:lang="en"', 'xml:lang="en-GB"'),
        "RSC-005",
    ),
    Case(
        "ncx.version",
        swap(NCX, "2005-1", "2005-2"),
        swap(NCX, 'version="2005-1"', 'version = "2005-1"'),
        "RSC-005",
    ),
    Case("ncx.no-uid", swap(NCX, "dtb:uid", "uid"), swap(NCX, 'name="dtb:uid"', 'scheme="x" name="dtb:uid"')),
    Case("ncx.order", swap(NCX, ' playOrder="3"', ""), unnumbered, "RSC-005"),
    Case(
        "xhtml.missing-attribute",
        swap(ONE, 'rel="stylesheet" ', ""),
        swap(ONE, ' type="text/css"', ""),
        "RSC-005",
    ),
    Case(
        "xhtml.missing-attribute",
        swap(ONE, 'href="../style.css"', 'href=""'),
        swap(ONE, 'href="../style.css"', "href='../style.css'"),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-value",
        swap(ONE, "<em>", '<em dir="left">'),
        swap(ONE, "<em>", '<em dir="rtl">'),
        "RSC-005",
    ),
    Case(
        "xhtml.bad-value",
        swap(ONE, 'role="doc-chapter"', 'role=""'),
        swap(ONE, 'role="doc-chapter" ', ""),
        "RSC-005",
    ),
    Case(
        "xhtml.unknown-attribute",
        swap(ONE, "<em>", '<em aria-lable="x">'),
        swap(ONE, "<em>", '<em aria-hidden="true">'),
        "RSC-005",
    ),
    Case(
        "xhtml.unknown-attribute",
        swap(ONE, 'epub:type="chapter"', 'epub:kind="chapter"'),
        swap(ONE, ' epub:type="chapter"', ""),
        "RSC-005",
    ),
    Case(
        "xhtml.unknown-attribute",
        swap(ONE, "2007/ops", "2007/op"),
        swap(ONE, "2007/ops", "2007/ops"),
        "HTM_054",
    ),
    Case(
        "xml.malformed",
        swap(ONE, '<?xml version="1.0"', '<?xml version="1."'),
        swap(ONE, '<?xml version="1.0"', "<?xml version='1.0'"),
        "RSC-016",
    ),
    Case(
        "xml.bad-bytes",
        lambda entries: entries | {ONE: entries[ONE].replace(b"gull", b"g\xffll")},
        swap(ONE, "gull", "g\u00fcll"),
    ),
    Case(
        "css.selector",
        swap(CSS, "hr {", "hr. {"),
        swap(CSS, "hr {", "hr.x, p > b:not(.y)::after {"),
        "CSS-008",
    ),
    Case("css.selector", swap(CSS, "hr {", "hr, {"), swap(CSS, "hr {", 'hr[dir="rtl"] ~ p + p {'), "CSS-008"),
    Case(
        "css.open-comment",
        swap(CSS, "close. */", "close. /*"),
        swap(CSS, "close. */", "close. **/"),
        "CSS-008",
    ),
    Case(
        "css.declaration",
        swap(CSS, "text-indent: 1.2em", "text-indent 1.2em"),
        swap(CSS, "text-indent: 1.2em", "text-indent\n:1.2em"),
        "CSS-008",
    ),
    Case(
        "opf.prefix",
        swap(OPF, MODIFIED, MODIFIED + '<meta property="ibooks:binding">false</meta>'),
        swap(OPF, MODIFIED, MODIFIED + '<meta property="schema:accessMode">textual</meta>'),
        "OPF-028",
    ),
    Case(
        "opf.property",
        swap(OPF, 'property="role"', 'property="rolle"'),
        swap(OPF, 'property="role" scheme="marc:relators">aut', 'property="file-as">Quill, Ada'),
        "OPF-027",
    ),
    Case(
        "opf.series-index",
        swap(OPF, MODIFIED, MODIFIED + '<meta name="calibre:series" content="Lamps"/>'),
        swap(
            OPF,
            MODIFIED,
            MODIFIED
            + '<meta name="calibre:series" content="Lamps"/><meta name="calibre:series_index" content="2"/>',
        ),
    ),
    Case(
        "opf.series-index",
        swap(OPF, MODIFIED, MODIFIED + collection("series")),
        swap(OPF, MODIFIED, MODIFIED + collection("set")),
    ),
    Case(
        "opf.series-index",
        swap(OPF, MODIFIED, MODIFIED + collection("series")),
        swap(
            OPF,
            MODIFIED,
            MODIFIED + collection("series") + '<meta refines="#c" property="group-position">2</meta>',
        ),
    ),
    Case("spine.no-ncx", swap(OPF, ' toc="ncx"', ""), NO_NCX, "RSC-005"),
    Case("spine.no-ncx", swap(OPF, ' toc="ncx"', ' toc="nav"'), NO_NCX, "OPF-050"),
    Case(
        "container.protected",
        add(ENCRYPTION, encryption("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "style.css")),
        both(
            add(ENCRYPTION, encryption("http://www.idpf.org/2008/embedding", "lamp.otf")),
            declared("lamp.otf", b"OTTO" + bytes(60), "font/otf", spine=False),
        ),
    ),
    Case(
        "cover.missing",
        swap(OPF, ' properties="cover-image"', ""),
        both(
            swap(OPF, ' properties="cover-image"', ""),
            swap(OPF, MODIFIED, MODIFIED + '<meta name="cover" content="cover-image"/>'),
        ),
    ),
    Case("cover.small", add(PNG, small_book.png(624, 1000)), add(PNG, small_book.png(625, 1000))),
    Case("cover.shape", add(PNG, small_book.png(1200, 1200)), add(PNG, small_book.png(1200, 1600))),
    Case(
        "cover.kind",
        both(swap(OPF, '"image/png"', '"image/gif"'), rename(PNG, "cover.gif", gif(1200, 1800))),
        declared("more.gif", gif(1, 1), "image/gif", spine=False),
    ),
    Case(
        "cover.print-colours",
        both(swap(OPF, '"image/png"', '"image/jpeg"'), rename(PNG, "cover.jpg", jpeg(1200, 1800, 4))),
        both(swap(OPF, '"image/png"', '"image/jpeg"'), rename(PNG, "cover.jpg", jpeg(1200, 1800, 3))),
    ),
    Case(
        "image.foreign",
        both(swap(OPF, '"image/png"', '"image/bmp"'), rename(PNG, "cover.bmp", b"BM" + bytes(60))),
        declared("map.bmp", b"BM" + bytes(60), "application/x-map", spine=False),
        "RSC-032",
    ),
    Case(
        "kindle.image-type",
        declared("map.webp", WEBP, "image/webp", spine=False),
        declared("map.svg", SVG.encode(), "image/svg+xml", spine=False),
    ),
    Case("image.damaged", add(PNG, small_book.PNG[:12]), add(PNG, small_book.PNG), "PKG-021"),
    Case("image.other-kind", add(PNG, jpeg(1200, 1800, 3)), add(PNG, small_book.png(1200, 1800)), "OPF-029"),
    Case(
        "apple.image-pixels",
        declared("map.png", small_book.png(2000, 2801), "image/png", spine=False),
        declared("map.png", small_book.png(2000, 2800), "image/png", spine=False),
    ),
    Case(
        "kindle.empty-alt",
        swap(COVER, 'alt="Cover: The Lamp Room"', 'alt=""'),
        swap(COVER, 'alt="Cover: The Lamp Room"', 'alt="0"'),
    ),
    Case(
        "nav.structure",
        swap(NAV, AFTERWORD_ENTRY, "<li>Afterword</li>" + AFTERWORD_ENTRY),
        swap(NAV, AFTERWORD_ENTRY, "<!-- Afterword -->" + AFTERWORD_ENTRY),
        "RSC-005",
    ),
    Case(
        "nav.structure",
        swap(NAV, '<h1 id="contents">Contents</h1>', '<h1 id="contents">Contents</h1><table/>'),
        swap(NAV, '<h1 id="contents">Contents</h1>', '<h2 id="contents">Contents</h2>'),
        "RSC-005",
    ),
    Case(
        "ncx.differs",
        swap(NCX, "Oil and Salt", "Oil &amp; Salt"),
        swap(NCX, "Oil and Salt", "Oil\nand  Salt"),
    ),
    Case(
        "ncx.differs",
        swap(NAV, "chapter2.xhtml#chapter2", "chapter2.xhtml"),
        both(
            swap(NAV, "chapter2.xhtml#chapter2", "chapter2.xhtml"),
            swap(NCX, "chapter2.xhtml#chapter2", "chapter2.xhtml"),
        ),
    ),
    Case("css.unit", swap(CSS, "1.2em", "1.2rem"), swap(CSS, "hr {", "hr, .x2rem {")),
    Case(
        "kindle.comment",
        swap(CSS, "stand close.", "stand close -- or not."),
        swap(CSS, "hr {", 'p::before { content: "/* -- */"; }\nhr {'),
    ),
    Case(
        "apple.fonts",
        swap(CSS, "hr {", FONT_FACE),
        both(
            swap(CSS, "hr {", FONT_FACE),
            add("META-INF/com.apple.ibooks.display-options.xml", b"<display_options/>"),
        ),
    ),
    Case(
        "image.no-source",
        swap(COVER, 'src="cover.png" ', ""),
        swap(COVER, 'src="cover.png" ', 'src="./cover.png" '),
        "RSC-005",
    ),
    Case(
        "image.no-alt",
        swap(COVER, ' alt="Cover: The Lamp Room"', ""),
        swap(COVER, 'alt="Cover: The Lamp Room"', 'alt="Cover"'),
    ),
    Case(
        "link.dead",
        swap(TWO, LATER_LINK, "chapter9.xhtml"),
        swap(TWO, LATER_LINK, "../text/chapter1.xhtml"),
        "RSC-007",
    ),
    Case(
        "link.dead",
        swap(TWO, LATER_LINK, "../../text/chapter1.xhtml"),
        swap(TWO, LATER_LINK, "./%63hapter1.xhtml"),
        "RSC-026",
    ),
    Case("link.dead-fragment", swap(TWO, "#later", "#latest"), swap(TWO, "#later", "#c1"), "RSC-012"),
    Case(
        "link.outside-spine",
        both(swap(OPF, COVER_REF, ""), swap(TWO, LATER_LINK, "../cover.xhtml")),
        swap(TWO, LATER_LINK, "../cover.xhtml"),
        "RSC-011",
    ),
    Case(
        "link.remote-resource",
        swap(COVER, 'src="cover.png"', 'src="https://example.org/c.png"'),
        swap(ONE, LOG, "https://example.org/c.png"),
        "RSC-006",
    ),
    Case("link.bad-url", swap(ONE, LOG, "https://"), swap(ONE, LOG, "https://example.org"), "RSC-020"),
    Case(
        "link.bad-url",
        swap(ONE, LOG, "https://exa mple.org/"),
        swap(ONE, LOG, "https://example.org/a(b)_c~d!*'"),
        "RSC-020",
    ),
    Case(
        "link.bad-url",
        swap(ONE, LOG, "www.example.org"),
        swap(ONE, LOG, "https://www.example.org:8080/a%20b#c"),
        "RSC-007",
    ),
    Case(
        "link.bad-url",
        swap(ONE, LOG, "file:///etc/passwd"),
        swap(ONE, LOG, "mailto:keeper@example.org"),
        "RSC-030",
    ),
    Case(
        "kindle.body-id-link",
        both(swap(ONE, "<body>", '<body id="top">'), swap(TWO, "#later", "#top")),
        both(swap(ONE, "<body>", '<body id="top">'), swap(TWO, "#later", "#c1")),
    ),
    Case(
        "kindle.hidden-target",
        swap(ONE, 'id="later"', 'id="later" hidden="hidden"'),
        swap(ONE, HR, '<hr hidden="hidden"/>'),
    ),
    Case(
        "kindle.hidden-target",
        swap(ONE, 'id="later"', 'id="later" style="display: none"'),
        swap(ONE, 'id="later"', 'id="later" style="display: block"'),
    ),
    Case(
        "nav.missing",
        swap(OPF, ' properties="nav"', ""),
        swap(OPF, ' properties="nav"', ' properties = "nav"'),
        "RSC-005",
    ),
    Case(
        "nav.no-toc",
        swap(NAV, '"toc" role', '"lot" role'),
        swap(NAV, '"toc" role', '" toc " role'),
        "RSC-005",
    ),
    Case(
        "nav.empty-label",
        both(NO_NCX, swap(NAV, ">Later</a>", "> </a>")),
        both(NO_NCX, swap(NAV, ">Later</a>", ">?</a>")),
        "RSC-005",
    ),
    Case(
        "nav.order",
        both(NO_NCX, swap(NAV, AFTERWORD_ENTRY, '<li><a href="preface.xhtml">Preface</a></li>')),
        both(NO_NCX, swap(NAV, AFTERWORD_ENTRY, "")),
        "NAV-011",
    ),
    Case(
        "nav.order",
        both(NO_NCX, swap(NAV, 'href="text/chapter2.xhtml#chapter2"', 'href="text/chapter1.xhtml#c1"')),
        both(NO_NCX, swap(NAV, 'chapter1.xhtml">Chapter 1', 'chapter1.xhtml#c1">Chapter 1')),
        "NAV-011",
    ),
    Case(
        "nav.landmarks",
        swap(NAV, BODYMATTER, TOC_MARK),
        swap(NAV, BODYMATTER, BODYMATTER.replace("chapter1", "chapter2")),
        "RSC-005",
    ),
    Case(
        "ncx.uid",
        swap(NCX, "urn:uuid:9f1c7d52", "9f1c7d52"),
        swap(NCX, 'name="dtb:uid"', 'name = "dtb:uid"'),
        "NCX-001",
    ),
    Case(
        "ncx.order",
        both(swap(NCX, "#later", ""), swap(NAV, "#later", "")),
        both(
            swap(NCX, "#later", ""),
            swap(NAV, "#later", ""),
            *(swap(NCX, f'playOrder="{n}"', f'playOrder="{n - 1}"') for n in (3, 4, 5)),
        ),
        "RSC-005",
    ),
    Case(
        "ncx.order",
        swap(NCX, 'playOrder="5"', 'playOrder="6"'),
        swap(NCX, 'id="n2" playOrder="2"', 'playOrder="2" id="n2"'),
        "RSC-005",
    ),
    Case("css.var", swap(CSS, "1.2em", "var(--indent)"), swap(CSS, "Words stand close", "No var(x) here")),
    Case("css.function", swap(CSS, "25%", "calc(25% + 1em)"), swap(CSS, "hr {", ".calc, .min-wide {")),
    Case(
        "css.direction",
        swap(CSS, "margin: 0;", "direction: rtl;"),
        swap(CSS, "hr {", ".direction {"),
        "CSS-001",
    ),
    Case(
        "css.empty-media",
        swap(CSS, "hr {", "@media print { }\nhr {"),
        swap(CSS, "hr {", "@media print { p { margin: 0; } }\nhr {"),
    ),
    Case(
        "css.braces",
        swap(CSS, "1.2em; }", "1.2em; "),
        swap(CSS, "hr {", 'p::before { content: "{"; }\nhr {'),
        "CSS-008",
    ),
    Case(
        "css.remote",
        swap(CSS, "hr {", "@import 'https://example.org/x.css';\nhr {"),
        swap(CSS, "close. */", "close: url(https://example.org/) */"),
        "RSC-006",
    ),
    Case(
        "css.dead",
        swap(CSS, "margin: 0;", "list-style-image: url(dot.png);"),
        swap(CSS, "margin: 0;", "list-style-image: url('cover.png');"),
        "RSC-007",
    ),
    Case(
        "css.encoding",
        add(CSS, "p { margin: 0; } /* caf\u00e9 */".encode("latin-1")),
        add(CSS, "p { margin: 0; } /* caf\u00e9 */".encode()),
    ),
)

IDS = [f"{case.id}-{sum(c.id == case.id for c in CASES[: number + 1])}" for number, case in enumerate(CASES)]
ID_RE = re.compile(
    r'"((?:container|names|file|xml|opf|manifest|spine|xhtml|image|cover|link|nav|ncx|css|kindle|kobo|apple)'
    r'\.[a-z-]+)"'
)
USAGE = {"PKG-012", "OPF-003"}  # messages of EPUBCheck that are no warnings
ELSEWHERE = {
    *("file.not-read", "kobo.too-large"),  # too large for a case; see below
    *("container.unreadable", "container.mimetype-packed"),
    *("kindle.mail-size", "kindle.too-large", "kobo.no-spans"),
}
"""The others are what only a file can show: see test_check_command.py."""


def test_the_good_book_has_no_problem():
    assert check(small_book.entries()) == ()


@cache
def problems_of(case: Case) -> tuple[Problem, ...]:
    return check(case.broken(small_book.entries()))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_broken_book_is_told_by_its_id(case):
    assert {problem.id for problem in problems_of(case)} == {case.id} | case.also


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_what_merely_looks_like_it_passes(case):
    assert check(case.near(small_book.entries())) == ()


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_problem_says_where_and_what_to_do(case):
    for problem in problems_of(case):
        assert problem.entry in {*small_book.entries(), *case.broken(small_book.entries())}
        assert problem.message == f"{problem.what}: {problem.advice}."
        assert len(problem.what.split()) > 1
        assert len(problem.advice.split()) > 1
        assert not problem.what.endswith((".", ":")), problem.what
        assert not problem.advice.endswith((".", ":")), problem.advice


def ids_in_the_source() -> set[str]:
    sources = Path(check_module.__file__).parent.glob("check*.py")
    sources = [*sources, Path(check_module.__file__).with_name("problem.py")]
    return {id for path in sources for id in ID_RE.findall(path.read_text(encoding="utf-8"))}


def test_every_id_has_a_case():
    assert ids_in_the_source() - ELSEWHERE == {case.id for case in CASES}


def test_what_epubcheck_is_said_to_tell_is_confirmed_by_a_case():
    told = {(case.id, case.epubcheck) for case in CASES if case.epubcheck}
    for id in ids_in_the_source() - ELSEWHERE:
        ours = {theirs for mine, theirs in told if mine == id}
        if ours and not id.startswith(("kindle.", "apple.", "kobo.")):
            assert ours - USAGE <= MIRRORED.get(id, set()), id
        else:
            assert id not in MIRRORED, f"{id}: no case confirms it"


@pytest.mark.needs("java")
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_epubcheck_says_the_same(case, tmp_path):
    broken = small_book.write(tmp_path / "broken.epub", case.broken(small_book.entries()))
    near = small_book.write(tmp_path / "near.epub", case.near(small_book.entries()))
    epubcheck.clean(near)
    found = {message.id for message in epubcheck.messages(broken)[broken]}
    if case.epubcheck is None:
        epubcheck.clean(broken)
    else:
        assert case.epubcheck in found


# Devices and levels


@pytest.mark.parametrize("device", DEVICES)
def test_a_device_is_told_of_its_own_and_of_what_concerns_all(device):
    for case in CASES:
        expected = {problem.id for problem in problems_of(case) if concerns(problem.id, device)}
        told = {problem.id for problem in check(case.broken(small_book.entries()), device)}
        assert told == expected, case.id


@pytest.mark.parametrize(
    ("id", "devices"),
    [
        ("link.dead", {"kindle", "kobo", "apple"}),
        ("kindle.language", {"kindle"}),
        ("css.var", {"kindle", "kobo"}),
        ("css.unit", {"kobo"}),
        ("apple.fonts", {"apple"}),
    ],
)
def test_a_problem_concerns_the_devices_it_concerns(id, devices):
    assert {device for device in DEVICES if concerns(id, device)} == devices


def test_what_epubcheck_lets_pass_and_no_device_refuses_is_a_warning():
    """A stricter level than EPUBCheck's is for what a device is known to refuse or nobody can read."""
    refused = {"xml.entity", "xml.bad-bytes", "container.protected", "css.var", "css.function"}
    refused |= {"css.empty-media", "css.encoding"}
    for case in CASES:
        if case.epubcheck is None:
            errors = {problem.id for problem in problems_of(case) if problem.level == "error"}
            assert {id for id in errors if not id.startswith(DEVICES)} <= refused, case.id


def test_a_thousand_problems_of_one_kind_are_told_as_a_hundred():
    book = swap(TWO, TEXT, '<a href="gone.xhtml">x</a>' * 1000)(small_book.entries())
    problems = check(book)
    assert len(problems) == check_module.SHOWN_PER_ID + 1
    assert problems[-1].id == "link.dead"
    assert "900 more" in problems[-1].what


# Somebody else's books


def test_a_book_of_epub_2_is_measured_by_epub_2():
    opf = small_book.OPF.replace('version="3.0"', 'version="2.0"').replace(' properties="nav"', "")
    opf = opf.replace(' properties="cover-image"', "").replace(
        "<meta refines", '<meta name="cover" content="cover-image"/><meta refines'
    )
    opf = re.sub(r"<meta [^>]*property=.*\n", "", opf).replace('<itemref idref="nav"/>\n', "")
    opf = opf.replace('<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml"/>\n', "")
    opf = opf.replace('<dc:creator id="creator"', f'<dc:creator xmlns:opf="{OPF_NAMESPACE}" opf:role="aut"')
    opf = opf.replace("</manifest>", "</manifest>").replace("<spine", "<spine")
    entries = drop(NAV)(small_book.entries()) | {OPF: opf.encode()}
    assert {problem.id for problem in check(entries)} <= {"cover.missing"}
    without = both(drop(NCX), swap(OPF, NCX_LINE, ""), swap(OPF, ' toc="ncx"', ""))(entries)
    assert "spine.no-ncx" in {problem.id for problem in check(without)}


def test_a_picture_within_svg_is_followed():
    picture = SVG.replace(
        "<rect",
        f'<image xmlns:x="http://www.w3.org/1999/xlink" x:href="{{}}" {""}width="9" height="9"/><rect',
    )
    marked = swap(OPF, CHAPTER1_LINE, CHAPTER1_LINE + ' properties="svg"')
    for href, ids in (("../cover.png", set()), ("../gone.png", {"link.dead"})):
        entries = both(marked, swap(ONE, HR, picture.format(href)))(small_book.entries())
        assert {problem.id for problem in check(entries)} == ids


@pytest.mark.parametrize(
    "href", ["tel:+441234", "ftp://example.org/x", "urn:isbn:1234567890", "mailto:a@b.c"]
)
def test_a_link_of_another_scheme_is_no_fault(href):
    assert check(swap(ONE, LOG, href)(small_book.entries())) == ()


# Large and hostile books


def test_a_document_of_ten_megabytes_is_too_large_for_a_kobo_and_not_read():
    entries = declared("long.xhtml", long_page(10_001_000))(small_book.entries())
    assert {problem.id for problem in check(entries)} == {"kobo.too-large", "file.not-read"}
    assert {problem.id for problem in check(entries, "kindle")} == {"file.not-read"}


def test_a_book_of_too_much_markup_is_not_read_to_its_end(monkeypatch):
    tags = sum(
        data.count(b"<") for name, data in small_book.entries().items() if name.endswith(("xhtml", "ncx"))
    )
    monkeypatch.setattr(check_content, "MOST_MARKUP", tags)
    assert check(small_book.entries()) == ()
    monkeypatch.setattr(check_content, "MOST_MARKUP", tags - 1)
    assert "file.not-read" in {problem.id for problem in check(small_book.entries())}


HOSTILE = {
    "a sheet of comments that never end": (CSS, b"/*" * 500_000),
    "a sheet of @media": (CSS, b"@media" * 200_000),
    "a sheet of url(": (CSS, b"url(" * 300_000),
    "a sheet of url and spaces": (CSS, b"url(" + b" " * 1_000_000),
    "a sheet of quotes": (CSS, b"'\"" * 500_000),
    "a sheet of braces": (CSS, b"{" * 1_000_000),
    "a sheet of variables": (CSS, b"--a" * 400_000),
    "a sheet of hyphens in comments": (CSS, b"/*--*/" * 200_000),
    "a sheet of numbers": (CSS, b"1" * 1_500_000),
    "a deep page": (TWO, small_book.page("Deep", "<div>" * 100_000)),
    "a page of links to everywhere": (
        TWO,
        small_book.page("x", "<p>" + '<a href="#x">x</a>' * 50_000 + "</p>", "../"),
    ),
    "a page of one id": (TWO, small_book.page("x", "<p>" + '<b id="x">x</b>' * 100_000 + "</p>", "../")),
    "a tag of attributes": (
        TWO,
        small_book.page("x", "<p " + " ".join(f'a{n}=""' for n in range(50_000)) + "/>"),
    ),
    "a page of NULs": (TWO, bytes(1_000_000)),
    "a page in UTF-7": (TWO, b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQBFAE4AVABJAFQAWQ-'),
    "a package of metas": (
        OPF,
        small_book.OPF.replace(
            "</metadata>", '<meta property="x:y">z</meta>' * 50_000 + "</metadata>"
        ).encode(),
    ),
    "an endless date": (OPF, small_book.OPF.replace("2024-05-01", "2024-" * 100_000).encode()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_seconds_at_most(name):
    entry, content = HOSTILE[name]
    start = time.process_time()
    check(small_book.entries() | {entry: content})
    assert time.process_time() - start < 5


def test_an_entity_bomb_is_reported_and_never_expanded():
    ten = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE html [<!ENTITY e0 "salt">{ten}]>'
    entries = swap(TWO, TEXT, "&e11;")(swap(TWO, "<!DOCTYPE html>", bomb)(small_book.entries()))
    start = time.process_time()
    problems = check(entries)
    assert time.process_time() - start < 1
    assert "xml.entity" in {problem.id for problem in problems}


def test_a_file_outside_the_book_is_never_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("sesame", encoding="utf-8")
    declaration = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    entries = swap(TWO, TEXT, "&x;")(swap(TWO, "<!DOCTYPE html>", declaration)(small_book.entries()))
    assert "sesame" not in repr(check(entries))


def test_damage_of_any_kind_gives_problems_and_no_traceback():
    """Bytes dropped, doubled and changed, in every entry: what comes out is a list of problems."""
    chance = random.Random(7)
    for _ in range(600):
        entries = small_book.entries()
        name = chance.choice(list(entries))
        content = bytearray(entries[name])
        at = chance.randrange(len(content))
        match chance.randrange(3):
            case 0:
                del content[at : at + chance.randrange(1, 40)]
            case 1:
                content[at:at] = content[max(0, at - 30) : at]
            case _:
                content[at] = chance.randrange(256)
        check(entries | {name: bytes(content)})


def test_a_long_book_is_checked_in_no_time():
    entries = small_book.entries()
    opf, refs = entries[OPF].decode(), ""
    for number in range(3, 203):
        name = f"text/chapter{number}.xhtml"
        line = f'<item id="chapter{number}" href="{name}" media-type="application/xhtml+xml"/>'
        opf = opf.replace("</manifest>", line + "</manifest>")
        refs += f'<itemref idref="chapter{number}"/>'
        entries[name] = long_page(10_000, "../")
    entries[OPF] = opf.replace("</spine>", refs + "</spine>").encode()
    start = time.process_time()
    assert check(entries) == ()
    assert time.process_time() - start < 2
