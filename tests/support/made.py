"""Books made by the project, for the tests that look at books from outside."""

from collections.abc import Iterable
from pathlib import Path

from fic2epub.builder.anthology import gather
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.model import Work


def book(path: Path, work: Work) -> Path:
    """Publish one work into a file."""
    path.write_bytes(pack(publish(work)))
    return path


def anthology(path: Path, works: Iterable[Work], *, group_by: str = "author") -> Path:
    """Publish several works into one file."""
    path.write_bytes(pack(publish(gather(bind(works), title="All of Them", group_by=group_by))))
    return path
