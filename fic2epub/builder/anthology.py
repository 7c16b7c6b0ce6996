"""Many works in one book: grouped, sorted, each group under a label.

1. A work belongs to its first author or relationship: the author's first is the one that counts.
2. Groups are in the order of their labels, ratings in AO3's; works that say nothing go to a last group.
3. Titles sort naturally (``Part 2`` before ``Part 10``) without leading quotes and signs, without a
   leading The, A or An, and in any case.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fic2epub.builder.fields import UNKNOWN_AUTHOR, count_words
from fic2epub.errors import UsageError
from fic2epub.model import Work

__all__ = ["GROUP_BY", "SORT_BY", "STATUS", "Anthology", "Group", "gather", "rating_label"]

SortKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Works that share a page and an entry of the contents."""

    label: str | None
    """None if the anthology is not grouped."""
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anthology:
    """A book of several works, in order."""

    title: str
    """The name that the reader gave; the identity comes from it."""
    groups: tuple[Group, ...]
    """At least one, none empty."""

    @property
    def works(self) -> tuple[Work, ...]:
        """All works in reading order."""
        return tuple(work for group in self.groups for work in group.works)


_ARTICLE_RE = re.compile(r"\A(?:the|an?)\s+(?=\S)")
_SIGNS_RE = re.compile(r"\A[\W_]+")
_DIGITS_RE = re.compile(r"(\d+)")

_RATINGS = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit")
_NOT_RATED = "Not Rated"
STATUS = {
    "completed": "Completed",
    "complete": "Completed",
    "updated": "In progress",
    "in progress": "In progress",
    "in-progress": "In progress",
    "wip": "In progress",
}


def gather(
    works: Iterable[Work], *, title: str, group_by: str = "author", sort_by: str = "title"
) -> Anthology:
    """Group and sort works. Raises UsageError for an unknown rule, an empty title or no work at all."""
    if group_by not in GROUP_BY:
        raise UsageError(f"--group-by {group_by}: choose one of {', '.join(GROUP_BY)}.")
    if sort_by not in SORT_BY:
        raise UsageError(f"--sort-by {sort_by}: choose one of {', '.join(SORT_BY)}.")
    chosen = list(works)
    if not chosen or not title.strip():
        raise UsageError("An anthology needs a title and at least one work.")
    if sort_by != "input":
        chosen.sort(key=SORT_BY[sort_by])
    if group_by == "none":
        return Anthology(title=title, groups=(Group(None, tuple(chosen)),))
    members: dict[str, list[Work]] = {}
    labels: dict[str, tuple[SortKey, str]] = {}
    for work in chosen:
        order, label = GROUP_BY[group_by](work)
        key = _fold(label)
        labels.setdefault(key, (order, label))
        members.setdefault(key, []).append(work)
    keys = sorted(members, key=lambda key: labels[key][0])
    return Anthology(title=title, groups=tuple(Group(labels[key][1], tuple(members[key])) for key in keys))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _natural(text: str) -> SortKey:
    """A key under which ``2`` comes before ``10``.

    >>> sorted(["Part 10", "part 2"], key=_natural)
    ['part 2', 'Part 10']
    """
    parts = _DIGITS_RE.split(_fold(text))
    return tuple((int(part[:4_000]), "") if index % 2 else (-1, part) for index, part in enumerate(parts))


def _title_key(work: Work) -> SortKey:
    title = _fold(work.metadata.title)
    bare = _ARTICLE_RE.sub("", _SIGNS_RE.sub("", title), count=1)
    return (_natural(_SIGNS_RE.sub("", bare) or title),)


def _first_author(work: Work) -> str | None:
    return work.metadata.creators[0] if work.metadata.creators else None


def _by_name(label: str | None, otherwise: str) -> tuple[SortKey, str]:
    """Named groups in the order of their names, the unnamed one last."""
    if label is None:
        return (1,), otherwise
    return (0, _natural(label)), label


def _author_group(work: Work) -> tuple[SortKey, str]:
    return _by_name(_first_author(work), UNKNOWN_AUTHOR)


def _relationship_group(work: Work) -> tuple[SortKey, str]:
    named = work.metadata.relationships
    return _by_name(named[0] if named else None, "No relationship")


def rating_label(work: Work) -> str:
    """A work's rating as AO3 writes it, the dump's own word for another, ``Not Rated`` for none."""
    return _rating_group(work)[1]


def _rating_group(work: Work) -> tuple[SortKey, str]:
    rating = (work.metadata.rating or "").strip()
    folded = _fold(rating)
    for index, label in enumerate(_RATINGS):
        # By the first word: "Teen" and "General" are written short as often as not.
        if folded.split() and folded.split()[0] == label.split()[0].casefold():
            return (index,), label
    if not rating or folded == _fold(_NOT_RATED):
        return (len(_RATINGS) + 1,), _NOT_RATED
    return (len(_RATINGS), folded), rating


def _status_group(work: Work) -> tuple[SortKey, str]:
    status = (work.metadata.status or "").strip()
    label = STATUS.get(_fold(status), status or None)
    return _by_name(label, "Status unknown")


def _work_id_key(work: Work) -> SortKey:
    number = work.metadata.work_id
    return (1,) if number is None else (0, int(number))


GROUP_BY: dict[str, Callable[[Work], tuple[SortKey, str]]] = {
    "author": _author_group,
    "relationship": _relationship_group,
    "rating": _rating_group,
    "status": _status_group,
    "none": lambda _: ((), ""),
}
"""The rules of ``--group-by``: a work's group, with the key that sorts the groups."""

SORT_BY: dict[str, Callable[[Work], SortKey]] = {
    "title": _title_key,
    "author": lambda work: (*_author_group(work)[0], *_title_key(work)),
    "words": lambda work: (count_words(work), *_title_key(work)),
    "work-id": lambda work: (*_work_id_key(work), *_title_key(work)),
    "input": lambda _: (),
}
"""The rules of ``--sort-by``: shortest first, lowest Work ID first; works without one last."""
