"""The records that a look-up returns, and their display in a notebook."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

from relatedness.arguments import check_type
from relatedness.dates import Day
from relatedness.errors import ConfigError, MissingExtraError, RelatednessError
from relatedness.events import Event, EventId
from relatedness.index._why_not import WhyNot
from relatedness.ranking import TOLD, Explanation, reason_settings

if TYPE_CHECKING:
    import pandas as pd

PINNED, CONTEXT, PERIOD = "pinned", "same context", "same period"
TITLE, ALL_WORDS, WORDS = "same title", "all words", "same words"


def said_once(names: Sequence[str]) -> tuple[str, ...]:
    """Names as a line shows them: without the places that stand at the end of another one.

    Examples
    --------
    >>> said_once(["Reno, Nevada", "Nevada", "United States"])
    ('Reno, Nevada', 'United States')
    """
    return tuple(name for name in names if not any(other.endswith(f", {name}") for other in names))


@dataclass(frozen=True, slots=True)
class Related:
    """One related event and the visible reason.

    Its `event`, and with it `title`, `date` and `url`, is read from the index when it is first asked for.

    Attributes
    ----------
    id : str or int
        The related event, as its archive writes it.
    score : float
        The sum of ``parts``, in (0, 1].
    contexts : tuple of str
        The topics that both events share, in the order of their contributions to the score.
    parts : mapping
        The contribution of each named part (see `relatedness.ranking`); parts that contribute nothing are left out.
    copies : int
        The number of near-duplicates counted behind this event.
    tier : str
        Why the event is listed, if not for its score alone: ``pinned`` by an editor; ``same context`` or ``same period`` if the
        caller asked to fill a short list; ``same title`` if its title is the text of a query, which puts it first; ``all words``
        if it holds all words of a query, and so comes before events with a higher score that do not; ``same words`` if no event
        passes the rules for a query, so that the events sharing most with it are listed instead. Otherwise empty.
    shared : tuple of str
        The subjects, phrases and words in both texts that weigh most, in their order, if both events share no topic, or only
        places and topics of many events, which say too little alone.

    Examples
    --------
    >>> item = Related("dam", 0.25, ("Mosul", "Iraq"), {"words": 0.1, "topics": 0.15})
    >>> item.id, item.score, item.reason
    ('dam', 0.25, 'Context: Mosul, Iraq')
    """

    id: EventId
    score: float
    contexts: tuple[str, ...]
    parts: Mapping[str, float]
    copies: int = 0
    tier: str = ""
    shared: tuple[str, ...] = ()
    _event: Event | Callable[[EventId], Event] | None = field(default=None, repr=False, compare=False)

    @property
    def reason(self) -> str:
        """The line that a list shows under the event: its contexts, after what both texts share if the contexts alone say too
        little.

        Returns
        -------
        str
            Empty if the two events share neither. If there are many contexts, it names the first and counts the rest. A place at the
            end of another name is not repeated: ``Reno, Nevada``.

        Examples
        --------
        >>> Related("b", 0.1, ("Mosul", "Iraq"), {}).reason
        'Context: Mosul, Iraq'
        >>> Related("b", 0.1, ("Reno, Nevada", "Nevada", "United States"), {}).reason
        'Context: Reno, Nevada, United States'
        >>> Related("b", 0.1, (), {}, shared=("hot air balloon", "Luxor")).reason
        'Shared: hot air balloon, Luxor'
        >>> Related("b", 0.1, ("Egypt",), {}, shared=("general election",)).reason
        'Shared: general election; Context: Egypt'
        """
        most = reason_settings().line.contexts
        contexts = said_once(self.contexts)
        if len(contexts) > most + 1:
            contexts = (*contexts[:most], f"{len(contexts) - most} more")
        said = (("Shared", self.shared), ("Context", contexts))
        return "; ".join(f"{label}: {', '.join(names)}" for label, names in said if names)

    @property
    def mark(self) -> str:
        """The tier to show after the reason; empty if the reason already says it.

        Examples
        --------
        >>> Related("b", 0.1, ("Iraq",), {}, tier="same context").mark
        'same context'
        >>> Related("b", 0.1, (), {}, tier="same period", shared=("same period",)).mark
        ''
        """
        return "" if self.shared == (self.tier,) and not self.contexts else self.tier

    @property
    def event(self) -> Event:
        """The related event itself, read from the index at the first use.

        Returns
        -------
        Event

        Raises
        ------
        RelatednessError
            If the result was made by hand, not looked up in an index.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.related("fall")[0].event.text
        'ISIL captures the dam of Mosul.'
        """
        if self._event is None:
            raise RelatednessError(f"this result was not made by an index: look up {self.id} in one")
        if not isinstance(self._event, Event):
            object.__setattr__(self, "_event", self._event(self.id))
        assert isinstance(self._event, Event)
        return self._event

    @property
    def title(self) -> str:
        """The title of the event, or its first sentence if it has no title.

        Returns
        -------
        str
        """
        return self.event.headline

    @property
    def date(self) -> Day | None:
        """The day or the instant of the event.

        Returns
        -------
        date, datetime, EarlyDate or None
            None for an undated event.
        """
        return self.event.date

    @property
    def url(self) -> str | None:
        """The address at which the event is published.

        Returns
        -------
        str or None
        """
        return self.event.url

    def heading(self) -> dict[str, Any]:
        """The fields of the event that a list shows, as plain JSON values: date, title and, if it has one, address.

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
        >>> index.related("fall")[0].heading()
        {'date': '2014-08-07', 'title': 'ISIL captures the dam of Mosul.'}
        """
        found = {"date": self.date and self.date.isoformat(), "title": self.title}
        return found if self.url is None else found | {"url": self.url}

    def __reduce__(self) -> tuple[object, ...]:
        # Pickle the event, but not the index, which belongs to this process.
        event = None if self._event is None else self.event
        values = (
            self.id,
            self.score,
            self.contexts,
            dict(self.parts),
            self.copies,
            self.tier,
            self.shared,
            event,
        )
        return Related, values

    def to_record(self) -> dict[str, Any]:
        """The result as plain JSON values, as ``relatedness export`` writes it.

        Returns
        -------
        dict
            ``id``, ``score``, ``contexts`` and ``parts``; ``copies``, ``tier`` and ``shared`` where they are not empty.

        Examples
        --------
        >>> Related("dam", 0.25, ("Mosul",), {"topics": 0.25}).to_record()
        {'id': 'dam', 'score': 0.25, 'contexts': ['Mosul'], 'parts': {'topics': 0.25}}
        """
        record: dict[str, Any] = {
            "id": self.id,
            "score": self.score,
            "contexts": list(self.contexts),
            "parts": dict(self.parts),
        }
        if self.copies:
            record["copies"] = self.copies
        if self.tier:
            record["tier"] = self.tier
        if self.shared:
            record["shared"] = list(self.shared)
        return record


@dataclass(frozen=True, slots=True)
class Lookups:
    """The functions with which a list queries its index.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> lookups = index.related("fall")._lookups
    >>> lookups.event("dam").text, lookups.heading("dam")["date"]
    ('ISIL captures the dam of Mosul.', '2014-08-07')
    """

    event: Callable[[EventId], Event]  # takes an id, returns its event
    # Takes an id, returns the fields of its event that a list shows, as plain JSON values.
    heading: Callable[[EventId], dict[str, Any]]
    explain: Callable[[EventId], Explanation]  # takes an id, returns the reasons behind its score
    why_not: Callable[[EventId], WhyNot]  # takes an id, returns the rule that excludes it from the list
    # Takes a number, returns up to that many of the best candidates outside the list.
    left_out: Callable[[int], list[WhyNot]]


def said_otherwise(parts: Mapping[str, float], tier: str = "") -> tuple[str, ...]:
    """The reason of a result that shares neither a topic nor a word: its largest part that has a name, or its tier.

    Examples
    --------
    >>> said_otherwise({"words": 0.2, "neighbours": 0.1}), said_otherwise({"words": 0.2}, "pinned")
    (('events related to both',), ('pinned',))
    """
    given = sorted(parts, key=lambda part: (-parts[part], part))
    said = [TOLD[part] for part in given if part in TOLD]
    return tuple(said[:1]) or (tier or "similar words",)


class RelatedList(Sequence[Related]):
    """The related events of one event or text, best first: a read-only sequence of `Related`.

    A notebook shows it as a site would: title, date, contexts and a bar for the score.

    Parameters
    ----------
    id_ : str, int or None
        The event whose list it is; None for a text.
    items : sequence of Related
        The results, best first.
    index : Lookups, optional
        The look-ups behind the list; without them the list holds only its results.
    why : bool
        Whether `to_record` includes the reasons by default.

    Attributes
    ----------
    id : str, int or None
        The event whose list it is; None for a text.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
    ... ])
    >>> found = index.related("fall")
    >>> found.ids, found[0].title, found[0].date
    (('dam',), 'The Islamic State captures the dam of Mosul.', datetime.date(2014, 8, 7))
    """

    __slots__ = ("_index", "_items", "_why", "id")

    def __init__(
        self,
        id_: EventId | None,
        items: Sequence[Related],
        index: Lookups | None = None,
        *,
        why: bool = False,
    ) -> None:
        check_type(items, "items", Sequence, "the results, as a list of Related")
        self.id = id_
        self._index = index
        self._why = why
        if index is not None:
            check_type(index, "index", Lookups, "the Lookups of an index")
            items = [item if item._event is not None else replace(item, _event=index.event) for item in items]
        self._items = tuple(items)

    def __reduce__(self) -> tuple[object, ...]:
        return RelatedList, (self.id, self._items)

    @property
    def ids(self) -> tuple[EventId, ...]:
        """The ids of the results, best first.

        Returns
        -------
        tuple of str or int
        """
        return tuple(item.id for item in self._items)

    def explain(self, other: EventId) -> Explanation:
        """The contribution of every word, phrase, topic and date to one result.

        Parameters
        ----------
        other : str or int
            Any event's id, in the list or not.

        Returns
        -------
        Explanation

        Raises
        ------
        UnknownEventError
            If the index holds no such event.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> found = index.related("fall").explain("dam")
        >>> found.days, sorted({reason.part for reason in found.reasons})
        (58, ['topics', 'words'])
        """
        return self._lookups.explain(other)

    def why_not(self, other: EventId) -> WhyNot:
        """Which rule excludes an event from this list, and by how much.

        Parameters
        ----------
        other : str or int
            Any event's id.

        Returns
        -------
        WhyNot

        Raises
        ------
        UnknownEventError
            If the index holds no such event.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> print(index.related("fall", min_score=0.99).why_not("dam").rule)
        min-score
        """
        return self._lookups.why_not(other)

    def left_out(self, most: int = 5) -> list[WhyNot]:
        """The best candidates outside this list, each with the rule that excludes it.

        Parameters
        ----------
        most : int
            The most candidates to return.

        Returns
        -------
        list of WhyNot
            The highest scores first; empty if no other event shares a word, phrase or topic.

        Raises
        ------
        ConfigError
            If ``most`` is not a whole number from 1 up.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [(out.other, out.rule) for out in index.related("fall", min_score=0.99).left_out()]
        [('dam', 'min-score')]
        """
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ConfigError(f"most is {most!r}: expected a whole number from 1 up")
        return self._lookups.left_out(most)

    @property
    def _lookups(self) -> Lookups:
        if self._index is None:
            raise RelatednessError("this list is a copy without its index: call the index itself")
        return self._index

    def to_record(self, *, why: bool | None = None) -> dict[str, Any]:
        """The list as plain JSON values, as the command line prints with ``--json`` and HTTP returns.

        Parameters
        ----------
        why : bool, optional
            Whether every result holds the days between both events, the factor for closeness in time and every
            word, topic and neighbour behind its score; by default as the list was requested.

        Returns
        -------
        dict
            ``{"id": ..., "related": [{"id", "date", "title", "url", "score", "contexts", "parts", ...}]}``; keys without a
            value are left out, except ``id``.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> record = index.related("fall").to_record()
        >>> record["id"], record["related"][0]["date"]
        ('fall', '2014-08-07')
        """
        values = []
        for item in self._items:
            value: dict[str, Any] = {"id": item.id}
            value |= self._index.heading(item.id) if self._index is not None else item.heading()
            value |= item.to_record()
            if self._why if why is None else why:
                found = self.explain(item.id)
                value |= {"days": found.days, "recency": found.recency}
                value["reasons"] = [asdict(reason) for reason in found.reasons]
            values.append(value)
        return {"id": self.id, "related": values}

    def to_json(self, *, why: bool | None = None) -> str:
        """`to_record` as one line of JSON.

        Parameters
        ----------
        why : bool, optional
            As for `to_record`.

        Returns
        -------
        str

        Examples
        --------
        >>> RelatedList("fall", []).to_json()
        '{"id": "fall", "related": []}'
        """
        return json.dumps(self.to_record(why=why), ensure_ascii=False)

    def to_frame(self) -> pd.DataFrame:
        """The list as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            A row per result, best first: id, date, title, url, score, contexts and shared (tuples), copies, tier.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> list(index.related("fall").to_frame()["id"])
        ['dam']
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("a data frame needs pandas: pip install 'relatedness[frames]'") from error
        columns = ("id", "date", "title", "url", "score", "contexts", "shared", "copies", "tier")
        rows = [[getattr(item, name) for name in columns] for item in self._items]
        return pd.DataFrame(rows, columns=list(columns))

    @overload
    def __getitem__(self, position: int) -> Related: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Related, ...]: ...
    def __getitem__(self, position: int | slice) -> Related | tuple[Related, ...]:
        return self._items[position]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Related]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RelatedList):
            return self.id == other.id and self._items == other._items
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.id, tuple(item.id for item in self._items)))

    def __repr__(self) -> str:
        lines = [
            f"{item.score:.3f}  {item.id}  {item.reason}".rstrip() + (f"  ({item.mark})" if item.mark else "")
            for item in self._items
        ]
        return "\n".join(lines) if lines else "no related events"

    def _repr_html_(self) -> str:
        if not self._items:
            return "<p>No related events.</p>"
        best = max(item.score for item in self._items) or 1.0
        rows = []
        for item in self._items:
            event = item.event
            reason = f" · <em>{html.escape(item.reason)}</em>" if item.reason else ""
            copies = f" · {item.copies} similar" if item.copies else ""
            copies += f" · {item.mark}" if item.mark else ""
            rows.append(
                '<li style="margin:0 0 .7em"><div style="font-weight:600">'
                f"{html.escape(event.headline)}</div>"
                f'<div style="opacity:.75;font-size:90%">{event.when}{copies}'
                f"{reason}</div>"
                f'<div title="score {item.score:.3f}" style="height:4px;width:{24 * item.score / best:.1f}em;'
                'max-width:100%;background:#4c78a8;border-radius:2px"></div></li>'
            )
        return f'<ol style="line-height:1.35;max-width:48em">{"".join(rows)}</ol>'
