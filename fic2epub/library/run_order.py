"""How far a run has come through its dumps: what it has told of already can be overtaken by a later one."""

from collections.abc import Sequence

from fic2epub.library.dump_rows import key_of
from fic2epub.library.update_plan import Task

__all__ = ["RunOrder"]


class RunOrder:
    """The dumps of a run in their order."""

    def __init__(self, tasks: Sequence[Task], library: str) -> None:
        self._tasks = tasks
        self._library = library
        self._told = 0
        self._at: dict[bytes, int] | None = None
        """Where each dump stands; made when it is first asked for, which is rare."""

    def tell(self, number: int = 1) -> None:
        """So many more dumps have been told of."""
        self._told += number

    def told(self, key: bytes) -> Task | None:
        """The dump of a key of the catalogue's, if it has been told of in this run; else None."""
        at = self._place(key)
        return self._tasks[at] if at is not None and at < self._told else None

    def shown(self, path: str) -> str:
        """A dump's path as the run has it; as it is given if the dump is not in this run."""
        at = self._place(key_of(path, self._library))
        return path if at is None else self._tasks[at].path

    def _place(self, key: bytes) -> int | None:
        if self._at is None:
            self._at = {key_of(task.path, self._library): at for at, task in enumerate(self._tasks)}
        return self._at.get(key)
