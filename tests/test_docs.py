"""What the documents say holds: commands print what they show, options and exit codes are all there.

``pytest tests/test_docs.py --update-golden`` records again what the documents show of outputs.
"""

import inspect
import os
import re
import shlex
import shutil
import tomllib
from itertools import chain
from pathlib import Path

import click
import pytest
from support import needs, shown, small_book

import fic2epub
from fic2epub import errors
from fic2epub.cli.app import COMMANDS, app
from fic2epub.parser.formats import formats

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "fic2epub"
README = PROJECT / "README.md"
COMMANDS_PAGE = PROJECT / "docs" / "commands.md"
ARCHITECTURE = PROJECT / "docs" / "architecture.md"
WITH_EXAMPLES = [README, COMMANDS_PAGE]
DOCUMENTS = [README, PROJECT / "CHANGELOG.md", *(PROJECT / "docs").glob("*.md")]
DOCUMENTS += [PROJECT / name / "README.md" for name in ("seeds", "tests", "benchmarks")]

LINK_RE = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
OPTION_RE = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
ROW_RE = re.compile(r"^\| (`-.*?) \| \S", re.MULTILINE)
"""A row of a table of options: what stands in its first column."""
SHARED = {
    "How much is said": set(COMMANDS),
    "Settings": set(COMMANDS),
    "Which dumps are read": {"convert", "anthology", "inspect", "review"},
    "How a dump is read": {"convert", "batch", "anthology", "inspect", "review"},
    "What one work is called": {"convert", "inspect"},
    "What a book is like": {"convert", "batch", "anthology"},
}
"""The parts of the page of commands that hold for several of them."""
PLACE_RE = re.compile(r"`(?P<path>[\w/.*-]+/[\w.*-]*|\w+\.(?:py|md|toml|css))`")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    context = click.Context(app)
    return {name: app.get_command(context, name) for name in COMMANDS}


def options_of(command: click.Command) -> set[str]:
    """Of a command and, if it is a group such as ``library``, of those in it."""
    several = [command, *getattr(command, "commands", {}).values()]
    # A command keeps the help option that it was first asked for, so it is asked as the program does.
    contexts = [click.Context(one, help_option_names=["-h", "--help"]) for one in several]
    parameters = chain.from_iterable(map(click.Command.get_params, several, contexts))
    names = chain.from_iterable(parameter.opts for parameter in parameters)
    return {name for name in names if name.startswith("-")}


# What the documents show


def elsewhere(path: Path) -> Path:
    """A book that is not this program's, with three faults; the examples of ``check`` take it as given."""
    book = small_book.entries()
    chapter = book["text/chapter2.xhtml"].replace(b"chapter1.xhtml#later", b"chapter9.xhtml")
    book["text/chapter2.xhtml"] = chapter.replace(b"<ul>", b"<center></center><ul>")
    book["style.css"] += b"p { color: var(--ink); }\n"
    return small_book.write(path, book)


@pytest.mark.skipif(os.name == "nt", reason="the examples are written for a POSIX shell")
@pytest.mark.parametrize("document", WITH_EXAMPLES, ids=lambda path: path.name)
def test_the_commands_of_a_document_print_what_it_shows(document, samples, tmp_path, update_golden):
    (tmp_path / "seeds").mkdir()
    for sample in samples:
        shutil.copy2(sample, tmp_path / "seeds")
    elsewhere(tmp_path / "elsewhere.epub")
    text = read(document)
    found = [(example, *shown.run(example, tmp_path)) for example in shown.examples(text)]
    assert found
    failed = [
        "\n".join([f"exit {code}: {example.command}", *printed]) for example, code, printed in found if code
    ]
    assert not failed, "\n\n".join(failed)
    if update_golden:
        for example, _, printed in reversed(found):
            lines = "".join(f"{line}\n" for line in shown.recorded(example.output, printed))
            text = text[: example.start] + lines + text[example.end :]
        document.write_text(text, encoding="utf-8", newline="\n")
        return
    wrong = [
        "\n".join([example.command, *printed])
        for example, _, printed in found
        if not shown.matches(example.output, printed)
    ]
    assert not wrong, f"{document.name} shows something else:\n\n" + "\n\n".join(wrong)


@pytest.mark.parametrize("document", WITH_EXAMPLES, ids=lambda path: path.name)
def test_the_words_that_an_outline_quotes_are_the_samples_own(document, samples):
    quoted = 0
    for example in shown.examples(read(document)):
        names = [sample for sample in samples if sample.name in example.command]
        story = " ".join(_plain(sample.read_text(encoding="utf-8")) for sample in names)
        for words in chain.from_iterable(map(shown.quoted, example.output)):
            quoted += 1
            for part in words.removesuffix("…").split(", "):
                assert _plain(part) in story, f"{example.command}: {part}"
    assert quoted


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


@pytest.mark.parametrize("document", WITH_EXAMPLES, ids=lambda path: path.name)
def test_the_examples_of_a_document_use_every_command(document):
    used = set()
    for example in shown.examples(read(document)):
        used |= set(re.findall(r"(?:^|[|;] ?)fic2epub (\w+)", example.command))
    assert used >= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_of_commands_has_every_option_of_a_command_and_no_other(command):
    parts = {title: set() for title in (*COMMANDS, *SHARED)}
    for part in re.split(r"^##+ ", read(COMMANDS_PAGE), flags=re.MULTILINE):
        title = part.partition("\n")[0]
        if title in parts:
            parts[title] = set(re.findall(r"-{1,2}[a-z][a-z-]*", " ".join(ROW_RE.findall(part))))
    assert all(parts.values()), parts
    options = options_of(commands()[command])
    named = parts[command] | set().union(*(parts[title] for title in SHARED if command in SHARED[title]))
    also = re.search(rf"^## {command}\n(?:(?!^## ).*\n)*?And (?P<rest>.*)", read(COMMANDS_PAGE), re.MULTILINE)
    named |= set(OPTION_RE.findall(also["rest"])) if also else set()
    assert named == options, f"missing: {options - named}; not an option: {named - options}"


@pytest.mark.parametrize("document", WITH_EXAMPLES, ids=lambda path: path.name)
def test_a_document_names_no_option_that_does_not_exist(document):
    known = set().union(*map(options_of, commands().values()), options_of(app))
    ours = re.sub(r"^calibredb .*$", "", read(document), flags=re.MULTILINE)
    assert set(OPTION_RE.findall(ours)) <= known


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_in_the_help_use_options_that_exist(command):
    example = (commands()[command].help or "").partition("Example:\n")[2]
    lines = [line.strip() for line in example.splitlines() if "fic2epub" in line]
    assert lines
    for line in lines:
        words = shlex.split(line[line.index("fic2epub") :])
        assert words[:2] == ["fic2epub", command]
        assert {word for word in words if re.match(r"--?[a-z]", word)} <= options_of(commands()[command])


def test_the_two_first_commands_are_the_ones_that_set_up_run_and_test():
    first, second = (block for block in shown.blocks(read(README), "sh") if "venv .venv" in block)
    assert first.split(" && ")[-1].split() == [".venv/bin/fic2epub", "batch", "seeds", "-o", "books"]
    assert second.split(" && ")[-1].split()[0] == ".venv/bin/pytest"
    for block in (first, second):
        assert block.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
        assert block.count("\n") == 1, "one line to copy"


def test_the_readme_names_the_python_that_is_needed():
    project = tomllib.loads(read(PROJECT / "pyproject.toml"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or later" in read(README)


def test_the_keys_of_the_review_are_those_of_its_page():
    page = read(PROJECT / "templates" / "review.html")
    keys = set(re.findall(r'aria-keyshortcuts="(.)"|<kbd>(.)</kbd>', page))
    rows = re.findall(r"^\| ((?:`[^-`]`(?:, )?)+) \|", read(COMMANDS_PAGE), re.MULTILINE)
    assert set(re.findall(r"`(.)`", " ".join(rows))) == {key for both in keys for key in both if key}


# Exit codes


def test_every_exit_code_is_in_the_readme():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S", read(README), re.MULTILINE)
    assert rows == [(str(code.value), code.name) for code in errors.ExitCode]


def test_every_class_of_errors_has_an_exit_code_that_is_not_success():
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]
    assert errors.Fic2EpubError in found
    for one in found:
        assert issubclass(one, errors.Fic2EpubError), one
        assert isinstance(one.exit_code, errors.ExitCode), one
        assert one.exit_code is not errors.ExitCode.OK, one
        assert one.__name__ in errors.__all__, one


# Changelog, samples, tests, architecture


def test_the_changelog_is_kept():
    parts = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", read(PROJECT / "CHANGELOG.md"), re.MULTILINE)
    assert parts[0] == "Unreleased" or parts[0] == fic2epub.__version__
    kinds = set(re.findall(r"^### (.+)$", read(PROJECT / "CHANGELOG.md"), re.MULTILINE))
    assert kinds
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_list_of_samples_is_the_samples(samples):
    text = read(PROJECT / "seeds" / "README.md")
    listed = re.findall(r"^\| `(\d\S+\.txt)`.*\| CC0 1\.0 \|$", text, re.MULTILINE)
    assert listed == [sample.name for sample in samples]


def test_every_need_of_the_tests_is_explained():
    listed = re.findall(r"^\| (`.+?`) \| ", read(PROJECT / "tests" / "README.md"), re.MULTILINE)
    assert set(needs.PROBES) <= set(re.findall(r"`(\w+)`", " ".join(listed)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_a_link_leads_somewhere(document):
    for link in LINK_RE.finditer(read(document)):
        target, _, fragment = link["target"].partition("#")
        if "://" in target:
            continue
        path = (document.parent / target) if target else document
        assert path.exists(), link["target"]
        if fragment:
            heads = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
            assert fragment in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def test_every_file_that_the_architecture_names_is_there_and_every_module_is_named():
    named = {match["path"] for match in PLACE_RE.finditer(read(ARCHITECTURE))}
    there = set()
    for name in named:
        found = [path for base in (PROJECT, PACKAGE) for path in base.glob(name)]
        assert found, name
        there.update(found)
    assert len(there) > 30
    modules = {path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")}
    assert {str(path.relative_to(PACKAGE)) for path in modules - there} == set()


def test_an_extra_that_a_document_names_can_be_installed():
    extras = tomllib.loads(read(PROJECT / "pyproject.toml"))["project"]["optional-dependencies"]
    for document in WITH_EXAMPLES:
        named = set(re.findall(r'-e "\.\[([\w,]+)\]"', read(document)))
        assert {"web", "check"} <= set(",".join(named).split(",")) <= set(extras)
    rows = re.findall(
        r"^\| `(\w+)` \| \S", read(README).partition("| extra |")[2].split("\n\n")[0], re.MULTILINE
    )
    assert set(rows) == set(extras) - {"dev"}


def test_a_format_is_what_the_architecture_says():
    signatures = next(block for block in shown.blocks(read(ARCHITECTURE), "python") if "def sniff" in block)
    for form in formats:
        for name in ("sniff", "read"):
            assert f"def {name}{_written(getattr(form, name))}: ..." in signatures


def _written(function) -> str:
    return re.sub(r"\b[\w.]+\.(?=[A-Z])", "", str(inspect.signature(function)).replace("'", ""))


# The comparison itself


@pytest.mark.parametrize(
    ("lines", "printed", "same"),
    [
        ((), (), True),
        ((), ("more",), False),
        (("a",), ("a",), True),
        (("a",), ("b",), False),
        (("a", "…", "z"), ("a", "b", "c", "z"), True),
        (("a", "…", "z"), ("a", "z"), True),
        (("a", "…", "z"), ("a", "b", "c"), False),
        (("abc …",), ("abcdef",), True),
        (("abc …",), ("xabcdef",), False),
        (("a", "…", "m", "…", "z"), ("a", "b", "m", "n", "z"), True),
        (("a", "…", "m", "…", "z"), ("a", "b", "n", "z"), False),
    ],
)
def test_output_that_is_shown_in_part_is_compared(lines, printed, same):
    assert shown.matches(lines, printed) is same


CHAPTER = "    42  CHAPTER 2  0.93  mark.jump “(See the notes.)”; boundary.left-note “Five days went by.”"


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        (CHAPTER.replace("0.93", "0.41"), True),
        (CHAPTER.replace("0.93", "0.41  inferred"), True),
        (CHAPTER.replace("left-note “Five days went by.”", "blanks"), True),
        (CHAPTER.replace("    42", "    43"), False),
        (CHAPTER.replace("CHAPTER 2", "CHAPTER 3"), False),
        (CHAPTER.replace("mark.jump", "mark.end"), False),
        (CHAPTER.replace("the notes", "more notes"), False),
        (CHAPTER.replace("boundary.left-note", "note.label"), False),
        (CHAPTER.partition("; ")[0], False),
    ],
)
def test_of_an_outline_all_is_compared_but_what_moves_with_the_weights(printed, same):
    assert shown.matches((CHAPTER,), (printed,)) is same


@pytest.mark.parametrize(
    ("line", "printed", "same"),
    [
        (
            "✓ Wick  5 chapters (4 sure, 1 unsure)  5 notes  2.8k words",
            "✓ Wick  6 chapters  4 notes  2.7k words",
            True,
        ),
        ("✓ Wick  5 chapters  5 notes  2.8k words", "✓ Wax  5 chapters  5 notes  2.8k words", False),
        ("✓ Wick  1 chapter  1.5k words", "✓ Wick  1 chapter  1.6k words", False),
        ("147 5 0.98", "147 5 0.758", True),
        ("147 5 0.98", "148 5 0.98", False),
        ("   42    note after, line 42  0.91  note.first", "   42    note after, line 42  0.91", False),
        (
            "   42    note after, line 42  0.91  note.first",
            "   42    note before, line 42  0.91  note.first",
            False,
        ),
        (
            "   42    note after, line 42  0.91  note.first …",
            "   42    note after, line 42  0.30  note.x; note.y",
            True,
        ),
    ],
)
def test_a_number_that_moves_with_the_weights_is_no_difference(line, printed, same):
    assert shown.matches((line,), (printed,)) is same


@pytest.mark.parametrize(
    ("was", "printed", "now"),
    [
        (
            (CHAPTER.partition("; ")[0] + " …",),
            (CHAPTER.replace("0.93", "0.97"),),
            (CHAPTER.replace("0.93", "0.97").partition("; ")[0] + " …",),
        ),
        (("a", "…", "mn", "…", "z"), ("a", "b", "m", "n", "z"), ("a", "…", "m", "…", "z")),
        (
            ("at http://127.0.0.1:81/?token=a",),
            ("at http://127.0.0.1:82/?token=b",),
            ("at http://127.0.0.1:81/?token=a",),
        ),
        (("a", "…", "z"), ("A", "b", "c", "Z"), ("A", "…", "Z")),
        (("…",), ("a", "b"), ("…",)),
        (("abc …",), ("xyzdef",), ("xyz …",)),
        (("a",), ("b", "c"), ("b", "c")),
        ((), ("b",), ("b",)),
    ],
)
def test_output_is_recorded_in_the_part_that_was_shown(was, printed, now):
    assert shown.recorded(was, printed) == now
    assert shown.matches(now, printed)
