"""An index in partitions by date, read and written as if it were one file.

Settings, vocabulary, labels and the log of changed lists are in one shared file, everything about events in the file of their
partition. Slots are numbered consecutively (see `relatedness.storage._numbers`). A look-up of an event asks the partitions one
after the other; iteration over all events visits the partitions in order of date.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from relatedness.caching import cached_property
from relatedness.errors import IndexFormatError, IndexMissingError
from relatedness.files import real
from relatedness.storage._arrays import taken
from relatedness.storage._catalogue import (
    CATALOGUE,
    PART,
    SHARED,
    Catalogue,
    Listed,
    ListedPartition,
    crc_of,
    is_partitioned,
    new_name,
    spare_link,
    spare_other_folder,
    sweep,
)
from relatedness.storage._file import look
from relatedness.storage._schema import ARRAYS
from relatedness.storage._store import Store, new_file

if TYPE_CHECKING:  # otherwise imported only where arrays are made, because stored lists are read without it
    import numpy as np
    from numpy.typing import NDArray

    from relatedness.numbering import Slot, SlotNumber
    from relatedness.storage._numbers import Numbers

Row = TypeVar("Row", bound=tuple[Any, ...])
_TRIES = 8
_NOBODY = (1 << 32) - 1
_PER_EVENT = {name for name, (_, axis, _) in ARRAYS.items() if axis in ("slot", "value", "slot, dimension")}


def open_store(path: str | Path) -> Store:
    """Open an index to read it: a file, or the folder of a partitioned one.

    Raises
    ------
    IndexMissingError
        If there is no index.
    IndexFormatError
        If it is damaged, has another format, or is a single partition of an index.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> event = {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}
    >>> RelatedIndex.build([event], path).close()
    >>> store = open_store(path)
    >>> store.count()
    1
    >>> store.close()
    """
    path = Path(path)
    if path.is_dir():
        return PartitionedStore.open(path)
    store = Store.open(path)
    if store.partition is not None:
        store.close()
        raise IndexFormatError(f"{path} is one file of a partitioned index: open its folder, {path.parent}")
    return store


class PartitionedStore(Store):
    """An open partitioned index; as a `Store` it is itself the shared file.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> folder = Path(tempfile.mkdtemp(), "news")
    >>> events = [
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ]
    >>> RelatedIndex.build(events, folder, partitions=2).close()
    >>> store = PartitionedStore.open(folder)
    >>> store.count(), store.ids(), len(list(folder.glob("part-*.index")))
    (2, ['fall', 'dam'], 2)
    >>> store.close()
    """

    path: Path  # the folder

    def __init__(self, folder: Path, shared: Store, parts: list[Store], since: list[int]) -> None:
        super().__init__(shared._connection, folder)
        self._hold(shared, parts, since)

    def _hold(self, shared: Store, parts: list[Store], since: list[int]) -> None:
        self._connection = shared._connection
        self._shared = shared
        self._stores = parts
        self._since = since
        self._listed: Catalogue | None = None
        # The first slot number of each partition, and the number of slots at the end.
        self._starts = [0] * (len(parts) + 1)
        self._edited: dict[int, Store] = {}
        self._placed: list[Path] = []

    def __del__(self) -> None:
        """Each file closes itself: the connection is that of the shared one."""

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a partitioned index to read it; see `Store.open`."""
        folder = Path(path)
        for attempt in itertools.count(1):
            seen = look(folder / CATALOGUE) if is_partitioned(folder) else ()
            catalogue = Catalogue.read(folder)
            try:
                return cls._opened(folder, catalogue, seen)
            except (IndexMissingError, FileNotFoundError) as error:
                # Another process installed a new catalogue in between: open its files instead.
                if is_partitioned(folder) and look(folder / CATALOGUE) != seen and attempt < _TRIES:
                    continue
                if isinstance(error, IndexMissingError):
                    raise
                raise IndexMissingError(
                    f"{error.filename} vanished while it was opened: try again"
                ) from error
        raise AssertionError("the last attempt either returns or raises")

    @classmethod
    def _opened(cls, folder: Path, catalogue: Catalogue, seen: tuple[int, ...]) -> Self:
        opened: list[Store] = []
        try:
            for number, listed in enumerate((catalogue.shared, *catalogue.partitions), -1):
                path = folder / listed.file
                opened.append(Store.open(path))
                if path.stat().st_size != listed.bytes or opened[-1].partition != number:
                    raise IndexFormatError(f"{path} is not the file that {CATALOGUE} beside it names")
                if isinstance(listed, ListedPartition) and opened[-1].slots() != listed.slots:
                    raise IndexFormatError(
                        f"{path} has another number of slots than {CATALOGUE} beside it says"
                    )
        except BaseException:
            for store in opened:
                store.close()
            raise
        found = cls(folder, opened[0], opened[1:], [part.since for part in catalogue.partitions])
        found._listed = catalogue
        found._starts = [0, *itertools.accumulate(part.slots for part in catalogue.partitions)]
        found._seen = seen
        return found

    @classmethod
    def create(cls, path: str | Path | None, since: Sequence[int] = ()) -> Self:
        """Start a new partitioned index; the folder shows the old one, or none, before `finish`.

        Parameters
        ----------
        path : path-like
            The folder; it is made where it is not there.
        since : sequence of int
            The first instant of each partition, ascending, in seconds since 1970; by default those of the existing index.
        """
        assert path is not None
        folder = Path(path)
        spare_other_folder(folder)
        starts = list(since) or [part.since for part in Catalogue.read(folder).partitions]
        folder.mkdir(exist_ok=True)
        if not is_partitioned(folder):
            sweep(folder)
        made: list[Store] = []
        try:
            made.extend(new_file(folder, number) for number in range(-1, len(starts)))
        except BaseException:
            for store in made:
                store.close()
            raise
        new = cls(folder, made[0], made[1:], starts)
        new._edited = dict(enumerate(new._stores))
        return new

    @classmethod
    def edit(cls, path: str | Path) -> Self:
        """Open a partitioned index to change it: partitions are copied as they are first changed; see `Store.edit`."""
        folder = Path(path)
        spare_link(folder)
        now = cls.open(folder)
        try:
            assert now._listed is not None
            now._listed.sweep(folder)
            old = now._shared
            now._shared = _copied(folder, old, new_name(SHARED))
            now._connection = now._shared._connection
            old.close()
        except BaseException:
            now.close()
            raise
        return now

    def finish(self) -> None:
        """Complete a new index; see `Store.finish`."""
        self._put_in_place(Store.finish)
        for store in (self._shared, *self._stores):
            store.close()
        now = type(self).open(self.path)
        self._hold(now._shared, now._stores, now._since)
        self._listed, self._starts, self._seen = now._listed, now._starts, now._seen
        del self._numbers

    def commit(self) -> None:
        """Publish the changes of `create` or `edit` atomically; see `Store.commit`."""
        self._put_in_place(Store.commit)

    def _put_in_place(self, complete: Callable[[Store], None]) -> None:
        listed = {} if self._listed is None else dict(enumerate(self._listed.partitions))
        for part, store in self._edited.items():
            events, slots = store.count(), len(self._numbers.of(part))
            complete(store)
            listed[part] = ListedPartition(*self._counted(store), self._since[part], events, slots)
        complete(self._shared)
        shared = Listed(*self._counted(self._shared))
        catalogue = Catalogue(shared, tuple(listed[part] for part in sorted(listed)))
        catalogue.write(self.path)
        self._placed.clear()
        catalogue.sweep(self.path)

    def _counted(self, store: Store) -> tuple[str, int, int]:
        """The name of a file that is complete, its size and its checksum."""
        assert store.path is not None
        self._placed.append(store.path)
        return store.path.name, *crc_of(store.path)

    def copy(self) -> Self:
        """Not supported, because a partitioned index is never in memory."""
        raise NotImplementedError

    def close(self) -> None:
        """Close all files; see `Store.close`."""
        for store in (*self._stores, self._shared):
            store.close()
        if self._placed:  # stopped before or while the catalogue was installed
            try:
                named = Catalogue.read(self.path).files
            except (IndexMissingError, IndexFormatError):
                named = ()
            for path in self._placed:
                if path.name not in named:
                    path.unlink(missing_ok=True)
            self._placed.clear()

    def changed(self) -> bool:
        """Whether the catalogue was replaced since the index was opened."""
        try:
            return look(self.path / CATALOGUE) != self._seen
        except FileNotFoundError:
            return False

    def size(self) -> int | None:
        """How many bytes its files take on disk; None once they are gone."""
        sizes = [store.size() for store in (self._shared, *self._stores)]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def partitions(self) -> tuple[ListedPartition, ...]:
        """The catalogue's entries of the partitions."""
        return () if self._listed is None else self._listed.partitions

    def faults(self) -> Iterator[str]:
        """The faults of the files; see `Store.faults`."""
        assert self._listed is not None
        for listed in (self._listed.shared, *self._listed.partitions):
            yield from listed.faults(self.path)
        yield from super().faults()
        for listed, store in zip(self._listed.partitions, self._stores, strict=True):
            for fault in store.faults():
                yield f"{listed.file}: {fault}"
            found = store.count()
            if found != listed.events:
                yield f"{listed.file} holds {found:,} events, {CATALOGUE} says {listed.events:,}"

    # --- reading -----------------------------------------------------------------------------------------------

    @cached_property
    def _numbers(self) -> Numbers:
        from relatedness.storage._numbers import Numbers

        return Numbers([end - start for start, end in itertools.pairwise(self._starts)])

    def _numbered(self) -> Iterator[tuple[Store, int]]:
        """The partitions, each with the number of its first slot."""
        return zip(self._stores, self._starts, strict=False)

    def _by_part(self, slots: Iterable[SlotNumber]) -> dict[int, list[SlotNumber]]:
        """Group known slots by partition."""
        found: dict[int, list[SlotNumber]] = {}
        known = len(self._numbers)
        for slot in slots:
            if 0 <= slot < known:
                part, position = self._numbers.position(slot)
                found.setdefault(part, []).append(position)
        return found

    def items(self, id_: str) -> list[list[Any]] | None:
        return next((found for part in self._stores if (found := part.items(id_)) is not None), None)

    def items_of(self, ids: Sequence[str]) -> dict[str, list[list[Any]]]:
        return {id_: items for part in self._stores for id_, items in part.items_of(ids).items()}

    def topics_of(self, ids: Sequence[str]) -> dict[str, list[list[Any]]]:
        return {id_: self.topics(id_) for id_ in ids}

    def record_texts(self, ids: Iterable[str]) -> Iterator[tuple[SlotNumber, str, str] | None]:
        for id_ in ids:
            for part, first in self._numbered():
                (found,) = part.record_texts([id_])
                if found is not None:
                    yield _moved(found[0], first), *found[1:]
                    break
            else:
                yield None

    def list_texts(self, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        return itertools.chain.from_iterable(part.list_texts(ids) for part in self._stores)

    def event_texts(self, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str, str, str]]:
        return itertools.chain.from_iterable(part.event_texts(ids) for part in self._stores)

    def titles(self) -> Iterator[tuple[str, str]]:
        return itertools.chain.from_iterable(part.titles() for part in self._stores)

    def lists_of(self, slots: Iterable[SlotNumber]) -> dict[SlotNumber, str]:
        from relatedness.numbering import slot_numbers

        found: dict[SlotNumber, str] = {}
        for part, positions in self._by_part(slots).items():
            texts = self._stores[part].lists_of(positions)
            numbers = slot_numbers(self._numbers.of(part)[[*texts]])
            found.update(zip(numbers, texts.values(), strict=True))
        return found

    def slot(self, id_: str) -> SlotNumber | None:
        for part, first in self._numbered():
            found = part.slot(id_)
            if found is not None:
                return _moved(found, first)
        return None

    def topics(self, id_: str) -> list[list[Any]]:
        for part in self._stores:
            if part.slot(id_) is not None:
                return part.topics(id_)
        raise self._unknown(id_)

    def supplied_stories(self, wanted: NDArray[np.bool_]) -> Iterator[tuple[SlotNumber, str, str]]:
        from relatedness.numbering import slot_numbers

        for number, part in enumerate(self._stores):
            here = self._numbers.of(number)
            numbers = slot_numbers(here)
            for slot, name, kind in part.supplied_stories(wanted[here]):
                yield numbers[slot], name, kind

    def events(self) -> Iterator[tuple[SlotNumber, str, str, str]]:
        for part, first in self._numbered():
            for slot, id_, record, topics in part.events():
                yield _moved(slot, first), id_, record, topics

    def ids(self) -> list[str]:
        return [id_ for part in self._stores for id_ in part.ids()]

    def ids_of(self, slots: Sequence[SlotNumber]) -> list[str]:
        from relatedness.numbering import slot_numbers

        found: dict[SlotNumber, str] = {}
        for part, positions in self._by_part(slots).items():
            ids = self._stores[part].ids_of(positions)
            found.update(zip(slot_numbers(self._numbers.of(part)[positions]), ids, strict=True))
        if not found.keys() >= set(slots):
            raise self.damaged("an event is missing")
        return [found[slot] for slot in slots]

    def ids_near(self, id_: str, most: int = 20) -> list[str]:
        return [near for part in self._stores for near in part.ids_near(id_, most)]

    def slots(self) -> int:
        return self._starts[-1]

    def count(self) -> int:
        return sum(part.count() for part in self._stores)

    def span(self) -> tuple[str | None, str | None]:
        spans = [span for part in self._stores if (span := part.span())[0] is not None]
        return (spans[0][0], spans[-1][1]) if spans else (None, None)

    def count_with(self, topic: str) -> int:
        return sum(part.count_with(topic) for part in self._stores)

    def slots_with(self, topic: str) -> list[SlotNumber]:
        return [_moved(slot, first) for part, first in self._numbered() for slot in part.slots_with(topic)]

    def ids_with(self, topic: str) -> list[str]:
        self.known_slots_with(topic)
        return [id_ for part in self._stores if part.count_with(topic) for id_ in part.ids_with(topic)]

    def topic_counts(self) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for part in self._stores:
            counts.update(dict(part.topic_counts()))
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def _alias_counts(self, alias: str) -> Counter[str]:
        return sum((part._alias_counts(alias) for part in self._stores), Counter[str]())

    def topic_rows(self) -> Iterator[tuple[str, SlotNumber]]:
        """Every topic with each slot that has it, partition by partition."""
        return (
            (name, _moved(slot, first))
            for part, first in self._numbered()
            for name, slot in part.topic_rows()
        )

    def candidates_near(
        self, slots: NDArray[Slot], n: int, width: int
    ) -> tuple[NDArray[Slot], NDArray[np.uint64]]:
        import numpy as np

        from relatedness.numbering import as_slots

        near, pairs = [], []
        for part, wanted, _ in self._numbers.split(slots):
            first, end = self._starts[part : part + 2]
            found, some = self._stores[part].candidates_near(as_slots(wanted), min(n, end) - first, width)
            near.append(found.astype(np.int64) + first)
            pairs.append(self._decoded(some))
        if not near:
            return as_slots(np.zeros(0, np.uint32)), np.zeros((0, width), np.uint64)
        return as_slots(np.concatenate(near).astype(np.uint32)), np.concatenate(pairs)

    def all_candidates(self, n: int, more: int, width: int) -> NDArray[np.uint64]:
        import numpy as np

        if n != self._starts[-1]:
            raise self.damaged("its arrays do not fit together")
        pairs = np.zeros((n + more, width), np.uint64)
        for part, (first, end) in zip(self._stores, itertools.pairwise(self._starts), strict=True):
            pairs[first:end] = self._decoded(part.all_candidates(end - first, 0, width))
        return pairs

    def _decoded(self, pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
        found = self._numbers.decoded(pairs)
        if found is None:
            raise self.damaged("it holds impossible candidates")
        return found

    def array(self, name: str) -> NDArray[Any]:
        import numpy as np

        if name not in _PER_EVENT:
            return super().array(name)
        pieces = [part.array(name) for part in self._stores]
        if name == "ranks":
            pieces = self._ranked_after_another(pieces)
        array = np.concatenate(pieces)
        array.flags.writeable = False
        return array

    def _ranked_after_another(self, pieces: list[NDArray[Any]]) -> list[NDArray[Any]]:
        """Ranks in the date order of all events, given the ranks within each partition."""
        import numpy as np

        before, found = 0, []
        for piece in pieces:
            live = piece != _NOBODY
            found.append(np.where(live, piece + np.uint32(before), piece).astype(np.uint32))
            before += int(live.sum())
        return found

    # --- writing -----------------------------------------------------------------------------------------------

    def _to_change(self, part: int) -> Store:
        """The file of a partition to write to: the new one, or a copy of the old."""
        store = self._edited.get(part)
        if store is None:
            store = self._edited[part] = _copied(self.path, self._stores[part], new_name(PART, part))
            self._stores[part].close()
            self._stores[part] = store
        return store

    def _routed(self, rows: Iterable[Row], slot: int) -> Iterator[tuple[Store, list[Row]]]:
        """Rows by the partition of the slot that stands at a position of each, with the slot as it is there."""
        found: dict[int, list[Row]] = {}
        for row in rows:
            part, position = self._numbers.position(row[slot])
            there: Any = (*row[:slot], position, *row[slot + 1 :])
            found.setdefault(part, []).append(there)
        for part, some in sorted(found.items()):
            yield self._to_change(part), some

    def add_events(self, events: Iterable[tuple[SlotNumber, str, int, str, str]]) -> None:
        def placed() -> Iterator[tuple[SlotNumber, str, int, str, str]]:
            for event in events:
                part = max(bisect_right(self._since, event[2]) - 1, 0)
                if self._numbers.add(part) != event[0]:
                    raise AssertionError("slots are given in the order in which events are added")
                yield event

        for store, some in self._routed(placed(), 0):
            store.add_events(some)

    def put_inferred(
        self, slots: Iterable[SlotNumber], stories: Iterable[tuple[SlotNumber, str, str, str]]
    ) -> None:
        for store, some in self._routed(((slot,) for slot in slots), 0):
            store.put_inferred((slot for (slot,) in some), ())
        self.add_stories(stories)

    def remove(self, slots: Sequence[SlotNumber]) -> None:
        for part, positions in self._by_part(slots).items():
            self._to_change(part).remove(positions)

    def put_candidates(
        self,
        candidates: NDArray[np.uint64],
        neighbours: NDArray[np.uint64],
        slots: NDArray[Slot] | None = None,
    ) -> None:
        import numpy as np

        from relatedness.numbering import as_slots
        from relatedness.storage._numbers import coded

        numbers, codes = self._numbers, self._numbers.codes
        changed: NDArray[Any] = np.arange(len(numbers)) if slots is None else slots
        for part, some, _ in numbers.split(changed):
            mine = numbers.of(part)
            self._to_change(part).put_candidates(
                coded(candidates[mine], codes), coded(neighbours[mine], codes), as_slots(some)
            )

    def put_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """See `Store.put_arrays`; a partition whose part of an array stays the same is not written."""
        super().put_arrays({name: array for name, array in arrays.items() if name not in _PER_EVENT})
        theirs = {name: array for name, array in arrays.items() if name in _PER_EVENT}
        live = 0
        for part in range(len(self._stores) if theirs else 0):
            mine = taken(theirs, self._numbers.of(part))
            if "ranks" in mine:
                there = mine["ranks"] != _NOBODY
                mine["ranks"][there] -= mine["ranks"].dtype.type(live)
                live += int(there.sum())
            changed = mine if self._listed is None else self._other(part, mine)
            if changed:
                self._to_change(part).put_arrays(changed)

    def _other(self, part: int, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The arrays that differ from those of a partition."""
        import numpy as np

        held = self._stores[part]
        return {name: array for name, array in arrays.items() if not np.array_equal(array, held.array(name))}

    def extend_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        import numpy as np

        nothing = {name: array[:0] for name, array in arrays.items()}
        super().extend_arrays(
            nothing | {name: array for name, array in arrays.items() if name not in _PER_EVENT}
        )
        added = len(arrays["seconds"])
        numbers = np.arange(len(self._numbers) - added, len(self._numbers))
        theirs = {name: array for name, array in arrays.items() if name in _PER_EVENT}
        for part, _, positions in self._numbers.split(numbers):
            self._to_change(part).extend_arrays(nothing | taken(theirs, positions))


def _moved(slot: SlotNumber, first: int) -> SlotNumber:
    """The number of a slot of a partition among those of all, given that of the partition's first slot."""
    return cast("SlotNumber", slot + first)


def _copied(folder: Path, store: Store, name: str) -> Store:
    """A copy of a file of the index under another name, to be changed."""
    copy = Store._temporarily(real(folder / name), store.path)
    with copy._writing():
        copy._connection.execute("BEGIN IMMEDIATE")
    return copy
