"""What a book remembers, and whether anyone has changed it since."""

import datetime
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import handmade

from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.container import read_entries
from fic2epub.model import Leaf, Mark, Memory, Metadata, Series, Trace
from fic2epub.record import RECORD_NAME, fingerprint, is_unedited, options_hash, read_record


@pytest.fixture
def entries() -> dict[str, bytes]:
    return read_entries(pack(publish(handmade.six_chapters())))


def test_a_book_is_unedited_when_it_is_made(entries: dict[str, bytes]) -> None:
    assert is_unedited(entries)


def test_another_order_is_no_edit(entries: dict[str, bytes]) -> None:
    assert is_unedited(dict(reversed(entries.items())))


def test_every_change_of_an_entry_is_an_edit(entries: dict[str, bytes]) -> None:
    for name in entries:
        if name not in ("mimetype", RECORD_NAME):
            assert not is_unedited({**entries, name: entries[name] + b" "}), name
            assert not is_unedited({key: data for key, data in entries.items() if key != name}), name
    assert not is_unedited({**entries, "META-INF/calibre_bookmarks.txt": b"x"})


def test_bytes_moved_from_one_entry_to_the_next_are_an_edit(entries: dict[str, bytes]) -> None:
    first, second = "text/chapter1.xhtml", "text/chapter2.xhtml"
    moved = {first: entries[first][:-1], second: entries[first][-1:] + entries[second]}
    assert not is_unedited({**entries, **moved})


def test_the_record_holds_each_boundary_and_note(entries: dict[str, bytes]) -> None:
    record = read_record(entries)
    assert record is not None
    (work,) = record.works
    assert record.identifier == work.identifier
    assert work.work_id == "7654321"
    assert [(chapter.file, chapter.number, chapter.score) for chapter in work.chapters] == [
        ("text/chapter1.xhtml", 1, 1.0),
        ("text/chapter2.xhtml", 2, 0.97),
        ("text/chapter3.xhtml", 3, 0.72),
        ("text/chapter3.xhtml#chapter4", None, 0.31),
        ("text/chapter3.xhtml#chapter5", None, 0.2),
        ("text/chapter6.xhtml", 6, 0.9),
    ]
    assert [chapter.inferred for chapter in work.chapters] == [False, False, True, False, False, False]
    assert work.chapters[1].rules == ("boundary.chatter",)
    assert work.chapters[0].fingerprint == fingerprint("The tide table was wrong again.")
    assert work.chapters[3].fingerprint == fingerprint("Two chapters in a week, who am I?")
    assert [(note.chapter, note.kind) for note in work.notes] == [
        (None, "before"),
        (2, "summary"),
        (2, "before"),
        (2, "within"),
        (2, "within"),
        (2, "after"),
        (4, "before"),
        (6, "before"),
        (6, "before"),
        (None, "after"),
    ]


def test_the_record_names_no_path_and_is_canonical(entries: dict[str, bytes]) -> None:
    data = json.loads(entries[RECORD_NAME])
    assert list(data) == sorted(data)
    assert data["modified"] == "2015-01-10T00:00:00Z"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"schema": 2}', b'{"schema": 1, "works": 3}', b"[" * 100_000],
)
def test_a_record_that_is_not_ours_is_none(entries: dict[str, bytes], content: bytes) -> None:
    assert read_record({**entries, RECORD_NAME: content}) is None
    assert not is_unedited({**entries, RECORD_NAME: content})


def test_a_book_without_a_record_is_not_ours(entries: dict[str, bytes]) -> None:
    del entries[RECORD_NAME]
    assert read_record(entries) is None
    assert not is_unedited(entries)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Wait,” she said.", '"Wait"  she said'),
        ("Cafe\u0301 noir", "CAFÉ NOIR"),
        ("a b", "a\N{NO-BREAK SPACE}b"),
    ],
)
def test_quotes_case_and_spacing_do_not_change_a_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"), [("She waited.", "He waited."), ("…", "—"), ("ab c", "a bc"), ("", "a")]
)
def test_other_words_have_another_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@given(st.text())
def test_every_text_has_a_fingerprint(text: str) -> None:
    assert len(fingerprint(text)) == 16
    assert set(fingerprint(text)) <= set("0123456789abcdef")


def test_options_change_the_hash_and_nothing_else_does() -> None:
    assert options_hash(PublishOptions()) == options_hash(PublishOptions())
    assert options_hash(PublishOptions()) != options_hash(PublishOptions(min_confidence=0.6))


def test_a_record_gives_back_the_metadata_of_its_works() -> None:
    metadata = Metadata(
        title="The Lamp Room",
        creators=("Ada Quill", "B"),
        series=(Series("Harbour", 2), Series("Lights")),
        updated=datetime.date(2020, 3, 1),
        work_id="123",
        unknown=(("Mood", "grey"),),
        summary="A lamp.",
    )
    record = read_record(read_entries(pack(publish(replace(handmade.six_chapters(), metadata=metadata)))))
    assert record is not None
    assert record.works[0].metadata == metadata
    assert record.works[0].words > 0
    assert record.title == "The Lamp Room"


def memory() -> Memory:
    heading = Mark(
        at=0, role="heading", rule="heading.numbered", label="Chapter 1", number=1, level=1, last=12
    )
    note = Mark(at=30, role="before", score=1.25, fingerprint="0" * 16)
    trace = Trace(
        text="1" * 16,
        length=900,
        first="2" * 16,
        story="3" * 16,
        head=0,
        body=60,
        back=880,
        score=0.93,
        rules=("boundary.notes",),
        inferred=False,
        marks=(heading, note),
    )
    return Memory(
        form=("form.wrapped", 72, 10, 0),
        language="en",
        declared=None,
        infer=True,
        chapters=(trace,),
        leaves=(
            Leaf(text="4" * 16, number=None, emphasis="*_"),
            Leaf(text="5" * 16, number=2, emphasis=None),
        ),
        news=2,
    )


def test_what_a_book_remembers_of_its_dump_comes_back_as_it_was() -> None:
    work = handmade.six_chapters()
    work = replace(work, provenance=replace(work.provenance, memory=memory()))
    record = read_record(read_entries(pack(publish(work))))
    assert record is not None
    assert record.works[0].memory == memory()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), {"chapters": "all of them"}),
        (("language",), None),
        (("declared",), "six"),
        (("form",), ["form.block"]),
        (("form",), ["form.block", "72", 0, 0]),
        (("chapters", 0, "length"), "900"),
        (("chapters", 0, "text"), 4),
        (("chapters", 0, "marks"), [{"at": "here", "role": "before"}]),
        (("chapters", 0, "marks"), [{"at": 4, "role": "before", "colour": "red"}]),
        (("leaves", 0, "number"), "I"),
    ],
)
def test_a_memory_of_another_form_makes_no_record(path: tuple[str | int, ...], value: object) -> None:
    work = handmade.six_chapters()
    work = replace(work, provenance=replace(work.provenance, memory=memory()))
    entries = read_entries(pack(publish(work)))
    data = json.loads(entries[RECORD_NAME])
    place, last = data["works"][0], "memory"
    for step in path:
        place, last = place[last], step
    place[last] = value
    assert read_record({**entries, RECORD_NAME: json.dumps(data).encode()}) is None


def test_a_record_from_before_books_remembered_can_be_read(entries: dict[str, bytes]) -> None:
    data = json.loads(entries[RECORD_NAME])
    del data["works"][0]["memory"]
    record = read_record({**entries, RECORD_NAME: json.dumps(data).encode()})
    assert record is not None
    assert record.works[0].memory is None
