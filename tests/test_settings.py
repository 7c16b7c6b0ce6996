"""fic2epub.toml: which file may say what, which value wins, and that a slip names its place."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.dumps import dump, put

from fic2epub.cli import defaults, settings
from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.errors import UsageError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A current folder with a dump in ``dumps``; the reader's own file is ``own/fic2epub.toml``."""
    put(tmp_path / "dumps", one=dump(work_id="11"))
    (tmp_path / "own").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIC2EPUB_CONFIG", str(tmp_path / "own" / "fic2epub.toml"))
    own(tmp_path, "")
    return tmp_path


def own(place, text):
    (place / "own" / "fic2epub.toml").write_text(text, encoding="utf-8")


def beside(place, text):
    (place / "dumps" / "fic2epub.toml").write_text(text, encoding="utf-8")


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments], prog_name="fic2epub")


def shown(*arguments):
    """What ``config show`` says: key -> (value, the file's or layer's last name)."""
    result = run("config", "show", "--json", *arguments)
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["settings"]
    return {row["key"]: (row["value"], row["from"]) for row in rows}


def refused(*arguments):
    """The sentence with which a command is refused for its settings."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert not result.stdout
    return result.stderr


# Which value wins


def test_each_layer_outranks_the_one_before(place):
    beside(
        place, 'theme = "ao3"\nornament = "stars"\nformat = "kepub"\nmin-confidence = 0.1\nlanguage = "fr"'
    )
    own(
        place,
        'theme = "plain"\nornament = "dots"\nformat = "epub"\nmin-confidence = 0.2\n'
        '[batch]\nornament = "tilde"\n[profile.kobo]\nformat = "kepub"\nmin-confidence = 0.3',
    )
    values = shown("dumps", "--for", "batch", "--profile", "kobo", "--set", "min-confidence=0.4")
    here = place / "own" / "fic2epub.toml"
    assert values["language"] == ("fr", "dumps/fic2epub.toml")
    assert values["theme"] == ("plain", str(here))
    assert values["ornament"] == ("tilde", str(here))
    assert values["format"] == ("kepub", f"{here} [profile.kobo]")
    assert values["min-confidence"] == (0.4, "--set")
    assert values["discreet"] == (False, "default")


def test_what_is_set_makes_the_book_and_what_is_typed_outranks_it(place):
    beside(place, 'chapter-title = "number"\n')
    own(place, 'format = "kepub"\n[convert]\noutput = "shelf/"\n')
    assert run("convert", "dumps/one.txt").exit_code == 0
    assert [path.name for path in (place / "own" / "shelf").iterdir()] == [
        "Ada Quill - The Lamp Room.kepub.epub"
    ]
    result = run("convert", "dumps/one.txt", "--format", "epub", "-o", "typed/")
    assert result.exit_code == 0, result.output
    assert [path.name for path in (place / "typed").iterdir()] == ["Ada Quill - The Lamp Room.epub"]


def test_a_list_is_set_as_it_is_typed_again_and_again(place):
    own(place, 'notes = ["appendix", "before=drop"]')
    assert shown("--for", "convert")["notes"][0] == ["appendix", "before=drop"]
    set_once = run("convert", "dumps/one.txt", "-o", "a.epub")
    typed = run(
        "--set",
        "notes=[]",
        "convert",
        "dumps/one.txt",
        "--notes=appendix",
        "--notes=before=drop",
        "-o",
        "b.epub",
    )
    assert set_once.exit_code == typed.exit_code == 0, typed.output
    assert read_entries(place / "a.epub") == read_entries(place / "b.epub")


def test_an_option_that_excludes_another_takes_its_place(place):
    own(place, 'cover = "gone.png"')
    assert "gone.png" in refused("convert", "dumps/one.txt")
    assert run("convert", "dumps/one.txt", "--no-cover").exit_code == 0
    assert run("convert", "dumps/one.txt", "--set", "no-cover=true").exit_code == 0
    assert "gone.png" in refused("convert", "dumps/one.txt", "--set", "no-cover=false")


def test_a_path_in_a_file_starts_from_the_files_folder_or_from_home(place, monkeypatch):
    monkeypatch.setenv("HOME", str(place / "home"))
    monkeypatch.setenv("USERPROFILE", str(place / "home"))
    own(place, '[batch]\noutput = "../shelf/"\n[convert]\noutput = "~/books/"')
    assert run("batch", "dumps").exit_code == 0
    assert list((place / "shelf").glob("*.epub"))
    assert run("convert", "dumps").exit_code == 0
    assert list((place / "home" / "books").glob("*.epub"))


def test_underscores_are_hyphens_and_a_bom_is_nothing(place):
    own(place, "\ufeffmin_confidence = 0.25\r\n[batch]\r\nno_cover = true\r\n")
    assert shown("--for", "batch")["min-confidence"][0] == 0.25
    assert shown("--for", "batch")["no-cover"][0] is True


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("theme=ao3", "ao3"),
        ("theme='ao3'", "ao3"),
        ("batch.theme=ao3", "ao3"),
        ("ornament=~ ~", "~ ~"),
        ("ornament=", ""),
        ("ornament=a=b", "a=b"),
        ('ornament=a\nb = "c"', 'a\nb = "c"'),
        ("no_infer=true", True),
        ("jobs=3", 3),
        ('notes=["appendix"]', ["appendix"]),
    ],
)
def test_a_setting_can_be_typed_as_toml_or_as_it_stands(place, typed, value):
    key = typed.partition("=")[0].rpartition(".")[2].replace("_", "-")
    assert shown("--for", "batch", "--set", typed)[key] == (value, "--set")


@pytest.mark.parametrize("before", [True, False])
def test_a_profile_may_stand_before_the_command_or_behind_it(place, before):
    own(place, '[profile.kobo]\nformat = "kepub"\n[profile.kobo.batch]\noutput = "kobo"')
    profile = ["--profile", "kobo"]
    result = run(*(profile if before else ()), "batch", "dumps", *(() if before else profile))
    assert result.exit_code == 0, result.output
    assert list((place / "own" / "kobo").glob("*.kepub.epub"))


def test_a_profile_may_be_in_either_file_or_in_both(place):
    beside(place, '[profile.old]\nlanguage = "fr"\ntheme = "ao3"')
    own(place, '[profile.old]\ntheme = "plain"')
    values = shown("dumps", "--for", "batch", "--profile", "old")
    assert (values["language"][0], values["theme"][0]) == ("fr", "plain")


# A file among dumps


def forbidden_keys():
    """Every key of every command that a file among dumps must not set."""
    keys = frozenset().union(*defaults.known().values())
    return sorted(keys - defaults.OF_A_BOOK)


@pytest.mark.parametrize("head", ["", "[batch]\n", "[profile.x]\n", "[profile.x.convert]\n"])
def test_a_file_among_dumps_cannot_set_what_is_not_about_the_book(place, head):
    path = head.strip("[]\n").split(".") if head else []
    command = path[-1] if path and path[-1] in ("batch", "convert") else None
    keys = [key for key in forbidden_keys() if command is None or key in defaults.known()[command]]
    assert {"output", "cover", "cover-font", "css", "templates", "corrections", "force"} <= set(keys)
    for key in keys:
        beside(place, f'{head}{key} = "x"')
        message = refused("batch", "dumps")
        assert f"{key} is not for a file among dumps" in message, key
        assert str(place / "own" / "fic2epub.toml") in message
    assert not (place / "books").exists()


@pytest.mark.parametrize(
    "text",
    [
        '[mail.kindle]\nserver = "smtp.example.org"\npassword-command = "touch caught"',
        '[device.reader]\npath = "/"',
        'mail = "x"',
        '"mail.kindle" = "x"',
    ],
)
def test_a_file_among_dumps_cannot_set_mail_or_devices(place, text):
    beside(place, text)
    assert "is not for a file among dumps" in refused("batch", "dumps")
    assert not (place / "caught").exists()
    with pytest.raises(UsageError, match=r"There is no \[mail"):
        settings.mail("kindle")


@pytest.mark.parametrize("notes", ['"drop"', '["chapter-end", "before=drop"]'])
def test_a_file_among_dumps_cannot_leave_notes_out(place, notes):
    beside(place, f"notes = {notes}\n")
    assert "nothing that leaves words out" in refused("batch", "dumps")
    beside(place, 'notes = "chapter-end"\n')
    assert run("batch", "dumps").exit_code == 0


def test_what_a_file_among_dumps_may_set_is_no_path_and_no_command():
    from fic2epub.cli.app import COMMANDS

    for name in COMMANDS:
        command = app.get_command(None, name)
        for option in command.params:
            keys = {one.removeprefix("--") for one in option.opts}
            if keys & defaults.OF_A_BOOK:
                assert not defaults._is_path(option), keys
                assert not any(word in key for key in keys for word in ("command", "mail", "template"))


def test_all_that_a_file_among_dumps_may_set_is_known():
    assert frozenset().union(*defaults.known().values()) >= defaults.OF_A_BOOK


def test_the_file_of_the_dumps_folder_counts_for_a_dump_in_it_and_for_no_other(place):
    beside(place, 'theme = "nothing"')
    assert "nothing" in refused("convert", "dumps/one.txt")
    put(place / "more", two=dump("Oil", work_id="22"))
    assert run("convert", "more/two.txt").exit_code == 0
    both = run("convert", "more/two.txt", "dumps/one.txt", "-o", "both/")
    assert both.exit_code == 0
    assert "dumps/fic2epub.toml: is not read" in both.stderr.replace("\\", "/")


def test_the_current_folders_file_counts_only_for_dumps_in_it(place, monkeypatch):
    (place / "fic2epub.toml").write_text('output = "x"')
    assert run("batch", "dumps").exit_code == 0
    monkeypatch.chdir(place / "dumps")
    beside(place, 'output = "x"')
    assert "is not for a file among dumps" in refused("convert", "one.txt")


def test_the_readers_own_file_may_lie_among_dumps(place, monkeypatch):
    beside(place, '[convert]\noutput = "../shelf/"')
    monkeypatch.setenv("FIC2EPUB_CONFIG", str(place / "dumps" / "fic2epub.toml"))
    assert run("convert", "dumps/one.txt").exit_code == 0
    assert list((place / "shelf").glob("*.epub"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_a_settings_file_that_is_no_file_is_not_waited_for(place):
    os.mkfifo(place / "dumps" / "fic2epub.toml")
    assert run("convert", "dumps/one.txt").exit_code == 0


# Slips


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('themme = "ao3"', "there is no setting 'themme'. Did you mean theme?"),
        ("[bacth]\njobs = 1", "there is no command 'bacth'. Did you mean batch?"),
        ("[batch]\njob = 1", "[batch] there is no setting 'job'. Did you mean jobs?"),
        ("[profile.x]\nthemme = 1", "[profile.x]: there is no setting 'themme'"),
        ("[profile.x.bacth]\njobs = 1", "there is no command 'bacth'"),
        ("[convert]\njobs = 1", "[convert] there is no setting 'jobs'"),
        ('title = "A"', "title is for one run. It can only be typed: --title."),
        ("[profile]\nx = 1", "[profile] needs a name: [profile.NAME]"),
        ('mail = "x"', "[mail] needs a name"),
        ('[mail]\nserver = "x"', "[mail] needs a name"),
        ("[mail.a.b]\nx = 1", "[mail.a] holds another table"),
        ("no-cover = 1", "no-cover is true or false, not 1"),
        ("theme = true", "theme cannot be True"),
        ("theme = [1]", "theme cannot be [1]"),
        ("theme = 2024-01-01", "theme cannot be"),
        ("notes = [true]", "notes cannot be True"),
        ('theme = "dark"', "theme: 'dark' is not one of"),
        ("min-confidence = 2", "min-confidence: 2"),
        ('encoding = "utf-99"', "encoding: 'utf-99' is no encoding"),
        ('notes = "nowhere"', "notes is set in"),
        ('language = "Klingonese"', "language is set in"),
        ("theme = ", "is no TOML"),
        ("a = 1\na = 2", "is no TOML"),
        ("a = " + "[" * 100_000, "is no TOML"),
        ("#" * (1 << 20) + "\n", "is over 1 MB"),
    ],
)
def test_a_slip_in_the_readers_own_file_names_the_file(place, text, says):
    own(place, text)
    message = refused("batch", "dumps")
    assert says in message
    assert str(place / "own" / "fic2epub.toml") in message


def test_a_file_in_another_encoding_is_refused(place):
    (place / "own" / "fic2epub.toml").write_bytes('theme = "é"'.encode("latin-1"))
    assert "is not in UTF-8" in refused("batch", "dumps")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("theme", "write KEY=VALUE"),
        ("=ao3", "write KEY=VALUE"),
        ("batch.=1", "write KEY=VALUE"),
        ("theme={a=1}", "a value is a text"),
        ("thme=ao3", "--set: there is no setting 'thme'. Did you mean theme?"),
        ("batsh.jobs=1", "Did you mean batch?"),
        ("theme=dark", "--set: theme: 'dark' is not one of"),
    ],
)
def test_a_slip_in_what_is_typed_is_named(place, typed, says):
    assert says in refused("batch", "dumps", "--set", typed)


def test_an_unknown_profile_is_refused_with_the_nearest(place):
    own(place, '[profile.kobo]\nformat = "kepub"')
    assert "Did you mean kobo?" in refused("batch", "dumps", "--profile", "kob")


def test_a_typed_value_is_not_blamed_on_a_file(place):
    own(place, 'theme = "ao3"')
    message = refused("batch", "dumps", "--theme", "dark")
    assert "fic2epub.toml" not in message


def test_help_works_with_a_broken_file(place):
    own(place, "theme = ")
    assert run("batch", "--help").exit_code == 0
    assert run("config", "path").exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        '["profile"."\\u001b[31m"]\nthemme = 1',
        '"\\u001b[31m" = 1',
        '["\\u001b[31m"]\na = 1',
        '"mail.\\u001b[31m" = 1',
        'theme = "\\u001b[31m"',
    ],
)
def test_nothing_of_a_file_among_dumps_steers_the_terminal(place, text):
    beside(place, text)
    message = refused("batch", "dumps")
    assert "\x1b" not in message
    assert "fic2epub.toml" in message


# What settings must never reach


@pytest.mark.parametrize(
    ("command", "takes"),
    [("fix", {"book", "corrections", "encoding", "recover-again"}), ("inspect", None)],
)
def test_no_setting_corrects_or_writes_by_itself(command, takes):
    keys = defaults.known()[command]
    assert takes is None or keys == takes
    assert "write-corrections" not in keys


def test_a_language_for_all_is_no_correction(place):
    own(place, 'language = "fr"')
    assert run("fix", "dumps/one.txt", "--list").exit_code == 0
    assert not list((place / "dumps").glob("*.toml"))


# Where the reader's own file lies


@pytest.mark.parametrize(
    ("environ", "platform", "path"),
    [
        ({"HOME": "/h"}, "linux", "/h/.config/fic2epub/fic2epub.toml"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "linux", "/x/fic2epub/fic2epub.toml"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": ""}, "linux", "/h/.config/fic2epub/fic2epub.toml"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/fic2epub/fic2epub.toml"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "darwin", "/x/fic2epub/fic2epub.toml"),
        ({"APPDATA": "/a", "USERPROFILE": "/u"}, "win32", "/a/fic2epub/fic2epub.toml"),
        ({"USERPROFILE": "/u"}, "win32", "/u/AppData/Roaming/fic2epub/fic2epub.toml"),
        ({"HOME": "/h", "FIC2EPUB_CONFIG": "/c.toml"}, "linux", "/c.toml"),
        ({"HOME": "/h", "FIC2EPUB_CONFIG": ""}, "linux", None),
        ({}, "linux", None),
    ],
)
def test_the_readers_own_file_lies_where_the_system_keeps_settings(environ, platform, path):
    assert settings.user_file(environ, platform) == (path and Path(path))


def test_a_file_that_the_environment_names_must_be_there(place):
    (place / "own" / "fic2epub.toml").unlink()
    assert "FIC2EPUB_CONFIG: there is no file" in refused("batch", "dumps")


# config


def test_config_show_says_where_each_value_comes_from(place):
    beside(place, 'language = "fr"')
    own(place, 'theme = "ao3"\n[mail.kindle]\nserver = "smtp.example.org"\n[profile.kobo]\ntheme = "plain"')
    result = run("config", "show", "dumps", "--profile", "kobo")
    here = place / "own" / "fic2epub.toml"
    rows = [line.split("  ", 1) for line in result.stdout.splitlines()]
    assert [(one.strip(), two.strip()) for one, two in rows] == [
        ('language = "fr"', "dumps/fic2epub.toml"),
        ('theme = "plain"', f"{here} [profile.kobo]"),
        ('mail.kindle.server = "smtp.example.org"', str(here)),
    ]


def test_config_show_of_nothing_says_where_a_file_would_be(place, monkeypatch):
    own(place, "")
    result = run("config", "show")
    assert not result.stdout
    assert str(place / "own" / "fic2epub.toml") in result.stderr
    monkeypatch.setenv("FIC2EPUB_CONFIG", "")
    assert "FIC2EPUB_CONFIG" in run("config", "show").stderr
    assert "FIC2EPUB_CONFIG" in refused("config", "path")


def test_config_show_finds_slips_too(place):
    own(place, "themme = 1")
    assert "Did you mean theme?" in refused("config", "show")
    own(place, "no-cover = 1")
    assert "true or false" in refused("config", "show", "--for", "batch")
    assert "Did you mean batch?" in refused("config", "show", "--set", "theme=ao3", "--for", "bach")
    own(place, '[mail.kindle]\nrecipent = "a@example.org"')
    assert "Did you mean recipient?" in refused("config", "show")
    own(place, '[mail.kindle]\npassword = "secret"')
    message = refused("config", "show")
    assert "Did you mean password-" in message
    assert "secret" not in message


# Mail and devices


def test_a_mail_table_is_found_by_its_name(place):
    own(place, '[mail.kindle]\nserver = "a"\n')
    assert settings.mail("kindle") == settings.mail() == {"server": "a"}
    with pytest.raises(UsageError, match="Did you mean kindle"):
        settings.mail("kindel")
    own(place, '[mail.kindle]\nserver = "a"\n[mail.tolino]\nserver = "b"\n[device.reader]\npath = "/r"')
    assert settings.mail("tolino") == {"server": "b"}
    with pytest.raises(UsageError, match="kindle, tolino"):
        settings.mail()
    assert settings.read_settings().device == {"reader": {"path": "/r"}}


# Cost


@pytest.mark.parametrize("file", [True, False])
def test_without_a_file_no_toml_is_read(place, file):
    if not file:
        (place / "own" / "fic2epub.toml").unlink()
    code = (
        "import sys; from click.testing import CliRunner; from fic2epub.cli.app import app;"
        "CliRunner().invoke(app, ['config', 'path']); CliRunner().invoke(app, ['check', 'no.epub']);"
        "print('tomllib' in sys.modules)"
    )
    environ = {"FIC2EPUB_CONFIG": str(place / "own" / "fic2epub.toml") if file else ""}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environ
    )
    assert done.stdout.strip() == str(file)


@given(st.text(max_size=60))
def test_any_typed_setting_is_read_or_refused_with_a_sentence(text):
    message = None
    try:
        defaults.check(settings.read_settings(assignments=[text], environ={}))
    except UsageError as error:
        message = str(error)
    assert message is None or message.startswith("--set")
