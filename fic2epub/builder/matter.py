"""Preface and afterword: AO3's order and wording, with real headings.

To read beside it: otwarchive ``_download_preface.html.erb`` and ``_download_afterword.html.erb``, at
f4508f15, autumn 2026. Class names are AO3's, so that readers' style snippets and updaters feel at home;
``calibre5`` on the Stats is what ao3downloader looks for (at 75d82c4, autumn 2026).
"""

from collections.abc import Iterator

from fic2epub.builder.fields import Row, extra_rows, stats, tag_rows
from fic2epub.builder.identity import ARCHIVE, work_url
from fic2epub.builder.labels import Labels, labels
from fic2epub.builder.layout import Layout
from fic2epub.builder.markup import XML_LANG, Element, append, make
from fic2epub.builder.notes import is_doubtful
from fic2epub.builder.options import PublishOptions
from fic2epub.builder.page import Page
from fic2epub.builder.titles import chapter_label, first_new, is_weak, label_language
from fic2epub.builder.xhtml import flow, heading, is_blank
from fic2epub.model import Heading, Metadata, Note, Paragraph, Resource, SceneBreak, Span, Text, Work

__all__ = ["afterword", "document", "fill_rows", "page_title", "preface"]


def document(identifier: str, href: str, page: Page, *, properties: tuple[str, ...] = ()) -> Resource:
    """A finished page as a resource of the book."""
    return Resource(
        id=identifier,
        href=href,
        media_type="application/xhtml+xml",
        content=page.bytes(),
        properties=properties,
    )


def preface(
    work: Work, options: PublishOptions, layout: Layout, *, words: int, places: dict[int, str]
) -> Resource:
    """Where the work is from, its tags, title, summary and notes; ``words`` is the story's count.

    ``places`` gives each chapter's href by position: a line leads to the first that is new.
    """
    metadata = work.metadata
    say = labels(metadata.language)
    page = Page(
        "preface.xhtml",
        title=page_title(say("Preface"), work, layout),
        language=metadata.language,
        depth=layout.matter_depth,
        options=options,
    )
    url = work_url(work)
    _posted(page.slot("message"), metadata.title, url, say)
    tags = page.slot("tags")
    fill_rows(tags, tuple(tag_rows(metadata, say)), say)
    append(tags, say.mark(make("dt", f"{say('Stats')}:")))
    line = " ".join(f"{row.label}: {row.value}" for row in stats(metadata, words, say))
    append(tags, say.mark(make("dd", line, cls="stats calibre5")))
    shown = "\n".join((url or "", metadata.summary or ""))
    fill_rows(tags, tuple(extra_rows(metadata, shown, words, say)), say)
    meta = page.slot("meta")
    page.slot("title").text = metadata.title
    authors = ", ".join(metadata.creators) or say("Unknown")
    say.mark(page.slot("byline")).text = say("by {authors}", authors=authors)
    _add_news(meta, work, options, layout, places, say)
    _add_summary(meta, work, say)
    _add_box(meta, work.front, "Notes", ("note", "foreword"), "note0", say)
    if _shows(work.back):
        jump = append(meta, make("p", cls="endnote-link added"))
        more = "more notes" if _shows(work.front) else "notes"
        say.sentence(jump, f"See the end of the work for [{more}].", "afterword.xhtml#endnotes")
    return document(layout.id("preface"), layout.matter("preface"), page)


def _posted(message: Element, title: str, url: str | None, say: Labels) -> None:
    message.append(make("b", title))
    if url is None:
        return
    message.append(make("br"))
    line = make("span", cls="posted")
    message.append(line)
    if url.startswith(f"{ARCHIVE}/"):
        whole = "Posted originally on the [Archive of Our Own] at [{url}]."
        say.sentence(line, whole, f"{ARCHIVE}/", url, url=url)
    else:
        say.sentence(line, "Posted originally at [{url}].", url, url=url)


def _add_news(
    meta: Element, work: Work, options: PublishOptions, layout: Layout, places: dict[int, str], say: Labels
) -> None:
    """The line that leads to the first chapter that the work has grown by.

    It is a line and no page: every file before chapter 1 would move where readers have stopped.
    """
    position = first_new(work)
    if position is None:
        return
    line = append(meta, make("p", cls="news added"))
    say.sentence(
        line,
        "What is new begins with [{chapter}].",
        layout.from_matter(places[position]),
        chapter=chapter_label(work, position, options),
    )
    _mark_label(line[0], label_language(work, position, options), say)


def _mark_label(link: Element, language: str, say: Labels) -> None:
    """Name the language of a chapter's label where it is not that of the words around it."""
    if language != say.language:
        link.set("lang", language)
        link.set(XML_LANG, language)


def fill_rows(tags: Element, rows: tuple[Row, ...], say: Labels) -> None:
    """Append ``dt`` and ``dd`` for each row."""
    for row in rows:
        name = append(tags, make("dt", f"{row.label}:"))
        if not row.own:
            say.mark(name)
        append(tags, make("dd", row.value))


def _add_summary(meta: Element, work: Work, say: Labels) -> None:
    """The header's one-line summary and the summary section, as AO3's blockquote."""
    blocks: tuple[Paragraph, ...] = work.summary
    if work.metadata.summary:
        blocks = (Paragraph((Text(work.metadata.summary),), Span(0, 0)), *blocks)
    _add_box(meta, blocks, "Summary", ("summary", "abstract"), "summary", say)


def _add_box(
    meta: Element,
    blocks: tuple[Paragraph | SceneBreak | Note, ...],
    label: str,
    kind: tuple[str, str],
    identifier: str,
    say: Labels,
) -> None:
    """A section with a heading and the author's words in a blockquote; nothing if there are none."""
    if not _shows(blocks):
        return
    title = f"{identifier}-heading"
    cls, name = kind
    box = make("section", cls=cls, type_=name, role=f"doc-{name}", aria_labelledby=title)
    append(box, say.mark(heading(3, (Text(say(label)),), cls="note-title added", identifier=title)))
    _quote(append(box, make("blockquote", cls="userstuff")), blocks, "note0", say)
    append(meta, box)


def _shows(blocks: tuple[Paragraph | SceneBreak | Note, ...]) -> bool:
    """True if a reader would see anything of these."""
    return not all(map(is_blank, blocks))


def _quote(quote: Element, blocks: tuple[Paragraph | SceneBreak | Note, ...], stem: str, say: Labels) -> None:
    """Blocks in the dump's order; a recovered note among them in a box of its own."""
    loose: list[Paragraph | SceneBreak | Heading] = []
    count = 0
    for block in blocks:
        if not isinstance(block, Note):
            loose.append(block)
            continue
        count += 1
        if is_doubtful(block):
            loose += block.blocks
            continue
        for element in flow(tuple(loose), level=4, say=say):
            append(quote, element)
        loose.clear()
        box = append(quote, make("div", cls="recovered", id=f"{stem}-{count}"))
        for element in flow(block.blocks, level=4, say=say):
            append(box, element)
    for element in flow(tuple(loose), level=4, say=say):
        append(quote, element)


def afterword(
    work: Work,
    options: PublishOptions,
    layout: Layout,
    places: dict[int, str],
    *,
    written: Metadata,
    words: int,
    changed: int,
) -> Resource:
    """The end notes, which chapters are a guess and how good a one, and AO3's request.

    ``written`` is the metadata of the dump: what a discreet preface leaves out of it is listed here.
    ``changed`` is how many quotes, dashes and ellipses are set as in print.
    """
    say = labels(work.metadata.language)
    page = Page(
        "afterword.xhtml",
        title=page_title(say("Afterword"), work, layout),
        language=work.metadata.language,
        depth=layout.matter_depth,
        options=options,
    )
    if _shows(work.back):
        notes = page.slot("endnotes")
        notes.set("id", "endnotes")
        _quote(append(notes, make("blockquote", cls="userstuff")), work.back, "note-end", say)
    guesses = _guesses(work, options, say)
    if guesses:
        page.slot("making")
        listed = page.slot("guesses")
        for position, remark in guesses:
            item = say.mark(append(listed, make("li")))
            href = layout.from_matter(places[position])
            link = make("a", chapter_label(work, position, options), href=href)
            _mark_label(link, label_language(work, position, options), say)
            link.tail = f": {remark}"
            item.append(link)
    if options.discreet:
        page.slot("work")
        fill_rows(page.slot("tags"), tuple(_left_out(work, written, words, say)), say)
    if changed:
        told = (
            "1 quotation mark, dash or ellipsis was set as in print."
            if changed == 1
            else "{count} quotation marks, dashes and ellipses were set as in print."
        )
        say.mark(page.slot("marks")).text = say(told, count=say.number(changed))
    url = work_url(work)
    if url is not None and url.startswith(f"{ARCHIVE}/"):
        please = "Please [drop by the Archive and comment] to let the creator know if you enjoyed their work!"
        say.sentence(page.slot("message"), please, url)
    if layout.folder is not None:
        up = "../" * layout.matter_depth
        say.mark(page.slot("back")).append(make("a", say("Contents"), href=f"{up}contents.xhtml"))
    return document(layout.id("afterword"), layout.matter("afterword"), page)


def _left_out(work: Work, written: Metadata, words: int, say: Labels) -> Iterator[Row]:
    """The rows of the header that are not in a discreet preface."""
    if written.title != work.metadata.title:
        yield Row(say("Title"), written.title)
    there = {row.value for row in tag_rows(work.metadata, say)}
    yield from (row for row in tag_rows(written, say) if row.value not in there)
    shown = "\n".join((work_url(work) or "", written.summary or ""))
    yield from extra_rows(written, shown, words, say)


def _guesses(work: Work, options: PublishOptions, say: Labels) -> list[tuple[int, str]]:
    """Position and remark of each boundary that the text does not show, or that was too weak."""
    found = []
    for position, chapter in enumerate(work.chapters, 1):
        sure = f"{chapter.boundary.score:.0%}".replace("%", " %")
        if is_weak(work, position, options):
            kept = "kept with the chapter before it, since it is too unsure ({sure})"
            found.append((position, say(kept, sure=sure)))
        elif position > 1 and chapter.boundary.inferred:
            found.append((position, say("inferred ({sure} sure)", sure=sure)))
    return found


def page_title(name: str, work: Work, layout: Layout) -> str:
    """What a page is called for itself; in an anthology with its work, since titles must differ."""
    return name if layout.folder is None else f"{name} - {work.metadata.title}"
