"""How fast ``batch`` is, beside others: ``python benchmarks/library.py [TEXTS] [--works N] [--grow N,N…]``.

TEXTS is a folder of dumps with truth files; without it the samples in ``seeds/`` are taken. N dumps of
about 25 kB are made of them (``library_dumps``: most need recovery), and on the same files run, with all
defaults on:

- ``batch``, without and with covers;
- pandoc, from text, a process for each book, as many at a time as there are cores;
- calibre's ``ebook-convert``, the same way, over a few of the files: the seconds for one are compared;
- a minimal script with EbookLib, in one process: paragraphs, a contents list, no recovery;
- the floor: each file read, deflated and written, by one process; and the same with what is in the books.

The figures are works per second by the clock, and processor milliseconds per work of all processes. Where
others use the machine too, only the latter can be compared. Then where ``batch`` spends them
(``library_stages``), and with ``--grow`` what more works cost, and a second run that finds nothing changed.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from library_dumps import BYTES, make_dumps

HERE = Path(__file__).resolve().parent
CORES = os.cpu_count() or 1
OURS, COVERED, PANDOC, CALIBRE = "batch --no-cover", "batch", "pandoc", "calibre"
FLOOR, FULL_FLOOR = "floor: the dumps", "floor: what is in the books"
GOALS = (
    ("throughput without covers, pandoc's times", PANDOC, OURS, 10, True),
    ("throughput without covers, calibre's times", CALIBRE, OURS, 80, True),
    ("throughput with covers, pandoc's times", PANDOC, COVERED, 5, True),
    ("processor without covers, the dumps' floor times", OURS, FLOOR, 15, False),
    ("processor without covers, the books' floor times", OURS, FULL_FLOOR, 15, False),
)
"""What is divided by what, the goal, and whether more is better; by processor seconds, since all take all
cores, and others may use them too."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one program took."""

    works: int
    clock: float
    cpu: float
    peak: float
    """Megabytes of all its processes together at the worst moment; pages that they share count twice."""

    @property
    def each(self) -> float:
        """Processor seconds for one work."""
        return self.cpu / self.works


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("texts", type=Path, nargs="?", default=HERE.parent / "seeds")
    parser.add_argument("--works", type=int, default=200)
    parser.add_argument("--calibre", type=int, default=6, help="how many files calibre is given")
    parser.add_argument("--grow", default="", help="numbers of works, such as 1000,10000")
    parser.add_argument(
        "--bytes", type=int, default=BYTES, help="of each of those dumps (default %(default)s)"
    )
    parser.add_argument("--part", choices=("ebooklib", "floor", "full-floor"), help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        PARTS[asked.part](asked.texts, asked.to)
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        if asked.works:
            compile_modules(folder, asked.texts)
            size = make_dumps(folder / "dumps", asked.works, asked.texts)
            print(
                f"{asked.works} dumps, {size / asked.works / 1000:.1f} kB each; {CORES} cores, others' load ",
                end="",
            )
            print(f"{os.getloadavg()[0]:.1f} at the start\n")
            compare(folder, asked.works, asked.calibre)
        else:
            compile_modules(folder, asked.texts)
        for count in map(int, filter(None, asked.grow.split(","))):
            grow(folder / f"grown-{count}", count, asked.texts, asked.bytes)


def compile_modules(folder: Path, texts: Path) -> None:
    """Have all modules compiled before anything is measured, as pip does at an installation.

    Whether Python keeps them compiled is not left to the caller's shell: three processes that compile all
    that they import take 1.5 s.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    make_dumps(folder / "few", 4, texts)
    for number in (1, 2):
        measure([batch(folder / "few", folder / f"few-{number}", "--jobs", str(number))])


def compare(folder: Path, works: int, calibre: int) -> None:
    """All programs over the same dumps, the table, the goals, and the stages."""
    costs: dict[str, Cost] = {}
    print(f"{'':29} {'works/s':>8} {'CPU ms a work':>14} {'peak MB':>8}")
    for row, commands, jobs in programs(folder, works, calibre):
        costs[row] = cost = measure(commands, jobs)
        if len(commands) == 1:
            costs[row] = cost = replace(cost, works=works)
        few = f"   of {cost.works} files" if cost.works < works else ""
        print(
            f"{row:29} {cost.works / cost.clock:8.1f} {1000 * cost.each:14.1f} {cost.peak:8.0f}{few}",
            flush=True,
        )
    print()
    for what, over, under, goal, more in GOALS:
        if over in costs and under in costs:
            ratio = costs[over].each / costs[under].each
            met = "met" if (ratio >= goal if more else ratio <= goal) else "missed"
            print(f"{what + ':':52}{ratio:6.1f}   goal {'≥' if more else '≤'} {goal}: {met}")
    stages(folder, works)


def programs(folder: Path, works: int, calibre: int) -> Iterator[tuple[str, list[list[str]], int]]:
    """The rows of the table: commands, and how many run at a time."""
    dumps = sorted((folder / "dumps").iterdir())
    target = {row: folder / row for row in ("plain", "covers", "others", "floor", "full")}
    for path in target.values():
        path.mkdir()
    own = [sys.executable, __file__, str(folder / "dumps")]
    yield OURS, [batch(folder / "dumps", target["plain"], "--no-cover")], 1
    yield COVERED, [batch(folder / "dumps", target["covers"])], 1
    if tool := shutil.which("pandoc"):
        to = [str(target["others"] / f"{path.stem}.pandoc.epub") for path in dumps]
        named = ["-M", "title=A Work"]
        yield (
            PANDOC,
            [
                [tool, "-f", "markdown", str(path), *named, "-o", out]
                for path, out in zip(dumps, to, strict=True)
            ],
            CORES,
        )
    if (tool := shutil.which("ebook-convert")) and calibre:
        few = dumps[:: max(1, works // calibre)][:calibre]
        to = [str(target["others"] / f"{path.stem}.calibre.epub") for path in few]
        yield CALIBRE, [[tool, str(path), out] for path, out in zip(few, to, strict=True)], CORES
    yield "a minimal EbookLib script", [[*own, "--part", "ebooklib", "--to", str(target["others"])]], 1
    yield FLOOR, [[*own, "--part", "floor", "--to", str(target["floor"])]], 1
    own[2] = str(target["plain"])
    yield FULL_FLOOR, [[*own, "--part", "full-floor", "--to", str(target["full"])]], 1


def batch(dumps: Path, library: Path, *options: str) -> list[str]:
    """Our command; all defaults are on but what ``options`` say."""
    return [sys.executable, "-m", "fic2epub", "batch", "-q", str(dumps), "-o", str(library), *options]


def measure(commands: Sequence[Sequence[str]], jobs: int = 1, each: Callable[[], None] | None = None) -> Cost:
    """Run commands; ``each`` is called for each line that they print."""

    def one(command: Sequence[str]) -> None:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            for _ in child.stdout:
                if each is not None:
                    each()
        if child.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with Peak() as peak, ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, commands))
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(len(commands), clock, cpu, peak.most / 1e6)


class Peak:
    """The most memory that this process's children had together, looked at five times a second (Linux)."""

    def __init__(self) -> None:
        self.most = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.2):
            self.most = max(self.most, sum(map(resident, below(os.getpid()))))


def below(process: int) -> Iterator[int]:
    """All processes that a process has started, and theirs."""
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = file.read_text().split()
        except OSError:
            continue  # it has ended
        for child in map(int, children):
            yield child
            yield from below(child)


def resident(process: int) -> int:
    """Bytes of a process in memory."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def stages(folder: Path, works: int) -> None:
    """Where the time goes."""
    tables = []
    for options in (["--no-cover"], []):
        command = [sys.executable, str(HERE / "library_stages.py"), str(folder / "dumps"), *options]
        tables.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    print(f"\nbatch in one process, CPU ms a work\n{'':12} {'without':>14} {'with covers':>14}")
    for stage in sorted(tables[1], key=lambda one: -tables[0].get(one, 0)):
        row = f"{stage:12}"
        for table in tables:
            spent = table.get(stage, 0.0)
            row += f" {1000 * spent / works:7.2f} {100 * spent / sum(table.values()):4.0f} %"
        print(row)


def grow(folder: Path, count: int, texts: Path, each: int) -> None:
    """A number of works without covers, once and again; prints what they took."""
    make_dumps(folder / "dumps", count, texts, each)
    run = partial(measure, [batch(folder / "dumps", folder / "books", "--no-cover")])
    times: list[float] = []
    first = run(each=lambda: times.append(time.perf_counter()))
    block = max(1, count // 100)
    per_work = [(end - start) / block for start, end in zip(times, times[block:], strict=False)][::block]
    print(
        f"\n{count:,} works: CPU {1000 * first.cpu / count:.1f} ms a work, {count / first.clock:.1f} works/s;"
    )
    print(f"  median {1000 * statistics.median(per_work):.1f} ms by the clock, ", end="")
    print(f"of the first tenth {1000 * statistics.median(per_work[:10]):.1f}, ", end="")
    print(f"of the last {1000 * statistics.median(per_work[-10:]):.1f}; peak {first.peak:.0f} MB")
    second = run()
    print(f"  again, with nothing changed: {second.clock:.2f} s, CPU {second.cpu:.2f} s, ", end="")
    print(f"for 10,000 {second.cpu / count * 10_000:.2f} s; peak {second.peak:.0f} MB", flush=True)
    shutil.rmtree(folder)


def with_ebooklib(dumps: Path, target: Path) -> None:
    """What one writes first with EbookLib: a chapter of all paragraphs."""
    from ebooklib import epub

    for path in sorted(dumps.iterdir()):
        paragraphs = path.read_text("utf-8").split("\n\n")
        book = epub.EpubBook()
        book.set_identifier(path.stem)
        book.set_title(path.stem)
        book.set_language("en")
        chapter = epub.EpubHtml(title=path.stem, file_name="chapter.xhtml", lang="en")
        chapter.content = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        book.add_item(chapter)
        book.toc = (chapter,)
        book.add_item(epub.EpubNcx())
        book.add_item(epub.EpubNav())
        book.spine = ["nav", chapter]
        epub.write_epub(str(target / f"{path.stem}.epub"), book)


def floor(dumps: Path, target: Path) -> None:
    """Read, deflate, write: no program that packs the text can take less."""
    for path in dumps.iterdir():
        (target / f"{path.stem}.z").write_bytes(zlib.compress(path.read_bytes(), 6))


def full_floor(books: Path, target: Path) -> None:
    """The same with what is in the books: their text, and all that a book needs around it."""
    for path in books.glob("*.epub"):
        with zipfile.ZipFile(path) as book:
            content = b"".join(map(book.read, book.namelist()))
        (target / f"{path.stem}.z").write_bytes(zlib.compress(content, 6))


PARTS = {"ebooklib": with_ebooklib, "floor": floor, "full-floor": full_floor}

if __name__ == "__main__":
    main()
