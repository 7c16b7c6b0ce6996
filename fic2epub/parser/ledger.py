"""The account of a dump: what became of every character that is not white space.

Pieces are entered as they are read; repairs are then cut out of them, so that no character has two
fates. ``uncovered`` finds what nobody accounts for: there must be nothing, and ``parse`` says so with an
error rather than lose a word.
"""

from collections.abc import Iterable, Iterator, Sequence

from fic2epub.model import DropReason, Fate, LedgerEntry, Repair, SourceText, Span
from fic2epub.parser.units import SPACE

__all__ = ["keep_ledger", "uncovered"]


def keep_ledger(pieces: Iterable[LedgerEntry], repairs: Sequence[Repair]) -> tuple[LedgerEntry, ...]:
    """Cut the repairs out of the pieces; both in any order, pieces without overlap."""
    mended = [_repair_entry(repair) for repair in repairs]
    entries: list[LedgerEntry] = []
    at = 0
    for piece in sorted(pieces, key=lambda entry: entry.span.start):
        start = piece.span.start
        while at < len(mended) and mended[at].span.start < piece.span.end:
            repair = mended[at]
            at += 1
            if repair.span.start > start:
                entries.append(LedgerEntry(Span(start, repair.span.start), piece.fate, piece.detail))
            entries.append(repair)
            start = max(start, repair.span.end)
        if start < piece.span.end:
            entries.append(LedgerEntry(Span(start, piece.span.end), piece.fate, piece.detail))
    return (*entries, *mended[at:])


def _repair_entry(repair: Repair) -> LedgerEntry:
    """A repair's own entry: a character removed is dropped, everything else is repaired."""
    if not repair.after:
        return LedgerEntry(repair.span, Fate.DROPPED, DropReason.CONTROL_CHARACTER.value)
    return LedgerEntry(repair.span, Fate.REPAIRED, repair.after)


def uncovered(source: SourceText, ledger: Sequence[LedgerEntry]) -> Iterator[Span]:
    """The stretches with characters that show and that no entry covers, in order."""
    at = 0
    for span in [*(entry.span for entry in ledger), Span(len(source.text), len(source.text))]:
        gap = source.text[at : span.start]
        shown = gap.strip(SPACE)
        if shown:
            start = at + gap.index(shown[0])
            yield Span(start, start + len(shown))
        at = max(at, span.end)
