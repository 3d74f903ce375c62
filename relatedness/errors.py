"""Every error this library raises on purpose, each also a subclass of the matching built-in exception."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import FrameType


class RelatednessError(Exception):
    """The base class of the errors that this library raises on purpose; only a file that cannot be written is an OSError instead.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> try:
    ...     RelatedIndex.open("missing.index")
    ... except RelatednessError as error:
    ...     print(error)
    the index missing.index does not exist; make one with: relatedness build EVENTS -o missing.index
    """

    def __str__(self) -> str:
        # KeyError would print the repr of its argument instead of the sentence.
        return str(self.args[0]) if self.args else ""


class InputError(RelatednessError, ValueError):
    """A record, file or value that cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong and what to do, without the file, line and field.
    file : path-like, optional
        The file that was read.
    line : int, optional
        The line in that file, counted from 1.
    record : int, optional
        The number of the record, counted from 1, where there are no lines: rows of a table, entries of a feed.
    field : str, optional
        The field of the record.

    Attributes
    ----------
    rejectable : bool
        Whether reading would have gone on without the record if a file for rejects had been given.

    Examples
    --------
    >>> print(InputError("not a date: '2016-13-01'", file="news.jsonl", line=7, field="date"))
    news.jsonl, line 7, field 'date': not a date: '2016-13-01'
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        record: int | None = None,
        field: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.line = line
        self.record = record
        self.field = field
        self.rejectable = False
        where = [
            text
            for text in (
                self.file,
                None if line is None else f"line {line}",
                None if record is None else f"record {record}",
                None if field is None else f"field '{field}'",
            )
            if text
        ]
        super().__init__(f"{', '.join(where)}: {problem}" if where else problem)


class InputWarning(UserWarning):
    """Input that was read but is probably not what was meant: a field whose name looks misspelt, ids that some records lack.

    Examples
    --------
    >>> import warnings
    >>> from relatedness import RelatedIndex
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     _ = RelatedIndex.build([{"date": "2014-06-10", "title": "Mosul falls", "txet": "ISIL seizes Mosul."}])
    >>> print(caught[0].message)
    the field 'txet' is not read, and there is no text; did you mean fields={'txet': 'text'}?
    """


class ConfigError(RelatednessError, ValueError):
    """A setting or an argument that is unknown, of the wrong type or out of range.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.read({"lists": {"k": 0}})
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: lists.k is 0: expected 1 to 1000
    """


class UnknownEventError(RelatednessError, KeyError):
    """An event id that the index does not hold; the message names the nearest known ids.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([{"id": "mosul", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
    >>> index.related("mossul")
    Traceback (most recent call last):
        ...
    relatedness.errors.UnknownEventError: no event has the id 'mossul'; the nearest are mosul
    """


class IndexMissingError(RelatednessError, FileNotFoundError):
    """There is no index file at the given path.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> try:
    ...     RelatedIndex.open("missing.index")
    ... except FileNotFoundError as error:
    ...     print(type(error).__name__)
    IndexMissingError
    """


class IndexFormatError(RelatednessError, ValueError):
    """A file that is not an index, is damaged, or has a format that this version cannot read.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> _ = path.write_text("no index", encoding="utf-8")
    >>> try:
    ...     RelatedIndex.open(path)
    ... except IndexFormatError as error:
    ...     print(type(error).__name__)
    IndexFormatError
    """


class MissingExtraError(RelatednessError, ImportError):
    """An optional package or model is not installed; the message says how to install it.

    Examples
    --------
    >>> print(MissingExtraError("a frame needs pandas: pip install 'relatedness[frames]'"))
    a frame needs pandas: pip install 'relatedness[frames]'
    """


class BusyError(RelatednessError, TimeoutError):
    """Another process is writing the index; the message names the process and when it started.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness.storage import writing
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> with writing(path):
    ...     try:
    ...         with writing(path):
    ...             pass
    ...     except BusyError:
    ...         print("busy")
    busy
    """


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn with the place in the user's code from which the library was called.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     warn_user("the field 'txet' is not read", InputWarning)
    >>> caught[0].category
    <class 'relatedness.errors.InputWarning'>
    """
    own = __name__.partition(".")[0]
    frame: FrameType | None = sys._getframe(1)
    depth = last = 2
    while frame is not None:
        depth += 1
        if frame.f_globals.get("__name__", "").partition(".")[0] == own:
            last = depth
        frame = frame.f_back
    warnings.warn(message, category, stacklevel=last)
