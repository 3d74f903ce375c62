"""What a list is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.events import Event
from relatedness.numbering import Row, RowNumber
from relatedness.ranking import Neighbours, Pairs, Recency, Subjects
from relatedness.topics import EventTopic


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """The candidates of a text among all events, and their measured pairs: the basis of its neighbours."""

    rows: NDArray[Row]
    scores: NDArray[np.uint32]
    pairs: Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a list is asked for: an event of the index, or a text from outside.

    Attributes
    ----------
    id : str or None
        None for a text.
    row : int
        Its row; -1 for a text.
    seconds : int or None
        Since 1970; None for a text without a date.
    group, language : int
        The numbers of its group and language among the labels of the index; -1 for none.
    subject : Subjects
        Its words, phrases and topics, as a single row.
    near : Neighbours
        Its neighbours.
    recency : Recency
        The recency curve to use unless the caller gives one.
    event : Event or None
        The text; None for an event of the index, which is read when it is needed.
    topics : tuple of EventTopic
        The topics of the text.
    first : First or None
        The candidates by which a text was placed.
    """

    id: str | None
    row: RowNumber
    seconds: int | None
    group: int
    language: int
    subject: Subjects
    near: Neighbours
    recency: Recency
    event: Event | None = None
    topics: tuple[EventTopic, ...] = ()
    first: First | None = None
