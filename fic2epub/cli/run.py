"""The runs of ``convert`` and ``batch``: books made, told and counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fic2epub.cli.progress import bar
from fic2epub.cli.summary import tell_counts
from fic2epub.cli.talk import Talk, passed_over_line, put_path, tell_outcome
from fic2epub.errors import ExitCode, SourceError

if TYPE_CHECKING:
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.library.entering import Desk
    from fic2epub.library.outcome import Outcome
    from fic2epub.library.report import Row
    from fic2epub.library.update import RunOptions
    from fic2epub.model import Draft

__all__ = ["run", "run_library"]


def run(
    talk: Talk,
    dumps: "Sequence[Path | Draft]",
    folder: Path,
    *,
    name: str | None = None,
    options: "MakeOptions",
    jobs: int | None = None,
    summary: bool = True,
) -> ExitCode:
    """Make the books; paths go to standard output, all else to standard error.

    With ``summary`` the last line counts. The exit code is 0, or that of the only dump's failure, or 8
    if any of several failed.
    """
    from fic2epub.library.batch import make_books

    counts: Counter[str] = Counter()
    code = ExitCode.OK
    outcomes = make_books(dumps, folder, name=name, options=options, jobs=jobs)
    with _entering(talk, folder, name) as desk, closing(outcomes), bar(talk, len(dumps)) as (say, step):
        for outcome in outcomes:
            counts[outcome.status.value] += 1
            code = code or outcome.exit_code
            tell_outcome(talk, outcome, say)
            if outcome.book is not None:
                if desk is not None and outcome.status.value == "made":
                    desk.enter(outcome.book)
                put_path(outcome.book)
            step()
    if summary:
        tell_counts(talk, counts)
    return ExitCode.SOME_FAILED if code and len(dumps) > 1 else code


@contextmanager
def _entering(talk: Talk, folder: Path, name: str | None) -> "Iterator[Desk | None]":
    """Where books are entered that go into a library; None elsewhere: no catalogue is imported then."""
    from fic2epub.library.house import library_of

    target = folder / (name or "any.epub")
    if library_of(target) is None:
        yield None
        return
    from fic2epub.library.entering import entering

    with entering(target, though_busy=True) as desk:
        yield desk
    if desk.missed:
        talk.say(f"{desk.problem} What was made is entered by the next batch.", level=-1)


def run_library(
    talk: Talk,
    folder: Path,
    library: Path,
    *,
    options: "RunOptions",
    take_all: bool = False,
    exclude: "Sequence[Path]" = (),
    report: Path | None = None,
) -> ExitCode:
    """Bring a library up to date with a folder of dumps; says what `run` says, and writes the report.

    Dumps that shrank, that are another's duplicate, or whose book was edited are no failures: the library
    is as it should be until its owner decides. Raises SourceError if there are no dumps at all.
    """
    from fic2epub.library.update import LibraryRun

    counts: Counter[str] = Counter()
    code = ExitCode.OK
    with LibraryRun(library, options) as run:
        for notice in run.notices:
            talk.say(notice)
        plan = run.find([folder], take_all=take_all, exclude=exclude)
        if plan.passed_over:
            talk.say(passed_over_line([Path(path) for path in plan.passed_over]))
        if not plan.tasks and not run.has_dumps():
            raise SourceError(f"{folder}: no dumps found. --all takes every text file of a folder.")
        rows = _Rows(run.catalogue) if report is not None else None
        with closing(run.outcomes()) as outcomes, bar(talk, len(plan.tasks)) as (say, step):
            for outcome in outcomes:
                counts[outcome.status.value] += 1
                if outcome.was is not None:
                    counts[outcome.was.value] -= 1
                code = code or outcome.exit_code
                tell_outcome(talk, outcome, say)
                if rows is not None:
                    rows.add(outcome, library)
                if outcome.book is not None and outcome.status.value in _PRINTED:
                    put_path(outcome.book)
                if outcome.was is None:
                    step()
        if rows is not None and report is not None:
            rows.write(report)
    tell_counts(talk, counts)
    return ExitCode.SOME_FAILED if code and len(plan.tasks) > 1 else code


_PRINTED = ("made", "unchanged", "edited", "shrank")
"""Statuses of dumps whose book it is: its path is a result."""


class _Rows:
    """What a report will hold: a line for each dump, with what the catalogue knows of its book."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._catalogue = catalogue
        self._rows: dict[str, Row] = {}
        """By dump: what was told last of it is what holds."""

    def add(self, outcome: "Outcome", library: Path) -> None:
        from fic2epub.library.report import row_of

        entry = None
        if outcome.book is not None and outcome.book.is_relative_to(library):
            found = self._catalogue.entry(outcome.book.relative_to(library).as_posix())
            entry = found[0] if found else None
        self._rows[outcome.dump] = row_of(outcome, entry)

    def write(self, report: Path) -> None:
        from fic2epub.library.report import write_report

        write_report(self._rows.values(), report)
