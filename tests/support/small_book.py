"""A small, good book made by hand, in the layout of the project's own.

It stands for the builder where a test must not depend on it: the checks are tried on one change to it
at a time. Six hundred words would prove no more than these.
"""

import struct
import zipfile
import zlib
from pathlib import Path

IDENTIFIER = "urn:uuid:9f1c7d52-6a0e-4c0b-9d57-2f4b8f0f3a11"

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="en" xml:lang="en">
<head><title>{title}</title>
<link rel="stylesheet" type="text/css" href="{up}style.css"/></head>
<body>
{body}
</body>
</html>
"""

COVER = """<section epub:type="cover" aria-label="Cover">
<img src="cover.png" alt="Cover: The Lamp Room"/></section>"""

PREFACE = """<h1>The Lamp Room</h1>
<p class="added">Rating: General Audiences</p>
<blockquote class="userstuff"><p>A keeper counts the ships.</p></blockquote>"""

CHAPTER1 = """<section epub:type="chapter" role="doc-chapter" aria-labelledby="chapter1" id="c1">
<h2 id="chapter1"><span class="added">Chapter 1</span></h2>
<p>The harbour lamp went out at nine, and nobody in the town admitted to having seen it.</p>
<hr class="scene-break"/>
<p id="later">Morning came <em>late</em>, grey as a gull.
See <a href="https://example.org/log?day=1">the log</a>.</p>
</section>"""

CHAPTER2 = """<section epub:type="chapter" role="doc-chapter" aria-labelledby="chapter2" id="c2">
<h2 id="chapter2"><span class="added">Chapter 2: </span>Oil and Salt</h2>
<p>Marit carried the oil up all ninety steps, and then she carried it down again.</p>
<ul><li>One wick.</li><li>Two matches.</li></ul>
<p><a href="chapter1.xhtml#later">Earlier</a></p>
</section>"""

AFTERWORD = """<section epub:type="afterword" role="doc-afterword" aria-labelledby="afterword">
<h2 id="afterword" class="added">Afterword</h2>
<p class="added">Made by hand.</p>
</section>"""

NAV = """<nav epub:type="toc" role="doc-toc" aria-labelledby="contents">
<h1 id="contents">Contents</h1>
<ol>
<li><a href="preface.xhtml">Preface</a></li>
<li><a href="text/chapter1.xhtml">Chapter 1</a>
<ol><li><a href="text/chapter1.xhtml#later">Later</a></li></ol></li>
<li><a href="text/chapter2.xhtml#chapter2">Chapter 2: Oil and Salt</a></li>
<li><a href="afterword.xhtml">Afterword</a></li>
</ol>
</nav>
<nav epub:type="landmarks" aria-label="Landmarks" hidden="hidden">
<ol>
<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>
<li><a epub:type="bodymatter" href="text/chapter1.xhtml">Start reading</a></li>
</ol>
</nav>"""

NCX = f"""<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="en">
<head><meta name="dtb:uid" content="{IDENTIFIER}"/></head>
<docTitle><text>The Lamp Room</text></docTitle>
<navMap>
<navPoint id="n1" playOrder="1"><navLabel><text>Preface</text></navLabel>
<content src="preface.xhtml"/></navPoint>
<navPoint id="n2" playOrder="2"><navLabel><text>Chapter 1</text></navLabel>
<content src="text/chapter1.xhtml"/>
<navPoint id="n3" playOrder="3"><navLabel><text>Later</text></navLabel>
<content src="text/chapter1.xhtml#later"/></navPoint></navPoint>
<navPoint id="n4" playOrder="4"><navLabel><text>Chapter 2: Oil and Salt</text></navLabel>
<content src="text/chapter2.xhtml#chapter2"/></navPoint>
<navPoint id="n5" playOrder="5"><navLabel><text>Afterword</text></navLabel>
<content src="afterword.xhtml"/></navPoint>
</navMap>
</ncx>
"""

OPF = f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{IDENTIFIER}</dc:identifier>
<dc:title>The Lamp Room</dc:title>
<dc:language>en</dc:language>
<dc:creator id="creator">Ada Quill</dc:creator>
<dc:date>2024-05-01</dc:date>
<dc:subject>Lighthouses</dc:subject>
<meta refines="#creator" property="role" scheme="marc:relators">aut</meta>
<meta property="dcterms:modified">2024-05-02T00:00:00Z</meta>
</metadata>
<manifest>
<item id="preface" href="preface.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="cover-image" href="cover.png" media-type="image/png" properties="cover-image"/>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="chapter1" href="text/chapter1.xhtml" media-type="application/xhtml+xml"/>
<item id="chapter2" href="text/chapter2.xhtml" media-type="application/xhtml+xml"/>
<item id="afterword" href="afterword.xhtml" media-type="application/xhtml+xml"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="css" href="style.css" media-type="text/css"/>
</manifest>
<spine toc="ncx">
<itemref idref="cover"/>
<itemref idref="preface"/>
<itemref idref="nav"/>
<itemref idref="chapter1"/>
<itemref idref="chapter2"/>
<itemref idref="afterword"/>
</spine>
</package>
"""

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""

CSS = """/* Words stand close. */
p { margin: 0; text-indent: 1.2em; }
hr { border: 0; border-top: 1px solid; width: 25%; margin: 1em auto; }
"""


def png(width: int, height: int) -> bytes:
    """A black picture of two colours."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = bytes((width + 7) // 8 + 1) * height
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PNG = png(1600, 2400)


def page(title: str, body: str, up: str = "") -> bytes:
    return PAGE.format(title=title, body=body, up=up).encode()


def entries() -> dict[str, bytes]:
    """The book, entry by entry, in the order of the archive; a new mapping at each call."""
    return {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER.encode(),
        "content.opf": OPF.encode(),
        "preface.xhtml": page("Preface", PREFACE),
        "cover.xhtml": page("Cover", COVER),
        "cover.png": PNG,
        "nav.xhtml": page("Contents", NAV),
        "text/chapter1.xhtml": page("Chapter 1", CHAPTER1, "../"),
        "text/chapter2.xhtml": page("Chapter 2", CHAPTER2, "../"),
        "afterword.xhtml": page("Afterword", AFTERWORD),
        "toc.ncx": NCX.encode(),
        "style.css": CSS.encode(),
    }


def write(path: Path, book: dict[str, bytes]) -> Path:
    """Pack the entries as they are, good or bad; ``mimetype`` is stored, the rest deflated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in book.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return path
