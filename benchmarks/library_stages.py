"""Where ``batch`` spends its time: ``python benchmarks/library_stages.py DUMPS [--no-cover]``.

The whole run in this one process, with all defaults on; prints JSON, processor seconds by stage. What one
stage calls of another counts there.
"""

import importlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

STAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "find": (("fic2epub.library.update", "plan_dumps"),),
    "decode": (("fic2epub.parser.sources", "read_file"), ("fic2epub.library.maker", "source_hash")),
    "recover": (("fic2epub.library.maker", "recover"),),
    "render": (("fic2epub.library.maker", "build"),),
    "cover": (("fic2epub.builder.cover_paint", "paint"),),
    "package": (("fic2epub.builder.package", "pack"),),
    "check": (("fic2epub.builder.package", "_check_book"),),
    "write": (("fic2epub.library.placing", "place_content"),),
    "catalogue": (("fic2epub.library.maker", "_card"), ("fic2epub.library.placing", "Placer._enter")),
}
"""A row of the table, and the functions whose time it holds, by the module that calls them."""


class Watch:
    """Processor seconds by stage; the time of an inner stage is not that of the one around it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._now = "rest"
        self._since = process_time()

    def _turn(self, stage: str) -> str:
        """From here on it is another stage; gives the one before."""
        now, before = process_time(), self._now
        self.spent[before] += now - self._since
        self._now, self._since = stage, now
        return before

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose time is counted as a stage."""

        def call(*arguments: Any, **options: Any) -> Any:
            before = self._turn(stage)
            try:
                return function(*arguments, **options)
            finally:
                self._turn(before)

        return call

    def done(self) -> dict[str, float]:
        """The seconds so far."""
        self._turn("rest")
        return dict(self.spent)


def run(dumps: Path, library: Path, *, cover: bool) -> None:
    """One ``batch`` over a folder, in this process."""
    from fic2epub.builder.options import PublishOptions
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.update import LibraryRun, RunOptions

    make = MakeOptions() if cover else MakeOptions(publish=PublishOptions(cover="none"))
    with LibraryRun(library, RunOptions(make=make, jobs=1)) as run:
        run.find([dumps])
        for outcome in run.outcomes():
            if outcome.book is None:
                raise SystemExit(f"{outcome.dump}: {outcome.message}")


def main() -> None:
    """Measure and print."""
    dumps, cover = Path(sys.argv[1]), "--no-cover" not in sys.argv
    watch = Watch()
    for stage, places in STAGES.items():
        for module, name in places:
            *owners, last = name.split(".")
            owner = reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, last, watch.timed(stage, getattr(owner, last)))
    with TemporaryDirectory() as folder:
        run(dumps, Path(folder) / "books", cover=cover)
    json.dump(watch.done(), sys.stdout)


if __name__ == "__main__":
    main()
