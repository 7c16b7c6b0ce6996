"""``NAME.anthology.toml``: an anthology that is made again, with what is new marked."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from support import epub_text, many
from support.dumps import dump

from fic2epub.cli.app import app
from fic2epub.errors import UsageError
from fic2epub.library.definition import (
    LOOK,
    Definition,
    Held,
    before,
    definition_path,
    held_now,
)
from fic2epub.library.definition_file import read_definition, write_definition
from fic2epub.record import read_record

IDENTIFIER = "urn:uuid:00000000-0000-5000-8000-000000000000"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    many.write(tmp_path / "dumps", 4)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["anthology", *arguments])


def good(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def contents(book: str = "All.epub") -> dict[str, bytes]:
    return epub_text.read_book(Path(book)).entries


def news(book: str = "All.epub") -> list[str]:
    """What the page of news says, a line a work; empty if there is none."""
    page = contents(book).get("new.xhtml")
    if page is None:
        return []
    items = re.findall(r'<li class="work".*?\n</li>', page.decode(), re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", item).split()) for item in items]


def definition() -> dict[str, object]:
    return tomllib.loads(Path("All.anthology.toml").read_text(encoding="utf-8"))


def test_the_definition_lies_beside_the_book_and_says_what_it_is_made_of(here: Path) -> None:
    good("dumps", "--title", "All", "--group-by", "fandom,author", "--sort-by=-words", "--where", "words > 5")
    said = definition()
    assert [said[key] for key in ("title", "sources", "group-by", "sort-by", "where")] == [
        *("All", ["dumps"], "fandom,author", "-words", "words > 5")
    ]
    record = read_record(contents())
    assert record is not None
    assert said["identifier"] == record.identifier
    assert {name: work["chapters"] for name, work in said["works"].items()} == {  # type: ignore[attr-defined]
        work.identifier: len(work.chapters) for work in record.works
    }


def test_a_rebuild_from_the_definition_gives_the_same_book(here: Path) -> None:
    good("dumps", "--title", "All", "--group-by", "relationship,author", "--where", "words > 5")
    book, text = Path("All.epub").read_bytes(), Path("All.anthology.toml").read_text(encoding="utf-8")
    assert "unchanged" in good("All.anthology.toml").stderr
    assert (Path("All.epub").read_bytes(), Path("All.anthology.toml").read_text(encoding="utf-8")) == (
        book,
        text,
    )


def test_new_works_and_chapters_are_marked_until_there_are_newer_ones(here: Path) -> None:
    Path("dumps/0000.txt").write_text(many.text(0, chapters=2), encoding="utf-8")
    good("dumps", "--title", "All")
    identifier = definition()["identifier"]
    assert news() == []

    Path("dumps/0000.txt").write_text(many.text(0, chapters=4), encoding="utf-8")
    Path("dumps/shot.txt").write_text(dump("A New One"), encoding="utf-8")
    good("All.anthology.toml")
    assert [line for line in news() if line.startswith("A New One")]
    assert [line[-19:] for line in news() if line.endswith("Chapter 4")] == ["Chapter 3 Chapter 4"]
    assert len(news()) == 2
    marked = news()
    assert definition()["identifier"] == identifier

    assert "unchanged" in good("All.anthology.toml").stderr
    assert news() == marked

    Path("dumps/later.txt").write_text(dump("The Last", work_id="77"), encoding="utf-8")
    good("All.anthology.toml")
    assert [line.partition(" by")[0] for line in news()] == ["The Last"]


def test_the_dumps_named_again_are_the_same_anthology(here: Path) -> None:
    good("dumps", "--title", "All")
    identifier = definition()["identifier"]
    Path("dumps/shot.txt").write_text(dump("A New One"), encoding="utf-8")
    good("dumps", "--title", "All", "--group-by", "none")
    assert (definition()["identifier"], definition()["group-by"], len(news())) == (identifier, "none", 1)


def test_a_lost_definition_is_made_again_with_the_book_s_identifier(here: Path) -> None:
    good("dumps", "--title", "All")
    identifier = definition()["identifier"]
    Path("All.anthology.toml").unlink()
    Path("dumps/shot.txt").write_text(dump("A New One"), encoding="utf-8")
    good("dumps", "--title", "All")
    assert definition()["identifier"] == identifier


def test_what_is_typed_outweighs_the_definition_and_is_kept(here: Path) -> None:
    good("dumps", "--title", "All", "--group-by", "rating")
    good("All.anthology.toml", "--sort-by", "words")
    assert (definition()["group-by"], definition()["sort-by"]) == ("rating", "words")


def test_an_empty_condition_takes_away_the_definition_s(here: Path) -> None:
    good("dumps", "--title", "All", "--where", "chapters > 99 or title ~ 'No. 1'")
    assert len(definition()["works"]) == 1  # type: ignore[arg-type]
    good("All.anthology.toml", "--where", "")
    assert "where" not in definition()
    assert len(news()) == 3


def test_a_definition_among_its_dumps_is_no_dump(here: Path) -> None:
    good("dumps", "-o", "dumps/", "--title", "All")
    assert "unchanged" in good("dumps/All.anthology.toml").stderr


def test_the_definition_works_from_another_folder_and_goes_to_another_book(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good("dumps", "--title", "All")
    (here / "else").mkdir()
    monkeypatch.chdir(here / "else")
    assert good("../All.anthology.toml").stdout == "../All.epub\n"
    assert good("../All.anthology.toml", "-o", "other.epub").stdout == "other.epub\n"
    assert sorted(path.name for path in (here / "else").iterdir()) == ["other.epub"]


def test_volumes_share_one_definition_and_keep_their_names(here: Path) -> None:
    result = good("dumps", "--title", "All", "--split-at", "2-works")
    assert result.stdout.splitlines() == ["All 1.epub", "All 2.epub"]
    assert sorted(path.name for path in here.glob("*.toml")) == ["All.anthology.toml"]
    assert epub_text.read_book(Path("All 2.epub")).values("title") == ["All 2 of 2"]
    Path("dumps/zz.txt").write_text(dump("ZZ"), encoding="utf-8")
    assert good("All.anthology.toml").stdout.splitlines() == ["All 1.epub", "All 2.epub", "All 3.epub"]
    assert len([line for number in (1, 2, 3) for line in news(f"All {number}.epub")]) == 1


def test_a_dump_that_is_gone_is_no_longer_in_the_book(here: Path) -> None:
    good("dumps", "--title", "All")
    Path("dumps/0001.txt").unlink()
    good("All.anthology.toml")
    assert len(definition()["works"]) == 3  # type: ignore[arg-type]


def test_standard_output_leaves_no_definition(here: Path) -> None:
    good("dumps", "--title", "All", "-o", "-")
    assert not list(here.glob("*.toml"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("All.anthology.toml", "dumps"), "stands alone"),
        (("dumps", "--where", "words > 9m"), "none of 4 works"),
        (("dumps", "--where", "colour = red"), "colour"),
        (("dumps", "--sort-by", "colour"), "--sort-by"),
        (("dumps", "--split-at", "1-works", "-o", "-"), "--split-at"),
        (("All.anthology.toml", "--title", " "), "--title"),
        (("gone.anthology.toml",), "gone.anthology.toml: cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    here: Path, arguments: tuple[str, ...], said: str
) -> None:
    Path("All.anthology.toml").write_text(
        'schema = 1\ntitle = "All"\nsources = ["dumps"]\n', encoding="utf-8"
    )
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not list(here.glob("*.epub"))


# The file


WRITTEN = f"""\
# mine
schema = 1   # the first
title = "All" # the name
identifier = "{IDENTIFIER}"
sources = [
    "dumps",  # the winter ones
]

# how
group-by = "rating"

[works]
# loved
"urn:uuid:1" = {{title = "One", chapters = 2}} # very
"urn:uuid:2" = {{title = "Two", chapters = 1}} # dull
"""


def test_no_comment_of_a_reader_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "All.anthology.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    last = read_definition(path)
    works = {
        "urn:uuid:1": Held(title="One", chapters=5, before=2),
        "urn:uuid:3": Held(title='Three "new"\n', chapters=1, before=0),
    }
    changed = Definition(
        title="Some",
        identifier=IDENTIFIER,
        sources=last.sources,
        group_by="author",
        sort_by="words",
        works=works,
    )
    assert write_definition(path, changed)
    text = path.read_text(encoding="utf-8")
    for comment in (
        "# mine",
        "# the first",
        "# the name",
        "# the winter ones",
        "# how",
        "# loved",
        "# very",
        "dull",
    ):
        assert comment in text
    assert read_definition(path) == changed
    assert not write_definition(path, changed)


def test_a_new_key_stands_with_the_keys_and_not_between_a_comment_and_its_table(tmp_path: Path) -> None:
    path = tmp_path / "All.anthology.toml"
    first = Definition(title="All", identifier=IDENTIFIER, sources=(tmp_path / "dumps",))
    assert write_definition(path, first)
    comment = path.read_text(encoding="utf-8").partition("\n[works]")[0].rsplit("\n\n", 1)[1]
    assert comment.startswith("#")
    assert write_definition(path, replace(first, split_at="100-works", where="words > 5"))
    text = path.read_text(encoding="utf-8")
    assert f"{comment}\n[works]" in text
    assert 'where = "words > 5"\n' in text
    assert text.index("split-at") < text.index(comment)


names = st.text(min_size=1).filter(lambda text: text.strip() == text and "\0" not in text)
heldings = st.builds(Held, title=st.text(), chapters=st.integers(0, 99), before=st.integers(0, 99))


@settings(deadline=None)
@given(
    st.builds(
        Definition,
        title=names,
        identifier=st.none() | st.just(IDENTIFIER),
        sources=st.just((Path("/dumps/a"), Path("/dumps/b"))),
        take_all=st.booleans(),
        where=st.none() | names,
        group_by=names,
        sort_by=names,
        split_at=st.none() | names,
        look=st.dictionaries(
            st.sampled_from(LOOK),
            st.text() | st.booleans() | st.integers(0, 9) | st.floats(0, 1) | st.tuples(st.text(), st.text()),
        ).filter(lambda look: not ("cover" in look and "no-cover" in look)),
        works=st.dictionaries(st.text(min_size=1), heldings, max_size=4),
    )
)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, wanted: Definition) -> None:
    path = tmp_path_factory.mktemp("definition") / "x.anthology.toml"
    write_definition(path, wanted)
    found = read_definition(path)
    assert [one.resolve() for one in found.sources] == list(wanted.sources)
    assert (found.title, found.where, found.works) == (wanted.title, wanted.where, wanted.works)
    assert found.look == wanted.look


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "no TOML"),
        ('title = "x"', "schema"),
        ('schema = 1\nsources = ["a"]', "title"),
        ('schema = 1\ntitle = "x"', "sources"),
        ('schema = 1\ntitle = "x"\nsources = "a"', "sources"),
        ('schema = 1\ntitle = 3\nsources = ["a"]', "title"),
        ('schema = 1\ntitle = "x"\nsources = ["a"]\ngroupby = "rating"', "Is group-by meant"),
        ('schema = 1\ntitle = "x"\nsources = ["a"]\nidentifier = "me"', "identifier"),
        ('schema = 1\ntitle = "x"\nsources = ["a"]\nall = "yes"', "all"),
        ('schema = 1\ntitle = "x"\nsources = ["a"]\n[works]\na = 3', "works"),
        ('schema = 1\ntitle = "x"\nsources = ["a"]\n[works]\na = {chapters = "3"}', "works"),
    ],
)
def test_a_definition_that_nobody_understands_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.anthology.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_definition(path)


@pytest.mark.parametrize("book", ["Tales.epub", "Tales.kepub.epub", "Tales.EPUB", "Tales"])
def test_it_is_called_after_the_book(book: str) -> None:
    assert definition_path(Path("a", book)) == Path("a/Tales.anthology.toml")


# Editions


def last(**works: Held) -> Definition:
    return Definition(title="All", sources=(), works=works)


def test_the_first_edition_marks_nothing() -> None:
    assert before(None, {"a": 1}) is None
    assert before(last(), {"a": 1}) is None
    assert held_now([("a", "A", 3)], None) == {"a": Held(title="A", chapters=3, before=3)}


def test_an_edition_with_something_new_is_compared_with_the_last() -> None:
    had = before(last(a=Held(title="A", chapters=3, before=1)), {"a": 4})
    assert had == {"a": 3}
    assert held_now([("a", "A", 4), ("b", "B", 1)], had) == {
        "a": Held(title="A", chapters=4, before=3),
        "b": Held(title="B", chapters=1, before=0),
    }


@pytest.mark.parametrize("now", [{"a": 3}, {"a": 2}, {}])
def test_an_edition_with_nothing_new_keeps_the_marks_of_the_last(now: dict[str, int]) -> None:
    assert before(last(a=Held(title="A", chapters=3, before=1)), now) == {"a": 1}
