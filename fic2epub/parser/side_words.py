"""Step 4e of the route: what the single words of a note say for its side.

[guess] side.told  words that notes at the foot of chapters have more often than those at the head, or less

The phrases of a vocabulary (``before``, ``after``) say it for what writers always say; "asked", "comments"
and "says" lean to one side without being a sign of it. How much is counted over the notes of
``benchmarks/writers``, which were written for this project; each word in them is used by several writers.
"""

from collections.abc import Mapping
from math import sqrt

from fic2epub.parser.splitting import split_words

__all__ = ["side_words", "told"]

MOST = 2.0
"""What the words of a paragraph say at most, as log-odds: they come together, and are no proofs."""


def side_words(text: str) -> frozenset[str]:
    """The words of a paragraph, each once, in lower case."""
    return frozenset(split_words([text])[0])


def told(text: str, table: Mapping[str, float]) -> float:
    """What a paragraph's words say for standing after a chapter (positive) or before one.

    Args:
        text: of the paragraph.
        table: words with their log-odds, of its language; empty if none were counted.
    """
    said = [table[word] for word in side_words(text) if word in table] if table else []
    return max(-MOST, min(MOST, sum(said) / sqrt(len(said)))) if said else 0.0
