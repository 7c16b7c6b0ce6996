"""Stage 2: what bytes become, what is mended in them, and what is no text."""

import codecs
import gzip
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from support.cases import Case, named

from fic2epub.errors import BinarySourceError, EmptySourceError, UndecodableSourceError, UsageError
from fic2epub.model import SourceText, Span
from fic2epub.parser.decode import decode, repaired

RUSSIAN = "Он вошёл в комнату и остановился. Никто не ответил ему, и тогда он сел у окна. " * 4
GREEK = "Ήταν μια σκοτεινή νύχτα και κανείς δεν ήξερε τι να κάνει με το παιδί που έκλαιγε. " * 4
CHINESE = "他走进房间，没有人回答他的问题。于是他坐在窗边，看着外面的雨，想着那个不会回来的人。" * 4
TRADITIONAL = "他走進房間，沒有人回答他的問題。於是他坐在窗邊，看著外面的雨，想著那個不會回來的人。" * 4
JAPANESE = "彼は部屋に入ったが、誰も答えなかった。それで彼は窓のそばに座り、外の雨を見ていた。" * 4
KOREAN = "그는 방에 들어갔지만 아무도 대답하지 않았다. 그래서 그는 창가에 앉아 밖의 비를 바라보았다. " * 4

# No control, no surrogate, no letter that mojibake begins with.
CLEAN = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Cn"),
        exclude_characters="\ufeff" + "".join(map(chr, range(0xC2, 0xF5))),
    )
)
DAMAGED = st.lists(
    st.sampled_from(
        [
            "word ",
            "\n",
            "\r\n",
            "’",
            "é",
            "Â\xa0",
            "â€™",
            "Ã©",
            "â€\x9d",
            "NÃO",
            "Â ",
            "😀",
            "\x00",
            "\x9d",
            "\ufeff",
            "\x92",
        ]
    ).map(str.encode)
    | st.sampled_from([b"\x92", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xb8\x80", b"\xe2\x80", b"\xff"]),
    max_size=30,
).map(b"".join)


def whole(source: SourceText) -> str:
    return repaired(source, Span(0, len(source.text)))


def text_of(data: bytes, **options: str) -> str:
    return whole(decode(data, name="story.txt", **options))


@named("decode.md")
def test_case(case: Case) -> None:
    source = decode(case.data, name="case")
    lines = [source.encoding, repr(whole(source))]
    for repair in source.repairs:
        place = f"{repair.span.start}..{repair.span.end}"
        lines.append(f"{repair.rule} {place} {repair.before!r} -> {repair.after!r}")
    assert "\n".join(lines) == case.expected


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_encodings_are_told_apart_with_and_without_a_mark(encoding: str) -> None:
    text = "Title: The Lamp\n\nIt was “out”, and Noël knew it.\n"
    assert text_of(text.encode(encoding)) == text
    for mark, name in [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")]:
        assert decode(mark + text.encode(name), name="x").encoding == name


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "cp932"),
        (KOREAN, "cp949"),
        (RUSSIAN, "cp1251"),
    ],
)
def test_other_scripts_are_read_when_cp1252_gives_no_prose(text: str, encoding: str) -> None:
    source = decode(f"Title: x\n\n{text}".encode(encoding), name="x")
    assert (source.encoding, whole(source)) == (encoding, f"Title: x\n\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "“Été à la plage, ça c’est l’œuvre de Noël.” — « déjà » ",
        "“‘…’” — – “‘…’” ",
        "Größe, Füße, Mädchen, schön, Öl ",
        "¿Qué pasó, señor? ¡Nada, mañana! 5 £, 20° ",
        "NÃO, CORAÇÃO, MANHÃ ",
    ],
)
def test_western_text_is_cp1252_whatever_its_punctuation(text: str) -> None:
    source = decode((text * 20).encode("cp1252"), name="x")
    assert (source.encoding, whole(source)) == ("cp1252", text * 20)


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "koi8-r"), (GREEK, "cp1253")])
def test_an_encoding_that_cannot_be_told_is_an_error_and_can_be_named(text: str, encoding: str) -> None:
    with pytest.raises(UndecodableSourceError, match=r"^story.txt: not UTF-8.*--encoding"):
        text_of(text.encode(encoding))
    assert text_of(text.encode(encoding), encoding=encoding) == text


def test_a_named_encoding_that_does_not_fit_says_where() -> None:
    with pytest.raises(UndecodableSourceError, match=r"^story.txt, byte 5: this is not ascii"):
        text_of(b"hello\xff", encoding="ascii")


@pytest.mark.parametrize("encoding", ["no-such", "hex", "a\0b"])
def test_an_encoding_that_python_does_not_know_is_a_usage_error(encoding: str) -> None:
    with pytest.raises(UsageError, match="no text encoding"):
        text_of(b"hello", encoding=encoding)


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n\t", b"\xef\xbb\xbf\n", "\xa0\u200b\u3000".encode(), b"\0\0", b"\xff\xfe", b"\xff\xfe \0"],
)
def test_nothing_visible_is_an_empty_source(data: bytes) -> None:
    with pytest.raises(EmptySourceError, match=r"^story.txt: there is nothing to read"):
        text_of(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "an EPUB"),
        (b"PK\x03\x04" + bytes(26) + b"story.txt", "a ZIP archive"),
        (b"PK\x03\x04" + bytes(26) + b"word/document.xml", "a Word document"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"A Story".ljust(60, b"\0") + b"BOOKMOBI", "MOBI"),
        (gzip.compress(b"story", mtime=0), "a gzip archive"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word"),
        (b"\x7fELF", "a program"),
        (bytes(range(256)) * 8, "control characters"),
    ],
)
def test_binary_files_are_named_for_what_they_are(data: bytes, kind: str) -> None:
    with pytest.raises(BinarySourceError, match=rf"^story.txt: .*{kind}"):
        text_of(data)


def test_a_text_with_some_control_characters_is_a_text() -> None:
    data = b"A line of the story, with a NUL.\0\n" * 50
    assert text_of(data) == "A line of the story, with a NUL.\n" * 50


def test_a_wide_text_that_was_cut_inside_a_character_loses_nothing_else() -> None:
    assert text_of("\ufeffhello".encode("utf-16-le") + b"\n") == "hello\n"


@given(CLEAN.filter(lambda text: any(map(str.isalnum, text))))
def test_clean_utf8_needs_no_repair(text: str) -> None:
    text = text.replace("\x00", "")
    source = decode(b"A" + text.encode(), name="x", encoding="utf-8")
    assert source.repairs == ()
    assert source.text == "A" + text


@given(DAMAGED)
def test_repairs_are_in_order_and_can_be_undone(data: bytes) -> None:
    source = decode(b"A story. " + data, name="x", encoding="utf-8")
    end, text, undone = 0, whole(source), []
    position = 0
    for repair in source.repairs:
        assert end <= repair.span.start < repair.span.end
        assert repair.before == source.text[repair.span.start : repair.span.end]
        assert repair.before != repair.after
        kept = repair.span.start - end
        undone += [text[position : position + kept], repair.before]
        position += kept
        assert text.startswith(repair.after, position)
        position += len(repair.after)
        end = repair.span.end
    assert "".join(undone) + text[position:] == source.text


@given(DAMAGED, st.lists(st.integers(0, 300)))
def test_the_repaired_text_of_adjoining_spans_is_the_text(data: bytes, cuts: list[int]) -> None:
    source = decode(b"A story. " + data, name="x")
    length = len(source.text)
    edges = sorted({0, length, *(cut for cut in cuts if cut < length)})
    parts = [repaired(source, Span(*pair)) for pair in pairwise(edges)]
    assert "".join(parts) == whole(source)


@given(DAMAGED)
def test_nothing_that_xml_refuses_is_left(data: bytes) -> None:
    try:
        text = text_of(b"A story. " + data)
    except UndecodableSourceError:
        reject()  # so little of it is words that no reading of it looks like prose
    assert not [letter for letter in text if letter < " " and letter not in "\n\t"]
    text.encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_one_of_our_errors(data: bytes) -> None:
    with suppress(BinarySourceError, EmptySourceError, UndecodableSourceError):
        text_of(b"Some words. " + data).encode("utf-8")


def test_the_hash_is_of_the_text_and_not_of_its_line_ends() -> None:
    unix, dos = decode(b"one\ntwo\n", name="x"), decode(b"one\r\ntwo\r\n", name="x")
    assert unix.sha256 == dos.sha256 != decode(b"one\ntwo", name="x").sha256


def test_a_clean_dump_does_not_import_ftfy() -> None:
    code = (
        "import sys; from fic2epub.parser.decode import decode;"
        "decode('“Noël” — NÃO café'.encode(), name='x'); sys.exit('ftfy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
