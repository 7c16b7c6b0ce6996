"""The word tables are well formed and read as documented; the language of a text is told."""

import re
import tomllib
from collections import Counter
from importlib import resources
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fic2epub.parser import vocabulary as module
from fic2epub.parser.cues import find_cues
from fic2epub.parser.lexicon import lexicon
from fic2epub.parser.vocabulary import (
    NOTE_CATEGORIES,
    SIDES,
    language_of,
    normalise,
    number_in_words,
    phrases_re,
    tokens,
    vocabulary,
)

LANGUAGES = ("en", "es", "fr", "de", "pt", "it", "ru", "zh", "ja")
WORDS = resources.files("fic2epub.parser.words")


def tables(language):
    return tomllib.loads(WORDS.joinpath(f"{language}.toml").read_text("utf-8"))


# --- the data


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_has_no_key_that_nothing_reads(language):
    english, own = tables("en"), tables(language)
    assert own["language"] == language
    for section in ("headings", "labels", "closings", "grammar", "time", "scene"):
        assert own[section].keys() == english[section].keys(), section
    for key in own["note"]:
        category, _, kind = key.removesuffix("s").rpartition("_")
        assert kind in ("word", "phrase"), key
        assert category.removesuffix("_international") in NOTE_CATEGORIES, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_entries_are_spelt_as_text_is_normalised(language):
    for section, lists in tables(language).items():
        if not isinstance(lists, dict):
            continue
        for key, text in lists.items():
            assert text == normalise(text), (section, key)
            for line in text.splitlines():
                assert line == " ".join(line.split()), (section, key, line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_everyday_word_stands_in_a_strong_list_and_no_word_in_two_lists(language):
    table = vocabulary(language)
    grammar = table.grammar
    everyday = grammar.first | grammar.second | grammar.third | grammar.past | grammar.body | grammar.function
    everyday |= grammar.present
    counts = Counter(word for cues in table.note.values() for word in cues.words)
    assert [word for word, count in counts.items() if count > 1] == []
    strong = {word for name, cues in table.note.items() if not name.endswith("_weak") for word in cues.words}
    assert strong & everyday == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_something_in_every_place_that_matters(language):
    table = vocabulary(language)
    for category in (
        "fandom",
        "writing",
        "thanks",
        "apology",
        "hope",
        "asking",
        "ownership",
        "announcing",
        "before",
    ):
        assert len(table.note[category].phrases) >= 3, category
    for name in type(table.grammar).__slots__:
        assert getattr(table.grammar, name), name
    assert len(table.time.months) >= 12
    assert len(table.time.weekdays) >= 7
    assert set(range(1, 13)) <= set(table.headings.cardinals.values())


def test_english_is_read_in_under_ten_milliseconds():
    times = []
    for _ in range(5):
        module._tables.cache_clear()
        vocabulary.cache_clear()
        start = perf_counter()
        vocabulary("en")
        times.append(perf_counter() - start)
    assert min(times) < 0.010


# --- which table a tag gets


@pytest.mark.parametrize(
    ("tag", "language"), [("en-GB", "en"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("DE", "de"), ("cmn", "zh")]
)
def test_a_tag_gets_the_table_of_its_base_language(tag, language):
    assert vocabulary(tag) is vocabulary(tag)
    assert vocabulary(tag).language == language


@pytest.mark.parametrize("tag", [None, "und", "tlh", "languages", "../en", "function_words", ""])
def test_an_unknown_language_gets_english_forms_and_no_words(tag):
    table = vocabulary(tag)
    assert table.language == "und"
    assert "a/n" in table.labels.note
    assert "chapter" in table.headings.chapter
    assert "tbc" in table.closings.continued
    assert all(not cues.words and not cues.phrases for cues in table.note.values())
    assert not table.grammar.function


def test_english_forms_and_international_terms_are_added_to_a_language():
    french = vocabulary("fr")
    assert {"chapter", "chapitre"} <= french.headings.chapter
    assert french.headings.cardinals["six"] == 6
    assert "a/n" in french.labels.note
    assert "tbc" in french.closings.continued
    assert "kudos" in vocabulary("de").note["fandom"].words or "ao3" in vocabulary("de").note["fandom"].words
    assert "coming soon" in french.note["announcing"].phrases


def test_no_english_term_is_added_that_is_an_everyday_word_elsewhere():
    # "au" is French for "to the", "tag" German for "day", "canon" French for "cannon".
    assert not {"au", "canon", "part", "post"} & vocabulary("fr").note["fandom"].words
    assert "tag" not in vocabulary("de").note["fandom"].words


def test_a_languages_own_number_word_outranks_the_english_one():
    assert vocabulary("es").headings.cardinals["once"] == 11


# --- matching


def test_normalised_text_has_straight_apostrophes_and_plain_spaces():
    assert normalise("AUTHOR’S\N{NO-BREAK SPACE}Note：") == "author's note:"


@given(st.text())
def test_normalising_keeps_offsets_and_is_stable(text):
    once = normalise(text)
    assert len(once) == len(text)
    assert normalise(once) == once


def test_a_phrase_matches_as_whole_words_over_any_white_space():
    pattern = phrases_re(("see you", "see you next", "<3", "p.s."))
    assert pattern.findall("i'll see\nyou next time <3") == ["see\nyou next", "<3"]
    assert pattern.findall("see your foresee you") == []
    assert pattern.findall("p.s. one") == ["p.s."]
    assert pattern.findall("paso") == []


def test_the_longest_phrase_is_taken_and_a_shorter_one_where_it_stops():
    pattern = phrases_re(("let me know", "let me know what you think"))
    assert pattern.findall("let me know what you think. let me know what.") == [
        "let me know what you think",
        "let me know",
    ]


def test_without_spaces_a_phrase_matches_inside_the_line_but_latin_letters_as_words():
    pattern = phrases_re(("下一章", "oc"), spaced=False)
    assert pattern.findall("我的oc会在下一章出现,不要ooc") == ["oc", "下一章"]


def test_no_phrases_match_nothing():
    assert not phrases_re(()).search("anything at all")


@given(
    st.lists(st.text(alphabet="ab '.", min_size=1).filter(str.strip), min_size=1), st.text(alphabet="ab '. ")
)
def test_the_pattern_of_a_list_finds_what_one_of_its_phrases_finds(phrases, text):
    one_by_one = any(phrases_re((phrase,)).search(text) for phrase in phrases)
    assert bool(phrases_re(tuple(phrases)).search(text)) == one_by_one


def test_tokens_keep_inner_apostrophes_and_hyphens():
    assert tokens(normalise("“Don’t re-read it,” – she said_twice")) == [
        "don't",
        "re-read",
        "it",
        "she",
        "said",
        "twice",
    ]


# --- number words


@pytest.mark.parametrize(
    ("language", "words", "number"),
    [
        ("en", "seven", 7),
        ("en", "twenty-first", 21),
        ("en", "forty two", 42),
        ("en", "hundred and five", 105),
        ("fr", "vingt et un", 21),
        ("fr", "soixante et onze", 71),
        ("fr", "quatre-vingt-dix", 90),
        ("es", "treinta y uno", 31),
        ("es", "dieciseis", 16),
        ("de", "dreiundzwanzig", 23),
        ("it", "ventotto", 28),
        ("ru", "двадцать первая", 21),
        ("zh", "二十三", 23),
        ("zh", "一百零五", 105),
        ("ja", "第十二", 12),
    ],
)
def test_number_words_are_read(language, words, number):
    assert number_in_words(words, vocabulary(language)) == number


@pytest.mark.parametrize(
    "words", ["", "lonely", "twenty-twenty", "one two", "seven ate nine", "12", "xii", "twenty ten"]
)
def test_other_words_are_no_number(words):
    assert number_in_words(words, vocabulary("en")) is None


# --- what must be known, and what must not be taken for a note


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thank you so much for reading, and let me know what you think!"),
        ("en", "Sorry for the long wait, real life got in the way."),
        ("es", "Espero que les guste el capítulo, dejen sus reviews."),
        ("fr", "Bonne lecture, et n’oubliez pas que rien ne m’appartient !"),
        ("de", "Viel Spaß beim Lesen, ich freue mich über Reviews."),
        ("pt", "Desculpem a demora, espero que gostem do capítulo."),
        ("it", "Scusate il ritardo, spero che vi piaccia questo capitolo."),
        ("ru", "Спасибо за отзывы, приятного чтения!"),
        ("zh", "感谢阅读,下一章会尽快更新。"),
        ("ja", "お待たせしました。読んでいただきありがとうございます。"),
    ],
)
def test_a_note_is_full_of_cues(language, text):
    assert len(strong_cues(language, text)) >= 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "She followed him down the hall, and the ship's bell rang twice in the dark."),
        ("en", "“I am sorry,” he said. “Take care of your mother, and come back soon.”"),
        ("es", "Ella cerró la puerta y miró por la ventana hacia la calle mojada."),
        ("fr", "Il posa le canon au sol et regarda la porte de la chambre se fermer."),
        ("de", "Am nächsten Tag stand er auf, nahm seinen Mantel und ging zur Post."),
        ("pt", "Ele abriu a janela e ficou a olhar o mar até a noite cair."),
        ("it", "La donna chiuse la porta e rimase a guardare il mare in silenzio."),
        ("ru", "Он закрыл дверь и долго смотрел на тёмную воду за окном."),
        ("zh", "他推开窗户,看见雨水顺着屋檐落下来。"),
        ("ja", "彼は窓を開け、雨に濡れた庭を黙って見つめた。"),
    ],
)
def test_narration_and_speech_hold_no_strong_cue(language, text):
    assert strong_cues(language, text) == []


def strong_cues(language, text):
    table, found = vocabulary(language), []
    line = normalise(text)
    for name, cues in table.note.items():
        if name.endswith("_weak") or name in SIDES:
            continue
        found += phrases_re(cues.phrases, spaced=table.spaced).findall(line)
        if table.spaced:
            found += [word for word in tokens(line) if word in cues.words]
        else:
            found += phrases_re(cues.words, spaced=False).findall(line)
    return found


def test_a_label_opens_a_note_in_its_own_language():
    for language, label in [
        ("es", "nota de la autora"),
        ("fr", "nda"),
        ("de", "vorwort"),
        ("it", "angolo autrice"),
        ("ru", "от автора"),
        ("zh", "作者有话要说"),
        ("ja", "あとがき"),
    ]:
        labels = vocabulary(language).labels
        assert label in (*labels.note, *labels.before, *labels.after), language


# --- the language of a text

SAMPLES = {
    "en": (
        "The lamp went out before he could reach the door, and for a while "
        "there was only the rain on the roof."
    ),
    "es": (
        "La lámpara se apagó antes de que él pudiera llegar a la puerta, y por "
        "un rato no hubo más que la lluvia."
    ),
    "fr": (
        "La lampe s’éteignit avant qu’il pût atteindre la porte, et pendant un "
        "moment il n’y eut que la pluie sur le toit."
    ),
    "de": (
        "Die Lampe ging aus, bevor er die Tür erreichen konnte, und eine Weile "
        "war nur der Regen auf dem Dach zu hören."
    ),
    "pt": (
        "A lâmpada apagou-se antes que ele pudesse chegar à porta, e por um "
        "tempo não havia mais do que a chuva."
    ),
    "it": (
        "La lampada si spense prima che lui potesse arrivare alla porta, e per "
        "un po’ non ci fu altro che la pioggia."
    ),
    "ru": (
        "Лампа погасла раньше, чем он успел дойти до двери, и какое-то время "
        "был только дождь, и он ничего не видел."
    ),
    "uk": (
        "Лампа згасла раніше, ніж він дійшов до дверей, і якийсь час був "
        "тільки дощ, що стукав у дах, та й він не спав."
    ),
    "zh": "他还没走到门口,灯就灭了,屋顶上只剩下雨声。",
    "ja": "彼が扉に着く前に灯りが消え、しばらくは屋根を打つ雨の音だけが聞こえていた。",
    "ko": "그가 문에 닿기도 전에 등불이 꺼졌고 한동안 빗소리만 들렸다.",
    "el": "Η λάμπα έσβησε πριν φτάσει στην πόρτα και για λίγο ακουγόταν μόνο η βροχή.",
    "nl": (
        "De lamp ging uit voordat hij bij de deur kon komen, en het was een "
        "tijd lang niet meer dan de regen op het dak."
    ),
    "pl": (
        "Lampa zgasła, zanim doszedł do drzwi, i przez chwilę nie było już nic "
        "oprócz deszczu, a on nie wiedział, co to jest."
    ),
    "sv": (
        "Lampan slocknade innan han kunde nå dörren, och en stund var det inte "
        "något annat än regnet som hördes på taket."
    ),
}


@pytest.mark.parametrize("language", SAMPLES)
def test_the_language_of_a_text_is_told(language):
    assert language_of(SAMPLES[language]) == language


@pytest.mark.parametrize(
    "text", ["", "***", "Prologue", "12345 67890", "Xanthe Quorn Vix Blatt Morro Zed Kint Pell Osk"]
)
def test_too_little_text_tells_no_language(text):
    assert language_of(text) is None


def test_a_foreign_sentence_does_not_change_the_language():
    assert language_of(SAMPLES["en"] * 4 + SAMPLES["fr"]) == "en"
    assert language_of(SAMPLES["zh"] * 5 + "ありがとう") == "zh"


def test_only_the_beginning_of_a_text_is_looked_at():
    start = SAMPLES["de"] * (20_000 // len(SAMPLES["de"]) + 1)
    assert language_of(start + SAMPLES["fr"] * 2_000) == "de"


@given(st.text(max_size=300))
def test_any_text_gives_a_base_tag_or_none(text):
    answer = language_of(text)
    assert answer is None or re.fullmatch("[a-z]{2}", answer)


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_every_cue_of_a_language_without_spaces_can_be_found(language: str) -> None:
    words_of = lexicon(vocabulary(language))
    for cue in words_of.substring_category:
        assert find_cues(cue, [], frozenset(), words_of).found
