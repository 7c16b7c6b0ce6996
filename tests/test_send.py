import errno
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from support import readers, small_book, works
from support.readers import GETS, PLACE, TREES, checksum, lay_out

from fic2epub.builder.kepub import kepub_file
from fic2epub.container import read_entries, zip_entries
from fic2epub.delivery import azw3, copying, decision
from fic2epub.delivery.aboard import aboard
from fic2epub.delivery.delivered import Outcome
from fic2epub.delivery.devices import Device, as_koreader, described_as, device_at
from fic2epub.delivery.edition import read_edition
from fic2epub.delivery.run import Job
from fic2epub.delivery.sent import Journal
from fic2epub.delivery.taking_off import take_off
from fic2epub.delivery.target_file import TargetFile
from fic2epub.delivery.targets import device_for
from fic2epub.delivery.volumes import send
from fic2epub.errors import DeliveryError, DeviceFullError, DeviceGoneError, ExitCode, NameTakenError
from fic2epub.library import renaming
from fic2epub.library.shelf import write

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
published = cache(works.publication)
IDENTIFIER = published().identifier
SHORT = IDENTIFIER.removeprefix("urn:uuid:")[:8]
NAME = PLACE.format(short=SHORT, suffix=".epub")


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "library"
    (folder / ".fic2epub").mkdir(parents=True)
    return folder


@pytest.fixture
def book(library):
    return write(published(), library / "lamp.epub")


@pytest.fixture
def no_calibre(monkeypatch):
    """A stand-in for ebook-convert: what it makes has the header that the real one writes."""

    def make(epub, *, uuid, edition):
        producer = f"fic2epub {uuid} {edition}" if uuid else "someone"
        return readers.azw3("The Lamp Room", producer=producer, body=epub)

    monkeypatch.setattr(decision, "make_azw3", make)


@pytest.fixture(params=TREES)
def kind(request, no_calibre):
    return request.param


@pytest.fixture
def disk(tmp_path):
    """A folder that stands for a device's disk; small and mounted where a test asks for that."""
    return tmp_path / "disk"


def device_of(top: Path, kind: str, **values) -> Device:
    lay_out(top, kind, **values)
    device = device_at(top)
    assert device is not None
    return device


def place_on(kind: str) -> str:
    folder, suffix = GETS[kind]
    return "/".join(filter(None, [folder, PLACE.format(short=SHORT, suffix=suffix)]))


def job(device, library=None, **values) -> Job:
    return Job(device=device, journal=Journal(library), now=NOW, **values)


def sent(book, device, library=None, **values):
    """What became of one book."""
    (delivered,) = send([book], job(device, library, **values))
    return delivered


def newer(book, **values):
    """The book of a dump that grew, in the place of the old one."""
    return write(published(chapters=3, sha="b" * 64, **values), book)


def edited(path):
    """A book, changed as with an editor."""
    entries = read_entries(path)
    entries["style.css"] += b"p { color: red }"
    path.write_bytes(zip_entries(list(entries.items())))
    return path.read_bytes()


# Each kind: sent to, already there, replaced, nothing else touched


def test_a_book_gets_its_format_and_folder_and_nothing_else_is_touched(book, disk, kind, library):
    device = device_of(disk, kind)
    before = checksum(disk)
    delivered = sent(book, device, library)
    assert (delivered.outcome, delivered.place) == (Outcome.SENT, place_on(kind))
    goal = disk / place_on(kind)
    content = goal.read_bytes()
    assert delivered.size == len(content)
    match device.format:
        case "epub":
            assert content == book.read_bytes()
        case "kepub":
            assert content == kepub_file(book)
        case "azw3":
            assert azw3.read_mark(goal).edition == read_edition(book).edition
    made = tuple(path.as_posix() for path in Path(place_on(kind)).parents if path != Path())
    known = [path for path in made if any(name.startswith(f"{path}/") for name in TREES[kind])]
    new = tuple(path for path in made if path not in known)
    assert checksum(disk, without=(place_on(kind), *new)) == before


def test_a_book_that_is_there_is_not_written_again(book, disk, kind, library):
    device = device_of(disk, kind)
    sent(book, device, library)
    before, state = checksum(disk), (disk / place_on(kind)).stat()
    again = sent(book, device, library)
    assert (again.outcome, again.place) == (Outcome.THERE, place_on(kind))
    assert checksum(disk) == before
    assert (disk / place_on(kind)).stat().st_mtime_ns == state.st_mtime_ns


def test_it_is_known_there_without_the_list_and_under_another_name(book, disk, kind, library):
    device = device_of(disk, kind)
    sent(book, device, library)
    goal = disk / place_on(kind)
    moved = goal.with_name("renamed by hand" + GETS[kind][1])
    goal.rename(moved)
    (library / ".fic2epub" / "sent.jsonl").unlink()
    again = sent(book, device, library)
    assert (again.outcome, disk / again.place) == (Outcome.THERE, moved)


def test_another_edition_is_replaced_where_the_place_is_kept_and_else_only_if_asked(
    book, disk, kind, library
):
    device = device_of(disk, kind)
    sent(book, device, library)
    goal = disk / place_on(kind)
    old, rest = goal.read_bytes(), checksum(disk, without=(place_on(kind),))
    newer(book)
    first = sent(book, device, library)
    if kind == "koreader":
        assert (first.outcome, first.message) == (Outcome.REPLACED, None)
    else:
        assert first.outcome is Outcome.OUTDATED
        assert "lose" in first.message or "lost" in first.message
        assert "--replace" in first.message
        assert goal.read_bytes() == old
        asked = sent(book, device, library, replace=True)
        assert asked.outcome is Outcome.REPLACED
        assert "lose" in asked.message or "lost" in asked.message
    assert goal.read_bytes() != old
    assert checksum(disk, without=(place_on(kind),)) == rest
    assert sent(book, device, library).outcome is Outcome.THERE


def test_a_book_is_taken_off_again_and_nothing_else(book, disk, kind, library):
    device = device_of(disk, kind)
    sent(book, device, library)
    rest = checksum(disk, without=(place_on(kind),))
    (gone,) = take_off([book], job(device, library))
    assert (gone.outcome, gone.place) == (Outcome.REMOVED, place_on(kind))
    assert not (disk / place_on(kind)).exists()
    assert checksum(disk) == rest
    (again,) = take_off([book], job(device, library))
    assert again.outcome is Outcome.ABSENT


def test_a_dry_run_writes_nothing_on_the_device_and_nothing_in_the_list(book, disk, kind, library):
    device = device_of(disk, kind)
    before = checksum(disk)
    assert sent(book, device, library, dry_run=True).outcome is Outcome.SENT
    assert checksum(disk) == before
    assert not (library / ".fic2epub" / "sent.jsonl").exists()
    sent(book, device, library)
    newer(book)
    before = checksum(disk)
    assert sent(book, device, library, dry_run=True, replace=True).outcome is Outcome.REPLACED
    (gone,) = take_off([book], job(device, library, dry_run=True))
    assert gone.outcome is Outcome.REMOVED
    assert checksum(disk) == before


# Each kind: full, read-only, pulled out, a name that is taken


@pytest.mark.needs("mount")
def test_a_disk_without_room_is_told_before_anything_is_written(book, disk, kind):
    with readers.small_disk(disk, size="1m"):
        device = device_of(disk, kind)
        (disk / "filler").write_bytes(b"x" * (900 << 10))
        device.goal.mkdir(parents=True, exist_ok=True)
        before = checksum(disk)
        for dry_run in (True, False):
            delivered = sent(book, device, dry_run=dry_run)
            assert delivered.outcome is Outcome.FAILED
            assert isinstance(delivered.error, DeviceFullError)
            assert "are free, and the book needs" in str(delivered.error)
        assert checksum(disk) == before


def fill(disk: Path) -> None:
    """Write until there is no room left."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


@pytest.mark.needs("mount")
def test_a_disk_that_fills_up_in_the_middle_keeps_nothing_of_the_book(book, disk, kind, monkeypatch):
    with readers.small_disk(disk, size="1m"):
        device = device_of(disk, kind)
        device.goal.mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(copying, "check_room", lambda volume, size: None)
        fill(disk)
        before = checksum(disk)
        delivered = sent(book, device)
        assert isinstance(delivered.error, DeviceFullError)
        assert delivered.error.exit_code is ExitCode.DELIVERY
        assert checksum(disk) == before


@pytest.mark.needs("mount")
def test_a_disk_that_is_read_only_is_told(book, disk, kind):
    with readers.small_disk(disk):
        writable = device_of(disk, kind)
        readers.make_read_only(disk)
        before = checksum(disk)
        with pytest.raises(DeliveryError, match="read-only"):
            list(send([book], job(device_at(disk))))
        with pytest.raises(DeliveryError, match="read-only"):
            list(take_off([book], job(device_at(disk))))
        late = sent(book, writable)  # it became so after it was looked at
        assert late.outcome is Outcome.FAILED
        assert "read-only" in str(late.error)
        assert checksum(disk) == before


MOMENTS = ("make_folder", "_write", "_compare", "_rename_to_free", "flush_folder")
"""Of copying: where the cable is pulled, just before each."""


@pytest.mark.needs("mount")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_device_that_is_pulled_out_is_noticed_and_the_computers_disk_stays_empty(
    book, disk, kind, library, monkeypatch, moment
):
    step = getattr(copying, moment)

    def pulled(*arguments, **values):
        readers.pull_out(disk, check=False)
        return step(*arguments, **values)

    with readers.small_disk(disk):
        device = device_of(disk, kind)
        monkeypatch.setattr(copying, moment, pulled)
        with pytest.raises(DeviceGoneError, match=r"Was it unplugged.* 3 books were not sent"):
            list(send([book, book, book], job(device, library)))
        assert not disk.is_mount()
        assert list(disk.iterdir()) == []
        assert Journal(library).there(device.key) == ()


@pytest.mark.needs("mount")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_folder_of_the_same_name_on_the_computers_disk_gets_nothing(
    book, disk, kind, library, monkeypatch, moment
):
    """Somebody once copied books to where the device is mounted, when it was not."""
    below = disk / GETS[kind][0]
    below.mkdir(parents=True)
    (below / "old.txt").write_bytes(b"copied by mistake")
    foreign = small_book.write(library / "else.epub", small_book.entries())
    before = checksum(disk)
    step = getattr(copying, moment)

    def pulled(*arguments, **values):
        readers.pull_out(disk, check=False)
        return step(*arguments, **values)

    with readers.small_disk(disk):
        device = device_of(disk, kind)
        monkeypatch.setattr(copying, moment, pulled)
        with pytest.raises(DeviceGoneError):
            sent(foreign if moment == "flush_folder" else book, device, library)
        assert checksum(disk) == before


@pytest.mark.needs("mount")
def test_a_folder_that_was_made_on_the_computers_disk_is_taken_away(book, disk, library, monkeypatch):
    mkdir = Path.mkdir

    def pulled(self, *arguments, **values):
        if self.is_relative_to(disk):
            readers.pull_out(disk, check=False)
        mkdir(self, *arguments, **values)

    with readers.small_disk(disk):
        device = device_of(disk, "kobo")
        monkeypatch.setattr(Path, "mkdir", pulled)
        with pytest.raises(DeviceGoneError):
            sent(book, device, library)
        assert list(disk.iterdir()) == []


@pytest.mark.needs("mount")
def test_a_device_that_is_pulled_out_between_two_books_is_noticed(book, disk, kind, library):
    other = write(published(title="Wick", work_id="2"), library / "wick.epub")
    with readers.small_disk(disk):
        device = device_of(disk, kind)
        results = send([book, other], job(device, library))
        assert next(results).outcome is Outcome.SENT
        readers.pull_out(disk)
        with pytest.raises(DeviceGoneError, match="1 book was not sent"):
            next(results)
        assert list(disk.iterdir()) == []
        assert len(Journal(library).there(device.key)) == 1


@pytest.mark.needs("mount")
def test_nothing_is_replaced_by_a_device_that_is_pulled_out(book, disk, kind, library, monkeypatch):
    with readers.small_disk(disk):
        device = device_of(disk, kind)
        sent(book, device, library)
        newer(book)
        real = os.fsync

        def pulled(descriptor):
            readers.pull_out(disk, check=False)
            real(descriptor)

        monkeypatch.setattr(os, "fsync", pulled)
        with pytest.raises(DeviceGoneError):
            sent(book, device, library, replace=True)
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ENXIO])
def test_a_disk_that_says_that_it_is_gone_is_believed(book, disk, kind, monkeypatch, number):
    device = device_of(disk, kind)
    device.goal.mkdir(parents=True, exist_ok=True)
    before = checksum(disk)

    def broken(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(DeviceGoneError):
        sent(book, device)
    assert checksum(disk) == before


def test_a_name_that_anothers_file_has_in_any_case_is_not_taken(book, disk, kind, library):
    device = device_of(disk, kind)
    goal = disk / place_on(kind)
    taken = goal.with_name(goal.name.upper())
    taken.parent.mkdir(parents=True, exist_ok=True)
    taken.write_bytes(b"somebody else's")
    before = checksum(disk)
    for replace in (False, True):
        delivered = sent(book, device, library, replace=replace)
        assert isinstance(delivered.error, NameTakenError)
        assert "did not put it there" in str(delivered.error)
    assert checksum(disk) == before


def test_a_copy_that_was_changed_on_the_device_is_left_alone(book, disk, kind, library):
    device = device_of(disk, kind)
    if device.format == "azw3":
        pytest.skip("an AZW3 cannot tell")
    sent(book, device, library)
    goal = disk / place_on(kind)
    content = edited(goal)
    newer(book)
    delivered = sent(book, device, library, replace=True)
    assert "was changed after" in str(delivered.error)
    (gone,) = take_off([book], job(device, library))
    assert "was changed after" in str(gone.error)
    assert goal.read_bytes() == content


# The copy itself


@pytest.fixture
def kobo(disk):
    return device_of(disk, "kobo")


def test_what_is_read_back_is_compared(book, kobo, disk, monkeypatch):
    real = os.fsync

    def worn_out(descriptor):
        real(descriptor)
        for part in disk.rglob("*.part"):
            part.write_bytes(b"\0" * part.stat().st_size)

    monkeypatch.setattr(os, "fsync", worn_out)
    delivered = sent(book, kobo)
    assert "read back is not what was written" in str(delivered.error)
    assert not list(kobo.goal.iterdir())


@pytest.mark.parametrize("ways", ["system", "link", "look"])
def test_a_file_that_comes_meanwhile_is_not_clobbered(book, kobo, disk, monkeypatch, ways):
    narrow(monkeypatch, ways)
    goal = disk / place_on("kobo")
    step = copying._rename_to_free

    def late(part, target):
        goal.write_bytes(b"came meanwhile")
        step(part, target)

    monkeypatch.setattr(copying, "_rename_to_free", late)
    delivered = sent(book, kobo)
    assert isinstance(delivered.error, NameTakenError)
    assert goal.read_bytes() == b"came meanwhile"
    assert [path.name for path in kobo.goal.iterdir()] == [goal.name]


def narrow(monkeypatch, ways):
    """Leave only some ways to give a file its name: FAT knows no links, old systems no call."""
    if ways == "look":
        monkeypatch.setattr(renaming, "_renamed_by_the_system", lambda part, goal: False)
    if ways != "link":

        def no_link(source, target):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", no_link)


@pytest.mark.parametrize("ways", ["system", "link", "look"])
def test_a_file_gets_its_name_whatever_the_disk_can(book, kobo, disk, monkeypatch, ways):
    narrow(monkeypatch, ways)
    assert sent(book, kobo).outcome is Outcome.SENT
    assert [path.name for path in kobo.goal.iterdir()] == [Path(place_on("kobo")).name]
    assert (disk / place_on("kobo")).stat().st_nlink == 1


def test_a_file_that_is_changed_meanwhile_is_not_replaced(book, kobo, disk, monkeypatch):
    sent(book, kobo)
    newer(book)
    goal = disk / place_on("kobo")
    step = copying._compare

    def late(content, part, volume):
        goal.write_bytes(b"changed meanwhile")
        step(content, part, volume)

    monkeypatch.setattr(copying, "_compare", late)
    delivered = sent(book, kobo, replace=True)
    assert isinstance(delivered.error, NameTakenError)
    assert goal.read_bytes() == b"changed meanwhile"


def test_an_interrupt_leaves_nothing_behind(book, kobo, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "_compare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sent(book, kobo)
    assert not list(kobo.goal.iterdir())


def test_what_an_earlier_day_left_unfinished_is_swept_and_nothing_else(book, kobo):
    kobo.goal.mkdir()
    old, young = kobo.goal / ".fic2epub-0123abcd.part", kobo.goal / ".fic2epub-4567abcd.part"
    others = kobo.goal / ".fic2epub-notes.part"
    for path in (old, young, others):
        path.write_bytes(b"x")
    os.utime(old, (1e9, 1e9))
    os.utime(others, (1e9, 1e9))
    sent(book, kobo)
    assert (old.exists(), young.exists(), others.exists()) == (False, True, True)


def test_a_folder_that_is_a_link_to_elsewhere_is_not_followed(book, kobo, disk, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (disk / "fic2epub").symlink_to(tmp_path / "elsewhere")
    delivered = sent(book, kobo)
    assert "leads away" in str(delivered.error)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_whose_place_a_file_has_is_told(book, kobo, disk):
    (disk / "fic2epub").write_bytes(b"a file")
    assert "a part of the path is a file" in str(sent(book, kobo).error)


def test_no_attributes_are_copied(book, kobo, disk):
    os.utime(book, (1e9, 1e9))
    sent(book, kobo)
    assert (disk / place_on("kobo")).stat().st_mtime > 1e9


# Names


def test_the_name_on_the_device_stays_when_the_title_changes(book, disk, library):
    device = device_of(disk, "koreader")
    first = sent(book, device, library)
    newer(book, title="The Lamp Room, Revised")
    again = sent(book, device, library)
    assert (again.outcome, again.place) == (Outcome.REPLACED, first.place)
    assert again.title == "The Lamp Room, Revised"


def test_two_works_of_one_title_have_two_names(book, kobo, library):
    other = write(published(work_id="7654321"), library / "other.epub")
    first, second = send([book, other], job(kobo))
    assert (first.outcome, second.outcome) == (Outcome.SENT, Outcome.SENT)
    assert first.place != second.place


def test_a_nook_gets_no_hash_and_no_percent_sign(disk, library):
    book = write(published(title="100% #1"), library / "x.epub")
    place = sent(book, device_of(disk, "nook")).place
    assert "100_ _1" in place


def test_an_explicit_title_is_no_file_name_if_discreet(disk, library):
    book = write(published(title="All the Fucking Lamps"), library / "x.epub")
    device = device_of(disk, "koreader")
    assert "Fucking" in sent(book, device, dry_run=True).place
    assert "Work 1234567" in sent(book, device, discreet=True).place


def test_an_anthology_goes_by_its_title(disk, library):
    from support import made

    book = made.anthology(library / "all.epub", [works.work(), works.work("Wick", work_id="2")])
    assert "All of Them [" in sent(book, device_of(disk, "koreader")).place


# Books and devices of several kinds


def test_koreader_on_a_kobo_gets_plain_epub_beside_the_kobos_own(book, disk, library):
    device = device_of(disk, "kobo", koreader=True)
    sent(book, device, library)
    other = sent(book, as_koreader(device), library)
    assert (other.outcome, other.format) == (Outcome.SENT, "epub")
    assert "is there as fic2epub/" in other.message
    assert len(aboard(device)) == 2
    newer(book)
    assert sent(book, device, library).outcome is Outcome.OUTDATED
    assert sent(book, as_koreader(device), library).outcome is Outcome.REPLACED
    gone = list(take_off([book], job(device, library)))
    assert [one.outcome for one in gone] == [Outcome.REMOVED] * 2


def test_a_book_of_others_is_sent_and_known_again_by_the_list(disk, kind, library):
    foreign = small_book.write(library / "else: where?.epub", small_book.entries())
    device = device_of(disk, kind)
    first = sent(foreign, device, library)
    assert first.outcome is Outcome.SENT
    assert Path(first.place).name == "else - where" + GETS[kind][1]
    assert sent(foreign, device, library).outcome is Outcome.THERE
    changed = small_book.entries() | {"style.css": b"p { margin: 0 }"}
    small_book.write(foreign, changed)
    expected = Outcome.REPLACED if kind == "koreader" else Outcome.OUTDATED
    assert sent(foreign, device, library).outcome is expected
    assert sent(foreign, device, library, replace=True).outcome in (Outcome.REPLACED, Outcome.THERE)
    (gone,) = take_off([foreign], job(device, library))
    assert gone.outcome is Outcome.REMOVED


def test_a_book_of_others_that_the_list_does_not_know_stays(disk, library):
    foreign = small_book.write(library / "x.epub", small_book.entries())
    device = device_of(disk, "koreader")
    sent(foreign, device, library)
    shutil.rmtree(library / ".fic2epub")
    assert sent(foreign, device).outcome is Outcome.THERE  # the same bytes
    (gone,) = take_off([foreign], job(device))
    assert gone.outcome is Outcome.ABSENT
    assert len(list((disk / "fic2epub").iterdir())) == 1


def test_a_book_that_was_edited_in_the_library_is_another_edition(book, disk, library):
    device = device_of(disk, "koreader")
    sent(book, device, library)
    edited(book)
    assert sent(book, device, library).outcome is Outcome.REPLACED
    assert (disk / place_on("koreader")).read_bytes() == book.read_bytes()


def test_two_editions_of_one_work_in_one_run_are_not_both_sent(book, disk, library):
    other = newer(library / "copy.epub")
    device = device_of(disk, "koreader")
    first, second = send([book, other], job(device, library))
    assert first.outcome is Outcome.SENT
    assert "another edition of the work" in str(second.error)
    assert [one.outcome for one in send([book, book], job(device, library))] == [Outcome.THERE] * 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"a text"])
def test_what_is_no_book_fails_and_the_others_go_on(book, disk, library, content):
    bad = library / "bad.epub"
    bad.write_bytes(content)
    device = device_of(disk, "kobo")
    results = list(send([bad, library / "missing.epub", book], job(device, library)))
    assert [one.outcome for one in results] == [Outcome.FAILED, Outcome.FAILED, Outcome.SENT]
    assert results[0].error.exit_code is ExitCode.PACKAGE
    assert results[1].error.exit_code is ExitCode.SOURCE


def test_a_plain_folder_takes_books_and_its_folders_are_not_searched(book, tmp_path):
    folder = tmp_path / "plain"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(book, folder / "deep" / "copy.epub")
    delivered = sent(book, device_for(folder))
    assert (delivered.outcome, delivered.place) == (Outcome.SENT, NAME)


def test_the_folder_for_books_of_a_plain_folder_is_where_they_are_looked_for(book, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    device = described_as(device_for(folder), TargetFile(folder="Books"))
    assert sent(book, device).place == f"Books/{NAME}"
    assert sent(book, device).outcome is Outcome.THERE
    newer(book)
    assert sent(book, device, replace=True).outcome is Outcome.REPLACED
    (gone,) = take_off([book], job(device))
    assert gone.outcome is Outcome.REMOVED
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(book, tmp_path / "elsewhere" / NAME)
    (folder / "Books").rmdir()
    (folder / "Books").symlink_to(tmp_path / "elsewhere")
    (gone,) = take_off([book], job(device))
    assert gone.outcome is Outcome.ABSENT
    assert (tmp_path / "elsewhere" / NAME).is_file()


def test_a_torn_book_on_the_device_is_no_copy(book, disk, library):
    device = device_of(disk, "koreader")
    sent(book, device, library)
    goal = disk / place_on("koreader")
    goal.write_bytes(goal.read_bytes()[:500])
    delivered = sent(book, device, library)
    assert delivered.outcome is Outcome.FAILED
    assert "changed or damaged since" in str(delivered.error)


# The disk that e-readers have


@pytest.mark.needs("exfat")
@pytest.mark.parametrize("kind", ["kobo", "koreader"])
def test_on_a_disk_that_folds_case_and_knows_no_links_all_holds(book, disk, library, kind):
    with readers.exfat_disk(disk):
        device = device_of(disk, kind)
        before = checksum(disk)
        assert sent(book, device, library).outcome is Outcome.SENT
        goal = disk / place_on(kind)
        assert sent(book, device, library).outcome is Outcome.THERE
        newer(book)
        assert sent(book, device, library, replace=True).outcome is Outcome.REPLACED
        assert [path.name for path in goal.parent.iterdir()] == [goal.name]
        (gone,) = take_off([book], job(device, library))
        assert gone.outcome is Outcome.REMOVED
        goal.with_name(goal.name.upper()).write_bytes(b"somebody else's")
        assert isinstance(sent(book, device, library).error, NameTakenError)
        goal.unlink()
        assert checksum(disk, without=("fic2epub",)) == before


@pytest.mark.needs("exfat")
def test_on_such_a_disk_a_file_that_comes_meanwhile_is_not_clobbered(book, disk, monkeypatch):
    with readers.exfat_disk(disk):
        device = device_of(disk, "kobo")
        goal = disk / place_on("kobo")
        step = copying._rename_to_free

        def late(part, target):
            goal.with_name(goal.name.upper()).write_bytes(b"came meanwhile")
            step(part, target)

        monkeypatch.setattr(copying, "_rename_to_free", late)
        assert isinstance(sent(book, device).error, NameTakenError)
        assert goal.read_bytes() == b"came meanwhile"
        assert len(list(goal.parent.iterdir())) == 1


@pytest.mark.needs("exfat")
@pytest.mark.parametrize("moment", MOMENTS)
def test_such_a_disk_may_be_pulled_out_too(book, disk, library, monkeypatch, moment):
    step = getattr(copying, moment)

    def pulled(*arguments, **values):
        readers.pull_out(disk, check=False)
        return step(*arguments, **values)

    with readers.exfat_disk(disk):
        device = device_of(disk, "kobo")
        monkeypatch.setattr(copying, moment, pulled)
        with pytest.raises(DeviceGoneError, match="Was it unplugged"):
            sent(book, device, library)
        assert list(disk.iterdir()) == []


# Kindle, with calibre itself


@pytest.mark.needs("calibre")
def test_calibre_makes_the_azw3_of_a_kindle_and_it_is_known_again(book, disk, library):
    device = device_of(disk, "kindle")
    before = checksum(disk)
    delivered = sent(book, device, library)
    assert (delivered.outcome, delivered.place) == (Outcome.SENT, place_on("kindle"))
    goal = disk / place_on("kindle")
    assert goal.read_bytes()[60:68] == b"BOOKMOBI"
    (one,) = aboard(device)
    assert (one.identifier, one.title, one.authors) == (
        IDENTIFIER,
        "The Lamp Room",
        ("Ada Quill",),
    )
    assert one.edition == read_edition(book).edition
    assert IDENTIFIER.removeprefix("urn:uuid:").encode() in goal.read_bytes()
    (library / ".fic2epub" / "sent.jsonl").unlink()
    assert sent(book, device, library).outcome is Outcome.THERE
    list(take_off([book], job(device, library)))
    assert checksum(disk) == before


@pytest.mark.needs("calibre")
def test_what_calibre_says_of_a_book_that_it_cannot_read_is_told():
    with pytest.raises(DeliveryError, match="did not make an AZW3"):
        azw3.make_azw3(b"no book", uuid=None, edition="x")


def test_without_calibre_the_sentence_names_the_other_ways(book, disk, monkeypatch):
    monkeypatch.setattr(azw3, "ebook_convert", lambda: None)
    delivered = sent(book, device_of(disk, "kindle"))
    assert delivered.outcome is Outcome.FAILED
    for way in ("Install calibre", "--to mail:NAME", "sendtokindle"):
        assert way in str(delivered.error)
    assert not list((disk / "documents").glob("*Lamp*"))


@pytest.mark.parametrize(
    "content",
    [b"", b"BOOKMOBI", b"\0" * 60 + b"BOOKMOBI" + b"\xff" * 200, readers.azw3("x", producer="calibre")],
)
def test_a_kindle_book_without_the_mark_is_none_of_ours(tmp_path, content):
    path = tmp_path / "x.azw3"
    path.write_bytes(content)
    assert azw3.read_mark(path) is None
    for cut in range(0, 300, 7):
        path.write_bytes(readers.azw3("x", producer="fic2epub 1 2")[:cut])
        assert azw3.read_mark(path) is None
