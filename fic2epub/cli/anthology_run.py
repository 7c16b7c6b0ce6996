"""The run of ``anthology``: works recovered, the book or its volumes made, put in their places, and told."""

import os
import shlex
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fic2epub.cli.progress import bar
from fic2epub.cli.talk import Talk, count, put_book, put_path, tally_line, tell_findings
from fic2epub.errors import Fic2EpubError, ParseError, SourceError, UsageError
from fic2epub.values import dataclass

if TYPE_CHECKING:
    from fic2epub.builder.layout import Layout
    from fic2epub.builder.work_book import WorkBook
    from fic2epub.cli.progress import Say
    from fic2epub.library.anthology_works import Memories
    from fic2epub.library.book import MakeOptions
    from fic2epub.library.definition import Definition
    from fic2epub.library.entering import Desk
    from fic2epub.library.surplus import Surplus
    from fic2epub.model import Draft

__all__ = ["Plan", "run_anthology"]

MANY = 500
"""Works whose contents no e-reader shows at once: some 3,000 entries, three megabytes of lists."""
TITLES_SHOWN = 5  # of works that only a book of an earlier edition has


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be made, and where it is kept."""

    definition: "Definition"
    last: "Definition | None"
    """The definition of the last edition."""
    file: Path | None
    """Where the definition lies; None if none is kept."""
    target: Path | None
    """The book's file; None for standard output."""
    found: "Sequence[Path | Draft]"
    jobs: int | None = None
    """Processes; None decides by cores and by how much there is to do."""
    skip_bad: bool = False
    """Leave out dumps that cannot be read, instead of giving up."""


def run_anthology(
    talk: Talk,
    plan: Plan,
    chosen: "Callable[[WorkBook], bool]",
    options: "MakeOptions",
) -> None:
    """Make what was planned of the works that are chosen, and enter it in the library that it lies in.

    Raises UsageError if no work is chosen, LibraryBusyError if that library is being written, and what
    reading and writing raise.
    """
    from fic2epub.builder.work_book import shelve
    from fic2epub.library.anthology import standing_record
    from fic2epub.library.anthology_works import Memories
    from fic2epub.library.entering import entering

    with entering(plan.target) as desk:
        memories = Memories(None if plan.target is None else standing_record(plan.target))
        with bar(talk, len(plan.found)) as (say, step):
            filed = _filed(talk, say, step, plan, options, memories)
            with closing(filed) as works:
                books = shelve(works, on_copy=lambda best, other: _tell_copy(say, best, other))
        taken = [book for book in books if chosen(book)]
        if not taken:
            raise UsageError(
                f"--where {plan.definition.where}: none of {count(len(books), 'work')} is like that."
            )
        _make(talk, plan, taken, options, desk)
        if desk.problem is not None:
            talk.say(f"{desk.problem} The book is made, and not entered.", level=-1)


def _filed(
    talk: Talk,
    say: "Say",
    step: "Callable[[], None]",
    plan: Plan,
    options: "MakeOptions",
    memories: "Memories",
) -> "Generator[tuple[WorkBook, Callable[[Layout], WorkBook]], None, None]":
    """The works as files, in the dumps' order, each with what makes its files in another folder.

    Every bad dump is told of before the first one's error is raised.
    """
    from fic2epub.library.anthology_works import Filed, file_again, file_works
    from fic2epub.library.batch import workers_for

    errors: list[Fic2EpubError] = []
    results = file_works(plan.found, options, memories, workers=workers_for(plan.found, plan.jobs))
    with closing(results):
        for dump, result in zip(plan.found, results, strict=True):
            if isinstance(result, Filed):
                say(f"  {result.book.metadata.title}  {tally_line(result.tally)}")
                tell_findings(talk, result.findings, say)
                yield result.book, partial(file_again, dump, options=options, memories=memories)
            elif isinstance(result, SourceError | ParseError):
                errors.append(result)
                say(f"✗ {result}", level=-1, colour="red")
            else:
                raise result
            step()
    if len(errors) == len(plan.found):
        raise type(errors[0])("None of the dumps can be read, so there is no book.")
    if errors and not plan.skip_bad:
        raise type(errors[0])(
            f"{count(len(errors), 'dump')} cannot be read. --skip-bad makes the book without them."
        )
    if errors:
        say(f"{count(len(errors), 'dump')} left out", level=-1)


def _tell_copy(say: "Say", best: "WorkBook", other: "WorkBook") -> None:
    """Say that a work came twice, and what tells the copies apart."""
    kept, left = (f"{count(one.chapters, 'chapter')}, {count(one.words, 'word')}" for one in (best, other))
    say(f"    {best.metadata.title} came twice: {kept} taken; {left} left out")


def _make(talk: Talk, plan: Plan, books: "list[WorkBook]", options: "MakeOptions", desk: "Desk") -> None:
    """Make the book or its volumes, put them where they belong, and keep the definition."""
    from fic2epub.builder.anthology import gather
    from fic2epub.builder.publication import publish
    from fic2epub.builder.volumes import divide, parse_split_at
    from fic2epub.library.anthology import anthology_identity, volume_path
    from fic2epub.library.book import packed
    from fic2epub.library.definition import before, held_now
    from fic2epub.library.definition_file import write_definition
    from fic2epub.library.disk import sweep_beside
    from fic2epub.library.shelf import place
    from fic2epub.library.surplus import surplus

    wanted = plan.definition
    had = before(plan.last, {book.record.identifier: book.chapters for book in books})
    anthology = gather(
        books,
        title=wanted.title,
        group_by=wanted.group_by,
        sort_by=wanted.sort_by,
        identifier=anthology_identity(plan.target, wanted.title, plan.last),
        before=had,
    )
    volumes = divide(anthology, None if wanted.split_at is None else parse_split_at(wanted.split_at))
    if plan.target is None and len(volumes) > 1:
        raise UsageError("-o - writes one book to standard output. Name a folder, or leave out --split-at.")
    written = []
    for volume in volumes:
        book = publish(volume, options=options.publish, epoch=options.epoch)
        tell_findings(talk, book.findings)
        if plan.target is None:
            put_book(packed(book, options.format))
            return
        target = volume_path(plan.target, volume.volume)
        sweep_beside(target)
        placed = place(
            book,
            target,
            redate=options.epoch is None,
            force=options.force,
            format=options.format,
        )
        desk.enter(placed.path)
        written.append(placed.path)
        fresh = sum(volume.first_new(one) is not None for one in volume.books)
        told = [book.title, count(len(volume.books), "work")]
        told += [
            *([f"{fresh:,} with something new"] if fresh else ()),
            *(() if placed.written else ("unchanged",)),
        ]
        talk.say(f"✓ {'  '.join(told)}", colour="green")
        if wanted.split_at is None and len(volume.books) > MANY:
            talk.say("    e-readers open so big a book slowly; --split-at 50-works makes volumes of it")
        put_path(placed.path)
    if plan.target is not None:
        desk.forget_gone(plan.target.parent)
        held = {book.record.identifier for book in books}
        left = surplus(plan.target, anthology.identifier, written=written, works=held)
        _tell_surplus(talk, left, desk.library)
    if plan.file is not None:
        works = ((book.record.identifier, book.metadata.title, book.chapters) for book in books)
        kept = replace(wanted, identifier=anthology.identifier, works=held_now(works, had))
        if write_definition(plan.file, kept):
            talk.say(f"  kept in {plan.file}, to make it again with what is new", level=1)


def _tell_surplus(talk: Talk, left: "Sequence[Surplus]", library: Path | None) -> None:
    """Name the books of an earlier edition that were not written again, and say what can be done."""
    if not left:
        return
    stand = (
        "still stands here, and is left alone" if len(left) == 1 else "still stand here, and are left alone"
    )
    talk.say(f"! {count(len(left), 'book')} of an earlier edition {stand}:", colour="yellow")
    for one in left:
        lacking = f"; only it has {_titles(one.only_here)}" if one.only_here else ""
        talk.say(f"    {one.path}{lacking}")
    if library is None:
        talk.say("    Delete what you do not want to keep.")
        return
    folder = Path(os.path.realpath(left[0].path.parent))
    names = [(folder / one.path.name).relative_to(library).as_posix() for one in left]
    shown = left[0].path.parent if folder == library else library
    command = shlex.join(["fic2epub", "library", "remove", str(shown), *names])
    talk.say(f"    To remove what you do not want: {command}")


def _titles(titles: "Sequence[str]") -> str:
    more = f" and {len(titles) - TITLES_SHOWN:,} more" if len(titles) > TITLES_SHOWN else ""
    return ", ".join(titles[:TITLES_SHOWN]) + more
