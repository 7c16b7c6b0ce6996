"""The command line. It is the only place that prints, prompts or exits."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the program; ends the process with one of the codes in `fic2epub.errors.ExitCode`."""
    try:
        from fic2epub.cli.app import app

        app(prog_name="fic2epub")
    except KeyboardInterrupt:
        sys.exit(130)
