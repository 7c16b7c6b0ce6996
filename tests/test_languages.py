"""Names of languages -> BCP 47."""

import tomllib
from importlib.resources import files

import langcodes
import pytest

from fic2epub.parser.languages import language_tag

TABLE = tomllib.loads((files("fic2epub.parser") / "words" / "languages.toml").read_text("utf-8"))
NEWER_THAN_LANGCODES = {"tok"}  # registered 2022


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("English", "en"),
        (" français ", "fr"),
        ("Franc\u0327ais", "fr"),  # decomposed
        ("中文-普通话 國語", "zh"),
        ("Português  brasileiro", "pt-BR"),
        ("한국어", "ko"),
        ("עברית", "he"),
        ("tlhIngan-Hol", "tlh"),
        ("Mando'a", "art-x-mandoa"),
        ("no", "no"),
        ("EN_gb", "en-GB"),
        ("sr-latn", "sr-Latn"),
        ("ita", "it"),
        ("und", "und"),
    ],
)
def test_known_names_and_tags(name: str, tag: str) -> None:
    assert language_tag(name) == tag


@pytest.mark.parametrize(
    "name", [None, "", "  ", "Elvish", "xx", "zz-ZZ", "not a language", "en; drop", "e" * 99]
)
def test_unknown_names_are_not_guessed_at(name: str | None) -> None:
    assert language_tag(name) is None


def test_every_tag_of_the_table_is_valid_and_no_name_has_two() -> None:
    invalid = {tag for tag in TABLE if not langcodes.tag_is_valid(tag)}
    assert invalid <= NEWER_THAN_LANGCODES
    names = [name.casefold() for names in TABLE.values() for name in names]
    assert len(names) == len(set(names))
    assert list(TABLE) == sorted(TABLE)
