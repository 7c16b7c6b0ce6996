"""Reads the named cases of ``tests/parser/*.md``: a title, an input and what is expected, parted by dots."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "parser"
ESCAPE_RE = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass(frozen=True)
class Case:
    title: str
    """A sentence that says what the case shows."""
    input: str
    expected: str
    line: int
    """Where it stands in its file, from 1."""

    @property
    def data(self) -> bytes:
        r"""The input as the bytes of a dump: ``\x92`` is the byte of that number."""
        return ESCAPE_RE.sub(lambda match: bytes.fromhex(match[1].decode()), self.input.encode())


def load(name: str) -> list[Case]:
    """Read the cases of a file; headings and the text below them, up to a blank line, are for people."""
    cases, parts, title, start = [], [[], []], "", 0
    inside = 0
    for number, line in enumerate((FOLDER / name).read_text("utf-8").split("\n"), 1):
        if line == ".":
            inside += 1
            if inside == 3:
                cases.append(Case(title, "\n".join(parts[0]), "\n".join(parts[1]), start))
                parts, inside = [[], []], 0
        elif inside:
            parts[inside - 1].append(line)
        elif line.strip():
            title, start = line.strip(), number
    assert not inside, f"{name}: the case in line {start} has no third dot"
    assert cases, f"{name} holds no case"
    return cases


def named(name: str) -> Callable:
    """Run a test once for each case of a file, as its argument ``case``; the title is the test's id."""
    cases = load(name)
    titles = [case.title for case in cases]
    assert len(set(titles)) == len(titles), f"{name}: two cases have one title"
    return pytest.mark.parametrize("case", cases, ids=titles)
