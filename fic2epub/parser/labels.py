"""Labels that open a note: "A/N:", "Summary:", "Disclaimer:", and their like in every language.

Made once for each language, by first character, because most paragraphs have none and that must be seen fast.
"""

import re

from fic2epub.parser.matching import normalise
from fic2epub.parser.vocabulary import Labels
from fic2epub.values import dataclass

__all__ = ["PLAIN_LABELS", "LabelTable", "label_of", "label_sides", "label_table", "stands_alone"]

PLAIN_LABELS = ("an", "note", "notes")
"""Labels of a note that also stand for other things, and so count only before a colon."""
HEAD = 5
"""Characters by which most paragraphs are seen to have no label."""
LABEL_REACH = 80
"""Characters of a paragraph in which a label stands."""
BEFORE_RE = re.compile(r"[*_~\[(#>\s【〔〈《（［※◆◇■□●○★☆◎・]*")
"""Signs that may stand before one, in any script."""
BEHIND_RE = re.compile(r"\s*[*_】〕〉》）］]*\s*(?:[:：;~]|[-–—]\s|[*\])]*$)")
"""What stands behind a label that is a common word elsewhere."""
APART_RE = re.compile(r"(?![\w'])")
"""Where the word of any other label ends."""
ALONE = " *_~:;.,!-–—=([<>])#：；。．、！…【】〔〕〈〉《》（）［］※◆◇■□●○★☆◎・"
"""What may stand around a label that is alone on its line."""
NO_LABEL = frozenset('"“„«「『—–…')
"""Paragraphs begin so, labels never."""


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels of a language."""

    labels: dict[str, tuple[tuple[str, bool], ...]]
    """First character to the labels that begin so, the likeliest first, and whether each needs no colon."""
    heads: frozenset[str]
    """The first ``HEAD`` characters of the labels, or all of a shorter one."""


def label_table(labels: Labels) -> LabelTable:
    """The labels by their first character, in the order in which they are tried.

    Each with whether it stands alone; one that does not is a common word, and needs a colon behind it.
    """
    others = (
        *(labels.note_marked, labels.before, labels.after, labels.summary),
        *(labels.disclaimer, labels.warning, labels.translation, labels.reply),
    )
    marked = {label for group in others for label in group} - {*labels.note}
    found: dict[str, tuple[tuple[str, bool], ...]] = {}
    for group, alone in ((labels.note, True), (marked, False)):
        for label in sorted(group, key=lambda label: (-len(label), label)):
            found[label[0]] = (*found.get(label[0], ()), (label, alone))
    return LabelTable(found, frozenset([label[:HEAD] for group in found.values() for label, _ in group]))


def label_sides(labels: Labels) -> dict[str, str]:
    """The side of each label that says it; what most often stands there (replies) is only a form."""
    before = dict.fromkeys((*labels.disclaimer, *labels.warning, *labels.before), "before")
    after = dict.fromkeys(labels.after, "after")
    return {**before, **after, **dict.fromkeys(labels.summary, "summary")}


def label_of(text: str, table: LabelTable) -> str | None:
    """The label that opens a paragraph, as the vocabulary spells it: ``a/n``; None without one."""
    if text[0] in NO_LABEL:
        return None
    if text[0].isascii() and text[0].isalnum():
        head = normalise(text[:HEAD])
        if head not in table.heads and not any(
            [head[:n] in table.heads and not head[n].isalnum() for n in range(1, len(head))]
        ):
            return None
    text = normalise(text[:LABEL_REACH])
    before = BEFORE_RE.match(text)
    # Backwards, since some labels begin with a bracket of their own: "(an)".
    for at in range(before.end() if before else 0, -1, -1):
        for label, alone in table.labels.get(text[at : at + 1], ()):
            if text.startswith(label, at) and (APART_RE if alone else BEHIND_RE).match(text, at + len(label)):
                return label
    return None


def stands_alone(text: str, label: str) -> bool:
    """Whether a paragraph holds the label that opens it and nothing else, whatever signs are around it."""
    if len(text) > LABEL_REACH:
        return False
    _, found, rest = normalise(text).partition(label)
    return bool(found) and not rest.strip(ALONE)
