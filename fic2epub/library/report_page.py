"""The report as a page: one file that needs no other, for phones and desks, by day and by night.

Written piece by piece, so that the page of a hundred thousand works does not have to fit into memory. lxml
escapes; there is no script in it.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO

from lxml import etree
from lxml.builder import E

from fic2epub.builder.markup import raw_template

if TYPE_CHECKING:
    from fic2epub.library.report import Row

__all__ = ["write_page"]

_HEADINGS = {
    "failed": ("No book", "These dumps could not be made into books."),
    "kept": (
        "Left as they were",
        "These have a book that was not replaced. Decide, and run again with --force.",
    ),
    "doubtful": ("To look at", "Chapters that could not be told with confidence, and other warnings."),
    "likely": ("Most likely right", "Some chapters are likely, but not certain."),
    "sure": ("Sure", "Nothing to do."),
}
_ADVICE = "fic2epub review DUMP shows a work with every doubt marked, and takes corrections."


def write_page(
    rows: "Sequence[Row]", counted: Mapping[str, Mapping[str, int]], stream: BinaryIO, *, mark: str
) -> None:
    """Write the page. ``rows`` are in order, ``counted`` is of needs and statuses; raises OSError."""
    needs = {need: number for need, number in counted["needs"].items() if number}
    title = f"{_count(len(rows), 'work')}, {_looks(needs)}"
    with etree.htmlfile(stream, encoding="utf-8") as page:
        page.write_doctype("<!DOCTYPE html>")
        with page.element("html", lang="en"):
            page.write(_head(title, mark))
            with page.element("body"):
                page.write(_header(title, needs, counted["statuses"]))
                with page.element("main"):
                    for need, some in groupby(rows, key=lambda row: row.need.value):
                        _write_section(page, need, needs[need], some)


def _looks(needs: Mapping[str, int]) -> str:
    number = sum(needs.get(need, 0) for need in ("failed", "kept", "doubtful"))
    return f"{number:,} to look at" if number else "nothing to look at"


def _head(title: str, mark: str) -> Any:
    return E.head(
        E.meta(charset="utf-8"),
        E.meta(name="generator", content=mark),
        E.meta(name="viewport", content="width=device-width, initial-scale=1"),
        E.meta(name="color-scheme", content="light dark"),
        E.title(title),
        E.style(raw_template("report.css").decode()),
    )


def _header(title: str, needs: Mapping[str, int], statuses: Mapping[str, int]) -> Any:
    links = [
        E.li(E.a(E.b(f"{number:,}"), f" {_HEADINGS[need][0]}", {"href": f"#{need}", "class": need}))
        for need, number in needs.items()
    ]
    said = ", ".join(f"{number:,} {status}" for status, number in statuses.items())
    return E.header(
        E.h1(title),
        E.p(said),
        E.nav(E.ul(*links), {"aria-label": "Parts"}),
        E.p(E.small(_ADVICE)),
    )


def _write_section(page: Any, need: str, number: int, rows: Any) -> None:
    """One part, with its works; what is sure is folded away."""
    heading, said = _HEADINGS[need]
    folded = need == "sure"
    with page.element("section", {"class": need, "id": need}):
        page.write(E.h2(heading, " ", E.span(f"{number:,}", {"class": "number"})), E.p(said))
        if folded:
            with page.element("details"):
                page.write(E.summary(f"Show {_count(number, 'work')}"))
                _write_works(page, rows)
        else:
            _write_works(page, rows)


def _write_works(page: Any, rows: Any) -> None:
    with page.element("ul", {"class": "works"}):
        for row in rows:
            page.write(_work(row))


def _work(row: "Row") -> Any:
    item = E.li(E.h3(E.bdi(_plain(row.title or row.dump))))
    facts = _facts(row)
    if facts:
        item.append(E.p(*facts, {"class": "facts"}))
    if row.reasons:
        item.append(E.ul(*(E.li(_plain(reason)) for reason in row.reasons), {"class": "reasons"}))
    if row.title:
        item.append(E.p(E.bdi(_plain(row.dump)), {"class": "path"}))
    if row.book:
        item.append(E.p("→ ", E.bdi(_plain(row.book)), {"class": "path"}))
    return item


def _facts(row: "Row") -> list[Any]:
    """Chapters and how sure they are, notes, words, status: each a part that breaks as a whole."""
    parts = [] if row.status == "failed" else [E.span(row.status, {"class": "status"})]
    if row.chapters is not None:
        doubts = (
            (row.sure, "sure"),
            (row.likely, "likely"),
            (row.unsure, "unsure"),
            (row.inferred, "inferred"),
        )
        told = ", ".join(f"{number:,} {word}" for number, word in doubts if number)
        plain = not (row.likely or row.unsure or row.inferred)
        parts.append(E.span(_count(row.chapters, "chapter") + ("" if plain else f" ({told})")))
    if row.confidence is not None and (row.chapters or 0) + (row.unsure or 0) > 1:
        low = {
            "value": f"{row.confidence:.2f}",
            "min": "0",
            "max": "1",
            "low": "0.5",
            "high": "0.9",
            "optimum": "1",
        }
        parts.append(E.span("least sure ", E.meter(f"{row.confidence:.2f}", low), f" {row.confidence:.2f}"))
    if row.notes:
        parts.append(E.span(_count(row.notes, "note")))
    if row.words is not None:
        parts.append(E.span(_count(row.words, "word")))
    return parts


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _plain(text: str) -> str:
    """Text that XML takes: a path or title may hold bytes that are none, and signs that steer."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" if letter > " " else " "
        for letter in text
    )
