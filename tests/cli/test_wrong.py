"""Messages name what the reader would type: parameters in Python, options at the shell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import relatedness
from relatedness.cli._group import commands
from relatedness.cli._wrong import _OPTIONS, at_the_shell

PACKAGE = Path(relatedness.__file__).parent
FLAGS = {name for command in commands.every().values() for param in command.params for name in param.opts}


@cache
def _outside() -> set[tuple[str, str]]:
    """The module and text of each string of the library outside the command line."""
    return {
        (path.stem, text)
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "cli"
        for text in _texts(path)
    }


def _texts(path: Path) -> Iterator[str]:
    """The strings of a module, without docstrings and without those that name a whole command."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):  # from the outside in: an f-string comes before its parts
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        if text and id(node) not in apart and "relatedness build" not in text:
            yield text
        apart.update(map(id, parts))


def test_the_library_names_no_option_of_the_command_line() -> None:
    assert len({module for module, _ in _outside()}) > 100
    named = {
        (module, flag)
        for module, text in _outside()
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)
        if flag in FLAGS
    }
    assert not named


ONLY_IN_PYTHON = {"encoder", "tagger"}  # objects, for which the shell has no option


def test_each_parameter_that_the_library_names_has_an_option_here() -> None:
    told = {name for _, text in _outside() for name in re.findall(r"\b([a-z_]+)=(?:\.\.\.|True)", text)}
    assert ONLY_IN_PYTHON <= told <= set(_OPTIONS) | ONLY_IN_PYTHON
    assert {flag for flags in _OPTIONS.values() for flag in flags.split(" or ")} <= FLAGS


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("wait=... or wait=3 or wait=2.5", "--wait or --wait 3 or --wait 2.5"),
        ("max_remove=1.0, or max_remove=0.07", "--max-remove 100%, or --max-remove 7%"),
        ("fields={'a: {b}': 'date', \"it's\": 'title'}", "--field 'a: {b}=date' --field 'it'\"'\"'s=title'"),
        ("Table('mysql://user@localhost/NAME', 'a b')", "--table 'a b'"),
        # A text that a message quotes may look like a parameter.
        ("not a date: 'wait=1.2.3'", "not a date: '--wait 1.2.3'"),
        (r"encoding='\x' fields={'a'} max_remove='x' awaiting=3", r"encoding='\x' fields={'a'} max_remove='x' awaiting=3"),
    ],
)  # fmt: skip
def test_parameters_become_options(message: str, shown: str) -> None:
    assert at_the_shell(message) == shown
