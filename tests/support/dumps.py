"""Small dumps, made by hand."""

from pathlib import Path

PROSE = """The harbour lamp went out at nine, and nobody in the town admitted to having seen it.

Marit carried the oil up all ninety steps, and then she carried it down again, since the door was locked.

"You might have knocked," said the keeper, when she told him in the morning.
"""


def dump(title: str = "The Lamp Room", *, work_id: str | None = "1234567", prose: str = PROSE) -> str:
    """A dump of one chapter with a header; without a work id for ``None``."""
    number = f"Work ID: {work_id}\n" if work_id else ""
    header = (
        f"Title: {title}\n{number}Author: Ada Quill\nLanguage: English\nStatus: Completed\nChapters: 1/1\n"
    )
    return f"{header}\n{prose}"


def put(folder: Path, **texts: str) -> list[Path]:
    """Write dumps as ``name.txt`` into a folder; returns their paths in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths
