"""Step 4e of the route: chapters that are nothing but a note, and have no heading to say so.

[likely] notice.words  a note says that it is no chapter: "this is not an update", "I will delete this"
[guess]  notice.hold   a note of its own, among the notes of two chapters, speaks of a hiatus in several ways

AO3's dumps hold such chapters as a run of notes between two chapters, where two joins stand in one gap: end
notes, the notice, beginning notes. It is looked for only where the declared count has room that no other
place fills, since ordinary notes speak of a hiatus too, and a notice may have been written over by the
chapter that it announced. Where the run may be parted, a note begins or ends: a label, a greeting, a
goodbye, the writer's name, a rule or unusual blank lines. It must not touch a note that says of a chapter
what it is not ("this isn't a chapter that I am proud of") and nothing more of the kind.
"""

from collections.abc import Sequence

from fic2epub.model import Evidence, Firing
from fic2epub.parser.gaps import Gap
from fic2epub.parser.lexicon import Lexicon
from fic2epub.parser.marks import Marks
from fic2epub.parser.note_shapes import SHAPE_SIGNALS, Shape, goes_on, shape_of
from fic2epub.parser.signals import Habits, Reading
from fic2epub.parser.units import Unit
from fic2epub.parser.vocabulary import normalise
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Notice", "Reader"]

GOES_ON_RE = late(
    r"\s+(?:i|i'm|i've|we|that|which|where|who|about|of|for|without|in|on|with|like|to"
    r"|que|qui|où|dont|sur|che|di|su|de|sobre|da|das|den|der|die|auf|mit|von|о|об|про|котор\w*)(?!\w)"
)
"""What a phrase goes on with that does not end with it: "isn't a chapter that I am proud of"."""
SAID = 2
"""What a phrase says; one that goes on says half of it."""
ENOUGH = 3
"""What the phrases of a notice say together, unless one opens it."""
OPENING = 2
"""Paragraphs at the head of a note in which a phrase opens it."""
HOLDS = 3
"""Different words of a hiatus in a notice that does not say what it is."""
HOLD_WORDS = 60
"""And how many words it has."""
SURE, LIKELY = 0.85, 0.6
"""That a chapter begins there; judgement: no collection at hand has enough of them to count."""
LONGEST_TITLE = 40
"""Characters of a line that is no more than the title of a notice: "NOT A CHAPTER!"."""
HELLO, GOODBYE = SHAPE_SIGNALS.index("hello"), SHAPE_SIGNALS.index("goodbye")


@dataclass(frozen=True, slots=True)
class Notice:
    """A note that is a chapter."""

    start: int
    """Index of its first unit."""
    end: int
    """Behind its last one."""
    run: tuple[int, ...]
    """All notes that stand in the same place."""
    right: int
    """The first prose unit below it; the number of units at the foot of the work."""
    weight: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reader:
    """Looks for notices in runs of notes of one work."""

    units: Sequence[Unit]
    readings: Sequence[Reading | None]
    habits: Habits
    marks: Marks
    words_of: Lexicon

    def find(self, gaps: Sequence[Gap], tail: int) -> list[Notice]:
        """The notices in some gaps and at the foot of the work, the surest first; one in a place at most.

        Args:
            gaps: in which chapters begin.
            tail: the first unit below the story of the last chapter.
        """
        foot = tuple(i for i in range(tail, len(self.units)) if self._is_text(i))
        places = [(gap.notes, gap.right) for gap in gaps] + [(foot, len(self.units))]
        found = [notice for run, right in places if (notice := self._read(run, right)) is not None]
        return sorted(found, key=lambda notice: (-notice.weight, notice.start))

    def _is_text(self, index: int) -> bool:
        return self.units[index].rule is None and self.marks.kind(index) in (None, "dateline")

    def _read(self, run: tuple[int, ...], right: int) -> Notice | None:
        """The notice in one run of notes, if there is one."""
        if not run or not any(self._hits(i) for i in run):
            return None
        jump = next((i for i in range(run[-1] + 1, right) if i in self.marks.jumps), None)
        more = jump is not None and self.marks.jumps[jump]
        # "more notes": the last paragraph, or more of them, opens the chapter below.
        sections = self._sections(run[:-1] if more else run)
        if not sections:
            return None
        found = [self._weigh(section, alone=len(sections) == 1) for section in sections]
        weight = max(found, default=0)
        if weight == 0:
            return None
        section = sections[found.index(weight)]
        words = [phrase for i in section for phrase, _ in self._hits(i)]
        said = any(strong for i in section for _, strong in self._hits(i))
        rule = "notice.words" if said else "notice.hold"
        firing = Firing(rule, ", ".join(dict.fromkeys(words)), float(weight))
        evidence = Evidence(SURE if said else LIKELY, (firing,))
        return Notice(section[0], section[-1] + 1, run, right, weight, evidence)

    def _hits(self, index: int) -> list[tuple[str, bool]]:
        """The phrases of a notice in a paragraph, each with whether it says that this is no chapter."""
        text = normalise(self.units[index].text)
        strong = [(found.group(), True) for found in self.words_of.notice_re.finditer(text)]
        return strong + [(found.group(), False) for found in self.words_of.hold_re.finditer(text)]

    def _weigh(self, section: Sequence[int], *, alone: bool) -> int:
        """What the phrases of one note say for a notice; 0 if too little.

        Args:
            section: its paragraphs.
            alone: whether it is all of the run: the end note of a chapter then speaks of a hiatus.
        """
        said, opens = 0, False
        holds: set[str] = set()
        for at, i in enumerate(section):
            text = normalise(self.units[i].text)
            for found in self.words_of.notice_re.finditer(text):
                closes = not GOES_ON_RE.match(text, found.end())
                said += SAID if closes else SAID // 2
                opens = opens or (closes and at < OPENING)
            holds.update(found.group() for found in self.words_of.hold_re.finditer(text))
        if said:
            return said + len(holds) if opens or said + len(holds) >= ENOUGH else 0
        words = sum(reading.count for i in section if (reading := self.readings[i]) is not None)
        return len(holds) if len(holds) >= HOLDS and words >= HOLD_WORDS and not alone else 0

    def _sections(self, run: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The notes of a run: parted where one ends or another begins."""
        shapes = [self._shape(i) for i in run]
        cuts = [at for at in range(1, len(run)) if self._parts(run, shapes, at)]
        edges = zip([0, *cuts], [*cuts, len(run)], strict=True)
        return [run[low:high] for low, high in edges if low < high]

    def _shape(self, index: int) -> Shape:
        reading = self.readings[index]
        return shape_of(self.units[index].text, reading.label if reading else None, self.words_of)

    def _is_title(self, index: int) -> bool:
        """Whether a line is the title of a notice, which what it says goes below."""
        text = self.units[index].text
        return len(text) <= LONGEST_TITLE and self.words_of.notice_re.search(normalise(text)) is not None

    def _parts(self, run: tuple[int, ...], shapes: Sequence[Shape], at: int) -> bool:
        """Whether one note of a run ends above a paragraph and another begins with it."""
        above, below = shapes[at - 1], shapes[at]
        reading = self.readings[run[at]]
        label = reading.label if reading is not None else None
        if above.holds or goes_on(above, below) or self.words_of.label_sides.get(label or "") == "after":
            return False
        if self._is_title(run[at - 1]):
            return False
        between = range(run[at - 1] + 1, run[at])
        return (
            (label is not None and self.words_of.label_forms.get(label) == "note")
            or below.signals[HELLO] > 0
            or above.signals[GOODBYE] > 0
            or above.kind == "signed"
            or any(self.units[i].rule is not None or i in self.marks.closings for i in between)
            or self.units[run[at]].blanks > self.habits.blanks
        )
