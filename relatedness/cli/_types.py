"""The kinds of values that options take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from relatedness.arguments import nearest
from relatedness.errors import IndexFormatError

if TYPE_CHECKING:
    _FloatType = click.ParamType[float]
    _Choice = click.Choice[str]
else:  # in older versions of click ParamType is not generic
    _FloatType = click.ParamType
    _Choice = click.Choice


_LAST_PORT = 65_535


class WholeNumber(click.IntRange):
    """A whole number between bounds, each of which may be missing."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """The number, if it lies between the bounds."""
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):  # a list or table of relatedness.toml is a TypeError
            number = None
        if number is None or not _between(number, self.min, self.max):
            such = 8000 if self.max == _LAST_PORT else min(max(10, self.min or 0), self.max or 10)
            self.fail(
                f"{value!r} is not a whole number{_bounds(self.min, self.max)}; write one such as {such}",
                param,
                ctx,
            )
        return number


class Number(click.FloatRange):
    """A number between bounds, each of which may be missing."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number, if it lies between the bounds."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not _between(number, self.min, self.max):
            such = "0.5" if self.max is not None else "30"
            self.fail(
                f"{value!r} is not a number{_bounds(self.min, self.max)}; write one such as {such}",
                param,
                ctx,
            )
        return number


class OneOf(_Choice):
    """One of several words."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The word, if it is one of them."""
        if value not in self.choices:
            near = nearest(str(value), self.choices)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.fail(f"{value!r} is not one of {', '.join(map(str, self.choices))}{hint}", param, ctx)
        return super().convert(value, param, ctx)


def _between(number: float, low: float | None, high: float | None) -> bool:
    return number == number and (low is None or number >= low) and (high is None or number <= high)


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    return f" from {low:g} up" if low is not None else f" up to {high:g}" if high is not None else ""


class Share(_FloatType):
    """A part of the whole: ``20%`` or ``0.2``."""

    name = "share"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The share as a number from 0 to 1."""
        try:
            share = float(str(value).removesuffix("%")) / (100 if str(value).endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is not a share: write it as 20% or 0.2", param, ctx)
        return share


class IndexFile(click.Path):
    """The file of an index."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The path, unless it holds events, a common mistake of new users."""
        path = Path(value)
        if path.suffix != ".index" and path.is_file() and not _begins_as_index(path):
            from relatedness.sources import is_source

            if is_source(path.name):
                raise IndexFormatError(
                    f"{path} holds events, not an index; make an index of it with: relatedness build {path} -o "
                    f"{path.stem}.index"
                )
        return path


def _begins_as_index(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return True  # reported where it is opened


STANDARD_OUTPUT = Path("-")


class OutputFile(click.Path):
    """A file to write; checked before the work rather than after it.

    Parameters
    ----------
    or_address : bool
        Whether the address of a database is accepted as well.
    or_folder : bool
        Whether it may be a folder, too, which is made if it is missing.
    no_output : str
        The reason to refuse ``-``, for output that cannot go to standard output; if empty, ``-`` becomes ``Path("-")``.
    """

    def __init__(self, *, or_address: bool = False, or_folder: bool = False, no_output: str = "") -> None:
        super().__init__(path_type=Path)
        self._or_folder = or_folder
        self._or_address = or_address
        self._no_output = no_output

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, if it can be written."""
        if self._or_address and _is_url(value):
            return value
        path = Path(value)
        if str(path) == "-":
            if self._no_output:
                self.fail(f"{self._no_output} cannot go to standard output (-): name a file", param, ctx)
            return path
        if path.is_dir() and not self._or_folder:
            self.fail(f"{path} is a folder: name a file", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"{path} cannot be written: the folder {path.parent} does not exist", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"{path} cannot be written: the folder {path.parent} does not allow it", param, ctx)
        return path


def without_standard_output(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """The callback of an output that goes to standard output unless a file is named: ``-`` is None."""
    return None if value == STANDARD_OUTPUT else value


def _is_url(text: str) -> bool:
    # Imported here because commands that only query an index need no readers.
    from relatedness.sources import is_url

    return is_url(text)


def is_path(text: str) -> bool:
    """Whether a text is the name of a file or folder that exists."""
    try:
        return bool(text.strip()) and Path(text).exists()
    except OSError:  # a text too long for a file name
        return False
