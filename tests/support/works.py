"""Works made by hand, for tests that must not depend on the parser."""

from pathlib import Path

from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.library.book import Book, Tally
from fic2epub.library.names import book_name, work_tag
from fic2epub.model import Chapter, Evidence, Metadata, Paragraph, Provenance, Publication, Span, Text, Work

WORDS = "The harbour lamp went out at nine and nobody in the town admitted to having seen it. "


def work(
    title: str = "The Lamp Room",
    *,
    chapters: int = 2,
    words: int = 48,
    work_id: str | None = "1234567",
    sha: str = "a" * 64,
    modified: float = 1_700_000_000.0,
) -> Work:
    """A work of some chapters of some words each; ``sha`` stands for its text."""
    prose = " ".join((WORDS * (words // 15 + 1)).split()[:words])
    span = Span(0, 1)
    one = Paragraph((Text(prose),), span)
    return Work(
        metadata=Metadata(title=title, creators=("Ada Quill",), language="en", work_id=work_id),
        provenance=Provenance(sha, modified),
        chapters=tuple(
            Chapter(number=number, body=(one,), boundary=Evidence(1.0), span=span)
            for number in range(1, chapters + 1)
        ),
    )


def publication(*args: object, **values: object) -> Publication:
    return publish(work(*args, **values))  # type: ignore[arg-type]


def book(*args: object, **values: object) -> Book:
    """A finished book of a work of the same arguments."""
    made = work(*args, **values)  # type: ignore[arg-type]
    published = publish(made)
    return Book(
        publication=published,
        content=pack(published),
        name=book_name(made.metadata),
        tag=work_tag(made.metadata),
        dated=False,
        tally=Tally(sure=len(made.chapters), likely=0, unsure=0, notes=0, words=0),
    )


def listing(folder: Path) -> list[str]:
    """The names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())
