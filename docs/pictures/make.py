"""Take the README's pictures again: pages of the samples, in a reading system in headless Chromium.

``.venv/bin/python docs/pictures/make.py`` needs Chromium, Node and npm. Look at the pictures before you
commit them.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

from support.browser import install, screenshots  # noqa: E402 - it lies with the tests

from fic2epub import convert  # noqa: E402

PICTURES = {
    "preface": ("101_in_pencil.txt", "preface.xhtml"),
    "chapter": ("104_set_of_the_current.txt", "text/chapter3.xhtml"),
    "break": ("107_the_third_time.txt", "text/chapter1.xhtml"),
}
"""Each picture's sample and page."""
PAGE = (400, 560)
"""CSS pixels: a small e-reader's page."""


def main() -> None:
    """Make a book of each sample and take its page."""
    install()
    with tempfile.TemporaryDirectory() as folder:
        for name, (sample, page) in PICTURES.items():
            book = convert(PROJECT / "seeds" / sample, f"{folder}/{name}.epub")
            screenshots(book, {page: HERE / f"{name}.png"}, size=PAGE)


if __name__ == "__main__":
    main()
