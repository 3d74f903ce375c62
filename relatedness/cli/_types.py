"""The kinds of values that options take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _FloatType = click.ParamType[float]
else:  # older versions of click cannot be told what a type of parameter gives
    _FloatType = click.ParamType


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
            self.fail(f"{value!r} is not a share of the whole: write 20% or 0.2", param, ctx)
        return share


STANDARD_OUTPUT = Path("-")


class OutputFile(click.Path):
    """A file to write: that it cannot be written is better said before the work than after it.

    Parameters
    ----------
    or_address : bool
        Whether the address of a database will do, too.
    or_folder : bool
        Whether it may be a folder, too, which is made if it is missing.
    no_output : str
        Why ``-`` is refused, for what cannot go to standard output; otherwise it stays ``Path("-")``.
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
    from relatedness.sources import is_url  # commands that only ask an index need no readers

    return is_url(text)


def is_path(text: str) -> bool:
    """Whether a text is the name of a file or folder that exists."""
    try:
        return bool(text.strip()) and Path(text).exists()
    except OSError:  # a text too long for a file name
        return False
