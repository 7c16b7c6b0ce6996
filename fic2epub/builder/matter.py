"""Cover, preface and afterword: AO3's order and wording, with real headings.

To read beside it: otwarchive ``_download_preface.html.erb`` and ``_download_afterword.html.erb``, at
f4508f15, autumn 2026. Class names are AO3's, so that readers' style snippets and updaters feel at home;
``calibre5`` on the Stats is what ao3downloader looks for (at 75d82c4, autumn 2026).
"""

from fic2epub.builder.chapters import chapter_label, is_weak
from fic2epub.builder.fields import Row, byline, count_words, extra_rows, stats, tag_rows
from fic2epub.builder.identity import ARCHIVE, work_url
from fic2epub.builder.layout import Layout
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.xhtml import Element, Page, append, flow, heading, is_blank, make
from fic2epub.model import Heading, Note, Paragraph, Resource, SceneBreak, Span, Text, Work

__all__ = ["afterword", "cover", "document", "fill_rows", "preface"]


def document(identifier: str, href: str, page: Page, *, properties: tuple[str, ...] = ()) -> Resource:
    """A finished page as a resource of the book."""
    return Resource(
        id=identifier,
        href=href,
        media_type="application/xhtml+xml",
        content=page.bytes(),
        properties=properties,
    )


def cover(title: str, author: str | None, language: str) -> Resource:
    """A typographic cover page. Its manifest id is not ``cover``: kepubify 4.0 takes that for a picture."""
    page = Page("cover.xhtml", title=title, language=language)
    page.slot("title").text = title
    if author is not None:
        page.slot("byline").text = author
    return document("cover-page", "cover.xhtml", page)


def preface(work: Work, layout: Layout) -> Resource:
    """Where the work is from, its tags, title, summary and notes."""
    metadata = work.metadata
    page = Page(
        "preface.xhtml",
        title=_title("Preface", work, layout),
        language=metadata.language,
        depth=layout.matter_depth,
    )
    url, author, words = work_url(work), byline(metadata), count_words(work)
    _posted(page.slot("message"), metadata.title, url)
    tags = page.slot("tags")
    fill_rows(tags, tuple(tag_rows(metadata)))
    append(tags, make("dt", "Stats:"))
    line = " ".join(f"{row.label}: {row.value}" for row in stats(metadata, words))
    append(tags, make("dd", line, cls="stats calibre5"))
    shown = "\n".join((metadata.title, author, url or "", metadata.summary or ""))
    fill_rows(tags, tuple(extra_rows(metadata, shown, words)))
    meta = page.slot("meta")
    page.slot("title").text = metadata.title
    page.slot("byline").text = f"by {author}"
    _add_summary(meta, work)
    _add_box(meta, work.front, "Notes", ("note", "foreword"), "note0")
    if _shows(work.back):
        jump = append(meta, make("p", "See the end of the work for ", cls="endnote-link added"))
        link = make("a", "more notes" if _shows(work.front) else "notes", href="afterword.xhtml#endnotes")
        link.tail = "."
        jump.append(link)
    return document(layout.id("preface"), layout.matter("preface"), page)


def _posted(message: Element, title: str, url: str | None) -> None:
    message.append(make("b", title))
    if url is None:
        return
    line = make("br")
    message.append(line)
    if url.startswith(f"{ARCHIVE}/"):
        line.tail = "Posted originally on the "
        archive = make("a", "Archive of Our Own", href=f"{ARCHIVE}/")
        archive.tail = " at "
        message.append(archive)
    else:
        line.tail = "Posted originally at "
    link = make("a", url, href=url)
    link.tail = "."
    message.append(link)


def fill_rows(tags: Element, rows: tuple[Row, ...]) -> None:
    """Append ``dt`` and ``dd`` for each row."""
    for row in rows:
        append(tags, make("dt", f"{row.label}:"))
        append(tags, make("dd", row.value))


def _add_summary(meta: Element, work: Work) -> None:
    """The header's one-line summary and the summary section, as AO3's blockquote."""
    blocks: tuple[Paragraph, ...] = work.summary
    if work.metadata.summary:
        blocks = (Paragraph((Text(work.metadata.summary),), Span(0, 0)), *blocks)
    _add_box(meta, blocks, "Summary", ("summary", "abstract"), "summary")


def _add_box(
    meta: Element,
    blocks: tuple[Paragraph | SceneBreak | Note, ...],
    label: str,
    kind: tuple[str, str],
    identifier: str,
) -> None:
    """A section with a heading and the author's words in a blockquote; nothing if there are none."""
    if not _shows(blocks):
        return
    title = f"{identifier}-heading"
    cls, name = kind
    box = make("section", cls=cls, type_=name, role=f"doc-{name}", aria_labelledby=title)
    append(box, heading(3, (Text(label),), cls="note-title added", identifier=title))
    _quote(append(box, make("blockquote", cls="userstuff")), blocks, "note0")
    append(meta, box)


def _shows(blocks: tuple[Paragraph | SceneBreak | Note, ...]) -> bool:
    """True if a reader would see anything of these."""
    return not all(map(is_blank, blocks))


def _quote(quote: Element, blocks: tuple[Paragraph | SceneBreak | Note, ...], stem: str) -> None:
    """Blocks in the dump's order; a recovered note among them in a box of its own."""
    loose: list[Paragraph | SceneBreak | Heading] = []
    count = 0
    for block in blocks:
        if isinstance(block, Note):
            for element in flow(tuple(loose), level=4):
                append(quote, element)
            loose.clear()
            count += 1
            box = append(quote, make("div", cls="recovered", id=f"{stem}-{count}"))
            for element in flow(block.blocks, level=4):
                append(box, element)
        else:
            loose.append(block)
    for element in flow(tuple(loose), level=4):
        append(quote, element)


def afterword(work: Work, options: PublishOptions, layout: Layout, places: dict[int, str]) -> Resource:
    """The end notes, which chapters are a guess and how good a one, and AO3's request."""
    page = Page(
        "afterword.xhtml",
        title=_title("Afterword", work, layout),
        language=work.metadata.language,
        depth=layout.matter_depth,
    )
    if _shows(work.back):
        notes = page.slot("endnotes")
        notes.set("id", "endnotes")
        _quote(append(notes, make("blockquote", cls="userstuff")), work.back, "note-end")
    guesses = _guesses(work, options)
    if guesses:
        page.slot("making")
        listed = page.slot("guesses")
        for position, remark in guesses:
            item = append(listed, make("li"))
            href = _relative(places[position], layout)
            link = make("a", chapter_label(work, position, options), href=href)
            link.tail = f": {remark}"
            item.append(link)
    url = work_url(work)
    if url is not None and url.startswith(f"{ARCHIVE}/"):
        page.slot("message")
        page.slot("link").set("href", url)
    page.slot("colophon")
    return document(layout.id("afterword"), layout.matter("afterword"), page)


def _guesses(work: Work, options: PublishOptions) -> list[tuple[int, str]]:
    """Position and remark of each boundary that the text does not show, or that was too weak."""
    found = []
    for position, chapter in enumerate(work.chapters, 1):
        sure = f"{chapter.boundary.score:.0%}".replace("%", " %")
        if is_weak(work, position, options):
            found.append((position, f"kept with the chapter before it, since it is too unsure ({sure})"))
        elif position > 1 and chapter.boundary.inferred:
            found.append((position, f"inferred ({sure} sure)"))
    return found


def _relative(href: str, layout: Layout) -> str:
    """From the afterword's folder; in an anthology that is the chapters' own."""
    return href if layout.folder is None else href.rpartition("/")[2]


def _title(name: str, work: Work, layout: Layout) -> str:
    return name if layout.folder is None else f"{name} - {work.metadata.title}"
