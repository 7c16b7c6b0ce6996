"""How fast one book is made from the shell: ``python benchmarks/start.py [--runs N]``.

Every run is a new process: interpreter, imports, parse, cover, book, all of it. Two dumps are made of the
samples' stories: a work of 25 kB and a sample as it is, of those whose text needs no repairs (to mend
mojibake costs ftfy's import, 40 ms, for 14 of 25,084 works). pandoc makes an EPUB of the same text, if it
is installed (Debian's ``pandoc``); a bare interpreter is what nothing in Python can do without. The
commands take turns, so that a busy moment falls on all of them, and the first turn is not counted: there
Python compiles the modules, as pip does at an installation. The figures are milliseconds, of the clock
and of the processor: the fastest run and the median.

The goal: 25 kB take no longer than pandoc does, a smaller work 90 ms more than the bare interpreter.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from fic2epub.parser.sources import read_file

HERE = Path(__file__).resolve().parent.parent
LARGE = 25_000
"""Bytes of story in the larger dump."""


def larger(paths: list[Path], target: Path) -> Path:
    """A work in four chapters, of the samples' stories one after the other."""
    parts = ["Title: Four of Many\nAuthor: Various\nLanguage: English\nChapters: 4/?\n\n"]
    size = 0
    for path in cycle(paths):
        draft = read_file(path)
        parts.append(draft.source.text[draft.body.start : draft.body.end].strip("\n") + "\n\n")
        size += len(parts[-1].encode())
        if size > LARGE:
            break
    target.write_text("".join(parts), "utf-8")
    return target


def commands(small: Path, large: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What is measured, by the name of its row."""
    python = [sys.executable, "-m", "fic2epub", "convert", "-q", "-o"]
    yield "a bare interpreter", [sys.executable, "-c", "pass"]
    for name, dump in ((f"{kilobytes(small)} kB", small), (f"{kilobytes(large)} kB", large)):
        yield f"fic2epub, {name}", [*python, f"{folder / 'out'}/", str(dump)]
        yield f"fic2epub, {name}, no cover", [*python, f"{folder / 'plain'}/", "--no-cover", str(dump)]
        if pandoc := shutil.which("pandoc"):
            more = ["--metadata", "title=Many", "-o", str(folder / "pandoc.epub")]
            yield f"pandoc, {name}", [pandoc, "-f", "markdown", str(dump), *more]


def kilobytes(path: Path) -> int:
    """The size of a file, rounded."""
    return round(path.stat().st_size / 1000)


def once(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of the clock and of the processor for one run; no book of an earlier run is there."""
    for name in ("out", "plain"):
        shutil.rmtree(folder / name, ignore_errors=True)
    # Whether modules are kept compiled is not left to the caller's shell.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    before, start = spent_by_children(), perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return perf_counter() - start, spent_by_children() - before


def spent_by_children() -> float:
    """Seconds of the processor; by ``getrusage`` if there is one: ``os.times`` counts in hundredths."""
    try:
        import resource
    except ImportError:  # Windows
        times = os.times()
        return times.children_user + times.children_system
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    paths = sorted((HERE / "seeds").glob("10[1-9]_*.txt"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        sound = [path for path in paths if not read_file(path).source.repairs]
        rows = dict(commands(min(sound, key=kilobytes), larger(sound, folder / "large.txt"), folder))
        found: dict[str, list[tuple[float, float]]] = {row: [] for row in rows}
        for turn in range(options.runs + 1):
            for row, command in rows.items():
                figures = once(command, folder)
                if turn:
                    found[row].append(figures)
    print(f"milliseconds from the shell, {options.runs} runs each\n")
    print(f"{'':28} {'clock':>17}  {'processor':>17}")
    print(f"{'':28} {'fastest':>8} {'median':>8}  {'fastest':>8} {'median':>8}")
    for row, runs in found.items():
        line = f"{row:28}"
        for figures in zip(*runs, strict=True):
            line += f" {min(figures) * 1000:8.0f} {statistics.median(figures) * 1000:8.0f} "
        print(line.rstrip())


if __name__ == "__main__":
    main()
