"""E-readers to be simulated: folder trees with the markers of each kind, on a small disk where that can be.

The trees hold what the real ones do beside their books: databases, settings, other people's books. A checksum
over all of it, before and after, shows what was touched.
"""

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILES = {
    ".kobo/version": b"N0000000000000,4.1.15,4.38.21908,4.1.15,4.1.15,00000000-0000-0000-0000-000000000390",
    ".kobo/KoboReader.sqlite": b"SQLite format 3\0 of Kobo",
}
"""Of a Kobo Libra Colour."""

TREES: dict[str, dict[str, bytes]] = {
    "kobo": {**FILES, ".kobo-images/1/2/cover.parsed": b"\xff\xd8", "Digital Editions/a.txt": b"x"},
    "kindle": {
        "documents/My Clippings.txt": b"clipped",
        "documents/bought.azw": b"TPZ0",
        "documents/bought.sdr/bought.azw1r": b"place",
        "system/version.txt": b"Kindle 5.12.2 (3645000006)",
        "system/thumbnails/thumbnail_1.jpg": b"\xff\xd8",
    },
    "pocketbook": {
        "system/config/global.cfg": b"lang=en",
        "system/explorer-3/explorer-3.db": b"SQLite format 3\0",
        "Books/Someone - Else.epub": b"not ours",
    },
    "tolino": {".tolino/version": b"1", "Books/library.db": b"SQLite format 3\0"},
    "nook": {"NOOK/Books/welcome.pdf": b"%PDF", "NOOK/settings": b"1"},
    "sony": {"Sony_Reader/database/books.db": b"SQLite format 3\0", "Sony_Reader/media/audio/a.mp3": b"ID3"},
    "koreader": {"koreader/settings.reader.lua": b"return {}", "koreader/history.lua": b"return {}"},
    "folder": {".fic2epub-target": b'name = "phone"\n', "notes.txt": b"milk"},
}
"""A tree for each kind that ``--to`` knows."""

GETS = {
    "kobo": ("fic2epub", ".kepub.epub"),
    "kindle": ("documents", ".azw3"),
    "pocketbook": ("Books", ".epub"),
    "tolino": ("Books", ".epub"),
    "nook": ("NOOK/Books", ".epub"),
    "sony": ("Sony_Reader/media/books", ".epub"),
    "koreader": ("fic2epub", ".epub"),
    "folder": ("", ".epub"),
}
"""Where a book goes on each, and with which ending."""

PLACE = "Ada Quill - The Lamp Room [{short}]{suffix}"


def lay_out(top: Path, kind: str, *, koreader: bool = False) -> Path:
    """Make the tree of a kind in a folder; returns the folder."""
    files = dict(TREES[kind])
    if koreader:
        files[".adds/koreader/settings.reader.lua" if kind == "kobo" else "koreader/defaults.lua"] = (
            b"return {}"
        )
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return top


def checksum(top: Path, *, without: tuple[str, ...] = ()) -> str:
    """Over every file and folder below a folder, with its name, but for some paths."""
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top).as_posix()
        if name not in without:
            content = path.read_bytes() if path.is_file() else b"folder"
            digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def small_disk(folder: Path, *, size: str = "16m") -> Iterator[Path]:
    """A disk of a few megabytes, mounted on a folder as long as the test runs; it may be pulled out before."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True, capture_output=True
    )
    try:
        yield folder
    finally:
        pull_out(folder, check=False)


def pull_out(folder: Path, *, check: bool = True) -> None:
    """Unmount at once, whatever is open on it, as a cable that is pulled does."""
    subprocess.run(["umount", "-l", str(folder)], check=check, capture_output=True)


def make_read_only(folder: Path) -> None:
    """What Linux does to a FAT disk that it finds damaged."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True, capture_output=True)
