"""The word lists by which names that no list has are found in a language: its file in ``languages/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "languages"


@cache
def lists_of(code: str) -> Mapping[str, Any]:
    """The content of a language's file, by field; that of ``default.toml`` where the language has no file.

    Parameters
    ----------
    code : str
        A primary language code.

    Examples
    --------
    >>> lists_of("pt")["inside"]
    'de da do das dos e'
    """
    files = {path.stem: path for path in _FOLDER.glob("*.toml")}
    return tomllib.loads(files.get(code, files["default"]).read_text(encoding="utf-8"))


@cache
def words_of(code: str, name: str) -> frozenset[str]:
    """A list of words of a language.

    Examples
    --------
    >>> "joko" in words_of("id", "given")
    True
    """
    return frozenset(lists_of(code)[name].split())


@cache
def any_word(code: str, name: str) -> str:
    """A list of words or endings as the inside of a group of a regular expression.

    Examples
    --------
    >>> any_word("en", "subject_pronouns")
    'i|we|you|they|he|she|it'
    """
    return "|".join(lists_of(code)[name].split())


@cache
def any_of(code: str, name: str) -> str:
    """A list of a language as the inside of a group of a regular expression: its lines, and what bars part in them.

    Examples
    --------
    >>> any_of("de", "before_towns").split("|")[:2]
    ['in', 'In']
    """
    return "|".join(line.strip() for line in lists_of(code)[name].strip().splitlines())
