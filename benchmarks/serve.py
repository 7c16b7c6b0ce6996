"""How fast ``fic2epub serve`` is, beside calibre's content server: ``benchmarks/serve.py [--books N]``.

A library of so many books is made in a folder that is removed afterwards: each with a title, author, tags and
summary of its own, over a hundred files with covers of their own. Both servers run on loopback, one after the
other, and get the same kinds of requests, drawn over all books, pages and queries by the same seed, from so
many clients that each wait for their answer before they ask again:

feeds   a page of 50 books of an OPDS feed, any page
search  the first page of what a word or two find
covers  a small cover, any book: nearly each is made for the first time
kept    a small cover of one of 200 books
mixed   the first three in turn

It ends by itself, after ``--seconds`` for each. What counts is the comparison: both share the machine with
the clients.
"""

import argparse
import json
import multiprocessing
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import accumulate, product
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import quote

KINDS = ("feeds", "search", "covers", "kept", "mixed")
MIXED = KINDS[:3]
KEPT = 200
"""Books on whose covers the same readers look again and again."""
FILES = 100
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
WORDS = tuple(map("".join, product(SYLLABLES, SYLLABLES, SYLLABLES)))
NAMES = "Ada Bo Cy Dot Eli Fay Gus Hal Ida Jo Kit Lou Mab Ned Oz Pip Quin Ray Sol Tam Una Vic Wyn Zoe".split()
RATINGS = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit", "Not Rated")
PAGE = 50


@dataclass(frozen=True)
class Book:
    """What both libraries are told of a book."""

    title: str
    author: str
    fandom: str
    relationship: str
    rating: str
    tags: tuple[str, ...]
    summary: str


def books(count: int) -> Iterator[Book]:
    """So many books, the same at each run."""
    chance = random.Random(17)
    for number in range(count):
        several = some_words(chance, 6)
        yield Book(
            title=f"The {several[0].title()} and the {several[1].title()} {number}",
            author=f"{chance.choice(NAMES).lower()}_{chance.randrange(count // 120 + 1)}",
            fandom=f"{chance.choice(WORDS).title()} Chronicles {chance.randrange(40)}",
            relationship=f"{chance.choice(NAMES)}/{chance.choice(NAMES)}",
            rating=chance.choice(RATINGS),
            tags=tuple(f"{word} {chance.choice(WORDS)}" for word in several[2:]),
            summary=" ".join(some_words(chance, 40)).capitalize() + ".",
        )


RARER = tuple(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))


def some_words(chance: random.Random, count: int) -> list[str]:
    """Words as people use them: a few often, most hardly ever (Zipf)."""
    return chance.choices(WORDS, cum_weights=RARER, k=count)


def make_files(folder: Path) -> list[Path]:
    """A hundred real books with covers of their own."""
    import io

    from PIL import Image

    from fic2epub.builder.options import PublishOptions
    from fic2epub.builder.package import pack
    from fic2epub.builder.publication import publish
    from fic2epub.model import Chapter, Evidence, Metadata, Paragraph, Span, Text, Work

    chance = random.Random(29)
    made = []
    for number in range(FILES):
        picture = io.BytesIO()
        noise = Image.effect_noise((80, 120), 90).resize((800, 1200))
        noise.convert("RGB").save(picture, "JPEG", quality=80)
        prose = tuple(Paragraph((Text(" ".join(some_words(chance, 60))),), Span(0, 1)) for _ in range(30))
        chapters = tuple(
            Chapter(number=one, body=prose, boundary=Evidence(1.0), span=Span(0, 1)) for one in (1, 2, 3)
        )
        work = Work(
            metadata=Metadata(title=f"File {number}", creators=("Nobody",), language="en"), chapters=chapters
        )
        path = folder / f"{number:03}.epub"
        path.write_bytes(pack(publish(work, options=PublishOptions(cover=picture.getvalue()))))
        made.append(path)
    return made


def make_library(folder: Path, files: list[Path], count: int) -> None:
    """Our own library: links to the files, and a catalogue that says something else of each."""
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.library.catalogue_write import card_of, put_card

    folder.mkdir()
    cards = [card_of(path.name, path.read_bytes(), mtime_ns=path.stat().st_mtime_ns) for path in files]
    with Catalogue.open_to_write(folder) as catalogue, catalogue.writing() as connection:
        for number, book in enumerate(books(count)):
            path = f"{number:05}.epub"
            (folder / path).hardlink_to(files[number % FILES])
            card = cards[number % FILES]
            assert card is not None
            entry = replace(
                card.entries[0],
                path=path,
                identifier=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
                work=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
                title=book.title,
                summary=book.summary,
                metadata=replace(
                    card.entries[0].metadata,
                    title=book.title,
                    creators=(book.author,),
                    fandoms=(book.fandom,),
                    relationships=(book.relationship,),
                    rating=book.rating,
                    tags=book.tags,
                ),
                mtime_ns=card.entries[0].mtime_ns + number,
            )
            put_card(connection, replace(card, entries=(entry,), texts=(("", ""),)))


CALIBRE_MAKES = """
import json, sys
from calibre.ebooks.metadata.book.base import Metadata
from calibre.library import db
library, order = sys.argv[-2:]
books, files = json.load(open(order))
cache = db(library).new_api
for file in files:
    mi = Metadata("File", ["Nobody"])
    mi.cover_data = ("jpeg", open(file.replace(".epub", ".jpg"), "rb").read())
    cache.add_books([(mi, {"EPUB": file})], add_duplicates=True, run_hooks=False)
base = cache.backend.conn
rows = list(base.execute("SELECT path, name, uncompressed_size FROM books JOIN data ON data.book = books.id"))
base.execute("DELETE FROM books")
numbers = {"authors": {}, "tags": {}}
def of(table, name):
    if name not in numbers[table]:
        base.execute(f"INSERT INTO {table} (name) VALUES (?)", (name,))
        numbers[table][name] = base.last_insert_rowid()
    return numbers[table][name]
base.execute("DELETE FROM authors")
with base:
    for number, book in enumerate(books, 1):
        path, name, size = rows[number % len(rows)]
        fields = "id, title, author_sort, path, has_cover"
        values = (number, book["title"], book["author"], path, 1)
        base.execute(f"INSERT INTO books ({fields}) VALUES (?, ?, ?, ?, ?)", values)
        fields = "book, format, uncompressed_size, name"
        base.execute(f"INSERT INTO data ({fields}) VALUES (?, 'EPUB', ?, ?)", (number, size, name))
        author = of("authors", book["author"])
        base.execute("INSERT INTO books_authors_link (book, author) VALUES (?, ?)", (number, author))
        for tag in {book["fandom"], book["relationship"], book["rating"], *book["tags"]}:
            base.execute("INSERT INTO books_tags_link (book, tag) VALUES (?, ?)", (number, of("tags", tag)))
        base.execute("INSERT INTO comments (book, text) VALUES (?, ?)", (number, book["summary"]))
cache.close()
"""
"""For calibre's own Python. To add ten thousand books takes it hours: so it adds the files, and then rows of
its database that point to them, as our own library does."""


def make_calibre(folder: Path, files: list[Path], count: int) -> None:
    """The same books in a library of calibre's."""
    from fic2epub.web.pictures import cover_of

    for path in files:
        picture = cover_of(path.read_bytes())
        assert picture is not None
        path.with_suffix(".jpg").write_bytes(picture.content)
    order = folder.with_suffix(".json")
    told = [[vars(book) for book in books(count)], list(map(str, files))]
    order.write_text(json.dumps(told), encoding="utf-8")
    script = folder.with_suffix(".py")
    script.write_text(CALIBRE_MAKES, encoding="utf-8")
    folder.mkdir()
    subprocess.run(["calibre-debug", str(script), "--", str(folder), str(order)], check=True)


def our_paths(kind: str, chance: random.Random, count: int, numbers: list[str]) -> str:
    """The address of a request to our server."""
    if kind == "feeds":
        return f"/opds/books?order=title&page={chance.randrange(count // PAGE) + 1}"
    if kind == "search":
        return f"/opds/books?query={quote(' '.join(some_words(chance, 2)))}"
    return chance.choice(numbers[:KEPT] if kind == "kept" else numbers)


def calibre_paths(kind: str, chance: random.Random, count: int, numbers: list[str]) -> str:
    """The address of the like request to calibre's."""
    if kind == "feeds":
        # The letter O and the name of the field, in hexadecimal: ordered by title.
        return f"/opds/navcatalog/{b'Otitle'.hex()}?offset={chance.randrange(count // PAGE) * PAGE}"
    if kind == "search":
        return f"/opds/search/{quote(' '.join(some_words(chance, 2)))}"
    book = chance.randrange(KEPT if kind == "kept" else count) + 1
    return f"/get/thumb/{book}/{numbers[0]}?sz=200x300"


Paths = Callable[[str, random.Random, int, list[str]], str]


def ask(
    port: int, kind: str, paths: Paths, count: int, numbers: list[str], seed: int, until: float
) -> tuple[list[float], int]:
    """What one client sees until a time: seconds for each answer, and how many were none."""
    chance = random.Random(seed)
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    seconds, wrong, turn = [], 0, seed
    while time.monotonic() < until:
        turn += 1
        path = paths(MIXED[turn % 3] if kind == "mixed" else kind, chance, count, numbers)
        start = time.perf_counter()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            wrong += answer.status != 200
        except OSError:
            wrong += 1
            connection.close()
        seconds.append(time.perf_counter() - start)
    connection.close()
    return seconds, wrong


def ask_as(arguments: tuple[int, str, str, int, list[str], list[int], float]) -> tuple[list[float], int]:
    """Several clients in one process."""
    port, kind, whose, count, numbers, seeds, until = arguments
    paths = our_paths if whose == "ours" else calibre_paths
    found: list[tuple[list[float], int]] = []
    threads = [
        Thread(target=lambda seed=seed: found.append(ask(port, kind, paths, count, numbers, seed, until)))
        for seed in seeds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for seconds, _ in found for one in seconds], sum(wrong for _, wrong in found)


def load(
    port: int, kind: str, whose: str, count: int, numbers: list[str], options: argparse.Namespace
) -> float:
    """Ask for so many seconds, print a row, and give the requests a second."""
    seeds = list(range(options.clients))
    start = time.monotonic()
    until = start + options.seconds
    halves = [(port, kind, whose, count, numbers, seeds[one::2], until) for one in (0, 1)]
    with multiprocessing.Pool(2) as pool:
        found = pool.map(ask_as, halves)
    spent = time.monotonic() - start
    seconds = sorted(one for some, _ in found for one in some)
    wrong = sum(wrong for _, wrong in found)
    cuts = quantiles(seconds, n=100)
    rate = len(seconds) / spent
    figures = f"{rate:9.1f} {cuts[49] * 1000:9.1f} {cuts[98] * 1000:9.1f}"
    print(f"{whose:8} {kind:7} {len(seconds):7} {figures} {wrong:6}", flush=True)
    return rate


@contextmanager
def our_server(folder: Path) -> Iterator[int]:
    """``fic2epub serve`` as a reader starts it."""
    command = [sys.executable, "-m", "fic2epub", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield int(re.search(r":(\d+)/", process.stderr.readline())[1])  # type: ignore[index]
        finally:
            process.terminate()


@contextmanager
def calibre_server(folder: Path) -> Iterator[int]:
    """The content server of calibre, with as many books a page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["calibre-server", "--port", str(port), "--listen-on", "127.0.0.1", "--disable-use-bonjour"]
    command += ["--max-opds-items", str(PAGE), "--disable-fallback-to-detected-interface", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(240):
                try:
                    connection = HTTPConnection("127.0.0.1", port, timeout=10)
                    connection.request("GET", "/opds")
                    connection.getresponse().read()
                    connection.close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield port
        finally:
            process.terminate()


def our_covers(folder: Path) -> list[str]:
    """The addresses of all small covers."""
    from fic2epub.library.catalogue import Catalogue
    from fic2epub.web.shown import show

    with Catalogue.open(folder) as catalogue:
        return [show(entry, discreet=False).thumbnail("") for entry in catalogue.entries()]


def main() -> None:
    """Make the libraries, ask, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each kind and server")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--alone", action="store_true", help="leave calibre out")
    options = parser.parse_args()
    beside = not options.alone and shutil.which("calibre-server") is not None
    with TemporaryDirectory() as temporary:
        base = Path(temporary)
        (base / "files").mkdir()
        files = make_files(base / "files")
        make_library(base / "ours", files, options.books)
        if beside:
            make_calibre(base / "calibre", files, options.books)
        print(f"{options.books:,} books, {options.clients} clients, {options.seconds:g} s each\n")
        print(
            f"{'server':8} {'kind':7} {'answers':>7} {'a second':>9} {'p50 ms':>9} {'p99 ms':>9} {'wrong':>6}"
        )
        rates: dict[tuple[str, str], float] = {}
        with our_server(base / "ours") as port:
            numbers = our_covers(base / "ours")
            for kind in options.kinds:
                rates["ours", kind] = load(port, kind, "ours", options.books, numbers, options)
        if beside:
            with calibre_server(base / "calibre") as port:
                for kind in options.kinds:
                    rates["calibre", kind] = load(port, kind, "calibre", options.books, ["calibre"], options)
            print()
            for kind in options.kinds:
                print(f"{kind}: {rates['ours', kind] / rates['calibre', kind]:.1f} times calibre's")


if __name__ == "__main__":
    main()
