"""The words of a finished book for the full-text index: its notes, and its story if that is wanted.

The builder's markup tells them apart: what it took for a note has the class ``recovered``, what it added
itself has ``added``. A page that is no XML is passed over; a book that someone has edited may hold one.
"""

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from fic2epub.record import WorkRecord

__all__ = ["pages_of", "work_texts"]

_PAGES = (".xhtml", ".html", ".htm")
_NOT_TEXT = frozenset({"nav.xhtml", "cover.xhtml"})
_XHTML = "{http://www.w3.org/1999/xhtml}"
_BLOCKS = frozenset(
    _XHTML + name for name in "p div li h1 h2 h3 h4 h5 h6 blockquote section aside br hr dd dt pre td".split()
)


def pages_of(entries: Mapping[str, bytes]) -> Mapping[str, Sequence[str]]:
    """The pages of a book by their folder: looked up once, since an anthology has thousands of works."""
    pages: dict[str, list[str]] = {}
    for name in entries:
        if name.endswith(_PAGES):
            pages.setdefault(name.rpartition("/")[0], []).append(name)
    return pages


def work_texts(
    entries: Mapping[str, bytes], pages: Mapping[str, Sequence[str]], work: WorkRecord, *, story: bool
) -> tuple[str, str]:
    """The notes and the story of one work in a book; the story is empty unless it is asked for."""
    notes: list[str] = []
    text: list[str] = []
    for name in _pages(pages, work):
        if not story and b"recovered" not in entries[name]:
            continue
        try:
            root = etree.fromstring(entries[name], _parser())
        except etree.XMLSyntaxError:
            continue
        body = root.find(f"{_XHTML}body")
        if body is not None:
            _gather(body, notes, text)
    return "".join(notes), "".join(text) if story else ""


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )


def _pages(pages: Mapping[str, Sequence[str]], work: WorkRecord) -> Iterator[str]:
    """The pages that hold a work: those in its chapters' folder, and of a plain book those at the root."""
    folders = {chapter.file.partition("#")[0].rpartition("/")[0] for chapter in work.chapters}
    if "text" in folders and "" not in folders:
        yield from (name for name in pages.get("", ()) if name not in _NOT_TEXT)
    for folder in sorted(folders):
        yield from pages.get(folder, ())


def _gather(body: "etree._Element", notes: list[str], story: list[str]) -> None:
    """Put the text of a page where it belongs, in its order."""
    where: list[list[str] | None] = [story]
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            classes = (element.get("class") or "").split()
            into = notes if "recovered" in classes else None if "added" in classes else where[-1]
            where.append(into)
            text = element.text
        else:
            where.pop()
            into = where[-1]
            text = element.tail
        if into is not None:
            if element.tag in _BLOCKS:
                into.append("\n")
            if text:
                into.append(text)
