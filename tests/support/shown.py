"""Commands and outputs that a document shows: read, run, compared, recorded again.

A ``console`` block holds commands behind ``$`` and, below each, what it prints on both streams. The
commands of a document are run in order, in one folder. A ``text`` block right behind a ``python`` block
(words may stand between them) is what the code prints.

Output may be shown in part: a line ``…`` stands for any number of lines, and a line that ends in `` …``
for a longer one.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_RE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY = "…"
CUT = " …"


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
        if not name.startswith(("FIC2EPUB", "PYTHON", "SOURCE_DATE", "COLUMNS"))
    } | {
        "HOME": str(folder),
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-c"] if example.python else ["sh", "-c"]
    done = subprocess.run(
        [*command, example.command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, tuple(done.stdout.splitlines())


def matches(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether the document's lines show what was printed."""
    if not shown:
        return not printed
    first, rest = shown[0], shown[1:]
    if first == ANY:
        return any(matches(rest, printed[at:]) for at in range(len(printed) + 1))
    if not printed:
        return False
    same = printed[0].startswith(first[: -len(CUT)]) if first.endswith(CUT) else printed[0] == first
    return same and matches(rest, printed[1:])


def recorded(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """What the document should show now: cut where it was, with as many lines before and behind ``…``."""
    if matches(shown, printed):
        return shown
    if ANY in shown:
        before = shown.index(ANY)
        behind = len(shown) - before - 1
        if before + behind < len(printed):
            return (*printed[:before], ANY, *printed[len(printed) - behind :])
    cut = [line for line in shown if line.endswith(CUT)]
    if cut and len(shown) == len(printed):
        pairs = zip(shown, printed, strict=True)
        return tuple(now[: len(was) - 2] + CUT if was.endswith(CUT) else now for was, now in pairs)
    return printed
