"""The review in headless Chromium: by keyboard alone, by pointer, on a phone, with axe, and with 1 MB."""

import subprocess
from pathlib import Path

import pytest
from support import browser, needs
from support.browser.page import DESKTOP, PHONE, TOKEN, serving, visit
from support.reviewed import HOSTILE, LAMP

from fic2epub.library.book import MakeOptions, recover
from fic2epub.model import NoteKind, SceneBreak
from fic2epub.parser.sources import read_file
from fic2epub.web.review import review_app
from fic2epub.web.rows import read_rows

pytestmark = pytest.mark.needs("chromium", "node")

STATUS = "document.getElementById('status').textContent"
SAVED = {"wait": f"{STATUS}.startsWith('Saved') && !document.querySelector('.pending')"}
FORGET = {"find": f"{STATUS} = ''"}
SAID = {"find": STATUS}
CURRENT = {"find": "document.querySelector('[aria-current]').id"}
FOCUSED = {"find": "document.activeElement.id"}
ROWS = {
    "find": """[...document.querySelectorAll('.row')].map(row => {
        for (const name of ['aria-current', 'tabindex']) row.removeAttribute(name)
        return row.outerHTML
    })"""
}
PLACE = {
    "find": """new Promise(done => setTimeout(() => {
        const { top } = document.querySelector('[aria-current]').getBoundingClientRect()
        done(top / document.querySelector('.bar').getBoundingClientRect().top)
    }, 500))"""
}
"""How far down the free part of the screen the current paragraph begins, once it stands still: 0 to 1."""
AXE = {"axe": True}
AT_ONCE = 100
"""Milliseconds that people take for no time."""


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """Puppeteer and axe, as package-lock.json pins them."""
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch what drives the browser:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch what drives the browser; is this machine offline?")


@pytest.fixture
def lamp(tmp_path) -> Path:
    path = tmp_path / "lamp.txt"
    path.write_text(LAMP, encoding="utf-8")
    return path


def flat(parts):
    """Steps, of parts that are strings of keys, steps, or lists of parts."""
    steps = []
    for part in parts:
        if isinstance(part, str):
            steps += [{"press": key} for key in part]
        else:
            steps += [part] if isinstance(part, dict) else flat(part)
    return steps


def go(dumps, *parts, path="/1/", **how):
    """Take steps on a page, which must neither complain nor ask anything of another server."""
    with serving(review_app(dumps, MakeOptions(), token=TOKEN)) as address:
        done = visit(address + path, flat(parts), **how)
    assert (done.errors, done.outside) == ([], [])
    return [value for value in done.found if value != ""]


def say(key):
    """Press a key that says something, and wait until it is saved."""
    return [FORGET, {"press": key}, SAVED]


def click(name):
    """Press a button that says something, and wait until it is saved."""
    return [FORGET, {"click": f"[data-do={name}]"}, SAVED]


def tap(words):
    return {"click": f"#{row(words)} .words"}


def row(words: str) -> str:
    """The id of the row that begins with some words."""
    return f"r{LAMP.index(words)}"


def corrected(dump: Path):
    return recover(read_file(dump), MakeOptions()).work


def openings(dump: Path) -> list[str]:
    """The row at which each chapter begins."""
    return [f"r{chapter.span.start}" for chapter in corrected(dump).chapters]


# Saying what stands where


def test_a_work_is_corrected_by_keyboard_alone(lamp):
    title = [FORGET, {"press": "t"}, {"type": "Nine cans"}, {"press": "Enter"}, SAVED]
    go([lamp], "]jjjj", say("c"), title, "]", say("x"), "[[[", "jj", say("r"), "jj", say("w"))
    assert openings(lamp) == [row("The harbour"), row("Chapter 2"), row("She counted")]
    first, _, last = corrected(lamp).chapters
    assert last.title == "Nine cans"
    assert len(first.notes(NoteKind.WITHIN)) == 1
    assert not any(isinstance(block, SceneBreak) for block in first.body)


def test_a_work_is_corrected_by_pointer_alone(lamp):
    found = go(
        [lamp],
        tap("She counted"),
        click("chapter"),
        tap("Chapter 3"),
        click("no-chapter"),
        tap("A/N: Thanks"),
        click("within"),
        click("undo"),
        tap("Oil stood"),
        {"click": "[data-do=range]"},
        tap("By Friday"),
        click("before"),
        SAID,
    )
    assert found[-1].startswith("Saved. ")
    assert openings(lamp) == [row("The harbour"), row("Chapter 2"), row("She counted")]
    first, second, _ = corrected(lamp).chapters
    assert len(first.notes(NoteKind.AFTER)) == 1
    assert [len(note.blocks) for note in second.notes(NoteKind.BEFORE)] == [3]


def test_the_page_after_many_edits_is_the_page_loaded_afresh(lamp):
    edits = ["]jjjj", say("c"), "kk", say("s"), "[[jj", say("r"), "]", say("x"), "u", SAVED, "k", say("h")]
    with serving(review_app([lamp], MakeOptions(), token=TOKEN)) as address:
        changed = visit(f"{address}/1/", [*flat(edits), ROWS]).found[-1]
        fresh = visit(f"{address}/1/", [ROWS]).found[-1]
    assert changed == fresh
    assert len(fresh) > 10


def test_keys_that_are_pressed_while_the_server_works_are_not_lost(lamp):
    go(
        [lamp],
        "]jjj",
        "b",
        "[[",
        "jj",
        "r",
        "jj",
        "d",
        {"wait": "!document.querySelector('.pending')"},
        SAVED,
    )
    work = corrected(lamp)
    assert sum(len(chapter.notes(NoteKind.BEFORE)) for chapter in work.chapters) == 1
    assert work.chapters[0].notes(NoteKind.AFTER) == ()
    assert not any(isinstance(block, SceneBreak) for block in work.chapters[0].body)


def test_a_key_that_is_pressed_twice_says_it_once(lamp):
    # Both at once: on a slow machine the answer may come between two presses, and the second says nothing.
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', bubbles: true }))"
    go([lamp], "]", FORGET, {"find": f"({press}, {press}, '')"}, SAVED, "k", say("c"))
    assert openings(lamp) == [row("The harbour"), row("A/N: Thanks"), row("Chapter 3")]


def test_a_key_that_says_nothing_here_says_so(lamp):
    found = go([lamp], "x", SAID, "j", "d", SAID, "u", SAID)
    assert [one.startswith("That says nothing here") for one in found] == [True, True, True]
    assert not lamp.with_suffix(".fic.toml").exists()


def test_letters_are_no_keys_once_they_are_switched_off(lamp):
    off = ["?", {"click": "#keys"}, {"press": "Escape"}]
    found = go([lamp], CURRENT, off, "jc", CURRENT, {"open": "./"}, "j", CURRENT)
    assert found == [row("The harbour")] * 3
    assert not lamp.with_suffix(".fic.toml").exists()


def test_when_the_dump_has_changed_the_page_loads_again(lamp):
    with serving(review_app([lamp], MakeOptions(), token=TOKEN)) as address:
        steps = [{"press": "]"}, {"write": [str(lamp), LAMP + "\nOne more line.\n"]}, {"press": "t"}]
        steps += [
            {"type": "x"},
            {"press": "Enter"},
            {"wait": "text.textContent.includes('One more') && document.querySelector('[aria-current]')"},
        ]
        done = visit(f"{address}/1/", [*steps, CURRENT])
    assert done.found[-1] == row("Chapter 2")


# Moving


def test_doubts_are_reached_with_a_key_one_after_the_other(samples):
    doubts = {
        sample: [f"r{one.id}" for one in read_rows(recover(read_file(sample), MakeOptions())) if one.doubt]
        for sample in samples
    }
    sample, rows = max(doubts.items(), key=lambda item: len(item[1]))
    assert len(rows) > 1
    moves = [part for _ in rows for part in ("n", CURRENT, PLACE)]
    found = go([sample], *moves, "n", CURRENT, SAID, "p", CURRENT)
    assert found[: 2 * len(rows) : 2] == rows
    assert all(0.1 < place < 0.3 for place in found[1 : 2 * len(rows) : 2])
    assert found[-3] == rows[0]
    assert found[-2] == f"Doubt 1 of {len(rows)}, from the top again."
    assert found[-1] == rows[-1]


def test_the_strip_is_moved_along_with_keys_and_says_where_it_is(lamp):
    strip = "document.getElementById('strip')"
    found = go(
        [lamp],
        {"find": f"{strip}.focus()"},
        {"press": "PageDown"},
        CURRENT,
        {"find": f"{strip}.getAttribute('aria-valuetext')"},
        FOCUSED,
        {"press": "End"},
        CURRENT,
        {"press": "ArrowUp"},
        CURRENT,
        {"press": "Enter"},
        FOCUSED,
    )
    assert found[1:] == [
        row("Chapter 2"),
        "Chapter 2, line 18",
        "strip",
        row("In the morning"),
        row("Nobody counted"),
        row("Nobody counted"),
    ]


def test_everything_is_reached_with_the_tab_key(lamp):
    tabs = [
        part
        for _ in range(30)
        for part in (
            {"press": "Tab"},
            {"find": "document.activeElement.dataset.do ?? document.activeElement.id"},
        )
    ]
    found = go([lamp], "j", *tabs)
    enabled = {"chapter", "heading", "title", "before", "after", "range", "next-doubt", "help"}
    assert enabled | {"strip", row("Marit")} <= set(found)


# Eyes and fingers


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing(samples, size, dark):
    sample = next(path for path in samples if path.stem.startswith("106"))
    found = go([sample], AXE, "n", AXE, "?", AXE, {"press": "Escape"}, "t", AXE, size=size, dark=dark)
    assert found == [[], [], [], []]


def test_axe_finds_nothing_in_the_list_or_an_error(lamp, samples):
    known = {"wait": "document.getElementById('progress').textContent.includes('doubt')"}
    assert go([lamp, samples[0]], known, AXE, path="/") == [[]]
    lamp.with_suffix(".fic.toml").write_text("nonsense", encoding="utf-8")
    with serving(review_app([lamp], MakeOptions(), token=TOKEN)) as address:
        assert visit(f"{address}/1/", [AXE]).found == [[]]


def test_a_phone_shows_all_in_its_width_with_buttons_for_fingers(samples, lamp):
    measures = {
        "find": """[document.documentElement.scrollWidth - innerWidth,
            Math.min(...[...document.querySelectorAll('.bar button')].filter(one => one.offsetHeight)
                .map(one => Math.min(one.offsetHeight, one.offsetWidth))),
            document.querySelector('.bar').offsetHeight / innerHeight]"""
    }
    wide, least, share = go([lamp], "]", measures, size=PHONE, touch=True)[-1]
    assert wide <= 0
    assert least >= 44
    assert share < 0.25
    more = go([lamp], {"click": "#more"}, measures, size=PHONE, touch=True)[-1]
    assert more[1] >= 44
    assert more[2] < 0.5


def test_what_a_dump_holds_cannot_run(tmp_path):
    dump = tmp_path / "hostile.txt"
    dump.write_text(HOSTILE, encoding="utf-8")
    title = [FORGET, {"press": "t"}, {"type": "<img src=x onerror=alert(1)>"}, {"press": "Enter"}, SAVED]
    found = go([dump], title, {"find": "document.querySelectorAll('main script, main img').length"})
    assert found[-1] == 0
    assert "onerror" in corrected(dump).chapters[0].title


# A long work


def test_a_megabyte_moves_without_lag(tmp_path):
    dump = tmp_path / "long.txt"
    story = LAMP.partition("\n\n")[2].replace("Chapter 2\n\n", "").replace("Chapter 3\n\n", "")
    parts = [f"Chapter {number}\n\n{story * 13}" for number in range(1, 102)]
    dump.write_text(LAMP.partition("\n\n")[0] + "\n\n" + "\n".join(parts), encoding="utf-8")
    assert dump.stat().st_size > 1_000_000
    timed = {
        "find": """new Promise(done => {
            const begun = performance.now()
            const key = KEYS.shift()
            document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))
        })"""
    }
    keys = "jjkj]]n[pjj"
    found = go(
        [dump],
        {"find": f"window.KEYS = [...{keys!r}], 0"},
        *[timed] * len(keys),
        {"point": [1256, 400]},
        PLACE,
    )
    times = sorted(found[1:-1])
    assert times[len(times) // 2] < AT_ONCE, times
    assert 0.1 < found[-1] < 0.3
