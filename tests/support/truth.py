"""Dumps with their truth, line by line: what each line is, as a person who knows the text would say.

A truth file (``seeds/README.md`` tells its keys) names ranges of lines. Here each line gets a label of
its own, so that a dump can be changed line by line and its truth goes along (``variants``), and so that
what the program found can be held against it.
"""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fic2epub.model import Recovery
from fic2epub.parser.outline import inspection
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse

NOTE_KINDS = {
    "summary": "summary",
    "before": "notes_before",
    "within": "notes_within",
    "after": "notes_after",
}
"""Our name of each kind of note and its key in a truth file and in ``inspect --json``."""
LINE_END_RE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    """Without its line end."""
    chapter: int | None = None
    """0-based; None above the first chapter."""
    role: str = "other"
    """``story``, ``break``, ``heading``, ``jump``, ``title``, ``closing``, a kind of note, or ``other``:
    blank lines and what stands above the story."""
    note: int | None = None
    """Which note it belongs to, counted from 0."""
    either: bool = False
    """True in a note between two chapters that may belong to either."""

    @property
    def shows(self) -> bool:
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Labelled:
    """A dump, every line of which has its label."""

    name: str
    lines: tuple[Line, ...]
    newline: str = "\n"

    @property
    def data(self) -> bytes:
        return self.newline.join(line.text for line in self.lines).encode()

    @property
    def chapters(self) -> int:
        return 1 + max(line.chapter for line in self.lines if line.chapter is not None)

    @property
    def declared(self) -> int | None:
        """The 6 of ``Chapters: 6/?``."""
        return next(
            (int(m[1]) for line in self.lines if (m := re.match(r"Chapters: (\d+)", line.text))), None
        )

    def notes(self) -> dict[int, list[int]]:
        """The lines of each note that show something."""
        found: dict[int, list[int]] = {}
        for at, line in enumerate(self.lines):
            if line.note is not None and line.shows:
                found.setdefault(line.note, []).append(at)
        return found


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth file and the lines of its dump."""

    path: Path
    facts: dict[str, Any]
    texts: tuple[str, ...]

    @property
    def chapters(self) -> list[dict[str, Any]]:
        return self.facts["chapters"]

    @property
    def closings(self) -> list[int]:
        return [*self.facts.get("closing_lines", ()), *filter(None, [self.facts.get("closing_line")])]

    @property
    def title_lines(self) -> list[int]:
        return [*filter(None, [self.facts.get("repeated_title_line")])]

    @property
    def jump_lines(self) -> list[int]:
        return [chapter["jump"] for chapter in self.chapters if chapter.get("jump") is not None]

    @property
    def breaks(self) -> dict[int, int | None]:
        """The line of each scene break, with its column if it is glued into the line."""
        found: dict[int, int | None] = dict.fromkeys(self.facts["scene_breaks"])
        if glued := self.facts.get("glued_scene_break"):
            found[glued["line"]] = glued["column"]
        return dict(sorted(found.items()))

    def labelled(self) -> Labelled:
        """The dump with a label on every line."""
        lines = [Line(text) for text in self.texts]
        starts = [*(chapter["start_line"] for chapter in self.chapters), len(lines)]
        notes = 0
        for number, chapter in enumerate(self.chapters):
            for at in range(starts[number], starts[number + 1]):
                role = self._role(chapter, at) if lines[at].text.strip() else "other"
                lines[at] = Line(lines[at].text, number, role)
            for kind, key in NOTE_KINDS.items():
                for start, end in chapter.get(key, ()):
                    either = chapter.get("side") == "either" and start < _opening(chapter)
                    for at in range(start, end):
                        lines[at] = Line(lines[at].text, number, kind, notes, either)
                    notes += 1
        newline = "\r\n" if self.facts.get("line_ends") == "CRLF" else "\n"
        return Labelled(self.path.stem, tuple(lines), newline)

    def _role(self, chapter: dict[str, Any], at: int) -> str:
        if at == chapter.get("jump"):
            return "jump"
        if chapter["heading"] and chapter["heading"][0] <= at < chapter["heading"][1]:
            return "heading"
        if at in self.closings:
            return "closing"
        return "break" if at in self.facts["scene_breaks"] else "story"


def _opening(chapter: dict[str, Any]) -> int:
    """The line that a chapter opens with, its notes aside: heading or story."""
    return (chapter["heading"] or chapter["prose"])[0]


def load(path: Path) -> Truth:
    """The truth of a dump; ``truth/STEM.json`` beside it."""
    facts = json.loads((path.parent / "truth" / f"{path.stem}.json").read_bytes())
    return Truth(path, facts, tuple(LINE_END_RE.split(path.read_bytes().decode())))


def recover(data: bytes) -> Recovery:
    """What the program makes of the bytes of a dump."""
    return parse(read_stdin(io.BytesIO(data)))


def note_labels(dump: Labelled) -> dict[int, frozenset[tuple[int, str]]]:
    """For each line of a note that shows, the chapters and kinds that are right for it."""
    found = {}
    for at, line in enumerate(dump.lines):
        if line.note is not None and line.shows:
            right = {(line.chapter, line.role)}
            if line.either:
                right.add((line.chapter - 1, "after"))
            found[at] = frozenset(right)
    return found


def recovered_notes(outline: dict[str, Any]) -> list[tuple[int, str, range]]:
    """Chapter, kind and lines of each note that the program found."""
    return [
        (number, kind, range(*lines))
        for number, chapter in enumerate(outline["chapters"])
        for kind, key in NOTE_KINDS.items()
        for lines in chapter[key]
    ]


def start_limits(dump: Labelled) -> list[range]:
    """For each chapter but the first, the lines that it may begin at.

    Above them is what must belong to the chapter before: its story and the notes after it; the last of
    them is the first line that must belong to this one. A note that may stand on either side is neither,
    nor is a jump line, which is left out of the book.
    """
    found = []
    for number in range(1, dump.chapters):
        fixed = [
            at for at, line in enumerate(dump.lines) if line.shows and not line.either and line.role != "jump"
        ]
        above = [at for at in fixed if dump.lines[at].chapter == number - 1]
        below = [at for at in fixed if dump.lines[at].chapter == number]
        found.append(range(above[-1] + 1, below[0] + 1))
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """How much of a dump's chapters and notes was found."""

    name: str
    joins: int
    """Beginnings of chapters that were to be found; the first is given."""
    joins_right: int
    notes: int
    """Notes that were to be found, and what was taken for one and is none."""
    notes_right: int
    right: tuple[float, ...]
    """The confidence of each boundary that is one."""
    wrong: tuple[float, ...]
    """That of each boundary that is none, or stands on the wrong side of a note."""


def score(dump: Labelled) -> Score:
    """Read a dump and hold what was found against its labels.

    A join is right if a chapter begins in its gap and on the right side of its notes. A dump that
    declares fewer chapters than it has is not expected to show more. A note is right if each of its lines
    was found as a note of its kind (either side, where both are right) and nothing of the story with them.
    """
    outline = inspection(recover(dump.data))
    limits = start_limits(dump)
    right, wrong = [], []
    for chapter in outline["chapters"][1:]:
        hit = any(chapter["start_line"] in limit for limit in limits)
        (right if hit else wrong).append(chapter["confidence"])
    allowed = len(limits) if dump.declared is None else min(len(limits), dump.declared - 1)
    notes, hits = _count_notes(dump, outline)
    joins_right = min(allowed, len(right))
    return Score(dump.name, allowed, joins_right, notes, hits, tuple(right), tuple(wrong))


def _count_notes(dump: Labelled, outline: dict[str, Any]) -> tuple[int, int]:
    """How many notes there are, invented ones included, and how many are right."""
    expected = note_labels(dump)
    kinds: dict[int, str] = {}
    spoilt: set[int] = set()
    invented = 0
    for _, kind, lines in recovered_notes(outline):
        shown = [at for at in lines if dump.lines[at].shows and dump.lines[at].role != "break"]
        notes = [at for at in shown if at in expected]
        invented += not notes
        kinds |= dict.fromkeys(notes, kind)
        if len(notes) < len(shown):
            spoilt.update(notes)
    hits = sum(
        all(at not in spoilt and kinds.get(at) in {kind for _, kind in expected[at]} for at in lines)
        for lines in dump.notes().values()
    )
    return len(dump.notes()) + invented, hits
