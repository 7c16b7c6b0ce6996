"""The benchmark with other writers' notes: what is exchanged, what stays, and that the truth goes along."""

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STORY = [f"It was the {at}th day on the river, and Wren said nothing of it." for at in range(40)]
LINES = [
    "Notes:",
    "",
    "hi all, sorry for the wait",
    "",
    *(line for paragraph in STORY[:20] for line in (paragraph, "")),
    "thanks for reading!",
    "",
    "Wren goes home.",
    "",
    *(line for paragraph in STORY[20:] for line in (paragraph, "")),
]
"""A note with its label; twenty paragraphs; an end note and a summary; twenty more."""
TRUTH = {
    "file": "river.txt",
    "lang": "en",
    "style": {"moji": False, "tight": False},
    "chapters": [
        {
            "start_line": 0,
            "summary": [],
            "notes_before": [[0, 3]],
            "prose": [4, 43],
            "notes_after": [[44, 45]],
            "jump": None,
            "heading": None,
        },
        {
            "start_line": 46,
            "summary": [[46, 47]],
            "notes_before": [],
            "prose": [48, 87],
            "notes_after": [],
            "jump": None,
            "heading": None,
        },
    ],
    "scene_breaks": [10],
    "traps": [2, 12],
    "ignore": [[20, 22]],
}


@pytest.fixture
def lend(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("lend")


@pytest.fixture
def bank(lend):
    def writer(name):
        return {
            side: [f"{name} {side} {at} {{A}}\n\nand more" for at in range(3)] for side in lend.SIDES.values()
        }

    return lend.Bank({"en": [writer("ann"), writer("bo")]}, {"en": ["Dear {A},\n\nall is well."]})


def test_every_line_of_the_story_stays_and_every_note_is_another(lend, bank):
    truth, lines = lend.lend(TRUTH, LINES, bank, 0)
    assert [line for line in lines if line in STORY] == STORY
    assert not {"hi all, sorry for the wait", "thanks for reading!", "Wren goes home."} & {*lines}
    first, second = truth["chapters"]
    (start, end), (after, behind) = first["notes_before"][0], first["notes_after"][0]
    assert lines[start] == "Notes:"
    assert " before " in lines[start + 2]
    assert lines[end - 1] == "and more"
    assert " after " in lines[after]
    assert lines[behind] == ""
    assert " summary " in lines[second["summary"][0][0]]
    assert second["start_line"] == second["summary"][0][0]
    assert [lines[chapter["prose"][0]] for chapter in truth["chapters"]] == [STORY[0], STORY[20]]


def test_lines_of_the_truth_move_and_what_stood_in_a_note_is_gone(lend, bank):
    truth, lines = lend.lend(TRUTH, LINES, bank, 0)
    assert lines[truth["scene_breaks"][0]] == LINES[10]
    assert [lines[at] for at in truth["traps"]] == [LINES[12]]
    (start, end) = truth["ignore"][0]
    assert lines[start:end] == LINES[20:22]


def test_a_name_of_the_story_takes_the_place_of_the_letter(lend, bank):
    lines = lend.lend(TRUTH, LINES, bank, 0)[1]
    assert any(line.endswith(" Wren") for line in lines)
    assert not any("{A}" in line for line in lines)


def test_a_draw_is_always_the_same_and_another_is_another(lend, bank):
    assert lend.lend(TRUTH, LINES, bank, 0) == lend.lend(TRUTH, LINES, bank, 0)
    assert len({tuple(lend.lend(TRUTH, LINES, bank, draw)[1]) for draw in range(8)}) > 1


def test_passages_stand_between_paragraphs_of_the_story_and_not_at_its_ends(lend, bank):
    found = [lend.lend(TRUTH, LINES, bank, draw, passages=True) for draw in range(8)]
    assert any("all is well." in lines for _, lines in found)
    for truth, lines in found:
        assert [line for line in lines if line in STORY] == STORY
        for chapter in truth["chapters"]:
            start, end = chapter["prose"]
            shown = [line for line in lines[start:end] if line]
            assert "all is well." not in shown[: lend.MARGIN] + shown[-lend.MARGIN :]


@pytest.mark.parametrize("changed", [{"lang": "cy"}, {"style": {"moji": True}}])
def test_nothing_is_lent_to_a_language_without_writers_or_to_damaged_letters(lend, bank, changed):
    assert lend.lend({**TRUTH, **changed}, LINES, bank, 0) is None


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks" / "writers").glob("*.toml")), ids=lambda path: path.stem
)
def test_each_writer_has_notes_for_every_place(path):
    writers = tomllib.loads(path.read_text("utf-8"))["writer"]
    assert len({writer["name"] for writer in writers}) == len(writers) == 24
    for writer in writers:
        sides = [note["side"] for note in writer["note"]]
        assert [sides.count(side) for side in ("before", "after", "summary")] == [6, 6, 3]
        assert all(note["text"].strip() for note in writer["note"])
