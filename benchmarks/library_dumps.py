"""Dumps for the library's benchmark: of other texts' stories, with their notes and without their headings.

Each is about 25 kB, if nothing else is said: two thirds have two to eight chapters, parted by the authors'
notes and by nothing else, the rest is one shot. A dump's story is one stretch of one text, and its notes are
that text's own, so that there are one author's habits to learn. The same texts give the same dumps each time.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from anthology import _NOTES, header

__all__ = ["BYTES", "make_dumps"]

BYTES = 25_000


@dataclass(frozen=True, slots=True)
class _Text:
    """A text taken apart by its truth file."""

    prose: tuple[str, ...]
    """The story's lines, without headings, notes and summaries."""
    notes: tuple[str, ...]


def make_dumps(folder: Path, count: int, texts: Path, each: int = BYTES) -> int:
    """Write dumps of about so many bytes ``each``; gives those of all. ``texts`` is as `_texts` wants it."""
    sources = _texts(texts)
    notes = [note for text in sources for note in text.notes] or list(_NOTES)
    folder.mkdir(parents=True)
    size = 0
    for number in range(count):
        content = "\n\n".join(_dump(number, sources, notes, each)).encode()
        (folder / f"{number:06}.txt").write_bytes(content)
        size += len(content)
    return size


def _texts(folder: Path) -> list[_Text]:
    """The English texts of a folder with truth files: ``*.txt`` or ``text/*.txt``, and ``truth/*.json``."""
    found = []
    for path in sorted([*folder.glob("*.txt"), *folder.glob("text/*.txt")]):
        truth = folder / "truth" / f"{path.stem}.json"
        content = path.read_text(encoding="utf-8", errors="replace")
        if not truth.is_file() or "\nLanguage: English\n" not in content.replace("\r\n", "\n"):
            continue
        lines = [line.removesuffix("\r") for line in content.split("\n")]
        chapters = json.loads(truth.read_text(encoding="utf-8"))["chapters"]
        prose = [line for one in chapters for line in lines[slice(*one["prose"])]]
        spans = [span for one in chapters for span in (*one["notes_before"], *one["notes_after"])]
        notes = ["\n".join(lines[slice(*span)]).strip("\n") for span in spans]
        if sum(map(len, prose)) > BYTES / 10:
            found.append(_Text(tuple(prose), tuple(filter(None, notes))))
    if not found:
        raise SystemExit(f"{folder}: holds no English *.txt with truth/*.json.")
    return found


def _dump(number: int, texts: Sequence[_Text], notes: Sequence[str], each: int) -> Iterator[str]:
    """The parts of one dump, its header first."""
    draw = random.Random(number)
    chapters = 1 if number % 3 == 0 else draw.randint(2, 8)
    yield "\n".join(header(number, chapters, draw))
    text = texts[number % len(texts)]
    own = text.notes or notes
    at, said = draw.randrange(len(text.prose)), draw.randrange(len(own))
    for chapter in range(chapters):
        lines, size = [], 0
        while size < each / chapters:
            lines.append(text.prose[at])
            size += len(lines[-1].encode()) + 1
            at = (at + 1) % len(text.prose)
        yield "\n".join(lines).strip("\n")
        if chapter + 1 < chapters:
            yield own[(said + chapter) % len(own)]
