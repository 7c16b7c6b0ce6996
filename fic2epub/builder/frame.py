"""What every book has around its files: cover, contents, landmarks, style sheet, metadata, record."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fic2epub import __version__
from fic2epub.builder import dates
from fic2epub.builder.cover_page import CoverFiles
from fic2epub.builder.facts import accessibility
from fic2epub.builder.labels import labels
from fic2epub.builder.navigation import nav_document, ncx_document
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.sort_names import title_sort
from fic2epub.builder.theme import sheet_findings, style_sheets
from fic2epub.model import (
    Contributor,
    Finding,
    Landmark,
    NavPoint,
    Publication,
    Resource,
    Work,
    summary_text,
)
from fic2epub.record import WorkRecord, make_record, options_hash

__all__ = ["assemble"]

PROGRAM = Contributor("fic2epub", "bkp")
"""Named without its version: an upgrade that changes nothing must not change the bytes of content.opf."""


def assemble(
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
    contents: str | None = None,
    series: tuple[tuple[str, int | None], ...] = (),
    columns: tuple[tuple[str, str], ...] = (),
    findings: tuple[Finding, ...] = (),
) -> Publication:
    """A whole book of its files.

    ``work`` is the one work of a plain book. An anthology has no ``dc:source``: FanFicFare would take the
    first for the whole book and update the others away (FanFicFare 4.62, autumn 2026). ``contents`` is
    the href of a page of contents among the files of ``body``; without one the navigation document is
    read as a page, behind the preface. Raises UsageError for a cover that cannot be made.
    """
    say = labels(language)
    landmarks = (
        Landmark("cover", say("Cover"), "cover.xhtml"),
        Landmark("toc", say("Contents"), contents or "nav.xhtml"),
        Landmark("bodymatter", say("Start of the story"), start),
    )
    nav = nav_document(entries, landmarks, language=language, options=options)
    return Publication(
        identifier=identifier,
        title=title,
        title_sort=filed if (filed := title_sort(title, language)) != title else None,
        language=language,
        creators=creators,
        contributors=(PROGRAM,),
        description=summary_text(work) if work else None,
        subjects=subjects,
        sources=(source,) if source else (),
        published=work.metadata.published if work else None,
        modified=when,
        series=series,
        metas=tuple(accessibility(pictured=cover.image is not None)),
        named_metas=columns,
        reading_order=(cover.page, preface, *(() if contents else (nav,)), *body),
        resources=(
            *((nav,) if contents else ()),
            ncx_document(entries, identifier=identifier, title=title, language=language),
            *style_sheets(options),
            *((cover.image,) if cover.image else ()),
        ),
        manifest_first=preface.id,
        navigation=entries,
        landmarks=landmarks,
        findings=(*findings, *cover.findings, *sheet_findings(options)),
        record=make_record(
            program=__version__,
            identifier=identifier,
            title=title,
            modified=dates.iso(when),
            options_sha256=_mark(options),
            works=records,
        ),
    )


@lru_cache(maxsize=4)
def _mark(options: PublishOptions) -> str:
    """The hash of the options without the reader's folders: a record holds no path, not even in a hash."""
    font = options.cover_font
    return options_hash(options if font is None else replace(options, cover_font=Path(font.name)))
