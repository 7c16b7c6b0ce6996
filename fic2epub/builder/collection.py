"""What only an anthology has before its works: the title page, and a page before each group."""

import hashlib
from collections.abc import Mapping

from fic2epub.builder.anthology import Anthology, Group
from fic2epub.builder.fields import Row, byline
from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.markup import Element, append, make
from fic2epub.builder.matter import document, fill_rows
from fic2epub.builder.member import facts, mark_news, title_link, words_said
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.model import Resource

__all__ = [
    "collection_byline",
    "collection_page",
    "divider",
    "group_href",
    "group_label",
    "homes",
    "reading_time",
    "seen_in",
]

WORDS_PER_MINUTE = 250
"""Silent reading of fiction: 260 words a minute, 238 of non-fiction, and 260 characters of Chinese
(Brysbaert, Journal of Memory and Language 109, 2019)."""
_MAX_NAMES = 3
_MAX_GROUPS = 12
"""Named on the title page; of more only the number is said."""


def collection_byline(anthology: Anthology, language: str) -> str:
    """The authors for the cover: all of up to three, else the first and the number of the others."""
    names = list(dict.fromkeys(byline(book.metadata) for book in anthology.books))
    if len(names) <= _MAX_NAMES:
        return ", ".join(names)
    return labels(language)("{name} and {count} others", name=names[0], count=len(names) - 1)


def reading_time(words: int, say: Labels) -> str:
    """How long the words take to read: minutes up to an hour, hours and minutes up to ten, then hours."""
    minutes = max(1, round(words / WORDS_PER_MINUTE))
    if minutes < 60:
        return say("{minutes} min", minutes=minutes)
    if minutes < 600:
        rounded = 5 * round(minutes / 5)
        return say("{hours} h {minutes} min", hours=rounded // 60, minutes=rounded % 60)
    return say("{hours} h", hours=say.number(round(minutes / 60)))


def collection_page(anthology: Anthology, language: str, options: PublishOptions) -> Resource:
    """The anthology's own preface. It links to no work: ao3downloader would take the book for that one."""
    books = anthology.books
    say = labels(language)
    page = Page("collection.xhtml", title=say("Preface"), language=language, options=options)
    page.slot("message").append(make("b", anthology.title))
    words = sum(book.words for book in books)
    authors = {name for book in books for name in book.metadata.creators}
    rows = [Row(say("Works"), say.number(len(books))), Row(say("Words"), say.number(words))]
    rows.append(Row(say("Reading time"), reading_time(words, say)))
    if len(authors) > 1:
        rows.append(Row(say("Authors"), say.number(len(authors))))
    if anthology.volume is not None:
        number, count = anthology.volume
        rows.append(Row(say("Volume"), say("{number} of {count}", number=number, count=count)))
    filled = [group_label(group, say) for group in anthology.groups if group.filled]
    if filled and not options.discreet:  # their names may be tags
        shown = ", ".join(filled) if len(filled) <= _MAX_GROUPS else say.number(len(filled))
        rows.append(Row(say("Groups"), shown))
    fill_rows(page.slot("tags"), tuple(rows), say)
    return document("preface", "preface.xhtml", page)


def group_href(group: Group) -> str:
    """A divider's file, named after its group and not its place, so that a new group moves no other.

    A group without a divider begins with its work.
    """
    if not group.paged:
        return group.works[0].preface.href
    name = "\n".join(group.key)
    return f"text/group-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:12]}.xhtml"


def group_label(group: Group, say: Labels) -> str:
    """What a group is called: its own name, or the program's word for works that say nothing."""
    return say(group.label) if group.own else group.label


def homes(anthology: Anthology) -> Mapping[str, tuple[Group, ...]]:
    """The groups that each work lives in, from the outermost, by the work's folder."""
    found: dict[str, tuple[Group, ...]] = {}

    def walk(group: Group, path: tuple[Group, ...]) -> None:
        path = (*path, group)
        for book in group.works:
            found[str(book.layout.folder)] = path
        for inner in group.groups:
            walk(inner, path)

    for group in anthology.groups:
        walk(group, ())
    return found


def divider(
    anthology: Anthology,
    path: tuple[Group, ...],
    home: Mapping[str, tuple[Group, ...]],
    language: str,
    options: PublishOptions,
) -> Resource:
    """The page before a group: its name, what is in it, and which works elsewhere belong here too.

    ``path`` is the group behind those that it is in, ``home`` what `homes` gives. What the names of the
    groups say already is not said again for every work.
    """
    group = path[-1]
    href = group_href(group)
    name = group_label(group, labels(language))
    page = Page("divider.xhtml", title=name, language=language, depth=1, options=options)
    title = page.slot("title")
    title.text = name
    title.set("id", "group-heading")
    if group.own:
        page.say.mark(title)
    known = tuple(one.label for one in path)
    listed = page.slot("works")
    for book in (*group.works, *(one for inner in group.groups if not inner.paged for one in inner.works)):
        item = append(listed, make("li"))
        append(item, title_link(book, language, up="../"))
        append(item, page.say.mark(make("div", facts(book, page.say, known=known), cls="facts")))
        mark_news(item, anthology, book, page.say, up="../")
    for inner in group.groups:
        if inner.paged:
            item = append(listed, make("li"))
            link = make("a", group_label(inner, page.say), href=f"../{group_href(inner)}")
            append(item, page.say.mark(link) if inner.own else link)
            append(item, page.say.mark(make("div", _count(inner, page.say), cls="facts")))
    if group.elsewhere:
        page.slot("also")
        others = page.slot("elsewhere")
        for book in group.elsewhere:
            item = append(others, make("li"))
            append(item, title_link(book, language, up="../"))
            where = home[str(book.layout.folder)][len(path) - 1]
            append(item, seen_in(where, page.say, up="../"))
    return document(href.rpartition("/")[2].removesuffix(".xhtml"), href, page)


def _count(group: Group, say: Labels) -> str:
    books = list(group.books)
    works = f"{say('Works')}: {say.number(len(books))}"
    return f"{works} \N{MIDDLE DOT} {words_said(sum(book.words for book in books), say)}"


def seen_in(where: Group, say: Labels, *, up: str = "") -> Element:
    """``in`` and the group that a work lives in, as a link."""
    line = make("div", cls="where")
    return say.sentence(line, "in [{group}]", up + group_href(where), group=group_label(where, say))
