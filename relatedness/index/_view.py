"""One state of an index file and the look-ups in it: stored lists, and searches for everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from relatedness.arguments import id_text
from relatedness.caching import cached_property
from relatedness.config import Config, present_name
from relatedness.errors import ConfigError, IndexFormatError, UnknownEventError
from relatedness.events import Event, EventId, primary_language
from relatedness.index._events import Events
from relatedness.index._options import ListOptions, RecencyLike
from relatedness.index._overrides import Overrides
from relatedness.index._results import PINNED, Lookups, Related, RelatedList, said_otherwise
from relatedness.index._state import State
from relatedness.index._why_not import WhyNot
from relatedness.ranking import DIGITS, PARTS, UNITS, Explanation
from relatedness.settings import RecencySettings
from relatedness.storage import FORMAT, Store, dumps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from relatedness.index._asked import Asked
    from relatedness.index._listing import Lister, Wanted
    from relatedness.index._search import Search
    from relatedness.index._shared import Terms
    from relatedness.numbering import Slot
    from relatedness.ranking import Encoder
    from relatedness.templates import TemplateText
    from relatedness.topics import EventTopic, Gazetteer, Tagger


class Linked(NamedTuple):
    """The score and contexts of a result in a list."""

    score: float
    contexts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """The results of a list without their reasons."""

    scores: dict[EventId, float]  # by id, best first
    pinned: set[EventId]  # ids of results that an editor pinned
    # Takes the id of a result, returns the topics that it shares with the event.
    contexts: Callable[[EventId], tuple[str, ...]]


_AT_ONCE = 1 << 16  # events whose candidates are read together


def candidate_blocks(store: Store, config: Config) -> Iterator[tuple[NDArray[Slot], NDArray[np.uint64]]]:
    """The slots of all events in an index, a block at a time, with the rows of their candidates and neighbours."""
    import numpy as np

    from relatedness.numbering import as_slots
    from relatedness.ranking import NOBODY

    there = np.flatnonzero(store.array("ranks") != NOBODY)
    for first in range(0, len(there), _AT_ONCE):
        slots = as_slots(there[first : first + _AT_ONCE])
        yield slots, store.candidates(slots, config.lists.width)


class View:
    """One state of an index and everything read from it; it never changes to another state.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> view = View(index._store, None, None, Overrides())
    >>> [item.id for item in view.related("fall", ListOptions(k=1))], list(view.near("fall", 1).scores)
    (['dam'], ['dam'])
    """

    def __init__(
        self, store: Store, tagger: Tagger | None, encoder: Encoder | None, overrides: Overrides
    ) -> None:
        self.store = store
        self.tagger = tagger
        self.encoder = encoder
        self.overrides = overrides
        with store.reading():
            self.config = Config.from_dict(store.meta("config"))
        self._parts = [present_name("weights", part) for part in store.meta("parts")]
        self.events = Events(store)

    @cached_property
    def search(self) -> Search:
        """The search behind everything that stored lists do not answer; loaded at first use."""
        from relatedness.index._search import Search

        return Search(self.store, self.config, self.tagger, self.encoder)

    @cached_property
    def lister(self) -> Lister:
        """Makes the lists that are not stored."""
        from relatedness.index._listing import Lister

        return Lister(self.store, self.search, self.config, self.overrides)

    def gazetteer(self) -> Gazetteer:
        """The gazetteer that it was built with, the user's own lines on top."""
        from relatedness.index._tagging import stored_names

        return stored_names(self.store)[0]

    def is_overridden(self, id_: str) -> bool:
        """Whether overrides affect the list of an event, so that the stored list cannot be used."""
        overrides = self.overrides
        if not overrides:
            return False
        if id_ in overrides.lists:
            return True
        slot = self.store.slot(id_) if overrides.events or overrides.topics else None
        if slot is None:
            return False
        import numpy as np

        from relatedness.numbering import as_slots, numbers_in

        lists = self.config.lists
        candidates = self.store.candidates(as_slots(np.array([slot])), lists.width)[:, : lists.candidates]
        slots = numbers_in(candidates[candidates > 0]).astype(np.int64)
        if slots.max(initial=-1) >= len(self._barred):
            raise IndexFormatError(f"{self.store.path} is damaged: a candidate of {id_} has no slot")
        return bool(self._barred[slots].any())

    def overridden(self) -> set[str]:
        """The ids of all events whose lists are affected by overrides, so that the stored lists cannot be used."""
        import numpy as np

        from relatedness.numbering import numbers_in, slot_numbers

        found = {id_ for id_ in self.overrides.lists if self.store.slot(id_) is not None}
        if not (self.overrides.events or self.overrides.topics):
            return found
        for slots, all_of_them in candidate_blocks(self.store, self.config):
            candidates = all_of_them[:, : self.config.lists.candidates]
            others = numbers_in(candidates).astype(np.int64)
            if others.max(initial=-1) >= len(self._barred):
                raise self.store.damaged("a candidate has no slot")
            touched = slots[np.any(self._barred[others] & (candidates > 0), axis=1)]
            found.update(self.store.ids_of(slot_numbers(touched)))
        return found

    @cached_property
    def _barred(self) -> NDArray[np.bool_]:
        """By slot, whether an event is banned everywhere."""
        import numpy as np

        barred = np.zeros(len(self.store.array("ranks")), dtype=bool)
        slots = [slot for topic in self.overrides.topics for slot in self.store.slots_with(topic)]
        slots += [slot for slot in map(self.store.slot, self.overrides.events) if slot is not None]
        if max(slots, default=-1) >= len(barred):
            raise self.store.damaged("it names an event that is not there")
        barred[slots] = True
        return barred

    def record(self, item: list[Any]) -> Related:
        """A result from a stored list."""
        try:
            other, score, contexts, parts, copies, shared = item
            named = {name: value for name, value in zip(self._parts, parts, strict=True) if value}
        except (TypeError, ValueError) as error:
            raise IndexFormatError(f"{self.store.path} is damaged: a list holds {item!r}") from error
        id_ = self.events.id_of(other)
        return Related(
            id_,
            score,
            tuple(contexts),
            named,
            copies,
            shared=tuple(shared) if shared or contexts else said_otherwise(named),
            _event=self.events.__getitem__,
        )

    def shown(self, items: list[list[Any]]) -> str:
        """The fields of a stored list's results that a reader sees, as JSON."""
        shown = []
        for other, _, contexts, parts, copies, shared in items:
            # If a result shares neither a topic nor a word, its largest part is the reason.
            reason = contexts or shared or said_otherwise(dict(zip(self._parts, parts, strict=False)))
            shown.append((other, contexts, copies, shared, reason))
        return dumps(shown)

    def stored(self, id_: str, items: list[list[Any]], options: ListOptions) -> RelatedList:
        """The first results of the stored list of an event."""
        records = map(self.record, items[: self.checked(options.k)])
        found = [item for item in records if item.score >= options.min_score]
        return self._list(id_, found, options)

    def related(self, id_: str, options: ListOptions, *, reasons: bool = True) -> RelatedList:
        """The list of an event; see `RelatedIndex.related`, and `RelatedIndex.lists` for `reasons`."""
        k = self.checked(options.k)
        if options.plain and k <= self.config.lists.stored and not self.is_overridden(id_):
            stored = self.store.items(id_) if isinstance(id_, str) else None
            if stored is None:
                self.store.known_slot(id_)
                raise IndexFormatError(f"{self.store.path} is damaged: the event {id_} has no list")
            return self.stored(id_, stored, options)
        made = self._made(self.search.event(id_), self.wanted(options))
        return self._list(id_, self._with_shared(id_, made) if reasons else made, options)

    def near(self, id_: str, k: int) -> Near:
        """The first results of an event's list, of any length, with reasons computed only on demand.

        Parameters
        ----------
        k : int
            The most results.
        """
        asked = self.search.event(id_)
        kept, keys, contexts = self.lister.near(asked, self.wanted(ListOptions(k=k)))
        positions = {self.events.id_of(key): position for position, key in enumerate(keys)}
        return Near(
            {other: round(kept[position].total / UNITS, DIGITS) for other, position in positions.items()},
            {other for other, position in positions.items() if kept[position].tier == PINNED},
            lambda other: contexts(kept[positions[other]]),
        )

    def lists_of(self, ids: Sequence[EventId]) -> dict[EventId, dict[EventId, Linked]]:
        """The stored lists of some events: id of each result to its score and its contexts."""
        keys = {id_text(id_): id_ for id_ in ids}
        id_of = self.events.id_of
        plain = [key for key in keys if not self.is_overridden(key)]
        found = {
            keys[key]: {id_of(item[0]): Linked(item[1], tuple(item[2])) for item in items}
            for key, items in self.store.items_of(plain).items()
        }
        for id_ in keys.values():
            if id_ not in found:
                items = self.related(id_text(id_), ListOptions(k=self.config.lists.stored))
                found[id_] = {item.id: Linked(item.score, item.contexts) for item in items}
        return {id_: found[id_] for id_ in keys.values()}

    def _made(self, asked: Asked, wanted: Wanted) -> Sequence[Related]:
        """The results of a list that is not stored."""
        items = self.lister.related(asked, wanted)
        if not self.events.numbered:
            return items
        return [replace(item, id=self.events.id_of(str(item.id))) for item in items]

    def query(self, event: Event, options: ListOptions, *, dated: bool) -> RelatedList:
        """The list of a text; see `RelatedIndex.query`."""
        if options.recency is not None and not dated:
            raise ConfigError("recency needs a date: give the text a date")
        if options.fill == "period" and not dated:
            raise ConfigError("fill=period needs a date: give the text a date")
        asked, wanted = self.search.text(event, dated=dated), self.wanted(options)
        lookups = Lookups(
            self.events.__getitem__,
            self.events.heading,
            lambda other: self._explained(asked, other, wanted.recency),
            lambda other: self._ruled(self.lister.why_not(asked, id_text(other), wanted)),
            lambda most: [self._ruled(one) for one in self.lister.left_out(asked, wanted, most)],
        )
        items = _named(
            self._with_shared(asked.event or event, self._made(asked, wanted), asked.topics), options.names
        )
        return RelatedList(None, items, lookups, why=options.why)

    def _with_shared(
        self, event: Event | str, items: Sequence[Related], topics: Iterable[EventTopic] | None = None
    ) -> Sequence[Related]:
        """Results with the words that they share with an event, where the topics that they share say little."""
        if not items:
            return items
        # Imported late, because stored lists need neither a tokenizer nor NumPy.
        from relatedness.index._records import event_topics
        from relatedness.index._shared import with_shared

        made = with_shared(
            self.events[event] if isinstance(event, str) else event,
            items,
            event_topics(self.store.topics(event)) if isinstance(event, str) else topics or (),
            terms=self._terms,
            find=self._listed,
            templates=self._templates,
        )
        return [
            item if item.reason else replace(item, shared=said_otherwise(item.parts, item.tier))
            for item in made
        ]

    def _listed(self, id_: EventId) -> Event:
        """Read an event named in a list: if it is missing, the index is damaged, not the caller's id unknown."""
        try:
            return self.events[id_]
        except UnknownEventError as error:
            raise self.store.damaged(f"a list names the event {id_}, which does not exist") from error

    @cached_property
    def _terms(self) -> Terms:
        from relatedness.index._shared import Terms

        return Terms.of_store(self.store, self.config)

    @cached_property
    def _templates(self) -> TemplateText:
        from relatedness.index._tagging import stored_templates

        return stored_templates(self.store)

    def _list(self, id_: str, items: Sequence[Related], options: ListOptions) -> RelatedList:
        lookups = Lookups(
            self.events.__getitem__,
            self.events.heading,
            partial(self.explain, id_, recency=options.recency),
            partial(self.why_not, id_, options=options),
            partial(self.left_out, id_, options),
        )
        items = _named(items, options.names)
        return RelatedList(self.events.id_of(id_), items, lookups, why=options.why)

    def why_not(self, id_: EventId, other: EventId, options: ListOptions) -> WhyNot:
        """See `RelatedIndex.why_not`."""
        asked = self.search.event(id_text(id_))
        return self._ruled(self.lister.why_not(asked, id_text(other), self.wanted(options)))

    def left_out(self, id_: str, options: ListOptions, most: int) -> list[WhyNot]:
        """See `RelatedList.left_out`."""
        found = self.lister.left_out(self.search.event(id_), self.wanted(options), most)
        return [self._ruled(one) for one in found]

    def _ruled(self, found: WhyNot) -> WhyNot:
        if not self.events.numbered:
            return found
        id_ = None if found.id is None else self.events.id_of(str(found.id))
        return replace(found, id=id_, other=self.events.id_of(str(found.other)))

    def explain(self, id_: EventId, other: EventId, recency: RecencyLike | None = None) -> Explanation:
        """See `RelatedIndex.explain`."""
        return self._explained(self.search.event(id_text(id_)), other, self.recency(recency))

    def _explained(self, asked: Asked, other: EventId, recency: RecencySettings | None) -> Explanation:
        found = self.search.explain(asked, id_text(other), self.search.curve(asked, recency))
        if not self.events.numbered:
            return found
        id_ = self.events.id_of(asked.id) if asked.id is not None else ""
        return replace(found, id=id_, other=self.events.id_of(str(found.other)))

    def wanted(self, options: ListOptions) -> Wanted:
        """The options of a list as this index understands them."""
        from relatedness.index._listing import Wanted

        return Wanted(options, self.checked(options.k), self.recency(options.recency))

    def recency(self, given: RecencyLike | None) -> RecencySettings | None:
        """A caller's recency, completed from the index's own; None if they are equal."""
        if given is None:
            return None
        found = self.config.with_recency(given).recency
        return None if found == self.config.recency else found

    def info(self) -> dict[str, Any]:
        """See `RelatedIndex.info`."""
        from relatedness.ranking import Calibration

        store = self.store
        first, last = store.span()
        state = State.of(store)
        statistics = store.meta("statistics")
        drift = statistics["changed_since"] / statistics["n_events"]
        calibration = statistics.pop("calibration")
        statistics.pop("common_row", None)  # internal values of no interest to users
        found = Calibration.from_record(calibration).sentences()
        return {
            "path": None if store.path is None else str(store.path),
            "bytes": store.size(),
            "events": len(self.events),
            "first_date": first,
            "last_date": last,
            "built": store.meta("built"),
            "refreshed": store.meta("refreshed"),
            "state": str(state),
            "generation": state.generation,
            "version": store.meta("version"),
            "format": FORMAT,
            "tagger": store.meta("tagger"),
            "encoder": store.meta("encoder"),
            "reading": store.meta("reading", absent={}),
            "config_digest": self.config.digest,
            "statistics": {**statistics, "drift": round(drift, 4)},
            "template_text": {name: store.meta("templates")[name] for name in ("share", "examples")},
            "references": sorted(store.meta("lexicon").get("references", {}).values()),
            "terms": {PARTS[channel]: n for channel, n in store.term_counts().items()},
            "calibration": {**calibration, "found": found},
        }

    def checked(self, k: int | None) -> int:
        """Check the length requested for a list."""
        if k is None:
            return self.config.lists.k
        if k > self.config.lists.candidates:
            raise ConfigError(
                f"k is {k}: expected 1 to {self.config.lists.candidates}, the candidates of a list"
            )
        return k


def _named(items: Sequence[Related], language: str | None) -> Sequence[Related]:
    """Translate the contexts of results into a language."""
    if language is None:
        return items
    from relatedness.topics import name_in

    return [
        replace(item, contexts=tuple(name_in(primary_language(language), name) for name in item.contexts))
        for item in items
    ]
