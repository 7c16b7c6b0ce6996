"""DAISY Ace 1.4.6, the accessibility checker of EPUB, run on books.

Nothing of it is kept in the project: npm fetches the versions that package-lock.json pins into
``node_modules`` when a test first asks. It opens every page in Chromium, so it is for small books: 2 s for
four pages, 41 s for a hundred.
"""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from support import needs, npm

HERE = Path(__file__).parent
ACE = HERE / "node_modules" / "@daisy" / "ace-cli" / "bin" / "ace.js"
START = "60000"
"""Milliseconds for Chromium to start; Ace gives it 5,000, which a busy machine does not keep."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that Ace says against a book."""

    rule: str
    impact: str
    where: str
    """The file, and the place in it."""
    said: str


def install() -> None:
    """Fetch Ace as pinned. Raises subprocess.CalledProcessError if npm cannot."""
    npm.install(HERE)


def violations(book: Path, folder: Path) -> tuple[Violation, ...]:
    """What Ace says against a book; its report goes into a folder.

    What it keeps besides goes into one of a short name: the path of a socket, which Chromium makes there,
    may have 107 letters, and pytest's own folders are too long for that.
    """
    command = [shutil.which("node") or "node", str(ACE), "-s", "-f", "-o", str(folder / "report"), str(book)]
    with tempfile.TemporaryDirectory(prefix="ace", ignore_cleanup_errors=True) as home:
        environ = os.environ | {
            "ACE_TIMEOUT_INITIAL": START,
            "PUPPETEER_EXECUTABLE_PATH": needs.chromium() or "",
            "HOME": home,
            "TMPDIR": home,
        }
        done = subprocess.run(
            command, cwd=HERE, env=environ, capture_output=True, text=True, check=False, timeout=280
        )
    report = folder / "report" / "report.json"
    assert done.returncode == 0, f"Ace could not read {book.name}:\n{done.stdout}\n{done.stderr}"
    return tuple(_violations(json.loads(report.read_text(encoding="utf-8"))))


def _violations(report: dict) -> list[Violation]:
    found = []
    for document in report["assertions"]:
        subject = document["earl:testSubject"]["url"]
        for one in document["assertions"]:
            if one["earl:result"]["earl:outcome"] != "fail":
                continue
            test, result = one["earl:test"], one["earl:result"]
            pointer = result.get("earl:pointer", {}).get("cfi", [""])
            found.append(
                Violation(
                    test["dct:title"],
                    test["earl:impact"],
                    f"{subject} {pointer[0]}",
                    result["dct:description"],
                )
            )
    return found
