"""README.md tells the truth: what it shows is what is printed, and it leaves no command or option out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import readme

import relatedness
from relatedness.cli._main import commands

PAGE = readme.README.read_text(encoding="utf-8")
PIECES = readme.shown(PAGE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("readme")
    return dict(zip([piece.name for piece in PIECES], readme.run(PIECES, folder), strict=True))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.name)
def test_it_prints_what_the_readme_shows(piece: readme.Shown, printed: dict[str, str]) -> None:
    assert readme.normalised(printed[piece.name]) == readme.normalised(piece.output), (
        "bring the README up to date: python tests/readme.py --update"
    )


def test_something_of_each_kind_is_run() -> None:
    assert sum(piece.shell for piece in PIECES) >= 10
    assert sum(not piece.shell for piece in PIECES) >= 2


def test_the_reference_table_holds_every_command_and_every_option_and_no_others() -> None:
    documented = _documented()
    existing = {
        name: {option for item in command.params if isinstance(item, click.Option) for option in item.opts}
        for name, command in commands.commands.items()
    }
    assert set(documented) == set(existing)
    for name, options in existing.items():
        assert documented[name] == options, name


def test_options_that_are_required_stand_with_the_arguments() -> None:
    for name, row in _rows().items():
        for item in commands.commands[name].params:
            if isinstance(item, click.Option) and item.required:
                assert item.opts[0] in row.split("|")[0], f"{name} {item.opts[0]} stands with the arguments"


def test_every_public_name_is_mentioned() -> None:
    assert [name for name in relatedness.__all__ if name not in PAGE] == []


def test_links_lead_somewhere() -> None:
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)\s]+)\)", prose)
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        assert not path or (readme.README.parent / path).exists(), link
        assert path or anchor in headings, link


def test_outputs_that_differ_only_in_seconds_and_sizes_are_equal() -> None:
    one = "s.index: 710 events, 2.1 MB\n  read          0.02 s\n"
    other = "s.index: 710 events, 12.1 MB\n  read         10.02 s\n"
    assert readme.normalised(one) == readme.normalised(other)
    assert readme.normalised(one) != readme.normalised(one.replace("710", "711"))
    assert readme.normalised("1. 0.145  2017") != readme.normalised("1. 0.146  2017")


def test_an_update_writes_outputs_back_and_nothing_else(tmp_path: Path) -> None:
    page = (
        "# One\n\n```console\n$ printf 'a\\nb\\n'\nold\n$ true\n$ echo 3 s\n4 s\n```\n\n"
        "```python\nprint('new')\n```\n\n```text\nold\n```\n\n"
        "```python\nprint('first')\n```\n\nEnd.\n\n```toml\n$ = 1\n```\n"
    )
    pieces = readme.shown(page)
    assert [piece.output for piece in pieces] == ["old\n", "", "4 s\n", "old\n", ""]
    after = readme.updated(page, pieces, readme.run(pieces, tmp_path))
    assert after == (
        "# One\n\n```console\n$ printf 'a\\nb\\n'\na\nb\n$ true\n$ echo 3 s\n4 s\n```\n\n"
        "```python\nprint('new')\n```\n\n```text\nnew\n```\n\n"
        "```python\nprint('first')\n```\n\n```text\nfirst\n```\n\nEnd.\n\n```toml\n$ = 1\n```\n"
    )
    assert readme.updated(after, readme.shown(after), readme.run(readme.shown(after), tmp_path)) == after


def test_a_command_that_fails_is_no_example(tmp_path: Path) -> None:
    pieces = readme.shown("```console\n$ echo lost; exit 3\n```\n")
    with pytest.raises(RuntimeError, match=r"line 2: echo lost; exit 3 ended with 3:\nlost"):
        readme.run(pieces, tmp_path)


def _rows() -> dict[str, str]:
    """Command to its row of the reference table, without the first bar."""
    section = PAGE.split("\n## Commands and options\n")[1].split("\n## ")[0]
    return {
        found[1]: found[0].removeprefix("| ")
        for found in re.finditer(r"^\| `([\w-]+).*$", section, re.MULTILINE)
    }


def _documented() -> dict[str, set[str]]:
    """Command to the options that stand as code in its row."""
    return {
        name: {
            option
            for code in re.findall(r"`[^`]*`", row)
            for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", code)
        }
        for name, row in _rows().items()
    }
