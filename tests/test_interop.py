"""FanFicFare and ao3downloader know a book as the work that it is, by their own code.

Both update a work in progress from the archive: they must find the work's address and how many chapters
there are, and FanFicFare takes the chapters' files by position. So where a book is divided otherwise than
the dump declares, FanFicFare must not find the address: it would put new chapters behind the wrong ones.
"""

import datetime
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from support import handmade as works
from support import made
from support.corrected import dump, paragraph
from support.growth import Shelf

from fic2epub.builder.options import PublishOptions, note_places
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.model import NoteKind, Work

URL = "https://archiveofourown.org/works/7654321"

TEXTS = ("The tide table was wrong again.", "Pell carried the ladder.", "The last boat left.")


def serial(*, posted: int = 3, planned: int | None = None, **facts: object) -> Work:
    """A work in three chapters."""
    found = [works.chapter(text, number=n) for n, text in enumerate(TEXTS, 1)]
    return works.work(
        *found,
        title="Slack Water",
        work_id="7654321",
        chapters_posted=posted,
        chapters_planned=planned,
        chapters_written=f"{posted}/{planned or '?'}",
        # A date with slashes before the count is what ao3downloader would read as the count.
        published=datetime.date(2015, 1, 10),
        updated=datetime.date(2016, 2, 11),
        rating="Teen And Up Audiences",
        relationships=("Pell/Ines",),
        **facts,
    )


@pytest.fixture
def book(tmp_path) -> Path:
    return made.book(tmp_path / "book.epub", serial())


def written(path: Path, work: Work, **options: object) -> Path:
    path.write_bytes(pack(publish(work, options=PublishOptions(cover="none", **options))))
    return path


# FanFicFare


def fanficfare():
    """Its reader of books, imported late: that takes a second."""
    from fanficfare import epubutils

    return epubutils


def test_fanficfare_finds_the_work_and_its_chapters(book):
    assert fanficfare().get_dcsource_chaptercount(str(book)) == (URL, 3)


def test_fanficfare_takes_the_chapters_in_their_order(book):
    data = fanficfare().get_update_data(str(book))
    source, count, soups = data[0], data[1], data[2]
    assert (source, count) == (URL, 3)
    texts = [" ".join(soup.get_text().split()) for soup in soups]
    assert [text.removeprefix(f"Chapter {n} ") for n, text in enumerate(texts, 1)] == list(TEXTS)


def test_fanficfare_knows_whose_address_it_is(book):
    from fanficfare import adapters

    source = fanficfare().get_dcsource(str(book))
    assert adapters.getNormalStoryURL(source) == URL


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(serial(posted=4), id="one chapter was not found"),
        pytest.param(serial(posted=2), id="there is one too many"),
        pytest.param(works.six_chapters(), id="two boundaries are too weak"),
        pytest.param(works.work(works.chapter("A."), title="A"), id="it has no address"),
    ],
)
def test_fanficfare_leaves_a_book_alone_that_it_would_spoil(work, tmp_path):
    assert fanficfare().get_dcsource(str(written(tmp_path / "book.epub", work))) is None


def test_fanficfare_leaves_a_book_alone_whose_chapter_is_cut_in_two(tmp_path):
    long = serial()
    paragraphs = works.paras(*(f"{n} and the tide went out again, as it does. " * 40 for n in range(200)))
    cut = replace(long, chapters=(replace(long.chapters[0], body=paragraphs), *long.chapters[1:]))
    assert fanficfare().get_dcsource(str(written(tmp_path / "book.epub", cut))) is None


def test_fanficfare_leaves_a_book_alone_whose_notes_stand_behind_the_story(tmp_path):
    long = serial()
    noted = replace(long.chapters[0], front=(works.note(NoteKind.BEFORE, "Sorry this is late."),))
    work = replace(long, chapters=(noted, *long.chapters[1:]))
    assert fanficfare().get_dcsource(str(written(tmp_path / "in.epub", work))) == URL
    appendix = written(tmp_path / "behind.epub", work, notes=note_places(["appendix"]))
    assert fanficfare().get_dcsource(str(appendix)) is None


def test_fanficfare_leaves_an_anthology_alone(tmp_path):
    assert fanficfare().get_dcsource(str(made.anthology(tmp_path / "all.epub", [serial()]))) is None


# ao3downloader


def ao3downloader():
    """Its reader of books; it is made for Python before 3.13."""
    if sys.version_info >= (3, 13):
        pytest.skip("ao3downloader needs Python before 3.13")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # mobi, which it needs, imports imghdr
        from ao3downloader import update
    return update


def test_ao3downloader_finds_a_work_that_may_have_grown(book):
    assert ao3downloader().process_file(str(book), "EPUB") == {"link": URL, "chapters": "3"}


@pytest.mark.parametrize("options", [{}, {"theme": "ao3"}, {"theme": "plain"}, {"discreet": True}])
def test_ao3downloader_finds_it_in_every_form(options, tmp_path):
    book = written(tmp_path / "book.epub", serial(), **options)
    assert ao3downloader().process_file(str(book), "EPUB") == {"link": URL, "chapters": "3"}


def test_ao3downloader_passes_over_a_work_that_is_complete(tmp_path):
    book = written(tmp_path / "book.epub", serial(planned=3))
    assert ao3downloader().process_file(str(book), "EPUB") is None
    assert ao3downloader().process_file(str(book), "EPUB", update=False) == {"link": URL}


def test_ao3downloader_finds_a_work_with_news(tmp_path):
    shelf = Shelf()
    prose = [paragraph(n) for n in range(30)]
    shelf.make(dump(prose, chapters="1/?"))
    shelf.make(dump([*prose, *(paragraph(n) for n in range(30, 60))], chapters="2/?"))
    assert shelf.memory.news == 2
    book = tmp_path / "book.epub"
    book.write_bytes(pack(publish(shelf.recovery.work, options=shelf.options)))
    found = ao3downloader().process_file(str(book), "EPUB")
    assert found == {"link": "https://archiveofourown.org/works/1234567", "chapters": "2"}


def test_ao3downloader_knows_no_work_in_a_book_without_an_address(tmp_path):
    book = written(tmp_path / "book.epub", works.work(works.chapter("A."), title="A"))
    assert ao3downloader().process_file(str(book), "EPUB", update=False) is None
