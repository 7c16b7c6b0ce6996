"""How far a run has come through its dumps: what it has told of already can be overtaken by a later one."""

from fic2epub.library.dump_rows import key_of
from fic2epub.library.task_list import Task, TaskList

__all__ = ["RunOrder"]


class RunOrder:
    """The dumps of a run in their order."""

    def __init__(self, tasks: TaskList, library: str) -> None:
        self._tasks = tasks
        self._library = library
        self._told = 0

    def tell(self, number: int = 1) -> None:
        """So many more dumps have been told of."""
        self._told += number

    def told(self, key: bytes) -> Task | None:
        """The dump of a key of the catalogue's, if it has been told of in this run; else None."""
        found = self._tasks.find(key)
        return found[1] if found is not None and found[0] < self._told else None

    def shown(self, path: str) -> str:
        """A dump's path as the run has it; as it is given if the dump is not in this run."""
        found = self._tasks.find(key_of(path, self._library))
        return path if found is None else found[1].path
