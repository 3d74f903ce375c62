"""Every error this library raises on purpose, each a child of the built-in that fits it too."""

from __future__ import annotations

from pathlib import Path


class RelatednessError(Exception):
    """The parent of every error raised on purpose; catch it to catch them all."""

    def __str__(self) -> str:
        # KeyError would print the repr of its argument: people should read a sentence.
        return str(self.args[0]) if self.args else ""


class InputError(RelatednessError, ValueError):
    """A record, file or value that cannot be used as it stands.

    Parameters
    ----------
    problem : str
        What is wrong and what to do, without the place.
    file : path-like, optional
        Where it was read.
    line : int, optional
        The line in that file, counted from 1.
    record : int, optional
        The same of the records of what has no lines: rows of a table, entries of a feed.
    field : str, optional
        The field of the record.

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
        place = [
            text
            for text in (
                self.file,
                None if line is None else f"line {line}",
                None if record is None else f"record {record}",
                None if field is None else f"field '{field}'",
            )
            if text
        ]
        super().__init__(f"{', '.join(place)}: {problem}" if place else problem)


class ConfigError(RelatednessError, ValueError):
    """A setting that is unknown, of the wrong type or out of range."""


class UnknownEventError(RelatednessError, KeyError):
    """An event id that the index does not hold; the message names the nearest ids that it does."""


class IndexMissingError(RelatednessError, FileNotFoundError):
    """There is no index file at the given path."""


class IndexFormatError(RelatednessError, ValueError):
    """The file is no index, is damaged, or has a format this version cannot read."""


class MissingExtraError(RelatednessError, ImportError):
    """An optional package or model is not installed; the message says how to install it."""


class BusyError(RelatednessError, TimeoutError):
    """Another process is writing the index; the message says which and since when."""
