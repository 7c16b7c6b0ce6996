"""The language of ``--where`` and ``--sort-by``, over a work's metadata and what was recovered of it.

The same everywhere: for the books of a library, for dumps that a run is to take, for an anthology's works.
"""

from fic2epub.select.condition import Condition
from fic2epub.select.grammar import parse_where
from fic2epub.select.order import sort_key
from fic2epub.select.subject import Facts, Subject

__all__ = ["Condition", "Facts", "Subject", "parse_where", "sort_key"]
