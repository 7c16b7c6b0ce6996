"""Stage 3: header and sections -> Draft, for dumps with a header and for those without."""

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cases import Case, named

from fic2epub.errors import UsageError
from fic2epub.model import Draft, Fate, Metadata, Origin, Series
from fic2epub.parser.decode import decode, repaired
from fic2epub.parser.formats import drafts
from fic2epub.parser.formats.fields import title_from_name
from fic2epub.parser.options import ParseOptions

ORIGIN = Origin(path=None, name="my_story.txt")

LINE = st.sampled_from(
    [
        "Title: Fog",
        "Author: a, b",
        "rating : Mature",
        "Work ID: 12",
        "Additional Tags: Fog, Lamps,",
        "Beta: Wren",
        "  Language: English  ",
        "Title:\0 Fog",
        "Author: RenÃ©eÂ\xa0",
        "Summary:",
        "Summary: Ada walks.",
        "Work text:",
        "Chapters: 1/1",
        "He said: go.",
        "The fog came up the river.",
        "\xa0",
        "\0",
        "",
        "",
    ]
)


def draft_of(text: str | bytes, **options: str) -> Draft:
    data = text.encode() if isinstance(text, str) else text
    (draft,) = drafts(decode(data, name="my_story.txt"), ORIGIN, ParseOptions(**options))
    return draft


def shown(value: object) -> str:
    if isinstance(value, Series):
        return f"{value.position} {value.title}"
    if isinstance(value, tuple):
        return "=".join(value)
    return str(value)


def outline(draft: Draft) -> str:
    """The draft as the case files write it."""
    lines = []
    for field in dataclasses.fields(Metadata):
        value = getattr(draft.metadata, field.name)
        if field.name == "header" or value in (None, (), "und"):
            continue
        values = value if isinstance(value, tuple) else (value,)
        lines.append(f"{field.name}: {' | '.join(map(shown, values))}")
    lines += [f"summary section: {repaired(draft.source, span)}" for span in draft.summary]
    lines.append(f"body: {repaired(draft.source, draft.body).lstrip().partition(chr(10))[0]}")
    lines += [f"finding: {finding.rule}" for finding in draft.findings]
    return "\n".join(lines)


@named("header.md")
def test_case(case: Case) -> None:
    assert outline(draft_of(case.data)) == case.expected


@given(st.lists(LINE, max_size=25))
def test_every_character_above_the_body_has_one_fate(lines: list[str]) -> None:
    draft = draft_of("\n".join([*lines, "x"]))
    text = draft.source.text
    spans = [entry.span for entry in draft.fields] + list(draft.summary)
    spans += [repair.span for repair in draft.source.repairs if not repair.after]
    covered = [False] * len(text)
    for span in sorted(spans, key=lambda span: span.start):
        assert span.end <= draft.body.start or not text[span.start : span.end].strip("\0")
        covered[span.start : span.end] = [True] * (span.end - span.start)
    lost = [at for at in range(draft.body.start) if not covered[at] and not text[at].isspace()]
    assert lost == []
    fates = sorted((span.start, span.end) for span in [*(e.span for e in draft.fields), *draft.summary])
    assert all(first[1] <= second[0] for first, second in pairwise(fates))
    assert draft.body.end == len(text)


@given(st.lists(LINE, max_size=25))
def test_every_value_of_a_header_is_kept(lines: list[str]) -> None:
    draft = draft_of("\n".join(["Title: Fog", "Author: a", *lines, "x"]))
    above = repaired(draft.source, dataclasses.replace(draft.body, start=0, end=draft.body.start))
    kept = " ".join(f"{key} {value}" for key, value in draft.metadata.header)
    kept += " " + " ".join(repaired(draft.source, span) for span in draft.summary)
    labels = {"Summary", "Work", "text"}
    assert {*above.replace(":", " ").split()} - labels <= {*kept.replace(":", " ").split()}


def test_fields_name_their_keys_and_leave_white_space_out() -> None:
    draft = draft_of("  Title :  Fog \nAuthor: a\n\nSummary:\nAda.\n\nWork text:\nFog.")
    text = draft.source.text
    assert [(text[e.span.start : e.span.end], e.fate, e.detail) for e in draft.fields] == [
        ("Title :  Fog", Fate.FIELD, "Title"),
        ("Author: a", Fate.FIELD, "Author"),
        ("Summary:", Fate.FIELD, "Summary"),
        ("Work text:", Fate.FIELD, "Work text"),
    ]


def test_the_header_keeps_every_key_and_value_as_written() -> None:
    draft = draft_of("TITLE: Fog\nAuthor : a,b\nRating:\nBeta: w\n\nFog.")
    assert draft.metadata.header == (("TITLE", "Fog"), ("Author", "a,b"), ("Rating", ""), ("Beta", "w"))


@pytest.mark.parametrize(
    ("written", "posted", "planned"),
    [
        ("6/?", 6, None),
        ("6 / 10", 6, 10),
        ("6", 6, None),
        ("1/1", 1, 1),
        ("1,024/2,000", 1024, 2000),
        ("1-Jan", 1, 1),
        ("Mar-12", 3, 12),
        ("6-Oct", 6, 10),
        ("?/?", None, None),
        ("-3/4", None, None),
    ],
)
def test_chapter_counts(written: str, posted: int | None, planned: int | None) -> None:
    metadata = draft_of(f"Title: Fog\nChapters: {written}\n\nFog.").metadata
    assert (metadata.chapters_posted, metadata.chapters_planned) == (posted, planned)
    assert metadata.chapters_written == written


@pytest.mark.parametrize(
    ("written", "work_id"),
    [
        ("1234567", "1234567"),
        ("#12", "12"),
        ("https://archiveofourown.org/works/5", "5"),
        ("12a", None),
        ("١٢", None),
        ("1" * 13, None),
        ("-1", None),
    ],
)
def test_work_ids(written: str, work_id: str | None) -> None:
    assert draft_of(f"Title: Fog\nWork ID: {written}\n\nFog.").metadata.work_id == work_id


def test_an_address_elsewhere_is_not_replaced_by_one_on_ao3() -> None:
    metadata = draft_of("Title: Fog\nURL: https://example.org/s/12\nWork ID: 12\n\nFog.").metadata
    assert (metadata.work_id, metadata.source_url) == ("12", "https://example.org/s/12")
    metadata = draft_of("Title: Fog\nSource: a prompt\nAuthor: a\n\nFog.").metadata
    assert (metadata.source_url, metadata.unknown) == (None, (("Source", "a prompt"),))


def test_options_override_the_header_and_silence_what_it_lacks() -> None:
    draft = draft_of(
        "Title: Fog\nAuthor: a\nLanguage: English\n\nFog.", title="Mist", author="b & c, d", language="fr"
    )
    metadata = draft.metadata
    assert (metadata.title, metadata.creators, metadata.language) == ("Mist", ("b", "c", "d"), "fr")
    assert metadata.language_name is None
    draft = draft_of("Fog.", title="Mist", author="b", language="Deutsch")
    assert (draft.metadata.language, draft.metadata.language_name) == ("de", "Deutsch")
    assert [finding.rule for finding in draft.findings] == ["header.missing"]


def test_a_language_option_that_nobody_knows_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"^Elvish: no language"):
        draft_of("Fog.", language="Elvish")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("the_long_way.txt", "the long way"),
        ("<stdin>", "Untitled"),
        ("___.txt", "Untitled"),
        (".txt", ".txt"),
        ("a.b.txt", "a.b"),
        ("a\u202e\x07b", "a b"),
        ("\ufffd.txt", "\ufffd"),
    ],
)
def test_titles_from_names(name: str, title: str) -> None:
    assert title_from_name(name) == title


def test_a_plain_text_is_all_body() -> None:
    draft = draft_of("\n\nFog.\n")
    assert (draft.body.start, draft.body.end, draft.fields) == (0, len(draft.source.text), ())


def test_a_summary_of_many_lines_without_an_end_stays_in_the_story() -> None:
    draft = draft_of("Title: Fog\nAuthor: a\n\nSummary:\n" + "The fog.\n" * 400)
    assert draft.summary == ()
    assert repaired(draft.source, draft.body).lstrip().startswith("Summary:")


def test_a_line_of_megabytes_is_read_in_no_time() -> None:
    draft = draft_of("Title: Fog\nAuthor: a\n" + "The fog: it came. " * 200_000)
    assert draft.metadata.title == "Fog"
