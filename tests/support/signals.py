"""Ctrl-C for programs that a test starts."""

import signal

__all__ = ["hear_ctrl_c"]


def hear_ctrl_c() -> None:
    """For ``preexec_fn``: what a shell runs in the background ignores SIGINT, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
