"""The data files that come with the library: their paths and contents."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TypeVar, get_type_hints

from relatedness.errors import RelatednessError

_Numbers = TypeVar("_Numbers")


def shipped(name: str) -> Path:
    """The path of a data file that comes with the library: in the wheel, or in a checkout next to the package.

    Parameters
    ----------
    name : str
        Its name, such as ``ranker.toml``.

    Raises
    ------
    RelatednessError
        If the installation is incomplete.

    Examples
    --------
    >>> shipped("ranker.toml").name
    'ranker.toml'
    """
    package = Path(str(files("relatedness")))
    for folder in (package, package / "models", package.parent / "models"):
        if (folder / name).is_file():
            return folder / name
    raise RelatednessError(
        f"the data file {name} is missing from the installation: install relatedness again"
    )


def shipped_numbers(name: str, sections: type[_Numbers]) -> _Numbers:
    """The numbers of a data file that comes with the library, as a record.

    Parameters
    ----------
    name : str
        Of a TOML file of sections, such as ``tagger.toml``.
    sections : type
        A dataclass with a field for each section, each of which is a dataclass with a field for each number.

    Raises
    ------
    RelatednessError
        If the installation is incomplete.

    Examples
    --------
    >>> from dataclasses import make_dataclass
    >>> names = ("search", "rules", "judgments")
    >>> tuning = make_dataclass("Tuning", [(name, dict) for name in names])
    >>> shipped_numbers("tuning.toml", tuning).search["rounds"]
    4
    """
    kinds = get_type_hints(sections)
    read = tomllib.loads(shipped(name).read_text(encoding="utf-8"))
    return sections(**{section: kinds[section](**values) for section, values in read.items()})


def sample_path() -> Path:
    """The path of the sample archive that comes with the library: several hundred dated events as JSONL.

    Returns
    -------
    Path

    Examples
    --------
    >>> sample_path().name
    'sample.jsonl'
    """
    return shipped("sample.jsonl")
