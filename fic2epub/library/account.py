"""What a run had to say of a dump, as the catalogue keeps it: a dump that is not read again has it too.

Not in the book: a warning is about the dump, and the same text in another file may have others.
"""

import json

from fic2epub.library.book import Tally
from fic2epub.model import Finding, Level

__all__ = ["read_account", "written_account"]


def written_account(tally: Tally, findings: tuple[Finding, ...]) -> str:
    """The account as text. Places in the dump are left out: they mean nothing without its text."""
    numbers = [tally.sure, tally.likely, tally.unsure, tally.notes, tally.words]
    told = [[finding.rule, finding.level.value, finding.message] for finding in findings]
    return json.dumps([*numbers, told], ensure_ascii=False, separators=(",", ":"))


def read_account(text: str | None) -> tuple[Tally, tuple[Finding, ...]] | None:
    """What `written_account` wrote; None if nothing is known, or nobody understands it."""
    if text is None:
        return None
    try:
        sure, likely, unsure, notes, words, told = json.loads(text)
        tally = Tally(
            sure=int(sure), likely=int(likely), unsure=int(unsure), notes=int(notes), words=int(words)
        )
        return tally, tuple(Finding(str(rule), Level(level), str(message)) for rule, level, message in told)
    except (TypeError, ValueError):
        return None
