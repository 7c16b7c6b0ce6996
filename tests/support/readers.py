"""E-readers to be simulated: folder trees with the markers of each kind, on a small disk where that can be.

The trees hold what the real ones do beside their books: databases, settings, other people's books. A checksum
over all of it, before and after, shows what was touched.
"""

import hashlib
import struct
import subprocess
import time
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
    """A disk of a few megabytes, mounted for as long as a test runs; the test may pull it out before."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True, capture_output=True
    )
    try:
        yield folder
    finally:
        pull_out(folder, check=False)


@contextmanager
def exfat_disk(folder: Path) -> Iterator[Path]:
    """A real disk of exFAT, as a card in an e-reader has: it folds case and knows no links."""
    image = folder.with_suffix(".img")
    folder.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(24 << 20)
    subprocess.run(["mkfs.exfat", "-L", "READER", str(image)], check=True, capture_output=True)
    loop = subprocess.run(
        ["losetup", "--find", "--show", str(image)], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        subprocess.run(["mount.exfat-fuse", loop, str(folder)], check=True, capture_output=True)
        for _ in range(100):
            if folder.is_mount():
                break
            time.sleep(0.05)
        yield folder
    finally:
        pull_out(folder, check=False)
        subprocess.run(["losetup", "--detach", loop], check=True, capture_output=True)


def pull_out(folder: Path, *, check: bool = True) -> None:
    """Unmount at once, whatever is open on it, as a cable that is pulled does."""
    subprocess.run(["umount", "-l", str(folder)], check=check, capture_output=True)


def make_read_only(folder: Path) -> None:
    """What Linux does to a FAT disk that it finds damaged."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True, capture_output=True)


def azw3(title: str, *, producer: str, body: bytes = b"") -> bytes:
    """The least that has a Kindle book's header: a Palm database of one record with EXTH fields."""
    fields = [(100, "Ada Quill"), (503, title), (108, producer)]
    packed = b"".join(
        struct.pack(">LL", kind, 8 + len(text.encode())) + text.encode() for kind, text in fields
    )
    exth = struct.pack(">4sLL", b"EXTH", 12 + len(packed), len(fields)) + packed
    record = b"\0" * 16 + struct.pack(">4sL", b"MOBI", 232) + b"\0" * 224 + exth + body
    head = b"book".ljust(32, b"\0") + b"\0" * 28 + b"BOOKMOBI" + b"\0" * 8 + struct.pack(">H", 1)
    return head + struct.pack(">L", len(head) + 8) + b"\0" * 4 + record
