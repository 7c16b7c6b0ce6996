"""How an anthology looks is kept in its definition, so that a run of the definition gives the same book."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from support import many
from test_anthology_definition import contents, definition, good, run

from fic2epub.cli.anthology import command
from fic2epub.cli.app import app
from fic2epub.errors import ExitCode, UsageError
from fic2epub.library.definition import LOOK
from fic2epub.library.definition_file import line_of, read_definition, write_definition

OF_A_RUN = {
    *(
        "output",
        "title",
        "all",
        "paths-from",
        "group-by",
        "sort-by",
        "where",
        "split-at",
    ),  # keys of their own
    *("skip-bad", "recover-again", "force", "jobs", "help"),
    *("quiet", "verbose", "debug", "profile", "set"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIC2EPUB_CONFIG", "")
    many.write(tmp_path / "dumps", 4)
    Path("looks").mkdir()
    Path("looks/mine.css").write_text("p { color: #123456 }")
    return tmp_path


def write(text: str) -> Path:
    path = Path("All.anthology.toml")
    path.write_text(f'schema = 1\ntitle = "All"\nsources = ["dumps"]\n{text}\n', encoding="utf-8")
    return path


def test_every_option_of_a_book_can_be_kept() -> None:
    options = {
        name.removeprefix("--") for one in command.params for name in one.opts if name.startswith("--")
    }
    assert options - OF_A_RUN == set(LOOK)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["--theme", "ao3"], {"theme": "ao3"}),
        (["--css", "looks/mine.css"], {"css": "looks/mine.css"}),
        (["--ornament", "stars"], {"ornament": "stars"}),
        (["--notes", "appendix", "--notes", "before=inline"], {"notes": ["appendix", "before=inline"]}),
        (["--chapter-title", "{n}. {title}"], {"chapter-title": "{n}. {title}"}),
        (["--min-confidence", "0.75"], {"min-confidence": 0.75}),
        (["--discreet", "--smart-quotes"], {"discreet": True, "smart-quotes": True}),
        (["--language", "fr"], {"language": "fr"}),
        (["--emphasis", "keep", "--no-infer"], {"emphasis": "keep", "no-infer": True}),
        (["--no-cover", "--theme", "book"], {"no-cover": True, "theme": "book"}),
    ],
)
def test_what_was_typed_is_kept_and_gives_the_same_book_again(
    here: Path, typed: list[str], kept: dict[str, object]
) -> None:
    good("dumps", "--title", "All", *typed)
    said = definition()
    assert {key: said[key] for key in LOOK if key in said} == kept
    book, text = Path("All.epub").read_bytes(), Path("All.anthology.toml").read_text(encoding="utf-8")
    assert "unchanged" in good("All.anthology.toml").stderr
    assert Path("All.epub").read_bytes() == book
    assert Path("All.anthology.toml").read_text(encoding="utf-8") == text


def test_files_are_found_from_another_folder(
    here: Path, samples: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    cover(Path("looks/cover.png"))
    good(
        "dumps",
        "--title",
        "All",
        "--css",
        "looks/mine.css",
        "--cover",
        "looks/cover.png",
        "--format",
        "kepub",
    )
    assert definition()["cover"] == "looks/cover.png"
    book = Path("All.kepub.epub").read_bytes()
    monkeypatch.chdir("looks")
    assert "unchanged" in good("../All.anthology.toml").stderr
    assert Path("../All.kepub.epub").read_bytes() == book
    assert not Path("../All.epub").exists()


def cover(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (600, 800), "teal").save(path)


def test_what_is_typed_outweighs_the_definition_and_is_kept(here: Path) -> None:
    write('theme = "ao3"\nornament = "stars"')
    good("All.anthology.toml", "--theme", "plain", "--no-cover")
    assert [definition()[key] for key in ("theme", "ornament", "no-cover")] == ["plain", "stars", True]
    plain = contents()["style.css"]
    good("All.anthology.toml", "--set", "theme=book")
    assert definition()["theme"] == "book"
    assert contents()["style.css"] != plain


def test_the_definition_outweighs_the_settings(here: Path) -> None:
    write('theme = "ao3"\nno-cover = true')
    Path("fic2epub.toml").write_text('theme = "plain"\ngroup-by = "rating"\n')
    good("All.anthology.toml")
    assert definition()["theme"] == "ao3"
    style = contents()["style.css"]
    Path("fic2epub.toml").unlink()
    good("All.anthology.toml")
    assert contents()["style.css"] == style


def test_a_cover_that_is_typed_takes_the_place_of_none_and_the_other_way_round(here: Path) -> None:
    cover(Path("looks/cover.png"))
    write("no-cover = true")
    good("All.anthology.toml", "--cover", "looks/cover.png")
    assert "no-cover" not in definition()
    good("All.anthology.toml", "--no-cover")
    assert "cover" not in definition()


def test_a_path_stays_as_its_reader_wrote_it(here: Path) -> None:
    path = write(f'css = "{here}/looks/../looks/mine.css" # mine\nno-cover = true')
    good("All.anthology.toml")
    assert "looks/../looks/mine.css" in path.read_text(encoding="utf-8")
    good("All.anthology.toml", "--css", "looks/mine.css")
    assert 'looks/mine.css" # mine' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('thme = "ao3"', "All.anthology.toml, line 4: thme says nothing here. Is theme meant?"),
        ('\n\ntheme = "fancy"', "All.anthology.toml, line 6: theme: 'fancy' is not one of"),
        ('theme = "ao3"\nsmart-quotes = "yes"', "All.anthology.toml, line 5: smart-quotes is true or false"),
        ("min-confidence = 7", "All.anthology.toml, line 4: min-confidence: 7.0 is not in the range"),
        ('css = "looks/none.css"', "All.anthology.toml, line 4: css: File"),
        ('notes = ["nowhere"]', "notes is set in All.anthology.toml, line 4"),
        ('notes = [["nowhere"]]', "All.anthology.toml, line 4: notes is a text, a number"),
        ('chapter-title = "x"', "chapter-title is set in All.anthology.toml, line 4"),
        ('cover = "x.png"\nno-cover = true', "All.anthology.toml, line 5: no-cover and cover: choose one"),
        ("where = 3", "All.anthology.toml, line 4: where is a text"),
    ],
)
def test_a_slip_is_told_with_its_line(here: Path, text: str, said: str) -> None:
    write(text)
    result = run("All.anthology.toml")
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr.replace("\n", " ")
    assert not Path("All.epub").exists()


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a = 1\nb = 2", "b", 2),
        ("a = 1\n 'b' = 2", "b", 2),
        ('"b c" = 2', "b c", 1),
        ("[b]\na = 1", "b", 1),
        ("bb = 1\n\nb=2", "b", 3),
        ("a.b = 1", "b", None),
    ],
)
def test_the_line_of_a_key(text: str, key: str, line: int | None) -> None:
    assert line_of(text, key) == line


def test_a_cover_from_standard_input_cannot_be_kept(here: Path) -> None:
    cover(Path("looks/cover.png"))
    picture = Path("looks/cover.png").read_bytes()
    result = CliRunner().invoke(app, ["anthology", "dumps", "--title", "All", "--cover", "-"], input=picture)
    assert result.exit_code == 0, result.stderr
    assert "cannot keep it" in result.stderr
    assert "cover" not in definition()


def test_a_key_is_added_above_the_works(here: Path) -> None:
    path = write('[works]\n"urn:uuid:1" = {title = "One", chapters = 2}')
    from dataclasses import replace

    wanted = replace(read_definition(path), look={"theme": "ao3", "notes": ("drop",)})
    write_definition(path, wanted)
    assert read_definition(path) == wanted


def test_a_definition_of_another_kind_is_no_reason_for_a_traceback(here: Path) -> None:
    path = write("")
    path.write_text("a = " + "[" * 5_000, encoding="utf-8")
    with pytest.raises(UsageError, match="no TOML"):
        read_definition(path)


def test_what_the_dumps_named_again_take_out_of_a_definition_is_told(here: Path) -> None:
    good(
        "dumps",
        "--title",
        "All",
        "--theme",
        "ao3",
        "--where",
        "words > 1",
        "--no-cover",
        "--group-by",
        "rating",
    )
    said = good("dumps", "--title", "All", "--no-cover", "--group-by", "fandom").stderr
    assert "All.anthology.toml: what it said is replaced (where, theme), since the dumps were named." in said
    assert "is replaced" not in good("dumps", "--title", "All", "--no-cover", "--group-by", "fandom").stderr
    assert "is replaced" not in good("All.anthology.toml", "--theme", "plain").stderr
