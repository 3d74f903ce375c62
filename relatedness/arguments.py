"""Checks of arguments. Each ``check_`` function takes a value and the name of its argument, and returns the value in the form that
the library works with; otherwise it raises a ConfigError that names the argument, shows its value and says what was expected.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from relatedness.errors import ConfigError, InputError, UnknownEventError

T = TypeVar("T")
ID_BITS = 256
"""The longest whole number that can be an id."""

_ALIKE = 0.65  # how alike names are at least, from 0 to 1, for one to be suggested for the other
_LESS_ALIKE = 0.15  # how much less alike than the best another suggestion may be
_PART = 3  # letters in which a part of a name is recognised


def plain(value: Any) -> Any:
    """Convert a NumPy or pandas scalar or a decimal number to a plain Python value; any other value is returned unchanged.

    Returns
    -------
    object
        For a NumPy scalar the number, text or date; for midnight without a zone the day; None for a missing value.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.int64(3)), plain(np.datetime64("2016-07-11")), plain("3"), plain(Decimal(5))
    (3, datetime.date(2016, 7, 11), '3', 5)
    """
    kind = type(value)
    if kind is Decimal:  # a column of type NUMERIC
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if kind.__name__ in ("NaTType", "NAType"):
        return None
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.astype("datetime64[us]").item() if value.dtype.kind == "M" else value.item()
    elif kind.__name__ != "Timestamp":
        return value
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return value.date()
    return value


def kind_of(value: object) -> str:
    """The kind of a value, as a message about a record names it.

    Examples
    --------
    >>> kind_of({}), kind_of(None), kind_of(7.5)
    ('an object', 'null', 'a decimal number')
    """
    return {
        dict: "an object",
        list: "a list",
        bool: "true or false",
        type(None): "null",
        int: "a whole number",
        float: "a decimal number",
        str: "text",
    }.get(type(value), f"a {type(value).__name__}")


def check_path(value: Any, name: str) -> Path:
    """Check a path, given as text or as a path-like object.

    Examples
    --------
    >>> check_path(3, "path")
    Traceback (most recent call last):
    ...
    relatedness.errors.ConfigError: path is 3: expected a path
    """
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise ConfigError(f"{name} is {_shown(value)}: expected a path")
    if not os.fspath(value) or "\x00" in os.fspath(value):
        raise ConfigError(f"{name} is {_shown(value)}: expected the path of a file")
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise ConfigError(f"{name} is {_shown(value)}: expected the path of a file") from None
    return Path(value)


def check_type(value: T, name: str, kinds: type | tuple[type, ...], expected: str) -> T:
    """Check the type of a value; true and false are not accepted as numbers.

    Parameters
    ----------
    expected : str
        A description of what is accepted, for the message.

    Examples
    --------
    >>> check_type(True, "k", int, "a whole number")
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: k is True: expected a whole number
    """
    plain_bool = isinstance(value, bool) and bool not in (kinds if isinstance(kinds, tuple) else (kinds,))
    if plain_bool or not isinstance(value, kinds):
        raise ConfigError(f"{name} is {_shown(value)}: expected {expected}")
    return value


def check_text(value: Any, name: str) -> str:
    """Check a text that UTF-8 must be able to hold.

    Raises
    ------
    InputError
        If it holds half of a surrogate pair.

    Examples
    --------
    >>> check_text(7, "title")
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: title is 7: expected text
    """
    text: str = check_type(value, name, str, "text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"holds half of a surrogate pair at character {error.start}: decode the text again, with its right encoding",
            field=name,
        ) from None
    return text


def check_switch(value: Any, name: str) -> bool:
    """Check a switch.

    Examples
    --------
    >>> check_switch("yes", "mirror")
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: mirror is 'yes': expected true or false
    """
    found: bool = check_type(value, name, bool, "true or false")
    return found


def check_count(value: Any, name: str, low: int = 1) -> int:
    """Check a whole number with a lower bound.

    Parameters
    ----------
    low : int
        The lowest accepted number.

    Examples
    --------
    >>> check_count(0, "jobs")
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: jobs is 0: expected a whole number from 1 up
    """
    value = check_type(plain(value), name, int, f"a whole number from {low} up")
    if value < low:
        raise ConfigError(f"{name} is {value}: expected a whole number from {low} up")
    return int(value)


def check_call(value: Any, name: str) -> None:
    """Check a function that may be None.

    Examples
    --------
    >>> check_call("print", "progress")
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: progress is 'print': expected a function
    """
    if value is not None and not callable(value):
        raise ConfigError(f"{name} is {_shown(value)}: expected a function")


def nearest(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The known names that an unknown one resembles or is a part of, the best first; none that is far off.

    Parameters
    ----------
    name : str
        As the user wrote it.
    known : iterable of str
        The names that there are.
    most : int
        The maximum number of names; one that resembles it much less than the best is left out.

    Examples
    --------
    >>> nearest("sprad", ["spread", "fill"]), nearest("xyz", ["spread", "fill"])
    (['spread'], [])
    >>> nearest("mandela", ["1990-02-11-mandela-freed", "1999-08-11-solar-eclipse"])
    ['1990-02-11-mandela-freed']
    """
    spelt = {each.casefold(): each for each in reversed(list(known))}
    wanted = name.casefold()
    alike = difflib.get_close_matches(wanted, spelt, most, _ALIKE)
    likeness = [difflib.SequenceMatcher(None, each, wanted).ratio() for each in alike]
    near = [each for each, like in zip(alike, likeness, strict=True) if like >= likeness[0] - _LESS_ALIKE]
    within = [each for each in sorted(spelt, key=len) if len(wanted) >= _PART and wanted in each]
    return [spelt[each] for each in dict.fromkeys([*near, *within])][:most]


def unknown_name(name: str, known: Sequence[str], what: str, prefix: str = "") -> str:
    """The message for an unknown name, with the nearest known one.

    Parameters
    ----------
    name : str
        As the user wrote it.
    what : str
        What it should name, such as ``option``.
    prefix : str
        What stands before all of the names.

    Examples
    --------
    >>> unknown_name("sprad", ["spread", "fill"], "option")
    'sprad: no such option; did you mean spread?'
    """
    near = nearest(name, known)
    hint = (
        f"did you mean {prefix}{near[0]}?"
        if near
        else f"there are {', '.join(prefix + each for each in known)}"
    )
    return f"{prefix}{name}: no such {what}; {hint}"


def id_text(value: str | float) -> str:
    """An id in the form in which the index stores it: text, also for whole numbers.

    Raises
    ------
    UnknownEventError
        If it is a number too large to be an id, or neither a text nor a whole number.

    Examples
    --------
    >>> id_text(17), id_text("17"), id_text(17.0)
    ('17', '17', '17')
    """
    if isinstance(value, str):
        return value
    number = plain(value)
    if isinstance(number, float) and number.is_integer():
        number = int(number)  # a row of a frame in which other columns hold decimal numbers
    if isinstance(number, bool) or not isinstance(number, int):
        raise UnknownEventError(f"expected the id of an event, got {type(value).__name__}")
    if number.bit_length() > ID_BITS:
        raise UnknownEventError(f"no event has a number of more than {ID_BITS} bits as its id")
    return str(number)


def check_names(value: Any, name: str) -> list[str]:
    """Check an iterable of texts; a single string is refused.

    Examples
    --------
    >>> check_names(("Iraq", "Mosul"), "topics")
    ['Iraq', 'Mosul']
    """
    return [check_text(item, f"an entry of {name}") for item in _items(value, name, "texts")]


def check_ids(value: Any, name: str) -> list[str]:
    """Check an iterable of ids, and return them as text.

    Examples
    --------
    >>> check_ids(["fall", 7], "remove")
    ['fall', '7']
    """
    ids = list(map(plain, _items(value, name, "ids")))
    for id_ in ids:
        check_type(id_, f"an id in {name}", (str, int), "text or a whole number")
    return list(map(id_text, ids))


def _items(value: Any, name: str, what: str) -> list[Any]:
    """The items of an iterable. A single string is refused: iterating over it would give characters."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} is {_shown(value)}: expected a list of {what}")
    return list(value)


def check_date(value: Any, name: str) -> date:
    """Check a day or an instant, given as such or as ISO 8601 text.

    Examples
    --------
    >>> check_date("2016-07-11", "date")
    datetime.date(2016, 7, 11)
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise ConfigError(f"{name} is {_shown(value)}: expected a date, such as 2016-07-11") from None
    day: date = check_type(plain(value), name, date, "a date, such as 2016-07-11")
    return day


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
