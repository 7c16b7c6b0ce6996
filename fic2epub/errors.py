"""The one tree of errors. Each class carries the exit code that the command line ends with.

A message says *what, where and what to do*. Stages translate third-party errors at their edge;
only ``cli`` prints.
"""

from enum import IntEnum

__all__ = [
    "BinarySourceError",
    "CorrectionsError",
    "DeliveryError",
    "DeviceFullError",
    "DeviceGoneError",
    "DeviceNotFoundError",
    "EmptySourceError",
    "ExitCode",
    "Fic2EpubError",
    "LibraryBusyError",
    "LibraryError",
    "NameTakenError",
    "OutputEditedError",
    "OutputError",
    "OutputExistsError",
    "OutputShrankError",
    "PackageError",
    "ParseError",
    "SourceError",
    "UndecodableSourceError",
    "UsageError",
]


class ExitCode(IntEnum):
    """What the program ends with; 3 and up are its own, since 1 and 2 have meanings in shells."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SOURCE = 3
    PARSE = 4
    OUTPUT = 5
    PACKAGE = 6
    DELIVERY = 7
    SOME_FAILED = 8
    INTERRUPTED = 130


class Fic2EpubError(Exception):
    """Base of every error that the program raises on purpose; its text is a sentence for the reader."""

    exit_code = ExitCode.UNEXPECTED


class UsageError(Fic2EpubError):
    """The options or arguments contradict each other or name nothing."""

    exit_code = ExitCode.USAGE


class SourceError(Fic2EpubError):
    """An input that cannot be read or is no text."""

    exit_code = ExitCode.SOURCE


class EmptySourceError(SourceError):
    """An input without a single visible character."""


class BinarySourceError(SourceError):
    """An input that is a ZIP, EPUB, PDF, MOBI, picture or other binary file."""


class UndecodableSourceError(SourceError):
    """An input in an encoding that could not be told."""


class CorrectionsError(SourceError):
    """A correction file that cannot be read or says what nobody understands; it names the line."""


class ParseError(Fic2EpubError):
    """A text in which no story was found."""

    exit_code = ExitCode.PARSE


class OutputError(Fic2EpubError):
    """A target that cannot be written: read-only, full, a folder, or out of reach."""

    exit_code = ExitCode.OUTPUT


class OutputExistsError(OutputError):
    """A target that exists and that the program did not write for this work."""


class OutputShrankError(OutputExistsError):
    """A target that holds clearly more of the work than the new dump does."""


class OutputEditedError(OutputError):
    """A target that the program wrote and that someone has edited since."""


class LibraryError(Fic2EpubError):
    """A library that is not there, or whose catalogue cannot be read or written."""

    exit_code = ExitCode.OUTPUT


class LibraryBusyError(LibraryError):
    """A library that another process is writing to; the message names its host and number."""


class PackageError(Fic2EpubError):
    """A finished EPUB that fails our own check, or a file that is no readable EPUB."""

    exit_code = ExitCode.PACKAGE


class DeliveryError(Fic2EpubError):
    """A book that could not be brought to an e-reader."""

    exit_code = ExitCode.DELIVERY


class DeviceNotFoundError(DeliveryError):
    """No e-reader of this kind or name is mounted, or more than one is."""


class DeviceFullError(DeliveryError):
    """An e-reader without room for the book."""


class DeviceGoneError(DeliveryError):
    """An e-reader that was pulled out while something was written to it."""


class NameTakenError(DeliveryError):
    """A name on the e-reader that a file bears which the program must not replace."""
