"""How fast the parser is: ``python benchmarks/speed.py [FOLDER] [--runs N] [--every N]``.

FOLDER holds dumps (``*.txt``); without it the project's own samples are read. Each run parses every work as
it is, and all their stories as one work of one chapter and 1 MB, in one process. The figures are
processor seconds for 1 MB (a million bytes) of dump; the stages are those of ``parser/work.py``, and
"rest" is what stands between them. Python looks for garbage as seldom as it does in the program's own
workers (``library/pool.py``). A machine that does other work at the same time is slower even in
processor seconds: look at the fastest run too.
"""

import argparse
import gc
import statistics
from collections import defaultdict
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import fic2epub.parser.boundaries as boundaries
import fic2epub.parser.selection as selection
import fic2epub.parser.sources as sources
import fic2epub.parser.work as work

MEGABYTE = 10**6
SWEEPS = (50_000, 20, 100)
HERE = Path(__file__).resolve().parent.parent
STAGES: dict[str, tuple[tuple[object, str], ...]] = {
    "decode": ((sources, "decode"),),
    "units": ((work, "read_body"),),
    "headings, marks": ((work, "find_headings"), (work, "find_marks")),
    "signals": ((work, "read_signals"),),
    "note scores": ((work, "note_scores"),),
    "gaps": ((boundaries, "find_gaps"),),
    "choice": ((selection, "choose"), (selection, "weigh")),
    "layout": ((work, "lay_out"),),
    "assembly": ((work, "assemble"),),
    "ledger": ((work, "keep_ledger"), (work, "uncovered")),
}
"""A row of the table, and the functions whose time it holds, by the module that calls them."""


def watch(spent: dict[str, float]) -> None:
    """Make every stage add its time to ``spent``."""

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            start = process_time()
            try:
                return function(*arguments, **options)
            finally:
                spent[stage] += process_time() - start

        return call

    for stage, places in STAGES.items():
        for module, name in places:
            setattr(module, name, timed(stage, getattr(module, name)))


def measure(paths: list[Path], spent: dict[str, float]) -> dict[str, float]:
    """One run over all works: seconds for each stage, for the rest and in all, for 1 MB."""
    spent.clear()
    start = process_time()
    for path in paths:
        work.parse(sources.read_file(path))
    total = process_time() - start
    size = sum(path.stat().st_size for path in paths) / MEGABYTE
    seconds = {**{stage: spent[stage] for stage in STAGES}, "rest": total - sum(spent.values()), "all": total}
    return {stage: value / size for stage, value in seconds.items()}


def one_shot(paths: list[Path], target: Path) -> Path:
    """The stories of the dumps one after the other, again and again up to 1 MB, as a work of one chapter."""
    parts, size = ["Title: One of Many\nAuthor: Various\nLanguage: English\nChapters: 1/1\n\n"], 0
    for path in cycle(paths):
        draft = sources.read_file(path)
        parts.append(draft.source.text[draft.body.start : draft.body.end].strip("\n") + "\n\n")
        size += len(parts[-1].encode())
        if size > MEGABYTE:
            break
    target.write_text("".join(parts), "utf-8")
    return target


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE / "seeds")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="only every Nth dump of the folder")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.txt"))[:: options.every]
    spent: dict[str, float] = defaultdict(float)
    gc.set_threshold(*SWEEPS)
    with TemporaryDirectory() as folder:
        kinds = (paths, [one_shot(paths, Path(folder) / "one.txt")])
        watch(spent)
        measure(paths[:1], spent)  # Vocabularies and weights are read once in a process.
        runs = [[measure(kind, spent) for _ in range(options.runs)] for kind in kinds]
    size = sum(path.stat().st_size for path in paths) / MEGABYTE
    print(f"{len(paths)} dumps, {size:.2f} MB; processor seconds for 1 MB in {options.runs} runs\n")
    print(f"{'':16} {'as declared':>21}  {'one chapter of 1 MB':>21}")
    print(f"{'stage':16} {'median':>10} {'fastest':>10}  {'median':>10} {'fastest':>10}")
    for stage in (*STAGES, "rest", "all"):
        row = f"{stage:16}"
        for kind in runs:
            seconds = [run[stage] for run in kind]
            row += f" {statistics.median(seconds):10.3f} {min(seconds):10.3f} "
        print(row.rstrip())


if __name__ == "__main__":
    main()
