"""The kernel's rows as files on shared storage, for archives whose matrices exceed one machine.

A segment is a run of consecutive rows, stored as plain NumPy files in its own folder; a manifest lists them all with the data
that a scheduler needs: rows, days and largest norm. Any location supported by fsspec works: a folder that all machines mount,
or an object store. Workers read the two segments of a task; no process holds all.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import Any, Self, TypeVar

import numpy as np
from numpy.lib.format import open_memmap, read_array, write_array
from numpy.typing import NDArray

from relatedness.arguments import check_call, check_text, check_type
from relatedness.caching import cached_property
from relatedness.config import Config
from relatedness.errors import IndexFormatError, IndexMissingError, InputError, MissingExtraError
from relatedness.ranking import (
    CHANNELS,
    SHIFT,
    Document,
    FittedVocabulary,
    Recency,
    Rows,
    Survey,
    count,
    encode,
    fit_survey,
    locate,
    square_sums,
)

Named = TypeVar("Named")

FORMAT = 1
"""Increase it by one whenever older files can no longer be read."""
_MANIFEST = "segments.json"
_LONGEST_MANIFEST = 2**28
_WHOLE = {
    "rows": range(1 << 40),
    "entries": range(1 << 40),
    "first_day": range(-(1 << 31), 1 << 31),
    "last_day": range(-(1 << 31), 1 << 31),
    "crc": range(1 << 32),
}
"""The integer fields of a segment in the manifest."""
_ARRAYS = ("indptr", "columns", "values", "days", "groups", "languages")
_KEPT = 4  # segments that a worker keeps in memory: the two of its task, and two that may be needed again


@dataclass(frozen=True, slots=True)
class Segment:
    """The description of a segment, available without reading its arrays.

    Examples
    --------
    >>> rows = Rows.of([{0: 300}, {0: 300, 1: 400}, {1: 100}], days=[2, 5, 9], n_columns=2)
    >>> segment = Segment.of(rows)
    >>> segment.rows, segment.entries, segment.first_day, segment.last_day, segment.norm
    (3, 4, 2, 9, 500.0)
    """

    rows: int
    entries: int  # the total number of entries in its rows
    first_day: int
    last_day: int
    norm: float  # the largest Euclidean length of a row, in units of ``2**-15``
    crc: int  # the CRC-32 of its concatenated arrays

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """Describe some rows, in date order."""
        ends = np.concatenate([[0], np.cumsum(np.square(rows.values, dtype=np.uint64))])
        squares = ends[rows.indptr[1:].astype(np.int64)] - ends[rows.indptr[:-1].astype(np.int64)]
        first, last = (int(rows.days[0]), int(rows.days[-1])) if len(rows) else (0, 0)
        norm = math.sqrt(int(squares.max(initial=0)))
        return cls(len(rows), len(rows.columns), first, last, norm, _crc(rows))

    def reach(self, earlier: Segment, recency: Recency) -> tuple[int, int]:
        """Upper bounds of the score between a row of this segment and one of an earlier segment, for the lists of each. By the
        Cauchy-Schwarz inequality no dot product exceeds the product of the largest norms, and no recency exceeds that between
        the first day of one and the last of the other.
        """
        gap = self.first_day - earlier.last_day
        dot = math.floor(self.norm * earlier.norm) + 1
        before, after = (
            dot * int(table[min(gap, len(table) - 1)]) >> int(SHIFT)
            for table in (recency.before, recency.after)
        )
        return before, after

    @property
    def bytes(self) -> int:
        """The size of its arrays."""
        return 6 * self.entries + 20 * self.rows


@dataclass(frozen=True)
class Segments:
    """The rows of an archive in segments on shared storage.

    Parameters
    ----------
    url : str
        A folder as fsspec names it: a path, ``s3://bucket/archive``, ``gs://...``, ``memory://...``.
    segments : tuple of Segment
        In date order.
    n_columns : int

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384}, {1: 5}], days=[0, 1, 1], n_columns=2)
    >>> held = Segments.write("memory://doctest", [rows.part(0, 2), rows.part(2, 3)])
    >>> len(held), Segments.open("memory://doctest").read(1).values.tolist()
    (3, [5])
    """

    url: str
    segments: tuple[Segment, ...]
    n_columns: int

    def __len__(self) -> int:
        return sum(segment.rows for segment in self.segments)

    @cached_property
    def bounds(self) -> list[int]:
        """The first row of each segment, and the number of rows at the end."""
        return [0, *itertools.accumulate(segment.rows for segment in self.segments)]

    @classmethod
    def write(cls, url: str, parts: Iterable[Rows]) -> Self:
        """Write segments; the manifest comes last, so that an incomplete job is never read.

        Parameters
        ----------
        url : str
            Existing content is replaced.
        parts : iterable of Rows
            Consecutive rows of one archive, in date order, with the same columns, groups and languages.

        Raises
        ------
        InputError
            If the parts are not in date order or differ in their columns.
        MissingExtraError
            If fsspec is not installed.
        """
        _forget(url)
        return cls._finished(
            url, ((write_segment(url, *part), part[1].n_columns) for part in enumerate(parts))
        )

    @classmethod
    def _finished(cls, url: str, written: Iterable[tuple[Segment, int]]) -> Self:
        """Write the manifest once all segments are written."""
        segments: list[Segment] = []
        n_columns, last_day = None, None
        for number, (segment, width) in enumerate(written):
            if n_columns not in (None, width):
                raise InputError(f"part {number} has {width} columns, those before it {n_columns}")
            if last_day is not None and segment.rows and segment.first_day < last_day:
                raise InputError(
                    f"rows must come in date order: part {number} begins before the part before it ends",
                    field="days",
                )
            n_columns, last_day = width, segment.last_day if segment.rows else last_day
            segments.append(segment)
        held = cls(url, tuple(segments), n_columns or 0)
        files, root = _storage(url)
        with files.open(f"{root}/{_MANIFEST}", "w") as out:
            json.dump(
                {"format": FORMAT, "n_columns": held.n_columns, "segments": [*map(asdict, segments)]}, out
            )
        return held

    @classmethod
    def open(cls, url: str) -> Self:
        """Read the manifest of segments that were written before.

        Raises
        ------
        IndexMissingError
            If there is none.
        IndexFormatError
            If it is damaged or of another format.
        """
        files, root = _storage(url)
        try:
            with files.open(f"{root}/{_MANIFEST}", "r") as manifest:
                told = json.loads(manifest.read(_LONGEST_MANIFEST))
        except FileNotFoundError:
            raise IndexMissingError(f"{url} holds no {_MANIFEST}: write the segments first") from None
        except (ValueError, RecursionError) as error:
            raise IndexFormatError(f"{url}/{_MANIFEST} is damaged: {error}") from None
        if isinstance(told, dict) and type(told.get("format")) is int and told["format"] != FORMAT:
            raise IndexFormatError(f"{url} has format {told['format']}, expected {FORMAT}")
        if not _fits(told):
            raise IndexFormatError(f"{url}/{_MANIFEST} is damaged: it is not what was written")
        return cls(url, tuple(Segment(**one) for one in told["segments"]), told["n_columns"])

    def read(self, number: int) -> Rows:
        """Read one segment.

        Raises
        ------
        IndexFormatError
            If a file is missing, damaged, or does not fit the others.
        """
        files, root = _storage(self.url)
        try:
            arrays: dict[str, Any] = {
                name: read_array(io.BytesIO(files.cat_file(f"{root}/{number:06d}/{name}.npy")))
                for name in _ARRAYS
            }
            rows = Rows(**arrays, n_columns=self.n_columns)
            found = Segment.of(rows)
        except (FileNotFoundError, ValueError, IndexError, OverflowError, EOFError, MemoryError) as error:
            raise IndexFormatError(f"segment {number} of {self.url} is damaged: {error}") from error
        if found != self.segments[number]:
            # Compare every field: a length that is too small would silently lose candidates.
            raise IndexFormatError(
                f"segment {number} of {self.url} is not what was written: it differs from what {_MANIFEST} says of it"
            )
        return rows


@dataclass(frozen=True)
class Partition:
    """Consecutive events of an archive, in date order, with their topics.

    Attributes
    ----------
    documents : sequence of Document
    days, groups, languages : ndarray of int32
        As in `relatedness.ranking.Rows`; the numbers of groups and languages mean the same in all partitions.

    Examples
    --------
    >>> nothing = np.full(1, -1, dtype=np.int32)
    >>> part = Partition([Document("", "flood", "en", ())], np.zeros(1, np.int32), nothing, nothing)
    >>> len(part.documents)
    1
    """

    documents: Sequence[Document]
    days: NDArray[np.int32]
    groups: NDArray[np.int32]
    languages: NDArray[np.int32]


def vectorise(
    url: str,
    partitions: Sequence[Named],
    load: Callable[[Named], Partition],
    config: Config,
    spread: Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]] = map,
) -> tuple[Segments, FittedVocabulary]:
    """Make the segments of an archive that does not fit into the memory of one machine.

    Every partition is read three times: for the statistics, for their pivots, and to be written as a segment.
    Between the passes, the calling process merges the counts; texts and vectors stay on the workers.

    Parameters
    ----------
    url : str
        A folder as fsspec names it; existing content is replaced.
    partitions : sequence
        The arguments of `load`, such as paths of files, in the order of dates.
    load : callable
        Returns a `Partition`; runs on a worker.
    config : Config
    spread : callable, optional
        Applies a function to many items and keeps their order: ``map`` runs in this process,
        ``lambda f, things: client.gather(client.map(f, things))`` on a Dask cluster, and
        `relatedness.workers.map_batches` in processes of this machine.

    Returns
    -------
    Segments
    FittedVocabulary
        Both equal those of one build over all events.

    Examples
    --------
    >>> nothing = np.full(1, -1, dtype=np.int32)
    >>> def load(word):
    ...     return Partition([Document("", word, "en", ())], np.zeros(1, dtype=np.int32), nothing, nothing)
    >>> held, vocabulary = vectorise("memory://doctest-2", ["flood", "fire"], load, Config.default())
    >>> len(held), vocabulary.terms
    (2, ['flood', 'fire'])
    """
    check_text(url, "url")
    check_type(partitions, "partitions", Sequence, "the names of the partitions, as a list")
    check_call(load, "load")
    check_type(config, "config", Config, "a Config")
    _forget(url)
    found = Survey.merged(spread(partial(_survey, load, config), partitions))
    vocabulary = fit_survey(found, config)
    squares = np.zeros(len(CHANNELS))
    for some in spread(partial(_square_sums, load, vocabulary, config), partitions):
        squares += some
    vocabulary = vocabulary.pivoted(squares)
    written = spread(partial(_write, url, load, vocabulary, config), list(enumerate(partitions)))
    return Segments._finished(url, ((segment, len(vocabulary.terms)) for segment in written)), vocabulary


def _survey(load: Callable[[Any], Partition], config: Config, name: Any) -> Survey:
    return Survey.of(count(load(name).documents, config))


def _square_sums(
    load: Callable[[Any], Partition], vocabulary: FittedVocabulary, config: Config, name: Any
) -> NDArray[np.float64]:
    counts = count(load(name).documents, config)
    return square_sums(counts, locate(counts, vocabulary, config))


def _write(
    url: str,
    load: Callable[[Any], Partition],
    vocabulary: FittedVocabulary,
    config: Config,
    numbered: tuple[int, Any],
) -> Segment:
    number, name = numbered
    part = load(name)
    counts = count(part.documents, config)
    vectors = encode(counts, locate(counts, vocabulary, config), config)
    rows = Rows(*vectors.arrays, part.days, part.groups, part.languages, len(vocabulary.terms))
    return write_segment(url, number, rows)


def _fits(told: object) -> bool:
    """Whether a manifest has the shape of what `Segments` writes: its segments in the order of dates, every number within bounds."""
    if not (isinstance(told, dict) and told.keys() == {"format", "n_columns", "segments"}):
        return False
    listed = told["segments"]
    if type(told["format"]) is not int or not isinstance(listed, list):
        return False
    if type(told["n_columns"]) is not int or told["n_columns"] not in range(1 << 32):
        return False
    last = None
    for one in listed:
        if not (isinstance(one, dict) and one.keys() == {*_WHOLE, "norm"}):
            return False
        if any(type(one[name]) is not int or one[name] not in bounds for name, bounds in _WHOLE.items()):
            return False
        if type(one["norm"]) is not float or not 0 <= one["norm"] < math.inf:
            return False
        if one["rows"]:
            if one["last_day"] < one["first_day"] or (last is not None and one["first_day"] < last):
                return False
            last = one["last_day"]
    return True


def write_segment(url: str, number: int, rows: Rows) -> Segment:
    """Write the arrays of one segment; the manifest, which makes them visible, is not changed.

    Raises
    ------
    InputError
        If the rows are not in date order.
    """
    if not bool((rows.days[1:] >= rows.days[:-1]).all()):
        raise InputError(f"rows must come in date order: part {number} does not", field="days")
    files, root = _storage(url)
    folder = f"{root}/{number:06d}"
    files.makedirs(folder, exist_ok=True)
    for name in _ARRAYS:
        with files.open(f"{folder}/{name}.npy", "wb") as out:
            write_array(out, getattr(rows, name), None, False)  # False: no pickle
    return Segment.of(rows)


def _forget(url: str) -> None:
    """Remove a manifest, because its segments are about to change."""
    files, root = _storage(url)
    if files.exists(f"{root}/{_MANIFEST}"):
        files.rm_file(f"{root}/{_MANIFEST}")


@lru_cache(maxsize=_KEPT)
def read_segment(held: Segments, number: int) -> Rows:
    """Read a segment as `Segments.read` does, or take it from the few that this process read last."""
    return held.read(number)


def growing_lists(path: str | os.PathLike[str], n: int, k: int) -> NDArray[np.uint64]:
    """The keys of `n` lists in a new file, mapped into memory, in plain NumPy format.

    Returns
    -------
    ndarray of uint64, shape (n, k)
        Zeros; assignments are written to the file.
    """
    if n * k == 0:  # an empty file cannot be memory-mapped
        return np.zeros((n, k), dtype=np.uint64)
    return open_memmap(path, "w+", np.uint64, (n, k))


def _crc(rows: Rows) -> int:
    crc = 0
    for name in _ARRAYS:
        crc = zlib.crc32(np.ascontiguousarray(getattr(rows, name)).view(np.uint8).data, crc)
    return crc


def _storage(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError("fsspec is not installed: pip install 'relatedness[dask]'") from error
    files, root = url_to_fs(url)
    return files, str(root).rstrip("/")
