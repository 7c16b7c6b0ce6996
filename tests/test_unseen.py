"""The works that nothing was learned from: what is found in them does not get less."""

import hashlib
import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORKS = sorted((ROOT / "tests" / "unseen").glob("u*.txt"))
FLOORS = json.loads((ROOT / "tests" / "quality" / "unseen.json").read_text("utf-8"))


@pytest.fixture
def unseen(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("unseen")


def truth_of(path):
    return json.loads((path.parent / "truth" / f"{path.stem}.json").read_text("utf-8"))


def test_no_figure_of_either_half_is_below_its_floor(unseen):
    quality = importlib.import_module("quality")
    assert quality.below(unseen.halves(unseen.measure()), FLOORS["figures"]) == []


@pytest.mark.parametrize("path", WORKS, ids=lambda path: path.stem)
def test_each_dump_is_the_one_its_truth_was_written_for(path):
    assert hashlib.sha256(path.read_bytes()).hexdigest() == truth_of(path)["sha256"]


@pytest.mark.parametrize("path", WORKS, ids=lambda path: path.stem)
def test_a_prediction_that_is_the_truth_gets_every_point(path, unseen):
    truth = truth_of(path)
    found = {
        "chapters": [{**chapter, "confidence": 1.0} for chapter in truth["chapters"]],
        "scene_breaks": [{"line": line} for line in truth["scene_breaks"]],
    }
    counts = unseen.score(truth, found, path.read_bytes().decode().split("\n"))
    wanted = {"note_p": 1.0, "note_r": 1.0} if counts["note_true"] else {"note_p": 0.0, "note_r": 0.0}
    assert unseen.figures(counts) == {
        **dict.fromkeys(("join_f1", "side_f1", "scene_f1", "brier"), 1.0),
        "one_shots_whole": float(len(truth["chapters"]) == 1),
        **wanted,
    }


@pytest.fixture
def work():
    """Ten lines: a story of two chapters with an end note and a beginning note at the join."""
    blank = {"heading": None, "jump": None, "summary": []}
    first = {"start_line": 0, "prose": [0, 3], "notes_before": [], "notes_after": [[4, 5]], **blank}
    second = {"start_line": 6, "prose": [8, 10], "notes_before": [[6, 7]], "notes_after": [], **blank}
    return {"chapters": [first, second], "scene_breaks": [1], "closing_lines": []}


def prediction(start, **second):
    notes = {"summary": [], "notes_before": [], "notes_after": []}
    chapters = [
        {"start_line": 0, "confidence": None, **notes},
        {"start_line": start, "confidence": 0.9, **notes, **second},
    ]
    return {"chapters": chapters, "scene_breaks": []}


LINES = ["prose", "***", "prose", "", "end note", "", "beginning note", "", "prose", "prose"]


@pytest.mark.parametrize(
    ("start", "join", "side"), [(2, 0, 0), (3, 1, 0), (4, 1, 0), (5, 1, 1), (6, 1, 1), (8, 1, 0), (9, 0, 0)]
)
def test_a_join_is_anywhere_in_the_gap_and_a_side_between_the_notes(unseen, work, start, join, side):
    counts = unseen.score(work, prediction(start), LINES)
    assert (counts["join"], counts["side"]) == (join, side)


def test_lines_of_notes_are_counted_and_blank_ones_are_not(unseen, work):
    counts = unseen.score(work, prediction(4, notes_before=[[4, 9]]), LINES)
    assert (counts["note"], counts["note_said"], counts["note_true"]) == (2, 3, 2)
    assert (counts["scene"], counts["scene_said"], counts["scene_true"]) == (0, 0, 1)
