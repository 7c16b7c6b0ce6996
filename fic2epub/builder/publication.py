"""Work or Anthology to Publication: the recipe of a book.

1. The chapters are made into files (``chapters``), which gives every boundary its place.
2. Preface and afterword (``matter``), in AO3's order and wording; all of it is a ``work_book``.
3. The cover (``cover_page``).
4. Contents, landmarks, metadata and the record, without a clock (``frame``).

An anthology does 1 and 2 for each work, in a folder of its own (``anthology_book``).
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from fic2epub.builder import dates
from fic2epub.builder.columns import columns
from fic2epub.builder.cover_page import cover_files, work_face
from fic2epub.builder.discreet import shown_metadata
from fic2epub.builder.facts import creators, subjects
from fic2epub.builder.fields import byline
from fic2epub.builder.frame import assemble
from fic2epub.builder.labels import labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.navigation import with_news
from fic2epub.builder.options import DEFAULTS, PublishOptions
from fic2epub.builder.titles import first_new
from fic2epub.builder.work_book import WorkBook, work_book
from fic2epub.errors import PackageError
from fic2epub.model import NavPoint, Publication, Work

if TYPE_CHECKING:
    from fic2epub.builder.anthology import Anthology

__all__ = ["publish"]


def publish(
    what: "Work | Anthology",
    *,
    options: PublishOptions = DEFAULTS,
    epoch: int | None = None,
    recorded: datetime | None = None,
) -> Publication:
    """Make a book of a work, or of an anthology, whose works are files already (``work_book.bind``).

    ``epoch`` is SOURCE_DATE_EPOCH, ``recorded`` the date in the record of a book that is being replaced
    and whose text is unchanged; both may be None (see ``dates``). Raises PackageError if a text holds a
    character that XML does not allow: a parser of this package removes such.
    """
    try:
        if isinstance(what, Work):
            return _publish_work(what, options, dates.modified(what, epoch=epoch, recorded=recorded))
        from fic2epub.builder.anthology_book import publish_anthology  # late: most books are of one work

        when = max(dates.modified(book, epoch=epoch, recorded=recorded) for book in what.books)
        return publish_anthology(what, options, when)
    except ValueError as error:  # lxml's word for control characters, NUL and lone surrogates
        title = (what.metadata.title if isinstance(what, Work) else what.title)[:80]
        raise PackageError(
            f"{title!a}: its text or header holds a character that no XML may hold ({error})."
        ) from error


def _publish_work(work: Work, options: PublishOptions, when: datetime) -> Publication:
    metadata = shown_metadata(work.metadata, options)
    book = work_book(work, options, Layout())
    say = labels(metadata.language)
    entries = (
        NavPoint(say("Preface"), book.preface.href, language=say.language),
        *_story_entries(work, book),
        NavPoint(say("Afterword"), book.afterword.href, language=say.language),
    )
    face = work_face(replace(work, metadata=metadata), identifier=book.record.identifier, words=book.words)
    return assemble(
        identifier=book.record.identifier,
        title=metadata.title,
        cover=cover_files(face, byline(metadata), options),
        language=metadata.language,
        creators=creators((metadata,)),
        subjects=tuple(dict.fromkeys(subjects(metadata))),
        preface=book.preface,
        body=(*book.story, book.afterword),
        start=book.record.chapters[0].file,
        entries=entries,
        when=when,
        options=options,
        records=(book.record,),
        work=work,
        source=_source(book),
        columns=tuple(columns(metadata, words=book.words, chapters=book.chapters)),
        findings=book.findings,
        series=tuple((one.title, one.position) for one in metadata.series),
    )


def _story_entries(work: Work, book: WorkBook) -> tuple[NavPoint, ...]:
    """The entries of the story, with one that leads to the first chapter that is new."""
    position = first_new(work)
    if position is None:
        return book.navigation
    say = labels(work.metadata.language)
    place = book.record.chapters[position - 1].file
    return with_news(book.navigation, place, say("What’s new"), say.language)


def _source(book: WorkBook) -> str | None:
    """The work's address for ``dc:source``, if the book holds the chapters that the dump declares.

    FanFicFare takes the address and the chapter files by position when it updates a book: with another
    division it would put its new chapters behind the wrong ones, and it would drop what stands in any
    other file, the rest of a long chapter or the notes behind the story (FanFicFare 4.62, autumn 2026).
    """
    declared = book.metadata.chapters_posted
    told = declared is None or declared == book.chapters
    return book.url if told and len(book.story) == book.chapters else None
