"""The pages that docs/pictures shows, shown again: no text cut off, none over another, none too faint."""

from pathlib import Path

import pytest
from support.browser import install
from support.browser.views import SCREENS, Seen, View, look_at
from support.handmade import odd_titles
from support.looks import PAGES, made_book, made_books

from fic2epub.builder.options import THEMES, NotePlace, NotePlaces, PublishOptions, Theme
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LARGEST = 1_500_000

pytestmark = pytest.mark.needs("chromium", "node")


@pytest.fixture(scope="module", autouse=True)
def reading_systems() -> None:
    install()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return made_books(tmp_path_factory.mktemp("books"))


def faults(seen: list[Seen], views: list[View]) -> list[str]:
    """What is wrong with some views, in words."""
    found = []
    for view, one in zip(views, seen, strict=True):
        where = f"{view.href} on {view.screen}{' at night' if view.dark else ''}"
        found += [f"{where}: {text!r} reaches beyond the page" for text in one.outside]
        found += [f"{where}: {first!r} lies over {other!r}" for first, other in one.overlaps]
        found += [f"{where}: {text!r} is too faint" for text in one.faint]
    return found


def everywhere(href: str, to: str | None = None) -> list[View]:
    return [
        View(href=href, to=to, screen=screen, dark=dark)
        for screen in SCREENS.values()
        for dark in (False, True)
    ]


@pytest.mark.parametrize("subject", PAGES)
def test_a_page_that_is_shown_can_be_read(books: dict[str, Path], subject: str) -> None:
    page = PAGES[subject]
    views = everywhere(page.href, page.to)
    assert faults(look_at(books[page.book], views), views) == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_of_a_book_can_be_read_in_every_theme(tmp_path: Path, theme: Theme) -> None:
    places = NotePlaces(after=NotePlace.APPENDIX)
    options = PublishOptions(theme=theme, ornament="stars", discreet=True, smart_quotes=True, notes=places)
    path = made_book(tmp_path, "101", options)
    pages = ["cover.xhtml", "preface.xhtml", "nav.xhtml", "text/chapter1.xhtml", "text/chapter3.xhtml"]
    views = [View(href=href) for href in (*pages, "notes.xhtml", "afterword.xhtml")]
    assert faults(look_at(path, views), views) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_from_right_to_left_can_be_read(tmp_path: Path, theme: Theme) -> None:
    path = tmp_path / "x.epub"
    path.write_bytes(pack(publish(odd_titles()[1], options=PublishOptions(theme=theme, cover="none"))))
    views = [View(href=href) for href in ("cover.xhtml", "preface.xhtml", "nav.xhtml", "text/chapter1.xhtml")]
    assert faults(look_at(path, views), views) == []


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        ("p { margin-left: -3em; }", "reaches beyond the page"),
        ("p { white-space: nowrap; }", "reaches beyond the page"),
        ("p { margin: 0 0 -1.4em 0; }", "lies over"),
        ("p { color: #999; }", "is too faint"),
        ("p { opacity: 0.3; }", "is too faint"),
    ],
)
def test_a_sheet_that_spoils_a_page_is_found(tmp_path: Path, css: str, fault: str) -> None:
    path = made_book(tmp_path, "107", PublishOptions(css=css.encode()))
    views = [View(href="text/chapter1.xhtml")]
    assert any(fault in one for one in faults(look_at(path, views), views))


def test_the_pictures_are_there_and_small() -> None:
    shown = [PICTURES / f"devices-{subject}.png" for subject in PAGES]
    assert [path.name for path in shown if not path.is_file()] == []
    assert sum(path.stat().st_size for path in shown) < LARGEST
