"""What must hold of every dump that can be drawn: a good book, or a sentence that says why not."""

import io
import json
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from support.ledger import BARE, Reading, check_ledger, check_repairs, check_words
from support.strategies import dumps

from fic2epub.builder.anthology import gather
from fic2epub.builder.check import check
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.container import read_entries
from fic2epub.errors import EmptySourceError, ParseError, SourceError
from fic2epub.parser.outline import inspection, outline
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse

# Without shrinking, which may take minutes: the deep run does that.
DRAWN = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
DEEP = settings(max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.too_slow])

XML_RE = re.compile(r"\.(xhtml|opf|ncx|xml)$")
SCHEME_RE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LINKS = ("href", "src")


def whole_route(data: bytes, options: PublishOptions = BARE) -> dict[str, bytes]:
    """The entries of the book of a dump; by their name, the content."""
    return read_entries(pack(publish(parse(read_stdin(io.BytesIO(data))).work, options=options)))


def trees(entries: dict[str, bytes]) -> Iterator[tuple[str, ElementTree.Element]]:
    for name, content in entries.items():
        if XML_RE.search(name):
            yield name, ElementTree.fromstring(content)


def check_structure(entries: dict[str, bytes]) -> None:
    """Every document is XML, every id is there once in its document, every link leads somewhere."""
    ids: dict[str, list[str]] = {}
    links: list[tuple[str, str]] = []
    for name, root in trees(entries):
        ids[name] = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        links += [
            (name, element.attrib[key])
            for element in root.iter()
            for key in LINKS
            if key in element.attrib and not SCHEME_RE.match(element.attrib[key])
        ]
        assert len(ids[name]) == len(set(ids[name])), f"{name}: an id stands twice"
    for name, link in links:
        path, _, fragment = unquote(link).partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
        assert target in entries, f"{name}: {link} leads nowhere"
        assert not fragment or fragment in ids[target], f"{name}: {link} leads nowhere in {target}"


def check_book(data: bytes) -> None:
    entries = whole_route(data)
    assert not [problem for problem in check(entries) if problem.level == "error"]
    check_structure(entries)


@DRAWN
@given(dumps())
def test_every_drawn_dump_gives_a_good_book(data: bytes) -> None:
    check_book(data)


@DRAWN
@given(dumps())
def test_the_same_dump_gives_the_same_bytes(data: bytes) -> None:
    works = [parse(read_stdin(io.BytesIO(data))).work for _ in range(2)]
    assert works[0] == works[1]
    assert pack(publish(works[0], options=BARE)) == pack(publish(works[1], options=BARE))


@settings(DRAWN, max_examples=10)
@given(dumps())
def test_a_drawn_cover_is_the_same_picture(data: bytes) -> None:
    entries = whole_route(data, PublishOptions())
    assert not [problem for problem in check(entries) if problem.level == "error"]
    assert entries == whole_route(data, PublishOptions())


@DRAWN
@given(dumps())
def test_every_drawn_dump_can_be_inspected(data: bytes) -> None:
    """The outline has printable lines alone, and the JSON can be written as UTF-8."""
    recovery = parse(read_stdin(io.BytesIO(data)))
    shown = json.loads(json.dumps(inspection(recovery), ensure_ascii=False).encode())
    lines = len(re.split(r"\n", recovery.source.text))
    starts = [chapter["start_line"] for chapter in shown["chapters"]]
    assert starts == sorted(starts)
    assert all(0 <= start < lines for start in starts)
    assert all(0 <= chapter["confidence"] <= 1 for chapter in shown["chapters"])
    "\n".join(outline(recovery, ledger=True)).encode()


@DRAWN
@given(dumps())
def test_chapters_stand_in_the_dumps_order_and_one_of_one_is_never_split(data: bytes) -> None:
    recovery = parse(read_stdin(io.BytesIO(data)))
    chapters = recovery.work.chapters
    ends = [0, *(chapter.span.end for chapter in chapters)]
    for end, chapter in zip(ends, chapters, strict=False):
        assert end <= chapter.span.start <= chapter.span.end
    metadata = recovery.work.metadata
    if (metadata.chapters_posted, metadata.chapters_planned) == (1, 1):
        assert len(chapters) == 1


@settings(DRAWN, max_examples=150)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_at_all_are_a_book_or_a_sentence(data: bytes) -> None:
    try:
        reading = Reading.of(data)
    except (SourceError, ParseError) as error:
        event(type(error).__name__)
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert re.fullmatch(r"<stdin>.*[.?]", refused, re.DOTALL)
        return
    check_ledger(reading)
    check_repairs(reading)
    check_words(reading)
    check_structure(whole_route(data))


@DRAWN
@given(dumps(), st.floats(0, 1))
def test_a_dump_that_was_cut_off_anywhere_is_a_book_or_empty(data: bytes, place: float) -> None:
    cut = data[: int(place * len(data))]
    try:
        entries = whole_route(cut)
    except (EmptySourceError, ParseError) as error:
        event(type(error).__name__)
        return
    check_structure(entries)


@settings(DRAWN, max_examples=12)
@given(st.lists(dumps(), min_size=2, max_size=4), st.sampled_from(["none", "author", "rating"]))
def test_anthologies_of_drawn_dumps_are_good_books(several: list[bytes], group_by: str) -> None:
    works = [parse(read_stdin(io.BytesIO(data))).work for data in several]
    entries = read_entries(
        pack(publish(gather(bind(works, BARE), title="All of Them", group_by=group_by), options=BARE))
    )
    assert not [problem for problem in check(entries) if problem.level == "error"]
    check_structure(entries)


@pytest.mark.slow
@DEEP
@given(dumps())
def test_many_drawn_dumps_give_good_books(data: bytes) -> None:
    check_book(data)


# The checks themselves


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"</p>", b"", "mismatched tag"),
        (b'href="../style.css"', b'href="../stile.css"', "leads nowhere"),
        (b"</section>", b'<a href="#nowhere">x</a></section>', "leads nowhere in"),
        (b"</section>", b'<p id="two"/><p id="two"/></section>', "stands twice"),
    ],
)
def test_a_broken_book_is_seen(old: bytes, new: bytes, told: str) -> None:
    entries = whole_route(b"Title: Fog\nAuthor: Ada Quill\nChapters: 1/1\n\nFog came, and nobody saw it.\n")
    check_structure(entries)
    name = "text/chapter1.xhtml"
    assert old in entries[name]
    with pytest.raises((AssertionError, ElementTree.ParseError), match=told):
        check_structure({**entries, name: entries[name].replace(old, new, 1)})
