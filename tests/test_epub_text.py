"""The tests' own reader of books tells the author's words from the program's, in order."""

import pytest
from support import small_book
from support.epub_text import Rule, Words, read_book


@pytest.fixture
def book(tmp_path):
    return read_book(small_book.write(tmp_path / "book.epub", small_book.entries()))


def changed(tmp_path, old: str, new: str):
    entries = small_book.entries()
    name = "text/chapter2.xhtml"
    assert old.encode() in entries[name]
    entries[name] = entries[name].replace(old.encode(), new.encode())
    return read_book(small_book.write(tmp_path / "book.epub", entries)).document(name)


def test_the_words_of_the_whole_book_come_in_spine_order_without_what_was_added(book):
    assert " ".join(book.words()) == (
        "A keeper counts the ships. "
        "The harbour lamp went out at nine, and nobody in the town admitted to having seen it. "
        "Morning came late, grey as a gull. See the log. "
        "Oil and Salt Marit carried the oil up all ninety steps, and then she carried it down again. "
        "One wick. Two matches. Earlier"
    )


def test_a_rule_stands_where_it_stood_between_the_paragraphs(book):
    kinds = [type(item) for item in book.document("text/chapter1.xhtml").items()]
    assert kinds == [Words, Rule, Words]
    assert book.document("text/chapter1.xhtml").items()[1] == Rule(("scene-break",))


def test_the_contents_are_read_with_their_depth(book):
    assert [(entry.depth, entry.href) for entry in book.nav] == [
        (0, "preface.xhtml"),
        (0, "text/chapter1.xhtml"),
        (1, "text/chapter1.xhtml#later"),
        (0, "text/chapter2.xhtml#chapter2"),
        (0, "afterword.xhtml"),
    ]


def test_metadata_and_manifest_are_read(book):
    assert book.values("title") == ["The Lamp Room"]
    assert book.values("dcterms:modified") == ["2024-05-02T00:00:00Z"]
    assert [item.href for item in book.manifest if "nav" in item.properties] == ["nav.xhtml"]


def test_reading_from_a_place_leaves_out_what_comes_before(book):
    (later,) = book.document("text/chapter1.xhtml").from_fragment("later")
    assert later.text.startswith("Morning came late")
    with pytest.raises(KeyError):
        book.document("text/chapter1.xhtml").from_fragment("never")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ('One <span class="added">(1)</span> wick.', ["One  wick."]),
        ('<span class="heading added">One</span> wick.', [" wick."]),
        ('<span class="added-later">One</span> wick.', ["One wick."]),
        ("One<br/>wick.", ["One\nwick."]),
        ("<em>O</em>ne wick.", ["One wick."]),
        ("One <p>wick</p> more.", ["One ", "wick", " more."]),
        ('<span class="added">1 <em class="userstuff">One</em></span> wick.', ["One wick."]),
    ],
)
def test_only_what_the_program_added_is_left_out(new, words, tmp_path):
    document = changed(tmp_path, "One wick.", new)
    texts = [item.text for item in document.items() if isinstance(item, Words)]
    assert texts[2 : 2 + len(words)] == words
    assert texts[2 + len(words)] == "Two matches."
