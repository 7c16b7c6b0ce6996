"""What a worker does for one dump of a library: from its path to a finished book, as a value.

Workers read dumps and the records of standing books; they write nothing. So they may be processes of this
computer or of another one with the same disk.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from fic2epub.container import read_entries
from fic2epub.errors import Fic2EpubError, PackageError
from fic2epub.library.attempt import attempt
from fic2epub.library.book import Book, MakeOptions, Tally, build, recover, tally
from fic2epub.library.catalogue_write import Card, card_of, made_card
from fic2epub.library.name_template import NameTemplate
from fic2epub.library.names import SUFFIXES
from fic2epub.library.outcome import Failure, Outcome, Status
from fic2epub.model import Finding, Recovery, summary_text
from fic2epub.record import RECORD_NAME, Record, read_record
from fic2epub.select import Facts
from fic2epub.values import dataclass

__all__ = ["Item", "Made", "MakePlan", "PassedOver", "make_item", "source_hash"]

JUST_NOW = 3.0
"""Seconds: FAT tells times by two, so a file this young may change again without another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePlan:
    """What is the same for all dumps of a run; it travels to the workers."""

    options: MakeOptions
    name: NameTemplate | None = None
    wanted: Callable[[Facts], bool] | None = None
    story: bool = False
    """Whether the stories are indexed."""


@dataclass(frozen=True, slots=True)
class Item:
    """A dump to be made into a book."""

    path: str
    standing: str | None
    """The file of its work's book as it stands, if it is known."""
    corrected: bool
    """Whether there may be a correction file for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A finished book and what the library needs to know of it."""

    content: bytes
    name: str
    """The path that it would like, from the library's folder."""
    tag: str | None
    identifier: str
    keyed: bool
    """Whether the work has an id or a URL: only then are two dumps the same work."""
    title: str
    tally: Tally
    findings: tuple[Finding, ...]
    card: Card
    size: int
    mtime_ns: int | None
    source: str

    @property
    def rank(self) -> tuple[int, int, int]:
        """As ``DumpRow.rank``."""
        return self.tally.chapters, self.tally.words, self.mtime_ns or 0

    @property
    def text(self) -> str | None:
        """The hash of the dump's text."""
        return self.card.origins[0][1]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A dump that is not wanted."""

    title: str

    def outcome(self, dump: str) -> Outcome:
        """What became of the dump: nothing, as was asked for."""
        return Outcome(dump=dump, status=Status.PASSED, title=self.title, message="not what is wanted")


def make_item(item: Item, plan: MakePlan) -> Made | PassedOver | Failure:
    """Make a book of a dump; errors come back as values, but for UsageError."""
    return attempt(lambda: _make(item, plan), item.path)


def _make(item: Item, plan: MakePlan) -> Made | PassedOver:
    from fic2epub.builder.discreet import shown_metadata
    from fic2epub.builder.identity import work_url
    from fic2epub.parser.sources import read_file

    path, options = Path(item.path), plan.options
    state = source_hash(path)
    draft, standing = read_file(path, options=options.parse), _record(item.standing)
    recovery = recover(draft, options, corrected=item.corrected, standing=standing)
    work = recovery.work
    if plan.wanted is not None and not plan.wanted(facts_of(recovery, options)):
        return PassedOver(work.metadata.title)
    book = build(recovery, options, standing=standing)
    card = _card(book, story=plan.story)
    if card is None:
        raise PackageError(f"{item.path}: its book has no record that can be read again.")
    suffix, shown = SUFFIXES[options.format], shown_metadata(work.metadata, options.publish)
    return Made(
        content=book.content,
        name=plan.name.path(shown, suffix=suffix) if plan.name else book.name,
        tag=book.tag,
        identifier=book.publication.identifier,
        keyed=work_url(work) is not None,
        title=book.publication.title,
        tally=book.tally,
        findings=book.findings,
        card=card,
        size=state[0],
        mtime_ns=state[1],
        source=state[2],
    )


def _card(book: Book, *, story: bool) -> Card | None:
    """What the catalogue will know of a book; the pages of a KEPUB are no more those of the publication."""
    if book.format == "epub":
        return made_card(book.publication, book.content, story=story)
    return card_of("", book.content, mtime_ns=0, story=story)


def facts_of(recovery: Recovery, options: MakeOptions) -> Facts:
    """What a condition may ask of a work that has no book yet."""
    least = options.publish.min_confidence
    counted = tally(recovery.work, min_confidence=least)
    boundaries = [chapter.boundary for chapter in recovery.work.chapters]
    scores = [boundary.score for boundary in boundaries if boundary.score >= least]
    return Facts(
        metadata=recovery.work.metadata,
        summary=summary_text(recovery.work),
        words=counted.words,
        chapters=counted.chapters,
        unsure=counted.unsure,
        inferred=sum(boundary.inferred for boundary in boundaries),
        confidence=min(scores) if len(scores) > 1 else 1.0,
        notes=counted.notes,
    )


def source_hash(path: Path) -> tuple[int, int | None, str]:
    """Size, time and SHA-256 of a dump; no time for one that was only just written.

    Taken before the dump is read: what changes afterwards is then found changed by the next run. A dump
    that cannot be read has none of them; reading it says why.
    """
    try:
        with path.open("rb") as stream:
            state = path.stat()
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return 0, None, ""
    young = state.st_mtime > time.time() - JUST_NOW
    return state.st_size, None if young else state.st_mtime_ns, digest


def _record(standing: str | None) -> Record | None:
    """The record of a book as it stands; None if it cannot be read any more."""
    if standing is None:
        return None
    try:
        return read_record(read_entries(Path(standing), only={RECORD_NAME}))
    except Fic2EpubError:
        return None
