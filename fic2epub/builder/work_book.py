"""One work as files: its preface, chapters and afterword, with what is told of them elsewhere in the book.

A plain book has one such set, an anthology many. The work's text is not kept beside its files: of
thousands of works only one at a time is in memory as a tree.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from fic2epub.builder.appendix import appendix
from fic2epub.builder.chapters import chapter_files
from fic2epub.builder.fields import count_words
from fic2epub.builder.identity import work_folder, work_identifier, work_url
from fic2epub.builder.labels import labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.matter import afterword, preface
from fic2epub.builder.options import DEFAULTS, PublishOptions
from fic2epub.errors import PackageError
from fic2epub.model import Finding, Metadata, NavPoint, Provenance, Resource, Work
from fic2epub.record import WorkRecord, work_record
from fic2epub.values import dataclass

__all__ = ["WorkBook", "bind", "own_layout", "shelve", "work_book"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBook:
    """The files of one work. It can be selected and sorted (see ``select.Subject``)."""

    metadata: Metadata
    provenance: Provenance
    layout: Layout
    url: str | None
    """The work's canonical address."""
    preface: Resource
    story: tuple[Resource, ...]
    """The chapters and the notes behind them."""
    afterword: Resource
    navigation: tuple[NavPoint, ...]
    """What leads to the story's files and places."""
    record: WorkRecord
    findings: tuple[Finding, ...] = ()

    @property
    def files(self) -> tuple[Resource, ...]:
        """All files in reading order."""
        return (self.preface, *self.story, self.afterword)

    @property
    def places(self) -> tuple[str, ...]:
        """Where each chapter that has a heading begins, in order."""
        return tuple(one.file for one in self.record.chapters if "#" not in one.file)

    @property
    def summary(self) -> str | None:
        """Of the header and of the section."""
        return self.record.summary

    @property
    def words(self) -> int:
        """As the preface counts them."""
        return self.record.words

    @property
    def chapters(self) -> int:
        """Boundaries that are chapters of the book."""
        return len(self.places)

    @property
    def unsure(self) -> int:
        """Boundaries that became only an entry of the contents."""
        return len(self.record.chapters) - self.chapters

    @property
    def inferred(self) -> int:
        """Boundaries with nothing visible behind them."""
        return sum(one.inferred for one in self.record.chapters)

    @property
    def confidence(self) -> float:
        """The lowest score of a boundary; 1 for one chapter."""
        return min((one.score for one in self.record.chapters[1:]), default=1.0)

    @property
    def notes(self) -> int:
        """How many author's notes there are."""
        return len(self.record.notes)


def work_book(work: Work, options: PublishOptions, layout: Layout) -> WorkBook:
    """Make a work's files. Raises PackageError if its text holds a character that XML does not allow."""
    shown, changed, findings = _shown(work, options)
    try:
        chapters = chapter_files(shown, options, layout)
        notes = appendix(shown, chapters.appendix, chapters.places, options, layout)
        words = count_words(work)
        return WorkBook(
            metadata=work.metadata,
            provenance=work.provenance,
            layout=layout,
            url=work_url(work),
            preface=preface(shown, options, layout, words=words, places=chapters.places),
            story=(*chapters.resources, *((notes,) if notes else ())),
            afterword=afterword(
                shown, options, layout, chapters.places, written=work.metadata, words=words, changed=changed
            ),
            navigation=(*chapters.navigation, *_appendix_entry(work, notes)),
            record=work_record(work, identifier=work_identifier(work), places=chapters.places, words=words),
            findings=findings,
        )
    except ValueError as error:  # lxml's word for control characters, NUL and lone surrogates
        title = work.metadata.title[:80]
        raise PackageError(
            f"{title!a}: its text or header holds a character that no XML may hold ({error})."
        ) from error


def _shown(work: Work, options: PublishOptions) -> tuple[Work, int, tuple[Finding, ...]]:
    """The work as its pages show it, how many quotes were set as in print, and what there is to say of it.

    Identity and record are those of the work as it was recovered, so they hold whatever is shown.
    """
    changed = 0
    findings: tuple[Finding, ...] = ()
    if options.smart_quotes:
        from fic2epub.builder.smart_text import smarten

        smartened = smarten(work)
        work, changed, findings = smartened.work, smartened.changed, smartened.findings
    if options.discreet:
        from fic2epub.builder.discreet import discreet_metadata

        work = replace(work, metadata=discreet_metadata(work.metadata))
    return work, changed, findings


def _appendix_entry(work: Work, notes: Resource | None) -> tuple[NavPoint, ...]:
    say = labels(work.metadata.language)
    return () if notes is None else (NavPoint(say("Notes"), notes.href, language=say.language),)


def bind(
    works: Iterable[Work],
    options: PublishOptions = DEFAULTS,
    *,
    on_copy: Callable[[WorkBook, WorkBook], None] | None = None,
) -> list[WorkBook]:
    """Make the files of an anthology's works, one work after the other, each in a folder of its own.

    A folder is called after its work and not after its place, so that files keep their names when works
    come and go. Of two copies of a work that has an address, the one with more chapters stays, then the
    one with more words, then the newer file; ``on_copy`` is told which stays and which does not. Works
    without an address are never taken for one another: a second folder of the same name gets a number.
    Raises PackageError as `work_book`.
    """
    made = ((work_book(work, options, own_layout(work)), partial(work_book, work, options)) for work in works)
    return shelve(made, on_copy=on_copy)


def own_layout(work: Work) -> Layout:
    """Where the files of an anthology's work lie, unless another work has that folder."""
    return Layout(work_folder(work))


def shelve(
    books: Iterable[tuple[WorkBook, Callable[[Layout], WorkBook]]],
    *,
    on_copy: Callable[[WorkBook, WorkBook], None] | None = None,
) -> list[WorkBook]:
    """`bind` for works that are files already, in folders of their own (`own_layout`).

    With each comes what makes its files in another folder, if its own is taken.
    """
    bound: dict[str, WorkBook] = {}
    for book, made_in in books:
        stem = name = str(book.layout.folder)
        if book.url is None or name not in bound or bound[name].url != book.url:
            count = 1
            while name in bound:
                count += 1
                name = f"{stem}-{count}"
            bound[name] = book if name == stem else made_in(Layout(name))
            continue
        best, other = sorted((bound[name], book), key=_rank, reverse=True)
        bound[name] = best
        if on_copy is not None:
            on_copy(best, other)
    return list(bound.values())


def _rank(book: WorkBook) -> tuple[int, int, float]:
    """How much of a work a copy holds."""
    return book.chapters, book.words, book.provenance.modified or 0.0
