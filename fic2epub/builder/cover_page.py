"""The cover of a book: which picture, and the page that shows it."""

from collections.abc import Collection

from fic2epub.builder.cover import CoverFace, alt_text, draw_cover
from fic2epub.builder.fields import STATUS, UNKNOWN_AUTHOR
from fic2epub.builder.matter import document
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.model import Finding, Metadata, Resource, Work
from fic2epub.values import dataclass

__all__ = ["CoverFiles", "anthology_face", "cover_files", "work_face"]

_ON_COVERS = {"Completed": "Complete"}


@dataclass(frozen=True, slots=True)
class CoverFiles:
    """What a book has of its cover."""

    page: Resource
    """``cover.xhtml``. Its manifest id is not ``cover``: kepubify 4.0 takes that for a picture."""
    image: Resource | None
    findings: tuple[Finding, ...] = ()


def work_face(work: Work, *, identifier: str, words: int) -> CoverFace:
    """What the cover of one work says; ``words`` is the story's count."""
    metadata = work.metadata
    status = (metadata.status or "").strip()
    label = STATUS.get(" ".join(status.casefold().split()), status)
    return CoverFace(
        title=metadata.title,
        authors=metadata.creators or (UNKNOWN_AUTHOR,),
        pairing=next(iter(metadata.relationships), None),
        fandom=next(iter(metadata.fandoms), None),
        words=words,
        status=_ON_COVERS.get(label, label) or None,
        chapters=metadata.chapters_written,
        language=metadata.language,
        seed=identifier,
    )


def anthology_face(
    title: str, works: Collection[Metadata], *, identifier: str, language: str, words: int
) -> CoverFace:
    """What the cover of an anthology says: its title, its authors, and the works in it."""
    names = dict.fromkeys(name for work in works for name in work.creators or (UNKNOWN_AUTHOR,))
    return CoverFace(
        title=title,
        authors=tuple(names),
        words=words,
        language=language,
        seed=identifier,
        members=tuple(work.title for work in works),
    )


def cover_files(face: CoverFace, byline: str, options: PublishOptions) -> CoverFiles:
    """The cover page, and its picture if there is to be one.

    Without a picture it is a page of title and authors. Raises UsageError if the reader's own picture
    or font cannot be read.
    """
    page = Page("cover.xhtml", title=face.title, language=face.language, options=options)
    if options.cover == "none":
        page.slot("title").text = face.title
        page.slot("byline").text = byline
        return CoverFiles(document("cover-page", "cover.xhtml", page), None)
    findings: tuple[Finding, ...] = ()
    if options.cover == "drawn":
        cover = draw_cover(face, font_file=options.cover_font)
        content, alt, findings = cover.image, cover.alt, cover.findings
    else:
        from fic2epub.builder.cover_picture import read_picture

        content = read_picture(options.cover)
        alt = alt_text(CoverFace(title=face.title, authors=face.authors, seed=face.seed))
    page.slot("picture").set("alt", alt)
    image = Resource(
        id="cover-image",
        href="cover.jpg",
        media_type="image/jpeg",
        content=content,
        properties=("cover-image",),
    )
    return CoverFiles(document("cover-page", "cover.xhtml", page), image, findings)
