"""Libraries for the server's tests, and the server as the program runs it."""

import datetime
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

from fic2epub.builder.kepub import kepub_file
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.library.rebuild import rebuild
from fic2epub.model import Evidence, Note, NoteKind, Paragraph, Series, Span, Text, Work
from fic2epub.web.app import Limits, Server
from fic2epub.web.serve import LIMITS, library_app
from support import made
from support.works import work

PLAIN = PublishOptions(cover="none")
SCRIPT = "<script>window.broken = true</script>"
IMAGE = '"><img src=x onerror="window.broken = true">'
FORMULA = '=HYPERLINK("http://evil.example";"x")'
SPAN = Span(0, 1)

LAMP = {
    "title": "The Lamp Room",
    "creators": ("Ada Quill", "Bo Marsh"),
    "fandoms": ("Harbour Tales", "Crossover & Co."),
    "relationships": ("Marit/The Keeper", "Marit & Her Mother"),
    "characters": ("Marit",),
    "rating": "Teen And Up Audiences",
    "warnings": ("No Archive Warnings Apply",),
    "categories": ("F/M",),
    "tags": ("Slow Burn", "Lighthouses"),
    "series": (Series("Nine Cans", 2),),
    "status": "Completed",
    "chapters_written": "3/3",
    "chapters_posted": 3,
    "summary": "A lamp goes out, and nobody in the town admits to having seen it.",
    "published": datetime.date(2024, 5, 17),
    "source_url": "https://archiveofourown.org/works/1234567",
}


def picture(colour: tuple[int, int, int] = (160, 40, 60)) -> bytes:
    """A JPEG for a cover; drawing one takes longer."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (600, 900), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def noted(one: Work, words: str) -> Work:
    """The work with a note before its first chapter."""
    note = Note(NoteKind.BEFORE, (Paragraph((Text(words),), SPAN),), SPAN, Evidence(1.0))
    first = replace(one.chapters[0], front=(note,))
    return replace(one, chapters=(first, *one.chapters[1:]))


def told(one: Work, **metadata: object) -> Work:
    """The work with other metadata."""
    return replace(one, metadata=replace(one.metadata, **metadata))


def lamp(*, words: int = 400) -> Work:
    """A work with all that a work can have."""
    one = told(work(chapters=3, words=words), **LAMP)
    return noted(one, "Thank you for reading. The oil is real.")


def paragraphed(one: Work, count: int) -> Work:
    """The work with so many paragraphs in each chapter."""
    return replace(one, chapters=tuple(replace(each, body=each.body * count) for each in one.chapters))


def put(folder: Path, name: str, one: Work, options: PublishOptions = PLAIN, *, age: int = 0) -> Path:
    """A book in a library's folder, so many seconds old."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(publish(one, options=options)))
    os.utime(path, (1_750_000_000 - age, 1_750_000_000 - age))
    return path


def small(folder: Path) -> Path:
    """A library with one book of every kind."""
    put(folder, "Ada Quill - The Lamp Room.epub", lamp(), PublishOptions(cover=picture()), age=10)
    hostile = told(
        work("x", chapters=1, work_id="66"),
        title=f"{SCRIPT} & {{{{ 7*7 }}}}",
        creators=(IMAGE,),
        fandoms=(FORMULA,),
        tags=(SCRIPT, IMAGE, "{% raw %}", "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe"),
        series=(Series(SCRIPT, 1),),
        summary=f"{IMAGE}\n{SCRIPT}",
        source_url="javascript:alert(1)",
        rating="Explicit",
        status="Updated",
    )
    put(folder, "hostile.epub", noted(hostile, SCRIPT), age=20)
    chinese = told(work("灯塔", work_id="7"), creators=("作者",), language="zh", tags=("日常",))
    put(folder, "深/灯塔.epub", chinese, age=30)
    arabic = told(work("المنارة", work_id="8"), creators=("كاتبة",), language="ar")
    put(folder, "المنارة.epub", arabic, age=40)
    second = told(work("Second", work_id="9"), creators=("Cy",), fandoms=("Elsewhere",))
    made.anthology(folder / "Two Lamps.epub", [lamp(), second])
    os.utime(folder / "Two Lamps.epub", (1_749_000_000, 1_749_000_000))
    kobo = told(work("Already a KEPUB", work_id="10"), creators=("Dot",))
    (folder / "kobo.kepub.epub").write_bytes(kepub_file(pack(publish(kobo, options=PLAIN))))
    os.utime(folder / "kobo.kepub.epub", (1_748_000_000, 1_748_000_000))
    rebuild(folder)
    return folder


def many(folder: Path, count: int) -> Path:
    """A library of so many short books, of a few authors, fandoms and ratings."""
    for number in range(count):
        one = told(
            work(f"Tide {number}", chapters=1, words=20, work_id=str(1000 + number)),
            creators=(f"author {number % 7}",),
            fandoms=(f"Fandom {number % 3}",),
            relationships=(f"A/{number % 5}",),
            rating="General Audiences" if number % 2 else "Mature",
            status="Completed" if number % 3 else "Updated",
        )
        put(folder, f"{number:03}.epub", one, age=number)
    rebuild(folder)
    return folder


@contextmanager
def running(folder: Path, *, limits: Limits = LIMITS, **options: object) -> Iterator[int]:
    """The library on loopback as the program serves it; gives the port."""
    app = library_app(folder, **options)  # type: ignore[arg-type]
    server = Server(app, host="127.0.0.1", port=0, limits=limits)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server.port
    finally:
        server.stop()
        thread.join(20)
        app.extensions["fic2epub.holdings"].close()
    assert not thread.is_alive()


@contextmanager
def asked(port: int, method: str, path: str, headers: dict[str, str] | None = None) -> Iterator[HTTPResponse]:
    """One request over a connection of its own; the path goes out as it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=headers is not None and "Host" in headers)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as answer:
            yield answer
    finally:
        connection.close()
