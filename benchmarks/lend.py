"""The benchmark with other writers' notes: ``python benchmarks/lend.py BENCHMARK OUT``.

A benchmark's notes come from a few writers, and what is learned from them is learned of these few: where a
note stands was told right for nine in ten of theirs and for two in three of others'. ``writers/*.toml`` has
notes that were written for this project in the voices of many people, each with the place that it was
written for, and ``passages.toml`` has letters, messages and lists that belong to a story and look like notes.
Here a work's notes are taken out and another writer's put in their places, and passages are put between
its paragraphs.

It stays the same for the same work and draw. Nothing but notes is taken out; headings, jump lines, labels
alone on their line, blank lines and the prose stay as they are, and the truth goes along.
"""

import argparse
import json
import random
import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIDES = {"notes_after": "after", "summary": "summary", "notes_before": "before"}
"""A truth's keys, and the banks' names for them."""
NAME_RE = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
"""A name of the story: a capital within a sentence."""
LABEL_RE = re.compile(r"(?:[\w’'*]+ ?){1,3}:\W*$")
"""A label alone on its line; it belongs to the archive, and stays."""
TOGETHER = 2
"""Writers of one work's notes; one would be used up by a long work."""
PASSAGE_EVERY = 60
"""Paragraphs of story for one passage put in."""
MARGIN = 4
"""Paragraphs between a passage and the end of its chapter: what stands at a join is not touched."""

Truth = dict[str, Any]
Writer = dict[str, list[str]]
"""``before``, ``after`` and ``summary`` to a writer's notes."""


@dataclass(frozen=True)
class Bank:
    """What there is to put in: notes by language and writer, and passages by language."""

    writers: dict[str, list[Writer]]
    """By language."""
    passages: dict[str, list[str]]


def bank_files(folder: Path = HERE) -> list[Path]:
    """What a bank is read from."""
    return [*sorted((folder / "writers").glob("*.toml")), folder / "passages.toml"]


def read_banks(folder: Path = HERE) -> dict[str, Bank]:
    """The notes of ``folder``, by the file that their writers stand in."""
    *files, inside = bank_files(folder)
    passages: dict[str, list[str]] = {}
    for passage in tomllib.loads(inside.read_text("utf-8"))["passage"]:
        passages.setdefault(passage["lang"], []).append(passage["text"].strip())
    return {path.stem: Bank(_writers(path), passages) for path in files}


def _writers(path: Path) -> dict[str, list[Writer]]:
    found: dict[str, list[Writer]] = {}
    for writer in tomllib.loads(path.read_text("utf-8"))["writer"]:
        texts: Writer = {side: [] for side in SIDES.values()}
        for note in writer["note"]:
            texts[note["side"]].append(note["text"].strip())
        found.setdefault(writer["lang"].split("-")[0], []).append(texts)
    return found


@dataclass
class Hand:
    """The notes of a few writers, dealt out one by one, and again from the start when all are gone."""

    writers: list[Writer]
    dice: random.Random
    names: Sequence[str]
    left: dict[str, list[str]] = field(default_factory=dict)

    def deal(self, side: str) -> list[str]:
        """The paragraphs of a note for one side."""
        if not self.left.get(side):
            self.writers.append(self.writers.pop(0))
            texts = self.writers[-1][side]
            self.left[side] = self.dice.sample(texts, len(texts))
        return _paragraphs(self.left[side].pop(), self.names)


def lend(
    truth: Truth, lines: Sequence[str], bank: Bank, draw: int, *, passages: bool = False
) -> tuple[Truth, list[str]] | None:
    """A work with others' notes, and its truth.

    Args:
        truth: of the work, in the benchmark's form (lines from 0, ranges half-open).
        lines: of its dump.
        bank: to take from.
        draw: another number gives other notes.
        passages: whether to put passages into the story too.

    Returns:
        None if nobody in the bank writes in its language, or if its letters are damaged.
    """
    writers = bank.writers.get(truth.get("lang", "en"))
    style = truth.get("style") or {}
    if not writers or style.get("moji"):
        return None
    dice = random.Random(f"{truth['file']} {draw}")
    hand = Hand(dice.sample(writers, min(len(writers), TOGETHER)), dice, _names(lines))
    space = [] if style.get("tight") else [""]
    edits: dict[int, tuple[int, list[str]]] = {}
    for chapter in truth["chapters"]:
        for key, side in SIDES.items():
            for start, end in chapter.get(key) or []:
                label = (
                    [lines[start], *space] if end > start + 1 and LABEL_RE.match(lines[start].strip()) else []
                )
                edits[start] = (end, label + _spaced(hand.deal(side), space))
    texts = bank.passages.get(truth.get("lang", "en"), []) if passages else []
    for at, text in _places(truth, lines, texts, dice):
        edits.setdefault(at, (at, [*_spaced(_paragraphs(text, hand.names), space), *space]))
    return _apply(truth, lines, edits)


def _names(lines: Sequence[str]) -> list[str]:
    """The three names that a story has most."""
    found = [
        name for name, _ in Counter(name for line in lines for name in NAME_RE.findall(line)).most_common(3)
    ]
    return (found or ["Anna"]) * 3


def _paragraphs(text: str, names: Sequence[str]) -> list[str]:
    for letter, name in zip("ABC", names, strict=False):
        text = text.replace(f"{{{letter}}}", name)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _spaced(paragraphs: Sequence[str], space: list[str]) -> list[str]:
    """Paragraphs with the work's blank lines between them."""
    return [line for at, one in enumerate(paragraphs) for line in (*(space if at else ()), one)]


def _places(
    truth: Truth, lines: Sequence[str], passages: Sequence[str], dice: random.Random
) -> Iterator[tuple[int, str]]:
    """Lines of the story above which a passage may stand, each with one."""
    for chapter in truth["chapters"]:
        start, end = chapter["prose"]
        shown = [at for at in range(start, end) if lines[at].strip(" \xa0")]
        inner = shown[MARGIN:-MARGIN]
        wanted = len(shown) / PASSAGE_EVERY
        count = int(wanted) + (dice.random() < wanted % 1)
        if passages and inner and count:
            for at in sorted(dice.sample(inner, min(count, len(inner)))):
                yield at, dice.choice(passages)


def _apply(
    truth: Truth, lines: Sequence[str], edits: dict[int, tuple[int, list[str]]]
) -> tuple[Truth, list[str]]:
    """The lines with some of them exchanged, and the truth with its new line numbers."""
    found: list[str] = []
    place: dict[int, int] = {}
    at = 0
    while at < len(lines):
        end, new = edits.get(at, (at, []))
        if end > at:
            place[at] = len(found)
            found += new
            at = end
            continue
        found += new
        place[at] = len(found)
        found.append(lines[at])
        at += 1
    place[len(lines)] = len(found)
    return _moved(truth, place), found


def _moved(value: Any, place: dict[int, int], key: str = "", *, inside: bool = False) -> Any:
    """A truth with every line number at its new place; what stood inside an exchanged note is None."""
    if isinstance(value, dict):
        return {name: _moved(one, place, name) for name, one in value.items()}
    if isinstance(value, list):
        moved = [_moved(one, place, key, inside=True) for one in value]
        if inside and None in moved:
            return None  # a range, one end of which is gone
        return [one for one in moved if one is not None]
    if key in LINES and isinstance(value, int) and not isinstance(value, bool):
        return place.get(value)
    return value


LINES = frozenset(
    "start_line heading jump prose summary notes_before notes_after scene_breaks glued_breaks separators "
    "datelines seams traps front back ignore body_start".split()
)
"""A truth's keys whose values are line numbers."""


def main() -> None:
    """Write a benchmark with other notes, for its scorer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--writers", default="a", help="the file of writers to take: a, b, …")
    parser.add_argument("--passages", action="store_true", help="put passages into the story too")
    options = parser.parse_args()
    bank = read_banks()[options.writers]
    for name in ("text", "truth"):
        (options.out / "dev" / name).mkdir(parents=True, exist_ok=True)
    for name in ("score.py", "stats.json"):
        shutil.copy(options.bench / name, options.out / name)
    for path in sorted((options.bench / "dev" / "truth").glob("*.json")):
        truth = json.loads(path.read_text("utf-8"))
        text = (options.bench / "dev" / "text" / truth["file"]).read_bytes().decode()
        lent = lend(truth, text.split("\n"), bank, options.draw, passages=options.passages)
        if lent is not None:
            (options.out / "dev" / "text" / truth["file"]).write_bytes("\n".join(lent[1]).encode())
            (options.out / "dev" / "truth" / path.name).write_text(json.dumps(lent[0]), "utf-8")


if __name__ == "__main__":
    main()
