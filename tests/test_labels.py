"""What the program adds to a book, in the book's language or marked as English."""

import re
import tomllib

import pytest
from lxml import etree
from support.handmade import chapter, evidence, note, rule, six_chapters, work

from fic2epub.builder.labels import labels
from fic2epub.builder.markup import make, raw_template
from fic2epub.builder.publication import publish
from fic2epub.model import NoteKind, Work

TABLES = tomllib.loads(raw_template("labels.toml").decode())
XHTML = "{http://www.w3.org/1999/xhtml}"
NAME_RE = re.compile(r"\{\w+\}")


def added(what: Work) -> list[etree._Element]:
    """The innermost elements that hold the program's own words, of all files."""
    found = []
    for one in publish(what).reading_order:
        for element in etree.fromstring(one.content).iter():
            inside = [element, *element.iterancestors()]
            if (
                "added" in " ".join(outer.get("class", "") for outer in inside)
                and (element.text or "").strip()
            ):
                found.append(element)
    return found


def language_of(element: etree._Element) -> str:
    return next(lang for one in (element, *element.iterancestors()) if (lang := one.get("lang")))


def test_every_language_has_every_label() -> None:
    assert sorted(TABLES) == ["de", "es", "fr", "it", "ja", "pt", "ru", "zh"]
    assert len({frozenset(table) for table in TABLES.values()}) == 1


@pytest.mark.parametrize("language", sorted(TABLES))
def test_a_label_has_the_names_and_links_of_its_english_form(language: str) -> None:
    for english, label in TABLES[language].items():
        assert sorted(NAME_RE.findall(label)) == sorted(NAME_RE.findall(english)), english
        assert (label.count("["), label.count("]")) == (english.count("["), english.count("]")), english
        assert "'" not in label


@pytest.mark.parametrize(
    ("language", "chapter_name"),
    [
        ("en-GB", "Chapter 3"),
        ("es", "Capítulo 3"),
        ("pt-BR", "Capítulo 3"),
        ("zh-Hans", "第3章"),
        ("zh-Hant", "Chapter 3"),
        ("nl", "Chapter 3"),
        ("und", "Chapter 3"),
    ],
)
def test_a_book_has_the_labels_of_its_language_else_english_ones(language: str, chapter_name: str) -> None:
    what = work(*(chapter(str(number), number=number) for number in (1, 2, 3)), language=language)
    assert publish(what).navigation[3].label == chapter_name


def test_english_labels_of_another_language_s_book_are_marked_and_no_author_s_word_is() -> None:
    what = work(
        chapter("Een.", note(NoteKind.WITHIN, "Twee."), rule(), "Drie.", number=1),
        chapter(
            "Vier.", back=(note(NoteKind.AFTER, "Vijf."),), boundary=evidence(0.9, inferred=True), number=2
        ),
        title="De vuurtoren",
        language="nl",
        work_id="42",
        rating="Mature",
    )
    english = {element.text.strip() for element in added(what) if language_of(element) == "en"}
    assert {"Preface", "Chapter 1", "Author’s note", "Chapter End Notes", "Contents", "Rating:"} <= english
    assert not {"De vuurtoren", "Een.", "Twee.", "Mature"} & english
    for one in publish(what).reading_order:
        for element in etree.fromstring(one.content).iter():
            if element.get("lang"):
                assert element.get("{http://www.w3.org/XML/1998/namespace}lang") == element.get("lang")
            if element.get("aria-label") == "scene break":
                assert element.get("lang") == "en"


@pytest.mark.parametrize("language", ["en", "en-US", "de", "ja"])
def test_in_a_language_that_the_program_speaks_nothing_is_marked(language: str) -> None:
    for one in publish(work(*six_chapters().chapters, language=language, work_id="42")).reading_order:
        root = etree.fromstring(one.content)
        assert [element.tag for element in root.iter() if element.get("lang")] == [f"{XHTML}html"]


def test_an_english_sentence_in_a_right_to_left_book_runs_to_the_right() -> None:
    what = work(
        chapter("א", back=(note(NoteKind.AFTER, "ב"),), number=1), chapter("ג", number=2), language="he"
    )
    line = next(one for one in added(what) if one.get("class") == "endnote-link added")
    assert (line.get("lang"), line.get("dir")) == ("en", "ltr")


def test_links_stand_at_the_marked_words_and_values_are_never_read_as_marks() -> None:
    element = labels("en").sentence(
        make("p"), "Posted originally at [{url}].", "https://x.org/", url="a[b]{c}"
    )
    assert "".join(element.itertext()) == "Posted originally at a[b]{c}."
    assert [one.get("href") for one in element] == ["https://x.org/"]


def test_counts_are_written_as_the_language_does() -> None:
    assert [labels(tag).number(12345) for tag in ("en", "de", "ja", "nl")] == [
        "12,345",
        "12.345",
        "12,345",
        "12,345",
    ]
