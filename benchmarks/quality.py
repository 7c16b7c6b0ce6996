"""The floor under the recovery: ``python benchmarks/quality.py BENCHMARK [--raise]``.

Runs the program's own route with default options over the benchmark's development half, scores it with
the benchmark's scorer, and compares with ``tests/quality/floors.json``. ``--raise`` writes figures that are
better; a worse one is written only with ``--allow-regression`` and the reason, which the file keeps.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

FLOORS = Path(__file__).resolve().parent.parent / "tests" / "quality" / "floors.json"
TOLERANCE = 0.0005
"""Figures are written with three digits."""


def inspect(path: Path) -> str:
    """One dump's prediction, as ``inspect --json`` prints it."""
    from fic2epub.parser.outline import inspection
    from fic2epub.parser.sources import read_file
    from fic2epub.parser.work import parse

    return json.dumps(inspection(parse(read_file(path))), ensure_ascii=False)


def measure(bench: Path, out: Path) -> dict[str, float]:
    """Every figure that has a floor, by name; higher is better."""
    with ProcessPoolExecutor(2) as pool:
        lines = list(pool.map(inspect, sorted((bench / "dev" / "text").glob("*.txt")), chunksize=4))
    out.write_text("\n".join(lines) + "\n", "utf-8")
    spec = importlib.util.spec_from_file_location("score", bench / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    result, _ = score.run(str(bench / "dev"), str(out))
    total, calibration = result["total"], result["calibration"]
    figures = {
        "join_f1": total["join_f1"],
        "side_f1": total["side_f1"],
        "note_p": total["note_p"],
        "note_r": total["note_r"],
        "span_f1": total["span_f1"],
        "scene_f1": total["scene_f1"],
        "one_shots_whole": 1.0 - total["split_rate"],
        "brier": 1.0 - calibration["brier"],
    }
    for name, family in result["families"].items():
        if family["join_f1"] is not None:
            figures[f"{name}.join_f1"] = family["join_f1"]
    return {name: round(value, 3) for name, value in sorted(figures.items())}


def digest(bench: Path) -> str:
    """SHA-256 over the texts and truths that the figures were measured on."""
    total = hashlib.sha256()
    for path in sorted((bench / "dev").rglob("*.*")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def below(figures: dict[str, float], floors: dict[str, float]) -> list[str]:
    """A sentence for each figure under its floor."""
    return [
        f"{name}: {figures.get(name, 0.0):.3f}, the floor is {floor:.3f}"
        for name, floor in floors.items()
        if figures.get(name, 0.0) < floor - TOLERANCE
    ]


def main() -> None:
    """Measure, compare, and raise the floors if asked to."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--raise", dest="lift", action="store_true", help="write better figures")
    parser.add_argument("--allow-regression", metavar="WHY", help="write worse ones too, and why")
    parser.add_argument("--out", type=Path, default=Path("predictions.jsonl"))
    options = parser.parse_args()
    figures, data = measure(options.bench, options.out), digest(options.bench)
    held: dict[str, Any] = json.loads(FLOORS.read_text("utf-8")) if FLOORS.is_file() else {"figures": {}}
    worse = below(figures, held["figures"])
    for name, value in figures.items():
        print(f"{name:28} {value:.3f}  floor {held['figures'].get(name, 0.0):.3f}")
    for line in worse:
        print("below the floor:", line, file=sys.stderr)
    if options.lift and (not worse or options.allow_regression):
        history = list(held.get("regressions", []))
        if worse:
            history.append({"why": options.allow_regression, "figures": worse})
        content = {"data": data, "figures": figures, "regressions": history}
        FLOORS.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.exit(bool(worse) and not options.allow_regression)


if __name__ == "__main__":
    main()
