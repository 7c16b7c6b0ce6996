"""A dump whose paragraphs can be told apart, for tests of corrections."""

WHO = ("Marit", "The keeper", "The harbour master", "Ines", "The old pilot", "Her brother", "The carter")
DID = ("carried the oil", "turned the boat", "mended the long net", "climbed over the wall", "lit the stove")
WHERE = ("up the ninety steps", "behind the chapel", "along the quay", "in the lamp room")
THEN = (
    "and she said nothing to him about it until the bell had rung twice across the dark water.",
    "while the rain went over the roofs like a cart over a wooden bridge, and he shivered.",
    "though he had locked the door behind her, and she looked back at him once from the stairs.",
)
HOUR = (
    "in the morning",
    "at noon",
    "before dusk",
    "at night",
    "alone",
    "again",
    "slowly",
    "in silence",
    "at last",
)


def paragraph(n: int) -> str:
    """The n-th paragraph: no two of the first four hundred are alike."""
    who, did = WHO[n % 7], DID[n % 5]
    return f"{who} {did} {WHERE[n % 4]} {HOUR[n % 9]}, {THEN[n % 3]}"


def body(*extra: tuple[int, str], count: int = 30) -> list[str]:
    """Paragraphs of prose, with others put in before those of some number."""
    lines = []
    for n in range(count):
        lines += [text for at, text in extra if at == n]
        lines.append(paragraph(n))
    return [*lines, *(text for at, text in extra if at >= count)]


def dump(paragraphs: list[str], *, chapters: str = "1/1", work_id: str | None = "1234567") -> str:
    """A dump with a header."""
    number = f"Work ID: {work_id}\n" if work_id else ""
    header = f"Title: The Lamp Room\n{number}Author: Ada Quill\nLanguage: English\nChapters: {chapters}\n"
    return f"{header}\n" + "\n\n".join(paragraphs) + "\n"
