"""The recovery does not fall below its floors, nor the weights away from the data they name."""

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = json.loads((ROOT / "tests" / "quality" / "floors.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def benchmarks_on_the_path(monkeypatch):
    # By name and not by file: worker processes must find the module again.
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


@pytest.mark.needs("bench")
def test_no_figure_of_the_recovery_is_below_its_floor(bench_dir, tmp_path):
    quality = importlib.import_module("quality")
    assert quality.digest(bench_dir) == FLOORS["data"], "other data: see benchmarks/quality.py"
    figures = quality.measure(bench_dir, tmp_path / "predictions.jsonl")
    assert quality.below(figures, FLOORS["figures"]) == []


def test_a_figure_below_its_floor_is_named():
    quality = importlib.import_module("quality")
    assert quality.below({"join_f1": 0.5}, {"join_f1": 0.6, "note_p": 0.1}) == [
        "join_f1: 0.500, the floor is 0.600",
        "note_p: 0.000, the floor is 0.100",
    ]


@pytest.mark.needs("bench")
def test_the_weights_are_those_of_the_benchmark_and_the_samples(bench_dir):
    train = importlib.import_module("train")
    held = json.loads((ROOT / "fic2epub" / "parser" / "words" / "weights.json").read_text("utf-8"))
    assert held["data"] == train.digest([bench_dir / "dev", ROOT / "seeds"])


def test_the_weights_are_small_and_hold_single_words_and_pairs_only():
    path = ROOT / "fic2epub" / "parser" / "words" / "weights.json"
    assert path.stat().st_size < 200_000
    held = json.loads(path.read_text("utf-8"))
    words = [word for table in held["statistics"].values() for word in table]
    assert words
    assert all(len(word.split()) <= 2 for word in words)
