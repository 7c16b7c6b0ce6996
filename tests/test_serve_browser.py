"""The library in headless Chromium: phone, e-ink and desktop width, with and without scripts, and axe."""

import os
import subprocess
from pathlib import Path

import pytest
from support import browser, needs
from support.browser.page import DESKTOP, PHONE, visit
from support.served import SCRIPT, many, running, small

from fic2epub.web.holdings import book_number

pytestmark = pytest.mark.needs("chromium", "node")

E_INK = (600, 800)
SIZES = pytest.mark.parametrize("size", [PHONE, E_INK, DESKTOP], ids=["phone", "e-ink", "desktop"])
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
LAMP = "Ada Quill - The Lamp Room.epub"
TITLE = {"find": "document.querySelector('h1').textContent.trim()"}
TEXT = {"find": "document.body.innerText"}
WIDER = {"find": "document.documentElement.scrollWidth - document.documentElement.clientWidth"}
"""How far the page reaches over the screen's edge."""
SMALL = {
    "find": """[...document.querySelectorAll('a, button, summary, input[type=search]')]
        .filter(one => one.offsetParent && !one.closest('.words, .source, dd, .by, .series, .more, p'))
        .filter(one => one.getBoundingClientRect().height < 43)
        .map(one => one.outerHTML.slice(0, 120))"""
}
"""Links that a finger would miss: those that stand by themselves and not in a line of text."""
SHOTS = os.environ.get("FIC2EPUB_SHOTS")
"""A folder for pictures of all pages, for looking at; no test compares them."""


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """Puppeteer and axe, as package-lock.json pins them."""
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch what drives the browser:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch what drives the browser; is this machine offline?")


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    return small(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def address(library):
    with running(library) as port:
        yield f"http://127.0.0.1:{port}"


def go(address, *steps, **how):
    """Take steps on a page, which must neither complain nor ask anything of another server."""
    done = visit(address, steps, token=None, **how)
    assert (done.errors, done.outside) == ([], [])
    return done.found


def link(words: str) -> str:
    """A link by a part of its address."""
    return f"main a[href*='{words}'], footer a[href*='{words}']"


@SIZES
@SCRIPTS
def test_a_reader_browses_opens_reads_and_takes_a_book(address, library, size, scripts):
    number = book_number(LAMP)
    found = go(
        f"{address}/",
        {"follow": link("/by/author")},
        TITLE,
        {"follow": link("author=Ada+Quill")},
        {"follow": f"main h2 a[href$='/book/{number}']"},
        TITLE,
        {"save": "a[href$='The_Lamp_Room.epub']"},
        {"save": "a[href$='.kepub.epub']"},
        {"follow": f"a.button[href$='/read/{number}']"},
        {"follow": "a[rel=next]"},
        TITLE,
        TEXT,
        {"follow": "header nav a"},
        {"follow": ".contents li:last-child a"},
        {"open": f"/book/{number}"},
        {"find": "document.querySelector('.button.main').textContent"},
        size=size,
        scripts=scripts,
    )
    authors, title, epub, kepub, chapter, text, go_on = found
    assert (authors, title, chapter, go_on) == ("Authors", "The Lamp Room", "Chapter 1", "Go on reading")
    assert epub["size"] == (library / LAMP).stat().st_size
    assert epub["name"].endswith('Lamp_Room.epub"')
    assert kepub["name"].endswith('Lamp_Room.kepub.epub"')
    assert "The harbour lamp went out" in text


@SIZES
@SCRIPTS
def test_a_reader_searches_and_filters(address, size, scripts):
    count = {"find": "document.querySelectorAll('.book').length"}
    found = go(
        f"{address}/",
        {"click": "#query"},
        {"type": "lamp"},
        {"follow": ".search button"},
        count,
        {"find": "document.querySelector('#query').value"},
        {"follow": ".chosen a"},
        count,
        {"click": ".filters summary"},
        {"follow": ".facet a[href*='rating=Teen']"},
        count,
        {"follow": ".orders a[href*='order=title']"},
        TEXT,
        size=size,
        scripts=scripts,
    )
    assert found[:4] == [2, "lamp", 6, 2]
    assert "Teen And Up Audiences" in found[4]


@SCRIPTS
def test_letters_and_colours_change_the_page(address, scripts):
    look = {"find": "getComputedStyle(document.querySelector('.words')).fontSize"}
    ground = {"find": "getComputedStyle(document.body).backgroundColor"}
    number = book_number(LAMP)
    before, light, after, dark = go(
        f"{address}/read/{number}/3",
        look,
        ground,
        {"follow": "header nav a[href*='look']"},
        {"click": "input[name=size][value=xl]"},
        {"click": "input[name=theme][value=dark]"},
        {"follow": "form.look button"},
        look,
        ground,
        scripts=scripts,
    )
    assert float(after.removesuffix("px")) > 1.3 * float(before.removesuffix("px"))
    assert light == "rgb(255, 255, 255)"
    assert dark != light


def paths(number: str) -> dict[str, str]:
    hostile = book_number("hostile.epub")
    return {
        "start": "/",
        "books": "/books",
        "found": "/books?query=lamp&rating=Teen+And+Up+Audiences",
        "nothing": "/books?query=nothing",
        "authors": "/by/author",
        "book": f"/book/{number}",
        "hostile": f"/book/{hostile}",
        "anthology": f"/book/{book_number('Two Lamps.epub')}",
        "arabic": f"/read/{book_number('المنارة.epub')}/3",
        "preface": f"/read/{number}/2",
        "chapter": f"/read/{number}/3",
        "contents": f"/read/{number}/contents",
        "look": "/look",
        "device": "/device",
    }


SETTLED = {"wait": "[...document.images].every(one => one.loading === 'lazy' || one.complete)"}


@SIZES
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(address, size, dark):
    steps, names = [], []
    for name, path in paths(book_number(LAMP)).items():
        steps += [{"open": path}, SETTLED, {"axe": True}, WIDER, SMALL]
        names.append(name)
        if SHOTS:
            shade = "dark" if dark else "light"
            steps.append({"shot": str(Path(SHOTS) / f"{name}-{size[0]}-{shade}.png")})
    found = go(f"{address}/", *steps, size=size, dark=dark, touch=size == PHONE)
    for position, name in enumerate(names):
        violations, wider, missed = found[3 * position : 3 * position + 3]
        assert violations == [], name
        assert wider <= 0, name
        assert missed == [], name


def test_no_script_of_a_book_runs(address):
    number = book_number("hostile.epub")
    broken = {"find": "window.broken === true"}
    opened = [f"/book/{number}", "/books", "/by/tag", *(f"/read/{number}/{page}" for page in (1, 2, 3))]
    found = go(f"{address}/", *(step for path in opened for step in ({"open": path}, broken, TEXT)))
    assert found[::2] == [False] * len(opened)
    assert SCRIPT in found[1]


def test_many_books_have_pages(tmp_path):
    many(tmp_path, 45)
    with running(tmp_path, lan=True, secret="abcd-efgh-jkmn") as port:
        found = go(
            f"http://127.0.0.1:{port}/k/abcd-efgh-jkmn/books?order=title",
            {"follow": "a[rel=next]"},
            {"follow": "a[rel=next]"},
            {"find": "document.querySelector('.where').textContent"},
            {"find": "document.querySelectorAll('.book').length"},
            {"find": "location.pathname"},
        )
    assert found == ["1 … Page 3 of 3", 5, "/k/abcd-efgh-jkmn/books"]
