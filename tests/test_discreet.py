"""``--discreet``: nothing on cover, file name and first page that others should not read."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.handmade import chapter, six_chapters, work

from fic2epub.builder.anthology import gather
from fic2epub.builder.discreet import discreet_metadata, discreet_title, is_explicit
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.model import Metadata, Series, Work
from fic2epub.record import read_record

DISCREET = PublishOptions(discreet=True)
PRIVATE = (
    "Explicit",
    "Rough Kissing",
    "Ada/Bo",
    "Graphic Violence",
    "Lampverse",
    "F/F",
    "Ada Lovelace",
    "Secret",
)


def private(title: str = "Porn in the Lamp Room") -> Work:
    return work(
        chapter("She lit the lamp.", number=1),
        chapter("It went out.", number=2),
        title=title,
        work_id="1234567",
        rating="Explicit",
        warnings=("Graphic Violence",),
        categories=("F/F",),
        fandoms=("Lampverse",),
        relationships=("Ada/Bo",),
        characters=("Ada Lovelace",),
        tags=("Rough Kissing",),
        series=(Series("Smutty Nights", 1), Series("Harbour Tales", 2)),
        status="Completed",
        header=(("Title", title), ("Rating", "Explicit"), ("Kink", "Secret"), ("Work ID", "1234567")),
        unknown=(("Kink", "Secret"),),
    )


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("Porn Without Plot", "en"),
        ("Fuckboys of the North", "en"),
        ("All the SEX", "en"),
        ("A Non-Con Story", "en"),
        ("Mating: an A/B/O Tale", "en"),
        ("Nackt im Regen", "de"),
        ("La Chatte", "fr"),
        ("Sex in the City", "zh"),
        ("肉文", "zh"),
        ("【R18】夜", "ja"),
    ],
)
def test_a_title_with_such_a_word_is_explicit(title: str, language: str) -> None:
    assert is_explicit(title, language)


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("The Cocktail Hour", "en"),
        ("In Essex and Sussex", "en"),
        ("Dick Grayson Goes Home", "en"),
        ("The Bite of Winter", "en"),
        ("Moby-Dick", "en"),
        ("A Class of Its Own", "en"),
        ("Assassin’s Passage", "en"),
        ("Titanic", "en"),
        ("Elena di Troia", "en"),
        ("Analysis", "en"),
        ("The Lamp Room", "de"),
    ],
)
def test_one_that_only_looks_like_it_is_not(title: str, language: str) -> None:
    assert not is_explicit(title, language)


def test_such_a_title_gives_way_to_the_works_number() -> None:
    assert discreet_title(Metadata(title="All the Sex", work_id="42")) == "Work 42"


def test_without_a_number_to_its_initials() -> None:
    assert discreet_title(Metadata(title="All the Sexy Lamps")) == "A. T. S. L."


def test_and_without_those_to_untitled() -> None:
    assert discreet_title(Metadata(title="Porn")) == "Untitled"
    assert discreet_title(Metadata(title="肉文")) == "Untitled"


def test_a_number_that_is_none_is_not_shown() -> None:
    assert discreet_title(Metadata(title="Sex on Fire", work_id="a/b")) == "S. O. F."


def test_any_other_title_stays() -> None:
    assert discreet_title(Metadata(title="The Lamp Room", rating="Explicit")) == "The Lamp Room"


@given(st.text(min_size=1, max_size=30))
def test_what_is_shown_is_never_explicit_and_never_empty(title: str) -> None:
    shown = discreet_title(Metadata(title=title))
    assert shown
    assert shown == title or not is_explicit(shown)


def test_author_length_and_summary_stay() -> None:
    metadata = Metadata(title="T", creators=("Osk Tarn",), summary="A lamp.", status="Completed", tags=("x",))
    shown = discreet_metadata(metadata)
    assert (shown.creators, shown.summary, shown.status, shown.tags) == (
        ("Osk Tarn",),
        "A lamp.",
        "Completed",
        (),
    )


class TestBook:
    def entries(self, options: PublishOptions = DISCREET, what: Work | None = None) -> dict[str, bytes]:
        return read_entries(pack(publish(what or private(), options=options)))

    @pytest.mark.parametrize("name", ["cover.xhtml", "preface.xhtml", "nav.xhtml", "content.opf", "toc.ncx"])
    def test_nothing_private_is_there(self, name: str) -> None:
        text = self.entries()[name].decode()
        assert [word for word in (*PRIVATE, "Porn", "Smutty") if word in text] == []
        assert "Harbour Tales" in text or name not in ("preface.xhtml", "content.opf")

    @pytest.mark.parametrize("name", ["cover.xhtml", "preface.xhtml", "content.opf"])
    def test_without_the_option_it_is(self, name: str) -> None:
        assert "Porn" in self.entries(PublishOptions())[name].decode()

    def test_the_chapters_titles_say_no_more(self) -> None:
        page = etree.fromstring(self.entries()["text/chapter1.xhtml"])
        assert page.findtext(".//{*}title") == "Chapter 1 - Work 1234567"

    def test_the_afterword_lists_what_was_left_out(self) -> None:
        text = self.entries()["afterword.xhtml"].decode()
        assert [word for word in PRIVATE if word not in text] == []
        assert "Porn in the Lamp Room" in text
        assert "Smutty Nights" in text

    def test_a_one_shot_is_called_by_its_discreet_title(self) -> None:
        what = work(chapter("She lit it."), title="Porn in the Lamp Room", work_id="42")
        assert "Work 42" in self.entries(what=what)["nav.xhtml"].decode()

    def test_identity_and_record_are_the_works_own(self) -> None:
        records = [read_record(self.entries(one)) for one in (DISCREET, PublishOptions())]
        assert records[0] is not None
        assert records[1] is not None
        assert records[0].identifier == records[1].identifier
        assert records[0].works == records[1].works
        assert (records[0].title, records[1].title) == ("Work 1234567", "Porn in the Lamp Room")

    def test_the_story_is_the_same(self) -> None:
        plain = work(*private().chapters, title="The Lamp Room", rating="Explicit")
        one, other = (self.entries(options, plain) for options in (DISCREET, PublishOptions()))
        assert one["text/chapter1.xhtml"] == other["text/chapter1.xhtml"]

    def test_an_anthologys_front_says_nothing(self) -> None:
        works = bind([private(), six_chapters()], DISCREET)
        anthology = gather(works, title="All", group_by="rating")
        entries = read_entries(pack(publish(anthology, options=DISCREET)))
        for name in ("cover.xhtml", "preface.xhtml", "content.opf"):
            assert [word for word in (*PRIVATE, "Porn") if word in entries[name].decode()] == [], name
        assert "Porn" not in entries["contents.xhtml"].decode()

    def test_the_file_is_called_after_what_is_shown(self, tmp_path: Path) -> None:
        dump = tmp_path / "a.txt"
        dump.write_text(
            "Title: Porn in the Lamp Room\nAuthor: Osk Tarn\nWork ID: 1234567\n"
            "Rating: Explicit\n\nShe lit it.\n",
            encoding="utf-8",
        )
        done = CliRunner().invoke(app, ["convert", str(dump), "--discreet", "-o", f"{tmp_path}/books/"])
        assert done.exit_code == 0, done.stderr
        assert [one.name for one in (tmp_path / "books").iterdir()] == ["Osk Tarn - Work 1234567.epub"]
        assert "Porn" not in done.stderr
