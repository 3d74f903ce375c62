"""Search for what is not stored: filtered lists, queries by text, and complete reasons.

The same two stages as the build, for one event at a time: the kernel's candidates among the events that pass the
filters, then the whole score over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.config import Config
from relatedness.events import Event
from relatedness.index._archive import Archive, check_vectors
from relatedness.index._asked import Asked, First
from relatedness.index._events import event_of
from relatedness.index._filters import DATED, Filters
from relatedness.index._reasons import Explainer, Side, shared_columns
from relatedness.index._results import Related
from relatedness.index._trial import Trial
from relatedness.index._vocabulary import Spelling
from relatedness.numbering import Row, RowNumber, as_rows, packed, row_at, slot_numbers
from relatedness.ranking import (
    DIGITS,
    DOT_BITS,
    PARTS,
    UNITS,
    Candidates,
    Contexts,
    Corpus,
    Encoder,
    Explanation,
    Match,
    Neighbours,
    Pairs,
    Recency,
    Searchable,
    Subjects,
    Vectors,
    Verdicts,
    find_neighbours,
    floor_of_text,
    judge,
    near_copies,
    pair_up,
    query,
    reached,
    score_pairs,
)
from relatedness.settings import RecencySettings
from relatedness.storage import Store
from relatedness.topics import Tagger

if TYPE_CHECKING:
    from relatedness.index._text_reader import TextReader


class Search:
    """Searches over the arrays of an open index, which are loaded at the first search.

    Parameters
    ----------
    store : Store
    config : Config
    tagger : Tagger, optional
        The tagger that the index was built with, if it is not one of the library's own.
    encoder : callable, optional
        The same for the encoder.

    Attributes
    ----------
    filters : Filters

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build({"id": n, "date": f"2014-06-1{n}", "text": "ISIL seizes Mosul."} for n in ("0", "1"))
    >>> search = Search(index._store, index.config)
    >>> search.contexts(search.event("1"), np.array([search.row("0")]))
    [['ISIL', 'Mosul', 'Iraq']]
    """

    def __init__(
        self, store: Store, config: Config, tagger: Tagger | None = None, encoder: Encoder | None = None
    ) -> None:
        self._store = store
        self._config = config
        self._archive = archive = Archive.load(store)
        self._recency = Recency.curve(config)
        # Neighbours are read on demand and kept, because queries often meet the same events. The operating system allocates the
        # memory of these arrays only when they are written.
        width = min(config.lists.neighbours, config.lists.candidates)
        rows, strengths = (np.empty((len(archive), width), np.uint32) for _ in range(2))
        self._near = Neighbours(as_rows(rows), strengths)
        self._near_read = np.zeros(len(archive), bool)
        self._spell = Spelling(store)
        self._explainer = Explainer(store, archive, config)
        statistics = store.meta("statistics")
        self._floor = int(statistics["floor"])
        self._tagger, self._encoder = tagger, encoder
        self.filters = Filters(store, archive)

    def channel(self, channel: int) -> tuple[Vectors, list[str], list[str]]:
        """The vectors of one channel, with its own columns.

        Parameters
        ----------
        channel : int
            A position in `relatedness.ranking.CHANNELS`.

        Returns
        -------
        Vectors
        list of str
            The ids of the rows.
        list of str
            The terms of the columns.
        """
        columns, terms = self._store.channel_terms(channel)
        return self._archive.channel(channel, columns), self._store.ids(), terms

    @cached_property
    def _reader(self) -> TextReader:
        # Imported late: importing the tagger takes longer than a search, and only texts from outside need it.
        from relatedness.index._text_reader import TextReader

        store, config, spell = self._store, self._config, self._spell
        return TextReader(store, self._archive, config, spell, tagger=self._tagger, encoder=self._encoder)

    @cached_property
    def _corpus(self) -> Corpus:
        return self._archive.corpus()

    @cached_property
    def _searchable(self) -> Searchable:
        return Searchable(check_vectors(self._archive, self._store))

    def event(self, id_: str) -> Asked:
        """An event of the index as the subject of a list.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        row, archive = self.row(id_), self._archive
        return Asked(
            id=id_,
            row=row,
            seconds=int(archive.seconds[row]) if archive.seconds[row] >= DATED else None,
            group=int(archive.groups[row]),
            language=int(archive.languages[row]),
            subject=self._subject(row),
            near=self._neighbours_of(row),
            recency=self._recency,
        )

    def text(self, event: Event, *, dated: bool) -> Asked:
        """A text from outside as the subject of a list.

        Parameters
        ----------
        event : Event
            Its title, text, language and date.
        dated : bool
            Whether the date is known; without one, time does not count.
        """
        subject, language, topics, read = self._reader.read(event)
        recency = self._recency if dated else Recency.flat()
        found = self._candidates_of(subject, -1, language, None, recency)
        pairs = pair_up(subject, found, self._corpus, recency)
        rows = _rows_of(found)
        used = Pairs(*(getattr(pairs, item.name)[:, : len(rows)] for item in fields(Pairs)))
        return Asked(
            id=None,
            row=RowNumber(-1),
            seconds=event.seconds if dated else None,
            group=-1,
            language=language,
            subject=subject,
            # Use the index's own recency and no filters: they must not change what the text is about.
            near=find_neighbours(subject, found, self._corpus, recency, self._config, pairs),
            recency=recency,
            event=read,
            topics=topics,
            first=First(rows, found.scores[0, : len(rows)], used),
        )

    def curve(self, asked: Asked, recency: RecencySettings | None) -> Recency:
        """The recency tables for the caller's recency, or else those of the subject."""
        return asked.recency if recency is None else _curve(replace(self._config, recency=recency))

    def candidates(
        self, asked: Asked, allowed: NDArray[np.bool_], recency: Recency
    ) -> tuple[NDArray[Row], NDArray[np.uint32]]:
        """The candidates among the allowed events, best first.

        Parameters
        ----------
        allowed : ndarray of bool, shape (n_events,)

        Returns
        -------
        rows : ndarray of int64
        scores : ndarray of uint32
            In the first stage, in units of ``2**-31``.
        """
        first = asked.first
        if first is not None and recency is asked.recency and allowed.all():
            return first.rows, first.scores
        found = (
            self._archive.candidates_of(as_rows(np.array([asked.row])), self._store, self._config)
            if self._is_stored(asked, allowed, recency)
            else self._candidates_of(asked.subject, asked.group, asked.language, allowed, recency)
        )
        rows = _rows_of(found)
        return rows, found.scores[0, : len(rows)]

    def _is_stored(self, asked: Asked, allowed: NDArray[np.bool_], recency: Recency) -> bool:
        """Whether the stored candidates of the event answer the search: no filter or option changes them."""
        return (
            asked.row >= 0
            and recency is asked.recency
            and asked.language == int(self._archive.languages[asked.row])
            and int(np.count_nonzero(allowed)) == len(allowed) - 1
        )

    def floor_of(self, asked: Asked) -> int:
        """The score that a result must reach, in units of ``1 / UNITS``."""
        if asked.id is not None:
            return self._floor
        return floor_of_text(self._floor, asked.subject.vectors, self._config)

    @cached_property
    def _lenient(self) -> Config:
        return self._config.change({"lists": {"relative_cutoff": 0, "minimum_overlap": 0}})

    @cached_property
    def _unfolded(self) -> Config:
        # `near_duplicate` stays on: the best score must still exclude near-duplicates of the event.
        return self._config.change({"lists": {"duplicates_listed": 1000}})

    def judge(
        self,
        asked: Asked,
        rows: NDArray[Row],
        recency: Recency,
        *,
        lenient: bool = False,
        copies: bool = False,
    ) -> Verdicts:
        """The outcome for some rows as candidates.

        Parameters
        ----------
        rows : ndarray of int64
            Each once.
        lenient : bool
            Whether to drop the floor, the cutoff and the overlap rule.
        copies : bool
            Whether to list near-duplicates as results.
        """
        first = asked.first
        _, verdicts = judge(
            self._match(asked, rows),
            recency,
            self._lenient if lenient else self._unfolded if copies else self._config,
            0 if lenient else self.floor_of(asked),
            len(rows),
            # The floor was measured with the index's own recency, so it is applied with that, not the caller's.
            floor_recency=None if recency is asked.recency else asked.recency,
            # Reuse the pairs if these are the candidates with which the text's neighbours were found.
            pairs=first.pairs
            if first is not None and rows is first.rows and recency is asked.recency
            else None,
            from_outside=asked.row < 0,
        )
        return verdicts

    def _match(self, asked: Asked, rows: NDArray[Row]) -> Match:
        candidates = Candidates.of(rows[None])
        return Match(asked.subject, asked.near, candidates, self._corpus, self._neighbours(rows))

    def against_floor(self, asked: Asked, other: RowNumber) -> tuple[int, int]:
        """The score of a pair by the index's own recency, and the score that is held against the floor (`ranking.reached`).

        Parameters
        ----------
        other : int
            A row.

        Returns
        -------
        score, reached : int
            In units of ``1 / UNITS``.
        """
        match = self._match(asked, np.array([other]))
        pairs = match.pairs(asked.recency)
        parts = score_pairs(pairs, match.neighbours, match.corpus_neighbours, self._config)
        total = int(parts.sum())
        if asked.row < 0:
            return total, total
        return total, int(reached(parts, pairs.places, pairs.factor, self._config)[0, 0])

    def first_score(self, asked: Asked, other: RowNumber, recency: Recency) -> int:
        """The score of a pair in the first stage, candidate or not.

        Parameters
        ----------
        other : int
            A row.

        Returns
        -------
        int
            In units of ``2**-31``.
        """
        right = self._subject(other)
        _, products = shared_columns(asked.subject, right)
        factor = int(recency.factor(int(asked.subject.days[0]), right.days)[0])
        return int(products.sum()) * factor >> 14

    def likeness(self, asked: Asked, other: RowNumber) -> float:
        """The weighted sum of the cosines of words, phrases and topics of a pair, without recency.

        Parameters
        ----------
        other : int
            A row.

        Returns
        -------
        float
            In [0, 1].
        """
        _, products = shared_columns(asked.subject, self._subject(other))
        return int(products.sum()) / (1 << DOT_BITS)

    def near_copies(
        self, rows: NDArray[Row], others: NDArray[Row]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which events are near-duplicates of which others, and the cosines of their words.

        Returns
        -------
        copies : ndarray of bool, shape (len(rows), len(others))
        cosines : ndarray of float64, same shape
        """
        return self._near_copies(self._corpus.subjects(rows), others, len(rows))

    def repeats(self, asked: Asked, others: NDArray[Row]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which events are near-duplicates of the subject, and the cosines of their words.

        Returns
        -------
        copies : ndarray of bool, shape (len(others),)
        cosines : ndarray of float64, same shape
        """
        copies, cosines = self._near_copies(asked.subject, others, 1)
        return copies[0], cosines[0]

    def _near_copies(
        self, subjects: Subjects, others: NDArray[Row], count: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        everyone = Candidates(np.tile(Candidates.of(others[None]).keys, (count, 1)))
        return near_copies(subjects, everyone, self._corpus, self._config)

    def row(self, id_: str) -> RowNumber:
        """The row of an event.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        return row_at(self._archive.rows_at([self._store.known_slot(id_)]), 0)

    def find(self, id_: str) -> RowNumber | None:
        """The row of an event, if the index holds it."""
        slot = self._store.slot(id_)
        return None if slot is None else row_at(self._archive.rows_at([slot]), 0)

    def ids_of(self, rows: NDArray[Row]) -> list[str]:
        """The ids of some rows."""
        return self._store.ids_of(slot_numbers(self._archive.slots[rows]))

    def days_of(self, rows: NDArray[Row]) -> NDArray[np.int64]:
        """The days of some rows, counted from 1970-01-01."""
        return self._corpus.days[rows].astype(np.int64)

    def explain(self, asked: Asked, other: str, recency: Recency) -> Explanation:
        """The reasons of a pair; see `RelatedIndex.explain`.

        Parameters
        ----------
        other : str
            An id.

        Raises
        ------
        UnknownEventError
            If the index does not hold the other event.
        """
        row = self.row(other)
        match = self._match(asked, as_rows(np.array([row])))
        pairs = match.pairs(recency)
        parts = score_pairs(pairs, match.neighbours, match.corpus_neighbours, self._config)
        left = Side(asked.event or self._event(str(asked.id)), asked.subject, asked.near)
        right = Side(self._event(other), self._subject(row), self._neighbours_of(row))
        return self._explainer.explain(
            left,
            right,
            parts[0, 0],
            pairs.measured[0, 0],
            recency,
            known=asked.id is not None,
            dated=asked.seconds is not None,
        )

    def _event(self, id_: str) -> Event:
        return event_of(self._store, self._store.record(id_))

    def trial(self, qrels: Mapping[str, Mapping[str, int]]) -> Trial:
        """The lists of judged events, for trying other settings; ids that the index lacks are left out.

        Parameters
        ----------
        qrels : mapping
            Judged id to related id to grade.
        """
        return Trial.of(self._archive, self._store, self._config, qrels)

    def _subject(self, row: RowNumber) -> Subjects:
        return self._corpus.subjects(slice(row, row + 1))

    def _neighbours(self, rows: NDArray[Row]) -> Neighbours:
        """The neighbours of all events, loaded at least for the given rows; other rows may still be empty."""
        missing = rows[~self._near_read[rows]]
        if len(missing):
            read, found = self._archive.neighbours_near(missing, self._store, self._config)
            self._near.rows[read], self._near.strengths[read] = found.rows, found.strengths
            self._near_read[read] = True  # mark as loaded last, because other threads may read meanwhile
        return self._near

    def _neighbours_of(self, row: RowNumber) -> Neighbours:
        alone = as_rows(np.array([row]))
        return self._neighbours(alone).take(alone)

    def _candidates_of(
        self,
        subject: Subjects,
        group: int,
        language: int,
        allowed: NDArray[np.bool_] | None,
        recency: Recency,
    ) -> Candidates:
        rules = [] if allowed is None else [allowed]
        if group >= 0:
            rules.append(self._archive.groups != group)
        if language >= 0:
            rules.append((self._archive.languages == language) | (self._archive.languages < 0))
        k = self._config.lists.candidates
        rows, scores = query(
            self._searchable,
            self._corpus.order,
            *subject.vectors.row(0),
            int(subject.days[0]),
            recency,
            k=k,
            allowed=np.logical_and.reduce(rules) if rules else None,
        )
        keys = np.zeros((1, k), np.uint64)
        keys[0, : len(rows)] = packed(scores, rows)
        return Candidates(keys)

    def records(
        self, asked: Asked, rows: NDArray[Row], given: NDArray[np.int64], copies: Sequence[int]
    ) -> list[Related]:
        """Scored rows as the results of a list.

        Parameters
        ----------
        rows : ndarray of int64
            Best first.
        given : ndarray of int64, shape (len(rows), len(PARTS))
            Their parts, in units of ``1 / UNITS``.
        copies : sequence of int
            The number of near-duplicates behind each.
        """
        return [
            Related(id_, round(sum(parts) / UNITS, DIGITS), tuple(topics), _named(parts), behind)
            for id_, topics, parts, behind in zip(
                self.ids_of(rows), self.contexts(asked, rows), given.tolist(), copies, strict=True
            )
        ]

    def contexts(self, asked: Asked, rows: NDArray[Row]) -> list[list[str]]:
        """The topics that some rows share with the subject, in the order of their contributions to the score."""
        shared = Contexts.of(
            asked.subject.vectors,
            np.zeros(len(rows), np.int64),
            self._archive.vectors,
            rows,
            self._archive.channels,
            self._archive.names,
        )
        return list(shared.spelled(self._spell))


@lru_cache(maxsize=8)
def _curve(config: Config) -> Recency:
    return Recency.curve(config)


def _named(parts: Sequence[int]) -> dict[str, float]:
    """The contribution of each part by name, as a result shows it."""
    return {name: round(value / UNITS, DIGITS) for name, value in zip(PARTS, parts, strict=True) if value}


def _rows_of(candidates: Candidates) -> NDArray[Row]:
    return as_rows(candidates.rows[0, : candidates.counts[0]].astype(np.int64))
