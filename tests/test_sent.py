import hashlib
import json
import multiprocessing
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from support import readers, small_book, works
from support.readers import lay_out

from fic2epub.delivery.delivered import Outcome
from fic2epub.delivery.devices import device_at
from fic2epub.delivery.edition import read_edition
from fic2epub.delivery.mail import account
from fic2epub.delivery.posted import Postbag
from fic2epub.delivery.run import Job
from fic2epub.delivery.sent import Journal, Sent
from fic2epub.delivery.taking_off import take_off
from fic2epub.delivery.targets import device_for
from fic2epub.delivery.volumes import send
from fic2epub.errors import DeliveryError
from fic2epub.library.shelf import write

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
published = cache(works.publication)


def line(path: str = "a.epub", **values) -> Sent:
    known = {
        "at": "2026-08-01T12:00:00Z",
        "act": "sent",
        "to": "kobo:1",
        "path": path,
        "identifier": "urn:uuid:1",
        "edition": "e1",
        "source_sha256": "s1",
        "format": "epub",
        "size": 10,
        "sha256": "f1",
    }
    return Sent(**{**known, **values})


def text_of(library: Path) -> str:
    return (library / ".fic2epub" / "sent.jsonl").read_text(encoding="utf-8")


# The list


def test_what_is_added_is_read_again(tmp_path):
    Journal(tmp_path).add(line())
    Journal(tmp_path).add(line("ü/日.epub", identifier=None, source_sha256=None, sha256=None))
    journal = Journal(tmp_path)
    assert journal.latest("kobo:1", "a.epub") == line()
    assert [sent.path for sent in journal.there("kobo:1")] == ["a.epub", "ü/日.epub"]
    assert journal.latest("kobo:2", "a.epub") is None
    assert journal.there("kindle:x") == ()


@pytest.mark.parametrize("act", ["removed", "gone"])
def test_the_last_line_about_a_place_counts_and_no_line_is_taken_out(tmp_path, act):
    journal = Journal(tmp_path)
    for one in (line(), line(edition="e2", act="replaced"), line("b.epub"), line("b.epub", act=act)):
        journal.add(one)
    for known in (journal, Journal(tmp_path)):
        assert known.latest("kobo:1", "a.epub").edition == "e2"
        assert known.latest("kobo:1", "b.epub") is None
        assert [sent.path for sent in known.there("kobo:1")] == ["a.epub"]
    assert len(text_of(tmp_path).splitlines()) == 4


def test_a_torn_last_line_is_passed_over_and_the_next_one_stands_by_itself(tmp_path):
    Journal(tmp_path).add(line())
    path = tmp_path / ".fic2epub" / "sent.jsonl"
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut].rstrip(b"\n"))
        Journal(tmp_path).add(line("b.epub"))
        read = {sent.path for sent in Journal(tmp_path).there("kobo:1")}
        assert read == {"a.epub", "b.epub"}, cut


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"schema": 2}',
        json.dumps({"schema": 1, "path": "x"}),
        "\xff\xfe",
        "{" * 100_000,
    ],
)
def test_a_line_that_nobody_understands_is_passed_over(tmp_path, bad):
    (tmp_path / ".fic2epub").mkdir()
    (tmp_path / ".fic2epub" / "sent.jsonl").write_bytes(bad.encode("latin-1") + b"\n")
    Journal(tmp_path).add(line())
    assert len(Journal(tmp_path).there("kobo:1")) == 1


@pytest.mark.parametrize(("key", "value"), [("size", "10"), ("path", None), ("identifier", 7), ("to", ["x"])])
def test_a_line_with_a_value_of_the_wrong_kind_is_passed_over(tmp_path, key, value):
    Journal(tmp_path).add(line())
    path = tmp_path / ".fic2epub" / "sent.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}) + "\n")
    assert Journal(tmp_path).there("kobo:1") == ()


@pytest.mark.parametrize("path", ["../../notes.epub", "/home/ada/notes.epub", "a/../../b.epub", "C:/b.epub"])
def test_a_line_that_leads_off_its_device_is_passed_over(tmp_path, path):
    Journal(tmp_path).add(line(path))
    assert Journal(tmp_path).there("kobo:1") == ()


def test_a_list_that_comes_with_a_library_takes_nothing_off_the_computer(library, tmp_path):
    """Its lines may say anything; the file that they name even has the right bytes."""
    foreign = small_book.write(library / "else.epub", small_book.entries())
    place = tmp_path / "place"
    outside = place.parent / "outside"
    for folder in (place, outside):
        folder.mkdir()
    (outside / "mine.epub").write_bytes(foreign.read_bytes())
    (place / "way").symlink_to(outside)
    device = device_for(place)
    sha = hashlib.sha256(foreign.read_bytes()).hexdigest()
    for path in ("../outside/mine.epub", "way/mine.epub", str(outside / "mine.epub")):
        Journal(library).add(line(path, to=device.key, identifier=None, source_sha256=sha, sha256=sha))
    list(take_off([foreign], Job(device=device, journal=Journal(library), now=NOW)))
    assert (outside / "mine.epub").is_file()


def test_a_line_that_the_disk_takes_only_in_part_is_told(tmp_path, monkeypatch):
    whole = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:9]))
    with pytest.raises(DeliveryError, match="not in the list"):
        Journal(tmp_path).add(line())
    monkeypatch.undo()
    Journal(tmp_path).add(line("b.epub"))
    assert [sent.path for sent in Journal(tmp_path).there("kobo:1")] == ["b.epub"]


def test_without_a_library_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    journal = Journal(None)
    journal.add(line())
    assert journal.latest("kobo:1", "a.epub") == line()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="a folder in the place of a file")
def test_a_list_that_cannot_be_read_or_written_is_told(tmp_path):
    (tmp_path / ".fic2epub" / "sent.jsonl").mkdir(parents=True)
    with pytest.raises(DeliveryError, match=r"sent\.jsonl: cannot be read"):
        Journal(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".fic2epub").write_text("a file")
    with pytest.raises(DeliveryError, match="cannot be"):
        Journal(tmp_path / "other").add(line())


def _add_many(library: Path, number: int) -> None:
    journal = Journal(library)
    for count in range(50):
        journal.add(line(f"{number}-{count}.epub"))


def test_two_programs_may_write_at_once(tmp_path):
    Journal(tmp_path).add(line())
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add_many, args=(tmp_path, number)) for number in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(Journal(tmp_path).there("kobo:1")) == 101


# What a device shows


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "library"
    (folder / ".fic2epub").mkdir(parents=True)
    return folder


@pytest.fixture
def kobo(tmp_path):
    lay_out(tmp_path / "disk", "kobo")
    return device_at(tmp_path / "disk")


def job(device, library, **values):
    return Job(device=device, journal=Journal(library), now=NOW, **values)


def test_a_line_says_what_was_sent_where_and_names_neither_machine_nor_serial(library, kobo, tmp_path):
    book = write(published(), library / "lamp.epub")
    (delivered,) = send([book], job(kobo, library))
    (told,) = map(json.loads, text_of(library).splitlines())
    assert told["act"] == "sent"
    assert told["at"] == "2026-08-01T12:00:00Z"
    assert (told["path"], told["size"]) == (delivered.place, delivered.size)
    assert told["identifier"] == published().identifier
    for secret in (str(tmp_path), "N0000000000000", "Ada Quill - The Lamp Room.epub"):
        assert secret not in text_of(library)


def test_the_list_is_rebuilt_by_looking_at_the_device(library, kobo):
    books = [write(published(title=title, work_id=title), library / f"{title}.epub") for title in ("1", "2")]
    list(send(books, job(kobo, library)))
    before = Journal(library).there(kobo.key)
    (library / ".fic2epub" / "sent.jsonl").unlink()
    assert {one.outcome for one in send(books, job(kobo, library))} == {Outcome.THERE}
    after = Journal(library).there(kobo.key)
    assert {(one.path, one.identifier, one.edition, one.size) for one in after} == {
        (one.path, one.identifier, one.edition, one.size) for one in before
    }
    assert {one.act for one in after} == {"seen"}


def test_after_the_list_was_lost_the_bytes_tell_the_edition_again(library, kobo):
    book = write(published(), library / "lamp.epub")
    list(send([book], job(kobo, library)))
    known = Journal(library).edition(read_edition(book).sha256)
    assert known == read_edition(book).edition
    (library / ".fic2epub" / "sent.jsonl").unlink()
    list(send([book], job(kobo, library)))
    assert Journal(library).edition(read_edition(book).sha256) == known
    lines = len(text_of(library).splitlines())
    list(send([book], job(kobo, library)))
    assert len(text_of(library).splitlines()) == lines


def test_what_was_taken_off_by_hand_is_noted_and_sent_again(library, kobo):
    book = write(published(), library / "lamp.epub")
    (delivered,) = send([book], job(kobo, library))
    (kobo.top / delivered.place).unlink()
    (again,) = send([book], job(kobo, library))
    assert again.outcome is Outcome.SENT
    assert [json.loads(one)["act"] for one in text_of(library).splitlines()] == ["sent", "gone", "sent"]


def test_every_step_adds_a_line(library, kobo):
    book = write(published(), library / "lamp.epub")
    list(send([book], job(kobo, library)))
    list(send([book], job(kobo, library)))  # there already: no line
    write(published(chapters=3, sha="b" * 64), book)
    list(send([book], job(kobo, library, replace=True)))
    list(take_off([book], job(kobo, library)))
    assert [json.loads(one)["act"] for one in text_of(library).splitlines()] == [
        "sent",
        "replaced",
        "removed",
    ]


def test_a_list_that_cannot_be_written_does_not_undo_the_sending(library, kobo, monkeypatch):
    book = write(published(), library / "lamp.epub")
    work = job(kobo, library)

    def refuse(sent):
        raise DeliveryError("sent.jsonl: cannot be written. What was done is not in the list.")

    monkeypatch.setattr(work.journal, "add", refuse)
    (delivered,) = send([book], work)
    assert delivered.outcome is Outcome.SENT
    assert "not in the list" in delivered.message
    assert (kobo.top / delivered.place).is_file()


# Mail


@pytest.fixture
def kindle():
    table = {"server": "smtp.example.org", "sender": "a@example.org", "recipient": "Ada@kindle.com"}
    return account(table, {}, name="kindle")


def test_what_was_mailed_is_not_mailed_again_and_another_edition_only_if_asked(library, kindle):
    book = write(published(), library / "lamp.epub")
    foreign = small_book.write(library / "else.epub", small_book.entries())
    bag = Postbag(kindle, Journal(library), now=NOW)
    assert bag.sort([book, foreign], replace_old=False) == ([book, foreign], [])
    bag.sent(book, kindle)
    bag.sent(foreign, kindle)
    bag = Postbag(kindle, Journal(library), now=NOW)
    left, told = bag.sort([book, foreign], replace_old=False)
    assert (left, {one.outcome for one in told}) == ([], {Outcome.THERE})
    write(published(chapters=3, sha="b" * 64), book)
    bag = Postbag(kindle, Journal(library), now=NOW)
    left, told = bag.sort([book, foreign], replace_old=False)
    assert (left, [one.outcome for one in told]) == ([], [Outcome.OUTDATED, Outcome.THERE])
    assert "--replace" in told[0].message
    assert bag.sort([book, foreign], replace_old=True)[0] == [book]


def test_a_named_book_is_held_back_only_if_nobody_knows_whether_it_arrived(library, kindle):
    lost, sent, fresh = (
        write(published(work_id=number), library / f"{number}.epub") for number in ("1", "2", "3")
    )
    bag = Postbag(kindle, Journal(library), now=NOW)
    bag.unknown(lost, kindle)
    bag.sent(sent, kindle)
    gone = library / "gone.epub"
    left, (held,) = Postbag(kindle, Journal(library), now=NOW).hold([lost, sent, fresh, gone])
    assert left == [sent, fresh, gone]
    assert (held.book, held.outcome) == (lost, Outcome.UNKNOWN)
    assert f"was mailed on {NOW:%Y-%m-%d at %H:%M} UTC" in str(held.error)
    assert Postbag(kindle, Journal(library), now=NOW).sort([lost], replace_old=False, again=True) == (
        [lost],
        [],
    )


def test_a_mail_that_may_have_arrived_counts_as_sent(library, kindle):
    book = write(published(), library / "lamp.epub")
    Postbag(kindle, Journal(library), now=NOW).unknown(book, kindle)
    left, told = Postbag(kindle, Journal(library), now=NOW).sort([book], replace_old=False)
    assert left == []
    assert "nobody knows whether it arrived" in told[0].message


def test_another_address_is_another_kindle_and_none_stands_in_the_list(library, kindle):
    book = write(published(), library / "lamp.epub")
    Postbag(kindle, Journal(library), now=NOW).sent(book, kindle)
    table = {"server": "smtp.example.org", "sender": "a@example.org", "recipient": "new@kindle.com"}
    other = Postbag(account(table, {}, name="kindle"), Journal(library), now=NOW)
    assert other.sort([book], replace_old=False)[0] == [book]
    assert "kindle.com" not in text_of(library).lower()


def test_a_book_that_cannot_be_read_is_left_for_the_mail_to_say_so(library, kindle):
    bag = Postbag(kindle, Journal(library), now=NOW)
    assert bag.sort([library / "missing.epub"], replace_old=False)[0] == [library / "missing.epub"]


def test_the_support_trees_are_those_of_all_kinds():
    assert set(readers.TREES) == set(readers.GETS)
