"""The pages whose looks are measured and shown: of which sample each is, and where on it to look."""

from dataclasses import dataclass
from pathlib import Path

from fic2epub.builder.anthology import gather
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.model import Work
from fic2epub.parser.sources import read
from fic2epub.parser.work import parse

SEEDS = Path(__file__).parents[2] / "seeds"


@dataclass(frozen=True, slots=True)
class Looked:
    """A page of a sample's book."""

    book: str
    """A sample's number, or ``all`` for the anthology."""
    href: str
    to: str | None = None


PAGES = {
    "cover": Looked("104", "cover.xhtml"),
    "preface": Looked("101", "preface.xhtml"),
    "chapter": Looked("104", "text/chapter3.xhtml"),
    "break": Looked("107", "text/chapter1.xhtml", "hr.scene-break"),
    "notes": Looked("101", "text/chapter1.xhtml", ".note"),
    "contents": Looked("all", "contents.xhtml"),
}


def recovered(number: str) -> Work:
    """A sample, by the number that its name begins with."""
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return parse(next(iter(read(path)))).work


def made_books(folder: Path) -> dict[str, Path]:
    """The books of all pages, by the names that PAGES gives them."""
    return {name: made_book(folder, name) for name in dict.fromkeys(page.book for page in PAGES.values())}


def made_book(folder: Path, name: str, options: PublishOptions | None = None) -> Path:
    """One of them: a sample's, or the anthology of all."""
    options = options or PublishOptions()
    if name == "all":
        works = [recovered(path.name.partition("_")[0]) for path in sorted(SEEDS.glob("1*.txt"))]
        book = publish(gather(bind(works, options), title="The Whole Shelf"), options=options)
    else:
        book = publish(recovered(name), options=options)
    path = folder / f"{name}.epub"
    path.write_bytes(pack(book))
    return path
