"""Patterns that few dumps need: compiled when they are first used.

To compile one takes as long as to search some hundred kilobytes with it, and a start of the program
that compiles all of them takes 20 ms longer. What nearly every dump needs is better compiled as usual.
"""

import re
from typing import Any, cast

__all__ = ["late"]


class _Late:
    """Stands where the pattern will be, and becomes as quick as it."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Only asked for what is not yet there: compile, and keep the method that was wanted."""
        method = getattr(re.compile(*self._source), name)  # several of one pattern: `re` keeps them
        setattr(self, name, method)
        return method


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, without its work before the first use. An error in the pattern shows then."""
    return cast("re.Pattern[str]", _Late(pattern, flags))
