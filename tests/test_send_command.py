import errno
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import readers, works
from support.mail import PASSWORD, USER, Certificates, Manners, mail_server
from support.readers import checksum, lay_out

from fic2epub.cli import send as command
from fic2epub.cli.app import app
from fic2epub.delivery.markers import KINDS
from fic2epub.errors import ExitCode
from fic2epub.library.shelf import write

published = cache(works.publication)
WORKS = {"lamp": ("The Lamp Room", "11"), "wick": ("Wick", "22"), "oil": ("Oil and Salt", "33")}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a library of three books in ``books`` and a Kobo and a Kindle in ``disks``."""
    for name, (title, number) in WORKS.items():
        write(published(title=title, work_id=number), tmp_path / "books" / f"{name}.epub")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert run("library", "rebuild", "books").exit_code == 0
    lay_out(tmp_path / "disks" / "KOBOeReader", "kobo", koreader=True)
    lay_out(tmp_path / "disks" / "phone", "folder")
    return tmp_path


def run(*arguments, **values):
    return CliRunner().invoke(app, list(map(str, arguments)), **values)


def send(*arguments, **values):
    return run("send", "--look-in", "disks", *arguments, **values)


def on(disk: Path) -> set[str]:
    return {path.name.partition(" [")[0] for path in disk.rglob("*.epub")}


def test_the_kinds_of_the_command_are_those_that_are_known():
    assert set(command.KINDS) == KINDS.keys() - {"folder"}


def test_a_book_is_sent_and_its_path_is_printed(place):
    done = send("books/lamp.epub", "--to", "kobo")
    assert done.exit_code == 0, done.output
    printed = Path(done.stdout.strip())
    assert printed.is_file()
    assert printed.name.endswith(".kepub.epub")
    assert done.stderr.startswith("✓ The Lamp Room")
    assert "Eject Kobo Libra Colour (KOBOeReader) before you unplug it." in done.stderr
    again = send("books/lamp.epub", "--to", "KOBOeReader")
    assert (again.exit_code, again.stdout) == (0, done.stdout)
    assert "already there" in again.stderr
    assert "Eject" not in again.stderr


def test_a_pipe_of_paths_is_a_list_of_books(place):
    done = send("-", "--to", "phone", input="books/lamp.epub\nbooks/wick.epub\n")
    assert done.exit_code == 0, done.output
    assert on(place / "disks" / "phone") == {"Ada Quill - The Lamp Room", "Ada Quill - Wick"}
    assert done.stderr.splitlines()[-1] == "2 books: 2 sent"


def test_a_condition_chooses_books_of_the_library(place):
    done = send("--where", "title = Wick", "--to", "phone")
    assert done.exit_code == 0, done.output
    assert on(place / "disks" / "phone") == {"Ada Quill - Wick"}


def test_new_sends_what_the_device_lacks_and_nothing_else(place):
    send("books/wick.epub", "--to", "kobo")
    done = send("--new", "--to", "kobo")
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 2
    assert "Wick" not in done.stderr
    assert done.stderr.splitlines()[-2] == "3 books: 2 sent, 1 already there"
    before = checksum(place / "disks")
    again = send("--new", "--to", "kobo")
    assert (again.stdout, again.stderr) == ("", "3 books: 3 already there\n")
    assert checksum(place / "disks") == before


def test_new_goes_with_a_condition_and_with_books(place):
    assert len(send("--new", "--where", "title = Wick", "--to", "phone").stdout.splitlines()) == 1
    assert len(send("--new", "books", "--to", "phone").stdout.splitlines()) == 2


def test_new_lists_what_is_outdated_and_replaces_it_only_if_asked(place):
    send("--new", "--to", "kobo")
    write(published(title="Wick", work_id="22", chapters=3, sha="b" * 64), place / "books" / "wick.epub")
    done = send("--new", "--to", "kobo")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "! Wick  outdated" in done.stderr
    assert "bookmarks, collections are lost" in done.stderr
    replaced = send("--new", "--to", "kobo", "--replace")
    assert len(replaced.stdout.splitlines()) == 1
    assert "bookmarks, collections are lost" in replaced.stderr


def test_koreader_on_the_kobo_is_asked_for_by_its_name(place):
    done = send("books/lamp.epub", "--to", "koreader")
    assert done.stdout.strip().endswith("].epub")
    write(published(title="The Lamp Room", work_id="11", chapters=3, sha="b" * 64), place / "books/lamp.epub")
    again = send("books/lamp.epub", "--to", "koreader")
    assert again.stdout == done.stdout
    assert (place / again.stdout.strip()).read_bytes() == (place / "books/lamp.epub").read_bytes()


def test_what_was_sent_is_kept_in_the_library_and_listed_on_the_device(place):
    send("books", "--to", "kobo")
    lines = (place / "books" / ".fic2epub" / "sent.jsonl").read_text().splitlines()
    assert len(lines) == 3
    listed = run("devices", "--look-in", "disks", "--books", "kobo").stdout.splitlines()
    assert [line.partition(" by ")[0] for line in listed] == ["Oil and Salt", "The Lamp Room", "Wick"]
    told = run("devices", "--look-in", "disks", "--books", "kobo", "--json").stdout.splitlines()
    assert {json.loads(line)["title"] for line in told} == {"Oil and Salt", "The Lamp Room", "Wick"}
    assert len(run("devices", "--look-in", "disks", "--books").stdout.splitlines()) == 3
    assert len(run("devices", "--books", "disks/KOBOeReader").stdout.splitlines()) == 3


def test_a_title_on_a_device_steers_no_terminal(place):
    name = readers.azw3(
        "Lamp\x1b]0;owned\x07 Room", producer=f"fic2epub {'0' * 8}-0000-0000-0000-{'0' * 12} ab"
    )
    (place / "disks" / "phone" / "x.azw3").write_bytes(name)
    done = run("devices", "--look-in", "disks", "--books", "phone")
    assert "Lamp ]0;owned  Room" in done.stdout
    assert "\x1b" not in done.stdout


def test_books_are_taken_off_again(place):
    before = checksum(place / "disks" / "phone")
    send("books", "--to", "phone")
    done = send("--remove", "--where", "title = Wick", "--to", "phone")
    assert done.exit_code == 0, done.output
    assert on(place / "disks" / "phone") == {"Ada Quill - The Lamp Room", "Ada Quill - Oil and Salt"}
    assert done.stdout == ""
    left = sorted((place / "disks" / "phone").glob("*.epub"))
    assert send("--remove", *left, "--to", "phone").exit_code == 0
    assert checksum(place / "disks" / "phone") == before
    again = send("--remove", "books", "--to", "phone")
    assert again.exit_code == 0
    assert again.stderr.splitlines()[-1] == "3 books: 3 not on it"


def test_a_dry_run_says_what_would_be_done(place):
    before = checksum(place)
    done = send("--new", "--to", "kobo", "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "to send: fic2epub/Ada Quill - Wick [" in done.stderr
    assert done.stderr.splitlines()[-1] == "3 books: 3 to send"
    assert checksum(place) == before


def test_json_tells_of_every_book(place):
    (place / "books" / "bad.epub").write_bytes(b"no book")
    done = send("books", "--to", "kobo", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["outcome"] for one in told] == ["failed", "sent", "sent", "sent"]
    assert all(one["schema"] == 1 and one["dry_run"] is False for one in told)
    assert told[1]["format"] == "kepub"
    assert "bad.epub" in told[0]["error"]
    assert done.exit_code == ExitCode.SOME_FAILED
    planned = send("books/lamp.epub", "--to", "phone", "--json", "--dry-run")
    assert json.loads(planned.stdout)["dry_run"] is True


def test_of_two_devices_the_right_one_is_asked_for(place):
    done = send("books/lamp.epub")
    assert done.exit_code == ExitCode.DELIVERY
    assert "2 e-readers fit" in done.stderr
    assert "KOBOeReader" in done.stderr
    lay_out(place / "disks" / "KOBOeReader1", "kobo")
    assert "2 e-readers fit" in send("books/lamp.epub", "--to", "kobo").stderr
    assert send("books/lamp.epub", "--to", "koboereader1").exit_code == 0
    assert on(place / "disks" / "KOBOeReader") == set()


def test_a_reader_at_a_terminal_is_asked(place, monkeypatch):
    class Terminal:
        def __getattr__(self, name):
            return getattr(sys.__stdin__, name)

        def isatty(self):
            return True

    monkeypatch.setattr(command.sys, "stdin", Terminal())
    monkeypatch.setattr(command.sys, "stderr", Terminal())
    asked = []

    def prompt(text, **values):
        asked.append(text)
        return 2

    monkeypatch.setattr(command.click, "prompt", prompt)
    monkeypatch.setattr(command.click, "echo", lambda *lines, **values: asked.extend(lines))
    devices = [one for one in command.look_around(command.Talk(), [place / "disks"]) if one.kind != "x"]
    assert command._ask(devices) == devices[1]
    assert asked[-1] == "Which one"


def test_the_one_device_that_is_there_needs_no_name(place, monkeypatch):
    monkeypatch.setattr("fic2epub.delivery.mounts.mounts", tuple)
    lay_out(place / "other" / "Nook", "nook")
    assert run("send", "books/lamp.epub", "--look-in", "other").exit_code == 0
    assert on(place / "other") == {"Ada Quill - The Lamp Room"}


def test_without_a_device_the_other_ways_are_named(place):
    done = send("books/lamp.epub", "--to", "kindle")
    assert done.exit_code == ExitCode.DELIVERY
    assert "--to mail:NAME" in done.stderr
    unknown = send("books/lamp.epub", "--to", "my reader")
    assert "a name that fic2epub devices shows" in unknown.stderr


def test_a_folder_may_stand_for_a_device(place):
    (place / "card").mkdir()
    done = run("send", "books/lamp.epub", "--to", "./card", "--device", "kobo")
    assert done.exit_code == 0, done.output
    assert done.stdout.strip().endswith(".kepub.epub")
    assert "Eject" in done.stderr
    assert run("send", "books/wick.epub", "--to", "./card").stdout.strip().endswith("].epub")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Name a book"),
        (("books/lamp.epub", "--where", "words > 1"), "not both"),
        (("books/lamp.epub", "--remove", "--new"), "does not go with"),
        (("books/lamp.epub", "--remove", "--replace"), "does not go with"),
        (("books/lamp.epub", "--to", "kobo", "--device", "kobo"), "--device is for a folder"),
        (("books/lamp.epub", "--to", "/"), "system or your home"),
        (("--where", "title =", "--to", "kobo"), "title"),
        (("books/lamp.epub", "--remove", "--to", "mail:me"), "cannot be taken back"),
    ],
)
def test_what_makes_no_sense_is_told(place, arguments, says):
    done = send(*arguments)
    assert done.exit_code == ExitCode.USAGE, done.output
    assert says in done.stderr


def test_what_is_not_there_is_told(place):
    assert send("missing.epub", "--to", "kobo").exit_code == ExitCode.SOURCE
    (place / "empty").mkdir()
    assert "no books in it" in send("empty", "--to", "kobo").stderr


def test_a_folder_gives_its_books_without_hidden_ones_and_backups(place):
    for name in (".trash/x.epub", "lamp.bak.epub", "lamp.bak2.epub"):
        path = place / "books" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no book")
    done = send("books", "--to", "phone")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 3)


def test_a_library_without_catalogue_says_how_to_make_one(place):
    (place / "plain").mkdir()
    done = send("--new", "--library", "plain", "--to", "kobo")
    assert done.exit_code == ExitCode.OUTPUT
    assert "library rebuild" in done.stderr


def test_a_device_of_the_settings_has_a_name_of_its_own(place):
    settings = place / "fic2epub.toml"
    settings.write_text(
        '[device.mine]\nto = "kobo"\nfolder = "Fanfic"\nformat = "epub"\n[device.lost]\nformat = "epub"\n'
    )
    environment = {"FIC2EPUB_CONFIG": str(settings)}
    done = send("books/lamp.epub", "--to", "mine", env=environment)
    assert done.exit_code == 0, done.output
    assert "/Fanfic/" in done.stdout
    assert done.stdout.strip().endswith("].epub")
    assert "does not say where it is" in send("books/lamp.epub", "--to", "lost", env=environment).stderr


def mail_settings(place: Path, port: int, certificates: Certificates) -> dict[str, str]:
    """Settings with an account for a server of the tests, as the environment names them."""
    settings = place / "fic2epub.toml"
    settings.write_text(
        f'[mail.me]\nserver = "localhost"\nport = {port}\nsecurity = "starttls"\nuser = "{USER}"\n'
        f'recipient = "ada@kindle.com"\npassword-env = "MAIL_PASSWORD"\nbooks-per-mail = 1\n'
        f'certificate = "{certificates.trusted.as_posix()}"\n'
    )
    return {"FIC2EPUB_CONFIG": str(settings), "MAIL_PASSWORD": PASSWORD}


@pytest.mark.skipif(os.name == "nt", reason="a mail server of POSIX")
def test_mail_is_handed_over_and_what_was_mailed_is_not_new(place, tmp_path_factory):
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    with mail_server(certificates) as (port, inbox):
        environment = mail_settings(place, port, certificates)
        planned = send("--new", "--to", "mail:me", "--dry-run", env=environment)
        assert planned.stderr.splitlines()[-1] == "3 books: 3 to send"
        assert inbox.delivered == []
        done = send("books/lamp.epub", "--to", "mail:me", env=environment)
        assert done.exit_code == 0, done.output
        assert done.stdout == "books/lamp.epub\n"
        rest = send("--new", "--to", "mail:me", env=environment)
        assert rest.exit_code == 0, rest.output
        assert len(inbox.books()) == 3
        again = send("--new", "--to", "mail:me", env=environment)
        assert again.stderr == "3 books: 3 already there\n"
        assert len(inbox.books()) == 3
        named = send("books/lamp.epub", "--to", "mail:me", env=environment)
        assert named.exit_code == 0, named.output
        assert len(inbox.books()) == 4  # what surely arrived may be sent again: the reader knows of it
    assert "There is no [mail.you]" in send("books", "--to", "mail:you", env=environment).stderr


@pytest.fixture
def dropped(place, tmp_path_factory):
    """A server that hung up on the first mail, with the lamp in it, before its answer; then it is polite."""
    if os.name == "nt":
        pytest.skip("a mail server of POSIX")
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    manners = Manners(hang_up=lambda count: count == 0, swallow=True)
    with mail_server(certificates, manners=manners) as (port, inbox):
        environment = mail_settings(place, port, certificates)
        first = send("books/lamp.epub", "--to", "mail:me", env=environment)
        assert first.exit_code == 7
        assert "--again" in first.stderr
        yield environment, inbox


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--replace",)])
def test_a_book_that_may_have_arrived_is_not_mailed_again_by_naming_it(dropped, more):
    environment, inbox = dropped
    done = send("books/lamp.epub", "--to", "mail:me", *more, env=environment)
    assert done.exit_code == 7
    assert done.stdout == ""
    assert done.stderr.startswith("? The Lamp Room  nobody knows whether it was sent\n")
    said = r"lamp\.epub: was mailed on \d{4}-\d\d-\d\d at \d\d:\d\d UTC and got no answer from the server"
    assert re.search(said, done.stderr)
    assert "not mailed again without --again" in done.stderr
    assert len(inbox.sizes) == 1


def test_again_mails_it_and_then_it_is_known(dropped):
    environment, inbox = dropped
    done = send("books/lamp.epub", "--to", "mail:me", "--again", env=environment)
    assert done.exit_code == 0, done.output
    assert done.stdout == "books/lamp.epub\n"
    assert len(inbox.sizes) == 2
    news = send("--new", "--where", 'title = "The Lamp Room"', "--to", "mail:me", "-v", env=environment)
    assert news.stderr == "= The Lamp Room  already there\n"
    assert len(inbox.sizes) == 2
    assert send("books/lamp.epub", "--to", "mail:me", env=environment).exit_code == 0
    assert len(inbox.sizes) == 3


def test_the_books_beside_one_in_doubt_are_mailed(dropped):
    environment, inbox = dropped
    done = send("books", "--to", "mail:me", "--json", env=environment)
    assert done.exit_code == ExitCode.SOME_FAILED
    told = {one["title"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {title: one["outcome"] for title, one in told.items()} == {
        "The Lamp Room": "unknown",
        "Wick": "sent",
        "Oil and Salt": "sent",
    }
    assert "nobody knows whether it arrived" in told["The Lamp Room"]["error"]
    assert len(inbox.sizes) == 3


def test_new_leaves_a_book_in_doubt_out_and_again_takes_it_in(dropped):
    environment, inbox = dropped
    done = send("--new", "--to", "mail:me", "-v", env=environment)
    assert done.exit_code == 0, done.output
    assert "nobody knows whether it arrived. --again mails it once more." in done.stderr
    assert len(inbox.sizes) == 3
    assert send("--new", "--to", "mail:me", "--again", env=environment).exit_code == 0
    assert len(inbox.sizes) == 4
    assert inbox.books()[-1] == Path("books/lamp.epub").read_bytes()


def test_another_edition_of_a_book_in_doubt_is_another_book(dropped):
    environment, inbox = dropped
    Path("books/lamp.epub").unlink()
    write(published(title="The Lamp Room, mended", work_id="11"), Path("books/lamp.epub"))
    done = send("books/lamp.epub", "--to", "mail:me", env=environment)
    assert done.exit_code == 0, done.output
    assert len(inbox.sizes) == 2


def test_a_book_that_was_refused_is_mailed_again_without_a_word(place, tmp_path_factory):
    if os.name == "nt":
        pytest.skip("a mail server of POSIX")
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    manners = Manners(data=lambda count: "250 2.0.0 OK" if count else "554 5.7.1 not today")
    with mail_server(certificates, manners=manners) as (port, inbox):
        environment = mail_settings(place, port, certificates)
        assert send("books/lamp.epub", "--to", "mail:me", env=environment).exit_code == 7
        assert send("books/lamp.epub", "--to", "mail:me", env=environment).exit_code == 0
        assert len(inbox.delivered) == 1


def test_again_is_for_mail_alone(place):
    refused = send("books/lamp.epub", "--to", "kobo", "--again")
    assert refused.exit_code == 2
    assert "--again is for books by mail" in refused.stderr


def test_nothing_is_mailed_that_could_not_be_noted(place, monkeypatch):
    opened = os.open

    def guarded(path, flags, *rest, **values):
        if str(path).endswith("sent.jsonl"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, *rest, **values)

    monkeypatch.setattr(os, "open", guarded)
    settings = place / "fic2epub.toml"
    settings.write_text('[mail.me]\nserver = "nowhere.invalid"\nsender = "a@b.org"\nrecipient = "c@d.org"\n')
    shown = send("books/lamp.epub", "--to", "mail:me", env={"FIC2EPUB_CONFIG": str(settings)})
    assert shown.exit_code == 7
    assert "sent.jsonl: cannot be written" in shown.stderr


@pytest.mark.needs("mount")
def test_the_program_ends_with_7_if_the_device_is_pulled_out(place):
    disk = place / "disks" / "Nook"
    with readers.small_disk(disk):
        lay_out(disk, "nook")
        script = (
            "import sys; from pathlib import Path; from support import readers;"
            "from fic2epub.cli import main; from fic2epub.delivery import copying;"
            "disk = Path(sys.argv.pop(1)); step = copying._compare;"
            "copying._compare = lambda *a: (readers.pull_out(disk), step(*a));"
            "main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(disk), "send", "books", "--to", str(disk)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent), "FIC2EPUB_CONFIG": ""},
            check=False,
        )
        assert done.returncode == ExitCode.DELIVERY, done.stderr
        assert "Was it unplugged?" in done.stderr
        assert "3 books were not sent" in done.stderr
        assert done.stdout == ""
        assert list(disk.iterdir()) == []
