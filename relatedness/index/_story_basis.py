"""Whether the story of an event can have changed, told without making it: a number for all that it is made from."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from relatedness.index._story import FEW, OWN_TOPIC, SETTLED
from relatedness.storage import checksum, dumps

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex


class StoryBasis:
    """The numbers of stories in one state of an index.

    A number stays the same only as long as everything does that decides which events the story of an event holds and by
    which contexts they are linked: the candidates of the event and their scores, their neighbours, the records, topics
    and lists of all of them, which of their topics are rare enough to be their own, the settings and the statistics.
    Its title may change all the same, because it depends on how frequent topics are in the whole archive.

    Parameters
    ----------
    index : RelatedIndex
        Without overrides, which the numbers know nothing of.
    fingerprints : mapping of str to int
        Of every event, as ``index.fingerprints()`` gives them.
    topics : callable
        Takes an id, returns the names of the topics of that event.
    frequency : callable
        Takes a topic, returns the number of its events.
    """

    def __init__(
        self,
        index: RelatedIndex,
        fingerprints: Mapping[str, int],
        topics: Callable[[str], Iterable[str]],
        frequency: Callable[[str], int],
    ) -> None:
        self._store = store = index._store
        self._lists = index.config.lists
        self._fingerprints = fingerprints
        self._topics = topics
        self._frequency = frequency
        self._own = max(OWN_TOPIC * len(index.events), FEW)
        statistics = {k: v for k, v in store.meta("statistics").items() if k != "changed_since"}
        self._whole = checksum(store.meta("version"), index.config.digest, dumps(statistics))

    def of(self, id_: str) -> int:
        """The number of the story of an event.

        Parameters
        ----------
        id_ : str

        Returns
        -------
        int

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        import numpy as np

        from relatedness.numbering import as_slots, numbers_in

        store, lists = self._store, self._lists
        own = store.candidates(as_slots(np.array([store.known_slot(id_)])), lists.width)
        near = own[0, : lists.candidates]
        slots = as_slots(numbers_in(near[near > 0]))
        found = zlib.crc32(own.tobytes(), self._whole)
        ids = [id_]
        if len(slots):
            neighbours = store.candidates(slots, lists.width)[:, lists.candidates :]
            found = zlib.crc32(neighbours.tobytes(), found)
            ids += store.ids_of(slots.tolist())
        counts = [(name, self._frequency(name)) for name in sorted({n for i in ids for n in self._topics(i)})]
        rare = [(name, count >= SETTLED) for name, count in counts if count <= self._own]
        return checksum(found, [self._fingerprints[other] for other in ids], rare)
