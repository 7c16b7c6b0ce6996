"""The walk through a folder of dumps: its order however many names there are, links, what is not there."""

import os

import pytest

from fic2epub.errors import SourceError
from fic2epub.library import dump_folder
from fic2epub.library.dump_folder import see_dumps


def walked(folder):
    """All files, as dumps that are known."""
    return [
        os.path.relpath(one.path, folder) for one in see_dumps(folder, known=lambda path, size, time: True)
    ]


@pytest.fixture
def folder(tmp_path):
    for name in ("part 10.txt", "part 9.txt", "Part 1.txt", "b/2.txt", "b/10.txt", "a.txt", ".hidden.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("text")
    return tmp_path


IN_ORDER = ["a.txt", "b/2.txt", "b/10.txt", "Part 1.txt", "part 9.txt", "part 10.txt"]


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 4000])
def test_the_order_is_that_of_people_however_many_are_sorted_at_a_time(folder, monkeypatch, at_a_time):
    monkeypatch.setattr(dump_folder, "_SORTED_AT_A_TIME", at_a_time)
    assert walked(folder) == IN_ORDER


def test_a_link_to_a_file_that_is_there_too_is_no_second_dump(folder):
    (folder / "link.txt").symlink_to(folder / "a.txt")
    (folder / "round").symlink_to(folder)
    (folder / "nowhere.txt").symlink_to(folder / "gone.txt")
    assert walked(folder) == IN_ORDER


def test_a_link_that_leads_out_of_the_folder_is_a_dump_once(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "far.txt"
    other.write_text("text")
    for name in ("far 1.txt", "far 2.txt"):
        (folder / name).symlink_to(other)
    assert walked(folder) == [*IN_ORDER[:3], "far 1.txt", *IN_ORDER[3:]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_what_is_neither_file_nor_folder_is_passed_over(folder):
    os.mkfifo(folder / "pipe.txt")
    assert walked(folder) == IN_ORDER


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(SourceError, match="Check its name"):
        walked(tmp_path / "gone")
