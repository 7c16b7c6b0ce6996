"""Learn the weights of the recovery: ``python benchmarks/train.py BENCHMARK [--seeds DIR] [--check]``.

BENCHMARK is a folder with ``dev/text``, ``dev/truth`` and ``stats.json``; without it only the project's own
samples are learned from, and the command says so. The same data give the same numbers: there is no
random choice anywhere but folds, which are dealt by the name of the author.

Five small logistic regressions, each fitted by Newton's method with ridge and with signs held where a
sign is known (``POSITIVE`` and ``NEGATIVE`` and their like): note paragraph, chapter join, chapter summary,
which reading of a join is the right one, and where a run of notes is cut between two chapters; the last two
are choices of one among several. What the
second sees of the first comes from folds that the first was not fitted on.
"""

import argparse
import hashlib
import json
import random
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from lend import Bank, bank_files, lend, read_banks
from numpy.typing import NDArray

from fic2epub.model import Origin
from fic2epub.parser.cuts import CUT_SIGNALS, Known, cut_signals
from fic2epub.parser.decode import decode
from fic2epub.parser.formats import drafts
from fic2epub.parser.gaps import JOIN_SIGNALS, Gap, find_gaps
from fic2epub.parser.headings import find_headings
from fic2epub.parser.marks import Marks, find_marks
from fic2epub.parser.notes import among_neighbours
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.side_words import side_words
from fic2epub.parser.sides import bounds
from fic2epub.parser.signals import NOTE_SIGNALS, Habits, Lexicon, Reading, lexicon, read_signals
from fic2epub.parser.units import Unit, read_body
from fic2epub.parser.variants import VARIANT_SIGNALS, note_habit, rivals, surest, variant_signals
from fic2epub.parser.vocabulary import vocabulary
from fic2epub.parser.weights import Weights

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE / "fic2epub" / "parser" / "words" / "weights.json"
FOLDS = 5
DRAWS = 1
"""How often each work is learned from with other writers' notes."""
RIDGE = 3.0
Numbers = NDArray[np.float64]
Statistics = dict[str, tuple[tuple[str, float], ...]]
"""Language to words and pairs with their log-odds, note against prose."""

LIMITED = ("hp", "hpmor", "rationality", "methods", "harry", "quirrell")
"""Words of one fandom that the public counts are full of: an accident of the collection."""

POSITIVE = frozenset(
    """lexical categories phrases fandom writing thanks apology life hope asking ownership greeting farewell
    announcing place translation warning statistic statistic-sum label lower-start lower-i doubled-marks
    emoji emoticon url action straight-apostrophe first-here second-here present unseen-share
    chat in-which does""".split()
)
NEGATIVE = frozenset("opens-quote cast body third after-colon letter script".split())
JOIN_POSITIVE = frozenset(
    """run-sum run-mean run-min run-max run-ends run-label title closing blanks spacers indent open-time
    open-time-phrase open-new-name name-change dateline cast-change open-short-line open-digit open-article
    open-name open-had open-one-sentence close-short close-short-line close-exclamation""".split()
)
JOIN_NEGATIVE = frozenset(
    """left-note right-note open-speech open-pronoun open-and open-i next-speech close-colon close-speech
    close-question close-dots speech-both shared-words shared-names""".split()
)
"""Signs that real works bear out; without them a few hundred notes give real cues a negative weight."""
JOIN_PRIOR = {
    "open-speech": -1.56, "open-time": 2.4, "open-short-line": 1.87, "open-digit": 1.5, "open-pronoun": -0.35,
    "open-article": 0.39, "open-name": 0.22, "open-i": -0.4, "open-had": 0.21, "open-one-sentence": 0.25,
    "next-speech": -0.5, "close-speech": -0.17, "close-short": 0.2, "close-short-line": 0.25,
    "close-question": -0.7, "close-dots": -1.3, "close-exclamation": 0.8, "open-and": -0.7,
    "open-time-phrase": 1.0, "shared-names": -0.5, "cast-change": 0.5, "name-change": 0.3,
}  # fmt: skip
"""Where the ridge draws to: log-odds of chapter openings and closings against any paragraph, counted on 58
real works by 36 authors (the benchmark's stats.json, ``openings`` and ``closings``); the last six are
judgement."""


CUT_RIDGE = 3.0
SIDE_RIDGE = 2.0
SIDE_WRITERS = 6
"""Writers of a language who use a word, from which it counts."""
CUT_POSITIVE = frozenset(
    """side-after side-told side-goodbye side-gloss side-reply side-footnote side-thanks side-asking
    side-translation side-place opens-hello opens-greeting opens-warning opens-ownership closes-goodbye
    closes-thanks closes-asking rule-at blanks-at label-again summary-at ruled-above-all-above
    ruled-below-all-below""".split()
)
CUT_NEGATIVE = frozenset(
    """side-before side-hello side-lead side-field side-greeting side-warning side-ownership parts-list
    parts-colon parts-lead leads-above long-below summary-head-above summary-low ruled-above-all-below
    ruled-below-all-above closed-all-below""".split()
)
CUT_PRIOR = {"leads-above": -3.0, "parts-lead": -1.5, "side-lead": -0.5, "label-again": 2.0}
"""Where the ridge draws to, by judgement: the notes at hand hardly ever end with "Enjoy!", but one in
twenty on AO3 does (the benchmark's stats.json), and the story follows. And of two labelled notes one
below the other the first is the end of a chapter, unless they were put together, as some at hand are."""


@dataclass
class Case:
    """One work with its truth."""

    name: str
    truth: dict
    author: str
    units: tuple[Unit, ...]
    readings: list[Reading | None]
    habits: Habits
    words_of: Lexicon
    marks: Marks
    fold: int
    language: str
    lent: bool = False
    """Whether its notes are another writer's."""
    scores: list[float] | None = None
    gaps: list[Gap] | None = None
    true: frozenset[tuple[int, int]] = frozenset()


def fit(
    x: Numbers,
    y: Numbers,
    ridge: float,
    names: tuple[str, ...],
    positive: frozenset[str],
    negative: frozenset[str],
    weight: Numbers | None = None,
    prior: dict[str, float] | None = None,
) -> Numbers:
    """Logistic regression by Newton's method, ridge towards the prior on all but the bias, signs held."""
    centre = np.array([(prior or {}).get(name, 0.0) for name in names])
    n, d = x.shape
    w = np.ones(n) if weight is None else weight
    signs = np.array([1.0 if name in positive else -1.0 if name in negative else 0.0 for name in names])
    penalty = np.where(np.arange(d) == 0, 0.001, ridge)
    b = centre.copy()
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        gradient = x.T @ (w * (p - y)) + penalty * (b - centre)
        held = (b == 0) & (((signs > 0) & (gradient > 0)) | ((signs < 0) & (gradient < 0)))
        free = ~held
        xf = x[:, free]
        hessian = (xf * (w * p * (1 - p) + 1e-9)[:, None]).T @ xf + np.diag(penalty[free] + 1e-6)
        step = np.zeros(d)
        step[free] = np.linalg.solve(hessian, gradient[free])
        new = b - step
        new = np.where(((signs > 0) & (new < 0)) | ((signs < 0) & (new > 0)), 0.0, new)
        if np.abs(new - b).max() < 1e-6:
            return new
        b = new
    return b


def works(folder: Path) -> Iterator[tuple[str, dict, bytes]]:
    """Name, truth and dump of each work of a folder with ``text`` and ``truth``, or with ``truth`` inside."""
    texts = folder / "text" if (folder / "text").is_dir() else folder
    for path in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(path.read_text("utf-8"))
        yield path.stem, truth, (texts / truth.get("file", path.stem + ".txt")).read_bytes()


def lent_works(folder: Path, banks: dict[str, Bank]) -> Iterator[tuple[str, dict, bytes]]:
    """The same works with other writers' notes, ``DRAWS`` times; the truth says from which file they are."""
    for draw in range(DRAWS):
        for name, truth, data in works(folder):
            able = [stem for stem, bank in banks.items() if truth["lang"] in bank.writers]
            if not able:
                continue
            stem = random.Random(f"{name} {draw}").choice(able)
            found = lend(truth, data.decode().split("\n"), banks[stem], draw)
            if found is not None:
                yield name, {**found[0], "lender": stem}, "\n".join(found[1]).encode()


def read_case(name: str, truth: dict, data: bytes, statistics: Statistics, *, lent: bool = False) -> Case:
    """What the program knows of a work before it asks the weights."""
    draft = next(drafts(decode(data, name=name), Origin(None, name), ParseOptions()))
    words = vocabulary(draft.metadata.language)
    units = read_body(draft.source, draft.body, break_words=frozenset(words.scene.break_words)).units
    table = statistics.get(words.language, ())
    readings, habits = read_signals(units, words, table)
    headings = find_headings(
        units, words, declared=draft.metadata.chapters_posted, title=draft.metadata.title
    )
    marks = find_marks(units, headings, words, title=draft.metadata.title)
    author = truth.get("author") or name
    fold = int(hashlib.sha256(author.encode()).hexdigest(), 16) % FOLDS
    words_of = lexicon(words, table)
    return Case(name, truth, author, units, readings, habits, words_of, marks, fold, words.language, lent)


def note_kinds(truth: dict) -> dict[int, str]:
    """Line to ``summary``, ``notes_before`` or ``notes_after``."""
    return {
        line: kind
        for chapter in truth["chapters"]
        for kind in ("notes_after", "summary", "notes_before")
        for first, last in chapter.get(kind) or []
        for line in range(first, last)
    }


def free_lines(truth: dict) -> set[int]:
    """Lines that are neither prose nor note."""
    free: set[int] = set()
    for key in ("separators", "front", "back", "ignore"):
        for item in truth.get(key) or []:
            free |= set(range(*item)) if isinstance(item, list) else {item}
    for chapter in truth["chapters"]:
        if chapter.get("heading"):
            free |= set(range(*chapter["heading"]))
        if chapter.get("jump") is not None:
            free.add(chapter["jump"])
    return free


def note_rows(cases: list[Case]) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
    """Signals, labels and folds of all paragraphs but those that a rule knows for the story's own."""
    rows, labels, folds = [], [], []
    for case in cases:
        notes, free = note_kinds(case.truth), free_lines(case.truth)
        for unit, reading in zip(case.units, case.readings, strict=True):
            if reading is not None and not reading.insert and unit.line not in free:
                rows.append(reading.note)
                labels.append(unit.line in notes)
                folds.append(case.fold)
    return np.array(rows), np.array(labels, float), np.array(folds)


def learn_notes(cases: list[Case], ridge: float) -> Numbers:
    """Fit the note regression; give each case scores from the folds without it."""
    x, y, folds = note_rows(cases)
    for fold in range(FOLDS):
        out = folds != fold
        b = fit(x[out], y[out], ridge, NOTE_SIGNALS, POSITIVE, NEGATIVE)
        for case in cases:
            if case.fold == fold:
                alone = [0.0 if r is None else float(np.dot(b, r.note)) for r in case.readings]
                case.scores = among_neighbours(alone, case.readings, case.marks)
    return fit(x, y, ridge, NOTE_SIGNALS, POSITIVE, NEGATIVE)


def find_true_gaps(case: Case) -> frozenset[tuple[int, int]]:
    """The pairs of prose units around each true join."""
    lines = [unit.line for unit in case.units]
    chapters = case.truth["chapters"]
    return frozenset(
        (bisect_left(lines, above["prose"][1]) - 1, bisect_left(lines, below["prose"][0]))
        for above, below in pairwise(chapters)
    )


def learn_joins(cases: list[Case], ridge: float) -> tuple[Numbers, list[Numbers]]:
    """Fit the join regression; also each case's scores from the folds without it."""
    rows, labels, weights, folds = [], [], [], []
    for case in cases:
        kinds = {i: kind for i in range(len(case.units)) if (kind := case.marks.kind(i)) is not None}
        assert case.scores is not None
        case.gaps = find_gaps(case.units, case.readings, case.habits, case.scores, case.words_of, marks=kinds)
        case.true = find_true_gaps(case)
        for gap in case.gaps:
            right = (gap.left, gap.right) in case.true
            near = any(not (gap.right <= low or gap.left >= high) for low, high in case.true)
            certain = any(
                kinds.get(i) in ("heading", "title", "jump") for i in range(gap.left + 1, gap.right)
            )
            rows.append(gap.signals)
            labels.append(right)
            # A reading that touches the true one is half right; what has an exact mark needs no weight.
            weights.append(1.0 if right else 0.0 if near else 0.0 if certain else 1.0)
            folds.append(case.fold)
    x, y, w, f = np.array(rows), np.array(labels, float), np.array(weights), np.array(folds)
    scores = np.zeros(len(y))
    for fold in range(FOLDS):
        out = f != fold
        scores[~out] = x[~out] @ fit(
            x[out], y[out], ridge, JOIN_SIGNALS, JOIN_POSITIVE, JOIN_NEGATIVE, w[out], JOIN_PRIOR
        )
    at, parts = 0, []
    for case in cases:
        assert case.gaps is not None
        parts.append(scores[at : at + len(case.gaps)])
        at += len(case.gaps)
    return fit(x, y, ridge, JOIN_SIGNALS, JOIN_POSITIVE, JOIN_NEGATIVE, w, JOIN_PRIOR), parts


def learn_summaries(cases: list[Case], ridge: float) -> Numbers:
    """Fit chapter summary against other notes, over the paragraphs of the true notes.

    A long note must not outweigh ten short ones: a paragraph weighs one over the square root of its
    note's length.
    """
    rows, labels, weights = [], [], []
    for case in cases:
        kinds = note_kinds(case.truth)
        lengths: dict[tuple[int, str], int] = {}
        here = []
        block, before = 0, None
        for unit, reading in zip(case.units, case.readings, strict=True):
            kind = kinds.get(unit.line)
            if kind != before:
                block, before = block + 1, kind
            if reading is None or kind is None:
                continue
            key = (block, kind)
            lengths[key] = lengths.get(key, 0) + 1
            here.append((reading, kind, key))
        for reading, kind, key in here:
            rows.append(reading.note)
            labels.append(kind == "summary")
            weights.append(lengths[key] ** -0.5)
    none: frozenset[str] = frozenset()
    return fit(np.array(rows), np.array(labels, float), ridge, NOTE_SIGNALS, none, none, np.array(weights))


def learn_sides(banks: dict[str, Bank]) -> dict[str, dict[str, float]]:
    """For each language with enough writers, what its words say for a note after a chapter, not before.

    A word counts if ``SIDE_WRITERS`` of them use it. A paragraph weighs one over the square root of its
    note's length.
    """
    languages = sorted({language for bank in banks.values() for language in bank.writers})
    found = {language: _side_table(banks, language) for language in languages}
    return {language: table for language, table in found.items() if table}


def _side_table(banks: dict[str, Bank], language: str) -> dict[str, float]:
    rows: list[tuple[frozenset[str], bool, float]] = []
    users: Counter[str] = Counter()
    for writer in (one for bank in banks.values() for one in bank.writers.get(language, [])):
        used: set[str] = set()
        for side in ("before", "after"):
            for note in writer[side]:
                paragraphs = [side_words(line) for line in note.splitlines() if line.strip()]
                rows += [(words, side == "after", len(paragraphs) ** -0.5) for words in paragraphs]
                used.update(*paragraphs)
        users.update(used)
    words = sorted(word for word, count in users.items() if count >= SIDE_WRITERS)
    if not words:
        return {}
    column = {word: 1 + at for at, word in enumerate(words)}
    x = np.zeros((len(rows), 1 + len(words)))
    x[:, 0] = 1.0
    for row, (present, _, _) in zip(x, rows, strict=True):
        places = [column[word] for word in present if word in column]
        row[places] = len(places) ** -0.5 if places else 0.0
    y, weight = np.array([float(after) for _, after, _ in rows]), np.array([share for _, _, share in rows])
    none: frozenset[str] = frozenset()
    b = fit(x, y, SIDE_RIDGE, ("bias", *words), none, none, weight)
    return {
        word: value for word, number in zip(words, b[1:], strict=True) if (value := round(float(number), 2))
    }


def learn_cuts(
    cases: list[Case], summary: Numbers, sides: dict[str | None, dict[str, dict[str, float]]], ridge: float
) -> Numbers:
    """Fit where the notes at a join are cut: one right cut among all that the exact marks allow.

    Args:
        cases: to learn from.
        summary: of ``learn_summaries``.
        sides: of ``learn_sides``; for the notes of each file of writers, learned without it.
        ridge: of the regression.
    """
    weights = Weights("", (), (), (), (0.0,) * len(CUT_SIGNALS), tuple(summary), {}, {}, {})
    groups = []
    for case in cases:
        told_of = sides[case.truth.get("lender")].get(case.language, {})
        known = Known(case.units, case.readings, case.marks, case.words_of, weights, told_of)
        kinds = note_kinds(case.truth)
        for (left, right), below in zip(
            sorted(find_true_gaps(case)), case.truth["chapters"][1:], strict=True
        ):
            run = [i for i in range(left + 1, right) if case.units[i].line in kinds and case.readings[i]]
            between = range(left + 1, right)
            if not run or below.get("side") == "either" or any(i in case.marks.headings for i in between):
                continue
            cut = sum(kinds[case.units[i].line] == "notes_after" for i in run)
            low, high = bounds(run, known, between, None)
            if not low <= cut <= high:
                continue
            rows = [cut_signals(c, run, known, between) for c in range(low, high + 1)]
            if len(rows) > 1:
                groups.append((np.array(rows), cut - low))
    signs = np.array([1.0 if n in CUT_POSITIVE else -1.0 if n in CUT_NEGATIVE else 0.0 for n in CUT_SIGNALS])
    centre = np.array([CUT_PRIOR.get(name, 0.0) for name in CUT_SIGNALS])
    return fit_choice(groups, ridge, signs, centre)


def learn_variants(cases: list[Case], ridge: float) -> Numbers:
    """Fit which reading of a true join is the right one, where no exact mark decides it."""
    groups = []
    for case in cases:
        assert case.gaps is not None
        assert case.scores is not None
        known = {(gap.left, gap.right): gap for gap in case.gaps}
        right = [known[pair] for pair in sorted(case.true) if pair in known]
        tops = [surest(gap, case.scores) for gap in right]
        for at, gap in enumerate(right):
            marked = any(
                case.marks.kind(i) in ("heading", "title", "jump") for i in range(gap.left + 1, gap.right)
            )
            others = rivals(gap, case.gaps)
            if marked or len(others) < 2:
                continue
            habit = note_habit([*tops[:at], *tops[at + 1 :]])
            rows = [variant_signals(other, case.scores, habit) for other in others]
            groups.append((np.array(rows, float), others.index(gap)))
    none = np.zeros(len(VARIANT_SIGNALS))
    return fit_choice(groups, ridge, none, none)


def fit_choice(groups: list[tuple[Numbers, int]], ridge: float, signs: Numbers, centre: Numbers) -> Numbers:
    """Conditional logistic regression by Newton's method, ridge towards the centre, signs held."""
    d = len(signs)
    b = centre.copy()
    for _ in range(100):
        gradient, hessian = ridge * (b - centre), ridge * np.eye(d)
        for rows, right in groups:
            score = rows @ b
            p = np.exp(score - score.max())
            p /= p.sum()
            mean = p @ rows
            gradient = gradient + mean - rows[right]
            centred = rows - mean
            hessian = hessian + centred.T @ (centred * p[:, None])
        held = (b == 0) & (((signs > 0) & (gradient > 0)) | ((signs < 0) & (gradient < 0)))
        free = ~held
        step = np.zeros(d)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        new = b - step
        new = np.where(((signs > 0) & (new < 0)) | ((signs < 0) & (new > 0)), 0.0, new)
        if np.abs(new - b).max() < 1e-6:
            return new
        b = new
    return b


def read_statistics(path: Path) -> dict[str, tuple[tuple[str, float], ...]]:
    """Words and pairs with their log-odds, note against prose, from the public counts; capped."""
    combined = json.loads(path.read_text("utf-8"))["combined"]
    table: dict[str, float] = {}
    for group, share in (("words", 1.0), ("phrases", 0.5)):
        for side, sign in (("towards_note", 1), ("towards_prose", -1)):
            for item in combined[group][side]:
                if not any(word in LIMITED for word in item["item"].split()):
                    table[item["item"]] = round(
                        sign * min(3.0 if sign > 0 else 2.5, abs(item["log_odds"])) * share, 2
                    )
    return {"en": tuple(sorted(table.items()))}


def digest(folders: list[Path]) -> str:
    """SHA-256 over everything that was learned from."""
    total = hashlib.sha256()
    for folder in folders:
        names = sorted({path.stem for path in (folder / "truth").glob("*.json")})
        files = sorted(p for p in folder.rglob("*") if p.suffix in (".txt", ".json") and p.stem in names)
        for path in files:
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    for path in bank_files():
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def regress(cases: list[Case]) -> dict[str, dict]:
    """The five regressions over some works, and the words of sides.

    Lent notes tell where a run is cut, and nothing else: with them in the other four, joins were found better
    in works with such notes and worse in all others.
    """
    own = [case for case in cases if not case.lent]
    note = learn_notes(own, RIDGE)
    join, _ = learn_joins(own, RIDGE)
    variant = learn_variants(own, RIDGE)
    summary = learn_summaries(own, RIDGE)
    banks = read_banks()
    sides: dict[str | None, dict[str, dict[str, float]]] = {
        stem: learn_sides({other: bank for other, bank in banks.items() if other != stem})
        for stem in (None, *banks)
    }
    cut = learn_cuts(cases, summary, sides, CUT_RIDGE)
    return {
        "note": _named(NOTE_SIGNALS, note),
        "join": _named(JOIN_SIGNALS, join),
        "variant": _named(VARIANT_SIGNALS, variant),
        "cut": _named(CUT_SIGNALS, cut),
        "summary": _named(NOTE_SIGNALS, summary),
        "sides": sides[None],
    }


def _named(names: tuple[str, ...], values: Numbers) -> dict[str, float]:
    return {
        name: round(float(value), 3) for name, value in zip(names, values, strict=True) if abs(value) > 5e-4
    }


def gather(bench: Path | None, seeds: Path) -> tuple[list[Case], Statistics]:
    """All works to learn from, and the public counts."""
    statistics = read_statistics(bench / "stats.json") if bench else {}
    found = [*(works(bench / "dev") if bench else ()), *works(seeds)]
    cases = [read_case(*one, statistics) for one in found]
    if bench:
        lent = lent_works(bench / "dev", read_banks())
        cases += [read_case(*one, statistics, lent=True) for one in lent]
    return cases, statistics


def as_file(fitted: dict[str, dict], statistics: Statistics, data: str) -> dict[str, object]:
    """The content of ``weights.json``."""
    return {
        "data": data,
        **fitted,
        "statistics": {language: dict(table) for language, table in statistics.items()},
        "numbers": NUMBERS,
    }


NUMBERS = {
    "length_weight": 1.2,
    "length_spread": 0.5,
    "uncounted": 0.5,
    "confidence_bias": -0.35,
    "confidence_logit": 0.87,
    "confidence_notes": 0.28,
    "note_bias": 0.35,
    "note_slope": 0.52,
}


def main() -> None:
    """Learn and write, or compare with what is there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench", nargs="?", type=Path, help="the benchmark's folder")
    parser.add_argument("--seeds", type=Path, default=HERE / "seeds")
    parser.add_argument(
        "--check", action="store_true", help="say whether the weights at hand come from these data"
    )
    options = parser.parse_args()
    if options.bench is None:
        print(
            "No benchmark: learning from the project's samples alone. These weights are poor.",
            file=sys.stderr,
        )
    cases, statistics = gather(options.bench, options.seeds)
    data = digest(([options.bench / "dev"] if options.bench else []) + [options.seeds])
    found = as_file(regress(cases), statistics, data)
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if options.check:
        same = TARGET.read_text("utf-8") == text
        print(
            "the weights are those of these data" if same else "the weights differ from what these data give"
        )
        sys.exit(not same)
    TARGET.write_text(text, "utf-8")
    print(f"{TARGET}: {len(text) / 1000:.1f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
