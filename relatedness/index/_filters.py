"""Which events pass the filters of a list, and which can never be listed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from relatedness.dates import SECONDS_PER_DAY, UNDATED, day_number
from relatedness.errors import ConfigError, InputError
from relatedness.events import primary_language
from relatedness.index._archive import Archive
from relatedness.index._asked import Asked
from relatedness.index._options import ListOptions
from relatedness.numbering import Row
from relatedness.ranking import WORDS
from relatedness.storage import Store

DATED = UNDATED * SECONDS_PER_DAY
"""The seconds from which on an event has a date."""


class Filters:
    """The events of an index that meet a condition.

    Parameters
    ----------
    store : Store
    archive : Archive
    """

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive

    def passing(self, asked: Asked, options: ListOptions) -> NDArray[np.bool_]:
        """The events that pass the filters of a list; the event itself never does.

        Returns
        -------
        ndarray of bool, shape (n_events,)

        Raises
        ------
        ConfigError
            If a direction is asked for and the subject has no date.
        InputError
            If a topic or language does not occur in the index.
        """
        archive = self._archive
        seconds = archive.seconds
        allowed = np.ones(len(archive), dtype=bool)
        if asked.seconds is None and (options.direction != "any" or options.fill == "period"):
            what = "give the text a date" if asked.id is None else f"the event {asked.id} has none"
            name = "fill=period" if options.direction == "any" else f"direction={options.direction}"
            raise ConfigError(f"{name} needs a date: {what}")
        if options.direction != "any":
            earlier = options.direction == "before"
            assert asked.seconds is not None
            allowed &= seconds >= DATED
            allowed &= seconds < asked.seconds if earlier else seconds > asked.seconds
        if isinstance(options.since, date):
            allowed &= seconds >= day_number(options.since) * SECONDS_PER_DAY
        if isinstance(options.until, date):
            allowed &= (seconds >= DATED) & (seconds < (day_number(options.until) + 1) * SECONDS_PER_DAY)
        for topic in options.topics:
            allowed &= self._with_topic(topic)
        if options.language is not None and asked.id is not None:
            allowed &= archive.languages == self._language(primary_language(options.language))
        if asked.row >= 0:
            allowed[asked.row] = False
        return allowed

    def apart(self, asked: Asked) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The events that can never be listed.

        Returns
        -------
        versions, foreign : ndarray of bool, shape (n_events,)
            Versions of the same item, and events in other languages.
        """
        groups, languages = self._archive.groups, self._archive.languages
        versions = (groups == asked.group) & (groups >= 0)
        return versions, (languages != asked.language) & (languages >= 0) & (asked.language >= 0)

    def with_all_words(self, asked: Asked, rows: NDArray[Row]) -> NDArray[np.bool_]:
        """Whether each of some rows holds all words of what is asked.

        Returns
        -------
        ndarray of bool, shape (rows,)
        """
        columns = asked.subject.vectors.columns
        words = columns[self._archive.channels[columns] == WORDS]
        held = self._archive.vectors.take(rows)
        row = np.repeat(np.arange(len(rows)), np.diff(held.indptr).astype(np.int64))
        found = np.bincount(row[np.isin(held.columns, words)], minlength=len(rows))
        whole: NDArray[np.bool_] = found == len(words)
        return whole

    def with_any(self, topics: Iterable[str], ids: Iterable[str] = ()) -> NDArray[np.bool_]:
        """The events that have one of some topics or one of some ids; unknown topics and ids are ignored.

        Returns
        -------
        ndarray of bool, shape (n_events,)
        """
        held = np.zeros(len(self._archive), dtype=bool)
        for topic in topics:
            held[self._archive.rows_at(self._store.slots_with(topic))] = True
        slots = [slot for slot in map(self._store.slot, ids) if slot is not None]
        held[self._archive.rows_at(slots)] = True
        return held

    def _with_topic(self, name: str) -> NDArray[np.bool_]:
        held = np.zeros(len(self._archive), dtype=bool)
        held[self._archive.rows_at(self._store.known_slots_with(name))] = True
        return held

    def _language(self, name: str) -> int:
        names = self._store.labels("language")
        if name not in names:
            raise InputError(
                f"no event has the language {name!r}; known languages: {', '.join(names) or 'none'}"
            )
        return names.index(name)
