"""Publication to EPUB: what is refused, what the package document says, the same bytes."""

import dataclasses
import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support import epubcheck, handmade, needs

from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.container import read_entries
from fic2epub.errors import PackageError
from fic2epub.model import Contributor, NoteKind, Publication, Resource, Work
from fic2epub.record import RECORD_NAME

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture
def book() -> Publication:
    return publish(handmade.six_chapters())


def changed(book: Publication, **values: Any) -> Publication:
    return dataclasses.replace(book, **values)


def opf(book: Publication) -> etree._Element:
    return etree.fromstring(read_entries(pack(book))["content.opf"])


def page(identifier: str = "extra", href: str = "extra.xhtml", content: bytes = b"x") -> Resource:
    return Resource(id=identifier, href=href, media_type="application/xhtml+xml", content=content)


def test_the_archive_is_laid_out_for_every_reader(book: Publication) -> None:
    names = list(read_entries(pack(book)))
    assert names[:4] == ["mimetype", "META-INF/container.xml", RECORD_NAME, "content.opf"]
    assert not [name for name in names if name.startswith("EPUB/")]


def test_container_points_to_the_root(book: Publication) -> None:
    container = etree.fromstring(read_entries(pack(book))["META-INF/container.xml"])
    assert [file.get("full-path") for file in container.iter("{*}rootfile")] == ["content.opf"]


def test_files_go_in_byte_for_byte(book: Publication) -> None:
    entries = read_entries(pack(book))
    for one in (*book.reading_order, *book.resources):
        assert entries[one.href] == one.content


def test_the_preface_is_the_first_document_of_the_manifest(book: Publication) -> None:
    first, second = list(opf(book).iter(f"{OPF}item"))[:2]
    assert (first.get("href"), second.get("href")) == ("preface.xhtml", "cover.xhtml")


def test_the_package_document_names_language_direction_and_no_generator(book: Publication) -> None:
    root = opf(book)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert root.get("dir") == "ltr"
    assert root.get("unique-identifier") == root.find(f".//{DC}identifier").get("id")
    assert "generator" not in [meta.get("name") for meta in root.iter(f"{OPF}meta")]
    rtl = opf(changed(book, language="he"))
    assert rtl.get("dir") == rtl.find(f"{OPF}spine").get("page-progression-direction") == "rtl"


def test_each_creator_has_an_id_role_and_place_of_its_own(book: Publication) -> None:
    people = (Contributor("Osk Tarn", "aut", "Tarn, Osk"), Contributor("Ria Bly", "aut"))
    root = opf(changed(book, creators=people))
    assert [(one.text, one.get("id")) for one in root.iter(f"{DC}creator")] == [
        ("Osk Tarn", "creator-1"),
        ("Ria Bly", "creator-2"),
    ]
    refined = [
        (meta.get("refines"), meta.get("property"), meta.text)
        for meta in root.iter(f"{OPF}meta")
        if meta.get("refines", "").startswith("#creator")
    ]
    assert sorted(refined) == [
        ("#creator-1", "display-seq", "1"),
        ("#creator-1", "file-as", "Tarn, Osk"),
        ("#creator-1", "role", "aut"),
        ("#creator-2", "display-seq", "2"),
        ("#creator-2", "role", "aut"),
    ]


def test_a_title_has_what_it_is_filed_under_only_if_that_is_another(book: Publication) -> None:
    filed = opf(changed(book, title="The Lamp Room", title_sort="Lamp Room, The"))
    title = filed.find(f".//{DC}title")
    (sort,) = (meta for meta in filed.iter(f"{OPF}meta") if meta.get("refines") == f"#{title.get('id')}")
    assert (sort.get("property"), sort.text) == ("file-as", "Lamp Room, The")
    assert opf(book).find(f".//{DC}title").get("id") is None


def test_series_stand_in_both_forms_and_calibre_gets_one(book: Publication) -> None:
    root = opf(book)
    metas = list(root.iter(f"{OPF}meta"))
    collections = [meta.text for meta in metas if meta.get("property") == "belongs-to-collection"]
    assert collections == ["Harbour Tales", "Ladders"]
    named = {meta.get("name"): meta.get("content") for meta in metas if meta.get("name")}
    assert {name: value for name, value in named.items() if "user_metadata" not in name} == {
        "calibre:series": "Harbour Tales",
        "calibre:series_index": "2",
        "cover": "cover-image",
    }


def test_the_date_is_the_publication_s(book: Publication) -> None:
    when = datetime.datetime(2021, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
    root = opf(changed(book, modified=when))
    dates = [meta.text for meta in root.iter(f"{OPF}meta") if meta.get("property") == "dcterms:modified"]
    assert dates == ["2021-03-04T05:06:07Z"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"resources": (page(content=b""),)}, r"extra\.xhtml: the file is empty"),
        ({"resources": (page(href="../evil.xhtml"),)}, "no name"),
        ({"resources": (page(href="/etc/passwd"),)}, "no name"),
        ({"resources": (page(href="text/Ünder.xhtml"),)}, "no name"),
        ({"resources": (page(href="a" * 256),)}, "no name"),
        ({"resources": (page(href="cover.xhtml"),)}, r"same file: cover\.xhtml"),
        ({"resources": (page(identifier="PREFACE"),)}, "same id: preface"),
        ({"resources": (page(identifier="1st"),)}, "is no id"),
        ({"manifest_first": "nothing"}, "no file 'nothing'"),
        ({"title": "a\0b"}, r"title: U\+0000"),
        ({"title": "a\ud800b"}, r"title: U\+D800"),
        ({"title": "a\ufffeb"}, r"title: U\+FFFE"),
        ({"title": " "}, "title: empty"),
        ({"creators": (Contributor("a\x01b", "aut"),)}, r"author: U\+0001"),
        ({"subjects": ("Fanworks", "a\x0bb")}, r"tag: U\+000B"),
        ({"description": "a\x1fb"}, r"summary: U\+001F"),
        ({"series": (("a\x1fb", 1),)}, r"series: U\+001F"),
    ],
)
def test_a_book_that_no_reader_would_open_is_refused(
    book: Publication, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(PackageError, match=words):
        pack(changed(book, **values))


def test_odd_but_allowed_characters_pass(book: Publication) -> None:
    title = "a\tb \u0085 \u200b \U0001f600 <&>"
    assert opf(changed(book, title=title)).findtext(f".//{DC}title") == title


def test_two_processes_with_other_hash_seeds_and_zones_give_the_same_bytes() -> None:
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from support import handmade\n"
        "from fic2epub.builder.anthology import gather\n"
        "from fic2epub.builder.package import pack\n"
        "from fic2epub.builder.publication import publish\n"
        "from fic2epub.builder.work_book import bind\n"
        "works = [handmade.one_shot(), handmade.six_chapters(), *handmade.odd_titles()]\n"
        "for what in (*works, gather(bind(works), title='All')):\n"
        "    print(hashlib.sha256(pack(publish(what))).hexdigest())\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(seen) == 1


def strange() -> list[Work]:
    """What no parser should make, and a book comes of it all the same."""
    chapter, work, weak = handmade.chapter, handmade.work, handmade.evidence(0.1)
    part = handmade.head("Part Two", level=0)
    return [
        work(chapter()),
        work(chapter("a", number=1), chapter(boundary=weak), chapter("b", part=part, boundary=weak)),
        work(chapter("\u200b"), title="\u200b", tags=("<&>",)),
        work(chapter("a\u0085b\u202e\ue000\ufdd0\x7f c"), title="a\nb\tc\u0085"),
        work(chapter("x", *(handmade.note(kind, "y") for kind in (*NoteKind, *NoteKind)))),
        work(chapter("x"), title="." * 3_000, published=datetime.date(1, 1, 1), language="art-x-sindarin"),
    ]


def books() -> dict[str, Publication]:
    works = [handmade.one_shot(), handmade.six_chapters(), handmade.with_parts(), *handmade.odd_titles()]
    works += strange()
    return {f"book{index}": publish(work) for index, work in enumerate(works)}


@pytest.mark.needs("java")
def test_epubcheck_has_nothing_to_say(tmp_path: Path) -> None:
    paths = []
    for name, book in books().items():
        paths.append(tmp_path / f"{name}.epub")
        paths[-1].write_bytes(pack(book))
    epubcheck.clean(*paths)


@pytest.mark.needs("kobofix")
def test_the_style_sheet_is_safe_for_adobe_s_engine(book: Publication, tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    path.write_bytes(pack(book))
    program = needs.kobofix()
    assert program is not None
    done = subprocess.run([program, "--check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
