"""Plain-text fan-fiction dumps in, good books out.

The route, each verb imported when it is first used, so that ``import fic2epub`` costs nothing:

>>> import fic2epub
>>> sorted(fic2epub._VERBS)
['convert', 'parse', 'publish', 'read', 'write']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fic2epub.builder.publication import publish
    from fic2epub.library.shelf import convert, write
    from fic2epub.parser.sources import read
    from fic2epub.parser.work import parse

__all__ = ["__version__", "convert", "parse", "publish", "read", "write"]

__version__ = "0.1.0"
"""Here and not asked of the installation: that takes longer than many a book."""

_VERBS = {
    "read": "fic2epub.parser.sources",
    "parse": "fic2epub.parser.work",
    "publish": "fic2epub.builder.publication",
    "write": "fic2epub.library.shelf",
    "convert": "fic2epub.library.shelf",
}


def __getattr__(name: str) -> Any:
    """Import a verb when it is first asked for (PEP 562)."""
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
