"""The events of an index as arrays, to and from the store: what the kernel and the lists work on.

In memory an event is a *row*: all events stand in the order of their dates, so that of equal scores the higher row comes first.
In the file it is a *slot* (see `relatedness.storage`). This module converts between the two. A refresh works on slots, so that
nothing has to be moved, and keeps the date order as an array of ranks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.dates import SECONDS_PER_DAY
from relatedness.errors import IndexFormatError, InputError
from relatedness.events import Event
from relatedness.languages import spoken
from relatedness.numbering import (
    Rank,
    Row,
    Slot,
    SlotNumber,
    as_rows,
    as_slots,
    numbers_in,
    packed,
    values_in,
)
from relatedness.ranking import (
    CHANNELS,
    NOBODY,
    Candidates,
    Corpus,
    NameWords,
    Neighbours,
    Rows,
    UsualMeaning,
    Vectors,
    in_blocks,
    word_squares,
)
from relatedness.storage import Store

LABELS = ("language", "category", "group")
_CHECKED = 2048  # rows of pairs that are checked at a time, few enough to stay in the cache


@dataclass(frozen=True, slots=True)
class Archive:
    """All events of an index, row by row: in the order date up, then id down, or by slot as they are in the file."""

    vectors: Vectors
    seconds: NDArray[np.int64]  # shape (n,): since 1970-01-01T00:00Z
    # Shape (n,): numbers of labels, -1 for none.
    languages: NDArray[np.int32]
    categories: NDArray[np.int32]
    groups: NDArray[np.int32]
    channels: NDArray[np.uint8]  # shape (n_columns,): the channel of each column of the vectors
    names: NameWords
    # Shape (n_columns,): from `relatedness.ranking.column_traits`; a term added after the statistics were fitted
    # is rare, and so distinctive.
    traits: NDArray[np.uint8]
    meanings: NDArray[np.int8]  # shape (n, d): the sentence embeddings; ``d`` is 0 where there are none
    # Shape (n,): `relatedness.ranking.text_hash` of the text that each embedding was made from.
    hashes: NDArray[np.uint64]
    common: UsualMeaning
    slots: NDArray[Slot]  # shape (n,): the slot of each row
    # Shape (n_slots,): the rank of each slot in the order of dates; the largest number where an event was removed.
    ranks: NDArray[Rank]

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

    def corpus(self) -> Corpus:
        """All events as the second stage takes them."""
        return Corpus(
            vectors=self.vectors,
            days=self.days,
            categories=self.categories,
            squares=word_squares(self.vectors, self.channels),
            meanings=self.meanings,
            order=self.ranks[self.slots].astype(np.uint32, copy=False),
            channels=self.channels,
            traits=self.traits,
            common=self.common,
        )

    def rows_at(self, slots: Sequence[SlotNumber]) -> NDArray[Row]:
        """The rows of the events in some slots.

        Raises
        ------
        IndexFormatError
            If one of them holds no event.
        """
        wanted = np.array(slots, dtype=np.int64)
        if np.all((wanted >= 0) & (wanted < len(self.ranks))):
            rows = self.ranks[wanted]
            if np.all(rows != NOBODY):
                return as_rows(rows.astype(np.int64))
        raise IndexFormatError("the index is damaged: it names an event that does not exist")

    def channel(self, channel: int, columns: Sequence[int]) -> Vectors:
        """The vectors of one channel.

        Parameters
        ----------
        channel : int
            A position in `relatedness.ranking.CHANNELS`.
        columns : sequence of int
            Its columns, ascending: they become 0, 1, 2 and so on.
        """
        vectors = self.vectors
        kept = self.channels[vectors.columns] == channel
        ends = np.concatenate([[0], np.cumsum(kept)])[vectors.indptr.astype(np.int64)]
        position = np.searchsorted(columns, vectors.columns[kept]).astype(np.uint32)
        return Vectors(ends.astype(np.uint64), position, vectors.values[kept], vectors.titles[kept])

    @classmethod
    def load(cls, store: Store, *, by_slot: bool = False) -> Archive:
        """Read the arrays of an index.

        Parameters
        ----------
        by_slot : bool
            Whether row ``i`` is slot ``i``, even if its event was removed, instead of the event at rank ``i``.

        Raises
        ------
        IndexFormatError
            If they do not fit together: compiled functions do not check bounds, so a damaged file must be rejected here.
        """
        arrays = store.arrays()
        lengths, name_lengths = arrays["lengths"], arrays["name_lengths"]
        indptr = np.zeros(len(lengths) + 1, np.uint64)
        indptr[1:] = np.cumsum(lengths, dtype=np.uint64)
        vectors = Vectors(indptr, arrays["columns"], arrays["values"], arrays["titles"])
        starts = np.zeros(len(name_lengths) + 1, np.uint32)
        starts[1:] = np.cumsum(name_lengths, dtype=np.uint64)
        names = NameWords(starts, arrays["name_columns"], arrays["name_common"])
        labels = [arrays[f"{kind}_numbers"] for kind in LABELS]
        seconds, ranks, channels = arrays["seconds"], arrays["ranks"], arrays["channels"]
        common = UsualMeaning.from_record(store.meta("statistics"))
        live = np.flatnonzero(ranks != NOBODY)
        n = store.count()
        if not (
            n > 0
            and len(live) == n
            and int(lengths.sum(dtype=np.uint64)) == len(vectors.columns)
            and all(
                np.all(numbers < len(store.labels(kind)))
                for kind, numbers in zip(LABELS, labels, strict=True)
            )
            and np.array_equal(np.bincount(ranks[live], minlength=n), np.ones(n))
            and np.all(vectors.columns < len(channels))
            and np.all(channels < len(CHANNELS))
            and 0 <= common.cosine < 1
            and len(common.row) == arrays["meanings"].shape[1]
            and int(name_lengths.sum(dtype=np.uint64)) == len(names.columns)
            and np.all(names.columns < len(channels))
        ):
            raise IndexFormatError(f"{store.path} is damaged: its arrays do not fit together")
        slots = by_date(ranks)
        dated = seconds[slots]
        if np.any(dated[1:] < dated[:-1]):
            raise IndexFormatError(f"{store.path} is damaged: its events are not in date order")
        everyone = as_slots(np.arange(len(ranks), dtype=np.uint32))
        taken: slice | NDArray[Row] = slice(0, len(ranks))
        if by_slot:
            slots = everyone
        elif not np.array_equal(slots, everyone):
            taken = as_rows(slots.astype(np.int64))
        languages, categories, groups = (numbers[taken] for numbers in labels)
        return cls(
            vectors=vectors.take(taken),
            seconds=seconds[taken],
            languages=languages,
            categories=categories,
            groups=groups,
            channels=channels,
            names=names,
            traits=arrays["traits"],
            meanings=arrays["meanings"][taken],
            hashes=arrays["text_hashes"][taken],
            common=common,
            slots=slots,
            ranks=ranks,
        )

    def all_pairs(
        self, store: Store, config: Config, more: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint32]]:
        """Read the candidates and the neighbours of all events, and where their lists end, of an archive by slot.

        Parameters
        ----------
        more : int
            The number of empty rows to append.

        Returns
        -------
        candidates, neighbours : ndarray of uint64, shapes (n + more, candidates) and (n + more, neighbours)
            ``score << 32 | slot``, the best first, and ``strength << 32 | slot``; 0 in unused positions.
        ends : ndarray of uint32, shape (n + more,)
            From `relatedness.ranking.Lists`.

        Raises
        ------
        IndexFormatError
            If they are not sound.
        """
        pairs = store.all_candidates(len(self), more, config.lists.width)
        self._check_pairs(store, pairs)
        gone = self.ranks == NOBODY
        if gone.any() and (np.any(pairs[: len(self)][gone]) or len(holders(pairs, gone, 1)[0])):
            raise IndexFormatError(f"{store.path} is damaged: a removed event has candidates or is one")
        ends = store.array("ends")
        if len(ends) != len(self):
            raise IndexFormatError(f"{store.path} is damaged: its lists and its events differ in number")
        ends = np.concatenate([ends, np.zeros(more, np.uint32)])
        return pairs[:, : config.lists.candidates], pairs[:, config.lists.candidates :], ends

    def candidates_of(self, rows: NDArray[Row], store: Store, config: Config) -> Candidates:
        """Read the candidates of some events, of an archive in the order of dates."""
        pairs = store.candidates(self.slots[rows], config.lists.width)[:, : config.lists.candidates]
        self._check_pairs(store, pairs)
        placed = Candidates(with_rows(pairs, self.ranks))
        if np.any(placed.rows == NOBODY):
            raise IndexFormatError(f"{store.path} is damaged: a removed event is a candidate")
        return placed

    def neighbours_near(
        self, rows: NDArray[Row], store: Store, config: Config
    ) -> tuple[NDArray[Row], Neighbours]:
        """Read the neighbours of some events, and of the events stored in the same blocks, which cost no extra read.

        Returns
        -------
        rows : ndarray of int64
            Those asked for and others, of an archive in the order of dates.
        Neighbours
            Of these rows.
        """
        slots, pairs = store.candidates_near(self.slots[rows], len(self.ranks), config.lists.width)
        live = self.ranks[slots] != NOBODY
        near = pairs[live, config.lists.candidates :]
        others, strengths = numbers_in(near), values_in(near)
        sound = (others < len(self.ranks)) & (strengths > 0)
        ranks = self.ranks[np.where(sound, others, 0)]
        if not np.all((near == 0) | (sound & (ranks != NOBODY))):
            raise IndexFormatError(f"{store.path} is damaged: it holds impossible neighbours")
        found = Neighbours.of(np.where(near > 0, packed(strengths, ranks), np.uint64(0)))
        return as_rows(self.ranks[slots[live]].astype(np.int64)), found

    def _check_pairs(self, store: Store, pairs: NDArray[np.uint64]) -> None:
        n = np.uint32(len(self.ranks))
        for start in range(0, len(pairs), _CHECKED):
            some = pairs[start : start + _CHECKED]
            if not (np.all(numbers_in(some) < n) and np.all((values_in(some) > 0) | (some == 0))):
                raise IndexFormatError(f"{store.path} is damaged: it holds impossible candidates")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays that a new index, whose slots are its rows, stores in its file; the ends of lists are written separately."""
        return {
            "lengths": np.diff(self.vectors.indptr).astype(np.uint32),
            "columns": self.vectors.columns,
            "values": self.vectors.values,
            "titles": self.vectors.titles,
            "seconds": self.seconds,
            "channels": self.channels,
            "name_lengths": np.diff(self.names.indptr).astype(np.uint32),
            "name_columns": self.names.columns,
            "name_common": self.names.common,
            "ranks": self.ranks,
            "traits": self.traits,
            "meanings": self.meanings,
            "text_hashes": self.hashes,
            "language_numbers": self.languages,
            "category_numbers": self.categories,
            "group_numbers": self.groups,
        }


def by_date(ranks: NDArray[Rank]) -> NDArray[Slot]:
    """The slots in the order of dates, given the rank of each.

    Examples
    --------
    >>> by_date(np.array([1, NOBODY, 0], np.uint32)).tolist()
    [2, 0]
    """
    live = np.flatnonzero(ranks != NOBODY)
    slots = np.empty(len(live), np.uint32)
    slots[ranks[live]] = live
    return as_slots(slots)


def with_rows(pairs: NDArray[np.uint64], names: NDArray[np.integer[Any]]) -> NDArray[np.uint64]:
    """Map the row in each pair ``number << 32 | row`` to its given replacement; unused positions stay 0.

    Examples
    --------
    >>> (with_rows(np.array([5 << 32 | 1, 0], np.uint64), np.array([7, 8], np.uint32)) & 0xFFFFFFFF).tolist()
    [8, 0]
    """
    return np.where(pairs > 0, packed(values_in(pairs), names[numbers_in(pairs)]), np.uint64(0))


def holders(
    pairs: NDArray[np.uint64], wanted: NDArray[np.bool_], threads: int
) -> tuple[NDArray[Row], NDArray[Row]]:
    """Find the rows whose pairs contain any of the wanted rows.

    Parameters
    ----------
    pairs : ndarray of uint64, shape (n, any)
        ``number << 32 | row``, 0 in unused positions.
    wanted : ndarray of bool
        Which rows are looked for.

    Returns
    -------
    holders, held : ndarray of int64, shape (found,)
        Row for row of the pairs, and the row that is held.
    """

    def find(block: slice) -> tuple[NDArray[Row], NDArray[Row]]:
        some = pairs[block]
        rows = Candidates(some).rows
        row, position = np.nonzero(wanted[rows] & (some > 0))
        return row + block.start, rows[row, position].astype(np.int64)

    holding, held = zip(*in_blocks(len(pairs), find, threads), strict=True)
    return np.concatenate(holding), np.concatenate(held)


class Labels:
    """A table that numbers the names of one kind; new names get new numbers.

    Parameters
    ----------
    names : sequence of str
        The known names; their positions are their numbers.

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
        """The names added since the table was made."""
        return list(self._number)[self._known :]

    def numbers(self, names: Iterable[str | None]) -> NDArray[np.int32]:
        """The number of each name, -1 for none; a new name gets the next number."""
        number = self._number
        return np.array(
            [number.setdefault(name, len(number)) if name else -1 for name in names], dtype=np.int32
        )


def label(event: Event, kind: str) -> str | None:
    """The label of an event for one kind in `LABELS`: its primary language (stated or detected), its category or its group."""
    if kind == "language":
        return spoken(event)
    return event.category if kind == "category" else event.group


def check_vectors(archive: Archive, store: Store) -> Rows:
    """Make the rows for the kernel; vectors that it refuses are reported as damage of the file."""
    try:
        return archive.rows
    except InputError as error:
        raise IndexFormatError(f"{store.path} is damaged: {error}") from None
