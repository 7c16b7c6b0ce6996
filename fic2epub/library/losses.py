"""What a newer book of a work would lose of the one that stands there: chapters, or many words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.record import RECORD_NAME, Record, WorkRecord, read_record

__all__ = ["lost"]

LOST_WORDS = 0.05
"""The share from which on the reader is asked: a sentence here and there is mended."""

_TAG_RE = re.compile(rb"<[^>]*>")


def lost(old: Path, before: Record, new: bytes) -> str | None:
    """What a newer dump of a work lacks, in words; None if it lacks nothing worth a question.

    Only a work whose text has changed can have lost anything: a better reading of the same dump may
    find fewer chapters. A work that an anthology no longer holds was taken out by its reader. Of a large
    anthology only the works that have changed are unpacked.
    """
    after = read_record(read_entries(new, only={RECORD_NAME}))
    if after is None:
        return None
    earlier = {work.identifier: work for work in before.works}
    pairs = [(earlier[work.identifier], work) for work in after.works if work.identifier in earlier]
    changed = [(was, work) for was, work in pairs if was.source_sha256 != work.source_sha256]
    for was, work in changed:
        if len(work.chapters) < len(was.chapters):
            return f"holds {len(was.chapters)} chapters, the new dump only {len(work.chapters)}"
    if not changed:
        return None
    try:
        there = _words(read_entries(old, only=_Pages(was for was, _ in changed)))
    except PackageError:
        return None  # it went meanwhile: that is for `put` to see
    fresh = _words(read_entries(new, only=_Pages(work for _, work in changed)))
    for was, work in changed:
        words = sum(there[folder] for folder in _folders(was))
        now = sum(fresh[folder] for folder in _folders(work))
        if now < words * (1 - LOST_WORDS):
            return f"holds {words:,} words, the new dump only {now:,}"
    return None


def _words(entries: Mapping[str, bytes]) -> Counter[str]:
    """The words of each folder's files; good for a comparison, since both books are counted alike."""
    words: Counter[str] = Counter()
    for name, data in entries.items():
        words[name.rpartition("/")[0]] += len(_TAG_RE.sub(b" ", data).split())
    return words


def _folders(work: WorkRecord) -> set[str]:
    return {chapter.file.rpartition("/")[0] for chapter in work.chapters}


class _Pages:
    """The names of all files that lie beside the chapters of some works."""

    def __init__(self, works: Iterable[WorkRecord]) -> None:
        self._folders = {folder for work in works for folder in _folders(work)}

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.rpartition("/")[0] in self._folders
