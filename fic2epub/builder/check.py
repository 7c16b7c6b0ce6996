"""What a device or EPUBCheck would refuse, found in milliseconds and without Java.

The last stage before a book is written: the entries of the archive come in, the problems go out. It
reads what was packed and knows nothing of how it was made. Three parts, one module each:

1. here: the archive itself (names, ``mimetype``, container.xml);
2. ``check_package``: metadata, manifest and spine;
3. ``check_content``: documents, style sheets, links, navigation.

The ids mirror EPUBCheck 5.3's where it has one (its id is named beside the rule, each confirmed by the
tests); ``kindle.*`` and ``css.*`` mirror what Send-to-Kindle (E999) and Adobe's engine are known to
stumble over, which is folk knowledge, gathered from forum threads in 2026-08.
"""

import re
from collections.abc import Iterator, Mapping

from fic2epub.builder.check_content import check_content
from fic2epub.builder.check_package import read_package
from fic2epub.builder.problem import CONTAINER, Problem, parse_xml

__all__ = ["Problem", "check"]

MIMETYPE = b"application/epub+zip"
PACKAGE_TYPE = "application/oebps-package+xml"
CONTAINER_PATH = "META-INF/container.xml"

DOCUMENT_LIMIT = 300_000
"""Bytes. Adobe's engine is said to stop there; the layout cuts chapters at 250,000."""
NAME_LIMIT = 255
"""Bytes of one name in a path, the limit of every file system at hand."""

SEGMENT_RE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def check(entries: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Find what is wrong with a book, given its entries by name, in the archive's order.

    Empty if nothing is. Whether ``mimetype`` is stored or deflated cannot be seen here:
    ``container.py`` holds that.
    """
    return tuple(_problems(entries))


def _problems(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    yield from _check_names(entries)
    yield from _check_sizes(entries)
    yield from _check_mimetype(entries)
    opf_path, problems = _find_package(entries)
    yield from problems
    if opf_path is None:
        return
    package, problems = read_package(entries, opf_path)
    yield from problems
    if package is not None:
        yield from check_content(entries, package)


def _check_names(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """Names that unpack alike everywhere (EPUBCheck: PKG-009, PKG-010, PKG-012, OPF-060)."""
    folded: dict[str, str] = {}
    for name in entries:
        segments = name.split("/")
        if any(not SEGMENT_RE.fullmatch(segment) or len(segment) > NAME_LIMIT for segment in segments):
            yield Problem(
                "names.unsafe",
                "error",
                name,
                "is no safe name inside a book: use ASCII letters, digits, '-', '_' and '.', no '..' and "
                f"at most {NAME_LIMIT} characters between slashes.",
            )
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            yield Problem(
                "names.case-collision",
                "error",
                name,
                f"differs from {other} by case only: rename one, or they overwrite each other.",
            )


def _check_sizes(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    for name, content in entries.items():
        if not content:
            yield Problem("file.empty", "error", name, "is empty: leave it out, or find what was lost.")
        elif name.endswith(".xhtml") and len(content) > DOCUMENT_LIMIT:
            yield Problem(
                "file.too-large",
                "warning",
                name,
                f"has {len(content):,} bytes, and old readers stop near {DOCUMENT_LIMIT:,}: cut it in two.",
            )


def _check_mimetype(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """EPUBCheck: PKG-006 (not first), PKG-007 (other content)."""
    if next(iter(entries), None) != "mimetype" or entries["mimetype"] != MIMETYPE:
        yield Problem(
            "container.mimetype",
            "error",
            "mimetype",
            f"must be the first entry and hold {MIMETYPE.decode()!r} and nothing else, not even a line end.",
        )


def _find_package(entries: Mapping[str, bytes]) -> tuple[str | None, list[Problem]]:
    """The path of the package document (EPUBCheck: RSC-002, RSC-003, OPF-002)."""
    if CONTAINER_PATH not in entries:
        return None, [
            Problem("container.missing", "error", CONTAINER_PATH, "is missing: no reader opens it.")
        ]
    root, problems = parse_xml(CONTAINER_PATH, entries[CONTAINER_PATH])
    if root is None:
        return None, problems
    for rootfile in root.iter(f"{CONTAINER}rootfile"):
        path = rootfile.get("full-path")
        if rootfile.get("media-type") == PACKAGE_TYPE and path in entries:
            return path, problems
    problems.append(
        Problem(
            "container.rootfile",
            "error",
            CONTAINER_PATH,
            f"names no package document that is there: give full-path and media-type {PACKAGE_TYPE}.",
        )
    )
    return None, problems
