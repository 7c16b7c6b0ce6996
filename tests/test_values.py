"""`fic2epub.values`: what one may ask of a dataclass, these answer as the standard ones do."""

import copy
import dataclasses
import inspect
import pickle
import typing
from dataclasses import FrozenInstanceError, asdict, astuple, field, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fic2epub.values import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: int
    y: "int" = 2
    seen: list[int] = field(default_factory=list)
    twice: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.x)


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """A place."""

    x: int
    y: "int" = 2
    seen: list[int] = field(default_factory=list)
    twice: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    one: tuple[Point, ...] = ()
    two: str


@dataclass(slots=True)
class Open:
    count: int = 0
    names: dict[str, int] = field(default_factory=dict, init=False)
    _hidden: str = field(default="h", init=False)


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    x: int


@dataclass(frozen=True, slots=True)
class Empty:
    pass


@dataclass(frozen=True, slots=True)
class Single:
    x: object
    """One field: its comparison is a tuple's too."""


@dataclass(frozen=True, slots=True)
class Own:
    x: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7


def described(cls):
    parts = [(one.name, one.type, one.init, one.repr, one.compare, one.kw_only) for one in fields(cls)]
    return parts, cls.__match_args__, cls.__slots__, typing.get_type_hints(cls.__init__)


def test_fields_slots_and_hints_are_those_of_the_standard_library():
    assert described(Point) == described(Standard)
    assert [*inspect.signature(Point).parameters] == [*inspect.signature(Standard).parameters]
    assert is_dataclass(Point)
    assert not hasattr(Point(1), "__dict__")


@given(st.integers(), st.integers(), st.lists(st.integers()))
def test_a_value_answers_as_the_standard_librarys(x, y, seen):
    ours, theirs = Point(x, y, seen), Standard(x, y, seen)
    assert repr(ours) == repr(theirs).replace("Standard", "Point")
    assert asdict(ours) == asdict(theirs)
    assert astuple(ours) == astuple(theirs)
    assert asdict(replace(ours, y=3)) == asdict(replace(theirs, y=3))
    assert ours == Point(x, y, [*seen])
    assert ours != theirs
    assert ours != replace(ours, x=x + 1)
    assert copy.copy(ours) == copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == ours
    assert pickle.loads(pickle.dumps(ours)).twice == 2 * x


def test_a_hash_is_of_what_is_compared():
    assert len({Point(1, 2, ()), Point(1, seen=()), Point(1, 3, ())}) == 2
    assert hash(Point(1, 2, ())) == hash(Standard(1, 2, ()))
    with pytest.raises(TypeError):
        hash(Point(1))
    with pytest.raises(TypeError):
        hash(Open())


def test_a_frozen_value_cannot_be_changed():
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2
    with pytest.raises(FrozenInstanceError):
        del point.x
    with pytest.raises(FrozenInstanceError):
        point.other = 2
    assert point.x == 1


def test_one_that_is_not_frozen_can():
    one = Open(3)
    one.count = 4
    assert (one.count, one.names, one._hidden) == (4, {}, "h")
    assert one.names is not Open().names


def test_every_value_has_a_list_of_its_own():
    assert Point(1).seen is not Point(1).seen


def test_arguments_by_name_only():
    assert Named(two="b") == Named(one=(), two="b")
    with pytest.raises(TypeError, match=r"Named\.__init__"):
        Named((), "b")
    with pytest.raises(TypeError, match="two"):
        Named()


def test_without_eq_values_are_compared_by_identity():
    one = Same(1)
    assert one == one
    assert one != Same(1)
    assert len({one, Same(1)}) == 2


def test_no_field_and_one():
    assert Empty() == Empty()
    assert hash(Empty()) == hash(())
    assert pickle.loads(pickle.dumps(Empty())) == Empty()
    assert repr(Single(1)) == "Single(x=1)"
    nothing = float("nan")
    assert Single(nothing) == Single(nothing), "as in a tuple, what is the same object is equal"
    assert hash(Single(1)) == hash((1,))


def test_a_classs_own_methods_stay():
    assert repr(Own(1)) == "mine"
    assert Own(1) == 5
    assert hash(Own(1)) == 7


def test_match_reads_a_value_by_position():
    match Point(4, 5):
        case Point(x, y):
            assert (x, y) == (4, 5)


def test_a_value_that_holds_itself_is_shown():
    seen: list[object] = []
    point = Point(1, 2, seen)
    seen.append(point)
    assert repr(point) == "Point(x=1, y=2, seen=[...])"


def test_a_mutable_default_is_refused():
    with pytest.raises(ValueError, match="mutable default"):

        @dataclass(frozen=True, slots=True)
        class Wrong:
            x: list[int] = []  # noqa: RUF012 - that is the point
