"""The language of --where and --sort-by: what it selects, what it refuses, and that it never breaks."""

import datetime
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fic2epub.errors import UsageError
from fic2epub.model import Metadata, Series
from fic2epub.select import Facts, parse_where, sort_key
from fic2epub.select.fields import FIELDS, find
from fic2epub.select.text import fold

TIDE = Facts(
    metadata=Metadata(
        title="The Tide Tables",
        creators=("marram", "Björn Ågren"),
        language="en-GB",
        language_name="English",
        rating="Teen And Up Audiences",
        warnings=("No Archive Warnings Apply",),
        categories=("F/F", "Gen"),
        fandoms=("Lighthouse Songs",),
        relationships=("Ada Quill/Bea Flint", "Ada Quill & Tom"),
        characters=("Ada Quill", "Bea Flint"),
        tags=("Slow Burn", "Fluff and Angst", "Yuri!!! on the pier"),
        series=(Series("Salt", 2), Series("Winter Exchange")),
        status="Updated",
        chapters_posted=6,
        chapters_planned=8,
        chapters_written="6/8",
        work_id="1234567",
        published=datetime.date(2023, 12, 31),
        updated=datetime.date(2024, 5, 17),
    ),
    summary="Two keepers, one lamp.",
    words=6_500,
    chapters=6,
    unsure=1,
    inferred=2,
    confidence=0.62,
    notes=4,
)
BARE = Facts(metadata=Metadata(title="Wick"))


def works(**values):
    return Facts(metadata=Metadata(title="A", **values))


@pytest.mark.parametrize(
    "where",
    [
        "rating <= teen",
        "rating = T",
        'rating = "Teen And Up Audiences"',
        "rating in (general, teen)",
        "rating > general and rating < mature",
        "rating >= g",
        "words > 5000 and words < 7k",
        "words >= 6.5k",
        "WORDS>5000 AND Rating<=TEEN",
        'relationship ~ "quill/"',
        "ship ~ Ada",
        'ships = "ada quill/bea flint"',
        'not tag ~ "major character death"',
        "tag !~ death",
        "tag != fluff",
        "tag = 'slow burn'",
        'tag ~ "yuri!!!"',
        "tag in (nothing, “slow  BURN”)",
        "tag not in (nothing, none)",
        "author = marram",
        "author ~ bjorn",
        'author = "BJORN AGREN"',
        "fandom ~ songs",
        'character = "Bea Flint" and category = F/F',
        'archive-warning ~ "no archive"',
        'title = "the tide tables"',
        "summary ~ lamp",
        "language = en",
        "language = en-gb",
        "language = English",
        "has series and series ~ salt",
        "part = 2",
        "status = wip",
        'status = "in progress"',
        "not complete",
        "complete = no",
        "posted = 6 and planned = 8 and chapters <= 6",
        "id = 1234567",
        "id in (1, 1234567)",
        "updated > 2023",
        "updated = 2024",
        "updated = 2024-05",
        "updated <= 2024-05-17",
        "published < 2024 and published >= 2023-12-31",
        "published ≤ 2023",
        "confidence < 0.7",
        "confidence < 70%",
        "unsure > 0 or inferred > 5",
        "notes == 4",
        "title = nothing or words > 1 and rating = teen",
        "(title = nothing or words > 1) and rating = teen",
        "not (rating = explicit or words > 10k)",
        "not not rating = teen",
        r'not title = "say \"when\""',
    ],
)
def test_a_condition_that_holds(where):
    assert parse_where(where).matches(TIDE)


@pytest.mark.parametrize(
    "where",
    [
        "rating < teen",
        "rating = mature",
        "rating not in (teen, general)",
        "words > 6.5k",
        "tag = fluff",
        "tag != 'slow burn'",
        "not tag ~ angst",
        "author = bjorn",
        "complete",
        "status = complete",
        "language = e",
        "language = fr",
        "updated > 2024",
        "updated < 2024",
        "updated = 2024-04",
        "published > 2023",
        "id = 123",
        "part = 1",
        "title = nothing and words > 1 or rating = mature",
        "title = nothing and (words > 1 or rating = teen)",
    ],
)
def test_a_condition_that_does_not_hold(where):
    assert not parse_where(where).matches(TIDE)


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("rating", ["Not Rated", "PG-13", None])
@pytest.mark.parametrize("wanted", ["general", "explicit", '"not rated"'])
def test_a_work_that_is_not_rated_passes_no_order(sign, rating, wanted):
    assert not parse_where(f"rating {sign} {wanted}").matches(works(rating=rating))


def test_not_rated_can_be_asked_for():
    where = parse_where('rating = "Not Rated"')
    assert where.matches(works(rating="Not Rated"))
    assert where.matches(works()), "no rating is not rated"
    assert not where.matches(works(rating="General Audiences"))
    assert not where.matches(works(rating="PG-13"))
    assert parse_where("rating ~ pg").matches(works(rating="PG-13"))


def test_the_ratings_have_an_order():
    ratings = ("General Audiences", "Teen And Up Audiences", "Mature", "Explicit")
    for low, rating in enumerate(ratings):
        passed = [parse_where(f'rating <= "{name}"').matches(works(rating=rating)) for name in ratings]
        assert passed == [index >= low for index in range(4)]


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in ("title", "complete")])
def test_a_work_that_does_not_say_passes_nothing_but_what_is_denied(field):
    value = {"rating": "teen", "published": "2024", "updated": "2024"}.get(field, "1")
    assert not parse_where(f"{field} = {value}").matches(BARE)
    assert parse_where(f"{field} != {value}").matches(BARE)
    assert parse_where(f"not {field} = {value}").matches(BARE)
    assert not parse_where(f"has {field}").matches(BARE)


@pytest.mark.parametrize(
    ("values", "complete", "wip"),
    [
        ({"status": "Completed"}, True, False),
        ({"status": "Updated"}, False, True),
        (
            {"status": "WIP", "chapters_posted": 6, "chapters_planned": 6, "chapters_written": "6/6"},
            False,
            True,
        ),
        ({"chapters_posted": 6, "chapters_planned": 6, "chapters_written": "6/6"}, True, False),
        ({"chapters_posted": 6, "chapters_planned": 8, "chapters_written": "6/8"}, False, True),
        ({"chapters_posted": 6, "chapters_written": "6/?"}, False, True),
        ({"chapters_posted": 6, "chapters_written": "6"}, False, False),
        ({"status": "Abandoned"}, False, False),
        ({}, False, False),
    ],
)
def test_complete_is_what_the_status_says_or_else_the_chapters(values, complete, wip):
    work = works(**values)
    assert parse_where("complete").matches(work) is complete
    assert parse_where("status = complete").matches(work) is complete
    assert parse_where("complete = no").matches(work) is wip
    assert parse_where("status = ongoing").matches(work) is wip


def test_a_status_of_the_dumps_own_can_be_asked_for():
    assert parse_where("status = abandoned").matches(works(status="Abandoned"))
    assert not parse_where("status = abandoned").matches(works(status="Completed"))


@pytest.mark.parametrize(
    ("where", "place", "says"),
    [
        ("ratting <= teen", "ratting", "Did you mean rating?"),
        ("words > 5k and relatonship ~ x", "relatonship", "Did you mean relationship?"),
        ("zzz = 1", "zzz", "no field"),
        ("rating = tean", "tean", "is no rating"),
        ("words > many", "many", "is no number"),
        ("words > 1e5", "1e5", "is no number"),
        ("updated > 2024-02-30", "2024-02-30", "is no date"),
        ("updated > 0000", "0000", "is no date"),
        ("title < m", "< m", "compares ratings, numbers and dates"),
        ("words ~ 5", "~ 5", "Use = instead"),
        ("complete = maybe", "maybe", "neither yes nor no"),
        ("tag fluff", "fluff", "a sign is missing"),
        ("tag = slow burn", "burn", "Words with spaces go into quotes"),
        ("words > 5,000", ",000", "5000 or 5k"),
        ("tag = ", None, "a text is missing"),
        ('tag ~ "open', '"open', "not closed"),
        ("tag = “open", "“open", "not closed"),
        ('tag ~ ""', '""', "write has"),
        ("(tag = a", "(tag", "not closed"),
        ("tag = a)", ")", "closes nothing"),
        ("(tag = a tag = b)", "tag = b", "closing bracket"),
        ("tag in a", "a", "in brackets"),
        ("tag in (a", None, "comma or a closing bracket"),
        ("tag in (a,)", ")", "is missing"),
        ("tag in ()", ")", "is missing"),
        ("tag not a", "not a", "a sign is missing"),
        ("has", None, "a field is missing"),
        ("has nothing", "nothing", "no field"),
        ("and tag = a", "and", "no field"),
        ("tag = a and", None, "a field is missing"),
        ("not", None, "a field is missing"),
        ("= a", "= a", "a field is missing"),
        ("tag ! a", "! a", "no meaning"),
        ("(" * 41 + "tag = a" + ")" * 41, None, "40 brackets"),
        ("not " * 41 + "tag = a", None, "40 brackets"),
    ],
)
def test_a_slip_is_shown_where_it_is(where, place, says):
    with pytest.raises(UsageError) as caught:
        parse_where(where)
    sentence, line, caret = str(caught.value).split("\n")
    assert sentence.startswith("--where: ")
    assert says in sentence
    if place is not None:
        assert line[caret.index("^") :].startswith(place)


@pytest.mark.parametrize("where", ["", "  ", "\n"])
def test_an_empty_condition_is_refused(where):
    with pytest.raises(UsageError, match="empty"):
        parse_where(where)


def test_a_long_condition_is_shown_in_part():
    with pytest.raises(UsageError) as caught:
        parse_where(" and ".join(["words > 1"] * 50 + ["oops = 1"] + ["words > 1"] * 50))
    _, line, caret = str(caught.value).split("\n")
    assert len(line) < 90
    assert line[caret.index("^") :].startswith("oops")
    with pytest.raises(UsageError, match="longer than"):
        parse_where("words > 1 and " * 5_000)


def test_the_caret_stands_under_letters_of_double_width():
    with pytest.raises(UsageError) as caught:
        parse_where("title = 海の歌 nothing")
    _, line, caret = str(caught.value).split("\n")
    assert caret.index("^") == line.index("nothing") + 3


def test_a_condition_can_be_sent_to_another_process():
    where = parse_where(
        "(ship ~ a or confidence < 80%) and not has notes and updated > 2023 and words in (1, 2)"
    )
    assert pickle.loads(pickle.dumps(where)) == where
    assert pickle.loads(pickle.dumps(where.matches))(TIDE) is False


def test_no_name_stands_for_two_fields():
    names = [name for field in FIELDS.values() for name in (field.name, *field.also)]
    assert len(names) == len(set(names))
    for field in FIELDS.values():
        assert find(field.name) is field
        assert find(field.name.upper() + "s") is field
    assert find("Additional_Tags") is FIELDS["tag"]


@pytest.mark.parametrize(
    "hostile", ["__class__", "metadata", "1; drop table", "' or 1=1 --", "{0.__init__}", "%s"]
)
def test_nothing_of_a_condition_is_ever_code(hostile):
    with pytest.raises(UsageError):
        parse_where(f"{hostile} = 1")
    quoted = hostile.replace("'", "")
    assert not parse_where(f"tag = '{quoted}' or title ~ '{quoted}'").matches(TIDE)


WORDS = st.sampled_from(
    [
        *FIELDS,
        "and",
        "or",
        "not",
        "has",
        "in",
        "(",
        ")",
        ",",
        "=",
        "<=",
        "~",
        "!=",
        "5k",
        '"a b"',
        "teen",
        "2024",
        "x",
    ]
)


@given(st.text() | st.lists(WORDS, max_size=12).map(" ".join))
def test_any_text_is_a_condition_or_a_usage_error(text):
    message = None
    try:
        condition = parse_where(text)
    except UsageError as error:
        message = str(error)
    if message is None:
        assert condition.matches(TIDE) in (True, False)
        assert condition.matches(BARE) in (True, False)
    else:
        assert message.startswith("--where")
        assert message.replace("\n", "").isprintable()


@given(st.text(min_size=1).filter(fold))
def test_any_value_can_be_asked_for_in_quotes(value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    work = works(tags=(value,))
    assert parse_where(f'tag = "{quoted}"').matches(work)
    assert parse_where(f'tag ~ "{quoted}"').matches(work)
    assert not parse_where(f'tag != "{quoted}"').matches(work)


@given(st.text())
def test_folded_words_stay_as_they_are(text):
    assert fold(fold(text)) == fold(text)


# Order


LIST = [
    Facts(metadata=Metadata(title="The Part 10", creators=("b",), rating="Not Rated"), words=5),
    Facts(metadata=Metadata(title="part 2", creators=("a",), rating="Explicit"), words=9),
    Facts(metadata=Metadata(title="Ålesund", rating="General Audiences"), words=None),
    Facts(metadata=Metadata(title="“Brine”", creators=("B",), rating="Mature"), words=9),
]


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ("title", [2, 3, 1, 0]),
        ("-title", [0, 1, 3, 2]),
        ("author", [1, 0, 3, 2]),
        ("-author", [0, 3, 1, 2]),
        ("author,title", [1, 3, 0, 2]),
        ("words", [0, 1, 3, 2]),
        ("-words", [1, 3, 0, 2]),
        ("-words, -title", [1, 3, 0, 2]),
        ("rating", [2, 3, 1, 0]),
        ("-rating", [1, 3, 2, 0]),
        ("updated", [0, 1, 2, 3]),
        ("complete,status,words", [0, 1, 3, 2]),
    ],
)
def test_works_are_sorted_by_any_field_and_those_that_do_not_say_come_last(rule, order):
    assert [LIST.index(one) for one in sorted(LIST, key=sort_key(rule))] == order


@pytest.mark.parametrize("rule", ["", "titel", "title,", "--title", "title;words"])
def test_an_unknown_order_is_refused(rule):
    with pytest.raises(UsageError, match="--sort-by"):
        sort_key(rule)


def test_the_nearest_field_is_named():
    with pytest.raises(UsageError, match="Did you mean title"):
        sort_key("titel")


@given(st.sampled_from([*FIELDS]), st.booleans())
def test_any_field_gives_an_order(field, down):
    rule = f"-{field}" if down else field
    assert len(sorted([TIDE, *LIST, BARE, TIDE], key=sort_key(rule))) == 7
