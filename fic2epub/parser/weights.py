"""The learned numbers of the recovery: ``words/weights.json``, read once.

They are made by one command, ``python benchmarks/train.py BENCHMARK`` (see docs/recovery.md), and hold
no words of anybody's but single words and pairs with their log-odds.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fic2epub.values import dataclass

__all__ = ["Weights", "load_weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Coefficients by the name of what they weigh."""

    data: str
    """SHA-256 of the texts and truths that they were learned from."""
    note: tuple[float, ...]
    """In the order of ``signals.NOTE_SIGNALS``."""
    join: tuple[float, ...]
    """In the order of ``gaps.JOIN_SIGNALS``."""
    variant: tuple[float, ...]
    """In the order of ``variants.VARIANT_SIGNALS``."""
    cut: tuple[float, ...]
    """In the order of ``cuts.CUT_SIGNALS``."""
    summary: tuple[float, ...]
    """Chapter summary against other notes, in the order of ``signals.NOTE_SIGNALS``."""
    sides: dict[str, dict[str, float]]
    """Language to single words with their log-odds, note after a chapter against note before one."""
    statistics: dict[str, tuple[tuple[str, float], ...]]
    """Language to words and pairs with their log-odds, note against prose."""
    numbers: dict[str, float]
    """Single numbers: run priors, length prior, calibration."""


def from_content(found: dict[str, Any]) -> Weights:
    """Weights from the content of a ``weights.json``; a name that is missing weighs nothing."""
    # These modules need Weights themselves.
    from fic2epub.parser.cuts import CUT_SIGNALS
    from fic2epub.parser.gaps import JOIN_SIGNALS
    from fic2epub.parser.signals import NOTE_SIGNALS
    from fic2epub.parser.variants import VARIANT_SIGNALS

    def named(group: str, names: tuple[str, ...]) -> tuple[float, ...]:
        return tuple(float(found[group].get(name, 0.0)) for name in names)

    return Weights(
        data=found["data"],
        note=named("note", NOTE_SIGNALS),
        join=named("join", JOIN_SIGNALS),
        variant=named("variant", VARIANT_SIGNALS),
        cut=named("cut", CUT_SIGNALS),
        summary=named("summary", NOTE_SIGNALS),
        sides=found["sides"],
        statistics={
            language: tuple(sorted(table.items())) for language, table in found["statistics"].items()
        },
        numbers=found["numbers"],
    )


@cache
def load_weights() -> Weights:
    """The weights that come with the program."""
    return from_content(json.loads((Path(__file__).parent / "words" / "weights.json").read_bytes()))
