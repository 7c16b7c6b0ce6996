"""What every test can ask for: the machine's needs, the dumps, the recording of golden files."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from support import needs

PROJECT = Path(__file__).parent.parent

if "CI" not in os.environ:  # there Hypothesis has a profile of its own, without a deadline too
    settings.register_profile("here", deadline=None)  # how long an example takes is the machine's affair
    settings.load_profile("here")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="record the golden files again; read the diff before you commit it",
    )


def pytest_configure(config: pytest.Config) -> None:
    os.environ["FIC2EPUB_CONFIG"] = ""  # nobody's own settings have a say in a test
    try:
        needs.required()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


def require(name: str) -> None:
    """Skip the running test if the machine lacks something, or fail it if FIC2EPUB_REQUIRE names that."""
    reason = needs.missing(name)
    if reason is None:
        return
    if name in needs.required():
        pytest.fail(f"FIC2EPUB_REQUIRE asks for {name}: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if name not in needs.PROBES:
                pytest.fail(
                    f"needs({name!r}): the needs are {', '.join(sorted(needs.PROBES))}", pytrace=False
                )
            require(name)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True if the golden files are to be recorded and not compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def seeds_dir() -> Path:
    """The folder of real dumps, with its ``truth/``; the test is skipped without it."""
    require("seeds")
    return Path(os.environ["FIC2EPUB_SEEDS"])


@pytest.fixture(scope="session")
def bench_dir() -> Path:
    """The folder of benchmark dumps; the test is skipped without it."""
    require("bench")
    return Path(os.environ["FIC2EPUB_BENCH"])


@pytest.fixture(scope="session")
def samples() -> tuple[Path, ...]:
    """The project's own dumps, by name; a reader's own files that lie beside them have no truth file."""
    seeds = PROJECT / "seeds"
    found = tuple(
        path for path in sorted(seeds.glob("*.txt")) if (seeds / "truth" / f"{path.stem}.json").is_file()
    )
    assert found, f"{seeds} holds no sample with a truth file"
    return found
