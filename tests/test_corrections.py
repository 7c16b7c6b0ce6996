"""The reader's corrections: found, read, pinned, applied; nothing lost, nothing silently dropped."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.corrected import body, dump, paragraph
from support.ledger import Reading, check_ledger, check_markers, check_words

from fic2epub.errors import CorrectionsError, UsageError
from fic2epub.library.book import MakeOptions, make, recover
from fic2epub.model import Draft, Note, NoteKind, Paragraph, Recovery, SceneBreak, plain_text
from fic2epub.parser.correction_file import find_corrections
from fic2epub.parser.correction_keys import read_corrections
from fic2epub.parser.corrections import (
    Action,
    BreakCorrection,
    ChapterCorrection,
    Corrections,
    NoteCorrection,
    unit_board,
)
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.pins import Board, How, Pin, Place
from fic2epub.parser.sources import read_file, read_stdin
from fic2epub.parser.work import parse, read_pinned


def draft_of(text: str) -> Draft:
    return read_stdin(io.BytesIO(text.encode()))


def board_of(*texts: str) -> Board:
    return Board([Place(text, 10 * i, i, i + 1) for i, text in enumerate(texts)])


def corrected(text: str, file: str, **options) -> Recovery:
    corrections = read_corrections(file.encode(), name="lamp.fic.toml")
    return parse(draft_of(text), corrections, options=ParseOptions(**options))


def starts(recovery: Recovery) -> list[str]:
    """The first words of each chapter but the first."""
    text = recovery.source.text
    return [text[one.span.start : one.span.end].split("\n")[0] for one in recovery.work.chapters[1:]]


def notes(recovery: Recovery) -> list[tuple[int, str, str]]:
    """Chapter, kind and words of each note."""
    return [
        (position, block.kind.value, " / ".join(plain_text(one.content) for one in block.blocks))
        for position, chapter in enumerate(recovery.work.chapters, 1)
        for block in (*chapter.front, *chapter.body, *chapter.back)
        if isinstance(block, Note)
    ]


def rules(recovery: Recovery) -> list[str]:
    return [finding.rule for finding in recovery.findings if finding.rule.startswith("corrections.")]


STORY = dump(body())

# Pins


def test_a_pin_finds_its_paragraph_whatever_stands_around_it():
    pin = board_of(*map(paragraph, range(9))).pin(4)
    found = board_of("New.", paragraph(4), "Other.").find(pin)
    assert (found.how, found.index) == (How.EXACT, 1)


def test_of_two_identical_paragraphs_the_neighbours_tell():
    texts = [paragraph(0), "Yes.", paragraph(1), paragraph(2), "Yes.", paragraph(3)]
    board = board_of(*texts)
    for index in (1, 4):
        assert board.find(board.pin(index)).index == index
        assert board_of("A new beginning.", *texts).find(board.pin(index)).index == index + 1


def test_paragraphs_that_are_alike_with_their_neighbours_are_told_by_their_order():
    texts = [paragraph(0), *["Again.", "And again."] * 4, paragraph(1)]
    board = board_of(*texts)
    for index in range(len(texts)):
        assert board.find(board.pin(index)).index == index
    assert board_of(*texts, "Again.", "And again.").find(board.pin(3)).index == 3


def test_an_edited_paragraph_is_found_by_its_words_and_a_neighbour():
    pin = board_of(*map(paragraph, range(5))).pin(2)
    edited = paragraph(2).replace("he had", "they had")
    found = board_of(paragraph(0), paragraph(1), edited, "Other.").find(pin)
    assert (found.how, found.index) == (How.EDITED, 2)


def test_a_paragraph_with_another_beginning_is_found_between_its_neighbours():
    pin = board_of(*map(paragraph, range(5))).pin(2)
    found = board_of(*map(paragraph, (0, 1)), "It begins otherwise now.", *map(paragraph, (3, 4))).find(pin)
    assert (found.how, found.index) == (How.EDITED, 2)


def test_edited_neighbours_do_not_matter():
    pin = board_of(*map(paragraph, range(5))).pin(2)
    assert board_of("Other.", paragraph(2), "Another.").find(pin).index == 1


@pytest.mark.parametrize("gone", ["***", "Yes."])
def test_a_short_paragraph_is_not_taken_for_another_that_is_just_like_it(gone):
    pin = board_of(paragraph(0), gone, paragraph(1), paragraph(2), paragraph(3)).pin(1)
    assert board_of(*map(paragraph, (0, 1, 2)), gone, paragraph(3)).find(pin).index is None


def test_a_paragraph_that_is_gone_is_not_found():
    pin = board_of(*map(paragraph, range(5))).pin(2)
    assert board_of(*map(paragraph, (0, 1, 3, 4))).find(pin).how is How.NONE


def test_a_pin_by_hand_must_name_one_paragraph():
    board = board_of("The lamp went out.", "The lamp went in.", "Yes.", "Yes, she said.")
    assert board.find(Pin(words="the LAMP went out")).index == 0
    assert board.find(Pin(words="The lamp")).rivals == (0, 1)
    assert board.find(Pin(words="Yes")).index == 2
    assert board.find(Pin(words="No")).how is How.NONE


@given(st.lists(st.sampled_from(["***", "Yes.", "…", "雨が降る。", *map(paragraph, range(4))]), max_size=12))
def test_every_pin_finds_its_own_paragraph(texts):
    board = board_of(*texts)
    for index in range(len(texts)):
        assert board.find(board.pin(index)).index == index


# The file, read


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("schema = 1\n[[chaptr]]\nat = 'x'\n", 2, "did you mean chapter?"),
        ("[work]\ntitle = 'x'\n[header]\nauthr = 'y'\n", 4, "did you mean author?"),
        (
            "[[note]]\nat = 'x'\nkind = 'prose'\n\n[[note]]\nat = 'y'\nknd = 'after'\n",
            7,
            "did you mean kind?",
        ),
        ("[[note]]\nat = 'x'\nkind = 'afer'\n", 3, "before, within, after or prose"),
        ("[[note]]\nat = 'x'\n", 1, "“kind” is missing"),
        ("[[chapter]]\ntitle = 'x'\n", 1, "“at” is missing"),
        ("[[chapter]]\nat = 12\n", 2, "must be a string or a table"),
        ("[[chapter]]\nat = {word = 'x'}\n", 2, "did you mean words?"),
        ("[[chapter]]\nat = ' '\n", 2, "needs the first words"),
        ("[[chapter]]\nat = 'x'\nfrom = 'y'\n", 3, "move"),
        ("[[break]]\nat = 'x'\nkind = true\n", 3, "must be a string"),
        ("[header]\nlanguage = 'Nonsensish'\n", 2, "no language"),
        ("[header]\nchapters = 'many'\n", 2, "no value"),
        ("[header]\npublished = 'once'\n", 2, "no value"),
        ("[header]\ntitle = ['a', 'b']\n", 2, "must be a string"),
        ("schema = 7\n", 1, "another version"),
        ("# x\n[[chapter]\n", 2, "is no TOML"),
    ],
)
def test_what_nobody_understands_is_an_error_with_its_line(text, line, said):
    with pytest.raises(CorrectionsError) as caught:
        read_corrections(text.encode(), name="lamp.fic.toml")
    assert "lamp.fic.toml" in str(caught.value)
    assert f"line {line}" in str(caught.value)
    assert said in str(caught.value)


def test_a_file_that_is_no_text_is_an_error():
    with pytest.raises(CorrectionsError, match="no TOML"):
        read_corrections(b"\xff\xfe\x00", name="lamp.fic.toml")


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


CHAPTER_9 = f"[work]\nwork_id = '1234567'\n[[chapter]]\nat = '{paragraph(9)}'\n"


def test_corrections_lie_beside_the_dump_under_its_name(tmp_path):
    path = put(tmp_path, "lamp.txt", STORY)
    put(tmp_path, "lamp.fic.toml", CHAPTER_9)
    assert starts(recover(read_file(path), MakeOptions())) == [paragraph(9)]
    assert len(make(read_file(path), MakeOptions()).publication.reading_order) > 3


def test_a_renamed_dump_is_known_by_its_work_id(tmp_path):
    put(tmp_path, "lamp.fic.toml", CHAPTER_9)
    path = put(tmp_path, "lamp room (new).txt", STORY)
    assert starts(recover(read_file(path), MakeOptions())) == [paragraph(9)]


def test_a_file_of_the_same_name_for_another_work_is_left_aside(tmp_path):
    put(tmp_path, "lamp.fic.toml", CHAPTER_9.replace("1234567", "7654321"))
    path = put(tmp_path, "lamp.txt", STORY)
    recovery = recover(read_file(path), MakeOptions())
    assert starts(recovery) == []
    assert rules(recovery) == ["corrections.other-work"]


def test_without_work_ids_only_the_name_counts(tmp_path):
    text = CHAPTER_9.replace("work_id = '1234567'\n", "title = 'The Lamp Room'\n")
    put(tmp_path, "lamp.fic.toml", text)
    named = put(tmp_path, "lamp.txt", dump(body(), work_id=None))
    other = put(tmp_path, "other.txt", dump(body(), work_id=None))
    assert find_corrections(read_file(named)) is not None
    assert find_corrections(read_file(other)) is None


def test_a_folder_of_corrections_is_looked_in_instead(tmp_path):
    (tmp_path / "mine").mkdir()
    put(tmp_path, "lamp.fic.toml", "[[chapter]]\nat = 'nothing'\n")
    put(tmp_path / "mine", "lamp.fic.toml", CHAPTER_9)
    path = put(tmp_path, "lamp.txt", STORY)
    assert starts(recover(read_file(path), MakeOptions(corrections=tmp_path / "mine"))) == [paragraph(9)]


def test_a_broken_file_of_another_dump_is_no_error_for_this_one(tmp_path):
    put(tmp_path, "other.fic.toml", "1234567 [[[")
    path = put(tmp_path, "lamp.txt", STORY)
    assert find_corrections(read_file(path)) is None


# Chapters


def test_a_chapter_begins_where_the_reader_says_even_in_a_one_shot():
    recovery = corrected(STORY, f"[[chapter]]\nat = '{paragraph(9)}'\ntitle = 'Snow'")
    assert starts(recovery) == [paragraph(9)]
    chapter = recovery.work.chapters[1]
    assert (chapter.title, chapter.boundary.score, chapter.boundary.inferred) == ("Snow", 1.0, False)
    assert chapter.boundary.firings[0].rule == "corrections.chapter"


def test_a_scene_break_above_a_new_chapter_parts_the_two():
    recovery = corrected(dump(body((9, "***"))), f"[[chapter]]\nat = '{paragraph(9)}'")
    assert starts(recovery) == [paragraph(9)]
    assert [one.separator for one in recovery.work.chapters[0].back if isinstance(one, SceneBreak)] == [True]


HEADED = dump(body((0, "Chapter 1"), (10, "Chapter 2"), (20, "Chapter 3")), chapters="3/3")


def test_a_chapter_that_is_removed_goes_on_and_its_heading_is_a_paragraph():
    recovery = corrected(HEADED, "[[chapter]]\nat = 'Chapter 2'\naction = 'remove'")
    assert starts(recovery) == ["Chapter 3"]
    assert "Chapter 2" in [
        plain_text(one.content) for one in recovery.work.chapters[0].body if isinstance(one, Paragraph)
    ]
    assert "chapters.count-unreached" in [finding.rule for finding in recovery.findings]


def test_a_chapter_moves():
    file = f"[[chapter]]\naction = 'move'\nfrom = 'Chapter 2'\nto = '{paragraph(12)}'\ntitle = 'Later'"
    recovery = corrected(HEADED, file)
    assert starts(recovery) == [paragraph(12), "Chapter 3"]
    assert recovery.work.chapters[1].title == "Later"


def test_a_chapter_that_begins_there_already_is_sure_and_keeps_its_heading():
    recovery = corrected(HEADED, f"[[chapter]]\nat = '{paragraph(10)}'\ntitle = 'Snow'")
    assert starts(recovery) == ["Chapter 2", "Chapter 3"]
    chapter = recovery.work.chapters[1]
    assert (chapter.heading.label, chapter.title, chapter.boundary.score) == ("Chapter 2", "Snow", 1.0)


def test_the_reader_can_title_the_first_chapter_and_cannot_remove_it():
    recovery = corrected(HEADED, "[[chapter]]\nat = 'Chapter 1'\ntitle = 'Fog'")
    assert (recovery.work.chapters[0].title, len(recovery.work.chapters)) == ("Fog", 3)
    recovery = corrected(HEADED, "[[chapter]]\nat = 'Chapter 1'\naction = 'remove'")
    assert len(recovery.work.chapters) == 3
    assert rules(recovery) == ["corrections.idle"]


def test_a_paragraph_can_be_made_a_heading():
    recovery = corrected(
        dump(body((9, "of snow and oil"))), "[[chapter]]\nat = 'of snow and oil'\nheading = true"
    )
    assert recovery.work.chapters[1].heading.title == "of snow and oil"
    assert recovery.work.chapters[1].body[0].span.start > recovery.work.chapters[1].heading.span.start


def test_a_section_of_a_one_shot_can_be_made_a_chapter():
    text = dump(body((0, "Chapter 1"), (10, "Chapter 2"), (20, "Chapter 3")))
    assert len(parse(draft_of(text)).work.chapters) == 1
    recovery = corrected(text, "[[chapter]]\nat = 'Chapter 2'")
    assert [one.heading and one.heading.label for one in recovery.work.chapters][1:] == ["Chapter 2"]


def test_chapters_begin_at_the_lines_of_an_option_and_nowhere_else():
    lines = [draft_of(HEADED).source.text.split("\n").index(paragraph(n)) for n in (5, 15)]
    recovery = parse(draft_of(HEADED), options=ParseOptions(chapters_at=tuple(lines)))
    assert starts(recovery) == [paragraph(5), paragraph(15)]
    with pytest.raises(UsageError, match="line 2"):
        parse(draft_of(HEADED), options=ParseOptions(chapters_at=(1,)))
    with pytest.raises(UsageError, match="line 9000"):
        parse(draft_of(HEADED), options=ParseOptions(chapters_at=(8999,)))


# Notes

NOTED = dump(
    body(
        (0, "Chapter 1"),
        (10, "A/N: Thanks for reading! Please review, I love your comments."),
        (10, "Chapter 2"),
        (10, "A/N: Sorry for the long wait, here is the new chapter, enjoy!"),
    ),
    chapters="2/2",
)


def test_the_dump_with_notes_is_read_as_the_tests_say():
    assert [(position, kind) for position, kind, _ in notes(parse(draft_of(NOTED)))] == [
        (1, "after"),
        (2, "before"),
    ]


@pytest.mark.parametrize("words", ["A/N: Thanks", "A/N: Sorry"])
def test_a_note_can_be_prose(words):
    recovery = corrected(NOTED, f"[[note]]\nat = '{words}'\nkind = 'prose'")
    assert len(notes(recovery)) == 1
    assert len(recovery.work.chapters) == 2


@pytest.mark.parametrize(
    ("at", "kind", "place"),
    [(9, "after", "back"), (10, "before", "front"), (10, "summary", "front"), (5, "within", "body")],
)
def test_prose_can_be_a_note(at, kind, place):
    recovery = corrected(HEADED, f"[[note]]\nat = '{paragraph(at)}'\nkind = '{kind}'")
    chapter = recovery.work.chapters[at // 10]
    (note,) = [block for block in getattr(chapter, place) if isinstance(block, Note)]
    assert (note.kind, note.evidence.score) == (NoteKind(kind), 1.0)
    assert starts(recovery) == ["Chapter 2", "Chapter 3"]


def test_a_note_changes_its_side_with_the_boundary():
    extra = (15, "Thank you all for reading this.")
    text = dump(body(extra), chapters="1/1")
    file = f"[[chapter]]\nat = '{paragraph(15)}'\n[[note]]\nat = 'Thank you all'\nkind = "
    assert notes(corrected(text, file + "'after'")) == [(1, "after", extra[1])]
    recovery = corrected(text, file + "'before'")
    assert notes(recovery) == [(2, "before", extra[1])]
    assert starts(recovery) == [extra[1]]


def test_a_run_of_paragraphs_is_one_note():
    file = f"[[note]]\nat = '{paragraph(27)}'\nuntil = '{paragraph(29)}'\nkind = 'after'"
    ((position, kind, words),) = notes(corrected(STORY, file))
    assert (position, kind) == (1, "after")
    assert words == " / ".join(map(paragraph, (27, 28, 29)))


# Scene breaks, header, repairs


def test_a_line_is_a_scene_break_or_not_as_the_reader_says():
    text = dump(body((5, "***"), (9, "later that week")))
    recovery = corrected(
        text, "[[break]]\nat = '***'\nkind = 'prose'\n[[break]]\nat = 'later that'\nkind = 'break'"
    )
    found = [block.marker for block in recovery.work.chapters[0].body if isinstance(block, SceneBreak)]
    assert found == ["later that week"]


def test_a_break_that_was_found_inside_a_line_joins_it_again():
    line = f"{paragraph(40)} *** {paragraph(41)}"
    text = dump(body((5, line)))
    assert any(isinstance(block, SceneBreak) for block in parse(draft_of(text)).work.chapters[0].body)
    recovery = corrected(text, "[[break]]\nat = '***'\nkind = 'prose'")
    assert line in [plain_text(block.content) for block in recovery.work.chapters[0].body]


def test_a_paragraph_of_many_words_is_not_made_a_break():
    recovery = corrected(STORY, f"[[break]]\nat = '{paragraph(9)}'\nkind = 'break'")
    assert rules(recovery) == ["corrections.refused"]


def test_header_fields_are_the_readers():
    file = """
    [header]
    title = "The Long Winter"
    author = ["Ada Quill", "Bo, Ray"]
    language = "Français"
    chapters = "3/8"
    tags = "Fluff, Angst"
    """
    metadata = corrected(HEADED, file).work.metadata
    assert (metadata.title, metadata.creators) == ("The Long Winter", ("Ada Quill", "Bo, Ray"))
    assert (metadata.language, metadata.tags) == ("fr", ("Fluff", "Angst"))
    assert (metadata.chapters_posted, metadata.chapters_planned) == (3, 8)
    assert dict(metadata.header)["Title"] == "The Lamp Room"


def test_an_option_of_this_run_goes_before_the_file():
    corrections = read_corrections(b"[header]\ntitle = 'Filed'\nauthor = 'Filed'\n", name="x")
    options = ParseOptions(title="Said")
    draft = read_stdin(io.BytesIO(STORY.encode()), options=options)
    metadata = parse(draft, corrections, options=options).work.metadata
    assert (metadata.title, metadata.creators) == ("Said", ("Filed",))


def test_a_repair_is_undone_and_pins_made_before_still_hold():
    line = "She said that the cafÃ© was closed until the spring, and that the dÃ©jÃ vu was hers alone."
    text = dump(body((9, line)))
    assert draft_of(text).source.repairs
    pin = "She said that the café was closed"
    file = f"[[repair]]\nat = '{pin}'\nundo = true\n[[chapter]]\nat = '{pin}'\n"
    recovery = corrected(text, file)
    assert not recovery.source.repairs
    assert starts(recovery)[0].startswith("She said that the cafÃ©")


def test_a_repair_whose_origin_no_book_can_hold_stays():
    text = dump(body((9, "A bell\x07 rang over the harbour and nobody knew who had rung it or why.")))
    recovery = corrected(text, "[[repair]]\nat = 'A bell rang'\nundo = true")
    assert len(recovery.source.repairs) == 1
    assert rules(recovery) == ["corrections.refused"]


# Chapters that are nothing but a note

NOTICE = (
    "Hi everyone. This is not an update, I am sorry. The story is on hiatus until my exams are over.",
    "I will delete this note when the next chapter is up. Love you all!",
)


def test_a_notice_that_the_reader_calls_no_chapter_is_a_note_of_the_chapter_above():
    text = dump([*body(count=12), *NOTICE, *(paragraph(n) for n in range(12, 24))], chapters="3/?")
    board = unit_board(read_pinned(draft_of(text)).units)
    first = next(i for i, place in enumerate(board.places) if place.text == NOTICE[0])
    assert len(parse(draft_of(text)).work.chapters) == 3
    removed = ChapterCorrection(at=board.pin(first), action=Action.REMOVE)
    recovery = parse(draft_of(text), Corrections(chapters=(removed,)))
    assert starts(recovery) == [paragraph(12)]
    check_words(Reading(draft_of(text), recovery))


# Newer dumps


def pinned(text: str, number: int, **values) -> ChapterCorrection:
    board = unit_board(read_pinned(draft_of(text)).units)
    index = next(i for i, place in enumerate(board.places) if place.text == paragraph(number))
    return ChapterCorrection(at=board.pin(index), action=Action.ADD, **values)


GREW = dump(["A dedication to all who keep lamps burning in the winter.", *body(count=40)], chapters="1/1")
EDITED = STORY.replace(paragraph(9), paragraph(9).replace("lit the", "lit up the"))
AROUND = STORY.replace(paragraph(8), "It rained.").replace(paragraph(10), "And it rained on.")


@pytest.mark.parametrize(
    ("text", "start", "told"),
    [
        (GREW, paragraph(9), []),
        (EDITED, paragraph(9).replace("lit the", "lit up the"), ["corrections.edited"]),
        (AROUND, paragraph(9), []),
        (STORY.replace("\n", "\r\n"), paragraph(9), []),
    ],
    ids=["grew", "edited", "neighbours edited", "line ends"],
)
def test_a_correction_holds_in_a_newer_dump(text, start, told):
    recovery = parse(draft_of(text), Corrections(chapters=(pinned(STORY, 9),)))
    assert starts(recovery) == [start]
    assert rules(recovery) == told


def test_a_correction_of_a_paragraph_that_is_gone_is_told_and_does_nothing():
    text = STORY.replace(paragraph(9) + "\n\n", "")
    recovery = parse(draft_of(text), Corrections(file="lamp.fic.toml", chapters=(pinned(STORY, 9),)))
    assert starts(recovery) == []
    (finding,) = [one for one in recovery.findings if one.rule == "corrections.unmatched"]
    assert finding.level.value == "warning"
    assert "lamp.fic.toml" in finding.message
    assert " ".join(paragraph(9).split()[:4]) in finding.message


def test_identical_paragraphs_are_told_apart_in_a_dump_that_grew():
    texts = [*body((5, "She waited."), (15, "She waited."))]
    board = unit_board(read_pinned(draft_of(dump(texts))).units)
    second = [i for i, place in enumerate(board.places) if place.text == "She waited."][1]
    corrections = Corrections(chapters=(ChapterCorrection(at=board.pin(second), action=Action.ADD),))
    recovery = parse(draft_of(dump(["New.", *texts, "She waited.", paragraph(77)])), corrections)
    assert starts(recovery) == ["She waited."]
    first = recovery.work.chapters[0]
    assert recovery.source.text[first.span.start : first.span.end].count("She waited.") == 1


# Nothing is lost

MIXED = dump(
    body(
        (0, "A dedication."),
        (0, "Chapter 1: Fog"),
        (4, "***"),
        (8, "A/N: Thanks for reading! Please review."),
        (8, "(See the end of the chapter for notes.)"),
        (8, "Chapter 2: Oil"),
        (8, "A/N: Sorry for the wait!"),
        (12, "* * *"),
        (16, "Part Two"),
        (16, "Chapter 3"),
        (18, "Yes."),
        (19, "Yes."),
        (24, "The End"),
        (24, "A/N: This was the last chapter, thank you all!"),
        count=24,
    ),
    chapters="3/3",
)
MIXED_DRAFT = draft_of(MIXED)
MIXED_BOARD = unit_board(read_pinned(MIXED_DRAFT).units)
INDEX = st.integers(0, len(MIXED_BOARD.places) - 1)
PIN = INDEX.map(MIXED_BOARD.pin)
CORRECTION = st.one_of(
    st.builds(
        ChapterCorrection,
        at=PIN,
        action=st.sampled_from(Action),
        title=st.sampled_from([None, "Snow"]),
        heading=st.booleans(),
    ),
    st.builds(
        NoteCorrection,
        at=PIN,
        until=st.one_of(st.none(), PIN),
        kind=st.sampled_from([None, *NoteKind]),
    ),
    st.builds(BreakCorrection, at=PIN, is_break=st.booleans()),
)


def of_kind(corrections, kind):
    return tuple(one for one in corrections if isinstance(one, kind))


@settings(max_examples=60, deadline=None)
@given(st.lists(CORRECTION, max_size=6), st.sampled_from([None, (14, 40), (10,)]))
def test_no_word_is_lost_or_moved_whatever_the_reader_says(corrections, at):
    recovery = parse(
        MIXED_DRAFT,
        Corrections(
            chapters=of_kind(corrections, ChapterCorrection),
            notes=of_kind(corrections, NoteCorrection),
            breaks=of_kind(corrections, BreakCorrection),
        ),
        options=ParseOptions(chapters_at=at),
    )
    reading = Reading(MIXED_DRAFT, recovery)
    check_ledger(reading)
    check_markers(reading)
    check_words(reading)


def test_a_jump_line_that_is_made_a_heading_stands_in_the_book_once():
    recovery = corrected(MIXED, "[[chapter]]\nat = '(See the end'\nheading = true")
    check_words(Reading(MIXED_DRAFT, recovery))
    assert "dropped" not in [entry.fate.value for entry in recovery.ledger]


def test_what_was_taken_for_a_long_opening_note_is_a_chapter_once_one_begins_below_it():
    file = f"[[note]]\nat = '{paragraph(0)}'\nuntil = '{paragraph(19)}'\nkind = 'before'\n"
    assert len(corrected(STORY, file).work.chapters) == 1
    recovery = corrected(STORY, f"{file}[[chapter]]\nat = '{paragraph(15)}'")
    assert starts(recovery) == [paragraph(15)]


@pytest.mark.parametrize("order", [("HIATUS", "I LIVE"), ("I LIVE", "HIATUS")])
def test_two_chapters_at_one_join_make_one_of_notes_alone(order):
    hiatus = "A/N: HIATUS, I am so sorry, there is no chapter this week, my exams are eating me alive."
    more = "Thank you for waiting and for all your lovely comments!"
    alive = "A/N: I LIVE!! Sorry for the wait, thank you for your reviews, enjoy the chapter."
    text = dump(body((15, hiatus), (15, more), (15, alive)), chapters="2/?")
    pins = {"HIATUS": hiatus, "I LIVE": alive}
    file = "".join(f"[[chapter]]\nat = '{pins[name][:30]}'\n" for name in order)
    recovery = corrected(text, file)
    assert starts(recovery) == [hiatus, alive]
    alone = recovery.work.chapters[1]
    assert not alone.body
    assert [(n, kind) for n, kind, _ in notes(recovery)] == [(2, "before"), (3, "before")]
    check_words(Reading(draft_of(text), recovery))
