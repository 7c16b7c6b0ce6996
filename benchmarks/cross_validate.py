"""How good the recovery is on authors it has not seen: ``python benchmarks/cross_validate.py BENCHMARK``.

The authors of the development half are dealt into folds; each fold's works are parsed, by the program's
own route, with weights learned from the other folds, and the benchmark's scorer looks at all of them.
"""

import argparse
import importlib.util
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parent))

import train

from fic2epub.parser import weights as module
from fic2epub.parser.outline import inspection
from fic2epub.parser.sources import read_file
from fic2epub.parser.work import parse


def predict(job: tuple[dict[str, Any], list[str]]) -> list[str]:
    """Parse some works with given weights; one JSON line each."""
    content, paths = job
    found = module.from_content(content)
    module.load_weights.cache_clear()
    import fic2epub.parser.work as route

    route.load_weights = lambda: found
    return [json.dumps(inspection(parse(read_file(Path(path)))), ensure_ascii=False) for path in paths]


def draw(bands: list[dict[str, float]], target: Path) -> None:
    """The reliability diagram: what was said against what was right, a disc a band, its size the number."""
    svg = etree.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "viewBox": "-60 -20 420 400", "font-family": "sans-serif"},
    )
    title = etree.SubElement(svg, "title")
    title.text = "Confidence of chapter boundaries: said against right, on authors left out"
    etree.SubElement(svg, "rect", x="0", y="0", width="320", height="320", fill="none", stroke="#888")
    etree.SubElement(svg, "path", d="M0 320L320 0", stroke="#888", **{"stroke-dasharray": "4 4"})
    for at in range(0, 11, 2):
        across = {"x": str(32 * at), "y": "340", "text-anchor": "middle", "font-size": "12"}
        etree.SubElement(svg, "text", across).text = f".{at}" if at < 10 else "1"
        up = {"x": "-8", "y": str(324 - 32 * at), "text-anchor": "end", "font-size": "12"}
        etree.SubElement(svg, "text", up).text = f".{at}" if at < 10 else "1"
    for words, place in (("said", {"x": "160", "y": "364"}), ("right", {"x": "-44", "y": "164"})):
        etree.SubElement(svg, "text", {**place, "text-anchor": "middle", "font-size": "14"}).text = words
    for band in bands:
        size = 3 + 14 * (band["n"] / max(other["n"] for other in bands)) ** 0.5
        place = {
            "cx": f"{320 * band['said']:.1f}",
            "cy": f"{320 - 320 * band['right']:.1f}",
            "r": f"{size:.1f}",
        }
        etree.SubElement(svg, "circle", {**place, "fill": "#1b5e8a", "fill-opacity": "0.75"})
    target.write_bytes(etree.tostring(svg, pretty_print=True))


def main() -> None:
    """Cross-validate and print the scorer's report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--seeds", type=Path, default=train.HERE / "seeds")
    parser.add_argument("--out", type=Path, help="keep the predictions here (JSON Lines)")
    parser.add_argument("--diagram", type=Path, help="draw the reliability diagram here (SVG)")
    options = parser.parse_args()
    cases, statistics = train.gather(options.bench, options.seeds)
    texts = options.bench / "dev" / "text"
    jobs = []
    for fold in range(train.FOLDS):
        kept = [case for case in cases if case.fold != fold]
        content = train.as_file(train.regress(kept), statistics, "cross-validation")
        held = [
            str(texts / case.truth["file"])
            for case in cases
            if case.fold == fold and not case.lent and (texts / str(case.truth.get("file"))).is_file()
        ]
        half = len(held) // 2
        jobs += [(content, held[:half]), (content, held[half:])]
    with ProcessPoolExecutor(2) as pool:
        lines = [line for part in pool.map(predict, jobs) for line in part]
    out = options.out or Path(tempfile.mkdtemp()) / "predictions.jsonl"
    out.write_text("\n".join(lines) + "\n", "utf-8")
    spec = importlib.util.spec_from_file_location("score", options.bench / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    result, scored = score.run(str(options.bench / "dev"), str(out))
    score.show_report(result, False, scored)
    if options.diagram:
        draw(result["calibration"]["bands"], options.diagram)


if __name__ == "__main__":
    main()
