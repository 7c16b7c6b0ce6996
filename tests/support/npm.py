"""Packages of npm that tests drive: fetched once, as their lock file pins them."""

import fcntl
import os
import subprocess
from pathlib import Path

__all__ = ["install"]


def install(folder: Path) -> None:
    """Fetch a folder's packages unless they are there as pinned; one test process at a time.

    Raises subprocess.CalledProcessError if npm cannot.
    """
    pinned, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with pinned.open(encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.is_file() and installed.stat().st_mtime >= pinned.stat().st_mtime:
            return
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env=os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"},  # the machine's own browser is driven
            check=True,
            capture_output=True,
            text=True,
            timeout=280,
        )
