"""The files that hold the settings of a site or of a folder -> names and values, never run.

Python's are parsed; an unreadable file holds no values: where it is a post, its reader reports it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._front_matter import read_toml, read_yaml, split_front_matter

_LONGEST = 2**20  # characters of a file that are read
_QUOTED = r"""(?:'[^'\n\\]*'|"[^"\n\\]*"|`[^`$\n\\]*`)"""
_REMARKS = re.compile(rf"({_QUOTED})|/\*.*?\*/|//[^\n]*", re.DOTALL)
_NAMES = "draft|published|unlisted|hidden|private|permalink|eleventyExcludeFromCollections|tags|category|categories|lang|language|layout"
_LITERAL = re.compile(
    rf"(?<![\w.$])['\"]?(?P<name>{_NAMES})['\"]?\s*:\s*"
    rf"(?P<value>true|false|{_QUOTED}|\[\s*(?:{_QUOTED}\s*(?:,\s*)?)*\])(?=\s*(?:[,;}}]|\Z))"
)


def text_of(path: Path) -> str:
    """The beginning of a text file; empty if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(_LONGEST)
    except OSError:
        return ""


def fields_of(path: Path) -> dict[str, Any]:
    """The front matter of a post; empty if it cannot be read."""
    try:
        return split_front_matter(text_of(path), "rst" if path.suffix in (".rst", ".txt") else "md").fields
    except InputError:
        return {}  # its own file says so


def settings_of(path: Path) -> dict[str, Any]:
    """The names and values in a TOML, YAML or JSON file, a script of data, or one of Nikola's beside a post.

    An unreadable one holds none.
    """
    text = text_of(path)
    try:
        if path.suffix == ".meta":
            return split_front_matter(text, "rst").fields
        if path.suffix == ".toml":
            return read_toml(text)
        if path.suffix in (".js", ".cjs", ".mjs"):
            return dict(_literals(text))
        if path.suffix == ".json":
            value = json.loads(text)
            return value if isinstance(value, dict) else {}
        # MkDocs and others write tags of their own (!!python/name:...), which the base loader reads as text.
        return read_yaml(text)
    except (InputError, ValueError, RecursionError):
        return {}


def script_of(path: Path) -> str:
    """The text of a script without its remarks."""
    return _without_remarks(text_of(path))


def _without_remarks(script: str) -> str:
    return _REMARKS.sub(lambda found: found[1] or " ", script)


def _literals(script: str) -> Iterator[tuple[str, Any]]:
    """What an object in a script says of posts in plain values, such as ``draft: true``; what is computed is not read."""
    for found in _LITERAL.finditer(_without_remarks(script)):
        text = found["value"]
        if text in ("true", "false"):
            yield found["name"], text == "true"
        else:
            values = [quoted[1:-1] for quoted in re.findall(_QUOTED, text)]
            yield found["name"], values if text.startswith("[") else values[0]


def lower_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by their names in lower case, as templates name them."""
    return {str(name).lower(): value for name, value in values.items()}


def is_true(value: object) -> bool:
    """Whether a value of front matter or settings says yes."""
    return str(value).strip().lower() in ("true", "yes", "on", "y", "1")


def assignments(path: Path) -> dict[str, Any]:
    """The plain values that a Python file gives to names, without running it."""
    values: dict[str, Any] = {}
    try:
        tree = ast.parse(text_of(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return values
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                values[node.targets[0].id] = ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                values.setdefault(node.targets[0].id, None)
    return values
