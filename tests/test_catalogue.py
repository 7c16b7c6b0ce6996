import io
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.strategies import dumps
from support.works import work

from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.errors import LibraryBusyError, LibraryError, ParseError, SourceError, UsageError
from fic2epub.library.catalogue import Catalogue
from fic2epub.library.catalogue_schema import CATALOGUE_NAME, HOUSE, _disk_kind
from fic2epub.library.catalogue_write import card_of, made_card
from fic2epub.library.search_text import index_text, match_text
from fic2epub.model import Series
from fic2epub.parser.sources import read_stdin
from fic2epub.parser.work import parse


def put(catalogue, name, *, story=False, mtime_ns=1_000, **values):
    """A book straight into the catalogue; the file is not needed for that."""
    known = {key: values.pop(key) for key in list(values) if key not in ("chapters", "words", "work_id")}
    made = work(known.pop("title", "The Lamp Room"), **values)
    made = replace(made, metadata=replace(made.metadata, **known))
    card = card_of(name, pack(publish(made)), mtime_ns=mtime_ns, story=story)
    catalogue.put_card(card)
    return card


@pytest.fixture
def library(tmp_path):
    with Catalogue.open_to_write(tmp_path) as catalogue:
        put(catalogue, "a.epub", title="The Lamp Room", work_id="1", mtime_ns=1, fandoms=("Harbour",))
        put(catalogue, "b.epub", title="Éclair 10", work_id="2", mtime_ns=3, creators=("Zoe", "Ada Quill"))
        put(catalogue, "c.epub", title="eclair 9", work_id="3", mtime_ns=2, words=400, rating="Mature")
        put(catalogue, "deep/d.epub", title="魔法使いの夜", work_id="4", mtime_ns=4, tags=("ほのぼの",))
    return tmp_path


def titles(catalogue, **asked):
    return [entry.title for entry in catalogue.entries(**asked)]


def test_an_entry_says_what_the_record_says(library):
    with Catalogue.open(library) as catalogue:
        (entry,) = catalogue.entry("a.epub")
    assert (entry.path, entry.position, entry.anthology, entry.chapters) == ("a.epub", 1, False, 2)
    assert entry.work == entry.identifier
    assert entry.metadata.fandoms == ("Harbour",)
    assert entry.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (entry.confidence, entry.unsure, entry.inferred, entry.notes) == (1.0, 0, 0, 0)
    assert entry.size > 1000
    assert len(entry.revision) == 12


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(dumps(), st.booleans())
def test_the_card_of_a_book_just_made_is_the_one_that_its_file_would_give(data, story):
    try:
        publication = publish(parse(read_stdin(io.BytesIO(data))).work)
    except (SourceError, ParseError):
        return
    content = pack(publication)
    assert made_card(publication, content, story=story) == card_of("", content, mtime_ns=0, story=story)


def test_so_it_is_with_dates_and_series():
    made = work("The Lamp Room")
    known = replace(
        made.metadata,
        published=date(2024, 2, 29),
        series=(Series("Fog", 2),),
        header=(("Title", "The Lamp Room"),),
        unknown=(("Mood", "grey"),),
    )
    publication = publish(replace(made, metadata=known))
    content = pack(publication)
    card = made_card(publication, content, story=True)
    assert card == card_of("", content, mtime_ns=0, story=True)
    assert card.entries[0].metadata.published == date(2024, 2, 29)
    assert card.texts[0][1].strip()


def test_a_record_that_cannot_be_read_gives_no_card():
    publication = publish(work())
    strange = replace(publication, record={**publication.record, "modified": "yesterday"})
    assert made_card(strange, pack(publication)) is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("title", "cbad"),
        ("author", "cadb"),
        ("new", "dbca"),
        ("words", "cbad"),
    ],
)
def test_the_orders(library, order, expected):
    with Catalogue.open(library) as catalogue:
        names = "".join(entry.path[-6] for entry in catalogue.entries(order=order))
    assert names == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("lamp", ["The Lamp Room"]),
        ("LAMP quill", ["The Lamp Room"]),
        ("eclair", ["eclair 9", "Éclair 10"]),
        ("éclair", ["eclair 9", "Éclair 10"]),
        ('"lamp room"', ["The Lamp Room"]),
        ('"room lamp"', []),
        ("lam", []),
        ("lam*", ["The Lamp Room"]),
        ("harbour", ["The Lamp Room"]),
        ("zoe", ["Éclair 10"]),
        ("魔法", ["魔法使いの夜"]),
        ("法", ["魔法使いの夜"]),
        ("法魔", []),
        ("ほのぼの", ["魔法使いの夜"]),
        ("lamp OR eclair", []),
        ("title:lamp", []),
        ("!!!", []),
    ],
)
def test_a_search(library, search, expected):
    with Catalogue.open(library) as catalogue:
        assert titles(catalogue, search=search) == expected
        assert catalogue.count(search=search) == len(expected)


@pytest.mark.parametrize("search", ["", "  "])
def test_an_empty_search_asks_for_all(library, search):
    with Catalogue.open(library) as catalogue:
        assert catalogue.count(search=search) == 4


@given(st.text())
def test_no_search_is_an_error(search):
    match = match_text(search)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE one USING fts5 (text)")
        if match is not None:
            assert connection.execute("SELECT * FROM one WHERE one MATCH ?", (match,)).fetchall() == []
    finally:
        connection.close()


@given(st.text(alphabet=st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Mn")), min_size=1, max_size=12))
def test_what_is_indexed_is_found_by_itself(text):
    match = match_text(f'"{text}"')
    connection = sqlite3.connect(":memory:")
    try:
        from fic2epub.library.search_text import TOKENIZER

        connection.execute(f'CREATE VIRTUAL TABLE one USING fts5 (text, tokenize = "{TOKENIZER}")')
        connection.execute("INSERT INTO one VALUES (?)", (index_text(text),))
        seen = connection.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(one, row)")
        tokens = seen.execute("SELECT count(*) FROM seen").fetchone()[0]
        if match is not None and tokens:
            assert connection.execute("SELECT count(*) FROM one WHERE one MATCH ?", (match,)).fetchone() == (
                1,
            )
    finally:
        connection.close()


def test_a_page_of_books(library):
    with Catalogue.open(library) as catalogue:
        first, total = catalogue.page(limit=3)
        second, _ = catalogue.page(limit=3, offset=3)
        assert (len(first), len(second), total) == (3, 1, 4)
        assert len({entry.path for entry in (*first, *second)}) == 4
        mine, total = catalogue.page(where={"author": "Ada Quill"}, search="eclair")
        assert ([entry.path for entry in mine], total) == (["c.epub", "b.epub"], 2)
        assert catalogue.page(where={"rating": "Mature", "author": "Zoe"}) == ((), 0)


def test_the_facets_count_books(library):
    with Catalogue.open(library) as catalogue:
        assert catalogue.facets("author") == (("Ada Quill", 4), ("Zoe", 1))
        assert catalogue.facets("author", search="lamp") == (("Ada Quill", 1),)
        assert catalogue.facets("author", limit=1) == (("Ada Quill", 4),)
        assert catalogue.facets("rating") == (("Mature", 1),)
        assert catalogue.facets("series") == ()
        with pytest.raises(UsageError, match="choose one of author"):
            catalogue.facets("path; DROP TABLE book")


def test_a_book_is_put_again_in_its_own_place(library):
    with Catalogue.open_to_write(library) as catalogue:
        before = catalogue.changed()
        put(catalogue, "a.epub", title="The Lamp Room", work_id="1", chapters=5)
        assert catalogue.changed() != before
        assert catalogue.count() == 4
        assert titles(catalogue, search="lamp") == ["The Lamp Room"]
        assert catalogue.entry("a.epub")[0].chapters == 5
        assert catalogue.remove_book("a.epub")
        assert not catalogue.remove_book("a.epub")
        assert (catalogue.count(), catalogue.count(search="lamp"), catalogue.entry("a.epub")) == (3, 0, ())
        assert catalogue.facets("fandom") == ()


def test_the_story_is_found_if_it_was_indexed(library):
    with Catalogue.open_to_write(library) as catalogue:
        assert catalogue.count(search="admitted") == 0
        put(catalogue, "s.epub", title="Told", work_id="9", story=True)
        assert titles(catalogue, search="admitted") == ["Told"]
        assert catalogue.count(search="colophon") == 0


def test_what_is_no_book_of_ours_has_no_card():
    assert card_of("x.epub", b"no zip", mtime_ns=0) is None
    assert card_of("x.epub", b"", mtime_ns=0) is None


def test_a_folder_without_a_catalogue_says_what_to_do(tmp_path):
    with pytest.raises(LibraryError, match="fic2epub library rebuild"):
        Catalogue.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 500, "other"])
def test_a_damaged_catalogue_says_what_to_do(library, content):
    path = library / HOUSE / CATALOGUE_NAME
    path.unlink()
    if content == "other":
        sqlite3.connect(path).execute("CREATE TABLE x (y)").connection.close()
    else:
        path.write_bytes(content)
    with pytest.raises(LibraryError, match="library rebuild"):
        Catalogue.open(library).close()


def test_readers_see_the_library_while_it_is_written(library):
    with Catalogue.open_to_write(library) as writer, Catalogue.open(library) as reader:
        with writer.writing() as connection:
            connection.execute("DELETE FROM book")
            assert reader.count() == 4
        assert reader.count() == 0


def test_one_writer_at_a_time(library):
    said = f"process {os.getpid()} on .* is writing to this library"
    with Catalogue.open_to_write(library), pytest.raises(LibraryBusyError, match=said):
        Catalogue.open_to_write(library)
    Catalogue.open_to_write(library).close()


HOLD = """
import sys, pathlib
from fic2epub.library.catalogue import Catalogue
catalogue = Catalogue.open_to_write(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_dead_writers_lock_is_taken_over(library):
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(library)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with held:
        held.stdout.readline()
        with pytest.raises(LibraryBusyError, match=f"process {held.pid} on"):
            Catalogue.open_to_write(library)
        held.kill()
        held.wait()
    assert json.loads((library / HOUSE / "lock").read_text())["process"] == held.pid
    Catalogue.open_to_write(library).close()


def test_another_hosts_lock_is_left_with_a_sentence(library):
    lock = library / HOUSE / "lock"
    lock.write_text(json.dumps({"host": "attic", "process": 12}))
    with pytest.raises(LibraryBusyError, match=r"computer attic .* delete .*lock and run again"):
        Catalogue.open_to_write(library)
    assert "attic" in lock.read_text()
    lock.unlink()
    Catalogue.open_to_write(library).close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 1}'])
def test_a_lock_that_says_nothing_holds_nobody_up(library, content):
    (library / HOUSE / "lock").write_text(content)
    Catalogue.open_to_write(library).close()


MOUNTS = """\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:20 / /mnt/a\\040share rw - nfs4 host:/x rw
24 22 0:21 / /mnt rw - btrfs /dev/sdb rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/x", "ext4"), ("/mnt/a share/books", "nfs4"), ("/mnt/a", "btrfs"), ("/mntx", "ext4")],
)
def test_the_disk_of_a_folder(path, kind):
    assert _disk_kind(path, MOUNTS) == kind
