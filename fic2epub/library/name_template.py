"""Names of books from a pattern of the reader's: ``{author} - {title}``, with folders if it has slashes.

Only the pattern's own slashes make folders; one in a title never does. A field that the dump does not have
leaves nothing; a folder that is left without a letter is called ``Unsorted``.
"""

import difflib
import re
from collections.abc import Callable, Mapping

from fic2epub.errors import UsageError
from fic2epub.library.names import author_name, path_name
from fic2epub.model import Metadata
from fic2epub.values import dataclass

__all__ = ["FIELDS", "NameTemplate"]

LONGEST = 500
"""Characters of a field that are looked at: a name has a hundred, and a header may say anything."""

_FIELD_RE = re.compile(r"\{([^{}]*)\}")
_LOOSE_RE = re.compile(r"\(\s*\)|\[\s*\]|^[\s,;–—-]+|[\s,;–—-]+$")
"""What stood beside a field that is empty."""


def _first(values: tuple[str, ...]) -> str:
    return values[0] if values else ""


def _series(metadata: Metadata) -> str:
    return metadata.series[0].title if metadata.series else ""


def _position(metadata: Metadata) -> str:
    return str(metadata.series[0].position or "") if metadata.series else ""


FIELDS: Mapping[str, Callable[[Metadata], str]] = {
    "title": lambda metadata: metadata.title,
    "author": lambda metadata: author_name(metadata.creators),
    "relationship": lambda metadata: _first(metadata.relationships),
    "fandom": lambda metadata: _first(metadata.fandoms),
    "character": lambda metadata: _first(metadata.characters),
    "tag": lambda metadata: _first(metadata.tags),
    "warning": lambda metadata: _first(metadata.warnings),
    "category": lambda metadata: _first(metadata.categories),
    "rating": lambda metadata: metadata.rating or "",
    "status": lambda metadata: metadata.status or "",
    "series": _series,
    "series_position": _position,
    "language": lambda metadata: metadata.language_name or metadata.language,
    "chapters": lambda metadata: metadata.chapters_written or "",
    "work_id": lambda metadata: metadata.work_id or "",
    "published": lambda metadata: metadata.published.isoformat() if metadata.published else "",
    "updated": lambda metadata: metadata.updated.isoformat() if metadata.updated else "",
    "year": lambda metadata: str(metadata.published.year) if metadata.published else "",
}
"""What a pattern may name; of several values it is the first."""


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """A pattern that was read; `NameTemplate.read` checks it."""

    parts: tuple[str, ...]
    """Folders and the name, as written."""

    @classmethod
    def read(cls, text: str) -> "NameTemplate":
        """Read a pattern. Raises UsageError for a field that is none, or a path that leads elsewhere."""
        parts = tuple(text.removesuffix(".epub").removesuffix(".kepub").split("/"))
        if not all(part.strip() for part in parts) or {".", ".."} & {part.strip() for part in parts}:
            raise UsageError(
                f"--name {text!r}: write folders and a name under the library's folder, "
                'e.g. "{relationship}/{author}/{title}".'
            )
        for name in _FIELD_RE.findall(text):
            if name not in FIELDS:
                near = difflib.get_close_matches(name, FIELDS, 1)
                meant = f"Did you mean {{{near[0]}}}?" if near else f"Fields are {', '.join(FIELDS)}."
                raise UsageError(f"--name {text!r}: {{{name}}} is no field. {meant}")
        if any(sign in _FIELD_RE.sub("", text) for sign in "{}"):
            raise UsageError(f"--name {text!r}: a bracket is open. Fields are written so: {{title}}")
        return cls(parts)

    def path(self, metadata: Metadata, *, suffix: str = ".epub") -> str:
        """The path of a work's book in the library, with ``/``, legal on every disk.

        >>> NameTemplate.read("{fandom}/{author} - {title}").path(Metadata(title="A/B", creators=("C",)))
        'Unsorted/C - A-B.epub'
        """
        return path_name([_fill(part, metadata) for part in self.parts], suffix=suffix)


def _fill(part: str, metadata: Metadata) -> str:
    """One part of the path; what only joined fields that are empty goes with them."""
    values = {name: FIELDS[name](metadata)[:LONGEST].strip() for name in _FIELD_RE.findall(part)}
    filled = _FIELD_RE.sub(lambda match: values[match[1]], part)
    if all(values.values()):
        return filled
    before = None
    while before != filled:
        before, filled = filled, _LOOSE_RE.sub("", filled)
    return filled
