"""Whether a dump's corrections have changed since its book was made, without reading the dump.

As ``parser/correction_file`` finds them: by the dump's name, and by work id. A folder is listed once for all
its dumps, and most folders hold no correction file at all.
"""

import hashlib
import os
import re
from pathlib import Path

__all__ = ["CorrectionMarks"]

_SUFFIX = ".fic.toml"
_WORK_ID_RE = re.compile(rb"^[ \t]*work_id[ \t]*=[ \t]*[\"']?([0-9]+)", re.MULTILINE)


class CorrectionMarks:
    """The correction files beside the dumps, or in one folder for all of them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._one = None if folder is None else os.fspath(folder)
        self._folders: dict[str, dict[str, tuple[str, frozenset[str]]]] = {}

    def any_for(self, dump: str) -> bool:
        """Whether there is any correction file that may be a dump's: else none need be searched for."""
        return bool(self._files(dump))

    def mark(self, dump: str, work_id: str | None) -> str:
        """A text that changes with the corrections that may be this dump's; empty without any."""
        files = self._files(dump)
        if not files:
            return ""
        own = Path(dump).stem + _SUFFIX
        return " ".join(
            f"{name}:{content}" for name, (content, ids) in files.items() if name == own or work_id in ids
        )

    def _files(self, dump: str) -> dict[str, tuple[str, frozenset[str]]]:
        """Each correction file's hash and the work ids that it may name, in the order of their names."""
        folder = self._one if self._one is not None else dump.rpartition(os.sep)[0]
        if folder not in self._folders:
            found = {}
            try:
                names = sorted(name for name in os.listdir(folder or ".") if name.endswith(_SUFFIX))  # noqa: PTH208 - no Path for every file of a large folder
            except OSError:
                names = []
            for name in names:
                try:
                    content = Path(folder, name).read_bytes()
                except OSError:
                    found[name] = ("unreadable", frozenset[str]())
                    continue
                ids = frozenset(match.decode() for match in _WORK_ID_RE.findall(content))
                found[name] = (hashlib.sha256(content).hexdigest()[:16], ids)
            self._folders[folder] = found
        return self._folders[folder]
