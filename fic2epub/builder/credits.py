"""Who wrote what, and where it is from: the last page of an anthology."""

from collections.abc import Iterator

from fic2epub.builder.anthology import Anthology
from fic2epub.builder.grouping import GROUP_BY
from fic2epub.builder.indexes import letter, term_id, terms
from fic2epub.builder.labels import labels
from fic2epub.builder.listing import Listing, Row, lay_out
from fic2epub.builder.markup import append, make
from fic2epub.builder.member import title_link
from fic2epub.select import sort_key

__all__ = ["THANKS", "author_credits"]

THANKS = (
    "The works in this book belong to their authors. If you enjoyed one, please follow its link and let "
    "the author know."
)


def author_credits(anthology: Anthology, language: str) -> Listing:
    """Every author with all works, each with its link to the original; a work by two stands with both."""
    return lay_out("credits", labels(language)("Credits"), _rows(anthology, language))


def _rows(anthology: Anthology, language: str) -> Iterator[Row]:
    say = labels(language)
    books = sorted(anthology.books, key=sort_key("title"))
    for key, label, own, found in terms(books, GROUP_BY["author"]):
        heading = make("p", cls="term", id=term_id("credit", key))
        name = make("b", say(label) if own else label)
        heading.append(say.mark(name) if own else name)
        yield Row(heading, letter(label))
        for book in found:
            item = make("li")
            append(item, title_link(book, language))
            if book.url is not None:
                append(item, make("div", cls="facts")).append(make("a", book.url, href=book.url))
            yield Row(item)
