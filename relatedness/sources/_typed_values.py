"""Records whose values are wrapped with their types, as some databases export them -> the same records with plain values.

=========  =========================================================================
DynamoDB   ``{"title": {"S": "A fire"}, "tags": {"L": [{"S": "fire"}]}}``
Firestore  ``{"title": {"stringValue": "A fire"}}``
=========  =========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES = frozenset(("S", "N", "BOOL", "NULL", "L", "M", "SS", "NS", "BS", "B")) | {
    f"{kind}Value" for kind in ("string", "timestamp", "integer", "double", "boolean", "array", "map", "null", "reference", "geoPoint", "bytes")
}  # fmt: skip
_NUMBERS = ("N", "integerValue", "doubleValue")
_DEEPEST = 8  # typed values within each other


def is_typed(record: object) -> bool:
    """Whether all values of a record are wrapped.

    Examples
    --------
    >>> is_typed({"title": {"S": "A fire"}}), is_typed({"title": {"en": "A fire"}}), is_typed({})
    (True, False, False)
    """
    return isinstance(record, Mapping) and bool(record) and all(map(_is_wrapped, record.values()))


def untyped(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A record with plain values.

    Examples
    --------
    >>> untyped({"n": {"N": "7"}, "tags": {"arrayValue": {"values": [{"stringValue": "fire"}]}}})
    {'n': 7, 'tags': ['fire']}
    """
    return {str(name): _plain(value, 0) for name, value in record.items()}


def _is_wrapped(value: object) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _TYPES


def _plain(value: Any, depth: int) -> Any:
    if not _is_wrapped(value) or depth > _DEEPEST:
        return value
    ((kind, inner),) = value.items()
    if kind in ("NULL", "nullValue"):
        return None
    if kind in _NUMBERS and isinstance(inner, str):
        try:
            return int(inner) if inner.lstrip("-").isdecimal() else float(inner)
        except ValueError:
            return inner
    if kind in ("L", "arrayValue"):
        listed = inner.get("values") if isinstance(inner, Mapping) else inner
        return [_plain(each, depth + 1) for each in listed or ()]
    if kind in ("M", "mapValue") and isinstance(inner, Mapping):
        fields = inner.get("fields", inner) if kind == "mapValue" else inner
        return {name: _plain(each, depth + 1) for name, each in fields.items()}
    return inner


def listed(value: object) -> list[Any]:
    """A value that may be one of several, as a list; empty for none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def objects(value: object) -> list[Mapping[Any, Any]]:
    """The objects in a list, or the one in its place."""
    return [each for each in listed(value) if isinstance(each, Mapping)]
