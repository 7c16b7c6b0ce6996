"""Works that nothing was learned from: ``python benchmarks/unseen.py [--raise] [--works]``.

Runs the program with default options over ``tests/unseen`` and counts, for each of its two halves, how many
chapters, notes and scene breaks it finds. Rules may be drawn from the errors in the ``open`` half; those in
the ``blind`` half are counted and never looked at. The floors stand in ``tests/quality/unseen.json``;
``--raise`` writes figures that are better, a worse one only with ``--allow-regression`` and the reason, which
the file keeps.

JOIN: a chapter begins between the last line of one chapter's story and the first of the next one's. SIDE: and
leaves every note with its own chapter. Note precision and recall count lines that are not blank.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from quality import below, inspect

ROOT = Path(__file__).resolve().parent.parent
WORKS = ROOT / "tests" / "unseen"
FLOORS = ROOT / "tests" / "quality" / "unseen.json"
BLIND = ("u02", "u04", "u06", "u08", "u10", "u12", "u14")
"""The blind half, chosen before the program had seen any of the works."""
NOTES = ("summary", "notes_before", "notes_after")


def ranges(chapters: Iterable[dict[str, Any]], keys: tuple[str, ...] = NOTES) -> Iterator[list[int]]:
    """The ranges of lines of the chapters' notes."""
    return (lines for chapter in chapters for key in keys for lines in chapter[key])


def free_lines(truth: dict[str, Any], lines: list[str]) -> set[int]:
    """Lines that are neither story nor note, and blank ones."""
    free = {at for at, line in enumerate(lines) if not line.strip()}
    free.update(truth["closing_lines"], truth["scene_breaks"], truth.get("front", ()))
    for chapter in truth["chapters"]:
        free.update(range(*(chapter["heading"] or (0, 0))))
        free.update({chapter["jump"]} - {None})
    return free


def windows(truth: dict[str, Any]) -> Iterator[tuple[range, range]]:
    """For each join the lines that a chapter may begin at: anywhere in the gap, and on the right side."""
    for above, below_ in zip(truth["chapters"], truth["chapters"][1:], strict=False):
        low, high = above["prose"][1], below_["prose"][0]
        after = max((end for _, end in above["notes_after"]), default=low)
        first = min([start for start, _ in ranges([below_])] + [below_["start_line"]])
        yield range(low, high + 1), range(after, first + 1)


def score(truth: dict[str, Any], found: dict[str, Any], lines: list[str]) -> Counter[str]:
    """The counts of one work; ``brier`` is the sum of the squared errors of the confidences."""
    counts: Counter[str] = Counter()
    starts = [(chapter["start_line"], chapter["confidence"]) for chapter in found["chapters"][1:]]
    joins = list(windows(truth))
    hit = set()
    for start, confidence in starts:
        place = next((n for n, (gap, _) in enumerate(joins) if start in gap and n not in hit), None)
        right = place is not None
        if place is not None:
            hit.add(place)
            counts["side"] += _same_place(start, joins[place][1], lines)
        counts["judged"] += confidence is not None
        counts["brier_ppm"] += round(1e6 * ((confidence or 0) - right) ** 2) if confidence is not None else 0
    counts.update(joins=len(joins), starts=len(starts), join=len(hit))
    free = free_lines(truth, lines)
    true = {at for a, b in ranges(truth["chapters"]) for at in range(a, b)} - free
    said = {at for a, b in ranges(found["chapters"]) for at in range(a, b)} - free
    counts.update(note_true=len(true), note_said=len(said), note=len(true & said))
    breaks, shown = set(truth["scene_breaks"]), {each["line"] for each in found["scene_breaks"]}
    counts.update(scene_true=len(breaks), scene_said=len(shown), scene=len(breaks & shown))
    counts.update(one_shots=not joins, whole=not joins and not starts)
    return counts


def _same_place(start: int, window: range, lines: list[str]) -> bool:
    """True if only blank lines lie between a start and the window."""
    between = range(start, window.start) if start < window.start else range(window.stop - 1, start)
    return all(not lines[at].strip() for at in between)


def f1(right: int, said: int, true: int) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * right / (said + true) if said + true else 1.0


def figures(counts: Counter[str]) -> dict[str, float]:
    """What has a floor; higher is better."""
    return {
        "join_f1": round(f1(counts["join"], counts["starts"], counts["joins"]), 3),
        "side_f1": round(f1(counts["side"], counts["starts"], counts["joins"]), 3),
        "note_p": round(counts["note"] / max(1, counts["note_said"]), 3),
        "note_r": round(counts["note"] / max(1, counts["note_true"]), 3),
        "scene_f1": round(f1(counts["scene"], counts["scene_said"], counts["scene_true"]), 3),
        "one_shots_whole": round(counts["whole"] / max(1, counts["one_shots"]), 3),
        "brier": round(1 - counts["brier_ppm"] / 1e6 / max(1, counts["judged"]), 3),
    }


def measure() -> dict[str, Counter[str]]:
    """The counts of each work, by its name."""
    found = {}
    for path in sorted(WORKS.glob("u*.txt")):
        truth = json.loads((WORKS / "truth" / f"{path.stem}.json").read_text("utf-8"))
        lines = path.read_bytes().decode().split("\n")
        found[path.stem] = score(truth, json.loads(inspect(path)), lines)
    return found


def halves(counts: dict[str, Counter[str]]) -> dict[str, float]:
    """The figures of both halves: ``open.join_f1`` and so on."""
    result = {}
    for name in ("open", "blind"):
        works = [each for work, each in counts.items() if (work[:3] in BLIND) == (name == "blind")]
        result |= {f"{name}.{key}": value for key, value in figures(sum(works, Counter())).items()}
    return result


def main() -> None:
    """Measure, compare, and raise the floors if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raise", dest="lift", action="store_true", help="write better figures")
    parser.add_argument("--allow-regression", metavar="WHY", help="write worse ones too, and why")
    parser.add_argument("--works", action="store_true", help="the counts of each work as well")
    options = parser.parse_args()
    counts = measure()
    reached = halves(counts)
    held: dict[str, Any] = json.loads(FLOORS.read_text("utf-8")) if FLOORS.is_file() else {"figures": {}}
    if options.works:
        for work, each in counts.items():
            print(f"{work:36}", *(f"{key} {value:.2f}" for key, value in figures(each).items()))
    for name, value in reached.items():
        print(f"{name:24} {value:.3f}  floor {held['figures'].get(name, 0.0):.3f}")
    worse = below(reached, held["figures"])
    for line in worse:
        print("below the floor:", line, file=sys.stderr)
    if options.lift and (not worse or options.allow_regression):
        history = list(held.get("regressions", []))
        if worse:
            history.append({"why": options.allow_regression, "figures": worse})
        FLOORS.write_text(json.dumps({"figures": reached, "regressions": history}, indent=1) + "\n", "utf-8")
    sys.exit(bool(worse) and not options.allow_regression)


if __name__ == "__main__":
    main()
