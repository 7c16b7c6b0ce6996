"""Blocks to XHTML: the author's characters exactly, escaped by the serialiser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.handmade import head, para, rule

from fic2epub.builder.labels import labels
from fic2epub.builder.markup import make, raw_template
from fic2epub.builder.page import Page
from fic2epub.builder.xhtml import fill, flow, paragraph
from fic2epub.errors import PackageError
from fic2epub.model import Emphasis, LineBreak, Link, Paragraph, ParagraphKind, Strong, Text, plain_text
from fic2epub.model.blocks import Inline

PLAIN = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
)
INLINES: st.SearchStrategy[Inline] = st.recursive(
    st.builds(Text, PLAIN) | st.just(LineBreak()),
    lambda inner: (
        st.builds(Emphasis, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Strong, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Link, st.just("https://example.org/"), st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


ENGLISH = labels("en")


def written(element: etree._Element) -> str:
    """An element as text, without the namespace."""
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.replace(' xmlns:html="http://www.w3.org/1999/xhtml"', "").replace("html:", "")


def elements(*blocks: object) -> list[str]:
    return [written(element) for element in flow(blocks, level=3, say=ENGLISH)]  # type: ignore[arg-type]


def test_markup_and_entities_are_shown_as_written() -> None:
    assert written(paragraph(para("a <b> & &amp; ]]> b"))) == "<p>a &lt;b&gt; &amp; &amp;amp; ]]&gt; b</p>"


def test_inlines_nest_and_white_space_stays() -> None:
    content = (
        Text(" a\u00a0 "),
        Emphasis((Text("b"), Strong((Text(" c"),)))),
        Text("  d\u200b"),
        LineBreak(),
        Text("e"),
    )
    assert written(fill(make("p"), content)) == (
        "<p> a\u00a0 <em>b<strong> c</strong></em>  d\u200b<br/>e</p>"
    )


def test_text_is_added_behind_what_is_there() -> None:
    element = fill(fill(make("p", "a"), (Text("b"), LineBreak())), (Text("c"), Text("d")))
    assert written(element) == "<p>ab<br/>cd</p>"


@given(st.lists(INLINES, max_size=6).map(tuple))
def test_no_character_is_lost_or_moved(content: tuple[Inline, ...]) -> None:
    element = etree.fromstring(etree.tostring(fill(make("p"), content)))
    for line_break in element.iter("{*}br"):
        line_break.text = " "
    assert "".join(element.itertext()) == plain_text(content)


def test_kinds_of_paragraphs_have_classes() -> None:
    assert (
        written(paragraph(para("Paris, 1832", ParagraphKind.DATELINE)))
        == '<p class="dateline">Paris, 1832</p>'
    )
    assert written(paragraph(para("The End", ParagraphKind.CLOSING))) == '<p class="closing">The End</p>'
    assert written(paragraph(para("a\nb"))) == '<p class="lines">a<br/>b</p>'


def test_the_paragraph_behind_a_break_or_heading_is_first() -> None:
    assert elements(para("a"), para("b"), rule(), para("c"), head("ii"), para("d")) == [
        '<p class="first">a</p>',
        "<p>b</p>",
        '<hr class="scene-break" aria-label="scene break"/>',
        '<p class="first">c</p>',
        "<h3>ii</h3>",
        '<p class="first">d</p>',
    ]


def test_the_paragraph_behind_a_date_line_is_first_too_but_not_behind_verse() -> None:
    assert elements(para("Paris, 1832", ParagraphKind.DATELINE), para("a"), para("b\nc"), para("d")) == [
        '<p class="dateline first">Paris, 1832</p>',
        '<p class="first">a</p>',
        '<p class="lines">b<br/>c</p>',
        "<p>d</p>",
    ]


def test_a_separator_is_a_rule_of_its_own() -> None:
    assert elements(rule(separator=True)) == ['<hr class="separator"/>']


def test_a_paragraph_of_white_space_makes_no_element_but_a_zero_width_character_does() -> None:
    assert elements(para(" \u00a0\n\u3000"), para("\u200b")) == ['<p class="first">\u200b</p>']


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org",
        "http://example.org:8080/a/b.html?x=1&y=2#frag",
        "https://example.org/a%20b",
        "mailto:someone@example.org",
    ],
)
def test_a_whole_address_is_a_link(href: str) -> None:
    element = paragraph(Paragraph((Link(href, (Text("here"),)),), para("").span))
    assert element[0].get("href") == href


@pytest.mark.parametrize(
    "href",
    [
        "www.example.org",
        "javascript:alert(1)",
        "https://example.org/a b",
        "https://exa mple.org",
        "https://example.org/%zz",
        "https://example.org/#a#b",
        "file:///etc/passwd",
        "mailto:nobody",
        "https://",
        "",
        "https://example.org/\u2026",
    ],
)
def test_anything_else_is_only_words(href: str) -> None:
    element = paragraph(Paragraph((Link(href, (Text("here"),)),), para("").span))
    assert written(element) == "<p><span>here</span></p>"


def test_a_page_declares_itself_and_knows_its_language() -> None:
    data = Page("chapter.xhtml", title="A & B", language="he", depth=2).bytes()
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html ')
    root = etree.fromstring(data)
    assert (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("he", "he")
    assert root.get("dir") == "rtl"
    assert root.findtext("{*}head/{*}title") == "A & B"
    assert root.find("{*}head/{*}link").get("href") == "../../style.css"


def test_slots_that_nobody_took_are_gone_and_no_slot_id_is_left() -> None:
    page = Page("afterword.xhtml", title="t", language="en")
    page.slot("endnotes")
    data = page.bytes().decode()
    assert "End Notes" in data
    assert "How this book" not in data
    assert "slot-" not in data


def test_two_pages_of_one_template_share_nothing() -> None:
    one, other = (Page("cover.xhtml", title=title, language="en") for title in "ab")
    one.slot("title").text = "One"
    assert b"One" not in other.bytes()


def test_a_missing_template_is_a_package_error() -> None:
    with pytest.raises(PackageError, match=r"none\.xhtml"):
        raw_template("none.xhtml")
