"""Our own check and EPUBCheck say the same of the project's books, and of the same books broken.

A mutation changes one byte, one attribute or one entry. Where EPUBCheck then has an error or a warning,
our own check must have found something; where ours claims to tell what EPUBCheck tells (`MIRRORED`),
EPUBCheck must have found something too.
"""

import random
import re
from functools import cache

import pytest
from support import epubcheck, handmade, small_book

from fic2epub.builder.anthology import gather
from fic2epub.builder.check import check
from fic2epub.builder.epubcheck import MIRRORED
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.container import read_entries

Entries = dict[str, bytes]

BOOKS = {
    "by hand": None,
    "one-shot": handmade.one_shot(),
    "six-chapters": handmade.six_chapters(),
    "parts": handmade.with_parts(),
    "right-to-left": handmade.odd_titles()[1],
    "anthology": gather(bind([handmade.one_shot(), handmade.six_chapters()]), title="All", group_by="rating"),
}
MUTATIONS = 20
SEED = 20261120
ATTRIBUTE_RE = re.compile(rb"""\s(?P<name>[\w:-]+)="(?P<value>[^"]*)\"""")
BYTES = b'<>&"/=a1 \x01'


@cache
def book(name: str) -> Entries:
    made = BOOKS[name]
    return small_book.entries() if made is None else read_entries(pack(publish(made)))


def mutated(entries: Entries, chance: random.Random) -> tuple[Entries, str]:
    """The book with one thing changed, and what that was."""
    texts = [name for name in entries if name.endswith((".xhtml", ".opf", ".ncx", ".css", ".xml"))]
    marked = [name for name in texts if ATTRIBUTE_RE.search(entries[name])]
    match chance.randrange(6):
        case 0:
            name = chance.choice(texts)
            at, new = chance.randrange(len(entries[name])), bytes([chance.choice(BYTES)])
            content = entries[name][:at] + new + entries[name][at + 1 :]
            return entries | {name: content}, f"{name}: byte {at} is {new!r}"
        case 1:
            gone = chance.choice(list(entries))
            return {name: data for name, data in entries.items() if name != gone}, f"{gone} is gone"
        case 2:
            old = chance.choice(list(entries)[1:])
            return {name + "x" * (name == old): data for name, data in entries.items()}, f"{old} is renamed"
        case kind:
            name = chance.choice(marked)
            found = chance.choice(list(ATTRIBUTE_RE.finditer(entries[name])))
            key, value = found["name"], found["value"]
            new = {3: b"", 4: b' %b="%b"' % (key, value[:-1]), 5: b' %bx="%b"' % (key, value)}[kind]
            content = entries[name][: found.start()] + new + entries[name][found.end() :]
            return entries | {name: content}, f"{name}: {found[0]!r} is {new!r}"


def grave(path) -> set[str]:
    found = epubcheck.messages(path)[path]
    return {message.id for message in found if message.severity in epubcheck.GRAVE}


@pytest.mark.needs("java")
@pytest.mark.parametrize("name", BOOKS)
def test_neither_finds_an_error_in_a_book_of_the_project(name, tmp_path):
    assert [problem for problem in check(book(name)) if problem.level == "error"] == []
    epubcheck.clean(small_book.write(tmp_path / "book.epub", book(name)))


@pytest.mark.needs("java")
@pytest.mark.parametrize("number", range(MUTATIONS))
def test_both_find_fault_with_a_book_of_which_one_thing_was_changed(number, tmp_path):
    chance = random.Random(SEED + number)
    good = book(chance.choice(list(BOOKS)))
    entries, what = mutated(good, chance)
    ours = {problem.id for problem in check(entries)} - {problem.id for problem in check(good)}
    theirs = grave(small_book.write(tmp_path / "book.epub", entries))
    assert ours or not theirs, f"{what}: EPUBCheck alone finds {theirs}"
    assert theirs or not ours & MIRRORED.keys(), f"{what}: EPUBCheck does not find {ours}"


def test_a_mutation_is_a_change():
    for number in range(MUTATIONS):
        good = book("six-chapters")
        entries, what = mutated(good, random.Random(SEED + number))
        assert entries != good or "byte" in what
