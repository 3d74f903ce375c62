"""A story: the connected run of events around one event, with the contexts that carry each link.

Two events are linked when each stands in the stored list of the other. A topic is an event's own when it is no place and few
events have it: at most the share ``own_topic`` of the archive, or ``own_topic_events`` where that is more. The story of an
event takes, nearest first, events from its full-length list that

- score at least ``closeness`` times the score of the nearest one, and at least ``least_score``;
- are linked to it or to ``links`` others of the story;
- happen soon enough before or after an event of the story, unless one of the two has no date. Two limits apply. The archive's
limit is ``gap`` times the median of the days between clearly related events (from the calibration of the build; at least
``least_days``). The story's limit is ``pace`` times the median of the days between its event and the ``nearest`` events that
are linked to it, and at least ``least_days``; and
- do not belong to another story: both events have own topics that ``settled`` events have, and share none.

These numbers are in the section ``stories`` of the settings. Every event is compared with the story's own event, so the story
cannot drift from subject to subject; no event enters by a single resemblance; and a long pause ends the story. Results that an
editor pinned always belong to it.

`benchmarks/stories.py` measures how well stories agree with editors: on 500 of the judged stories of 2015 to 2017 a story has
6.5 other events in 47 days, and editors filed 47 % of them under the same heading; the length follows the story, which lists
do not.

The title is made of topics that at least two events of the story have, and at least a quarter of its events (a third for the
names of conflicts, disasters and other events). Topics that the archive supplied or that were inferred come first if half of
the events hold them. The others are ranked by the share of the events that hold a topic, times how rare the topic is in the
archive; places count less, countries least, and topics that the story's own event does not hold count less again. The name of a
conflict, a disaster or another event is a title by itself, unless very many events of the archive hold it; to any other topic
the title adds the one that distinguishes the story best. Two places alone are no title: if the story's own event holds another
topic of the story, that topic replaces the second place and comes first. A country alone is no title either: the headline of
the story's own event takes its place.
"""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby, islice
from statistics import median
from typing import TYPE_CHECKING, Any

from relatedness.arguments import id_text
from relatedness.dates import SECONDS_PER_DAY, Day, day_text
from relatedness.errors import ConfigError
from relatedness.events import Event, EventId, shortened
from relatedness.index._results import said_once
from relatedness.ranking import reason_settings
from relatedness.settings import StoriesSettings
from relatedness.topics import PLACES, fold

if TYPE_CHECKING:
    from relatedness.index._view import Linked
    from relatedness.related_index import RelatedIndex

# Kinds whose names say what happened; "story" is the kind of supplied topics that the gazetteer does not know.
_HAPPENED = frozenset({"agreement", "case", "conflict", "disaster", "disease", "event", "law", "story"})
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One event of a story.

    Attributes
    ----------
    id : str or int
    date : date, EarlyDate or None
    title : str
        Its headline.
    score : float
        Its score with the story's own event; 1 for that event itself.
    contexts : tuple of str
        The topics that it shares with the event `after`, or with the story's own event if `after` is None.
    after : str, int or None
        The earlier event of the story that it is linked to most strongly.
    """

    id: EventId
    date: Day | None
    title: str
    score: float
    contexts: tuple[str, ...]
    after: EventId | None


@dataclass(frozen=True, slots=True)
class StoryLink:
    """Two linked events of a story, the earlier one first, and the contexts that they share."""

    earlier: EventId
    later: EventId
    score: float
    contexts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story(Sequence[StoryEvent]):
    """The events of a story in the order of time, and the links between them.

    Attributes
    ----------
    id : str or int
        The story's own event.
    title : str
        A name for readers: a topic or two, such as ``Charlie Hebdo, Paris``, or that event's headline.
    contexts : tuple of str
        The topics behind most links, most frequent first.
    events : tuple of StoryEvent
        By date; events of one date in the order of the index.
    links : tuple of StoryLink
        Every link between two of the events, strongest first.
    complete : bool
        False if the story was cut at the requested number of events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> story = index.story("dam")
    >>> len(story), story.links[0].contexts
    (2, ('ISIL', 'Mosul', 'Iraq'))
    """

    id: EventId
    title: str
    contexts: tuple[str, ...]
    events: tuple[StoryEvent, ...]
    links: tuple[StoryLink, ...]
    complete: bool

    def __getitem__(self, position: Any) -> Any:
        return self.events[position]

    def __len__(self) -> int:
        return len(self.events)

    def to_record(self) -> dict[str, Any]:
        """The story as plain JSON values; dates are written as ``2014-07-17``, and as null where there is none.

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
        >>> index.story("fall").to_record()["events"][0]["date"]
        '2014-06-10'
        """
        record = asdict(self)
        for event, own in zip(record["events"], self.events, strict=True):
            event["date"] = own.date and own.date.isoformat()
        return record

    def table(self, width: int = 120) -> str:
        """The events as a table in text: date, id, title, contexts.

        Parameters
        ----------
        width : int
            The longest line, in characters.

        Returns
        -------
        str
            One line for the names of the columns and one for each event.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> print(index.story("dam").table(72))
        date        event  title                               contexts
        2014-06-10  fall   ISIL seizes Mosul in Iraq.          ISIL, Mosul, Iraq
        2014-08-07  dam    ISIL captures the dam of Mosul.     ISIL, Mosul, Iraq
        """
        rows = [("date", "event", "title", "contexts")]
        rows += [
            (day_text(event.date), str(event.id), event.title, ", ".join(said_once(event.contexts)))
            for event in self.events
        ]
        id_width = max(len(row[1]) for row in rows)
        rest = max(width - 10 - id_width - 6, 40)
        title_width, context_width = rest * 2 // 3, rest - rest * 2 // 3
        return "\n".join(
            f"{day:<10}  {id_:<{id_width}}  {shortened(title, title_width):<{title_width}}  "
            f"{shortened(contexts, context_width)}".rstrip()
            for day, id_, title, contexts in rows
        )

    def __str__(self) -> str:
        first, last = self.events[0].date, self.events[-1].date
        cut = "" if self.complete else f", cut at {len(self.events)}"
        when = day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"
        lines = [f"{self.title}: {len(self.events)} event{'s' * (len(self.events) != 1)}, {when}{cut}"]
        for month, events in groupby(self.events, key=lambda event: _month(event.date)):
            lines += ["", month]
            for event in events:
                mark, day = "*" if event.id == self.id else " ", "" if event.date is None else event.date.day
                lines.append(f"{mark} {day:>2}  {shortened(event.title, 104)}")
                if event.contexts:
                    lines.append(f"      Context: {', '.join(said_once(event.contexts))}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The timeline as a notebook or a page shows it."""
        items = []
        for event in self.events:
            weight = "600" if event.id == self.id else "400"
            contexts = html.escape(", ".join(said_once(event.contexts))) or "–"
            items.append(
                '<li style="margin:0 0 .6em"><div style="opacity:.75;font-size:90%">'
                f'{day_text(event.date)}</div><div style="font-weight:{weight}">{html.escape(event.title)}'
                f'</div><div style="opacity:.75;font-size:90%"><em>Context: {contexts}</em></div></li>'
            )
        return (
            f'<div style="line-height:1.35;max-width:48em"><p><b>{html.escape(self.title)}</b></p>'
            f'<ol style="list-style:none;padding-left:1em;border-left:3px solid #4c78a8">{"".join(items)}</ol></div>'
        )


def story_and_pool(
    index: RelatedIndex,
    id_: EventId,
    *,
    most: int = 40,
    frequency: Callable[[str], int] | None = None,
    size: int | None = None,
) -> tuple[Story, tuple[EventId, ...]]:
    """The story of an event, and the events from which its members were chosen by their lists, the event itself first.

    See the module for its rules, and `RelatedIndex.story` for what it takes and raises. For many stories it pays to count
    once how many events have each topic (``frequency``) and how many there are (``size``).

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> found, pool = story_and_pool(index, "dam")
    >>> [event.id for event in found], pool
    (['fall', 'dam'], ('dam', 'fall'))
    """
    if most < 1:
        raise ConfigError(f"most is {most}: expected at least 1")
    id_ = index.events[id_].id
    frequency = frequency or index.events_with
    size = len(index.events) if size is None else size
    view = index._view
    near = view.near(id_text(id_), index.config.lists.candidates)
    settings = index.config.stories
    best = max((score for other, score in near.scores.items() if other not in near.pinned), default=0.0)
    least = max(settings.closeness * best, settings.least_score)
    close = [other for other, score in near.scores.items() if other in near.pinned or score >= least]
    strangers = _of_other_stories(index, id_, close, frequency, size) - near.pinned
    pool = [other for other in close if other not in strangers]
    lists = view.lists_of([id_, *pool])
    apart = _apart(index, id_, pool, lists)
    members, complete = _grown(id_, pool, near.pinned, lists, apart=apart, links=settings.links, most=most)
    position = {other: number for number, other in enumerate(_in_time(index, members))}
    links = [
        StoryLink(earlier, later, item.score, item.contexts)
        for earlier in position
        for later, item in lists[earlier].items()
        if position[earlier] < position.get(later, -1) and earlier in lists[later]
    ]
    links.sort(key=lambda link: (-link.score, position[link.earlier], position[link.later]))
    events = []
    for other in position:
        before = next((link for link in links if link.later == other), None)
        contexts = before.contexts if before else near.contexts(other) if other in near.scores else ()
        event = index.events[other]
        score = near.scores.get(other, 1.0)
        events.append(
            StoryEvent(
                other, _day(event), event.headline, score, contexts, before.earlier if before else None
            )
        )
    carried = Counter(context for link in links for context in link.contexts)
    about = [context for context, _ in sorted(carried.items(), key=lambda pair: (-pair[1], pair[0]))[:3]]
    title = story_title(index, id_, list(position), frequency, size)
    return Story(id_, title, tuple(about), tuple(events), tuple(links), complete), (id_, *pool)


def story_title(
    index: RelatedIndex,
    id_: EventId,
    members: Sequence[EventId],
    frequency: Callable[[str], int],
    size: int,
) -> str:
    """A title for the story of an event; see the module for the rules.

    Parameters
    ----------
    members : sequence of str or int
        The events of the story.
    frequency : callable
        Takes a topic, returns the number of its events.
    size : int
        The number of all events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> story_title(index, "dam", ["fall", "dam"], index.events_with, len(index))
    'ISIL, Iraq'
    """
    held: Counter[str] = Counter()
    kinds, headings, own = {}, set(), set()
    for other, topics in index._store.topics_of(list(map(id_text, members))).items():
        for name, kind, how, _ in topics:
            held[name] += 1
            kinds[name] = kind
            if how in ("supplied", "inferred") and kind not in PLACES:
                headings.add(name)
            if other == id_text(id_):
                own.add(name)
    # The name of a conflict or disaster can be the title only if a fair share of the story's events have it.
    rules = reason_settings().title
    names = [
        name
        for name in held
        if held[name] >= max(rules.least_events, len(members) / rules.one_in)
        and (kinds[name] not in _HAPPENED or rules.happened_one_in * held[name] >= len(members))
    ]
    counts, settings = {name: frequency(name) for name in names}, index.config.stories

    def weight(name: str) -> float:
        return held[name] / len(members) * math.log((size + 1) / max(counts[name], 1))

    def stands_alone(name: str) -> bool:
        return kinds[name] in _HAPPENED and counts[name] <= most_own(settings, size)

    def leads(name: str) -> tuple[bool, float, str]:
        kind = kinds[name]
        share = (
            settings.title_country if kind == "country" else settings.title_place if kind in PLACES else 1.0
        )
        share *= settings.title_supplied if name in headings else 1.0
        share *= 1.0 if name in own else settings.title_absent
        main = name in headings and rules.supplied_one_in * held[name] >= len(members)
        return not main, -share * weight(name), name

    first = min(names, key=leads, default="")
    if first and stands_alone(first):
        return first
    beside = [
        name
        for name in names
        if name != first and rules.beside_one_in * held[name] >= held[first] and not _alike(name, first)
    ]
    # Add the narrower topic to a long war (the battle), the wider one to a person or company (often the country).
    wide = 0 if kinds.get(first) in _HAPPENED else 1
    second = min(beside, key=lambda name: (-(held[name] ** wide) * weight(name), name), default="")
    if second and {kinds[first], kinds[second]} <= PLACES:
        # Places say only where: a rarer topic that the story's own event has says what happened there.
        subjects = [name for name in own.intersection(names) if kinds[name] not in PLACES]
        if subjects:
            subject = min(subjects, key=leads)
            return subject if stands_alone(subject) or _alike(subject, first) else f"{subject}, {first}"
    if second:
        return f"{first}, {second}"
    if kinds.get(first, "country") == "country":
        return shortened(index.events[id_].headline, _LONGEST_TITLE)
    return first


def _alike(name: str, other: str) -> bool:
    """Whether one name adds little to the other: ``Pakistan Army`` and ``Pakistan``."""
    one, two = set(fold(name).split()), set(fold(other).split())
    return 2 * len(one & two) > min(len(one), len(two))


def most_own(settings: StoriesSettings, size: int) -> float:
    """The number of events, of ``size``, up to which a topic can tell stories apart.

    Examples
    --------
    >>> from relatedness import Config
    >>> most_own(Config.default().stories, 5000), most_own(Config.default().stories, 50_000)
    (20, 100.0)
    """
    return max(settings.own_topic * size, settings.own_topic_events)


def _of_other_stories(
    index: RelatedIndex, id_: EventId, others: Sequence[EventId], frequency: Callable[[str], int], size: int
) -> set[EventId]:
    """The events that belong to another story than the given event, judged by their own topics."""
    most = most_own(index.config.stories, size)
    held: dict[str, int] = {}
    topics = index._store.topics_of([id_text(other) for other in (id_, *others)])

    def own(other: EventId) -> set[str]:
        names = [
            name
            for name, kind, how, _ in topics[id_text(other)]
            if how not in ("parent", "inferred") and kind not in PLACES
        ]
        for name in names:
            if name not in held:
                held[name] = frequency(name)
        return {name for name in names if held[name] <= most}

    def settled(names: set[str]) -> bool:
        return any(held[name] >= index.config.stories.settled for name in names)

    mine = own(id_)
    if not settled(mine):
        return set()
    theirs = {other: own(other) for other in others}
    return {other for other, names in theirs.items() if settled(names) and not mine & names}


def _apart(
    index: RelatedIndex,
    id_: EventId,
    pool: Sequence[EventId],
    lists: Mapping[EventId, Mapping[EventId, Linked]],
) -> Callable[[EventId, EventId], bool]:
    """Return a function that tells whether two events of the pool are too far apart in time for one story."""
    days = index._store.meta("statistics")["calibration"]["days"]
    events = (index.events[other] for other in (id_, *pool))
    seconds = {event.id: event.seconds for event in events if event.date is not None}
    settings = index.config.stories
    most = math.inf if days is None else settings.gap * max(days, settings.least_days) * SECONDS_PER_DAY
    linked = (other for other in pool if other in lists[id_] and id_ in lists[other] and other in seconds)
    if id_ in seconds and (nearest := list(islice(linked, settings.nearest))):
        pace = median(abs(seconds[other] - seconds[id_]) for other in nearest)
        most = min(most, max(settings.pace * pace, settings.least_days * SECONDS_PER_DAY))

    def apart(one: EventId, other: EventId) -> bool:
        return one in seconds and other in seconds and abs(seconds[one] - seconds[other]) > most

    return apart


def _grown(
    id_: EventId,
    pool: Sequence[EventId],
    pinned: Set[EventId],
    lists: Mapping[EventId, Mapping[EventId, Linked]],
    *,
    apart: Callable[[EventId, EventId], bool],
    links: int,
    most: int,
) -> tuple[list[EventId], bool]:
    """Add qualifying events, the nearest first, until none is left or the story is full."""
    linked = {
        other: {third for third in found if third in lists and other in lists[third]}
        for other, found in lists.items()
    }
    members, inside = [id_], {id_}

    def belongs(other: EventId) -> bool:
        if other in pinned:
            return True
        held = id_ in linked[other] or len(linked[other] & inside) >= links
        return held and not all(apart(other, one) for one in members)

    waiting = list(pool)
    while True:
        chosen = next(filter(belongs, waiting), None)
        if chosen is None or len(members) == most:
            return members, chosen is None
        waiting.remove(chosen)
        members.append(chosen)
        inside.add(chosen)


def _month(day: Day | None) -> str:
    if day is None:
        return "Undated"
    return f"{day:%B %Y}" if isinstance(day, date) else day.isoformat()[:-3]


def _day(event: Event) -> Day | None:
    return event.date.date() if isinstance(event.date, datetime) else event.date


def _in_time(index: RelatedIndex, members: Sequence[EventId]) -> list[EventId]:
    """Sort key: date up, then id down, the order of the index."""
    seconds = {other: index.events[other].seconds for other in members}
    return sorted(sorted(members, key=str, reverse=True), key=lambda other: seconds[other])
