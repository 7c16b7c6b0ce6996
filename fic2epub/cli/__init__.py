"""The command line. It is the only place that prints, prompts or exits."""

import gc
import sys

__all__ = ["main"]

_THRESHOLD = 200_000
"""New objects after which Python looks for garbage in cycles; 700 of its own accord. To import the program
makes 36,000 that all stay, and a book of 30 kB as many again, of which hardly any hold each other. So it
would look a hundred times for nothing, 18 ms of a small book's time, and once at 50,000 is 10 ms still."""


def main() -> None:
    """Run the program; ends the process with one of the codes in `fic2epub.errors.ExitCode`."""
    gc.set_threshold(_THRESHOLD)
    try:
        from fic2epub.cli.app import app

        app(prog_name="fic2epub")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # the system takes back all memory at once: no last walk through it, which takes 30 ms
