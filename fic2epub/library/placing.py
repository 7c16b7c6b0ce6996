"""Finished books to their places in a library: which dump wins, which name, and what is remembered of it.

1. A book has the name that it was given first, whatever its title or the pattern say now. [certain]
2. Of two dumps of one work, the one with more chapters wins, then more words, then the newer file. Works
   without an id or address are never taken for one another; only the same text twice is one book. [certain]
3. A book is entered after it stands in its place: killed in between, the next run finds it there. [certain]
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fic2epub.errors import Fic2EpubError, OutputEditedError, OutputShrankError
from fic2epub.library.account import read_account, written_account
from fic2epub.library.book_places import BookPlaces
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_write import Card, put_card, remove_card
from fic2epub.library.dump_rows import DumpRow, book_of_dump, dumps_of_work, keep, key_of, remembered
from fic2epub.library.maker import Item, Made, MakePlan, PassedOver, make_item
from fic2epub.library.outcome import Failure, Outcome, Status
from fic2epub.library.rivals import Rival, against, beats, instead
from fic2epub.library.run_order import RunOrder
from fic2epub.library.shelf import Placed, place_content, succeed
from fic2epub.library.task_list import Task
from fic2epub.library.update_plan import Plan, book_mark

if TYPE_CHECKING:
    from fic2epub.library.update import RunOptions

__all__ = ["Placer"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Refusals that the next book will meet too: the run ends, and a later one finishes the job."""


class Placer:
    """Puts the books of one run in their places."""

    def __init__(self, catalogue: Catalogue, options: "RunOptions", plan: Plan) -> None:
        self._catalogue = catalogue
        self._options = options
        self._plan = plan
        self._library = os.path.abspath(catalogue.folder)  # noqa: PTH100 - no link is to be followed
        self.make_plan = MakePlan(
            options=options.make, name=options.name, wanted=options.wanted, story=catalogue.has_stories()
        )
        self._places = BookPlaces(catalogue, self._library)
        self._order = RunOrder(plan.tasks, self._library)
        self._overtaken: list[Outcome] = []
        self._bookless: set[str] = set()
        """Dumps that were told as failed or passed over: that is true whatever becomes of their books."""

    def item(self, task: Task) -> Item:
        """What a worker is told of a dump: also where its book stands, if the catalogue can tell."""
        key = key_of(task.path, self._library)
        standing = book_of_dump(self._catalogue.connection, key, task.work)
        return Item(
            path=task.path,
            standing=self._file(standing),
            corrected=self._plan.corrections.any_for(task.path),
        )

    def _file(self, book: str | None) -> str | None:
        return None if book is None else os.fspath(self._catalogue.folder / book)

    def unchanged(self, task: Task) -> Outcome:
        """What there is to say of a dump that is not made: as its last run left it."""
        key = key_of(task.path, self._library)
        row = remembered(self._catalogue.connection, key)
        assert row is not None, "only a known dump is unchanged"
        if task.fresh_time is not None and not self._options.dry_run:
            with self._catalogue.writing() as connection:
                keep(connection, replace(row, mtime_ns=task.fresh_time))
        self._order.tell()
        return self._remembered(task.path, row)

    def _remembered(self, dump: str, row: DumpRow) -> Outcome:
        """What there is to say of a dump by what is remembered of it."""
        status = _STATUS_NOW.get(row.status, Status.UNCHANGED)
        book = None if row.status == "removed" else self._catalogue.folder / row.book
        message = "its book was taken out of the library" if row.status == "removed" else row.message
        tally, findings = (None if row.status == "removed" else read_account(row.account)) or (None, ())
        return Outcome(
            dump=dump,
            status=status,
            book=book,
            title=row.title,
            tally=tally,
            findings=() if row.status == "duplicate" else findings,
            read=False,
            message=message,
        )

    def place(self, tasks: Sequence[Task], results: Iterator[Made | PassedOver | Failure]) -> list[Outcome]:
        """Take the results of the dumps of one work, and put the best of them in its place.

        Only the best so far is held while the others are waited for. If a dump of which this run has told
        already has lost its book by that, what is true now of it comes behind them.
        """
        outcomes = self._place(tasks, results)
        self._bookless |= {one.dump for one in outcomes if one.status in (Status.FAILED, Status.PASSED)}
        outcomes += self._overtaken
        self._overtaken = []
        self._order.tell(len(tasks))
        return outcomes

    def _place(self, tasks: Sequence[Task], results: Iterator[Made | PassedOver | Failure]) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        best: tuple[int, Made] | None = None
        losers: dict[int, Made] = {}
        for at, task in enumerate(tasks):
            result = next(results)
            match result:
                case Failure() | PassedOver():
                    outcomes[at] = result.outcome(task.path)
                case Made() if best is None:
                    best = at, result
                case Made():
                    won = beats(result, best[1])
                    lost = best if won else (at, result)
                    best = (at, result) if won else best
                    losers[lost[0]] = replace(lost[1], content=b"")
        if best is not None:
            outcomes |= self._settle(tasks, best, losers)
        return [outcomes[at] for at in range(len(tasks))]

    def _settle(
        self, tasks: Sequence[Task], best: tuple[int, Made], losers: dict[int, Made]
    ) -> dict[int, Outcome]:
        """Place the best of some dumps, unless one that has not changed is better; and say so of the rest."""
        at, made = best
        if losers and any(loser.identifier != made.identifier for loser in losers.values()):
            # The hint was wrong: a line of the text looked like a work id. Each is a work of its own.
            return {one: self._alone(tasks[one]) for one in (at, *_best_first(losers))}
        task = tasks[at]
        rivals = self._rivals(made, {key_of(one.path, self._library) for one in tasks})
        winner = next((rival for rival in rivals if not beats(made, rival)), None)
        if winner is not None:
            losers = {**losers, at: made}
            return {one: self._lose(tasks[one], loser, winner) for one, loser in losers.items()}
        outcome, book = self._write(task, made, rivals)
        outcomes = {at: outcome}
        if book is not None:
            this = Rival(task.path, made.rank, made.text, book)
            stays = bool(rivals) and outcome.status is Status.SHRANK
            if (losers or rivals) and outcome.status is not Status.SHRANK:
                less = [*(loser.rank for loser in losers.values()), *(rival.rank for rival in rivals)]
                outcomes[at] = _with_message(outcome, instead(made, less))
            if outcome.status is Status.SHRANK:  # it has no book, so the next best may have the one there
                outcomes |= {one: self._alone(tasks[one]) for one in _best_first(losers)}
            else:
                outcomes |= {one: self._lose(tasks[one], loser, this) for one, loser in losers.items()}
            for rival in () if stays else rivals:
                self._depose(rival, this)
        else:
            for one in losers:
                failed = f"{tasks[one].path}: {task.path} has more of the same work, but its book failed."
                outcomes[one] = Outcome(
                    dump=tasks[one].path, status=Status.FAILED, message=failed, exit_code=outcome.exit_code
                )
        return outcomes

    def _alone(self, task: Task) -> Outcome:
        """Make and place one dump by itself, here: a rare case."""
        (outcome,) = self._place([task], iter([make_item(self.item(task), self.make_plan)]))
        return outcome

    def _rivals(self, made: Made, besides: set[bytes]) -> list[Rival]:
        """The other dumps that make this book, by what is remembered of them."""
        rows = dumps_of_work(self._catalogue.connection, made.identifier)
        return [
            Rival(self._places.label(row), row.rank, row.text, row.book)
            for row in rows
            if row.path not in besides
            and row.status not in ("duplicate", "removed", "shrank")  # what shrank is nobody's book
            and (made.keyed or row.text == made.text)
            and self._places.is_there(row)
        ]

    def _depose(self, rival: Rival, winner: Rival) -> None:
        """Remember that a dump which had made the book has it no more."""
        key = key_of(rival.label, self._library)
        row = remembered(self._catalogue.connection, key)
        if row is None:
            return
        message = against(rival.rank, rival.text, winner)
        lost = replace(row, status="duplicate", book_mark=None, message=message)
        with self._catalogue.writing() as connection:
            keep(connection, lost)
        task = self._order.told(key)
        if task is not None and task.path not in self._bookless:
            made = task.why is not None
            was = Status(row.status) if made else _STATUS_NOW.get(row.status, Status.UNCHANGED)
            self._overtaken.append(replace(self._remembered(task.path, lost), was=was))

    def _lose(self, task: Task, made: Made, winner: Rival) -> Outcome:
        """What becomes of a dump when another of its work is better."""
        message = against(made.rank, made.text, winner)
        assert winner.book is not None
        with self._catalogue.writing() as connection:
            keep(connection, self._row(task, made, winner.book, "duplicate", message, mark=None))
        return Outcome(
            dump=task.path,
            status=Status.DUPLICATE,
            book=self._catalogue.folder / winner.book,
            title=made.title,
            tally=made.tally,
            message=message,
        )

    def _write(self, task: Task, made: Made, rivals: Sequence[Rival]) -> tuple[Outcome, str | None]:
        """Put a book in its place and remember it; without a path if that failed.

        ``rivals`` are dumps that had the book so far: if it holds more, it stays theirs.
        """
        book, identifier = self._places.goal(task, made)
        stood = book
        there = self._file(book) if os.path.exists(self._catalogue.folder / book) else None  # noqa: PTH110 - Path's own raises
        if there is not None and there != self._known_standing(task):
            # The worker could not know which book it would replace: made again, with that one in view.
            item = replace(self.item(task), standing=there)
            again = make_item(item, self.make_plan)
            if isinstance(again, Failure):
                return again.outcome(task.path), None
            if isinstance(again, Made) and again.identifier == made.identifier:
                made = again
        target = self._catalogue.folder / book
        status, message = Status.UNCHANGED, None
        placed = Placed(target, written=False)
        try:
            force = self._options.make.force
            if (
                there is not None
                and (new := self._places.spelled(book, made, self._options.make.format)) != book
            ):
                old, book, target = target, new, self._catalogue.folder / new
                placed = succeed(made.content, target, old, identifier=identifier, force=force)
                self._forget(old)
            else:
                placed = place_content(made.content, target, identifier=identifier, force=force)
            status = Status.MADE if placed.written else Status.UNCHANGED
        except (OutputEditedError, OutputShrankError) as error:
            status = Status.EDITED if isinstance(error, OutputEditedError) else Status.SHRANK
            message, book, target = str(error), stood, self._catalogue.folder / stood
            if rivals and status is Status.SHRANK:
                message += f" It is still that of {self._order.shown(rivals[0].label)}."
        except Fic2EpubError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                raise
            return Failure(message=str(error), exit_code=error.exit_code).outcome(task.path), None
        self._enter(task, made, book, status, message)
        outcome = Outcome(
            dump=task.path,
            status=status,
            book=target,
            backup=placed.backup,
            title=made.title,
            tally=made.tally,
            findings=made.findings,
            message=message,
        )
        return outcome, book

    def _known_standing(self, task: Task) -> str | None:
        return self.item(task).standing

    def _forget(self, old: Path) -> None:
        with self._catalogue.writing() as connection:
            remove_card(connection, old.relative_to(self._catalogue.folder).as_posix())

    def _enter(self, task: Task, made: Made, book: str, status: Status, message: str | None) -> None:
        """Enter a book that stands in its place, and its dump."""
        target = self._catalogue.folder / book
        mark = book_mark(target)
        row = self._row(task, made, book, status.value, message, mark=mark)
        with self._catalogue.writing() as connection:
            if status in (Status.MADE, Status.UNCHANGED):
                put_card(connection, _placed(made.card, book, target.stat().st_mtime_ns))
            keep(connection, row)

    def _row(
        self, task: Task, made: Made, book: str, status: str, message: str | None, *, mark: str | None
    ) -> DumpRow:
        work_id = made.card.origins[0][0]
        return DumpRow(
            path=key_of(task.path, self._library),
            size=made.size,
            mtime_ns=made.mtime_ns,
            source=made.source,
            text=made.text,
            corrections=self._plan.corrections.mark(task.path, work_id),
            options=self._plan.options,
            program=self._plan.program,
            work=made.identifier,
            work_id=work_id,
            chapters=made.tally.chapters,
            words=made.tally.words,
            book=book,
            book_mark=mark,
            status=status,
            title=made.title,
            message=message,
            account=written_account(made.tally, made.findings),
        )


_STATUS_NOW = {
    "edited": Status.EDITED,
    "shrank": Status.SHRANK,
    "duplicate": Status.DUPLICATE,
    "removed": Status.PASSED,
}
"""What a dump that has not changed is still, after an earlier run; all others are unchanged."""


def _placed(card: Card, book: str, mtime_ns: int) -> Card:
    """A card of a book that has its place."""
    entries = tuple(replace(entry, path=book, mtime_ns=mtime_ns) for entry in card.entries)
    return replace(card, entries=entries)


def _best_first(losers: Mapping[int, Made]) -> list[int]:
    """Some dumps in the order in which they are placed one by one: none then takes another's book."""
    return sorted(losers, key=lambda at: losers[at].rank, reverse=True)


def _with_message(outcome: Outcome, message: str) -> Outcome:
    return outcome if outcome.message else replace(outcome, message=message)
