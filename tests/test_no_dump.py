"""Texts that are no dumps at all, or very short: all is the story, and no author's notes are made up."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fic2epub.cli.app import app
from fic2epub.library.book import MakeOptions, recover
from fic2epub.model import Block, Note, Recovery, Work, plain_text, written_text
from fic2epub.parser.sources import read_file

POEM = """January is a locked door,
and the key is under the snow.

February has a cough,
it will not tell you what it knows.

March came in with a boat on its back
and put it down in my yard.

I have told you all of this before.
You were not listening very hard.

So here is April, here is May,
here is a loaf, and here is the light.

I wrote your name on the stairwell wall.
I will paint it over tonight.
"""
LETTER = """Dear Marit,

Thank you for the honey, and for the long letter. I am sorry that I have not written sooner; my wrist was bad.

The roof is mended at last. The man from the village came three days running and drank nine pots of tea.

Please let me know when you are coming. I hope you will stay until the lilac is out. Next week I am at home.

Love to the boys,
Agnes
"""
MAIL = """Hi everyone,

Just a quick update on the move: the van is booked for Saturday, 9 am. Thanks to all who offered to help!!

- Please bring gloves
- Parking is behind the chapel
- Lunch is on me :)

If you can't make it, let me know by Thursday (my number is 555-0134) or write to agnes@example.org.

See you soon!
Agnes
"""
SHOPPING = "milk\neggs (12)\nflour, 2 kg\ncandles\nlamp oil!!\n- the good tea\n- the other tea\nstring\n"
CODE = '''import sys


def main(arguments):
    """Say hello to everybody."""
    for name in arguments[1:]:
        # TODO: what if it is empty?
        print(f"Hello, {name}!")

    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
'''
TABLE = "name,quantity,price\n" + "".join(f"item {n},{3 * n},{n}.50\n" for n in range(1, 25))
LOG = "".join(
    f"2026-03-01 12:{n:02}:07 {'ERROR' if n % 7 == 0 else 'INFO'} lamp[{100 + n}]: "
    f"{'could not reach www.example.org: timeout' if n % 7 == 0 else f'request {n} done in {3 * n} ms'}\n"
    for n in range(40)
)
RECIPE = """Barley Soup

Serves 4. Takes about an hour.

Ingredients:

- 150 g pearl barley
- 2 carrots
- 1.5 l stock
- salt, pepper

Method

1. Wash the barley and put it into the stock. Bring it to the boil.

2. Cut the carrots. Add them after 30 minutes.

3. Cook until everything is soft. Please don't salt it before the end!
"""
DIARY = """Tuesday. I am tired today. I did the washing and I made soup.

Wednesday. I hope the post comes. I am going to write to Agnes, and I am sorry I have not.

Thursday. Nothing new. I read a chapter of my book and went to bed.

Friday. The post came. I love her handwriting. I don't know what to say about the rest.
"""
FIVE_LINES = """Remember to call the harbour office about the lamp.
Ask for Marit, not for the keeper.
The invoice number is 4411.
They close at four.
Thanks!
"""
MINUTES = """Minutes of the harbour committee

Present: Marit, Agnes, Ines, the keeper

1. Lamp oil

Nine cans are missing. The keeper will count them again and report next week.

2. The stairs

Thanks to Agnes for mending the third step. Please do not use the fourth.
"""
MESSAGES = """hey are you up

no

the lamp is out

THE lamp

oh no. oh no oh no

i told you to buy oil!!

ok i'm getting my boots
"""
TEXTS = {
    "poem": POEM,
    "letter": LETTER,
    "mail": MAIL,
    "shopping": SHOPPING,
    "code": CODE,
    "table": TABLE,
    "log": LOG,
    "recipe": RECIPE,
    "diary": DIARY,
    "five lines": FIVE_LINES,
    "minutes": MINUTES,
    "messages": MESSAGES,
    "a word": "Hello.\n",
}
HEADER = "Title: The Lamp Room\nWork ID: 1234567\nAuthor: Ada Quill\nLanguage: English\nChapters: 1/1\n\n"


def read(folder: Path, text: str) -> Recovery:
    path = folder / "a text.txt"
    path.write_text(text, encoding="utf-8")
    return recover(read_file(path), MakeOptions())


def notes(work: Work) -> list[str]:
    """The paragraphs that are notes, each by its first words."""
    blocks: list[Block] = [*work.front, *work.back]
    for chapter in work.chapters:
        blocks += [*chapter.front, *chapter.body, *chapter.back]
    found = [part for block in blocks if isinstance(block, Note) for part in block.blocks]
    return [plain_text(part.content)[:9] for part in found]


@pytest.mark.parametrize("header", ["", HEADER], ids=["bare", "with a header"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_one_kind_has_no_notes(name, header, tmp_path):
    work = read(tmp_path, header + TEXTS[name]).work
    assert notes(work) == []
    assert len(work.chapters) == 1


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_without_a_header_becomes_a_book_with_a_warning(name, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXTS[name], encoding="utf-8")
    done = CliRunner().invoke(app, ["convert", str(path), "-o", str(tmp_path / "book.epub"), "--no-cover"])
    assert done.exit_code == 0, done.output
    assert "There is no header" in done.stderr
    assert "all of the text is taken for the story" in done.stderr
    assert (tmp_path / "book.epub").is_file()


@pytest.mark.parametrize("name", ["table", "log"])
def test_the_rows_of_a_table_are_paragraphs(name, tmp_path):
    (chapter,) = read(tmp_path, TEXTS[name]).work.chapters
    rows = [written_text(block.content) for block in (*chapter.front, *chapter.body, *chapter.back)]
    assert rows == TEXTS[name].splitlines()


@pytest.mark.parametrize("path", ["README.md", "CHANGELOG.md"])
def test_pages_about_a_program_are_read_as_a_story(path, tmp_path):
    text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    recovery = read(tmp_path, text)
    noted = sum(map(len, notes(recovery.work)))
    assert noted < 0.1 * text.count("\n") * 9
    assert recovery.findings[0].rule == "header.missing"


# Short works that do have notes

STORY = """The harbour lamp went out at nine, and nobody in the town admitted to having seen it.

Marit carried the oil up all ninety steps, and then she carried it down again, since the door was locked.

"You might have knocked," said the keeper, when she told him in the morning.
"""
PRESENT = """I wake before the bell. The water is grey, and so am I.

I carry the oil up the ninety steps. My knees know every one of them. I count anyway.

He is asleep beside the lamp with his boots on. I put the can down, and I don't wake him.

What am I doing here? I ask the gulls. They have no idea.

I light it. The light goes out over the water and I go down to breakfast.
"""
SPEECH = """"You might knock," he says. He is not asleep.

"You might hear me," I say, and I go back to the window. "The door was open."
"""
THANKS = "Thanks for reading! This is my first fic in this fandom, so please leave a review and tell me!\n"
LONG = """Hi everyone! So this was supposed to be longer but I have exams and really wanted to post something.

Thank you so much to my beta for reading this at two in the morning. All mistakes are mine!

If you liked it, please leave kudos or a comment, they make my day. You can find me on tumblr at lampoil.

I will try to update my other fic on Friday. Sorry for the wait!!
"""


@pytest.mark.parametrize("header", ["", HEADER], ids=["bare", "with a header"])
@pytest.mark.parametrize(
    ("text", "noted"),
    [
        (f"{STORY}\n{THANKS}", ["Thanks fo"]),
        (f"{PRESENT}\n{THANKS}", ["Thanks fo"]),
        (f"{PRESENT}\n{SPEECH}\n{THANKS}", ["Thanks fo"]),
        (f"A/N: Enjoy!\n\n{STORY}", ["A/N: Enjo"]),
        (f"{STORY}\n{LONG}", ["Hi everyo", "Thank you", "If you li", "I will tr"]),
    ],
    ids=["past", "present", "present with speech", "label", "notes longer than the story"],
)
def test_a_short_work_keeps_its_notes_and_its_story(text, noted, header, tmp_path):
    assert notes(read(tmp_path, header + text).work) == noted
