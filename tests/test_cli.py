import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.dumps import PROSE, dump, put
from support.signals import hear_ctrl_c
from support.works import listing

from fic2epub.builder.grouping import GROUP_BY
from fic2epub.cli.app import COMMANDS, app
from fic2epub.container import read_entries, zip_entries
from fic2epub.errors import Fic2EpubError
from fic2epub.record import read_record

BAD = {
    "empty": b"",
    "blank": b" \n\t\n",
    "zip": b"PK\x03\x04" + bytes(200),
    "pdf": b"%PDF-1.7\n" + bytes(range(256)),
    "mobi": bytes(60) + b"BOOKMOBI" + bytes(60),
}


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin, prog_name="fic2epub")


def program(*arguments, **values):
    """The program in a process of its own."""
    command = [sys.executable, "-m", "fic2epub", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **values)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder, with three good dumps in ``dumps``."""
    put(
        tmp_path / "dumps",
        one=dump(work_id="11"),
        two=dump("Oil and Salt", work_id="22"),
        ten=dump("Ninety Steps", work_id="33"),
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Help and version


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name):
    result = run(name, "-h")
    assert result.exit_code == 0
    assert f"Usage: fic2epub {name}" in result.stdout
    assert f"\n    fic2epub {name}" in result.stdout.partition("Example:\n")[2]
    assert result.stderr == ""


def test_the_help_names_every_command():
    result = run("--help")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.partition("Commands:\n")[2].splitlines()] == list(
        COMMANDS
    )
    assert "..." not in result.stdout.partition("Commands:\n")[2]


def test_the_version_is_the_packages():
    from fic2epub import __version__

    assert run("--version").stdout.split()[-1] == __version__


def test_the_help_of_an_anthology_names_every_group():
    said = run("anthology", "--help").stdout
    assert all(name in said for name in (*GROUP_BY, "none"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("convert",),
        ("convert", "x.txt", "--nonsense"),
        ("convert", "x.txt", "--encoding", "nonsense"),
        ("convert", "x.txt", "--encoding", "hex"),
        ("convert", "x.txt", "--encoding", "idna"),
        ("convert", "x.txt", "--encoding", "undefined"),
        ("convert", "x.txt", "--encoding", "unicode_escape"),
        ("convert", "x.txt", "--encoding", "utf-8\0"),
        ("convert", "x.txt", "--chapters", "0"),
        ("convert", "x.txt", "--min-confidence", "2"),
        ("convert", "x.txt", "--min-confidence", "nan"),
        ("convert", "-", "x.txt"),
        ("batch", "nowhere"),
        ("anthology", "x.txt", "--group-by", "colour"),
        ("convert", "dumps", "-o", "one.epub"),
        ("convert", "dumps", "-o", "-"),
        ("convert", "dumps", "--title", "All of Them"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_word(here, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stdout == ""
    assert listing(here) == ["dumps"]


def test_completion_is_clicks_own():
    environment = {**os.environ, "_FIC2EPUB_COMPLETE": "bash_source"}
    command = [sys.executable, "-c", "from fic2epub.cli import main; main()"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "complete" in done.stdout


# convert


def test_convert_puts_a_book_into_the_current_folder(here):
    result = run("convert", "dumps/one.txt")
    assert result.exit_code == 0
    assert result.stdout == "Ada Quill - The Lamp Room.epub\n"
    assert result.stderr.startswith("✓ The Lamp Room  1 chapter  ")
    assert listing(here) == ["Ada Quill - The Lamp Room.epub", "dumps"]


def test_convert_says_what_is_unchanged(here):
    run("convert", "dumps/one.txt")
    result = run("convert", "dumps/one.txt")
    assert (result.exit_code, result.stdout) == (0, "Ada Quill - The Lamp Room.epub\n")
    assert "unchanged" in result.stderr


@pytest.mark.parametrize(
    ("output", "path"),
    [
        ("mine.epub", "mine.epub"),
        ("new/mine.epub", "new/mine.epub"),
        ("new/", "new/Ada Quill - The Lamp Room.epub"),
        ("dumps", "dumps/Ada Quill - The Lamp Room.epub"),
    ],
)
def test_convert_writes_where_it_is_told(here, output, path):
    result = run("convert", "dumps/one.txt", "-o", output)
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert read_record(read_entries(here / path)) is not None


def test_convert_takes_a_folder_in_natural_order(here):
    put(here / "dumps", part10=dump("Ten", work_id="10"), part9=dump("Nine", work_id="9"))
    result = run("convert", "dumps", "-o", "books")
    assert result.exit_code == 0
    titles = [line.partition(" - ")[2] for line in result.stdout.splitlines()]
    assert titles == ["The Lamp Room.epub", "Nine.epub", "Ten.epub", "Ninety Steps.epub", "Oil and Salt.epub"]
    assert result.stderr.endswith("5 works: 5 made\n")


def test_convert_reads_a_dump_from_standard_input(here):
    result = run("convert", "-", stdin=dump())
    assert (result.exit_code, result.stdout) == (0, "Ada Quill - The Lamp Room.epub\n")
    assert (
        read_record(read_entries(here / "Ada Quill - The Lamp Room.epub")).modified == "2000-01-01T00:00:00Z"
    )


def test_convert_writes_a_book_to_standard_output(here):
    result = run("convert", "dumps/one.txt", "-o", "-")
    assert result.exit_code == 0
    assert read_record(read_entries(result.stdout_bytes)) is not None
    assert "The Lamp Room" in result.stderr
    assert listing(here) == ["dumps"]


def test_convert_reads_paths_from_standard_input(here):
    result = run("convert", "--paths-from", "-", stdin="dumps/two.txt\n\ndumps/one.txt\r\n")
    assert result.exit_code == 0
    assert result.stdout == "Ada Quill - Oil and Salt.epub\nAda Quill - The Lamp Room.epub\n"


def test_options_change_the_book(here):
    result = run("convert", "dumps/one.txt", "--title", "Else", "--author", "Ben & Cy", "--language", "fr")
    assert result.stdout == "Ben, Cy - Else.epub\n"
    opf = read_entries(here / "Ben, Cy - Else.epub")["content.opf"].decode()
    assert "<dc:language>fr</dc:language>" in opf


def test_source_date_epoch_is_the_date(here, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    run("convert", "dumps/one.txt", "-o", "x.epub")
    assert read_record(read_entries(here / "x.epub")).modified == "1970-01-02T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert run("convert", "dumps/one.txt", "-o", "x.epub").exit_code == 2


# Bad input and bad targets


@pytest.mark.parametrize("name", BAD)
def test_a_bad_dump_ends_with_3_and_a_sentence(here, name):
    (here / f"{name}.txt").write_bytes(BAD[name])
    before = listing(here)
    result = run("convert", f"{name}.txt")
    assert result.exit_code == 3
    assert f"{name}.txt" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert listing(here) == before


def test_a_dump_that_is_missing_or_a_folder_without_dumps(here):
    assert run("convert", "nowhere.txt").exit_code == 3
    (here / "empty").mkdir()
    result = run("convert", "empty")
    assert result.exit_code == 3
    assert "--all" in result.stderr


def test_several_dumps_some_bad_make_the_others(here):
    (here / "bad.txt").write_bytes(b"")
    result = run("convert", "dumps/one.txt", "bad.txt", "nowhere.txt", "dumps/two.txt")
    assert result.exit_code == 8
    assert result.stdout.splitlines() == ["Ada Quill - The Lamp Room.epub", "Ada Quill - Oil and Salt.epub"]
    assert result.stderr.count("✗") == 2
    assert result.stderr.endswith("4 works: 2 made, 2 failed\n")


def test_two_works_of_one_title_are_two_books(here):
    put(here / "dumps", other=dump(work_id="44"))
    run("convert", "dumps/one.txt")
    result = run("convert", "dumps/other.txt")
    assert (result.exit_code, result.stdout) == (0, "Ada Quill - The Lamp Room [44].epub\n")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../../etc/passwd", "Ada Quill - ..-..-..-etc-passwd.epub"),
        ("/etc/passwd", "Ada Quill - -etc-passwd.epub"),
        ("CON", "Ada Quill - CON.epub"),
        ("🎉🎉", "Ada Quill - Work 55.epub"),
    ],
)
def test_a_title_never_leaves_the_folder(here, title, name):
    put(here / "dumps", odd=dump(title, work_id="55"))
    result = run("convert", "dumps/odd.txt")
    assert (result.exit_code, result.stdout) == (0, f"{name}\n")
    assert listing(here) == [name, "dumps"]


def test_a_long_title_is_cut(here):
    put(here / "dumps", odd=dump("winter " * 43, work_id="55"))
    result = run("convert", "dumps/odd.txt")
    assert result.exit_code == 0
    assert len(result.stdout.strip()) <= 100


@pytest.mark.parametrize("work_id", ["../../x", "C:\\x", "12/34", "/", "CON"])
def test_a_work_id_that_is_a_path_is_no_path(here, work_id):
    put(here / "dumps", odd=dump(work_id=work_id), same=dump(work_id="66"))
    result = run("convert", "dumps/same.txt", "dumps/odd.txt")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "Ada Quill - The Lamp Room (2).epub"
    assert len(listing(here)) == 3


def make_foreign(target):
    target.write_bytes(b"a shopping list")


def make_folder(target):
    target.mkdir()


def make_other(target):
    run("convert", "dumps/two.txt", "-o", target)


def make_edited(target):
    run("convert", "dumps/one.txt", "-o", target)
    entries = {**read_entries(target), "style.css": b"p { color: red }"}
    target.write_bytes(zip_entries(list(entries.items())))


def make_read_only(target):
    run("convert", "dumps/one.txt", "-o", target)
    put(target.parent / "dumps", one=dump(work_id="11", prose=PROSE * 2))
    target.chmod(0o444)


def make_longer(target):
    put(target.parent / "dumps", long=dump(work_id="11", prose=PROSE * 5))
    run("convert", "dumps/long.txt", "-o", target)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (make_foreign, "did not write it"),
        (make_folder, "folder"),
        (make_other, "another work"),
        (make_edited, "was edited"),
        (make_read_only, "read-only"),
        (make_longer, "the new dump only"),
    ],
)
def test_a_target_that_must_not_be_replaced_ends_with_5(here, monkeypatch, make, told):
    target = here / "books" / "x.epub"
    target.parent.mkdir()
    put(target.parent / "dumps", one=dump(work_id="11"), two=dump("Oil and Salt", work_id="22"))
    monkeypatch.chdir(target.parent)
    make(target)
    before = target.read_bytes() if target.is_file() else None
    names = listing(target.parent)
    result = run("convert", "dumps/one.txt", "-o", "x.epub")
    assert result.exit_code == 5, result.stderr
    assert told in result.stderr
    assert result.stdout == ""
    assert listing(target.parent) == names
    assert before is None or target.read_bytes() == before


def test_force_keeps_the_edited_book(here):
    target = here / "x.epub"
    make_edited(target)
    edited = target.read_bytes()
    result = run("convert", "dumps/one.txt", "-o", "x.epub", "--force")
    assert result.exit_code == 0
    assert (here / "x.bak.epub").read_bytes() == edited
    assert "kept as x.bak.epub" in result.stderr


# batch


def test_batch_fills_the_folder_books(here):
    put(here / "dumps" / "deep", four=dump("Four", work_id="4"))
    (here / "dumps" / "shopping.txt").write_text("Eggs and flour and some more of the good butter.\n")
    (here / "dumps" / "README.txt").write_text("About these files.\n")
    result = run("batch", "dumps")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    assert sorted(path.name for path in (here / "books").glob("*.epub")) == sorted(
        line.removeprefix("books/") for line in result.stdout.splitlines()
    )
    assert result.stderr.startswith("not dumps: shopping.txt (--all takes them)\n")
    assert result.stderr.endswith("4 works: 4 made\n")
    assert run("batch", "dumps").stderr.endswith("4 works: 4 unchanged\n")


def test_batch_takes_what_all_says(here):
    (here / "dumps" / "shopping.txt").write_text("Eggs and flour and some more of the good butter.\n")
    assert run("batch", "dumps", "--all").stderr.endswith("4 works: 4 made\n")


def test_batch_goes_on_after_a_failure(here):
    (here / "dumps" / "Ada Quill - Oil and Salt.epub").write_bytes(b"mine")
    result = run("batch", "dumps", "-o", "dumps")
    assert result.exit_code == 8
    assert result.stderr.endswith("3 works: 2 made, 1 failed\n")


def test_batch_leaves_its_own_folder_out(here):
    run("batch", "dumps", "-o", "dumps/books")
    put(here / "dumps" / "books", stray=dump("Stray", work_id="9"))
    result = run("batch", "dumps", "-o", "dumps/books")
    assert result.stderr.endswith("3 works: 3 unchanged\n")


def test_batch_needs_a_folder_to_write_to(here):
    (here / "books").write_bytes(b"")
    result = run("batch", "dumps")
    assert result.exit_code == 5
    assert "is a file" in result.stderr


def test_the_number_of_jobs_changes_nothing(here):
    for jobs in (1, 2):
        environment = {**os.environ, "PYTHONHASHSEED": str(jobs), "TZ": f"UTC+{jobs}", "LC_ALL": "C"}
        done = program("batch", "dumps", "-o", f"books{jobs}", "--jobs", jobs, env=environment)
        assert done.returncode == 0, done.stderr
    one, two = (
        {path.name: path.read_bytes() for path in (here / f"books{jobs}").glob("*.epub")} for jobs in (1, 2)
    )
    assert one == two
    assert len(one) == 3


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_batch_ends_with_130_and_whole_books(here, jobs):
    many = {f"d{at:03}": dump(f"Part {at}", work_id=str(1000 + at), prose=PROSE * 60) for at in range(300)}
    put(here / "many", **many)
    command = [sys.executable, "-m", "fic2epub", "batch", "many", "--jobs", str(jobs)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    started = time.monotonic()
    _, told = process.communicate(timeout=60)
    assert time.monotonic() - started < 20
    assert process.returncode == 130, told
    assert "Traceback" not in told
    books = [name for name in listing(here / "books") if name != ".fic2epub"]
    assert 0 < len(books) < 300
    assert not [name for name in books if name.endswith(".part")]
    assert all(read_record(read_entries(here / "books" / name)) for name in books)


# anthology


def test_an_anthology_is_named_after_its_folder(here):
    result = run("anthology", "dumps")
    assert (result.exit_code, result.stdout) == (0, "dumps.epub\n")
    record = read_record(read_entries(here / "dumps.epub"))
    assert len(record.works) == 3
    assert result.stderr.endswith("✓ dumps  3 works\n")
    assert run("anthology", "dumps").stderr.endswith("✓ dumps  3 works  unchanged\n")


def test_an_anthology_of_files_is_named_after_the_folder_they_lie_in(here, monkeypatch):
    monkeypatch.chdir(here / "dumps")
    assert run("anthology", "one.txt", "two.txt").stdout == "dumps.epub\n"
    assert run("anthology", ".", "-o", "x.epub").stdout == "x.epub\n"
    assert b"<dc:title>dumps</dc:title>" in read_entries(here / "dumps" / "x.epub")["content.opf"]


def test_an_anthology_obeys_its_options(here):
    result = run(
        *("anthology", "dumps", "--title", "Winter: Tales", "--group-by", "none", "--sort-by", "work-id"),
        *("-o", "out/"),
    )
    assert result.stdout == "out/Winter - Tales.epub\n"
    works = read_record(read_entries(here / "out" / "Winter - Tales.epub")).works
    assert [work.work_id for work in works] == ["11", "22", "33"]


def test_an_anthology_goes_to_standard_output(here):
    result = run("anthology", "dumps", "-o", "-")
    assert len(read_record(read_entries(result.stdout_bytes)).works) == 3


def test_an_anthology_refuses_a_bad_dump_unless_told(here):
    (here / "bad.txt").write_bytes(b"")
    result = run("anthology", "dumps", "bad.txt", "--title", "All")
    assert result.exit_code == 3
    assert "bad.txt" in result.stderr
    assert "--skip-bad" in result.stderr
    assert listing(here) == ["bad.txt", "dumps"]
    result = run("anthology", "dumps", "bad.txt", "--title", "All", "--skip-bad")
    assert (result.exit_code, result.stdout) == (0, "All.epub\n")
    assert "bad.txt" in result.stderr


def test_an_anthology_of_bad_dumps_alone_is_none(here):
    (here / "bad.txt").write_bytes(b"")
    assert run("anthology", "bad.txt", "--skip-bad").exit_code == 3
    assert listing(here) == ["bad.txt", "dumps"]


# inspect


def test_inspect_prints_an_outline_and_writes_nothing(here):
    result = run("inspect", "dumps/one.txt")
    assert result.exit_code == 0
    assert "The Lamp Room" in result.stdout
    assert run("inspect", "dumps/one.txt", "--ledger").stdout != result.stdout
    assert listing(here) == ["dumps"]


def test_inspect_prints_one_json_object_a_dump(here):
    (here / "dumps" / "bad.txt").write_bytes(b"%PDF-1.7\n")
    result = run("inspect", "dumps/one.txt", "dumps/bad.txt", "dumps/two.txt", "--json")
    one, bad, two = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 8
    assert (one["title"], two["title"]) == ("The Lamp Room", "Oil and Salt")
    assert (one["schema"], one["line_base"], one["file"]) == (1, 0, "one.txt")
    assert set(bad) == {"schema", "line_base", "file", "path", "error"}
    assert (bad["file"], bad["path"]) == ("bad.txt", "dumps/bad.txt")
    assert "bad.txt" in bad["error"]


def test_inspect_of_one_bad_dump_ends_with_its_own_code(here):
    (here / "bad.txt").write_bytes(b"")
    result = run("inspect", "bad.txt", "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"]


def test_inspect_reads_standard_input(here):
    result = run("inspect", "-", "--json", stdin=dump())
    assert json.loads(result.stdout)["title"] == "The Lamp Room"


# What is said, and where


def test_quiet_says_results_alone(here):
    result = run("convert", "dumps", "-q", "-o", "books")
    assert result.stderr == ""
    assert len(result.stdout.splitlines()) == 3
    assert "✗" in run("-q", "convert", "nowhere.txt").stderr
    assert run("convert", "nowhere.txt", "-qq").stderr == ""


def test_colour_is_for_terminals_only(here):
    result = run("convert", "dumps/one.txt")
    assert "\x1b" not in result.stderr
    coloured = CliRunner().invoke(app, ["convert", "nowhere.txt"], color=True)
    assert "\x1b" in coloured.stderr
    plain = CliRunner(env={"NO_COLOR": "1"}).invoke(app, ["convert", "nowhere.txt"], color=True)
    assert "\x1b" not in plain.stderr


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def test_a_terminal_gets_a_progress_bar_and_a_pipe_does_not(here, monkeypatch):
    from fic2epub.cli.progress import bar
    from fic2epub.cli.talk import Talk

    for stream, expected in ((Terminal, True), (io.TextIOWrapper, False)):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stderr", stream(written, encoding="utf-8"))
        with bar(Talk(), 3) as (say, step):
            say("one line [not markup]")
            step()
        sys.stderr.flush()
        assert ("1/3" in written.getvalue().decode()) is expected
        assert "one line [not markup]" in written.getvalue().decode()
        monkeypatch.undo()
        monkeypatch.chdir(here)


def raises(error):
    def command(*_arguments, **_values):
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ZeroDivisionError("seven"), 1, "Error: An error of the program's own (ZeroDivisionError: seven)."),
        (MemoryError(), 1, "not enough memory"),
        (PermissionError(13, "Permission denied", "books"), 1, "Error: books: Permission denied."),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (Fic2EpubError("What, where, what to do."), 1, "Error: What, where, what to do."),
    ],
)
def test_every_error_is_a_sentence_and_a_code(here, monkeypatch, error, code, told):
    monkeypatch.setattr("fic2epub.cli.convert.collect", raises(error))
    result = run("convert", "dumps/one.txt")
    assert result.exit_code == code
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    if code != 130:
        assert "Traceback" in run("convert", "dumps/one.txt", "--debug").stderr
        assert "Traceback" in run("--debug", "convert", "dumps/one.txt").stderr


def test_every_error_class_has_its_exit_code(here, monkeypatch):
    def children(kind):
        for child in kind.__subclasses__():
            yield child
            yield from children(child)

    for kind in children(Fic2EpubError):
        monkeypatch.setattr("fic2epub.cli.convert.collect", raises(kind("why")))
        assert run("convert", "dumps/one.txt").exit_code == kind.exit_code != 1


def test_exit_codes_reach_the_shell(here):
    (here / "bad.txt").write_bytes(b"")
    assert program("convert", "dumps/one.txt").returncode == 0
    assert program("convert", "bad.txt").returncode == 3
    assert program("convert", "dumps/one.txt", "bad.txt").returncode == 8
    assert program("convert").returncode == 2


def test_a_closed_pipe_is_no_traceback(here):
    put(here / "many", **{f"d{at}": dump(f"Part {at}", work_id=str(1000 + at)) for at in range(30)})
    command = [sys.executable, "-m", "fic2epub", "inspect", "many", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_standard_output_is_told(here):
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "fic2epub", "convert", "dumps/one.txt", "-o", "-"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 5
    assert b"standard output" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_file_name_that_is_no_unicode_is_read_and_printed(here):
    name = os.fsdecode(b"dumps/caf\xe9.txt")
    Path(name).write_text(dump("Tea", work_id="77"), encoding="utf-8")
    done = program("convert", name, "-o", os.fsdecode(b"caf\xe9.epub"))
    assert (done.returncode, done.stdout) == (0, b"caf\xe9.epub\n")
    inspected = program("inspect", name, "--json")
    assert inspected.returncode == 0, inspected.stderr
    assert json.loads(inspected.stdout)["title"] == "Tea"


def test_a_conversion_imports_only_what_it_needs(here):
    code = (
        "import sys; from fic2epub.cli import main; sys.argv = ['fic2epub', 'convert', 'dumps/one.txt']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'rich', 'sqlite3', 'concurrent.futures.process'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
