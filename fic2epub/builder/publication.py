"""Work or Anthology to Publication: the recipe of a book.

1. The chapters are made into files (``chapters``), which gives every boundary its place.
2. Cover, preface and afterword (``matter``), in AO3's order and wording.
3. Contents and landmarks (``navigation``).
4. Metadata and the record, without a clock.

An anthology does 1 and 2 for each work, in a folder of its own, behind a divider for each group.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from fic2epub.builder import dates
from fic2epub.builder.anthology import Anthology
from fic2epub.builder.appendix import appendix
from fic2epub.builder.chapters import ChapterFiles, chapter_files
from fic2epub.builder.collection import collection_byline, collection_page, divider, folders
from fic2epub.builder.cover_page import CoverFiles, anthology_face, cover_files, work_face
from fic2epub.builder.facts import accessibility, creators, subjects
from fic2epub.builder.fields import byline, count_words
from fic2epub.builder.identity import anthology_identifier, work_identifier, work_url
from fic2epub.builder.labels import labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import raw_template
from fic2epub.builder.matter import afterword, preface
from fic2epub.builder.navigation import nav_document, ncx_document
from fic2epub.builder.options import PublishOptions
from fic2epub.errors import PackageError
from fic2epub.model import (
    Contributor,
    Landmark,
    NavPoint,
    Publication,
    Resource,
    Work,
    summary_text,
)
from fic2epub.record import WorkRecord, make_record, options_hash, work_record

__all__ = ["publish"]

DEFAULTS = PublishOptions()

PROGRAM = Contributor("fic2epub", "bkp")
"""Named without its version: an upgrade that changes nothing must not change the bytes of content.opf."""


@dataclass(frozen=True, slots=True)
class _WorkBook:
    """The files of one work."""

    work: Work
    preface: Resource
    chapters: ChapterFiles
    appendix: Resource | None
    afterword: Resource
    record: WorkRecord
    words: int

    @property
    def files(self) -> tuple[Resource, ...]:
        return (self.preface, *self.story, self.afterword)

    @property
    def story(self) -> tuple[Resource, ...]:
        """The chapters and the notes behind them."""
        return (*self.chapters.resources, *((self.appendix,) if self.appendix else ()))


def publish(
    what: Work | Anthology,
    *,
    options: PublishOptions = DEFAULTS,
    epoch: int | None = None,
    recorded: datetime | None = None,
) -> Publication:
    """Make a book of a work, or of an anthology.

    ``epoch`` is SOURCE_DATE_EPOCH, ``recorded`` the date in the record of a book that is being replaced
    and whose text is unchanged; both may be None (see ``dates``). Raises PackageError if a text holds a
    character that XML does not allow: a parser of this package removes such.
    """
    try:
        if isinstance(what, Work):
            return _publish_work(what, options, dates.modified(what, epoch=epoch, recorded=recorded))
        when = max(dates.modified(work, epoch=epoch, recorded=recorded) for work in what.works)
        return _publish_anthology(what, options, when)
    except ValueError as error:  # lxml's word for control characters, NUL and lone surrogates
        title = (what.metadata.title if isinstance(what, Work) else what.title)[:80]
        raise PackageError(
            f"{title!a}: its text or header holds a character that no XML may hold ({error})."
        ) from error


def _work_book(work: Work, options: PublishOptions, layout: Layout) -> _WorkBook:
    chapters = chapter_files(work, options, layout)
    words = count_words(work)
    return _WorkBook(
        work,
        preface(work, layout, words=words),
        chapters,
        appendix(work, chapters.appendix, chapters.places, options, layout),
        afterword(work, options, layout, chapters.places),
        work_record(work, identifier=work_identifier(work), places=chapters.places, words=words),
        words,
    )


def _publish_work(work: Work, options: PublishOptions, when: datetime) -> Publication:
    metadata = work.metadata
    book = _work_book(work, options, Layout())
    say = labels(metadata.language)
    entries = (
        NavPoint(say("Preface"), book.preface.href, language=say.language),
        *book.chapters.navigation,
        *_appendix_entry(book),
        NavPoint(say("Afterword"), book.afterword.href, language=say.language),
    )
    face = work_face(work, identifier=book.record.identifier, words=book.words)
    return _assemble(
        identifier=book.record.identifier,
        title=metadata.title,
        cover=cover_files(face, byline(metadata), options),
        language=metadata.language,
        creators=creators((work,)),
        subjects=tuple(dict.fromkeys(subjects(metadata))),
        preface=book.preface,
        body=(*book.story, book.afterword),
        start=book.chapters.places[1],
        entries=entries,
        when=when,
        options=options,
        records=(book.record,),
        work=work,
        source=_source(book),
    )


def _appendix_entry(book: _WorkBook) -> tuple[NavPoint, ...]:
    say = labels(book.work.metadata.language)
    notes = book.appendix
    return () if notes is None else (NavPoint(say("Notes"), notes.href, language=say.language),)


def _source(book: _WorkBook) -> str | None:
    """The work's address for ``dc:source``, if the book holds the chapters that the dump declares.

    FanFicFare takes the address and the chapter files by position when it updates a book: with another
    division it would put its new chapters behind the wrong ones (FanFicFare 4.62, autumn 2026).
    """
    declared = book.work.metadata.chapters_posted
    divided = sum("#" not in place for place in book.chapters.places.values())
    return work_url(book.work) if declared is None or declared == divided else None


def _assemble(
    *,
    identifier: str,
    title: str,
    cover: CoverFiles,
    language: str,
    creators: tuple[Contributor, ...],
    subjects: tuple[str, ...],
    preface: Resource,
    body: tuple[Resource, ...],
    start: str,
    entries: tuple[NavPoint, ...],
    when: datetime,
    options: PublishOptions,
    records: tuple[WorkRecord, ...],
    work: Work | None = None,
    source: str | None = None,
) -> Publication:
    """What every book has: cover, contents, landmarks, style sheet and record around its files.

    ``work`` is the one work of a plain book. An anthology has no ``dc:source``: FanFicFare would take the
    first for the whole book and update the others away (FanFicFare 4.62, autumn 2026). Raises UsageError
    for a cover that cannot be made.
    """
    say = labels(language)
    landmarks = (
        Landmark("cover", say("Cover"), "cover.xhtml"),
        Landmark("toc", say("Contents"), "nav.xhtml"),
        Landmark("bodymatter", say("Start of the story"), start),
    )
    nav = nav_document(entries, landmarks, language=language)
    return Publication(
        identifier=identifier,
        title=title,
        language=language,
        creators=creators,
        contributors=(PROGRAM,),
        description=summary_text(work) if work else None,
        subjects=subjects,
        sources=(source,) if source else (),
        published=work.metadata.published if work else None,
        modified=when,
        series=tuple((one.title, one.position) for one in work.metadata.series) if work else (),
        metas=tuple(accessibility(pictured=cover.image is not None)),
        reading_order=(cover.page, preface, nav, *body),
        resources=(
            ncx_document(entries, identifier=identifier, title=title, language=language),
            Resource(id="style", href="style.css", media_type="text/css", content=raw_template("style.css")),
            *((cover.image,) if cover.image else ()),
        ),
        manifest_first=preface.id,
        navigation=entries,
        landmarks=landmarks,
        findings=cover.findings,
        record=make_record(
            program=version("fic2epub"),
            identifier=identifier,
            title=title,
            modified=dates.iso(when),
            options_sha256=options_hash(_comparable(options)),
            works=records,
        ),
    )


def _comparable(options: PublishOptions) -> PublishOptions:
    """The options without the reader's folders: a record holds no path, not even in a hash."""
    return (
        options if options.cover_font is None else replace(options, cover_font=Path(options.cover_font.name))
    )


def _publish_anthology(anthology: Anthology, options: PublishOptions, when: datetime) -> Publication:
    works = anthology.works
    language = Counter(work.metadata.language for work in works).most_common(1)[0][0]
    layouts = map(Layout, folders(works))
    front = collection_page(anthology, language)
    say = labels(language)
    entries = [NavPoint(say("Preface"), front.href, language=say.language)]
    body: list[Resource] = []
    records: list[WorkRecord] = []
    words = 0
    for group in anthology.groups:
        members = [(work, next(layouts)) for work in group.works]
        books = [_work_book(work, options, layout) for work, layout in members]
        points = tuple(_work_entry(book) for book in books)
        if group.label is None:
            entries += points
        else:
            body.append(divider(group.label, members, language))
            entries.append(NavPoint(group.label, body[-1].href, points))
        body += [file for book in books for file in book.files]
        records += [book.record for book in books]
        words += sum(book.words for book in books)
    identifier = anthology_identifier(anthology.title)
    face = anthology_face(anthology.title, works, identifier=identifier, language=language, words=words)
    return _assemble(
        identifier=identifier,
        title=anthology.title,
        cover=cover_files(face, collection_byline(works), options),
        language=language,
        creators=creators(works),
        subjects=tuple(dict.fromkeys(one for work in works for one in subjects(work.metadata))),
        preface=front,
        body=tuple(body),
        start=body[0].href,
        entries=tuple(entries),
        when=when,
        options=options,
        records=tuple(records),
    )


def _work_entry(book: _WorkBook) -> NavPoint:
    """A work of an anthology in the contents: its preface, and below it the chapters if it has several."""
    chapters = book.chapters.navigation if len(book.work.chapters) > 1 else ()
    chapters = (*chapters, *_appendix_entry(book))
    return NavPoint(book.work.metadata.title, book.preface.href, chapters, book.work.metadata.language)
