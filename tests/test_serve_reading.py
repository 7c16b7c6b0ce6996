"""A book in the browser: what of it is shown, how it is cut into pages, and the place that is kept."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support import small_book
from support.served import SCRIPT, lamp, paragraphed, put, small
from support.works import work

from fic2epub.container import zip_entries
from fic2epub.library.rebuild import rebuild
from fic2epub.web.holdings import book_number
from fic2epub.web.opened import OpenBook
from fic2epub.web.pieces import Pieces
from fic2epub.web.safe import Leads, copy_body
from fic2epub.web.serve import library_app

HOST = {"Host": "127.0.0.1:8469"}
LAMP = "Ada Quill - The Lamp Room.epub"
XHTML = "http://www.w3.org/1999/xhtml"


def copied(markup: str, *, root: str = "") -> str:
    """What is shown of a body's markup."""
    page = f'<html xmlns="{XHTML}" {root}><head><title>t</title></head><body>{markup}</body></html>'
    pictures = {"a.jpg": "picture:a.jpg"}
    leads = Leads(lambda href: f"to:{href}", pictures.get)
    body = copy_body(etree.fromstring(page), leads)
    return etree.tostring(body, encoding="unicode", method="html")


# What is shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>One <em>two</em> three</p>", "<div><p>One <em>two</em> three</p></div>"),
        ("<p>a<script>alert(1)</script>b</p>", "<div><p>ab</p></div>"),
        ("<p onclick='x()' style='color:red'>a</p>", "<div><p>a</p></div>"),
        ("<a href='javascript:alert(1)'>a</a>", '<div><a href="to:javascript:alert(1)">a</a></div>'),
        ("<p class='first evil'>a</p>", '<div><p class="first">a</p></div>'),
        ("<p id='x y'>a</p>", '<div><p id="b-xy">a</p></div>'),
        ("<iframe src='x'>a</iframe>b", "<div>b</div>"),
        ("<form action='http://x'><input name='a'/></form>b", "<div>b</div>"),
        ("<object data='x'><p>fallback</p></object>b", "<div>b</div>"),
        ("<nav hidden='hidden'><p>a</p></nav><nav><p>b</p></nav>", "<div><div><p>b</p></div></div>"),
        ("<unknown>a <b>b</b></unknown>", "<div>a <b>b</b></div>"),
        ("<img src='a.jpg' alt='A lamp' onerror='x'/>", None),
        ("<img src='http://evil.example/x.png' alt='A lamp'/>", "<div>A lamp</div>"),
        ("<p>a<!-- b -->c<?php d ?>e</p>", "<div><p>ace</p></div>"),
        ("<td colspan='2' headers='h'>a</td>", '<div><td colspan="2" headers="h">a</td></div>'),
        ("<p dir='evil' lang='en&quot;x'>a</p>", "<div><p>a</p></div>"),
        ("<style>p { background: url(http://x) }</style><p>a</p>", "<div><p>a</p></div>"),
        ("<math xmlns='http://www.w3.org/1998/Math/MathML'><mi>x</mi></math>a", "<div>a</div>"),
    ],
)
def test_of_a_document_only_what_is_known_is_shown(markup, shown):
    found = copied(markup)
    if shown is None:
        assert 'src="picture:a.jpg"' in found
        assert 'alt="A lamp"' in found
        assert "onerror" not in found
    else:
        assert found == shown


def test_a_link_to_the_web_tells_nobody_where_it_came_from():
    (link,) = etree.HTML(copied("<a href='https://example.org/' target='_top'>a</a>")).iter("a")
    assert dict(link.attrib) == {
        "href": "https://example.org/",
        "rel": "noreferrer noopener nofollow external",
    }


def test_a_drawing_gives_its_picture_or_its_title():
    svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' onload='x()'>"
    assert "picture:a.jpg" in copied(f"{svg}<image xlink:href='a.jpg'/></svg>")
    found = copied(f"{svg}<title>A lamp</title><script>x()</script><path d='M0'/></svg>")
    assert found == "<div>A lamp</div>"


def test_language_and_direction_of_the_document_are_kept():
    assert copied("<p>a</p>", root='lang="ar" dir="rtl"') == '<div lang="ar" dir="rtl"><p>a</p></div>'


# Pages of it


def pieces(markup: str, longest: int) -> Pieces:
    page = f'<html xmlns="{XHTML}"><body>{markup}</body></html>'
    return Pieces(copy_body(etree.fromstring(page), Leads(lambda _: None, lambda _: None)), longest)


def words(html: str) -> str:
    return "".join(etree.HTML(html).itertext()) if html != "<div></div>" else ""


@given(
    st.lists(st.integers(1, 80), max_size=30),
    st.integers(10, 200),
    st.sampled_from(["{}", "<section>{}</section>", "<section><h2>T</h2><div>{}</div></section>"]),
)
def test_all_pages_together_are_the_document(lengths, longest, frame):
    markup = frame.format("".join(f"<p>{number}:{'x' * length}</p>" for number, length in enumerate(lengths)))
    cut = pieces(markup, longest)
    whole = pieces(markup, 10**9)
    assert len(whole.starts) == 1
    together = "".join(words(cut.html(piece)) for piece in range(len(cut.starts)))
    assert "".join(together.split()) == "".join(words(whole.html(0)).split())
    assert list(cut.starts) == sorted(set(cut.starts))
    for piece, start in enumerate(cut.starts):
        assert cut.at(start) == piece


def test_a_heading_stays_with_what_it_is_over():
    cut = pieces("".join(f"<h3>T{number}</h3><p>{'x' * 90}</p>" for number in range(4)), 120)
    assert len(cut.starts) == 4
    for piece in range(4):
        assert cut.html(piece).count("<h3>") == 1
        assert re.search(r"<h3>T\d</h3>\s*<p>", cut.html(piece))


def test_what_stands_around_a_paragraph_stands_around_every_page_and_an_id_only_once():
    cut = pieces(f"<section id='one' class='chapter'>{'<p>abcdefghij</p>' * 9}</section>", 30)
    html = [cut.html(piece) for piece in range(len(cut.starts))]
    assert len(html) > 2
    assert all('<section class="chapter"' in one for one in html)
    assert sum('id="b-one"' in one for one in html) == 1


def test_an_id_has_its_place():
    cut = pieces("<p>aaaaaaaaaa</p><p>bbbbbbbbbb</p><p id='x'>cc<b id='y'>c</b></p>", 10)
    assert cut.at(cut.of("b-x")) == cut.at(cut.of("b-y")) == 2
    assert cut.of("b-none") == 0


def test_text_without_paragraphs_is_not_lost():
    cut = pieces("Loose <b>text</b> and <p>a paragraph</p> more", 5)
    assert "".join(words(cut.html(piece)) for piece in range(len(cut.starts))).split() == [
        *("Loose", "text", "and", "a", "paragraph", "more"),
    ]


# Books of others


def test_a_book_of_another_program_can_be_read():
    book = OpenBook(zip_entries(list(small_book.entries().items())))
    assert len(book.documents) >= 2
    assert book.contents
    for number in range(1, len(book.documents) + 1):
        assert book.body(number).tag == "div"


# The pages


@pytest.fixture
def reader(tmp_path):
    return library_app(small(tmp_path)).test_client()


def page(client, path, **more):
    found = client.get(path, headers=HOST, **more)
    assert found.status_code == 200, (path, found.text[:300])
    return found.text


def test_reading_goes_through_the_whole_book_and_back(reader):
    number = book_number(LAMP)
    address, seen = f"/read/{number}/1", []
    while address:
        text = page(reader, address)
        seen.append(text)
        ahead = re.search(r'<a rel="next" href="([^"]+)"', text)
        address = f"/read/{number}/{ahead[1]}" if ahead else None
    assert len(seen) >= 5
    assert "The oil is real." in "".join(seen)
    assert "100 %" in seen[-1]
    assert 'rel="prev"' not in seen[0]
    back = re.search(r'<a rel="prev" href="([^"]+)"', seen[-1])[1]
    assert page(reader, f"/read/{number}/{back}").count("<main") == 1


def test_the_place_is_kept_and_found_again(tmp_path):
    put(tmp_path, "long.epub", paragraphed(work("Long", chapters=4, words=60), 60))
    rebuild(tmp_path)
    client = library_app(tmp_path).test_client()
    number = book_number("long.epub")
    assert client.get(f"/read/{number}", headers=HOST).headers["Location"] == f"/read/{number}/2"
    client.post("/look", data={"pages": "short"}, headers=HOST)
    there = re.search(r'rel="next" href="(\d+\?at=\d+)"', page(client, f"/read/{number}/4"))[1]
    page(client, f"/read/{number}/{there}")
    assert client.get(f"/read/{number}", headers=HOST).headers["Location"] == f"/read/{number}/{there}"
    assert f'href="/read/{number}"' in page(client, "/")
    assert "Go on reading" in page(client, f"/book/{number}")
    # Another length of pages: the same place.
    client.post("/look", data={"pages": "whole"}, headers=HOST)
    assert client.get(f"/read/{number}", headers=HOST).headers["Location"] == f"/read/{number}/{there}"


def test_letters_and_colours_are_remembered(reader):
    assert 'class="size-m theme-auto' in page(reader, "/")
    answer = reader.post("/look", data={"size": "xl", "theme": "sepia", "back": "/books"}, headers=HOST)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/books")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert 'class="size-xl theme-sepia' in page(reader, "/")
    reader.post("/look", data={"size": "<script>"}, headers=HOST)
    assert 'class="size-xl theme-sepia' in page(reader, "/")


def test_a_work_page_has_summary_tags_notes_and_chapters(reader):
    text = page(reader, f"/book/{book_number(LAMP)}")
    for part in (
        "A lamp goes out, and nobody",
        "Slow Burn",
        "Marit/The Keeper",
        "Thank you for reading.",
        "Part 2 of",
        "Chapter 3",
        "Completed",
        "English",
        "https://archiveofourown.org/works/1234567",
    ):
        assert part in text, part


def test_a_note_leads_to_its_place(reader):
    number = book_number("hostile.epub")
    text = page(reader, f"/book/{number}")
    note = re.search(rf'href="(/read/{number}/\d+\?to=[^"#]+)#', text)[1]
    assert SCRIPT.replace("<", "&lt;").replace(">", "&gt;") in page(reader, note)


def test_an_anthologys_works_are_all_told(reader):
    text = page(reader, f"/book/{book_number('Two Lamps.epub')}")
    assert "Anthology · 2 works" in text
    assert "Second" in text
    assert "Elsewhere" in text


@pytest.mark.parametrize(
    "path", ["/0", "/99", "/1?at=x", "/1?at=-5", "/1?at=99999999999999999999", "/1?to=nothing"]
)
def test_a_place_that_is_not_there_is_no_error(reader, path):
    found = reader.get(f"/read/{book_number(LAMP)}{path}", headers=HOST)
    assert found.status_code == (404 if path in ("/0", "/99") else 200)


def test_a_damaged_book_says_so_and_the_rest_of_its_page_is_there(tmp_path):
    folder = small(tmp_path)
    (folder / LAMP).write_bytes(b"PK\x03\x04 no book")
    client = library_app(folder).test_client()
    text = page(client, f"/book/{book_number(LAMP)}")
    assert "It cannot be read here" in text
    assert "A lamp goes out" in text
    assert client.get(f"/read/{book_number(LAMP)}/1", headers=HOST).status_code == 422


def test_a_kobo_is_offered_the_kepub_first_and_a_kindle_told_its_way(reader):
    address = f"/book/{book_number(LAMP)}"
    plain = page(reader, address)
    kobo = reader.get(address, headers={**HOST, "User-Agent": "Mozilla/5.0 (Linux; Kobo Touch)"}).text
    assert plain.index('.epub">EPUB') < plain.index('.kepub.epub">KEPUB')
    assert kobo.index('.kepub.epub">KEPUB') < kobo.index('.epub">EPUB')
    kindle = reader.get(address, headers={**HOST, "User-Agent": "Mozilla/5.0 Kindle/3.0"}).text
    assert "fic2epub send" in kindle


def test_the_code_to_scan_is_the_address(tmp_path):
    client = library_app(small(tmp_path), lan=True, secret="abcd-efgh-jkmn").test_client()
    found = client.get("/k/abcd-efgh-jkmn/device", headers={"Host": "192.168.1.7:8469"})
    assert "http://192.168.1.7:8469/k/abcd-efgh-jkmn/</code>" in found.text
    code = client.get("/k/abcd-efgh-jkmn/device.png", headers={"Host": "192.168.1.7:8469"})
    assert code.content_type == "image/png"
    assert code.data[:4] == b"\x89PNG"


def test_books_are_read_under_a_secret_too(tmp_path):
    client = library_app(small(tmp_path), lan=True, secret="abcd-efgh-jkmn").test_client()
    root = "/k/abcd-efgh-jkmn"
    pending, seen = [f"{root}/"], {f"{root}/"}
    while pending:
        path = pending.pop()
        with client.get(path, headers={**HOST, "Accept": "text/html"}) as found:
            assert found.status_code == 200, path
            text = found.text if found.content_type.startswith("text/html") else ""
        for address in re.findall(r'(?:href|src)="(/[^"#]*)', text):
            assert address.startswith(f"{root}/"), (path, address)
            address = address.replace("&amp;", "&")
            if address not in seen and "/look" not in address and len(seen) < 60:
                seen.add(address)
                pending.append(address) if not re.search(r"/read/\w+$", address) else None
    assert len(seen) > 40


def test_a_library_without_a_book_says_so(tmp_path):
    rebuild(tmp_path)
    client = library_app(tmp_path).test_client()
    assert "There are no books here yet" in page(client, "/")
    assert "Nothing was found" in page(client, "/books")
    assert "No book names any" in page(client, "/by/tag")


def test_a_reader_keeps_places_in_many_books_within_a_cookie(tmp_path):
    from fic2epub.web.look import PLACES_COOKIE, PLACES_KEPT

    folder = Path(tmp_path)
    for number in range(PLACES_KEPT + 3):
        put(folder, f"{number}.epub", lamp(words=20))
    rebuild(folder)
    client = library_app(folder).test_client()
    for number in range(PLACES_KEPT + 3):
        page(client, f"/read/{book_number(f'{number}.epub')}/2")
    value = client.get_cookie(PLACES_COOKIE, domain="127.0.0.1").value
    assert value.count("_") == PLACES_KEPT - 1
    assert len(value) < 3_000
