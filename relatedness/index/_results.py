"""The records that a lookup gives, and how a notebook shows them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from relatedness.events import Event
from relatedness.ranking import Explanation

PINNED, CONTEXT, PERIOD = "pinned", "same context", "same period"


@dataclass(frozen=True, slots=True)
class Related:
    """One related event and the visible reason.

    Attributes
    ----------
    id : str
        The related event.
    score : float
        In (0, 1]: the sum of ``parts``.
    contexts : tuple of str
        The topics that both events share, in the order of what they gave to the score.
    parts : mapping
        What each named part gave (see `relatedness.ranking`); parts that gave nothing are left out.
    copies : int
        How many near-copies of this event stand behind it.
    tier : str
        Why it is there if not for its score alone: ``pinned`` by an editor, or ``same context`` or ``same period``
        where the caller asked to fill a short list. Empty for all others.
    shared : tuple of str
        Where both events share no topic, the phrases and words of both texts that weigh most, in their order.
    """

    id: str
    score: float
    contexts: tuple[str, ...]
    parts: Mapping[str, float]
    copies: int = 0
    tier: str = ""
    shared: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """What a list shows under the event: its contexts, or else the phrases and words that both share.

        Examples
        --------
        >>> Related("b", 0.1, ("Mosul", "Iraq"), {}).reason
        'Context: Mosul, Iraq'
        >>> Related("b", 0.1, (), {}, shared=("hot air balloon", "Luxor")).reason
        'Shared: hot air balloon, Luxor'
        """
        if self.contexts:
            return f"Context: {', '.join(self.contexts)}"
        return f"Shared: {', '.join(self.shared)}" if self.shared else ""

    def to_record(self) -> dict[str, Any]:
        """The result as plain JSON values, as ``relatedness export`` writes it."""
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


class RelatedList(Sequence[Related]):
    """The related events of one event or text, best first: a read-only sequence of `Related`.

    In a notebook it shows itself as a site would: title, date, contexts and a bar for the score.

    Attributes
    ----------
    id : str or None
        The event whose list it is; None for a text.
    """

    __slots__ = ("_event", "_explain", "_items", "id")

    def __init__(
        self,
        id_: str | None,
        items: Sequence[Related],
        event: Callable[[str], Event],
        explain: Callable[[str], Explanation],
    ) -> None:
        self.id = id_
        self._items = tuple(items)
        self._event = event
        self._explain = explain

    def explain(self, other: str) -> Explanation:
        """Every word, phrase, topic and date share behind one related event.

        Parameters
        ----------
        other : str
            Any event's id, in the list or not.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.
        """
        return self._explain(other)

    @overload
    def __getitem__(self, place: int) -> Related: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Related, ...]: ...
    def __getitem__(self, place: int | slice) -> Related | tuple[Related, ...]:
        return self._items[place]

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
            f"{item.score:.3f}  {item.id}  {item.reason}".rstrip() + (f"  ({item.tier})" if item.tier else "")
            for item in self._items
        ]
        return "\n".join(lines) if lines else "no related events"

    def _repr_html_(self) -> str:
        if not self._items:
            return "<p>No related events.</p>"
        best = max(item.score for item in self._items) or 1.0
        rows = []
        for item in self._items:
            event = self._event(item.id)
            reason = f" · <em>{html.escape(item.reason)}</em>" if item.reason else ""
            copies = f" · {item.copies} similar" if item.copies else ""
            copies += f" · {item.tier}" if item.tier else ""
            rows.append(
                '<li style="margin:0 0 .7em"><div style="font-weight:600">'
                f"{html.escape(event.headline)}</div>"
                f'<div style="opacity:.75;font-size:90%">{event.date.isoformat()}{copies}'
                f"{reason}</div>"
                f'<div title="score {item.score:.3f}" style="height:4px;width:{24 * item.score / best:.1f}em;'
                'max-width:100%;background:#4c78a8;border-radius:2px"></div></li>'
            )
        return f'<ol style="line-height:1.35;max-width:48em">{"".join(rows)}</ol>'


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why one event does not stand in the list of another, or that it does.

    Attributes
    ----------
    id, other : str
        The event whose list is meant, and the one that is looked for in it.
    rule : str
        ``listed``: it stands there. Else the first rule that keeps it out, in this order: ``self``; ``filter``, one
        that the caller set; ``banned`` by an editor; ``group``, a version of the same item; ``language``;
        ``nothing``: no word, phrase or topic in common; ``candidates``, too weak for the first stage; ``floor``, not above what chance
        brings together; ``tail``, too weak beside the best of the list; ``grounds``, nothing telling in common;
        ``near-copy`` of the event or of a higher result; ``min-score``; ``spread``, too close in time to a higher result; ``rank``, good enough but the list
        is full.
    sentence : str
        The same for a reader.
    score : float
        The whole score of the pair, 0 where they have nothing in common.
    rank : int or None
        Its place in the list, counted from 1, as far as it has one: for ``listed`` and ``rank``.
    value, needed : float or None
        By how much: what it has, and what it would have needed. For ``candidates`` the scores of the first stage
        (its own, and that of the weakest candidate), for ``grounds`` the likeness in words, phrases and topics, for ``near-copy`` the cosine of the words and
        the bound that it should stay below, for ``spread`` days, for ``rank`` places, else scores.
    by : str or None
        What stands in the way: the near-copy, or the result that is too close in time, by its id; the filter by its
        name; the ban by file and line.
    """

    id: str
    other: str
    rule: str
    sentence: str
    score: float
    rank: int | None = None
    value: float | None = None
    needed: float | None = None
    by: str | None = None

    def __str__(self) -> str:
        return self.sentence
