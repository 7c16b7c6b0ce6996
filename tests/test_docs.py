"""What the documents say holds: commands print what they show, options and exit codes are all there.

``pytest tests/test_docs.py --update-golden`` records again what README shows of outputs.
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
from support import needs, shown

from fic2epub import errors
from fic2epub.cli.app import COMMANDS, app
from fic2epub.parser.formats import formats

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
ARCHITECTURE = PROJECT / "docs" / "architecture.md"
DOCUMENTS = [README, PROJECT / "CHANGELOG.md", *(PROJECT / "docs").glob("*.md")]
DOCUMENTS += [PROJECT / "seeds" / "README.md", PROJECT / "tests" / "README.md"]

LINK_RE = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
OPTION_RE = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
PLACE_RE = re.compile(r"`(?P<path>[\w/.*-]+/[\w.*-]*|\w+\.(?:py|md|toml|css))`")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    context = click.Context(app)
    return {name: app.get_command(context, name) for name in COMMANDS}


def options_of(command: click.Command) -> set[str]:
    context = click.Context(command)
    names = chain.from_iterable(parameter.opts for parameter in command.get_params(context))
    return {name for name in names if name.startswith("-")} | {"-h", "--help"}


# What README shows


@pytest.mark.skipif(os.name == "nt", reason="the examples are written for a POSIX shell")
def test_the_commands_of_the_readme_print_what_it_shows(samples, tmp_path, update_golden):
    (tmp_path / "seeds").mkdir()
    for sample in samples:
        shutil.copy2(sample, tmp_path / "seeds")
    text = read(README)
    found = [(example, *shown.run(example, tmp_path)) for example in shown.examples(text)]
    assert found
    failed = [f"exit {code}: {example.command}" for example, code, _ in found if code]
    assert not failed
    if update_golden:
        for example, _, printed in reversed(found):
            lines = "".join(f"{line}\n" for line in shown.recorded(example.output, printed))
            text = text[: example.start] + lines + text[example.end :]
        README.write_text(text, encoding="utf-8", newline="\n")
        return
    wrong = [
        "\n".join([example.command, *printed])
        for example, _, printed in found
        if not shown.matches(example.output, printed)
    ]
    assert not wrong, "README shows something else:\n\n" + "\n\n".join(wrong)


def test_the_examples_of_the_readme_use_every_command():
    used = {
        one.command.split()[1] for one in shown.examples(read(README)) if one.command.startswith("fic2epub ")
    }
    assert used >= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_part_in_the_readme_and_every_option_is_named_there(command):
    text = read(README)
    assert f"\n### {command}: " in text
    hidden = {"-h", "--help"}
    missing = {name for name in options_of(commands()[command]) if name.startswith("--")} - hidden
    missing -= set(OPTION_RE.findall(text)) | {"--quiet", "--verbose", "--output"}  # known by -q, -v, -o
    assert not missing
    for short in ("-q", "-v", "-o"):
        assert f"`{short}`" in text


def test_the_readme_names_no_option_that_does_not_exist():
    known = set().union(*map(options_of, commands().values()), options_of(app))
    assert set(OPTION_RE.findall(read(README))) <= known


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
    version = tomllib.loads(read(PROJECT / "pyproject.toml"))["project"]["version"]
    parts = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", read(PROJECT / "CHANGELOG.md"), re.MULTILINE)
    assert parts[0] == "Unreleased" or parts[0] == version
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


def test_every_file_that_the_architecture_names_is_there():
    named = {match["path"] for match in PLACE_RE.finditer(read(ARCHITECTURE))}
    assert len(named) > 30
    for name in named:
        assert any((base / name).exists() for base in (PROJECT, PROJECT / "fic2epub")), name


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
    ],
)
def test_output_that_is_shown_in_part_is_compared(lines, printed, same):
    assert shown.matches(lines, printed) is same


@pytest.mark.parametrize(
    ("was", "printed", "now"),
    [
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
