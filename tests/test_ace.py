"""DAISY Ace finds nothing against small books of every form."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from support import ace, made, needs, small_book
from support import handmade as works
from support.corrected import dump, paragraph
from support.growth import Shelf

from fic2epub.builder.kepub import kepub_file
from fic2epub.builder.options import THEMES, PublishOptions, note_places
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.model import Work

pytestmark = [pytest.mark.needs("ace"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Ace itself, fetched when a test first asks."""
    try:
        ace.install()
    except subprocess.CalledProcessError as error:
        if "ace" in needs.required():
            pytest.fail(f"npm cannot fetch Ace:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch Ace; is this machine offline?")


def of(work: Work, path: Path, **options: object) -> Path:
    path.write_bytes(pack(publish(work, options=PublishOptions(**options))))
    return path


def noted() -> Work:
    """The six chapters, told from each other with confidence, so that each has a file of its own."""
    plain = works.six_chapters()
    return replace(
        plain,
        chapters=tuple(replace(chapter, boundary=works.evidence(0.9)) for chapter in plain.chapters),
    )


def test_a_one_shot(tmp_path):
    assert ace.violations(of(works.one_shot(), tmp_path / "book.epub"), tmp_path) == ()


def test_six_chapters_with_boundaries_of_every_kind(tmp_path):
    assert ace.violations(of(works.six_chapters(), tmp_path / "book.epub"), tmp_path) == ()


def test_an_anthology_of_three(tmp_path):
    three = (works.one_shot(), works.six_chapters(), works.with_parts())
    assert ace.violations(made.anthology(tmp_path / "book.epub", three), tmp_path) == ()


@pytest.mark.parametrize("place", ["chapter-end", "appendix", "drop"])
def test_each_place_of_the_notes(place, tmp_path):
    book = of(noted(), tmp_path / "book.epub", notes=note_places([place]))
    assert ace.violations(book, tmp_path) == ()


@pytest.mark.parametrize("theme", [theme for theme in THEMES if theme != "book"])
def test_each_theme(theme, tmp_path):
    assert ace.violations(of(works.six_chapters(), tmp_path / "book.epub", theme=theme), tmp_path) == ()


def test_a_kepub(tmp_path):
    book = of(works.six_chapters(), tmp_path / "book.epub")
    kepub = tmp_path / "book.kepub.epub"
    kepub.write_bytes(kepub_file(book.read_bytes()))
    assert ace.violations(kepub, tmp_path) == ()


def test_a_work_that_has_grown(tmp_path):
    shelf = Shelf()
    prose = [paragraph(n) for n in range(30)]
    shelf.make(dump(prose, chapters="1/?"))
    shelf.make(dump([*prose, *(paragraph(n) for n in range(30, 60))], chapters="2/?"))
    assert shelf.memory is not None
    assert shelf.memory.news == 2
    assert shelf.recovery is not None
    assert ace.violations(of(shelf.recovery.work, tmp_path / "book.epub"), tmp_path) == ()


def test_a_picture_without_words_is_found(tmp_path):
    # The gate itself: a fault that Ace must see.
    book = small_book.entries()
    book["cover.xhtml"] = book["cover.xhtml"].replace(b' alt="Cover: The Lamp Room"', b"")
    found = ace.violations(small_book.write(tmp_path / "book.epub", book), tmp_path)
    assert "image-alt" in {violation.rule for violation in found}
