"""The shapes of the values of an index: each is checked once, where it is decoded, and trusted afterwards.

Checksums are not enough: an untrusted file may have valid ones. A shape is a type, a range of whole numbers, ``[shape]`` for a
list of any length, ``(shape, shape)`` for a list of just these, ``{"key": shape}`` for an object with just these keys (those
with a question mark may be missing), and ``{str: shape}`` for an object of any keys; ``|`` between types. ``float`` stands for
any finite number, ``slice(low, high)`` for one within bounds.
"""

from __future__ import annotations

import math
from types import UnionType
from typing import Any, get_args

LARGEST = range(1 << 32)
"""Slots, columns and counts."""

TOPICS = [(str, str, str, [str])]
_ESTIMATE = {"value": float, "error": float}
_LENGTH = slice(0.0, 1e15)
"""A number from 0 up whose sums of squares stay finite."""
SETTINGS: dict[str, Any] = {
    "version": str,
    "built": str,
    "refreshed": str | None,
    "lineage": str,
    "generation": range(1, 1 << 53),
    "marks": [str],
    "config": {str: dict},
    "config_digest": str,
    "tagger": str,
    "gazetteer": [(str, str, [str], [str], int)],
    "lexicon": {
        "names": [(str, str, [str], [str])],
        "common": [str],
        "surnames": {str: [(int, int, str)]},
        "template?": [str],
        "labels?": bool,
        "references?": {str: str},
        "no_references?": [str],
        "displaced?": [str],
        "placed?": [str],
    },
    "templates": {"runs": [str], "headings": [str], "share": float, "examples": [str]},
    "encoder": str | None,
    "words": {str: str},
    "statistics": {
        "n_events": range(1, 1 << 32),
        "pivots": (_LENGTH, _LENGTH, _LENGTH),
        "floor": range(1 << 32),
        "common_cosine": float,
        "common_row?": [range(-(1 << 13), 1 << 13)],
        "fitted": str,
        "changed_since": range(1 << 53),
        "calibration": {
            "events": range(1 << 53),
            "pairs": range(1 << 53),
            "days": float | None,
            "decline": _ESTIMATE,
            "scale": float,
            "gain": _ESTIMATE,
            "one_day": bool,
        },
    },
    "parts": [str],
    "numbered": bool,
    "reading": {
        "tables?": [str],
        "found?": {"columns?": [{str: [str]}], "order?": str, "encoding?": str, "table?": str},
        "fields?": {str: str},
        "zone?": str,
        "encoding?": str,
        "date_format?": str,
        "undated?": str,
    },
}


def fits(value: object, shape: Any) -> bool:
    """Whether a JSON value has a shape.

    Examples
    --------
    >>> fits([["ISIL", 3]], [(str, range(5))]), fits([["ISIL", 5]], [(str, range(5))]), fits(True, int)
    (True, False, False)
    """
    if type(shape) is type:  # the common case first, because every value read passes here
        if shape is float:
            return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
        return type(value) is shape
    if isinstance(shape, list):
        if type(value) is not list:
            return False
        inner = shape[0]
        if type(inner) is type and inner is not float:
            return all(type(each) is inner for each in value)
        return all(fits(each, inner) for each in value)
    if isinstance(shape, tuple):
        return type(value) is list and len(value) == len(shape) and all(map(fits, value, shape))
    if isinstance(shape, slice):
        return fits(value, float) and shape.start <= value <= shape.stop
    if isinstance(shape, UnionType):
        return any(fits(value, inner) for inner in get_args(shape))
    if isinstance(shape, range):
        return type(value) is int and value in shape
    if isinstance(shape, dict):
        if type(value) is not dict:
            return False
        if str in shape:
            return all(fits(inner, shape[str]) for inner in value.values())
        known = {key.rstrip("?"): inner for key, inner in shape.items()}
        return (
            value.keys() <= known.keys()
            and all(key in value or key.endswith("?") for key in shape)
            and all(fits(inner, known[key]) for key, inner in value.items())
        )
    return type(value) is shape  # also of None: its type is what a union holds
