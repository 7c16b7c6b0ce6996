"""A test that lacks something is skipped with a reason, unless FIC2EPUB_REQUIRE names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ONE_TEST = """
import pytest

@pytest.mark.needs({need!r})
def test_one():
    pass
"""


def run(folder: Path, need: str, **variables: str) -> tuple[int, str]:
    (folder / "test_one.py").write_text(ONE_TEST.format(need=need), encoding="utf-8")
    gone = {"FIC2EPUB_SEEDS", "FIC2EPUB_REQUIRE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"}
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "conftest",
            "-p",
            "no:cacheprovider",
            "-rs",
            "-q",
            "test_one.py",
        ],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(TESTS)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_test_whose_need_is_missing_is_skipped_with_a_reason(tmp_path):
    code, output = run(tmp_path, "seeds")
    assert code == 0
    assert "FIC2EPUB_SEEDS names no folder of real dumps" in output


def test_a_missing_need_that_is_required_fails(tmp_path):
    code, output = run(tmp_path, "seeds", FIC2EPUB_REQUIRE="java, seeds")
    assert code == 1
    assert "FIC2EPUB_REQUIRE asks for seeds" in output


def test_a_need_that_is_there_runs_the_test(tmp_path):
    code, output = run(tmp_path, "seeds", FIC2EPUB_REQUIRE="seeds", FIC2EPUB_SEEDS=str(tmp_path))
    assert code == 0
    assert "1 passed" in output


@pytest.mark.parametrize(("need", "required"), [("sedes", ""), ("seeds", "sedes")])
def test_a_misspelt_need_is_never_silent(tmp_path, need, required):
    code, output = run(tmp_path, need, FIC2EPUB_REQUIRE=required)
    assert code != 0
    assert "sedes" in output
