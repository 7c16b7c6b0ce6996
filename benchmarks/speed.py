"""How fast the parser is: ``python benchmarks/speed.py [FOLDER] [--runs N] [--every N]``.

FOLDER holds dumps (``*.txt``); without it the project's own samples are read. Each run parses every work
twice, as the dump is and as a one-shot (``--chapters 1``), in one process. The figures are processor
seconds per million bytes of dump, the median of the runs; the stages are those of ``parser/work.py``,
and "rest" is what stands between them. A machine that does other work at the same time is slower
even in processor seconds: look at the fastest run too.
"""

import argparse
import statistics
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import fic2epub.parser.boundaries as boundaries
import fic2epub.parser.sources as sources
import fic2epub.parser.work as work
from fic2epub.parser.options import ParseOptions

HERE = Path(__file__).resolve().parent.parent
STAGES: dict[str, tuple[tuple[object, str], ...]] = {
    "decode": ((sources, "decode"),),
    "units": ((work, "read_body"),),
    "headings, marks": ((work, "find_headings"), (work, "find_marks")),
    "signals": ((work, "read_signals"),),
    "note scores": ((work, "note_scores"), (work, "note_kind_scores")),
    "gaps": ((boundaries, "find_gaps"),),
    "choice": ((boundaries, "choose"),),
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


def measure(paths: list[Path], options: ParseOptions, spent: dict[str, float]) -> dict[str, float]:
    """One run over all works: seconds for each stage, for the rest and in all."""
    spent.clear()
    start = process_time()
    for path in paths:
        work.parse(sources.read_file(path), options=options)
    total = process_time() - start
    return {**{stage: spent[stage] for stage in STAGES}, "rest": total - sum(spent.values()), "all": total}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE / "seeds")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="only every Nth dump of the folder")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.txt"))[:: options.every]
    size = sum(path.stat().st_size for path in paths) / 1e6
    spent: dict[str, float] = defaultdict(float)
    watch(spent)
    measure(paths[:1], ParseOptions(), spent)  # Vocabularies and weights are read once in a process.
    print(f"{len(paths)} dumps, {size:.2f} MB, {options.runs} runs; processor seconds for 1 MB\n")
    print(f"{'':16} {'as declared':>21}  {'as one chapter':>21}")
    print(f"{'stage':16} {'median':>10} {'fastest':>10}  {'median':>10} {'fastest':>10}")
    kinds = (ParseOptions(), ParseOptions(chapters=1))
    runs = [[measure(paths, kind, spent) for _ in range(options.runs)] for kind in kinds]
    for stage in (*STAGES, "rest", "all"):
        row = f"{stage:16}"
        for kind in runs:
            seconds = [run[stage] / size for run in kind]
            row += f" {statistics.median(seconds):10.3f} {min(seconds):10.3f} "
        print(row.rstrip())


if __name__ == "__main__":
    main()
