"""Whole files of books, compared with what was recorded: ``pytest --update-golden`` records again.

Read the diff before you commit it. The record is left out, since it names the program's version.
"""

from pathlib import Path

import pytest
from support import handmade

from fic2epub.builder.anthology import Anthology, gather
from fic2epub.builder.package import pack
from fic2epub.builder.publication import publish
from fic2epub.builder.work_book import bind
from fic2epub.container import read_entries
from fic2epub.model import Work

GOLDEN = Path(__file__).parent / "golden"

CASES: dict[str, tuple[Work | Anthology, tuple[str, ...]]] = {
    "one-shot": (handmade.one_shot(), ("cover.xhtml", "afterword.xhtml", "text/chapter1.xhtml")),
    "six-chapters": (
        handmade.six_chapters(),
        ("toc.ncx", "afterword.xhtml", "text/chapter2.xhtml", "text/chapter3.xhtml"),
    ),
    "parts": (handmade.with_parts(), ("text/chapter2.xhtml",)),
    "right-to-left": (handmade.odd_titles()[1], ("text/chapter1.xhtml",)),
    "anthology": (
        gather(
            bind([handmade.one_shot(), handmade.six_chapters(), handmade.with_parts()]),
            title="Tales of the Harbour",
            group_by="rating",
        ),
        (
            *("contents.xhtml", "index-relationships.xhtml", "index-lengths.xhtml", "credits.xhtml"),
            *("text/1234567/preface.xhtml", "text/1234567/afterword.xhtml", "text/group-b0ae9aa65a8d.xhtml"),
        ),
    ),
}
"""Each case with the files compared beside content.opf, nav.xhtml and preface.xhtml."""

ALWAYS = ("content.opf", "nav.xhtml", "preface.xhtml")


@pytest.mark.parametrize("case", CASES)
def test_the_book_is_as_recorded(case: str, update_golden: bool) -> None:
    what, more = CASES[case]
    entries = read_entries(pack(publish(what)))
    folder = GOLDEN / case
    for name in (*ALWAYS, *more):
        path = folder / name
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(entries[name])
        assert entries[name].decode() == path.read_text(encoding="utf-8"), f"{case}/{name}"


def test_no_recorded_file_is_forgotten() -> None:
    expected = {f"{case}/{name}" for case, (_, more) in CASES.items() for name in (*ALWAYS, *more)}
    recorded = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    assert recorded == expected
