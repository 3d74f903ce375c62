"""The index: build, open, related, query, explain. The one object that users hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from relatedness.config import Config
from relatedness.errors import ConfigError, IndexFormatError
from relatedness.events import Event
from relatedness.results import Related, RelatedList
from relatedness.scores import PARTS, Explanation
from relatedness.store import FORMAT, Store

if TYPE_CHECKING:
    from datetime import tzinfo

    from relatedness.build import Summary
    from relatedness.engine import Engine
    from relatedness.evaluate import Quality
    from relatedness.readers import Rejects
    from relatedness.search import Search
    from relatedness.topics import EventTopic, Tagger

Direction = Literal["any", "before", "after"]
Progress = Callable[[str, int, int], None]


class Events(Mapping[str, Event]):
    """The events of an index by id, in the order of their dates; read from the file as they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, id_: str) -> Event:
        record = self._store.record(id_)
        with self._store.reading():
            return Event.make(record)

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self._store.row(id_) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.ids())

    def __len__(self) -> int:
        return self._store.count()

    def __repr__(self) -> str:
        return f"<{len(self):,} events>"


class RelatedIndex:
    """Related events with reasons, ready to be looked up.

    Make one with `build` or open one with `open`. An index never changes while it is open; its methods may be
    called from several threads.

    Attributes
    ----------
    config : Config
        The settings that it was built with.
    events : Events
        Its events by id: a read-only mapping.
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

    def __init__(self, store: Store, tagger: Tagger | None = None) -> None:
        self._store = store
        self._tagger = tagger
        with store.reading():
            self.config = Config.from_dict(store.meta("config"))
            self._parts = [str(part) for part in store.meta("parts")]
        self.events = Events(store)
        self.summary: Summary | None = None

    def __repr__(self) -> str:
        return f"<RelatedIndex of {len(self.events):,} events, {self._store.path or 'in memory'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. An open index needs no closing at the end of a process."""
        self._store.close()

    @classmethod
    def open(cls, path: str | Path, *, tagger: Tagger | None = None) -> Self:
        """Open an index file to read it.

        Parameters
        ----------
        path : path-like
        tagger : Tagger, optional
            The one that it was built with, where that is none of the library's own; only `query` asks it.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If it is no index, is damaged, or has another format.
        """
        return cls(Store.open(path), tagger)

    @classmethod
    def build(
        cls,
        events: Any,
        path: str | Path | None = None,
        *,
        config: Config | None = None,
        tagger: Tagger | None = None,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        jobs: int | None = None,
        engine: Engine | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Build an index.

        Parameters
        ----------
        events : path, frame or iterable, or a list of paths
            Anything that `relatedness.read_events` reads: files, folders of pages, data frames, events, mappings.
        path : path-like, optional
            The file to write; what stands there is replaced when the new index is complete. Without it the
            index lives in memory.
        config : Config, optional
            The settings; `Config.default` if not given.
        tagger : Tagger, optional
            An object with ``key`` and ``tag(events)`` that finds the topics, instead of the configured one.
        fields, zone, rejects
            How to read, see `relatedness.read_events`.
        jobs : int, optional
            Processor cores to use; all if not given. It never changes a result.
        engine : Engine, optional
            Where the search for candidates runs; this process if not given.
        progress : callable, optional
            Called as ``progress(stage, done, total)``; ``total`` is 0 while it is unknown.

        Returns
        -------
        RelatedIndex
            Open, with its ``summary``.

        Raises
        ------
        InputError
            On the first bad record, unless ``rejects`` takes them.
        """
        from relatedness.build import build  # the heavy half: numba, spaCy

        store, summary = build(
            events, path, config or Config.default(), tagger, fields, zone, rejects, jobs, engine, progress
        )
        index = cls(store, tagger)
        index.summary = summary
        return index

    @property
    def info(self) -> dict[str, Any]:
        """What the index is: counts, dates, versions, tagger, parts and the digest of its config."""
        store = self._store
        first, last = store.span()
        return {
            "path": None if store.path is None else str(store.path),
            "bytes": 0 if store.path is None else store.path.stat().st_size,
            "events": len(self.events),
            "first_date": first,
            "last_date": last,
            "built": store.meta("built"),
            "version": store.meta("version"),
            "format": FORMAT,
            "tagger": store.meta("tagger"),
            "config_digest": self.config.digest,
            "statistics": store.meta("statistics"),
            "terms": {PARTS[channel]: n for channel, n in store.term_counts().items()},
        }

    @property
    def learned(self) -> dict[str, Any]:
        """What the corpus taught the tagger, as plain JSON values."""
        with self._store.reading():
            return dict(self._store.meta("lexicon"))

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of events that have it, the most frequent first."""
        return self._store.topic_counts()

    def topics(self, id_: str) -> tuple[EventTopic, ...]:
        """The topics of an event.

        Parameters
        ----------
        id_ : str

        Returns
        -------
        tuple of EventTopic
            Each with its canonical name, its kind, how it came (supplied, found, parent) and its aliases as
            written in this event.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        from relatedness.topics import EventTopic

        topics = self._store.topics(id_)
        with self._store.reading():
            return tuple(EventTopic(name, kind, how, tuple(aliases)) for name, kind, how, aliases in topics)

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
            Only results with at least this score.

        Returns
        -------
        RelatedList
            In the order score down, date down, id up. Empty when nothing is related.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        InputError
            If a topic or language does not occur in the index.
        """
        k = self._checked(k)
        filtered = direction != "any" or since or until or topics or language is not None
        if not filtered and k <= self.config.lists.stored:
            stored = self._store.items(id_) if isinstance(id_, str) else None
            if stored is None:
                self._store.known_row(id_)
                raise IndexFormatError(f"{self._store.path} is damaged: the event {id_} has no list")
            with self._store.reading():
                items = [self._record(item) for item in stored[:k] if item[1] >= min_score]
            return self._list(id_, items, partial(self.explain, id_))
        row = self._store.known_row(id_)
        items = self._search.related(row, k, direction, since, until, topics, language)
        kept = [item for item in items if item.score >= min_score]
        return self._list(id_, kept, partial(self.explain, id_))

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
        k = self._checked(k)
        if k > self.config.lists.stored:
            yield from ((id_, self.related(id_, k=k)) for id_ in self.events)
            return
        for id_, items in self._store.all_items():
            with self._store.reading():
                records = [self._record(item) for item in items[:k]]
            yield id_, self._list(id_, records, partial(self.explain, id_))

    def query(
        self,
        text: str,
        *,
        title: str = "",
        date: date | None = None,
        k: int | None = None,
        language: str | None = None,
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

        Returns
        -------
        RelatedList

        Raises
        ------
        InputError
            If the text is empty.
        """
        k = self._checked(k)
        found = self._search.query(text, title, date, k, language)
        return self._list(None, found.items, found.explain)

    def export(
        self, path: str | Path, *, k: int = 10, progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Write every list to a data file; see `relatedness.export.export`."""
        from relatedness.export import export

        return export(self, path, k=k, progress=progress)

    def evaluate(self, qrels: Mapping[str, Mapping[str, int]], *, k: int = 10) -> Quality:
        """Measure the lists against judgments; see `relatedness.evaluate.evaluate`."""
        from relatedness.evaluate import evaluate

        return evaluate(self, qrels, k=k)

    def explain(self, id_: str, other: str) -> Explanation:
        """Why two events are related: every word, phrase, topic, common neighbour and the dates.

        Parameters
        ----------
        id_, other : str

        Returns
        -------
        Explanation
            Its reasons' shares sum to its score, and for two events without anything in common both are 0.

        Raises
        ------
        UnknownEventError
            If the index does not hold one of them.
        """
        return self._search.explain(self._store.known_row(id_), self._store.known_row(other))

    @cached_property
    def _search(self) -> Search:
        from relatedness.search import Search

        return Search(self._store, self.config, self._tagger)

    def _checked(self, k: int | None) -> int:
        if k is None:
            return self.config.lists.k
        if not 1 <= k <= self.config.lists.candidates:
            raise ConfigError(
                f"k is {k}: expected 1 to {self.config.lists.candidates}, the candidates of a list"
            )
        return k

    def _record(self, item: list[Any]) -> Related:
        other, score, contexts, parts, copies = item
        named = {name: value for name, value in zip(self._parts, parts, strict=True) if value}
        return Related(other, score, tuple(contexts), named, copies)

    def _list(
        self, id_: str | None, items: Sequence[Related], explain: Callable[[str], Explanation]
    ) -> RelatedList:
        return RelatedList(id_, items, self.events.__getitem__, explain)
