"""calibre's custom columns: what a plain ``calibredb add`` fills in without asking anybody.

Each is a ``meta`` of calibre's own, as it writes them itself into an OPF (calibre 6.13, ``opf2.py``,
``serialize_user_metadata``). Kind and plurality must be those of the reader's column (``db/cache.py``,
``set_metadata``); a column that the library lacks is passed over. docs/commands.md says how to make them.
Only what the dump says gets one, in the dump's order: the first ship is the author's first.
"""

import json
from collections.abc import Iterator
from typing import Any

from fic2epub.model import Metadata

__all__ = ["columns"]

_SEVERAL = {"cache_to_list": "|", "ui_to_list": ",", "list_to_ui": ", "}


def columns(metadata: Metadata, *, words: int, chapters: int) -> Iterator[tuple[str, str]]:
    """Name and content of a meta for each column.

    Args:
        metadata: of the work.
        words: of the story, as counted.
        chapters: the work has, as its header says; of the book if that says nothing.
    """
    several = (("ship", metadata.relationships), ("fandom", metadata.fandoms))
    for label, values in several:
        if values:
            yield _column(label, "text", list(values))
    one = (("rating", metadata.rating), ("status", metadata.status), ("workid", metadata.work_id))
    for label, value in one:
        if value:
            yield _column(label, "text", value)
    yield _column("words", "int", words)
    yield _column("chapters", "int", metadata.chapters_posted or chapters)


def _column(label: str, kind: str, value: Any) -> tuple[str, str]:
    several = isinstance(value, list)
    content = {
        "#extra#": None,
        "#value#": value,
        "datatype": kind,
        "display": {},
        "is_custom": True,
        "is_multiple": "|" if several else None,
        "is_multiple2": _SEVERAL if several else {},
        "kind": "field",
        "label": label,
        "name": label,
    }
    return f"calibre:user_metadata:#{label}", json.dumps(content, ensure_ascii=False)
