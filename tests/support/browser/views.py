"""Pages of a book on the screens of devices: measured, and as pictures; see look_at.mjs."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from support import needs
from support.browser import HERE


@dataclass(frozen=True, slots=True)
class Screen:
    width: int
    height: int
    """In CSS pixels."""
    scale: int
    gray: bool = False


SCREENS = {
    "phone": Screen(390, 844, 2),
    "e-ink": Screen(536, 724, 2, gray=True),  # 1072 × 1448: the six-inch screen of most Kobos and Kindles
    "tablet": Screen(820, 1180, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page as it is looked at."""

    href: str
    to: str | None = None
    """What is brought into the middle, as a selector."""
    screen: Screen = SCREENS["phone"]
    dark: bool = False
    png: Path | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    outside: list[str]
    """Texts and pictures that reach beyond the page's sides."""
    overlaps: list[tuple[str, str]]
    faint: list[str]
    """Texts with a contrast under 4.5."""
    lowest: float
    """The lowest contrast."""


def look_at(book: Path, views: Sequence[View]) -> list[Seen]:
    """Show each view of a book, measure it, and take its picture if it is to be taken."""
    with tempfile.TemporaryDirectory() as folder:
        with ZipFile(book) as archive:
            archive.extractall(folder)
        order = {
            "folder": folder,
            "chromium": needs.chromium(),
            "views": [
                {
                    "href": view.href,
                    "to": view.to,
                    "width": view.screen.width,
                    "height": view.screen.height,
                    "scale": view.screen.scale,
                    "dark": view.dark,
                    "png": None if view.png is None else str(view.png),
                }
                for view in views
            ],
        }
        done = subprocess.run(
            [shutil.which("node") or "node", str(HERE / "look_at.mjs")],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, f"{book.name} could not be shown:\n{done.stderr}"
    return [Seen(**one) for one in json.loads(done.stdout)]
