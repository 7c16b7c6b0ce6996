"""Step 4f of the route, its beginning: ``NAME.fic.toml``, found and read.

[certain] by name     beside the dump, or in the folder of ``--corrections``, under the dump's name; one that
                      names another work id is another work's, and is passed over with a finding
[certain] by work id  any ``*.fic.toml`` in that folder that names this dump's work id

What is in it, ``correction_keys`` reads.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fic2epub.errors import CorrectionsError
from fic2epub.model import Draft, Finding, Level
from fic2epub.parser.correction_keys import read_corrections
from fic2epub.parser.corrections import Corrections
from fic2epub.values import dataclass

__all__ = [
    "SUFFIX",
    "Sought",
    "content_of",
    "find_corrections",
    "seek",
]

SUFFIX = ".fic.toml"
LARGEST = 4 << 20
"""Bytes; a correction takes some 300."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Where a dump's corrections are, or would be."""

    path: Path | None
    """The file, if there is one."""
    default: Path | None
    """Where a new one would stand; None for standard input without a folder."""
    findings: tuple[Finding, ...] = ()


def find_corrections(draft: Draft, folder: Path | None = None) -> Corrections | None:
    """The corrections for a dump, beside it or in a folder; None if there are none.

    Raises CorrectionsError for a file that cannot be read or holds what nobody knows.
    """
    sought = seek(draft, folder)
    if sought.path is None:
        return Corrections(findings=sought.findings) if sought.findings else None
    found = read_corrections(content_of(sought.path), name=str(sought.path))
    return replace(found, findings=(*sought.findings, *found.findings))


def seek(draft: Draft, folder: Path | None = None) -> Sought:
    """Look for a dump's corrections, by name and then by work id."""
    dump = draft.origin.path
    if folder is None and dump is None:
        return Sought(None, None)
    place = folder if folder is not None else dump.parent if dump is not None else Path()
    ours = draft.metadata.work_id
    stem = dump.stem if dump is not None else ours
    default = place / f"{stem}{SUFFIX}" if stem else None
    findings: tuple[Finding, ...] = ()
    if default is not None and default.is_file():
        theirs = _work_id(default)
        if theirs is None or ours is None or theirs == ours:
            return Sought(default, default)
        said = f"{default.name} corrects work {theirs}; this dump is work {ours}, so it is left aside."
        findings = (Finding("corrections.other-work", Level.WARNING, said),)
        default = place / f"{stem}-{ours}{SUFFIX}"
    found = [*_by_work_id(place, ours)] if ours else []
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        said = f"{names}: all correct this work; only {found[0].name} is used. Put them together."
        findings += (Finding("corrections.several", Level.WARNING, said),)
    return Sought(found[0] if found else None, default, findings)


def _by_work_id(folder: Path, work_id: str) -> Iterator[Path]:
    """The correction files of a folder that name a work id, in the order of their names."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))  # noqa: PTH208 - no Path for every file of a large folder
    except OSError:
        return
    for name in names:
        path = folder / name
        # Most files are of other works: one that does not hold the digits need not be read as TOML.
        with suppress(CorrectionsError):
            if work_id.encode() in content_of(path) and _work_id(path) == work_id:
                yield path


def _work_id(path: Path) -> str | None:
    """The work id that a file names; None if it names none, or is no TOML, which its use will tell."""
    try:
        work = tomllib.loads(content_of(path).decode()).get("work")
    except (ValueError, CorrectionsError):
        return None
    work_id = work.get("work_id") if isinstance(work, dict) else None
    return str(work_id) if isinstance(work_id, str | int) and str(work_id) else None


def content_of(path: Path) -> bytes:
    """What a correction file holds. Raises CorrectionsError if it cannot be read or is far too large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise CorrectionsError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if len(content) > LARGEST:
        raise CorrectionsError(f"{path}: is over {LARGEST >> 20} MB; that is no correction file.")
    return content
