"""Rows of frames and queries, and objects with named fields -> mappings of column to cell."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from relatedness.arguments import kind_of
from relatedness.errors import InputError


def row_of(value: object) -> Mapping[str, Any]:
    """A row of a frame or a query, or an object with named fields, by column."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.Series):
        return cast("Mapping[str, Any]", value.to_dict())
    if hasattr(value, "_asdict"):  # a named tuple, a row of SQLAlchemy
        return cast("Mapping[str, Any]", value._asdict())
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):  # a row of sqlite3
        return {name: value[name] for name in value.keys()}  # noqa: SIM118
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    raise no_object(value)


def no_object(value: object) -> InputError:
    """The message for a value that has no named fields."""
    kind = f"the text {value[:40]!r}" if isinstance(value, str) else kind_of(value)
    named = "; name its values, such as with dict(zip(names, row))" if isinstance(value, list | tuple) else ""
    return InputError(f'expected an object such as {{"date": ..., "title": ...}}, got {kind}{named}')
