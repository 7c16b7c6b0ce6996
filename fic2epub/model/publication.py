"""A book, ready to be packed: documents as bytes, in reading order, with their navigation."""

import datetime
from dataclasses import field
from typing import Any

from fic2epub.model.work import Finding
from fic2epub.values import dataclass

__all__ = ["Contributor", "Landmark", "NavPoint", "Publication", "Resource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One file of the book."""

    id: str
    """Its manifest id: an NCName, the stem of the file's name."""
    href: str
    """Its path from the book's root, e.g. ``text/chapter3.xhtml``."""
    media_type: str
    content: bytes
    """Never empty."""
    properties: tuple[str, ...] = ()
    """Manifest properties: ``nav``, ``cover-image`` …"""


@dataclass(frozen=True, slots=True)
class NavPoint:
    """An entry of the table of contents."""

    label: str
    href: str
    """From the book's root, with a fragment if it points inside a file."""
    children: tuple["NavPoint", ...] = ()
    language: str | None = None
    """The label's; None if it is the book's."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place that reading systems offer by name."""

    type: str
    """``cover``, ``toc`` or ``bodymatter``."""
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Contributor:
    """A person or program named in the metadata."""

    name: str
    role: str
    """A MARC relator code: ``aut``, ``bkp``."""
    file_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A book. The reading order is the spine; the manifest is ``manifest`` order."""

    identifier: str
    """``urn:uuid:…``, the same for the same work at every build."""
    title: str
    title_sort: str | None = None
    """What it is filed under; None if that is the title itself."""
    language: str
    creators: tuple[Contributor, ...]
    contributors: tuple[Contributor, ...] = ()
    description: str | None = None
    subjects: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    published: datetime.date | None = None
    modified: datetime.datetime
    """UTC, whole seconds; never the clock."""
    series: tuple[tuple[str, int | None], ...] = ()
    metas: tuple[tuple[str, str], ...] = ()
    """Further ``<meta property>`` pairs: accessibility and the like, in order."""
    named_metas: tuple[tuple[str, str], ...] = ()
    """Further ``<meta name>`` pairs, as EPUB 2 had them: calibre's columns."""
    reading_order: tuple[Resource, ...]
    resources: tuple[Resource, ...] = ()
    """Everything else: style sheet, pictures; not in the spine."""
    manifest_first: str
    """Id of the document that the manifest lists first: the preface."""
    navigation: tuple[NavPoint, ...]
    landmarks: tuple[Landmark, ...]
    findings: tuple[Finding, ...] = ()
    """What the reader should know of the making, e.g. that no font has a letter of the cover."""
    record: dict[str, Any] = field(default_factory=dict)
    """What ``META-INF/fic2epub.json`` will hold, but for the hash of the other entries."""
