"""Which paragraphs are looked at closely, and what a work without end still shows."""

from itertools import pairwise
from operator import mul
from pathlib import Path
from time import process_time

import pytest
from support.dumps import put

from fic2epub.model import Recovery
from fic2epub.parser import boundaries, scope
from fic2epub.parser.gaps import find_gaps
from fic2epub.parser.sources import read_file
from fic2epub.parser.weights import load_weights
from fic2epub.parser.work import parse

HEADER = "Title: The Lamp Room\nAuthor: Ada Quill\nLanguage: English\nChapters: {}\n\n"
STORY = (
    "Marit carried the oil up all ninety steps, and the keeper did not look round. He had his back to the "
    "lamp and his face to the water, as on every night since the boats went out.\n\n"
)
NOTE = "A/N: Thank you all so much for your reviews! The next chapter will be up on Friday.\n\n"


def recovered(folder: Path, text: str) -> Recovery:
    return parse(read_file(put(folder, dump=text)[0]))


def rules(recovery: Recovery) -> list[str]:
    return [finding.rule for finding in recovery.findings]


@pytest.fixture
def short_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every work of some pages is too long."""
    monkeypatch.setattr(scope, "LONGEST", 20_000)


@pytest.mark.usefixtures("short_sight")
def test_a_work_too_long_is_told_by_its_headings(tmp_path: Path) -> None:
    text = HEADER.format("3/3") + "".join(f"Chapter {n}\n\n" + STORY * 200 for n in (1, 2, 3))
    found = recovered(tmp_path, text)
    assert [chapter.number for chapter in found.work.chapters] == [1, 2, 3]
    assert "work.too-long" in rules(found)


@pytest.mark.usefixtures("short_sight")
def test_a_work_too_long_is_not_taken_apart_to_reach_its_count(tmp_path: Path) -> None:
    found = recovered(tmp_path, HEADER.format("9/9") + STORY * 600)
    assert len(found.work.chapters) == 1
    assert {"work.too-long", "chapters.count-unreached"} <= set(rules(found))


def test_a_work_of_some_pages_is_not_too_long(tmp_path: Path) -> None:
    found = recovered(tmp_path, HEADER.format("2/2") + STORY * 300 + NOTE + STORY * 300)
    assert "work.too-long" not in rules(found)


def test_a_paragraph_as_long_as_a_book_is_looked_at_from_both_ends(tmp_path: Path) -> None:
    long = " ".join([STORY.strip()] * 20_000)
    found = recovered(tmp_path, HEADER.format("1/1") + f"{long}\n\n{NOTE}")
    [chapter] = found.work.chapters
    assert len(chapter.body) == 1
    assert len(chapter.back) == 1


def test_log_odds_are_those_of_the_signals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added up by paragraph and pair is the sum over all signals."""
    gaps = []
    monkeypatch.setattr(boundaries, "find_gaps", lambda *a, **k: gaps.extend(find_gaps(*a, **k)) or gaps)
    recovered(tmp_path, HEADER.format("3/3") + (STORY * 30 + NOTE * 2) * 3)
    weights = load_weights().join
    assert any(gap.notes for gap in gaps)
    for gap in gaps:
        assert gap.logit == pytest.approx(sum(map(mul, weights, gap.signals)))
    assert all(above.left <= below.left for above, below in pairwise(gaps))


def test_many_jump_lines_in_a_work_of_one_chapter_are_read_at_once(tmp_path: Path) -> None:
    jump = "(See the end of the chapter for  more notes.)\n\n***\n\n"
    start = process_time()
    recovered(tmp_path, HEADER.format("1/1") + "***\n\n" * 30_000 + jump * 15_000 + STORY)
    assert process_time() - start < 5


def test_a_labelled_note_of_a_chinese_work_is_one(tmp_path: Path) -> None:
    story = "".join(f"她慢慢地走上了第{n}座山，雨一直下着，谁也没有说话。\n\n" for n in range(60))
    header = HEADER.format("1/1").replace("English", "中文-普通话 國語")
    found = recovered(tmp_path, header + "作者有话说：船是蓝色的。\n\n" + story)
    assert len(found.work.chapters[0].front) == 1
