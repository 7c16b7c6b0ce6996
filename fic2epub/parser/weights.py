"""The learned numbers of the recovery: ``words/weights.json``, read once.

They are made by one command, ``python benchmarks/train.py BENCHMARK`` (see docs/recovery.md), and hold
no words of anybody's but single words and pairs with their log-odds.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

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
    side: tuple[float, ...]
    """In the order of ``sides.SIDE_SIGNALS``."""
    summary: tuple[float, ...]
    """Chapter summary against other notes, in the order of ``signals.NOTE_SIGNALS``."""
    statistics: dict[str, tuple[tuple[str, float], ...]]
    """Language to words and pairs with their log-odds, note against prose."""
    numbers: dict[str, float]
    """Single numbers: run priors, length prior, calibration."""


@cache
def load_weights() -> Weights:
    """Read the weights that come with the program."""
    from fic2epub.parser.gaps import JOIN_SIGNALS
    from fic2epub.parser.sides import SIDE_SIGNALS
    from fic2epub.parser.signals import NOTE_SIGNALS

    found: dict[str, Any] = json.loads(files("fic2epub.parser.words").joinpath("weights.json").read_bytes())
    return Weights(
        data=found["data"],
        note=tuple(found["note"].get(name, 0.0) for name in NOTE_SIGNALS),
        join=tuple(found["join"].get(name, 0.0) for name in JOIN_SIGNALS),
        side=tuple(found["side"].get(name, 0.0) for name in SIDE_SIGNALS),
        summary=tuple(found["summary"].get(name, 0.0) for name in NOTE_SIGNALS),
        statistics={
            language: tuple(sorted(table.items())) for language, table in found["statistics"].items()
        },
        numbers=found["numbers"],
    )
