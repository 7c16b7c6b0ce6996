"""The feeds: by the rules of both standards, as real reading programs read them, and by KOReader's habits."""

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from lxml import etree
from support import browser, needs, opds_rules
from support.browser import HERE
from support.opds_rules import ACQUISITION, ATOM, NAVIGATION, OPDS, SEARCH
from support.served import SCRIPT, many, running, small
from werkzeug.test import Client

from fic2epub.web.holdings import book_number
from fic2epub.web.serve import library_app

HOST = {"Host": "127.0.0.1:8469"}
KOREADER = "application/opds+json, application/atom+xml;profile=opds-catalog, */*"
ATOM_ONLY = "application/atom+xml;profile=opds-catalog"
LAMP = "Ada Quill - The Lamp Room.epub"
COUNT = 70
FACET = "http://opds-spec.org/facet"


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    return small(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    return many(tmp_path_factory.mktemp("large"), COUNT)


@pytest.fixture(scope="module")
def client(library) -> Client:
    return library_app(library).test_client()


@pytest.fixture(scope="module")
def many_client(large) -> Client:
    return library_app(large).test_client()


def feed(client, path="/opds/books", **headers):
    answer = client.get(path, headers={**HOST, "Accept": ATOM_ONLY, **headers})
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.data)


def feed2(client, path="/opds/v2/books"):
    answer = client.get(path, headers=HOST)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def titles(found) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in found.iter(f"{ATOM}entry")]


def links(element, rel) -> list[etree._Element]:
    return [link for link in element.iterchildren(f"{ATOM}link") if link.get("rel") == rel]


def ways(client, start) -> Iterator[str]:
    """Every address of a feed that leads on from a start, one after the other."""
    pending, seen = [start], {start}
    while pending:
        path = pending.pop()
        yield path
        if "/v2" in start:
            found = feed2(client, path)
            on = [link["href"] for link in found.get("navigation", ())]
            on += [link["href"] for link in found["links"] if link["rel"] == "next"]
            on += [link["href"] for facet in found.get("facets", ()) for link in facet["links"]][:3]
        else:
            found = feed(client, path)
            on = [link.get("href") for link in found.iter(f"{ATOM}link") if _leads_on(link)]
        for href in on:
            if href not in seen and len(seen) < 120:
                seen.add(href)
                pending.append(href)


def _leads_on(link) -> bool:
    rel = link.get("rel")
    return rel in ("next", "subsection", "http://opds-spec.org/sort/new") or (
        rel == FACET and link.get("title") in ("Title", "Mature", "All")
    )


# The rules


@pytest.mark.parametrize("which", ["client", "many_client"])
def test_every_atom_feed_keeps_the_rules(which, request):
    client = request.getfixturevalue(which)
    read = 0
    for path in ways(client, "/opds"):
        answer = client.get(path, headers={**HOST, "Accept": ATOM_ONLY})
        assert opds_rules.faults(answer.data, answer.content_type) == [], path
        read += 1
    assert read > 20


@pytest.mark.parametrize("which", ["client", "many_client"])
def test_every_json_feed_keeps_the_rules(which, request):
    client = request.getfixturevalue(which)
    read = 0
    for path in ways(client, "/opds/v2"):
        jsonschema.validate(feed2(client, path), opds_rules.FEED)
        read += 1
    assert read > 20


def test_a_book_has_a_document_of_its_own_in_both(client):
    number = book_number(LAMP)
    answer = client.get(f"/opds/book/{number}", headers={**HOST, "Accept": ATOM_ONLY})
    assert answer.content_type == "application/atom+xml;type=entry;profile=opds-catalog"
    assert opds_rules.entry_faults(answer.data) == []
    answer = client.get(f"/opds/v2/book/{number}", headers=HOST)
    assert answer.content_type == "application/opds-publication+json"
    jsonschema.validate(json.loads(answer.data), opds_rules.PUBLICATION)


def test_the_rules_know_a_bad_feed():
    bad = f"""<feed xmlns="{ATOM[1:-1]}"><id>x</id><title>t</title><updated>yesterday</updated>
    <link rel="self" href="/"/><entry><id>urn:a:b</id><title>b</title><updated>2026-01-01T00:00:00Z</updated>
    </entry></feed>"""
    found = opds_rules.faults(bad.encode(), ACQUISITION)
    assert len(found) >= 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"metadata": {"title": "x"}, "links": [], "navigation": []}, opds_rules.FEED)


def test_a_book_is_told_with_all_that_is_known_of_it(client):
    entry = next(
        one for one in feed(client).iter(f"{ATOM}entry") if one.findtext(f"{ATOM}title") == "The Lamp Room"
    )
    assert [name.text for name in entry.iterfind(f"{ATOM}author/{ATOM}name")] == ["Ada Quill", "Bo Marsh"]
    assert entry.findtext(f"{opds_rules.DC}language") == "en"
    assert entry.findtext(f"{opds_rules.DC}issued") == "2024-05-17"
    assert "A lamp goes out" in entry.findtext(f"{ATOM}summary")
    assert "Part 2 of Nine Cans" in entry.findtext(f"{ATOM}content")
    terms = {category.get("term") for category in entry.iterfind(f"{ATOM}category")}
    assert {"Harbour Tales", "Marit/The Keeper", "Slow Burn", "Teen And Up Audiences"} <= terms
    publication = next(
        one for one in feed2(client)["publications"] if one["metadata"]["title"] == "The Lamp Room"
    )
    assert publication["metadata"]["belongsTo"]["series"] == [{"name": "Nine Cans", "position": 2}]


def test_an_anthology_is_one_book(client):
    assert titles(feed(client)).count("All of Them") == 1
    found = feed(client, "/opds/books?author=Cy")
    assert titles(found) == ["All of Them"]
    names = [name.text for name in found.iterfind(f"{ATOM}entry/{ATOM}author/{ATOM}name")]
    assert names == ["Ada Quill", "Bo Marsh", "Cy"]


def test_script_in_titles_and_tags_is_only_text(client):
    for path in ("/opds/books", "/opds/by/tag", "/opds/by/series", "/opds/by/author"):
        answer = client.get(path, headers={**HOST, "Accept": ATOM_ONLY})
        assert b"<script" not in answer.data
    assert f"{SCRIPT} & {{{{ 7*7 }}}}" in titles(feed(client))


# Finding one's way


def test_what_books_are_listed_by(client):
    assert titles(feed(client, "/opds")) == [
        "New books",
        "All books",
        "Authors",
        "Fandoms",
        "Relationships",
        "Ratings",
        "Series",
        "Statuses",
        "Characters",
        "Tags",
        "Languages",
    ]


def test_the_newest_comes_first(many_client):
    assert titles(feed(many_client))[:3] == ["Tide 0", "Tide 1", "Tide 2"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?rating=Mature", COUNT // 2),
        ("?author=author+3", COUNT // 7),
        ("?fandom=Fandom+1&rating=Mature", 11),
        ("?query=tide", COUNT),
        ("?query=%22tide+41%22", 1),
        ("?query=nothing+of+that", 0),
        ("?relationship=A%2F2", COUNT // 5),
    ],
)
def test_a_choice_gives_the_books_that_fit(many_client, query, count):
    found = feed(many_client, f"/opds/books{query}")
    assert int(found.findtext(f"{SEARCH}totalResults")) == count
    assert feed2(many_client, f"/opds/v2/books{query}")["metadata"]["numberOfItems"] == count


def test_pages_follow_each_other_without_a_gap(many_client):
    seen, path = [], "/opds/books?order=title"
    while path:
        found = feed(many_client, path)
        seen += titles(found)
        path = next((link.get("href") for link in links(found, "next")), None)
    assert sorted(seen) == sorted(f"Tide {number}" for number in range(COUNT))
    assert len(links(found, "previous")) == 1
    assert links(found, "first")[0].get("href") == "/opds/books?order=title"
    assert links(found, "last")[0].get("href") == links(found, "self")[0].get("href")


def test_facets_count_what_they_would_leave(many_client):
    found = feed(many_client)
    for link in links(found, FACET):
        count = link.get("{http://purl.org/syndication/thread/1.0}count")
        if count is not None:
            narrowed = feed(many_client, link.get("href"))
            assert narrowed.findtext(f"{SEARCH}totalResults") == count
    groups = {link.get(f"{OPDS}facetGroup") for link in links(found, FACET)}
    assert {"Order", "Rating", "Status", "Fandom", "Relationship"} <= groups


def test_a_facet_that_is_chosen_is_active_and_can_be_left(many_client):
    found = feed(many_client, "/opds/books?rating=Mature")
    rating = [link for link in links(found, FACET) if link.get(f"{OPDS}facetGroup") == "Rating"]
    assert [(link.get("title"), link.get(f"{OPDS}activeFacet")) for link in rating] == [
        ("Mature", "true"),
        ("All", None),
    ]
    assert rating[1].get("href") == "/opds/books"


def test_both_kinds_of_search_link_are_there(client):
    start = feed(client, "/opds")
    kinds = {link.get("type"): link.get("href") for link in links(start, "search")}
    assert kinds["application/atom+xml"] == "/opds/books?query={searchTerms}"
    answer = client.get(kinds["application/opensearchdescription+xml"], headers=HOST)
    assert answer.content_type == "application/opensearchdescription+xml"
    url = etree.fromstring(answer.data).find(f"{SEARCH}Url")
    assert "profile=opds-catalog" in url.get("type")
    assert url.get("template") == "/opds/books?query={searchTerms}"
    templated = [link for link in feed2(client, "/opds/v2")["links"] if link["rel"] == "search"]
    assert templated[0]["href"] == "/opds/v2/books{?query}"
    assert templated[0]["templated"] is True


def test_all_books_come_on_one_page_for_programs_that_turn_none(large):
    one = library_app(large, page_size=0).test_client()
    found = feed(one)
    assert len(titles(found)) == COUNT
    assert links(found, "next") == []


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=-1", "?order=best"])
def test_what_cannot_be_is_refused(client, query):
    assert client.get(f"/opds/books{query}", headers=HOST).status_code == 400


def test_a_page_behind_the_last_is_not_there(client):
    assert client.get("/opds/books?page=9", headers=HOST).status_code == 404


# KOReader's habits (its opdsbrowser and opdsparser, read 2026-08)


def test_koreader_gets_what_it_prefers(client):
    assert client.get("/opds", headers={**HOST, "Accept": KOREADER}).content_type == "application/opds+json"
    assert client.get("/", headers={**HOST, "Accept": KOREADER}).content_type == "application/opds+json"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (ATOM_ONLY, NAVIGATION),
        ("*/*", NAVIGATION),
        ("", NAVIGATION),
        ("application/opds+json", "application/opds+json"),
        ("application/atom+xml, application/opds+json;q=0.5", NAVIGATION),
        ("application/opds+json;q=0", NAVIGATION),
    ],
)
def test_others_get_what_they_prefer(client, accept, kind):
    answer = client.get("/opds", headers={**HOST, "Accept": accept})
    assert answer.content_type == kind
    assert "Accept" in answer.headers["Vary"]


def test_koreader_asks_for_the_head_and_then_for_the_whole(client):
    headers = {**HOST, "Accept": KOREADER, "Accept-Encoding": "identity"}
    head = client.head("/opds/books", headers=headers)
    whole = client.get("/opds/books", headers=headers)
    assert head.status_code == whole.status_code == 200
    assert head.data == b""
    assert head.content_type == whole.content_type
    assert head.content_length == len(whole.data)
    assert head.headers["Last-Modified"] == whole.headers["Last-Modified"]


def test_koreader_keeps_a_feed_by_its_last_modified(client):
    first = client.get("/opds/books", headers=HOST)
    again = client.get("/opds/books", headers={**HOST, "If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, again.data) == (304, b"")


def test_koreader_sync_takes_the_first_link_which_is_the_epub_with_its_revision(client):
    for entry in feed(client).iter(f"{ATOM}entry"):
        first = next(link for link in entry.iterchildren(f"{ATOM}link") if "acquisition" in link.get("rel"))
        assert first.get("type") == "application/epub+zip"
        assert first.get("href").endswith(".epub")
        assert not first.get("href").endswith(".kepub.epub")
        assert len(first.get("href").split("/")[3]) == 12


def test_old_koreader_finds_plain_xml(client):
    data = client.get("/opds/books", headers={**HOST, "Accept": ATOM_ONLY}).data
    assert b"<!--" not in data
    assert b"<![CDATA[" not in data
    for link in etree.fromstring(data).iter(f"{ATOM}link"):
        assert link.get("type")


def test_koreader_speaks_basic_auth_and_thorium_gets_its_document(library):
    client = library_app(library, lan=True, secret="abcd-efgh-jkmn").test_client()
    answer = client.get("/opds", headers={**HOST, "Accept": KOREADER})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.content_type == "application/opds-authentication+json"
    document = json.loads(answer.data)
    assert {"id", "title", "authentication"} <= document.keys()
    assert document["authentication"][0]["type"] == "http://opds-spec.org/auth/basic"
    code = base64.b64encode(b"anyone:abcd-efgh-jkmn").decode()
    answer = client.get("/opds", headers={**HOST, "Authorization": f"Basic {code}"})
    assert answer.status_code == 200


def test_a_secret_in_the_path_is_in_every_address_of_a_feed(library):
    client = library_app(library, lan=True, secret="abcd-efgh-jkmn").test_client()
    for path in ("/opds", "/opds/books", "/opds/by/tag", "/opds/search.xml"):
        answer = client.get(f"/k/abcd-efgh-jkmn{path}", headers={**HOST, "Accept": ATOM_ONLY})
        assert answer.status_code == 200
        for element in etree.fromstring(answer.data).iter("{*}link", "{*}Url"):
            address = element.get("href") or element.get("template")
            assert address.startswith("/k/abcd-efgh-jkmn/")
    found = json.loads(client.get("/k/abcd-efgh-jkmn/opds/v2/books", headers=HOST).data)
    for publication in found["publications"]:
        for link in (*publication["links"], *publication["images"]):
            assert link["href"].startswith("/k/abcd-efgh-jkmn/")
            with client.get(link["href"], headers=HOST) as answer:
                assert answer.status_code == 200


# Real reading programs


@pytest.fixture(scope="module")
def packages() -> None:
    """What reads feeds, as package-lock.json pins it."""
    try:
        browser.install()
    except subprocess.CalledProcessError as error:
        if "node" in needs.required():
            pytest.fail(f"npm cannot fetch what reads feeds:\n{error.stderr}", pytrace=False)
        pytest.skip("npm cannot fetch what reads feeds; is this machine offline?")


def read_by(reader: str, version: int, port: int, query: str, root: str = "") -> dict:
    """What a reading program finds in the catalogue, from its start on."""
    order = {
        "start": f"http://127.0.0.1:{port}{root}/opds{'/v2' if version == 2 else ''}",
        "version": version,
        "reader": reader,
        "query": query,
        "chromium": needs.chromium(),
    }
    done = subprocess.run(
        [shutil.which("node") or "node", str(HERE / "read_feeds.mjs")],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


PROGRAMS = [
    pytest.param("thorium", 1, marks=pytest.mark.needs("node")),
    pytest.param("thorium", 2, marks=pytest.mark.needs("node")),
    pytest.param("foliate", 1, marks=pytest.mark.needs("node", "chromium")),
    pytest.param("foliate", 2, marks=pytest.mark.needs("node", "chromium")),
]


@pytest.mark.parametrize(("reader", "version"), PROGRAMS)
def test_a_reading_program_reads_every_feed_searches_and_takes_books(reader, version, library, packages):
    with running(library) as port:
        found = read_by(reader, version, port, "lamp")
    assert len(found["feeds"]) > 30
    books = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in library.rglob("*.epub")}
    taken = {one["hash"] for one in found["taken"] if one["type"] == "application/epub+zip"}
    assert taken == set(books.values())
    assert all(one["said"] == one["type"] for one in found["taken"])
    assert len(found["taken"]) == 2 * len(books)
    assert all(unquote(one["name"]).endswith(".epub") for one in found["taken"])
    assert set(found["pictures"]) == {"image/jpeg"}
    for feed in found["found"]:
        assert [book["title"] for book in feed["publications"]] == ["The Lamp Room", "All of Them"]
    assert len(found["found"]) == (2 if version == 1 else 1)
    shown = {book["title"]: book for feed in found["feeds"] for book in feed["publications"]}
    assert shown["The Lamp Room"]["authors"] == ["Ada Quill", "Bo Marsh"]
    assert any(SCRIPT in title for title in shown)


@pytest.mark.parametrize(("reader", "version"), PROGRAMS)
def test_a_reading_program_turns_the_pages(reader, version, large, packages):
    with running(large, page_size=16, lan=True, secret="abcd-efgh-jkmn") as port:
        found = read_by(reader, version, port, "tide 41", "/k/abcd-efgh-jkmn")
    new = [feed for feed in found["feeds"] if feed["title"] == "New books"]
    assert [len(feed["publications"]) for feed in new] == [16, 16, 16, 16, 6]
    assert len({book["title"] for feed in new for book in feed["publications"]}) == COUNT
    groups = {facet["title"]: facet["links"] for facet in new[0]["facets"]}
    assert {"Order", "Rating", "Status"} <= groups.keys()
    assert [book["title"] for feed in found["found"] for book in feed["publications"]] == ["Tide 41"] * len(
        found["found"]
    )
