"""The words in texts and cells that readers go by, as ``words.toml`` lists them."""

from __future__ import annotations

import tomllib
from pathlib import Path

_DATA: dict[str, str] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def word_list(name: str) -> tuple[str, ...]:
    """A list of words.

    Examples
    --------
    >>> word_list("parts")[:2]
    ('early', 'mid')
    """
    return tuple(word.strip() for word in _DATA[name].replace("\n", " | ").split("|") if word.strip())


def any_word(name: str) -> str:
    """A list of words as a group of a regular expression.

    Examples
    --------
    >>> any_word("parts")
    '(?:early|mid|late|beginning of|end of)'
    """
    return f"(?:{'|'.join(word_list(name))})"
