"""Small works of every shape, built by hand, for tests that begin behind the parser.

All sentences are our own.
"""

import datetime
from typing import Any

from fic2epub.model import (
    Block,
    Chapter,
    Evidence,
    Firing,
    Heading,
    LineBreak,
    Metadata,
    Note,
    NoteKind,
    Paragraph,
    ParagraphKind,
    Provenance,
    SceneBreak,
    Series,
    Span,
    Text,
    Work,
)

NOWHERE = Span(0, 0)
"""The builder never looks at spans."""

SURE = Evidence(1.0)

WORK_FIELDS = ("summary_blocks", "front", "back", "provenance")


def para(text: str, kind: ParagraphKind = ParagraphKind.PROSE) -> Paragraph:
    """A paragraph; each line feed is a line break that was kept."""
    content: list[Text | LineBreak] = []
    for line in text.split("\n"):
        content += [LineBreak(), Text(line)] if content else [Text(line)]
    return Paragraph(tuple(content), NOWHERE, kind)


def paras(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(para(text) for text in texts)


def rule(marker: str = "***", *, separator: bool = False) -> SceneBreak:
    return SceneBreak(marker, NOWHERE, separator)


def note(kind: NoteKind, *texts: str, score: float = 0.9) -> Note:
    return Note(kind, paras(*texts), NOWHERE, Evidence(score, (Firing("note.chatter"),)))


def head(text: str, **facts: Any) -> Heading:
    return Heading(content=para(text).content, span=NOWHERE, **facts)


def evidence(score: float, *, inferred: bool = False) -> Evidence:
    return Evidence(score, (Firing("boundary.chatter", weight=1.5),), inferred)


def chapter(
    *body: Block | str, boundary: Evidence = SURE, number: int | None = None, **parts: Any
) -> Chapter:
    """A chapter whose body is given as blocks or plain strings."""
    blocks = tuple(para(block) if isinstance(block, str) else block for block in body)
    return Chapter(number=number, body=blocks, boundary=boundary, span=NOWHERE, **parts)


def work(*chapters: Chapter, title: str = "The Lamp Room", **facts: Any) -> Work:
    """A work; ``facts`` are fields of Metadata, or of Work (its summary as ``summary_blocks``)."""
    own: dict[str, Any] = {name: facts.pop(name) for name in WORK_FIELDS if name in facts}
    if "summary_blocks" in own:
        own["summary"] = own.pop("summary_blocks")
    facts.setdefault("creators", ("Osk Tarn",))
    facts.setdefault("language", "en")
    return Work(metadata=Metadata(title=title, **facts), chapters=chapters, **own)


def one_shot() -> Work:
    """A one-shot with a header as AO3's dumps have it, scene breaks and a closing line."""
    header = (
        ("Title", "The Lamp Room"),
        ("Work ID", "1234567"),
        ("Author", "Osk Tarn"),
        ("Rating", "General Audiences"),
        ("Relationship", "Ines Vale/Tom Arrow, Ines Vale & the Sea"),
        ("Additional Tags", "Lighthouses, quiet   endings"),
        ("Language", "English"),
        ("Status", "Completed"),
        ("Chapters", "1/1"),
        ("Beta", "M. <mostly> & others"),
    )
    return work(
        chapter(
            "The lamp had been lit since four, and nobody had come.",
            "Ines counted the boats twice.",
            rule("oOo"),
            "Morning took its time.\nSo did she.",
            back=(para("The End", ParagraphKind.CLOSING),),
            number=1,
        ),
        work_id="1234567",
        language_name="English",
        rating="General Audiences",
        relationships=("Ines Vale/Tom Arrow", "Ines Vale & the Sea"),
        tags=("Lighthouses", "quiet   endings"),
        status="Completed",
        chapters_posted=1,
        chapters_planned=1,
        chapters_written="1/1",
        header=header,
        unknown=(("Beta", "M. <mostly> & others"),),
        summary_blocks=paras("A keeper waits for a boat that is late."),
        provenance=Provenance("0" * 64, 1_500_000_000.0),
    )


def six_chapters() -> Work:
    """A work in progress: notes of every kind, two weak boundaries, one inferred."""
    return work(
        chapter("The tide table was wrong again.", "Nobody minded but Pell.", number=1),
        chapter(
            "Pell carried the ladder up the hill.",
            note(NoteKind.WITHIN, "I know ladders do not work like that!"),
            "It was a short hill.",
            note(NoteKind.WITHIN, "Nor do hills."),
            front=(
                note(NoteKind.SUMMARY, "In which there is a ladder."),
                note(NoteKind.BEFORE, "Sorry this is late, the ferry was too."),
                rule("-----", separator=True),
            ),
            back=(
                rule("*******", separator=True),
                note(NoteKind.AFTER, "Thank you for reading, see you soon."),
            ),
            number=2,
            boundary=evidence(0.97),
        ),
        chapter("Rain, then.", "More of it.", boundary=evidence(0.72, inferred=True), number=3),
        chapter(
            "The fourth day had no weather at all.",
            front=(note(NoteKind.BEFORE, "Two chapters in a week, who am I?"),),
            boundary=evidence(0.31),
        ),
        chapter("Pell found the key.", rule("***"), "It fitted nothing.", boundary=evidence(0.2)),
        chapter(
            "The last boat left on time.",
            front=(note(NoteKind.BEFORE, "Nearly done."), note(NoteKind.BEFORE, "I mean it.")),
            boundary=evidence(0.9),
            number=6,
        ),
        title="Slack Water",
        work_id="7654321",
        rating="Teen And Up Audiences",
        fandoms=("Harbour Tales",),
        series=(Series("Harbour Tales", 2), Series("Ladders")),
        status="Updated",
        chapters_posted=6,
        chapters_written="6/?",
        published=datetime.date(2015, 1, 10),
        front=(note(NoteKind.BEFORE, "None of this is mine but the weather."),),
        back=(para("With thanks to the harbour master."), note(NoteKind.AFTER, "Find me on the pier.")),
    )


def with_parts() -> Work:
    """Two parts after a prologue, with the headings that stand in the dump."""
    return work(
        chapter("Before anything, there was fog.", heading=head("Prologue", label="Prologue")),
        chapter(
            "The fog lifted.",
            part=head("Part One: Fog", label="Part One", title="Fog", level=0),
            heading=head("Chapter 1\nA Bell", label="Chapter 1", title="A Bell", number=1),
            number=1,
            boundary=evidence(0.99),
        ),
        chapter("It came down again.", heading=head("Chapter 2", label="Chapter 2"), number=2),
        chapter(
            "Nobody rang it now.",
            head("i.", level=2),
            "Except once.",
            part=head("Part Two", label="Part Two", level=0),
            number=3,
        ),
        title="The Fog Bell",
        creators=("Osk Tarn", "Ria Bly"),
        source_url="https://example.org/stories/fog?id=4",
    )


def odd_titles() -> tuple[Work, ...]:
    """Titles with markup and quotes, in another direction, in another script, of signs only."""
    return (
        work(chapter("A day & a night < two."), title="<b>\"Bold\" & 'brave'</b> ]]> &amp; --"),
        work(chapter("בוקר טוב.", "ערב טוב."), title="המנורה", language="he", creators=("תמר",)),
        work(chapter("灯台に火がともる。"), title="灯台", language="ja"),
        work(chapter("Well."), title="😀", language="und", creators=()),
    )
