"""How an anthology grows: seconds, memory and size for more and more works, through the command itself.

``.venv/bin/python benchmarks/anthology.py [COUNT…] [--limit-mb 1000]``, without numbers 200, 1,000 and
5,000. Each dump is about 25 kB, made of the paragraphs of ``seeds/`` in a drawn order (the same each time):
two thirds have two to eight chapters, parted by the author's notes and by no heading, the rest is one
shot. Authors, relationships, tags and series are drawn so that groups and indexes have something to hold.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BYTES = 25_000
_NOTES = (
    "A/N: Sorry for the wait, this week was long. Thank you for every comment on the last chapter!",
    "Author's note: Thanks for reading, everyone! The next chapter will be up on Sunday.",
    "A/N: I own nothing. Reviews are love, and the next part is half written.",
)
_NAMES = ("Marit", "Osk", "Ilse", "Tarn", "Bram", "Runa", "Joss", "Edda", "Pell", "Wynn", "Hob", "Sanna")
_TAGS = ("Slow Burn", "Fluff", "Angst", "Lighthouses", "Letters", "Winter", "Found Family", "Storms", "Tea")
_RATINGS = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit", "Not Rated")


def main() -> None:
    """Measure each number of works in a process of its own, and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[200, 1_000, 5_000])
    parser.add_argument("--limit-mb", type=int, help="fail if a run takes more memory than this")
    asked = parser.parse_args()
    prose = paragraphs()
    print(f"{'works':>7} {'text MB':>8} {'seconds':>8} {'CPU s':>7}", end="")
    print(f"{'CPU ms a work':>14} {'peak MB':>8} {'book MB':>8}")
    for count in asked.counts:
        with tempfile.TemporaryDirectory() as folder:
            size = make_dumps(Path(folder) / "dumps", count, prose)
            seconds, cpu, peak, book = measure(Path(folder))
        row = f"{count:>7,} {size / 1e6:>8.1f} {seconds:>8.1f} {cpu:>7.1f} {1_000 * cpu / count:>13.1f}"
        print(f"{row} {peak:>8.0f} {book / 1e6:>8.1f}")
        if asked.limit_mb is not None and peak > asked.limit_mb:
            sys.exit(f"{count:,} works took {peak:.0f} MB")


def paragraphs() -> list[str]:
    """The samples' paragraphs of prose."""
    found = []
    for path in sorted((PROJECT / "seeds").glob("*.txt")):
        body = path.read_text(encoding="utf-8").partition("\n\n")[2]
        found += [text for text in body.split("\n\n") if len(text) > 120]
    return found


def make_dumps(folder: Path, count: int, prose: list[str]) -> int:
    """Write the dumps; gives their bytes."""
    folder.mkdir()
    size = 0
    for number in range(count):
        text = "\n\n".join(dump(number, prose))
        (folder / f"{number:06}.txt").write_text(text, encoding="utf-8")
        size += len(text.encode())
    return size


def dump(number: int, prose: list[str]) -> Iterator[str]:
    """The paragraphs of one dump, its header first."""
    draw = random.Random(number)
    chapters = 1 if number % 3 == 0 else draw.randint(2, 8)
    yield "\n".join(header(number, chapters, draw))
    for chapter in range(chapters):
        size = 0
        while size < BYTES / chapters:
            text = draw.choice(prose)
            size += len(text)
            yield text
        if chapter + 1 < chapters:
            yield draw.choice(_NOTES)


def header(number: int, chapters: int, draw: random.Random) -> Iterator[str]:
    """The header's lines."""
    pair = "/".join(draw.sample(_NAMES, 2))
    yield f"Title: {draw.choice(_TAGS)} and {draw.choice(_NAMES)}, No. {number}"
    yield f"Work ID: {40_000_000 + number}"
    yield f"Author: {draw.choice(_NAMES).lower()}_{draw.randrange(400)}"
    yield f"Rating: {draw.choice(_RATINGS)}"
    yield f"Relationships: {pair}, {'/'.join(draw.sample(_NAMES, 2))}"
    yield f"Tags: {', '.join(draw.sample(_TAGS, 3))}, Drawn {draw.randrange(2_000)}"
    yield "Language: English"
    yield f"Status: {draw.choice(('Completed', 'Updated'))}"
    yield f"Chapters: {chapters}/{chapters if number % 2 else '?'}"


def measure(folder: Path) -> tuple[float, float, float, int]:
    """Seconds, those of the processor, the most memory in MB, the book's bytes; all defaults are on."""
    book = folder / "all.epub"
    command = [sys.executable, "-m", "fic2epub", "anthology", "-q", str(folder / "dumps"), "-o", str(book)]
    command += ["--title", "All of Them", "--group-by", "relationship,author"]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = _wait(child)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"fic2epub anthology failed on {folder}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024, book.stat().st_size


def _wait(child: "subprocess.Popen[bytes]") -> tuple[int, int, "resource.struct_rusage"]:
    """What the child itself took, not all children together."""
    return os.wait4(child.pid, 0)


if __name__ == "__main__":
    main()
