"""The cover: whole titles, no boxes for letters, enough contrast, the same bytes every time."""

import io
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from fic2epub.builder import cover_font_files, cover_fonts
from fic2epub.builder.cover import CoverFace, alt_text, draw_cover, facts
from fic2epub.builder.cover_design import LAYOUTS, PALETTES, Dice, contrast, pick
from fic2epub.builder.cover_font_files import SEMIBOLD, Typeface, covers, load
from fic2epub.builder.cover_fonts import clusters, set_text
from fic2epub.builder.cover_layout import HEIGHT, MARGIN, WIDTH, lay_out
from fic2epub.builder.cover_lines import Room, fit
from fic2epub.builder.cover_paint import draw, encode
from fic2epub.builder.cover_patterns import PATTERNS
from fic2epub.builder.cover_scenes import ORNAMENTS, SCENES
from fic2epub.errors import UsageError

LONG = (
    "what the lantern keeper wrote in the margins of the tide tables, and what the harbour answered: "
    "an account in nineteen letters, two of them unsent, with a postscript by the cat, who saw it all "
    "and was not asked, and a short appendix on knots, ropes and the weather of that year by another hand"
)
FACE = CoverFace(
    title="The Long Way Round",
    authors=("Ada Quill",),
    pairing="Mara Venn/Ilse Brandt",
    fandom="The Salt Roads",
    words=34_100,
    status="In progress",
    chapters="6/?",
    language="en",
    seed="urn:uuid:0",
)


def seed_for(layout: str) -> str:
    """An identifier whose cover has this layout."""
    return next(seed for seed in map(str, range(999)) if design(seed).layout == layout)


def design(seed: str):
    return pick(seed, patterns=len(PATTERNS), scenes=len(SCENES))


def words_of(layout, role: str) -> str:
    return " ".join(line.text for line in layout.lines if line.role == role)


def rules(layout_or_cover) -> list[str]:
    return [finding.rule for finding in layout_or_cover.findings]


def overlap(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def assert_readable(layout) -> None:
    """Every line in the margins, off the ornament, clear of every other line."""
    for line in layout.lines:
        left, top, right, bottom = line.box
        assert left >= MARGIN - 12, line
        assert right <= WIDTH - MARGIN + 12, line
        assert top >= MARGIN - 12, line
        assert bottom <= HEIGHT - MARGIN, line
        on_plate = any(
            plate[0] < left and plate[1] < top and right < plate[2] and bottom < plate[3]
            for plate in layout.plates
        )
        assert on_plate or not overlap(line.box, layout.ornament), line
    for one, other in combinations(layout.lines, 2):
        assert not overlap(one.box, other.box), (one.text, other.text)
    for line in layout.lines:
        for rule in layout.rules:
            assert not overlap(line.box, rule), (line.text, rule)


@pytest.fixture
def no_system_fonts(monkeypatch):
    monkeypatch.setattr(cover_fonts, "system", lambda text: ())


@pytest.fixture
def no_raqm(monkeypatch):
    for module in (cover_fonts, cover_font_files, sys.modules["fic2epub.builder.cover_text"]):
        monkeypatch.setattr(module, "has_raqm", lambda: False)
    load.cache_clear()
    yield
    load.cache_clear()


# The picture


def test_a_cover_is_a_plain_baseline_jpeg_of_the_right_size():
    cover = draw_cover(FACE)
    picture = Image.open(io.BytesIO(cover.image))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1600, 2400))
    assert not picture.getexif()
    assert not {"exif", "icc_profile", "comment", "progressive", "progression"} & picture.info.keys()
    assert cover.findings == ()


@pytest.mark.parametrize("number", range(len(PATTERNS)))
def test_a_cover_of_wallpaper_stays_under_half_a_megabyte(number):
    face = replace(FACE, seed=seed_for("plate"))
    layout = lay_out(face)
    for palette in PALETTES[0], PALETTES[13]:
        made = replace(layout, design=replace(layout.design, ornament=number, palette=palette))
        assert len(encode(draw(made, face.seed))) < 500_000


def test_two_processes_draw_the_same_bytes():
    script = (
        "import hashlib; from fic2epub.builder.cover import CoverFace, draw_cover;"
        "face = CoverFace(title='A Title', authors=('Ada',), words=5, seed='urn:uuid:7');"
        "print(hashlib.sha256(draw_cover(face).image).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": hash_seed}, capture_output=True, check=True
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_pillow_is_loaded_only_when_a_cover_is_drawn():
    script = "import sys, fic2epub.builder.cover; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_what_is_inked_is_where_the_layout_says():
    layout = lay_out(replace(FACE, seed=seed_for("foot")))
    ground = layout.design.palette.ground
    bare = draw(replace(layout, lines=()), "x")
    inked = draw(layout, "x")
    assert bare.getpixel((MARGIN, 200)) == ground
    changed = ImageChops.difference(bare, inked).convert("L").point(lambda value: 255 if value else 0)
    for line in layout.lines:
        assert changed.crop(line.box).getbbox() is not None, line.text
    pen = ImageDraw.Draw(changed)
    for line in layout.lines:
        left, top, right, bottom = line.box
        pen.rectangle((left - 2, top - 2, right + 1, bottom + 1), fill=0)
    assert changed.getbbox() is None


# Room for every text


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "title",
    [
        "Ash",
        "The Long Way Round",
        "Incomprehensibilities of Winter",
        "Ảnh Ůĵ ÁÅÊ gjpqy ÁÅÊ",
        LONG[:300],
        "W" * 120,
    ],
    ids=["short", "usual", "long word", "accents", "300 letters", "one endless word"],
)
def test_text_keeps_to_the_margins_and_apart(layout, title):
    face = replace(FACE, title=title, seed=seed_for(layout))
    placed = lay_out(face)
    assert_readable(placed)
    shown = words_of(placed, "title")
    assert shown.replace(" ", "") == title.replace(" ", ""), "the title is whole"
    assert {line.role for line in placed.lines} == {"title", "author", "pairing", "fandom", "facts"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_too_long_at_once_is_cut_and_said(layout):
    face = replace(
        FACE,
        title=LONG * 5,
        authors=("x" * 150,) * 3,
        pairing="long " * 90,
        fandom="f " * 200,
        status="on hold " * 30,
        seed=seed_for(layout),
    )
    placed = lay_out(face)
    assert_readable(placed)
    assert rules(placed).count("cover.text-cut") >= 4


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "gone",
    [
        {"authors": ()},
        {"pairing": None, "fandom": None},
        {"words": 0, "status": None, "chapters": None},
        {"title": ""},
        {
            "title": " ",
            "authors": (),
            "pairing": None,
            "fandom": None,
            "words": 0,
            "status": None,
            "chapters": None,
        },
    ],
    ids=["author", "tags", "strip", "title", "everything"],
)
def test_what_is_absent_leaves_no_trace(layout, gone):
    placed = lay_out(replace(FACE, seed=seed_for(layout), **gone))
    assert_readable(placed)
    assert placed.findings == ()
    assert draw(placed, "x").size == (WIDTH, HEIGHT)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        CoverFace,
        title=st.text(max_size=80),
        authors=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        pairing=st.none() | st.text(max_size=60),
        status=st.none() | st.text(max_size=40),
        words=st.integers(0, 10**9),
        seed=st.integers(0, 500).map(str),
    )
)
def test_no_text_at_all_leaves_its_place(face):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover_fonts, "system", lambda text: ())
        assert_readable(lay_out(face))


def test_a_title_breaks_in_lines_of_like_length():
    face = replace(FACE, title="Five Times They Nearly Spoke and One Time They Did", seed=seed_for("band"))
    lines = [line for line in lay_out(face).lines if line.role == "title"]
    widths = [line.box[2] - line.box[0] for line in lines]
    assert min(widths) > 0.55 * max(widths)
    assert not lines[0].text.endswith((" a", " the", " and"))


def test_a_title_of_ideographs_breaks_between_them_but_not_before_a_comma():
    room = Room(width=700, height=2000, largest=200, floor=72, lowest=40, lines=9, leading=1.3)
    lines = fit("月夜に歩く、二人の影と忘れた物語", room, lambda text, size: float(size * len(text))).lines
    assert len(lines) > 2
    assert "".join(lines) == "月夜に歩く、二人の影と忘れた物語"
    assert not any(line.startswith("、") for line in lines)


# Letters


def test_source_serif_has_latin_greek_and_cyrillic_and_says_what_it_lacks():
    face = cover_font_files.packaged(SEMIBOLD, "en")[0]
    assert covers(face, "The Ω Жизнь ạ — “quoted” 1/2…")
    for letter in ("字", "א", "ب", "\N{FOX FACE}", "\N{BLACK HEART SUIT}", "\U0010fffe"):
        assert not covers(face, letter), letter


@pytest.mark.parametrize("seed", list("0123456789"))
def test_no_letter_on_a_cover_looks_like_the_missing_glyph(seed):
    titles = (
        "Moon \N{FOX FACE} River",
        "Winter \N{BLACK HEART SUIT}",
        "Жар-птица",
        "Ὁδός",
        "a\u200bb\u00adc\ufe0f",
    )
    for title in titles:
        for line in lay_out(replace(FACE, title=title, seed=seed)).lines:
            for run, face in line.setting.runs(line.text):
                font = load(face, line.size)
                box = bytes(font.getmask("\U0010fffe"))
                for cluster in clusters(run.replace(" ", "")):
                    assert bytes(font.getmask(cluster)) != box, (title, cluster)


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize("title", ["\N{FOX FACE}\N{CRESCENT MOON}", "רחוק", "夜の歌", "\ue000\ue001"])
def test_a_title_without_a_font_is_left_out_and_the_author_takes_its_place(title, monkeypatch):
    monkeypatch.setattr(cover_font_files, "_NOTO_CJK", ())
    placed = lay_out(replace(FACE, title=title))
    assert_readable(placed)
    assert words_of(placed, "title") == ""
    assert words_of(placed, "author") == "Ada Quill"
    assert words_of(placed, "pairing")
    assert max(placed.lines, key=lambda line: line.size).role == "author"
    assert "cover.text-undrawn" in rules(placed)
    assert title in alt_text(replace(FACE, title=title))


@pytest.mark.usefixtures("no_system_fonts")
def test_a_work_of_an_anthology_without_a_font_is_named_in_a_whole_sentence(monkeypatch):
    monkeypatch.setattr(cover_font_files, "_NOTO_CJK", ())
    placed = lay_out(CoverFace(title="Autumn", members=("Lamp", "夜の歌"), words=3_000, seed="a"))
    (said,) = (one.message for one in placed.findings if one.rule == "cover.text-undrawn")
    assert said.startswith("The cover shows no line for a work (夜の歌): ")


@pytest.mark.usefixtures("no_system_fonts")
def test_only_an_emoji_beside_words_is_left_out():
    placed = lay_out(replace(FACE, title="Moon \N{FOX FACE} River"))
    assert words_of(placed, "title") == "Moon River"
    assert rules(placed) == ["cover.symbol-left-out"]
    assert "\N{FOX FACE}" in placed.findings[0].message


def test_a_font_of_the_system_is_said(monkeypatch, tmp_path):
    packaged = cover_font_files.packaged
    own = packaged(SEMIBOLD, "en")[0]
    monkeypatch.setattr(cover_fonts, "packaged", lambda cut, language: [])
    monkeypatch.setattr(cover_fonts, "system", lambda text: (Typeface(own.path, 0, True),))
    placed = lay_out(replace(FACE, authors=(), pairing=None, fandom=None))
    assert set(rules(placed)) == {"cover.system-font"}
    assert own.path in placed.findings[0].message


@pytest.mark.parametrize("title", ["דרך ארוכה 12", "بيت قديم على حافة البحر"])
def test_a_right_to_left_title_comes_out_in_order_or_not_at_all(title):
    setting = set_text(title, SEMIBOLD, language="und", reader=None)
    placed = lay_out(replace(FACE, title=title, seed=seed_for("band")))
    assert_readable(placed)
    if setting is None:
        assert words_of(placed, "title") == ""
        pytest.skip("no system font or FriBiDi here; the title is left out")
    assert words_of(placed, "title") == title
    for line in placed.lines:
        if line.role in {"title", "author"}:
            assert line.box[2] >= WIDTH - MARGIN - 12, "lines begin at the right"
    assert setting.direction == "rtl"


def test_the_first_letter_of_a_hebrew_line_stands_at_its_right():
    setting = set_text("אל", SEMIBOLD, language="he", reader=None)
    if setting is None:
        pytest.skip("no system font with Hebrew, or no FriBiDi, here")
    font = load(setting.main, 100)
    pictures = []
    for text in ("אל", "א"):
        picture = Image.new("L", (400, 200))
        pen = ImageDraw.Draw(picture)
        pen.text((100, 150), text, fill=255, font=font, anchor="ls", direction=setting.direction)
        right = picture.getbbox()[2]
        pictures.append(picture.crop((right - 30, 0, right, 200)))
    assert ImageChops.difference(*pictures).getextrema()[1] < 64


@pytest.mark.usefixtures("no_raqm")
@pytest.mark.parametrize("title", ["דרך ארוכה", "بيت قديم"])
def test_without_fribidi_a_right_to_left_title_is_left_out(title):
    placed = lay_out(replace(FACE, title=title))
    assert words_of(placed, "title") == ""
    assert "FriBiDi" in placed.findings[0].message


@pytest.mark.usefixtures("no_raqm")
def test_without_fribidi_a_latin_title_is_drawn_all_the_same():
    placed = lay_out(FACE)
    assert words_of(placed, "title") == FACE.title
    assert placed.findings == ()
    assert draw(placed, "x").size == (WIDTH, HEIGHT)


def test_the_readers_font_is_used_where_it_has_the_letters():
    own = Path(cover_font_files.packaged("It", "en")[0].path)
    reader = Typeface(str(own))
    placed = lay_out(replace(FACE, title="Winter Жар"), reader=reader)
    assert placed.lines[0].setting.main == reader
    assert rules(placed) == ["cover.font-lacks"]
    assert words_of(placed, "title") == "Winter Жар"
    assert draw_cover(FACE, font_file=own).image != draw_cover(FACE).image


@pytest.mark.parametrize("content", [None, b"", b"no font"])
def test_a_file_that_is_no_font_is_a_usage_error(tmp_path, content):
    path = tmp_path / "font.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"font\.ttf.*--cover-font"):
        draw_cover(FACE, font_file=path)


# Contrast


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_every_text_can_be_read_in_colour_and_in_gray(palette):
    for text in (palette.ink, palette.accent):
        assert contrast(text, palette.ground) >= 4.5
        assert contrast(gray(text), gray(palette.ground)) >= 4.5
    assert contrast(gray(palette.field), gray(palette.figure)) >= 2.5, "the ornament is seen in gray"


def gray(colour):
    value = Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
    return (value, value, value)


@pytest.mark.parametrize("seed", list("012345"))
def test_text_is_inked_in_a_colour_of_the_palette(seed):
    placed = lay_out(replace(FACE, seed=seed))
    assert {line.ink for line in placed.lines} <= {placed.design.palette.ink, placed.design.palette.accent}


def test_a_nearly_white_cover_has_a_border_and_a_dark_one_none():
    for seed in map(str, range(60)):
        placed = lay_out(replace(FACE, seed=seed))
        assert placed.bordered == (placed.design.palette.name in {"snow", "parchment"})


# Unlike each other


def test_fifty_works_have_at_least_forty_five_designs():
    designs = {design(str(seed)) for seed in range(50)}
    assert len(designs) >= 45


def test_small_gray_covers_of_one_text_can_be_told_apart():
    faces = [replace(FACE, seed=str(seed)) for seed in range(24)]
    tiny = [draw(lay_out(face), face.seed).convert("L").resize((20, 30)) for face in faces]
    for one, other in combinations(tiny, 2):
        pairs = zip(one.tobytes(), other.tobytes(), strict=True)
        assert sum(abs(a - b) for a, b in pairs) / 600 > 4


def test_a_work_that_grew_keeps_its_design():
    grown = replace(FACE, words=90_000, chapters="12/12", status="Completed", title="Another Title")
    assert lay_out(grown).design == lay_out(FACE).design


@pytest.mark.parametrize("number", range(len(ORNAMENTS)))
@pytest.mark.parametrize("size", [(1600, 430), (420, 2400), (440, 440)])
def test_an_ornament_fills_its_place_and_repeats_itself_exactly(number, size):
    picture = ORNAMENTS[number](size, Dice("x"))
    assert (picture.mode, picture.size) == ("L", size)
    low, high = picture.getextrema()
    assert high - low > 150
    assert picture.tobytes() == ORNAMENTS[number](size, Dice("x")).tobytes()


# What it says


def test_an_anthology_says_what_is_in_it():
    members = tuple(f"Story {number} — Author {number}" for number in range(1, 25))
    face = CoverFace(title="Autumn", members=members, words=310_000, seed="a")
    placed = lay_out(face)
    assert_readable(placed)
    shown = [line.text for line in placed.lines if line.role == "member"]
    assert shown == [*members[:6], "and 18 more"]
    assert facts(face) == ("24 works", "310k words")
    assert alt_text(face).startswith("Cover: Autumn. Story 1 — Author 1. ")


def test_a_discreet_cover_shows_no_tag():
    placed = lay_out(replace(FACE, discreet=True))
    assert {line.role for line in placed.lines} == {"title", "author", "facts"}
    assert "Mara" not in alt_text(replace(FACE, discreet=True))
    assert "Salt Roads" not in alt_text(replace(FACE, discreet=True))


def test_the_alternative_text_says_what_the_cover_says():
    assert draw_cover(FACE).alt == (
        "Cover: The Long Way Round, by Ada Quill. Mara Venn/Ilse Brandt. The Salt Roads. "
        "34k words. 6/?. In progress."
    )


def test_the_alternative_text_can_stand_in_xml():
    assert alt_text(CoverFace(title="A\x0b\ud800B\uffff\n C", seed="")) == "Cover: A B C."
