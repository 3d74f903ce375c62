"""Which events have substantial stories, and whether a story can have changed, without building the story."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from relatedness.index._fingerprints import digest
from relatedness.index._story import most_own
from relatedness.index._view import candidate_blocks
from relatedness.storage import dumps

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex


class StoryBasis:
    """Digests of stories in one state of an index. A digest changes whenever anything changes that decides which events the
    story of an event holds and by which contexts they are linked: the candidates of the event and their scores, their
    neighbours, their records and topics, the lists of those that the story's members are chosen from, which topics are rare
    enough to be an event's own, the settings and the statistics. The title may change even if the digest does not, because it
    depends on how frequent topics are in the whole archive.

    Parameters
    ----------
    index : RelatedIndex
        An index without overrides, which the digests ignore.
    events, lists : mapping of str to int
        The digest of every event, and of every stored list.
    topics : callable
        Takes an id, returns the names of the topics of that event.
    frequency : callable
        Takes a topic, returns the number of its events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> from relatedness.index import event_digests
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> def digest_of_dam():
    ...     basis = StoryBasis(index, event_digests(index), {}, lambda id_: ["Mosul"], index.events_with)
    ...     return basis.of("dam", ["fall", "dam"])
    >>> before = digest_of_dam()
    >>> again = digest_of_dam()
    >>> _ = index.refresh([{"id": "fall", "date": "2014-06-10", "text": "Mosul falls."}])
    >>> again == before, digest_of_dam() == before
    (True, False)
    """

    def __init__(
        self,
        index: RelatedIndex,
        events: Mapping[str, int],
        lists: Mapping[str, int],
        topics: Callable[[str], Iterable[str]],
        frequency: Callable[[str], int],
    ) -> None:
        self._store = store = index._store
        self._settings = index.config.lists
        self._settled = index.config.stories.settled
        self._events = events
        self._lists = lists
        self._topics = topics
        self._frequency = frequency
        self._own = most_own(index.config.stories, len(index.events))
        statistics = {k: v for k, v in store.meta("statistics").items() if k != "changed_since"}
        self._whole = digest(store.meta("version"), index.config.digest, dumps(statistics))

    def of(self, id_: str, pool: Sequence[str]) -> int:
        """The digest of the story of an event.

        Parameters
        ----------
        pool : sequence of str
            The events from which its members were chosen, as `story_and_pool` gives them. If the rest of the digest is
            unchanged, the pool would be the same again.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        import numpy as np

        from relatedness.numbering import as_slots, numbers_in, slot_numbers

        store, settings = self._store, self._settings
        own = store.candidates(as_slots(np.array([store.known_slot(id_)])), settings.width)
        near = own[0, : settings.candidates]
        slots = as_slots(numbers_in(near[near > 0]))
        pairs, ids = [own.tobytes().hex()], [id_]
        if len(slots):
            neighbours = store.candidates(slots, settings.width)[:, settings.candidates :]
            pairs.append(neighbours.tobytes().hex())
            ids += store.ids_of(slot_numbers(slots))
        counts = [(name, self._frequency(name)) for name in sorted({n for i in ids for n in self._topics(i)})]
        rare = [(name, count >= self._settled) for name, count in counts if count <= self._own]
        events = [self._events[other] for other in ids]
        return digest(self._whole, *pairs, events, rare, [(other, self._lists.get(other)) for other in pool])


def best_linked(index: RelatedIndex) -> Iterator[str]:
    """The ids of all events, those with the strongest links first.

    The strength of an event is the sum of the scores of its first ``lists.stored`` candidates that have it among their own.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "cup", "date": "2014-06-12", "text": "The World Cup begins in Brazil."},
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> list(best_linked(index))
    ['fall', 'dam', 'cup']
    """
    import numpy as np

    from relatedness.numbering import as_slots, numbers_in, packed, slot_numbers, values_in

    store, ranks = index._store, index._store.array("ranks")
    every = [as_slots(np.zeros(0, np.int64))]
    links, scores = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
    for slots, candidates in candidate_blocks(store, index.config):
        every.append(slots)
        pairs = candidates[:, : index.config.lists.stored]
        row, _ = np.nonzero(pairs)
        found = pairs[pairs > 0]
        links.append(packed(slots[row], numbers_in(found)))
        scores.append(values_in(found).copy())
    there, forward, score = np.concatenate(every), np.concatenate(links), np.concatenate(scores)
    mutual = np.isin(forward, packed(numbers_in(forward), values_in(forward)), assume_unique=True)
    weight = np.bincount(values_in(forward)[mutual], score[mutual].astype(float), minlength=len(ranks))
    # For equal strengths the earlier event comes first, so that ranks do not depend on when an event was added.
    order = there[np.lexsort((ranks[there], -weight[there]))]
    for first in range(0, len(order), 1000):
        yield from store.ids_of(slot_numbers(order[first : first + 1000]))
