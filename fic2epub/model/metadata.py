"""What a dump says about a work. Facts only: formatting is the renderer's."""

import datetime

from fic2epub.values import dataclass

__all__ = ["Metadata", "Series"]


@dataclass(frozen=True, slots=True)
class Series:
    """A place in a series; AO3 writes it ``Part 2 of Name``."""

    title: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The header of a dump, read. ``None`` and ``()`` mean that the dump does not say."""

    title: str
    """Never empty: without a ``Title:`` it is made from the file's name, with a finding."""
    creators: tuple[str, ...] = ()
    """In the order of the dump; empty if it names nobody (shown as "Unknown")."""
    language: str = "und"
    """BCP 47."""
    language_name: str | None = None
    """As the dump wrote it, e.g. ``Français``."""
    rating: str | None = None
    warnings: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fandoms: tuple[str, ...] = ()
    relationships: tuple[str, ...] = ()
    """The first is the author's first."""
    characters: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Additional tags, as written and in the author's order."""
    series: tuple[Series, ...] = ()
    status: str | None = None
    """As written: AO3's ``Updated`` or ``Completed``."""
    chapters_posted: int | None = None
    """The 6 of ``6/?``: how many chapters the dump declares to hold."""
    chapters_planned: int | None = None
    """The 8 of ``6/8``; None for ``?`` or if nothing is said."""
    chapters_written: str | None = None
    """The field's value as it stands, e.g. ``6/?``."""
    summary: str | None = None
    """A header's one-line ``Summary:``; a summary *section* is blocks, in ``Work.summary``."""
    work_id: str | None = None
    """Digits only; anything else that stood there is kept in ``header`` alone."""
    source_url: str | None = None
    published: datetime.date | None = None
    updated: datetime.date | None = None
    """``Updated:`` or ``Completed:`` as a date."""
    words_written: str | None = None
    """The dump's own count, as written; the book's is counted."""
    header: tuple[tuple[str, str], ...] = ()
    """Every key and value as written, in the dump's order, repaired but not changed otherwise."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Those of ``header`` that no field above holds; shown in the preface under their own names."""
