"""Take the documents' pictures again: covers and pages of the samples, the review and the strip of one.

``.venv/bin/python docs/pictures/make.py [NAME…]`` needs Chromium, Node and npm; names choose
pictures. Look at them before you commit them.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from io import BytesIO
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

from support import needs  # noqa: E402 - it lies with the tests
from support.browser import install, screenshots  # noqa: E402

from fic2epub import convert, parse, read  # noqa: E402
from fic2epub.library.book import MakeOptions  # noqa: E402
from fic2epub.web.app import serve  # noqa: E402
from fic2epub.web.review import review_app  # noqa: E402
from fic2epub.web.strip import strip  # noqa: E402

COVERS = {
    "cover-1": "106_eleven_hats.txt",
    "cover-2": "104_set_of_the_current.txt",
    "cover-3": "109_three_taps.txt",
}
PAGES = {
    "preface": ("101_in_pencil.txt", "preface.xhtml"),
    "chapter": ("104_set_of_the_current.txt", "text/chapter3.xhtml"),
    "break": ("107_the_third_time.txt", "text/chapter1.xhtml"),
}
"""Each picture's sample and page."""
REVIEWED = "101_in_pencil.txt"
PAGE = (400, 600)
"""CSS pixels: a small e-reader's page."""
COVER = (400, 600)
WINDOW = (960, 640)
TOKEN = "picture"


def main(wanted: list[str]) -> None:
    """Make a book of each sample and take its cover or page."""
    install()
    with tempfile.TemporaryDirectory() as folder:
        for name, sample in COVERS.items():
            if not wanted or name in wanted:
                take_cover(convert(PROJECT / "seeds" / sample, f"{folder}/{name}.epub"), HERE / f"{name}.jpg")
        for name, (sample, page) in PAGES.items():
            if not wanted or name in wanted:
                book = convert(PROJECT / "seeds" / sample, f"{folder}/{name}.epub")
                screenshots(book, {page: HERE / f"{name}.png"}, size=PAGE)
        if not wanted or "review" in wanted:
            dump = shutil.copy2(PROJECT / "seeds" / REVIEWED, folder)
            take_review(Path(dump), HERE / "review.png")
    if not wanted or "strip" in wanted:
        (recovery,) = map(parse, read(PROJECT / "seeds" / REVIEWED))
        (HERE / "strip.svg").write_text(strip(recovery), encoding="utf-8")


def take_cover(book: Path, target: Path) -> None:
    """Write the cover of a book, small."""
    with zipfile.ZipFile(book) as archive, Image.open(BytesIO(archive.read("cover.jpg"))) as cover:
        cover.resize(COVER, Image.Resampling.LANCZOS).save(target, quality=80, optimize=True)


def take_review(dump: Path, target: Path) -> None:
    """Take the picture of a dump's review."""
    app = review_app([dump], MakeOptions(), token=TOKEN)
    ports: list[int] = []
    ready = threading.Event()

    def took(port: int) -> None:
        ports.append(port)
        ready.set()

    serving = {"host": "127.0.0.1", "port": 0, "ready": took}
    threading.Thread(target=serve, args=(app,), kwargs=serving, daemon=True).start()
    ready.wait(30)
    command = [str(needs.chromium()), "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"]
    command += [f"--window-size={WINDOW[0]},{WINDOW[1]}", f"--screenshot={target}"]
    address = f"http://127.0.0.1:{ports[0]}/?token={TOKEN}"
    subprocess.run([*command, address], check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main(sys.argv[1:])
