"""A page of the program's own server, driven in headless Chromium; see drive_page.mjs for the steps."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from support import needs
from support.browser import HERE

TOKEN = "a-token-of-the-tests"
DESKTOP, PHONE = (1280, 900), (360, 740)


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of the steps."""

    found: list[Any]
    """What each ``find`` and each ``axe`` gave, in order."""
    errors: list[str]
    """What the browser complained of."""
    outside: list[str]
    """Addresses that the page tried to load from elsewhere."""


@contextmanager
def serving(app: object) -> Iterator[str]:
    """Serve a Flask application on loopback as the program does; gives its address, without a slash."""
    from fic2epub.web.app import serve

    taken: list[int] = []
    up = Event()

    def ready(port: int) -> None:
        taken.append(port)
        up.set()

    # The thread ends with the tests: waitress is ended by Ctrl-C only, which a thread does not get.
    Thread(
        target=serve, args=(app,), kwargs={"host": "127.0.0.1", "port": 0, "ready": ready}, daemon=True
    ).start()
    assert up.wait(20)
    yield f"http://127.0.0.1:{taken[0]}"


def visit(
    address: str,
    steps: Sequence[dict[str, Any]],
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    touch: bool = False,
    scripts: bool = True,
    token: str | None = TOKEN,
) -> Visit:
    """Open an address, with the token if it has one, and take the steps."""
    order = {
        "url": address if token is None else f"{address}?token={token}",
        "chromium": needs.chromium(),
        "width": size[0],
        "height": size[1],
        "dark": dark,
        "touch": touch,
        "scripts": scripts,
        "steps": list(steps),
    }
    done = subprocess.run(
        [shutil.which("node") or "node", str(HERE / "drive_page.mjs")],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Visit(**json.loads(done.stdout))
