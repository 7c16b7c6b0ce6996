"""One dump, tried: whatever goes wrong comes back as a value, so that the other dumps go on."""

from collections.abc import Callable
from typing import TypeVar

from fic2epub.errors import ExitCode, Fic2EpubError, SourceError, UsageError
from fic2epub.library.outcome import Failure

__all__ = ["attempt", "died"]

Made = TypeVar("Made")


def attempt(make: Callable[[], Made], label: str) -> Made | Failure:
    """Call what makes a book; ``label`` names the dump in what goes wrong.

    An error that nobody foresaw is caught here too: the other dumps have nothing to do with it. Its
    traceback goes with it. Only UsageError is raised: no dump can help a wrong option.
    """
    try:
        return make()
    except UsageError:
        raise
    except Fic2EpubError as error:
        return Failure(message=str(error), exit_code=error.exit_code)
    except MemoryError:
        message = f"{label}: there is not enough memory for a dump of this size. Split it."
        return Failure(message=message, exit_code=SourceError.exit_code)
    except Exception as error:
        import traceback

        message = f"{label}: an error of the program's own ({type(error).__name__}: {error})."
        return Failure(message=message, exit_code=ExitCode.UNEXPECTED, trace=traceback.format_exc())


def died(label: str) -> Failure:
    """What is said of a dump whose process was ended by the system."""
    message = (
        f"{label}: the process that worked on it was ended by the system, most likely for want of "
        "memory. Close other programs, or split the dump."
    )
    return Failure(message=message, exit_code=ExitCode.UNEXPECTED)
