"""One dump on the desk: read, shown, corrected, read again.

All that is said is put into the dump's correction file, and into no other; undo puts the text back that
the file had before. A file that someone else has changed meanwhile is read again and never overwritten.
"""

import os
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from threading import Lock

from fic2epub.errors import ExitCode, Fic2EpubError, UsageError
from fic2epub.library.book import MakeOptions
from fic2epub.library.disk import Signature, signature
from fic2epub.library.nearby import Nearby
from fic2epub.model import Finding, Level, Recovery
from fic2epub.parser.sources import read_file
from fic2epub.values import dataclass
from fic2epub.web.edits import Edit, OffsetEditor
from fic2epub.web.rows import Row, doubts, read_rows

__all__ = ["Change", "Desk", "Remark", "StaleError", "State"]


class StaleError(Fic2EpubError):
    """The page is older than the dump or its correction file."""

    exit_code = ExitCode.SOURCE


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding, with its place on the page."""

    level: str
    message: str
    line: int | None
    """From 1."""
    row: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A work as the page shows it."""

    version: int
    """Rises with every change, also with one from outside."""
    recovery: Recovery
    rows: tuple[Row, ...]
    file: str
    """The correction file's name."""
    steps: int
    """How many edits can be undone."""

    @property
    def name(self) -> str:
        """The dump's."""
        return self.recovery.origin.name

    @property
    def title(self) -> str:
        """The work's."""
        return self.recovery.work.metadata.title

    @property
    def author(self) -> str:
        """All of them."""
        return ", ".join(self.recovery.work.metadata.creators) or "Unknown"

    @property
    def language(self) -> str:
        """BCP 47."""
        return self.recovery.work.metadata.language

    @property
    def chapters(self) -> int:
        """How many there are."""
        return len(self.recovery.work.chapters)

    @property
    def declared(self) -> str | None:
        """As the dump wrote it."""
        return self.recovery.work.metadata.chapters_written

    @property
    def notes(self) -> int:
        """How many there are, summaries too."""
        return len({row.note for row in self.rows if row.note is not None})

    @property
    def doubts(self) -> int:
        """How many places a reader should look at."""
        return doubts(self.rows)

    @property
    def findings(self) -> tuple[Remark, ...]:
        """The findings, those about corrections first."""
        found = sorted(self.recovery.findings, key=lambda finding: not _unfit(finding))
        return tuple(map(self._remark, found))

    @property
    def unfit(self) -> bool:
        """Whether a correction does not fit the dump."""
        return any(map(_unfit, self.recovery.findings))

    def _remark(self, finding: Finding) -> Remark:
        if finding.span is None:
            return Remark(finding.level.value, finding.message, None, None)
        line = self.recovery.source.line_of(finding.span.start) + 1
        above = [row.id for row in self.rows if row.id <= finding.span.start]
        return Remark(finding.level.value, finding.message, line, above[-1] if above else None)


def _unfit(finding: Finding) -> bool:
    return finding.rule.startswith("corrections.") and finding.level is Level.WARNING


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit comes to."""

    state: State
    rows: tuple[Row, ...]
    """Those that are new or look different."""
    gone: tuple[int, ...]
    """The ids of those that are no more."""
    said: str
    """In words."""


@dataclass(slots=True)
class Desk:
    """One dump and its correction file; safe to ask from several threads."""

    path: Path
    options: MakeOptions
    near: Nearby | None = None
    """Where its book may stand; None to look for none."""
    _lock: Lock = field(default_factory=Lock, init=False)
    _version: int = field(default=0, init=False)
    _history: list[str] = field(default_factory=list, init=False)
    _editor: OffsetEditor | None = field(default=None, init=False)
    _state: State | None = field(default=None, init=False)
    _seen: tuple[Signature | None, ...] = field(default=(), init=False)

    @property
    def name(self) -> str:
        """The dump's file name, fit to be shown."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    def state(self) -> State:
        """The work as it is now. Raises SourceError, CorrectionsError, ParseError."""
        with self._lock:
            return self._read()[1]

    def close(self) -> None:
        """Forget all but what can be undone."""
        with self._lock:
            self._editor = self._state = None

    def change(self, version: int, edits: Sequence[Edit]) -> Change:
        """Make edits, write them, and read the work again; all of them or none.

        Raises StaleError if the page's version is not the one at hand, UsageError for an edit that says
        nothing, OutputError if the file cannot be written.
        """
        with self._lock:
            editor, before = self._read()
            if version != before.version:
                raise StaleError(f"{self.name} or its corrections have changed; the page is read again.")
            text, history = editor.text, list(self._history)
            try:
                for edit in edits:
                    self._make(editor, edit)
                recovery = editor.recovery()
                if all(edit.act != "undo" for edit in edits):
                    _refuse_unfit(before.recovery, recovery)
                if editor.text != text:
                    editor.save()
            except BaseException:
                editor.text, self._history = text, history
                raise
            self._seen = self._signatures(editor)
            state = self._put(editor, recovery)
            return _difference(before, state)

    def _make(self, editor: OffsetEditor, edit: Edit) -> None:
        if edit.act == "undo":
            if not self._history:
                raise UsageError("There is nothing to undo.")
            editor.text = self._history.pop()
            return
        before = editor.text
        editor.make(edit)
        if editor.text != before:
            self._history.append(before)

    def _read(self) -> tuple[OffsetEditor, State]:
        """The editor and state, read again if either file has changed."""
        if self._editor is not None and self._state is not None:
            if self._signatures(self._editor) == self._seen:
                return self._editor, self._state
            self._history.clear()
        draft = read_file(self.path, options=self.options.parse)
        standing = self.near.of(draft, self.options) if self.near is not None else None
        editor = OffsetEditor(draft, self.options, standing)
        seen = self._signatures(editor)
        if seen != self._seen:
            self._history.clear()
        self._seen, self._editor = seen, editor
        return editor, self._put(editor, editor.recovery())

    def _put(self, editor: OffsetEditor, recovery: Recovery) -> State:
        self._version += 1
        self._state = State(
            version=self._version,
            recovery=recovery,
            rows=read_rows(recovery),
            file=os.fsencode(editor.path.name).decode("utf-8", "replace"),
            steps=len(self._history),
        )
        return self._state

    def _signatures(self, editor: OffsetEditor) -> tuple[Signature | None, ...]:
        return tuple(signature(path.stat()) if path.exists() else None for path in (self.path, editor.path))


def _difference(before: State, after: State) -> Change:
    """What a page that shows one state must change to show another."""
    old = {row.id: row for row in before.rows}
    new = {row.id for row in after.rows}
    rows = tuple(row for row in after.rows if old.get(row.id) != row)
    return Change(after, rows, tuple(id for id in old if id not in new), _said(before, after))


def _refuse_unfit(before: Recovery, after: Recovery) -> None:
    """What would do nothing is not written. Raises UsageError that says why."""
    known = {finding.message for finding in before.findings}
    fresh = [one.message for one in after.findings if _unfit(one) and one.message not in known]
    if fresh:
        raise UsageError(" ".join(fresh))


def _said(before: State, after: State) -> str:
    left = after.doubts
    changed = "Saved" if before.rows != after.rows else "Saved; nothing looks different"
    return f"{changed}. {left or 'No'} doubt{'s' * (left != 1)} left."
