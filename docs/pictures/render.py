"""Take pictures of the pages of a book on a phone, a six-inch e-reader and a tablet, by day and by night.

``.venv/bin/python docs/pictures/render.py [FOLDER]`` needs Chromium, Node and npm. Without a folder the
pictures go beside this file; look at them before you commit them. ``tests/test_pictures.py`` measures the
same pages.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

from support.browser import install  # noqa: E402 - it lies with the tests
from support.browser.views import SCREENS, View, look_at  # noqa: E402
from support.looks import PAGES, made_books  # noqa: E402

HEIGHT = 560
"""Of each screen in a picture, in pixels; widths follow."""
GAP = 12
PAPER = 235
COLOURS = 40
"""Enough for text; a cover has few colours of its own."""


def main(target: Path) -> None:
    """Take every page on every screen, and lay those of a page side by side."""
    install()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = made_books(folder)
        for subject, page in PAGES.items():
            views = [
                View(
                    href=page.href,
                    to=page.to,
                    screen=screen,
                    dark=dark,
                    png=folder / f"{subject}-{device}-{dark}.png",
                )
                for device, screen in SCREENS.items()
                for dark in (False, True)
            ]
            look_at(books[page.book], views)
            sheet(views).save(target / f"devices-{subject}.png", optimize=True)


def sheet(views: list[View]) -> Image.Image:
    """The screens in a row, all of one height, gray where the device is."""
    shots = []
    for view in views:
        assert view.png is not None
        with Image.open(view.png) as shot:
            small = shot.convert("L" if view.screen.gray else "RGB")
            width = round(small.width * HEIGHT / small.height)
            shots.append(small.resize((width, HEIGHT), Image.Resampling.LANCZOS).convert("RGB"))
    whole = sum(shot.width for shot in shots) + GAP * (len(shots) + 1)
    picture = Image.new("RGB", (whole, HEIGHT + 2 * GAP), (PAPER, PAPER, PAPER))
    left = GAP
    for shot in shots:
        picture.paste(shot, (left, GAP))
        left += shot.width + GAP
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
