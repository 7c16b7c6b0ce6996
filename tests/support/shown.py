"""Commands and outputs that a document shows: read, run, compared, recorded again.

A ``console`` block holds commands behind ``$`` and, below each, what it prints on both streams. The
commands of a document are run in order, in one folder. A ``text`` block right behind a ``python`` block
(words may stand between them) is what the code prints.

Output may be shown in part: a line ``…`` stands for any number of lines, and a line that ends in `` …``
for a longer one.

What the learned weights decide may move when they are learned again, and is compared by its `shape` only:
how sure something is, and which learned rule of a family says so. Titles, lines, kinds, headings, exact
rules and all other words are compared as they stand.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

BLOCK_RE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY = "…"
CUT = " …"
SERVERS = ("fic2epub review", "fic2epub serve")
"""Commands that end when they are told to."""

EVIDENCE_RE = re.compile(r"^(?P<head> *\d+ .*?)  [01]\.\d\d(?:  inferred)?(?:  (?P<why>\S.*)?|$)")
"""A line of an outline that says how sure it is: what was found, the score, the rules."""
RULE_RE = re.compile(r"(?:^|(?<=; ))(?P<rule>(?P<family>[a-z]+)\.[a-z-]+)(?: “(?P<words>.*?)”)?(?=;|$)")
ADDRESS_RE = re.compile(r"(?<=http://127\.0\.0\.1:)\d+/\?token=[\w-]+")
"""A server's, which is another at each run."""
LEARNED = frozenset({"boundary", "note"})
"""Families whose rules are weighed by learned numbers: which of them come first may change."""
LEARNED_RE = (
    (re.compile(r"(?<![\w.])[01]\.\d{1,3}(?![\w.])"), "0.…"),
    (re.compile(r"\d+ chapters?(?: \(.*?(?:sure|likely)\))?  \d+ notes?  [\d.,]+k? words"), "… chapters"),
    (re.compile(r"\d+ of (\d+) chapters? could not be told"), r"… of \1 chapters could not be told"),
    (ADDRESS_RE, "…"),
)
"""How sure chapters are, and how many there are of what was weighed; where a server was to be found."""


@dataclass(frozen=True)
class Shown:
    """A command and what the document says that it prints."""

    command: str
    """For the shell, or Python source."""
    python: bool
    output: tuple[str, ...]
    start: int
    end: int
    """Where the output stands in the document, as offsets."""


def blocks(document: str, kind: str) -> list[str]:
    """The texts of all blocks of a kind."""
    return [match["text"] for match in BLOCK_RE.finditer(document) if match["kind"] == kind]


def examples(document: str) -> Iterator[Shown]:
    """All commands and Python examples of a document, in order."""
    code: str | None = None
    for match in BLOCK_RE.finditer(document):
        if match["kind"] == "python":
            code = match["text"]
        elif match["kind"] == "text" and code is not None:
            yield Shown(code, True, tuple(match["text"].splitlines()), *match.span("text"))
            code = None
        elif match["kind"] == "console":
            yield from _commands(match["text"], match.start("text"))


def _commands(text: str, offset: int) -> Iterator[Shown]:
    for part in re.finditer(r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        start, end = part.span("output")
        yield Shown(part["command"], False, tuple(part["output"].splitlines()), offset + start, offset + end)


def run(example: Shown, folder: Path) -> tuple[int, tuple[str, ...]]:
    """Run an example in a folder that is its home too: the exit code, and the lines of both streams."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FIC2EPUB", "PYTHON", "SOURCE_DATE", "COLUMNS", "XDG_CONFIG"))
    } | {
        "HOME": str(folder),
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-c"] if example.python else ["sh", "-c"]
    with subprocess.Popen(
        [*command, example.command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        if example.command.startswith(SERVERS) and process.stdout is not None:
            lines = tuple(process.stdout.readline().rstrip("\n") for _ in example.output)
            os.killpg(process.pid, signal.SIGTERM)  # a shell may have SIGINT ignored for its jobs
            return 0, lines
        try:
            printed, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, tuple(printed.splitlines())


def shape(line: str) -> tuple[str, frozenset[str]]:
    """What stays of a line when the weights change: its words, and of an outline's line the rules' families.

    A rule that is certain, such as ``heading.numbered``, stays with its words.
    """
    found = EVIDENCE_RE.match(line)
    text = found["head"] if found else line
    for pattern, instead in LEARNED_RE:
        text = pattern.sub(instead, text)
    rules = RULE_RE.finditer((found["why"] or "") if found else "")
    return text, frozenset(rule["family"] if rule["family"] in LEARNED else rule[0] for rule in rules)


def quoted(line: str) -> tuple[str, ...]:
    """The words that an outline's line quotes behind its rules."""
    found = EVIDENCE_RE.match(line)
    rules = RULE_RE.finditer((found["why"] or "").removesuffix(CUT) if found else "")
    return tuple(rule["words"] for rule in rules if rule["words"])


def matches(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether the document's lines show what was printed."""
    return _aligned(shown, printed) is not None


def recorded(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """What the document should show now: cut where it was, with as many lines before and behind ``…``."""
    aligned = _aligned(shown, printed)
    if aligned is not None:
        return aligned
    if shown.count(ANY) == 1 and len(shown) <= len(printed) + 1:
        before = shown.index(ANY)
        behind = len(shown) - before - 1
        kept = (*printed[:before], ANY, *printed[len(printed) - behind :])
    elif ANY in shown:
        kept = tuple(line if line == ANY else _nearest(line, printed) for line in shown)
    elif len(shown) == len(printed):
        kept = printed
    else:
        return printed
    return tuple(_cut(was, now) for was, now in zip(shown, kept, strict=True))


def _aligned(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...] | None:
    """The printed lines in the part that is shown, or None if they are not what is shown."""
    if not shown:
        return None if printed else ()
    first, rest = shown[0], shown[1:]
    if first == ANY:
        ways = (_aligned(rest, printed[at:]) for at in range(len(printed) + 1))
        behind = next((way for way in ways if way is not None), None)
        return None if behind is None else (ANY, *behind)
    if not printed or not _alike(first, printed[0]):
        return None
    behind = _aligned(rest, printed[1:])
    return None if behind is None else (_cut(first, printed[0]), *behind)


def _alike(shown: str, printed: str) -> bool:
    if not shown.endswith(CUT):
        return shape(shown) == shape(printed)
    stem = shown.removesuffix(CUT)
    text, rules = shape(stem)
    if EVIDENCE_RE.match(stem):
        return text == shape(printed)[0] and rules <= shape(printed)[1]
    return text == shape(printed[: len(stem)])[0]


def _cut(was: str, now: str) -> str:
    """A line, cut where it was cut: after a length, an outline's line after as many rules.

    A server's address stays as it was.
    """
    if ADDRESS_RE.search(was) and _alike(was, now):
        return was
    if not was.endswith(CUT) or was == ANY:
        return now
    stem = was.removesuffix(CUT)
    old, new = EVIDENCE_RE.match(stem), EVIDENCE_RE.match(now)
    if old and new and old["why"] and new["why"]:
        ends = [rule.end() for rule in RULE_RE.finditer(new["why"])]
        end = ends[min(len(ends), len([*RULE_RE.finditer(old["why"])])) - 1]
        return now if end == len(new["why"]) else now[: new.start("why") + end] + CUT
    return now[: len(stem)] + CUT


def _nearest(line: str, printed: tuple[str, ...]) -> str:
    return max(printed, key=lambda one: SequenceMatcher(None, line, one, autojunk=False).ratio())
