"""What changed between two indexes: which lists, and why.

The causes of a change are tested in order, the most certain first. All causes that apply to a list are named; it counts under
the first:

============== =====================================================================================
new event      the new list holds an event that the old index does not have
removed event  the old list holds an event that the new index does not have
changed event  the event itself, or one that came or went, has another text, date or other field
topics         the event itself, or one that came or went, has other topics: aliases, names learned
overrides      one of the two lists holds a pinned result, or an editor banned a result that left the list
config         the two were built by different settings
statistics     the weights of terms or the floor differ
neighbours     none of these: candidates or neighbours of the two events changed
============== =====================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relatedness.errors import ConfigError
from relatedness.events import EventId, shortened
from relatedness.index import PINNED, Related
from relatedness.quality._report import Report, Section

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex
    from relatedness.topics import EventTopic

CAUSES = (
    "new event",
    "removed event",
    "changed event",
    "topics",
    "overrides",
    "config",
    "statistics",
    "neighbours",
)


@dataclass(frozen=True, slots=True)
class ListChange:
    """One list that changed.

    Attributes
    ----------
    id : str or int
    title : str
        The event whose list it is.
    causes : tuple of str
        All causes that apply, see `relatedness.quality`; it counts under the first.
    came, went : tuple of str or int
        The results that only the new, and only the old list has, in their order.
    moved : bool
        Whether the results in both lists changed their order.
    """

    id: EventId
    title: str
    causes: tuple[str, ...]
    came: tuple[EventId, ...]
    went: tuple[EventId, ...]
    moved: bool


@dataclass(frozen=True, slots=True)
class Diff(Report):
    """The differences between the lists of two indexes.

    Attributes
    ----------
    k : int
        How many results of each list were compared.
    old, new : int
        The number of events of each index.
    added, removed, changed : tuple of str or int
        Ids of events that only the new index holds, that only the old one holds, and whose records differ.
    compared, same : int
        Events in both, and how many of them have the same results in the same order.
    rescored : int
        How many of the same lists have other scores or contexts.
    kept : float
        The mean share of an old list's results that the new list holds too; 1 if nothing was lost.
    settings : mapping
        Each setting that differs, such as ``lists.k``, to its old and new value.
    causes : mapping
        Cause to the number of lists counted under it.
    changes : tuple of ListChange
        Every changed list of an event that both hold, in the order of the new index.
    titles : mapping
        Id to title of the events that the first few changes of each cause name.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> found = index.diff(index)
    >>> found.compared, found.same, found.kept
    (2, 2, 1.0)
    """

    k: int
    old: int
    new: int
    added: tuple[EventId, ...]
    removed: tuple[EventId, ...]
    changed: tuple[EventId, ...]
    compared: int
    same: int
    rescored: int
    kept: float
    settings: Mapping[str, tuple[Any, Any]]
    causes: Mapping[str, int]
    changes: tuple[ListChange, ...]
    titles: Mapping[EventId, str]

    def _page(self) -> tuple[str, str, Sequence[Section]]:
        different = self.compared - self.same
        lead = (
            f"{self.old:,} events before, {self.new:,} now: {len(self.added):,} new, {len(self.removed):,} removed, "
            f"{len(self.changed):,} changed. Of {self.compared:,} events in both, {different:,} have a different list "
            f"({100 * different / max(self.compared, 1):.1f}%); an old list keeps {self.kept:.1%} of its results on "
            f"average. {self.rescored:,} lists differ only in scores or contexts."
        )
        sections = [
            Section(
                "Why lists changed",
                "Each list counts under the first cause that applies." if different else "None did.",
                ("cause", "lists", "share"),
                [(name, n, f"{100 * n / max(different, 1):.1f}%") for name, n in self.causes.items()],
            )
        ]
        if self.settings:
            sections.append(
                Section(
                    "Settings",
                    "They differ in:",
                    ("setting", "old", "new"),
                    [(name, repr(old), repr(new)) for name, (old, new) in self.settings.items()],
                )
            )
        for cause in self.causes:
            rows = [
                (
                    f"{change.title} ({change.id})",
                    self._named(change.came),
                    self._named(change.went) or ("none, another order" if change.moved else ""),
                )
                for change in _first(self.changes, cause)
            ]
            text = f"Some of the {self.causes[cause]:,} lists that count under it."
            sections.append(Section(f"For example: {cause}", text, ("list of", "came", "went"), rows))
        return "What changed in the related lists", lead, sections

    def _named(self, ids: Sequence[EventId]) -> str:
        if not ids:
            return ""
        more = f", and {len(ids) - 1} more" if len(ids) > 1 else ""
        return f"{self.titles[ids[0]]} ({ids[0]}){more}"


def _first(changes: Sequence[ListChange], cause: str, most: int = 5) -> list[ListChange]:
    """The first few changes that count under a cause."""
    return [change for change in changes if change.causes[0] == cause][:most]


def diff(old: RelatedIndex, new: RelatedIndex, *, k: int | None = None) -> Diff:
    """Compare the lists of two indexes; see `RelatedIndex.diff`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> shorter = RelatedIndex.build(list(index.events.values())[:1])
    >>> diff(index, shorter).removed
    ('dam',)
    """
    k = k or new.config.lists.k
    for index in (old, new):
        if not 1 <= k <= index.config.lists.candidates:
            raise ConfigError(f"k is {k}: {index!r} has lists of 1 to {index.config.lists.candidates}")
    before = {event.id: event.to_record() for event in old.events.stream()}
    topics_before = {id_: _scored(topics) for id_, topics in old.all_topics()}
    lists_before = {id_: tuple(items) for id_, items in old.lists(k)}
    titles = {event.id: event.headline for event in new.events.stream()}
    changed = {
        event.id
        for event in new.events.stream()
        if event.id in before and before[event.id] != event.to_record()
    }
    retagged = {
        id_
        for id_, topics in new.all_topics()
        if id_ in topics_before and topics_before[id_] != _scored(topics)
    }
    settings = _settings(old, new)
    refitted = _statistics(old) != _statistics(new)

    same = rescored = 0
    kept: list[float] = []
    changes = []
    for id_, items in new.lists(k):
        if id_ not in before:
            continue
        then = {item.id: item for item in lists_before[id_]}
        now = {item.id: item for item in items}
        if then:
            kept.append(len(then.keys() & now.keys()) / len(then))
        if list(then) == list(now):
            same += 1
            rescored += any(_shown(then[other]) != _shown(now[other]) for other in now)
            continue
        came = tuple(other for other in now if other not in then)
        went = tuple(other for other in then if other not in now)
        touched = {id_, *came, *went}
        if not came and not went:
            touched |= now.keys()
        applies = (
            any(other not in before for other in came),
            any(other not in titles for other in went),
            bool(touched & changed),
            bool(touched & retagged),
            _overridden(old, new, id_, [*then.values(), *now.values()], touched),
            bool(settings),
            refitted,
        )
        causes = tuple(name for name, holds in zip(CAUSES[:-1], applies, strict=True) if holds)
        stay = [other for other in then if other in now] != [other for other in now if other in then]
        changes.append(ListChange(id_, shortened(titles[id_], 80), causes or CAUSES[-1:], came, went, stay))
    counts = Counter(change.causes[0] for change in changes)
    examples = {
        other
        for cause in counts
        for change in _first(changes, cause)
        for other in (*change.came[:1], *change.went[:1])
    }
    return Diff(
        k=k,
        old=len(before),
        new=len(titles),
        added=tuple(id_ for id_ in titles if id_ not in before),
        removed=tuple(id_ for id_ in before if id_ not in titles),
        changed=tuple(id_ for id_ in titles if id_ in changed),
        compared=same + len(changes),
        same=same,
        rescored=rescored,
        kept=sum(kept) / len(kept) if kept else 1.0,
        settings=settings,
        causes={name: counts[name] for name in CAUSES if counts[name]},
        changes=tuple(changes),
        titles={
            other: shortened((new if other in titles else old).events[other].headline, 80)
            for other in sorted(examples, key=str)
        },
    )


def _scored(topics: Sequence[EventTopic]) -> list[EventTopic]:
    """The topics that lists depend on; inferred topics are excluded, because they follow from the lists."""
    return [topic for topic in topics if topic.how != "inferred"]


def _statistics(index: RelatedIndex) -> list[Any]:
    """The values that show whether the weights of terms and the floor are the same."""
    statistics = index.info["statistics"]
    return [statistics[name] for name in ("n_events", "pivots", "floor")]


def _shown(item: Related) -> tuple[float, tuple[str, ...]]:
    return item.score, item.contexts


def _settings(old: RelatedIndex, new: RelatedIndex) -> dict[str, tuple[Any, Any]]:
    """The settings that differ."""
    flat = [
        {
            f"{section}.{name}": value
            for section, values in index.config.to_dict().items()
            for name, value in values.items()
        }
        for index in (old, new)
    ]
    return {
        name: (flat[0].get(name), flat[1].get(name))
        for name in sorted(flat[0].keys() | flat[1].keys())
        if flat[0].get(name) != flat[1].get(name)
    }


def _overridden(
    old: RelatedIndex, new: RelatedIndex, id_: EventId, items: Sequence[Related], touched: set[EventId]
) -> bool:
    """Whether pins or bans of either index affect what changed."""
    if any(item.tier == PINNED for item in items):
        return True
    for index in (old, new):
        bans = index.overrides
        for other in touched - {id_}:
            if (id_, other) in bans.pairs or other in bans.events:
                return True
            held = index.topics(other) if bans.topics and other in index.events else ()
            if any(topic.name in bans.topics for topic in held):
                return True
    return False
