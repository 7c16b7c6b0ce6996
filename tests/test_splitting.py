"""Words parted many texts at a time: the short way and the pattern must agree on every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fic2epub.parser.lexicon import WORD_RE
from fic2epub.parser.splitting import split_words

SIGNS = st.text("abZ09'’‘/-_ .,“”—…éßœЖ²\x85\xa0\u3000\n", max_size=12)


def by_pattern(text: str) -> list[str]:
    return WORD_RE.findall(text.lower().replace("’", "'").replace("‘", "'"))


@given(st.lists(SIGNS, min_size=1, max_size=4))
def test_the_short_way_finds_what_the_pattern_finds(texts: list[str]) -> None:
    assert split_words(texts) == [by_pattern(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("“Don’t,” she said—twice…", ["don't", "she", "said", "twice"]),
        ("'Tis the keepers' lamp-room -- and/or 'not'.", "tis the keepers lamp-room and/or not".split()),
        ("rock'n'roll a-'-b c'-d", ["rock'n'roll", "a", "b", "c", "d"]),
        ("ŒUVRE and Жар", ["œuvre", "and", "жар"]),
    ],
)
def test_joiners_join_only_inside_a_word(text: str, words: list[str]) -> None:
    assert split_words([text, "x"]) == [words, ["x"]]


def test_a_language_without_spaces_has_pairs_of_letters() -> None:
    assert split_words(["灯塔。守", "！"], spaced=False) == [["灯塔"], ["！"]]
