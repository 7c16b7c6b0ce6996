"""Step 4c of the route: who speaks in a story that is told as a script or a chat.

``ROS: I was here first.`` and ``**kit:** no`` have the form of a reply to a reviewer, ``Guest: thank you!``,
and the words of notes. What tells them is that the work is full of them.
"""

import re
from collections.abc import Mapping, Sequence

from fic2epub.parser.labels import label_of
from fic2epub.parser.lexicon import Lexicon
from fic2epub.parser.looks import Look
from fic2epub.parser.units import Unit

__all__ = ["turns_of"]

SPEAKER_RE = re.compile(r"[*_<\[(]{0,3}([^\W\d][^:*<>\[\]()]{0,24}?)[*_>\])]{0,3}\s?:[*_]{0,2}\s")
"""The name and the colon: ``ROS: no``, ``**kit:** no``, ``<kit>: no``."""
TURNS = 4
"""Paragraphs that a speaker opens at the least."""
STAGED = 0.15
"""Share of paragraphs opened by such speakers from which a work is a script or chat; replies to reviewers are
fewer, and each has a name of its own."""


def turns_of(units: Sequence[Unit], looks: Mapping[int, Look], words_of: Lexicon) -> frozenset[int]:
    """Which units are a speaker's turn; none where the work is no script.

    A label of the vocabulary ("A/N:", "Disclaimer:") is no speaker, however often it comes.
    """
    speakers: dict[str, list[int]] = {}
    for i, look in looks.items():
        found = SPEAKER_RE.match(units[i].text) if look.signs.colon else None
        if found and label_of(units[i].text, words_of.labels) is None:
            speakers.setdefault(found[1].lower(), []).append(i)
    turns = [i for own in speakers.values() if len(own) >= TURNS for i in own]
    return frozenset(turns if len(turns) >= STAGED * len(looks) else ())
