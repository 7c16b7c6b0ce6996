"""What a device or EPUBCheck would refuse, found in milliseconds and without Java.

The entries of an archive come in, the problems go out. It reads what was packed and knows nothing of
how it was made, so it holds for anybody's EPUB:

1. here: names, sizes, ``mimetype``, container.xml, copy protection;
2. ``check_package`` and ``check_metadata``: the package document;
3. ``check_content``: documents (``check_markup``), style sheets, pictures, links, contents.

``check_file`` does the same for a file, with what only the archive itself shows. The ids mirror
EPUBCheck 5.3's where it has one (its id is named beside the rule, and in ``epubcheck.MIRRORED``, each
confirmed by the tests); ``kindle.*`` and ``css.*`` mirror what Send-to-Kindle (E999) and Adobe's engine
are known to stumble over, which is folk knowledge, gathered from forum threads in 2026-08.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from fic2epub.builder.check_content import check_content
from fic2epub.builder.check_package import read_package
from fic2epub.builder.problem import CONTAINER, Problem, concerns, error, parse_xml, warning

__all__ = ["check", "concerning"]

MIMETYPE = b"application/epub+zip"
PACKAGE_TYPE = "application/oebps-package+xml"
CONTAINER_PATH = "META-INF/container.xml"
ENCRYPTION_PATH = "META-INF/encryption.xml"
ENCRYPTION = "{http://www.w3.org/2001/04/xmlenc#}"
FONT_HIDING = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
"""Two ways to make fonts useless outside their book. They hide no words."""

LARGE = 260 * 1024
"""Bytes. Adobe's old engine stops at 300 kB or before; calibre cuts here, this program at 250 kB."""
HUGE = 1_000_000
KOBO_LIMIT = 10_000_000
"""Kobo's own limit for one file (kobolabs/epub-spec, read 2026-08)."""
NAME_LIMIT = 255
"""Bytes of one name in a path, the limit of every file system at hand."""
SHOWN_PER_ID = 100
"""Problems of one kind. A million dead links are one thing to mend."""

FORBIDDEN_RE = re.compile(r"""["*:<>?\\|\x00-\x1f\x7f]|\.(?=/|\Z)|(?:\A|/)(?=/|\Z)""")
"""EPUB 3.3, OCF: file names; and what Windows does not write."""
DOCUMENT_RE = re.compile(r"\.x?html?\Z", re.IGNORECASE)


def check(entries: Mapping[str, bytes], device: str = "all") -> tuple[Problem, ...]:
    """Find what is wrong with a book, given its entries by name, in the archive's order.

    Empty if nothing is. With a device (``kindle``, ``kobo``, ``apple``), what only others stumble over
    is left out. Whether ``mimetype`` is stored or deflated cannot be seen here: see ``check_file``.
    """
    return concerning(_problems(entries), device)


def concerning(problems: Iterable[Problem], device: str) -> tuple[Problem, ...]:
    """What concerns a device, no more than `SHOWN_PER_ID` of a kind; the last then says how many more."""
    seen: Counter[str] = Counter()
    shown: list[Problem] = []
    for problem in problems:
        if not concerns(problem.id, device):
            continue
        seen[problem.id] += 1
        if seen[problem.id] <= SHOWN_PER_ID:
            shown.append(problem)
    for id, count in seen.items():
        if count > SHOWN_PER_ID:
            level = next(problem.level for problem in shown if problem.id == id)
            say = error if level == "error" else warning
            what = f"has {count - SHOWN_PER_ID:,} more of this kind"
            shown.append(say(id, None, what, "mend the ones before, and check again"))
    return tuple(shown)


def _problems(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    yield from _check_names(entries)
    yield from _check_sizes(entries)
    yield from _check_mimetype(entries)
    protected, problems = _protected(entries)
    yield from problems
    if protected:
        # What is encrypted is no XML, and saying so of each file helps nobody.
        return
    opf_path, problems = _find_package(entries)
    yield from problems
    if opf_path is None:
        return
    package, problems = read_package(entries, opf_path)
    yield from problems
    if package is not None:
        yield from check_content(entries, package)


def _check_names(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """Names that unpack alike everywhere (EPUBCheck: PKG-009, PKG-010, PKG-012 usage, OPF-060)."""
    folded: dict[str, str] = {}
    for name in entries:
        if FORBIDDEN_RE.search(name) or any(len(part.encode()) > NAME_LIMIT for part in name.split("/")):
            yield error(
                "names.forbidden",
                name,
                "is no name that every system can write",
                f'avoid " * : < > ? \\ |, a full stop at the end, and more than {NAME_LIMIT} bytes',
            )
        elif any(map(str.isspace, name)):
            yield warning("names.space", name, "has a space in its name", "write - or _ for it")
        elif not name.isascii():
            yield warning(
                "names.non-ascii",
                name,
                "has letters in its name that Kobo may not find",
                "use a-z, 0-9, hyphens and full stops only",
            )
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            yield error(
                "names.case-collision",
                name,
                f"differs from {other} by case only",
                "rename one, or they overwrite each other",
            )


def _check_sizes(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    for name, content in entries.items():
        size = len(content)
        if not size:
            yield warning("file.empty", name, "is empty", "leave it out, or find what was lost")
        if not DOCUMENT_RE.search(name):
            continue
        what = f"has {size:,} bytes"
        if size > KOBO_LIMIT:
            yield error("kobo.too-large", name, what, f"cut it up; Kobo takes {KOBO_LIMIT:,} a file at most")
        elif size > HUGE:
            yield warning("file.huge", name, what, "cut it into chapters; small readers take seconds a page")
        elif size > LARGE:
            yield warning("file.large", name, what, f"cut it in two; old readers stop soon after {LARGE:,}")


def _check_mimetype(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """EPUBCheck: PKG-006 (not first), PKG-007 (other content)."""
    if next(iter(entries), None) != "mimetype" or entries["mimetype"] != MIMETYPE:
        yield error(
            "container.mimetype",
            "mimetype",
            "is not the first entry, or holds something else",
            f"make it the first, with {MIMETYPE.decode()!r} in it and nothing more, not even a line end",
        )


def _protected(entries: Mapping[str, bytes]) -> tuple[bool, list[Problem]]:
    """Whether a shop has locked the book (EPUBCheck: RSC-004, which is no error there)."""
    if ENCRYPTION_PATH not in entries:
        return False, []
    root, problems = parse_xml(ENCRYPTION_PATH, entries[ENCRYPTION_PATH])
    if root is None:
        return False, problems
    for data in root.iter(f"{ENCRYPTION}EncryptedData"):
        method = data.find(f"{ENCRYPTION}EncryptionMethod")
        if method is None or method.get("Algorithm") not in FONT_HIDING:
            what = "says that the book is copy-protected (DRM)"
            advice = "read it in the shop's app; no other opens it, and nothing in it could be checked"
            problems.append(error("container.protected", ENCRYPTION_PATH, what, advice))
            return True, problems
    return False, problems


def _find_package(entries: Mapping[str, bytes]) -> tuple[str | None, list[Problem]]:
    """The path of the package document (EPUBCheck: RSC-002, RSC-003, OPF-002; RSC-005 for the version)."""
    if CONTAINER_PATH not in entries:
        what, advice = "is missing", "add it; no reader opens the book without it"
        return None, [error("container.missing", CONTAINER_PATH, what, advice)]
    root, problems = parse_xml(CONTAINER_PATH, entries[CONTAINER_PATH])
    if root is None:
        return None, problems
    if root.get("version") != "1.0":
        what = f"is of version {root.get('version')!r}"
        problems.append(error("container.version", CONTAINER_PATH, what, "write 1.0", root.sourceline))
    for rootfile in root.iter(f"{CONTAINER}rootfile"):
        path = rootfile.get("full-path")
        if rootfile.get("media-type") == PACKAGE_TYPE and path in entries:
            return path, problems
    what = "names no package document that is there"
    advice = f"give its full-path, and the media-type {PACKAGE_TYPE}"
    problems.append(error("container.rootfile", CONTAINER_PATH, what, advice))
    return None, problems
