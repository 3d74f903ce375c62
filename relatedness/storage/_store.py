"""Plain records and arrays <-> one SQLite file. It does not interpret scores, and runs no code from the file."""

from __future__ import annotations

from collections.abc import Iterator

from relatedness.storage._arrays import Arrays
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
