"""Many small dumps of every kind, the same each time: what an anthology is made of."""

import random
from pathlib import Path

from support.dumps import PROSE

NAMES = ("Marit", "Osk", "Ilse", "Tarn", "Bram", "Runa", "Joss", "Edda", "Pell", "Wynn")
TAGS = ("Slow Burn", "Fluff & Storms", "Lighthouses", "<letters>", "Winter", "Éclair", "Angst", "Tea", "雪")
RATINGS = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit", "Not Rated", None)
LANGUAGES = ("English",) * 6 + ("Deutsch", "Français", "中文-普通话 國語", "العربية")


def write(folder: Path, count: int) -> Path:
    """Write the dumps into a folder; gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number:04}.txt").write_text(text(number), encoding="utf-8")
    return folder


def text(number: int, *, chapters: int | None = None) -> str:
    """One dump, drawn by its number; with a number of chapters of its own if one is given."""
    draw = random.Random(number)
    drawn = draw.choice((1, 1, 1, 2, 3, 5))
    chapters = chapters or drawn
    fields = {
        "Title": f"{draw.choice(('The', 'A', ''))} {draw.choice(TAGS)}, No. {number}".strip(),
        "Work ID": None if number % 17 == 5 else str(40_000_000 + number),
        "Author": None if number % 23 == 7 else ", ".join(draw.sample(NAMES, draw.choice((1, 1, 1, 2)))),
        "Rating": draw.choice(RATINGS),
        "Fandoms": draw.choice(("Harbour Tales", "Slack Water", None)),
        "Relationships": ", ".join("/".join(draw.sample(NAMES, 2)) for _ in range(draw.choice((0, 1, 1, 3)))),
        "Characters": ", ".join(draw.sample(NAMES, draw.choice((0, 2)))),
        "Additional Tags": ", ".join(draw.sample(TAGS, draw.choice((0, 1, 3)))),
        "Series": f"Part {number % 5 + 1} of Tides of {draw.choice(NAMES)}" if number % 4 == 0 else None,
        "Language": draw.choice(LANGUAGES),
        "Status": draw.choice(("Completed", "Updated", None)),
        "Chapters": f"{chapters}/{draw.choice((str(chapters), '?'))}",
        "Summary": draw.choice(
            (None, "A lamp goes out; nobody admits to having seen it, and Marit asks why.")
        ),
    }
    header = "\n".join(f"{name}: {value}" for name, value in fields.items() if value)
    if chapters == 1:
        return f"{header}\n\n{PROSE * draw.choice((1, 4, 60))}"
    told = "\n\n".join(f"Chapter {chapter}\n\n{PROSE}" for chapter in range(1, chapters + 1))
    return f"{header}\n\n{told}"
