"""Imports run downwards only, and outside packages stay where they belong (DESIGN: the tree).

Read from the source by ``ast``, so that an import inside a function counts as much as one at the top.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "fic2epub"

LAYERS = (
    {"errors", "patterns", "values"},
    {"model"},
    {"memory"},
    {"record", "container", "select"},
    {"parser", "builder"},
    {"library"},
    {"web", "delivery"},
    {"cli"},
)
"""From the lowest; a part imports what lies below it, and itself."""
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

BESIDE = {("record", "container")}
"""Imports within a layer that are meant: the record is an entry of the archive that container reads."""

DOORS = {"__init__", "__main__"}
"""The package's two doors open onto every part; importing them is cheap, which a test below holds."""

HOMES = {
    "click": lambda path: path.startswith("cli/"),
    "rich": lambda path: path.startswith("cli/"),
    "ebooklib": lambda path: path == "builder/package.py",
    "zipfile": lambda path: path == "container.py",
    "ftfy": lambda path: path.startswith("parser/"),
    "numpy": lambda path: False,  # it comes with the development tools and is no dependency
    "bs4": lambda path: False,  # the same
}
"""Where an outside package may be imported."""


def imports(path: Path) -> Iterator[str]:
    """The full names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import; write the full name"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(name: str) -> str | None:
    """``parser`` for ``fic2epub.parser.blocks``; None for another package or for fic2epub itself."""
    pieces = name.split(".")
    return pieces[1] if pieces[0] == "fic2epub" and len(pieces) > 1 and pieces[1] in LEVEL else None


def allowed(importer: str, imported: str) -> bool:
    if importer == imported or (importer, imported) in BESIDE:
        return True
    return LEVEL[imported] < LEVEL[importer]


def faults(name: str, path: Path) -> list[str]:
    """What the imports of one module break; ``name`` is its path from the package."""
    found = []
    part = name.split("/")[0].removesuffix(".py")
    for imported in set(imports(path)):
        target = part_of(imported)
        if part not in DOORS and target is not None and not allowed(part, target):
            found.append(f"{name} imports {imported}: {part} lies no higher than {target}")
        home = HOMES.get(imported.split(".")[0])
        if home is not None and not home(name):
            found.append(f"{name} imports {imported}, which has its place elsewhere")
    return found


MODULES = {str(path.relative_to(PACKAGE).as_posix()): path for path in sorted(PACKAGE.rglob("*.py"))}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_lies_below_it(name):
    assert faults(name, MODULES[name]) == []


def test_every_part_of_the_package_has_a_layer():
    parts = {name.split("/")[0].removesuffix(".py") for name in MODULES}
    assert parts - DOORS <= LEVEL.keys()


@pytest.mark.parametrize(
    ("name", "source", "right"),
    [
        ("parser/blocks.py", "from fic2epub.builder.xhtml import page", False),
        ("builder/cover.py", "def draw():\n    import fic2epub.parser.work", False),
        ("model/work.py", "from fic2epub import container", False),
        ("errors.py", "from fic2epub.model import Span", False),
        ("container.py", "from fic2epub.record import read", False),
        ("library/batch.py", "import click", False),
        ("container.py", "import ebooklib.epub", False),
        ("builder/package.py", "from zipfile import ZipFile", False),
        ("parser/gaps.py", "import numpy as np", False),
        ("builder/package.py", "from ebooklib import epub", True),
        ("container.py", "import zipfile", True),
        ("cli/convert.py", "import click\nfrom fic2epub.library.batch import run", True),
        (
            "library/shelf.py",
            "from fic2epub import errors, record\nfrom fic2epub.parser.work import parse",
            True,
        ),
        ("parser/work.py", "from fic2epub.parser.blocks import read\nfrom fic2epub.model import Work", True),
        ("record.py", "from fic2epub.container import read", True),
    ],
)
def test_the_rules_know_right_from_wrong(name, source, right, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert (faults(name, path) == []) is right


SLOW_TO_LOAD = (
    "lxml",
    "ebooklib",
    "ftfy",
    "rich",
    "PIL",
    "langcodes",
    "sqlite3",
    "multiprocessing",
    "zipfile",
)

HELP = """
import sys
from fic2epub.cli import main
sys.argv = ["fic2epub", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import fic2epub", (*SLOW_TO_LOAD, "click")),
        ("import fic2epub.model, fic2epub.errors", (*SLOW_TO_LOAD, "click")),
        (HELP, (*SLOW_TO_LOAD, "tomllib", "traceback", "fic2epub.model", "fic2epub.library")),
    ],
)
def test_the_start_is_cheap(statement, forbidden):
    loaded = loaded_after(statement)
    assert loaded.isdisjoint(forbidden), loaded & set(forbidden)


def loaded_after(statement, *arguments):
    """The modules that a new interpreter has when it has run a statement."""
    report = "import json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{report}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


CONVERT = """
import sys
from fic2epub.cli import main
sys.argv = ["fic2epub", "convert", "--quiet", "--output", sys.argv[2], sys.argv[1]]
try:
    main()
except SystemExit as end:
    assert not end.code
"""
PLAIN = (
    "Title: Plain\nAuthor: nobody\nLanguage: English\n\nThere was a door. It was shut.\n\nNobody knocked.\n"
)

NOT_FOR_ONE_WORK = (
    # What a single dump of sound text does not need, and what each would cost.
    *("sqlite3", "rich", "tomlkit", "ftfy", "langcodes", "email", "http", "multiprocessing", "concurrent"),
    *("importlib.metadata", "importlib.resources", "tempfile", "jinja2", "flask"),
    # Pillow's writers of other forms: named by its format, a JPEG brings four of them along.
    *("PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "PIL.ImageOps"),
    *("fractions", "decimal"),
    # The program's own parts for many works, for standing books and for corrections.
    *("fic2epub.select", "fic2epub.delivery", "fic2epub.web", "fic2epub.library.catalogue"),
    *(
        "fic2epub.library.update",
        "fic2epub.library.maker",
        "fic2epub.library.pool",
        "fic2epub.library.report",
    ),
    *("fic2epub.parser.corrections", "fic2epub.parser.corrected", "fic2epub.parser.kept"),
    *("fic2epub.builder.anthology", "fic2epub.builder.kepub", "fic2epub.builder.smart_quotes"),
    *("fic2epub.builder.epubcheck", "fic2epub.builder.check_file"),
)


def test_one_work_is_converted_with_what_it_needs(tmp_path):
    dump = tmp_path / "plain.txt"
    dump.write_text(PLAIN, "utf-8")
    loaded = loaded_after(CONVERT, str(dump), str(tmp_path / "plain.epub"))
    assert {"PIL.JpegImagePlugin", "lxml.etree", "ebooklib.epub"} <= loaded, "the whole route was taken"
    assert loaded.isdisjoint(NOT_FOR_ONE_WORK), loaded & set(NOT_FOR_ONE_WORK)


def test_without_a_cover_pillow_stays_out(tmp_path):
    dump = tmp_path / "plain.txt"
    dump.write_text(PLAIN, "utf-8")
    statement = CONVERT.replace('"--quiet"', '"--quiet", "--no-cover"')
    loaded = loaded_after(statement, str(dump), str(tmp_path / "plain.epub"))
    assert loaded.isdisjoint({"PIL", "fic2epub.builder.cover_layout"})
