"""Dumps changed as other dumps differ from them, each with its truth: what was learned by heart fails."""

import random
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from support.truth import NOTE_KINDS, Labelled, Line

STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
COUNTS = ("5/?", "7/?", "?")
DRAWS = 3
"""How often each work's notes are replaced and its chapters put in another order."""
WIDTH = 72


def variants(dumps: Sequence[Labelled], *, lenders: Sequence[Labelled]) -> Iterator[Labelled]:
    """Every variant of some dumps, always the same; notes are replaced by those of the ``lenders``."""
    for dump in dumps:
        yield dump
        yield from without_each_note(dump)
        yield from with_notes_of(dump, lenders)
        yield from reordered(dump)
        for count in COUNTS:
            yield with_count(dump, count)
        yield straightened(dump)
        yield unindented(dump)
        yield wrapped(dump)
        yield replace(dump, name=f"{dump.name}, CRLF", newline="\r\n")


def without_each_note(dump: Labelled) -> Iterator[Labelled]:
    """The dump without one of its notes, for each; a chapter that is only a note keeps it.

    The jump line goes with the last end note that it leads to.
    """
    for note, lines in dump.notes().items():
        chapter, kind = dump.lines[lines[0]].chapter, dump.lines[lines[0]].role
        if not any(line.chapter == chapter and line.role == "story" for line in dump.lines):
            continue
        ends = {line.note for line in dump.lines if line.chapter == chapter and line.role == "after"}
        gone = [
            line.note == note or (line.role == "jump" and line.chapter == chapter and ends == {note})
            for line in dump.lines
        ]
        yield Labelled(f"{dump.name}, without its {kind} in line {lines[0]}", _cut(dump, gone), dump.newline)


def _cut(dump: Labelled, gone: Sequence[bool]) -> tuple[Line, ...]:
    """The lines that stay; the blank lines below one that goes, go with it."""
    kept: list[Line] = []
    cutting = False
    for line, goes in zip(dump.lines, gone, strict=True):
        cutting = goes or (cutting and not line.shows)
        if not cutting:
            kept.append(line)
    return tuple(kept)


def with_notes_of(dump: Labelled, lenders: Sequence[Labelled]) -> Iterator[Labelled]:
    """The dump with another author's notes of the same kind and language in the place of its own."""
    others = [other for other in lenders if other.name != dump.name and _language(other) == _language(dump)]
    pool = {kind: [note for other in others for note in _texts(other, kind)] for kind in NOTE_KINDS}
    notes = dump.notes()
    if not notes or not any(pool.values()):
        return
    for draw in range(DRAWS):
        dice = random.Random(f"{dump.name} {draw}")
        left = {kind: dice.sample(texts, len(texts)) for kind, texts in pool.items()}
        lines: list[Line] = []
        for line in dump.lines:
            if line.note is None or not pool[line.role]:
                lines.append(line)
            elif line is dump.lines[notes[line.note][0]]:
                left[line.role] = left[line.role] or [*pool[line.role]]
                lines += [replace(line, text=text, either=False) for text in left[line.role].pop()]
        yield Labelled(f"{dump.name}, others' notes {draw}", tuple(lines), dump.newline)


def _language(dump: Labelled) -> str:
    return next(line.text for line in dump.lines if line.text.startswith("Language:"))


def _texts(dump: Labelled, kind: str) -> Iterator[list[str]]:
    """The lines of each note that can only be of this kind; not of one that is a chapter by itself."""
    told = {line.chapter for line in dump.lines if line.role == "story"}
    for lines in dump.notes().values():
        first = dump.lines[lines[0]]
        if first.role == kind and not first.either and first.chapter in told:
            yield [line.text for line in dump.lines[lines[0] : lines[-1] + 1]]


def reordered(dump: Labelled) -> Iterator[Labelled]:
    """The chapters in other orders; not those of a work whose headings number them."""
    if dump.chapters == 1 or any(line.role == "heading" for line in dump.lines):
        return
    head = [line for line in dump.lines if line.chapter is None]
    blocks = [_chapter(dump, number) for number in range(dump.chapters)]
    numbers = range(dump.chapters)
    drawn = (random.Random(f"{dump.name} {draw}").sample(numbers, len(numbers)) for draw in range(1, DRAWS))
    orders = {tuple(reversed(numbers)), *map(tuple, drawn)} - {tuple(numbers)}
    for order in sorted(orders):
        lines = [*head]
        for position, number in enumerate(order):
            lines += [Line("")] * bool(position)
            lines += [
                replace(line, chapter=position, either=line.either and position > 0)
                for line in blocks[number]
            ]
        yield Labelled(f"{dump.name}, chapters {order}", tuple(lines), dump.newline)


def _chapter(dump: Labelled, number: int) -> list[Line]:
    lines = [line for line in dump.lines if line.chapter == number]
    while not lines[-1].shows:
        lines.pop()
    return lines


def with_count(dump: Labelled, count: str) -> Labelled:
    """The dump with another count of chapters in its header."""
    lines = tuple(
        replace(line, text=re.sub(r"^Chapters: .*", f"Chapters: {count}", line.text)) for line in dump.lines
    )
    return Labelled(f"{dump.name}, Chapters: {count}", lines, dump.newline)


def straightened(dump: Labelled) -> Labelled:
    """The dump with straight quotation marks."""
    lines = tuple(replace(line, text=line.text.translate(STRAIGHT)) for line in dump.lines)
    return Labelled(f"{dump.name}, straight quotes", lines, dump.newline)


def unindented(dump: Labelled) -> Labelled:
    """The dump without the spaces that lines begin with."""
    lines = tuple(replace(line, text=line.text.lstrip(" ")) for line in dump.lines)
    return Labelled(f"{dump.name}, no indent", lines, dump.newline)


def wrapped(dump: Labelled) -> Labelled:
    """The dump with the lines below its header broken at 72 columns."""
    lines: list[Line] = []
    for line in dump.lines:
        if line.chapter is None or not line.shows:
            lines.append(line)
            continue
        for text in textwrap.wrap(
            line.text,
            WIDTH,
            break_long_words=False,
            break_on_hyphens=False,
            expand_tabs=False,
            replace_whitespace=False,
        ):
            lines.append(replace(line, text=text))
    return Labelled(f"{dump.name}, wrapped", tuple(lines), dump.newline)
