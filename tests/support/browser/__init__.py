"""Books opened in real reading systems: foliate-js and epub.js, in headless Chromium.

Nothing of theirs is kept in the project: npm fetches the versions that package-lock.json pins into
``node_modules`` when a test first asks.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from support import needs, npm

HERE = Path(__file__).parent
Reader = Literal["foliate", "epubjs"]
READERS: tuple[Reader, ...] = ("foliate", "epubjs")
WORDS = 12
E_READER = (600, 800)
"""Width and height of a page, in CSS pixels."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the contents, as a reading system shows and follows it."""

    label: str
    href: str
    depth: int
    own: tuple[str, ...]
    """The first words under it that are the author's, none of the program's."""
    all: tuple[str, ...]
    """The first words under it."""
    seen: tuple[str, ...] | None
    """The words on the page that it opened; None if the reading system cannot tell."""


@dataclass(frozen=True, slots=True)
class Reading:
    title: str
    language: str
    entries: tuple[Entry, ...]
    errors: tuple[str, ...]
    """What the browser complained of."""
    outside: tuple[str, ...]
    """Addresses that the book tried to load."""


def install() -> None:
    """Fetch the reading systems as pinned. Raises subprocess.CalledProcessError if npm cannot."""
    npm.install(HERE)


def follow(book: Path, reader: Reader) -> Reading:
    """Open a book and follow every entry of its contents."""
    answer = _run(book, reader, E_READER, {"words": WORDS})
    entries = tuple(
        Entry(
            label=entry["label"],
            href=entry["href"],
            depth=entry["depth"],
            own=tuple(entry["own"]),
            all=tuple(entry["all"]),
            seen=None if entry["seen"] is None else tuple(entry["seen"]),
        )
        for entry in answer["entries"]
    )
    return Reading(
        _plain(answer["title"]),
        _plain(answer["language"]),
        entries,
        tuple(answer["errors"]),
        tuple(answer["outside"]),
    )


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page, and what stands where it leads."""

    page: str
    label: str
    href: str | None
    """From the book's root, as the reading system understands it; None if it leads out of the book."""
    outside: str | None
    all: tuple[str, ...]
    """The first words under the target."""


def links(book: Path, pages: Sequence[str], *, words: int = 400) -> tuple[Link, ...]:
    """Follow every link of some pages in foliate-js; one that leads nowhere fails."""
    answer = _run(book, "foliate", E_READER, {"pages": list(pages), "words": words})
    assert not answer["errors"]
    assert not answer["outside"]
    return tuple(Link(**{**link, "all": tuple(link["all"])}) for link in answer["links"])


def facts(book: Path, reader: Reader) -> dict[str, Any]:
    """What a reading system says of a book: title, and whatever else it reads of creators, series, cover."""
    answer = _run(book, reader, E_READER, {"shots": [], "words": 1})
    return {"title": _plain(answer["title"]), "language": _plain(answer["language"]), **answer["facts"]}


def screenshots(
    book: Path, shots: dict[str, Path], *, size: tuple[int, int] = E_READER, reader: Reader = "foliate"
) -> None:
    """Take a picture (PNG) of the page at each href: for looking at, no test compares them."""
    order = [{"href": href, "png": str(png)} for href, png in shots.items()]
    _run(book, reader, size, {"shots": order, "words": 1})


def _run(book: Path, reader: Reader, size: tuple[int, int], more: dict) -> dict:
    width, height = size
    order = {
        "book": str(book.resolve()),
        "reader": reader,
        "chromium": needs.chromium(),
        "width": width,
        "height": height,
        **more,
    }
    done = subprocess.run(
        [shutil.which("node") or "node", str(HERE / "read_book.mjs")],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{reader} could not read {book.name}:\n{done.stderr}"
    return json.loads(done.stdout)


def _plain(value: object) -> str:
    """A title or language, which foliate-js gives as a list or by language."""
    if isinstance(value, list):
        return _plain(value[0])
    if isinstance(value, dict):
        return _plain(next(iter(value.values())))
    return str(value)
