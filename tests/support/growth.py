"""A work that grows: the dump that would have been made after each of its chapters."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.container import read_entries
from fic2epub.model import Memory, Recovery
from fic2epub.parser.corrections import Corrections
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse
from fic2epub.record import Record, read_record

BARE = PublishOptions(cover="none")
"""Covers are drawn from metadata; no chapter's file has to do with them."""
COUNT_RE = re.compile(r"^Chapters:.*$", re.MULTILINE)


def dumps(dump: Path, truth: Path) -> Iterator[str]:
    """The dump as it would have been after each chapter: ``1/?``, ``2/?`` … and at last as it is.

    A header that declares another number than there are is put right: with fewer a work has not grown.
    """
    # LF alone ends a line, as in the truth files.
    lines = dump.read_text(encoding="utf-8").split("\n")
    starts = [chapter["start_line"] for chapter in json.loads(truth.read_text(encoding="utf-8"))["chapters"]]
    for number, end in enumerate(starts[1:], 1):
        text = "\n".join(lines[:end]).rstrip("\n") + "\n"
        yield COUNT_RE.sub(f"Chapters: {number}/?", text, count=1)
    whole, count = "\n".join(lines), len(starts)
    wrong = re.search(r"^Chapters: (\d+)", whole, re.MULTILINE)
    right = wrong is None or int(wrong.group(1)) == count
    yield whole if right else COUNT_RE.sub(f"Chapters: {count}/?", whole, count=1)


@dataclass(slots=True)
class Shelf:
    """One work's book, made again and again as its dump grows."""

    options: PublishOptions = BARE
    memory: Memory | None = None
    entries: dict[str, bytes] = field(default_factory=dict)
    recovery: Recovery | None = None

    def make(
        self, text: str, corrections: Corrections | None = None, *, parse_options: ParseOptions | None = None
    ) -> dict[str, bytes]:
        """Make the book of a dump, with what the book made before remembers; gives its entries."""
        draft = read_stdin(io.BytesIO(text.encode()))
        self.recovery = parse(draft, corrections, options=parse_options, memory=self.memory)
        self.entries = dict(read_entries(pack(publish(self.recovery.work, options=self.options))))
        self.memory = self.record.works[0].memory
        return self.entries

    @property
    def record(self) -> Record:
        """The book's record, read from its file."""
        record = read_record(self.entries)
        assert record is not None
        return record

    @property
    def chapters(self) -> dict[str, bytes]:
        """The chapters' files."""
        return {name: data for name, data in self.entries.items() if name.startswith("text/")}

    @property
    def rules(self) -> list[str]:
        """The findings' ids."""
        assert self.recovery is not None
        return [finding.rule for finding in self.recovery.findings]
