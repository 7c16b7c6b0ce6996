"""What became of a dump: the line that people read, and what a report is made of."""

from enum import Enum
from pathlib import Path

from fic2epub.errors import ExitCode
from fic2epub.library.book import Tally
from fic2epub.model import Finding
from fic2epub.values import dataclass

__all__ = ["Failure", "Outcome", "Status"]


class Status(Enum):
    """What became of a dump."""

    MADE = "made"
    UNCHANGED = "unchanged"
    EDITED = "edited"
    """Its book was changed by someone since, and is left alone."""
    SHRANK = "shrank"
    """It lost chapters or more than 5 % of its words; its book stays."""
    DUPLICATE = "duplicate"
    """Another dump of the same work has more, and is its book."""
    PASSED = "passed over"
    """Not what was asked for, or taken out of the library by its owner."""
    VANISHED = "vanished"
    """It is not there any more; its book stays."""
    PLANNED = "to make"
    """What a dry run says in the place of made."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One dump and its book."""

    dump: str
    """The path as it was given, or ``<stdin>``."""
    status: Status
    book: Path | None = None
    """None if it failed."""
    backup: Path | None = None
    title: str | None = None
    tally: Tally | None = None
    """None if nothing is known of the dump."""
    findings: tuple[Finding, ...] = ()
    read: bool = True
    """False if nothing has changed: tally and findings are then those of the run that read it."""
    was: Status | None = None
    """What was told of the dump earlier in this run, if another dump of its work has won since."""
    message: str | None = None
    """Why it failed or was left, in a sentence; or what else there is to say."""
    exit_code: ExitCode = ExitCode.OK
    trace: str | None = None
    """The traceback of an error that is the program's own fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error that can travel between processes."""

    message: str
    exit_code: ExitCode
    trace: str | None = None

    def outcome(self, dump: str) -> Outcome:
        """What became of the dump: nothing."""
        return Outcome(
            dump=dump,
            status=Status.FAILED,
            message=self.message,
            exit_code=self.exit_code,
            trace=self.trace,
        )
