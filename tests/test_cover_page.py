"""The cover in the book: the drawn one, the reader's own, and none."""

import io
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image
from support.handmade import chapter, one_shot, six_chapters, with_parts, work

from fic2epub.builder.anthology import gather
from fic2epub.builder.cover_font_files import REGULAR, packaged
from fic2epub.builder.cover_page import anthology_face, work_face
from fic2epub.builder.cover_picture import read_picture
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.errors import UsageError
from fic2epub.model import Publication, Work
from fic2epub.record import options_hash

XHTML = "{http://www.w3.org/1999/xhtml}"


def page(book: Publication) -> etree._Element:
    return etree.fromstring(next(one.content for one in book.reading_order if one.href == "cover.xhtml"))


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 90), form: str = "PNG", **more: object) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size).save(target, form, **more)
    return target.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("what", [one_shot(), gather(bind([one_shot(), with_parts()]), title="Both")])
def test_a_book_has_a_drawn_cover_that_says_its_words(what: Work) -> None:
    book = publish(what)
    image = next(one for one in book.resources if "cover-image" in one.properties)
    assert (image.href, image.media_type, image.id) == ("cover.jpg", "image/jpeg", "cover-image")
    assert opened(image.content).size == (1600, 2400)
    shown = page(book).find(f".//{XHTML}img")
    assert (shown.get("src"), shown.get("role")) == ("cover.jpg", "doc-cover")
    assert shown.get("alt").startswith("Cover: ")
    assert book.title in shown.get("alt")
    assert page(book).find(f".//{XHTML}h1") is None
    assert "cover" not in [one.id for one in (*book.reading_order, *book.resources)]


def test_the_same_work_gets_the_same_cover() -> None:
    covers = {
        one.content for _ in range(2) for one in publish(one_shot()).resources if one.href == "cover.jpg"
    }
    assert len(covers) == 1


def test_without_a_picture_title_and_author_stand_there() -> None:
    book = publish(one_shot(), options=PublishOptions(cover="none"))
    assert [one.href for one in book.resources] == ["toc.ncx", "style.css"]
    assert page(book).findtext(f".//{XHTML}h1") == "The Lamp Room"
    assert page(book).find(f".//{XHTML}img") is None


@pytest.mark.parametrize(
    ("status", "said"),
    [("Updated", "In progress"), ("COMPLETED", "Complete"), ("On hold", "On hold"), ("", None), (None, None)],
)
def test_the_status_is_said_so_that_it_tells_how_far_the_work_is(
    status: str | None, said: str | None
) -> None:
    assert work_face(work(chapter("a"), status=status), identifier="i", words=1).status == said


def test_the_face_of_a_work_and_of_an_anthology() -> None:
    face = work_face(six_chapters(), identifier="urn:x", words=61)
    assert (face.title, face.authors, face.fandom) == ("Slack Water", ("Osk Tarn",), "Harbour Tales")
    assert (face.words, face.chapters, face.status, face.seed) == (61, "6/?", "In progress", "urn:x")
    works = (work(chapter("a"), title="A", creators=()), work(chapter("b"), title="B"))
    both = anthology_face("Both", [one.metadata for one in works], identifier="urn:y", language="en", words=2)
    assert (both.authors, both.members) == (("Unknown", "Osk Tarn"), ("A", "B"))


def test_what_a_font_lacks_is_told() -> None:
    assert [one.rule for one in publish(work(chapter("a"), title="\U00012000\U00012001")).findings]
    assert publish(one_shot()).findings == ()


class TestOwnPicture:
    def test_it_is_in_the_book_with_title_and_author_as_its_words(self) -> None:
        book = publish(one_shot(), options=PublishOptions(cover=picture()))
        image = next(one for one in book.resources if one.href == "cover.jpg")
        assert opened(image.content).format == "JPEG"
        assert page(book).find(f".//{XHTML}img").get("alt") == "Cover: The Lamp Room, by Osk Tarn."

    @pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "RGBA", "LA"])
    def test_any_kind_of_picture_becomes_plain_rgb(self, mode: str) -> None:
        made = opened(read_picture(picture(mode)))
        assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (60, 90))

    def test_cmyk_and_webp_and_gif_do_too(self) -> None:
        for content in (picture("CMYK", form="JPEG"), picture(form="WEBP"), picture("P", form="GIF")):
            assert opened(read_picture(content)).mode == "RGB"

    def test_what_can_be_seen_through_lies_on_white(self) -> None:
        assert opened(read_picture(picture("RGBA"))).getpixel((5, 5)) == (255, 255, 255)

    @pytest.mark.parametrize(
        ("size", "becomes"),
        [
            ((3200, 4800), (1600, 2400)),
            ((1000, 5120), (500, 2560)),
            ((10, 10), (10, 10)),
            ((1600, 2560),) * 2,
        ],
    )
    def test_it_is_made_smaller_never_larger(self, size: tuple[int, int], becomes: tuple[int, int]) -> None:
        assert opened(read_picture(picture(size=size))).size == becomes

    def test_it_stands_upright_and_says_nothing_of_where_it_was_taken(self) -> None:
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "Maker"
        made = opened(read_picture(picture(form="JPEG", exif=exif)))
        assert made.size == (90, 60)
        assert not made.getexif()
        assert b"Maker" not in read_picture(picture(form="JPEG", exif=exif))

    @pytest.mark.parametrize(
        "content",
        [b"", b"no picture", b"%PDF-1.7", picture()[:60], picture(form="JPEG")[:300], b"<svg/>"],
    )
    def test_what_is_no_picture_is_a_clear_error(self, content: bytes) -> None:
        with pytest.raises(UsageError, match="--cover: not a picture"):
            publish(one_shot(), options=PublishOptions(cover=content))

    def test_a_bomb_is_refused_unread(self) -> None:
        with pytest.raises(UsageError, match="pixels"):
            read_picture(picture("1", size=(20_000, 6_000)))


def test_a_font_s_folder_leaves_no_trace_in_the_record(tmp_path) -> None:
    source = Path(packaged(REGULAR, "en")[0].path)
    hashes = set()
    for name in ("one", "two"):
        font = tmp_path / name / "own.otf"
        font.parent.mkdir()
        font.write_bytes(source.read_bytes())
        hashes.add(publish(one_shot(), options=PublishOptions(cover_font=font)).record["options_sha256"])
    assert len(hashes) == 1
    assert hashes != {options_hash(PublishOptions())}
