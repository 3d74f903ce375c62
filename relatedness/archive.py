"""The events of an index as arrays, to and from the store: what the kernel and the lists work on.

In memory an event is a *row*: all events stand in the order of their dates, so that of equal scores the higher row
comes first. In the file it is a *slot* (see `relatedness.store`). This module is where one becomes the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import IndexFormatError, InputError
from relatedness.events import SECONDS_PER_DAY, Event, primary_language
from relatedness.related import NOBODY, Corpus, NameWords, Neighbours, word_squares
from relatedness.store import Store
from relatedness.topk import Candidates, Rows
from relatedness.vectors import CHANNELS, Vectors

LABELS = ("language", "category", "group")


@dataclass(frozen=True, slots=True)
class Archive:
    """All events of an index, row by row in the order date up, then id down.

    Attributes
    ----------
    vectors : Vectors
    seconds : ndarray of int64, shape (n,)
        Since 1970-01-01T00:00Z.
    languages, categories, groups : ndarray of int32, shape (n,)
        Numbers of labels, -1 for none.
    channels : ndarray of uint8, shape (n_columns,)
        The channel of each column of the vectors.
    names : NameWords
    telling : ndarray of bool, shape (n_columns,)
        From `relatedness.related.telling_columns`; what came since the statistics were fitted is rare and so telling.
    meanings : ndarray of int8, shape (n, d)
        The sentence embeddings; ``d`` is 0 where there are none.
    hashes : ndarray of uint64, shape (n,)
        `relatedness.meaning.text_hash` of the text that each embedding was made from.
    common : float
        From `relatedness.meaning.common_cosine`.
    slots : ndarray of uint32, shape (n,)
        The slot of each row.
    places : ndarray of uint32, shape (n_slots,)
        The row of each slot; the largest number where an event was removed.
    """

    vectors: Vectors
    seconds: NDArray[np.int64]
    languages: NDArray[np.int32]
    categories: NDArray[np.int32]
    groups: NDArray[np.int32]
    channels: NDArray[np.uint8]
    names: NameWords
    telling: NDArray[np.bool_]
    meanings: NDArray[np.int8]
    hashes: NDArray[np.uint64]
    common: float
    slots: NDArray[np.uint32]
    places: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def days(self) -> NDArray[np.int32]:
        """The day of each event, counted from 1970-01-01, int32, shape (n,)."""
        return (self.seconds // SECONDS_PER_DAY).astype(np.int32)

    @property
    def rows(self) -> Rows:
        """The events as the kernel takes them.

        Raises
        ------
        InputError
            If the vectors are not sound: the compiled functions trust their input.
        """
        return Rows(
            *self.vectors.arrays,
            days=self.days,
            groups=self.groups,
            languages=self.languages,
            n_columns=len(self.channels),
        )

    def corpus(self, rows: NDArray[np.int64] | None = None) -> Corpus:
        """All events, or some rows as a corpus of their own, as the second stage takes them."""
        taken = slice(0, len(self)) if rows is None else rows
        vectors = self.vectors.take(taken)
        return Corpus(
            vectors=vectors,
            days=(self.seconds[taken] // SECONDS_PER_DAY).astype(np.int32),
            categories=self.categories[taken],
            squares=word_squares(vectors, self.channels),
            meanings=self.meanings[taken],
            order=np.arange(len(self), dtype=np.uint32)[taken],
            channels=self.channels,
            telling=self.telling,
            common=self.common,
        )

    @classmethod
    def load(cls, store: Store) -> Archive:
        """Read the arrays of an index.

        Raises
        ------
        IndexFormatError
            If they do not fit together: nothing that a file says may lead a compiled function outside an array.
        """
        lengths = store.array("lengths", np.uint32)
        indptr = np.zeros(len(lengths) + 1, np.uint64)
        indptr[1:] = np.cumsum(lengths, dtype=np.uint64)
        vectors = Vectors(indptr, store.array("columns", np.uint32), store.array("values", np.uint16))
        channels = store.array("channels", np.uint8)
        name_lengths = store.array("name_lengths", np.uint32)
        starts = np.zeros(len(name_lengths) + 1, np.uint32)
        starts[1:] = np.cumsum(name_lengths, dtype=np.uint64)
        names = NameWords(
            starts, store.array("name_columns", np.uint32), store.array("name_common", np.uint8)
        )
        seconds = store.array("seconds", np.int64)
        labels = [store.array(f"{kind}_numbers", np.int32) for kind in LABELS]
        places = store.array("places", np.uint32)
        telling = store.array("telling", np.uint8)
        meanings, hashes = store.array("meanings", np.int8), store.array("text_hashes", np.uint64)
        with store.reading():
            common = float(store.meta("statistics")["common_cosine"])
        live = np.flatnonzero(places != NOBODY)
        n = store.count()
        if not (
            n > 0
            and len(live) == n
            and len(places) == len(lengths) == len(seconds)
            and int(lengths.sum(dtype=np.uint64)) == len(vectors.columns) == len(vectors.values)
            and all(len(numbers) == len(places) for numbers in labels)
            and all(
                np.all(numbers < len(store.labels(kind)))
                for kind, numbers in zip(LABELS, labels, strict=True)
            )
            and np.array_equal(np.bincount(places[live], minlength=n), np.ones(n))
            and np.all(vectors.columns < len(channels))
            and np.all(channels < len(CHANNELS))
            and len(name_lengths) == len(names.common) == len(channels) == len(telling)
            and len(meanings) == len(places) * (len(meanings) // len(places))
            and len(hashes) == len(places)
            and 0 <= common < 1
            and int(name_lengths.sum(dtype=np.uint64)) == len(names.columns)
            and np.all(names.columns < len(channels))
        ):
            raise IndexFormatError(f"{store.path} is damaged: its arrays do not fit together")
        slots = np.empty(n, np.uint32)
        slots[places[live]] = live
        taken = slice(0, n) if np.array_equal(slots, np.arange(len(places))) else slots.astype(np.int64)
        languages, categories, groups = (numbers[taken] for numbers in labels)
        archive = cls(
            vectors.take(taken),
            seconds[taken],
            languages,
            categories,
            groups,
            channels,
            names,
            telling > 0,
            meanings.reshape(len(places), -1)[taken],
            hashes[taken],
            common,
            slots,
            places,
        )
        if np.any(archive.seconds[1:] < archive.seconds[:-1]):
            raise IndexFormatError(f"{store.path} is damaged: its events do not stand in the order of dates")
        return archive

    def load_candidates(self, store: Store, config: Config) -> tuple[Candidates, Neighbours]:
        """Read the candidates and the neighbours of all events.

        Raises
        ------
        IndexFormatError
            If they are not sound.
        """
        slots, pairs, near = store.all_candidates()
        if slots != np.flatnonzero(self.places != NOBODY).tolist():
            raise IndexFormatError(f"{store.path} is damaged: events without candidates, or the reverse")
        rows = self.places[slots].astype(np.int64)
        keys = np.zeros((len(self), config.lists.candidates), np.uint64)
        keys[rows] = self._spread(store, pairs, config.lists.candidates)
        return Candidates(keys), self._neighbours(store, near, config).take(np.argsort(rows))

    def neighbours_of(self, rows: NDArray[np.int64], store: Store, config: Config) -> Neighbours:
        """Read the neighbours of some events."""
        return self._neighbours(store, [near for _, near in store.candidates(self.slots[rows])], config)

    def candidates_of(self, rows: NDArray[np.int64], store: Store, config: Config) -> Candidates:
        """Read the candidates of some events."""
        pairs = [candidates for candidates, _ in store.candidates(self.slots[rows])]
        return Candidates(self._spread(store, pairs, config.lists.candidates))

    def _neighbours(self, store: Store, near: list[bytes], config: Config) -> Neighbours:
        # Neighbours are candidates: there cannot be more of them.
        most = min(config.lists.neighbours, config.lists.candidates)
        found = self._spread(store, near, most)
        rows = np.where(found > 0, found & np.uint64(NOBODY), NOBODY).astype(np.uint32)
        strengths = (found >> np.uint64(32)).astype(np.uint32)
        if np.all(rows[:, 1:] >= rows[:, :-1]):
            return Neighbours(rows, strengths)
        order = np.argsort(rows, axis=1, kind="stable")
        return Neighbours(
            np.take_along_axis(rows, order, axis=1), np.take_along_axis(strengths, order, axis=1)
        )

    def _spread(self, store: Store, kept: list[bytes], most: int) -> NDArray[np.uint64]:
        """What was kept for some events as one array of ``number << 32 | row``, 0 in unused places."""
        counts = np.array([len(pairs) // 8 for pairs in kept], dtype=np.int64)
        pairs = np.frombuffer(b"".join(kept), dtype="<u4").reshape(-1, 2)
        slots, numbers = pairs[:, 0], pairs[:, 1]
        if np.any(counts > most) or np.any(slots >= len(self.places)) or np.any(numbers == 0):
            raise IndexFormatError(f"{store.path} is damaged: candidates that cannot be")
        rows = self.places[slots]
        if np.any(rows == NOBODY):
            raise IndexFormatError(f"{store.path} is damaged: a removed event is a candidate")
        spread = np.zeros((len(kept), most), np.uint64)
        spread[np.arange(most) < counts[:, None]] = numbers.astype(np.uint64) << np.uint64(32) | rows
        return spread

    def packed(
        self, rows: NDArray[np.int64], candidates: Candidates, neighbours: Neighbours
    ) -> Iterator[tuple[int, bytes, bytes]]:
        """Slot, candidates and neighbours of some rows, as the store keeps them.

        Parameters
        ----------
        rows : ndarray of int64, shape (m,)
        candidates : Candidates
            Of these rows.
        neighbours : Neighbours
            Of these rows.
        """
        near = self._pairs(neighbours.rows, neighbours.strengths)
        pairs = self._pairs(candidates.rows, candidates.scores)
        sizes = 8 * candidates.counts, 8 * np.count_nonzero(neighbours.strengths, axis=1)
        for slot, row, size, theirs, their_size in zip(
            self.slots[rows].tolist(), pairs, sizes[0].tolist(), near, sizes[1].tolist(), strict=True
        ):
            yield slot, row[:size], theirs[:their_size]

    def _pairs(self, rows: NDArray[np.uint32], numbers: NDArray[np.uint32]) -> Iterator[bytes]:
        slots = self.slots[np.where(numbers > 0, rows, 0)]
        both = np.stack([slots, numbers], axis=-1).astype("<u4")
        data, width = both.tobytes(), 8 * both.shape[1]
        return (data[start : start + width] for start in range(0, len(data), width))

    def save(self, store: Store) -> None:
        """Write the arrays of a new index, whose slots are its rows."""
        arrays: dict[str, NDArray[Any]] = {
            "lengths": np.diff(self.vectors.indptr).astype(np.uint32),
            "columns": self.vectors.columns,
            "values": self.vectors.values,
            "seconds": self.seconds,
            "channels": self.channels,
            "name_lengths": np.diff(self.names.indptr).astype(np.uint32),
            "name_columns": self.names.columns,
            "name_common": self.names.common,
            "places": self.places,
            "telling": self.telling.astype(np.uint8),
            "meanings": self.meanings.reshape(-1),
            "text_hashes": self.hashes,
            **{f"{kind}_numbers": numbers for kind, numbers in self._labels().items()},
        }
        for name, array in arrays.items():
            store.put_array(name, array)

    def _labels(self) -> dict[str, NDArray[np.int32]]:
        return {"language": self.languages, "category": self.categories, "group": self.groups}


class Labels:
    """The numbers of names of one kind, which grow as names come.

    Parameters
    ----------
    names : sequence of str
        Those that are known, by number.

    Examples
    --------
    >>> labels = Labels(["Sport"])
    >>> labels.numbers(["War", None, "Sport"]).tolist(), labels.added
    ([1, -1, 0], ['War'])
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._number = {name: number for number, name in enumerate(names)}
        self._known = len(names)

    @property
    def names(self) -> list[str]:
        """All names by number."""
        return list(self._number)

    @property
    def added(self) -> list[str]:
        """The names that came after those that were known."""
        return list(self._number)[self._known :]

    def numbers(self, names: Iterable[str | None]) -> NDArray[np.int32]:
        """The number of each name, -1 for none; a new name gets the next number."""
        number = self._number
        return np.array(
            [number.setdefault(name, len(number)) if name else -1 for name in names], dtype=np.int32
        )


def label(event: Event, kind: str) -> str | None:
    """What an event has of a kind of `LABELS`: its primary language, its category or its group."""
    if kind == "language":
        return event.language and primary_language(event.language)
    return event.category if kind == "category" else event.group


def check_vectors(archive: Archive, store: Store) -> Rows:
    """The rows for the kernel; vectors that it refuses are damage of the file they came from."""
    try:
        return archive.rows
    except InputError as error:
        raise IndexFormatError(f"{store.path} is damaged: {error}") from None
