"""A summary of all lists of an index: events that are never recommended, events that are recommended everywhere, thin lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from relatedness.events import EventId, shortened
from relatedness.index import PINNED
from relatedness.quality._report import Report, Section
from relatedness.ranking import UNITS

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

_BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, None))
_GAPS = ((0, 0), (1, 7), (8, 30), (31, 365), (366, 3652), (3653, None))


@dataclass(frozen=True, slots=True)
class Named:
    """An event with a number: the lists that show it, or the near-duplicates counted behind it."""

    id: EventId
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Year:
    """The events of one year.

    Attributes
    ----------
    events, empty, orphans : int
        All; those with an empty list; those that no list shows.
    results : float
        The mean length of their lists.
    topics : float
        The mean number of their topics that are not parents.
    """

    events: int
    empty: int
    orphans: int
    results: float
    topics: float


@dataclass(frozen=True, slots=True)
class Audit(Report):
    """The result of an audit.

    Attributes
    ----------
    k : int
        How many results of each list counted.
    events, results : int
        The number of events, and of results in all their lists.
    floor : float
        The score below which nothing is listed.
    lengths : mapping
        Length of a list to the number of lists.
    shown_in : mapping
        Ranges of numbers of lists, such as ``3-5``, to the number of events that appear in that many lists.
    most_shown : int
        The number of lists that show the most shown event.
    top_share : float
        The share of all results that fall on the 1 % of events shown most.
    orphans : tuple of Named
        Some events that no list shows although their own lists are not empty, the newest first.
    hubs : tuple of Named
        The events that the most lists show.
    empty : tuple of Named
        Some events with empty lists, the newest first.
    copies : int
        The near-duplicates that are counted behind results.
    copied : tuple of Named
        The results with the most near-duplicates.
    contexts : mapping
        The contexts that the most results name, to the number of results.
    leading : mapping
        The contexts that the most results name first, to the number of results.
    without_context : int
        Results that share no topic with their event.
    without_topic : int
        Events without any topic.
    gaps : mapping
        Ranges of days between an event and its result, to the number of results.
    scores : tuple of float
        The lowest score, the quartiles and the highest score of all results.
    pinned : int
        Results that an editor pinned.
    years : mapping
        Year to its events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> audit = index.audit()
    >>> audit.events, audit.results, audit.lengths
    (2, 2, {1: 2})
    """

    k: int
    events: int
    results: int
    floor: float
    lengths: Mapping[int, int]
    shown_in: Mapping[str, int]
    most_shown: int
    top_share: float
    orphans: tuple[Named, ...]
    hubs: tuple[Named, ...]
    empty: tuple[Named, ...]
    copies: int
    copied: tuple[Named, ...]
    contexts: Mapping[str, int]
    leading: Mapping[str, int]
    without_context: int
    without_topic: int
    gaps: Mapping[str, int]
    scores: tuple[float, ...]
    pinned: int
    years: Mapping[int, Year]

    def _page(self) -> tuple[str, str, Sequence[Section]]:
        orphans, short = self.shown_in["0"], sum(n for length, n in self.lengths.items() if length < self.k)
        lead = (
            f"{self.events:,} events with {self.results:,} results in lists of at most {self.k}. "
            f"{self.lengths.get(0, 0):,} lists are empty and {short:,} shorter than {self.k}; "
            f"{orphans:,} events ({_percent(orphans, self.events)}) are in no list."
        )
        if self.pinned:
            lead += f" Editors pinned {self.pinned:,} results."
        low, quarter, half, three, high = self.scores
        return (
            "Audit of the related lists",
            lead,
            [
                Section(
                    "Length of the lists",
                    f"Nothing that scores below {self.floor:.4f} is listed, the floor of this archive. The results "
                    f"score {low:.3f} to {high:.3f}; half of them lie between {quarter:.3f} and {three:.3f}, the "
                    f"median is {half:.3f}.",
                    ("results", "lists", "share"),
                    [(n, m, _percent(m, self.events)) for n, m in sorted(self.lengths.items())],
                ),
                _examples("Empty lists", "Some events without related events, the newest first.", "", self.empty),
                Section(
                    "How often events are shown",
                    f"The 1% of events listed most often account for {self.top_share:.1%} of all results; evenly spread, it "
                    "would be 1%.",
                    ("lists", "events", "share"),
                    [(band, n, _percent(n, self.events)) for band, n in self.shown_in.items()],
                ),
                _examples("Hubs", "The events that most lists show.", "lists", self.hubs),
                _examples(
                    "Orphans",
                    "Some events that no list shows, though they have related events, the newest first.",
                    "",
                    self.orphans,
                ),
                _examples(
                    "Near-copies",
                    f"{self.copies:,} near-duplicates are counted with results, "
                    f"{1000 * self.copies / max(self.results, 1):.1f} for every 1,000 results. The results with most:",
                    "copies",
                    self.copied,
                ),
                Section(
                    "Contexts",
                    f"{self.without_context:,} results ({_percent(self.without_context, self.results)}) share no topic "
                    f"with their event; {self.without_topic:,} events have no topic. The contexts that most results "
                    "name, and how often as the first:",
                    ("context", "results", "share", "first"),
                    [
                        (name, n, _percent(n, self.results), self.leading.get(name, 0))
                        for name, n in list(self.contexts.items())[:20]
                    ],
                ),
                Section(
                    "Distance in time",
                    "Days between an event and its results.",
                    ("days", "results", "share"),
                    [(band, n, _percent(n, self.results)) for band, n in self.gaps.items()],
                ),
                Section(
                    "By year",
                    "Events of the year, their empty lists, those that no list shows, the mean length of their lists "
                    "and the mean number of their topics.",
                    ("year", "events", "empty", "in no list", "share", "results", "topics"),
                    [
                        (
                            str(year), one.events, one.empty, one.orphans, _percent(one.orphans, one.events),
                            f"{one.results:.1f}", f"{one.topics:.1f}",
                        )
                        for year, one in self.years.items()
                    ],
                ),
            ],
        )  # fmt: skip


def _examples(title: str, text: str, what: str, events: Sequence[Named]) -> Section:
    if not events:
        return Section(title, "None.")
    header = ("event", "title", what) if what else ("event", "title")
    rows = [(one.id, shortened(one.title, 140), one.number)[: len(header)] for one in events]
    return Section(title, text, header, rows)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f}%"


def _banded(bands: Sequence[tuple[int, int | None]], numbers: Counter[int]) -> dict[str, int]:
    named = {}
    for low, high in bands:
        name = f"{low}" if low == high else f"{low}-{high}" if high is not None else f"{low} or more"
        named[name] = sum(
            n for number, n in numbers.items() if number >= low and (high is None or number <= high)
        )
    return named


def audit(index: RelatedIndex, *, k: int | None = None, examples: int = 10) -> Audit:
    """Summarise all lists of an index; see `RelatedIndex.audit`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> audit(index).shown_in["0"]
    0
    """
    k = k or index.config.lists.k
    days, year_of, topics = {}, {}, {}
    for event in index.events.stream():
        days[event.id] = event.day
        if event.year is not None:
            year_of[event.id] = event.year
        topics[event.id] = 0
    for id_, found in index.all_topics():
        topics[id_] = sum(topic.how != "parent" for topic in found)
    shown: Counter[EventId] = Counter(dict.fromkeys(days, 0))
    lengths: dict[EventId, int] = {}
    copies: Counter[EventId] = Counter()
    contexts: Counter[str] = Counter()
    leading: Counter[str] = Counter()
    gaps: Counter[int] = Counter()
    scores: list[float] = []
    behind = without = pinned = 0
    for id_, items in index.lists(k):
        lengths[id_] = len(items)
        for item in items:
            shown[item.id] += 1
            copies[item.id] = max(copies[item.id], item.copies)
            contexts.update(item.contexts)
            leading.update(item.contexts[:1])
            if item.id in year_of and id_ in year_of:
                gaps[abs(days[item.id] - days[id_])] += 1
            scores.append(item.score)
            behind += item.copies
            without += not item.contexts
            pinned += item.tier == PINNED
    ordered = sorted(shown, key=lambda id_: (-shown[id_], str(id_)))
    top = ordered[: max(len(ordered) // 100, 1)]
    newest = list(reversed(list(days)))

    def named(ids: Sequence[EventId], numbers: Mapping[EventId, int]) -> tuple[Named, ...]:
        return tuple(Named(id_, index.events[id_].headline, numbers[id_]) for id_ in ids[:examples])

    years: dict[int, list[EventId]] = {}
    for id_, year in year_of.items():
        years.setdefault(year, []).append(id_)
    return Audit(
        k=k,
        events=len(days),
        results=len(scores),
        floor=index.info["statistics"]["floor"] / UNITS,
        lengths=dict(sorted(Counter(lengths.values()).items())),
        shown_in=_banded(_BANDS, Counter(shown.values())),
        most_shown=shown[ordered[0]],
        top_share=sum(shown[id_] for id_ in top) / max(len(scores), 1),
        orphans=named([id_ for id_ in newest if not shown[id_] and lengths[id_]], shown),
        hubs=named([id_ for id_ in ordered[:examples] if shown[id_]], shown),
        empty=named([id_ for id_ in newest if not lengths[id_]], lengths),
        copies=behind,
        copied=named(
            [id_ for id_, n in sorted(copies.items(), key=lambda pair: (-pair[1], str(pair[0]))) if n], copies
        ),
        contexts=_most(contexts, 50),
        leading=_most(leading, None),
        without_context=without,
        without_topic=sum(not n for n in topics.values()),
        gaps=_banded(_GAPS, gaps),
        scores=tuple(float(bound) for bound in np.quantile(scores or [0.0], (0, 0.25, 0.5, 0.75, 1))),
        pinned=pinned,
        years={
            year: Year(
                events=len(ids),
                empty=sum(not lengths[id_] for id_ in ids),
                orphans=sum(not shown[id_] for id_ in ids),
                results=sum(lengths[id_] for id_ in ids) / len(ids),
                topics=sum(topics[id_] for id_ in ids) / len(ids),
            )
            for year, ids in sorted(years.items())
        },
    )


def _most(counts: Counter[str], most: int | None) -> dict[str, int]:
    """The most frequent entries; ties in order of name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most])
