"""Each check fires on a good book with one thing broken, and keeps quiet on what merely looks like it.

EPUBCheck says the same of both, wherever it knows the fault: a check of ours that it contradicts fails.
"""

import dataclasses
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import epubcheck, small_book

from fic2epub.builder import check as check_module
from fic2epub.builder.check import check

Entries = dict[str, bytes]
Change = Callable[[Entries], Entries]

OPF, NAV, ONE, TWO, COVER, NCX, CSS = (
    *("content.opf", "nav.xhtml", "text/chapter1.xhtml", "text/chapter2.xhtml"),
    *("cover.xhtml", "toc.ncx", "style.css"),
)
CONTAINER = "META-INF/container.xml"


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
SECOND = '<content src="text/chapter2.xhtml"/>'
TOP = '<content src="text/chapter1.xhtml"/>'
NO_NCX = both(drop(NCX), swap(OPF, NCX_LINE, ""), swap(OPF, ' toc="ncx"', ""))
EXTRA = long_page(50)
BOMB = '<!DOCTYPE html [<!ENTITY a "ten ten ten"><!ENTITY b "&a;&a;&a;&a;&a;">]>'

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
        "container.rootfile",
        swap(CONTAINER, 'full-path="content.opf"', 'full-path="package.opf"'),
        swap(CONTAINER, 'full-path="content.opf"', 'full-path = "content.opf"'),
        "OPF-002",
    ),
    Case("names.unsafe", declared("a b.xhtml", EXTRA), declared("a-b_1.xhtml", EXTRA), "PKG-010"),
    Case("names.unsafe", declared("caf\u00e9.xhtml", EXTRA), declared("cafe.xhtml", EXTRA), "PKG-012"),
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
        "file.too-large",
        declared("long.xhtml", long_page(301_000)),
        declared("long.xhtml", long_page(299_000)),
    ),
    Case(
        "xml.encoding",
        swap(ONE, '<?xml version="1.0" encoding="utf-8"?>\n', ""),
        swap(ONE, 'encoding="utf-8"', "encoding='UTF-8'"),
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
    Case("opf.bad-language-tag", swap(OPF, ">en<", ">English<"), swap(OPF, ">en<", ">zh-Hant<")),
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
        swap(ONE, "<title>Chapter 1</title>", "<title></title>"),
        swap(ONE, "<title>Chapter 1</title>", "<title>1</title>"),
        "RSC-005",
    ),
    Case(
        "xhtml.language",
        swap(ONE, LANG, 'lang="en" xml:lang="de"'),
        swap(ONE, LANG, 'lang="de" xml:lang="de"'),
        "RSC-005",
    ),
    Case("xhtml.language", swap(ONE, LANG, ""), swap(ONE, LANG, 'xml:lang="en" lang="en"')),
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
        "xhtml.script",
        swap(TWO, f"<p>{TEXT}", f'<p onclick="go()">{TEXT}'),
        swap(TWO, f"<p>{TEXT}", f'<p class="onclick">{TEXT}'),
        "OPF-014",
    ),
    Case(
        "xhtml.script",
        swap(TWO, LATER_LINK, "javascript:go()"),
        swap(TWO, TEXT, "javascript:go() stood there"),
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
    Case("nav.empty-label", swap(NAV, ">Later</a>", "> </a>"), swap(NAV, ">Later</a>", ">?</a>"), "RSC-005"),
    Case(
        "nav.order",
        swap(NAV, AFTERWORD_ENTRY, '<li><a href="preface.xhtml">Preface</a></li>'),
        swap(NAV, AFTERWORD_ENTRY, ""),
        "NAV-011",
    ),
    Case(
        "nav.order",
        swap(NAV, 'href="text/chapter2.xhtml#chapter2"', 'href="text/chapter1.xhtml#chapter1"'),
        swap(NAV, 'href="text/chapter1.xhtml">Chapter 1', 'href="text/chapter1.xhtml#chapter1">Chapter 1'),
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
        swap(NCX, SECOND, TOP),
        both(swap(NCX, SECOND, TOP), swap(NCX, 'playOrder="2"', 'playOrder="1"')),
        "RSC-005",
    ),
    Case(
        "ncx.order",
        swap(NCX, 'playOrder="2"', 'playOrder="3"'),
        swap(NCX, 'id="n2" playOrder="2"', 'playOrder="2" id="n2"'),
        "RSC-005",
    ),
    Case("css.var", swap(CSS, "1.2em", "var(--indent)"), swap(CSS, "Words stand close", "No var(--x) here")),
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
    r'"((?:container|names|file|xml|opf|manifest|spine|xhtml|image|link|kindle|nav|ncx|css)\.[a-z-]+)"'
)


def test_the_good_book_has_no_problem():
    assert check(small_book.entries()) == ()


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_broken_book_is_told_by_its_id(case):
    problems = check(case.broken(small_book.entries()))
    assert {problem.id for problem in problems} == {case.id} | case.also, problems


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_what_merely_looks_like_it_passes(case):
    assert check(case.near(small_book.entries())) == ()


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_problem_says_where_and_what_to_do(case):
    for problem in check(case.broken(small_book.entries())):
        assert problem.where.partition(":")[0] in {*small_book.entries(), *case.broken(small_book.entries())}
        assert problem.message.endswith((".", ")."))
        assert len(problem.message.split()) > 3


def test_every_id_has_a_case():
    sources = Path(check_module.__file__).parent.glob("check*.py")
    sources = [*sources, Path(check_module.__file__).with_name("problem.py")]
    ids = {id for path in sources for id in ID_RE.findall(path.read_text(encoding="utf-8"))}
    assert ids == {case.id for case in CASES}


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


def test_an_entity_bomb_is_reported_and_never_expanded():
    ten = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE html [<!ENTITY e0 "salt">{ten}]>'
    entries = swap(TWO, TEXT, "&e11;")(swap(TWO, "<!DOCTYPE html>", bomb)(small_book.entries()))
    start = time.perf_counter()
    problems = check(entries)
    assert time.perf_counter() - start < 1
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
    start = time.perf_counter()
    assert check(entries) == ()
    assert time.perf_counter() - start < 2
