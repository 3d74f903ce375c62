"""The file of bad records, and the ids seen so far: they ensure that no record is lost or counted twice."""

from __future__ import annotations

import json
import os
import reprlib
import sqlite3
from types import TracebackType

from relatedness.arguments import check_path
from relatedness.errors import ConfigError, InputError, RelatednessError
from relatedness.events import Event
from relatedness.files import naming
from relatedness.sources._file import SHOWN, Cut, reason

_IDS_IN_MEMORY = 200_000  # ids that are kept in memory; earlier ones are in a temporary file


class Rejects:
    """A file for the records that could not be used: one JSON object a line.

    Each holds ``file``, ``line`` and ``field`` (null where unknown), the ``problem``, the ``record`` as it
    stands (its first 64 KiB) and ``length``, the length of the whole record in bytes.

    Parameters
    ----------
    path : path-like
        The file, which is emptied first. It stays empty when nothing was rejected.

    Attributes
    ----------
    path : Path
    count : int
        How many records were rejected so far.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from relatedness.sources import read_events
    >>> path = Path(tempfile.mkdtemp()) / "rejects.jsonl"
    >>> with Rejects(path) as rejects:
    ...     events = list(read_events([{"title": "No date"}], rejects=rejects))
    >>> rejects.count, json.loads(path.read_text())["field"]
    (1, 'date')
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = check_path(path, "rejects")
        self.count = 0
        # Lone surrogates, which UTF-8 cannot encode, become \u escapes, which are valid inside a JSON string.
        try:
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
        except OSError as error:
            raise ConfigError(f"the rejects file {self.path} cannot be written: {reason(error)}") from None

    def add(self, error: InputError, record: object) -> None:
        """Write down one bad record.

        Parameters
        ----------
        error : InputError
            What is wrong and where.
        record : object
            The record: bytes, text or any Python value.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> path = Path(tempfile.mkdtemp(), "rejects.jsonl")
        >>> with Rejects(path) as rejects:
        ...     rejects.add(InputError("there is no date", field="date"), {"title": "Mosul falls."})
        >>> rejects.count, json.loads(path.read_text())["record"]
        (1, '{"title": "Mosul falls."}')
        """
        if isinstance(record, Cut):
            text, length = record.head.decode("utf-8", "backslashreplace"), record.length
        elif isinstance(record, bytes):
            text, length = record[:SHOWN].decode("utf-8", "backslashreplace"), len(record)
        else:
            try:
                text = (
                    record if isinstance(record, str) else json.dumps(record, ensure_ascii=False, default=str)
                )
            except (TypeError, ValueError, RecursionError):
                text = reprlib.repr(record)
            length = len(text.encode("utf-8", "surrogatepass"))
        entry = {
            "file": error.file,
            "line": error.record if error.line is None else error.line,
            "field": error.field,
            "problem": error.problem,
            "record": text[:SHOWN],
            "length": length,
        }
        with naming(self.path):
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.count += 1

    def close(self) -> None:
        """Close the file.

        Examples
        --------
        >>> import tempfile
        >>> rejects = Rejects(tempfile.mkdtemp() + "/rejects.jsonl")
        >>> rejects.close()
        """
        with naming(self.path):
            self._file.close()

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Seen:
    """The ids read so far, each with a hash of its event; all but the newest in a temporary file."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._file: sqlite3.Connection | None = None

    def before(self, event: Event) -> bool:
        """Whether the same event was read before; raises if a different event with its id was."""
        content, key = hash(event), event.key
        known = self._newest.get(key)
        if known is None and self._file is not None:
            row = self._file.execute("SELECT content FROM seen WHERE id = ?", (key,)).fetchone()
            known = row and row[0]
        if known is None:
            self._newest[key] = content
            if len(self._newest) >= _IDS_IN_MEMORY:
                self._put_away()
            return False
        if known != content:
            raise InputError(
                f"{key[:200]!r} was read before with other content: give each event an id of its own",
                field="id",
            )
        return True

    def _put_away(self) -> None:
        try:
            if self._file is None:
                # An empty name makes SQLite create a temporary database on disk.
                self._file = sqlite3.connect("", check_same_thread=False)
                self._file.execute("PRAGMA journal_mode = OFF")
                self._file.execute("PRAGMA cache_size = -32768")
                self._file.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, content INTEGER) WITHOUT ROWID")
            self._file.executemany("INSERT INTO seen VALUES (?, ?)", sorted(self._newest.items()))
        except sqlite3.OperationalError as error:
            raise RelatednessError(
                f"the temporary file of ids cannot be written ({error}): set TMPDIR to a folder on a larger disk"
            ) from None
        self._newest.clear()

    def close(self) -> None:
        """Remove the temporary file."""
        if self._file is not None:
            self._file.close()


def check_rejects(given: object) -> None:
    """See that a caller gave a path for rejects, or `Rejects`."""
    if given is not None and not isinstance(given, Rejects):
        check_path(given, "rejects")
