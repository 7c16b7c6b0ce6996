"""KEPUB: the documented rules of kepubify 4.0.4, each as a named case, and what holds for every page.

In the cases ``{2.1 text}`` stands for ``<span class="koboSpan" id="kobo.2.1">text</span>``.
"""

import json
import re
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support import epubcheck, handmade, made

from fic2epub.builder.kepub import kepub, kepub_file, kepub_name
from fic2epub.builder.kobo_document import read_page, write_document
from fic2epub.builder.kobo_spans import kobo_page, sentences
from fic2epub.cli.app import app
from fic2epub.container import read_entries, zip_entries
from fic2epub.errors import PackageError
from fic2epub.record import RECORD_NAME, is_unedited

X = "{http://www.w3.org/1999/xhtml}"
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>A page</title></head><body>{}</body></html>'
)
STYLE = (
    '<style type="text/css" class="kobostylehacks">div#book-inner { margin-top: 0; margin-bottom: 0;}</style>'
)
SHORT_RE = re.compile(r"\{(\d+\.\d+) ([^}]*)\}")


def transformed(source):
    """A document's text after the transform."""
    document = read_page("page.xhtml", source if isinstance(source, bytes) else source.encode())
    kobo_page(document.root)
    return write_document(document).decode()


def inner(body):
    """What stands in the wrappers when a page with this body is transformed."""
    text = transformed(PAGE.format(body))
    head, foot = '<body><div id="book-columns"><div id="book-inner">', "</div></div></body></html>"
    assert head in text
    assert text.endswith(foot)
    return text[text.index(head) + len(head) : -len(foot)]


def spelled_out(short):
    return SHORT_RE.sub(r'<span class="koboSpan" id="kobo.\1">\2</span>', short)


SPANS = [
    ("an empty body stays empty", "", ""),
    (
        "each sentence counts on within its paragraph",
        "<p>Rain fell. Nobody came. The lamp burned.</p>",
        "<p>{1.1 Rain fell. }{1.2 Nobody came. }{1.3 The lamp burned.}</p>",
    ),
    (
        "p, ul, ol and table each begin a paragraph; li, tr and td do not",
        "<p>One. Two.</p><ul><li>Oil</li><li>Salt</li></ul><ol><li>Wick</li></ol>"
        "<table><tbody><tr><td>Left</td><td>Right</td></tr></tbody></table>",
        "<p>{1.1 One. }{1.2 Two.}</p><ul><li>{2.1 Oil}</li><li>{2.2 Salt}</li></ul><ol><li>{3.1 Wick}"
        "</li></ol><table><tbody><tr><td>{4.1 Left}</td><td>{4.2 Right}</td></tr></tbody></table>",
    ),
    (
        "headings begin a paragraph, and a colon ends no sentence",
        "<h1>Part One: Fog</h1><h6>And more</h6><p>It lifted.</p>",
        "<h1>{1.1 Part One: Fog}</h1><h6>{2.1 And more}</h6><p>{3.1 It lifted.}</p>",
    ),
    (
        "div, section, blockquote, br and hr begin none",
        "<p>One</p><div>Two</div><section>Three<br/>four</section><hr/><blockquote>Five</blockquote>",
        "<p>{1.1 One}</p><div>{1.2 Two}</div><section>{1.3 Three}<br/>{1.4 four}</section><hr/>"
        "<blockquote>{1.5 Five}</blockquote>",
    ),
    (
        "text before any block counts in paragraph 0",
        "Before. And still before.<p>Now.</p>",
        "{0.1 Before. }{0.2 And still before.}<p>{1.1 Now.}</p>",
    ),
    (
        "a nested list goes on counting when it is left",
        "<ul><li>Deck<ul><li>Rope</li><li>Bell</li></ul></li><li>Hold</li></ul><div>Ashore.</div>",
        "<ul><li>{1.1 Deck}<ul><li>{2.1 Rope}</li><li>{2.2 Bell}</li></ul></li><li>{2.3 Hold}</li></ul>"
        "<div>{2.4 Ashore.}</div>",
    ),
    (
        "formatting and links split a sentence where they begin and end",
        '<p>The k<b>ey. </b>It <span>was. He</span>rs<a href="b.xhtml">, not mine. Or so</a></p>',
        "<p>{1.1 The k}<b>{1.2 ey. }</b>{1.3 It }<span>{1.4 was. }{1.5 He}</span>{1.6 rs}"
        '<a href="b.xhtml">{1.7 , not mine. }{1.8 Or so}</a></p>',
    ),
    (
        "nested formatting keeps the order of the text",
        "<p>A<b> b. C<i>d <u>e. F</u>g</i>h</b>i</p>",
        "<p>{1.1 A}<b>{1.2  b. }{1.3 C}<i>{1.4 d }<u>{1.5 e. }{1.6 F}</u>{1.7 g}</i>{1.8 h}</b>{1.9 i}</p>",
    ),
    (
        "white space is wrapped right under p and nowhere else",
        "<p>One.<span> </span> <i>Two</i></p>\n  <p> </p>\n<div> </div><p></p>",
        "<p>{1.1 One.}<span> </span>{1.2  }<i>{1.3 Two}</i></p>\n  <p>{2.1  }</p>\n<div> </div><p></p>",
    ),
    (
        "a block without spans uses up no number",
        "<p>One.</p><p><!-- nothing --></p><ul><li> </li></ul><p>Two.</p>",
        "<p>{1.1 One.}</p><p><!-- nothing --></p><ul><li> </li></ul><p>{2.1 Two.}</p>",
    ),
    (
        "a line end is white space within a sentence and after one",
        "<p>It rained.\n    Nobody\nminded.</p>",
        "<p>{1.1 It rained.\n    }{1.2 Nobody\nminded.}</p>",
    ),
    (
        "an image is a paragraph of its own",
        '<p>One.</p><img src="a.png" alt=""/><p>Two.</p>',
        '<p>{1.1 One.}</p>{2.1 <img src="a.png" alt=""/>}<p>{3.1 Two.}</p>',
    ),
    (
        "an image that opens a paragraph takes its number, and what follows counts on",
        '<p><img src="a.png" alt=""/> A boat. Two.</p><div>Three.</div>',
        '<p>{1.1 <img src="a.png" alt=""/>}{1.2  A boat. }{1.3 Two.}</p><div>{1.4 Three.}</div>',
    ),
    (
        "script, style, pre, audio and video keep their text",
        "<p>One.</p><script>a. b</script><style>c. d</style><pre>e. f</pre><audio>g. h</audio>"
        "<video>i. j</video><code>k. l</code>",
        "<p>{1.1 One.}</p><script>a. b</script><style>c. d</style><pre>e. f</pre><audio>g. h</audio>"
        "<video>i. j</video><code>{1.2 k. }{1.3 l}</code>",
    ),
    (
        "svg and math are not entered, what stands behind them is",
        '<p><svg xmlns="http://www.w3.org/2000/svg"><text x="0">A. b</text></svg>C.</p>'
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>D.',
        '<p><svg xmlns="http://www.w3.org/2000/svg"><text x="0">A. b</text></svg>{1.1 C.}</p>'
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>{1.2 D.}',
    ),
    (
        "comments are kept and split the text",
        "<p>One. Two<!-- here --> and three.</p>",
        "<p>{1.1 One. }{1.2 Two}<!-- here -->{1.3  and three.}</p>",
    ),
    (
        "ruby and right-to-left text are no special case",
        '<p dir="rtl">שלום. ערב.</p><p><ruby>灯<rt>ひ</rt></ruby>。</p>',
        '<p dir="rtl">{1.1 שלום. }{1.2 ערב.}</p><p><ruby>{2.1 灯}<rt>{2.2 ひ}</rt></ruby>{2.3 。}</p>',
    ),
    (
        "no-break spaces end nothing, are white space alone, and are written as numbers",
        "<p>Mr.\u00a0Oake. Yes.</p><div>\u00a0</div><p>\u00a0</p>",
        "<p>{1.1 Mr.&#160;Oake. }{1.2 Yes.}</p><div>&#160;</div><p>{2.1 &#160;}</p>",
    ),
    (
        "spans that are there already are left alone, all of them",
        '<p><span class="x koboSpan" id="kobo.7.1">One.</span></p><p>Two.</p>',
        '<p><span class="x koboSpan" id="kobo.7.1">One.</span></p><p>Two.</p>',
    ),
    (
        "a class that only looks like it is none",
        '<p class="koboSpans">One.</p>',
        '<p class="koboSpans">{1.1 One.}</p>',
    ),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in SPANS])
def test_spans(before, after):
    assert inner(before) == spelled_out(after)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
        ("“Wait.” He did.", ["“Wait.” ", "He did."]),
        ("He said ‘no.’ Then", ["He said ‘no.’ ", "Then"]),
        ("‘“No.”’ Then", ["‘“No.”’ Then"]),
        ("Well… yes", ["Well… yes"]),
        ("Well.… yes", ["Well.… ", "yes"]),
        ("What?!.. Oh", ["What?!.. ", "Oh"]),
        ('"A."." B', ['"A."." ', "B"]),
        ("3.14 a.m. Dr. Vale", ["3.14 a.m. ", "Dr. ", "Vale"]),
        ("no.break", ["no.break"]),
        ("one: two; three", ["one: two; three"]),
        ("End.\u00a0Next", ["End.\u00a0Next"]),
        ("End.\u2003Next", ["End.\u2003Next"]),
        ("End.  \n Next", ["End.  \n ", "Next"]),
        ("End. ", ["End. "]),
        (" . . ", [" . ", ". "]),
        ("(Yes.) No", ["(Yes.) No"]),
        ("", [""]),
    ],
)
def test_sentences(text, pieces):
    assert sentences(text) == pieces


DOCUMENTED_RE = re.compile(r"""[.!?]+(?:['"”’“…][.!?]+)*['"”’“…]?[\t\n\f\r ]+""")


@given(st.text(alphabet=".!?'\"”’“… \n\u00a0a", max_size=40))
def test_sentences_follow_the_documented_pattern(text):
    ends = [match.end() for match in DOCUMENTED_RE.finditer(text)]
    cut = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    assert sentences(text) == ([piece for piece in cut if piece] or [""])


@pytest.mark.parametrize("text", ["." * 200_000, '."' * 100_000, " " * 200_000, ". " * 100_000])
def test_hostile_punctuation_takes_one_pass(text):
    start = time.perf_counter()
    assert "".join(sentences(text)) == text
    assert time.perf_counter() - start < 2


# The page around the spans.


def test_the_head_ends_with_the_style_sheet_once():
    once = transformed(PAGE.format("<p>One.</p>"))
    assert f"<title>A page</title>{STYLE}</head>" in once
    assert transformed(once) == once


def test_a_page_with_wrappers_gets_no_second_pair():
    wrapped = '<div id="book-columns"><div id="book-inner"><p>One.</p></div></div>'
    assert transformed(PAGE.format(wrapped)).count("<div") == 2


def test_another_div_of_that_name_is_no_wrapper():
    assert transformed(PAGE.format('<div id="book-columns"><p>One.</p></div>')).count("<div") == 3


def test_white_space_behind_the_body_ends_up_inside():
    page = PAGE.format("<p>One.</p>\n").replace("</body>", "</body>\n")
    assert transformed(page).endswith("</p>\n\n</div></div></body></html>")


def test_void_elements_close_themselves_and_no_others():
    body = '<p></p><br></br><hr/><a id="x"/><svg xmlns="http://www.w3.org/2000/svg"><path d="M0"/></svg>'
    assert inner(body) == (
        '<p></p><br/><hr/><a id="x"></a><svg xmlns="http://www.w3.org/2000/svg"><path d="M0"></path></svg>'
    )


def test_declaration_and_doctype_stay_and_none_is_added():
    assert transformed(PAGE.format("")).startswith(
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html'
    )
    assert transformed('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>').startswith("<html xmlns=")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "windows-1252", "utf-8"])
def test_every_encoding_becomes_utf_8(encoding):
    page = (
        f'<?xml version="1.0" encoding="{encoding}"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}"/>'
        f'<meta charset="{encoding}"/></head><body><p>Café</p></body></html>'
    )
    text = transformed(page.encode(encoding))
    assert ">Café<" in text
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert 'content="text/html; charset=utf-8"' in text
    assert re.search('<meta charset="utf-8"/>', text, re.IGNORECASE)


def test_a_wrong_declaration_loses_no_letter():
    page = b'<?xml version="1.0" encoding="utf-8"?><html><body><p>Caf\xe9 \x93ole\x94</p></body></html>'
    assert "Café “ole”" in transformed(page)


def test_named_characters_of_html_are_understood():
    assert inner("<p>a&nbsp;&mdash;&hellip;&amp;&lt;</p>") == spelled_out("<p>{1.1 a&#160;—…&amp;&lt;}</p>")


def test_named_characters_do_not_turn_xhtml_into_html():
    body = "<p>a&nbsp;b<ul><li>c</li></ul></p>"
    assert inner(body) == spelled_out("<p>{1.1 a&#160;b}<ul><li>{2.1 c}</li></ul></p>")


def test_named_characters_in_comments_and_cdata_are_not():
    assert inner("<p><!-- &nbsp; \u00a0 --><![CDATA[&nbsp;]]></p>") == spelled_out(
        "<p><!-- &nbsp; \u00a0 -->{1.1 &amp;nbsp;}</p>"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>a<o:p></o:p>b</p>", "<p>{1.1 a}{1.2 b}</p>"),
        ("<p>a<o:p> <!-- c --></o:p> b</p>", "<p>{1.1 a}{1.2  b}</p>"),
        ("<div><b>a</b><o:p/>\n<i>b</i></div>", "<div><b>{0.1 a}</b>\n<i>{0.2 b}</i></div>"),
        ("<div>\n<o:p/> <i>b</i></div>", "<div>\n <i>{0.1 b}</i></div>"),
        ("<p>a<st1:x><st1:y/></st1:x></p>", "<p>{1.1 a}</p>"),
        ("<p>a\ufffdb. \ufffd c</p>", "<p>{1.1 ab. }{1.2  c}</p>"),
    ],
)
def test_clean_up_in_the_body(before, after):
    page = PAGE.format(before).replace("<html", '<html xmlns:o="urn:o" xmlns:st1="urn:st1"')
    assert spelled_out(after) in transformed(page)


def test_words_in_word_marks_stay():
    page = PAGE.format("<p><o:p>Rain</o:p> in <st1:City>Hull</st1:City></p>")
    text = transformed(page.replace("<html", '<html xmlns:o="urn:o" xmlns:st1="urn:st1"'))
    assert "".join(etree.fromstring(text.encode()).find(f".//{X}p").itertext()) == "Rain in Hull"


def test_adobes_meta_elements_go_and_others_stay():
    head = '<meta name="Adept.resource" content="a"/><meta name="Adept.expected.resource" content="b"/>'
    page = PAGE.format("").replace("</head>", f'{head}<meta name="Adept" content="c"/></head>')
    assert transformed(page).count("<meta") == 1


# Broken documents.


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<html><body><p>One & two <b>three</p><p>four</body></html>", "One & two three four"),
        ("<p>bare &nosuch; text", "bare &nosuch; text"),
        ("<html><body><p>One</p></body></html>Two<p>three</p></html>", "One Two three"),
        ("<html><body><p>One\x00\x0b two&#1; three</p></body></html>", "One two three"),
        ('<html><body><x:y z:a="1" b"="2">One</x:y><!-- a -- b --></body></html>', "One"),
        ("<html><body><o:p>One</o:p></body></html>", "One"),
        ("<HTML><BODY><P>One<BR>two</BODY></HTML>", "One two"),
        ("<!DOCTYPE html><html><body><p>One</body>", "One"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><p>No body</p></html>', "No body"),
        ("<html><body><p>One</p></body></html>", "One"),
    ],
)
def test_broken_documents_become_xhtml_with_all_their_words(page, words):
    text = transformed(page)
    root = etree.fromstring(text.encode())
    assert root.tag == f"{X}html"
    assert " ".join(" ".join(root.find(f"{X}body").itertext()).split()) == words
    assert 'id="kobo.' in text
    assert transformed(text) == text


def test_a_broken_page_keeps_what_svg_and_epub_need():
    text = transformed(
        '<html><body epub:type="cover"><svg viewBox="0 0 2 3"><image xlink:href="a.png"/></svg><p>x'
    )
    root = etree.fromstring(text.encode())
    svg = root.find(".//{http://www.w3.org/2000/svg}svg")
    assert svg.get("viewBox") == "0 0 2 3"
    assert svg[0].get("{http://www.w3.org/1999/xlink}href") == "a.png"
    assert root.find(f"{X}body").get("{http://www.idpf.org/2007/ops}type") == "cover"


@pytest.mark.parametrize("data", [b"", b" \n", b"\x00\x01", b'<svg xmlns="http://www.w3.org/2000/svg"/>'])
def test_what_is_no_page_is_left_alone(data):
    assert read_page("page.xhtml", data) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<!DOCTYPE html [<!ENTITY a "b">]><html><body>&a;</body></html>', "declares entities"),
        (b"<html><body>" + b"<div>" * 5000 + b"deep" + b"</div>" * 5000, "read whole"),
    ],
)
def test_hostile_pages_are_refused_by_name(data, reason):
    with pytest.raises(PackageError, match=f"page.xhtml: .*{reason}"):
        read_page("page.xhtml", data)


# What holds for every page.

NAMES = st.sampled_from(
    ["p", "div", "ul", "li", "em", "b", "span", "blockquote", "h2", "table", "section", "code", "pre"]
)
TEXTS = st.text(alphabet="ab.!? \n…”’\u00a0é", max_size=12)
LEAVES = st.sampled_from(["<br/>", "<hr/>", '<img src="a.png" alt=""/>', "<!-- c -->", "<p></p>", "<?x y?>"])
TREES = st.recursive(
    TEXTS | LEAVES,
    lambda children: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(children, max_size=4)
    ),
    max_leaves=25,
)
BODIES = st.lists(TREES, max_size=5).map("".join)


def unwrapped(text):
    """The document without what the transform added, in canonical form."""
    root = etree.fromstring(text.encode())
    for style in root.findall(f".//{X}style[@class='kobostylehacks']"):
        style.getparent().remove(style)
    for added in (
        *root.findall(f".//{X}div[@id='book-columns']"),
        *root.findall(f".//{X}div[@id='book-inner']"),
        *root.findall(f".//{X}span[@class='koboSpan']"),
    ):
        added.tag = "added"
    etree.strip_tags(root, "added")
    return etree.tostring(root, method="c14n")


@given(BODIES)
def test_unwrapping_gives_back_the_document(body):
    page = PAGE.format(body)
    assert unwrapped(transformed(page)) == etree.tostring(etree.fromstring(page.encode()), method="c14n")


@given(BODIES)
def test_ids_are_unique_and_dense_and_a_second_run_changes_nothing(body):
    once = transformed(PAGE.format(body))
    found = [tuple(map(int, pair)) for pair in re.findall(r'id="kobo\.(\d+)\.(\d+)"', once)]
    for (paragraph, segment), after in pairwise(found):
        assert after in {(paragraph, segment + 1), (paragraph + 1, 1)}
    assert not found or found[0] in {(0, 1), (1, 1)}
    assert transformed(once) == once


@given(st.text(alphabet="<>/p&;b!-[] =\"'?x\x00\x01é", max_size=40))
def test_any_bytes_are_a_page_or_refused(text):
    document = read_page("page.xhtml", text.encode())
    if document is not None:
        kobo_page(document.root)
        once = write_document(document).decode()
        assert etree.fromstring(once.encode()).tag == f"{X}html"
        assert transformed(once) == once


def test_a_megabyte_is_quick():
    prose = "".join(
        f"<p>Ship {n} came in late. “As they do,” said <em>Pell</em>, and wrote it down.</p>"
        for n in range(13_000)
    )
    page = PAGE.format(prose)
    assert len(page) > 1_000_000
    start = time.process_time()
    transformed(page)
    assert time.process_time() - start < 3  # 0.4 s on a quiet machine


# The book.

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
OPF = (
    '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
    'unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:opf="http://www.idpf.org/2007/opf"><dc:identifier id="i">x</dc:identifier>'
    "<dc:title>Slack Water</dc:title>{metadata}</metadata><manifest>{manifest}"
    '<item id="one" href="{first}" media-type="application/xhtml+xml"/></manifest>'
    '<spine>{spine}<itemref idref="one"/></spine></package>'
)


ONE = PAGE.format("<p>One.</p>")


def entries(*, page=ONE, first="cover.xhtml", more=(), **slots):
    """A book of one page, as entries."""
    slots = {"metadata": "", "manifest": "", "spine": "", **slots}
    return {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER.encode(),
        "OEBPS/content.opf": OPF.format(first=first, **slots).encode(),
        f"OEBPS/{first}": page.encode(),
        **dict(more),
    }


def package(book):
    return dict(book)["OEBPS/content.opf"].decode()


def test_entries_keep_their_order_and_others_their_bytes():
    book = {"a.css": b"p{}", **entries(more=[("OEBPS/z.png", b"png")])}
    new = kepub(book)
    assert [name for name, _ in new] == [
        "mimetype",
        "a.css",
        "META-INF/container.xml",
        "OEBPS/content.opf",
        "OEBPS/cover.xhtml",
        "OEBPS/z.png",
    ]
    changed = [name for name, data in new if book[name] != data]
    assert changed == ["OEBPS/content.opf", "OEBPS/cover.xhtml"]


def test_what_programs_and_systems_leave_behind_is_dropped():
    names = [
        "OEBPS/calibre_bookmarks.txt",
        "META-INF/calibre_bookmarks.txt",
        "iTunesMetadata.plist",
        "iTunesArtwork.plist",
        "OEBPS/.DS_STORE",
        "OEBPS/thumbs.db",
        "OEBPS/Thumbs.db",
        "__MACOSX/._cover.xhtml",
        "OEBPS/",
    ]
    kept = ["OEBPS/.DS_Store", "__MACOSX/a/b", "OEBPS/__MACOSX/x", "OEBPS/my thumbs.db"]
    new = dict(kepub(entries(more=[(name, b"x") for name in (*names, *kept)])))
    assert new.keys().isdisjoint(names)
    assert new.keys() >= set(kept)


@pytest.mark.parametrize(
    ("item", "is_page"),
    [
        ('href="a.xhtml" media-type="application/xhtml+xml"', True),
        ('href="a.xhtml" media-type="text/html"', True),
        ('href="a.xhtml" media-type="application/xml"', True),
        ('href="a.xml" media-type="application/xhtml+xml"', True),
        ('href="A.XHTML" media-type="text/plain"', True),
        ('href="a%20b.html" media-type="application/xhtml+xml"', True),
        ('href="../a.htm" media-type="text/xml"', True),
        ('href="a.xml" media-type="application/xml"', False),
        ('href="a.svg" media-type="image/svg+xml"', False),
    ],
)
def test_pages_are_known_by_type_or_suffix(item, is_page):
    name = item.split('"')[1].replace("%20", " ")
    path = name.removeprefix("../") if name.startswith("../") else f"OEBPS/{name}"
    page = PAGE.format("<p>Hm.</p>").encode()
    new = dict(kepub(entries(manifest=f'<item id="a" {item}/>', more=[(path, page)])))
    assert (b"koboSpan" in new[path]) is is_page


def test_a_slip_in_the_case_of_an_address_is_forgiven():
    manifest = '<item id="a" href="Text/A.xhtml" media-type="application/xhtml+xml"/>'
    new = kepub(entries(manifest=manifest, more=[("OEBPS/text/a.xhtml", ONE.encode())]))
    assert b"koboSpan" in dict(new)["OEBPS/text/a.xhtml"]


def test_a_page_that_the_manifest_does_not_name_is_left_alone():
    page = PAGE.format("<p>Hm.</p>").encode()
    assert dict(kepub(entries(more=[("OEBPS/stray.xhtml", page)])))["OEBPS/stray.xhtml"] == page


@pytest.mark.parametrize(
    ("metadata", "manifest", "marked"),
    [
        ('<meta name="cover" content="pic"/>', '<item id="pic" href="p.png" media-type="image/png"/>', "pic"),
        ("", '<item id="cover" href="p.png" media-type="image/png"/>', "cover"),
        ('<meta name="cover"/>', '<item id="cover" href="p.png" media-type="image/png"/>', "cover"),
        ("", '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>', None),
        (
            '<meta name="cover" content="gone"/>',
            '<item id="cover" href="p.png" media-type="image/png"/>',
            None,
        ),
        ("", '<item id="pic" href="p.png" media-type="image/png"/>', None),
    ],
)
def test_the_cover_picture_is_named_and_nothing_else(metadata, manifest, marked):
    opf = package(kepub(entries(metadata=metadata, manifest=manifest)))
    assert re.findall(r'id="(\w+)"[^>]* properties="cover-image"', opf) == ([marked] if marked else [])


def test_calibres_traces_go_and_the_package_is_indented_by_four():
    opf = package(
        kepub(
            entries(
                metadata='<meta name="calibre:timestamp" content="2020"/><meta name="calibre:series"/>'
                '<dc:contributor opf:role="bkp">calibre</dc:contributor>'
                '<dc:contributor opf:role="edt">E</dc:contributor>'
            )
        )
    )
    assert "calibre:timestamp" not in opf
    assert ">calibre<" not in opf
    assert "calibre:series" in opf
    assert ">E<" in opf
    assert '\n    <metadata xmlns:dc="' in opf
    assert "\n        <dc:title>Slack Water</dc:title>\n" in opf


def words(count, word="lamps"):
    return f"<div>{' '.join([word] * count)}</div>"


PICTURE = '<img src="a.png" alt=""/>'


@pytest.mark.parametrize(
    ("first", "body", "blank"),
    [
        pytest.param("text/cover-page.xhtml", words(500), False, id="a name with cover is believed"),
        pytest.param("TitlePage.html", words(500), False, id="and one with title, in any case"),
        pytest.param("a.xhtml", words(20), False, id="twenty long words are a title page"),
        pytest.param("a.xhtml", words(21), True, id="twenty-one are not"),
        pytest.param("a.xhtml", words(5), False, id="five are enough"),
        pytest.param("a.xhtml", words(4), True, id="four are too few"),
        pytest.param("a.xhtml", words(5, "wick"), False, id="words of four bytes count"),
        pytest.param("a.xhtml", words(90, "oil"), True, id="words of three bytes do not count"),
        pytest.param("a.xhtml", words(5, "été"), False, id="bytes, not letters"),
        pytest.param("a.xhtml", PICTURE, False, id="a picture alone is one"),
        pytest.param(
            "a.xhtml", "<svg xmlns='http://www.w3.org/2000/svg'/>", False, id="a drawing is a picture"
        ),
        pytest.param("a.xhtml", PICTURE * 4 + words(20), False, id="four pictures are allowed"),
        pytest.param("a.xhtml", PICTURE * 5, True, id="five are not"),
        pytest.param("a.xhtml", words(5) + "<p/>" * 4, False, id="four paragraphs are allowed"),
        pytest.param("a.xhtml", words(5) + "<p/>" * 5, True, id="five are not allowed"),
        pytest.param("a.xhtml", f"<p>{words(9)}</p>", True, id="what stands in a p is not looked at"),
        pytest.param("a.xhtml", f"<pre>{words(90)}</pre>" + words(5), False, id="nor in pre"),
        pytest.param("a.xml", words(500), False, id="another suffix is let be"),
    ],
)
def test_a_blank_first_page(first, body, blank):
    new = kepub(entries(first=first, page=PAGE.format(body)))
    name = "OEBPS/kepubify-titlepage-dummy.xhtml"
    assert (name in dict(new)) is blank
    assert bool(re.search(r'<spine>\s*<itemref idref="kepubify-titlepage-dummy"/>', package(new))) is blank
    assert kepub(dict(new)) == new


def test_pages_outside_the_reading_order_do_not_count_as_first():
    manifest = '<item id="ad" href="ad.xhtml" media-type="application/xhtml+xml"/>'
    book = entries(
        manifest=manifest,
        spine='<itemref idref="ad" linear="no"/>',
        more=[("OEBPS/ad.xhtml", PAGE.format(words(90)).encode())],
    )
    assert "OEBPS/kepubify-titlepage-dummy.xhtml" not in dict(kepub(book))


def test_the_blank_page_is_valid_and_leads_the_book(tmp_path):
    book = read_entries(made.book(tmp_path / "book.epub", handmade.one_shot()))
    opf = book["content.opf"].decode()
    opf = opf.replace("cover.xhtml", "front.xhtml")
    renamed = {("front.xhtml" if name == "cover.xhtml" else name): data for name, data in book.items()}
    renamed["content.opf"] = opf.encode()
    renamed = {
        name: data.replace(b"cover.xhtml", b"front.xhtml") if name.endswith(("ncx", "html")) else data
        for name, data in renamed.items()
    }
    renamed["front.xhtml"] = PAGE.format("<p>x</p>" * 6).replace("<html", '<html lang="en"').encode()
    path = tmp_path / "book.kepub.epub"
    path.write_bytes(kepub_file(zip_entries(list(renamed.items()))))
    assert "kepubify-titlepage-dummy.xhtml" in read_entries(path)
    epubcheck.clean(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"META-INF/container.xml": None}, "no EPUB"),
        ({"META-INF/container.xml": b"<container"}, "container.xml: is no XML"),
        ({"META-INF/container.xml": CONTAINER.replace("content", "other").encode()}, "no package document"),
        ({"OEBPS/content.opf": None}, "no package document"),
        ({"OEBPS/content.opf": b"<package>"}, "content.opf: is no XML"),
        ({"OEBPS/content.opf": b'<!DOCTYPE p [<!ENTITY a "b">]><package/>'}, "declares entities"),
        (
            {
                "META-INF/encryption.xml": b'<encryption><d><CipherReference URI="OEBPS/cover.xhtml"/></d>'
                b"</encryption>"
            },
            "encrypted",
        ),
    ],
)
def test_what_is_no_readable_epub_is_refused_in_a_sentence(change, reason):
    book = {name: data for name, data in {**entries(), **change}.items() if data is not None}
    with pytest.raises(PackageError, match=reason):
        kepub(book)


def test_obfuscated_fonts_are_no_drm():
    font = b'<encryption><d><CipherReference URI="OEBPS/font.otf"/></d></encryption>'
    assert kepub({**entries(), "META-INF/encryption.xml": font})


def test_a_file_that_is_no_zip_is_refused():
    with pytest.raises(PackageError, match="not an EPUB"):
        kepub_file(b"no zip")


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("book.epub", "book.kepub.epub"),
        ("Book.EPUB", "Book.kepub.epub"),
        ("a.b.epub", "a.b.kepub.epub"),
        ("book.kepub.epub", "book.kepub.epub"),
        ("book.kepub", "book.kepub.epub"),
        ("book", "book.kepub.epub"),
    ],
)
def test_names(name, new):
    assert kepub_name(name) == new


# The project's own books.

WORKS = {
    "one-shot": handmade.one_shot,
    "six chapters": handmade.six_chapters,
    "parts": handmade.with_parts,
    "markup in the title": lambda: handmade.odd_titles()[0],
    "right to left": lambda: handmade.odd_titles()[1],
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in WORKS.items()])
def test_a_book_of_ours(make, tmp_path):
    path = made.book(tmp_path / "book.epub", make())
    kobo = tmp_path / "book.kepub.epub"
    kobo.write_bytes(kepub_file(path))
    old, new = read_entries(path), read_entries(kobo)
    assert list(old) == list(new)
    for name in old:
        if name.endswith(".xhtml"):
            assert "koboSpan" in new[name].decode()
            assert text_of(new[name]) == text_of(old[name])
    assert kepub_file(kobo) == kobo.read_bytes()
    assert is_unedited(new)
    epubcheck.clean(kobo)


def text_of(data):
    root = etree.fromstring(data)
    return "".join(root.find(f"{X}body").itertext()).rstrip()


def test_an_anthology_of_ours(tmp_path):
    path = made.anthology(tmp_path / "all.epub", [handmade.one_shot(), handmade.six_chapters()])
    kobo = tmp_path / "all.kepub.epub"
    kobo.write_bytes(kepub_file(path))
    assert is_unedited(read_entries(kobo))
    epubcheck.clean(kobo)


def test_the_record_of_an_edited_book_stays_one(tmp_path):
    book = read_entries(made.book(tmp_path / "book.epub", handmade.one_shot()))
    book["style.css"] += b"\np { color: red }"
    new = dict(kepub(book))
    assert new[RECORD_NAME] == book[RECORD_NAME]
    assert not is_unedited(new)


def test_only_the_hash_of_the_record_changes(tmp_path):
    book = read_entries(made.book(tmp_path / "book.epub", handmade.one_shot()))
    old, new = (json.loads(one[RECORD_NAME]) for one in (book, dict(kepub(book))))
    assert {**old, "content_sha256": ""} == {**new, "content_sha256": ""}


# The command.


def run(*arguments):
    return CliRunner().invoke(app, ["kepub", *map(str, arguments)])


@pytest.fixture
def epub(tmp_path):
    return made.book(tmp_path / "Lamp Room.epub", handmade.one_shot())


def test_the_kepub_is_put_beside_the_book(epub):
    result = run(epub)
    target = epub.with_name("Lamp Room.kepub.epub")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{target}\n"
    assert target.read_bytes() == kepub_file(epub)
    assert {path.name for path in epub.parent.iterdir()} == {epub.name, target.name}


def test_a_second_run_writes_nothing(epub):
    run(epub)
    target = epub.with_name("Lamp Room.kepub.epub")
    before = target.stat()
    result = run(epub)
    assert result.exit_code == 0
    assert "unchanged" in result.stderr
    assert target.stat().st_mtime_ns == before.st_mtime_ns


def test_an_earlier_kepub_of_the_same_work_is_replaced(epub):
    run(epub)
    work = handmade.one_shot()
    made.book(epub, replace(work, metadata=replace(work.metadata, tags=("lamps",))))
    assert run(epub).exit_code == 0
    assert epub.with_name("Lamp Room.kepub.epub").read_bytes() == kepub_file(epub)


def test_a_strangers_file_is_left_alone_but_with_force(epub):
    target = epub.with_name("Lamp Room.kepub.epub")
    target.write_bytes(b"another's")
    result = run(epub)
    assert result.exit_code == 5
    assert "left alone" in result.stderr
    assert target.read_bytes() == b"another's"
    assert run(epub, "--force").exit_code == 0
    assert epub.with_name("Lamp Room.bak.kepub.epub").read_bytes() == b"another's"


def test_the_book_itself_is_never_the_target(epub):
    before = epub.read_bytes()
    result = run(epub, "-o", epub, "--force")
    assert result.exit_code == 2
    assert "is the book itself" in result.stderr
    assert epub.read_bytes() == before


def test_a_kepub_of_ours_stays_as_it_is(epub):
    run(epub)
    result = run(epub.with_name("Lamp Room.kepub.epub"))
    assert result.exit_code == 0
    assert "unchanged" in result.stderr


def test_a_file_a_folder_and_standard_output_as_target(epub, tmp_path):
    folder = tmp_path / "reader"
    assert run(epub, "-o", tmp_path / "x.kepub.epub").exit_code == 0
    assert run(epub, "-o", f"{folder}/").exit_code == 0
    assert run(epub, "-o", "-").stdout_bytes == kepub_file(epub)
    assert (tmp_path / "x.kepub.epub").read_bytes() == kepub_file(epub)
    assert (folder / "Lamp Room.kepub.epub").read_bytes() == kepub_file(epub)


def test_two_books_of_one_name_are_two_kepubs(epub, tmp_path):
    (tmp_path / "b").mkdir()
    other = made.book(tmp_path / "b" / epub.name, handmade.six_chapters())
    result = run(epub, other, "-o", f"{tmp_path}/reader/")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "reader").iterdir()} == {
        "Lamp Room.kepub.epub",
        "Lamp Room (2).kepub.epub",
    }


def test_one_bad_file_does_not_stop_the_others(epub, tmp_path):
    bad = tmp_path / "bad.epub"
    bad.write_bytes(b"no zip")
    result = run(bad, epub)
    assert result.exit_code == 8
    assert "bad.epub: not an EPUB" in result.stderr
    assert epub.with_name("Lamp Room.kepub.epub").exists()
    assert run(bad).exit_code == 6
    assert run(tmp_path / "gone.epub").exit_code == 6
    assert run().exit_code == 2
