"""Stage 3 of the route: a dump with a header of ``Key: value`` lines, one work per file.

[certain] header.sniff         ``Title`` and one more known key, or three known keys above the first blank
[certain] header.blank         the first blank line ends the header
[certain] header.sections      ``Summary:`` alone on a line, then ``Work text:`` alone on a line
[likely]  header.wrapped       a line without a key, a known key below it: part of the value above (a finding)
[likely]  header.cut-off       a line without a key, no known key below it: the story has begun (a finding)
[guess]   header.open-summary  ``Summary:`` and no ``Work text:``: it ends at the first blank line (a finding)

A story that opens with ``Note: …``, or with a line of dialogue that holds a colon, has no header: its lines
stay prose. A key that nobody knows counts only between known ones or above the blank line, and
only if it looks like a key: one to four words, the first with a capital.
Seen in a handful of real dumps (2026-10), so every order, case and gap is accepted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, islice, takewhile
from typing import overload

from fic2epub.model import (
    Draft,
    Fate,
    Finding,
    LedgerEntry,
    Level,
    Origin,
    SourceText,
    Span,
)
from fic2epub.parser.decode import repaired
from fic2epub.parser.formats.fields import Field, field_of, read_metadata
from fic2epub.parser.options import ParseOptions
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["is_header", "read", "sniff"]

KEY_RE = re.compile(
    r"\s* (?P<key> [^\s:] [^:]{0,39}? ) \s* : (?: \s+ (?P<value> .* ) | \s* $ )", re.VERBOSE | re.DOTALL
)
TIGHT_KEY_RE = late(r"\s* (?P<key> [^\s:] [^:]{0,39}? ) \s* : (?P<value> .* )", re.VERBOSE | re.DOTALL)
"""``Title:Something``, without a space: only for a known key."""
PLAUSIBLE_KEY_RE = late(r"[A-ZÀ-ÖØ-Þ] [\w'’/()&.-]* (?: [ _] [\w'’/()&.-]+ ){0,3}", re.VERBOSE)
NAME_RE = late(r"[A-ZÀ-ÖØ-Þ]\S* (?: [ _] (?: [A-ZÀ-ÖØ-Þ(]\S* | of | and | the | for | by ) )*", re.VERBOSE)
"""A key below which no known one stands: ``Beta Reader``, but not ``He said``."""
SUMMARY_LABEL_RE = re.compile(r"\s* (?P<key> (?: work \s+ )? summary ) \s* : \s*", re.VERBOSE | re.IGNORECASE)
SUMMARY_LINE_RE = re.compile(
    r"\s* (?P<key> (?: work \s+ )? summary ) \s* : \s+ \S", re.VERBOSE | re.IGNORECASE
)
TEXT_LABEL_RE = re.compile(
    r"\s* (?P<key> (?: (?: work | story ) \s+ )? text ) \s* : \s*", re.VERBOSE | re.IGNORECASE
)

_HEADER_LINES = 80
"""A header has about ten lines; more than this were never seen."""
_REACH = 20
"""How many lines below a line without a key may a known key still stand."""
_SUMMARY_LINES = 200
"""How far below ``Summary:`` its ``Work text:`` may stand; AO3's summaries have 1,250 characters at most."""
_OPEN_SUMMARY_LINES = 80


@dataclass(frozen=True, slots=True)
class _Line:
    span: Span
    """Without the white space around it and without its line end."""
    text: str
    """Repaired, and without white space around it."""

    def __bool__(self) -> bool:
        return bool(self.text)


class _Lines(Sequence[_Line]):
    """The first lines of a text, made when they are asked for: most headers have ten, a few have hundreds."""

    def __init__(self, source: SourceText, count: int) -> None:
        self._length = min(count, len(source.line_starts))
        self._rest = _lines(source, 0, count)
        self._made: list[_Line] = []

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> _Line: ...

    @overload
    def __getitem__(self, at: slice) -> list[_Line]: ...

    def __getitem__(self, at: int | slice) -> _Line | list[_Line]:
        inside = range(self._length)[at]
        last = inside if isinstance(inside, int) else max(inside, default=-1)
        self._made += islice(self._rest, max(0, last + 1 - len(self._made)))
        return self._made[inside] if isinstance(inside, int) else [self._made[i] for i in inside]


def sniff(source: SourceText) -> bool:
    """Tell whether a text begins with a header."""
    return is_header(line.text for line in _lines(source, 0, _HEADER_LINES))


def is_header(lines: Iterable[str]) -> bool:
    """Tell whether a text that begins with these lines, repaired, has a header.

    Lines without a key among the keys do not matter; the first line has to have one.
    """
    known: set[str] = set()
    without = 0
    block = takewhile(str.strip, dropwhile(lambda line: not line.strip(), lines))
    for at, line in enumerate(block):
        key, _ = _split(line)
        if key is None and at == 0:
            return False
        name = field_of(key) if key else None
        if key and name:
            known.add(name if name != "(known)" else key.casefold())
        without = 0 if name else without + 1
        if without > _REACH:
            break
    return len(known) >= 3 or (len(known) == 2 and "title" in known)


def read(source: SourceText, *, origin: Origin, options: ParseOptions) -> Iterator[Draft]:
    """Read the one work of a dump with a header; ``sniff`` has said yes."""
    lines = _Lines(source, _HEADER_LINES + _SUMMARY_LINES)
    count, blank = _header_lines(lines)
    fields, findings = _read_fields(lines[:count], source)
    if not blank:
        said = "No blank line ends the header; the story begins at the first line that has no key."
        findings += (Finding("header.cut-off", Level.WARNING, said, fields[-1].span),)
    sections = _read_sections(lines, count, source)
    starts = (*source.line_starts, len(source.text))
    body = Span(starts[min(sections.end, len(starts) - 1)], len(source.text))
    metadata, doubts = read_metadata(fields, origin=origin, options=options)
    findings += doubts + sections.findings
    if not repaired(source, body).strip():
        findings += (Finding("header.no-body", Level.WARNING, "Nothing follows the header."),)
    yield Draft(
        origin=origin,
        source=source,
        metadata=metadata,
        summary=sections.summary,
        body=body,
        fields=_entries(lines[:count], fields) + sections.labels,
        findings=findings,
    )


def _lines(source: SourceText, first: int, count: int) -> Iterator[_Line]:
    starts, text = source.line_starts, source.text
    for number in range(first, min(first + count, len(starts))):
        start = starts[number]
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(text)
        raw = text[start:end]
        left, right = len(raw) - len(raw.lstrip()), len(raw.rstrip())
        span = Span(start + left, start + right) if left < right else Span(start, start)
        yield _Line(span, repaired(source, span).strip())


def _split(line: str) -> tuple[str | None, str]:
    """Split a line into key and value; the key is None if the line does not look like one."""
    match = KEY_RE.match(line)
    if match and (field_of(match["key"]) or PLAUSIBLE_KEY_RE.fullmatch(match["key"])):
        return match["key"], (match["value"] or "").strip()
    match = TIGHT_KEY_RE.match(line)
    if match and field_of(match["key"]):
        return match["key"], match["value"].strip()
    return None, line


def _header_lines(lines: Sequence[_Line]) -> tuple[int, bool]:
    """Count the lines that the header takes, blank ones above it included.

    The second value is True if a blank line, a section or the end of the text ends it.
    """
    last = 0
    started = False
    for at in range(min(_HEADER_LINES, len(lines))):
        line = lines[at]
        if not line:
            if started:
                return last, True
            continue
        started = True
        if SUMMARY_LABEL_RE.fullmatch(line.text) and _opens_section(lines, at):
            return last, True
        if TEXT_LABEL_RE.fullmatch(line.text):
            return last, True
        if not _belongs(lines, at):
            return last, False
        last = at + 1
    return last, last == len(lines)


def _belongs(lines: Sequence[_Line], at: int) -> bool:
    """Tell whether a line is part of the header that the lines above it began."""
    key, _ = _split(lines[at].text)
    if key and field_of(key):
        return True
    block = []
    for line in lines[at + 1 : at + 1 + _REACH]:
        if not line:
            break
        block.append(line.text)
    keys = [_split(text)[0] for text in block]
    if any(key and field_of(key) for key in keys):
        return True
    if key is None:
        return _is_wrapped(lines, at)
    names = (key, *keys)
    return all(name and NAME_RE.fullmatch(name) for name in names) and at + 1 + len(block) < len(lines)


def _is_wrapped(lines: Sequence[_Line], at: int) -> bool:
    """Tell whether a line goes on with the list above it: that one is long and ends with a comma."""
    above = lines[at - 1].text if at else ""
    return len(above) >= 50 and above.endswith(",")


def _opens_section(lines: Sequence[_Line], at: int) -> bool:
    """Tell ``Summary:`` that opens a section from an empty ``Summary:`` among other keys."""
    below = lines[at + 1] if at + 1 < len(lines) else None
    if below is None or not below:
        return _find_text_label(lines, at + 1) is not None
    return _split(below.text)[0] is None


def _read_fields(lines: Sequence[_Line], source: SourceText) -> tuple[tuple[Field, ...], tuple[Finding, ...]]:
    """Read the header's lines; one without a key is appended to the value above, and said so."""
    fields: list[Field] = []
    wrapped: list[Field] = []
    for line in filter(None, lines):
        key, value = _split(line.text)
        if key is not None:
            fields.append(Field(key, value, line.span))
            continue
        above = fields[-1]
        span = Span(above.span.start, line.span.end)
        fields[-1] = Field(above.key, f"{above.value} {value}".strip(), span)
        wrapped.append(fields[-1])
    said = "The value of “{}” runs over more than one line; they were joined."
    return tuple(fields), tuple(
        Finding("header.wrapped", Level.INFO, said.format(field.key), field.span) for field in wrapped[-1:]
    )


def _entries(lines: Sequence[_Line], fields: Sequence[Field]) -> tuple[LedgerEntry, ...]:
    """Give the fate of each header line: a field, named by the key that it belongs to."""
    entries = []
    for line in filter(None, lines):
        key = next(field.key for field in reversed(fields) if field.span.start <= line.span.start)
        entries.append(LedgerEntry(line.span, Fate.FIELD, key))
    return tuple(entries)


@dataclass(frozen=True, slots=True)
class _Sections:
    """What stands between header and story."""

    end: int
    """The number of the line that the story begins at, or of a blank line above it."""
    labels: tuple[LedgerEntry, ...] = ()
    summary: tuple[Span, ...] = ()
    findings: tuple[Finding, ...] = ()


def _read_sections(lines: Sequence[_Line], at: int, source: SourceText) -> _Sections:
    """Read ``Summary:`` and ``Work text:``, if the first line below the header is one of them."""
    first = next((number for number in range(at, len(lines)) if lines[number]), None)
    if first is None:
        return _Sections(at)
    if TEXT_LABEL_RE.fullmatch(lines[first].text):
        return _Sections(first + 1, (_label(lines[first]),))
    if SUMMARY_LABEL_RE.fullmatch(lines[first].text):
        label = _find_text_label(lines, first + 1)
        if label is None:
            return _open_summary(lines, first, at)
        inside = tuple(line.span for line in lines[first + 1 : label] if line)
        return _Sections(label + 1, (_label(lines[first]), _label(lines[label])), inside)
    if SUMMARY_LINE_RE.match(lines[first].text):
        label = _find_text_label(lines, first + 1)
        if label is None:
            return _Sections(at)
        head, rest = _split_at_colon(lines[first], source)
        inside = (rest, *(line.span for line in lines[first + 1 : label] if line))
        return _Sections(label + 1, (head, _label(lines[label])), inside)
    return _Sections(at)


def _open_summary(lines: Sequence[_Line], first: int, at: int) -> _Sections:
    """Read a summary that no ``Work text:`` ends: up to the first blank line that text follows."""
    start = next((number for number in range(first + 1, len(lines)) if lines[number]), None)
    if start is None:
        return _Sections(at)
    for number in range(start, min(first + _OPEN_SUMMARY_LINES, len(lines))):
        if not lines[number]:
            if not any(lines[number:]):
                break
            said = "No “Work text:” follows “Summary:”; the summary was taken to end at the first blank line."
            finding = Finding("header.open-summary", Level.WARNING, said, lines[first].span)
            inside = tuple(line.span for line in lines[start:number])
            return _Sections(number, (_label(lines[first]),), inside, (finding,))
    return _Sections(at)


def _find_text_label(lines: Sequence[_Line], at: int) -> int | None:
    reach = range(at, min(at + _SUMMARY_LINES, len(lines)))
    return next((number for number in reach if TEXT_LABEL_RE.fullmatch(lines[number].text)), None)


def _label(line: _Line) -> LedgerEntry:
    return LedgerEntry(line.span, Fate.FIELD, line.text.rstrip().rstrip(":").rstrip())


def _split_at_colon(line: _Line, source: SourceText) -> tuple[LedgerEntry, Span]:
    """Split ``Summary: text`` into the label and the span of the text behind it."""
    colon = source.text.index(":", line.span.start) + 1
    rest = source.text[colon : line.span.end]
    start = line.span.end - len(rest.lstrip())
    key = source.text[line.span.start : colon - 1].rstrip()
    return LedgerEntry(Span(line.span.start, colon), Fate.FIELD, key), Span(start, line.span.end)
