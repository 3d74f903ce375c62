"""The index: build, open, related, query, explain, refresh. The one object that users hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, cast

from relatedness.arguments import (
    check_call,
    check_count,
    check_date,
    check_ids,
    check_names,
    check_path,
    check_switch,
    check_text,
    check_type,
    id_text,
    plain,
)
from relatedness.config import Config
from relatedness.dates import day_number
from relatedness.errors import ConfigError, InputError, RelatednessError
from relatedness.events import Event, EventId, id_of
from relatedness.index import (
    Events,
    ListKeywords,
    ListOptions,
    Overrides,
    RecencyLike,
    RelatedList,
    View,
    WhyNot,
    check_overrides,
    find,
    takes_list_options,
)
from relatedness.progress import Clock, Progress, shown_progress
from relatedness.ranking import Explanation
from relatedness.storage import Store, open_store
from relatedness.workers import in_batches

if TYPE_CHECKING:
    from datetime import tzinfo

    import networkx as nx
    import pandas as pd
    import pyarrow as pa

    from relatedness.engines import Engine, Workers
    from relatedness.export import Matrix, MatrixName, TableName, What
    from relatedness.index import ChangedLists, Changes, Given, Plan, Search, Story, Summary
    from relatedness.publish import Published
    from relatedness.quality import Audit, Diff, Quality, Tuned
    from relatedness.ranking import Encoder
    from relatedness.sources import Rejects
    from relatedness.topics import EventTopic, Gazetteer, Tagger

T = TypeVar("T")
_NO_DATE = date(1970, 1, 1)
_TRIES = 8
"""How often an index that follows its file retries an answer because the file changed, before it pins one state."""


class RelatedIndex:
    """Related events with reasons, ready to be looked up.

    Make one with `build` or open one with `open`. Its answers change only after `refresh` or `reload`, or when it was opened
    with ``follow``; each answer comes from one state of the file, old or new. Its methods may be called from several threads.

    Attributes
    ----------
    overrides : Overrides
        The pins and bans applied to its lists; empty unless it was opened with an overrides file.
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
    ('Mosul', 'ISIL', 'Iraq')
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
        check_type(store, "store", Store, "a store; RelatedIndex.open opens a file")
        self._tagger = tagger
        self._encoder = encoder
        self._follow = follow
        self.overrides = overrides or Overrides()
        self._view = View(store, tagger, encoder, self.overrides)
        self._writing = Lock()  # of an index in memory; a file has a lock of its own
        self.summary: Summary | None = None

    def __repr__(self) -> str:
        return f"<RelatedIndex of {len(self.events):,} events, {self._store.path or 'in memory'}>"

    def __len__(self) -> int:
        return len(self.events)

    def __contains__(self, id_: object) -> bool:
        return id_ in self.events

    def __iter__(self) -> Iterator[EventId]:
        return iter(self.events)

    def __getitem__(self, id_: EventId) -> Event:
        return self.events[id_]

    def __reduce__(self) -> tuple[object, ...]:
        path = self._view.store.path
        if path is None:
            raise RelatednessError("an index in memory cannot be pickled: build it with a path")
        # Store only the path: the other process opens the file itself.
        return _opened, (
            type(self),
            path.absolute(),
            self.overrides,
            self._tagger,
            self._encoder,
            self._follow,
        )

    def _current(self) -> View:
        if self._follow and self._view.store.changed():
            self.reload()
        return self._view

    def _answer(self, ask: Callable[[View], T]) -> T:
        """Answer from one state of the file: if the file changes before the answer is complete, ask again."""
        if not self._follow:
            return ask(self._view)
        for _ in range(_TRIES):
            view = self._current()
            try:
                answer = ask(view)
            except Exception:
                if view.store.changed():
                    continue
                raise
            if not view.store.changed():
                return answer
        # The file keeps changing: answer from one pinned state, which stays open as long as the answer is used.
        path = self._view.store.path
        assert path is not None
        return ask(View(open_store(path), self._tagger, self._encoder, self.overrides))

    @property
    def _store(self) -> Store:
        return self._current().store

    @property
    def _search(self) -> Search:
        return self._current().search

    @property
    def config(self) -> Config:
        """The settings that the index was built with.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
        >>> index.config.lists.k
        5
        """
        return self._current().config

    @property
    def events(self) -> Events:
        """The events by id: a read-only mapping in the order of their dates.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> list(index.events), index.events["dam"].text
        (['fall', 'dam'], 'ISIL captures the dam of Mosul.')
        """
        return self._current().events

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. An open index needs no closing at the end of a process.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
        >>> index.close()
        """
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
        """Open an index to read it: a file, or the folder of a partitioned index.

        Parameters
        ----------
        path : path-like
        overrides : path-like or Overrides, optional
            Editors' pins and bans, which hold for every list and query; see `relatedness.index`. The file is read
            once: `with_overrides` takes a changed one.
        tagger : Tagger, optional
            The tagger that the index was built with, unless it is one of the library's own. Only `query` and `refresh`
            use it.
        encoder : callable, optional
            The sentence encoder that the index was built with, unless it is one of the library's own.
        follow : bool
            Whether to notice when any process refreshes the file or builds it again. Otherwise the index keeps the state that
            it had when it was opened, until `reload`. Set it in long-running processes: the disk keeps a former state beside
            the new one as long as a reader holds it.

        Returns
        -------
        RelatedIndex
            The open index; it reads the file on demand instead of loading it whole.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If it is not an index, is damaged, or has another format.
        InputError
            If the overrides file cannot be read or contradicts itself, with file and line.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "news.index")
        >>> event = {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}
        >>> RelatedIndex.build([event], path).close()
        >>> with RelatedIndex.open(path) as index:
        ...     print(len(index), list(index.events))
        1 ['fall']
        """
        file, held = check_path(path, "path"), _overrides(overrides)
        _check_tagger(tagger)
        check_call(encoder, "encoder")
        check_switch(follow, "follow")
        return cls(open_store(file), tagger, encoder, overrides=held, follow=follow)

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

        Examples
        --------
        >>> from relatedness.index import Overrides
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> bans, problems = Overrides.parse("ban fall dam")
        >>> index.related("fall").ids, index.with_overrides(bans).related("fall").ids
        (('dam',), ())
        """
        held = _overrides(overrides)
        return type(self)(self._store, self._tagger, self._encoder, overrides=held, follow=self._follow)

    def check_overrides(self, path: str | Path) -> list[InputError]:
        """List what is wrong with an overrides file; see `relatedness.index.check_overrides`.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        list of InputError
            Each with file and line; empty for a sound file.

        Raises
        ------
        InputError
            If the file cannot be read.

        Examples
        --------
        >>> import tempfile
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> path = Path(tempfile.mkdtemp(), "pins.txt")
        >>> _ = path.write_text("pin fall damm", encoding="utf-8")
        >>> [problem.line for problem in index.check_overrides(path)]
        [1]
        """
        return check_overrides(self, check_path(path, "path"))[1]

    @contextmanager
    def _still(self) -> Iterator[Self]:
        """An index pinned to one state of the file, for callers whose many look-ups must be consistent with each other."""
        path = self._view.store.path
        if not self._follow or path is None:
            yield self
        else:
            with type(self).open(
                path, tagger=self._tagger, encoder=self._encoder, overrides=self.overrides
            ) as now:
                yield now

    def reload(self) -> None:
        """Read the file again, so that later answers come from its present state.

        Raises
        ------
        IndexMissingError
            If the file is gone; the index then keeps answering from the state it had.
        IndexFormatError
            If the file is no longer an index.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "news.index")
        >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}], path)
        >>> with RelatedIndex.open(path) as other:
        ...     _ = other.refresh([{"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."}])
        >>> before = len(index)
        >>> index.reload()
        >>> before, len(index)
        (1, 2)
        """
        path = self._view.store.path
        if path is not None:
            store = open_store(path)
            self._view = View(store, self._tagger, self._encoder, self.overrides)

    @classmethod
    def build(
        cls,
        events: Any,
        path: str | Path | None = None,
        *,
        config: Config | Mapping[str, Mapping[str, object]] | str | Path | None = None,
        tagger: Tagger | Literal["fast", "ner"] | None = None,
        encoder: Encoder | None = None,
        gazetteer: str | Path | Gazetteer | None = None,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        jobs: int | None = None,
        engine: Engine | Workers | None = None,
        progress: Progress | bool | None = None,
        statistics: RelatedIndex | None = None,
        partitions: int | None = None,
        events_per_partition: int | None = None,
        strict: bool = False,
        encoding: str | None = None,
        date_format: str | None = None,
        undated: str = "refuse",
        wait: float = 0.0,
        waiting: Callable[[str], object] | None = None,
    ) -> Self:
        """Build an index.

        Parameters
        ----------
        events : path, Table, frame or iterable, or a list of paths and Tables
            Anything that `relatedness.read_events` reads: files, folders of pages, tables of databases, data
            frames, events, mappings.
        path : path-like, optional
            The file to write; an existing index is replaced when the new one is complete. Without it the
            index lives in memory. With ``partitions`` or ``events_per_partition`` a folder.
        config : Config, mapping or path-like, optional
            The settings; `Config.default` if not given. A mapping such as ``{"lists": {"k": 3}}`` and a TOML file
            replace some of its settings.
        tagger : Tagger, "fast" or "ner", optional
            An object with ``key`` and ``tag(events)`` that finds the topics, instead of the configured one; or the name
            of one of the library's own, as in ``text.tagger`` of the config.
        encoder : callable, optional
            Given a list of texts, returns an array with an embedding per row; the part ``meaning`` then counts with
            ``weights.meaning``. The index recognises an encoder by its ``key``, or else by its name. For
            all-MiniLM-L6-v2 set ``text.encoder = "minilm"`` instead.
        gazetteer : path-like, optional
            Your own topics, aliases, parents and bans, a plain text or TOML file on top of the shipped names; see
            `relatedness.topics.read_entries`. The index stores its lines, so the file is not needed later.
        fields, zone, rejects, strict, encoding, date_format, undated
            How to read, see `relatedness.read_events`.
        jobs : int, optional
            Processor cores to use; all if not given. It never changes a result.
        engine : Engine, optional
            Where the search for candidates runs; this process if not given. With ``partitions`` or
            ``events_per_partition`` the whole job runs there: the events are files, folders or tables that all workers
            can read, and ``path`` a folder that they mount under one name.
        progress : callable or bool, optional
            Called as ``progress(stage, done, total)``; ``total`` is 0 while it is unknown. True shows bars on standard
            error where that is a terminal.
        statistics : RelatedIndex, optional
            Take vocabulary, weights, floor and what was learned about names from this index, instead of fitting
            them. The lists are then those that a refresh of it to these events would give.
        partitions, events_per_partition : int, optional
            Make a partitioned index: a folder with one file for each span of days, of which a refresh writes only those
            that it reaches. Give the greatest number of partitions (256 at most), or about how many events each holds. The
            lists do not depend on it.
        wait, waiting
            As for `refresh`.

        Returns
        -------
        RelatedIndex
            Open, with its ``summary``.

        Raises
        ------
        BusyError
            If another process is still writing the file after ``wait`` seconds.
        InputError
            On the first bad record, unless ``rejects`` takes them, and on every bad line of the gazetteer.
        ConfigError
            If a gazetteer is given with a tagger, or with the statistics of another index.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.related("fall")[0].reason
        'Context: ISIL, Mosul, Iraq'
        >>> index.summary.events, index.summary.listed
        (2, 2)
        """
        from relatedness.index import (  # slow to import: numba, spaCy
            Partitioning,
            Resources,
            Statistics,
            build,
            build_on,
        )
        from relatedness.sources import ReadOptions

        if statistics is not None:
            check_type(statistics, "statistics", RelatedIndex, "a RelatedIndex")
        frozen = None if statistics is None else Statistics.load(statistics._store)
        settings = Config.default() if statistics is None else statistics.config
        if config is not None:
            settings = Config.read(config)
        if isinstance(tagger, str):
            settings, tagger = settings.change({"text": {"tagger": tagger}}), None
        _check_tagger(tagger)
        check_call(encoder, "encoder")
        _check_patience(wait, waiting)
        if jobs is not None:
            check_count(jobs, "jobs")
        cut = None
        if partitions is not None or events_per_partition is not None:
            for name, value in (("partitions", partitions), ("events_per_partition", events_per_partition)):
                if value is not None:
                    check_count(value, name)
            cut = Partitioning(partitions, events_per_partition)
        if engine is not None and not hasattr(engine, "run" if cut is not None else "all_pairs"):
            raise ConfigError(
                f"engine is {engine!r}: expected an engine, such as relatedness.engines.DaskEngine"
            )
        options = ReadOptions(fields, zone, encoding, date_format, undated, check_switch(strict, "strict"))
        target = None if path is None else check_path(path, "path")
        with shown_progress(progress) as report:
            resources = Resources(tagger, encoder, jobs, Clock(report), wait, waiting)
            if cut is not None and target is not None and engine is not None:
                if frozen is not None or encoder is not None:
                    raise ConfigError(
                        "a partitioned build on an engine accepts neither statistics nor an encoder: leave them out, or "
                        "leave out partitions"
                    )
                store, summary = build_on(
                    cast("Workers", engine),
                    events,
                    target,
                    settings,
                    resources,
                    cut=cut,
                    gazetteer=gazetteer,
                    options=options,
                    rejects=rejects,
                )
            else:
                store, summary = build(
                    events,
                    target,
                    settings,
                    resources,
                    gazetteer=gazetteer,
                    options=options,
                    rejects=rejects,
                    engine=cast("Engine | None", engine),
                    statistics=frozen,
                    cut=cut,
                )
        index = cls(store, tagger, encoder)
        index.summary = summary
        return index

    @property
    def info(self) -> dict[str, Any]:
        """Counts, dates, versions, tagger, the digest of the config and the age of the statistics.

        ``statistics`` holds on how many events they were ``fitted`` and when, the ``floor``, how many events were
        added, changed or removed since (``changed_since``) and that as a share (``drift``); ``generation`` counts the
        build and its refreshes; ``template_text`` is the share of the words of the texts that is template text, such as
        form headings, with the most frequent pieces; ``references`` are the kinds of identifiers by which texts name other
        events, such as ``XSA-``, empty for addresses and commits; ``bytes`` is the size of the file, None if it was deleted.

        Returns
        -------
        dict
            Plain JSON values, as ``relatedness info --json`` prints them.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.info["events"], index.info["generation"]
        (2, 1)
        """
        return self._answer(View.info)

    @property
    def learned(self) -> dict[str, Any]:
        """The names that the tagger learned from the archive, as plain JSON values.

        Returns
        -------
        dict

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
        >>> isinstance(index.learned, dict)
        True
        """
        return dict(self._store.meta("lexicon"))

    def fingerprints(
        self, *, shown: int | None = None, ids: Iterable[EventId] | None = None
    ) -> dict[EventId, int]:
        """A number for each event, in the order of dates, that changes when its record, its topics or its list change.

        Parameters
        ----------
        shown : int, optional
            If given, only what a reader sees of the first ``shown`` results counts: the events in their order, with
            contexts, words and copies. A list in which only scores changed keeps its number.
        ids : iterable of str or int, optional
            If given, the numbers of these events alone, in any order; ids that the index does not hold are left out.

        Returns
        -------
        dict of str or int to int
            Event id to fingerprint, of 64 bits. Compare it with that of an earlier state of the same file to find the
            events that changed.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.fingerprints() == RelatedIndex.build(index.events.values()).fingerprints()
        True
        """
        if shown is not None:
            shown = check_count(shown, "shown")
        keys = None if ids is None else check_ids(ids, "ids")
        from relatedness.index import digest, event_digests, list_digests

        with self._still() as still:
            id_of, events = still.events.id_of, event_digests(still, keys)
            lists = list_digests(still, shown, keys)
            return {id_of(key): digest(events[key], found.shown) for key, found in lists}

    def scores(self) -> Iterator[tuple[EventId, dict[EventId, float]]]:
        """Every event's id with the scores of its stored list by id: what `lists` gives, in a third of the time.

        Yields
        ------
        tuple of (str or int) and dict of (str or int) to float

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
        ... ])
        >>> {id_: list(scores) for id_, scores in index.scores()}
        {'fall': ['dam'], 'dam': ['fall']}
        """
        with self._still() as still:
            view = still._view
            stored = ListOptions(k=view.config.lists.stored)
            id_of, numbered = view.events.id_of, view.events.numbered
            for key, others, scores in view.store.list_scores():
                if self.overrides and view.is_overridden(key):
                    found = {item.id: item.score for item in view.related(key, stored, reasons=False)}
                else:
                    found = dict(zip(map(id_of, others) if numbered else others, scores, strict=True))
                yield id_of(key), found

    def find(self, words: str, *, most: int = 20) -> list[Event]:
        """Find events by words of their title or text, for instance to get the id for a half-remembered title.

        Parameters
        ----------
        words : str
            An id, or words and beginnings of words, in any order and case.
        most : int
            The maximum number of events.

        Returns
        -------
        list of Event
            The event of that id first, then those that hold all words in their title, then those that hold them in
            title and text; in each group the latest first. The search scans every event, which takes a moment in large archives.

        Raises
        ------
        ConfigError
            If ``words`` is not a text or ``most`` is not a whole number from 1 up.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "title": "Mosul falls", "text": "Militants seize the city."},
        ...     {"id": "dam", "date": "2014-08-07", "title": "The dam", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [event.id for event in index.find("mosul")], [event.id for event in index.find("dam mos")]
        (['fall', 'dam'], ['dam'])
        """
        check_count(most, "most")
        check_text(words, "words")
        return self._answer(lambda view: find(view.store, words, most))

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of events that have it, not counting inferred topics; the most frequent first.

        Returns
        -------
        list of tuple of str and int
            Canonical names and numbers of events.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.topic_counts()
        [('ISIL', 2), ('Iraq', 2), ('Mosul', 2)]
        """
        return self._store.topic_counts()

    def events_with(self, topic: str) -> int:
        """How many events have a topic.

        Parameters
        ----------
        topic : str
            A canonical name.

        Returns
        -------
        int
            0 if no event has it.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.events_with("Mosul"), index.events_with("Paris")
        (2, 0)
        """
        return self._store.count_with(check_text(topic, "topic"))

    def with_topic(self, name: str) -> list[EventId]:
        """The events that have a topic.

        Parameters
        ----------
        name : str
            A canonical name.

        Returns
        -------
        list of str or int
            Their ids in the order of their dates.

        Raises
        ------
        InputError
            If no event has it.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.with_topic("Mosul")
        ['fall', 'dam']
        """
        numbered = self._store.numbered
        return [id_of(key, numbered) for key in self._store.ids_with(check_text(name, "name"))]

    def topics(self, id_: EventId) -> tuple[EventTopic, ...]:
        """The topics of an event.

        Parameters
        ----------
        id_ : str or int

        Returns
        -------
        tuple of EventTopic
            Each with its canonical name, its kind, its origin (supplied, found, parent, inferred) and its
            aliases as written in this event.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [(topic.name, topic.how) for topic in index.topics("fall")]
        [('ISIL', 'found'), ('Mosul', 'found'), ('Iraq', 'found')]
        """
        from relatedness.topics import EventTopic

        topics = self._store.topics(id_text(id_))
        return tuple(EventTopic(name, kind, how, tuple(aliases)) for name, kind, how, aliases in topics)

    def all_topics(self) -> Iterator[tuple[EventId, tuple[EventTopic, ...]]]:
        """Every event's id with its topics, in the order of dates; see `topics`.

        Yields
        ------
        tuple of (str or int) and tuple of EventTopic

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> {id_: len(topics) for id_, topics in index.all_topics()}
        {'fall': 3, 'dam': 3}
        """
        from relatedness.topics import EventTopic

        numbered = self._store.numbered
        for keys in in_batches(list(map(id_text, self.events))):
            found = self._store.topics_of(keys)
            for key in keys:
                yield (
                    id_of(key, numbered),
                    tuple(EventTopic(name, kind, how, tuple(names)) for name, kind, how, names in found[key]),
                )

    @takes_list_options
    def related(self, id_: EventId, **options: Unpack[ListKeywords]) -> RelatedList:
        """The events related to one event, best first.

        Without filters this reads one stored row. With them the search runs again over the events that pass: a
        filter never merely shortens the unfiltered list.

        Parameters
        ----------
        id_ : str or int
        **options
            The options of a list, see `relatedness.index.ListOptions`.

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
            If an option is unknown, of the wrong type or out of range.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
        ... ])
        >>> index.related("fall", since="2014-08").ids, index.related("fall", until="2014-07-31").ids
        (('dam',), ())
        """
        asked = ListOptions.of(options)
        return self._answer(lambda view: view.related(id_text(id_), asked))

    @takes_list_options
    def why_not(self, id_: EventId, other: EventId, **options: Unpack[ListKeywords]) -> WhyNot:
        """Why an event is not in the list of another, and by how much.

        It always agrees with `related`: the rule is ``listed`` exactly where `related`, asked in the same way, has
        the event.

        Parameters
        ----------
        id_ : str or int
            The event whose list is examined.
        other : str or int
            The event that is missing from that list, or in it.
        **options
            As in `related`.

        Returns
        -------
        WhyNot

        Raises
        ------
        UnknownEventError
            If the index does not hold one of them.
        ConfigError
            As in `related`.

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
        asked = ListOptions.of(options)
        return self._answer(lambda view: view.why_not(id_, other, asked))

    def lists(self, k: int | None = None, *, reasons: bool = True) -> Iterator[tuple[EventId, RelatedList]]:
        """Every event's id with its list, in the order of their dates.

        Parameters
        ----------
        k : int, optional
            How many related events at most; ``lists.k`` of the config (5) if not given.
        reasons : bool
            Whether lists that are longer than the stored ones name the words that a result shares with the event where they
            have no topic in common. Set it to False if you need only ids and scores: it halves the time.

        Yields
        ------
        tuple of (str or int) and RelatedList

        Raises
        ------
        ConfigError
            If ``k`` is below 1 or above ``lists.candidates`` of the config.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> {id_: items.ids for id_, items in index.lists()}
        {'fall': ('dam',), 'dam': ('fall',)}
        """
        with self._still() as still:
            view = still._view
            options = ListOptions(k=k)
            if view.checked(k) > view.config.lists.stored:
                for key in view.store.ids():
                    yield view.events.id_of(key), view.related(key, options, reasons=reasons)
                return
            for key, stored in view.store.all_items():
                found = (
                    view.related(key, options, reasons=reasons)
                    if view.is_overridden(key)
                    else view.stored(key, stored, options)
                )
                yield view.events.id_of(key), found

    @takes_list_options
    def query(
        self, text: str, *, title: str = "", date: date | str | None = None, **options: Unpack[ListKeywords]
    ) -> RelatedList:
        """The events related to a text that is not in the index.

        Parameters
        ----------
        text : str
        title : str
            Its headline, where it has one.
        date : date, datetime or str, optional
            Its day or instant, as a date object or as ISO 8601 text; without a date, time does not count.
        **options
            As in `related`, except that ``language`` is that of the text: only events of that language or of no known language
            are found. A ``direction``, a ``recency`` and ``fill="period"`` need a date.

        Returns
        -------
        RelatedList
            Its `RelatedList.left_out` says which rules keep others out. Among the candidates, events whose title is the text
            come first, with the ``tier`` ``same title``; so do those of all events where the text has only function words or
            single letters. Of the others, events that hold all words of the text precede those that do not; one that precedes a
            higher score has the ``tier`` ``all words``. If no event passes the rules, the list holds the events that share most
            with the text, with the ``tier`` ``same words``.

        Raises
        ------
        InputError
            If the text is empty, or a topic does not occur in the index.
        ConfigError
            If an option is unknown, of the wrong type or out of range, or needs a date.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup in Rio."},
        ... ])
        >>> index.query("Who holds Mosul?", date="2014-08-07").ids
        ('fall',)
        """
        asked = ListOptions.of(options)
        when = None if date is None else check_date(date, "date")
        if not (check_text(text, "text").strip() or check_text(title, "title").strip()):
            raise InputError("the text is empty: a query needs words")
        event = Event("query", when or _NO_DATE, title, text, language=asked.language)
        return self._answer(lambda view: view.query(event, asked, dated=when is not None))

    def plan(
        self,
        events: Any = (),
        *,
        remove: Iterable[EventId] = (),
        mirror: bool = False,
        refit: bool = False,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        strict: bool = False,
        encoding: str | None = None,
        date_format: str | None = None,
        undated: str = "refuse",
        max_remove: float | None = None,
        progress: Progress | bool | None = None,
    ) -> Plan:
        """Work out what `refresh` would do, without changing anything; `refresh` carries the plan out.

        Parameters
        ----------
        events, remove, mirror, refit, fields, zone, rejects, strict, encoding, date_format, undated, max_remove, progress
            As in `refresh`.

        Returns
        -------
        Plan
            Printed, it is a summary in a few lines.

        Raises
        ------
        InputError, UnknownEventError
            As in `refresh`.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}])
        >>> print(index.plan([{"id": "b", "date": "2016-07-12", "text": "Troops reach Mosul."}], remove=["a"]))
        add 1: b
        change 0
        remove 1: a
        0 unchanged
        fit the statistics again: 2 changed since they were fitted on 1 events
        """
        from relatedness.index import Given, Resources, planned
        from relatedness.sources import ReadOptions

        _check_switches(mirror=mirror, refit=refit, strict=strict)
        options = ReadOptions(fields, zone, encoding, date_format, undated, strict)
        removed = check_ids(remove, "remove")
        given = Given(events, removed, mirror, refit, options, rejects=rejects, max_remove=max_remove)
        view = self._current()
        with shown_progress(progress) as report:
            resources = Resources(self._tagger, self._encoder, clock=Clock(report))
            return planned(given, view.store, view.config, resources)

    def refresh(
        self,
        events: Any | Plan = (),
        *,
        remove: Iterable[EventId] = (),
        mirror: bool = False,
        refit: bool = False,
        fields: Mapping[str, str] | None = None,
        zone: str | tzinfo | None = None,
        rejects: str | Path | Rejects | None = None,
        strict: bool = False,
        encoding: str | None = None,
        date_format: str | None = None,
        undated: str = "refuse",
        max_remove: float | None = None,
        jobs: int | None = None,
        wait: float = 0.0,
        waiting: Callable[[str], object] | None = None,
        progress: Progress | bool | None = None,
    ) -> Changes:
        """Add new events, replace changed ones, remove others, and bring all lists up to date.

        The lists become those that a build over the remaining events would give with the statistics as last fitted.
        The statistics are fitted again when too many events have changed since (``refresh.drift`` of the config) or
        when ``refit`` is set. The change takes effect in one step, and readers never wait.

        Parameters
        ----------
        events : path, frame, iterable or list of paths, or Plan
            Anything that `relatedness.read_events` reads. An event that the index holds with the same content stays as it is. A
            plan from `plan` is carried out unchanged and cannot be combined with other arguments about events.
        remove : iterable of str or int
            The ids of the events to remove.
        mirror : bool
            Whether to remove the events of the index that are not among the given events.
        refit : bool
            Whether to fit the statistics again: the result equals a build over the same events.
        fields, zone, rejects, strict, encoding, date_format, undated
            How to read, see `relatedness.read_events`. An option left out keeps the value that the build used, which the
            index remembers.
        max_remove : float, optional
            With ``mirror``: the largest share of the events, from 0 to 1, that may be removed for not being among the
            given ones. Removing more than that share, and more than ten events, is an error. No limit if not given.
        jobs : int, optional
            Processor cores to use; all if not given. It never changes a result.
        wait : float
            Seconds to wait while another process writes the same file.
        waiting : callable, optional
            Called when waiting starts, with a text that names the process that is writing the file.
        progress : callable, optional
            Called as ``progress(stage, done, total)``.

        Returns
        -------
        Changes
            What was done, and the ids of exactly those events whose lists changed.

        Raises
        ------
        BusyError
            If another process is still writing the file after ``wait`` seconds.
        InputError
            On the first bad record, unless ``rejects`` takes them; if an event is both given and to be removed; if
            no event would be left.
        UnknownEventError
            If the index does not hold an event to remove.
        ConfigError
            If the index has changed since the plan was made, or a plan comes with ``remove``, ``mirror`` or ``refit``.

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
        from relatedness.index import Given, Plan, Resources, change, change_file
        from relatedness.sources import ReadOptions

        removed = check_ids(remove, "remove")
        _check_switches(mirror=mirror, refit=refit, strict=strict)
        _check_patience(wait, waiting)
        given: Plan | Given
        if isinstance(events, Plan):
            if removed or mirror or refit:
                raise ConfigError(
                    "remove, mirror and refit cannot be combined with a plan; pass them to plan()"
                )
            given = events
        else:
            options = ReadOptions(fields, zone, encoding, date_format, undated, strict)
            given = Given(events, removed, mirror, refit, options, rejects=rejects, max_remove=max_remove)
        if jobs is not None:
            check_count(jobs, "jobs")
        path = self._view.store.path
        with shown_progress(progress) as report:
            resources = Resources(self._tagger, self._encoder, jobs, Clock(report), wait, waiting)
            if path is not None:
                changes = change_file(path, given, resources)
                self.reload()
                return changes
            with self._writing:
                changes, store = change(self._view.store, given, resources)
                if store is not self._view.store:
                    self._view = View(store, self._tagger, self._encoder, self.overrides)
        return changes

    def changed_since(self, since: str | int) -> ChangedLists:
        """The lists that changed after a given state of this index, so that a copy made in that state can be updated.

        Parameters
        ----------
        since : str or int
            A state, as ``info["state"]`` or an earlier answer gave it. All lists count as changed if this index did not
            develop from that state: it was built again, or replaced by a copy. Or the number of a state,
            ``info["generation"]``, which cannot show that; 0 for all lists.

        Returns
        -------
        ChangedLists
            It holds the present state, to pass as ``since`` the next time.

        Raises
        ------
        ConfigError
            If the index has not reached that number.

        Examples
        --------
        >>> index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}])
        >>> state = index.info["state"]
        >>> _ = index.refresh([{"id": "b", "date": "2016-07-12", "text": "More troops go to Iraq."}])
        >>> index.changed_since(state).lists, index.changed_since(2).lists
        (('a', 'b'), ())
        """
        from relatedness.index import changed_since

        if isinstance(since, str):
            check_text(since, "since")
        else:
            check_count(since, "since", 0)
        return self._answer(lambda view: changed_since(view.store, since))

    def check(self, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Check the index for faults; see `relatedness.index.check`.

        Parameters
        ----------
        progress : callable, optional
            Called as ``progress(done, total)`` with numbers of lists.

        Returns
        -------
        list of str
            A sentence for each fault; empty for a sound index.

        Examples
        --------
        >>> RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}]).check()
        []
        """
        check_call(progress, "progress")
        from relatedness.index import check

        return check(self._store, progress)

    def export(
        self,
        path: str | Path,
        *,
        k: int = 10,
        table: str | None = None,
        only: Collection[EventId] | None = None,
        what: What = "lists",
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Write the lists to a file or a table of a database, in the order of the events' dates.

        ``.jsonl`` holds a line per event: ``{"id": ..., "related": [{"id": ..., "score": ..., "contexts": [...],
        "parts": {...}}, ...]}``. ``.json`` holds one object for the templates of a site: id to ``[{"id": ..., "title": ...,
        "date": ..., "url": ..., "contexts": [...], "score": ...}, ...]``. ``.csv`` and ``.parquet`` hold a row per
        related event: event, rank, related, score, contexts, shared (in CSV separated by ``; ``), copies, tier
        (``pinned`` or empty), and a column per part. In CSV, text that a spreadsheet would take for a formula (it begins
        with ``=``, ``+``, ``-``, ``@``, a tab or a line break) gets a leading apostrophe, which spreadsheets hide; the other
        formats hold every text unchanged. The address of a database, such as ``postgresql+psycopg://user@host/database``,
        names a table in it with a row per related event: event, rank (from 1), related, score, contexts, shared and parts
        (JSON), copies, tier; a missing table is made, and rows that are already right are not touched.

        Parameters
        ----------
        path : path-like or address of a database
            The ending of a file chooses the format. An earlier export is replaced once the new one is complete; any other
            file is refused.
        k : int
            The maximum number of results in each list.
        table : str, optional
            The table of a database; ``related`` if not given.
        only : collection of str or int, optional
            For a database, the ids whose lists changed, as a refresh gives them: only these rows of the table are written,
            and rows of events that the index no longer holds are removed. A note in the table ``relatedness_states`` of the
            database, written in the same transaction, says which state of the index the table holds: anything else that
            changed since then is written too. All lists are written if the table came from another index, with another
            ``k`` or other overrides, or has no note.
        what : str
            ``lists``, or ``events``: then a new ``.jsonl`` file gets a line for each event of the index, from which `build`
            makes the same events.
        progress : callable, optional
            Called as ``progress(done, total)`` with numbers of events.

        Returns
        -------
        int
            The number of lists or events written.

        Raises
        ------
        InputError
            If the ending is none of these, the file exists and is no earlier export, or it cannot be written.
        ConfigError
            If ``table`` or ``only`` is given for a file.
        MissingExtraError
            If pyarrow (for Parquet) or the packages of the database are not installed.

        Examples
        --------
        >>> import tempfile
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> path = Path(tempfile.mkdtemp(), "lists.csv")
        >>> index.export(path)
        2
        >>> path.read_text(encoding="utf-8").splitlines()[1].split(",")[:3]
        ['fall', '1', 'dam']
        """
        _check_k(k)
        if only is not None:
            only = check_ids(only, "only")
        check_call(progress, "progress")
        check_path(path, "path")
        from relatedness.export import export

        with self._still() as now:
            return export(now, path, k=k, table=table, only=only, what=what, progress=progress)

    def to_arrow(self, what: TableName = "lists", *, k: int | None = None) -> pa.Table:
        """The lists, events or topics as an Arrow table.

        ==========  =========================================================================================
        ``lists``   a row per related event: event, rank, related, score, contexts, shared, copies, tier, each part
        ``events``  a row per event with all its fields; reading it gives the same events. If all dates are
                    plain days they are days, otherwise all are instants in UTC; with a day before the year 1
                    among them they are ISO 8601 texts
        ``topics``  a row per event and topic: event, topic, kind, how, aliases
        ==========  =========================================================================================

        Parameters
        ----------
        what : {"lists", "events", "topics"}
        k : int, optional
            How many related events per list at most; ``lists.k`` of the config (5) if not given.

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        InputError
            If there is no such table.
        MissingExtraError
            If pyarrow is not installed.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> table = index.to_arrow()
        >>> table.num_rows, table.column_names[:4]
        (2, ['event', 'rank', 'related', 'score'])
        """
        _check_k(k)
        from relatedness.export import to_arrow

        with self._still() as now:
            return to_arrow(now, what, k=k)

    def to_frame(self, what: TableName = "lists", *, k: int | None = None) -> pd.DataFrame:
        """The lists, events or topics as a pandas frame with the columns of `to_arrow`.

        Parameters
        ----------
        what : {"lists", "events", "topics"}
        k : int, optional
            How many related events per list at most; ``lists.k`` of the config (5) if not given.

        Returns
        -------
        pandas.DataFrame
            Cells with several values, such as contexts, are NumPy arrays; days are ``datetime64``.

        Raises
        ------
        InputError
            If there is no such table.
        MissingExtraError
            If pandas or pyarrow is not installed.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
        ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup in Rio."},
        ... ])
        >>> frame = index.to_frame()
        >>> list(zip(frame["event"], frame["rank"], frame["related"], strict=True))
        [('fall', 1, 'dam'), ('dam', 1, 'fall')]
        """
        _check_k(k)
        from relatedness.export import to_frame

        with self._still() as now:
            return to_frame(now, what, k=k)

    def matrix(self, what: MatrixName = "topics", *, k: int | None = None) -> Matrix:
        """The vectors of a part, or the lists, as a sparse matrix with names.

        Parameters
        ----------
        what : {"words", "phrases", "topics", "related"}
            The vectors of a part, events by terms, weighted so that the dot product of two rows is that part of
            their score before its weight and recency: a soft cosine; or the lists, events by events, with the scores.
            A part of weight 0 has no vectors.
        k : int, optional
            For ``related``, how many related events per list at most; ``lists.k`` of the config (5) if not given.

        Returns
        -------
        Matrix

        Raises
        ------
        InputError
            If there is no such matrix.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> found = index.matrix("related")
        >>> found.rows, found.values.shape, found.values.nnz
        (['fall', 'dam'], (2, 2), 2)
        """
        _check_k(k)
        from relatedness.export import matrix

        with self._still() as now:
            return matrix(now, lambda channel: now._search.channel(channel), what, k=k)

    def graph(self, *, k: int | None = None) -> nx.DiGraph:
        """The lists as a graph: an edge from each event to every event of its list.

        Parameters
        ----------
        k : int, optional
            How many related events per list at most; ``lists.k`` of the config (5) if not given.

        Returns
        -------
        networkx.DiGraph
            Nodes are ids with ``date``, ``title`` and ``topics``, in the order of dates. Edges have ``rank``, ``score``,
            ``contexts`` (the shared topics), ``shared`` and ``parts``. The same as an edge list: ``to_frame()``.

        Raises
        ------
        MissingExtraError
            If networkx is not installed.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> sorted(index.graph().edges)
        [('dam', 'fall'), ('fall', 'dam')]
        """
        _check_k(k)
        from relatedness.export import graph

        with self._still() as now:
            return graph(now, k=k)

    def publish(self, folder: str | Path, **options: Any) -> Published:
        """Write a site of pages, with feeds.

        Parameters
        ----------
        folder : path-like
            Where the site is written.
        **options
            See `relatedness.publish.publish`.

        Returns
        -------
        Published

        Raises
        ------
        ConfigError
            If ``folder`` is a file, or an option is of the wrong type or out of range.

        Examples
        --------
        >>> import tempfile
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> done = index.publish(Path(tempfile.mkdtemp(), "site"), formats=["html"], title="Iraq")
        >>> done.events, done.removed
        (2, 0)
        """
        site = check_path(folder, "folder")
        if site.exists() and not site.is_dir():
            raise ConfigError(f"folder is {str(site)!r}: a file has that name; give another folder")
        for name, value in options.items():
            match name:
                case "k" | "jobs" if value is not None:
                    check_count(value, name)
                case "background" | "follow_ups" | "stories":
                    check_count(value, name, 0)
                case "title" | "language" | "url" | "root":
                    check_text(value, name)
                case "templates" if value is not None:
                    check_path(value, name)
                case "formats":
                    options[name] = check_names(value, name)
                case "changed" if value is not None:
                    options[name] = check_ids(value, name)
                case "trust_templates":
                    check_switch(value, name)
        from relatedness.publish import publish

        with shown_progress(options.pop("progress", None)) as report:
            return publish(self, folder, **options, progress=report)

    def evaluate(self, qrels: Mapping[str, Mapping[str, int]], *, k: int | Sequence[int] = 10) -> Quality:
        """Measure the lists against judgments.

        Parameters
        ----------
        qrels : mapping
            Judged id to related id to grade, as `relatedness.read_qrels` gives it.
        k : int or sequence of int
            How many results of each list count. Of several numbers, the first is used for years and categories.

        Returns
        -------
        Quality
            nDCG (gain = grade; Järvelin and Kekäläinen, ACM TOIS 2002), precision, recall and reciprocal rank.

        Raises
        ------
        InputError
            If no judged event has a related one, or the index holds none of them.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> quality = index.evaluate({"fall": {"dam": 1}}, k=5)
        >>> quality.judged, quality.mean["nDCG"]
        (1, 1.0)
        """
        _check_qrels(qrels)
        for depth in k if isinstance(k, Sequence) and not isinstance(k, str) else [k]:
            check_count(depth, "k")
        from relatedness.quality import evaluate

        with self._still() as still:
            return evaluate(still, qrels, k=k)

    def audit(self, *, k: int | None = None, examples: int = 10) -> Audit:
        """Summarise all lists: orphans, hubs, thin lists, contexts, years.

        Parameters
        ----------
        k : int, optional
            How many results of each list count; ``lists.k`` of the config (5) if not given.
        examples : int
            How many events to name of each kind.

        Returns
        -------
        Audit

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.audit().events
        2
        """
        _check_k(k)
        check_count(examples, "examples", 0)
        from relatedness.quality import audit

        with self._still() as still:
            return audit(still, k=k, examples=examples)

    def diff(self, new: RelatedIndex, *, k: int | None = None) -> Diff:
        """What changed from this index to a newer one, and why.

        Parameters
        ----------
        new : RelatedIndex
        k : int, optional
            How many results of each list to compare; ``lists.k`` of the new config (5) if not given.

        Returns
        -------
        Diff

        Raises
        ------
        ConfigError
            If one of the two indexes does not hold ``k`` candidates per event.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> longer = RelatedIndex.build([
        ...     *index.events.values(), {"id": "raqqa", "date": "2014-08-01", "text": "ISIL holds Raqqa."}
        ... ])
        >>> index.diff(longer).added
        ('raqqa',)
        """
        _check_k(k)
        check_type(new, "new", RelatedIndex, "a RelatedIndex")
        from relatedness.quality import diff

        with self._still() as before, new._still() as after:
            return diff(before, after, k=k)

    def story(self, id_: EventId, *, most: int = 40) -> Story:
        """The connected run of events around one event.

        Parameters
        ----------
        id_ : str or int
        most : int
            How many events at most; the nearest ones if there are more.

        Returns
        -------
        Story
            With at least the event itself.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        ConfigError
            If ``most`` is below 1.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> story = index.story("fall")
        >>> story.title, [event.id for event in story]
        ('ISIL, Iraq', ['fall', 'dam'])
        """
        check_count(most, "most")
        from relatedness.index import story_and_pool

        with self._still() as still:
            return story_and_pool(still, id_, most=most)[0]

    def tune(
        self,
        qrels: Mapping[str, Mapping[str, int]] | None = None,
        *,
        k: int = 10,
        split: date | str | None = None,
        progress: Progress | bool | None = None,
    ) -> Tuned:
        """Learn weights, recency and the rules of lists for this archive; see `relatedness.quality.tune`.

        The index is built again in memory with the learned settings, and the figures are those of the new index.

        Parameters
        ----------
        qrels : mapping, optional
            Judged id to related id to grade. Without it the topics that the archive supplies judge: an index
            without them is built in memory, and events that shared one count as related.
        k : int
            How many results of each list count.
        split : date or str, optional
            The first day of the later half; by default the two halves hold equally many judged events.
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

        Examples
        --------
        >>> from datetime import date, timedelta
        >>> days = [date(2014, 1, 1) + timedelta(i) for i in range(40)]
        >>> texts = [("ISIL fights for Mosul", "A flood hits Dresden")[i % 2] + f" on day {i}" for i in range(40)]
        >>> index = RelatedIndex.build({"id": i, "date": d, "text": t} for i, (d, t) in enumerate(zip(days, texts)))
        >>> tuned = index.tune({str(i): {str(i + 2): 1} for i in range(38)})
        >>> type(tuned.config).__name__
        'Config'
        """
        if qrels is not None:
            _check_qrels(qrels)
        from relatedness.quality import judge_by_topics, tune

        first = None if split is None else day_number(check_date(split, "split"))
        with shown_progress(progress) as told, self._still() as still:
            own: dict[str, Any] = {"tagger": still._tagger, "encoder": still._encoder}
            if still._tagger is None:
                own["gazetteer"] = still._view.gazetteer()
            # The indexes that the tuned one is compared with are built without pins and bans.
            index, events = still.with_overrides(None), list(still.events.values())
            if qrels is None:
                events, qrels = judge_by_topics(events)
                index = type(self).build(events, config=still.config, progress=told, **own)
            judged = {
                id_text(id_): {id_text(other): n for other, n in found.items()}
                for id_, found in qrels.items()
            }
            return tune(
                index,
                judged,
                lambda config: type(self).build(events, config=config, **own),
                trial=index._view.search.trial(judged),
                k=check_count(k, "k"),
                split=first,
                progress=None if told is None else partial(told, "tune"),
            )

    def explain(self, id_: EventId, other: EventId, *, recency: RecencyLike | None = None) -> Explanation:
        """Why two events are related: every word, phrase, topic, common neighbour and the dates.

        Parameters
        ----------
        id_, other : str or int
        recency : float, str, mapping or Recency, optional
            As in `relatedness.index.ListOptions`.

        Returns
        -------
        Explanation
            Its reasons' shares sum to its score, and for two events without anything in common both are 0.

        Raises
        ------
        UnknownEventError
            If the index does not hold one of them.

        Examples
        --------
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
        ...     {"id": "cup", "date": "2014-07-13", "text": "Germany wins the football World Cup in Rio."},
        ... ])
        >>> index.explain("fall", "cup").score
        0.0
        """
        return self._answer(lambda view: view.explain(id_, other, recency))


def _opened(
    kind: type[RelatedIndex],
    path: Path,
    overrides: Overrides,
    tagger: Tagger | None,
    encoder: Encoder | None,
    follow: bool,
) -> RelatedIndex:
    """Open the index again when it is unpickled."""
    return kind.open(path, overrides=overrides, tagger=tagger, encoder=encoder, follow=follow)


def _overrides(given: str | Path | Overrides | None) -> Overrides | None:
    if given is None or isinstance(given, Overrides):
        return given
    return Overrides.load(check_path(given, "overrides"))


def _check_switches(**given: object) -> None:
    for name, value in given.items():
        check_switch(value, name)


def _check_patience(wait: float, waiting: object) -> None:
    check_type(wait, "wait", (int, float), "a number of seconds")
    if not wait >= 0:
        raise ConfigError(f"wait is {wait}: expected a number of seconds from 0 up")
    check_call(waiting, "waiting")


def _check_k(k: int | None) -> None:
    if k is not None:
        check_count(k, "k")


def _check_tagger(given: object) -> None:
    if given is not None and not (hasattr(given, "key") and callable(getattr(given, "tag", None))):
        raise ConfigError(f"tagger is {given!r}: expected an object with key and tag(events)")


def _check_qrels(qrels: Any) -> None:
    check_type(qrels, "qrels", Mapping, "a mapping of ids to judged ids and grades")
    for id_, judged in qrels.items():
        check_type(judged, f"qrels[{id_!r}]", Mapping, "a mapping of judged ids to grades")
        for other, grade in judged.items():
            check_type(plain(grade), f"qrels[{id_!r}][{other!r}]", (int, float, bool), "a grade, such as 1")
