"""``fic2epub fix``, ``inspect --write-corrections`` and the text of a correction file that both write."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.corrected import body, dump, paragraph

from fic2epub.cli.app import app
from fic2epub.container import read_entries
from fic2epub.library.correction_text import (
    add_entry,
    clear,
    new_text,
    remove_entry,
    set_entry,
    set_header,
)
from fic2epub.model import Metadata
from fic2epub.parser.correction_keys import read_corrections

TEXT = dump(
    body(
        (0, "Chapter 1"),
        (5, "***"),
        (10, "A/N: Thanks for reading! Please review, I love your comments."),
        (10, "Chapter 2"),
        (10, "A/N: Sorry for the long wait, here is the new chapter, enjoy!"),
        (15, "The cafÃ© was closed until the spring, he told her, and she believed him for a week."),
    ),
    chapters="2/2",
)
LINES = TEXT.split("\n")


def line_of(text: str) -> int:
    """The line of a paragraph, from 1."""
    return LINES.index(text) + 1


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments], prog_name="fic2epub")


@pytest.fixture
def lamp(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "lamp.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def fix(*arguments) -> str:
    """Run fix on the dump; returns the outline."""
    result = run("fix", "lamp.txt", *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def file() -> str:
    return Path("lamp.fic.toml").read_text(encoding="utf-8")


def chapters(outline: str) -> list[int]:
    return [int(line.split()[0]) for line in outline.splitlines() if re.match(r" +\d+  CHAPTER", line)]


# The command


def test_a_chapter_is_made_and_unmade(lamp):
    first = chapters(run("inspect", "lamp.txt").stdout)
    at = line_of(paragraph(20))
    assert chapters(fix("--chapter-at", paragraph(20)[:40])) == [*first, at]
    assert chapters(run("inspect", "lamp.txt").stdout) == [*first, at]
    assert chapters(fix("--not-chapter", at)) == first
    assert "\n[[chapter]]" not in file()


def test_a_chapter_that_was_found_is_removed_and_wanted_again(lamp):
    first = chapters(run("inspect", "lamp.txt").stdout)
    assert chapters(fix("--not-chapter", "Chapter 2")) == first[:1]
    assert chapters(fix("--chapter-at", "Chapter 2")) == first
    assert file().count("\n[[chapter]]") == 1


def test_a_chapter_has_the_readers_title(lamp):
    outline = fix("--chapter-title", "Chapter 2=Net = Work")
    assert "“Net = Work”" in outline
    entries = read_entries(Path(run("convert", "lamp.txt").stdout.strip()))
    assert "Chapter 2: Net = Work" in entries["nav.xhtml"].decode()
    assert ">Chapter 2<" in entries["text/chapter2.xhtml"].decode()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--note", paragraph(9)), "note after"),
        (("--note", paragraph(10)), "note before"),
        (("--note", paragraph(25)), "note within"),
        (("--note", paragraph(10), "--kind", "summary"), "summary"),
        (("--note", f"{line_of(paragraph(28))}-{line_of(paragraph(29))}"), "note after, lines"),
    ],
)
def test_a_note_is_of_the_kind_that_was_named_or_that_its_place_says(lamp, arguments, line):
    found = [one for one in fix(*arguments).splitlines() if "corrections.note" in one]
    assert len(found) == 1
    assert line in found[0]


def test_a_note_of_the_program_is_the_storys_again(lamp):
    before = run("inspect", "lamp.txt").stdout.count("    note ")
    assert fix("--not-note", "A/N: Sorry").count("    note ") == before - 1


def test_scene_breaks_and_repairs(lamp):
    assert "scene break" not in fix("--not-break", "***")
    assert "scene break  ***" in fix("--break", "***")
    outline = fix("--undo-repair", LINES.index(next(one for one in LINES if "Ã" in one)) + 1)
    assert "REPAIR" not in outline
    assert file().count("\n[[break]]") == file().count("\n[[repair]]") == 1


def test_header_fields_are_set_and_taken_back(lamp):
    assert "The Long Winter by Ada Quill, Bo" in fix(
        "--title", "The Long Winter", "--author", "Ada Quill & Bo"
    )
    assert "The Lamp Room by Ada Quill, Bo" in fix("--title", "")
    assert "of 2/5 declared, fr" in fix("--chapters", "2/5", "--language", "Français")


def test_every_command_honours_the_corrections(lamp):
    fix("--title", "Corrected", "--chapter-at", paragraph(20))
    assert run("convert", "lamp.txt").stdout == "Ada Quill - Corrected.epub\n"
    assert "Corrected  3 chapters" in run("batch", ".", "-o", "books").stderr
    assert "Corrected  3 chapters" in run("anthology", "lamp.txt", "-o", "all.epub", "--title", "All").stderr


def test_corrections_in_a_folder_of_their_own(lamp):
    Path("mine").mkdir()
    fix("--corrections", "mine", "--title", "Elsewhere")
    assert Path("mine/lamp.fic.toml").exists()
    assert "Elsewhere" in run("inspect", "lamp.txt", "--corrections", "mine").stdout
    assert "Elsewhere" not in run("inspect", "lamp.txt").stdout


def test_the_file_of_a_renamed_dump_is_edited_where_it_is(lamp):
    fix("--title", "Corrected")
    lamp.rename("renamed.txt")
    assert run("fix", "renamed.txt", "--author", "Bo").exit_code == 0
    assert 'author = "Bo"' in file()
    assert not Path("renamed.fic.toml").exists()


def test_the_list_shows_each_with_its_line(lamp):
    fix("--title", "Corrected", "--chapter-at", paragraph(20), "--not-break", "***")
    text = file().replace(paragraph(20)[:10], "Gone now")
    Path("lamp.fic.toml").write_text(
        re.sub(r'print = "\w+"', 'print = "00"', text, count=1), encoding="utf-8"
    )
    lines = run("fix", "lamp.txt", "--list").stdout.splitlines()
    assert lines[0].strip() == "title =  Corrected"
    assert lines[1].startswith("     ?  chapter") or lines[1].startswith(f"{line_of(paragraph(20)):6}")
    assert lines[2].startswith(f"{line_of('***'):6}  no scene break")


def test_clear_takes_all_away_but_the_comments(lamp):
    fix("--title", "Corrected", "--chapter-at", paragraph(20))
    Path("lamp.fic.toml").write_text(file() + "# mine\n", encoding="utf-8")
    assert "The Lamp Room" in fix("--clear")
    assert "# mine" in file()
    assert "\n[[chapter]]" not in file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name a correction"),
        (("--chapter-at", "The"), "paragraphs begin “The”: line"),
        (("--chapter-at", "Thanks for reading"), f"line {line_of(LINES[30])}"),
        (("--chapter-at", "nothing like it"), "no paragraph begins"),
        (("--chapter-at", "2"), "no line of the story"),
        (("--chapter-at", "9000"), "no line of the story"),
        (("--not-chapter", paragraph(3)), "chapters begin at lines"),
        (("--chapter-title", "Chapter 2"), "WHERE=TITLE"),
        (("--chapter-title", f"{paragraph(3)}=X"), "--chapter-at makes one begin"),
        (("--undo-repair", "9"), "nothing was mended"),
        (("--language", "Nonsensish"), "no language"),
        (("--chapters", "many"), "no value"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do_and_nothing_is_written(lamp, arguments, said):
    result = run("fix", "lamp.txt", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not Path("lamp.fic.toml").exists()


def test_a_broken_file_is_told_by_every_command(lamp):
    Path("lamp.fic.toml").write_text("[[chaptr]]\n", encoding="utf-8")
    for command in (("inspect", "lamp.txt"), ("fix", "lamp.txt", "--list"), ("convert", "lamp.txt")):
        result = run(*command)
        assert result.exit_code == 3
        assert "lamp.fic.toml, line 1" in result.stderr
        assert "did you mean chapter?" in result.stderr


def test_a_broken_file_spoils_only_its_own_dump(lamp):
    Path("lamp.fic.toml").write_text("[[chaptr]]\n", encoding="utf-8")
    Path("other.txt").write_text(TEXT.replace("1234567", "7654321"), encoding="utf-8")
    result = run("batch", ".", "-o", "books")
    assert result.exit_code == 8
    assert "1 made, 1 failed" in result.stderr


def test_chapters_at_is_for_one_run(lamp):
    lines = [line_of(paragraph(3)), line_of(paragraph(20))]
    shown = run("inspect", "lamp.txt", "--chapters-at", ",".join(map(str, lines))).stdout
    assert chapters(shown)[1:] == lines
    assert not Path("lamp.fic.toml").exists()
    assert run("inspect", "lamp.txt", "--chapters-at", "x").exit_code == 2
    assert run("inspect", "lamp.txt", "--chapters-at", "2").exit_code == 2


# inspect --write-corrections


def test_a_new_file_holds_every_doubt_as_a_comment_that_works(lamp):
    bare = dump(body(count=40), chapters="4/4")
    lamp.write_text(bare, encoding="utf-8")
    result = run("inspect", "lamp.txt", "--write-corrections")
    assert "lamp.fic.toml: written" in result.stderr
    text = file()
    assert read_corrections(text.encode(), name="x").chapters == ()
    assert run("inspect", "lamp.txt").stdout == result.stdout
    proposed = len(chapters(result.stdout)) - 1
    faint = text.count(": perhaps a chapter begins here\n")
    assert text.count("# [[chapter]]\n") == proposed + faint == 3
    start = text.index("# What the program")
    live = re.sub(r"^# (?=\[\[|at|until|action|kind)", "", text[start:], flags=re.MULTILINE)
    Path("lamp.fic.toml").write_text(text[:start] + live, encoding="utf-8")
    after = run("inspect", "lamp.txt").stdout
    assert len(chapters(after)) == 1 + faint, "what was proposed is taken away, what was faint is made"
    assert "chapters.faint" not in after


def test_a_file_that_is_there_is_left_alone(lamp):
    Path("lamp.fic.toml").write_text("# mine\n", encoding="utf-8")
    result = run("inspect", "lamp.txt", "--write-corrections")
    assert result.exit_code == 5
    assert "lamp.fic.toml: is this dump's correction file already" in result.stderr
    assert file() == "# mine\n"


# The text

MINE = """\
# my own words
schema = 1

[work]
title = "x"  # for me

# the first
[[chapter]]  # here
at = "one"  # why

# the second
[[note]]
at = "two"
# inside
kind = "after"

[[chapter]]
at = "three"

# the end
"""


def test_only_the_entry_that_is_meant_changes():
    text = set_entry(MINE, "chapter", 1, {"title": "Fog", "action": "remove"})
    assert text == MINE.replace('at = "three"\n', 'at = "three"\ntitle = "Fog"\naction = "remove"\n')
    assert read_corrections(text.encode(), name="x").chapters[1].title == "Fog"
    text = set_entry(MINE, "note", 0, {"kind": "prose"})
    assert text == MINE.replace('"after"', '"prose"')


def test_an_entry_goes_and_the_comments_around_it_stay():
    text = remove_entry(MINE, "note", 0)
    assert text == MINE.replace('[[note]]\nat = "two"\n# inside\nkind = "after"\n\n', "")
    assert "# the end" in remove_entry(MINE, "chapter", 1)


def test_the_header_is_made_changed_and_emptied():
    text = set_header(MINE, "title", 'A "Winter"')
    assert text.startswith(MINE)
    assert dict(read_corrections(text.encode(), name="x").header)["title"] == 'A "Winter"'
    text = add_entry(text, "break", {"at": "four", "kind": "break"})
    text = set_header(text, "author", "Bo")
    assert [name for name, _ in read_corrections(text.encode(), name="x").header] == ["title", "creators"]
    assert read_corrections(set_header(text, "title", None).encode(), name="x").header == (
        ("creators", ("Bo",)),
    )


def test_all_comments_survive_all_edits():
    text = set_header(set_entry(MINE, "chapter", 0, {"at": "new", "title": "Fog"}), "rating", "Mature")
    for comment in re.findall(r"#.*", MINE):
        assert comment in text
    cleared = clear(text)
    for comment in ("# my own words", "# for me", "# the first", "# the second", "# the end"):
        assert comment in cleared
    assert read_corrections(cleared.encode(), name="x").chapters == ()


def test_a_new_file_can_be_read_whatever_the_title_says():
    metadata = Metadata(title='A "Winter" \\ of\n[[chapter]]\x07', work_id="12")
    read = read_corrections(new_text(metadata, "a\nb.txt").encode(), name="x")
    assert (read.title, read.work_id) == (metadata.title, "12")
