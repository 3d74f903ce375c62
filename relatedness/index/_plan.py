"""The plan of a refresh, which changes nothing and can be shown, and the record of what a refresh did."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Any

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError
from relatedness.events import Event, EventId, id_of, number_id
from relatedness.index._events import record_text
from relatedness.index._state import State
from relatedness.index._tagging import in_order, make_tagger, stored_names
from relatedness.languages import way_of
from relatedness.progress import Clock
from relatedness.results import Result
from relatedness.sources import ReadReport
from relatedness.storage import Store
from relatedness.topics import Tagger


@dataclass(frozen=True, slots=True)
class Plan(Result):
    """What a refresh will do.

    Attributes
    ----------
    added, changed : tuple of Event
        Events that the index does not hold, and events that it holds with other content.
    removed : tuple of str or int
        The ids of the events to remove.
    unchanged : int
        The number of given events that the index already holds unchanged.
    repeated, rejected : int
        Records that repeated an earlier one word for word, and bad records that were put aside.
    refit : str or None
        Why the statistics will be fitted again; None if they are kept.
    state : State
        The state of the index for which the plan was made.
    read : ReadReport
        What the reading left out, and which files it could not read.
    numbered : bool
        Whether the index's ids are whole numbers.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> plan = index.plan(remove=["dam"])
    >>> plan.removed, plan.unchanged, plan.empty
    (('dam',), 0, False)
    """

    added: tuple[Event, ...]
    changed: tuple[Event, ...]
    removed: tuple[EventId, ...]
    unchanged: int
    repeated: int
    rejected: int
    refit: str | None
    state: State = field(repr=False)
    read: ReadReport = field(default_factory=ReadReport)
    numbered: bool = False

    @property
    def removed_keys(self) -> list[str]:
        """The ids of the events to remove, as the index stores them.

        Returns
        -------
        list of str
        """
        return list(map(str, self.removed))

    def ids(self, events: Iterable[Event]) -> tuple[EventId, ...]:
        """The ids of events, in the type that the index uses: text, or whole numbers.

        Parameters
        ----------
        events : iterable of Event

        Returns
        -------
        tuple of str or int

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> new = [{"id": 8, "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."}]
        >>> index = RelatedIndex.build([{"id": 7, "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
        >>> plan = index.plan(new)
        >>> plan.ids(plan.added)
        (8,)
        """
        return tuple(id_of(event.key, self.numbered) for event in events)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do.

        Returns
        -------
        bool
        """
        return not (self.added or self.changed or self.removed or self.refit)

    def to_record(self) -> dict[str, Any]:
        """The plan as plain JSON values, as ``relatedness refresh --dry-run --json`` prints it.

        Returns
        -------
        dict

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.plan(remove=["dam"]).to_record()["removed"]
        ['dam']
        """
        return {
            "added": list(self.ids(self.added)),
            "changed": list(self.ids(self.changed)),
            "removed": list(self.removed),
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "rejected": self.rejected,
            "refit": self.refit,
            "read": asdict(self.read),
        }

    def __str__(self) -> str:
        lines = [
            f"{name} {len(ids):,}{': ' if ids else ''}{_some(ids)}"
            for name, ids in (
                ("add", self.ids(self.added)),
                ("change", self.ids(self.changed)),
                ("remove", self.removed),
            )
        ]
        lines.append(f"{self.unchanged:,} unchanged")
        if self.refit:
            lines.append(f"fit the statistics again: {self.refit}")
        lines += self.read.lines()
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Changes(Result):
    """What a refresh did.

    Attributes
    ----------
    added, changed, removed : tuple of str or int
        Ids of events.
    unchanged, repeated, rejected : int
        As in the plan.
    retagged : int
        How many events were tagged; the topics of the others were kept.
    lists : tuple of str or int
        The ids of exactly those events whose lists changed, in the order of dates: new events are included, removed
        ones are not.
    scores : tuple of str or int
        Those of ``lists`` in which only scores changed: they hold the same events in the same order, with the same
        contexts.
    refit : str or None
        Why the statistics were fitted again; None if they were kept.
    seconds : dict
        Stage to wall seconds.
    read : ReadReport
        What the reading left out, and which files it could not read.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> changes = index.refresh(remove=["dam"])
    >>> changes.removed, changes.lists
    (('dam',), ('fall',))
    """

    added: tuple[EventId, ...]
    changed: tuple[EventId, ...]
    removed: tuple[EventId, ...]
    unchanged: int
    repeated: int
    rejected: int
    retagged: int
    lists: tuple[EventId, ...]
    scores: tuple[EventId, ...]
    refit: str | None
    seconds: dict[str, float]
    read: ReadReport = field(default_factory=ReadReport)

    def to_record(self) -> dict[str, Any]:
        """The changes as plain JSON values, as ``relatedness refresh --json`` prints them.

        Returns
        -------
        dict

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> record = index.refresh(remove=["dam"]).to_record()
        >>> record["removed"], record["lists_changed"]
        (['dam'], ['fall'])
        """
        names = ("added", "changed", "removed")
        return {
            **{name: list(getattr(self, name)) for name in names},
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "rejected": self.rejected,
            "retagged": self.retagged,
            "lists_changed": list(self.lists),
            "scores_changed": list(self.scores),
            "refit": self.refit,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "read": asdict(self.read),
        }

    def __str__(self) -> str:
        lines = [
            f"{len(self.added):,} added, {len(self.changed):,} changed, {len(self.removed):,} removed, "
            f"{self.unchanged:,} unchanged; {self.retagged:,} tagged",
            f"{len(self.lists):,} list{'s' * (len(self.lists) != 1)} changed"
            + (f", {len(self.scores):,} of them in scores alone" if self.scores else ""),
        ]
        if self.refit:
            lines.append(f"statistics fitted again: {self.refit}")
        lines += self.read.lines()
        return "\n".join(lines)


_ALWAYS_REMOVED = 10  # events that a mirror may always remove, whatever their share


def _some(ids: Sequence[EventId], most: int = 5) -> str:
    return ", ".join(map(str, ids[:most])) + (f", and {len(ids) - most:,} more" if len(ids) > most else "")


def make_plan(
    store: Store,
    config: Config,
    tagger: Callable[[], Tagger],
    events: Iterable[Event],
    remove: Iterable[str],
    *,
    mirror: bool,
    refit: bool,
    counts: Callable[[], tuple[int, int]] = lambda: (0, 0),
    spared: Collection[str] = (),
    max_remove: float | None = None,
) -> Plan:
    """Compare events with an index.

    Parameters
    ----------
    config : Config
        The one that the index was built with.
    tagger : callable
        Returns the index's tagger; called only if needed, because making it takes longer than most plans.
    events : iterable of Event
        New, changed or known ones, each id once.
    remove : iterable of str
        Ids of the events to remove.
    mirror : bool
        Whether to remove every event that is not among the given ones, too.
    max_remove : float, optional
        With ``mirror``: the largest share of the events that may be removed.
    refit : bool
        Whether to fit the statistics again even if little changes.
    counts : callable
        Returns the numbers of repeated and rejected records; called after all events are read.
    spared : collection of str
        Ids to keep even if they are not among the events, because their files could not be read; used after all events are read.

    Raises
    ------
    UnknownEventError
        If an event to remove is not there.
    InputError
        If an event is both given and to be removed, if no event would be left, or if more events would be removed than
        ``max_remove`` allows.
    """
    given = list(events)
    repeated, rejected = counts()
    ids = [event.key for event in given]
    numbered = store.numbered
    if numbered:
        _check_numbers(ids)
    removed = dict.fromkeys(map(str, remove))
    for id_ in removed:
        store.known_slot(id_)
    both = sorted(removed.keys() & set(ids))
    if both:
        raise InputError(f"{_some(both)}: given both as events and in remove: leave out one")
    added, changed, unchanged = [], [], 0
    for event, kept in zip(given, store.record_texts(ids), strict=True):
        if kept is None:
            added.append(event)
        elif kept[1] != record_text(event):
            changed.append(event)
        else:
            unchanged += 1
    if mirror:
        stay = {*ids, *spared}
        gone = [id_ for id_ in store.ids() if id_ not in stay and id_ not in removed]
        _check_loss(gone, store.count(), max_remove)
        removed |= dict.fromkeys(gone)
    n = store.count() + len(added) - len(removed)
    if n == 0:
        raise InputError("no event would be left, but an index needs at least one")
    plan = Plan(
        added=tuple(in_order(added)),
        changed=tuple(in_order(changed)),
        removed=tuple(id_of(key, numbered) for key in removed),
        unchanged=unchanged,
        repeated=repeated,
        rejected=rejected,
        refit="as asked" if refit else None,
        state=State.of(store),
        numbered=numbered,
    )
    return plan if refit else replace(plan, refit=_why_refit(store, config, tagger, plan))


def _check_numbers(keys: Iterable[str]) -> None:
    """Refuse ids that are not whole numbers in an archive whose ids all are: consumers of its lists expect numbers."""
    for key in keys:
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,18}", key) or number_id(int(key)) == key:
            raise InputError(
                f"{key[:200]!r} is not a whole number, but all ids of this index are: give the event a number as its id, "
                "or build the index again",
                field="id",
            )


def _check_loss(gone: Sequence[str], n: int, most: float | None) -> None:
    """Refuse to remove many events: a truncated source looks the same, so a person must decide."""
    if most is None or len(gone) <= max(_ALWAYS_REMOVED, most * n):
        return
    share = 100 * len(gone) / n
    raise InputError(
        f"the mirror would remove {len(gone):,} of {n:,} events ({share:.0f} %), such as {_some(gone, 3)}: more than "
        f"{100 * most:.0f} %. Is the source complete? To remove them, give max_remove={min(100, int(share) + 1) / 100}"
    )


def _why_refit(store: Store, config: Config, tagger: Callable[[], Tagger], plan: Plan) -> str | None:
    if not (plan.added or plan.changed or plan.removed):
        return None
    statistics, key = store.meta("statistics"), str(store.meta("tagger"))
    fitted, drifted = int(statistics["n_events"]), int(statistics["changed_since"])
    if tagger().key != key:
        return "the tagger is not the one that found the topics"
    for language, way in dict(store.meta("words", absent={})).items():
        if way != (now := way_of(language)):
            return f"the words of events in language {language!r} were found by {way}, now by {now}"
    drifted += len(plan.added) + len(plan.changed) + len(plan.removed)
    if drifted > config.refresh.drift * fitted:
        return f"{drifted:,} changed since they were fitted on {fitted:,} events"
    return None


def frozen_tagger(store: Store, config: Config, given: Tagger | None) -> Callable[[], Tagger]:
    """Return a function that makes the tagger of an index once, with the names learned when the statistics were fitted."""
    return cache(lambda: given if given is not None else make_tagger(config, *stored_names(store)))


def check_current(store: Store, plan: Plan) -> None:
    """Check that the index is still in the state for which a plan was made.

    Raises
    ------
    ConfigError
        If the index has changed since.
    """
    if State.of(store) != plan.state:
        raise ConfigError("the index has changed since the plan was made: make a new plan")


def changes_of(
    plan: Plan, retagged: int, lists: Iterable[str], scores: Iterable[str], clock: Clock
) -> Changes:
    """The changes of a plan that was carried out."""
    return Changes(
        added=plan.ids(plan.added),
        changed=plan.ids(plan.changed),
        removed=plan.removed,
        unchanged=plan.unchanged,
        repeated=plan.repeated,
        rejected=plan.rejected,
        retagged=retagged,
        lists=tuple(id_of(key, plan.numbered) for key in lists),
        scores=tuple(id_of(key, plan.numbered) for key in scores),
        refit=plan.refit,
        seconds=clock.seconds,
        read=plan.read,
    )


def nothing(plan: Plan, clock: Clock) -> Changes:
    """The changes of an empty plan."""
    return changes_of(plan, 0, (), (), clock)
