"""The reason why an event is not in a list."""

from __future__ import annotations

from dataclasses import dataclass

from relatedness.events import EventId
from relatedness.results import Result


@dataclass(frozen=True, slots=True)
class WhyNot(Result):
    """Why one event is not in the list of another, or that it is.

    Attributes
    ----------
    id : str, int or None
        The event whose list is examined; None for a text.
    other : str or int
        The event in question.
    rule : str
        ``listed`` if the list holds the event. Otherwise the first rule that excludes it, in this order: ``self``;
        ``filter``, one that the caller set; ``banned`` by an editor; ``group``, a version of the same item;
        ``language``; ``nothing``, no word, phrase or topic in common; ``candidates``, too weak for the first stage;
        ``floor``, not above what chance brings together, or not without the places in common; ``cutoff``, too weak beside the best of the list; ``overlap``,
        no distinctive word or topic in common; ``near-duplicate`` of the event or of a higher result; ``min-score``;
        ``spread``, too close in time to a higher result; ``rank``, good enough, but the list is full.
    sentence : str
        The explanation as a sentence.
    score : float
        The whole score of the pair; 0 if they have nothing in common.
    rank : int or None
        Its rank, counted from 1; given for ``listed`` and ``rank``.
    value, needed : float or None
        The event's value and the value required. For ``candidates`` the scores of the first stage (its own and the weakest
        candidate's), for ``overlap`` the similarity in words, phrases and topics, for ``near-duplicate`` the cosine of the
        words and the bound that it must stay below, for ``spread`` days, for ``rank`` ranks, otherwise scores.
    by : str or None
        What excludes it: the id of the near-duplicate or of the result that is too close in time; the name of the filter; file
        and line of the ban.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> print(index.why_not("fall", "dam", k=1))
    It is in the list, at rank 1.
    """

    id: EventId | None
    other: EventId
    rule: str
    sentence: str
    score: float
    rank: int | None = None
    value: float | None = None
    needed: float | None = None
    by: str | None = None

    def __str__(self) -> str:
        return self.sentence
