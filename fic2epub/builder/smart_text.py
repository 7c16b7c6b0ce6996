"""A work with its quotes, dashes and ellipses set as in print, by the rules of ``smart_quotes``."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from fic2epub.builder.smart_quotes import speaks, typographic
from fic2epub.model import (
    Block,
    Finding,
    Heading,
    Inline,
    Level,
    LineBreak,
    Note,
    Paragraph,
    Repair,
    SceneBreak,
    Text,
    Work,
)
from fic2epub.values import dataclass

__all__ = ["Smartened", "flat_text", "smarten"]

AnyBlock = TypeVar("AnyBlock", bound=Block)


@dataclass(frozen=True, slots=True)
class Smartened:
    """A work set as in print."""

    work: Work
    changed: int
    """How many quotes, dashes and ellipses are others than in the dump."""
    findings: tuple[Finding, ...]


def smarten(work: Work) -> Smartened:
    """Set the author's text: story, notes, headings, the summary's section.

    Never the metadata, by which other programs know the work, nor a title that the reader gave. A work
    in a language that the rules do not know stays as it is, with a finding.
    """
    language = work.metadata.language
    if not speaks(language):
        message = f"--smart-quotes: there are no rules for the language {language}; nothing was changed."
        return Smartened(work, 0, (Finding("smart.language", Level.WARNING, message),))
    setter = _Setter(language)
    chapters = tuple(
        replace(
            chapter,
            part=chapter.part and setter.block(chapter.part),
            heading=chapter.heading and setter.block(chapter.heading),
            front=setter.blocks(chapter.front),
            body=setter.blocks(chapter.body),
            back=setter.blocks(chapter.back),
        )
        for chapter in work.chapters
    )
    shown = replace(
        work,
        summary=setter.blocks(work.summary),
        front=setter.blocks(work.front),
        chapters=chapters,
        back=setter.blocks(work.back),
    )
    message = (
        f"--smart-quotes: {setter.changed:,} quotes, dashes and ellipses are set as in print; "
        "what was not sure stays as it is."
    )
    return Smartened(shown, setter.changed, (Finding("smart.set", Level.INFO, message),))


def flat_text(content: tuple[Inline, ...]) -> str:
    """The characters of some inlines; a line break is one, a line feed."""
    parts = []
    for inline in content:
        match inline:
            case Text(text):
                parts.append(text)
            case LineBreak():
                parts.append("\n")
            case _:
                parts.append(flat_text(inline.content))
    return "".join(parts)


class _Setter:
    """Sets blocks in one language and counts what it changes."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.changed = 0

    def blocks(self, blocks: Sequence[AnyBlock]) -> tuple[AnyBlock, ...]:
        return tuple(map(self.block, blocks))

    def block(self, block: AnyBlock) -> AnyBlock:
        """The block with its text set; a note's blocks too, and a heading's title like its words."""
        match block:
            case Paragraph():
                return replace(block, content=self._content(block.content))
            case Heading():
                title = block.title and _applied(block.title, typographic(block.title, self._language))
                return replace(block, content=self._content(block.content), title=title)
            case Note():
                return replace(block, blocks=self.blocks(block.blocks))
            case SceneBreak():
                return block
        raise AssertionError(block)

    def _content(self, content: tuple[Inline, ...]) -> tuple[Inline, ...]:
        repairs = typographic(flat_text(content), self._language)
        if not repairs:
            return content
        walk = _Walk(repairs)
        changed = tuple(walk.over(content))
        self.changed += walk.done
        return changed


class _Walk:
    """One way through a paragraph's inlines, with the repairs that wait for their place."""

    def __init__(self, repairs: tuple[Repair, ...]) -> None:
        self._waiting = list(reversed(repairs))
        self._at = 0
        self.done = 0

    def over(self, content: tuple[Inline, ...]) -> Iterator[Inline]:
        for inline in content:
            match inline:
                case Text(text):
                    yield Text(self._set(text))
                case LineBreak():
                    self._at += 1
                    yield inline
                case _:
                    yield replace(inline, content=tuple(self.over(inline.content)))

    def _set(self, text: str) -> str:
        """The text of one inline. What begins in it and ends in another stays as it is."""
        start, end = self._at, self._at + len(text)
        self._at = end
        mine = []
        while self._waiting and self._waiting[-1].span.start < end:
            repair = self._waiting.pop()
            if repair.span.end <= end:
                mine.append(repair)
        self.done += len(mine)
        return _applied(text, mine, start)


def _applied(text: str, repairs: Sequence[Repair], start: int = 0) -> str:
    """A text with its repairs made; ``start`` is where it begins in what their spans count."""
    parts, at = [], 0
    for repair in repairs:
        parts += [text[at : repair.span.start - start], repair.after]
        at = repair.span.end - start
    return "".join((*parts, text[at:]))
