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


def main() -> None:
    """Cross-validate and print the scorer's report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--seeds", type=Path, default=train.HERE / "seeds")
    parser.add_argument("--out", type=Path, help="keep the predictions here (JSON Lines)")
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
            if case.fold == fold and (texts / str(case.truth.get("file"))).is_file()
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


if __name__ == "__main__":
    main()
