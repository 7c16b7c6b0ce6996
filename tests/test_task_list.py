"""The list of a run's dumps: its order, what is found in it, and that it is on the disk and not in memory."""

import sqlite3
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fic2epub.errors import LibraryError
from fic2epub.library.run_order import RunOrder
from fic2epub.library.task_list import Task, TaskList
from fic2epub.library.update import _by_work


def listed(*tasks):
    return TaskList((task.path.encode(), task) for task in tasks)


A, B, C = (Task(name, "new", "7") for name in "abc")
ONE, TWO = Task("1", "new", "8"), Task("2", "new")


def test_dumps_of_one_work_stand_at_the_place_of_the_first():
    assert [*listed(ONE, A, TWO, B, C)] == [ONE, A, B, C, TWO]


def test_what_is_not_made_keeps_its_place_whatever_its_work():
    same = Task("s", None, "7")
    assert [*listed(A, ONE, same, B)] == [A, B, ONE, same]


def test_dumps_without_a_work_are_never_together():
    none = [Task(name, "new") for name in "xyz"]
    assert [len(several) for several in _by_work(listed(*none))] == [1, 1, 1]


def test_those_of_one_work_come_together_and_no_others():
    done = Task("s", None, "7")
    assert [[one.path for one in several] for several in _by_work(listed(done, A, ONE, B, TWO))] == [
        ["s"],
        ["a", "b"],
        ["1"],
        ["2"],
    ]


def test_a_dump_is_found_by_its_key():
    tasks = listed(ONE, A, TWO, B)
    assert tasks.find(b"2") == (3, TWO)
    assert tasks.find(b"9") is None


def test_what_has_not_been_told_yet_is_not_found_among_what_has():
    order = RunOrder(listed(ONE, A, TWO, B), "/")
    order.tell(2)
    assert (order.told(b"a"), order.told(b"b"), order.told(b"9")) == (A, None, None)


def test_it_counts_what_is_to_be_made():
    tasks = listed(A, Task("s", None), B)
    assert (len(tasks), tasks.to_make) == (3, 2)
    assert (len(listed()), listed().to_make, [*listed()]) == (0, 0, [])


def test_a_name_that_is_no_text_comes_back_as_it_was():
    strange = Task("a\udcff.txt", "new", None, 7)
    assert [*TaskList([(b"a\xff.txt", strange)])] == [strange]


def test_two_may_go_through_it_at_a_time():
    tasks = listed(*(Task(str(number), "new") for number in range(1000)))
    assert [*zip(tasks, tasks, strict=True)] == [(one, one) for one in tasks]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from([None, "new"]), st.sampled_from([None, "1", "2", "3"]))))
def test_the_order_is_that_of_the_rule(drawn):
    tasks = [Task(str(at), why, work) for at, (why, work) in enumerate(drawn)]
    expected: list[Task] = []
    for task in tasks:
        if task.why is None or task.work is None:
            expected.append(task)
        elif task not in expected:
            expected += [one for one in tasks if one.why is not None and one.work == task.work]
    assert [*listed(*tasks)] == expected


def test_thirty_thousand_take_hardly_any_memory():
    tracemalloc.start()
    tasks = TaskList((b"%06d" % at, Task(f"dumps/{at:06}.txt", "new", str(at))) for at in range(30_000))
    assert sum(1 for _ in tasks) == 30_000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_what_the_list_is_made_of_may_fail_by_itself():
    def failing():
        yield b"a", A
        raise KeyError("not the list's fault")

    with pytest.raises(KeyError):
        TaskList(failing())


def test_no_room_for_temporary_files_is_said(monkeypatch):
    def full(self, rows):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(TaskList, "_keep", full)
    with pytest.raises(LibraryError, match="TMPDIR"):
        listed(A)
