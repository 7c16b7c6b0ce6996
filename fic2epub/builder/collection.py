"""What only an anthology has: its preface, a page before each group, a folder for each work."""

import hashlib
from collections.abc import Iterator, Sequence

from fic2epub.builder.anthology import Anthology, rating_label
from fic2epub.builder.fields import Row, byline, count_words
from fic2epub.builder.identity import work_identifier, work_url
from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import append, make
from fic2epub.builder.matter import document, fill_rows
from fic2epub.builder.page import Page
from fic2epub.model import Resource, Work

__all__ = ["collection_byline", "collection_page", "divider", "folders", "group_href"]

_MAX_NAMES = 3


def folders(works: Sequence[Work]) -> Iterator[str]:
    """A folder name for each work, in order: its Work ID, else eight digits of its identifier.

    Only a Work ID of digits becomes a name. The same work twice (two copies, an older and a newer one)
    gets two folders; the second is told by its number, since nothing else about it need differ.
    """
    taken: set[str] = set()
    for work in works:
        number = work.metadata.work_id
        usable = number is not None and number == (work_url(work) or "").rpartition("/")[2]
        stem = number if usable and number else f"w{work_identifier(work).rpartition(':')[2][:8]}"
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name)
        yield name


def collection_byline(works: Sequence[Work]) -> str:
    """The authors for the cover: all of up to three, else the first and the number of the others."""
    names = list(dict.fromkeys(byline(work.metadata) for work in works))
    if len(names) <= _MAX_NAMES:
        return ", ".join(names)
    return f"{names[0]} and {len(names) - 1} others"


def collection_page(anthology: Anthology, language: str) -> Resource:
    """The anthology's own preface. It links to no work: ao3downloader would take the book for that one."""
    works = anthology.works
    say = labels(language)
    page = Page("collection.xhtml", title=say("Preface"), language=language)
    page.slot("message").append(make("b", anthology.title))
    words = sum(count_words(work) for work in works)
    rows = [Row(say("Works"), say.number(len(works))), Row(say("Words"), say.number(words))]
    groups = [group.label for group in anthology.groups if group.label is not None]
    if groups:
        rows.append(Row(say("Groups"), ", ".join(groups)))
    fill_rows(page.slot("tags"), tuple(rows), say)
    return document("preface", "preface.xhtml", page)


def group_href(label: str) -> str:
    """A divider's file, named after its group and not its place, so that a new group moves no other."""
    return f"text/group-{hashlib.sha256(label.casefold().encode('utf-8', 'replace')).hexdigest()[:8]}.xhtml"


def divider(label: str, works: Sequence[tuple[Work, Layout]], language: str) -> Resource:
    """The page before a group: its name, and its works with author, rating, length and chapters.

    What the group's name says already is not said again for every work.
    """
    href = group_href(label)
    page = Page("divider.xhtml", title=label, language=language, depth=1)
    title = page.slot("title")
    title.text = label
    title.set("id", "group-heading")
    listed = page.slot("works")
    for work, layout in works:
        item = append(listed, make("li"))
        append(item, make("a", work.metadata.title, href=layout.matter("preface").removeprefix("text/")))
        append(item, page.say.mark(make("div", _facts(work, label, page.say), cls="facts")))
    return document(href.rpartition("/")[2].removesuffix(".xhtml"), href, page)


def _facts(work: Work, group: str, say: Labels) -> str:
    metadata = work.metadata
    words = count_words(work)
    facts = []
    if byline(metadata) != group:
        facts.append(say("by {authors}", authors=byline(metadata)))
    if metadata.rating and rating_label(work) != group:
        facts.append(metadata.rating)
    facts.append(say("1 word") if words == 1 else say("{count} words", count=say.number(words)))
    if metadata.chapters_written:
        facts.append(say("chapters {written}", written=metadata.chapters_written))
    return " · ".join(facts)
