"""Where a library keeps what is its own, and which library a book lies in: told without opening anything."""

import os
from pathlib import Path

__all__ = ["CATALOGUE_NAME", "HOUSE", "library_of"]

HOUSE = ".fic2epub"
"""The folder in a library that holds what the program keeps."""
CATALOGUE_NAME = "catalogue.sqlite"


def library_of(book: Path) -> Path | None:
    """The folder of the library that a book lies in or will lie in; None if in none.

    Links are followed, as far as the folder goes: a library lists no book that lies behind one.
    """
    folder = Path(os.path.realpath(book.parent))
    for one in (folder, *folder.parents):
        if one.name.startswith("."):
            return None
        if (one / HOUSE / CATALOGUE_NAME).is_file():
            return one
    return None
