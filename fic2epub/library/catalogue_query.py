"""What is asked of the catalogue, as SQL: nothing that a reader typed becomes part of a statement."""

from collections.abc import Mapping

from fic2epub.errors import UsageError
from fic2epub.library.search_text import match_text

__all__ = ["FACETS", "ORDERS", "check_facet", "matching", "order_by"]

FACETS = ("author", "relationship", "fandom", "character", "tag", "rating", "status", "series", "language")
"""What books can be looked up by; see `Catalogue.page`."""

ORDERS = {
    "title": "work.title_key, book.path, work.position",
    "author": "work.author_key, work.title_key, book.path, work.position",
    "new": "book.mtime_ns DESC, book.path, work.position",
    "words": "work.words DESC, work.title_key, book.path, work.position",
}


def order_by(name: str) -> str:
    """The columns of one of ORDERS. Raises UsageError for another name."""
    if name not in ORDERS:
        raise UsageError(f"--order {name}: choose one of {', '.join(ORDERS)}.")
    return ORDERS[name]


def check_facet(kind: str) -> None:
    """Raise UsageError for what is none of FACETS."""
    if kind not in FACETS:
        raise UsageError(f"{kind}: books cannot be looked up by it; choose one of {', '.join(FACETS)}.")


def matching(
    where: Mapping[str, str], search: str | None, *, whole_books: bool = False
) -> tuple[str, list[object]]:
    """A WHERE clause and its values; nothing that a reader typed becomes part of the clause."""
    clauses: list[str] = ["work.position = 1"] if whole_books else []
    values: list[object] = []
    for kind, value in where.items():
        check_facet(kind)
        clauses.append("book.id IN (SELECT book FROM facet WHERE kind = ? AND value = ?)")
        values += [kind, value.encode("utf-8", "replace").decode()]
    if search is not None and search.strip():
        match = match_text(search)
        if match is None:
            clauses.append("0")  # signs without a letter: nothing is indexed under them
        else:
            found = "SELECT rowid FROM search WHERE search MATCH ?"
            clauses.append(
                f"book.id IN (SELECT book FROM work WHERE id IN ({found}))"
                if whole_books
                else f"work.id IN ({found})"
            )
            values.append(match)
    return f"WHERE {' AND '.join(clauses)}" if clauses else "", values
