import unicodedata
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fic2epub.errors import UsageError
from fic2epub.library.names import (
    anthology_name,
    backup_names,
    book_name,
    candidates,
    folded,
    free_name,
    output_path,
)
from fic2epub.model import Metadata

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def named(title="A Long Winter", *creators, work_id=None):
    return book_name(Metadata(title=title, creators=creators, work_id=work_id))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A Long Winter", "Ada - A Long Winter.epub"),
        ("Snow: A Tale", "Ada - Snow - A Tale.epub"),
        ("12:30", "Ada - 12-30.epub"),
        ("He/She\\They|We", "Ada - He-She-They-We.epub"),
        ('The "Good" Son', "Ada - The 'Good' Son.epub"),
        ("Why? *Why*?", "Ada - Why _Why_.epub"),
        ("Waiting...", "Ada - Waiting.epub"),
        ("...Ready", "Ada - ...Ready.epub"),
        ("Tab\tand\nline\x00 and bell\x07", "Ada - Tab and line and bell.epub"),
        ("No\u00a0break   spaces ", "Ada - No break spaces.epub"),
        ("Cafe\u0301", "Ada - Caf\u00e9.epub"),
        ("冬の長い夜", "Ada - 冬の長い夜.epub"),
        ("می\u200cخواهم", "Ada - می\u200cخواهم.epub"),
        (f"Us {FAMILY}", f"Ada - Us {FAMILY}.epub"),
        ("photo\u202egpj.exe", "Ada - photogpj.exe.epub"),
        ("byte \udc80 lost", "Ada - byte lost.epub"),
        ("../../etc/passwd", "Ada - ..-..-etc-passwd.epub"),
        ("C:\\Windows\\x", "Ada - C--Windows-x.epub"),
        ("CON", "Ada - CON.epub"),
    ],
)
def test_a_title_becomes_a_name_that_every_disk_takes(title, expected):
    assert named(title, "Ada") == expected


@pytest.mark.parametrize("title", ["🎉🎉🎉", "...", "???", "\u200b", "\x00", "/", "..", "-", "♥ ♥"])
def test_a_title_that_nobody_can_read_out_gives_way_to_the_work_id(title):
    assert named(title, "Ada", work_id="1234567") == "Ada - Work 1234567.epub"
    assert named(title, "Ada") == "Ada - Untitled.epub"


@pytest.mark.parametrize("work_id", ["../1", "", "١٢٣", "9" * 300, "12 34"])
def test_a_work_id_that_is_none_is_not_used(work_id):
    assert named("🎉", "Ada", work_id=work_id) == "Ada - Untitled.epub"


@pytest.mark.parametrize(
    ("creators", "expected"),
    [
        ((), "Unknown - A Long Winter.epub"),
        (("🎉",), "Unknown - A Long Winter.epub"),
        (("Ada", "Ben"), "Ada, Ben - A Long Winter.epub"),
        (("Ada", "🎉"), "Ada - A Long Winter.epub"),
        (("Ada Quill", "Benjamin Okafor", "Constance Reed"), "Ada Quill et al. - A Long Winter.epub"),
        (("../..", ".hidden"), "hidden - A Long Winter.epub"),
        (("-rf",), "rf - A Long Winter.epub"),
        (("CON",), "CON - A Long Winter.epub"),
        (("nul.txt",), "nul_.txt - A Long Winter.epub"),
    ],
)
def test_authors_stand_first(creators, expected):
    assert named("A Long Winter", *creators) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Winter Tales", "Winter Tales.epub"),
        ("CON", "CON_.epub"),
        ("lpt¹", "lpt¹_.epub"),
        ("aux.epub", "aux_.epub.epub"),
        ("Console", "Console.epub"),
        ("Com10", "Com10.epub"),
        (".bashrc", "bashrc.epub"),
        ("🎉", "Anthology.epub"),
    ],
)
def test_an_anthology_has_its_title_alone(title, expected):
    assert anthology_name(title) == expected


def test_a_long_title_ends_at_a_word():
    name = named("The winter was long and then " * 12, "Ada")
    assert len(name) <= 100
    assert name.endswith(("winter.epub", "was.epub", "long.epub", "and.epub", "then.epub", "The.epub"))


def test_a_long_title_without_spaces_keeps_author_and_title():
    name = named("冬" * 300, "雪" * 60)
    assert name.startswith("雪")
    assert " - 冬" in name
    assert 150 < len(name.encode()) <= 200


def test_a_cut_parts_no_visible_character():
    for end in range(1, 8):
        name = anthology_name("x" * (91 + end) + "e\u0323\u0304" * 5)
        assert not name.removesuffix(".epub").endswith(("e", "\u0323")), name
        flags = "\N{REGIONAL INDICATOR SYMBOL LETTER F}\N{REGIONAL INDICATOR SYMBOL LETTER R}"
        assert anthology_name("x" * (85 + end) + flags * 9).count(flags[0]) == anthology_name(
            "x" * (85 + end) + flags * 9
        ).count(flags[1])
        whole = anthology_name("x" * (80 + end) + FAMILY * 9).removesuffix(".epub").lstrip("x")
        assert whole.replace(FAMILY, "") == ""


def test_collisions_are_told_apart_by_work_id_and_number():
    assert list(islice(candidates("A - T.epub", "77"), 4)) == [
        "A - T.epub",
        "A - T [77].epub",
        "A - T [77] (2).epub",
        "A - T [77] (3).epub",
    ]
    assert list(islice(candidates("A - T.kepub.epub"), 2)) == ["A - T.kepub.epub", "A - T (2).kepub.epub"]


def test_a_letter_and_its_accent_that_were_parted_by_nothing_are_one():
    assert named("Re\N{SOFT HYPHEN}\N{COMBINING ACUTE ACCENT}sume") == "Unknown - R\u00e9sume.epub"


def test_no_title_makes_a_name_like_a_backups():
    assert named("Wick.bak", "Ada Quill") == "Ada Quill - Wick_bak.epub"
    assert named("Wick.BAK2", "Ada Quill") == "Ada Quill - Wick_BAK2.epub"
    assert named("Wick.bakery", "Ada Quill") == "Ada Quill - Wick.bakery.epub"


def test_a_free_name_is_free_on_a_disk_that_ignores_case():
    taken = {folded("a - caf\u00e9.EPUB")}
    assert free_name("A - Caf\u00e9.epub", taken) == "A - Caf\u00e9 (2).epub"
    assert free_name("A - Tea.epub", taken) == "A - Tea.epub"


def test_a_long_name_leaves_room_for_what_tells_it_apart():
    name = named("winter " * 50, "Ada")
    for candidate in islice(candidates(name, "12345678"), 5):
        assert len(candidate) <= 100
    assert len(set(islice(candidates(name, "12345678"), 5))) == 5


def test_backups_have_numbers():
    assert list(islice(backup_names("A - T.epub"), 3)) == [
        "A - T.bak.epub",
        "A - T.bak2.epub",
        "A - T.bak3.epub",
    ]


@pytest.mark.parametrize(
    ("target", "several", "folder", "name"),
    [
        (None, False, ".", None),
        (None, True, ".", None),
        ("books", False, "books", None),
        ("books/", False, "books", None),
        ("books", True, "books", None),
        ("new/", False, "new", None),
        ("new/deep/", True, "new/deep", None),
        ("new", True, "new", None),
        (".", False, ".", None),
        ("..", True, "..", None),
        ("x.epub", False, ".", "x.epub"),
        ("new/x.epub", False, "new", "x.epub"),
        ("new", False, ".", "new"),
        ("old.epub", False, ".", "old.epub"),
        ("unpacked.epub", False, ".", "unpacked.epub"),
        ("unpacked.epub/", False, "unpacked.epub", None),
    ],
)
def test_what_o_means(target, several, folder, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    (tmp_path / "old.epub").touch()
    (tmp_path / "unpacked.epub").mkdir()
    assert output_path(target, several=several) == (type(tmp_path)(folder), name)


@pytest.mark.parametrize("target", ["x.epub", "new/X.EPUB", "notes.txt"])
def test_several_books_do_not_go_into_one_file(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="one file"):
        output_path(target, several=True)


ANY_TEXT = st.text(st.characters(codec=None), max_size=150)


@given(title=ANY_TEXT, creators=st.lists(ANY_TEXT, max_size=3), work_id=st.none() | ANY_TEXT)
def test_whatever_the_header_says_the_name_is_safe(title, creators, work_id):
    name = named(title, *creators, work_id=work_id)
    assert name == unicodedata.normalize("NFC", name)
    assert name.endswith(".epub")
    assert len(name) <= 100
    assert len(name.encode()) <= 200
    stem = name.removesuffix(".epub")
    assert any(map(str.isalnum, stem))
    assert stem == stem.strip(" .")
    assert not name.startswith((".", "-", "~"))
    assert not set('\\/:*?"<>|') & set(name)
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Cn", "Zl", "Zp") for one in name)
    assert book_name(Metadata(title=title, creators=tuple(creators), work_id=work_id)) == name


@given(st.lists(st.tuples(ANY_TEXT, st.none() | st.from_regex(r"[0-9]{1,8}", fullmatch=True)), max_size=8))
def test_names_of_a_run_never_meet(works):
    taken = set()
    for title, tag in works:
        name = free_name(named(title), taken, tag)
        assert folded(name) not in taken
        assert len(name) <= 100
        taken.add(folded(name))
