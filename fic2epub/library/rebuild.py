"""Catalogue and folder brought to agreement: what stands there is what counts.

1. What a killed run left unfinished is swept away, by its name. [certain]
2. A book that is gone is taken out; one that is new, or not as it was, is read again. [certain]
3. An EPUB that the program did not write is left out, and looked into only once. [certain]
4. Backups (``NAME.bak.epub``) are no books of the library. [certain]
5. Many books are read over the cores, and entered here in the order of the folder: the catalogue is the same
   whatever the jobs. [certain]
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from fic2epub.errors import LibraryError
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import told
from fic2epub.library.catalogue_write import Card, put_card, read_card, remove_card
from fic2epub.library.disk import is_part, signature, sweep
from fic2epub.library.names import folded, is_backup
from fic2epub.values import dataclass

__all__ = ["Change", "open_repaired", "rebuild", "reconcile"]

_AT_A_TIME = 100
"""Books entered with one write to the disk; of anthologies, their works count."""
_PATIENCE = 1.0
"""Seconds of the processor after which the rest is read over the cores: starting one takes half of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was found to be otherwise than the catalogue said."""

    read: int = 0
    """Books that were new or changed."""
    gone: int = 0
    swept: int = 0
    """Unfinished files of a killed run."""
    strangers: int = 0
    """EPUBs that are not ours, all of them."""
    unreadable: tuple[str, ...] = ()
    """Books that could not be opened, and names that are no text."""


def open_repaired(
    folder: Path, *, index_text: bool = False, jobs: int | None = None
) -> tuple[Catalogue, str | None]:
    """Open a library for writing, its catalogue made again if it is damaged or lost, and in agreement.

    Gives a sentence if it had to be made again. ``index_text`` stays on for a library once it was given.
    Raises LibraryBusyError or LibraryError as `Catalogue.open_to_write`.
    """
    catalogue = Catalogue.open_to_write(folder, repair=True)
    try:
        change = reconcile(catalogue, index_text=index_text, jobs=jobs)
    except BaseException:
        catalogue.close()
        raise
    if catalogue.damaged:
        return catalogue, f"the catalogue was damaged; it has been made again from {change.read:,} books"
    if catalogue.fresh and change.read:
        return catalogue, f"there was no catalogue; it has been made from {change.read:,} books"
    return catalogue, None


def rebuild(folder: Path, *, index_text: bool = False, jobs: int | None = None) -> Change:
    """Make a library's catalogue again from the records of its books alone, in as many processes.

    Raises LibraryError if there is no such folder, LibraryBusyError if another process writes to it.
    """
    if not folder.is_dir():
        raise LibraryError(f"{folder}: there is no such folder. Check the spelling.")
    with Catalogue.open_to_write(folder, anew=True) as catalogue:
        return reconcile(catalogue, index_text=index_text, jobs=jobs)


def reconcile(
    catalogue: Catalogue, *, index_text: bool = False, look_only: bool = False, jobs: int | None = None
) -> Change:
    """Bring a catalogue to agreement with its folder; gives what was found.

    ``look_only`` is for a catalogue in memory: nothing in the folder is touched. ``jobs`` is the number of
    processes; None is as many as there are cores. Raises LibraryError if the catalogue cannot be written.
    """
    story = _wants_story(catalogue, index_text)
    books = _Books(catalogue, story=story)
    swept = 0

    def changed() -> Iterator[_Changed]:
        nonlocal swept
        for path, entry in _files(catalogue.folder):
            if is_part(entry.name):
                swept += not look_only and sweep(Path(entry.path))
            elif entry.name.lower().endswith(".epub") and not is_backup(entry.name):
                found = books.meet(path, entry)
                if found is not None:
                    yield found

    read = partial(_read, folder=catalogue.folder, story=story)
    with closing(_read_all(read, changed(), workers=jobs or os.cpu_count() or 1)) as results:
        books.enter(results)
    gone = books.forget_gone()
    return Change(books.read, gone, swept, books.strangers, tuple(books.unreadable))


@dataclass(frozen=True, slots=True)
class _Changed:
    """A book that is new, or not as it was."""

    path: str
    """From the library's folder."""
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class _Read:
    """What it holds."""

    of: _Changed
    card: Card | None = None
    """None for a stranger."""
    lost: bool = False
    """Whether it could not be read."""


def _read(one: _Changed, *, folder: Path, story: bool) -> _Read:
    try:
        return _Read(one, read_card(folder, one.path, one.mtime_ns, story=story))
    except OSError:
        return _Read(one, lost=True)


def _lost(one: _Changed) -> _Read:
    return _Read(one, lost=True)


def _read_all(
    read: Callable[[_Changed], _Read], changed: Iterator[_Changed], *, workers: int
) -> Generator[_Read, None, None]:
    """Read books in their order: here as long as they are few, and then over the cores."""
    started = time.process_time()
    for one in changed:
        yield read(one)
        if workers > 1 and time.process_time() - started > _PATIENCE:
            from fic2epub.library.pool import in_order

            yield from in_order(read, changed, workers=workers, died=_lost)
            return


def _wants_story(catalogue: Catalogue, index_text: bool) -> bool:
    """Whether stories are indexed here: once asked for, always."""
    asked = catalogue.has_stories()
    if index_text and not asked:
        with catalogue.writing() as connection:
            connection.execute("INSERT INTO meta VALUES ('stories', 'yes')")
    return index_text or asked


def _files(library: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """The files of a library with their paths from its folder; hidden folders are left out."""
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(library / prefix) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue  # the folder went, or may not be read: its books are not lost, only not listed
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    pending.append(f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield prefix + entry.name, entry


class _Books:
    """The books of a folder, as they are met on the way through it."""

    def __init__(self, catalogue: Catalogue, *, story: bool) -> None:
        self.catalogue = catalogue
        self.story = story
        self.read = self.strangers = 0
        self._met: set[str] = set()
        self.unreadable: list[str] = []

    def meet(self, path: str, entry: "os.DirEntry[str]") -> _Changed | None:
        """Look whether an EPUB is as it was; if not, it is to be read again."""
        try:
            state = entry.stat()
            path.encode()
        except OSError:
            return None
        except UnicodeEncodeError:
            self.unreadable.append(ascii(path))
            return None
        mark = state.st_size, state.st_mtime_ns
        ask = self.catalogue.connection.execute
        with told(self.catalogue.folder):
            known = ask("SELECT size, mtime_ns, story FROM book WHERE path = ?", (path,)).fetchone()
            if known is not None:
                if known[:2] == mark and (known[2] or not self.story):
                    self._met.add(path)
                    return None
            elif ask(
                "SELECT 1 FROM stranger WHERE path = ? AND size = ? AND mtime_ns = ?", (path, *mark)
            ).fetchone():
                self.strangers += 1
                return None
        return _Changed(path, *mark)

    def enter(self, results: Iterable[_Read]) -> None:
        """Enter what was read, many books with one write."""
        pending: list[_Read] = []
        works = 0
        for result in results:
            pending.append(result)
            works += 1 if result.card is None else len(result.card.entries)
            if works >= _AT_A_TIME:
                self._write(pending)
                pending.clear()
                works = 0
        self._write(pending)

    def _write(self, results: Sequence[_Read]) -> None:
        if not results:
            return
        with self.catalogue.writing() as connection:
            for result in results:
                self._put(connection, result)

    def _put(self, connection: sqlite3.Connection, result: _Read) -> None:
        one = result.of
        remove_card(connection, one.path)
        connection.execute("DELETE FROM stranger WHERE path = ?", (one.path,))
        if result.lost:
            self.unreadable.append(one.path)
        elif result.card is None:
            self.strangers += 1
            connection.execute("INSERT INTO stranger VALUES (?,?,?)", (one.path, one.size, one.mtime_ns))
        else:
            self.read += 1
            self._met.add(one.path)
            put_card(connection, result.card)

    def forget_gone(self) -> int:
        """Take out the books that are not there; gives their number."""
        with told(self.catalogue.folder):
            ask = self.catalogue.connection.execute
            if ask("SELECT count(*) FROM book").fetchone()[0] == len(self._met):
                return 0
            paths = [row[0] for row in ask("SELECT path FROM book")]
        spellings = {folded(path): path for path in self._met}
        gone = [
            path
            for path in paths
            if path not in self._met and self._is_gone(path, met=spellings.get(folded(path)))
        ]
        with self.catalogue.writing() as connection:
            for path in gone:
                remove_card(connection, path)
        return len(gone)

    def _is_gone(self, path: str, *, met: str | None) -> bool:
        """Whether no book stands at a path, or the one that was ``met``, spelled otherwise.

        A disk that ignores case, or composes accents in its own way, answers to both names, and behind FUSE
        with another node for each. What may not be looked at is not gone.
        """
        try:
            state = (self.catalogue.folder / path).stat()
            if not stat.S_ISREG(state.st_mode):
                return True
            other = None if met is None else (self.catalogue.folder / met).stat()
            return other is not None and signature(state)[1:] == signature(other)[1:]
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
