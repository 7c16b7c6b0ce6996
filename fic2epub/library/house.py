"""Where a library keeps what is its own, and which library a book lies in: told without opening anything."""

import os
import stat
from pathlib import Path

__all__ = ["CATALOGUE_NAME", "HOUSE", "library_of"]

HOUSE = ".fic2epub"
"""The folder in a library that holds what the program keeps."""
CATALOGUE_NAME = "catalogue.sqlite"


def library_of(book: Path) -> Path | None:
    """The folder of the library that a book lies in or will lie in; None if in none.

    Links are followed, as far as the folder goes: a library lists no book that lies behind one. One whose
    catalogue may not be looked at is a library too: it says why when it is opened.
    """
    folder = Path(os.path.realpath(book.parent))
    for one in (folder, *folder.parents):
        if one.name.startswith("."):
            return None
        if _is_library(one):
            return one
    return None


def _is_library(folder: Path) -> bool:
    house = folder / HOUSE
    try:
        return stat.S_ISREG(os.stat(house / CATALOGUE_NAME).st_mode)  # noqa: PTH116 - as `isfile`, with its reason
    except PermissionError:
        return os.path.isdir(house)  # noqa: PTH112 - Path's own raises if a folder above is closed
    except OSError:
        return False
