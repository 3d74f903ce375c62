"""The index: build, open, related, query, explain, refresh. The one object that users hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config, Recency
from relatedness.errors import ConfigError, IndexFormatError, InputError
from relatedness.events import Event, day_number
from relatedness.files import real, sweep
from relatedness.index import Overrides, Related, RelatedList, WhyNot, check_overrides
from relatedness.progress import Clock, Progress
from relatedness.ranking import PARTS, Explanation
from relatedness.storage import FORMAT, Store, loads

if TYPE_CHECKING:
    from datetime import tzinfo

    import networkx as nx
    import pandas as pd
    import pyarrow as pa

    from relatedness.engines import Engine
    from relatedness.export import Matrix, MatrixName, TableName
    from relatedness.index import ChangedLists, Changes, Lister, Plan, Search, Story, Summary, Wanted
    from relatedness.publish import Published
    from relatedness.quality import Audit, Diff, Quality, Tuned
    from relatedness.ranking import Encoder
    from relatedness.sources import Rejects
    from relatedness.topics import EventTopic, Gazetteer, Tagger

Direction = Literal["any", "before", "after"]
Fill = Literal["context", "period"]
RecencyLike = float | str | Mapping[str, object] | Recency
T = TypeVar("T")


class Events(Mapping[str, Event]):
    """The events of an index by id, in the order of their dates; read from the file as they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, id_: str) -> Event:
        record = self._store.record(id_)
        with self._store.reading():
            return Event.make(record)

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self._store.slot(id_) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.ids())

    def __len__(self) -> int:
        return self._store.count()

    def stream(self) -> Iterator[Event]:
        """All events in their order: faster than to ask for one after the other."""
        for _, _, record, _ in self._store.events():
            with self._store.reading():
                event = Event.make(loads(record))
            yield event

    def __repr__(self) -> str:
        return f"<{len(self):,} events>"


class _View:
    """One state of an index, with what was read of it. Whoever holds it sees that state and no other."""

    def __init__(
        self, store: Store, tagger: Tagger | None, encoder: Encoder | None, overrides: Overrides
    ) -> None:
        self.store = store
        self.tagger = tagger
        self.encoder = encoder
        self.overrides = overrides
        with store.reading():
            self.config = Config.from_dict(store.meta("config"))
            self._parts = [str(part) for part in store.meta("parts")]
        self.events = Events(store)

    @cached_property
    def search(self) -> Search:
        from relatedness.index import Search

        return Search(self.store, self.config, self.tagger, self.encoder)

    @cached_property
    def lister(self) -> Lister:
        from relatedness.index import Lister

        return Lister(self.store, self.search, self.config, self.overrides)

    def is_overridden(self, id_: str) -> bool:
        """Whether overrides touch the list of an event, so that the stored one does not answer."""
        overrides = self.overrides
        if not overrides:
            return False
        if id_ in overrides.lists:
            return True
        slot = self.store.slot(id_) if overrides.events or overrides.topics else None
        if slot is None:
            return False
        lists = self.config.lists
        candidates = self.store.candidates(np.array([slot]), lists.width)[:, : lists.candidates]
        slots = candidates[candidates > 0] & np.uint64(0xFFFFFFFF)
        with self.store.reading():
            return bool(self._barred[slots.astype(np.int64)].any())

    @cached_property
    def _barred(self) -> NDArray[np.bool_]:
        """By slot, whether an event is banned everywhere."""
        barred = np.zeros(len(self.store.array("places", np.uint32)), dtype=bool)
        for topic in self.overrides.topics:
            barred[self.store.slots_with(topic)] = True
        for slot in map(self.store.slot, self.overrides.events):
            if slot is not None:
                barred[slot] = True
        return barred

    def record(self, item: list[Any]) -> Related:
        other, score, contexts, parts, copies = item
        named = {name: value for name, value in zip(self._parts, parts, strict=True) if value}
        return Related(other, score, tuple(contexts), named, copies)

    def list(
        self,
        id_: str | None,
        items: Sequence[Related],
        explain: Callable[[str], Explanation],
        event: Event | None = None,
    ) -> RelatedList:
        if not all(item.contexts for item in items):
            from relatedness.index import with_shared

            event = self.events[id_] if event is None and id_ is not None else event
            items = with_shared(self.store, event, items, self.events.__getitem__)
        return RelatedList(id_, items, self.events.__getitem__, explain)

    def related(self, id_: str, k: int | None, options: Mapping[str, Any]) -> RelatedList:
        k = self.checked(k)
        options = {**options, "recency": self.recency(options["recency"])}
        min_score = options["min_score"]
        filtered = any(value != _PLAIN[name] for name, value in options.items() if name != "min_score")
        if not filtered and k <= self.config.lists.stored and not self.is_overridden(id_):
            stored = self.store.items(id_) if isinstance(id_, str) else None
            if stored is None:
                self.store.known_slot(id_)
                raise IndexFormatError(f"{self.store.path} is damaged: the event {id_} has no list")
            with self.store.reading():
                items = [self.record(item) for item in stored[:k] if item[1] >= min_score]
            return self.list(id_, items, partial(self.explain, id_))
        items = self.lister.related(id_, _wanted(k, options))
        return self.list(id_, items, partial(self.explain, id_, recency=options["recency"]))

    def why_not(self, id_: str, other: str, k: int | None, options: Mapping[str, Any]) -> WhyNot:
        options = {**options, "recency": self.recency(options["recency"])}
        return self.lister.why_not(id_, other, _wanted(self.checked(k), options))

    def query(
        self,
        text: str,
        title: str,
        when: date | None,
        k: int | None,
        language: str | None,
        recency: RecencyLike | None,
    ) -> RelatedList:
        if recency is not None and when is None:
            raise ConfigError("recency says how closeness in time counts: give the text a date")
        barred = self.lister.barred if self.overrides else None
        own = self.recency(recency)
        found = self.search.query(text, title, when, self.checked(k), language, own, barred)
        asked = Event("query", when or date(1970, 1, 1), title, text, language=language)
        return self.list(None, found.items, found.explain, asked)

    def explain(self, id_: str, other: str, recency: RecencyLike | None = None) -> Explanation:
        return self.search.explain(id_, other, self.recency(recency))

    def recency(self, given: RecencyLike | None) -> Recency | None:
        """A caller's recency in full; None where it is that of the index."""
        if given is None:
            return None
        found = self.config.with_recency(given).recency
        return None if found == self.config.recency else found

    def info(self) -> dict[str, Any]:
        store = self.store
        first, last = store.span()
        statistics = store.meta("statistics")
        with store.reading():
            drift = statistics["changed_since"] / statistics["n_events"]
        return {
            "path": None if store.path is None else str(store.path),
            "bytes": store.size(),
            "events": len(self.events),
            "first_date": first,
            "last_date": last,
            "built": store.meta("built"),
            "refreshed": store.meta("refreshed"),
            "lineage": store.meta("lineage"),
            "generation": store.meta("generation"),
            "version": store.meta("version"),
            "format": FORMAT,
            "tagger": store.meta("tagger"),
            "encoder": store.meta("encoder"),
            "config_digest": self.config.digest,
            "statistics": {**statistics, "drift": round(drift, 4)},
            "terms": {PARTS[channel]: n for channel, n in store.term_counts().items()},
        }

    def checked(self, k: int | None) -> int:
        if k is None:
            return self.config.lists.k
        if not 1 <= k <= self.config.lists.candidates:
            raise ConfigError(
                f"k is {k}: expected 1 to {self.config.lists.candidates}, the candidates of a list"
            )
        return k


_PLAIN: dict[str, Any] = {
    "direction": "any", "since": None, "until": None, "topics": (), "language": None, "min_score": 0.0, "spread": 0,
    "fill": None, "recency": None,
}  # fmt: skip
"""The options of a list that is as it is stored."""


def _names(topics: Sequence[str]) -> tuple[str, ...]:
    if isinstance(topics, str):
        raise ConfigError(f"topics is {topics!r}: expected a list of names")
    return tuple(topics)


def _wanted(k: int, options: Mapping[str, Any]) -> Wanted:
    from relatedness.index import Wanted

    return Wanted(k, **options)


class RelatedIndex:
    """Related events with reasons, ready to be looked up.

    Make one with `build` or open one with `open`. What it says changes only by `refresh`, by `reload`, and where it
    was opened to follow its file; each answer is of one state of the file, old or new. Its methods may be called from
    several threads.

    Attributes
    ----------
    overrides : Overrides
        The pins and bans that hold for its lists; none unless it was opened with some.
    summary : Summary or None
        What the build did, right after `build`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
    ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup in Rio."},
    ... ])
    >>> [item.id for item in index.related("fall")]
    ['dam']
    >>> index.related("fall")[0].contexts
    ('Mosul', 'Iraq', 'ISIL')
    """

    def __init__(
        self,
        store: Store,
        tagger: Tagger | None = None,
        encoder: Encoder | None = None,
        *,
        overrides: Overrides | None = None,
        follow: bool = False,
    ) -> None:
        self._tagger = tagger
        self._encoder = encoder
        self._follow = follow
        self.overrides = overrides or Overrides()
        self._view = _View(store, tagger, encoder, self.overrides)
        self.summary: Summary | None = None

    def __repr__(self) -> str:
        return f"<RelatedIndex of {len(self.events):,} events, {self._store.path or 'in memory'}>"

    def _current(self) -> _View:
        if self._follow and self._view.store.changed():
            self.reload()
        return self._view

    def _answer(self, ask: Callable[[_View], T]) -> T:
        """Ask one state of the file: where it changes meanwhile, the answer is thrown away and the new one asked."""
        if not self._follow:
            return ask(self._view)
        while True:
            view = self._current()
            try:
                answer = ask(view)
            except Exception:
                if view.store.changed():
                    continue
                raise
            if not view.store.changed():
                return answer

    @property
    def _store(self) -> Store:
        return self._current().store

    @property
    def _search(self) -> Search:
        return self._current().search

    @property
    def config(self) -> Config:
        """The settings that it was built with."""
        return self._current().config

    @property
    def events(self) -> Events:
        """Its events by id: a read-only mapping in the order of their dates."""
        return self._current().events

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. An open index needs no closing at the end of a process."""
        self._view.store.close()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        overrides: str | Path | Overrides | None = None,
        tagger: Tagger | None = None,
        encoder: Encoder | None = None,
        follow: bool = False,
    ) -> Self:
        """Open an index file to read it.

        Parameters
        ----------
        path : path-like
        overrides : path-like or Overrides, optional
            Editors' pins and bans, which hold for every list and query; see `relatedness.index`. The file is read
            once: `with_overrides` takes a changed one.
        tagger : Tagger, optional
            The one that it was built with, where that is none of the library's own; only `query` and `refresh` ask
            it.
        encoder : callable, optional
            The same of the sentence encoder.
        follow : bool
            Whether to notice by itself that the file was refreshed or built again, in whatever process. Otherwise
            it goes on saying what the file said when it was opened, until `reload`. Open with it in processes that
            run for long: as long as a former state is read, the disk holds it beside the new one.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If it is no index, is damaged, or has another format.
        InputError
            If the overrides file cannot be read or contradicts itself, with file and line.
        """
        held = _overrides(overrides)
        return cls(Store.open(path), tagger, encoder, overrides=held, follow=follow)

    def with_overrides(self, overrides: str | Path | Overrides | None) -> Self:
        """The same open index under other pins and bans.

        Parameters
        ----------
        overrides : path-like, Overrides or None
            See `open`; None for no overrides.

        Returns
        -------
        RelatedIndex
            It shares the file with this one: closing one closes both.

        Raises
        ------
        InputError
            If the overrides file cannot be read or contradicts itself, with file and line.
        """
        held = _overrides(overrides)
        return type(self)(self._store, self._tagger, self._encoder, overrides=held, follow=self._follow)

    def check_overrides(self, path: str | Path) -> list[InputError]:
        """What is wrong with an overrides file, with file and line; see `relatedness.index.check_overrides`."""
        return check_overrides(self, path)[1]

    @contextmanager
    def _still(self) -> Iterator[Self]:
        """An index that keeps to one state of the file, for what asks it many things that must fit together."""
        path = self._view.store.path
        if not self._follow or path is None:
            yield self
        else:
            with type(self).open(
                path, tagger=self._tagger, encoder=self._encoder, overrides=self.overrides
            ) as now:
                yield now

    def reload(self) -> None:
        """Look at the file again: from now on every answer is of its present state.

        Raises
        ------
        IndexMissingError
            If the file is gone; then the index goes on from what it has.
        IndexFormatError
            If what stands there now is no index.
        """
        path = self._view.store.path
        if path is not None:
            store = Store.open(path)
            self._view = _View(store, self._tagger, self._encoder, self.overrides)

    @classmethod
    def build(
        cls,
        events: Any,
        path: str | Path | None = None,
        *,
        config: Config | None = None,
        tagger: Tagger | None = None,
        encoder: Encoder | None = None,
        gazetteer: str | Path | Gazetteer | None = None,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        jobs: int | None = None,
        engine: Engine | None = None,
        progress: Progress | None = None,
        statistics: RelatedIndex | None = None,
        strict: bool = False,
    ) -> Self:
        """Build an index.

        Parameters
        ----------
        events : path, Table, frame or iterable, or a list of paths and Tables
            Anything that `relatedness.read_events` reads: files, folders of pages, tables of databases, data
            frames, events, mappings.
        path : path-like, optional
            The file to write; what stands there is replaced when the new index is complete. Without it the
            index lives in memory.
        config : Config, optional
            The settings; `Config.default` if not given.
        tagger : Tagger, optional
            An object with ``key`` and ``tag(events)`` that finds the topics, instead of the configured one.
        encoder : callable, optional
            Given a list of texts, returns an array with an embedding per row; the part ``meaning`` then counts with
            ``weights.meaning``. Its ``key`` or name tells the index whether two encoders are one. For
            all-MiniLM-L6-v2 set ``text.encoder = "minilm"`` instead.
        gazetteer : path-like, optional
            Your own topics, aliases, parents and bans, a plain text or TOML file on top of the shipped names; see
            `relatedness.topics.read_entries`. The index keeps its lines and needs the file no more.
        fields, zone, rejects, strict
            How to read, see `relatedness.read_events`.
        jobs : int, optional
            Processor cores to use; all if not given. It never changes a result.
        engine : Engine, optional
            Where the search for candidates runs; this process if not given.
        progress : callable, optional
            Called as ``progress(stage, done, total)``; ``total`` is 0 while it is unknown.
        statistics : RelatedIndex, optional
            Take vocabulary, weights, floor and what was learned about names from this index, instead of fitting
            them. The lists are then those that a refresh of it to these events would give.

        Returns
        -------
        RelatedIndex
            Open, with its ``summary``.

        Raises
        ------
        InputError
            On the first bad record, unless ``rejects`` takes them, and on every bad line of the gazetteer.
        ConfigError
            If a gazetteer is given with a tagger, or with the statistics of another index.
        """
        from relatedness.index import Statistics, build  # the heavy half: numba, spaCy

        frozen = None if statistics is None else Statistics.load(statistics._store)
        store, summary = build(
            events,
            path,
            config or (Config.default() if statistics is None else statistics.config),
            tagger,
            encoder,
            gazetteer,
            fields,
            zone,
            rejects,
            jobs,
            engine,
            progress,
            frozen,
            strict,
        )
        index = cls(store, tagger, encoder)
        index.summary = summary
        return index

    @property
    def info(self) -> dict[str, Any]:
        """What the index is: counts, dates, versions, tagger, the digest of its config, the age of its statistics.

        ``statistics`` holds on how many events they were ``fitted`` and when, the ``floor``, how many events were
        added, changed or removed since (``changed_since``) and that as a share (``drift``); ``generation`` counts the
        build and its refreshes; ``bytes`` is the size of the file, None once it is gone.
        """
        return self._answer(_View.info)

    @property
    def learned(self) -> dict[str, Any]:
        """What the corpus taught the tagger, as plain JSON values."""
        store = self._store
        with store.reading():
            return dict(store.meta("lexicon"))

    def fingerprints(self) -> dict[str, int]:
        """A number for each event, in the order of dates, that is another one once its record, topics or list change.

        Compare them with those of an earlier state of the same file to see which events are to be looked at again.
        """
        return {id_: event << 32 | items for id_, event, items in self._store.sums()}

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of events that have it, inferred ones apart; the most frequent first."""
        return self._store.topic_counts()

    def events_with(self, topic: str) -> int:
        """How many events have a topic; 0 for one that none has."""
        return len(self._store.slots_with(topic))

    def with_topic(self, name: str) -> list[str]:
        """The events that have a topic.

        Parameters
        ----------
        name : str
            A canonical name.

        Returns
        -------
        list of str
            Their ids in the order of their dates.

        Raises
        ------
        InputError
            If no event has it.
        """
        return self._store.ids_with(name)

    def topics(self, id_: str) -> tuple[EventTopic, ...]:
        """The topics of an event.

        Parameters
        ----------
        id_ : str

        Returns
        -------
        tuple of EventTopic
            Each with its canonical name, its kind, how it came (supplied, found, parent, inferred) and its
            aliases as written in this event.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        from relatedness.topics import EventTopic

        store = self._store
        topics = store.topics(id_)
        with store.reading():
            return tuple(EventTopic(name, kind, how, tuple(aliases)) for name, kind, how, aliases in topics)

    def all_topics(self) -> Iterator[tuple[str, tuple[EventTopic, ...]]]:
        """Every event's id with its topics, in the order of their dates; see `topics`."""
        from relatedness.topics import EventTopic

        store = self._store
        for _, id_, _, topics in store.events():
            with store.reading():
                found = tuple(
                    EventTopic(name, kind, how, tuple(names)) for name, kind, how, names in loads(topics)
                )
            yield id_, found

    def related(
        self,
        id_: str,
        *,
        k: int | None = None,
        direction: Direction = "any",
        since: date | None = None,
        until: date | None = None,
        topics: Sequence[str] = (),
        language: str | None = None,
        min_score: float = 0.0,
        spread: int = 0,
        fill: Fill | None = None,
        recency: RecencyLike | None = None,
    ) -> RelatedList:
        """The events related to one event, best first.

        Without filters this reads one stored row. With them the search runs again over the events that pass: a
        filter never merely shortens the unfiltered list.

        Parameters
        ----------
        id_ : str
        k : int, optional
            How many at most; ``lists.k`` of the config (5) if not given.
        direction : {"any", "before", "after"}
            Background (strictly earlier events), follow-ups (strictly later ones), or both.
        since, until : date, optional
            Only events of these days and those between them.
        topics : sequence of str
            Only events that have all of these topics, by canonical name.
        language : str, optional
            Only events of this language.
        min_score : float
            Only results with at least this score. Pinned results need none.
        spread : int
            Keep results at least so many days apart: a lower one that is closer in time to a higher one is left out.
        fill : {"context", "period"}, optional
            Fill a list that is too short with weaker results, whose ``tier`` says what they are: by score those with
            a topic in common that is no place (``same context``), and for ``period`` after them those of the
            30 days before and after (``same period``), related or not.
        recency : float, str, mapping or Recency, optional
            How closeness in time counts in this list, instead of the index's own ``[recency]``: a number multiplies the
            strengths (0 or ``"off"``: time does not count; 2: events fade twice as fast), a mapping replaces settings, such
            as ``{"scale_days": 30}``; see `Config.with_recency`. Candidates, scores and reasons follow it. The floor is
            still measured by the index's own, so that it changes the order of what is related, not what is.

        Returns
        -------
        RelatedList
            In the order score down, date down, id up; pinned results before all others, fillers after them. Empty
            when nothing is related.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        InputError
            If a topic or language does not occur in the index.
        ConfigError
            If ``k``, ``spread``, ``fill`` or ``recency`` is out of range, ``since`` or ``until`` is no date or the one is
            after the other, or ``topics`` is one text.
        """
        options = {
            "direction": direction, "since": since, "until": until, "topics": _names(topics), "language": language,
            "min_score": min_score, "spread": spread, "fill": fill, "recency": recency,
        }  # fmt: skip
        return self._answer(lambda view: view.related(id_, k, options))

    def why_not(
        self,
        id_: str,
        other: str,
        *,
        k: int | None = None,
        direction: Direction = "any",
        since: date | None = None,
        until: date | None = None,
        topics: Sequence[str] = (),
        language: str | None = None,
        min_score: float = 0.0,
        spread: int = 0,
        fill: Fill | None = None,
        recency: RecencyLike | None = None,
    ) -> WhyNot:
        """Which rule keeps an event out of the list of another, and by how much.

        It always agrees with `related`: the rule is ``listed`` exactly where `related`, asked in the same way, has
        the event.

        Parameters
        ----------
        id_ : str
            The event whose list is meant.
        other : str
            The event that is looked for in it.
        k, direction, since, until, topics, language, min_score, spread, fill, recency
            As in `related`.

        Returns
        -------
        WhyNot

        Raises
        ------
        UnknownEventError
            If the index does not hold one of them.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup in Rio."},
        ... ])
        >>> print(index.why_not("fall", "cup"))
        They share no word, phrase or topic.
        """
        options = {
            "direction": direction, "since": since, "until": until, "topics": _names(topics), "language": language,
            "min_score": min_score, "spread": spread, "fill": fill, "recency": recency,
        }  # fmt: skip
        return self._answer(lambda view: view.why_not(id_, other, k, options))

    def lists(self, k: int | None = None) -> Iterator[tuple[str, RelatedList]]:
        """Every event's id with its list, in the order of their dates.

        Parameters
        ----------
        k : int, optional
            How many related events at most; ``lists.k`` of the config (5) if not given.

        Yields
        ------
        tuple of str and RelatedList
        """
        with self._still() as still:
            view = still._view
            k = view.checked(k)
            if k > view.config.lists.stored:
                yield from ((id_, view.related(id_, k, _PLAIN)) for id_ in view.events)
                return
            for id_, stored in view.store.all_items():
                if view.is_overridden(id_):
                    yield id_, view.related(id_, k, _PLAIN)
                    continue
                with view.store.reading():
                    records = [view.record(item) for item in stored[:k]]
                yield id_, view.list(id_, records, partial(view.explain, id_))

    def query(
        self,
        text: str,
        *,
        title: str = "",
        date: date | None = None,
        k: int | None = None,
        language: str | None = None,
        recency: RecencyLike | None = None,
    ) -> RelatedList:
        """The events related to a text that is not in the index.

        Parameters
        ----------
        text : str
        title : str
            Its headline, where it has one.
        date : date, optional
            Its day; without one, time does not count.
        k : int, optional
            How many at most; ``lists.k`` of the config (5) if not given.
        language : str, optional
            Its language: only events of that language, or of none that is known, are found.
        recency : float, str, mapping or Recency, optional
            As in `related`; it needs a date.

        Returns
        -------
        RelatedList

        Raises
        ------
        InputError
            If the text is empty.
        ConfigError
            If ``k`` or ``recency`` is out of range, or a recency is given without a date.
        """
        return self._answer(lambda view: view.query(text, title, date, k, language, recency))

    def plan(
        self,
        events: Any = (),
        *,
        remove: Iterable[str] = (),
        mirror: bool = False,
        refit: bool = False,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        strict: bool = False,
        progress: Progress | None = None,
    ) -> Plan:
        """What `refresh` would do with the same arguments; it changes nothing, and `refresh` takes it.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}])
        >>> print(index.plan([{"id": "b", "date": "2016-07-12", "text": "Troops reach Mosul."}], remove=["a"]))
        add 1: b
        change 0
        remove 1: a
        leave 0 as they are
        fit the statistics anew: 2 changed since they were fitted on 1 events
        """
        from relatedness.index import frozen_tagger

        source = _Source(events, remove, mirror, refit, fields, zone, rejects, strict)
        view = self._current()
        tagger = frozen_tagger(view.store, view.config, self._tagger)
        return source.plan(view.store, view.config, tagger, Clock(progress))

    def refresh(
        self,
        events: Any | Plan = (),
        *,
        remove: Iterable[str] = (),
        mirror: bool = False,
        refit: bool = False,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        strict: bool = False,
        jobs: int | None = None,
        wait: float = 0.0,
        waiting: Callable[[str], object] | None = None,
        progress: Progress | None = None,
    ) -> Changes:
        """Add new events, replace changed ones, remove those that go, and bring all lists up to date.

        The lists become those of a build over the events that are there then, with the statistics as they were
        fitted. When too many events have changed since (``refresh.drift`` of the config), or when asked, the
        statistics are fitted anew as well. A file changes all at once, and readers are never kept waiting.

        Parameters
        ----------
        events : path, frame, iterable or list of paths, or Plan
            Anything that `relatedness.read_events` reads. An event that the index holds with the same content
            stays as it is. A plan that `plan` made is carried out as it stands, and takes no further arguments about
            events.
        remove : iterable of str
            The ids of events that go.
        mirror : bool
            Whether the events are the whole truth: what is not among them goes.
        refit : bool
            Whether to fit the statistics anew: the outcome is that of a build over the same events.
        fields, zone, rejects, strict
            How to read, see `relatedness.read_events`.
        jobs : int, optional
            Processor cores to use; all if not given. It never changes a result.
        wait : float
            Seconds to wait where another process is writing the same file.
        waiting : callable, optional
            Called with who it is that is waited for.
        progress : callable, optional
            Called as ``progress(stage, done, total)``.

        Returns
        -------
        Changes
            What was done, and the ids of exactly those events whose lists are other ones now.

        Raises
        ------
        BusyError
            If another process still writes the file after ``wait`` seconds.
        InputError
            On the first bad record, unless ``rejects`` takes them; if an event is both given and to be removed; if
            no event would be left.
        UnknownEventError
            If an event to remove is not there.
        ConfigError
            If the index has changed since a plan was made.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul."},
        ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup."},
        ... ])
        >>> changes = index.refresh([{"id": "dam", "date": "2014-08-07", "text": "ISIL takes the dam of Mosul."}])
        >>> changes.added, changes.lists
        (('dam',), ('fall', 'dam'))
        """
        from relatedness.index import Plan
        from relatedness.storage import writing

        clock = Clock(progress)
        given: Plan | _Source
        if isinstance(events, Plan):
            if tuple(remove) or mirror or refit:
                raise ConfigError("a plan holds what is to be removed and refitted: plan it there")
            given = events
        else:
            given = _Source(events, remove, mirror, refit, fields, zone, rejects, strict)
        path = self._view.store.path
        if path is None:
            changes, self._view = self._refreshed(given, self._view.store, jobs, clock)
            return changes
        with writing(path, wait, waiting):
            sweep(real(path))
            # Nobody else writes now: what this reads stays what it is until the change is made.
            with closing(Store.open(path)) as before:
                changes = self._refreshed(given, before, jobs, clock)[0]
        self.reload()
        return changes

    def _refreshed(
        self, given: Plan | _Source, before: Store, jobs: int | None, clock: Clock
    ) -> tuple[Changes, _View]:
        """Carry a refresh out; gives what was done and, for an index in memory, its outcome."""
        from relatedness.index import carry_out, check_current, frozen_tagger, nothing, refit
        from relatedness.ranking import make_encoder

        with before.reading():
            config = Config.from_dict(before.meta("config"))
        tagger = frozen_tagger(before, config, self._tagger)
        if isinstance(given, _Source):
            plan = given.plan(before, config, tagger, clock)
        else:
            plan = given
            check_current(before, plan)
        if plan.empty:
            return nothing(plan, clock), self._view
        encoder = self._encoder or make_encoder(config)
        if plan.refit is not None:
            after = Store.create(before.path)
            work = partial(refit, before, after, tagger=self._tagger)
        else:
            after = before.copy() if before.path is None else Store.edit(before.path)
            work = partial(carry_out, after, tagger=tagger)
        try:
            changes = work(plan, config, encoder=encoder, jobs=jobs, clock=clock)
            if plan.refit is None:
                after.commit()
        except BaseException:
            after.close()
            raise
        if before.path is None:
            return changes, _View(after, self._tagger, self._encoder, self.overrides)
        after.close()
        return changes, self._view

    def changed_since(self, generation: int) -> ChangedLists:
        """Which lists changed after a generation of this index: what a database or a site that was brought over then lacks.

        Parameters
        ----------
        generation : int
            As ``info["generation"]`` or an earlier answer told; 0 for all lists.

        Returns
        -------
        ChangedLists
            With the present generation, to ask from the next time. That of another ``lineage`` (``info["lineage"]``) says
            nothing about this index: ask from 0.

        Raises
        ------
        ConfigError
            If the index has not reached that generation.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}])
        >>> _ = index.refresh([{"id": "b", "date": "2016-07-12", "text": "More troops go to Iraq."}])
        >>> index.changed_since(1).lists, index.changed_since(2).lists
        (('a', 'b'), ())
        """
        from relatedness.index import changed_since

        return self._answer(lambda view: changed_since(view.store, generation))

    def check(self, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Look for everything that is not as it should be; see `relatedness.index.check`.

        Examples
        --------
        >>> RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}]).check()
        []
        """
        from relatedness.index import check

        return check(self._store, progress)

    def export(
        self,
        path: str | Path,
        *,
        k: int = 10,
        table: str | None = None,
        only: Collection[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Write the lists to a data file or a database; see `relatedness.export.export`."""
        from relatedness.export import export

        return export(self, path, k=k, table=table, only=only, progress=progress)

    def to_arrow(self, what: TableName = "lists", *, k: int | None = None) -> pa.Table:
        """The lists, events or topics as an Arrow table; see `relatedness.export.to_arrow`."""
        from relatedness.export import to_arrow

        with self._still() as now:
            return to_arrow(now, what, k=k)

    def to_frame(self, what: TableName = "lists", *, k: int | None = None) -> pd.DataFrame:
        """The lists, events or topics as a pandas frame; see `relatedness.export.to_frame`."""
        from relatedness.export import to_frame

        with self._still() as now:
            return to_frame(now, what, k=k)

    def matrix(self, what: MatrixName = "topics", *, k: int | None = None) -> Matrix:
        """The vectors of a part, or the lists, as a sparse matrix; see `relatedness.export.matrix`."""
        from relatedness.export import matrix

        with self._still() as now:
            return matrix(now, lambda channel: now._search.channel(channel), what, k=k)

    def graph(self, *, k: int | None = None) -> nx.DiGraph:
        """The lists as a networkx graph; see `relatedness.export.graph`."""
        from relatedness.export import graph

        with self._still() as now:
            return graph(now, k=k)

    def publish(self, folder: str | Path, **options: Any) -> Published:
        """Write a site of pages, with feeds; see `relatedness.publish.publish` for the options."""
        from relatedness.publish import publish

        return publish(self, folder, **options)

    def evaluate(self, qrels: Mapping[str, Mapping[str, int]], *, k: int | Sequence[int] = 10) -> Quality:
        """Measure the lists against judgments; see `relatedness.quality.evaluate`."""
        from relatedness.quality import evaluate

        with self._still() as still:
            return evaluate(still, qrels, k=k)

    def audit(self, *, k: int | None = None, examples: int = 10) -> Audit:
        """Look over all lists: orphans, hubs, thin lists, contexts, years; see `relatedness.quality.audit`."""
        from relatedness.quality import audit

        with self._still() as still:
            return audit(still, k=k, examples=examples)

    def diff(self, new: RelatedIndex, *, k: int | None = None) -> Diff:
        """What changed from this index to a newer one, and why; see `relatedness.quality.diff`."""
        from relatedness.quality import diff

        with self._still() as before, new._still() as after:
            return diff(before, after, k=k)

    def story(self, id_: str, *, most: int = 40) -> Story:
        """The connected run of events around one event; see `relatedness.index.story`."""
        from relatedness.index import story

        with self._still() as still:
            return story(still, id_, most=most)

    def tune(
        self,
        qrels: Mapping[str, Mapping[str, int]] | None = None,
        *,
        k: int = 10,
        split: date | None = None,
        progress: Progress | None = None,
    ) -> Tuned:
        """Learn weights and recency for this archive; see `relatedness.quality.tune`.

        Parameters
        ----------
        qrels : mapping, optional
            Judged id to related id to grade. Without it the topics that the archive supplies judge: an index
            without them is built in memory, and events that shared one count as related.
        k : int
            How many results of each list count.
        split : date, optional
            The first day of the later half; by default the two halves have as many judged events.
        progress : callable, optional
            Called as ``progress(stage, done, total)``.

        Returns
        -------
        Tuned
            With the settings learned on all judged events, and how much better the lists of events became that
            were not learned from.

        Raises
        ------
        InputError
            If there are too few judgments to learn from.
        """
        from relatedness.quality import judge_by_topics, tune

        view = self._current()
        if qrels is None:
            events, qrels = judge_by_topics(view.events.values())
            view = (
                type(self)
                .build(
                    events, config=view.config, tagger=self._tagger, encoder=self._encoder, progress=progress
                )
                ._current()
            )
        features = view.search.features(list(qrels))
        days = {id_: view.events[id_].day for id_ in features.ids}
        report = None if progress is None else partial(progress, "tune")
        first = None if split is None else day_number(split)
        return tune(features, days, qrels, view.config, k=k, split=first, progress=report)

    def explain(self, id_: str, other: str, *, recency: RecencyLike | None = None) -> Explanation:
        """Why two events are related: every word, phrase, topic, common neighbour and the dates.

        Parameters
        ----------
        id_, other : str
        recency : float, str, mapping or Recency, optional
            As in `related`.

        Returns
        -------
        Explanation
            Its reasons' shares sum to its score, and for two events without anything in common both are 0.

        Raises
        ------
        UnknownEventError
            If the index does not hold one of them.
        """
        return self._answer(lambda view: view.explain(id_, other, recency))


def _overrides(given: str | Path | Overrides | None) -> Overrides | None:
    return Overrides.load(given) if isinstance(given, str | Path) else given


@dataclass(frozen=True, slots=True)
class _Source:
    """What `plan` and `refresh` are told about events."""

    events: Any
    remove: Iterable[str]
    mirror: bool
    refit: bool
    fields: Mapping[str, str] | None
    zone: str | tzinfo | None
    rejects: str | Path | Rejects | None
    strict: bool

    def plan(self, store: Store, config: Config, tagger: Callable[[], Tagger], clock: Clock) -> Plan:
        from relatedness.index import make_plan, read_source

        with clock.stage("read") as report:
            reading = read_source(self.events, self.fields, self.zone, self.rejects, self.strict, report)
            plan = make_plan(
                store,
                config,
                tagger,
                reading,
                self.remove,
                mirror=self.mirror,
                refit=self.refit,
                counts=lambda: (reading.repeats, reading.rejected),
                spared=reading.kept,
            )
            return replace(plan, read=reading.report())
