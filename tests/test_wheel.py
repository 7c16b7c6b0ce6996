"""The wheel holds what the program needs, and nothing else: installed alone, it converts a dump."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from support.epub_text import read_book

PROJECT = Path(__file__).parent.parent


def run(*command: str | Path, folder: Path) -> str:
    """Run a program away from the checkout, with nothing of it on the path; its standard output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, PROJECT, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.needs("index")
def test_the_wheel_carries_the_templates_and_the_licence_and_no_test(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    folder = PROJECT / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert "web/base.html" in templates
    shipped = {
        name.removeprefix("fic2epub/templates/") for name in names if name.startswith("fic2epub/templates/")
    }
    assert templates <= shipped
    assert any(name.endswith("/LICENSE") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fic2epub"}


@pytest.mark.needs("index")
def test_an_empty_environment_with_the_wheel_converts_a_dump(wheel, samples, tmp_path):
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, folder=tmp_path)
    printed = run(scripts / "fic2epub", "convert", samples[0], "-o", "book.epub", folder=tmp_path)
    assert printed.split() == ["book.epub"]
    assert read_book(tmp_path / "book.epub").words()
    assert run(scripts / "fic2epub", "--version", folder=tmp_path)
