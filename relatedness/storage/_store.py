"""Plain records and arrays <-> one SQLite file. It does not interpret scores, and runs no code from the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relatedness.storage._arrays import Arrays
from relatedness.storage._catalogue import PART, SHARED, new_name
from relatedness.storage._schema import (
    CHECKED,
    checksum,
)
from relatedness.storage._tables import Tables


class Store(Tables, Arrays):
    """One open index file, or one in memory.

    Use `create` to write a new one, `open` to read one and `edit` to change one. Methods may be called from several
    threads.

    Attributes
    ----------
    path : Path or None
        The file; None in memory.

    Examples
    --------
    >>> store = Store.create(None)
    >>> store.path is None, store.count()
    (True, 0)
    >>> store.close()
    """

    def faults(self) -> Iterator[str]:
        """What SQLite finds wrong with the file, and rows whose checksum differs.

        Yields
        ------
        str
            A sentence for each fault.
        """
        for (fault,) in self._all("PRAGMA integrity_check(20)"):
            if fault != "ok":
                yield f"the database: {fault}"
        for table, columns in CHECKED.items():
            for *values, crc in self._all(f"SELECT {columns}, crc FROM {table}"):  # noqa: S608
                if checksum(*values) != crc:
                    yield f"{table}: the row {str(values[0])[:60]} is not what was written"


def new_file(folder: Path, number: int) -> Store:
    """Start a file of a partitioned index.

    Parameters
    ----------
    number : int
        The number of the partition; -1 for the shared file.

    Examples
    --------
    >>> import tempfile
    >>> store = new_file(Path(tempfile.mkdtemp()), 3)
    >>> store.partition, store.path.name[:10]
    (3, 'part-0003-')
    >>> store.close()
    """
    made = Store.create(folder / (new_name(SHARED) if number < 0 else new_name(PART, number)))
    made.partition = number
    return made
